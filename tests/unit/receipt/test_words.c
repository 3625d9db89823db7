/* Wording: characters that look like others are named by their code points, and only where that tells something. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/look_alike.h"
#include "receipt/words.h"

#define CYRILLIC_A "\xD0\x90"
#define CYRILLIC_E "\xD0\xB5"
#define NO_BREAK   "\xC2\xA0"

static void expect(const char *old, const char *now, const char *words)
{
	struct tally_buf text;

	tally_buf_init(&text, 1 << 10);
	cr_assert(tally_words_look_alikes(&text, old, strlen(old), now, strlen(now)));
	cr_assert(tally_buf_byte(&text, '\0'));
	cr_expect_str_eq(text.bytes, words, "%s, %s: %s", old, now, text.bytes);
	tally_buf_release(&text);
}

Test(words, a_letter_that_looks_like_another_is_named)
{
	expect("A003", CYRILLIC_A "003", " (in the new value: U+0410 looks like A)");
	expect(CYRILLIC_A "003", "A003", " (in the old value: U+0410 looks like A)");
	expect("Item 5", "It" CYRILLIC_E "m 6", " (in the new value: U+0435 looks like e)");
	expect("Ae", CYRILLIC_A CYRILLIC_E,
	       " (in the new value: U+0410 looks like A, U+0435 looks like e)");
	expect("A" CYRILLIC_E, CYRILLIC_A "e",
	       " (in the old value: U+0435 looks like e; in the new value: U+0410 looks like A)");
}

Test(words, a_space_that_does_not_break_is_named)
{
	expect("Item 3", "Item" NO_BREAK "3", " (in the new value: U+00A0 looks like a space)");
	expect("Item3", "Item" NO_BREAK "3", " (in the new value: U+00A0 looks like a space)");
	expect("a\xE2\x80\x91"
	       "b",
	       "a-b", " (in the old value: U+2011 looks like -)");
}

Test(words, another_script_is_no_look_alike)
{
	expect("\xD0\x9C\xD0\xBE\xD1\x81\xD0\xBA\xD0\xB2\xD0\xB0", "Moscow", "");
	expect("\xD0\x90\xD0\xB1 1", "\xD0\x90\xD0\xB1 2", "");
	expect(CYRILLIC_A " A", CYRILLIC_A " B", "");
	expect("A003", "B003", "");
	expect("", "", "");
	expect("\xFF\xFE", "\xFE", "");
}

Test(words, each_code_point_looks_like_one_character)
{
	size_t found = 0;

	for (uint32_t c = 0; c < 0x110000; c++) {
		char looks = tally_codepoint_looks_like(c);

		found += looks != 0;
		cr_assert(!looks || (c > 0x7F && looks >= ' ' && looks < 0x7F));
	}
	cr_assert_gt(found, 50);
	cr_assert_eq(tally_codepoint_looks_like(0x41), 0);
	cr_assert_eq(tally_codepoint_looks_like(0x410), 'A');
	cr_assert_eq(tally_codepoint_looks_like(0x391), 'A');
	cr_assert_eq(tally_codepoint_looks_like(0x585), 'o');
	cr_assert_eq(tally_codepoint_looks_like(0x3000), ' ');
}

static void shortened(const char *number, const char *other, const char *expected)
{
	struct tally_buf out;

	tally_buf_init(&out, 1024);
	cr_assert(tally_words_decimals(&out, number, other) && tally_buf_byte(&out, '\0'));
	cr_expect_str_eq(out.bytes, expected);
	tally_buf_release(&out);
}

Test(words, a_tail_of_decimals_is_cut)
{
	shortened("581.25", "576.00", "581.25");
	shortened("4018.46300000000000000", NULL, "4018.463");
	shortened("12.00000000000", NULL, "12");
	shortened("4009.17231666666666666", "4018.46300000000000000", "4009.172316…");
	shortened("1,234,567", NULL, "1,234,567");
	shortened("1234567890", NULL, "1234567890");
	shortened("-0,12345678", NULL, "-0,123456…");
	/* what differs behind that is shown */
	shortened("0.12345678", "0.12345679", "0.12345678");
}
