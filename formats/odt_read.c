/* The way through the parts of an OpenDocument text or presentation: see odt_read.h. */
#include "formats/odt_read.h"

#include <string.h>

#include "core/mem.h"
#include "formats/odf_file.h"
#include "formats/odt_story.h"
#include "formats/zip_directory.h"

struct reading {
	struct tally_odt doc;
	struct tally_office_facts facts;
	struct tally_sink sink; /* of the story: notes come behind the text */
	struct tally_text later;
	struct tally_fact_pairs shown; /* parts that a place in the text points to */
};

/* ---- footnotes and endnotes come behind the text ---- */

static enum tally_status on_block(void *payload, const struct tally_block *b, struct tally_err *err)
{
	struct reading *r = payload;
	const struct tally_sink *to = &r->facts.guarded;
	enum tally_status st = r->doc.recording ? tally_text_add(&r->doc.repeated, b, err) : TALLY_OK;

	if (st < 0)
		return st;
	if (b->area == TALLY_AREA_FOOTNOTE || b->area == TALLY_AREA_ENDNOTE)
		return tally_text_add(&r->later, b, err);
	return to->block ? to->block(to->payload, b, err) : TALLY_OK;
}

static enum tally_status on_fact(void *payload, const struct tally_fact *fact, struct tally_err *err)
{
	struct reading *r = payload;
	const struct tally_sink *to = &r->facts.guarded;

	return to->fact(to->payload, fact, err);
}

static enum tally_status push_later(struct reading *r, enum tally_area area, struct tally_err *err)
{
	const struct tally_sink *to = &r->facts.guarded;
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < r->later.count && st >= 0; i++)
		if (r->later.blocks[i].area == area && to->block)
			st = to->block(to->payload, &r->later.blocks[i], err);
	return st;
}

/* ---- what is shown, by content ---- */

/* Objects are folders: what counts is their content. */
static const char *part_of(struct reading *r, const struct tally_office_pointer *p)
{
	struct tally_fact_text *name = tally_office_begin(&r->facts);

	if (tally_package_has(r->facts.p, p->id))
		return p->id;
	tally_fact_text_put(name, p->id);
	tally_fact_text_put(name, "/content.xml");
	name = &r->facts.value;
	return tally_package_has(r->facts.p, tally_fact_text_end(name))
	               ? tally_arena_dup(&r->facts.arena, name->buf.bytes, name->buf.len)
	               : NULL;
}

static enum tally_status push_shown(struct reading *r, const struct tally_office_pointer *p,
                                    struct tally_err *err)
{
	struct tally_office_facts *f = &r->facts;
	const char *part = part_of(r, p);
	bool readable = true;
	enum tally_status st = TALLY_OK;

	tally_office_begin(f);
	if (part)
		st = tally_office_pair(f, &r->shown, part, strlen(part), "", 0, err);
	if (st >= 0 && part)
		st = tally_office_digest(f, part, &readable, err);
	else
		tally_fact_text_put(&f->value, p->id);
	tally_fact_text_put(&f->where, p->where);
	if (st < 0 || !readable)
		return st;
	if (!part)
		return tally_office_push(f, "external_target", NULL, err);
	return tally_office_push(f, p->kind == TALLY_POINTER_IMAGE ? "image" : "embedded_file",
	                         NULL, err);
}

static enum tally_status push_part(struct reading *r, const char *part, struct tally_err *err)
{
	struct tally_office_facts *f = &r->facts;
	const char *fact = tally_odf_part_fact(part), *unread = tally_odf_part_unread(part);
	bool readable;
	enum tally_status st;

	if ((!fact && !unread) || tally_fact_pairs_find(&r->shown, part, strlen(part)))
		return TALLY_OK;
	tally_office_begin(f);
	st = tally_office_digest(f, part, &readable, err);
	if (st < 0 || !readable)
		return st;
	if (!fact || strcmp(fact, "image") != 0)
		tally_fact_text_put(&f->where, fact ? part : unread);
	return tally_office_push(f, fact ? fact : "unread",
	                         !fact && unread == part ? "unknown" : NULL, err);
}

static enum tally_status push_parts(struct reading *r, struct tally_err *err)
{
	const struct tally_zip_directory *parts = tally_zip_members(tally_package_zip(r->facts.p));
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < r->doc.pointers.count && st >= 0; i++)
		st = push_shown(r, &r->doc.pointers.items[i], err);
	tally_fact_pairs_sort(&r->shown);
	for (size_t i = 0; i < parts->count && st >= 0; i++) {
		const struct tally_zip_member *m = &parts->members[i];
		char *name;

		if (memchr(m->name, 0, m->name_len))
			continue;
		name = tally_dup(m->name, m->name_len);
		st = name ? push_part(r, name, err) : tally_err_nomem(err);
		tally_free(name);
	}
	return st;
}

/* ---- all of it ---- */

/* A part that the text can be read without: one that cannot be read costs a note. */
static enum tally_status read_side(struct reading *r, enum tally_odt_part what, struct tally_err *err)
{
	struct tally_err why = { 0 };
	enum tally_status st;

	if (!tally_package_has(r->facts.p, "styles.xml"))
		return TALLY_OK;
	st = tally_odt_story(&r->doc, "styles.xml", what, &why);
	return tally_office_outcome(&r->facts, st, &why, "styles.xml", err);
}

static enum tally_status read_document(struct reading *r, struct tally_err *err)
{
	enum tally_status st = tally_odf_check_manifest(r->facts.p, err);

	if (st >= 0)
		st = read_side(r, TALLY_ODT_STYLES, err);
	if (st >= 0)
		st = tally_odt_story(&r->doc, "content.xml", TALLY_ODT_CONTENT, err);
	if (st >= 0 && !r->doc.seen)
		st = tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED,
		                   "no body in its content.xml");
	/* those of slides are drawn by their layouts */
	if (st >= 0 && !r->doc.pages && r->facts.result >= 0)
		st = read_side(r, TALLY_ODT_MARGINS, err);
	if (st >= 0)
		st = push_later(r, TALLY_AREA_FOOTNOTE, err);
	if (st >= 0)
		st = push_later(r, TALLY_AREA_ENDNOTE, err);
	if (st < 0 || !r->facts.sink->fact)
		return st;
	st = push_parts(r, err);
	if (st >= 0)
		st = tally_office_unread(&r->facts, "styles and pages", r->doc.styles.all, err);
	if (st >= 0)
		st = tally_office_unread(&r->facts, "looks and layout", r->doc.rest, err);
	if (st >= 0)
		st = tally_odt_rests(&r->doc, err);
	if (st >= 0)
		st = tally_odt_settings(&r->facts, err);
	return st < 0 ? st : tally_odt_about(&r->facts, err);
}

enum tally_status tally_odt_read(struct tally_source *src, const struct tally_read_options *options,
                                 const struct tally_sink *sink, enum tally_area page,
                                 struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	const struct tally_limits *limits = options->limits ? options->limits : &defaults;
	struct tally_package *package;
	struct reading r = { .shown = { NULL, 0, 0 } };
	enum tally_status st = tally_package_open(&package, src, limits, err);

	if (st < 0)
		return st;
	tally_office_facts_init(&r.facts, package, sink, limits);
	tally_text_init(&r.later, UINT32_MAX / 2);
	tally_text_init(&r.doc.repeated, UINT32_MAX / 2);
	r.sink = (struct tally_sink){ .payload = &r,
		                      .block = on_block,
		                      .fact = sink->fact ? on_fact : NULL };
	r.doc.text.sink = &r.sink;
	r.doc.facts = &r.facts;
	r.doc.page = page;
	tally_odt_styles_init(&r.doc.styles, &r.facts);
	st = read_document(&r, err);
	if (st >= 0)
		st = r.facts.result;
	tally_odt_styles_release(&r.doc.styles);
	tally_free(r.doc.pointers.items);
	tally_fact_pairs_release(&r.shown);
	tally_text_release(&r.later);
	tally_text_release(&r.doc.repeated);
	tally_office_facts_release(&r.facts);
	tally_package_close(package);
	return st;
}
