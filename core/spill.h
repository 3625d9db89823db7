/**
 * Bytes that are kept for the length of a comparison: in memory while they are few, in a scratch file of our own once they are
 * many. They are appended, sealed, then read at any place; pointers into them stay valid until they are freed.
 *
 * A sealed spill on disk is mapped. Nobody else has the scratch file, so nobody can cut it short under the map, which is
 * what forbids mapping the files of users. Pages stay in the page cache; how many of them count as this process' memory is
 * bounded, since those read earlier are let go of and come back when somebody looks at them again.
 *
 *   scratch (a file without a name)  ◄── spill, spill …   one job has one scratch; spills may be written side by side
 */
#ifndef TALLY_CORE_SPILL_H
#define TALLY_CORE_SPILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/** The scratch file of one job. */
struct tally_scratch;

/**
 * @fd   empty file of our own, open for reading and writing, borrowed until tally_scratch_free
 * @max  most bytes it may have
 */
enum tally_status tally_scratch_new(struct tally_scratch **out, int fd, uint64_t max,
                                    struct tally_err *err);

/** After the spills in it. */
void tally_scratch_free(struct tally_scratch *scratch);

struct tally_spill;

enum {
	TALLY_SPILL_PAD = 64, /**< zero bytes behind the end that may be read (vector code does) */
	TALLY_SPILL_UNIT = 21 /**< binary logarithm of the bytes that are counted together: what one page fault may map */
};

/**
 * @scratch  borrowed; NULL: everything stays in memory
 * @keep     bytes that stay in memory before the scratch file is used
 * @max      most bytes
 */
enum tally_status tally_spill_new(struct tally_spill **out, struct tally_scratch *scratch,
                                  uint64_t keep, uint64_t max, struct tally_err *err);

void tally_spill_free(struct tally_spill *spill);

/**
 * Append.
 * @return TALLY_SKIP: too_large (more than @max, or than the scratch may have), no_space (the disk is full), no_memory,
 *         read_error; after any failure the spill can only be freed
 */
enum tally_status tally_spill_add(struct tally_spill *spill, const void *bytes, size_t len,
                                  struct tally_err *err);

/** Bytes so far. */
uint64_t tally_spill_size(const struct tally_spill *spill);

/** Nothing more is added; from now on it can be read. @return like tally_spill_add */
enum tally_status tally_spill_seal(struct tally_spill *spill, struct tally_err *err);

/** What readers see of a sealed spill; the head of struct tally_spill. */
struct tally_spill_view {
	const char *bytes; /**< the first one; TALLY_SPILL_PAD zero bytes behind the last */
	unsigned char *seen; /**< by unit: was it looked at since pages were let go of? NULL: it is in memory */
};

/** Of a sealed spill; never NULL, the address does not change until it is freed. */
static inline const struct tally_spill_view *tally_spill_view(const struct tally_spill *spill)
{
	return (const struct tally_spill_view *)(const void *)spill;
}

/** Is it in the scratch file, so that reading it in order is cheap and at random is not? */
static inline bool tally_spill_on_disk(const struct tally_spill *spill)
{
	return tally_spill_view(spill)->seen != NULL;
}

/** Bytes that may be looked at by turns, in any order, at little cost; 0: all of them. */
uint64_t tally_spill_near(const struct tally_spill *spill);

/** Behind tally_spill_use. */
void tally_spill_note(const struct tally_spill *spill, uint64_t at, size_t len);

/**
 * Say that a stretch will be looked at, so that memory stays bounded; it may be longer than the budget. From any thread.
 * @at  within the spill, the stretch too
 */
static inline void tally_spill_use(const struct tally_spill *spill, uint64_t at, size_t len)
{
	const unsigned char *seen = tally_spill_view(spill)->seen;

	if (seen && (!__atomic_load_n(&seen[at >> TALLY_SPILL_UNIT], __ATOMIC_RELAXED) ||
	             len > (size_t)1 << TALLY_SPILL_UNIT ||
	             !__atomic_load_n(&seen[(at + len) >> TALLY_SPILL_UNIT], __ATOMIC_RELAXED)))
		tally_spill_note(spill, at, len);
}

/** The bytes at a place, with tally_spill_use. */
static inline const char *tally_spill_at(const struct tally_spill *spill, uint64_t at, size_t len)
{
	tally_spill_use(spill, at, len);
	return tally_spill_view(spill)->bytes + at;
}

/**
 * For whoever goes through the bytes in order without tally_spill_use: this stretch was looked at and will not be again
 * soon. Call it every few megabytes. Its bytes stay readable.
 */
void tally_spill_passed(const struct tally_spill *spill, uint64_t at, uint64_t len);

#endif
