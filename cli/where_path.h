/**
 * Paths as people type them: which path of a snapshot is meant.
 *
 * A path may be as on the receipt (escaped or not, in its quotes or not), or one of the file system, relative or absolute, with
 * ".", ".." and doubled slashes, through links or not. What it names need not exist any more, so nothing is asked of the
 * file system but where the folders above it lie.
 */
#ifndef TALLY_CLI_WHERE_PATH_H
#define TALLY_CLI_WHERE_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/tree.h"

/** Is this a path of the session? Asked about each reading. */
typedef bool (*cli_path_known)(const void *payload, const char *path, size_t len);

/**
 * Find the path of a snapshot that is meant.
 * @given  as typed
 * @roots  the tree whose roots it may lie below
 * @known  NULL payload allowed
 * @out    set to the path (which may be empty: the root)
 * @return TALLY_OK; TALLY_END: no reading of it is known; TALLY_FATAL: two are, and the message names both
 */
enum tally_status cli_where_path(struct tally_buf *out, const char *given,
                                 const struct tally_tree *roots, cli_path_known known,
                                 const void *payload, struct tally_err *err);

#endif
