/**
 * An inverted index over the pieces of sketches: which of the sources share how much with a given sketch, without comparing
 * all pairs. Exact: nothing is left out however many files share a piece. Private to diff/tree_*.c.
 */
#ifndef TALLY_DIFF_TREE_INDEX_H
#define TALLY_DIFF_TREE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/sketch.h"

struct tree_index;

/** @sources  borrowed, as are the sketches. @return NULL: no memory */
struct tree_index *tree_index_new(const struct tally_sketch *const *sources, uint32_t count);
void tree_index_free(struct tree_index *x);

/**
 * Similarity of @sketch with every source, in thousandths.
 * @out    as many as there are sources
 * @steps  counted up by the work done
 */
void tree_index_ask(struct tree_index *x, const struct tally_sketch *sketch, uint16_t *out,
                    uint64_t *steps);

#endif
