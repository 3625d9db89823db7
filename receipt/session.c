/* Sessions in the store: see receipt/session.h. */
#include "receipt/session.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/hash.h"
#include "core/io.h"
#include "core/mem.h"
#include "core/path.h"
#include "receipt/json_util.h"
#include "receipt/session_store.h"
#include "receipt/words.h"

enum { FILE_MOST = 1 << 30, ID_TRIES = 100 };

static char *printed(const char *dir, const char *name)
{
	struct tally_buf buf;
	bool ok;

	tally_buf_init(&buf, 1 << 20);
	ok = tally_buf_printf(&buf, "%s/%s", dir, name);
	if (!ok)
		tally_buf_release(&buf);
	return ok ? tally_buf_take(&buf, NULL) : NULL;
}

/* ---- the store ---- */

static enum tally_status make_dirs(char *path, mode_t mode, struct tally_err *err)
{
	for (char *p = path + 1;; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		if (mkdir(path, mode) != 0 && errno != EEXIST) {
			int sys = errno;
			enum tally_status st = tally_err_sys(err, TALLY_FATAL, "making the folder",
			                                     path, sys);

			*p = c;
			return st;
		}
		*p = c;
		if (c == '\0')
			return TALLY_OK;
	}
}

static char *store_path(void)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");
	char *base, *path;

	/* the base directory specification: a relative path is to be ignored */
	if (state && state[0] == '/')
		return printed(state, "tally");
	if (!home || home[0] != '/')
		return NULL;
	base = printed(home, ".local/state");
	path = base ? printed(base, "tally") : NULL;
	tally_free(base);
	return path;
}

/* $XDG_STATE_HOME/tally (or ~/.local/state/tally), made with mode 0700 where missing; yours to tally_free. */
static enum tally_status store_dir(char **out, struct tally_err *err)
{
	char *path = store_path();
	enum tally_status st;

	if (!path)
		return tally_err_set(
			err, TALLY_FATAL, TALLY_REASON_NONE,
			"no place for the store: set HOME or XDG_STATE_HOME to an absolute path");
	st = make_dirs(path, 0700, err);
	if (st < 0) {
		tally_free(path);
		return st;
	}
	*out = path;
	return TALLY_OK;
}

enum tally_status tally_store_outside(const char *const *roots, size_t count, struct tally_err *err)
{
	char *store = NULL, *real = NULL;
	enum tally_status st = store_dir(&store, err);

	if (st < 0)
		return st;
	real = realpath(store, NULL);
	for (size_t i = 0; real && i < count && st >= 0; i++) {
		char *root = realpath(roots[i], NULL);

		if (root && tally_path_below(real, strlen(real), root,
		                             strcmp(root, "/") == 0 ? 0 : strlen(root)))
			st = tally_err_set(
				err, TALLY_FATAL, TALLY_REASON_NONE,
				"the store '%s' lies inside '%s'; set XDG_STATE_HOME to a folder outside of what is watched",
				real, root);
		free(root);
	}
	free(real);
	tally_free(store);
	return st;
}

/* ---- files of a session, whole or not at all ---- */

static enum tally_status sync_dir(const char *dir, struct tally_err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return tally_err_sys(err, TALLY_FATAL, "opening", dir, errno);
	rc = fsync(fd);
	close(fd);
	/* some file systems cannot sync a folder and say so */
	return rc == 0 || errno == EINVAL ? TALLY_OK
	                                  : tally_err_sys(err, TALLY_FATAL, "syncing", dir, errno);
}

/* a file being written under a temporary name */
struct draft {
	char *path, *temporary;
	int fd;
};

static enum tally_status draft_open(struct draft *d, const struct tally_session *s,
                                    const char *name, struct tally_err *err)
{
	*d = (struct draft){ .fd = -1, .path = tally_session_path(s, name) };
	if (d->path)
		d->temporary = tally_alloc(strlen(d->path) + sizeof ".XXXXXX");
	if (!d->temporary)
		return tally_err_nomem(err);
	sprintf(d->temporary, "%s.XXXXXX", d->path);
	d->fd = mkstemp(d->temporary); /* 0600 */
	if (d->fd < 0)
		return tally_err_sys(err, TALLY_FATAL, "making", d->temporary, errno);
	return TALLY_OK;
}

static enum tally_status draft_close(struct draft *d, const struct tally_session *s,
                                     enum tally_status st, struct tally_err *err)
{
	if (st >= 0 && fsync(d->fd) != 0)
		st = tally_err_sys(err, TALLY_FATAL, "writing", d->path, errno);
	if (d->fd >= 0 && close(d->fd) != 0 && st >= 0)
		st = tally_err_sys(err, TALLY_FATAL, "writing", d->path, errno);
	if (st >= 0 && rename(d->temporary, d->path) != 0)
		st = tally_err_sys(err, TALLY_FATAL, "writing", d->path, errno);
	if (st < 0 && d->fd >= 0)
		unlink(d->temporary);
	if (st >= 0)
		st = sync_dir(s->dir, err);
	tally_free(d->path);
	tally_free(d->temporary);
	return st;
}

static enum tally_status read_file(const char *path, struct tally_buf *out, struct tally_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	enum tally_status st = TALLY_OK;
	ssize_t n;

	if (fd < 0)
		return tally_err_sys(err, TALLY_FATAL, "opening", path, errno);
	do {
		if (!tally_buf_reserve(out, 1 << 16)) {
			st = tally_err_set(err, TALLY_FATAL, TALLY_REASON_TOO_LARGE,
			                   "'%s' is too large", path);
			break;
		}
		n = tally_io_read(fd, out->bytes + out->len, 1 << 16);
		if (n < 0)
			st = tally_err_sys(err, TALLY_FATAL, "reading", path, errno);
		if (n > 0)
			out->len += (size_t)n;
	} while (n > 0);
	close(fd);
	return st;
}

/* ---- session.json ---- */

static void set_strings(json_t *o, const char *field, char **items, size_t count, bool *ok)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *item = json_object();

		tally_json_set_bytes(item, "text", items[i], strlen(items[i]), ok);
		tally_json_add(list, item, ok);
	}
	tally_json_set(o, field, list, ok);
}

static void set_time(json_t *o, const char *field, int64_t ns, bool *ok)
{
	char text[TALLY_TIME_MAX];

	tally_json_set(o, field, ns ? json_string(tally_words_time(text, ns)) : json_null(), ok);
}

static json_t *session_json(const struct tally_session *s)
{
	json_t *o = json_object();
	bool ok = true;

	tally_json_set(o, "schema", json_string("tally.session/1"), &ok);
	tally_json_set(o, "id", json_string(s->id), &ok);
	if (s->task)
		tally_json_set_bytes(o, "task", s->task, strlen(s->task), &ok);
	set_strings(o, "roots", s->roots, s->root_count, &ok);
	set_strings(o, "excludes", s->excludes, s->exclude_count, &ok);
	if (s->allow_column_count)
		set_strings(o, "allow_columns", s->allow_columns, s->allow_column_count, &ok);
	if (s->allow_rows)
		tally_json_set_bytes(o, "allow_rows", s->allow_rows, strlen(s->allow_rows), &ok);
	if (s->allow_sheet_count)
		set_strings(o, "allow_sheets", s->allow_sheets, s->allow_sheet_count, &ok);
	tally_json_set(o, "sha256", json_boolean(s->sha256), &ok);
	tally_json_set(o, "cross_mounts", json_boolean(s->cross_mounts), &ok);
	tally_json_set(o, "keep", json_integer(s->keep), &ok);
	tally_json_set(o, "keep_budget", json_integer((json_int_t)s->keep_budget), &ok);
	set_time(o, "began_at", s->began_at_ns, &ok);
	set_time(o, "ended_at", s->ended_at_ns, &ok);
	tally_json_set(o, "receipt_sha256",
	               s->receipt_sha256 ? json_string(s->receipt_sha256) : json_null(), &ok);
	tally_json_set(o, "verdict", s->verdict ? json_string(s->verdict) : json_null(), &ok);
	tally_json_set(o, "closing", s->closing ? json_string(s->closing) : json_null(), &ok);
	if (!ok) {
		json_decref(o);
		return NULL;
	}
	return o;
}

char *tally_session_text(const struct tally_session *s)
{
	json_t *o = session_json(s);
	char *text = o ? json_dumps(o, JSON_INDENT(2)) : NULL;
	char *out = text ? tally_alloc(strlen(text) + 2) : NULL;

	if (out)
		sprintf(out, "%s\n", text);
	json_decref(o);
	free(text); /* from jansson */
	return out;
}

bool tally_session_as_written(const struct tally_session *s)
{
	char *path = tally_session_path(s, "session.json"), *text = tally_session_text(s);
	struct tally_buf file;
	bool same;

	tally_buf_init(&file, FILE_MOST);
	same = path && text && read_file(path, &file, NULL) == TALLY_OK &&
	       file.len == strlen(text) && memcmp(file.bytes, text, file.len) == 0;
	tally_buf_release(&file);
	tally_free(path);
	tally_free(text);
	return same;
}

enum tally_status tally_session_save(const struct tally_session *s, struct tally_err *err)
{
	char *text = tally_session_text(s);
	struct draft d;
	enum tally_status st;

	if (!text)
		return tally_err_nomem(err);
	st = draft_open(&d, s, "session.json", err);
	if (st >= 0 && tally_io_write_all(d.fd, text, strlen(text)) != 0)
		st = tally_err_sys(err, TALLY_FATAL, "writing", d.path, errno);
	st = draft_close(&d, s, st, err);
	if (st >= 0)
		tally_session_unmark(s);
	tally_free(text);
	return st;
}

static bool get_strings(const json_t *o, const char *field, char ***items, size_t *count)
{
	const json_t *list = json_object_get(o, field);
	size_t n = json_array_size(list);

	*items = tally_alloc_zero(n, sizeof **items);
	for (size_t i = 0; *items && i < n; i++) {
		size_t len;

		(*items)[i] = tally_json_get_bytes(json_array_get(list, i), "text", &len);
		if (!(*items)[i])
			return false;
		*count = i + 1;
	}
	return *items != NULL;
}

static char *get_text(const json_t *o, const char *field)
{
	size_t len;

	return tally_json_get_bytes(o, field, &len);
}

static bool get_time(const json_t *o, const char *field, int64_t *ns)
{
	const json_t *value = json_object_get(o, field);

	*ns = 0;
	return !json_is_string(value) || tally_words_time_parse(ns, json_string_value(value));
}

static bool session_from_json(struct tally_session *s, const json_t *o)
{
	const char *schema = tally_json_string(o, "schema");
	const char *id = tally_json_string(o, "id");

	if (!schema || strcmp(schema, "tally.session/1") != 0 || !id || strcmp(id, s->id) != 0)
		return false;
	s->task = get_text(o, "task");
	s->allow_rows = get_text(o, "allow_rows");
	s->sha256 = json_is_true(json_object_get(o, "sha256"));
	s->cross_mounts = json_is_true(json_object_get(o, "cross_mounts"));
	s->keep = (int)tally_json_count(o, "keep");
	s->keep_budget = tally_json_count(o, "keep_budget");
	s->receipt_sha256 = get_text(o, "receipt_sha256");
	s->verdict = get_text(o, "verdict");
	s->closing = get_text(o, "closing");
	return get_strings(o, "roots", &s->roots, &s->root_count) &&
	       get_strings(o, "allow_columns", &s->allow_columns, &s->allow_column_count) &&
	       get_strings(o, "allow_sheets", &s->allow_sheets, &s->allow_sheet_count) &&
	       get_strings(o, "excludes", &s->excludes, &s->exclude_count) &&
	       get_time(o, "began_at", &s->began_at_ns) && get_time(o, "ended_at", &s->ended_at_ns);
}

/* ---- making, opening, listing ---- */

struct tally_session *tally_session_blank(void)
{
	struct tally_session *s = tally_alloc_zero(1, sizeof *s);

	if (s)
		s->lock = -1;
	return s;
}

char *tally_session_path(const struct tally_session *s, const char *name)
{
	return printed(s->dir, name);
}

static void free_strings(char **items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		tally_free(items[i]);
	tally_free(items);
}

void tally_session_free(struct tally_session *s)
{
	if (!s)
		return;
	free_strings(s->roots, s->root_count);
	free_strings(s->excludes, s->exclude_count);
	free_strings(s->allow_columns, s->allow_column_count);
	free_strings(s->allow_sheets, s->allow_sheet_count);
	tally_free(s->allow_rows);
	tally_free(s->dir);
	tally_free(s->task);
	tally_free(s->receipt_sha256);
	tally_free(s->verdict);
	tally_free(s->closing);
	if (s->lock >= 0)
		close(s->lock); /* which lets go of it */
	tally_free(s);
}

char *tally_session_store(struct tally_err *err)
{
	char *store = NULL, *dir;

	if (store_dir(&store, err) < 0)
		return NULL;
	dir = printed(store, "sessions");
	tally_free(store);
	if (!dir)
		tally_err_nomem(err);
	else if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
		tally_err_sys(err, TALLY_FATAL, "making the folder", dir, errno);
		tally_free(dir);
		dir = NULL;
	}
	return dir;
}

static void make_id(char id[TALLY_SESSION_ID_MAX], time_t now, unsigned salt)
{
	struct tm tm;

	gmtime_r(&now, &tm);
	snprintf(id, TALLY_SESSION_ID_MAX, "%04u%02u%02u-%02u%02u%02u-%04x",
	         (unsigned)(tm.tm_year + 1900) % 10000u, (unsigned)(tm.tm_mon + 1) % 100u,
	         (unsigned)tm.tm_mday % 100u, (unsigned)tm.tm_hour % 100u,
	         (unsigned)tm.tm_min % 100u, (unsigned)tm.tm_sec % 100u, salt & 0xFFFFu);
}

/* @return TALLY_END: the id is taken, or a run that clears away was faster */
static enum tally_status make_folder(struct tally_session *s, const char *dir, struct tally_err *err)
{
	tally_free(s->dir);
	s->dir = printed(dir, s->id);
	if (!s->dir)
		return tally_err_nomem(err);
	if (mkdir(s->dir, 0700) != 0)
		return errno == EEXIST
		               ? TALLY_END
		               : tally_err_sys(err, TALLY_FATAL, "making a session in", dir, errno);
	if (tally_session_lock(s, err) >= 0) {
		int sys = tally_session_mark(s);

		return sys ? tally_err_sys(err, TALLY_FATAL, "making a session in", dir, sys)
		           : TALLY_OK;
	}
	return access(s->dir, F_OK) != 0 || rmdir(s->dir) != 0 ? TALLY_END : TALLY_FATAL;
}

enum tally_status tally_session_new(struct tally_session **out, struct tally_err *err)
{
	struct tally_session *s = tally_session_blank();
	char *dir = s ? tally_session_store(err) : NULL;
	enum tally_status st = dir ? TALLY_END : TALLY_FATAL;
	struct timespec now;

	if (!s)
		return tally_err_nomem(err);
	clock_gettime(CLOCK_REALTIME, &now);
	s->began_at_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	for (unsigned i = 0; st == TALLY_END && i < ID_TRIES; i++) {
		make_id(s->id, now.tv_sec, (unsigned)now.tv_nsec / 1000u + i * 7919u);
		st = make_folder(s, dir, err);
	}
	if (st == TALLY_END)
		st = tally_err_sys(err, TALLY_FATAL, "making a session in", dir, EEXIST);
	tally_free(dir);
	if (st == TALLY_OK)
		*out = s;
	else
		tally_session_free(s);
	return st;
}

void tally_session_discard(const struct tally_session *s)
{
	DIR *d = opendir(s->dir);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
	rmdir(s->dir);
}

/* an id is a plain name: whatever else is in the store, or on the command line, is none */
static bool plausible(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n < TALLY_SESSION_ID_MAX && strspn(name, "0123456789abcdef-") == n;
}

static enum tally_status load(struct tally_session **out, const char *dir, const char *id,
                              struct tally_err *err)
{
	struct tally_session *s = tally_session_blank();
	struct tally_buf text;
	char *path = NULL;
	json_t *o = NULL;
	enum tally_status st = TALLY_OK;

	tally_buf_init(&text, FILE_MOST);
	if (!s)
		return tally_err_nomem(err);
	snprintf(s->id, sizeof s->id, "%s", id);
	s->dir = printed(dir, id);
	path = s->dir ? tally_session_path(s, "session.json") : NULL;
	if (!path)
		st = tally_err_nomem(err);
	if (st >= 0)
		st = read_file(path, &text, err);
	if (st < 0 && err && err->sys == ENOENT)
		snprintf(err->message, sizeof err->message,
		         "session %s has no session.json: it is being begun, was interrupted, or is damaged",
		         id);
	if (st >= 0)
		o = json_loadb(text.bytes ? text.bytes : "", text.len, 0, NULL);
	if (st >= 0 && (!json_is_object(o) || !session_from_json(s, o)))
		st = tally_err_set(err, TALLY_FATAL, TALLY_REASON_DAMAGED, "'%s' is damaged", path);
	json_decref(o);
	tally_buf_release(&text);
	tally_free(path);
	if (st < 0)
		tally_session_free(s);
	else
		*out = s;
	return st;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

enum tally_status tally_session_ids(const char *dir, char ***out, size_t *count, struct tally_err *err)
{
	DIR *d = opendir(dir);
	enum tally_status st = TALLY_OK;
	struct dirent *e;
	size_t cap = 0;

	if (!d)
		return tally_err_sys(err, TALLY_FATAL, "listing", dir, errno);
	while (st >= 0 && (e = readdir(d)) != NULL) {
		char *id;

		if (!plausible(e->d_name))
			continue;
		id = tally_dup(e->d_name, strlen(e->d_name));
		if (!id || !tally_grow(out, &cap, *count, sizeof **out)) {
			tally_free(id);
			st = tally_err_nomem(err);
			break;
		}
		(*out)[(*count)++] = id;
	}
	closedir(d);
	if (*count)
		qsort(*out, *count, sizeof **out, by_text);
	return st;
}

void tally_session_ids_free(char **ids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		tally_free(ids[i]);
	tally_free(ids);
}

enum tally_status tally_session_resolve(char id[TALLY_SESSION_ID_MAX], const char *dir,
                                        const char *given, struct tally_err *err)
{
	char **ids = NULL;
	size_t count = 0, hits = 0, hit = 0;
	enum tally_status st = tally_session_ids(dir, &ids, &count, err);

	for (size_t i = 0; i < count && st >= 0; i++) {
		if (strncmp(ids[i], given, strlen(given)) != 0)
			continue;
		hit = i;
		hits++;
	}
	if (st >= 0 && (hits == 0 || !plausible(given)))
		st = tally_err_set(err, TALLY_FATAL, TALLY_REASON_NONE,
		                   "no session '%.40s'; 'tally log' lists them", given);
	else if (st >= 0 && hits > 1)
		st = tally_err_set(err, TALLY_FATAL, TALLY_REASON_NONE,
		                   "'%s' may be any of %zu sessions; 'tally log' lists them", given,
		                   hits);
	if (st >= 0)
		memcpy(id, ids[hit], strlen(ids[hit]) + 1);
	tally_session_ids_free(ids, count);
	return st;
}

enum tally_status tally_session_open(struct tally_session **out, const char *id, struct tally_err *err)
{
	char *dir = tally_session_store(err), whole[TALLY_SESSION_ID_MAX];
	enum tally_status st = dir ? tally_session_resolve(whole, dir, id, err) : TALLY_FATAL;

	if (st >= 0)
		st = load(out, dir, whole, err);
	tally_free(dir);
	return st;
}

static int by_beginning(const void *a, const void *b)
{
	const struct tally_session *x = *(struct tally_session *const *)a;
	const struct tally_session *y = *(struct tally_session *const *)b;

	if (x->began_at_ns != y->began_at_ns)
		return x->began_at_ns < y->began_at_ns ? -1 : 1;
	return strcmp(x->id, y->id);
}

enum tally_status tally_session_list(struct tally_session ***out, size_t *count,
                                     void (*broken)(void *payload, const char *id,
                                                    const char *message),
                                     void *payload, struct tally_err *err)
{
	char *dir = tally_session_store(err), **ids = NULL;
	size_t n = 0;
	enum tally_status st = dir ? tally_session_ids(dir, &ids, &n, err) : TALLY_FATAL;

	*count = 0;
	*out = st >= 0 ? tally_alloc_zero(n, sizeof **out) : NULL;
	if (st >= 0 && !*out)
		st = tally_err_nomem(err);
	for (size_t i = 0; i < n && st >= 0; i++) {
		struct tally_err why = { 0 };

		if (load(&(*out)[*count], dir, ids[i], &why) >= 0)
			(*count)++;
		else if (broken &&
		         why.sys != ENOENT) /* none yet: one that is being made, or was killed */
			broken(payload, ids[i], why.message);
	}
	if (*count)
		qsort(*out, *count, sizeof **out, by_beginning);
	tally_session_ids_free(ids, n);
	tally_free(dir);
	return st;
}

void tally_session_list_free(struct tally_session **list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		tally_session_free(list[i]);
	tally_free(list);
}

/* ---- receipts ---- */

static enum tally_status digest_file(const char *path, struct tally_buf *text,
                                     char digest[TALLY_DIGEST_TEXT_MAX], struct tally_err *err)
{
	struct tally_sha256 sha;
	enum tally_status st = read_file(path, text, err);

	if (st < 0)
		return st;
	tally_sha256_of(&sha, text->bytes, text->len);
	tally_sha256_text(digest, &sha);
	return TALLY_OK;
}

enum tally_status tally_session_store_receipt(struct tally_session *s,
                                              const struct tally_receipt *r, struct tally_err *err)
{
	char digest[TALLY_DIGEST_TEXT_MAX];
	struct timespec now;
	struct tally_buf text;
	struct draft d;
	char *path;
	enum tally_status st = draft_open(&d, s, "receipt.json", err);

	if (st >= 0)
		st = tally_receipt_write_json(r, d.fd, err);
	st = draft_close(&d, s, st, err);
	if (st < 0)
		return st;
	tally_buf_init(&text, FILE_MOST);
	path = tally_session_path(s, "receipt.json");
	st = path ? digest_file(path, &text, digest, err) : tally_err_nomem(err);
	tally_buf_release(&text);
	tally_free(path);
	if (st < 0)
		return st;
	tally_free(s->receipt_sha256);
	tally_free(s->verdict);
	s->receipt_sha256 = tally_dup(digest, strlen(digest));
	s->verdict = tally_dup(r->verdict.text, strlen(r->verdict.text));
	if (!s->receipt_sha256 || !s->verdict)
		return tally_err_nomem(err);
	clock_gettime(CLOCK_REALTIME, &now);
	s->ended_at_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	tally_free(s->closing);
	s->closing = tally_session_closing(s);
	return s->closing ? tally_session_save(s, err) : tally_err_nomem(err);
}

enum tally_status tally_session_load_receipt(const struct tally_session *s,
                                             struct tally_receipt **out, struct tally_err *err)
{
	char digest[TALLY_DIGEST_TEXT_MAX];
	struct tally_buf text;
	char *path;
	enum tally_status st;

	if (!s->receipt_sha256)
		return tally_err_set(err, TALLY_FATAL, TALLY_REASON_NONE,
		                     "session %s has no receipt yet; 'tally after %s' makes it",
		                     s->id, s->id);
	tally_buf_init(&text, FILE_MOST);
	path = tally_session_path(s, "receipt.json");
	st = path ? digest_file(path, &text, digest, err) : tally_err_nomem(err);
	if (st >= 0 && strcmp(digest, s->receipt_sha256) != 0)
		st = tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED,
		                   "'%s' is not the receipt that was stored: it was altered", path);
	if (st >= 0)
		st = tally_receipt_read_json(out, text.bytes, text.len, err);
	if (st >= 0 && (!(*out)->session_id || strcmp((*out)->session_id, s->id) != 0)) {
		st = tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED,
		                   "'%s' is the receipt of another session", path);
		tally_receipt_free(*out);
		*out = NULL;
	}
	tally_buf_release(&text);
	tally_free(path);
	return st;
}
