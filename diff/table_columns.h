/**
 * What the files that match columns share: which column of the before side is which of the after side, and the contents
 * of columns as sketches. Private to diff/table_columns*.c.
 */
#ifndef TALLY_DIFF_TABLE_COLUMNS_H
#define TALLY_DIFF_TABLE_COLUMNS_H

#include "diff/table_sketch.h"
#include "diff/table_work.h"

enum {
	TALLY_COLUMN_SURE = 800,   /* similarity from which a leftover column is the same one */
	TALLY_COLUMN_MARGIN = 100, /* and by how much it must beat the next best */
	TALLY_COLUMN_STRANGE = 300, /* below this a column's contents are not what its name promises */
	TALLY_GLANCE_CELLS = 20000, /* cells looked at where every comparison is concerned */
	TALLY_GLANCE_ROWS = 1000,
};

/** While columns are matched: for each of the before side its column on the after side, and how that was found. */
struct tally_matching {
	struct tally_comparison *c;
	uint32_t n[2];
	uint32_t *to[2]; /* by column: the other side's, or TALLY_NO_COLUMN */
	uint32_t *content; /* before → after by content, where contents were swapped; otherwise as to[0] */
	uint16_t *similar; /* by before column: of renamed ones */
	uint8_t *renamed;  /* by before column: 1 renamed, 2 ambiguously */
	size_t changes_cap;
	bool widen; /* the last columns of a sheet were cleared: begin again with both sides of one width */
};

static inline void tally_match(struct tally_matching *m, uint32_t before, uint32_t after)
{
	m->to[0][before] = after;
	m->to[1][after] = before;
}

/** Columns of both sides with sketches of what is in them. */
struct tally_contents {
	struct tally_matching *m;
	uint32_t *list[2];
	size_t count[2];
	struct tally_column_sketches sketch[2];
	uint16_t *similar; /* count[0] × count[1], or NULL: not compared */
};

enum tally_columns_asked { TALLY_COLUMNS_FREE, TALLY_COLUMNS_MATCHED, TALLY_COLUMNS_ALL };

/** Released in any case. @rows @cells  most that are looked at */
enum tally_status tally_contents_init(struct tally_contents *x, struct tally_matching *m,
                                      enum tally_columns_asked which, uint32_t rows, size_t cells,
                                      struct tally_err *err);
void tally_contents_release(struct tally_contents *x);

/** What is left, by content and by place. */
enum tally_status tally_match_contents(struct tally_matching *m, struct tally_err *err);

/** What is left, by content, name and place together, in the order of the columns. */
enum tally_status tally_match_in_order(struct tally_matching *m, struct tally_err *err);

/** Takes pairs apart whose name is another column's now. @doubted  set where there were any */
enum tally_status tally_doubt_names(struct tally_matching *m, bool *doubted, struct tally_err *err);

/** Finds matched columns whose contents changed places under their names. */
enum tally_status tally_match_swapped(struct tally_matching *m, struct tally_err *err);

#endif
