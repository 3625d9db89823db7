/* What became of tracked changes: see receipt/tracked.h. */
#include "receipt/tracked.h"

#include <string.h>

enum { SEARCH_BYTES = 1 << 28 /* of text that are looked through */ };

/* Where a text was found. */
struct places {
	uint64_t count;
	bool gone; /* of the before side: one of them was taken out as a whole */
};

/* The next place of a text that is not empty; NULL: none. */
static const char *find(const char *at, const char *end, const char *text, size_t len)
{
	while ((size_t)(end - at) >= len && (at = memchr(at, text[0], (size_t)(end - at) - len + 1))) {
		if (!memcmp(at, text, len))
			return at;
		at++;
	}
	return NULL;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* Were these bytes of the before side taken out, blanks at their ends aside? */
static bool is_taken_out(const struct tally_edit *e, const char *from, const char *to)
{
	if (e->after == TALLY_NO_BLOCK)
		return true;
	while (from < to && is_blank(*from))
		from++;
	while (to > from && is_blank(to[-1]))
		to--;
	for (size_t i = 0; i < e->span_count && from < to; i++) {
		const struct tally_edit_span *s = &e->spans[i];

		if (s->op != TALLY_SPAN_DELETE || from < s->text || from >= s->text + s->len)
			continue;
		from = s->text + s->len;
	}
	return from >= to;
}

/* In the blocks that differ only: what is the same on both sides tells nothing. */
static void look_in(struct tally_tracked *t, bool after, const char *text, struct places *out)
{
	size_t len = strlen(text);

	*out = (struct places){ 0 };
	for (size_t i = 0; i < t->text->edit_count && len; i++) {
		const struct tally_edit *e = &t->text->edits[i];
		size_t block = after ? e->after : e->before;
		const struct tally_block *b;
		const char *at, *end;

		if (block == TALLY_NO_BLOCK || (e->flags & TALLY_EDIT_PART))
			continue;
		b = e->whole[after] ? e->whole[after]
		    : after         ? &t->text->after->blocks[block]
		                    : &t->text->before->blocks[block];
		t->searched += b->len;
		end = b->text + b->len;
		for (at = b->text; (at = find(at, end, text, len)); at += len) {
			out->count++;
			out->gone |= !after && is_taken_out(e, at, at + len);
		}
	}
}

/* What was inserted stays when it is accepted; what was deleted comes back when that is rejected. */
const char *tally_tracked_outcome(struct tally_tracked *t, const struct tally_fact_change *c)
{
	bool insertion = c->kind == TALLY_FACT_REMOVED &&
	                 !strcmp(c->before->name, "tracked_insertion");
	bool deletion = c->kind == TALLY_FACT_REMOVED && !strcmp(c->before->name, "tracked_deletion");
	struct places before, after;

	/* rows of tables are not known by a text */
	if ((!insertion && !deletion) || t->searched > SEARCH_BYTES ||
	    !strcmp(c->before->value, "a row of a table"))
		return NULL;
	look_in(t, false, c->before->value, &before);
	look_in(t, true, c->before->value, &after);
	if (deletion)
		return after.count > before.count ? "rejected" : "accepted";
	if (after.count >= before.count)
		return "accepted";
	return before.gone ? "rejected" : NULL; /* written over: nobody can tell */
}
