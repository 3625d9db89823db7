/**
 * The fixture of tests that compare two tables: both sides and what differs, one pair at a time.
 *
 *	TestSuite(table_totals, .fini = forget);
 */
#ifndef TALLY_TESTS_TABLE_PAIR_H
#define TALLY_TESTS_TABLE_PAIR_H

#include <criterion/criterion.h>

#include "diff/table_diff.h"

static struct tally_part *before, *after;
static struct tally_table_diff *d;
static struct tally_err err;

/** Release the pair; the next one may come. */
static inline void forget(void)
{
	tally_table_diff_free(d);
	tally_part_free(before);
	tally_part_free(after);
	d = NULL;
	before = after = NULL;
	err = (struct tally_err){ 0 };
}

/** What became of the rows, and that they balance. */
static inline void expect_rows(uint64_t same, uint64_t edited, uint64_t moved, uint64_t deleted,
                               uint64_t added)
{
	const struct tally_table_rows *r = &d->rows;

	cr_assert(r->same == same && r->edited == edited && r->moved == moved &&
	                  r->deleted == deleted && r->added == added,
	          "same %lu edited %lu moved %lu deleted %lu added %lu", (unsigned long)r->same,
	          (unsigned long)r->edited, (unsigned long)r->moved, (unsigned long)r->deleted,
	          (unsigned long)r->added);
	cr_assert_eq(r->before - r->deleted + r->added, r->after);
}

#endif
