/* Dates as text, in the notations that spreadsheet programs and databases write. */
#include "diff/table_value.h"

#include <string.h>

#include "core/ascii.h"
#include "core/calendar.h"

enum { YEAR_LEAST = 1, YEAR_MOST = 9999 };

/* Pieces of a date: numbers with their digits, or a month's name, and what stands between. */
struct pieces {
	int value[3];
	int digits[3]; /* 0: a month's name */
	char between[2];
	int count;
};

static const char *const month_names[12] = { "january",   "february", "march",    "april",
	                                     "may",       "june",     "july",     "august",
	                                     "september", "october",  "november", "december" };

/* How many letters of a month's name stand here: 3, "sept", or all of it. */
static size_t month_at(struct tally_span text, int *month)
{
	for (int m = 0; m < 12; m++) {
		const char *name = month_names[m];
		size_t n = 0, full = strlen(name);

		while (n < full && n < text.len && tally_lower(text.at[n]) == name[n])
			n++;
		if (n >= 3 && (n == 3 || n == full || (m == 8 && n == 4))) {
			*month = m + 1;
			return n;
		}
	}
	return 0;
}

static bool is_letter(char c)
{
	return tally_is_letter(c) || (unsigned char)c >= 0x80;
}

static size_t number_at(struct tally_span text, int *value, size_t most)
{
	size_t n = 0;

	*value = 0;
	while (n < text.len && n < most && tally_is_digit(text.at[n]))
		*value = *value * 10 + (text.at[n++] - '0');
	return n < text.len && tally_is_digit(text.at[n]) ? 0 : n;
}

static struct tally_span skip(struct tally_span text, size_t n)
{
	return (struct tally_span){ text.at + n, text.len - n };
}

/* Three pieces. @return the rest of the text behind them, .at NULL where there are none */
static struct tally_span take_pieces(struct pieces *p, struct tally_span text)
{
	const struct tally_span none = { NULL, 0 };

	for (p->count = 0; p->count < 3; p->count++) {
		size_t n = number_at(text, &p->value[p->count], 4);

		p->digits[p->count] = (int)n;
		if (!n) {
			n = month_at(text, &p->value[p->count]);
			if (!n || (n < text.len && is_letter(text.at[n])))
				return none;
		}
		text = skip(text, n);
		if (p->count == 2)
			break;
		if (!text.len || !memchr("-/. ,", text.at[0], 5))
			return none;
		p->between[p->count] = text.at[0];
		text = skip(text, 1);
		while (text.len && text.at[0] == ' ') /* "Sep 2, 2024" */
			text = skip(text, 1);
	}
	p->count = 3;
	return text;
}

static bool leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool valid(int year, int month, int day)
{
	static const int days[12] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (year < YEAR_LEAST || year > YEAR_MOST || month < 1 || month > 12 || day < 1 ||
	    day > days[month - 1])
		return false;
	return month != 2 || day < 29 || leap(year);
}

void tally_date_civil(const struct tally_date *date, int *month, int *day)
{
	struct tally_civil c = tally_civil_of(date->day);

	*month = c.month;
	*day = c.day;
}

bool tally_dates_exchanged(const struct tally_date *a, const struct tally_date *b)
{
	struct tally_civil x = tally_civil_of(a->day), y = tally_civil_of(b->day);

	return x.year == y.year && x.month == y.day && x.day == y.month && x.month != x.day;
}

bool tally_dates_but_century(const struct tally_date *a, const struct tally_date *b)
{
	struct tally_civil x = tally_civil_of(a->day), y = tally_civil_of(b->day);

	return x.year % 100 == y.year % 100 && x.month == y.month && x.day == y.day;
}

static int full_year(int year, int digits)
{
	if (digits > 2)
		return year;
	return year < 69 ? 2000 + year : 1900 + year;
}

/* " 13:45", "T13:45:00.5Z", " 1:45 PM": seconds of the day. @return false: something else stands there */
static bool parse_time(int32_t *seconds, struct tally_span text, unsigned *notation)
{
	int part[3] = { 0, 0, 0 }, count = 0;
	size_t n;

	*seconds = -1;
	if (!text.len)
		return true;
	if (text.at[0] != ' ' && text.at[0] != 'T')
		return false;
	*notation += text.at[0] == 'T' ? 2 : 1;
	text = skip(text, 1);
	for (; count < 3; count++) {
		n = number_at(text, &part[count], 2);
		if (!n)
			return false;
		text = skip(text, n);
		if (!text.len || text.at[0] != ':' || count == 2)
			break;
		text = skip(text, 1);
	}
	if (count == 0)
		return false;
	*notation += (unsigned)count << 2;
	if (text.len > 1 && text.at[0] == '.') {
		int fraction;

		n = number_at(skip(text, 1), &fraction, 9);
		if (!n || fraction)
			return false; /* fractions of seconds are beyond what is compared here */
		text = skip(text, n + 1);
	}
	if (text.len >= 2 && tally_lower(text.at[text.len - 1]) == 'm') {
		char half = tally_lower(text.at[text.len - 2]);

		if ((half != 'a' && half != 'p') || text.len > 3 || part[0] < 1 || part[0] > 12)
			return false;
		part[0] = part[0] % 12 + (half == 'p' ? 12 : 0);
		*notation += 16;
	} else if (text.len && !(text.len == 1 && text.at[0] == 'Z')) {
		return false;
	} else if (text.len) {
		*notation += 32;
	}
	*seconds = part[0] * 3600 + part[1] * 60 + part[2];
	return part[0] < 24 && part[1] < 60 && part[2] < 60;
}

bool tally_time_parse(int32_t *seconds, struct tally_span text)
{
	enum { TIME_MOST = 16 };
	char spaced[TIME_MOST + 1] = " ";
	unsigned notation = 0;

	if (text.len < 4 || text.len > TIME_MOST || !tally_is_digit(text.at[0]) ||
	    !memchr(text.at, ':', text.len))
		return false;
	memcpy(spaced + 1, text.at, text.len);
	return parse_time(seconds, (struct tally_span){ spaced, text.len + 1 }, &notation);
}

static size_t add(struct tally_date *out, size_t count, const struct pieces *p, const int at[3],
                  enum tally_date_order order)
{
	int year = full_year(p->value[at[0]], p->digits[at[0]]);

	if (!valid(year, p->value[at[1]], p->value[at[2]]))
		return count;
	out[count].day = (int32_t)tally_civil_days(year, p->value[at[1]], p->value[at[2]]);
	out[count].order = (uint8_t)order;
	out[count].short_year = p->digits[at[0]] <= 2;
	return count + 1;
}

static size_t read_pieces(struct tally_date *out, const struct pieces *p)
{
	static const int year_first[3] = { 0, 1, 2 }, day_first[3] = { 2, 1, 0 },
			 month_first[3] = { 2, 0, 1 };
	size_t count = 0;
	bool tail_year = p->digits[2] == 4 || p->digits[2] == 2;

	if (p->digits[0] == 4 && p->digits[2] > 0 && p->digits[2] <= 2 && p->digits[1] <= 2)
		return add(out, 0, p, year_first, TALLY_DATE_SURE);
	if (!tail_year || p->digits[0] > 2 || p->digits[1] > 2)
		return 0;
	if (p->digits[1] == 0 && p->digits[0] > 0)
		return add(out, 0, p, day_first, TALLY_DATE_SURE);
	if (p->digits[0] == 0 && p->digits[1] > 0)
		return add(out, 0, p, month_first, TALLY_DATE_SURE);
	if (p->digits[0] == 0 || p->between[0] != p->between[1] || p->between[0] == ' ' ||
	    p->between[0] == ',')
		return 0;
	count = add(out, count, p, day_first, TALLY_DATE_DAY_FIRST);
	if (p->between[0] == '.') /* 02.09.2024 is day first wherever it is written */
		return count;
	return add(out, count, p, month_first, TALLY_DATE_MONTH_FIRST);
}

static size_t parse_compact(struct tally_date out[2], struct tally_span text)
{
	struct tally_date d = { 0, -1, TALLY_DATE_SURE, false, 0xffff };
	int year, month, day;

	if (text.len != 8)
		return 0;
	for (size_t i = 0; i < 8; i++)
		if (!tally_is_digit(text.at[i]))
			return 0;
	number_at((struct tally_span){ text.at, 4 }, &year, 4);
	number_at((struct tally_span){ text.at + 4, 2 }, &month, 2);
	number_at((struct tally_span){ text.at + 6, 2 }, &day, 2);
	if (year < 1800 || year > 2200 || !valid(year, month, day))
		return 0;
	d.day = (int32_t)tally_civil_days(year, month, day);
	out[0] = d;
	return 1;
}

size_t tally_date_parse(struct tally_date out[2], struct tally_span text, bool compact)
{
	struct pieces p = { 0 };
	struct tally_span rest;
	int32_t seconds;
	unsigned notation = 0;
	size_t count;

	if (text.len < 6 || text.len > 40)
		return 0;
	if (compact && text.len == 8 && tally_is_digit(text.at[2]) && tally_is_digit(text.at[4]))
		return parse_compact(out, text);
	rest = take_pieces(&p, text);
	if (!rest.at || !parse_time(&seconds, rest, &notation))
		return 0;
	count = read_pieces(out, &p);
	notation = notation << 9 | (unsigned)(p.digits[0] == 4) << 8 |
	           (unsigned)(p.digits[2] == 4) << 7 | (unsigned)(p.digits[0] == 0) << 6 |
	           (unsigned)(p.digits[1] == 0) << 5 | ((unsigned char)p.between[0] & 31U);
	for (size_t i = 0; i < count; i++) {
		out[i].seconds = seconds;
		out[i].notation = (uint16_t)notation;
	}
	return count;
}

/* "2-Sep", "02 Sep", "3/4", "3-4" */
static size_t number_first(struct tally_month_day out[2], struct tally_span text)
{
	int first, second;
	size_t n = number_at(text, &first, 2), count = 0;

	if (!n || n == text.len)
		return 0;
	text = skip(text, n);
	if (memchr("-/ ", text.at[0], 3))
		text = skip(text, 1);
	n = month_at(text, &second);
	if (n && n == text.len && first >= 1 && first <= 31) {
		out[0] = (struct tally_month_day){ (uint8_t)second, (uint8_t)first };
		return 1;
	}
	n = number_at(text, &second, 2);
	if (!n || n != text.len)
		return 0;
	if (valid(2000, first, second))
		out[count++] = (struct tally_month_day){ (uint8_t)first, (uint8_t)second };
	if (valid(2000, second, first))
		out[count++] = (struct tally_month_day){ (uint8_t)second, (uint8_t)first };
	return count;
}

size_t tally_month_day_parse(struct tally_month_day out[2], struct tally_span text)
{
	int month, day;
	size_t n = month_at(text, &month);

	if (text.len > 20)
		return 0;
	if (!n)
		return number_first(out, text);
	text = skip(text, n);
	if (text.len && memchr("-/ ", text.at[0], 3))
		text = skip(text, 1);
	n = number_at(text, &day, 2);
	if (!n || n != text.len || day < 1 || day > 31)
		return 0;
	out[0] = (struct tally_month_day){ (uint8_t)month, (uint8_t)day };
	return 1;
}
