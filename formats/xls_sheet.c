/* The cells of a worksheet in old workbooks, values only ([MS-XLS] 2.1.7.20.6). */
#include <stdio.h>
#include <string.h>

#include "formats/number_format.h"
#include "formats/xls.h"

struct sheet_reading {
	struct tally_xls *x;
	const struct tally_xls_sheet *sheet;
	struct tally_sheet_rows *rows;
	struct tally_xls_facts facts;
	bool in_row;
	uint32_t row, column; /* the cell at hand */
	uint32_t style;
	bool text_follows; /* that cell's formula has a text, which a STRING record brings */
};

static enum tally_status problem(struct sheet_reading *s, const char *what, const char *detail,
                                 struct tally_err *err)
{
	return tally_part_problem(tally_sheet_part(s->rows), what, s->row + UINT64_C(1), detail, err);
}

static enum tally_status end_row(struct sheet_reading *s, struct tally_err *err)
{
	bool open = s->in_row;

	s->in_row = false;
	return open ? tally_sheet_row_end(s->rows, err) : TALLY_OK;
}

/* A formula whose text never came */
static enum tally_status end_text(struct sheet_reading *s, struct tally_err *err)
{
	bool waiting = s->text_follows;

	s->text_follows = false;
	return waiting ? problem(s, "string_missing", "a formula whose text is not there", err)
	               : TALLY_OK;
}

static enum tally_status begin_cell(struct sheet_reading *s, uint32_t row, uint32_t column,
                                    uint32_t style, struct tally_err *err)
{
	enum tally_status st = end_text(s, err);

	if (st >= 0 && (!s->in_row || row != s->row)) {
		st = end_row(s, err);
		if (st >= 0)
			st = tally_sheet_row(s->rows, row, err);
		s->in_row = st >= 0;
	}
	s->row = row;
	s->column = column;
	s->style = style;
	return st;
}

static enum tally_status add_cell(struct sheet_reading *s, uint8_t kind, const char *value,
                                  size_t len, struct tally_err *err)
{
	const struct tally_cell cell = { .kind = kind, .value = value, .value_len = (uint32_t)len };

	return tally_sheet_cell(s->rows, s->column, &cell, err);
}

/* ---- values ---- */

static bool is_date(uint8_t shown)
{
	return shown == TALLY_NUMBER_DATE || shown == TALLY_NUMBER_TIME ||
	       shown == TALLY_NUMBER_DATETIME || shown == TALLY_NUMBER_DURATION;
}

static enum tally_status add_number(struct sheet_reading *s, double value, struct tally_err *err)
{
	const struct tally_xls *x = s->x;
	uint8_t shown = s->style < x->style_count ? x->shown[s->style] : TALLY_NUMBER_GENERAL;
	char number[TALLY_NUMBER_TEXT_MAX], text[TALLY_SERIAL_TEXT_MAX];
	enum tally_status st;
	size_t n;

	if (is_date(shown) && tally_serial_text(text, value, shown, x->date1904))
		return add_cell(s, TALLY_CELL_DATE, text, strlen(text), err);
	snprintf(text, sizeof text, "%.17g", value);
	n = tally_number_text(number, text, strlen(text));
	if (n)
		return add_cell(s, TALLY_CELL_NUMBER, number, n, err);
	st = problem(s, "bad_number", "a cell with a number that is none", err);
	return st < 0 ? st : add_cell(s, TALLY_CELL_TEXT, text, strlen(text), err);
}

static double double_of(uint64_t bits)
{
	double value;

	memcpy(&value, &bits, sizeof value);
	return value;
}

/* 2.5.217: 30 bits of a number or of an integer, which may be hundredths */
static double rk_value(uint32_t rk)
{
	enum { HUNDREDTHS = 1, INTEGER = 2 };
	double value = rk & INTEGER ? (double)((int32_t)(rk & ~UINT32_C(3)) / 4)
	                            : double_of((uint64_t)(rk & ~UINT32_C(3)) << 32);

	return rk & HUNDREDTHS ? value / 100 : value;
}

/* 2.5.10, 2.5.13 */
static enum tally_status add_truth(struct sheet_reading *s, unsigned value, bool is_error,
                                   struct tally_err *err)
{
	static const struct {
		unsigned code;
		const char *text;
	} errors[] = {
		{ 0x00, "#NULL!" }, { 0x07, "#DIV/0!" },       { 0x0f, "#VALUE!" },
		{ 0x17, "#REF!" },  { 0x1d, "#NAME?" },        { 0x24, "#NUM!" },
		{ 0x2a, "#N/A" },   { 0x2b, "#GETTING_DATA" },
	};
	char text[16];

	if (!is_error)
		return add_cell(s, TALLY_CELL_BOOL, value ? "TRUE" : "FALSE", value ? 4 : 5, err);
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (errors[i].code == value)
			return add_cell(s, TALLY_CELL_ERROR, errors[i].text, strlen(errors[i].text),
			                err);
	snprintf(text, sizeof text, "#ERROR %u", value);
	return add_cell(s, TALLY_CELL_ERROR, text, strlen(text), err);
}

/* BIFF5: some count characters where their bytes are more; the text is then cut before its end. */
static bool is_cut(const struct tally_xls *x, struct tally_bytes behind, unsigned type)
{
	size_t left = tally_bytes_left(&behind);

	if (x->wide)
		return false;
	if (type == TALLY_XLS_LABEL)
		return left > 0;
	return type == TALLY_XLS_RSTRING && left != 1 + 2 * (size_t)tally_bytes_u8(&behind);
}

static enum tally_status add_text(struct sheet_reading *s, struct tally_xls_pieces *p,
                                  unsigned type, struct tally_err *err)
{
	struct tally_xls *x = s->x;
	enum tally_status st = tally_xls_text(x, p, tally_xls_number(p, 2), err);

	if (st >= 0 && is_cut(x, p->in, type))
		st = problem(s, "bad_text", "a text that is longer than it says", err);
	return st < 0 ? st
	              : add_cell(s, TALLY_CELL_TEXT, x->text.len ? x->text.bytes : "", x->text.len,
	                         err);
}

static enum tally_status add_shared(struct sheet_reading *s, uint32_t i, struct tally_err *err)
{
	const struct tally_cell rest = { .kind = TALLY_CELL_TEXT };
	const struct tally_xls *x = s->x;
	size_t from;

	if (i >= x->string_count)
		return problem(s, "string_missing", "a cell whose shared string is not there", err);
	from = i ? x->ends[i - 1] : 0;
	return tally_sheet_packed(s->rows, s->column, x->strings.bytes + from, x->ends[i] - from,
	                          &rest, err);
}

/* 2.4.127, 2.5.133: the value that the formula had */
static enum tally_status add_result(struct sheet_reading *s, const unsigned char *value,
                                    struct tally_err *err)
{
	enum { TEXT = 0, TRUTH = 1, ERROR = 2 };
	struct tally_bytes b = tally_bytes_of(value, 8);

	if (value[6] != 0xff || value[7] != 0xff)
		return add_number(s, double_of(tally_bytes_u64(&b)), err);
	s->text_follows = value[0] == TEXT;
	if (value[0] == TRUTH || value[0] == ERROR)
		return add_truth(s, value[2], value[0] == ERROR, err);
	return TALLY_OK; /* 3: an empty text */
}

static enum tally_status add_string_of_formula(struct sheet_reading *s,
                                               const struct tally_xls_record *record,
                                               struct tally_err *err)
{
	struct tally_xls_pieces p = tally_xls_pieces(s->x, record);

	if (!s->text_follows)
		return TALLY_OK;
	s->text_follows = false;
	return add_text(s, &p, record->type, err);
}

/* ---- records ---- */

static enum tally_status cut_short(struct sheet_reading *s, struct tally_err *err)
{
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED,
	                     "a record of sheet '%.100s' is cut short", s->sheet->name);
}

/* 2.4.175 */
static enum tally_status add_many(struct sheet_reading *s, const struct tally_xls_record *record,
                                  struct tally_err *err)
{
	struct tally_bytes b = tally_bytes_of(record->bytes, record->len);
	uint32_t row = tally_bytes_u16(&b), column = tally_bytes_u16(&b);
	enum tally_status st = TALLY_OK;

	if (record->len < 12 || (record->len - 6) % 6)
		return cut_short(s, err);
	while (tally_bytes_left(&b) > 2 && st >= 0) {
		uint32_t style = tally_bytes_u16(&b);

		st = begin_cell(s, row, column++, style, err);
		if (st >= 0)
			st = add_number(s, rk_value(tally_bytes_u32(&b)), err);
	}
	return st;
}

/* How long the fixed part of a record of one cell is; 0: it is none. */
static size_t size_of_cell(const struct sheet_reading *s, unsigned type)
{
	switch (type) {
	case TALLY_XLS_LABELSST:
	case TALLY_XLS_RK:
		return 10;
	case TALLY_XLS_NUMBER:
		return 14;
	case TALLY_XLS_FORMULA:
	case TALLY_XLS_FORMULA_3:
	case TALLY_XLS_FORMULA_4:
		return 16;
	case TALLY_XLS_BOOLERR:
		return 8;
	case TALLY_XLS_LABEL:
	case TALLY_XLS_RSTRING:
		return s->x->wide ? 9 : 8;
	default:
		return 0;
	}
}

static enum tally_status add_one(struct sheet_reading *s, const struct tally_xls_record *record,
                                 struct tally_err *err)
{
	struct tally_xls_pieces p = tally_xls_pieces(s->x, record);
	uint32_t row = tally_xls_number(&p, 2), column = tally_xls_number(&p, 2);
	enum tally_status st = begin_cell(s, row, column, tally_xls_number(&p, 2), err);

	if (st < 0)
		return st;
	switch (record->type) {
	case TALLY_XLS_LABELSST:
		return add_shared(s, tally_xls_number(&p, 4), err);
	case TALLY_XLS_RK:
		return add_number(s, rk_value(tally_xls_number(&p, 4)), err);
	case TALLY_XLS_NUMBER:
		return add_number(s, double_of(tally_bytes_u64(&p.in)), err);
	case TALLY_XLS_FORMULA:
	case TALLY_XLS_FORMULA_3:
	case TALLY_XLS_FORMULA_4:
		return add_result(s, record->bytes + 6, err);
	case TALLY_XLS_BOOLERR:
		return add_truth(s, record->bytes[6], record->bytes[7] != 0, err);
	default:
		return add_text(s, &p, record->type, err);
	}
}

static enum tally_status look_at(struct sheet_reading *s, const struct tally_xls_record *record,
                                 struct tally_err *err)
{
	size_t size = size_of_cell(s, record->type);

	if (size)
		return record->len < size ? cut_short(s, err) : add_one(s, record, err);
	if (record->type == TALLY_XLS_MULRK)
		return add_many(s, record, err);
	if (record->type == TALLY_XLS_STRING)
		return add_string_of_formula(s, record, err);
	return s->x->sink->fact ? tally_xls_facts_record(&s->facts, record, err) : TALLY_OK;
}

/* Charts in a sheet are stretches inside its own, and none of their records is one of its cells. */
static enum tally_status read_records(struct sheet_reading *s, struct tally_err *err)
{
	struct tally_xls *x = s->x;
	struct tally_xls_record record = { .next = s->sheet->at };
	size_t depth = 0;
	enum tally_status st;

	do {
		size_t at = record.next;

		st = tally_xls_record(x, at, &record, err);
		if (st < 0)
			return st;
		x->looked_at += record.next - at;
		if (x->looked_at > x->len)
			return tally_err_set(err, TALLY_SKIP, TALLY_REASON_AMBIGUOUS_CONTAINER,
			                     "two of its sheets have records in common");
		if (record.type == TALLY_XLS_BOF)
			depth++;
		else if (record.type == TALLY_XLS_EOF)
			depth--;
		else if (depth == 1)
			st = look_at(s, &record, err);
	} while (depth && st >= 0);
	return st;
}

enum tally_status tally_xls_read_sheet(struct tally_xls *x, const struct tally_xls_sheet *sheet,
                                       struct tally_part **out, struct tally_err *err)
{
	struct sheet_reading s = { .x = x, .sheet = sheet };
	enum tally_status st = tally_sheet_rows_new(&s.rows, x->book, sheet->name, "xls", err);

	*out = NULL;
	tally_xls_facts_init(&s.facts, x, sheet->name);
	if (st >= 0)
		st = read_records(&s, err);
	if (st >= 0)
		st = end_text(&s, err);
	if (st >= 0)
		st = end_row(&s, err);
	if (st >= 0 && x->sink->fact)
		st = tally_xls_facts_finish(&s.facts, err);
	if (st >= 0)
		st = tally_sheet_finish(s.rows, out, err);
	tally_sheet_rows_free(s.rows);
	tally_xls_facts_release(&s.facts);
	return st;
}
