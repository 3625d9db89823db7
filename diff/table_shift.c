/* A column whose values slid down or up by some rows, without their rows. */
#include "diff/table_work.h"

enum {
	SHIFTED_LEAST = 5,
	SHIFTED_VALUES = 3, /* different ones among them */
	SHIFT_MOST = 3,     /* rows that a column may have moved up or down */
};

/*
 * Is the new value of a changed cell the old one of the row @step rows above (or below, when negative)? A row between that did
 * not change has the same value as its neighbour, so that the next changed row tells as well.
 */
static bool came_along(const struct tally_column_cells *x, int step, size_t i)
{
	const struct tally_cell_record *r = tally_column_record(x, i);
	int64_t wanted = (int64_t)r->after - step;
	size_t j = i;

	/* the other cell is at most |step| records away, since no row comes twice */
	while (step > 0 && j > 0 && (int64_t)tally_column_record(x, j)->after > wanted)
		j--;
	while (step < 0 && j + 1 < x->count && (int64_t)tally_column_record(x, j)->after < wanted)
		j++;
	return j != i && tally_column_record(x, j)->old == r->now &&
	       ((int64_t)tally_column_record(x, j)->after == wanted || step == 1 || step == -1);
}

static uint64_t count_shifted(const struct tally_column_cells *x, int step)
{
	uint64_t hits = 0;

	for (size_t i = 0; i < x->count; i++)
		hits += came_along(x, step, i);
	return hits;
}

/* Values that come and go by turns look shifted, too. */
static bool has_values(const struct tally_column_cells *x, unsigned least)
{
	uint32_t seen[SHIFTED_VALUES];
	unsigned count = 0;

	for (size_t i = 0; i < x->count && count < least; i++) {
		uint32_t old = tally_column_record(x, i)->old;
		unsigned n = 0;

		while (n < count && seen[n] != old)
			n++;
		if (n == count)
			seen[count++] = old;
	}
	return count >= least;
}

int tally_column_shift(const struct tally_column_cells *x)
{
	if (x->count < SHIFTED_LEAST || !has_values(x, SHIFTED_VALUES))
		return 0;
	for (int step = 1; step <= SHIFT_MOST; step++) {
		/* nine in ten; the first cells of a shifted stretch come from nowhere */
		uint64_t wanted = (x->count - (unsigned)step) * 9;

		if (count_shifted(x, step) * 10 >= wanted)
			return step;
		if (count_shifted(x, -step) * 10 >= wanted)
			return -step;
	}
	return 0;
}

bool tally_shift_shows(const struct tally_column_cells *x, int step, size_t at)
{
	return tally_column_record(x, at)->now && came_along(x, step, at);
}

static bool stands_somewhere(const struct tally_column_cells *x, uint32_t value)
{
	for (size_t i = 0; i < x->count; i++)
		if (tally_column_record(x, i)->now == value)
			return true;
	return false;
}

uint32_t tally_shift_lost(const struct tally_column_cells *x, int step, uint32_t *out, uint32_t most)
{
	size_t rows = (size_t)(step < 0 ? -step : step);
	size_t from = step > 0 && x->count > rows ? x->count - rows : 0;
	uint32_t count = 0;

	for (size_t i = from; i < from + rows && i < x->count && count < most; i++) {
		uint32_t old = tally_column_record(x, i)->old;

		if (old && !stands_somewhere(x, old))
			out[count++] = x->order[i];
	}
	return count;
}
