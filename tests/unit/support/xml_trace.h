/** The events of XML as text, to compare and to read: `(SHEET:c r=A1` `-text` `)c`, a line each. */
#ifndef TALLY_TESTS_XML_TRACE_H
#define TALLY_TESTS_XML_TRACE_H

#include <stdint.h>

#include "core/buf.h"
#include "formats/xml.h"

struct xml_trace {
	struct tally_buf out;
	bool in_text;
	enum tally_status status; /**< of the reading */
	enum tally_reason reason;
	char message[TALLY_ERR_MESSAGE_MAX];
	struct tally_xml *x; /**< while it reads */
};

/** Start over; @limits NULL: the usual ones. */
void xml_trace_begin(struct xml_trace *t, enum tally_xml_engine engine,
                     const struct tally_limits *limits);
void xml_trace_feed(struct xml_trace *t, const char *bytes, size_t len);
void xml_trace_finish(struct xml_trace *t);

/** All three, in portions of @step bytes (0: at once). */
void xml_trace_run(struct xml_trace *t, enum tally_xml_engine engine, const char *bytes, size_t len,
                   size_t step);
void xml_trace_release(struct xml_trace *t);

#endif
