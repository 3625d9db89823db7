/* Encodings: what is found, and that no two different texts become one. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/escape.h"
#include "core/mem.h"
#include "formats/encoding.h"
#include "formats/utf8_check.h"
#include "support/faults.h"

static enum tally_encoding sniff(const char *bytes, size_t len, size_t want_bom)
{
	size_t bom;
	enum tally_encoding e = tally_encoding_sniff((const unsigned char *)bytes, len, &bom);

	cr_assert_eq(bom, want_bom);
	return e;
}

Test(encoding, byte_order_marks_are_found)
{
	cr_assert_eq(sniff("\xef\xbb\xbf"
	                   "a",
	                   4, 3),
	             TALLY_ENCODING_UTF8);
	cr_assert_eq(sniff("\xff\xfe"
	                   "a\0",
	                   4, 2),
	             TALLY_ENCODING_UTF16LE);
	cr_assert_eq(sniff("\xfe\xff\0a", 4, 2), TALLY_ENCODING_UTF16BE);
	cr_assert_eq(sniff("", 0, 0), TALLY_ENCODING_UTF8);
}

Test(encoding, utf16_is_found_without_a_mark)
{
	cr_assert_eq(sniff("a\0,\0b\0\n\0", 8, 0), TALLY_ENCODING_UTF16LE);
	cr_assert_eq(sniff("\0a\0,\0b\0\n", 8, 0), TALLY_ENCODING_UTF16BE);
	/* one NUL in a text, NUL bytes on both sides */
	cr_assert_eq(sniff("a,b\0c,d\ne,f\n", 12, 0), TALLY_ENCODING_UTF8);
	cr_assert_eq(sniff("\0\0\0\0\0\0\0\0", 8, 0), TALLY_ENCODING_UTF8);
	/* two NULs that stand on one half of the bytes */
	cr_assert_eq(sniff("id,a,b\n1,x\0y,2\n2,y\0,3\n", 22, 0), TALLY_ENCODING_UTF8);
	/* "名,値\n東,京\n" has NUL in a third of one half only */
	cr_assert_eq(sniff("\x0d\x54,\0\x24\x50\n\0\x71\x67,\0\xac\x4e\n\0", 16, 0),
	             TALLY_ENCODING_UTF16LE);
}

static enum tally_encoding guess(const char *text)
{
	struct tally_utf8_found found = tally_utf8_count(text, strlen(text));

	return tally_encoding_guess(&found);
}

Test(encoding, bytes_that_are_no_utf8_are_a_single_byte_encoding)
{
	cr_assert_eq(guess("plain"), TALLY_ENCODING_UTF8);
	cr_assert_eq(guess("caf\xc3\xa9"), TALLY_ENCODING_UTF8);
	cr_assert_eq(guess("caf\xe9"), TALLY_ENCODING_WINDOWS_1252);
	/* one bad byte among many good characters is damage */
	cr_assert_eq(guess("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9 \xe9 "), TALLY_ENCODING_UTF8);
}

Test(encoding, names_are_known_in_their_spellings)
{
	enum tally_encoding e;

	cr_assert(tally_encoding_by_name(&e, "UTF-8") && e == TALLY_ENCODING_UTF8);
	cr_assert(tally_encoding_by_name(&e, "windows-1252 (guessed)") &&
	          e == TALLY_ENCODING_WINDOWS_1252);
	cr_assert(tally_encoding_by_name(&e, "latin1") && e == TALLY_ENCODING_LATIN1);
	cr_assert_not(tally_encoding_by_name(&e, "utf"));
	cr_assert_not(tally_encoding_by_name(&e, ""));
	for (int i = 0; i < TALLY_ENCODING_COUNT; i++) {
		cr_assert(tally_encoding_by_name(&e, tally_encoding_name((enum tally_encoding)i)));
		cr_assert_eq((int)e, i);
	}
}

static void expect_utf16(const char *bytes, size_t len, const char *want, uint64_t want_bad)
{
	char *text;
	size_t n;
	uint64_t bad;

	cr_assert_eq(tally_utf16_to_utf8(bytes, len, true, 4, &text, &n, &bad, NULL), TALLY_OK);
	cr_assert_eq(n, strlen(want));
	cr_assert_arr_eq(text, want, n + 1);
	cr_assert_eq(bad, want_bad);
	tally_free(text);
}

Test(encoding, utf16_becomes_utf8)
{
	expect_utf16("\0a\0\xe9\x20\xac", 6, "a\xc3\xa9\xe2\x82\xac", 0);
	expect_utf16("\xd8\x3d\xde\x00", 4, "\xf0\x9f\x98\x80", 0);
	expect_utf16("", 0, "", 0);
}

Test(encoding, broken_utf16_stays_apart)
{
	expect_utf16("\xd8\x3d\0a", 4,
	             "\xed\xa0\xbd"
	             "a",
	             1);
	expect_utf16("\xd8\x3e\0a", 4,
	             "\xed\xa0\xbe"
	             "a",
	             1);
	expect_utf16("\xde\x00\xd8\x3d", 4, "\xed\xb8\x80\xed\xa0\xbd", 2);
	expect_utf16("\0ab", 3,
	             "a\xff"
	             "b",
	             1);
	cr_assert_not(tally_utf8_valid("\xed\xa0\xbd", 3));
}

Test(encoding, each_single_byte_is_a_character_of_its_own)
{
	char all[256][TALLY_SINGLE_BYTE_MAX + 1] = { "" };

	for (int i = 0; i < 256; i++) {
		char c = (char)i;
		size_t n = tally_single_to_utf8(all[i], &c, 1, TALLY_ENCODING_WINDOWS_1252);

		cr_assert(n >= 1 && n <= TALLY_SINGLE_BYTE_MAX);
		cr_assert(tally_utf8_valid(all[i], n));
		for (int j = 0; j < i; j++)
			cr_assert(memcmp(all[i], all[j], sizeof all[i]) != 0, "%d and %d", i, j);
	}
	cr_assert_str_eq(all[0xe9], "\xc3\xa9");
	cr_assert_str_eq(all[0x80], "\xe2\x82\xac");
}

Test(encoding, the_fast_check_gives_the_slow_checks_answer)
{
	static const char *const pieces[] = { "a",
		                              "bc def ghi jkl mno pqr",
		                              "\xc3\xa9",
		                              "\xe2\x82\xac",
		                              "\xf0\x9f\x98\x80",
		                              "\xed\x9f\xbf",
		                              "\xf4\x8f\xbf\xbf",
		                              "\xe0\xa0\x80" };
	static const unsigned char telling[] = { 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xe0, 0xed, 0xef,
		                                 0xf0, 0xf4, 0xf5, 0xff, 'a',  0x9f, 0xa0, 0x90 };
	char text[200];
	int valid = 0;

	srand(3);
	for (int i = 0; i < 60000; i++) {
		size_t len = 0;
		int damage = rand() % 3;
		bool want;

		for (int n = rand() % 40; n > 0 && len < 150; n--) {
			const char *piece = pieces[(size_t)rand() % 8];

			memcpy(text + len, piece, strlen(piece));
			len += strlen(piece);
		}
		for (; len && damage > 0; damage--)
			text[(size_t)rand() % len] = (char)telling[(size_t)rand() % 16];
		if (len && rand() % 4 == 0)
			len -= (size_t)rand() % (len < 4 ? len : 4);
		want = tally_utf8_valid(text, len);
		valid += want;
		cr_assert_eq(tally_utf8_check(text, len), want);
	}
	cr_assert(valid > 1000 && valid < 59000);
}

Test(encoding, no_memory_is_said)
{
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		char *text = NULL;
		size_t len;
		uint64_t bad;
		enum tally_status st = tally_utf16_to_utf8("a\0", 2, false, 0, &text, &len, &bad,
		                                           NULL);

		cr_assert_eq(st, faults_fired(&f) ? TALLY_SKIP : TALLY_OK);
		tally_free(st == TALLY_OK ? text : NULL);
	}
}
