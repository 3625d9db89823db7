/**
 * Making a receipt: two snapshots compared as trees, what is unexplained looked into, changed files compared in depth by
 * workers, everything balanced, ranked and worded.
 */
#ifndef TALLY_RECEIPT_MAKE_H
#define TALLY_RECEIPT_MAKE_H

#include "core/err.h"
#include "core/limits.h"
#include "receipt/job.h"
#include "receipt/receipt.h"
#include "snap/snapshot.h"

/** Where the making of a receipt is, for a progress line. */
struct tally_make_progress {
	const char *phase; /**< "looking for moved and edited files", "comparing in depth" … (static) */
	uint64_t done, total;
};

struct tally_make_options {
	int version; /**< TALLY_MAKE_OPTIONS_VERSION */
	const struct tally_limits *limits;
	const char *task;       /**< NULL: none */
	const char *session_id; /**< NULL: none (`tally diff`) */
	const char *names[2]; /**< as given on the command line (`tally diff A B`); NULL in sessions */
	const struct tally_receipt_command *command; /**< NULL: none was run; copied */
	struct tally_table_wishes tables;
	bool live_before; /**< contents of the before side may be read from its live folder */
	bool live_after;
	bool archive[2]; /**< by enum tally_side: it is the members of an archive (receipt/archive_snapshot.h) */
	struct tally_name below[2]; /**< its only folder, when that itself was compared with the other side; NULL bytes: none */
	bool same_place; /**< both sides are one folder at two times: owners, times and inodes are compared */
	bool sha256; /**< SHA-256 for the contents that the receipt names and that are still there */
	bool shallow; /**< do not compare files in depth */
	unsigned similarity; /**< thousandths from which two contents count as one edited; 0: the built-in number */
	const char *scratch; /**< folder for scratch files, outside of all that is watched; NULL: see tally_scratch_disk */
	unsigned workers; /**< 0: as many as there are processors */
	void (*progress)(void *payload, const struct tally_make_progress *progress); /**< may be NULL */
	void *payload;
	const volatile int *stop; /**< set by a signal handler; may be NULL */
};

enum { TALLY_MAKE_OPTIONS_VERSION = 1 };
#define TALLY_MAKE_OPTIONS_INIT                                                                       \
	{                                                                                             \
		.version = TALLY_MAKE_OPTIONS_VERSION, .tables = { .header = -1 }, .same_place = true \
	}

/**
 * Compare two snapshots. The process must have one thread (workers are forked).
 * @before, @after  borrowed; made with one secret
 * @out             yours to tally_receipt_free
 * @return TALLY_OK; TALLY_FATAL: different secrets (the message says how to take a comparable one), no memory, stopped, or the
 *         books do not balance; what could not be read is in the receipt
 */
enum tally_status tally_receipt_make(struct tally_receipt **out, const struct tally_snapshot *before,
                                     const struct tally_snapshot *after,
                                     const struct tally_make_options *options, struct tally_err *err);

/**
 * Compare two single files directly: no snapshots, both are read once, by a worker.
 * @paths  as given; links are followed
 */
enum tally_status tally_receipt_make_pair(struct tally_receipt **out, const char *const paths[2],
                                          const struct tally_make_options *options,
                                          struct tally_err *err);

#endif
