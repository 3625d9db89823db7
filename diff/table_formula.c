/* Formulas of paired cells: do they mean the same cells, rows and columns having come and gone around them? */
#include <string.h>

#include "core/mem.h"
#include "core/relative.h"
#include "diff/table_work.h"

/* ---- where rows went ---- */

void tally_places_release(struct tally_places *p)
{
	tally_free(p->last);
	tally_free(p->next);
	tally_free(p->added);
	tally_free(p->columns);
	*p = (struct tally_places){ 0 };
}

/* Is every row and column where it was? */
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

static void fill_rows(struct tally_places *p, const struct tally_comparison *c)
{
	const struct tally_table_side *a = &c->side[0], *b = &c->side[1];
	size_t n = a->part->row_count;

	memset(p->last, 0xff, n * sizeof *p->last);
	for (uint32_t row = 0; row < a->rows; row++)
		if (a->pair[row] != TALLY_NO_PAIR)
			p->last[tally_side_row(a, row)] = (uint32_t)tally_side_row(a, row);
	if (a->header && b->header)
		p->last[a->part->header_row] = (uint32_t)a->part->header_row;
	for (size_t i = 0; i < n; i++) {
		p->next[n - 1 - i] = p->last[n - 1 - i] != TALLY_NO_PAIR ? p->last[n - 1 - i]
		                     : i                                 ? p->next[n - i]
		                                                         : TALLY_NO_PAIR;
	}
	for (size_t i = 1; i < n; i++)
		if (p->last[i] == TALLY_NO_PAIR)
			p->last[i] = p->last[i - 1];
	for (uint32_t row = 0; row < b->rows; row++)
		p->added[tally_side_row(b, row) + 1] = b->pair[row] == TALLY_NO_PAIR;
	for (size_t i = 0; i < b->part->row_count; i++)
		p->added[i + 1] += p->added[i];
}

enum tally_status tally_places_init(struct tally_places *p, const struct tally_comparison *c,
                                    struct tally_err *err)
{
	size_t n = c->side[0].part->row_count, m = c->side[1].part->row_count;

	*p = (struct tally_places){ .still = !c->formulas || is_still(c) };
	if (p->still)
		return TALLY_OK;
	p->column_count = c->side[0].columns;
	p->last = tally_alloc(n * sizeof *p->last);
	p->next = tally_alloc(n * sizeof *p->next);
	p->added = tally_alloc_zero(m + 1, sizeof *p->added);
	p->columns = tally_alloc(p->column_count * sizeof *p->columns);
	if (!p->last || !p->next || !p->added || !p->columns) {
		tally_places_release(p);
		return tally_err_nomem(err);
	}
	fill_rows(p, c);
	memset(p->columns, 0xff, p->column_count * sizeof *p->columns);
	for (uint32_t k = 0; k < c->pair_count; k++)
		if (c->pairs[k].before < p->column_count)
			p->columns[c->pairs[k].before] = c->pairs[k].after;
	return TALLY_OK;
}

/* The row of a paired one. */
static int64_t row_of(const struct tally_comparison *c, uint32_t at)
{
	const struct tally_table_side *a = &c->side[0], *b = &c->side[1];
	uint32_t row;

	if (a->header && b->header && at == a->part->header_row)
		return (int64_t)b->part->header_row;
	return tally_side_find_row(a, at, &row) && a->pair[row] != TALLY_NO_PAIR
	               ? (int64_t)tally_side_row(b, a->pair[row])
	               : -1;
}

static bool is_row(const struct tally_comparison *c, int64_t at)
{
	uint32_t row;

	return at < (int64_t)c->side[0].part->row_count &&
	       (tally_side_find_row(&c->side[0], (uint64_t)at, &row) ||
	        (uint64_t)at == c->side[0].part->header_row);
}

/* The last paired row of the before side up to this one. */
static uint32_t last_paired(const struct tally_comparison *c, int64_t at)
{
	int64_t n = (int64_t)c->side[0].part->row_count;

	if (!n)
		return TALLY_NO_PAIR;
	return c->places.last[at < n ? at : n - 1];
}

static uint32_t next_paired(const struct tally_comparison *c, int64_t at)
{
	return at < (int64_t)c->side[0].part->row_count ? c->places.next[at] : TALLY_NO_PAIR;
}

/* Where a blank row, or one beyond the table, is now: it may have stayed, or moved along with the row above it. */
static bool same_blank(const struct tally_comparison *c, int64_t x, int64_t y)
{
	uint32_t above = last_paired(c, x);

	return x == y || (above != TALLY_NO_PAIR && y == x - above + row_of(c, above));
}

static int64_t column_of(const struct tally_comparison *c, int64_t at)
{
	const struct tally_places *p = &c->places;

	if (at < (int64_t)p->column_count)
		return p->columns[at] == TALLY_NO_PAIR ? -1 : (int64_t)p->columns[at];
	return at + (int64_t)c->side[1].columns - (int64_t)c->side[0].columns;
}

/* ---- references ---- */

/* Are all rows of the after side from this one on, so many, new? */
static bool are_added(const struct tally_comparison *c, int64_t from, int64_t count)
{
	return count >= 0 && from >= 0 && from + count <= (int64_t)c->side[1].part->row_count &&
	       c->places.added[from + count] - c->places.added[from] == count;
}

/* An area's first or last row: rows at its end may have gone, and it may have grown over new ones. */
static bool same_end(const struct tally_comparison *c, int64_t x, int64_t y, bool first)
{
	uint32_t near = first ? next_paired(c, x) : last_paired(c, x);
	int64_t to = near == TALLY_NO_PAIR ? -1 : row_of(c, near);

	if (!is_row(c, x) && same_blank(c, x, y))
		return true;
	if (to < 0 || (!is_row(c, x) && near != x))
		return false;
	return y == to || (first ? are_added(c, y, to - y) : are_added(c, to + 1, y - to));
}

static bool same_cell(const struct tally_comparison *c, int64_t x, int64_t y)
{
	if (!is_row(c, x))
		return same_blank(c, x, y);
	return last_paired(c, x) == x && row_of(c, (uint32_t)x) == y;
}

/* Rows of another sheet are not known to have moved: the address must be the same. */
static bool same_elsewhere(const struct tally_relative_piece p[2],
                           const struct tally_cell_place_pair *at)
{
	int64_t row[2], column[2];

	for (int i = 0; i < 2; i++)
		tally_relative_place(&p[i], at->row[i], at->column[i], &row[i], &column[i]);
	return row[0] == row[1] && column[0] == column[1];
}

/* @end  0: a cell; 1: an area's first one; -1: its last one */
static bool same_reference(const struct tally_comparison *c, const struct tally_relative_piece p[2],
                           const struct tally_cell_place_pair *at, int end)
{
	int64_t row[2], column[2];

	for (int i = 0; i < 2; i++)
		tally_relative_place(&p[i], at->row[i], at->column[i], &row[i], &column[i]);
	if (p[0].row.given != p[1].row.given || p[0].column.given != p[1].column.given ||
	    p[0].row.absolute != p[1].row.absolute || p[0].column.absolute != p[1].column.absolute)
		return false;
	if (p[0].column.given && !c->places.still &&
	    (column[0] < 0 || column_of(c, column[0]) != column[1]))
		return false;
	if (p[0].column.given && c->places.still && column[0] != column[1])
		return false;
	if (!p[0].row.given)
		return true;
	if (c->places.still)
		return row[0] == row[1];
	if (row[0] < 0 || row[1] < 0)
		return false;
	return end ? same_end(c, row[0], row[1], end > 0) : same_cell(c, row[0], row[1]);
}

/* ---- sheets ---- */

/* A sheet's name as it stands in a formula, without quotes; what is doubled in them stays so. */
static struct tally_span bare(const char *text, size_t len)
{
	if (len >= 2 && text[0] == '\'' && text[len - 1] == '\'')
		return (struct tally_span){ text + 1, len - 2 };
	return (struct tally_span){ text, len };
}

static bool is_name(struct tally_span a, const char *name)
{
	size_t i = 0;

	for (; *name; name++) {
		if (i >= a.len || a.at[i] != *name)
			return false;
		i += *name == '\'' && i + 1 < a.len && a.at[i + 1] == '\'' ? 2 : 1;
	}
	return i == a.len;
}

static bool same_sheet(const struct tally_comparison *c, struct tally_span a, struct tally_span b)
{
	const struct tally_table_options *o = c->options;

	for (size_t i = 0; i < o->sheet_name_count; i++)
		if (is_name(a, o->sheet_names[i].before))
			return is_name(b, o->sheet_names[i].after);
	return a.len == b.len && !memcmp(a.at, b.at, a.len);
}

/* ---- formulas ---- */

struct walk {
	struct tally_relative r;
	struct tally_relative_piece p;
	bool more;
};

static void next(struct walk *w)
{
	w->more = tally_relative_next(&w->r, &w->p);
}

static struct walk walk(const struct tally_cell *cell)
{
	struct walk w = { .r = { .text = cell->formula,
		                 .at = cell->formula,
		                 .end = cell->formula + cell->formula_len } };

	next(&w);
	return w;
}

/* Text up to the next reference, but for its sheet. */
static struct tally_span text_of(const struct walk *w)
{
	struct tally_span text = { w->p.text, w->p.len };

	if (w->r.sheet && w->r.at > w->p.text && w->r.at[-1] == '!')
		text.len = (size_t)(w->r.sheet - w->p.text);
	return text;
}

static bool same_text(const struct tally_comparison *c, const struct walk *x, const struct walk *y)
{
	struct tally_span a = text_of(x), b = text_of(y);
	bool sheet = a.len < x->p.len;

	if (a.len != b.len || memcmp(a.at, b.at, a.len) || sheet != (b.len < y->p.len))
		return false;
	return !sheet ||
	       same_sheet(c, bare(x->r.sheet, x->r.sheet_len), bare(y->r.sheet, y->r.sheet_len));
}

bool tally_formula_same(const struct tally_comparison *c, const struct tally_cell_place_pair *at,
                        const struct tally_cell *old, const struct tally_cell *now)
{
	struct walk x, y;
	bool after_colon = false;

	if (tally_same_formula(old, now))
		return true;
	x = walk(old);
	y = walk(now);
	for (; x.more && y.more; next(&x), next(&y)) {
		const struct tally_relative_piece p[2] = { x.p, y.p };
		bool own, colon = x.p.reference && x.r.at < x.r.end && *x.r.at == ':';

		if (x.p.reference != y.p.reference)
			return false;
		if (!x.p.reference) {
			if (!same_text(c, &x, &y))
				return false;
			after_colon = after_colon && x.p.len == 1 && *x.p.text == ':';
			continue;
		}
		own = !x.p.sheet || is_name(bare(x.p.sheet, x.p.sheet_len), c->side[0].part->name);
		if (!(own ? same_reference(c, p, at,
		                           colon         ? 1
		                           : after_colon ? -1
		                                         : 0)
		          : same_elsewhere(p, at)))
			return false;
		after_colon = colon;
	}
	return !x.more && !y.more;
}
