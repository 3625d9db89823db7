/* Rows deleted, added and moved; and whether all of them were sorted or shuffled. */
#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/mem.h"
#include "diff/align.h"
#include "core/parallel.h"
#include "diff/table_work.h"

enum {
	MANY_MOVED = 300, /* thousandths of the paired rows from which it is a reordering */
	SOME_MOVED = 100, /* when a column explains it */
	BLOCKS_LEAST = 3, /* fewer blocks are moves */
	SAMPLE = 512,     /* rows that must be in order before all are looked at */
	KEPT_TEXT = 256,  /* bytes of a cell that are compared for order */
	SORT_COLUMNS = 256,
};

/* ---- is the table sorted by a column? ---- */

/* Ways to be sorted, as bits: what is compared, in which direction, where empty cells are. */
enum { AS_NUMBER, AS_COMMA, AS_DATE, AS_TEXT, AS_FOLDED, SORT_KINDS };

static uint32_t way(int kind, bool descending, bool empty_last)
{
	return (uint32_t)(1U << (kind * 4 + descending * 2 + empty_last));
}

/* What is compared of a cell, kept while the next one is read. */
struct sort_value {
	bool blank, date;
	struct tally_number number; /* written with a point, with a comma */
	int64_t moment;
	char text[KEPT_TEXT], folded[KEPT_TEXT];
	size_t len;
};

static void take_value(struct sort_value *v, const struct tally_cell *cell)
{
	struct tally_span text = tally_span_trim(tally_cell_span(cell));
	struct tally_date dates[2];

	v->blank = !text.len;
	tally_number_parse(&v->number, text);
	v->date = tally_date_parse(dates, text, false) > 0;
	if (v->date)
		v->moment = dates[0].day * INT64_C(86400) +
		            (dates[0].seconds > 0 ? dates[0].seconds : 0);
	v->len = text.len < KEPT_TEXT ? text.len : KEPT_TEXT;
	memcpy(v->text, text.at, v->len);
	for (size_t i = 0; i < v->len; i++)
		v->folded[i] = tally_lower(v->text[i]);
}

static int compare_text(const char *a, size_t na, const char *b, size_t nb)
{
	int order = memcmp(a, b, na < nb ? na : nb);

	return order ? order : (na > nb) - (na < nb);
}

/* Take the ways out in which b may not follow a. */
static uint32_t still_sorted(uint32_t ways, const struct sort_value *a, const struct sort_value *b,
                             bool *tie)
{
	*tie = true;
	if (a->blank || b->blank) {
		if (a->blank != b->blank)
			for (int kind = 0; kind < SORT_KINDS; kind++)
				for (int down = 0; down < 2; down++)
					ways &= ~way(kind, down, a->blank);
		return ways;
	}
	for (int kind = 0; kind < SORT_KINDS; kind++) {
		bool numbers = kind == AS_NUMBER || kind == AS_COMMA;
		int marks = kind == AS_COMMA ? TALLY_MARKS_COMMA : TALLY_MARKS_POINT;
		bool comparable = numbers ? a->number.reads[marks] && b->number.reads[marks]
		                  : kind == AS_DATE ? a->date && b->date
		                                    : true;
		int order = 0;

		if (!(ways & (way(kind, false, false) | way(kind, false, true) |
		              way(kind, true, false) | way(kind, true, true))))
			continue;
		if (comparable && numbers)
			order = (a->number.value[marks] > b->number.value[marks]) -
			        (a->number.value[marks] < b->number.value[marks]);
		else if (comparable && kind == AS_DATE)
			order = (a->moment > b->moment) - (a->moment < b->moment);
		else if (kind == AS_TEXT)
			order = compare_text(a->text, a->len, b->text, b->len);
		else if (kind == AS_FOLDED)
			order = compare_text(a->folded, a->len, b->folded, b->len);
		*tie &= order == 0;
		for (int last = 0; last < 2; last++) {
			if (!comparable || order > 0)
				ways &= ~way(kind, false, last);
			if (!comparable || order < 0)
				ways &= ~way(kind, true, last);
		}
	}
	return ways;
}

struct sort_job {
	const struct tally_comparison *c;
	const uint32_t *rows; /* of the side, paired ones, in its order */
	size_t count;
	int side;
	uint32_t columns;       /* column pairs looked at */
	const uint32_t *wanted; /* by column */
	uint32_t *left;         /* by chunk and column */
	uint64_t *ties;
};

static enum tally_status check_chunk(void *payload, size_t index, struct tally_err *err)
{
	const struct sort_job *job = payload;
	const struct tally_comparison *c = job->c;
	size_t from = index * TALLY_CHUNK,
	       to = from + TALLY_CHUNK < job->count ? from + TALLY_CHUNK : job->count;
	uint32_t *left = job->left + index * job->columns;
	uint64_t *ties = job->ties + index * job->columns;
	struct sort_value *values = tally_alloc(2 * (size_t)job->columns * sizeof *values);
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, &c->side[job->side], err);
	bool any = true, first = true;

	if (!values)
		st = tally_err_nomem(err);
	memcpy(left, job->wanted, job->columns * sizeof *left);
	from -= from > 0; /* the last row of the chunk before */
	for (size_t i = from; st == TALLY_OK && any && i < to; i++, first = false) {
		size_t now = (i - from) & 1;

		st = tally_row_read(&r, job->rows[i], err);
		any = false;
		for (uint32_t k = 0; st == TALLY_OK && k < job->columns; k++) {
			struct sort_value *v = &values[now * job->columns + k];
			bool tie;

			if (!left[k])
				continue;
			take_value(v, tally_row_cell(&r, job->side ? c->pairs[k].after
			                                           : c->pairs[k].before));
			if (!first) {
				left[k] = still_sorted(
					left[k], &values[(1 - now) * job->columns + k], v, &tie);
				ties[k] += tie;
			}
			any |= left[k] != 0;
		}
	}
	tally_free(values);
	tally_row_reader_release(&r);
	return st;
}

/* Which of the wanted ways hold for a side's rows. @out by column */
static enum tally_status check_sorted(struct sort_job *job, uint32_t *out, uint64_t *ties,
                                      struct tally_err *err)
{
	size_t chunks = (job->count + TALLY_CHUNK - 1) / TALLY_CHUNK;
	enum tally_status st = TALLY_OK;

	job->left = tally_alloc_zero(chunks * job->columns, sizeof *job->left);
	job->ties = tally_alloc_zero(chunks * job->columns, sizeof *job->ties);
	if (!job->left || !job->ties)
		st = tally_err_nomem(err);
	if (st == TALLY_OK)
		st = tally_parallel(job->c->threads, chunks, check_chunk, job, err);
	for (uint32_t k = 0; st == TALLY_OK && k < job->columns; k++) {
		uint32_t ways = job->wanted[k];

		ties[k] = 0;
		for (size_t i = 0; i < chunks; i++) {
			ways &= job->left[i * job->columns + k];
			ties[k] += job->ties[i * job->columns + k];
		}
		out[k] = ways;
	}
	tally_free(job->left);
	tally_free(job->ties);
	return st;
}

/* Rows that are paired, in the order of a side. */
static uint32_t *paired_rows(const struct tally_comparison *c, int side, size_t *count)
{
	const struct tally_table_side *s = &c->side[side];
	uint32_t *rows = tally_alloc(s->rows * sizeof *rows);

	*count = 0;
	for (uint32_t i = s->preamble; rows && i < s->rows; i++)
		if (s->pair[i] != TALLY_NO_PAIR)
			rows[(*count)++] = i;
	return rows;
}

/* The first rows must be in order already; they tell a shuffled table at once. */
static enum tally_status check_side(const struct tally_comparison *c, int side, uint32_t columns,
                                    const uint32_t *wanted, uint32_t *out, uint64_t *ties,
                                    struct tally_err *err)
{
	struct sort_job job = { .c = c, .side = side, .columns = columns, .wanted = wanted };
	uint32_t *rows = paired_rows(c, side, &job.count);
	size_t all = job.count;
	enum tally_status st = rows ? TALLY_OK : tally_err_nomem(err);

	job.rows = rows;
	if (st == TALLY_OK && all > SAMPLE) {
		job.count = SAMPLE;
		st = check_sorted(&job, out, ties, err);
		job.wanted = out;
		job.count = all;
	}
	if (st == TALLY_OK)
		st = check_sorted(&job, out, ties, err);
	tally_free(rows);
	return st;
}

static void choose_column(struct tally_comparison *c, uint32_t columns, const uint32_t *after,
                          const uint32_t *before, const uint64_t *ties)
{
	struct tally_reordering *r = &c->d->reordering;
	uint32_t best = UINT32_MAX;
	uint32_t ways;

	for (uint32_t k = 0; k < columns; k++)
		if ((after[k] & ~before[k]) && (best == UINT32_MAX || ties[k] < ties[best]))
			best = k;
	if (best == UINT32_MAX)
		return;
	ways = (after[best] & ~before[best]);
	r->sorted = true;
	r->column = c->pairs[best].after;
	for (int kind = 0; kind < SORT_KINDS; kind++) {
		if (!(ways >> (kind * 4) & 15))
			continue;
		r->descending = !(ways & (way(kind, false, false) | way(kind, false, true)));
		return;
	}
}

static enum tally_status find_sorting(struct tally_comparison *c, struct tally_err *err)
{
	uint32_t columns = c->base_pairs < SORT_COLUMNS ? c->base_pairs : SORT_COLUMNS;
	uint32_t *ways = tally_alloc_zero(3 * (size_t)columns, sizeof *ways);
	uint64_t *ties = tally_alloc_zero(2 * (size_t)columns, sizeof *ties);
	enum tally_status st = ways && ties ? TALLY_OK : tally_err_nomem(err);
	uint32_t *all = ways, *after = ways + columns, *before = ways + 2 * (size_t)columns;

	if (st == TALLY_OK) {
		for (uint32_t k = 0; k < columns; k++)
			all[k] = (UINT32_C(1) << (SORT_KINDS * 4)) - 1;
		st = check_side(c, 1, columns, all, after, ties, err);
	}
	if (st == TALLY_OK)
		st = check_side(c, 0, columns, after, before, ties + columns, err);
	if (st == TALLY_OK)
		choose_column(c, columns, after, before, ties);
	tally_free(ways);
	tally_free(ties);
	return st;
}

/* ---- moves ---- */

/* Rows that stand together on both sides. */
struct stretch {
	uint32_t before, after, count;
};

enum {
	STRETCH_ROWS = 4, /* rows of an average stretch from which chaining them is the shorter way */
};

/* @return TALLY_END when they are too many */
static enum tally_status find_stretches(const struct tally_comparison *c, struct stretch **out,
                                        size_t *count, struct tally_err *err)
{
	const struct tally_table_side *b = &c->side[1];
	size_t cap = 0;

	*out = NULL;
	*count = 0;
	for (uint32_t j = 0; j < b->rows; j++) {
		struct stretch *last = *count ? &(*out)[*count - 1] : NULL;

		if (b->pair[j] == TALLY_NO_PAIR)
			continue;
		if (last && last->after + last->count == j &&
		    last->before + last->count == b->pair[j]) {
			last->count++;
			continue;
		}
		if ((*count + 1) * STRETCH_ROWS > b->rows)
			return TALLY_END;
		if (!tally_grow(out, &cap, *count, sizeof **out))
			return tally_err_nomem(err);
		(*out)[(*count)++] = (struct stretch){ b->pair[j], j, 1 };
	}
	return TALLY_OK;
}

static int by_before(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The heaviest chain that ends below each rank: a tree of maxima (P. M. Fenwick, 1994). */
struct chain {
	uint64_t weight;
	uint32_t last; /* stretch, TALLY_NO_PAIR: none */
};

static struct chain heaviest_below(const struct chain *tree, size_t rank)
{
	struct chain best = { 0, TALLY_NO_PAIR };

	for (; rank > 0; rank &= rank - 1)
		if (tree[rank].weight > best.weight)
			best = tree[rank];
	return best;
}

/*
 * A stretch is in the longest rising run as a whole or not at all, since no other row's place lies inside of it. So few
 * stretches of many rows are chained by weight.
 */
static enum tally_status keep_heaviest(const struct stretch *s, size_t count, uint8_t *kept,
                                       struct tally_err *err)
{
	uint64_t *order = tally_alloc(count * sizeof *order);
	uint32_t *rank = tally_alloc(count * sizeof *rank),
		 *before = tally_alloc(count * sizeof *before);
	struct chain *tree = tally_alloc_zero(count + 1, sizeof *tree), best = { 0, TALLY_NO_PAIR };
	enum tally_status st = order && rank && before && tree ? TALLY_OK : tally_err_nomem(err);

	for (size_t i = 0; st == TALLY_OK && i < count; i++)
		order[i] = (uint64_t)s[i].before << 32 | i;
	if (st == TALLY_OK && count)
		qsort(order, count, sizeof *order, by_before);
	for (size_t i = 0; st == TALLY_OK && i < count; i++)
		rank[(uint32_t)order[i]] = (uint32_t)i + 1;
	for (size_t i = 0; st == TALLY_OK && i < count; i++) {
		struct chain here = heaviest_below(tree, rank[i] - (size_t)1);

		before[i] = here.last;
		here = (struct chain){ here.weight + s[i].count, (uint32_t)i };
		for (size_t at = rank[i]; at <= count; at += at & (~at + 1))
			if (here.weight > tree[at].weight)
				tree[at] = here;
	}
	if (st == TALLY_OK)
		best = heaviest_below(tree, count);
	for (; best.last != TALLY_NO_PAIR; best.last = before[best.last])
		memset(kept + s[best.last].after, 1, s[best.last].count);
	tally_free(order);
	tally_free(rank);
	tally_free(before);
	tally_free(tree);
	return st;
}

/* Many short stretches: row by row, through piles. */
static enum tally_status keep_rising(const struct tally_table_side *b, uint8_t *kept,
                                     struct tally_err *err)
{
	uint32_t *befores = tally_alloc(b->rows * sizeof *befores);
	uint8_t *rising = tally_alloc(b->rows);
	enum tally_status st = befores && rising ? TALLY_OK : tally_err_nomem(err);
	size_t n = 0;

	for (uint32_t j = 0; st == TALLY_OK && j < b->rows; j++)
		if (b->pair[j] != TALLY_NO_PAIR)
			befores[n++] = b->pair[j];
	if (st == TALLY_OK)
		st = tally_longest_rising(befores, n, rising, err);
	n = 0;
	for (uint32_t j = 0; st == TALLY_OK && j < b->rows; j++)
		if (b->pair[j] != TALLY_NO_PAIR)
			kept[j] = rising[n++];
	tally_free(befores);
	tally_free(rising);
	return st;
}

enum tally_status tally_mark_kept(const struct tally_comparison *c, uint8_t *kept,
                                  struct tally_err *err)
{
	struct stretch *s = NULL;
	size_t count = 0;
	enum tally_status st = find_stretches(c, &s, &count, err);

	memset(kept, 0, c->side[1].rows);
	if (st == TALLY_OK)
		st = keep_heaviest(s, count, kept, err);
	else if (st == TALLY_END)
		st = keep_rising(&c->side[1], kept, err);
	tally_free(s);
	return st;
}

struct moves {
	struct tally_comparison *c;
	uint8_t *moved; /* by after row */
	uint64_t paired, rows, blocks;
};

static enum tally_status mark_moved(struct moves *m, struct tally_err *err)
{
	const struct tally_table_side *b = &m->c->side[1];
	enum tally_status st = tally_mark_kept(m->c, m->moved, err);

	for (uint32_t j = 0; st == TALLY_OK && j < b->rows; j++) {
		bool paired = b->pair[j] != TALLY_NO_PAIR;

		m->paired += paired;
		m->moved[j] = paired && !m->moved[j] && j >= b->preamble;
	}
	return st;
}

/* Rows of the moved block that begins with an after row. */
static uint32_t block_at(const struct moves *m, uint32_t row)
{
	const struct tally_table_side *b = &m->c->side[1];
	uint32_t n = 1;

	while (row + n < b->rows && m->moved[row + n] && b->pair[row + n] == b->pair[row] + n)
		n++;
	return n;
}

static void count_blocks(struct moves *m)
{
	uint32_t row = 0;

	while (row < m->c->side[1].rows) {
		uint32_t n = m->moved[row] ? block_at(m, row) : 1;

		m->blocks += m->moved[row];
		m->rows += m->moved[row] ? n : 0;
		row += n;
	}
}

static enum tally_status judge_order(struct moves *m, struct tally_err *err)
{
	struct tally_reordering *r = &m->c->d->reordering;
	enum tally_status st = TALLY_OK;

	if (m->blocks >= 2 && m->rows * 1000 >= m->paired * SOME_MOVED)
		st = find_sorting(m->c, err);
	r->found = r->sorted ||
	           (m->blocks >= BLOCKS_LEAST && m->rows * 1000 >= m->paired * MANY_MOVED);
	r->moved = r->found ? m->rows : 0;
	return st;
}

static void add_row(struct tally_table_diff *d, uint64_t most, int kind, uint64_t before,
                    uint64_t after, uint64_t count)
{
	struct tally_row_change *change;

	d->row_changes_total++;
	if (d->row_changes_len >= most)
		return;
	change = &d->row_changes[d->row_changes_len++];
	*change = (struct tally_row_change){ .row = after, .row_before = before, .count = count };
	change->kind = kind;
}

/* Is a row that came or went outside of the scope? It was counted then. */
static enum tally_status mark_last(struct moves *m, int side, uint32_t row, struct tally_err *err)
{
	struct tally_table_diff *d = m->c->d;
	enum tally_status st;
	int reason;

	if (!m->c->scope || d->row_changes_total != d->row_changes_len)
		return TALLY_OK;
	st = tally_scope_row_reason(m->c, side, row, false, &reason, err);
	d->row_changes[d->row_changes_len - 1].outside = reason != TALLY_OUTSIDE_OF_NOTHING;
	return st;
}

/* Rows that moved outside of the scope. */
static enum tally_status judge_moved(struct moves *m, uint32_t row, uint32_t n, bool *outside,
                                     struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (uint32_t j = row; m->c->scope && st == TALLY_OK && j < row + n; j++) {
		int reason;

		st = tally_scope_row_reason(m->c, 1, j, true, &reason, err);
		if (st < 0 || reason == TALLY_OUTSIDE_OF_NOTHING)
			continue;
		*outside = true;
		tally_scope_count_row(m->c, TALLY_OUTSIDE_ROWS_MOVED, reason,
		                      tally_side_row(&m->c->side[1], j),
		                      tally_side_row(&m->c->side[0], m->c->side[1].pair[j]));
	}
	return st;
}

/* Deleted rows first, so that no limit hides them; then added and moved ones. */
static enum tally_status list_rows(struct moves *m, uint64_t deleted, uint64_t added,
                                   struct tally_err *err)
{
	const struct tally_table_side *a = &m->c->side[0], *b = &m->c->side[1];
	struct tally_table_diff *d = m->c->d;
	enum tally_status st = TALLY_OK;
	uint64_t most = deleted + added + (d->reordering.found ? 0 : m->blocks);

	if (most > m->c->limits->table_details)
		most = m->c->limits->table_details;
	d->row_changes = tally_arena_zero(&d->arena, most, sizeof *d->row_changes);
	if (!d->row_changes)
		return tally_err_nomem(err);
	for (uint32_t i = a->preamble; st == TALLY_OK && i < a->rows; i++) {
		if (a->pair[i] != TALLY_NO_PAIR)
			continue;
		add_row(d, most, TALLY_ROW_DELETED, tally_side_row(a, i), TALLY_NO_ROW, 1);
		st = mark_last(m, 0, i, err);
	}
	for (uint32_t j = b->preamble; st == TALLY_OK && j < b->rows; j++) {
		if (b->pair[j] != TALLY_NO_PAIR)
			continue;
		add_row(d, most, TALLY_ROW_ADDED, TALLY_NO_ROW, tally_side_row(b, j), 1);
		st = mark_last(m, 1, j, err);
	}
	for (uint32_t j = 0; st == TALLY_OK && j < b->rows;) {
		uint32_t n = m->moved[j] ? block_at(m, j) : 1;
		bool outside = false;

		if (m->moved[j])
			st = judge_moved(m, j, n, &outside, err);
		if (m->moved[j] && !d->reordering.found) {
			add_row(d, most, TALLY_ROW_MOVED, tally_side_row(a, b->pair[j]),
			        tally_side_row(b, j), n);
			if (d->row_changes_total == d->row_changes_len)
				d->row_changes[d->row_changes_len - 1].outside = outside;
		}
		j += n;
	}
	return st;
}

enum tally_status tally_find_moves(struct tally_comparison *c, struct tally_err *err)
{
	struct moves m = { .c = c };
	struct tally_table_rows *rows = &c->d->rows;
	enum tally_status st;

	m.moved = tally_alloc_zero(c->side[1].rows, 1);
	st = m.moved ? mark_moved(&m, err) : tally_err_nomem(err);
	if (st == TALLY_OK) {
		count_blocks(&m);
		rows->moved = m.rows;
		st = judge_order(&m, err);
	}
	if (st == TALLY_OK)
		st = list_rows(&m, rows->deleted, rows->added, err);
	tally_free(m.moved);
	return st;
}
