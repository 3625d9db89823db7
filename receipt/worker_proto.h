/**
 * What goes over the socket between the pool and a worker, and the worker's own loop.
 *
 *   request   u32 magic, u32 json length, u64 bytes of addresses and u64 of memory that it may take, u32 which descriptors there are, a bit each; they ride on the
 *             first byte; then the JSON
 *   answer    u32 magic, u32 json length, u64 blob length, u8 status, u8 sandbox, u16 zero; JSON; blob
 *
 * Little-endian. A skip carries {"reason", "message"} as its JSON, a worker that lacks a library {"library"}, an id of
 * core/libraries.def. The pool loads it and asks a new worker, to which the library comes by being forked.
 */
#ifndef TALLY_RECEIPT_WORKER_PROTO_H
#define TALLY_RECEIPT_WORKER_PROTO_H

#include "receipt/worker.h"

enum {
	TALLY_WORKER_REQUEST_MAGIC = 0x51594C54, /* "TLYQ" */
	TALLY_WORKER_ANSWER_MAGIC = 0x41594C54,  /* "TLYA" */
	TALLY_WORKER_REQUEST_HEAD = 28,
	TALLY_WORKER_ANSWER_HEAD = 20,
	TALLY_WORKER_JSON_MOST = 1 << 20, /* of a request */
};

/** The status of an answer. */
enum tally_worker_status {
	TALLY_WORKER_OK,
	TALLY_WORKER_PARTIAL,
	TALLY_WORKER_SKIP,
	TALLY_WORKER_LACKS, /**< a library */
	TALLY_WORKER_STATUSES
};

/** Room for small things beside what is read: code, threads' stacks, tables of libraries. */
#define TALLY_WORKER_MEMORY_BASE (UINT64_C(512) << 20)

/** Memory per byte that is read: contents, row indices and hash tables of both sides. */
enum { TALLY_WORKER_MEMORY_FACTOR = 12 };

/** Serve requests from @sock until it is closed; never returns. */
_Noreturn void tally_worker_main(int sock, tally_handler_fn *handler,
                                 const struct tally_limits *limits);

#endif
