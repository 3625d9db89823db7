/* Cpio archives, in their old and new shapes; compressed ones are read as compressed files. */
#include "formats/archive.h"

static const char *const suffixes[] = { ".cpio", NULL };

static int cpio_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	int bits;

	(void)size;
	return tally_archive_probe(bytes, len, &bits) == TALLY_ARCHIVE_CPIO
	               ? bits + tally_archive_named(name, suffixes)
	               : 0;
}

const struct tally_format tally_format_cpio = {
	.version = TALLY_FORMAT_VERSION,
	.name = "cpio",
	.suffixes = suffixes,
	.caps = TALLY_CAP_MEMBERS,
	.probe = cpio_probe,
	.read = tally_archive_read,
};
