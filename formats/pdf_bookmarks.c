/* Bookmarks of a PDF: see formats/pdf_bookmarks.h. Those still to come wait on a stack. */
#include "formats/pdf_bookmarks.h"

#include <stdio.h>
#include <string.h>

#include "core/hash.h"
#include "core/mem.h"
#include "formats/pdf_parts.h"

enum { SHOWN = 500 /* bytes of a title */ };

struct waiting {
	qpdf_oh node;
	uint32_t level;
};

struct outline {
	struct tally_pdf *p;
	struct tally_pdf_walk *walk;
	struct tally_pdf_map seen; /* hostile ones lead back */
	struct waiting *stack;
	size_t count, cap;
};

/* ---- places with names ---- */

static uint64_t name_hash(const char *name)
{
	uint64_t h = tally_hash64(name, strlen(name), 0);

	return h ? h : 1;
}

/* Number of the page that a place is on, or 0. @place  an array whose first item is the page, or a dictionary with one */
static uint32_t page_of(const struct tally_pdf *p, qpdf_oh place)
{
	uint32_t page = 0;
	uint64_t id;

	if (PDF(qpdf_oh_is_dictionary)(p->q, place))
		place = tally_pdf_key(p, place, "/D");
	if (tally_pdf_items(p, place) < 1)
		return 0;
	id = tally_pdf_id(p, tally_pdf_item(p, place, 0));
	return id && tally_pdf_map_get(&p->pages, id, &page) ? page : 0;
}

static void named_place(struct tally_pdf *p, const char *name, qpdf_oh place)
{
	uint32_t page = page_of(p, place);

	if (page && !tally_pdf_map_set(&p->places, name_hash(name), page))
		tally_pdf_no_memory(p);
}

static void gather_places(struct tally_pdf *p, qpdf_oh catalog)
{
	qpdf_oh names = tally_pdf_key(p, catalog, "/Names");

	if (PDF(qpdf_oh_is_dictionary)(p->q, names))
		tally_pdf_name_tree(p, tally_pdf_key(p, names, "/Dests"), named_place);
}

/* @place  a place, or the name of one */
static uint32_t lead(const struct tally_pdf *p, qpdf_oh place, qpdf_oh catalog)
{
	const char *name = tally_pdf_name(p, place);
	uint32_t page;

	if (name)
		return page_of(p, tally_pdf_key(p, tally_pdf_key(p, catalog, "/Dests"), name));
	name = tally_pdf_text(p, place);
	if (name)
		return tally_pdf_map_get(&p->places, name_hash(name), &page) ? page : 0;
	return page_of(p, place);
}

/* ---- bookmarks ---- */

static void push_node(struct outline *o, qpdf_oh node, uint32_t level)
{
	struct tally_pdf *p = o->p;
	uint64_t id = tally_pdf_id(p, node);
	uint32_t once;

	if (!PDF(qpdf_oh_is_dictionary)(p->q, node) || (id && tally_pdf_map_get(&o->seen, id, &once)))
		return;
	if ((id && !tally_pdf_map_set(&o->seen, id, 1)) ||
	    !tally_grow(&o->stack, &o->cap, o->count, sizeof *o->stack)) {
		tally_pdf_no_memory(p);
		return;
	}
	o->stack[o->count++] = (struct waiting){ node, level };
}

static void bookmark(struct outline *o, qpdf_oh node, uint32_t level, qpdf_oh catalog)
{
	static const char *const looks[] = { "/C", "/F", "/Count", "/Dest", "/A", NULL };
	struct tally_pdf *p = o->p;
	char *title = tally_pdf_text_copy(p, tally_pdf_key(p, node, "/Title"));
	qpdf_oh action = tally_pdf_key(p, node, "/A"), place = tally_pdf_key(p, node, "/Dest");
	char value[SHOWN + 40], where[40], depth[24];
	uint32_t page;

	if (PDF(qpdf_oh_is_null)(p->q, place))
		place = tally_pdf_key(p, action, "/D");
	page = lead(p, place, catalog);
	snprintf(value, sizeof value, "%.*s", SHOWN, title && *title ? title : "without a title");
	snprintf(where, sizeof where, "page %u", page);
	tally_pdf_fact(p, "page_bookmark", value, NULL, page ? where : NULL);
	tally_pdf_action(p, action, "a bookmark");
	snprintf(depth, sizeof depth, "level %u", level);
	tally_pdf_walk_say(o->walk, depth);
	tally_pdf_walk_add_only(o->walk, node, looks);
	tally_free(title);
}

void tally_pdf_bookmarks(struct tally_pdf *p, struct tally_pdf_walk *walk, qpdf_oh catalog)
{
	struct outline o = { .p = p, .walk = walk };
	qpdf_oh root = tally_pdf_key(p, catalog, "/Outlines");
	struct tally_sha256 sum;
	char text[TALLY_DIGEST_TEXT_MAX];

	if (!PDF(qpdf_oh_is_dictionary)(p->q, root))
		return;
	gather_places(p, catalog);
	tally_pdf_walk_begin(walk);
	push_node(&o, tally_pdf_key(p, root, "/First"), 1);
	while (o.count && p->st >= 0 && tally_pdf_go_on(p)) {
		struct waiting at = o.stack[--o.count];

		bookmark(&o, at.node, at.level, catalog);
		push_node(&o, tally_pdf_key(p, at.node, "/Next"), at.level);
		push_node(&o, tally_pdf_key(p, at.node, "/First"), at.level + 1);
	}
	if (tally_pdf_walk_end(walk, &sum) && !walk->failed) {
		tally_sha256_text(text, &sum);
		tally_pdf_fact(p, "unread", text + strlen("sha256:"), NULL,
		               "levels and looks of bookmarks");
	}
	p->cut |= walk->failed;
	walk->failed = false;
	tally_pdf_map_release(&o.seen);
	tally_free(o.stack);
}
