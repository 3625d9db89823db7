/**
 * Packing: the entries of one folder as bytes, about 50 for an ordinary file, and back.
 *
 * What a reader needs besides the bytes (path, reason, metadata of roots) stands in the folder's own record. The bytes are
 * the same on every machine, and depend on nothing but the entries. The layout is drawn in snap/pack.c.
 */
#ifndef TALLY_SNAP_PACK_H
#define TALLY_SNAP_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/tree.h"

enum {
	TALLY_PACK_VERSION = 1, /**< of the layout; belongs into the header of whatever stores packed entries */
	TALLY_PACK_OWNERS = 255, /**< rows of a cursor's dictionary */
};

/** Mode, owner, links and device of an entry: few different ones in a folder, so they are written once. */
struct tally_pack_owner {
	uint64_t device;
	uint32_t mode, uid, gid, nlink;
};

/** A place in packed entries. */
struct tally_pack_cursor {
	const unsigned char *at, *end;
	uint32_t left; /**< entries still to come */
	uint32_t owner_count;
	int64_t mtime_ns, ctime_ns; /**< of the entry before */
	uint64_t inode;
	struct tally_pack_owner owners[TALLY_PACK_OWNERS];
};

/**
 * Append the packed form of a folder's entries.
 * @entries  sorted by tally_name_compare, each name once; dir and subdir are not written
 * @return TALLY_OK, or TALLY_FATAL when there is no memory (or the buffer's ceiling is met)
 */
enum tally_status tally_pack_encode(struct tally_buf *out, const struct tally_entry *entries,
                                    uint32_t count, struct tally_err *err);

/**
 * Begin to read packed entries; safe on any bytes.
 * @bytes  borrowed while the cursor is used
 * @return TALLY_OK, or TALLY_SKIP (damaged)
 */
enum tally_status tally_pack_open(struct tally_pack_cursor *cursor, const void *bytes, size_t len,
                                  struct tally_err *err);

/**
 * The next entry.
 * @entry  filled on TALLY_OK, its strings stand in the packed bytes; its name has no NUL behind it (use name_len), its target has
 * @return TALLY_OK, TALLY_END behind the last one, TALLY_SKIP (damaged)
 */
enum tally_status tally_pack_next(struct tally_pack_cursor *cursor, struct tally_entry *entry,
                                  struct tally_err *err);

/**
 * Add all packed entries to the folder that the builder began last.
 * @count  how many there must be
 * @return TALLY_OK; TALLY_SKIP (damaged): malformed, another number; TALLY_FATAL from the builder (order broken, no memory)
 */
enum tally_status tally_pack_decode(const void *bytes, size_t len, uint32_t count,
                                    struct tally_tree_builder *builder, struct tally_err *err);

#endif
