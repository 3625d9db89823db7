/* How many columns each side has, and what they are called. */
#include "core/mem.h"
#include "diff/table_work.h"

enum { GLANCE_ROWS = 1000 /* rows looked at for their width */ };

/* The number of cells that most rows have, among the first ones. */
static enum tally_status usual_width(struct tally_table_side *s, struct tally_err *err)
{
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, s, err);
	uint32_t *seen = tally_alloc_zero(s->cap + (size_t)1, sizeof *seen), best = s->cap;

	if (st == TALLY_OK && !seen)
		st = tally_err_nomem(err);
	for (uint32_t row = 0; st == TALLY_OK && row < s->rows && row < GLANCE_ROWS; row++) {
		st = tally_row_read(&r, row, err);
		if (st == TALLY_OK)
			seen[r.filled]++;
	}
	for (uint32_t w = s->cap; st == TALLY_OK && w > 0; w--)
		if (seen[w] > seen[best])
			best = w;
	s->base = best;
	tally_free(seen);
	tally_row_reader_release(&r);
	return st;
}

static enum tally_status header_width(struct tally_table_side *s, struct tally_err *err)
{
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, s, err);

	if (st == TALLY_OK)
		st = tally_row_read_raw(&r, s->part->header_row, err);
	if (st == TALLY_OK)
		s->base = (uint32_t)r.filled;
	tally_row_reader_release(&r);
	return st;
}

static enum tally_status name_columns(struct tally_comparison *c, int side, struct tally_err *err)
{
	struct tally_table_side *s = &c->side[side];
	struct tally_arena *arena = &c->d->arena;
	uint32_t count = s->base + tally_extra_columns(c);
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, s, err);

	s->names = tally_arena_alloc(arena, (count + (size_t)1) * sizeof *s->names);
	if (st == TALLY_OK && !s->names)
		st = tally_err_nomem(err);
	if (st == TALLY_OK && s->header)
		st = tally_row_read_raw(&r, s->part->header_row, err);
	for (uint32_t i = 0; st == TALLY_OK && i < count; i++) {
		struct tally_span name = tally_cell_span(tally_row_cell(&r, i));

		s->names[i] = s->header && i < s->base
		                      ? tally_arena_dup(arena, name.at, name.len)
		                      : tally_arena_printf(arena, "column %u", i + 1);
		if (!s->names[i])
			st = tally_err_nomem(err);
	}
	tally_row_reader_release(&r);
	return st;
}

/* A name that a formula makes, and that nobody computed on one side, is that of the other side. */
static enum tally_status name_not_computed(struct tally_comparison *c, struct tally_err *err)
{
	struct tally_table_side *a = &c->side[0], *b = &c->side[1];
	struct tally_row_reader r[2];
	enum tally_status st = tally_row_reader_init(&r[0], a, err);
	enum tally_status second = tally_row_reader_init(&r[1], b, err);

	st = st < 0 ? st : second;
	if (st == TALLY_OK)
		st = tally_row_read_raw(&r[0], a->part->header_row, err);
	if (st == TALLY_OK)
		st = tally_row_read_raw(&r[1], b->part->header_row, err);
	for (uint32_t i = 0; st == TALLY_OK && i < a->base && i < b->base; i++) {
		const struct tally_cell *x = tally_row_cell(&r[0], i), *y = tally_row_cell(&r[1], i);

		if (!x->formula || !tally_same_formula(x, y))
			continue;
		if (tally_cell_missing(x))
			a->names[i] = b->names[i];
		else if (tally_cell_missing(y))
			b->names[i] = a->names[i];
	}
	tally_row_reader_release(&r[0]);
	tally_row_reader_release(&r[1]);
	return st;
}

static enum tally_status measure(struct tally_comparison *c, int side, struct tally_err *err)
{
	struct tally_table_side *s = &c->side[side];
	uint64_t most = c->limits->table_columns;
	enum tally_status st;

	if (most > UINT32_MAX / 4)
		most = UINT32_MAX / 4;
	s->cap = s->part->columns > most ? (uint32_t)most : (uint32_t)s->part->columns;
	st = s->header ? header_width(s, err) : usual_width(s, err);
	s->columns = s->cap > s->base ? s->cap : s->base;
	if (st == TALLY_OK && s->part->columns > most)
		st = tally_table_problem(c, side, "limit", 0, 1,
		                         "cells beyond the limit table_columns were not compared",
		                         err);
	return st;
}

/* How many of the first rows have cells beyond a column? */
static enum tally_status count_wider(const struct tally_table_side *s, uint32_t columns,
                                     uint32_t *count, struct tally_err *err)
{
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, s, err);

	*count = 0;
	for (uint32_t row = s->preamble;
	     st == TALLY_OK && row < s->rows && row - s->preamble < GLANCE_ROWS; row++) {
		st = tally_row_read(&r, row, err);
		*count += st == TALLY_OK && r.filled > columns;
	}
	tally_row_reader_release(&r);
	return st;
}

/*
 * A side whose last names are gone, or where the usual row is shorter by a cell that was cleared, is as wide as the other one
 * as long as at least half as many rows have cells there. In sheets also where only names went, with nothing below them.
 */
static enum tally_status widen(struct tally_comparison *c, struct tally_err *err)
{
	struct tally_table_side *narrow = &c->side[c->side[0].base > c->side[1].base],
				*wide = &c->side[c->side[0].base <= c->side[1].base];
	uint32_t to = wide->base < narrow->cap ? wide->base : narrow->cap, here = 0, there = 0;
	enum tally_status st = TALLY_OK;

	if (wide->base == narrow->base)
		return TALLY_OK;
	st = count_wider(narrow, narrow->base, &here, err);
	if (st == TALLY_OK)
		st = count_wider(wide, narrow->base, &there, err);
	if (st == TALLY_OK && to > narrow->base && here && here * 2 >= there)
		narrow->base = to;
	if (st == TALLY_OK && !there && narrow->header && wide->header && narrow->part->sheet &&
	    wide->part->sheet)
		narrow->base = wide->base;
	return st;
}

static enum tally_status name_all(struct tally_comparison *c, struct tally_err *err)
{
	enum tally_status st = name_columns(c, 0, err);

	if (st == TALLY_OK)
		st = name_columns(c, 1, err);
	if (st == TALLY_OK && c->formulas && c->side[0].header && c->side[1].header)
		st = name_not_computed(c, err);
	return st;
}

enum tally_status tally_widen_columns(struct tally_comparison *c, struct tally_err *err)
{
	struct tally_table_side *narrow = &c->side[c->side[0].base > c->side[1].base],
				*wide = &c->side[c->side[0].base <= c->side[1].base];

	narrow->base = wide->base;
	if (narrow->columns < narrow->base)
		narrow->columns = narrow->base;
	return name_all(c, err);
}

enum tally_status tally_measure_columns(struct tally_comparison *c, struct tally_err *err)
{
	enum tally_status st = measure(c, 0, err);

	if (st == TALLY_OK)
		st = measure(c, 1, err);
	if (st == TALLY_OK)
		st = widen(c, err);
	for (int side = 0; side < 2; side++)
		if (c->side[side].columns < c->side[side].base)
			c->side[side].columns = c->side[side].base;
	return st == TALLY_OK ? name_all(c, err) : st;
}
