/**
 * Words of texts for finding passages in other documents (receipt/passages.h): the worker's side.
 */
#ifndef TALLY_RECEIPT_JOB_PASSAGES_H
#define TALLY_RECEIPT_JOB_PASSAGES_H

#include <jansson.h>

#include "core/buf.h"
#include "core/hash.h"
#include "core/limits.h"
#include "diff/text_diff.h"

/**
 * Paragraphs that are gone (if they are asked for), and those that are new or were edited, as they are now. Sets
 * "passages_cut": true in the answer where there are more words than limits.passage_words.
 * @gone  whether those that are gone are asked for
 */
enum tally_status tally_job_passages(const struct tally_text_diff *diff, bool gone,
                                     const struct tally_key *key, const struct tally_limits *limits,
                                     json_t *answer, struct tally_buf *blob, struct tally_err *err);

/** The request "words" (receipt/job.h). */
enum tally_status tally_job_words_do(const json_t *request, const int *fds,
                                     const struct tally_limits *limits, json_t *answer,
                                     struct tally_buf *blob, struct tally_err *err);

#endif
