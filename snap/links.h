/**
 * Hard links: which contents with several names were read already, so that each is read once.
 *
 * The first to come for an inode reads it; those that come meanwhile are remembered and told afterwards. Forgotten once
 * all names have been seen. Safe to use from several threads.
 */
#ifndef TALLY_SNAP_LINKS_H
#define TALLY_SNAP_LINKS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/hash.h"
#include "core/tree.h"
#include "snap/filestat.h"
#include "snap/pool.h"

struct tally_links;

enum tally_links_answer {
	TALLY_LINKS_READ,  /**< read it, then call tally_links_done */
	TALLY_LINKS_KNOWN, /**< the outcome was filled in */
	TALLY_LINKS_WAIT,  /**< somebody reads it; @work comes back from tally_links_done */
	TALLY_LINKS_ALONE, /**< it changed since it was read: read it for yourself, nobody is to be told */
};

enum tally_status tally_links_new(struct tally_links **out, struct tally_err *err);
void tally_links_free(struct tally_links *links);

/**
 * What to do about a file with several names.
 * @stat    of the open file
 * @work    what to remember should somebody else be reading it
 * @entry   outcome filled on TALLY_LINKS_KNOWN: digest, proof, reason, flags, xattr_digest
 * @sha256  likewise; may be NULL
 */
enum tally_status tally_links_ask(struct tally_links *links, const struct tally_filestat *stat,
                                  const struct tally_work *work, struct tally_entry *entry,
                                  struct tally_sha256 *sha256, enum tally_links_answer *answer,
                                  struct tally_err *err);

/**
 * Tell the outcome of a TALLY_LINKS_READ.
 * @stat     as it was given to tally_links_ask
 * @entry    with the metadata that its outcome belongs to
 * @waiting  those that wait, to be put on the pool's stack again; yours to tally_free, may be NULL when @count is 0
 */
void tally_links_done(struct tally_links *links, const struct tally_filestat *stat,
                      const struct tally_entry *entry, const struct tally_sha256 *sha256,
                      struct tally_work **waiting, size_t *count);

#endif
