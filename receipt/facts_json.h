/**
 * Facts of a file that differ, as the receipt's `facts` and `fact_counts` (RECEIPT.md): of tables and documents alike.
 */
#ifndef TALLY_RECEIPT_FACTS_JSON_H
#define TALLY_RECEIPT_FACTS_JSON_H

#include <jansson.h>

#include "core/limits.h"
#include "diff/facts_diff.h"

/** "added", "removed", "changed", "moved", "strayed". */
const char *tally_fact_change_name(enum tally_fact_kind kind);

/**
 * One fact that changed: {"fact", "change", "old", "new", "by", "where"}; "by_before", "where_before" where they are others,
 * "moved" where it changed and stands elsewhere, "picture".
 * @picture  what became of a picture (receipt/picture_json.h), taken over; NULL: it is none, or not known
 * Values are cut at limits.cell_shown, and say so ("old_bytes", "new_bytes").
 * @return yours to json_decref; NULL: no memory
 */
json_t *tally_fact_json(const struct tally_fact_change *change, json_t *picture,
                        const struct tally_limits *limits);

/**
 * How many there are of each name, whether they differ or not: {"fact", "before", "after", "added", "removed", "changed",
 * "moved"}.
 * @return yours to json_decref; NULL: no memory
 */
json_t *tally_fact_counts_json(const struct tally_facts_diff *diff);

/** Is this one of `facts` (or of what became of sheets) as it should be? For answers of workers. */
bool tally_fact_good(const json_t *fact);
/** The same for one of `fact_counts`: numbers, and before - removed + added = after. */
bool tally_fact_count_good(const json_t *count);

#endif
