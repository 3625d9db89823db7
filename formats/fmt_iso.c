/* Images of CDs and DVDs (ISO 9660, with Joliet and Rock Ridge). */
#include "formats/archive.h"

static const char *const suffixes[] = { ".iso", NULL };

static int iso_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	int bits;

	(void)size;
	return tally_archive_probe(bytes, len, &bits) == TALLY_ARCHIVE_ISO
	               ? bits + tally_archive_named(name, suffixes)
	               : 0;
}

const struct tally_format tally_format_iso = {
	.version = TALLY_FORMAT_VERSION,
	.name = "iso",
	.suffixes = suffixes,
	.caps = TALLY_CAP_MEMBERS,
	.probe = iso_probe,
	.read = tally_archive_read,
};
