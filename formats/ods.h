/**
 * Private to formats/ods_*.c, fmt_ods.c and fmt_fods.c: OpenDocument spreadsheets (OASIS OpenDocument 1.3, part 3).
 *
 *   fmt_ods.c     packages (.ods); fmt_fods.c  the same in one XML file (.fods)
 *   ods_read.c    the events of a document: which of the modules below they are for
 *   ods_sheet.c   sheets, rows and cells
 *   ods_facts.c   what is no cell
 *   ods_validations.c  what may be entered, and into which cells
 *   ods_looks.c   looks and layout; headers and footers of pages
 *   ods_styles.c  number formats, and looks of cells by style
 *   ods_values.c  dates, times and lengths
 */
#ifndef TALLY_FORMATS_ODS_H
#define TALLY_FORMATS_ODS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/limits.h"
#include "core/sink.h"
#include "formats/format.h"
#include "formats/ods_styles.h"
#include "formats/package.h"
#include "formats/sheet_rows.h"
#include "formats/xml.h"

/** Columns that have a default style of their own: up to @end, from the span before. */
struct tally_ods_span {
	uint64_t end;
	struct tally_ods_format format;
};

/** What the cell begun says. */
struct tally_ods_cell {
	bool open;
	uint64_t repeat;
	enum tally_ods_type {
		TALLY_ODS_NONE, /**< no type: empty, or text */
		TALLY_ODS_NUMBER,
		TALLY_ODS_DATE,
		TALLY_ODS_TIME,
		TALLY_ODS_BOOL,
		TALLY_ODS_TEXT,
	} type,
		implied; /**< what it says, and what the attribute of its value is for */
	bool error;      /**< its text is an error's name */
	bool has_value;  /**< value is the attribute that goes with the type */
	bool formula;    /**< there is one */
	bool has_format; /**< it has a style of its own */
	struct tally_ods_format format;
	uint64_t rows, columns; /**< that an array formula fills; 0: none */
	struct tally_buf value, expression, text;
	unsigned paragraphs;
};

/** Rows or columns that are hidden, gathered into ranges. */
struct tally_ods_hidden {
	uint64_t first, end;    /* the range begun; end 0: none */
	struct tally_buf shown; /* "6, 11:12" */
};

/** A document while it is read. */
struct tally_ods {
	const char *format; /* static name */
	const struct tally_sink *sink;
	const struct tally_limits *limits;
	int header; /* as wished: tally_read_options.header */
	struct tally_ods_styles *styles;
	struct tally_sheet_book *book;
	struct tally_xml_handler handler;
	/* where we are: depths of elements that are open, 0 where none is */
	uint32_t depth;
	uint32_t skip;      /* what is below it is passed over … */
	bool skip_quiet;    /* … and holds no facts either */
	uint32_t styles_at; /* office:styles, office:automatic-styles */
	uint32_t sheets_at; /* office:spreadsheet */
	uint32_t sheet_at;  /* table:table */
	uint32_t row_at;    /* table:table-row */
	uint32_t note_at;   /* office:annotation */
	uint32_t paragraph_at;
	bool common_only; /* styles.xml: automatic styles are for page headers */
	bool seen_sheets; /* there was one at least */
	bool epoch1904;
	/* the sheet */
	struct tally_sheet_rows *rows;
	struct tally_buf name; /* of the sheet */
	uint64_t row, row_times, column;
	bool row_begun,
		padding; /* padding: rows beyond the last row of any program, with nothing in them */
	struct tally_ods_format row_format;
	bool row_has_format;
	struct tally_ods_span *spans;
	size_t span_count, span_cap, span_at;
	uint64_t columns_said;
	struct tally_ods_hidden hidden_rows, hidden_columns;
	struct tally_ods_cell cell;
	struct tally_buf relative;
	bool blank;  /* the last character of the paragraph was one */
	bool indent; /* and there was a line break */
	bool broken; /* that blank stands for the line break alone */
	/* the comment */
	struct tally_buf note_text, note_by;
	bool in_creator;
	unsigned note_paragraphs;
	/* facts */
	struct tally_buf fact_text, place;
	struct tally_buf range; /* of the conditional format begun */
	struct tally_buf scratch;
	struct tally_ods_validations *validations; /* NULL: none so far */
	const char *meta; /* the fact that the property is whose text is being gathered */
	uint32_t meta_at;
	uint32_t meta_root;          /* office:meta */
	struct tally_facts pictures; /* parts that are shown, as values, and where */
	bool partial;
	/* looks */
	uint64_t looks;          /* sum over those of the sheet's cells */
	uint64_t white;          /* cells of the sheet with white letters on white */
	uint64_t layout;         /* sum over styles that are none of cells */
	uint32_t margin_at;      /* a header or footer of pages is open */
	struct tally_buf margin; /* its text */
};

enum tally_status tally_ods_new(struct tally_ods **out, const char *format,
                                const struct tally_sink *sink,
                                const struct tally_read_options *options, struct tally_err *err);
void tally_ods_free(struct tally_ods *o);

/** Who wants the events of content.xml, styles.xml, meta.xml, or of a document in one file. Borrowed. */
const struct tally_xml_handler *tally_ods_handler(struct tally_ods *o);

/** A part ended, or broke off: the next one begins at its beginning. */
void tally_ods_rest(struct tally_ods *o);

/* ---- sheets: ods_sheet.c ---- */

enum tally_status tally_ods_sheet_begin(struct tally_ods *o, const struct tally_xml_start *e,
                                        struct tally_err *err);
enum tally_status tally_ods_sheet_end(struct tally_ods *o, struct tally_err *err);
enum tally_status tally_ods_columns(struct tally_ods *o, const struct tally_xml_start *e,
                                    struct tally_err *err);
enum tally_status tally_ods_row_begin(struct tally_ods *o, const struct tally_xml_start *e,
                                      struct tally_err *err);
enum tally_status tally_ods_row_end(struct tally_ods *o, struct tally_err *err);
enum tally_status tally_ods_cell_begin(struct tally_ods *o, const struct tally_xml_start *e,
                                       struct tally_err *err);
enum tally_status tally_ods_cell_end(struct tally_ods *o, struct tally_err *err);

/* ---- looks: ods_looks.c ---- */

/** What an element says, names of styles aside, its attributes in any order. */
uint64_t tally_ods_look_sum(const struct tally_xml_start *e);

/** Elements outside of the sheets and properties; texts while margin_at is set. */
enum tally_status tally_ods_looks_start(struct tally_ods *o, const struct tally_xml_start *e,
                                        struct tally_err *err);
enum tally_status tally_ods_looks_text(struct tally_ods *o, const char *text, size_t len,
                                       struct tally_err *err);
enum tally_status tally_ods_looks_end(struct tally_ods *o, struct tally_err *err);

/** A sheet, or the document, came to its end. */
enum tally_status tally_ods_looks_sheet(struct tally_ods *o, struct tally_err *err);
enum tally_status tally_ods_looks_finish(struct tally_ods *o, struct tally_err *err);

/* ---- facts: ods_facts.c ---- */

/** Push one. @where  NULL: nowhere. */
enum tally_status tally_ods_fact(struct tally_ods *o, const char *name, const char *value,
                                 const char *by, const char *where, struct tally_err *err);

/** "Sheet!B3" of the cell begun, or of the range of so many rows and columns that begins there. Borrowed until the next call; NULL: no memory */
const char *tally_ods_place(struct tally_ods *o, uint64_t rows, uint64_t columns);

/** Facts of an element, wherever it stands. */
enum tally_status tally_ods_facts_start(struct tally_ods *o, const struct tally_xml_start *e,
                                        struct tally_err *err);
enum tally_status tally_ods_facts_text(struct tally_ods *o, const char *text, size_t len,
                                       struct tally_err *err);
enum tally_status tally_ods_facts_end(struct tally_ods *o, struct tally_err *err);

/** Rows or columns that are hidden: @count from @first on; gathered, and pushed with tally_ods_hidden_flush. */
enum tally_status tally_ods_hide(struct tally_ods *o, struct tally_ods_hidden *h, uint64_t first,
                                 uint64_t count, struct tally_err *err);
enum tally_status tally_ods_hidden_flush(struct tally_ods *o, struct tally_ods_hidden *h,
                                         struct tally_err *err);

/** An expression of OpenDocument in the notation of Excel, appended. @return false: no memory */
bool tally_ods_expression(struct tally_ods *o, struct tally_buf *to, const char *text, size_t len);

/* ---- what may be entered: ods_validations.c ---- */

/** A rule, told by its element. */
enum tally_status tally_ods_validation(struct tally_ods *o, const struct tally_xml_start *e,
                                       struct tally_err *err);
/** The cell begun, with its repetitions, carries the rule of this name. */
enum tally_status tally_ods_validated(struct tally_ods *o, const struct tally_xml_attr *name,
                                      struct tally_err *err);
/** Push those of the sheet that ends, each with its cells. */
enum tally_status tally_ods_validations_flush(struct tally_ods *o, struct tally_err *err);
void tally_ods_validations_free(struct tally_ods_validations *v);

/** A picture that the element shows: kept for when its part is read (ods_pictures.c). */
enum tally_status tally_ods_picture(struct tally_ods *o, const struct tally_xml_start *e,
                                    struct tally_err *err);
/** All parts that are shown are known by their full names from here on. */
enum tally_status tally_ods_pictures_end(struct tally_ods *o, struct tally_package *p,
                                         struct tally_err *err);
/** Push the picture of this part, once for each place that shows it. */
enum tally_status tally_ods_pictures_push(struct tally_ods *o, const char *part, const char *value,
                                          struct tally_err *err);

/** What the names of a package's parts say: macros, charts, images. */
enum tally_status tally_ods_facts_package(struct tally_ods *o, struct tally_package *p,
                                          struct tally_err *err);

#endif
