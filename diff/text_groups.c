/* Blocks that belong together, a slide with its notes and the row of a table: which of them is which on the other side. */
#include <stdlib.h>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/mem.h"
#include "diff/align.h"
#include "diff/text_work.h"

enum {
	RARE = 4,    /* groups of a side in which a text may stand that leads to another group */
	ALIKE = 300, /* thousandths of their text that make two groups the same one */
	SAME_HEADING = 1000, /* and what an equal title gives: a slide keeps it when all else is moved away, */
	SAME_FIRST = 500, /* the first cell of a row may be that of another one as well */
	WHOLE = 2000,     /* thousandths, twice: of both sides together */
};

struct group {
	uint64_t title; /* hash of a slide's heading or of the first cell of a row; 0: there is none */
	uint64_t bytes;
	uint64_t whole; /* hash of all its texts */
	uint32_t number; /* the same on both sides for what is the same group; 0: it has found no other */
	uint32_t gap; /* how many groups before it stand in order, whole, on the other side */
	bool slide;
};

struct groups {
	uint32_t *of; /* of each block: its group + 1, or 0 */
	struct group *items;
	uint32_t count;
};

struct text_place {
	uint64_t hash;
	uint32_t group, len;
};

struct candidate {
	uint32_t group[2];
	uint64_t shared;
	unsigned score;
	bool in_gap; /* both stand between the same groups */
};

struct grouping {
	struct tally_text_work *w;
	struct groups side[2];
	uint32_t next; /* number of the last pair of groups */
	struct text_place *places[2];
	size_t place_count[2];
	struct candidate *candidates;
	size_t candidate_count, candidate_cap;
};

static bool on_slide(const struct tally_block *b)
{
	return b->area == TALLY_AREA_SLIDE || b->area == TALLY_AREA_NOTES;
}

static bool in_row(const struct tally_block *b)
{
	return b->area == TALLY_AREA_TABLE && b->row;
}

static bool in_one_group(const struct tally_block *x, const struct tally_block *y)
{
	if (x->n != y->n)
		return false;
	return (on_slide(x) && on_slide(y)) || (in_row(x) && in_row(y) && x->row == y->row);
}

/* "3." is where a row stands, not what it is about. */
static bool has_letter(const struct tally_block *b)
{
	for (uint32_t i = 0; i < b->len; i++)
		if (tally_is_letter(b->text[i]) || (unsigned char)b->text[i] >= 0x80)
			return true;
	return false;
}

static bool is_title(const struct tally_block *b)
{
	return on_slide(b) ? b->kind == TALLY_BLOCK_HEADING : b->cell == 1 && has_letter(b);
}

static enum tally_status list_groups(struct grouping *g, int side, struct tally_err *err)
{
	const struct tally_text *text = g->w->side[side].text;
	struct tally_arena *arena = &g->w->scratch;
	struct groups *list = &g->side[side];
	size_t n = 0;

	for (size_t i = 0; i < text->count; i++)
		n += on_slide(&text->blocks[i]) || in_row(&text->blocks[i]);
	if (!n)
		return TALLY_OK;
	list->of = tally_arena_zero(arena, text->count, sizeof *list->of);
	list->items = tally_arena_zero(arena, n, sizeof *list->items);
	if (!list->of || !list->items)
		return tally_err_nomem(err);
	for (size_t i = 0; i < text->count; i++) {
		const struct tally_block *b = &text->blocks[i];
		struct group *item;

		if (!on_slide(b) && !in_row(b))
			continue;
		list->count += !i || !in_one_group(b - 1, b);
		list->of[i] = list->count;
		item = &list->items[list->count - 1];
		item->bytes += (uint64_t)b->len + 1;
		item->slide = on_slide(b);
		item->whole = tally_hash64(&b->hash, sizeof b->hash, item->whole);
		if (!item->title && is_title(b))
			item->title = b->hash;
	}
	return TALLY_OK;
}

/* ---- those that are whole, in order ---- */

static enum tally_status pair_whole(struct grouping *g, struct tally_err *err)
{
	struct tally_align_input in = { .before_count = g->side[0].count,
		                        .after_count = g->side[1].count };
	struct tally_runs runs;
	uint64_t *hashes[2];
	enum tally_status st;

	for (int i = 0; i < 2; i++) {
		hashes[i] = tally_arena_zero(&g->w->scratch, g->side[i].count, sizeof **hashes);
		if (!hashes[i])
			return tally_err_nomem(err);
		for (uint32_t k = 0; k < g->side[i].count; k++)
			hashes[i][k] = g->side[i].items[k].whole;
	}
	in.before = hashes[0];
	in.after = hashes[1];
	st = tally_align(&runs, &in, err);
	if (st < 0)
		return st;
	for (size_t n = 0; n < runs.count; n++)
		for (size_t k = 0; k < runs.runs[n].count; k++)
			g->side[0].items[runs.runs[n].before + k].number =
				g->side[1].items[runs.runs[n].after + k].number = ++g->next;
	tally_runs_release(&runs);
	for (int i = 0; i < 2; i++)
		for (uint32_t k = 0, gap = 0; k < g->side[i].count; k++) {
			gap += g->side[i].items[k].number != 0;
			g->side[i].items[k].gap = gap;
		}
	return TALLY_OK;
}

/* ---- the others, by what they share ---- */

static enum tally_status list_places(struct grouping *g, int side, struct tally_err *err)
{
	const struct tally_text *text = g->w->side[side].text;
	const struct groups *list = &g->side[side];

	g->places[side] = tally_arena_zero(&g->w->scratch, text->count, sizeof **g->places);
	if (!g->places[side])
		return tally_err_nomem(err);
	for (size_t i = 0; i < text->count; i++)
		if (list->of[i] && !list->items[list->of[i] - 1].number)
			g->places[side][g->place_count[side]++] = (struct text_place){
				text->blocks[i].hash, list->of[i] - 1, text->blocks[i].len
			};
	return TALLY_OK;
}

static int by_text(const void *a, const void *b)
{
	const struct text_place *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->group > y->group) - (x->group < y->group);
}

static size_t end_of_text(const struct text_place *places, size_t count, size_t from)
{
	size_t end = from;

	while (end < count && places[end].hash == places[from].hash)
		end++;
	return end;
}

static bool is_told(const struct text_place *places, size_t from, size_t i)
{
	return i > from && places[i].group == places[i - 1].group;
}

/* A text in many groups tells nothing about any of them; one that a group has twice counts once. */
static bool add_pairs(struct grouping *g, const size_t from[2], const size_t end[2])
{
	for (size_t a = from[0]; a < end[0]; a++)
		for (size_t b = from[1]; b < end[1]; b++) {
			const struct text_place *x = &g->places[0][a], *y = &g->places[1][b];

			if (is_told(g->places[0], from[0], a) || is_told(g->places[1], from[1], b))
				continue;
			if (!tally_grow(&g->candidates, &g->candidate_cap, g->candidate_count,
			                sizeof *g->candidates))
				return false;
			g->candidates[g->candidate_count++] = (struct candidate){
				{ x->group, y->group }, (uint64_t)x->len + 1, 0, false
			};
		}
	return true;
}

static bool list_candidates(struct grouping *g)
{
	const struct text_place *x = g->places[0], *y = g->places[1];
	size_t n = g->place_count[0], m = g->place_count[1];

	for (size_t i = 0, j = 0; i < n && j < m;) {
		size_t i_end = end_of_text(x, n, i), j_end = end_of_text(y, m, j);

		if (x[i].hash != y[j].hash) {
			if (x[i].hash < y[j].hash)
				i = i_end;
			else
				j = j_end;
			continue;
		}
		if (i_end - i <= RARE && j_end - j <= RARE &&
		    !add_pairs(g, (const size_t[]){ i, j }, (const size_t[]){ i_end, j_end }))
			return false;
		i = i_end;
		j = j_end;
	}
	return true;
}

static int by_groups(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	for (int i = 0; i < 2; i++)
		if (x->group[i] != y->group[i])
			return x->group[i] < y->group[i] ? -1 : 1;
	return 0;
}

static int by_score(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	if (x->in_gap != y->in_gap)
		return x->in_gap ? -1 : 1;
	return by_groups(a, b);
}

/* One candidate for each pair of groups, with what they share (the Dice coefficient of their bytes). */
static void score(struct grouping *g)
{
	size_t n = 0;

	qsort(g->candidates, g->candidate_count, sizeof *g->candidates, by_groups);
	for (size_t i = 0; i < g->candidate_count; i++) {
		const struct candidate c = g->candidates[i];

		if (n && by_groups(&g->candidates[n - 1], &c) == 0)
			g->candidates[n - 1].shared += c.shared;
		else
			g->candidates[n++] = c;
	}
	g->candidate_count = n;
	for (size_t i = 0; i < n; i++) {
		struct candidate *c = &g->candidates[i];
		const struct group *x = &g->side[0].items[c->group[0]],
				   *y = &g->side[1].items[c->group[1]];

		c->score = (unsigned)(c->shared * WHOLE / (x->bytes + y->bytes));
		if (x->title && x->title == y->title)
			c->score += x->slide ? SAME_HEADING : SAME_FIRST;
		c->in_gap = x->gap == y->gap;
	}
	qsort(g->candidates, n, sizeof *g->candidates, by_score);
}

/* The most alike first, of those the ones that stayed where they were. */
static void choose(struct grouping *g)
{
	for (size_t k = 0; k < g->candidate_count; k++) {
		const struct candidate *c = &g->candidates[k];
		struct group *x = &g->side[0].items[c->group[0]], *y = &g->side[1].items[c->group[1]];

		if (!x->number && !y->number && c->score >= ALIKE)
			x->number = y->number = ++g->next;
	}
}

static enum tally_status pair_alike(struct grouping *g, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (int i = 0; i < 2 && st >= 0; i++) {
		st = list_places(g, i, err);
		if (st >= 0 && g->place_count[i])
			qsort(g->places[i], g->place_count[i], sizeof **g->places, by_text);
	}
	if (st >= 0 && !list_candidates(g))
		st = tally_err_nomem(err);
	if (st >= 0 && g->candidate_count) {
		score(g);
		choose(g);
	}
	tally_free(g->candidates);
	return st;
}

enum tally_status tally_text_pair_groups(struct tally_text_work *w, struct tally_err *err)
{
	struct grouping g = { .w = w };
	enum tally_status st = TALLY_OK;

	for (int i = 0; i < 2 && st >= 0; i++)
		st = list_groups(&g, i, err);
	if (st < 0 || !g.side[0].count || !g.side[1].count)
		return st;
	st = pair_whole(&g, err);
	if (st >= 0)
		st = pair_alike(&g, err);
	for (int i = 0; i < 2 && st >= 0; i++) {
		struct tally_text_side *s = &w->side[i];

		s->group = g.side[i].of;
		for (uint32_t k = 0; k < s->count; k++)
			if (s->group[k])
				s->group[k] = g.side[i].items[s->group[k] - 1].number;
	}
	return st;
}
