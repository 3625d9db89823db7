/**
 * Keeping: which contents go into a snapshot, and getting them there: read again, hashed again, packed in parallel, written
 * in an order that depends on the tree alone.
 */
#ifndef TALLY_SNAP_KEEP_H
#define TALLY_SNAP_KEEP_H

#include <stdint.h>

#include "core/err.h"
#include "core/hash.h"
#include "core/tree.h"
#include "snap/snapshot.h"
#include "snap/store.h"

/** What a pass did. */
struct tally_keep_result {
	uint64_t contents, bytes; /**< stored, unpacked */
	uint64_t earlier;         /**< not stored because the earlier snapshot holds them */
	uint64_t over_budget;     /**< left out for their size */
	uint64_t changed; /**< not stored because they could not be read again as they were */
};

/**
 * Keep contents of a tree whose files are still there.
 * @key     the secret of the tree's digests
 * @result  filled; may be NULL
 * @return TALLY_OK; TALLY_FATAL: writing failed, no memory, stopped. A file that changed is no error
 */
enum tally_status tally_keep(struct tally_store_writer *w, const struct tally_tree *tree,
                             const struct tally_key *key, const struct tally_snap_options *options,
                             struct tally_keep_result *result, struct tally_err *err);

#endif
