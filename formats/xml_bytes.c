/* Which bytes may stand in XML, and how a document may begin. See xml_bytes.h. */
#include "formats/xml_bytes.h"

#include <string.h>

#include "core/ascii.h"
#include "core/escape.h"
#include "formats/utf8_check.h"

#define S TALLY_XML_SPACE
#define N TALLY_XML_NAME
#define F (TALLY_XML_NAME | TALLY_XML_FIRST)

const unsigned char tally_xml_classes[256] = {
	['\t'] = S,        ['\n'] = S, ['\r'] = S, [' '] = S,         ['-'] = N,         ['.'] = N,
	['0' ... '9'] = N, [':'] = F,  ['_'] = F,  ['A' ... 'Z'] = F, ['a' ... 'z'] = F,
};

#undef S
#undef N
#undef F

static bool allowed(uint32_t c)
{
	if (c < 0x20)
		return c == '\t' || c == '\n' || c == '\r';
	return c < 0xd800 || (c >= 0xe000 && c < 0xfffe) || (c >= 0x10000 && c < 0x110000);
}

size_t tally_xml_utf8(uint32_t c, char *out)
{
	return allowed(c) ? tally_utf8_put(out, c) : 0;
}

/* how many bytes a character has that begins so; 0: none does */
static size_t length_of(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* is it a whole one, in its shortest form? */
static bool char_at(const unsigned char *p, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c = len == 1 ? p[0] : p[0] & (0x7fU >> len);

	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return false;
		c = c << 6 | (p[i] & 0x3fU);
	}
	return c >= least[len] && allowed(c);
}

/* could the bytes that are there still become a character? */
static bool hopeful(const unsigned char *p, size_t have, size_t len)
{
	static const unsigned char fill[] = { 0x80, 0xbf };

	/* the second byte alone decides between right and wrong forms */
	for (size_t i = 0; i < sizeof fill; i++) {
		unsigned char whole[4] = { 0 };

		for (size_t j = 0; j < len; j++)
			whole[j] = j < have ? p[j] : fill[i];
		if (char_at(whole, len))
			return true;
	}
	return false;
}

static size_t chars_slow(const char *bytes, size_t len, bool *bad)
{
	const unsigned char *p = (const unsigned char *)bytes;
	size_t at = 0;

	while (at < len) {
		const size_t n = length_of(p[at]);

		if (n > len - at && hopeful(p + at, len - at, n))
			return at;
		if (!n || n > len - at || !char_at(p + at, n)) {
			*bad = true;
			return at;
		}
		at += n;
	}
	return at;
}

#if defined(__SSE2__)
/* how many bytes at the end begin a character that goes on behind it */
static size_t begun(const unsigned char *p, size_t len)
{
	for (size_t n = 1; n <= 3 && n <= len; n++)
		if (p[len - n] >= 0xc0)
			return length_of(p[len - n]) > n ? n : 0;
	return 0;
}

/* U+FFFE and U+FFFF are ef bf be and ef bf bf. @at: bit i: byte i is ef */
static bool no_character(const char *p, const char *end, unsigned at)
{
	for (; at; at &= at - 1) {
		const unsigned char *c = (const unsigned char *)p + __builtin_ctz(at);

		if (c + 2 >= (const unsigned char *)end || (c[1] == 0xbf && c[2] >= 0xbe))
			return true;
	}
	return false;
}

/* Are there only plain characters, line ends and tabs? @high: bytes beyond ASCII were met. Doubtful ones give false. */
static bool plain(const char *p, size_t len, bool *high)
{
	const char *end = p + len;
	__m128i beyond = _mm_setzero_si128();

	for (; len >= 16; p += 16, len -= 16) {
		const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		/* signed: controls and everything beyond ASCII */
		const __m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20));
		__m128i fine;

		if (!_mm_movemask_epi8(low))
			continue;
		beyond = _mm_or_si128(beyond, v);
		fine = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')),
		                                 _mm_cmpeq_epi8(v, _mm_set1_epi8('\r'))),
		                    _mm_cmpeq_epi8(v, _mm_set1_epi8('\t')));
		fine = _mm_or_si128(fine, _mm_cmplt_epi8(v, _mm_setzero_si128()));
		if ((_mm_movemask_epi8(low) & ~_mm_movemask_epi8(fine)) ||
		    no_character(p, end,
		                 (unsigned)_mm_movemask_epi8(
					 _mm_cmpeq_epi8(v, _mm_set1_epi8((char)0xef)))))
			return false;
	}
	*high = _mm_movemask_epi8(beyond) != 0;
	for (; len; p++, len--) {
		const unsigned char c = (unsigned char)*p;

		if (c == 0xef || (c < 0x20 && !(tally_xml_classes[c] & TALLY_XML_SPACE)))
			return false;
		*high |= c >= 0x80;
	}
	return true;
}
#endif

size_t tally_xml_chars(const char *bytes, size_t len, bool *bad)
{
#if defined(__SSE2__)
	const size_t whole = len - begun((const unsigned char *)bytes, len);
	bool high = false;

	if (plain(bytes, whole, &high) && (!high || tally_utf8_check(bytes, whole)))
		return whole + chars_slow(bytes + whole, len - whole, bad);
#endif
	return chars_slow(bytes, len, bad);
}

/* is it one of these, in the letters of the list? @fold: or in upper case */
static bool one_of(const char *value, size_t len, const char *const *values, bool fold)
{
	for (; *values; values++) {
		size_t i = 0;

		while (i < len && (value[i] == (*values)[i] || (fold && tally_is_upper(value[i]) &&
		                                                (value[i] | 0x20) == (*values)[i])))
			i++;
		if (i == len && !(*values)[i])
			return true;
	}
	return false;
}

/* ` name = "value"` of the declaration; @p is moved when it is there and the value one of @values */
static bool pseudo(const char **p, const char *end, const char *name, const char *const *values,
                   bool fold)
{
	const char *at = tally_xml_skip_space(*p, end), *value;
	const size_t len = strlen(name);

	if (at == *p || (size_t)(end - at) < len || memcmp(at, name, len) != 0)
		return false;
	at = tally_xml_skip_space(at + len, end);
	if (at == end || *at != '=')
		return false;
	at = tally_xml_skip_space(at + 1, end);
	if (at == end || (*at != '"' && *at != '\''))
		return false;
	value = at + 1;
	at = memchr(value, *at, (size_t)(end - value));
	if (!at || !one_of(value, (size_t)(at - value), values, fold))
		return false;
	*p = at + 1;
	return true;
}

bool tally_xml_declaration(const char *p, const char *end)
{
	static const char *const version[] = { "1.0", NULL }, *const encoding[] = { "utf-8", NULL };
	static const char *const standalone[] = { "yes", "no", NULL };

	if (!pseudo(&p, end, "version", version, false))
		return false;
	pseudo(&p, end, "encoding", encoding, true);
	pseudo(&p, end, "standalone", standalone, false);
	return tally_xml_skip_space(p, end) == end;
}
