/* Fields of a receipt's JSON, one by one: what is not as it should be is complained of once. */
#include "receipt/json_fields.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/escape.h"
#include "receipt/json_util.h"
#include "receipt/words.h"

/* ---- complaints ---- */

void tally_field_wrong(struct tally_json_reader *d, const char *field, const char *what)
{
	if (d->status == TALLY_OK)
		d->status = tally_err_set(d->err, TALLY_SKIP, TALLY_REASON_DAMAGED,
		                          "the receipt is damaged: '%s%s%s' %s", d->place,
		                          *d->place && *field ? "." : "", field, what);
}

static void no_memory(struct tally_json_reader *d)
{
	if (d->status == TALLY_OK)
		d->status = tally_err_nomem(d->err);
}

void tally_field_at(struct tally_json_reader *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(d->place, sizeof d->place, format, args);
	va_end(args);
}

void *tally_field_array(struct tally_json_reader *d, size_t count, size_t size)
{
	void *p = count && d->status == TALLY_OK ? tally_arena_zero(&d->r->arena, count, size) : NULL;

	if (!p && count)
		no_memory(d);
	return p;
}

/* ---- fields ---- */

json_t *tally_field_object(struct tally_json_reader *d, const json_t *o, const char *field)
{
	json_t *value = json_object_get(o, field);

	if (!json_is_object(value))
		tally_field_wrong(d, field, "is not an object");
	return value;
}

json_t *tally_field_list(struct tally_json_reader *d, const json_t *o, const char *field)
{
	json_t *value = json_object_get(o, field);

	if (!json_is_array(value))
		tally_field_wrong(d, field, "is not a list");
	return value;
}

bool tally_field_absent(const json_t *value)
{
	return !value || json_is_null(value);
}

const char *tally_field_text(struct tally_json_reader *d, const json_t *o, const char *field)
{
	const json_t *value = json_object_get(o, field);
	const char *s = json_string_value(value);

	if (tally_field_absent(value))
		return NULL;
	if (!s || strlen(s) != json_string_length(value)) {
		tally_field_wrong(d, field, "is not a text");
		return NULL;
	}
	s = tally_arena_dup(&d->r->arena, s, json_string_length(value));
	if (!s)
		no_memory(d);
	return s;
}

const char *tally_field_must_text(struct tally_json_reader *d, const json_t *o, const char *field)
{
	const char *s = tally_field_text(d, o, field);

	if (!s)
		tally_field_wrong(d, field, "is missing");
	return s ? s : "";
}

uint64_t tally_field_number_or(struct tally_json_reader *d, const json_t *o, const char *field,
                               uint64_t otherwise)
{
	const json_t *value = json_object_get(o, field);

	if (tally_field_absent(value))
		return otherwise;
	if (!json_is_integer(value) || json_integer_value(value) < 0) {
		tally_field_wrong(d, field, "is not a whole number");
		return otherwise;
	}
	return (uint64_t)json_integer_value(value);
}

uint64_t tally_field_number(struct tally_json_reader *d, const json_t *o, const char *field)
{
	if (tally_field_absent(json_object_get(o, field)))
		tally_field_wrong(d, field, "is missing");
	return tally_field_number_or(d, o, field, 0);
}

int64_t tally_field_integer_or(struct tally_json_reader *d, const json_t *o, const char *field,
                               int64_t otherwise)
{
	const json_t *value = json_object_get(o, field);

	if (tally_field_absent(value))
		return otherwise;
	if (!json_is_integer(value))
		tally_field_wrong(d, field, "is not a whole number");
	return json_integer_value(value);
}

uint64_t tally_field_small(struct tally_json_reader *d, const json_t *o, const char *field,
                           uint64_t most, uint64_t otherwise)
{
	uint64_t n = tally_field_number_or(d, o, field, otherwise);

	if (n > most && n != otherwise)
		tally_field_wrong(d, field, "is out of range");
	return n;
}

bool tally_field_flag(struct tally_json_reader *d, const json_t *o, const char *field)
{
	const json_t *value = json_object_get(o, field);

	if (value && !json_is_boolean(value))
		tally_field_wrong(d, field, "is neither true nor false");
	return json_is_true(value);
}

double tally_field_real(struct tally_json_reader *d, const json_t *o, const char *field)
{
	const json_t *value = json_object_get(o, field);

	if (!tally_field_absent(value) && !json_is_number(value))
		tally_field_wrong(d, field, "is not a number");
	return json_number_value(value);
}

int64_t tally_field_time(struct tally_json_reader *d, const json_t *o, const char *field)
{
	const json_t *value = json_object_get(o, field);
	int64_t ns = 0;

	if (!tally_field_absent(value) &&
	    (!json_is_string(value) || !tally_words_time_parse(&ns, json_string_value(value))))
		tally_field_wrong(d, field, "is not a time");
	return ns;
}

unsigned tally_field_word(struct tally_json_reader *d, const json_t *o, const char *field,
                          const char *(*name)(unsigned), unsigned count)
{
	const char *s = tally_json_string(o, field);

	for (unsigned i = 0; s && i < count; i++)
		if (!strcmp(s, name(i)))
			return i;
	tally_field_wrong(d, field, s ? "is a word that is not known" : "is missing");
	return count;
}

/* ---- names ---- */

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes out of hex, without NUL. @return NULL: not that, or no memory (complained of) */
static char *unhex(struct tally_json_reader *d, const json_t *value, const char *field, size_t *len)
{
	const char *s = json_string_value(value);
	size_t n = json_string_length(value) / 2;
	char *out;

	if (!s || json_string_length(value) % 2) {
		tally_field_wrong(d, field, "is not hex");
		return NULL;
	}
	out = tally_field_array(d, n + 1, 1);
	for (size_t i = 0; out && i < n; i++) {
		int high = digit(s[2 * i]), low = digit(s[2 * i + 1]);

		if (high < 0 || low < 0 || (high | low) == 0) {
			tally_field_wrong(d, field, "is not hex of a name");
			return NULL;
		}
		out[i] = (char)(high << 4 | low);
	}
	*len = n;
	return out;
}

/* Does the text show these bytes? Otherwise a view of the JSON and a view of ours would name two files. */
static bool shows(struct tally_json_reader *d, const json_t *value, const char *bytes, size_t len)
{
	struct tally_buf buf;
	bool same = false;

	tally_buf_init(&buf, SIZE_MAX / 2);
	if (!tally_escape_add(&buf, bytes, len))
		no_memory(d);
	else
		same = json_is_string(value) && json_string_length(value) == buf.len &&
		       !memcmp(json_string_value(value), buf.bytes, buf.len);
	tally_buf_release(&buf);
	return same;
}

struct tally_name tally_field_name_of(struct tally_json_reader *d, const json_t *value,
                                      const json_t *hex, const char *field)
{
	struct tally_name name = { NULL, 0 };

	if (tally_field_absent(hex)) {
		const char *s = json_string_value(value);

		if (!s || strlen(s) != json_string_length(value)) {
			tally_field_wrong(d, field, "is not a name");
			return name;
		}
		name.len = json_string_length(value);
		name.bytes = tally_arena_dup(&d->r->arena, s, name.len);
		if (!name.bytes)
			no_memory(d);
		return name;
	}
	name.bytes = unhex(d, hex, field, &name.len);
	if (name.bytes && tally_utf8_valid(name.bytes, name.len))
		tally_field_wrong(d, field, "has hex, and needs none");
	else if (name.bytes && !shows(d, value, name.bytes, name.len))
		tally_field_wrong(d, field, "and its hex disagree");
	return name;
}

struct tally_name tally_field_name(struct tally_json_reader *d, const json_t *o, const char *field)
{
	char hex[32];

	if (tally_field_absent(json_object_get(o, field)))
		return (struct tally_name){ NULL, 0 };
	snprintf(hex, sizeof hex, "%s_hex", field);
	return tally_field_name_of(d, json_object_get(o, field), json_object_get(o, hex), field);
}

struct tally_name tally_field_must_name(struct tally_json_reader *d, const json_t *o,
                                        const char *field)
{
	struct tally_name n = tally_field_name(d, o, field);

	if (!n.bytes)
		tally_field_wrong(d, field, "is missing");
	return n;
}

size_t tally_field_names(struct tally_json_reader *d, const json_t *o, const char *field,
                         const char *hex_field, struct tally_name **out)
{
	const json_t *list = tally_field_list(d, o, field), *hex = json_object_get(o, hex_field);
	size_t count = json_array_size(list);

	*out = tally_field_array(d, count, sizeof **out);
	for (size_t i = 0; *out && i < count; i++)
		(*out)[i] = tally_field_name_of(d, json_array_get(list, i), json_array_get(hex, i),
		                                field);
	return *out ? count : 0;
}
