/**
 * A walk that is under way: what walk.c, walked.c, visit.c and listing.c share. Nothing outside the walker includes it.
 */
#ifndef TALLY_SNAP_WALKER_H
#define TALLY_SNAP_WALKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/limits.h"
#include "snap/dirread.h"
#include "snap/folder.h"
#include "snap/links.h"
#include "snap/pool.h"
#include "snap/read.h"
#include "snap/roots.h"
#include "snap/walk.h"

enum {
	TALLY_WALK_NOW = 1U << 31, /**< in tally_work.count: a large file that is not to be put off again; 0 is a whole folder */
};

/** The walk. What changes while it goes on is atomic or has a lock. */
struct tally_walk {
	struct tally_limits limits;
	const struct tally_snap_options *options;
	const struct tally_key *key;
	const struct tally_walk_earlier *earlier; /**< NULL: read everything */
	struct tally_folders *folders;
	struct tally_links *links;
	struct tally_pool *pool;
	struct tally_folder_ignore *excludes; /**< of the command line, or NULL */

	pthread_mutex_t lock;
	struct tally_walker *walkers; /**< all that ever worked */
	uint32_t roots_open;          /**< roots that could be opened */
	struct tally_err root_err;    /**< why the last one could not */
	char filesystem[32];
};

/** One of the names that a folder listed. */
struct tally_seen {
	uint64_t key; /**< first eight bytes, for sorting */
	const char *name;
	uint64_t inode;
	uint32_t offset; /**< of the name in names, while that still grows */
	uint16_t len;
	uint8_t type;
};

/** What one thread works with. The arena outlives it. */
struct tally_walker {
	struct tally_walker *next;
	struct tally_walk *walk;
	struct tally_reader *reader;
	struct tally_dirread *dirread;
	struct tally_arena arena;
	struct tally_buf names, path, packed, link;
	struct tally_seen *seen;
	size_t seen_count, seen_cap;
	struct tally_work *batch; /**< work found, to be put on the stack at once */
	size_t batch_count, batch_cap;
	struct tally_walk_totals totals;
	atomic_uint_least64_t entries, files, bytes; /**< for progress */
};

/** @return TALLY_FATAL (stopped) when the walk has to end */
enum tally_status tally_walker_check(const struct tally_walker *t, struct tally_err *err);

/** visit.c: look at, and where possible read, entries[first .. first + count) of a folder. Pins the folder. */
enum tally_status tally_walker_visit(struct tally_walker *t, struct tally_folder *f, int fd,
                                     const struct tally_work *piece, struct tally_err *err);

/** listing.c: the names in an open folder as entries, sorted, with what is excluded marked. */
enum tally_status tally_walker_list(struct tally_walker *t, struct tally_folder *f, int fd,
                                    struct tally_err *err);

/** listing.c: entries for names that were given. */
enum tally_status tally_walker_list_given(struct tally_folder *f,
                                          const struct tally_root_folder *root, bool sha256,
                                          struct tally_err *err);

/** walk.c: a folder's record with its path, in the walker's arena. */
struct tally_folder_record *tally_walker_record(struct tally_arena *arena, const char *dir,
                                                size_t dir_len, const char *name, size_t name_len);

/** walk.c: one piece of work on a folder is done; the last one packs it. */
enum tally_status tally_walker_settle(struct tally_walker *t, struct tally_folder *f,
                                      struct tally_err *err);

/** walk.c: work on a folder, to be put on the stack with what else was found. */
enum tally_status tally_walker_later(struct tally_walker *t, struct tally_folder *f, uint32_t first,
                                     uint32_t count, struct tally_err *err);

/** walked.c: an empty result, and the arena that lives as long as it. NULL: no memory */
struct tally_walked *tally_walked_new(void);
struct tally_arena *tally_walked_arena(struct tally_walked *walked);

/** walked.c: put together what the walkers found. @roots  records of the roots, in the order of their paths */
enum tally_status tally_walked_finish(struct tally_walked *out, struct tally_walk *w,
                                      struct tally_folder_record **roots, uint32_t count,
                                      struct tally_err *err);

#endif
