/* How an OpenDocument text looks, as numbers: see odt_looks.h. */
#include "formats/odt_looks.h"

#include <string.h>

#include "core/hash.h"

static bool is(const struct tally_xml_name *name, const char *local)
{
	return strlen(local) == name->len && !memcmp(local, name->local, name->len);
}

static bool ends_in_name(const struct tally_xml_name *name)
{
	return name->len >= 4 && !memcmp(name->local + name->len - 4, "name", 4);
}

bool tally_odt_is_list_style(const struct tally_xml_name *name)
{
	static const char *const begin[] = { "list-", "outline-", "notes-conf", "linenumbering-conf" };

	for (size_t i = 0; i < sizeof begin / sizeof *begin; i++)
		if (name->len >= strlen(begin[i]) &&
		    !memcmp(name->local, begin[i], strlen(begin[i])) && !is(name, "list-item") &&
		    !is(name, "list-header"))
			return true;
	return false;
}

static uint64_t style_of(const struct tally_odt_styles *styles, const char *family,
                         const struct tally_xml_start *e, enum tally_xml_ns ns)
{
	return tally_odt_styles_sum(styles, family, tally_xml_attr(e, ns, "style-name"));
}

/* Numbers and names of things, where their content lies, what is repeated; styles are told by what they say. */
static bool is_left_out(const struct tally_xml_name *name)
{
	return ends_in_name(name) || is(name, "id") || is(name, "href") || is(name, "z-index") ||
	       is(name, "number-rows-repeated") || is(name, "number-columns-repeated");
}

static uint64_t attributes(const struct tally_xml_start *e)
{
	uint64_t sum = tally_hash64(e->name.local, e->name.len, 1);

	for (size_t i = 0; i < e->attr_count; i++) {
		const struct tally_xml_attr *a = &e->attrs[i];

		if (a->name.ns != TALLY_XML_OFFICE && !is_left_out(&a->name))
			sum += tally_hash64(a->value, a->len,
			                    tally_hash64(a->name.local, a->name.len, 1));
	}
	return sum;
}

/* "table-cell" of <table:table-cell> is what its styles are called, too */
static uint64_t look_of_table(const struct tally_odt_styles *styles, const struct tally_xml_start *e)
{
	static const char *const families[] = { "table", "table-row", "table-column", "table-cell" };

	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		if (is(&e->name, families[i]))
			return style_of(styles, families[i], e, TALLY_XML_TABLE);
	return 0;
}

static uint64_t look_of_drawing(const struct tally_odt_styles *styles,
                                const struct tally_xml_start *e)
{
	const struct tally_xml_attr *master = tally_xml_attr(e, TALLY_XML_DRAW, "master-page-name");

	if (is(&e->name, "page"))
		return style_of(styles, "drawing-page", e, TALLY_XML_DRAW) +
		       (master ? tally_hash64(master->value, master->len, 2) : 0);
	return style_of(styles, "graphic", e, TALLY_XML_DRAW) +
	       style_of(styles, "presentation", e, TALLY_XML_PRESENTATION);
}

void tally_odt_look_at(const struct tally_odt_styles *styles, const struct tally_xml_start *e,
                       struct tally_looks *looks, uint64_t *run)
{
	switch (e->name.ns) {
	case TALLY_XML_TEXT:
		if (is(&e->name, "p") || is(&e->name, "h")) {
			*run = 0;
			tally_looks_mark(looks, style_of(styles, "paragraph", e, TALLY_XML_TEXT));
		} else if (is(&e->name, "span")) {
			*run = *run * 31 + style_of(styles, "text", e, TALLY_XML_TEXT);
		} else if (is(&e->name, "section")) {
			tally_looks_mark(looks, style_of(styles, "section", e, TALLY_XML_TEXT));
		} else if (is(&e->name, "note")) {
			tally_looks_mark(looks, 1);
		}
		break;
	case TALLY_XML_TABLE:
		tally_looks_mark(looks, attributes(e) + look_of_table(styles, e));
		break;
	case TALLY_XML_DRAW:
	case TALLY_XML_PRESENTATION:
		tally_looks_mark(looks, attributes(e) + look_of_drawing(styles, e));
		break;
	default:
		break;
	}
}
