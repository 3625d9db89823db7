/* Review rules about texts: amounts, dates, negations and names that changed, letters that look alike, what was deleted. */
#include <string.h>

#include "receipt/review.h"
#include "receipt/words.h"

enum { QUOTED = 60 /* bytes of a deleted paragraph that are shown */ };

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
		tally_say(v, "paragraph ");
		tally_say_count(v, number(edit, "block") ? number(edit, "block")
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

static void say_pair(struct tally_reviewer *v, const json_t *pair)
{
	const char *old = string(pair, "old"), *new = string(pair, "new");

	/* of characters that nobody sees there may be none */
	old = old && *old ? old : NULL;
	new = new &&*new ? new : NULL;
	if (old && new) {
		tally_say_text(v, old);
		tally_say(v, " → ");
		tally_say_text(v, new);
		if (is(string(pair, "what"), "look_alike") &&
		    !tally_words_look_alikes(&v->what, old, strlen(old), new, strlen(new)))
			v->status = tally_err_nomem(v->err);
	} else if (old || new) {
		tally_say_text(v, old ? old : new);
		tally_say(v, old ? " is gone" : " was put in");
	}
}

/* One finding an edit: its most important kind, with all pairs of that kind. */
static bool edited(struct tally_reviewer *v, const json_t *edit, const struct tally_name *path)
{
	const json_t *pairs = json_object_get(edit, "numbers");

	for (size_t k = 0; k < KINDS; k++) {
		uint64_t found = 0;

		for (size_t i = 0; i < json_array_size(pairs); i++) {
			const json_t *p = json_array_get(pairs, i);

			if (!is(string(p, "what"), kinds[k].what) || ++found > TALLY_EXAMPLES)
				continue;
			if (found == 1) {
				tally_say(v, "In ");
				tally_say_text(v, path->bytes);
				tally_say(v, ", ");
				say_place(v, edit);
				tally_say(v, ": ");
			} else {
				tally_say(v, ", ");
			}
			say_pair(v, p);
		}
		if (!found)
			continue;
		if (found > TALLY_EXAMPLES) {
			tally_say(v, " and ");
			tally_say_count(v, found - TALLY_EXAMPLES);
			tally_say(v, " more");
		}
		tally_found(v, kinds[k].rule, kinds[k].severity, path, NULL, found, found);
		return true;
	}
	return false;
}

/* ": ‘The buyer shall …’" of the first one that is gone, or that is gone and stands elsewhere. */
static void say_first(struct tally_reviewer *v, const json_t *edits, bool elsewhere, uint64_t count)
{
	for (size_t i = 0; i < json_array_size(edits); i++) {
		const json_t *e = json_array_get(edits, i);
		const char *old = string(e, "old");
		char text[QUOTED + 4];
		size_t n;

		if (!is(string(e, "kind"), "deleted") || !old ||
		    json_is_object(json_object_get(e, "moved_to")) != elsewhere)
			continue;
		n = strlen(old);
		if (n > QUOTED)
			for (n = QUOTED; n > 0 && ((unsigned char)old[n] & 0xC0) == 0x80;)
				n--;
		memcpy(text, old, n);
		strcpy(text + n, old[n] ? "…" : "");
		tally_say(v, count == 1 ? ": " : ", first ");
		tally_say_text(v, text);
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

/* Paragraphs that are gone, all of a document together; those that stand elsewhere are told apart. */
static void deleted(struct tally_reviewer *v, const json_t *document, const struct tally_name *path)
{
	uint64_t count = number(json_object_get(document, "blocks"), "deleted");
	uint64_t elsewhere = number(document, "moved_out");
	const char *unit = string(json_object_get(document, "blocks"), "unit");

	count = count > elsewhere ? count - elsewhere : 0;
	if (!count || is(unit, "message")) /* messages that are gone are told as such */
		return;
	say_units(v, document, count, elsewhere ? "other " : "");
	tally_say(v, count == 1 ? " is gone from " : " are gone from ");
	tally_say_text(v, path->bytes);
	say_first(v, json_object_get(document, "edits"), false, count);
	tally_found(v, TALLY_RULE_text_deleted, TALLY_SEVERITY_MEDIUM, path, NULL, count, count);
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

/* Paragraphs that are not where they were, and stand in another document or inside other paragraphs of this one. */
static void moved_out(struct tally_reviewer *v, const json_t *document, const struct tally_name *path)
{
	const json_t *edits = json_object_get(document, "edits");
	const char *target = only_target(edits);
	uint64_t count = number(document, "moved_out");

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
	say_first(v, edits, true, count);
	tally_found(v, TALLY_RULE_text_elsewhere, TALLY_SEVERITY_LOW, path, NULL, count, count);
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
	deleted(v, o, &path);
	moved_out(v, o, &path);
}

void tally_review_documents(struct tally_reviewer *v)
{
	for (size_t i = 0; i < json_array_size(v->r->documents); i++)
		document(v, json_array_get(v->r->documents, i));
}
