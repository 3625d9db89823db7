/*
 * A key that was sorted alone or given out anew: the rest of each row is there, unaltered, under another key. Then rows are
 * known by the rest, and it is the key that changed.
 */
#include <string.h>

#include "core/mem.h"
#include "diff/table_work.h"

enum {
	FOUND_LEAST = 3,   /* rows whose rest stands under another key */
	FOUND_SHARE = 800, /* thousandths of the edited rows that are like that */
	SAMPLE_ROWS = 256, /* rows that are enough to see that a key is right */
	REST_COLUMNS = 2,  /* beside the key; one column alone may have been sorted itself */
};

/* Rows that their key paired and that differ, and what they say beside their key. */
struct rests {
	struct tally_comparison *c;
	uint32_t *after; /* rows of the after side */
	uint32_t count;
	struct rest {
		uint64_t hash; /* 0: a free slot */
		uint32_t row[2];
		uint8_t times[2]; /* 2: more than once */
	} * slots;
	size_t mask;
	uint32_t found;
};

static enum tally_status list_edited(struct rests *r, struct tally_err *err)
{
	const struct tally_table_side *b = &r->c->side[1];
	uint32_t n = 0;

	for (uint32_t row = b->preamble; row < b->rows; row++)
		n += b->pair[row] != TALLY_NO_PAIR && r->c->touched[row] == TALLY_ROW_LOOK;
	r->after = tally_alloc(n * sizeof *r->after);
	if (!r->after)
		return tally_err_nomem(err);
	for (uint32_t row = b->preamble; row < b->rows; row++)
		if (b->pair[row] != TALLY_NO_PAIR && r->c->touched[row] == TALLY_ROW_LOOK)
			r->after[r->count++] = row;
	return TALLY_OK;
}

static enum tally_status make_slots(struct rests *r, struct tally_err *err)
{
	size_t size = 16;

	while (size < (size_t)r->count * 4)
		size *= 2;
	r->slots = tally_alloc_zero(size, sizeof *r->slots);
	r->mask = size - 1;
	return r->slots ? TALLY_OK : tally_err_nomem(err);
}

/* 0: nothing but the key */
static uint64_t rest_hash(const struct tally_comparison *c, const struct tally_row_reader *r, int side)
{
	uint64_t sum = 0;

	for (uint32_t k = 0; k < c->pair_count; k++) {
		const struct tally_column_pair *p = &c->pairs[k];
		uint64_t h = tally_cell_hash(c, tally_row_cell(r, side ? p->after : p->before));

		if (h && !tally_is_key(c, k))
			sum += tally_hash_mix(h ^ k * UINT64_C(0xD6E8FEB86659FD93), k);
	}
	return sum;
}

static void put(struct rests *r, int side, uint64_t hash, uint32_t row)
{
	size_t at = (size_t)(hash * UINT64_C(0x9E3779B97F4A7C15) >> 20) & r->mask;

	if (!hash)
		return;
	while (r->slots[at].hash && r->slots[at].hash != hash)
		at = (at + 1) & r->mask;
	r->slots[at].hash = hash;
	r->slots[at].row[side] = row;
	if (r->slots[at].times[side] < 2)
		r->slots[at].times[side]++;
}

static enum tally_status read_side(struct rests *r, int side, struct tally_err *err)
{
	const struct tally_comparison *c = r->c;
	struct tally_row_reader reader;
	enum tally_status st = tally_row_reader_init(&reader, &c->side[side], err);

	for (uint32_t i = 0; st == TALLY_OK && i < r->count; i++) {
		uint32_t row = side ? r->after[i] : c->side[1].pair[r->after[i]];

		st = tally_row_read(&reader, row, err);
		if (st == TALLY_OK)
			put(r, side, rest_hash(c, &reader, side), row);
	}
	tally_row_reader_release(&reader);
	return st;
}

/* Rows whose key is right agree with it in most of their other cells: a few of them tell. */
static enum tally_status key_is_right(const struct rests *r, bool *right, struct tally_err *err)
{
	const struct tally_comparison *c = r->c;
	struct tally_row_reader reader[2];
	uint32_t rows = r->count < SAMPLE_ROWS ? r->count : SAMPLE_ROWS, agree = 0;
	enum tally_status st = tally_row_reader_init(&reader[0], &c->side[0], err);
	enum tally_status second = tally_row_reader_init(&reader[1], &c->side[1], err);

	st = st < 0 ? st : second;
	for (uint32_t i = 0; st == TALLY_OK && i < rows; i++) {
		uint32_t row = r->after[(uint64_t)i * r->count / rows], equal = 0, filled = 0;

		st = tally_row_read(&reader[0], c->side[1].pair[row], err);
		if (st == TALLY_OK)
			st = tally_row_read(&reader[1], row, err);
		for (uint32_t k = 0; st == TALLY_OK && k < c->base_pairs; k++) {
			const struct tally_cell *old = tally_row_cell(&reader[0], c->pairs[k].before);
			const struct tally_cell *now = tally_row_cell(&reader[1], c->pairs[k].after);

			if (tally_is_key(c, k) || (!old->value_len && !now->value_len))
				continue;
			filled++;
			equal += tally_cells_equal(c, old, now);
		}
		agree += equal * 2 > filled;
	}
	*right = agree * 2 > rows;
	tally_row_reader_release(&reader[0]);
	tally_row_reader_release(&reader[1]);
	return st;
}

static bool found(const struct rests *r, const struct rest *one)
{
	return one->times[0] == 1 && one->times[1] == 1 &&
	       r->c->side[1].pair[one->row[1]] != one->row[0];
}

static enum tally_status look(struct rests *r, struct tally_err *err)
{
	enum tally_status st = list_edited(r, err);
	bool right = false;

	if (st == TALLY_OK && r->count >= FOUND_LEAST)
		st = key_is_right(r, &right, err);
	if (st < 0 || r->count < FOUND_LEAST || right)
		return st;
	st = make_slots(r, err);
	for (int side = 0; st == TALLY_OK && side < 2; side++)
		st = read_side(r, side, err);
	for (size_t i = 0; st == TALLY_OK && i <= r->mask; i++)
		r->found += found(r, &r->slots[i]);
	return st;
}

/* All rows that were paired by key and differ become free again; those whose rest was found are paired by it. */
static void pair_again(struct rests *r)
{
	struct tally_table_side *a = &r->c->side[0], *b = &r->c->side[1];

	for (size_t i = 0; i <= r->mask; i++)
		if (!found(r, &r->slots[i]))
			r->slots[i].hash = 0;
	for (uint32_t i = 0; i < r->count; i++) {
		a->pair[b->pair[r->after[i]]] = TALLY_NO_PAIR;
		b->pair[r->after[i]] = TALLY_NO_PAIR;
	}
	for (size_t i = 0; i <= r->mask; i++)
		if (r->slots[i].hash)
			tally_pair_rows(r->c, r->slots[i].row[0], r->slots[i].row[1], true);
}

static enum tally_status drop_key(struct rests *r, struct tally_err *err)
{
	struct tally_comparison *c = r->c;
	struct tally_alignment *by = &c->d->aligned_by;

	by->note = tally_arena_printf(&c->d->arena,
	                              "%s of %s rows that differ stand under another key '%.60s'",
	                              tally_counted(r->found).text, tally_counted(r->count).text,
	                              c->side[0].names[by->columns[0]]);
	by->how = TALLY_ALIGNED_ROWS;
	by->columns = NULL;
	by->column_count = 0;
	c->key_count = 0;
	return by->note ? TALLY_OK : tally_err_nomem(err);
}

enum tally_status tally_pair_by_rest(struct tally_comparison *c, struct tally_err *err)
{
	struct rests r = { .c = c };
	enum tally_status st = TALLY_OK;

	if (c->base_pairs < c->key_count + REST_COLUMNS)
		return TALLY_OK;
	st = look(&r, err);
	if (st == TALLY_OK && r.found >= FOUND_LEAST &&
	    (uint64_t)r.found * 1000 >= (uint64_t)r.count * FOUND_SHARE) {
		pair_again(&r);
		st = drop_key(&r, err);
	}
	tally_free(r.after);
	tally_free(r.slots);
	return st;
}
