/**
 * Addresses in facts: what a fact says, and where, once rows and columns have come and gone, if it moved along with its cells.
 * Private to diff/.
 */
#ifndef TALLY_DIFF_FACTS_PLACES_H
#define TALLY_DIFF_FACTS_PLACES_H

#include <stdbool.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/facts.h"
#include "diff/facts_diff.h"

/** A text of the before side with addresses. */
struct tally_fact_expected {
	const char *text; /**< as it is when all its addresses moved along; what it was where nothing moved */
	bool strays; /**< written as before it means other cells than before */
};

struct tally_fact_expectation {
	struct tally_fact_expected where, value;
};

/**
 * @fact     of the before side
 * @arena    gets texts that differ
 * @scratch  without content of its own
 * @return false: no memory
 */
bool tally_fact_expect(struct tally_fact_expectation *out, const struct tally_fact *fact,
                       const struct tally_facts_options *options, struct tally_arena *arena,
                       struct tally_buf *scratch);

#endif
