/* What to do with one entry of a folder, by its type: read it, enter it later, or write down why neither. */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/path.h"
#include "snap/walker.h"

enum {
	LARGE = 4 << 20, /* bytes: from here on a file is a piece of work of its own, for whoever is free */
	LINK_FIRST = 256,         /* bytes: most targets fit */
	RACY_NS = 2 * 1000000000, /* file systems stamp as coarsely as this */
};

/* An entry at work. */
struct at {
	struct tally_folder *f;
	struct tally_entry *e;
	int fd; /* of the folder */
	uint32_t index;
	bool now;   /* a large file whose turn it is */
	bool again; /* it turned out to be of another type than the folder said */
};

static enum tally_status visit_as(struct tally_walker *t, struct at *a, enum tally_entry_type type,
                                  struct tally_err *err);

static struct tally_sha256 *sha256_of(const struct at *a)
{
	return a->f->sha256s ? &a->f->sha256s[a->index] : NULL;
}

static void set_reason(struct tally_entry *e, int sys)
{
	e->reason = (uint8_t)tally_reason_from_errno(sys);
}

/* It is something else than it was a moment ago: take it as that, once. */
static enum tally_status turned_out(struct tally_walker *t, struct at *a,
                                    enum tally_entry_type type, struct tally_err *err)
{
	if (a->again || type == TALLY_TYPE_UNKNOWN) {
		a->e->reason = TALLY_REASON_CHANGED_WHILE_READING;
		return TALLY_OK;
	}
	a->again = true;
	a->e->type = (uint8_t)type;
	return visit_as(t, a, type, err);
}

/* ---- folders ---- */

/* A mount, or a place where one would appear on access. */
static bool elsewhere(const struct tally_walker *t, const struct at *a,
                      const struct tally_filestat *stat)
{
	return !t->walk->options->cross_mounts && (stat->mount_point || stat->device != a->f->device);
}

static bool too_deep(const struct tally_walker *t, const struct at *a)
{
	return a->f->depth >= t->walk->limits.folder_depth ||
	       a->f->record->out.dir.path_len + a->e->name_len + UINT64_C(1) >
	               t->walk->limits.path_bytes;
}

static enum tally_status enter_later(struct tally_walker *t, struct at *a, struct tally_err *err)
{
	const struct tally_dir *d = &a->f->record->out.dir;
	struct tally_folder *child;
	struct tally_folder_record *r;

	if (!a->f->children) { /* the folder said that there was none, or a file was asked for */
		a->e->reason = TALLY_REASON_CHANGED_WHILE_READING;
		return TALLY_OK;
	}
	r = tally_walker_record(&t->arena, d->path, d->path_len, a->e->name, a->e->name_len);
	if (!r)
		return tally_err_nomem(err);
	if (tally_folder_new(t->walk->folders, a->f, &child, err) < 0)
		return TALLY_FATAL;
	r->parent = a->f->record;
	child->record = r;
	child->name = r->out.dir.path + r->out.dir.path_len - a->e->name_len;
	child->slot = a->index;
	a->f->children[a->index] = r;
	return tally_walker_later(t, child, 0, 0, err);
}

static enum tally_status visit_folder(struct tally_walker *t, struct at *a, struct tally_err *err)
{
	struct tally_filestat stat;
	int sys = tally_filestat_at(a->fd, a->e->name, &stat);

	if (sys) {
		set_reason(a->e, sys);
		return TALLY_OK;
	}
	if (stat.type != TALLY_TYPE_DIR)
		return turned_out(t, a, stat.type, err);
	tally_read_metadata(a->e, &stat);
	if (elsewhere(t, a, &stat))
		a->e->reason = TALLY_REASON_OTHER_MOUNT;
	else if (too_deep(t, a))
		a->e->reason = TALLY_REASON_LIMIT;
	else
		return enter_later(t, a, err);
	return TALLY_OK;
}

/* ---- files ---- */

static const struct tally_entry *find_earlier(const struct tally_walker *t, const struct at *a)
{
	const struct tally_tree *tree = t->walk->earlier->tree;
	const struct tally_dir *d;
	uint32_t low, high;

	if (a->f->earlier_dir == TALLY_NO_INDEX)
		return NULL;
	d = &tree->dirs[a->f->earlier_dir];
	low = d->first;
	high = d->first + d->count;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		const struct tally_entry *e = &tree->entries[mid];
		int c = tally_name_compare(e->name, e->name_len, a->e->name, a->e->name_len);

		if (c == 0)
			return e;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* Could its digest be taken over at all? Whatever changed near the earlier snapshot may have changed after it was read. */
static bool trustworthy(const struct tally_walker *t, const struct tally_entry *old)
{
	return old->type == TALLY_TYPE_FILE && old->proof != TALLY_PROOF_NONE &&
	       tally_digest_known(&old->digest) && old->inode != 0 &&
	       old->ctime_ns < t->walk->earlier->taken_at_ns - RACY_NS &&
	       (!t->walk->options->sha256 || old->sha256);
}

/* --quick: believe that it is as it was. @return false: it has to be read */
static bool take_over(struct tally_walker *t, struct at *a)
{
	const struct tally_entry *old = find_earlier(t, a);
	struct tally_filestat stat;

	if (!old || !trustworthy(t, old) || tally_filestat_at(a->fd, a->e->name, &stat) ||
	    stat.type != TALLY_TYPE_FILE)
		return false;
	if (stat.size != old->size || stat.mtime_ns != old->mtime_ns ||
	    stat.ctime_ns != old->ctime_ns || stat.inode != old->inode || stat.device != old->device)
		return false;
	tally_read_metadata(a->e, &stat);
	a->e->digest = old->digest;
	a->e->xattr_digest = old->xattr_digest;
	a->e->proof = TALLY_PROOF_STAT;
	a->e->flags = old->flags & (TALLY_ENTRY_SPARSE | TALLY_ENTRY_XATTRS);
	if (t->walk->options->sha256) {
		*sha256_of(a) = *old->sha256;
		a->e->flags |= TALLY_ENTRY_HAS_SHA256;
	}
	return true;
}

static enum tally_status read_it(struct tally_walker *t, struct at *a, int fd,
                                 const struct tally_filestat *stat, struct tally_err *err)
{
	return tally_read_file(t->reader, fd, a->fd, a->e->name, stat, a->e, sha256_of(a), err);
}

/* It was read under this name; those that waited come back and find it known. */
static enum tally_status read_for_all(struct tally_walker *t, struct at *a, int fd,
                                      const struct tally_filestat *stat, struct tally_err *err)
{
	struct tally_work *waiting;
	size_t count;
	enum tally_status st = read_it(t, a, fd, stat, err);

	tally_links_done(t->walk->links, stat, a->e, sha256_of(a), &waiting, &count);
	if (st == TALLY_OK)
		st = tally_pool_push(t->walk->pool, waiting, count, err);
	tally_free(waiting);
	return st;
}

static enum tally_status visit_linked(struct tally_walker *t, struct at *a, int fd,
                                      const struct tally_filestat *stat, struct tally_err *err)
{
	struct tally_work work = { a->f, a->index, TALLY_WALK_NOW | 1 };
	enum tally_links_answer answer;
	enum tally_status st;

	/* announced before anybody can bring it back; taken back below where nobody will */
	atomic_fetch_add(&a->f->pending, 1);
	tally_folder_want(t->walk->folders, a->f, 1);
	st = tally_links_ask(t->walk->links, stat, &work, a->e, sha256_of(a), &answer, err);
	if (st == TALLY_OK && answer == TALLY_LINKS_WAIT) {
		close(fd);
		return TALLY_OK;
	}
	atomic_fetch_sub(&a->f->pending, 1);
	tally_folder_unwant(t->walk->folders, a->f);
	if (st == TALLY_OK && answer == TALLY_LINKS_READ)
		return read_for_all(t, a, fd, stat, err);
	if (st == TALLY_OK && answer == TALLY_LINKS_ALONE)
		return read_it(t, a, fd, stat, err);
	tally_read_metadata(a->e, stat);
	close(fd);
	return st;
}

/* A file mounted over another one. Some file systems give files other device numbers than folders, so that has to be asked. */
static bool file_elsewhere(const struct tally_walker *t, const struct at *a,
                           const struct tally_filestat *stat)
{
	struct tally_filestat named;

	if (stat->device == a->f->device || t->walk->options->cross_mounts)
		return false;
	return !tally_filestat_at(a->fd, a->e->name, &named) && named.mount_point;
}

static enum tally_status not_opened(struct tally_walker *t, struct at *a,
                                    const struct tally_filestat *stat, enum tally_reason reason,
                                    struct tally_err *err)
{
	if (reason == TALLY_REASON_SPECIAL_FILE && stat->type != TALLY_TYPE_FILE)
		return turned_out(t, a, stat->type, err);
	if (stat->type != TALLY_TYPE_UNKNOWN)
		tally_read_metadata(a->e, stat);
	a->e->reason = (uint8_t)reason;
	return TALLY_OK;
}

static enum tally_status visit_file(struct tally_walker *t, struct at *a, struct tally_err *err)
{
	struct tally_filestat stat;
	struct tally_err why = { .status = TALLY_OK };
	int fd;

	if (t->walk->earlier && take_over(t, a))
		return TALLY_OK;
	if (tally_read_open(a->fd, a->e->name, &fd, &stat, &why) < 0)
		return not_opened(t, a, &stat, why.reason, err);
	if (file_elsewhere(t, a, &stat)) {
		close(fd);
		tally_read_metadata(a->e, &stat);
		a->e->reason = TALLY_REASON_OTHER_MOUNT;
		return TALLY_OK;
	}
	if (stat.size >= LARGE && !a->now) {
		close(fd);
		return tally_walker_later(t, a->f, a->index, TALLY_WALK_NOW | 1, err);
	}
	if (stat.nlink > 1)
		return visit_linked(t, a, fd, &stat, err);
	return read_it(t, a, fd, &stat, err);
}

/* ---- everything else ---- */

/* The target into t->link. @return 0, an errno, or -1 when it is longer than the limit */
static int read_target(struct tally_walker *t, const struct at *a)
{
	struct tally_buf *b = &t->link;

	tally_buf_clear(b);
	for (size_t room = LINK_FIRST;; room *= 2) {
		ssize_t n;

		if (room > b->max && room / 2 >= b->max)
			return -1;
		if (!tally_buf_reserve(b, room < b->max ? room : b->max))
			return ENOMEM;
		n = readlinkat(a->fd, a->e->name, b->bytes, b->cap - 1);
		if (n < 0)
			return errno;
		if ((size_t)n < b->cap - 1) {
			b->len = (size_t)n;
			b->bytes[n] = '\0';
			return 0;
		}
	}
}

static enum tally_status visit_link(struct tally_walker *t, struct at *a, struct tally_err *err)
{
	struct tally_filestat stat;
	int sys = tally_filestat_at(a->fd, a->e->name, &stat);

	if (!sys && stat.type != TALLY_TYPE_SYMLINK)
		return turned_out(t, a, stat.type, err);
	if (!sys) {
		tally_read_metadata(a->e, &stat);
		sys = read_target(t, a);
	}
	if (sys == ENOMEM)
		return tally_err_nomem(err);
	if (sys) {
		a->e->reason = sys < 0         ? TALLY_REASON_LIMIT
		               : sys == EINVAL ? TALLY_REASON_CHANGED_WHILE_READING
		                               : (uint8_t)tally_reason_from_errno(sys);
		return TALLY_OK;
	}
	a->e->target = tally_dup(t->link.bytes, t->link.len); /* freed when the folder is packed */
	if (!a->e->target)
		return tally_err_nomem(err);
	a->e->size = t->link.len;
	a->e->proof = TALLY_PROOF_HASHED;
	tally_read_bytes(t->reader, t->link.bytes, t->link.len, &a->e->digest);
	return TALLY_OK;
}

/* Pipes, sockets, devices: never opened. Also names that nothing could be found out about. */
static enum tally_status visit_special(struct tally_walker *t, struct at *a, struct tally_err *err)
{
	struct tally_filestat stat;
	int sys = tally_filestat_at(a->fd, a->e->name, &stat);

	if (sys) {
		set_reason(a->e, sys);
		return TALLY_OK;
	}
	if (stat.type == TALLY_TYPE_FILE || stat.type == TALLY_TYPE_DIR ||
	    stat.type == TALLY_TYPE_SYMLINK)
		return turned_out(t, a, stat.type, err);
	tally_read_metadata(a->e, &stat);
	a->e->reason = TALLY_REASON_SPECIAL_FILE;
	return TALLY_OK;
}

static enum tally_status visit_as(struct tally_walker *t, struct at *a, enum tally_entry_type type,
                                  struct tally_err *err)
{
	switch (type) {
	case TALLY_TYPE_FILE:
		return visit_file(t, a, err);
	case TALLY_TYPE_DIR:
		return visit_folder(t, a, err);
	case TALLY_TYPE_SYMLINK:
		return visit_link(t, a, err);
	default:
		return visit_special(t, a, err);
	}
}

static void count_for_progress(atomic_uint_least64_t *counter)
{
	/* only this thread adds */
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
	                      memory_order_relaxed);
}

enum tally_status tally_walker_visit(struct tally_walker *t, struct tally_folder *f, int fd,
                                     const struct tally_work *piece, struct tally_err *err)
{
	uint32_t count = piece->count & ~(uint32_t)TALLY_WALK_NOW;
	enum tally_status st = TALLY_OK;

	assert(piece->first + count <= f->count);
	for (uint32_t i = piece->first; st == TALLY_OK && i < piece->first + count; i++) {
		struct at a = { f,    &f->entries[i], fd, i, (piece->count & TALLY_WALK_NOW) != 0,
			        false };
		bool file = a.e->type == TALLY_TYPE_FILE;

		if (a.e->reason == TALLY_REASON_EXCLUDED)
			continue;
		st = tally_walker_check(t, err);
		if (st == TALLY_OK)
			st = visit_as(t, &a, (enum tally_entry_type)a.e->type, err);
		/* the entry may be in other hands already, see visit_linked */
		if (!a.now)
			count_for_progress(&t->entries);
		if (!a.now && file)
			count_for_progress(&t->files);
	}
	return st;
}
