/* Review rule about pages that could be read and cannot be any more: a document that became a scan. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "receipt/json_util.h"
#include "receipt/review.h"

/* The old and the new value of a fact; false: it did not change. */
static bool changed(const json_t *document, const char *fact, const char **old, const char **now)
{
	const json_t *list = json_object_get(document, "facts");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *f = json_array_get(list, i);

		if (!tally_json_is(f, "fact", fact) || !tally_json_is(f, "change", "changed"))
			continue;
		*old = tally_json_string(f, "old");
		*now = tally_json_string(f, "new");
		return *old && *now;
	}
	return false;
}

/* "on 11 of 12 pages" */
static bool pages_of(const char *layer, unsigned long *with, unsigned long *all)
{
	return sscanf(layer, "on %lu of %lu pages", with, all) == 2 && *with <= *all;
}

static void say_gone(struct tally_reviewer *v, const json_t *document, const char *path)
{
	const char *old, *now;

	tally_say_text(v, path);
	tally_say(v, " has no text any more: ");
	if (changed(document, "word_count", &old, &now)) {
		tally_say(v, "its ");
		tally_say_plural(v, strtoull(old, NULL, 10), "word", "words");
		tally_say(v, " cannot be read now, as in a scan");
	} else {
		tally_say(v, "what it says cannot be read now, as in a scan");
	}
}

static void say_fewer(struct tally_reviewer *v, unsigned long more, const char *path, bool lost)
{
	tally_say_plural(v, more, "page", "pages");
	tally_say(v, " of ");
	tally_say_text(v, path);
	tally_say(v, lost ? " lost the text: what " : " came without text: what ");
	tally_say(v, more == 1 ? "it says cannot be read, as in a scan"
	                       : "they say cannot be read, as in a scan");
}

static void document(struct tally_reviewer *v, const json_t *o)
{
	struct tally_name path = { tally_json_string(o, "path"),
		                   json_string_length(json_object_get(o, "path")) };
	unsigned long with[2], all[2], without[2];
	const char *old, *now;

	if (!path.bytes || !changed(o, "text_layer", &old, &now) ||
	    !pages_of(old, &with[0], &all[0]) || !pages_of(now, &with[1], &all[1]))
		return;
	for (int i = 0; i < 2; i++)
		without[i] = all[i] - with[i];
	if (without[1] <= without[0])
		return;
	if (!with[1])
		say_gone(v, o, path.bytes);
	else
		say_fewer(v, without[1] - without[0], path.bytes, with[1] < with[0]);
	tally_found(v, TALLY_RULE_text_layer_lost,
	            with[1] < with[0] ? TALLY_SEVERITY_HIGH : TALLY_SEVERITY_MEDIUM, &path, NULL,
	            without[1] - without[0], without[1] - without[0]);
}

void tally_review_pages(struct tally_reviewer *v)
{
	for (size_t i = 0; i < json_array_size(v->r->documents) && v->status == TALLY_OK; i++)
		document(v, json_array_get(v->r->documents, i));
}
