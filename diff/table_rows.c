/* Rows taken apart, compared and hashed. */
#include "diff/table_work.h"

#include <stdio.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/ascii.h"
#include "core/mem.h"
#include "core/parallel.h"
#include "core/relative.h"

enum { SCRATCH_KEPT = 1 << 16 /* bytes of decoded text kept before the arena is emptied */ };

enum tally_status tally_row_reader_init(struct tally_row_reader *r,
                                        const struct tally_table_side *side, struct tally_err *err)
{
	r->side = side;
	r->filled = 0;
	r->beyond = false;
	tally_arena_init(&r->scratch, 0);
	r->cells = tally_alloc_zero(side->cap + (size_t)1, sizeof *r->cells);
	return r->cells ? TALLY_OK : tally_err_nomem(err);
}

void tally_row_reader_release(struct tally_row_reader *r)
{
	tally_free(r->cells);
	r->cells = NULL;
	tally_arena_release(&r->scratch);
}

const struct tally_cell tally_no_cell = { .value = "", .kind = TALLY_CELL_EMPTY };

enum tally_status tally_row_read_raw(struct tally_row_reader *r, size_t row, struct tally_err *err)
{
	const struct tally_part *part = r->side->part;
	size_t count = 0;
	enum tally_status st;

	if (r->scratch.used > SCRATCH_KEPT)
		tally_arena_release(&r->scratch);
	st = part->ops->cells(part, row, &r->scratch, r->cells, r->side->cap, &count, err);
	if (st < TALLY_PARTIAL)
		return st;
	r->beyond = count > r->side->cap;
	if (count > r->side->cap)
		count = r->side->cap;
	for (size_t i = 0; i < count; i++)
		if (!r->cells[i].value)
			r->cells[i].value = "";
	r->filled = count;
	return TALLY_OK;
}

enum tally_status tally_row_read(struct tally_row_reader *r, uint32_t row, struct tally_err *err)
{
	return tally_row_read_raw(r, tally_side_row(r->side, row), err);
}

static bool same_bytes(const char *a, uint32_t na, const char *b, uint32_t nb)
{
	return na == nb && (na == 0 || !memcmp(a, b, na));
}

bool tally_same_formula(const struct tally_cell *a, const struct tally_cell *b)
{
	return !a->formula == !b->formula &&
	       same_bytes(a->formula, a->formula_len, b->formula, b->formula_len);
}

/* Programs compute, and write, to the last digits in different ways: of a result that is no other one. */
static bool same_result(const struct tally_cell *a, const struct tally_cell *b)
{
	struct tally_decimal x, y;

	return a->kind == TALLY_CELL_NUMBER && b->kind == TALLY_CELL_NUMBER &&
	       tally_decimal_parse(&x, tally_cell_span(a)) &&
	       tally_decimal_parse(&y, tally_cell_span(b)) && tally_decimal_is_one_double(&x, &y);
}

bool tally_side_find_row(const struct tally_table_side *s, uint64_t part_row, uint32_t *row)
{
	uint32_t low = 0, high = s->rows;

	/* numbers of rows in the part rise with them */
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (tally_side_row(s, middle) < part_row)
			low = middle + 1;
		else
			high = middle;
	}
	*row = low;
	return low < s->rows && tally_side_row(s, low) == part_row;
}

bool tally_cells_equal(const struct tally_comparison *c, const struct tally_cell *a,
                       const struct tally_cell *b)
{
	bool blank = tally_cell_blank(c, a);

	if (c->mixed && (tally_cell_missing(a) || tally_cell_missing(b)))
		return true; /* the text beside it may be its result, and may be nothing */
	if (blank || tally_cell_blank(c, b))
		return blank == tally_cell_blank(c, b);
	if (c->formulas && !tally_same_formula(a, b))
		return false;
	if (c->formats && !same_bytes(a->format, a->format_len, b->format, b->format_len) &&
	    !tally_same_format(a, b))
		return false;
	if (tally_cell_missing(a) || tally_cell_missing(b))
		return !c->formulas || a->formula; /* not computed is not another value */
	if (c->mixed)
		return tally_mixed_equal(a, b);
	if (c->typed && a->kind != b->kind)
		return false;
	return same_bytes(a->value, a->value_len, b->value, b->value_len) ||
	       (c->formulas && a->formula && same_result(a, b));
}

/* A formula but for the cells that it means. */
static uint64_t skeleton_hash(const struct tally_cell *cell)
{
	struct tally_relative r = { .text = cell->formula,
		                    .at = cell->formula,
		                    .end = cell->formula + cell->formula_len };
	struct tally_relative_piece p;
	uint64_t h = UINT64_C(0x666F726D756C61);

	while (tally_relative_next(&r, &p))
		h = tally_hash_mix(h, p.reference ? 1 : XXH3_64bits(p.text, p.len));
	return h ? h : 1;
}

uint64_t tally_cell_hash(const struct tally_comparison *c, const struct tally_cell *cell)
{
	uint64_t h;

	if (tally_cell_blank(c, cell))
		return 0;
	if (tally_cell_missing(cell))
		return skeleton_hash(cell);
	if (c->mixed)
		return tally_cell_sure_hash(cell);
	h = XXH3_64bits(cell->value, cell->value_len);
	if (c->typed)
		h = tally_hash_mix(h, cell->kind);
	return h ? h : 1;
}

uint64_t tally_cell_row_hash(const struct tally_comparison *c, const struct tally_cell *cell)
{
	return cell->formula && c->formulas ? skeleton_hash(cell) : tally_cell_hash(c, cell);
}

uint64_t tally_cell_exact_hash(const struct tally_comparison *c, const struct tally_cell *cell)
{
	uint64_t h;

	if (tally_cell_blank(c, cell))
		return 0;
	h = XXH3_64bits(cell->value, cell->value_len);
	if (c->typed)
		h = tally_hash_mix(h, cell->kind);
	if (c->formulas && cell->formula)
		h = tally_hash_mix(h, XXH3_64bits(cell->formula, cell->formula_len));
	if (c->formats && cell->format)
		h = tally_hash_mix(h, XXH3_64bits(cell->format, cell->format_len));
	return h ? h : 1;
}

enum {
	LOOSE_TEXT = 256 /* bytes in which letter case is left out; longer texts are taken as they are */
};

uint64_t tally_cell_loose_hash(const struct tally_cell *cell)
{
	struct tally_span text = tally_span_trim(tally_cell_span(cell));
	struct tally_decimal d;
	char folded[LOOSE_TEXT];

	if (!text.len)
		return 0;
	if (text.len <= TALLY_DECIMAL_DIGITS && (text.at[0] <= '9') &&
	    tally_decimal_parse(&d, text) && !d.exponent) {
		uint64_t h = XXH3_64bits_withSeed(d.digits, d.count,
		                                  (uint64_t)(uint32_t)d.scale << 1 | d.negative);

		return h ? h : 1;
	}
	if (text.len <= sizeof folded) {
		for (size_t i = 0; i < text.len; i++)
			folded[i] = tally_lower(text.at[i]);
		text.at = folded;
	}
	return XXH3_64bits(text.at, text.len) | 1;
}

struct tally_counted tally_counted(uint64_t n)
{
	struct tally_counted out;
	char plain[24];
	size_t len = (size_t)snprintf(plain, sizeof plain, "%llu", (unsigned long long)n), at = 0;

	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			out.text[at++] = ',';
		out.text[at++] = plain[i];
	}
	out.text[at] = '\0';
	return out;
}

/* ---- hashes of decoded rows ---- */

struct hash_job {
	struct tally_comparison *c;
	size_t chunks_before;
};

bool tally_row_blank(const struct tally_comparison *c, const struct tally_row_reader *r)
{
	for (size_t i = 0; i < r->filled; i++)
		if (!tally_cell_blank(c, &r->cells[i]))
			return false;
	return !r->beyond;
}

static uint64_t raw_hash(const struct tally_table_side *s, uint32_t row)
{
	const char *bytes;
	size_t len;

	s->part->ops->raw(s->part, tally_side_row(s, row), &bytes, &len);
	return XXH3_64bits(bytes, len);
}

/*
 * Blank cells count nothing, so that a row with empty cells at its end equals a shorter one. A row that says something, but
 * nothing in the columns that are compared, equals no other row; one that goes on beyond the last cell that is looked at
 * equals only one with the same bytes.
 */
static uint64_t row_hash(const struct tally_comparison *c, const struct tally_row_reader *r,
                         int side, uint32_t row)
{
	uint64_t sum = UINT64_C(0x51ED270B153A1E7B);
	bool any = false;

	for (uint32_t k = 0; k < c->pair_count; k++) {
		uint32_t column = side ? c->pairs[k].after : c->pairs[k].before;
		uint64_t h = k == c->left_out     ? 0
		             : column < r->filled ? tally_cell_row_hash(c, &r->cells[column])
		                                  : 0;

		if (h)
			sum += tally_hash_mix(h ^ k * UINT64_C(0xD6E8FEB86659FD93), k);
		any |= h != 0;
	}
	if (!any && !tally_row_blank(c, r))
		return tally_hash_mix(sum ^ ((uint64_t)row << 1 | (uint64_t)side), row);
	return r->beyond ? tally_hash_mix(sum, raw_hash(&c->side[side], row)) : sum;
}

static enum tally_status hash_chunk(void *payload, size_t index, struct tally_err *err)
{
	const struct hash_job *job = payload;
	int side = index >= job->chunks_before;
	struct tally_table_side *s = &job->c->side[side];
	uint32_t row = (uint32_t)((index - (side ? job->chunks_before : 0)) * TALLY_CHUNK);
	uint32_t end = s->rows - row > TALLY_CHUNK ? row + TALLY_CHUNK : s->rows;
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, s, err);

	for (; st == TALLY_OK && row < end; row++) {
		st = tally_row_read(&r, row, err);
		if (st == TALLY_OK)
			s->hash[row] = row_hash(job->c, &r, side, row);
	}
	tally_row_reader_release(&r);
	return st;
}

enum tally_status tally_hash_rows(struct tally_comparison *c, struct tally_err *err)
{
	struct hash_job job = { .c = c };
	size_t chunks[2];

	for (int side = 0; side < 2; side++) {
		struct tally_table_side *s = &c->side[side];

		s->hash = tally_alloc(s->rows * sizeof *s->hash);
		if (!s->hash)
			return tally_err_nomem(err);
		chunks[side] = ((size_t)s->rows + TALLY_CHUNK - 1) / TALLY_CHUNK;
	}
	job.chunks_before = chunks[0];
	return tally_parallel(c->threads, chunks[0] + chunks[1], hash_chunk, &job, err);
}

enum tally_status tally_hash_some(const struct tally_comparison *c, int side, const uint32_t *rows,
                                  uint32_t count, uint64_t *out, struct tally_err *err)
{
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, &c->side[side], err);

	for (uint32_t i = 0; st == TALLY_OK && i < count; i++) {
		st = tally_row_read(&r, rows[i], err);
		if (st == TALLY_OK)
			out[i] = row_hash(c, &r, side, rows[i]);
	}
	tally_row_reader_release(&r);
	return st;
}

/* ---- hashes of keys ---- */

uint32_t *tally_free_rows(const struct tally_table_side *side, uint32_t *count)
{
	uint32_t n = 0, *rows;

	for (uint32_t i = 0; i < side->rows; i++)
		n += side->pair[i] == TALLY_NO_PAIR;
	rows = tally_alloc(n * sizeof *rows);
	*count = n;
	n = 0;
	for (uint32_t i = 0; rows && n < *count; i++)
		if (side->pair[i] == TALLY_NO_PAIR)
			rows[n++] = i;
	return rows;
}

enum { RISING_TEXT = 64 /* bytes of a key that are kept to compare it with the next one */ };

/* Are keys in order? Shorter before longer, and as bytes: one of them holds for most keys that are numbered. */
struct rising {
	char first[RISING_TEXT], last[RISING_TEXT];
	uint32_t first_len, last_len;
	bool any, by_length, by_bytes;
};

struct key_job {
	struct tally_comparison *c;
	const uint32_t *key;
	uint32_t key_count;
	struct tally_keys *keys;
	struct rising *rising;  /* by chunk */
	struct tally_sum *sums; /* by chunk and column pair, or NULL */
};

static int compare_keys(const char *a, uint32_t na, const char *b, uint32_t nb)
{
	int order = memcmp(a, b, na < nb ? na : nb);

	return order ? order : (na > nb) - (na < nb);
}

static void follow(struct rising *r, const char *next, uint32_t len)
{
	if (!r->by_length && !r->by_bytes)
		return;
	if (len > RISING_TEXT) {
		r->by_length = r->by_bytes = false;
		return;
	}
	if (r->any) {
		int order = compare_keys(r->last, r->last_len, next, len);

		r->by_bytes &= order < 0;
		r->by_length &= r->last_len < len || (r->last_len == len && order < 0);
	} else {
		r->any = true;
		r->first_len = len;
		memcpy(r->first, next, len);
	}
	r->last_len = len;
	memcpy(r->last, next, len);
}

static bool all_rising(const struct rising *chunks, size_t count)
{
	struct rising all = { .by_length = true, .by_bytes = true };

	for (size_t i = 0; i < count; i++) {
		if (!chunks[i].any)
			continue;
		follow(&all, chunks[i].first, chunks[i].first_len);
		all.last_len = chunks[i].last_len;
		memcpy(all.last, chunks[i].last, chunks[i].last_len);
		all.by_length &= chunks[i].by_length;
		all.by_bytes &= chunks[i].by_bytes;
	}
	return all.by_length || all.by_bytes;
}

static uint64_t key_hash(const struct tally_comparison *c, const struct tally_row_reader *r,
                         int side, const uint32_t *key, uint32_t count)
{
	uint64_t h = 0;

	for (uint32_t k = 0; k < count; k++) {
		const struct tally_column_pair *p = &c->pairs[key[k]];
		const struct tally_cell *cell = tally_row_cell(r, side ? p->after : p->before);

		h = tally_hash_mix(h, c->key_form == TALLY_KEY_AS_IT_IS ? tally_cell_hash(c, cell)
		                      : c->key_form == TALLY_KEY_LOOSE
		                              ? tally_cell_loose_hash(cell)
		                              : tally_cell_meant_hash(c, key[k], side, cell));
	}
	return h;
}

/* Cells behind the key's last column are counted, not filled. */
static struct tally_table_side narrowed(const struct key_job *job, int side)
{
	struct tally_table_side narrow = job->c->side[side];
	uint32_t cap = 0;

	for (uint32_t k = 0; k < job->key_count; k++) {
		const struct tally_column_pair *p = &job->c->pairs[job->key[k]];
		uint32_t column = side ? p->after : p->before;

		cap = column >= cap ? column + 1 : cap;
	}
	narrow.cap = cap < narrow.cap ? cap : narrow.cap;
	return narrow;
}

static enum tally_status key_chunk(void *payload, size_t index, struct tally_err *err)
{
	const struct key_job *job = payload;
	const struct tally_comparison *c = job->c;
	const struct tally_table_side *s = &c->side[0];
	uint32_t row = (uint32_t)(index * TALLY_CHUNK),
		 end = s->rows - row > TALLY_CHUNK ? row + TALLY_CHUNK : s->rows;
	struct tally_table_side narrow = job->sums ? *s : narrowed(job, 0);
	struct tally_sum *sums = job->sums ? job->sums + index * c->base_pairs : NULL;
	struct rising *rising = &job->rising[index];
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, &narrow, err);

	rising->by_length = rising->by_bytes = job->key_count == 1;
	for (; st == TALLY_OK && row < end; row++) {
		st = tally_row_read(&r, row, err);
		if (st < 0)
			break;
		job->keys->before[row] = key_hash(c, &r, 0, job->key, job->key_count);
		if (row < s->preamble)
			continue;
		if (job->key_count == 1) {
			const struct tally_cell *cell = tally_row_cell(&r,
			                                               c->pairs[job->key[0]].before);

			follow(rising, cell->value, cell->value_len);
		}
		for (uint32_t k = 0; sums && k < c->base_pairs; k++) {
			const struct tally_cell *cell = tally_row_cell(&r, c->pairs[k].before);

			if (!sums[k].text || !cell->value_len) {
				tally_sum_cell(&sums[k], cell, TALLY_SUM_GLANCE | tally_sum_how(c));
				continue;
			}
			sums[k].count++; /* a column of text */
		}
	}
	tally_row_reader_release(&r);
	return st;
}

static enum tally_status free_key_chunk(void *payload, size_t index, struct tally_err *err)
{
	const struct key_job *job = payload;
	struct tally_keys *keys = job->keys;
	uint32_t i = (uint32_t)(index * TALLY_CHUNK);
	uint32_t end = keys->free_count - i > TALLY_CHUNK ? i + TALLY_CHUNK : keys->free_count;
	struct tally_table_side narrow = narrowed(job, 1);
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, &narrow, err);

	for (; st == TALLY_OK && i < end; i++) {
		st = tally_row_read(&r, keys->free_rows[i], err);
		if (st == TALLY_OK)
			keys->free_hashes[i] = key_hash(job->c, &r, 1, job->key, job->key_count);
	}
	tally_row_reader_release(&r);
	return st;
}

static size_t chunks_of(size_t rows)
{
	return (rows + TALLY_CHUNK - 1) / TALLY_CHUNK;
}

enum { TOTALS_COLUMNS = 64 /* more columns are not summed on the way */ };

/* The rows are taken apart anyway: in a large table this is the time to add up its columns. */
static enum tally_status begin_totals(struct key_job *job, size_t chunks, struct tally_err *err)
{
	struct tally_comparison *c = job->c;

	if (c->totals || c->side[0].rows <= TALLY_LARGE_ROWS || c->base_pairs > TOTALS_COLUMNS)
		return TALLY_OK;
	job->sums = tally_alloc_zero(chunks * c->base_pairs, sizeof *job->sums);
	return job->sums ? TALLY_OK : tally_err_nomem(err);
}

static enum tally_status end_totals(struct key_job *job, size_t chunks, struct tally_err *err)
{
	struct tally_comparison *c = job->c;

	if (!job->sums)
		return TALLY_OK;
	c->totals = tally_alloc_zero(c->base_pairs, sizeof *c->totals);
	if (!c->totals)
		return tally_err_nomem(err);
	for (size_t i = 0; i < chunks * c->base_pairs; i++)
		tally_sum_join(&c->totals[i % c->base_pairs], &job->sums[i]);
	return TALLY_OK;
}

enum tally_status tally_keys_init(struct tally_keys *keys, struct tally_comparison *c,
                                  const uint32_t *key, uint32_t key_count, struct tally_err *err)
{
	struct key_job job = { .c = c, .key = key, .key_count = key_count, .keys = keys };
	size_t chunks = chunks_of(c->side[0].rows);
	enum tally_status st;

	*keys = (struct tally_keys){ 0 };
	keys->before = tally_alloc(c->side[0].rows * sizeof *keys->before);
	keys->free_rows = tally_free_rows(&c->side[1], &keys->free_count);
	keys->free_hashes = tally_alloc(keys->free_count * sizeof *keys->free_hashes);
	job.rising = tally_alloc_zero(chunks, sizeof *job.rising);
	st = keys->before && keys->free_rows && keys->free_hashes && job.rising
	             ? begin_totals(&job, chunks, err)
	             : tally_err_nomem(err);
	if (st == TALLY_OK)
		st = tally_parallel(c->threads, chunks, key_chunk, &job, err);
	if (st == TALLY_OK)
		st = tally_parallel(c->threads, chunks_of(keys->free_count), free_key_chunk, &job,
		                    err);
	if (st == TALLY_OK)
		st = end_totals(&job, chunks, err);
	if (st == TALLY_OK)
		/* values that rise as bytes may still be equal loosely */
		keys->rising = key_count == 1 && c->key_form == TALLY_KEY_AS_IT_IS &&
		               all_rising(job.rising, chunks);
	tally_free(job.rising);
	tally_free(job.sums);
	if (st < 0)
		tally_keys_release(keys);
	return st;
}

void tally_keys_release(struct tally_keys *keys)
{
	tally_free(keys->before);
	tally_free(keys->free_rows);
	tally_free(keys->free_hashes);
	*keys = (struct tally_keys){ 0 };
}
