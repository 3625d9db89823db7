/**
 * The dialect of delimited text: delimiter, quote, line ends, and how many fields a record has, found by trying each
 * delimiter on samples and looking which splits them evenly into cells that look like cells.
 *
 * Method: after van den Burg, Nazábal and Sutton, "Wrangling messy CSV files by detecting row and type patterns" (2019), with
 * few candidates, samples of bounded size, and the counts of fields in place of row patterns.
 */
#ifndef TALLY_FORMATS_CSV_DIALECT_H
#define TALLY_FORMATS_CSV_DIALECT_H

#include <stdbool.h>
#include <stddef.h>

#include "formats/csv_records.h"

/** What is known or wished beforehand. All zero: nothing. */
struct tally_csv_wish {
	unsigned char delimiter; /**< 0: find one */
	unsigned char quote;     /**< 0: find one */
	bool prefer; /**< take the delimiter where it fits the text, otherwise find one; not set: take it anyway */
};

struct tally_csv_dialect {
	struct tally_csv_form form;
	size_t columns;  /**< fields that most records have; 0 where there are no records */
	size_t records;  /**< looked at, blank lines not counted */
	double evenness; /**< share of them that have so many fields */
	double score; /**< evidence, 0 to 1, for this delimiter: even records, cells that look like cells */
	bool hollow; /**< one column apart, all cells are empty: lines that merely end in the delimiter */
};

/** @wish  may be NULL */
void tally_csv_dialect_find(struct tally_csv_dialect *out, const char *text, size_t len,
                            const struct tally_csv_wish *wish);

#endif
