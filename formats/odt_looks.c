/* How an OpenDocument text looks, as numbers: see odt_looks.h. */
#include "formats/odt_looks.h"

#include <string.h>

#include "core/hash.h"

static bool is_one_of(const struct tally_xml_name *name, const char *const *list)
{
	for (; *list; list++)
		if (**list == *name->local && tally_xml_is_called(name, *list))
			return true;
	return false;
}

static bool ends_in(const struct tally_xml_name *name, const char *end)
{
	size_t n = strlen(end);

	return name->len >= n && !memcmp(name->local + name->len - n, end, n);
}

bool tally_odt_is_text(const struct tally_xml_name *name)
{
	static const char *const begin[] = { "list-", "outline-", "notes-conf", "linenumbering-conf" };

	for (size_t i = 0; i < sizeof begin / sizeof *begin; i++)
		if (name->len >= strlen(begin[i]) &&
		    !memcmp(name->local, begin[i], strlen(begin[i])) &&
		    !tally_xml_is_called(name, "list-item") &&
		    !tally_xml_is_called(name, "list-header"))
			return false;
	return name->ns == TALLY_XML_TEXT;
}

/* ---- what is left out ---- */

/* Numbers of things, made anew by whoever saves. */
static bool is_number(const struct tally_xml_attr *a)
{
	static const char *const ids[] = {
		"id",          "z-index",   "change-id",     "continue-list",
		"control",     "end-shape", "rsid",          "paragraph-rsid",
		"start-shape", "tab-ref",   "targetElement", NULL
	};

	return a->name.ns == TALLY_XML_XML || is_one_of(&a->name, ids);
}

/* "page7": a slide that nobody gave a name */
static bool is_counted(const struct tally_xml_attr *a)
{
	return a->len > 4 && !memcmp(a->value, "page", 4) && a->value[4] >= '0' && a->value[4] <= '9';
}

/* What a field shows is text; the time that it had at the last saving is none of its own. */
static bool is_of_saving(const struct tally_xml_start *e, const struct tally_xml_attr *a)
{
	return (tally_xml_is_called(&a->name, "date-value") ||
	        tally_xml_is_called(&a->name, "time-value")) &&
	       e->name.ns == TALLY_XML_TEXT && a->name.ns == TALLY_XML_TEXT &&
	       !tally_attr_is(tally_xml_attr(e, TALLY_XML_TEXT, "fixed"), "true");
}

/* Where pictures and objects lie: their contents are told, and where links lead to. */
static bool is_target(const struct tally_xml_start *e, const struct tally_xml_attr *a)
{
	static const char *const told[] = { "a",      "event-listener", "floating-frame",
		                            "image",  "object",         "object-ole",
		                            "plugin", "section-source", "script",
		                            NULL };

	return a->name.ns == TALLY_XML_XLINK && tally_xml_is_called(&a->name, "href") &&
	       is_one_of(&e->name, told);
}

static bool is_told(const struct tally_xml_start *e, const struct tally_xml_attr *a)
{
	static const char *const of_field[] = { "condition", "connection-name", "formula",
		                                "name",      "ref-name",        NULL };
	static const char *const of_form[] = { "current-state", "current-value", "label",
		                               "name",          "value",         NULL };

	if (e->name.ns == TALLY_XML_FORM && a->name.ns == TALLY_XML_FORM &&
	    !tally_xml_is_called(&e->name, "form"))
		return is_one_of(&a->name, of_form);
	return e->name.ns == TALLY_XML_TEXT && a->name.ns == TALLY_XML_TEXT &&
	       is_one_of(&a->name, of_field);
}

static bool is_left_out(const struct tally_xml_start *e, const struct tally_xml_attr *a)
{
	static const char *const repeated[] = { "number-columns-repeated", "number-rows-repeated",
		                                NULL };

	if (is_number(a) || is_of_saving(e, a) || is_target(e, a))
		return true;
	/* rows and cells are counted */
	if (e->name.ns == TALLY_XML_TABLE && is_one_of(&a->name, repeated))
		return !tally_xml_is_called(&e->name, "table-column");
	if (e->name.ns == TALLY_XML_DRAW && tally_xml_is_called(&e->name, "page") &&
	    tally_xml_is_called(&a->name, "name"))
		return is_counted(a);
	/* a comment's name is a number, and whether it is resolved is told */
	return e->name.ns == TALLY_XML_OFFICE && e->name.len >= 10 &&
	       !memcmp(e->name.local, "annotation", 10) &&
	       (tally_xml_is_called(&a->name, "name") || tally_xml_is_called(&a->name, "resolved"));
}

/* ---- styles stand for what they say ---- */

static const char *family_of_text(const struct tally_xml_name *element)
{
	static const char *const sections[] = { "section",
		                                "table-of-content",
		                                "illustration-index",
		                                "table-index",
		                                "object-index",
		                                "user-index",
		                                "alphabetical-index",
		                                "bibliography",
		                                "index-title",
		                                NULL };

	if (tally_xml_is_called(element, "p") || tally_xml_is_called(element, "h"))
		return "paragraph";
	if (tally_xml_is_called(element, "list") ||
	    tally_xml_is_called(element, "numbered-paragraph"))
		return "list";
	if (tally_xml_is_called(element, "ruby"))
		return "ruby";
	return is_one_of(element, sections) ? "section" : "text";
}

static const char *family_of_table(const struct tally_xml_name *element)
{
	static const char *const families[] = { "table-row", "table-column", "table-cell" };

	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		if (tally_xml_is_called(element, families[i]))
			return families[i];
	return tally_xml_is_called(element, "covered-table-cell") ? "table-cell" : "table";
}

/* NULL: the value is no style */
static const char *family_of(const struct tally_xml_name *element, const struct tally_xml_name *a)
{
	if (!ends_in(a, "style-name"))
		return NULL;
	if (tally_xml_is_called(a, "data-style-name"))
		return "data";
	if (tally_xml_is_called(a, "list-style-name"))
		return "list";
	if (tally_xml_is_called(a, "text-style-name"))
		return "paragraph";
	switch (a->ns) {
	case TALLY_XML_TEXT:
		return family_of_text(element);
	case TALLY_XML_TABLE:
		return family_of_table(element);
	case TALLY_XML_PRESENTATION:
		return "presentation";
	default:
		return tally_xml_is_called(element, "page") || tally_xml_is_called(element, "notes")
		               ? "drawing-page"
		               : "graphic";
	}
}

static uint64_t said_by(const struct tally_odt_styles *styles, const struct tally_xml_start *e,
                        const struct tally_xml_attr *a)
{
	const char *family = family_of(&e->name, &a->name);
	uint64_t name = tally_hash64(a->name.local, a->name.len, 1);

	return family ? tally_odt_styles_sum(styles, family, a) * 31 + name
	              : tally_hash64(a->value, a->len, name);
}

uint64_t tally_odt_look_of(const struct tally_odt_styles *styles, const struct tally_xml_start *e,
                           bool told)
{
	uint64_t sum = 0; /* in any order */

	for (size_t i = 0; i < e->attr_count; i++)
		if (!is_left_out(e, &e->attrs[i]) && !(told && is_told(e, &e->attrs[i])))
			sum += said_by(styles, e, &e->attrs[i]);
	return sum ? tally_hash64(e->name.local, e->name.len, sum) : 0;
}

/* ---- an element ---- */

/* Told by what they do, or by numbers that nobody sees. */
static bool is_passed_over(const struct tally_xml_name *name)
{
	static const char *const text[] = { "bookmark",        "bookmark-end",
		                            "bookmark-start",  "change",
		                            "change-end",      "change-start",
		                            "line-break",      "s",
		                            "soft-page-break", NULL };

	return name->ns == TALLY_XML_TEXT && is_one_of(name, text);
}

void tally_odt_look_at(const struct tally_odt_styles *styles, const struct tally_xml_start *e,
                       bool told, struct tally_looks *looks, uint64_t *run)
{
	bool text = e->name.ns == TALLY_XML_TEXT;
	uint64_t said;

	if (text && (tally_xml_is_called(&e->name, "p") || tally_xml_is_called(&e->name, "h")))
		*run = 0;
	if (e->name.ns == TALLY_XML_STYLE || is_passed_over(&e->name))
		return; /* styles are told by who has them */
	said = tally_odt_look_of(styles, e, told);
	if (text && tally_xml_is_called(&e->name, "span"))
		*run = *run * 31 + said;
	else if (said || text || e->name.ns == TALLY_XML_OFFICE)
		tally_looks_mark(looks, said);
	else
		tally_looks_mark(looks, tally_hash64(e->name.local, e->name.len, 1));
}
