/**
 * One side of a job, inside the worker: a descriptor read by the format that claims it, everything collected.
 */
#ifndef TALLY_RECEIPT_JOB_READ_H
#define TALLY_RECEIPT_JOB_READ_H

#include <jansson.h>

#include "core/limits.h"
#include "formats/format.h"
#include "receipt/member_tree.h"

/** What one file says. Start zeroed with the inputs set. */
struct tally_reading {
	/* inputs, borrowed */
	int fd;
	const char *name;
	const struct tally_read_options *options;
	struct tally_scratch *scratch;   /**< where its reader may put what is much, or NULL */
	int text_fd;                     /**< its text, made by another program, or -1 */
	const struct tally_err *no_text; /**< why there is none, or NULL */
	bool digest; /**< compute the digest of the bytes (options->key) where the reader takes them all in */
	/* results */
	enum tally_status status;
	struct tally_err err;
	const struct tally_format *format; /**< NULL: no format claims it */
	bool mismatch;                     /**< its name says another format than its bytes */
	struct tally_part **parts;
	size_t part_count, part_cap;
	char **unread; /**< names of sheets that are in the file but could not be read; notes say why */
	size_t unread_count, unread_cap;
	const char *stranger; /**< the first of them that the other side does not have under that name; NULL: none */
	struct tally_tree *members; /**< NULL where the format has none */
	uint64_t repeated;          /**< members named twice */
	struct tally_text blocks;   /**< its text */
	struct tally_facts facts;   /**< what it says besides its content */
	struct tally_picture *picture; /**< what it shows; NULL: it is no picture, or one that could not be decoded */
	bool facts_cut; /**< there are more than limits.facts_bytes hold, or some could not be read */
	uint64_t facts_unread; /**< names of facts, by rank, that may stand in a part that could not be read */
	json_t *notes;   /**< [{"reason", "detail", "part", "level"}] */
	bool has_digest; /**< digest is of exactly the bytes that were read */
	struct tally_digest seen;
};

/** Why a side has no text though another program was to make it, as the request says. @return @why, or NULL: nothing is said */
const struct tally_err *tally_reading_no_text(struct tally_err *why, const json_t *request,
                                              size_t side);

/** Read it; the outcome is in r->status (TALLY_OK also when no format claims it). Can run in a thread of its own. */
void tally_reading_run(struct tally_reading *r);

/** Is this the name of a sheet that could not be read? */
bool tally_reading_lacks(const struct tally_reading *r, const char *sheet);

/** Leave out the sheets that @other could not read, and the facts of those that either could not: nobody knows what became of them. */
void tally_reading_leave_out(struct tally_reading *r, const struct tally_reading *other);

/**
 * A sheet of the other side that this one does not have: it may be the one that could not be read here, its stranger. Nobody
 * knows what became of it; noted, and left out by the next tally_reading_leave_out.
 */
enum tally_status tally_reading_doubt(struct tally_reading *r, const char *sheet,
                                      struct tally_err *err);

/** Find the sheets that either side could not read and the other one does not have under that name. */
void tally_reading_strangers(struct tally_reading side[2]);

/** Between two formats that tell facts: take away those that one of them does not tell, or in other words. */
void tally_reading_common_facts(struct tally_reading side[2]);

/** Forget the results, so that it can be run again with other options. */
void tally_reading_reset(struct tally_reading *r);

#endif
