/* Section 3 of the terminal view, third part: what changed inside documents and archives. */
#include "receipt/text_value.h"

#include <string.h>

enum { TITLE = TALLY_INDENT + 2, BODY = TALLY_INDENT + 4 };

static void heading(struct tally_sheet *s, const char *title, size_t count)
{
	tally_sheet_style(s, TALLY_STYLE_BOLD);
	tally_sheet_text(s, title);
	tally_sheet_plain(s);
	tally_sheet_text(s, " (");
	tally_sheet_count(s, count);
	tally_sheet_text(s, ")");
	tally_sheet_end(s, TALLY_INDENT, TALLY_INDENT);
}

static void title(struct tally_sheet *s, const json_t *o)
{
	const char *path = tally_json_string(o, "path"), *from = tally_json_string(o, "from");

	tally_sheet_style(s, TALLY_STYLE_BOLD);
	if (from && path && strcmp(from, path) != 0) {
		tally_sheet_safe(s, from);
		tally_sheet_arrow(s);
	}
	tally_sheet_safe(s, path ? path : "(no name)");
	tally_sheet_plain(s);
}

static void blocks(struct tally_sheet *s, const json_t *d)
{
	static const char *const words[] = { "edited", "moved", "deleted", "added" };
	const json_t *b = json_object_get(d, "blocks");
	bool any = false;

	if (!json_is_object(b))
		return;
	tally_sheet_label(s, "Text");
	tally_sheet_plural(s, tally_json_count(b, "before"), "block", "blocks");
	tally_sheet_text(s, " before, ");
	tally_sheet_count(s, tally_json_count(b, "after"));
	tally_sheet_text(s, " after");
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		uint64_t n = tally_json_count(b, words[i]);

		if (!n)
			continue;
		tally_sheet_text(s, any ? ", " : "; ");
		tally_sheet_count(s, n);
		tally_sheet_fixed(s, " ");
		tally_sheet_text(s, words[i]);
		any = true;
	}
	tally_sheet_labelled(s, BODY);
}

static void edit(struct tally_sheet *s, const json_t *e)
{
	const json_t *where = json_object_get(e, "where");
	const char *area = tally_json_string(where, "area");
	uint64_t n = tally_json_count(where, "n");
	uint64_t block = tally_json_get_count(e, "block", tally_json_count(e, "block_before"));

	tally_sheet_safe(s, area ? area : "body");
	if (n) {
		tally_sheet_text(s, " ");
		tally_sheet_count(s, n);
	}
	if (block) {
		tally_sheet_text(s, ", block ");
		tally_sheet_count(s, block);
	}
	tally_sheet_text(s, ", ");
	tally_sheet_safe(s, tally_json_string(e, "kind"));
	tally_sheet_text(s, ": ");
	tally_text_old_new(s, e);
}

static void edits(struct tally_sheet *s, const json_t *d)
{
	const json_t *list = json_object_get(d, "edits");

	tally_sheet_list(s, "Edits", list, BODY, edit);
}

static void documents(struct tally_sheet *s)
{
	size_t count = json_array_size(s->r->documents);
	size_t shown = tally_sheet_cut(s, count, TALLY_LIST_MOST);

	if (count)
		heading(s, "Inside documents", count);
	for (size_t i = 0; i < shown; i++) {
		const json_t *d = json_array_get(s->r->documents, i);

		title(s, d);
		tally_sheet_end(s, TITLE, BODY);
		blocks(s, d);
		edits(s, d);
		tally_text_facts(s, d, BODY);
	}
	tally_sheet_more(s, TITLE, count - shown);
}

static void member(struct tally_sheet *s, const json_t *m)
{
	const char *kind = tally_json_string(m, "kind"), *from = tally_json_string(m, "from");

	tally_sheet_id(s, kind);
	tally_sheet_text(s, " ");
	if (from) {
		tally_sheet_safe(s, from);
		tally_sheet_arrow(s);
	}
	tally_sheet_safe(s, tally_json_string(m, "member"));
}

static void archive(struct tally_sheet *s, const json_t *a)
{
	const json_t *list = json_object_get(a, "members");
	size_t count = json_array_size(list), shown = tally_sheet_cut(s, count, TALLY_CELLS_MOST);

	title(s, a);
	if (json_is_true(json_object_get(a, "repacked")))
		tally_sheet_text(s, "  packed anew, the same members");
	tally_sheet_end(s, TITLE, BODY);
	for (size_t i = 0; i < shown; i++) {
		member(s, json_array_get(list, i));
		tally_sheet_end(s, BODY, BODY + 2);
	}
	tally_sheet_more(s, BODY, count - shown);
}

static void archives(struct tally_sheet *s)
{
	size_t count = json_array_size(s->r->archives);
	size_t shown = tally_sheet_cut(s, count, TALLY_LIST_MOST);

	if (count)
		heading(s, "Inside archives", count);
	for (size_t i = 0; i < shown; i++)
		archive(s, json_array_get(s->r->archives, i));
	tally_sheet_more(s, TITLE, count - shown);
}

bool tally_text_documents(struct tally_sheet *s)
{
	documents(s);
	archives(s);
	return json_array_size(s->r->documents) || json_array_size(s->r->archives);
}
