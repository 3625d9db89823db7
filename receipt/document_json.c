/* Comparisons of texts as JSON: see receipt/document_json.h. */
#include "receipt/document_json.h"

#include <string.h>

#include "receipt/json_util.h"

enum {
	AROUND = 60, /* bytes of equal text that are shown on either side of a change, */
	WORD = 16    /* and up to which a word is not torn */
};

static const char *const kinds[] = { "added", "deleted", "edited", "moved", "moved_edited" };
static const char *const ops[] = { "equal", "delete", "insert" };

static const struct {
	unsigned flag;
	const char *word;
} flags[] = {
	{ TALLY_EDIT_NUMBER, "number" },
	{ TALLY_EDIT_DATE, "date" },
	{ TALLY_EDIT_AMOUNT, "amount" },
	{ TALLY_EDIT_NEGATION, "negation" },
	{ TALLY_EDIT_NAME, "name" },
	{ TALLY_EDIT_TYPOGRAPHY, "typography_only" },
	{ TALLY_EDIT_LOOK_ALIKE, "look_alike" },
	{ TALLY_EDIT_KIND, "kind" },
	{ TALLY_EDIT_SPLIT, "split" },
	{ TALLY_EDIT_JOINED, "joined" },
	{ TALLY_EDIT_PART, "part" },
	{ TALLY_EDIT_HIDDEN, "hidden" },
	{ TALLY_EDIT_PROPOSED, "proposed" },
};

enum { FLAGS = sizeof flags / sizeof *flags };

/* ---- writing ---- */

static bool is_all(const struct tally_text *text, enum tally_block_kind kind)
{
	for (size_t i = 0; i < text->count; i++)
		if (text->blocks[i].kind != kind)
			return false;
	return true;
}

static const char *unit_of(const struct tally_text_diff *d)
{
	if (d->before->count + d->after->count == 0)
		return "paragraph";
	if (is_all(d->before, TALLY_BLOCK_LINE) && is_all(d->after, TALLY_BLOCK_LINE))
		return "line";
	if (is_all(d->before, TALLY_BLOCK_MESSAGE) && is_all(d->after, TALLY_BLOCK_MESSAGE))
		return "message";
	return "paragraph";
}

json_t *tally_blocks_json(const struct tally_text_diff *d, uint64_t still)
{
	json_t *o = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "unit", unit_of(d),
	                      "before", (json_int_t)d->before->count, "same", (json_int_t)d->same,
	                      "edited", (json_int_t)d->edited, "moved", (json_int_t)d->moved,
	                      "deleted", (json_int_t)d->deleted, "added", (json_int_t)d->added,
	                      "after", (json_int_t)d->after->count);
	bool ok = o != NULL;

	if (d->split) {
		tally_json_set(o, "split", json_integer((json_int_t)d->split), &ok);
		tally_json_set(o, "added_parts", json_integer((json_int_t)d->parts[1]), &ok);
	}
	if (d->joined) {
		tally_json_set(o, "joined", json_integer((json_int_t)d->joined), &ok);
		tally_json_set(o, "deleted_parts", json_integer((json_int_t)d->parts[0]), &ok);
	}
	if (still)
		tally_json_set(o, "deleted_still_there", json_integer((json_int_t)still), &ok);
	if (ok)
		return o;
	json_decref(o);
	return NULL;
}

static size_t whole_chars(const char *text, size_t n, size_t len)
{
	while (n > 0 && n < len && ((unsigned char)text[n] & 0xC0) == 0x80)
		n--;
	return n;
}

static void set_text(json_t *o, const char *field, const char *bytes, const struct tally_block *b,
                     uint64_t most, bool *ok)
{
	size_t n = b ? b->len : 0;

	if (n > most)
		n = whole_chars(b->text, (size_t)most, b->len);
	tally_json_set(o, field, b ? tally_json_text(b->text, n) : json_null(), ok);
	if (b && n < b->len)
		tally_json_set(o, bytes, json_integer((json_int_t)b->len), ok);
}

json_t *tally_where_json(const struct tally_block *b)
{
	json_t *o = json_object();
	bool ok = true;

	tally_json_set(o, "area", json_string_nocheck(tally_area_name((enum tally_area)b->area)),
	               &ok);
	tally_json_set(o, "n", b->n ? json_integer(b->n) : json_null(), &ok);
	if (b->paragraph)
		tally_json_set(o, "paragraph", json_integer(b->paragraph), &ok);
	if (b->row || b->cell) {
		tally_json_set(o, "row", json_integer(b->row), &ok);
		tally_json_set(o, "cell", json_integer(b->cell), &ok);
	}
	if (ok)
		return o;
	json_decref(o);
	return NULL;
}

/* The cut moved to a blank near it, so that no word is torn: back, or forth where @forth. */
static size_t at_blank(const char *text, size_t n, size_t len, bool forth)
{
	for (size_t k = 0; k < WORD && n > 0 && n < len; k++) {
		size_t at = forth ? n + k : n - k;

		if (!at || at >= len)
			break;
		if (text[at - 1] == ' ')
			return at;
	}
	return whole_chars(text, n, len);
}

/* Equal text is shortened to what stands around the changes: a paragraph may be a book. */
static void add_equal(json_t *list, const struct tally_edit_span *s, bool first, bool last, bool *ok)
{
	size_t head = first ? 0 : AROUND, tail = last ? 0 : AROUND;
	json_t *o = json_object();

	tally_json_set(o, "op", json_string_nocheck("equal"), ok);
	if (s->len <= head + tail + AROUND) {
		tally_json_set(o, "text", tally_json_text(s->text, s->len), ok);
	} else {
		size_t from = at_blank(s->text, s->len - tail, s->len, true);

		head = at_blank(s->text, head, s->len, false);
		tally_json_set(o, "text", tally_json_text(s->text, head), ok);
		tally_json_set(o, "left_out", json_integer((json_int_t)(from - head)), ok);
		tally_json_set(o, "text_end", tally_json_text(s->text + from, s->len - from), ok);
	}
	tally_json_add(list, o, ok);
}

static json_t *spans_json(const struct tally_edit *e, const struct tally_limits *limits, bool *ok)
{
	json_t *list = json_array();
	uint64_t shown = 0;

	for (size_t i = 0; i < e->span_count && shown < limits->text_shown && *ok; i++) {
		const struct tally_edit_span *s = &e->spans[i];
		size_t n = s->len;

		if (s->op == TALLY_SPAN_EQUAL) {
			add_equal(list, s, i == 0, i + 1 == e->span_count, ok);
			continue;
		}
		if (n > limits->text_shown - shown)
			n = whole_chars(s->text, (size_t)(limits->text_shown - shown), s->len);
		shown += s->len;
		tally_json_add(list,
		               json_pack("{s:s, s:o}", "op", ops[s->op], "text",
		                         tally_json_text(s->text, n)),
		               ok);
	}
	return list;
}

static size_t flag_rank(unsigned flag)
{
	for (size_t i = 0; i < FLAGS; i++)
		if (flags[i].flag == flag)
			return i;
	return 0;
}

static void set_side(json_t *o, const char *field, const char *bytes, const char *text,
                     uint32_t len, const struct tally_limits *limits, bool *ok)
{
	const struct tally_block side = { .text = text, .len = len };

	set_text(o, field, bytes, text ? &side : NULL, limits->cell_shown, ok);
}

static void set_left_out(json_t *edit, const uint64_t left_out[FLAGS], bool *ok)
{
	json_t *o = json_object();

	for (size_t i = 0; i < FLAGS && *ok; i++)
		if (left_out[i])
			tally_json_set(o, flags[i].word, json_integer((json_int_t)left_out[i]), ok);
	if (json_object_size(o))
		tally_json_set(edit, "numbers_left_out", o, ok);
	else
		json_decref(o);
}

/* Values are cut like those of cells; of each kind only as much is listed as of a paragraph: one may be a book. */
static void set_pairs(json_t *edit, const struct tally_edit *e, const struct tally_limits *limits,
                      bool *ok)
{
	uint64_t shown[FLAGS] = { 0 }, left_out[FLAGS] = { 0 };
	json_t *list = json_array();

	for (size_t i = 0; i < e->pair_count && *ok; i++) {
		const struct tally_edit_pair *p = &e->pairs[i];
		size_t rank = flag_rank(p->flag);
		json_t *o;

		if (shown[rank] >= limits->text_shown) {
			left_out[rank]++;
			continue;
		}
		shown[rank] += (uint64_t)p->old_len + p->new_len;
		o = json_object();
		set_side(o, "old", "old_bytes", p->old, p->old_len, limits, ok);
		set_side(o, "new", "new_bytes", p->new, p->new_len, limits, ok);
		tally_json_set(o, "what", json_string_nocheck(flags[rank].word), ok);
		tally_json_add(list, o, ok);
	}
	tally_json_set(edit, "numbers", list, ok);
	set_left_out(edit, left_out, ok);
}

static json_t *flags_json(const struct tally_edit *e, bool *ok)
{
	json_t *list = json_array();

	for (size_t i = 0; i < FLAGS && *ok; i++)
		if (e->flags & flags[i].flag)
			tally_json_add(list, json_string_nocheck(flags[i].word), ok);
	return list;
}

static json_t *row_json(size_t block)
{
	return block == TALLY_NO_BLOCK ? json_null() : json_integer((json_int_t)block + 1);
}

/* "heading 2" */
static json_t *kind_json(const struct tally_block *b)
{
	static const char *const names[] = { "paragraph", "heading",   "list item", "cell",
		                             "code",      "paragraph", "message" };
	const char *name = b->kind < sizeof names / sizeof *names ? names[b->kind] : names[0];

	return b->level ? json_sprintf("%s %u", name, (unsigned)b->level) : json_string_nocheck(name);
}

static json_t *edit_json(const struct tally_text_diff *d, const struct tally_edit *e,
                         const struct tally_limits *limits)
{
	const struct tally_block *x = e->before == TALLY_NO_BLOCK ? NULL
	                                                          : &d->before->blocks[e->before],
				 *y = e->after == TALLY_NO_BLOCK ? NULL : &d->after->blocks[e->after];
	json_t *o = json_object();
	bool ok = true;

	tally_json_set(o, "kind", json_string_nocheck(kinds[e->kind]), &ok);
	tally_json_set(o, "where", tally_where_json(y ? y : x), &ok);
	if (e->kind == TALLY_EDIT_MOVED || e->kind == TALLY_EDIT_MOVED_EDITED)
		tally_json_set(o, "where_before", tally_where_json(x), &ok);
	tally_json_set(o, "block", row_json(e->after), &ok);
	tally_json_set(o, "block_before", row_json(e->before), &ok);
	if (e->flags & TALLY_EDIT_KIND) {
		tally_json_set(o, "block_kind", kind_json(y), &ok);
		tally_json_set(o, "block_kind_before", kind_json(x), &ok);
	} else if (y && y->kind == TALLY_BLOCK_MESSAGE) {
		tally_json_set(o, "block_kind", kind_json(y), &ok);
	}
	if (e->parts[0] > 1)
		tally_json_set(o, "parts_before", json_integer(e->parts[0]), &ok);
	if (e->parts[1] > 1)
		tally_json_set(o, "parts", json_integer(e->parts[1]), &ok);
	set_text(o, "old", "old_bytes", e->whole[0] ? e->whole[0] : x, limits->text_shown, &ok);
	set_text(o, "new", "new_bytes", e->whole[1] ? e->whole[1] : y, limits->text_shown, &ok);
	tally_json_set(o, "spans", spans_json(e, limits, &ok), &ok);
	set_pairs(o, e, limits, &ok);
	tally_json_set(o, "flags", flags_json(e, &ok), &ok);
	if (ok)
		return o;
	json_decref(o);
	return NULL;
}

json_t *tally_edits_json(const struct tally_text_diff *diff, const struct tally_limits *limits,
                         uint64_t *unlisted)
{
	json_t *list = json_array();
	bool ok = true;

	*unlisted = 0;
	for (size_t i = 0; i < diff->edit_count && ok; i++) {
		if (i < limits->table_details)
			tally_json_add(list, edit_json(diff, &diff->edits[i], limits), &ok);
		else
			++*unlisted;
	}
	if (ok)
		return list;
	json_decref(list);
	return NULL;
}

/* ---- checking ---- */

static bool is_one_of(const json_t *value, const char *const *words, size_t count)
{
	const char *word = json_string_value(value);

	for (size_t i = 0; word && i < count; i++)
		if (!strcmp(word, words[i]))
			return true;
	return false;
}

static bool good_spans(const json_t *list)
{
	json_t *o;
	size_t i;

	json_array_foreach(list, i, o)
	{
		if (!is_one_of(json_object_get(o, "op"), ops, sizeof ops / sizeof *ops) ||
		    !json_is_string(json_object_get(o, "text")))
			return false;
	}
	return json_is_array(list);
}

static bool good_pairs(const json_t *list)
{
	json_t *o;
	size_t i;

	json_array_foreach(list, i, o)
	{
		const json_t *old = json_object_get(o, "old"), *new = json_object_get(o, "new");

		if (!(json_is_null(old) || json_is_string(old)) ||
		    !(json_is_null(new) || json_is_string(new)) ||
		    !json_is_string(json_object_get(o, "what")))
			return false;
	}
	return json_is_array(list);
}

static bool good_counts(const json_t *counts)
{
	const char *kind;
	json_t *n;

	/* iterating does not change it */
	json_object_foreach((json_t *)(uintptr_t)counts, kind, n)
	{
		if (!json_is_integer(n) || json_integer_value(n) < 0)
			return false;
	}
	return !counts || json_is_object(counts);
}

bool tally_edit_good(const json_t *edit)
{
	const json_t *where = json_object_get(edit, "where");

	return is_one_of(json_object_get(edit, "kind"), kinds, sizeof kinds / sizeof *kinds) &&
	       json_is_string(json_object_get(where, "area")) &&
	       good_spans(json_object_get(edit, "spans")) &&
	       good_pairs(json_object_get(edit, "numbers")) &&
	       good_counts(json_object_get(edit, "numbers_left_out")) &&
	       json_is_array(json_object_get(edit, "flags"));
}

/* ---- what it says ---- */

bool tally_edit_has_flag(const json_t *edit, const char *flag)
{
	const json_t *list = json_object_get(edit, "flags");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *word = json_string_value(json_array_get(list, i));

		if (word && !strcmp(word, flag))
			return true;
	}
	return false;
}

bool tally_edit_has_other_words(const json_t *edit)
{
	const json_t *spans = json_object_get(edit, "spans");

	for (size_t i = 0;
	     i < json_array_size(spans) && !tally_edit_has_flag(edit, "typography_only"); i++)
		if (!tally_json_is(json_array_get(spans, i), "op", "equal"))
			return true;
	return false;
}

bool tally_edit_is_another(const json_t *edit)
{
	const json_t *spans = json_object_get(edit, "spans");
	uint64_t left = 0, changed = 0;

	for (size_t i = 0; i < json_array_size(spans); i++) {
		const json_t *s = json_array_get(spans, i);
		uint64_t n = json_string_length(json_object_get(s, "text"));

		if (tally_json_is(s, "op", "equal"))
			left += n + tally_json_count(s, "left_out") +
			        json_string_length(json_object_get(s, "text_end"));
		else
			changed += n;
	}
	return changed > left;
}
