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
	struct tally_sum *sums; /* by chunk and column */
	uint64_t *hashes;       /* by column and row, or NULL */
	size_t rows;            /* of a column's hashes */
	uint64_t *distinct;     /* by column */
};

static void add_number(struct tally_total *s, tally_wide value, uint32_t fraction)
{
	if (!s->numbers || value < s->least) {
		s->least = value;
		s->least_fraction = fraction;
	}
	if (!s->numbers || value > s->most) {
		s->most = value;
		s->most_fraction = fraction;
	}
	s->numbers++;
	s->unknown |= __builtin_add_overflow(s->total, value, &s->total);
	s->fraction = fraction > s->fraction ? fraction : s->fraction;
}

bool tally_cell_number(struct tally_number *out, const struct tally_cell *cell)
{
	bool number = tally_number_parse(out, tally_cell_span(cell));

	if (number && cell->kind == TALLY_CELL_NUMBER && out->reads[TALLY_MARKS_POINT] &&
	    out->fraction[TALLY_MARKS_POINT])
		out->reads[TALLY_MARKS_COMMA] = false;
	return number;
}

/* What a number says about the marks of its column: it is taken for certain (@step 1) or taken back (-1). */
static void weigh_marks(struct tally_sum *s, const struct tally_number *n, int step)
{
	uint64_t by = (uint64_t)(int64_t)step;

	for (int m = 0; m < TALLY_MARKS; m++)
		if (n->reads[m] && !n->reads[1 - m])
			s->proofs[m] += by;
	if (n->reads[0] && n->reads[1] && n->value[0] != n->value[1])
		s->unsure += by;
}

/* ---- identifiers: numbers that nobody adds up ---- */

enum {
	PLUS_LONG = 8,    /* bytes: a telephone number */
	EVEN_DIGITS = 5,  /* whole numbers with as many each are numbers of something, */
	EVEN_CELLS = 5,   /* where there are some of them, */
	EVEN_SURE = 8,    /* or of so many digits */
	ZEROS_TENTHS = 1, /* of a column of identifiers have leading zeros, at least */
};

/* What a number's looks say about its column: it is counted (@step 1) or taken back (-1). */
static void weigh_looks(struct tally_sum *s, struct tally_span text, int step)
{
	uint64_t by = (uint64_t)(int64_t)step;
	size_t digits = 0;

	if (text.at[0] == '+' && text.len >= PLUS_LONG)
		s->plus += by;
	if (text.len > 1 && text.at[0] == '0' && tally_is_digit(text.at[1]))
		s->zeros += by;
	if (text.len > 2 && !memcmp(text.at + text.len - 2, "00", 2))
		s->round += by;
	if (s->uneven)
		return;
	while (digits < text.len && tally_is_digit(text.at[digits]))
		digits++;
	s->uneven = digits < text.len || (s->digits && digits != s->digits);
	s->digits = (uint32_t)digits;
}

static void weigh_currency(struct tally_sum *s, uint8_t currency)
{
	s->currencies |= currency && s->currency && s->currency != currency;
	s->currency = s->currency ? s->currency : currency;
}

/* Amounts that happen to be equally long are round ones, half of them at least. */
static bool is_identifier(const struct tally_sum *s)
{
	uint64_t numbers = s->as[0].numbers > s->as[1].numbers ? s->as[0].numbers : s->as[1].numbers;

	if (!numbers)
		return false;
	if (s->zeros && !s->uneven)
		return true;
	if (s->plus * 2 >= numbers || (s->zeros && s->zeros * 10 >= numbers * ZEROS_TENTHS))
		return true;
	return !s->uneven && s->digits >= EVEN_DIGITS &&
	       (numbers >= EVEN_CELLS || s->digits >= EVEN_SURE) && s->round * 2 < numbers;
}

enum {
	GLANCE = 64, /* cells without a number among them after which a text column is known */
	MIXED = 10, /* so many numbers with the one marks for each with the others: the others are slips */
};

void tally_sum_cell(struct tally_sum *s, const struct tally_cell *cell, bool glance)
{
	struct tally_number n;

	if (tally_cell_missing(cell)) {
		s->missing++;
		return;
	}
	if (!cell->value_len) {
		s->empty++;
		return;
	}
	s->count++;
	if (glance && s->count > GLANCE && !s->as[0].numbers && !s->as[1].numbers) {
		s->text = true;
		return;
	}
	if (!tally_cell_number(&n, cell))
		return;
	weigh_marks(s, &n, 1);
	weigh_looks(s, tally_cell_span(cell), 1);
	weigh_currency(s, n.currency);
	for (int m = 0; m < TALLY_MARKS; m++)
		if (n.reads[m])
			add_number(&s->as[m], n.value[m], n.fraction[m]);
}

/* Take a cell away again; smallest, largest and the fraction cannot be. */
static void remove_cell(struct tally_sum *s, const struct tally_cell *cell)
{
	struct tally_number n;

	if (tally_cell_missing(cell)) {
		s->missing--;
		return;
	}
	if (!cell->value_len) {
		s->empty--;
		return;
	}
	s->count--;
	if (s->text || !tally_cell_number(&n, cell))
		return;
	weigh_marks(s, &n, -1);
	weigh_looks(s, tally_cell_span(cell), -1);
	for (int m = 0; m < TALLY_MARKS; m++) {
		struct tally_total *t = &s->as[m];

		if (!n.reads[m])
			continue;
		t->numbers--;
		t->unknown |= __builtin_sub_overflow(t->total, n.value[m], &t->total);
	}
}

static void join_totals(struct tally_total *to, const struct tally_total *s)
{
	if (s->numbers && (!to->numbers || s->least < to->least)) {
		to->least = s->least;
		to->least_fraction = s->least_fraction;
	}
	if (s->numbers && (!to->numbers || s->most > to->most)) {
		to->most = s->most;
		to->most_fraction = s->most_fraction;
	}
	to->numbers += s->numbers;
	to->unknown |= s->unknown;
	to->unknown |= __builtin_add_overflow(to->total, s->total, &to->total);
	to->fraction = s->fraction > to->fraction ? s->fraction : to->fraction;
}

void tally_sum_join(struct tally_sum *to, const struct tally_sum *s)
{
	to->count += s->count;
	to->empty += s->empty;
	to->missing += s->missing;
	to->text |= s->text;
	to->unsure += s->unsure;
	to->zeros += s->zeros;
	to->plus += s->plus;
	to->round += s->round;
	to->currencies |= s->currencies;
	weigh_currency(to, s->currency);
	to->uneven |= s->uneven || (to->digits && s->digits && to->digits != s->digits);
	to->digits = to->digits ? to->digits : s->digits;
	for (int m = 0; m < TALLY_MARKS; m++) {
		to->proofs[m] += s->proofs[m];
		join_totals(&to->as[m], &s->as[m]);
	}
}

enum tally_marks tally_sum_marks(const struct tally_sum *s)
{
	uint64_t point = s->proofs[TALLY_MARKS_POINT], comma = s->proofs[TALLY_MARKS_COMMA];

	if (!point && !comma)
		return s->unsure ? TALLY_MARKS : TALLY_MARKS_POINT;
	if (point >= comma * MIXED)
		return TALLY_MARKS_POINT;
	return comma >= point * MIXED ? TALLY_MARKS_COMMA : TALLY_MARKS;
}

static uint32_t column_of(const struct sums_job *job, uint32_t n)
{
	const struct tally_column_pair *p = &job->c->pairs[job->columns[n]];

	return job->side ? p->after : p->before;
}

static enum tally_status sum_chunk(void *payload, size_t index, struct tally_err *err)
{
	const struct sums_job *job = payload;
	const struct tally_table_side *s = &job->c->side[job->side];
	struct tally_sum *sums = job->sums + index * job->count;
	uint32_t row = (uint32_t)(index * TALLY_CHUNK),
		 end = s->rows - row > TALLY_CHUNK ? row + TALLY_CHUNK : s->rows;
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, s, err);

	for (; st == TALLY_OK && row < end; row++) {
		bool left_out = row < s->preamble || (s->total && s->total[row]);

		st = left_out ? TALLY_OK : tally_row_read(&r, row, err);
		for (uint32_t n = 0; st == TALLY_OK && n < job->count; n++) {
			const struct tally_cell *cell = NULL;

			if (!left_out)
				cell = tally_row_cell(&r, column_of(job, n));
			if (cell)
				tally_sum_cell(&sums[n], cell, false);
			if (job->hashes)
				job->hashes[n * job->rows + row] = cell ? tally_cell_hash(job->c, cell)
				                                        : 0;
		}
	}
	tally_row_reader_release(&r);
	return st;
}

static enum tally_status count_distinct(void *payload, size_t column, struct tally_err *err)
{
	const struct sums_job *job = payload;
	const uint64_t *hashes = job->hashes + column * job->rows;
	size_t slots = 16, rows = job->c->side[job->side].rows;
	uint64_t *table;

	while (slots < rows * 2)
		slots *= 2;
	table = tally_alloc_zero(slots, sizeof *table);
	if (!table)
		return tally_err_nomem(err);
	for (size_t i = 0; i < rows; i++) {
		size_t at = (size_t)(hashes[i] * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (slots - 1);

		if (!hashes[i])
			continue;
		while (table[at] && table[at] != hashes[i])
			at = (at + 1) & (slots - 1);
		job->distinct[column] += !table[at];
		table[at] = hashes[i];
	}
	tally_free(table);
	return TALLY_OK;
}

/* Go through a side. @distinct  NULL: not wanted */
static enum tally_status sum_side(struct sums_job *job, struct tally_sum *out, uint64_t *distinct,
                                  struct tally_err *err)
{
	size_t rows = job->c->side[job->side].rows, chunks = (rows + TALLY_CHUNK - 1) / TALLY_CHUNK;
	enum tally_status st = TALLY_OK;

	job->rows = rows;
	job->distinct = distinct;
	job->sums = tally_alloc_zero(chunks * job->count, sizeof *job->sums);
	job->hashes = distinct ? tally_alloc(rows * job->count * sizeof *job->hashes) : NULL;
	if (!job->sums || (distinct && !job->hashes))
		st = tally_err_nomem(err);
	if (st == TALLY_OK)
		st = tally_parallel(job->c->threads, chunks, sum_chunk, job, err);
	if (st == TALLY_OK && distinct)
		st = tally_parallel(job->c->threads, job->count, count_distinct, job, err);
	for (size_t i = 0; st == TALLY_OK && i < chunks * job->count; i++)
		tally_sum_join(&out[i % job->count], &job->sums[i]);
	tally_free(job->sums);
	tally_free(job->hashes);
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
				tally_sum_cell(&sums[n], cell, false);
			else
				remove_cell(&sums[n], cell);
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
			tally_sum_cell(&sums[n], tally_row_cell(&r, column_of(job, n)), false);
		else if (st == TALLY_OK)
			remove_cell(&sums[n], tally_row_cell(&r, column_of(job, n)));
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

static bool has_sum(const struct tally_sum *s, enum tally_marks marks)
{
	const struct tally_total *t = &s->as[marks];

	return !s->text && !s->currencies && t->numbers &&
	       t->numbers * 1000 >= s->count * NUMERIC_SHARE && !t->unknown;
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
		v->min_before = wide_text(c, whole, a->least, least[0], marks);
		v->max_before = wide_text(c, whole, a->most, most[0], marks);
	}
	if (b) {
		v->sum = wide_text(c, true, b->total, sum[1], marks);
		v->min = wide_text(c, whole, b->least, least[1], marks);
		v->max = wide_text(c, whole, b->most, most[1], marks);
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

/* @from  the pair whose before column has the heading, otherwise @pair itself */
static enum tally_status state(struct tally_comparison *c, uint32_t from, uint32_t pair,
                               const struct tally_sum *a, const struct tally_sum *b,
                               const uint64_t distinct[2], bool whole, struct tally_err *err)
{
	struct tally_invariant *v = &c->d->invariants[c->d->invariants_len];
	const struct tally_total *x = NULL, *y = NULL;
	enum tally_marks marks[2];

	if (a->missing || b->missing)
		return TALLY_OK;
	settle_marks(a, b, marks);
	if (marks[0] != TALLY_MARKS && marks[1] != TALLY_MARKS && adds_up(c, from) &&
	    adds_up(c, pair) && !is_identifier(a) && !is_identifier(b) &&
	    !is_named_code(a, c->d->names_before[c->pairs[from].before]) &&
	    !is_named_code(b, c->d->names[c->pairs[pair].after])) {
		x = has_sum(a, marks[0]) ? &a->as[marks[0]] : NULL;
		y = has_sum(b, marks[1]) ? &b->as[marks[1]] : NULL;
	}
	if (a->count == b->count && a->empty == b->empty && distinct[0] == distinct[1] &&
	    same_numbers(x, y, whole))
		return TALLY_OK;
	*v = (struct tally_invariant){
		.column = c->pairs[pair].after,
		.column_before = c->pairs[from].before,
		.count_before = a->count,
		.count = b->count,
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
		for (job.side = 0; st == TALLY_OK && job.side < 2; job.side++)
			st = sum_side(&job, sums[job.side], distinct[job.side], err);
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
