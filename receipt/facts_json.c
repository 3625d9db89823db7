/* Facts as JSON: see receipt/facts_json.h. */
#include "receipt/facts_json.h"

#include <string.h>

#include "core/ascii.h"
#include "receipt/json_util.h"
#include "receipt/picture_json.h"

static const char *const changes[] = { "added", "removed", "changed", "moved", "strayed" };

const char *tally_fact_change_name(enum tally_fact_kind kind)
{
	return changes[kind];
}

/* ---- writing ---- */

static json_t *text_or_null(const char *text)
{
	return text ? tally_json_text(text, strlen(text)) : json_null();
}

static bool differ(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) != 0 : a != b;
}

static void set_value(json_t *o, const char *field, const char *bytes,
                      const struct tally_fact *fact, const struct tally_limits *limits, bool *ok)
{
	size_t len = fact ? strlen(fact->value) : 0, n = len;

	if (n > limits->cell_shown)
		n = (size_t)limits->cell_shown;
	/* not in the middle of a character */
	while (fact && n < len && n > 0 && ((unsigned char)fact->value[n] & 0xC0) == 0x80)
		n--;
	tally_json_set(o, field, fact ? tally_json_text(fact->value, n) : json_null(), ok);
	if (n < len)
		tally_json_set(o, bytes, json_integer((json_int_t)len), ok);
}

json_t *tally_fact_json(const struct tally_fact_change *change, json_t *picture,
                        const struct tally_limits *limits)
{
	const struct tally_fact *before = change->before, *after = change->after;
	const struct tally_fact *now = after ? after : before;
	json_t *o = json_object();
	bool ok = true;

	tally_json_set(o, "fact", text_or_null(now->name), &ok);
	tally_json_set(o, "change", json_string_nocheck(changes[change->kind]), &ok);
	set_value(o, "old", "old_bytes", before, limits, &ok);
	set_value(o, "new", "new_bytes", after, limits, &ok);
	tally_json_set(o, "by", text_or_null(now->by), &ok);
	tally_json_set(o, "where", text_or_null(now->where), &ok);
	if (before && after && differ(before->by, after->by))
		tally_json_set(o, "by_before", text_or_null(before->by), &ok);
	if (before && after && differ(before->where, after->where))
		tally_json_set(o, "where_before", text_or_null(before->where), &ok);
	if (change->elsewhere)
		tally_json_set(o, "moved", json_true(), &ok);
	if (picture)
		tally_json_set(o, "picture", picture, &ok);
	if (ok)
		return o;
	json_decref(o);
	return NULL;
}

json_t *tally_fact_counts_json(const struct tally_facts_diff *diff)
{
	json_t *list = json_array();
	bool ok = true;

	for (size_t i = 0; i < diff->count_count && ok; i++) {
		const struct tally_fact_count *c = &diff->counts[i];

		if (!strcmp(c->name, "unread") || !strcmp(c->name, "page_look"))
			continue; /* told where nobody looked */

		tally_json_add(list,
		               json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "fact",
		                         text_or_null(c->name), "before", (json_int_t)c->before,
		                         "after", (json_int_t)c->after, "added", (json_int_t)c->added,
		                         "removed", (json_int_t)c->removed, "changed",
		                         (json_int_t)c->changed, "moved", (json_int_t)c->moved),
		               &ok);
	}
	if (ok)
		return list;
	json_decref(list);
	return NULL;
}

/* ---- checking ---- */

static bool is_word(const json_t *value)
{
	const char *c = json_string_value(value);

	if (!c || !*c)
		return false;
	while (tally_is_lower(*c) || *c == '_')
		c++;
	return !*c;
}

static bool is_change(const json_t *value)
{
	/* what documents say of tracked changes */
	static const char *const more[] = { "accepted", "rejected" };
	const char *word = json_string_value(value);

	for (size_t i = 0; word && i < sizeof changes / sizeof *changes; i++)
		if (!strcmp(word, changes[i]))
			return true;
	for (size_t i = 0; word && i < sizeof more / sizeof *more; i++)
		if (!strcmp(word, more[i]))
			return true;
	return false;
}

static bool is_text(const json_t *object, const char *field)
{
	const json_t *value = json_object_get(object, field);

	return !value || json_is_null(value) || json_is_string(value);
}

bool tally_fact_good(const json_t *fact)
{
	static const char *const texts[] = { "old",   "new",       "by",
		                             "where", "by_before", "where_before" };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (!is_text(fact, texts[i]))
			return false;
	if (json_object_get(fact, "kind"))
		return is_word(json_object_get(fact, "kind"));
	if (json_object_get(fact, "picture") && !tally_picture_good(json_object_get(fact, "picture")))
		return false;
	return is_word(json_object_get(fact, "fact")) && is_change(json_object_get(fact, "change"));
}

bool tally_fact_count_good(const json_t *count)
{
	static const char *const numbers[] = { "before",  "after",   "added",
		                               "removed", "changed", "moved" };

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		const json_t *n = json_object_get(count, numbers[i]);

		if (!json_is_integer(n) || json_integer_value(n) < 0)
			return false;
	}
	return is_word(json_object_get(count, "fact")) &&
	       tally_json_count(count, "before") - tally_json_count(count, "removed") +
	                       tally_json_count(count, "added") ==
	               tally_json_count(count, "after");
}
