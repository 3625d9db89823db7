/**
 * Telling equal contents apart by what else ties a source to a target: the inode, the names, the folders around them.
 * Private to diff/tree_*.c.
 */
#ifndef TALLY_DIFF_TREE_TIE_H
#define TALLY_DIFF_TREE_TIE_H

#include "diff/tree_state.h"

enum tree_tie {
	TREE_TIE_INODE, /**< one inode on one device */
	TREE_TIE_MAPPED, /**< the same name, in the folder to which most files of the source's folder went */
	TREE_TIE_SUFFIX, /**< the last names of both paths agree */
	TREE_TIE_PARENT, /**< the same folder */
};

struct tree_tie_key;

/** Sources and targets of one content (entries), and what was found about them. */
struct tree_ties {
	struct tree_list sources, targets;
	struct tree_list pairs; /**< source, target, source, target … */
	struct tree_tie_key *keys;
	size_t key_count, key_cap;
};

void tree_ties_clear(struct tree_ties *t);
void tree_ties_release(struct tree_ties *t);

/**
 * Find the pairs that a tie settles: exactly one source and one target have it. They are taken off sources and targets.
 * @parts  how many names TREE_TIE_SUFFIX compares
 * @return false: no memory
 */
bool tree_ties_match(const struct tally_tree_diff *d, struct tree_ties *t, enum tree_tie tie,
                     unsigned parts);

/**
 * Find the nearest source of each target; sources may serve several. All targets get a pair; those with more than one
 * source that is equally near stay in targets.
 */
bool tree_ties_nearest(const struct tally_tree_diff *d, struct tree_ties *t, unsigned parts);

#endif
