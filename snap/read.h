/**
 * Reading one file by the rules for folders that others write to: opened without following links, looked at before and
 * after, bytes counted, read again when it changed meanwhile, and never guessed.
 */
#ifndef TALLY_SNAP_READ_H
#define TALLY_SNAP_READ_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/hash.h"
#include "core/limits.h"
#include "core/tree.h"
#include "snap/filestat.h"

enum {
	TALLY_READ_BUFFER = 256 << 10, /**< bytes a call; measured best between 128 and 512 KiB, see docs/ARCHITECTURE.md */
};

/** What one thread needs to read files: a buffer and a hasher. */
struct tally_reader;

struct tally_reader_options {
	const struct tally_key *key;       /**< borrowed */
	const struct tally_limits *limits; /**< borrowed */
	bool sha256;
	const volatile int *stop;     /**< looked at between two buffers; may be NULL */
	const atomic_bool *halt;      /**< the same, from another thread; may be NULL */
	atomic_uint_least64_t *bytes; /**< counts what was read or skipped as holes; may be NULL */
};

enum tally_status tally_reader_new(struct tally_reader **out,
                                   const struct tally_reader_options *options, struct tally_err *err);
void tally_reader_free(struct tally_reader *r);

/** Fill the fields of an entry that come from the system: type, mode, owner, links, size, inode, device, times. */
void tally_read_metadata(struct tally_entry *entry, const struct tally_filestat *stat);

/**
 * Open what a name in a folder stands for, if it is a regular file. Waits a little for a file under somebody's lease.
 * @fd    yours to close
 * @stat  filled on TALLY_OK, and on TALLY_SKIP where it could still be found out (type TALLY_TYPE_UNKNOWN where not)
 * @return TALLY_OK; TALLY_SKIP with its reason: special_file for anything that is no regular file (see stat->type)
 */
enum tally_status tally_read_open(int dir, const char *name, int *fd, struct tally_filestat *stat,
                                  struct tally_err *err);

/**
 * Read and hash an open file, again from the beginning when it changed meanwhile.
 *
 * Holes are counted as zeros; a file with more than limits.hole_bytes of them is hashed by its data only (proof EXTENT).
 * Extended attributes that could not be read leave TALLY_ENTRY_XATTRS with an xattr_digest of 0.
 *
 * @fd      from tally_read_open; closed in any case
 * @dir, @name  to open it again
 * @stat    from tally_read_open
 * @entry   metadata, digest, xattr_digest, proof, flags and reason are filled; on a reason there is no digest
 * @sha256  filled where it is wanted and flags have TALLY_ENTRY_HAS_SHA256; may be NULL
 * @return TALLY_OK: the entry says all; TALLY_FATAL: no memory, stopped
 */
enum tally_status tally_read_file(struct tally_reader *r, int fd, int dir, const char *name,
                                  const struct tally_filestat *stat, struct tally_entry *entry,
                                  struct tally_sha256 *sha256, struct tally_err *err);

/**
 * Read a small file whole, by the same rules.
 * @out  its ceiling is the limit; cleared first
 * @return TALLY_OK, TALLY_SKIP with its reason (too_large …), TALLY_FATAL
 */
enum tally_status tally_read_small(struct tally_reader *r, int dir, const char *name,
                                   struct tally_buf *out, struct tally_err *err);

/** Hash some bytes with the reader's key: the target of a link. */
void tally_read_bytes(struct tally_reader *r, const void *bytes, size_t len,
                      struct tally_digest *digest);

/**
 * Extended attributes of an open folder or file into an entry, as tally_read_file does it.
 * @return TALLY_OK or TALLY_FATAL
 */
enum tally_status tally_read_xattrs(struct tally_reader *r, int fd, struct tally_entry *entry,
                                    struct tally_err *err);

#endif
