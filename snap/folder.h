/**
 * Folders of a walk that is under way, linked to their parents, and their open descriptors.
 *
 * A folder is opened relative to its parent. Its descriptor stays open while somebody uses it, and as far as there are
 * enough descriptors also while somebody will need it; when it is needed after all, it is opened again part by part from the
 * nearest folder above that is open, and checked to be the same folder. So neither the depth of a tree nor the length of a
 * path matters, nor that descriptors are few.
 */
#ifndef TALLY_SNAP_FOLDER_H
#define TALLY_SNAP_FOLDER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/tree.h"
#include "snap/ignore.h"
#include "snap/walk.h"

/** All folders of a walk, and the descriptors they may use. */
struct tally_folders;

/** The place of a folder in the result; lives in a worker's arena until the end. Linked in the order of names. */
struct tally_folder_record {
	struct tally_walked_dir out;
	struct tally_folder_record *parent, *child, *sibling;
	struct tally_folder_left_out *left_out; /**< patterns of excluded entries, to be numbered at the end; may be NULL */
};

/** The patterns of one .tallyignore, or those of the command line. */
struct tally_folder_ignore {
	struct tally_folder_ignore *next;
	struct tally_ignore *list;
	uint8_t reason; /**< why its file could not be used (the list is empty then), or TALLY_REASON_NONE */
	const char *dir; /**< path of the folder they apply to; lives as long as the walk's arenas */
	uint32_t dir_len;
	uint32_t *numbers; /**< set at the end: number + 1 of each pattern, 0 not listed */
	atomic_uint_least64_t *hits; /**< of each pattern */
};

/**
 * @list  the result's from now on, freed also on failure
 * @dir   borrowed
 * @return NULL: no memory
 */
struct tally_folder_ignore *tally_folder_ignore_new(struct tally_ignore *list, const char *dir,
                                                    size_t dir_len);
void tally_folder_ignore_free(struct tally_folder_ignore *ignore);

/** Which pattern left out which entry. */
struct tally_folder_left_out {
	struct tally_folder_left_out *next;
	struct tally_folder_ignore *ignore;
	uint32_t entry, pattern;
};

struct tally_folder {
	struct tally_folder *parent;        /**< NULL: a root */
	struct tally_folder *older, *newer; /**< all that live */
	struct tally_folder_record *record; /**< path, and where the result goes */
	const char *name;       /**< last part of the path; of a root its absolute path */
	uint64_t device, inode; /**< known once it was opened */
	uint32_t depth;
	bool given;    /**< a root of which only some files were asked for */
	uint32_t slot; /**< its entry in the parent */

	struct tally_entry *entries;  /**< sorted by name while they are worked on */
	struct tally_sha256 *sha256s; /**< one for each, or NULL */
	struct tally_folder_record **children; /**< for each entry that is a folder to be entered; NULL: there is none */
	char *names;
	uint32_t count;
	uint32_t earlier_dir;          /**< this folder in the earlier tree, or TALLY_NO_INDEX */
	atomic_uint_least32_t pending; /**< pieces of work and folders in it that are not opened yet */

	struct tally_folder_ignore *ignore; /**< its own patterns, or NULL */
	struct tally_folder *ignore_above;  /**< the nearest folder above with patterns, or NULL */

	/* below the lock of struct tally_folders */
	int fd;                     /**< -1: not open */
	uint32_t pins;              /**< users of fd at the moment */
	uint32_t wants;             /**< pieces of work that will need it */
	atomic_uint_least32_t refs; /**< the walk itself, and each folder in it that lives */
};

/** @cached  descriptors that may stay open for later use */
enum tally_status tally_folders_new(struct tally_folders **out, uint32_t cached,
                                    struct tally_err *err);

/** Also frees all folders that still live. */
void tally_folders_free(struct tally_folders *all);

/** The pattern lists of folders that are gone, as far as they left something out; yours to free. */
struct tally_folder_ignore *tally_folders_ignores(struct tally_folders *all);

/** A folder that was found in another one (or a root). Comes with one reference, and holds one to its parent. */
enum tally_status tally_folder_new(struct tally_folders *all, struct tally_folder *parent,
                                   struct tally_folder **out, struct tally_err *err);

/** Give a reference back; without any left the folder goes, and perhaps folders above it. */
void tally_folder_unref(struct tally_folders *all, struct tally_folder *f);

/** Its entries are packed: give their memory back. */
void tally_folder_forget_entries(struct tally_folder *f);

/** So many pieces of work will need the folder's descriptor. */
void tally_folder_want(struct tally_folders *all, struct tally_folder *f, uint32_t more);

/** One of them will not, after all. */
void tally_folder_unwant(struct tally_folders *all, struct tally_folder *f);

/**
 * The folder's descriptor, for use until tally_folder_unpin.
 * @wanted  it was announced by tally_folder_want
 * @return descriptor, or -1 with errno (ESTALE: another folder stands there now)
 */
int tally_folder_pin(struct tally_folders *all, struct tally_folder *f, bool wanted);
void tally_folder_unpin(struct tally_folders *all, struct tally_folder *f);

/** Hand a freshly opened descriptor over; pinned once. */
void tally_folder_opened(struct tally_folders *all, struct tally_folder *f, int fd);

/** Open a root by its absolute path, or what stands under a name in @dir. @return descriptor, or -1 with errno */
int tally_folder_open(const struct tally_folder *f, int dir);

/** Descriptors that this process may still open. */
uint32_t tally_folders_descriptors(void);

#endif
