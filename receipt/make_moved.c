/*
 * Paragraphs that are gone from one document and stand edited in another one: where a paragraph there begins or ends like it
 * (receipt/passages.h), the two documents are compared, and what the comparison pairs is said.
 */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "receipt/document_json.h"
#include "receipt/json_util.h"
#include "receipt/making.h"
#include "receipt/passages.h"

enum {
	PAIRS_MOST = 64,      /* of documents that are compared for it */
	OPEN_COST = 16 << 10, /* bytes that could be read in the time that a comparison takes at least */
};

struct pair {
	size_t from, to; /* changes */
	struct tally_compared compared;
};

struct list {
	struct pair *at;
	size_t count, cap;
	uint64_t left; /* bytes that may be read */
};

#define NO_DOCUMENT UINT32_MAX

/* ---- which ones ---- */

static bool is_candidate(const struct tally_making *m, const struct tally_passage *p)
{
	return p->alone && !p->found && p->near &&
	       m->r->changes[p->from.source].kind != TALLY_CHANGE_DELETED &&
	       m->document_of[p->from.source] != NO_DOCUMENT;
}

static enum tally_status add(struct tally_making *m, struct list *list, size_t from, size_t to)
{
	const struct tally_receipt_change *c = m->r->changes;
	uint64_t cost = c[from].bytes_before + c[to].bytes_after + OPEN_COST;

	for (size_t i = list->count; i-- > 0 && list->at[i].from == from;)
		if (list->at[i].to == to)
			return TALLY_OK;
	if (list->count == PAIRS_MOST || cost > list->left)
		return TALLY_OK;
	list->left -= cost;
	if (!tally_grow(&list->at, &list->cap, list->count, sizeof *list->at))
		return tally_err_nomem(m->err);
	list->at[list->count++] = (struct pair){ from, to, { .m = m } };
	return TALLY_OK;
}

static enum tally_status collect(struct tally_making *m, struct list *list)
{
	size_t count = tally_passages_count(m->passages);
	enum tally_status st = TALLY_OK;

	list->left = m->options->limits->passage_bytes;
	for (size_t i = 0; i < count && st >= 0; i++) {
		const struct tally_passage *p = tally_passages_at(m->passages, i);

		if (is_candidate(m, p))
			st = add(m, list, p->from.source, p->at.source);
	}
	return st;
}

/* ---- what the comparisons say ---- */

static json_t *document_of(const struct tally_making *m, size_t change)
{
	uint32_t at = m->document_of[change];

	return at == NO_DOCUMENT ? NULL : json_array_get(m->r->documents, at);
}

/* The edit of a document that says that a paragraph came, or is gone. */
static json_t *find(const json_t *document, const char *kind, const char *field, uint64_t block)
{
	const json_t *edits = json_object_get(document, "edits");

	for (size_t i = 0; i < json_array_size(edits); i++) {
		json_t *e = json_array_get(edits, i);

		if (tally_json_is(e, "kind", kind) && tally_json_count(e, field) == block)
			return e;
	}
	return NULL;
}

/* Did it go from the one and come to the other, by what is said of each? A new document has nothing but what came. */
static bool went(const struct pair *p, const json_t *edit, json_t **gone, json_t **came)
{
	const struct tally_making *m = p->compared.m;
	const json_t *to = document_of(m, p->to);

	if (!tally_json_is(edit, "kind", "edited") && !tally_json_is(edit, "kind", "moved_edited"))
		return false;
	*gone = find(document_of(m, p->from), "deleted", "block_before",
	             tally_json_count(edit, "block_before"));
	*came = to ? find(to, "added", "block", tally_json_count(edit, "block")) : NULL;
	return *gone && tally_json_count(edit, "block") && !json_object_get(*gone, "moved_to") &&
	       (*came || !to) && !json_object_get(*came, "moved_from") &&
	       !tally_edit_is_another(edit);
}

static json_t *place_json(const struct tally_name *path, const json_t *where, const json_t *block,
                          bool *ok)
{
	json_t *o = json_object();

	tally_json_set_bytes(o, "path", path->bytes, path->len, ok);
	tally_json_set(o, "where", json_deep_copy(where), ok);
	tally_json_set(o, "block", json_deep_copy(block), ok);
	tally_json_set(o, "edited", json_true(), ok);
	return o;
}

/* Said with both documents, from one to the other. */
static void link_both(const struct pair *p, const json_t *edit, json_t *gone, json_t *came, bool *ok)
{
	const struct tally_making *m = p->compared.m;
	const struct tally_receipt_change *c = m->r->changes;
	json_t *from = document_of(m, p->from);

	tally_json_set(gone, "moved_to",
	               place_json(&c[p->to].path, json_object_get(edit, "where"),
	                          json_object_get(edit, "block"), ok),
	               ok);
	tally_json_set(from, "moved_out",
	               json_integer((json_int_t)tally_json_count(from, "moved_out") + 1), ok);
	if (came)
		tally_json_set(came, "moved_from",
		               place_json(&c[p->from].path, json_object_get(gone, "where"),
		                          json_object_get(gone, "block_before"), ok),
		               ok);
}

static enum tally_status tell(const struct pair *p, const json_t *document, json_t *edits)
{
	struct tally_making *m = p->compared.m;
	const struct tally_name *from = &m->r->changes[p->from].path,
				*path = &m->r->changes[p->to].path;
	const char *unit = tally_json_string(json_object_get(document, "blocks"), "unit");
	json_int_t n = (json_int_t)json_array_size(edits);
	json_t *o = json_object();
	bool ok = true;

	tally_json_set(o, "format", json_incref(json_object_get(document, "format")), &ok);
	tally_json_set(o, "moved_in", json_integer(n), &ok);
	tally_json_set(o, "blocks",
	               json_pack("{s:s, s:I, s:i, s:I, s:i, s:i, s:i, s:I}", "unit",
	                         unit ? unit : "paragraph", "before", n, "same", 0, "edited", n,
	                         "moved", 0, "deleted", 0, "added", 0, "after", n),
	               &ok);
	tally_json_set(o, "edits", json_incref(edits), &ok);
	tally_json_set(o, "facts", json_array(), &ok);
	tally_json_set_bytes(o, "path", path->bytes, path->len, &ok);
	tally_json_set_bytes(o, "from", from->bytes, from->len, &ok);
	ok = ok && json_array_append(m->r->documents, o) == 0;
	json_decref(o);
	return ok ? TALLY_OK : tally_err_nomem(m->err);
}

static enum tally_status take(struct pair *p)
{
	const json_t *document = tally_compared_document(&p->compared);
	const json_t *edits = json_object_get(document, "edits");
	json_t *list = json_array(), *gone = NULL, *came = NULL;
	enum tally_status st = TALLY_OK;
	bool ok = list != NULL;

	for (size_t i = 0; i < json_array_size(edits) && ok; i++) {
		json_t *e = json_array_get(edits, i);

		if (!went(p, e, &gone, &came))
			continue;
		link_both(p, e, gone, came, &ok);
		if (tally_edit_has_other_words(e))
			tally_json_add(list, json_incref(e), &ok);
	}
	if (!ok)
		st = tally_err_nomem(p->compared.m->err);
	else if (json_array_size(list))
		st = tell(p, document, list);
	json_decref(list);
	return st;
}

enum tally_status tally_make_moved(struct tally_making *m)
{
	struct list list = { 0 };
	enum tally_status st = m->passages ? collect(m, &list) : TALLY_OK;

	for (size_t i = 0; i < list.count && st >= 0; i++)
		st = tally_making_compare(&list.at[i].compared, list.at[i].from, list.at[i].to,
		                          false);
	if (list.count && m->pool) {
		enum tally_status end = tally_workers_wait(m->pool, m->err);

		st = st < 0 ? st : end;
	}
	for (size_t i = 0; i < list.count && st >= 0; i++)
		st = take(&list.at[i]);
	for (size_t i = 0; i < list.count; i++)
		json_decref(list.at[i].compared.answer);
	tally_free(list.at);
	return st;
}
