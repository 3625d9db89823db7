/* The shortest decimal text of a number that stands in a file: see tally_number_text in formats/number_format.h. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/decimal.h"
#include "formats/number_format.h"

/* Products of a double's 53 bits with a power of ten need more than 64. */
__extension__ typedef unsigned __int128 wide;

enum {
	/* two different texts of so few digits are two different doubles, so such a text is the shortest of its value */
	SURE_DIGITS = 15,
	SURE_POINT = 250,        /* and as many places before or behind the point */
	FULL_DIGITS = 17,        /* always tell one double from the next */
	INTEGER_DIGITS = 19,     /* fit 64 bits */
	NUMBER_BYTES_MAX = 1000, /* longest text that is taken for a number */
	PLAIN_MIN = -6,          /* 1e-7 = 0.1e-6 is the first with plain digits … */
	PLAIN_MAX = 21,          /* … and 0.1e22 the first without again */
};

/* A decimal number taken apart: 0.DIGITS times ten to the power of point. */
struct decimal {
	const char *digits; /* without zeros at either end */
	size_t count;       /* 0: the number is zero */
	int point;
	bool negative;
};

static char *put_plain(char *to, const struct decimal *d)
{
	int count = (int)d->count;

	if (d->point <= 0) {
		memcpy(to, "0.", 2);
		memset(to + 2, '0', (size_t)-d->point);
		to += 2 - d->point;
		memcpy(to, d->digits, d->count);
		return to + count;
	}
	if (d->point >= count) {
		memcpy(to, d->digits, d->count);
		memset(to + count, '0', (size_t)(d->point - count));
		return to + d->point;
	}
	memcpy(to, d->digits, (size_t)d->point);
	to[d->point] = '.';
	memcpy(to + d->point + 1, d->digits + d->point, d->count - (size_t)d->point);
	return to + count + 1;
}

static char *put_scientific(char *to, const struct decimal *d)
{
	*to++ = d->digits[0];
	if (d->count > 1) {
		*to++ = '.';
		memcpy(to, d->digits + 1, d->count - 1);
		to += d->count - 1;
	}
	return to + snprintf(to, 8, "e%d", d->point - 1);
}

static size_t put(char out[TALLY_NUMBER_TEXT_MAX], const struct decimal *d)
{
	char *to = out;

	if (!d->count)
		*to++ = '0';
	else {
		if (d->negative)
			*to++ = '-';
		if (d->point >= PLAIN_MIN && d->point <= PLAIN_MAX)
			to = put_plain(to, d);
		else
			to = put_scientific(to, d);
	}
	*to = '\0';
	return (size_t)(to - out);
}

/* Digits of @value without zeros at their end, into @room. */
static void decimal_of(struct decimal *d, char room[24], uint64_t value, int exponent)
{
	char *end = room + 24, *at = end;

	while (value && value % 10 == 0) {
		value /= 10;
		exponent++;
	}
	for (; value; value /= 10)
		*--at = (char)('0' + value % 10);
	d->digits = at;
	d->count = (size_t)(end - at);
	d->point = (int)d->count + exponent;
}

static wide power(int k)
{
	return k <= FULL_DIGITS ? (wide)tally_powers_of_ten[k]
	                        : (wide)tally_powers_of_ten[FULL_DIGITS] *
	                                  tally_powers_of_ten[k - FULL_DIGITS];
}

/* Every decimal from low to high reads back as the double at value; all three times 2 ** shift and 10 ** -exponent. */
struct interval {
	wide value, low, high;
	int shift;
	bool closed; /* the ends themselves belong to it */
};

static void interval_of(struct interval *in, uint64_t fraction, int q, int k)
{
	wide scale = power(k);
	int up = q > 2 ? q - 2 : 0;

	in->shift = 2 - q + up;
	in->value = (4 * fraction * scale) << up;
	/* below a power of two the doubles stand twice as dense */
	in->low = ((4 * fraction - (fraction == UINT64_C(1) << 52 ? 1 : 2)) * scale) << up;
	in->high = ((4 * fraction + 2) * scale) << up;
	in->closed = fraction % 2 == 0;
}

static bool inside(const struct interval *in, wide x)
{
	return in->closed ? x >= in->low && x <= in->high : x > in->low && x < in->high;
}

/* The nearest multiple of @unit that lies in the interval. @t  value without its fraction; changed on success */
static bool nearest(const struct interval *in, uint64_t *t, uint64_t unit)
{
	uint64_t below = *t / unit * unit, above = below + unit;
	wide low = (wide)below << in->shift, high = (wide)above << in->shift;
	bool low_fits = inside(in, low), high_fits = inside(in, high);

	if (!low_fits && !high_fits)
		return false;
	if (low_fits && high_fits) {
		wide to_low = in->value - low, to_high = high - in->value;

		low_fits = to_low < to_high || (to_low == to_high && below / unit % 2 == 0);
	}
	*t = low_fits ? below : above;
	return true;
}

/*
 * The shortest digits of a double between 1e-5 and 1e17, with integers: at that size its 53 bits times the power of ten that
 * makes 17 digits before the point fit 128 bits, so everything is exact.
 */
static bool shortest_plain(struct decimal *d, char room[24], double x)
{
	struct interval in;
	uint64_t bits, fraction, t;
	int q, k;

	if (!(x >= 1e-5 && x < 1e17))
		return false;
	memcpy(&bits, &x, sizeof bits);
	fraction = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
	q = (int)(bits >> 52) - 1075;
	/* 1233 / 4096 is a little less than the logarithm of 2: never too few digits, at most two too many */
	k = 16 - ((q + 52) * 1233 >> 12);
	for (;; k--) {
		if (k > 21 || k < 0) {
			if (k < 0)
				return false;
			continue;
		}
		interval_of(&in, fraction, q, k);
		if (in.value >> in.shift < tally_powers_of_ten[FULL_DIGITS])
			break;
	}
	t = (uint64_t)(in.value >> in.shift);
	if (!nearest(&in, &t, 100) && !nearest(&in, &t, 10))
		(void)nearest(&in, &t, 1);
	decimal_of(d, room, t, -k);
	return true;
}

/* "d.ddde±x" from snprintf. */
static void decimal_of_text(struct decimal *d, char *text)
{
	char *e = strchr(text, 'e');
	size_t count = (size_t)(e - text);

	d->point = (int)strtol(e + 1, NULL, 10) + 1;
	if (count > 1) { /* the point goes, the first digit moves up to the others */
		text[1] = text[0];
		text++;
		count--;
	}
	while (count && text[count - 1] == '0')
		count--;
	d->digits = text;
	d->count = count;
}

/* One more in the last place of "d.ddde±x". @return false: it would carry too far */
static bool one_more(char *text)
{
	char *e = strchr(text, 'e');

	if (e[-1] < '0' || e[-1] >= '9')
		return false;
	e[-1]++;
	return true;
}

/* Any other double: try lengths. */
static void shortest_far(struct decimal *d, char text[40], double x)
{
	int n = x < 2.3e-308 ? 1 : SURE_DIGITS; /* numbers too small to be normal have fewer bits */

	for (; n < FULL_DIGITS; n++) {
		(void)snprintf(text, 40, "%.*e", n - 1, x);
		if (strtod(text, NULL) == x)
			break;
		/* a power of two has more room above itself than below */
		if (one_more(text) && strtod(text, NULL) == x)
			break;
	}
	if (n == FULL_DIGITS)
		(void)snprintf(text, 40, "%.*e", n - 1, x);
	decimal_of_text(d, text);
}

/* What the scanner saw of a number. */
struct seen {
	uint64_t digits;   /* the significant ones as an integer, up to INTEGER_DIGITS */
	const char *first; /* significant digit, and … */
	const char *last;  /* … behind the last one that is not zero */
	const char *point; /* where the point stands or would stand */
	size_t count;      /* significant digits, zeros at the end included */
	bool any, negative, exponent;
};

static const char *scan_digits(struct seen *s, const char *at, const char *end)
{
	for (; at < end && tally_is_digit(*at); at++) {
		s->any = true;
		if (!s->first && *at == '0')
			continue;
		if (!s->first)
			s->first = at;
		if (*at != '0')
			s->last = at + 1;
		if (s->count++ < INTEGER_DIGITS)
			s->digits = s->digits * 10 + (uint64_t)(*at - '0');
	}
	return at;
}

static const char *scan_exponent(struct seen *s, const char *at, const char *end)
{
	const char *from;

	if (at == end || (*at != 'e' && *at != 'E'))
		return at;
	s->exponent = true;
	at++;
	if (at < end && (*at == '+' || *at == '-'))
		at++;
	for (from = at; at < end && tally_is_digit(*at); at++)
		;
	return at > from ? at : NULL;
}

/* @return is all of it one number? */
static bool scan(struct seen *s, const char *at, const char *end)
{
	*s = (struct seen){ 0 };
	if (at < end && (*at == '-' || *at == '+'))
		s->negative = *at++ == '-';
	at = scan_digits(s, at, end);
	s->point = at;
	if (at < end && *at == '.')
		at = scan_digits(s, at + 1, end);
	if (!s->any)
		return false;
	at = scan_exponent(s, at, end);
	return at == end;
}

/* Few digits and no exponent: they are the shortest text already, but for zeros at the ends. */
static void decimal_of_seen(struct decimal *d, char room[24], const struct seen *s)
{
	size_t span = (size_t)(s->last - s->first);

	if (s->first < s->point) {
		d->point = (int)(s->point - s->first);
		if (s->last > s->point) { /* the point stands inside */
			size_t before = (size_t)d->point;

			memcpy(room, s->first, before);
			memcpy(room + before, s->point + 1, span - before - 1);
			d->digits = room;
			d->count = span - 1;
			return;
		}
	} else {
		d->point = -(int)(s->first - s->point - 1);
	}
	d->digits = s->first;
	d->count = span;
}

static bool sure(const struct seen *s)
{
	bool inside = s->first < s->point && s->last > s->point;

	/* far from the ends of what a double holds */
	return !s->exponent && s->last - s->first <= SURE_DIGITS + inside &&
	       s->point - s->first < SURE_POINT && s->first - s->point < SURE_POINT;
}

static double value_of(const struct seen *s, const char *text, size_t len)
{
	char copy[NUMBER_BYTES_MAX + 1];
	int places = 0;

	if (!s->exponent && s->count <= INTEGER_DIGITS && s->digits < UINT64_C(1) << 53) {
		const char *end = text + len;

		places = s->point < end ? (int)(end - s->point - 1) : 0;
		/* both are exact, and one division rounds once */
		if (places <= FULL_DIGITS)
			return (double)s->digits / (double)tally_powers_of_ten[places];
	}
	memcpy(copy, text, len);
	copy[len] = '\0';
	places = copy[0] == '-' || copy[0] == '+';
	return strtod(copy + places, NULL);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

size_t tally_number_text(char out[TALLY_NUMBER_TEXT_MAX], const char *text, size_t len)
{
	struct decimal d = { 0 };
	struct seen s;
	char room[40];
	double x;

	while (len && is_blank(*text))
		text++, len--;
	while (len && is_blank(text[len - 1]))
		len--;
	out[0] = '\0';
	if (len > NUMBER_BYTES_MAX || !scan(&s, text, text + len))
		return 0;
	d.negative = s.negative;
	if (s.first && sure(&s)) {
		decimal_of_seen(&d, room, &s);
		return put(out, &d);
	}
	x = s.first ? value_of(&s, text, len) : 0;
	if (x > 1.7976931348623157e308)
		return 0;
	if (x > 0 && !shortest_plain(&d, room, x))
		shortest_far(&d, room, x);
	return put(out, &d);
}
