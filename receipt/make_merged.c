/*
 * Documents that were deleted while much of their text stands in others (receipt/make_passages.c): they are compared with those, so
 * that what did not go along is said, short paragraphs too, and what was changed on the way.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "receipt/document_json.h"
#include "receipt/json_util.h"
#include "receipt/making.h"
#include "receipt/passages.h"

enum {
	TARGETS = 8,           /* of one document; what went to more is not looked into further */
	BLOCKS_MOST = 1 << 24, /* of a document */
	OPEN_COST = 16 << 10, /* bytes that could be read in the time that a comparison takes at least */
};

/* What became of a paragraph in one of the others, or in all of them. */
enum mark { SAME, EDITED, GONE };

struct target {
	size_t change;
	struct tally_compared compared;
	const json_t *document; /* NULL: could not be compared */
	unsigned char *marks;   /* of the paragraphs of the deleted one */
};

struct merged {
	struct tally_making *m;
	size_t change;
	struct target targets[TARGETS];
	size_t count;
	uint64_t blocks;
	unsigned char *owner; /* of each paragraph the target that it is told with */
};

struct list {
	struct merged *at;
	size_t count, cap;
};

/* ---- which ones ---- */

static bool add_target(struct merged *g, size_t change)
{
	for (size_t i = 0; i < g->count; i++)
		if (g->targets[i].change == change)
			return true;
	if (g->count == TARGETS)
		return false;
	g->targets[g->count++] = (struct target){ .change = change, .compared = { .m = g->m } };
	return true;
}

/* Paragraphs of one document, from number @i on. @return the number behind them */
static size_t collect_one(struct tally_making *m, size_t i, struct merged *g)
{
	const struct tally_passage *first = tally_passages_at(m->passages, i);
	size_t count = tally_passages_count(m->passages);
	bool all = true;

	*g = (struct merged){ .m = m, .change = first->from.source };
	for (; i < count; i++) {
		const struct tally_passage *p = tally_passages_at(m->passages, i);

		if (p->from.source != first->from.source)
			break;
		if (p->found)
			all = add_target(g, p->to.source) && all;
		else if (p->near)
			all = add_target(g, p->at.source) && all;
	}
	if (!all)
		g->count = 0;
	return i;
}

/* Texts that begin alike were no trace of it. */
static void forget(const struct merged *g)
{
	struct tally_receipt_change *c = &g->m->r->changes[g->change];

	if (!c->elsewhere->found)
		c->elsewhere = NULL;
}

static enum tally_status collect(struct tally_making *m, struct list *out)
{
	size_t count = tally_passages_count(m->passages);

	for (size_t i = 0; i < count;) {
		struct merged g;

		i = collect_one(m, i, &g);
		if (!m->r->changes[g.change].elsewhere)
			continue;
		if (!g.count) {
			forget(&g);
			continue;
		}
		if (!tally_grow(&out->at, &out->cap, out->count, sizeof *out->at))
			return tally_err_nomem(m->err);
		out->at[out->count++] = g;
	}
	return TALLY_OK;
}

/* ---- comparing ---- */

static bool affordable(const struct merged *g, uint64_t *left)
{
	const struct tally_receipt_change *c = g->m->r->changes;
	uint64_t cost = 0;

	for (size_t i = 0; i < g->count; i++)
		cost += c[g->change].bytes_before + c[g->targets[i].change].bytes_after + OPEN_COST;
	if (cost > *left)
		return false;
	*left -= cost;
	return true;
}

static enum tally_status compare_all(struct tally_making *m, struct list *list)
{
	uint64_t left = m->options->limits->passage_bytes;
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < list->count && st >= 0; i++) {
		struct merged *g = &list->at[i];
		bool go = affordable(g, &left);

		for (size_t k = 0; k < g->count && go && st >= 0; k++)
			st = tally_making_compare(&g->targets[k].compared, g->change,
			                          g->targets[k].change, false);
		if (st >= 0)
			st = tally_making_step(m, "comparing what was merged", i, list->count);
	}
	if (m->pool) {
		enum tally_status end = tally_workers_wait(m->pool, m->err);

		st = st < 0 ? st : end;
	}
	return st;
}

/* ---- what the answers say ---- */

static bool is_kind(const json_t *edit, const char *kind)
{
	return tally_json_is(edit, "kind", kind);
}

/* Are the ends of paragraphs found by words? Formats that know none, and two of different formats. */
static bool is_recut(const json_t *document)
{
	const json_t *format = json_object_get(document, "format");
	const char *old = tally_json_string(format, "before"),
		   *now = tally_json_string(format, "after");

	return !old || !now || strcmp(old, now) != 0 || !strcmp(old, "pdf");
}

/* All of it, with what stands before or behind it. */
static bool is_inside(const json_t *edit)
{
	const char *old = tally_json_string(edit, "old"), *now = tally_json_string(edit, "new");

	return old && now && !json_object_get(edit, "old_bytes") && strstr(now, old);
}

static enum mark mark_of(const struct target *t, const json_t *edit)
{
	if (is_kind(edit, "deleted"))
		return tally_edit_has_flag(edit, "part") ? SAME : GONE;
	if (tally_edit_is_another(edit))
		return GONE;
	return tally_edit_has_other_words(edit) && !(is_recut(t->document) && is_inside(edit))
	               ? EDITED
	               : SAME;
}

/* All of the texts were compared, and all that differs is listed. */
static bool is_whole(const json_t *document)
{
	return document && !json_is_true(json_object_get(document, "doubtful")) &&
	       !tally_json_count(json_object_get(document, "not_listed"), "edits");
}

static enum tally_status mark(struct merged *g, struct target *t)
{
	const json_t *edits = json_object_get(t->document, "edits");

	t->marks = tally_alloc_zero((size_t)g->blocks, 1);
	if (!t->marks)
		return tally_err_nomem(g->m->err);
	for (size_t i = 0; i < json_array_size(edits); i++) {
		const json_t *e = json_array_get(edits, i);
		uint64_t block = tally_json_count(e, "block_before");

		if (block && block <= g->blocks && !is_kind(e, "added"))
			t->marks[block - 1] = (unsigned char)mark_of(t, e);
	}
	return TALLY_OK;
}

/* @return TALLY_END: not all of it could be compared */
static enum tally_status read_answers(struct merged *g)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < g->count; i++) {
		struct target *t = &g->targets[i];
		uint64_t blocks;

		t->document = tally_compared_document(&t->compared);
		blocks = tally_json_count(json_object_get(t->document, "blocks"), "before");
		if (!is_whole(t->document) || !blocks || blocks > BLOCKS_MOST ||
		    (i && blocks != g->blocks))
			return TALLY_END;
		g->blocks = blocks;
	}
	for (size_t i = 0; i < g->count && st >= 0; i++)
		st = mark(g, &g->targets[i]);
	return st;
}

/* The target that a paragraph went to: one that has it as it was, or else edited, or else the first. */
static size_t owner_of(const struct merged *g, uint64_t block)
{
	size_t best = 0;

	for (size_t k = 1; k < g->count; k++)
		if (g->targets[k].marks[block] < g->targets[best].marks[block])
			best = k;
	return best;
}

struct counts {
	uint64_t same, edited, gone;
};

static struct counts count(const struct merged *g, size_t target)
{
	struct counts n = { 0 };

	for (uint64_t b = 0; b < g->blocks; b++) {
		enum mark mark = (enum mark)g->targets[target].marks[b];

		if (g->owner[b] != target)
			continue;
		n.same += mark == SAME;
		n.edited += mark == EDITED;
		n.gone += mark == GONE;
	}
	return n;
}

static json_t *blocks_json(const struct target *t, const struct counts *n)
{
	const char *unit = tally_json_string(json_object_get(t->document, "blocks"), "unit");

	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "unit",
	                 unit ? unit : "paragraph", "before",
	                 (json_int_t)(n->same + n->edited + n->gone), "same", (json_int_t)n->same,
	                 "edited", (json_int_t)n->edited, "moved", (json_int_t)0, "deleted",
	                 (json_int_t)n->gone, "added", (json_int_t)0, "after",
	                 (json_int_t)(n->same + n->edited));
}

/* An edit that is none: the paragraph is not there. Where it stood is known of what moved; otherwise its number has to do. */
static json_t *gone_json(const json_t *edit)
{
	json_t *where = json_object_get(edit, "where_before");
	bool ok = true;
	json_t *o;

	if (!where) {
		where = json_object_get(edit, "where");
		where = json_pack("{s:O, s:n}", "area", json_object_get(where, "area"), "n");
	} else {
		json_incref(where);
	}
	o = json_pack("{s:s, s:o, s:n, s:O, s:O?, s:n, s:[], s:[], s:[]}", "kind", "deleted",
	              "where", where, "block", "block_before", json_object_get(edit, "block_before"),
	              "old", json_object_get(edit, "old"), "new", "spans", "numbers", "flags");
	if (o && json_object_get(edit, "old_bytes"))
		tally_json_set(o, "old_bytes", json_incref(json_object_get(edit, "old_bytes")), &ok);
	return o;
}

static json_t *edits_json(const struct merged *g, size_t target, bool *ok)
{
	const struct target *t = &g->targets[target];
	const json_t *edits = json_object_get(t->document, "edits");
	json_t *list = json_array();

	for (size_t i = 0; i < json_array_size(edits) && *ok; i++) {
		json_t *e = json_array_get(edits, i);
		uint64_t block = tally_json_count(e, "block_before");

		if (block && block <= g->blocks && g->owner[block - 1] == target &&
		    mark_of(t, e) != SAME && !is_kind(e, "added"))
			tally_json_add(list,
			               is_kind(e, "deleted") || mark_of(t, e) == EDITED
			                       ? json_incref(e)
			                       : gone_json(e),
			               ok);
	}
	return list;
}

/* An entry of `documents`: what of the deleted file is in this one, but not as it was. */
static enum tally_status tell(struct merged *g, size_t target, const struct counts *n)
{
	const struct target *t = &g->targets[target];
	const struct tally_name *from = &g->m->r->changes[g->change].path;
	const struct tally_name *path = &g->m->r->changes[t->change].path;
	json_t *o = json_object();
	bool ok = true;

	tally_json_set(o, "format", json_incref(json_object_get(t->document, "format")), &ok);
	tally_json_set(o, "merged", json_integer((json_int_t)g->count), &ok);
	tally_json_set(o, "blocks", blocks_json(t, n), &ok);
	tally_json_set(o, "edits", edits_json(g, target, &ok), &ok);
	tally_json_set(o, "facts", json_array(), &ok);
	tally_json_set_bytes(o, "path", path->bytes, path->len, &ok);
	tally_json_set_bytes(o, "from", from->bytes, from->len, &ok);
	if (ok && json_array_append(g->m->r->documents, o) != 0)
		ok = false;
	json_decref(o);
	return ok ? TALLY_OK : tally_err_nomem(g->m->err);
}

static enum tally_status tell_all(struct merged *g, struct tally_text_elsewhere *e)
{
	struct counts n[TARGETS];
	enum tally_status st = TALLY_OK;

	for (size_t k = 0; k < g->count; k++) {
		n[k] = count(g, k);
		e->edited += n[k].edited;
		e->missing += n[k].gone;
	}
	if (!e->found && e->missing > e->all / 2)
		return TALLY_END;
	for (size_t k = 0; k < g->count && st >= 0; k++)
		if (n[k].edited || n[k].gone)
			st = tell(g, k, &n[k]);
	return st;
}

static enum tally_status take(struct merged *g)
{
	struct tally_text_elsewhere *e = g->m->r->changes[g->change].elsewhere;
	enum tally_status st = read_answers(g);

	if (st == TALLY_OK) {
		g->owner = tally_alloc((size_t)g->blocks);
		if (!g->owner)
			return tally_err_nomem(g->m->err);
		for (uint64_t b = 0; b < g->blocks; b++)
			g->owner[b] = (unsigned char)owner_of(g, b);
		e->compared = true;
		e->all = g->blocks;
		e->unit = tally_json_is(json_object_get(g->targets[0].document, "blocks"), "unit",
		                        "line")
		                  ? TALLY_UNIT_LINE
		                  : TALLY_UNIT_PARAGRAPH;
		st = tell_all(g, e);
	}
	if (st == TALLY_END)
		forget(g);
	return st < 0 ? st : TALLY_OK;
}

static void release(struct list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct merged *g = &list->at[i];

		for (size_t k = 0; k < g->count; k++) {
			json_decref(g->targets[k].compared.answer);
			tally_free(g->targets[k].marks);
		}
		tally_free(g->owner);
	}
	tally_free(list->at);
}

enum tally_status tally_make_merged(struct tally_making *m)
{
	struct list list = { 0 };
	enum tally_status st;

	if (!m->passages)
		return TALLY_OK;
	st = collect(m, &list);
	if (st >= 0 && list.count)
		st = compare_all(m, &list);
	for (size_t i = 0; i < list.count && st >= 0; i++)
		st = take(&list.at[i]);
	release(&list);
	return st;
}
