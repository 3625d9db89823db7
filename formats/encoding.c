/* Encodings of text files: see formats/encoding.h. Tables: Unicode 15 chapter 3 (UTF-8, UTF-16), WHATWG windows-1252. */
#include "formats/encoding.h"

#include <string.h>
#include <strings.h>

#include "core/escape.h"
#include "core/mem.h"
#include "formats/utf8_check.h"

enum {
	SNIFF_BYTES = 4096, /* looked at for the pattern of UTF-16 */
	GOOD_FOR_ONE_BAD = 4 /* characters of several bytes that outweigh a bad byte: chance makes fewer */
};

static const char *const names[TALLY_ENCODING_COUNT] = { "utf-8", "utf-16le", "utf-16be",
	                                                 "windows-1252", "iso-8859-1" };

const char *tally_encoding_name(enum tally_encoding encoding)
{
	return (unsigned)encoding < TALLY_ENCODING_COUNT ? names[encoding] : "utf-8";
}

bool tally_encoding_by_name(enum tally_encoding *out, const char *name)
{
	static const struct {
		const char *name;
		enum tally_encoding encoding;
	} others[] = {
		{ "utf8", TALLY_ENCODING_UTF8 },        { "ascii", TALLY_ENCODING_UTF8 },
		{ "us-ascii", TALLY_ENCODING_UTF8 },    { "utf-16", TALLY_ENCODING_UTF16LE },
		{ "utf16", TALLY_ENCODING_UTF16LE },    { "utf16le", TALLY_ENCODING_UTF16LE },
		{ "utf16be", TALLY_ENCODING_UTF16BE },  { "cp1252", TALLY_ENCODING_WINDOWS_1252 },
		{ "latin1", TALLY_ENCODING_LATIN1 },    { "latin-1", TALLY_ENCODING_LATIN1 },
		{ "iso8859-1", TALLY_ENCODING_LATIN1 },
	};
	size_t len = strcspn(name, " (");

	for (int i = 0; i < TALLY_ENCODING_COUNT; i++) {
		if (strlen(names[i]) == len && !strncasecmp(names[i], name, len)) {
			*out = (enum tally_encoding)i;
			return true;
		}
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		if (strlen(others[i].name) == len && !strncasecmp(others[i].name, name, len)) {
			*out = others[i].encoding;
			return true;
		}
	}
	return false;
}

/*
 * Text in UTF-16 has NUL in every other byte wherever it is in a Latin script, and line ends and delimiters have it in every
 * script. At least a tenth of one half of the bytes must be NUL and next to none of the other half. Where hardly any other byte is
 * there than ASCII, it is a Latin script, and nearly all of that half must be: some NULs in a text of ASCII make no UTF-16.
 */
static bool utf16_pattern(const unsigned char *bytes, size_t len, enum tally_encoding *out)
{
	size_t nul[2] = { 0, 0 }, high = 0;
	size_t pairs, least;

	len = len < SNIFF_BYTES ? len : SNIFF_BYTES;
	if (!len || !memchr(bytes, 0, len))
		return false;
	pairs = len / 2;
	for (size_t i = 0; i < pairs * 2; i++)
		nul[i & 1] += !bytes[i];
	for (size_t i = 0; i < pairs * 2; i++)
		high += bytes[i] >= 0x80;
	if (pairs < 2)
		return false;
	least = high * 20 >= pairs ? pairs / 10 : pairs / 2;
	if (nul[1] >= least && nul[1] >= 2 && nul[0] * 50 <= nul[1]) {
		*out = TALLY_ENCODING_UTF16LE;
		return true;
	}
	if (nul[0] >= least && nul[0] >= 2 && nul[1] * 50 <= nul[0]) {
		*out = TALLY_ENCODING_UTF16BE;
		return true;
	}
	return false;
}

enum tally_encoding tally_encoding_sniff(const unsigned char *bytes, size_t len, size_t *bom)
{
	enum tally_encoding found = TALLY_ENCODING_UTF8;

	*bom = 0;
	if (len >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3)) {
		*bom = 3;
		return TALLY_ENCODING_UTF8;
	}
	if (len >= 2 && (!memcmp(bytes, "\xff\xfe", 2) || !memcmp(bytes, "\xfe\xff", 2))) {
		*bom = 2;
		return bytes[0] == 0xff ? TALLY_ENCODING_UTF16LE : TALLY_ENCODING_UTF16BE;
	}
	utf16_pattern(bytes, len, &found);
	return found;
}

/* bytes from @at on that are ASCII, eight at a time */
static size_t skip_ascii(const char *at, const char *end)
{
	const char *p = at;

	while (end - p >= 8) {
		uint64_t w;

		memcpy(&w, p, 8);
		if (w & UINT64_C(0x8080808080808080))
			break;
		p += 8;
	}
	while (p < end && !(*p & 0x80))
		p++;
	return (size_t)(p - at);
}

bool tally_has_high(const char *bytes, size_t len)
{
	return skip_ascii(bytes, bytes + len) < len;
}

struct tally_utf8_found tally_utf8_count(const char *bytes, size_t len)
{
	if (tally_utf8_check(bytes, len))
		return (struct tally_utf8_found){ tally_has_high(bytes, len), 0 };
	return tally_utf8_count_all(bytes, len);
}

struct tally_utf8_found tally_utf8_count_all(const char *bytes, size_t len)
{
	const char *at = bytes, *end = bytes + len;
	struct tally_utf8_found found = { 0, 0 };

	for (at += skip_ascii(at, end); at < end;) {
		size_t n = tally_utf8_next((const unsigned char *)at, (size_t)(end - at), NULL);

		found.good += n > 1;
		found.bad += !n;
		at += n ? n : 1;
		at += skip_ascii(at, end);
	}
	return found;
}

enum tally_encoding tally_encoding_guess(const struct tally_utf8_found *found)
{
	bool utf8 = !found->bad || found->good / GOOD_FOR_ONE_BAD >= found->bad;

	return utf8 ? TALLY_ENCODING_UTF8 : TALLY_ENCODING_WINDOWS_1252;
}

static uint32_t unit(const char *bytes, size_t i, bool big_endian)
{
	unsigned char first = (unsigned char)bytes[2 * i], second = (unsigned char)bytes[2 * i + 1];

	return big_endian ? (uint32_t)first << 8 | second : (uint32_t)second << 8 | first;
}

static bool is_high_surrogate(uint32_t u)
{
	return (u & 0xfc00) == 0xd800;
}

static bool is_low_surrogate(uint32_t u)
{
	return (u & 0xfc00) == 0xdc00;
}

static size_t convert(const char *bytes, size_t len, bool big_endian, char *out, uint64_t *bad)
{
	size_t units = len / 2, n = 0;

	for (size_t i = 0; i < units; i++) {
		uint32_t u = unit(bytes, i, big_endian);

		if (is_high_surrogate(u) && i + 1 < units &&
		    is_low_surrogate(unit(bytes, i + 1, big_endian))) {
			u = 0x10000 + ((u & 0x3ff) << 10) + (unit(bytes, ++i, big_endian) & 0x3ff);
		} else if ((u & 0xf800) == 0xd800) {
			(*bad)++;
		}
		if (u < 0x80)
			out[n++] = (char)u;
		else
			n += tally_utf8_put(out + n, u);
	}
	if (len & 1) {
		out[n++] = (char)0xff;
		out[n++] = bytes[len - 1];
		(*bad)++;
	}
	return n;
}

enum tally_status tally_utf16_to_utf8(const char *bytes, size_t len, bool big_endian, size_t pad,
                                      char **out, size_t *out_len, uint64_t *bad,
                                      struct tally_err *err)
{
	size_t room;

	*bad = 0;
	/* two bytes become three at most */
	if (!tally_size_mul(len / 2 + 1, 3, &room) || !tally_size_add(room, pad, &room))
		return tally_err_nomem(err);
	*out = tally_alloc(room);
	if (!*out)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_NO_MEMORY,
		                     "no memory for %zu bytes", room);
	*out_len = convert(bytes, len, big_endian, *out, bad);
	memset(*out + *out_len, 0, pad);
	return TALLY_OK;
}

/* 0x80 to 0x9f of windows-1252; the rest is as in Latin-1 */
static const uint16_t windows_1252[32] = {
	0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
	0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
	0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
};

size_t tally_single_to_utf8(char *out, const char *bytes, size_t len, enum tally_encoding encoding)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];
		uint32_t u = c;

		if (encoding == TALLY_ENCODING_WINDOWS_1252 && c >= 0x80 && c < 0xa0)
			u = windows_1252[c - 0x80];
		if (u < 0x80)
			out[n++] = (char)u;
		else
			n += tally_utf8_put(out + n, u);
	}
	return n;
}
