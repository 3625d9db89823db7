/**
 * Sessions: a before snapshot, an after snapshot, the task and their receipt, under one id, in the store.
 *
 *   $XDG_STATE_HOME/tally/sessions/ID/   mode 0700
 *     session.json    id, task, roots, options, times, digest of the receipt
 *     lock            locked by the process that works on the session
 *     unfinished      there until session.json is: tells an interrupted `before` from a session.json that somebody removed
 *     before.tally    snapshot
 *     after.tally     snapshot
 *     receipt.json
 *
 * Every file appears under its name only when it is whole (written beside it, synced, renamed). session.json is the last one that
 * `before` writes: a folder without it was interrupted. What a session was opened with is sealed in both snapshots.
 */
#ifndef TALLY_RECEIPT_SESSION_H
#define TALLY_RECEIPT_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "receipt/receipt.h"
#include "snap/snapshot.h"

enum { TALLY_SESSION_ID_MAX = 32 };

/** What session.json says. Strings belong to the session. */
struct tally_session {
	char id[TALLY_SESSION_ID_MAX]; /**< "20261122-101530-7f3a": UTC time of its beginning and a random number */
	char *dir;                     /**< its folder in the store, absolute */
	char *task;                    /**< NULL: none was given */
	char **roots;                  /**< absolute paths as given to the snapshot */
	size_t root_count;
	char **excludes;
	size_t exclude_count;
	/** What may change (receipt/scope.h), as given to `before`; no columns or sheets, NULL: all may. */
	char **allow_columns, **allow_sheets;
	size_t allow_column_count, allow_sheet_count;
	char *allow_rows;
	bool sha256, cross_mounts;
	int keep;             /**< enum tally_keep of snap/snapshot.h */
	uint64_t keep_budget; /**< bytes */
	int64_t began_at_ns;
	int64_t ended_at_ns;  /**< 0: still open (no receipt yet) */
	char *receipt_sha256; /**< "sha256:…" of receipt.json; NULL while open */
	char *verdict;        /**< line one of the receipt; NULL while open */
	char *closing;        /**< seal over all of it, "sha256:…"; NULL while open */
	int lock;             /**< descriptor that holds the lock, or -1 */
};

/**
 * Refuse folders that hold the store: what we write would show up as somebody's change.
 * @return TALLY_FATAL with a message that says what to do
 */
enum tally_status tally_store_outside(const char *const *roots, size_t count, struct tally_err *err);

/** A new session in the store: its folder, locked, not yet its session.json. Fill the other fields, then tally_session_save. */
enum tally_status tally_session_new(struct tally_session **out, struct tally_err *err);
void tally_session_free(struct tally_session *s);

/** Write session.json (whole or not at all). */
enum tally_status tally_session_save(const struct tally_session *s, struct tally_err *err);

/** Remove a session's folder with all that is in it (a `before` that failed). */
void tally_session_discard(const struct tally_session *s);

/**
 * Take the lock of a session, until tally_session_free.
 * @return TALLY_FATAL: another process works on it (the message says so), or the store cannot be written
 */
enum tally_status tally_session_lock(struct tally_session *s, struct tally_err *err);

/**
 * Remove a locked session from the store, session.json first, so that half of one is never taken for a whole one.
 * @return TALLY_FATAL: something that is no part of a session lies in its folder (nothing was removed), or removing failed
 */
enum tally_status tally_session_forget(const struct tally_session *s, struct tally_err *err);

/** The locked remains of a session whose session.json is damaged or missing: id and folder, nothing else. For tally_session_forget. */
enum tally_status tally_session_remains(struct tally_session **out, const char *id,
                                        struct tally_err *err);

/** A folder of the store without a session.json. */
struct tally_unfinished {
	const char *id;
	bool alive; /**< a process is making it right now */
	bool holds; /**< it is not what an interrupted run leaves: it holds foreign files, or snapshots without the mark `unfinished`, so it is never cleared away */
	bool removed; /**< it was cleared away */
};

/**
 * Look at what interrupted runs left in the store.
 * @sweep  remove what no living process works on and holds no more than a run that never came to its first snapshot leaves
 * @found  called for each
 */
enum tally_status tally_session_unfinished(bool sweep,
                                           void (*found)(void *payload,
                                                         const struct tally_unfinished *what),
                                           void *payload, struct tally_err *err);

/** The seal over what a session was opened with: id, beginning, task, roots, excludes, options. @return false: no memory */
bool tally_session_seal(const struct tally_session *s, struct tally_sha256 *out);

/** Is session.json what `before` wrote, by the seal in a snapshot of the session? TALLY_SKIP (damaged) where it is not. */
enum tally_status tally_session_sealed(const struct tally_session *s,
                                       const struct tally_snap_info *info, struct tally_err *err);

/**
 * Compare session.json field by field with the snapshots and the receipt of the session.
 * @before, @after, @receipt  NULL where there is none (or it is damaged itself)
 * @problem                   called for each field that does not fit
 * @return how many do not fit
 */
unsigned tally_session_compare(const struct tally_session *s, const struct tally_snapshot *before,
                               const struct tally_snapshot *after,
                               const struct tally_receipt *receipt,
                               void (*problem)(void *payload, const char *message), void *payload);

/**
 * Open a session by its id, or by an unambiguous beginning of it.
 * @return TALLY_FATAL: no such session, or several (the message names them)
 */
enum tally_status tally_session_open(struct tally_session **out, const char *id,
                                     struct tally_err *err);

/**
 * All sessions, oldest first; those whose session.json cannot be read are reported through @broken (may be NULL) and left out.
 * @out  array of sessions, yours: tally_session_list_free
 */
enum tally_status tally_session_list(struct tally_session ***out, size_t *count,
                                     void (*broken)(void *payload, const char *id,
                                                    const char *message),
                                     void *payload, struct tally_err *err);
void tally_session_list_free(struct tally_session **list, size_t count);

/** DIR/NAME, yours to tally_free; NULL: no memory. */
char *tally_session_path(const struct tally_session *s, const char *name);

/** Write a receipt to receipt.json and remember its digest and verdict in session.json; the session is closed then. */
enum tally_status tally_session_store_receipt(struct tally_session *s,
                                              const struct tally_receipt *r, struct tally_err *err);

/**
 * The stored receipt.
 * @return TALLY_SKIP (damaged) when it is not the one that was stored; TALLY_FATAL when there is none
 */
enum tally_status tally_session_load_receipt(const struct tally_session *s,
                                             struct tally_receipt **out, struct tally_err *err);

#endif
