/* Which cells of a table one line stands for: the same change in six cells of a column or more. */
#include "receipt/text_folds.h"

#include <stdlib.h>
#include <string.h>

#include "diff/table_diff.h"
#include "receipt/text_value.h"

enum { FOLD_LEAST = 6 /* cells; up to five are told one by one */ };

/* A cell with what it is folded by. */
struct ref {
	const json_t *cell;
	const char *column, *nature;
	uint64_t column_index;
	const json_t *old, *now; /* NULL: whatever they are */
	size_t at;
};

/* Natures that say nothing about the values: only equal ones are one change. */
static bool tells_little(const char *nature)
{
	static const enum tally_nature natures[] = { TALLY_NATURE_VALUE,
		                                     TALLY_NATURE_DATE_VALUE_CHANGED,
		                                     TALLY_NATURE_FORMULA_CHANGED,
		                                     TALLY_NATURE_EMPTIED, TALLY_NATURE_FILLED };

	for (size_t i = 0; i < sizeof natures / sizeof *natures; i++)
		if (!strcmp(nature, tally_nature_id(natures[i])))
			return true;
	return false;
}

static bool lossless(const char *nature)
{
	for (int n = 0; n < TALLY_NATURE_COUNT; n++)
		if (!strcmp(nature, tally_nature_id((enum tally_nature)n)))
			return tally_nature_lossless((enum tally_nature)n);
	return false;
}

static struct ref ref_of(const json_t *cell, size_t at)
{
	struct ref r = { .cell = cell, .at = at };

	r.column = tally_json_string(cell, "column");
	r.nature = tally_json_string(cell, "nature");
	r.column_index = tally_json_count(cell, "column_index");
	if (r.nature && tells_little(r.nature)) {
		r.old = json_object_get(cell, "old");
		r.now = json_object_get(cell, "new");
	}
	return r;
}

/* Does a rewrite's line stand for this cell, which is listed all the same? */
static bool is_rewritten(const json_t *table, const struct ref *c)
{
	const json_t *list = json_object_get(table, "rewrites");

	for (size_t i = 0; c->nature && c->column_index && i < json_array_size(list); i++) {
		const json_t *r = json_array_get(list, i);
		const char *other = tally_json_string(r, "nature");

		if (!json_object_get(r, "cells_in") && other && !strcmp(c->nature, other) &&
		    tally_json_count(r, "column_index") == c->column_index)
			return true;
	}
	return false;
}

static int by_text(const json_t *a, const json_t *b)
{
	const char *x = json_string_value(a), *y = json_string_value(b);

	if (x && y)
		return strcmp(x, y);
	return (x != NULL) - (y != NULL);
}

static int by_change(const struct ref *x, const struct ref *y)
{
	int order = strcmp(x->nature, y->nature);

	if (x->column_index != y->column_index)
		return x->column_index < y->column_index ? -1 : 1;
	if (!order)
		order = strcmp(x->column, y->column);
	if (!order)
		order = by_text(x->old, y->old);
	return order ? order : by_text(x->now, y->now);
}

static int by_change_and_place(const void *a, const void *b)
{
	const struct ref *x = a, *y = b;
	int order = by_change(x, y);

	return order ? order : (x->at > y->at) - (x->at < y->at);
}

/* Values with formulas or formats are told one by one: they may be equal in one and differ in the other. */
static bool foldable(const struct ref *r)
{
	return r->nature && r->column && (!r->old || json_is_string(r->old)) &&
	       (!r->now || json_is_string(r->now));
}

/* A line for some cells, in the form of the receipt's rewrites. */
static json_t *line_of(const struct ref *first, size_t count)
{
	json_t *nth = json_object_get(first->cell, "column_nth");
	json_t *o = json_pack("{s:s, s:I, s:s, s:I, s:b, s:[O]}", "column", first->column,
	                      "column_index", (json_int_t)first->column_index, "nature",
	                      first->nature, "count", (json_int_t)count, "lossless",
	                      lossless(first->nature), "examples", first->cell);

	if (o && nth && json_object_set(o, "column_nth", nth) != 0) {
		json_decref(o);
		return NULL;
	}
	return o;
}

struct run {
	const struct ref *first;
	size_t count;
};

static int by_place(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	return (x->first->at > y->first->at) - (x->first->at < y->first->at);
}

/* Hide the cells of long runs. @return how many runs are long */
static size_t find_runs(struct tally_text_folds *out, const struct ref *refs, size_t count,
                        struct run *runs)
{
	size_t found = 0;

	for (size_t i = 0, n; i < count; i += n) {
		for (n = 1; i + n < count && by_change(&refs[i], &refs[i + n]) == 0; n++)
			;
		if (n < FOLD_LEAST)
			continue;
		for (size_t k = i; k < i + n; k++)
			out->hidden[refs[k].at] = true;
		runs[found++] = (struct run){ &refs[i], n };
		out->shown -= n;
	}
	return found;
}

static bool add_lines(struct tally_text_folds *out, struct run *runs, size_t count)
{
	if (count)
		qsort(runs, count, sizeof *runs, by_place);
	for (size_t i = 0; i < count; i++)
		if (json_array_append_new(out->rewrites, line_of(runs[i].first, runs[i].count)) != 0)
			return false;
	return true;
}

static bool find(struct tally_text_folds *out, struct tally_sheet *s, const json_t *table)
{
	const json_t *cells = json_object_get(table, "cells");
	json_t *own = json_object_get(table, "rewrites");
	size_t n = json_array_size(cells), count = 0;
	struct ref *refs = tally_arena_zero(&s->scratch, n + 1, sizeof *refs);
	struct run *runs = tally_arena_zero(&s->scratch, n / FOLD_LEAST + 1, sizeof *runs);

	out->hidden = tally_arena_zero(&s->scratch, n + 1, sizeof *out->hidden);
	out->rewrites = json_array();
	if (!refs || !runs || !out->hidden || !out->rewrites ||
	    (json_is_array(own) && json_array_extend(out->rewrites, own) != 0))
		return false;
	for (size_t i = 0; i < n; i++) {
		refs[count] = ref_of(json_array_get(cells, i), i);
		out->hidden[i] = is_rewritten(table, &refs[count]);
		out->shown += !out->hidden[i];
		count += !out->hidden[i] && foldable(&refs[count]);
	}
	if (s->all || count < FOLD_LEAST)
		return true;
	qsort(refs, count, sizeof *refs, by_change_and_place);
	return add_lines(out, runs, find_runs(out, refs, count, runs));
}

bool tally_text_folds(struct tally_text_folds *out, struct tally_sheet *s, const json_t *table)
{
	*out = (struct tally_text_folds){ .rewrites = NULL };
	if (find(out, s, table))
		return true;
	tally_text_folds_release(out);
	s->status = tally_err_nomem(s->err);
	return false;
}

void tally_text_folds_release(struct tally_text_folds *f)
{
	json_decref(f->rewrites);
	f->rewrites = NULL;
}
