/*
 * Writing a snapshot file. It grows under a temporary name beside its place, without a journal (a file that is not whole is
 * thrown away as a whole), is synced, and only then takes its name.
 */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/fault.h"
#include "core/mem.h"
#include "core/path.h"
#include "snap/store.h"

enum { TRIES = 16 };

struct tally_store_writer {
	char *path;      /* the final name */
	char *temporary; /* NULL once it has taken its place */
	int fd;          /* on the temporary file, for syncing */
	sqlite3 *db;
	sqlite3_stmt *folder, *content, *chunk, *drop;
	int64_t folders, contents, chunks; /* rows written */
	int64_t listed, kept_files, kept_bytes;
	struct tally_seal entries, closing;
	struct tally_rows folder_rows, content_rows;
};

/* ---- the temporary name: ".tally-HOST-PID-RANDOM.tmp" ---- */

/* Process numbers mean something on one machine only, and a folder may be shared. */
static unsigned host_number(void)
{
	struct utsname name;

	if (uname(&name) < 0)
		return 0;
	return (unsigned)tally_hash64(name.nodename, strlen(name.nodename), 0) & 0xffffffff;
}

/* The folder of a path as a string to open ("." where there is none), yours to tally_free. */
static char *folder_of(const char *path)
{
	size_t base = tally_path_base(path, strlen(path));

	return base ? tally_dup(path, base) : tally_dup(".", 1);
}

static char *temporary_name(const char *folder)
{
	struct tally_buf name;
	struct tally_key random;
	uint64_t number;

	if (tally_key_random(&random, NULL) < 0)
		return NULL;
	memcpy(&number, random.secret, sizeof number);
	tally_buf_init(&name, SIZE_MAX / 2);
	if (!tally_buf_printf(&name, "%s/.tally-%08x-%ld-%016llx.tmp", folder, host_number(),
	                      (long)getpid(), (unsigned long long)number)) {
		tally_buf_release(&name);
		return NULL;
	}
	return tally_buf_take(&name, NULL);
}

/* Is this the temporary file of a run on this machine that is dead? */
static bool is_stale(const char *name)
{
	unsigned host = 0;
	unsigned long long number = 0;
	long pid = 0;
	int end = 0;

	if (sscanf(name, ".tally-%8x-%ld-%16llx.tmp%n", &host, &pid, &number, &end) != 3 ||
	    end == 0 || name[end])
		return false;
	return host == host_number() && pid > 0 && pid != (long)getpid() &&
	       kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

/* A run that was killed could not clean up. What is not a plain file of ours is left alone; failing is no harm. */
static void remove_stale(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	struct stat st;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (is_stale(entry->d_name) &&
		    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && st.st_uid == geteuid())
			unlinkat(dirfd(dir), entry->d_name, 0);
	}
	closedir(dir);
}

/* Make the empty file. @return its descriptor, or -1 with errno */
static int make_temporary(const char *path, char **out)
{
	char *folder = folder_of(path);
	int fd = -1;

	errno = ENOMEM;
	for (int i = 0; folder && i < TRIES; i++) {
		char *name = temporary_name(folder);

		if (!name) {
			errno = ENOMEM;
			break;
		}
		fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd >= 0) {
			*out = name;
			break;
		}
		tally_free(name);
		if (errno != EEXIST)
			break;
	}
	tally_free(folder);
	return fd;
}

static enum tally_status cannot_make(const char *path, int sys, struct tally_err *err)
{
	if (sys == ENOMEM)
		return tally_err_nomem(err);
	return tally_err_sys(err, TALLY_FATAL, "making", path, sys);
}

enum tally_status tally_store_probe(const char *path, struct tally_err *err)
{
	struct stat st;
	char *name = NULL;
	int fd;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return cannot_make(path, EISDIR, err);
	fd = make_temporary(path, &name);
	if (fd < 0)
		return cannot_make(path, errno, err);
	unlink(name);
	close(fd);
	tally_free(name);
	return TALLY_OK;
}

/* ---- rows ---- */

static enum tally_status broken(struct tally_store_writer *w, struct tally_err *err)
{
	return tally_sql_broken(err, w->db, w->path);
}

static enum tally_status prepare(struct tally_store_writer *w, sqlite3_stmt **out, const char *sql,
                                 struct tally_err *err)
{
	if (sqlite3_prepare_v2(w->db, sql, -1, out, NULL) != SQLITE_OK)
		return broken(w, err);
	return TALLY_OK;
}

/* Run a statement whose values are bound. */
static enum tally_status put(struct tally_store_writer *w, sqlite3_stmt *stmt, int bound,
                             struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	if (bound != SQLITE_OK || sqlite3_step(stmt) != SQLITE_DONE)
		st = broken(w, err);
	sqlite3_reset(stmt);
	return st;
}

static enum tally_status put_row(struct tally_store_writer *w, sqlite3_stmt *stmt, int64_t id,
                                 bool more, const void *bytes, size_t len, struct tally_err *err)
{
	int rc = sqlite3_bind_int64(stmt, 1, id);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int(stmt, 2, more);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_blob64(stmt, 3, bytes, len, SQLITE_STATIC);
	return put(w, stmt, rc, err);
}

static enum tally_status put_folders(void *payload, const void *bytes, size_t len, bool more,
                                     struct tally_err *err)
{
	struct tally_store_writer *w = payload;

	return put_row(w, w->folder, ++w->folders, more, bytes, len, err);
}

static enum tally_status put_contents(void *payload, const void *bytes, size_t len, bool more,
                                      struct tally_err *err)
{
	struct tally_store_writer *w = payload;

	return put_row(w, w->content, ++w->contents, more, bytes, len, err);
}

static enum tally_status exec(struct tally_store_writer *w, const char *sql, struct tally_err *err)
{
	return sqlite3_exec(w->db, sql, NULL, NULL, NULL) == SQLITE_OK ? TALLY_OK : broken(w, err);
}

static enum tally_status make_tables(struct tally_store_writer *w, struct tally_err *err)
{
	char sql[128];
	enum tally_status st;

	snprintf(sql, sizeof sql, "PRAGMA application_id=%d; PRAGMA user_version=%d; BEGIN EXCLUSIVE",
	         TALLY_STORE_APPLICATION, TALLY_STORE_VERSION);
	st = exec(w, sql, err);
	for (size_t i = 0; tally_store_schema[i] && st == TALLY_OK; i++)
		st = exec(w, tally_store_schema[i], err);
	if (st == TALLY_OK)
		st = prepare(w, &w->folder, "INSERT INTO folder VALUES(?1,?2,?3)", err);
	if (st == TALLY_OK)
		st = prepare(w, &w->content, "INSERT INTO content VALUES(?1,?2,?3)", err);
	if (st == TALLY_OK)
		st = prepare(w, &w->chunk, "INSERT INTO chunk VALUES(?1,?2)", err);
	if (st == TALLY_OK)
		st = prepare(w, &w->drop, "DELETE FROM chunk WHERE id>?1", err);
	return st;
}

enum tally_status tally_store_create(struct tally_store_writer **out, const char *path,
                                     const struct tally_key *key, struct tally_err *err)
{
	struct tally_store_writer *w = tally_alloc_zero(1, sizeof *w);
	char *folder = folder_of(path);
	enum tally_status st = TALLY_OK;

	if (folder)
		remove_stale(folder);
	tally_free(folder);
	if (!w)
		return tally_err_nomem(err);
	tally_seal_init(&w->entries, "tally entries 1");
	tally_seal_init(&w->closing, "tally closing 1");
	tally_seal_key(&w->entries, key);
	tally_rows_init(&w->folder_rows, &w->entries, put_folders, w);
	tally_rows_init(&w->content_rows, &w->closing, put_contents, w);
	w->path = tally_dup(path, strlen(path));
	w->fd = w->path ? make_temporary(path, &w->temporary) : -1;
	if (w->fd < 0)
		st = cannot_make(path, w->path ? errno : ENOMEM, err);
	if (st == TALLY_OK)
		st = tally_sql_create(&w->db, w->temporary, err);
	if (st == TALLY_OK)
		st = make_tables(w, err);
	if (st < 0) {
		tally_store_writer_free(w);
		return st;
	}
	*out = w;
	return TALLY_OK;
}

static int bind_bytes(sqlite3_stmt *stmt, int n, const char *text)
{
	return sqlite3_bind_blob64(stmt, n, text, strlen(text), SQLITE_STATIC);
}

static enum tally_status put_roots(struct tally_store_writer *w, const struct tally_walked *walked,
                                   struct tally_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum tally_status st = prepare(w, &stmt, "INSERT INTO root VALUES(?1,?2,?3,?4)", err);

	for (uint32_t i = 0; i < walked->root_count && st == TALLY_OK; i++) {
		const struct tally_root *root = &walked->roots[i];
		int rc = sqlite3_bind_int64(stmt, 1, (int64_t)i + 1);

		if (rc == SQLITE_OK)
			rc = bind_bytes(stmt, 2, root->path);
		if (rc == SQLITE_OK)
			rc = bind_bytes(stmt, 3, root->label);
		if (rc == SQLITE_OK)
			rc = sqlite3_bind_int(stmt, 4, root->is_file);
		st = put(w, stmt, rc, err);
	}
	sqlite3_finalize(stmt);
	return st;
}

static enum tally_status put_patterns(struct tally_store_writer *w,
                                      const struct tally_walked *walked, struct tally_err *err)
{
	sqlite3_stmt *stmt = NULL;
	enum tally_status st = prepare(w, &stmt, "INSERT INTO pattern VALUES(?1,?2,?3,?4,?5)", err);

	for (uint32_t i = 0; i < walked->pattern_count && st == TALLY_OK; i++) {
		const struct tally_pattern *pattern = &walked->patterns[i];
		int rc = sqlite3_bind_int64(stmt, 1, (int64_t)i + 1);

		if (rc == SQLITE_OK)
			rc = bind_bytes(stmt, 2, pattern->text);
		if (rc == SQLITE_OK)
			rc = bind_bytes(stmt, 3, pattern->origin);
		if (rc == SQLITE_OK)
			rc = sqlite3_bind_int64(stmt, 4, (int64_t)pattern->entries);
		if (rc == SQLITE_OK)
			rc = sqlite3_bind_int(stmt, 5, pattern->reason);
		st = put(w, stmt, rc, err);
	}
	sqlite3_finalize(stmt);
	return st;
}

enum tally_status tally_store_entries(struct tally_store_writer *w,
                                      const struct tally_walked *walked, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (uint32_t i = 0; i < walked->dir_count && st == TALLY_OK; i++)
		st = tally_rows_folder(&w->folder_rows, &walked->dirs[i], err);
	if (st == TALLY_OK)
		st = tally_rows_finish(&w->folder_rows, err);
	if (st == TALLY_OK)
		st = put_roots(w, walked, err);
	if (st == TALLY_OK)
		st = put_patterns(w, walked, err);
	tally_seal_roots(&w->entries, walked->roots, walked->root_count);
	tally_seal_patterns(&w->entries, walked->patterns, walked->pattern_count);
	return st;
}

enum tally_status tally_store_chunk(struct tally_store_writer *w, const void *bytes, size_t len,
                                    struct tally_err *err)
{
	int rc = sqlite3_bind_int64(w->chunk, 1, ++w->chunks);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_blob64(w->chunk, 2, bytes, len, SQLITE_STATIC);
	return put(w, w->chunk, rc, err);
}

enum tally_status tally_store_drop(struct tally_store_writer *w, uint64_t count, struct tally_err *err)
{
	assert(count <= (uint64_t)w->chunks);
	if (count == 0)
		return TALLY_OK;
	w->chunks -= (int64_t)count;
	return put(w, w->drop, sqlite3_bind_int64(w->drop, 1, w->chunks), err);
}

enum tally_status tally_store_kept(struct tally_store_writer *w, const struct tally_kept *kept,
                                   struct tally_err *err)
{
	w->listed++;
	if (kept->method != TALLY_KEPT_EARLIER) {
		w->kept_files++;
		w->kept_bytes += (int64_t)kept->size;
	}
	return tally_rows_kept(&w->content_rows, kept, err);
}

/* ---- the end ---- */

static int bind_field(sqlite3_stmt *stmt, const struct tally_store_field *field,
                      const struct tally_store_meta *meta)
{
	const char *at = (const char *)meta + field->offset;
	int64_t number;
	double real;

	switch (field->type) {
	case SQLITE_INTEGER:
		memcpy(&number, at, sizeof number);
		return sqlite3_bind_int64(stmt, 2, number);
	case SQLITE_FLOAT:
		memcpy(&real, at, sizeof real);
		return sqlite3_bind_double(stmt, 2, real);
	case SQLITE_TEXT:
		return sqlite3_bind_text(stmt, 2, at, -1, SQLITE_STATIC);
	default:
		return sqlite3_bind_blob64(stmt, 2, at, field->size, SQLITE_STATIC);
	}
}

static enum tally_status put_meta(struct tally_store_writer *w, const struct tally_store_meta *meta,
                                  struct tally_err *err)
{
	const struct tally_store_field *field;
	struct tally_sha256 closing;
	sqlite3_stmt *stmt = NULL;
	enum tally_status st = prepare(w, &stmt, "INSERT INTO meta VALUES(?1,?2)", err);

	for (field = tally_store_fields; field->name && st == TALLY_OK; field++) {
		int rc = sqlite3_bind_text(stmt, 1, field->name, -1, SQLITE_STATIC);

		if (rc == SQLITE_OK)
			rc = bind_field(stmt, field, meta);
		st = put(w, stmt, rc, err);
		tally_store_seal_field(&w->closing, field, meta);
	}
	if (st == TALLY_OK && !tally_seal_finish(&w->closing, &closing))
		st = tally_err_nomem(err);
	if (st == TALLY_OK) {
		int rc = sqlite3_bind_text(stmt, 1, "closing", -1, SQLITE_STATIC);

		if (rc == SQLITE_OK)
			rc = sqlite3_bind_blob(stmt, 2, closing.bytes, sizeof closing.bytes,
			                       SQLITE_STATIC);
		st = put(w, stmt, rc, err);
	}
	sqlite3_finalize(stmt);
	return st;
}

static void close_db(struct tally_store_writer *w)
{
	sqlite3_finalize(w->folder);
	sqlite3_finalize(w->content);
	sqlite3_finalize(w->chunk);
	sqlite3_finalize(w->drop);
	w->folder = w->content = w->chunk = w->drop = NULL;
	sqlite3_close(w->db);
	w->db = NULL;
}

static int sync_file(int fd)
{
	if (tally_fault_hit(TALLY_FAULT_WRITE)) {
		errno = ENOSPC;
		return -1;
	}
	return fsync(fd);
}

/* Makes the new name last. The file is whole with or without it, so failing is not told. */
static void sync_folder(const char *path)
{
	char *folder = folder_of(path);
	int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	tally_free(folder);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

enum tally_status tally_store_seal(struct tally_store_writer *w, struct tally_store_meta *meta,
                                   struct tally_err *err)
{
	enum tally_status st = tally_rows_finish(&w->content_rows, err);

	if (st < 0)
		return st;
	meta->listed = w->listed;
	meta->kept_files = w->kept_files;
	meta->kept_bytes = w->kept_bytes;
	meta->chunks = w->chunks;
	if (!tally_seal_finish(&w->entries, &meta->digest))
		return tally_err_nomem(err);
	st = put_meta(w, meta, err);
	if (st == TALLY_OK)
		st = exec(w, "COMMIT", err);
	close_db(w);
	return st;
}

enum tally_status tally_store_sync(const struct tally_store_writer *w, struct tally_err *err)
{
	return sync_file(w->fd) < 0 ? tally_err_sys(err, TALLY_FATAL, "syncing", w->path, errno)
	                            : TALLY_OK;
}

const char *tally_store_temporary(const struct tally_store_writer *w)
{
	return w->temporary;
}

/* A link takes the name only where it is free. Some file systems have none: there, a look before must do. */
static int take_free_name(const char *from, const char *to)
{
	struct stat st;

	if (link(from, to) == 0)
		return unlink(from);
	if (errno == EEXIST)
		return -1;
	if (lstat(to, &st) == 0) {
		errno = EEXIST;
		return -1;
	}
	return rename(from, to);
}

enum tally_status tally_store_place(struct tally_store_writer *w, bool replace, struct tally_err *err)
{
	if ((replace ? rename(w->temporary, w->path) : take_free_name(w->temporary, w->path)) < 0)
		return tally_err_sys(err, TALLY_FATAL, "making", w->path, errno);
	tally_free(w->temporary);
	w->temporary = NULL;
	sync_folder(w->path);
	return TALLY_OK;
}

void tally_store_writer_free(struct tally_store_writer *w)
{
	if (!w)
		return;
	close_db(w);
	if (w->temporary)
		unlink(w->temporary);
	if (w->fd >= 0)
		close(w->fd);
	tally_rows_release(&w->folder_rows);
	tally_rows_release(&w->content_rows);
	tally_seal_release(&w->entries);
	tally_seal_release(&w->closing);
	tally_free(w->temporary);
	tally_free(w->path);
	tally_free(w);
}
