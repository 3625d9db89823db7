/* Text in UTF-32, known by its byte order mark: nobody writes tables in it, and so it is named and not read. */
#include <string.h>

#include "formats/format.h"

/* none: its mark alone tells */
static const char *const suffixes[] = { NULL };

enum { BOM_BITS = 32, UNITS = 16, LAST = 0x10ffff };

static uint32_t unit(const unsigned char *p, bool big)
{
	return big ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
	           : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* the mark of the little one begins with that of UTF-16, so the first characters have to be some */
static int utf32_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	bool big = len >= 4 && memcmp(bytes, "\0\0\xfe\xff", 4) == 0;
	bool little = len >= 4 && memcmp(bytes, "\xff\xfe\0\0", 4) == 0;

	(void)name;
	if (!(big || little) || size % 4 != 0)
		return 0;
	for (size_t i = 4; i + 4 <= len && i < (size_t)4 * UNITS; i += 4)
		if (unit(bytes + i, big) > LAST)
			return 0;
	return BOM_BITS;
}

static enum tally_status utf32_read(struct tally_source *src,
                                    const struct tally_read_options *options,
                                    const struct tally_sink *sink, struct tally_err *err)
{
	(void)src;
	(void)options;
	(void)sink;
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_FORMAT_UNKNOWN,
	                     "its text is in UTF-32, which is not read: save it as UTF-8");
}

const struct tally_format tally_format_utf32 = {
	.version = TALLY_FORMAT_VERSION,
	.name = "utf32",
	.suffixes = suffixes,
	.caps = TALLY_CAP_ROWS,
	.probe = utf32_probe,
	.read = utf32_read,
};
