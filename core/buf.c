/* Buffer with a ceiling: grows by half, always keeps a NUL behind the content. */
#include "core/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"

void tally_buf_init(struct tally_buf *buf, size_t max)
{
	*buf = (struct tally_buf){ NULL, 0, 0, max };
}

void tally_buf_release(struct tally_buf *buf)
{
	tally_free(buf->bytes);
	tally_buf_init(buf, buf->max);
}

void tally_buf_clear(struct tally_buf *buf)
{
	buf->len = 0;
	if (buf->bytes)
		buf->bytes[0] = '\0';
}

bool tally_buf_reserve(struct tally_buf *buf, size_t more)
{
	size_t need, cap;
	char *grown;

	if (!tally_size_add(buf->len, more, &need) || need > buf->max || need == SIZE_MAX)
		return false;
	if (need < buf->cap)
		return true;
	cap = buf->cap + buf->cap / 2;
	if (cap < need + 1)
		cap = need + 1;
	if (cap < 64)
		cap = 64;
	grown = tally_realloc(buf->bytes, cap, 1);
	if (!grown)
		return false;
	buf->bytes = grown;
	buf->cap = cap;
	return true;
}

bool tally_buf_add(struct tally_buf *buf, const void *bytes, size_t len)
{
	if (!tally_buf_reserve(buf, len))
		return false;
	if (len)
		memcpy(buf->bytes + buf->len, bytes, len);
	buf->len += len;
	buf->bytes[buf->len] = '\0';
	return true;
}

bool tally_buf_byte(struct tally_buf *buf, char c)
{
	return tally_buf_add(buf, &c, 1);
}

bool tally_buf_text(struct tally_buf *buf, const char *text)
{
	return tally_buf_add(buf, text, strlen(text));
}

bool tally_buf_printf(struct tally_buf *buf, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0 || !tally_buf_reserve(buf, (size_t)n))
		return false;
	va_start(args, format);
	vsnprintf(buf->bytes + buf->len, (size_t)n + 1, format, args);
	va_end(args);
	buf->len += (size_t)n;
	return true;
}

bool tally_buf_varint(struct tally_buf *buf, uint64_t value)
{
	unsigned char out[10];
	size_t n = 0;

	while (value > 127) {
		out[n++] = (unsigned char)(value | 128);
		value >>= 7;
	}
	out[n++] = (unsigned char)value;
	return tally_buf_add(buf, out, n);
}

bool tally_buf_zigzag(struct tally_buf *buf, int64_t value)
{
	return tally_buf_varint(buf, ((uint64_t)value << 1) ^ (uint64_t)(value < 0 ? -1 : 0));
}

char *tally_buf_take(struct tally_buf *buf, size_t *len)
{
	char *bytes = buf->bytes;

	if (len)
		*len = buf->len;
	tally_buf_init(buf, buf->max);
	return bytes;
}
