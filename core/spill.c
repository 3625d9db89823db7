/* Bytes in memory or in a scratch file: see core/spill.h. */
#include "core/spill.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/io.h"
#include "core/mem.h"

enum {
	EXTENT = 16 << 20,       /* bytes of the scratch file that a spill takes at once */
	WRITE_STEP = 1 << 20,    /* small pieces are gathered up to this before they are written */
	BUDGET_SHARE = 8,        /* a mapped spill may have an eighth of its bytes in memory … */
	BUDGET_LEAST = 16 << 20, /* … within these bounds */
	BUDGET_MOST = 96 << 20,
};

struct tally_scratch {
	int fd;
	uint64_t max;
	uint64_t end; /* bytes given out, atomic */
};

struct extent {
	uint64_t at; /* in the scratch file */
	uint64_t len;
};

struct tally_spill {
	struct tally_spill_view view; /* first: see tally_spill_view */
	struct tally_scratch *scratch;
	uint64_t keep, max;
	uint64_t written;     /* bytes in the file */
	struct tally_buf buf; /* the bytes behind them; all of them where the file is not used */
	struct extent *extents;
	size_t extent_count, extent_cap;
	uint64_t room; /* bytes of all extents */
	bool on_disk;
	char *map;
	size_t map_len;
	size_t units, budget; /* of view.seen */
	size_t used;          /* units seen since pages were let go of */
	pthread_mutex_t lock; /* for used */
};

static_assert(offsetof(struct tally_spill, view) == 0, "tally_spill_view needs it first");

/* ---- the file ---- */

enum tally_status tally_scratch_new(struct tally_scratch **out, int fd, uint64_t max,
                                    struct tally_err *err)
{
	struct tally_scratch *scratch = tally_alloc_zero(1, sizeof *scratch);

	if (!scratch)
		return tally_err_nomem(err);
	scratch->fd = fd;
	scratch->max = max;
	*out = scratch;
	return TALLY_OK;
}

void tally_scratch_free(struct tally_scratch *scratch)
{
	tally_free(scratch);
}

static enum tally_status too_large(uint64_t most, const char *limit, struct tally_err *err)
{
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_TOO_LARGE, "%s: more than %llu bytes",
	                     limit, (unsigned long long)most);
}

static enum tally_status scratch_failed(const struct tally_spill *s, int sys, struct tally_err *err)
{
	if (sys == EFBIG)
		return too_large(s->scratch->max, "scratch_bytes", err);
	if (sys == ENOSPC || sys == EDQUOT)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_NO_SPACE,
		                     "the disk is full, %llu bytes are in the scratch file",
		                     (unsigned long long)s->written);
	return tally_err_sys(err, TALLY_SKIP, "using a scratch file", NULL, sys);
}

/* Room for some more bytes in the file: extents of several spills follow each other as they come. */
static enum tally_status take_extent(struct tally_spill *s, uint64_t more, struct tally_err *err)
{
	uint64_t len = (more + EXTENT - 1) / EXTENT * EXTENT, at;
	struct extent *last = s->extent_count ? &s->extents[s->extent_count - 1] : NULL;

	at = __atomic_fetch_add(&s->scratch->end, len, __ATOMIC_RELAXED);
	if (at > s->scratch->max || len > s->scratch->max - at)
		return too_large(s->scratch->max, "scratch_bytes", err);
	s->room += len;
	if (last && last->at + last->len == at) {
		last->len += len;
		return TALLY_OK;
	}
	if (!tally_grow(&s->extents, &s->extent_cap, s->extent_count, sizeof *s->extents))
		return tally_err_nomem(err);
	s->extents[s->extent_count++] = (struct extent){ at, len };
	return TALLY_OK;
}

static enum tally_status write_out(struct tally_spill *s, const char *bytes, size_t len,
                                   struct tally_err *err)
{
	while (len > 0) {
		const struct extent *last;
		uint64_t left;
		size_t step;
		enum tally_status st = TALLY_OK;

		if (s->written == s->room)
			st = take_extent(s, len, err);
		if (st < 0)
			return st;
		last = &s->extents[s->extent_count - 1];
		left = s->room - s->written;
		step = len < left ? len : (size_t)left;
		if (tally_io_pwrite_all(s->scratch->fd, bytes, step, last->at + last->len - left) != 0)
			return scratch_failed(s, errno, err);
		bytes += step;
		len -= step;
		s->written += step;
	}
	return TALLY_OK;
}

static enum tally_status flush(struct tally_spill *s, struct tally_err *err)
{
	enum tally_status st = write_out(s, s->buf.bytes, s->buf.len, err);

	tally_buf_clear(&s->buf);
	return st;
}

/* ---- adding ---- */

enum tally_status tally_spill_new(struct tally_spill **out, struct tally_scratch *scratch,
                                  uint64_t keep, uint64_t max, struct tally_err *err)
{
	struct tally_spill *s = tally_alloc_zero(1, sizeof *s);

	if (!s)
		return tally_err_nomem(err);
	s->scratch = scratch;
	s->keep = keep;
	s->max = max < SIZE_MAX / 2 ? max : SIZE_MAX / 2;
	tally_buf_init(&s->buf, (size_t)s->max + TALLY_SPILL_PAD);
	pthread_mutex_init(&s->lock, NULL);
	*out = s;
	return TALLY_OK;
}

void tally_spill_free(struct tally_spill *s)
{
	if (!s)
		return;
	if (s->map)
		munmap(s->map, s->map_len);
	pthread_mutex_destroy(&s->lock);
	tally_free(s->view.seen);
	tally_free(s->extents);
	tally_buf_release(&s->buf);
	tally_free(s);
}

uint64_t tally_spill_size(const struct tally_spill *s)
{
	return s->written + s->buf.len;
}

/* What was kept in memory goes to the file; from now on the buffer only gathers. */
static enum tally_status move_out(struct tally_spill *s, struct tally_err *err)
{
	enum tally_status st = flush(s, err);

	s->on_disk = true;
	tally_buf_release(&s->buf);
	return st;
}

enum tally_status tally_spill_add(struct tally_spill *s, const void *bytes, size_t len,
                                  struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	if (len > s->max - tally_spill_size(s))
		return too_large(s->max, "table_bytes", err);
	if (!s->on_disk && s->scratch && s->buf.len + len > s->keep)
		st = move_out(s, err);
	if (st == TALLY_OK && s->on_disk && s->buf.len + len > WRITE_STEP)
		st = flush(s, err);
	if (st == TALLY_OK && s->on_disk && len >= WRITE_STEP)
		return write_out(s, bytes, len, err);
	if (st == TALLY_OK && !tally_buf_add(&s->buf, bytes, len))
		st = tally_err_nomem(err);
	return st;
}

/* ---- the map ---- */

static size_t page_size(void)
{
	long n = sysconf(_SC_PAGESIZE);

	return n > 0 ? (size_t)n : 4096;
}

static size_t rounded(uint64_t len, size_t page)
{
	return (size_t)(len + page - 1) / page * page;
}

static enum tally_status map_extents(struct tally_spill *s, size_t page, struct tally_err *err)
{
	uint64_t at = 0;

	for (size_t i = 0; i < s->extent_count && at < s->written; i++) {
		const struct extent *e = &s->extents[i];
		uint64_t len = s->written - at < e->len ? s->written - at : e->len;
		void *got = mmap(s->map + at, rounded(len, page), PROT_READ, MAP_SHARED | MAP_FIXED,
		                 s->scratch->fd, (off_t)e->at);

		if (got == MAP_FAILED)
			return scratch_failed(s, errno, err);
		at += len;
	}
	return TALLY_OK;
}

/* The first map only takes the address space; the extents go over it. */
static enum tally_status map_file(struct tally_spill *s, struct tally_err *err)
{
	static const char zeros[TALLY_SPILL_PAD];
	size_t page = page_size();
	enum tally_status st = write_out(s, zeros, sizeof zeros, err);
	void *got;

	if (st < 0)
		return st;
	s->map_len = rounded(s->written, page);
	got = mmap(NULL, s->map_len, PROT_READ, MAP_SHARED, s->scratch->fd, 0);
	if (got == MAP_FAILED)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_NO_MEMORY,
		                     "no address space for %zu bytes", s->map_len);
	s->map = got;
	st = map_extents(s, page, err);
	s->written -= sizeof zeros;
	return st;
}

enum tally_status tally_spill_seal(struct tally_spill *s, struct tally_err *err)
{
	uint64_t share;
	enum tally_status st;

	if (!s->on_disk) {
		if (!tally_buf_reserve(&s->buf, TALLY_SPILL_PAD))
			return tally_err_nomem(err);
		memset(s->buf.bytes + s->buf.len, 0, TALLY_SPILL_PAD);
		s->view.bytes = s->buf.bytes;
		return TALLY_OK;
	}
	st = flush(s, err);
	tally_buf_release(&s->buf);
	if (st == TALLY_OK)
		st = map_file(s, err);
	if (st < 0)
		return st;
	share = s->written / BUDGET_SHARE;
	share = share < BUDGET_LEAST ? BUDGET_LEAST : share > BUDGET_MOST ? BUDGET_MOST : share;
	s->budget = (size_t)(share >> TALLY_SPILL_UNIT);
	s->units = (s->map_len >> TALLY_SPILL_UNIT) + 2;
	s->view.seen = tally_alloc_zero(s->units, 1);
	s->view.bytes = s->map;
	return s->view.seen ? TALLY_OK : tally_err_nomem(err);
}

uint64_t tally_spill_near(const struct tally_spill *s)
{
	return (uint64_t)s->budget << TALLY_SPILL_UNIT;
}

/* All at once: a call for each stretch would cost more than the few pages that come back. */
static void let_go(struct tally_spill *s)
{
	for (size_t i = 0; i < s->units; i++)
		__atomic_store_n(&s->view.seen[i], 0, __ATOMIC_RELAXED);
	s->used = 0;
	tally_mem_drop(s->map, s->map_len);
}

void tally_spill_note(const struct tally_spill *spill, uint64_t at, size_t len)
{
	struct tally_spill *s = (struct tally_spill *)(uintptr_t)spill;
	size_t last = (size_t)((at + len) >> TALLY_SPILL_UNIT);

	pthread_mutex_lock(&s->lock);
	for (size_t unit = (size_t)(at >> TALLY_SPILL_UNIT); unit <= last && unit < s->units; unit++) {
		if (__atomic_load_n(&s->view.seen[unit], __ATOMIC_RELAXED))
			continue;
		if (s->used >= s->budget)
			let_go(s);
		__atomic_store_n(&s->view.seen[unit], 1, __ATOMIC_RELAXED);
		s->used++;
	}
	pthread_mutex_unlock(&s->lock);
}

void tally_spill_passed(const struct tally_spill *s, uint64_t at, uint64_t len)
{
	size_t page = page_size();
	uint64_t from = (at + page - 1) / page * page, to = (at + len) / page * page;

	if (s->map && from < to)
		tally_mem_drop(s->map + from, (size_t)(to - from));
}
