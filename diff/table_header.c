/* A row of data that was taken for the header, because the header is gone or was never there: told by the other side. */
#include <string.h>

#include "core/mem.h"
#include "diff/table_work.h"

enum {
	ROWS_MOST = 1000,   /* of the other side that are looked at */
	COLUMNS_MOST = 256, /* cells of the header that are looked at */
};

/* The header of one side, and what the other side has to say about it. */
struct suspect {
	const struct tally_comparison *c;
	struct tally_row_reader header[2]; /* of the suspect, of the other side */
	struct tally_row_reader row;       /* of the other side */
	uint32_t columns;                  /* cells of the suspect that are looked at */
	uint32_t filled;                   /* of them not empty */
	bool found;                        /* it is a row of the other side */
	bool value[COLUMNS_MOST];          /* by column: it is a value of the other side's column */
	uint32_t rows, numbers[COLUMNS_MOST];
};

static bool same_text(const struct tally_cell *a, const struct tally_cell *b)
{
	return a->value_len == b->value_len && !memcmp(a->value, b->value, a->value_len);
}

static bool is_number(const struct tally_cell *cell)
{
	struct tally_number number;
	struct tally_date dates[2];
	struct tally_span text = tally_cell_span(cell);

	return text.len &&
	       (tally_number_parse(&number, text) || tally_date_parse(dates, text, false));
}

/* Headers that have a name in common are headers. */
static bool share_a_name(const struct suspect *s)
{
	for (uint32_t i = 0; i < s->columns; i++) {
		const struct tally_cell *name = tally_row_cell(&s->header[0], i);

		for (size_t j = 0; name->value_len && j < s->header[1].filled; j++)
			if (same_text(name, &s->header[1].cells[j]))
				return true;
	}
	return false;
}

static void look_at_row(struct suspect *s)
{
	bool all = s->filled > 0;

	s->rows++;
	for (uint32_t i = 0; i < s->columns; i++) {
		const struct tally_cell *mine = tally_row_cell(&s->header[0], i),
					*cell = tally_row_cell(&s->row, i);
		bool same = same_text(mine, cell);

		all &= same;
		s->value[i] |= same && mine->value_len;
		s->numbers[i] += is_number(cell);
	}
	s->found |= all;
}

/* Most of its cells are values of their columns, or numbers among numbers where the other side has a name. */
static bool looks_like_data(const struct suspect *s)
{
	uint32_t votes = 0;
	bool any = false; /* numbers are rarely names */

	for (uint32_t i = 0; i < s->columns; i++) {
		const struct tally_cell *mine = tally_row_cell(&s->header[0], i),
					*other = tally_row_cell(&s->header[1], i);
		bool number = is_number(mine) && !is_number(other) && s->numbers[i] * 2 > s->rows;

		votes += s->value[i] || number;
		any |= number;
	}
	return s->found || votes * 2 > s->filled || (any && votes * 2 == s->filled);
}

static enum tally_status look(struct suspect *s, int side, struct tally_err *err)
{
	const struct tally_table_side *mine = &s->c->side[side], *other = &s->c->side[1 - side];
	enum tally_status st = tally_row_read_raw(&s->header[0], mine->part->header_row, err);

	if (st == TALLY_OK)
		st = tally_row_read_raw(&s->header[1], other->part->header_row, err);
	if (st < 0)
		return st;
	s->columns = s->header[0].filled < COLUMNS_MOST ? (uint32_t)s->header[0].filled
	                                                : COLUMNS_MOST;
	for (uint32_t i = 0; i < s->columns; i++)
		s->filled += s->header[0].cells[i].value_len > 0;
	if (share_a_name(s))
		return TALLY_OK;
	for (size_t row = other->part->header_row + 1;
	     row < other->part->row_count && s->rows < ROWS_MOST; row++) {
		st = tally_row_read_raw(&s->row, row, err);
		if (st < 0)
			return st;
		look_at_row(s);
	}
	return TALLY_OK;
}

static enum tally_status is_data(const struct tally_comparison *c, int side, bool *out,
                                 struct tally_err *err)
{
	struct tally_table_side narrow[2] = { c->side[0], c->side[1] };
	struct suspect *s = tally_alloc_zero(1, sizeof *s);
	enum tally_status st = s ? TALLY_OK : tally_err_nomem(err);

	*out = false;
	if (st < 0)
		return st;
	s->c = c;
	for (int i = 0; i < 2; i++)
		narrow[i].cap = c->side[i].part->columns < COLUMNS_MOST
		                        ? (uint32_t)c->side[i].part->columns
		                        : COLUMNS_MOST;
	st = tally_row_reader_init(&s->header[0], &narrow[side], err);
	if (st == TALLY_OK)
		st = tally_row_reader_init(&s->header[1], &narrow[1 - side], err);
	if (st == TALLY_OK)
		st = tally_row_reader_init(&s->row, &narrow[1 - side], err);
	if (st == TALLY_OK)
		st = look(s, side, err);
	*out = st == TALLY_OK && s->rows && looks_like_data(s);
	tally_row_reader_release(&s->header[0]);
	tally_row_reader_release(&s->header[1]);
	tally_row_reader_release(&s->row);
	tally_free(s);
	return st;
}

enum tally_status tally_check_headers(struct tally_comparison *c, struct tally_err *err)
{
	bool data[2] = { false, false };
	enum tally_status st = TALLY_OK;

	if (!c->side[0].header || !c->side[1].header)
		return TALLY_OK;
	for (int side = 0; st == TALLY_OK && side < 2; side++)
		if (c->side[side].part->header_row == 0)
			st = is_data(c, side, &data[side], err);
	for (int side = 0; st == TALLY_OK && side < 2; side++) {
		c->side[side].header = !data[side];
		c->side[side].rows += data[side];
	}
	return st;
}
