/**
 * The sequence aligner: two sequences of hashes in, runs of equal elements out, in order. Serves rows, blocks, lines and
 * words alike.
 *
 * The way: equal ends are cut off and elements that the other side does not have are put aside; elements that stand exactly
 * once on both sides are anchors (patience diff, Bram Cohen), the longest rising chain of them is kept; what lies between is
 * searched for the shortest edit script in linear space (E. W. Myers, "An O(ND) Difference Algorithm and Its Variations",
 * 1986). The search gives up beyond a bound, and splits the gap where it got furthest: what comes out is always
 * valid, then perhaps not the shortest, and says so.
 */
#ifndef TALLY_DIFF_ALIGN_H
#define TALLY_DIFF_ALIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/** @count elements from @before on equal those from @after on. */
struct tally_run {
	size_t before, after, count;
};

/** Ascending on both sides, never touching each other on both. */
struct tally_runs {
	struct tally_run *runs;
	size_t count;
	size_t cap;
	bool approximate; /**< the bound was met: there may be a longer alignment */
};

struct tally_align_input {
	const uint64_t *before, *after; /**< hashes of the elements */
	size_t before_count, after_count;
	/** Are these two really equal? Asked once for each matched pair; NULL: hashes are believed. */
	bool (*equal)(void *payload, size_t before, size_t after);
	void *payload;
	uint32_t effort; /**< edits that are searched for in one gap before it is split; 0: a sensible number */
};

/**
 * Align.
 * @out  overwritten; yours to tally_runs_release on TALLY_OK
 * @return TALLY_OK; TALLY_SKIP (limit) with 2^31 elements or more; TALLY_FATAL no memory
 */
enum tally_status tally_align(struct tally_runs *out, const struct tally_align_input *in,
                              struct tally_err *err);
void tally_runs_release(struct tally_runs *runs);

/**
 * The longest rising subsequence (patience piles, O(n log n)).
 * @in  set to 1 for each value that belongs to it, 0 for the others
 */
enum tally_status tally_longest_rising(const uint32_t *values, size_t count, uint8_t *in,
                                       struct tally_err *err);

#endif
