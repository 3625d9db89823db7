/**
 * What the files with review rules about tables share: the table that is looked at, and words that several rules use. Private
 * to receipt/review_table*.c.
 */
#ifndef TALLY_RECEIPT_REVIEW_TABLE_H
#define TALLY_RECEIPT_REVIEW_TABLE_H

#include "receipt/review.h"

/** A table of the receipt, while rules look at it. */
struct tally_reviewed {
	struct tally_reviewer *v;
	const json_t *json;
	struct tally_name path;
	const char *part;
};

/** The sentence is complete: a finding about the table. */
void tally_reviewed_found(const struct tally_reviewed *t, enum tally_rule rule,
                          enum tally_severity severity, uint64_t how_many);

/** Line one counts it. @what  a field of the damage */
void tally_reviewed_harm(const struct tally_reviewed *t, uint64_t *what, uint64_t n);

/** "‘amount’", "number 4 (no name)" */
void tally_reviewed_say_name(const struct tally_reviewed *t, const char *name, uint64_t number);

/** The column that an object names: "‘amount’", "‘amount’ (number 2 of that name)" */
void tally_reviewed_say_column(const struct tally_reviewed *t, const json_t *object);

/** The first of @count cells; of one, it is the whole of it. */
void tally_reviewed_example(const struct tally_reviewed *t, const json_t *cell, uint64_t count);

/** Values that were rewritten with a loss, or in a way to be looked at. */
void tally_review_values(const struct tally_reviewed *t);

/** Rows of totals that agree no more, sums that are others. */
void tally_review_sums(const struct tally_reviewed *t);

#endif
