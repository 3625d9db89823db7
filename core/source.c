/* Byte sources over memory and over a descriptor: see core/source.h. */
#include "core/source.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "core/io.h"
#include "core/mem.h"

struct tally_source {
	const char *name;
	const unsigned char *memory; /* the content, or NULL when it is read from fd */
	int fd;
	uint64_t size;
	uint64_t at;
	unsigned char *peeked; /* the first bytes, once somebody looked (fd only) */
	size_t peeked_len;
	struct tally_hasher *tap; /* gets the bytes of slurp, or NULL */
	struct tally_scratch *scratch;
	struct pins *pins; /* what the bytes have to be, or NULL */
};

enum { PIN_BLOCK = 64 << 10 };

/* The digests of all blocks, and the block read last. */
struct pins {
	struct tally_key key;
	struct tally_digest *digests;
	uint64_t number; /* of the block in memory, from 1; 0: none */
	size_t len;
	unsigned char block[PIN_BLOCK];
};

/* slurp hashes in steps that stay in the cache */
enum { SLURP_STEP = 256 << 10, SPILL_STEP = 1 << 20 /* not gathered again */ };

enum tally_status tally_source_memory(struct tally_source **out, const void *bytes, size_t len,
                                      struct tally_err *err)
{
	struct tally_source *src = tally_alloc_zero(1, sizeof *src);

	if (!src)
		return tally_err_nomem(err);
	src->name = "";
	src->memory = bytes ? bytes : (const unsigned char *)"";
	src->fd = -1;
	src->size = len;
	*out = src;
	return TALLY_OK;
}

enum tally_status tally_source_fd(struct tally_source **out, int fd, const char *name,
                                  struct tally_err *err)
{
	struct tally_source *src;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return tally_err_sys(err, TALLY_SKIP, "looking at", name, errno);
	if (!S_ISREG(st.st_mode))
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_SPECIAL_FILE,
		                     "not a regular file");
	src = tally_alloc_zero(1, sizeof *src);
	if (!src)
		return tally_err_nomem(err);
	src->name = name ? name : "";
	src->fd = fd;
	src->size = (uint64_t)st.st_size;
	*out = src;
	return TALLY_OK;
}

void tally_source_free(struct tally_source *src)
{
	if (!src)
		return;
	if (src->pins)
		tally_free(src->pins->digests);
	tally_free(src->pins);
	tally_free(src->peeked);
	tally_free(src);
}

const char *tally_source_name(const struct tally_source *src)
{
	return src->name;
}

void tally_source_set_name(struct tally_source *src, const char *name)
{
	src->name = name ? name : "";
}

void tally_source_set_scratch(struct tally_source *src, struct tally_scratch *scratch)
{
	src->scratch = scratch;
}

struct tally_scratch *tally_source_scratch(const struct tally_source *src)
{
	return src->scratch;
}

uint64_t tally_source_size(const struct tally_source *src)
{
	return src->size;
}

static ssize_t changed(struct tally_err *err, const char *how)
{
	tally_err_set(err, TALLY_SKIP, TALLY_REASON_CHANGED_WHILE_READING,
	              "the file %s while it was read", how);
	return -1;
}

static ssize_t read_place(struct tally_source *src, void *buf, size_t cap, uint64_t offset,
                          struct tally_err *err)
{
	ssize_t n;

	if (src->memory) {
		memcpy(buf, src->memory + offset, cap);
		return (ssize_t)cap;
	}
	n = tally_io_pread(src->fd, buf, cap, offset);
	if (n < 0)
		tally_err_sys(err, TALLY_SKIP, "reading", src->name, errno);
	if (n == 0) /* fstat said there is more: it was cut short under our hands */
		return changed(err, "became shorter");
	return n;
}

/* all of the block with this number, from 0 */
static bool read_block(struct tally_source *src, uint64_t number, struct tally_err *err)
{
	struct pins *pins = src->pins;
	uint64_t from = number * PIN_BLOCK, left = src->size - from;
	size_t want = left < PIN_BLOCK ? (size_t)left : PIN_BLOCK;

	pins->number = 0;
	for (pins->len = 0; pins->len < want;) {
		ssize_t n = read_place(src, pins->block + pins->len, want - pins->len,
		                       from + pins->len, err);

		if (n < 0)
			return false;
		pins->len += (size_t)n;
	}
	pins->number = number + 1;
	return true;
}

static ssize_t read_pinned(struct tally_source *src, void *buf, size_t cap, uint64_t offset,
                           struct tally_err *err)
{
	struct pins *pins = src->pins;
	uint64_t number = offset / PIN_BLOCK;
	size_t skip = (size_t)(offset % PIN_BLOCK), n;
	struct tally_digest digest;

	if (pins->number != number + 1) {
		if (!read_block(src, number, err))
			return -1;
		tally_digest_of(&digest, &pins->key, pins->block, pins->len);
		if (!tally_digest_equal(&digest, &pins->digests[number])) {
			pins->number = 0;
			return changed(err, "changed");
		}
	}
	n = pins->len - skip < cap ? pins->len - skip : cap;
	memcpy(buf, pins->block + skip, n);
	return (ssize_t)n;
}

enum tally_status tally_source_pin(struct tally_source *src, struct tally_hasher *hasher,
                                   const struct tally_key *key, struct tally_err *err)
{
	uint64_t blocks = src->size / PIN_BLOCK + 1;
	struct pins *pins = tally_alloc(sizeof *pins);

	if (!pins || blocks > SIZE_MAX)
		goto nomem;
	pins->key = *key;
	pins->number = 0;
	pins->digests = tally_alloc_zero((size_t)blocks, sizeof *pins->digests);
	if (!pins->digests)
		goto nomem;
	src->pins = pins;
	for (uint64_t i = 0; i * PIN_BLOCK < src->size; i++) {
		if (!read_block(src, i, err))
			return TALLY_SKIP;
		tally_digest_of(&pins->digests[i], key, pins->block, pins->len);
		tally_hasher_add(hasher, pins->block, pins->len);
	}
	return TALLY_OK;
nomem:
	tally_free(pins);
	return tally_err_nomem(err);
}

ssize_t tally_source_pread(struct tally_source *src, void *buf, size_t cap, uint64_t offset,
                           struct tally_err *err)
{
	uint64_t left = offset < src->size ? src->size - offset : 0;

	if (cap > left)
		cap = (size_t)left;
	if (cap == 0)
		return 0;
	return src->pins ? read_pinned(src, buf, cap, offset, err)
	                 : read_place(src, buf, cap, offset, err);
}

ssize_t tally_source_read(struct tally_source *src, void *buf, size_t cap, struct tally_err *err)
{
	ssize_t n = tally_source_pread(src, buf, cap, src->at, err);

	if (n > 0)
		src->at += (uint64_t)n;
	return n;
}

void tally_source_tap(struct tally_source *src, struct tally_hasher *hasher)
{
	src->tap = hasher;
}

/* exactly len bytes from the beginning */
static enum tally_status read_whole(struct tally_source *src, char *buf, size_t len,
                                    struct tally_hasher *tap, struct tally_err *err)
{
	size_t at = 0;

	while (at < len) {
		size_t step = len - at < SLURP_STEP ? len - at : SLURP_STEP;
		ssize_t n = tally_source_pread(src, buf + at, step, at, err);

		if (n < 0)
			return TALLY_SKIP;
		if (tap)
			tally_hasher_add(tap, buf + at, (size_t)n);
		at += (size_t)n;
	}
	return TALLY_OK;
}

enum tally_status tally_source_peek(struct tally_source *src, const unsigned char **bytes,
                                    size_t *len, struct tally_err *err)
{
	size_t want = src->size < TALLY_SOURCE_PEEK ? (size_t)src->size : TALLY_SOURCE_PEEK;

	if (src->memory) {
		*bytes = src->memory;
		*len = want;
		return TALLY_OK;
	}
	if (!src->peeked) {
		unsigned char *p = tally_alloc(want);
		enum tally_status st;

		if (!p)
			return tally_err_nomem(err);
		st = read_whole(src, (char *)p, want, NULL, err);
		if (st < 0) {
			tally_free(p);
			return st;
		}
		src->peeked = p;
		src->peeked_len = want;
	}
	*bytes = src->peeked;
	*len = src->peeked_len;
	return TALLY_OK;
}

enum tally_status tally_source_slurp(struct tally_source *src, uint64_t max, size_t pad,
                                     char **bytes, size_t *len, struct tally_err *err)
{
	enum tally_status st;
	size_t size;
	char *p;

	if (src->size > max || !tally_size_add((size_t)src->size, pad, &size))
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_TOO_LARGE,
		                     "larger than %llu bytes", (unsigned long long)max);
	p = tally_alloc(size);
	if (!p)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_NO_MEMORY,
		                     "no memory for %zu bytes", size);
	st = read_whole(src, p, (size_t)src->size, src->tap, err);
	if (st < 0) {
		tally_free(p);
		return st;
	}
	memset(p + src->size, 0, pad);
	*bytes = p;
	*len = (size_t)src->size;
	return TALLY_OK;
}

static enum tally_status spill_whole(struct tally_source *src, struct tally_spill *spill,
                                     struct tally_err *err)
{
	char *step = tally_alloc(SPILL_STEP);
	enum tally_status st = step ? TALLY_OK : tally_err_nomem(err);
	uint64_t at = 0;

	while (st == TALLY_OK && at < src->size) {
		ssize_t n = tally_source_pread(src, step, SPILL_STEP, at, err);

		if (n > 0 && src->tap)
			tally_hasher_add(src->tap, step, (size_t)n);
		st = n < 0 ? TALLY_SKIP : tally_spill_add(spill, step, (size_t)n, err);
		at += n > 0 ? (uint64_t)n : 0;
	}
	tally_free(step);
	return st == TALLY_OK ? tally_spill_seal(spill, err) : st;
}

enum tally_status tally_source_spill(struct tally_source *src, uint64_t max,
                                     struct tally_spill **out, struct tally_err *err)
{
	struct tally_spill *spill = NULL;
	enum tally_status st;

	if (src->size > max)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_TOO_LARGE,
		                     "larger than %llu bytes", (unsigned long long)max);
	st = tally_spill_new(&spill, src->scratch, 0, max, err);
	if (st == TALLY_OK)
		st = spill_whole(src, spill, err);
	if (st < 0) {
		tally_spill_free(spill);
		return st;
	}
	*out = spill;
	return TALLY_OK;
}
