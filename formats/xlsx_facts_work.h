/**
 * Private to xlsx_facts*.c: facts of a workbook in the making.
 *
 *   xlsx_facts.c          the way through all parts
 *   xlsx_facts_sheet.c    what stands in the worksheets beside their rows
 *   xlsx_facts_layout.c   heights, widths, page setup, headers and footers
 *   xlsx_facts_book.c     the workbook's own part, external links, connections, macros
 *   xlsx_facts_notes.c    comments, tables, pivot tables
 *   xlsx_facts_drawing.c  images, shapes, charts, embedded files
 */
#ifndef TALLY_FORMATS_XLSX_FACTS_WORK_H
#define TALLY_FORMATS_XLSX_FACTS_WORK_H

#include "formats/office_facts.h"
#include "formats/xlsx_facts.h"

enum { TALLY_FACT_FORMULAS = 3 /* of one rule */ };

/** A sheet as the workbook lists it. */
struct tally_xlsx_tab {
	const char *name, *part, *type; /**< type of its relation: worksheet, chartsheet … */
};

/** Rows or columns that are not shown, as ranges. */
struct tally_hidden {
	uint64_t first, last; /**< of the range being made, from 1; 0: none yet */
	uint64_t count, ranges, hash;
	struct tally_fact_text text;
};

/** A validation, a conditional format or a sparkline while its element is open. */
struct tally_sheet_rule {
	enum {
		TALLY_SHEET_RULE_NONE,
		TALLY_SHEET_RULE_VALIDATION,
		TALLY_SHEET_RULE_FORMAT,
		TALLY_SHEET_RULE_SPARKLINE
	} kind;
	char type[32], operation[32], more[128];
	struct tally_fact_text formulas[TALLY_FACT_FORMULAS];
	size_t formula_count;
	struct tally_fact_text *into; /**< gets the text of the element that is open; or NULL */
	bool later;                   /**< of the extensions to the format: its ranges come last */
};

/** How the sheet is laid out, as sums over what nobody reads on a receipt. */
struct tally_sheet_layout {
	uint64_t heights, widths, page, filters, tab, others; /**< 0: nothing is set */
	uint32_t filter_at;          /**< depth of the filter that is open, 0: none */
	const char *margin;          /**< header or footer that is open; NULL: none */
	struct tally_fact_text text; /**< of that one */
};

/** The worksheet that is being read. */
struct tally_sheet_reading {
	const char *name;              /**< NULL: none */
	struct tally_fact_pairs links; /**< id of a relation → target */
	uint64_t row;
	struct tally_hidden rows, columns;
	struct tally_sheet_layout layout;
	struct tally_sheet_rule rule;
	struct tally_fact_text ranges; /**< of the validation or the conditional formats */
	bool limited;                  /**< there were more of these than are kept */
	struct tally_buf values; /**< of the conditional formats of these ranges, NUL after each */
};

struct tally_xlsx_facts {
	struct tally_office_facts office;
	const char *book; /**< the workbook's part */
	struct tally_xlsx_tab *sheets;
	size_t sheet_count, sheet_cap;
	struct tally_fact_pairs persons; /**< of threaded comments: id → name */
	struct tally_fact_pairs caches;  /**< of pivot tables: part → what it was made of */
	struct tally_xml_handler sheet_handler;
	struct tally_sheet_reading sheet;
	struct tally_err late; /**< what went wrong where nobody could be told */
};

/** f->office.where: "Sheet!A1:B2"; @ref NULL: the sheet alone. */
void tally_xlsx_at(struct tally_xlsx_facts *f, const char *sheet, const char *ref, size_t len);

/* ---- the kinds of facts ---- */

void tally_sheet_reading_init(struct tally_sheet_reading *s);
void tally_sheet_reading_release(struct tally_sheet_reading *s);
enum tally_status tally_xlsx_sheet_start(void *payload, const struct tally_xml_start *e,
                                         struct tally_err *err);
enum tally_status tally_xlsx_sheet_end(void *payload, const struct tally_xml_name *name,
                                       struct tally_err *err);
enum tally_status tally_xlsx_sheet_text(void *payload, const char *text, size_t len,
                                        struct tally_err *err);
/** The sheet came to its end: its hidden rows and columns. */
enum tally_status tally_xlsx_sheet_close(struct tally_xlsx_facts *f, struct tally_err *err);

/** A row with this start tag. @return whether its height is 0, so that it is not shown */
bool tally_sheet_row_laid_out(struct tally_sheet_layout *l, const struct tally_xml_start *e);
/** So many columns with this start tag. @return whether their width is 0 */
bool tally_sheet_columns_laid_out(struct tally_sheet_layout *l, const struct tally_xml_start *e,
                                  uint64_t columns);
/** Other elements of a sheet; the text of headers and footers goes to layout.text while layout.margin is set. */
void tally_sheet_layout_start(struct tally_sheet_layout *l, const struct tally_xml_start *e);
enum tally_status tally_sheet_layout_end(struct tally_xlsx_facts *f,
                                         const struct tally_xml_name *name, struct tally_err *err);
/** The sheet came to its end. */
enum tally_status tally_sheet_layout_close(struct tally_xlsx_facts *f, struct tally_err *err);

/** Fills f->sheets; pushes what the workbook's own part says. */
enum tally_status tally_xlsx_book(struct tally_xlsx_facts *f, struct tally_err *err);
/** External links, connections, macros. */
enum tally_status tally_xlsx_book_parts(struct tally_xlsx_facts *f, struct tally_err *err);

/** Before the sheets': who comments, what pivot tables are made of. */
enum tally_status tally_xlsx_persons(struct tally_xlsx_facts *f, struct tally_err *err);
enum tally_status tally_xlsx_caches(struct tally_xlsx_facts *f, struct tally_err *err);
/** Comments, tables, pivot tables of a sheet. */
enum tally_status tally_xlsx_notes(struct tally_xlsx_facts *f, const struct tally_xlsx_tab *sheet,
                                   struct tally_err *err);
/** Images, shapes, charts, embedded files of a sheet. */
enum tally_status tally_xlsx_drawings(struct tally_xlsx_facts *f,
                                      const struct tally_xlsx_tab *sheet, struct tally_err *err);

#endif
