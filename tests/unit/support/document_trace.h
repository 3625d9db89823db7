/**
 * What a reader of documents pushes, as one text that tests compare: a line a block ("p: …", "h2: …", "li1: …", "code: …",
 * "cell 1/2/3: …" for table, row and cell; "page 2 p: …" for other areas), a fact ("fact link=target @shown by X") and a note
 * ("note limit: detail").
 */
#ifndef TALLY_TESTS_DOCUMENT_TRACE_H
#define TALLY_TESTS_DOCUMENT_TRACE_H

#include "core/buf.h"
#include "core/sink.h"

/** A sink that writes into @out, which is initialised here. Sums of what is not looked into are left out. */
struct tally_sink document_trace(struct tally_buf *out);

/** The same for how the document looks: a line a block with its two numbers, a line a sum. */
struct tally_sink document_looks(struct tally_buf *out);

/** Takes blocks, facts and notes, and keeps nothing of them. */
struct tally_sink document_taker(void);

/** All lines that begin with this; yours to free. */
char *document_lines(const struct tally_buf *trace, const char *beginning);

#endif
