/* Section 3 of the terminal view, how a table was read: properties of its file, and what was wrong with it. */
#include "receipt/text_table.h"

#include <string.h>

#include "receipt/text_value.h"

/* How both sides were read, where that is not the usual way: what was found in the file is stated. */
static size_t unusual(struct tally_sheet *s, const json_t *t, size_t said)
{
	static const char *const names[][2] = { { "encoding", "utf-8" }, { "header_row", "1" } };
	const json_t *read = json_object_get(t, "read_as");

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *old = tally_json_string(json_object_get(read, "before"), names[i][0]);
		const char *now = tally_json_string(json_object_get(read, "after"), names[i][0]);

		if (!old || !now || strcmp(old, now) != 0 || !strcmp(now, names[i][1]))
			continue;
		if (!said)
			tally_sheet_label(s, "File");
		tally_sheet_text(s, said++ ? "; " : "");
		if (!strcmp(now, "none")) {
			tally_sheet_text(s, "no row with names of columns");
			continue;
		}
		tally_sheet_id(s, names[i][0]);
		tally_sheet_text(s, " ");
		tally_sheet_safe(s, now);
	}
	return said;
}

enum { HEADINGS_SHOWN = 8 };

/* " (names: id, name, amount …)" */
static void put_headings(struct tally_sheet *s, const json_t *names)
{
	size_t count = json_array_size(names), shown = 0;

	for (size_t i = 0; i < count && shown < HEADINGS_SHOWN; i++) {
		if (!json_string_length(json_array_get(names, i)))
			continue;
		tally_sheet_text(s, shown++ ? ", " : " (names: ");
		tally_text_value(s, json_array_get(names, i));
	}
	if (shown)
		tally_sheet_text(s, count > HEADINGS_SHOWN ? " \u2026)" : ")");
}

void tally_text_properties(struct tally_sheet *s, const json_t *t)
{
	const json_t *list = json_object_get(t, "properties");
	size_t said = 0;

	for (; said < json_array_size(list); said++) {
		const json_t *p = json_array_get(list, said);

		if (!said)
			tally_sheet_label(s, "File");
		tally_sheet_text(s, said ? "; " : "");
		tally_sheet_id(s, tally_json_string(p, "property"));
		tally_sheet_text(s, " ");
		tally_text_old_new(s, p);
		put_headings(s, json_object_get(p, "headings"));
	}
	if (unusual(s, t, said))
		tally_sheet_labelled(s, TALLY_TEXT_BODY);
}

/* ---- problems: what is new, what is gone, and what there is more or less of ---- */

static bool same_text(const json_t *a, const json_t *b, const char *field)
{
	const char *x = tally_json_string(a, field), *y = tally_json_string(b, field);

	return x && y ? !strcmp(x, y) : x == y;
}

static bool is_of(const json_t *p, const char *side)
{
	const char *of = tally_json_string(p, "side");

	return of && !strcmp(of, side);
}

/* The same problem on the other side, the one with the same words if there are several; NULL: it has none. */
static const json_t *counterpart(const json_t *list, const json_t *p)
{
	const json_t *found = NULL;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *other = json_array_get(list, i);

		if (same_text(p, other, "side") || !same_text(p, other, "what"))
			continue;
		if (!found || same_text(p, other, "detail"))
			found = other;
	}
	return found;
}

/* Is there as much of it, and no other, on both sides? Then it is no news. A guess is told once, of the after side. */
static bool as_before(const json_t *p, const json_t *other)
{
	const char *what = tally_json_string(p, "what");

	return other && !(what && !strcmp(what, "header_guessed")) &&
	       same_text(p, other, "detail") && !json_is_true(json_object_get(p, "others")) &&
	       tally_json_get_count(p, "count", 1) == tally_json_get_count(other, "count", 1);
}

/* What an entry says happened, or how a side was read: it is no state that came or went. */
static bool is_event(const json_t *p)
{
	const char *what = tally_json_string(p, "what");

	return !what || !strncmp(what, "title_line", strlen("title_line")) ||
	       !strcmp(what, "header_guessed");
}

/* Told once, of the after side, with what was there before. */
static bool is_told(const struct tally_sheet *s, const json_t *list, const json_t *p)
{
	const json_t *other = counterpart(list, p);

	if (other && is_of(p, "before"))
		return false;
	return s->all || !as_before(p, other);
}

/* ", 31 times, first in row 2", "in 3 rows" */
static void put_count(struct tally_sheet *s, const json_t *p)
{
	const char *what = tally_json_string(p, "what");
	uint64_t n = tally_json_get_count(p, "count", 1), row = tally_json_count(p, "row");
	bool key = what && !strcmp(what, "duplicate_key");

	if (n > 1) {
		tally_sheet_text(s, key ? " in " : ", ");
		tally_sheet_count(s, n);
		tally_sheet_text(s, key ? " rows" : " times");
	}
	if (row) {
		tally_sheet_text(s, n > 1 ? ", first in row " : " in row ");
		tally_sheet_count(s, row);
	}
}

static void put_side(struct tally_sheet *s, const json_t *p, const json_t *other)
{
	bool before = is_of(p, "before");

	if (!before && !is_of(p, "after"))
		return;
	if (is_event(p)) {
		tally_sheet_text(s, before ? " (before)" : " (after)");
	} else if (!other) {
		tally_sheet_text(s, before ? " (gone)" : " (new)");
	} else if (as_before(p, other)) {
		tally_sheet_text(s, " (as before)");
	} else {
		tally_sheet_text(s, " (before");
		put_count(s, other);
		tally_sheet_text(s, ")");
	}
}

/* "values that were all different are not any more: id: K003 in rows 4 and 8, and 2 more" */
static void twins(struct tally_sheet *s, const json_t *p, const char *detail)
{
	uint64_t n = tally_json_get_count(p, "count", 1);

	tally_sheet_text(s, "values that were all different are not any more: ");
	tally_sheet_safe(s, detail);
	if (n < 2)
		return;
	tally_sheet_text(s, ", and ");
	tally_sheet_count(s, n - 1);
	tally_sheet_text(s, " more");
}

static void problem(struct tally_sheet *s, const json_t *list, const json_t *p)
{
	const char *what = tally_json_string(p, "what"), *detail = tally_json_string(p, "detail");
	bool key = what && !strcmp(what, "duplicate_key"),
	     computed = what && !strcmp(what, "not_computed");

	if (what && detail && !strcmp(what, "no_longer_unique")) {
		twins(s, p, detail);
		return;
	}
	if (computed)
		tally_sheet_text(s, "formulas that no program has computed");
	else
		tally_sheet_id(s, what);
	put_count(s, p);
	put_side(s, p, counterpart(list, p));
	if (detail && !computed) {
		tally_sheet_text(s, key ? ": \u2018" : ": ");
		tally_sheet_safe(s, detail);
		tally_sheet_text(s, key ? "\u2019 for one" : "");
	}
}

void tally_text_problems(struct tally_sheet *s, const json_t *t)
{
	const json_t *list = json_object_get(t, "problems");
	size_t count = json_array_size(list), news = 0, shown = 0, most;

	for (size_t i = 0; i < count; i++)
		news += is_told(s, list, json_array_get(list, i));
	most = tally_sheet_cut(s, news, TALLY_CELLS_MOST);
	for (size_t i = 0; i < count && shown < most; i++) {
		const json_t *p = json_array_get(list, i);

		if (!is_told(s, list, p))
			continue;
		tally_sheet_label(s, shown++ ? "" : "Problems");
		problem(s, list, p);
		tally_sheet_labelled(s, TALLY_TEXT_BODY);
	}
	tally_sheet_more(s, TALLY_TEXT_BODY + TALLY_LABEL, news - shown);
}
