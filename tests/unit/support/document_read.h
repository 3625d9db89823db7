/** One document from memory through the reader of its format. */
#ifndef TALLY_TESTS_DOCUMENT_READ_H
#define TALLY_TESTS_DOCUMENT_READ_H

#include "core/sink.h"

struct tally_limits;

struct document_input {
	const char *format; /**< "docx" */
	const void *bytes;
	size_t len;
	const void *text; /**< that another program made of it; NULL: none */
	size_t text_len;
	const struct tally_limits *limits; /**< NULL: the usual ones */
};

/** @return what the reader returned */
enum tally_status document_read(const struct document_input *in, const struct tally_sink *sink,
                                struct tally_err *err);

#endif
