/*
 * Facts of workbooks, from parts written by hand. A case names the parts and gets all facts as lines:
 *
 *	name@where=value/by
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/source.h"
#include "formats/format.h"
#include "formats/xlsx_facts.h"
#include "support/faults.h"
#include "support/office_parts.h"

#define XML            "<?xml version='1.0' encoding='UTF-8'?>"
#define MAIN           "xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'"
#define R              "xmlns:r='" OFFICE "'"
#define SHEET(content) "<worksheet " MAIN " " R "><sheetData/>" content "</worksheet>"

/* Two parts that every case has, unless it brings its own. */
#define ONE_SHEET                                                                             \
	"<workbook " MAIN " " R "><sheets><sheet name='S' sheetId='1' r:id='rId1'/></sheets>" \
	"</workbook>"

static struct zip_maker zip;
static struct tally_buf lines;
static unsigned notes;
static bool unread; /* the facts wanted are those of what is not looked into, otherwise the others */

static void start(void)
{
	zip = (struct zip_maker){ 0 };
	tally_buf_init(&lines, 1 << 20);
	tally_buf_reserve(&lines, 4096); /* no allocation may fail here */
	tally_buf_text(&lines, "");
	notes = 0;
	unread = false;
}

static void stop(void)
{
	zip_release(&zip);
	tally_buf_release(&lines);
}

TestSuite(xlsx_facts, .init = start, .fini = stop);

static void add(const struct part *own, const char *name, const char *content)
{
	if (!find_part(own, name))
		add_part(&zip, name, content);
}

static void pack(const struct part *parts)
{
	add(parts, "[Content_Types].xml",
	    "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'>"
	    "<Default Extension='xml' ContentType='application/xml'/>"
	    "<Default Extension='slicer' ContentType='application/vnd.ms-excel.slicer+xml'/>"
	    "<Default Extension='odd' ContentType='application/x-odd'/></Types>");
	add(parts, "_rels/.rels", RELS(REL("rId1", "officeDocument", "xl/workbook.xml")));
	add(parts, "xl/workbook.xml", ONE_SHEET);
	add(parts, "xl/_rels/workbook.xml.rels", RELS(REL("rId1", "worksheet", "sheet1.xml")));
	add(parts, "xl/sheet1.xml", SHEET(""));
	add_parts(&zip, parts);
	zip_finish(&zip, &(struct zip_end){ 0 });
}

static enum tally_status on_fact(void *payload, const struct tally_fact *fact, struct tally_err *err)
{
	(void)payload;
	(void)err;
	if (!strcmp(fact->name, "unread") != unread)
		return TALLY_OK;
	tally_buf_printf(&lines, "%s@%s=%s/%s\n", fact->name, fact->where ? fact->where : "",
	                 fact->value, fact->by ? fact->by : "");
	return TALLY_OK;
}

static enum tally_status on_note(void *payload, const struct tally_note *note, struct tally_err *err)
{
	(void)payload;
	(void)note;
	(void)err;
	notes++;
	return TALLY_OK;
}

static enum tally_status read_facts(struct tally_err *err)
{
	static const struct tally_limits limits = TALLY_LIMITS_INIT;
	const struct tally_sink sink = { .fact = on_fact, .note = on_note };
	struct tally_source *src = NULL;
	struct tally_package *p = NULL;
	enum tally_status st = tally_source_memory(&src, zip.bytes.bytes, zip.bytes.len, err);

	if (st >= 0)
		st = tally_package_open(&p, src, &limits, err);
	if (st >= 0)
		st = tally_xlsx_facts(p, &sink, &limits, err);
	tally_package_close(p);
	tally_source_free(src);
	return st;
}

static void expect(const struct part *parts, const char *facts)
{
	pack(parts);
	cr_expect_eq(read_facts(NULL), TALLY_OK);
	cr_expect_str_eq(lines.bytes, facts);
	cr_expect_eq(notes, 0);
}

#define SHEET_ONLY(content) ((const struct part[]){ { "xl/sheet1.xml", content }, { NULL, NULL } })

Test(xlsx_facts, an_empty_workbook_has_none)
{
	expect((const struct part[]){ { NULL, NULL } }, "");
}

Test(xlsx_facts, hidden_rows_and_columns_are_ranges)
{
	expect(SHEET_ONLY("<worksheet " MAIN "><cols><col min='3' max='4' hidden='1'/>"
	                  "<col min='5' max='5' hidden='true'/><col min='7' max='7'/></cols><sheetData>"
	                  "<row r='2' hidden='1'/><row hidden='1'/><row r='5'/><row hidden='true'/>"
	                  "</sheetData></worksheet>"),
	       "hidden_rows@S=2:3, 6/\nhidden_columns@S=C:E/\n");
}

Test(xlsx_facts, validations_say_what_they_allow)
{
	expect(SHEET_ONLY(SHEET(
		       "<dataValidations><dataValidation type='list' sqref='C2:C9 E2'>"
		       "<formula1>\"Yes,No\"</formula1></dataValidation>"
		       "<dataValidation type='whole' sqref='$D$1'><formula1>1</formula1>"
		       "<formula2>10</formula2></dataValidation>"
		       "<dataValidation type='decimal' operator='greaterThan' sqref='D2'>"
		       "<formula1>0</formula1><formula2>0</formula2></dataValidation></dataValidations>")),
	       "data_validation@S!C2:C9, E2=list \"Yes,No\"/\n"
	       "data_validation@S!D1=whole number between 1 and 10/\n"
	       "data_validation@S!D2=decimal > 0/\n");
}

Test(xlsx_facts, rules_among_the_extensions_count)
{
	expect(SHEET_ONLY(SHEET(
		       "<extLst><ext "
		       "xmlns:x14='http://schemas.microsoft.com/office/spreadsheetml/2009/9/main' "
		       "xmlns:xm='http://schemas.microsoft.com/office/excel/2006/main'>"
		       "<x14:dataValidations><x14:dataValidation type='list'><x14:formula1><xm:f>"
		       "'Other'!A1:A3</xm:f></x14:formula1><xm:sqref>B1</xm:sqref>"
		       "</x14:dataValidation></x14:dataValidations>"
		       "<x14:conditionalFormattings><x14:conditionalFormatting>"
		       "<x14:cfRule type='dataBar'/><x14:cfRule type='iconSet'/>"
		       "<xm:sqref>C1:C9</xm:sqref></x14:conditionalFormatting>"
		       "</x14:conditionalFormattings><x14:sparklineGroups><x14:sparklineGroup>"
		       "<x14:sparklines><x14:sparkline><xm:f>S!A1:A9</xm:f><xm:sqref>D1</xm:sqref>"
		       "</x14:sparkline></x14:sparklines></x14:sparklineGroup></x14:sparklineGroups>"
		       "</ext></extLst>")),
	       "data_validation@S!B1=list Other!A1:A3/\n"
	       "conditional_format@S!C1:C9=icons/\n"
	       "sparkline@S!D1=of S!A1:A9/\n");
}

Test(xlsx_facts, conditional_formats_merges_links_protection)
{
	const struct part parts[] = {
		{ "xl/sheet1.xml",
		  SHEET("<sheetProtection sheet='1' password='CC1A'/><protectedRanges>"
		        "<protectedRange name='open' sqref='A1 B2:B3'/></protectedRanges>"
		        "<mergeCells><mergeCell ref='A1:C2'/></mergeCells>"
		        "<conditionalFormatting sqref='A1:A9'>"
		        "<cfRule type='cellIs' operator='lessThan' rank='0'><formula>5</formula></cfRule>"
		        "<cfRule type='containsText' text='x'><formula>NOT(ISERROR())</formula></cfRule>"
		        "</conditionalFormatting><hyperlinks><hyperlink ref='B1' r:id='rId7'/>"
		        "<hyperlink ref='B2' location='S!A1'/><hyperlink ref='B3'/></hyperlinks>") },
		{ "xl/_rels/sheet1.xml.rels",
		  RELS(OUTSIDE("rId7", "hyperlink", "http://a.example/")) },
		{ NULL, NULL }
	};

	expect(parts, "protection@S=sheet, with a password/\n"
	              "protection@S!A1, B2:B3=may be edited: open/\n"
	              "merged_cells@S!A1:C2=2 by 3 cells/\n"
	              "conditional_format@S!A1:A9=value < 5/\n"
	              "conditional_format@S!A1:A9=contains ‘x’/\n"
	              "link@S!B1=http://a.example//\n"
	              "link@S!B2=#S!A1/\n");
}

Test(xlsx_facts, the_workbook_itself)
{
	const struct part parts[] = {
		{ "xl/workbook.xml",
		  "<workbook " MAIN " " R "><fileSharing readOnlyRecommended='1'/>"
		  "<workbookProtection lockStructure='1'/><sheets>"
		  "<sheet name='S' sheetId='1' r:id='rId1'/>"
		  "<sheet name='Old' sheetId='2' state='hidden' r:id='rId1'/>"
		  "<sheet name='Secret' sheetId='3' state='veryHidden' r:id='rId1'/></sheets>"
		  "<definedNames><definedName name='Tax'>'S'!$B$1</definedName>"
		  "<definedName name='_xlnm.Print_Area' localSheetId='0'>'A b'!$A:$C</definedName>"
		  "<definedName name='_xlnm._FilterDatabase' localSheetId='0' hidden='1'>S!A1</definedName>"
		  "<definedName name='x' hidden='1'>1</definedName>"
		  "<definedName name='y'>sum( s!A1:A2 )+1!#ref!</definedName></definedNames>"
		  "<calcPr calcMode='manual'/></workbook>" },
		{ NULL, NULL }
	};

	expect(parts, "protection@file=to be opened read-only/\n"
	              "protection@workbook=its sheets, without a password/\n"
	              "hidden_sheet@Old=hidden/\n"
	              "hidden_sheet@Secret=very hidden/\n"
	              "defined_name@Tax=S!$B$1/\n"
	              "defined_name@S!Print_Area='A b'!$A:$C/\n"
	              "defined_name@x=1 (hidden)/\n"
	              "defined_name@y=SUM(s!A1:A2)+1!#REF!/\n"
	              "calculation@=by hand only, formulas may be out of date/\n");
}

#define COMMENTS                                                                                 \
	"<comments " MAIN "><authors><author>Ann</author><author>tc={1}</author></authors>"      \
	"<commentList><comment ref='A1' authorId='0'><text><r><t>two </t></r><r><t>runs</t></r>" \
	"</text></comment><comment ref='B2' authorId='1'><text><t>[Threaded comment]&#10;&#10;"  \
	"Your version &#10;&#10;Comment:&#10;    ask Bob</t></text></comment></commentList>"     \
	"</comments>"

Test(xlsx_facts, comments_and_copies_of_threads)
{
	const struct part parts[] = { { "xl/comments1.xml", COMMENTS },
		                      { "xl/_rels/sheet1.xml.rels",
		                        RELS(REL("rId1", "comments", "comments1.xml")) },
		                      { NULL, NULL } };

	expect(parts, "comment@S!A1=two runs/Ann\ncomment@S!B2=ask Bob/\n");
}

Test(xlsx_facts, threaded_comments_have_persons)
{
	const char *threads =
		"<ThreadedComments "
		"xmlns='http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments'>"
		"<threadedComment ref='B2' personId='{P}' id='{1}'><text>ask Bob</text></threadedComment>"
		"<threadedComment ref='B2' personId='{Q}' parentId='{1}' done='1'><text>done</text>"
		"</threadedComment></ThreadedComments>";
	const char *persons = "<personList "
			      "xmlns='http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments'>"
			      "<person displayName='Cleo' id='{P}'/></personList>";
	const struct part parts[] = {
		{ "xl/comments1.xml", COMMENTS },
		{ "xl/threads.xml", threads },
		{ "xl/persons.xml", persons },
		{ "xl/_rels/workbook.xml.rels",
		  RELS(REL("rId1", "worksheet", "sheet1.xml") REL("rId2", "person", "persons.xml")) },
		{ "xl/_rels/sheet1.xml.rels", RELS(REL("rId1", "comments", "comments1.xml") REL(
						      "rId2", "threadedComment", "threads.xml")) },
		{ NULL, NULL }
	};

	expect(parts, "comment@S!A1=two runs/Ann\n"
	              "comment@S!B2=ask Bob/Cleo\n"
	              "comment@S!B2=done (resolved)/\n");
}

Test(xlsx_facts, tables_and_pivot_tables_with_their_records)
{
	const struct part parts[] = {
		{ "xl/table.xml",
		  "<table " MAIN " displayName='Sales' ref='A1:F20' totalsRowCount='1'/>" },
		{ "xl/pivot.xml", "<pivotTableDefinition " MAIN " name='P'><location ref='A3:B9'/>"
		                  "</pivotTableDefinition>" },
		{ "xl/cache.xml",
		  "<pivotCacheDefinition " MAIN " recordCount='12'><cacheSource type='worksheet'>"
		  "<worksheetSource ref='A1:F99' sheet='My data'/></cacheSource></pivotCacheDefinition>" },
		{ "xl/records.xml", "<pivotCacheRecords " MAIN "/>" },
		{ "xl/_rels/workbook.xml.rels",
		  RELS(REL("rId1", "worksheet", "sheet1.xml")
		               REL("rId2", "pivotCacheDefinition", "cache.xml")) },
		{ "xl/_rels/sheet1.xml.rels",
		  RELS(REL("rId1", "table", "table.xml") REL("rId2", "pivotTable", "pivot.xml")) },
		{ "xl/_rels/pivot.xml.rels", RELS(REL("rId1", "pivotCacheDefinition", "cache.xml")) },
		{ "xl/_rels/cache.xml.rels", RELS(REL("rId1", "pivotCacheRecords", "records.xml")) },
		{ NULL, NULL }
	};

	expect(parts, "pivot_cache@=12 records of 'My data'!A1:F99/\n"
	              "table@Sales=S!A1:F20, with a row of totals/\n"
	              "pivot_table@S!A3:B9=P of 'My data'!A1:F99/\n");
}

#define ANCHOR(content)                                                                                    \
	"<xdr:twoCellAnchor><xdr:from><xdr:col>1</xdr:col><xdr:colOff>99</xdr:colOff>"                     \
	"<xdr:row>4</xdr:row></xdr:from><xdr:to><xdr:col>9</xdr:col><xdr:row>9</xdr:row></xdr:to>" content \
	"</xdr:twoCellAnchor>"

Test(xlsx_facts, drawings_show_images_charts_and_shapes)
{
	const char *drawing =
		"<xdr:wsDr xmlns:xdr='http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing' "
		"xmlns:a='http://schemas.openxmlformats.org/drawingml/2006/main' " R " "
		"xmlns:c='http://schemas.openxmlformats.org/drawingml/2006/chart' "
		"xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'>" //
		ANCHOR("<xdr:pic><a:blip r:embed='rId1'/></xdr:pic>")                     //
		ANCHOR("<xdr:graphicFrame><c:chart r:id='rId2'/></xdr:graphicFrame>")     //
		ANCHOR("<xdr:sp><a:prstGeom prst='rect'/><xdr:txBody><a:p><a:t>Do not</a:t></a:p>"
	               "<a:p><a:t>touch</a:t></a:p></xdr:txBody></xdr:sp>") //
		ANCHOR("<mc:AlternateContent><mc:Fallback><xdr:sp/></mc:Fallback>"
	               "</mc:AlternateContent>") "</xdr:wsDr>";
	const char *chart =
		"<c:chartSpace xmlns:c='http://schemas.openxmlformats.org/drawingml/2006/chart' "
		"xmlns:a='http://schemas.openxmlformats.org/drawingml/2006/main'><c:chart><c:title>"
		"<a:t>Sales in $</a:t></c:title><c:plotArea><c:barChart><c:ser><c:val><c:f>'S'!$B$2:$B$9"
		"</c:f></c:val></c:ser></c:barChart><c:valAx><c:title><a:t>axis</a:t></c:title>"
		"</c:valAx></c:plotArea></c:chart></c:chartSpace>";
	const struct part parts[] = {
		{ "xl/drawing.xml", drawing },
		{ "xl/chart.xml", chart },
		{ "xl/media/a.png", "abc" },
		{ "xl/embeddings/a.docx", "" },
		{ "xl/_rels/sheet1.xml.rels", RELS(REL("rId1", "drawing", "drawing.xml") REL(
						      "rId2", "package", "embeddings/a.docx")) },
		{ "xl/_rels/drawing.xml.rels",
		  RELS(REL("rId1", "image", "media/a.png") REL("rId2", "chart", "chart.xml")) },
		{ NULL, NULL }
	};

	expect(parts, "shape@S!B5=rect: Do not touch /\n"
	              "image@S!B5=png, 3 bytes, sha256:ba7816bf8f01cfea/\n"
	              "chart@S!B5=bar chart ‘Sales in $’ of S!B2:B9/\n"
	              "embedded_file@S=docx, 0 bytes, sha256:e3b0c44298fc1c14/\n");
}

Test(xlsx_facts, what_belongs_to_the_workbook)
{
	const struct part parts[] = {
		{ "xl/_rels/workbook.xml.rels",
		  RELS(REL("rId1", "worksheet", "sheet1.xml") REL("rId2", "externalLink", "link.xml")
		               REL("rId3", "connections", "connections.xml")
		                       REL("rId4", "vbaProject", "vba.bin")) },
		{ "xl/link.xml", "<externalLink " MAIN "><externalBook/></externalLink>" },
		{ "xl/_rels/link.xml.rels",
		  RELS(OUTSIDE("rId1", "externalLinkPath", "Old%20budget.xlsx")) },
		{ "xl/connections.xml",
		  "<connections " MAIN "><connection name='db'><dbPr "
		  "connection='Source=x; Password=secret;Mode=1' command='SELECT 1'/></connection>"
		  "</connections>" },
		{ "xl/vba.bin", "abc" },
		{ "xl/_rels/vba.bin.rels", RELS(REL("rId1", "vbaProjectSignatureV3", "sign.bin")) },
		{ "xl/a.slicer", "<x/>" },
		{ "xl/b.slicer", "<x/>" },
		{ "xl/c.odd", "?" },
		{ NULL, NULL }
	};

	expect(parts, "external_target@=Old budget.xlsx/\n"
	              "connection@db=database: Source=x;(a password);Mode=1; SELECT 1/\n"
	              "macro@=VBA project: bin, 3 bytes, sha256:ba7816bf8f01cfea, signed/\n"
	              "part@application/x-odd=1/\n"
	              "part@slicer=2/\n");
}

Test(xlsx_facts, properties_of_the_document)
{
	const struct part parts[] = {
		{ "_rels/.rels", RELS(REL("rId1", "officeDocument", "xl/workbook.xml")
		                              REL("rId2", "core-properties", "core.xml") REL(
						      "rId3", "extended-properties", "app.xml")
		                                      REL("rId4", "custom-properties", "own.xml")) },
		{ "core.xml",
		  "<cp:coreProperties "
		  "xmlns:cp='http://schemas.openxmlformats.org/package/2006/metadata/core-properties' "
		  "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:dcterms='http://purl.org/dc/terms/'>"
		  "<dc:creator>Ann</dc:creator><cp:lastModifiedBy>Bob</cp:lastModifiedBy><dc:title/>"
		  "<dcterms:created>2024-01-02T03:04:05.678</dcterms:created>"
		  "<cp:keywords>a, b</cp:keywords></cp:coreProperties>" },
		{ "app.xml",
		  "<Properties "
		  "xmlns='http://schemas.openxmlformats.org/officeDocument/2006/extended-properties'>"
		  "<Application>LibreOffice/7.4.7.2$Linux</Application><TotalTime>0</TotalTime>"
		  "<Company>ACME</Company></Properties>" },
		{ "own.xml",
		  "<Properties "
		  "xmlns='http://schemas.openxmlformats.org/officeDocument/2006/custom-properties' "
		  "xmlns:vt='http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes'>"
		  "<property name='Label'><vt:lpwstr>internal</vt:lpwstr></property><property name='Final'><vt:bool>1</vt:bool>"
		  "</property></Properties>" },
		{ NULL, NULL }
	};

	expect(parts,
	       "author@=Ann/\nlast_modified_by@=Bob/\ncreated@=2024-01-02T03:04:05Z/\n"
	       "property@keywords=a, b/\nproperty@saved by=LibreOffice/\n"
	       "property@company=ACME/\ncustom_property@Label=internal/\ncustom_property@Final=true/\n");
}

Test(xlsx_facts, a_part_that_cannot_be_read_costs_a_note)
{
	const struct part parts[] = {
		{ "xl/comments1.xml", "<comments " },
		{ "xl/_rels/sheet1.xml.rels",
		  RELS(REL("rId1", "comments", "comments1.xml") REL("rId2", "table", "gone.xml")) },
		{ "xl/_rels/workbook.xml.rels",
		  RELS(REL("rId1", "worksheet", "sheet1.xml") REL("rId4", "vbaProject", "vba.bin")) },
		{ "xl/vba.bin", "abc" },
		{ NULL, NULL }
	};

	pack(parts);
	cr_expect_eq(read_facts(NULL), TALLY_PARTIAL);
	cr_expect_eq(notes, 2);
	cr_expect_str_eq(lines.bytes, "macro@=VBA project: bin, 3 bytes, sha256:ba7816bf8f01cfea/\n");
}

Test(xlsx_facts, long_values_are_told_by_length_and_hash)
{
	struct tally_buf xml;
	struct part parts[] = { { "xl/comments1.xml", NULL },
		                { "xl/_rels/sheet1.xml.rels",
		                  RELS(REL("rId1", "comments", "comments1.xml")) },
		                { NULL, NULL } };

	tally_buf_init(&xml, 1 << 20);
	tally_buf_text(&xml, "<comments " MAIN "><commentList><comment ref='A1'><text><t>");
	for (int i = 0; i < 40000; i++)
		tally_buf_byte(&xml, 'x');
	tally_buf_text(&xml, "</t></text></comment></commentList></comments>");
	parts[0].content = xml.bytes;
	pack(parts);
	cr_expect_eq(read_facts(NULL), TALLY_OK);
	cr_expect(lines.len < 34000);
	cr_expect(strstr(lines.bytes, "x … (7232 more bytes, "));
	tally_buf_release(&xml);
}

Test(xlsx_facts, hidden_rows_without_end_are_counted)
{
	struct tally_buf xml;
	struct part parts[] = { { "xl/sheet1.xml", NULL }, { NULL, NULL } };

	tally_buf_init(&xml, 1 << 24);
	tally_buf_text(&xml, "<worksheet " MAIN "><sheetData>");
	for (int i = 1; i < 20000; i += 2)
		tally_buf_printf(&xml, "<row r='%d' hidden='1'/>", i);
	tally_buf_text(&xml, "</sheetData></worksheet>");
	parts[0].content = xml.bytes;
	pack(parts);
	cr_expect_eq(read_facts(NULL), TALLY_OK);
	cr_expect(lines.len < 1000);
	cr_expect(strstr(lines.bytes, "77, 79 … (10000 in all, "));
	tally_buf_release(&xml);
}

Test(xlsx_facts, every_failed_allocation_is_reported)
{
	const struct part parts[] = { { "xl/comments1.xml", COMMENTS },
		                      { "xl/_rels/sheet1.xml.rels",
		                        RELS(REL("rId1", "comments", "comments1.xml")) },
		                      { NULL, NULL } };

	pack(parts);
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		enum tally_status st;

		tally_buf_clear(&lines);
		st = read_facts(NULL);
		cr_assert(faults_fired(&f) ? st < 0 : st == TALLY_OK);
	}
}

/* ---- what is not looked into ---- */

static const char *value_at(const char *where)
{
	static char value[256];
	char wanted[128];
	const char *at;

	snprintf(wanted, sizeof wanted, "unread@%s=", where);
	at = strstr(lines.bytes, wanted);
	if (!at)
		return "none";
	snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\n"), at);
	return value;
}

/* The sum at this place over one sheet with this content; "none": nothing of it is set */
static void read_unread(const char *sheet)
{
	const struct part parts[] = { { "xl/sheet1.xml", sheet }, { NULL, NULL } };

	stop();
	start();
	unread = true;
	pack(parts);
	cr_assert_eq(read_facts(NULL), TALLY_OK);
}

static void expect_differ(const char *where, const char *one, const char *other)
{
	char first[256];

	read_unread(one);
	snprintf(first, sizeof first, "%s", value_at(where));
	read_unread(other);
	cr_expect_str_neq(value_at(where), first, "%s: %s", where, first);
	read_unread(one);
	cr_expect_str_eq(value_at(where), first, "%s", where);
}

#define ROWS(rows) "<worksheet " MAIN " " R "><sheetData>" rows "</sheetData></worksheet>"

Test(xlsx_facts, layout_is_told_as_sums)
{
	expect_differ("S!heights of rows", ROWS("<row r='1' ht='20' customHeight='1'/>"),
	              ROWS("<row r='1' ht='21' customHeight='1'/>"));
	expect_differ("S!widths of columns",
	              "<worksheet " MAIN "><cols><col min='1' max='2' width='9'/></cols></worksheet>",
	              "<worksheet " MAIN
	              "><cols><col min='1' max='2' width='8'/></cols></worksheet>");
	expect_differ("S!page setup", SHEET("<pageMargins left='0.7'/>"),
	              SHEET("<pageMargins left='1'/>"));
	expect_differ("S!filters",
	              SHEET("<autoFilter ref='A1:B9'><filterColumn colId='0'/></autoFilter>"),
	              SHEET("<autoFilter ref='A1:B9'><filterColumn colId='1'/></autoFilter>"));
	expect_differ("S!colour of the tab", SHEET("<sheetPr><tabColor rgb='FF0000'/></sheetPr>"),
	              SHEET(""));
}

Test(xlsx_facts, heights_do_not_depend_on_rows_inserted_above)
{
	char first[256];

	read_unread(ROWS("<row r='1' ht='20' customHeight='1'/>"));
	snprintf(first, sizeof first, "%s", value_at("S!heights of rows"));
	read_unread(ROWS("<row r='1' ht='15'/><row r='2' ht='20' customHeight='1'/>"));
	cr_expect_str_eq(value_at("S!heights of rows"), first);
	cr_expect_str_neq(first, "none");
}

Test(xlsx_facts, rows_and_columns_of_no_size_are_hidden)
{
	expect(SHEET_ONLY("<worksheet " MAIN "><cols><col min='3' max='4' width='0'/></cols><sheetData>"
	                  "<row r='2' ht='0' customHeight='1'/><row r='3' ht='0.75'/></sheetData>"
	                  "</worksheet>"),
	       "hidden_rows@S=2/\nhidden_columns@S=C:D/\n");
	stop();
	start();
	expect(SHEET_ONLY("<worksheet " MAIN "><sheetFormatPr zeroHeight='1'/></worksheet>"),
	       "hidden_rows@S=all that are not listed in the file/\n");
}

Test(xlsx_facts, headers_and_footers_of_pages_are_texts)
{
	expect(SHEET_ONLY(SHEET("<headerFooter><oddHeader>&amp;CDraft</oddHeader><oddFooter/>"
	                        "<firstFooter>x</firstFooter></headerFooter>")),
	       "page_text@S!header=&CDraft/\npage_text@S!footer of the first page=x/\n");
}

Test(xlsx_facts, parts_of_unknown_kinds_are_named)
{
	const struct part parts[] = { { "xl/evil.bin", "abc" }, { NULL, NULL } };

	unread = true;
	pack(parts);
	cr_assert_eq(read_facts(NULL), TALLY_OK);
	cr_expect(strstr(lines.bytes, "unread@xl/evil.bin=1 part, 3 bytes, ") &&
	                  strstr(lines.bytes, "/unknown\n"),
	          "%s", lines.bytes);
}
