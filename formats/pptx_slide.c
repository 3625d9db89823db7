/* The XML of a slide: see pptx_slide.h. */
#include "formats/pptx_slide.h"

#include <stdio.h>
#include <string.h>

#include "core/hash.h"
#include "formats/looks.h"
#include "formats/story.h"

enum {
	WHERE_BYTES = 64,
	SHOWN_MOST = 200, /* bytes of a link's text that are told */
	LEVEL_MOST = 9,
};

struct slide {
	struct tally_pptx *doc;
	enum tally_area area;
	uint32_t n;
	const struct tally_relation *relations;
	size_t relation_count;
	/* depths of elements that are open, 0: none is */
	uint32_t depth;
	uint32_t shape; /* p:sp, p:pic, p:graphicFrame … : the innermost */
	uint32_t skip;  /* left out with all in it */
	uint32_t table; /* a:tbl */
	struct tally_office_choices choices;
	struct {
		bool title, number, hidden;
		uint32_t depth; /* of the shape around this one */
	} is;
	uint32_t row, cell;
	struct tally_buf text; /* of the paragraph that is open */
	bool in_paragraph, in_text;
	bool in_number; /* a field that shows the number of the slide */
	uint32_t run;   /* depth of properties of letters that are open, 0: none */
	struct tally_looks looks;
	uint8_t level;
	const struct tally_relation *link; /* of the run that is open */
	size_t link_from;
};

enum { TEXT_MOST = 1 << 26 /* bytes of a paragraph */ };

/* ---- what is pushed ---- */

static void put_where(struct slide *s)
{
	char where[WHERE_BYTES];

	snprintf(where, sizeof where, "%s %u",
	         s->area == TALLY_AREA_NOTES ? "notes of slide" : "slide", s->n);
	tally_fact_text_put(&s->doc->facts->where, where);
}

static enum tally_status push_hidden(struct slide *s, struct tally_err *err)
{
	tally_fact_text_add(tally_office_begin(s->doc->facts), s->text.bytes, s->text.len);
	put_where(s);
	return tally_office_push(s->doc->facts, "hidden_text", NULL, err);
}

static enum tally_status push_paragraph(struct slide *s, struct tally_err *err)
{
	const struct tally_sink *sink = &s->doc->facts->guarded;
	struct tally_block b = { .text = s->text.bytes,
		                 .len = (uint32_t)s->text.len,
		                 .area = (uint8_t)s->area,
		                 .n = s->n };

	if (s->table) {
		b.kind = TALLY_BLOCK_CELL;
		b.row = s->row;
		b.cell = s->cell;
	} else if (s->is.title) {
		b.kind = TALLY_BLOCK_HEADING;
		b.level = 1;
	} else if (s->level) {
		b.kind = TALLY_BLOCK_LIST_ITEM;
		b.level = s->level;
	}
	tally_looks_give(&s->looks, &b);
	return sink->block ? sink->block(sink->payload, &b, err) : TALLY_OK;
}

static void add_layout(struct slide *s, uint64_t sum)
{
	if (sum)
		s->doc->layout = tally_hash64(&sum, sizeof sum, s->doc->layout);
}

static enum tally_status end_paragraph(struct slide *s, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;
	size_t blanks = s->text.len ? strspn(s->text.bytes, " \t\n") : 0;
	bool number = s->is.number ||
	              (s->text.len && !strcmp(s->text.bytes + blanks, TALLY_STORY_PAGE));

	/* the number of a slide is where it stands, no text of its */
	if (blanks < s->text.len && !number)
		st = s->is.hidden ? push_hidden(s, err) : push_paragraph(s, err);
	add_layout(s, s->looks.exact); /* of a paragraph without text */
	s->looks = (struct tally_looks){ 0 };
	tally_buf_clear(&s->text);
	s->in_paragraph = false;
	s->link = NULL; /* one that is left over is for what might be written at the end */
	return st;
}

static enum tally_status push_link(struct slide *s, struct tally_err *err)
{
	struct tally_office_facts *f = s->doc->facts;
	size_t n = s->text.len - s->link_from;

	while (n > SHOWN_MOST || (n && n < s->text.len - s->link_from &&
	                          ((unsigned char)s->text.bytes[s->link_from + n] & 0xC0) == 0x80))
		n--;
	tally_fact_text_put(tally_office_begin(f), s->link->target);
	if (n)
		tally_fact_text_add(&f->where, s->text.bytes + s->link_from, n);
	else
		put_where(s);
	s->link = NULL;
	return tally_office_push(f, "link", NULL, err);
}

static enum tally_status point_to(struct slide *s, enum tally_office_pointer_kind kind,
                                  const struct tally_xml_start *e, enum tally_xml_id attr,
                                  struct tally_err *err)
{
	char where[WHERE_BYTES];

	snprintf(where, sizeof where, "slide %u", s->n);
	return tally_office_point_to(s->doc->facts, &s->doc->pointers, kind,
	                             tally_xml_attr_id(e, TALLY_XML_RELATIONSHIP, attr), where, err);
}

/* ---- start tags ---- */

static const struct tally_xml_attr *plain(const struct tally_xml_start *e, const char *name)
{
	return tally_xml_attr(e, TALLY_XML_NONE, name);
}

static enum tally_status start_slide(struct slide *s, const struct tally_xml_start *e,
                                     struct tally_err *err)
{
	const struct tally_xml_attr *type = plain(e, "type");

	switch (e->name.id) {
	case TALLY_XML_ID_sld:
		s->doc->hidden = tally_attr_is(plain(e, "show"), "0") ||
		                 tally_attr_is(plain(e, "show"), "false");
		break;
	case TALLY_XML_ID_sp:
	case TALLY_XML_ID_pic:
	case TALLY_XML_ID_graphicFrame:
		s->shape = s->depth;
		s->is.title = s->is.number = s->is.hidden = false;
		break;
	case TALLY_XML_ID_cNvPr:
		s->is.hidden = tally_office_flag(e, "hidden");
		break;
	case TALLY_XML_ID_ph:
		s->is.title = tally_attr_is(type, "title") || tally_attr_is(type, "ctrTitle");
		s->is.number = tally_attr_is(type, "sldNum");
		break;
	case TALLY_XML_ID_oleObj:
		return point_to(s, TALLY_POINTER_OBJECT, e, TALLY_XML_ID_id, err);
	default:
		break;
	}
	return TALLY_OK;
}

static void start_link(struct slide *s, const struct tally_xml_start *e)
{
	const struct tally_xml_attr *id = tally_xml_attr_id(e, TALLY_XML_RELATIONSHIP,
	                                                    TALLY_XML_ID_id);

	s->link_from = s->text.len;
	if (id && !s->link)
		s->link = tally_relation_by_id(s->relations, s->relation_count, id->value, id->len);
}

static enum tally_status start_drawing(struct slide *s, const struct tally_xml_start *e,
                                       struct tally_err *err)
{
	uint64_t level;

	switch (e->name.id) {
	case TALLY_XML_ID_p:
		s->in_paragraph = true;
		s->level = 0;
		break;
	case TALLY_XML_ID_pPr:
		level = tally_attr_number(plain(e, "lvl"), 0);
		s->level = (uint8_t)(level < LEVEL_MOST ? level : LEVEL_MOST);
		break;
	case TALLY_XML_ID_fld:
		s->in_number = tally_attr_is(plain(e, "type"), "slidenum");
		break;
	case TALLY_XML_ID_t:
		s->in_text = s->in_paragraph && !s->in_number;
		if (s->in_paragraph && s->in_number && !tally_buf_text(&s->text, TALLY_STORY_PAGE))
			return tally_err_nomem(err);
		break;
	case TALLY_XML_ID_br:
		return tally_buf_byte(&s->text, '\n') ? TALLY_OK : tally_err_nomem(err);
	case TALLY_XML_ID_tbl:
		s->table = s->depth;
		s->doc->tables++;
		s->row = 0;
		break;
	case TALLY_XML_ID_tr:
		s->row++;
		s->cell = 0;
		break;
	case TALLY_XML_ID_tc:
		s->cell++;
		break;
	case TALLY_XML_ID_hlinkClick:
		start_link(s, e);
		break;
	case TALLY_XML_ID_blip:
		return point_to(s, TALLY_POINTER_IMAGE, e, TALLY_XML_ID_embed, err);
	default:
		break;
	}
	return TALLY_OK;
}

/* Properties of letters go with them, those of a paragraph with it; all else is the layout of the slide. */
static void look_at(struct slide *s, const struct tally_xml_start *e)
{
	bool text = e->name.ns == TALLY_XML_DRAWING || e->name.ns == TALLY_XML_SLIDE;

	if (tally_xml_is_called(&e->name, "sld"))
		return; /* whether it is shown is told */
	if (!s->in_paragraph)
		s->doc->layout = tally_looks_sum(s->doc->layout, e);
	else if (tally_xml_is_called(&e->name, "r") || tally_xml_is_called(&e->name, "fld"))
		tally_looks_run(&s->looks);
	else if (s->run)
		tally_looks_run_add(&s->looks, e);
	else if (!text || !(tally_xml_is_called(&e->name, "p") || tally_xml_is_called(&e->name, "t") ||
	                    tally_xml_is_called(&e->name, "br")))
		(tally_xml_is_called(&e->name, "rPr") ? tally_looks_run_add
		                                      : tally_looks_add)(&s->looks, e);
	if (!s->run && s->in_paragraph && tally_xml_is_called(&e->name, "rPr"))
		s->run = s->depth;
}

static enum tally_status on_start(void *payload, const struct tally_xml_start *e,
                                  struct tally_err *err)
{
	struct slide *s = payload;

	s->depth = e->depth;
	if (!s->skip && tally_office_other_choice(&s->choices, e))
		s->skip = s->depth;
	if (s->skip) { /* what another program would show */
		s->doc->layout = tally_looks_sum(s->doc->layout, e);
		return TALLY_OK;
	}
	look_at(s, e);
	if (e->name.ns == TALLY_XML_SLIDE)
		return start_slide(s, e, err);
	return e->name.ns == TALLY_XML_DRAWING ? start_drawing(s, e, err) : TALLY_OK;
}

/* ---- end tags, letters ---- */

static enum tally_status on_end(void *payload, const struct tally_xml_name *name,
                                struct tally_err *err)
{
	struct slide *s = payload;
	uint32_t depth = s->depth--;

	s->in_text = false;
	s->run = s->run == depth ? 0 : s->run;
	if (s->skip) {
		s->skip = s->skip == depth ? 0 : s->skip;
		return TALLY_OK;
	}
	if (s->shape == depth) {
		s->shape = 0;
		s->is.title = s->is.number = s->is.hidden = false;
	}
	s->table = s->table == depth ? 0 : s->table;
	if (name->ns == TALLY_XML_SLIDE && name->id == TALLY_XML_ID_cNvPr && s->link)
		return push_link(s, err); /* of the whole shape */
	if (name->ns != TALLY_XML_DRAWING)
		return TALLY_OK;
	s->in_number &= name->id != TALLY_XML_ID_fld;
	if ((name->id == TALLY_XML_ID_r || name->id == TALLY_XML_ID_fld) && s->link)
		return push_link(s, err);
	return name->id == TALLY_XML_ID_p ? end_paragraph(s, err) : TALLY_OK;
}

static enum tally_status on_text(void *payload, const char *text, size_t len, struct tally_err *err)
{
	struct slide *s = payload;

	if (s->skip || !s->in_text)
		return TALLY_OK;
	tally_looks_letters(&s->looks, len);
	if (tally_buf_add(&s->text, text, len))
		return TALLY_OK;
	return s->text.len + len > TEXT_MOST
	               ? tally_err_set(err, TALLY_SKIP, TALLY_REASON_TOO_LARGE,
	                               "a paragraph of more than %d bytes", TEXT_MOST)
	               : tally_err_nomem(err);
}

enum tally_status tally_pptx_slide(struct tally_pptx *doc, const char *part, enum tally_area area,
                                   uint32_t n, struct tally_err *err)
{
	struct slide s = { .doc = doc, .area = area, .n = n };
	const struct tally_xml_handler handler = {
		.payload = &s, .start = on_start, .end = on_end, .text = on_text
	};
	struct tally_package *p = doc->facts->p;
	enum tally_status st;

	doc->pointers.count = 0;
	doc->hidden = false;
	doc->layout = 0;
	tally_buf_init(&s.text, TEXT_MOST);
	st = tally_package_relations(p, part, &s.relations, &s.relation_count, err);
	for (size_t i = 0; st >= 0 && i < s.relation_count; i++)
		if (!strcmp(s.relations[i].type, "slideLayout"))
			doc->layout = tally_hash64(s.relations[i].target,
			                           strlen(s.relations[i].target), doc->layout);
	if (st >= 0)
		st = tally_package_xml(p, part, &handler, err);
	tally_buf_release(&s.text);
	return st;
}
