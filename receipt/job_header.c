/* The header of a sheet, on both sides together: see receipt/job_header.h. */
#include "receipt/job_header.h"

#include <stdio.h>
#include <string.h>

#include "core/arena.h"

enum {
	CELLS = 256,   /* of a row that are looked at */
	ROWS = 64,     /* in which the before side's header, or anything below one, is looked for */
	LIST_ROWS = 8, /* rows of a list that is no table */
	LIST_LOOK = 256, /* rows in which they are looked for */
	BELOW = 8,       /* rows below a header that tell whether it is the same one, edited */
};

struct row {
	struct tally_arena scratch;
	struct tally_cell cells[CELLS];
	size_t count, filled;
	bool read; /* as a whole */
};

static void row_read(struct row *r, const struct tally_part *part, size_t number)
{
	tally_arena_init(&r->scratch, 0);
	r->count = r->filled = 0;
	r->read = number < part->row_count &&
	          part->ops->cells(part, number, &r->scratch, r->cells, CELLS, &r->count, NULL) >=
	                  TALLY_PARTIAL &&
	          r->count <= CELLS;
	if (!r->read)
		r->count = 0;
	for (size_t k = 0; k < r->count; k++)
		r->filled += r->cells[k].value_len || r->cells[k].formula;
}

/* Do two cells say the same, as far as it was computed? */
static bool same_cell(const struct row *a, const struct row *b, size_t k)
{
	static const struct tally_cell none = { .value = "" };
	const struct tally_cell *x = k < a->count ? &a->cells[k] : &none,
				*y = k < b->count ? &b->cells[k] : &none;

	if (x->formula && y->formula &&
	    (x->cached == TALLY_CACHED_MISSING || y->cached == TALLY_CACHED_MISSING))
		return true;
	return x->value_len == y->value_len &&
	       (!x->value_len || !memcmp(x->value, y->value, x->value_len));
}

/* Rows of two sides, cell by cell. */
struct agreement {
	bool same;  /* they say the same */
	bool half;  /* half of what they say */
	bool blank; /* one of them says nothing, or is not there */
	bool empty; /* both */
};

static struct agreement compare_rows(const struct tally_part *a, size_t i,
                                     const struct tally_part *b, size_t j)
{
	struct row x, y;
	struct agreement found;
	size_t equal = 0, filled = 0;

	row_read(&x, a, i);
	row_read(&y, b, j);
	for (size_t k = 0; k < x.count || k < y.count; k++) {
		bool any = (k < x.count && x.cells[k].value_len) ||
		           (k < y.count && y.cells[k].value_len);

		filled += any;
		equal += any && same_cell(&x, &y, k);
	}
	found = (struct agreement){ .same = x.read && y.read && equal == filled,
		                    .half = equal && equal * 2 >= filled,
		                    .blank = !x.filled || !y.filled,
		                    .empty = !x.filled && !y.filled };
	tally_arena_release(&x.scratch);
	tally_arena_release(&y.scratch);
	return found;
}

static size_t filled_cells(const struct tally_part *part, size_t number)
{
	struct row r;

	row_read(&r, part, number);
	tally_arena_release(&r.scratch);
	return r.read ? r.filled : CELLS;
}

static enum tally_status set_header(struct tally_part *part, size_t row, struct tally_err *err)
{
	char text[24] = "none";

	part->header_row = row;
	if (row != TALLY_NO_HEADER)
		snprintf(text, sizeof text, "%zu", row + 1);
	return tally_part_property(part, "header_row", text, err);
}

/* Names of columns that have nothing in them. */
static bool names_nothing(const struct tally_part *part)
{
	size_t row = part->header_row;

	if (row == TALLY_NO_HEADER || part->row_count - row > ROWS)
		return false;
	while (++row < part->row_count)
		if (filled_cells(part, row))
			return false;
	return true;
}

/* A few cells, one below the other. */
static bool is_list(const struct tally_part *part)
{
	size_t rows = 0;

	if (part->row_count > LIST_LOOK)
		return false;
	for (size_t row = 0; row < part->row_count && rows <= LIST_ROWS; row++) {
		size_t filled = filled_cells(part, row);

		if (filled > 1)
			return false;
		rows += filled;
	}
	return rows <= LIST_ROWS;
}

static bool no_table(const struct tally_part *part)
{
	return part->header_row == TALLY_NO_HEADER || names_nothing(part);
}

static bool no_tables(const struct tally_part *before, const struct tally_part *after)
{
	if (no_table(before) && no_table(after))
		return true;
	return is_list(before) && is_list(after) &&
	       (before->header_row == TALLY_NO_HEADER || after->header_row == TALLY_NO_HEADER ||
	        !compare_rows(before, before->header_row, after, after->header_row).same);
}

/* Do the rows below stand where they stood, most of them by half of their cells or more? */
static bool rows_stayed(const struct tally_part *before, const struct tally_part *after, size_t row)
{
	size_t stayed = 0, rows = 0;

	for (size_t i = row + 1; i <= row + BELOW; i++) {
		struct agreement a = compare_rows(before, i, after, i);

		rows += !a.empty;
		stayed += !a.blank && (a.same || a.half);
	}
	return stayed * 2 > rows || (stayed && stayed * 2 == rows);
}

/* Is a row that was found to be the header on one side only that row on both, as it is or edited? */
static bool is_edited(const struct tally_part *before, const struct tally_part *after, size_t row)
{
	struct agreement here = compare_rows(before, row, after, row);

	return here.half || (!here.blank && rows_stayed(before, after, row));
}

/* The names were cleared, and their row is there: the first row of data is no header. */
static bool was_cleared(const struct tally_part *before, const struct tally_part *after)
{
	size_t row = before->header_row;

	return !filled_cells(after, row) && after->header_row > row &&
	       rows_stayed(before, after, row);
}

static enum tally_status follow(const struct tally_part *before, struct tally_part *after,
                                struct tally_err *err)
{
	size_t row = before->header_row;

	if (row == TALLY_NO_HEADER)
		return compare_rows(before, after->header_row, after, after->header_row).same ||
		                       is_edited(before, after, after->header_row)
		               ? set_header(after, TALLY_NO_HEADER, err)
		               : TALLY_OK;
	for (size_t i = 0; i < ROWS; i++) {
		/* in its place first, then from the top */
		size_t at = i == 0 ? row : i - 1;

		if (compare_rows(before, row, after, at).same)
			return set_header(after, at, err);
	}
	if (was_cleared(before, after))
		return set_header(after, TALLY_NO_HEADER, err);
	return is_edited(before, after, row) ? set_header(after, row, err) : TALLY_OK;
}

enum tally_status tally_settle_header(struct tally_part *before, struct tally_part *after,
                                      bool keyed, struct tally_err *err)
{
	struct tally_part *sides[] = { before, after };
	enum tally_status st = TALLY_OK;

	if ((before && !before->sheet) || (after && !after->sheet))
		return TALLY_OK;
	if (before && after && (keyed || !no_tables(before, after)))
		return before->header_row == after->header_row ? TALLY_OK
		                                               : follow(before, after, err);
	for (int side = 0; st == TALLY_OK && !keyed && side < 2; side++)
		if (sides[side] && sides[side]->header_row != TALLY_NO_HEADER &&
		    ((before && after) || names_nothing(sides[side])))
			st = set_header(sides[side], TALLY_NO_HEADER, err);
	return st;
}
