/** The fault loop of readers of documents: wherever there is no memory, the reader says so. */
#ifndef TALLY_TESTS_DOCUMENT_FAULTS_H
#define TALLY_TESTS_DOCUMENT_FAULTS_H

#include <criterion/criterion.h>

#include "formats/format.h"
#include "support/document_trace.h"
#include "support/faults.h"

struct document_input {
	const char *format;
	const void *bytes, *text; /**< text: that another program made of the file; NULL: none */
	size_t len, text_len;
};

static inline enum tally_status document_take(const struct document_input *in, struct tally_err *err)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_sink sink = document_taker();
	struct tally_source *src = NULL;
	enum tally_status st = tally_source_memory(&src, in->bytes, in->len, err);

	if (st >= 0 && in->text)
		st = tally_source_memory(&options.text, in->text, in->text_len, err);
	if (st >= 0)
		st = tally_format_by_name(in->format)->read(src, &options, &sink, err);
	tally_source_free(options.text);
	tally_source_free(src);
	return st;
}

/** Read a sound file again and again while the first allocation fails, then the second, until it gets through. */
static inline void document_faults_in(const struct document_input *in)
{
	struct tally_err err = { 0 };

	/* libraries are loaded once: what they need to start is no part of reading */
	cr_assert_eq(document_take(in, &err), TALLY_OK, "%s: %s", in->format, err.message);
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		enum tally_status st = document_take(in, &err);

		if (faults_fired(&f))
			cr_assert_lt(st, 0, "%s, allocation %ld", in->format, f.nth);
		else
			cr_assert_eq(st, TALLY_OK, "%s: %s", in->format, err.message);
	}
}

static inline void document_faults(const char *format, const void *bytes, size_t len)
{
	document_faults_in(&(struct document_input){ .format = format, .bytes = bytes, .len = len });
}

#endif
