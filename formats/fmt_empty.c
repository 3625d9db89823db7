/* A file with nothing in it, where its name is of something else than text: it is that, and not damaged in some way unknown. */
#include "formats/format.h"

static const char *const none[] = { NULL };

static int empty_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	(void)bytes;
	(void)len;
	(void)name;
	return size == 0;
}

static enum tally_status empty_read(struct tally_source *src,
                                    const struct tally_read_options *options,
                                    const struct tally_sink *sink, struct tally_err *err)
{
	(void)src;
	(void)options;
	(void)sink;
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED, "there is nothing in it");
}

const struct tally_format tally_format_empty = {
	.version = TALLY_FORMAT_VERSION,
	.name = "empty",
	.suffixes = none,
	.caps = TALLY_CAP_BLOCKS,
	.probe = empty_probe,
	.read = empty_read,
};
