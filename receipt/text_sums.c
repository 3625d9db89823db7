/* Section 3 of the terminal view, sums of tables: of columns, and rows of totals that agree no more. */
#include "receipt/text_table.h"

#include <string.h>

#include "receipt/text_value.h"
#include "receipt/words.h"

static void put_number(struct tally_sheet *s, const json_t *v, const json_t *other)
{
	struct tally_buf text;

	tally_buf_init(&text, SIZE_MAX / 2);
	if (tally_words_decimals(&text, json_string_value(v), json_string_value(other)) &&
	    tally_buf_byte(&text, '\0'))
		tally_sheet_string(s, text.bytes);
	else
		s->status = tally_err_nomem(s->err);
	tally_buf_release(&text);
}

/* "not known (1 number is too large)" @return false: it is not that */
static bool put_too_large(struct tally_sheet *s, const json_t *invariant, const char *side)
{
	uint64_t n = tally_json_count(json_object_get(invariant, "too_large"), side);

	if (!n)
		return false;
	tally_sheet_text(s, "not known (");
	tally_sheet_plural(s, n, "number is", "numbers are");
	tally_sheet_text(s, " too large)");
	return true;
}

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
			put_number(s, v, json_object_get(p, sides[1 - i]));
		else if (strcmp(field, "sum") != 0 || !put_too_large(s, invariant, sides[i]))
			tally_sheet_text(s, "none");
		if (i == 0)
			tally_sheet_arrow(s);
	}
}

static const struct {
	const char *field, *words;
	bool count;   /* of cells */
	bool follows; /* from rows that came or went */
} sums[] = {
	{ "sum", "sum ", false, false },     { "min", "smallest ", false, false },
	{ "max", "largest ", false, false }, { "empty", "empty ", true, true },
	{ "count", "filled ", true, true },  { "distinct", "different ", true, true },
};

/* Where rows came or went, every column has other numbers of cells: nothing new in that */
static bool worth(const json_t *invariant, size_t n, bool rows_changed)
{
	return json_is_object(json_object_get(invariant, sums[n].field)) &&
	       !(sums[n].follows && rows_changed);
}

/* A few edits make a few other values, and a cell that is filled is one less that is empty: that goes without saying. */
static bool goes_without_saying(const json_t *invariant, const char *field)
{
	const json_t *p = json_object_get(invariant, field);
	uint64_t before = tally_json_count(p, "before"), after = tally_json_count(p, "after");

	if (!strcmp(field, "count"))
		return json_is_object(json_object_get(invariant, "empty"));
	return !strcmp(field, "distinct") && before / 2 <= after && after / 2 <= before;
}

static void list_sums(struct tally_sheet *s, const json_t *t, const char *label, bool counts)
{
	const json_t *list = json_object_get(t, "invariants"), *r = json_object_get(t, "rows");
	bool rows_changed = tally_json_count(r, "added") || tally_json_count(r, "deleted");
	size_t shown = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *v = json_array_get(list, i);
		bool first = true;

		for (size_t n = 0; n < sizeof sums / sizeof *sums; n++) {
			if (sums[n].count != counts || !worth(v, n, rows_changed) ||
			    (!s->all && goes_without_saying(v, sums[n].field)))
				continue;
			if (first) {
				tally_sheet_label(s, shown++ ? "" : label);
				tally_text_column(s, v);
				tally_sheet_text(s, ":");
			}
			pair(s, v, sums[n].field, sums[n].words, &first);
		}
		if (!first)
			tally_sheet_labelled(s, TALLY_TEXT_BODY);
		if (shown > TALLY_CELLS_MOST && !s->all)
			return;
	}
}

void tally_text_sums(struct tally_sheet *s, const json_t *t)
{
	list_sums(s, t, "Sums", false);
	/* where each cell is told, counts of them add nothing */
	if (s->all || tally_json_count(t, "cells_total") > TALLY_CELLS_MOST)
		list_sums(s, t, "Counts", true);
}

static void total(struct tally_sheet *s, const json_t *o)
{
	const json_t *before = json_object_get(o, "before"), *after = json_object_get(o, "after");

	tally_sheet_fixed(s, "row ");
	tally_sheet_count(s, tally_text_row_number(o));
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

void tally_text_totals(struct tally_sheet *s, const json_t *t)
{
	const json_t *list = json_object_get(t, "total_rows");

	tally_sheet_list(s, "Totals", list, TALLY_TEXT_BODY, total);
}
