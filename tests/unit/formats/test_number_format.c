/* Number formats: what codes show, days of serial numbers, shortest texts of numbers. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/number_format.h"
#include "support/random.h"

static enum tally_number_class class_of(const char *code)
{
	return tally_number_format_class(code, strlen(code));
}

struct code_case {
	const char *code;
	enum tally_number_class shown;
};

static void check_classes(const struct code_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		cr_expect_eq(class_of(cases[i].code), cases[i].shown, "'%s' is %d", cases[i].code,
		             (int)class_of(cases[i].code));
}

#define CHECK_CLASSES(...)                                          \
	do {                                                        \
		const struct code_case cases[] = { __VA_ARGS__ };   \
		check_classes(cases, sizeof cases / sizeof *cases); \
	} while (0)

Test(number_format, days_times_and_durations_are_told_apart)
{
	CHECK_CLASSES({ "yyyy-mm-dd", TALLY_NUMBER_DATE }, { "m/d/yy", TALLY_NUMBER_DATE },
	              { "MMMM", TALLY_NUMBER_DATE }, { "mm", TALLY_NUMBER_DATE },
	              { "d-mmm", TALLY_NUMBER_DATE },
	              { "[$-409]d\\-mmm\\-yyyy;@", TALLY_NUMBER_DATE },
	              { "dddd, mmmm dd, yyyy", TALLY_NUMBER_DATE }, { "aaa", TALLY_NUMBER_DATE },
	              { "[$-411]ggge\"年\"m\"月\"d\"日\"", TALLY_NUMBER_DATE },
	              { "hh:mm", TALLY_NUMBER_TIME }, { "mm:ss", TALLY_NUMBER_TIME },
	              { "mm:ss.0", TALLY_NUMBER_TIME }, { "h:mm AM/PM", TALLY_NUMBER_TIME },
	              { "h A/P", TALLY_NUMBER_TIME },
	              { "[$-F400]h:mm:ss\\ AM/PM", TALLY_NUMBER_TIME },
	              { "m/d/yy h:mm", TALLY_NUMBER_DATETIME },
	              { "yyyy\\-mm\\-dd\"T\"hh:mm:ss.000", TALLY_NUMBER_DATETIME },
	              { "d \"at\" h", TALLY_NUMBER_DATETIME },
	              { "[h]:mm:ss", TALLY_NUMBER_DURATION }, { "[mm]:ss", TALLY_NUMBER_DURATION },
	              { "[ss].00", TALLY_NUMBER_DURATION }, { "[HH]:MM", TALLY_NUMBER_DURATION });
}

Test(number_format, letters_that_are_no_date_are_skipped)
{
	CHECK_CLASSES({ "0.00E+00", TALLY_NUMBER_PLAIN }, { "##0.0e-0", TALLY_NUMBER_PLAIN },
	              { "0\" days\"", TALLY_NUMBER_PLAIN }, { "0\\d", TALLY_NUMBER_PLAIN },
	              { "[Red]0.00", TALLY_NUMBER_PLAIN },
	              { "[$USD]\\ #,##0.00", TALLY_NUMBER_PLAIN },
	              { "[>=100]0;yyyy", TALLY_NUMBER_PLAIN }, { "0_d", TALLY_NUMBER_PLAIN },
	              { "_(* #,##0_);_(* (#,##0);_(* \"-\"_);_(@_)", TALLY_NUMBER_PLAIN },
	              { "# ?/?", TALLY_NUMBER_PLAIN }, { "0%", TALLY_NUMBER_PLAIN },
	              { "\"yyyy\"", TALLY_NUMBER_PLAIN }, { ";;;", TALLY_NUMBER_PLAIN });
}

Test(number_format, general_and_text)
{
	CHECK_CLASSES({ "General", TALLY_NUMBER_GENERAL }, { "GENERAL", TALLY_NUMBER_GENERAL },
	              { "general;-general", TALLY_NUMBER_GENERAL }, { "", TALLY_NUMBER_GENERAL },
	              { "@", TALLY_NUMBER_TEXT }, { "@\\ *.", TALLY_NUMBER_TEXT },
	              { "General \"days\"", TALLY_NUMBER_GENERAL }, { "0;@", TALLY_NUMBER_PLAIN });
}

Test(number_format, codes_cut_anywhere_are_read)
{
	const char *code = "[$-409]yyyy\\-\"x\"_(*-mm[h]:General AM/PM e+E-@;";

	for (size_t len = 0; len <= strlen(code); len++) {
		char *cut = malloc(len + 1);

		memcpy(cut, code, len);
		(void)tally_number_format_class(cut, len);
		free(cut);
	}
}

Test(number_format, built_in_codes)
{
	cr_assert_str_eq(tally_number_format_builtin(0), "General");
	cr_assert_str_eq(tally_number_format_builtin(49), "@");
	cr_assert_null(tally_number_format_builtin(30));
	cr_assert_null(tally_number_format_builtin(50));
	cr_assert_null(tally_number_format_builtin(4000000000U));
	for (unsigned id = 14; id <= 22; id++)
		cr_expect(class_of(tally_number_format_builtin(id)) >= TALLY_NUMBER_DATE);
	cr_assert_eq(class_of(tally_number_format_builtin(46)), TALLY_NUMBER_DURATION);
}

static const char *serial_text(double serial, enum tally_number_class shown, bool epoch1904)
{
	static char out[TALLY_SERIAL_TEXT_MAX];

	return tally_serial_text(out, serial, shown, epoch1904) ? out : "number";
}

#define DAY(serial) serial_text(serial, TALLY_NUMBER_DATE, false)

Test(number_format, days_of_serial_numbers)
{
	cr_expect_str_eq(DAY(0), "1900-01-00");
	cr_expect_str_eq(DAY(1), "1900-01-01");
	cr_expect_str_eq(DAY(31), "1900-01-31");
	cr_expect_str_eq(DAY(32), "1900-02-01");
	cr_expect_str_eq(DAY(59), "1900-02-28");
	cr_expect_str_eq(DAY(60), "1900-02-29");
	cr_expect_str_eq(DAY(61), "1900-03-01");
	cr_expect_str_eq(DAY(366), "1900-12-31");
	cr_expect_str_eq(DAY(36525), "1999-12-31");
	cr_expect_str_eq(DAY(36585), "2000-02-29");
	cr_expect_str_eq(DAY(45351), "2024-02-29");
	cr_expect_str_eq(DAY(2958465), "9999-12-31");
	cr_expect_str_eq(DAY(2958466), "number");
	cr_expect_str_eq(DAY(-1), "number");
	cr_expect_str_eq(DAY(NAN), "number");
	cr_expect_str_eq(DAY(INFINITY), "number");
	cr_expect_str_eq(DAY(1e300), "number");
}

Test(number_format, the_other_calendar_is_1462_days_later)
{
	cr_expect_str_eq(serial_text(0, TALLY_NUMBER_DATE, true), "1904-01-01");
	cr_expect_str_eq(serial_text(1, TALLY_NUMBER_DATE, true), "1904-01-02");
	cr_expect_str_eq(serial_text(45351 - 1462, TALLY_NUMBER_DATE, true), "2024-02-29");
	cr_expect_str_eq(serial_text(2958465 - 1461, TALLY_NUMBER_DATE, true), "number");
}

Test(number_format, every_day_follows_the_one_before)
{
	int last_month = 2, last_day = 29, last_year = 1900;

	for (int serial = 61; serial <= 2958465; serial++) {
		int y, m, d;

		cr_assert_eq(sscanf(DAY(serial), "%d-%d-%d", &y, &m, &d), 3);
		cr_assert(m >= 1 && m <= 12 && d >= 1 && d <= 31);
		if (y == last_year && m == last_month)
			cr_assert_eq(d, last_day + 1);
		else
			cr_assert(d == 1 && last_day >= 28 &&
			          (m == last_month + 1 || (m == 1 && y == last_year + 1)));
		last_year = y, last_month = m, last_day = d;
	}
}

Test(number_format, times_of_serial_numbers)
{
	cr_expect_str_eq(serial_text(45351.5625, TALLY_NUMBER_DATETIME, false),
	                 "2024-02-29T13:30:00");
	cr_expect_str_eq(serial_text(45351, TALLY_NUMBER_DATETIME, false), "2024-02-29");
	cr_expect_str_eq(serial_text(0.5625, TALLY_NUMBER_TIME, false), "13:30:00");
	cr_expect_str_eq(serial_text(0, TALLY_NUMBER_TIME, false), "00:00:00");
	cr_expect_str_eq(serial_text(1.2604166666666667, TALLY_NUMBER_DURATION, false), "PT30H15M0S");
	cr_expect_str_eq(serial_text(1.0 / 86400 * 1.5, TALLY_NUMBER_TIME, false), "00:00:01.500");
	cr_expect_str_eq(serial_text(1.0 / 86400 * 1.25, TALLY_NUMBER_DURATION, false),
	                 "PT0H0M1.250S");
}

Test(number_format, rounding_carries_into_the_next_day)
{
	cr_expect_str_eq(serial_text(45350.9999999999, TALLY_NUMBER_DATETIME, false), "2024-02-29");
	cr_expect_str_eq(serial_text(0.9999999999, TALLY_NUMBER_TIME, false), "1900-01-01");
	cr_expect_str_eq(serial_text(2958465.9999999999, TALLY_NUMBER_DATETIME, false), "number");
}

Test(number_format, what_the_format_hides_is_in_the_text)
{
	cr_expect_str_eq(DAY(45351.5), "2024-02-29T12:00:00");
	cr_expect_str_eq(serial_text(45351.5, TALLY_NUMBER_TIME, false), "2024-02-29T12:00:00");
}

static const char *number_text(const char *text)
{
	static char out[TALLY_NUMBER_TEXT_MAX];
	size_t len = tally_number_text(out, text, strlen(text));

	cr_assert_eq(strlen(out), len);
	return len ? out : "none";
}

Test(number_text, plain_numbers_lose_only_idle_zeros)
{
	cr_expect_str_eq(number_text("0"), "0");
	cr_expect_str_eq(number_text("-0"), "0");
	cr_expect_str_eq(number_text("0.000"), "0");
	cr_expect_str_eq(number_text("42"), "42");
	cr_expect_str_eq(number_text("-42.50"), "-42.5");
	cr_expect_str_eq(number_text("0042"), "42");
	cr_expect_str_eq(number_text("+7"), "7");
	cr_expect_str_eq(number_text(" 7\n"), "7");
	cr_expect_str_eq(number_text(".5"), "0.5");
	cr_expect_str_eq(number_text("5."), "5");
	cr_expect_str_eq(number_text("100"), "100");
	cr_expect_str_eq(number_text("1000000.001"), "1000000.001");
	cr_expect_str_eq(number_text("0.00012"), "0.00012");
	cr_expect_str_eq(number_text("999999999999999"), "999999999999999");
	cr_expect_str_eq(number_text("12345678.9012345"), "12345678.9012345");
}

Test(number_text, the_shortest_text_of_the_same_double)
{
	cr_expect_str_eq(number_text("0.10000000000000001"), "0.1");
	cr_expect_str_eq(number_text("1.1000000000000001"), "1.1");
	cr_expect_str_eq(number_text("0.30000000000000004"), "0.30000000000000004");
	cr_expect_str_eq(number_text("0.33333333333333331"), "0.3333333333333333");
	cr_expect_str_eq(number_text("9007199254740993"), "9007199254740992");
	cr_expect_str_eq(number_text("12345678901234567890"), "12345678901234567000");
	cr_expect_str_eq(number_text("2.9999999999999999999999"), "3");
	cr_expect_str_eq(number_text("179.00000000000000000001"), "179");
	/* a power of two: the nearest of 16 digits is not the same double, the next one is */
	cr_expect_str_eq(number_text("5.6843418860808015e-14"), "5.684341886080802e-14");
	cr_expect_str_eq(number_text("9.5367431640625e-07"), "0.00000095367431640625");
}

Test(number_text, large_and_small_ones_have_an_exponent)
{
	cr_expect_str_eq(number_text("1E3"), "1000");
	cr_expect_str_eq(number_text("1.5e+2"), "150");
	cr_expect_str_eq(number_text("1e21"), "1e21");
	cr_expect_str_eq(number_text("100000000000000000000"), "100000000000000000000");
	cr_expect_str_eq(number_text("1000000000000000000000"), "1e21");
	cr_expect_str_eq(number_text("0.0000001"), "0.0000001");
	cr_expect_str_eq(number_text("1e-7"), "0.0000001");
	cr_expect_str_eq(number_text("0.00000001"), "1e-8");
	cr_expect_str_eq(number_text("1.7976931348623157E+308"), "1.7976931348623157e308");
	cr_expect_str_eq(number_text("4.9406564584124654e-324"), "5e-324");
	cr_expect_str_eq(number_text("2.2250738585072014E-308"), "2.2250738585072014e-308");
	cr_expect_str_eq(number_text("1e-999"), "0");
	cr_expect_str_eq(number_text("0e999"), "0");
}

Test(number_text, what_is_no_number_has_no_text)
{
	const char *const none[] = { "",    " ",     "-",      "+",   ".",     "-.",  "e5",
		                     "1e",  "1e+",   "1x",     "1 2", "0x1",   "inf", "nan",
		                     "1,5", "1e999", "-1e999", "1..", "1.2.3", "--1", "1e5.5" };

	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		cr_expect_str_eq(number_text(none[i]), "none", "'%s'", none[i]);
}

Test(number_text, long_ones_are_read_to_a_point)
{
	char text[1200];

	memset(text, '0', sizeof text);
	text[sizeof text - 1] = '\0';
	cr_expect_str_eq(number_text(text), "none"); /* longer than any number a program writes */
	text[900] = '\0';
	cr_expect_str_eq(number_text(text), "0");
	text[0] = '1';
	cr_expect_str_eq(number_text(text), "none"); /* beyond a double */
	text[1] = '.';
	cr_expect_str_eq(number_text(text), "1");
	text[0] = '0';
	text[899] = '1';
	cr_expect_str_eq(number_text(text), "0"); /* less than the smallest double */
}

/* the significant digits of a number's text */
static size_t digits_of(char *out, const char *text)
{
	size_t count = 0;

	for (; *text && *text != 'e'; text++)
		if (*text >= '0' && *text <= '9' && (count || *text != '0'))
			out[count++] = *text;
	while (count && out[count - 1] == '0')
		count--;
	out[count] = '\0';
	return count;
}

/* it reads back as x, and no text with fewer digits does */
static void check_shortest(double x)
{
	char given[40], got[TALLY_NUMBER_TEXT_MAX], least[40], digits[40], expected[40];
	int n = 1;

	(void)snprintf(given, sizeof given, "%.17g", x);
	cr_assert(tally_number_text(got, given, strlen(given)));
	cr_assert_eq(strtod(got, NULL), x, "%s became %s", given, got);
	do
		(void)snprintf(least, sizeof least, "%.*e", n - 1, x);
	while (strtod(least, NULL) != x && n++ < 17);
	cr_assert_leq(digits_of(digits, got), digits_of(expected, least), "%s became %s", given, got);
	if (strlen(digits) == strlen(expected))
		cr_assert_str_eq(digits, expected, "%s became %s", given, got);
}

Test(number_text, random_doubles_come_back)
{
	uint64_t state = RANDOM_SEED;

	for (int i = 0; i < 20000; i++) {
		uint64_t bits = random_next(&state);
		double x;

		memcpy(&x, &bits, sizeof x);
		if (isfinite(x) && x != 0)
			check_shortest(x);
		/* and of the sizes that tables are made of */
		check_shortest((double)(bits % 2000000000 + 1) / 1e5 * 1.19);
		check_shortest((double)(bits % 9007199254740992 + 1) * 11);
	}
}

static double neighbour(double x, int step)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof bits);
	bits += (uint64_t)step;
	memcpy(&x, &bits, sizeof x);
	return x;
}

Test(number_text, powers_of_two_and_their_neighbours_come_back)
{
	for (int e = -1074; e < 1024; e++) {
		check_shortest(ldexp(1, e));
		check_shortest(neighbour(ldexp(1, e), 1));
		if (e > -1074)
			check_shortest(neighbour(ldexp(1, e), -1));
	}
}

Test(number_text, texts_that_are_one_number_get_one_text)
{
	uint64_t state = RANDOM_SEED;

	for (int i = 0; i < 20000; i++) {
		double x = (double)(random_next(&state) % 100000000 + 1) / 7919;
		char given[60], first[TALLY_NUMBER_TEXT_MAX], other[TALLY_NUMBER_TEXT_MAX];

		(void)snprintf(given, sizeof given, "%.17g", x);
		(void)tally_number_text(first, given, strlen(given));
		for (int digits = 18; digits < 25; digits++) {
			(void)snprintf(given, sizeof given, "%.*e", digits, x);
			(void)tally_number_text(other, given, strlen(given));
			cr_assert_str_eq(first, other);
		}
	}
}
