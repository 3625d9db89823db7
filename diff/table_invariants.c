/* Sums of columns before and after: counted, empty, distinct, added up, smallest and largest. */
#include <string.h>

#include "core/mem.h"
#include "core/parallel.h"
#include "diff/table_key.h"
#include "diff/table_work.h"

enum {
	WHOLE_CELLS = 1 << 23, /* cells of the columns looked at; those with changed cells come first */
	LARGE_CELLS = 1 << 25, /* of a larger table's columns, which is gone through on one side only */
	NUMERIC_SHARE = 900, /* thousandths of a column's cells that are numbers when it has a sum */
};

struct sums_job {
	struct tally_comparison *c;
	const uint32_t *columns;  /* index into pairs */
	const uint32_t *headings; /* by pair: the one with its heading on the before side */
	uint32_t count;
	int side;
	const uint32_t *list; /* rows that are gone through; NULL: all */
	const uint8_t *same; /* by row: it is on the other side, too, and has sums of its own; NULL: one sum for all */
	struct tally_sum *sums; /* by chunk, those rows or the others, and column */
	uint64_t *hashes;       /* by column and row that is gone through, or NULL */
	size_t rows;            /* that are gone through */
	uint64_t *distinct;     /* by column */
};

static uint32_t column_of(const struct sums_job *job, uint32_t n)
{
	const struct tally_column_pair *p = &job->c->pairs[job->columns[n]];

	return job->side ? p->after : p->before;
}

static bool is_left_out(const struct tally_table_side *s, uint32_t row)
{
	return row < s->preamble || (s->total && s->total[row]);
}

/* the cells of the row that is number @at of those gone through */
static void sum_row(const struct sums_job *job, struct tally_sum *sums, size_t at,
                    const struct tally_row_reader *r)
{
	for (uint32_t n = 0; n < job->count; n++) {
		const struct tally_cell *cell = tally_row_cell(r, column_of(job, n));

		tally_sum_cell(&sums[n], cell, tally_sum_how(job->c));
		if (job->hashes)
			job->hashes[n * job->rows + at] = tally_cell_hash(job->c, cell);
	}
}

static enum tally_status sum_chunk(void *payload, size_t index, struct tally_err *err)
{
	const struct sums_job *job = payload;
	const struct tally_table_side *s = &job->c->side[job->side];
	struct tally_sum *sums = job->sums + index * job->count * (job->same ? 2 : 1);
	size_t at = index * TALLY_CHUNK,
	       end = job->rows - at > TALLY_CHUNK ? at + TALLY_CHUNK : job->rows;
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, s, err);

	for (; st == TALLY_OK && at < end; at++) {
		uint32_t row = job->list ? job->list[at] : (uint32_t)at;

		if (is_left_out(s, row)) {
			for (uint32_t n = 0; job->hashes && n < job->count; n++)
				job->hashes[n * job->rows + at] = 0;
			continue;
		}
		st = tally_row_read(&r, row, err);
		if (st == TALLY_OK)
			sum_row(job, job->same && !job->same[row] ? sums + job->count : sums, at, &r);
	}
	tally_row_reader_release(&r);
	return st;
}

/* Go through rows of a side. @out  by column, twice where job->same tells rows apart */
static enum tally_status add_up(struct sums_job *job, struct tally_sum *out, struct tally_err *err)
{
	size_t chunks = (job->rows + TALLY_CHUNK - 1) / TALLY_CHUNK;
	size_t width = (size_t)job->count * (job->same ? 2 : 1);
	enum tally_status st;

	job->sums = tally_alloc_zero(chunks * width, sizeof *job->sums);
	st = job->sums ? tally_parallel(job->c->threads, chunks, sum_chunk, job, err)
	               : tally_err_nomem(err);
	for (size_t i = 0; st == TALLY_OK && i < chunks * width; i++)
		tally_sum_join(&out[i % width], &job->sums[i]);
	tally_free(job->sums);
	return st;
}

static enum tally_status hash_room(struct sums_job *job, struct tally_err *err)
{
	job->hashes = tally_alloc((job->rows * job->count + 1) * sizeof *job->hashes);
	return job->hashes ? TALLY_OK : tally_err_nomem(err);
}

/* ---- distinct values ---- */

/* hashes that were met; 0 is none */
struct met {
	uint64_t *table;
	size_t slots;
};

static bool met_init(struct met *m, size_t most)
{
	m->slots = 16;
	while (m->slots < most * 2)
		m->slots *= 2;
	m->table = tally_alloc_zero(m->slots, sizeof *m->table);
	return m->table;
}

/* where it is, or would be */
static uint64_t *met_slot(const struct met *m, uint64_t hash)
{
	size_t at = (size_t)(hash * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (m->slots - 1);

	while (m->table[at] && m->table[at] != hash)
		at = (at + 1) & (m->slots - 1);
	return &m->table[at];
}

/* @return 1: it is new */
static unsigned met_add(struct met *m, uint64_t hash)
{
	uint64_t *slot = met_slot(m, hash);
	bool new = !*slot &&hash;

	*slot = hash;
	return new;
}

static enum tally_status count_distinct(void *payload, size_t column, struct tally_err *err)
{
	const struct sums_job *job = payload;
	const uint64_t *hashes = job->hashes + column * job->rows;
	struct met all;

	if (!met_init(&all, job->rows))
		return tally_err_nomem(err);
	for (size_t i = 0; i < job->rows; i++)
		if (hashes[i])
			job->distinct[column] += met_add(&all, hashes[i]);
	tally_free(all.table);
	return TALLY_OK;
}

/* Go through a side. @distinct  NULL: not wanted */
static enum tally_status sum_side(struct sums_job *job, struct tally_sum *out, uint64_t *distinct,
                                  struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	job->rows = job->c->side[job->side].rows;
	job->distinct = distinct;
	if (distinct)
		st = hash_room(job, err);
	if (st == TALLY_OK)
		st = add_up(job, out, err);
	if (st == TALLY_OK && distinct)
		st = tally_parallel(job->c->threads, job->count, count_distinct, job, err);
	tally_free(job->hashes);
	job->hashes = NULL;
	return st;
}

/* ---- rows that are the same on both sides are gone through once ---- */

enum {
	FEW_OTHERS = 8 /* of so many rows one at most is another: otherwise each side is gone through */
};

struct both {
	struct sums_job job[2];
	uint8_t *same;    /* by before row */
	uint32_t *others; /* after rows that are not */
	size_t other_count;
	struct tally_sum *sums; /* of the same rows, of others before, of others after: each by column */
	uint64_t *distinct[2];
};

/* @return false: no memory */
static bool find_same(struct both *b, const struct tally_comparison *c)
{
	const struct tally_table_side *after = &c->side[1];

	b->same = tally_alloc_zero((size_t)c->side[0].rows + 1, 1);
	b->others = tally_alloc(((size_t)after->rows + 1) * sizeof *b->others);
	for (uint32_t row = 0; b->same && b->others && row < after->rows; row++) {
		uint32_t before = after->pair[row];

		if (tally_row_same(c, row) &&
		    is_left_out(&c->side[0], before) == is_left_out(after, row))
			b->same[before] = 1;
		else
			b->others[b->other_count++] = row;
	}
	return b->same && b->others;
}

static enum tally_status count_distinct_both(void *payload, size_t column, struct tally_err *err)
{
	const struct both *b = payload;
	const uint64_t *before = b->job[0].hashes + column * b->job[0].rows;
	const uint64_t *after = b->job[1].hashes + column * b->job[1].rows;
	struct met all, more = { 0 };
	uint64_t same = 0, here[2] = { 0, 0 };

	if (!met_init(&all, b->job[0].rows) || !met_init(&more, b->job[1].rows)) {
		tally_free(all.table);
		return tally_err_nomem(err);
	}
	for (size_t i = 0; i < b->job[0].rows; i++)
		if (before[i] && b->same[i])
			same += met_add(&all, before[i]);
	for (size_t i = 0; i < b->job[1].rows; i++)
		if (after[i] && !*met_slot(&all, after[i]))
			here[1] += met_add(&more, after[i]);
	for (size_t i = 0; i < b->job[0].rows; i++)
		if (before[i] && !b->same[i])
			here[0] += met_add(&all, before[i]);
	for (int side = 0; side < 2; side++)
		b->distinct[side][column] = same + here[side];
	tally_free(all.table);
	tally_free(more.table);
	return TALLY_OK;
}

/* Does what is said of two sums together depend on which comes first? Of equal numbers the first one's digits are shown. */
static bool order_counts(const struct tally_sum *x, const struct tally_sum *y)
{
	struct tally_sum all = *x;

	tally_sum_join(&all, y);
	for (int m = 0; m < TALLY_MARKS; m++) {
		const struct tally_total *s = &x->as[m], *t = &y->as[m];

		if (all.as[m].unknown ||
		    (s->numbers && t->numbers &&
		     ((s->least == t->least && s->least_fraction != t->least_fraction) ||
		      (s->most == t->most && s->most_fraction != t->most_fraction))))
			return true;
	}
	return false;
}

/* @return false: rows have to be gone through in their order */
static bool join_both(const struct both *b, struct tally_sum *sums[2])
{
	const uint32_t count = b->job[0].count;

	for (int side = 0; side < 2; side++)
		for (uint32_t n = 0; n < count; n++) {
			const struct tally_sum *rest = &b->sums[(side + 1) * count + n];

			if (order_counts(&b->sums[n], rest))
				return false;
			sums[side][n] = b->sums[n];
			tally_sum_join(&sums[side][n], rest);
		}
	return true;
}

static enum tally_status add_up_both(struct both *b, struct tally_err *err)
{
	const uint32_t count = b->job[0].count;
	enum tally_status st = TALLY_OK;

	b->sums = tally_alloc_zero((size_t)3 * count, sizeof *b->sums);
	if (!b->sums)
		return tally_err_nomem(err);
	for (int side = 0; st == TALLY_OK && side < 2; side++) {
		struct sums_job *job = &b->job[side];

		job->side = side;
		job->rows = side ? b->other_count : job->c->side[0].rows;
		job->list = side ? b->others : NULL;
		job->same = side ? NULL : b->same;
		st = hash_room(job, err);
		if (st == TALLY_OK)
			st = add_up(job, b->sums + (side ? (size_t)2 * count : 0), err);
	}
	return st;
}

/* @done  false: it was not worth it, or not possible */
static enum tally_status sum_both(const struct sums_job *job, struct tally_sum *sums[2],
                                  uint64_t *distinct[2], bool *done, struct tally_err *err)
{
	struct both b = { .job = { *job, *job }, .distinct = { distinct[0], distinct[1] } };
	enum tally_status st = TALLY_OK;

	*done = false;
	if (!job->c->by_bytes)
		return TALLY_OK;
	if (!find_same(&b, job->c))
		st = tally_err_nomem(err);
	if (st == TALLY_OK && b.other_count <= job->c->side[1].rows / FEW_OTHERS) {
		st = add_up_both(&b, err);
		*done = st == TALLY_OK && join_both(&b, sums);
	}
	if (*done)
		st = tally_parallel(job->c->threads, job->count, count_distinct_both, &b, err);
	for (int side = 0; side < 2; side++)
		tally_free(b.job[side].hashes);
	tally_free(b.same);
	tally_free(b.others);
	tally_free(b.sums);
	return st;
}

static enum tally_status sum_sides(struct sums_job *job, struct tally_sum *sums[2],
                                   uint64_t *distinct[2], struct tally_err *err)
{
	bool done;
	enum tally_status st = sum_both(job, sums, distinct, &done, err);

	if (done)
		return st;
	for (int side = 0; side < 2; side++)
		memset(sums[side], 0, job->count * sizeof *sums[side]);
	for (job->side = 0; st == TALLY_OK && job->side < 2; job->side++)
		st = sum_side(job, sums[job->side], distinct[job->side], err);
	return st;
}

/* ---- large tables: the after side is the before side with what changed taken away and added ---- */

static enum tally_status change_rows(struct sums_job *job, struct tally_sum *sums,
                                     struct tally_err *err)
{
	const struct tally_table_side *s = &job->c->side[job->side];
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, s, err);

	for (uint32_t row = s->preamble; st == TALLY_OK && row < s->rows; row++) {
		if (s->pair[row] != TALLY_NO_PAIR)
			continue;
		st = tally_row_read(&r, row, err);
		for (uint32_t n = 0; st == TALLY_OK && n < job->count; n++) {
			const struct tally_cell *cell = tally_row_cell(&r, column_of(job, n));

			if (job->side)
				tally_sum_cell(&sums[n], cell, tally_sum_how(job->c));
			else
				tally_sum_remove(&sums[n], cell, tally_sum_how(job->c));
		}
	}
	tally_row_reader_release(&r);
	return st;
}

static enum tally_status change_cells(struct sums_job *job, struct tally_sum *sums,
                                      const uint32_t *place, struct tally_err *err)
{
	const struct tally_comparison *c = job->c;
	const struct tally_table_side *s = &c->side[job->side];
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, s, err);
	uint32_t held = TALLY_NO_PAIR;

	for (size_t i = 0; st == TALLY_OK && i < c->cell_count; i++) {
		const struct tally_cell_record *cell = &c->cells[i];
		uint32_t row = job->side ? cell->after : cell->before, n = place[cell->column];

		if (n == UINT32_MAX || row < s->preamble)
			continue;
		if (row != held)
			st = tally_row_read(&r, row, err);
		held = row;
		if (st == TALLY_OK && job->side)
			tally_sum_cell(&sums[n], tally_row_cell(&r, column_of(job, n)),
			               tally_sum_how(c));
		else if (st == TALLY_OK)
			tally_sum_remove(&sums[n], tally_row_cell(&r, column_of(job, n)),
			                 tally_sum_how(c));
	}
	tally_row_reader_release(&r);
	return st;
}

static enum tally_status sum_large(struct sums_job *job, struct tally_sum *sums[2],
                                   const uint32_t *place, struct tally_err *err)
{
	enum tally_status st;

	job->side = 0;
	if (job->c->totals) {
		for (uint32_t n = 0; n < job->count; n++)
			sums[0][n] = job->c->totals[job->columns[n]];
		st = TALLY_OK;
	} else {
		st = sum_side(job, sums[0], NULL, err);
	}
	memcpy(sums[1], sums[0], job->count * sizeof *sums[1]);
	for (job->side = 0; st == TALLY_OK && job->side < 2; job->side++) {
		st = change_rows(job, sums[1], err);
		if (st == TALLY_OK)
			st = change_cells(job, sums[1], place, err);
	}
	return st;
}

/* ---- which columns, and what to say ---- */

/* The pair with the before column that has the heading of this swapped one's after column; the pair itself, if there is none. */
static uint32_t heading_of(const struct tally_comparison *c, uint32_t pair,
                           const struct tally_column_change *change)
{
	const struct tally_table_diff *d = c->d;

	for (size_t i = 0; i < d->columns_len; i++) {
		const struct tally_column_change *o = &d->columns[i];

		if (o->kind != TALLY_COLUMN_SWAPPED || strcmp(o->name_before, change->name) != 0)
			continue;
		for (uint32_t k = 0; k < c->base_pairs; k++)
			if (c->pairs[k].before == o->index_before)
				return k;
	}
	return pair;
}

/* By pair: the one whose before column stands under the same heading. They are two where contents were swapped. */
static uint32_t *find_headings(const struct tally_comparison *c)
{
	const struct tally_table_diff *d = c->d;
	uint32_t *out = tally_alloc((c->pair_count + (size_t)1) * sizeof *out);

	for (uint32_t k = 0; out && k < c->pair_count; k++)
		out[k] = k;
	for (size_t i = 0; out && i < d->columns_len; i++) {
		const struct tally_column_change *change = &d->columns[i];

		for (uint32_t k = 0; change->kind == TALLY_COLUMN_SWAPPED && k < c->base_pairs; k++)
			if (c->pairs[k].after == change->index)
				out[k] = heading_of(c, k, change);
	}
	return out;
}

/* Columns with changed cells first, then the others when rows came or went. */
static uint32_t choose(const struct tally_comparison *c, const uint32_t *headings,
                       uint32_t *columns, uint32_t *place)
{
	const struct tally_table_rows *rows = &c->d->rows;
	uint64_t most = rows->before > rows->after ? rows->before : rows->after, cells;
	uint32_t count = 0;

	cells = most > TALLY_LARGE_ROWS ? LARGE_CELLS : WHOLE_CELLS;
	for (uint32_t k = 0; k < c->pair_count; k++)
		place[k] = UINT32_MAX;
	for (size_t i = 0; i < c->cell_count; i++)
		place[c->cells[i].column] = 0;
	for (uint32_t k = 0; k < c->base_pairs; k++)
		if (headings[k] != k)
			place[k] = 0;
	for (int changed = 1; changed >= 0; changed--) {
		if (!changed && !rows->deleted && !rows->added)
			break;
		for (uint32_t k = 0; k < c->base_pairs; k++)
			if ((place[k] == 0) == changed && (count + (uint64_t)1) * most <= cells)
				columns[count++] = k;
	}
	for (uint32_t k = 0; k < c->pair_count; k++)
		place[k] = UINT32_MAX;
	for (uint32_t n = 0; n < count; n++)
		place[columns[n]] = n;
	return count;
}

static const char *wide_text(struct tally_comparison *c, bool known, tally_wide value,
                             uint32_t fraction, enum tally_marks marks)
{
	char text[TALLY_WIDE_TEXT];

	if (!known)
		return "";
	tally_wide_text(text, value, fraction);
	for (char *p = strchr(text, '.'); p && marks == TALLY_MARKS_COMMA; p = NULL)
		*p = ',';
	return tally_arena_dup(&c->d->arena, text, strlen(text));
}

static bool can_sum(const struct tally_sum *s, enum tally_marks marks)
{
	return !s->text && !s->currencies && !s->as[marks].unknown && !s->too_large;
}

static bool has_sum(const struct tally_sum *s, enum tally_marks marks)
{
	const struct tally_total *t = &s->as[marks];

	return can_sum(s, marks) && t->numbers && t->numbers * 1000 >= s->count * NUMERIC_SHARE;
}

/* Numbers for which a column has no sum, as it would have one without them. */
static uint64_t keeps_from_sum(const struct tally_sum *s, enum tally_marks marks)
{
	struct tally_sum other = *s;

	other.count -= other.too_large;
	other.too_large = 0;
	return s->too_large && (!other.count || has_sum(&other, marks)) ? s->too_large : 0;
}

/* A column whose own numbers do not tell takes the marks with which both sides have one sum; otherwise nothing is said. */
static void settle_marks(const struct tally_sum *a, const struct tally_sum *b,
                         enum tally_marks marks[2])
{
	const struct tally_sum *sums[2] = { a, b };

	marks[0] = tally_sum_marks(a);
	marks[1] = tally_sum_marks(b);
	for (int side = 0; side < 2; side++) {
		enum tally_marks other = marks[1 - side];

		if (marks[side] != TALLY_MARKS || other == TALLY_MARKS)
			continue;
		for (int m = 0; m < TALLY_MARKS; m++)
			if (has_sum(sums[side], (enum tally_marks)m) &&
			    has_sum(sums[1 - side], other) &&
			    sums[side]->as[m].total == sums[1 - side]->as[other].total)
				marks[side] = (enum tally_marks)m;
	}
}

/*
 * For what became of a column's numbers: the marks that a number of its side proves; a side without proof takes those of the
 * other side, unless its sum says otherwise. Where nothing is proven nothing is known, sums that happen to agree included.
 */
static void learn_marks(const struct tally_sum *a, const struct tally_sum *b, uint8_t out[2])
{
	const struct tally_sum *sums[2] = { a, b };
	enum tally_marks marks[2];
	bool proven[2];

	settle_marks(a, b, marks);
	for (int side = 0; side < 2; side++)
		proven[side] = sums[side]->proofs[0] || sums[side]->proofs[1];
	for (int side = 0; side < 2; side++) {
		out[side] = (uint8_t)marks[side];
		if (proven[side])
			continue;
		if (!proven[1 - side])
			out[side] = TALLY_MARKS;
		else if (!sums[side]->unsure || marks[side] == TALLY_MARKS)
			out[side] = (uint8_t)marks[1 - side];
	}
}

/* Digits behind the mark of both sides' smallest (largest) number: equal numbers are equal texts. */
static void fit(uint32_t out[2], tally_wide a, uint32_t a_fraction, tally_wide b, uint32_t b_fraction)
{
	out[0] = a_fraction;
	out[1] = b_fraction;
	if (a == b)
		out[0] = out[1] = a_fraction > b_fraction ? a_fraction : b_fraction;
}

static enum tally_status state_numbers(struct tally_comparison *c, struct tally_invariant *v,
                                       const struct tally_total *a, const struct tally_total *b,
                                       enum tally_marks marks, bool whole, struct tally_err *err)
{
	const struct tally_total *x = a ? a : b, *y = b ? b : a;
	uint32_t sum[2], least[2], most[2];

	if (!x)
		return TALLY_OK;
	fit(sum, 0, x->fraction, 0, y->fraction);
	fit(least, x->least, x->least_fraction, y->least, y->least_fraction);
	fit(most, x->most, x->most_fraction, y->most, y->most_fraction);
	if (a) {
		v->sum_before = wide_text(c, true, a->total, sum[0], marks);
		v->min_before = wide_text(c, whole && a->numbers, a->least, least[0], marks);
		v->max_before = wide_text(c, whole && a->numbers, a->most, most[0], marks);
	}
	if (b) {
		v->sum = wide_text(c, true, b->total, sum[1], marks);
		v->min = wide_text(c, whole && b->numbers, b->least, least[1], marks);
		v->max = wide_text(c, whole && b->numbers, b->most, most[1], marks);
	}
	if (!v->sum_before || !v->sum || !v->min_before || !v->min || !v->max_before || !v->max)
		return tally_err_nomem(err);
	return TALLY_OK;
}

static bool same_numbers(const struct tally_total *a, const struct tally_total *b, bool whole)
{
	if (!a || !b)
		return !a == !b;
	return a->total == b->total && (!whole || (a->least == b->least && a->most == b->most));
}

enum { YEAR_DIGITS = 4 };

/* Years and codes by their column's name, as which nobody adds them up. */
static bool is_named_code(const struct tally_sum *s, const char *name)
{
	return tally_names_a_code(name) ||
	       (!s->uneven && s->digits == YEAR_DIGITS && tally_names_a_year(name));
}

/* Nobody adds up what rows are known by. */
static bool adds_up(const struct tally_comparison *c, uint32_t pair)
{
	for (uint32_t k = 0; k < c->key_count; k++)
		if (c->key[k] == pair)
			return false;
	return true;
}

/* The marks to write sums with: one pair for both sides, so that equal sums are equal texts. */
static enum tally_marks written_marks(const struct tally_sum *b, const enum tally_marks marks[2])
{
	bool proven = b->proofs[TALLY_MARKS_POINT] || b->proofs[TALLY_MARKS_COMMA];

	return proven ? marks[1] : marks[0];
}

/* Is what cannot be added up, or what stands beside it, other than before? */
static bool hides_a_change(const struct tally_sum *a, const struct tally_sum *b,
                           const uint64_t large[2])
{
	return (large[0] || large[1]) &&
	       (large[0] != large[1] ||
	        a->as[TALLY_MARKS_POINT].total != b->as[TALLY_MARKS_POINT].total);
}

/* @from  the pair whose before column has the heading, otherwise @pair itself */
static enum tally_status state(struct tally_comparison *c, uint32_t from, uint32_t pair,
                               const struct tally_sum *a, const struct tally_sum *b,
                               const uint64_t distinct[2], bool whole, struct tally_err *err)
{
	struct tally_invariant *v = &c->d->invariants[c->d->invariants_len];
	const struct tally_total *x = NULL, *y = NULL;
	enum tally_marks marks[2];
	uint64_t large[2] = { 0, 0 };

	if (a->missing || b->missing)
		return TALLY_OK;
	settle_marks(a, b, marks);
	if (marks[0] != TALLY_MARKS && marks[1] != TALLY_MARKS && adds_up(c, from) &&
	    adds_up(c, pair) && !tally_sum_is_identifier(a) && !tally_sum_is_identifier(b) &&
	    !is_named_code(a, c->d->names_before[c->pairs[from].before]) &&
	    !is_named_code(b, c->d->names[c->pairs[pair].after])) {
		bool sum[2] = { has_sum(a, marks[0]), has_sum(b, marks[1]) };
		bool any = c->typed && (sum[0] || sum[1]); /* texts of the other side add nothing */

		large[0] = keeps_from_sum(a, marks[0]);
		large[1] = keeps_from_sum(b, marks[1]);
		whole &= !large[0] && !large[1];
		x = sum[0] || (any && a->count && can_sum(a, marks[0])) ? &a->as[marks[0]] : NULL;
		y = sum[1] || (any && b->count && can_sum(b, marks[1])) ? &b->as[marks[1]] : NULL;
	}
	if (a->count == b->count && a->empty == b->empty && distinct[0] == distinct[1] &&
	    same_numbers(x, y, whole) && !hides_a_change(a, b, large))
		return TALLY_OK;
	*v = (struct tally_invariant){
		.column = c->pairs[pair].after,
		.column_before = c->pairs[from].before,
		.count_before = a->count,
		.count = b->count,
		.too_large_before = large[0],
		.too_large = large[1],
		.empty_before = a->empty,
		.empty = b->empty,
		.distinct_before = distinct[0],
		.distinct = distinct[1],
		.sum_before = "",
		.sum = "",
		.min_before = "",
		.min = "",
		.max_before = "",
		.max = "",
	};
	c->d->invariants_len++;
	return state_numbers(c, v, x, y, written_marks(b, marks), whole, err);
}

static enum tally_status state_all(struct sums_job *job, struct tally_sum *sums[2],
                                   uint64_t *distinct[2], bool whole, const uint32_t *place,
                                   struct tally_err *err)
{
	struct tally_comparison *c = job->c;
	enum tally_status st = TALLY_OK;

	c->marks = tally_alloc(c->pair_count * sizeof *c->marks);
	if (!c->marks)
		return tally_err_nomem(err);
	memset(c->marks, TALLY_MARKS, c->pair_count * sizeof *c->marks);
	c->d->invariants = tally_arena_zero(&c->d->arena, job->count, sizeof *c->d->invariants);
	if (!c->d->invariants)
		return tally_err_nomem(err);
	for (uint32_t k = 0; st == TALLY_OK && k < c->base_pairs; k++) {
		uint32_t from = job->headings[k], n = place[k], m = place[from];
		uint64_t both[2] = { UINT64_MAX, UINT64_MAX };

		if (n == UINT32_MAX || m == UINT32_MAX)
			continue;
		for (int side = 0; whole && side < 2; side++)
			both[side] = distinct[side][side ? n : m];
		learn_marks(&sums[0][n], &sums[1][n], c->marks[k]);
		st = state(c, from, k, &sums[0][m], &sums[1][n], both, whole, err);
	}
	return st;
}

enum tally_status tally_compare_invariants(struct tally_comparison *c, struct tally_err *err)
{
	const struct tally_table_rows *rows = &c->d->rows;
	bool whole = rows->before <= TALLY_LARGE_ROWS && rows->after <= TALLY_LARGE_ROWS;
	uint32_t *columns = tally_alloc((c->pair_count + (size_t)1) * sizeof *columns);
	uint32_t *place = tally_alloc((c->pair_count + (size_t)1) * sizeof *place);
	uint32_t *headings = find_headings(c);
	struct sums_job job = { .c = c, .columns = columns, .headings = headings };
	struct tally_sum *sums[2] = { NULL, NULL };
	uint64_t *distinct[2] = { NULL, NULL };
	enum tally_status st = columns && place && headings ? TALLY_OK : tally_err_nomem(err);

	if (st == TALLY_OK)
		job.count = choose(c, headings, columns, place);
	for (int side = 0; st == TALLY_OK && side < 2; side++) {
		sums[side] = tally_alloc_zero(job.count, sizeof *sums[side]);
		distinct[side] = tally_alloc_zero(job.count, sizeof *distinct[side]);
		if (!sums[side] || !distinct[side])
			st = tally_err_nomem(err);
	}
	if (st == TALLY_OK && job.count && whole)
		st = sum_sides(&job, sums, distinct, err);
	else if (st == TALLY_OK && job.count)
		st = sum_large(&job, sums, place, err);
	if (st == TALLY_OK && job.count)
		st = state_all(&job, sums, distinct, whole, place, err);
	for (int side = 0; side < 2; side++) {
		tally_free(sums[side]);
		tally_free(distinct[side]);
	}
	tally_free(columns);
	tally_free(place);
	tally_free(headings);
	return st;
}
