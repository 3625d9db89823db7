/* The XML of an OpenDocument text: see odt_story.h. What is in a paragraph is kept by story.c. */
#include "formats/odt_story.h"

#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "formats/odt_acts.h"
#include "formats/odt_looks.h"
#include "formats/odt_work.h"

enum {
	BLANKS_MOST = 256,         /* that one element stands for */
	REPEATED_MOST = 1 << 14,   /* cells or rows that one element stands for */
	REPEATED_BYTES = 16 << 20, /* of text that stands in cells again, in a document */
	HEADING_MOST = 9,
	LISTS_MOST = 64, /* one in the other */
};

/* ---- facts ---- */

/* @value  copied; NULL or empty: no fact */
enum tally_status tally_odt_fact(struct tally_odt_reading *r, const char *name, const char *value,
                                 size_t len, const char *by, struct tally_err *err)
{
	struct tally_office_facts *f = r->doc->facts;

	if (!len || !f->sink->fact)
		return TALLY_OK;
	tally_fact_text_add(tally_office_begin(f), value, len);
	tally_fact_text_put(&f->where, tally_story_where(r->text));
	return tally_office_push(f, name, by, err);
}

static enum tally_status fact_attr(struct tally_odt_reading *r, const char *name,
                                   const struct tally_xml_attr *a, struct tally_err *err)
{
	return a ? tally_odt_fact(r, name, a->value, a->len, NULL, err) : TALLY_OK;
}

static enum tally_status bookmark(struct tally_odt_reading *r, const struct tally_xml_start *e,
                                  struct tally_err *err)
{
	const struct tally_xml_attr *name = tally_odt_attr(e, "name");
	struct tally_office_facts *f = r->doc->facts;

	/* those that programs make for themselves begin with a line */
	if (!name || !name->len || name->value[0] == '_' || !f->sink->fact)
		return TALLY_OK;
	tally_fact_text_attr(tally_office_begin(f), name);
	tally_fact_text_attr(&f->where, name);
	return tally_office_push(f, "bookmark", NULL, err);
}

/* "expression ooow:1+1": what it is, and what it is made from. What it shows is text. */
static enum tally_status field(struct tally_odt_reading *r, const struct tally_xml_start *e,
                               struct tally_err *err)
{
	static const char *const from[] = { "name", "ref-name", "formula", "condition",
		                            "connection-name" };
	struct tally_office_facts *f = r->doc->facts;

	if (!f->sink->fact)
		return TALLY_OK;
	tally_fact_text_add(tally_office_begin(f), e->name.local, e->name.len);
	for (size_t i = 0; i < sizeof from / sizeof *from; i++) {
		if (!tally_odt_attr(e, from[i]))
			continue;
		tally_fact_text_put(&f->value, " ");
		tally_fact_text_attr(&f->value, tally_odt_attr(e, from[i]));
	}
	tally_fact_text_put(&f->where, tally_story_where(r->text));
	return tally_office_push(f, "field_code", NULL, err);
}

static enum tally_status section(struct tally_odt_reading *r, struct tally_odt_frame *f,
                                 const struct tally_xml_start *e, struct tally_err *err)
{
	const struct tally_xml_attr *display = tally_odt_attr(e, "display");

	if (tally_attr_is(display, "none") || tally_attr_is(tally_odt_attr(e, "is-hidden"), "true"))
		f->look.hidden = TALLY_ODT_YES;
	return tally_attr_is(tally_odt_attr(e, "protected"), "true")
	               ? fact_attr(r, "protection", tally_odt_attr(e, "name"), err)
	               : TALLY_OK;
}

/* ---- letters ---- */

static enum tally_status put_letters(struct tally_odt_reading *r, const char *text, size_t len,
                                     struct tally_err *err)
{
	const struct tally_odt_frame *f = &r->frames[r->count - 1];

	tally_story_run_sight(r->text, tally_odt_sight(&f->look));
	tally_story_looks(r->text)->run = f->run;
	return tally_story_letters(r->text, text, len, err);
}

/* A space that was met is one now: something follows, or another place begins. */
enum tally_status tally_odt_flush(struct tally_odt_reading *r, struct tally_err *err)
{
	if (!r->pending || !r->count || !r->frames[r->count - 1].in_para)
		return TALLY_OK;
	r->pending = false;
	return put_letters(r, " ", 1, err);
}

/* White space by the standard: several are one, none at both ends of a paragraph (OpenDocument 1.3, part 3, 6.1.2). */
static enum tally_status letters(struct tally_odt_reading *r, const char *text, size_t len,
                                 struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = 0, n; i < len && st >= 0; i += n) {
		for (n = 0; i + n < len && strchr(" \t\r\n", text[i + n]) && text[i + n]; n++)
			;
		if (n) {
			r->pending |= !r->blank;
			r->blank = true;
			continue;
		}
		for (n = 0; i + n < len && !(text[i + n] && strchr(" \t\r\n", text[i + n])); n++)
			;
		st = tally_odt_flush(r, err);
		r->blank = false;
		if (st >= 0)
			st = put_letters(r, text + i, n, err);
	}
	return st;
}

enum tally_status tally_odt_exactly(struct tally_odt_reading *r, const char *text, size_t len,
                                    struct tally_err *err)
{
	const struct tally_odt_frame *f = &r->frames[r->count - 1];
	enum tally_status st;

	if (f->letters == TALLY_ODT_GATHERED && f->in_para)
		tally_fact_text_add(&r->gathered, text, len);
	if (f->letters != TALLY_ODT_TEXT || !f->in_para)
		return TALLY_OK;
	st = tally_odt_flush(r, err);
	r->blank = false;
	return st < 0 ? st : put_letters(r, text, len, err);
}

enum tally_status tally_odt_blanks(struct tally_odt_reading *r, const struct tally_xml_start *e,
                                   struct tally_err *err)
{
	char text[BLANKS_MOST];
	uint64_t n = tally_attr_number(tally_odt_attr(e, "c"), 1);

	memset(text, ' ', sizeof text);
	return n ? tally_odt_exactly(r, text, n < sizeof text ? (size_t)n : sizeof text, err)
	         : TALLY_OK;
}

static enum tally_status on_text(void *payload, const char *text, size_t len, struct tally_err *err)
{
	struct tally_odt_reading *r = payload;
	const struct tally_odt_frame *f = r->count ? &r->frames[r->count - 1] : NULL;

	if (!f || f->counter)
		return TALLY_OK;
	if (!f->skip && r->body && f->letters == TALLY_ODT_WHO)
		tally_fact_text_add(&r->who, text, len);
	else if (!f->skip && r->body && f->letters == TALLY_ODT_GATHERED && f->in_para)
		tally_fact_text_add(&r->gathered, text, len);
	else if (!f->skip && r->body && f->letters == TALLY_ODT_TEXT && f->in_para)
		return letters(r, text, len, err);
	else
		tally_odt_rest_letters(r, text, len);
	return TALLY_OK;
}

/* ---- start tags ---- */

/* Numbers of pages are others wherever the pages are laid out anew. */
static enum tally_status page_counter(struct tally_odt_reading *r, struct tally_odt_frame *f,
                                      const struct tally_xml_start *e, struct tally_err *err)
{
	const char *shown = tally_xml_is(&e->name, TALLY_XML_TEXT, "page-number") ? TALLY_STORY_PAGE
	                    : tally_xml_is(&e->name, TALLY_XML_TEXT, "page-count") ? TALLY_STORY_PAGES
	                                                                           : NULL;

	if (!shown)
		return TALLY_OK;
	f->skip = f->counter = true;
	return letters(r, shown, strlen(shown), err);
}

static enum tally_status start_para(struct tally_odt_reading *r, struct tally_odt_frame *f,
                                    const struct tally_xml_start *e, struct tally_err *err)
{
	uint64_t level = tally_attr_number(tally_odt_attr(e, "outline-level"), 1);
	enum tally_status st = tally_story_para_begin(r->text, err);

	f->blank = r->blank;
	f->pending = r->pending;
	r->blank = true;
	r->pending = false;
	f->in_para = true;
	tally_odt_styles_apply(&r->doc->styles, "paragraph", tally_odt_attr(e, "style-name"),
	                       &f->look);
	if (f->act == TALLY_ACT_HEADING)
		tally_story_para_outline(r->text, (int)(level < 1              ? 0
		                                        : level > HEADING_MOST ? HEADING_MOST - 1
		                                                               : level - 1));
	else if (f->title)
		tally_story_para_outline(r->text, 0);
	if (f->item && f->list && !r->frames[f->item].used) {
		r->frames[f->item].used = true;
		tally_story_para_list(r->text, f->list - 1);
	}
	return st < 0 ? st : tally_odt_go_on_inserted(r, err);
}

static enum tally_status start_link(struct tally_odt_reading *r, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	const struct tally_xml_attr *href = tally_xml_attr(e, TALLY_XML_XLINK, "href");
	char *target = tally_dup(href ? href->value : "", href ? href->len : 0);
	enum tally_status st = target ? tally_odt_flush(r, err) : tally_err_nomem(err);

	if (st >= 0)
		st = tally_story_link_begin(r->text, target, err);
	tally_free(target);
	return st;
}

/* Another place: nothing of the paragraph around it holds in it. */
static enum tally_status start_area(struct tally_odt_reading *r, struct tally_odt_frame *f,
                                    enum tally_area area, uint32_t n, struct tally_err *err)
{
	enum tally_status st = tally_odt_flush(r, err);

	f->in_para = false;
	f->list = 0;
	f->item = 0;
	f->look = (struct tally_odt_look){ .hidden = f->look.hidden };
	return st < 0 ? st : tally_story_area_begin(r->text, area, n, err);
}

static enum tally_status start_page(struct tally_odt_reading *r, struct tally_odt_frame *f,
                                    const struct tally_xml_start *e, struct tally_err *err)
{
	struct tally_odt_look look = { 0 };
	enum tally_status st = start_area(r, f, r->doc->page, ++r->doc->pages, err);

	tally_odt_styles_apply(&r->doc->styles, "drawing-page",
	                       tally_xml_attr(e, TALLY_XML_DRAW, "style-name"), &look);
	return st >= 0 && look.hidden == TALLY_ODT_YES
	               ? tally_odt_fact(r, "hidden_slide", "hidden", 6, NULL, err)
	               : st;
}

static uint32_t repeated(const struct tally_xml_start *e, const char *local)
{
	uint64_t n = tally_attr_number(tally_xml_attr(e, TALLY_XML_TABLE, local), 1);

	return n < 1 ? 1 : n < REPEATED_MOST ? (uint32_t)n : REPEATED_MOST;
}

/* What lies beside a cell over several columns is no cell. */
static void start_cell(struct tally_odt_reading *r, struct tally_odt_frame *f,
                       const struct tally_xml_start *e)
{
	uint32_t n = repeated(e, "number-columns-repeated");
	uint32_t over = repeated(e, "number-columns-spanned");
	struct tally_odt_frame *row = r->count > 1 ? &r->frames[r->count - 2] : f;

	f->in_para = false;
	f->list = 0;
	f->item = 0;
	if (f->act == TALLY_ACT_COVERED) {
		uint32_t under = row->covered < n ? row->covered : n;

		row->covered -= under;
		n -= under;
		f->skip = true;
	} else {
		row->covered = over - 1;
	}
	f->covered = n ? n - 1 : 0;
	f->recorder = n > 1 && f->act == TALLY_ACT_CELL && !r->doc->recording;
	r->doc->recording |= f->recorder;
	if (n)
		tally_story_table_cell(r->text);
}

static enum tally_status start_shown(struct tally_odt_reading *r, const struct tally_xml_start *e,
                                     enum tally_odt_act act, struct tally_err *err)
{
	static const char replacement[] = "ObjectReplacements/";
	const struct tally_xml_attr *href = tally_xml_attr(e, TALLY_XML_XLINK, "href");
	struct tally_xml_attr part;

	if (!href || !href->len)
		return TALLY_OK;
	part = *href;
	if (part.len > 2 && !memcmp(part.value, "./", 2)) {
		part.value += 2;
		part.len -= 2;
	}
	if (part.len >= sizeof replacement - 1 &&
	    !memcmp(part.value, replacement, sizeof replacement - 1))
		return TALLY_OK;
	return tally_office_point_to(r->doc->facts, &r->doc->pointers,
	                             act == TALLY_ACT_IMAGE ? TALLY_POINTER_IMAGE
	                                                    : TALLY_POINTER_OBJECT,
	                             &part, tally_story_where(r->text), err);
}

static enum tally_status start_margin(struct tally_odt_reading *r, struct tally_odt_frame *f,
                                      const struct tally_xml_start *e, struct tally_err *err)
{
	bool header = f->act == TALLY_ACT_HEADER;
	uint32_t n = header ? ++r->doc->headers : ++r->doc->footers;

	f->skip = tally_attr_is(tally_xml_attr(e, TALLY_XML_STYLE, "display"), "false");
	return start_area(r, f, header ? TALLY_AREA_HEADER : TALLY_AREA_FOOTER, n, err);
}

static enum tally_status start_box(struct tally_odt_reading *r, struct tally_odt_frame *f,
                                   struct tally_err *err)
{
	if (!r->doc->pages)
		return start_area(r, f, TALLY_AREA_TEXT_BOX, ++r->doc->text.text_boxes, err);
	f->in_para = false;
	f->list = 0;
	f->item = 0;
	return TALLY_OK;
}

static void start_list(struct tally_odt_reading *r, struct tally_odt_frame *f)
{
	if (f->act == TALLY_ACT_LIST)
		f->list = (uint8_t)(f->list < LISTS_MOST ? f->list + 1 : f->list);
	else
		f->item = r->count - 1;
	f->in_para = false;
}

static enum tally_status start_inside(struct tally_odt_reading *r, struct tally_odt_frame *f,
                                      const struct tally_xml_start *e, struct tally_err *err)
{
	enum tally_status st;
	const struct tally_xml_attr *class;

	switch ((enum tally_odt_act)f->act) {
	case TALLY_ACT_BLANKS:
		return tally_odt_blanks(r, e, err);
	case TALLY_ACT_TAB:
		return tally_odt_exactly(r, "\t", 1, err);
	case TALLY_ACT_BREAK:
		return tally_odt_exactly(r, "\n", 1, err);
	case TALLY_ACT_SPAN:
		tally_odt_styles_apply(&r->doc->styles, "text", tally_odt_attr(e, "style-name"),
		                       &f->look);
		return TALLY_OK;
	case TALLY_ACT_LINK:
		return start_link(r, e, err);
	case TALLY_ACT_NOTE:
		f->endnote = tally_attr_is(tally_odt_attr(e, "note-class"), "endnote");
		return TALLY_OK;
	case TALLY_ACT_NOTE_BODY:
		return f->endnote ? start_area(r, f, TALLY_AREA_ENDNOTE, ++r->doc->endnotes, err)
		                  : start_area(r, f, TALLY_AREA_FOOTNOTE, ++r->doc->footnotes, err);
	case TALLY_ACT_BOOKMARK:
		return bookmark(r, e, err);
	case TALLY_ACT_CHANGE:
	case TALLY_ACT_CHANGE_START:
	case TALLY_ACT_CHANGE_END:
		return tally_odt_change(r, e, (enum tally_odt_act)f->act, err);
	case TALLY_ACT_HIDDEN_PARA:
		if (tally_attr_is(tally_odt_attr(e, "is-hidden"), "true"))
			tally_story_para_style(r->text, -1, -1, true);
		return TALLY_OK;
	case TALLY_ACT_FIELD:
		st = field(r, e, err);
		return st < 0 ? st : page_counter(r, f, e, err);
	case TALLY_ACT_SCRIPT:
		f->skip = true;
		return fact_attr(r, "script", tally_xml_attr(e, TALLY_XML_XLINK, "href"), err);
	case TALLY_ACT_FRAME:
		class = tally_xml_attr(e, TALLY_XML_PRESENTATION, "class");
		f->title = tally_attr_is(class, "title");
		f->in_para = false;
		return TALLY_OK;
	case TALLY_ACT_COMMENT:
		tally_odt_begin_gathering(r, f);
		class = tally_xml_attr(e, TALLY_XML_OTHER, "resolved");
		r->resolved = tally_attr_is(class, "true");
		return TALLY_OK;
	default:
		return TALLY_OK;
	}
}

static enum tally_status start_around(struct tally_odt_reading *r, struct tally_odt_frame *f,
                                      const struct tally_xml_start *e, struct tally_err *err)
{
	switch ((enum tally_odt_act)f->act) {
	case TALLY_ACT_SKIP:
		f->skip = true;
		return TALLY_OK;
	case TALLY_ACT_PARA:
	case TALLY_ACT_HEADING:
		return start_para(r, f, e, err);
	case TALLY_ACT_LIST:
	case TALLY_ACT_ITEM:
		start_list(r, f);
		return TALLY_OK;
	case TALLY_ACT_SECTION:
		return section(r, f, e, err);
	case TALLY_ACT_SOURCE:
		return fact_attr(r, "external_target", tally_xml_attr(e, TALLY_XML_XLINK, "href"),
		                 err);
	case TALLY_ACT_FORMS:
		f->letters = TALLY_ODT_UNUSED;
		return TALLY_OK;
	case TALLY_ACT_CHANGES:
		return tally_odt_begin_changes(r, f, e, err);
	case TALLY_ACT_LISTENER:
		return fact_attr(r, "script", tally_xml_attr(e, TALLY_XML_XLINK, "href"), err);
	case TALLY_ACT_TABLE:
		f->in_para = false;
		return tally_story_table_begin(r->text, err);
	case TALLY_ACT_ROW:
		f->rows = repeated(e, "number-rows-repeated") - 1;
		tally_story_table_row(r->text);
		return TALLY_OK;
	case TALLY_ACT_CELL:
	case TALLY_ACT_COVERED:
		start_cell(r, f, e);
		return TALLY_OK;
	case TALLY_ACT_BOX:
		return start_box(r, f, err);
	case TALLY_ACT_IMAGE:
	case TALLY_ACT_OBJECT:
		f->in_para = false;
		return start_shown(r, e, (enum tally_odt_act)f->act, err);
	case TALLY_ACT_PAGE:
		return start_page(r, f, e, err);
	case TALLY_ACT_NOTES:
		return start_area(r, f, TALLY_AREA_NOTES, r->doc->pages, err);
	case TALLY_ACT_HEADER:
	case TALLY_ACT_FOOTER:
		return start_margin(r, f, e, err);
	default:
		return start_inside(r, f, e, err);
	}
}

static enum tally_status start_front(struct tally_odt_reading *r, const struct tally_xml_start *e,
                                     struct tally_err *err)
{
	const char *body = r->what == TALLY_ODT_MARGINS ? "master-styles" : "body";

	if (r->what != TALLY_ODT_STYLES && tally_xml_is(&e->name, TALLY_XML_OFFICE, body)) {
		tally_odt_styles_ready(&r->doc->styles);
		r->doc->seen |= r->what == TALLY_ODT_CONTENT;
		r->body = true;
		return TALLY_OK;
	}
	if (r->what == TALLY_ODT_CONTENT && tally_xml_is(&e->name, TALLY_XML_SCRIPT, "event-listener"))
		return fact_attr(r, "script", tally_xml_attr(e, TALLY_XML_XLINK, "href"), err);
	tally_odt_rest_front(r, e);
	return tally_odt_styles_start(&r->doc->styles, e, err);
}

static enum tally_status on_start(void *payload, const struct tally_xml_start *e,
                                  struct tally_err *err)
{
	struct tally_odt_reading *r = payload;
	struct tally_odt_frame *f, root = { 0 };
	enum tally_status st;

	tally_odt_rest_settle(r);
	if (!tally_grow(&r->frames, &r->cap, r->count, sizeof *r->frames))
		return tally_err_nomem(err);
	f = &r->frames[r->count];
	*f = r->count ? r->frames[r->count - 1] : root;
	r->count++;
	f->act = TALLY_ACT_NONE;
	f->used = f->recorder = false;
	f->covered = f->rows = 0;
	tally_odt_rest_of(r, e, f);
	if (!r->body)
		return start_front(r, e, err);
	if (f->skip || f->letters != TALLY_ODT_TEXT) {
		st = f->skip ? TALLY_OK : tally_odt_gather(r, f, e, err);
		tally_odt_rest_element(r, e);
		return st;
	}
	f->act = (uint8_t)tally_odt_act_of(&e->name);
	st = start_around(r, f, e, err);
	tally_odt_rest_element(r, e);
	return st;
}

/* ---- end tags ---- */

static enum tally_status end_para(struct tally_odt_reading *r, const struct tally_odt_frame *f,
                                  struct tally_err *err)
{
	enum tally_status st = tally_story_para_end(r->text, err);

	r->blank = f->blank;
	r->pending = f->pending;
	return st;
}

static enum tally_status too_much(struct tally_odt_reading *r, struct tally_err *err)
{
	struct tally_err why = { 0 };

	tally_err_set(&why, TALLY_SKIP, TALLY_REASON_LIMIT,
	              "repeated cells with more than %d bytes", REPEATED_BYTES);
	return tally_office_note(r->doc->facts, &why, "content.xml", err);
}

/* The text of a cell once more. */
static enum tally_status push_again(struct tally_odt_reading *r, uint32_t nth, struct tally_err *err)
{
	const struct tally_sink *sink = r->doc->text.sink;
	const struct tally_text *text = &r->doc->repeated;
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < text->count && st >= 0; i++) {
		struct tally_block b = text->blocks[i];

		b.cell += b.kind == TALLY_BLOCK_CELL ? nth : 0;
		r->doc->repeated_bytes += b.len + sizeof b;
		st = sink->block ? sink->block(sink->payload, &b, err) : TALLY_OK;
	}
	return st;
}

static enum tally_status end_cell(struct tally_odt_reading *r, const struct tally_odt_frame *f,
                                  struct tally_err *err)
{
	struct tally_text *text = &r->doc->repeated;
	enum tally_status st = TALLY_OK;

	if (f->recorder)
		r->doc->recording = false;
	for (uint32_t i = 1; i <= f->covered && st >= 0; i++) {
		tally_story_table_cell(r->text);
		if (!f->recorder || !text->count)
			continue;
		if (r->doc->repeated_bytes < REPEATED_BYTES)
			st = push_again(r, i, err);
		else if (i == f->covered)
			st = too_much(r, err);
	}
	if (f->recorder) {
		tally_text_release(text);
		tally_text_init(text, UINT32_MAX / 2);
	}
	return st;
}

static enum tally_status on_end(void *payload, const struct tally_xml_name *name,
                                struct tally_err *err)
{
	struct tally_odt_reading *r = payload;
	struct tally_odt_frame f;
	enum tally_status st;

	if (!r->count)
		return TALLY_OK;
	tally_odt_rest_settle(r);
	if (!r->body) {
		r->count--;
		return tally_odt_styles_end(&r->doc->styles, name, err);
	}
	f = r->frames[r->count - 1];
	st = f.act == TALLY_ACT_LINK ? tally_odt_flush(r, err) : TALLY_OK;
	r->count--;
	if (st < 0)
		return st;
	switch ((enum tally_odt_act)f.act) {
	case TALLY_ACT_PARA:
	case TALLY_ACT_HEADING:
		return end_para(r, &f, err);
	case TALLY_ACT_LINK:
		return tally_story_link_end(r->text, err);
	case TALLY_ACT_CHANGES:
		tally_fact_pairs_sort(&r->changes);
		return TALLY_OK;
	case TALLY_ACT_COMMENT:
		return tally_odt_end_comment(r, err);
	case TALLY_ACT_TABLE:
		tally_story_table_end(r->text);
		return TALLY_OK;
	case TALLY_ACT_CELL:
	case TALLY_ACT_COVERED:
		return end_cell(r, &f, err);
	case TALLY_ACT_ROW:
		while (f.rows--)
			tally_story_table_row(r->text);
		return TALLY_OK;
	case TALLY_ACT_BOX:
		if (r->doc->pages)
			return TALLY_OK;
		tally_story_area_end(r->text);
		return TALLY_OK;
	case TALLY_ACT_NOTE_BODY:
	case TALLY_ACT_PAGE:
	case TALLY_ACT_NOTES:
	case TALLY_ACT_HEADER:
	case TALLY_ACT_FOOTER:
		tally_story_area_end(r->text);
		return TALLY_OK;
	default:
		break;
	}
	return tally_xml_is(name, TALLY_XML_TEXT, "changed-region") &&
	                       f.letters == TALLY_ODT_GATHERED && !f.skip
	               ? tally_odt_keep_change(r, err)
	               : TALLY_OK;
}

/* ---- a part ---- */

enum tally_status tally_odt_story(struct tally_odt *doc, const char *part, enum tally_odt_part what,
                                  struct tally_err *err)
{
	struct tally_odt_reading r = { .doc = doc, .what = what };
	const struct tally_xml_handler handler = {
		.payload = &r, .start = on_start, .end = on_end, .text = on_text
	};
	enum tally_status st;

	tally_odt_styles_part(&doc->styles);
	tally_fact_text_init(&r.gathered);
	tally_fact_text_init(&r.who);
	tally_fact_text_init(&r.change);
	st = tally_story_new(&r.text, &doc->text, TALLY_AREA_BODY, 0, err);
	if (st >= 0)
		st = tally_package_xml(doc->facts->p, part, &handler, err);
	doc->styles.all += what == TALLY_ODT_CONTENT ? tally_odt_styles_unused(&doc->styles) : 0;
	if (r.text)
		doc->rest += tally_story_looks(r.text)->exact;
	tally_story_free(r.text);
	tally_free(r.frames);
	tally_free(r.inserted);
	tally_fact_pairs_release(&r.changes);
	tally_fact_text_release(&r.gathered);
	tally_fact_text_release(&r.who);
	tally_fact_text_release(&r.change);
	return st;
}
