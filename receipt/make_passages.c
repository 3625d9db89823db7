/*
 * Paragraphs that are gone from one document and stand in another one (receipt/passages.h), said with the edits: what changed is
 * known from the comparisons; what is new, and what was deleted, is read for it.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/path.h"
#include "formats/format.h"
#include "receipt/document_json.h"
#include "receipt/json_util.h"
#include "receipt/making.h"
#include "receipt/passages.h"

#define NO_DOCUMENT UINT32_MAX

enum {
	OPEN_COST = 16 << 10
}; /* bytes that could be read in the time that opening one more file takes */

enum {
	TOLD_SHARE = 4 /* of a deleted document a quarter at least: clauses that every letter has are no trace of it */
};

static const char unread[] = "so what is gone from other documents may be in it";
static const char unkept[] = "so paragraphs that went from it or came to it were not looked for";

/* ---- what the comparisons say ---- */

static enum tally_status begin(struct tally_making *m)
{
	size_t count = m->r->change_count;

	if (m->passages)
		return TALLY_OK;
	m->document_of = tally_alloc(count * sizeof *m->document_of);
	if (!m->document_of)
		return tally_err_nomem(m->err);
	for (size_t i = 0; i < count; i++)
		m->document_of[i] = NO_DOCUMENT;
	return tally_passages_new(&m->passages, m->options->limits->passage_words, m->err);
}

static enum tally_status gap(struct tally_making *m, size_t change, const struct tally_err *why,
                             const char *detail)
{
	const struct tally_unverified row = { .path = m->r->changes[change].path,
		                              .side = TALLY_ON_AFTER,
		                              .reason = why->reason,
		                              .limit = tally_limit_named_in(why->message),
		                              .detail = detail,
		                              .level = TALLY_LEVEL_PART,
		                              .files = 1 };

	return tally_making_gap(m, &row);
}

enum tally_status tally_make_passages_add(struct tally_making *m, size_t change, size_t document,
                                          const unsigned char *bytes, size_t len, bool cut)
{
	struct tally_err why = { 0 };
	enum tally_status st = begin(m);

	if (st < 0)
		return st;
	m->document_of[change] = (uint32_t)document;
	if (cut)
		tally_err_set(&why, TALLY_SKIP, TALLY_REASON_LIMIT, "passage_words");
	else
		st = tally_passages_add(m->passages, (tally_passage_source)change, bytes, len, &why);
	if (st == TALLY_FATAL)
		return tally_err_nomem(m->err);
	return why.reason ? gap(m, change, &why, unkept) : TALLY_OK;
}

/* ---- documents that are new, or gone ---- */

struct reading {
	struct tally_making *m;
	size_t change;
	uint32_t entry;
	enum tally_side side;
	bool beyond;          /* the limit was reached before */
	struct tally_err why; /* reason: it could not be read */
	unsigned char *bytes; /* of one that is gone */
	size_t len;
};

/* Texts for programs: nobody moves a paragraph there. */
static bool is_data(const struct tally_entry *e)
{
	static const char *const names[] = { ".json", ".xml", ".yaml", ".yml", ".ini",
		                             ".conf", ".cfg", ".log",  NULL };
	const char *suffix;
	size_t len = tally_path_suffix(e->name, e->name_len, &suffix);

	for (size_t i = 0; names[i]; i++)
		if (strlen(names[i]) == len && !strncasecmp(suffix, names[i], len))
			return true;
	return false;
}

static bool is_text(const struct tally_entry *e)
{
	return !is_data(e) && e->type == TALLY_TYPE_FILE && e->size > 0 &&
	       e->proof != TALLY_PROOF_NONE && tally_format_named_text(e->name, e->name_len, true);
}

struct readings {
	struct reading *at;
	size_t count, cap;
};

/* Files of a side that no comparison has looked into. */
static enum tally_status collect(struct tally_making *m, enum tally_side side, struct readings *out)
{
	size_t count;
	const struct tally_change *changes = tally_tree_diff_changes(m->diff, &count);

	for (size_t i = 0; i < m->r->change_count; i++) {
		const struct tally_receipt_change *c = &m->r->changes[i];
		bool deleted = c->kind == TALLY_CHANGE_DELETED && c->fate == TALLY_FATE_LOST &&
		               !(m->by_id && m->by_id[i]);
		uint32_t entry;

		if (m->change_of[i] == TALLY_NO_INDEX ||
		    (side == TALLY_AFTER ? c->kind != TALLY_CHANGE_ADDED : !deleted))
			continue;
		entry = side == TALLY_AFTER ? changes[m->change_of[i]].after
		                            : changes[m->change_of[i]].before;
		if (entry == TALLY_NO_INDEX || !is_text(&m->tree[side]->entries[entry]))
			continue;
		if (!tally_grow(&out->at, &out->cap, out->count, sizeof *out->at))
			return tally_err_nomem(m->err);
		out->at[out->count++] = (struct reading){
			.m = m, .change = i, .entry = entry, .side = side
		};
	}
	return TALLY_OK;
}

static void readings_release(struct readings *l)
{
	for (size_t i = 0; i < l->count; i++)
		tally_free(l->at[i].bytes);
	tally_free(l->at);
}

static enum tally_status on_words(void *payload, const struct tally_answer *answer,
                                  struct tally_err *err)
{
	struct reading *r = payload;
	const char *reason;
	enum tally_status st;

	if (answer->status < TALLY_PARTIAL) {
		r->why = *answer->err;
		return TALLY_OK;
	}
	reason = tally_json_string(answer->json, "unread");
	if (reason)
		tally_err_set(&r->why, TALLY_SKIP, tally_reason_from_id(reason), "%s", "");
	if (json_is_true(json_object_get(answer->json, "passages_cut")))
		tally_err_set(&r->why, TALLY_SKIP, TALLY_REASON_LIMIT, "passage_words");
	if (!answer->blob_len)
		return TALLY_OK;
	if (r->side == TALLY_AFTER) {
		st = tally_passages_search(r->m->passages, (tally_passage_source)r->change,
		                           answer->blob, answer->blob_len, &r->why);
		return st == TALLY_FATAL ? tally_err_nomem(err) : TALLY_OK;
	}
	r->bytes = (unsigned char *)tally_dup((const char *)answer->blob, answer->blob_len);
	r->len = answer->blob_len;
	return r->bytes ? TALLY_OK : tally_err_nomem(err);
}

static enum tally_status read_one(struct reading *r)
{
	struct tally_making *m = r->m;
	int texts[TALLY_REQUEST_FDS] = { -1, -1 };
	struct tally_request q = { .fds = { -1, -1 } };
	enum tally_status st;
	bool live;

	st = tally_content_open(&m->contents[r->side], r->entry, &q.fds[0], &live, &r->why);
	if (st == TALLY_SKIP)
		return TALLY_OK;
	if (st < 0) {
		*m->err = r->why;
		return st;
	}
	q.bytes = m->tree[r->side]->entries[r->entry].size;
	q.json = tally_job_words(tally_making_name(m, r->side, r->entry), r->side == TALLY_BEFORE,
	                         tally_snapshot_key(m->snap[0]));
	if (q.json && !tally_job_convert(&q, texts, m->options->limits)) {
		json_decref(q.json);
		q.json = NULL;
	}
	return tally_making_ask(m, &q, on_words, r);
}

/* @left  bytes that may still be read */
static enum tally_status read_all(struct tally_making *m, struct reading *list, size_t count,
                                  uint64_t *left)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < count && st >= 0; i++) {
		uint64_t size = m->tree[list[i].side]->entries[list[i].entry].size;

		list[i].beyond = size > *left || *left - size < OPEN_COST;
		if (list[i].beyond)
			continue;
		*left -= size + OPEN_COST;
		st = read_one(&list[i]);
		if (st >= 0)
			st = tally_making_step(m, "looking for paragraphs that moved", i, count);
	}
	if (m->pool) {
		enum tally_status end = tally_workers_wait(m->pool, m->err);

		st = st < 0 ? st : end;
	}
	return st;
}

/* In the order of the changes, whoever was read first. */
static enum tally_status add_gone(struct tally_making *m, struct reading *list, size_t count)
{
	struct tally_err why = { 0 };

	for (size_t i = 0; i < count; i++)
		if (list[i].bytes &&
		    tally_passages_add(m->passages, (tally_passage_source)list[i].change,
		                       list[i].bytes, list[i].len, &why) == TALLY_FATAL)
			return tally_err_nomem(m->err);
	return TALLY_OK;
}

/* What could not be searched may hold what is still missing. */
static enum tally_status say_unread(struct tally_making *m, const struct reading *list, size_t count)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < count && st >= 0 && tally_passages_wanted(m->passages); i++)
		if (list[i].why.reason)
			st = gap(m, list[i].change, &list[i].why, unread);
	return st;
}

/* A row for each document of which paragraphs are missing: what could not be done to find them. */
static enum tally_status say_missing(struct tally_making *m, const char *limit, const char *detail)
{
	size_t count = tally_passages_count(m->passages);
	uint32_t last = TALLY_NO_INDEX;
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < count && st >= 0; i++) {
		const struct tally_passage *p = tally_passages_at(m->passages, i);
		struct tally_unverified row = { .side = TALLY_ON_BEFORE,
			                        .reason = TALLY_REASON_LIMIT,
			                        .limit = limit,
			                        .detail = detail,
			                        .level = TALLY_LEVEL_PART,
			                        .files = 1 };

		if (p->found || !p->alone || p->from.source == last)
			continue;
		last = p->from.source;
		row.path = m->r->changes[last].path;
		st = tally_making_gap(m, &row);
	}
	return st;
}

static bool is_beyond(const struct reading *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].beyond)
			return true;
	return false;
}

/* ---- into the receipt ---- */

static json_t *place_json(struct tally_making *m, const struct tally_passage_place *to)
{
	const struct tally_block block = {
		.area = to->area, .n = to->n, .row = to->row, .cell = to->cell, .paragraph = to->paragraph
	};
	const struct tally_name *path = &m->r->changes[to->source].path;
	json_t *o = json_object();
	bool ok = true;

	tally_json_set_bytes(o, "path", path->bytes, path->len, &ok);
	tally_json_set(o, "where", tally_where_json(&block), &ok);
	tally_json_set(o, "block", json_integer(to->block), &ok);
	if (ok)
		return o;
	json_decref(o);
	return NULL;
}

/*
 * The edit that says that this paragraph is gone (or came); both stand in one order, so that none is looked at twice.
 * @field  "block_before" or "block"
 */
static json_t *edit_of(const json_t *edits, size_t *at, const char *kind, const char *field,
                       uint32_t block)
{
	for (; *at < json_array_size(edits); ++*at) {
		json_t *e = json_array_get(edits, *at);
		const char *mine = tally_json_string(e, "kind");

		if (mine && !strcmp(mine, kind) &&
		    json_integer_value(json_object_get(e, field)) == (json_int_t)block)
			return e;
	}
	return NULL;
}

/* All paragraphs of one document, from number @i on. @return the number behind them */
static size_t say_document(struct tally_making *m, size_t i, bool *ok)
{
	const struct tally_passage *first = tally_passages_at(m->passages, i);
	uint32_t document = m->document_of[first->from.source];
	json_t *o = document == NO_DOCUMENT ? NULL : json_array_get(m->r->documents, document);
	const json_t *edits = json_object_get(o, "edits");
	size_t count = tally_passages_count(m->passages), at = 0, found = 0;

	for (; i < count; i++) {
		const struct tally_passage *p = tally_passages_at(m->passages, i);
		size_t back = at;
		json_t *e;

		if (p->from.source != first->from.source)
			break;
		if (!p->found || !o)
			continue;
		found++;
		e = edit_of(edits, &at, "deleted", "block_before", p->from.block);
		if (e)
			tally_json_set(e, "moved_to", place_json(m, &p->to), ok);
		else
			at = back; /* it is not listed */
	}
	if (found)
		tally_json_set(o, "moved_out", json_integer((json_int_t)found), ok);
	return i;
}

static int by_number(const void *a, const void *b)
{
	const tally_passage_source *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

enum tally_status tally_making_list(struct tally_making *m, uint32_t *sources, size_t count,
                                    struct tally_where_list *out)
{
	uint64_t most = m->options->limits->sibling_names;

	most = most < count ? most : count;
	out->items = tally_arena_zero(&m->r->arena, (size_t)most + 1, sizeof *out->items);
	if (!out->items)
		return tally_err_nomem(m->err);
	qsort(sources, count, sizeof *sources, by_number);
	for (size_t i = 0; i < count; i++) {
		if (i && sources[i] == sources[i - 1])
			continue;
		out->total++;
		if (out->count < most)
			out->items[out->count++].path = m->r->changes[sources[i]].path;
	}
	return TALLY_OK;
}

/* The documents in which paragraphs from @first to @end stand. */
static enum tally_status list_found(struct tally_making *m, size_t first, size_t end,
                                    struct tally_where_list *out)
{
	tally_passage_source *sources = tally_alloc((end - first) * sizeof *sources);
	enum tally_status st;
	size_t n = 0;

	if (!sources)
		return tally_err_nomem(m->err);
	for (size_t i = first; i < end; i++) {
		const struct tally_passage *p = tally_passages_at(m->passages, i);

		if (p->found || p->near)
			sources[n++] = p->found ? p->to.source : p->at.source;
	}
	st = tally_making_list(m, sources, n, out);
	tally_free(sources);
	return st;
}

/* A deleted document: how much of it stands in others. */
static enum tally_status say_deleted(struct tally_making *m, size_t first, size_t end)
{
	struct tally_receipt_change *c = &m->r->changes[tally_passages_at(m->passages, first)->from.source];
	struct tally_text_elsewhere e = { 0 };
	uint64_t near = 0; /* those may be edited: a comparison will tell (receipt/make_merged.c) */

	if (c->kind != TALLY_CHANGE_DELETED)
		return TALLY_OK;
	for (size_t i = first; i < end; i++) {
		const struct tally_passage *p = tally_passages_at(m->passages, i);

		e.paragraphs += p->alone;
		e.found += p->alone && p->found;
		near += p->alone && !p->found && p->near;
	}
	if (!(e.found + near) || (e.found + near) * TOLD_SHARE < e.paragraphs)
		return TALLY_OK;
	c->elsewhere = tally_arena_zero(&m->r->arena, 1, sizeof *c->elsewhere);
	if (!c->elsewhere)
		return tally_err_nomem(m->err);
	*c->elsewhere = e;
	return list_found(m, first, end, &c->elsewhere->in);
}

/* By where they stand now; of several with one place the first one. */
static int by_place(const void *a, const void *b)
{
	const struct tally_passage *const *x = a, *const *y = b;
	const struct tally_passage_place *p = &(*x)->to, *q = &(*y)->to;

	if (p->source != q->source)
		return p->source < q->source ? -1 : 1;
	if (p->block != q->block)
		return p->block < q->block ? -1 : 1;
	return (*x > *y) - (*x < *y);
}

/* Paragraphs of one document that are others' from elsewhere. @return how many of the list are its own */
static size_t say_came(struct tally_making *m, const struct tally_passage *const *list,
                       size_t count, bool *ok)
{
	uint32_t source = list[0]->to.source, document = m->document_of[source];
	json_t *o = document == NO_DOCUMENT ? NULL : json_array_get(m->r->documents, document);
	const json_t *edits = json_object_get(o, "edits");
	size_t n = 0, at = 0;

	for (; n < count && list[n]->to.source == source; n++) {
		size_t back = at;
		json_t *e = edit_of(edits, &at, "added", "block", list[n]->to.block);

		if (!e)
			at = back;
		else if (!json_object_get(e, "moved_from"))
			tally_json_set(e, "moved_from", place_json(m, &list[n]->from), ok);
	}
	return n;
}

/* The same from the other side: what is new in a document, and is nothing but a paragraph of another one. */
static enum tally_status say_all_came(struct tally_making *m)
{
	size_t count = tally_passages_count(m->passages), n = 0;
	const struct tally_passage **list = tally_alloc(count * sizeof *list);
	bool ok = true;

	if (!list)
		return tally_err_nomem(m->err);
	for (size_t i = 0; i < count; i++) {
		const struct tally_passage *p = tally_passages_at(m->passages, i);

		if (p->found && p->whole && p->to.source != p->from.source)
			list[n++] = p;
	}
	if (n)
		qsort(list, n, sizeof *list, by_place);
	for (size_t i = 0; i < n && ok;)
		i += say_came(m, list + i, n - i, &ok);
	tally_free(list);
	return ok ? TALLY_OK : tally_err_nomem(m->err);
}

static enum tally_status say_all(struct tally_making *m)
{
	size_t count = tally_passages_count(m->passages);
	enum tally_status st = TALLY_OK;
	bool ok = true;

	for (size_t i = 0, end; i < count && ok && st >= 0; i = end) {
		end = say_document(m, i, &ok);
		st = say_deleted(m, i, end);
	}
	if (st < 0 || !ok)
		return ok ? st : tally_err_nomem(m->err);
	return say_all_came(m);
}

/* ---- all of it ---- */

static enum tally_status look(struct tally_making *m, struct reading *gone, size_t gone_count,
                              struct reading *new, size_t new_count)
{
	uint64_t left = m->options->limits->passage_bytes;
	enum tally_status st = TALLY_OK;

	/* where nothing is new, nothing that was deleted can have gone */
	if (gone_count && (new_count || json_array_size(m->r->documents))) {
		uint64_t half = left / 2; /* the rest is for where it may have gone */

		left -= half;
		st = read_all(m, gone, gone_count, &half);
		left += half;
		if (st >= 0)
			st = add_gone(m, gone, gone_count);
	}
	if (st < 0 || !tally_passages_wanted(m->passages))
		return st;
	st = tally_passages_search_kept(m->passages, m->err);
	if (st >= 0)
		st = read_all(m, new, new_count, &left);
	if (st >= 0)
		st = say_unread(m, new, new_count);
	if (st >= 0 && is_beyond(new, new_count))
		st = say_missing(m, "passage_bytes",
		                 "so not all new documents were searched for what is gone from it");
	/* where too many begin with the same words, some of those that are missing may still be there */
	if (st >= 0 && tally_passages_cut(m->passages))
		st = say_missing(m, NULL,
		                 "so many paragraphs begin alike that not all were looked for in "
		                 "other documents");
	return st < 0 ? st : say_all(m);
}

enum tally_status tally_make_passages(struct tally_making *m)
{
	struct readings gone = { 0 }, new = { 0 };
	enum tally_status st;

	if (m->options->shallow || !m->r->change_count)
		return TALLY_OK;
	st = begin(m);
	if (st >= 0)
		st = collect(m, TALLY_BEFORE, &gone);
	if (st >= 0 && (gone.count || tally_passages_wanted(m->passages)))
		st = collect(m, TALLY_AFTER, &new);
	if (st >= 0)
		st = look(m, gone.at, gone.count, new.at, new.count);
	readings_release(&gone);
	readings_release(&new);
	return st;
}
