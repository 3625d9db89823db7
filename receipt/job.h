/**
 * What workers do with files: the handler that runs behind the sandbox, and the requests that it understands.
 *
 *   {"do": "pair", "names": [a, b], "options": {…}, "secret": hex|null, "digest": bool,
 *    "no_text": [{"reason", "message"}|null, …]}
 *       two descriptors, two contents of what is held to be one file. Answer: {"formats": [a, b], "tables": […],
 *       "archive": {…}|null, "notes": [[…before], […after]], "digests": [x, y], "equal": bool,
 *       "alike": thousandths, "text": bool}; the last two (receipt/job_alike.h) where nothing else says that they are related
 *       With "passages": true the words of paragraphs that are new (and, with "gone": true, of those that are gone) as blob
 *       (receipt/passages.h), and "passages_cut": true where there were too many
 *   {"do": "words", "names": [a], "secret": hex, "gone": bool}
 *       one descriptor, and its text. Answer: the words of all its paragraphs as blob, "passages_cut" as above, and
 *       "unread": reason where some of its text is not known
 *   {"do": "messages", "names": [a], "secret": hex}
 *       one descriptor, a mail or a mailbox. Answer: {"messages": [[ID, who, when and what about, digest], …]}, and
 *       "partial": true where some could not be read
 *   {"do": "sketch", "names": [a], "plain": bool, "picture": bool}
 *       one descriptor, and its text; plain: the text of plain files as well; picture: pictures by their pixels. Answer: {"kind", "sampled", "total"}, the pieces as blob (u64 hash, u32 bytes, little-endian)
 *   {"do": "members", "names": [a], "secret": hex, "by_sha256": bool}
 *       one descriptor. Answer: {"format", "members": […], "notes": […]}
 *
 * Names serve for suffixes and messages only. A format that is not known is an answer ("formats": [null, …]), not an error.
 */
#ifndef TALLY_RECEIPT_JOB_H
#define TALLY_RECEIPT_JOB_H

#include "core/hash.h"
#include "core/sink.h"
#include "core/sketch.h"
#include "diff/scope.h"
#include "receipt/worker.h"

/** The handler for tally_workers_new. */
tally_handler_fn tally_job_handle;

enum { TALLY_WISHES_KEYS = 64 }; /**< key columns that can be named */

/** How tables are read and compared, as given on the command line. */
struct tally_table_wishes {
	const char *const *key; /**< names of key columns, or NULL */
	size_t key_count;
	bool no_key;
	const char *encoding;           /**< NULL: find out */
	char delimiter;                 /**< 0: find out */
	int header;                     /**< 1, 0, -1: find out */
	struct tally_scope_words allow; /**< what may change; zero: everything */
};

/** Requests, yours to json_decref; NULL: no memory. @key NULL: no digests. */
json_t *tally_job_pair(const char *name_before, const char *name_after,
                       const struct tally_table_wishes *wishes, const struct tally_key *key);
/**
 * Where a file of the pair needs another program to make its text: have that done (receipt/converter.h) and hand over the text,
 * or why there is none.
 * @texts  room for request->texts, which is set where there are any
 * @return false: no memory, and nothing to close
 */
bool tally_job_convert(struct tally_request *pair, int texts[TALLY_REQUEST_FDS],
                       const struct tally_limits *limits);
/** For a pair that others are read beside: its worker starts no threads. @return false: no memory */
bool tally_job_pair_alone(json_t *pair);
/** Ask a pair for its passages as well. @return false: no memory */
bool tally_job_pair_passages(json_t *pair, bool gone);
/** For a pair of mails or mailboxes: a mail is compared as a mailbox with nothing else in it. @return false: no memory */
bool tally_job_pair_boxed(json_t *pair);
json_t *tally_job_messages(const char *name, const struct tally_key *key);
json_t *tally_job_words(const char *name, bool gone, const struct tally_key *key);
json_t *tally_job_sketch(const char *name, bool plain, bool picture);
json_t *tally_job_members(const char *name, const struct tally_key *key, bool by_sha256);

/** Take the answer of "sketch" apart, checking it. @out its pieces are yours: tally_sketch_release */
enum tally_status tally_job_sketch_answer(struct tally_sketch *out,
                                          const struct tally_answer *answer, struct tally_err *err);

/** Take the answer of "members" apart, checking it: one call of sink->member and sink->note each. */
enum tally_status tally_job_members_answer(const struct tally_answer *answer,
                                           const struct tally_sink *sink, struct tally_err *err);

/** Is there an encoding of this name, for tally_table_wishes? */
bool tally_wishes_encoding_known(const char *name);

#endif
