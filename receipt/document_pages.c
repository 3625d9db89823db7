/* Pages that cannot be read: see receipt/document_pages.h. */
#include "receipt/document_pages.h"

#include <stdlib.h>
#include <string.h>

#include "receipt/json_util.h"

/* Is it about pages without text? */
static bool is_about_pages(const json_t *note)
{
	const char *id = tally_json_string(note, "reason");

	return id && (!strcmp(id, tally_reason_id(TALLY_REASON_NO_TEXT_LAYER)) ||
	              !strcmp(id, tally_reason_id(TALLY_REASON_LETTERS_UNKNOWN)));
}

bool tally_document_has_text(const struct tally_reading *r)
{
	for (size_t i = 0; i < json_array_size(r->notes); i++) {
		const json_t *note = json_array_get(r->notes, i);

		if (is_about_pages(note) && tally_json_is(note, "level", "model"))
			return false;
	}
	return true;
}

static uint64_t facts_of(const struct tally_reading *r, const char *name)
{
	uint64_t n = 0;

	for (size_t i = 0; i < r->facts.count; i++)
		n += !strcmp(r->facts.facts[i].name, name);
	return n;
}

static uint64_t page_count(const struct tally_reading *r)
{
	for (size_t i = 0; i < r->facts.count; i++)
		if (!strcmp(r->facts.facts[i].name, "page_count"))
			return strtoull(r->facts.facts[i].value, NULL, 10);
	return 0;
}

void tally_document_settle_pages(struct tally_reading *r)
{
	uint64_t pages = page_count(r);

	if (!pages || facts_of(r, "page_look") != pages)
		return;
	for (size_t i = json_array_size(r->notes); i-- > 0;)
		if (is_about_pages(json_array_get(r->notes, i)))
			json_array_remove(r->notes, i);
}
