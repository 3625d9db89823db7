/* Decimal numbers as text: exact, without floating point. */
#include "diff/table_value.h"

#include <stdio.h>
#include <string.h>

#include "core/ascii.h"
#include "core/decimal.h"

enum {
	EXPONENT_MOST = 400, /* beyond doubles; keeps comparisons short */
	DOUBLE_DIGITS = 15,  /* decimal digits that every double keeps */
	INTEGER_DIGITS_KEPT = 12, /* an integer rounded to fewer digits is another value, not lost precision */
};

static bool parse_exponent(int32_t *out, const char *p, const char *end)
{
	bool negative = p < end && *p == '-';
	int32_t value = 0;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	if (p == end || end - p > 4)
		return false;
	for (; p < end; p++) {
		if (!tally_is_digit(*p))
			return false;
		value = value * 10 + (*p - '0');
	}
	*out = negative ? -value : value;
	return value <= EXPONENT_MOST;
}

static void drop_trailing_zeros(struct tally_decimal *d)
{
	while (d->count > 0 && d->digits[d->count - 1] == 0) {
		d->count--;
		d->scale++;
	}
	if (d->count == 0)
		d->scale = 0;
}

/* The digits before the exponent. @return where they end, NULL: too many or none */
static const char *parse_digits(struct tally_decimal *d, const char *p, const char *end)
{
	const char *first = p;
	bool point = false, any = false;

	for (; p < end && (tally_is_digit(*p) || (*p == '.' && !point)); p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		any = true;
		d->fraction += point;
		if (d->count == 0 && *p == '0') {
			d->scale -= point;
			continue;
		}
		if (d->count == TALLY_DECIMAL_DIGITS)
			return NULL;
		d->digits[d->count++] = (uint8_t)(*p - '0');
		d->scale -= point;
	}
	d->leading_zeros = end - first > 1 && first[0] == '0' && tally_is_digit(first[1]);
	d->written = d->count;
	return any ? p : NULL;
}

bool tally_decimal_parse(struct tally_decimal *out, struct tally_span text)
{
	const char *p = text.at, *end = text.at + text.len;
	int32_t exponent = 0;

	memset(out, 0, sizeof *out);
	if (p == end)
		return false;
	out->negative = *p == '-';
	if (*p == '-' || *p == '+')
		p++;
	p = parse_digits(out, p, end);
	if (!p)
		return false;
	if (p < end && (*p == 'e' || *p == 'E')) {
		out->exponent = true;
		if (!parse_exponent(&exponent, p + 1, end))
			return false;
		p = end;
	}
	if (p != end)
		return false;
	out->scale += exponent;
	drop_trailing_zeros(out);
	return true;
}

static int compare_magnitude(const struct tally_decimal *a, const struct tally_decimal *b)
{
	int64_t top_a = (int64_t)a->count + a->scale, top_b = (int64_t)b->count + b->scale;
	uint32_t n = a->count < b->count ? a->count : b->count;
	int order;

	if (a->count == 0 || b->count == 0)
		return (a->count > 0) - (b->count > 0);
	if (top_a != top_b)
		return top_a < top_b ? -1 : 1;
	order = memcmp(a->digits, b->digits, n);
	if (order)
		return order < 0 ? -1 : 1;
	return (a->count > b->count) - (a->count < b->count);
}

int tally_decimal_compare(const struct tally_decimal *a, const struct tally_decimal *b)
{
	bool na = a->negative && a->count, nb = b->negative && b->count;

	if (na != nb)
		return na ? -1 : 1;
	return na ? compare_magnitude(b, a) : compare_magnitude(a, b);
}

bool tally_decimal_equal(const struct tally_decimal *a, const struct tally_decimal *b)
{
	return tally_decimal_compare(a, b) == 0;
}

/* Cut a number's digits so that its last one stands at 10^scale; @up rounds away from zero. */
static struct tally_decimal cut(const struct tally_decimal *d, int32_t scale, bool up)
{
	struct tally_decimal r = *d;
	int64_t drop = (int64_t)scale - d->scale;

	if (drop <= 0)
		return r;
	r.count = drop >= r.count ? 0 : r.count - (uint32_t)drop;
	r.scale = scale;
	if (up) {
		uint32_t i = r.count;

		while (i > 0 && r.digits[i - 1] == 9)
			r.digits[--i] = 0;
		if (i > 0) {
			r.digits[i - 1]++;
		} else { /* 9.99 → 10.0: all zeros behind a new one */
			r.digits[0] = 1;
			r.scale += (int32_t)r.count;
			r.count = 1;
		}
	}
	drop_trailing_zeros(&r);
	return r;
}

/* Rounded to the digits in front of 10^scale, does d become r? Halves may go either way. */
static bool rounds_to(const struct tally_decimal *d, const struct tally_decimal *r, int32_t scale)
{
	int64_t at = (int64_t)d->count - ((int64_t)scale - d->scale); /* first digit dropped */
	uint8_t first = at >= 0 && at < d->count ? d->digits[at] : 0;
	struct tally_decimal down = cut(d, scale, false), up = cut(d, scale, true);

	if (compare_magnitude(&down, r) == 0)
		return true;
	return first >= 5 && compare_magnitude(&up, r) == 0;
}

bool tally_decimal_is_rounding(const struct tally_decimal *shorter, const struct tally_decimal *longer)
{
	int32_t scale = -(int32_t)shorter->fraction;

	if ((shorter->negative != longer->negative && shorter->count) ||
	    longer->count <= shorter->count)
		return false;
	if (shorter->exponent)
		scale = shorter->scale;
	else if (longer->scale >= scale) /* a long integer whose last digits became zeros */
		scale = shorter->count >= INTEGER_DIGITS_KEPT ? shorter->scale : scale;
	if (shorter->count == 0 && !longer->fraction)
		return false;
	return longer->scale < scale && rounds_to(longer, shorter, scale);
}

bool tally_decimal_is_one_double(const struct tally_decimal *a, const struct tally_decimal *b)
{
	const struct tally_decimal *longer = a->count > b->count ? a : b;
	const struct tally_decimal *shorter = longer == a ? b : a;
	int32_t scale = (int32_t)longer->count + longer->scale - DOUBLE_DIGITS;
	struct tally_decimal rounded;

	if (longer->negative != shorter->negative || !shorter->count || longer->count <= DOUBLE_DIGITS)
		return false;
	if (shorter->count <= DOUBLE_DIGITS)
		return rounds_to(longer, shorter, scale);
	rounded = cut(longer, scale, false);
	return rounds_to(shorter, &rounded, scale);
}

/* ---- sums ---- */

enum { WIDE_DIGITS = 38 /* of a number that always fits */ };

static bool wide_from_decimal(tally_wide *out, uint32_t *fraction, struct tally_span text)
{
	struct tally_decimal d;
	tally_wide value = 0;
	int64_t shift;

	if (!tally_decimal_parse(&d, text))
		return false;
	shift = (int64_t)d.scale + TALLY_SUM_SCALE;
	if (shift < 0 || d.count + shift > WIDE_DIGITS)
		return false;
	for (uint32_t i = 0; i < d.count; i++)
		value = value * 10 + d.digits[i];
	for (; shift > 0; shift--)
		value *= 10;
	*out = d.negative ? -value : value;
	*fraction = d.scale < 0 ? (uint32_t)-d.scale : 0;
	return true;
}

bool tally_wide_rounded(tally_wide *out, const struct tally_decimal *number)
{
	int64_t shift = (int64_t)number->scale + TALLY_SUM_SCALE, keep = number->count;
	tally_wide value = 0;

	if (keep + shift > WIDE_DIGITS)
		return false;
	keep += shift < 0 ? shift : 0;
	for (int64_t i = 0; i < keep; i++)
		value = value * 10 + number->digits[i];
	value += keep >= 0 && keep < (int64_t)number->count && number->digits[keep] >= 5;
	for (; shift > 0 && value; shift--)
		value *= 10;
	*out = number->negative ? -value : value;
	return true;
}

bool tally_wide_parse(tally_wide *out, uint32_t *fraction, struct tally_span text)
{
	const char *p = text.at, *end = p + text.len, *point = NULL;
	uint64_t value = 0;
	bool negative = p < end && *p == '-', any = false;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	if (end - p < 1 || end - p > TALLY_SUM_SCALE)
		return wide_from_decimal(out, fraction, text);
	for (; p < end; p++) {
		unsigned digit = (unsigned char)*p - (unsigned)'0';

		if (digit <= 9) {
			value = value * 10 + digit;
			any = true;
		} else if (*p == '.' && !point) {
			point = p;
		} else {
			return (*p == 'e' || *p == 'E') && wide_from_decimal(out, fraction, text);
		}
	}
	*fraction = point ? (uint32_t)(end - point - 1) : 0;
	*out = (tally_wide)value * tally_powers_of_ten[TALLY_SUM_SCALE - *fraction];
	if (negative)
		*out = -*out;
	return any;
}

enum { MARKED_TEXT = TALLY_NUMBER_TEXT, GROUP_DIGITS = 3, PAIR_DIGITS = 2 };

/* Bytes of a mark that groups digits: a space, an apostrophe, or @other; 0: it is none. @kind  tells them apart */
static size_t group_mark(struct tally_span text, char other, char *kind)
{
	static const struct {
		const char *bytes;
		char kind;
	} marks[] = { { " ", ' ' },      { "'", '\'' },     { "\u00A0", ' ' },
		      { "\u202F", ' ' }, { "\u2009", ' ' }, { "\u2019", '\'' } };

	if (text.len && text.at[0] == other) {
		*kind = other;
		return 1;
	}
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		size_t n = strlen(marks[i].bytes);

		if (text.len >= n && !memcmp(text.at, marks[i].bytes, n)) {
			*kind = marks[i].kind;
			return n;
		}
	}
	return 0;
}

/* A minus in front or behind, or the parentheses of accounts. @return false: two of them, or a parenthesis alone */
static bool take_sign(struct tally_span *text, char *sign)
{
	static const char minus[] = "\u2212";
	const size_t n = sizeof minus - 1;
	struct tally_span t = *text;

	*sign = 0;
	if (t.len > 2 && t.at[0] == '(' && t.at[t.len - 1] == ')') {
		*sign = '-';
		t = (struct tally_span){ t.at + 1, t.len - 2 };
	} else if (t.len && (t.at[0] == '-' || t.at[0] == '+')) {
		*sign = t.at[0];
		t = (struct tally_span){ t.at + 1, t.len - 1 };
	} else if (t.len > n && !memcmp(t.at, minus, n)) {
		*sign = '-';
		t = (struct tally_span){ t.at + n, t.len - n };
	} else if (t.len > 1 && t.at[t.len - 1] == '-') {
		*sign = '-';
		t.len--;
	}
	*text = t;
	return t.len && t.len < MARKED_TEXT - 1 && tally_is_digit(t.at[t.len - 1]);
}

/* Where the exponent begins, or the end. */
static size_t exponent_at(struct tally_span text)
{
	for (size_t i = 1; i < text.len; i++)
		if (text.at[i] == 'E' || text.at[i] == 'e')
			return i;
	return text.len;
}

/*
 * May a run of digits stand before a mark that groups them? Groups have three digits; in India the last one has, and the others
 * have two (12,34,567).
 * @size  of the groups so far, 0: not known
 */
static bool may_end(size_t run, size_t first, char kind, size_t *size)
{
	if (!first)
		return run <= GROUP_DIGITS;
	if (!*size && run == PAIR_DIGITS && kind == ',' && first <= PAIR_DIGITS)
		*size = PAIR_DIGITS;
	else if (!*size)
		*size = GROUP_DIGITS;
	return run == *size;
}

/* The digits before the fraction, without grouping. @return where they end, SIZE_MAX: they are no number */
static size_t whole_digits(char *plain, size_t *at, struct tally_span text, char point, char other,
                           char *group)
{
	size_t i = 0, run = 0, first = 0, size = 0;
	char kind = 0;

	*group = 0;
	while (i < text.len && text.at[i] != point) {
		size_t n;

		if (tally_is_digit(text.at[i])) {
			run++;
			plain[(*at)++] = text.at[i++];
			continue;
		}
		n = group_mark((struct tally_span){ text.at + i, text.len - i }, other, &kind);
		if (!n || !run || text.at[0] == '0' || (*group && kind != *group) ||
		    !may_end(run, first, kind, &size))
			return SIZE_MAX;
		first = first ? first : run;
		*group = kind;
		run = 0;
		i += n;
	}
	return *group && run != GROUP_DIGITS ? SIZE_MAX : i;
}

size_t tally_number_plain(char plain[TALLY_NUMBER_TEXT], char *group, struct tally_span text,
                          enum tally_marks marks)
{
	char point = marks == TALLY_MARKS_COMMA ? ',' : '.', sign;
	struct tally_span body;
	size_t at = 0, i;

	if (!take_sign(&text, &sign) || (!tally_is_digit(text.at[0]) && text.at[0] != point))
		return 0;
	if (sign)
		plain[at++] = sign;
	body = (struct tally_span){ text.at, exponent_at(text) };
	i = whole_digits(plain, &at, body, point, point == ',' ? '.' : ',', group);
	if (i == SIZE_MAX || (i < body.len && i + 1 == body.len))
		return 0;
	for (size_t first = i; i < body.len; i++) {
		if (i == first ? body.at[i] != point : !tally_is_digit(body.at[i]))
			return 0;
		plain[at++] = i == first ? '.' : body.at[i];
	}
	memcpy(plain + at, body.at + body.len, text.len - body.len);
	return at + text.len - body.len;
}

/* ---- currencies ---- */

static const struct {
	const char *text;
	uint8_t currency; /* equal for one and the same */
} currencies[] = {
	{ "\u20AC", 1 },  { "EUR", 1 },      { "US$", 2 },     { "$", 2 },        { "USD", 2 },
	{ "\u00A3", 3 },  { "GBP", 3 },      { "\u20B9", 4 },  { "INR", 4 },      { "Rs.", 4 },
	{ "Rs", 4 },      { "CHF", 5 },      { "Fr.", 5 },     { "\u00A5", 6 },   { "JPY", 7 },
	{ "CNY", 8 },     { "SEK", 9 },      { "NOK", 10 },    { "DKK", 11 },     { "kr.", 12 },
	{ "kr", 12 },     { "z\u0142", 13 }, { "PLN", 13 },    { "K\u010D", 14 }, { "CZK", 14 },
	{ "\u20BD", 15 }, { "RUB", 15 },     { "\u20BA", 16 }, { "TRY", 16 },     { "\u20A9", 17 },
	{ "KRW", 17 },    { "R$", 18 },      { "BRL", 18 },    { "Ft", 19 },      { "HUF", 19 },
	{ "AUD", 20 },    { "CAD", 21 },     { "\u20B4", 22 }, { "UAH", 22 },     { "ZAR", 23 },
};

/* Bytes of a sign in front of a number; what stands behind one is a digit, as a rule. */
static size_t sign_bytes(struct tally_span text)
{
	static const char minus[] = "\u2212";

	if (text.len && (text.at[0] == '-' || text.at[0] == '+' || text.at[0] == '('))
		return 1;
	return text.len > sizeof minus && !memcmp(text.at, minus, sizeof minus - 1) ? sizeof minus - 1
	                                                                            : 0;
}

/* A currency's sign or code in front of a number, taken out of the text with the blanks behind it. */
static bool take_front(struct tally_span text, const char *sign, size_t front,
                       struct tally_span parts[2])
{
	size_t n = strlen(sign);

	if (text.len - front <= n || memcmp(text.at + front, sign, n) != 0 ||
	    tally_is_letter(text.at[front + n]))
		return false;
	parts[0] = (struct tally_span){ text.at, front };
	parts[1] = tally_span_trim((struct tally_span){ text.at + front + n, text.len - front - n });
	return true;
}

/* The same behind it, before @back. */
static bool take_back(struct tally_span text, const char *sign, size_t back,
                      struct tally_span parts[2])
{
	size_t n = strlen(sign);

	if (back <= n || memcmp(text.at + back - n, sign, n) != 0 ||
	    tally_is_letter(text.at[back - n - 1]))
		return false;
	parts[0] = tally_span_trim((struct tally_span){ text.at, back - n });
	parts[1] = (struct tally_span){ text.at + back, text.len - back };
	return true;
}

/* @return what is left without a currency, in @room; length 0: there is none */
static struct tally_span without_currency(struct tally_span text, char room[TALLY_NUMBER_TEXT],
                                          uint8_t *currency)
{
	size_t front = sign_bytes(text), back = text.len;
	struct tally_span parts[2] = { { text.at, 0 }, { text.at, 0 } };
	bool behind;

	if (text.len < 2 || text.len >= TALLY_NUMBER_TEXT)
		return (struct tally_span){ room, 0 };
	back -= text.at[back - 1] == ')' || text.at[back - 1] == '-';
	while (front < back && text.at[front] == ' ')
		front++;
	if (front == back || tally_is_digit(text.at[front]) == tally_is_digit(text.at[back - 1]))
		return (struct tally_span){ room, 0 };
	behind = tally_is_digit(text.at[front]);
	for (size_t i = 0; i < sizeof currencies / sizeof *currencies; i++) {
		const char *sign = currencies[i].text;

		if (!behind && text.at[front] != sign[0])
			continue; /* most texts begin like none of them */
		if (behind ? !take_back(text, sign, back, parts)
		           : !take_front(text, sign, front, parts))
			continue;
		*currency = currencies[i].currency;
		memcpy(room, parts[0].at, parts[0].len);
		memcpy(room + parts[0].len, parts[1].at, parts[1].len);
		return (struct tally_span){ room, parts[0].len + parts[1].len };
	}
	return (struct tally_span){ room, 0 };
}

/* A number as programs write it. @return whether that is all there is to say */
static bool parse_plain(struct tally_number *out, struct tally_span text)
{
	out->reads[TALLY_MARKS_COMMA] = false;
	out->reads[TALLY_MARKS_POINT] = tally_wide_parse(&out->value[TALLY_MARKS_POINT],
	                                                 &out->fraction[TALLY_MARKS_POINT], text);
	if (!out->reads[TALLY_MARKS_POINT])
		return false;
	if (out->fraction[TALLY_MARKS_POINT] == 0) {
		out->reads[TALLY_MARKS_COMMA] = true;
		out->value[TALLY_MARKS_COMMA] = out->value[TALLY_MARKS_POINT];
		out->fraction[TALLY_MARKS_COMMA] = 0;
	}
	return out->fraction[TALLY_MARKS_POINT] != GROUP_DIGITS; /* 1.234 may be a thousand */
}

static bool parse_marked(struct tally_number *out, struct tally_span text)
{
	char plain[TALLY_NUMBER_TEXT], group;

	for (int m = 0; m < TALLY_MARKS; m++) {
		size_t n = out->reads[m]
		                   ? 0
		                   : tally_number_plain(plain, &group, text, (enum tally_marks)m);

		if (n)
			out->reads[m] = tally_wide_parse(&out->value[m], &out->fraction[m],
			                                 (struct tally_span){ plain, n });
	}
	return out->reads[0] || out->reads[1];
}

/* Amounts of money have no thousandths: three digits behind a mark are a group. */
static void read_as_money(struct tally_number *out)
{
	for (int m = 0; m < TALLY_MARKS; m++)
		if (out->reads[0] && out->reads[1] && out->fraction[m] == GROUP_DIGITS)
			out->reads[m] = false;
}

/*
 * What most cells are that hold no number: words, with a letter at both ends (a currency stands at one), and days, where a digit
 * follows the sign behind the year.
 */
static bool is_word_or_day(struct tally_span text)
{
	const char *p = text.at;

	if (text.len < 2 || !tally_is_letter(p[0]))
		return text.len > 5 && tally_is_digit(p[0]) && tally_is_digit(p[3]) &&
		       p[4] == '-' && tally_is_digit(p[5]);
	return tally_is_letter(p[text.len - 1]);
}

bool tally_number_parse(struct tally_number *out, struct tally_span text)
{
	char room[TALLY_NUMBER_TEXT];

	out->currency = 0;
	if (is_word_or_day(text)) {
		out->reads[TALLY_MARKS_POINT] = out->reads[TALLY_MARKS_COMMA] = false;
		return false;
	}
	if (parse_plain(out, text))
		return true;
	if (!out->reads[TALLY_MARKS_POINT])
		text = tally_span_trim(text);
	/* behind a letter, only what follows a currency may be a number: most texts are done with here */
	if (!(text.len && tally_is_letter(text.at[0])) && parse_marked(out, text))
		return true;
	text = without_currency(text, room, &out->currency);
	if (!text.len || !(parse_plain(out, text) || parse_marked(out, text)))
		return false;
	read_as_money(out);
	return true;
}

void tally_wide_text(char *out, tally_wide value, uint32_t fraction)
{
	char digits[TALLY_WIDE_TEXT];
	bool negative = value < 0;
	unsigned count = 0, skip = 0;
	size_t at = 0;

	for (; value != 0 || count <= TALLY_SUM_SCALE; value /= 10) {
		int digit = (int)(value % 10);

		digits[count++] = (char)('0' + (digit < 0 ? -digit : digit));
	}
	while (skip < TALLY_SUM_SCALE - fraction && digits[skip] == '0')
		skip++;
	if (negative)
		out[at++] = '-';
	while (count > skip) {
		if (count == TALLY_SUM_SCALE)
			out[at++] = '.';
		out[at++] = digits[--count];
	}
	out[at] = '\0';
}
