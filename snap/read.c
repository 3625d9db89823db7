/* The read discipline: open, look, read and count, look again; see snap/read.h. */
#include "snap/read.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/io.h"
#include "core/mem.h"
#include "snap/extents.h"
#include "snap/xattr.h"

enum {
	LEASE_TRIES = 5,
	LEASE_NAP_NS = 20000000, /* Samba gives a lease back within this time or not at all */
	RETRY_NAP_NS = 2000000,  /* lets a writer finish its line */
	ZEROS_PIECE = 64 << 20, /* holes are hashed in pieces, to look at the stop flag in between */
};

struct tally_reader {
	struct tally_reader_options o;
	struct tally_hasher *hasher;
	unsigned char *buffer;
};

enum tally_status tally_reader_new(struct tally_reader **out,
                                   const struct tally_reader_options *options, struct tally_err *err)
{
	struct tally_reader *r = tally_alloc_zero(1, sizeof *r);
	enum tally_status st;

	if (!r)
		return tally_err_nomem(err);
	r->o = *options;
	r->buffer = tally_alloc(TALLY_READ_BUFFER);
	st = r->buffer ? tally_hasher_new(&r->hasher, options->key, options->sha256, err)
	               : tally_err_nomem(err);
	if (st < 0) {
		tally_reader_free(r);
		return st;
	}
	*out = r;
	return TALLY_OK;
}

void tally_reader_free(struct tally_reader *r)
{
	if (!r)
		return;
	tally_hasher_free(r->hasher);
	tally_free(r->buffer);
	tally_free(r);
}

static bool stopped(const struct tally_reader *r)
{
	return (r->o.stop && *r->o.stop) ||
	       (r->o.halt && atomic_load_explicit(r->o.halt, memory_order_relaxed));
}

static void count_bytes(struct tally_reader *r, uint64_t n)
{
	if (r->o.bytes)
		atomic_fetch_add_explicit(r->o.bytes, n, memory_order_relaxed);
}

static void nap(long nanoseconds)
{
	nanosleep(&(struct timespec){ 0, nanoseconds }, NULL);
}

void tally_read_metadata(struct tally_entry *entry, const struct tally_filestat *stat)
{
	entry->type = (uint8_t)stat->type;
	entry->mode = stat->mode;
	entry->uid = stat->uid;
	entry->gid = stat->gid;
	entry->nlink = stat->nlink;
	entry->inode = stat->inode;
	entry->device = stat->device;
	entry->mtime_ns = stat->mtime_ns;
	entry->ctime_ns = stat->ctime_ns;
	/* the size of a folder or a pipe says something about the file system, not about what is in it */
	entry->size = stat->type == TALLY_TYPE_FILE || stat->type == TALLY_TYPE_SYMLINK ? stat->size
	                                                                                : 0;
}

/* ---- opening ---- */

static enum tally_status refuse_open(int dir, const char *name, int sys,
                                     struct tally_filestat *stat, struct tally_err *err)
{
	if (tally_filestat_at(dir, name, stat))
		*stat = (struct tally_filestat){ .type = TALLY_TYPE_UNKNOWN };
	else if (stat->type != TALLY_TYPE_FILE)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_SPECIAL_FILE,
		                     "not a regular file");
	return tally_err_sys(err, TALLY_SKIP, "opening", name, sys);
}

enum tally_status tally_read_open(int dir, const char *name, int *fd, struct tally_filestat *stat,
                                  struct tally_err *err)
{
	int sys;

	*fd = tally_filestat_open(dir, name);
	for (int i = 0; *fd < 0 && (errno == EAGAIN || errno == EINTR) && i < LEASE_TRIES; i++) {
		nap(LEASE_NAP_NS);
		*fd = tally_filestat_open(dir, name);
	}
	if (*fd < 0)
		return refuse_open(dir, name, errno, stat, err);
	sys = tally_filestat_fd(*fd, stat);
	if (!sys && stat->type == TALLY_TYPE_FILE)
		return TALLY_OK;
	close(*fd);
	*fd = -1;
	if (!sys)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_SPECIAL_FILE,
		                     "not a regular file");
	*stat = (struct tally_filestat){ .type = TALLY_TYPE_UNKNOWN };
	return tally_err_sys(err, TALLY_SKIP, "looking at", name, sys);
}

/* ---- hashing ---- */

/* How one attempt went. */
enum attempt {
	WHOLE,
	CHANGED, /* other bytes than the size promised */
	FAILED,  /* errno says why */
	STOPPED,
};

struct content {
	struct tally_digest digest;
	struct tally_sha256 sha256;
	bool has_sha256;
	bool sparse;  /* has holes */
	bool extents; /* hashed by its data only */
};

/* Fill the buffer as far as the file goes. */
static ssize_t read_full(struct tally_reader *r, int fd, size_t want)
{
	size_t got = 0;

	while (got < want) {
		ssize_t n = tally_io_read(fd, r->buffer + got, TALLY_READ_BUFFER - got);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

static void finish(struct tally_reader *r, struct content *c)
{
	tally_hasher_finish(r->hasher, &c->digest, &c->sha256);
	c->has_sha256 = r->o.sha256;
}

/* A file that fits the buffer: one call, one hash. An empty one is read too, because some lie about their size. */
static enum attempt read_small(struct tally_reader *r, int fd, uint64_t size, struct content *c)
{
	ssize_t n = read_full(r, fd, size ? (size_t)size : 1);

	if (n < 0)
		return FAILED;
	count_bytes(r, (uint64_t)n);
	if ((uint64_t)n != size)
		return CHANGED;
	if (!r->o.sha256) {
		tally_digest_of(&c->digest, r->o.key, r->buffer, (size_t)n);
		return WHOLE;
	}
	tally_hasher_start(r->hasher);
	tally_hasher_add(r->hasher, r->buffer, (size_t)n);
	finish(r, c);
	return WHOLE;
}

static enum attempt read_stream(struct tally_reader *r, int fd, uint64_t size, struct content *c)
{
	uint64_t got = 0;

	tally_hasher_start(r->hasher);
	while (got < size) {
		ssize_t n = tally_io_read(fd, r->buffer, TALLY_READ_BUFFER);

		if (n < 0)
			return FAILED;
		if (n == 0 || (uint64_t)n > size - got)
			return CHANGED;
		if (stopped(r))
			return STOPPED;
		tally_hasher_add(r->hasher, r->buffer, (size_t)n);
		count_bytes(r, (uint64_t)n);
		got += (uint64_t)n;
	}
	finish(r, c);
	return WHOLE;
}

/* @len bytes of data from @at into the hasher. */
static enum attempt add_data(struct tally_reader *r, int fd, uint64_t at, uint64_t len)
{
	while (len > 0) {
		size_t want = len < TALLY_READ_BUFFER ? (size_t)len : TALLY_READ_BUFFER;
		ssize_t n = tally_io_pread(fd, r->buffer, want, at);

		if (n < 0)
			return FAILED;
		if (n == 0)
			return CHANGED;
		if (stopped(r))
			return STOPPED;
		tally_hasher_add(r->hasher, r->buffer, (size_t)n);
		count_bytes(r, (uint64_t)n);
		at += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return WHOLE;
}

static enum attempt add_hole(struct tally_reader *r, uint64_t len)
{
	while (len > 0) {
		uint64_t n = len < ZEROS_PIECE ? len : ZEROS_PIECE;

		if (stopped(r))
			return STOPPED;
		tally_hasher_add_zeros(r->hasher, n);
		count_bytes(r, n);
		len -= n;
	}
	return WHOLE;
}

/* Place and length of an extent as 16 bytes, or the size of the file with all ones. */
static void add_mark(struct tally_reader *r, uint64_t at, uint64_t len)
{
	unsigned char mark[16];

	for (unsigned i = 0; i < 8; i++) {
		mark[i] = (unsigned char)(at >> 8 * i);
		mark[8 + i] = (unsigned char)(len >> 8 * i);
	}
	tally_hasher_add(r->hasher, mark, sizeof mark);
}

/* Bytes in holes. @return 0, or -1 with errno */
static int measure_holes(int fd, uint64_t size, uint64_t *holes)
{
	struct tally_extent x;
	uint64_t at = 0;
	int found;

	*holes = size;
	while ((found = tally_extent_next(fd, at, size, &x)) > 0) {
		*holes -= x.len;
		at = x.at + x.len;
	}
	return found;
}

/*
 * A file with holes. Up to the limit they are zeros, so that a sparse copy and a dense one are one content. Beyond it the
 * hash is over (place, length, bytes) of each run of data and then the size: it begins with a mark that makes it no hash
 * of any file's plain bytes by accident.
 */
static enum attempt read_sparse(struct tally_reader *r, int fd, uint64_t size, struct content *c)
{
	static const char tag[] = "tally: data extents of a sparse file";
	struct tally_extent x;
	uint64_t holes, at = 0;
	enum attempt a = WHOLE;
	int found;

	if (measure_holes(fd, size, &holes))
		return FAILED;
	c->sparse = holes > 0;
	c->extents = holes > r->o.limits->hole_bytes;
	tally_hasher_start(r->hasher);
	if (c->extents)
		tally_hasher_add(r->hasher, tag, sizeof tag);
	while (a == WHOLE && (found = tally_extent_next(fd, at, size, &x)) != 0) {
		if (found < 0)
			return FAILED;
		if (c->extents)
			add_mark(r, x.at, x.len);
		else
			a = add_hole(r, x.at - at);
		if (a == WHOLE)
			a = add_data(r, fd, x.at, x.len);
		at = x.at + x.len;
	}
	if (a == WHOLE && c->extents)
		add_mark(r, UINT64_MAX, size);
	else if (a == WHOLE)
		a = add_hole(r, size - at);
	finish(r, c);
	c->has_sha256 &= !c->extents;
	return a;
}

static enum attempt read_content(struct tally_reader *r, int fd, const struct tally_filestat *stat,
                                 struct content *c)
{
	*c = (struct content){ .sparse = false };
	if (stat->size <= TALLY_READ_BUFFER)
		return read_small(r, fd, stat->size, c);
	if (stat->blocks < (stat->size + 511) / 512)
		return read_sparse(r, fd, stat->size, c);
	return read_stream(r, fd, stat->size, c);
}

/* ---- one file ---- */

enum tally_status tally_read_xattrs(struct tally_reader *r, int fd, struct tally_entry *entry,
                                    struct tally_err *err)
{
	enum tally_status st = tally_xattr_digest(fd, r->o.key, r->o.limits->xattr_bytes,
	                                          &entry->xattr_digest, err);

	if (st == TALLY_FATAL)
		return st;
	if (st < 0 || entry->xattr_digest)
		entry->flags |= TALLY_ENTRY_XATTRS;
	return TALLY_OK;
}

void tally_read_bytes(struct tally_reader *r, const void *bytes, size_t len,
                      struct tally_digest *digest)
{
	tally_digest_of(digest, r->o.key, bytes, len);
}

static void settle(struct tally_entry *entry, const struct content *c, struct tally_sha256 *sha256)
{
	entry->digest = c->digest;
	entry->proof = c->extents ? TALLY_PROOF_EXTENT : TALLY_PROOF_HASHED;
	if (c->sparse)
		entry->flags |= TALLY_ENTRY_SPARSE;
	if (c->has_sha256 && sha256) {
		*sha256 = c->sha256;
		entry->flags |= TALLY_ENTRY_HAS_SHA256;
	}
}

/* Why the content is not read at all: it would have to be fetched, or it is all holes that cannot be skipped. */
static enum tally_reason not_worth_trying(const struct tally_reader *r,
                                          const struct tally_filestat *stat)
{
	uint64_t stored = stat->blocks * 512;

	if (stat->offline)
		return TALLY_REASON_CLOUD_PLACEHOLDER;
	if (!tally_extents_known() && stat->size > stored &&
	    stat->size - stored > r->o.limits->hole_bytes)
		return TALLY_REASON_TOO_LARGE;
	return TALLY_REASON_NONE;
}

/*
 * One attempt, with a look before (by the caller) and after. The attributes are read in between, so that a change of
 * theirs shows too.
 */
static enum tally_status attempt_file(struct tally_reader *r, int fd, struct tally_filestat *stat,
                                      struct tally_entry *entry, struct tally_sha256 *sha256,
                                      bool *again, struct tally_err *err)
{
	struct tally_filestat after;
	struct content c;
	enum attempt a;
	enum tally_status st;
	int sys;

	tally_read_metadata(entry, stat);
	entry->flags = 0;
	entry->reason = (uint8_t)not_worth_trying(r, stat);
	if (entry->reason)
		return TALLY_OK;
	a = read_content(r, fd, stat, &c);
	if (a == FAILED)
		entry->reason = (uint8_t)tally_reason_from_errno(errno);
	if (a == STOPPED)
		return tally_err_set(err, TALLY_FATAL, TALLY_REASON_STOPPED, "stopped");
	st = tally_read_xattrs(r, fd, entry, err);
	if (st < 0 || a == FAILED)
		return st;
	sys = tally_filestat_fd(fd, &after);
	if (sys) {
		entry->reason = (uint8_t)tally_reason_from_errno(sys);
		return TALLY_OK;
	}
	*again = a == CHANGED || !tally_filestat_same(stat, &after);
	if (!*again)
		settle(entry, &c, sha256);
	else
		tally_read_metadata(entry, &after);
	return TALLY_OK;
}

enum tally_status tally_read_file(struct tally_reader *r, int fd, int dir, const char *name,
                                  const struct tally_filestat *stat, struct tally_entry *entry,
                                  struct tally_sha256 *sha256, struct tally_err *err)
{
	struct tally_filestat now = *stat;
	struct tally_err why = { .status = TALLY_OK };
	enum tally_status st;

	entry->proof = TALLY_PROOF_NONE;
	entry->reason = TALLY_REASON_NONE;
	for (uint64_t tries = 0;; tries++) {
		bool again = false;

		st = attempt_file(r, fd, &now, entry, sha256, &again, err);
		close(fd);
		if (st == TALLY_OK && !again && !entry->reason && tries > 0)
			entry->flags |= TALLY_ENTRY_RETRIED;
		if (st < 0 || !again)
			return st;
		if (tries >= r->o.limits->read_retries)
			break;
		if (stopped(r))
			return tally_err_set(err, TALLY_FATAL, TALLY_REASON_STOPPED, "stopped");
		nap(RETRY_NAP_NS);
		if (tally_read_open(dir, name, &fd, &now, &why) < 0) {
			entry->reason = (uint8_t)why.reason;
			if (why.reason == TALLY_REASON_SPECIAL_FILE)
				entry->reason = TALLY_REASON_CHANGED_WHILE_READING;
			return TALLY_OK;
		}
	}
	entry->reason = TALLY_REASON_CHANGED_WHILE_READING;
	return TALLY_OK;
}

/* ---- small files, whole ---- */

static enum tally_status slurp(int fd, uint64_t size, struct tally_buf *out, bool *again,
                               struct tally_err *err)
{
	tally_buf_clear(out);
	if (size > out->max)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_TOO_LARGE,
		                     "larger than %zu bytes", out->max);
	if (!tally_buf_reserve(out, (size_t)size))
		return tally_err_nomem(err);
	while (out->len < size) {
		ssize_t n = tally_io_read(fd, out->bytes + out->len, (size_t)size - out->len);

		if (n < 0)
			return tally_err_sys(err, TALLY_SKIP, "reading", NULL, errno);
		if (n == 0)
			break;
		out->len += (size_t)n;
	}
	if (out->bytes)
		out->bytes[out->len] = '\0';
	*again = out->len != size;
	return TALLY_OK;
}

enum tally_status tally_read_small(struct tally_reader *r, int dir, const char *name,
                                   struct tally_buf *out, struct tally_err *err)
{
	struct tally_filestat before, after;
	enum tally_status st = TALLY_OK;

	for (uint64_t tries = 0; st == TALLY_OK && tries <= r->o.limits->read_retries; tries++) {
		bool again = false;
		int fd;

		st = tally_read_open(dir, name, &fd, &before, err);
		if (st < 0)
			break;
		st = slurp(fd, before.size, out, &again, err);
		again |= tally_filestat_fd(fd, &after) || !tally_filestat_same(&before, &after);
		close(fd);
		if (st == TALLY_OK && !again)
			return TALLY_OK;
	}
	if (st < 0)
		return st;
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_CHANGED_WHILE_READING,
	                     "'%s' keeps changing", name);
}
