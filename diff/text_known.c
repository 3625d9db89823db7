/* Blocks that have a name of their own, the messages of a mailbox: one is what it was only where its name is the same. */
#include <stdlib.h>

#include "core/hash.h"
#include "diff/text_work.h"

struct name {
	uint64_t key;
	uint32_t block;
};

struct names {
	struct name *list;
	uint32_t count;
};

static int by_key(const void *left, const void *right)
{
	const struct name *a = left, *b = right;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return (a->block > b->block) - (a->block < b->block);
}

enum key { NAME_AND_TEXT, NAME, TEXT };

static uint64_t key_of(const struct tally_block *b, enum key by)
{
	switch (by) {
	case NAME_AND_TEXT:
		return tally_hash64(&b->hash, sizeof b->hash, b->name);
	case NAME:
		return b->name;
	default:
		return b->hash;
	}
}

/* Those that are free. */
static enum tally_status list_names(struct names *out, struct tally_text_work *w, int side,
                                    enum key by, struct tally_err *err)
{
	const struct tally_text_side *s = &w->side[side];

	*out = (struct names){ tally_arena_zero(&w->scratch, s->count + 1, sizeof *out->list), 0 };
	if (!out->list)
		return tally_err_nomem(err);
	for (uint32_t i = 0; i < s->count; i++) {
		const struct tally_block *b = &s->text->blocks[i];

		if (b->name && s->bond[i] == TALLY_BOND_NONE)
			out->list[out->count++] = (struct name){ key_of(b, by), i };
	}
	if (out->count > 1)
		qsort(out->list, out->count, sizeof *out->list, by_key);
	return TALLY_OK;
}

static uint32_t run_of(const struct names *n, uint32_t at)
{
	uint32_t end = at;

	while (end < n->count && n->list[end].key == n->list[at].key)
		end++;
	return end - at;
}

/* Each with the next one. */
static void pair_run(struct tally_text_work *w, const struct name *x, const struct name *y,
                     uint32_t n, bool only_equal, enum tally_block_bond bond)
{
	for (uint32_t i = 0; i < n; i++)
		if (!only_equal || tally_equal_text(&w->side[0].text->blocks[x[i].block],
		                                    &w->side[1].text->blocks[y[i].block]))
			tally_bond_blocks(w, x[i].block, y[i].block, bond);
}

static void pair_runs(struct tally_text_work *w, const struct names n[2], bool only_equal,
                      enum tally_block_bond bond)
{
	uint32_t at[2] = { 0, 0 };

	while (at[0] < n[0].count && at[1] < n[1].count) {
		const struct name *x = &n[0].list[at[0]], *y = &n[1].list[at[1]];
		uint32_t m, k;

		if (x->key != y->key) {
			at[x->key > y->key]++;
			continue;
		}
		m = run_of(&n[0], at[0]);
		k = run_of(&n[1], at[1]);
		pair_run(w, x, y, m < k ? m : k, only_equal, bond);
		at[0] += m;
		at[1] += k;
	}
}

static enum tally_status pair(struct tally_text_work *w, enum key by, enum tally_block_bond bond,
                              struct tally_err *err)
{
	struct names n[2];
	enum tally_status st = list_names(&n[0], w, 0, by, err);

	if (st >= 0)
		st = list_names(&n[1], w, 1, by, err);
	if (st >= 0)
		pair_runs(w, n, by != NAME, bond);
	return st;
}

static bool any_named(const struct tally_text_side *s)
{
	for (uint32_t i = 0; i < s->count; i++)
		if (s->text->blocks[i].name)
			return true;
	return false;
}

enum tally_status tally_text_pair_known(struct tally_text_work *w, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	if (!any_named(&w->side[0]) || !any_named(&w->side[1]))
		return TALLY_OK;
	st = pair(w, NAME_AND_TEXT, TALLY_BOND_EDITED, err);
	if (st >= 0)
		st = pair(w, NAME, TALLY_BOND_EDITED, err);
	if (st >= 0)
		st = pair(w, TEXT, TALLY_BOND_MOVED, err);
	for (int i = 0; i < 2 && st >= 0; i++)
		for (uint32_t k = 0; k < w->side[i].count; k++)
			if (w->side[i].text->blocks[k].name && w->side[i].bond[k] == TALLY_BOND_NONE)
				w->side[i].bond[k] = TALLY_BOND_ALONE;
	return st;
}
