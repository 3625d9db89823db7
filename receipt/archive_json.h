/**
 * The comparison of two archives by their members, as one entry of the receipt's `archives` (without the file's path).
 */
#ifndef TALLY_RECEIPT_ARCHIVE_JSON_H
#define TALLY_RECEIPT_ARCHIVE_JSON_H

#include <jansson.h>

#include "core/limits.h"
#include "core/tree.h"

/**
 * Sets "archive": {"members": […], "same": n, "repacked": bool} in @answer. Repacked: other bytes, the same members.
 */
enum tally_status tally_archive_json(const struct tally_tree *before,
                                     const struct tally_tree *after, json_t *answer,
                                     const struct tally_limits *limits, struct tally_err *err);

#endif
