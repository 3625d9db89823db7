/* What stands beside an OpenDocument text: its properties (meta.xml) and its settings (settings.xml). */
#include <string.h>

#include "core/hash.h"
#include "formats/odf_file.h"
#include "formats/odt_read.h"

/* Letters come in portions: byte by byte they are the same. */
static uint64_t add_letters(uint64_t sum, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!text[i] || !strchr(" \t\r\n", text[i]))
			sum = ((sum ^ (unsigned char)text[i]) + 1) * 0x9E3779B97F4A7C15;
	return sum;
}

static uint64_t attributes(const struct tally_xml_start *e)
{
	uint64_t sum = 0; /* in any order */

	for (size_t i = 0; i < e->attr_count; i++)
		sum += tally_hash64(e->attrs[i].value, e->attrs[i].len,
		                    tally_hash64(e->attrs[i].name.local, e->attrs[i].name.len, 1));
	return sum;
}

/* ---- properties ---- */

struct about {
	struct tally_office_facts *f;
	const char *fact;  /* NULL: no element of interest is open */
	const char *label; /* of a property that people wrote; NULL: another one */
	struct tally_fact_text text, name;
	uint64_t element, rest; /* what is not told: of this element, of all */
};

static const char *label_of(const struct tally_xml_name *name)
{
	static const struct {
		enum tally_xml_ns ns;
		const char *local, *label;
	} labels[] = {
		{ TALLY_XML_DC, "description", "description" },
		{ TALLY_XML_DC, "subject", "subject" },
		{ TALLY_XML_DC, "language", "language" },
		{ TALLY_XML_META, "keyword", "keywords" },
		{ TALLY_XML_META, "printed-by", "printed by" },
		{ TALLY_XML_META, "print-date", "printed" },
	};

	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
		if (tally_xml_is(name, labels[i].ns, labels[i].local))
			return labels[i].label;
	return NULL;
}

/* Counted at each saving. */
static bool is_counted(const struct tally_xml_name *name)
{
	return tally_xml_is(name, TALLY_XML_META, "editing-cycles") ||
	       tally_xml_is(name, TALLY_XML_META, "editing-duration") ||
	       tally_xml_is(name, TALLY_XML_META, "document-statistic");
}

/* What an element says that no fact tells. */
static uint64_t rest_of(const struct about *a, const struct tally_xml_start *e)
{
	if (e->name.ns == TALLY_XML_OFFICE || is_counted(&e->name) || a->fact)
		return a->fact && strcmp(a->fact, "custom_property") == 0 ? attributes(e) : 0;
	return tally_hash64(e->name.local, e->name.len, attributes(e) + 1);
}

static enum tally_status about_start(void *payload, const struct tally_xml_start *e,
                                     struct tally_err *err)
{
	struct about *a = payload;
	const struct tally_xml_attr *href = tally_xml_attr(e, TALLY_XML_XLINK, "href");

	a->label = label_of(&e->name);
	a->fact = a->label ? "property" : tally_odf_property(&e->name);
	tally_fact_text_clear(&a->text);
	tally_fact_text_clear(&a->name);
	if (tally_xml_is(&e->name, TALLY_XML_META, "user-defined")) {
		a->fact = "custom_property";
		tally_fact_text_attr(&a->name, tally_xml_attr(e, TALLY_XML_META, "name"));
	}
	a->element = rest_of(a, e);
	if (!tally_xml_is(&e->name, TALLY_XML_META, "template") || !href)
		return TALLY_OK;
	tally_fact_text_attr(tally_office_begin(a->f), href);
	return tally_office_push(a->f, "template", NULL, err);
}

static enum tally_status about_text(void *payload, const char *text, size_t len, struct tally_err *err)
{
	struct about *a = payload;

	(void)err;
	if (a->fact)
		tally_fact_text_add(&a->text, text, len);
	else if (a->element)
		a->element = add_letters(a->element, text, len);
	return TALLY_OK;
}

static enum tally_status about_end(void *payload, const struct tally_xml_name *name,
                                   struct tally_err *err)
{
	struct about *a = payload;
	const char *fact = a->fact;

	(void)name;
	a->fact = NULL;
	a->rest += a->element;
	a->element = 0;
	if (a->text.no_memory)
		return tally_err_nomem(err);
	if (!fact || !a->text.buf.len)
		return TALLY_OK;
	if (strcmp(fact, "custom_property") != 0 && !a->label)
		tally_odf_property_tidy(fact, a->text.buf.bytes);
	tally_fact_text_put(tally_office_begin(a->f), tally_fact_text_end(&a->text));
	tally_fact_text_put(&a->f->where, a->label                   ? a->label
	                                  : strcmp(fact, "property") ? tally_fact_text_end(&a->name)
	                                                             : "saved by");
	if (a->name.no_memory)
		return tally_err_nomem(err);
	return tally_office_push(a->f, fact, NULL, err);
}

enum tally_status tally_odt_about(struct tally_office_facts *f, struct tally_err *err)
{
	struct about a = { .f = f };
	const struct tally_xml_handler handler = {
		.payload = &a, .start = about_start, .end = about_end, .text = about_text
	};
	enum tally_status st = TALLY_OK;

	tally_fact_text_init(&a.text);
	tally_fact_text_init(&a.name);
	if (tally_package_has(f->p, "meta.xml"))
		st = tally_office_parse(f, "meta.xml", &handler, err);
	tally_fact_text_release(&a.text);
	tally_fact_text_release(&a.name);
	return st < 0 ? st : tally_office_unread(f, "other properties", a.rest, err);
}

/* ---- settings ---- */

enum { SETTINGS_DEEP = 16 }; /* deeper ones are taken together */

struct settings {
	struct tally_office_facts *f;
	uint64_t names[SETTINGS_DEEP]; /* of the sets around it */
	uint64_t item, sum;
	uint32_t depth, skip; /* skip: of what programs write for themselves, 0: nothing is left out */
	bool set;             /* the item that is open has letters */
	const char *guard;    /* what it protects; NULL: another one */
};

/* Windows, printers and numbers of savings. */
static bool is_own_affair(const struct tally_xml_attr *name)
{
	static const char *const names[] = { "ooo:view-settings",
		                             "view-settings",
		                             "PrinterName",
		                             "PrinterSetup",
		                             "Rsid",
		                             "RsidRoot",
		                             NULL };

	for (size_t i = 0; name && names[i]; i++)
		if (tally_attr_is(name, names[i]))
			return true;
	return false;
}

static enum tally_status settings_start(void *payload, const struct tally_xml_start *e,
                                        struct tally_err *err)
{
	struct settings *s = payload;
	const struct tally_xml_attr *name = tally_xml_attr(e, TALLY_XML_CONFIG, "name");
	uint32_t at = e->depth < SETTINGS_DEEP ? e->depth : SETTINGS_DEEP - 1;

	(void)err;
	s->depth = e->depth;
	if (!s->skip && is_own_affair(name))
		s->skip = e->depth;
	s->names[at] = s->names[at - (at > 0)] * 31 + attributes(e);
	s->item = s->names[at];
	s->set = false;
	s->guard = tally_attr_is(name, "RedlineProtectionKey") ? "tracking of changes"
	           : tally_attr_is(name, "modify:hash")        ? "file"
	                                                       : NULL;
	return TALLY_OK;
}

static enum tally_status settings_text(void *payload, const char *text, size_t len,
                                       struct tally_err *err)
{
	struct settings *s = payload;
	uint64_t before = s->item;

	(void)err;
	s->item = add_letters(before, text, len);
	s->set |= s->item != before;
	return TALLY_OK;
}

static enum tally_status settings_end(void *payload, const struct tally_xml_name *name,
                                      struct tally_err *err)
{
	struct settings *s = payload;
	const char *guard = s->set && !s->skip ? s->guard : NULL;

	/* in any order */
	if (!s->skip && tally_xml_is(name, TALLY_XML_CONFIG, "config-item"))
		s->sum += s->item;
	s->skip = s->skip == s->depth ? 0 : s->skip;
	s->depth--;
	s->guard = NULL;
	if (!guard || !s->f->sink->fact)
		return TALLY_OK;
	tally_fact_text_put(tally_office_begin(s->f), "password needed to change it");
	tally_fact_text_put(&s->f->where, guard);
	return tally_office_push(s->f, "protection", NULL, err);
}

enum tally_status tally_odt_settings(struct tally_office_facts *f, struct tally_err *err)
{
	struct settings s = { .f = f };
	const struct tally_xml_handler handler = {
		.payload = &s, .start = settings_start, .end = settings_end, .text = settings_text
	};
	enum tally_status st = TALLY_OK;

	if (tally_package_has(f->p, "settings.xml"))
		st = tally_office_parse(f, "settings.xml", &handler, err);
	return st < 0 ? st : tally_office_unread(f, "settings", s.sum, err);
}
