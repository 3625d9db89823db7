/* Records of old workbooks, and those that tell of the whole workbook ([MS-XLS] 2.1.4, 2.1.7.20.3). */
#include <string.h>

#include "core/mem.h"
#include "formats/number_format.h"
#include "formats/xls.h"

static enum tally_status damaged(struct tally_err *err, const char *what)
{
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED, "%s", what);
}

enum tally_status tally_xls_record(const struct tally_xls *x, size_t at,
                                   struct tally_xls_record *record, struct tally_err *err)
{
	struct tally_bytes in = tally_bytes_of(x->bytes + at, x->len - at);

	record->type = tally_bytes_u16(&in);
	record->len = tally_bytes_u16(&in);
	record->bytes = tally_bytes_take(&in, record->len);
	if (in.bad)
		return damaged(err, "its records end before the last one");
	record->next = (size_t)(in.at - x->bytes);
	return TALLY_OK;
}

unsigned tally_xls_stretch(const struct tally_xls *x, size_t at)
{
	struct tally_xls_record record;

	if (at >= x->len || tally_xls_record(x, at, &record, NULL) < 0 ||
	    record.type != TALLY_XLS_BOF || record.len < 4)
		return 0;
	return record.bytes[2] | (unsigned)record.bytes[3] << 8;
}

/* ---- what they say ---- */

/* 2.4.28 */
static enum tally_status add_sheet(struct tally_xls *x, const struct tally_xls_record *record,
                                   struct tally_err *err)
{
	struct tally_xls_pieces p = tally_xls_pieces(x, record);
	struct tally_xls_sheet sheet = { .at = tally_xls_number(&p, 4) };
	enum tally_status st;

	sheet.hidden = tally_xls_number(&p, 1) & 3;
	sheet.kind = (uint8_t)tally_xls_number(&p, 1);
	st = tally_xls_text(x, &p, tally_xls_number(&p, 1), err);
	if (st < 0)
		return st;
	sheet.name = tally_arena_dup(&x->office.arena, x->text.len ? x->text.bytes : "", x->text.len);
	if (!sheet.name || !tally_grow(&x->sheets, &x->sheet_cap, x->sheet_count, sizeof sheet))
		return tally_err_nomem(err);
	x->sheets[x->sheet_count++] = sheet;
	return TALLY_OK;
}

/* 2.4.126 */
static enum tally_status add_format(struct tally_xls *x, const struct tally_xls_record *record,
                                    struct tally_err *err)
{
	struct tally_xls_pieces p = tally_xls_pieces(x, record);
	struct tally_xls_format format = { .id = (uint16_t)tally_xls_number(&p, 2) };
	enum tally_status st = tally_xls_text(x, &p, tally_xls_number(&p, x->wide ? 2 : 1), err);

	if (st == TALLY_FATAL)
		return st; /* of a code that is cut short the beginning tells enough */
	format.shown = (uint8_t)tally_number_format_class(x->text.len ? x->text.bytes : "",
	                                                  x->text.len);
	if (!tally_grow(&x->formats, &x->format_cap, x->format_count, sizeof format))
		return tally_err_nomem(err);
	x->formats[x->format_count++] = format;
	return TALLY_OK;
}

/* 2.4.353 */
static enum tally_status add_style(struct tally_xls *x, const struct tally_xls_record *record,
                                   struct tally_err *err)
{
	if (record->len < 4)
		return damaged(err, "a style of its cells is cut short");
	if (!tally_grow(&x->styles, &x->style_cap, x->style_count, sizeof *x->styles))
		return tally_err_nomem(err);
	x->styles[x->style_count++] = (uint16_t)(record->bytes[2] | (unsigned)record->bytes[3] << 8);
	return TALLY_OK;
}

static enum tally_status take_word(const struct tally_xls_record *record, unsigned *out,
                                   struct tally_err *err)
{
	if (record->len < 2)
		return damaged(err, "a record of the workbook is cut short");
	*out = record->bytes[0] | (unsigned)record->bytes[1] << 8;
	return TALLY_OK;
}

static enum tally_status look_at(struct tally_xls *x, const struct tally_xls_record *record,
                                 struct tally_err *err)
{
	enum tally_status st;
	unsigned word = 0;

	switch (record->type) {
	case TALLY_XLS_FILEPASS:
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_ENCRYPTED,
		                     "it opens with a password");
	case TALLY_XLS_CODEPAGE:
		return take_word(record, &x->code_page, err);
	case TALLY_XLS_DATEMODE:
		st = take_word(record, &word, err);
		if (st >= 0)
			x->date1904 = word == 1;
		return st;
	case TALLY_XLS_BOUNDSHEET:
		return add_sheet(x, record, err);
	case TALLY_XLS_FORMAT:
		return add_format(x, record, err);
	case TALLY_XLS_XF:
		return add_style(x, record, err);
	case TALLY_XLS_SST:
		return x->wide ? tally_xls_sst(x, record, err) : TALLY_OK;
	case TALLY_XLS_NAME:
		return tally_xls_facts_name(x, record, err);
	default:
		return TALLY_OK;
	}
}

/* ---- number formats ---- */

static uint8_t shown_as(unsigned id, const uint8_t *own)
{
	const char *code = tally_number_format_builtin(id);

	if (own[id] != UINT8_MAX)
		return own[id];
	if (code)
		return (uint8_t)tally_number_format_class(code, strlen(code));
	return tally_number_format_is_local_date(id) ? TALLY_NUMBER_DATE : TALLY_NUMBER_GENERAL;
}

/* Formats stand in front of the styles or behind them; of two with one number the last one counts. */
static enum tally_status resolve_styles(struct tally_xls *x, struct tally_err *err)
{
	uint8_t *own = tally_alloc(UINT16_MAX + 1);

	x->shown = tally_alloc(x->style_count);
	if (own && x->shown) {
		memset(own, UINT8_MAX, UINT16_MAX + 1);
		for (size_t i = 0; i < x->format_count; i++)
			own[x->formats[i].id] = x->formats[i].shown;
		for (size_t i = 0; i < x->style_count; i++)
			x->shown[i] = shown_as(x->styles[i], own);
	}
	tally_free(own);
	return own && x->shown ? TALLY_OK : tally_err_nomem(err);
}

/* 2.4.21: which version of records */
static enum tally_status begin(struct tally_xls *x, struct tally_xls_record *bof,
                               struct tally_err *err)
{
	enum { EXCEL_4 = 0x409, EXCEL_3 = 0x209, EXCEL_2 = 0x09, BIFF5 = 5, BIFF8 = 6 };
	enum tally_status st = tally_xls_record(x, 0, bof, err);

	if (st < 0)
		return st;
	if (bof->type == EXCEL_2 || bof->type == EXCEL_3 || bof->type == EXCEL_4)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_FORMAT_UNKNOWN,
		                     "a workbook of Excel 2, 3 or 4, which is not read");
	if (bof->type != TALLY_XLS_BOF || bof->len < 4)
		return damaged(err, "its records do not begin like a workbook's");
	x->wide = bof->bytes[1] == BIFF8;
	if (bof->bytes[1] != BIFF5 && bof->bytes[1] != BIFF8)
		return damaged(err, "it is of no version that there was");
	if (tally_xls_stretch(x, 0) != TALLY_XLS_GLOBALS)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_FORMAT_UNKNOWN,
		                     "a sheet without a workbook, which is not read");
	return TALLY_OK;
}

enum tally_status tally_xls_globals(struct tally_xls *x, struct tally_err *err)
{
	struct tally_xls_record record;
	enum tally_status st = begin(x, &record, err);

	while (st >= 0 && record.type != TALLY_XLS_EOF) {
		st = tally_xls_record(x, record.next, &record, err);
		if (st >= 0)
			st = look_at(x, &record, err);
	}
	return st < 0 ? st : resolve_styles(x, err);
}
