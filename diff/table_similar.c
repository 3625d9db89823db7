/* Rows that are neither equal nor known by a key: paired by how many of their cells agree, telling columns first. */
#include "diff/table_similar.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/parallel.h"

#define NONE UINT32_MAX

enum {
	CELLS_MOST = 1 << 26,  /* hashes held at a time */
	INDEX_CELLS = 1 << 22, /* of the before side that are indexed at a time */
	RARE = 32,             /* rows up to which a value is a lead */
	CANDIDATES = 32,
	BEST = 4,       /* candidates of a row that compete */
	SAID_LEAST = 2, /* cells beside the key that have to say something where only the key differs */
};

/* ---- preparing ---- */

static enum tally_status list_free(struct tally_similar *p, int side, struct tally_err *err)
{
	p->rows[side] = tally_free_rows(&p->c->side[side], &p->count[side]);
	p->gaps[side] = tally_alloc(p->count[side] * sizeof *p->gaps[side]);
	return p->rows[side] && p->gaps[side] ? TALLY_OK : tally_err_nomem(err);
}

/* A gap ends at each pair that kept its order. */
static enum tally_status number_gaps(struct tally_similar *p, struct tally_err *err)
{
	const struct tally_table_side *a = &p->c->side[0], *b = &p->c->side[1];
	uint32_t *marks = tally_alloc_zero(a->rows, sizeof *marks), gap = 0, at = 0;
	uint8_t *kept = tally_alloc(b->rows);
	enum tally_status st = marks && kept ? tally_mark_kept(p->c, kept, err)
	                                     : tally_err_nomem(err);

	for (uint32_t j = 0; st == TALLY_OK && j < b->rows; j++) {
		if (b->pair[j] == TALLY_NO_PAIR)
			p->gaps[1][at++] = gap;
		else if (kept[j])
			marks[b->pair[j]] = ++gap;
	}
	at = gap = 0;
	for (uint32_t i = 0; st == TALLY_OK && i < a->rows; i++) {
		if (a->pair[i] == TALLY_NO_PAIR)
			p->gaps[0][at++] = gap;
		else if (marks[i])
			gap = marks[i];
	}
	tally_free(marks);
	tally_free(kept);
	return st;
}

/* The most telling columns. */
static void choose_columns(struct tally_similar *p)
{
	const uint32_t *weight = p->c->key_weights;
	size_t rows = (size_t)p->count[0] + p->count[1], most = CELLS_MOST / (rows ? rows : 1);

	if (most > TALLY_SIMILAR_COLUMNS_MOST)
		most = TALLY_SIMILAR_COLUMNS_MOST;
	if (most < 2)
		most = 2;
	for (uint32_t k = 0; k < p->c->pair_count; k++) {
		uint32_t at = p->column_count;

		while (at > 0 && weight[p->columns[at - 1]] < weight[k])
			at--;
		if (at >= most || k == p->c->left_out)
			continue;
		if (p->column_count < most)
			p->column_count++;
		memmove(p->columns + at + 1, p->columns + at,
		        (p->column_count - at - 1) * sizeof *p->columns);
		p->columns[at] = k;
	}
}

struct hash_job {
	struct tally_similar *p;
	int side;
};

static enum tally_status hash_chunk(void *payload, size_t index, struct tally_err *err)
{
	const struct hash_job *job = payload;
	const struct tally_similar *p = job->p;
	uint32_t at = (uint32_t)(index * TALLY_CHUNK), all = p->count[job->side];
	uint32_t end = all - at > TALLY_CHUNK ? at + TALLY_CHUNK : all;
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, &p->c->side[job->side], err);

	for (; st == TALLY_OK && at < end; at++) {
		uint32_t *out = p->hashes[job->side] + (size_t)at * p->column_count;

		st = tally_row_read(&r, p->rows[job->side][at], err);
		for (uint32_t k = 0; st == TALLY_OK && k < p->column_count; k++) {
			uint32_t column = p->columns[k];
			const struct tally_column_pair *pair = &p->c->pairs[column];
			const struct tally_cell *cell = tally_row_cell(&r, job->side ? pair->after
			                                                             : pair->before);
			bool meant = column < p->c->base_pairs && p->c->meanings[column].telling;
			uint64_t h = meant ? tally_cell_meant_hash(p->c, column, job->side, cell)
			                   : tally_cell_loose_hash(cell);

			out[k] = h ? (uint32_t)(h >> 32) | 1 : 0;
		}
	}
	tally_row_reader_release(&r);
	return st;
}

static enum tally_status hash_rows(struct tally_similar *p, struct tally_err *err)
{
	struct hash_job job = { p, 0 };
	enum tally_status st = tally_learn_meanings(p->c, err);

	for (; st == TALLY_OK && job.side < 2; job.side++) {
		p->hashes[job.side] = tally_alloc((size_t)p->count[job.side] * p->column_count *
		                                  sizeof *p->hashes[0]);
		if (!p->hashes[job.side])
			return tally_err_nomem(err);
		st = tally_parallel(p->c->threads,
		                    ((size_t)p->count[job.side] + TALLY_CHUNK - 1) / TALLY_CHUNK,
		                    hash_chunk, &job, err);
	}
	return st;
}

static void pool_release(struct tally_similar *p)
{
	for (int side = 0; side < 2; side++) {
		tally_free(p->rows[side]);
		tally_free(p->gaps[side]);
		tally_free(p->hashes[side]);
		tally_row_reader_release(&p->reader[side]);
	}
}

/* ---- blocks: rows of both sides that may be each other ---- */

static unsigned score(const struct tally_similar *p, uint32_t before, uint32_t after)
{
	const uint32_t *a = p->hashes[0] + (size_t)before * p->column_count;
	const uint32_t *b = p->hashes[1] + (size_t)after * p->column_count;
	uint64_t equal = 0, all = 0;
	bool any = false; /* cells that are both empty prove nothing alone */

	for (uint32_t k = 0; k < p->column_count; k++) {
		uint32_t w = a[k] || b[k] ? p->c->key_weights[p->columns[k]]
		                          : TALLY_SIMILAR_BLANK_WEIGHT;

		all += w;
		equal += a[k] == b[k] ? w : 0;
		any |= a[k] && a[k] == b[k];
	}
	return any ? (unsigned)(equal * 1000 / all) : 0;
}

/* Is all that the rows say the same but for their keys, with something said beside them? */
static bool only_key_differs(const struct tally_similar *p, uint32_t before, uint32_t after)
{
	const uint32_t *a = p->hashes[0] + (size_t)before * p->column_count;
	const uint32_t *b = p->hashes[1] + (size_t)after * p->column_count;
	uint32_t said = 0;

	for (uint32_t n = 0; n < p->column_count; n++) {
		if (a[n] != b[n] && !tally_is_key(p->c, p->columns[n]))
			return false;
		said += a[n] && a[n] == b[n];
	}
	return said >= SAID_LEAST;
}

static bool better(const struct tally_similar_pair *x, const struct tally_similar_pair *y)
{
	if (x->score != y->score)
		return x->score > y->score;
	if (x->away != y->away)
		return x->away < y->away;
	/* whichever side is the before side: the upper rows first */
	if (x->before + (uint64_t)x->after != y->before + (uint64_t)y->after)
		return x->before + (uint64_t)x->after < y->before + (uint64_t)y->after;
	return x->before < y->before;
}

static int by_rank(const void *a, const void *b)
{
	return better(a, b) ? -1 : better(b, a);
}

/* Candidates of one row: the best few. */
struct best {
	struct tally_similar_pair of[BEST];
	uint32_t count;
};

/* @return whether they are alike enough */
static bool weigh(const struct tally_similar_block *k, struct tally_similar_pair *out, uint32_t i,
                  uint32_t j)
{
	uint64_t place_a = (uint64_t)i * k->count[1], place_b = (uint64_t)j * k->count[0];
	unsigned least = k->p->least;

	*out = (struct tally_similar_pair){ k->list[0][i], k->list[1][j], 0, 0 };
	out->score = score(k->p, out->before, out->after);
	if (out->score < k->p->least && out->score >= k->p->least_but_key &&
	    only_key_differs(k->p, out->before, out->after))
		least = k->p->least_but_key;
	out->away = (uint32_t)((place_a > place_b ? place_a - place_b : place_b - place_a) /
	                       (k->count[0] + k->count[1]));
	return out->score >= least;
}

static void put_best(struct best *best, const struct tally_similar_pair *new)
{
	uint32_t at = best->count;

	while (at > 0 && better(new, &best->of[at - 1]))
		at--;
	if (at == BEST)
		return;
	if (best->count < BEST)
		best->count++;
	memmove(best->of + at + 1, best->of + at, (best->count - at - 1) * sizeof *best->of);
	best->of[at] = *new;
}

enum tally_status tally_similar_keep(struct tally_similar_block *k,
                                     const struct tally_similar_pair *new, struct tally_err *err)
{
	if (!tally_grow(&k->found, &k->found_cap, k->found_count, sizeof *k->found))
		return tally_err_nomem(err);
	k->found[k->found_count++] = *new;
	return TALLY_OK;
}

/* None is left out, so that it does not matter which side is which. */
static enum tally_status try_all(struct tally_similar_block *k, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;
	struct tally_similar_pair new;

	for (uint32_t j = 0; st == TALLY_OK && j < k->count[1]; j++)
		for (uint32_t i = 0; st == TALLY_OK && i < k->count[0]; i++)
			if (weigh(k, &new, i, j))
				st = tally_similar_keep(k, &new, err);
	return st;
}

/* Values of the before rows, with the rows that have them. */
struct index {
	struct entry {
		uint32_t hash, column; /* hash 0: free */
		uint32_t head, count;
	} * slots;
	size_t mask;
	uint32_t *next; /* by row × column */
	uint32_t columns;
};

static struct entry *index_find(const struct index *x, uint32_t hash, uint32_t column)
{
	size_t at = (size_t)((hash ^ (uint64_t)column << 32) * UINT64_C(0x9E3779B97F4A7C15) >> 20) &
	            x->mask;

	while (x->slots[at].hash && (x->slots[at].hash != hash || x->slots[at].column != column))
		at = (at + 1) & x->mask;
	return &x->slots[at];
}

static enum tally_status index_rows(struct index *x, const struct tally_similar_block *k,
                                    struct tally_err *err)
{
	const struct tally_similar *p = k->p;
	size_t cells, slots = 16;

	x->columns = (uint32_t)(INDEX_CELLS / k->count[0]);
	x->columns = x->columns < 2 ? 2 : x->columns;
	x->columns = x->columns > p->column_count ? p->column_count : x->columns;
	cells = (size_t)k->count[0] * x->columns;
	while (slots < cells * 2)
		slots *= 2;
	x->mask = slots - 1;
	x->slots = tally_alloc_zero(slots, sizeof *x->slots);
	x->next = tally_alloc(cells * sizeof *x->next);
	if (!x->slots || !x->next)
		return tally_err_nomem(err);
	for (uint32_t i = k->count[0]; i-- > 0;) {
		const uint32_t *hashes = p->hashes[0] + (size_t)k->list[0][i] * p->column_count;

		for (uint32_t n = 0; n < x->columns; n++) {
			struct entry *e;

			if (!hashes[n])
				continue;
			e = index_find(x, hashes[n], n);
			x->next[(size_t)i * x->columns + n] = e->count ? e->head : NONE;
			*e = (struct entry){ hashes[n], n, i, e->count + 1 };
		}
	}
	return TALLY_OK;
}

static bool add_unique(uint32_t *list, uint32_t *count, uint32_t i)
{
	for (uint32_t n = 0; n < *count; n++)
		if (list[n] == i)
			return true;
	if (*count == CANDIDATES)
		return false;
	list[(*count)++] = i;
	return true;
}

static uint32_t find_leads(const struct index *x, const struct tally_similar_block *k, uint32_t j,
                           uint32_t *leads)
{
	const uint32_t *hashes = k->p->hashes[1] + (size_t)k->list[1][j] * k->p->column_count;
	uint32_t count = 0;

	/* the same place from either end is a lead, too */
	if (j < k->count[0])
		add_unique(leads, &count, j);
	if (k->count[1] - j <= k->count[0])
		add_unique(leads, &count, k->count[0] - (k->count[1] - j));
	for (uint32_t n = 0; n < x->columns; n++) {
		const struct entry *e = hashes[n] ? index_find(x, hashes[n], n) : NULL;

		if (!e || !e->count || e->count > RARE)
			continue;
		for (uint32_t i = e->head; i != NONE; i = x->next[(size_t)i * x->columns + n])
			if (!add_unique(leads, &count, i))
				return count;
	}
	return count;
}

static enum tally_status try_leads(struct tally_similar_block *k, struct tally_err *err)
{
	struct index x = { 0 };
	enum tally_status st = index_rows(&x, k, err);

	for (uint32_t j = 0; st == TALLY_OK && j < k->count[1]; j++) {
		uint32_t leads[CANDIDATES], count = find_leads(&x, k, j, leads);
		struct best best = { .count = 0 };
		struct tally_similar_pair new;

		for (uint32_t n = 0; n < count; n++)
			if (weigh(k, &new, leads[n], j))
				put_best(&best, &new);
		for (uint32_t n = 0; st == TALLY_OK && n < best.count; n++)
			st = tally_similar_keep(k, &best.of[n], err);
	}
	tally_free(x.slots);
	tally_free(x.next);
	return st;
}

bool tally_similar_is_free(const struct tally_similar *p, int side, uint32_t place)
{
	return p->c->side[side].pair[p->rows[side][place]] == TALLY_NO_PAIR;
}

void tally_similar_leave(struct tally_similar_block *k, uint32_t *list[2])
{
	for (int side = 0; side < 2; side++) {
		uint32_t left = 0;

		for (uint32_t i = 0; i < k->count[side]; i++)
			if (tally_similar_is_free(k->p, side, list[side][i]))
				list[side][left++] = list[side][i];
		k->count[side] = left;
	}
}

void tally_similar_take(struct tally_similar_block *k)
{
	struct tally_similar *p = k->p;

	if (k->found_count)
		qsort(k->found, k->found_count, sizeof *k->found, by_rank);
	for (size_t n = 0; n < k->found_count; n++) {
		const struct tally_similar_pair *f = &k->found[n];

		if (tally_similar_is_free(p, 0, f->before) && tally_similar_is_free(p, 1, f->after))
			tally_pair_rows(p->c, p->rows[0][f->before], p->rows[1][f->after], true);
	}
	k->found_count = 0;
}

static enum tally_status pair_block(struct tally_similar_block *k, struct tally_err *err)
{
	bool all = (uint64_t)k->count[0] * k->count[1] <= TALLY_SIMILAR_ALL_PAIRS;
	enum tally_status st = all ? try_all(k, err) : try_leads(k, err);

	if (st == TALLY_OK)
		tally_similar_take(k);
	return st;
}

/* ---- rows that stayed where they are ---- */

enum {
	PLACE_ROWS = 3,    /* rows of a gap that are enough */
	PLACE_SHARE = 900, /* thousandths of them that must agree */
	PLACE_CHANCE = 500, /* thousandths that may agree one row further on, in a column that tells */
};

static uint32_t hash_at(const struct tally_similar_block *k, int side, uint32_t i, uint32_t column)
{
	return k->p->hashes[side][(size_t)k->list[side][i] * k->p->column_count + column];
}

/* Do rows agree in a column where they are, and not as well with the next one? */
static bool column_tells(const struct tally_similar_block *k, uint32_t column)
{
	uint32_t here = 0, next = 0, rows = k->count[0];

	for (uint32_t i = 0; i < rows; i++) {
		uint32_t old = hash_at(k, 0, i, column);

		here += old && old == hash_at(k, 1, i, column);
		next += i + 1 < rows && old == hash_at(k, 1, i + 1, column);
	}
	return (uint64_t)here * 1000 >= (uint64_t)rows * PLACE_SHARE &&
	       (uint64_t)next * 1000 <= (uint64_t)rows * PLACE_CHANCE;
}

static bool half_agrees(const struct tally_similar_block *k, uint32_t i)
{
	uint32_t equal = 0, filled = 0;

	for (uint32_t n = 0; n < k->p->column_count; n++) {
		uint32_t old = hash_at(k, 0, i, n), now = hash_at(k, 1, i, n);

		filled += old || now;
		equal += old && old == now;
	}
	return equal * 2 >= filled && equal;
}

/* As many rows on both sides, and nearly all of them in their old places by half of their cells: one column was changed. */
static bool pair_in_place(struct tally_similar_block *k)
{
	uint32_t rows = k->count[0], agree = 0;
	bool tells = false;

	if (rows < PLACE_ROWS || rows != k->count[1])
		return false;
	for (uint32_t n = 0; n < k->p->column_count && !tells; n++)
		tells = column_tells(k, n);
	for (uint32_t i = 0; tells && i < rows; i++)
		agree += half_agrees(k, i);
	if (!tells || (uint64_t)agree * 1000 < (uint64_t)rows * PLACE_SHARE)
		return false;
	for (uint32_t i = 0; i < rows; i++)
		if (half_agrees(k, i))
			tally_pair_rows(k->p->c, k->p->rows[0][k->list[0][i]],
			                k->p->rows[1][k->list[1][i]], true);
	return agree == rows;
}

/* As many rows left on both sides of a gap: those that agree by half of their cells, in order. */
static void pair_left(struct tally_similar_block *k, uint32_t *list[2])
{
	struct tally_similar *p = k->p;

	tally_similar_leave(k, list);
	for (uint32_t i = 0; k->count[0] == k->count[1] && i < k->count[0]; i++)
		if (half_agrees(k, i))
			tally_pair_rows(p->c, p->rows[0][k->list[0][i]], p->rows[1][k->list[1][i]],
			                true);
}

/* ---- all gaps, then across them ---- */

static enum tally_status pair_gaps(struct tally_similar_block *k, uint32_t *list[2], bool in_place,
                                   struct tally_err *err)
{
	struct tally_similar *p = k->p;
	uint32_t i = 0, j = 0;
	enum tally_status st = TALLY_OK;

	while (st == TALLY_OK && i < p->count[0] && j < p->count[1]) {
		uint32_t gap = p->gaps[0][i] > p->gaps[1][j] ? p->gaps[0][i] : p->gaps[1][j];

		k->count[0] = k->count[1] = 0;
		for (; i < p->count[0] && p->gaps[0][i] <= gap; i++)
			if (p->gaps[0][i] == gap)
				list[0][k->count[0]++] = i;
		for (; j < p->count[1] && p->gaps[1][j] <= gap; j++)
			if (p->gaps[1][j] == gap)
				list[1][k->count[1]++] = j;
		if (!k->count[0] || !k->count[1] || (in_place && pair_in_place(k)))
			continue;
		st = pair_block(k, err);
		if (st == TALLY_OK)
			st = tally_similar_by_texts(k, err);
		if (st == TALLY_OK)
			st = tally_similar_by_sentences(k, list, err);
		if (st == TALLY_OK && in_place)
			pair_left(k, list);
	}
	return st;
}

static enum tally_status pair_across(struct tally_similar_block *k, uint32_t *list[2],
                                     struct tally_err *err)
{
	for (int side = 0; side < 2; side++) {
		k->count[side] = 0;
		for (uint32_t i = 0; i < k->p->count[side]; i++)
			if (tally_similar_is_free(k->p, side, i))
				list[side][k->count[side]++] = i;
	}
	return k->count[0] && k->count[1] ? pair_block(k, err) : TALLY_OK;
}

static enum tally_status pair_pool(struct tally_similar *p, bool in_place, struct tally_err *err)
{
	uint32_t *list[2] = { tally_alloc(p->count[0] * sizeof *list[0]),
		              tally_alloc(p->count[1] * sizeof *list[1]) };
	struct tally_similar_block k = { .p = p, .list = { list[0], list[1] } };
	enum tally_status st = list[0] && list[1] ? TALLY_OK : tally_err_nomem(err);

	for (int side = 0; st == TALLY_OK && side < 2; side++)
		st = tally_row_reader_init(&p->reader[side], &p->c->side[side], err);
	if (st == TALLY_OK)
		st = tally_similar_find_texts(p, err);
	if (st == TALLY_OK)
		st = pair_gaps(&k, list, in_place, err);
	if (st == TALLY_OK)
		st = pair_across(&k, list, err);
	tally_free(list[0]);
	tally_free(list[1]);
	tally_free(k.found);
	return st;
}

enum { EQUAL_SHARE = 200 /* thousandths of equal rows from which those are not chance */ };

static bool few_equal(const struct tally_comparison *c)
{
	const struct tally_table_side *a = &c->side[0], *b = &c->side[1];
	uint64_t paired = 0;

	for (uint32_t j = 0; j < b->rows; j++)
		paired += b->pair[j] != TALLY_NO_PAIR;
	return a->rows == b->rows && a->rows >= PLACE_ROWS &&
	       paired * 1000 < (uint64_t)b->rows * EQUAL_SHARE;
}

/* One gap of all rows. @done  they were paired */
static enum tally_status try_in_place(struct tally_similar *p, bool *done, struct tally_err *err)
{
	enum tally_status st = hash_rows(p, err);
	uint32_t *all = tally_alloc(p->count[0] * sizeof *all);
	struct tally_similar_block k = { .p = p,
		                         .list = { all, all },
		                         .count = { p->count[0], p->count[1] } };

	if (!all)
		st = tally_err_nomem(err);
	for (uint32_t i = 0; st == TALLY_OK && i < p->count[0]; i++)
		all[i] = i;
	if (st == TALLY_OK)
		pair_in_place(&k);
	for (uint32_t i = 0; st == TALLY_OK && i < p->count[1]; i++)
		*done |= !tally_similar_is_free(p, 1, i);
	tally_free(all);
	return st;
}

enum tally_status tally_pair_in_place(struct tally_comparison *c, struct tally_err *err)
{
	struct tally_similar p = { .c = c };
	uint32_t *before[2] = { NULL, NULL };
	uint8_t *touched;
	enum tally_status st = TALLY_OK;
	bool done = false;

	if (!few_equal(c) || !c->pair_count || !c->key_weights)
		return TALLY_OK;
	touched = tally_alloc(c->side[1].rows);
	for (int side = 0; side < 2; side++) {
		size_t size = c->side[side].rows * sizeof *before[side];

		before[side] = tally_alloc(size);
		if (!before[side] || !touched) {
			st = tally_err_nomem(err);
			continue;
		}
		memcpy(before[side], c->side[side].pair, size);
		memset(c->side[side].pair, 0xff, size);
	}
	if (st == TALLY_OK)
		memcpy(touched, c->touched, c->side[1].rows);
	for (int side = 0; st == TALLY_OK && side < 2; side++)
		st = list_free(&p, side, err);
	if (st == TALLY_OK) {
		choose_columns(&p);
		st = try_in_place(&p, &done, err);
	}
	for (int side = 0; st == TALLY_OK && !done && side < 2; side++)
		memcpy(c->side[side].pair, before[side], c->side[side].rows * sizeof *before[side]);
	if (st == TALLY_OK && !done)
		memcpy(c->touched, touched, c->side[1].rows);
	pool_release(&p);
	tally_free(touched);
	tally_free(before[0]);
	tally_free(before[1]);
	return st;
}

enum tally_status tally_pair_similar(struct tally_comparison *c, unsigned least, bool in_place,
                                     struct tally_err *err)
{
	struct tally_similar p = { .c = c,
		                   .least = least,
		                   .least_but_key = least < TALLY_SIMILAR_BUT_KEY
		                                            ? least
		                                            : TALLY_SIMILAR_BUT_KEY,
		                   .close_effort = TALLY_SIMILAR_CLOSE_EFFORT,
		                   .word_effort = TALLY_SIMILAR_WORD_EFFORT };
	enum tally_status st = list_free(&p, 0, err);

	if (st == TALLY_OK)
		st = list_free(&p, 1, err);
	if (st == TALLY_OK && p.count[0] && p.count[1] && c->pair_count && c->key_weights) {
		choose_columns(&p);
		st = number_gaps(&p, err);
		if (st == TALLY_OK)
			st = hash_rows(&p, err);
		if (st == TALLY_OK)
			st = pair_pool(&p, in_place, err);
	}
	pool_release(&p);
	return st;
}
