/* Formulas of paired cells: do they mean the same cells, rows and columns having come and gone around them? */
#include <string.h>

#include "core/address.h"
#include "core/relative.h"
#include "diff/table_work.h"

/* ---- sheets ---- */

/* A sheet's name as it stands in a formula, without quotes; what is doubled in them stays so. */
static struct tally_span bare(const char *text, size_t len)
{
	if (len >= 2 && text[0] == '\'' && text[len - 1] == '\'')
		return (struct tally_span){ text + 1, len - 2 };
	return (struct tally_span){ text, len };
}

static bool same_words(struct tally_span a, struct tally_span b)
{
	return tally_address_same_words(a.at, a.len, b.at, b.len);
}

static bool same_sheet(const struct tally_comparison *c, struct tally_span a, struct tally_span b)
{
	const struct tally_table_options *o = c->options;

	for (size_t i = 0; i < o->sheet_name_count; i++)
		if (tally_address_sheet_is(a.at, a.len, o->sheet_names[i].before))
			return o->sheet_names[i].after &&
			       tally_address_sheet_is(b.at, b.len, o->sheet_names[i].after);
	return same_words(bare(a.at, a.len), bare(b.at, b.len));
}

/* The places of another sheet, where they are known. */
static const struct tally_row_places *places_of(const struct tally_comparison *c,
                                                struct tally_span sheet)
{
	static const struct tally_row_places unknown = { .still = true };
	const struct tally_table_options *o = c->options;

	for (size_t i = 0; i < o->other_sheet_count; i++)
		if (tally_address_sheet_is(sheet.at, sheet.len, o->other_sheets[i].name))
			return o->other_sheets[i].places;
	return &unknown; /* as it is for a sheet where nothing moved: the address must be the same */
}

/* ---- references ---- */

enum end { END_NONE, END_FIRST, END_LAST }; /* of an area */

static bool same_reference(const struct tally_row_places *places,
                           const struct tally_relative_piece p[2],
                           const struct tally_cell_place_pair *at, enum end end)
{
	int64_t row[2], column[2];

	for (int i = 0; i < 2; i++)
		tally_relative_place(&p[i], at->row[i], at->column[i], &row[i], &column[i]);
	if (p[0].row.given != p[1].row.given || p[0].column.given != p[1].column.given ||
	    p[0].row.absolute != p[1].row.absolute || p[0].column.absolute != p[1].column.absolute)
		return false;
	if (p[0].column.given && !tally_column_place_same(places, column[0], column[1]))
		return false;
	if (!p[0].row.given)
		return true;
	return end == END_NONE ? tally_row_place_same(places, row[0], row[1])
	                       : tally_area_end_same(places, row[0], row[1], end == END_FIRST);
}

/* ---- formulas ---- */

/* A reference, or text up to the next one. */
struct walk {
	struct tally_relative r;
	struct tally_relative_piece p;
	struct tally_relative_piece last; /* of an area: its other end */
	bool more, area;
};

static void next(struct walk *w)
{
	struct tally_relative r;
	struct tally_relative_piece colon;

	w->area = false;
	w->more = tally_relative_next(&w->r, &w->p);
	r = w->r;
	w->area = w->more && w->p.reference && tally_relative_next(&r, &colon) &&
	          !colon.reference && colon.len == 1 && *colon.text == ':' &&
	          tally_relative_next(&r, &w->last) && w->last.reference;
	if (w->area)
		w->r = r;
	else
		w->last = w->p; /* a cell is an area of one: A1 is A1:A1 */
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

	if (!same_words(a, b) || sheet != (b.len < y->p.len))
		return false;
	return !sheet || same_sheet(c, (struct tally_span){ x->r.sheet, x->r.sheet_len },
	                            (struct tally_span){ y->r.sheet, y->r.sheet_len });
}

static bool is_own(const struct tally_comparison *c, const struct tally_relative_piece *p)
{
	return tally_address_sheet_is(p->sheet, p->sheet_len, c->side[0].part->name);
}

static bool same_area(const struct tally_comparison *c, const struct tally_cell_place_pair *at,
                      const struct walk *x, const struct walk *y)
{
	const struct tally_relative_piece first[2] = { x->p, y->p }, last[2] = { x->last, y->last };
	const struct tally_row_places *places = &c->places;

	if (x->p.sheet && !is_own(c, &x->p))
		places = places_of(c, (struct tally_span){ x->p.sheet, x->p.sheet_len });
	if (!x->area && !y->area)
		return same_reference(places, first, at, END_NONE);
	return same_reference(places, first, at, END_FIRST) &&
	       same_reference(places, last, at, END_LAST);
}

bool tally_formula_same(const struct tally_comparison *c, const struct tally_cell_place_pair *at,
                        const struct tally_cell *old, const struct tally_cell *now)
{
	struct walk x, y;

	if (tally_same_formula(old, now))
		return true;
	x = walk(old);
	y = walk(now);
	for (; x.more && y.more; next(&x), next(&y)) {
		if (x.p.reference != y.p.reference)
			return false;
		if (x.p.reference ? !same_area(c, at, &x, &y) : !same_text(c, &x, &y))
			return false;
	}
	return !x.more && !y.more;
}

/* A cell of this sheet is meant by its address where that is absolute: relative ones go with the formula. */
static bool is_elsewhere(const struct tally_comparison *c, const struct tally_relative_piece *p,
                         const struct tally_cell_place_pair *at)
{
	bool other = p->sheet && !is_own(c, p);
	const struct tally_row_places *places = other ? places_of(c,
	                                                          (struct tally_span){
									  p->sheet, p->sheet_len })
	                                              : &c->places;
	int64_t row[2], column[2];

	for (int i = 0; i < 2; i++)
		tally_relative_place(p, at->row[i], at->column[i], &row[i], &column[i]);
	if ((other || p->row.absolute) && p->row.given &&
	    !tally_row_place_same(places, row[0], row[1]))
		return true;
	return (other || p->column.absolute) && p->column.given &&
	       !tally_column_place_same(places, column[0], column[1]);
}

/* Is a sheet meant that had this name, and has another one now or is gone? */
static bool is_of_lost_name(const struct tally_comparison *c, const struct tally_relative_piece *p)
{
	const struct tally_table_options *o = c->options;

	for (size_t i = 0; p->sheet && i < o->sheet_name_count; i++)
		if (tally_address_sheet_is(p->sheet, p->sheet_len, o->sheet_names[i].before))
			return true;
	return false;
}

bool tally_formula_strayed(const struct tally_comparison *c, const struct tally_cell_place_pair *at,
                           const struct tally_cell *formula)
{
	struct walk x;

	if (c->places.still && !c->options->other_sheet_count && !c->options->sheet_name_count)
		return false;
	for (x = walk(formula); x.more; next(&x))
		if (x.p.reference &&
		    (is_of_lost_name(c, &x.p) || (!x.area && is_elsewhere(c, &x.p, at))))
			return true;
	return false;
}
