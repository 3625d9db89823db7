/*
 * Mails and mailboxes that were deleted, while their messages stand in others: a mailbox was cut into mails, or mails were put into a
 * mailbox. Messages are known by their IDs, and compared where what they say differs.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/path.h"
#include "receipt/json_util.h"
#include "receipt/making.h"

enum {
	OPEN_COST = 16 << 10, /* bytes that could be read in the time that opening one more file takes */
	PAIRS_MOST = 64,      /* of files that are compared for messages that differ */
};

/* A mail or mailbox that was deleted, or that is new or changed. */
struct box {
	struct tally_making *m;
	size_t change;
	enum tally_side side;
	json_t *answer;
};

/* A deleted one, and one that has messages of it which differ. */
struct pair {
	size_t from, to; /* changes */
	json_t *ids;     /* of the messages that differ */
	struct tally_compared compared;
};

struct work {
	struct tally_making *m;
	struct box *boxes;
	size_t count, cap;
	struct pair *pairs;
	size_t pair_count, pair_cap;
	json_t *places;        /* "ID digest" and "ID" to the number of the change that has it */
	bool mailbox, deleted; /* there is one */
	bool unread;           /* not all that is new could be read */
};

/* ---- which files ---- */

/* @box  set where it is a mailbox */
static bool is_mail(const struct tally_name *path, bool *box)
{
	const char *suffix;
	size_t len = tally_path_suffix(path->bytes, path->len, &suffix);

	*box = (len == 5 && !strncasecmp(suffix, ".mbox", len)) ||
	       (len == 4 && !strncasecmp(suffix, ".mbx", len));
	return *box || (len == 4 && !strncasecmp(suffix, ".eml", len));
}

static bool is_new(const struct tally_receipt_change *c)
{
	return c->kind == TALLY_CHANGE_ADDED || c->kind == TALLY_CHANGE_MODIFIED ||
	       c->kind == TALLY_CHANGE_MOVED_EDITED || c->kind == TALLY_CHANGE_COPIED_EDITED;
}

static enum tally_status collect(struct work *w)
{
	struct tally_making *m = w->m;

	for (size_t i = 0; i < m->r->change_count; i++) {
		const struct tally_receipt_change *c = &m->r->changes[i];
		bool deleted = c->kind == TALLY_CHANGE_DELETED && c->fate == TALLY_FATE_LOST, box;

		if (c->type != TALLY_TYPE_FILE || m->change_of[i] == TALLY_NO_INDEX ||
		    !(deleted || is_new(c)) || !is_mail(&c->path, &box))
			continue;
		w->mailbox |= box;
		w->deleted |= deleted;
		if (!tally_grow(&w->boxes, &w->cap, w->count, sizeof *w->boxes))
			return tally_err_nomem(m->err);
		w->boxes[w->count++] = (struct box){ .m = m,
			                             .change = i,
			                             .side = deleted ? TALLY_BEFORE : TALLY_AFTER };
	}
	return TALLY_OK;
}

/* ---- reading ---- */

static enum tally_status on_messages(void *payload, const struct tally_answer *answer,
                                     struct tally_err *err)
{
	struct box *b = payload;

	(void)err;
	if (answer->status >= TALLY_PARTIAL)
		b->answer = json_incref(answer->json);
	return TALLY_OK;
}

static enum tally_status ask(struct box *b, uint64_t *left)
{
	struct tally_making *m = b->m;
	uint32_t entry = tally_making_entry(m, b->change, b->side);
	uint64_t cost = m->tree[b->side]->entries[entry].size + OPEN_COST;
	struct tally_request q = { .fds = { -1, -1 } };
	struct tally_err why = { 0 };
	enum tally_status st;
	bool live;

	if (cost > *left)
		return TALLY_OK;
	*left -= cost;
	st = tally_content_open(&m->contents[b->side], entry, &q.fds[0], &live, &why);
	if (st == TALLY_SKIP)
		return TALLY_OK;
	if (st < 0) {
		*m->err = why;
		return st;
	}
	q.bytes = cost;
	q.json = tally_job_messages(tally_making_name(m, b->side, entry),
	                            tally_snapshot_key(m->snap[0]));
	return tally_making_ask(m, &q, on_messages, b);
}

static enum tally_status wait(struct tally_making *m, enum tally_status st)
{
	enum tally_status end = m->pool ? tally_workers_wait(m->pool, m->err) : TALLY_OK;

	return st < 0 ? st : end;
}

static enum tally_status read_all(struct work *w)
{
	uint64_t left = w->m->options->limits->passage_bytes;
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < w->count && st >= 0; i++)
		st = ask(&w->boxes[i], &left);
	return wait(w->m, st);
}

/* ---- which message is where ---- */

/* One of the three texts that tell of a message; "" where the answer has none. */
static const char *part(const json_t *message, size_t i)
{
	const char *text = json_string_value(json_array_get(message, i));

	return text ? text : "";
}

static bool has_id(const json_t *message)
{
	return *part(message, 0) == '<';
}

static json_t *find(const struct work *w, const json_t *message, bool same)
{
	json_t *key = same ? json_sprintf("%s %s", part(message, 0), part(message, 2))
	                   : json_string_nocheck(part(message, 0));
	json_t *found = key && (same || has_id(message))
	                        ? json_object_get(w->places, json_string_value(key))
	                        : NULL;

	json_decref(key);
	return found;
}

static bool enter(struct work *w, const struct box *b)
{
	const json_t *list = json_object_get(b->answer, "messages");
	bool ok = true;

	for (size_t i = 0; i < json_array_size(list) && ok; i++) {
		const json_t *message = json_array_get(list, i);
		json_t *key = json_sprintf("%s %s", part(message, 0), part(message, 2));

		ok = key != NULL;
		if (ok && !find(w, message, true))
			tally_json_set(w->places, json_string_value(key),
			               json_integer((json_int_t)b->change), &ok);
		if (ok && has_id(message) && !find(w, message, false))
			tally_json_set(w->places, part(message, 0),
			               json_integer((json_int_t)b->change), &ok);
		json_decref(key);
	}
	return ok;
}

static bool enter_all(struct work *w)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct box *b = &w->boxes[i];

		if (b->side != TALLY_AFTER)
			continue;
		w->unread |= !b->answer || json_is_true(json_object_get(b->answer, "partial"));
		if (b->answer && !enter(w, b))
			return false;
	}
	return true;
}

/* The pair of these two; made where there is none. NULL: no memory */
static struct pair *pair_of(struct work *w, size_t from, size_t to)
{
	struct pair *p;

	for (size_t i = w->pair_count; i-- > 0 && w->pairs[i].from == from;)
		if (w->pairs[i].to == to)
			return &w->pairs[i];
	if (!tally_grow(&w->pairs, &w->pair_cap, w->pair_count, sizeof *w->pairs))
		return NULL;
	p = &w->pairs[w->pair_count++];
	*p = (struct pair){ .from = from, .to = to, .ids = json_object(), .compared = { .m = w->m } };
	return p->ids ? p : NULL;
}

static enum tally_status add_pair(struct work *w, size_t from, size_t to, const char *id)
{
	struct pair *p = pair_of(w, from, to);
	bool ok = p != NULL;

	if (ok)
		tally_json_set(p->ids, id, json_true(), &ok);
	return ok ? TALLY_OK : tally_err_nomem(w->m->err);
}

/* What is in none of the others, as facts: by whom, when and what about. */
static json_t *gone_json(const struct work *w, const json_t *list, bool *ok)
{
	json_t *facts = json_array();

	for (size_t i = 0; i < json_array_size(list) && *ok; i++) {
		const json_t *message = json_array_get(list, i);

		if (!find(w, message, true) && !find(w, message, false))
			tally_json_add(facts,
			               json_pack("{s:s, s:s, s:s, s:n, s:n, s:s}", "fact", "message",
			                         "change", "removed", "old", part(message, 1),
			                         "new", "by", "where", part(message, 0)),
			               ok);
	}
	return facts;
}

static json_t *blocks_json(uint64_t before, uint64_t edited, uint64_t gone)
{
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "unit", "message", "before",
	                 (json_int_t)before, "same", (json_int_t)(before - edited - gone), "edited",
	                 (json_int_t)edited, "moved", (json_int_t)0, "deleted", (json_int_t)gone,
	                 "added", (json_int_t)0, "after", (json_int_t)(before - gone));
}

/* An entry of `documents`. @o  taken over */
static enum tally_status put(struct tally_making *m, json_t *o, size_t from, size_t to,
                             uint64_t places, bool ok)
{
	const struct tally_name *old = &m->r->changes[from].path, *now = &m->r->changes[to].path;

	tally_json_set(o, "merged", json_integer((json_int_t)places), &ok);
	tally_json_set_bytes(o, "path", now->bytes, now->len, &ok);
	tally_json_set_bytes(o, "from", old->bytes, old->len, &ok);
	ok = ok && json_array_append(m->r->documents, o) == 0;
	json_decref(o);
	return ok ? TALLY_OK : tally_err_nomem(m->err);
}

static const char *format_of(const struct tally_name *path)
{
	bool box;

	(void)is_mail(path, &box);
	return box ? "mbox" : "eml";
}

static enum tally_status tell_gone(const struct work *w, const struct box *b, size_t to,
                                   const struct tally_text_elsewhere *e)
{
	const struct tally_receipt_change *c = w->m->r->changes;
	json_t *o = json_object();
	bool ok = true;

	tally_json_set(o, "format",
	               json_pack("{s:s, s:s}", "before", format_of(&c[b->change].path), "after",
	                         format_of(&c[to].path)),
	               &ok);
	tally_json_set(o, "blocks", blocks_json(e->all - e->edited, 0, e->missing), &ok);
	tally_json_set(o, "edits", json_array(), &ok);
	tally_json_set(o, "facts", gone_json(w, json_object_get(b->answer, "messages"), &ok), &ok);
	tally_json_set(o, "fact_counts",
	               json_pack("[{s:s, s:I, s:I, s:i, s:I, s:i, s:i}]", "fact", "message",
	                         "before", (json_int_t)e->all, "after",
	                         (json_int_t)(e->all - e->missing), "added", 0, "removed",
	                         (json_int_t)e->missing, "changed", 0, "moved", 0),
	               &ok);
	return put(w->m, o, b->change, to, e->in.total, ok);
}

/* How many of its messages are where. @sources  room for all of them */
static enum tally_status count(struct work *w, const struct box *b, struct tally_text_elsewhere *e,
                               uint32_t *sources, size_t *n)
{
	const json_t *list = json_object_get(b->answer, "messages");
	enum tally_status st = TALLY_OK;

	e->all = e->paragraphs = json_array_size(list);
	for (size_t i = 0; i < e->all && st >= 0; i++) {
		const json_t *message = json_array_get(list, i);
		const json_t *same = find(w, message, true), *other = find(w, message, false);

		if (same || other)
			sources[(*n)++] = (uint32_t)json_integer_value(same ? same : other);
		e->edited += !same && other;
		if (!same && other)
			st = add_pair(w, b->change, (size_t)json_integer_value(other),
			              part(message, 0));
	}
	e->found = *n;
	e->missing = e->all - e->found;
	return st;
}

static bool have_ids(const struct box *b)
{
	const json_t *list = json_object_get(b->answer, "messages");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (!has_id(json_array_get(list, i)))
			return false;
	return json_array_size(list) > 0;
}

static enum tally_status settle(struct work *w, const struct box *b)
{
	struct tally_text_elsewhere e = { .compared = true, .unit = TALLY_UNIT_MESSAGE };
	struct tally_receipt_change *c = &w->m->r->changes[b->change];
	size_t most = json_array_size(json_object_get(b->answer, "messages")), n = 0;
	uint32_t *sources = tally_alloc((most + 1) * sizeof *sources);
	enum tally_status st;

	if (!sources)
		return tally_err_nomem(w->m->err);
	st = count(w, b, &e, sources, &n);
	w->m->by_id[b->change] = st >= 0 && have_ids(b) && !(e.missing && w->unread);
	if (st >= 0 && n && w->m->by_id[b->change]) {
		c->elsewhere = tally_arena_zero(&w->m->r->arena, 1, sizeof *c->elsewhere);
		st = c->elsewhere ? tally_making_list(w->m, sources, n, &e.in)
		                  : tally_err_nomem(w->m->err);
		if (st >= 0)
			*c->elsewhere = e;
		if (st >= 0 && e.missing)
			st = tell_gone(w, b, sources[0], &e);
	}
	tally_free(sources);
	return st;
}

/* ---- messages that differ ---- */

/* What is added in the other one, or gone from it, is no matter of these messages. */
static json_t *edits_json(const json_t *document, uint64_t *n, bool *ok)
{
	const json_t *edits = json_object_get(document, "edits");
	json_t *list = json_array();

	for (size_t i = 0; i < json_array_size(edits) && *ok; i++) {
		json_t *e = json_array_get(edits, i);

		if (!json_array_size(json_object_get(e, "spans")))
			continue;
		++*n;
		tally_json_add(list, json_incref(e), ok);
	}
	return list;
}

/* Behind the last " in ": the message that has an attachment, "offer.pdf in <1@example.org>" */
static const char *message_of(const char *where)
{
	const char *found = NULL;

	for (const char *at = where ? strstr(where, " in ") : NULL; at; at = strstr(at + 1, " in "))
		found = at + 4;
	return found;
}

/* What went from one of these messages and came with another one, which has nothing to do with it. NULL: no memory */
static json_t *removed_json(const json_t *fact)
{
	return json_pack("{s:O, s:s, s:O?, s:n, s:n, s:O?}", "fact", json_object_get(fact, "fact"),
	                 "change", "removed", "old", json_object_get(fact, "old"), "new", "by",
	                 "where", json_object_get(fact, "where_before"));
}

/* What the messages that differ had attached. */
static json_t *facts_json(const struct pair *p, const json_t *document, bool *ok)
{
	const json_t *facts = json_object_get(document, "facts");
	json_t *list = json_array();

	for (size_t i = 0; i < json_array_size(facts) && *ok; i++) {
		json_t *f = json_array_get(facts, i);
		const char *id = message_of(tally_json_string(f, "where"));
		const char *was = message_of(tally_json_string(f, "where_before"));

		if (was && tally_json_string(f, "fact") && json_object_get(p->ids, was) &&
		    (!id || strcmp(was, id) != 0))
			tally_json_add(list, removed_json(f), ok);
		else if (id && json_object_get(p->ids, id))
			tally_json_add(list, json_incref(f), ok);
	}
	return list;
}

/* How many attachments they lost, for the rules. */
static json_t *counts_json(const json_t *facts)
{
	uint64_t removed = 0;

	for (size_t i = 0; i < json_array_size(facts); i++) {
		const json_t *f = json_array_get(facts, i);

		removed += tally_json_is(f, "fact", "attachment") &&
		           tally_json_is(f, "change", "removed");
	}
	return removed ? json_pack("[{s:s, s:I, s:i, s:i, s:I, s:i, s:i}]", "fact", "attachment",
	                           "before", (json_int_t)removed, "after", 0, "added", 0, "removed",
	                           (json_int_t)removed, "changed", 0, "moved", 0)
	               : json_array();
}

static enum tally_status take_pair(struct pair *p)
{
	const json_t *document = tally_compared_document(&p->compared);
	json_t *o;
	uint64_t n = 0;
	bool ok = true;

	if (!document)
		return TALLY_OK;
	o = json_object();
	tally_json_set(o, "format", json_incref(json_object_get(document, "format")), &ok);
	tally_json_set(o, "edits", edits_json(document, &n, &ok), &ok);
	tally_json_set(o, "blocks", blocks_json(n, n, 0), &ok);
	tally_json_set(o, "facts", facts_json(p, document, &ok), &ok);
	tally_json_set(o, "fact_counts", counts_json(json_object_get(o, "facts")), &ok);
	if (ok && !n && !json_array_size(json_object_get(o, "facts"))) {
		json_decref(o);
		return TALLY_OK;
	}
	return put(p->compared.m, o, p->from, p->to, 1, ok);
}

static enum tally_status compare(struct work *w)
{
	size_t most = w->pair_count < PAIRS_MOST ? w->pair_count : PAIRS_MOST;
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < most && st >= 0; i++)
		st = tally_making_compare(&w->pairs[i].compared, w->pairs[i].from, w->pairs[i].to,
		                          true);
	st = wait(w->m, st);
	for (size_t i = 0; i < most && st >= 0; i++)
		st = take_pair(&w->pairs[i]);
	return st;
}

/* ---- all of it ---- */

static void release(struct work *w)
{
	for (size_t i = 0; i < w->count; i++)
		json_decref(w->boxes[i].answer);
	for (size_t i = 0; i < w->pair_count; i++) {
		json_decref(w->pairs[i].compared.answer);
		json_decref(w->pairs[i].ids);
	}
	tally_free(w->boxes);
	tally_free(w->pairs);
	json_decref(w->places);
}

enum tally_status tally_make_messages(struct tally_making *m)
{
	struct work w = { .m = m };
	enum tally_status st = m->options->shallow ? TALLY_OK : collect(&w);

	if (st >= 0 && w.deleted && w.mailbox) {
		w.places = json_object();
		m->by_id = tally_alloc_zero(m->r->change_count, sizeof *m->by_id);
		st = w.places && m->by_id ? read_all(&w) : tally_err_nomem(m->err);
		if (st >= 0 && !enter_all(&w))
			st = tally_err_nomem(m->err);
		for (size_t i = 0; i < w.count && st >= 0; i++)
			if (w.boxes[i].side == TALLY_BEFORE && w.boxes[i].answer &&
			    !json_is_true(json_object_get(w.boxes[i].answer, "partial")))
				st = settle(&w, &w.boxes[i]);
		if (st >= 0)
			st = compare(&w);
	}
	release(&w);
	return st;
}
