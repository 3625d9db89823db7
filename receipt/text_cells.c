/* Section 3 of the terminal view, cells of tables: one by one, and rewrites of many. */
#include "receipt/text_table.h"

#include <string.h>

#include "core/err.h"
#include "diff/table_diff.h"
#include "receipt/text_value.h"
#include "receipt/words.h"

static const char *nature_words(const char *id)
{
	for (int n = 0; id && n < TALLY_NATURE_COUNT; n++)
		if (!strcmp(id, tally_nature_id((enum tally_nature)n)))
			return tally_nature_words((enum tally_nature)n);
	return NULL;
}

static const char strayed_words[] = "formula written as before, of other cells now";

/* The same words mean other cells where rows or columns came or went around it. */
static bool is_strayed(const json_t *c, const char *nature)
{
	const char *old = tally_json_string(json_object_get(c, "old"), "formula");
	const char *now = tally_json_string(json_object_get(c, "new"), "formula");

	return nature && !strcmp(nature, "formula_changed") && old && now && !strcmp(old, now);
}

/* What became of a formula, with its value; @words  otherwise */
static const char *formula_words(const json_t *c, const char *words)
{
	const char *nature = tally_json_string(c, "nature");
	const json_t *same = json_object_get(c, "value_same");

	if (is_strayed(c, nature))
		return strayed_words;
	if (!nature || !json_is_boolean(same))
		return words;
	if (!strcmp(nature, "formula_to_constant"))
		return json_is_true(same) ? "formula replaced by its value"
		                          : "formula replaced by another value";
	if (!strcmp(nature, "formula_changed") && json_is_true(same))
		return "formula changed, the value did not";
	return words;
}

static const char *type_words(const char *type)
{
	static const char *const types[][2] = { { "number", "a number" },
		                                { "date", "a date" },
		                                { "truth", "TRUE or FALSE" },
		                                { "error", "an error" } };

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (!strcmp(type, types[i][0]))
			return types[i][1];
	return "text";
}

/* "was a number, is text now", where the nature of the change does not say it */
static void put_types(struct tally_sheet *s, const json_t *c, const char *between, const char *end)
{
	const char *old = tally_json_string(c, "type_before"), *now = tally_json_string(c, "type");

	if (!old || !now)
		return;
	tally_sheet_text(s, between);
	tally_sheet_text(s, "was ");
	tally_sheet_text(s, type_words(old));
	tally_sheet_text(s, ", is ");
	tally_sheet_text(s, type_words(now));
	tally_sheet_text(s, " now");
	tally_sheet_text(s, end);
}

/* Does the change say it all, without a word about its nature? */
static bool is_plain(const char *nature)
{
	return !strcmp(nature, "value") || !strcmp(nature, "emptied") || !strcmp(nature, "filled");
}

/* "column 4" of a sheet without names says no more than D5. */
static bool has_name(const json_t *c)
{
	const char *name = tally_json_string(c, "column");
	size_t n = name && !strncmp(name, "column ", 7) ? strspn(name + 7, "0123456789") : 0;

	return !n || name[7 + n] != '\0';
}

static void cell(struct tally_sheet *s, const json_t *c)
{
	const char *nature = tally_json_string(c, "nature");
	const char *ref = tally_json_string(c, "ref");
	const char *words = nature_words(nature);

	if (ref) {
		const char *before = tally_json_string(c, "ref_before");

		if (before) {
			tally_sheet_string(s, before);
			tally_sheet_arrow(s);
		}
		tally_sheet_string(s, ref);
		tally_text_row_key(s, c);
	} else {
		tally_text_row_name(s, c);
	}
	if (!ref || has_name(c)) {
		tally_sheet_text(s, ", ");
		tally_text_column(s, c);
	}
	tally_sheet_text(s, ": ");
	tally_text_old_new(s, c);
	if (words && is_plain(nature))
		words = NULL;
	tally_sheet_style(s, TALLY_STYLE_DIM);
	if (words) {
		tally_sheet_text(s, "  ");
		tally_sheet_text(s, formula_words(c, words));
	}
	put_types(s, c, words ? ", " : "  ", "");
	tally_sheet_plain(s);
}

/* Changed cells that no rewrite stands for, those that were only counted included. */
static uint64_t single_cells(const json_t *t, uint64_t listed)
{
	const json_t *list = json_object_get(t, "rewrites");
	uint64_t all = tally_json_count(t, "cells_total"), rewritten = 0;

	for (size_t i = 0; i < json_array_size(list); i++)
		rewritten += tally_json_count(json_array_get(list, i), "count");
	return all > rewritten && all - rewritten > listed ? all - rewritten : listed;
}

void tally_text_cells(struct tally_sheet *s, const json_t *t, const struct tally_text_folds *folds)
{
	const json_t *list = json_object_get(t, "cells");
	uint64_t folded = 0;
	size_t shown = 0, most = tally_sheet_cut(s, folds->shown, TALLY_CELLS_MOST);

	for (size_t i = json_array_size(json_object_get(t, "rewrites"));
	     i < json_array_size(folds->rewrites); i++)
		folded += tally_json_count(json_array_get(folds->rewrites, i), "count");
	for (size_t i = 0; i < json_array_size(list) && shown < most; i++) {
		if (folds->hidden[i])
			continue;
		tally_sheet_label(s, shown++ ? "" : "Cells");
		cell(s, json_array_get(list, i));
		tally_sheet_labelled(s, TALLY_TEXT_BODY);
	}
	tally_sheet_more(s, TALLY_TEXT_BODY + TALLY_LABEL, folds->shown - shown);
	tally_text_unlisted(s, shown ? "" : "Cells",
	                    single_cells(t, folds->shown + folded) - folded - folds->shown);
}

/* Did the cells that are shown of a rewrite all stray? */
static bool all_strayed(const json_t *r)
{
	const json_t *examples = json_object_get(r, "examples");
	size_t n = json_array_size(examples);

	for (size_t i = 0; i < n; i++)
		if (!is_strayed(json_array_get(examples, i), tally_json_string(r, "nature")))
			return false;
	return n > 0;
}

/* What a rewrite did: the words of its nature, or by how much dates moved. */
static void rewrite_words(struct tally_sheet *s, const json_t *r)
{
	const char *words = all_strayed(r) ? strayed_words
	                                   : nature_words(tally_json_string(r, "nature"));
	const json_t *by = json_object_get(r, "moved_by_seconds");
	const json_t *shift = json_object_get(r, "shifted_by");

	if (json_is_integer(by)) {
		tally_sheet_text(s, "dates all ");
		if (!tally_words_moved(&s->line, json_integer_value(by)))
			s->status = tally_err_nomem(s->err);
	} else if (json_is_integer(shift)) {
		if (!tally_words_shifted(&s->line, json_integer_value(shift)))
			s->status = tally_err_nomem(s->err);
	} else {
		tally_sheet_text(s, words ? words : "changed");
	}
}

/* "; gone: 50 (D21)" */
static void shifted_off(struct tally_sheet *s, const json_t *r)
{
	const json_t *list = json_object_get(r, "shifted_off");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *cell = json_array_get(list, i);

		tally_sheet_text(s, i ? ", " : "; gone: ");
		tally_text_value(s, json_object_get(cell, "old"));
		if (tally_json_string(cell, "ref")) {
			tally_sheet_text(s, " in ");
			tally_sheet_string(s, tally_json_string(cell, "ref"));
		} else {
			tally_sheet_text(s, " in row ");
			tally_sheet_count(s, tally_text_row_number(cell));
		}
	}
}

static void rewrite(struct tally_sheet *s, const json_t *r)
{
	const json_t *example = json_array_get(json_object_get(r, "examples"), 0);
	bool lossy = json_is_false(json_object_get(r, "lossless"));

	tally_text_column(s, r);
	tally_sheet_text(s, ": ");
	if (lossy)
		tally_sheet_style(s, TALLY_STYLE_YELLOW);
	rewrite_words(s, r);
	if (lossy)
		tally_sheet_plain(s);
	tally_sheet_text(s, " in ");
	tally_sheet_plural(s, tally_json_count(r, "count"), "cell", "cells");
	if (!example)
		return;
	if (tally_json_string(example, "ref")) {
		tally_sheet_text(s, ", as in ");
		tally_sheet_string(s, tally_json_string(example, "ref"));
	} else {
		tally_sheet_text(s, ", as in row ");
		tally_sheet_count(s, tally_text_row_number(example));
	}
	tally_sheet_text(s, ": ");
	tally_text_old_new(s, example);
	put_types(s, example, " (", ")");
	shifted_off(s, r);
}

void tally_text_rewrites(struct tally_sheet *s, const struct tally_text_folds *folds)
{
	const json_t *list = folds->rewrites;

	tally_sheet_list(s, "Rewrites", list, TALLY_TEXT_BODY, rewrite);
}
