/**
 * Snapshots: taking one, storing it, opening it again, reading the contents that it keeps.
 *
 * A snapshot is one SQLite file that holds a tree (core/tree.h), the secret its digests were made with, kept contents and a
 * closing record. It appears under its name only when it is whole.
 */
#ifndef TALLY_SNAP_SNAPSHOT_H
#define TALLY_SNAP_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/hash.h"
#include "core/limits.h"
#include "core/tree.h"

enum tally_keep { TALLY_KEEP_AUTO, TALLY_KEEP_ALL, TALLY_KEEP_NONE };

/** Where a run is, for a progress line. Numbers may be read while it goes on. */
struct tally_progress {
	const char *phase; /**< "listing and hashing", "keeping contents", "writing" (static) */
	uint64_t entries, files, bytes;
	uint64_t files_total, bytes_total; /**< 0: not known yet */
};

struct tally_snapshot;

struct tally_snap_options {
	int version; /**< TALLY_SNAP_OPTIONS_VERSION */
	const struct tally_limits *limits;
	const struct tally_key *key; /**< secret to use; NULL: the earlier snapshot's, or a new one */
	enum tally_keep keep;
	bool sha256; /**< SHA-256 for every file as well */
	bool quick;  /**< believe size, times and inode of the earlier snapshot */
	bool cross_mounts;
	const struct tally_snapshot *earlier; /**< the before snapshot: its secret is used, its kept contents are not kept again */
	/** Where the caller holds `earlier`: it is closed and set to NULL there as soon as a take needs it no more. NULL: it stays */
	struct tally_snapshot **earlier_to_close;
	const char *const *excludes; /**< patterns in gitignore syntax */
	size_t exclude_count;
	unsigned readers; /**< threads; 0: the built-in number (24) */
	const struct tally_sha256 *session; /**< seal over what the session was opened with, to be written into the file; NULL: none */
	/** Is a file with this name worth keeping first? NULL: none is. */
	bool (*comparable)(const char *name, size_t len);
	/** Called from one thread, about ten times a second; may be NULL. */
	void (*progress)(void *payload, const struct tally_progress *progress);
	void *payload;
	/** Set by a signal handler: the run ends soon with TALLY_FATAL (stopped) and leaves nothing behind. May be NULL. */
	const volatile int *stop;
	/**
	 * A root that does not exist any more but was one of `earlier` is empty, not an error: all that was in it is gone. (One
	 * that is there but cannot be opened is unreadable, as ever.)
	 */
	bool roots_may_be_gone;
	bool keep_existing; /**< fail (TALLY_FATAL, sys EEXIST) where the file is there already, instead of replacing it */
};

enum { TALLY_SNAP_OPTIONS_VERSION = 1 };
#define TALLY_SNAP_OPTIONS_INIT                                                \
	{                                                                      \
		.version = TALLY_SNAP_OPTIONS_VERSION, .keep = TALLY_KEEP_AUTO \
	}

/** What is known of a snapshot as a whole. Strings live as long as the snapshot. */
struct tally_snap_info {
	int64_t taken_at_ns; /**< when it was begun, since 1970-01-01 UTC */
	double seconds;      /**< how long it took */
	const char *host, *user;
	const char *filesystem; /**< type of the first root's file system ("ext4"), or "unknown" */
	uint64_t entries, files, folders, bytes;
	uint64_t hashed, stat, unread;   /**< files by proof (extents count as hashed) */
	uint64_t kept_files, kept_bytes; /**< contents held in this file, unpacked */
	bool sha256;                     /**< has SHA-256 for every file */
	bool quick;
	bool by_sha256;              /**< tally_snapshot_by_sha256: digests stand for SHA-256 */
	struct tally_sha256 session; /**< the seal given when it was taken; all zero: none */
	struct tally_sha256 digest;  /**< over all entries: names the state that was seen */
};

/**
 * Take a snapshot of some roots and write it to a file.
 * @roots  folders or files, absolute or relative to the working folder; symbolic links given here are followed
 * @path   the file to make; an existing one is replaced only at the very end
 * @out    the snapshot, opened (yours to tally_snapshot_close); may be NULL
 * @return TALLY_OK; TALLY_FATAL: not one root could be opened, the file could not be written, stopped …; what could not be
 *         read below a root is no error but an entry with a reason
 */
enum tally_status tally_snapshot_take(struct tally_snapshot **out, const char *const *roots,
                                      size_t root_count, const char *path,
                                      const struct tally_snap_options *options,
                                      struct tally_err *err);

/**
 * Take a snapshot into memory only (nothing is kept): for comparing live folders.
 */
enum tally_status tally_snapshot_look(struct tally_snapshot **out, const char *const *roots,
                                      size_t root_count, const struct tally_snap_options *options,
                                      struct tally_err *err);

/**
 * A tree that came from elsewhere (an archive's members) as a snapshot in memory that keeps nothing and has no live folder.
 * @tree  taken over in any case
 * @key   the secret its digests were made with; copied
 * @out   yours to tally_snapshot_close
 */
enum tally_status tally_snapshot_wrap(struct tally_snapshot **out, struct tally_tree *tree,
                                      const struct tally_key *key, struct tally_err *err);

/**
 * Open a stored snapshot and check that it is whole and unaltered (closing record, digest over all entries).
 * @return TALLY_SKIP with the reason `damaged` and a message when it is not a whole snapshot
 */
enum tally_status tally_snapshot_open(struct tally_snapshot **out, const char *path,
                                      struct tally_err *err);

/**
 * Both at once, each in a thread of its own.
 * @out     to be closed by the caller; NULL both after a failure
 * @return TALLY_OK, or the failure of the first that failed
 */
enum tally_status tally_snapshot_open_two(struct tally_snapshot *out[2], const char *const paths[2],
                                          struct tally_err *err);
void tally_snapshot_close(struct tally_snapshot *s);

/**
 * Make two stored snapshots with different secrets comparable: the digest of every content becomes one that stands for its SHA-256,
 * with one secret for both. Files without SHA-256 count as not read (no_sha256); extended attributes are left out, since they
 * are known by keyed digests only. Contents that are kept stay readable.
 * @return TALLY_FATAL: one of them was not taken with SHA-256 (the message says how to take comparable ones), or no memory
 */
enum tally_status tally_snapshot_by_sha256(struct tally_snapshot *a, struct tally_snapshot *b,
                                           struct tally_err *err);

/** Is this file a snapshot (application id of its SQLite header)? */
bool tally_snapshot_is(const char *path);

const struct tally_tree *tally_snapshot_tree(const struct tally_snapshot *s);
const struct tally_key *tally_snapshot_key(const struct tally_snapshot *s);
const struct tally_snap_info *tally_snapshot_info(const struct tally_snapshot *s);

/** Is the content with this digest kept in this file? */
bool tally_snapshot_keeps(const struct tally_snapshot *s, const struct tally_digest *digest);

/**
 * How many bytes a kept content takes when it is packed fast and by itself: never more than is certain (of a long one, what
 * its MiBs take on average, since they may be alike).
 * @return 0: not kept here, or not known
 */
uint64_t tally_snapshot_packed(const struct tally_snapshot *s, const struct tally_digest *digest);

/**
 * Unpack a kept content into an open file or memfd, from its present position (fd -1: only hash it); the bytes are hashed again while they pass.
 * @sha256  filled; may be NULL
 * @return TALLY_OK; TALLY_SKIP: not_kept, or damaged when the bytes do not have the digest
 */
enum tally_status tally_snapshot_content(const struct tally_snapshot *s,
                                         const struct tally_digest *digest, int fd,
                                         struct tally_sha256 *sha256, struct tally_err *err);

/**
 * Open the file behind an entry of a live root for reading, by the rules for hostile folders (no links followed, regular
 * files only, one folder at a time).
 * @fd  yours to close
 */
enum tally_status tally_snapshot_open_live(const struct tally_snapshot *s, uint32_t entry, int *fd,
                                           struct tally_err *err);

/**
 * Check all of a snapshot: closing record, entries, every kept content against its digest.
 * @problem  called for each thing that is wrong (message for people); may be NULL
 * @return TALLY_OK whole, TALLY_SKIP altered or damaged, TALLY_FATAL could not be checked
 */
enum tally_status tally_snapshot_verify(const char *path,
                                        void (*problem)(void *payload, const char *message),
                                        void *payload, struct tally_err *err);

#endif
