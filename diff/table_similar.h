/**
 * Rows that are paired for being alike: what is shared by table_similar.c and table_similar_texts.c.
 */
#ifndef TALLY_DIFF_TABLE_SIMILAR_H
#define TALLY_DIFF_TABLE_SIMILAR_H

#include "diff/table_work.h"

enum {
	TALLY_SIMILAR_COLUMNS_MOST = 64, /**< columns that are compared, the most telling ones */
	TALLY_SIMILAR_TEXT_COLUMNS = 4, /**< columns of sentences that are compared by their words */
	TALLY_SIMILAR_ALL_PAIRS = 4096,       /**< pairs of a gap up to which each is looked at */
	TALLY_SIMILAR_CLOSE_EFFORT = 1 << 16, /**< pairs of rows whose texts are compared in all */
	TALLY_SIMILAR_WORD_EFFORT = 1 << 27,  /**< words compared in all */
	TALLY_SIMILAR_BLANK_WEIGHT = 64,      /**< of two empty cells, in 1/256 */
};

/** Rows of both sides that are still free. */
struct tally_similar {
	struct tally_comparison *c;
	uint32_t *rows[2]; /**< free rows, ascending */
	uint32_t *gaps[2]; /**< and the gap each is in */
	uint32_t count[2];
	uint32_t columns[TALLY_SIMILAR_COLUMNS_MOST]; /**< index into pairs */
	uint32_t column_count;
	uint32_t *hashes[2]; /**< count × column_count, 0 blank */
	unsigned least;
	unsigned least_but_key; /**< the same for rows that differ in nothing but their key */
	int64_t close_effort, word_effort;          /**< what is left of them */
	uint32_t texts[TALLY_SIMILAR_TEXT_COLUMNS]; /**< columns of sentences: places in columns */
	uint32_t text_count;
	struct tally_row_reader reader[2];
};

/** Two rows that may be each other. */
struct tally_similar_pair {
	uint32_t before, after; /**< places in rows */
	uint32_t score;
	uint32_t away; /**< how far apart their places in the block are */
};

/** Free rows that are compared with each other: those of a gap, or all. */
struct tally_similar_block {
	struct tally_similar *p;
	const uint32_t *list[2]; /**< places in rows, ascending */
	uint32_t count[2];
	struct tally_similar_pair *found;
	size_t found_count, found_cap;
};

/* ---- table_similar.c ---- */

bool tally_similar_is_free(const struct tally_similar *p, int side, uint32_t place);

/** Leave only rows that are free. @list  what the block's lists are */
void tally_similar_leave(struct tally_similar_block *k, uint32_t *list[2]);

/** Keep a pair that was found. */
enum tally_status tally_similar_keep(struct tally_similar_block *k,
                                     const struct tally_similar_pair *new, struct tally_err *err);

/** Pair what was found: the best first, each row once. */
void tally_similar_take(struct tally_similar_block *k);

/* ---- table_similar_texts.c ---- */

/** Which columns hold sentences? */
enum tally_status tally_similar_find_texts(struct tally_similar *p, struct tally_err *err);

/** In a small gap a row with a typing error in its most telling cell is still that row. */
enum tally_status tally_similar_by_texts(struct tally_similar_block *k, struct tally_err *err);

/** Sentences in which some words were changed. @list  what the block's lists are */
enum tally_status tally_similar_by_sentences(struct tally_similar_block *k, uint32_t *list[2],
                                             struct tally_err *err);

#endif
