/* Presentations of Office Open XML: .pptx, .pptm, .ppsx and their templates (ECMA-376, strict and transitional). */
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "formats/format.h"
#include "formats/looks.h"
#include "formats/office_facts.h"
#include "formats/office_file.h"
#include "formats/pptx_slide.h"

static const char *const suffixes[] = { ".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm", NULL };

static const char *const types[] = {
	"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
	"application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml",
	"application/vnd.openxmlformats-officedocument.presentationml.template.main+xml",
	"application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml",
	"application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml",
	"application/vnd.ms-powerpoint.template.macroEnabled.main+xml",
	NULL,
};

static int pptx_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	(void)size;
	return tally_office_probe(bytes, len, name, suffixes, "ppt/");
}

static enum tally_status pptx_confirm(struct tally_source *src, struct tally_err *err)
{
	return tally_office_confirm(src, types, suffixes, "ppt/", err);
}

struct pptx_reading {
	struct tally_pptx doc;
	struct tally_office_facts facts;
	const char *main;
	const struct tally_relation *relations; /* of the main part */
	size_t relation_count;
	struct tally_fact_pairs authors; /* of comments: id → name */
	const char **slides;             /* parts, in order */
	size_t slide_count, slide_cap;
	uint64_t settings; /* sum of what its main part says besides its slides */
	uint64_t remarks; /* sum of what comments say besides their text, and those who made them */
};

/* ---- the order of the slides ---- */

static enum tally_status main_start(void *payload, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	struct pptx_reading *r = payload;
	const struct tally_xml_attr *id = tally_xml_attr_id(e, TALLY_XML_RELATIONSHIP,
	                                                    TALLY_XML_ID_id);
	const struct tally_relation *to;

	if (!tally_xml_is_called(&e->name, "sldId"))
		r->settings = tally_looks_sum(r->settings, e);
	if (e->name.ns != TALLY_XML_SLIDE || e->name.id != TALLY_XML_ID_sldId || !id)
		return TALLY_OK;
	if (!tally_grow(&r->slides, &r->slide_cap, r->slide_count, sizeof *r->slides))
		return tally_err_nomem(err);
	to = tally_relation_by_id(r->relations, r->relation_count, id->value, id->len);
	r->slides[r->slide_count++] = to && !to->external ? to->target : NULL;
	return TALLY_OK;
}

/* ---- comments ---- */

struct comments {
	struct pptx_reading *r;
	uint32_t slide;
	const char *by, *thread_by; /* whose words are gathered; who began the thread */
	struct tally_fact_text text;
	bool open, in_text;
};

/* who comments: <p:cmAuthor id name>, in newer files <author id name> */
static enum tally_status author_start(void *payload, const struct tally_xml_start *e,
                                      struct tally_err *err)
{
	struct pptx_reading *r = payload;
	const struct tally_xml_attr *id = tally_xml_attr(e, TALLY_XML_NONE, "id"),
				    *name = tally_xml_attr(e, TALLY_XML_NONE, "name");

	r->remarks += e->depth > 1 ? tally_looks_sum(0, e) : 0; /* in any order */
	if (!id || !name)
		return TALLY_OK;
	return tally_office_pair(&r->facts, &r->authors, id->value, id->len, name->value, name->len,
	                         err);
}

static enum tally_status push_comment(struct comments *c, struct tally_err *err)
{
	struct tally_office_facts *f = &c->r->facts;
	char where[32];

	if (c->text.no_memory)
		return tally_err_nomem(err);
	if (!c->text.buf.len)
		return TALLY_OK;
	snprintf(where, sizeof where, "slide %u", c->slide);
	tally_fact_text_join(tally_office_begin(f), &c->text);
	tally_fact_text_put(&f->where, where);
	tally_fact_text_clear(&c->text);
	return c->text.no_memory ? tally_err_nomem(err) : tally_office_push(f, "comment", c->by, err);
}

/*
 * Comments of both kinds: <p:cm authorId><p:text>; newer <cm authorId> with <reply authorId><txBody> in it, and its own <txBody>
 * behind these.
 */
static enum tally_status comment_start(void *payload, const struct tally_xml_start *e,
                                       struct tally_err *err)
{
	struct comments *c = payload;
	const struct tally_xml_attr *id = tally_xml_attr(e, TALLY_XML_NONE, "authorId");
	bool thread = tally_xml_is_called(&e->name, "cm");
	enum tally_status st = TALLY_OK;

	if (e->depth > 1)
		c->r->remarks = tally_looks_sum(c->r->remarks, e);
	if (thread || tally_xml_is_called(&e->name, "reply")) {
		st = push_comment(c, err);
		c->open = true;
		c->by = id ? tally_fact_pairs_find(&c->r->authors, id->value, id->len) : NULL;
		c->thread_by = thread ? c->by : c->thread_by;
	}
	c->in_text = c->open && (tally_xml_is_called(&e->name, "text") ||
	                         tally_xml_is_id(&e->name, TALLY_XML_DRAWING, TALLY_XML_ID_t));
	if (c->text.buf.len && tally_xml_is_id(&e->name, TALLY_XML_DRAWING, TALLY_XML_ID_p))
		tally_fact_text_put(&c->text, "\n");
	return st;
}

static enum tally_status comment_text(void *payload, const char *text, size_t len,
                                      struct tally_err *err)
{
	struct comments *c = payload;

	(void)err;
	if (c->in_text)
		tally_fact_text_add(&c->text, text, len);
	return TALLY_OK;
}

static enum tally_status comment_end(void *payload, const struct tally_xml_name *name,
                                     struct tally_err *err)
{
	struct comments *c = payload;
	enum tally_status st = TALLY_OK;

	c->in_text = false;
	if (tally_xml_is_called(name, "reply") || tally_xml_is_called(name, "cm")) {
		st = push_comment(c, err);
		c->by = c->thread_by;
		c->open = tally_xml_is_called(name, "reply");
	}
	return st;
}

static enum tally_status read_comments(struct pptx_reading *r, const char *part, uint32_t slide,
                                       struct tally_err *err)
{
	struct comments c = { .r = r, .slide = slide };
	const struct tally_xml_handler handler = {
		.payload = &c, .start = comment_start, .end = comment_end, .text = comment_text
	};
	enum tally_status st;

	tally_fact_text_init(&c.text);
	st = tally_office_parse(&r->facts, part, &handler, err);
	tally_fact_text_release(&c.text);
	return st;
}

static enum tally_status read_authors(struct pptx_reading *r, struct tally_err *err)
{
	const struct tally_xml_handler handler = { .payload = r, .start = author_start };
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < r->relation_count && st >= 0; i++) {
		const struct tally_relation *to = &r->relations[i];

		if (!to->external &&
		    (!strcmp(to->type, "commentAuthors") || !strcmp(to->type, "authors")))
			st = tally_office_parse(&r->facts, to->target, &handler, err);
	}
	tally_fact_pairs_sort(&r->authors);
	return st;
}

/* ---- slides ---- */

static enum tally_status push_hidden_slide(struct pptx_reading *r, uint32_t n, struct tally_err *err)
{
	struct tally_office_facts *f = &r->facts;
	char where[32];

	snprintf(where, sizeof where, "slide %u", n);
	tally_fact_text_put(tally_office_begin(f), "hidden");
	tally_fact_text_put(&f->where, where);
	return tally_office_push(f, "hidden_slide", NULL, err);
}

/* One that cannot be read costs a note. */
static enum tally_status read_part(struct pptx_reading *r, const char *part, enum tally_area area,
                                   uint32_t n, struct tally_err *err)
{
	const struct tally_block place = { .area = (uint8_t)area, .n = n };
	struct tally_err why = { 0 };
	enum tally_status st = tally_pptx_slide(&r->doc, part, area, n, &why);

	if (st < 0)
		return tally_office_outcome(&r->facts, st, &why, part, err);
	st = tally_office_unread(&r->facts,
	                         area == TALLY_AREA_SLIDE ? "looks and layout of slides"
	                                                  : "looks and layout of notes",
	                         r->doc.layout, err);
	if (st >= 0 && area == TALLY_AREA_SLIDE && r->doc.hidden)
		st = push_hidden_slide(r, n, err);
	return st < 0 ? st : tally_office_shown(&r->facts, part, &r->doc.pointers, &place, err);
}

/* Film and sound of a slide, by content. */
static bool is_media(const struct tally_relation *to)
{
	return !to->external && (!strcmp(to->type, "media") || !strcmp(to->type, "audio"));
}

static enum tally_status push_media(struct pptx_reading *r, const char *part, uint32_t n,
                                    struct tally_err *err)
{
	struct tally_office_facts *f = &r->facts;
	char where[32];
	bool readable;
	enum tally_status st;

	snprintf(where, sizeof where, "slide %u", n);
	tally_office_begin(f);
	st = tally_office_digest(f, part, &readable, err);
	tally_fact_text_put(&f->where, where);
	return st < 0 || !readable ? st : tally_office_push(f, "embedded_file", NULL, err);
}

static enum tally_status read_slide(struct pptx_reading *r, const char *part, uint32_t n,
                                    struct tally_err *err)
{
	const struct tally_relation *list;
	size_t count;
	enum tally_status st = read_part(r, part, TALLY_AREA_SLIDE, n, err);

	if (st >= 0)
		st = tally_office_relations(&r->facts, part, &list, &count, err);
	for (size_t i = 0; st >= 0 && i < count; i++) {
		if (list[i].external)
			continue;
		if (!strcmp(list[i].type, "notesSlide"))
			st = read_part(r, list[i].target, TALLY_AREA_NOTES, n, err);
		else if (!strcmp(list[i].type, "comments"))
			st = read_comments(r, list[i].target, n, err);
		else if (is_media(&list[i]))
			st = push_media(r, list[i].target, n, err);
	}
	return st;
}

static enum tally_status read_slides(struct pptx_reading *r, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < r->slide_count && st >= 0; i++) {
		struct tally_err why = { 0 };

		if (r->slides[i]) {
			st = read_slide(r, r->slides[i], (uint32_t)(i + 1), err);
			continue;
		}
		tally_err_set(&why, TALLY_SKIP, TALLY_REASON_DAMAGED, "slide %zu is missing", i + 1);
		st = tally_office_note(&r->facts, &why, NULL, err);
	}
	return st;
}

static enum tally_status read_presentation(struct pptx_reading *r, struct tally_err *err)
{
	const struct tally_xml_handler handler = { .payload = r, .start = main_start };
	const struct tally_relation *macros;
	const char *type;
	enum tally_status st = tally_office_main(r->facts.p, &r->main, &type, err);

	if (st >= 0 && !tally_office_is_one_of(type, types))
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_FORMAT_UNKNOWN,
		                     "a package that is no presentation");
	if (st >= 0)
		st = tally_package_relations(r->facts.p, r->main, &r->relations, &r->relation_count,
		                             err);
	if (st >= 0)
		st = tally_package_xml(r->facts.p, r->main, &handler, err);
	if (st >= 0)
		st = read_authors(r, err);
	if (st >= 0)
		st = read_slides(r, err);
	if (st < 0)
		return st;
	macros = tally_relation_of_type(r->relations, r->relation_count, "vbaProject");
	if (macros && !macros->external)
		st = tally_office_macros(&r->facts, macros->target, err);
	if (st >= 0)
		st = tally_office_signature(&r->facts, err);
	if (st >= 0)
		st = tally_office_about(&r->facts, err);
	if (st >= 0)
		st = tally_office_unread(&r->facts, "settings", r->settings, err);
	if (st >= 0)
		st = tally_office_unread(&r->facts, "dates and looks of comments", r->remarks, err);
	return st < 0 || !r->facts.sink->fact ? st : tally_office_other_parts(&r->facts, err);
}

static enum tally_status pptx_read(struct tally_source *src, const struct tally_read_options *options,
                                   const struct tally_sink *sink, struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	const struct tally_limits *limits = options->limits ? options->limits : &defaults;
	struct pptx_reading r = { .main = NULL };
	struct tally_package *package;
	enum tally_status st = tally_package_open(&package, src, limits, err);

	if (st < 0)
		return st;
	tally_office_facts_init(&r.facts, package, sink, limits);
	r.doc.facts = &r.facts;
	st = read_presentation(&r, err);
	if (st >= 0)
		st = r.facts.result;
	tally_free(r.slides);
	tally_free(r.doc.pointers.items);
	tally_fact_pairs_release(&r.authors);
	tally_office_facts_release(&r.facts);
	tally_package_close(package);
	return st;
}

const struct tally_format tally_format_pptx = {
	.version = TALLY_FORMAT_VERSION,
	.name = "pptx",
	.suffixes = suffixes,
	.caps = TALLY_CAP_BLOCKS | TALLY_CAP_FACTS | TALLY_CAP_PLACES,
	.probe = pptx_probe,
	.confirm = pptx_confirm,
	.read = pptx_read,
};
