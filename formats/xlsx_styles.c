/* Number formats and looks by a cell's style (ECMA-376 part 1, 18.8). */
#include "formats/xlsx.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/mem.h"

enum {
	CODE_MOST = 255, /* bytes of a format's code that are told; programs allow no more characters */
};

struct code {
	uint32_t id;
	uint32_t order;
	const char *text;
	uint32_t len;
};

/* A font, a fill or a border: what its elements say, in one number. */
struct look {
	uint64_t sum;
	bool white; /* letters, or a ground, that are white */
	bool none;  /* a fill without colour */
};

struct looks {
	struct look *items;
	size_t count, cap;
};

struct xf {
	uint32_t format; /* number of its number format */
	uint32_t font, fill, border;
	uint64_t more; /* alignment and protection */
};

struct styles_reading {
	struct tally_xlsx *x;
	struct code *codes;
	size_t code_count, code_cap;
	struct xf *xfs;
	size_t xf_count, xf_cap;
	struct looks fonts, fills, borders;
	uint32_t depth;
	bool in_codes, in_xfs, in_rules;
	struct looks *into; /* the list whose item is open; NULL: none of them */
};

static uint32_t number_of(const struct tally_xml_attr *a)
{
	uint64_t n = 0;

	for (size_t i = 0; a && i < a->len; i++) {
		if (a->value[i] < '0' || a->value[i] > '9' || n > UINT32_MAX)
			return 0;
		n = n * 10 + (uint64_t)(a->value[i] - '0');
	}
	return n > UINT32_MAX ? 0 : (uint32_t)n;
}

static enum tally_status add_code(struct styles_reading *s, const struct tally_xml_start *e,
                                  struct tally_err *err)
{
	const struct tally_xml_attr *text = tally_xml_attr_id(e, TALLY_XML_NONE,
	                                                      TALLY_XML_ID_formatCode);
	struct code code = { .id = number_of(
				     tally_xml_attr_id(e, TALLY_XML_NONE, TALLY_XML_ID_numFmtId)),
		             .order = (uint32_t)s->code_count };
	char *copy;

	if (!text)
		return TALLY_OK;
	copy = tally_arena_dup(&s->x->arena, text->value, text->len);
	if (!copy || !tally_grow(&s->codes, &s->code_cap, s->code_count, sizeof code))
		return tally_err_nomem(err);
	code.len = (uint32_t)tally_xlsx_unescape(copy, text->len);
	code.text = copy;
	s->codes[s->code_count++] = code;
	return TALLY_OK;
}

/* ---- looks ---- */

static bool is_value(const struct tally_xml_attr *a, const char *value)
{
	return a && a->len == strlen(value) && !memcmp(a->value, value, a->len);
}

/* white as a number of red, green and blue, or as the light colour of the theme */
static bool is_white(const struct tally_xml_start *e)
{
	const struct tally_xml_attr *rgb = tally_xml_attr(e, TALLY_XML_NONE, "rgb");
	const struct tally_xml_attr *theme = tally_xml_attr(e, TALLY_XML_NONE, "theme");

	return is_value(rgb, "FFFFFFFF") || is_value(rgb, "00FFFFFF") ||
	       (is_value(theme, "0") && !tally_xml_attr(e, TALLY_XML_NONE, "tint"));
}

uint64_t tally_xlsx_look_sum(const struct tally_xml_start *e, uint64_t sum)
{
	sum = tally_hash64(e->name.local, e->name.len, sum + e->depth);
	for (size_t i = 0; i < e->attr_count; i++) {
		const struct tally_xml_attr *a = &e->attrs[i];

		/* in any order */
		sum += tally_hash64(a->value, a->len,
		                    tally_hash64(a->name.local, a->name.len, e->depth));
	}
	return sum;
}

static void look_closer(struct look *l, const struct tally_xml_start *e)
{
	static const char pattern[] = "patternFill";

	l->sum = tally_xlsx_look_sum(e, l->sum);
	if (tally_xml_is(&e->name, TALLY_XML_SHEET, pattern))
		l->none = !tally_xml_attr(e, TALLY_XML_NONE, "patternType") ||
		          is_value(tally_xml_attr(e, TALLY_XML_NONE, "patternType"), "none");
	if (tally_xml_is_id(&e->name, TALLY_XML_SHEET, TALLY_XML_ID_color) ||
	    tally_xml_is(&e->name, TALLY_XML_SHEET, "fgColor"))
		l->white |= is_white(e);
}

static enum tally_status add_look(struct looks *list, struct tally_err *err)
{
	if (!tally_grow(&list->items, &list->cap, list->count, sizeof *list->items))
		return tally_err_nomem(err);
	list->items[list->count++] = (struct look){ .sum = 1 };
	return TALLY_OK;
}

static const struct look *look_at(const struct looks *list, uint32_t i)
{
	static const struct look none = { .none = true };

	return i < list->count ? &list->items[i] : &none;
}

/* ---- the part ---- */

static enum tally_status add_xf(struct styles_reading *s, const struct tally_xml_start *e,
                                struct tally_err *err)
{
	if (!tally_grow(&s->xfs, &s->xf_cap, s->xf_count, sizeof *s->xfs))
		return tally_err_nomem(err);
	s->xfs[s->xf_count++] = (struct xf){
		.format = number_of(tally_xml_attr_id(e, TALLY_XML_NONE, TALLY_XML_ID_numFmtId)),
		.font = number_of(tally_xml_attr(e, TALLY_XML_NONE, "fontId")),
		.fill = number_of(tally_xml_attr(e, TALLY_XML_NONE, "fillId")),
		.border = number_of(tally_xml_attr(e, TALLY_XML_NONE, "borderId")),
	};
	return TALLY_OK;
}

static void begin_list(struct styles_reading *s, const struct tally_xml_name *name)
{
	s->in_codes = name->id == TALLY_XML_ID_numFmts;
	s->in_xfs = name->id == TALLY_XML_ID_cellXfs;
	s->in_rules = tally_xml_is(name, TALLY_XML_SHEET, "dxfs");
	s->into = name->id == TALLY_XML_ID_fonts     ? &s->fonts
	          : name->id == TALLY_XML_ID_fills   ? &s->fills
	          : name->id == TALLY_XML_ID_borders ? &s->borders
	                                             : NULL;
}

static enum tally_status styles_start(void *payload, const struct tally_xml_start *e,
                                      struct tally_err *err)
{
	struct styles_reading *s = payload;

	s->depth++;
	if (e->name.ns != TALLY_XML_SHEET)
		return TALLY_OK;
	if (s->depth == 2)
		begin_list(s, &e->name);
	if (s->depth < 3)
		return TALLY_OK;
	if (s->into && s->depth == 3)
		return add_look(s->into, err);
	if (s->into && s->into->count)
		look_closer(&s->into->items[s->into->count - 1], e);
	if (s->in_rules)
		s->x->rule_looks = tally_xlsx_look_sum(e, s->x->rule_looks);
	if (s->in_codes && s->depth == 3 && e->name.id == TALLY_XML_ID_numFmt)
		return add_code(s, e, err);
	if (s->in_xfs && s->depth == 3 && e->name.id == TALLY_XML_ID_xf)
		return add_xf(s, e, err);
	if (s->in_xfs && s->depth > 3 && s->xf_count)
		s->xfs[s->xf_count - 1].more = tally_xlsx_look_sum(e, s->xfs[s->xf_count - 1].more);
	return TALLY_OK;
}

static enum tally_status styles_end(void *payload, const struct tally_xml_name *name,
                                    struct tally_err *err)
{
	struct styles_reading *s = payload;

	(void)name;
	(void)err;
	s->depth--;
	return TALLY_OK;
}

static int by_id(const void *a, const void *b)
{
	const struct code *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

/* the last one with this number, as programs take it */
static const struct code *find_code(const struct styles_reading *s, uint32_t id)
{
	size_t low = 0, high = s->code_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->codes[mid].id <= id)
			low = mid + 1;
		else
			high = mid;
	}
	return low && s->codes[low - 1].id == id ? &s->codes[low - 1] : NULL;
}

static bool is_general(const char *text, size_t len)
{
	return len == 0 || (len == 7 && (text[0] | 32) == 'g' && !memcmp(text + 1, "eneral", 6));
}

static struct tally_xlsx_format format_of(const struct styles_reading *s, uint32_t id)
{
	const struct code *own = find_code(s, id);
	struct tally_xlsx_format f = { .shown = TALLY_NUMBER_GENERAL };

	f.code = own ? own->text : tally_number_format_builtin(id);
	if (!f.code) {
		f.shown = tally_number_format_is_local_date(id) ? TALLY_NUMBER_DATE
		                                                : TALLY_NUMBER_GENERAL;
		return f;
	}
	f.len = own ? own->len : (uint32_t)strlen(f.code);
	f.shown = (uint8_t)tally_number_format_class(f.code, f.len);
	if (is_general(f.code, f.len))
		f.code = NULL;
	if (!f.code || f.len > CODE_MOST)
		f.len = f.code ? CODE_MOST : 0;
	return f;
}

/* All sections empty: neither numbers nor texts are shown. */
static bool shows_nothing(const struct tally_xlsx_format *f)
{
	return f->code && f->len >= 3 && strspn(f->code, "; ") == f->len;
}

static uint64_t look_of(const struct styles_reading *s, const struct xf *xf)
{
	const uint64_t sums[] = { look_at(&s->fonts, xf->font)->sum,
		                  look_at(&s->fills, xf->fill)->sum,
		                  look_at(&s->borders, xf->border)->sum, xf->more };

	return tally_hash64(sums, sizeof sums, 1);
}

static void set_look(const struct styles_reading *s, const struct xf *xf, struct tally_xlsx_format *f)
{
	const struct look *fill = look_at(&s->fills, xf->fill);
	uint64_t look = look_of(s, xf);

	f->look = look == s->x->first_look ? 0 : look;
	f->white = look_at(&s->fonts, xf->font)->white && (fill->none || fill->white);
	f->blank = shows_nothing(f);
}

static enum tally_status resolve(struct styles_reading *s, struct tally_err *err)
{
	struct tally_xlsx *x = s->x;

	if (s->code_count > 1)
		qsort(s->codes, s->code_count, sizeof *s->codes, by_id);
	x->formats = tally_alloc_zero(s->xf_count, sizeof *x->formats);
	if (!x->formats)
		return tally_err_nomem(err);
	x->first_look = s->xf_count ? look_of(s, &s->xfs[0]) : 0;
	for (size_t i = 0; i < s->xf_count; i++) {
		x->formats[i] = format_of(s, s->xfs[i].format);
		set_look(s, &s->xfs[i], &x->formats[i]);
	}
	x->format_count = s->xf_count;
	return TALLY_OK;
}

enum tally_status tally_xlsx_read_styles(struct tally_xlsx *x, struct tally_err *err)
{
	struct styles_reading s = { .x = x };
	const struct tally_xml_handler handler = { .payload = &s,
		                                   .start = styles_start,
		                                   .end = styles_end };
	const char *part;
	enum tally_status st = tally_xlsx_part_of_type(x, "styles", &part, err);

	if (st < 0 || !part)
		return st;
	st = tally_package_xml(x->package, part, &handler, err);
	if (st >= 0)
		st = resolve(&s, err);
	tally_free(s.codes);
	tally_free(s.xfs);
	tally_free(s.fonts.items);
	tally_free(s.fills.items);
	tally_free(s.borders.items);
	return st;
}
