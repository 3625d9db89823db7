/**
 * The state that the steps of making a receipt share. Private to receipt/make*.c.
 *
 *   keep       what is kept of the before side, what is not    make_keep.c
 *   evidence   members of archives for the tree diff           make_evidence.c
 *   sketches   what unexplained files are like, for it         make_sketches.c
 *   changes    the tree diff's result as receipt entries       make_changes.c
 *   depth      changed files compared by workers               make_depth.c
 *   messages   mails that went to and from mailboxes           make_messages.c
 *   passages   paragraphs that went to other documents         make_passages.c
 *   merged     what of a deleted document is not in others      make_merged.c
 *   moved      paragraphs that are edited in other documents   make_moved.c
 *   saved      what was inside documents and is a file now     make_saved.c
 *   gaps       everything that was not read or not compared    make_gaps.c
 */
#ifndef TALLY_RECEIPT_MAKING_H
#define TALLY_RECEIPT_MAKING_H

#include "core/buf.h"
#include "diff/tree_diff.h"
#include "receipt/content.h"
#include "receipt/make.h"

struct tally_making {
	struct tally_receipt *r;
	const struct tally_make_options *options;
	const struct tally_snapshot *snap[2]; /* by enum tally_side */
	const struct tally_tree *tree[2];
	struct tally_contents_of contents[2];
	struct tally_tree_diff *diff;
	struct tally_workers *pool;
	bool unsought; /* archives were too many to be read for what was replaced or is new */
	struct tally_buf path; /* scratch */
	uint32_t *change_of; /* receipt change i came from tree change change_of[i]; a root's: TALLY_NO_INDEX */
	struct tally_passages *passages; /* paragraphs that are gone or new; NULL: no document was compared */
	bool *by_id; /* of each change: it was looked for by the IDs of its messages; NULL: none was */
	uint32_t *document_of; /* index into the receipt's documents of each change that was compared as a text */
	struct tally_unverified *gaps; /* r->unverified while it grows; the count is the receipt's */
	size_t gap_cap;
	struct tally_err *err;
};

/** The pool, made at the first call. NULL with m->err filled. */
struct tally_workers *tally_making_workers(struct tally_making *m);

/** Give a request to the pool. Its JSON is taken (NULL: no memory), and so are its descriptors. */
enum tally_status tally_making_ask(struct tally_making *m, struct tally_request *q,
                                   tally_answer_fn *fn, void *payload);

/** The path of an entry, copied into the receipt. bytes NULL: no memory */
struct tally_name tally_making_path(struct tally_making *m, enum tally_side side, uint32_t entry);

/** The name (last part) of an entry. */
const char *tally_making_name(const struct tally_making *m, enum tally_side side, uint32_t entry);

/** Metadata of two entries that differs (TALLY_FIELD_… bits), as text. */
enum tally_status tally_making_fields(struct tally_making *m, unsigned fields,
                                      const struct tally_entry *before,
                                      const struct tally_entry *after,
                                      struct tally_field_change **out, size_t *count);

/** Are the bytes that the worker of a pair read those that were hashed? @live  it read the live file */
bool tally_making_digest_agrees(const struct tally_making *m, const json_t *answer,
                                enum tally_side side, uint32_t entry, bool live);

/** Two files compared that are not one file: what of the one is in the other. Start zeroed, with m set. */
struct tally_compared {
	struct tally_making *m;
	uint32_t entries[2];
	bool live[2];
	json_t *answer; /**< once the pool was waited for; NULL: they could not be compared. Yours to json_decref */
};

/**
 * Ask for it; nothing is asked where one of them cannot be read.
 * @from, @to  changes: the first one's file before, the second one's after
 * @boxed      mails are compared as mailboxes
 */
enum tally_status tally_making_compare(struct tally_compared *c, size_t from, size_t to, bool boxed);

/** The two texts, as "document" in the answer; NULL: there is none that can be believed. */
const json_t *tally_compared_document(const struct tally_compared *c);

/** The entry of a change on a side. */
uint32_t tally_making_entry(const struct tally_making *m, size_t change, enum tally_side side);

/** Paths of changes, each once, in their order, limits.sibling_names of them. @sources  numbers of changes, sorted here */
enum tally_status tally_making_list(struct tally_making *m, uint32_t *sources, size_t count,
                                    struct tally_where_list *out);

/** Is this folder (index into the after tree's dirs) a watched one at whose path it is not any more? */
bool tally_making_root_replaced(const struct tally_making *m, uint32_t dir);

/** Append a row to the unverified list; strings are copied, fields must be the receipt's. */
enum tally_status tally_making_gap(struct tally_making *m, const struct tally_unverified *row);

/**
 * Sort the gathered rows by path, level, reason and part, merge equal ones (their sides and details are joined), and copy them
 * into the receipt, which has their number already. @gaps stays the caller's.
 */
/** Note on the receipt what may change. */
enum tally_status tally_making_scope(struct tally_receipt *r, const struct tally_scope_words *words,
                                     struct tally_err *err);
enum tally_status tally_making_gaps_done(struct tally_receipt *r, struct tally_unverified *gaps,
                                         struct tally_err *err);

/** Report progress, look for the stop flag. @return TALLY_FATAL (stopped) */
enum tally_status tally_making_step(struct tally_making *m, const char *phase, uint64_t done,
                                    uint64_t total);

/** Touches nothing but the receipt's keep, so that it may run beside the comparison. */
enum tally_status tally_make_keep(struct tally_making *m, struct tally_err *err);

enum tally_status tally_make_evidence(struct tally_making *m);
enum tally_status tally_make_sketches(struct tally_making *m);
enum tally_status tally_make_changes(struct tally_making *m);
enum tally_status tally_make_depth(struct tally_making *m);

/**
 * Keep what a comparison said of passages, in the order of the changes.
 * @document  index into the receipt's documents
 * @cut       there were too many, so that nothing of them is known
 */
enum tally_status tally_make_passages_add(struct tally_making *m, size_t change, size_t document,
                                          const unsigned char *bytes, size_t len, bool cut);
enum tally_status tally_make_messages(struct tally_making *m);
enum tally_status tally_make_passages(struct tally_making *m);
enum tally_status tally_make_merged(struct tally_making *m);
enum tally_status tally_make_moved(struct tally_making *m);
enum tally_status tally_make_saved(struct tally_making *m);
enum tally_status tally_make_gaps(struct tally_making *m);

#endif
