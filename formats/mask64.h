/**
 * Which of 64 bytes are a given one: bit i of the mask stands for byte i. Plain C, and SSE2 where every processor has it.
 */
#ifndef TALLY_FORMATS_MASK64_H
#define TALLY_FORMATS_MASK64_H

#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/** Eight times eight bytes, put together so that byte order does not matter. */
struct tally_words {
	uint64_t w[8];
};

static inline uint64_t tally_load_word(const char *bytes)
{
	const unsigned char *p = (const unsigned char *)bytes;

	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
	       (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	       (uint64_t)p[7] << 56;
}

/** bit i: byte i of the word is zero */
static inline uint64_t tally_zero_bytes(uint64_t w)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
	const uint64_t high = ~(((w & low) + low) | w | low);

	/* the multiplication gathers one bit of each byte in the topmost one */
	return (high >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

/** A byte eight times. */
static inline uint64_t tally_splat(unsigned char c)
{
	return c * UINT64_C(0x0101010101010101);
}

/** bit i: byte i is the one that @pattern repeats */
static inline uint64_t tally_words_mask(const struct tally_words *b, uint64_t pattern)
{
	uint64_t mask = 0;

	for (int i = 0; i < 8; i++)
		mask |= tally_zero_bytes(b->w[i] ^ pattern) << (8 * i);
	return mask;
}

/** bit i: byte i of the 64 at @p is @c */
static inline uint64_t tally_mask64(const char *p, unsigned char c)
{
#if defined(__SSE2__)
	const __m128i pattern = _mm_set1_epi8((char)c);
	uint64_t mask = 0;

	for (int i = 0; i < 4; i++) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));

		mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, pattern)) << (16 * i);
	}
	return mask;
#else
	struct tally_words b;

	for (int i = 0; i < 8; i++)
		b.w[i] = tally_load_word(p + 8 * i);
	return tally_words_mask(&b, tally_splat(c));
#endif
}

/** bit i: an odd number of the bits 0 to i is set. With a mask of quotes: byte i stands between two */
static inline uint64_t tally_prefix_xor(uint64_t x)
{
	x ^= x << 1;
	x ^= x << 2;
	x ^= x << 4;
	x ^= x << 8;
	x ^= x << 16;
	return x ^ x << 32;
}

#endif
