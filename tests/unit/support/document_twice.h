/** Documents that may be anything: read again they are the same, with facts wanted or not. For fuzz targets. */
#ifndef TALLY_TESTS_DOCUMENT_TWICE_H
#define TALLY_TESTS_DOCUMENT_TWICE_H

#include <stddef.h>

struct tally_limits;
struct zip_maker;

struct document_twice_input {
	const char *format;
	const void *bytes;
	size_t len;
	const void *text; /**< that another program made of the file; NULL: none */
	size_t text_len;
	const struct tally_limits *limits; /**< NULL: the usual ones, with less room for facts */
};

/**
 * Read the bytes; whatever comes out can be walked through. What was left out is noted, and only then the status says so; facts that
 * nobody wants change no block.
 */
void document_twice_in(const struct document_twice_input *in);

void document_twice(const char *format, const void *bytes, size_t len);

/** The same with a package that is finished; it is released. */
void document_twice_packed(const char *format, struct zip_maker *zip);

#endif
