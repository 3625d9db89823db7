/**
 * The first entry of `tables` for a workbook (RECEIPT.md): what became of its sheets. Its `part` is null, and it has no rows.
 */
#ifndef TALLY_RECEIPT_WORKBOOK_JSON_H
#define TALLY_RECEIPT_WORKBOOK_JSON_H

#include <jansson.h>

#include "diff/parts_pair.h"
#include "diff/table_diff.h"

struct tally_workbook {
	const struct tally_parts_pairing *pairing;
	struct tally_part *const *parts[2];
	size_t part_count[2];
	const char *format[2];
	const uint64_t *rows; /**< by pair: rows of data, of the side that has the sheet (the after side of both) */
	uint64_t same; /**< sheets of both sides that say the same */
	uint64_t unknown; /**< of them, those with results of formulas that nobody computed on one side */
	uint64_t facts_unread[2]; /**< names of facts, by rank, of which some may stand in a part that could not be read */
	json_t *facts;       /**< more facts to list behind those about sheets, borrowed; or NULL */
	json_t *fact_counts; /**< how many of each name, borrowed; NULL: facts were not compared */
	uint64_t facts_unlisted; /**< limits.table_details was met */
	json_t *unread; /**< what differs and is not looked into, borrowed; NULL: nothing */
	/** Sheets whose rows and columns went elsewhere, as far as it is certain where; for addresses in facts. Borrowed. */
	const struct tally_other_sheet *moved_sheets;
	size_t moved_sheet_count;
};

/** @return yours to json_decref; NULL: no memory */
json_t *tally_workbook_json(const struct tally_workbook *book);

#endif
