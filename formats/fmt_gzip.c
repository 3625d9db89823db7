/* A single compressed file (gzip, bzip2, xz, zstd, lzma, lzip, lz4, compress): one member, what is in it. */
#include "formats/archive.h"

static const char *const suffixes[] = { ".gz", ".bz2", ".xz", ".zst", ".lzma",
	                                ".lz", ".lz4", ".z",  NULL };

static int gzip_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	int bits;
	enum tally_archive_kind kind = tally_archive_probe(bytes, len, &bits);

	(void)size;
	return kind >= TALLY_ARCHIVE_GZIP ? bits + tally_archive_named(name, suffixes) : 0;
}

const struct tally_format tally_format_gzip = {
	.version = TALLY_FORMAT_VERSION,
	.name = "gzip",
	.suffixes = suffixes,
	.caps = TALLY_CAP_MEMBERS,
	.probe = gzip_probe,
	.read = tally_archive_read,
};
