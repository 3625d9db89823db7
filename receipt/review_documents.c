/* Review rules about texts: amounts, dates, negations and names that changed, letters that look alike, what was deleted. */
#include <string.h>

#include "core/ascii.h"
#include "core/hash.h"
#include "receipt/review.h"
#include "receipt/words.h"

enum {
	QUOTED = 60,     /* bytes of a deleted paragraph that are shown */
	AROUND = 32,     /* bytes of text on either side of a word */
	REWRITTEN = 120, /* bytes that came and went in one that was rewritten */
	PAIRS_NAMED = 4, /* of an edit */
	DIGITS = 17      /* of a number whose difference is looked at */
};

static const char *string(const json_t *object, const char *field)
{
	return json_string_value(json_object_get(object, field));
}

static uint64_t number(const json_t *object, const char *field)
{
	json_int_t n = json_integer_value(json_object_get(object, field));

	return n > 0 ? (uint64_t)n : 0;
}

static bool is(const char *text, const char *word)
{
	return text && !strcmp(text, word);
}

static bool has_flag(const json_t *edit, const char *flag)
{
	const json_t *list = json_object_get(edit, "flags");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (is(json_string_value(json_array_get(list, i)), flag))
			return true;
	return false;
}

/* The kinds of changes inside a text, most important first. */
static const struct {
	const char *what;
	enum tally_rule rule;
	enum tally_severity severity;
} kinds[] = {
	{ "negation", TALLY_RULE_text_negation, TALLY_SEVERITY_HIGH },
	{ "amount", TALLY_RULE_text_amount, TALLY_SEVERITY_HIGH },
	{ "date", TALLY_RULE_text_amount, TALLY_SEVERITY_HIGH },
	{ "number", TALLY_RULE_text_amount, TALLY_SEVERITY_HIGH },
	{ "look_alike", TALLY_RULE_text_look_alike, TALLY_SEVERITY_HIGH },
	{ "name", TALLY_RULE_text_name, TALLY_SEVERITY_MEDIUM },
};

enum { KINDS = sizeof kinds / sizeof *kinds };

static void say_place(struct tally_reviewer *v, const json_t *edit)
{
	const json_t *where = json_object_get(edit, "where");
	const char *area = string(where, "area");
	uint64_t n = number(where, "n"), row = number(where, "row");

	if (n && (!area || is(area, "body"))) {
		tally_say(v, "line ");
		tally_say_count(v, n);
		return;
	}
	if (!n) {
		if (area && !is(area, "body") && !is(area, "mail")) {
			tally_say(v, area);
			tally_say(v, ", ");
		}
		tally_say(v, "paragraph ");
		tally_say_count(v, number(where, "paragraph") ? number(where, "paragraph")
		                   : number(edit, "block")    ? number(edit, "block")
		                                              : number(edit, "block_before"));
		return;
	}
	tally_say(v, is(area, "text_box") ? "text box" : area);
	tally_say(v, " ");
	tally_say_count(v, n);
	if (!row)
		return;
	tally_say(v, ", row ");
	tally_say_count(v, row);
	tally_say(v, ", cell ");
	tally_say_count(v, number(where, "cell"));
}

/* One side of a pair; @bytes names its whole length where it was cut. */
static void say_side(struct tally_reviewer *v, const json_t *pair, const char *side, const char *bytes)
{
	tally_say_text(v, string(pair, side));
	if (json_object_get(pair, bytes))
		tally_say(v, " …");
}

/* Up to AROUND bytes at the end or the beginning of a text, no word torn. */
static bool add_beside(struct tally_buf *out, const char *text, bool end)
{
	size_t len = text ? strlen(text) : 0, n = len < AROUND ? len : AROUND;
	bool cut;

	while (n < len && n > 0 && text[end ? len - n - 1 : n] != ' ')
		n--;
	cut = n < len;
	return (!cut || !end || tally_buf_text(out, "… ")) &&
	       tally_buf_add(out, n ? text + (end ? len - n : 0) : "", n) &&
	       (!cut || end || tally_buf_text(out, " …"));
}

/* "Liability is not limited where …": a word that came or went alone, among its neighbours. @return false: not alone */
static bool find_around(struct tally_reviewer *v, struct tally_buf *out, const json_t *edit,
                        const char *op, const char *word)
{
	const json_t *spans = json_object_get(edit, "spans");

	for (size_t i = 0; i < json_array_size(spans); i++) {
		const json_t *s = json_array_get(spans, i), *right = json_array_get(spans, i + 1);
		const json_t *left = i ? json_array_get(spans, i - 1) : NULL;
		const char *text = string(s, "text");
		const char *beside = string(left, string(left, "text_end") ? "text_end" : "text");

		if (!is(string(s, "op"), op) || !text || !strstr(text, word) ||
		    strlen(text) > AROUND || (left && !is(string(left, "op"), "equal")) ||
		    (right && !is(string(right, "op"), "equal")))
			continue;
		if (add_beside(out, beside, true) && tally_buf_text(out, text) &&
		    add_beside(out, string(right, "text"), false))
			return true;
		v->status = tally_err_nomem(v->err);
		return false;
	}
	return false;
}

static void say_lone(struct tally_reviewer *v, const json_t *edit, const json_t *pair, bool gone)
{
	const char *word = string(pair, gone ? "old" : "new");
	struct tally_buf around;

	tally_buf_init(&around, SIZE_MAX / 2);
	say_side(v, pair, gone ? "old" : "new", gone ? "old_bytes" : "new_bytes");
	if (word && find_around(v, &around, edit, gone ? "delete" : "insert", word)) {
		tally_say(v, gone ? " is gone from " : " was put into ");
		tally_say_text(v, around.bytes);
	} else {
		tally_say(v, gone ? " is gone" : " was put in");
	}
	tally_buf_release(&around);
}

static void say_pair(struct tally_reviewer *v, const json_t *edit, const json_t *pair)
{
	const char *old = string(pair, "old"), *now = string(pair, "new");

	/* of characters that nobody sees there may be none */
	old = old && *old ? old : NULL;
	now = now && *now ? now : NULL;
	if (old && now) {
		say_side(v, pair, "old", "old_bytes");
		tally_say(v, " → ");
		say_side(v, pair, "new", "new_bytes");
		if (is(string(pair, "what"), "look_alike") &&
		    !tally_words_look_alikes(&v->what, old, strlen(old), now, strlen(now)))
			v->status = tally_err_nomem(v->err);
	} else if (old || now) {
		say_lone(v, edit, pair, old != NULL);
	}
}

/* Is less left of a paragraph than came and went? Among so many words a single one tells little. */
static bool is_rewritten(const json_t *edit)
{
	const json_t *spans = json_object_get(edit, "spans");
	uint64_t left = 0, changed = 0;

	for (size_t i = 0; i < json_array_size(spans); i++) {
		const json_t *s = json_array_get(spans, i);
		uint64_t n = json_string_length(json_object_get(s, "text"));

		if (is(string(s, "op"), "equal"))
			left += n + number(s, "left_out") +
			        json_string_length(json_object_get(s, "text_end"));
		else
			changed += n;
	}
	return changed > left && changed >= REWRITTEN;
}

/* ---- what became what, as a number ---- */

static uint64_t hash_text(const json_t *pair, const char *field, uint64_t seed)
{
	const char *text = string(pair, field);

	return tally_hash64(text ? text : "", text ? strlen(text) + 1 : 0, seed);
}

/* Its digits only: "CHF 1,650.00" is 165000. @return false: there are none, or too many */
static bool digits_of(const char *text, int64_t *out)
{
	size_t count = 0;

	*out = 0;
	for (; text && *text; text++)
		if (tally_is_digit(*text) && ++count <= DIGITS)
			*out = *out * 10 + (*text - '0');
	return count && count <= DIGITS;
}

/* Of edits that all do the same the odd one is told. */
static void mark_change(struct tally_reviewer *v, const json_t *pairs)
{
	const json_t *only = json_array_size(pairs) == 1 ? json_array_get(pairs, 0) : NULL;
	uint64_t change = 1, difference = 0;
	int64_t old, now;

	for (size_t i = 0; i < json_array_size(pairs); i++)
		change = hash_text(json_array_get(pairs, i), "new",
		                   hash_text(json_array_get(pairs, i), "old", change));
	if (only && digits_of(string(only, "old"), &old) && digits_of(string(only, "new"), &now))
		difference = (uint64_t)(now - old);
	tally_found_change(v, change ? change : 1, difference);
}

/* ---- edits ---- */

struct told {
	uint64_t named, all;
	uint64_t of_kind[KINDS];
	size_t kind; /* the most important one */
};

static void name_pair(struct tally_reviewer *v, const json_t *edit, const json_t *pair,
                      const struct tally_name *path, struct told *told)
{
	if (told->named++ == 0) {
		tally_say(v, "In ");
		tally_say_text(v, path->bytes);
		tally_say(v, ", ");
		say_place(v, edit);
		tally_say(v, ": ");
	} else {
		tally_say(v, ", ");
	}
	say_pair(v, edit, pair);
}

/* A name in which a letter looks like another one is told as that. */
static bool is_told_as_looks(const json_t *pairs, const json_t *pair)
{
	const char *old = string(pair, "old"), *now = string(pair, "new");

	for (size_t i = 0; i < json_array_size(pairs) && is(string(pair, "what"), "name"); i++) {
		const json_t *p = json_array_get(pairs, i);

		if (is(string(p, "what"), "look_alike") && old && is(string(p, "old"), old) &&
		    now && is(string(p, "new"), now))
			return true;
	}
	return false;
}

/* The first pair of each kind, or the others. */
static void name_pairs(struct tally_reviewer *v, const json_t *edit, const struct tally_name *path,
                       bool firsts, struct told *told)
{
	const json_t *pairs = json_object_get(edit, "numbers");

	for (size_t k = 0; k < KINDS; k++) {
		bool first = true;

		for (size_t i = 0; i < json_array_size(pairs); i++) {
			const json_t *p = json_array_get(pairs, i);

			if (!is(string(p, "what"), kinds[k].what) || is_told_as_looks(pairs, p))
				continue;
			if (told->kind == KINDS)
				told->kind = k;
			told->of_kind[k] += firsts;
			if (first == firsts && told->named < PAIRS_NAMED)
				name_pair(v, edit, p, path, told);
			first = false;
		}
		if (!firsts)
			continue;
		told->of_kind[k] += number(json_object_get(edit, "numbers_left_out"), kinds[k].what);
		told->all += told->of_kind[k];
	}
}

/* Line one counts what turns a sentence round and what was agreed. */
static void count_told(struct tally_reviewer *v, const struct told *told,
                       const struct tally_name *path)
{
	uint64_t *const of_rule[] = { [TALLY_RULE_text_negation] = &v->damage.negations,
		                      [TALLY_RULE_text_amount] = &v->damage.numbers,
		                      [TALLY_RULE_text_look_alike] = &v->damage.look_alikes };

	for (size_t k = 0; k < KINDS; k++)
		if (told->of_kind[k] && kinds[k].severity == TALLY_SEVERITY_HIGH)
			tally_review_harm(v, path, of_rule[kinds[k].rule], told->of_kind[k]);
}

/* One finding an edit, ranked as its most important kind, with something of each. */
static bool edited(struct tally_reviewer *v, const json_t *edit, const struct tally_name *path)
{
	struct told told = { .kind = KINDS };

	name_pairs(v, edit, path, true, &told);
	if (told.kind == KINDS)
		return false;
	name_pairs(v, edit, path, false, &told);
	if (told.all > told.named) {
		tally_say(v, " and ");
		tally_say_count(v, told.all - told.named);
		tally_say(v, " more");
	}
	tally_found(v, kinds[told.kind].rule,
	            is_rewritten(edit) ? TALLY_SEVERITY_MEDIUM : kinds[told.kind].severity, path,
	            NULL, told.all, told.all);
	mark_change(v, json_object_get(edit, "numbers"));
	if (!is_rewritten(edit))
		count_told(v, &told, path);
	return true;
}

/* ‘The buyer shall …’ */
static void say_beginning(struct tally_reviewer *v, const char *words)
{
	char text[QUOTED + 4];
	size_t n = strlen(words);

	if (n > QUOTED)
		for (n = QUOTED; n > 0 && ((unsigned char)words[n] & 0xC0) == 0x80;)
			n--;
	memcpy(text, words, n);
	strcpy(text + n, words[n] ? "…" : "");
	tally_say_text(v, text);
}

/* ": ‘The buyer shall …’" of the first one that is gone, or that is gone and stands elsewhere. */
static void say_first(struct tally_reviewer *v, const json_t *edits, bool elsewhere, uint64_t count)
{
	for (size_t i = 0; i < json_array_size(edits); i++) {
		const json_t *e = json_array_get(edits, i);
		const char *old = string(e, "old");

		if (!is(string(e, "kind"), "deleted") || !old || has_flag(e, "part") ||
		    has_flag(e, "hidden") || has_flag(e, "proposed") ||
		    json_is_object(json_object_get(e, "moved_to")) != elsewhere)
			continue;
		tally_say(v, count == 1 ? ": " : ", first ");
		say_beginning(v, old);
		return;
	}
}

/* "3 paragraphs", "1 other line" */
static void say_units(struct tally_reviewer *v, const json_t *document, uint64_t count,
                      const char *other)
{
	const char *unit = string(json_object_get(document, "blocks"), "unit");

	tally_say_count(v, count);
	tally_say(v, " ");
	tally_say(v, other);
	tally_say(v, is(unit, "line") || is(unit, "message") ? unit : "paragraph");
	tally_say(v, count == 1 ? "" : "s");
}

/* " of ‘b.txt’, which was deleted, did not go along to ‘a.txt’" */
static void say_left_behind(struct tally_reviewer *v, const json_t *document,
                            const struct tally_name *path)
{
	tally_say(v, " of ");
	tally_say_text(v, string(document, "from"));
	tally_say(v, ", which was deleted, did not go along to ");
	if (number(document, "merged") > 1)
		tally_say(v, "the other documents");
	else
		tally_say_text(v, path->bytes);
}

/* Paragraphs that are gone, all of a document together; those that stand elsewhere are told apart. */
static bool is_emptied(const struct tally_receipt *r, const struct tally_name *path)
{
	for (size_t i = 0; i < r->change_count; i++) {
		const struct tally_receipt_change *c = &r->changes[i];

		if (tally_path_order(&c->path, path) == 0)
			return c->bytes_before && !c->bytes_after;
	}
	return false;
}

static void deleted(struct tally_reviewer *v, const json_t *document, const struct tally_name *path)
{
	const json_t *blocks = json_object_get(document, "blocks");
	uint64_t all = number(blocks, "deleted"), elsewhere = number(document, "moved_out");
	uint64_t known = elsewhere + number(blocks, "deleted_parts") +
	                 number(blocks, "deleted_still_there");
	uint64_t count = all > known ? all - known : 0;
	const char *unit = string(blocks, "unit");
	struct tally_name from = { string(document, "from"),
		                   json_string_length(json_object_get(document, "from")) };

	if (!count || is(unit, "message")) /* messages that are gone are told as such */
		return;
	if (!number(blocks, "after") && is_emptied(v->r, path)) /* told as that */
		return;
	say_units(v, document, count, elsewhere ? "other " : "");
	if (number(document, "merged")) {
		say_left_behind(v, document, path);
	} else {
		tally_say(v, count == 1 ? " is gone from " : " are gone from ");
		tally_say_text(v, path->bytes);
	}
	say_first(v, json_object_get(document, "edits"), false, count);
	tally_found(v, TALLY_RULE_text_deleted, TALLY_SEVERITY_MEDIUM,
	            number(document, "merged") ? &from : path, NULL, count, count);
	tally_review_harm(v, number(document, "merged") ? &from : path,
	                  is(unit, "line") ? &v->damage.lines : &v->damage.paragraphs, count);
}

/* The one document to which all that are listed went, or NULL. */
static const char *only_target(const json_t *edits)
{
	const char *only = NULL;

	for (size_t i = 0; i < json_array_size(edits); i++) {
		const char *path = string(json_object_get(json_array_get(edits, i), "moved_to"),
		                          "path");

		if (path && only && strcmp(path, only) != 0)
			return NULL;
		only = path ? path : only;
	}
	return only;
}

/* How many of those that went elsewhere say something else there. */
static uint64_t edited_of(const json_t *edits)
{
	uint64_t n = 0;

	for (size_t i = 0; i < json_array_size(edits); i++)
		n += json_is_true(json_object_get(
			json_object_get(json_array_get(edits, i), "moved_to"), "edited"));
	return n;
}

/* Paragraphs that are not where they were, and stand in another document or inside other paragraphs of this one. */
static void moved_out(struct tally_reviewer *v, const json_t *document, const struct tally_name *path)
{
	const json_t *edits = json_object_get(document, "edits");
	const char *target = only_target(edits);
	uint64_t count = number(document, "moved_out"), edited = edited_of(edits);

	if (!count)
		return;
	say_units(v, document, count, "");
	tally_say(v, " of ");
	tally_say_text(v, path->bytes);
	tally_say(v, count == 1 ? " stands now in " : " stand now in ");
	if (target && !strcmp(target, path->bytes))
		tally_say(v, "another place of it");
	else if (target)
		tally_say_text(v, target);
	else
		tally_say(v, "other documents");
	if (edited) {
		tally_say(v, ", ");
		if (count > 1) {
			tally_say_count(v, edited);
			tally_say(v, " of them ");
		}
		tally_say(v, "edited");
	}
	say_first(v, edits, true, count);
	tally_found(v, TALLY_RULE_text_elsewhere,
	            edited ? TALLY_SEVERITY_MEDIUM : TALLY_SEVERITY_LOW, path, NULL, count, count);
}

/* Is it a cell that stands in another column of its table? On a slide that went to another one it is another table. */
static bool is_displaced(const json_t *edit)
{
	const json_t *now = json_object_get(edit, "where"),
		     *was = json_object_get(edit, "where_before");
	bool slide = is(string(now, "area"), "slide");

	if (!is(string(edit, "kind"), "moved") || !number(now, "cell") || !number(was, "cell") ||
	    number(now, "cell") == number(was, "cell"))
		return false;
	return slide ? is(string(was, "area"), "slide") && number(now, "n") == number(was, "n")
	             : is(string(now, "area"), "table") && is(string(was, "area"), "table");
}

static void displaced(struct tally_reviewer *v, const json_t *edits, const struct tally_name *path)
{
	const json_t *first = NULL;
	uint64_t count = 0;
	bool digit = false;

	for (size_t i = 0; i < json_array_size(edits); i++) {
		const json_t *e = json_array_get(edits, i);
		const char *text = string(e, "new");

		if (!is_displaced(e) || !text)
			continue;
		first = count++ ? first : e;
		digit |= strpbrk(text, "0123456789") != NULL;
	}
	if (!first)
		return;
	tally_say(v, "In ");
	tally_say_text(v, path->bytes);
	tally_say(v, ", ");
	say_place(v, first);
	tally_say(v, ": ");
	say_beginning(v, string(first, "new"));
	tally_say(v, " stood in cell ");
	tally_say_count(v, number(json_object_get(first, "where_before"), "cell"));
	if (count > 1) {
		tally_say(v, ", and ");
		tally_say_plural(v, count - 1, "more cell stands", "more cells stand");
		tally_say(v, " in another column");
	}
	tally_found(v, TALLY_RULE_text_other_column,
	            digit ? TALLY_SEVERITY_HIGH : TALLY_SEVERITY_MEDIUM, path, NULL, count, count);
}

static void document(struct tally_reviewer *v, const json_t *o)
{
	const json_t *edits = json_object_get(o, "edits");
	struct tally_name path = { string(o, "path"), json_string_length(json_object_get(o, "path")) };

	if (!path.bytes)
		return;
	for (size_t i = 0; i < json_array_size(edits); i++) {
		const json_t *e = json_array_get(edits, i);

		if (json_array_size(json_object_get(e, "spans")) && !edited(v, e, &path) &&
		    has_flag(e, "look_alike")) {
			tally_say(v, "In ");
			tally_say_text(v, path.bytes);
			tally_say(v, ", ");
			say_place(v, e);
			tally_say(v, ": letters that look the same are others now");
			tally_found(v, TALLY_RULE_text_look_alike, TALLY_SEVERITY_HIGH, &path, NULL,
			            1, 1);
		}
	}
	displaced(v, edits, &path);
	deleted(v, o, &path);
	moved_out(v, o, &path);
}

void tally_review_documents(struct tally_reviewer *v)
{
	for (size_t i = 0; i < json_array_size(v->r->documents); i++)
		document(v, json_array_get(v->r->documents, i));
}
