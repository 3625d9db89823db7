/* Styles of a WordprocessingML document: see docx_styles.h. */
#include "formats/docx_styles.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "formats/looks.h"
#include "formats/office_facts.h"

enum { CHAIN = 16 /* styles based on styles based on … that are followed */ };
enum { STYLES_BYTES = 8 << 20 };

struct reading {
	uint64_t looks; /* of the style that is open */
	struct tally_docx_styles *styles;
	struct tally_docx_style *now; /* the one that is open */
};

/* a number of one or two digits, -1 for anything else */
static int8_t small_number(const struct tally_xml_attr *a)
{
	int v = 0;

	if (!a || !a->len || a->len > 2)
		return -1;
	for (size_t i = 0; i < a->len; i++) {
		if (a->value[i] < '0' || a->value[i] > '9')
			return -1;
		v = v * 10 + (a->value[i] - '0');
	}
	return (int8_t)v;
}

static bool open_style(struct reading *r, const struct tally_xml_start *e)
{
	struct tally_docx_styles *s = r->styles;
	const struct tally_xml_attr *id = tally_xml_attr(e, TALLY_XML_WORD, "styleId");

	r->now = NULL;
	if (!id)
		return true;
	if (!tally_grow(&s->items, &s->cap, s->count, sizeof *s->items))
		return false;
	r->now = &s->items[s->count++];
	*r->now = (struct tally_docx_style){ .outline = -1, .list = -1, .hidden = -1 };
	r->now->id = tally_arena_dup(&s->arena, id->value, id->len);
	return r->now->id != NULL;
}

/* Lists of what menus show, and where. */
static bool is_menu(const struct tally_xml_name *name)
{
	static const char *const names[] = { "latentStyles", "lsdException", "uiPriority",
		                             "qFormat",      "semiHidden",   "unhideWhenUsed",
		                             "locked",       "autoRedefine", NULL };

	for (size_t i = 0; names[i]; i++)
		if (tally_xml_is(name, TALLY_XML_WORD, names[i]))
			return true;
	return false;
}

static void look_at(struct reading *r, const struct tally_xml_start *e)
{
	if (tally_xml_is(&e->name, TALLY_XML_WORD, "style")) {
		r->styles->looks += r->looks;
		r->looks = 0;
	}
	if (!is_menu(&e->name))
		r->looks = tally_looks_sum(r->looks, e);
}

static enum tally_status on_start(void *payload, const struct tally_xml_start *e,
                                  struct tally_err *err)
{
	struct reading *r = payload;
	const struct tally_xml_attr *val = tally_xml_attr_id(e, TALLY_XML_WORD, TALLY_XML_ID_val);

	look_at(r, e);
	if (tally_xml_is(&e->name, TALLY_XML_WORD, "style"))
		return open_style(r, e) ? TALLY_OK : tally_err_nomem(err);
	if (!r->now || e->name.ns != TALLY_XML_WORD)
		return TALLY_OK;
	if (tally_xml_is(&e->name, TALLY_XML_WORD, "basedOn") && val) {
		r->now->based_on = tally_arena_dup(&r->styles->arena, val->value, val->len);
		return r->now->based_on ? TALLY_OK : tally_err_nomem(err);
	}
	if (tally_xml_is(&e->name, TALLY_XML_WORD, "outlineLvl"))
		r->now->outline = small_number(val);
	else if (tally_xml_is(&e->name, TALLY_XML_WORD, "numPr"))
		r->now->list = r->now->list < 0 ? 0 : r->now->list;
	else if (tally_xml_is(&e->name, TALLY_XML_WORD, "ilvl"))
		r->now->list = small_number(val);
	else if (tally_xml_is(&e->name, TALLY_XML_WORD, "vanish"))
		r->now->hidden = tally_attr_is_off(val) ? 0 : 1;
	return TALLY_OK;
}

static enum tally_status on_end(void *payload, const struct tally_xml_name *name,
                                struct tally_err *err)
{
	(void)err;
	if (tally_xml_is(name, TALLY_XML_WORD, "style"))
		((struct reading *)payload)->now = NULL;
	return TALLY_OK;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct tally_docx_style *)a)->id,
	              ((const struct tally_docx_style *)b)->id);
}

enum tally_status tally_docx_styles_read(struct tally_docx_styles *out, struct tally_package *p,
                                         const char *part, struct tally_err *err)
{
	struct reading r = { .styles = out };
	struct tally_xml_handler handler = { .payload = &r, .start = on_start, .end = on_end };
	enum tally_status st;

	*out = (struct tally_docx_styles){ 0 };
	tally_arena_init(&out->arena, STYLES_BYTES);
	if (!part)
		return TALLY_OK;
	st = tally_package_xml(p, part, &handler, err);
	out->looks += r.looks;
	if (out->count)
		qsort(out->items, out->count, sizeof *out->items, by_id);
	return st;
}

void tally_docx_styles_release(struct tally_docx_styles *styles)
{
	tally_free(styles->items);
	tally_arena_release(&styles->arena);
	*styles = (struct tally_docx_styles){ 0 };
}

static const struct tally_docx_style *find(const struct tally_docx_styles *s, const char *id,
                                           size_t len)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t mid = (low + high) / 2;
		int c = strncmp(s->items[mid].id, id, len);

		if (c == 0 && s->items[mid].id[len])
			c = 1;
		if (c == 0)
			return &s->items[mid];
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

struct tally_docx_style tally_docx_style(const struct tally_docx_styles *styles, const char *id,
                                         size_t len)
{
	struct tally_docx_style all = { .outline = -1, .list = -1, .hidden = -1 };

	for (int i = 0; i < CHAIN && id; i++) {
		const struct tally_docx_style *s = find(styles, id, len);

		if (!s)
			break;
		all.outline = all.outline < 0 ? s->outline : all.outline;
		all.list = all.list < 0 ? s->list : all.list;
		all.hidden = all.hidden < 0 ? s->hidden : all.hidden;
		id = s->based_on;
		len = id ? strlen(id) : 0;
	}
	return all;
}
