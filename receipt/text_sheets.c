/* Section 3 of the terminal view, sheets of workbooks: which came, went, and have another name or place. */
#include "receipt/text_value.h"

#include <string.h>

enum { BODY = TALLY_INDENT + 4 };

static void put_name(struct tally_sheet *s, const json_t *o, const char *field)
{
	const char *name = tally_json_string(o, field);

	tally_sheet_name(s, &(struct tally_name){ name ? name : "?", name ? strlen(name) : 1 });
}

static void put_rows(struct tally_sheet *s, const json_t *o, const char *words)
{
	tally_sheet_text(s, words);
	tally_sheet_plural(s, tally_json_count(o, "rows"), "row", "rows");
	tally_sheet_text(s, ")");
}

static void removed(struct tally_sheet *s, const json_t *o)
{
	tally_sheet_style(s, TALLY_STYLE_RED);
	tally_sheet_text(s, "removed ");
	put_name(s, o, "old");
	put_rows(s, o, " (with all its ");
	tally_sheet_plain(s);
}

static void added(struct tally_sheet *s, const json_t *o)
{
	tally_sheet_text(s, "added ");
	put_name(s, o, "new");
	put_rows(s, o, " (");
}

static void renamed(struct tally_sheet *s, const json_t *o)
{
	tally_sheet_text(s, "renamed ");
	put_name(s, o, "old");
	tally_sheet_arrow(s);
	put_name(s, o, "new");
	if (json_is_true(json_object_get(o, "ambiguous")))
		tally_sheet_text(s, " (another would fit as well)");
}

static void moved(struct tally_sheet *s, const json_t *o)
{
	put_name(s, o, "new");
	tally_sheet_text(s, " moved from place ");
	tally_sheet_count(s, tally_json_count(o, "index_before"));
	tally_sheet_text(s, " to ");
	tally_sheet_count(s, tally_json_count(o, "index"));
}

static void hidden(struct tally_sheet *s, const json_t *o)
{
	if (json_is_true(json_object_get(o, "was_very_hidden"))) {
		put_name(s, o, "new");
		tally_sheet_text(s, " still hidden, but menus show it (it was very hidden)");
		return;
	}
	tally_sheet_style(s, TALLY_STYLE_YELLOW);
	put_name(s, o, "new");
	tally_sheet_text(s, " hidden");
	tally_sheet_plain(s);
}

static void very_hidden(struct tally_sheet *s, const json_t *o)
{
	tally_sheet_style(s, TALLY_STYLE_YELLOW);
	put_name(s, o, "new");
	tally_sheet_text(s, " hidden so that no menu shows it (very hidden)");
	tally_sheet_plain(s);
}

static void shown(struct tally_sheet *s, const json_t *o)
{
	put_name(s, o, "new");
	tally_sheet_text(s, " no longer hidden");
}

static const struct {
	const char *kind;
	void (*put)(struct tally_sheet *, const json_t *);
	bool always; /* losses are never shortened away */
} kinds[] = {
	{ "sheet_removed", removed, true },  { "sheet_very_hidden", very_hidden, true },
	{ "sheet_hidden", hidden, true },    { "sheet_shown", shown, false },
	{ "sheet_renamed", renamed, false }, { "sheet_added", added, false },
	{ "sheet_moved", moved, false },
};

enum { KINDS = sizeof kinds / sizeof *kinds };

/* ", 1 is the same"; "; its cells are the same" */
static void put_same(struct tally_sheet *s, uint64_t same, bool others, uint64_t all)
{
	if (!others && same == 1 && all == 1) {
		tally_sheet_text(s, "; its cells are the same");
		return;
	}
	tally_sheet_text(s, others ? ", " : "; the cells of ");
	tally_sheet_count(s, same);
	tally_sheet_text(s, others && same == 1 ? " is the same" : " are the same");
}

static void counts(struct tally_sheet *s, const json_t *sheets)
{
	uint64_t same = tally_json_count(sheets, "same"), edited = tally_json_count(sheets, "edited");

	tally_sheet_label(s, "Sheets");
	tally_sheet_count(s, tally_json_count(sheets, "before"));
	tally_sheet_text(s, " before");
	tally_sheet_term(s, "\u2212", tally_json_count(sheets, "removed"), "removed");
	tally_sheet_term(s, "+", tally_json_count(sheets, "added"), "added");
	tally_sheet_term(s, "=", tally_json_count(sheets, "after"), "after");
	if (edited) {
		tally_sheet_text(s, "; ");
		tally_sheet_count(s, edited);
		tally_sheet_text(s, edited == 1 ? " differs" : " differ");
	}
	if (same) {
		put_same(s, same, edited > 0, tally_json_count(sheets, "after"));
		if (tally_json_count(sheets, "unknown"))
			tally_sheet_text(s, ", as far as they were computed");
	}
	tally_sheet_labelled(s, BODY);
}

static void list_kind(struct tally_sheet *s, const json_t *facts, size_t k)
{
	size_t count = 0, listed = 0, most;

	for (size_t i = 0; i < json_array_size(facts); i++) {
		const char *kind = tally_json_string(json_array_get(facts, i), "kind");

		count += kind && !strcmp(kind, kinds[k].kind);
	}
	most = kinds[k].always ? count : tally_sheet_cut(s, count, TALLY_CELLS_MOST);
	for (size_t i = 0; i < json_array_size(facts) && listed < most; i++) {
		const json_t *o = json_array_get(facts, i);
		const char *kind = tally_json_string(o, "kind");

		if (!kind || strcmp(kind, kinds[k].kind) != 0)
			continue;
		listed++;
		tally_sheet_label(s, "");
		kinds[k].put(s, o);
		tally_sheet_labelled(s, BODY);
	}
	tally_sheet_more(s, BODY + TALLY_LABEL, count - listed);
}

void tally_text_sheets(struct tally_sheet *s, const json_t *table)
{
	const json_t *sheets = json_object_get(table, "sheets");

	if (!json_is_object(sheets))
		return;
	counts(s, sheets);
	for (size_t k = 0; k < KINDS; k++)
		list_kind(s, json_object_get(table, "facts"), k);
}
