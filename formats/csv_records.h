/**
 * Splitting delimited text into records: where each one begins, a hash of its bytes, how many fields it has.
 *
 * The grammar (RFC 4180, and what becomes of everything else):
 *
 * - A record ends at LF or CRLF; where cr_ends is set at a lone CR too. CR at the end of the text is a line end.
 * - A quote opens a field only as the field's first byte. Inside, a doubled quote is a quote, line ends are text.
 * - A closing quote is followed by a delimiter, a line end or the end. Otherwise the quote is a stray one: the field is the
 *   text as it stands, up to the next delimiter or line end behind that closing quote.
 * - A quote that nothing closes, or whose field spans lines and is then closed in the wrong place, is unclosed: it is text,
 *   and the record ends at its first line end. So no row is ever swallowed by a stray quote.
 * - A quote anywhere else is a stray one, and text.
 *
 * What a record is does not depend on what stands before it. That is why a text can be split in chunks.
 */
#ifndef TALLY_FORMATS_CSV_RECORDS_H
#define TALLY_FORMATS_CSV_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/table.h"

/** How records and fields are told apart. */
struct tally_csv_form {
	unsigned char delimiter; /**< 0: there is none, each record is one field */
	unsigned char quote;     /**< 0: there is none */
	bool cr_ends;            /**< a lone CR ends a record */
};

/** Which code does the work. All give the same results. */
enum tally_csv_engine {
	TALLY_CSV_AUTO,     /**< the fastest that this processor has */
	TALLY_CSV_PORTABLE, /**< plain C, eight bytes at a time */
	TALLY_CSV_AVX2, /**< 64 bytes a step, carry-less multiply; falls back to portable where there is no AVX2 */
};

struct tally_csv_split_options {
	struct tally_csv_form form;
	size_t columns;   /**< fields that a record is expected to have; 0: none are ragged */
	unsigned threads; /**< at most this many; 0 counts as 1 */
	size_t chunk;     /**< bytes that are worth a thread of their own; 0: a few megabytes */
	enum tally_csv_engine engine;
	/** Called every @step bytes: these were looked at and will hardly be again. From any thread. NULL: nobody cares. */
	void (*passed)(void *payload, size_t at, size_t len);
	size_t step; /**< 0: some megabytes */
	void *payload;
};

enum { TALLY_CSV_FIRST_MARKS = 32 };

/** Records with one kind of flaw. */
struct tally_csv_marks {
	uint64_t count;
	size_t rows[TALLY_CSV_FIRST_MARKS];     /**< the first of them, counted from 0 */
	uint64_t fields[TALLY_CSV_FIRST_MARKS]; /**< how many fields those have */
};

struct tally_csv_records {
	struct tally_row *rows; /**< yours to tally_free, or tally_csv_records_release */
	size_t count;
	uint64_t fields;       /**< of all records */
	uint64_t widest;       /**< most fields of one record */
	uint64_t quoted;       /**< fields in quotes */
	uint64_t lf, crlf, cr; /**< line ends by kind */
	bool final_newline;    /**< the last record has a line end */
	bool has_nul;          /**< there is a NUL byte somewhere */
	bool has_high;         /**< there is a byte beyond ASCII somewhere */
	size_t sure; /**< records before the first unclosed quote; count where there is none */
	struct tally_csv_marks ragged; /**< another number of fields than expected; blank lines not counted */
	struct tally_csv_marks blank; /**< nothing on the line, though several columns are expected */
	struct tally_csv_marks stray; /**< a stray quote */
	struct tally_csv_marks unclosed;
};

/** Can this processor run it? */
bool tally_csv_has(enum tally_csv_engine engine);

/**
 * Split a text into records. Nothing outside it is read.
 * @out  filled on TALLY_OK
 * @return TALLY_OK or TALLY_FATAL (no memory)
 */
enum tally_status tally_csv_split(struct tally_csv_records *out, const char *text, size_t len,
                                  const struct tally_csv_split_options *options,
                                  struct tally_err *err);
void tally_csv_records_release(struct tally_csv_records *records);

/**
 * The bytes of one record without its line end.
 * @text, @len  as given to tally_csv_split
 */
void tally_csv_raw(const struct tally_row *rows, size_t count, size_t row, const char *text,
                   size_t len, const char **bytes, size_t *bytes_len);

/** One field of a record, as it stands in the file. */
struct tally_csv_field {
	const char *bytes; /**< without the quotes around it */
	size_t len;
	bool quoted;  /**< stood in quotes */
	bool doubled; /**< there are doubled quotes in it: see tally_csv_unquote */
	bool stray;   /**< malformed: quotes are passed on as text */
};

/** Steps through the fields of one record. */
struct tally_csv_fields {
	const char *at;  /**< first byte of the next field */
	const char *end; /**< of the record */
	struct tally_csv_form form;
	bool done;
};

/** @bytes  one record without its line end; a record has at least one field */
void tally_csv_fields_init(struct tally_csv_fields *fields, const char *bytes, size_t len,
                           const struct tally_csv_form *form);

/** @return false behind the last field */
bool tally_csv_fields_next(struct tally_csv_fields *fields, struct tally_csv_field *field);

/**
 * Write a field's text with each doubled quote made one.
 * @out  room for field->len bytes
 * @return bytes written
 */
size_t tally_csv_unquote(char *out, const struct tally_csv_field *field, unsigned char quote);

/** One record of a text that still has its line ends. */
struct tally_csv_one {
	const char *next; /**< first byte behind it and its line end */
	uint64_t fields;
	uint64_t quoted; /**< fields in quotes */
	bool ended;      /**< by a line end, not by the end of the text */
	bool stray;      /**< there is a stray quote in it */
	bool unclosed;   /**< there is an unclosed quote in it */
};

/**
 * Parse the record at the beginning of a text.
 * @end    nothing is read from here on
 * @whole  @end is the end of the file: a record may end there without a line end
 * @return false when the record does not end before @end (never where @whole is set)
 */
bool tally_csv_one_record(struct tally_csv_one *one, const char *text, const char *end, bool whole,
                          const struct tally_csv_form *form);

#endif
