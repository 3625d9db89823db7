/* Folders of a walk and their descriptors: see snap/folder.h. */
#include "snap/folder.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/mem.h"
#include "snap/filestat.h"

enum { DESCRIPTORS_PLENTY = 2048 };

struct tally_folders {
	pthread_mutex_t lock;
	struct tally_folder *newest;
	struct tally_folder_ignore *ignores;
	uint32_t open, cached; /* descriptors that are open; that may be without being in use */
};

enum tally_status tally_folders_new(struct tally_folders **out, uint32_t cached, struct tally_err *err)
{
	struct tally_folders *all = tally_alloc_zero(1, sizeof *all);

	if (!all)
		return tally_err_nomem(err);
	pthread_mutex_init(&all->lock, NULL);
	all->cached = cached;
	*out = all;
	return TALLY_OK;
}

struct tally_folder_ignore *tally_folder_ignore_new(struct tally_ignore *list, const char *dir,
                                                    size_t dir_len)
{
	struct tally_folder_ignore *i = tally_alloc_zero(1, sizeof *i);

	if (i)
		i->hits = tally_alloc_zero(tally_ignore_count(list), sizeof *i->hits);
	if (!i || !i->hits) {
		tally_ignore_free(list);
		tally_free(i);
		return NULL;
	}
	i->list = list;
	i->dir = dir;
	i->dir_len = (uint32_t)dir_len;
	return i;
}

void tally_folder_ignore_free(struct tally_folder_ignore *ignore)
{
	if (!ignore)
		return;
	tally_ignore_free(ignore->list);
	tally_free(ignore->numbers);
	tally_free(ignore->hits);
	tally_free(ignore);
}

static bool any_hits(const struct tally_folder_ignore *ignore)
{
	if (ignore->reason)
		return true;
	for (uint32_t i = 0; i < tally_ignore_count(ignore->list); i++)
		if (atomic_load(&ignore->hits[i]))
			return true;
	return false;
}

struct tally_folder_ignore *tally_folders_ignores(struct tally_folders *all)
{
	struct tally_folder_ignore *ignores = all->ignores;

	all->ignores = NULL;
	return ignores;
}

/* Targets are the entries' own while they are unpacked. */
static void free_targets(struct tally_folder *f)
{
	for (uint32_t i = 0; i < f->count; i++)
		tally_free((void *)(uintptr_t)f->entries[i].target);
}

void tally_folder_forget_entries(struct tally_folder *f)
{
	free_targets(f);
	tally_free(f->entries);
	tally_free(f->sha256s);
	tally_free(f->children);
	tally_free(f->names);
	f->entries = NULL;
	f->sha256s = NULL;
	f->children = NULL;
	f->names = NULL;
	f->count = 0;
}

static void folder_free(struct tally_folder *f)
{
	if (f->fd >= 0)
		close(f->fd);
	tally_folder_forget_entries(f);
	tally_folder_ignore_free(f->ignore);
	tally_free(f);
}

void tally_folders_free(struct tally_folders *all)
{
	if (!all)
		return;
	while (all->newest) {
		struct tally_folder *f = all->newest;

		all->newest = f->older;
		folder_free(f);
	}
	while (all->ignores) {
		struct tally_folder_ignore *i = all->ignores;

		all->ignores = i->next;
		tally_folder_ignore_free(i);
	}
	pthread_mutex_destroy(&all->lock);
	tally_free(all);
}

enum tally_status tally_folder_new(struct tally_folders *all, struct tally_folder *parent,
                                   struct tally_folder **out, struct tally_err *err)
{
	struct tally_folder *f = tally_alloc_zero(1, sizeof *f);

	if (!f)
		return tally_err_nomem(err);
	f->fd = -1;
	f->parent = parent;
	f->earlier_dir = TALLY_NO_INDEX;
	atomic_init(&f->refs, 1);
	atomic_init(&f->pending, 1);
	if (parent) {
		f->depth = parent->depth + 1;
		f->ignore_above = parent->ignore ? parent : parent->ignore_above;
		atomic_fetch_add(&parent->refs, 1);
	}
	pthread_mutex_lock(&all->lock);
	f->older = all->newest;
	if (f->older)
		f->older->newer = f;
	all->newest = f;
	pthread_mutex_unlock(&all->lock);
	*out = f;
	return TALLY_OK;
}

static void unlink_folder(struct tally_folders *all, struct tally_folder *f)
{
	pthread_mutex_lock(&all->lock);
	if (f->newer)
		f->newer->older = f->older;
	else
		all->newest = f->older;
	if (f->older)
		f->older->newer = f->newer;
	all->open -= f->fd >= 0;
	if (f->ignore && any_hits(f->ignore)) { /* its patterns go into the result */
		f->ignore->next = all->ignores;
		all->ignores = f->ignore;
		f->ignore = NULL;
	}
	pthread_mutex_unlock(&all->lock);
}

void tally_folder_unref(struct tally_folders *all, struct tally_folder *f)
{
	while (f && atomic_fetch_sub(&f->refs, 1) == 1) {
		struct tally_folder *parent = f->parent;

		unlink_folder(all, f);
		folder_free(f);
		f = parent;
	}
}

void tally_folder_want(struct tally_folders *all, struct tally_folder *f, uint32_t more)
{
	pthread_mutex_lock(&all->lock);
	f->wants += more;
	pthread_mutex_unlock(&all->lock);
}

void tally_folder_unwant(struct tally_folders *all, struct tally_folder *f)
{
	pthread_mutex_lock(&all->lock);
	f->wants--;
	pthread_mutex_unlock(&all->lock);
}

/* With the lock held. */
static int pin_open(struct tally_folder *f)
{
	if (f->fd >= 0)
		f->pins++;
	return f->fd;
}

void tally_folder_unpin(struct tally_folders *all, struct tally_folder *f)
{
	int fd = -1;

	pthread_mutex_lock(&all->lock);
	assert(f->pins > 0);
	if (--f->pins == 0 && (f->wants == 0 || all->open > all->cached)) {
		fd = f->fd;
		f->fd = -1;
		all->open--;
	}
	pthread_mutex_unlock(&all->lock);
	if (fd >= 0)
		close(fd);
}

void tally_folder_opened(struct tally_folders *all, struct tally_folder *f, int fd)
{
	pthread_mutex_lock(&all->lock);
	if (f->fd < 0) {
		f->fd = fd;
		all->open++;
		fd = -1;
	}
	f->pins++;
	pthread_mutex_unlock(&all->lock);
	if (fd >= 0)
		close(fd); /* somebody was faster */
}

int tally_folder_open(const struct tally_folder *f, int dir)
{
	/* the path of a root comes from the user: links in it are meant */
	if (!f->parent)
		return tally_filestat_open_root(f->name, !f->given);
	return tally_filestat_open_dir(dir, f->name);
}

/* Open it again; it must be the folder that it was. */
static int open_same(const struct tally_folder *f, int dir)
{
	struct tally_filestat stat;
	int fd = tally_folder_open(f, dir);

	if (fd < 0)
		return -1;
	if (!tally_filestat_fd(fd, &stat) && stat.device == f->device && stat.inode == f->inode)
		return fd;
	close(fd);
	errno = ESTALE;
	return -1;
}

/* The chain from the nearest open folder above (or the root) down to @f, nearest last; pins that folder. */
static struct tally_folder **chain_down(struct tally_folders *all, struct tally_folder *f,
                                        size_t *count, struct tally_folder **above)
{
	struct tally_folder **chain = tally_alloc((f->depth + 1) * sizeof *chain);
	size_t n = 0;

	if (!chain) {
		errno = ENOMEM;
		return NULL;
	}
	pthread_mutex_lock(&all->lock);
	for (*above = f; *above && (*above)->fd < 0; *above = (*above)->parent)
		chain[n++] = *above;
	if (*above)
		pin_open(*above);
	pthread_mutex_unlock(&all->lock);
	*count = n;
	return chain;
}

static int reopen(struct tally_folders *all, struct tally_folder *f)
{
	struct tally_folder *above;
	size_t n;
	struct tally_folder **chain = chain_down(all, f, &n, &above);
	int fd = above && chain ? above->fd : -1, last = -1, sys;

	if (!chain)
		return -1;
	while (n > 0) {
		fd = open_same(chain[--n], fd);
		sys = errno;
		if (last >= 0)
			close(last);
		errno = sys;
		last = fd;
		if (fd < 0)
			break;
	}
	sys = errno;
	tally_free(chain);
	if (last >= 0)
		tally_folder_opened(all, f, last);
	if (above && above != f)
		tally_folder_unpin(all, above);
	errno = sys;
	return fd < 0 ? -1 : f->fd;
}

int tally_folder_pin(struct tally_folders *all, struct tally_folder *f, bool wanted)
{
	int fd;

	pthread_mutex_lock(&all->lock);
	f->wants -= wanted;
	fd = pin_open(f);
	pthread_mutex_unlock(&all->lock);
	return fd >= 0 ? fd : reopen(all, f);
}

uint32_t tally_folders_descriptors(void)
{
	struct rlimit limit;
	uint32_t used = 0;

	/* looking at each takes time; where there are plenty it does not matter how many are in use */
	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur > DESCRIPTORS_PLENTY)
		return DESCRIPTORS_PLENTY / 2;
	for (uint32_t fd = 0; fd < limit.rlim_cur; fd++)
		used += fcntl((int)fd, F_GETFD) >= 0;
	return (uint32_t)limit.rlim_cur - used;
}
