/**
 * The messages of a mail or mailbox by their IDs, so that they are found again in others: the worker's side.
 */
#ifndef TALLY_RECEIPT_JOB_MESSAGES_H
#define TALLY_RECEIPT_JOB_MESSAGES_H

#include <jansson.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/limits.h"

/** The request "messages" (receipt/job.h). */
enum tally_status tally_job_messages_do(const json_t *request, const int *fds,
                                        const struct tally_limits *limits, json_t *answer,
                                        struct tally_err *err);

#endif
