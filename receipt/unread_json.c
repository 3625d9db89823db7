/* What differs and is not looked into, as JSON: see receipt/unread_json.h. */
#include "receipt/unread_json.h"

#include <string.h>

#include "receipt/json_util.h"

bool tally_is_unread(const struct tally_fact_change *c)
{
	return !strcmp((c->after ? c->after : c->before)->name, "unread");
}

bool tally_is_page_look(const struct tally_fact_change *c)
{
	return !strcmp((c->after ? c->after : c->before)->name, "page_look");
}

json_t *tally_unread_entry(json_t *list, const char *what, size_t len,
                           const struct tally_fact_change *c, const char *places, bool *ok)
{
	const char *change = !c->before ? "added" : !c->after ? "removed" : "changed";
	json_t *o;
	size_t i;

	json_array_foreach(list, i, o)
	{
		const char *name = json_string_value(json_object_get(o, "what"));

		if (name && strlen(name) == len && !memcmp(name, what, len))
			return o;
	}
	o = json_object();
	tally_json_set(o, "what", tally_json_text(what, len), ok);
	tally_json_set(o, "change", json_string_nocheck(change), ok);
	tally_json_set(o, places, json_array(), ok);
	if ((c->after ? c->after : c->before)->by) /* a reader says it of parts of unknown kinds */
		tally_json_set(o, "unknown", json_true(), ok);
	tally_json_add(list, o, ok);
	return *ok ? o : NULL;
}

bool tally_unread_is_told(const struct tally_fact_change *c, const char *what)
{
	return !c->after && !c->before->by && strchr(what, '/');
}
