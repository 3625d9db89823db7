/**
 * The receipt in memory: what RECEIPT.md's JSON says, as C structures. Made by receipt/make.h, or read back from JSON; shown by
 * the views. Strings live in its arena; what came from workers about tables, documents and archives stays JSON.
 */
#ifndef TALLY_RECEIPT_RECEIPT_H
#define TALLY_RECEIPT_RECEIPT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/tree.h"
#include "diff/tree_diff.h"

#define TALLY_RECEIPT_SCHEMA "tally.receipt/1"

/** A number that is not known ("null" in JSON, never "none"). */
#define TALLY_UNKNOWN UINT64_MAX

/** Bytes of a name, of any encoding. NULL: there is none. */
struct tally_name {
	const char *bytes; /**< NUL-terminated for convenience; may hold anything but NUL */
	size_t len;
};

/** A place where a content is. */
struct tally_where {
	struct tally_name path;
	struct tally_name member; /**< inside that archive, or NULL bytes */
};

struct tally_where_list {
	struct tally_where *items;
	size_t count;
	uint64_t total; /**< all there are; more than count when the list was cut at limits.sibling_names */
};

/** A field of metadata before and after, as text ("0644", "2026-01-02T03:04:05Z", "ann"). */
struct tally_field_change {
	const char *name; /**< mode, owner, group, mtime, xattrs, nlink; size of what was not read */
	const char *old, *now;
};

enum tally_text_unit { TALLY_UNIT_PARAGRAPH, TALLY_UNIT_LINE, TALLY_UNIT_MESSAGE, TALLY_UNITS };

/** "paragraph", "line", "message"; with an s where there is not one. */
const char *tally_text_unit_name(unsigned unit);
const char *tally_text_unit_names(unsigned unit);

/** Where the text of a deleted document is now: its paragraphs of TALLY_PASSAGE_WORDS words or more (receipt/passages.h).
 *  Told where a quarter of them or more were found. */
struct tally_text_elsewhere {
	uint64_t paragraphs, found;
	struct tally_where_list in; /**< documents in which those that were found stand */
	bool compared; /**< all of it was compared with all of theirs: an entry of documents each, where something differs */
	uint64_t all, missing,
		edited; /**< compared: its paragraphs, short ones too, those that are in none of them, those that are edited there */
	enum tally_text_unit unit; /**< of those, of all and missing */
};

/** What a move or copy covered. */
struct tally_overwrote {
	uint64_t bytes;
	const char *digest;
	enum tally_fate fate;
	bool kept; /**< the before snapshot keeps it */
	struct tally_where_list survives_at;
};

/** One entry of `changes`. */
struct tally_receipt_change {
	enum tally_change_kind kind;
	struct tally_name path;
	struct tally_name from; /**< moved, copied, …_edited; added: the archive that it came out of and that is gone */
	struct tally_name from_member; /**< added, copied: path inside the archive `from`; NULL bytes: it is no archive */
	enum tally_entry_type type; /**< what stands there now; what stood there where nothing does */
	enum tally_entry_type old_type;           /**< type_changed */
	uint64_t bytes_before, bytes_after;       /**< TALLY_UNKNOWN: does not apply or not known */
	const char *digest_before, *digest_after; /**< "sha256:…", "xxh3k:…", or NULL */
	const char *proof; /**< "hashed", "extent", "stat", "none": the weaker of both sides */
	enum tally_fate fate;
	enum tally_evidence evidence;
	unsigned flags;                    /**< TALLY_CHANGE_… of diff/tree_diff.h */
	int similarity;                    /**< thousandths, or -1 */
	uint32_t cycle, group;             /**< 0: none */
	struct tally_where_list ambiguous; /**< moved: the other sources that it may have come from */
	struct tally_where_list survives_at; /**< where the before-content still is (old_content_at for modified) */
	struct tally_overwrote *overwrote; /**< NULL: nothing was covered */
	struct tally_text_elsewhere *elsewhere; /**< deleted and lost; NULL: no paragraph of it was found */
	struct tally_field_change *fields;
	size_t field_count;
	struct tally_name link_old, link_new; /**< link_retargeted */
};

/** Was the before-content of a file lost, covered or changed without a copy of it being kept? */
bool tally_change_unkept(const struct tally_receipt_change *c);

/** Is it a lost document all of whose paragraphs stand in others, as they were? */
bool tally_change_text_kept(const struct tally_receipt_change *c);

/** One entry of `folders`. */
struct tally_receipt_fold {
	enum tally_fold_kind kind;
	struct tally_name path, from; /**< NULL bytes where there is none */
	uint64_t files;               /**< files that the line stands for */
	uint64_t total;               /**< files of the folder, exceptions included */
	size_t *changes;              /**< indices into changes */
	size_t change_count;
	size_t *exceptions;
	size_t exception_count;
};

enum tally_severity { TALLY_SEVERITY_LOW, TALLY_SEVERITY_MEDIUM, TALLY_SEVERITY_HIGH };

/** "low", "medium", "high". */
const char *tally_severity_name(enum tally_severity severity);

/** One entry of `review`, most important first. */
struct tally_review_item {
	enum tally_severity severity;
	const char *rule;       /**< name in docs/REVIEW.md */
	struct tally_name path; /**< NULL bytes: concerns no single path */
	const char *where;      /**< place in the file, or NULL */
	const char *what; /**< one plain sentence with the old and the new value, names escaped for display */
	const char *why; /**< one plain sentence */
	uint64_t how_many;
};

/** "content": not even the bytes are proven; "model": bytes compared, meaning not; "part": one part of the file. */
enum tally_level { TALLY_LEVEL_CONTENT, TALLY_LEVEL_MODEL, TALLY_LEVEL_PART };

const char *tally_level_name(enum tally_level level);

/** Sides as bits, for `unverified`. */
enum { TALLY_ON_BEFORE = 1, TALLY_ON_AFTER = 2 };

/** One entry of `unverified`. */
struct tally_unverified {
	struct tally_name path;
	unsigned side; /**< TALLY_ON_BEFORE | TALLY_ON_AFTER */
	enum tally_reason reason;
	const char *detail; /**< half a sentence, or NULL */
	const char *limit; /**< a limit ended it: its name for --limit, or NULL: not one that can be raised */
	const char *part; /**< which part of the file, or NULL */
	enum tally_level level;
	bool is_new; /**< nothing stood at its path before: nobody knows whether it was readable elsewhere */
	bool folder; /**< a folder: what lies below it is unverified with it */
	struct tally_field_change *fields; /**< not read, but its metadata differs: mode, mtime, size … */
	size_t field_count;
	uint64_t files; /**< files that this row stands for (a folder: those known of the other side; otherwise 1) */
};

/** How many files a row stands for: at least one, for a folder of which nothing is known. */
uint64_t tally_unverified_files(const struct tally_unverified *u);

/** How the detail of a row begins whose changes were all compared and counted, but not all listed. */
#define TALLY_UNLISTED "more changes than the limit table_details"
/** Is it such a row? Nothing is unknown then. */
bool tally_unverified_unlisted(const struct tally_unverified *u);

/**
 * Rows of a table that could not be read with certainty, the others were: how many, 0 where it is about anything else. The
 * part is named "row 7" or "row 7 and 2 more".
 */
uint64_t tally_unverified_rows(const struct tally_unverified *u);

/** A name of another kind on a file that was compared as what it is: nothing is unknown then. */
bool tally_unverified_misnamed(const struct tally_unverified *u);

/** Do two rows tell of one file or folder, which counts once? Rows of `unverified` ascend by path. */
bool tally_unverified_same(const struct tally_unverified *a, const struct tally_unverified *b);

/** `before` and `after`. */
struct tally_receipt_side {
	int64_t taken_at_ns; /**< 0: not known */
	double seconds;
	const char *host, *user, *filesystem; /**< NULL: not known */
	uint64_t entries, files, folders, bytes;
	uint64_t hashed, stat, unread;
	const char *digest; /**< "sha256:…" over all entries */
};

/** Which contents the before snapshot keeps. */
struct tally_receipt_keep {
	uint64_t contents, bytes;          /**< kept; empty ones need not be */
	uint64_t not_kept, not_kept_bytes; /**< read, and not kept */
	uint64_t budget; /**< bytes it was allowed to keep; TALLY_UNKNOWN: not known */
};

struct tally_receipt_command {
	const char *const *argv;
	size_t argc;
	int exit_status; /**< -1: ended by a signal */
	int signal;      /**< 0: none */
	int64_t started_at_ns;
	double seconds;
	const char *output_sha256; /**< NULL: not captured */
};

struct tally_verdict {
	const char *text;    /**< line one */
	uint64_t changes;    /**< paths that are not unchanged */
	uint64_t lost;       /**< contents that are nowhere any more */
	uint64_t review;     /**< items of the review list */
	uint64_t unverified; /**< files that the rows of unverified stand for, each once */
	bool complete;       /**< everything that was not excluded was read and compared */
};

struct tally_excluded {
	const char *pattern;
	const char *origin;
	uint64_t entries;
};

struct tally_receipt {
	struct tally_arena arena;
	const char *tool_version;
	const char *session_id; /**< NULL for `tally diff` */
	struct tally_name *roots;
	size_t root_count;
	struct tally_name names[2]; /**< what was compared, as given on the command line (`tally diff A B`); NULL bytes in sessions */
	const char *task;                      /**< NULL: none was given */
	struct tally_receipt_command *command; /**< NULL: none was run */
	struct tally_receipt_side before, after;
	struct tally_receipt_keep keep; /**< of the before snapshot */
	struct tally_verdict verdict;
	struct tally_balance files, bytes;
	struct tally_contents contents, content_bytes;
	struct tally_review_item *review;
	size_t review_count;
	struct tally_receipt_change *changes;
	size_t change_count;
	struct tally_receipt_fold *folds;
	size_t fold_count;
	json_t *scope; /**< what was allowed to change, as in RECEIPT.md; NULL: nothing was said; owned */
	json_t *tables; /**< arrays as in RECEIPT.md; owned */
	json_t *documents;
	json_t *archives;
	struct tally_unverified *unverified;
	size_t unverified_count;
	struct tally_excluded *excluded;
	size_t excluded_count;
	const char **vantage; /**< sentences on what the receipt can and cannot know */
	size_t vantage_count;
	const char *sandbox; /**< "full", "seccomp", "none"; NULL: no content was read in a process of its own */
};

/** How many files the rows of unverified stand for, each once. */
uint64_t tally_receipt_unverified(const struct tally_receipt *r);

/** An empty receipt, yours to tally_receipt_free. */
enum tally_status tally_receipt_new(struct tally_receipt **out, struct tally_err *err);
void tally_receipt_free(struct tally_receipt *r);

/**
 * Do the books balance: files, bytes, contents, and what the verdict counts?
 * @return TALLY_FATAL with the numbers when they do not
 */
enum tally_status tally_receipt_check(const struct tally_receipt *r, struct tally_err *err);

/** Does something differ, or could something not be verified? (exit status 1 of `tally diff`) */
bool tally_receipt_differs(const struct tally_receipt *r);

/**
 * Write as JSON (schema tally.receipt/1, docs/receipt.schema.json), UTF-8, two blanks of indent, one newline at the end. Streams:
 * needs no memory for the whole.
 */
enum tally_status tally_receipt_write_json(const struct tally_receipt *r, int fd,
                                           struct tally_err *err);

/**
 * Read back from JSON, check its shape and its sums.
 * @return TALLY_SKIP (damaged) with a message that says what is wrong
 */
enum tally_status tally_receipt_read_json(struct tally_receipt **out, const char *json, size_t len,
                                          struct tally_err *err);

struct tally_view_options {
	int version;      /**< TALLY_VIEW_OPTIONS_VERSION */
	unsigned columns; /**< width to fold for; 0: 80 */
	bool colour;
	bool all; /**< list every change; otherwise long lists are cut with a count (losses and unverified never) */
	bool quiet; /**< line one only */
};

enum { TALLY_VIEW_OPTIONS_VERSION = 1 };
#define TALLY_VIEW_OPTIONS_INIT                                     \
	{                                                           \
		TALLY_VIEW_OPTIONS_VERSION, 80, false, false, false \
	}

/** Write as text for a terminal. Names and values are escaped. */
enum tally_status tally_receipt_write_text(const struct tally_receipt *r,
                                           const struct tally_view_options *options, int fd,
                                           struct tally_err *err);

/**
 * Add an item to the review list, for what the receipt itself does not show (name collisions, for instance); before
 * tally_receipt_review, which ranks it with the others. Strings are copied; why NULL: the rule's own sentence.
 */
enum tally_status tally_review_add(struct tally_receipt *r, const struct tally_review_item *item,
                                   struct tally_err *err);

/**
 * Rank what a person should look at first (docs/REVIEW.md) and word the verdict, with all its numbers; called once when a
 * receipt is made.
 */
enum tally_status tally_receipt_review(struct tally_receipt *r, struct tally_err *err);

#endif
