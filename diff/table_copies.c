/* Deleted rows that equal one that is still there, added ones that equal one that was there, rows that repeat the header. */
#include <string.h>

#include "core/mem.h"
#include "diff/table_work.h"

#define NONE UINT32_MAX

/* The deleted or the added rows, by their hashes. */
struct copies {
	struct tally_comparison *c;
	int side;
	uint32_t *rows; /* by row change */
	uint32_t *next;
	size_t first, count; /* of d->row_changes */
	struct copy_slot {
		uint64_t hash;
		uint32_t head; /* NONE: free, or found already */
		bool taken;
	} * slots;
	size_t mask;
};

/* Rows of one side are compared as they are; those of two by the columns that both have. */
static uint64_t hash_of(const struct copies *k, int side, uint32_t row)
{
	const struct tally_table_side *s = &k->c->side[side];

	return k->side ? s->part->rows[tally_side_row(s, row)].hash : tally_side_hash(s, row);
}

static bool same_raw(const struct tally_part *part, size_t one, size_t other)
{
	const char *a, *b;
	size_t na, nb;

	part->ops->raw(part, one, &a, &na);
	part->ops->raw(part, other, &b, &nb);
	return na == nb && (na == 0 || !memcmp(a, b, na));
}

static enum tally_status same_cells(const struct tally_comparison *c, uint32_t before,
                                    uint32_t after, bool *same, struct tally_err *err)
{
	struct tally_row_reader r[2];
	enum tally_status st = tally_row_reader_init(&r[0], &c->side[0], err);
	enum tally_status second = tally_row_reader_init(&r[1], &c->side[1], err);

	st = st < 0 ? st : second;
	if (st == TALLY_OK)
		st = tally_row_read(&r[0], before, err);
	if (st == TALLY_OK)
		st = tally_row_read(&r[1], after, err);
	*same = !r[0].beyond && !r[1].beyond;
	for (uint32_t k = 0; st == TALLY_OK && k < c->pair_count && *same; k++)
		*same = tally_cells_equal(c, tally_row_cell(&r[0], c->pairs[k].before),
		                          tally_row_cell(&r[1], c->pairs[k].after));
	tally_row_reader_release(&r[0]);
	tally_row_reader_release(&r[1]);
	return st;
}

static enum tally_status same_row(const struct copies *k, uint32_t row, uint32_t after, bool *same,
                                  struct tally_err *err)
{
	const struct tally_comparison *c = k->c;
	const struct tally_table_side *b = &c->side[1];

	if (!k->side && !c->by_bytes)
		return same_cells(c, row, after, same, err);
	*same = k->side ? same_raw(b->part, tally_side_row(b, row), tally_side_row(b, after))
	                : tally_rows_same_bytes(c, row, after);
	return TALLY_OK;
}

static struct copy_slot *find(const struct copies *k, uint64_t hash)
{
	size_t at = (size_t)(hash * UINT64_C(0x9E3779B97F4A7C15) >> 20) & k->mask;

	while (k->slots[at].taken && k->slots[at].hash != hash)
		at = (at + 1) & k->mask;
	return &k->slots[at];
}

/* Changes stand in the order of their rows, deleted ones first. */
static enum tally_status list(struct copies *k, struct tally_err *err)
{
	const struct tally_table_side *s = &k->c->side[k->side];
	size_t slots = 16;
	uint32_t n = 0;

	while (slots < k->count * 2)
		slots *= 2;
	k->mask = slots - 1;
	k->rows = tally_alloc(k->count * sizeof *k->rows);
	k->next = tally_alloc(k->count * sizeof *k->next);
	k->slots = tally_alloc_zero(slots, sizeof *k->slots);
	if (!k->rows || !k->next || !k->slots)
		return tally_err_nomem(err);
	for (uint32_t row = s->preamble; row < s->rows && n < k->count; row++) {
		struct copy_slot *slot;

		if (s->pair[row] != TALLY_NO_PAIR)
			continue;
		slot = find(k, hash_of(k, k->side, row));
		k->rows[n] = row;
		k->next[n] = slot->taken ? slot->head : NONE;
		*slot = (struct copy_slot){ hash_of(k, k->side, row), n++, true };
	}
	return TALLY_OK;
}

/* Each row that stayed is asked once whether it is one of them. */
static enum tally_status look_for(struct copies *k, struct tally_err *err)
{
	const struct tally_table_side *b = &k->c->side[1];
	struct tally_row_change *changes = k->c->d->row_changes + k->first;
	enum tally_status st = TALLY_OK;

	for (uint32_t row = b->preamble; st == TALLY_OK && row < b->rows; row++) {
		struct copy_slot *slot;

		if (b->pair[row] == TALLY_NO_PAIR)
			continue;
		slot = find(k, hash_of(k, 1, row));
		if (!slot->taken || slot->head == NONE)
			continue;
		for (uint32_t n = slot->head; st == TALLY_OK && n != NONE; n = k->next[n]) {
			bool same = false;

			st = same_row(k, k->rows[n], row, &same, err);
			if (same)
				changes[n].equal_row = tally_side_row(b, row);
		}
		slot->head = NONE;
	}
	return st;
}

static enum tally_status find_of(struct tally_comparison *c, int side, size_t first, size_t count,
                                 struct tally_err *err)
{
	struct copies k = { .c = c, .side = side, .first = first, .count = count };
	enum tally_status st = TALLY_OK;

	if (count)
		st = list(&k, err);
	if (st == TALLY_OK && count)
		st = look_for(&k, err);
	tally_free(k.rows);
	tally_free(k.next);
	tally_free(k.slots);
	return st;
}

/* ---- headers in between ---- */

static enum tally_status find_headers(struct tally_comparison *c, int side, struct tally_err *err)
{
	const struct tally_table_side *s = &c->side[side];
	const struct tally_part *part = s->part;
	uint64_t count = 0, first = 0;

	if (!s->header)
		return TALLY_OK;
	for (uint32_t row = s->preamble; row < s->rows; row++) {
		size_t at = tally_side_row(s, row);

		if (part->rows[at].hash != part->rows[part->header_row].hash ||
		    !same_raw(part, at, part->header_row))
			continue;
		first = count++ ? first : at + 1;
	}
	return count ? tally_table_problem(c, side, "header_repeated", first, count, NULL, err)
	             : TALLY_OK;
}

enum tally_status tally_find_copies(struct tally_comparison *c, struct tally_err *err)
{
	const struct tally_table_diff *d = c->d;
	size_t count[2] = { 0, 0 };
	enum tally_status st;

	for (size_t i = 0; i < d->row_changes_len; i++) {
		d->row_changes[i].equal_row = TALLY_NO_ROW;
		count[0] += d->row_changes[i].kind == TALLY_ROW_DELETED;
		count[1] += d->row_changes[i].kind == TALLY_ROW_ADDED;
	}
	st = find_of(c, 0, 0, count[0], err);
	if (st == TALLY_OK)
		st = find_of(c, 1, count[0], count[1], err);
	for (int side = 0; st == TALLY_OK && side < 2; side++)
		st = find_headers(c, side, err);
	return st;
}
