/**
 * Documents of two formats made comparable: their texts, and the facts that both tell in the same way.
 */
#ifndef TALLY_RECEIPT_DOCUMENT_ACROSS_H
#define TALLY_RECEIPT_DOCUMENT_ACROSS_H

#include "core/text.h"
#include "receipt/job_read.h"

/** Texts to be compared in place of what was read. */
struct tally_across {
	struct tally_text texts[2];
	const struct tally_text *text[2]; /**< these, or those of the readings where the format is one */
};

/** @across  yours to tally_across_release in any case */
enum tally_status tally_across_texts(struct tally_across *across,
                                     const struct tally_reading side[2], struct tally_err *err);
void tally_across_release(struct tally_across *across);

/** Names of facts that both formats tell and that mean the same; NULL at the end. */
const char *const *tally_across_facts(const struct tally_reading side[2]);

/** Those facts of one side, without places. @out  initialised; yours to tally_facts_release */
enum tally_status tally_across_pick(struct tally_facts *out, const struct tally_facts *in,
                                    const char *const *names, struct tally_err *err);

#endif
