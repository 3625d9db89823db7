/* Number formats of spreadsheets: what a code shows, and the day and time of a serial number. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/ascii.h"
#include "core/calendar.h"
#include "formats/number_format.h"

const char *tally_number_format_builtin(unsigned id)
{
	static const char *const codes[] = {
		[0] = "General",
		[1] = "0",
		[2] = "0.00",
		[3] = "#,##0",
		[4] = "#,##0.00",
		[5] = "\"$\"#,##0_);\\(\"$\"#,##0\\)",
		[6] = "\"$\"#,##0_);[Red]\\(\"$\"#,##0\\)",
		[7] = "\"$\"#,##0.00_);\\(\"$\"#,##0.00\\)",
		[8] = "\"$\"#,##0.00_);[Red]\\(\"$\"#,##0.00\\)",
		[9] = "0%",
		[10] = "0.00%",
		[11] = "0.00E+00",
		[12] = "# ?/?",
		[13] = "# ?\?/?\?",
		[14] = "mm-dd-yy",
		[15] = "d-mmm-yy",
		[16] = "d-mmm",
		[17] = "mmm-yy",
		[18] = "h:mm AM/PM",
		[19] = "h:mm:ss AM/PM",
		[20] = "h:mm",
		[21] = "h:mm:ss",
		[22] = "m/d/yy h:mm",
		[37] = "#,##0_);(#,##0)",
		[38] = "#,##0_);[Red](#,##0)",
		[39] = "#,##0.00_);(#,##0.00)",
		[40] = "#,##0.00_);[Red](#,##0.00)",
		[41] = "_(* #,##0_);_(* (#,##0);_(* \"-\"_);_(@_)",
		[42] = "_(\"$\"* #,##0_);_(\"$\"* (#,##0);_(\"$\"* \"-\"_);_(@_)",
		[43] = "_(* #,##0.00_);_(* (#,##0.00);_(* \"-\"??_);_(@_)",
		[44] = "_(\"$\"* #,##0.00_);_(\"$\"* (#,##0.00);_(\"$\"* \"-\"??_);_(@_)",
		[45] = "mm:ss",
		[46] = "[h]:mm:ss",
		[47] = "mm:ss.0",
		[48] = "##0.0E+0",
		[49] = "@",
	};

	return id < sizeof codes / sizeof *codes ? codes[id] : NULL;
}

bool tally_number_format_is_local_date(unsigned id)
{
	return (id >= 27 && id <= 36) || (id >= 50 && id <= 58);
}

/* ---- What a code shows ---- */

/* A section of a code, read from left to right. */
struct code {
	const char *at, *end;
	bool date, time, elapsed, text, digits, general;
	bool after_hours; /* the last part of a date or time was hours: m is minutes */
	size_t months;    /* m that may still become minutes, when seconds follow */
};

/* Do the next letters say @word (lower case)? */
static bool next_is(const struct code *c, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(c->end - c->at) < len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (tally_lower(c->at[i]) != word[i])
			return false;
	return true;
}

static size_t run_length(const struct code *c)
{
	const char *p = c->at;

	while (p < c->end && tally_lower(*p) == tally_lower(*c->at))
		p++;
	return (size_t)(p - c->at);
}

/* [h], [mm], [ss]: a duration; [Red], [<100], [$-409]: nothing that matters. */
static void take_bracket(struct code *c)
{
	const char *close = memchr(c->at, ']', (size_t)(c->end - c->at));
	struct code in = { .at = c->at + 1, .end = close ? close : c->end };

	c->at = close ? close + 1 : c->end;
	if (!close || in.at == in.end || !strchr("hms", tally_lower(*in.at)))
		return;
	if (run_length(&in) == (size_t)(in.end - in.at)) {
		c->elapsed = true;
		c->after_hours = tally_lower(*in.at) == 'h';
	}
}

/* What a month was is settled when something else follows. */
static void settle_month(struct code *c, bool minutes)
{
	if (c->months && minutes)
		c->time = true;
	else if (c->months)
		c->date = true;
	c->months = 0;
}

static void take_m(struct code *c, size_t run)
{
	settle_month(c, false);
	if (run > 2)
		c->date = true;
	else if (c->after_hours)
		c->time = true;
	else
		c->months = run;
	c->after_hours = false;
}

static void take_part(struct code *c)
{
	char letter = tally_lower(*c->at);
	size_t run = run_length(c);

	if (letter == 'm') {
		take_m(c, run);
	} else {
		settle_month(c, letter == 's');
		c->after_hours = letter == 'h';
		if (letter == 'h' || letter == 's')
			c->time = true;
		else
			c->date = true;
	}
	c->at += run;
}

/* E+00 or E-00 is an exponent; e alone is a year. @return is it an exponent? */
static bool take_exponent(struct code *c)
{
	if (c->end - c->at < 2 || (c->at[1] != '+' && c->at[1] != '-'))
		return false;
	c->digits = true;
	c->at += 2;
	return true;
}

static bool take_word(struct code *c)
{
	static const struct {
		const char *word;
		bool general;
	} words[] = { { "general", true }, { "am/pm", false }, { "a/p", false } };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!next_is(c, words[i].word))
			continue;
		*(words[i].general ? &c->general : &c->time) = true;
		c->at += strlen(words[i].word);
		return true;
	}
	return false;
}

static void take_quoted(struct code *c)
{
	const char *close = memchr(c->at + 1, '"', (size_t)(c->end - c->at - 1));

	c->at = close ? close + 1 : c->end;
}

/* A character that is no letter of a date: a literal, a digit's place, or @. */
static void take_other(struct code *c)
{
	switch (*c->at) {
	case '"':
		take_quoted(c);
		return;
	case '[':
		take_bracket(c);
		return;
	case '\\':
	case '_':
	case '*':
		c->at += c->end - c->at > 1 ? 2 : 1;
		return;
	case '@':
		c->text = true;
		break;
	case '0':
	case '#':
	case '?':
	case '%':
		c->digits = true;
		break;
	default:
		break;
	}
	c->at++;
}

static void take(struct code *c)
{
	char letter = tally_lower(*c->at);

	if ((letter == 'g' || letter == 'a') && take_word(c))
		return;
	if (letter == 'e' && take_exponent(c))
		return;
	/* g is an era; a day of the week in Chinese or Japanese is aaa, a Buddhist year bb */
	if (strchr("ymdhsge", letter) || (strchr("ab", letter) && run_length(c) > 1))
		take_part(c);
	else
		take_other(c);
}

static enum tally_number_class class_of(const struct code *c, bool empty)
{
	if (c->date)
		return c->time || c->elapsed ? TALLY_NUMBER_DATETIME : TALLY_NUMBER_DATE;
	if (c->elapsed)
		return TALLY_NUMBER_DURATION;
	if (c->time)
		return TALLY_NUMBER_TIME;
	if (c->text && !c->digits)
		return TALLY_NUMBER_TEXT;
	return empty || (c->general && !c->digits) ? TALLY_NUMBER_GENERAL : TALLY_NUMBER_PLAIN;
}

enum tally_number_class tally_number_format_class(const char *code, size_t len)
{
	struct code c = { .at = code, .end = code + len };

	while (c.at < c.end && *c.at != ';' && *c.at)
		take(&c);
	settle_month(&c, false);
	return class_of(&c, !len);
}

/* ---- Days ---- */

enum { DAY_MS = 86400000 };

#define LAST_DAY_1900 INT64_C(2958465) /* 9999-12-31 as a serial number */
#define DAYS_1904     INT64_C(1462)    /* 1904-01-01 */

enum { DAYS_1900 = 25569 }; /* from the first day that spreadsheets count to 1970-01-01 */

/* Days before 1900-03-01 as spreadsheets count them: 1900 had a 29th of February, and a "0th" of January before its 1st. */
static struct tally_civil early(int64_t serial)
{
	return serial < 32 ? (struct tally_civil){ 1900, 1, (int)serial }
	                   : (struct tally_civil){ 1900, 2, (int)serial - 31 };
}

/* Digits by hand: snprintf would take most of the time of a column of days. */
static int put_digits(char *out, int n, int digits)
{
	for (int i = digits; i-- > 0; n /= 10)
		out[i] = (char)('0' + n % 10);
	return digits;
}

static int put_clock(char *out, int ms)
{
	int n = put_digits(out, ms / 3600000, 2);

	out[n++] = ':';
	n += put_digits(out + n, ms / 60000 % 60, 2);
	out[n++] = ':';
	n += put_digits(out + n, ms / 1000 % 60, 2);
	if (ms % 1000) {
		out[n++] = '.';
		n += put_digits(out + n, ms % 1000, 3);
	}
	return n;
}

static void put_duration(char *out, size_t room, int64_t ms)
{
	int n = snprintf(out, room, "PT%lldH%dM%d", (long long)(ms / 3600000),
	                 (int)(ms / 60000 % 60), (int)(ms / 1000 % 60));

	if (ms % 1000)
		n += snprintf(out + n, room - (size_t)n, ".%03d", (int)(ms % 1000));
	(void)snprintf(out + n, room - (size_t)n, "S");
}

/* A time beyond its format (noon of a day shown as a day) is written: values that differ have texts that differ. */
static int put_day(char *out, int64_t serial, int ms)
{
	struct tally_civil d = serial < 61 ? early(serial) : tally_civil_of(serial - DAYS_1900);
	int n = put_digits(out, (int)d.year, 4);

	out[n++] = '-';
	n += put_digits(out + n, d.month, 2);
	out[n++] = '-';
	n += put_digits(out + n, d.day, 2);
	if (ms) {
		out[n++] = 'T';
		n += put_clock(out + n, ms);
	}
	return n;
}

bool tally_serial_text(char out[TALLY_SERIAL_TEXT_MAX], double serial,
                       enum tally_number_class shown, bool epoch1904)
{
	int64_t first = epoch1904 ? DAYS_1904 : 0, ms;

	out[0] = '\0';
	if (!(serial >= 0 && serial < (double)LAST_DAY_1900 + 1))
		return false;
	ms = (int64_t)(serial * DAY_MS + 0.5);
	if (shown == TALLY_NUMBER_DURATION) {
		put_duration(out, TALLY_SERIAL_TEXT_MAX, ms);
	} else if (shown == TALLY_NUMBER_TIME && ms < DAY_MS) {
		out[put_clock(out, (int)ms)] = '\0';
	} else {
		if (first + ms / DAY_MS > LAST_DAY_1900)
			return false;
		out[put_day(out, first + ms / DAY_MS, (int)(ms % DAY_MS))] = '\0';
	}
	return true;
}
