/* Sheets of OpenDocument: table:table to a part, repetitions of rows and columns unrolled only where there is something in them. */
#include <stdio.h>
#include <string.h>

#include "core/ascii.h"
#include "core/mem.h"
#include "formats/formula.h"
#include "formats/number_format.h"
#include "formats/ods.h"
#include "formats/ods_values.h"
#include "formats/sheet_header.h"

/* ---- attributes ---- */

static bool value_is(const struct tally_xml_attr *a, const char *text)
{
	return a->len == strlen(text) && !memcmp(a->value, text, a->len);
}

static enum tally_status keep(struct tally_buf *to, const struct tally_xml_attr *a,
                              struct tally_err *err)
{
	tally_buf_clear(to);
	return tally_buf_add(to, a->value, a->len) ? TALLY_OK : tally_err_nomem(err);
}

static uint64_t count_of(const struct tally_xml_attr *a)
{
	uint64_t n = a ? tally_ods_count(a->value, a->len, 1) : 1;

	return n ? n : 1;
}

static bool is_hidden(const struct tally_xml_start *e)
{
	const struct tally_xml_attr *a = tally_xml_attr_id(e, TALLY_XML_TABLE,
	                                                   TALLY_XML_ID_visibility);

	return a && !value_is(a, "visible");
}

/* ---- sheets ---- */

/* What LibreOffice keeps of other documents stands among the sheets, under the name 'file:///…'#Sheet. */
static bool is_cache(const struct tally_buf *name)
{
	const char *hash = strchr(name->bytes, '#');

	return name->bytes[0] == '\'' && hash && hash > name->bytes + 1 && hash[-1] == '\'' &&
	       strchr(name->bytes, ':');
}

static enum tally_status begin_facts(struct tally_ods *o, const struct tally_xml_start *e,
                                     struct tally_err *err)
{
	const struct tally_xml_attr *style = tally_xml_attr_id(e, TALLY_XML_TABLE,
	                                                       TALLY_XML_ID_style_name);
	const struct tally_xml_attr *locked = tally_xml_attr(e, TALLY_XML_TABLE, "protected");
	enum tally_status st = TALLY_OK;

	if (style && tally_ods_styles_hides(o->styles, style->value, style->len))
		st = tally_ods_fact(o, "hidden_sheet", "hidden", NULL, o->name.bytes, err);
	if (st >= 0 && locked && value_is(locked, "true"))
		st = tally_ods_fact(o, "protection", "sheet", NULL, o->name.bytes, err);
	return st;
}

enum tally_status tally_ods_sheet_begin(struct tally_ods *o, const struct tally_xml_start *e,
                                        struct tally_err *err)
{
	const struct tally_xml_attr *name = tally_xml_attr_id(e, TALLY_XML_TABLE, TALLY_XML_ID_name);
	enum tally_status st;

	if (!name) { /* Excel keeps other documents' cells so; they say where they are from */
		o->skip = o->depth;
		return TALLY_OK;
	}
	st = keep(&o->name, name, err);
	if (st < 0)
		return st;
	if (is_cache(&o->name)) {
		o->skip = o->depth;
		o->skip_quiet = true;
		return tally_ods_fact(o, "external_target", o->name.bytes, NULL, NULL, err);
	}
	o->sheet_at = o->depth;
	o->seen_sheets = true;
	o->row = o->column = 0;
	o->row_at = 0;
	o->span_count = 0;
	o->columns_said = 0;
	o->hidden_rows.end = o->hidden_columns.end = 0;
	tally_buf_clear(&o->hidden_rows.shown);
	tally_buf_clear(&o->hidden_columns.shown);
	st = begin_facts(o, e, err);
	if (st >= 0 && o->sink->part)
		st = tally_sheet_rows_new(&o->rows, o->book, o->name.bytes, o->format, err);
	return st;
}

static enum tally_status push_part(struct tally_ods *o, struct tally_err *err)
{
	struct tally_part *part = NULL;
	enum tally_status st = tally_sheet_finish(o->rows, &part, err);

	tally_sheet_rows_free(o->rows);
	o->rows = NULL;
	if (st >= 0)
		st = tally_sheet_header(part, o->header, err);
	if (st >= 0)
		st = tally_part_property(part, "date_system", o->epoch1904 ? "1904" : "1900", err);
	if (st < 0)
		tally_part_free(part);
	else
		st = o->sink->part(o->sink->payload, part, err);
	return st;
}

enum tally_status tally_ods_sheet_end(struct tally_ods *o, struct tally_err *err)
{
	enum tally_status st = tally_ods_hidden_flush(o, &o->hidden_rows, err);

	if (st >= 0)
		st = tally_ods_hidden_flush(o, &o->hidden_columns, err);
	if (st >= 0)
		st = tally_ods_validations_flush(o, err);
	if (st >= 0)
		st = tally_ods_looks_sheet(o, err);
	o->sheet_at = 0;
	if (st >= 0 && o->rows)
		st = push_part(o, err);
	return st;
}

/* ---- columns ---- */

enum tally_status tally_ods_columns(struct tally_ods *o, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	const struct tally_xml_attr *style = tally_xml_attr_id(e, TALLY_XML_TABLE,
	                                                       TALLY_XML_ID_default_cell_style_name);
	uint64_t count = count_of(
		tally_xml_attr_id(e, TALLY_XML_TABLE, TALLY_XML_ID_number_columns_repeated));
	uint64_t first = o->columns_said;
	enum tally_status st = TALLY_OK;

	if (first >= o->limits->table_columns)
		return TALLY_OK; /* there can be no cell in it */
	if (is_hidden(e))
		st = tally_ods_hide(o, &o->hidden_columns, first, count, err);
	o->columns_said += count;
	if (!tally_grow(&o->spans, &o->span_cap, o->span_count, sizeof *o->spans))
		return tally_err_nomem(err);
	o->spans[o->span_count++] = (struct tally_ods_span){
		o->columns_said, style ? *tally_ods_styles_cell(o->styles, style->value, style->len)
				       : (struct tally_ods_format){ 0 }
	};
	return st;
}

/* The default format of the column where the cell begun stands; cells come from left to right. */
static struct tally_ods_format column_format(struct tally_ods *o)
{
	while (o->span_at < o->span_count && o->spans[o->span_at].end <= o->column)
		o->span_at++;
	return o->span_at < o->span_count ? o->spans[o->span_at].format
	                                  : (struct tally_ods_format){ 0 };
}

/* ---- rows ---- */

enum tally_status tally_ods_row_begin(struct tally_ods *o, const struct tally_xml_start *e,
                                      struct tally_err *err)
{
	const struct tally_xml_attr *style = tally_xml_attr_id(e, TALLY_XML_TABLE,
	                                                       TALLY_XML_ID_default_cell_style_name);

	o->row_at = o->depth;
	o->row_times = count_of(
		tally_xml_attr_id(e, TALLY_XML_TABLE, TALLY_XML_ID_number_rows_repeated));
	o->column = 0;
	o->span_at = 0;
	o->row_begun = false;
	o->row_has_format = style != NULL;
	if (style)
		o->row_format = *tally_ods_styles_cell(o->styles, style->value, style->len);
	return is_hidden(e) ? tally_ods_hide(o, &o->hidden_rows, o->row, o->row_times, err)
	                    : TALLY_OK;
}

enum tally_status tally_ods_row_end(struct tally_ods *o, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	if (o->row_begun) {
		st = tally_sheet_row_end(o->rows, err);
		if (st >= 0)
			st = tally_sheet_row_repeat(o->rows, o->row_times - 1, err);
	}
	o->row += o->row_times;
	o->row_at = 0;
	o->row_begun = false;
	return st;
}

/* ---- cells ---- */

static void take_type(struct tally_ods_cell *c, const struct tally_xml_attr *a)
{
	static const struct {
		const char *name;
		int type;
	} types[] = {
		{ "float", TALLY_ODS_NUMBER },      { "string", TALLY_ODS_TEXT },
		{ "percentage", TALLY_ODS_NUMBER }, { "currency", TALLY_ODS_NUMBER },
		{ "date", TALLY_ODS_DATE },         { "time", TALLY_ODS_TIME },
		{ "boolean", TALLY_ODS_BOOL },
	};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (value_is(a, types[i].name))
			c->type = types[i].type;
}

/* The attribute that holds a value goes with one type: what it is where none is said. */
static enum tally_ods_type implied_type(uint16_t id)
{
	switch (id) {
	case TALLY_XML_ID_value:
		return TALLY_ODS_NUMBER;
	case TALLY_XML_ID_date_value:
		return TALLY_ODS_DATE;
	case TALLY_XML_ID_time_value:
		return TALLY_ODS_TIME;
	case TALLY_XML_ID_boolean_value:
		return TALLY_ODS_BOOL;
	default:
		return TALLY_ODS_TEXT;
	}
}

/* Attributes that OpenDocument gives the namespace office. */
static enum tally_status take_office(struct tally_ods_cell *c, const struct tally_xml_attr *a,
                                     struct tally_err *err)
{
	switch (a->name.id) {
	case TALLY_XML_ID_value_type:
		take_type(c, a);
		return TALLY_OK;
	case TALLY_XML_ID_value:
	case TALLY_XML_ID_date_value:
	case TALLY_XML_ID_time_value:
	case TALLY_XML_ID_boolean_value:
	case TALLY_XML_ID_string_value:
		c->has_value = true;
		c->implied = implied_type(a->name.id);
		return keep(&c->value, a, err);
	default:
		return TALLY_OK;
	}
}

static enum tally_status take_table(struct tally_ods *o, const struct tally_xml_attr *a,
                                    struct tally_err *err)
{
	struct tally_ods_cell *c = &o->cell;

	switch (a->name.id) {
	case TALLY_XML_ID_formula:
		c->formula = true;
		return keep(&c->expression, a, err);
	case TALLY_XML_ID_style_name:
		c->has_format = true;
		c->format = *tally_ods_styles_cell(o->styles, a->value, a->len);
		return TALLY_OK;
	case TALLY_XML_ID_number_columns_repeated:
		c->repeat = count_of(a);
		return TALLY_OK;
	case TALLY_XML_ID_number_matrix_columns_spanned:
		c->columns = count_of(a);
		return TALLY_OK;
	case TALLY_XML_ID_number_matrix_rows_spanned:
		c->rows = count_of(a);
		return TALLY_OK;
	default:
		return TALLY_OK;
	}
}

static enum tally_status merged(struct tally_ods *o, const struct tally_xml_start *e,
                                struct tally_err *err)
{
	uint64_t columns = count_of(
		tally_xml_attr_id(e, TALLY_XML_TABLE, TALLY_XML_ID_number_columns_spanned));
	uint64_t rows = count_of(
		tally_xml_attr_id(e, TALLY_XML_TABLE, TALLY_XML_ID_number_rows_spanned));
	const char *place;
	char shape[64];

	if ((columns < 2 && rows < 2) || !o->sink->fact)
		return TALLY_OK;
	place = tally_ods_place(o, rows, columns);
	(void)snprintf(shape, sizeof shape, "%llu by %llu cells", (unsigned long long)rows,
	               (unsigned long long)columns);
	return place ? tally_ods_fact(o, "merged_cells", shape, NULL, place, err)
	             : tally_err_nomem(err);
}

enum tally_status tally_ods_cell_begin(struct tally_ods *o, const struct tally_xml_start *e,
                                       struct tally_err *err)
{
	struct tally_ods_cell *c = &o->cell;
	const struct tally_xml_attr *validation = NULL;
	enum tally_status st = TALLY_OK;

	c->open = true;
	c->repeat = 1;
	c->type = TALLY_ODS_NONE;
	c->error = c->has_value = c->formula = c->has_format = false;
	c->rows = c->columns = 0;
	c->paragraphs = 0;
	tally_buf_clear(&c->text);
	for (size_t i = 0; i < e->attr_count && st >= 0; i++) {
		const struct tally_xml_attr *a = &e->attrs[i];

		if (a->name.ns == TALLY_XML_OFFICE)
			st = take_office(c, a, err);
		else if (tally_xml_is(&a->name, TALLY_XML_TABLE, "content-validation-name"))
			validation = a;
		else if (a->name.ns == TALLY_XML_TABLE)
			st = take_table(o, a, err);
		else if (a->name.ns == TALLY_XML_CALCEXT && a->name.id == TALLY_XML_ID_value_type)
			c->error = value_is(a, "error");
	}
	if (c->type == TALLY_ODS_NONE && c->has_value)
		c->type = c->implied;
	if (st >= 0 && validation)
		st = tally_ods_validated(o, validation, err);
	return st < 0 ? st : merged(o, e, err);
}

/* ---- values ---- */

static bool begins(const struct tally_buf *text, const char *with)
{
	return text->len >= strlen(with) && !memcmp(text->bytes, with, strlen(with));
}

/*
 * LibreOffice says that a value is an error. Others give one no type of its own: it is a formula whose value is 0 or nothing and
 * whose text is an error's name (Err:502, #REF!, or #BEZUG! where the program spoke German).
 */
static bool is_error(const struct tally_ods_cell *c)
{
	const char *text = c->text.bytes;
	size_t len = c->text.len;

	if (c->error)
		return len > 0;
	if (!c->formula || len < 3 ||
	    (c->has_value && c->value.len && strcmp(c->value.bytes, "0") != 0))
		return false;
	if (begins(&c->text, "Err:5"))
		return true;
	return text[0] == '#' && tally_is_upper(text[1]) &&
	       (text[len - 1] == '!' || text[len - 1] == '?' || begins(&c->text, "#N"));
}

static void set(struct tally_cell *cell, int kind, const char *value, size_t len)
{
	cell->kind = (uint8_t)kind;
	cell->value = value;
	cell->value_len = len < UINT32_MAX ? (uint32_t)len : UINT32_MAX;
}

static void set_text(struct tally_cell *cell, const struct tally_buf *text)
{
	set(cell, text->len ? TALLY_CELL_TEXT : TALLY_CELL_EMPTY, text->len ? text->bytes : "",
	    text->len);
}

/* A value that is not written like one of its type is text: nothing is lost, and it cannot equal a real one. */
static void set_typed(struct tally_cell *cell, char room[TALLY_SERIAL_TEXT_MAX],
                      const struct tally_ods_cell *c, enum tally_number_class shown)
{
	size_t len;

	switch (c->type) {
	case TALLY_ODS_NUMBER:
		len = tally_number_text(room, c->value.bytes, c->value.len);
		break;
	case TALLY_ODS_DATE:
		len = tally_ods_date(room, c->value.bytes, c->value.len);
		break;
	default:
		len = tally_ods_time(room, c->value.bytes, c->value.len, shown);
	}
	if (len)
		set(cell, c->type == TALLY_ODS_NUMBER ? TALLY_CELL_NUMBER : TALLY_CELL_DATE, room,
		    len);
	else
		set_text(cell, &c->value);
}

static bool is_word(const struct tally_buf *text, const char *one, const char *other)
{
	return (text->len == strlen(one) || text->len == strlen(other)) &&
	       (!strcmp(text->bytes, one) || !strcmp(text->bytes, other));
}

/* LibreOffice calls any number a truth that is shown as one: 1.2345 stays what it is. */
static void set_truth(struct tally_cell *cell, char room[TALLY_SERIAL_TEXT_MAX],
                      const struct tally_buf *value)
{
	size_t len;

	if (value->len && is_word(value, "true", "1")) {
		set(cell, TALLY_CELL_BOOL, "TRUE", 4);
	} else if (value->len && is_word(value, "false", "0")) {
		set(cell, TALLY_CELL_BOOL, "FALSE", 5);
	} else {
		len = tally_number_text(room, value->bytes, value->len);
		if (len)
			set(cell, TALLY_CELL_NUMBER, room, len);
		else
			set_text(cell, value);
	}
}

static void set_value(struct tally_cell *cell, char room[TALLY_SERIAL_TEXT_MAX],
                      const struct tally_ods_cell *c, enum tally_number_class shown)
{
	if (is_error(c))
		set(cell, TALLY_CELL_ERROR, c->text.bytes, c->text.len);
	else if (!c->has_value)
		set_text(cell, &c->text);
	else if (c->type == TALLY_ODS_BOOL)
		set_truth(cell, room, &c->value);
	else if (c->type == TALLY_ODS_TEXT || c->type == TALLY_ODS_NONE)
		set_text(cell, &c->value);
	else
		set_typed(cell, room, c, shown);
}

/* The formula in relative form; one of an array in braces, with the cells that it fills where they are several. */
static enum tally_status set_formula(struct tally_ods *o, struct tally_cell *cell,
                                     struct tally_err *err)
{
	const struct tally_ods_cell *c = &o->cell;
	struct tally_buf *to = &o->relative;
	bool array = c->rows || c->columns, ok = true;

	tally_buf_clear(to);
	if (array)
		ok = tally_buf_byte(to, '{');
	ok = ok && tally_formula_relative_odf(to, c->expression.bytes, c->expression.len,
	                                      (uint32_t)o->row, (uint32_t)o->column);
	if (array)
		ok = ok && tally_buf_byte(to, '}');
	if (c->rows > 1 || c->columns > 1) {
		ok = ok && tally_buf_text(to, " RC:R");
		if (c->rows > 1)
			ok = ok && tally_buf_printf(to, "[%llu]", (unsigned long long)c->rows - 1);
		ok = ok && tally_buf_byte(to, 'C');
		if (c->columns > 1)
			ok = ok && tally_buf_printf(to, "[%llu]", (unsigned long long)c->columns - 1);
	}
	if (!ok)
		return tally_err_nomem(err);
	cell->formula = to->bytes;
	cell->formula_len = (uint32_t)to->len;
	return TALLY_OK;
}

/* Is it one error's name and nothing else? */
static bool names_error(const char *text, size_t len)
{
	if (len < 4 || text[0] != '#')
		return false;
	for (size_t i = 1; i + 1 < len; i++)
		if (!tally_is_upper(text[i]) && text[i] != '/' && text[i] != '0')
			return false;
	return text[len - 1] == '!' || text[len - 1] == '?' || (len == 4 && !memcmp(text, "#N/A", 4));
}

/*
 * LibreOffice has no constants that are errors or truth values: it makes formulas of those that come from other programs. A formula
 * that is nothing but such a constant is one; #REF! alone may be what is left of another.
 */
static void set_constant(struct tally_cell *cell)
{
	const char *text = cell->formula;
	size_t len = cell->formula_len;

	if (len == 4 && !memcmp(text, "TRUE", 4))
		set(cell, TALLY_CELL_BOOL, "TRUE", 4);
	else if (len == 5 && !memcmp(text, "FALSE", 5))
		set(cell, TALLY_CELL_BOOL, "FALSE", 5);
	else if (names_error(text, len))
		set(cell, TALLY_CELL_ERROR, text, len);
	else
		return;
	if (len == 5 && !memcmp(text, "#REF!", 5))
		return;
	cell->formula = NULL;
	cell->formula_len = 0;
}

static enum tally_status push_cell(struct tally_ods *o, const struct tally_cell *cell,
                                   struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	if (!o->row_begun)
		st = tally_sheet_row(o->rows, o->row, err);
	o->row_begun |= st >= 0;
	for (uint64_t i = 0; i < o->cell.repeat && st >= 0; i++)
		st = tally_sheet_cell(o->rows, o->column + i, cell, err);
	return st;
}

static enum tally_status finish_cell(struct tally_ods *o, struct tally_err *err)
{
	struct tally_ods_cell *c = &o->cell;
	char room[TALLY_SERIAL_TEXT_MAX];
	struct tally_cell cell = { .value = "", .kind = TALLY_CELL_EMPTY };
	enum tally_status st = TALLY_OK;

	if (!c->has_format)
		c->format = o->row_has_format ? o->row_format : column_format(o);
	set_value(&cell, room, c, c->format.shown);
	if (c->formula && o->row < UINT32_MAX && o->column < UINT32_MAX)
		st = set_formula(o, &cell, err);
	if (st >= 0 && cell.formula)
		set_constant(&cell);
	if (st < 0 || (!cell.value_len && !cell.formula))
		return st;
	o->looks += c->format.look * c->repeat * o->row_times;
	o->white += c->format.white ? c->repeat * o->row_times : 0;
	/* a formula may well give an empty text, but neither an empty number nor an empty day */
	if (cell.formula && !cell.value_len && c->type != TALLY_ODS_TEXT)
		cell.cached = TALLY_CACHED_MISSING;
	cell.format = c->format.code;
	cell.format_len = (uint32_t)c->format.len;
	return push_cell(o, &cell, err);
}

enum tally_status tally_ods_cell_end(struct tally_ods *o, struct tally_err *err)
{
	struct tally_ods_cell *c = &o->cell;
	enum tally_status st = TALLY_OK;

	c->open = false;
	if (o->rows && (c->has_value || c->text.len || c->formula))
		st = finish_cell(o, err);
	o->column += c->repeat;
	return st;
}
