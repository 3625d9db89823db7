/* Where rows and columns went: see diff/table_places.h. */
#include "diff/table_places.h"

#include <string.h>

#include "core/mem.h"
#include "diff/table_work.h"

void tally_row_places_release(struct tally_row_places *p)
{
	tally_free(p->to);
	tally_free(p->last);
	tally_free(p->next);
	tally_free(p->added);
	tally_free(p->filled);
	tally_free(p->columns);
	*p = (struct tally_row_places){ .still = true };
}

void tally_row_places_free(struct tally_row_places *p)
{
	if (p)
		tally_row_places_release(p);
	tally_free(p);
}

/* ---- finding out ---- */

static bool is_still(const struct tally_comparison *c)
{
	const struct tally_table_side *a = &c->side[0], *b = &c->side[1];

	if (a->part->row_count != b->part->row_count || a->rows != b->rows ||
	    a->columns != b->columns || c->pair_count != a->columns)
		return false;
	for (uint32_t k = 0; k < c->pair_count; k++)
		if (c->pairs[k].before != c->pairs[k].after)
			return false;
	for (uint32_t row = 0; row < b->rows; row++)
		if (b->pair[row] == TALLY_NO_PAIR ||
		    tally_side_row(a, b->pair[row]) != tally_side_row(b, row))
			return false;
	return true;
}

static bool is_paired(const struct tally_row_places *p, uint32_t row)
{
	return p->to[row] < TALLY_PLACE_GONE;
}

/*
 * Where as much stands between two neighbours as before, nothing was inserted or deleted: what has no pair there was cleared, or is
 * another thing now, in its place.
 * @to       by row (or column): where it is, or @gone
 * @taken    by row of the after side: it is the pair of one
 */
static void fill_places(uint32_t *to, uint32_t count, uint32_t gone, const bool *taken,
                        uint32_t taken_count)
{
	int64_t last = -1, last_to = -1;

	for (uint32_t i = 0; i < count; i++) {
		if (to[i] >= TALLY_PLACE_GONE)
			continue;
		if (to[i] - last_to == i - last)
			for (int64_t k = last + 1, at = last_to + 1; k < i; k++, at++)
				if (to[k] == gone && (at >= taken_count || !taken[at]))
					to[k] = (uint32_t)at;
		last = i;
		last_to = to[i];
	}
}

/* Rows without a pair that follow @row, up to the next one that has a pair (or the end, @rows). */
static uint32_t gap(const struct tally_table_side *s, uint32_t row)
{
	uint32_t n = 0;

	while (row + n < s->rows && s->pair[row + n] == TALLY_NO_PAIR)
		n++;
	return n;
}

/* Is the pair of the row behind a gap that of the row behind the other one? */
static bool same_neighbour(const struct tally_table_side *a, uint32_t before, uint32_t after,
                           uint32_t rows_after)
{
	return before == a->rows ? after == rows_after : a->pair[before] == after;
}

/* The first rows have the header above them, on both sides the same one. */
static bool same_top(const struct tally_row_places *p, const struct tally_comparison *c)
{
	const struct tally_table_side *a = &c->side[0], *b = &c->side[1];

	return a->preamble == b->preamble &&
	       (!a->header || is_paired(p, (uint32_t)a->part->header_row));
}

/* Rows deleted and as many added between the same neighbours are in each other's places. */
static void fill_gaps(struct tally_row_places *p, const struct tally_comparison *c)
{
	const struct tally_table_side *a = &c->side[0], *b = &c->side[1];

	for (uint32_t row = 0, from = 0, n; row < a->rows; row += n + 1) {
		n = gap(a, row);
		if (n && (from || same_top(p, c)) && gap(b, from) == n &&
		    same_neighbour(a, row + n, from + n, b->rows))
			for (uint32_t i = 0; i < n; i++)
				if (!is_paired(p, (uint32_t)tally_side_row(a, row + i)))
					p->to[tally_side_row(a, row + i)] = (uint32_t)tally_side_row(
						b, from + i);
		from = row + n < a->rows ? a->pair[row + n] + 1 : 0;
	}
}

static bool are_rising(const uint32_t *to, uint32_t count)
{
	uint32_t last = 0;
	bool any = false;

	for (uint32_t i = 0; i < count; i++) {
		if (to[i] >= TALLY_PLACE_GONE)
			continue;
		if (any && to[i] <= last)
			return false;
		last = to[i];
		any = true;
	}
	return true;
}

/* @return false: no memory */
static bool fill_in_place(uint32_t *to, uint32_t count, uint32_t count_after, uint32_t gone)
{
	bool *taken = tally_alloc_zero(count_after, sizeof *taken);

	for (uint32_t i = 0; taken && i < count; i++)
		if (to[i] < count_after)
			taken[to[i]] = true;
	if (taken)
		fill_places(to, count, gone, taken, count_after);
	tally_free(taken);
	return taken != NULL;
}

/* Is the row with the names of the columns the same one? Elsewhere it has to have a name in common. */
static bool has_header(const struct tally_comparison *c)
{
	const struct tally_table_side *a = &c->side[0], *b = &c->side[1];

	if (!b->header || a->part->header_row == b->part->header_row)
		return b->header;
	for (uint32_t k = 0; k < c->base_pairs; k++) {
		const char *name = a->names[c->pairs[k].before];

		if (*name && !strcmp(name, b->names[c->pairs[k].after]))
			return true;
	}
	return false;
}

static bool fill_rows(struct tally_row_places *p, const struct tally_comparison *c)
{
	const struct tally_table_side *a = &c->side[0], *b = &c->side[1];

	memset(p->to, 0xff, p->rows * sizeof *p->to);
	for (uint32_t row = 0; row < a->rows; row++)
		p->to[tally_side_row(a, row)] = a->pair[row] == TALLY_NO_PAIR
		                                        ? TALLY_PLACE_GONE
		                                        : (uint32_t)tally_side_row(b, a->pair[row]);
	if (a->header)
		p->to[a->part->header_row] = has_header(c) ? (uint32_t)b->part->header_row
		                                           : TALLY_PLACE_GONE;
	if (!fill_in_place(p->to, p->rows, p->rows_after, TALLY_PLACE_GONE))
		return false;
	fill_gaps(p, c);
	p->rows_in_order = are_rising(p->to, p->rows);
	for (uint32_t i = 0; i < p->rows; i++) {
		uint32_t j = p->rows - 1 - i;

		p->last[i] = is_paired(p, i) ? i : i ? p->last[i - 1] : TALLY_PLACE_NONE;
		p->next[j] = is_paired(p, j) ? j : i ? p->next[j + 1] : TALLY_PLACE_NONE;
	}
	for (uint32_t row = 0; row < b->rows; row++) {
		p->filled[tally_side_row(b, row) + 1] = 1;
		p->added[tally_side_row(b, row) + 1] = b->pair[row] == TALLY_NO_PAIR;
	}
	if (b->header)
		p->filled[b->part->header_row + 1] = 1;
	for (uint32_t i = 0; i < p->rows_after; i++) {
		p->added[i + 1] += p->added[i];
		p->filled[i + 1] += p->filled[i];
	}
	return true;
}

static bool fill_columns(struct tally_row_places *p, const struct tally_comparison *c)
{
	memset(p->columns, 0xff, p->column_count * sizeof *p->columns);
	for (uint32_t k = 0; k < c->pair_count; k++)
		if (c->pairs[k].before < p->column_count)
			p->columns[c->pairs[k].before] = c->pairs[k].after;
	if (!fill_in_place(p->columns, p->column_count, p->column_count_after, TALLY_PLACE_NONE))
		return false;
	p->columns_in_order = are_rising(p->columns, p->column_count);
	return true;
}

enum tally_status tally_row_places_init(struct tally_row_places *p,
                                        const struct tally_comparison *c, struct tally_err *err)
{
	*p = (struct tally_row_places){ .still = true };
	if (!c->formulas || is_still(c))
		return TALLY_OK;
	*p = (struct tally_row_places){ .rows = (uint32_t)c->side[0].part->row_count,
		                        .rows_after = (uint32_t)c->side[1].part->row_count,
		                        .column_count = c->side[0].columns,
		                        .column_count_after = c->side[1].columns };
	p->to = tally_alloc(p->rows * sizeof *p->to);
	p->last = tally_alloc(p->rows * sizeof *p->last);
	p->next = tally_alloc(p->rows * sizeof *p->next);
	p->added = tally_alloc_zero(p->rows_after + (size_t)1, sizeof *p->added);
	p->filled = tally_alloc_zero(p->rows_after + (size_t)1, sizeof *p->filled);
	p->columns = tally_alloc(p->column_count * sizeof *p->columns);
	if (!p->to || !p->last || !p->next || !p->added || !p->filled || !p->columns)
		return tally_err_nomem(err);
	return fill_rows(p, c) && fill_columns(p, c) ? TALLY_OK : tally_err_nomem(err);
}

/* ---- asking ---- */

static uint32_t last_paired(const struct tally_row_places *p, int64_t at)
{
	if (!p->rows)
		return TALLY_PLACE_NONE;
	return p->last[at < p->rows ? at : (int64_t)p->rows - 1];
}

static bool is_blank(const struct tally_row_places *p, int64_t at)
{
	return at >= p->rows || p->to[at] == TALLY_PLACE_NONE;
}

/* Is it blank, or one that went with nothing behind it to come in its place? */
static bool is_free(const struct tally_row_places *p, int64_t at)
{
	return is_blank(p, at) || (!is_paired(p, (uint32_t)at) && p->next[at] == TALLY_PLACE_NONE);
}

/* Blank rows go along with the row above them; those above all others with the next one. */
static int64_t along(const struct tally_row_places *p, int64_t at)
{
	uint32_t near = last_paired(p, at);

	if (near == TALLY_PLACE_NONE && at < p->rows)
		near = p->next[at];
	return near == TALLY_PLACE_NONE ? at : at - near + p->to[near];
}

static bool same_blank(const struct tally_row_places *p, int64_t x, int64_t y)
{
	return x == y || y == along(p, x);
}

bool tally_row_place_same(const struct tally_row_places *p, int64_t before, int64_t after)
{
	if (p->still)
		return before == after;
	if (before < 0 || after < 0)
		return false;
	if (is_free(p, before))
		return same_blank(p, before, after);
	return is_paired(p, (uint32_t)before) && p->to[before] == after;
}

bool tally_column_place_same(const struct tally_row_places *p, int64_t before, int64_t after)
{
	if (p->still)
		return before == after;
	if (before < 0 || after < 0)
		return false;
	if (before >= p->column_count)
		return after == before + p->column_count_after - p->column_count;
	return p->columns[before] != TALLY_PLACE_NONE && p->columns[before] == after;
}

bool tally_row_places_blank(const struct tally_row_places *p, uint32_t from, uint32_t end)
{
	if (end > p->rows_after)
		end = p->rows_after;
	return from >= end || p->filled[from] == p->filled[end];
}

static struct tally_expected_place free_place(int64_t to, uint32_t was, uint32_t most)
{
	/* what reaches to the end of the sheet still does */
	if (was == most - 1 || to < 0 || to >= most)
		to = was;
	return (struct tally_expected_place){ .may_stay = true, .at = (uint32_t)to };
}

static struct tally_expected_place known_place(uint32_t to, uint32_t was)
{
	if (to >= TALLY_PLACE_GONE)
		return (struct tally_expected_place){ .gone = true, .at = was };
	return (struct tally_expected_place){ .may_stay = to == was, .at = to };
}

struct tally_expected_place tally_row_place_expected(const struct tally_row_places *p, uint32_t row,
                                                     uint32_t most)
{
	struct tally_expected_place to;

	if (p->still)
		return free_place(row, row, most);
	if (!is_free(p, row))
		return known_place(p->to[row], row);
	to = free_place(along(p, row), row, most);
	to.may_stay = to.at == row || tally_row_places_blank(p, row, row + 1);
	return to;
}

struct tally_expected_place tally_column_place_expected(const struct tally_row_places *p,
                                                        uint32_t column, uint32_t most)
{
	uint32_t near = p->column_count;

	if (p->still)
		return free_place(column, column, most);
	while (near > 0 && p->columns[near - 1] == TALLY_PLACE_NONE)
		near--;
	if (column < near)
		return known_place(p->columns[column], column);
	/* behind the last one that is on both sides */
	return free_place(near ? (int64_t)column - (near - 1) + p->columns[near - 1] : column,
	                  column, most);
}

/* Are all rows of the after side from this one on, so many, new? */
static bool are_added(const struct tally_row_places *p, int64_t from, int64_t count)
{
	return count >= 0 && from >= 0 && from + count <= p->rows_after &&
	       p->added[from + count] - p->added[from] == count;
}

bool tally_area_end_same(const struct tally_row_places *p, int64_t before, int64_t after, bool first)
{
	uint32_t near;
	int64_t to;

	if (p->still)
		return before == after;
	if (before < 0 || after < 0)
		return false;
	if (is_blank(p, before))
		return same_blank(p, before, after);
	near = first ? p->next[before] : p->last[before];
	if (near == TALLY_PLACE_NONE)
		return false;
	to = p->to[near];
	return after == to ||
	       (first ? are_added(p, after, to - after) : are_added(p, to + 1, after - to));
}
