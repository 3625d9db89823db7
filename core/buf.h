/**
 * Buffer: bytes that grow up to a ceiling given at the start. What would pass the ceiling fails and leaves the buffer as
 * it was, so hostile input cannot make it eat the memory.
 */
#ifndef TALLY_CORE_BUF_H
#define TALLY_CORE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tally_buf {
	char *bytes; /**< NUL behind the last one, once anything was added; NULL before */
	size_t len;  /**< bytes in use, the NUL not counted */
	size_t cap;  /**< bytes allocated */
	size_t max;  /**< ceiling for len */
};

/** @max  most bytes it may ever hold */
void tally_buf_init(struct tally_buf *buf, size_t max);

/** Give the memory back; keeps the ceiling, can be used again. */
void tally_buf_release(struct tally_buf *buf);

/** Forget the content, keep the memory. */
void tally_buf_clear(struct tally_buf *buf);

/** Room for @more bytes behind the present ones. @return false: ceiling or no memory */
bool tally_buf_reserve(struct tally_buf *buf, size_t more);

/** Append bytes, one byte, text. @return false: ceiling or no memory, nothing was appended */
bool tally_buf_add(struct tally_buf *buf, const void *bytes, size_t len);
bool tally_buf_byte(struct tally_buf *buf, char c);
bool tally_buf_text(struct tally_buf *buf, const char *text);
bool tally_buf_printf(struct tally_buf *buf, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** Append an unsigned number in LEB128: seven bits a byte, lowest first (at most 10 bytes). */
bool tally_buf_varint(struct tally_buf *buf, uint64_t value);

/** Append a signed number: zigzag, then LEB128. */
bool tally_buf_zigzag(struct tally_buf *buf, int64_t value);

/** Take the bytes out of the buffer (yours to tally_free); the buffer is empty then. */
char *tally_buf_take(struct tally_buf *buf, size_t *len);

#endif
