/**
 * The tree model: every entry of one or more roots at one time (or every member of an archive), folder by folder.
 *
 *   tree ── dirs[]    sorted by tally_path_compare; dirs[0] is "" where there is one root
 *             └─ entries[first .. first+count)   sorted by tally_name_compare
 *
 * An entry is there for everything that was seen, read or not; the reason says why it was not. Built by a
 * tally_tree_builder in order, read as plain arrays. Strings live in the tree's arena.
 */
#ifndef TALLY_CORE_TREE_H
#define TALLY_CORE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/hash.h"

enum tally_entry_type {
	TALLY_TYPE_FILE, /**< regular file */
	TALLY_TYPE_DIR,
	TALLY_TYPE_SYMLINK,
	TALLY_TYPE_FIFO,
	TALLY_TYPE_SOCKET,
	TALLY_TYPE_CHARDEV,
	TALLY_TYPE_BLOCKDEV,
	TALLY_TYPE_UNKNOWN, /**< not even the type could be found out */
	TALLY_TYPE_COUNT
};

/** The words of the receipt: "file", "folder", "link", "pipe", "socket", "device", "device", "unknown". */
const char *tally_type_name(enum tally_entry_type type);

/** How sure we are of an entry's content. */
enum tally_proof {
	TALLY_PROOF_NONE, /**< unread; the entry's reason says why (entries without content: folders, pipes …, have none either) */
	TALLY_PROOF_STAT, /**< digest taken over from an earlier snapshot because size, times and inode agree */
	TALLY_PROOF_EXTENT, /**< only the data of a sparse file was hashed, its holes by place and length */
	TALLY_PROOF_HASHED, /**< every byte was read and hashed */
};

enum {
	TALLY_ENTRY_SPARSE = 1 << 0, /**< has holes */
	TALLY_ENTRY_XATTRS = 1 << 1, /**< has extended attributes; xattr_digest is over them */
	TALLY_ENTRY_KEPT = 1 << 2, /**< the content is kept in this snapshot or in the one before it */
	TALLY_ENTRY_RETRIED = 1 << 3, /**< it changed while it was read; a later try came out whole */
	TALLY_ENTRY_HAS_SHA256 = 1 << 4,
};

enum { TALLY_NO_INDEX = UINT32_MAX };

struct tally_entry {
	const char *name; /**< bytes, NUL-terminated for convenience; a name holds no NUL and no '/' */
	uint16_t name_len;
	uint8_t type;     /**< enum tally_entry_type */
	uint8_t proof;    /**< enum tally_proof */
	uint8_t reason;   /**< enum tally_reason: why it was not read, or TALLY_REASON_NONE */
	uint8_t flags;    /**< TALLY_ENTRY_… */
	uint16_t pattern; /**< excluded: number of the pattern + 1 (tree->patterns), otherwise 0 */
	uint32_t dir;     /**< index into dirs of the folder it stands in */
	uint32_t subdir; /**< folders: index into dirs of its own content, or TALLY_NO_INDEX when it was not read */
	uint32_t mode; /**< permission bits and set-id bits (07777) */
	uint32_t uid, gid;
	uint32_t nlink;
	uint64_t size;    /**< bytes; for links the length of the target */
	uint64_t inode;   /**< 0: not known */
	uint64_t device;  /**< 0: not known */
	int64_t mtime_ns; /**< since 1970-01-01 UTC */
	int64_t ctime_ns;
	struct tally_digest digest; /**< files: the content; links: the target; otherwise all zero */
	uint64_t xattr_digest; /**< keyed hash over all extended attributes, 0 when there are none */
	const char *target;    /**< links: the target's bytes (NUL-terminated), otherwise NULL */
	const struct tally_sha256 *sha256; /**< with --sha256, otherwise NULL */
};

/**
 * Does anybody know size, times and rights of this entry? Of what a pattern keeps out, and of a name in a folder that may be
 * listed but not entered, there is nothing but the name: the numbers are zero, which says nothing.
 */
static inline bool tally_entry_seen(const struct tally_entry *e)
{
	return e->reason == 0 || e->nlink || e->mode || e->mtime_ns || e->ctime_ns;
}

/** What stands at the path of a watched folder. */
enum tally_root_state {
	TALLY_ROOT_FOLDER, /**< the folder, as it should be */
	TALLY_ROOT_GONE,   /**< nothing */
	TALLY_ROOT_FILE,
	TALLY_ROOT_LINK,  /**< not followed: whoever worked in the folder may have put it there */
	TALLY_ROOT_OTHER, /**< a pipe, socket or device */
	TALLY_ROOT_STATES
};

struct tally_dir {
	const char *path; /**< relative, parts separated by '/'; "" is the root */
	uint32_t path_len;
	uint32_t self; /**< index of the entry that stands for this folder in its parent, or TALLY_NO_INDEX for a root */
	uint32_t first; /**< its entries: entries[first .. first + count) */
	uint32_t count;
	uint8_t reason; /**< why its list is missing or not complete, or TALLY_REASON_NONE */
	uint32_t mode, uid, gid; /**< of roots only (others: see their entry) */
	int64_t mtime_ns;        /**< of roots only */
	uint64_t device;         /**< of roots only; 0: not known */
	uint8_t state; /**< of roots only: enum tally_root_state; other than FOLDER where an earlier snapshot had it */
};

/** One root as it was given. */
struct tally_root {
	const char *path; /**< absolute, as resolved when the snapshot was taken */
	const char *label; /**< what stands for it in paths: "" for a single folder, otherwise its name made unique */
	bool is_file; /**< a single file was given: the folder it stands in has just this entry */
};

/** A pattern that kept entries out, with its hits; or a file of patterns that could not be used. */
struct tally_pattern {
	const char *text;   /**< as written; "" with a reason */
	const char *origin; /**< "--exclude", or the path of the .tallyignore */
	uint64_t entries; /**< entries that it kept out (what lies below an excluded folder was not looked at) */
	uint8_t reason; /**< enum tally_reason: why the patterns in `origin` were not applied, or TALLY_REASON_NONE */
};

struct tally_tree {
	struct tally_dir *dirs;
	uint32_t dir_count;
	struct tally_entry *entries;
	uint32_t entry_count;
	struct tally_root *roots;
	uint32_t root_count;
	struct tally_pattern *patterns;
	uint32_t pattern_count;
	struct tally_arena arena;
};

/** Collects a tree in order: dirs ascending by tally_path_compare, entries ascending by tally_name_compare in each. */
struct tally_tree_builder;

enum tally_status tally_tree_builder_new(struct tally_tree_builder **out, struct tally_err *err);
void tally_tree_builder_free(struct tally_tree_builder *b);

/** Room for this many, so that large trees are not copied while they grow; only a hint. */
enum tally_status tally_tree_builder_reserve(struct tally_tree_builder *b, uint32_t dirs,
                                             uint32_t entries, struct tally_err *err);

/**
 * Begin a folder. Strings are copied.
 * @return TALLY_FATAL with a message when the order is broken or the path is not valid (an altered file, a bug)
 */
enum tally_status tally_tree_builder_dir(struct tally_tree_builder *b, const struct tally_dir *dir,
                                         struct tally_err *err);

/** Add an entry to the folder begun last. Strings and sha256 are copied; dir and subdir are set by the builder. */
enum tally_status tally_tree_builder_entry(struct tally_tree_builder *b,
                                           const struct tally_entry *entry, struct tally_err *err);

/**
 * Many entries at once: room for @count of them behind those of the folder begun last.
 * @out  to be filled and handed over by tally_tree_builder_take; valid until any other call
 */
enum tally_status tally_tree_builder_room(struct tally_tree_builder *b, uint32_t count,
                                          struct tally_entry **out, struct tally_err *err);

/** Add the entries filled in there, as tally_tree_builder_entry does one by one: checked, strings and sha256 copied. */
enum tally_status tally_tree_builder_take(struct tally_tree_builder *b, uint32_t count,
                                          struct tally_err *err);

enum tally_status tally_tree_builder_root(struct tally_tree_builder *b,
                                          const struct tally_root *root, struct tally_err *err);
enum tally_status tally_tree_builder_pattern(struct tally_tree_builder *b,
                                             const struct tally_pattern *pattern,
                                             struct tally_err *err);

/** Link folders with their entries and hand the tree over (yours to tally_tree_free). The builder is empty then. */
enum tally_status tally_tree_builder_finish(struct tally_tree_builder *b, struct tally_tree **out,
                                            struct tally_err *err);

void tally_tree_free(struct tally_tree *tree);

/** The full path of an entry. @return false: no memory */
bool tally_tree_path(const struct tally_tree *tree, uint32_t entry, struct tally_buf *out);

/** The folder with this path, or TALLY_NO_INDEX. Binary search. */
uint32_t tally_tree_find_dir(const struct tally_tree *tree, const char *path, size_t len);

/** The entry with this name in a folder, or TALLY_NO_INDEX. Binary search. */
uint32_t tally_tree_find_in(const struct tally_tree *tree, const struct tally_dir *dir,
                            const char *name, size_t len);

/** The entry with this path, or TALLY_NO_INDEX. */
uint32_t tally_tree_find(const struct tally_tree *tree, const char *path, size_t len);

/** Why nobody read what an entry holds, or TALLY_REASON_NONE: it was read, or there is nothing to read (pipes, devices …). */
enum tally_reason tally_tree_unread(const struct tally_tree *tree, uint32_t entry);

/**
 * Why a path is not in the tree: the reason of the nearest folder above it that was not (wholly) read or was left out.
 * @return TALLY_REASON_NONE when its folder was read and it simply is not there: deleted
 */
enum tally_reason tally_tree_absence(const struct tally_tree *tree, const char *path, size_t len);

#endif
