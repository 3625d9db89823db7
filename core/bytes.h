/**
 * Reading numbers out of bytes that came from outside: every read is checked against the end, integers are put together
 * byte by byte, and an error sticks, so that a decoder can check once at the end.
 */
#ifndef TALLY_CORE_BYTES_H
#define TALLY_CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A place in a span of bytes. */
struct tally_bytes {
	const unsigned char *at;  /**< next byte */
	const unsigned char *end; /**< behind the last one */
	bool bad; /**< something was read past the end or was malformed; all later reads give 0 */
};

static inline struct tally_bytes tally_bytes_of(const void *bytes, size_t len)
{
	const unsigned char *p = bytes;

	return (struct tally_bytes){ p, p + len, false };
}

static inline size_t tally_bytes_left(const struct tally_bytes *b)
{
	return (size_t)(b->end - b->at);
}

/** @return @len bytes where they stand, or NULL (and bad) when there are fewer */
static inline const unsigned char *tally_bytes_take(struct tally_bytes *b, size_t len)
{
	const unsigned char *p = b->at;

	if (b->bad || len > tally_bytes_left(b)) {
		b->bad = true;
		return NULL;
	}
	b->at += len;
	return p;
}

static inline uint8_t tally_bytes_u8(struct tally_bytes *b)
{
	const unsigned char *p = tally_bytes_take(b, 1);

	return p ? p[0] : 0;
}

/** Little-endian 16, 32 and 64 bits. */
static inline uint16_t tally_bytes_u16(struct tally_bytes *b)
{
	const unsigned char *p = tally_bytes_take(b, 2);

	return p ? (uint16_t)((unsigned)p[0] | (unsigned)p[1] << 8) : 0;
}

static inline uint32_t tally_bytes_u32(struct tally_bytes *b)
{
	const unsigned char *p = tally_bytes_take(b, 4);

	return p ? (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24
	         : 0;
}

static inline uint64_t tally_bytes_u64(struct tally_bytes *b)
{
	uint64_t low = tally_bytes_u32(b);

	return low | (uint64_t)tally_bytes_u32(b) << 32;
}

/** LEB128 as tally_buf_varint writes it; more than 64 bits or a missing end is bad. */
static inline uint64_t tally_bytes_varint(struct tally_bytes *b)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t byte = tally_bytes_u8(b);

		if (b->bad || (shift == 63 && byte > 1))
			break;
		value |= (uint64_t)(byte & 127) << shift;
		if (byte < 128)
			return value;
	}
	b->bad = true;
	return 0;
}

static inline int64_t tally_bytes_zigzag(struct tally_bytes *b)
{
	uint64_t v = tally_bytes_varint(b);

	return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

#endif
