/**
 * Texts of two files compared, inside the worker: an entry of `documents` (RECEIPT.md) with blocks, edits and facts. Any
 * format with blocks against any other one.
 */
#ifndef TALLY_RECEIPT_JOB_DOCUMENT_H
#define TALLY_RECEIPT_JOB_DOCUMENT_H

#include "core/buf.h"
#include "receipt/job_read.h"

struct tally_job_document {
	struct tally_reading *side; /**< two of them, borrowed */
	const struct tally_limits *limits;
	struct tally_buf *passages; /**< words of what is gone and new go there (receipt/passages.h); NULL: nobody asks */
	bool gone; /**< those that are gone are asked for */
	const struct tally_key *key;
	json_t *answer; /**< told if there are too many of them */
	json_t *entry; /**< set: yours to json_decref; stays NULL where the two say the same and nothing needs to be told */
	bool related;  /**< set: blocks of both sides are the same ones */
};

/** Compare. @return TALLY_OK; TALLY_SKIP (limit); TALLY_FATAL no memory */
enum tally_status tally_job_document(struct tally_job_document *job, struct tally_err *err);

#endif
