/* One entry of `tables` from a table diff. Rows and columns count from 1 in the receipt, the header row is a row. */
#include "receipt/table_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/relative.h"
#include "receipt/json_util.h"
#include "receipt/scope.h"

enum {
	FORMULA_MOST = 1 << 16, /* bytes of a formula as people write it */
	ADDRESS = 32,
};

struct writer {
	const struct tally_table_diff *d;
	const struct tally_limits *limits;
	struct tally_arena scratch;
	struct tally_cell *cells; /* one row taken apart */
	size_t cap;
	uint32_t *nth[2]; /* by column of a side: which one of its name it is, 0 where it is the only one */
	bool ok;
};

static json_t *count_json(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *row_number(uint64_t row)
{
	return row == TALLY_NO_ROW ? json_null() : count_json(row + 1);
}

static json_t *string_or_null(const char *text)
{
	return text ? json_string_nocheck(text) : json_null();
}

/* ---- cells ---- */

static json_t *shown(const struct writer *w, const char *bytes, size_t len)
{
	size_t n = len < w->limits->cell_shown ? len : (size_t)w->limits->cell_shown;

	/* not in the middle of a character */
	while (n < len && n > 0 && ((unsigned char)bytes[n] & 0xC0) == 0x80)
		n--;
	return tally_json_text(bytes, n);
}

static bool plain(const struct tally_cell *c)
{
	return !c->formula && !c->format && c->kind != TALLY_CELL_ERROR &&
	       c->cached == TALLY_CACHED_OK && !(c->quoted && c->value_len == 0);
}

static const char *cached_word(uint8_t cached)
{
	return cached == TALLY_CACHED_OK        ? "ok"
	       : cached == TALLY_CACHED_MISSING ? "missing"
	                                        : "stale";
}

/* A formula of an array, {A1:A3*2}; an array of constants, {1,2}, is part of one and means no cell. */
static bool is_of_array(const struct tally_cell *c)
{
	struct tally_relative r = { .text = c->formula,
		                    .at = c->formula,
		                    .end = c->formula + c->formula_len };
	struct tally_relative_piece p;

	if (!c->formula_len || c->formula[0] != '{')
		return false;
	while (tally_relative_next(&r, &p))
		if (p.reference || memchr(p.text, '(', p.len))
			return true;
	return false;
}

json_t *tally_formula_json(const struct tally_cell *c, uint64_t row, uint32_t column,
                           const struct tally_limits *limits)
{
	const struct writer w = { .limits = limits };
	struct tally_buf text;
	size_t brace = is_of_array(c) ? 1 : 0;
	json_t *o;

	tally_buf_init(&text, FORMULA_MOST);
	if (!tally_buf_text(&text, brace ? "{=" : "=") ||
	    !tally_relative_a1(&text, c->formula + brace, c->formula_len - brace, row, column))
		tally_buf_clear(&text);
	/* longer than the ceiling, or no memory: as it is kept */
	o = text.len ? shown(&w, text.bytes, text.len) : shown(&w, c->formula, c->formula_len);
	tally_buf_release(&text);
	return o;
}

/* a value is text; an object where there is more to say than its text. Row and column are those of the part */
static json_t *cell_json(struct writer *w, const struct tally_cell *c, uint64_t row, uint32_t column)
{
	struct tally_cell result = *c;
	json_t *o;

	if (w->d && w->d->values_only && c->formula && c->cached == TALLY_CACHED_OK) {
		result.formula = NULL; /* not in both: what it shows is what was compared */
		c = &result;
	}
	if (plain(c))
		return shown(w, c->value, c->value_len);
	o = json_object();
	tally_json_set(o, "value", shown(w, c->value, c->value_len), &w->ok);
	if (c->quoted && c->value_len == 0)
		tally_json_set(o, "quoted", json_true(), &w->ok);
	if (c->formula)
		tally_json_set(o, "formula", tally_formula_json(c, row, column, w->limits), &w->ok);
	if (c->format)
		tally_json_set(o, "format", shown(w, c->format, c->format_len), &w->ok);
	if (c->kind == TALLY_CELL_ERROR)
		tally_json_set(o, "error", shown(w, c->value, c->value_len), &w->ok);
	if (c->formula)
		tally_json_set(o, "cached", json_string_nocheck(cached_word(c->cached)), &w->ok);
	return o;
}

static void set_value(struct writer *w, json_t *o, const char *field, const char *hex,
                      const char *bytes, const struct tally_cell *c, uint32_t full, uint64_t row,
                      uint32_t column)
{
	tally_json_set(o, field, cell_json(w, c, row, column), &w->ok);
	if (c->bad_bytes)
		tally_json_set(o, hex, tally_json_hex(c->value, c->value_len), &w->ok);
	if (full > c->value_len || full > w->limits->cell_shown)
		tally_json_set(o, bytes, count_json(full), &w->ok);
}

/* ---- rows ---- */

static size_t take_row(struct writer *w, const struct tally_part *part, uint64_t row)
{
	size_t n = 0;

	tally_arena_release(&w->scratch);
	if (!part || row >= part->row_count)
		return 0;
	if (part->ops->cells(part, (size_t)row, &w->scratch, w->cells, w->cap, &n, NULL) ==
	    TALLY_FATAL)
		w->ok = false;
	return n < w->cap ? n : w->cap;
}

static json_t *key_of(struct writer *w, uint64_t row, bool after)
{
	const struct tally_table_diff *d = w->d;
	size_t n;
	json_t *key;

	if (d->aligned_by.column_count == 0)
		return json_null();
	n = take_row(w, after ? d->after : d->before, row);
	key = json_array();
	for (size_t k = 0; k < d->aligned_by.column_count; k++) {
		uint32_t c = after ? d->aligned_by.columns_after[k] : d->aligned_by.columns[k];

		tally_json_add(key,
		               c < n ? shown(w, w->cells[c].value, w->cells[c].value_len)
		                     : json_null(),
		               &w->ok);
	}
	return key;
}

static json_t *values_of(struct writer *w, uint64_t row, bool after)
{
	size_t n = take_row(w, after ? w->d->after : w->d->before, row);
	json_t *values = json_array();

	for (size_t i = 0; i < n; i++)
		tally_json_add(values, cell_json(w, &w->cells[i], row, (uint32_t)i), &w->ok);
	return values;
}

static json_t *row_changes(struct writer *w)
{
	static const char *const kinds[] = { "added", "deleted", "moved" };
	const struct tally_table_diff *d = w->d;
	json_t *list = json_array();

	if (d->reordering.found) {
		json_t *o = json_object();
		json_t *by = json_array();

		tally_json_set(o, "kind", json_string_nocheck("reordered"), &w->ok);
		if (d->reordering.sorted && d->reordering.column < d->column_count)
			tally_json_add(by,
			               tally_json_text(d->names[d->reordering.column],
			                               strlen(d->names[d->reordering.column])),
			               &w->ok);
		tally_json_set(o, "by", by, &w->ok);
		tally_json_set(o, "descending", json_boolean(d->reordering.descending), &w->ok);
		tally_json_set(o, "moved", count_json(d->reordering.moved), &w->ok);
		tally_json_add(list, o, &w->ok);
	}
	for (size_t i = 0; i < d->row_changes_len && w->ok; i++) {
		const struct tally_row_change *c = &d->row_changes[i];
		bool after = c->kind != TALLY_ROW_DELETED;
		json_t *o = json_object();

		tally_json_set(o, "kind", json_string_nocheck(kinds[c->kind]), &w->ok);
		tally_json_set(o, "row", row_number(c->row), &w->ok);
		tally_json_set(o, "row_before", row_number(c->row_before), &w->ok);
		if (c->kind == TALLY_ROW_MOVED)
			tally_json_set(o, "count", count_json(c->count), &w->ok);
		tally_json_set(o, "key", key_of(w, after ? c->row : c->row_before, after), &w->ok);
		if (c->kind != TALLY_ROW_MOVED)
			tally_json_set(o, "values",
			               values_of(w, after ? c->row : c->row_before, after), &w->ok);
		if (c->equal_row != TALLY_NO_ROW)
			tally_json_set(o, "equal_row", row_number(c->equal_row), &w->ok);
		if (c->outside)
			tally_json_set(o, "outside", json_true(), &w->ok);
		tally_json_add(list, o, &w->ok);
	}
	return list;
}

/* ---- the other lists ---- */

static json_t *column_name(const struct tally_table_diff *d, uint32_t column, bool after)
{
	const char *const *names = after ? d->names : d->names_before;
	size_t n = after ? d->column_count : d->column_count_before;
	char made[32];

	if (column < n)
		return tally_json_text(names[column], strlen(names[column]));
	snprintf(made, sizeof made, "column %lu", (unsigned long)column + 1);
	return json_string_nocheck(made);
}

/* Name and number of a column; which one it is where several have that name. */
static void set_column(struct writer *w, json_t *o, uint32_t column, bool after)
{
	size_t count = after ? w->d->column_count : w->d->column_count_before;
	uint32_t nth = column < count ? w->nth[after][column] : 0;

	tally_json_set(o, "column", column_name(w->d, column, after), &w->ok);
	tally_json_set(o, "column_index", count_json((uint64_t)column + 1), &w->ok);
	if (nth)
		tally_json_set(o, "column_nth", count_json(nth), &w->ok);
}

static void set_place(struct writer *w, json_t *o, const struct tally_cell_place *p)
{
	json_t *place = json_object();

	tally_json_set(place, "character", count_json(p->character), &w->ok);
	tally_json_set(place, "characters_before", count_json(p->old_of), &w->ok);
	tally_json_set(place, "characters_after", count_json(p->now_of), &w->ok);
	tally_json_set(place, "old", tally_json_text(p->old, p->old_len), &w->ok);
	tally_json_set(place, "new", tally_json_text(p->now, p->now_len), &w->ok);
	tally_json_set(o, "differs_at", place, &w->ok);
}

/* Title lines stand above the header: they are in no column of the table, and have no key. */
static bool is_title(const struct tally_part *part, uint64_t row)
{
	return part && part->header_row != TALLY_NO_HEADER && row < part->header_row;
}

static void set_place_only(struct writer *w, json_t *o, uint32_t column)
{
	char made[32];

	snprintf(made, sizeof made, "cell %lu", (unsigned long)column + 1);
	tally_json_set(o, "column", json_string_nocheck(made), &w->ok);
	tally_json_set(o, "column_index", count_json((uint64_t)column + 1), &w->ok);
}

/* Addresses of a sheet's cell, the one before only where it is another one. */
static void set_refs(struct writer *w, json_t *o, const struct tally_cell_change *c)
{
	char before[ADDRESS], after[ADDRESS];

	*before = *after = '\0';
	if (w->d->before && w->d->before->sheet && c->column_before != TALLY_NO_COLUMN)
		tally_address(before, c->row_before, c->column_before);
	if (w->d->after && w->d->after->sheet && c->column != TALLY_NO_COLUMN)
		tally_address(after, c->row, c->column);
	if (*after)
		tally_json_set(o, "ref", json_string_nocheck(after), &w->ok);
	if (*before && strcmp(before, after) != 0)
		tally_json_set(o, "ref_before", json_string_nocheck(before), &w->ok);
}

/* Where a formula came, went or changed: is the value still the same? Unknown where it was not computed. */
static void set_value_same(struct writer *w, json_t *o, const struct tally_cell_change *c)
{
	bool missing = (c->old.formula && c->old.cached == TALLY_CACHED_MISSING) ||
	               (c->now.formula && c->now.cached == TALLY_CACHED_MISSING);
	bool cut = c->old_len != c->old.value_len || c->now_len != c->now.value_len;

	if (c->nature != TALLY_NATURE_FORMULA_TO_CONSTANT &&
	    c->nature != TALLY_NATURE_CONSTANT_TO_FORMULA &&
	    c->nature != TALLY_NATURE_FORMULA_CHANGED)
		return;
	tally_json_set(o, "value_same",
	               missing || (cut && c->old_len == c->now_len)
	                       ? json_null()
	                       : json_boolean(c->old_len == c->now_len &&
	                                      !memcmp(c->old.value, c->now.value, c->now_len)),
	               &w->ok);
}

static const char *type_word(uint8_t kind)
{
	switch (kind) {
	case TALLY_CELL_NUMBER:
		return "number";
	case TALLY_CELL_DATE:
		return "date";
	case TALLY_CELL_BOOL:
		return "truth";
	case TALLY_CELL_ERROR:
		return "error";
	default:
		return "text";
	}
}

/* What a value is, where that changed and the nature does not say it. */
static void set_types(struct writer *w, json_t *o, const struct tally_cell_change *c)
{
	bool there = c->old.value_len && c->now.value_len;

	if (!w->d->typed || !there || c->old.kind == c->now.kind ||
	    c->nature == TALLY_NATURE_FORMAT_ONLY || tally_nature_says_type(c->nature))
		return;
	tally_json_set(o, "type_before", json_string_nocheck(type_word(c->old.kind)), &w->ok);
	tally_json_set(o, "type", json_string_nocheck(type_word(c->now.kind)), &w->ok);
}

static json_t *cell_change(struct writer *w, const struct tally_cell_change *c, bool with_key)
{
	json_t *o = json_object();

	tally_json_set(o, "row", row_number(c->row), &w->ok);
	tally_json_set(o, "row_before", row_number(c->row_before), &w->ok);
	if (is_title(w->d->after, c->row))
		set_place_only(w, o, c->column);
	else
		set_column(w, o, c->column != TALLY_NO_COLUMN ? c->column : c->column_before,
		           c->column != TALLY_NO_COLUMN);
	if (with_key && !is_title(w->d->after, c->row))
		tally_json_set(o, "key", key_of(w, c->row, true), &w->ok);
	set_refs(w, o, c);
	set_value(w, o, "old", "old_hex", "old_bytes", &c->old, c->old_len, c->row_before,
	          c->column_before);
	set_value(w, o, "new", "new_hex", "new_bytes", &c->now, c->now_len, c->row, c->column);
	set_value_same(w, o, c);
	set_types(w, o, c);
	if (c->differs.character)
		set_place(w, o, &c->differs);
	tally_json_set(o, "nature", json_string_nocheck(tally_nature_id(c->nature)), &w->ok);
	if (c->outside)
		tally_json_set(o, "outside", json_true(), &w->ok);
	return o;
}

static json_t *cells(struct writer *w)
{
	json_t *list = json_array();

	for (size_t i = 0; i < w->d->cells_len && w->ok; i++)
		if (!w->d->cells[i].in_rewrite)
			tally_json_add(list, cell_change(w, &w->d->cells[i], true), &w->ok);
	return list;
}

static void set_shift(struct writer *w, json_t *o, const struct tally_rewrite *r)
{
	json_t *lost = json_array();

	for (size_t k = 0; k < r->lost_count; k++)
		tally_json_add(lost, cell_change(w, &r->lost[k], false), &w->ok);
	tally_json_set(o, "shifted_by", json_integer(r->shifted_by), &w->ok);
	tally_json_set(o, "shifted_off", lost, &w->ok);
}

static json_t *rewrites(struct writer *w)
{
	json_t *list = json_array();

	for (size_t i = 0; i < w->d->rewrites_len && w->ok; i++) {
		const struct tally_rewrite *r = &w->d->rewrites[i];
		json_t *o = json_object(), *examples = json_array();

		for (size_t k = 0; k < r->example_count; k++)
			tally_json_add(examples, cell_change(w, &r->examples[k], false), &w->ok);
		set_column(w, o, r->column, true);
		tally_json_set(o, "nature", json_string_nocheck(tally_nature_id(r->nature)), &w->ok);
		tally_json_set(o, "count", count_json(r->count), &w->ok);
		tally_json_set(o, "lossless", json_boolean(r->lossless), &w->ok);
		if (r->nature == TALLY_NATURE_DATES_MOVED)
			tally_json_set(o, "moved_by_seconds", json_integer(r->moved_by), &w->ok);
		if (r->shifted_by)
			set_shift(w, o, r);
		if (r->outside)
			tally_json_set(o, "outside", count_json(r->outside), &w->ok);
		if (!r->cells_listed)
			tally_json_set(o, "cells_in", json_string_nocheck("rewrites"), &w->ok);
		tally_json_set(o, "examples", examples, &w->ok);
		tally_json_add(list, o, &w->ok);
	}
	return list;
}

/* The first values of a column that only one side has */
static json_t *first_values(struct writer *w, const struct tally_column_change *c)
{
	bool after = c->kind == TALLY_COLUMN_ADDED;
	uint32_t column = after ? c->index : c->index_before;
	json_t *list = json_array();

	for (size_t i = 0; i < c->first_count; i++) {
		uint64_t row = c->first_rows[i];
		size_t n = take_row(w, after ? w->d->after : w->d->before, row);
		json_t *o = json_object();

		tally_json_set(o, "row", row_number(row), &w->ok);
		tally_json_set(o, "value",
		               column < n ? cell_json(w, &w->cells[column], row, column)
		                          : json_null(),
		               &w->ok);
		tally_json_add(list, o, &w->ok);
	}
	return list;
}

static void set_alone(struct writer *w, json_t *o, const struct tally_column_change *c)
{
	if ((c->kind != TALLY_COLUMN_ADDED && c->kind != TALLY_COLUMN_REMOVED) || !w->d->before ||
	    !w->d->after)
		return;
	tally_json_set(o, "filled", c->filled == UINT64_MAX ? json_null() : count_json(c->filled),
	               &w->ok);
	tally_json_set(o, "first", first_values(w, c), &w->ok);
}

static json_t *columns(struct writer *w)
{
	static const char *const kinds[] = { "added", "removed", "renamed", "moved",
		                             "contents_swapped" };
	json_t *list = json_array();

	for (size_t i = 0; i < w->d->columns_len && w->ok; i++) {
		const struct tally_column_change *c = &w->d->columns[i];
		json_t *o = json_object();

		tally_json_set(o, "kind", json_string_nocheck(kinds[c->kind]), &w->ok);
		tally_json_set(o, "name",
		               c->name ? tally_json_text(c->name, strlen(c->name)) : json_null(),
		               &w->ok);
		tally_json_set(o, "name_before",
		               c->name_before
		                       ? tally_json_text(c->name_before, strlen(c->name_before))
		                       : json_null(),
		               &w->ok);
		tally_json_set(o, "index",
		               c->index == TALLY_NO_COLUMN ? json_null()
		                                           : count_json((uint64_t)c->index + 1),
		               &w->ok);
		tally_json_set(o, "index_before",
		               c->index_before == TALLY_NO_COLUMN
		                       ? json_null()
		                       : count_json((uint64_t)c->index_before + 1),
		               &w->ok);
		if (c->kind == TALLY_COLUMN_RENAMED)
			tally_json_set(o, "similarity", json_real(c->similarity / 1000.0), &w->ok);
		tally_json_set(o, "ambiguous", json_boolean(c->ambiguous), &w->ok);
		set_alone(w, o, c);
		if (c->outside)
			tally_json_set(o, "outside", json_true(), &w->ok);
		tally_json_add(list, o, &w->ok);
	}
	return list;
}

static json_t *pair_of_counts(uint64_t before, uint64_t after)
{
	return json_pack("{s:o, s:o}", "before",
	                 before == UINT64_MAX ? json_null() : count_json(before), "after",
	                 after == UINT64_MAX ? json_null() : count_json(after));
}

static json_t *pair_of_texts(const char *before, const char *after)
{
	return json_pack("{s:o, s:o}", "before",
	                 *before ? tally_json_text(before, strlen(before)) : json_null(), "after",
	                 *after ? tally_json_text(after, strlen(after)) : json_null());
}

static json_t *invariants(struct writer *w)
{
	json_t *list = json_array();

	for (size_t i = 0; i < w->d->invariants_len && w->ok; i++) {
		const struct tally_invariant *v = &w->d->invariants[i];
		json_t *o = json_object();

		set_column(w, o, v->column, true);
		if (v->count_before != v->count)
			tally_json_set(o, "count", pair_of_counts(v->count_before, v->count), &w->ok);
		if (v->empty_before != v->empty)
			tally_json_set(o, "empty", pair_of_counts(v->empty_before, v->empty), &w->ok);
		if (v->distinct_before != v->distinct)
			tally_json_set(o, "distinct",
			               pair_of_counts(v->distinct_before, v->distinct), &w->ok);
		if (strcmp(v->sum_before, v->sum) != 0 || v->too_large_before || v->too_large)
			tally_json_set(o, "sum", pair_of_texts(v->sum_before, v->sum), &w->ok);
		if (v->too_large_before || v->too_large)
			tally_json_set(o, "too_large",
			               pair_of_counts(v->too_large_before, v->too_large), &w->ok);
		if (strcmp(v->min_before, v->min) != 0)
			tally_json_set(o, "min", pair_of_texts(v->min_before, v->min), &w->ok);
		if (strcmp(v->max_before, v->max) != 0)
			tally_json_set(o, "max", pair_of_texts(v->max_before, v->max), &w->ok);
		tally_json_add(list, o, &w->ok);
	}
	return list;
}

static json_t *total_side(const char *shown, const char *sum)
{
	return json_pack("{s:o, s:o}", "shown", tally_json_text(shown, strlen(shown)), "sum",
	                 tally_json_text(sum, strlen(sum)));
}

static json_t *total_rows(struct writer *w)
{
	json_t *list = json_array();

	for (size_t i = 0; i < w->d->total_rows_len && w->ok; i++) {
		const struct tally_total_row *t = &w->d->total_rows[i];
		json_t *o = json_object();

		tally_json_set(o, "row", row_number(t->row), &w->ok);
		tally_json_set(o, "row_before", row_number(t->row_before), &w->ok);
		tally_json_set(o, "label", tally_json_text(t->label, strlen(t->label)), &w->ok);
		set_column(w, o, t->column, true);
		if (t->below)
			tally_json_set(o, "below", json_true(), &w->ok);
		tally_json_set(o, "before", total_side(t->shown_before, t->sum_before), &w->ok);
		tally_json_set(o, "after", total_side(t->shown, t->sum), &w->ok);
		tally_json_add(list, o, &w->ok);
	}
	return list;
}

/* How a side was read: what its properties were found to be. */
static json_t *read_as(struct writer *w, const struct tally_part *part)
{
	json_t *o;

	if (!part)
		return json_null();
	o = json_object();
	for (size_t i = 0; i < part->property_count; i++)
		tally_json_set(o, part->properties[i].name,
		               string_or_null(part->properties[i].value), &w->ok);
	return o;
}

enum { HEADINGS_MOST = 16 /* of a row of names that came or went */ };

/* A row of names that is on one side only is in no list of rows: what it says. NULL: it is on both, or on neither */
static json_t *headings(struct writer *w, const struct tally_property_change *p)
{
	bool lost = p->now && !strcmp(p->now, "none"), gained = p->old && !strcmp(p->old, "none");
	size_t count = lost ? w->d->column_count_before : w->d->column_count;
	const char *const *names = lost ? w->d->names_before : w->d->names;
	json_t *list;

	if (strcmp(p->name, "header_row") != 0 || lost == gained)
		return NULL;
	list = json_array();
	for (size_t i = 0; i < count && i < HEADINGS_MOST; i++)
		tally_json_add(list, shown(w, names[i], strlen(names[i])), &w->ok);
	return list;
}

static json_t *properties(struct writer *w)
{
	json_t *list = json_array();

	for (size_t i = 0; i < w->d->properties_len; i++) {
		const struct tally_property_change *p = &w->d->properties[i];

		json_t *names = headings(w, p);
		json_t *o = json_pack("{s:s, s:o, s:o}", "property", p->name, "old",
		                      string_or_null(p->old), "new", string_or_null(p->now));

		if (names)
			tally_json_set(o, "headings", names, &w->ok);
		tally_json_add(list, o, &w->ok);
	}
	return list;
}

/* As much of it on the other side, but of other rows or keys? Then that it is as much says nothing. */
static bool others(const struct writer *w, const struct tally_problem *p, bool after)
{
	const struct tally_part *part = after ? w->d->before : w->d->after;

	for (size_t i = 0; part && i < part->problem_count; i++) {
		const struct tally_problem *q = &part->problems[i];

		if (!strcmp(p->what, q->what))
			return p->count == q->count && !tally_problem_same(p, q);
	}
	for (size_t i = 0; i < w->d->problems_len; i++) {
		const struct tally_problem *q = &w->d->problems[i].problem;

		if (w->d->problems[i].after != after && !strcmp(p->what, q->what))
			return p->count == q->count && !tally_problem_same(p, q);
	}
	return false;
}

static void add_problem(struct writer *w, json_t *list, const struct tally_problem *p, bool after)
{
	json_t *o = json_object();

	tally_json_set(o, "what", json_string_nocheck(p->what), &w->ok);
	tally_json_set(o, "side", json_string_nocheck(after ? "after" : "before"), &w->ok);
	tally_json_set(o, "row", p->row ? count_json(p->row) : json_null(), &w->ok);
	tally_json_set(o, "count", count_json(p->count), &w->ok);
	tally_json_set(o, "detail",
	               p->detail ? tally_json_text(p->detail, strlen(p->detail)) : json_null(),
	               &w->ok);
	if (others(w, p, after))
		tally_json_set(o, "others", json_true(), &w->ok);
	tally_json_add(list, o, &w->ok);
}

static json_t *problems(struct writer *w)
{
	json_t *list = json_array();

	for (size_t i = 0; w->d->before && i < w->d->before->problem_count; i++)
		add_problem(w, list, &w->d->before->problems[i], false);
	for (size_t i = 0; w->d->after && i < w->d->after->problem_count; i++)
		add_problem(w, list, &w->d->after->problems[i], true);
	for (size_t i = 0; i < w->d->problems_len; i++)
		add_problem(w, list, &w->d->problems[i].problem, w->d->problems[i].after);
	return list;
}

static json_t *aligned_by(struct writer *w)
{
	static const char *const how[] = { "given", "inferred", "rows" };
	const struct tally_alignment *a = &w->d->aligned_by;
	json_t *o = json_object(), *names = json_array();

	for (size_t k = 0; k < a->column_count; k++)
		tally_json_add(names, column_name(w->d, a->columns[k], false), &w->ok);
	tally_json_set(o, "how", json_string_nocheck(how[a->how]), &w->ok);
	tally_json_set(o, "columns", names, &w->ok);
	tally_json_set(o, "unique", a->column_count ? json_boolean(a->unique) : json_null(), &w->ok);
	tally_json_set(o, "overlap", a->column_count ? json_real(a->overlap / 1000.0) : json_null(),
	               &w->ok);
	tally_json_set(o, "duplicate_keys", count_json(a->duplicate_keys), &w->ok);
	if (a->similar)
		tally_json_set(o, "similar",
		               json_pack("{s:I, s:f}", "rows", (json_int_t)a->similar, "least",
		                         a->similar_least / 1000.0),
		               &w->ok);
	tally_json_set(o, "doubtful", json_boolean(a->doubtful), &w->ok);
	tally_json_set(o, "note", string_or_null(a->note), &w->ok);
	return o;
}

static json_t *rows(struct writer *w)
{
	const struct tally_table_rows *r = &w->d->rows;
	json_t *o = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "before",
	                      (json_int_t)r->before, "same", (json_int_t)r->same, "edited",
	                      (json_int_t)r->edited, "notation", (json_int_t)r->notation, "moved",
	                      (json_int_t)r->moved, "deleted", (json_int_t)r->deleted, "added",
	                      (json_int_t)r->added, "after", (json_int_t)r->after);

	if (o && r->recalculated)
		tally_json_set(o, "recalculated", count_json(r->recalculated), &w->ok);
	return o;
}

/* What a limit kept out of the lists. */
static void set_not_listed(struct writer *w, json_t *o)
{
	uint64_t cells = w->d->cells_unlisted, rows = w->d->row_changes_total - w->d->row_changes_len;

	if (cells || rows)
		tally_json_set(o, "not_listed",
		               json_pack("{s:I, s:I}", "cells", (json_int_t)cells, "rows",
		                         (json_int_t)rows),
		               &w->ok);
}

struct named {
	const char *name;
	uint32_t column;
};

static int by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->column > y->column) - (x->column < y->column);
}

/* Columns of one name are told apart by their order. @return false: no memory */
static bool number_names(struct writer *w, int side)
{
	const char *const *names = side ? w->d->names : w->d->names_before;
	size_t n = side ? w->d->column_count : w->d->column_count_before;
	struct named *list = tally_alloc(n * sizeof *list);

	w->nth[side] = tally_alloc_zero(n, sizeof *w->nth[side]);
	for (size_t i = 0; list && i < n; i++)
		list[i] = (struct named){ names[i], (uint32_t)i };
	if (list && n)
		qsort(list, n, sizeof *list, by_name);
	for (size_t i = 1; list && w->nth[side] && i < n; i++) {
		uint32_t *last = &w->nth[side][list[i - 1].column];

		if (strcmp(list[i - 1].name, list[i].name) != 0)
			continue;
		*last += !*last;
		w->nth[side][list[i].column] = *last + 1;
	}
	tally_free(list);
	return list && w->nth[side];
}

json_t *tally_table_json(const struct tally_table_diff *d, const struct tally_limits *limits)
{
	struct writer w = { .d = d, .limits = limits, .ok = true };
	json_t *o = json_object();

	w.cap = (d->before ? d->before->columns : 0) + (d->after ? d->after->columns : 0) + 1;
	w.cells = tally_alloc_zero(w.cap, sizeof *w.cells);
	tally_arena_init(&w.scratch, 0);
	if (!w.cells || !o || !number_names(&w, 0) || !number_names(&w, 1))
		w.ok = false;
	if (w.ok) {
		tally_json_set(o, "part",
		               d->after ? tally_json_text(d->after->name, strlen(d->after->name))
		                        : json_null(),
		               &w.ok);
		tally_json_set(o, "part_before",
		               d->before ? tally_json_text(d->before->name, strlen(d->before->name))
		                         : json_null(),
		               &w.ok);
		tally_json_set(o, "format",
		               json_pack("{s:o, s:o}", "before",
		                         string_or_null(d->before ? d->before->format : NULL),
		                         "after", string_or_null(d->after ? d->after->format : NULL)),
		               &w.ok);
		tally_json_set(o, "read_as",
		               json_pack("{s:o, s:o}", "before", read_as(&w, d->before), "after",
		                         read_as(&w, d->after)),
		               &w.ok);
		if (d->values_only)
			tally_json_set(o, "compared", json_string_nocheck("values"), &w.ok);
		if (d->results_unknown[0] || d->results_unknown[1])
			tally_json_set(o, "results_unknown",
			               pair_of_counts(d->results_unknown[0], d->results_unknown[1]),
			               &w.ok);
		tally_json_set(o, "aligned_by", aligned_by(&w), &w.ok);
		if (d->outside)
			tally_json_set(o, "scope", tally_scope_table_json(d, limits), &w.ok);
		tally_json_set(o, "rows", rows(&w), &w.ok);
		tally_json_set(o, "columns", columns(&w), &w.ok);
		tally_json_set(o, "row_changes", row_changes(&w), &w.ok);
		tally_json_set(o, "row_changes_total", count_json(d->row_changes_total), &w.ok);
		tally_json_set(o, "cells", cells(&w), &w.ok);
		tally_json_set(o, "cells_total", count_json(d->cells_total), &w.ok);
		set_not_listed(&w, o);
		tally_json_set(o, "rewrites", rewrites(&w), &w.ok);
		tally_json_set(o, "invariants", invariants(&w), &w.ok);
		tally_json_set(o, "total_rows", total_rows(&w), &w.ok);
		tally_json_set(o, "properties", properties(&w), &w.ok);
		tally_json_set(o, "facts", json_array(), &w.ok);
		tally_json_set(o, "problems", problems(&w), &w.ok);
	}
	tally_arena_release(&w.scratch);
	tally_free(w.cells);
	tally_free(w.nth[0]);
	tally_free(w.nth[1]);
	if (!w.ok) {
		json_decref(o);
		return NULL;
	}
	return o;
}

uint64_t tally_table_problems(const json_t *table, const char *what, const char *side)
{
	const json_t *list = json_object_get(table, "problems");
	uint64_t count = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *p = json_array_get(list, i);
		const char *is = tally_json_string(p, "what");
		const char *on = tally_json_string(p, "side");

		if (is && on && !strcmp(is, what) && !strcmp(on, side))
			count += tally_json_get_count(p, "count", 1);
	}
	return count;
}
