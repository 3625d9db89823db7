/* CRC-32, eight bytes a step. See crc32.h. */
#include "formats/crc32.h"

#include <pthread.h>

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

uint32_t tally_crc32(uint32_t crc, const void *bytes, size_t len)
{
	const unsigned char *p = bytes;

	pthread_once(&once, make_tables);
	crc = ~crc;
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
