#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "formats/format.h"
#include "support/faults.h"
#include "support/xlsx_maker.h"

extern const struct tally_format tally_format_xlsx;

enum { PARTS_MOST = 8, SHOWN = 1 << 16 };

/* What was read, as text: a line each for sheets, cells, problems and notes. */
static struct seen {
	enum tally_status status;
	char text[SHOWN];
	size_t len;
} seen;

static struct tally_limits limits;
static struct tally_read_options options;
static struct tally_err err;
static struct xlsx_maker x;

static void begin(void)
{
	limits = (struct tally_limits)TALLY_LIMITS_INIT;
	options = (struct tally_read_options)TALLY_READ_OPTIONS_INIT;
	options.limits = &limits;
	err = (struct tally_err){ 0 };
	x = (struct xlsx_maker){ 0 };
}

static void end(void)
{
	zip_release(&x.zip);
}

TestSuite(xlsx, .init = begin, .fini = end);

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(seen.text + seen.len, SHOWN - seen.len, format, args);
	va_end(args);
	cr_assert(n >= 0 && seen.len + (size_t)n < SHOWN);
	seen.len += (size_t)n;
}

/* "B2 number 1.5 =RC[-1] #0.00"; formulas and formats as far as there are any */
static void say_cell(size_t row, size_t column, const struct tally_cell *c)
{
	static const char *const kinds[] = { "text", "empty", "number", "bool", "date", "error" };

	say("%c%zu %s %.*s", (char)('A' + column), row + 1, kinds[c->kind], (int)c->value_len,
	    c->value);
	if (c->formula)
		say(" =%.*s", (int)c->formula_len, c->formula);
	if (c->format)
		say(" #%.*s", (int)c->format_len, c->format);
	say("%s\n", c->cached == TALLY_CACHED_MISSING ? " missing" : "");
}

static enum tally_status take_part(void *payload, struct tally_part *part, struct tally_err *e)
{
	struct tally_cell cells[26];

	(void)payload;
	say("%s: %zu rows, %zu columns\n", part->name, part->row_count, part->columns);
	cr_assert(part->sheet);
	for (size_t row = 0; row < part->row_count && part->row_count < 1000; row++) {
		size_t count;

		cr_assert_eq(part->ops->cells(part, row, NULL, cells, 26, &count, e), TALLY_OK);
		cr_assert_leq(count, part->columns);
		for (size_t i = 0; i < count && i < 26; i++)
			if (cells[i].kind != TALLY_CELL_EMPTY || cells[i].formula)
				say_cell(row, i, &cells[i]);
	}
	for (size_t i = 0; i < part->problem_count; i++)
		if (strcmp(part->problems[i].what, "header_guessed") != 0)
			say("! %s %llu x %llu\n", part->problems[i].what,
			    (unsigned long long)part->problems[i].row,
			    (unsigned long long)part->problems[i].count);
	tally_part_free(part);
	return TALLY_OK;
}

static enum tally_status take_note(void *payload, const struct tally_note *note, struct tally_err *e)
{
	(void)payload;
	(void)e;
	say("? %s %s", tally_reason_id(note->reason), note->where ? note->where : "");
	say(note->sheet ? " (%s)\n" : "\n", note->sheet);
	return TALLY_OK;
}

static enum tally_status read_made(void)
{
	const struct tally_sink sink = { .part = take_part, .note = take_note };
	struct tally_source *src = NULL;

	seen.len = 0;
	seen.text[0] = '\0';
	if (tally_source_memory(&src, x.zip.bytes.bytes, x.zip.bytes.len, &err) < 0)
		return TALLY_FATAL;
	seen.status = tally_format_xlsx.read(src, &options, &sink, &err);
	tally_source_free(src);
	return seen.status;
}

#define SHOWS(wanted)                                                         \
	do {                                                                  \
		xlsx_make(&x);                                                \
		cr_expect_geq(read_made(), TALLY_PARTIAL, "%s", err.message); \
		cr_expect_str_eq(seen.text, wanted, "%s", seen.text);         \
	} while (0)

#define FAILS(why, with)                                                               \
	do {                                                                           \
		xlsx_make(&x);                                                         \
		cr_expect_eq(read_made(), TALLY_SKIP, "%s", seen.text);                \
		cr_expect_str_eq(tally_reason_id(err.reason), why, "%s", err.message); \
		cr_expect_not_null(strstr(err.message, with), "%s", err.message);      \
	} while (0)

/* ---- values ---- */

Test(xlsx, values_by_their_types)
{
	x.strings = "<si><t>shared</t></si>";
	x.sheet = "<row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1'><v>0.10000000000000001</v></c>"
		  "<c r='C1' t='b'><v>1</v></c><c r='D1' t='b'><v>0</v></c>"
		  "<c r='E1' t='e'><v>#DIV/0!</v></c><c r='F1' t='str'><v> text </v></c>"
		  "<c r='G1' t='inlineStr'><is><t>in</t><r><t>line</t></r></is></c>"
		  "<c r='H1' t='d'><v>2024-02-29T00:00:00</v></c><c r='I1' t='n'><v>1E3</v></c></row>";
	SHOWS("One: 1 rows, 9 columns\nA1 text shared\nB1 number 0.1\nC1 bool TRUE\nD1 bool FALSE\n"
	      "E1 error #DIV/0!\nF1 text  text \nG1 text inline\nH1 date 2024-02-29\n"
	      "I1 number 1000\n");
}

Test(xlsx, runs_are_joined_and_phonetic_guides_left_out)
{
	x.strings = "<si><r><rPr><b/></rPr><t>bold </t></r><r><t xml:space='preserve'> plain</t></r>"
		    "<rPh sb='0' eb='1'><t>guide</t></rPh><phoneticPr fontId='1'/></si><si><t/></si>";
	x.sheet = "<row><c t='s'><v>0</v></c><c t='s'><v>1</v></c></row>";
	SHOWS("One: 1 rows, 1 columns\nA1 text bold  plain\n");
}

Test(xlsx, escaped_characters_come_back)
{
	x.strings = "<si><t>a_x000A_b_x005F_x000A_ _xZZZZ_ _xD83D__xDE00_ _xD83D_</t></si>";
	x.sheet = "<row><c t='s'><v>0</v></c></row>";
	SHOWS("One: 1 rows, 1 columns\nA1 text a\nb_x000A_ _xZZZZ_ \xf0\x9f\x98\x80 _xD83D_\n");
}

Test(xlsx, an_inline_string_beats_a_value_and_is_forgotten_behind_its_cell)
{
	x.sheet = "<row><c t='inlineStr'><v>1.0</v><is><t>1.</t></is></c><c t='inlineStr'/>"
		  "<c t='inlineStr'><v>old</v></c></row>";
	SHOWS("One: 1 rows, 3 columns\nA1 text 1.\nC1 text old\n");
}

Test(xlsx, dates_by_number_format)
{
	x.styles = "<numFmts><numFmt numFmtId='170' formatCode='yyyy\\-mm\\-dd'/></numFmts>"
		   "<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='170'/>"
		   "<xf numFmtId='2'/><xf numFmtId='57'/></cellXfs>";
	x.sheet = "<row><c s='1'><v>45351</v></c><c s='2'><v>45351.5</v></c><c s='3'><v>1.5</v></c>"
		  "<c s='4'><v>1</v></c><c s='1'><v>-1</v></c><c s='99'><v>1</v></c></row>";
	SHOWS("One: 1 rows, 6 columns\nA1 date 2024-02-29 #mm-dd-yy\n"
	      "B1 date 2024-02-29T12:00:00 #yyyy\\-mm\\-dd\nC1 number 1.5 #0.00\nD1 date 1900-01-01\n"
	      "E1 number -1 #mm-dd-yy\nF1 number 1\n");
}

Test(xlsx, days_of_the_other_date_system)
{
	x.workbook = "<workbookPr date1904='1'/><sheets><sheet name='One' r:id='s1'/></sheets>";
	x.styles = "<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs>";
	x.sheet = "<row><c s='1'><v>43889</v></c></row>";
	SHOWS("One: 1 rows, 1 columns\nA1 date 2024-02-29 #mm-dd-yy\n");
}

Test(xlsx, what_is_no_number_is_text_and_said)
{
	x.sheet = "<row r='3'><c><v>abc</v></c><c t='s'><v>7</v></c></row>";
	SHOWS("? malformed sheet 'One', row 3\n? malformed sheet 'One', row 3\nOne: 3 rows, 1 columns\nA3 text abc\n! bad_number 3 x 1\n! string_missing 3 x 1\n");
	cr_expect_eq(seen.status, TALLY_PARTIAL);
}

/* ---- places ---- */

Test(xlsx, cells_and_rows_without_addresses_follow_each_other)
{
	x.sheet = "<row><c><v>1</v></c><c r='C1'><v>2</v></c><c><v>3</v></c></row>"
		  "<row r='3'/><row><c><v>4</v></c></row><row><c r='B9'><v>5</v></c></row>";
	SHOWS("One: 9 rows, 4 columns\nA1 number 1\nC1 number 2\nD1 number 3\nA4 number 4\n"
	      "B9 number 5\n");
}

Test(xlsx, blank_rows_and_columns_count_and_formatted_ones_at_the_end_do_not)
{
	x.styles = "<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs>";
	x.sheet = "<row r='2'><c r='B2'><v>1</v></c><c r='C2' s='1'/></row>"
		  "<row r='5'><c r='A5' s='1'/></row><row r='1048576' ht='20'/>";
	SHOWS("One: 2 rows, 2 columns\nB2 number 1\n");
}

Test(xlsx, what_comes_in_disorder_is_put_in_order)
{
	x.sheet = "<row r='3'><c r='B3'><v>2</v></c><c r='A3'><v>1</v></c></row>"
		  "<row r='1'><c r='A1'><v>3</v></c></row><row r='2'><c r='A2'><v>4</v></c></row>";
	SHOWS("One: 3 rows, 2 columns\nA1 number 3\nA2 number 4\nA3 number 1\nB3 number 2\n"
	      "! cells_out_of_order 3 x 1\n! rows_out_of_order 1 x 1\n");
	cr_expect_eq(seen.status, TALLY_OK);
}

Test(xlsx, what_is_there_twice_is_said)
{
	x.sheet = "<row r='1'><c r='A1'><v>1</v></c><c r='A1'><v>2</v></c></row>"
		  "<row r='2'><c r='A2'><v>3</v></c><c r='C2'><v>4</v></c></row>"
		  "<row r='2'><c r='A2'><v>5</v></c><c r='B2'><v>6</v></c></row>";
	SHOWS("? malformed sheet 'One', row 1 and 1 more\n? malformed sheet 'One', row 2\nOne: 2 rows, 3 columns\nA1 number 2\nA2 number 5\nB2 number 6\nC2 number 4\n! cell_twice 1 x 2\n! rows_out_of_order 2 x 1\n! row_twice 2 x 1\n");
}

Test(xlsx, a_cell_that_names_another_row_stays_in_its_own)
{
	x.sheet = "<row r='1'><c r='A7'><v>1</v></c><c r='?'><v>2</v></c></row><row r='x'/>";
	SHOWS("? malformed sheet 'One', row 1 and 2 more\nOne: 1 rows, 2 columns\nA1 number 1\nB1 number 2\n! bad_reference 1 x 3\n");
}

/* ---- plain cells and what is nearly so ---- */

#define CELL(text) "<row r=\"1\">" text "</row>"

/* read where they lie, and as events: limits that leave no room for elements inside elements let nothing be taken */
static void reads_alike(const char *sheet, const char *strings)
{
	static char plain[SHOWN];
	enum tally_status st;

	x.strings = strings;
	x.sheet = sheet;
	xlsx_make(&x);
	limits.xml_depth = 512;
	st = read_made();
	strcpy(plain, seen.text);
	limits.xml_depth = 6;
	cr_expect_eq(read_made(), st, "%s: %s", sheet, err.message);
	if (st >= 0)
		cr_expect_str_eq(plain, seen.text, "%s", sheet);
	zip_release(&x.zip);
}

Test(xlsx, cells_are_the_same_where_they_lie_and_as_events)
{
	static const char *const cells[] = {
		CELL("<c r=\"A1\"><v>1</v></c><c r=\"B1\" s=\"1\"><v> 2 </v></c>"),
		CELL("<c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" s=\"1\" t=\"s\"><v>1</v></c>"),
		CELL("<c r=\"A1\" t=\"s\"><v>9</v></c><c r=\"B1\" t=\"s\"><v></v></c>"),
		CELL("<c r=\"A1\" t=\"b\"><v>1</v></c><c r=\"B1\" t=\"e\"><v>#N/A</v></c>"),
		CELL("<c r=\"A1\" t=\"str\"><v>a_x0041_</v></c><c r=\"B1\" t=\"str\"><v></v></c>"),
		CELL("<c r=\"A1\" t=\"inlineStr\"><v>x</v></c><c r=\"B1\" t=\"odd\"><v>5</v></c>"),
		CELL("<c r=\"A1\" t=\"d\"><v>2024-02-29T00:00:00</v></c><c r=\"B1\" s=\"1\"/>"),
		CELL("<c r=\"B1\"><f>A1+1</f><v>2</v></c><c r=\"C1\"><f>A1]</f><v>2</v></c>"),
		CELL("<c r=\"A1\"><f t=\"shared\" ref=\"A1:B1\" si=\"3\">C1</f><v>2</v></c>"
		     "<c r=\"B1\"><f t=\"shared\" si=\"3\"/><v>2</v></c>"
		     "<c r=\"C1\"><f t=\"shared\" si=\"4\"/><v>2</v></c>"),
		CELL("<c r=\"A1\" t=\"b\"><f>TRUE()</f><v>1</v></c><c r=\"B1\"><f></f><v>1</v></c>"),
		CELL("<c r=\"A1\" t=\"str\"><f>B1</f><v></v></c><c r=\"B1\"><f>C1</f><v></v></c>"),
		CELL("<c r=\"B1\"><v>1</v></c><c r=\"A1\"><v>2</v></c><c r=\"A1\"><v>3</v></c>"),
		CELL("<c r=\"A7\"><v>1</v></c><c r=\"\"><v>2</v></c><c r=\"a1\"><v>3</v></c>"),
		CELL("<c r=\"A1\"><v>x</v></c><c r=\"B1\" s=\"x\"><v>1e3</v></c><c><v>1</v></c>"),
		CELL("<c r=\"A1\"><v>1&#50;</v></c><c r=\"B1\" t=\"str\"><v>a\r\nb</v></c>"),
		CELL("<c r=\"A1\"><v>1</v><v>2</v></c><c r=\"B1\"><v>1<v>2</v></v></c>"),
		CELL("<d><c r=\"A1\"><v>1</v></c></d><c r=\"B1\"><v>2</v></c>"),
		CELL("<c r=\"A1\" xmlns=\"u\"><v>1</v></c><c xmlns=\"u\" r=\"A1\"><v>1</v></c>"),
		CELL("<d xmlns=\"u\"><c r=\"A1\"><v>1</v></c></d>"),
		CELL("<c r=\"A1\" r=\"A1\"><v>1</v></c>"),
		CELL("<c r=\"A1\"><v>1]]></v></c>"),
		CELL("<c r=\"A1\"><v>1</v></d>"),
		"<c r=\"A1\"><v>1</v></c>",
		"<row xmlns=\"u\"><c r=\"A1\"><v>1</v></c></row>",
	};

	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
		reads_alike(cells[i], "<si><t>first</t></si><si><t>2</t></si>");
}

Test(xlsx, strings_are_the_same_where_they_lie_and_as_events)
{
	static const char *const strings[] = {
		"<si><t>a</t></si><si><t xml:space=\"preserve\"> b </t></si><si><t></t></si>",
		"<si><t>a_x0041_</t></si><si><t>&amp;</t></si><si><t>a\r\nb]</t></si>",
		"<si><t>a</t><t>b</t></si><d><si><t>x</t></si></d><si><t>c</t></si><si xmlns='u'/>",
		"<si><r><t>a</t></r></si><si> <t>b</t></si><si><t>c</t></si >",
		"<si><t>a</t></si></t>",
	};

	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
		reads_alike(CELL("<c t='s'><v>0</v></c><c t='s'><v>1</v></c><c t='s'><v>2</v></c>"),
		            strings[i]);
}

Test(xlsx, long_texts_that_follow_each_other_are_told_apart)
{
	char a[201], b[201], sheet[2000], wanted[2000];

	memset(a, 'x', 200);
	a[200] = '\0';
	strcpy(b, a);
	b[199] = 'y';
	snprintf(sheet, sizeof sheet,
	         "<row><c t='str'><v>%s</v></c><c t='str'><v>%s</v></c><c t='str'><v>%s</v></c>"
	         "<c t='str'><v>%s</v></c><c t='str'><v>%s1</v></c></row>",
	         a, a, b, a, a);
	snprintf(wanted, sizeof wanted,
	         "One: 1 rows, 5 columns\nA1 text %s\nB1 text %s\nC1 text %s\nD1 text %s\nE1 text %s1\n",
	         a, a, b, a, a);
	x.sheet = sheet;
	SHOWS(wanted);
}

Test(xlsx, plain_cells_keep_to_the_limits)
{
	x.sheet = CELL("<c r=\"A1\"><v>1</v></c><c r=\"B1\" t=\"str\"><v>123456789</v></c>");
	limits.xml_depth = 4;
	FAILS("limit", "xml_depth");
	zip_release(&x.zip);
	limits.xml_depth = 512;
	limits.table_columns = 1;
	FAILS("limit", "table_columns");
}

/* ---- formulas ---- */

Test(xlsx, formulas_are_relative_and_shared_ones_are_one_text)
{
	x.sheet = "<row r='1'><c r='A1'><v>1</v></c><c r='B1'><f t='shared' ref='B1:B3' si='0'>A1*$A$1"
		  "</f><v>1</v></c></row><row r='2'><c r='B2'><f t='shared' si='0'/><v>2</v></c></row>"
		  "<row r='3'><c r='B3'><f>A3*$A$1</f><v>3</v></c><c r='C3'><f t='shared' si='9'/>"
		  "<v>4</v></c><c r='D3' t='str'><f>\"\"</f><v></v></c></row>";
	SHOWS("? malformed sheet 'One', row 3\nOne: 3 rows, 4 columns\nA1 number 1\nB1 number 1 =RC[-1]*R1C1\nB2 number 2 =RC[-1]*R1C1\nB3 number 3 =RC[-1]*R1C1\nC3 number 4 =SHARED()\nD3 text  =\"\"\n! formula_missing 3 x 1\n");
}

Test(xlsx, constants_that_were_made_formulas_are_constants)
{
	x.sheet = "<row r='1'><c r='A1' t='b'><f aca='false'>TRUE()</f><v>1</v></c>"
		  "<c r='B1' t='b'><f>FALSE</f><v>0</v></c><c r='C1' t='e'><f>#N/A</f><v>#N/A</v></c>"
		  "<c r='D1' t='b'><f>TRUE()</f><v>0</v></c><c r='E1' t='e'><f>#REF!</f><v>#REF!</v></c>"
		  "<c r='F1' t='b'><f>1=1</f><v>1</v></c><c r='G1'><f>TRUE()</f><v>1</v></c></row>";
	SHOWS("One: 1 rows, 7 columns\nA1 bool TRUE\nB1 bool FALSE\nC1 error #N/A\n"
	      "D1 bool FALSE =TRUE\nE1 error #REF! =#REF!\nF1 bool TRUE =1=1\nG1 bool TRUE\n");
}

Test(xlsx, formulas_without_a_value_are_not_computed)
{
	x.sheet = "<row r='1'><c r='A1'><f>B1</f></c><c r='B1'><f>1+1</f><v/></c>"
		  "<c r='C1'><f/><v>2</v></c></row>";
	SHOWS("One: 1 rows, 3 columns\nA1 empty  =RC[1] missing\nB1 empty  =1+1 missing\n"
	      "C1 number 2\n! not_computed 1 x 2\n");
}

Test(xlsx, arrays_and_data_tables_have_a_mark_and_their_range)
{
	x.sheet = "<row r='1'><c r='A1'><f t='array' ref='A1'>SUM(B1:B2)</f><v>1</v></c>"
		  "<c r='B1'><f t='array' ref='B1:C2'>C1:D2</f><v>1</v></c>"
		  "<c r='D1'><f t='dataTable' ref='D1:E2' dt2D='1' dtr='1' r1='A1' r2='$A$2'/><v>1</v>"
		  "</c></row>";
	SHOWS("One: 1 rows, 4 columns\nA1 number 1 ={SUM(RC[1]:R[1]C[1])}\n"
	      "B1 number 1 ={RC[1]:R[1]C[2]} RC:R[1]C[1]\n"
	      "D1 number 1 ={TABLE(RC[-3],R2C1)} RC:R[1]C[1]\n");
}

/* ---- workbooks ---- */

#define DOC "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

Test(xlsx, sheets_come_in_the_workbooks_order_and_charts_are_none)
{
	x.workbook = "<sheets><sheet name='Zwei &amp; _x0041_' sheetId='7' r:id='s2'/>"
		     "<sheet name='Chart' r:id='s3'/><sheet name='Module' r:id=''/>"
		     "<sheet name='One' r:id='s1'/></sheets>";
	x.relations = "<Relationship Id='s3' Type='" DOC "/chartsheet' Target='chart.xml'/>"
		      "<Relationship Id='s2' Type='" DOC "/worksheet' Target='/xl/other.xml'/>";
	x.extra_name = "xl/other.xml";
	x.extra = "<worksheet xmlns='" XLSX_MAIN "'><sheetData><row><c><v>2</v></c></row></sheetData>"
		  "</worksheet>";
	x.sheet = "<row><c><v>1</v></c></row>";
	SHOWS("Zwei & A: 1 rows, 1 columns\nA1 number 2\nOne: 1 rows, 1 columns\nA1 number 1\n");
}

Test(xlsx, strict_namespaces_and_prefixes_say_the_same)
{
	x.sheet_part = "<?xml version='1.0'?><x:worksheet xmlns:x="
		       "'http://purl.oclc.org/ooxml/spreadsheetml/main'><x:sheetData><x:row r='1'>"
		       "<x:c r='A1' t='inlineStr'><x:is><x:t>a</x:t></x:is></x:c></x:row></x:sheetData>"
		       "</x:worksheet>";
	SHOWS("One: 1 rows, 1 columns\nA1 text a\n");
}

Test(xlsx, an_empty_sheet_is_a_sheet)
{
	SHOWS("One: 0 rows, 0 columns\n");
}

Test(xlsx, a_sheet_without_its_part_fails)
{
	x.workbook = "<sheets><sheet name='Gone' r:id='nowhere'/></sheets>";
	FAILS("damaged", "'Gone'");
}

Test(xlsx, a_sheet_that_cannot_be_read_costs_only_itself)
{
	x.workbook = "<sheets><sheet name='Gone' r:id='nowhere'/><sheet name='One' r:id='s1'/>"
		     "<sheet name='Lost' r:id='s2'/><sheet name='Torn' r:id='s3'/></sheets>";
	x.relations = "<Relationship Id='s2' Type='" DOC "/worksheet' Target='lost.xml'/>"
		      "<Relationship Id='s3' Type='" DOC "/worksheet' Target='torn.xml'/>";
	x.extra_name = "xl/torn.xml";
	x.extra = "<worksheet xmlns='" XLSX_MAIN "'><sheetData><row><c><v>3</v>";
	x.sheet = "<row><c><v>1</v></c></row>";
	SHOWS("? damaged sheet 'Gone' (Gone)\nOne: 1 rows, 1 columns\nA1 number 1\n"
	      "? damaged sheet 'Lost' (Lost)\n? malformed sheet 'Torn' (Torn)\n");
	cr_expect_eq(seen.status, TALLY_PARTIAL);
}

Test(xlsx, too_many_lost_sheets_fail)
{
	struct tally_buf list;

	tally_buf_init(&list, 1 << 16);
	cr_assert(tally_buf_text(&list, "<sheets><sheet name='One' r:id='s1'/>"));
	for (int i = 0; i < 65; i++)
		cr_assert(tally_buf_printf(&list, "<sheet name='L%d' r:id='no'/>", i));
	cr_assert(tally_buf_text(&list, "</sheets>"));
	x.workbook = list.bytes;
	FAILS("damaged", "'L64'");
	tally_buf_release(&list);
}

Test(xlsx, a_workbook_without_a_sheet_is_not_read)
{
	x.workbook = "<sheets/>";
	FAILS("damaged", "without a sheet");
}

Test(xlsx, a_part_that_is_two_sheets_fails)
{
	x.workbook = "<sheets><sheet name='One' r:id='s1'/><sheet name='Two' r:id='s1'/></sheets>";
	FAILS("damaged", "sheet1.xml");
}

Test(xlsx, a_sheet_that_is_cut_off_fails)
{
	x.sheet_part = "<worksheet xmlns='" XLSX_MAIN "'><sheetData><row>";
	FAILS("malformed", "sheet1.xml");
}

Test(xlsx, a_sheet_of_another_kind_fails)
{
	x.sheet_part = "<html/>";
	FAILS("damaged", "no worksheet");
}

Test(xlsx, a_binary_workbook_is_not_read)
{
	x.type = "application/vnd.ms-excel.sheet.binary.macroEnabled.main";
	FAILS("format_unknown", "XLSB");
}

/* ---- limits ---- */

Test(xlsx, long_shared_texts_are_counted_for_each_cell)
{
	struct tally_buf strings;

	limits.shared_text = 2500;
	tally_buf_init(&strings, 4096);
	tally_buf_text(&strings, "<si><t>");
	for (int i = 0; i < 1000; i++)
		tally_buf_byte(&strings, 'a');
	tally_buf_text(&strings, "</t></si>");
	x.strings = strings.bytes;
	x.sheet = "<row><c t='s'><v>0</v></c><c t='s'><v>0</v></c></row>";
	xlsx_make(&x);
	cr_expect_eq(read_made(), TALLY_OK, "%s", err.message);
	cr_expect_not_null(strstr(seen.text, "aaaa"));
	limits.shared_text = 1500;
	cr_expect_eq(read_made(), TALLY_SKIP);
	cr_expect_not_null(strstr(err.message, "shared_text"));
	tally_buf_release(&strings);
}

Test(xlsx, rows_and_columns_beyond_the_limits_fail)
{
	x.sheet = "<row r='1048577'><c><v>1</v></c></row>";
	FAILS("limit", "sheet_rows");
	zip_release(&x.zip);
	x.sheet = "<row><c r='XFE1'><v>1</v></c></row>";
	FAILS("limit", "table_columns");
	zip_release(&x.zip);
	limits.blank_rows = 1000;
	x.sheet = "<row r='1002'><c><v>1</v></c></row>";
	FAILS("limit", "blank_rows");
	zip_release(&x.zip);
	limits.blank_cells = 1000;
	x.sheet = "<row><c r='ABC1'><v>1</v></c></row><row><c r='ABC2'><v>1</v></c></row>";
	FAILS("limit", "blank_cells");
}

Test(xlsx, loosely_filled_rows_are_no_bomb)
{
	limits.blank_cells = 20;
	x.sheet = "<row><c r='J1'><v>1</v></c></row><row><c r='J2'><v>1</v></c></row>"
		  "<row><c r='J3'><v>1</v></c></row>";
	xlsx_make(&x);
	cr_expect_eq(read_made(), TALLY_OK, "%s", err.message);
}

Test(xlsx, a_declared_dimension_is_not_believed)
{
	x.sheet_part = "<worksheet xmlns='" XLSX_MAIN "'><dimension ref='A1:XFD1048576'/><sheetData>"
		       "<row spans='1:16384'><c><v>1</v></c></row></sheetData></worksheet>";
	SHOWS("One: 1 rows, 1 columns\nA1 number 1\n");
}

/* ---- which files are workbooks ---- */

static const struct tally_format *found(const char *name, bool *mismatch)
{
	const struct tally_format *format;
	struct tally_source *src;

	cr_assert_eq(tally_source_memory(&src, x.zip.bytes.bytes, x.zip.bytes.len, &err), TALLY_OK);
	tally_source_set_name(src, name);
	cr_assert_eq(tally_format_find(&format, mismatch, src, &err), TALLY_OK);
	tally_source_free(src);
	return format;
}

Test(xlsx, a_workbook_is_known_by_its_parts_whatever_its_name)
{
	bool mismatch;

	xlsx_make(&x);
	cr_expect_eq(found("a.xlsx", &mismatch), &tally_format_xlsx);
	cr_expect_not(mismatch);
	cr_expect_eq(found("a.bin", &mismatch), &tally_format_xlsx);
	cr_expect_eq(found("a.docx", &mismatch), &tally_format_xlsx);
	cr_expect(mismatch);
}

Test(xlsx, other_packages_are_not_workbooks)
{
	bool mismatch;

	x.type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
	xlsx_make(&x);
	cr_expect_str_eq(found("a.docx", &mismatch)->name, "docx");
	cr_expect_not(mismatch);
	cr_expect_str_eq(found("a.xlsx", &mismatch)->name, "docx");
	cr_expect(mismatch);
}

/* ---- memory ---- */

Test(xlsx, no_memory)
{
	x.strings = "<si><t>a</t></si>";
	x.styles = "<numFmts><numFmt numFmtId='170' formatCode='yyyy'/></numFmts>"
		   "<cellXfs><xf numFmtId='170'/></cellXfs>";
	x.sheet = "<row r='2'><c r='B2' t='s'><v>0</v></c><c r='A2'><f t='shared' si='1' ref='A2'>B2</f>"
		  "<v>1</v></c></row><row r='1'><c t='inlineStr'><is><t>b</t></is></c></row>";
	xlsx_make(&x);
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		enum tally_status st = read_made();

		if (faults_fired(&f))
			cr_assert_eq(st, TALLY_FATAL, "allocation %ld", f.nth);
		else
			cr_assert_eq(st, TALLY_OK, "%s", err.message);
	}
}
