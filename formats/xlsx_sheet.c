/* The cells of a worksheet (ECMA-376 part 1, 18.3.1). */
#include "formats/xlsx.h"

#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/mem.h"
#include "formats/formula.h"
#include "formats/xlsx_plain.h"

enum cell_type {
	TYPE_NUMBER, /* and whatever is not known */
	TYPE_SHARED,
	TYPE_TEXT,
	TYPE_INLINE,
	TYPE_BOOL,
	TYPE_ERROR,
	TYPE_DATE,
};

/* <worksheet> OUTSIDE <sheetData> DATA <row> ROW <c> CELL <v> VALUE | <f> FORMULA | <is> INLINE */
enum place { OUTSIDE, DATA, ROW, CELL, VALUE, FORMULA, INLINE };

struct sheet_reading {
	struct tally_xlsx *x;
	struct tally_sheet_rows *rows;
	const struct tally_xml_handler *rest;
	uint32_t depth;
	enum place place;
	bool has_cells; /* as far as its outermost element says */
	/* the row */
	uint64_t row, next_row; /* from 0 */
	bool row_known;         /* it says its number, or one of its cells does */
	/* the cell */
	uint64_t column, next_column;
	enum cell_type type;
	uint64_t style;
	bool has_value, has_inline;
	const char *value; /* once it is whole: in the text below, or where it lies in the part */
	size_t value_len;
	struct tally_buf text;
	struct tally_xlsx_rich rich;
	struct tally_xlsx_formula formula;
	struct tally_xlsx_shared *shared;
};

static enum tally_status problem(struct sheet_reading *s, const char *what, const char *detail,
                                 struct tally_err *err)
{
	return tally_part_problem(tally_sheet_part(s->rows), what, s->row + 1, detail, err);
}

/* ---- start tags ---- */

/* @return false: it is no number, or larger than any that means something */
static bool parse_number(const char *p, size_t len, uint64_t *out)
{
	uint64_t n = 0;

	if (len == 0 || len > 10)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(p[i] - '0');
	}
	*out = n;
	return true;
}

/* "AB12" in capital letters, without anything else; all others take the long way */
static bool parse_address(const char *p, size_t len, uint64_t *row, uint64_t *column)
{
	uint32_t letters = 0, r, c;
	size_t i = 0;

	for (; i < len && i < 3 && tally_is_upper(p[i]); i++)
		letters = letters * 26 + (uint32_t)(p[i] - 'A' + 1);
	if (i > 0 && parse_number(p + i, len - i, row) && *row > 0) {
		*column = letters - 1;
		--*row;
		return true;
	}
	if (!len || tally_cell_reference(p, len, &r, &c) != len)
		return false;
	*row = r;
	*column = c;
	return true;
}

static enum tally_status row_start(struct sheet_reading *s, const struct tally_xml_start *e,
                                   struct tally_err *err)
{
	const struct tally_xml_attr *r = tally_xml_attr_id(e, TALLY_XML_NONE, TALLY_XML_ID_r);

	s->row = s->next_row;
	s->row_known = r && parse_number(r->value, r->len, &s->row) && s->row > 0;
	if (s->row_known)
		s->row--;
	else
		s->row = s->next_row;
	s->next_column = 0;
	if (r && !s->row_known) {
		enum tally_status st = problem(s, "bad_reference", "a row whose number is none", err);

		if (st < 0)
			return st;
	}
	return tally_sheet_row(s->rows, s->row, err);
}

static enum cell_type type_of(const char *value, size_t len)
{
	static const struct {
		const char *name;
		size_t len;
		enum cell_type type;
	} types[] = {
		{ "s", 1, TYPE_SHARED },         { "str", 3, TYPE_TEXT }, { "b", 1, TYPE_BOOL },
		{ "inlineStr", 9, TYPE_INLINE }, { "e", 1, TYPE_ERROR },  { "d", 1, TYPE_DATE },
	};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (types[i].len == len && !memcmp(types[i].name, value, len))
			return types[i].type;
	return TYPE_NUMBER;
}

/* the cell's own word on where it is */
static enum tally_status take_address(struct sheet_reading *s, const char *address, size_t len,
                                      struct tally_err *err)
{
	uint64_t row, column;

	if (!parse_address(address, len, &row, &column))
		return problem(s, "bad_reference", "a cell whose address is none", err);
	s->column = column;
	if (row == s->row)
		return TALLY_OK;
	if (s->row_known || s->next_column)
		return problem(s, "bad_reference", "a cell whose address names another row", err);
	s->row = row;
	s->row_known = true;
	return tally_sheet_row(s->rows, row, err);
}

static void cell_begin(struct sheet_reading *s)
{
	s->column = s->next_column;
	s->type = TYPE_NUMBER;
	s->style = 0;
	s->has_value = s->has_inline = false;
	s->formula.kind = TALLY_XLSX_FORMULA_NONE;
	s->text.len = 0;
}

static enum tally_status cell_start(struct sheet_reading *s, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	cell_begin(s);
	for (size_t i = 0; i < e->attr_count; i++) {
		const struct tally_xml_attr *a = &e->attrs[i];

		if (a->name.ns != TALLY_XML_NONE)
			continue;
		if (a->name.id == TALLY_XML_ID_r)
			st = take_address(s, a->value, a->len, err);
		else if (a->name.id == TALLY_XML_ID_t)
			s->type = type_of(a->value, a->len);
		else if (a->name.id == TALLY_XML_ID_s)
			parse_number(a->value, a->len, &s->style);
		if (st < 0)
			return st;
	}
	s->next_column = s->column + 1;
	return TALLY_OK;
}

static enum tally_status inside_cell(struct sheet_reading *s, const struct tally_xml_start *e,
                                     struct tally_err *err)
{
	switch (e->name.id) {
	case TALLY_XML_ID_v:
		s->place = VALUE;
		s->has_value = true;
		return TALLY_OK;
	case TALLY_XML_ID_f:
		s->place = FORMULA;
		return tally_xlsx_formula_start(&s->formula, e, err);
	case TALLY_XML_ID_is:
		s->place = INLINE;
		s->has_inline = true;
		tally_xlsx_rich_begin(&s->rich, s->depth);
		return TALLY_OK;
	default:
		return TALLY_OK;
	}
}

static enum tally_status pass_start(const struct sheet_reading *s, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	return s->rest && s->rest->start ? s->rest->start(s->rest->payload, e, err) : TALLY_OK;
}

static enum tally_status pass_end(const struct sheet_reading *s, const struct tally_xml_name *name,
                                  struct tally_err *err)
{
	return s->rest && s->rest->end ? s->rest->end(s->rest->payload, name, err) : TALLY_OK;
}

/* Macro sheets (XLM) have cells like worksheets, below an element of another namespace. */
static enum tally_status outermost(struct sheet_reading *s, const struct tally_xml_start *e,
                                   struct tally_err *err)
{
	const struct tally_xml_name *name = &e->name;

	s->has_cells = tally_xml_is_id(name, TALLY_XML_SHEET, TALLY_XML_ID_worksheet) ||
	               (name->len == 10 && !memcmp(name->local, "macrosheet", 10));
	if (s->has_cells || tally_xml_is(name, TALLY_XML_SHEET, "chartsheet") ||
	    tally_xml_is(name, TALLY_XML_SHEET, "dialogsheet"))
		return TALLY_OK;
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED, "a sheet that is no worksheet");
}

static enum tally_status outside_start(struct sheet_reading *s, const struct tally_xml_start *e,
                                       struct tally_err *err)
{
	enum tally_status st = s->depth == 1 ? outermost(s, e, err) : TALLY_OK;

	if (s->depth == 2 && s->has_cells &&
	    tally_xml_is_id(&e->name, TALLY_XML_SHEET, TALLY_XML_ID_sheetData))
		s->place = DATA;
	return st < 0 ? st : pass_start(s, e, err);
}

static enum tally_status data_start(struct sheet_reading *s, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	enum tally_status st;

	if (s->depth != 3 || !tally_xml_is_id(&e->name, TALLY_XML_SHEET, TALLY_XML_ID_row))
		return TALLY_OK;
	s->place = ROW;
	st = row_start(s, e, err);
	return st < 0 ? st : pass_start(s, e, err);
}

static enum tally_status sheet_start(void *payload, const struct tally_xml_start *e,
                                     struct tally_err *err)
{
	struct sheet_reading *s = payload;

	s->depth++;
	switch (s->place) {
	case OUTSIDE:
		return outside_start(s, e, err);
	case DATA:
		return data_start(s, e, err);
	case ROW:
		if (s->depth != 4 || !tally_xml_is_id(&e->name, TALLY_XML_SHEET, TALLY_XML_ID_c))
			return TALLY_OK;
		s->place = CELL;
		return cell_start(s, e, err);
	case CELL:
		return s->depth == 5 && e->name.ns == TALLY_XML_SHEET ? inside_cell(s, e, err)
		                                                      : TALLY_OK;
	case INLINE:
		tally_xlsx_rich_start(&s->rich, e);
		return TALLY_OK;
	default:
		return TALLY_OK;
	}
}

/* ---- values ---- */

static const struct tally_xlsx_format *format_of(const struct sheet_reading *s)
{
	static const struct tally_xlsx_format general = { .shown = TALLY_NUMBER_GENERAL };

	return s->style < s->x->format_count ? &s->x->formats[s->style] : &general;
}

static void take_look(struct sheet_reading *s, const struct tally_xlsx_format *format)
{
	struct tally_xlsx_looks *looks = &s->x->looks;

	looks->sum += format->look;
	if (s->has_value || s->has_inline) {
		looks->blank += format->blank;
		looks->white += format->white;
	}
}

static void trim(const char **p, size_t *len)
{
	while (*len && (unsigned char)**p <= ' ') {
		++*p;
		--*len;
	}
	while (*len && (unsigned char)(*p)[*len - 1] <= ' ')
		--*len;
}

static bool is_date(uint8_t shown)
{
	return shown == TALLY_NUMBER_DATE || shown == TALLY_NUMBER_TIME ||
	       shown == TALLY_NUMBER_DATETIME || shown == TALLY_NUMBER_DURATION;
}

static enum tally_status add_cell(struct sheet_reading *s, struct tally_cell *cell, uint8_t kind,
                                  const char *value, size_t len, struct tally_err *err)
{
	cell->kind = kind;
	cell->value = value;
	cell->value_len = (uint32_t)len;
	return tally_sheet_cell(s->rows, s->column, cell, err);
}

static enum tally_status add_number(struct sheet_reading *s, struct tally_cell *cell,
                                    const char *value, size_t len, struct tally_err *err)
{
	const struct tally_xlsx_format *format = format_of(s);
	char number[TALLY_NUMBER_TEXT_MAX], date[TALLY_SERIAL_TEXT_MAX];
	enum tally_status st;
	size_t n;

	trim(&value, &len);
	n = tally_number_text(number, value, len);
	/* the shortest text has the value of the long one; the buffer's NUL ends it */
	if (n && is_date(format->shown) && n < sizeof number) {
		number[n] = '\0';
		if (tally_serial_text(date, strtod(number, NULL), format->shown, s->x->date1904))
			return add_cell(s, cell, TALLY_CELL_DATE, date, strlen(date), err);
	}
	if (n)
		return add_cell(s, cell, TALLY_CELL_NUMBER, number, n, err);
	st = problem(s, "bad_number", "a cell with a number that is none", err);
	return st < 0 ? st : add_cell(s, cell, TALLY_CELL_TEXT, value, len, err);
}

static enum tally_status add_shared(struct sheet_reading *s, struct tally_cell *cell,
                                    const char *value, size_t len, struct tally_err *err)
{
	const struct tally_xlsx *x = s->x;
	uint64_t i, from;

	trim(&value, &len);
	if (!parse_number(value, len, &i) || i >= x->string_count) {
		enum tally_status st = problem(s, "string_missing",
		                               "a cell whose shared string is not there", err);

		return st < 0 ? st : add_cell(s, cell, TALLY_CELL_TEXT, "", 0, err);
	}
	from = i ? x->ends[i - 1] : 0;
	return tally_sheet_packed(s->rows, s->column, x->strings.bytes + from,
	                          (size_t)(x->ends[i] - from), cell, err);
}

static bool is_true(const char *value, size_t len)
{
	return (len == 1 && *value == '1') || (len == 4 && (*value | 32) == 't');
}

/* "2024-02-29T00:00:00" is the day; times without a zone are all there are */
static size_t shorten_date(const char *value, size_t len)
{
	if (len && value[len - 1] == 'Z')
		len--;
	while (len > 20 && value[19] == '.' && value[len - 1] == '0')
		len--;
	if (len == 20 && value[19] == '.')
		len--;
	return len == 19 && !memcmp(value + 10, "T00:00:00", 9) ? 10 : len;
}

static enum tally_status add_bytes(struct tally_buf *to, const char *text, size_t len,
                                   struct tally_err *err)
{
	return tally_buf_add(to, text, len) ? TALLY_OK : tally_xlsx_text_failed(to, len, err);
}

/* what is escaped is put back in place: not in the part */
static enum tally_status add_text(struct sheet_reading *s, struct tally_cell *cell,
                                  struct tally_err *err)
{
	enum tally_status st = TALLY_OK;
	size_t len;

	if (s->value != s->text.bytes)
		st = add_bytes(&s->text, s->value, s->value_len, err);
	if (st < 0)
		return st;
	len = s->text.len ? tally_xlsx_unescape(s->text.bytes, s->text.len) : 0;
	return add_cell(s, cell, TALLY_CELL_TEXT, s->text.bytes ? s->text.bytes : "", len, err);
}

static enum tally_status add_value(struct sheet_reading *s, struct tally_cell *cell,
                                   struct tally_err *err)
{
	const char *value = s->value;
	size_t len = s->value_len;

	switch (s->type) {
	case TYPE_NUMBER:
		return add_number(s, cell, value, len, err);
	case TYPE_SHARED:
		return add_shared(s, cell, value, len, err);
	case TYPE_BOOL:
		trim(&value, &len);
		return is_true(value, len) ? add_cell(s, cell, TALLY_CELL_BOOL, "TRUE", 4, err)
		                           : add_cell(s, cell, TALLY_CELL_BOOL, "FALSE", 5, err);
	case TYPE_ERROR:
		trim(&value, &len);
		return add_cell(s, cell, TALLY_CELL_ERROR, value, len, err);
	case TYPE_DATE:
		trim(&value, &len);
		return add_cell(s, cell, TALLY_CELL_DATE, value, shorten_date(value, len), err);
	default:
		return add_text(s, cell, err);
	}
}

static enum tally_status add_inline(struct sheet_reading *s, struct tally_cell *cell,
                                    struct tally_err *err)
{
	struct tally_buf *text = &s->rich.text;
	size_t len = text->len ? tally_xlsx_unescape(text->bytes, text->len) : 0;

	return add_cell(s, cell, TALLY_CELL_TEXT, text->bytes ? text->bytes : "", len, err);
}

static enum tally_status add_formula(struct sheet_reading *s, struct tally_cell *cell,
                                     struct tally_err *err)
{
	size_t len = 0;
	enum tally_status st;

	if (s->formula.kind == TALLY_XLSX_FORMULA_PLAIN && !s->formula.text.len)
		return TALLY_OK;
	st = tally_xlsx_formula_finish(&s->formula, &s->shared, (uint32_t)s->row,
	                               (uint32_t)s->column, &cell->formula, &len, err);
	cell->formula_len = (uint32_t)len;
	if (st < 0 || cell->formula)
		return st;
	/* a formula all the same: without one the cell would look like a value */
	cell->formula = "SHARED()";
	cell->formula_len = 8;
	return problem(s, "formula_missing", "a shared formula that is nowhere told", err);
}

/*
 * LibreOffice has no constants that are errors or truth values: it makes formulas of them (=TRUE(), =#N/A). One that is nothing but
 * the cell's own value is no formula; #REF! alone may be what is left of one.
 */
static bool is_constant(const struct sheet_reading *s, const struct tally_cell *cell)
{
	const char *value = s->value, *formula = cell->formula;
	size_t len = s->value_len, n = cell->formula_len;

	if (s->formula.kind != TALLY_XLSX_FORMULA_PLAIN || !formula || !len)
		return false;
	trim(&value, &len);
	if (s->type == TYPE_ERROR)
		return len == n && *value == '#' && !memcmp(value, formula, n) &&
		       (n != 5 || memcmp(formula, "#REF!", 5) != 0);
	/* shown as a day, a truth value is a number */
	if (s->type != TYPE_BOOL && s->type != TYPE_NUMBER)
		return false;
	if (n == 4 && !memcmp(formula, "TRUE", 4))
		return len == 1 && *value == '1';
	return n == 5 && !memcmp(formula, "FALSE", 5) && len == 1 && *value == '0';
}

/* a formula whose value no program has computed, or nothing at all */
static enum tally_status add_without_value(struct sheet_reading *s, struct tally_cell *cell,
                                           struct tally_err *err)
{
	enum tally_status st;

	if (!cell->formula) {
		tally_sheet_has_cell(s->rows);
		return TALLY_OK;
	}
	cell->cached = TALLY_CACHED_MISSING;
	st = problem(s, "not_computed", "a formula whose value was not computed", err);
	return st < 0 ? st : add_cell(s, cell, TALLY_CELL_EMPTY, "", 0, err);
}

static enum tally_status cell_end(struct sheet_reading *s, struct tally_err *err)
{
	const struct tally_xlsx_format *format = format_of(s);
	struct tally_cell cell = { .format = format->code, .format_len = format->len };
	enum tally_status st = TALLY_OK;

	take_look(s, format);
	if (s->formula.kind != TALLY_XLSX_FORMULA_NONE)
		st = add_formula(s, &cell, err);
	if (st < 0)
		return st;
	if (is_constant(s, &cell)) {
		s->type = s->type == TYPE_NUMBER ? TYPE_BOOL : s->type;
		cell.formula = NULL;
		cell.formula_len = 0;
	}
	if (s->type == TYPE_INLINE && s->has_inline) /* beside it, <v> does not count */
		return add_inline(s, &cell, err);
	/* a formula may well give an empty text */
	if (!s->value_len && !(s->has_value && s->type == TYPE_TEXT))
		return add_without_value(s, &cell, err);
	return add_value(s, &cell, err);
}

/* ---- end tags, text ---- */

static enum tally_status sheet_end(void *payload, const struct tally_xml_name *name,
                                   struct tally_err *err)
{
	struct sheet_reading *s = payload;
	enum tally_status st = TALLY_OK;
	uint32_t depth = s->depth--;

	switch (s->place) {
	case OUTSIDE:
		return pass_end(s, name, err);
	case DATA:
		if (depth != 2)
			return TALLY_OK;
		s->place = OUTSIDE;
		return pass_end(s, name, err);
	case ROW:
		if (depth != 3)
			return TALLY_OK;
		s->place = DATA;
		s->next_row = s->row + 1;
		st = tally_sheet_row_end(s->rows, err);
		return st < 0 ? st : pass_end(s, name, err);
	case CELL:
		if (depth != 4)
			return TALLY_OK;
		s->place = ROW;
		s->value = s->text.bytes;
		s->value_len = s->text.len;
		return cell_end(s, err);
	default:
		if (depth == 5)
			s->place = CELL;
		else if (s->place == INLINE)
			tally_xlsx_rich_end(&s->rich);
		return TALLY_OK;
	}
}

static enum tally_status sheet_text(void *payload, const char *text, size_t len, struct tally_err *err)
{
	struct sheet_reading *s = payload;

	switch (s->place) {
	case VALUE:
		return s->depth == 5 ? add_bytes(&s->text, text, len, err) : TALLY_OK;
	case FORMULA:
		return s->depth == 5 ? add_bytes(&s->formula.text, text, len, err) : TALLY_OK;
	case INLINE:
		return s->rich.in_text ? add_bytes(&s->rich.text, text, len, err) : TALLY_OK;
	case OUTSIDE:
		return s->rest && s->rest->text ? s->rest->text(s->rest->payload, text, len, err)
		                                : TALLY_OK;
	default:
		return TALLY_OK;
	}
}

/* ---- plain cells ---- */

static enum tally_status plain_formula(struct sheet_reading *s,
                                       const struct tally_xlsx_plain_cell *cell,
                                       struct tally_err *err)
{
	tally_xlsx_formula_plain(&s->formula, cell->shared.bytes ? &cell->shared : NULL);
	return add_bytes(&s->formula.text, cell->formula.bytes, cell->formula.len, err);
}

/* what its events would have done */
static enum tally_status plain_cell(struct sheet_reading *s,
                                    const struct tally_xlsx_plain_cell *cell, struct tally_err *err)
{
	enum tally_status st;

	cell_begin(s);
	st = take_address(s, cell->address.bytes, cell->address.len, err);
	if (st < 0)
		return st;
	s->next_column = s->column + 1;
	if (cell->style.bytes)
		parse_number(cell->style.bytes, cell->style.len, &s->style);
	if (cell->type.bytes)
		s->type = type_of(cell->type.bytes, cell->type.len);
	if (cell->formula.bytes || cell->shared.bytes)
		st = plain_formula(s, cell, err);
	s->has_value = cell->value.bytes != NULL;
	s->value = cell->value.bytes;
	s->value_len = cell->value.len;
	return st < 0 ? st : cell_end(s, err);
}

static enum tally_status sheet_plain(void *payload, const char *bytes, size_t len, size_t *taken,
                                     struct tally_err *err)
{
	struct sheet_reading *s = payload;
	enum tally_status st = TALLY_OK;

	while (s->place == ROW && s->depth == 3 && st >= 0) {
		struct tally_xlsx_plain_cell cell;
		size_t n = tally_xlsx_plain_cell(&cell, bytes + *taken, len - *taken);

		if (!n || cell.value.len > s->text.max)
			break;
		*taken += n;
		st = plain_cell(s, &cell, err);
	}
	return st;
}

enum tally_status tally_xlsx_read_sheet(struct tally_xlsx *x, const struct tally_xlsx_sheet *sheet,
                                        const struct tally_xml_handler *rest,
                                        struct tally_part **out, struct tally_err *err)
{
	struct sheet_reading s = { .x = x, .rest = rest };
	const struct tally_xml_handler handler = { .payload = &s,
		                                   .start = sheet_start,
		                                   .end = sheet_end,
		                                   .text = sheet_text,
		                                   .plain = sheet_plain };
	enum tally_status st = tally_sheet_rows_new(&s.rows, x->book, sheet->name, "xlsx", err);

	*out = NULL;
	x->looks = (struct tally_xlsx_looks){ 0 };
	tally_buf_init(&s.text, (size_t)x->limits->xml_token_bytes);
	tally_buf_init(&s.rich.text, (size_t)x->limits->xml_token_bytes);
	tally_xlsx_formula_init(&s.formula, x->limits);
	if (st >= 0)
		st = tally_package_xml(x->package, sheet->part, &handler, err);
	if (st >= 0 && s.has_cells)
		st = tally_sheet_finish(s.rows, out, err);
	tally_sheet_rows_free(s.rows);
	tally_buf_release(&s.text);
	x->run_looks += s.rich.looks;
	tally_buf_release(&s.rich.text);
	tally_xlsx_formula_release(&s.formula);
	tally_xlsx_shared_free(s.shared);
	return st;
}
