/**
 * Sketches of columns: which values a column has and how often, for the smallest hashes only (bottom-k), so that columns
 * are told apart by content whatever the order of the rows. Private to the comparison of tables.
 */
#ifndef TALLY_DIFF_TABLE_SKETCH_H
#define TALLY_DIFF_TABLE_SKETCH_H

#include "diff/table_work.h"

struct tally_column_sketch {
	struct tally_column_piece {
		uint64_t hash; /* of the value, loosely */
		uint32_t count;
	} * pieces; /* while it is made a hash table, then ascending; a free slot has count 0 */
	uint32_t count;
	uint64_t limit;   /* values with larger hashes are not counted */
	uint64_t filled;  /* cells that are not empty */
	uint64_t numbers; /* cells that are numbers */
};

struct tally_column_sketches {
	struct tally_column_sketch *of; /* one for each column asked for */
	size_t count;
	uint32_t keep; /* pieces kept for each */
	struct tally_column_piece *pool;
};

/**
 * @side     0 before, 1 after
 * @columns  of that side
 * @rows     most rows to look at, from the first one below the header
 */
enum tally_status tally_sketch_columns(struct tally_column_sketches *out,
                                       const struct tally_comparison *c, int side,
                                       const uint32_t *columns, size_t count, uint32_t rows,
                                       struct tally_err *err);
void tally_column_sketches_release(struct tally_column_sketches *s);

/** Thousandths. */
unsigned tally_column_similarity(const struct tally_column_sketch *a,
                                 const struct tally_column_sketch *b);

#endif
