/* Rows of sheets, packed so that two workbooks' can be compared as bytes: see sheet_rows.h. */
#include "formats/sheet_rows.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/spill.h"
#include "formats/sheet_texts.h"

/*
 * A packed row:
 *
 *	varint  bytes that follow
 *	cells:  byte    flags (below)
 *		varint  length of the value; its bytes, or their SHA-256 when FLAG_LONG
 *		varint  length of the formula, when FLAG_FORMULA; its bytes, or their SHA-256 beyond SHORT_MOST
 *		varint  length of the format, when FLAG_FORMAT; its bytes, or their SHA-256 beyond SHORT_MOST
 *	gaps:   byte    FLAG_GAP
 *		varint  columns without a cell, in front of the next one
 */
enum {
	FLAG_KIND = 7, /* three bits */
	FLAG_FORMULA = 1 << 3,
	FLAG_FORMAT = 1 << 4,
	FLAG_CACHED_SHIFT = 5, /* two bits */
	FLAG_GAP = 1 << 7,
	SHORT_MOST = 128, /* bytes of a text that stands in the row itself */
	LENGTH_MOST = 10, /* bytes of a varint */
	KEPT_MOST = 16 << 20, /* bytes of a workbook's packed rows that stay in memory where there is a scratch file */
};

struct tally_sheet_book {
	const struct tally_limits *limits;
	struct tally_sheet_texts *texts;
	struct tally_scratch *scratch;
	uint64_t bytes_left;
	uint64_t blank_left;
	uint64_t gaps, cells; /* empty places in front of cells; cells */
	uint64_t shared_left;
	uint64_t kept; /* bytes of packed rows that may yet stay in memory */
};

/* a cell of the row begun */
struct place {
	uint32_t column;
	uint32_t at, len; /* in the row's bytes */
};

struct tally_sheet_rows {
	struct tally_sheet_book *book;
	struct tally_part *part;
	struct tally_spill *packed; /* rows ended */
	struct tally_buf row;       /* the row begun */
	struct tally_buf spare;
	struct place *places;
	size_t cells, places_cap;
	size_t ended;    /* cells of the row ended last */
	uint64_t number; /* of the row begun */
	uint32_t next;   /* column behind its last cell */
	bool tangled;    /* its cells are not in order */
	size_t rows_cap;
	uint32_t *numbers; /* by row, once they are not in order; NULL: row i is number i */
	size_t numbers_cap;
	uint64_t blank; /* where a row without cells is packed */
	bool has_blank;
	size_t cell_rows; /* up to the last one with a cell in the file */
};

/* what a part keeps */
struct kept {
	struct tally_spill *packed;
	struct tally_sheet_texts *texts;
	uint64_t blank; /* where a row without cells is packed, if cell_rows says that one may be needed */
};

/* ---- the part ---- */

/* Packed rows are our own bytes, so their lengths are believed. */
static inline uint64_t take_length(const unsigned char **at)
{
	const unsigned char *p = *at;
	uint64_t value = *p & 127;

	for (unsigned shift = 7; *p++ & 128; shift += 7)
		value |= (uint64_t)(*p & 127) << shift;
	*at = p;
	return value;
}

static void packed_raw(const struct tally_part *part, size_t row, const char **bytes, size_t *len)
{
	const struct tally_spill *packed = ((const struct kept *)part->self)->packed;
	uint64_t offset = part->rows[row].offset;
	const unsigned char *at = (const unsigned char *)tally_spill_at(packed, offset, 1);

	/* the spill's pad is there where the last row is shorter than the longest length */
	*len = (size_t)take_length(&at);
	*bytes = (const char *)at;
	tally_spill_use(packed, offset, *len + LENGTH_MOST);
}

static inline const unsigned char *take_text(const struct kept *kept, const unsigned char *at,
                                             const char **text, uint32_t *len)
{
	*len = (uint32_t)take_length(&at);
	*text = (const char *)at;
	if (*len <= SHORT_MOST)
		return at + *len;
	*text = tally_sheet_texts_find(kept->texts, at, *len);
	assert(*text);
	return at + TALLY_SHA256_SIZE;
}

/* @return what is behind it */
static inline const unsigned char *take_cell(const struct kept *kept, const unsigned char *at,
                                             unsigned flags, struct tally_cell *cell)
{
	*cell = (struct tally_cell){ .kind = flags & FLAG_KIND,
		                     .cached = flags >> FLAG_CACHED_SHIFT & 3 };
	at = take_text(kept, at, &cell->value, &cell->value_len);
	if (flags & FLAG_FORMULA)
		at = take_text(kept, at, &cell->formula, &cell->formula_len);
	if (flags & FLAG_FORMAT)
		at = take_text(kept, at, &cell->format, &cell->format_len);
	return at;
}

static const struct tally_cell empty_cell = { .value = "", .kind = TALLY_CELL_EMPTY };

static enum tally_status packed_cells(const struct tally_part *part, size_t row,
                                      struct tally_arena *scratch, struct tally_cell *cells,
                                      size_t cap, size_t *count, struct tally_err *err)
{
	const struct kept *kept = part->self;
	const unsigned char *at, *end;
	struct tally_cell beyond;
	const char *bytes;
	size_t len, n = 0;

	(void)scratch;
	(void)err;
	packed_raw(part, row, &bytes, &len);
	at = (const unsigned char *)bytes;
	end = at + len;
	while (at < end) {
		unsigned flags = *at++;

		if (flags & FLAG_GAP) {
			for (uint64_t gap = take_length(&at); gap > 0; gap--, n++)
				if (n < cap)
					cells[n] = empty_cell;
			continue;
		}
		at = take_cell(kept, at, flags, n < cap ? &cells[n] : &beyond);
		n++;
	}
	*count = n;
	return TALLY_OK;
}

static void packed_release(struct tally_part *part)
{
	struct kept *kept = part->self;

	if (!kept)
		return;
	tally_spill_free(kept->packed);
	tally_sheet_texts_drop(kept->texts);
	tally_free(kept);
}

static const struct tally_part_ops packed_ops = { packed_raw, packed_cells, packed_release };

/* ---- the book ---- */

enum tally_status tally_sheet_book_new(struct tally_sheet_book **out,
                                       const struct tally_limits *limits, struct tally_err *err)
{
	struct tally_sheet_book *book = tally_alloc_zero(1, sizeof *book);

	if (!book)
		return tally_err_nomem(err);
	book->limits = limits;
	book->kept = KEPT_MOST;
	book->bytes_left = limits->table_bytes < SIZE_MAX / 2 ? limits->table_bytes : SIZE_MAX / 2;
	book->blank_left = limits->blank_rows;
	book->shared_left = limits->shared_text;
	book->texts = tally_sheet_texts_new();
	if (!book->texts) {
		tally_free(book);
		return tally_err_nomem(err);
	}
	*out = book;
	return TALLY_OK;
}

void tally_sheet_book_scratch(struct tally_sheet_book *book, struct tally_scratch *scratch)
{
	book->scratch = scratch;
}

void tally_sheet_book_free(struct tally_sheet_book *book)
{
	if (!book)
		return;
	tally_sheet_texts_drop(book->texts);
	tally_free(book);
}

static enum tally_status too_large(const struct tally_sheet_book *book, struct tally_err *err)
{
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_TOO_LARGE,
	                     "table_bytes: sheets of more than %" PRIu64 " bytes",
	                     book->limits->table_bytes);
}

static enum tally_status spend(struct tally_sheet_book *book, uint64_t bytes, struct tally_err *err)
{
	if (bytes > book->bytes_left)
		return too_large(book, err);
	book->bytes_left -= bytes;
	return TALLY_OK;
}

/* A cell uses a long text that others use as well: it costs no memory, but whoever compares or adds up pays for it. */
static enum tally_status share(struct tally_sheet_book *book, uint64_t bytes, struct tally_err *err)
{
	if (bytes > book->shared_left)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "shared_text: cells share long texts of more than %" PRIu64
		                     " bytes",
		                     book->limits->shared_text);
	book->shared_left -= bytes;
	return TALLY_OK;
}

/* ---- packing ---- */

static size_t put_length(char *to, uint64_t value)
{
	size_t n = 0;

	while (value > 127) {
		to[n++] = (char)(value | 128);
		value >>= 7;
	}
	to[n++] = (char)value;
	return n;
}

/* what put_text takes at most */
static size_t room_for(size_t len)
{
	return LENGTH_MOST + (len <= SHORT_MOST ? len : TALLY_SHA256_SIZE);
}

static enum tally_status put_text(struct tally_sheet_book *book, struct tally_buf *out,
                                  const char *text, size_t len, struct tally_err *err)
{
	const unsigned char *sha256;
	bool known;

	/* there is room: room_for */
	out->len += put_length(out->bytes + out->len, len);
	if (len <= SHORT_MOST) {
		if (len)
			memcpy(out->bytes + out->len, text, len);
		out->len += len;
		return TALLY_OK;
	}
	if (len > UINT32_MAX || len > book->bytes_left)
		return too_large(book, err);
	sha256 = tally_sheet_texts_add(book->texts, text, len, &known);
	if (!sha256)
		return tally_err_nomem(err);
	memcpy(out->bytes + out->len, sha256, TALLY_SHA256_SIZE);
	out->len += TALLY_SHA256_SIZE;
	return known ? share(book, len, err) : spend(book, len, err);
}

static enum tally_status reserve(const struct tally_sheet_book *book, struct tally_buf *out,
                                 size_t len, struct tally_err *err)
{
	if (tally_buf_reserve(out, len))
		return TALLY_OK;
	return out->max - out->len < len ? too_large(book, err) : tally_err_nomem(err);
}

enum tally_status tally_sheet_pack(struct tally_sheet_book *book, struct tally_buf *out,
                                   const char *text, size_t len, struct tally_err *err)
{
	enum tally_status st = reserve(book, out, 1 + room_for(len), err);

	if (st < 0)
		return st;
	out->bytes[out->len++] = TALLY_CELL_TEXT;
	return put_text(book, out, text, len, err);
}

/* ---- rows ---- */

enum tally_status tally_sheet_rows_new(struct tally_sheet_rows **out, struct tally_sheet_book *book,
                                       const char *name, const char *format, struct tally_err *err)
{
	struct tally_sheet_rows *rows = tally_alloc_zero(1, sizeof *rows);
	struct kept *kept;
	enum tally_status st;

	if (!rows)
		return tally_err_nomem(err);
	rows->book = book;
	tally_buf_init(&rows->row, (size_t)book->bytes_left);
	tally_buf_init(&rows->spare, (size_t)book->bytes_left);
	rows->part = tally_alloc_zero(1, sizeof *rows->part);
	kept = rows->part ? tally_alloc_zero(1, sizeof *kept) : NULL;
	if (!kept)
		goto nomem;
	kept->texts = tally_sheet_texts_hold(book->texts);
	rows->part->self = kept;
	rows->part->ops = &packed_ops;
	rows->part->format = format;
	rows->part->header_row = TALLY_NO_HEADER;
	rows->part->sheet = true;
	rows->part->name = tally_arena_dup(&rows->part->arena, name, strlen(name));
	if (!rows->part->name)
		goto nomem;
	/* the limit is ours to tell: spend */
	st = tally_spill_new(&rows->packed, book->scratch, book->kept, UINT64_MAX, err);
	if (st < 0) {
		tally_sheet_rows_free(rows);
		return st;
	}
	*out = rows;
	return TALLY_OK;
nomem:
	tally_sheet_rows_free(rows);
	return tally_err_nomem(err);
}

void tally_sheet_rows_free(struct tally_sheet_rows *rows)
{
	if (!rows)
		return;
	tally_part_free(rows->part);
	tally_spill_free(rows->packed);
	tally_buf_release(&rows->row);
	tally_buf_release(&rows->spare);
	tally_free(rows->places);
	tally_free(rows->numbers);
	tally_free(rows);
}

struct tally_part *tally_sheet_part(struct tally_sheet_rows *rows)
{
	return rows->part;
}

static enum tally_status check_number(const struct tally_sheet_rows *rows, uint64_t number,
                                      struct tally_err *err)
{
	uint64_t most = rows->book->limits->sheet_rows;

	if (number < most && number < UINT32_MAX)
		return TALLY_OK;
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
	                     "sheet_rows: a row beyond %" PRIu64 " in sheet '%.100s'", most,
	                     rows->part->name);
}

enum tally_status tally_sheet_row(struct tally_sheet_rows *rows, uint64_t number,
                                  struct tally_err *err)
{
	enum tally_status st = check_number(rows, number, err);

	if (st < 0)
		return st;
	rows->number = number;
	rows->cells = 0;
	rows->next = 0;
	rows->tangled = false;
	tally_buf_clear(&rows->row);
	return TALLY_OK;
}

/* Notes where the next cell goes, and the gap in front of it. The row has room for @len more bytes then. */
static enum tally_status begin_cell(struct tally_sheet_rows *rows, uint64_t column, size_t len,
                                    struct tally_err *err)
{
	const struct tally_sheet_book *book = rows->book;
	enum tally_status st;

	if (column >= book->limits->table_columns || rows->cells > book->limits->table_columns)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "table_columns: a row of more than %" PRIu64
		                     " columns in sheet '%.100s'",
		                     book->limits->table_columns, rows->part->name);
	st = reserve(book, &rows->row, len + 1 + LENGTH_MOST, err);
	if (st < 0)
		return st;
	if (rows->cells == rows->places_cap &&
	    !tally_grow(&rows->places, &rows->places_cap, rows->cells, sizeof *rows->places))
		return tally_err_nomem(err);
	if (column < rows->next) {
		rows->tangled = true;
	} else if (column > rows->next) {
		rows->row.bytes[rows->row.len++] = (char)FLAG_GAP;
		rows->row.len += put_length(rows->row.bytes + rows->row.len, column - rows->next);
	}
	rows->places[rows->cells].column = (uint32_t)column;
	rows->places[rows->cells].at = (uint32_t)rows->row.len;
	return TALLY_OK;
}

static void end_cell(struct tally_sheet_rows *rows)
{
	struct place *place = &rows->places[rows->cells++];

	place->len = (uint32_t)rows->row.len - place->at;
	if (!rows->tangled)
		rows->next = place->column + 1;
}

static unsigned flags_of(const struct tally_cell *cell)
{
	return (unsigned)(cell->cached & 3) << FLAG_CACHED_SHIFT |
	       (cell->formula ? FLAG_FORMULA : 0U) | (cell->format ? FLAG_FORMAT : 0U);
}

/* what is behind a value */
static enum tally_status put_rest(struct tally_sheet_rows *rows, const struct tally_cell *cell,
                                  struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	if (cell->formula)
		st = put_text(rows->book, &rows->row, cell->formula, cell->formula_len, err);
	if (cell->format && st >= 0)
		st = put_text(rows->book, &rows->row, cell->format, cell->format_len, err);
	end_cell(rows);
	return st;
}

enum tally_status tally_sheet_cell(struct tally_sheet_rows *rows, uint64_t column,
                                   const struct tally_cell *cell, struct tally_err *err)
{
	size_t room = 1 + room_for(cell->value_len) + room_for(cell->formula_len) +
	              room_for(cell->format_len);
	enum tally_status st;

	if (!cell->formula && !cell->value_len)
		return TALLY_OK;
	st = begin_cell(rows, column, room, err);
	if (st < 0)
		return st;
	rows->row.bytes[rows->row.len++] = (char)(flags_of(cell) | (cell->kind & FLAG_KIND));
	st = put_text(rows->book, &rows->row, cell->value, cell->value_len, err);
	return st < 0 ? st : put_rest(rows, cell, err);
}

/* the length of the long text that was packed, or 0 */
static uint64_t long_length(const char *packed, size_t len)
{
	struct tally_bytes b = tally_bytes_of(packed + 1, len - 1);
	uint64_t value = tally_bytes_varint(&b);

	return value > SHORT_MOST ? value : 0;
}

enum tally_status tally_sheet_packed(struct tally_sheet_rows *rows, uint64_t column,
                                     const char *packed, size_t len, const struct tally_cell *rest,
                                     struct tally_err *err)
{
	enum tally_status st;
	char *at;

	if (!rest->formula && !packed[1])
		return TALLY_OK;
	st = begin_cell(rows, column,
	                len + room_for(rest->formula_len) + room_for(rest->format_len), err);
	if (st >= 0 && len > TALLY_SHA256_SIZE)
		st = share(rows->book, long_length(packed, len), err);
	if (st < 0)
		return st;
	at = rows->row.bytes + rows->row.len;
	memcpy(at, packed, len);
	*at = (char)((unsigned char)*at | flags_of(rest));
	rows->row.len += len;
	return put_rest(rows, rest, err);
}

static int by_column(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* Brings cells in order; of two in one place the last one stays. */
static enum tally_status untangle(struct tally_sheet_rows *rows, struct tally_err *err)
{
	struct tally_buf *to = &rows->spare, swap;
	enum tally_status st;
	bool twice = false;
	uint32_t next = 0;

	qsort(rows->places, rows->cells, sizeof *rows->places, by_column);
	tally_buf_clear(to);
	st = reserve(rows->book, to, rows->row.len + rows->cells * (1 + LENGTH_MOST), err);
	for (size_t i = 0; i < rows->cells && st >= 0; i++) {
		const struct place *place = &rows->places[i];

		if (i + 1 < rows->cells && place[1].column == place->column) {
			twice = true;
			continue;
		}
		if (place->column > next) {
			to->bytes[to->len++] = (char)FLAG_GAP;
			to->len += put_length(to->bytes + to->len, place->column - next);
		}
		memcpy(to->bytes + to->len, rows->row.bytes + place->at, place->len);
		to->len += place->len;
		next = place->column + 1;
	}
	if (st < 0)
		return st;
	rows->next = next;
	swap = rows->row;
	rows->row = rows->spare;
	rows->spare = swap;
	return tally_part_problem(rows->part, twice ? "cell_twice" : "cells_out_of_order",
	                          rows->number + 1,
	                          twice ? "a cell that is there twice; the last one was read"
	                                : "cells that are not in the order of their columns",
	                          err);
}

/* ---- their order ---- */

static enum tally_status add_row(struct tally_sheet_rows *rows, uint64_t hash, uint64_t offset,
                                 struct tally_err *err)
{
	struct tally_part *part = rows->part;
	enum tally_status st = spend(rows->book, sizeof *part->rows, err);

	if (st < 0)
		return st;
	if (!tally_grow(&part->rows, &rows->rows_cap, part->row_count, sizeof *part->rows))
		return tally_err_nomem(err);
	part->rows[part->row_count++] = (struct tally_row){ hash, offset };
	return TALLY_OK;
}

/* packs the row that lies in rows->row. @return where */
static enum tally_status store_row(struct tally_sheet_rows *rows, uint64_t *offset,
                                   struct tally_err *err)
{
	char length[LENGTH_MOST];
	size_t n = put_length(length, rows->row.len);
	enum tally_status st = spend(rows->book, rows->row.len + n, err);

	*offset = tally_spill_size(rows->packed);
	if (st >= 0)
		st = tally_spill_add(rows->packed, length, n, err);
	return st < 0 ? st : tally_spill_add(rows->packed, rows->row.bytes, rows->row.len, err);
}

/* One row without cells stands for all. */
static enum tally_status store_blank(struct tally_sheet_rows *rows, struct tally_err *err)
{
	struct tally_buf row = rows->row;
	enum tally_status st;

	if (rows->has_blank)
		return TALLY_OK;
	rows->row.len = 0;
	st = store_row(rows, &rows->blank, err);
	rows->row = row;
	rows->has_blank = st >= 0;
	return st;
}

/* Blank rows up to this number. */
static enum tally_status fill_up(struct tally_sheet_rows *rows, uint64_t number, struct tally_err *err)
{
	struct tally_sheet_book *book = rows->book;
	uint64_t missing = number - rows->part->row_count;
	enum tally_status st;

	if (!missing)
		return TALLY_OK;
	if (missing > book->blank_left)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "blank_rows: more than %" PRIu64 " rows with nothing in them",
		                     book->limits->blank_rows);
	book->blank_left -= missing;
	st = store_blank(rows, err);
	for (; missing > 0 && st >= 0; missing--)
		st = add_row(rows, tally_hash64("", 0, 0), rows->blank, err);
	return st;
}

/* From now on rows have numbers of their own. */
static enum tally_status number_rows(struct tally_sheet_rows *rows, struct tally_err *err)
{
	size_t count = rows->part->row_count;

	rows->numbers = tally_alloc_zero(count + 16, sizeof *rows->numbers);
	if (!rows->numbers)
		return tally_err_nomem(err);
	rows->numbers_cap = count + 16;
	for (size_t i = 0; i < count; i++)
		rows->numbers[i] = (uint32_t)i;
	return tally_part_problem(rows->part, "rows_out_of_order", rows->number + 1,
	                          "rows that are not in the order of their numbers", err);
}

static enum tally_status note_number(struct tally_sheet_rows *rows, struct tally_err *err)
{
	enum tally_status st = rows->numbers ? TALLY_OK : number_rows(rows, err);

	if (st < 0)
		return st;
	if (!tally_grow(&rows->numbers, &rows->numbers_cap, rows->part->row_count,
	                sizeof *rows->numbers))
		return tally_err_nomem(err);
	rows->numbers[rows->part->row_count] = (uint32_t)rows->number;
	return TALLY_OK;
}

enum { GAPS_EACH = 32 /* empty places for a cell: with fewer a table is only loosely filled */ };

/* Whoever compares looks at each place of a row: a few cells far to the right in many rows are a bomb. */
static enum tally_status count_gaps(const struct tally_sheet_rows *rows, uint64_t cells,
                                    uint64_t width, uint64_t times, struct tally_err *err)
{
	struct tally_sheet_book *book = rows->book;

	book->cells += cells * times;
	book->gaps += width > cells ? (width - cells) * times : 0;
	if (book->gaps <= book->limits->blank_cells || book->gaps / GAPS_EACH <= book->cells)
		return TALLY_OK;
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
	                     "blank_cells: more than %" PRIu64 " empty cells in front of others",
	                     book->limits->blank_cells);
}

void tally_sheet_has_cell(struct tally_sheet_rows *rows)
{
	if (rows->number >= rows->cell_rows)
		rows->cell_rows = (size_t)rows->number + 1;
}

enum tally_status tally_sheet_row_end(struct tally_sheet_rows *rows, struct tally_err *err)
{
	struct tally_part *part = rows->part;
	enum tally_status st = TALLY_OK;
	uint64_t offset;

	if (!rows->cells)
		return TALLY_OK;
	if (rows->tangled)
		st = untangle(rows, err);
	if (st >= 0)
		st = count_gaps(rows, rows->cells, rows->next, 1, err);
	if (st >= 0)
		st = rows->numbers || rows->number < part->row_count
		             ? note_number(rows, err)
		             : fill_up(rows, rows->number, err);
	if (st >= 0)
		st = store_row(rows, &offset, err);
	if (st >= 0)
		st = add_row(rows, tally_hash64(rows->row.bytes, rows->row.len, 0), offset, err);
	if (rows->next > part->columns)
		part->columns = rows->next;
	rows->ended = rows->cells;
	rows->cells = 0;
	return st;
}

enum tally_status tally_sheet_row_repeat(struct tally_sheet_rows *rows, uint64_t more,
                                         struct tally_err *err)
{
	struct tally_part *part = rows->part;
	struct tally_row last = part->rows[part->row_count - 1];
	enum tally_status st = TALLY_OK;

	assert(!rows->numbers && rows->number + 1 == part->row_count);
	if (more)
		st = check_number(rows, more < UINT32_MAX ? rows->number + more : more, err);
	if (more && st >= 0)
		st = count_gaps(rows, rows->ended, rows->next, more, err);
	for (; more > 0 && st >= 0; more--, rows->number++)
		st = add_row(rows, last.hash, last.offset, err);
	return st;
}

/* ---- rows that came in disorder ---- */

struct numbered {
	uint32_t number;
	uint32_t row; /* as it came */
};

static int by_number(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

static enum tally_status put_cells(struct tally_sheet_rows *rows, const struct tally_part *from,
                                   size_t row, struct tally_cell *cells, struct tally_err *err)
{
	size_t cap = (size_t)rows->book->limits->table_columns, count;
	enum tally_status st = packed_cells(from, row, NULL, cells, cap, &count, err);

	for (size_t i = 0; i < count && i < cap && st >= 0; i++)
		st = tally_sheet_cell(rows, i, &cells[i], err);
	return st;
}

/* Rows of one number become one. @cells  room for a row */
static enum tally_status put_group(struct tally_sheet_rows *rows, const struct tally_part *from,
                                   const struct numbered *list, size_t count,
                                   struct tally_cell *cells, struct tally_err *err)
{
	enum tally_status st = tally_sheet_row(rows, list->number, err);

	for (size_t i = 0; i < count && st >= 0; i++)
		st = put_cells(rows, from, list[i].row, cells, err);
	if (st >= 0 && count > 1)
		st = tally_part_problem(rows->part, "row_twice", list->number + (uint64_t)1,
		                        "a row that is there twice; both were read as one", err);
	return st < 0 ? st : tally_sheet_row_end(rows, err);
}

static enum tally_status put_sorted(struct tally_sheet_rows *rows, const struct tally_part *from,
                                    const struct numbered *list, size_t count, struct tally_err *err)
{
	struct tally_cell *cells = tally_alloc_zero((size_t)rows->book->limits->table_columns,
	                                            sizeof *cells);
	enum tally_status st = cells ? TALLY_OK : tally_err_nomem(err);

	for (size_t i = 0, n; i < count && st >= 0; i += n) {
		for (n = 1; i + n < count && list[i + n].number == list[i].number;)
			n++;
		st = put_group(rows, from, list + i, n, cells, err);
	}
	tally_free(cells);
	return st;
}

/* Packs all rows again, in the order of their numbers. */
static enum tally_status sort_rows(struct tally_sheet_rows *rows, struct tally_err *err)
{
	struct tally_part *part = rows->part;
	struct kept old = { rows->packed, ((struct kept *)part->self)->texts, 0 };
	const struct tally_part from = { .rows = part->rows,
		                         .row_count = part->row_count,
		                         .self = &old };
	struct numbered *list = tally_alloc_zero(part->row_count, sizeof *list);
	enum tally_status st = list ? tally_spill_seal(old.packed, err) : tally_err_nomem(err);
	size_t count = 0;

	for (size_t i = 0; i < from.row_count && st >= 0; i++) {
		const char *bytes;
		size_t len;

		packed_raw(&from, i, &bytes, &len);
		if (len) /* those between are made again */
			list[count++] = (struct numbered){ rows->numbers[i], (uint32_t)i };
	}
	rows->packed = NULL;
	if (st >= 0)
		st = tally_spill_new(&rows->packed, rows->book->scratch, rows->book->kept,
		                     UINT64_MAX, err);
	part->rows = NULL;
	part->row_count = rows->rows_cap = 0;
	rows->has_blank = false;
	tally_free(rows->numbers);
	rows->numbers = NULL;
	if (st >= 0) {
		qsort(list, count, sizeof *list, by_number);
		st = put_sorted(rows, &from, list, count, err);
	}
	tally_spill_free(old.packed);
	tally_free(from.rows);
	tally_free(list);
	return st;
}

enum tally_status tally_sheet_finish(struct tally_sheet_rows *rows, struct tally_part **out,
                                     struct tally_err *err)
{
	struct tally_part *part = rows->part;
	struct kept *kept = part->self;
	enum tally_status st = rows->numbers ? sort_rows(rows, err) : TALLY_OK;

	if (st >= 0 && rows->cell_rows > part->row_count)
		st = store_blank(rows, err);
	if (st >= 0)
		st = tally_spill_seal(rows->packed, err);
	if (st < 0)
		return st;
	part->cell_rows = rows->cell_rows > part->row_count ? rows->cell_rows : part->row_count;
	kept->blank = rows->blank;
	/* other sheets may keep less in memory then */
	if (!tally_spill_on_disk(rows->packed)) {
		uint64_t size = tally_spill_size(rows->packed);

		rows->book->kept -= size < rows->book->kept ? size : rows->book->kept;
	}
	kept->packed = rows->packed;
	part->near = tally_spill_near(rows->packed);
	rows->packed = NULL;
	part->sure_rows = part->row_count;
	rows->part = NULL;
	*out = part;
	return TALLY_OK;
}

enum tally_status tally_sheet_extend(struct tally_part *part, size_t rows, struct tally_err *err)
{
	const struct kept *kept = part->self;
	struct tally_row *grown;

	if (part->ops != &packed_ops)
		return TALLY_OK;
	if (rows > part->cell_rows)
		rows = part->cell_rows;
	if (rows <= part->row_count)
		return TALLY_OK;
	grown = tally_realloc(part->rows, rows, sizeof *grown);
	if (!grown)
		return tally_err_nomem(err);
	part->rows = grown;
	while (part->row_count < rows)
		grown[part->row_count++] = (struct tally_row){ tally_hash64("", 0, 0), kept->blank };
	part->sure_rows = part->row_count;
	return TALLY_OK;
}
