/* Values of OpenDocument's cells: ISO 8601 dates and durations (XML Schema part 2, 3.2.6 to 3.2.9) in the notation of Tally. */
#include "formats/ods_values.h"

#include <stdio.h>
#include <string.h>

#include "core/ascii.h"

enum { DAY_MS = 86400000, SECOND_MS = 1000 };

/* A place in a text. */
struct at {
	const char *p, *end;
	bool bad;
};

static bool next_is(struct at *a, char c)
{
	if (a->p == a->end || *a->p != c)
		return false;
	a->p++;
	return true;
}

static void expect(struct at *a, char c)
{
	if (!next_is(a, c))
		a->bad = true;
}

/* Digits, at most as many as an int holds. */
static int64_t digits(struct at *a, size_t *count)
{
	const char *from = a->p;
	int64_t n = 0;

	for (; a->p < a->end && tally_is_digit(*a->p); a->p++) {
		if (a->p - from >= 15)
			a->bad = true;
		else
			n = n * 10 + (*a->p - '0');
	}
	*count = (size_t)(a->p - from);
	if (!*count)
		a->bad = true;
	return n;
}

static int two(struct at *a)
{
	size_t count;
	int64_t n = digits(a, &count);

	if (count != 2)
		a->bad = true;
	return (int)(n % 100);
}

/* ".5" as milliseconds, rounded. @return 0 where nothing stands there; 1000 where it is nearly a second */
static int fraction(struct at *a)
{
	int ms = 0, places = 0;
	bool up = false;

	if (!next_is(a, '.') && !next_is(a, ','))
		return 0;
	for (; a->p < a->end && tally_is_digit(*a->p); a->p++, places++) {
		if (places < 3)
			ms = ms * 10 + (*a->p - '0');
		else if (places == 3)
			up = *a->p >= '5';
	}
	for (; places < 3; places++)
		ms *= 10;
	return ms + up;
}

/* ---- dates ---- */

struct date {
	int64_t year;
	int month, day;
};

static int month_days(const struct date *d)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	/* spreadsheets believe that 1900 was one */
	bool leap = d->year % 4 == 0 && (d->year % 100 != 0 || d->year % 400 == 0 || d->year == 1900);

	return days[d->month - 1] + (d->month == 2 && leap);
}

static void next_day(struct date *d)
{
	if (d->day++ < month_days(d))
		return;
	d->day = 1;
	if (d->month++ < 12)
		return;
	d->month = 1;
	d->year++;
}

static void take_date(struct at *a, struct date *d)
{
	size_t count;

	d->year = digits(a, &count);
	if (count < 4 || count > 9)
		a->bad = true;
	expect(a, '-');
	d->month = two(a);
	expect(a, '-');
	d->day = two(a);
	if (d->month < 1 || d->month > 12 || d->day < 1 || (!a->bad && d->day > month_days(d)))
		a->bad = true;
}

/* "13:30:00.5" as milliseconds of the day; up to DAY_MS. */
static int take_clock(struct at *a)
{
	int hours = two(a), minutes, seconds = 0, ms;

	expect(a, ':');
	minutes = two(a);
	if (next_is(a, ':'))
		seconds = two(a);
	ms = fraction(a);
	if (hours > 24 || minutes > 59 || seconds > 59)
		a->bad = true;
	return ((hours * 60 + minutes) * 60 + seconds) * SECOND_MS + ms;
}

size_t tally_ods_date(char out[TALLY_SERIAL_TEXT_MAX], const char *text, size_t len)
{
	struct at a = { text, text + len, false };
	struct date d = { 0 };
	int ms = 0, n;

	take_date(&a, &d);
	if (!a.bad && next_is(&a, 'T'))
		ms = take_clock(&a);
	if (a.bad || a.p != a.end || ms > DAY_MS)
		return 0;
	if (ms == DAY_MS) {
		next_day(&d);
		ms = 0;
	}
	n = snprintf(out, TALLY_SERIAL_TEXT_MAX, "%04lld-%02d-%02d", (long long)d.year, d.month,
	             d.day);
	if (ms)
		n += snprintf(out + n, TALLY_SERIAL_TEXT_MAX - (size_t)n, "T%02d:%02d:%02d",
		              ms / 3600000, ms / 60000 % 60, ms / SECOND_MS % 60);
	if (ms % SECOND_MS)
		n += snprintf(out + n, TALLY_SERIAL_TEXT_MAX - (size_t)n, ".%03d", ms % SECOND_MS);
	return (size_t)n;
}

/* ---- times ---- */

static int64_t unit_ms(char letter, bool time)
{
	switch (letter) {
	case 'D':
		return time ? 0 : DAY_MS;
	case 'H':
		return time ? 3600 * SECOND_MS : 0;
	case 'M':
		return time ? 60 * SECOND_MS : 0;
	case 'S':
		return time ? SECOND_MS : 0;
	default:
		return 0;
	}
}

/* One part of a duration: "30M", "1.5S". @return milliseconds */
static int64_t take_part(struct at *a, bool time)
{
	size_t count;
	int64_t n = digits(a, &count), ms, unit;
	int part = fraction(a);

	unit = a->p < a->end ? unit_ms(*a->p, time) : 0;
	if (a->bad || !unit || __builtin_mul_overflow(n, unit, &ms) || ms > INT64_MAX / 4) {
		a->bad = true;
		return 0;
	}
	a->p++;
	return ms + (unit / SECOND_MS) * part;
}

size_t tally_ods_time(char out[TALLY_SERIAL_TEXT_MAX], const char *text, size_t len,
                      enum tally_number_class shown)
{
	const int64_t most = INT64_C(2958466) * DAY_MS; /* what a serial number may be */
	struct at a = { text, text + len, false };
	int64_t ms = 0;
	bool time = false;

	expect(&a, 'P');
	while (!a.bad && a.p < a.end) {
		if (!time && next_is(&a, 'T')) {
			time = true;
			continue;
		}
		ms += take_part(&a, time);
		if (ms > most)
			a.bad = true;
	}
	if (a.bad || len < 3)
		return 0;
	if (shown != TALLY_NUMBER_DURATION)
		shown = TALLY_NUMBER_TIME;
	return tally_serial_text(out, (double)ms / DAY_MS, shown, false) ? strlen(out) : 0;
}

uint64_t tally_ods_count(const char *text, size_t len, uint64_t otherwise)
{
	const uint64_t most = UINT64_C(1) << 62;
	uint64_t n = 0;

	if (!len)
		return otherwise;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return otherwise;
		n = n * 10 + (uint64_t)(text[i] - '0');
		if (n > most / 16)
			n = most / 16;
	}
	return n;
}
