/**
 * Paragraphs that are out of a text and in the document still: somebody hid them, or proposed to delete them (a tracked change).
 */
#ifndef TALLY_RECEIPT_DOCUMENT_STILL_H
#define TALLY_RECEIPT_DOCUMENT_STILL_H

#include "diff/facts_diff.h"
#include "diff/text_diff.h"

/**
 * Mark the deleted paragraphs whose words a new fact tells: TALLY_EDIT_HIDDEN, TALLY_EDIT_PROPOSED. Each fact stands for one.
 * @param[out] still  how many were marked
 * @return TALLY_OK; TALLY_FATAL no memory
 */
enum tally_status tally_document_still(struct tally_text_diff *text,
                                       const struct tally_facts_diff *facts, uint64_t *still,
                                       struct tally_err *err);

#endif
