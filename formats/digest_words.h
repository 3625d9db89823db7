/**
 * What is too long to be read on a receipt, in a few words: how long it is, and a digest that is another one where it differs.
 */
#ifndef TALLY_FORMATS_DIGEST_WORDS_H
#define TALLY_FORMATS_DIGEST_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"

/** Append ", 1234 bytes, sha256:0123456789abcdef". @return false: no memory */
bool tally_digest_words(struct tally_buf *out, const void *bytes, size_t len);

/** Append a text as people want to read it: whole, or its beginning and the words above. @return false: no memory */
bool tally_short_words(struct tally_buf *out, const char *text, size_t len);

#endif
