/* Comma-separated values (RFC 4180), with whatever else stands in such files in place of the comma. */
#include "formats/delimited.h"
#include "formats/format.h"

static const char *const suffixes[] = { ".csv", ".psv", NULL };
static const struct tally_delimited_kind kind = { "csv", suffixes, ',' };

static int csv_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	return tally_delimited_probe(&kind, bytes, len, size, name);
}

static enum tally_status csv_read(struct tally_source *src, const struct tally_read_options *options,
                                  const struct tally_sink *sink, struct tally_err *err)
{
	return tally_delimited_read(&kind, src, options, sink, err);
}

const struct tally_format tally_format_csv = {
	.version = TALLY_FORMAT_VERSION,
	.name = "csv",
	.suffixes = suffixes,
	.caps = TALLY_CAP_ROWS,
	.probe = csv_probe,
	.read = csv_read,
};
