/**
 * Live files: opening again, below the roots of a snapshot, what the snapshot has an entry for.
 *
 * One folder at a time and never through a symbolic link: whoever works in the folder meanwhile may have put one there.
 */
#ifndef TALLY_SNAP_LIVE_H
#define TALLY_SNAP_LIVE_H

#include <stdint.h>

#include "core/err.h"
#include "core/tree.h"
#include "snap/filestat.h"

/**
 * Open a folder of a tree.
 * @fd  yours to close
 * @return TALLY_OK, TALLY_SKIP with the reason
 */
enum tally_status tally_live_dir(const struct tally_tree *tree, uint32_t dir, int *fd,
                                 struct tally_err *err);

/**
 * Open a regular file in an open folder and look at it.
 * @fd  yours to close
 * @return TALLY_OK, TALLY_SKIP with the reason
 */
enum tally_status tally_live_file(int dir, const char *name, int *fd, struct tally_filestat *seen,
                                  struct tally_err *err);

#endif
