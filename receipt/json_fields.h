/**
 * Fields of a receipt's JSON, checked one by one: for reading a receipt back that may have been altered.
 *
 * Errors stick to the reader: the first complaint is kept with its place, and every later step goes on with nothing, zero or the
 * like. Whoever loops over a list looks at `status`. Fields that are null count as absent. Whatever is returned belongs to the
 * arena of the receipt.
 */
#ifndef TALLY_RECEIPT_JSON_FIELDS_H
#define TALLY_RECEIPT_JSON_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "receipt/receipt.h"

enum { TALLY_FIELD_PLACE_MAX = 120 };

/** A receipt that is being read. */
struct tally_json_reader {
	struct tally_receipt *r;
	enum tally_status status; /**< TALLY_OK; TALLY_SKIP: damaged; TALLY_FATAL: no memory */
	struct tally_err *err;    /**< never NULL */
	char place[TALLY_FIELD_PLACE_MAX]; /**< "changes[17]": where a complaint is about */
};

/** Complain: @field, "" for the place itself, @what ("is not a number"). */
void tally_field_wrong(struct tally_json_reader *d, const char *field, const char *what);

/** Say where the next fields stand; the format "%s" with "" for the top. */
void tally_field_at(struct tally_json_reader *d, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** @return @count zeroed items of @size bytes; NULL only after an error, or for none */
void *tally_field_array(struct tally_json_reader *d, size_t count, size_t size);

/** An object, or a list, that has to be there. @return borrowed; jansson's functions take what is none for empty */
json_t *tally_field_object(struct tally_json_reader *d, const json_t *o, const char *field);
json_t *tally_field_list(struct tally_json_reader *d, const json_t *o, const char *field);

/** Is there nothing, or null? */
bool tally_field_absent(const json_t *value);

/** Text without NUL. @return NULL where it is absent; with must, "" and a complaint */
const char *tally_field_text(struct tally_json_reader *d, const json_t *o, const char *field);
const char *tally_field_must_text(struct tally_json_reader *d, const json_t *o, const char *field);

/** A whole number, not negative, that has to be there; or @otherwise where it is absent. */
uint64_t tally_field_number(struct tally_json_reader *d, const json_t *o, const char *field);
uint64_t tally_field_number_or(struct tally_json_reader *d, const json_t *o, const char *field,
                               uint64_t otherwise);

/** The same up to @most. */
uint64_t tally_field_small(struct tally_json_reader *d, const json_t *o, const char *field,
                           uint64_t most, uint64_t otherwise);

/** A whole number that may be negative. */
int64_t tally_field_integer_or(struct tally_json_reader *d, const json_t *o, const char *field,
                               int64_t otherwise);

/** True or false; false where it is absent. */
bool tally_field_flag(struct tally_json_reader *d, const json_t *o, const char *field);

/** Any number; 0 where it is absent. */
double tally_field_real(struct tally_json_reader *d, const json_t *o, const char *field);

/** A time, in nanoseconds since 1970; 0 where it is absent. */
int64_t tally_field_time(struct tally_json_reader *d, const json_t *o, const char *field);

/**
 * A word of a vocabulary.
 * @name   gives the word of a number below @count
 * @return its number; @count after a complaint
 */
unsigned tally_field_word(struct tally_json_reader *d, const json_t *o, const char *field,
                          const char *(*name)(unsigned), unsigned count);

/** The name of a file: from its text and, where it is not UTF-8, from the field with "_hex" behind it. @return no bytes where it is absent */
struct tally_name tally_field_name(struct tally_json_reader *d, const json_t *o, const char *field);
struct tally_name tally_field_must_name(struct tally_json_reader *d, const json_t *o,
                                        const char *field);

/** The same from the two values. @hex may be NULL; @field is for complaints */
struct tally_name tally_field_name_of(struct tally_json_reader *d, const json_t *value,
                                      const json_t *hex, const char *field);

/** A list of names, with that of their hex beside it. @return how many @out has */
size_t tally_field_names(struct tally_json_reader *d, const json_t *o, const char *field,
                         const char *hex_field, struct tally_name **out);

#endif
