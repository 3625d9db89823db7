/* Section 3 of the terminal view, third part: what changed inside documents and archives. */
#include "receipt/text_value.h"

#include <string.h>

#include "receipt/words.h"

enum {
	TITLE = TALLY_INDENT + 2,
	BODY = TALLY_INDENT + 4,
	CONTEXT = 60,        /* bytes beside a change */
	OTHER_MOST = 4,      /* paragraphs shown where all are others */
	TYPOGRAPHY_MOST = 3, /* edits shown that are that only … */
	PLACES_NAMED = 6     /* … and places of more */
};

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

/* "3 paragraphs", "1 line", "500 messages" */
static void units(struct tally_sheet *s, const json_t *blocks, uint64_t n)
{
	const char *unit = tally_json_string(blocks, "unit");

	if (unit && !strcmp(unit, "line"))
		tally_sheet_plural(s, n, "line", "lines");
	else if (unit && !strcmp(unit, "message"))
		tally_sheet_plural(s, n, "message", "messages");
	else
		tally_sheet_plural(s, n, "paragraph", "paragraphs");
}

static bool is_all_other(const json_t *blocks)
{
	uint64_t before = tally_json_count(blocks, "before"),
		 after = tally_json_count(blocks, "after");

	return before && after && tally_json_count(blocks, "deleted") == before &&
	       tally_json_count(blocks, "added") == after;
}

static bool is_empty(const json_t *blocks)
{
	return !tally_json_count(blocks, "before") && !tally_json_count(blocks, "after");
}

static void blocks(struct tally_sheet *s, const json_t *d)
{
	enum { DELETED = 4 };
	static const char *const words[] = { "edited", "split",   "joined",
		                             "moved",  "deleted", "added" };
	const json_t *b = json_object_get(d, "blocks");
	const uint64_t told_apart[] = {
		tally_json_get_count(b, "split", 0) + tally_json_get_count(b, "joined", 0),
		0,
		0,
		0,
		tally_json_get_count(b, "deleted_parts", 0),
		tally_json_get_count(b, "added_parts", 0),
	};
	bool any = false, repackaged = json_is_true(json_object_get(d, "repackaged"));

	if (!json_is_object(b) || (is_empty(b) && (json_object_get(d, "picture") || !repackaged)))
		return;
	tally_sheet_label(s, "Text");
	units(s, b, tally_json_count(b, "before"));
	tally_sheet_text(s, " before, ");
	tally_sheet_count(s, tally_json_count(b, "after"));
	tally_sheet_text(s, " after");
	if (repackaged)
		tally_sheet_text(s, "; repackaged: its bytes differ, its content is equal");
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		uint64_t n = tally_json_get_count(b, words[i], 0);

		if (n <= told_apart[i])
			continue;
		n -= told_apart[i];
		tally_sheet_text(s, any ? ", " : "; ");
		tally_sheet_count(s, n);
		tally_sheet_fixed(s, " ");
		tally_sheet_text(s, words[i]);
		any = true;
		if (i == DELETED && (n = tally_json_get_count(d, "moved_out", 0)) > 0) {
			tally_sheet_text(s, " (");
			tally_sheet_count(s, n);
			tally_sheet_text(s, n == 1 ? " stands elsewhere now)"
			                           : " stand elsewhere now)");
		}
	}
	if (is_all_other(b))
		tally_sheet_text(s, ": another text");
	tally_sheet_labelled(s, BODY);
}

/* ", in the 40 × 30 pixels at 1200, 350" */
static void picture_area(struct tally_sheet *s, const json_t *area)
{
	if (!area)
		return;
	tally_sheet_printf(s, ", in the %llu \u00d7 %llu pixels at %llu, %llu",
	                   (unsigned long long)tally_json_count(area, "width"),
	                   (unsigned long long)tally_json_count(area, "height"),
	                   (unsigned long long)tally_json_count(area, "x"),
	                   (unsigned long long)tally_json_count(area, "y"));
}

/* "looks the same at 4,096 points (mean difference 0.4 of 255, at most 6)" */
static void picture(struct tally_sheet *s, const json_t *d)
{
	static const struct {
		const char *kind, *words;
	} kinds[] = {
		{ "same", "the same, pixel by pixel" },
		{ "turned", "the same pixels, shown another way round" },
		{ "near", "other pixels, but looks the same" },
		{ "partly", "partly another" },
		{ "other", "another one" },
	};
	const json_t *p = json_object_get(d, "picture");
	size_t i = 0;

	if (!json_is_object(p)) {
		if (tally_json_is(json_object_get(d, "format"), "after", "image")) {
			tally_sheet_label(s, "Picture");
			tally_sheet_text(s, "its pixels were not compared (see 5)");
			tally_sheet_labelled(s, BODY);
		}
		return;
	}
	while (i + 1 < sizeof kinds / sizeof *kinds && !tally_json_is(p, "kind", kinds[i].kind))
		i++;
	tally_sheet_label(s, "Picture");
	tally_sheet_text(s, kinds[i].words);
	if (i >= 2) {
		tally_sheet_text(s, ": ");
		tally_sheet_count(s, tally_json_count(p, "points"));
		tally_sheet_text(s, " of ");
		tally_sheet_count(s, tally_json_count(p, "of"));
		tally_sheet_printf(s, " points differ (on average by %.1f of 255, at most by %llu)",
		                   json_number_value(json_object_get(p, "mean")),
		                   (unsigned long long)tally_json_count(p, "most"));
		picture_area(s, json_object_get(p, "area"));
	}
	tally_sheet_labelled(s, BODY);
}

/* "Footnote 2", "table 1, row 3, cell 2", "line 14", "paragraph 12" */
static void place(struct tally_sheet *s, const json_t *where, uint64_t block)
{
	const char *area = tally_json_string(where, "area");
	uint64_t n = tally_json_count(where, "n"), row = tally_json_count(where, "row");
	bool body = !area || !strcmp(area, "body");

	if (!body) {
		for (const char *c = area; *c; c++)
			tally_sheet_bytes(s, *c == '_' ? " " : c, 1);
		tally_sheet_text(s, n ? " " : row ? "" : ", ");
	} else if (n) {
		tally_sheet_text(s, "line ");
	}
	if (n)
		tally_sheet_printf(s, "%llu", (unsigned long long)n);
	if (row)
		tally_sheet_printf(s, ", row %llu, cell %llu", (unsigned long long)row,
		                   (unsigned long long)tally_json_count(where, "cell"));
	else if (!n)
		tally_sheet_printf(s, "paragraph %llu",
		                   (unsigned long long)tally_json_get_count(where, "paragraph",
		                                                            block));
}

/* Some of a text that stayed, from its beginning. */
static void shortened(struct tally_sheet *s, const char *text)
{
	size_t head = CONTEXT;
	char *copy;

	if (strlen(text) <= CONTEXT + CONTEXT / 2) {
		tally_sheet_safe(s, text);
		return;
	}
	while (head > 0 && ((unsigned char)text[head] & 0xC0) == 0x80)
		head--;
	copy = tally_arena_dup(&s->scratch, text, head);
	if (!copy) {
		s->status = tally_err_nomem(s->err);
		return;
	}
	tally_sheet_safe(s, copy);
	tally_sheet_text(s, "…");
}

/* What stands next to the changes; what is left out of it is. */
static void context(struct tally_sheet *s, const json_t *span)
{
	const char *text = tally_json_string(span, "text"),
		   *end = tally_json_string(span, "text_end");

	text = text ? text : "";
	tally_sheet_safe(s, text);
	if (!end)
		return;
	if (*text && text[strlen(text) - 1] != ' ')
		tally_sheet_text(s, " ");
	tally_sheet_text(s, *end ? "… " : "…");
	tally_sheet_safe(s, end + (*end == ' '));
}

static void quoted(struct tally_sheet *s, const json_t *span, enum tally_style style)
{
	tally_sheet_style(s, style);
	tally_sheet_text(s, "‘");
	tally_sheet_safe(s, tally_json_string(span, "text"));
	tally_sheet_text(s, "’");
	tally_sheet_plain(s);
}

static bool is_op(const json_t *span, const char *op)
{
	const char *mine = tally_json_string(span, "op");

	return mine && !strcmp(mine, op);
}

/* Is this where a paragraph was split or joined: a line end, for nothing but a blank? */
static bool is_border(const json_t *end, const json_t *blank)
{
	const char *line = tally_json_string(end, "text"), *other = tally_json_string(blank, "text");

	return line && !strcmp(line, "\n") && !is_op(end, "equal") &&
	       (!other || is_op(blank, "equal") || !*other || !strcmp(other, " "));
}

/* The words that changed, with a little of what stands around them: … within ‘30’ → ‘90’ days … */
static void words(struct tally_sheet *s, const json_t *spans)
{
	size_t count = json_array_size(spans);

	for (size_t i = 0; i < count; i++) {
		const json_t *span = json_array_get(spans, i), *next = json_array_get(spans, i + 1);

		if (is_op(span, "equal")) {
			context(s, span);
		} else if (is_border(span, next) || is_border(next, span)) {
			tally_sheet_text(s, " ¶ ");
			i += next && !is_op(next, "equal");
		} else if (is_op(span, "delete")) {
			if (!next || !is_op(next, "insert"))
				tally_sheet_text(s, "−");
			quoted(s, span, TALLY_STYLE_RED);
		} else {
			if (i > 0 && is_op(json_array_get(spans, i - 1), "delete"))
				tally_sheet_arrow(s);
			else
				tally_sheet_text(s, "+");
			quoted(s, span, TALLY_STYLE_BOLD);
		}
	}
}

/* " (in the new value: U+0410 looks like A)" */
static void look_alikes(struct tally_sheet *s, const json_t *e)
{
	const json_t *pairs = json_object_get(e, "numbers");

	for (size_t i = 0; i < json_array_size(pairs); i++) {
		const json_t *p = json_array_get(pairs, i);
		const char *old = tally_json_string(p, "old"), *now = tally_json_string(p, "new");
		struct tally_buf text;

		if (!old || !now || !tally_json_is(p, "what", "look_alike"))
			continue;
		tally_buf_init(&text, SIZE_MAX / 2);
		if (tally_words_look_alikes(&text, old, strlen(old), now, strlen(now)) &&
		    tally_buf_byte(&text, '\0'))
			tally_sheet_text(s, text.bytes);
		else
			s->status = tally_err_nomem(s->err);
		tally_buf_release(&text);
	}
}

static bool is_kind(const json_t *e, const char *kind)
{
	const char *mine = tally_json_string(e, "kind");

	return mine && !strcmp(mine, kind);
}

/* ", moved to notes/old.docx, paragraph 12" */
static void moved_far(struct tally_sheet *s, const char *word, const json_t *to)
{
	tally_sheet_text(s, word);
	tally_sheet_safe(s, tally_json_string(to, "path"));
	tally_sheet_text(s, ", ");
	place(s, json_object_get(to, "where"), tally_json_count(to, "block"));
	if (json_is_true(json_object_get(to, "edited")))
		tally_sheet_text(s, ", edited");
}

/* ", now heading 1 (was paragraph)"; ", split in 2"; ", joined from 3" */
static void become(struct tally_sheet *s, const json_t *e)
{
	const char *kind = tally_json_string(e, "block_kind"),
		   *was = tally_json_string(e, "block_kind_before");
	uint64_t parts = tally_json_get_count(e, "parts", 0),
		 parts_before = tally_json_get_count(e, "parts_before", 0);

	if (kind && was)
		tally_sheet_printf(s, ", now %s (was %s)", kind, was);
	if (parts > 1)
		tally_sheet_printf(s, ", split in %llu", (unsigned long long)parts);
	if (parts_before > 1)
		tally_sheet_printf(s, ", joined from %llu", (unsigned long long)parts_before);
}

static bool has_flag(const json_t *e, const char *flag)
{
	const json_t *flags = json_object_get(e, "flags");

	for (size_t i = 0; i < json_array_size(flags); i++)
		if (!strcmp(json_string_value(json_array_get(flags, i)), flag))
			return true;
	return false;
}

/* It is told with the paragraph that was split or joined. */
static bool is_part(const json_t *e)
{
	return has_flag(e, "part");
}

/* What is out of the text and in the file still was not just deleted. */
static const char *how(const json_t *e)
{
	if (has_flag(e, "hidden"))
		return "hidden now";
	return has_flag(e, "proposed") ? "marked as deleted" : tally_json_string(e, "kind");
}

/* It says what it said: other quotes, dashes, blanks, or letters put together in another way. */
static bool is_typography(const json_t *e)
{
	return is_kind(e, "edited") && has_flag(e, "typography_only") &&
	       tally_json_get_count(e, "parts", 0) < 2 &&
	       tally_json_get_count(e, "parts_before", 0) < 2;
}

/* Where a message stands in its mailbox says nothing; it moved where its ID is another one. */
static bool is_message(const json_t *e)
{
	return tally_json_is(json_object_get(e, "where"), "area", "mail") &&
	       tally_json_is(e, "block_kind", "message");
}

static void edit(struct tally_sheet *s, const json_t *e)
{
	const json_t *spans = json_object_get(e, "spans");
	const char *text = tally_json_string(e, is_kind(e, "deleted") ? "old" : "new");
	bool moved = is_kind(e, "moved") || is_kind(e, "moved_edited");

	place(s, json_object_get(e, "where"),
	      tally_json_get_count(e, "block", tally_json_count(e, "block_before")));
	if (moved) {
		tally_sheet_text(s, is_message(e) ? ", has another ID (was " : ", moved (was ");
		place(s, json_object_get(e, "where_before"), tally_json_count(e, "block_before"));
		tally_sheet_text(s, ")");
	} else if (json_is_object(json_object_get(e, "moved_to"))) {
		moved_far(s, ", moved to ", json_object_get(e, "moved_to"));
	} else if (json_is_object(json_object_get(e, "moved_from"))) {
		moved_far(s, ", moved from ", json_object_get(e, "moved_from"));
	} else if (is_kind(e, "added") || is_kind(e, "deleted"))
		tally_sheet_printf(s, ", %s", how(e));
	become(s, e);
	tally_sheet_text(s, ": ");
	if (json_array_size(spans))
		words(s, spans);
	else
		shortened(s, text ? text : "");
	look_alikes(s, e);
	if (is_typography(e))
		tally_sheet_text(s, " (typography only)");
}

static size_t count_edits(const json_t *list, bool typography)
{
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *e = json_array_get(list, i);

		n += !is_part(e) && is_typography(e) == typography;
	}
	return n;
}

/* The first @most of one kind. @return the number in the list behind the last one */
static size_t some_edits(struct tally_sheet *s, const json_t *list, bool typography, size_t most,
                         const char *label)
{
	size_t i = 0, shown = 0;

	for (; i < json_array_size(list) && shown < most; i++) {
		const json_t *e = json_array_get(list, i);

		if (is_part(e) || is_typography(e) != typography)
			continue;
		tally_sheet_label(s, shown++ ? "" : label);
		edit(s, e);
		tally_sheet_labelled(s, BODY);
	}
	return i;
}

/* "42 more, typography only: line 12, line 17, line 24 …" */
static void more_typography(struct tally_sheet *s, const json_t *list, size_t from, size_t left)
{
	size_t named = 0;

	tally_sheet_label(s, "");
	tally_sheet_count(s, left);
	tally_sheet_text(s, " more, typography only: ");
	for (size_t i = from; i < json_array_size(list) && named < PLACES_NAMED; i++) {
		const json_t *e = json_array_get(list, i);

		if (is_part(e) || !is_typography(e))
			continue;
		tally_sheet_text(s, named++ ? ", " : "");
		place(s, json_object_get(e, "where"),
		      tally_json_get_count(e, "block", tally_json_count(e, "block_before")));
	}
	tally_sheet_text(s, left > named ? " …" : "");
	tally_sheet_labelled(s, BODY);
}

/* Those that say what was said before come last. */
static void edits(struct tally_sheet *s, const json_t *d)
{
	const json_t *list = json_object_get(d, "edits");
	size_t count = count_edits(list, false), same = count_edits(list, true);
	size_t most = tally_sheet_cut(
		s, count, is_all_other(json_object_get(d, "blocks")) ? OTHER_MOST : TALLY_CELLS_MOST);
	size_t some = tally_sheet_cut(s, same, TYPOGRAPHY_MOST), from;

	some_edits(s, list, false, most, "Edits");
	tally_sheet_more(s, BODY + TALLY_LABEL, count - most);
	from = some_edits(s, list, true, some, count ? "" : "Edits");
	if (same > some)
		more_typography(s, list, from, same - some);
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
		if (tally_json_count(d, "merged"))
			tally_sheet_text(s, "  what is there of the deleted file");
		if (tally_json_count(d, "moved_in"))
			tally_sheet_text(s, "  what went there and was edited");
		tally_sheet_end(s, TITLE, BODY);
		picture(s, d);
		blocks(s, d);
		edits(s, d);
		tally_text_facts(s, d, BODY);
	}
	tally_sheet_more(s, TITLE, count - shown);
}

static void member(struct tally_sheet *s, const json_t *m)
{
	const char *kind = tally_json_string(m, "kind"), *from = tally_json_string(m, "from");

	for (const char *c = kind ? kind : "?"; *c; c++)
		tally_sheet_bytes(s, *c == '_' ? " " : c, 1);
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
