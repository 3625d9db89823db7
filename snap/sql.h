/**
 * SQLite as this folder uses it: set up once for the process, opened with everything off that an altered file could turn
 * against us, its errors told in our words.
 */
#ifndef TALLY_SNAP_SQL_H
#define TALLY_SNAP_SQL_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/** How far one step may go before it is given up: an altered file can hold a tree that never ends. */
struct tally_sql_guard {
	unsigned ticks; /**< since the step began; tally_sql_step starts it anew */
};

/** Ready SQLite for this process; cheap when it was done before. Called by the functions below. */
enum tally_status tally_sql_setup(struct tally_err *err);

/**
 * Open a new, empty file for writing: no journal, no locks, no syncing (the caller syncs and renames).
 * @path  an existing empty file
 */
enum tally_status tally_sql_create(sqlite3 **out, const char *path, struct tally_err *err);

/**
 * Open a file from outside for reading: nothing beside it is looked at, nothing that its schema says is carried out.
 * @shown  its name in messages
 * @guard  must outlive the handle
 */
enum tally_status tally_sql_open(sqlite3 **out, const char *path, const char *shown,
                                 struct tally_sql_guard *guard, struct tally_err *err);

/** The same over bytes in memory, which are borrowed until the handle is closed. */
enum tally_status tally_sql_memory(sqlite3 **out, const void *bytes, size_t len, const char *shown,
                                   struct tally_sql_guard *guard, struct tally_err *err);

/** sqlite3_step with a fresh guard (NULL: none). */
int tally_sql_step(sqlite3_stmt *stmt, struct tally_sql_guard *guard);

/** Errors of a file being read: no memory is TALLY_FATAL, all else is a damaged file (TALLY_SKIP). */
enum tally_status tally_sql_bad(struct tally_err *err, sqlite3 *db, const char *path);

/** Errors of a file being written: always TALLY_FATAL. */
enum tally_status tally_sql_broken(struct tally_err *err, sqlite3 *db, const char *path);

#endif
