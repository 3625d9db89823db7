/* Paragraphs that nobody reads any more and that are there still: see receipt/document_still.h. */
#include "receipt/document_still.h"

#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/hash.h"

enum { KNOWN = 4096 - 4 /* bytes by which a text is known: facts may tell no more of it */ };

struct known {
	uint64_t hash;
	size_t at;     /* edit or fact */
	unsigned flag; /* of a fact */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static uint64_t hash_of(const char *text, size_t len)
{
	while (len && is_blank(*text)) {
		text++;
		len--;
	}
	if (len > KNOWN)
		len = KNOWN;
	while (len && is_blank(text[len - 1]))
		len--;
	return tally_hash64(text, len, 0);
}

static unsigned flag_of(const struct tally_fact_change *c)
{
	if (c->kind != TALLY_FACT_ADDED)
		return 0;
	if (!strcmp(c->after->name, "hidden_text"))
		return TALLY_EDIT_HIDDEN;
	return strcmp(c->after->name, "tracked_deletion") ? 0 : TALLY_EDIT_PROPOSED;
}

static bool is_out(const struct tally_edit *e)
{
	return e->kind == TALLY_EDIT_DELETED && !(e->flags & TALLY_EDIT_PART);
}

static int by_hash(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static size_t list_facts(struct known *list, const struct tally_facts_diff *facts)
{
	size_t n = 0;

	for (size_t i = 0; i < facts->count; i++) {
		const struct tally_fact_change *c = &facts->changes[i];
		unsigned flag = flag_of(c);

		if (flag)
			list[n++] = (struct known){ hash_of(c->after->value, strlen(c->after->value)),
				                    i, flag };
	}
	if (n)
		qsort(list, n, sizeof *list, by_hash);
	return n;
}

static size_t list_edits(struct known *list, const struct tally_text_diff *text)
{
	size_t n = 0;

	for (size_t i = 0; i < text->edit_count; i++) {
		const struct tally_edit *e = &text->edits[i];
		const struct tally_block *b;

		if (!is_out(e))
			continue;
		b = &text->before->blocks[e->before];
		list[n++] = (struct known){ hash_of(b->text, b->len), i, 0 };
	}
	if (n)
		qsort(list, n, sizeof *list, by_hash);
	return n;
}

enum tally_status tally_document_still(struct tally_text_diff *text,
                                       const struct tally_facts_diff *facts, uint64_t *still,
                                       struct tally_err *err)
{
	struct tally_arena arena = TALLY_ARENA_INIT;
	struct known *told, *out;
	size_t n, m;

	*still = 0;
	if (!facts || !facts->count || !text->deleted)
		return TALLY_OK;
	told = tally_arena_zero(&arena, facts->count, sizeof *told);
	out = tally_arena_zero(&arena, text->deleted, sizeof *out);
	if (!told || !out) {
		tally_arena_release(&arena);
		return tally_err_nomem(err);
	}
	n = list_facts(told, facts);
	m = n ? list_edits(out, text) : 0;
	for (size_t i = 0, j = 0; i < n && j < m;) {
		if (told[i].hash < out[j].hash) {
			i++;
		} else if (told[i].hash > out[j].hash) {
			j++;
		} else {
			text->edits[out[j++].at].flags |= told[i++].flag;
			++*still;
		}
	}
	tally_arena_release(&arena);
	return TALLY_OK;
}
