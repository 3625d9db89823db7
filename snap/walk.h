/**
 * Walker: lists roots, reads and hashes what is in them, and hands over every folder with its entries packed (snap/pack.h).
 *
 * Works through directory descriptors with a fixed pool of readers, never follows a symbolic link below a root, never opens
 * what is not a regular file or a folder, and keeps flat memory: an entry lives unpacked only while its folder is at work.
 * What could not be read is an entry with a reason, never an error. The result does not depend on the number of readers.
 */
#ifndef TALLY_SNAP_WALK_H
#define TALLY_SNAP_WALK_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/hash.h"
#include "core/tree.h"
#include "snap/snapshot.h"

enum {
	TALLY_WALK_READERS = 24, /**< readers when options.readers is 0: cold files are bound by latency, not by cores */
	TALLY_WALK_PATTERNS = 65534, /**< most patterns told apart; hits of further ones count for the last */
};

/** One folder. Its strings and bytes belong to the struct tally_walked. */
struct tally_walked_dir {
	struct tally_dir dir; /**< as tally_tree_builder_dir takes it: path, reason, metadata of roots, count; self, first unset */
	const unsigned char *packed; /**< its entries, sorted by name, as tally_pack_decode takes them; NULL when there are none */
	size_t packed_len;
};

/** What was seen, as a whole. Excluded entries count under entries and excluded only. */
struct tally_walk_totals {
	uint64_t entries; /**< all entries of all folders (roots are none) */
	uint64_t files;   /**< regular files; hashed + stat + unread = files */
	uint64_t folders; /**< entries that are folders, read or not */
	uint64_t bytes;   /**< sizes of the regular files; each hard link counts */
	uint64_t hashed;  /**< files with every byte (or every data extent) hashed */
	uint64_t stat;    /**< files whose digest was taken over from the earlier snapshot */
	uint64_t unread;  /**< files without a digest; their reasons say why */
	uint64_t excluded;
};

struct tally_walked {
	struct tally_walked_dir *dirs; /**< sorted by tally_path_compare of dir.path */
	uint32_t dir_count;
	struct tally_root *roots; /**< in the order given, the same folder given twice only once */
	uint32_t root_count;
	/** Those of options.excludes in their order (hit or not), then those of .tallyignore files that kept something out, by place. */
	struct tally_pattern *patterns;
	uint32_t pattern_count;
	struct tally_walk_totals totals;
	int64_t began_ns;    /**< when it began, since 1970-01-01 UTC */
	double seconds;      /**< how long it took */
	char filesystem[32]; /**< type of the first root's file system ("ext4"), or "unknown" */
	struct tally_walk_memory *memory; /**< what holds all of it */
};

/** Digests that may be taken over where size, times, inode and device are as before (--quick). */
struct tally_walk_earlier {
	const struct tally_tree *tree;
	int64_t taken_at_ns; /**< when that snapshot was begun: entries changed shortly before or after are read all the same */
};

/**
 * Walk some roots.
 *
 * Paths: a single folder has the label "", several roots get their names as labels ("docs", a second one "docs (2)"), which
 * become the first part of every path. A root that is a file stands in a folder of its own: the label of the folder it lies
 * in, with just this entry; files given out of one folder share that folder record, and each keeps its own row in roots
 * (path is the file's, label the folder's). A root given twice is taken once. A root inside another one is an error, because
 * patterns or mounts could hide from the outer one what was asked for. Patterns do not apply to roots that are files.
 *
 * @roots    folders or files; symbolic links given here are followed
 * @options  limits (NULL: the defaults), readers, excludes, quick, cross_mounts, sha256, progress, stop are used; quick only
 *           together with @earlier
 * @key      the secret that digests are made with; borrowed for the call
 * @earlier  may be NULL
 * @out      yours to tally_walked_free
 * @return TALLY_OK; TALLY_FATAL: not one root could be opened (one of several that could not
 *         gets a folder record with the reason), roots overlap, no memory, stopped (reason stopped)
 */
enum tally_status tally_walk(const char *const *roots, size_t count,
                             const struct tally_snap_options *options, const struct tally_key *key,
                             const struct tally_walk_earlier *earlier, struct tally_walked **out,
                             struct tally_err *err);

void tally_walked_free(struct tally_walked *walked);

/** The tree of what was walked (yours to tally_tree_free); @walked stays as it is. */
enum tally_status tally_walked_tree(const struct tally_walked *walked, struct tally_tree **out,
                                    struct tally_err *err);

#endif
