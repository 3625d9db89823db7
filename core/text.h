/**
 * The text model: the blocks of a document in reading order.
 */
#ifndef TALLY_CORE_TEXT_H
#define TALLY_CORE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"

enum tally_block_kind {
	TALLY_BLOCK_PARAGRAPH,
	TALLY_BLOCK_HEADING,
	TALLY_BLOCK_LIST_ITEM,
	TALLY_BLOCK_CELL,
	TALLY_BLOCK_CODE,
	TALLY_BLOCK_LINE,    /**< a paragraph that is one line of a text file */
	TALLY_BLOCK_MESSAGE, /**< all that is written in one message of a mailbox */
};

/** Where in the document a block stands; the words of the receipt's `where.area`. */
enum tally_area {
	TALLY_AREA_BODY,
	TALLY_AREA_HEADER,
	TALLY_AREA_FOOTER,
	TALLY_AREA_FOOTNOTE,
	TALLY_AREA_ENDNOTE,
	TALLY_AREA_COMMENT,
	TALLY_AREA_TEXT_BOX,
	TALLY_AREA_TABLE,
	TALLY_AREA_SLIDE,
	TALLY_AREA_NOTES,
	TALLY_AREA_PAGE,
	TALLY_AREA_MAIL,
	TALLY_AREA_COUNT
};

/** "body", "header", …, "mail". */
const char *tally_area_name(enum tally_area area);

struct tally_block {
	const char *text; /**< UTF-8 */
	uint32_t len;
	uint8_t kind;  /**< enum tally_block_kind */
	uint8_t area;  /**< enum tally_area */
	uint8_t level; /**< of a heading or list item, from 1; otherwise 0 */
	uint32_t n; /**< number of the page, slide, note, table …, from 1; in the body: of the line where it begins; 0: there is none */
	uint32_t row, cell; /**< in a table, from 1; otherwise 0 */
	uint32_t paragraph; /**< where n is 0: the how-manieth of its area, cells left out, from 1; set by the model */
	uint64_t hash; /**< of the text, set by the model */
	uint64_t name; /**< hash of what a message is known by, its ID; 0: it has none */
	/** How it looks: of equal texts; of any, however long their runs are. 0 where the reader does not look at that. */
	uint64_t look, rough_look;
};

/** Blocks in order; strings live in its arena. */
struct tally_text {
	struct tally_block *blocks;
	size_t count;
	size_t cap;
	struct tally_arena arena;
	uint32_t paragraphs[TALLY_AREA_COUNT]; /**< how many of each area have a number of their own */
};

void tally_text_init(struct tally_text *text, size_t max_bytes);
void tally_text_release(struct tally_text *text);

/** Append a block; its text is copied, its hash computed, its paragraphs counted. TALLY_SKIP (too_large) beyond the ceiling. */
enum tally_status tally_text_add(struct tally_text *text, const struct tally_block *block,
                                 struct tally_err *err);

#endif
