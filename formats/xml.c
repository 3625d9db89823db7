/* The XML reader that callers see: it hands their portions to the engine at work. */
#include "formats/xml.h"

#include "core/mem.h"
#include "formats/xml_inside.h"

enum tally_status tally_xml_new(struct tally_xml **out, const struct tally_xml_handler *handler,
                                const struct tally_limits *limits, enum tally_xml_engine engine,
                                struct tally_err *err)
{
	static const struct tally_xml_resume start = { .before = "" };
	struct tally_xml *x = tally_alloc_zero(1, sizeof *x);
	enum tally_status st;

	if (!x)
		return tally_err_nomem(err);
	x->handler = *handler;
	x->limits = *limits;
	st = tally_xml_names_init(x, err);
	if (st >= 0)
		st = engine == TALLY_XML_EXPAT ? tally_xml_expat_new(x, &start, err)
		                               : tally_xml_scan_new(x, err);
	if (st >= 0) {
		*out = x;
		x = NULL;
	}
	tally_xml_free(x);
	return st;
}

/* the first failure stays the answer */
static enum tally_status keep(struct tally_xml *x, enum tally_status st,
                              const struct tally_err *failure, struct tally_err *err)
{
	if (st < 0) {
		x->status = st;
		x->failure = *failure;
		if (err)
			*err = *failure;
	}
	return st;
}

static enum tally_status again(const struct tally_xml *x, struct tally_err *err)
{
	if (err)
		*err = x->failure;
	return x->status;
}

enum tally_status tally_xml_feed(struct tally_xml *x, const char *bytes, size_t len,
                                 struct tally_err *err)
{
	struct tally_err failure = { 0 };

	if (x->status < 0)
		return again(x, err);
	return keep(x,
	            x->scan ? tally_xml_scan_feed(x, bytes, len, &failure)
	                    : tally_xml_expat_feed(x, bytes, len, false, &failure),
	            &failure, err);
}

enum tally_status tally_xml_finish(struct tally_xml *x, struct tally_err *err)
{
	struct tally_err failure = { 0 };

	if (x->status < 0)
		return again(x, err);
	return keep(x,
	            x->scan ? tally_xml_scan_finish(x, &failure)
	                    : tally_xml_expat_feed(x, "", 0, true, &failure),
	            &failure, err);
}

void tally_xml_free(struct tally_xml *x)
{
	if (!x)
		return;
	tally_xml_scan_free(x->scan);
	tally_xml_expat_free(x->expat);
	tally_xml_names_release(x);
	tally_free(x);
}
