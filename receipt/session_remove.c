/* Locks on sessions, removing them, and what interrupted runs left: see receipt/session.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/mem.h"
#include "receipt/session_store.h"

enum {
	NO_LOCK_SECONDS = 3600, /* a folder that has no lock file by then was not just being made */
};

/* ---- locks ---- */

/* @return 0, or errno: EAGAIN where another process has it */
static int lock_file(int fd)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_SETLK, &whole) == 0)
		return 0;
	return errno == EACCES ? EAGAIN : errno;
}

enum tally_status tally_session_lock(struct tally_session *s, struct tally_err *err)
{
	char *path = tally_session_path(s, "lock");
	int sys = ENOMEM;

	if (path) {
		s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		sys = s->lock < 0 ? errno : lock_file(s->lock);
	}
	/* a file system without locks: two processes are then told apart by nothing, as everywhere on it */
	if (sys == ENOLCK || sys == ENOTSUP || sys == ENOSYS || sys == EINVAL)
		sys = 0;
	if (sys == EAGAIN)
		tally_err_set(err, TALLY_FATAL, TALLY_REASON_NONE,
		              "another tally is working on session %s right now", s->id);
	else if (sys)
		tally_err_sys(err, TALLY_FATAL, "locking", path, sys);
	tally_free(path);
	if (sys && s->lock >= 0) {
		close(s->lock);
		s->lock = -1;
	}
	return sys ? TALLY_FATAL : TALLY_OK;
}

int tally_session_mark(const struct tally_session *s)
{
	char *path = tally_session_path(s, "unfinished");
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
	int sys = !path ? ENOMEM : fd < 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	tally_free(path);
	return sys;
}

void tally_session_unmark(const struct tally_session *s)
{
	char *path = tally_session_path(s, "unfinished");

	if (path)
		unlink(path); /* one that stays says nothing beside a session.json */
	tally_free(path);
}

/* ---- what is in a session's folder ---- */

static bool begins(const char *name, const char *with)
{
	return strncmp(name, with, strlen(with)) == 0;
}

/* a name that only tally gives */
static bool is_part(const char *name)
{
	static const char *const names[] = { "session.json", "before.tally", "after.tally",
		                             "receipt.json", "lock",         "unfinished" };
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	if (begins(name, ".tally-"))
		return len > 4 && strcmp(name + len - 4, ".tmp") == 0;
	return (begins(name, "session.json.") || begins(name, "receipt.json.")) && len == 12 + 7;
}

/* Calls @each for every name in an open folder. @return 0, or what made it stop */
static int each_part(DIR *d, int (*each)(int dir, const char *name, void *payload), void *payload)
{
	struct dirent *e;
	int stop = 0;

	rewinddir(d);
	while (stop == 0 && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			stop = each(dirfd(d), e->d_name, payload);
	return stop;
}

static int refuse_others(int dir, const char *name, void *payload)
{
	struct stat st;

	(void)payload;
	if (is_part(name) && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
		return 0;
	return EEXIST;
}

static int remove_part(int dir, const char *name, void *payload)
{
	(void)payload;
	if (strcmp(name, "lock") == 0) /* goes last: it says that the rest is being removed */
		return 0;
	return unlinkat(dir, name, 0) == 0 || errno == ENOENT ? 0 : errno;
}

/* @return 0, or errno; EEXIST: something is in it that is no part of a session, nothing was removed */
static int remove_folder(const char *path)
{
	DIR *d = opendir(path);
	int sys;

	if (!d)
		return errno;
	sys = each_part(d, refuse_others, NULL);
	if (sys == 0 && unlinkat(dirfd(d), "session.json", 0) != 0 && errno != ENOENT)
		sys = errno;
	if (sys == 0)
		fsync(dirfd(d));
	if (sys == 0)
		sys = each_part(d, remove_part, NULL);
	if (sys == 0 && unlinkat(dirfd(d), "lock", 0) != 0 && errno != ENOENT)
		sys = errno;
	closedir(d);
	return sys == 0 && rmdir(path) != 0 ? errno : sys;
}

enum tally_status tally_session_forget(const struct tally_session *s, struct tally_err *err)
{
	int sys = remove_folder(s->dir);

	if (sys == EEXIST || sys == ENOTEMPTY)
		return tally_err_set(
			err, TALLY_FATAL, TALLY_REASON_NONE,
			"'%s' holds something that is no part of a session; it was left as it is",
			s->dir);
	return sys ? tally_err_sys(err, TALLY_FATAL, "removing", s->dir, sys) : TALLY_OK;
}

enum tally_status tally_session_remains(struct tally_session **out, const char *id,
                                        struct tally_err *err)
{
	struct tally_session *s = tally_session_blank();
	char *dir = s ? tally_session_store(err) : NULL;
	enum tally_status st = !s ? tally_err_nomem(err) : dir ? TALLY_OK : TALLY_FATAL;
	struct tally_buf path;

	tally_buf_init(&path, 1 << 20);
	if (st >= 0)
		st = tally_session_resolve(s->id, dir, id, err);
	if (st >= 0 && !tally_buf_printf(&path, "%s/%s", dir, s->id))
		st = tally_err_nomem(err);
	if (st >= 0)
		s->dir = tally_buf_take(&path, NULL);
	if (st >= 0)
		st = tally_session_lock(s, err);
	tally_buf_release(&path);
	tally_free(dir);
	if (st < 0)
		tally_session_free(s);
	else
		*out = s;
	return st;
}

/* ---- what was interrupted ---- */

static bool has(const struct tally_session *s, const char *name)
{
	char *path = tally_session_path(s, name);
	/* no memory, or not to be found out: then it is not ours to remove */
	bool found = !path || access(path, F_OK) == 0 || errno != ENOENT;

	tally_free(path);
	return found;
}

static bool is_old(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && time(NULL) - st.st_mtime > NO_LOCK_SECONDS;
}

/* Nobody works on it: its lock can be had, or it never got one and time has passed. */
static bool is_dead(struct tally_session *s)
{
	if (!has(s, "lock"))
		return is_old(s->dir);
	return tally_session_lock(s, NULL) >= 0;
}

static bool holds_work(const struct tally_session *s)
{
	return has(s, "before.tally") || has(s, "after.tally") || has(s, "receipt.json");
}

static bool has_others(const struct tally_session *s)
{
	DIR *d = opendir(s->dir);
	bool others = !d || each_part(d, refuse_others, NULL) != 0;

	if (d)
		closedir(d);
	return others;
}

static void look_at(struct tally_session *s, bool sweep,
                    void (*found)(void *payload, const struct tally_unfinished *what), void *payload)
{
	struct tally_unfinished what = { .id = s->id };

	if (has(s, "session.json"))
		return;
	what.alive = !is_dead(s);
	what.holds = (holds_work(s) && !has(s, "unfinished")) || has_others(s);
	if (has(s, "session.json")) /* it became whole meanwhile */
		return;
	if (sweep && !what.alive && !what.holds)
		what.removed = remove_folder(s->dir) == 0;
	found(payload, &what);
}

enum tally_status tally_session_unfinished(bool sweep,
                                           void (*found)(void *payload,
                                                         const struct tally_unfinished *what),
                                           void *payload, struct tally_err *err)
{
	char *dir = tally_session_store(err), **ids = NULL;
	size_t count = 0;
	enum tally_status st = dir ? tally_session_ids(dir, &ids, &count, err) : TALLY_FATAL;

	for (size_t i = 0; i < count && st >= 0; i++) {
		struct tally_session *s = tally_session_blank();
		struct tally_buf path;

		tally_buf_init(&path, 1 << 20);
		if (s && tally_buf_printf(&path, "%s/%s", dir, ids[i])) {
			snprintf(s->id, sizeof s->id, "%s", ids[i]);
			s->dir = tally_buf_take(&path, NULL);
			look_at(s, sweep, found, payload);
		} else {
			st = tally_err_nomem(err);
		}
		tally_session_free(s);
		tally_buf_release(&path);
	}
	tally_session_ids_free(ids, count);
	tally_free(dir);
	return st;
}
