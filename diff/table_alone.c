/* What stands in columns that only one side has: how many values, and the first of them. */
#include "core/mem.h"
#include "diff/table_work.h"

static bool is_alone(const struct tally_column_change *change, int side)
{
	return change->kind == (side ? TALLY_COLUMN_ADDED : TALLY_COLUMN_REMOVED);
}

/* The changes of a side by column; NULL where that column is on both sides. */
static struct tally_column_change **by_column(const struct tally_table_diff *d, int side,
                                              uint32_t columns)
{
	struct tally_column_change **of = tally_alloc_zero((size_t)columns + 1, sizeof(void *));

	for (size_t i = 0; of && i < d->columns_len; i++) {
		struct tally_column_change *change = &d->columns[i];

		if (is_alone(change, side))
			of[side ? change->index : change->index_before] = change;
	}
	return of;
}

static void count(struct tally_column_change *change, size_t row)
{
	change->filled++;
	if (change->first_count < TALLY_COLUMN_FIRST)
		change->first_rows[change->first_count++] = row;
}

static enum tally_status look(struct tally_comparison *c, int side, struct tally_err *err)
{
	const struct tally_table_side *s = &c->side[side];
	struct tally_column_change **of = by_column(c->d, side, s->base);
	uint32_t rows = s->rows > TALLY_LARGE_ROWS ? TALLY_LARGE_ROWS : s->rows;
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, s, err);

	if (st == TALLY_OK && !of)
		st = tally_err_nomem(err);
	for (uint32_t row = s->preamble; st == TALLY_OK && row < rows; row++) {
		st = tally_row_read(&r, row, err);
		for (uint32_t i = 0; st == TALLY_OK && i < s->base && i < r.filled; i++)
			if (of[i] && !tally_cell_blank(c, &r.cells[i]))
				count(of[i], tally_side_row(s, row));
	}
	for (uint32_t i = 0; st == TALLY_OK && i < s->base && rows < s->rows; i++)
		if (of[i])
			of[i]->filled = UINT64_MAX;
	tally_row_reader_release(&r);
	tally_free(of);
	return st;
}

enum tally_status tally_find_alone(struct tally_comparison *c, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (int side = 0; st == TALLY_OK && side < 2; side++) {
		bool any = false;

		for (size_t i = 0; i < c->d->columns_len; i++)
			any |= is_alone(&c->d->columns[i], side);
		if (any)
			st = look(c, side, err);
	}
	return st;
}
