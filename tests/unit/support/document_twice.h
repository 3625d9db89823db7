/** Documents that may be anything: read again they are the same, with facts wanted or not. For fuzz targets. */
#ifndef TALLY_TESTS_DOCUMENT_TWICE_H
#define TALLY_TESTS_DOCUMENT_TWICE_H

#include <stddef.h>

struct zip_maker;

/** Read the bytes as a file of this format; whatever comes out can be walked through. */
void document_twice(const char *format, const void *bytes, size_t len);

/** The same with a text that another program made of it; NULL: none. */
void document_twice_text(const char *format, const void *bytes, size_t len, const void *text,
                         size_t text_len);

/** The same with a package that is finished; it is released. */
void document_twice_packed(const char *format, struct zip_maker *zip);

#endif
