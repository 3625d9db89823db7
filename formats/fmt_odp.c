/* OpenDocument presentations and their templates. */
#include "formats/odf_file.h"
#include "formats/odt_read.h"

static const char *const suffixes[] = { ".odp", ".otp", NULL };

static const char type[] = "application/vnd.oasis.opendocument.presentation";

static int odp_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	(void)size;
	return tally_odf_probe(bytes, len, name, suffixes, type);
}

static enum tally_status odp_confirm(struct tally_source *src, struct tally_err *err)
{
	return tally_odf_confirm(src, type, err);
}

static enum tally_status odp_read(struct tally_source *src, const struct tally_read_options *options,
                                  const struct tally_sink *sink, struct tally_err *err)
{
	return tally_odt_read(src, options, sink, TALLY_AREA_SLIDE, err);
}

const struct tally_format tally_format_odp = {
	.version = TALLY_FORMAT_VERSION,
	.name = "odp",
	.suffixes = suffixes,
	.caps = TALLY_CAP_BLOCKS | TALLY_CAP_FACTS | TALLY_CAP_PLACES,
	.probe = odp_probe,
	.confirm = odp_confirm,
	.read = odp_read,
};
