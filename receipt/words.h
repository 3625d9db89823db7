/**
 * Wording shared by the review list and the views: numbers with separators, sizes, plurals, quoted names, times.
 *
 * Everything appends to a tally_buf and returns false when it is full or there is no memory.
 */
#ifndef TALLY_RECEIPT_WORDS_H
#define TALLY_RECEIPT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

enum {
	TALLY_COUNT_MAX = 32,        /**< the largest number with its separators and a NUL */
	TALLY_SIZE_MAX = 32,         /**< "1,023 bytes", "999.9 PB" */
	TALLY_TIME_MAX = 48,         /**< "2026-01-02T03:04:05.123456789Z" */
	TALLY_FORMAT_WORDS_MAX = 64, /**< what tally_words_format gives, with its NUL */
};

/** "29,940". @return @out */
const char *tally_words_count(char out[TALLY_COUNT_MAX], uint64_t n);

/** "812 bytes", "1.2 MB" (powers of 1000); "unknown size" for TALLY_UNKNOWN. @return @out */
const char *tally_words_size(char out[TALLY_SIZE_MAX], uint64_t bytes);

/** "1 file", "2,000 files". */
bool tally_words_plural(struct tally_buf *out, uint64_t n, const char *one, const char *many);

/** What a file of this format (struct tally_format.name) is: "a Word document (DOCX)". NULL: no reader knows it */
const char *tally_words_format(const char *name);

/** A name, escaped for display, in ‘’. */
bool tally_words_quote(struct tally_buf *out, const char *bytes, size_t len);

/**
 * What tells two names apart that look the same: "U+00E9 in one, U+0065 U+0301 in the other". Only the first place where they
 * differ.
 */
bool tally_words_code_points(struct tally_buf *out, const char *a, size_t a_len, const char *b,
                             size_t b_len);

/**
 * Characters of one of two texts that look like others: " (in the new value: U+0410 looks like A)". Nothing where there are none,
 * where both texts have them, or where a text is written in another script altogether and looks like another text.
 */
bool tally_words_look_alikes(struct tally_buf *out, const char *old, size_t old_len,
                             const char *now, size_t now_len);

/**
 * Would a name that stands in a line without quotes be taken for more than a name? It begins or ends in a blank, or holds what the
 * lines themselves are made of: two blanks, an arrow, or "»".
 */
bool tally_words_misleading(const char *bytes, size_t len);

/** The same as it stands, escaped only; long runs of plain characters are copied at once. */
bool tally_words_name(struct tally_buf *out, const char *bytes, size_t len);

/**
 * Text that was escaped before, or that people wrote: what could fool a terminal is spelled out, a backslash stays as it is.
 */
bool tally_words_safe(struct tally_buf *out, const char *bytes, size_t len);

/** RFC 3339 in UTC with nanoseconds. @return @out */
const char *tally_words_time(char out[TALLY_TIME_MAX], int64_t ns);

/** The reverse. @return false when it is not of that form or out of range */
bool tally_words_time_parse(int64_t *ns, const char *text);

/** Seconds as people say them: "0.34 s", "2 min 5 s". */
bool tally_words_seconds(struct tally_buf *out, double seconds);

/** By how much dates moved: "1,462 days earlier", "1 hour later". */
bool tally_words_moved(struct tally_buf *out, int64_t seconds);

/** How a column slid: "shifted down by a cell", "shifted up by 2 cells". */
bool tally_words_shifted(struct tally_buf *out, int64_t rows);

/** Columns that UTF-8 text takes on a terminal. */
size_t tally_words_width(const char *text, size_t len);

/**
 * A number with at most so many decimals as people read, "4009.172316…"; zeros at its end are left out where there are more.
 * @other  a number that it is not, and must not look like; or NULL
 */
bool tally_words_decimals(struct tally_buf *out, const char *number, const char *other);

#endif
