/* The package file of an EPUB: see epub_package.h. */
#include "formats/epub_package.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

static const char container[] = "META-INF/container.xml", encryption[] = "META-INF/encryption.xml";

enum { ITEMS_MOST = 100000 };

/* ---- encryption ---- */

/* Fonts that are made unreadable for other books are no secret: everything else that is encrypted is. */
static enum tally_status on_encrypted(void *payload, const struct tally_xml_start *e,
                                      struct tally_err *err)
{
	const struct tally_xml_attr *how = tally_xml_attr(e, TALLY_XML_NONE, "Algorithm");

	(void)payload;
	if (!tally_xml_is_called(&e->name, "EncryptionMethod") ||
	    tally_attr_is(how, "http://www.idpf.org/2008/embedding") ||
	    tally_attr_is(how, "http://ns.adobe.com/pdf/enc#RC"))
		return TALLY_OK;
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_ENCRYPTED, "a book with copy protection");
}

static enum tally_status check_encryption(struct tally_epub *b, struct tally_err *err)
{
	const struct tally_xml_handler handler = { .start = on_encrypted };

	if (!tally_package_has(b->facts->p, encryption))
		return TALLY_OK;
	return tally_package_xml(b->facts->p, encryption, &handler, err);
}

/* ---- where the package file is ---- */

static enum tally_status on_root(void *payload, const struct tally_xml_start *e, struct tally_err *err)
{
	struct tally_epub *b = payload;
	const struct tally_xml_attr *path = tally_xml_attr(e, TALLY_XML_NONE, "full-path");

	if (b->main || !path || !tally_xml_is_called(&e->name, "rootfile"))
		return TALLY_OK;
	return tally_package_target(&b->main, b->facts->p, "", path->value, path->len, err);
}

/* ---- what is in the book ---- */

static const char *copy(struct tally_epub *b, const struct tally_xml_attr *a)
{
	return tally_arena_dup(&b->facts->arena, a ? a->value : "", a ? a->len : 0);
}

bool tally_epub_has_word(const struct tally_xml_attr *a, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; a && i + n <= a->len; i++)
		if (!memcmp(a->value + i, word, n) && (!i || a->value[i - 1] == ' ') &&
		    (i + n == a->len || a->value[i + n] == ' '))
			return true;
	return false;
}

static enum tally_status too_many(struct tally_err *err)
{
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT, "a book of more than %d files",
	                     ITEMS_MOST);
}

static enum tally_status add_item(struct tally_epub *b, const struct tally_xml_start *e,
                                  struct tally_err *err)
{
	const struct tally_xml_attr *href = tally_xml_attr(e, TALLY_XML_NONE, "href");
	const struct tally_xml_attr *type = tally_xml_attr(e, TALLY_XML_NONE, "media-type");
	struct tally_epub_item item = {
		.contents = tally_epub_has_word(tally_xml_attr(e, TALLY_XML_NONE, "properties"),
		                                "nav") ||
		            tally_attr_is(type, "application/x-dtbncx+xml")
	};
	enum tally_status st;

	if (!href)
		return TALLY_OK;
	if (b->item_count >= ITEMS_MOST)
		return too_many(err);
	st = tally_package_target(&item.part, b->facts->p, b->main, href->value, href->len, err);
	if (st < 0)
		return st;
	item.id = copy(b, tally_xml_attr(e, TALLY_XML_NONE, "id"));
	item.type = copy(b, type);
	if (!item.id || !item.type ||
	    !tally_grow(&b->items, &b->item_cap, b->item_count, sizeof *b->items))
		return tally_err_nomem(err);
	b->items[b->item_count++] = item;
	return TALLY_OK;
}

static enum tally_status add_spine(struct tally_epub *b, const struct tally_xml_start *e,
                                   struct tally_err *err)
{
	const char *id;

	if (b->spine_count >= ITEMS_MOST)
		return too_many(err);
	id = copy(b, tally_xml_attr(e, TALLY_XML_NONE, "idref"));
	if (!id || !tally_grow(&b->spine, &b->spine_cap, b->spine_count, sizeof *b->spine))
		return tally_err_nomem(err);
	b->spine[b->spine_count++] = id;
	return TALLY_OK;
}

/* ---- what the book says of itself ---- */

struct opf {
	struct tally_epub *b;
	const char *fact, *where; /* of the element that is open; NULL: none of interest */
	struct tally_fact_text text;
};

static const struct {
	const char *local, *fact, *where;
} known[] = {
	{ "title", "title", NULL },
	{ "creator", "author", NULL },
	{ "date", "created", NULL },
	{ "language", "property", "language" },
	{ "publisher", "property", "publisher" },
	{ "identifier", "property", "identifier" },
	{ "subject", "property", "subject" },
	{ "description", "property", "description" },
	{ "rights", "property", "rights" },
	{ "contributor", "property", "contributor" },
	{ "source", "property", "source" },
	{ "type", "property", "type" },
	{ "format", "property", "format" },
	{ "relation", "property", "relation" },
	{ "coverage", "property", "coverage" },
};

/* EPUB 3: the name is an attribute, the text stands in the element */
static enum tally_status meta_start(struct opf *o, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	const struct tally_xml_attr *property = tally_xml_attr(e, TALLY_XML_NONE, "property");

	if (!property || !tally_xml_is_called(&e->name, "meta"))
		return TALLY_OK;
	o->fact = tally_attr_is(property, "dcterms:modified") ? "modified" : "property";
	o->where = tally_attr_is(property, "dcterms:modified") ? NULL : copy(o->b, property);
	return o->where || *o->fact == 'm' ? TALLY_OK : tally_err_nomem(err);
}

static enum tally_status opf_start(void *payload, const struct tally_xml_start *e,
                                   struct tally_err *err)
{
	struct opf *o = payload;
	enum tally_status st;

	o->fact = NULL;
	tally_fact_text_clear(&o->text);
	for (size_t i = 0; e->name.ns == TALLY_XML_DC && i < sizeof known / sizeof *known; i++)
		if (tally_xml_is_called(&e->name, known[i].local)) {
			o->fact = known[i].fact;
			o->where = known[i].where;
			return TALLY_OK;
		}
	st = meta_start(o, e, err);
	if (st >= 0)
		st = tally_epub_says_start(o->b, e, err);
	if (st >= 0 && tally_xml_is_called(&e->name, "item"))
		return add_item(o->b, e, err);
	return st >= 0 && tally_xml_is_called(&e->name, "itemref") ? add_spine(o->b, e, err) : st;
}

static enum tally_status opf_text(void *payload, const char *text, size_t len, struct tally_err *err)
{
	struct opf *o = payload;

	(void)err;
	if (o->fact)
		tally_fact_text_add(&o->text, text, len);
	return TALLY_OK;
}

static enum tally_status opf_end(void *payload, const struct tally_xml_name *name,
                                 struct tally_err *err)
{
	struct opf *o = payload;
	struct tally_office_facts *f = o->b->facts;
	const char *fact = o->fact;

	(void)name;
	o->fact = NULL;
	if (!fact || !o->text.buf.len)
		return TALLY_OK;
	tally_fact_text_join(tally_office_begin(f), &o->text);
	tally_fact_text_put(&f->where, o->where ? o->where : "");
	return tally_office_push(f, fact, NULL, err);
}

/* ---- finding items ---- */

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct tally_epub_item *)a)->id,
	              ((const struct tally_epub_item *)b)->id);
}

static int to_id(const void *id, const void *item)
{
	return strcmp(id, ((const struct tally_epub_item *)item)->id);
}

const struct tally_epub_item *tally_epub_by_id(const struct tally_epub *b, const char *id)
{
	if (!b->item_count)
		return NULL;
	return bsearch(id, b->items, b->item_count, sizeof *b->items, to_id);
}

static int by_part(const void *a, const void *b)
{
	return strcmp((*(const struct tally_epub_item *const *)a)->part,
	              (*(const struct tally_epub_item *const *)b)->part);
}

static int to_part(const void *part, const void *item)
{
	return strcmp(part, (*(const struct tally_epub_item *const *)item)->part);
}

const struct tally_epub_item *tally_epub_by_part(const struct tally_epub *b, const char *part)
{
	const struct tally_epub_item *const *found = NULL;

	if (b->item_count)
		found = bsearch(part, b->by_part, b->item_count, sizeof *b->by_part, to_part);
	return found ? *found : NULL;
}

static enum tally_status sort_items(struct tally_epub *b, struct tally_err *err)
{
	b->by_part = tally_alloc_zero(b->item_count, sizeof(const struct tally_epub_item *));
	if (!b->by_part)
		return tally_err_nomem(err);
	if (b->item_count > 1)
		qsort(b->items, b->item_count, sizeof *b->items, by_id);
	for (size_t i = 0; i < b->item_count; i++)
		b->by_part[i] = &b->items[i];
	if (b->item_count > 1)
		qsort(b->by_part, b->item_count, sizeof *b->by_part, by_part);
	return TALLY_OK;
}

/* ---- all of it ---- */

static enum tally_status read_opf(struct tally_epub *b, struct tally_err *err)
{
	struct opf o = { .b = b };
	const struct tally_xml_handler handler = {
		.payload = &o, .start = opf_start, .end = opf_end, .text = opf_text
	};
	enum tally_status st;

	tally_fact_text_init(&o.text);
	st = tally_package_xml(b->facts->p, b->main, &handler, err);
	if (st >= 0 && o.text.no_memory)
		st = tally_err_nomem(err);
	tally_fact_text_release(&o.text);
	return st < 0 ? st : sort_items(b, err);
}

enum tally_status tally_epub_open(struct tally_epub *b, struct tally_err *err)
{
	const struct tally_xml_handler handler = { .payload = b, .start = on_root };
	enum tally_status st = check_encryption(b, err);

	if (st >= 0)
		st = tally_package_xml(b->facts->p, container, &handler, err);
	if (st >= 0 && !b->main)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED,
		                     "it does not say where its package file is");
	if (st >= 0)
		st = read_opf(b, err);
	return st < 0 ? st : tally_epub_says_end(b, err);
}

void tally_epub_release(struct tally_epub *b)
{
	tally_free(b->items);
	tally_free(b->by_part);
	tally_free(b->spine);
	tally_fact_pairs_release(&b->says);
}
