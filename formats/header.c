/* Which row of a table holds the names of its columns, by votes of the columns: see formats/header.h. */
#include "formats/header.h"

#include <stdbool.h>
#include <string.h>

#include "core/arena.h"
#include "core/ascii.h"
#include "core/mem.h"

enum {
	TITLE_ROWS_MOST = 20, /* a header is looked for in so many rows */
	BODY_ROWS_MOST = 50,  /* rows below it that vote */
	COLUMNS_MOST = 64,    /* columns that vote */
	NAME_BYTES_MOST = 60, /* longer cells are no names */
};

/* Votes, for a header above zero. A cell of another type than all below it is worth much, mere looks little. */
static const double VOTE_TYPE = 3, VOTE_SHAPE = 2, VOTE_LENGTH = 1, VOTE_NAME = 0.5, VOTE_LOOKS = 0.2;

/* this share of a column's cells makes its type */
static const double MOSTLY = 0.8;

enum type { EMPTY, NUMBER, DATE, TEXT, ERROR };

static bool is_letter(char c)
{
	return tally_is_letter(c) || (c & 0x80);
}

/* 12, -1,234.50, 1.2e-5, 45 %, $12, (300) */
static bool is_number(const char *p, size_t len)
{
	size_t digits = 0, letters = 0;

	for (size_t i = 0; i < len; i++) {
		if (tally_is_digit(p[i]))
			digits++;
		else if ((p[i] == 'e' || p[i] == 'E') && digits && !letters)
			letters++;
		else if (!memchr("+-.,'%$()_ ", p[i], 11))
			return false;
	}
	return digits > 0;
}

/* 2024-05-06, 6.5.24, 12:30, 2024-05-06T12:30:00Z: digits with two separators of dates, or one of times */
static bool is_date(const char *p, size_t len)
{
	size_t digits = 0, separators = 0, colons = 0;

	for (size_t i = 0; i < len; i++) {
		if (tally_is_digit(p[i]))
			digits++;
		else if (p[i] == ':')
			colons++;
		else if (p[i] == '-' || p[i] == '/' || p[i] == '.')
			separators++;
		else if (!memchr("TZ +", p[i], 4))
			return false;
	}
	return tally_is_digit(*p) &&
	       ((digits >= 4 && separators >= 2) || (colons >= 1 && digits >= 3));
}

static enum type type_of(const struct tally_cell *cell)
{
	if (!cell->value_len || cell->kind == TALLY_CELL_EMPTY)
		return EMPTY;
	if (cell->kind == TALLY_CELL_NUMBER)
		return NUMBER;
	if (cell->kind == TALLY_CELL_ERROR)
		return ERROR;
	if (cell->kind == TALLY_CELL_DATE || is_date(cell->value, cell->value_len))
		return DATE;
	return is_number(cell->value, cell->value_len) ? NUMBER : TEXT;
}

/* four digits of our times: a number that often is a name */
static bool is_year(const struct tally_cell *cell)
{
	return cell->value_len == 4 && is_number(cell->value, 4) &&
	       (!memcmp(cell->value, "19", 2) || !memcmp(cell->value, "20", 2));
}

static bool same_value(const struct tally_cell *a, const struct tally_cell *b)
{
	return a->value_len == b->value_len && !memcmp(a->value, b->value, a->value_len);
}

static char shape_at(const struct tally_cell *cell, size_t i)
{
	char c = cell->value[i];

	return (char)(tally_is_digit(c) ? '9' : is_letter(c) ? 'a' : c);
}

static size_t skip_run(const struct tally_cell *cell, size_t i)
{
	char shape = shape_at(cell, i);

	while (i < cell->value_len && shape_at(cell, i) == shape)
		i++;
	return i;
}

/* AB-1001 and X-7: the same runs of letters, digits and signs, with digits among them */
static bool same_shape(const struct tally_cell *a, const struct tally_cell *b)
{
	size_t i = 0, j = 0;
	bool digits = false;

	while (i < a->value_len && j < b->value_len) {
		if (shape_at(a, i) != shape_at(b, j))
			return false;
		digits |= shape_at(a, i) == '9';
		i = skip_run(a, i);
		j = skip_run(b, j);
	}
	return digits && i == a->value_len && j == b->value_len;
}

struct row {
	struct tally_cell cells[COLUMNS_MOST];
	size_t count;  /* of the row */
	size_t known;  /* of them here */
	size_t filled; /* of those with something in them */
};

static enum tally_status read_row(const struct tally_part *part, size_t number,
                                  struct tally_arena *scratch, struct row *row, struct tally_err *err)
{
	enum tally_status st = part->ops->cells(part, number, scratch, row->cells, COLUMNS_MOST,
	                                        &row->count, err);

	row->known = row->count < COLUMNS_MOST ? row->count : COLUMNS_MOST;
	row->filled = 0;
	for (size_t i = 0; st > TALLY_SKIP && i < row->known; i++)
		row->filled += type_of(&row->cells[i]) != EMPTY;
	return st == TALLY_PARTIAL ? TALLY_OK : st;
}

/* the cells of one column below the candidate */
struct column {
	size_t filled, typed, years, equal, shaped;
	size_t length; /* of all of them, 0 where they differ */
};

static void look_at_cell(struct column *col, const struct tally_cell *head,
                         const struct tally_cell *cell)
{
	enum type type = type_of(cell);

	if (type == EMPTY)
		return;
	col->length = !col->filled || col->length == cell->value_len ? cell->value_len : 0;
	col->filled++;
	col->typed += type == NUMBER || type == DATE;
	col->years += is_year(cell);
	col->equal += same_value(head, cell);
	col->shaped += same_shape(head, cell);
}

static bool has(const struct tally_cell *cell, const char *what)
{
	size_t len = strlen(what);

	for (size_t i = 0; i + len <= cell->value_len; i++)
		if (!memcmp(cell->value + i, what, len))
			return true;
	return false;
}

static bool looks_like_name(const struct tally_cell *cell)
{
	for (uint32_t i = 0; i < cell->value_len; i++)
		if (!is_letter(cell->value[i]) && !memchr("_-. ", cell->value[i], 4))
			return false;
	return true;
}

static double vote_of_text(const struct column *col, const struct tally_cell *head)
{
	double looks = VOTE_NAME + (looks_like_name(head) ? VOTE_LOOKS : 0);

	if (head->value_len > NAME_BYTES_MOST || has(head, "@") || has(head, "://"))
		return -VOTE_SHAPE;
	if (!col->filled)
		return looks;
	if ((double)col->typed >= MOSTLY * (double)col->filled)
		return VOTE_TYPE;
	if (col->equal)
		return -VOTE_SHAPE;
	if (col->shaped * 2 >= col->filled)
		return -VOTE_SHAPE;
	if (col->filled >= 3 && col->length > 1 && col->length != head->value_len)
		return looks + VOTE_LENGTH;
	return looks;
}

static double vote(const struct column *col, const struct tally_cell *head, size_t index)
{
	switch (type_of(head)) {
	case EMPTY:
		return index ? -VOTE_NAME
		             : 0; /* the first name is missing where a program wrote its row numbers */
	case TEXT:
		return vote_of_text(col, head);
	case NUMBER:
		if (is_year(head))
			return col->years * 2 >= col->filled && col->filled ? -VOTE_LENGTH : 0;
		/* a number above words only: numbers serve as names */
		return col->filled >= 2 && !col->typed ? VOTE_NAME : -VOTE_TYPE;
	default:
		return -VOTE_TYPE;
	}
}

static double vote_on_doubles(const struct row *head)
{
	double sum = 0;

	for (size_t i = 0; i < head->known; i++)
		for (size_t j = 0; j < i; j++)
			if (head->cells[i].value_len && same_value(&head->cells[i], &head->cells[j])) {
				sum -= VOTE_NAME;
				break;
			}
	return sum;
}

/* Is row @number the header? @head holds its cells. */
static enum tally_status judge(const struct tally_part *part, size_t number, const struct row *head,
                               struct tally_arena *scratch, bool *is_header, bool *guessed,
                               struct tally_err *err)
{
	struct column columns[COLUMNS_MOST] = { { 0 } };
	double sum = vote_on_doubles(head);
	struct row body;

	for (size_t r = number + 1; r < part->row_count && r <= number + BODY_ROWS_MOST; r++) {
		enum tally_status st = read_row(part, r, scratch, &body, err);

		if (st < 0)
			return st;
		for (size_t i = 0; i < head->known && i < body.known; i++)
			look_at_cell(&columns[i], &head->cells[i], &body.cells[i]);
	}
	*guessed = true;
	for (size_t i = 0; i < head->known; i++) {
		double one = vote(&columns[i], &head->cells[i], i);

		sum += one;
		*guessed &= one < VOTE_LENGTH;
	}
	*is_header = sum > 0;
	return TALLY_OK;
}

/* filled from side to side; one column at the end may be missing */
static bool may_be_header(const struct row *row, size_t columns)
{
	size_t seen = columns < COLUMNS_MOST ? columns : COLUMNS_MOST;

	if (columns <= 1)
		return row->filled > 0;
	return row->filled >= 2 && row->filled * 2 > seen && row->count + 1 >= columns;
}

static enum tally_status find(const struct tally_part *part, size_t columns,
                              struct tally_arena *scratch, size_t *out, bool *guessed,
                              struct tally_err *err)
{
	struct row head;

	for (size_t r = 0; r < part->row_count && r < TITLE_ROWS_MOST; r++) {
		enum tally_status st = read_row(part, r, scratch, &head, err);
		bool is_header = false;

		if (st < 0)
			return st;
		if (!may_be_header(&head, columns))
			continue;
		st = judge(part, r, &head, scratch, &is_header, guessed, err);
		if (st == TALLY_OK && is_header)
			*out = r;
		return st;
	}
	return TALLY_OK;
}

enum tally_status tally_find_header(const struct tally_part *part, size_t columns, size_t *out,
                                    bool *guessed, struct tally_err *err)
{
	struct tally_arena scratch = TALLY_ARENA_INIT;
	enum tally_status st;

	*out = TALLY_NO_HEADER;
	*guessed = false;
	st = find(part, columns, &scratch, out, guessed, err);
	*guessed &= *out != TALLY_NO_HEADER && part->row_count > *out + 1;
	tally_arena_release(&scratch);
	return st;
}
