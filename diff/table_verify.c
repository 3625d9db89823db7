/* Rows that were paired by their hashes: are their bytes equal? */
#include <string.h>

#include "core/mem.h"
#include "core/parallel.h"
#include "diff/table_work.h"

bool tally_rows_same_bytes(const struct tally_comparison *c, uint32_t before, uint32_t after)
{
	const struct tally_part *p = c->side[0].part, *q = c->side[1].part;
	const char *a, *b;
	size_t na, nb;

	p->ops->raw(p, tally_side_row(&c->side[0], before), &a, &na);
	q->ops->raw(q, tally_side_row(&c->side[1], after), &b, &nb);
	return na == nb && (na == 0 || !memcmp(a, b, na));
}

/* No other task has this row, nor the one that it is paired with. */
static void verify_row(struct tally_comparison *c, uint32_t row)
{
	uint32_t before = c->side[1].pair[row];

	if (before == TALLY_NO_PAIR || tally_rows_same_bytes(c, before, row))
		return;
	c->side[0].pair[before] = TALLY_NO_PAIR;
	c->side[1].pair[row] = TALLY_NO_PAIR;
}

/* ---- in order ---- */

enum { FETCH_ROW = 24, FETCH_BYTES = 12, CACHE_LINE = 64, FETCH_LINES = 3 };

/*
 * Rows in another order are all over the memory: fetch early where a row's bytes are, then the bytes. @base is the address
 * that offsets count from, as the first row has it; only a guess, which is good enough for fetching.
 */
static void fetch_ahead(const struct tally_comparison *c, uintptr_t base, uint32_t row, uint32_t end)
{
	const struct tally_row *rows = c->side[0].part->rows;
	const uint32_t *pair = c->side[1].pair;

	if (row + FETCH_ROW < end && pair[row + FETCH_ROW] != TALLY_NO_PAIR)
		__builtin_prefetch(&rows[tally_side_row(&c->side[0], pair[row + FETCH_ROW])]);
	if (row + FETCH_BYTES < end && pair[row + FETCH_BYTES] != TALLY_NO_PAIR) {
		uintptr_t at = base +
		               rows[tally_side_row(&c->side[0], pair[row + FETCH_BYTES])].offset;

		for (int n = 0; n < FETCH_LINES; n++)
			__builtin_prefetch((const void *)(at + (uintptr_t)n * CACHE_LINE));
	}
}

static uintptr_t offsets_from(const struct tally_part *part)
{
	const char *bytes;
	size_t len;

	if (!part->row_count)
		return 0;
	part->ops->raw(part, 0, &bytes, &len);
	return (uintptr_t)bytes - (uintptr_t)part->rows[0].offset;
}

static enum tally_status verify_chunk(void *payload, size_t index, struct tally_err *err)
{
	struct tally_comparison *c = payload;
	const struct tally_table_side *b = &c->side[1];
	uint32_t row = (uint32_t)(index * TALLY_CHUNK),
		 end = b->rows - row > TALLY_CHUNK ? row + TALLY_CHUNK : b->rows;
	uintptr_t base = offsets_from(c->side[0].part);
	uint32_t last = 0;

	(void)err;
	for (; row < end; row++) {
		uint32_t before = b->pair[row];

		if (before - last != 1)
			fetch_ahead(c, base, row, end);
		last = before;
		verify_row(c, row);
	}
	return TALLY_OK;
}

/* ---- window by window ---- */

/*
 * Rows on disk in another order: each look at a row would bring in a page that is gone before the next row on it is looked
 * at. So both sides are cut into windows that fit into what may be in memory, and pairs are taken window by window:
 *
 *	            after  0   1   2
 *	before  0          →   →   →      a tile: the pairs with one row in this window
 *	        1          →   →   →      and the other in that one
 */
struct tiles {
	struct tally_comparison *c;
	unsigned shift[2]; /* binary logarithm of a window's bytes */
	uint32_t across;   /* windows of the after side */
	size_t count;      /* tiles */
	uint32_t *start;   /* by tile: its first place in rows; one more for the end */
	uint32_t *rows;    /* after rows with a pair, by tile, ascending inside */
};

enum { WINDOW_SHIFT_LEAST = 16, WINDOWS_MOST = 128 };

static uint64_t offset_of(const struct tally_table_side *s, uint32_t row)
{
	return s->part->rows[tally_side_row(s, row)].offset;
}

static uint32_t window_of(const struct tiles *t, int side, uint32_t row)
{
	return (uint32_t)(offset_of(&t->c->side[side], row) >> t->shift[side]);
}

static size_t tile_of(const struct tiles *t, uint32_t row)
{
	uint32_t before = t->c->side[1].pair[row];

	return (size_t)window_of(t, 0, before) * t->across + window_of(t, 1, row);
}

/* Each thread has windows of its own, and a row reaches into the next one. @return windows */
static uint32_t cut(struct tiles *t, int side)
{
	const struct tally_table_side *s = &t->c->side[side];
	uint64_t room = s->part->near ? s->part->near / (2 * (uint64_t)t->c->threads) : UINT64_MAX;
	uint64_t last = 0;

	for (uint32_t row = 0; row < s->rows; row++)
		last = offset_of(s, row) > last ? offset_of(s, row) : last;
	t->shift[side] = WINDOW_SHIFT_LEAST;
	while (t->shift[side] < 62 &&
	       (UINT64_C(2) << t->shift[side] <= room || last >> t->shift[side] >= WINDOWS_MOST))
		t->shift[side]++;
	return (uint32_t)(last >> t->shift[side]) + 1;
}

/* Every so many pairs lead to another window than the pair before. */
static bool is_scattered(const struct tiles *t)
{
	const struct tally_table_side *b = &t->c->side[1];
	uint32_t jumps = 0, last = 0;

	for (uint32_t row = 0; row < b->rows; row++) {
		uint32_t here = b->pair[row] == TALLY_NO_PAIR ? last : window_of(t, 0, b->pair[row]);

		jumps += here != last;
		last = here;
	}
	return jumps > b->rows / 256 + 4 * (uint32_t)t->count;
}

/* Counting sort by tile. */
static enum tally_status sort_rows(struct tiles *t, struct tally_err *err)
{
	const struct tally_table_side *b = &t->c->side[1];
	uint32_t sum = 0;

	t->start = tally_alloc_zero(t->count + 1, sizeof *t->start);
	t->rows = tally_alloc(b->rows * sizeof *t->rows);
	if (!t->start || !t->rows)
		return tally_err_nomem(err);
	for (uint32_t row = 0; row < b->rows; row++)
		if (b->pair[row] != TALLY_NO_PAIR)
			t->start[tile_of(t, row)]++;
	for (size_t i = 0; i <= t->count; i++) {
		uint32_t here = t->start[i];

		t->start[i] = sum;
		sum += here;
	}
	for (uint32_t row = 0; row < b->rows; row++)
		if (b->pair[row] != TALLY_NO_PAIR)
			t->rows[t->start[tile_of(t, row)]++] = row;
	/* each start is the next one's by now */
	memmove(t->start + 1, t->start, t->count * sizeof *t->start);
	t->start[0] = 0;
	return TALLY_OK;
}

static enum tally_status verify_tile(void *payload, size_t index, struct tally_err *err)
{
	const struct tiles *t = payload;

	(void)err;
	for (uint32_t i = t->start[index]; i < t->start[index + 1]; i++)
		verify_row(t->c, t->rows[i]);
	return TALLY_OK;
}

/* ---- both ---- */

static enum tally_status verify_in_order(struct tally_comparison *c, struct tally_err *err)
{
	size_t chunks = ((size_t)c->side[1].rows + TALLY_CHUNK - 1) / TALLY_CHUNK;

	return tally_parallel(c->threads, chunks, verify_chunk, c, err);
}

enum tally_status tally_verify_pairs(struct tally_comparison *c, struct tally_err *err)
{
	struct tiles t = { .c = c };
	enum tally_status st;

	if (!c->side[0].part->near && !c->side[1].part->near)
		return verify_in_order(c, err);
	t.count = cut(&t, 0);
	t.across = cut(&t, 1);
	t.count *= t.across;
	if (!is_scattered(&t))
		return verify_in_order(c, err);
	st = sort_rows(&t, err);
	if (st == TALLY_OK)
		st = tally_parallel(c->threads, t.count, verify_tile, &t, err);
	tally_free(t.start);
	tally_free(t.rows);
	return st;
}
