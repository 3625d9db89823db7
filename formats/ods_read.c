/* The events of an OpenDocument spreadsheet: where in the document they stand, and which module they are for. */
#include <inttypes.h>
#include <string.h>

#include "core/mem.h"
#include "formats/ods.h"
#include "formats/ods_values.h"

/* ---- texts of cells and comments ---- */

static struct tally_buf *open_text(struct tally_ods *o)
{
	if (!o->paragraph_at)
		return NULL;
	return o->note_at ? &o->note_text : &o->cell.text;
}

static enum tally_status text_failed(const struct tally_buf *text, size_t more, struct tally_err *err)
{
	if (text->max - text->len >= more)
		return tally_err_nomem(err);
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
	                     "xml_token_bytes: a cell's text of more than %zu bytes", text->max);
}

static enum tally_status add(struct tally_buf *to, const char *text, size_t len, struct tally_err *err)
{
	return tally_buf_add(to, text, len) ? TALLY_OK : text_failed(to, len, err);
}

static enum tally_status paragraph_begin(struct tally_ods *o, struct tally_err *err)
{
	unsigned *count = o->note_at ? &o->note_paragraphs : &o->cell.paragraphs;

	/* where the value is known, what it looks like is no matter */
	if (o->paragraph_at || (!o->note_at && o->cell.has_value && !o->cell.formula))
		return TALLY_OK;
	o->paragraph_at = o->depth;
	o->blank = true; /* a line break at its beginning means nothing */
	o->indent = o->broken = false;
	return (*count)++ ? add(open_text(o), "\n", 1, err) : TALLY_OK;
}

/* A line of the file that is broken before a paragraph's end, or before a line break that is meant, means no blank. */
static void line_end(struct tally_ods *o)
{
	struct tally_buf *to = open_text(o);

	if (o->indent && o->broken && to->len)
		to->bytes[--to->len] = '\0';
	o->indent = o->broken = false;
}

/* text:s: so many blanks; text:tab; text:line-break */
static enum tally_status special(struct tally_ods *o, const struct tally_xml_start *e,
                                 struct tally_err *err)
{
	struct tally_buf *to = open_text(o);
	const struct tally_xml_attr *a;
	uint64_t count;

	if (e->name.id == TALLY_XML_ID_tab) {
		o->broken = false;
		return add(to, "\t", 1, err);
	}
	if (e->name.id == TALLY_XML_ID_line_break) {
		line_end(o);
		o->blank = o->indent = true; /* so that a broken line behind it means nothing, too */
		return add(to, "\n", 1, err);
	}
	a = tally_xml_attr_id(e, TALLY_XML_TEXT, TALLY_XML_ID_c);
	count = a ? tally_ods_count(a->value, a->len, 1) : 1;
	if (count > to->max - to->len || !tally_buf_reserve(to, (size_t)count))
		return text_failed(to, count < SIZE_MAX ? (size_t)count : SIZE_MAX, err);
	o->blank = o->indent = o->broken = false;
	for (; count > 0; count--)
		(void)tally_buf_byte(to, ' ');
	return TALLY_OK;
}

/*
 * Characters of a paragraph. By the standard (OpenDocument 1.3, part 3, 6.1.2) blanks in a row are one and those at its beginning
 * none; but Calc writes blanks as they are, and reads them so. So blanks count, and lines broken and indented are one blank.
 */
static enum tally_status characters(struct tally_ods *o, const char *text, size_t len,
                                    struct tally_err *err)
{
	struct tally_buf *to = open_text(o);
	const char *end = text + len, *from = text;
	enum tally_status st = TALLY_OK;

	for (const char *p = text; p < end && st >= 0; p++) {
		bool breaks = *p == '\t' || *p == '\n' || *p == '\r';

		if (!breaks && !(*p == ' ' && o->indent)) {
			o->indent = o->broken = false;
			o->blank = *p == ' ';
			continue;
		}
		st = add(to, from, (size_t)(p - from), err);
		if (st >= 0 && !o->blank) {
			st = add(to, " ", 1, err);
			o->broken = st >= 0;
		}
		from = p + 1;
		o->blank = o->indent = true;
	}
	return st < 0 || from == end ? st : add(to, from, (size_t)(end - from), err);
}

static enum tally_status take_text_element(struct tally_ods *o, const struct tally_xml_start *e,
                                           struct tally_err *err)
{
	switch (e->name.id) {
	case TALLY_XML_ID_p:
	case TALLY_XML_ID_h:
		return paragraph_begin(o, err);
	case TALLY_XML_ID_s:
	case TALLY_XML_ID_tab:
	case TALLY_XML_ID_line_break:
		return o->paragraph_at ? special(o, e, err) : TALLY_OK;
	default:
		if (tally_xml_is(&e->name, TALLY_XML_TEXT, "ruby-text"))
			o->skip = o->depth; /* how to pronounce it */
		return TALLY_OK;
	}
}

/* ---- comments ---- */

static void note_begin(struct tally_ods *o)
{
	o->note_at = o->depth;
	o->note_paragraphs = 0;
	tally_buf_clear(&o->note_text);
	tally_buf_clear(&o->note_by);
}

static enum tally_status note_end(struct tally_ods *o, struct tally_err *err)
{
	const char *place;

	o->note_at = 0;
	if (!o->sink->fact)
		return TALLY_OK;
	place = tally_ods_place(o, 1, 1);
	if (!place)
		return tally_err_nomem(err);
	return tally_ods_fact(o, "comment", o->note_text.len ? o->note_text.bytes : "",
	                      o->note_by.len ? o->note_by.bytes : NULL, place, err);
}

/* ---- elements ---- */

static enum tally_status in_cell(struct tally_ods *o, const struct tally_xml_start *e,
                                 struct tally_err *err)
{
	if (e->name.ns == TALLY_XML_TEXT)
		return take_text_element(o, e, err);
	if (tally_xml_is_id(&e->name, TALLY_XML_OFFICE, TALLY_XML_ID_annotation)) {
		if (!o->note_at && !o->paragraph_at)
			note_begin(o);
		else
			o->skip = o->depth;
		return TALLY_OK;
	}
	if (o->note_at)
		o->in_creator = tally_xml_is(&e->name, TALLY_XML_DC, "creator");
	else if (e->name.ns != TALLY_XML_OTHER)
		o->skip = o->depth; /* shapes, charts, other things that lie on a cell */
	return TALLY_OK;
}

static enum tally_status in_sheet(struct tally_ods *o, const struct tally_xml_start *e,
                                  struct tally_err *err)
{
	if (e->name.ns != TALLY_XML_TABLE) {
		o->skip = e->name.ns == TALLY_XML_OTHER ? 0 : o->depth;
		return TALLY_OK;
	}
	switch (e->name.id) {
	case TALLY_XML_ID_table_cell:
	case TALLY_XML_ID_covered_table_cell:
		return o->row_at ? tally_ods_cell_begin(o, e, err) : TALLY_OK;
	case TALLY_XML_ID_table_row:
		return o->row_at ? TALLY_OK : tally_ods_row_begin(o, e, err);
	case TALLY_XML_ID_table_column:
		return tally_ods_columns(o, e, err);
	case TALLY_XML_ID_table:
		o->skip = o->depth;
		return TALLY_OK;
	default:
		if (tally_xml_is(&e->name, TALLY_XML_TABLE, "shapes"))
			o->skip = o->depth;
		return TALLY_OK;
	}
}

static enum tally_status tracked_changes(struct tally_ods *o, struct tally_err *err)
{
	const struct tally_note note = { .reason = TALLY_REASON_FORMAT_UNKNOWN,
		                         .detail = "the list of tracked changes is not read",
		                         .about = TALLY_NOTE_MEMBER };

	o->skip = o->depth;
	o->skip_quiet = true;
	if (!o->sink->note)
		return TALLY_OK;
	o->partial = true;
	return o->sink->note(o->sink->payload, &note, err);
}

static enum tally_status in_sheets(struct tally_ods *o, const struct tally_xml_start *e,
                                   struct tally_err *err)
{
	if (tally_xml_is_id(&e->name, TALLY_XML_TABLE, TALLY_XML_ID_table))
		return tally_ods_sheet_begin(o, e, err);
	if (tally_xml_is(&e->name, TALLY_XML_TABLE, "tracked-changes"))
		return tracked_changes(o, err);
	if (tally_xml_is(&e->name, TALLY_XML_TABLE, "null-date")) {
		const struct tally_xml_attr *a = tally_xml_attr(e, TALLY_XML_TABLE, "date-value");

		o->epoch1904 = a && a->len >= 4 && !memcmp(a->value, "1904", 4);
	}
	return TALLY_OK;
}

static bool is_styles(const struct tally_ods *o, const struct tally_xml_name *name)
{
	if (name->ns != TALLY_XML_OFFICE)
		return false;
	return tally_xml_is(name, TALLY_XML_OFFICE, "styles") ||
	       (!o->common_only && tally_xml_is(name, TALLY_XML_OFFICE, "automatic-styles"));
}

static enum tally_status outside(struct tally_ods *o, const struct tally_xml_start *e)
{
	if (is_styles(o, &e->name))
		o->styles_at = o->depth;
	else if (tally_xml_is_id(&e->name, TALLY_XML_OFFICE, TALLY_XML_ID_spreadsheet))
		o->sheets_at = o->depth;
	return TALLY_OK;
}

/* Most elements of a sheet say nothing but cells. */
static bool may_be_fact(const struct tally_xml_name *name)
{
	switch (name->id) {
	case TALLY_XML_ID_table_cell:
	case TALLY_XML_ID_covered_table_cell:
	case TALLY_XML_ID_table_row:
	case TALLY_XML_ID_table_column:
	case TALLY_XML_ID_p:
	case TALLY_XML_ID_s:
	case TALLY_XML_ID_span:
		return false;
	default:
		return true;
	}
}

static enum tally_status on_start(void *payload, const struct tally_xml_start *e,
                                  struct tally_err *err)
{
	struct tally_ods *o = payload;
	enum tally_status st = TALLY_OK;

	o->depth++;
	if (o->skip && o->skip_quiet)
		return TALLY_OK;
	if (o->sink->fact && !o->styles_at && may_be_fact(&e->name))
		st = tally_ods_facts_start(o, e, err);
	if (st >= 0 && !o->sheets_at && !o->meta_root)
		st = tally_ods_looks_start(o, e, err);
	if (st < 0 || o->skip)
		return st;
	if (o->styles_at)
		return tally_ods_styles_start(o->styles, e, err);
	if (o->cell.open)
		return in_cell(o, e, err);
	if (o->sheet_at)
		return in_sheet(o, e, err);
	return o->sheets_at ? in_sheets(o, e, err) : outside(o, e);
}

static void close_outer(struct tally_ods *o)
{
	if (o->depth == o->styles_at)
		o->styles_at = 0;
	if (o->depth == o->sheets_at)
		o->sheets_at = 0;
	if (o->depth == o->paragraph_at) {
		line_end(o);
		o->paragraph_at = 0;
	}
}

static bool is_cell(const struct tally_xml_name *name)
{
	return tally_xml_is_id(name, TALLY_XML_TABLE, TALLY_XML_ID_table_cell) ||
	       tally_xml_is_id(name, TALLY_XML_TABLE, TALLY_XML_ID_covered_table_cell);
}

static enum tally_status close(struct tally_ods *o, const struct tally_xml_name *name,
                               struct tally_err *err)
{
	if (o->skip) {
		if (o->depth == o->skip)
			o->skip = 0, o->skip_quiet = false;
		return TALLY_OK;
	}
	if (o->styles_at && o->depth > o->styles_at)
		return tally_ods_styles_end(o->styles, name, err);
	close_outer(o);
	o->in_creator = false;
	if (o->note_at)
		return o->depth == o->note_at ? note_end(o, err) : TALLY_OK;
	if (o->cell.open)
		return is_cell(name) ? tally_ods_cell_end(o, err) : TALLY_OK;
	if (o->row_at && o->depth == o->row_at)
		return tally_ods_row_end(o, err);
	if (o->sheet_at && o->depth == o->sheet_at)
		return tally_ods_sheet_end(o, err);
	return TALLY_OK;
}

static enum tally_status on_end(void *payload, const struct tally_xml_name *name,
                                struct tally_err *err)
{
	struct tally_ods *o = payload;
	enum tally_status st = TALLY_OK;

	if (o->sink->fact && o->meta_at)
		st = tally_ods_facts_end(o, err);
	if (st >= 0 && o->margin_at)
		st = tally_ods_looks_end(o, err);
	if (st >= 0)
		st = close(o, name, err);
	o->depth--;
	return st;
}

static enum tally_status on_text(void *payload, const char *text, size_t len, struct tally_err *err)
{
	struct tally_ods *o = payload;

	if (o->meta_at)
		return tally_ods_facts_text(o, text, len, err);
	if (o->margin_at)
		return tally_ods_looks_text(o, text, len, err);
	if (o->skip)
		return TALLY_OK;
	if (o->styles_at)
		return tally_ods_styles_text(o->styles, text, len, err);
	if (o->in_creator)
		return add(&o->note_by, text, len, err);
	return o->paragraph_at && o->cell.open ? characters(o, text, len, err) : TALLY_OK;
}

/* ---- the reader ---- */

void tally_ods_rest(struct tally_ods *o)
{
	tally_sheet_rows_free(o->rows);
	o->rows = NULL;
	o->depth = o->skip = o->styles_at = o->sheets_at = o->sheet_at = o->row_at = o->note_at = 0;
	o->paragraph_at = o->meta_at = o->meta_root = o->margin_at = 0;
	o->skip_quiet = o->cell.open = o->in_creator = false;
}

const struct tally_xml_handler *tally_ods_handler(struct tally_ods *o)
{
	tally_ods_rest(o);
	o->handler = (struct tally_xml_handler){
		.payload = o, .start = on_start, .end = on_end, .text = on_text
	};
	return &o->handler;
}

/*
 * What comes from one attribute always fits, so that a failure is one of memory: in relative form "A1" may become
 * R[-1048575]C[-16383], ten times as long. Texts of many pieces have the ceiling itself.
 */
static void init_buffers(struct tally_ods *o)
{
	size_t most = o->limits->xml_token_bytes < SIZE_MAX / 64 ? (size_t)o->limits->xml_token_bytes
	                                                         : SIZE_MAX / 64;
	struct tally_buf *const pieces[] = { &o->cell.text, &o->note_text, &o->note_by, &o->margin };
	struct tally_buf *const whole[] = { &o->name,
		                            &o->cell.value,
		                            &o->cell.expression,
		                            &o->relative,
		                            &o->fact_text,
		                            &o->place,
		                            &o->range,
		                            &o->scratch,
		                            &o->hidden_rows.shown,
		                            &o->hidden_columns.shown };

	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
		tally_buf_init(pieces[i], most);
	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
		tally_buf_init(whole[i], most * 24 + 256);
}

enum tally_status tally_ods_new(struct tally_ods **out, const char *format,
                                const struct tally_sink *sink,
                                const struct tally_read_options *options, struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	struct tally_ods *o = tally_alloc_zero(1, sizeof *o);
	enum tally_status st = o ? TALLY_OK : tally_err_nomem(err);

	if (st < 0)
		return st;
	o->format = format;
	o->sink = sink;
	o->limits = options->limits ? options->limits : &defaults;
	o->header = options->header;
	init_buffers(o);
	tally_facts_init(&o->pictures, (size_t)o->limits->facts_bytes);
	o->styles = tally_ods_styles_new();
	st = o->styles ? tally_sheet_book_new(&o->book, o->limits, err) : tally_err_nomem(err);
	if (st < 0)
		tally_ods_free(o);
	else
		*out = o;
	return st;
}

void tally_ods_free(struct tally_ods *o)
{
	if (!o)
		return;
	tally_sheet_rows_free(o->rows);
	tally_sheet_book_free(o->book);
	tally_ods_styles_free(o->styles);
	tally_ods_validations_free(o->validations);
	tally_free(o->spans);
	tally_buf_release(&o->name);
	tally_buf_release(&o->cell.value);
	tally_buf_release(&o->cell.expression);
	tally_buf_release(&o->cell.text);
	tally_buf_release(&o->relative);
	tally_buf_release(&o->note_text);
	tally_buf_release(&o->note_by);
	tally_buf_release(&o->margin);
	tally_facts_release(&o->pictures);
	tally_buf_release(&o->fact_text);
	tally_buf_release(&o->place);
	tally_buf_release(&o->range);
	tally_buf_release(&o->scratch);
	tally_buf_release(&o->hidden_rows.shown);
	tally_buf_release(&o->hidden_columns.shown);
	tally_free(o);
}
