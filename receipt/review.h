/**
 * The review list in the making, for its review*.c files: rules look at the receipt and report findings, which are merged,
 * ranked and copied into the receipt. docs/REVIEW.md says when each rule fires.
 */
#ifndef TALLY_RECEIPT_REVIEW_H
#define TALLY_RECEIPT_REVIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "diff/table_diff.h"
#include "receipt/receipt.h"

enum tally_rule {
#define TALLY_RULE(id, why) TALLY_RULE_##id,
#include "receipt/review_rules.def"
#undef TALLY_RULE
	TALLY_RULE_COUNT
};

/** "content_lost" …; NULL behind the last one. */
const char *tally_rule_id(enum tally_rule rule);
const char *tally_rule_why(enum tally_rule rule);

/** One finding: an item with what it is ranked by. */
struct tally_finding {
	struct tally_review_item item;
	enum tally_rule rule; /**< TALLY_RULE_COUNT: a rule that this program does not know (added from outside) */
	uint64_t weight;             /**< bytes, rows or files at stake */
	size_t order;                /**< in which it was found */
	uint64_t change, difference; /**< see tally_found_change */
	size_t rank, group;          /**< while they are merged */
};

/** What was lost in tables or is wrong in them, all tables together: for line one. */
struct tally_damage {
	uint64_t sheets, columns, rows; /**< that are gone */
	uint64_t messages;              /**< of mailboxes, that are gone */
	uint64_t paragraphs,
		lines; /**< of documents and texts, that are gone and stand in no other one */
	uint64_t negations, numbers,
		look_alikes;  /**< of texts, that are others now: changed, not lost */
	uint64_t beside;      /**< what was lost besides cells: validations, charts, comments … */
	uint64_t beside_text; /**< the same of documents */
	uint64_t unshown; /**< the same of files of another format than before, which may tell it in another way */
	uint64_t swapped,
		displaced; /**< pairs of columns; columns that changed places in a longer ring */
	uint64_t sorted;   /**< columns */
	uint64_t values;   /**< cells */
	uint64_t by_nature[TALLY_NATURE_COUNT]; /**< of those */
	struct tally_name table;                /**< the only one */
	bool any, several;                      /**< there is one, there are several */
};

struct tally_reviewer {
	struct tally_receipt *r;
	struct tally_buf what; /**< the sentence being put together */
	struct tally_finding *findings;
	size_t count, cap;
	bool *claimed; /**< changes that a folder's finding stands for */
	uint64_t hollow; /**< files emptied, cut short or filled with NUL bytes whose old content is nowhere else */
	uint64_t replaced; /**< text files that hold nothing of their old content, which is nowhere else */
	struct tally_damage damage;
	enum tally_status status;
	struct tally_err *err;
};

enum { TALLY_EXAMPLES = 3 }; /* named in a merged item; more than so many of one rule are merged */

/** Pieces of the sentence. Errors stick. */
void tally_say(struct tally_reviewer *v, const char *text);
void tally_say_name(struct tally_reviewer *v, const struct tally_name *name);
void tally_say_text(struct tally_reviewer *v, const char *text);  /**< quoted; NULL: ‘?’ */
void tally_say_value(struct tally_reviewer *v, const char *text); /**< as text; nothing: (empty) */
void tally_say_count(struct tally_reviewer *v, uint64_t n);
void tally_say_plural(struct tally_reviewer *v, uint64_t n, const char *one, const char *many);
void tally_say_size(struct tally_reviewer *v, uint64_t bytes);

/** Was it emptied, cut short or filled up with NUL bytes? */
bool tally_review_damaged(const struct tally_receipt_change *c);
/** … or replaced by something tiny, and most of what it held is gone? Texts and tables that were compared tell how much that is. */
bool tally_review_hollow(const struct tally_receipt *r, const struct tally_receipt_change *c);

/** Is there a file at @path that was compared as a table, and has something to say as one? */
bool tally_review_has_table(const struct tally_receipt *r, const struct tally_name *path);

/** "‘prices.csv’", "‘book.xlsx’ (‘Sheet 2’)". @part  NULL or empty: none */
void tally_say_table(struct tally_reviewer *v, const char *path, const char *part);

/** The sentence is complete: a finding. @path NULL or with NULL bytes: none; @where NULL or empty: none (copied) */
void tally_found(struct tally_reviewer *v, enum tally_rule rule, enum tally_severity severity,
                 const struct tally_name *path, const char *where, uint64_t how_many,
                 uint64_t weight);

/**
 * Of the last finding: what became what, and by how much, as numbers that are the same for the same. Where many say the same one,
 * those that do not are told first, one by one. @difference  0: of no number
 */
void tally_found_change(struct tally_reviewer *v, uint64_t change, uint64_t difference);

/** Many findings of one rule become few: receipt/review_merge.c. They have to be ranked. */
void tally_review_merge(struct tally_reviewer *v);
int tally_path_order(const struct tally_name *a, const struct tally_name *b);

/** The groups of rules. */
void tally_review_tree(struct tally_reviewer *v);
void tally_review_gaps(struct tally_reviewer *v);
void tally_review_tables(struct tally_reviewer *v);
void tally_review_facts(struct tally_reviewer *v);
void tally_review_documents(struct tally_reviewer *v);
void tally_review_pages(struct tally_reviewer *v);
void tally_review_pictures(struct tally_reviewer *v);
void tally_review_run(struct tally_reviewer *v);

/** What changed outside of the scope that was set; fills in the counts of the receipt's `scope`. */
void tally_review_scope(struct tally_reviewer *v);

/** The watched folders themselves; before the other rules, since it claims what was lost with them. */
void tally_review_roots(struct tally_reviewer *v);
/** "the watched folder itself is gone", for a change with TALLY_CHANGE_ROOT */
void tally_review_say_root(struct tally_reviewer *v, const struct tally_receipt_change *c);
/** Is this the row of a watched folder that lies on another file system than before? */
bool tally_review_other_disk(const struct tally_unverified *u);
/** … or of one that is a link now? */
bool tally_review_of_root(const struct tally_unverified *u);
void tally_review_say_other_disk(struct tally_reviewer *v, const struct tally_unverified *u);

/** What became of a workbook's sheets; what formulas of one sheet no longer say. */
void tally_review_workbook(struct tally_reviewer *v, const json_t *table,
                           const struct tally_name *path);
void tally_review_sheet(struct tally_reviewer *v, const json_t *table, const struct tally_name *path);

/** Line one counts @n more of it. @what  a field of v->damage */
void tally_review_harm(struct tally_reviewer *v, const struct tally_name *table, uint64_t *what,
                       uint64_t n);

/** Word line one and set the verdict's numbers. */
void tally_review_verdict(struct tally_reviewer *v);

#endif
