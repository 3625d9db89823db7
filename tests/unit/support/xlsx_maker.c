/* Workbooks made part by part: see xlsx_maker.h. */
#include "support/xlsx_maker.h"

#include <stdlib.h>
#include <string.h>

#define DOC "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PKG "http://schemas.openxmlformats.org/package/2006/"
#define REL "<Relationship Type='" DOC "/"

static void add(struct xlsx_maker *x, const char *name, const char *const *pieces)
{
	struct tally_buf text;

	tally_buf_init(&text, (size_t)1 << 30);
	for (; *pieces; pieces++)
		if (!tally_buf_text(&text, *pieces))
			abort();
	zip_add(&x->zip, &(struct zip_part){ .name = name, .content = text.bytes, .len = text.len });
	tally_buf_release(&text);
}

#define ADD(name, ...) add(x, name, (const char *const[]){ __VA_ARGS__, NULL })

static const char *or_else(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

void xlsx_make(struct xlsx_maker *x)
{
	ADD("[Content_Types].xml", "<Types xmlns='" PKG "content-types'>",
	    "<Default Extension='xml' ContentType='application/xml'/>",
	    "<Override PartName='/xl/workbook.xml' ContentType='", or_else(x->type, XLSX_TYPE),
	    "'/></Types>");
	ADD("_rels/.rels", "<Relationships xmlns='" PKG "relationships'>", REL,
	    or_else(x->main_name, "officeDocument"), "' Id='a' Target='xl/workbook.xml'/>",
	    "</Relationships>");
	ADD("xl/workbook.xml", "<workbook xmlns='" XLSX_MAIN "' xmlns:r='" DOC "'>",
	    or_else(x->workbook, "<sheets><sheet name='One' sheetId='1' r:id='s1'/></sheets>"),
	    "</workbook>");
	ADD("xl/_rels/workbook.xml.rels", "<Relationships xmlns='" PKG "relationships'>",
	    REL "worksheet' Id='s1' Target='worksheets/sheet1.xml'/>",
	    x->strings ? REL "sharedStrings' Id='ss' Target='sharedStrings.xml'/>" : "",
	    x->styles ? REL "styles' Id='st' Target='styles.xml'/>" : "", or_else(x->relations, ""),
	    "</Relationships>");
	if (x->sheet_part)
		ADD("xl/worksheets/sheet1.xml", x->sheet_part);
	else
		ADD("xl/worksheets/sheet1.xml", "<worksheet xmlns='" XLSX_MAIN "'><sheetData>",
		    or_else(x->sheet, ""), "</sheetData></worksheet>");
	if (x->strings)
		ADD("xl/sharedStrings.xml", "<sst xmlns='" XLSX_MAIN "'>", x->strings, "</sst>");
	if (x->styles)
		ADD("xl/styles.xml", "<styleSheet xmlns='" XLSX_MAIN "'>", x->styles,
		    "</styleSheet>");
	if (x->extra_name)
		ADD(x->extra_name, x->extra);
	zip_finish(&x->zip, &(struct zip_end){ 0 });
}
