/* Natures that only a column can settle: in which order dates are read, which marks numbers have, what all cells share. */
#include "diff/table_work.h"

#include <string.h>

#include "core/decimal.h"

enum {
	MOVED_LEAST = 3,    /* dates that moved by one and the same time */
	NUMBERED_LEAST = 3, /* cells of a running number */
	RISING_LEAST = 3,   /* cells of a progression */
	RISING_SHARE = 8,   /* tenths of its steps that are equal: rows may have gone in between */
};

/* ---- dates whose day and month may be either ---- */

static bool is_same_order(unsigned way)
{
	return way / 3 == TALLY_DATE_SURE || way % 3 == TALLY_DATE_SURE;
}

struct votes {
	uint64_t votes[9];
	bool proven[9];
};

/* A way that a date proves comes first, then the one that explains most. */
static bool is_better(const struct votes *v, unsigned way, unsigned best)
{
	if (best == 9 || v->proven[way] != v->proven[best])
		return best == 9 || v->proven[way];
	return v->votes[way] > v->votes[best];
}

/*
 * One way of reading must explain the column. A day and month that only changed places need a date that can be read in one
 * way only as a proof; otherwise the date itself changed.
 */
static unsigned choose_way(const struct votes *v)
{
	unsigned best = 9;

	for (unsigned way = 0; way < 9; way++)
		if (v->votes[way] && (is_same_order(way) || v->proven[way]) && is_better(v, way, best))
			best = way;
	for (unsigned way = 0; best != 9 && !v->proven[best] && way < 9; way++)
		if (way != best && v->votes[way] == v->votes[best] && is_same_order(way))
			return 9; /* two readings with as much for each: none is certain */
	return best;
}

static void settle_orders(const struct tally_column_cells *x)
{
	struct votes v = { .votes = { 0 } };
	unsigned best;

	for (size_t i = 0; i < x->count; i++) {
		const struct tally_cell_record *r = tally_column_record(x, i);
		/* where one reading alone makes one day of both, it is no proof */
		bool proven = (r->ways & TALLY_WAYS_PROVEN) != 0;

		for (unsigned way = 0; way < 9; way++) {
			if (!(r->ways >> way & 1))
				continue;
			v.votes[way]++;
			v.proven[way] |= proven;
		}
	}
	best = choose_way(&v);
	for (size_t i = 0; i < x->count; i++) {
		struct tally_cell_record *r = tally_column_record(x, i);

		if ((r->ways & TALLY_WAYS_ORDERS) && (best == 9 || !(r->ways >> best & 1)))
			r->nature = TALLY_NATURE_DATE_VALUE_CHANGED;
	}
}

static uint64_t count_nature(const struct tally_column_cells *x, enum tally_nature nature)
{
	uint64_t n = 0;

	for (size_t i = 0; i < x->count; i++)
		n += tally_column_record(x, i)->nature == nature;
	return n;
}

/*
 * Where each date that is another one is so by day and month in each other's place, that is what happened. A single one may be
 * an edit, unless the column was written anew.
 */
static void settle_exchanged(const struct tally_column_cells *x)
{
	if (count_nature(x, TALLY_NATURE_DATE_VALUE_CHANGED) < 2 &&
	    !count_nature(x, TALLY_NATURE_DATE_REFORMATTED))
		return;
	for (size_t i = 0; i < x->count; i++) {
		const struct tally_cell_record *r = tally_column_record(x, i);

		if (r->nature == TALLY_NATURE_DATE_VALUE_CHANGED && !(r->ways & TALLY_WAYS_EXCHANGED))
			return;
	}
	for (size_t i = 0; i < x->count; i++) {
		struct tally_cell_record *r = tally_column_record(x, i);

		if (r->nature == TALLY_NATURE_DATE_VALUE_CHANGED)
			r->nature = TALLY_NATURE_DAY_MONTH_EXCHANGED;
	}
}

/* 24 is 2024 to everybody, until a birthday of 1924 stands in the same column. */
static void settle_centuries(const struct tally_column_cells *x)
{
	if (!count_nature(x, TALLY_NATURE_CENTURY_LOST))
		return;
	for (size_t i = 0; i < x->count; i++) {
		struct tally_cell_record *r = tally_column_record(x, i);

		if (r->ways & TALLY_WAYS_SHORT)
			r->nature = TALLY_NATURE_CENTURY_LOST;
	}
}

/* ---- the cells themselves, once more ---- */

struct texts {
	const struct tally_column_cells *x;
	struct tally_row_reader r[2];
};

static enum tally_status texts_open(struct texts *t, const struct tally_column_cells *x,
                                    struct tally_err *err)
{
	enum tally_status st;

	*t = (struct texts){ .x = x };
	st = tally_row_reader_init(&t->r[0], &x->c->side[0], err);
	return st == TALLY_OK ? tally_row_reader_init(&t->r[1], &x->c->side[1], err) : st;
}

static void texts_close(struct texts *t)
{
	tally_row_reader_release(&t->r[0]);
	tally_row_reader_release(&t->r[1]);
}

static enum tally_status texts_read(struct texts *t, size_t at, struct tally_span out[2],
                                    struct tally_err *err)
{
	const struct tally_cell_record *r = tally_column_record(t->x, at);
	const struct tally_column_pair *p = &t->x->c->pairs[t->x->pair];
	enum tally_status st = tally_row_read(&t->r[0], r->before, err);

	if (st == TALLY_OK)
		st = tally_row_read(&t->r[1], r->after, err);
	if (st == TALLY_OK) {
		out[0] = tally_cell_span(tally_row_cell(&t->r[0], p->before));
		out[1] = tally_cell_span(tally_row_cell(&t->r[1], p->after));
	}
	return st;
}

/* ---- numbers: the marks of the column say what 1.234 is ---- */

static enum tally_status settle_numbers(const struct tally_column_cells *x, struct texts *t,
                                        struct tally_err *err)
{
	const struct tally_comparison *c = x->c;
	enum tally_marks marks[2] = { TALLY_MARKS, TALLY_MARKS };
	enum tally_status st = TALLY_OK;

	for (int side = 0; c->marks && side < 2; side++)
		marks[side] = (enum tally_marks)c->marks[x->pair][side];
	for (size_t i = 0; st == TALLY_OK && i < x->count; i++) {
		struct tally_cell_record *r = tally_column_record(x, i);
		struct tally_span text[2];
		bool depends;

		if (!(r->ways & TALLY_WAYS_NUMBERS))
			continue;
		st = texts_read(t, i, text, err);
		if (st == TALLY_OK)
			r->nature = (uint8_t)tally_number_nature(text[0], text[1], marks, &depends);
	}
	return st;
}

/* ---- what can be measured: numbers, dates, times of day ---- */

struct measured {
	enum { MEASURED_NOT, MEASURED_NUMBER, MEASURED_TIME } kind;
	int64_t value; /* a whole number, or seconds */
};

static bool whole_number(struct tally_span text, int64_t *out)
{
	const tally_wide unit = tally_powers_of_ten[TALLY_SUM_SCALE];
	uint32_t fraction;
	tally_wide value;

	if (!tally_wide_parse(&value, &fraction, text) || value % unit)
		return false;
	value /= unit;
	*out = (int64_t)value;
	return value >= -((tally_wide)1 << 40) && value <= (tally_wide)1 << 40;
}

static struct measured measure(struct tally_span text, enum tally_date_order order)
{
	struct measured m = { MEASURED_NUMBER, 0 };
	struct tally_date dates[2];
	int32_t seconds;
	size_t n, at = 0;

	if (whole_number(text, &m.value))
		return m;
	m.kind = MEASURED_TIME;
	n = tally_date_parse(dates, text, false);
	at = n > 1 && dates[1].order == order;
	if (n) {
		m.value = dates[at].day * INT64_C(86400) +
		          (dates[at].seconds > 0 ? dates[at].seconds : 0);
		return m;
	}
	m.kind = tally_time_parse(&seconds, text) && seconds >= 0 ? MEASURED_TIME : MEASURED_NOT;
	m.value = m.kind ? seconds : 0;
	return m;
}

/* ---- rising by equal steps ---- */

/* Values by row: how many steps from one to the next are as large as the first. */
struct rising {
	int64_t value, first_step, first_rows;
	uint32_t row;
	uint64_t count, equal;
	bool flat;
};

static void rise(struct rising *r, int64_t value, uint32_t row)
{
	int64_t step = value - r->value, rows = (int64_t)row - r->row;

	if (r->count == 1) {
		r->first_step = step;
		r->first_rows = rows;
		r->flat = !step;
	}
	if (r->count)
		r->equal += rows &&
		            (tally_wide)step * r->first_rows == (tally_wide)r->first_step * rows;
	r->count++;
	r->value = value;
	r->row = row;
}

static bool rises(const struct rising *r)
{
	return r->count >= RISING_LEAST && !r->flat && r->equal * 10 >= (r->count - 1) * RISING_SHARE;
}

/* What the cells of a column share, gathered in one pass. */
struct shared {
	struct rising rising[2]; /* by side */
	uint64_t numbers, times;
	int64_t moved_by;
	bool one_move; /* all times moved by the same */
};

static void look_at(struct shared *s, const struct tally_cell_record *r,
                    const struct tally_span text[2], enum tally_date_order order)
{
	struct measured old = measure(text[0], order), now = measure(text[1], order);
	int64_t by = now.value - old.value;

	if (old.kind != MEASURED_NOT)
		rise(&s->rising[0], old.value, r->before);
	if (now.kind != MEASURED_NOT)
		rise(&s->rising[1], now.value, r->after);
	s->numbers += old.kind == MEASURED_NUMBER && now.kind == MEASURED_NUMBER;
	if (old.kind != MEASURED_TIME || now.kind != MEASURED_TIME)
		return;
	s->one_move &= !s->times || by == s->moved_by;
	s->moved_by = by;
	s->times++;
}

static enum tally_status find_shared(const struct tally_column_cells *x, struct texts *t,
                                     enum tally_date_order order, struct shared *out,
                                     struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	*out = (struct shared){ .one_move = true };
	for (size_t i = 0; st == TALLY_OK && i < x->count; i++) {
		struct tally_span text[2];

		st = texts_read(t, i, text, err);
		if (st == TALLY_OK)
			look_at(out, tally_column_record(x, i), text, order);
		/* a progression or a move shows in the first cells, or there is none */
		if (!rises(&out->rising[0]) && (out->times != i + 1 || !out->one_move) &&
		    i >= 4 * RISING_LEAST)
			break;
	}
	return st;
}

/* Values and dates that are other ones, and nothing else: only they may have moved together. */
static bool plainly_changed(const struct tally_column_cells *x)
{
	for (size_t i = 0; i < x->count; i++) {
		uint8_t n = tally_column_record(x, i)->nature;

		if (n != TALLY_NATURE_VALUE && n != TALLY_NATURE_DATE_VALUE_CHANGED &&
		    n != TALLY_NATURE_PRECISION_LOST && n != TALLY_NATURE_DAY_MONTH_EXCHANGED)
			return false;
	}
	return x->count >= MOVED_LEAST;
}

static enum tally_status settle_shared(const struct tally_column_cells *x, struct texts *t,
                                       struct tally_column_story *out, struct tally_err *err)
{
	static const enum tally_date_order orders[] = { TALLY_DATE_DAY_FIRST, TALLY_DATE_MONTH_FIRST };
	struct shared s;
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; st == TALLY_OK && i < sizeof orders / sizeof *orders; i++) {
		st = find_shared(x, t, orders[i], &s, err);
		if (st < 0)
			return st;
		out->progression |= rises(&s.rising[0]);
		if (s.times == x->count && s.one_move && s.times >= MOVED_LEAST && s.moved_by) {
			out->whole = TALLY_NATURE_DATES_MOVED;
			out->moved_by = s.moved_by;
			return TALLY_OK;
		}
		if (s.numbers)
			break; /* nothing that has an order */
	}
	if (s.numbers == x->count && s.numbers >= NUMBERED_LEAST && rises(&s.rising[0]) &&
	    rises(&s.rising[1]))
		out->whole = TALLY_NATURE_NUMBERED_ANEW;
	return TALLY_OK;
}

/* ---- all together ---- */

static bool has_ways(const struct tally_column_cells *x, unsigned ways)
{
	for (size_t i = 0; i < x->count; i++)
		if (tally_column_record(x, i)->ways & ways)
			return true;
	return false;
}

enum tally_status tally_settle_column(const struct tally_column_cells *x,
                                      struct tally_column_story *out, struct tally_err *err)
{
	bool numbers = has_ways(x, TALLY_WAYS_NUMBERS);
	struct texts t;
	enum tally_status st = TALLY_OK;

	*out = (struct tally_column_story){ .whole = TALLY_NATURE_COUNT };
	settle_orders(x);
	settle_exchanged(x);
	settle_centuries(x);
	if (!numbers && !plainly_changed(x))
		return TALLY_OK;
	st = texts_open(&t, x, err);
	if (st == TALLY_OK && numbers)
		st = settle_numbers(x, &t, err);
	if (st == TALLY_OK && plainly_changed(x))
		st = settle_shared(x, &t, out, err);
	texts_close(&t);
	return st;
}
