/**
 * Values of cells and texts on the sheet: short, escaped, and cut so that old and new show where they differ.
 */
#ifndef TALLY_RECEIPT_TEXT_VALUE_H
#define TALLY_RECEIPT_TEXT_VALUE_H

#include <jansson.h>

#include "receipt/text.h"

/** A value: text, or an object with value, formula, error. */
void tally_text_value(struct tally_sheet *s, const json_t *value);

/** The column that an object names; "(2nd)" where several have that name. */
void tally_text_column(struct tally_sheet *s, const json_t *object);

/** What stands for the name of a column that has none: "column 4 (no name)". @number  0: only that it has none */
void tally_text_unnamed(struct tally_sheet *s, uint64_t number);

/** "old → new" of a change; long common beginnings are left out on both sides. */
void tally_text_old_new(struct tally_sheet *s, const json_t *change);

/** A list of texts, with this between them; lists of values as well. */
void tally_text_list(struct tally_sheet *s, const json_t *list, const char *between, size_t most);

/** What a fact says, or "old → new" where that differs: more of it than of a cell's value, and of a digest in it less. */
void tally_text_fact_values(struct tally_sheet *s, const json_t *old, const json_t *now);

/** What became of a fact, in words; @change as on the receipt. */
const char *tally_text_fact_change(const char *change);

/** The `facts` of a table or document, labelled. */
void tally_text_facts(struct tally_sheet *s, const json_t *owner, unsigned indent);

/** What became of a workbook's sheets; nothing where the table is none of a workbook's first entries. */
void tally_text_sheets(struct tally_sheet *s, const json_t *table);

#endif
