/**
 * Which sheet of a workbook is which: parts of two files are paired by name, unless two of them exchanged their names, then by
 * name but for the letter case, then by what stands in them, so that a sheet that was renamed and edited is one sheet.
 *
 * Pure memory; the same input gives the same pairs.
 */
#ifndef TALLY_DIFF_PARTS_PAIR_H
#define TALLY_DIFF_PARTS_PAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/table.h"

enum { TALLY_NO_PART = UINT32_MAX };

struct tally_parts_pair {
	uint32_t before, after; /**< numbers of the parts; TALLY_NO_PART: added or removed */
	bool renamed;
	bool moved;          /**< stands in another place among the sheets that both sides have */
	bool case_only;      /**< renamed, by letter case only */
	bool ambiguous;      /**< renamed, and another sheet would fit nearly as well */
	uint16_t similarity; /**< renamed: thousandths of the values that both have */
};

struct tally_parts_pairing {
	struct tally_parts_pair *pairs; /**< by the after side's order, then the removed ones by the before side's */
	size_t count;
	uint32_t removed, added, renamed, moved;
	bool limited; /**< too many sheets without a pair: each was compared with its neighbours only */
};

/**
 * Pair them. Where a side has one part that is no sheet (CSV), that one has a pair whatever the names.
 * @out  its pairs are yours to tally_parts_pairing_release, also after an error
 */
enum tally_status tally_parts_pair(struct tally_parts_pairing *out, struct tally_part *const *before,
                                   size_t before_count, struct tally_part *const *after,
                                   size_t after_count, struct tally_err *err);
void tally_parts_pairing_release(struct tally_parts_pairing *p);

#endif
