/**
 * Comparing two texts: blocks (paragraphs, headings, list items, cells, slides, notes) first, then the words inside those that
 * were edited.
 *
 * The way: slides and rows of tables find each other as wholes, so that a text that goes from one to another one is no equal in
 * order (diff/text_groups.c); equal blocks are aligned by hash (diff/align.h); what is left inside a gap is paired by similarity of its words,
 * least cost first; what is left after that anywhere is paired by equal text (moved), then by similarity (moved and edited).
 * One edit is one edit: of a paragraph that was split or joined the words are put together again, and its other parts say no more
 * than that they are parts.
 */
#ifndef TALLY_DIFF_TEXT_DIFF_H
#define TALLY_DIFF_TEXT_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/text.h"

enum tally_edit_kind {
	TALLY_EDIT_ADDED,
	TALLY_EDIT_DELETED,
	TALLY_EDIT_EDITED,
	TALLY_EDIT_MOVED,
	TALLY_EDIT_MOVED_EDITED,
};

/** What stands out in an edit; the words of the receipt's `flags`. */
enum {
	TALLY_EDIT_NUMBER = 1 << 0,
	TALLY_EDIT_DATE = 1 << 1,
	TALLY_EDIT_AMOUNT = 1 << 2, /**< a number with a currency or per cent sign, or a unit of money */
	TALLY_EDIT_NEGATION = 1 << 3, /**< not, no, never, without; shall/may/must; their German, French, Spanish kin */
	TALLY_EDIT_NAME = 1 << 4, /**< capitalised words inside a sentence, abbreviations */
	TALLY_EDIT_TYPOGRAPHY = 1 << 5, /**< nothing but quotes, dashes, blanks, ligatures, letter forms (NFC) */
	TALLY_EDIT_LOOK_ALIKE = 1 << 6, /**< letters that look the same (Latin A, Cyrillic А) or characters nobody sees */
	TALLY_EDIT_KIND = 1 << 7, /**< the text is the same: a paragraph became a heading, list item … */
	TALLY_EDIT_SPLIT = 1 << 8,  /**< one paragraph became several */
	TALLY_EDIT_JOINED = 1 << 9, /**< several became one */
	TALLY_EDIT_PART = 1 << 10, /**< added or deleted by that: what it says stands in the edit that was split or joined */
	/* not set by the comparison of texts, which does not see it: */
	TALLY_EDIT_HIDDEN = 1 << 11,   /**< deleted: it is there still, where nobody sees it */
	TALLY_EDIT_PROPOSED = 1 << 12, /**< deleted: it is there still, marked as deleted */
};

enum tally_edit_op { TALLY_SPAN_EQUAL, TALLY_SPAN_DELETE, TALLY_SPAN_INSERT };

/** A stretch of an edited block; spans of one edit give both texts when put together. */
struct tally_edit_span {
	const char *text; /**< points into the before block (EQUAL, DELETE) or after block (INSERT), or into the whole of several */
	uint32_t len;
	uint8_t op; /**< enum tally_edit_op */
};

/** A number, date, amount, name or negation that became another one; either may be NULL (added, gone). */
struct tally_edit_pair {
	const char *old, *new;
	uint32_t old_len, new_len;
	unsigned flag; /**< one of TALLY_EDIT_… */
};

#define TALLY_NO_BLOCK SIZE_MAX

struct tally_edit {
	uint8_t kind;         /**< enum tally_edit_kind */
	unsigned flags;       /**< TALLY_EDIT_… */
	size_t before, after; /**< index of the block, of several the first, or TALLY_NO_BLOCK */
	uint32_t parts[2]; /**< how many blocks from there on, before and after: 0, 1, of one that was split or joined more */
	const struct tally_block *whole[2]; /**< those put together, a line end between each two; NULL: there is one at most */
	uint32_t similarity; /**< thousandths, for EDITED and MOVED_EDITED */
	const struct tally_edit_span *spans;
	size_t span_count;
	const struct tally_edit_pair *pairs;
	size_t pair_count;
};

struct tally_text_options {
	int version; /**< TALLY_TEXT_OPTIONS_VERSION */
	const struct tally_limits *limits;
	bool other_format; /**< the sides are of two formats: areas and kinds of paragraphs do not count */
};

enum { TALLY_TEXT_OPTIONS_VERSION = 1 };
#define TALLY_TEXT_OPTIONS_INIT                         \
	{                                               \
		TALLY_TEXT_OPTIONS_VERSION, NULL, false \
	}

/** before = same + edited + moved + deleted; after = same + edited + moved + added. */
struct tally_text_diff {
	const struct tally_text *before, *after;    /**< borrowed */
	size_t same, edited, moved, deleted, added; /**< moved counts those that were edited as well */
	size_t split, joined;                       /**< of the edited ones */
	size_t parts[2]; /**< of the deleted and of the added ones: those that are but parts */
	struct tally_edit *edits; /**< by after position; deleted ones where they stood */
	size_t edit_count;
	bool approximate; /**< a bound was met: valid, perhaps not the shortest; to be said as alignment_doubtful */
	struct tally_arena arena;
};

/**
 * @out  yours to tally_text_diff_free; borrows both texts
 * @return TALLY_OK; TALLY_SKIP (limit); TALLY_FATAL no memory
 */
enum tally_status tally_text_diff(struct tally_text_diff **out, const struct tally_text *before,
                                  const struct tally_text *after,
                                  const struct tally_text_options *options, struct tally_err *err);
void tally_text_diff_free(struct tally_text_diff *diff);

#endif
