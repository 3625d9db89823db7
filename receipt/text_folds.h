/**
 * Cells of a table on the sheet that one line stands for: those of its rewrites, and a few with the same change.
 */
#ifndef TALLY_RECEIPT_TEXT_FOLDS_H
#define TALLY_RECEIPT_TEXT_FOLDS_H

#include <jansson.h>
#include <stdbool.h>

#include "receipt/text.h"

struct tally_text_folds {
	json_t *rewrites; /**< the table's own, then those of the sheet; borrowed by nobody, see below */
	bool *hidden; /**< by cell: a line stands for it. In the sheet's scratch */
	size_t shown; /**< cells that are not hidden */
};

/**
 * Find them. The receipt lists up to 20 cells of a rewrite one by one; the sheet does so with up to 5, or with all where lists are not
 * cut.
 * @return false: no memory, which the sheet says
 */
bool tally_text_folds(struct tally_text_folds *out, struct tally_sheet *s, const json_t *table);
void tally_text_folds_release(struct tally_text_folds *f);

#endif
