/* What may change, as JSON: see receipt/scope.h. */
#include "receipt/scope.h"

#include <string.h>

#include "core/escape.h"
#include "core/mem.h"
#include "core/relative.h"
#include "receipt/json_util.h"
#include "receipt/making.h"
#include "receipt/table_json.h"

enum { COLUMNS_TOLD = 12, ADDRESS = 32 };

/* ---- what was said ---- */

static enum tally_status check_names(const char *const *names, size_t count, struct tally_err *err)
{
	for (size_t i = 0; i < count; i++)
		if (!tally_utf8_valid(names[i], strlen(names[i])))
			return tally_err_set(err, TALLY_FATAL, TALLY_REASON_NONE,
			                     "what is allowed to change has to be given in UTF-8");
	return TALLY_OK;
}

enum tally_status tally_scope_check(const struct tally_scope_words *words, struct tally_err *err)
{
	struct tally_scope *scope = NULL;
	enum tally_status st = check_names(words->columns, words->column_count, err);

	if (st >= 0)
		st = check_names(words->sheets, words->sheet_count, err);
	if (st >= 0)
		st = check_names(&words->rows, words->rows != NULL, err);
	if (st >= 0)
		st = tally_scope_new(&scope, words, err);
	tally_scope_free(scope);
	return st;
}

static json_t *names_json(const char *const *names, size_t count, bool *ok)
{
	json_t *list;

	if (!count)
		return json_null();
	list = json_array();
	for (size_t i = 0; i < count; i++)
		tally_json_add(list, tally_json_text(names[i], strlen(names[i])), ok);
	return list;
}

json_t *tally_scope_json(const struct tally_scope_words *words)
{
	json_t *o;
	bool ok = true;

	if (!tally_scope_words_any(words))
		return json_null();
	o = json_object();
	tally_json_set(o, "columns", names_json(words->columns, words->column_count, &ok), &ok);
	tally_json_set(o, "rows",
	               words->rows ? tally_json_text(words->rows, strlen(words->rows)) : json_null(),
	               &ok);
	tally_json_set(o, "sheets", names_json(words->sheets, words->sheet_count, &ok), &ok);
	if (ok)
		return o;
	json_decref(o);
	return NULL;
}

static const char **names_of(const json_t *list, size_t *count)
{
	const char **names = tally_alloc_zero(json_array_size(list), sizeof *names);

	*count = 0;
	for (size_t i = 0; names && i < json_array_size(list); i++) {
		const char *name = json_string_value(json_array_get(list, i));

		if (name)
			names[(*count)++] = name;
	}
	return names;
}

enum tally_status tally_scope_from_json(struct tally_scope **out, const json_t *o,
                                        struct tally_err *err)
{
	struct tally_scope_words words = { .rows = tally_json_string(o, "rows") };
	const char **columns = names_of(json_object_get(o, "columns"), &words.column_count);
	const char **sheets = names_of(json_object_get(o, "sheets"), &words.sheet_count);
	enum tally_status st = TALLY_OK;

	*out = NULL;
	words.columns = columns;
	words.sheets = sheets;
	st = columns && sheets ? tally_scope_new(out, &words, err) : tally_err_nomem(err);
	tally_free(columns);
	tally_free(sheets);
	return st;
}

static bool has_part(struct tally_part *const *parts, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(parts[i]->name, name))
			return true;
	return false;
}

json_t *tally_scope_sheets_missing(const struct tally_scope *scope,
                                   struct tally_part *const *parts[2], const size_t counts[2])
{
	const struct tally_scope_words *words = scope ? tally_scope_words(scope) : NULL;
	json_t *list;
	bool ok = true;

	if (!words || !words->sheet_count)
		return json_null();
	list = json_array();
	for (size_t i = 0; i < words->sheet_count; i++)
		if (!has_part(parts[0], counts[0], words->sheets[i]) &&
		    !has_part(parts[1], counts[1], words->sheets[i]))
			tally_json_add(list, json_string(words->sheets[i]), &ok);
	if (ok)
		return list;
	json_decref(list);
	return NULL;
}

static bool has_text(const json_t *list, const json_t *text)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (json_equal(json_array_get(list, i), text))
			return true;
	return false;
}

bool tally_scope_miss(json_t *scope, const json_t *missing)
{
	json_t *known = json_object_get(scope, "sheets_missing");
	bool ok = true;

	if (!json_is_object(scope) || !json_is_array(missing))
		return true;
	if (!known)
		return tally_json_set(scope, "sheets_missing", json_deep_copy(missing), &ok);
	for (size_t i = json_array_size(known); i > 0; i--)
		if (!has_text(missing, json_array_get(known, i - 1)))
			json_array_remove(known, i - 1);
	return true;
}

/* ---- one table ---- */

struct writer {
	const struct tally_table_diff *d;
	const struct tally_limits *limits;
	struct tally_arena scratch;
	struct tally_cell *cells;
	size_t cap;
	bool ok;
};

static const char *const kinds[] = { "cells",       "rows_deleted", "rows_added",  "rows_moved",
	                             "rows_unseen", "column",       "title_lines", "header" };
static const char *const reasons[] = { "nothing", "sheets", "columns", "rows", "key" };
static const char *const column_kinds[] = { "added", "removed", "renamed", "moved",
	                                    "contents_swapped" };

static json_t *count_json(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static void set_row(struct writer *w, json_t *o, const char *field, uint64_t row)
{
	tally_json_set(o, field, row == TALLY_NO_ROW ? json_null() : count_json(row + 1), &w->ok);
}

static json_t *shown(const struct writer *w, const struct tally_cell *c)
{
	size_t n = c->value_len < w->limits->cell_shown ? c->value_len
	                                                : (size_t)w->limits->cell_shown;

	while (n < c->value_len && n > 0 && ((unsigned char)c->value[n] & 0xC0) == 0x80)
		n--;
	return tally_json_text(c->value, n);
}

/* The value of a cell in its part, or its formula; a row that ends before it has an empty one. */
static json_t *value_at(struct writer *w, const struct tally_part *part, uint64_t row,
                        uint32_t column, bool formula)
{
	size_t n = 0;

	tally_arena_release(&w->scratch);
	if (!part || row >= part->row_count)
		return json_null();
	if (part->ops->cells(part, (size_t)row, &w->scratch, w->cells, w->cap, &n, NULL) ==
	    TALLY_FATAL)
		w->ok = false;
	if (n > w->cap)
		n = w->cap;
	if (formula && column < n && w->cells[column].formula)
		return tally_formula_json(&w->cells[column], row, column, w->limits);
	return column < n ? shown(w, &w->cells[column]) : json_string_nocheck("");
}

/* The row's values under the key's columns: of the side on which the row is. */
static json_t *key_of(struct writer *w, uint64_t row, uint64_t row_before)
{
	const struct tally_alignment *by = &w->d->aligned_by;
	bool after = row != TALLY_NO_ROW;
	json_t *key = json_array();

	for (size_t k = 0; k < by->column_count; k++)
		tally_json_add(key,
		               value_at(w, after ? w->d->after : w->d->before,
		                        after ? row : row_before,
		                        after ? by->columns_after[k] : by->columns[k], false),
		               &w->ok);
	return key;
}

/* Values, or where they are the same, formulas */
static void set_values(struct writer *w, json_t *o, const struct tally_outside_group *g,
                       uint64_t row, uint64_t old)
{
	json_t *before = NULL, *after = NULL;
	char ref[ADDRESS];

	for (int formulas = 0; formulas < 2 && (!formulas || json_equal(before, after)); formulas++) {
		json_decref(before);
		json_decref(after);
		before = value_at(w, w->d->before, old, g->column_before, formulas);
		after = value_at(w, w->d->after, row, g->column, formulas);
	}
	tally_json_set(o, "old", before, &w->ok);
	tally_json_set(o, "new", after, &w->ok);
	if (!w->d->after || !w->d->after->sheet || row == TALLY_NO_ROW)
		return;
	tally_address(ref, row, g->column);
	tally_json_set(o, "ref", json_string_nocheck(ref), &w->ok);
}

static json_t *example(struct writer *w, const struct tally_outside_group *g, size_t i)
{
	uint64_t row = g->examples[i].row, old = g->examples[i].row_before;
	json_t *o = json_object();

	set_row(w, o, "row", row);
	set_row(w, o, "row_before", old);
	if (g->kind != TALLY_OUTSIDE_TITLES)
		tally_json_set(o, "key", key_of(w, row, old), &w->ok);
	if (g->kind == TALLY_OUTSIDE_CELLS)
		set_values(w, o, g, row, old);
	return o;
}

static json_t *name_json(const char *name)
{
	return name ? tally_json_text(name, strlen(name)) : json_null();
}

static json_t *group_json(struct writer *w, const struct tally_outside_group *g)
{
	const struct tally_table_diff *d = w->d;
	json_t *o = json_object(), *examples = json_array();

	for (size_t i = 0; i < g->example_count; i++)
		tally_json_add(examples, example(w, g, i), &w->ok);
	tally_json_set(o, "what", json_string_nocheck(kinds[g->kind]), &w->ok);
	tally_json_set(o, "outside_of", json_string_nocheck(reasons[g->reason]), &w->ok);
	tally_json_set(o, "count", count_json(g->count), &w->ok);
	if (g->kind == TALLY_OUTSIDE_CELLS) {
		tally_json_set(o, "column",
		               name_json(g->column < d->column_count ? d->names[g->column] : NULL),
		               &w->ok);
		tally_json_set(o, "column_index", count_json((uint64_t)g->column + 1), &w->ok);
	}
	if (g->change) {
		tally_json_set(o, "kind", json_string_nocheck(column_kinds[g->change->kind]), &w->ok);
		tally_json_set(o, "name", name_json(g->change->name), &w->ok);
		tally_json_set(o, "name_before", name_json(g->change->name_before), &w->ok);
	}
	tally_json_set(o, "examples", examples, &w->ok);
	return o;
}

/* What the columns are called, for somebody who named one that is not there. */
static json_t *columns_there(struct writer *w)
{
	const struct tally_table_diff *d = w->d;
	const char *const *names = d->column_count_before ? d->names_before : d->names;
	size_t n = d->column_count_before ? d->column_count_before : d->column_count;
	json_t *list = json_array();

	for (size_t i = 0; i < n && i < COLUMNS_TOLD; i++)
		tally_json_add(list, name_json(names[i]), &w->ok);
	return list;
}

static void set_unknown(struct writer *w, json_t *o)
{
	const struct tally_outside *out = w->d->outside;
	json_t *unknown = json_array();

	for (size_t i = 0; i < out->unknown_count; i++)
		tally_json_add(unknown, name_json(out->unknown[i]), &w->ok);
	tally_json_set(o, "unknown", unknown, &w->ok);
	tally_json_set(o, "row_column_unknown", json_boolean(out->row_column_unknown), &w->ok);
	if (out->unknown_count || out->row_column_unknown)
		tally_json_set(o, "columns", columns_there(w), &w->ok);
}

const char *tally_scope_same_words(const char *text)
{
	return text && (text[0] == '=' || !strncmp(text, "{=", 2))
	               ? ", written as before, of other cells now"
	               : ", in its type or format";
}

json_t *tally_scope_table_json(const struct tally_table_diff *d, const struct tally_limits *limits)
{
	struct writer w = { .d = d, .limits = limits, .ok = true };
	json_t *o = json_object(), *changes = json_array();

	w.cap = (d->before ? d->before->columns : 0) + (d->after ? d->after->columns : 0) + 1;
	w.cells = tally_alloc_zero(w.cap, sizeof *w.cells);
	tally_arena_init(&w.scratch, 0);
	w.ok = w.cells != NULL;
	for (size_t i = 0; w.ok && i < d->outside->group_count; i++)
		tally_json_add(changes, group_json(&w, &d->outside->groups[i]), &w.ok);
	tally_json_set(o, "outside", count_json(d->outside->total), &w.ok);
	tally_json_set(o, "changes", changes, &w.ok);
	if (w.ok)
		set_unknown(&w, o);
	tally_arena_release(&w.scratch);
	tally_free(w.cells);
	if (w.ok)
		return o;
	json_decref(o);
	return NULL;
}

bool tally_scope_table_good(const json_t *o)
{
	const json_t *changes = json_object_get(o, "changes");
	unsigned long long sum = 0;

	if (!json_is_array(changes) || !json_is_integer(json_object_get(o, "outside")) ||
	    !json_is_array(json_object_get(o, "unknown")))
		return false;
	for (size_t i = 0; i < json_array_size(changes); i++) {
		const json_t *c = json_array_get(changes, i);

		if (!json_is_string(json_object_get(c, "what")) ||
		    !json_is_string(json_object_get(c, "outside_of")) ||
		    !json_is_array(json_object_get(c, "examples")))
			return false;
		sum += tally_json_count(c, "count");
	}
	return sum == tally_json_get_count(o, "outside", ~0ULL);
}

/* ---- a workbook's facts ---- */

bool tally_scope_of_workbook(const json_t *table)
{
	return json_is_null(json_object_get(table, "part")) &&
	       json_is_null(json_object_get(table, "part_before")) &&
	       json_is_object(json_object_get(table, "sheets")) &&
	       !json_array_size(json_object_get(table, "cells")) &&
	       !json_array_size(json_object_get(table, "rewrites")) &&
	       !json_array_size(json_object_get(table, "columns")) &&
	       !json_array_size(json_object_get(table, "row_changes"));
}

/* What every saving writes anew, whoever saves. */
static bool is_of_saving(const char *fact)
{
	static const char *const facts[] = { "last_modified_by", "modified", "created" };

	for (size_t i = 0; fact && i < sizeof facts / sizeof *facts; i++)
		if (!strcmp(fact, facts[i]))
			return true;
	return false;
}

/* "Prices", "Prices!B2:C9", "'Old prices'!B2" */
static bool is_on_sheet(const char *where, const char *sheet)
{
	size_t n = strlen(sheet);
	bool quoted = where && *where == '\'';

	where = where && quoted ? where + 1 : where;
	return where && !strncmp(where, sheet, n) &&
	       (quoted ? where[n] == '\'' : !where[n] || where[n] == '!');
}

/* Is it about a sheet that may change, or may all? */
static bool is_within_sheets(const json_t *fact, const json_t *scope)
{
	const json_t *sheets = json_object_get(scope, "sheets");
	bool is_sheet = json_is_string(json_object_get(fact, "kind"));
	const char *fields[] = { is_sheet ? "old" : "where", is_sheet ? "new" : "where" };

	for (size_t i = 0; i < json_array_size(sheets); i++)
		for (size_t k = 0; k < 2; k++)
			if (is_on_sheet(tally_json_string(fact, fields[k]),
			                json_string_value(json_array_get(sheets, i))))
				return true;
	return !json_is_array(sheets);
}

/* Why it may not change, NULL: it may. No fact is a cell of a column or row. */
static const char *fact_reason(const json_t *fact, const json_t *scope)
{
	if (!is_within_sheets(fact, scope))
		return "sheets";
	if (json_is_array(json_object_get(scope, "columns")))
		return "columns";
	return json_is_string(json_object_get(scope, "rows")) ? "rows" : NULL;
}

static json_t *text_or_null(json_t *value)
{
	return json_is_string(value) ? json_incref(value) : json_null();
}

static json_t *change_of(const char *what, const char *reason, uint64_t count, bool *ok)
{
	json_t *o = json_object();

	tally_json_set(o, "what", json_string_nocheck(what), ok);
	tally_json_set(o, "outside_of", json_string_nocheck(reason), ok);
	tally_json_set(o, "count", count_json(count), ok);
	tally_json_set(o, "examples", json_array(), ok);
	return o;
}

static json_t *fact_change(const json_t *fact, const char *reason, bool *ok)
{
	json_t *kind = json_object_get(fact, "kind");
	json_t *o = change_of(kind ? "sheet" : "fact", reason, 1, ok);

	tally_json_set(o, "kind", text_or_null(kind ? kind : json_object_get(fact, "fact")), ok);
	tally_json_set(o, "name_before", text_or_null(json_object_get(fact, "old")), ok);
	tally_json_set(o, "name", text_or_null(json_object_get(fact, "new")), ok);
	if (!kind) {
		tally_json_set(o, "where", text_or_null(json_object_get(fact, "where")), ok);
		tally_json_set(o, "change", text_or_null(json_object_get(fact, "change")), ok);
	}
	return o;
}

uint64_t tally_scope_judge_workbook(json_t *table, const json_t *scope, bool *ok)
{
	const json_t *facts = json_object_get(table, "facts");
	json_t *o = json_object(), *changes = json_array();
	uint64_t outside = 0;
	uint64_t unlisted = tally_json_count(json_object_get(table, "not_listed"), "facts");

	for (size_t i = 0; i < json_array_size(facts) && *ok; i++) {
		const json_t *fact = json_array_get(facts, i);
		const char *reason = fact_reason(fact, scope);

		if (!reason || is_of_saving(tally_json_string(fact, "fact")))
			continue;
		tally_json_add(changes, fact_change(fact, reason, ok), ok);
		outside++;
	}
	if (unlisted) /* nobody can see whether they are within */
		tally_json_add(changes,
		               change_of("fact", fact_reason(json_null(), scope), unlisted, ok), ok);
	outside += unlisted;
	tally_json_set(o, "outside", count_json(outside), ok);
	tally_json_set(o, "changes", changes, ok);
	tally_json_set(o, "unknown", json_array(), ok);
	tally_json_set(o, "row_column_unknown", json_false(), ok);
	tally_json_set(table, "scope", o, ok);
	return outside;
}

enum tally_status tally_making_scope(struct tally_receipt *r, const struct tally_scope_words *words,
                                     struct tally_err *err)
{
	if (!tally_scope_words_any(words))
		return TALLY_OK;
	r->scope = tally_scope_json(words);
	return r->scope ? TALLY_OK : tally_err_nomem(err);
}
