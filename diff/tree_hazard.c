/* Names that a system with other ideas of equality takes for one: letter case, and the two ways to write an accent. */
#include <stdlib.h>
#include <string.h>

#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

#include "core/ascii.h"
#include "core/mem.h"
#include "core/path.h"
#include "diff/tree_state.h"

/*
 * Eight bytes at once: the top bit tells what is not ASCII; adding 0x3f sets it from 'A' on, adding 0x25 from behind 'Z' on.
 * (Sums carry over only from bytes that are odd themselves.)
 */
bool tree_odd_name(const char *name, size_t len)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	uint64_t found = 0, x;
	size_t i = 0;

	for (; i + 8 <= len; i += 8) {
		memcpy(&x, name + i, 8);
		found |= x | ((x + ones * 0x3f) & ~(x + ones * 0x25));
	}
	x = 0;
	memcpy(&x, name + i, len - i);
	found |= x | ((x + ones * 0x3f) & ~(x + ones * 0x25));
	return (found & tops) != 0;
}

static bool ascii(const char *s, size_t len)
{
	unsigned char all = 0;

	for (size_t i = 0; i < len; i++)
		all |= (unsigned char)s[i];
	return all < 0x80;
}

static bool add_lower(struct tally_buf *out, const char *s, size_t len)
{
	if (!tally_buf_reserve(out, len))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!tally_buf_byte(out, tally_lower(s[i])))
			return false;
	return true;
}

/* What a system ignores when it compares names. */
enum ignoring {
	IGNORING_FORM,    /* how accents are written */
	IGNORING_CASE,    /* that, and letter case */
	IGNORING_LETTERS, /* that, and letters that fold to several */
};

static uint8_t *fold_text(const uint8_t *text, size_t len, enum ignoring what, uint8_t *room,
                          size_t *n)
{
	switch (what) {
	case IGNORING_FORM:
		return u8_normalize(UNINORM_NFC, text, len, room, n);
	case IGNORING_CASE:
		return u8_tolower(text, len, NULL, UNINORM_NFC, room, n);
	default:
		return u8_casefold(text, len, NULL, UNINORM_NFC, room, n);
	}
}

/* The name as such a system sees it. @return false: no memory */
static bool fold(struct tally_buf *out, const char *s, size_t len, enum ignoring what)
{
	uint8_t room[512];
	size_t n = sizeof room;
	const uint8_t *text = (const uint8_t *)s;
	uint8_t *folded;
	bool ok;

	tally_buf_clear(out);
	if (ascii(s, len) || u8_check(text, len)) /* of other bytes only the ASCII ones are letters */
		return what == IGNORING_FORM ? tally_buf_add(out, s, len) : add_lower(out, s, len);
	folded = fold_text(text, len, what, room, &n);
	if (!folded)
		return false;
	ok = tally_buf_add(out, folded, n);
	if (folded != room)
		free(folded); /* allocated by libunistring */
	return ok;
}

static bool equal_folded(const char *a, size_t a_len, const char *b, size_t b_len,
                         enum ignoring what, bool *equal)
{
	struct tally_buf x, y;
	bool ok;

	*equal = a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
	if (*equal)
		return true;
	tally_buf_init(&x, SIZE_MAX - 1);
	tally_buf_init(&y, SIZE_MAX - 1);
	ok = fold(&x, a, a_len, what) && fold(&y, b, b_len, what);
	*equal = ok && x.len == y.len && (x.len == 0 || memcmp(x.bytes, y.bytes, x.len) == 0);
	tally_buf_release(&x);
	tally_buf_release(&y);
	return ok;
}

/* The folders' paths must be equal or differ in the same way. */
static bool equal_paths(const struct tally_dir *x, const struct tally_entry *b,
                        const struct tally_dir *y, const struct tally_entry *a, enum ignoring what,
                        bool *equal)
{
	if (!equal_folded(b->name, b->name_len, a->name, a->name_len, what, equal))
		return false;
	return !*equal || equal_folded(x->path, x->path_len, y->path, y->path_len, what, equal);
}

bool tree_case_only(const struct tally_tree_diff *d, uint32_t before, uint32_t after, bool *only,
                    bool *form)
{
	const struct tally_entry *b = tree_entry(d, TALLY_BEFORE, before);
	const struct tally_entry *a = tree_entry(d, TALLY_AFTER, after);
	const struct tally_dir *x = &d->tree[TALLY_BEFORE]->dirs[b->dir];
	const struct tally_dir *y = &d->tree[TALLY_AFTER]->dirs[a->dir];

	*only = *form = false;
	if (b->name_len != a->name_len && ascii(b->name, b->name_len) && ascii(a->name, a->name_len))
		return true;
	if (!equal_paths(x, b, y, a, IGNORING_CASE, only))
		return false;
	return !*only || equal_paths(x, b, y, a, IGNORING_FORM, form);
}

/* ---- collisions ---- */

struct folded {
	uint64_t hash;
	uint32_t entry;
};

struct names {
	struct folded *at;
	size_t count, cap;
	struct tally_buf buf;
};

static int by_hash(const void *a, const void *b)
{
	const struct folded *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->entry > y->entry) - (x->entry < y->entry);
}

static bool is_new(const struct tally_tree_diff *d, uint32_t entry)
{
	const struct tree_item *item;

	if (!tree_has_item(d, TALLY_AFTER, entry))
		return false;
	item = &d->items[TALLY_AFTER].at[d->slot[TALLY_AFTER][entry]];
	return item->other == TALLY_NO_INDEX;
}

static bool add_hazard(struct tally_tree_diff *d, uint32_t first, uint32_t second)
{
	const struct tally_entry *a = tree_entry(d, TALLY_AFTER, first);
	const struct tally_entry *b = tree_entry(d, TALLY_AFTER, second);
	enum tally_clash clash = TALLY_CLASH_FORM;
	bool equal = false;

	for (int what = IGNORING_FORM; what <= IGNORING_LETTERS; what++) {
		clash = (enum tally_clash)what; /* in the same order */
		if (!equal_folded(a->name, a->name_len, b->name, b->name_len, (enum ignoring)what,
		                  &equal))
			return false;
		if (equal)
			break;
	}
	if (!equal)
		return true;
	if (!tally_grow(&d->hazards, &d->hazard_cap, d->hazard_count, sizeof *d->hazards))
		return false;
	d->hazards[d->hazard_count++] = (struct tally_hazard){ first, second, clash };
	return true;
}

/* Neighbours of one hash collide; a pair that was there before is no news. */
static bool compare_names(struct tally_tree_diff *d, const struct names *n)
{
	for (size_t i = 1; i < n->count; i++) {
		const struct folded *a = &n->at[i - 1], *b = &n->at[i];

		if (a->hash == b->hash && (is_new(d, a->entry) || is_new(d, b->entry)) &&
		    !add_hazard(d, a->entry, b->entry))
			return false;
	}
	return true;
}

static bool look_into(struct tally_tree_diff *d, uint32_t dir, struct names *n)
{
	const struct tally_tree *t = d->tree[TALLY_AFTER];
	uint32_t first = t->dirs[dir].first, end = first + t->dirs[dir].count;

	n->count = 0;
	for (uint32_t i = first; i < end; i++) {
		if (!fold(&n->buf, t->entries[i].name, t->entries[i].name_len, IGNORING_LETTERS) ||
		    !tally_grow(&n->at, &n->cap, n->count, sizeof *n->at))
			return false;
		n->at[n->count++] = (struct folded){ tally_hash64(n->buf.bytes, n->buf.len, 0), i };
	}
	qsort(n->at, n->count, sizeof *n->at, by_hash);
	return compare_names(d, n);
}

static int by_entry(const void *a, const void *b)
{
	const struct tally_hazard *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->second > y->second) - (x->second < y->second);
}

/* Only folders with a new name are looked at: what collides without one did so before. */
enum tally_status tree_hazards(struct tally_tree_diff *d, struct tally_err *err)
{
	struct names n = { 0 };
	bool ok = true;

	tally_buf_init(&n.buf, SIZE_MAX - 1);
	for (uint32_t i = 0; ok && i < d->tree[TALLY_AFTER]->dir_count; i++)
		ok = !d->odd_names[i] || look_into(d, i, &n);
	if (d->hazard_count)
		qsort(d->hazards, d->hazard_count, sizeof *d->hazards, by_entry);
	tally_buf_release(&n.buf);
	tally_free(n.at);
	return ok ? TALLY_OK : tally_err_nomem(err);
}
