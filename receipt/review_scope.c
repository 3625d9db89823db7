/* Review rules about the scope that was set: what changed outside of it, and what it names that is not there. */
#include "receipt/review.h"

#include <string.h>

#include "core/facts.h"
#include "receipt/json_util.h"
#include "receipt/scope.h"

enum { COLUMNS_NAMED = 4 };

struct table {
	struct tally_reviewer *v;
	const json_t *json, *scope;
	struct tally_name path;
	const char *part;
};

static uint64_t count_of(const json_t *o)
{
	return tally_json_count(o, "count");
}

static void found(const struct table *t, enum tally_rule rule, uint64_t how_many)
{
	tally_found(t->v, rule, TALLY_SEVERITY_HIGH, &t->path, t->part, how_many, how_many);
}

/* ---- cells ---- */

static void say_value(const struct table *t, const json_t *value)
{
	tally_say_value(t->v, json_is_string(value) ? json_string_value(value) : "?");
}

/* A formula may be written as before, and mean other cells. */
static void say_change(const struct table *t, const json_t *old, const json_t *now)
{
	say_value(t, old);
	if (json_equal(old, now)) {
		tally_say(t->v, tally_scope_same_words(json_string_value(old)));
		return;
	}
	tally_say(t->v, " \u2192 ");
	say_value(t, now);
}

/* "row 7 (‘A-12’)": of the side on which it is */
static void say_row(const struct table *t, const json_t *o)
{
	const json_t *key = json_object_get(o, "key");
	uint64_t row = tally_json_count(o, "row");

	if (tally_json_string(o, "ref")) {
		tally_say(t->v, tally_json_string(o, "ref"));
	} else {
		tally_say(t->v, "row ");
		tally_say_count(t->v, row ? row : tally_json_count(o, "row_before"));
	}
	for (size_t k = 0; k < json_array_size(key); k++) {
		tally_say(t->v, k ? " + " : " (");
		say_value(t, json_array_get(key, k));
	}
	tally_say(t->v, json_array_size(key) ? ")" : "");
}

static void say_columns(const struct table *t, const char *reason, size_t columns)
{
	const json_t *list = json_object_get(t->scope, "changes");
	size_t named = 0;

	for (size_t i = 0; i < json_array_size(list) && named < COLUMNS_NAMED; i++) {
		const json_t *c = json_array_get(list, i);

		if (!tally_json_is(c, "what", "cells") || !tally_json_is(c, "outside_of", reason))
			continue;
		tally_say(t->v, named++ ? ", " : ": ");
		tally_say_text(t->v, tally_json_string(c, "column"));
		tally_say(t->v, " (");
		tally_say_count(t->v, count_of(c));
		tally_say(t->v, ")");
	}
	if (columns > named) {
		tally_say(t->v, " and ");
		tally_say_plural(t->v, columns - named, "more column", "more columns");
	}
}

/* Cells that are outside for one reason, all columns together. */
static void cells(const struct table *t, const char *reason, const char *words)
{
	const json_t *list = json_object_get(t->scope, "changes"), *first = NULL, *example;
	uint64_t count = 0;
	size_t columns = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *c = json_array_get(list, i);

		if (!tally_json_is(c, "what", "cells") || !tally_json_is(c, "outside_of", reason))
			continue;
		first = columns++ ? first : c;
		count += count_of(c);
	}
	if (!count)
		return;
	tally_say_plural(t->v, count, "cell of ", "cells of ");
	tally_say_table(t->v, t->path.bytes, t->part);
	tally_say(t->v, " changed ");
	tally_say(t->v, words);
	say_columns(t, reason, columns);
	example = json_array_get(json_object_get(first, "examples"), 0);
	if (example) {
		tally_say(t->v, count > 1 ? "; as in " : "; ");
		say_row(t, example);
		tally_say(t->v, ": ");
		say_change(t, json_object_get(example, "old"), json_object_get(example, "new"));
	}
	found(t, TALLY_RULE_outside_scope, count);
}

/* ---- rows ---- */

static void say_rows(const struct table *t, const json_t *c)
{
	const json_t *examples = json_object_get(c, "examples");
	size_t n = json_array_size(examples);

	for (size_t i = 0; i < n; i++) {
		tally_say(t->v, i ? ", " : ": ");
		say_row(t, json_array_get(examples, i));
	}
	if (n && count_of(c) > n)
		tally_say(t->v, " \u2026");
}

static const char *why_rows(const json_t *c)
{
	if (tally_json_is(c, "outside_of", "sheets"))
		return ", outside of the sheets that may change";
	if (tally_json_is(c, "outside_of", "columns"))
		return ", where only some columns may change";
	if (tally_json_is(c, "outside_of", "rows") && count_of(c) == 1)
		return ", and it is not among the rows that may change";
	return ", and they are not among the rows that may change";
}

static void rows(const struct table *t, const json_t *c)
{
	static const struct {
		const char *what, *one, *many;
	} kinds[] = {
		{ "rows_deleted", "row was deleted from ", "rows were deleted from " },
		{ "rows_added", "row was added to ", "rows were added to " },
		{ "rows_moved", "row was moved in ", "rows were moved in " },
		{ "rows_unseen", "row differs beyond the columns that were compared in ",
		  "rows differ beyond the columns that were compared in " },
	};

	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		if (!tally_json_is(c, "what", kinds[k].what))
			continue;
		tally_say_plural(t->v, count_of(c), kinds[k].one, kinds[k].many);
		tally_say_table(t->v, t->path.bytes, t->part);
		tally_say(t->v, why_rows(c));
		say_rows(t, c);
		found(t, TALLY_RULE_rows_outside_scope, count_of(c));
	}
}

/* ---- columns and what stands above the rows ---- */

static void say_column(const struct table *t, const json_t *c)
{
	const char *name = tally_json_string(c, "name"),
		   *before = tally_json_string(c, "name_before");

	tally_say_text(t->v, before ? before : name);
	if (tally_json_is(c, "kind", "renamed")) {
		tally_say(t->v, " was renamed to ");
		tally_say_text(t->v, name);
	} else if (tally_json_is(c, "kind", "contents_swapped")) {
		tally_say(t->v, " has its values under another name now: ");
		tally_say_text(t->v, name);
	} else {
		tally_say(t->v, tally_json_is(c, "kind", "added")     ? " was added"
		                : tally_json_is(c, "kind", "removed") ? " was removed"
		                                                      : " was moved");
	}
}

static void columns(const struct table *t)
{
	const json_t *list = json_object_get(t->scope, "changes");
	uint64_t count = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *c = json_array_get(list, i);

		if (!tally_json_is(c, "what", "column"))
			continue;
		if (!count) {
			tally_say(t->v, "The columns of ");
			tally_say_table(t->v, t->path.bytes, t->part);
			tally_say(t->v, " are others: ");
		}
		if (count++ >= COLUMNS_NAMED)
			continue;
		tally_say(t->v, count > 1 ? ", " : "");
		say_column(t, c);
	}
	if (!count)
		return;
	if (count > COLUMNS_NAMED) {
		tally_say(t->v, " and ");
		tally_say_count(t->v, count - COLUMNS_NAMED);
		tally_say(t->v, " more");
	}
	found(t, TALLY_RULE_columns_outside_scope, count);
}

static void above(const struct table *t, const json_t *c)
{
	bool header = tally_json_is(c, "what", "header");

	if (!header && !tally_json_is(c, "what", "title_lines"))
		return;
	tally_say(t->v, header ? "The row with the names of the columns came or went in "
	                       : "What stands above the rows changed in ");
	tally_say_table(t->v, t->path.bytes, t->part);
	found(t, TALLY_RULE_columns_outside_scope, count_of(c));
}

/* "validation", "sheet renamed" */
static void say_kind(const struct table *t, const char *kind)
{
	const struct tally_fact_info *info = tally_fact_info(tally_fact_rank(kind));

	if (info)
		tally_say(t->v, info->one);
	for (; !info && *kind; kind++) {
		const char letter[2] = { (char)(*kind == '_' ? ' ' : *kind), '\0' };

		tally_say(t->v, letter);
	}
}

/* Sheets that came or went, and what else a workbook says of itself. */
static void facts(const struct table *t)
{
	const json_t *list = json_object_get(t->scope, "changes");
	uint64_t count = 0, named = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *c = json_array_get(list, i);
		const char *kind = tally_json_string(c, "kind"),
			   *old = tally_json_string(c, "name_before");

		if (!tally_json_is(c, "what", "sheet") && !tally_json_is(c, "what", "fact"))
			continue;
		if (!count) {
			tally_say(t->v, "The workbook ");
			tally_say_table(t->v, t->path.bytes, t->part);
			tally_say(t->v, " itself changed: ");
		}
		count += count_of(c);
		if (named >= COLUMNS_NAMED || !kind)
			continue;
		tally_say(t->v, named++ ? ", " : "");
		say_kind(t, kind);
		tally_say(t->v, " ");
		tally_say_text(t->v, old ? old : tally_json_string(c, "name"));
	}
	if (!count)
		return;
	if (count > named) {
		tally_say(t->v, " and ");
		tally_say_count(t->v, count - named);
		tally_say(t->v, " more");
	}
	found(t, TALLY_RULE_workbook_outside_scope, count);
}

static void one_table(const struct table *t)
{
	const json_t *list = json_object_get(t->scope, "changes");

	cells(t, "columns", "in columns that may not change");
	cells(t, "rows", "in rows that may not change");
	cells(t, "key", "in rows that may change, but are others now, since what names them changed");
	cells(t, "sheets", "outside of the sheets that may change");
	columns(t);
	facts(t);
	for (size_t i = 0; i < json_array_size(list); i++) {
		rows(t, json_array_get(list, i));
		above(t, json_array_get(list, i));
	}
}

/* ---- files ---- */

/* Changed, and not as a table that was compared with its scope? */
static bool is_outside(const struct tally_receipt *r, const struct tally_receipt_change *c)
{
	if (c->kind == TALLY_CHANGE_METADATA || c->kind == TALLY_CHANGE_UNVERIFIED ||
	    (c->type == TALLY_TYPE_DIR && c->old_type == TALLY_TYPE_DIR) ||
	    (c->type == TALLY_TYPE_DIR && c->kind != TALLY_CHANGE_TYPE_CHANGED))
		return false;
	return c->kind != TALLY_CHANGE_MODIFIED || !tally_review_has_table(r, &c->path);
}

static uint64_t files(struct tally_reviewer *v)
{
	const struct tally_receipt *r = v->r;
	uint64_t count = 0;

	for (size_t i = 0; i < r->change_count; i++)
		count += is_outside(r, &r->changes[i]);
	if (!count)
		return 0;
	tally_say_plural(v, count, "file was", "files were");
	tally_say(v, " added, removed, moved or changed as a whole, while only cells of tables may "
	             "change: ");
	for (size_t i = 0, named = 0; i < r->change_count && named <= TALLY_EXAMPLES; i++) {
		if (!is_outside(r, &r->changes[i]))
			continue;
		if (named++ == TALLY_EXAMPLES) {
			tally_say(v, " \u2026");
			break;
		}
		tally_say(v, named > 1 ? ", " : "");
		tally_say_name(v, &r->changes[i].path);
	}
	tally_found(v, TALLY_RULE_files_outside_scope, TALLY_SEVERITY_HIGH, NULL, NULL, count, count);
	return count;
}

/* ---- names that are not there ---- */

/* Is a column missing in all tables that were compared? */
static bool missing_everywhere(const struct tally_receipt *r, const char *name, const json_t **table)
{
	*table = NULL;
	for (size_t i = 0; i < json_array_size(r->tables); i++) {
		const json_t *t = json_array_get(r->tables, i), *s = json_object_get(t, "scope");
		const json_t *unknown = json_object_get(s, "unknown");
		bool missing = !name && json_is_true(json_object_get(s, "row_column_unknown"));

		if (tally_scope_of_workbook(t))
			continue;
		for (size_t k = 0; name && k < json_array_size(unknown); k++) {
			const char *one = json_string_value(json_array_get(unknown, k));

			missing |= one && !strcmp(one, name);
		}
		if (!missing)
			return false;
		*table = *table ? *table : t;
	}
	return *table != NULL;
}

static void say_columns_there(struct tally_reviewer *v, const json_t *t)
{
	const json_t *names = json_object_get(json_object_get(t, "scope"), "columns");

	for (size_t i = 0; i < json_array_size(names); i++) {
		if (i == 0) {
			tally_say(v, "; ");
			tally_say_text(v, tally_json_string(t, "path"));
			tally_say(v, " has ");
		}
		tally_say(v, i ? ", " : "");
		tally_say_text(v, json_string_value(json_array_get(names, i)));
	}
}

static void add_unknown(struct tally_reviewer *v, const char *option, const char *name, json_t *list)
{
	bool ok = true;
	json_t *o = json_object();

	tally_json_set(o, "option", json_string_nocheck(option), &ok);
	tally_json_set(o, "name", json_string(name), &ok);
	tally_json_add(list, o, &ok);
	if (!ok && v->status == TALLY_OK)
		v->status = tally_err_nomem(v->err);
	tally_found(v, TALLY_RULE_scope_unknown, TALLY_SEVERITY_HIGH, NULL, name, 1, 1);
}

static void unknown_columns(struct tally_reviewer *v, json_t *list)
{
	const json_t *columns = json_object_get(v->r->scope, "columns"), *t;
	const char *rows = tally_json_string(v->r->scope, "rows");

	for (size_t i = 0; i < json_array_size(columns); i++) {
		const char *name = json_string_value(json_array_get(columns, i));

		if (!name || !missing_everywhere(v->r, name, &t))
			continue;
		tally_say(v, "The column ");
		tally_say_text(v, name);
		tally_say(v, " may change, but no table that changed has it");
		say_columns_there(v, t);
		add_unknown(v, "columns", name, list);
	}
	if (!rows || !missing_everywhere(v->r, NULL, &t))
		return;
	tally_say(v, "The rows with ");
	tally_say_text(v, rows);
	tally_say(v, " may change, but no table that changed has that column, so that no row fits");
	say_columns_there(v, t);
	add_unknown(v, "rows", rows, list);
}

static void unknown_sheets(struct tally_reviewer *v, json_t *list)
{
	const json_t *sheets = json_object_get(v->r->scope, "sheets_missing");

	for (size_t i = 0; i < json_array_size(sheets); i++) {
		const char *name = json_string_value(json_array_get(sheets, i));

		if (!name)
			continue;
		tally_say(v, "The sheet ");
		tally_say_text(v, name);
		tally_say(v, " may change, but no file that changed has a sheet of that name");
		add_unknown(v, "sheets", name, list);
	}
}

/* ---- all of it ---- */

static uint64_t tables(struct tally_reviewer *v)
{
	uint64_t outside = 0;
	bool ok = true;

	for (size_t i = 0; i < json_array_size(v->r->tables) && v->status == TALLY_OK; i++) {
		struct table t = { .v = v, .json = json_array_get(v->r->tables, i) };
		const char *path = tally_json_string(t.json, "path");

		if (tally_scope_of_workbook(t.json) && !json_object_get(t.json, "scope"))
			tally_scope_judge_workbook(json_array_get(v->r->tables, i), v->r->scope, &ok);
		t.scope = json_object_get(t.json, "scope");
		t.path = (struct tally_name){ path ? path : "", path ? strlen(path) : 0 };
		t.part = tally_json_string(t.json, "part");
		if (!t.part)
			t.part = tally_json_string(t.json, "part_before");
		outside += tally_json_count(t.scope, "outside");
		one_table(&t);
	}
	if (!ok && v->status == TALLY_OK)
		v->status = tally_err_nomem(v->err);
	return outside;
}

void tally_review_scope(struct tally_reviewer *v)
{
	json_t *unknown;
	uint64_t outside, changed;
	bool ok = true;

	if (!json_is_object(v->r->scope))
		return;
	outside = tables(v);
	changed = files(v);
	unknown = json_array();
	unknown_columns(v, unknown);
	unknown_sheets(v, unknown);
	json_object_del(v->r->scope, "sheets_missing");
	tally_json_set(v->r->scope, "outside", json_integer((json_int_t)(outside + changed)), &ok);
	tally_json_set(v->r->scope, "files", json_integer((json_int_t)changed), &ok);
	tally_json_set(v->r->scope, "unknown", unknown, &ok);
	if (!ok && v->status == TALLY_OK)
		v->status = tally_err_nomem(v->err);
}
