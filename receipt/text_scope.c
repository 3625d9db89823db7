/* The scope that was set, on the terminal: what was allowed, and beside each table what changed outside of it. */
#include "receipt/text_table.h"

#include <string.h>

#include "core/facts.h"
#include "receipt/scope.h"
#include "receipt/text_value.h"

enum { BODY = TALLY_INDENT + 4, NAMES_MOST = 8 };

static void names(struct tally_sheet *s, const char *words, const json_t *list, bool *any)
{
	if (!json_array_size(list))
		return;
	tally_sheet_text(s, *any ? "; " : "");
	tally_sheet_text(s, words);
	tally_text_list(s, list, ", ", SIZE_MAX);
	*any = true;
}

void tally_text_scope(struct tally_sheet *s)
{
	const json_t *o = s->r->scope;
	const char *rows = tally_json_string(o, "rows");
	bool any = false;

	if (!json_is_object(o))
		return;
	tally_sheet_label(s, "Allowed");
	names(s, "sheets ", json_object_get(o, "sheets"), &any);
	names(s, "columns ", json_object_get(o, "columns"), &any);
	if (rows) {
		tally_sheet_text(s, any ? "; rows with " : "rows with ");
		tally_sheet_bytes(s, rows, strlen(rows));
	}
	tally_sheet_labelled(s, TALLY_INDENT);
	tally_sheet_label(s, "");
	if (!tally_json_count(o, "outside")) {
		tally_sheet_text(s, "no change outside of that was found");
	} else {
		tally_sheet_style(s, TALLY_STYLE_RED);
		tally_sheet_plural(s, tally_json_count(o, "outside"), "change", "changes");
		tally_sheet_text(s, " outside of that");
		tally_sheet_plain(s);
	}
	tally_sheet_labelled(s, TALLY_INDENT);
}

static const char *what_words(const char *what, bool one)
{
	static const struct {
		const char *what, *one, *many;
	} words[] = {
		{ "cells", "cell of ", "cells of " },
		{ "rows_deleted", "row deleted", "rows deleted" },
		{ "rows_added", "row added", "rows added" },
		{ "rows_moved", "row moved", "rows moved" },
		{ "rows_unseen", "row that differs where no cell was compared",
		  "rows that differ where no cell was compared" },
		{ "title_lines", "change above the rows", "changes above the rows" },
		{ "fact", "other change of the workbook", "other changes of the workbook" },
		{ "header", "row of column names that came or went",
		  "rows of column names that came or went" },
	};

	for (size_t i = 0; what && i < sizeof words / sizeof *words; i++)
		if (!strcmp(what, words[i].what))
			return one ? words[i].one : words[i].many;
	return "changes";
}

static const char *reason_words(const char *reason, bool cells)
{
	if (!cells && reason && strcmp(reason, "sheets") != 0)
		return !strcmp(reason, "columns") ? "only cells of some columns may change"
		                                  : "only some rows may change";
	return !reason                      ? ""
	       : !strcmp(reason, "sheets")  ? "not in a sheet that may change"
	       : !strcmp(reason, "columns") ? "not in a column that may change"
	       : !strcmp(reason, "rows")    ? "not in a row that may change"
	       : !strcmp(reason, "key")     ? "in a row whose key changed"
	                                    : "";
}

/* "sheet Old removed", "sheet Old renamed to New" */
static void sheet(struct tally_sheet *s, const json_t *c, const char *kind)
{
	static const char *const kinds[][2] = {
		{ "sheet_removed", " removed" },
		{ "sheet_added", " added" },
		{ "sheet_renamed", " renamed" },
		{ "sheet_moved", " moved" },
		{ "sheet_hidden", " hidden" },
		{ "sheet_very_hidden", " hidden so that no menu shows it" },
		{ "sheet_shown", " no longer hidden" },
	};
	const json_t *old = json_object_get(c, "name_before"), *now = json_object_get(c, "name");

	tally_sheet_text(s, "sheet ");
	tally_text_value(s, json_is_string(old) ? old : now);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(kind, kinds[i][0]))
			tally_sheet_text(s, kinds[i][1]);
	if (!strcmp(kind, "sheet_renamed")) {
		tally_sheet_text(s, " to ");
		tally_text_value(s, now);
	}
}

/* "validation at Prices!G2 changed: a → b", of which the facts below tell more */
static void fact(struct tally_sheet *s, const json_t *c, const char *kind)
{
	const struct tally_fact_info *info = tally_fact_info(tally_fact_rank(kind));
	const char *where = tally_json_string(c, "where"), *change = tally_json_string(c, "change");
	const json_t *old = json_object_get(c, "name_before"), *now = json_object_get(c, "name");

	if (info)
		tally_sheet_text(s, info->one);
	else
		tally_sheet_id(s, kind);
	if (where) {
		tally_sheet_text(s, info && info->named ? " (" : " at ");
		tally_sheet_string(s, where);
		tally_sheet_text(s, info && info->named ? ")" : "");
	}
	if (change) {
		tally_sheet_text(s, " ");
		tally_sheet_safe(s, tally_text_fact_change(change));
	}
	tally_sheet_text(s, ": ");
	tally_text_fact_values(s, old, now);
}

/* ", as in E8 (A007): 4 → 5"; of one, it is all there is */
static void cell_example(struct tally_sheet *s, const json_t *c)
{
	const json_t *e = json_array_get(json_object_get(c, "examples"), 0);
	const json_t *old = json_object_get(e, "old"), *now = json_object_get(e, "new");

	if (!e)
		return;
	tally_sheet_text(s, tally_json_count(c, "count") == 1 ? ": " : ", as in ");
	if (tally_json_string(e, "ref")) {
		tally_sheet_string(s, tally_json_string(e, "ref"));
		tally_text_row_key(s, e);
	} else {
		tally_text_row_name(s, e);
	}
	tally_sheet_text(s, ": ");
	tally_text_value(s, old);
	if (json_equal(old, now)) {
		tally_sheet_text(s, tally_scope_same_words(json_string_value(old)));
		return;
	}
	tally_sheet_arrow(s);
	tally_text_value(s, now);
}

/* ": row 5 (8), row 6 (9) …" */
static void row_examples(struct tally_sheet *s, const json_t *c)
{
	const json_t *examples = json_object_get(c, "examples");
	size_t n = json_array_size(examples);

	for (size_t i = 0; i < n; i++) {
		tally_sheet_text(s, i ? ", " : ": ");
		tally_text_row_name(s, json_array_get(examples, i));
	}
	if (n && tally_json_count(c, "count") > n)
		tally_sheet_text(s, " \u2026");
}

static void counted(struct tally_sheet *s, const json_t *c, const char *what)
{
	uint64_t count = tally_json_count(c, "count");

	tally_sheet_count(s, count);
	tally_sheet_fixed(s, " ");
	tally_sheet_text(s, what_words(what, count == 1));
	if (what && !strcmp(what, "cells")) {
		tally_text_column(s, c);
		tally_sheet_text(s, " changed");
		cell_example(s, c);
	} else {
		row_examples(s, c);
	}
}

static void what_changed(struct tally_sheet *s, const json_t *c, const char *what)
{
	const char *kind = tally_json_string(c, "kind");
	const json_t *old = json_object_get(c, "name_before"), *now = json_object_get(c, "name");

	if (!kind) {
		counted(s, c, what);
	} else if (what && !strcmp(what, "column")) {
		tally_sheet_text(s, "column ");
		tally_text_value(s, json_is_string(old) ? old : now);
		tally_sheet_text(s, " ");
		tally_sheet_id(s, kind);
		if (!strcmp(kind, "renamed")) {
			tally_sheet_text(s, " to ");
			tally_text_value(s, now);
		}
	} else if (what && !strcmp(what, "sheet")) {
		sheet(s, c, kind);
	} else {
		fact(s, c, kind);
	}
}

static void change(struct tally_sheet *s, const json_t *c)
{
	const char *what = tally_json_string(c, "what");

	tally_sheet_style(s, TALLY_STYLE_RED);
	what_changed(s, c, what);
	tally_sheet_plain(s);
	tally_sheet_text(s, " (");
	tally_sheet_text(s, reason_words(tally_json_string(c, "outside_of"),
	                                 what && !strcmp(what, "cells")));
	tally_sheet_text(s, ")");
}

void tally_text_scope_table(struct tally_sheet *s, const json_t *table)
{
	const json_t *list = json_object_get(json_object_get(table, "scope"), "changes");

	tally_sheet_list(s, "Outside", list, BODY, change);
}
