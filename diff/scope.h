/**
 * The scope of a piece of work: the sheets, columns and rows of tables that may change. What lies outside of it is for the
 * comparison to find (diff/table_scope.c); here stands what was said, and whether a name or a value fits.
 *
 * Rows are said by an expression about one column:
 *
 *   id = 7    id != 7    id in 3, 7, 9    date between 2026-01-01 and 2026-01-31
 *
 * Names and values may stand in quotes, and have to where they hold a comma or what looks like the expression itself. Values
 * are equal when their texts are, white space at the ends aside, or when both are one number; 7 and 007 are two values. A range
 * is one of numbers where both ends are numbers, one of days where both are dates, and one of texts in byte order otherwise.
 */
#ifndef TALLY_DIFF_SCOPE_H
#define TALLY_DIFF_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

struct tally_scope;

/** What was said, as on the command line. */
struct tally_scope_words {
	const char *const *columns; /**< may change; NULL with a count of 0: all may */
	size_t column_count;
	const char *const *sheets;
	size_t sheet_count;
	const char *rows; /**< the expression; NULL: all may */
};

/** Is anything restricted? */
bool tally_scope_words_any(const struct tally_scope_words *words);

/**
 * @words  copied
 * @out    yours to tally_scope_free; NULL where nothing is restricted
 * @return TALLY_FATAL: the expression is none (the message says why), or no memory
 */
enum tally_status tally_scope_new(struct tally_scope **out, const struct tally_scope_words *words,
                                  struct tally_err *err);
void tally_scope_free(struct tally_scope *s);

/** What was said; borrowed. */
const struct tally_scope_words *tally_scope_words(const struct tally_scope *s);

/** The column that the expression about rows is about; NULL: there is none. */
const char *tally_scope_row_column(const struct tally_scope *s);

/** Is a column one of those named? */
bool tally_scope_names_column(const struct tally_scope *s, const char *name);

/** May a sheet change? */
bool tally_scope_allows_sheet(const struct tally_scope *s, const char *name);

/** Does a row fit whose column has this value? */
bool tally_scope_fits(const struct tally_scope *s, const char *value, size_t len);

#endif
