/*
 * Rows that look like totals: on the before side they agree with the rows above them, or else with those below; do they still?
 * Both are gone through once in each direction: totals found on the way down are no rows on the way up.
 */
#include "diff/table_work.h"

#include <stdlib.h>
#include <string.h>

#include "core/decimal.h"
#include "core/mem.h"
#include "core/parallel.h"

enum {
	COLUMNS_MOST = 256, /* columns with numbers that are looked at */
	LABELS_MOST = 4096, /* rows that look like totals; in a table with more the word means something else */
};

/* ---- the rows that look like totals ---- */

struct label {
	uint32_t row;
	uint32_t pair; /* index into pairs: where the label stands */
	int word;
	uint64_t text;               /* hash */
	uint32_t other;              /* index of its label on the other side, TALLY_NO_PAIR: none */
	size_t agreed, agreed_count; /* its cells that agree: it is a total */
	bool up;                     /* of the rows below it */
};

struct side_totals {
	struct label *labels;
	size_t count, cap;
	bool too_many;
	struct tally_sum *sums; /* by column pair: tells its marks */
	enum tally_marks *marks;
};

/* Which of the sums above a row it agrees with. */
enum variant {
	ALL,        /* all rows that are no totals */
	SINCE_LAST, /* since the total before it */
	SINCE_SAME, /* since the total before it that has the same word */
	ALL_OTHER,  /* all rows that do not look like totals */
	VARIANTS
};

/* A cell of a total on the before side that agrees. */
struct agreed {
	uint32_t label, column; /* index into the labels, into columns */
	uint8_t variants;       /* bits */
	tally_wide sum;
};

struct totals {
	struct tally_comparison *c;
	struct side_totals side[2];
	uint32_t columns[COLUMNS_MOST]; /* index into pairs */
	uint32_t column_count;
	struct agreed *agreed;
	size_t agreed_count, agreed_cap;
	size_t found_cap;
	bool up; /* rows are gone through from the last to the first */
};

/* Going through the rows of a side in order, with its labels. */
struct way {
	const struct totals *t;
	int side;
	uint32_t row, left; /* rows that are left, this one included */
	size_t next;        /* label that comes next, from either end */
};

static struct way way_of(const struct totals *t, int side)
{
	const struct tally_table_side *s = &t->c->side[side];

	return (struct way){ .t = t,
		             .side = side,
		             .row = t->up ? s->rows - 1 : s->preamble,
		             .left = s->rows - s->preamble,
		             .next = t->up ? t->side[side].count : 0 };
}

/* The label of this row, NULL: it has none. */
static struct label *label_here(const struct way *w)
{
	const struct side_totals *s = &w->t->side[w->side];
	size_t at = w->t->up ? w->next - 1 : w->next;

	return at < s->count && s->labels[at].row == w->row ? &s->labels[at] : NULL;
}

static void step(struct way *w)
{
	bool label = label_here(w) != NULL;

	w->left--;
	w->row += w->t->up ? UINT32_MAX : 1; /* one up or down */
	if (label)
		w->next += w->t->up ? SIZE_MAX : 1;
}

/* Found to be a total on the way down: on the way up it is no row. */
static bool is_done(const struct way *w)
{
	return w->t->up && w->t->c->side[w->side].total[w->row];
}

static enum tally_status add_label(struct side_totals *s, uint32_t row, uint32_t pair, int word,
                                   uint64_t text, struct tally_err *err)
{
	if (!tally_grow(&s->labels, &s->cap, s->count, sizeof *s->labels))
		return tally_err_nomem(err);
	s->labels[s->count++] = (struct label){ row, pair, word, text, TALLY_NO_PAIR, 0, 0, false };
	return TALLY_OK;
}

/* A side's rows in chunks, each with labels of its own until they are joined. */
struct label_search {
	const struct totals *t;
	int side;
	struct side_totals *chunks;
};

/* Is there no need to look? A row of the same bytes on the before side had no label. */
static bool known_unlabelled(const struct label_search *search, uint32_t row)
{
	const struct side_totals *before = &search->t->side[0];
	size_t low = 0, high = before->count;
	uint32_t pair;

	if (!search->side || !tally_row_same(search->t->c, row))
		return false;
	pair = search->t->c->side[1].pair[row];
	if (pair < search->t->c->side[0].preamble) /* was not looked at */
		return false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (before->labels[middle].row < pair)
			low = middle + 1;
		else
			high = middle;
	}
	return low == before->count || before->labels[low].row != pair;
}

static enum tally_status find_label(const struct label_search *search, struct side_totals *out,
                                    const struct tally_row_reader *r, uint32_t row,
                                    uint64_t *others, struct tally_err *err)
{
	const struct tally_comparison *c = search->t->c;

	for (uint32_t k = 0; k < c->base_pairs; k++) {
		const struct tally_cell *cell = tally_row_cell(r, search->side ? c->pairs[k].after
		                                                               : c->pairs[k].before);
		int word = tally_total_word(cell, others);

		if (word >= 0)
			return add_label(out, row, k, word, tally_cell_hash(c, cell), err);
	}
	return TALLY_OK;
}

static enum tally_status find_labels_chunk(void *payload, size_t index, struct tally_err *err)
{
	const struct label_search *search = payload;
	const struct tally_table_side *s = &search->t->c->side[search->side];
	struct side_totals *out = &search->chunks[index];
	uint32_t row = (uint32_t)(index * TALLY_CHUNK),
		 end = s->rows - row > TALLY_CHUNK ? row + TALLY_CHUNK : s->rows;
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, s, err);
	uint64_t *others = tally_alloc_zero(TALLY_TOTAL_OTHERS, sizeof *others);

	if (st == TALLY_OK && !others)
		st = tally_err_nomem(err);
	for (row = row < s->preamble ? s->preamble : row;
	     st == TALLY_OK && row < end && out->count <= LABELS_MOST; row++) {
		if (known_unlabelled(search, row))
			continue;
		st = tally_row_read(&r, row, err);
		if (st == TALLY_OK)
			st = find_label(search, out, &r, row, others, err);
	}
	tally_row_reader_release(&r);
	tally_free(others);
	return st;
}

static enum tally_status join_labels(struct side_totals *to, const struct side_totals *from,
                                     struct tally_err *err)
{
	for (size_t i = 0; i < from->count && !to->too_many; i++) {
		if (to->count == LABELS_MOST) {
			to->too_many = true;
			break;
		}
		if (!tally_grow(&to->labels, &to->cap, to->count, sizeof *to->labels))
			return tally_err_nomem(err);
		to->labels[to->count++] = from->labels[i];
	}
	return TALLY_OK;
}

/* The before side first. */
static enum tally_status find_labels(struct totals *t, int side, struct tally_err *err)
{
	size_t chunks = ((size_t)t->c->side[side].rows + TALLY_CHUNK - 1) / TALLY_CHUNK;
	struct label_search search = { t, side, tally_alloc_zero(chunks + 1, sizeof *search.chunks) };
	enum tally_status st = TALLY_OK;

	if (!search.chunks)
		return tally_err_nomem(err);
	st = tally_parallel(t->c->threads, chunks, find_labels_chunk, &search, err);
	for (size_t i = 0; i < chunks; i++) {
		if (st == TALLY_OK)
			st = join_labels(&t->side[side], &search.chunks[i], err);
		tally_free(search.chunks[i].labels);
	}
	tally_free(search.chunks);
	return st;
}

static uint32_t column_of(const struct totals *t, int side, uint32_t n)
{
	const struct tally_column_pair *p = &t->c->pairs[t->columns[n]];

	return side ? p->after : p->before;
}

/* Which columns have numbers, and how those are written. */
static enum tally_status learn_marks(struct totals *t, int side, struct tally_err *err)
{
	const struct tally_table_side *s = &t->c->side[side];
	struct side_totals *out = &t->side[side];
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, s, err);

	out->sums = tally_alloc_zero(t->column_count, sizeof *out->sums);
	out->marks = tally_alloc_zero(t->column_count, sizeof *out->marks);
	if (st == TALLY_OK && (!out->sums || !out->marks))
		st = tally_err_nomem(err);
	for (uint32_t row = s->preamble; st == TALLY_OK && row < s->rows; row++) {
		st = tally_row_read(&r, row, err);
		for (uint32_t n = 0; st == TALLY_OK && n < t->column_count; n++)
			tally_sum_cell(&out->sums[n], tally_row_cell(&r, column_of(t, side, n)),
			               TALLY_SUM_GLANCE);
	}
	for (uint32_t n = 0; st == TALLY_OK && n < t->column_count; n++)
		out->marks[n] = tally_sum_marks(&out->sums[n]);
	tally_row_reader_release(&r);
	return st;
}

/* Columns that do not tell take the other side's marks; a number read wrongly on both sides is so by one factor. */
static void settle_marks(struct totals *t)
{
	for (uint32_t n = 0; n < t->column_count; n++) {
		enum tally_marks *a = &t->side[0].marks[n], *b = &t->side[1].marks[n];

		if (*a == TALLY_MARKS)
			*a = *b == TALLY_MARKS ? TALLY_MARKS_POINT : *b;
		if (*b == TALLY_MARKS)
			*b = *a;
	}
}

/* ---- adding up ---- */

/* Sums so far, by column. */
struct running {
	tally_wide *sum[VARIANTS]; /* ALL and ALL_OTHER run on, the others are what ALL was then */
	uint32_t *numbers[VARIANTS];
	tally_wide *same_sum; /* word × column: what ALL was */
	uint32_t *same_numbers;
	bool *broken; /* a sum did not fit */
	uint32_t columns;
};

static bool running_init(struct running *u, uint32_t columns)
{
	bool ok = true;

	*u = (struct running){ .columns = columns };
	for (int v = 0; v < VARIANTS; v++) {
		u->sum[v] = tally_alloc_zero(columns, sizeof *u->sum[v]);
		u->numbers[v] = tally_alloc_zero(columns, sizeof *u->numbers[v]);
		ok &= u->sum[v] && u->numbers[v];
	}
	u->same_sum = tally_alloc_zero((size_t)columns * TALLY_TOTAL_WORDS, sizeof *u->same_sum);
	u->same_numbers = tally_alloc_zero((size_t)columns * TALLY_TOTAL_WORDS,
	                                   sizeof *u->same_numbers);
	u->broken = tally_alloc_zero(columns, sizeof *u->broken);
	return ok && u->same_sum && u->same_numbers && u->broken;
}

static void running_release(struct running *u)
{
	for (int v = 0; v < VARIANTS; v++) {
		tally_free(u->sum[v]);
		tally_free(u->numbers[v]);
	}
	tally_free(u->same_sum);
	tally_free(u->same_numbers);
	tally_free(u->broken);
}

static void add_value(struct running *u, uint32_t n, tally_wide value, bool label)
{
	u->broken[n] |= __builtin_add_overflow(u->sum[ALL][n], value, &u->sum[ALL][n]);
	u->numbers[ALL][n]++;
	if (label)
		return;
	u->broken[n] |= __builtin_add_overflow(u->sum[ALL_OTHER][n], value, &u->sum[ALL_OTHER][n]);
	u->numbers[ALL_OTHER][n]++;
}

/* A total ends here: sums begin anew. */
static void end_group(const struct totals *t, struct running *u, int side, const struct label *l)
{
	int word = l->word;

	t->c->side[side].total[l->row] = 1;
	for (uint32_t n = 0; n < u->columns; n++) {
		size_t same = (size_t)word * u->columns + n;

		u->sum[SINCE_LAST][n] = u->same_sum[same] = u->sum[ALL][n];
		u->numbers[SINCE_LAST][n] = u->same_numbers[same] = u->numbers[ALL][n];
	}
}

static tally_wide sum_of(const struct running *u, enum variant v, uint32_t n, int word, bool *any)
{
	size_t same = (size_t)word * u->columns + n;
	uint32_t numbers = u->numbers[ALL][n];
	tally_wide sum = u->sum[ALL][n];

	if (v == ALL_OTHER) {
		numbers = u->numbers[v][n];
		sum = u->sum[v][n];
	} else if (v != ALL) {
		numbers -= v == SINCE_LAST ? u->numbers[v][n] : u->same_numbers[same];
		sum -= v == SINCE_LAST ? u->sum[v][n] : u->same_sum[same];
	}
	*any = numbers > 0;
	return sum;
}

/* Half a unit of the last digit shown is no difference. */
static bool agrees(tally_wide shown, uint32_t fraction, tally_wide sum)
{
	tally_wide differ = shown > sum ? shown - sum : sum - shown, unit = 0;

	if (fraction < TALLY_SUM_SCALE)
		unit = tally_powers_of_ten[TALLY_SUM_SCALE - fraction];
	return differ * 2 <= unit;
}

static uint8_t variants_of(const struct running *u, uint32_t n, int word, tally_wide shown,
                           uint32_t fraction)
{
	uint8_t bits = 0;

	for (int v = 0; v < VARIANTS && !u->broken[n]; v++) {
		bool any;
		tally_wide sum = sum_of(u, (enum variant)v, n, word, &any);

		if (any && agrees(shown, fraction, sum))
			bits |= (uint8_t)(1U << v);
	}
	return bits;
}

static bool number_at(const struct totals *t, int side, const struct tally_row_reader *r,
                      uint32_t n, tally_wide *value, uint32_t *fraction)
{
	enum tally_marks marks = t->side[side].marks[n];
	const struct tally_cell *cell = tally_row_cell(r, column_of(t, side, n));
	struct tally_number number;

	if (t->c->typed && cell->kind != TALLY_CELL_NUMBER)
		return false; /* no spreadsheet adds it */
	if (t->side[side].sums[n].too_large)
		return false; /* what the column adds up to is not known */
	if (!tally_cell_number(&number, cell) || !number.reads[marks])
		return false;
	*value = number.value[marks];
	*fraction = number.fraction[marks];
	return true;
}

/* ---- the before side: which rows are totals ---- */

static enum tally_status add_agreed(struct totals *t, const struct agreed *one, struct tally_err *err)
{
	if (!tally_grow(&t->agreed, &t->agreed_cap, t->agreed_count, sizeof *t->agreed))
		return tally_err_nomem(err);
	t->agreed[t->agreed_count++] = *one;
	return TALLY_OK;
}

static enum variant first_of(uint8_t bits)
{
	int v = 0;

	while (v < VARIANTS - 1 && !(bits >> v & 1))
		v++;
	return (enum variant)v;
}

static enum tally_status prove(struct totals *t, const struct running *u, struct label *l,
                               const struct tally_row_reader *r, struct tally_err *err)
{
	size_t label = (size_t)(l - t->side[0].labels);
	enum tally_status st = TALLY_OK;

	l->agreed = t->agreed_count;
	l->up = t->up;
	for (uint32_t n = 0; st == TALLY_OK && n < t->column_count; n++) {
		struct agreed one = { .label = (uint32_t)label, .column = n };
		uint32_t fraction;
		tally_wide shown;
		bool any;

		if (!number_at(t, 0, r, n, &shown, &fraction))
			continue;
		one.variants = variants_of(u, n, l->word, shown, fraction);
		if (!one.variants)
			continue;
		one.sum = sum_of(u, first_of(one.variants), n, l->word, &any);
		l->agreed_count++;
		st = add_agreed(t, &one, err);
	}
	return st;
}

static void add_row(const struct totals *t, int side, struct running *u,
                    const struct tally_row_reader *r, bool label)
{
	for (uint32_t n = 0; n < t->column_count; n++) {
		uint32_t fraction;
		tally_wide value;

		if (number_at(t, side, r, n, &value, &fraction))
			add_value(u, n, value, label);
	}
}

static enum tally_status look_before(struct totals *t, struct tally_err *err)
{
	struct running u;
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, &t->c->side[0], err);

	if (!running_init(&u, t->column_count))
		st = tally_err_nomem(err);
	for (struct way w = way_of(t, 0); st == TALLY_OK && w.left; step(&w)) {
		struct label *l = label_here(&w);

		if (is_done(&w))
			continue;
		st = tally_row_read(&r, w.row, err);
		if (st == TALLY_OK && l)
			st = prove(t, &u, l, &r, err);
		if (st == TALLY_OK && l && l->agreed_count)
			end_group(t, &u, 0, l);
		else if (st == TALLY_OK)
			add_row(t, 0, &u, &r, l != NULL);
	}
	running_release(&u);
	tally_row_reader_release(&r);
	return st;
}

/* ---- the after side: do they still agree? ---- */

/* The label of a total on the after side: of the row it is paired with, or of one without a pair that says the same. */
static void find_again(struct totals *t)
{
	const struct tally_comparison *c = t->c;
	struct side_totals *a = &t->side[0], *b = &t->side[1];

	for (size_t i = 0; i < a->count; i++) {
		struct label *l = &a->labels[i];
		uint32_t paired = c->side[0].pair[l->row];

		for (size_t j = 0; l->agreed_count && j < b->count && l->other == TALLY_NO_PAIR; j++) {
			struct label *m = &b->labels[j];
			bool same = paired != TALLY_NO_PAIR
			                    ? m->row == paired
			                    : c->side[1].pair[m->row] == TALLY_NO_PAIR &&
			                              m->text == l->text && m->pair == l->pair;

			if (!same || m->other != TALLY_NO_PAIR)
				continue;
			l->other = (uint32_t)j;
			m->other = (uint32_t)i;
		}
	}
}

static const char *total_text(struct totals *t, tally_wide value, uint32_t fraction,
                              enum tally_marks marks)
{
	char text[TALLY_WIDE_TEXT];

	tally_wide_text(text, value, fraction);
	for (char *p = text; marks == TALLY_MARKS_COMMA && *p; p++)
		*p = *p == '.' ? ',' : *p;
	return tally_arena_dup(&t->c->d->arena, text, strlen(text));
}

static const char *shown_text(struct totals *t, const struct tally_row_reader *r, uint32_t column)
{
	struct tally_span text = tally_span_trim(tally_cell_span(tally_row_cell(r, column)));

	return tally_arena_dup(&t->c->d->arena, text.at, text.len);
}

static enum tally_status report(struct totals *t, const struct agreed *one, tally_wide sum,
                                uint32_t fraction, const struct tally_row_reader r[2],
                                struct tally_err *err)
{
	const struct tally_comparison *c = t->c;
	struct tally_table_diff *d = c->d;
	const struct label *l = &t->side[0].labels[one->label];
	const struct tally_column_pair *p = &c->pairs[t->columns[one->column]];
	struct tally_total_row *out;

	if (d->total_rows_len == t->found_cap)
		return TALLY_OK;
	out = &d->total_rows[d->total_rows_len++];
	*out = (struct tally_total_row){
		.below = l->up,
		.row = tally_side_row(&c->side[1], t->side[1].labels[l->other].row),
		.row_before = tally_side_row(&c->side[0], l->row),
		.column = p->after,
		.column_before = p->before,
		.label = shown_text(t, &r[1], c->pairs[t->side[1].labels[l->other].pair].after),
		.shown_before = shown_text(t, &r[0], p->before),
		.shown = shown_text(t, &r[1], p->after),
		.sum_before = total_text(t, one->sum, fraction, t->side[0].marks[one->column]),
		.sum = total_text(t, sum, fraction, t->side[1].marks[one->column]),
	};
	return out->label && out->shown_before && out->shown && out->sum_before && out->sum
	               ? TALLY_OK
	               : tally_err_nomem(err);
}

/* @r  the total's row on both sides */
static enum tally_status check_one(struct totals *t, const struct running *u,
                                   const struct agreed *one, const struct tally_row_reader r[2],
                                   struct tally_err *err)
{
	int word = t->side[0].labels[one->label].word;
	uint32_t fraction;
	tally_wide shown;
	bool any;

	if (u->broken[one->column] || !number_at(t, 1, &r[1], one->column, &shown, &fraction) ||
	    variants_of(u, one->column, word, shown, fraction))
		return TALLY_OK;
	return report(t, one, sum_of(u, first_of(one->variants), one->column, word, &any), fraction,
	              r, err);
}

/* A label that is new on this side is a total when it agrees. */
static bool is_new_total(const struct totals *t, const struct running *u, const struct label *l,
                         const struct tally_row_reader *r)
{
	for (uint32_t n = 0; n < t->column_count; n++) {
		uint32_t fraction;
		tally_wide shown;

		if (number_at(t, 1, r, n, &shown, &fraction) &&
		    variants_of(u, n, l->word, shown, fraction))
			return true;
	}
	return false;
}

static enum tally_status check_label(struct totals *t, struct running *u, const struct label *l,
                                     struct tally_row_reader r[2], struct tally_err *err)
{
	const struct label *old;
	enum tally_status st;

	if (l->other == TALLY_NO_PAIR) {
		if (is_new_total(t, u, l, &r[1]))
			end_group(t, u, 1, l);
		else
			add_row(t, 1, u, &r[1], true);
		return TALLY_OK;
	}
	old = &t->side[0].labels[l->other];
	if (old->up != t->up) { /* of the rows on the other side of it */
		add_row(t, 1, u, &r[1], true);
		return TALLY_OK;
	}
	st = tally_row_read(&r[0], old->row, err);
	for (size_t i = 0; st == TALLY_OK && i < old->agreed_count; i++)
		st = check_one(t, u, &t->agreed[old->agreed + i], r, err);
	end_group(t, u, 1, l);
	return st;
}

static enum tally_status look_after(struct totals *t, struct tally_err *err)
{
	struct running u;
	struct tally_row_reader r[2] = { { 0 }, { 0 } };
	enum tally_status st = tally_row_reader_init(&r[0], &t->c->side[0], err);

	if (st == TALLY_OK)
		st = tally_row_reader_init(&r[1], &t->c->side[1], err);
	if (!running_init(&u, t->column_count))
		st = tally_err_nomem(err);
	for (struct way w = way_of(t, 1); st == TALLY_OK && w.left; step(&w)) {
		const struct label *l = label_here(&w);

		if (is_done(&w))
			continue;
		st = tally_row_read(&r[1], w.row, err);
		if (st == TALLY_OK && l)
			st = check_label(t, &u, l, r, err);
		else if (st == TALLY_OK)
			add_row(t, 1, &u, &r[1], false);
	}
	running_release(&u);
	tally_row_reader_release(&r[0]);
	tally_row_reader_release(&r[1]);
	return st;
}

/* ---- the whole ---- */

static int by_place(const void *a, const void *b)
{
	const struct tally_total_row *x = a, *y = b;

	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	return (x->column > y->column) - (x->column < y->column);
}

static void sort_found(struct tally_table_diff *d)
{
	if (d->total_rows_len)
		qsort(d->total_rows, d->total_rows_len, sizeof *d->total_rows, by_place);
}

static enum tally_status check_totals(struct totals *t, struct tally_err *err)
{
	struct tally_comparison *c = t->c;
	enum tally_status st = TALLY_OK;

	for (int side = 0; side < 2; side++) {
		st = find_labels(t, side, err);
		if (st < 0 || t->side[side].too_many)
			return st;
	}
	if (!t->side[0].count && !t->side[1].count)
		return TALLY_OK;
	t->column_count = c->base_pairs < COLUMNS_MOST ? c->base_pairs : COLUMNS_MOST;
	for (uint32_t n = 0; n < t->column_count; n++)
		t->columns[n] = n;
	for (int side = 0; st == TALLY_OK && side < 2; side++)
		st = learn_marks(t, side, err);
	for (int side = 0; st == TALLY_OK && side < 2; side++) {
		struct tally_table_side *s = &c->side[side];

		s->total = tally_alloc_zero(s->rows, 1);
		if (!s->total)
			st = tally_err_nomem(err);
	}
	if (st < 0)
		return st;
	settle_marks(t);
	for (int way = 0; st == TALLY_OK && way < 2; way++) {
		t->up = way == 1;
		st = look_before(t, err);
	}
	if (st < 0)
		return st;
	t->found_cap = t->agreed_count;
	c->d->total_rows = tally_arena_zero(&c->d->arena, t->found_cap, sizeof *c->d->total_rows);
	if (!c->d->total_rows)
		return tally_err_nomem(err);
	find_again(t);
	for (int way = 0; st == TALLY_OK && way < 2; way++) {
		t->up = way == 1;
		st = look_after(t, err);
	}
	sort_found(c->d);
	return st;
}

/* A row that is a total on one side only (it was not computed on the other) is in no sum of either. */
static void match_pairs(const struct tally_comparison *c)
{
	uint8_t *before = c->side[0].total, *after = c->side[1].total;

	for (uint32_t row = 0; before && after && row < c->side[1].rows; row++) {
		uint32_t pair = c->side[1].pair[row];

		if (pair != TALLY_NO_PAIR)
			before[pair] = after[row] = before[pair] | after[row];
	}
}

enum tally_status tally_compare_totals(struct tally_comparison *c, struct tally_err *err)
{
	const struct tally_table_rows *rows = &c->d->rows;
	struct totals t = { .c = c };
	enum tally_status st;

	if ((!c->cell_count && !rows->deleted && !rows->added && !rows->moved) || !c->base_pairs ||
	    rows->before > TALLY_LARGE_ROWS || rows->after > TALLY_LARGE_ROWS)
		return TALLY_OK;
	st = check_totals(&t, err);
	match_pairs(c);
	for (int side = 0; side < 2; side++) {
		tally_free(t.side[side].labels);
		tally_free(t.side[side].sums);
		tally_free(t.side[side].marks);
	}
	tally_free(t.agreed);
	return st == TALLY_END ? TALLY_OK : st;
}
