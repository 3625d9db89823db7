/**
 * Rows: records collected into rows of half a MiB, because SQLite is fast with large rows and slow with many. Two kinds of
 * records are stored this way: folders with their packed entries, and the list of kept contents.
 *
 *   folder   shared (bytes in common with the path before, 0 at the start of a row) · length and bytes of the rest of the
 *            path · reason · count of entries · which: 1 mode, uid, gid, mtime, 2 device, state (roots only) · length and bytes of the pack
 *   content  digest (16 bytes) · method · size · stored size
 *
 * Numbers are LEB128. A record never crosses the end of a row, except that one larger than a row's maximum is cut into
 * pieces that fill rows of their own (`more` is 1 in all but the last).
 */
#ifndef TALLY_SNAP_ROWS_H
#define TALLY_SNAP_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/hash.h"
#include "core/tree.h"
#include "snap/seal.h"
#include "snap/walk.h"

enum {
	TALLY_ROW_TARGET = 512 << 10, /**< a row is closed when it holds this much */
	TALLY_ROW_MOST = 64 << 20, /**< a larger record is cut (a million entries in one folder) */
};

/** How a kept content is held. */
enum tally_kept_method {
	TALLY_KEPT_RAW, /**< all chunks as they are */
	TALLY_KEPT_ZSTD, /**< at least one chunk is packed: those that are shorter than what they hold */
	TALLY_KEPT_EARLIER, /**< not in this file: the snapshot before it holds it */
	TALLY_KEPT_METHODS
};

/** One kept content. */
struct tally_kept {
	struct tally_digest digest;
	uint64_t size;   /**< unpacked */
	uint64_t stored; /**< as stored */
	uint64_t chunk;  /**< number of its first chunk, from 1; not written but counted */
	uint8_t method;  /**< enum tally_kept_method */
};

/** Takes a full row. @more  the record goes on in the next row */
typedef enum tally_status (*tally_row_put)(void *payload, const void *bytes, size_t len, bool more,
                                           struct tally_err *err);

/** Rows on their way out. */
struct tally_rows {
	struct tally_buf body;
	struct tally_buf path;   /**< of the last folder in this row */
	struct tally_seal *seal; /**< every row enters it */
	tally_row_put put;       /**< NULL: the rows are only sealed */
	void *payload;
};

void tally_rows_init(struct tally_rows *rows, struct tally_seal *seal, tally_row_put put,
                     void *payload);
void tally_rows_release(struct tally_rows *rows);

enum tally_status tally_rows_folder(struct tally_rows *rows, const struct tally_walked_dir *walked,
                                    struct tally_err *err);
enum tally_status tally_rows_kept(struct tally_rows *rows, const struct tally_kept *kept,
                                  struct tally_err *err);

/** Hand over what is left. */
enum tally_status tally_rows_finish(struct tally_rows *rows, struct tally_err *err);

/** Seal what says which state was seen, besides the folders' rows. */
void tally_seal_key(struct tally_seal *seal, const struct tally_key *key);
void tally_seal_roots(struct tally_seal *seal, const struct tally_root *roots, uint32_t count);
void tally_seal_patterns(struct tally_seal *seal, const struct tally_pattern *patterns,
                         uint32_t count);

/** The digest of what was walked, as its stored snapshot will have it. */
enum tally_status tally_rows_digest(const struct tally_walked *walked, const struct tally_key *key,
                                    struct tally_sha256 *out, struct tally_err *err);

/** Read a row (or the pieces of a cut one, put together) of folders into a builder. @return TALLY_OK, TALLY_SKIP, TALLY_FATAL */
enum tally_status tally_rows_read_folders(const void *bytes, size_t len,
                                          struct tally_tree_builder *builder, struct tally_err *err);

/**
 * The next content of a row.
 * @in  a span over a row; in->bad when it is malformed
 * @return false at the end, or when it is malformed
 */
bool tally_rows_read_kept(struct tally_bytes *in, struct tally_kept *kept);

#endif
