/**
 * Pool: readers that take work from one stack and put more work on it, until there is none.
 *
 * The last piece put on the stack is taken first, so that a walk stays deep rather than wide. Threads are started only
 * when there is work that nobody is free for: a small folder needs one, cold folders get them all.
 */
#ifndef TALLY_SNAP_POOL_H
#define TALLY_SNAP_POOL_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/** A piece of work; the pool looks at none of it. */
struct tally_work {
	void *what;
	uint32_t first, count;
};

struct tally_pool;

struct tally_pool_options {
	unsigned threads; /**< most that are started */
	/** A thread begins and ends: make and destroy what it needs. @worker is passed to @work */
	enum tally_status (*begin)(void *payload, void **worker, struct tally_err *err);
	void (*end)(void *payload, void *worker);
	/** Do one piece. TALLY_FATAL ends the run. */
	enum tally_status (*work)(void *payload, void *worker, const struct tally_work *piece,
	                          struct tally_err *err);
	/** Called by tally_pool_run about ten times a second. @return TALLY_FATAL to end the run; may be NULL */
	enum tally_status (*tick)(void *payload, struct tally_err *err);
	void *payload;
};

enum tally_status tally_pool_new(struct tally_pool **out, const struct tally_pool_options *options,
                                 struct tally_err *err);
void tally_pool_free(struct tally_pool *pool);

/** Put work on the stack; the last one is taken first. May be called from work, and before tally_pool_run. */
enum tally_status tally_pool_push(struct tally_pool *pool, const struct tally_work *pieces,
                                  size_t count, struct tally_err *err);

/**
 * Work until nothing is left.
 * @return TALLY_OK, or the first TALLY_FATAL of begin, work or tick; pieces still on the stack then are dropped
 */
enum tally_status tally_pool_run(struct tally_pool *pool, struct tally_err *err);

/** True once the run has to end early; for long pieces of work to look at. */
const atomic_bool *tally_pool_halted(const struct tally_pool *pool);

#endif
