/**
 * Making bytes from outside safe to show: UTF-8 passes, everything that could fool a terminal or a reader is spelled out.
 *
 * Control characters become \n, \t, \r or \xHH; bytes that are not UTF-8 become \xHH; bidirectional controls, invisible
 * and other format characters, line and paragraph separators become \u{HEX}; a backslash becomes \\.
 */
#ifndef TALLY_CORE_ESCAPE_H
#define TALLY_CORE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

/**
 * Escape into a fixed array; what does not fit ends in "..." at a character's boundary.
 * @cap  at least 4; the result always ends in NUL
 */
void tally_escape_into(char *out, size_t cap, const void *bytes, size_t len);

/** Escape and append. @return false: the buffer's ceiling or no memory */
bool tally_escape_add(struct tally_buf *out, const void *bytes, size_t len);

/**
 * The reverse, for names that were copied from what was shown: \\, \n, \t, \r, \xHH and \u{HEX} become bytes again, the rest
 * stays.
 * @return false: a backslash that begins none of these; or the buffer's ceiling or no memory
 */
bool tally_unescape_add(struct tally_buf *out, const char *text, size_t len);

/**
 * Decode one UTF-8 character (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF).
 * @out  the code point on success; may be NULL
 * @return its length in bytes, or 0 where the bytes are not UTF-8
 */
size_t tally_utf8_next(const unsigned char *bytes, size_t len, uint32_t *out);

/** Write any number of up to 21 bits as UTF-8 does, surrogates too. @out  room for 4. @return bytes written */
size_t tally_utf8_put(char *out, uint32_t c);

/** Are all these bytes UTF-8? */
bool tally_utf8_valid(const void *bytes, size_t len);

/** Would a terminal or reader not show this code point as itself (controls, bidi, zero width, tags, fillers)? */
bool tally_codepoint_hidden(uint32_t c);

/** Columns this code point takes on a terminal: 0 for combining marks, 2 for wide East Asian ones, otherwise 1. */
int tally_codepoint_width(uint32_t c);

#endif
