/* Tar archives, plain or compressed. */
#include "formats/archive.h"

enum { TAR_BITS = 24 }; /* of a header behind a compression: its checksum agrees */

/*
 * A compressed tar is one more than a compressed file where its first bytes unpack to a header. Blocks of bzip2 are larger
 * than what a probe sees: the name has to do then. The reader looks for itself in any case.
 */
static int tar_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	int bits;
	enum tally_archive_kind kind = tally_archive_probe(bytes, len, &bits);
	int tar, named = tally_archive_named_tar(name);

	(void)size;
	if (kind == TALLY_ARCHIVE_TAR)
		return bits + named;
	if (kind < TALLY_ARCHIVE_GZIP)
		return 0;
	tar = tally_archive_holds_tar(kind, bytes, len);
	if (tar > 0)
		return bits + TAR_BITS + named;
	return tar < 0 && named ? bits + 2 : 0;
}

const struct tally_format tally_format_tar = {
	.version = TALLY_FORMAT_VERSION,
	.name = "tar",
	.suffixes = tally_archive_tar_suffixes,
	.caps = TALLY_CAP_MEMBERS,
	.probe = tar_probe,
	.read = tally_archive_read,
};
