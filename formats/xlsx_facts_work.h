/**
 * Private to xlsx_facts*.c: facts of a workbook in the making.
 *
 *   xlsx_facts.c          the way through all parts, pushing, notes
 *   xlsx_facts_sheet.c    what stands in the worksheets beside their rows
 *   xlsx_facts_book.c     the workbook's own part, external links, connections, macros, other parts
 *   xlsx_facts_about.c    properties of the document
 *   xlsx_facts_notes.c    comments, tables, pivot tables
 *   xlsx_facts_drawing.c  images, shapes, charts, embedded files
 */
#ifndef TALLY_FORMATS_XLSX_FACTS_WORK_H
#define TALLY_FORMATS_XLSX_FACTS_WORK_H

#include "core/arena.h"
#include "core/buf.h"
#include "formats/xlsx_facts.h"

enum {
	TALLY_FACT_VALUE_MOST = 32 << 10, /* bytes of one value; what is longer is told by length and hash */
	TALLY_FACT_FORMULAS = 3,          /* of one rule */
};

/** A text that is longer than anybody reads: its beginning, and what tells two of them apart. */
struct tally_fact_text {
	struct tally_buf buf;
	uint64_t cut; /**< bytes that are not in it */
	uint64_t hash;
	bool no_memory;
};

/** A pair of texts, to be found by the first. */
struct tally_fact_pair {
	const char *key, *value;
};

struct tally_fact_pairs {
	struct tally_fact_pair *items;
	size_t count, cap;
};

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

/** The worksheet that is being read. */
struct tally_sheet_reading {
	const char *name;              /**< NULL: none */
	struct tally_fact_pairs links; /**< id of a relation → target */
	uint64_t row;
	struct tally_hidden rows, columns;
	struct tally_sheet_rule rule;
	struct tally_fact_text ranges; /**< of the validation or the conditional formats */
	bool limited;                  /**< there were more of these than are kept */
	struct tally_buf values; /**< of the conditional formats of these ranges, NUL after each */
};

struct tally_xlsx_facts {
	struct tally_package *p;
	const struct tally_sink *sink;
	const struct tally_limits *limits;
	struct tally_arena arena; /**< names and texts that are needed until the end */
	struct tally_fact_text value, where;
	enum tally_status result; /**< TALLY_PARTIAL once there was a note */
	bool stopped;             /**< the sink wants no more */
	const char *book;         /**< the workbook's part */
	struct tally_xlsx_tab *sheets;
	size_t sheet_count, sheet_cap;
	struct tally_fact_pairs persons; /**< of threaded comments: id → name */
	struct tally_fact_pairs caches;  /**< of pivot tables: part → what it was made of */
	struct tally_xml_handler sheet_handler;
	struct tally_sheet_reading sheet;
	struct tally_err late; /**< what went wrong where nobody could be told */
};

/* ---- texts ---- */

void tally_fact_text_init(struct tally_fact_text *t);
void tally_fact_text_release(struct tally_fact_text *t);
void tally_fact_text_clear(struct tally_fact_text *t);
/** Append; what does not fit is counted. */
void tally_fact_text_add(struct tally_fact_text *t, const char *bytes, size_t len);
void tally_fact_text_put(struct tally_fact_text *t, const char *text);
void tally_fact_text_number(struct tally_fact_text *t, uint64_t n);
/** A reference or formula without its $ signs. */
void tally_fact_text_reference(struct tally_fact_text *t, const char *bytes, size_t len);
/** A formula that is whole, without quotes around names of sheets that need none. */
void tally_fact_text_formula(struct tally_fact_text *t, const char *bytes, size_t len);
/** What fits of it, as long as it is not ended. */
const char *tally_fact_text_so_far(const struct tally_fact_text *t);
/** What the other one had to leave out is missing here as well. */
void tally_fact_text_cut(struct tally_fact_text *t, const struct tally_fact_text *other);
/** Append another one, its cut included. */
void tally_fact_text_join(struct tally_fact_text *t, const struct tally_fact_text *other);
/** Append an attribute; nothing where it is NULL. */
void tally_fact_text_attr(struct tally_fact_text *t, const struct tally_xml_attr *a);
const char *tally_fact_text_end(struct tally_fact_text *t);

/* ---- pushing ---- */

/** f->value and f->where are empty again. */
struct tally_fact_text *tally_xlsx_begin(struct tally_xlsx_facts *f);

/** f->where: "Sheet!A1:B2"; @ref NULL: the sheet alone. */
void tally_xlsx_at(struct tally_xlsx_facts *f, const char *sheet, const char *ref, size_t len);

/** Push f->value at f->where (nowhere, when that is empty). @by NULL or "": nobody */
enum tally_status tally_xlsx_push(struct tally_xlsx_facts *f, const char *fact, const char *by,
                                  struct tally_err *err);

/** Something was left out. @part NULL: of the whole file */
enum tally_status tally_xlsx_note(struct tally_xlsx_facts *f, const struct tally_err *why,
                                  const char *part, struct tally_err *err);

/* ---- parts ---- */

/** What went wrong with one part costs a note. @return negative only where nothing may go on */
enum tally_status tally_xlsx_outcome(struct tally_xlsx_facts *f, enum tally_status st,
                                     const struct tally_err *why, const char *part,
                                     struct tally_err *err);

/** Parse a part; one that cannot be read costs a note. @return negative only where nothing may go on */
enum tally_status tally_xlsx_parse(struct tally_xlsx_facts *f, const char *part,
                                   const struct tally_xml_handler *handler, struct tally_err *err);

/** Relations of a part; none, and a note, where they cannot be read. */
enum tally_status tally_xlsx_relations(struct tally_xlsx_facts *f, const char *part,
                                       const struct tally_relation **out, size_t *count,
                                       struct tally_err *err);

/** "png, 1,234 bytes, sha256:0123456789abcdef" of a part behind f->value; @readable  whether it could be read. */
enum tally_status tally_xlsx_digest(struct tally_xlsx_facts *f, const char *part, bool *readable,
                                    struct tally_err *err);

/* ---- pairs ---- */

/** Both are copied into the arena. */
enum tally_status tally_xlsx_pair(struct tally_xlsx_facts *f, struct tally_fact_pairs *list,
                                  const char *key, size_t key_len, const char *value,
                                  size_t value_len, struct tally_err *err);
/** After the last one, before the first search. */
void tally_fact_pairs_sort(struct tally_fact_pairs *list);
/** @return the value, or NULL */
const char *tally_fact_pairs_find(const struct tally_fact_pairs *list, const char *key, size_t len);
void tally_fact_pairs_release(struct tally_fact_pairs *list);

/* ---- attributes ---- */

/** "1", "true", "on" */
bool tally_xlsx_flag(const struct tally_xml_start *e, const char *name);
bool tally_attr_is(const struct tally_xml_attr *a, const char *value);
/** A number; @otherwise where it is none */
uint64_t tally_attr_number(const struct tally_xml_attr *a, uint64_t otherwise);

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

/** Fills f->sheets; pushes what the workbook's own part says. */
enum tally_status tally_xlsx_book(struct tally_xlsx_facts *f, struct tally_err *err);
/** External links, connections, macros, other parts. */
enum tally_status tally_xlsx_book_parts(struct tally_xlsx_facts *f, struct tally_err *err);
enum tally_status tally_xlsx_about(struct tally_xlsx_facts *f, struct tally_err *err);

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
