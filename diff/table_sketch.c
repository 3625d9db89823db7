/* Bottom-k sketches of columns, with counts. */
#include "diff/table_sketch.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

enum {
	KEEP = 256,     /* pieces; the estimate's error is about 6 % */
	KEEP_WIDE = 32, /* where there are very many columns */
	WIDE = 512,     /* columns */
	SLOTS_EACH = 4, /* slots of the table for each piece kept; pruned when half full */
};

static int by_hash(const void *a, const void *b)
{
	uint64_t x = ((const struct tally_column_piece *)a)->hash,
		 y = ((const struct tally_column_piece *)b)->hash;

	return (x > y) - (x < y);
}

/* Move all pieces to the front, ascending; at most @keep stay. */
static void settle(struct tally_column_sketch *s, uint32_t slots, uint32_t keep)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < slots; i++)
		if (s->pieces[i].count)
			s->pieces[n++] = s->pieces[i];
	qsort(s->pieces, n, sizeof *s->pieces, by_hash);
	if (n > keep) {
		n = keep;
		s->limit = s->pieces[n - 1].hash;
	}
	memset(s->pieces + n, 0, (slots - n) * sizeof *s->pieces);
	s->count = n;
}

static void put(struct tally_column_sketch *s, uint32_t slots, uint64_t hash, uint32_t count)
{
	uint32_t at = (uint32_t)(hash >> 7) & (slots - 1);

	while (s->pieces[at].count && s->pieces[at].hash != hash)
		at = (at + 1) & (slots - 1);
	s->count += !s->pieces[at].count;
	s->pieces[at].hash = hash;
	s->pieces[at].count += count;
}

static void prune(struct tally_column_sketch *s, uint32_t slots, uint32_t keep)
{
	struct tally_column_piece kept[KEEP];

	settle(s, slots, keep);
	memcpy(kept, s->pieces, s->count * sizeof *kept);
	memset(s->pieces, 0, s->count * sizeof *s->pieces);
	keep = s->count;
	s->count = 0;
	for (uint32_t i = 0; i < keep; i++)
		put(s, slots, kept[i].hash, kept[i].count);
}

static void add(struct tally_column_sketch *s, uint32_t slots, uint32_t keep,
                const struct tally_cell *cell)
{
	struct tally_number number;
	uint64_t h = tally_cell_sure_hash(cell);

	if (!h)
		return;
	h *= UINT64_C(0x9E3779B97F4A7C15); /* hashes of short values need not be spread evenly */
	s->filled++;
	if (s->filled <= KEEP)
		s->numbers += tally_number_parse(&number, tally_cell_span(cell));
	if (h > s->limit)
		return;
	put(s, slots, h, 1);
	if (s->count > slots / 2)
		prune(s, slots, keep);
}

/* Of few rows only so many that they are never half full: emptying and going through all of them was most of the work there. */
static uint32_t slots_for(uint32_t keep, uint32_t rows)
{
	uint32_t slots = keep * SLOTS_EACH;

	while (slots / 4 > rows)
		slots /= 2;
	return slots;
}

static enum tally_status fill(struct tally_column_sketches *out, const struct tally_comparison *c,
                              int side, const uint32_t *columns, uint32_t rows, struct tally_err *err)
{
	const struct tally_table_side *s = &c->side[side];
	uint32_t slots = slots_for(out->keep, rows), end = s->preamble + rows;
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, s, err);

	for (uint32_t row = s->preamble; st == TALLY_OK && row < end; row++) {
		st = tally_row_read(&r, row, err);
		for (size_t k = 0; st == TALLY_OK && k < out->count; k++)
			add(&out->of[k], slots, out->keep, tally_row_cell(&r, columns[k]));
	}
	tally_row_reader_release(&r);
	for (size_t k = 0; k < out->count; k++)
		settle(&out->of[k], slots, out->keep);
	return st;
}

enum tally_status tally_sketch_columns(struct tally_column_sketches *out,
                                       const struct tally_comparison *c, int side,
                                       const uint32_t *columns, size_t count, uint32_t rows,
                                       struct tally_err *err)
{
	const struct tally_table_side *s = &c->side[side];
	enum tally_status st;
	uint32_t slots;

	rows = s->rows - s->preamble < rows ? s->rows - s->preamble : rows;
	*out = (struct tally_column_sketches){ .count = count,
		                               .keep = count > WIDE ? KEEP_WIDE : KEEP };
	slots = slots_for(out->keep, rows);
	out->of = tally_alloc_zero(count, sizeof *out->of);
	out->pool = tally_alloc_zero(count * slots, sizeof *out->pool);
	if (!out->of || !out->pool) {
		tally_column_sketches_release(out);
		return tally_err_nomem(err);
	}
	for (size_t k = 0; k < count; k++) {
		out->of[k].pieces = out->pool + k * slots;
		out->of[k].limit = UINT64_MAX;
	}
	st = fill(out, c, side, columns, rows, err);
	if (st < 0)
		tally_column_sketches_release(out);
	return st;
}

void tally_column_sketches_release(struct tally_column_sketches *s)
{
	tally_free(s->of);
	tally_free(s->pool);
	*s = (struct tally_column_sketches){ 0 };
}

static unsigned number_share(const struct tally_column_sketch *s)
{
	uint64_t seen = s->filled < KEEP ? s->filled : KEEP;

	return seen ? (unsigned)(s->numbers * 1000 / seen) : 0;
}

unsigned tally_column_similarity(const struct tally_column_sketch *a,
                                 const struct tally_column_sketch *b)
{
	uint64_t limit = a->limit < b->limit ? a->limit : b->limit, shared = 0, total_a = 0,
		 total_b = 0;
	unsigned share_a = number_share(a), share_b = number_share(b), same;

	for (uint32_t i = 0; i < a->count && a->pieces[i].hash <= limit; i++)
		total_a += a->pieces[i].count;
	for (uint32_t j = 0; j < b->count && b->pieces[j].hash <= limit; j++)
		total_b += b->pieces[j].count;
	for (uint32_t i = 0, j = 0; i < a->count && j < b->count;) {
		const struct tally_column_piece *x = &a->pieces[i], *y = &b->pieces[j];

		if (x->hash > limit || y->hash > limit)
			break;
		if (x->hash == y->hash)
			shared += x->count < y->count ? x->count : y->count;
		i += x->hash <= y->hash;
		j += y->hash <= x->hash;
	}
	if (!total_a || !total_b)
		return 0;
	same = (unsigned)(shared * 1000 / (total_a > total_b ? total_a : total_b));
	/* numbers against text: hardly one column */
	return (share_a > share_b ? share_a - share_b : share_b - share_a) > 500 ? same / 2 : same;
}
