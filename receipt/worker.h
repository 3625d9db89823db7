/**
 * Workers: processes that read hostile files for us, one request at a time, behind limits and a sandbox.
 *
 *   parent ── request (JSON, up to two descriptors) ──► worker ── answer (JSON, binary) ──► parent
 *
 * The parent opens, the worker gets the descriptor and can open nothing. What a worker sends is checked like input. A worker
 * that dies, hangs, or wants more memory or sends more than it may costs its one request: the answer then carries the reason.
 * A worker is used for limits.worker_jobs requests, then replaced; after any failure it is replaced at once.
 *
 * A worker that lacks a library (core/library.h) says so: the pool loads it and asks a new worker. So a handler reads its
 * descriptors at places (pread), and its request can be made twice.
 */
#ifndef TALLY_RECEIPT_WORKER_H
#define TALLY_RECEIPT_WORKER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/limits.h"

enum {
	TALLY_REQUEST_FDS = 2,
	TALLY_WORKER_SCRATCH = TALLY_REQUEST_FDS, /**< behind them a scratch file for each, */
	TALLY_WORKER_TEXTS = 2 * TALLY_REQUEST_FDS, /**< and the text of each, if another program made one */
	TALLY_WORKER_FDS = 3 * TALLY_REQUEST_FDS,
};

/** What a worker is asked. */
struct tally_request {
	json_t *json; /**< what to do; borrowed */
	int fds[TALLY_REQUEST_FDS]; /**< descriptors that go along, closed by the pool in any case, once answered; -1: none */
	const int *texts; /**< TALLY_REQUEST_FDS more, closed likewise: texts that other programs made of them; NULL: none */
	uint64_t bytes;   /**< size of what is to be read, which the memory limit follows */
	uint64_t memory;  /**< of it, what is written to; 0: all of it */
	unsigned seconds; /**< wall clock; 0: limits.worker_seconds */
	bool scratch; /**< its readers may need scratch files; they get them where both descriptors are there and large */
};

/** What came back. Borrowed for the callback. */
struct tally_answer {
	enum tally_status status; /**< TALLY_OK, TALLY_PARTIAL: json is there; TALLY_SKIP: err says why there is none */
	const struct tally_err *err;
	json_t *json; /**< an object */
	const unsigned char *blob;
	size_t blob_len;
};

/** Must not call the pool. @return negative to end the run */
typedef enum tally_status tally_answer_fn(void *payload, const struct tally_answer *answer,
                                          struct tally_err *err);

/**
 * Runs in the worker, sandboxed. Gets the request's JSON and descriptors, fills @answer (an empty object) and @blob.
 * @fds  TALLY_WORKER_FDS of them: those of the request, empty files to write to (one each, for writers of one file wait for
 *       each other), and texts; or -1
 * @return like the answer's status; TALLY_SKIP with *err filled when nothing could be done
 */
typedef enum tally_status tally_handler_fn(const json_t *request, const int *fds,
                                           const struct tally_limits *limits, json_t *answer,
                                           struct tally_buf *blob, struct tally_err *err);

struct tally_workers;

/**
 * Workers are forked when they are first needed; call it while the process has one thread.
 * @count   workers at most; 0: as many as there are processors, at most 8
 * @limits  copied
 */
enum tally_status tally_workers_new(struct tally_workers **out, tally_handler_fn *handler,
                                    unsigned count, const struct tally_limits *limits,
                                    struct tally_err *err);

/** Scratch files are made in this folder, if that can be; otherwise, and before this was called, see tally_scratch_disk. Copied. */
enum tally_status tally_workers_scratch_in(struct tally_workers *pool, const char *folder,
                                           struct tally_err *err);

/** Ends the workers; requests under way are dropped. */
void tally_workers_free(struct tally_workers *pool);

/**
 * Give a request to a free worker, waiting for one if need be (answers of others are delivered meanwhile).
 * @fn  called once with the answer, now or in a later call of tally_workers_run or tally_workers_wait
 */
enum tally_status tally_workers_run(struct tally_workers *pool, const struct tally_request *request,
                                    tally_answer_fn *fn, void *payload, struct tally_err *err);

/** Until every answer is delivered. */
enum tally_status tally_workers_wait(struct tally_workers *pool, struct tally_err *err);

/** How strong the sandbox of these workers is: "full" (seccomp and Landlock), "seccomp", "none"; NULL before the first answer. */
const char *tally_workers_sandbox(const struct tally_workers *pool);

#endif
