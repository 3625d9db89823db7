/**
 * The parts of a table's entry on the sheet, in the order of the sheet; each puts nothing where it has nothing to tell.
 */
#ifndef TALLY_RECEIPT_TEXT_TABLE_H
#define TALLY_RECEIPT_TEXT_TABLE_H

#include <jansson.h>
#include <stdint.h>

#include "receipt/text.h"
#include "receipt/text_folds.h"

enum { TALLY_TEXT_BODY = TALLY_INDENT + 4 /**< indent of all that stands below a table's title */ };

/** "Rows": the sum of rows that came, went, stayed. "Key": by what they were paired (text_rows.c). */
void tally_text_rows(struct tally_sheet *s, const json_t *table);
void tally_text_key(struct tally_sheet *s, const json_t *table);
/** "File": properties that changed, or are unusual (text_reading.c). */
void tally_text_properties(struct tally_sheet *s, const json_t *table);
/** "Columns" (text_columns.c). */
void tally_text_columns(struct tally_sheet *s, const json_t *table);
/** "Rewrites": the same change to many cells (text_cells.c). */
void tally_text_rewrites(struct tally_sheet *s, const struct tally_text_folds *folds);
/** "Order", "Deleted", "Added", "Moved" (text_rows.c). */
void tally_text_row_changes(struct tally_sheet *s, const json_t *table);
/** "Cells": those that no rewrite stands for (text_cells.c). */
void tally_text_cells(struct tally_sheet *s, const json_t *table,
                      const struct tally_text_folds *folds);
/** "Sums" of columns; "Totals": rows of totals that no longer agree (text_sums.c). */
void tally_text_sums(struct tally_sheet *s, const json_t *table);
void tally_text_totals(struct tally_sheet *s, const json_t *table);
/** "Problems" of reading (text_reading.c). */
void tally_text_problems(struct tally_sheet *s, const json_t *table);

/** The row that an object names: its number after, or else before. With its key: " (…)". Both: "row 7 (…)". */
uint64_t tally_text_row_number(const json_t *object);
void tally_text_row_key(struct tally_sheet *s, const json_t *object);
void tally_text_row_name(struct tally_sheet *s, const json_t *object);

/** What a limit kept out of the receipt: no option shows it. @label  of the list, "" where some of it was listed */
void tally_text_unlisted(struct tally_sheet *s, const char *label, uint64_t count);

#endif
