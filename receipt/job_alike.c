/* How much of one content is in another: runs of eight bytes of short ones, sketches of long ones. See receipt/job_alike.h. */
#include "receipt/job_alike.h"

#include <string.h>
#include <sys/stat.h>

#include "core/io.h"
#include "core/mem.h"
#include "core/sketch.h"

enum {
	LEAST = 128,       /* bytes that count; of less an honest edit may leave no run as it was */
	SHORT = 256 << 10, /* larger ones are compared by sketches */
	LONG = 256 << 20,  /* larger ones are not compared */
	STEP = 256 << 10,
	RUN = 8,         /* bytes: unrelated texts share one in a hundred of such runs */
	BITS_A_RUN = 64, /* of the map: one run in 64 is found that is not there */
};

struct side {
	int fd;
	uint64_t size;
	unsigned char *bytes; /* of short ones, squeezed */
	size_t len;
	bool text;
};

static bool counts(unsigned char c)
{
	return c && c != ' ' && c != '\t' && c != '\n' && c != '\r';
}

/* Control characters make it binary; the NUL bytes of UTF-16 do not where they are every other byte. */
static bool looks_like_text(const unsigned char *p, size_t n)
{
	size_t nul = 0, odd = 0;

	for (size_t i = 0; i < n; i++) {
		nul += p[i] == 0;
		odd += p[i] != 0 && p[i] < ' ' && !(p[i] >= '\t' && p[i] <= '\r') && p[i] != 27;
	}
	return odd == 0 && (nul == 0 || (nul >= n / 4 && nul <= n / 2));
}

static enum tally_status squeeze(struct side *s, struct tally_err *err)
{
	ssize_t n;

	s->bytes = tally_alloc(SHORT);
	if (!s->bytes)
		return tally_err_nomem(err);
	n = tally_io_pread(s->fd, s->bytes, s->size < SHORT ? (size_t)s->size : SHORT, 0);
	s->text = n > 0 && looks_like_text(s->bytes, (size_t)n);
	for (ssize_t i = 0; i < n; i++) {
		unsigned char c = s->bytes[i];

		if (counts(c))
			s->bytes[s->len++] = c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
	}
	return TALLY_OK;
}

static uint64_t run_at(const unsigned char *p)
{
	uint64_t x = 0;

	for (int i = 0; i < RUN; i++)
		x = x << 8 | p[i];
	x = (x ^ (x >> 32)) * UINT64_C(0x9e3779b97f4a7c15);
	return (x ^ (x >> 29)) * UINT64_C(0xbf58476d1ce4e5b9) >> 16;
}

/* Thousandths of the runs of @small that are in @large as well. */
static enum tally_status compare_runs(int *share, const struct side *small,
                                      const struct side *large, struct tally_err *err)
{
	size_t bits = 1024, found = 0, runs = small->len - RUN + 1;
	unsigned char *map;

	while (bits < BITS_A_RUN * large->len)
		bits *= 2;
	map = tally_alloc_zero(bits / 8, 1);
	if (!map)
		return tally_err_nomem(err);
	for (size_t i = 0; i + RUN <= large->len; i++) {
		size_t bit = (size_t)run_at(large->bytes + i) & (bits - 1);

		map[bit / 8] |= (unsigned char)(1U << bit % 8);
	}
	for (size_t i = 0; i < runs; i++) {
		size_t bit = (size_t)run_at(small->bytes + i) & (bits - 1);

		found += map[bit / 8] >> bit % 8 & 1;
	}
	*share = (int)(found * 1000 / runs);
	tally_free(map);
	return TALLY_OK;
}

static enum tally_status sketch_of(struct tally_sketch *out, const struct side *s,
                                   struct tally_err *err)
{
	struct tally_sketcher *k = NULL;
	unsigned char *buf = tally_alloc(STEP);
	enum tally_status st = buf ? tally_sketcher_new(&k, TALLY_SKETCH_BYTES, err)
	                           : tally_err_nomem(err);
	uint64_t at = 0;
	ssize_t n;

	while (st >= 0 && at < LONG && (n = tally_io_pread(s->fd, buf, STEP, at)) > 0) {
		st = tally_sketcher_add(k, buf, (size_t)n, err);
		at += (uint64_t)n;
	}
	if (st >= 0)
		st = tally_sketcher_finish(k, out, err);
	tally_sketcher_free(k);
	tally_free(buf);
	return st;
}

/* By the larger one's bytes, so that it is weighed up: what is told is that next to nothing is shared. */
static enum tally_status compare_sketches(int *share, const struct side sides[2],
                                          struct tally_err *err)
{
	struct tally_sketch sketch[2] = { { 0 }, { 0 } };
	uint64_t small = sides[0].size, large = sides[1].size;
	enum tally_status st = sketch_of(&sketch[0], &sides[0], err);

	if (small > large) {
		small = sides[1].size;
		large = sides[0].size;
	}
	if (st >= 0)
		st = sketch_of(&sketch[1], &sides[1], err);
	if (st >= 0) {
		uint64_t alike = tally_sketch_similarity(&sketch[0], &sketch[1]) * large / small;

		*share = alike > 1000 ? 1000 : (int)alike;
	}
	tally_sketch_release(&sketch[0]);
	tally_sketch_release(&sketch[1]);
	return st;
}

enum tally_status tally_job_alike(struct tally_alike *out, const int fds[2], struct tally_err *err)
{
	struct side sides[2] = { { .fd = fds[0] }, { .fd = fds[1] } };
	enum tally_status st = TALLY_OK;
	struct stat stat;

	*out = (struct tally_alike){ .share = -1 };
	for (int i = 0; i < 2 && st >= 0; i++) {
		sides[i].size = fstat(fds[i], &stat) == 0 && stat.st_size > 0 ? (uint64_t)stat.st_size
		                                                              : 0;
		st = squeeze(&sides[i], err);
	}
	if (st >= 0 && sides[0].len >= LEAST && sides[1].len >= LEAST) {
		const struct side *small = &sides[sides[0].len > sides[1].len];

		out->text = sides[0].text || sides[1].text;
		if (sides[0].size <= SHORT && sides[1].size <= SHORT)
			st = compare_runs(&out->share, small, &sides[small == &sides[0]], err);
		else if (sides[0].size <= LONG && sides[1].size <= LONG)
			st = compare_sketches(&out->share, sides, err);
	}
	tally_free(sides[0].bytes);
	tally_free(sides[1].bytes);
	return st;
}
