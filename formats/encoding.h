/**
 * Encodings of text files: which one a file has, and its text as UTF-8.
 *
 * Nothing is replaced on the way, because a replaced byte is a change that nobody sees: bytes that are no text in the
 * encoding are passed on in a form that is not valid UTF-8, and different ones stay different.
 */
#ifndef TALLY_FORMATS_ENCODING_H
#define TALLY_FORMATS_ENCODING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

enum tally_encoding {
	TALLY_ENCODING_UTF8,
	TALLY_ENCODING_UTF16LE,
	TALLY_ENCODING_UTF16BE,
	TALLY_ENCODING_WINDOWS_1252,
	TALLY_ENCODING_LATIN1, /**< only on request: text in it cannot be told from windows-1252 */
	TALLY_ENCODING_COUNT
};

/** "utf-8", "utf-16le", … */
const char *tally_encoding_name(enum tally_encoding encoding);

/** The encoding of that name; case does not matter, nor what stands in brackets. @return false: unknown */
bool tally_encoding_by_name(enum tally_encoding *out, const char *name);

/** One byte a character: taken apart as bytes, each cell made UTF-8 by itself. */
static inline bool tally_encoding_single(enum tally_encoding encoding)
{
	return encoding == TALLY_ENCODING_WINDOWS_1252 || encoding == TALLY_ENCODING_LATIN1;
}

static inline bool tally_encoding_wide(enum tally_encoding encoding)
{
	return encoding == TALLY_ENCODING_UTF16LE || encoding == TALLY_ENCODING_UTF16BE;
}

/**
 * What the first bytes tell: a byte order mark, or NUL bytes in the pattern of UTF-16.
 * @bom   bytes of the mark, 0 where there is none
 * @return the encoding; TALLY_ENCODING_UTF8 also where only the rest can tell it from a single-byte one
 */
enum tally_encoding tally_encoding_sniff(const unsigned char *bytes, size_t len, size_t *bom);

/** What there is beyond ASCII in a text, taken as UTF-8. */
struct tally_utf8_found {
	uint64_t good; /**< characters of several bytes; just 1 where nothing is bad, since nobody counts them */
	uint64_t bad; /**< bytes that belong to no character */
};

/** Count. Overlong forms, surrogates and what lies beyond U+10FFFF are bad. */
struct tally_utf8_found tally_utf8_count(const char *bytes, size_t len);

/** The same with all good characters counted, whether any is bad or not. */
struct tally_utf8_found tally_utf8_count_all(const char *bytes, size_t len);

/** Is there a byte beyond ASCII? */
bool tally_has_high(const char *bytes, size_t len);

/** UTF-8, or a single-byte encoding, by what was found: a few bad bytes among many good characters are damaged UTF-8. */
enum tally_encoding tally_encoding_guess(const struct tally_utf8_found *found);

/**
 * UTF-16 as UTF-8. A surrogate without its partner becomes the three bytes it would have (not valid UTF-8); a byte left over
 * at the end follows a byte 0xff.
 * @pad   zero bytes behind the end
 * @out   yours to tally_free
 * @bad   surrogates without a partner, and 1 for a byte left over
 */
enum tally_status tally_utf16_to_utf8(const char *bytes, size_t len, bool big_endian, size_t pad,
                                      char **out, size_t *out_len, uint64_t *bad,
                                      struct tally_err *err);

enum { TALLY_SINGLE_BYTE_MAX = 3 }; /**< most bytes of UTF-8 that one byte becomes */

/**
 * Single-byte text as UTF-8. The five bytes that windows-1252 leaves open become the control characters of Latin-1.
 * @out  room for TALLY_SINGLE_BYTE_MAX bytes for each
 * @return bytes written
 */
size_t tally_single_to_utf8(char *out, const char *bytes, size_t len, enum tally_encoding encoding);

#endif
