/* Streaming JSON: see receipt/json_out.h. */
#include "receipt/json_out.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/escape.h"
#include "core/io.h"
#include "core/mem.h"
#include "receipt/receipt.h"
#include "receipt/words.h"

enum {
	BUFFER = 1 << 16,
	INDENT = 2,
};

void tally_jout_init(struct tally_jout *o, int fd, struct tally_err *err)
{
	*o = (struct tally_jout){ .fd = fd, .first = true, .err = err };
	o->bytes = tally_alloc(BUFFER);
	if (!o->bytes)
		o->status = tally_err_nomem(err);
}

static void flush(struct tally_jout *o)
{
	if (o->status == TALLY_OK && o->len && tally_io_write_all(o->fd, o->bytes, o->len) < 0)
		o->status = tally_err_sys(o->err, TALLY_FATAL, "cannot write the receipt", NULL,
		                          errno);
	o->len = 0;
}

enum tally_status tally_jout_finish(struct tally_jout *o)
{
	assert(o->status != TALLY_OK || o->depth == 0);
	flush(o);
	tally_free(o->bytes);
	o->bytes = NULL;
	return o->status;
}

static void put(struct tally_jout *o, const void *bytes, size_t len)
{
	const char *p = bytes;

	while (o->status == TALLY_OK && len > 0) {
		size_t n = BUFFER - o->len;

		if (n > len)
			n = len;
		memcpy(o->bytes + o->len, p, n);
		o->len += n;
		p += n;
		len -= n;
		if (o->len == BUFFER)
			flush(o);
	}
}

static void put_char(struct tally_jout *o, char c)
{
	put(o, &c, 1);
}

static void new_line(struct tally_jout *o)
{
	static const char blanks[] = "\n                                ";
	size_t left = (size_t)o->depth * INDENT;
	size_t n = left < sizeof blanks - 2 ? left : sizeof blanks - 2;

	put(o, blanks, n + 1);
	for (left -= n; left > 0; left--)
		put_char(o, ' ');
}

/* What stands in front of an item: nothing behind a key, otherwise comma and line or blank */
static void lead(struct tally_jout *o)
{
	if (o->keyed) {
		o->keyed = false;
		return;
	}
	if (!o->first)
		put_char(o, ',');
	if (!o->line && o->depth)
		new_line(o);
	else if (!o->first)
		put_char(o, ' ');
	o->first = false;
}

void tally_jout_open(struct tally_jout *o, char bracket, bool line)
{
	lead(o);
	put_char(o, bracket);
	o->depth++;
	if (line || o->line)
		o->line++;
	o->first = true;
}

void tally_jout_close(struct tally_jout *o, char bracket)
{
	bool line = o->line > 0;

	o->depth--;
	if (o->line)
		o->line--;
	if (!o->first && !line)
		new_line(o);
	put_char(o, bracket);
	o->first = false;
	if (o->depth == 0)
		put_char(o, '\n');
}

void tally_jout_key(struct tally_jout *o, const char *key)
{
	lead(o);
	put_char(o, '"');
	put(o, key, strlen(key));
	put(o, "\": ", 3);
	o->keyed = true;
}

static bool plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

static void put_unit(struct tally_jout *o, unsigned unit)
{
	char text[8];

	put(o, text, (size_t)snprintf(text, sizeof text, "\\u%04x", unit));
}

static void put_hidden(struct tally_jout *o, uint32_t c)
{
	if (c == '\n' || c == '\t' || c == '\r') {
		put_char(o, '\\');
		put_char(o, c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
	} else if (c < 0x10000) {
		put_unit(o, c);
	} else {
		put_unit(o, 0xD800 + ((c - 0x10000) >> 10));
		put_unit(o, 0xDC00 + ((c - 0x10000) & 0x3FF));
	}
}

/* One character that is not plain. @return its length */
static size_t put_special(struct tally_jout *o, const unsigned char *p, size_t len)
{
	char text[8];
	uint32_t c;
	size_t n = tally_utf8_next(p, len, &c);

	if (n == 0) {
		put(o, text, (size_t)snprintf(text, sizeof text, "\\\\x%02X", p[0]));
		return 1;
	}
	if (c == '"' || c == '\\') {
		put_char(o, '\\');
		put_char(o, (char)c);
	} else if (tally_codepoint_hidden(c)) {
		put_hidden(o, c);
	} else {
		put(o, p, n);
	}
	return n;
}

static void put_string(struct tally_jout *o, const void *bytes, size_t len)
{
	const unsigned char *p = bytes, *end = len ? p + len : p;

	put_char(o, '"');
	while (p < end) {
		const unsigned char *from = p;

		while (p < end && plain(*p))
			p++;
		put(o, from, (size_t)(p - from));
		if (p < end)
			p += put_special(o, p, (size_t)(end - p));
	}
	put_char(o, '"');
}

void tally_jout_bytes(struct tally_jout *o, const void *bytes, size_t len)
{
	lead(o);
	put_string(o, bytes, len);
}

void tally_jout_text(struct tally_jout *o, const char *text)
{
	if (text)
		tally_jout_bytes(o, text, strlen(text));
	else
		tally_jout_null(o);
}

void tally_jout_hex(struct tally_jout *o, const void *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = bytes;

	lead(o);
	put_char(o, '"');
	for (size_t i = 0; i < len; i++) {
		put_char(o, digits[p[i] >> 4]);
		put_char(o, digits[p[i] & 15]);
	}
	put_char(o, '"');
}

void tally_jout_number(struct tally_jout *o, uint64_t n)
{
	char digits[24];
	char *p = digits + sizeof digits;

	if (n == TALLY_UNKNOWN) {
		tally_jout_null(o);
		return;
	}
	lead(o);
	if (n > INT64_MAX) /* no reader of JSON is sure to take more */
		n = INT64_MAX;
	do
		*--p = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	put(o, p, (size_t)(digits + sizeof digits - p));
}

void tally_jout_integer(struct tally_jout *o, int64_t n)
{
	char digits[24];

	lead(o);
	put(o, digits, (size_t)snprintf(digits, sizeof digits, "%" PRId64, n));
}

void tally_jout_real(struct tally_jout *o, double d)
{
	char text[40];
	int len;

	if (!isfinite(d)) {
		tally_jout_null(o);
		return;
	}
	lead(o);
	len = snprintf(text, sizeof text, "%.15g", d);
	if (strtod(text, NULL) != d)
		len = snprintf(text, sizeof text, "%.17g", d);
	for (int i = 0; i < len; i++) /* the locale's decimal point */
		if (!strchr("0123456789+-e", text[i]))
			text[i] = '.';
	if (!strpbrk(text, ".e")) {
		memcpy(text + len, ".0", 3);
		len += 2;
	}
	put(o, text, (size_t)len);
}

void tally_jout_bool(struct tally_jout *o, bool b)
{
	lead(o);
	put(o, b ? "true" : "false", b ? 4 : 5);
}

void tally_jout_null(struct tally_jout *o)
{
	lead(o);
	put(o, "null", 4);
}

void tally_jout_time(struct tally_jout *o, int64_t ns)
{
	char text[TALLY_TIME_MAX];

	tally_jout_text(o, ns ? tally_words_time(text, ns) : NULL);
}

/* Is there no list of objects or lists inside, so that one line is enough? (jansson's loops want what can be changed.) */
static bool flat(json_t *value)
{
	const char *key;
	json_t *item;
	size_t i;

	if (json_is_array(value)) {
		json_array_foreach(value, i, item) if (json_is_object(item) ||
		                                       json_is_array(item)) return false;
	} else if (json_is_object(value)) {
		json_object_foreach(value, key, item) if (!flat(item)) return false;
	}
	return true;
}

static void put_object(struct tally_jout *o, json_t *object)
{
	void *iter = json_object_iter(object);

	tally_jout_open(o, '{', o->line || flat(object));
	for (; iter; iter = json_object_iter_next(object, iter)) {
		const char *key = json_object_iter_key(iter);

		lead(o);
		put_string(o, key, json_object_iter_key_len(iter));
		put(o, ": ", 2);
		o->keyed = true;
		tally_jout_value(o, json_object_iter_value(iter));
	}
	tally_jout_close(o, '}');
}

static void put_array(struct tally_jout *o, json_t *value)
{
	json_t *item;
	size_t i;

	tally_jout_open(o, '[', o->line || flat(value));
	json_array_foreach(value, i, item) tally_jout_value(o, item);
	tally_jout_close(o, ']');
}

void tally_jout_value(struct tally_jout *o, json_t *value)
{
	switch (value ? json_typeof(value) : JSON_NULL) {
	case JSON_OBJECT:
		put_object(o, value);
		break;
	case JSON_ARRAY:
		put_array(o, value);
		break;
	case JSON_STRING:
		tally_jout_bytes(o, json_string_value(value), json_string_length(value));
		break;
	case JSON_INTEGER:
		tally_jout_integer(o, json_integer_value(value));
		break;
	case JSON_REAL:
		tally_jout_real(o, json_real_value(value));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		tally_jout_bool(o, json_is_true(value));
		break;
	case JSON_NULL:
		tally_jout_null(o);
		break;
	}
}
