/* Whether rows may be paired wrongly: judged by the evidence for the pairing, not by how much was edited. */
#include "diff/table_work.h"

enum {
	ROWS_LEAST = 3,       /* in a smaller table nothing is doubtful */
	EDITED_ROWS = 500,    /* thousandths of the paired rows that are edited when most are, */
	EDITED_CELLS = 400,   /* in so many of their cells */
	OVERLAP_LEAST = 300,  /* thousandths of the keys that both sides have */
	OVERLAP_PROVES = 900, /* of a unique key that needs no other proof */
	FOUND_LEAST = 100,    /* thousandths of the rows found again without a key */
};

static enum tally_status doubt(struct tally_comparison *c, const char *note, struct tally_err *err)
{
	struct tally_alignment *by = &c->d->aligned_by;

	by->doubtful = true;
	if (note && by->note && by->how == TALLY_ALIGNED_ROWS) /* and why there is no key */
		note = tally_arena_printf(&c->d->arena, "%s; %s", note, by->note);
	by->note = note;
	return note ? TALLY_OK : tally_err_nomem(err);
}

/* Rows and cells whose change nothing explains. */
struct edits {
	uint64_t rows, cells;
};

/* A value that is another one; the same one, written differently, speaks for the pairing. */
static bool is_new(uint8_t nature)
{
	return nature == TALLY_NATURE_VALUE || nature == TALLY_NATURE_DATE_VALUE_CHANGED ||
	       nature == TALLY_NATURE_EMPTIED || nature == TALLY_NATURE_FILLED ||
	       nature == TALLY_NATURE_FORMULA_CHANGED;
}

static struct edits count_edits(const struct tally_comparison *c)
{
	struct edits e = { 0, 0 };
	uint64_t last = UINT64_MAX;

	for (size_t i = 0; i < c->cell_count; i++) {
		if (c->cells[i].folded || !is_new(c->cells[i].nature))
			continue;
		e.cells++;
		e.rows += c->cells[i].after != last;
		last = c->cells[i].after;
	}
	return e;
}

/* ---- by kind of pairing ---- */

static enum tally_status doubt_edits(struct tally_comparison *c, const struct edits *e,
                                     uint64_t paired, struct tally_err *err)
{
	return doubt(c,
	             tally_arena_printf(&c->d->arena,
	                                "%llu of %llu paired rows are edited, in %llu cells",
	                                (unsigned long long)e->rows, (unsigned long long)paired,
	                                (unsigned long long)e->cells),
	             err);
}

static enum tally_status judge_key(struct tally_comparison *c, const struct edits *e,
                                   uint64_t paired, bool most, struct tally_err *err)
{
	const struct tally_alignment *by = &c->d->aligned_by;
	bool proven = c->key_named || (by->unique && by->overlap >= OVERLAP_PROVES);

	if (by->overlap < OVERLAP_LEAST && c->d->rows.before >= ROWS_LEAST &&
	    c->d->rows.after >= ROWS_LEAST)
		return doubt(c,
		             tally_arena_printf(&c->d->arena,
		                                "only %u.%u %% of the keys are on both sides",
		                                by->overlap / 10U, by->overlap % 10U),
		             err);
	if (by->how == TALLY_ALIGNED_GIVEN || !most)
		return TALLY_OK;
	return proven ? TALLY_OK : doubt_edits(c, e, paired, err);
}

enum tally_status tally_find_doubts(struct tally_comparison *c, struct tally_err *err)
{
	const struct tally_table_rows *rows = &c->d->rows;
	uint64_t paired = rows->after - rows->added, compared = c->base_pairs - c->key_count;
	uint64_t smaller = rows->before < rows->after ? rows->before : rows->after;
	struct edits e = count_edits(c);
	bool most = paired >= ROWS_LEAST && e.rows * 1000 > paired * EDITED_ROWS &&
	            e.cells * 1000 >= e.rows * compared * EDITED_CELLS;

	if (!c->base_pairs) /* no row was paired, and none could be */
		return TALLY_OK;
	if (c->d->aligned_by.how != TALLY_ALIGNED_ROWS)
		return judge_key(c, &e, paired, most, err);
	if (most)
		return doubt_edits(c, &e, paired, err);
	if (smaller >= ROWS_LEAST && paired * 1000 < smaller * FOUND_LEAST)
		return doubt(c,
		             tally_arena_printf(
				     &c->d->arena, "only %llu of %llu rows were found again",
				     (unsigned long long)paired, (unsigned long long)rows->before),
		             err);
	return TALLY_OK;
}
