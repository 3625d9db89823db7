/**
 * The request "members": the worker's side. Members travel packed, since there may be a million of them.
 */
#ifndef TALLY_RECEIPT_JOB_MEMBERS_H
#define TALLY_RECEIPT_JOB_MEMBERS_H

#include <jansson.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/limits.h"

/** Handle it, as in tally_handler_fn: notes go into @answer, members into @blob. */
enum tally_status tally_job_members_do(const json_t *request, const int *fds,
                                       const struct tally_limits *limits, json_t *answer,
                                       struct tally_buf *blob, struct tally_err *err);

#endif
