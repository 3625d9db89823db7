/* Formulas that no longer say what they should: sums that leave out a row of their block, results that nobody computed. */
#include <string.h>

#include "core/mem.h"
#include "core/parallel.h"
#include "core/relative.h"
#include "diff/table_work.h"

enum {
	SHORT_LISTED = 100,   /* sums that are named; more are counted with the last one */
	LEFT_OUT_MOST = 1000, /* rows looked at beyond a range */
};

/* The only argument of a SUM: rows of one column (the first of several). */
struct range {
	int64_t first, last, column;
};

/* ---- finding them ---- */

static bool ends_in(struct tally_span text, const char *word)
{
	size_t n = strlen(word);

	return text.len >= n && !memcmp(text.at + text.len - n, word, n);
}

static bool opens_sum(const struct tally_relative_piece *p)
{
	struct tally_span text = { p->text, p->len };

	return !p->reference && (ends_in(text, "SUM(") || ends_in(text, "SUBTOTAL(9,") ||
	                         ends_in(text, "SUBTOTAL(109,"));
}

static bool find_range(const struct tally_cell *cell, uint64_t row, uint32_t column, struct range *out)
{
	struct tally_relative r = { .text = cell->formula,
		                    .at = cell->formula,
		                    .end = cell->formula + cell->formula_len };
	struct tally_relative_piece open, first, colon, last;
	int64_t to;

	while (tally_relative_next(&r, &open)) {
		if (!opens_sum(&open) || !tally_relative_next(&r, &first) ||
		    !tally_relative_next(&r, &colon) || !tally_relative_next(&r, &last))
			continue;
		if (first.sheet || colon.len != 1 || *colon.text != ':' || !last.reference ||
		    !first.row.given || !first.column.given || !last.row.given ||
		    !last.column.given || r.at == r.end || *r.at != ')')
			continue;
		tally_relative_place(&first, row, column, &out->first, &out->column);
		tally_relative_place(&last, row, column, &out->last, &to);
		return out->first >= 0 && out->last >= out->first && out->column >= 0;
	}
	return false;
}

static bool is_sum(const struct tally_cell *cell)
{
	struct tally_span text = { cell->formula, 0 };

	for (uint32_t i = 0; cell->formula && i < cell->formula_len; i++) {
		text.len = i + 1;
		if (cell->formula[i] == '(' && (ends_in(text, "SUM(") || ends_in(text, "SUBTOTAL(")))
			return true;
	}
	return false;
}

/* ---- what one leaves out ---- */

struct sums {
	struct tally_comparison *c;
	struct tally_row_reader r[2]; /* the formula's row on the after side, its row before; */
	struct tally_row_reader look; /* and another row */
	size_t found;
};

/* Is there a number in this row that the sum could have, and had, or that is new? */
static enum tally_status belongs(struct sums *s, int64_t at, const struct range *now,
                                 const struct range *old, uint64_t own, bool *out,
                                 struct tally_err *err)
{
	const struct tally_table_side *b = &s->c->side[1];
	const struct tally_cell *cell;
	enum tally_status st;
	uint32_t row;
	int64_t before;

	*out = false;
	if (at < 0 || (uint64_t)at == own || !tally_side_find_row(b, (uint64_t)at, &row) ||
	    row < b->preamble)
		return TALLY_OK;
	if (b->pair[row] != TALLY_NO_PAIR) {
		before = (int64_t)tally_side_row(&s->c->side[0], b->pair[row]);
		if (!old || before < old->first || before > old->last)
			return TALLY_OK;
	}
	st = tally_row_read(&s->look, row, err);
	if (st < 0)
		return st;
	cell = tally_row_cell(&s->look, (uint32_t)now->column);
	*out = (cell->kind == TALLY_CELL_NUMBER || tally_cell_missing(cell)) && !is_sum(cell);
	return TALLY_OK;
}

static enum tally_status name_short(struct sums *s, const struct tally_cell *cell, uint64_t row,
                                    uint32_t column, int64_t first, int64_t last,
                                    struct tally_err *err)
{
	struct tally_comparison *c = s->c;
	struct tally_buf text;
	char address[32];
	const char *detail = NULL;
	enum tally_status st = TALLY_OK;

	if (s->found++ >= SHORT_LISTED)
		return TALLY_OK;
	tally_buf_init(&text, 1 << 10);
	tally_address(address, row, column);
	if (!tally_relative_a1(&text, cell->formula, cell->formula_len, row, column))
		tally_buf_clear(&text); /* longer than anybody reads */
	detail = first == last
	                 ? tally_arena_printf(&c->d->arena, "%s: =%s leaves out row %lld", address,
	                                      text.len ? text.bytes : "\u2026", (long long)first + 1)
	                 : tally_arena_printf(&c->d->arena, "%s: =%s leaves out rows %lld to %lld",
	                                      address, text.len ? text.bytes : "\u2026",
	                                      (long long)first + 1, (long long)last + 1);
	tally_buf_release(&text);
	st = detail ? tally_table_problem(c, true, "sum_range_short", row + 1,
	                                  (uint64_t)(last - first) + 1, detail, err)
	            : tally_err_nomem(err);
	return st;
}

/* The range of the same cell before, where it has one. */
static enum tally_status old_range(struct sums *s, uint32_t row, uint32_t k, struct range *out,
                                   bool *has, struct tally_err *err)
{
	const struct tally_comparison *c = s->c;
	uint32_t before = c->side[1].pair[row];
	const struct tally_cell *cell;
	enum tally_status st;

	*has = false;
	if (before == TALLY_NO_PAIR)
		return TALLY_OK;
	st = tally_row_read(&s->r[0], before, err);
	if (st < 0)
		return st;
	cell = tally_row_cell(&s->r[0], c->pairs[k].before);
	*has = cell->formula &&
	       find_range(cell, tally_side_row(&c->side[0], before), c->pairs[k].before, out);
	return TALLY_OK;
}

static enum tally_status check(struct sums *s, uint32_t row, uint32_t k, struct tally_err *err)
{
	const struct tally_comparison *c = s->c;
	uint64_t own = tally_side_row(&c->side[1], row);
	uint32_t column = c->pairs[k].after;
	const struct tally_cell *cell = tally_row_cell(&s->r[1], column);
	struct range now, old;
	enum tally_status st;
	bool has, more = true;

	if (!is_sum(cell) || !find_range(cell, own, column, &now))
		return TALLY_OK;
	st = old_range(s, row, k, &old, &has, err);
	for (int step = 1; st == TALLY_OK && step >= -1; step -= 2) {
		int64_t at = step > 0 ? now.last + 1 : now.first - 1, from = at;

		for (more = true; more && (at - from) * step < LEFT_OUT_MOST; at += more ? step : 0) {
			st = belongs(s, at, &now, has ? &old : NULL, own, &more, err);
			if (st < 0)
				return st;
		}
		if (at != from)
			st = name_short(s, cell, own, column, step > 0 ? from : at + 1,
			                step > 0 ? at - 1 : from, err);
	}
	return st;
}

static bool has_changed_formulas(const struct tally_comparison *c)
{
	for (size_t i = 0; i < c->cell_count; i++)
		if (c->cells[i].nature == TALLY_NATURE_FORMULA_CHANGED)
			return true;
	return false;
}

enum tally_status tally_find_short_sums(struct tally_comparison *c, struct tally_err *err)
{
	struct sums s = { .c = c };
	enum tally_status st;

	/* where no row came and no formula is another one, each sum has what it had */
	if (!c->formulas || !c->d->before || !c->d->after ||
	    (!c->d->rows.added && !has_changed_formulas(c)))
		return TALLY_OK;
	st = tally_row_reader_init(&s.r[0], &c->side[0], err);
	if (st == TALLY_OK)
		st = tally_row_reader_init(&s.r[1], &c->side[1], err);
	if (st == TALLY_OK)
		st = tally_row_reader_init(&s.look, &c->side[1], err);
	for (uint32_t row = 0; st == TALLY_OK && row < c->side[1].rows; row++) {
		st = tally_row_read(&s.r[1], row, err);
		for (uint32_t k = 0; st == TALLY_OK && k < c->pair_count; k++)
			if (tally_row_cell(&s.r[1], c->pairs[k].after)->formula)
				st = check(&s, row, k, err);
	}
	tally_row_reader_release(&s.r[0]);
	tally_row_reader_release(&s.r[1]);
	tally_row_reader_release(&s.look);
	return st;
}

/* ---- results ---- */

static enum tally_status count_added(struct tally_comparison *c, uint64_t *count, uint64_t *first,
                                     struct tally_err *err)
{
	const struct tally_table_side *b = &c->side[1];
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, b, err);

	for (uint32_t row = 0; st == TALLY_OK && row < b->rows; row++) {
		if (b->pair[row] != TALLY_NO_PAIR)
			continue;
		st = tally_row_read(&r, row, err);
		for (size_t i = 0; st == TALLY_OK && i < r.filled; i++) {
			if (!tally_cell_missing(&r.cells[i]))
				continue;
			if (!*count || tally_side_row(b, row) < *first)
				*first = tally_side_row(b, row);
			++*count;
		}
	}
	tally_row_reader_release(&r);
	return st;
}

/* A reader that counts them has the number of all there are. */
static bool reader_counted(const struct tally_part *part)
{
	for (size_t i = 0; i < part->problem_count; i++)
		if (!strcmp(part->problems[i].what, "not_computed"))
			return true;
	return false;
}

enum tally_status tally_find_not_computed(struct tally_comparison *c, struct tally_err *err)
{
	uint64_t count = c->not_computed, first = c->first_not_computed;
	enum tally_status st = TALLY_OK;

	if (reader_counted(c->side[1].part))
		return TALLY_OK;
	if (c->side[1].part->sheet && c->d->before && c->d->rows.added)
		st = count_added(c, &count, &first, err);
	if (st < 0 || !count)
		return st;
	return tally_table_problem(c, true, "not_computed", first + 1, count,
	                           "formulas were saved without their results", err);
}
