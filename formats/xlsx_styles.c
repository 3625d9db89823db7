/* Number formats by a cell's style (ECMA-376 part 1, 18.8.10 and 18.8.31). */
#include "formats/xlsx.h"

#include <stdlib.h>
#include <string.h>

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

struct styles_reading {
	struct tally_xlsx *x;
	struct code *codes;
	size_t code_count, code_cap;
	uint32_t *xfs; /* number format by style */
	size_t xf_count, xf_cap;
	uint32_t depth;
	bool in_codes, in_xfs;
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

static enum tally_status styles_start(void *payload, const struct tally_xml_start *e,
                                      struct tally_err *err)
{
	struct styles_reading *s = payload;

	s->depth++;
	if (e->name.ns != TALLY_XML_SHEET)
		return TALLY_OK;
	if (s->depth == 2) {
		s->in_codes = e->name.id == TALLY_XML_ID_numFmts;
		s->in_xfs = e->name.id == TALLY_XML_ID_cellXfs;
	}
	if (s->depth != 3)
		return TALLY_OK;
	if (s->in_codes && e->name.id == TALLY_XML_ID_numFmt)
		return add_code(s, e, err);
	if (!s->in_xfs || e->name.id != TALLY_XML_ID_xf)
		return TALLY_OK;
	if (!tally_grow(&s->xfs, &s->xf_cap, s->xf_count, sizeof *s->xfs))
		return tally_err_nomem(err);
	s->xfs[s->xf_count++] = number_of(tally_xml_attr_id(e, TALLY_XML_NONE, TALLY_XML_ID_numFmtId));
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

static enum tally_status resolve(struct styles_reading *s, struct tally_err *err)
{
	struct tally_xlsx *x = s->x;

	if (s->code_count > 1)
		qsort(s->codes, s->code_count, sizeof *s->codes, by_id);
	x->formats = tally_alloc_zero(s->xf_count, sizeof *x->formats);
	if (!x->formats)
		return tally_err_nomem(err);
	for (size_t i = 0; i < s->xf_count; i++)
		x->formats[i] = format_of(s, s->xfs[i]);
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
	return st;
}
