/* OpenDocument spreadsheets in one XML file (.fods). */
#include <string.h>

#include "core/mem.h"
#include "formats/format.h"
#include "formats/ods.h"

static const char *const suffixes[] = { ".fods", NULL };

enum {
	PORTION = 65536,
	LOOKED_AT = 16384, /* the outermost element of programs is 4 KiB long: it declares all namespaces */
	BITS = 200,
};

static bool holds(const unsigned char *bytes, size_t len, const char *text)
{
	size_t n = strlen(text);

	for (const unsigned char *p = bytes; (size_t)(bytes + len - p) >= n; p++) {
		p = memchr(p, text[0], len - n + 1 - (size_t)(p - bytes));
		if (!p)
			return false;
		if (!memcmp(p, text, n))
			return true;
	}
	return false;
}

static int fods_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	size_t at = len >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3) ? 3 : 0;

	(void)size;
	(void)name;
	if (len > LOOKED_AT)
		len = LOOKED_AT;
	while (at < len && strchr(" \t\r\n", bytes[at]) && bytes[at])
		at++;
	if (at == len || bytes[at] != '<')
		return 0;
	return holds(bytes, len, "urn:oasis:names:tc:opendocument:xmlns:office:1.0") &&
	                       holds(bytes, len, "application/vnd.oasis.opendocument.spreadsheet")
	               ? BITS
	               : 0;
}

static enum tally_status feed(struct tally_xml *x, struct tally_source *src, struct tally_err *err)
{
	char *portion = tally_alloc(PORTION);
	enum tally_status st = portion ? TALLY_OK : tally_err_nomem(err);
	ssize_t n = 0;

	while (st >= 0 && (n = tally_source_read(src, portion, PORTION, err)) > 0)
		st = tally_xml_feed(x, portion, (size_t)n, err);
	if (st >= 0)
		st = n < 0 ? TALLY_SKIP : tally_xml_finish(x, err);
	tally_free(portion);
	return st;
}

static enum tally_status fods_read(struct tally_source *src, const struct tally_read_options *options,
                                   const struct tally_sink *sink, struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	const struct tally_limits *limits = options->limits ? options->limits : &defaults;
	struct tally_ods *o = NULL;
	struct tally_xml *x = NULL;
	enum tally_status st = tally_ods_new(&o, "fods", sink, options, err);

	if (st >= 0)
		st = tally_xml_new(&x, tally_ods_handler(o), limits, TALLY_XML_AUTO, err);
	if (st >= 0)
		st = feed(x, src, err);
	if (st >= 0 && !o->seen_sheets)
		st = tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED, "no sheet in it");
	if (st >= 0)
		st = tally_ods_looks_finish(o, err);
	if (st >= 0 && o->partial)
		st = TALLY_PARTIAL;
	tally_xml_free(x);
	tally_ods_free(o);
	return st;
}

const struct tally_format tally_format_fods = {
	.version = TALLY_FORMAT_VERSION,
	.name = "fods",
	.suffixes = suffixes,
	.caps = TALLY_CAP_ROWS | TALLY_CAP_FACTS | TALLY_CAP_PLACES,
	.probe = fods_probe,
	.read = fods_read,
};
