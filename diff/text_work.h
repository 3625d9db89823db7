/** What the files of the text comparison share. Private to it. */
#ifndef TALLY_DIFF_TEXT_WORK_H
#define TALLY_DIFF_TEXT_WORK_H

#include "diff/text_diff.h"
#include "diff/text_words.h"

#define TALLY_FREE_BLOCK UINT32_MAX

/** How a block found its partner. */
enum tally_block_bond {
	TALLY_BOND_NONE,
	TALLY_BOND_SAME,   /**< equal, in order */
	TALLY_BOND_EDITED, /**< alike, in order */
	TALLY_BOND_MOVED,  /**< equal or alike, out of order */
	TALLY_BOND_PART,   /**< of one that was split or joined, but not its first */
	TALLY_BOND_ALONE,  /**< it has a name that nothing has on the other side */
};

struct tally_text_side {
	const struct tally_text *text;
	uint32_t count;
	uint32_t *partner; /**< of each block, or TALLY_FREE_BLOCK */
	uint8_t *bond;     /**< of each block, enum tally_block_bond */
	uint32_t *group; /**< of each block: the same number on both sides for a slide or row that is the same; NULL, 0: none */
	uint32_t *parts; /**< how many blocks from this one on are one paragraph of the other side; 0: only itself */
};

struct tally_text_work {
	struct tally_text_diff *diff;
	struct tally_text_side side[2]; /**< before, after */
	struct tally_arena scratch;
	bool other_format;
};

void tally_bond_blocks(struct tally_text_work *w, uint32_t before, uint32_t after,
                       enum tally_block_bond bond);

/** Pair blocks that have names by them: diff/text_known.c. */
enum tally_status tally_text_pair_known(struct tally_text_work *w, struct tally_err *err);

/** Find which slide and which row of a table is which: diff/text_groups.c. */
enum tally_status tally_text_pair_groups(struct tally_text_work *w, struct tally_err *err);

/** Pair equal blocks that are free, out of order: diff/text_moved.c. First those that are long, or in groups that are the same; */
enum tally_status tally_text_pair_moved(struct tally_text_work *w, struct tally_err *err);
/** at the end, of which nothing else became, short ones. */
enum tally_status tally_text_pair_strayed(struct tally_text_work *w, struct tally_err *err);
/** Cells that stand in order, but in another column, have moved. */
enum tally_status tally_text_displace_cells(struct tally_text_work *w, struct tally_err *err);

/** The hash of a block's text, another one in each group. */
uint64_t tally_hash_in_group(const struct tally_text_side *s, size_t block);
bool tally_equal_text(const struct tally_block *x, const struct tally_block *y);

/** Pair what is alike and free: in order first, then anywhere. */
enum tally_status tally_text_pair_alike(struct tally_text_work *w, struct tally_err *err);

/** Find the other parts of what was split or joined. */
enum tally_status tally_text_pair_split(struct tally_text_work *w, struct tally_err *err);

/**
 * Blocks as one paragraph, a line end between each two.
 * @arena  keeps its text
 */
enum tally_status tally_put_together(struct tally_block *out, struct tally_arena *arena,
                                     const struct tally_block *blocks, uint32_t count,
                                     struct tally_err *err);

/** The words of a pair that is not equal: spans, similarity. */
enum tally_status tally_edit_spans(struct tally_edit *edit, struct tally_arena *arena,
                                   const struct tally_block *before,
                                   const struct tally_block *after, struct tally_err *err);

/** What stands out in an edit, from its spans: flags and pairs. */
enum tally_status tally_edit_marks(struct tally_edit *edit, struct tally_arena *arena,
                                   const struct tally_block *before,
                                   const struct tally_block *after, struct tally_err *err);

#endif
