/* What the package file of an EPUB says of its parts (cover, guide, order, media types): see epub_package.h. */
#include <string.h>

#include "formats/epub_package.h"

static const char cover[] = "cover", older[] = "cover (for older readers)",
		  aside[] = "beside the order of reading";

static enum tally_status say(struct tally_epub *b, const char *value, const char *where,
                             struct tally_err *err)
{
	struct tally_office_facts *f = b->facts;

	tally_fact_text_put(tally_office_begin(f), value);
	tally_fact_text_put(&f->where, where);
	return tally_office_push(f, "property", NULL, err);
}

static enum tally_status say_attr(struct tally_epub *b, const struct tally_xml_attr *value,
                                  const char *where, struct tally_err *err)
{
	struct tally_office_facts *f = b->facts;

	if (!value || !value->len)
		return TALLY_OK;
	tally_fact_text_attr(tally_office_begin(f), value);
	tally_fact_text_put(&f->where, where);
	return tally_office_push(f, "property", NULL, err);
}

/* Said at the end, by the name of the part: ids are other ones in each program */
static enum tally_status later(struct tally_epub *b, const char *where,
                               const struct tally_xml_attr *id, struct tally_err *err)
{
	return !id ? TALLY_OK
	           : tally_office_pair(b->facts, &b->says, where, strlen(where), id->value, id->len,
	                               err);
}

static enum tally_status on_itemref(struct tally_epub *b, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	const struct tally_xml_attr *id = tally_xml_attr(e, TALLY_XML_NONE, "idref");
	enum tally_status st = say_attr(b, tally_xml_attr(e, TALLY_XML_NONE, "properties"),
	                                "layout of a chapter", err);

	if (st < 0 || !tally_attr_is(tally_xml_attr(e, TALLY_XML_NONE, "linear"), "no"))
		return st;
	return later(b, aside, id, err);
}

/* "Start: text.xhtml" */
static enum tally_status on_reference(struct tally_epub *b, const struct tally_xml_start *e,
                                      struct tally_err *err)
{
	const struct tally_xml_attr *href = tally_xml_attr(e, TALLY_XML_NONE, "href");
	const struct tally_xml_attr *title = tally_xml_attr(e, TALLY_XML_NONE, "title");
	const struct tally_xml_attr *type = tally_xml_attr(e, TALLY_XML_NONE, "type");
	struct tally_office_facts *f = b->facts;

	if (!href)
		return TALLY_OK;
	tally_office_begin(f);
	if (title && title->len) {
		tally_fact_text_attr(&f->value, title);
		tally_fact_text_put(&f->value, ": ");
	}
	tally_fact_text_attr(&f->value, href);
	tally_fact_text_put(&f->where, "guide");
	if (type && type->len) {
		tally_fact_text_put(&f->where, ", ");
		tally_fact_text_attr(&f->where, type);
	}
	return tally_office_push(f, "property", NULL, err);
}

/* EPUB 2: the name and the text are attributes */
static enum tally_status on_meta(struct tally_epub *b, const struct tally_xml_start *e,
                                 struct tally_err *err)
{
	const struct tally_xml_attr *name = tally_xml_attr(e, TALLY_XML_NONE, "name");
	const struct tally_xml_attr *content = tally_xml_attr(e, TALLY_XML_NONE, "content");
	struct tally_office_facts *f = b->facts;

	if (!name || !content)
		return TALLY_OK;
	if (tally_attr_is(name, "cover"))
		return later(b, older, content, err);
	tally_fact_text_attr(tally_office_begin(f), content);
	tally_fact_text_attr(&f->where, name);
	return tally_office_push(f, "property", NULL, err);
}

enum tally_status tally_epub_says_start(struct tally_epub *b, const struct tally_xml_start *e,
                                        struct tally_err *err)
{
	if (tally_xml_is_called(&e->name, "spine"))
		return say_attr(b, tally_xml_attr(e, TALLY_XML_NONE, "page-progression-direction"),
		                "direction of pages", err);
	if (tally_xml_is_called(&e->name, "item") &&
	    tally_epub_has_word(tally_xml_attr(e, TALLY_XML_NONE, "properties"), "cover-image"))
		return later(b, cover, tally_xml_attr(e, TALLY_XML_NONE, "id"), err);
	if (tally_xml_is_called(&e->name, "itemref"))
		return on_itemref(b, e, err);
	if (tally_xml_is_called(&e->name, "reference"))
		return on_reference(b, e, err);
	return tally_xml_is_called(&e->name, "meta") ? on_meta(b, e, err) : TALLY_OK;
}

/* Is the media type the one that the name promises? */
static bool as_named(const struct tally_epub_item *item)
{
	static const char *const types[][2] = {
		{ "xhtml", "application/xhtml+xml" },
		{ "html", "application/xhtml+xml" },
		{ "htm", "application/xhtml+xml" },
		{ "xml", "application/xhtml+xml" },
		{ "css", "text/css" },
		{ "ncx", "application/x-dtbncx+xml" },
		{ "png", "image/png" },
		{ "jpg", "image/jpeg" },
		{ "jpeg", "image/jpeg" },
		{ "gif", "image/gif" },
		{ "svg", "image/svg+xml" },
		{ "webp", "image/webp" },
		{ "ttf", "font/ttf" },
		{ "otf", "font/otf" },
		{ "woff", "font/woff" },
		{ "woff2", "font/woff2" },
		{ "js", "text/javascript" },
		{ "mp3", "audio/mpeg" },
		{ "mp4", "video/mp4" },
	};
	const char *dot = strrchr(item->part, '.');

	for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
		if (!strcmp(dot + 1, types[i][0]))
			return !strcmp(item->type, types[i][1]);
	return false;
}

enum tally_status tally_epub_says_end(struct tally_epub *b, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < b->says.count && st >= 0; i++) {
		const char *id = b->says.items[i].value;
		const struct tally_epub_item *item = tally_epub_by_id(b, id);

		st = say(b, item ? item->part : id, b->says.items[i].key, err);
	}
	for (size_t i = 0; i < b->item_count && st >= 0; i++) {
		const struct tally_epub_item *item = b->by_part[i];
		struct tally_office_facts *f = b->facts;

		if (as_named(item))
			continue;
		tally_fact_text_put(tally_office_begin(f), *item->type ? item->type : "none");
		tally_fact_text_put(&f->where, "media type of ");
		tally_fact_text_put(&f->where, item->part);
		st = tally_office_push(f, "property", NULL, err);
	}
	return st;
}
