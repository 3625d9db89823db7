/*
 * A cell's <f> in relative form (ECMA-376 part 1, 18.3.1.40).
 *
 *   plain       SUM(RC[-2]:RC[-1])
 *   shared      the same: a formula that is filled into many cells is one text in relative form
 *   array       {SUM(RC[-2]:RC[-1])}, and where it fills more than its own cell: {…} RC:R[3]C
 *   data table  {TABLE(R1C1,)} RC:R[3]C[2], with the cells that it puts its inputs into
 */
#include "formats/xlsx.h"

#include <string.h>

#include "core/ascii.h"
#include "core/arena.h"
#include "core/mem.h"
#include "formats/formula.h"
#include "formats/xlsx_plain.h"

enum { SLOTS_FIRST = 64 };

struct master {
	const char *text;
	size_t len;
	uint32_t index;
	bool used;
};

struct tally_xlsx_shared {
	struct tally_arena arena;
	struct master *slots; /* a power of two, half full at most */
	size_t cap, count;
};

void tally_xlsx_shared_free(struct tally_xlsx_shared *shared)
{
	if (!shared)
		return;
	tally_arena_release(&shared->arena);
	tally_free(shared->slots);
	tally_free(shared);
}

static struct master *slot_of(const struct tally_xlsx_shared *shared, uint32_t index)
{
	size_t at = (size_t)(index * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (shared->cap - 1);

	while (shared->slots[at].used && shared->slots[at].index != index)
		at = (at + 1) & (shared->cap - 1);
	return &shared->slots[at];
}

static bool make_room(struct tally_xlsx_shared *shared)
{
	struct master *old = shared->slots;
	size_t old_cap = shared->cap, cap = old_cap ? old_cap * 2 : SLOTS_FIRST;
	struct master *slots;

	if (shared->count * 2 < old_cap)
		return true;
	slots = tally_alloc_zero(cap, sizeof *slots);
	if (!slots)
		return false;
	shared->slots = slots;
	shared->cap = cap;
	for (size_t i = 0; i < old_cap; i++)
		if (old[i].used)
			*slot_of(shared, old[i].index) = old[i];
	tally_free(old);
	return true;
}

static enum tally_status remember(struct tally_xlsx_shared **shared, uint32_t index,
                                  const struct tally_buf *text, struct tally_err *err)
{
	struct master *m;
	char *copy;

	if (!*shared)
		*shared = tally_alloc_zero(1, sizeof **shared);
	if (!*shared || !make_room(*shared))
		return tally_err_nomem(err);
	copy = tally_arena_dup(&(*shared)->arena, text->bytes, text->len);
	if (!copy)
		return tally_err_nomem(err);
	m = slot_of(*shared, index);
	(*shared)->count += !m->used;
	*m = (struct master){ copy, text->len, index, true };
	return TALLY_OK;
}

void tally_xlsx_formula_init(struct tally_xlsx_formula *f, const struct tally_limits *limits)
{
	size_t max = (size_t)limits->xml_token_bytes;

	f->kind = TALLY_XLSX_FORMULA_NONE;
	tally_buf_init(&f->text, max);
	tally_buf_init(&f->place, max);
	tally_buf_init(&f->inputs, max);
	tally_buf_init(&f->relative, max * 4);
}

void tally_xlsx_formula_release(struct tally_xlsx_formula *f)
{
	tally_buf_release(&f->text);
	tally_buf_release(&f->place);
	tally_buf_release(&f->inputs);
	tally_buf_release(&f->relative);
}

static bool is_text(const struct tally_xml_attr *a, const char *text)
{
	return a && strlen(text) == a->len && !memcmp(a->value, text, a->len);
}

static bool keep(struct tally_buf *out, const struct tally_xml_attr *a)
{
	return !a || tally_buf_add(out, a->value, a->len);
}

static enum tally_status keep_inputs(struct tally_xlsx_formula *f, const struct tally_xml_start *e,
                                     struct tally_err *err)
{
	const struct tally_xml_attr *row = tally_xml_attr(e, TALLY_XML_NONE, "dtr");
	bool by_row = row && row->len == 1 && row->value[0] == '1';

	/* one input is that of the row or that of the column: TABLE(row,column) */
	if (by_row || tally_xml_attr(e, TALLY_XML_NONE, "r2")) {
		if (!keep(&f->inputs, tally_xml_attr(e, TALLY_XML_NONE, "r1")) ||
		    !tally_buf_byte(&f->inputs, ',') ||
		    !keep(&f->inputs, tally_xml_attr(e, TALLY_XML_NONE, "r2")))
			return tally_err_nomem(err);
		return TALLY_OK;
	}
	if (!tally_buf_byte(&f->inputs, ',') ||
	    !keep(&f->inputs, tally_xml_attr(e, TALLY_XML_NONE, "r1")))
		return tally_err_nomem(err);
	return TALLY_OK;
}

static uint32_t index_of(const char *value, size_t len)
{
	uint32_t n = 0;

	for (size_t i = 0; i < len && tally_is_digit(value[i]); i++)
		n = n * 10 + (uint32_t)(value[i] - '0');
	return n;
}

void tally_xlsx_formula_plain(struct tally_xlsx_formula *f, const struct tally_xlsx_plain_text *shared)
{
	f->kind = shared ? TALLY_XLSX_FORMULA_SHARED : TALLY_XLSX_FORMULA_PLAIN;
	tally_buf_clear(&f->text);
	if (shared)
		f->index = index_of(shared->bytes, shared->len);
}

enum tally_status tally_xlsx_formula_start(struct tally_xlsx_formula *f,
                                           const struct tally_xml_start *e, struct tally_err *err)
{
	const struct tally_xml_attr *type = tally_xml_attr_id(e, TALLY_XML_NONE, TALLY_XML_ID_t);
	const struct tally_xml_attr *index;

	f->kind = TALLY_XLSX_FORMULA_PLAIN;
	tally_buf_clear(&f->text);
	if (!type)
		return TALLY_OK;
	tally_buf_clear(&f->place);
	tally_buf_clear(&f->inputs);
	if (!keep(&f->place, tally_xml_attr_id(e, TALLY_XML_NONE, TALLY_XML_ID_ref)))
		return tally_err_nomem(err);
	if (is_text(type, "shared"))
		f->kind = TALLY_XLSX_FORMULA_SHARED;
	else if (is_text(type, "array"))
		f->kind = TALLY_XLSX_FORMULA_ARRAY;
	else if (is_text(type, "dataTable"))
		f->kind = TALLY_XLSX_FORMULA_TABLE;
	index = tally_xml_attr_id(e, TALLY_XML_NONE, TALLY_XML_ID_si);
	f->index = index ? index_of(index->value, index->len) : 0;
	return f->kind == TALLY_XLSX_FORMULA_TABLE ? keep_inputs(f, e, err) : TALLY_OK;
}

/* Does it fill one cell only? */
static bool is_own_cell(const struct tally_buf *place, uint32_t row, uint32_t column)
{
	uint32_t r[2], c[2];
	const char *p = place->bytes;
	size_t n = place->len ? tally_cell_reference(p, place->len, &r[0], &c[0]) : 0, m;

	if (!n)
		return true;
	if (n == place->len)
		return r[0] == row && c[0] == column;
	if (p[n] != ':')
		return false;
	m = tally_cell_reference(p + n + 1, place->len - n - 1, &r[1], &c[1]);
	return m == place->len - n - 1 && r[0] == r[1] && c[0] == c[1];
}

static bool make_braced(struct tally_xlsx_formula *f, uint32_t row, uint32_t column)
{
	struct tally_buf *out = &f->relative;
	bool table = f->kind == TALLY_XLSX_FORMULA_TABLE;
	const struct tally_buf *inner = table ? &f->inputs : &f->text;

	if (!tally_buf_text(out, table ? "{TABLE(" : "{") ||
	    !tally_formula_relative(out, inner->bytes ? inner->bytes : "", inner->len, row, column) ||
	    !tally_buf_text(out, table ? ")}" : "}"))
		return false;
	return is_own_cell(&f->place, row, column) ||
	       (tally_buf_byte(out, ' ') &&
	        tally_formula_relative(out, f->place.bytes, f->place.len, row, column));
}

static enum tally_status finish_shared(struct tally_xlsx_formula *f,
                                       struct tally_xlsx_shared **shared, const char **text,
                                       size_t *len, struct tally_err *err)
{
	const struct master *m;

	if (f->text.len)
		return remember(shared, f->index, &f->relative, err);
	m = *shared && (*shared)->cap ? slot_of(*shared, f->index) : NULL;
	*text = m && m->used ? m->text : NULL;
	*len = m && m->used ? m->len : 0;
	return TALLY_OK;
}

enum tally_status tally_xlsx_formula_finish(struct tally_xlsx_formula *f,
                                            struct tally_xlsx_shared **shared, uint32_t row,
                                            uint32_t column, const char **text, size_t *len,
                                            struct tally_err *err)
{
	bool ok;

	tally_buf_clear(&f->relative);
	if (f->text.len)
		f->text.len = tally_xlsx_unescape(f->text.bytes, f->text.len);
	if (f->kind == TALLY_XLSX_FORMULA_ARRAY || f->kind == TALLY_XLSX_FORMULA_TABLE)
		ok = make_braced(f, row, column);
	else
		ok = tally_formula_relative(&f->relative, f->text.bytes ? f->text.bytes : "",
		                            f->text.len, row, column);
	if (!ok)
		return tally_xlsx_text_failed(&f->relative, f->text.len, err);
	*text = f->relative.bytes ? f->relative.bytes : "";
	*len = f->relative.len;
	return f->kind == TALLY_XLSX_FORMULA_SHARED ? finish_shared(f, shared, text, len, err)
	                                            : TALLY_OK;
}
