/** Documents that may be anything: read again they are the same, with facts wanted or not. For fuzz targets. */
#ifndef TALLY_TESTS_DOCUMENT_TWICE_H
#define TALLY_TESTS_DOCUMENT_TWICE_H

#include "support/document_read.h"

struct zip_maker;

/**
 * Read the bytes; whatever comes out can be walked through. What was left out is noted, and only then the status says so; facts that
 * nobody wants change no block. Without limits of its own there is less room for facts than usual.
 */
void document_twice_in(const struct document_input *in);

void document_twice(const char *format, const void *bytes, size_t len);

/** The same with a package that is finished; it is released. */
void document_twice_packed(const char *format, struct zip_maker *zip);

#endif
