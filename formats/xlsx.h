/**
 * Private to xlsx_*.c and fmt_xlsx.c: workbooks of Office Open XML (ECMA-376 part 1, 18), part by part.
 *
 *   fmt_xlsx.c       which packages are workbooks; from their parts to tables
 *   xlsx_workbook.c  the main part: sheets in order, the date system
 *   xlsx_styles.c    number formats of cells
 *   xlsx_strings.c   the table of shared strings
 *   xlsx_sheet.c     cells of a worksheet
 *   xlsx_plain.c     cells and strings as most programs write them, where they lie
 *   xlsx_formula.c   what stands in a cell's <f>
 *   xlsx_text.c      texts: runs, and what is escaped in them
 */
#ifndef TALLY_FORMATS_XLSX_H
#define TALLY_FORMATS_XLSX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "core/sink.h"
#include "formats/number_format.h"
#include "formats/package.h"
#include "formats/sheet_rows.h"

enum tally_xlsx_sheet_kind {
	TALLY_XLSX_WORKSHEET,
	TALLY_XLSX_CHARTSHEET, /* and whatever else has no cells */
	TALLY_XLSX_MISSING,    /* the workbook does not say which part it is */
};

struct tally_xlsx_sheet {
	const char *name;
	const char *part; /* name of its part, or NULL */
	enum tally_xlsx_sheet_kind kind;
};

/** How a number is shown. */
struct tally_xlsx_format {
	const char *code; /* NULL: General, or one that depends on the language */
	uint32_t len;
	uint8_t shown; /* enum tally_number_class */
	bool blank;    /* numbers and texts are not shown at all (;;;) */
	bool white;    /* white letters on white */
	uint64_t look; /* sum over font, fill, border, alignment, protection; 0: as the first style has them */
};

/** How the cells of a sheet look, without their places: rows that were inserted with the look of all change nothing. */
struct tally_xlsx_looks {
	uint64_t sum;          /* over all cells */
	uint64_t blank, white; /* cells with a value that nobody sees */
};

/** A workbook while it is read. */
struct tally_xlsx {
	struct tally_package *package;
	const struct tally_limits *limits;
	struct tally_arena arena;
	const char *main; /* its main part */
	struct tally_xlsx_sheet *sheets;
	size_t sheet_count, sheet_cap;
	bool date1904;
	struct tally_xlsx_format *formats; /* by the number of a cell's style */
	size_t format_count, format_cap;
	uint64_t first_look, rule_looks; /* of the first style; of those of conditional formats */
	uint64_t run_looks;              /* of runs inside the texts of cells */
	struct tally_xlsx_looks looks;   /* of the sheet read last */
	struct tally_sheet_book *book;
	/* shared strings, packed as tally_sheet_pack does: string i ends at ends[i] and begins where the one before ends */
	struct tally_buf strings;
	uint32_t *ends;
	size_t string_count, ends_cap;
};

/** The main part: sheets and date system. */
enum tally_status tally_xlsx_read_workbook(struct tally_xlsx *x, struct tally_err *err);

/** Styles and shared strings, where the workbook has them. */
enum tally_status tally_xlsx_read_styles(struct tally_xlsx *x, struct tally_err *err);
enum tally_status tally_xlsx_read_strings(struct tally_xlsx *x, struct tally_err *err);

/**
 * The cells of a worksheet.
 * @rest  gets the events that are none of cells (formats/xlsx_facts.h); may be NULL
 * @out   yours to tally_part_free; its header is not looked for yet. NULL where the part turns out to have no cells (a chart)
 */
enum tally_status tally_xlsx_read_sheet(struct tally_xlsx *x, const struct tally_xlsx_sheet *sheet,
                                        const struct tally_xml_handler *rest,
                                        struct tally_part **out, struct tally_err *err);

/** The part that the main part names with a relation of this type, or NULL. */
enum tally_status tally_xlsx_part_of_type(struct tally_xlsx *x, const char *type, const char **part,
                                          struct tally_err *err);

/* ---- texts ---- */

/** Gathers a text that may have runs: what stands in <si> or <is>. Zero it, and set depth at the start tag. */
struct tally_xlsx_rich {
	struct tally_buf text;
	uint32_t depth;       /* of the element that holds it */
	uint32_t deep;        /* elements open below that one */
	bool in_run, in_text; /* <r> is open; <t> is, and its text counts */
	uint64_t looks;       /* of all runs so far, as one sum */
};

void tally_xlsx_rich_begin(struct tally_xlsx_rich *rich, uint32_t depth);
void tally_xlsx_rich_start(struct tally_xlsx_rich *rich, const struct tally_xml_start *e);
void tally_xlsx_rich_end(struct tally_xlsx_rich *rich);

/** Why text did not fit: the limit, or no memory. */
enum tally_status tally_xlsx_text_failed(const struct tally_buf *text, size_t more,
                                         struct tally_err *err);

/** Replaces _x000D_ and the like by the characters that they stand for, in place. @return the new length */
size_t tally_xlsx_unescape(char *text, size_t len);

/** Adds what an element says of looks, its attributes in any order, to a sum. */
uint64_t tally_xlsx_look_sum(const struct tally_xml_start *e, uint64_t sum);

/* ---- formulas ---- */

struct tally_xlsx_shared; /* master formulas of a sheet by their number */
struct tally_xlsx_plain_text;

/** A cell's <f>. */
struct tally_xlsx_formula {
	enum {
		TALLY_XLSX_FORMULA_NONE,
		TALLY_XLSX_FORMULA_PLAIN,
		TALLY_XLSX_FORMULA_SHARED,
		TALLY_XLSX_FORMULA_ARRAY,
		TALLY_XLSX_FORMULA_TABLE,
	} kind;
	uint32_t index;            /* of a shared one */
	struct tally_buf text;     /* as it stands */
	struct tally_buf place;    /* ref */
	struct tally_buf inputs;   /* r1 and r2 of a data table, with a comma between them */
	struct tally_buf relative; /* the result */
};

enum tally_status tally_xlsx_formula_start(struct tally_xlsx_formula *f,
                                           const struct tally_xml_start *e, struct tally_err *err);

/** The same for <f>, and for <f t="shared" si="…"/> with this number; @shared NULL: none. */
void tally_xlsx_formula_plain(struct tally_xlsx_formula *f,
                              const struct tally_xlsx_plain_text *shared);

/**
 * The formula in relative form.
 * @shared  masters known so far; made when there is the first
 * @text    NULL: one that is shared and whose master is not there
 */
enum tally_status tally_xlsx_formula_finish(struct tally_xlsx_formula *f,
                                            struct tally_xlsx_shared **shared, uint32_t row,
                                            uint32_t column, const char **text, size_t *len,
                                            struct tally_err *err);
void tally_xlsx_formula_init(struct tally_xlsx_formula *f, const struct tally_limits *limits);
void tally_xlsx_formula_release(struct tally_xlsx_formula *f);
void tally_xlsx_shared_free(struct tally_xlsx_shared *shared);

#endif
