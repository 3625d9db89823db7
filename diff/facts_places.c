/* Addresses in facts that moved along, or stayed: see diff/facts_places.h. */
#include "diff/facts_places.h"

#include <string.h>

#include "core/address.h"
#include "diff/table_places.h"

/* Stands for an address whose cells are gone; no text has it. */
static const char gone[] = "\1";

enum about {
	NOTHING,
	CELLS,  /* formulas and ranges */
	LINES,  /* rows or columns of the sheet */
	TARGET, /* behind "#": a place in this workbook */
};

/* Facts whose values have addresses. Those without a sheet are of the sheet that the fact stands on, if OWN. */
static const struct {
	const char *fact;
	enum about value;
	bool own;
} abouts[] = {
	{ "defined_name", CELLS, false },
	{ "data_validation", CELLS, true },
	{ "conditional_format", CELLS, true },
	{ "chart", CELLS, true },
	{ "sparkline", CELLS, true },
	{ "table", CELLS, false },
	{ "pivot_table", CELLS, true },
	{ "pivot_cache", CELLS, false },
	{ "link", TARGET, true },
	{ "hidden_rows", LINES, true },
	{ "hidden_columns", LINES, true },
};

/* What is drawn lies over the cells: it may go along with them or not. */
static bool is_drawn(const char *name)
{
	static const char *const names[] = { "chart", "image", "shape", "embedded_file" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* Is `where` a place among the cells, not a name? */
static bool has_place(const char *name)
{
	const struct tally_fact_info *info = tally_fact_info(tally_fact_rank(name));

	return info && (!info->named || !strcmp(name, "protection"));
}

/* ---- one reference ---- */

struct mapping {
	const struct tally_facts_options *options;
	const struct tally_row_places *own; /* of the sheet that is not named; NULL: unknown, or nothing moved */
	struct tally_buf *out;
	bool strays;
};

static const struct tally_row_places *places_of(const struct mapping *m,
                                                const struct tally_address_piece *p)
{
	if (!p->sheet)
		return m->own;
	for (size_t i = 0; i < m->options->sheet_count; i++)
		if (tally_address_sheet_is(p->sheet, p->sheet_len, m->options->sheets[i].name))
			return m->options->sheets[i].places;
	return NULL;
}

/* An area may stay as it is though rows in it were deleted, or its end was, as long as it reaches over nothing else now. */
static bool is_loose(const struct tally_row_places *places, const struct tally_expected_place *to,
                     uint32_t was, int end, bool rows)
{
	return to->gone || (rows && end == 1 && to->at < was &&
	                    tally_row_places_blank(places, to->at + 1, was + 1));
}

/* One axis of both ends. @return false: its rows or columns are gone */
static bool expect_axis(struct mapping *m, const struct tally_row_places *places,
                        struct tally_address_piece *p, bool rows)
{
	/* rows are sorted and take their cells along, columns are not */
	bool sure = rows ? places->rows_in_order || !p->area : places->columns_in_order;
	bool there = true;

	for (int i = 0; i < (p->area ? 2 : 1); i++) {
		struct tally_address_axis *a = rows ? &p->end[i].row : &p->end[i].column;
		struct tally_expected_place to;

		if (!a->given)
			continue;
		to = rows ? tally_row_place_expected(places, a->at, TALLY_ADDRESS_ROWS)
		          : tally_column_place_expected(places, a->at, TALLY_ADDRESS_COLUMNS);
		m->strays |= sure && !to.may_stay &&
		             !(p->area && is_loose(places, &to, a->at, i, rows));
		there &= !to.gone;
		a->at = to.at;
	}
	return there;
}

static bool put_reference(struct mapping *m, const struct tally_address_piece *p)
{
	const struct tally_row_places *places = places_of(m, p);
	struct tally_address_piece to = *p;
	bool there;

	if (!places || places->still)
		return tally_buf_add(m->out, p->text, p->len);
	there = expect_axis(m, places, &to, true);
	there &= expect_axis(m, places, &to, false);
	return there ? tally_address_put(m->out, &to) : tally_buf_text(m->out, gone);
}

/* ---- texts ---- */

static bool put_text(struct mapping *m, const char *text, enum tally_address_what what)
{
	struct tally_address_walk walk = { .at = text, .end = text + strlen(text), .what = what };
	struct tally_address_piece p;
	bool ok = true;

	while (ok && tally_address_next(&walk, &p))
		ok = p.reference ? put_reference(m, &p) : tally_buf_add(m->out, p.text, p.len);
	return ok;
}

/* What is longer than anybody reads has not all of its addresses. */
static bool is_cut(const char *text)
{
	return strstr(text, "\u2026") != NULL;
}

/* @return false: no memory */
static bool finish(struct tally_fact_expected *e, const struct mapping *m, struct tally_arena *arena)
{
	const char *text = m->out->len ? m->out->bytes : "";

	if (!strcmp(text, e->text))
		return true;
	e->strays = m->strays;
	e->text = tally_arena_dup(arena, text, m->out->len);
	return e->text != NULL;
}

static bool expect(struct tally_fact_expected *e, struct mapping *m, size_t from,
                   enum tally_address_what what, struct tally_arena *arena)
{
	m->strays = false;
	tally_buf_clear(m->out);
	if (is_cut(e->text))
		return true;
	return tally_buf_add(m->out, e->text, from) && put_text(m, e->text + from, what) &&
	       finish(e, m, arena);
}

/* The sheet that a place is on; the longest name that fits. @len  of its name */
static const struct tally_row_places *sheet_of(const struct tally_facts_options *options,
                                               const char *where, size_t *len)
{
	const struct tally_row_places *found = NULL;

	*len = 0;
	for (size_t i = 0; i < options->sheet_count; i++) {
		const char *name = options->sheets[i].name;
		size_t n = strlen(name);

		if (n < *len || strncmp(where, name, n) != 0 || (where[n] && where[n] != '!'))
			continue;
		*len = n;
		found = options->sheets[i].places;
	}
	return found;
}

static bool expect_value(struct tally_fact_expected *e, struct mapping *m, const char *name,
                         struct tally_arena *arena)
{
	for (size_t i = 0; i < sizeof abouts / sizeof *abouts; i++) {
		if (strcmp(abouts[i].fact, name) != 0)
			continue;
		if (abouts[i].value == TARGET && e->text[0] != '#')
			return true;
		m->own = abouts[i].own ? m->own : NULL;
		return expect(e, m, 0,
		              abouts[i].value == LINES ? TALLY_ADDRESS_LINES : TALLY_ADDRESS_CELLS,
		              arena);
	}
	return true;
}

bool tally_fact_expect(struct tally_fact_expectation *out, const struct tally_fact *fact,
                       const struct tally_facts_options *options, struct tally_arena *arena,
                       struct tally_buf *scratch)
{
	const char *where = fact->where ? fact->where : "";
	struct mapping m = { .options = options, .out = scratch };
	size_t sheet;

	*out = (struct tally_fact_expectation){ { where, false }, { fact->value, false } };
	if (options->place) {
		out->where.text = options->place(options->places, where, arena);
		return out->where.text != NULL;
	}
	if (!options->sheet_count || !fact->value)
		return true;
	m.own = sheet_of(options, where, &sheet);
	if (m.own && where[sheet] == '!' && has_place(fact->name)) {
		if (!expect(&out->where, &m, sheet + 1, TALLY_ADDRESS_CELLS, arena))
			return false;
		out->where.strays &= !is_drawn(fact->name);
	}
	return expect_value(&out->value, &m, fact->name, arena);
}
