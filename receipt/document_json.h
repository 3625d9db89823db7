/**
 * A comparison of two texts as the receipt's `blocks` and `edits` (RECEIPT.md, documents).
 */
#ifndef TALLY_RECEIPT_DOCUMENT_JSON_H
#define TALLY_RECEIPT_DOCUMENT_JSON_H

#include <jansson.h>

#include "core/limits.h"
#include "diff/text_diff.h"

/** {"unit", "before", "same", "edited", "moved", "deleted", "added", "after"}.
 * @still  how many of the deleted ones are there still, hidden or marked as deleted
 * @return yours to json_decref; NULL: no memory */
json_t *tally_blocks_json(const struct tally_text_diff *diff, uint64_t still);

/**
 * The edits, at most limits.table_details of them; texts are cut at limits.text_shown and say so.
 * @unlisted  how many are left out
 * @return yours to json_decref; NULL: no memory
 */
json_t *tally_edits_json(const struct tally_text_diff *diff, const struct tally_limits *limits,
                         uint64_t *unlisted);

/** Where a paragraph stands: {"area", "n", "row", "cell"}. @return yours to json_decref; NULL: no memory */
json_t *tally_where_json(const struct tally_block *block);

/** Is this one of `edits` as it should be? For answers of workers. */
bool tally_edit_good(const json_t *edit);

bool tally_edit_has_flag(const json_t *edit, const char *flag);

/** Did words change? A paragraph that was only joined with its neighbour, or typed in another way, is the same. */
bool tally_edit_has_other_words(const json_t *edit);

/** Is less left of it than came and went? Among all that stands in a document something is always a little like it. */
bool tally_edit_is_another(const json_t *edit);

#endif
