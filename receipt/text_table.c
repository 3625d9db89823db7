/* Section 3 of the terminal view, second part: what changed inside tables, part by part. */
#include "receipt/text_table.h"

#include <string.h>

#include "receipt/text_folds.h"
#include "receipt/text_value.h"

enum { TITLE = TALLY_INDENT + 2 };

/* A sheet that came or went as a whole: one line says it of all its rows. */
static bool is_whole(const json_t *t)
{
	return json_is_null(json_object_get(t, "part")) !=
	       json_is_null(json_object_get(t, "part_before"));
}

/* Is it a sheet of the file told before it? The path stands there. */
static bool is_next(const json_t *t, const json_t *last)
{
	const char *path = tally_json_string(t, "path"), *before = tally_json_string(last, "path");
	const char *part = tally_json_string(t, "part");

	return path && before && !strcmp(path, before) &&
	       (part ? *part != '\0' : tally_json_string(t, "part_before") != NULL);
}

static void title_path(struct tally_sheet *s, const json_t *t)
{
	const char *path = tally_json_string(t, "path"), *from = tally_json_string(t, "from");

	if (from && path && strcmp(from, path) != 0) {
		tally_sheet_safe(s, from);
		tally_sheet_arrow(s);
	}
	tally_sheet_safe(s, path ? path : "(no name)");
}

static void title(struct tally_sheet *s, const json_t *t, bool next)
{
	const char *part = tally_json_string(t, "part"), *old = tally_json_string(t, "part_before");

	tally_sheet_style(s, TALLY_STYLE_BOLD);
	if (!next)
		title_path(s, t);
	if (old && !part) {
		tally_sheet_text(s, next ? "sheet " : ", sheet ");
		tally_sheet_string(s, old);
		tally_sheet_text(s, " (removed)");
	} else if (part && *part) {
		tally_sheet_text(s, next ? "sheet " : ", sheet ");
		if (old && *old && strcmp(old, part) != 0) {
			tally_sheet_string(s, old);
			tally_sheet_arrow(s);
		}
		tally_sheet_string(s, part);
		tally_sheet_text(s, is_whole(t) ? " (added)" : "");
	}
	tally_sheet_plain(s);
	tally_sheet_end(s, TITLE, TALLY_TEXT_BODY);
}

/* Is one side an old workbook? */
static bool is_old(const json_t *format)
{
	const char *before = tally_json_string(format, "before"),
		   *after = tally_json_string(format, "after");

	return (before && !strcmp(before, "xls")) || (after && !strcmp(after, "xls"));
}

static void compared(struct tally_sheet *s, const json_t *t)
{
	const json_t *format = json_object_get(t, "format");

	if (!tally_json_string(t, "compared"))
		return;
	tally_sheet_label(s, "Compared");
	tally_sheet_text(s, is_old(format)
	                            ? "by values only, since formulas of XLS are not read: "
	                            : "by values only, since formulas and types are not in both: ");
	tally_text_value(s, json_object_get(format, "before"));
	tally_sheet_arrow(s);
	tally_text_value(s, json_object_get(format, "after"));
	tally_sheet_labelled(s, TALLY_TEXT_BODY);
}

/* What a limit kept out of the receipt: no option shows it. @label  of the list, where nothing of it was listed */
void tally_text_unlisted(struct tally_sheet *s, const char *label, uint64_t n)
{
	if (!n)
		return;
	tally_sheet_label(s, label);
	tally_sheet_text(s, *label ? "" : "\u2026 and ");
	tally_sheet_count(s, n);
	tally_sheet_text(s, *label ? ", not listed (see 5)" : " not listed (see 5)");
	tally_sheet_labelled(s, TALLY_TEXT_BODY);
}

static void table(struct tally_sheet *s, const json_t *t, bool next)
{
	struct tally_text_folds folds;

	if (json_is_object(json_object_get(t, "sheets"))) {
		title(s, t, next);
		tally_text_scope_table(s, t);
		tally_text_sheets(s, t);
		tally_text_facts(s, t, TALLY_TEXT_BODY);
		return;
	}
	if (is_whole(t) && next && !s->all && !json_array_size(json_object_get(t, "facts")))
		return; /* told with the sheets */
	if (is_whole(t)) {
		title(s, t, next);
		tally_text_rows(s, t);
		tally_text_facts(s, t, TALLY_TEXT_BODY);
		return;
	}
	if (!tally_text_folds(&folds, s, t))
		return;
	title(s, t, next);
	tally_text_scope_table(s, t);
	if (json_is_true(json_object_get(json_object_get(t, "aligned_by"), "doubtful"))) {
		tally_text_key(s, t); /* what follows may be wrong */
		tally_text_rows(s, t);
	} else {
		tally_text_rows(s, t);
		tally_text_key(s, t);
	}
	compared(s, t);
	tally_text_properties(s, t);
	tally_text_columns(s, t);
	tally_text_rewrites(s, &folds);
	tally_text_row_changes(s, t);
	tally_text_cells(s, t, &folds);
	tally_text_sums(s, t);
	tally_text_totals(s, t);
	tally_text_problems(s, t);
	tally_text_facts(s, t, TALLY_TEXT_BODY);
	tally_text_folds_release(&folds);
}

bool tally_text_tables(struct tally_sheet *s)
{
	size_t count = json_array_size(s->r->tables);
	size_t shown = tally_sheet_cut(s, count, TALLY_LIST_MOST), files = 0;
	const json_t *last = NULL;

	if (!count)
		return false;
	for (size_t i = 0; i < count; i++)
		files += !i || !is_next(json_array_get(s->r->tables, i),
		                        json_array_get(s->r->tables, i - 1));
	tally_sheet_style(s, TALLY_STYLE_BOLD);
	tally_sheet_text(s, "Inside tables");
	tally_sheet_plain(s);
	tally_sheet_text(s, " (");
	tally_sheet_count(s, files);
	tally_sheet_text(s, ")");
	tally_sheet_end(s, TALLY_INDENT, TALLY_INDENT);
	for (size_t i = 0; i < shown; i++) {
		const json_t *t = json_array_get(s->r->tables, i);

		table(s, t, is_next(t, last));
		last = t;
	}
	tally_sheet_more(s, TITLE, count - shown);
	return true;
}
