/* What differs in a document and is not looked into: see receipt/document_unread.h. */
#include "receipt/document_unread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "receipt/json_util.h"

static const struct tally_fact none = { .name = "unread" };
static const struct tally_fact_change changed = { TALLY_FACT_CHANGED, &none, &none, false };

static json_t *entry(json_t *list, const char *what, const struct tally_fact_change *c, bool *ok)
{
	return tally_unread_entry(list, what, strlen(what), c, "places", ok);
}

/* What a reader would miss, or would want to know of. */
static bool is_of_weight(const char *fact)
{
	static const char *const names[] = { "comment",
		                             "tracked_insertion",
		                             "tracked_deletion",
		                             "link",
		                             "image",
		                             "macro",
		                             "script",
		                             "external_target",
		                             "template",
		                             "hidden_text",
		                             "form_field",
		                             "attachment",
		                             "signature",
		                             "embedded_file",
		                             "hidden_slide" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(fact, names[i]))
			return true;
	return false;
}

static bool is_among(const char *const *names, const char *fact)
{
	for (; *names; names++)
		if (!strcmp(*names, fact))
			return true;
	return false;
}

static size_t count_of(const struct tally_facts *facts, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < facts->count; i++)
		n += !strcmp(facts->facts[i].name, name);
	return n;
}

void tally_document_of_two_formats(json_t *list, const struct tally_facts facts[2],
                                   const char *const *compared, bool *ok)
{
	const struct tally_fact_info *info;
	char what[120];

	entry(list,
	      *compared ? "what is not text (links, pictures, looks)"
	                : "what is not text (comments, links, pictures, looks)",
	      &changed, ok);
	for (size_t i = 0; (info = tally_fact_info(i)) != NULL && *ok; i++) {
		size_t before = count_of(&facts[0], info->id), after = count_of(&facts[1], info->id);

		if (before == after || !is_of_weight(info->id) || is_among(compared, info->id))
			continue;
		snprintf(what, sizeof what, "%s (%zu before, %zu after)", info->many, before, after);
		entry(list, what, &changed, ok);
	}
}

/* ---- looks ---- */

/* Equal texts look the same or not; of those that were edited the kinds of looks and their order count. */
static bool looks_differ(const struct tally_block *b, const struct tally_block *a)
{
	return b->hash == a->hash && b->len == a->len ? b->look != a->look
	                                              : b->rough_look != a->rough_look;
}

static void add_looks(json_t *list, const struct tally_document_places *places, size_t after,
                      const struct tally_limits *limits, bool *ok)
{
	json_t *at = json_object_get(entry(list, "looks and layout", &changed, ok), "places");
	char where[TALLY_PLACE_MAX];

	if (json_array_size(at) >= limits->table_details)
		return;
	tally_document_where(where, places, after);
	tally_json_add(at, tally_json_text(where, strlen(where)), ok);
}

/* ---- pages ---- */

/* Of a page whose words are others as well: that they are told says nothing of what lies over or beside them. */
static void add_page(json_t *list, const struct tally_fact_change *c,
                     const struct tally_limits *limits, bool *ok)
{
	const char *where = (c->after ? c->after : c->before)->where;
	json_t *at;

	/* a page with nothing on it is told by the number of pages */
	if ((c->kind == TALLY_FACT_ADDED || c->kind == TALLY_FACT_REMOVED) &&
	    !strcmp((c->after ? c->after : c->before)->value, "blank"))
		return;
	if (c->kind == TALLY_FACT_MOVED)
		return;
	at = json_object_get(entry(list, "looks and layout", &changed, ok), "places");
	if (json_array_size(at) < limits->table_details)
		tally_json_add(at, tally_json_text(where, strlen(where)), ok);
}

/* ---- pictures ---- */

void tally_document_picture_unread(json_t *list, const struct tally_picture_diff *picture,
                                   const char *where, bool *ok)
{
	json_t *o;

	if (picture->kin != TALLY_PICTURE_NEAR || picture->closely)
		return;
	o = entry(list, "small changes of pictures in another size or way round", &changed, ok);
	if (where)
		tally_json_add(json_object_get(o, "places"),
		               tally_json_text(where, strcspn(where, "!")), ok);
}

/* ---- sums and parts ---- */

/* Sums stand for what is always there in some way; parts come and go. */
static bool is_sum(const struct tally_fact_change *c)
{
	const char *value = (c->after ? c->after : c->before)->value;

	return strlen(value) == 16 && strspn(value, "0123456789abcdef") == 16;
}

/* Comments or tracked changes that came or went had dates of their own. */
static bool went_with_others(const struct tally_facts_diff *facts, const char *what)
{
	static const char *const names[] = { "comment", "tracked_insertion", "tracked_deletion" };

	if (strncmp(what, "dates of ", 9) != 0)
		return false;
	for (size_t i = 0; i < facts->count_count; i++) {
		const struct tally_fact_count *c = &facts->counts[i];

		for (size_t k = 0; k < sizeof names / sizeof *names; k++)
			if (!strcmp(c->name, names[k]) && (c->added || c->removed || c->changed))
				return true;
	}
	return false;
}

void tally_document_unread(json_t *list, const struct tally_text_diff *text,
                           const struct tally_facts_diff *facts,
                           const struct tally_document_places *places,
                           const struct tally_limits *limits, bool *ok)
{
	for (size_t i = 0; i < text->before->count && *ok; i++) {
		size_t a = tally_document_partner(places, i);

		if (a != TALLY_NO_BLOCK &&
		    looks_differ(&text->before->blocks[i], &text->after->blocks[a]))
			add_looks(list, places, a, limits, ok);
	}
	for (size_t i = 0; facts && i < facts->count && *ok; i++)
		if (tally_is_page_look(&facts->changes[i]))
			add_page(list, &facts->changes[i], limits, ok);
	for (size_t i = 0; facts && i < facts->count && *ok; i++) {
		const struct tally_fact_change *c = &facts->changes[i];
		const char *what = (c->after ? c->after : c->before)->where;

		if (tally_is_unread(c) && what && !tally_unread_is_told(c, what) &&
		    !went_with_others(facts, what))
			entry(list, what, is_sum(c) ? &changed : c, ok);
	}
}
