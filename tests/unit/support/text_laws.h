/**
 * Texts for tests of comparing: a line is a block; and what holds for every comparison of two texts.
 */
#ifndef TALLY_TESTS_TEXT_LAWS_H
#define TALLY_TESTS_TEXT_LAWS_H

#include <string.h>

#include "diff/text_diff.h"
#include "support/law.h"

/** Where the lines before have led to. */
struct text_of_lines_place {
	uint32_t slide, table, row, cell;
	bool in_table;
};

/* "# " a heading, "| " a cell, "|+ " the first one of a row (of another table behind other text), "> " on a slide, ">+ " the title of the next slide */
static inline void mark_block(struct tally_block *b, struct text_of_lines_place *at)
{
	char mark = b->len >= 2 ? b->text[0] : '\0';
	bool first = b->len >= 3 && b->text[1] == '+' && b->text[2] == ' ' && mark != '#';

	at->in_table &= mark == '|';
	if (!mark || !strchr("#|>", mark) || (!first && b->text[1] != ' '))
		return;
	b->text += first ? 3 : 2;
	b->len -= first ? 3 : 2;
	if (mark == '#') {
		b->kind = TALLY_BLOCK_HEADING;
	} else if (mark == '|') {
		b->kind = TALLY_BLOCK_CELL;
		b->area = TALLY_AREA_TABLE;
		at->table += first && !at->in_table;
		at->row = first && !at->in_table ? 0 : at->row;
		at->in_table |= first;
		b->row = at->row += first;
		b->cell = !at->row ? 0 : first ? (at->cell = 1) : ++at->cell;
		b->n = at->table;
	} else {
		b->kind = first ? TALLY_BLOCK_HEADING : TALLY_BLOCK_PARAGRAPH;
		b->area = TALLY_AREA_SLIDE;
		b->n = at->slide += first;
	}
}

static inline void text_of_lines(struct tally_text *out, const char *lines, size_t len)
{
	struct text_of_lines_place place = { 0 };
	struct tally_err err;

	tally_text_init(out, 0);
	for (size_t at = 0; at < len;) {
		const char *end = memchr(lines + at, '\n', len - at);
		size_t n = end ? (size_t)(end - lines) - at : len - at;
		struct tally_block b = { .text = lines + at, .len = (uint32_t)n };

		at += n + 1;
		mark_block(&b, &place);
		LAW(tally_text_add(out, &b, &err) == TALLY_OK, "a block was refused");
	}
}

/* Spans of one side put together are its text. */
static inline void spans_rebuild(const struct tally_edit *e, const struct tally_block *b,
                                 uint8_t other)
{
	size_t at = 0;

	for (size_t i = 0; i < e->span_count; i++) {
		const struct tally_edit_span *s = &e->spans[i];

		LAW(s->len > 0, "an empty span");
		if (s->op == other)
			continue;
		LAW(s->len <= b->len - at && !memcmp(b->text + at, s->text, s->len),
		    "a span of another text");
		at += s->len;
	}
	LAW(at == b->len, "spans end early");
}

static inline void pairs_are_in_place(const struct tally_edit *e, const struct tally_block *x,
                                      const struct tally_block *y)
{
	for (size_t i = 0; i < e->pair_count; i++) {
		const struct tally_edit_pair *p = &e->pairs[i];

		LAW(p->flag && (e->flags & p->flag) == p->flag && (p->old || p->new),
		    "a pair without its flag");
		LAW(!p->old || (p->old >= x->text && p->old + p->old_len <= x->text + x->len),
		    "an old value from elsewhere");
		LAW(!p->new || (p->new >= y->text && p->new + p->new_len <= y->text + y->len),
		    "a new value from elsewhere");
	}
}

static inline bool same_text(const struct tally_block *x, const struct tally_block *y)
{
	return x->len == y->len && !memcmp(x->text, y->text, x->len);
}

static inline void check_edit(const struct tally_text_diff *d, const struct tally_edit *e,
                              uint8_t *seen[2])
{
	bool before = e->kind != TALLY_EDIT_ADDED, after = e->kind != TALLY_EDIT_DELETED;
	const struct tally_block *x = NULL, *y = NULL;

	if (e->parts[0] > 1 || e->parts[1] > 1) {
		LAW(e->kind == TALLY_EDIT_EDITED && e->whole[e->parts[1] > 1], "parts of what");
		LAW(e->parts[0] <= d->before->count - e->before &&
		            e->parts[1] <= d->after->count - e->after,
		    "parts beyond the end");
	}
	LAW((e->before != TALLY_NO_BLOCK) == before && (e->after != TALLY_NO_BLOCK) == after,
	    "sides of an edit");
	if (before) {
		LAW(e->before < d->before->count && !seen[0][e->before]++, "a block before, twice");
		x = e->whole[0] ? e->whole[0] : &d->before->blocks[e->before];
	}
	if (after) {
		LAW(e->after < d->after->count && !seen[1][e->after]++, "a block after, twice");
		y = e->whole[1] ? e->whole[1] : &d->after->blocks[e->after];
	}
	if (!x || !y)
		return;
	if (same_text(x, y)) {
		LAW(e->kind == TALLY_EDIT_MOVED ||
		            (e->flags & (TALLY_EDIT_KIND | TALLY_EDIT_SPLIT | TALLY_EDIT_JOINED)),
		    "equal texts edited");
		return;
	}
	LAW(e->kind != TALLY_EDIT_MOVED, "another text only moved");
	spans_rebuild(e, x, TALLY_SPAN_INSERT);
	spans_rebuild(e, y, TALLY_SPAN_DELETE);
	pairs_are_in_place(e, x, y);
}

/**
 * Compare and check: counts balance, each block is in one place, spans give both texts, what is left out is equal and in
 * order. Ends the process where a law is broken. The result is yours.
 */
static inline struct tally_text_diff *text_laws(const struct tally_text *before,
                                                const struct tally_text *after)
{
	struct tally_text_options options = TALLY_TEXT_OPTIONS_INIT;
	struct tally_text_diff *d;
	struct tally_err err;
	uint8_t *seen[2] = { calloc(before->count + 1, 1), calloc(after->count + 1, 1) };
	size_t count[5] = { 0 }, parts[2] = { 0, 0 }, told = 0;

	LAW(tally_text_diff(&d, before, after, &options, &err) == TALLY_OK, "no comparison");
	for (size_t i = 0; i < d->edit_count; i++) {
		check_edit(d, &d->edits[i], seen);
		count[d->edits[i].kind]++;
		for (int side = 0; side < 2; side++)
			parts[side] += d->edits[i].parts[side] > 1 ? d->edits[i].parts[side] - 1 : 0;
		told += (d->edits[i].flags & TALLY_EDIT_PART) != 0;
	}
	LAW(parts[0] == d->parts[0] && parts[1] == d->parts[1] && told == parts[0] + parts[1],
	    "parts do not balance");
	LAW(count[TALLY_EDIT_ADDED] == d->added && count[TALLY_EDIT_DELETED] == d->deleted,
	    "added and deleted");
	LAW(count[TALLY_EDIT_EDITED] == d->edited, "edited");
	LAW(count[TALLY_EDIT_MOVED] + count[TALLY_EDIT_MOVED_EDITED] == d->moved, "moved");
	LAW(d->same + d->edited + d->moved + d->deleted == before->count, "before does not balance");
	LAW(d->same + d->edited + d->moved + d->added == after->count, "after does not balance");
	/* what no edit speaks of is equal, in this order */
	for (size_t i = 0, j = 0; i < before->count || j < after->count; i++, j++) {
		while (i < before->count && seen[0][i])
			i++;
		while (j < after->count && seen[1][j])
			j++;
		LAW((i < before->count) == (j < after->count), "one side has more");
		LAW(i == before->count || same_text(&before->blocks[i], &after->blocks[j]),
		    "not equal, and no edit");
	}
	free(seen[0]);
	free(seen[1]);
	return d;
}

#endif
