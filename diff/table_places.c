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

static void fill_rows(struct tally_row_places *p, const struct tally_comparison *c)
{
	const struct tally_table_side *a = &c->side[0], *b = &c->side[1];

	memset(p->to, 0xff, p->rows * sizeof *p->to);
	for (uint32_t row = 0; row < a->rows; row++)
		p->to[tally_side_row(a, row)] = a->pair[row] == TALLY_NO_PAIR
		                                        ? TALLY_PLACE_GONE
		                                        : (uint32_t)tally_side_row(b, a->pair[row]);
	if (a->header)
		p->to[a->part->header_row] = b->header ? (uint32_t)b->part->header_row
		                                       : TALLY_PLACE_GONE;
	for (uint32_t i = 0; i < p->rows; i++) {
		uint32_t j = p->rows - 1 - i;

		p->last[i] = is_paired(p, i) ? i : i ? p->last[i - 1] : TALLY_PLACE_NONE;
		p->next[j] = is_paired(p, j) ? j : i ? p->next[j + 1] : TALLY_PLACE_NONE;
	}
	for (uint32_t row = 0; row < b->rows; row++)
		p->added[tally_side_row(b, row) + 1] = b->pair[row] == TALLY_NO_PAIR;
	for (uint32_t i = 0; i < p->rows_after; i++)
		p->added[i + 1] += p->added[i];
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
	p->columns = tally_alloc(p->column_count * sizeof *p->columns);
	if (!p->to || !p->last || !p->next || !p->added || !p->columns)
		return tally_err_nomem(err);
	fill_rows(p, c);
	memset(p->columns, 0xff, p->column_count * sizeof *p->columns);
	for (uint32_t k = 0; k < c->pair_count; k++)
		if (c->pairs[k].before < p->column_count)
			p->columns[c->pairs[k].before] = c->pairs[k].after;
	return TALLY_OK;
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

static bool same_blank(const struct tally_row_places *p, int64_t x, int64_t y)
{
	uint32_t above = last_paired(p, x);

	return x == y || (above != TALLY_PLACE_NONE && y == x - above + p->to[above]);
}

bool tally_row_place_same(const struct tally_row_places *p, int64_t before, int64_t after)
{
	if (p->still)
		return before == after;
	if (before < 0 || after < 0)
		return false;
	if (is_blank(p, before))
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
