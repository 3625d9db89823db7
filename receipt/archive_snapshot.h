/**
 * An archive as if it were a folder: its members as a snapshot in memory, so that it can be compared with folders, snapshots
 * and other archives.
 */
#ifndef TALLY_RECEIPT_ARCHIVE_SNAPSHOT_H
#define TALLY_RECEIPT_ARCHIVE_SNAPSHOT_H

#include "core/err.h"
#include "core/hash.h"
#include "core/limits.h"
#include "snap/snapshot.h"

/**
 * @path  the archive, read by a worker
 * @key   the secret to hash with; NULL: a new one
 * @out   yours to tally_snapshot_close; keeps no contents
 * @return TALLY_FATAL: it is no archive, or could not be read to its end (half an archive proves nothing)
 */
enum tally_status tally_archive_snapshot(struct tally_snapshot **out, const char *path,
                                         const struct tally_key *key,
                                         const struct tally_limits *limits, struct tally_err *err);

/**
 * "zip -r photos.zip photos" packs the folder with its name: where an archive holds one folder and nothing else, and the other
 * side has no folder of that name, the archive becomes the snapshot of what is in its folder.
 * @archive  made by tally_archive_snapshot; replaced
 * @below    the path of the folder, yours to tally_free; NULL when nothing was done
 */
enum tally_status tally_archive_enter(struct tally_snapshot **archive,
                                      const struct tally_snapshot *other, char **below,
                                      struct tally_err *err);

#endif
