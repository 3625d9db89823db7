/*
 * Lines from right to left: see formats/pdf_bidi.h. What is seen from left to right becomes what is read first to last: all of a
 * line is turned where most of it runs to the left, otherwise the stretches that do; numbers and words of other scripts in them
 * are turned back.
 */
#include "formats/pdf_bidi.h"

#include <stdint.h>
#include <string.h>

#include "core/ascii.h"
#include "core/mem.h"

enum direction { NEUTRAL, LEFT_TO_RIGHT, RIGHT_TO_LEFT };

static enum direction direction_of(uint32_t u)
{
	if ((u >= 0x590 && u < 0x900) || (u >= 0xFB1D && u < 0xFE00) || (u >= 0xFE70 && u < 0xFEFF))
		return RIGHT_TO_LEFT;
	if (u < 0x80)
		return tally_is_letter((char)u) || tally_is_digit((char)u) ? LEFT_TO_RIGHT : NEUTRAL;
	return u >= 0xC0 && (u < 0x2000 || u >= 0x2C00) ? LEFT_TO_RIGHT : NEUTRAL;
}

/* Their first bytes in UTF-8: D6 to DF, E0 A0 to E0 A3, EF AC to EF BB. */
bool tally_pdf_bidi_likely(const char *text, size_t len)
{
	for (size_t i = 0; i + 1 < len; i++) {
		unsigned char c = (unsigned char)text[i], d = (unsigned char)text[i + 1];

		if ((c >= 0xD6 && c < 0xE0) || (c == 0xE0 && d >= 0xA0 && d < 0xA4) ||
		    (c == 0xEF && d >= 0xAC && d < 0xBC))
			return true;
	}
	return false;
}

static size_t decode_all(uint32_t *out, const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n = 0;

	for (size_t at = 0; at < len;) {
		unsigned char c = s[at++];
		unsigned more = c < 0x80 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
		uint32_t u = more ? c & (0x3FU >> more) : c;

		for (; more && at < len; more--)
			u = u << 6 | (s[at++] & 0x3FU);
		out[n++] = u;
	}
	return n;
}

/* As many bytes as it was read from. */
static void encode_all(char *text, const uint32_t *u, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t c = u[i];

		if (c < 0x80) {
			*text++ = (char)c;
		} else if (c < 0x800) {
			*text++ = (char)(0xC0 | c >> 6);
			*text++ = (char)(0x80 | (c & 0x3F));
		} else if (c < 0x10000) {
			*text++ = (char)(0xE0 | c >> 12);
			*text++ = (char)(0x80 | (c >> 6 & 0x3F));
			*text++ = (char)(0x80 | (c & 0x3F));
		} else {
			*text++ = (char)(0xF0 | c >> 18);
			*text++ = (char)(0x80 | (c >> 12 & 0x3F));
			*text++ = (char)(0x80 | (c >> 6 & 0x3F));
			*text++ = (char)(0x80 | (c & 0x3F));
		}
	}
}

static void turn(uint32_t *u, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		uint32_t c = u[i];

		u[i] = u[n - 1 - i];
		u[n - 1 - i] = c;
	}
}

/* Turn each stretch that begins and ends in this direction, with nothing of the other one between. */
static void turn_stretches(uint32_t *u, size_t n, enum direction which)
{
	enum direction other = which == LEFT_TO_RIGHT ? RIGHT_TO_LEFT : LEFT_TO_RIGHT;

	for (size_t from = 0; from < n;) {
		size_t end = from, last = from;

		if (direction_of(u[from]) != which) {
			from++;
			continue;
		}
		while (end < n && direction_of(u[end]) != other) {
			if (direction_of(u[end]) == which)
				last = end;
			end++;
		}
		turn(u + from, last + 1 - from);
		from = end;
	}
}

bool tally_pdf_bidi(char *text, size_t len)
{
	uint32_t *u = tally_alloc(len * sizeof *u + 1);
	size_t n, left = 0, right = 0;

	if (!u)
		return false;
	n = decode_all(u, text, len);
	for (size_t i = 0; i < n; i++) {
		left += direction_of(u[i]) == LEFT_TO_RIGHT;
		right += direction_of(u[i]) == RIGHT_TO_LEFT;
	}
	if (right > left) {
		turn(u, n);
		turn_stretches(u, n, LEFT_TO_RIGHT);
	} else {
		turn_stretches(u, n, RIGHT_TO_LEFT);
	}
	encode_all(text, u, n);
	tally_free(u);
	return true;
}
