/*
 * Is a long text UTF-8? After John Keiser and Daniel Lemire, "Validating UTF-8 in less than one instruction per byte" (2021):
 * three tables of 16 entries, by the halves of a byte and the first half of the next, each name the errors that are possible
 * there; what all three name is one.
 */
#include "formats/utf8_check.h"

#include <string.h>

#include "core/escape.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

enum {
	TOO_SHORT = 1 << 0,  /* a first byte, then no continuation */
	TOO_LONG = 1 << 1,   /* ASCII, then a continuation */
	OVERLONG_3 = 1 << 2, /* e0 80..9f */
	TOO_LARGE = 1 << 3,  /* f4 90..bf, f5 and more */
	SURROGATE = 1 << 4,  /* ed a0..bf */
	OVERLONG_2 = 1 << 5, /* c0, c1 */
	OVERLONG_4 = 1 << 6, /* f0 80..8f; and f5 to ff with 80..8f */
	TWO_CONTS = 1 << 7,  /* two continuations: right only in third and fourth place */
	CARRY = TOO_SHORT | TOO_LONG | TWO_CONTS,
	LARGE = CARRY | TOO_LARGE | OVERLONG_4,
	CONT = TOO_LONG | OVERLONG_2 | TWO_CONTS,
};

struct state {
	__m256i prev;       /* the 32 bytes before */
	__m256i incomplete; /* not zero where they end inside a character */
	__m256i error;
};

/* one table for both halves of a vector */
#define TABLE(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)

AVX2 static inline __m256i by_first_half(__m256i high)
{
	const __m256i table = TABLE(TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
	                            TOO_LONG, TOO_LONG, (char)TWO_CONTS, (char)TWO_CONTS,
	                            (char)TWO_CONTS, (char)TWO_CONTS, TOO_SHORT | OVERLONG_2,
	                            TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE,
	                            TOO_SHORT | TOO_LARGE | OVERLONG_4);

	return _mm256_shuffle_epi8(table, high);
}

AVX2 static inline __m256i by_second_half(__m256i low)
{
	const __m256i table = TABLE((char)(CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4),
	                            (char)(CARRY | OVERLONG_2), (char)CARRY, (char)CARRY,
	                            (char)(CARRY | TOO_LARGE), (char)LARGE, (char)LARGE, (char)LARGE,
	                            (char)LARGE, (char)LARGE, (char)LARGE, (char)LARGE, (char)LARGE,
	                            (char)(LARGE | SURROGATE), (char)LARGE, (char)LARGE);

	return _mm256_shuffle_epi8(table, low);
}

AVX2 static inline __m256i by_next_byte(__m256i high)
{
	const __m256i table = TABLE(
		TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
		TOO_SHORT, (char)(CONT | OVERLONG_3 | OVERLONG_4),
		(char)(CONT | OVERLONG_3 | TOO_LARGE), (char)(CONT | SURROGATE | TOO_LARGE),
		(char)(CONT | SURROGATE | TOO_LARGE), TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT);

	return _mm256_shuffle_epi8(table, high);
}

AVX2 static inline __m256i high_half(__m256i v)
{
	return _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(0x0f));
}

AVX2 static inline void check_block(struct state *s, __m256i in)
{
	const __m256i joined = _mm256_permute2x128_si256(s->prev, in, 0x21);
	const __m256i prev1 = _mm256_alignr_epi8(in, joined, 15);
	const __m256i prev2 = _mm256_alignr_epi8(in, joined, 14);
	const __m256i prev3 = _mm256_alignr_epi8(in, joined, 13);
	const __m256i third = _mm256_subs_epu8(prev2, _mm256_set1_epi8(0xe0 - 0x80));
	const __m256i fourth = _mm256_subs_epu8(prev3, _mm256_set1_epi8(0xf0 - 0x80));
	const __m256i must = _mm256_and_si256(_mm256_or_si256(third, fourth),
	                                      _mm256_set1_epi8((char)0x80));
	__m256i possible = by_first_half(high_half(prev1));

	possible = _mm256_and_si256(possible,
	                            by_second_half(_mm256_and_si256(prev1, _mm256_set1_epi8(0x0f))));
	possible = _mm256_and_si256(possible, by_next_byte(high_half(in)));
	s->error = _mm256_or_si256(s->error, _mm256_xor_si256(must, possible));
}

AVX2 static inline void take_block(struct state *s, const char *p)
{
	const __m256i in = _mm256_loadu_si256((const __m256i *)(const void *)p);
	/* the last three bytes may begin characters of at most 1, 2 and 3 bytes */
	const __m256i most = _mm256_setr_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	                                      -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	                                      -1, -1, -1, (char)(0xf0 - 1), (char)(0xe0 - 1),
	                                      (char)(0xc0 - 1));

	if (!_mm256_movemask_epi8(in)) {
		s->error = _mm256_or_si256(s->error, s->incomplete);
		s->incomplete = _mm256_setzero_si256();
	} else {
		check_block(s, in);
		s->incomplete = _mm256_subs_epu8(in, most);
	}
	s->prev = in;
}

AVX2 static bool check_avx2(const char *bytes, size_t len)
{
	const __m256i zero = _mm256_setzero_si256();
	struct state s = { zero, zero, zero };
	char tail[64] = { 0 };
	size_t at = 0;

	for (; len - at >= 32; at += 32)
		take_block(&s, bytes + at);
	if (len > at)
		memcpy(tail, bytes + at, len - at);
	take_block(&s, tail);
	take_block(&s, tail + 32);
	return _mm256_testz_si256(s.error, s.error);
}

bool tally_utf8_check(const char *bytes, size_t len)
{
	return __builtin_cpu_supports("avx2") ? check_avx2(bytes, len) : tally_utf8_valid(bytes, len);
}

#else

bool tally_utf8_check(const char *bytes, size_t len)
{
	return tally_utf8_valid(bytes, len);
}

#endif
