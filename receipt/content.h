/**
 * The contents of a snapshot's files: kept ones unpacked, others from the live folder as long as they are what was hashed.
 */
#ifndef TALLY_RECEIPT_CONTENT_H
#define TALLY_RECEIPT_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/hash.h"
#include "snap/snapshot.h"

/** Where to look for the contents of one side. */
struct tally_contents_of {
	const struct tally_snapshot *snapshot; /**< whose entries are meant */
	const struct tally_snapshot *other; /**< may keep the same contents (the before snapshot); NULL: none */
	bool archive; /**< the snapshot is one of an archive's members, which keeps nothing */
	bool live; /**< the folder may still be as the snapshot saw it: read there what was not kept */
	const char *scratch; /**< folder for large unpacked copies, see tally_scratch_disk; or NULL */
};

/**
 * Open the content of a file.
 * @entry  index of a regular file in the snapshot's tree
 * @fd     yours to close; position 0; an unpacked copy, or the live file itself
 * @live   whether it is the live file: whoever reads it must compare the digest, for it may change meanwhile
 * @return TALLY_SKIP: not_kept, content_altered (the live file is another one by now), damaged, permission …
 */
enum tally_status tally_content_open(const struct tally_contents_of *side, uint32_t entry, int *fd,
                                     bool *live, struct tally_err *err);

/**
 * SHA-256 of the content of a file, proven to be the content that was hashed (both digests are computed from the same bytes).
 * @return TALLY_SKIP like tally_content_open
 */
enum tally_status tally_content_sha256(const struct tally_contents_of *side, uint32_t entry,
                                       struct tally_sha256 *out, struct tally_err *err);

/** Could a file of this name be compared in depth? For tally_snap_options.comparable: such contents are kept first. */
bool tally_content_comparable(const char *name, size_t len);

/** An empty file without a name, readable and writable; -1 with errno. (content_linux.c in memory, content_posix.c on disk) */
int tally_scratch_fd(void);

/**
 * The same on a disk, for what is large: in @folder if that can be (NULL: none is wished), otherwise in $TMPDIR, /var/tmp or
 * /tmp; folders that are in memory (tmpfs) come last.
 */
int tally_scratch_disk(const char *folder);

/** Room in a pipe for so many bytes, where that can be: its writer goes on while nobody reads. */
void tally_pipe_widen(int fd, int bytes);

#endif
