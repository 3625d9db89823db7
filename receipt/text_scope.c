/* The scope that was set, on the terminal: what was allowed, and beside each table what changed outside of it. */
#include "receipt/text_value.h"

#include <string.h>

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

/* "column price removed", "sheet hidden Old", "3 rows added" */
static void what_changed(struct tally_sheet *s, const json_t *c, const char *what)
{
	uint64_t count = tally_json_count(c, "count");
	const char *kind = tally_json_string(c, "kind");
	const json_t *old = json_object_get(c, "name_before");
	const json_t *name = json_is_string(old) ? old : json_object_get(c, "name");

	if (!kind) {
		tally_sheet_count(s, count);
		tally_sheet_fixed(s, " ");
		tally_sheet_text(s, what_words(what, count == 1));
		if (what && !strcmp(what, "cells"))
			tally_text_value(s, json_object_get(c, "column"));
		return;
	}
	if (what && !strcmp(what, "column")) {
		tally_sheet_text(s, "column ");
		tally_text_value(s, name);
		tally_sheet_text(s, " ");
		tally_sheet_id(s, kind);
		return;
	}
	tally_sheet_id(s, kind);
	tally_sheet_text(s, " ");
	tally_text_value(s, name);
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
