/* The review list: rules report, equal findings are merged, all are ranked. The rules stand in the other review_*.c files. */
#include "receipt/review.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "receipt/json_util.h"
#include "receipt/words.h"

enum {
	WHAT_MOST = 1 << 20, /* a sentence with three long names */
	TEXT_MOST = 1 << 13, /* of a text in it: longer than any name that programs open, and six fit whatever is in them */
	REVIEW_CAP_LEAST = 8, /* power of two */
};

static const struct {
	const char *id, *why;
} rules[] = {
#define TALLY_RULE(id, why) { #id, why },
#include "receipt/review_rules.def"
#undef TALLY_RULE
};

const char *tally_rule_id(enum tally_rule rule)
{
	return (unsigned)rule < TALLY_RULE_COUNT ? rules[rule].id : NULL;
}

const char *tally_rule_why(enum tally_rule rule)
{
	return (unsigned)rule < TALLY_RULE_COUNT ? rules[rule].why : NULL;
}

static enum tally_rule rule_of(const char *id)
{
	for (int i = 0; i < TALLY_RULE_COUNT; i++)
		if (!strcmp(rules[i].id, id))
			return (enum tally_rule)i;
	return TALLY_RULE_COUNT;
}

/* ---- adding from outside ---- */

static bool copy_text(struct tally_receipt *r, const char **text)
{
	if (*text)
		*text = tally_arena_dup(&r->arena, *text, strlen(*text));
	else
		return true;
	return *text != NULL;
}

/* The list lives in the arena and doubles, so that its capacity is the power of two at or above the count. */
static bool room(struct tally_receipt *r)
{
	size_t n = r->review_count;
	struct tally_review_item *grown;

	if (n != 0 && (n < REVIEW_CAP_LEAST || (n & (n - 1)) != 0))
		return true;
	grown = tally_arena_zero(&r->arena, n < REVIEW_CAP_LEAST ? REVIEW_CAP_LEAST : 2 * n,
	                         sizeof *grown);
	if (!grown)
		return false;
	if (n)
		memcpy(grown, r->review, n * sizeof *grown);
	r->review = grown;
	return true;
}

enum tally_status tally_review_add(struct tally_receipt *r, const struct tally_review_item *item,
                                   struct tally_err *err)
{
	struct tally_review_item copy = *item;
	enum tally_rule rule = rule_of(item->rule);

	if (!copy.why)
		copy.why = tally_rule_why(rule);
	if (rule < TALLY_RULE_COUNT)
		copy.rule = tally_rule_id(rule);
	else if (!copy_text(r, &copy.rule))
		return tally_err_nomem(err);
	if (copy.path.bytes)
		copy.path.bytes = tally_arena_dup(&r->arena, copy.path.bytes, copy.path.len);
	if ((item->path.bytes && !copy.path.bytes) || !copy_text(r, &copy.where) ||
	    !copy_text(r, &copy.what) || !copy_text(r, &copy.why) || !room(r))
		return tally_err_nomem(err);
	r->review[r->review_count++] = copy;
	return TALLY_OK;
}

/* ---- sentences ---- */

static void said(struct tally_reviewer *v, bool ok)
{
	if (!ok && v->status == TALLY_OK)
		v->status = tally_err_nomem(v->err);
}

void tally_say(struct tally_reviewer *v, const char *text)
{
	said(v, tally_buf_text(&v->what, text));
}

void tally_say_name(struct tally_reviewer *v, const struct tally_name *name)
{
	if (name->bytes && name->len)
		said(v, tally_words_quote(&v->what, name->bytes, name->len));
	else
		tally_say(v, "the folder itself");
}

void tally_say_text(struct tally_reviewer *v, const char *text)
{
	size_t len, n;

	if (!text)
		text = "?";
	len = strlen(text);
	/* nobody reads more, and the sentence has to hold it */
	for (n = len > TEXT_MOST ? TEXT_MOST : len;
	     n > 0 && n < len && ((unsigned char)text[n] & 0xC0) == 0x80;)
		n--;
	said(v, tally_buf_text(&v->what, "\u2018") && tally_words_safe(&v->what, text, n) &&
	                tally_buf_text(&v->what, n < len ? "\u2019 …" : "\u2019"));
}

void tally_say_value(struct tally_reviewer *v, const char *text)
{
	if (text && !*text)
		tally_say(v, "(empty)");
	else
		tally_say_text(v, text);
}

void tally_say_count(struct tally_reviewer *v, uint64_t n)
{
	char text[TALLY_COUNT_MAX];

	tally_say(v, tally_words_count(text, n));
}

void tally_say_plural(struct tally_reviewer *v, uint64_t n, const char *one, const char *many)
{
	said(v, tally_words_plural(&v->what, n, one, many));
}

void tally_say_size(struct tally_reviewer *v, uint64_t bytes)
{
	char text[TALLY_SIZE_MAX];

	tally_say(v, tally_words_size(text, bytes));
}

/* ---- findings ---- */

static struct tally_finding *new_finding(struct tally_reviewer *v)
{
	if (v->status == TALLY_OK && !tally_grow(&v->findings, &v->cap, v->count, sizeof *v->findings))
		v->status = tally_err_nomem(v->err);
	return v->status == TALLY_OK ? &v->findings[v->count++] : NULL;
}

bool tally_review_has_table(const struct tally_receipt *r, const struct tally_name *path)
{
	for (size_t i = 0; i < json_array_size(r->tables); i++) {
		const json_t *t = json_array_get(r->tables, i);
		const char *text = tally_json_string(t, "path");

		if (text && strlen(text) == path->len && !memcmp(text, path->bytes, path->len))
			return true;
	}
	return false;
}

void tally_say_table(struct tally_reviewer *v, const char *path, const char *part)
{
	tally_say_text(v, path);
	if (part && *part) {
		tally_say(v, " (");
		tally_say_text(v, part);
		tally_say(v, ")");
	}
}

void tally_found(struct tally_reviewer *v, enum tally_rule rule, enum tally_severity severity,
                 const struct tally_name *path, const char *where, uint64_t how_many, uint64_t weight)
{
	struct tally_finding *f = new_finding(v);

	if (!f)
		return;
	*f = (struct tally_finding){ .rule = rule, .weight = weight, .order = v->count };
	f->item = (struct tally_review_item){ .severity = severity,
		                              .rule = tally_rule_id(rule),
		                              .why = tally_rule_why(rule),
		                              .how_many = how_many };
	if (path)
		f->item.path = *path;
	f->item.what = tally_arena_dup(&v->r->arena, v->what.bytes, v->what.len);
	f->item.where = where && *where ? where : NULL;
	if (!f->item.what || !copy_text(v->r, &f->item.where))
		v->status = tally_err_nomem(v->err);
	tally_buf_clear(&v->what);
}

void tally_found_change(struct tally_reviewer *v, uint64_t change, uint64_t difference)
{
	if (v->status != TALLY_OK || !v->count)
		return;
	v->findings[v->count - 1].change = change;
	v->findings[v->count - 1].difference = difference;
}

/* What was added before the rules ran. */
static void take_added(struct tally_reviewer *v)
{
	for (size_t i = 0; i < v->r->review_count; i++) {
		struct tally_finding *f = new_finding(v);

		if (!f)
			return;
		*f = (struct tally_finding){ .order = v->count,
			                     .item = v->r->review[i],
			                     .rule = rule_of(v->r->review[i].rule),
			                     .weight = v->r->review[i].how_many };
	}
}

static int by_rank(const void *a, const void *b)
{
	const struct tally_finding *x = a, *y = b;
	int c;

	if (x->item.severity != y->item.severity)
		return x->item.severity > y->item.severity ? -1 : 1;
	if (x->rule != y->rule)
		return x->rule < y->rule ? -1 : 1;
	if (x->rule == TALLY_RULE_COUNT && (c = strcmp(x->item.rule, y->item.rule)) != 0)
		return c;
	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	c = tally_path_order(&x->item.path, &y->item.path);
	if (c)
		return c;
	if (x->change && y->change) /* edits of a text, in its order */
		return (x->order > y->order) - (x->order < y->order);
	return strcmp(x->item.what, y->item.what);
}

static void hand_over(struct tally_reviewer *v)
{
	struct tally_receipt *r = v->r;

	if (v->status != TALLY_OK)
		return;
	r->review = tally_arena_zero(&r->arena, v->count, sizeof *r->review);
	if (!r->review) {
		v->status = tally_err_nomem(v->err);
		return;
	}
	for (size_t i = 0; i < v->count; i++)
		r->review[i] = v->findings[i].item;
	r->review_count = v->count;
}

static void run_rules(struct tally_reviewer *v)
{
	take_added(v);
	tally_review_roots(v);
	tally_review_tree(v);
	tally_review_gaps(v);
	tally_review_scope(v);
	tally_review_tables(v);
	tally_review_facts(v);
	tally_review_documents(v);
	tally_review_pages(v);
	tally_review_pictures(v);
	tally_review_run(v);
	if (v->status != TALLY_OK)
		return;
	if (v->count)
		qsort(v->findings, v->count, sizeof *v->findings, by_rank);
	tally_review_merge(v);
	hand_over(v);
}

enum tally_status tally_receipt_review(struct tally_receipt *r, struct tally_err *err)
{
	struct tally_reviewer v = { .r = r, .err = err };

	tally_buf_init(&v.what, WHAT_MOST);
	v.claimed = tally_alloc_zero(r->change_count, sizeof *v.claimed);
	if (!v.claimed)
		v.status = tally_err_nomem(err);
	if (v.status == TALLY_OK)
		run_rules(&v);
	if (v.status == TALLY_OK)
		tally_review_verdict(&v);
	tally_free(v.claimed);
	tally_free(v.findings);
	tally_buf_release(&v.what);
	return v.status;
}
