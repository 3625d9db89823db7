/* Which row is which: equal rows first, then by key. */
#include <string.h>

#include "core/mem.h"
#include "diff/align.h"
#include "core/parallel.h"
#include "diff/table_groups.h"

enum {
	REACH = 32,         /* rows that may be missing on one side before the walk loses its way */
	LOST_MOST = 2048,   /* steps without a way before the walk gives up */
	ASSIGNED_MOST = 64, /* rows of a side in a group that are paired by least cost */
	ASSIGN_EFFORT = 1 << 26, /* cells and matrix steps spent on such groups; later ones are paired in order */
};

/* ---- equal rows ---- */

/* Where both sides agree again: at most REACH rows missing on one side, or changed on both. */
static bool find_way(const struct tally_table_side *a, const struct tally_table_side *b,
                     uint32_t *i, uint32_t *j)
{
	uint64_t here_a = tally_side_hash(a, *i), here_b = tally_side_hash(b, *j);

	for (uint32_t k = 1; k <= REACH; k++) {
		bool more_a = k < a->rows - *i, more_b = k < b->rows - *j;

		if (more_a && more_b && tally_side_hash(a, *i + k) == tally_side_hash(b, *j + k)) {
			*i += k;
			*j += k;
			return true;
		}
		if (more_a && tally_side_hash(a, *i + k) == here_b) {
			*i += k;
			return true;
		}
		if (more_b && tally_side_hash(b, *j + k) == here_a) {
			*j += k;
			return true;
		}
	}
	return false;
}

/* Side by side from the top; what is left goes through a hash table. */
static void walk(struct tally_comparison *c)
{
	const struct tally_table_side *a = &c->side[0], *b = &c->side[1];
	uint32_t i = 0, j = 0, lost = 0;

	while (i < a->rows && j < b->rows && lost < LOST_MOST) {
		if (tally_side_hash(a, i) == tally_side_hash(b, j)) {
			tally_pair_rows(c, i++, j++, !c->by_bytes);
			lost -= lost > 0;
		} else if (!find_way(a, b, &i, &j)) {
			i++;
			j++;
			lost += 2;
		}
	}
}

static enum tally_status pair_in_order(void *payload, unsigned part,
                                       const struct tally_group_found *g, struct tally_err *err)
{
	struct tally_comparison *c = payload;

	(void)part;
	(void)err;
	for (uint32_t k = 0; k < g->before_count && k < g->after_count; k++)
		tally_pair_rows(c, g->before[k], g->after[k], !c->by_bytes);
	return TALLY_OK;
}

/* Rows without a pair, and room for hashes of their keys. */
struct free_rows {
	uint32_t *rows[2];
	uint64_t *hashes[2];
	uint32_t count[2];
};

static void free_rows_release(struct free_rows *f)
{
	for (int side = 0; side < 2; side++) {
		tally_free(f->rows[side]);
		tally_free(f->hashes[side]);
		f->rows[side] = NULL;
		f->hashes[side] = NULL;
	}
}

/* @hashes  otherwise they are the hashes of the rows, which the sides have */
static enum tally_status free_rows_init(struct free_rows *f, const struct tally_comparison *c,
                                        bool hashes, struct tally_err *err)
{
	*f = (struct free_rows){ 0 };
	for (int side = 0; side < 2; side++) {
		f->rows[side] = tally_free_rows(&c->side[side], &f->count[side]);
		if (hashes)
			f->hashes[side] = tally_alloc(f->count[side] * sizeof *f->hashes[side]);
		if (!f->rows[side] || (hashes && !f->hashes[side])) {
			free_rows_release(f);
			return tally_err_nomem(err);
		}
	}
	return TALLY_OK;
}

/* The rows are released as soon as they are in groups. */
static enum tally_status each_group(const struct tally_comparison *c, struct free_rows *f,
                                    tally_group_fn fn, void *payload, struct tally_err *err)
{
	const struct tally_hashed_rows rows[2] = { { f->rows[0], f->hashes[0], f->count[0] },
		                                   { f->rows[1], f->hashes[1], f->count[1] } };
	struct tally_group_rows g;
	enum tally_status st = tally_group_rows_init(&g, c, rows, err);

	free_rows_release(f);
	if (st < 0)
		return st;
	st = tally_groups_each(c, &g, fn, payload, err);
	tally_group_rows_release(&g);
	return st;
}

static enum tally_status pair_elsewhere(struct tally_comparison *c, struct tally_err *err)
{
	struct free_rows f;
	enum tally_status st = free_rows_init(&f, c, false, err);

	if (st < 0)
		return st;
	if (f.count[0] && f.count[1])
		st = each_group(c, &f, pair_in_order, c, err);
	free_rows_release(&f);
	return st;
}

/* Hashes were believed so far; now the bytes are compared. */
static enum tally_status verify(struct tally_comparison *c, struct tally_err *err)
{
	return c->by_bytes ? tally_verify_pairs(c, err) : TALLY_OK;
}

static void forget_pairs(struct tally_comparison *c)
{
	for (int side = 0; side < 2; side++)
		memset(c->side[side].pair, 0xff, c->side[side].rows * sizeof *c->side[side].pair);
	memset(c->touched, 0, c->side[1].rows);
}

static enum tally_status pair_look(void *payload, unsigned part, const struct tally_group_found *g,
                                   struct tally_err *err)
{
	(void)part;
	(void)err;
	for (uint32_t k = 0; k < g->before_count && k < g->after_count; k++)
		tally_pair_rows(payload, g->before[k], g->after[k], true);
	return TALLY_OK;
}

/* Rows of sheets that differ in results of formulas, in what these mean, or in formats only. */
enum tally_status tally_pair_but_results(struct tally_comparison *c, struct tally_err *err)
{
	struct free_rows f;
	enum tally_status st;

	if (!c->by_bytes || !c->formulas)
		return TALLY_OK;
	st = free_rows_init(&f, c, true, err);
	if (st < 0)
		return st;
	for (int side = 0; st == TALLY_OK && f.count[0] && f.count[1] && side < 2; side++)
		st = tally_hash_some(c, side, f.rows[side], f.count[side], f.hashes[side], err);
	if (st == TALLY_OK && f.count[0] && f.count[1])
		st = each_group(c, &f, pair_look, c, err);
	free_rows_release(&f);
	return st;
}

enum tally_status tally_pair_equal(struct tally_comparison *c, struct tally_err *err)
{
	enum tally_status st;

	forget_pairs(c);
	walk(c);
	st = pair_elsewhere(c, err);
	return st == TALLY_OK ? verify(c, err) : st;
}

static uint64_t *copy_hashes(const struct tally_table_side *s)
{
	uint64_t *copy = tally_alloc(s->rows * sizeof *copy);

	for (uint32_t i = 0; copy && i < s->rows; i++)
		copy[i] = tally_side_hash(s, i);
	return copy;
}

enum tally_status tally_pair_aligned(struct tally_comparison *c, struct tally_err *err)
{
	uint64_t *a = copy_hashes(&c->side[0]), *b = copy_hashes(&c->side[1]);
	struct tally_align_input in = { .before = a,
		                        .after = b,
		                        .before_count = c->side[0].rows,
		                        .after_count = c->side[1].rows };
	struct tally_runs runs = { 0 };
	enum tally_status st = a && b ? tally_align(&runs, &in, err) : tally_err_nomem(err);

	tally_free(a);
	tally_free(b);
	if (st == TALLY_OK) {
		forget_pairs(c);
		for (size_t k = 0; k < runs.count; k++)
			for (size_t n = 0; n < runs.runs[k].count; n++)
				tally_pair_rows(c, (uint32_t)(runs.runs[k].before + n),
				                (uint32_t)(runs.runs[k].after + n), !c->by_bytes);
		st = pair_elsewhere(c, err);
	}
	tally_runs_release(&runs);
	if (st == TALLY_OK)
		st = verify(c, err);
	return st == TALLY_OK ? tally_pair_but_results(c, err) : st;
}

/* ---- by key ---- */

struct by_key {
	struct tally_comparison *c;
	struct free_rows free;
	enum tally_key_form form; /* as they are meant: only where they are the only ones on both sides */
	int side;
	int64_t effort[TALLY_GROUP_PARTS];
};

static uint64_t loose_key(const struct by_key *job, const struct tally_row_reader *r, int side)
{
	const struct tally_comparison *c = job->c;
	uint64_t h = 0, any = 0;

	for (uint32_t k = 0; k < c->key_count; k++) {
		const struct tally_column_pair *p = &c->pairs[c->key[k]];
		const struct tally_cell *cell = tally_row_cell(r, side ? p->after : p->before);
		uint64_t one = job->form == TALLY_KEY_LOOSE
		                       ? tally_cell_loose_hash(cell)
		                       : tally_cell_meant_hash(c, c->key[k], side, cell);

		any |= one;
		h = tally_hash_mix(h, one);
	}
	return any ? h | 1 : 0;
}

static uint64_t strict_key(const struct tally_comparison *c, const struct tally_row_reader *r,
                           int side)
{
	uint64_t h = 0;

	for (uint32_t k = 0; k < c->key_count; k++) {
		const struct tally_column_pair *p = &c->pairs[c->key[k]];

		h = tally_hash_mix(
			h, tally_cell_hash(c, tally_row_cell(r, side ? p->after : p->before)));
	}
	return h ? h : 1;
}

static enum tally_status hash_free_rows(void *payload, size_t index, struct tally_err *err)
{
	struct by_key *job = payload;
	struct tally_comparison *c = job->c;
	const struct tally_table_side *s = &c->side[job->side];
	uint32_t i = (uint32_t)(index * TALLY_CHUNK), all = job->free.count[job->side];
	uint32_t end = all - i > TALLY_CHUNK ? i + TALLY_CHUNK : all;
	uint64_t *hashes = job->free.hashes[job->side];
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, s, err);

	for (; st == TALLY_OK && i < end; i++) {
		uint32_t row = job->free.rows[job->side][i];

		if (row < s->preamble) { /* titles have no key: they go by their place */
			hashes[i] = job->form ? 0 : tally_hash_mix(UINT64_C(0x7469746C65), row);
			continue;
		}
		st = tally_row_read(&r, row, err);
		if (st == TALLY_OK)
			hashes[i] = job->form ? loose_key(job, &r, job->side)
			                      : strict_key(c, &r, job->side);
	}
	tally_row_reader_release(&r);
	return st;
}

/* Cell hashes of some rows, one row after the other. */
static enum tally_status read_group(const struct tally_comparison *c, int side, const uint32_t *rows,
                                    uint32_t count, uint64_t *out, struct tally_err *err)
{
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, &c->side[side], err);

	for (uint32_t i = 0; st == TALLY_OK && i < count; i++) {
		st = tally_row_read(&r, rows[i], err);
		for (uint32_t k = 0; st == TALLY_OK && k < c->pair_count; k++)
			*out++ = tally_cell_hash(c, tally_row_cell(&r, side ? c->pairs[k].after
			                                                    : c->pairs[k].before));
	}
	tally_row_reader_release(&r);
	return st;
}

static void fill_costs(int64_t *cost, const uint64_t *a, uint32_t na, const uint64_t *b,
                       uint32_t nb, uint32_t cells)
{
	for (uint32_t i = 0; i < na; i++) {
		for (uint32_t j = 0; j < nb; j++) {
			int64_t differ = 0;

			for (uint32_t k = 0; k < cells; k++)
				differ += a[i * (size_t)cells + k] != b[j * (size_t)cells + k];
			/* among equals those in order */
			cost[i * (size_t)nb + j] = differ * 4096 + (i > j ? i - j : j - i);
		}
	}
}

static enum tally_status pair_cheapest(struct tally_comparison *c,
                                       const struct tally_group_found *g, struct tally_err *err)
{
	uint32_t na = g->before_count, nb = g->after_count, to[ASSIGNED_MOST];
	size_t cells = c->pair_count;
	uint64_t *a = tally_alloc(na * cells * sizeof *a), *b = tally_alloc(nb * cells * sizeof *b);
	int64_t *cost = tally_alloc((size_t)na * nb * sizeof *cost);
	int64_t *work = tally_alloc(tally_assignment_room(na, nb) * sizeof *work);
	enum tally_status st = a && b && cost && work ? TALLY_OK : tally_err_nomem(err);

	if (st == TALLY_OK)
		st = read_group(c, 0, g->before, na, a, err);
	if (st == TALLY_OK)
		st = read_group(c, 1, g->after, nb, b, err);
	if (st == TALLY_OK) {
		fill_costs(cost, a, na, b, nb, c->pair_count);
		tally_assign(cost, na, nb, to, work);
		for (uint32_t i = 0; i < na; i++)
			if (to[i] != UINT32_MAX)
				tally_pair_rows(c, g->before[i], g->after[to[i]], true);
	}
	tally_free(a);
	tally_free(b);
	tally_free(cost);
	tally_free(work);
	return st;
}

static enum tally_status pair_keys(void *payload, unsigned part, const struct tally_group_found *g,
                                   struct tally_err *err)
{
	struct by_key *job = payload;
	uint32_t na = g->before_count, nb = g->after_count;

	if (na > 1 || nb > 1) {
		int64_t effort = (int64_t)na * nb * ((int64_t)job->c->pair_count + na + nb);

		if (job->form == TALLY_KEY_MEANT)
			return TALLY_OK;
		if (na <= ASSIGNED_MOST && nb <= ASSIGNED_MOST && effort <= job->effort[part]) {
			job->effort[part] -= effort;
			return pair_cheapest(job->c, g, err);
		}
	}
	for (uint32_t k = 0; k < na && k < nb; k++)
		tally_pair_rows(job->c, g->before[k], g->after[k], true);
	return TALLY_OK;
}

static enum tally_status pair_round(struct tally_comparison *c, enum tally_key_form form,
                                    struct tally_err *err)
{
	struct by_key job = { .c = c, .form = form };
	enum tally_status st = free_rows_init(&job.free, c, true, err);

	if (st < 0)
		return st;
	if (job.free.count[0] && job.free.count[1]) {
		if (form == TALLY_KEY_MEANT)
			st = tally_learn_meanings(c, err);
		for (; st == TALLY_OK && job.side < 2; job.side++)
			st = tally_parallel(c->threads,
			                    ((size_t)job.free.count[job.side] + TALLY_CHUNK - 1) /
			                            TALLY_CHUNK,
			                    hash_free_rows, &job, err);
		for (unsigned p = 0; p < TALLY_GROUP_PARTS; p++)
			job.effort[p] = ASSIGN_EFFORT / TALLY_GROUP_PARTS;
		if (st == TALLY_OK)
			st = each_group(c, &job.free, pair_keys, &job, err);
	}
	free_rows_release(&job.free);
	return st;
}

enum tally_status tally_pair_by_key(struct tally_comparison *c, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (int form = 0; st == TALLY_OK && form < TALLY_KEY_FORMS; form++)
		st = pair_round(c, (enum tally_key_form)form, err);
	return st;
}
