/* Escaping and UTF-8: see core/escape.h. The tables follow Unicode's Cf, Zl, Zp and default-ignorable characters. */
#include "core/escape.h"

#include <stdio.h>
#include <string.h>
#include <uniwidth.h>

#include "core/ascii.h"

size_t tally_utf8_next(const unsigned char *p, size_t len, uint32_t *out)
{
	uint32_t c;
	size_t n;

	if (len == 0)
		return 0;
	if (p[0] < 0x80) {
		if (out)
			*out = p[0];
		return 1;
	}
	if (p[0] >= 0xC2 && p[0] <= 0xDF) {
		n = 2;
		c = p[0] & 0x1F;
	} else if ((p[0] & 0xF0) == 0xE0) {
		n = 3;
		c = p[0] & 0x0F;
	} else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
		n = 4;
		c = p[0] & 0x07;
	} else {
		return 0;
	}
	if (len < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3F);
	}
	if ((n == 3 && c < 0x800) || (n == 4 && c < 0x10000) || c > 0x10FFFF ||
	    (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	if (out)
		*out = c;
	return n;
}

size_t tally_utf8_put(char *out, uint32_t c)
{
	size_t n = 0;

	if (c < 0x80) {
		out[n++] = (char)c;
		return n;
	}
	if (c < 0x800) {
		out[n++] = (char)(0xC0 | c >> 6);
	} else if (c < 0x10000) {
		out[n++] = (char)(0xE0 | c >> 12);
		out[n++] = (char)(0x80 | (c >> 6 & 0x3F));
	} else {
		out[n++] = (char)(0xF0 | c >> 18);
		out[n++] = (char)(0x80 | (c >> 12 & 0x3F));
		out[n++] = (char)(0x80 | (c >> 6 & 0x3F));
	}
	out[n++] = (char)(0x80 | (c & 0x3F));
	return n;
}

bool tally_utf8_valid(const void *bytes, size_t len)
{
	const unsigned char *p = bytes;

	while (len > 0) {
		size_t n;
		uint64_t eight;

		/* eight plain characters at a time */
		while (len >= 8 && (memcpy(&eight, p, 8), !(eight & UINT64_C(0x8080808080808080)))) {
			p += 8;
			len -= 8;
		}
		if (len == 0)
			return true;
		n = tally_utf8_next(p, len, NULL);
		if (n == 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

static const struct {
	uint32_t first, last;
} hidden[] = {
	{ 0x0000, 0x001F },   { 0x007F, 0x009F },   { 0x00AD, 0x00AD },   { 0x034F, 0x034F },
	{ 0x0600, 0x0605 },   { 0x061C, 0x061C },   { 0x06DD, 0x06DD },   { 0x070F, 0x070F },
	{ 0x0890, 0x0891 },   { 0x08E2, 0x08E2 },   { 0x115F, 0x1160 },   { 0x17B4, 0x17B5 },
	{ 0x180B, 0x180F },   { 0x200B, 0x200F },   { 0x2028, 0x202E },   { 0x2060, 0x206F },
	{ 0x3164, 0x3164 },   { 0xD800, 0xDFFF },   { 0xFE00, 0xFE0F },   { 0xFEFF, 0xFEFF },
	{ 0xFFA0, 0xFFA0 },   { 0xFFF0, 0xFFFB },   { 0x110BD, 0x110BD }, { 0x110CD, 0x110CD },
	{ 0x13430, 0x1343F }, { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A }, { 0xE0000, 0xE0FFF },
};

bool tally_codepoint_hidden(uint32_t c)
{
	if (c >= 0x20 && c < 0x7F)
		return false;
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	return c > 0x10FFFF || (c & 0xFFFE) == 0xFFFE;
}

int tally_codepoint_width(uint32_t c)
{
	int w = uc_width(c, "UTF-8");

	return w < 0 ? 0 : w;
}

/* One character or broken byte at p, spelled for display. @return bytes consumed; *n is the length in out */
static size_t spell(const unsigned char *p, size_t len, char out[16], size_t *n)
{
	uint32_t c;
	size_t took = tally_utf8_next(p, len, &c);
	int w;

	if (took == 0) {
		w = snprintf(out, 16, "\\x%02X", p[0]);
		took = 1;
	} else if (c == '\\') {
		w = snprintf(out, 16, "\\\\");
	} else if (c == '\n' || c == '\t' || c == '\r') {
		w = snprintf(out, 16, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
	} else if (c < 0x20 || c == 0x7F) {
		w = snprintf(out, 16, "\\x%02X", (unsigned)c);
	} else if (tally_codepoint_hidden(c)) {
		w = snprintf(out, 16, "\\u{%X}", (unsigned)c);
	} else {
		memcpy(out, p, took);
		w = (int)took;
	}
	*n = (size_t)w;
	return took;
}

void tally_escape_into(char *out, size_t cap, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	size_t at = 0, safe = 0; /* safe: the last boundary that leaves room for "..." */

	while (len > 0) {
		char piece[16];
		size_t n, took = spell(p, len, piece, &n);

		if (at + n + 1 > cap) {
			memcpy(out + safe, "...", 4);
			return;
		}
		if (at + 4 <= cap)
			safe = at;
		memcpy(out + at, piece, n);
		at += n;
		p += took;
		len -= took;
	}
	out[at] = '\0';
}

bool tally_escape_add(struct tally_buf *out, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;

	while (len > 0) {
		char piece[16];
		size_t n, took = spell(p, len, piece, &n);

		if (!tally_buf_add(out, piece, n))
			return false;
		p += took;
		len -= took;
	}
	return true;
}

/* hexadecimal digits, as many as there are but at most @most. @return how many */
static size_t take_hex(const char *text, size_t len, size_t most, uint32_t *out)
{
	size_t n = 0;

	*out = 0;
	while (n < len && n < most && tally_hex_value(text[n]) >= 0)
		*out = *out << 4 | (uint32_t)tally_hex_value(text[n++]);
	return n;
}

static bool add_codepoint(struct tally_buf *out, uint32_t c)
{
	char utf8[4];

	return tally_buf_add(out, utf8, tally_utf8_put(utf8, c));
}

/* What stands behind a backslash. @return bytes consumed, 0: none of ours */
static size_t unspell(struct tally_buf *out, const char *text, size_t len)
{
	static const char letters[] = "ntr\\", bytes[] = "\n\t\r\\";
	const char *letter = len && *text ? strchr(letters, *text) : NULL;
	uint32_t c;
	size_t n;

	if (letter)
		return tally_buf_byte(out, (unsigned char)bytes[letter - letters]) ? 1 : 0;
	if (len >= 3 && text[0] == 'x')
		return take_hex(text + 1, len - 1, 2, &c) == 2 &&
		                       tally_buf_byte(out, (unsigned char)c)
		               ? 3
		               : 0;
	if (len < 4 || text[0] != 'u' || text[1] != '{')
		return 0;
	n = take_hex(text + 2, len - 2, 6, &c);
	if (n == 0 || n + 2 >= len || text[n + 2] != '}' || c > 0x10FFFF ||
	    (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	return add_codepoint(out, c) ? n + 3 : 0;
}

bool tally_unescape_add(struct tally_buf *out, const char *text, size_t len)
{
	while (len > 0) {
		const char *slash = memchr(text, '\\', len);
		size_t n = slash ? (size_t)(slash - text) : len, took;

		if (!tally_buf_add(out, text, n))
			return false;
		text += n;
		len -= n;
		if (!slash)
			break;
		took = unspell(out, text + 1, len - 1);
		if (took == 0)
			return false;
		text += took + 1;
		len -= took + 1;
	}
	return true;
}
