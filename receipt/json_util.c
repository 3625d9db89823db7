/* JSON helpers over jansson: see receipt/json_util.h. */
#include "receipt/json_util.h"

#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/escape.h"
#include "core/mem.h"

enum { FIELD_MOST = 64 };

bool tally_json_set(json_t *object, const char *field, json_t *value, bool *ok)
{
	if (json_object_set_new_nocheck(object, field, value) != 0)
		*ok = false;
	return *ok;
}

bool tally_json_add(json_t *array, json_t *value, bool *ok)
{
	if (json_array_append_new(array, value) != 0)
		*ok = false;
	return *ok;
}

json_t *tally_json_text(const void *bytes, size_t len)
{
	struct tally_buf buf;
	json_t *text = NULL;

	if (tally_utf8_valid(bytes, len))
		return json_stringn_nocheck(bytes, len);
	tally_buf_init(&buf, SIZE_MAX / 2);
	if (tally_escape_add(&buf, bytes, len))
		text = json_stringn_nocheck(buf.bytes, buf.len);
	tally_buf_release(&buf);
	return text;
}

json_t *tally_json_hex(const void *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = bytes;
	char *text = len < SIZE_MAX / 2 ? tally_alloc(2 * len) : NULL;
	json_t *value = NULL;

	if (!text)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[p[i] >> 4];
		text[2 * i + 1] = digits[p[i] & 15];
	}
	value = json_stringn_nocheck(text, 2 * len);
	tally_free(text);
	return value;
}

bool tally_json_set_bytes(json_t *object, const char *field, const void *bytes, size_t len, bool *ok)
{
	char hex[FIELD_MOST];

	if (!tally_utf8_valid(bytes, len)) {
		snprintf(hex, sizeof hex, "%s_hex", field);
		tally_json_set(object, hex, tally_json_hex(bytes, len), ok);
	}
	return tally_json_set(object, field, tally_json_text(bytes, len), ok);
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool tally_json_unhex(const json_t *value, void *out, size_t len)
{
	const char *text = json_string_value(value);
	unsigned char *p = out;

	if (!text || json_string_length(value) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		p[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

char *tally_json_get_bytes(const json_t *object, const char *field, size_t *len)
{
	char hex[FIELD_MOST];
	const json_t *value;
	char *bytes;

	snprintf(hex, sizeof hex, "%s_hex", field);
	value = json_object_get(object, hex);
	if (json_is_string(value)) {
		*len = json_string_length(value) / 2;
		bytes = tally_alloc(*len + 1);
		if (!bytes || !tally_json_unhex(value, bytes, *len)) {
			tally_free(bytes);
			return NULL;
		}
		bytes[*len] = '\0';
		return bytes;
	}
	value = json_object_get(object, field);
	if (!json_is_string(value))
		return NULL;
	*len = json_string_length(value);
	return tally_dup(json_string_value(value), *len);
}

const char *tally_json_string(const json_t *object, const char *field)
{
	return json_string_value(json_object_get(object, field));
}

bool tally_json_is(const json_t *object, const char *field, const char *text)
{
	const char *value = tally_json_string(object, field);

	return value && !strcmp(value, text);
}

uint64_t tally_json_count(const json_t *object, const char *field)
{
	return tally_json_get_count(object, field, 0);
}

uint64_t tally_json_get_count(const json_t *object, const char *field, uint64_t otherwise)
{
	const json_t *value = json_object_get(object, field);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return otherwise;
	return (uint64_t)json_integer_value(value);
}
