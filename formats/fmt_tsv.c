/* Tab-separated values: delimited text in which the tab is expected, quoted as in RFC 4180. */
#include "formats/delimited.h"
#include "formats/format.h"

static const char *const suffixes[] = { ".tsv", ".tab", NULL };
static const struct tally_delimited_kind kind = { "tsv", suffixes, '\t' };

static int tsv_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	return tally_delimited_probe(&kind, bytes, len, size, name);
}

static enum tally_status tsv_read(struct tally_source *src, const struct tally_read_options *options,
                                  const struct tally_sink *sink, struct tally_err *err)
{
	return tally_delimited_read(&kind, src, options, sink, err);
}

const struct tally_format tally_format_tsv = {
	.version = TALLY_FORMAT_VERSION,
	.name = "tsv",
	.suffixes = suffixes,
	.caps = TALLY_CAP_ROWS,
	.probe = tsv_probe,
	.read = tsv_read,
};
