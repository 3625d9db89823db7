/* 7z archives: members, with what libarchive can unpack. */
#include "formats/archive.h"

static const char *const suffixes[] = { ".7z", NULL };

static int sevenzip_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	int bits;

	(void)size;
	return tally_archive_probe(bytes, len, &bits) == TALLY_ARCHIVE_7ZIP
	               ? bits + tally_archive_named(name, suffixes)
	               : 0;
}

const struct tally_format tally_format_7z = {
	.version = TALLY_FORMAT_VERSION,
	.name = "7z",
	.suffixes = suffixes,
	.caps = TALLY_CAP_MEMBERS,
	.probe = sevenzip_probe,
	.read = tally_archive_read,
};
