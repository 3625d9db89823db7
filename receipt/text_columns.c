/* Section 3 of the terminal view, columns of tables: which came, went, moved, and have another name. */
#include "receipt/text_table.h"

#include <string.h>
#include <strings.h>

#include "receipt/text_value.h"

static void from_to(struct tally_sheet *s, const json_t *c)
{
	tally_sheet_text(s, " from ");
	tally_sheet_count(s, tally_json_count(c, "index_before"));
	tally_sheet_text(s, " to ");
	tally_sheet_count(s, tally_json_count(c, "index"));
}

/* A column that has no name is known by its number, where the number says something. */
static void put_name(struct tally_sheet *s, const json_t *name, uint64_t number)
{
	if (json_is_string(name) && !json_string_length(name))
		tally_text_unnamed(s, number);
	else
		tally_text_value(s, name);
}

/* " (4 values: 5, 2, 6 …)" */
static void put_values(struct tally_sheet *s, const json_t *c)
{
	const json_t *filled = json_object_get(c, "filled"), *first = json_object_get(c, "first");
	uint64_t count = tally_json_count(c, "filled");

	if (!filled)
		return;
	if (json_is_null(filled)) {
		tally_sheet_text(s, " (values");
	} else if (!count) {
		tally_sheet_text(s, " (empty)");
		return;
	} else {
		tally_sheet_text(s, " (");
		tally_sheet_plural(s, count, "value", "values");
	}
	for (size_t i = 0; i < json_array_size(first); i++) {
		tally_sheet_text(s, i ? ", " : ": ");
		tally_text_value(s, json_object_get(json_array_get(first, i), "value"));
	}
	tally_sheet_text(s,
	                 json_is_null(filled) || count > json_array_size(first) ? " \u2026)" : ")");
}

/* The one of two columns whose contents changed places that is told for both; false: it is told alone. @second  it is the other one */
static bool is_of_pair(const json_t *list, size_t at, bool *second)
{
	const json_t *c = json_array_get(list, at);

	*second = false;
	for (size_t i = 0;
	     i < json_array_size(list) && tally_json_is(c, "kind", "contents_swapped"); i++) {
		const json_t *o = json_array_get(list, i);

		if (i == at || !tally_json_is(o, "kind", "contents_swapped") ||
		    !json_equal(json_object_get(o, "index"), json_object_get(c, "index_before")) ||
		    !json_equal(json_object_get(o, "index_before"), json_object_get(c, "index")))
			continue;
		*second = i < at;
		return true;
	}
	return false;
}

static void pair_swapped(struct tally_sheet *s, const json_t *c)
{
	tally_sheet_text(s, "contents swapped: ");
	put_name(s, json_object_get(c, "name_before"), tally_json_count(c, "index_before"));
	tally_sheet_text(s, " and ");
	put_name(s, json_object_get(c, "name"), tally_json_count(c, "index"));
}

static void column(struct tally_sheet *s, const json_t *c)
{
	const char *kind = tally_json_string(c, "kind");
	const json_t *name = json_object_get(c, "name"), *before = json_object_get(c, "name_before");
	uint64_t index = tally_json_count(c, "index"), old = tally_json_count(c, "index_before");

	if (!kind)
		return;
	if (!strcmp(kind, "added")) {
		tally_sheet_text(s, "added ");
		put_name(s, name, index);
		put_values(s, c);
	} else if (!strcmp(kind, "removed")) {
		tally_sheet_style(s, TALLY_STYLE_RED);
		tally_sheet_text(s, "removed ");
		put_name(s, json_is_string(name) ? name : before, old);
		tally_sheet_plain(s);
		put_values(s, c);
	} else if (!strcmp(kind, "moved")) {
		put_name(s, name, 0);
		tally_sheet_text(s, " moved");
		from_to(s, c);
	} else {
		tally_sheet_text(s, !strcmp(kind, "renamed") ? "renamed " : "contents swapped: ");
		put_name(s, before, old);
		tally_sheet_arrow(s);
		put_name(s, name, old == index ? 0 : index);
	}
	if (json_is_true(json_object_get(c, "ambiguous")))
		tally_sheet_text(s, " (another would fit as well)");
}

enum {
	COLUMNS_EACH = 8, /* of a kind that are named one by one */
	COLUMNS_NAMED = 3 /* of more */
};

static size_t count_kind(const json_t *list, const char *kind)
{
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(list); i++)
		n += tally_json_is(json_array_get(list, i), "kind", kind);
	return n;
}

/* Did all renamed columns keep their names but for the letter case? */
static bool only_case(const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *c = json_array_get(list, i);
		const char *old = tally_json_string(c, "name_before");
		const char *now = tally_json_string(c, "name");

		if (tally_json_is(c, "kind", "renamed") && (!old || !now || strcasecmp(old, now) != 0))
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

		if (!tally_json_is(c, "kind", kind))
			continue;
		tally_sheet_text(s, named++ ? "; " : "");
		if (!strcmp(kind, "renamed")) {
			put_name(s, json_object_get(c, "name_before"),
			         tally_json_count(c, "index_before"));
			tally_sheet_arrow(s);
		}
		put_name(s, json_object_get(c, "name"), tally_json_count(c, "index"));
		if (!strcmp(kind, "moved"))
			from_to(s, c);
	}
	tally_sheet_text(s, " \u2026 (--all)");
}

/* Columns of a kind that many have are one line; removed ones are named all the same. */
void tally_text_columns(struct tally_sheet *s, const json_t *t)
{
	static const char *const folded[] = { "added", "renamed", "moved" };
	const json_t *list = json_object_get(t, "columns");
	bool many[sizeof folded / sizeof *folded] = { false }, any = false, lines = false;

	for (size_t k = 0; k < sizeof folded / sizeof *folded && !s->all; k++)
		many[k] = count_kind(list, folded[k]) > COLUMNS_EACH;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *c = json_array_get(list, i);
		bool alone = true, second = false, pair = is_of_pair(list, i, &second);

		for (size_t k = 0; k < sizeof folded / sizeof *folded; k++)
			alone &= !(many[k] && tally_json_is(c, "kind", folded[k]));
		if (!alone || second)
			continue;
		if (!any)
			tally_sheet_label(s, "Columns");
		tally_sheet_text(s, any ? "; " : "");
		if (pair)
			pair_swapped(s, c);
		else
			column(s, c);
		any = true;
	}
	if (any)
		tally_sheet_labelled(s, TALLY_TEXT_BODY);
	lines = any;
	for (size_t k = 0; k < sizeof folded / sizeof *folded; k++) {
		if (!many[k])
			continue;
		tally_sheet_label(s, lines ? "" : "Columns");
		column_kind(s, list, folded[k], count_kind(list, folded[k]));
		tally_sheet_labelled(s, TALLY_TEXT_BODY);
		lines = true;
	}
}
