/* SQLite set up for files that may be hostile, and for tests that make its memory and its writes fail. */
#include "snap/sql.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/escape.h"
#include "core/fault.h"
#include "core/mem.h"

enum {
	GUARD_OPS = 1000,   /* steps of SQLite's machine between two looks at the guard */
	GUARD_TICKS = 1000, /* a million steps; one row of ours takes some dozens */
	PATH_MOST = 1 << 16,
};

/* ---- once for the process ---- */

#if TALLY_FAULTS
/* SQLite asks for the size of a block; it stands in front of it, in as many bytes as keep the alignment. */
enum { BLOCK_HEAD = 16 };

static void *mem_alloc(int size)
{
	unsigned char *p = tally_alloc((size_t)size + BLOCK_HEAD);

	if (!p)
		return NULL;
	memcpy(p, &size, sizeof size);
	return p + BLOCK_HEAD;
}

static void mem_free(void *block)
{
	tally_free(block ? (unsigned char *)block - BLOCK_HEAD : NULL);
}

static void *mem_realloc(void *block, int size)
{
	unsigned char *p = tally_realloc((unsigned char *)block - BLOCK_HEAD,
	                                 (size_t)size + BLOCK_HEAD, 1);

	if (!p)
		return NULL;
	memcpy(p, &size, sizeof size);
	return p + BLOCK_HEAD;
}

static int mem_size(void *block)
{
	int size = 0;

	if (block)
		memcpy(&size, (unsigned char *)block - BLOCK_HEAD, sizeof size);
	return size;
}

static int mem_roundup(int size)
{
	return (size + 7) & ~7;
}

static int mem_init(void *data)
{
	(void)data;
	return SQLITE_OK;
}

static void mem_shutdown(void *data)
{
	(void)data;
}

static ssize_t faulty_pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	if (tally_fault_hit(TALLY_FAULT_WRITE)) {
		errno = ENOSPC;
		return -1;
	}
	return pwrite(fd, bytes, len, at);
}

static ssize_t faulty_write(int fd, const void *bytes, size_t len)
{
	if (tally_fault_hit(TALLY_FAULT_WRITE)) {
		errno = ENOSPC;
		return -1;
	}
	return write(fd, bytes, len);
}

static int faulty_truncate(int fd, off_t size)
{
	if (tally_fault_hit(TALLY_FAULT_WRITE)) {
		errno = ENOSPC;
		return -1;
	}
	return ftruncate(fd, size);
}

static ssize_t faulty_pread(int fd, void *bytes, size_t len, off_t at)
{
	if (tally_fault_hit(TALLY_FAULT_READ)) {
		errno = EIO;
		return -1;
	}
	return pread(fd, bytes, len, at);
}

static ssize_t faulty_read(int fd, void *bytes, size_t len)
{
	if (tally_fault_hit(TALLY_FAULT_READ)) {
		errno = EIO;
		return -1;
	}
	return read(fd, bytes, len);
}

/* SQLite calls the variant that it was built with; off_t has 64 bits here, so both look alike. */
static void replace_call(sqlite3_vfs *vfs, const char *name, sqlite3_syscall_ptr call)
{
	if (vfs->iVersion >= 3 && vfs->xGetSystemCall(vfs, name))
		vfs->xSetSystemCall(vfs, name, call);
}

static void inject_memory(void)
{
	static const sqlite3_mem_methods methods = {
		.xMalloc = mem_alloc,
		.xFree = mem_free,
		.xRealloc = mem_realloc,
		.xSize = mem_size,
		.xRoundup = mem_roundup,
		.xInit = mem_init,
		.xShutdown = mem_shutdown,
	};

	sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}

static void inject_calls(void)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

	if (!vfs)
		return;
	replace_call(vfs, "pwrite", (sqlite3_syscall_ptr)faulty_pwrite);
	replace_call(vfs, "pwrite64", (sqlite3_syscall_ptr)faulty_pwrite);
	replace_call(vfs, "write", (sqlite3_syscall_ptr)faulty_write);
	replace_call(vfs, "ftruncate", (sqlite3_syscall_ptr)faulty_truncate);
	replace_call(vfs, "pread", (sqlite3_syscall_ptr)faulty_pread);
	replace_call(vfs, "pread64", (sqlite3_syscall_ptr)faulty_pread);
	replace_call(vfs, "read", (sqlite3_syscall_ptr)faulty_read);
}
#endif

static int setup_result = SQLITE_OK;

static void setup_once(void)
{
#if TALLY_FAULTS
	inject_memory();
#endif
	setup_result = sqlite3_initialize();
#if TALLY_FAULTS
	if (setup_result == SQLITE_OK)
		inject_calls();
#endif
}

enum tally_status tally_sql_setup(struct tally_err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, setup_once);
	/* a fault may have met the first try; SQLite does nothing when it is ready */
	if (setup_result != SQLITE_OK && sqlite3_initialize() != SQLITE_OK)
		return tally_err_nomem(err);
	return TALLY_OK;
}

/* ---- opening ---- */

/* A path as a URI: what has a meaning there is written as %XX, and "//" in front would name a host. */
static bool uri_of(struct tally_buf *uri, const char *path, const char *query)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-~";

	tally_buf_init(uri, PATH_MOST);
	if (!tally_buf_text(uri, path[0] == '/' ? "file://" : "file:"))
		return false;
	for (const char *p = path; *p; p++) {
		bool ok = strchr(plain, *p)
		                  ? tally_buf_byte(uri, *p)
		                  : tally_buf_printf(uri, "%%%02X", (unsigned)(unsigned char)*p);

		if (!ok)
			return false;
	}
	return tally_buf_text(uri, query);
}

static int open_uri(sqlite3 **db, const char *path, const char *query, int flags)
{
	struct tally_buf uri;
	int rc = SQLITE_NOMEM;

	if (uri_of(&uri, path, query))
		rc = sqlite3_open_v2(
			uri.bytes, db,
			flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	tally_buf_release(&uri);
	return rc;
}

static int run(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

enum tally_status tally_sql_create(sqlite3 **out, const char *path, struct tally_err *err)
{
	sqlite3 *db = NULL;
	enum tally_status st = tally_sql_setup(err);
	int rc;

	if (st < 0)
		return st;
	rc = open_uri(&db, path, "?nolock=1", SQLITE_OPEN_READWRITE);
	if (rc == SQLITE_OK)
		rc = sqlite3_extended_result_codes(db, 1);
	if (rc == SQLITE_OK) {
		sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
		sqlite3_db_config(db, SQLITE_DBCONFIG_LOOKASIDE, NULL, 0, 0);
		/* zeroed leftovers make the same input give the same bytes */
		rc = run(db,
		         "PRAGMA page_size=16384; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
		         "PRAGMA locking_mode=EXCLUSIVE; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;"
		         "PRAGMA mmap_size=0; PRAGMA auto_vacuum=NONE; PRAGMA encoding='UTF-8';"
		         "PRAGMA cache_size=256");
	}
	if (rc != SQLITE_OK) {
		st = tally_sql_broken(err, db, path);
		sqlite3_close(db);
		return st;
	}
	*out = db;
	return TALLY_OK;
}

static int guard_tick(void *payload)
{
	struct tally_sql_guard *guard = payload;

	return ++guard->ticks > GUARD_TICKS;
}

/* What a snapshot does not need cannot be used against us. */
static void lower_limits(sqlite3 *db)
{
	static const struct {
		int limit, value;
	} limits[] = {
		{ SQLITE_LIMIT_SQL_LENGTH, 4096 },        { SQLITE_LIMIT_COLUMN, 16 },
		{ SQLITE_LIMIT_EXPR_DEPTH, 20 },          { SQLITE_LIMIT_COMPOUND_SELECT, 2 },
		{ SQLITE_LIMIT_FUNCTION_ARG, 8 },         { SQLITE_LIMIT_ATTACHED, 0 },
		{ SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64 }, { SQLITE_LIMIT_VARIABLE_NUMBER, 8 },
		{ SQLITE_LIMIT_TRIGGER_DEPTH, 1 },        { SQLITE_LIMIT_WORKER_THREADS, 0 },
	};

	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
		sqlite3_limit(db, limits[i].limit, limits[i].value);
}

static int harden(sqlite3 *db, struct tally_sql_guard *guard)
{
	static const int off[] = { SQLITE_DBCONFIG_TRUSTED_SCHEMA,
		                   SQLITE_DBCONFIG_ENABLE_TRIGGER,
		                   SQLITE_DBCONFIG_ENABLE_VIEW,
		                   SQLITE_DBCONFIG_ENABLE_FKEY,
		                   SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER,
		                   SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION,
		                   SQLITE_DBCONFIG_WRITABLE_SCHEMA,
		                   SQLITE_DBCONFIG_DQS_DML,
		                   SQLITE_DBCONFIG_DQS_DDL };

	for (size_t i = 0; i < sizeof off / sizeof off[0]; i++)
		sqlite3_db_config(db, off[i], 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	lower_limits(db);
	guard->ticks = 0;
	sqlite3_progress_handler(db, GUARD_OPS, guard_tick, guard);
	/* all is read once and in order: a small cache stays in the processor's */
	return run(db, "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA query_only=ON;"
	               "PRAGMA temp_store=MEMORY; PRAGMA cache_size=64");
}

static enum tally_status finish_open(sqlite3 **out, sqlite3 *db, int rc, const char *shown,
                                     struct tally_sql_guard *guard, struct tally_err *err)
{
	if (rc == SQLITE_OK)
		rc = harden(db, guard);
	if (rc != SQLITE_OK) {
		enum tally_status st = tally_sql_bad(err, db, shown);

		sqlite3_close(db);
		return st;
	}
	*out = db;
	return TALLY_OK;
}

enum tally_status tally_sql_open(sqlite3 **out, const char *path, const char *shown,
                                 struct tally_sql_guard *guard, struct tally_err *err)
{
	sqlite3 *db = NULL;
	enum tally_status st = tally_sql_setup(err);
	int rc;

	if (st < 0)
		return st;
	/* immutable: neither a journal nor a write-ahead log that lies beside the file is ever believed */
	rc = open_uri(&db, path, "?mode=ro&immutable=1", SQLITE_OPEN_READONLY);
	return finish_open(out, db, rc, shown, guard, err);
}

enum tally_status tally_sql_memory(sqlite3 **out, const void *bytes, size_t len, const char *shown,
                                   struct tally_sql_guard *guard, struct tally_err *err)
{
	sqlite3 *db = NULL;
	enum tally_status st = tally_sql_setup(err);
	unsigned char *borrowed;
	int rc;

	if (st < 0)
		return st;
	memcpy(&borrowed, &bytes, sizeof borrowed);
	rc = sqlite3_open_v2(":memory:", &db,
	                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
	                     NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_deserialize(db, "main", borrowed, (sqlite3_int64)len,
		                         (sqlite3_int64)len, SQLITE_DESERIALIZE_READONLY);
	return finish_open(out, db, rc, shown, guard, err);
}

int tally_sql_step(sqlite3_stmt *stmt, struct tally_sql_guard *guard)
{
	if (guard)
		guard->ticks = 0;
	return sqlite3_step(stmt);
}

/* ---- errors ---- */

static bool out_of_memory(sqlite3 *db)
{
	return !db || (sqlite3_errcode(db) & 0xff) == SQLITE_NOMEM;
}

/* SQLite calls some disk errors a malformed file; the file's last error tells them apart. */
static int disk_error(sqlite3 *db)
{
	int primary = sqlite3_errcode(db) & 0xff, sys = 0;

	if (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN)
		sys = sqlite3_system_errno(db);
	else if (primary == SQLITE_CORRUPT)
		sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &sys);
	return sys;
}

enum tally_status tally_sql_bad(struct tally_err *err, sqlite3 *db, const char *path)
{
	char shown[256];

	if (out_of_memory(db))
		return tally_err_nomem(err);
	if (disk_error(db))
		return tally_err_sys(err, TALLY_SKIP, "reading", path, disk_error(db));
	tally_escape_into(shown, sizeof shown, path, strlen(path));
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED, "'%s' is damaged: %s", shown,
	                     sqlite3_errmsg(db));
}

enum tally_status tally_sql_broken(struct tally_err *err, sqlite3 *db, const char *path)
{
	int sys = db ? sqlite3_system_errno(db) : 0;
	char shown[256];

	if (out_of_memory(db))
		return tally_err_nomem(err);
	if ((sqlite3_errcode(db) & 0xff) == SQLITE_FULL)
		sys = ENOSPC;
	/* what the system said last to the file behind it: the connection forgets it while it rolls back */
	if (sys == 0 && db && (sqlite3_errcode(db) & 0xff) == SQLITE_IOERR)
		sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &sys);
	if (sys)
		return tally_err_sys(err, TALLY_FATAL, "writing", path, sys);
	tally_escape_into(shown, sizeof shown, path, strlen(path));
	return tally_err_set(err, TALLY_FATAL, TALLY_REASON_NONE, "writing '%s': %s", shown,
	                     sqlite3_errmsg(db));
}
