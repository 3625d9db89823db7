/**
 * Where rows and columns of a sheet are on the after side, for references in formulas: those on the sheet itself, and those on
 * sheets that are compared later; and for facts that have addresses. Private to diff/; others keep and free it (table_diff.h).
 *
 * It is the cells that are meant, whatever stands in them: rows and columns that have no pair count as in their places where as much
 * stands between their neighbours as before, and rows that were deleted as those that were added between the same neighbours, if
 * they are as many.
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
	bool rows_in_order,
		columns_in_order; /**< those that are on both sides; others may have come between them */
	uint32_t *to; /**< by row of the before part: its row of the after part, or one of the two above */
	uint32_t *last; /**< by row of the before part: the last paired one up to it, or TALLY_PLACE_NONE */
	uint32_t *next;  /**< the next one from it on */
	uint32_t *added; /**< by row of the after part: new rows above it; and one more, for all */
	uint32_t *filled; /**< by row of the after part: rows above it with something in them; and one more, for all */
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

/** Where a row or column is expected, one of which nothing more is known than that of its neighbours included. */
struct tally_expected_place {
	bool gone;     /**< it was deleted */
	bool may_stay; /**< where it was is as good */
	uint32_t at;
};

/** @most  how many rows a sheet can have: the last one stays the last */
struct tally_expected_place tally_row_place_expected(const struct tally_row_places *p, uint32_t row,
                                                     uint32_t most);
struct tally_expected_place tally_column_place_expected(const struct tally_row_places *p,
                                                        uint32_t column, uint32_t most);

/** Are there no rows with anything in them on the after side, from this one up to before the other one? */
bool tally_row_places_blank(const struct tally_row_places *p, uint32_t from, uint32_t end);

/** The same for an area's first or last row: rows at its end may have gone, and it may have grown over new ones. */
bool tally_area_end_same(const struct tally_row_places *p, int64_t before, int64_t after, bool first);

#endif
