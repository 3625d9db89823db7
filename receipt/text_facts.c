/* Facts of a workbook or document that differ, on the sheet: a few of one name are told one by one, more as one line. */
#include "receipt/text_value.h"

#include <string.h>

#include "core/facts.h"

enum {
	EACH = 4,     /* of one name that are told one by one */
	EXAMPLES = 2, /* of more */
};

/* Changes of one name */
struct group {
	const json_t *list;
	size_t from, count;
	const struct tally_fact_info *info; /* NULL: a name nobody knows */
	const char *name;
};

static bool named(const struct group *g)
{
	return g->info && g->info->named;
}

static void put_words(struct tally_sheet *s, const struct group *g, bool many)
{
	if (g->info) {
		tally_sheet_text(s, many ? g->info->many : g->info->one);
		return;
	}
	tally_sheet_id(s, g->name);
}

static void put_by(struct tally_sheet *s, const json_t *f)
{
	const char *by = tally_json_string(f, "by"), *before = tally_json_string(f, "by_before");

	if (!by && !before)
		return;
	tally_sheet_text(s, " (");
	if (json_object_get(f, "by_before")) {
		tally_sheet_safe(s, before ? before : "nobody");
		tally_sheet_arrow(s);
	}
	tally_sheet_safe(s, by ? by : "nobody");
	tally_sheet_text(s, ")");
}

static void put_place(struct tally_sheet *s, const json_t *f, const char *field)
{
	const char *where = tally_json_string(f, field);

	tally_sheet_name(s, &(struct tally_name){ where ? where : "?", where ? strlen(where) : 1 });
}

/* Its value: both where it changed, and the one there is otherwise */
static void put_values(struct tally_sheet *s, const json_t *f)
{
	tally_text_fact_values(s, json_object_get(f, "old"), json_object_get(f, "new"));
	put_by(s, f);
}

const char *tally_text_fact_change(const char *change)
{
	return strcmp(change, "strayed") != 0 ? change : "written as before, of other cells now";
}

/* What a picture became that was saved again; otherwise the change itself. */
static const char *outcome(const json_t *f)
{
	static const char *const kinds[][2] = {
		{ "same", "saved again, pixel by pixel the same" },
		{ "turned", "shown another way round" },
		{ "near", "saved again with other pixels, the look is the same" },
		{ "partly", "changed in part" },
	};
	const json_t *picture = json_object_get(f, "picture");
	const char *change = tally_json_string(f, "change");

	for (size_t i = 0; picture && i < sizeof kinds / sizeof *kinds; i++)
		if (tally_json_is(picture, "kind", kinds[i][0]))
			return kinds[i][1];
	return change ? change : "changed";
}

static void put_way(struct tally_sheet *s, const json_t *f)
{
	tally_sheet_text(s, " from ");
	put_place(s, f, "where_before");
	tally_sheet_text(s, " to ");
	put_place(s, f, "where");
}

/* "comment at Sheet1!A5 removed: text (Ann)" */
static void one(struct tally_sheet *s, const struct group *g, const json_t *f)
{
	const char *change = outcome(f);
	bool removed = tally_json_is(f, "change", "removed"), moved = !strcmp(change, "moved"),
	     also_moved = json_is_true(json_object_get(f, "moved"));

	if (removed)
		tally_sheet_style(s, TALLY_STYLE_RED);
	put_words(s, g, false);
	if (tally_json_string(f, "where") && !moved && !also_moved) {
		tally_sheet_text(s, named(g) ? " (" : " at ");
		put_place(s, f, "where");
		tally_sheet_text(s, named(g) ? ")" : "");
	}
	if (strcmp(change, "changed") != 0) {
		tally_sheet_text(s, " ");
		tally_sheet_safe(s, tally_text_fact_change(change));
	}
	if (also_moved)
		tally_sheet_text(s, strcmp(change, "changed") != 0 ? ", moved" : " changed, moved");
	if (moved || also_moved)
		put_way(s, f);
	if (json_is_object(json_object_get(f, "moved_to"))) {
		tally_sheet_text(s, ", now ");
		tally_sheet_safe(s, tally_json_string(json_object_get(f, "moved_to"), "path"));
	}
	tally_sheet_text(s, ": ");
	put_values(s, f);
	tally_sheet_plain(s);
}

static size_t count_change(const struct group *g, const char *change)
{
	size_t n = 0;

	for (size_t i = 0; i < g->count; i++)
		n += !strcmp(outcome(json_array_get(g->list, g->from + i)), change);
	return n;
}

/* "17 before, none after" */
static void put_counts(struct tally_sheet *s, const json_t *owner, const struct group *g)
{
	const json_t *list = json_object_get(owner, "fact_counts");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *c = json_array_get(list, i);
		uint64_t after = tally_json_count(c, "after");

		if (!tally_json_is(c, "fact", g->name))
			continue;
		tally_sheet_text(s, " (");
		tally_sheet_count(s, tally_json_count(c, "before"));
		tally_sheet_text(s, " before, ");
		if (after)
			tally_sheet_count(s, after);
		else
			tally_sheet_text(s, "none");
		tally_sheet_text(s, " after)");
	}
}

/* The first of a change, for people to know what it is about */
static void put_examples(struct tally_sheet *s, const struct group *g, const char *change)
{
	unsigned told = 0;

	for (size_t i = 0; i < g->count && told < EXAMPLES; i++) {
		const json_t *f = json_array_get(g->list, g->from + i);

		if (strcmp(outcome(f), change) != 0)
			continue;
		tally_sheet_text(s, told++ ? "; " : ", as ");
		put_values(s, f);
		if (tally_json_is(f, "change", "moved")) {
			tally_sheet_text(s, ": ");
			put_place(s, f, "where_before");
			tally_sheet_arrow(s);
			put_place(s, f, "where");
		} else if (tally_json_string(f, "where")) {
			tally_sheet_text(s, named(g) ? ": " : " at ");
			put_place(s, f, "where");
		}
	}
}

/* "17 validations removed (17 before, none after), as list "Yes,No" at Sheet1!C2:C99" */
static void many(struct tally_sheet *s, const json_t *owner, const struct group *g,
                 const char *change, size_t n, bool counts)
{
	if (!strcmp(change, "removed"))
		tally_sheet_style(s, TALLY_STYLE_RED);
	tally_sheet_count(s, n);
	tally_sheet_text(s, " ");
	put_words(s, g, n != 1);
	tally_sheet_text(s, " ");
	tally_sheet_text(s, tally_text_fact_change(change));
	if (counts)
		put_counts(s, owner, g);
	put_examples(s, g, change);
	tally_sheet_plain(s);
}

static void put_label(struct tally_sheet *s, bool *first)
{
	tally_sheet_label(s, *first ? "Facts" : "");
	*first = false;
}

static void put_group(struct tally_sheet *s, const json_t *owner, const struct group *g,
                      unsigned indent, bool *first)
{
	static const char *const changes[] = { "removed",
		                               "strayed",
		                               "added",
		                               "changed",
		                               "changed in part",
		                               "saved again with other pixels, the look is the same",
		                               "shown another way round",
		                               "saved again, pixel by pixel the same",
		                               "accepted",
		                               "rejected",
		                               "moved" };
	bool counts = true;

	for (size_t i = 0; i < g->count && (g->count <= EACH || s->all); i++) {
		put_label(s, first);
		one(s, g, json_array_get(g->list, g->from + i));
		tally_sheet_labelled(s, indent);
	}
	for (size_t c = 0; c < sizeof changes / sizeof *changes; c++) {
		size_t n = g->count <= EACH || s->all ? 0 : count_change(g, changes[c]);

		if (!n)
			continue;
		put_label(s, first);
		many(s, owner, g, changes[c], n, counts);
		tally_sheet_labelled(s, indent);
		counts = false;
	}
}

/* What a limit kept out of the receipt: no option shows it. */
static void put_unlisted(struct tally_sheet *s, const json_t *owner, unsigned indent, bool *first)
{
	uint64_t n = tally_json_count(json_object_get(owner, "not_listed"), "facts");

	if (!n)
		return;
	put_label(s, first);
	tally_sheet_text(s, "\u2026 and ");
	tally_sheet_count(s, n);
	tally_sheet_text(s, " not listed (see 5)");
	tally_sheet_labelled(s, indent);
}

void tally_text_facts(struct tally_sheet *s, const json_t *owner, unsigned indent)
{
	const json_t *list = json_object_get(owner, "facts");
	size_t count = json_array_size(list);
	bool first = true;

	for (size_t i = 0, n; i < count; i += n) {
		const char *name = tally_json_string(json_array_get(list, i), "fact");
		struct group g = { .list = list, .from = i, .name = name };

		n = 1;
		if (!name)
			continue; /* what became of sheets */
		while (i + n < count && tally_json_is(json_array_get(list, i + n), "fact", name))
			n++;
		g.count = n;
		g.info = tally_fact_info(tally_fact_rank(name));
		put_group(s, owner, &g, indent, &first);
	}
	put_unlisted(s, owner, indent, &first);
}
