/* OpenDocument drawings and their templates. */
#include "formats/odf_file.h"
#include "formats/odt_read.h"

static const char *const suffixes[] = { ".odg", ".otg", NULL };

static const char type[] = "application/vnd.oasis.opendocument.graphics";

static int odg_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	(void)size;
	return tally_odf_probe(bytes, len, name, suffixes, type);
}

static enum tally_status odg_confirm(struct tally_source *src, struct tally_err *err)
{
	return tally_odf_confirm(src, type, err);
}

static enum tally_status odg_read(struct tally_source *src, const struct tally_read_options *options,
                                  const struct tally_sink *sink, struct tally_err *err)
{
	return tally_odt_read(src, options, sink, TALLY_AREA_PAGE, err);
}

const struct tally_format tally_format_odg = {
	.version = TALLY_FORMAT_VERSION,
	.name = "odg",
	.suffixes = suffixes,
	.caps = TALLY_CAP_BLOCKS | TALLY_CAP_FACTS | TALLY_CAP_PLACES,
	.probe = odg_probe,
	.confirm = odg_confirm,
	.read = odg_read,
};
