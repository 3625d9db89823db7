/* The sum of one column: cells added, taken away again, and joined. */
#include <string.h>

#include "diff/table_work.h"

#include "core/ascii.h"

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
bool tally_sum_is_identifier(const struct tally_sum *s)
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

/* A number that is stored as text is in no spreadsheet's sum. */
static bool is_no_summand(const struct tally_cell *cell, unsigned how)
{
	return (how & TALLY_SUM_TYPED) && cell->kind != TALLY_CELL_NUMBER;
}

/* A number with more digits than are kept: very small ones are rounded, very large ones counted. @step  -1: taken back */
static void weigh_unfit(struct tally_sum *s, const struct tally_cell *cell, unsigned how, int step)
{
	struct tally_total *t = &s->as[TALLY_MARKS_POINT];
	struct tally_span text = tally_cell_span(cell);
	struct tally_decimal d;
	tally_wide value;

	if (is_no_summand(cell, how) || !tally_is_digit(text.at[text.len - 1]) ||
	    !tally_decimal_parse(&d, text))
		return;
	if (!tally_wide_rounded(&value, &d)) {
		s->too_large += (uint64_t)(int64_t)step;
	} else if (step > 0) {
		add_number(t, value, TALLY_SUM_SCALE);
	} else {
		t->numbers--;
		t->unknown |= __builtin_sub_overflow(t->total, value, &t->total);
	}
}

void tally_sum_cell(struct tally_sum *s, const struct tally_cell *cell, unsigned how)
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
	if ((how & TALLY_SUM_GLANCE) && s->count > GLANCE && !s->as[0].numbers && !s->as[1].numbers) {
		s->text = true;
		return;
	}
	if (!tally_cell_number(&n, cell)) {
		weigh_unfit(s, cell, how, 1);
		return;
	}
	weigh_marks(s, &n, 1);
	weigh_looks(s, tally_cell_span(cell), 1);
	weigh_currency(s, n.currency);
	if (is_no_summand(cell, how))
		return;
	for (int m = 0; m < TALLY_MARKS; m++)
		if (n.reads[m])
			add_number(&s->as[m], n.value[m], n.fraction[m]);
}

void tally_sum_remove(struct tally_sum *s, const struct tally_cell *cell, unsigned how)
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
	if (s->text)
		return;
	if (!tally_cell_number(&n, cell)) {
		weigh_unfit(s, cell, how, -1);
		return;
	}
	weigh_marks(s, &n, -1);
	weigh_looks(s, tally_cell_span(cell), -1);
	if (is_no_summand(cell, how))
		return;
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
	to->too_large += s->too_large;
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
