/* Comparing two texts: see diff/text_diff.h. */
#include "diff/text_diff.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/mem.h"
#include "diff/align.h"
#include "diff/text_work.h"

/* keeps the hashes of groups apart: odd, and not small */
#define GROUP_STEP UINT64_C(0x9E3779B97F4A7C15)

void tally_bond_blocks(struct tally_text_work *w, uint32_t before, uint32_t after,
                       enum tally_block_bond bond)
{
	w->side[0].partner[before] = after;
	w->side[1].partner[after] = before;
	w->side[0].bond[before] = w->side[1].bond[after] = (uint8_t)bond;
}

static enum tally_status begin_side(struct tally_text_work *w, int i, const struct tally_text *text,
                                    struct tally_err *err)
{
	struct tally_text_side *s = &w->side[i];

	if (text->count >= INT32_MAX)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT, "%zu paragraphs",
		                     text->count);
	s->text = text;
	s->count = (uint32_t)text->count;
	s->partner = tally_arena_zero(&w->scratch, text->count + 1, sizeof *s->partner);
	s->bond = tally_arena_zero(&w->scratch, text->count + 1, sizeof *s->bond);
	s->parts = tally_arena_zero(&w->scratch, text->count + 1, sizeof *s->parts);
	if (!s->partner || !s->bond || !s->parts)
		return tally_err_nomem(err);
	for (uint32_t k = 0; k < s->count; k++)
		s->partner[k] = TALLY_FREE_BLOCK;
	return TALLY_OK;
}

/* ---- equal blocks ---- */

bool tally_equal_text(const struct tally_block *x, const struct tally_block *y)
{
	return x->hash == y->hash && x->len == y->len && !memcmp(x->text, y->text, x->len);
}

static uint32_t group_of(const struct tally_text_side *s, size_t block)
{
	return s->group ? s->group[block] : 0;
}

uint64_t tally_hash_in_group(const struct tally_text_side *s, size_t block)
{
	return s->text->blocks[block].hash + group_of(s, block) * GROUP_STEP;
}

static bool equal_blocks(void *payload, size_t before, size_t after)
{
	const struct tally_text_work *w = payload;
	const struct tally_block *x = &w->side[0].text->blocks[before],
				 *y = &w->side[1].text->blocks[after];

	return (w->other_format || x->area == y->area) &&
	       group_of(&w->side[0], before) == group_of(&w->side[1], after) &&
	       tally_equal_text(x, y);
}

/* Unless one of them is known to be another one. */
static void bond_free(struct tally_text_work *w, uint32_t before, uint32_t after)
{
	if (w->side[0].bond[before] == TALLY_BOND_NONE && w->side[1].bond[after] == TALLY_BOND_NONE)
		tally_bond_blocks(w, before, after, TALLY_BOND_SAME);
}

static enum tally_status pair_same(struct tally_text_work *w, struct tally_err *err)
{
	struct tally_align_input in = { .equal = equal_blocks, .payload = w };
	struct tally_runs runs;
	uint64_t *hashes[2];
	enum tally_status st;

	for (int i = 0; i < 2; i++) {
		const struct tally_text_side *s = &w->side[i];

		hashes[i] = tally_arena_zero(&w->scratch, s->count + 1, sizeof *hashes[i]);
		if (!hashes[i])
			return tally_err_nomem(err);
		/* a text in a footnote or on a slide is not the same as that text in the body or on another slide */
		for (uint32_t k = 0; k < s->count; k++)
			hashes[i][k] = tally_hash_in_group(s, k) +
			               (w->other_format ? 0 : s->text->blocks[k].area);
	}
	in.before = hashes[0];
	in.after = hashes[1];
	in.before_count = w->side[0].count;
	in.after_count = w->side[1].count;
	st = tally_align(&runs, &in, err);
	if (st < 0)
		return st;
	w->diff->approximate |= runs.approximate;
	for (size_t n = 0; n < runs.count; n++)
		for (size_t k = 0; k < runs.runs[n].count; k++)
			bond_free(w, (uint32_t)(runs.runs[n].before + k),
			          (uint32_t)(runs.runs[n].after + k));
	tally_runs_release(&runs);
	return TALLY_OK;
}

/* ---- edits, in the order of the after side ---- */

/* A line of a text file is a paragraph. */
static uint8_t kind_of(const struct tally_block *b)
{
	return b->kind == TALLY_BLOCK_LINE ? (uint8_t)TALLY_BLOCK_PARAGRAPH : b->kind;
}

/* Equal in order, but a paragraph became a heading. */
static bool other_kind(const struct tally_text_work *w, const struct tally_block *x,
                       const struct tally_block *y)
{
	return !w->other_format && (kind_of(x) != kind_of(y) || x->level != y->level);
}

/* The parts of what was split or joined, as one paragraph. */
static enum tally_status add_whole(struct tally_text_work *w, struct tally_edit *e,
                                   struct tally_err *err)
{
	const size_t at[2] = { e->before, e->after };
	enum tally_status st = TALLY_OK;

	for (int i = 0; i < 2 && st >= 0; i++) {
		const struct tally_text_side *s = &w->side[i];
		struct tally_block *whole;

		e->parts[i] = at[i] != TALLY_NO_BLOCK;
		if (!e->parts[i] || s->parts[at[i]] < 2)
			continue;
		e->parts[i] = s->parts[at[i]];
		e->flags |= i ? TALLY_EDIT_SPLIT : TALLY_EDIT_JOINED;
		whole = tally_arena_zero(&w->diff->arena, 1, sizeof *whole);
		if (!whole)
			return tally_err_nomem(err);
		st = tally_put_together(whole, &w->diff->arena, s->text->blocks + at[i],
		                        e->parts[i], err);
		e->whole[i] = whole;
	}
	return st;
}

/* It is told with the paragraph that it is a part of. */
static void add_part(struct tally_text_work *w, enum tally_edit_kind kind, size_t before, size_t after)
{
	w->diff->edits[w->diff->edit_count++] = (struct tally_edit){
		.kind = (uint8_t)kind,
		.flags = TALLY_EDIT_PART,
		.before = before,
		.after = after,
		.parts = { before != TALLY_NO_BLOCK, after != TALLY_NO_BLOCK }
	};
}

static enum tally_status add_edit(struct tally_text_work *w, enum tally_edit_kind kind,
                                  uint32_t before, uint32_t after, struct tally_err *err)
{
	struct tally_text_diff *d = w->diff;
	struct tally_edit *e = &d->edits[d->edit_count++];
	const struct tally_block *x = NULL, *y = NULL;
	enum tally_status st = TALLY_OK;

	*e = (struct tally_edit){ .kind = (uint8_t)kind,
		                  .before = before == TALLY_FREE_BLOCK ? TALLY_NO_BLOCK : before,
		                  .after = after == TALLY_FREE_BLOCK ? TALLY_NO_BLOCK : after };
	st = add_whole(w, e, err);
	if (st < 0)
		return st;
	x = e->whole[0]                   ? e->whole[0]
	    : e->before == TALLY_NO_BLOCK ? NULL
	                                  : &d->before->blocks[before];
	y = e->whole[1]                  ? e->whole[1]
	    : e->after == TALLY_NO_BLOCK ? NULL
	                                 : &d->after->blocks[after];
	if (x && y) {
		bool same = tally_equal_text(x, y);

		if (other_kind(w, x, y))
			e->flags |= TALLY_EDIT_KIND;
		if (same)
			return TALLY_OK;
		e->kind = kind == TALLY_EDIT_MOVED ? TALLY_EDIT_MOVED_EDITED : (uint8_t)kind;
		st = tally_edit_spans(e, &d->arena, x, y, err);
	}
	return st < 0 ? st : tally_edit_marks(e, &d->arena, x, y, err);
}

static bool is_beside(const struct tally_block *b)
{
	return b->area == TALLY_AREA_FOOTNOTE || b->area == TALLY_AREA_ENDNOTE ||
	       b->area == TALLY_AREA_HEADER || b->area == TALLY_AREA_FOOTER ||
	       b->area == TALLY_AREA_TEXT_BOX || b->area == TALLY_AREA_NOTES;
}

/* A footnote stands at the end of the text in one format, and on its page in another one. */
static bool stands_beside(const struct tally_text_work *w, uint32_t i, uint32_t j)
{
	const struct tally_block *x = &w->side[0].text->blocks[i], *y = &w->side[1].text->blocks[j];

	return w->other_format && x->area != y->area && (is_beside(x) || is_beside(y)) &&
	       tally_equal_text(x, y);
}

/* Of many equal ones not all find each other as equal; and a line of the body may have become a footer. */
static bool is_untouched(const struct tally_text_work *w, uint32_t i, uint32_t j)
{
	const struct tally_block *x = &w->side[0].text->blocks[i], *y = &w->side[1].text->blocks[j];

	return w->side[1].bond[j] == TALLY_BOND_EDITED && w->side[0].parts[i] < 2 &&
	       w->side[1].parts[j] < 2 && tally_equal_text(x, y) && !other_kind(w, x, y);
}

static bool stands_here(const struct tally_text_work *w, uint32_t i, uint32_t j)
{
	return w->other_format ||
	       (w->side[0].text->blocks[i].area == w->side[1].text->blocks[j].area &&
	        group_of(&w->side[0], i) == group_of(&w->side[1], j));
}

static enum tally_status list_after(struct tally_text_work *w, uint32_t j, struct tally_err *err)
{
	const struct tally_text_side *a = &w->side[1];
	struct tally_text_diff *d = w->diff;
	uint32_t i = a->partner[j];

	switch (a->bond[j]) {
	case TALLY_BOND_SAME:
		if (!other_kind(w, &d->before->blocks[i], &d->after->blocks[j])) {
			d->same++;
			return TALLY_OK;
		}
		__attribute__((fallthrough));
	case TALLY_BOND_EDITED:
		if (is_untouched(w, i, j)) {
			bool here = stands_here(w, i, j);

			d->same += here;
			d->moved += !here;
			return here ? TALLY_OK : add_edit(w, TALLY_EDIT_MOVED, i, j, err);
		}
		d->edited++;
		d->split += w->side[1].parts[j] > 1;
		d->joined += w->side[0].parts[i] > 1;
		return add_edit(w, TALLY_EDIT_EDITED, i, j, err);
	case TALLY_BOND_MOVED:
		if (stands_beside(w, i, j)) {
			d->same++;
			return TALLY_OK;
		}
		d->moved++;
		return add_edit(w, TALLY_EDIT_MOVED, i, j, err);
	case TALLY_BOND_PART:
		d->added++;
		d->parts[1]++;
		add_part(w, TALLY_EDIT_ADDED, TALLY_NO_BLOCK, j);
		return TALLY_OK;
	default:
		d->added++;
		return add_edit(w, TALLY_EDIT_ADDED, TALLY_FREE_BLOCK, j, err);
	}
}

static enum tally_status list_deleted(struct tally_text_work *w, uint32_t *i, uint32_t end,
                                      struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (; st >= 0 && *i < end; ++*i) {
		uint8_t bond = w->side[0].bond[*i];

		if (bond != TALLY_BOND_NONE && bond != TALLY_BOND_PART && bond != TALLY_BOND_ALONE)
			continue;
		w->diff->deleted++;
		if (bond == TALLY_BOND_PART) {
			w->diff->parts[0]++;
			add_part(w, TALLY_EDIT_DELETED, *i, TALLY_NO_BLOCK);
			continue;
		}
		st = add_edit(w, TALLY_EDIT_DELETED, *i, TALLY_FREE_BLOCK, err);
	}
	return st;
}

static bool in_order(uint8_t bond)
{
	return bond == TALLY_BOND_SAME || bond == TALLY_BOND_EDITED;
}

static enum tally_status list_edits(struct tally_text_work *w, struct tally_err *err)
{
	const struct tally_text_side *a = &w->side[1];
	enum tally_status st = TALLY_OK;
	uint32_t i = 0;

	w->diff->edits = tally_arena_zero(&w->diff->arena, (size_t)w->side[0].count + a->count + 1,
	                                  sizeof *w->diff->edits);
	if (!w->diff->edits)
		return tally_err_nomem(err);
	/* what went from between two blocks that stayed stands before what came there */
	for (uint32_t j = 0, next = 0; st >= 0 && j < a->count; j++) {
		for (next = next < j ? j : next; next < a->count && !in_order(a->bond[next]);)
			next++;
		st = list_deleted(w, &i, next < a->count ? a->partner[next] : w->side[0].count, err);
		if (st >= 0)
			st = list_after(w, j, err);
	}
	return st < 0 ? st : list_deleted(w, &i, w->side[0].count, err);
}

enum tally_status tally_text_diff(struct tally_text_diff **out, const struct tally_text *before,
                                  const struct tally_text *after,
                                  const struct tally_text_options *options, struct tally_err *err)
{
	struct tally_text_work w = { .scratch = TALLY_ARENA_INIT };
	enum tally_status st;

	w.other_format = options && options->other_format;
	*out = NULL;
	w.diff = tally_alloc_zero(1, sizeof *w.diff);
	if (!w.diff)
		return tally_err_nomem(err);
	tally_arena_init(&w.diff->arena, 0);
	w.diff->before = before;
	w.diff->after = after;
	st = begin_side(&w, 0, before, err);
	if (st >= 0)
		st = begin_side(&w, 1, after, err);
	if (st >= 0)
		st = tally_text_pair_known(&w, err);
	if (st >= 0 && !w.other_format)
		st = tally_text_pair_groups(&w, err);
	if (st >= 0)
		st = pair_same(&w, err);
	if (st >= 0)
		st = tally_text_pair_moved(&w, err);
	if (st >= 0)
		st = tally_text_pair_alike(&w, err);
	if (st >= 0)
		st = tally_text_pair_split(&w, err);
	if (st >= 0)
		st = tally_text_pair_strayed(&w, err);
	if (st >= 0 && !w.other_format)
		st = tally_text_displace_cells(&w, err);
	if (st >= 0)
		st = list_edits(&w, err);
	tally_arena_release(&w.scratch);
	if (st < 0)
		tally_text_diff_free(w.diff);
	else
		*out = w.diff;
	return st;
}

void tally_text_diff_free(struct tally_text_diff *diff)
{
	if (!diff)
		return;
	tally_arena_release(&diff->arena);
	tally_free(diff);
}
