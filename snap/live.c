/* Live files: from the root's path down, folder by folder. */
#include "snap/live.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/escape.h"
#include "core/mem.h"
#include "core/path.h"
#include "snap/store.h"

/* The root that a path belongs to: its label is the path's beginning, and the longest that is. */
static const struct tally_root *root_of(const struct tally_tree *tree, const char *path, size_t len)
{
	const struct tally_root *best = NULL;

	for (uint32_t i = 0; i < tree->root_count; i++) {
		const struct tally_root *root = &tree->roots[i];
		size_t n = strlen(root->label);

		if (tally_path_below(path, len, root->label, n) && (!best || n > strlen(best->label)))
			best = root;
	}
	return best;
}

/* A root that is a file stands in a folder; that is what is opened. */
static int open_root(const struct tally_root *root)
{
	size_t len = strlen(root->path);
	char *folder;
	int fd;

	if (root->is_file) {
		len = tally_path_dir_len(root->path, len);
		len = len ? len : 1;
	}
	folder = tally_dup(root->path, len);
	if (!folder) {
		errno = ENOMEM;
		return -1;
	}
	fd = tally_filestat_open_dir(AT_FDCWD, folder);
	tally_free(folder);
	return fd;
}

/* Replace @fd by the folder of that name in it; it is closed in any case. */
static int step_down(int fd, const char *name, size_t len)
{
	char *copy = tally_dup(name, len);
	int next = copy ? tally_filestat_open_dir(fd, copy) : -1;
	int sys = copy ? errno : ENOMEM;

	tally_free(copy);
	close(fd);
	errno = sys;
	return next;
}

static int open_below(int fd, const char *path, size_t len)
{
	while (fd >= 0 && len > 0) {
		const char *slash = memchr(path, '/', len);
		size_t n = slash ? (size_t)(slash - path) : len;

		fd = step_down(fd, path, n);
		n += slash != NULL;
		path += n;
		len -= n;
	}
	return fd;
}

enum tally_status tally_live_dir(const struct tally_tree *tree, uint32_t dir, int *fd,
                                 struct tally_err *err)
{
	const struct tally_dir *d = &tree->dirs[dir];
	const struct tally_root *root = root_of(tree, d->path, d->path_len);
	size_t label;

	if (!root)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_NOT_REACHED,
		                     "a folder below none of the roots");
	label = strlen(root->label);
	if (label && label < d->path_len)
		label++;
	*fd = open_root(root);
	if (*fd >= 0)
		*fd = open_below(*fd, d->path + label, d->path_len - label);
	if (*fd < 0)
		return errno == ENOMEM ? tally_err_nomem(err)
		                       : tally_err_sys(err, TALLY_SKIP, "opening",
		                                       d->path_len ? d->path : root->path, errno);
	return TALLY_OK;
}

enum tally_status tally_live_file(int dir, const char *name, int *fd, struct tally_filestat *seen,
                                  struct tally_err *err)
{
	int sys;

	*fd = tally_filestat_open(dir, name);
	if (*fd < 0)
		return tally_err_sys(err, TALLY_SKIP, "opening", name, errno);
	sys = tally_filestat_fd(*fd, seen);
	if (sys == 0 && seen->type == TALLY_TYPE_FILE)
		return TALLY_OK;
	close(*fd);
	*fd = -1;
	if (sys)
		return tally_err_sys(err, TALLY_SKIP, "looking at", name, sys);
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_SPECIAL_FILE,
	                     "it is no regular file any more");
}

static bool as_recorded(const struct tally_filestat *seen, const struct tally_entry *e)
{
	const struct tally_filestat then = { .size = e->size,
		                             .mtime_ns = e->mtime_ns,
		                             .ctime_ns = e->ctime_ns,
		                             .inode = e->inode,
		                             .device = e->device };

	return tally_filestat_same(seen, &then);
}

enum tally_status tally_snapshot_open_live(const struct tally_snapshot *s, uint32_t entry, int *fd,
                                           struct tally_err *err)
{
	const struct tally_entry *e = &s->tree->entries[entry];
	struct tally_filestat seen;
	int dir = -1;
	enum tally_status st;

	if (e->type != TALLY_TYPE_FILE)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_SPECIAL_FILE,
		                     "it is not a regular file");
	st = tally_live_dir(s->tree, e->dir, &dir, err);
	if (st < 0)
		return st;
	st = tally_live_file(dir, e->name, fd, &seen, err);
	close(dir);
	if (st == TALLY_OK && !as_recorded(&seen, e)) {
		char shown[256];

		close(*fd);
		*fd = -1;
		tally_escape_into(shown, sizeof shown, e->name, e->name_len);
		st = tally_err_set(err, TALLY_SKIP, TALLY_REASON_CONTENT_ALTERED,
		                   "'%s' is no longer what the snapshot recorded", shown);
	}
	return st;
}
