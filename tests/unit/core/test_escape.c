/* Escaping: what is shown can be read back, whatever the bytes were. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/escape.h"

static void round_trip(const char *bytes, size_t len)
{
	struct tally_buf shown, back;

	tally_buf_init(&shown, 1 << 16);
	tally_buf_init(&back, 1 << 16);
	cr_assert(tally_escape_add(&shown, bytes, len));
	cr_assert(tally_unescape_add(&back, shown.bytes, shown.len), "%s", shown.bytes);
	cr_assert_eq(back.len, len, "%s", shown.bytes);
	cr_assert_eq(memcmp(back.bytes, bytes, len), 0, "%s", shown.bytes);
	tally_buf_release(&shown);
	tally_buf_release(&back);
}

Test(escape, every_byte_comes_back)
{
	for (int c = 1; c < 256; c++) {
		const char bytes[] = { 'a', (char)c, 'F', (char)c };

		round_trip(bytes, sizeof bytes);
	}
}

Test(escape, hidden_characters_come_back)
{
	round_trip("a\u202Eb\u200B\\x41\\\n", strlen("a\u202Eb\u200B\\x41\\\n"));
	round_trip("\U000E0041\u00AD", strlen("\U000E0041\u00AD"));
}

Test(escape, what_was_never_printed_is_no_escape)
{
	static const char *const texts[] = { "\\",        "a\\q",        "\\x4",   "\\xg1",
		                             "\\u",       "\\u{}",       "\\u{41", "\\u{110000}",
		                             "\\u{D800}", "\\u{1234567}" };
	struct tally_buf back;

	tally_buf_init(&back, 1 << 16);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		cr_expect_not(tally_unescape_add(&back, texts[i], strlen(texts[i])), "%s", texts[i]);
	tally_buf_release(&back);
}

Test(escape, what_is_written_as_utf8_is_read_as_the_same)
{
	for (uint32_t c = 1; c <= 0x10FFFF; c++) {
		char bytes[4];
		uint32_t read = 0;
		size_t n = tally_utf8_put(bytes, c);

		if (c >= 0xD800 && c <= 0xDFFF)
			continue;
		cr_assert_eq(tally_utf8_next((unsigned char *)bytes, n, &read), n, "%x", c);
		cr_assert_eq(read, c);
	}
}
