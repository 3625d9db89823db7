/* CRC-32, eight bytes a step, or 64 where the processor multiplies without carries. See crc32.h. */
#include "formats/crc32.h"

#include <pthread.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

enum { STEP = 8 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint32_t tables[STEP][256]; /* [n][b]: what the byte b does with n more bytes behind it */

static void make_tables(void)
{
	for (uint32_t b = 0; b < 256; b++) {
		uint32_t crc = b;

		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
		tables[0][b] = crc;
	}
	for (int n = 1; n < STEP; n++)
		for (int b = 0; b < 256; b++)
			tables[n][b] = tables[n - 1][b] >> 8 ^ tables[0][tables[n - 1][b] & 0xff];
}

#if defined(__x86_64__) && defined(__GNUC__)

enum { FOLD_LEAST = 64, LANE = 16 };

#define PCLMUL __attribute__((target("pclmul,sse4.1")))

/* (x * the powers of two that k stands for) + next */
PCLMUL static inline __m128i fold(__m128i x, __m128i k, __m128i next)
{
	__m128i low = _mm_clmulepi64_si128(x, k, 0x00), high = _mm_clmulepi64_si128(x, k, 0x11);

	return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

PCLMUL static inline __m128i lane(const unsigned char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* 128 bits to 32: Barrett's reduction */
PCLMUL static uint32_t reduce(__m128i x, __m128i k)
{
	const __m128i low32 = _mm_setr_epi32(-1, 0, -1, 0);
	const __m128i k5 = _mm_set_epi64x(0, 0x163cd6124);
	const __m128i poly = _mm_set_epi64x(0x1f7011641, 0x1db710641);
	__m128i y = _mm_clmulepi64_si128(x, k, 0x10);

	x = _mm_xor_si128(_mm_srli_si128(x, 8), y);
	y = _mm_srli_si128(x, 4);
	x = _mm_xor_si128(_mm_clmulepi64_si128(_mm_and_si128(x, low32), k5, 0x00), y);
	y = _mm_and_si128(_mm_clmulepi64_si128(_mm_and_si128(x, low32), poly, 0x10), low32);
	y = _mm_clmulepi64_si128(y, poly, 0x00);
	return (uint32_t)_mm_extract_epi32(_mm_xor_si128(x, y), 1);
}

/*
 * "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction" (Gopal and others, Intel 2009), bits reflected.
 * @len  a multiple of LANE, FOLD_LEAST at least
 */
PCLMUL static uint32_t fold_all(uint32_t crc, const unsigned char *p, size_t len)
{
	const __m128i k12 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4);
	const __m128i k34 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
	__m128i x[4];

	for (int i = 0; i < 4; i++)
		x[i] = lane(p + LANE * i);
	x[0] = _mm_xor_si128(x[0], _mm_cvtsi32_si128((int)crc));
	for (p += FOLD_LEAST, len -= FOLD_LEAST; len >= FOLD_LEAST; p += FOLD_LEAST, len -= FOLD_LEAST)
		for (int i = 0; i < 4; i++)
			x[i] = fold(x[i], k12, lane(p + LANE * i));
	for (int i = 1; i < 4; i++)
		x[0] = fold(x[0], k34, x[i]);
	for (; len >= LANE; p += LANE, len -= LANE)
		x[0] = fold(x[0], k34, lane(p));
	return reduce(x[0], k34);
}

/* @return how many bytes from the beginning were taken in */
static size_t take_many(uint32_t *crc, const unsigned char *p, size_t len)
{
	size_t n = len / LANE * LANE;

	if (len < FOLD_LEAST || !__builtin_cpu_supports("pclmul") ||
	    !__builtin_cpu_supports("sse4.1"))
		return 0;
	*crc = fold_all(*crc, p, n);
	return n;
}

#else

static size_t take_many(uint32_t *crc, const unsigned char *p, size_t len)
{
	(void)crc;
	(void)p;
	(void)len;
	return 0;
}

#endif

uint32_t tally_crc32(uint32_t crc, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	size_t many;

	pthread_once(&once, make_tables);
	crc = ~crc;
	many = take_many(&crc, p, len);
	p += many;
	len -= many;
	for (; len >= STEP; len -= STEP, p += STEP) {
		crc ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
		       (uint32_t)p[3] << 24;
		crc = tables[7][crc & 0xff] ^ tables[6][crc >> 8 & 0xff] ^
		      tables[5][crc >> 16 & 0xff] ^ tables[4][crc >> 24] ^ tables[3][p[4]] ^
		      tables[2][p[5]] ^ tables[1][p[6]] ^ tables[0][p[7]];
	}
	for (; len > 0; len--, p++)
		crc = crc >> 8 ^ tables[0][(crc ^ *p) & 0xff];
	return ~crc;
}
