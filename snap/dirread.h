/**
 * The names in an open folder, in the order in which the system gives them.
 *
 * dirread_linux.c asks the kernel directly and in large pieces, dirread_posix.c goes through readdir.
 */
#ifndef TALLY_SNAP_DIRREAD_H
#define TALLY_SNAP_DIRREAD_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/tree.h"

/** One name. */
struct tally_dirent {
	const char *name; /**< NUL-terminated, valid until the next call */
	size_t len;
	uint64_t inode; /**< as the folder says (a mount point's is that of the folder below it) */
	enum tally_entry_type type; /**< TALLY_TYPE_UNKNOWN where the folder does not say */
};

/** A reader that is used for one folder after another. */
struct tally_dirread;

enum tally_status tally_dirread_new(struct tally_dirread **out, struct tally_err *err);
void tally_dirread_free(struct tally_dirread *d);

/**
 * Begin with an open folder.
 * @fd  borrowed until the next tally_dirread_start or tally_dirread_free; its position is used up
 * @return TALLY_SKIP with the reason
 */
enum tally_status tally_dirread_start(struct tally_dirread *d, int fd, struct tally_err *err);

/**
 * The next name; "." and ".." are left out.
 * @return TALLY_OK, TALLY_END, TALLY_SKIP when the folder cannot be read (further)
 */
enum tally_status tally_dirread_next(struct tally_dirread *d, struct tally_dirent *entry,
                                     struct tally_err *err);

#endif
