/* Values of cells as they stand in the receipt's JSON, put on the sheet. See receipt/text_value.h. */
#include "receipt/text_value.h"

#include <string.h>

#include "core/escape.h"
#include "receipt/words.h"

enum {
	VALUE_COLUMNS = 60, /* of a long value this much is shown, */
	FACT_COLUMNS = 240, /* of a fact, which has no cell to look it up in, this much, */
	DIGEST_SHOWN = 12,  /* and of a digest in it so much */
	SAME_MOST = 32,     /* a longer common beginning is left out … */
	SHORT_MOST = 20,    /* two values so short are kept on one line */
	SAME_KEPT = 12,     /* … but for so much of it */
};

struct span {
	const char *bytes;
	size_t len;
};

/* What stands for a value: its formula, its text, or nothing at all (bytes NULL) */
static struct span span_of(const json_t *value)
{
	const json_t *formula = json_object_get(value, "formula");

	if (json_is_string(formula))
		value = formula;
	else if (json_is_object(value))
		value = json_object_get(value, "value");
	return (struct span){ json_string_value(value), json_string_length(value) };
}

static bool inside(const char *p)
{
	return ((unsigned char)*p & 0xC0) == 0x80;
}

/* Up to @most columns of it from @from on; @skipped: begin with an ellipsis */
static void put_span_within(struct tally_sheet *s, struct span v, size_t from, unsigned most)
{
	const char *p = v.bytes + from;
	size_t left = v.len - from, n = 0, len;
	unsigned columns = 0;

	while (n < left && columns < most) {
		uint32_t c = 0;

		len = tally_utf8_next((const unsigned char *)p + n, left - n, &c);
		columns += len ? (unsigned)tally_codepoint_width(c) : 4;
		n += len ? len : 1;
	}
	if (from)
		tally_sheet_text(s, "\u2026");
	tally_sheet_bytes(s, p, n);
	if (n < left)
		tally_sheet_text(s, "\u2026");
}

static void put_span(struct tally_sheet *s, struct span v, size_t from)
{
	put_span_within(s, v, from, VALUE_COLUMNS);
}

/* Blanks at an end are invisible, and the arrow is ours. */
static bool needs_quotes(struct span v)
{
	return v.bytes[0] == ' ' || v.bytes[v.len - 1] == ' ' || strstr(v.bytes, "\u2192");
}

static void put_value(struct tally_sheet *s, const json_t *value, size_t from)
{
	struct span v = span_of(value);
	bool quotes;

	if (!v.bytes) {
		tally_sheet_fixed(s, json_is_number(value) ? "(a number)" : "(nothing)");
		return;
	}
	if (!v.len) {
		tally_sheet_text(s, json_is_true(json_object_get(value, "quoted")) ? "\"\""
		                                                                   : "(empty)");
		return;
	}
	quotes = needs_quotes(v);
	tally_sheet_text(s, quotes ? "\u2018" : "");
	put_span(s, v, from);
	tally_sheet_text(s, quotes ? "\u2019" : "");
}

void tally_text_value(struct tally_sheet *s, const json_t *value)
{
	put_value(s, value, 0);
}

static size_t common(struct span a, struct span b)
{
	size_t n = 0;

	while (n < a.len && n < b.len && a.bytes[n] == b.bytes[n])
		n++;
	return n;
}

static void put_nth(struct tally_sheet *s, uint64_t nth)
{
	static const char *const ends[] = { "th", "st", "nd", "rd" };
	bool teen = nth % 100 >= 11 && nth % 100 <= 13;

	tally_sheet_text(s, " (");
	tally_sheet_count(s, nth);
	tally_sheet_text(s, ends[teen || nth % 10 > 3 ? 0 : nth % 10]);
	tally_sheet_text(s, ")");
}

void tally_text_unnamed(struct tally_sheet *s, uint64_t number)
{
	if (!number) {
		tally_sheet_fixed(s, "(no name)");
		return;
	}
	tally_sheet_fixed(s, "column ");
	tally_sheet_count(s, number);
	tally_sheet_fixed(s, " (no name)");
}

void tally_text_column(struct tally_sheet *s, const json_t *object)
{
	const json_t *name = json_object_get(object, "column");
	uint64_t nth = tally_json_count(object, "column_nth");

	if (json_is_string(name) && !json_string_length(name)) {
		tally_text_unnamed(s, tally_json_count(object, "column_index"));
		return;
	}
	tally_text_value(s, name);
	if (nth)
		put_nth(s, nth);
}

/* The text around the first difference of two long values, and where that is. */
static void put_place(struct tally_sheet *s, const json_t *place)
{
	uint64_t at = tally_json_count(place, "character");
	uint64_t before = tally_json_count(place, "characters_before");
	uint64_t after = tally_json_count(place, "characters_after");
	static const char *const fields[] = { "old", "new" };

	for (int i = 0; i < 2; i++) {
		const json_t *text = json_object_get(place, fields[i]);

		if (i)
			tally_sheet_arrow(s);
		tally_sheet_text(s, "\u2026");
		put_span(s,
		         (struct span){ json_string_value(text) ? json_string_value(text) : "",
		                        json_string_length(text) },
		         0);
	}
	tally_sheet_text(s, " (from character ");
	tally_sheet_count(s, at);
	tally_sheet_text(s, " of ");
	tally_sheet_count(s, before);
	if (after != before) {
		tally_sheet_text(s, ", ");
		tally_sheet_count(s, after);
		tally_sheet_text(s, " now");
	}
	tally_sheet_text(s, ")");
}

static bool equal(struct span a, struct span b)
{
	return a.bytes && b.bytes && a.len == b.len && !memcmp(a.bytes, b.bytes, a.len);
}

static struct span field_of(const json_t *value, const char *field)
{
	const json_t *text = json_object_get(value, field);

	return (struct span){ json_string_value(text), json_string_length(text) };
}

static void put_result(struct tally_sheet *s, const json_t *value)
{
	const char *cached = tally_json_string(value, "cached");
	struct span v = json_is_string(value)
	                        ? (struct span){ json_string_value(value), json_string_length(value) }
	                        : field_of(value, "value");

	if (cached && !strcmp(cached, "missing"))
		tally_sheet_text(s, "(not computed)");
	else if (v.bytes && v.len)
		put_span(s, v, 0);
	else
		tally_sheet_text(s, "(empty)");
}

static void put_results(struct tally_sheet *s, const json_t *old, const json_t *now)
{
	put_result(s, old);
	tally_sheet_arrow(s);
	put_result(s, now);
}

static void put_formats(struct tally_sheet *s, const json_t *old, const json_t *now)
{
	const json_t *sides[] = { old, now };

	for (int i = 0; i < 2; i++) {
		struct span v = field_of(sides[i], "format");

		tally_sheet_text(s, i ? "" : ", format ");
		/* a code is full of backslashes: as it stands */
		tally_sheet_safe(s, v.bytes ? v.bytes : "General");
		if (i == 0)
			tally_sheet_arrow(s);
	}
}

/* Cells with formulas or formats: what differs of them, not all there is. @return false: values say it */
static bool put_typed(struct tally_sheet *s, const json_t *old, const json_t *now)
{
	struct span f = field_of(old, "formula"), g = field_of(now, "formula");
	struct span v = json_is_object(old) ? field_of(old, "value") : span_of(old);
	struct span w = json_is_object(now) ? field_of(now, "value") : span_of(now);
	struct span x = field_of(old, "format"), y = field_of(now, "format");
	bool formats = !equal(x, y) && (x.bytes || y.bytes), one = f.bytes || g.bytes;

	if (!json_is_object(old) && !json_is_object(now))
		return false;
	if (equal(f, g) && !equal(v, w)) {
		put_results(s, old, now);
	} else if (one && !equal(f, g)) {
		put_value(s, old, 0);
		tally_sheet_arrow(s);
		put_value(s, now, 0);
		if (!equal(v, w)) {
			tally_sheet_text(s, " (");
			put_results(s, old, now);
			tally_sheet_text(s, ")");
		}
	} else if (equal(v, w) && formats) {
		put_value(s, now, 0);
		put_formats(s, old, now);
	} else {
		return false;
	}
	return true;
}

/* Two values that look the same, or a letter in one that looks like another. */
static void put_look_alikes(struct tally_sheet *s, struct span old, struct span now)
{
	struct tally_buf text;

	if (!old.bytes || !now.bytes)
		return;
	tally_buf_init(&text, SIZE_MAX / 2);
	if (tally_words_look_alikes(&text, old.bytes, old.len, now.bytes, now.len) &&
	    tally_buf_byte(&text, '\0'))
		tally_sheet_text(s, text.bytes);
	else
		s->status = tally_err_nomem(s->err);
	tally_buf_release(&text);
}

static void put_old_new(struct tally_sheet *s, const json_t *change)
{
	const json_t *place = json_object_get(change, "differs_at");
	const json_t *old = json_object_get(change, "old"), *now = json_object_get(change, "new");
	const char *nature = tally_json_string(change, "nature");
	struct span a = span_of(old), b = span_of(now);
	size_t from;

	if (json_is_object(place)) {
		put_place(s, place);
		return;
	}
	if (nature && !strcmp(nature, "recalculated")) {
		put_results(s, old, now);
		return;
	}
	if (put_typed(s, old, now))
		return;
	from = a.bytes && b.bytes ? common(a, b) : 0;
	if (a.bytes && b.bytes && from == a.len && from == b.len && from > 0) {
		tally_text_value(s, old);
		if (json_object_get(change, "old_bytes") || json_object_get(change, "new_bytes"))
			tally_sheet_text(s, " (differs further on)");
		return;
	}
	from = from > SAME_MOST ? from - SAME_KEPT : 0;
	/* at a character's boundary */
	while (from && (inside(a.bytes + from) || inside(b.bytes + from)))
		from--;
	put_value(s, old, from);
	if (a.len - from <= SHORT_MOST && b.len - from <= SHORT_MOST)
		tally_sheet_fixed(s, " \u2192 ");
	else
		tally_sheet_arrow(s);
	put_value(s, now, from);
}

void tally_text_list(struct tally_sheet *s, const json_t *list, const char *between, size_t most)
{
	size_t count = json_array_size(list);

	for (size_t i = 0; i < count && i < most; i++) {
		tally_sheet_text(s, i ? between : "");
		tally_text_value(s, json_array_get(list, i));
	}
	if (count > most)
		tally_sheet_text(s, " \u2026");
}

void tally_text_old_new(struct tally_sheet *s, const json_t *change)
{
	const json_t *place = json_object_get(change, "differs_at");

	put_old_new(s, change);
	if (json_is_object(place))
		put_look_alikes(s, field_of(place, "old"), field_of(place, "new"));
	else
		put_look_alikes(s, span_of(json_object_get(change, "old")),
		                span_of(json_object_get(change, "new")));
}

static void put_fact(struct tally_sheet *s, const json_t *value)
{
	struct span v = { json_string_value(value), json_string_length(value) };
	const char *digest = v.bytes ? strstr(v.bytes, "sha256:") : NULL;
	size_t head;

	if (!v.bytes || !v.len) {
		tally_text_value(s, value);
		return;
	}
	head = digest ? (size_t)(digest - v.bytes) + strlen("sha256:") + DIGEST_SHOWN : v.len;
	if (head >= v.len) {
		put_span_within(s, v, 0, FACT_COLUMNS);
		return;
	}
	put_span_within(s, (struct span){ v.bytes, head }, 0, FACT_COLUMNS);
	tally_sheet_text(s, "\u2026");
	head += strspn(v.bytes + head, "0123456789abcdef");
	put_span_within(s, (struct span){ v.bytes + head, v.len - head }, 0, FACT_COLUMNS);
}

void tally_text_fact_values(struct tally_sheet *s, const json_t *old, const json_t *now)
{
	put_fact(s, json_is_string(old) ? old : now);
	if (!json_is_string(old) || !json_is_string(now) || json_equal(old, now))
		return;
	tally_sheet_arrow(s);
	put_fact(s, now);
	put_look_alikes(s, span_of(old), span_of(now));
}
