/**
 * Stepping through the bytes of XML: which of them may stand in it at all, and where the next one is that means something.
 * For formats/xml_scan.c. With SSE2 where every processor has it, byte by byte elsewhere.
 */
#ifndef TALLY_FORMATS_XML_BYTES_H
#define TALLY_FORMATS_XML_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/**
 * The characters that XML allows (section 2.2), as UTF-8.
 * @bad  set when the byte behind the answer is none of them; otherwise what is left is the beginning of one
 * @return how many bytes are whole characters of these
 */
size_t tally_xml_chars(const char *bytes, size_t len, bool *bad);

/** A character as UTF-8. @return bytes written, at most 4; 0: XML does not allow it */
size_t tally_xml_utf8(uint32_t c, char *out);

enum tally_xml_class {
	TALLY_XML_SPACE = 1,
	TALLY_XML_NAME = 2,  /**< may stand in a name (ASCII) */
	TALLY_XML_FIRST = 4, /**< and begin one */
};

extern const unsigned char tally_xml_classes[256];

static inline bool tally_xml_space(char c)
{
	return tally_xml_classes[(unsigned char)c] & TALLY_XML_SPACE;
}

static inline const char *tally_xml_skip_space(const char *p, const char *end)
{
	while (p < end && tally_xml_space(*p))
		p++;
	return p;
}

/** Is it a declaration of XML 1.0 in UTF-8? @p to @end: what stands between `<?xml` and `?>` */
bool tally_xml_declaration(const char *p, const char *end);

/** The first `<`, `&`, `]` or carriage return; @end when there is none. */
static inline const char *tally_xml_text_stop(const char *p, const char *end)
{
#if defined(__SSE2__)
	for (; end - p >= 16; p += 16) {
		const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		const __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('<')),
		                                              _mm_cmpeq_epi8(v, _mm_set1_epi8('&'))),
		                                 _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(']')),
		                                              _mm_cmpeq_epi8(v, _mm_set1_epi8('\r'))));
		const unsigned mask = (unsigned)_mm_movemask_epi8(hit);

		if (mask)
			return p + __builtin_ctz(mask);
	}
#endif
	while (p < end && *p != '<' && *p != '&' && *p != ']' && *p != '\r')
		p++;
	return p;
}

/** The first @quote, `<`, `&` or byte below a blank; @end when there is none. */
static inline const char *tally_xml_value_stop(const char *p, const char *end, char quote)
{
#if defined(__SSE2__)
	for (; end - p >= 16; p += 16) {
		const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v);
		const __m128i hit = _mm_or_si128(
			_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('<')),
		                     _mm_cmpeq_epi8(v, _mm_set1_epi8('&'))),
			_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(quote)), control));
		const unsigned mask = (unsigned)_mm_movemask_epi8(hit);

		if (mask)
			return p + __builtin_ctz(mask);
	}
#endif
	while (p < end && *p != quote && *p != '<' && *p != '&' && (unsigned char)*p >= 0x20)
		p++;
	return p;
}

#endif
