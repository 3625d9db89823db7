/**
 * Sessions: a before snapshot, an after snapshot, the task and their receipt, under one id, in the store.
 *
 *   $XDG_STATE_HOME/tally/sessions/ID/   mode 0700
 *     session.json    id, task, roots, options, times, digest of the receipt
 *     before.tally    snapshot
 *     after.tally     snapshot
 *     receipt.json
 *
 * Every file appears under its name only when it is whole (written beside it, synced, renamed).
 */
#ifndef TALLY_RECEIPT_SESSION_H
#define TALLY_RECEIPT_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "receipt/receipt.h"

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
	bool sha256, cross_mounts;
	int keep;             /**< enum tally_keep of snap/snapshot.h */
	uint64_t keep_budget; /**< bytes */
	int64_t began_at_ns;
	int64_t ended_at_ns;  /**< 0: still open (no receipt yet) */
	char *receipt_sha256; /**< "sha256:…" of receipt.json; NULL while open */
	char *verdict;        /**< line one of the receipt; NULL while open */
};

/** $XDG_STATE_HOME/tally (or ~/.local/state/tally), made with mode 0700 where missing; yours to tally_free. */
enum tally_status tally_store_dir(char **out, struct tally_err *err);

/**
 * Refuse folders that hold the store: what we write would show up as somebody's change.
 * @return TALLY_FATAL with a message that says what to do
 */
enum tally_status tally_store_outside(const char *const *roots, size_t count, struct tally_err *err);

/** A new session in the store: its folder, not yet its session.json. Fill the other fields, then tally_session_save. */
enum tally_status tally_session_new(struct tally_session **out, struct tally_err *err);
void tally_session_free(struct tally_session *s);

/** Write session.json (whole or not at all). */
enum tally_status tally_session_save(const struct tally_session *s, struct tally_err *err);

/** Remove a session's folder with all that is in it (a `before` that failed). */
void tally_session_discard(const struct tally_session *s);

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
