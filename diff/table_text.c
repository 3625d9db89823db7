/* Texts that differ only in white space, in letter case, in form, or by a wrong decoding. */
#include "diff/table_value.h"

#include <string.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

enum {
	BROKEN_MOST = 4096,  /* bytes; longer texts are not searched for wrong decodings, */
	FORM_MOST = 1 << 16, /* nor brought into a normal form */
};

/* White space, and what cannot be seen and has no width. */
static bool is_space(ucs4_t c)
{
	if (c <= 0x20)
		return c == ' ' || (c >= 9 && c <= 13);
	return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200D) ||
	       c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x2060 ||
	       c == 0x3000 || c == 0xFEFF;
}

/* One character; a byte that is not UTF-8 stands for itself, far outside of Unicode. */
static size_t next_char(ucs4_t *c, struct tally_span text)
{
	unsigned char byte = (unsigned char)text.at[0];
	int n;

	if (byte < 0x80) {
		*c = byte;
		return 1;
	}
	n = u8_mbtoucr(c, (const uint8_t *)text.at, text.len);
	if (n > 0)
		return (size_t)n;
	*c = 0x110000 + byte;
	return 1;
}

static struct tally_span skip(struct tally_span text, size_t n)
{
	return (struct tally_span){ text.at + n, text.len - n };
}

static struct tally_span skip_space(struct tally_span text)
{
	ucs4_t c;

	while (text.len) {
		size_t n = next_char(&c, text);

		if (!is_space(c))
			break;
		text = skip(text, n);
	}
	return text;
}

/* Bytes of the white space character at the end, 0 where there is none. */
static size_t space_at_end(struct tally_span text)
{
	size_t n = 1;
	ucs4_t c;

	while (n < text.len && n < 4 && ((unsigned char)text.at[text.len - n] & 0xC0) == 0x80)
		n++;
	return next_char(&c, skip(text, text.len - n)) == n && is_space(c) ? n : 0;
}

struct tally_span tally_span_trim(struct tally_span text)
{
	size_t n;

	text = skip_space(text);
	while (text.len && (n = space_at_end(text)) > 0)
		text.len -= n;
	return text;
}

bool tally_span_equal_but_space(struct tally_span a, struct tally_span b)
{
	for (;;) {
		a = skip_space(a);
		b = skip_space(b);
		if (!a.len || !b.len)
			return a.len == b.len;
		if (a.at[0] != b.at[0])
			return false;
		a = skip(a, 1);
		b = skip(b, 1);
	}
}

static bool all_ascii(struct tally_span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] >= 0x80)
			return false;
	return true;
}

bool tally_span_equal_but_case(struct tally_span a, struct tally_span b)
{
	ucs4_t c, d;

	/* character by character: ß and ss are no letter case */
	while (a.len && b.len) {
		size_t n = next_char(&c, a), m = next_char(&d, b);

		if (c != d && (c >= 0x110000 || d >= 0x110000 ||
		               (uc_tolower(c) != uc_tolower(d) && uc_toupper(c) != uc_toupper(d))))
			return false;
		a = skip(a, n);
		b = skip(b, m);
	}
	return !a.len && !b.len;
}

bool tally_span_equal_but_form(struct tally_span a, struct tally_span b)
{
	const uint8_t *x = (const uint8_t *)a.at, *y = (const uint8_t *)b.at;
	int differ = 1;

	if (all_ascii(a) || all_ascii(b) || a.len > FORM_MOST || b.len > FORM_MOST ||
	    u8_check(x, a.len) || u8_check(y, b.len))
		return false;
	return u8_normcmp(x, a.len, y, b.len, UNINORM_NFC, &differ) == 0 && differ == 0;
}

/* The byte that a character is in windows-1252 (or, where that has none, in Latin-1); -1: none. */
static int western_byte(ucs4_t c)
{
	static const uint16_t high[32] = { 0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020,
		                           0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,
		                           0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D,
		                           0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
		                           0x0153, 0x9D,   0x017E, 0x0178 };

	if (c < 0x100)
		return (int)c;
	for (int i = 0; i < 32; i++)
		if (high[i] == c)
			return 0x80 + i;
	return -1;
}

/* Is @broken what @right becomes when its bytes are taken for windows-1252 and written as UTF-8, once or twice? */
static bool decoded_wrongly(struct tally_span right, struct tally_span broken, int rounds)
{
	struct tally_span rest = broken;
	char bytes[BROKEN_MOST];
	size_t at = 0;
	ucs4_t c;
	bool same;

	if (!rounds || broken.len <= right.len || broken.len > 5 * right.len ||
	    broken.len > sizeof bytes)
		return false;
	while (rest.len) {
		int byte;

		rest = skip(rest, next_char(&c, rest));
		byte = western_byte(c);
		if (byte < 0)
			break;
		bytes[at++] = (char)byte;
	}
	same = !rest.len && at == right.len && !memcmp(bytes, right.at, at);
	if (!same && !rest.len)
		same = decoded_wrongly(right, (struct tally_span){ bytes, at }, rounds - 1);
	return same;
}

static bool stands_for_lost(ucs4_t c)
{
	return c == 0xFFFD || c == '?' || c >= 0x110000;
}

/* How @broken is the same text with characters beyond ASCII replaced by U+FFFD, question marks or bare bytes. */
static enum tally_broken replaced(struct tally_span right, struct tally_span broken)
{
	bool any = false, lost = false;
	ucs4_t c, d;

	while (right.len && broken.len) {
		size_t n = next_char(&c, right), m = next_char(&d, broken);

		right = skip(right, n);
		broken = skip(broken, m);
		if (c == d)
			continue;
		if (c < 0x80 || c >= 0x110000 || c == 0xFFFD || !stands_for_lost(d))
			return TALLY_BROKEN_NOT;
		any = true;
		lost |= d < 0x110000 || western_byte(c) != (int)(d - 0x110000);
		/* some decoders write one sign for each byte */
		for (size_t i = 1; i < n && broken.len; i++) {
			ucs4_t next = 0;
			size_t k = next_char(&d, broken);

			if (right.len)
				next_char(&next, right);
			if (!stands_for_lost(d) || next >= 0x80 || next == d)
				break;
			broken = skip(broken, k);
		}
	}
	if (!any || right.len || broken.len)
		return TALLY_BROKEN_NOT;
	return lost ? TALLY_BROKEN_LOST : TALLY_BROKEN_DECODED;
}

enum tally_broken tally_span_broken(struct tally_span right, struct tally_span broken)
{
	if (all_ascii(right) && all_ascii(broken))
		return TALLY_BROKEN_NOT;
	/* what is not UTF-8 itself is not right */
	if (!u8_check((const uint8_t *)right.at, right.len) && decoded_wrongly(right, broken, 2))
		return TALLY_BROKEN_DECODED;
	return replaced(right, broken);
}

unsigned tally_span_closeness(struct tally_span a, struct tally_span b)
{
	size_t least = a.len < b.len ? a.len : b.len, most = a.len > b.len ? a.len : b.len,
	       head = 0, tail = 0;

	while (head < least && a.at[head] == b.at[head])
		head++;
	while (tail < least - head && a.at[a.len - 1 - tail] == b.at[b.len - 1 - tail])
		tail++;
	return most ? (unsigned)((head + tail) * 1000 / most) : 0;
}
