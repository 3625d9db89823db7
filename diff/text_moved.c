/* Blocks that stand elsewhere on the other side, word for word. */
#include <stdlib.h>

#include "diff/text_work.h"

enum {
	MOVED_BYTES = 20, /* shorter blocks come and go: they moved only where nothing else became of them, */
	STRAY_BYTES = 4, /* and where they say something */
};

struct place {
	uint64_t hash;
	uint32_t block;
};

static int by_hash(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->block > y->block) - (x->block < y->block);
}

/* One format tells a table row by row, another one by its columns. */
static bool may_move(const struct tally_text_work *w, const struct tally_block *b)
{
	return b->len >= MOVED_BYTES ||
	       (w->other_format && b->kind == TALLY_BLOCK_CELL && b->len > 0);
}

/* Which of the blocks that are free. */
enum choice {
	IN_GROUPS, /* of a row or slide that is also on the other side */
	LONG,      /* looked for before anything else became of them */
	SHORT,
};

static bool is_chosen(const struct tally_text_work *w, const struct tally_text_side *s, uint32_t k,
                      enum choice which)
{
	if (s->bond[k] != TALLY_BOND_NONE)
		return false;
	if (which == IN_GROUPS)
		return s->group && s->group[k];
	return may_move(w, &s->text->blocks[k]) == (which == LONG);
}

static struct place *free_places(struct tally_text_work *w, int side, enum choice which, size_t *count)
{
	const struct tally_text_side *s = &w->side[side];
	struct place *places = tally_arena_zero(&w->scratch, (size_t)s->count + 1, sizeof *places);

	*count = 0;
	if (!places)
		return NULL;
	for (uint32_t k = 0; k < s->count; k++)
		if (is_chosen(w, s, k, which))
			places[(*count)++] = (struct place){ which == IN_GROUPS
				                                     ? tally_hash_in_group(s, k)
				                                     : s->text->blocks[k].hash,
				                             k };
	if (*count)
		qsort(places, *count, sizeof *places, by_hash);
	return places;
}

/* Equal texts that are not in order; several equal ones in the order in which they stand. */
static enum tally_status pair_equal(struct tally_text_work *w, enum choice which,
                                    struct tally_err *err)
{
	size_t n, m;
	struct place *x = free_places(w, 0, which, &n), *y = free_places(w, 1, which, &m);

	if (!x || !y)
		return tally_err_nomem(err);
	for (size_t i = 0, j = 0; i < n && j < m;) {
		if (x[i].hash != y[j].hash) {
			if (x[i].hash < y[j].hash)
				i++;
			else
				j++;
			continue;
		}
		if (tally_equal_text(&w->side[0].text->blocks[x[i].block],
		                     &w->side[1].text->blocks[y[j].block]))
			tally_bond_blocks(w, x[i].block, y[j].block, TALLY_BOND_MOVED);
		i++;
		j++;
	}
	return TALLY_OK;
}

enum tally_status tally_text_pair_moved(struct tally_text_work *w, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	if (w->side[0].group)
		st = pair_equal(w, IN_GROUPS, err);
	return st < 0 ? st : pair_equal(w, LONG, err);
}

/* A word, no number: "12" and "yes" stand anywhere. */
static enum tally_status says_something(struct tally_text_work *w, const struct tally_block *b,
                                        bool *does, struct tally_err *err)
{
	struct tally_bag bag = { 0 };
	enum tally_status st = TALLY_OK;

	if (b->len >= STRAY_BYTES)
		st = tally_bag_of(&bag, &w->scratch, b->text, b->len, err);
	*does = bag.count > 0 && !bag.number;
	return st;
}

static bool go_together(const struct tally_block *x, const struct tally_block *y)
{
	if (x->n != y->n)
		return false;
	return (x->area == TALLY_AREA_SLIDE && y->area == TALLY_AREA_SLIDE) ||
	       (x->kind == TALLY_BLOCK_CELL && x->row == y->row);
}

/* Cells and texts of a slide beside one that moved went with it. */
static void follow(struct tally_text_work *w, uint32_t i, uint32_t j, int step)
{
	const struct tally_text_side *b = &w->side[0], *a = &w->side[1];

	for (i += (uint32_t)step, j += (uint32_t)step; i < b->count && j < a->count;
	     i += (uint32_t)step, j += (uint32_t)step) {
		const struct tally_block *x = &b->text->blocks[i], *y = &a->text->blocks[j],
					 *last = &b->text->blocks[i - (uint32_t)step];

		if (b->bond[i] != TALLY_BOND_NONE || a->bond[j] != TALLY_BOND_NONE ||
		    !go_together(x, last) || x->area != y->area || !tally_equal_text(x, y))
			return;
		tally_bond_blocks(w, i, j, TALLY_BOND_MOVED);
	}
}

static bool stands_alike(const struct tally_text_work *w, uint32_t i, uint32_t j)
{
	const struct tally_block *x = &w->side[0].text->blocks[i], *y = &w->side[1].text->blocks[j];

	return (w->other_format || x->area == y->area) && tally_equal_text(x, y);
}

static void follow_all(struct tally_text_work *w)
{
	for (uint32_t i = 0; i < w->side[0].count; i++)
		if (w->side[0].bond[i] == TALLY_BOND_MOVED) {
			follow(w, i, w->side[0].partner[i], 1);
			follow(w, i, w->side[0].partner[i], -1);
		}
}

/* Short ones that are gone here and came there, word for word: headings, cells of a row. Of equal cells nobody can tell which. */
enum tally_status tally_text_pair_strayed(struct tally_text_work *w, struct tally_err *err)
{
	size_t n, m;
	struct place *x = free_places(w, 0, SHORT, &n), *y = free_places(w, 1, SHORT, &m);
	enum tally_status st = x && y ? TALLY_OK : tally_err_nomem(err);

	for (size_t i = 0, j = 0; i < n && j < m && st >= 0;) {
		const struct tally_block *b = &w->side[0].text->blocks[x[i].block];
		bool twice = (i + 1 < n && x[i + 1].hash == x[i].hash) ||
		             (j + 1 < m && y[j + 1].hash == y[j].hash) ||
		             (i > 0 && x[i - 1].hash == x[i].hash) ||
		             (j > 0 && y[j - 1].hash == y[j].hash);
		bool says = false;

		if (x[i].hash != y[j].hash) {
			if (x[i].hash < y[j].hash)
				i++;
			else
				j++;
			continue;
		}
		if (stands_alike(w, x[i].block, y[j].block) && !(twice && b->kind == TALLY_BLOCK_CELL))
			st = says_something(w, b, &says, err);
		if (says && w->side[0].bond[x[i].block] == TALLY_BOND_NONE &&
		    w->side[1].bond[y[j].block] == TALLY_BOND_NONE)
			tally_bond_blocks(w, x[i].block, y[j].block, TALLY_BOND_MOVED);
		i++;
		j++;
	}
	follow_all(w);
	return st;
}

/* ---- cells that stand in another column ---- */

static bool is_cell(const struct tally_block *b)
{
	return b->kind == TALLY_BLOCK_CELL && b->cell &&
	       (b->area == TALLY_AREA_TABLE || b->area == TALLY_AREA_SLIDE);
}

/* @return the column of the cell at @i, and that of its equal on the other side; false: it is no such pair */
static bool cells_at(const struct tally_text_work *w, uint32_t i, uint32_t *table, uint32_t *from,
                     uint32_t *to)
{
	const struct tally_text_side *s = &w->side[0];
	const struct tally_block *x = &s->text->blocks[i], *y;

	if (s->bond[i] != TALLY_BOND_SAME || !is_cell(x) || x->n > s->count)
		return false;
	y = &w->side[1].text->blocks[s->partner[i]];
	*table = x->n;
	*from = x->cell;
	*to = y->cell;
	return is_cell(y) && y->area == x->area;
}

/*
 * Cells without a text are no blocks, so that a value can go to the next column and every text still stands in order. Where a column
 * came or went all cells behind it have other numbers; where one of them kept its number, those that did not moved.
 */
enum tally_status tally_text_displace_cells(struct tally_text_work *w, struct tally_err *err)
{
	uint32_t *kept = tally_arena_zero(&w->scratch, (size_t)w->side[0].count + 1, sizeof *kept);
	uint32_t table, from, to;

	if (!kept)
		return tally_err_nomem(err);
	for (uint32_t i = 0; i < w->side[0].count; i++)
		if (cells_at(w, i, &table, &from, &to) && from == to && from > kept[table])
			kept[table] = from;
	for (uint32_t i = 0; i < w->side[0].count; i++)
		if (cells_at(w, i, &table, &from, &to) && from != to &&
		    kept[table] >= (from < to ? from : to))
			tally_bond_blocks(w, i, w->side[0].partner[i], TALLY_BOND_MOVED);
	return TALLY_OK;
}
