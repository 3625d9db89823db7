/**
 * Roots: what was given to walk, resolved to the folders that have to be walked.
 */
#ifndef TALLY_SNAP_ROOTS_H
#define TALLY_SNAP_ROOTS_H

#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/tree.h"

/** A folder to walk, whole or some files of it. */
struct tally_root_folder {
	const char *path; /**< absolute, links resolved */
	const char *label;
	const char **files; /**< names of the files asked for, sorted, each once; NULL: the whole folder */
	uint32_t file_count;
	int sys;   /**< errno when there is nothing to be walked here */
	bool gone; /**< it was there earlier and is not any more: an empty folder, read completely */
	enum tally_root_state state; /**< gone: what stands at its path instead */
};

/** Everything lives in the arena. */
struct tally_roots {
	struct tally_root *roots; /**< in the order given, each once */
	uint32_t root_count;
	struct tally_root_folder *folders; /**< in the order of their first root */
	uint32_t folder_count;
};

/**
 * Find out what the paths are, and which label each gets (see snap/walk.h).
 * @earlier  roots of an earlier tree: one of them that does not exist any more, or is no folder any more, is gone (never
 *           followed: whoever replaced it may have meant to lead elsewhere); NULL: it is what it is now, or missing
 * @return TALLY_FATAL: one lies inside another, or none of them exists
 */
enum tally_status tally_roots_resolve(struct tally_roots *out, const char *const *paths,
                                      size_t count, const struct tally_tree *earlier,
                                      struct tally_arena *arena, struct tally_err *err);

#endif
