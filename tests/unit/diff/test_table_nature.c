/* Natures of changed cells: pairs of values and what became of them. */
#include <criterion/criterion.h>
#include <string.h>

#include "diff/table_work.h"

struct sample {
	const char *old, *now;
	enum tally_nature nature;
};

static void check(const struct sample *samples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct tally_cell old = { .value = samples[i].old,
			                  .value_len = (uint32_t)strlen(samples[i].old) };
		struct tally_cell now = { .value = samples[i].now,
			                  .value_len = (uint32_t)strlen(samples[i].now) };
		uint16_t ways;
		enum tally_nature nature = tally_cell_nature(&old, &now, false, &ways);

		cr_expect_eq(nature, samples[i].nature, "'%s' -> '%s' is %s, not %s",
		             samples[i].old, samples[i].now, tally_nature_id(nature),
		             tally_nature_id(samples[i].nature));
	}
}

#define CHECK(...)                                                      \
	do {                                                            \
		static const struct sample samples[] = { __VA_ARGS__ }; \
		check(samples, sizeof samples / sizeof *samples);       \
	} while (0)

Test(table_nature, every_nature_has_its_words)
{
	for (int i = 0; i < TALLY_NATURE_COUNT; i++)
		cr_assert(*tally_nature_id(i) && *tally_nature_words(i));
	cr_assert_str_eq(tally_nature_id(TALLY_NATURE_LEADING_ZEROS_LOST), "leading_zeros_lost");
	cr_assert(tally_nature_lossless(TALLY_NATURE_WHITESPACE));
	cr_assert_not(tally_nature_lossless(TALLY_NATURE_VALUE));
}

Test(table_nature, values_come_and_go)
{
	CHECK({ "a", "b", TALLY_NATURE_VALUE }, { "NA", "", TALLY_NATURE_EMPTIED },
	      { "", "0", TALLY_NATURE_FILLED }, { "12", "13", TALLY_NATURE_VALUE },
	      { "10", "20", TALLY_NATURE_VALUE }, { "1.5", "16", TALLY_NATURE_VALUE },
	      { "19", "20", TALLY_NATURE_VALUE }, { "1200", "1000", TALLY_NATURE_VALUE });
}

Test(table_nature, one_letter_in_two_forms)
{
	CHECK({ "Z\u00fcrich", "Zu\u0308rich", TALLY_NATURE_UNICODE_FORM },
	      { "Zu\u0308rich", "Z\u00fcrich", TALLY_NATURE_UNICODE_FORM },
	      { "Z\u00fcrich", "Zo\u0308rich", TALLY_NATURE_VALUE },
	      { "Z\u00fcrich", "Zurich", TALLY_NATURE_VALUE });
}

Test(table_nature, numbers_in_notes_have_separators)
{
	cr_assert_str_eq(tally_counted(0).text, "0");
	cr_assert_str_eq(tally_counted(999).text, "999");
	cr_assert_str_eq(tally_counted(1234567).text, "1,234,567");
}

Test(table_nature, numbers_in_other_clothes)
{
	CHECK({ "00501", "501", TALLY_NATURE_LEADING_ZEROS_LOST },
	      { "-007", "-7", TALLY_NATURE_LEADING_ZEROS_LOST },
	      { "501", "00501", TALLY_NATURE_NUMBER_SAME_VALUE },
	      { "0.50", ".5", TALLY_NATURE_NUMBER_SAME_VALUE },
	      { "1.10", "1.1", TALLY_NATURE_NUMBER_SAME_VALUE },
	      { "+5", "5", TALLY_NATURE_NUMBER_SAME_VALUE },
	      { "3", "3.0", TALLY_NATURE_NUMBER_SAME_VALUE },
	      { "-0", "0", TALLY_NATURE_NUMBER_SAME_VALUE },
	      { "1e5", "100000", TALLY_NATURE_NUMBER_SAME_VALUE },
	      { "1000000", "1E+06", TALLY_NATURE_NUMBER_SAME_VALUE },
	      { "(100)", "-100", TALLY_NATURE_NUMBER_SAME_VALUE },
	      { "-1'000", "(1'000)", TALLY_NATURE_NUMBER_SAME_VALUE },
	      { "100-", "-100", TALLY_NATURE_NUMBER_SAME_VALUE },
	      { "\u2212100", "-100", TALLY_NATURE_NUMBER_SAME_VALUE });
}

Test(table_nature, numbers_that_lost_something)
{
	CHECK({ "4321583677327450765", "4.3215836773274506e+18", TALLY_NATURE_SCIENTIFIC_NOTATION },
	      { "12345678901234567890", "1.23456789012346E+019", TALLY_NATURE_SCIENTIFIC_NOTATION },
	      { "4321583677327450765", "4.32E+18", TALLY_NATURE_SCIENTIFIC_NOTATION },
	      { "7619517315914", "7,61952E+12", TALLY_NATURE_SCIENTIFIC_NOTATION },
	      { "7619517315914", "7.61952E+12", TALLY_NATURE_SCIENTIFIC_NOTATION },
	      { "+41791234567", "41791234567", TALLY_NATURE_PLUS_SIGN_LOST },
	      { "55,27", "5527", TALLY_NATURE_DECIMAL_MARK_LOST },
	      { "1.5", "15", TALLY_NATURE_DECIMAL_MARK_LOST },
	      { "0,813", "0813", TALLY_NATURE_DECIMAL_MARK_LOST },
	      { "0,813", "813", TALLY_NATURE_DECIMAL_MARK_LOST },
	      { "4321583677327450765", "4321583677327450000", TALLY_NATURE_PRECISION_LOST },
	      { "2.005", "2.01", TALLY_NATURE_PRECISION_LOST },
	      { "2.005", "2.00", TALLY_NATURE_PRECISION_LOST },
	      { "2.71828", "2.718", TALLY_NATURE_PRECISION_LOST },
	      { "2.7", "3", TALLY_NATURE_PRECISION_LOST },
	      { "9.99", "10.0", TALLY_NATURE_PRECISION_LOST }, { "2.7", "4", TALLY_NATURE_VALUE },
	      { "2.71", "2.6", TALLY_NATURE_VALUE },
	      { "0.3", "0.30000000000000004", TALLY_NATURE_FLOAT_NOISE },
	      { "4.3499999999999996", "4.35", TALLY_NATURE_FLOAT_NOISE },
	      { "0.1234567890123456", "0.1234567890123457", TALLY_NATURE_FLOAT_NOISE },
	      { "5", "-5", TALLY_NATURE_SIGN_CHANGED }, { "100", "(100)", TALLY_NATURE_SIGN_CHANGED },
	      { "100", "\u2212100", TALLY_NATURE_SIGN_CHANGED },
	      { "-1.50", "1.5", TALLY_NATURE_SIGN_CHANGED });
}

Test(table_nature, numbers_as_people_write_them)
{
	CHECK({ "1,234.50", "1234.50", TALLY_NATURE_THOUSANDS_SEPARATOR },
	      { "1234567", "1 234 567", TALLY_NATURE_THOUSANDS_SEPARATOR },
	      { "1\u00A0234", "1234", TALLY_NATURE_THOUSANDS_SEPARATOR },
	      { "12'345", "12345", TALLY_NATURE_THOUSANDS_SEPARATOR },
	      { "1.234.567", "1234567", TALLY_NATURE_THOUSANDS_SEPARATOR },
	      { "1'112,29", "1112.29", TALLY_NATURE_THOUSANDS_SEPARATOR },
	      { "1,234", "1234", TALLY_NATURE_SCALE_UNSURE },
	      { "28685", "28,685", TALLY_NATURE_SCALE_UNSURE },
	      { "1,234", "1235", TALLY_NATURE_VALUE }, { "1,5", "1.5", TALLY_NATURE_DECIMAL_COMMA },
	      { "1.234,50", "1,234.50", TALLY_NATURE_DECIMAL_COMMA },
	      { "3.75", "3,75", TALLY_NATURE_DECIMAL_COMMA }, { "1,23", "124", TALLY_NATURE_VALUE },
	      { "12,34,567", "1234567", TALLY_NATURE_THOUSANDS_SEPARATOR },
	      { "12,3,567", "123567", TALLY_NATURE_VALUE },
	      { "123,45,678", "12345678", TALLY_NATURE_VALUE },
	      { "12.34.567", "1234567", TALLY_NATURE_VALUE },
	      { "12,34", "1234", TALLY_NATURE_DECIMAL_MARK_LOST });
}

Test(table_nature, texts_in_other_clothes)
{
	CHECK({ " a", "a", TALLY_NATURE_WHITESPACE }, { "a  b", "a b", TALLY_NATURE_WHITESPACE },
	      { "a\u00A0b", "a b", TALLY_NATURE_WHITESPACE },
	      { "a\u200Bb", "ab", TALLY_NATURE_WHITESPACE },
	      { "a\r\nb", "a\nb", TALLY_NATURE_WHITESPACE },
	      { "TRUE", "True", TALLY_NATURE_LETTER_CASE }, { "É", "é", TALLY_NATURE_LETTER_CASE },
	      { "Straße", "STRASSE", TALLY_NATURE_VALUE },
	      { "Straße", "Strasse", TALLY_NATURE_VALUE },
	      { "ÄÖ ñ", "äö Ñ", TALLY_NATURE_LETTER_CASE }, { "a b", "ac", TALLY_NATURE_VALUE },
	      { "ab", "a", TALLY_NATURE_VALUE });
}

Test(table_nature, broken_characters)
{
	CHECK({ "é", "Ã©", TALLY_NATURE_MOJIBAKE },
	      { "CafÃ©", "Café", TALLY_NATURE_MOJIBAKE_REPAIRED },
	      { "ZÃ¼rich", "Zürich", TALLY_NATURE_MOJIBAKE_REPAIRED },
	      { "Z\uFFFDrich", "Zürich", TALLY_NATURE_MOJIBAKE_REPAIRED },
	      { "don’t", "donâ€™t", TALLY_NATURE_MOJIBAKE }, { "é", "ÃƒÂ©", TALLY_NATURE_MOJIBAKE },
	      { "Müller", "M\uFFFDller", TALLY_NATURE_CHARACTERS_LOST },
	      { "Müller", "M\uFFFD\uFFFDller", TALLY_NATURE_CHARACTERS_LOST },
	      { "Zürich", "Z?rich", TALLY_NATURE_CHARACTERS_LOST },
	      { "café", "caf\xe9", TALLY_NATURE_MOJIBAKE },
	      { "caf\xe9", "café", TALLY_NATURE_MOJIBAKE_REPAIRED },
	      { "Müller", "Muller", TALLY_NATURE_VALUE }, { "what", "wh?t", TALLY_NATURE_VALUE });
}

Test(table_nature, dates)
{
	CHECK({ "2024-01-31", "31.01.2024", TALLY_NATURE_DATE_REFORMATTED },
	      { "2024-01-31", "1/31/2024", TALLY_NATURE_DATE_REFORMATTED },
	      { "31-Jan-24", "2024-01-31", TALLY_NATURE_DATE_REFORMATTED },
	      { "January 31, 2024", "2024/01/31", TALLY_NATURE_DATE_REFORMATTED },
	      { "20240131", "2024-01-31", TALLY_NATURE_DATE_REFORMATTED },
	      { "2024-01-31 00:00:00", "2024-01-31", TALLY_NATURE_DATE_REFORMATTED },
	      { "2024-01-31T13:45:00Z", "31 Jan 2024 1:45 PM", TALLY_NATURE_DATE_REFORMATTED },
	      { "2024-01-02", "45293", TALLY_NATURE_DATE_REFORMATTED },
	      { "2024-01-31", "2024-01-30", TALLY_NATURE_DATE_VALUE_CHANGED },
	      { "2024-01-31", "31.01.2023", TALLY_NATURE_DATE_VALUE_CHANGED },
	      { "2024-01-31 13:45", "2024-01-31", TALLY_NATURE_TIME_LOST },
	      { "2024-01-31T13:45:00", "31.01.2024 00:00", TALLY_NATURE_TIME_LOST },
	      { "08.07.1957", "08.07.57", TALLY_NATURE_CENTURY_LOST },
	      { "2024-07-08", "08.07.24", TALLY_NATURE_DATE_REFORMATTED },
	      { "2024-01-31", "2024-01-31 13:45", TALLY_NATURE_DATE_VALUE_CHANGED },
	      { "2024-02-30", "2024-03-01", TALLY_NATURE_VALUE },
	      { "20240131", "20240130", TALLY_NATURE_VALUE });
}

Test(table_nature, what_spreadsheet_programs_take_for_dates_and_numbers)
{
	CHECK({ "SEPT2", "2-Sep", TALLY_NATURE_SPREADSHEET_AUTOFORMAT },
	      { "MARCH1", "1-Mar", TALLY_NATURE_SPREADSHEET_AUTOFORMAT },
	      { "DEC1", "01-Dec", TALLY_NATURE_SPREADSHEET_AUTOFORMAT },
	      { "OCT4", "2024-10-04", TALLY_NATURE_SPREADSHEET_AUTOFORMAT },
	      { "3/4", "4-Mar", TALLY_NATURE_SPREADSHEET_AUTOFORMAT },
	      { "1-2", "2024-02-01", TALLY_NATURE_SPREADSHEET_AUTOFORMAT },
	      { "2310009E13", "2.310009E+019", TALLY_NATURE_SPREADSHEET_AUTOFORMAT },
	      { "1E10", "10000000000", TALLY_NATURE_SPREADSHEET_AUTOFORMAT },
	      { "SEPT2", "3-Sep", TALLY_NATURE_VALUE });
}

Test(table_nature, sums_are_written_as_decimals)
{
	static const struct {
		const char *text, *out;
		uint32_t fraction;
	} cases[] = {
		{ "0", "0", 0 },           { "-1.50", "-1.50", 2 },
		{ "1e3", "1000", 0 },      { ".5", "0.5", 1 },
		{ "-0.001", "-0.001", 3 }, { "12345678901234567890", "12345678901234567890", 0 },
		{ "+7.", "7", 0 },         { "1.5e-3", "0.0015", 4 }
	};
	char text[TALLY_WIDE_TEXT];
	uint32_t fraction;
	tally_wide value;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		cr_assert(tally_wide_parse(&value, &fraction,
		                           (struct tally_span){ cases[i].text,
		                                                strlen(cases[i].text) }));
		cr_assert_eq(fraction, cases[i].fraction, "%s: %u", cases[i].text, fraction);
		tally_wide_text(text, value, fraction);
		cr_assert_str_eq(text, cases[i].out);
	}
	for (const char *const *bad =
	             (const char *const[]){ "", ".", "-", "1.2.3", "1a", "e5", "1e", "--1", "1e999",
	                                    "0.0000000000000000001", NULL };
	     *bad; bad++)
		cr_assert_not(tally_wide_parse(&value, &fraction,
		                               (struct tally_span){ *bad, strlen(*bad) }),
		              "%s", *bad);
}

Test(table_nature, what_spreadsheet_programs_write_for_a_broken_formula_is_an_error)
{
	CHECK({ "5", "#REF!", TALLY_NATURE_BECAME_ERROR }, { "x", "#N/A", TALLY_NATURE_BECAME_ERROR },
	      { "7", "#DIV/0!", TALLY_NATURE_BECAME_ERROR },
	      { "7", "#NAME?", TALLY_NATURE_BECAME_ERROR },
	      { "7", "#VALUE!", TALLY_NATURE_BECAME_ERROR }, { "#REF!", "#N/A", TALLY_NATURE_VALUE },
	      { "7", "#1", TALLY_NATURE_VALUE }, { "#REF!", "5", TALLY_NATURE_VALUE });
}
