/**
 * What became of tracked changes that are pending no more: accepted or rejected, as far as the texts tell.
 */
#ifndef TALLY_RECEIPT_TRACKED_H
#define TALLY_RECEIPT_TRACKED_H

#include "diff/facts_diff.h"
#include "diff/text_diff.h"

struct tally_tracked {
	const struct tally_text_diff *text;
	uint64_t searched; /**< bytes so far; from a bound on nothing more is said */
};

/** "accepted", "rejected"; NULL: another fact, or not known. */
const char *tally_tracked_outcome(struct tally_tracked *t, const struct tally_fact_change *c);

#endif
