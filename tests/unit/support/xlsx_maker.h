/**
 * Workbooks made part by part, for tests of their reader.
 *
 *	struct xlsx_maker x = { .sheet = "<row r='1'><c r='A1'><v>1</v></c></row>" };
 *	xlsx_make(&x);
 *	… x.zip.bytes.bytes, x.zip.bytes.len …
 *	zip_release(&x.zip);
 */
#ifndef TALLY_TESTS_XLSX_MAKER_H
#define TALLY_TESTS_XLSX_MAKER_H

#include <stdbool.h>

#include "support/zip_maker.h"

#define XLSX_MAIN "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define XLSX_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"

/** Whatever is NULL is what an honest workbook of one sheet has, or is not there. */
struct xlsx_maker {
	const char *sheet;              /**< what stands in <sheetData> */
	const char *sheet_part;         /**< all of the sheet's part, in place of that */
	const char *strings;            /**< what stands in <sst> */
	const char *styles;             /**< what stands in <styleSheet> */
	const char *workbook;           /**< what stands in <workbook> */
	const char *relations;          /**< more of the workbook's */
	const char *type;               /**< content type of the main part */
	const char *extra_name, *extra; /**< one more part */
	const char *main_name;          /**< of the main part's relation: "officeDocument" */
	struct zip_maker zip;
};

void xlsx_make(struct xlsx_maker *x);

#endif
