/* Rows taken apart, compared and hashed. */
#include "diff/table_work.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/mem.h"
#include "diff/parallel.h"

enum { SCRATCH_KEPT = 1 << 16 /* bytes of decoded text kept before the arena is emptied */ };

enum tally_status tally_row_reader_init(struct tally_row_reader *r,
                                        const struct tally_table_side *side, struct tally_err *err)
{
	r->side = side;
	r->filled = 0;
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

static const struct tally_cell nothing = { .value = "", .kind = TALLY_CELL_EMPTY };

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

const struct tally_cell *tally_row_cell(const struct tally_row_reader *r, uint32_t column)
{
	return column < r->filled ? &r->cells[column] : &nothing;
}

static bool same_bytes(const char *a, uint32_t na, const char *b, uint32_t nb)
{
	return na == nb && (na == 0 || !memcmp(a, b, na));
}

bool tally_cells_equal(const struct tally_comparison *c, const struct tally_cell *a,
                       const struct tally_cell *b)
{
	bool blank = tally_cell_blank(c, a);

	if (blank || tally_cell_blank(c, b))
		return blank == tally_cell_blank(c, b);
	if (c->typed) {
		if (!same_bytes(a->formula, a->formula_len, b->formula, b->formula_len))
			return false;
		if (a->kind != b->kind ||
		    !same_bytes(a->format, a->format_len, b->format, b->format_len))
			return false;
		if (a->formula &&
		    (a->cached == TALLY_CACHED_MISSING || b->cached == TALLY_CACHED_MISSING))
			return true; /* not computed is not another value */
	}
	return same_bytes(a->value, a->value_len, b->value, b->value_len);
}

uint64_t tally_cell_hash(const struct tally_comparison *c, const struct tally_cell *cell)
{
	uint64_t h;

	if (tally_cell_blank(c, cell))
		return 0;
	h = XXH3_64bits(cell->value, cell->value_len);
	if (c->typed) {
		h = tally_hash_mix(h, cell->kind);
		if (cell->formula)
			h = tally_hash_mix(h, XXH3_64bits(cell->formula, cell->formula_len));
		if (cell->format)
			h = tally_hash_mix(h, XXH3_64bits(cell->format, cell->format_len));
	}
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
		for (size_t i = 0; i < text.len; i++) {
			char ch = text.at[i];

			folded[i] = ch >= 'A' && ch <= 'Z' ? (char)(ch - 'A' + 'a') : ch;
		}
		text.at = folded;
	}
	return XXH3_64bits(text.at, text.len) | 1;
}

/* ---- hashes of decoded rows ---- */

struct hash_job {
	struct tally_comparison *c;
	size_t chunks_before;
};

/* Blank cells count nothing, so that a row with empty cells at its end equals a shorter one. */
static uint64_t row_hash(const struct tally_comparison *c, const struct tally_row_reader *r, int side)
{
	uint64_t sum = UINT64_C(0x51ED270B153A1E7B);

	for (uint32_t k = 0; k < c->pair_count; k++) {
		uint32_t column = side ? c->pairs[k].after : c->pairs[k].before;
		uint64_t h = column < r->filled ? tally_cell_hash(c, &r->cells[column]) : 0;

		if (h)
			sum += tally_hash_mix(h ^ k * UINT64_C(0xD6E8FEB86659FD93), k);
	}
	return sum;
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
			s->hash[row] = row_hash(job->c, &r, side);
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

/* ---- hashes of keys ---- */

struct key_job {
	struct tally_comparison *c;
	const uint32_t *key;
	uint32_t key_count;
	uint64_t **out;
	int side;
};

static uint64_t key_hash(const struct tally_comparison *c, const struct tally_row_reader *r,
                         int side, const uint32_t *key, uint32_t count)
{
	uint64_t h = 0;

	for (uint32_t k = 0; k < count; k++) {
		const struct tally_column_pair *p = &c->pairs[key[k]];

		h = tally_hash_mix(
			h, tally_cell_hash(c, tally_row_cell(r, side ? p->after : p->before)));
	}
	return h;
}

static enum tally_status key_chunk(void *payload, size_t index, struct tally_err *err)
{
	const struct key_job *job = payload;
	const struct tally_comparison *c = job->c;
	const struct tally_table_side *s = &c->side[job->side];
	uint32_t row = (uint32_t)(index * TALLY_CHUNK),
		 end = s->rows - row > TALLY_CHUNK ? row + TALLY_CHUNK : s->rows;
	struct tally_table_side narrow = *s;
	struct tally_row_reader r;
	enum tally_status st;

	/* cells behind the key's last column are counted, not filled */
	narrow.cap = 0;
	for (uint32_t k = 0; k < job->key_count; k++) {
		const struct tally_column_pair *p = &c->pairs[job->key[k]];
		uint32_t column = job->side ? p->after : p->before;

		narrow.cap = column >= narrow.cap ? column + 1 : narrow.cap;
	}
	st = tally_row_reader_init(&r, &narrow, err);
	for (; st == TALLY_OK && row < end; row++) {
		if (job->side && s->pair[row] != TALLY_NO_PAIR) {
			job->out[1][row] = job->out[0][s->pair[row]];
			continue;
		}
		st = tally_row_read(&r, row, err);
		if (st == TALLY_OK)
			job->out[job->side][row] = key_hash(c, &r, job->side, job->key,
			                                    job->key_count);
	}
	tally_row_reader_release(&r);
	return st;
}

enum tally_status tally_hash_keys(struct tally_comparison *c, const uint32_t *key,
                                  uint32_t key_count, uint64_t *out[2], struct tally_err *err)
{
	struct key_job job = { c, key, key_count, out, 0 };
	enum tally_status st = TALLY_OK;

	out[0] = tally_alloc(c->side[0].rows * sizeof *out[0]);
	out[1] = tally_alloc(c->side[1].rows * sizeof *out[1]);
	if (!out[0] || !out[1])
		st = tally_err_nomem(err);
	for (; st == TALLY_OK && job.side < 2; job.side++) {
		size_t chunks = ((size_t)c->side[job.side].rows + TALLY_CHUNK - 1) / TALLY_CHUNK;

		st = tally_parallel(c->threads, chunks, key_chunk, &job, err);
	}
	if (st < 0) {
		tally_free(out[0]);
		tally_free(out[1]);
		out[0] = out[1] = NULL;
	}
	return st;
}
