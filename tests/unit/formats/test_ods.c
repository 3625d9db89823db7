/*
 * OpenDocument spreadsheets, in a package and in one file: what is read is written down, a line a part, a cell or a fact:
 *
 *	sheet Prices 2x3
 *	A1 t name              kind (t text, n number, b boolean, d date, e error, - nothing), value
 *	B2 n 2.5 =RC[-1] 0.00  formula, number format; ? behind it: not computed
 *	fact comment: text, by Ann, at Prices!A1
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "formats/format.h"
#include "formats/formula.h"
#include "support/faults.h"
#include "support/zip_maker.h"

extern const struct tally_format tally_format_ods, tally_format_fods;

static struct tally_buf shown;
static struct tally_limits limits;
static struct tally_err err;

static void begin(void)
{
	tally_buf_init(&shown, 1 << 20);
	limits = (struct tally_limits)TALLY_LIMITS_INIT;
	err = (struct tally_err){ 0 };
}

static void end(void)
{
	tally_buf_release(&shown);
}

TestSuite(ods, .init = begin, .fini = end);

/* ---- the transcript ---- */

static void show_cell(size_t row, size_t column, const struct tally_cell *c)
{
	static const char kinds[] = "t-nbde";
	char place[24];

	if (c->kind == TALLY_CELL_EMPTY && !c->formula_len)
		return;
	(void)tally_cell_reference_text(place, row, (uint32_t)column);
	tally_buf_printf(&shown, "%s %c %.*s", place, kinds[c->kind], (int)c->value_len, c->value);
	if (c->formula)
		tally_buf_printf(&shown, " =%.*s", (int)c->formula_len, c->formula);
	if (c->format)
		tally_buf_printf(&shown, " %.*s", (int)c->format_len, c->format);
	tally_buf_text(&shown, c->cached == TALLY_CACHED_MISSING ? " ?\n" : "\n");
}

static enum tally_status on_part(void *payload, struct tally_part *part, struct tally_err *e)
{
	struct tally_cell *cells = calloc(20000, sizeof *cells);
	bool *quiet = payload;

	tally_buf_printf(&shown, "sheet %s %zux%zu\n", part->name, part->row_count, part->columns);
	for (size_t row = 0; row < part->row_count && !*quiet; row++) {
		size_t count;

		cr_assert_eq(part->ops->cells(part, row, NULL, cells, 20000, &count, e), TALLY_OK);
		for (size_t i = 0; i < count; i++)
			show_cell(row, i, &cells[i]);
	}
	free(cells);
	tally_part_free(part);
	return TALLY_OK;
}

static bool unread; /* of the facts those of what is not looked into, otherwise the others */

static enum tally_status on_fact(void *payload, const struct tally_fact *f, struct tally_err *e)
{
	(void)payload;
	(void)e;
	if (!strcmp(f->name, "unread") != unread)
		return TALLY_OK;
	tally_buf_printf(&shown, "fact %s: %s", f->name, f->value);
	if (f->by)
		tally_buf_printf(&shown, ", by %s", f->by);
	if (f->where)
		tally_buf_printf(&shown, ", at %s", f->where);
	tally_buf_text(&shown, "\n");
	return TALLY_OK;
}

static enum tally_status on_note(void *payload, const struct tally_note *note, struct tally_err *e)
{
	(void)payload;
	(void)e;
	tally_buf_printf(&shown, "note %s\n", tally_reason_id(note->reason));
	return TALLY_OK;
}

static bool quiet, no_facts;

static enum tally_status read_bytes(const struct tally_format *format, const void *bytes, size_t len)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_sink sink = {
		.payload = &quiet, .part = on_part, .fact = on_fact, .note = on_note
	};
	struct tally_source *src;
	enum tally_status st = tally_source_memory(&src, bytes, len, &err);

	if (st < 0)
		return st;
	if (no_facts)
		sink.fact = NULL;
	options.limits = &limits;
	options.header = 0;
	tally_buf_clear(&shown);
	st = format->read(src, &options, &sink, &err);
	tally_source_free(src);
	return st;
}

/* ---- documents ---- */

#define NAMESPACES                                                                              \
	" xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0'"                      \
	" xmlns:table='urn:oasis:names:tc:opendocument:xmlns:table:1.0'"                        \
	" xmlns:text='urn:oasis:names:tc:opendocument:xmlns:text:1.0'"                          \
	" xmlns:style='urn:oasis:names:tc:opendocument:xmlns:style:1.0'"                        \
	" xmlns:number='urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0'"                   \
	" xmlns:draw='urn:oasis:names:tc:opendocument:xmlns:drawing:1.0'"                       \
	" xmlns:meta='urn:oasis:names:tc:opendocument:xmlns:meta:1.0'"                          \
	" xmlns:dc='http://purl.org/dc/elements/1.1/'"                                          \
	" xmlns:xlink='http://www.w3.org/1999/xlink'"                                           \
	" xmlns:calcext='urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0'" \
	" xmlns:manifest='urn:oasis:names:tc:opendocument:xmlns:manifest:1.0'"
#define FLAT_BEGIN                    \
	"<office:document" NAMESPACES \
	" office:mimetype='application/vnd.oasis.opendocument.spreadsheet'>"
#define BODY_BEGIN "<office:body><office:spreadsheet>"
#define BODY_END   "</office:spreadsheet></office:body>"
#define SHEET(rows)                                                                         \
	FLAT_BEGIN BODY_BEGIN "<table:table table:name='S'>" rows "</table:table>" BODY_END \
			      "</office:document>"
#define ROW(cells) "<table:table-row>" cells "</table:table-row>"
#define TEXT(text) \
	"<table:table-cell office:value-type='string'><text:p>" text "</text:p></table:table-cell>"
#define NUMBER(n) "<table:table-cell office:value-type='float' office:value='" n "'/>"

static const char *read_flat(const char *text)
{
	enum tally_status st = read_bytes(&tally_format_fods, text, strlen(text));

	cr_assert(st == TALLY_OK || st == TALLY_PARTIAL, "%s", err.message);
	return shown.len ? shown.bytes : "";
}

#define CHECK(text, expected) cr_expect_str_eq(read_flat(text), expected, "gives\n%s", shown.bytes)

Test(ods, values_by_their_types)
{
	CHECK(SHEET(ROW(TEXT("name") NUMBER(
		      "0.10000000000000001") "<table:table-cell office:value-type='percentage' office:value='0.5'><text:p>50%</text:p></table:table-cell>"
	                                     "<table:table-cell office:value-type='currency' office:value='2.50' office:currency='EUR'/>"
	                                     "<table:table-cell office:value-type='boolean' office:boolean-value='true'/>"
	                                     "<table:table-cell office:value-type='boolean' office:boolean-value='false'/>"
	                                     "<table:table-cell office:value-type='date' office:date-value='2024-02-29T00:00:00'/>"
	                                     "<table:table-cell office:value-type='date' office:date-value='2024-02-29T13:30:00.500'/>"
	                                     "<table:table-cell office:value-type='time' office:time-value='PT13H30M00S'/>"
	                                     "<table:table-cell office:value-type='string' office:string-value='a  b'/>")),
	      "sheet S 1x10\nA1 t name\nB1 n 0.1\nC1 n 0.5\nD1 n 2.5\nE1 b TRUE\nF1 b FALSE\nG1 d 2024-02-29\n"
	      "H1 d 2024-02-29T13:30:00.500\nI1 d 13:30:00\nJ1 t a  b\n");
}

Test(ods, values_not_written_like_their_type_are_text)
{
	CHECK(SHEET(ROW(NUMBER("abc") NUMBER(
		      "1e999") "<table:table-cell office:value-type='date' office:date-value='2023-02-29'/>"
	                       "<table:table-cell office:value-type='time' office:time-value='-PT1H'/>"
	                       "<table:table-cell office:value-type='time' office:time-value='PT99999999999999999999H'/>"
	                       "<table:table-cell><text:p>loose</text:p></table:table-cell>")),
	      "sheet S 1x6\nA1 t abc\nB1 t 1e999\nC1 t 2023-02-29\nD1 t -PT1H\nE1 t PT99999999999999999999H\nF1 t loose\n");
}

Test(ods, a_value_without_a_type_has_that_of_its_attribute)
{
	CHECK(SHEET(ROW(
		      "<table:table-cell office:boolean-value='false'><text:p>FALSE</text:p></table:table-cell>"
		      "<table:table-cell office:value='007'/><table:table-cell office:string-value='007'/>"
		      "<table:table-cell office:date-value='2024-02-29'/><table:table-cell office:time-value='PT13H30M00S'/>"
		      "<table:table-cell office:value='7' office:value-type='string'><text:p>7</text:p></table:table-cell>")),
	      "sheet S 1x6\nA1 b FALSE\nB1 n 7\nC1 t 007\nD1 d 2024-02-29\nE1 d 13:30:00\nF1 t 7\n");
}

Test(ods, only_true_and_false_are_truths)
{
	CHECK(SHEET(ROW("<table:table-cell office:value-type='boolean' office:boolean-value='1.2345'/>"
	                "<table:table-cell office:value-type='boolean' office:boolean-value='1'/>"
	                "<table:table-cell office:value-type='boolean' office:boolean-value='0'/>"
	                "<table:table-cell office:value-type='boolean' office:boolean-value='maybe'/>"
	                "<table:table-cell office:value-type='boolean' office:boolean-value=''/>")),
	      "sheet S 1x4\nA1 n 1.2345\nB1 b TRUE\nC1 b FALSE\nD1 t maybe\n");
}

Test(ods, a_formula_with_a_type_but_no_value_was_not_computed)
{
	CHECK(SHEET(ROW("<table:table-cell office:value-type='float' table:formula='of:=1+1'/>"
	                "<table:table-cell office:value-type='date' table:formula='of:=TODAY()'/>"
	                "<table:table-cell office:value-type='string' table:formula='of:=&quot;&quot;'/>")),
	      "sheet S 1x3\nA1 -  =1+1 ?\nB1 -  =TODAY() ?\nC1 -  =\"\"\n");
}

Test(ods, times_at_the_end_of_a_day_carry)
{
	CHECK(SHEET(ROW(
		      "<table:table-cell office:value-type='date' office:date-value='2023-12-31T23:59:59.9996'/>"
		      "<table:table-cell office:value-type='date' office:date-value='2024-02-28T23:59:59.999999999'/>"
		      "<table:table-cell office:value-type='date' office:date-value='2024-02-28T24:00:00'/>"
		      "<table:table-cell office:value-type='date' office:date-value='2024-02-28T24:00:01'/>")),
	      "sheet S 1x4\nA1 d 2024-01-01\nB1 d 2024-02-29\nC1 d 2024-02-29\nD1 t 2024-02-28T24:00:01\n");
}

Test(ods, paragraphs_blanks_and_what_stands_for_them)
{
	CHECK(SHEET(ROW(
		      "<table:table-cell office:value-type='string'><text:p>one</text:p><text:p>two</text:p></table:table-cell>" TEXT(
			      "a<text:s text:c='3'/>b<text:tab/>c<text:line-break/>d")
			      TEXT("  a \n  <text:span>b</text:span> c ") TEXT(
				      "<text:a xlink:href='http://x.y/'>link</text:a>")
				      TEXT("x<text:s/>&lt;&#228;&gt;") TEXT(
					      "<text:ruby><text:ruby-base>base</text:ruby-base><text:ruby-text>sound</text:ruby-text></text:ruby>"))),
	      "fact link: http://x.y/, at S!D1\nsheet S 1x6\nA1 t one\ntwo\nB1 t a   b\tc\nd\nC1 t   a b c \n"
	      "D1 t link\nE1 t x <\xc3\xa4>\nF1 t base\n");
}

Test(ods, lines_broken_at_the_end_of_paragraphs_and_beside_line_breaks_mean_nothing)
{
	CHECK(SHEET(ROW(TEXT("56\n\t\t<text:line-break/>\n\t\t7\n\t\t") TEXT("a \n") TEXT("b  ")
	                        TEXT("c\n<text:s/>d") TEXT("e\n<text:tab/>"))),
	      "sheet S 1x5\nA1 t 56\n7\nB1 t a \nC1 t b  \nD1 t c  d\nE1 t e \t\n");
}

Test(ods, repeated_cells_and_rows_are_unrolled)
{
	CHECK(SHEET("<table:table-column table:number-columns-repeated='16384'/>"
	            "<table:table-row table:number-rows-repeated='2'><table:table-cell/>"
	            "<table:table-cell table:number-columns-repeated='2' office:value-type='float' office:value='7'/>"
	            "<table:table-cell table:number-columns-repeated='16381'/></table:table-row>"
	            "<table:table-row table:number-rows-repeated='3'><table:table-cell table:number-columns-repeated='16384'/></table:table-row>" ROW(
			    TEXT("end"))),
	      "sheet S 6x3\nB1 n 7\nC1 n 7\nB2 n 7\nC2 n 7\nA6 t end\n");
}

Test(ods, a_sheet_padded_to_its_end_costs_nothing)
{
	CHECK(SHEET(ROW(TEXT(
		      "a")) "<table:table-row table:number-rows-repeated='1048575'>"
	                    "<table:table-cell table:number-columns-repeated='16384'/></table:table-row>"
	                    "<table:table-row table:number-rows-repeated='999999999'><table:table-cell/></table:table-row>"),
	      "sheet S 1x1\nA1 t a\n");
}

Test(ods, bombs_end_at_a_limit_that_is_named)
{
	const char *columns = SHEET(
		"<table:table-row table:number-rows-repeated='999999999'>"
		"<table:table-cell table:number-columns-repeated='999999999' office:value-type='float' office:value='7'/>"
		"</table:table-row>");
	const char *rows = SHEET("<table:table-row table:number-rows-repeated='999999999'>" NUMBER(
		"7") "</table:table-row>");
	const char *far = SHEET(
		"<table:table-row table:number-rows-repeated='99999999999999999999999999'/>" ROW(
			NUMBER("7")));
	const char *blanks = SHEET(ROW(TEXT("<text:s text:c='999999999999'/>")));

	cr_expect_eq(read_bytes(&tally_format_fods, columns, strlen(columns)), TALLY_SKIP);
	cr_expect(err.reason == TALLY_REASON_LIMIT && strstr(err.message, "table_columns"), "%s",
	          err.message);
	cr_expect_eq(read_bytes(&tally_format_fods, rows, strlen(rows)), TALLY_SKIP);
	cr_expect(err.reason == TALLY_REASON_LIMIT && strstr(err.message, "sheet_rows"), "%s",
	          err.message);
	cr_expect_eq(read_bytes(&tally_format_fods, far, strlen(far)), TALLY_SKIP);
	cr_expect(err.reason == TALLY_REASON_LIMIT && strstr(err.message, "sheet_rows"), "%s",
	          err.message);
	cr_expect_eq(read_bytes(&tally_format_fods, blanks, strlen(blanks)), TALLY_SKIP);
	cr_expect(err.reason == TALLY_REASON_LIMIT && strstr(err.message, "xml_token_bytes"), "%s",
	          err.message);
}

Test(ods, formulas_are_relative_and_have_their_values)
{
	CHECK(SHEET(ROW(NUMBER("2")) ROW(
		      "<table:table-cell table:formula='of:=[.A1]*2' office:value-type='float' office:value='4'/>"
		      "<table:table-cell table:formula='oooc:=SUM([.A1:.A2];1)' office:value-type='float' office:value='7'/>"
		      "<table:table-cell table:formula='msoxl:=A1&amp;&quot;x&quot;' office:value-type='string'><text:p>2x</text:p></table:table-cell>"
		      "<table:table-cell table:formula='of:=[.A1]'/>"
		      "<table:table-cell table:formula='of:=[.A1:.A2]*2' table:number-matrix-columns-spanned='1'"
		      " table:number-matrix-rows-spanned='2' office:value-type='float' office:value='4'/>"
		      "<table:table-cell table:formula='of:=SUM([.A1:.A2])' table:number-matrix-columns-spanned='1'"
		      " table:number-matrix-rows-spanned='1' office:value-type='float' office:value='6'/>")),
	      "sheet S 2x6\nA1 n 2\nA2 n 4 =R[-1]C*2\nB2 n 7 =SUM(R[-1]C[-1]:RC[-1],1)\nC2 t 2x =R[-1]C[-2]&\"x\"\n"
	      "D2 -  =R[-1]C[-3] ?\nE2 n 4 ={R[-1]C[-4]:RC[-4]*2} RC:R[1]C\nF2 n 6 ={SUM(R[-1]C[-5]:RC[-5])}\n");
}

Test(ods, errors_of_several_programs)
{
	CHECK(SHEET(ROW(
		      "<table:table-cell table:formula='of:=1/0' office:value-type='string' office:string-value='' calcext:value-type='error'><text:p>#DIV/0!</text:p></table:table-cell>"
		      "<table:table-cell table:formula='oooc:=x' office:value-type='float' office:value='0'><text:p>Err:508</text:p></table:table-cell>"
		      "<table:table-cell table:formula='of:=#REF!' office:value-type='float' office:value='0'><text:p>#BEZUG!</text:p></table:table-cell>"
		      "<table:table-cell table:formula='of:=&quot;#REF!&quot;' office:value-type='string' office:string-value='#REF!'/>" TEXT(
			      "#REF!"))),
	      "sheet S 1x5\nA1 e #DIV/0! =1/0\nB1 e Err:508 =x\nC1 e #REF! =#REF!\nD1 t #REF! =\"#REF!\"\nE1 t #REF!\n");
}

#define STYLES                                                                                                                                                                                                                                                                  \
	"<office:automatic-styles>"                                                                                                                                                                                                                                             \
	"<number:number-style style:name='N2'><number:number number:decimal-places='2' number:min-integer-digits='1' number:grouping='true'/></number:number-style>"                                                                                                            \
	"<number:number-style style:name='N0'><number:number number:min-integer-digits='1'/></number:number-style>"                                                                                                                                                             \
	"<number:percentage-style style:name='P'><number:number number:decimal-places='1' number:min-integer-digits='1'/><number:text>%</number:text></number:percentage-style>"                                                                                                \
	"<number:currency-style style:name='C'><number:number number:decimal-places='2' number:min-integer-digits='1'/><number:text> </number:text><number:currency-symbol>EUR</number:currency-symbol></number:currency-style>"                                                \
	"<number:date-style style:name='D'><number:year number:style='long'/><number:text>-</number:text><number:month number:style='long'/><number:text>-</number:text><number:day/><number:text> at </number:text><number:hours/></number:date-style>"                        \
	"<number:time-style style:name='T' number:truncate-on-overflow='false'><number:hours/><number:text>:</number:text><number:minutes number:style='long'/><number:text>:</number:text><number:seconds number:style='long' number:decimal-places='2'/></number:time-style>" \
	"<style:style style:name='c0' style:family='table-cell' style:data-style-name='N0'/>"                                                                                                                                                                                   \
	"<style:style style:name='c2' style:family='table-cell' style:data-style-name='N2'/>"                                                                                                                                                                                   \
	"<style:style style:name='cp' style:family='table-cell' style:data-style-name='P'/>"                                                                                                                                                                                    \
	"<style:style style:name='cc' style:family='table-cell' style:data-style-name='C'/>"                                                                                                                                                                                    \
	"<style:style style:name='cd' style:family='table-cell' style:data-style-name='D'/>"                                                                                                                                                                                    \
	"<style:style style:name='ct' style:family='table-cell' style:data-style-name='T'/>"                                                                                                                                                                                    \
	"<style:style style:name='heir' style:family='table-cell' style:parent-style-name='c2'/>"                                                                                                                                                                               \
	"<style:style style:name='a' style:family='table-cell' style:parent-style-name='b'/>"                                                                                                                                                                                   \
	"<style:style style:name='b' style:family='table-cell' style:parent-style-name='a'/>"                                                                                                                                                                                   \
	"<style:style style:name='gone' style:family='table'><style:table-properties table:display='false'/></style:style>"                                                                                                                                                     \
	"</office:automatic-styles>"
#define STYLED(style) \
	"<table:table-cell table:style-name='" style "' office:value-type='float' office:value='1'/>"

Test(ods, number_styles_become_codes)
{
	CHECK(FLAT_BEGIN STYLES BODY_BEGIN "<table:table table:name='S'>" ROW(STYLED("c0") STYLED(
		      "c2") STYLED("cp") STYLED("cc") STYLED("heir") STYLED("a") STYLED("none"))
	              ROW("<table:table-cell table:style-name='cd' office:value-type='date' office:date-value='2024-02-29'/>"
	                  "<table:table-cell table:style-name='ct' office:value-type='time' office:time-value='PT30H15M00S'/>") "</table:table>" BODY_END
	                                                                                                                        "</office:document>",
	      "sheet S 2x7\nA1 n 1\nB1 n 1 #,##0.00\nC1 n 1 0.0%\nD1 n 1 0.00 [$EUR]\nE1 n 1 #,##0.00\nF1 n 1\nG1 n 1\n"
	      "A2 d 2024-02-29 yyyy-mm-d\" at \"h\nB2 d PT30H15M0S [h]:mm:ss.00\n");
}

Test(ods, styles_of_rows_and_columns_are_those_of_their_cells)
{
	CHECK(FLAT_BEGIN STYLES BODY_BEGIN
	      "<table:table table:name='S'>"
	      "<table:table-column table:number-columns-repeated='2'/>"
	      "<table:table-column table:default-cell-style-name='cp' table:number-columns-repeated='2'/>" ROW(
		      NUMBER("1") NUMBER("1") NUMBER("1") NUMBER("1") NUMBER(
			      "1")) "<table:table-row table:default-cell-style-name='c2'>" NUMBER("1") "<table:table-cell/>" STYLED("c0") "</table:table-row></table:table>" BODY_END
	                                                                                                                                  "</office:document>",
	      "sheet S 2x5\nA1 n 1\nB1 n 1\nC1 n 1 0.0%\nD1 n 1 0.0%\nE1 n 1\nA2 n 1 #,##0.00\nC2 n 1\n");
}

Test(ods, comments_and_shapes_are_no_values)
{
	CHECK(SHEET(ROW(
		      "<table:table-cell office:value-type='string'><office:annotation><dc:creator>Ann</dc:creator>"
		      "<dc:date>2024-01-01</dc:date><text:p>check</text:p><text:p>this</text:p></office:annotation>"
		      "<text:p>value</text:p></table:table-cell>"
		      "<table:table-cell><draw:frame><draw:text-box><text:p>box</text:p></draw:text-box></draw:frame></table:table-cell>") "<table:shapes><draw:frame><draw:object draw:notify-on-update-of-ranges='S.A1:S.B2'><table:table><table:table-row>"
	                                                                                                                                   "<table:table-cell><text:p>x</text:p></table:table-cell></table:table-row></table:table></draw:object></draw:frame></table:shapes>"),
	      "fact comment: check\nthis, by Ann, at S!A1\nfact chart: S!A1:B2, at S\nsheet S 1x1\nA1 t value\n");
}

Test(ods, what_is_hidden_merged_or_locked_is_told)
{
	CHECK(FLAT_BEGIN STYLES
	      "<office:body><office:spreadsheet table:structure-protected='true'>"
	      "<table:table table:name='S' table:style-name='gone' table:protected='true'>"
	      "<table:table-column/><table:table-column table:visibility='collapse' table:number-columns-repeated='2'/>"
	      "<table:table-column table:visibility='collapse'/>"
	      "<table:table-row><table:table-cell table:number-columns-spanned='2' table:number-rows-spanned='2'/>"
	      "<table:covered-table-cell office:value-type='float' office:value='5'/></table:table-row>"
	      "<table:table-row table:visibility='filter' table:number-rows-repeated='3'/>"
	      "<table:table-row table:visibility='collapse'/>"
	      "<table:table-row/><table:table-row table:visibility='collapse'/></table:table>" BODY_END
	      "</office:document>",
	      "fact protection: its sheets, at workbook\nfact hidden_sheet: hidden, at S\nfact protection: sheet, at S\nfact merged_cells: 2 by 2 cells, at S!A1:B2\n"
	      "fact hidden_rows: 2:5, 7, at S\nfact hidden_columns: B:D, at S\nsheet S 1x2\nB1 n 5\n");
}

Test(ods, names_rules_links_and_properties_are_told)
{
	CHECK(FLAT_BEGIN
	      "<office:meta><dc:title>Prices</dc:title><meta:initial-creator>Ann</meta:initial-creator>"
	      "<dc:creator>Bob</dc:creator><meta:generator>x</meta:generator></office:meta>" BODY_BEGIN
	      "<table:content-validations><table:content-validation table:name='v' table:condition='of:cell-content()&gt;1'"
	      " table:base-cell-address='S.A1'/></table:content-validations>"
	      "<table:table table:name='S'>" ROW(TEXT(
		      "<text:a xlink:href='http://x.y/'>l</text:a>")) "<calcext:conditional-formats><calcext:conditional-format calcext:target-range-address='S.A1:S.A9'>"
	                                                              "<calcext:condition calcext:value='&gt;5'/></calcext:conditional-format></calcext:conditional-formats></table:table>"
	                                                              "<table:table table:name=\"'file:///a.ods'#T\"><table:table-source xlink:href='a.ods'/>" ROW(
									      NUMBER("1")) "</table:table>"
	                                                                                   "<table:named-expressions><table:named-range table:name='rate' table:cell-range-address='$S.$A$1'/>"
	                                                                                   "</table:named-expressions>" BODY_END
	                                                                                   "</office:document>",
	      "fact title: Prices\nfact author: Ann\nfact last_modified_by: Bob\nfact property: x, at saved by\n"
	      "fact link: http://x.y/, at S!A1\n" /* the rule is of no cell */
	      "fact conditional_format: >5, at S!A1:A9\nsheet S 1x1\nA1 t l\n"
	      "fact external_target: 'file:///a.ods'#T\nfact defined_name: S!$A$1, at rate\n");
}

Test(ods, names_of_one_sheet_say_which)
{
	CHECK(FLAT_BEGIN BODY_BEGIN
	      "<table:table table:name='S'><table:named-expressions>"
	      "<table:named-range table:name='_xlnm.Print_Area' table:cell-range-address='$S.$A$1:.$B$2'/>"
	      "<table:named-expression table:name='gone' table:expression='t!#ref!'/>"
	      "</table:named-expressions></table:table>" BODY_END "</office:document>",
	      "fact defined_name: S!$A$1:$B$2, at S!Print_Area\n"
	      "fact defined_name: t!#REF!, at S!gone\nsheet S 0x0\n");
}

#define RULE(name, condition) \
	"<table:content-validation table:name='" name "' table:condition=\"" condition "\"/>"
#define VALID(name)                                              \
	"<table:table-cell table:content-validation-name='" name \
	"' office:value-type='float' office:value='1'/>"

Test(ods, what_may_be_entered_is_told_with_the_cells_that_carry_it)
{
	CHECK(FLAT_BEGIN BODY_BEGIN
	      "<table:content-validations>" RULE("list", "of:cell-content-is-in-list(&quot;a&quot;;&quot;b;c&quot;)") RULE(
		      "place",
		      "of:cell-content-is-in-list([.$D$1:.$D$3])") RULE("whole",
	                                                                "of:cell-content-is-whole-number() and cell-content-is-between(1,[.B1])")
	              RULE("long", "of:cell-content-text-length()&lt;=5") RULE(
			      "long2",
			      "of:cell-content-text-length-is-not-between(1,5)") RULE("yes",
	                                                                              "of:is-true-formula(SUM([.A1];2)&gt;3)")
	                      RULE("other",
	                           "of:cell-content()&gt;1") "<table:content-validation table:name='any'/></table:content-validations>"
	                                                     "<table:table table:name='S'>" ROW(
								     VALID("list") VALID("list")
									     VALID("place")
										     VALID("whole"))
	                                                             ROW(VALID("list") VALID(
									     "list") VALID("long")
	                                                                         VALID("long2"))
	                                                                     ROW(VALID("yes") VALID("list") VALID("other") VALID("any")) "</table:table><table:table table:name='T'>" ROW(
										     "<table:table-cell table:content-validation-name='list' table:number-columns-repeated='3'/>") "</table:table>" BODY_END
	                                                                                                                                                                           "</office:document>",
	      "fact data_validation: list \"a,b;c\", at S!A1:B2, B3\n"
	      "fact data_validation: list $D$1:$D$3, at S!C1\n"
	      "fact data_validation: whole number between 1 and B1, at S!D1\n"
	      "fact data_validation: length of text \u2264 5, at S!C2\n"
	      "fact data_validation: length of text not between 1 and 5, at S!D2\n"
	      "fact data_validation: formula SUM(A1,2)>3, at S!A3\n"
	      "fact data_validation: cell-content()>1, at S!C3\n"
	      "fact data_validation: any value, at S!D3\n"
	      "sheet S 3x4\nA1 n 1\nB1 n 1\nC1 n 1\nD1 n 1\nA2 n 1\nB2 n 1\nC2 n 1\nD2 n 1\n"
	      "A3 n 1\nB3 n 1\nC3 n 1\nD3 n 1\n"
	      "fact data_validation: list \"a,b;c\", at T!A1:C1\nsheet T 0x0\n");
}

Test(ods, constants_that_were_made_formulas_are_constants)
{
	CHECK(SHEET(ROW(
		      "<table:table-cell table:formula='of:=TRUE()' office:value-type='float' office:value='0'/>"
		      "<table:table-cell table:formula='of:=FALSE()' office:value-type='boolean' office:boolean-value='false'/>"
		      "<table:table-cell table:formula='of:=#N/A' office:value-type='string' office:string-value='' calcext:value-type='error'><text:p>#N/A</text:p></table:table-cell>"
		      "<table:table-cell table:formula='of:=#REF!+1' office:value-type='string' office:string-value='' calcext:value-type='error'><text:p>#REF!</text:p></table:table-cell>")),
	      "sheet S 1x4\nA1 b TRUE\nB1 b FALSE\nC1 e #N/A\nD1 e #REF! =#REF!+1\n");
}

Test(ods, a_table_without_a_name_is_no_sheet)
{
	CHECK(FLAT_BEGIN BODY_BEGIN
	      "<table:table><table:table-source xlink:href='a.xlsx'/>" ROW(NUMBER(
		      "1")) "</table:table>"
	                    "<table:table table:name='S'>" ROW(
				    "<table:table-cell office:value-type='date' office:date-value='1900-02-29T00:00:00'/>") "</table:table>" BODY_END
	                                                                                                                    "</office:document>",
	      "fact external_target: a.xlsx\nsheet S 1x1\nA1 d 1900-02-29\n");
}

Test(ods, tracked_changes_are_left_out_and_said)
{
	CHECK(FLAT_BEGIN BODY_BEGIN
	      "<table:tracked-changes><table:cell-content-change><table:previous>"
	      "<table:change-track-table-cell><text:p>old</text:p></table:change-track-table-cell></table:previous>"
	      "</table:cell-content-change></table:tracked-changes><table:table table:name='S'>" ROW(
		      NUMBER("1")) "</table:table>" BODY_END "</office:document>",
	      "note format_unknown\nsheet S 1x1\nA1 n 1\n");
}

/* ---- packages ---- */

static struct zip_maker z;

static void part(const char *name, const char *content)
{
	zip_add(&z, &(struct zip_part){ .name = name, .content = content });
}

static enum tally_status read_package(void)
{
	enum tally_status st;

	zip_finish(&z, &(struct zip_end){ 0 });
	st = read_bytes(&tally_format_ods, z.bytes.bytes, z.bytes.len);
	return st;
}

#define MIMETYPE          "application/vnd.oasis.opendocument.spreadsheet"
#define CONTENT(body)     "<office:document-content" NAMESPACES ">" body "</office:document-content>"
#define MANIFEST(entries) "<manifest:manifest" NAMESPACES ">" entries "</manifest:manifest>"
#define ONE_CELL                                               \
	CONTENT(BODY_BEGIN "<table:table table:name='S'>" ROW( \
		"<table:table-cell table:style-name='c2' office:value-type='float' office:value='1'/>") "</table:table>" BODY_END)

Test(ods, a_package_has_styles_content_and_properties)
{
	part("mimetype", MIMETYPE);
	part("content.xml", ONE_CELL);
	part("styles.xml",
	     "<office:document-styles" NAMESPACES "><office:styles>"
	     "<number:number-style style:name='N2'><number:number number:decimal-places='2' number:min-integer-digits='1'/></number:number-style>"
	     "<style:style style:name='c2' style:family='table-cell' style:data-style-name='N2'/></office:styles>"
	     "<office:automatic-styles><style:style style:name='c2' style:family='table-cell'/></office:automatic-styles>"
	     "</office:document-styles>");
	part("meta.xml", "<office:document-meta" NAMESPACES
	                 "><office:meta><dc:title>T</dc:title></office:meta></office:document-meta>");
	part("Basic/Standard/Module1.xml", "sub");
	part("Basic/Standard/script-lb.xml", "list");
	part("Pictures/1.png", "png");
	cr_expect_eq(read_package(), TALLY_OK, "%s", err.message);
	cr_expect_str_eq(
		shown.bytes,
		"sheet S 1x1\nA1 n 1 0.00\nfact title: T\n"
		"fact macro: sha256:ddc6e2b224d0fd821669202258386936fc9ce2899e215eec6322b95f8dd96d6a, at Basic/Standard/Module1.xml\n"
		"fact image: png, 3 bytes, sha256:8f8cbb7dcf46e0bc\n",
		"gives\n%s", shown.bytes);
	zip_release(&z);
}

Test(ods, pictures_are_told_at_each_cell_that_they_lie_on)
{
#define PICTURE(name) "<draw:frame><draw:image xlink:href='" name "'/></draw:frame>"
	part("mimetype", MIMETYPE);
	part("content.xml",
	     CONTENT(BODY_BEGIN
	             "<table:table table:name='S'><table:shapes>" PICTURE("Pictures/2.png") "</table:shapes>" ROW(
			     "<table:table-cell/><table:table-cell>" PICTURE(
				     "./Pictures/1.png") "</table:table-cell>")
	                     ROW("<table:table-cell>" PICTURE(
				     "Pictures/1.png") "</table:table-cell>") "</table:table>" BODY_END));
	part("Pictures/1.png", "png");
	part("Pictures/2.png", "gnp");
	part("Pictures/3.png", "ngp");
	cr_expect_eq(read_package(), TALLY_OK, "%s", err.message);
	cr_expect_str_eq(shown.bytes,
	                 "sheet S 0x0\n"
	                 "fact image: png, 3 bytes, sha256:8f8cbb7dcf46e0bc, at S!A2\n"
	                 "fact image: png, 3 bytes, sha256:8f8cbb7dcf46e0bc, at S!B1\n"
	                 "fact image: png, 3 bytes, sha256:8639406e93a85ddd, at S\n"
	                 "fact image: png, 3 bytes, sha256:ae7a7613c4ddfc5d\n",
	                 "gives\n%s", shown.bytes);
	zip_release(&z);
}

Test(ods, an_encrypted_package_says_so)
{
	part("mimetype", MIMETYPE);
	part("content.xml", "garbage");
	part("META-INF/manifest.xml",
	     MANIFEST("<manifest:file-entry manifest:full-path='content.xml'><manifest:encryption-data/></manifest:file-entry>"));
	cr_expect_eq(read_package(), TALLY_SKIP);
	cr_expect_eq(err.reason, TALLY_REASON_ENCRYPTED);
	zip_release(&z);
}

Test(ods, a_package_without_cells_is_damaged)
{
	part("mimetype", MIMETYPE);
	cr_expect_eq(read_package(), TALLY_SKIP);
	zip_release(&z);
	part("mimetype", MIMETYPE);
	part("content.xml", CONTENT(""));
	cr_expect_eq(read_package(), TALLY_SKIP);
	cr_expect_eq(err.reason, TALLY_REASON_DAMAGED);
	zip_release(&z);
	part("mimetype", MIMETYPE);
	part("content.xml", CONTENT(BODY_BEGIN BODY_END));
	cr_expect_eq(read_package(), TALLY_SKIP);
	cr_expect_eq(err.reason, TALLY_REASON_DAMAGED);
	zip_release(&z);
	part("mimetype", MIMETYPE);
	part("content.xml", CONTENT(BODY_BEGIN "<table:table>"));
	cr_expect_eq(read_package(), TALLY_SKIP);
	zip_release(&z);
}

Test(ods, broken_properties_cost_only_themselves)
{
	part("mimetype", MIMETYPE);
	part("content.xml", ONE_CELL);
	part("meta.xml", "<office:document-meta");
	part("styles.xml", "<x");
	cr_expect_eq(read_package(), TALLY_PARTIAL);
	cr_expect(strstr(shown.bytes, "A1 n 1\n"), "%s", shown.bytes);
	zip_release(&z);
}

static const char *found(const void *bytes, size_t len, const char *name, bool *mismatch)
{
	const struct tally_format *format;
	struct tally_source *src;

	cr_assert_eq(tally_source_memory(&src, bytes, len, NULL), TALLY_OK);
	tally_source_set_name(src, name);
	cr_assert_eq(tally_format_find(&format, mismatch, src, &err), TALLY_OK, "%s", err.message);
	tally_source_free(src);
	return format ? format->name : "none";
}

Test(ods, known_by_what_is_inside)
{
	const char *flat = SHEET(""), *csv = "a,b\n1,2\n3,4\n";
	bool mismatch;

	part("mimetype", MIMETYPE);
	part("content.xml", ONE_CELL);
	zip_finish(&z, &(struct zip_end){ 0 });
	cr_expect_str_eq(found(z.bytes.bytes, z.bytes.len, "x.zip", &mismatch), "ods");
	zip_release(&z);
	part("content.xml", ONE_CELL);
	part("META-INF/manifest.xml",
	     MANIFEST("<manifest:file-entry manifest:full-path='/' manifest:media-type='" MIMETYPE
	              "'/>"));
	zip_finish(&z, &(struct zip_end){ 0 });
	cr_expect_str_eq(found(z.bytes.bytes, z.bytes.len, "x.ods", &mismatch), "ods");
	cr_expect_not(mismatch);
	zip_release(&z);
	part("a.txt", "text");
	zip_finish(&z, &(struct zip_end){ 0 });
	cr_expect_str_eq(found(z.bytes.bytes, z.bytes.len, "x.ods", &mismatch), "zip");
	cr_expect(mismatch);
	zip_release(&z);
	cr_expect_str_eq(found(csv, strlen(csv), "x.ods", &mismatch), "csv");
	cr_expect(mismatch);
	cr_expect_str_eq(found(flat, strlen(flat), "x.xml", &mismatch), "fods");
	cr_expect_str_eq(found(flat, strlen(flat), "x.fods", &mismatch), "fods");
	cr_expect_not(mismatch);
}

/* ---- laws ---- */

Test(ods, documents_cut_anywhere_end_in_an_error)
{
	const char *text = FLAT_BEGIN STYLES BODY_BEGIN "<table:table table:name='S'>" ROW(
		TEXT("a<text:s/>") STYLED("ct")) "</table:table>" BODY_END "</office:document>";

	for (size_t len = 0; len < strlen(text); len += 7) {
		char *cut = malloc(len + 1);

		memcpy(cut, text, len);
		cr_assert_eq(read_bytes(&tally_format_fods, cut, len), TALLY_SKIP, "%zu", len);
		free(cut);
	}
}

static enum tally_status drop_part(void *payload, struct tally_part *p, struct tally_err *e)
{
	(void)payload;
	(void)e;
	tally_part_free(p);
	return TALLY_OK;
}

static enum tally_status drop_fact(void *payload, const struct tally_fact *f, struct tally_err *e)
{
	(void)payload;
	(void)f;
	(void)e;
	return TALLY_OK;
}

Test(ods, no_memory_is_an_error_at_any_point)
{
	const char *text = FLAT_BEGIN STYLES BODY_BEGIN "<table:table table:name='S'>" ROW(
		TEXT("a<text:s/>") STYLED("c2")) "</table:table>" BODY_END "</office:document>";
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_sink sink = { .part = drop_part, .fact = drop_fact };

	cr_assert_eq(read_bytes(&tally_format_fods, text, strlen(text)), TALLY_OK); /* loads expat */
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_source *src = NULL;
		enum tally_status st = tally_source_memory(&src, text, strlen(text), &err);

		if (st >= 0)
			st = tally_format_fods.read(src, &options, &sink, &err);
		if (faults_fired(&f))
			cr_assert_eq(st, TALLY_FATAL, "allocation %ld: %s", f.nth, err.message);
		else
			cr_assert_eq(st, TALLY_OK);
		tally_source_free(src);
	}
}

/* ---- what is not looked into ---- */

#define LOOK(cell, row)                                                                              \
	FLAT_BEGIN "<office:automatic-styles><style:style style:name='b' style:family='table-cell'>" \
		   "<style:text-properties style:font-weight-asian='" cell "'/></style:style>"       \
		   "<style:style style:name='ro1' style:family='table-row'>"                         \
		   "<style:table-row-properties style:row-height='" row "'/></style:style>"          \
		   "</office:automatic-styles>" BODY_BEGIN "<table:table table:name='S'>" ROW(       \
			   STYLED("b") NUMBER("1")) "</table:table>" BODY_END "</office:document>"

/* What is said of these two documents at this place is the same, or not. */
static bool differ(const char *one, const char *other, const char *where)
{
	char line[2][256] = { "", "" };

	unread = true;
	for (int i = 0; i < 2; i++) {
		const char *at, *text = i ? other : one;

		tally_buf_clear(&shown);
		cr_assert_eq(read_bytes(&tally_format_fods, text, strlen(text)), TALLY_OK, "%s",
		             err.message);
		for (at = shown.bytes; at && *at; at = strchr(at, '\n') + 1)
			if (!strncmp(at, "fact unread", 11) && strstr(at, where) &&
			    strcspn(at, "\n") > (size_t)(strstr(at, where) - at))
				snprintf(line[i], sizeof line[i], "%.*s", (int)strcspn(at, "\n"), at);
	}
	unread = false;
	return strcmp(line[0], line[1]) != 0;
}

Test(ods, looks_of_cells_and_layout_are_told_as_sums)
{
	cr_expect(differ(LOOK("bold", "1cm"), LOOK("normal", "1cm"), "S!looks of cells"));
	cr_expect_not(differ(LOOK("bold", "1cm"), LOOK("normal", "1cm"), "layout"));
	cr_expect(differ(LOOK("bold", "1cm"), LOOK("bold", "2cm"), "layout"));
	cr_expect_not(differ(LOOK("bold", "1cm"), LOOK("bold", "2cm"), "S!looks of cells"));
}

Test(ods, headers_and_footers_of_pages_are_texts)
{
	CHECK(FLAT_BEGIN
	      "<office:master-styles><style:master-page style:name='Default'><style:header>"
	      "<text:p>Draft <text:page-number>1</text:page-number></text:p></style:header>"
	      "<style:footer style:display='false'><text:p>x</text:p></style:footer>"
	      "</style:master-page></office:master-styles>" BODY_BEGIN
	      "<table:table table:name='S'/>" BODY_END "</office:document>",
	      "fact page_text: Draft 1, at Default!header\nsheet S 0x0\n");
}

Test(ods, white_letters_on_white_are_possibly_hidden)
{
#define WHITE(properties)                                                                 \
	FLAT_BEGIN                                                                        \
	"<office:automatic-styles><style:style style:name='w' style:family='table-cell'>" \
	"<style:text-properties xmlns:fo='urn:oasis:names:tc:opendocument:xmlns:xsl-fo-"  \
	"compatible:1.0' fo:color='#FFFFFF'/>" properties                                 \
	"</style:style></office:automatic-styles>" BODY_BEGIN                             \
	"<table:table table:name='S'>" ROW(STYLED("w")) "</table:table>" BODY_END         \
							"</office:document>"
	CHECK(WHITE(""), "fact hidden_text: 1 cell with white letters, possibly hidden, at S\n"
	                 "sheet S 1x1\nA1 n 1\n");
	tally_buf_clear(&shown);
	CHECK(WHITE("<style:table-cell-properties xmlns:fo='urn:oasis:names:tc:opendocument:xmlns:xsl-"
	            "fo-compatible:1.0' fo:background-color='#000000'/>"),
	      "sheet S 1x1\nA1 n 1\n");
#undef WHITE
}
