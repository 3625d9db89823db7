/* Section 3 of the terminal view, rows of tables: how many, by what they were paired, and which changed. */
#include "receipt/text_table.h"

#include <string.h>

#include "receipt/text_value.h"

enum { VALUES_SHOWN = 8 }; /* of a key, or an added or deleted row */

/* what the comparison says of most tables without a key (diff/table_key.c) */
static const char NO_KEY[] = "no column or group of columns is unique on both sides";

uint64_t tally_text_row_number(const json_t *o)
{
	uint64_t before = tally_json_count(o, "row_before");

	return tally_json_get_count(o, "row", before);
}

void tally_text_row_key(struct tally_sheet *s, const json_t *o)
{
	const json_t *list = json_object_get(o, "key");

	if (!json_array_size(list))
		return;
	tally_sheet_text(s, " (");
	tally_text_list(s, list, " + ", VALUES_SHOWN);
	tally_sheet_text(s, ")");
}

void tally_text_row_name(struct tally_sheet *s, const json_t *o)
{
	tally_sheet_fixed(s, "row ");
	tally_sheet_count(s, tally_text_row_number(o));
	tally_text_row_key(s, o);
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

/* Formulas that nobody computed on one side: their rows count as the same, and nothing is known of the results. */
static void not_compared(struct tally_sheet *s, const json_t *unknown)
{
	uint64_t n = tally_json_count(unknown, "before") + tally_json_count(unknown, "after");

	if (!n)
		return;
	tally_sheet_text(s, "; not compared: ");
	tally_sheet_plural(s, n, "result that nobody computed", "results that nobody computed");
}

void tally_text_rows(struct tally_sheet *s, const json_t *t)
{
	const json_t *r = json_object_get(t, "rows");
	bool first = true;

	if (!json_is_object(r))
		return;
	tally_sheet_label(s, "Rows");
	tally_sheet_count(s, tally_json_count(r, "before"));
	tally_sheet_text(s, " before");
	tally_sheet_term(s, "\u2212", tally_json_count(r, "deleted"), "deleted");
	tally_sheet_term(s, "+", tally_json_count(r, "added"), "added");
	tally_sheet_term(s, "=", tally_json_count(r, "after"), "after");
	also(s, tally_json_count(r, "same"), "the same", &first);
	also(s, tally_json_count(r, "edited"), "edited", &first);
	if (tally_json_count(r, "recalculated")) {
		tally_sheet_text(s, " (");
		if (tally_json_count(r, "recalculated") < tally_json_count(r, "edited")) {
			tally_sheet_count(s, tally_json_count(r, "recalculated"));
			tally_sheet_text(s, " of them ");
		}
		tally_sheet_text(s, "by new results of formulas only)");
	}
	also(s, tally_json_count(r, "moved"), "moved", &first);
	not_compared(s, json_object_get(t, "results_unknown"));
	tally_sheet_labelled(s, TALLY_TEXT_BODY);
}

/* Do the words say more than that no value comes twice? Keys that are alike only are not the same. */
static bool is_plain_key(const json_t *a, const char *note)
{
	const json_t *overlap = json_object_get(a, "overlap");

	return json_is_true(json_object_get(a, "unique")) && json_is_number(overlap) &&
	       json_number_value(overlap) >= 1 && !(note && strstr(note, " aside"));
}

/* The comparison's own words where it gives any (of a doubtful one they are about the doubt), otherwise the numbers */
static void key_evidence(struct tally_sheet *s, const json_t *a, bool given)
{
	const json_t *overlap = json_object_get(a, "overlap"), *unique = json_object_get(a, "unique");
	const char *note = json_is_true(json_object_get(a, "doubtful"))
	                           ? NULL
	                           : tally_json_string(a, "note");

	tally_sheet_text(s, given ? " (given" : " (found by comparing");
	if (!s->all && is_plain_key(a, note)) {
		tally_sheet_text(s, "; no value twice");
	} else if (note) {
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
	uint64_t n = tally_json_count(similar, "rows");

	if (!n || !json_is_number(least))
		return;
	tally_sheet_text(s, "; ");
	tally_sheet_plural(s, n, "row", "rows");
	tally_sheet_printf(s, " by being alike (%.0f %% or more)", json_number_value(least) * 100);
}

void tally_text_key(struct tally_sheet *s, const json_t *t)
{
	const json_t *a = json_object_get(t, "aligned_by");
	const char *how = tally_json_string(a, "how"), *note = tally_json_string(a, "note");
	bool doubtful = json_is_true(json_object_get(a, "doubtful"));

	if (!how)
		return;
	tally_sheet_label(s, "Key");
	if (!strcmp(how, "rows")) {
		tally_sheet_text(s, "none: rows were paired by what stands in them");
		if (note && !doubtful && (s->all || strcmp(note, NO_KEY) != 0)) {
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
	tally_sheet_labelled(s, TALLY_TEXT_BODY);
}

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
	tally_sheet_plural(s, tally_json_count(c, "moved"), "row", "rows");
	tally_sheet_text(s, " moved)");
}

static void moved(struct tally_sheet *s, const json_t *c)
{
	uint64_t n = tally_json_get_count(c, "count", 1);

	if (n > 1) {
		tally_sheet_plural(s, n, "row", "rows");
		tally_sheet_text(s, " from ");
	} else {
		tally_sheet_fixed(s, "row ");
	}
	tally_sheet_count(s, tally_json_count(c, "row_before"));
	tally_sheet_arrow(s);
	tally_sheet_count(s, tally_json_count(c, "row"));
	tally_text_row_key(s, c);
}

static void row_change(struct tally_sheet *s, const json_t *c)
{
	const char *kind = tally_json_string(c, "kind");

	if (kind && !strcmp(kind, "reordered")) {
		reordered(s, c);
	} else if (kind && !strcmp(kind, "moved")) {
		moved(s, c);
	} else {
		tally_text_row_name(s, c);
		tally_sheet_text(s, ": ");
		tally_text_list(s, json_object_get(c, "values"), " | ", VALUES_SHOWN);
		if (tally_json_count(c, "equal_row")) {
			tally_sheet_style(s, TALLY_STYLE_DIM);
			tally_sheet_text(s, "  the same as row ");
			tally_sheet_count(s, tally_json_count(c, "equal_row"));
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
	uint64_t deleted = tally_json_count(r, "deleted"), added = tally_json_count(r, "added");
	uint64_t all = tally_json_count(t, "row_changes_total"), n = 0;

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

	for (size_t i = 0; i < json_array_size(list); i++)
		count += tally_json_is(json_array_get(list, i), "kind", kind);
	most = tally_sheet_cut(s, count, TALLY_CELLS_MOST);
	for (size_t i = 0; i < json_array_size(list) && shown < most; i++) {
		const json_t *c = json_array_get(list, i);

		if (!tally_json_is(c, "kind", kind))
			continue;
		tally_sheet_label(s, shown++ ? "" : label);
		row_change(s, c);
		tally_sheet_labelled(s, TALLY_TEXT_BODY);
	}
	tally_sheet_more(s, TALLY_TEXT_BODY + TALLY_LABEL, count - shown);
	tally_text_unlisted(s, shown ? "" : label, changes_of(t, kind, count) - count);
}

void tally_text_row_changes(struct tally_sheet *s, const json_t *t)
{
	row_list(s, t, "reordered", "Order");
	row_list(s, t, "deleted", "Deleted");
	row_list(s, t, "added", "Added");
	row_list(s, t, "moved", "Moved");
}
