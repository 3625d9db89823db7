/*
 * XML: the scanner and expat tell the same events and come to the same end, whatever the portions.
 *
 * The first byte of the input picks limits and portions.
 */
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "support/xml_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct tally_limits limits_of(unsigned choice)
{
	struct tally_limits limits = TALLY_LIMITS_INIT;

	if (choice & 1) {
		limits.xml_depth = 3;
		limits.xml_attributes = 2;
	}
	if (choice & 2)
		limits.xml_token_bytes = 24;
	return limits;
}

/* in portions of 1 to @most bytes, the same ones every time; 0: in one */
static void run(struct xml_trace *t, enum tally_xml_engine engine,
                const struct tally_limits *limits, const char *bytes, size_t len, size_t most)
{
	uint64_t seed = 0x9e3779b97f4a7c15 + most;

	xml_trace_begin(t, engine, limits);
	for (size_t at = 0; at < len && t->status >= 0;) {
		size_t n = len - at;

		seed = seed * 6364136223846793005 + 1442695040888963407;
		if (most && 1 + (seed >> 33) % most < n)
			n = 1 + (seed >> 33) % most;
		xml_trace_feed(t, bytes + at, n);
		at += n;
	}
	xml_trace_finish(t);
}

/*
 * How much of the events has to be the same. Of the text right before an error expat tells what stood before the last line
 * end, or all, as the error and the portions will have it.
 */
static size_t certain(const struct xml_trace *t)
{
	size_t at = t->out.len;

	if (t->status >= 0 || !at)
		return at;
	for (at--; at && t->out.bytes[at - 1] != '\n';)
		at--;
	return t->out.bytes[at] == '-' ? at : t->out.len;
}

static void check_same(const struct xml_trace *a, const struct xml_trace *b, bool short_tokens)
{
	CHECK(a->status == b->status);
	/* a token that is too long and malformed is either */
	CHECK(a->reason == b->reason || short_tokens);
	CHECK(certain(a) == certain(b) && !memcmp(a->out.bytes, b->out.bytes, certain(a)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t portions[] = { 1, 3, 17, 300 };
	const char *xml = (const char *)data + 1;
	struct xml_trace expat, other;
	struct tally_limits limits;

	if (!size)
		return 0;
	limits = limits_of(data[0]);
	run(&expat, TALLY_XML_EXPAT, &limits, xml, size - 1, 0);
	run(&other, TALLY_XML_AUTO, &limits, xml, size - 1, 0);
	check_same(&expat, &other, data[0] & 2);
	xml_trace_release(&other);
	run(&other, TALLY_XML_AUTO, &limits, xml, size - 1, portions[data[0] >> 2 & 3]);
	check_same(&expat, &other, data[0] & 2);
	xml_trace_release(&other);
	xml_trace_release(&expat);
	return 0;
}
