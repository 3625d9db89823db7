/**
 * Paths on the sheet: the lists they stand in, and a path's line.
 */
#ifndef TALLY_RECEIPT_TEXT_TREE_H
#define TALLY_RECEIPT_TEXT_TREE_H

#include "receipt/text.h"

/** The lists, in the order of their importance. */
enum tally_text_list {
	TALLY_LIST_ROOT,
	TALLY_LIST_LOST,
	TALLY_LIST_UNPROVEN,
	TALLY_LIST_COVERED,
	TALLY_LIST_TYPE,
	TALLY_LIST_DELETED,
	TALLY_LIST_DUPLICATES,
	TALLY_LIST_MODIFIED,
	TALLY_LIST_MOVED_EDITED,
	TALLY_LIST_MOVED,
	TALLY_LIST_COPIED,
	TALLY_LIST_ADDED,
	TALLY_LIST_LINKS,
	TALLY_LIST_METADATA,
	TALLY_LIST_TOUCHED,
	TALLY_LISTS,
	TALLY_LIST_NONE = TALLY_LISTS, /**< not listed: a folder's line stands for it */
};

/** May the content be nowhere any more? */
static inline bool tally_text_gone(enum tally_fate fate)
{
	return fate == TALLY_FATE_LOST || fate == TALLY_FATE_UNPROVEN;
}

/** One path of this list, as a line that is not ended yet (text_change.c). */
void tally_text_change(struct tally_sheet *s, enum tally_text_list list,
                       const struct tally_receipt_change *change);

#endif
