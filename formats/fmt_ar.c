/* Ar archives: Debian packages, whose members are compressed tars, and libraries of object files. */
#include "formats/archive.h"

static const char *const suffixes[] = { ".deb", ".udeb", ".ipk", ".ar", NULL };

static int ar_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	int bits;

	(void)size;
	return tally_archive_probe(bytes, len, &bits) == TALLY_ARCHIVE_AR
	               ? bits + tally_archive_named(name, suffixes)
	               : 0;
}

const struct tally_format tally_format_ar = {
	.version = TALLY_FORMAT_VERSION,
	.name = "ar",
	.suffixes = suffixes,
	.caps = TALLY_CAP_MEMBERS,
	.probe = ar_probe,
	.read = tally_archive_read,
};
