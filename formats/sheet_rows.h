/**
 * Rows of sheets, packed: what readers of workbooks collect cells in, and what makes a part of them.
 *
 * Packed rows of two workbooks can be compared as bytes: they hold no number of a string or a style, but short texts as they
 * are and, in place of a long one, its length and SHA-256. Long texts are kept once for all sheets, so that a text of a
 * megabyte in ten thousand cells takes a megabyte.
 *
 * Rows may come in any order and twice; the part has them like the sheet: row i is row i + 1 of the sheet, blank ones
 * included, up to the last row with a cell.
 *
 *	tally_sheet_row(rows, number, err);
 *	tally_sheet_cell(rows, column, &cell, err); …
 *	tally_sheet_row_end(rows, err);
 */
#ifndef TALLY_FORMATS_SHEET_ROWS_H
#define TALLY_FORMATS_SHEET_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/spill.h"
#include "core/table.h"

/** What the sheets of one workbook share: long texts, and what is left of the limits. */
struct tally_sheet_book;

/** @limits  borrowed: table_bytes, table_columns, sheet_rows, blank_rows, blank_cells, shared_text */
enum tally_status tally_sheet_book_new(struct tally_sheet_book **out,
                                       const struct tally_limits *limits, struct tally_err *err);

/** Packed rows that are many go there from now on; borrowed until the last part is freed. NULL: they stay in memory. */
void tally_sheet_book_scratch(struct tally_sheet_book *book, struct tally_scratch *scratch);

/** Parts that were made keep what they need of it. */
void tally_sheet_book_free(struct tally_sheet_book *book);

struct tally_sheet_rows;

/** @format  static name of the format */
enum tally_status tally_sheet_rows_new(struct tally_sheet_rows **out, struct tally_sheet_book *book,
                                       const char *name, const char *format, struct tally_err *err);
void tally_sheet_rows_free(struct tally_sheet_rows *rows);

/** Begin a row. @number  from 0; more than limits.sheet_rows is TALLY_SKIP, limit */
enum tally_status tally_sheet_row(struct tally_sheet_rows *rows, uint64_t number,
                                  struct tally_err *err);

/**
 * Add a cell to the row begun; an empty one without a formula is none. Of two in one place the last one counts.
 * @column  from 0; more than limits.table_columns is TALLY_SKIP, limit
 */
enum tally_status tally_sheet_cell(struct tally_sheet_rows *rows, uint64_t column,
                                   const struct tally_cell *cell, struct tally_err *err);

/**
 * The same for a cell whose value was packed before (tally_sheet_pack).
 * @packed  borrowed for the call
 * @rest    formula, format and cached of the cell; its value and kind are not looked at
 */
enum tally_status tally_sheet_packed(struct tally_sheet_rows *rows, uint64_t column,
                                     const char *packed, size_t len, const struct tally_cell *rest,
                                     struct tally_err *err);

/** The row begun has a cell in the file, which may be empty: for formats that write no cell where there is none. */
void tally_sheet_has_cell(struct tally_sheet_rows *rows);

enum tally_status tally_sheet_row_end(struct tally_sheet_rows *rows, struct tally_err *err);

/**
 * The row ended last, which had cells, stands @more times more right below itself: each costs 16 bytes. For formats whose
 * rows come in order.
 */
enum tally_status tally_sheet_row_repeat(struct tally_sheet_rows *rows, uint64_t more,
                                         struct tally_err *err);

/** Hand the part over (yours to tally_part_free): a sheet with its problems, without header and properties. */
enum tally_status tally_sheet_finish(struct tally_sheet_rows *rows, struct tally_part **out,
                                     struct tally_err *err);

/**
 * Give a part that was read blank rows at its end, up to @rows in all, where its file has cells in them (cell_rows). Nothing is
 * done where it has not.
 */
enum tally_status tally_sheet_extend(struct tally_part *part, size_t rows, struct tally_err *err);

/** The part in the making, for its problems. */
struct tally_part *tally_sheet_part(struct tally_sheet_rows *rows);

/** Pack a text without formula and format behind what is in @out; a long one is remembered by the book. */
enum tally_status tally_sheet_pack(struct tally_sheet_book *book, struct tally_buf *out,
                                   const char *text, size_t len, struct tally_err *err);

#endif
