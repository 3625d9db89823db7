/* What is shown in documents besides text: see office_shown.h. */
#include "formats/office_shown.h"

#include <string.h>

#include "core/mem.h"

enum { MOST_POINTERS = 1 << 20 };

enum tally_status tally_office_point_to(struct tally_office_facts *f,
                                        struct tally_office_pointers *list,
                                        enum tally_office_pointer_kind kind,
                                        const struct tally_xml_attr *id, const char *where,
                                        struct tally_err *err)
{
	struct tally_office_pointer *p;

	if (!id)
		return TALLY_OK;
	if (list->count >= MOST_POINTERS)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "more than %d images, objects and comments", MOST_POINTERS);
	if (!tally_grow(&list->items, &list->cap, list->count, sizeof *list->items))
		return tally_err_nomem(err);
	p = &list->items[list->count++];
	p->kind = kind;
	p->id = tally_arena_dup(&f->arena, id->value, id->len);
	p->where = tally_arena_dup(&f->arena, where, strlen(where));
	return p->id && p->where ? TALLY_OK : tally_err_nomem(err);
}

/* ---- images and embedded files ---- */

static enum tally_status push_content(struct tally_office_facts *f, const char *fact,
                                      const char *part, const char *where, struct tally_err *err)
{
	bool readable;
	enum tally_status st;

	tally_office_begin(f);
	st = tally_office_digest(f, part, &readable, err);
	if (st < 0 || !readable)
		return st;
	tally_fact_text_put(&f->where, where);
	return tally_office_push(f, fact, NULL, err);
}

/* Another document in the place of a paragraph: what it says is not read. */
static enum tally_status push_chunk(struct tally_office_facts *f, const char *part,
                                    const char *where, struct tally_err *err)
{
	struct tally_err why = { 0 };
	enum tally_status st = push_content(f, "embedded_file", part, where, err);

	tally_err_set(&why, TALLY_SKIP, TALLY_REASON_FORMAT_UNKNOWN,
	              "another document stands in the place of a paragraph (%.60s)", where);
	return st < 0 ? st : tally_office_note(f, &why, part, err);
}

static enum tally_status push_pointer(struct tally_office_facts *f,
                                      const struct tally_office_pointer *p,
                                      const struct tally_relation *to, struct tally_err *err)
{
	switch (p->kind) {
	case TALLY_POINTER_IMAGE:
		return push_content(f, "image", to->target, p->where, err);
	case TALLY_POINTER_OBJECT:
		return push_content(f, "embedded_file", to->target, p->where, err);
	case TALLY_POINTER_CHUNK:
		return push_chunk(f, to->target, p->where, err);
	default:
		return TALLY_OK;
	}
}

/* ---- charts and diagrams ---- */

struct drawn {
	struct tally_office_facts *f;
	const struct tally_block *place; /* of the words of a diagram; NULL: a chart, its words are a fact */
	struct tally_buf text;           /* of the paragraph that is open */
	bool in_text;
};

enum { DRAWN_BYTES = 1 << 20 /* of one paragraph in a diagram */ };

static enum tally_status drawn_start(void *payload, const struct tally_xml_start *e,
                                     struct tally_err *err)
{
	struct drawn *d = payload;

	(void)err;
	d->in_text = tally_xml_is_id(&e->name, TALLY_XML_DRAWING, TALLY_XML_ID_t) ||
	             tally_xml_is_id(&e->name, TALLY_XML_CHART, TALLY_XML_ID_v);
	return TALLY_OK;
}

static enum tally_status drawn_text(void *payload, const char *text, size_t len, struct tally_err *err)
{
	struct drawn *d = payload;

	if (!d->in_text)
		return TALLY_OK;
	if (!d->place)
		tally_fact_text_add(&d->f->value, text, len);
	else if (!tally_buf_add(&d->text, text, len))
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_TOO_LARGE,
		                     "a paragraph of a diagram has more than %d bytes", DRAWN_BYTES);
	return TALLY_OK;
}

static enum tally_status drawn_end(void *payload, const struct tally_xml_name *name,
                                   struct tally_err *err)
{
	struct drawn *d = payload;
	const struct tally_sink *sink = &d->f->guarded;
	struct tally_block b;
	enum tally_status st = TALLY_OK;

	if (d->in_text && !d->place)
		tally_fact_text_put(&d->f->value, " | ");
	d->in_text = false;
	if (!d->place || !tally_xml_is_id(name, TALLY_XML_DRAWING, TALLY_XML_ID_p) || !d->text.len)
		return TALLY_OK;
	b = *d->place;
	b.text = d->text.bytes;
	b.len = (uint32_t)d->text.len;
	if (sink->block)
		st = sink->block(sink->payload, &b, err);
	tally_buf_clear(&d->text);
	return st;
}

/* The words and values that a chart shows; a diagram's words are text like any other. @place NULL: a chart */
static enum tally_status push_drawn(struct tally_office_facts *f, const char *part,
                                    const struct tally_block *place, struct tally_err *err)
{
	struct drawn d = { .f = f, .place = place };
	const struct tally_xml_handler handler = {
		.payload = &d, .start = drawn_start, .end = drawn_end, .text = drawn_text
	};
	enum tally_status st;

	tally_buf_init(&d.text, DRAWN_BYTES);
	tally_office_begin(f);
	st = tally_office_parse(f, part, &handler, err);
	if (st >= 0 && !place)
		st = tally_office_push(f, "chart", NULL, err);
	tally_buf_release(&d.text);
	return st;
}

/* ---- alternatives ---- */

bool tally_office_other_choice(struct tally_office_choices *c, const struct tally_xml_start *e)
{
	bool other;

	if (e->name.ns != TALLY_XML_COMPATIBILITY)
		return false;
	while (c->count && c->open[c->count - 1].depth >= e->depth)
		c->count--;
	if (e->name.id == TALLY_XML_ID_AlternateContent && c->count < TALLY_CHOICES_OPEN) {
		c->open[c->count].taken = false;
		c->open[c->count++].depth = e->depth;
	}
	if (e->name.id != TALLY_XML_ID_Choice && e->name.id != TALLY_XML_ID_Fallback)
		return false;
	if (!c->count || c->open[c->count - 1].depth + 1 != e->depth)
		return false;
	other = c->open[c->count - 1].taken;
	c->open[c->count - 1].taken = true;
	return other;
}

/* ---- all of it ---- */

static bool is(const struct tally_relation *r, const char *type)
{
	return !r->external && !strcmp(r->type, type);
}

static enum tally_status push_related(struct tally_office_facts *f, const struct tally_relation *r,
                                      const struct tally_block *place, struct tally_err *err)
{
	if (r->external && strcmp(r->type, "hyperlink") != 0) {
		tally_fact_text_put(tally_office_begin(f), r->target);
		return tally_office_push(f, "external_target", NULL, err);
	}
	if (is(r, "chart"))
		return push_drawn(f, r->target, NULL, err);
	return is(r, "diagramData") ? push_drawn(f, r->target, place, err) : TALLY_OK;
}

enum tally_status tally_office_shown(struct tally_office_facts *f, const char *part,
                                     const struct tally_office_pointers *pointers,
                                     const struct tally_block *place, struct tally_err *err)
{
	const struct tally_relation *list;
	size_t count;
	enum tally_status st = tally_office_relations(f, part, &list, &count, err);

	for (size_t i = 0; pointers && i < pointers->count && st >= 0; i++) {
		const struct tally_office_pointer *p = &pointers->items[i];
		const struct tally_relation *to = tally_relation_by_id(list, count, p->id,
		                                                       strlen(p->id));

		if (to && !to->external)
			st = push_pointer(f, p, to, err);
	}
	for (size_t i = 0; i < count && st >= 0; i++)
		st = push_related(f, &list[i], place, err);
	return st;
}
