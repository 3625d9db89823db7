/* Section 3 of the terminal view, second part: what changed inside tables, part by part. */
#include "receipt/text_value.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/escape.h"
#include "diff/table_diff.h"
#include "receipt/text_folds.h"
#include "receipt/words.h"

enum {
	TITLE = TALLY_INDENT + 2,
	BODY = TALLY_INDENT + 4,
	VALUES_SHOWN = 8, /* of an added or deleted row */
};

static const char *nature_words(const char *id)
{
	for (int n = 0; id && n < TALLY_NATURE_COUNT; n++)
		if (!strcmp(id, tally_nature_id((enum tally_nature)n)))
			return tally_nature_words((enum tally_nature)n);
	return NULL;
}

static void put_string(struct tally_sheet *s, const char *text)
{
	tally_sheet_bytes(s, text, strlen(text));
}

static uint64_t row_number(const json_t *o)
{
	uint64_t before = tally_text_number(o, "row_before", 0);

	return tally_text_number(o, "row", before);
}

/* ---- title, rows, key ---- */

/* A sheet that came or went as a whole: one line says it of all its rows. */
static bool is_whole(const json_t *t)
{
	return json_is_null(json_object_get(t, "part")) !=
	       json_is_null(json_object_get(t, "part_before"));
}

static void title(struct tally_sheet *s, const json_t *t)
{
	const char *path = tally_text_string(t, "path"), *from = tally_text_string(t, "from");
	const char *part = tally_text_string(t, "part"), *old = tally_text_string(t, "part_before");

	tally_sheet_style(s, TALLY_STYLE_BOLD);
	if (from && path && strcmp(from, path) != 0) {
		tally_sheet_safe(s, from);
		tally_sheet_arrow(s);
	}
	tally_sheet_safe(s, path ? path : "(no name)");
	if (old && !part) {
		tally_sheet_text(s, ", sheet ");
		put_string(s, old);
		tally_sheet_text(s, " (removed)");
	} else if (part && *part) {
		tally_sheet_text(s, ", sheet ");
		if (old && *old && strcmp(old, part) != 0) {
			put_string(s, old);
			tally_sheet_arrow(s);
		}
		put_string(s, part);
		tally_sheet_text(s, is_whole(t) ? " (added)" : "");
	}
	tally_sheet_plain(s);
	tally_sheet_end(s, TITLE, BODY);
}

static void also(struct tally_sheet *s, uint64_t n, const char *word, bool *first)
{
	if (!n)
		return;
	tally_sheet_text(s, *first ? "; " : ", ");
	*first = false;
	tally_sheet_count(s, n);
	tally_sheet_fixed(s, " ");
	tally_sheet_text(s, word);
}

static void rows(struct tally_sheet *s, const json_t *t)
{
	const json_t *r = json_object_get(t, "rows");
	bool first = true;

	if (!json_is_object(r))
		return;
	tally_sheet_label(s, "Rows");
	tally_sheet_count(s, tally_text_number(r, "before", 0));
	tally_sheet_text(s, " before");
	tally_sheet_term(s, "\u2212", tally_text_number(r, "deleted", 0), "deleted");
	tally_sheet_term(s, "+", tally_text_number(r, "added", 0), "added");
	tally_sheet_term(s, "=", tally_text_number(r, "after", 0), "after");
	also(s, tally_text_number(r, "same", 0), "the same", &first);
	also(s, tally_text_number(r, "edited", 0), "edited", &first);
	if (tally_text_number(r, "recalculated", 0)) {
		tally_sheet_text(s, " (");
		if (tally_text_number(r, "recalculated", 0) < tally_text_number(r, "edited", 0)) {
			tally_sheet_count(s, tally_text_number(r, "recalculated", 0));
			tally_sheet_text(s, " of them ");
		}
		tally_sheet_text(s, "by new results of formulas only)");
	}
	also(s, tally_text_number(r, "moved", 0), "moved", &first);
	tally_sheet_labelled(s, BODY);
}

/* The comparison's own words where it gives any (of a doubtful one they are about the doubt), otherwise the numbers */
static void key_evidence(struct tally_sheet *s, const json_t *a, bool given)
{
	const json_t *overlap = json_object_get(a, "overlap"), *unique = json_object_get(a, "unique");
	const char *note = json_is_true(json_object_get(a, "doubtful"))
	                           ? NULL
	                           : tally_text_string(a, "note");

	tally_sheet_text(s, given ? " (given" : " (found by comparing");
	if (note) {
		tally_sheet_text(s, "; ");
		tally_sheet_safe(s, note);
	} else {
		if (json_is_boolean(unique))
			tally_sheet_text(s, json_is_true(unique) ? "; no value twice"
			                                         : "; some values more than once");
		if (json_is_number(overlap))
			tally_sheet_printf(s, "; %.4g %% on both sides",
			                   json_number_value(overlap) * 100);
	}
	tally_sheet_text(s, ")");
}

/* Rows that were paired for being alike, and from which likeness on. */
static void alike(struct tally_sheet *s, const json_t *a)
{
	const json_t *similar = json_object_get(a, "similar"),
		     *least = json_object_get(similar, "least");
	uint64_t n = tally_text_number(similar, "rows", 0);

	if (!n || !json_is_number(least))
		return;
	tally_sheet_text(s, "; ");
	tally_sheet_plural(s, n, "row", "rows");
	tally_sheet_printf(s, " by being alike (%.0f %% or more)", json_number_value(least) * 100);
}

static void key(struct tally_sheet *s, const json_t *t)
{
	const json_t *a = json_object_get(t, "aligned_by");
	const char *how = tally_text_string(a, "how"), *note = tally_text_string(a, "note");
	bool doubtful = json_is_true(json_object_get(a, "doubtful"));

	if (!how)
		return;
	tally_sheet_label(s, "Key");
	if (!strcmp(how, "rows")) {
		tally_sheet_text(s, "none: rows were paired by what stands in them");
		if (note && !doubtful) {
			tally_sheet_text(s, "; ");
			tally_sheet_safe(s, note);
		}
	} else {
		tally_text_list(s, json_object_get(a, "columns"), " + ", SIZE_MAX);
		key_evidence(s, a, !strcmp(how, "given"));
	}
	alike(s, a);
	if (doubtful) {
		tally_sheet_text(s, "; ");
		tally_sheet_style(s, TALLY_STYLE_YELLOW);
		tally_sheet_text(s, note ? "doubtful: " : "doubtful");
		tally_sheet_safe(s, note);
		tally_sheet_plain(s);
	}
	tally_sheet_labelled(s, BODY);
}

static void compared(struct tally_sheet *s, const json_t *t)
{
	const json_t *format = json_object_get(t, "format");

	if (!tally_text_string(t, "compared"))
		return;
	tally_sheet_label(s, "Compared");
	tally_sheet_text(s, "by values only, since formulas and types are not in both: ");
	tally_text_value(s, json_object_get(format, "before"));
	tally_sheet_arrow(s);
	tally_text_value(s, json_object_get(format, "after"));
	tally_sheet_labelled(s, BODY);
}

/* ---- columns and file properties ---- */

static void from_to(struct tally_sheet *s, const json_t *c)
{
	tally_sheet_text(s, " from ");
	tally_sheet_count(s, tally_text_number(c, "index_before", 0));
	tally_sheet_text(s, " to ");
	tally_sheet_count(s, tally_text_number(c, "index", 0));
}

static void column(struct tally_sheet *s, const json_t *c)
{
	const char *kind = tally_text_string(c, "kind");
	const json_t *name = json_object_get(c, "name"), *before = json_object_get(c, "name_before");

	if (!kind)
		return;
	if (!strcmp(kind, "added")) {
		tally_sheet_text(s, "added ");
		tally_text_value(s, name);
	} else if (!strcmp(kind, "removed")) {
		tally_sheet_style(s, TALLY_STYLE_RED);
		tally_sheet_text(s, "removed ");
		tally_text_value(s, json_is_string(name) ? name : before);
		tally_sheet_plain(s);
	} else if (!strcmp(kind, "moved")) {
		tally_text_value(s, name);
		tally_sheet_text(s, " moved");
		from_to(s, c);
	} else {
		tally_sheet_text(s, !strcmp(kind, "renamed") ? "renamed " : "contents swapped: ");
		tally_text_value(s, before);
		tally_sheet_arrow(s);
		tally_text_value(s, name);
	}
	if (json_is_true(json_object_get(c, "ambiguous")))
		tally_sheet_text(s, " (another would fit as well)");
}

enum {
	COLUMNS_EACH = 8, /* of a kind that are named one by one */
	COLUMNS_NAMED = 3 /* of more */
};

static bool is_kind(const json_t *c, const char *kind)
{
	const char *k = tally_text_string(c, "kind");

	return k && !strcmp(k, kind);
}

static size_t count_kind(const json_t *list, const char *kind)
{
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(list); i++)
		n += is_kind(json_array_get(list, i), kind);
	return n;
}

/* Did all renamed columns keep their names but for the letter case? */
static bool only_case(const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *c = json_array_get(list, i);
		const char *old = tally_text_string(c, "name_before");
		const char *now = tally_text_string(c, "name");

		if (is_kind(c, "renamed") && (!old || !now || strcasecmp(old, now) != 0))
			return false;
	}
	return true;
}

/* "60 columns renamed (letter case only): A → a; B → b; C → c …" */
static void column_kind(struct tally_sheet *s, const json_t *list, const char *kind, size_t count)
{
	size_t named = 0;

	tally_sheet_plural(s, count, "column", "columns");
	tally_sheet_text(s, " ");
	tally_sheet_text(s, kind);
	if (!strcmp(kind, "renamed") && only_case(list))
		tally_sheet_text(s, " (letter case only)");
	tally_sheet_text(s, ": ");
	for (size_t i = 0; i < json_array_size(list) && named < COLUMNS_NAMED; i++) {
		const json_t *c = json_array_get(list, i);

		if (!is_kind(c, kind))
			continue;
		tally_sheet_text(s, named++ ? "; " : "");
		if (!strcmp(kind, "renamed")) {
			tally_text_value(s, json_object_get(c, "name_before"));
			tally_sheet_arrow(s);
		}
		tally_text_value(s, json_object_get(c, "name"));
		if (!strcmp(kind, "moved"))
			from_to(s, c);
	}
	tally_sheet_text(s, " \u2026 (--all)");
}

/* Columns of a kind that many have are one line; removed ones are named all the same. */
static void columns(struct tally_sheet *s, const json_t *t)
{
	static const char *const folded[] = { "added", "renamed", "moved" };
	const json_t *list = json_object_get(t, "columns");
	bool many[sizeof folded / sizeof *folded] = { false }, any = false, lines = false;

	for (size_t k = 0; k < sizeof folded / sizeof *folded && !s->all; k++)
		many[k] = count_kind(list, folded[k]) > COLUMNS_EACH;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *c = json_array_get(list, i);
		bool alone = true;

		for (size_t k = 0; k < sizeof folded / sizeof *folded; k++)
			alone &= !(many[k] && is_kind(c, folded[k]));
		if (!alone)
			continue;
		if (!any)
			tally_sheet_label(s, "Columns");
		tally_sheet_text(s, any ? "; " : "");
		column(s, c);
		any = true;
	}
	if (any)
		tally_sheet_labelled(s, BODY);
	lines = any;
	for (size_t k = 0; k < sizeof folded / sizeof *folded; k++) {
		if (!many[k])
			continue;
		tally_sheet_label(s, lines ? "" : "Columns");
		column_kind(s, list, folded[k], count_kind(list, folded[k]));
		tally_sheet_labelled(s, BODY);
		lines = true;
	}
}

static void property_name(struct tally_sheet *s, const char *name)
{
	for (const char *c = name ? name : "?"; *c; c++)
		tally_sheet_bytes(s, *c == '_' ? " " : c, 1);
}

/* How both sides were read, where that is not the usual way: what was found in the file is stated. */
static size_t unusual(struct tally_sheet *s, const json_t *t, size_t said)
{
	static const char *const names[][2] = { { "encoding", "utf-8" }, { "header_row", "1" } };
	const json_t *read = json_object_get(t, "read_as");

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *old = tally_text_string(json_object_get(read, "before"), names[i][0]);
		const char *now = tally_text_string(json_object_get(read, "after"), names[i][0]);

		if (!old || !now || strcmp(old, now) != 0 || !strcmp(now, names[i][1]))
			continue;
		if (!said)
			tally_sheet_label(s, "File");
		tally_sheet_text(s, said++ ? "; " : "");
		property_name(s, names[i][0]);
		tally_sheet_text(s, " ");
		tally_sheet_safe(s, now);
	}
	return said;
}

static void properties(struct tally_sheet *s, const json_t *t)
{
	const json_t *list = json_object_get(t, "properties");
	size_t said = 0;

	for (; said < json_array_size(list); said++) {
		const json_t *p = json_array_get(list, said);

		if (!said)
			tally_sheet_label(s, "File");
		tally_sheet_text(s, said ? "; " : "");
		property_name(s, tally_text_string(p, "property"));
		tally_sheet_text(s, " ");
		tally_text_old_new(s, p);
	}
	if (unusual(s, t, said))
		tally_sheet_labelled(s, BODY);
}

/* ---- cells ---- */

static void row_key(struct tally_sheet *s, const json_t *o)
{
	const json_t *list = json_object_get(o, "key");

	if (!json_array_size(list))
		return;
	tally_sheet_text(s, " (");
	tally_text_list(s, list, " + ", VALUES_SHOWN);
	tally_sheet_text(s, ")");
}

static void row_name(struct tally_sheet *s, const json_t *o)
{
	tally_sheet_fixed(s, "row ");
	tally_sheet_count(s, row_number(o));
	row_key(s, o);
}

/* What became of a formula, with its value; @words  otherwise */
static const char *formula_words(const json_t *c, const char *words)
{
	const char *nature = tally_text_string(c, "nature");
	const json_t *same = json_object_get(c, "value_same");
	const char *old = tally_text_string(json_object_get(c, "old"), "formula");
	const char *now = tally_text_string(json_object_get(c, "new"), "formula");

	if (nature && !strcmp(nature, "formula_changed") && old && now && !strcmp(old, now))
		return "formula written as before, of other cells now";
	if (!nature || !json_is_boolean(same))
		return words;
	if (!strcmp(nature, "formula_to_constant"))
		return json_is_true(same) ? "formula replaced by its value"
		                          : "formula replaced by another value";
	if (!strcmp(nature, "formula_changed") && json_is_true(same))
		return "formula changed, the value did not";
	return words;
}

static void cell(struct tally_sheet *s, const json_t *c)
{
	const char *nature = tally_text_string(c, "nature");
	const char *ref = tally_text_string(c, "ref");
	const char *words = nature_words(nature);

	if (ref) {
		const char *before = tally_text_string(c, "ref_before");

		if (before) {
			put_string(s, before);
			tally_sheet_arrow(s);
		}
		put_string(s, ref);
		row_key(s, c);
	} else {
		row_name(s, c);
	}
	tally_sheet_text(s, ", ");
	tally_text_column(s, c);
	tally_sheet_text(s, ": ");
	tally_text_old_new(s, c);
	if (words && strcmp(nature, "value") != 0 && strcmp(nature, "emptied") != 0 &&
	    strcmp(nature, "filled") != 0) {
		tally_sheet_text(s, "  ");
		tally_sheet_style(s, TALLY_STYLE_DIM);
		tally_sheet_text(s, formula_words(c, words));
		tally_sheet_plain(s);
	}
}

/* One labelled list, cut: the label stands before its first line only. @total may be more than are there */
static void labelled_list(struct tally_sheet *s, const char *label, const json_t *list,
                          uint64_t total, void (*item)(struct tally_sheet *, const json_t *))
{
	size_t count = json_array_size(list);
	size_t shown = tally_sheet_cut(s, count, TALLY_CELLS_MOST);

	for (size_t i = 0; i < shown; i++) {
		tally_sheet_label(s, i ? "" : label);
		item(s, json_array_get(list, i));
		tally_sheet_labelled(s, BODY);
	}
	if (total > shown)
		tally_sheet_more(s, BODY + TALLY_LABEL, total - shown);
}

/* What a limit kept out of the receipt: no option shows it. @label  of the list, where nothing of it was listed */
static void put_unlisted(struct tally_sheet *s, const char *label, uint64_t n)
{
	if (!n)
		return;
	tally_sheet_label(s, label);
	tally_sheet_text(s, *label ? "" : "\u2026 and ");
	tally_sheet_count(s, n);
	tally_sheet_text(s, *label ? ", not listed (see 5)" : " not listed (see 5)");
	tally_sheet_labelled(s, BODY);
}

/* Changed cells that no rewrite stands for, those that were only counted included. */
static uint64_t single_cells(const json_t *t, uint64_t listed)
{
	const json_t *list = json_object_get(t, "rewrites");
	uint64_t all = tally_text_number(t, "cells_total", 0), rewritten = 0;

	for (size_t i = 0; i < json_array_size(list); i++)
		rewritten += tally_text_number(json_array_get(list, i), "count", 0);
	return all > rewritten && all - rewritten > listed ? all - rewritten : listed;
}

static void cells(struct tally_sheet *s, const json_t *t, const struct tally_text_folds *folds)
{
	const json_t *list = json_object_get(t, "cells");
	uint64_t folded = 0;
	size_t shown = 0, most = tally_sheet_cut(s, folds->shown, TALLY_CELLS_MOST);

	for (size_t i = json_array_size(json_object_get(t, "rewrites"));
	     i < json_array_size(folds->rewrites); i++)
		folded += tally_text_number(json_array_get(folds->rewrites, i), "count", 0);
	for (size_t i = 0; i < json_array_size(list) && shown < most; i++) {
		if (folds->hidden[i])
			continue;
		tally_sheet_label(s, shown++ ? "" : "Cells");
		cell(s, json_array_get(list, i));
		tally_sheet_labelled(s, BODY);
	}
	tally_sheet_more(s, BODY + TALLY_LABEL, folds->shown - shown);
	put_unlisted(s, shown ? "" : "Cells",
	             single_cells(t, folds->shown + folded) - folded - folds->shown);
}

/* What a rewrite did: the words of its nature, or by how much dates moved. */
static void rewrite_words(struct tally_sheet *s, const json_t *r)
{
	const char *words = nature_words(tally_text_string(r, "nature"));
	const json_t *by = json_object_get(r, "moved_by_seconds");

	if (json_is_integer(by)) {
		tally_sheet_text(s, "dates all ");
		if (!tally_words_moved(&s->line, json_integer_value(by)))
			s->status = tally_err_nomem(s->err);
	} else {
		tally_sheet_text(s, words ? words : "changed");
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
	tally_sheet_plural(s, tally_text_number(r, "count", 0), "cell", "cells");
	if (!example)
		return;
	if (tally_text_string(example, "ref")) {
		tally_sheet_text(s, ", as in ");
		put_string(s, tally_text_string(example, "ref"));
	} else {
		tally_sheet_text(s, ", as in row ");
		tally_sheet_count(s, row_number(example));
	}
	tally_sheet_text(s, ": ");
	tally_text_old_new(s, example);
}

static void rewrites(struct tally_sheet *s, const struct tally_text_folds *folds)
{
	const json_t *list = folds->rewrites;

	labelled_list(s, "Rewrites", list, json_array_size(list), rewrite);
}

/* ---- rows ---- */

static void reordered(struct tally_sheet *s, const json_t *c)
{
	const json_t *by = json_object_get(c, "by");

	if (json_array_size(by)) {
		tally_sheet_text(s, "sorted by ");
		tally_text_list(s, by, ", ", SIZE_MAX);
		if (json_is_true(json_object_get(c, "descending")))
			tally_sheet_text(s, ", descending");
	} else {
		tally_sheet_text(s, "rows in another order");
	}
	tally_sheet_text(s, " (");
	tally_sheet_plural(s, tally_text_number(c, "moved", 0), "row", "rows");
	tally_sheet_text(s, " moved)");
}

static void moved(struct tally_sheet *s, const json_t *c)
{
	uint64_t n = tally_text_number(c, "count", 1);

	if (n > 1) {
		tally_sheet_plural(s, n, "row", "rows");
		tally_sheet_text(s, " from ");
	} else {
		tally_sheet_fixed(s, "row ");
	}
	tally_sheet_count(s, tally_text_number(c, "row_before", 0));
	tally_sheet_arrow(s);
	tally_sheet_count(s, tally_text_number(c, "row", 0));
	row_key(s, c);
}

static void row_change(struct tally_sheet *s, const json_t *c)
{
	const char *kind = tally_text_string(c, "kind");

	if (kind && !strcmp(kind, "reordered")) {
		reordered(s, c);
	} else if (kind && !strcmp(kind, "moved")) {
		moved(s, c);
	} else {
		row_name(s, c);
		tally_sheet_text(s, ": ");
		tally_text_list(s, json_object_get(c, "values"), " | ", VALUES_SHOWN);
		if (tally_text_number(c, "equal_row", 0)) {
			tally_sheet_style(s, TALLY_STYLE_DIM);
			tally_sheet_text(s, "  the same as row ");
			tally_sheet_count(s, tally_text_number(c, "equal_row", 0));
			tally_sheet_text(s, !strcmp(kind, "deleted") ? ", which is still there"
			                                             : ", which was there before");
			tally_sheet_plain(s);
		}
	}
}

/* Row changes of a kind, those that were only counted included. */
static uint64_t changes_of(const json_t *t, const char *kind, uint64_t listed)
{
	const json_t *r = json_object_get(t, "rows");
	uint64_t deleted = tally_text_number(r, "deleted", 0),
		 added = tally_text_number(r, "added", 0);
	uint64_t all = tally_text_number(t, "row_changes_total", 0), n = 0;

	if (!strcmp(kind, "deleted"))
		n = deleted;
	else if (!strcmp(kind, "added"))
		n = added;
	else if (!strcmp(kind, "moved") && all > deleted + added)
		n = all - deleted - added;
	return n > listed ? n : listed;
}

/* The row changes of one kind. */
static void row_list(struct tally_sheet *s, const json_t *t, const char *kind, const char *label)
{
	const json_t *list = json_object_get(t, "row_changes");
	size_t count = 0, shown = 0, most;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *k = tally_text_string(json_array_get(list, i), "kind");

		count += k && !strcmp(k, kind);
	}
	most = tally_sheet_cut(s, count, TALLY_CELLS_MOST);
	for (size_t i = 0; i < json_array_size(list) && shown < most; i++) {
		const json_t *c = json_array_get(list, i);
		const char *k = tally_text_string(c, "kind");

		if (!k || strcmp(k, kind) != 0)
			continue;
		tally_sheet_label(s, shown++ ? "" : label);
		row_change(s, c);
		tally_sheet_labelled(s, BODY);
	}
	tally_sheet_more(s, BODY + TALLY_LABEL, count - shown);
	put_unlisted(s, shown ? "" : label, changes_of(t, kind, count) - count);
}

static void row_changes(struct tally_sheet *s, const json_t *t)
{
	row_list(s, t, "reordered", "Order");
	row_list(s, t, "deleted", "Deleted");
	row_list(s, t, "added", "Added");
	row_list(s, t, "moved", "Moved");
}

/* ---- sums, problems, facts ---- */

static void pair(struct tally_sheet *s, const json_t *invariant, const char *field,
                 const char *words, bool *first)
{
	const json_t *p = json_object_get(invariant, field);
	static const char *const sides[] = { "before", "after" };

	if (!json_is_object(p))
		return;
	tally_sheet_text(s, *first ? " " : ", ");
	*first = false;
	tally_sheet_fixed(s, words);
	for (int i = 0; i < 2; i++) {
		const json_t *v = json_object_get(p, sides[i]);

		if (json_is_integer(v))
			tally_sheet_count(s, (uint64_t)json_integer_value(v));
		else if (json_is_string(v))
			tally_text_value(s, v);
		else
			tally_sheet_text(s, "none");
		if (i == 0)
			tally_sheet_arrow(s);
	}
}

static const struct {
	const char *field, *words;
	bool follows; /* from rows that came or went */
} sums[] = {
	{ "sum", "sum ", false },     { "min", "smallest ", false },
	{ "max", "largest ", false }, { "empty", "empty ", false },
	{ "count", "filled ", true }, { "distinct", "different ", true },
};

/* Where rows came or went, every column has other numbers of cells: nothing new in that */
static bool worth(const json_t *invariant, size_t n, bool rows_changed)
{
	return json_is_object(json_object_get(invariant, sums[n].field)) &&
	       !(sums[n].follows && rows_changed);
}

static void invariants(struct tally_sheet *s, const json_t *t)
{
	const json_t *list = json_object_get(t, "invariants"), *r = json_object_get(t, "rows");
	bool rows_changed = tally_text_number(r, "added", 0) || tally_text_number(r, "deleted", 0);
	size_t shown = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *v = json_array_get(list, i);
		bool first = true;

		for (size_t n = 0; n < sizeof sums / sizeof *sums; n++) {
			if (!worth(v, n, rows_changed))
				continue;
			if (first) {
				tally_sheet_label(s, shown++ ? "" : "Sums");
				tally_text_column(s, v);
				tally_sheet_text(s, ":");
			}
			pair(s, v, sums[n].field, sums[n].words, &first);
		}
		if (!first)
			tally_sheet_labelled(s, BODY);
		if (shown > TALLY_CELLS_MOST && !s->all)
			return;
	}
}

static void total(struct tally_sheet *s, const json_t *o)
{
	const json_t *before = json_object_get(o, "before"), *after = json_object_get(o, "after");

	tally_sheet_fixed(s, "row ");
	tally_sheet_count(s, row_number(o));
	tally_sheet_text(s, " (");
	tally_text_value(s, json_object_get(o, "label"));
	tally_sheet_text(s, "), ");
	tally_text_column(s, o);
	tally_sheet_text(s, ": ");
	tally_sheet_style(s, TALLY_STYLE_YELLOW);
	tally_sheet_text(s, "shows ");
	tally_text_value(s, json_object_get(after, "shown"));
	tally_sheet_text(s, json_is_true(json_object_get(o, "below"))
	                            ? ", the rows below it add up to "
	                            : ", the rows above it add up to ");
	tally_text_value(s, json_object_get(after, "sum"));
	tally_sheet_plain(s);
	tally_sheet_text(s, "; before, it showed ");
	tally_text_value(s, json_object_get(before, "shown"));
	tally_sheet_text(s, ", which agreed");
}

static void totals(struct tally_sheet *s, const json_t *t)
{
	const json_t *list = json_object_get(t, "total_rows");

	labelled_list(s, "Totals", list, json_array_size(list), total);
}

static void problem(struct tally_sheet *s, const json_t *p)
{
	const char *what = tally_text_string(p, "what"), *side = tally_text_string(p, "side");
	const char *detail = tally_text_string(p, "detail");
	uint64_t n = tally_text_number(p, "count", 1), row = tally_text_number(p, "row", 0);

	bool key = what && !strcmp(what, "duplicate_key");

	for (const char *c = what ? what : "?"; *c; c++)
		tally_sheet_bytes(s, *c == '_' ? " " : c, 1);
	if (n > 1) {
		tally_sheet_text(s, key ? " in " : ", ");
		tally_sheet_count(s, n);
		tally_sheet_text(s, key ? " rows" : " times");
	}
	if (row) {
		tally_sheet_text(s, n > 1 ? ", first in row " : " in row ");
		tally_sheet_count(s, row);
	}
	if (side)
		tally_sheet_text(s, !strcmp(side, "before") ? " (before)" : " (after)");
	if (detail) {
		tally_sheet_text(s, key ? ": \u2018" : ": ");
		tally_sheet_safe(s, detail);
		tally_sheet_text(s, key ? "\u2019 for one" : "");
	}
}

static bool same_text(const json_t *a, const json_t *b, const char *field)
{
	const char *x = tally_text_string(a, field), *y = tally_text_string(b, field);

	return x && y ? !strcmp(x, y) : x == y;
}

/* Is there as much of it, and no other, on the other side? Then it is no news. A guess is told once, of the after side. */
static bool as_before(const json_t *list, const json_t *p)
{
	const char *what = tally_text_string(p, "what"), *side = tally_text_string(p, "side");

	if (what && !strcmp(what, "header_guessed") && side && !strcmp(side, "after"))
		return false;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *other = json_array_get(list, i);

		if (!same_text(p, other, "side") && same_text(p, other, "what") &&
		    same_text(p, other, "detail") &&
		    tally_text_number(p, "count", 1) == tally_text_number(other, "count", 1))
			return true;
	}
	return false;
}

static void problems(struct tally_sheet *s, const json_t *t)
{
	const json_t *list = json_object_get(t, "problems");
	size_t count = json_array_size(list), news = 0, shown = 0, most;

	for (size_t i = 0; i < count; i++)
		news += s->all || !as_before(list, json_array_get(list, i));
	most = tally_sheet_cut(s, news, TALLY_CELLS_MOST);
	for (size_t i = 0; i < count && shown < most; i++) {
		const json_t *p = json_array_get(list, i);

		if (!s->all && as_before(list, p))
			continue;
		tally_sheet_label(s, shown++ ? "" : "Problems");
		problem(s, p);
		tally_sheet_labelled(s, BODY);
	}
	tally_sheet_more(s, BODY + TALLY_LABEL, news - shown);
}

static void table(struct tally_sheet *s, const json_t *t)
{
	struct tally_text_folds folds;

	if (json_is_object(json_object_get(t, "sheets"))) {
		title(s, t);
		tally_text_scope_table(s, t);
		tally_text_sheets(s, t);
		tally_text_facts(s, t, BODY);
		return;
	}
	if (is_whole(t)) {
		title(s, t);
		rows(s, t);
		tally_text_facts(s, t, BODY);
		return;
	}
	if (!tally_text_folds(&folds, s, t))
		return;
	title(s, t);
	tally_text_scope_table(s, t);
	if (json_is_true(json_object_get(json_object_get(t, "aligned_by"), "doubtful"))) {
		key(s, t); /* what follows may be wrong */
		rows(s, t);
	} else {
		rows(s, t);
		key(s, t);
	}
	compared(s, t);
	properties(s, t);
	columns(s, t);
	rewrites(s, &folds);
	row_changes(s, t);
	cells(s, t, &folds);
	invariants(s, t);
	totals(s, t);
	problems(s, t);
	tally_text_facts(s, t, BODY);
	tally_text_folds_release(&folds);
}

bool tally_text_tables(struct tally_sheet *s)
{
	size_t count = json_array_size(s->r->tables);
	size_t shown = tally_sheet_cut(s, count, TALLY_LIST_MOST);

	if (!count)
		return false;
	tally_sheet_style(s, TALLY_STYLE_BOLD);
	tally_sheet_text(s, "Inside tables");
	tally_sheet_plain(s);
	tally_sheet_text(s, " (");
	tally_sheet_count(s, count);
	tally_sheet_text(s, ")");
	tally_sheet_end(s, TALLY_INDENT, TALLY_INDENT);
	for (size_t i = 0; i < shown; i++)
		table(s, json_array_get(s->r->tables, i));
	tally_sheet_more(s, TITLE, count - shown);
	return true;
}
