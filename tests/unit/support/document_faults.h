/** The fault loop of readers of documents: wherever there is no memory, the reader says so. */
#ifndef TALLY_TESTS_DOCUMENT_FAULTS_H
#define TALLY_TESTS_DOCUMENT_FAULTS_H

#include <criterion/criterion.h>

#include "support/document_read.h"
#include "support/document_trace.h"
#include "support/faults.h"

/** Read a sound file again and again while the first allocation fails, then the second, until it gets through. */
static inline void document_faults_in(const struct document_input *in)
{
	const struct tally_sink sink = document_taker();
	struct tally_err err = { 0 };

	/* libraries are loaded once: what they need to start is no part of reading */
	cr_assert_eq(document_read(in, &sink, &err), TALLY_OK, "%s: %s", in->format, err.message);
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		enum tally_status st = document_read(in, &sink, &err);

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
