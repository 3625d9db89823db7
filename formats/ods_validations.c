/* What may be entered into the cells of an OpenDocument sheet: rules are told with the cells that carry them. */
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/mem.h"
#include "formats/formula.h"
#include "formats/ods.h"

enum {
	AREAS_MOST = 1000, /* of one rule on one sheet that are told */
	AREAS_JOINED = 64, /* the last ones that a row may go on */
};

/* Rows and columns from 0, ends included */
struct area {
	uint64_t row, last_row, column, last_column;
};

struct rule {
	const char *name, *value;
	struct area *areas; /* on this sheet; the last one is the row being read */
	size_t count, cap;
	bool more; /* than are told */
};

struct tally_ods_validations {
	struct tally_arena arena;
	struct rule *rules;
	size_t count, cap;
	size_t *used; /* those with cells on this sheet */
	size_t used_count, used_cap;
	struct rule *last; /* that was looked for */
	bool sorted;
};

void tally_ods_validations_free(struct tally_ods_validations *v)
{
	if (!v)
		return;
	for (size_t i = 0; i < v->count; i++)
		tally_free(v->rules[i].areas);
	tally_free(v->rules);
	tally_free(v->used);
	tally_arena_release(&v->arena);
	tally_free(v);
}

/* ---- conditions in words ---- */

struct text {
	const char *at, *end;
};

static bool skip(struct text *t, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(t->end - t->at) < n || memcmp(t->at, word, n) != 0)
		return false;
	t->at += n;
	return true;
}

/* The argument that begins here; steps over it and the sign behind it. */
static struct text argument(struct text *t)
{
	struct text a = { t->at, t->at };
	size_t depth = 0;
	char quote = 0;

	for (; t->at < t->end; t->at++) {
		char c = *t->at;

		if (quote || c == '"' || c == '\'') {
			quote = !quote ? c : c == quote ? 0 : quote;
			continue;
		}
		if (!depth && (c == ',' || c == ';' || c == ')'))
			break;
		depth += c == '(' || c == '[';
		depth -= depth && (c == ')' || c == ']');
	}
	a.end = t->at;
	t->at += t->at < t->end;
	return a;
}

static bool put_argument(struct tally_ods *o, struct tally_buf *to, struct text *t)
{
	struct text a = argument(t);

	return tally_ods_expression(o, to, a.at, (size_t)(a.end - a.at));
}

/* "a";"b" is the text "a,b"; otherwise it is where the values stand */
static bool put_list(struct tally_ods *o, struct tally_buf *to, struct text t)
{
	bool ok = tally_buf_text(to, "list "), first = true;

	if (t.at == t.end || *t.at != '"')
		return ok && put_argument(o, to, &t);
	for (; ok && t.at < t.end; first = false) {
		struct text a = argument(&t);
		size_t len = (size_t)(a.end - a.at);

		if (len < 2 || *a.at != '"')
			break;
		ok = tally_buf_byte(to, first ? '"' : ',') && tally_buf_add(to, a.at + 1, len - 2);
	}
	return ok && tally_buf_byte(to, '"');
}

static const char *sign_of(struct text *t)
{
	static const char *const signs[][2] = { { "<=", " \u2264 " }, { ">=", " \u2265 " },
		                                { "!=", " \u2260 " }, { "<>", " \u2260 " },
		                                { "<", " < " },       { ">", " > " },
		                                { "=", " = " } };

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (skip(t, signs[i][0]))
			return signs[i][1];
	return NULL;
}

/* " between 1 and 9", " ≥ 1", as XLSX has it. @known  false: it is something else */
static bool put_comparison(struct tally_ods *o, struct tally_buf *to, struct text t, bool *known)
{
	const char *sign;

	if (skip(&t, "is-between(") || skip(&t, "-is-between("))
		sign = " between ";
	else if (skip(&t, "is-not-between(") || skip(&t, "-is-not-between("))
		sign = " not between ";
	else
		sign = skip(&t, "()") ? sign_of(&t) : NULL;
	*known = sign != NULL;
	if (!sign)
		return true;
	if (sign[1] != 'b' && sign[1] != 'n')
		return tally_buf_text(to, sign) &&
		       tally_ods_expression(o, to, t.at, (size_t)(t.end - t.at));
	return tally_buf_text(to, sign) && put_argument(o, to, &t) && tally_buf_text(to, " and ") &&
	       put_argument(o, to, &t);
}

/* @return false: no memory */
static bool put_condition(struct tally_ods *o, struct tally_buf *to, const char *text, size_t len)
{
	static const char *const kinds[][2] = {
		{ "cell-content-is-whole-number() and cell-content", "whole number" },
		{ "cell-content-is-decimal-number() and cell-content", "decimal" },
		{ "cell-content-is-date() and cell-content", "date" },
		{ "cell-content-is-time() and cell-content", "time" },
		{ "cell-content-text-length", "length of text" },
	};
	struct text t = { text, text + len };
	bool known = false;

	(void)skip(&t, "of:");
	if (skip(&t, "cell-content-is-in-list("))
		return put_list(o, to, t);
	if (skip(&t, "is-true-formula("))
		return tally_buf_text(to, "formula ") && put_argument(o, to, &t);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !known; i++) {
		struct text rest = t;

		if (!skip(&rest, kinds[i][0]))
			continue;
		(void)(rest.at < rest.end && *rest.at == '-' && rest.at++);
		if (!tally_buf_text(to, kinds[i][1]) || !put_comparison(o, to, rest, &known))
			return false;
	}
	if (known)
		return true;
	tally_buf_clear(to);
	return tally_buf_add(to, t.at, (size_t)(t.end - t.at));
}

/* ---- rules ---- */

enum tally_status tally_ods_validation(struct tally_ods *o, const struct tally_xml_start *e,
                                       struct tally_err *err)
{
	const struct tally_xml_attr *name = tally_xml_attr(e, TALLY_XML_TABLE, "name");
	const struct tally_xml_attr *condition = tally_xml_attr(e, TALLY_XML_TABLE, "condition");
	struct tally_ods_validations *v = o->validations;
	struct rule rule = { 0 };

	if (!name)
		return TALLY_OK;
	if (!v) {
		v = o->validations = tally_alloc_zero(1, sizeof *v);
		if (!v)
			return tally_err_nomem(err);
		tally_arena_init(&v->arena, 0);
	}
	tally_buf_clear(&o->fact_text);
	if (!(condition ? put_condition(o, &o->fact_text, condition->value, condition->len)
	                : tally_buf_text(&o->fact_text, "any value")))
		return tally_err_nomem(err);
	rule.name = tally_arena_dup(&v->arena, name->value, name->len);
	rule.value = tally_arena_dup(&v->arena, o->fact_text.len ? o->fact_text.bytes : "",
	                             o->fact_text.len);
	if (!rule.name || !rule.value || !tally_grow(&v->rules, &v->cap, v->count, sizeof rule))
		return tally_err_nomem(err);
	v->rules[v->count++] = rule;
	v->sorted = false;
	v->last = NULL;
	return TALLY_OK;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct rule *)a)->name, ((const struct rule *)b)->name);
}

/* @return NULL: there is none. The rules come before the sheets, so that they are sorted once */
static struct rule *find(struct tally_ods_validations *v, const char *name)
{
	const struct rule key = { .name = name };

	if (v->last && !strcmp(v->last->name, name))
		return v->last;
	if (!v->sorted && v->count > 1 && !v->used_count)
		qsort(v->rules, v->count, sizeof *v->rules, by_name);
	v->sorted = true;
	v->last = v->count ? bsearch(&key, v->rules, v->count, sizeof key, by_name) : NULL;
	return v->last;
}

/* ---- cells ---- */

/* The row that was read, as the end of an area above it with the same columns. */
static void join_above(struct rule *r)
{
	struct area *now = &r->areas[r->count - 1];

	for (size_t i = r->count - 1, looked = 0; i > 0 && looked < AREAS_JOINED; i--, looked++) {
		struct area *above = &r->areas[i - 1];

		if (above->last_row + 1 != now->row || above->column != now->column ||
		    above->last_column != now->last_column)
			continue;
		above->last_row = now->last_row;
		r->count--;
		return;
	}
}

static enum tally_status add_area(struct rule *r, const struct area *area, struct tally_err *err)
{
	struct area *last = r->count ? &r->areas[r->count - 1] : NULL;

	if (last && last->row == area->row && last->last_row == area->last_row &&
	    last->last_column + 1 == area->column) {
		last->last_column = area->last_column;
		return TALLY_OK;
	}
	if (last)
		join_above(r);
	r->more |= r->count >= AREAS_MOST;
	if (r->more)
		return TALLY_OK;
	if (!tally_grow(&r->areas, &r->cap, r->count, sizeof *r->areas))
		return tally_err_nomem(err);
	r->areas[r->count++] = *area;
	return TALLY_OK;
}

enum tally_status tally_ods_validated(struct tally_ods *o, const struct tally_xml_attr *name,
                                      struct tally_err *err)
{
	struct tally_ods_validations *v = o->validations;
	const struct area area = { o->row, o->row + o->row_times - 1, o->column,
		                   o->column + o->cell.repeat - 1 };
	struct rule *r;

	if (!v || !o->sheet_at)
		return TALLY_OK;
	tally_buf_clear(&o->scratch);
	if (!tally_buf_add(&o->scratch, name->value, name->len))
		return tally_err_nomem(err);
	r = find(v, o->scratch.len ? o->scratch.bytes : "");
	if (!r)
		return TALLY_OK;
	if (!r->count) {
		if (!tally_grow(&v->used, &v->used_cap, v->used_count, sizeof *v->used))
			return tally_err_nomem(err);
		v->used[v->used_count++] = (size_t)(r - v->rules);
	}
	return add_area(r, &area, err);
}

/* ---- telling ---- */

static bool put_area(struct tally_buf *to, const struct area *a, bool first)
{
	char from[24], last[24];

	(void)tally_cell_reference_text(from, a->row, (uint32_t)a->column);
	(void)tally_cell_reference_text(last, a->last_row,
	                                (uint32_t)(a->last_column < UINT32_MAX ? a->last_column
	                                                                       : UINT32_MAX));
	return tally_buf_printf(to, "%s%s", first ? "!" : ", ", from) &&
	       (!strcmp(from, last) || tally_buf_printf(to, ":%s", last));
}

static enum tally_status push(struct tally_ods *o, struct rule *r, struct tally_err *err)
{
	bool ok;

	join_above(r);
	tally_buf_clear(&o->place);
	ok = tally_buf_add(&o->place, o->name.bytes, o->name.len);
	for (size_t i = 0; ok && i < r->count; i++)
		ok = put_area(&o->place, &r->areas[i], i == 0);
	ok = ok && (!r->more || tally_buf_text(&o->place, ", \u2026"));
	r->count = 0;
	r->more = false;
	return ok ? tally_ods_fact(o, "data_validation", r->value, NULL, o->place.bytes, err)
	          : tally_err_nomem(err);
}

enum tally_status tally_ods_validations_flush(struct tally_ods *o, struct tally_err *err)
{
	struct tally_ods_validations *v = o->validations;
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; v && i < v->used_count && st >= 0; i++)
		st = push(o, &v->rules[v->used[i]], err);
	if (v)
		v->used_count = 0;
	return st;
}
