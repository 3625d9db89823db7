/**
 * The file behind a snapshot: a SQLite database, written once under a temporary name, read many times and never believed.
 *
 *   meta(name, value)           times, counts, secret, `digest` (over all entries) and `closing` (over everything), written last
 *   root(id, path, label, is_file)   pattern(id, text, origin, entries, reason)
 *   folder(id, more, body)      folders with their packed entries  ┐ rows of half a MiB, see snap/rows.h
 *   content(id, more, body)     the list of kept contents          ┘
 *   chunk(id, body)             the kept contents, at most 1 MiB unpacked each, in the order of that list
 *
 * Every table but meta is numbered from 1 without a gap.
 */
#ifndef TALLY_SNAP_STORE_H
#define TALLY_SNAP_STORE_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/hash.h"
#include "core/tree.h"
#include "snap/rows.h"
#include "snap/snapshot.h"
#include "snap/sql.h"
#include "snap/walk.h"

enum {
	TALLY_STORE_APPLICATION = 0x54414c59, /**< "TALY" in the SQLite header */
	TALLY_STORE_VERSION = 1, /**< user_version: of the tables, the rows and the packs */
	TALLY_STORE_SAMPLE = 64 << 10, /**< of a chunk, packed first where there is more than twice that */
	TALLY_STORE_CHUNK = 1 << 20, /**< unpacked bytes of a chunk; only a content's last one has fewer */
	TALLY_STORE_WORD = 256, /**< most bytes of a text in meta, with its NUL */
};

/** What meta holds. The closing record is apart. */
struct tally_store_meta {
	int64_t taken_at_ns;
	double seconds;
	char host[TALLY_STORE_WORD], user[TALLY_STORE_WORD], filesystem[TALLY_STORE_WORD];
	int64_t entries, files, folders, bytes, hashed, stat,
		unread; /* as in struct tally_snap_info */
	int64_t kept_files, kept_bytes;
	int64_t listed; /* records of the content list */
	int64_t chunks;
	int64_t sha256, quick; /* 0 or 1 */
	struct tally_key key;
	struct tally_sha256 session; /* all zero: none */
	struct tally_sha256 digest;
};

/** One row of meta: where its value stands in the struct above. */
struct tally_store_field {
	const char *name;
	int type; /**< SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT or SQLITE_BLOB */
	size_t offset, size;
};

/** All rows of meta but `closing`, in the order of their names; the last one has no name. */
extern const struct tally_store_field tally_store_fields[];

/** The statements that make the tables, word for word as they stand in the file; the last one is NULL. */
extern const char *const tally_store_schema[];

/** Add a row of meta to the closing seal. */
void tally_store_seal_field(struct tally_seal *seal, const struct tally_store_field *field,
                            const struct tally_store_meta *meta);

/* ---- writing ---- */

struct tally_store_writer;

/**
 * Begin a file under a temporary name in the folder of @path, after removing what dead runs left there.
 * @key  the secret, sealed with the entries
 */
enum tally_status tally_store_create(struct tally_store_writer **out, const char *path,
                                     const struct tally_key *key, struct tally_err *err);

/** Could a file be made there? Told before hours of hashing, not after. Leaves nothing behind. */
enum tally_status tally_store_probe(const char *path, struct tally_err *err);

/** Write folders, roots and patterns. */
enum tally_status tally_store_entries(struct tally_store_writer *w,
                                      const struct tally_walked *walked, struct tally_err *err);

/** Write the next chunk. */
enum tally_status tally_store_chunk(struct tally_store_writer *w, const void *bytes, size_t len,
                                    struct tally_err *err);

/** Take back the last @count chunks: their content turned out to be another. */
enum tally_status tally_store_drop(struct tally_store_writer *w, uint64_t count,
                                   struct tally_err *err);

/** List a content whose chunks were written (or that has none). */
enum tally_status tally_store_kept(struct tally_store_writer *w, const struct tally_kept *kept,
                                   struct tally_err *err);

/**
 * Write meta with the closing record. The file is whole then, but only tally_store_sync makes it last.
 * @meta  counts of contents and the digest are filled in
 */
enum tally_status tally_store_seal(struct tally_store_writer *w, struct tally_store_meta *meta,
                                   struct tally_err *err);

/** Make the sealed file last. Takes as long as the disk does; meanwhile the file can be read. */
enum tally_status tally_store_sync(const struct tally_store_writer *w, struct tally_err *err);

/** The sealed file, still under its temporary name. */
const char *tally_store_temporary(const struct tally_store_writer *w);

/** Put the sealed and synced file in its place. */
enum tally_status tally_store_place(struct tally_store_writer *w, bool replace,
                                    struct tally_err *err);

/** Close; what was not finished is removed. NULL is fine. */
void tally_store_writer_free(struct tally_store_writer *w);

/* ---- reading ---- */

/** Everything of a snapshot but its kept bytes, and the handle to get those. */
struct tally_snapshot {
	char *path; /* as given, for messages; NULL: in memory only */
	struct tally_store_meta meta;
	struct tally_snap_info info; /* points into meta */
	struct tally_tree *tree;
	struct tally_kept *kept; /* in the order of their chunks */
	size_t kept_count, kept_cap;
	struct tally_digest *kept_by; /* by_sha256: what stands for the digest of each kept content; otherwise NULL */
	struct tally_key by_key; /* by_sha256: the secret of both snapshots */
	uint32_t *slots;         /* hash table over kept: index + 1, 0 is free */
	size_t slot_mask;
	sqlite3 *db;         /* NULL: in memory only */
	sqlite3_stmt *chunk; /* prepared when first needed */
	struct tally_sql_guard guard;
	pthread_mutex_t lock; /* over chunk: contents may be asked for from several threads */
};

/** Where a file to be opened is. */
struct tally_store_place {
	const char *path;  /**< the file to open */
	const char *shown; /**< its name in messages */
	const void *bytes; /**< instead of path: a file in memory, or NULL */
	size_t len;
};

/** Open and check; as tally_snapshot_open. */
enum tally_status tally_store_load(struct tally_snapshot **out,
                                   const struct tally_store_place *place, struct tally_err *err);

/** Check all of a file; as tally_snapshot_verify. */
enum tally_status tally_store_verify(const struct tally_store_place *place,
                                     void (*problem)(void *payload, const char *message),
                                     void *payload, struct tally_err *err);

/** An empty snapshot, to be filled; NULL without memory. */
struct tally_snapshot *tally_snapshot_blank(void);

/** Fill info from meta. */
void tally_snapshot_settle(struct tally_snapshot *s);

/**
 * One pass over the tree: set the kept flags, and count what it holds into @meta by the walker's rules (struct
 * tally_walk_totals).
 */
void tally_snapshot_survey(struct tally_snapshot *s, struct tally_store_meta *meta);

/** Number the kept contents by their digests (kept_by, where there are such). @return TALLY_SKIP: one is there twice */
enum tally_status tally_store_index(struct tally_snapshot *s, struct tally_err *err);

/** The content with this digest, or NULL. */
const struct tally_kept *tally_store_find(const struct tally_snapshot *s,
                                          const struct tally_digest *digest);

/** The snapshot could not be believed: TALLY_SKIP, damaged, "'PATH' is not a whole snapshot: WHAT". */
enum tally_status tally_store_damaged(const char *path, const char *what, struct tally_err *err);

/**
 * Read a chunk.
 * @out  set to its stored bytes
 */
enum tally_status tally_store_read_chunk(const struct tally_snapshot *s, uint64_t number,
                                         struct tally_buf *out, struct tally_err *err);

/* ---- contents ---- */

/** Unpacks contents one after the other. */
struct tally_unpacker;

enum tally_status tally_unpacker_new(struct tally_unpacker **out, const struct tally_key *key,
                                     bool sha256, struct tally_err *err);
void tally_unpacker_free(struct tally_unpacker *u);

/** Unpack a content, check its digest. @fd  -1: only check. @sha256  may be NULL */
enum tally_status tally_unpacker_run(struct tally_unpacker *u, const struct tally_snapshot *s,
                                     const struct tally_kept *kept, int fd,
                                     struct tally_sha256 *sha256, struct tally_err *err);

#endif
