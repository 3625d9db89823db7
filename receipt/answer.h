/**
 * What a worker says about a pair of files, taken into the receipt: tables, archives, and a row under "unverified" for
 * everything that it left out. The answer is checked like any input.
 */
#ifndef TALLY_RECEIPT_ANSWER_H
#define TALLY_RECEIPT_ANSWER_H

#include <jansson.h>

#include "core/err.h"
#include "receipt/receipt.h"

/** Where an answer goes. */
struct tally_answer_into {
	struct tally_receipt *r;
	struct tally_name path; /**< of the file now */
	struct tally_name from; /**< of the file before where it is another, otherwise NULL bytes */
	/**
	 * Take a row for "unverified"; its strings are borrowed for the call.
	 * @return negative to end
	 */
	enum tally_status (*gap)(void *payload, const struct tally_unverified *row,
	                         struct tally_err *err);
	void *payload;
};

/**
 * Take in the answer of a "pair" (receipt/job.h). What is malformed in it costs this file: a row with reader_failed.
 * @answer  its objects are shared with the receipt from then on
 */
enum tally_status tally_answer_take(const json_t *answer, const struct tally_answer_into *into,
                                    struct tally_err *err);

/** What the answer of a "pair" says of two texts, or NULL: nothing, or nothing that could be believed. Borrowed from it. */
const json_t *tally_answer_document(const json_t *answer);

/** TALLY_ON_… of the files that could not be read, where the answer is that; both where it does not say. */
unsigned tally_answer_failed(const json_t *answer);

/** TALLY_CHANGE_REPLACED and TALLY_CHANGE_OPAQUE, where the answer says that next to nothing of the one is in the other. */
unsigned tally_answer_replaced(const json_t *answer);

/** A row for this file alone. @part, @detail may be NULL */
enum tally_status tally_answer_gap(const struct tally_answer_into *into, unsigned side,
                                   enum tally_reason reason, const char *detail, const char *part,
                                   enum tally_level level, struct tally_err *err);

#endif
