/* What is drawn on sheets and embedded in them: images by content, shapes with their text, charts, files. */
#include "formats/xlsx_facts_work.h"

#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/mem.h"
#include "formats/formula.h"

static const struct tally_xml_attr *plain(const struct tally_xml_start *e, const char *name)
{
	return tally_xml_attr(e, TALLY_XML_NONE, name);
}

/* A part that a drawing or sheet shows; read when the drawing has come to its end, since one part is read at a time */
struct shown {
	enum { SHOWN_IMAGE, SHOWN_CHART, SHOWN_FILE } kind;
	const char *part;
	const char *where;
	size_t order;
};

struct drawing {
	struct tally_xlsx_facts *f;
	const char *sheet;
	struct tally_fact_pairs parts; /* of relations, by id */
	struct shown *shown;
	size_t count, cap;
	/* the element that is open */
	uint32_t fallback; /* depth of what is for older programs only; 0: none */
	bool from, in_number, in_text, shape;
	uint64_t number, row, column;
	struct tally_fact_text text; /* of the shape */
	char kind[64];               /* of the shape */
};

static enum tally_status show(struct drawing *d, int kind, const char *part, const char *where,
                              struct tally_err *err)
{
	struct shown item = { .kind = kind, .part = part, .order = d->count };

	item.where = tally_arena_dup(&d->f->office.arena, where, strlen(where));
	if (!item.where || !tally_grow(&d->shown, &d->cap, d->count, sizeof item))
		return tally_err_nomem(err);
	d->shown[d->count++] = item;
	return TALLY_OK;
}

static const char *place(struct drawing *d)
{
	char ref[24];
	size_t len = tally_cell_reference_text(ref, d->row, (uint32_t)d->column);

	tally_xlsx_at(d->f, d->sheet, ref, len);
	return tally_fact_text_end(&d->f->office.where);
}

/* ---- drawings ---- */

static enum tally_status show_id(struct drawing *d, int kind, const struct tally_xml_attr *id,
                                 struct tally_err *err)
{
	const char *part = id ? tally_fact_pairs_find(&d->parts, id->value, id->len) : NULL;

	return part ? show(d, kind, part, place(d), err) : TALLY_OK;
}

static void begin_anchor(struct drawing *d)
{
	d->row = d->column = 0;
	d->from = false;
}

static void begin_shape(struct drawing *d)
{
	d->shape = true;
	d->kind[0] = '\0';
	tally_fact_text_clear(&d->text);
}

static void take_kind(struct drawing *d, const struct tally_xml_attr *a)
{
	size_t n = a && a->len < sizeof d->kind ? a->len : 0;

	if (n)
		memcpy(d->kind, a->value, n);
	d->kind[n] = '\0';
}

static bool is_anchor(const struct tally_xml_name *n)
{
	return tally_xml_is(n, TALLY_XML_SHEET_DRAWING, "twoCellAnchor") ||
	       tally_xml_is(n, TALLY_XML_SHEET_DRAWING, "oneCellAnchor") ||
	       tally_xml_is(n, TALLY_XML_SHEET_DRAWING, "absoluteAnchor");
}

static void start_place(struct drawing *d, const struct tally_xml_start *e)
{
	const struct tally_xml_name *n = &e->name;

	if (is_anchor(n))
		begin_anchor(d);
	else if (tally_xml_is(n, TALLY_XML_SHEET_DRAWING, "from"))
		d->from = true;
	else if (tally_xml_is(n, TALLY_XML_SHEET_DRAWING, "sp") ||
	         tally_xml_is(n, TALLY_XML_SHEET_DRAWING, "cxnSp"))
		begin_shape(d);
	d->in_number = d->from && (tally_xml_is(n, TALLY_XML_SHEET_DRAWING, "row") ||
	                           tally_xml_is(n, TALLY_XML_SHEET_DRAWING, "col"));
	d->number = 0;
}

static enum tally_status drawing_start(void *payload, const struct tally_xml_start *e,
                                       struct tally_err *err)
{
	struct drawing *d = payload;
	const struct tally_xml_name *n = &e->name;

	if (d->fallback)
		return TALLY_OK;
	if (tally_xml_is(n, TALLY_XML_COMPATIBILITY, "Fallback")) {
		d->fallback = e->depth;
		return TALLY_OK;
	}
	start_place(d, e);
	d->in_text = d->shape && tally_xml_is(n, TALLY_XML_DRAWING, "t");
	if (d->shape && tally_xml_is(n, TALLY_XML_DRAWING, "prstGeom"))
		take_kind(d, plain(e, "prst"));
	if (tally_xml_is(n, TALLY_XML_DRAWING, "blip"))
		return show_id(d, SHOWN_IMAGE, tally_xml_attr(e, TALLY_XML_RELATIONSHIP, "embed"),
		               err);
	/* charts of the newer kind have a namespace of their own */
	if (tally_xml_is(n, TALLY_XML_CHART, "chart") || tally_xml_is(n, TALLY_XML_OTHER, "chart"))
		return show_id(d, SHOWN_CHART, tally_xml_attr(e, TALLY_XML_RELATIONSHIP, "id"), err);
	return TALLY_OK;
}

static enum tally_status push_shape(struct drawing *d, struct tally_err *err)
{
	struct tally_fact_text *t = tally_office_begin(&d->f->office);

	d->shape = false;
	tally_fact_text_put(t, d->kind[0] ? d->kind : "shape");
	if (d->text.buf.len) {
		tally_fact_text_put(t, ": ");
		tally_fact_text_join(t, &d->text);
	}
	t->no_memory |= d->text.no_memory;
	place(d);
	return tally_office_push(&d->f->office, "shape", NULL, err);
}

static enum tally_status drawing_end(void *payload, const struct tally_xml_name *name,
                                     struct tally_err *err)
{
	struct drawing *d = payload;

	if (d->fallback) {
		if (tally_xml_is(name, TALLY_XML_COMPATIBILITY, "Fallback"))
			d->fallback = 0;
		return TALLY_OK;
	}
	if (d->in_number && tally_xml_is(name, TALLY_XML_SHEET_DRAWING, "row"))
		d->row = d->number;
	else if (d->in_number)
		d->column = d->number;
	d->in_number = d->in_text = false;
	if (tally_xml_is(name, TALLY_XML_SHEET_DRAWING, "from"))
		d->from = false;
	if (d->shape && tally_xml_is(name, TALLY_XML_DRAWING, "p") && d->text.buf.len)
		tally_fact_text_put(&d->text, " ");
	if (d->shape && (tally_xml_is(name, TALLY_XML_SHEET_DRAWING, "sp") ||
	                 tally_xml_is(name, TALLY_XML_SHEET_DRAWING, "cxnSp")))
		return push_shape(d, err);
	return TALLY_OK;
}

static enum tally_status drawing_text(void *payload, const char *text, size_t len,
                                      struct tally_err *err)
{
	enum { MOST = 1 << 24 }; /* more rows than there are */
	struct drawing *d = payload;

	(void)err;
	for (size_t i = 0; d->in_number && !d->fallback && i < len; i++)
		if (tally_is_digit(text[i]) && d->number < MOST)
			d->number = d->number * 10 + (unsigned)(text[i] - '0');
	if (d->in_text && !d->fallback)
		tally_fact_text_add(&d->text, text, len);
	return TALLY_OK;
}

static enum tally_status index_parts(struct drawing *d, const char *part, struct tally_err *err)
{
	const struct tally_relation *list;
	struct tally_err why = { 0 };
	size_t count;
	enum tally_status st = tally_office_relations(&d->f->office, part, &list, &count, &why);

	for (size_t i = 0; i < count && st >= 0; i++)
		if (!list[i].external)
			st = tally_office_pair(&d->f->office, &d->parts, list[i].id,
			                       strlen(list[i].id), list[i].target,
			                       strlen(list[i].target), &why);
	tally_fact_pairs_sort(&d->parts);
	return tally_office_outcome(&d->f->office, st, &why, part, err);
}

static enum tally_status drawing(struct drawing *d, const char *part, struct tally_err *err)
{
	const struct tally_xml_handler handler = {
		.payload = d, .start = drawing_start, .end = drawing_end, .text = drawing_text
	};
	enum tally_status st;

	d->parts.count = 0;
	d->fallback = 0;
	d->from = d->in_number = d->in_text = d->shape = false;
	begin_anchor(d);
	st = index_parts(d, part, err);
	return st < 0 ? st : tally_office_parse(&d->f->office, part, &handler, err);
}

/* ---- charts ---- */

struct chart {
	struct tally_xlsx_facts *f;
	struct tally_fact_text kinds, title, ranges;
	struct tally_fact_text range; /* one of them, as it stands */
	struct tally_fact_text *into;
	bool plot; /* behind the title: what follows are axes and series */
	bool titled;
};

/* "barChart" is a bar chart */
static void put_kind(struct chart *c, const char *name, size_t len)
{
	static const char end[] = "Chart";

	if (len > sizeof end - 1 && !memcmp(name + len - (sizeof end - 1), end, sizeof end - 1))
		len -= sizeof end - 1;
	tally_fact_text_put(&c->kinds, c->kinds.buf.len ? ", " : "");
	tally_fact_text_add(&c->kinds, name, len);
}

static bool is_kind(const struct tally_xml_name *n)
{
	return n->ns == TALLY_XML_CHART && n->len > 5 && n->local[0] >= 'a' &&
	       !memcmp(n->local + n->len - 5, "Chart", 5);
}

static enum tally_status chart_start(void *payload, const struct tally_xml_start *e,
                                     struct tally_err *err)
{
	struct chart *c = payload;
	const struct tally_xml_name *n = &e->name;
	bool series = tally_xml_is(n, TALLY_XML_OTHER, "series");

	(void)err;
	c->into = NULL;
	if (is_kind(n))
		put_kind(c, n->local, n->len);
	else if (series && plain(e, "layoutId"))
		put_kind(c, plain(e, "layoutId")->value, plain(e, "layoutId")->len);
	else if (tally_xml_is(n, TALLY_XML_CHART, "plotArea") ||
	         tally_xml_is(n, TALLY_XML_OTHER, "plotArea"))
		c->plot = true;
	else if (tally_xml_is(n, TALLY_XML_DRAWING, "t") && !c->plot)
		c->into = &c->title;
	else if (tally_xml_is(n, TALLY_XML_CHART, "f") || tally_xml_is(n, TALLY_XML_OTHER, "f"))
		c->into = &c->range;
	tally_fact_text_clear(&c->range);
	return TALLY_OK;
}

static enum tally_status chart_end(void *payload, const struct tally_xml_name *name,
                                   struct tally_err *err)
{
	struct chart *c = payload;

	(void)name;
	(void)err;
	if (c->into == &c->range) {
		tally_fact_text_put(&c->ranges, c->ranges.buf.len ? ", " : "");
		tally_fact_text_formula(&c->ranges, tally_fact_text_so_far(&c->range),
		                        c->range.buf.len);
		tally_fact_text_cut(&c->ranges, &c->range);
	}
	c->into = NULL;
	return TALLY_OK;
}

static enum tally_status chart_text(void *payload, const char *text, size_t len, struct tally_err *err)
{
	struct chart *c = payload;

	(void)err;
	if (c->into == &c->range)
		tally_fact_text_reference(c->into, text, len);
	else if (c->into)
		tally_fact_text_add(c->into, text, len);
	return TALLY_OK;
}

static void put_chart(struct chart *c)
{
	struct tally_fact_text *t = tally_office_begin(&c->f->office);

	t->no_memory |= c->title.no_memory || c->ranges.no_memory;
	tally_fact_text_join(t, &c->kinds);
	tally_fact_text_put(t, c->kinds.buf.len ? " chart" : "chart");
	if (c->title.buf.len) {
		tally_fact_text_put(t, " \u2018");
		tally_fact_text_join(t, &c->title);
		tally_fact_text_put(t, "\u2019");
	}
	if (c->ranges.buf.len) {
		tally_fact_text_put(t, " of ");
		tally_fact_text_join(t, &c->ranges);
	}
}

static enum tally_status chart(struct tally_xlsx_facts *f, const struct shown *item,
                               struct tally_err *err)
{
	struct chart c = { .f = f };
	const struct tally_xml_handler handler = {
		.payload = &c, .start = chart_start, .end = chart_end, .text = chart_text
	};
	enum tally_status st;

	tally_fact_text_init(&c.kinds);
	tally_fact_text_init(&c.title);
	tally_fact_text_init(&c.ranges);
	tally_fact_text_init(&c.range);
	st = tally_office_parse(&f->office, item->part, &handler, err);
	put_chart(&c);
	tally_fact_text_put(&f->office.where, item->where);
	tally_fact_text_release(&c.kinds);
	tally_fact_text_release(&c.title);
	tally_fact_text_release(&c.ranges);
	tally_fact_text_release(&c.range);
	return st < 0 ? st : tally_office_push(&f->office, "chart", NULL, err);
}

/* ---- what was shown ---- */

static int by_part(const void *a, const void *b)
{
	const struct shown *x = a, *y = b;
	int c = x->kind - y->kind;

	if (!c)
		c = strcmp(x->part, y->part);
	return c ? c : (x->order > y->order) - (x->order < y->order);
}

/* An image or a file, read once for all places where it is shown. @return how many items it took */
static enum tally_status content(struct tally_xlsx_facts *f, const struct shown *item, size_t n,
                                 struct tally_err *err)
{
	const char *fact = item->kind == SHOWN_IMAGE ? "image" : "embedded_file";
	const char *value;
	bool readable;
	enum tally_status st;

	tally_office_begin(&f->office);
	st = tally_office_digest(&f->office, item->part, &readable, err);
	if (st >= 0 && !readable)
		tally_fact_text_put(&f->office.value, "not readable");
	value = tally_arena_dup(&f->office.arena, tally_fact_text_end(&f->office.value),
	                        f->office.value.buf.len);
	if (!value)
		return tally_err_nomem(err);
	for (size_t i = 0; i < n && st >= 0; i++) {
		tally_fact_text_put(tally_office_begin(&f->office), value);
		tally_fact_text_put(&f->office.where, item[i].where);
		st = tally_office_push(&f->office, fact, NULL, err);
	}
	return st;
}

static enum tally_status all_shown(struct drawing *d, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	if (d->count > 1)
		qsort(d->shown, d->count, sizeof *d->shown, by_part);
	for (size_t i = 0, n; i < d->count && st >= 0; i += n) {
		const struct shown *item = &d->shown[i];

		for (n = 1; i + n < d->count && item[n].kind == item->kind &&
		            !strcmp(item[n].part, item->part);)
			n++;
		if (item->kind == SHOWN_CHART) {
			n = 1;
			st = chart(d->f, item, err);
		} else {
			st = content(d->f, item, n, err);
		}
	}
	return st;
}

/* ---- all of a sheet ---- */

/* Images in headers and footers belong to drawings of the old kind, which hold the frames of comments as well. */
static enum tally_status old_drawing(struct drawing *d, const char *part, struct tally_err *err)
{
	const struct tally_relation *list;
	size_t count;
	enum tally_status st = tally_office_relations(&d->f->office, part, &list, &count, err);

	for (size_t i = 0; i < count && st >= 0; i++)
		if (!strcmp(list[i].type, "image") && !list[i].external)
			st = show(d, SHOWN_IMAGE, list[i].target, d->sheet, err);
	return st;
}

static enum tally_status relation(struct drawing *d, const struct tally_relation *r,
                                  struct tally_err *err)
{
	if (!strcmp(r->type, "drawing"))
		return drawing(d, r->target, err);
	if (!strcmp(r->type, "vmlDrawing") || !strcmp(r->type, "legacyDrawingHF"))
		return old_drawing(d, r->target, err);
	if (!strcmp(r->type, "image"))
		return show(d, SHOWN_IMAGE, r->target, d->sheet, err);
	if (!strcmp(r->type, "oleObject") || !strcmp(r->type, "package"))
		return show(d, SHOWN_FILE, r->target, d->sheet, err);
	return TALLY_OK;
}

enum tally_status tally_xlsx_drawings(struct tally_xlsx_facts *f,
                                      const struct tally_xlsx_tab *sheet, struct tally_err *err)
{
	struct drawing d = { .f = f, .sheet = sheet->name };
	const struct tally_relation *list;
	size_t count;
	enum tally_status st = tally_office_relations(&f->office, sheet->part, &list, &count, err);

	tally_fact_text_init(&d.text);
	for (size_t i = 0; i < count && st >= 0; i++)
		if (!list[i].external)
			st = relation(&d, &list[i], err);
	if (st >= 0)
		st = all_shown(&d, err);
	tally_fact_text_release(&d.text);
	tally_fact_pairs_release(&d.parts);
	tally_free(d.shown);
	return st;
}
