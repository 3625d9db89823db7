/**
 * Small pieces for building and reading JSON with jansson: bytes of any encoding as text, setting fields without leaks, and
 * fields that may be of any type.
 *
 * A builder function that runs out of memory returns NULL; json_object_set_new and json_array_append_new take NULL without
 * harm, so that only the last result needs a check: use tally_json_set, which remembers.
 */
#ifndef TALLY_RECEIPT_JSON_UTIL_H
#define TALLY_RECEIPT_JSON_UTIL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Set a field to a new value (taken over in any case). @return false, and *ok false, when there was no memory */
bool tally_json_set(json_t *object, const char *field, json_t *value, bool *ok);

/** Append a new value (taken over in any case). The same. */
bool tally_json_add(json_t *array, json_t *value, bool *ok);

/** Text of bytes: as they stand where they are UTF-8, otherwise escaped (\xHH). */
json_t *tally_json_text(const void *bytes, size_t len);

/** Set FIELD to the text of bytes, and FIELD_hex beside it where they are not UTF-8. */
bool tally_json_set_bytes(json_t *object, const char *field, const void *bytes, size_t len, bool *ok);

/** Lower-case hex of bytes. */
json_t *tally_json_hex(const void *bytes, size_t len);

/** The reverse, into exactly @len bytes. @return false when it is not that */
bool tally_json_unhex(const json_t *value, void *out, size_t len);

/** Bytes of a field written by tally_json_set_bytes, yours to tally_free; NULL: not there, malformed or no memory. */
char *tally_json_get_bytes(const json_t *object, const char *field, size_t *len);

/** A field's text, or NULL where it is none. */
const char *tally_json_string(const json_t *object, const char *field);

/** Is the field this text? */
bool tally_json_is(const json_t *object, const char *field, const char *text);

/** A field's number, or 0 where it is none, or negative. */
uint64_t tally_json_count(const json_t *object, const char *field);

/** A whole number that is not negative, or @otherwise. */
uint64_t tally_json_get_count(const json_t *object, const char *field, uint64_t otherwise);

#endif
