/*
 * The walker's frame: setting up, and one folder from opening to packing; walked.c puts the results together.
 *
 *   root ──► open ──► list ──► visit ──► pack        each a step of whoever has the folder; visit also in pieces,
 *              │                 │                   by several readers
 *              │                 └──► folders found, large files, runs of entries: onto the pool's stack
 *              └──► what was found out about the folder goes into its entry in the parent
 *
 * A folder is packed when its last piece is done and its last subfolder was opened. Records of folders form a tree in the order
 * of names, so that at the end the result comes out sorted without sorting.
 */
#include "snap/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/path.h"
#include "snap/pack.h"
#include "snap/walker.h"

enum {
	RUN = 64, /* entries a piece of work: enough to pay for the lock, few enough for cold disks */
	DESCRIPTORS_EACH = 4,     /* a folder, a file, and two while a folder is opened again */
	DESCRIPTORS_SPARE = 8,    /* for the rest of the program */
	DESCRIPTORS_CACHED = 512, /* folders that stay open for what is still to come */
	PACKED_KEPT = 1 << 20,    /* bytes of a scratch buffer that may stay between folders */
};

/* ---- one folder ---- */

enum tally_status tally_walker_check(const struct tally_walker *t, struct tally_err *err)
{
	const volatile int *stop = t->walk->options->stop;

	if (!(stop && *stop) &&
	    !atomic_load_explicit(tally_pool_halted(t->walk->pool), memory_order_relaxed))
		return TALLY_OK;
	return tally_err_set(err, TALLY_FATAL, TALLY_REASON_STOPPED, "stopped");
}

struct tally_folder_record *tally_walker_record(struct tally_arena *arena, const char *dir,
                                                size_t dir_len, const char *name, size_t name_len)
{
	size_t slash = dir_len > 0, len = dir_len + slash + name_len;
	struct tally_folder_record *r = tally_arena_zero(arena, 1, sizeof *r);
	char *path = r ? tally_arena_alloc(arena, len + 1) : NULL;

	if (!path)
		return NULL;
	memcpy(path, dir, dir_len);
	if (slash)
		path[dir_len] = '/';
	memcpy(path + dir_len + slash, name, name_len);
	path[len] = '\0';
	r->out.dir.path = path;
	r->out.dir.path_len = (uint32_t)len;
	r->out.dir.self = TALLY_NO_INDEX;
	return r;
}

enum tally_status tally_walker_later(struct tally_walker *t, struct tally_folder *f, uint32_t first,
                                     uint32_t count, struct tally_err *err)
{
	struct tally_folder *needed = count ? f : f->parent; /* whose descriptor it takes */

	if (!tally_grow(&t->batch, &t->batch_cap, t->batch_count, sizeof *t->batch))
		return tally_err_nomem(err);
	t->batch[t->batch_count++] = (struct tally_work){ f, first, count };
	if (needed) {
		atomic_fetch_add(&needed->pending, 1);
		tally_folder_want(t->walk->folders, needed, 1);
	}
	return TALLY_OK;
}

/* What was found goes onto the stack, the first name on top. */
static enum tally_status flush(struct tally_walker *t, struct tally_err *err)
{
	size_t n = t->batch_count;

	for (size_t i = 0; i < n / 2; i++) {
		struct tally_work swap = t->batch[i];

		t->batch[i] = t->batch[n - 1 - i];
		t->batch[n - 1 - i] = swap;
	}
	t->batch_count = 0;
	return tally_pool_push(t->walk->pool, t->batch, n, err);
}

static void count_entry(struct tally_walk_totals *n, const struct tally_entry *e)
{
	n->entries++;
	if (e->reason == TALLY_REASON_EXCLUDED) {
		n->excluded++;
		return;
	}
	n->folders += e->type == TALLY_TYPE_DIR;
	if (e->type != TALLY_TYPE_FILE)
		return;
	n->files++;
	n->bytes += e->size;
	if (e->proof == TALLY_PROOF_NONE)
		n->unread++;
	else if (e->proof == TALLY_PROOF_STAT)
		n->stat++;
	else
		n->hashed++;
}

/* Subfolders into the tree of records, in the order of their names. */
static void link_children(struct tally_folder *f)
{
	struct tally_folder_record **last = &f->record->child;

	for (uint32_t i = 0; f->children && i < f->count; i++) {
		if (!f->children[i])
			continue;
		*last = f->children[i];
		last = &f->children[i]->sibling;
	}
}

static enum tally_status pack(struct tally_walker *t, struct tally_folder *f, struct tally_err *err)
{
	struct tally_walked_dir *out = &f->record->out;

	for (uint32_t i = 0; i < f->count; i++) {
		struct tally_entry *e = &f->entries[i];

		if (f->sha256s && (e->flags & TALLY_ENTRY_HAS_SHA256))
			e->sha256 = &f->sha256s[i];
		count_entry(&t->totals, e);
	}
	out->dir.count = f->count;
	tally_buf_clear(&t->packed);
	if (f->count > 0) {
		if (tally_pack_encode(&t->packed, f->entries, f->count, err) < 0)
			return TALLY_FATAL;
		out->packed = (unsigned char *)tally_arena_dup(&t->arena, t->packed.bytes,
		                                               t->packed.len);
		out->packed_len = t->packed.len;
		if (!out->packed)
			return tally_err_nomem(err);
	}
	link_children(f);
	tally_folder_forget_entries(f);
	if (t->packed.cap > PACKED_KEPT)
		tally_buf_release(&t->packed);
	return TALLY_OK;
}

enum tally_status tally_walker_settle(struct tally_walker *t, struct tally_folder *f,
                                      struct tally_err *err)
{
	enum tally_status st;

	if (atomic_fetch_sub(&f->pending, 1) > 1)
		return TALLY_OK;
	st = pack(t, f, err);
	tally_folder_unref(t->walk->folders, f);
	return st;
}

/* It cannot be entered: its record and its entry say why. */
static void refuse(struct tally_walker *t, struct tally_folder *f, int sys)
{
	uint8_t reason = (uint8_t)tally_reason_from_errno(sys);

	f->record->out.dir.reason = reason;
	if (f->parent) {
		f->parent->entries[f->slot].reason = reason;
		return;
	}
	pthread_mutex_lock(&t->walk->lock);
	tally_err_sys(&t->walk->root_err, TALLY_FATAL, "opening", f->name, sys);
	pthread_mutex_unlock(&t->walk->lock);
}

static void open_root(struct tally_walker *t, struct tally_folder *f, int fd,
                      const struct tally_filestat *stat)
{
	struct tally_dir *d = &f->record->out.dir;

	d->mode = stat->mode;
	d->uid = stat->uid;
	d->gid = stat->gid;
	d->mtime_ns = stat->mtime_ns;
	d->device = stat->device;
	pthread_mutex_lock(&t->walk->lock);
	if (t->walk->roots_open++ == 0)
		tally_filestat_filesystem(fd, t->walk->filesystem, sizeof t->walk->filesystem);
	pthread_mutex_unlock(&t->walk->lock);
}

/* Fill in what its descriptor tells, here and in the parent's entry. */
static enum tally_status opened(struct tally_walker *t, struct tally_folder *f, int fd,
                                const struct tally_filestat *stat, struct tally_err *err)
{
	const struct tally_walk_earlier *earlier = t->walk->earlier;
	const struct tally_dir *d = &f->record->out.dir;
	struct tally_entry *e;

	f->device = stat->device;
	f->inode = stat->inode;
	if (earlier)
		f->earlier_dir = tally_tree_find_dir(earlier->tree, d->path, d->path_len);
	if (!f->parent) {
		open_root(t, f, fd, stat);
		return TALLY_OK;
	}
	e = &f->parent->entries[f->slot];
	tally_read_metadata(e, stat);
	return tally_read_xattrs(t->reader, fd, e, err);
}

/* @return the pinned descriptor, -1 when it cannot be entered, with *st when the walk has to end */
static int open_folder(struct tally_walker *t, struct tally_folder *f, enum tally_status *st,
                       struct tally_err *err)
{
	struct tally_folders *all = t->walk->folders;
	struct tally_filestat stat;
	int dir = f->parent ? tally_folder_pin(all, f->parent, true) : -1;
	int fd = f->parent && dir < 0 ? -1 : tally_folder_open(f, dir);
	int sys = fd < 0 ? errno : 0;

	if (dir >= 0)
		tally_folder_unpin(all, f->parent);
	if (fd >= 0)
		sys = tally_filestat_fd(fd, &stat);
	if (sys) {
		if (fd >= 0)
			close(fd);
		refuse(t, f, sys);
		return -1;
	}
	tally_folder_opened(all, f, fd);
	*st = opened(t, f, fd, &stat, err);
	return fd;
}

/* The first run of entries is done here and now, further ones by whoever is free. */
static enum tally_status visit_all(struct tally_walker *t, struct tally_folder *f, int fd,
                                   struct tally_err *err)
{
	struct tally_work first = { f, 0, f->count < RUN ? f->count : RUN };
	enum tally_status st = TALLY_OK;

	for (uint32_t i = first.count; st == TALLY_OK && i < f->count; i += RUN)
		st = tally_walker_later(t, f, i, f->count - i < RUN ? f->count - i : RUN, err);
	if (st == TALLY_OK)
		st = flush(t, err);
	if (st == TALLY_OK)
		st = tally_walker_visit(t, f, fd, &first, err);
	return st == TALLY_OK ? flush(t, err) : st;
}

static enum tally_status do_folder(struct tally_walker *t, struct tally_folder *f,
                                   struct tally_err *err)
{
	enum tally_status st = TALLY_OK;
	int fd = open_folder(t, f, &st, err);

	if (st == TALLY_OK && fd >= 0 && !f->given)
		st = tally_walker_list(t, f, fd, err);
	if (st == TALLY_OK && f->record->out.dir.reason && f->parent)
		f->parent->entries[f->slot].reason = f->record->out.dir.reason;
	if (st == TALLY_OK && f->parent)
		st = tally_walker_settle(t, f->parent, err);
	if (fd < 0 && f->given)
		tally_folder_forget_entries(f);
	if (st == TALLY_OK && fd >= 0)
		st = visit_all(t, f, fd, err);
	if (fd >= 0)
		tally_folder_unpin(t->walk->folders, f);
	return st == TALLY_OK ? tally_walker_settle(t, f, err) : st;
}

/* Every entry of a run that cannot be reached any more, because its folder cannot be opened again. */
static void lose_run(struct tally_folder *f, const struct tally_work *piece, int sys)
{
	uint32_t count = piece->count & ~(uint32_t)TALLY_WALK_NOW;

	for (uint32_t i = piece->first; i < piece->first + count; i++)
		if (!f->entries[i].reason)
			f->entries[i].reason = (uint8_t)tally_reason_from_errno(sys);
}

static enum tally_status do_run(struct tally_walker *t, struct tally_folder *f,
                                const struct tally_work *piece, struct tally_err *err)
{
	int fd = tally_folder_pin(t->walk->folders, f, true);
	enum tally_status st = TALLY_OK;

	if (fd < 0) {
		lose_run(f, piece, errno);
	} else {
		st = tally_walker_visit(t, f, fd, piece, err);
		if (st == TALLY_OK)
			st = flush(t, err);
		tally_folder_unpin(t->walk->folders, f);
	}
	return st == TALLY_OK ? tally_walker_settle(t, f, err) : st;
}

/* ---- the pool's calls ---- */

static enum tally_status walker_work(void *payload, void *worker, const struct tally_work *piece,
                                     struct tally_err *err)
{
	struct tally_walker *t = worker;

	(void)payload;
	if (tally_walker_check(t, err) < 0)
		return TALLY_FATAL;
	return piece->count ? do_run(t, piece->what, piece, err) : do_folder(t, piece->what, err);
}

static enum tally_status walker_begin(void *payload, void **worker, struct tally_err *err)
{
	struct tally_walk *w = payload;
	struct tally_walker *t = tally_alloc_zero(1, sizeof *t);
	struct tally_reader_options o = { w->key,           &w->limits, w->options->sha256,
		                          w->options->stop, NULL,       NULL };
	enum tally_status st;

	if (!t)
		return tally_err_nomem(err);
	o.halt = tally_pool_halted(w->pool);
	o.bytes = &t->bytes;
	t->walk = w;
	tally_arena_init(&t->arena, 0);
	tally_buf_init(&t->names, UINT32_MAX);
	tally_buf_init(&t->path, SIZE_MAX / 2);
	tally_buf_init(&t->packed, SIZE_MAX / 2);
	tally_buf_init(&t->link, (size_t)w->limits.link_target_bytes);
	pthread_mutex_lock(&w->lock);
	t->next = w->walkers;
	w->walkers = t;
	pthread_mutex_unlock(&w->lock);
	*worker = t;
	st = tally_reader_new(&t->reader, &o, err);
	return st < 0 ? st : tally_dirread_new(&t->dirread, err);
}

/* The arena and the totals stay for the result. */
static void walker_end(void *payload, void *worker)
{
	struct tally_walker *t = worker;

	(void)payload;
	if (!t)
		return;
	tally_reader_free(t->reader);
	tally_dirread_free(t->dirread);
	tally_buf_release(&t->names);
	tally_buf_release(&t->path);
	tally_buf_release(&t->packed);
	tally_buf_release(&t->link);
	tally_free(t->seen);
	tally_free(t->batch);
	t->seen = NULL;
	t->batch = NULL;
}

static enum tally_status walk_tick(void *payload, struct tally_err *err)
{
	struct tally_walk *w = payload;
	struct tally_progress p = { .phase = "listing and hashing" };

	if (w->options->stop && *w->options->stop)
		return tally_err_set(err, TALLY_FATAL, TALLY_REASON_STOPPED, "stopped");
	if (!w->options->progress)
		return TALLY_OK;
	pthread_mutex_lock(&w->lock);
	for (struct tally_walker *t = w->walkers; t; t = t->next) {
		p.entries += atomic_load_explicit(&t->entries, memory_order_relaxed);
		p.files += atomic_load_explicit(&t->files, memory_order_relaxed);
		p.bytes += atomic_load_explicit(&t->bytes, memory_order_relaxed);
	}
	pthread_mutex_unlock(&w->lock);
	w->options->progress(w->options->payload, &p);
	return TALLY_OK;
}

/* ---- setting up ---- */

static void walk_release(struct tally_walk *w)
{
	while (w->walkers) {
		struct tally_walker *t = w->walkers;

		w->walkers = t->next;
		tally_arena_release(&t->arena);
		tally_free(t);
	}
	tally_folders_free(w->folders);
	tally_folder_ignore_free(w->excludes);
	tally_links_free(w->links);
	tally_pool_free(w->pool);
	pthread_mutex_destroy(&w->lock);
}

static enum tally_status read_excludes(struct tally_walk *w, struct tally_err *err)
{
	const struct tally_snap_options *o = w->options;
	struct tally_ignore *list = NULL;
	enum tally_status st;

	if (o->exclude_count == 0)
		return TALLY_OK;
	st = tally_ignore_new(&list, err);
	for (size_t i = 0; st == TALLY_OK && i < o->exclude_count; i++)
		st = tally_ignore_add(list, o->excludes[i], strlen(o->excludes[i]), err);
	if (st < 0 || tally_ignore_count(list) == 0) {
		tally_ignore_free(list);
		return st;
	}
	w->excludes = tally_folder_ignore_new(list, "", 0);
	return w->excludes ? TALLY_OK : tally_err_nomem(err);
}

static enum tally_status walk_setup(struct tally_walk *w, struct tally_err *err)
{
	struct tally_pool_options o = { .threads = w->options->readers ? w->options->readers
		                                                       : TALLY_WALK_READERS,
		                        .begin = walker_begin,
		                        .end = walker_end,
		                        .work = walker_work,
		                        .tick = walk_tick,
		                        .payload = w };
	uint32_t free_fds = tally_folders_descriptors();
	enum tally_status st;

	free_fds = free_fds > DESCRIPTORS_SPARE ? free_fds - DESCRIPTORS_SPARE : 1;
	if (o.threads > free_fds / DESCRIPTORS_EACH)
		o.threads = free_fds / DESCRIPTORS_EACH ? free_fds / DESCRIPTORS_EACH : 1;
	free_fds = free_fds > o.threads * DESCRIPTORS_EACH ? free_fds - o.threads * DESCRIPTORS_EACH
	                                                   : 0;
	st = tally_folders_new(&w->folders,
	                       free_fds < DESCRIPTORS_CACHED ? free_fds : DESCRIPTORS_CACHED, err);
	if (st == TALLY_OK)
		st = tally_links_new(&w->links, err);
	if (st == TALLY_OK)
		st = tally_pool_new(&w->pool, &o, err);
	return st == TALLY_OK ? read_excludes(w, err) : st;
}

/* A root's record, and the work on it. */
static enum tally_status push_root(struct tally_walk *w, const struct tally_root_folder *root,
                                   struct tally_arena *arena, struct tally_folder_record **record,
                                   struct tally_err *err)
{
	struct tally_folder *f;

	*record = tally_walker_record(arena, "", 0, root->label, strlen(root->label));
	if (!*record)
		return tally_err_nomem(err);
	if (root->gone) {
		(*record)->out.dir.state = (uint8_t)root->state;
		w->roots_open++;
		return TALLY_OK;
	}
	if (root->sys) {
		(*record)->out.dir.reason = (uint8_t)tally_reason_from_errno(root->sys);
		return TALLY_OK;
	}
	if (tally_folder_new(w->folders, NULL, &f, err) < 0)
		return TALLY_FATAL;
	f->record = *record;
	f->name = root->path;
	if (root->files && tally_walker_list_given(f, root, w->options->sha256, err) < 0)
		return TALLY_FATAL;
	return tally_pool_push(w->pool, &(struct tally_work){ f, 0, 0 }, 1, err);
}

static int compare_records(const void *a, const void *b)
{
	const struct tally_dir *x = &(*(struct tally_folder_record *const *)a)->out.dir;
	const struct tally_dir *y = &(*(struct tally_folder_record *const *)b)->out.dir;

	return tally_path_compare(x->path, x->path_len, y->path, y->path_len);
}

/* ---- the walk ---- */

static int64_t now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static enum tally_status run(struct tally_walk *w, struct tally_walked *out,
                             const struct tally_roots *roots, struct tally_err *err)
{
	struct tally_folder_record **records = tally_arena_zero(
		tally_walked_arena(out), roots->folder_count, sizeof(struct tally_folder_record *));
	enum tally_status st = records ? TALLY_OK : tally_err_nomem(err);

	for (uint32_t i = roots->folder_count; st == TALLY_OK && i-- > 0;)
		st = push_root(w, &roots->folders[i], tally_walked_arena(out), &records[i], err);
	if (st == TALLY_OK)
		st = tally_pool_run(w->pool, err);
	if (st == TALLY_OK && w->roots_open == 0) {
		if (err)
			*err = w->root_err;
		return TALLY_FATAL;
	}
	if (st < 0)
		return st;
	qsort(records, roots->folder_count, sizeof *records, compare_records);
	out->roots = roots->roots;
	out->root_count = roots->root_count;
	return tally_walked_finish(out, w, records, roots->folder_count, err);
}

enum tally_status tally_walk(const char *const *roots, size_t count,
                             const struct tally_snap_options *options, const struct tally_key *key,
                             const struct tally_walk_earlier *earlier, struct tally_walked **out,
                             struct tally_err *err)
{
	static const struct tally_limits limits = TALLY_LIMITS_INIT;
	struct tally_walk w = { .limits = options->limits ? *options->limits : limits,
		                .options = options,
		                .key = key };
	struct tally_walked *walked = tally_walked_new();
	struct tally_roots resolved;
	int64_t start = now_ns(CLOCK_MONOTONIC);
	enum tally_status st;

	if (!walked)
		return tally_err_nomem(err);
	pthread_mutex_init(&w.lock, NULL);
	w.earlier = options->quick ? earlier : NULL;
	strcpy(w.filesystem, "unknown");
	walked->began_ns = now_ns(CLOCK_REALTIME);
	st = tally_roots_resolve(&resolved, roots, count,
	                         options->roots_may_be_gone && options->earlier
	                                 ? tally_snapshot_tree(options->earlier)
	                                 : NULL,
	                         tally_walked_arena(walked), err);
	if (st == TALLY_OK)
		st = walk_setup(&w, err);
	if (st == TALLY_OK)
		st = run(&w, walked, &resolved, err);
	walk_release(&w);
	walked->seconds = (double)(now_ns(CLOCK_MONOTONIC) - start) / 1e9;
	if (st == TALLY_OK) {
		*out = walked;
		return TALLY_OK;
	}
	tally_walked_free(walked);
	return st;
}
