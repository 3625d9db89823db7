/*
 * A running number (1, 2, 3 …) that was given out anew says where a row stands, not which row it is: pairing without it
 * explains far more then.
 */
#include <string.h>

#include "core/mem.h"
#include "core/ascii.h"
#include "diff/table_work.h"

enum {
	LOOKED_LEAST = 3, /* rows that differ, from which it is worth asking */
	LOOKED_SHARE = 5, /* thousandths of the rows */
	SAVED_TIMES = 2,  /* so many times as many edits with the number */
	SAVED_LEAST = 4,  /* and so many more */
	COLUMNS_LEAST = 3,
	LIKENESS = 500, /* thousandths from which two rows are one */
};

/* ---- is it a running number? ---- */

static bool whole_number(const struct tally_cell *cell, uint64_t *out)
{
	*out = 0;
	if (cell->formula || !cell->value_len || cell->value_len > 9 ||
	    (cell->value[0] == '0' && cell->value_len > 1))
		return false;
	for (uint32_t i = 0; i < cell->value_len; i++) {
		if (!tally_is_digit(cell->value[i]))
			return false;
		*out = *out * 10 + (uint64_t)(cell->value[i] - '0');
	}
	return true;
}

/* Each row's number is one more than that of the row before it. */
static enum tally_status runs(const struct tally_comparison *c, int side, bool *out,
                              uint64_t *first, struct tally_err *err)
{
	const struct tally_table_side *s = &c->side[side];
	const struct tally_column_pair *p = &c->pairs[c->key[0]];
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, s, err);
	uint64_t n = 0;

	*out = true;
	for (uint32_t row = s->preamble; st == TALLY_OK && *out && row < s->rows; row++) {
		st = tally_row_read(&r, row, err);
		*out = st == TALLY_OK &&
		       whole_number(tally_row_cell(&r, side ? p->after : p->before), &n);
		if (row == s->preamble)
			*first = n;
		*out &= n == *first + (row - s->preamble);
	}
	tally_row_reader_release(&r);
	return st;
}

static enum tally_status key_runs(const struct tally_comparison *c, bool *out, struct tally_err *err)
{
	uint64_t first[2] = { 0, 0 };
	enum tally_status st = runs(c, 0, out, &first[0], err);

	if (st == TALLY_OK && *out)
		st = runs(c, 1, out, &first[1], err);
	*out &= first[0] == first[1];
	return st;
}

/* ---- what a pairing costs ---- */

static uint64_t cells_that_differ(const struct tally_comparison *c, const struct tally_row_reader *a,
                                  const struct tally_row_reader *b, uint32_t but)
{
	uint64_t n = 0;

	for (uint32_t k = 0; k < c->base_pairs; k++)
		n += k != but && !tally_cells_equal(c, tally_row_cell(a, c->pairs[k].before),
		                                    tally_row_cell(b, c->pairs[k].after));
	return n;
}

/* Cells that differ, the number's aside; those of rows without a pair all do. */
static enum tally_status cost_of(const struct tally_comparison *c, uint32_t number, uint64_t *out,
                                 struct tally_err *err)
{
	const struct tally_table_side *a = &c->side[0], *b = &c->side[1];
	struct tally_row_reader r[2];
	uint32_t paired = 0;
	enum tally_status st = tally_row_reader_init(&r[0], a, err);
	enum tally_status second = tally_row_reader_init(&r[1], b, err);

	st = st < 0 ? st : second;
	*out = 0;
	for (uint32_t row = 0; st == TALLY_OK && row < b->rows; row++) {
		paired += b->pair[row] != TALLY_NO_PAIR;
		if (b->pair[row] == TALLY_NO_PAIR || c->touched[row] != TALLY_ROW_LOOK)
			continue;
		st = tally_row_read(&r[0], b->pair[row], err);
		if (st == TALLY_OK)
			st = tally_row_read(&r[1], row, err);
		if (st == TALLY_OK)
			*out += cells_that_differ(c, &r[0], &r[1], number);
	}
	*out += ((uint64_t)a->rows + b->rows - 2 * (uint64_t)paired) * (c->base_pairs - 1);
	tally_row_reader_release(&r[0]);
	tally_row_reader_release(&r[1]);
	return st;
}

/* ---- pairing without it ---- */

/* The pairing by key, put aside. */
struct aside {
	uint32_t *pair[2], weight;
	uint8_t *touched;
	uint64_t *hash[2];
	bool by_bytes;
};

static enum tally_status put_aside(struct tally_comparison *c, struct aside *old,
                                   struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	*old = (struct aside){ .by_bytes = c->by_bytes, .weight = c->key_weights[c->key[0]] };
	old->touched = tally_alloc(c->side[1].rows);
	for (int side = 0; side < 2; side++) {
		struct tally_table_side *s = &c->side[side];

		old->pair[side] = tally_alloc(s->rows * sizeof *s->pair);
		if (old->pair[side])
			memcpy(old->pair[side], s->pair, s->rows * sizeof *s->pair);
		else
			st = tally_err_nomem(err);
		old->hash[side] = s->hash;
		s->hash = NULL;
	}
	if (!old->touched)
		return tally_err_nomem(err);
	memcpy(old->touched, c->touched, c->side[1].rows);
	return st;
}

/* @restore  as it was; otherwise what is there now stays */
static void take_back(struct tally_comparison *c, struct aside *old, bool restore)
{
	for (int side = 0; side < 2; side++) {
		struct tally_table_side *s = &c->side[side];

		if (restore && old->pair[side])
			memcpy(s->pair, old->pair[side], s->rows * sizeof *s->pair);
		tally_free(s->hash); /* without the number: of no more use */
		s->hash = old->hash[side];
		tally_free(old->pair[side]);
	}
	if (restore && old->touched)
		memcpy(c->touched, old->touched, c->side[1].rows);
	tally_free(old->touched);
	c->by_bytes = old->by_bytes;
	c->left_out = TALLY_NO_PAIR;
	c->key_weights[c->key[0]] = old->weight;
}

static enum tally_status pair_without(struct tally_comparison *c, struct tally_err *err)
{
	enum tally_status st;

	c->left_out = c->key[0];
	c->key_weights[c->key[0]] = 0;
	c->by_bytes = false;
	st = tally_hash_rows(c, err);
	if (st == TALLY_OK)
		st = tally_pair_aligned(c, err);
	return st == TALLY_OK ? tally_pair_similar(c, LIKENESS, true, err) : st;
}

static enum tally_status drop_number(struct tally_comparison *c, uint64_t with, uint64_t without,
                                     struct tally_err *err)
{
	struct tally_alignment *by = &c->d->aligned_by;

	by->note = tally_arena_printf(
		&c->d->arena,
		"'%.60s' numbers the rows anew: paired by it, they would differ in %s other "
		"cells, without it in %s",
		c->side[0].names[by->columns[0]], tally_counted(with).text,
		tally_counted(without).text);
	by->how = TALLY_ALIGNED_ROWS;
	by->columns = NULL;
	by->column_count = 0;
	c->key_count = 0;
	return by->note ? TALLY_OK : tally_err_nomem(err);
}

static bool worth_asking(const struct tally_comparison *c)
{
	const struct tally_table_side *b = &c->side[1];
	uint64_t looked = 0;

	if (c->key_count != 1 || c->base_pairs < COLUMNS_LEAST)
		return false;
	for (uint32_t row = b->preamble; row < b->rows; row++)
		looked += c->touched[row] == TALLY_ROW_LOOK;
	return looked >= LOOKED_LEAST && looked * 1000 >= (uint64_t)b->rows * LOOKED_SHARE;
}

enum tally_status tally_pair_without_number(struct tally_comparison *c, struct tally_err *err)
{
	uint64_t with, without = UINT64_MAX;
	struct aside old;
	bool running = false, better;
	enum tally_status st = TALLY_OK;

	if (worth_asking(c))
		st = key_runs(c, &running, err);
	if (st < 0 || !running)
		return st;
	st = cost_of(c, c->key[0], &with, err);
	if (st < 0 || with < SAVED_LEAST)
		return st;
	st = put_aside(c, &old, err);
	if (st == TALLY_OK)
		st = pair_without(c, err);
	if (st == TALLY_OK)
		st = cost_of(c, c->key[0], &without, err);
	better = st == TALLY_OK && with >= SAVED_LEAST && without <= with - SAVED_LEAST &&
	         without * SAVED_TIMES <= with;
	take_back(c, &old, !better);
	return better ? drop_number(c, with, without, err) : st;
}
