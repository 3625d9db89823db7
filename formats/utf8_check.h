/**
 * Is a long text UTF-8? The answer of tally_utf8_valid, with vector instructions where the processor has them.
 */
#ifndef TALLY_FORMATS_UTF8_CHECK_H
#define TALLY_FORMATS_UTF8_CHECK_H

#include <stdbool.h>
#include <stddef.h>

bool tally_utf8_check(const char *bytes, size_t len);

#endif
