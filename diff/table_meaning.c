/* Keys by what they mean: the same date, gene name or number, however it is written. */
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/mem.h"
#include "core/ascii.h"
#include "diff/table_work.h"

enum { SAMPLE_ROWS = 1000 };

/* What the sample says about a key column's side. */
struct hints {
	uint32_t day_first, month_first, full_dates, month_days;
	struct tally_sum sum;
};

static void look_at(struct hints *h, const struct tally_cell *cell)
{
	struct tally_span text = tally_span_trim(tally_cell_span(cell));
	struct tally_date dates[2];
	struct tally_month_day days[2];
	size_t n = tally_date_parse(dates, text, false);

	if (!n)
		tally_sum_cell(&h->sum, cell, TALLY_SUM_GLANCE);
	h->full_dates += n > 0;
	h->day_first += n == 1 && dates[0].order == TALLY_DATE_DAY_FIRST;
	h->month_first += n == 1 && dates[0].order == TALLY_DATE_MONTH_FIRST;
	h->month_days += !n && tally_month_day_parse(days, text) == 1;
}

static enum tally_status learn_side(struct tally_comparison *c, int side, struct hints *hints,
                                    struct tally_err *err)
{
	const struct tally_table_side *s = &c->side[side];
	uint32_t all = s->rows - s->preamble, most = all < SAMPLE_ROWS ? all : SAMPLE_ROWS;
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, s, err);

	for (uint32_t i = 0; st == TALLY_OK && i < most; i++) {
		st = tally_row_read(&r, s->preamble + (uint32_t)((uint64_t)i * all / most), err);
		for (uint32_t k = 0; st == TALLY_OK && k < c->base_pairs; k++)
			look_at(&hints[k],
			        tally_row_cell(&r, side ? c->pairs[k].after : c->pairs[k].before));
	}
	tally_row_reader_release(&r);
	return st;
}

static void settle(struct tally_meaning *m, const struct hints *const h[2])
{
	for (int side = 0; side < 2; side++) {
		m->order[side] = h[side]->day_first > h[side]->month_first   ? TALLY_DATE_DAY_FIRST
		                 : h[side]->month_first > h[side]->day_first ? TALLY_DATE_MONTH_FIRST
		                                                             : TALLY_DATE_SURE;
		m->marks[side] = (uint8_t)tally_sum_marks(&h[side]->sum);
		m->telling |= h[side]->sum.proofs[TALLY_MARKS_COMMA] > 0;
	}
	m->telling |= h[0]->full_dates && h[1]->full_dates;
	/* SEPT2 on one side, and on the other a date whose year nobody wrote */
	m->month_days = h[0]->month_days && !h[0]->full_dates;
}

enum tally_status tally_learn_meanings(struct tally_comparison *c, struct tally_err *err)
{
	struct hints *hints;
	enum tally_status st = TALLY_OK;

	if (c->meanings)
		return TALLY_OK;
	c->meanings = tally_alloc_zero(c->base_pairs, sizeof *c->meanings);
	hints = tally_alloc_zero(2 * (size_t)c->base_pairs, sizeof *hints);
	if (!c->meanings || !hints)
		st = tally_err_nomem(err);
	for (int side = 0; st == TALLY_OK && side < 2; side++)
		st = learn_side(c, side, hints + (size_t)side * c->base_pairs, err);
	for (uint32_t k = 0; st == TALLY_OK && k < c->base_pairs; k++) {
		const struct hints *h[2] = { &hints[k], &hints[c->base_pairs + k] };

		settle(&c->meanings[k], h);
	}
	tally_free(hints);
	return st;
}

static uint64_t hash_of(uint64_t kind, int64_t value)
{
	uint64_t h = tally_hash_mix(kind * UINT64_C(0xD6E8FEB86659FD93), (uint64_t)value);

	return h ? h : 1;
}

/* 0: no date, or one that may be two */
static uint64_t date_hash(struct tally_span text, enum tally_date_order order, bool month_days)
{
	struct tally_date dates[2];
	size_t n = tally_date_parse(dates, text, false), at = 0;
	int month, day;

	while (at < n && n > 1 && dates[at].order != order)
		at++;
	if (at == n)
		return 0;
	tally_date_civil(&dates[at], &month, &day);
	if (month_days)
		return hash_of(2, month * 100 + day);
	return hash_of(1, dates[at].day * INT64_C(86400) +
	                          (dates[at].seconds > 0 ? dates[at].seconds : 0));
}

/*
 * A number, however it is written: whole ones as they are without marks; 0: no number.
 * @marks  what one that may be two is; TALLY_MARKS: a whole one where @whole, otherwise it is no number
 */
static uint64_t number_hash(struct tally_span text, enum tally_marks marks, bool whole)
{
	struct tally_number number;
	char plain[TALLY_WIDE_TEXT];
	struct tally_cell cell = { .value = plain };
	int m = TALLY_MARKS_POINT;

	if (!text.len || (!tally_is_digit(text.at[0]) && !memchr("+-.,", text.at[0], 4)) ||
	    !tally_number_parse(&number, text))
		return 0;
	if (!number.reads[TALLY_MARKS_POINT])
		m = TALLY_MARKS_COMMA;
	else if (number.reads[TALLY_MARKS_COMMA] && number.value[0] != number.value[1])
		m = marks;
	if (m == TALLY_MARKS && whole)
		m = number.fraction[TALLY_MARKS_POINT] ? TALLY_MARKS_COMMA : TALLY_MARKS_POINT;
	if (m == TALLY_MARKS)
		return 0;
	if (number.fraction[m])
		return hash_of(3, (int64_t)number.value[m] ^ (int64_t)(number.value[m] >> 64));
	tally_wide_text(plain, number.value[m], 0);
	cell.value_len = (uint32_t)strcspn(plain, ".");
	return tally_cell_loose_hash(&cell);
}

enum { DATE_LEAST = 8, DATE_MOST = 20 /* bytes; of a date that needs no column to be known */ };

uint64_t tally_cell_sure_hash(const struct tally_cell *cell)
{
	struct tally_span text = tally_span_trim(tally_cell_span(cell));
	uint64_t h = number_hash(text, TALLY_MARKS, false);

	if (!h && text.len >= DATE_LEAST && text.len <= DATE_MOST && tally_is_digit(text.at[0]))
		h = date_hash(text, TALLY_DATE_SURE, false);
	return h ? h : tally_cell_loose_hash(cell);
}

uint64_t tally_cell_meant_hash(const struct tally_comparison *c, uint32_t pair, int side,
                               const struct tally_cell *cell)
{
	struct tally_span text = tally_span_trim(tally_cell_span(cell));
	const struct tally_meaning *m = &c->meanings[pair];
	struct tally_month_day days[2];
	uint64_t h = date_hash(text, (enum tally_date_order)m->order[side], m->month_days);

	if (!h && tally_month_day_parse(days, text) == 1)
		h = hash_of(2, days[0].month * 100 + days[0].day);
	if (!h)
		h = number_hash(text, (enum tally_marks)m->marks[side], true);
	return h ? h : tally_cell_loose_hash(cell);
}
