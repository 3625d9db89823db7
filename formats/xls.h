/**
 * Private to xls_*.c and fmt_xls.c: workbooks of Excel 5 to 2003 (BIFF5 and BIFF8), record by record. Sections are those of
 * [MS-XLS].
 *
 *   fmt_xls.c      which files are such workbooks; from their stream to tables
 *   xls_records.c  records, and what they say of the whole workbook: sheets, dates, number formats
 *   xls_strings.c  texts, over the ends of records; code pages; the table of shared strings
 *   xls_sheet.c    cells of a worksheet
 *   xls_facts.c    what is no cell: what is hidden, merged ranges, comments, names, macros
 */
#ifndef TALLY_FORMATS_XLS_H
#define TALLY_FORMATS_XLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/bytes.h"
#include "core/limits.h"
#include "core/sink.h"
#include "formats/office_facts.h"
#include "formats/ole_file.h"
#include "formats/sheet_rows.h"

/* 2.3 */
enum tally_xls_type {
	TALLY_XLS_FORMULA = 0x06,
	TALLY_XLS_EOF = 0x0a,
	TALLY_XLS_NAME = 0x18, /* Lbl */
	TALLY_XLS_NOTE = 0x1c,
	TALLY_XLS_DATEMODE = 0x22,
	TALLY_XLS_FILEPASS = 0x2f,
	TALLY_XLS_CONTINUE = 0x3c,
	TALLY_XLS_CODEPAGE = 0x42,
	TALLY_XLS_OBJ = 0x5d,
	TALLY_XLS_COLINFO = 0x7d,
	TALLY_XLS_BOUNDSHEET = 0x85,
	TALLY_XLS_MULRK = 0xbd,
	TALLY_XLS_RSTRING = 0xd6,
	TALLY_XLS_XF = 0xe0,
	TALLY_XLS_MERGED = 0xe5,
	TALLY_XLS_SST = 0xfc,
	TALLY_XLS_LABELSST = 0xfd,
	TALLY_XLS_TXO = 0x1b6,
	TALLY_XLS_NUMBER = 0x203,
	TALLY_XLS_LABEL = 0x204,
	TALLY_XLS_BOOLERR = 0x205,
	TALLY_XLS_STRING = 0x207,
	TALLY_XLS_ROW = 0x208,
	TALLY_XLS_FORMULA_3 = 0x206, /* as in Excel 3 and 4; some write these */
	TALLY_XLS_RK = 0x27e,
	TALLY_XLS_FORMULA_4 = 0x406,
	TALLY_XLS_FORMAT = 0x41e,
	TALLY_XLS_BOF = 0x809,
};

/* what a stretch of records is: 2.4.21, dt */
enum tally_xls_stretch {
	TALLY_XLS_GLOBALS = 0x05,
	TALLY_XLS_MODULE = 0x06,
	TALLY_XLS_WORKSHEET = 0x10,
	TALLY_XLS_CHART = 0x20,
	TALLY_XLS_MACROS = 0x40,
};

struct tally_xls_record {
	unsigned type; /* enum tally_xls_type, or one that nobody reads */
	const unsigned char *bytes;
	size_t len;
	size_t next; /* where the next one begins */
};

struct tally_xls_sheet {
	const char *name;
	uint32_t at;    /* where its BOF is */
	uint8_t hidden; /* 0 not, 1 hidden, 2 very hidden */
	uint8_t kind;   /* 0 worksheet, 1 macros, 2 chart, 6 module: 2.4.28 */
};

/* A number format of the workbook's own. */
struct tally_xls_format {
	uint16_t id;
	uint8_t shown; /* enum tally_number_class */
};

/** A workbook while it is read. */
struct tally_xls {
	const struct tally_limits *limits;
	const struct tally_sink *sink;
	const unsigned char *bytes; /* the stream */
	size_t len;
	size_t looked_at; /* bytes of it that sheets took: more than there are is a bomb */
	bool wide;        /* BIFF8: texts are Unicode */
	bool date1904;
	bool strange_texts; /* some have bytes that the code page has no character for */
	unsigned code_page;
	struct tally_xls_sheet *sheets;
	size_t sheet_count, sheet_cap;
	struct tally_xls_format *formats;
	size_t format_count, format_cap;
	uint16_t *styles; /* number of the format, by that of the cell's style */
	size_t style_count, style_cap;
	uint8_t *shown; /* enum tally_number_class, by style */
	struct tally_sheet_book *book;
	/* shared strings, packed as tally_sheet_pack does: string i ends at ends[i] and begins where the one before ends */
	struct tally_buf strings;
	uint32_t *ends;
	size_t string_count, ends_cap;
	struct tally_buf text; /* the one at hand */
	struct tally_office_facts office;
};

/* ---- records: xls_records.c ---- */

/**
 * The record at this place.
 * @return TALLY_OK; TALLY_SKIP, damaged: the stream ends before it does
 */
enum tally_status tally_xls_record(const struct tally_xls *x, size_t at,
                                   struct tally_xls_record *record, struct tally_err *err);

/** Begins a stretch here? @return what it is (enum tally_xls_stretch), 0: there is no BOF */
unsigned tally_xls_stretch(const struct tally_xls *x, size_t at);

/** The records in front of all sheets. */
enum tally_status tally_xls_globals(struct tally_xls *x, struct tally_err *err);

/* ---- texts: xls_strings.c ---- */

/** Bytes that go on in CONTINUE records. */
struct tally_xls_pieces {
	const struct tally_xls *x;
	struct tally_bytes in;
	size_t next; /* where the next record begins */
	bool bad;    /* there was less than was asked for */
};

struct tally_xls_pieces tally_xls_pieces(const struct tally_xls *x,
                                         const struct tally_xls_record *record);
/** Little-endian, of 1, 2 or 4 bytes. */
uint32_t tally_xls_number(struct tally_xls_pieces *p, unsigned bytes);

/**
 * A text into x->text: its flags (BIFF8) and @count characters; runs and phonetic parts behind it are passed over. In BIFF5 bytes
 * of the code page. Without a character its flags mean nothing.
 * @return TALLY_OK; TALLY_SKIP, damaged: it has no end
 */
enum tally_status tally_xls_text(struct tally_xls *x, struct tally_xls_pieces *p, size_t count,
                                 struct tally_err *err);

/** Shared strings. */
enum tally_status tally_xls_sst(struct tally_xls *x, const struct tally_xls_record *record,
                                struct tally_err *err);

/* ---- sheets ---- */

/**
 * The cells of a worksheet.
 * @out  yours to tally_part_free; its header is not looked for yet
 */
enum tally_status tally_xls_read_sheet(struct tally_xls *x, const struct tally_xls_sheet *sheet,
                                       struct tally_part **out, struct tally_err *err);

/* ---- facts: xls_facts.c ---- */

/* rows or columns that are hidden */
struct tally_xls_hidden {
	struct tally_fact_text text;
	uint32_t first, last; /* the range at hand, from 1; 0: none */
	uint64_t count, ranges, hash;
};

/** Facts of a sheet in the making. */
struct tally_xls_facts {
	struct tally_xls *x;
	const char *sheet;
	struct tally_xls_hidden rows, columns;
	struct tally_fact_pairs texts; /* of comments, by the number of their object */
	uint32_t object;               /* the last one that was a comment's, + 1 */
	struct tally_xls_note *notes;
	size_t note_count, note_cap;
};

void tally_xls_facts_init(struct tally_xls_facts *f, struct tally_xls *x, const char *sheet);
void tally_xls_facts_release(struct tally_xls_facts *f);
/** What a record of the sheet says. */
enum tally_status tally_xls_facts_record(struct tally_xls_facts *f,
                                         const struct tally_xls_record *record,
                                         struct tally_err *err);
enum tally_status tally_xls_facts_finish(struct tally_xls_facts *f, struct tally_err *err);

/** Facts of the whole workbook: its sheets, its macros. @file NULL: it is in no compound file */
enum tally_status tally_xls_facts_book(struct tally_xls *x, struct tally_ole_file *file,
                                       struct tally_err *err);

/** A name that is defined. */
enum tally_status tally_xls_facts_name(struct tally_xls *x, const struct tally_xls_record *record,
                                       struct tally_err *err);

#endif
