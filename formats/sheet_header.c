/* Which row of a sheet names its columns: see sheet_header.h. */
#include "formats/sheet_header.h"

#include <stdio.h>

#include "core/mem.h"
#include "formats/header.h"

enum { USUAL_ROWS = 1000 };

/* Cells that most of the first rows have. */
static enum tally_status usual_columns(const struct tally_part *part, size_t *out,
                                       struct tally_err *err)
{
	uint32_t *counts = tally_alloc_zero(part->columns + 1, sizeof *counts);
	enum tally_status st = TALLY_OK;

	*out = 0;
	if (!counts)
		return tally_err_nomem(err);
	for (size_t i = 0; i < part->row_count && i < USUAL_ROWS && st >= 0; i++) {
		size_t count;

		st = part->ops->cells(part, i, NULL, NULL, 0, &count, err);
		if (count)
			counts[count]++;
	}
	for (size_t i = 1; i <= part->columns; i++)
		if (counts[i] && counts[i] >= counts[*out])
			*out = i;
	tally_free(counts);
	return st;
}

/* the first row that has cells */
static size_t first_row(const struct tally_part *part)
{
	for (size_t i = 0; i < part->row_count; i++) {
		const char *bytes;
		size_t len;

		part->ops->raw(part, i, &bytes, &len);
		if (len)
			return i;
	}
	return TALLY_NO_HEADER;
}

enum tally_status tally_sheet_header(struct tally_part *part, int wish, struct tally_err *err)
{
	char text[24] = "none";
	bool guessed = false;
	size_t columns;
	enum tally_status st = TALLY_OK;

	if (wish > 0)
		part->header_row = first_row(part);
	if (wish < 0) {
		st = usual_columns(part, &columns, err);
		if (st >= 0)
			st = tally_find_header(part, columns, &part->header_row, &guessed, err);
	}
	if (st >= 0 && guessed)
		st = tally_part_problem(part, "header_guessed", part->header_row + 1,
		                        "taken for the names of the columns, though it might be a "
		                        "row of data",
		                        err);
	if (part->header_row != TALLY_NO_HEADER)
		snprintf(text, sizeof text, "%zu", part->header_row + 1);
	return st < 0 ? st : tally_part_property(part, "header_row", text, err);
}
