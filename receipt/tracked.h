/**
 * What became of tracked changes that are pending no more: accepted or rejected, as far as the texts tell.
 *
 * What was inserted stands in the text before, what was deleted does not. So an insertion was accepted where its words stayed in
 * their paragraph and rejected where they are out of it; a deletion was rejected where its words came back. A move is both, and one
 * verdict is for both of them. Where words stayed and went, or nobody knows whose they are, nothing is said.
 */
#ifndef TALLY_RECEIPT_TRACKED_H
#define TALLY_RECEIPT_TRACKED_H

#include "diff/facts_diff.h"
#include "diff/text_diff.h"
#include "receipt/document_places.h"

struct tally_tracked;

/** @text @facts @places  borrowed. @return yours to tally_tracked_free; NULL: no memory */
struct tally_tracked *tally_tracked_new(const struct tally_text_diff *text,
                                        const struct tally_facts_diff *facts,
                                        const struct tally_document_places *places);
void tally_tracked_free(struct tally_tracked *t);

/** @c  one of the facts. @return "accepted", "rejected"; NULL: another fact, or not known */
const char *tally_tracked_outcome(struct tally_tracked *t, const struct tally_fact_change *c);

#endif
