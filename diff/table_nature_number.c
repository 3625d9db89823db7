/* What became of a number: the same one written in another way, or one that lost something. */
#include "diff/table_work.h"

#include <string.h>

#include "core/ascii.h"

#define UNKNOWN TALLY_NATURE_COUNT

enum { PLUS_DIGITS = 4 /* +41791234567 is a telephone number; of +5 nobody misses the sign */ };

/* A number, read with one kind of marks. */
struct written {
	bool ok;
	struct tally_decimal value;
	char group; /* what groups its digits; 0: nothing */
};

/* 2310009E13: an identifier to its owner, a number to a spreadsheet program. */
static bool looks_like_identifier(struct tally_span text)
{
	size_t i = 0, digits;

	while (i < text.len && tally_is_digit(text.at[i]))
		i++;
	digits = i;
	if (!digits || i == text.len || text.at[i] != 'E')
		return false;
	while (++i < text.len && tally_is_digit(text.at[i]))
		;
	return i == text.len && i > digits + 1;
}

static bool lost_plus(struct tally_span old, struct tally_span now, const struct tally_decimal *x)
{
	return old.at[0] == '+' && now.at[0] != '+' && !x->fraction && !x->exponent &&
	       x->written >= PLUS_DIGITS;
}

/* Numbers that are equal. @marks  of both */
static enum tally_nature equal_numbers(struct tally_span old, struct tally_span now,
                                       const struct written *x, const struct written *y,
                                       bool same_marks)
{
	bool fraction = x->value.fraction || y->value.fraction;

	if (looks_like_identifier(old))
		return TALLY_NATURE_SPREADSHEET_AUTOFORMAT;
	if (x->value.leading_zeros && !y->value.leading_zeros)
		return TALLY_NATURE_LEADING_ZEROS_LOST;
	if (lost_plus(old, now, &x->value))
		return TALLY_NATURE_PLUS_SIGN_LOST;
	if (!x->group != !y->group)
		return TALLY_NATURE_THOUSANDS_SEPARATOR;
	if (!same_marks && fraction)
		return TALLY_NATURE_DECIMAL_COMMA;
	return x->group != y->group ? TALLY_NATURE_THOUSANDS_SEPARATOR
	                            : TALLY_NATURE_NUMBER_SAME_VALUE;
}

/* 28,685 → 28685: the digits are the same, and the mark between them is gone. */
static bool lost_mark(const struct tally_decimal *x, const struct tally_decimal *y)
{
	struct tally_decimal moved = *x;

	if (!x->fraction || y->fraction || x->exponent || y->exponent)
		return false;
	moved.scale += (int32_t)x->fraction;
	return tally_decimal_equal(&moved, y);
}

/* Numbers that are not equal. */
static enum tally_nature other_numbers(const struct tally_decimal *x, const struct tally_decimal *y)
{
	struct tally_decimal minus = *y;
	bool near;

	minus.negative = !minus.negative;
	if (tally_decimal_equal(x, &minus))
		return TALLY_NATURE_SIGN_CHANGED;
	if (lost_mark(x, y))
		return TALLY_NATURE_DECIMAL_MARK_LOST;
	near = tally_decimal_is_one_double(x, y);
	if (y->exponent && !x->exponent && (near || tally_decimal_is_rounding(y, x)))
		return TALLY_NATURE_SCIENTIFIC_NOTATION;
	if (near)
		return x->fraction || y->fraction ? TALLY_NATURE_FLOAT_NOISE
		                                  : TALLY_NATURE_PRECISION_LOST;
	return tally_decimal_is_rounding(y, x) ? TALLY_NATURE_PRECISION_LOST : TALLY_NATURE_VALUE;
}

static void read_number(struct written out[TALLY_MARKS], struct tally_span text)
{
	bool point = memchr(text.at, '.', text.len) != NULL;

	out[0] = out[1] = (struct written){ .ok = false };
	out[TALLY_MARKS_POINT].ok = tally_decimal_parse(&out[TALLY_MARKS_POINT].value, text);
	if (out[TALLY_MARKS_POINT].ok && !point) {
		out[TALLY_MARKS_COMMA] = out[TALLY_MARKS_POINT];
		return;
	}
	for (int m = 0; m < TALLY_MARKS; m++) {
		char plain[TALLY_NUMBER_TEXT];
		size_t n = out[m].ok ? 0
		                     : tally_number_plain(plain, &out[m].group, text,
		                                          (enum tally_marks)m);

		if (n)
			out[m].ok = tally_decimal_parse(&out[m].value,
			                                (struct tally_span){ plain, n });
	}
}

/* Keep only the reading that the column has, where there is one. */
static void prefer(struct written w[TALLY_MARKS], enum tally_marks marks)
{
	if (marks != TALLY_MARKS && w[marks].ok)
		w[1 - marks].ok = false;
}

/* Is it another number with the other marks? */
static bool is_two(const struct written w[TALLY_MARKS])
{
	return w[0].ok && w[1].ok && !tally_decimal_equal(&w[0].value, &w[1].value);
}

/* What the readings of both sides say of each other. */
struct readings {
	bool seen[TALLY_NATURE_COUNT];
	unsigned natures; /* different ones */
	enum tally_nature last;
	bool equal; /* in one of them both are one number */
};

static void add_reading(struct readings *r, enum tally_nature nature, bool equal)
{
	r->natures += !r->seen[nature];
	r->seen[nature] = true;
	r->last = nature;
	r->equal |= equal;
}

static enum tally_nature judge(const struct readings *r)
{
	if (r->natures <= 1)
		return r->last;
	return r->equal || r->seen[TALLY_NATURE_DECIMAL_MARK_LOST] ? TALLY_NATURE_SCALE_UNSURE
	                                                           : TALLY_NATURE_VALUE;
}

enum tally_nature tally_number_nature(struct tally_span old, struct tally_span now,
                                      const enum tally_marks marks[2], bool *depends)
{
	struct written x[TALLY_MARKS], y[TALLY_MARKS];
	struct readings r = { .last = UNKNOWN };
	bool common;

	*depends = false;
	if (!old.len || !now.len || old.len >= TALLY_NUMBER_TEXT || now.len >= TALLY_NUMBER_TEXT)
		return UNKNOWN;
	read_number(x, old);
	if (!x[0].ok && !x[1].ok)
		return UNKNOWN;
	read_number(y, now);
	*depends = is_two(x) || is_two(y);
	prefer(x, marks[0]);
	prefer(y, marks[1]);
	/* nobody changes the marks for nothing: where a reading goes with the same ones on both sides, others are none */
	common = (x[0].ok && y[0].ok) || (x[1].ok && y[1].ok);
	for (int i = 0; i < TALLY_MARKS; i++) {
		for (int j = 0; j < TALLY_MARKS; j++) {
			bool equal;

			if (!x[i].ok || !y[j].ok || (common && i != j))
				continue;
			equal = tally_decimal_equal(&x[i].value, &y[j].value);
			add_reading(&r,
			            equal ? equal_numbers(old, now, &x[i], &y[j], i == j)
			                  : other_numbers(&x[i].value, &y[j].value),
			            equal);
		}
	}
	return judge(&r);
}
