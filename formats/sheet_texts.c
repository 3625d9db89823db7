/* Long texts by their SHA-256, in a table that is half full at most. See sheet_texts.h. */
#include "formats/sheet_texts.h"

#include <string.h>

#include "core/arena.h"
#include "core/mem.h"

enum { SLOTS_FIRST = 64 };

struct text {
	const char *bytes;
	size_t len;
	struct tally_sha256 sha256;
};

struct tally_sheet_texts {
	struct tally_arena arena;
	struct text **slots; /* a power of two */
	size_t cap, count;
	const struct text *last; /* that was asked for; NULL: none yet */
	unsigned holders;
};

struct tally_sheet_texts *tally_sheet_texts_new(void)
{
	struct tally_sheet_texts *t = tally_alloc_zero(1, sizeof *t);

	if (t)
		t->holders = 1;
	return t;
}

struct tally_sheet_texts *tally_sheet_texts_hold(struct tally_sheet_texts *t)
{
	t->holders++;
	return t;
}

void tally_sheet_texts_drop(struct tally_sheet_texts *t)
{
	if (!t || --t->holders)
		return;
	tally_arena_release(&t->arena);
	tally_free(t->slots);
	tally_free(t);
}

static struct text **slot_of(const struct tally_sheet_texts *t, const unsigned char *sha256)
{
	size_t at;

	memcpy(&at, sha256, sizeof at);
	for (at &= t->cap - 1; t->slots[at]; at = (at + 1) & (t->cap - 1))
		if (!memcmp(t->slots[at]->sha256.bytes, sha256, TALLY_SHA256_SIZE))
			break;
	return &t->slots[at];
}

static bool make_room(struct tally_sheet_texts *t)
{
	size_t old_cap = t->cap;
	struct text **old = t->slots;

	if (t->count * 2 < t->cap)
		return true;
	t->cap = old_cap ? old_cap * 2 : SLOTS_FIRST;
	t->slots = tally_alloc_zero(t->cap, sizeof(struct text *));
	if (!t->slots) {
		t->slots = old;
		t->cap = old_cap;
		return false;
	}
	for (size_t i = 0; i < old_cap; i++)
		if (old[i])
			*slot_of(t, old[i]->sha256.bytes) = old[i];
	tally_free(old);
	return true;
}

const unsigned char *tally_sheet_texts_add(struct tally_sheet_texts *t, const char *text,
                                           size_t len, bool *known)
{
	struct tally_sha256 sha256;
	struct text **slot, *added;

	/* a formula filled into many cells comes again and again: comparing is ten times as fast as hashing */
	*known = t->last && t->last->len == len && !memcmp(t->last->bytes, text, len);
	if (*known)
		return t->last->sha256.bytes;
	if (!make_room(t))
		return NULL;
	tally_sha256_of(&sha256, text, len);
	slot = slot_of(t, sha256.bytes);
	*known = *slot != NULL;
	if (*slot) {
		t->last = *slot;
		return (*slot)->sha256.bytes;
	}
	added = tally_arena_alloc(&t->arena, sizeof *added);
	if (!added)
		return NULL;
	*added = (struct text){ tally_arena_dup(&t->arena, text, len), len, sha256 };
	if (!added->bytes)
		return NULL;
	*slot = added;
	t->last = added;
	t->count++;
	return added->sha256.bytes;
}

const char *tally_sheet_texts_find(const struct tally_sheet_texts *t, const unsigned char *sha256,
                                   size_t len)
{
	const struct text *text = t->cap && sha256 ? *slot_of(t, sha256) : NULL;

	return text && text->len == len ? text->bytes : NULL;
}
