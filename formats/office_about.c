/* Properties of an Office Open XML document: who made it, when, with what, and those that somebody added. */
#include "formats/office_facts.h"

#include <string.h>

struct about {
	struct tally_office_facts *f;
	const char *fact; /* of the element that is open; NULL: none of interest */
	const char *where;
	bool truth; /* its value is one */
	struct tally_fact_text text;
	char name[1024]; /* of the property of somebody's own */
};

static const struct {
	int ns;
	const char *local;
	const char *fact, *where;
} known[] = {
	{ TALLY_XML_DC, "creator", "author", NULL },
	{ TALLY_XML_PROPERTIES, "lastModifiedBy", "last_modified_by", NULL },
	{ TALLY_XML_DC, "title", "title", NULL },
	{ TALLY_XML_DCTERMS, "created", "created", NULL },
	{ TALLY_XML_DCTERMS, "modified", "modified", NULL },
	{ TALLY_XML_DC, "subject", "property", "subject" },
	{ TALLY_XML_DC, "description", "property", "description" },
	{ TALLY_XML_PROPERTIES, "keywords", "property", "keywords" },
	{ TALLY_XML_PROPERTIES, "category", "property", "category" },
	{ TALLY_XML_PROPERTIES, "contentStatus", "property", "status" },
	{ TALLY_XML_PROPERTIES, "version", "property", "version" },
	{ TALLY_XML_PROPERTIES, "lastPrinted", "property", "printed" },
	{ TALLY_XML_DC, "identifier", "property", "identifier" },
	{ TALLY_XML_DC, "language", "property", "language" },
	{ TALLY_XML_EXTENDED, "Company", "property", "company" },
	{ TALLY_XML_EXTENDED, "Manager", "property", "manager" },
	{ TALLY_XML_EXTENDED, "Application", "property", "saved by" },
	{ TALLY_XML_EXTENDED, "HyperlinkBase", "property", "base of links" },
	{ TALLY_XML_EXTENDED, "Template", "template", NULL },
};

static void begin(struct about *a, const char *fact, const char *where)
{
	a->fact = fact;
	a->where = where;
	a->truth = false;
	tally_fact_text_clear(&a->text);
}

static enum tally_status on_start(void *payload, const struct tally_xml_start *e,
                                  struct tally_err *err)
{
	struct about *a = payload;
	const struct tally_xml_attr *name;
	size_t len;

	(void)err;
	a->truth |= tally_xml_is(&e->name, TALLY_XML_VARIANT, "bool");
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (tally_xml_is(&e->name, (enum tally_xml_ns)known[i].ns, known[i].local)) {
			begin(a, known[i].fact, known[i].where);
			return TALLY_OK;
		}
	if (!tally_xml_is(&e->name, TALLY_XML_CUSTOM, "property"))
		return TALLY_OK;
	name = tally_xml_attr(e, TALLY_XML_NONE, "name");
	len = !name ? 0 : name->len < sizeof a->name ? name->len : sizeof a->name - 1;
	if (len)
		memcpy(a->name, name->value, len);
	a->name[len] = '\0';
	begin(a, "custom_property", a->name);
	return TALLY_OK;
}

static enum tally_status on_text(void *payload, const char *text, size_t len, struct tally_err *err)
{
	struct about *a = payload;

	(void)err;
	if (a->fact)
		tally_fact_text_add(&a->text, text, len);
	return TALLY_OK;
}

/* "LibreOffice/7.4.7.2$Linux_X86_64 …": the program, not which day's */
static void drop_version(struct tally_fact_text *t)
{
	if (t->buf.len)
		t->buf.len = strcspn(t->buf.bytes, "/$");
}

/* "2013-11-22T22:41:51.00Z": nobody needs to know it better than to the second */
static void drop_fraction(struct tally_fact_text *t)
{
	char *dot = t->buf.len ? strchr(t->buf.bytes, '.') : NULL;
	size_t digits = dot ? strspn(dot + 1, "0123456789") : 0;

	if (!dot)
		return;
	memmove(dot, dot + 1 + digits, strlen(dot + 1 + digits) + 1);
	t->buf.len -= 1 + digits;
}

/* The standard asks for a time of the world; some programs leave its mark out */
static void add_zone(struct tally_fact_text *t)
{
	size_t n = t->buf.len;

	if (n == strlen("2013-12-30T00:56:46") && t->buf.bytes[n - 1] >= '0' &&
	    t->buf.bytes[n - 1] <= '9')
		tally_fact_text_put(t, "Z");
}

/* Truth is "true" or "1" */
static void put_truth(struct tally_fact_text *t)
{
	bool no = t->buf.len == 1 && t->buf.bytes[0] == '0';

	if (t->buf.len != 1 || (!no && t->buf.bytes[0] != '1'))
		return;
	tally_fact_text_clear(t);
	tally_fact_text_put(t, no ? "false" : "true");
}

static enum tally_status push(struct about *a, struct tally_err *err)
{
	struct tally_office_facts *f = a->f;
	const char *fact = a->fact;

	a->fact = NULL;
	if (a->text.no_memory)
		return tally_err_nomem(err);
	if (a->where && !strcmp(a->where, "saved by"))
		drop_version(&a->text);
	if (!strcmp(fact, "created") || !strcmp(fact, "modified")) {
		drop_fraction(&a->text);
		add_zone(&a->text);
	}
	if (a->truth)
		put_truth(&a->text);
	if (!a->text.buf.len && strcmp(fact, "custom_property") != 0)
		return TALLY_OK;
	tally_fact_text_join(tally_office_begin(f), &a->text);
	tally_fact_text_put(&f->where, a->where ? a->where : "");
	return tally_office_push(f, fact, NULL, err);
}

static enum tally_status on_end(void *payload, const struct tally_xml_name *name,
                                struct tally_err *err)
{
	struct about *a = payload;

	/* values of properties of somebody's own stand in elements of their types */
	if (!a->fact || name->ns == TALLY_XML_VARIANT)
		return TALLY_OK;
	return push(a, err);
}

enum tally_status tally_office_about(struct tally_office_facts *f, struct tally_err *err)
{
	static const char *const types[] = { "core-properties", "extended-properties",
		                             "extendedProperties", "custom-properties",
		                             "customProperties" };
	struct about a = { .f = f };
	const struct tally_xml_handler handler = {
		.payload = &a, .start = on_start, .end = on_end, .text = on_text
	};
	const struct tally_relation *list;
	size_t count;
	enum tally_status st = tally_office_relations(f, "", &list, &count, err);

	tally_fact_text_init(&a.text);
	for (size_t i = 0; i < count && st >= 0; i++)
		for (size_t k = 0; k < sizeof types / sizeof *types && st >= 0; k++) {
			a.fact = NULL;
			if (!list[i].external && !strcmp(list[i].type, types[k]))
				st = tally_office_parse(f, list[i].target, &handler, err);
		}
	tally_fact_text_release(&a.text);
	return st;
}
