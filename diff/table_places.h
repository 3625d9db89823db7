/**
 * Where rows and columns of a sheet are on the after side, for references in formulas: those on the sheet itself, and those on
 * sheets that are compared later. Private to diff/; others keep and free it (table_diff.h).
 */
#ifndef TALLY_DIFF_TABLE_PLACES_H
#define TALLY_DIFF_TABLE_PLACES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

struct tally_comparison;

#define TALLY_PLACE_NONE UINT32_MAX       /* of a row: there is nothing in it */
#define TALLY_PLACE_GONE (UINT32_MAX - 1) /* a row that was deleted */

struct tally_row_places {
	bool still; /**< all are where they were; nothing else is set */
	uint32_t *to; /**< by row of the before part: its row of the after part, or one of the two above */
	uint32_t *last; /**< by row of the before part: the last paired one up to it, or TALLY_PLACE_NONE */
	uint32_t *next;  /**< the next one from it on */
	uint32_t *added; /**< by row of the after part: new rows above it; and one more, for all */
	uint32_t *columns; /**< by column of the before side, TALLY_PLACE_NONE where it is gone */
	uint32_t rows, rows_after, column_count, column_count_after;
};

/** Once rows are paired. @p  yours to tally_row_places_release, also after an error */
enum tally_status tally_row_places_init(struct tally_row_places *p,
                                        const struct tally_comparison *c, struct tally_err *err);
void tally_row_places_release(struct tally_row_places *p);

/** Is this where a cell's row, or its column, went? A blank row may have stayed or moved along with the row above it. */
bool tally_row_place_same(const struct tally_row_places *p, int64_t before, int64_t after);
bool tally_column_place_same(const struct tally_row_places *p, int64_t before, int64_t after);

/** The same for an area's first or last row: rows at its end may have gone, and it may have grown over new ones. */
bool tally_area_end_same(const struct tally_row_places *p, int64_t before, int64_t after, bool first);

#endif
