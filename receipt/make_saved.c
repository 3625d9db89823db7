/*
 * Attachments and pictures that went from a document and are files of the folder now: known by their size and SHA-256, which
 * readers tell of what is inside ("application/pdf, 219 bytes, sha256:777415748234d88f").
 */
#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/mem.h"
#include "receipt/json_util.h"
#include "receipt/making.h"

enum { HEX = 16 }; /* of a sum that facts tell */

struct wanted {
	json_t *fact;
	uint64_t size;
	const char *hex; /* HEX of them, in the fact */
	size_t order;
};

struct list {
	struct wanted *at;
	size_t count, cap;
};

/* ---- what is gone ---- */

/* The number in front of @end, "1,234" as well. @return false: there is none */
static bool number_before(const char *text, const char *end, uint64_t *out)
{
	uint64_t unit = 1;
	bool any = false;

	*out = 0;
	for (const char *p = end; p-- > text && (tally_is_digit(*p) || *p == ',');) {
		if (*p == ',')
			continue;
		if (unit > UINT64_MAX / 100)
			return false;
		*out += unit * (uint64_t)(*p - '0');
		unit *= 10;
		any = true;
	}
	return any;
}

static bool parse(const char *text, struct wanted *out)
{
	static const char between[] = " bytes, sha256:";
	const char *at = text ? strstr(text, between) : NULL;

	if (!at || !number_before(text, at, &out->size))
		return false;
	out->hex = at + sizeof between - 1;
	return strspn(out->hex, "0123456789abcdef") == HEX && !out->hex[HEX];
}

static enum tally_status collect(struct tally_making *m, struct list *out)
{
	for (size_t i = 0; i < json_array_size(m->r->documents); i++) {
		const json_t *facts = json_object_get(json_array_get(m->r->documents, i), "facts");

		for (size_t k = 0; k < json_array_size(facts); k++) {
			struct wanted w = { .fact = json_array_get(facts, k), .order = out->count };

			if (!tally_json_is(w.fact, "change", "removed") ||
			    !parse(tally_json_string(w.fact, "old"), &w))
				continue;
			if (!tally_grow(&out->at, &out->cap, out->count, sizeof *out->at))
				return tally_err_nomem(m->err);
			out->at[out->count++] = w;
		}
	}
	return TALLY_OK;
}

/* ---- where it is ---- */

static int by_size(const void *a, const void *b)
{
	const struct wanted *x = a, *y = b;

	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static size_t first_of(const struct list *list, uint64_t size)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (list->at[mid].size < size)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Something that was not there before, at its path at least */
static bool came(const struct tally_receipt_change *c)
{
	return c->type == TALLY_TYPE_FILE && c->bytes_after != TALLY_UNKNOWN &&
	       (c->kind == TALLY_CHANGE_ADDED || c->kind == TALLY_CHANGE_COPIED ||
	        c->kind == TALLY_CHANGE_COPIED_EDITED || c->kind == TALLY_CHANGE_MODIFIED);
}

/* @return TALLY_END: its sum cannot be known */
static enum tally_status sum_of(struct tally_making *m, size_t change,
                                char hex[TALLY_DIGEST_TEXT_MAX])
{
	size_t count;
	const struct tally_change *changes = tally_tree_diff_changes(m->diff, &count);
	uint32_t entry = m->change_of[change] == TALLY_NO_INDEX
	                         ? TALLY_NO_INDEX
	                         : changes[m->change_of[change]].after;
	struct tally_err why = { 0 };
	struct tally_sha256 sha;
	enum tally_status st;

	if (entry == TALLY_NO_INDEX)
		return TALLY_END;
	st = tally_content_sha256(&m->contents[TALLY_AFTER], entry, &sha, &why);
	if (st == TALLY_FATAL)
		*m->err = why;
	if (st < 0)
		return st == TALLY_FATAL ? st : TALLY_END;
	tally_sha256_text(hex, &sha);
	return TALLY_OK;
}

static bool say(const struct wanted *w, const struct tally_name *path)
{
	json_t *to = json_object();
	bool ok = true;

	tally_json_set_bytes(to, "path", path->bytes, path->len, &ok);
	tally_json_set(w->fact, "moved_to", to, &ok);
	return ok;
}

static enum tally_status look(struct tally_making *m, const struct list *list, size_t change)
{
	const struct tally_receipt_change *c = &m->r->changes[change];
	char text[TALLY_DIGEST_TEXT_MAX];
	size_t i = first_of(list, c->bytes_after);
	enum tally_status st;

	if (i == list->count || list->at[i].size != c->bytes_after)
		return TALLY_OK;
	st = sum_of(m, change, text);
	for (; st == TALLY_OK && i < list->count && list->at[i].size == c->bytes_after; i++)
		if (!json_object_get(list->at[i].fact, "moved_to") &&
		    !strncmp(strchr(text, ':') + 1, list->at[i].hex, HEX) &&
		    !say(&list->at[i], &c->path))
			st = tally_err_nomem(m->err);
	return st < 0 ? st : TALLY_OK;
}

enum tally_status tally_make_saved(struct tally_making *m)
{
	struct list list = { 0 };
	enum tally_status st = collect(m, &list);

	if (st >= 0 && list.count) {
		qsort(list.at, list.count, sizeof *list.at, by_size);
		for (size_t i = 0; i < m->r->change_count && st >= 0; i++)
			if (came(&m->r->changes[i]))
				st = look(m, &list, i);
	}
	tally_free(list.at);
	return st;
}
