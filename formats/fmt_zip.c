/* Zip archives, and whatever comes as one and has no reader of its own: members only. */
#include "formats/archive.h"

static const char *const suffixes[] = {
	".zip",  ".jar",  ".war",  ".ear",  ".aar",   ".apk",  ".aab",  ".ipa",  ".xpi",
	".crx",  ".whl",  ".egg",  ".pyz",  ".nupkg", ".vsix", ".epub", ".kmz",  ".cbz",
	".3mf",  ".oxt",  ".docx", ".docm", ".dotx",  ".dotm", ".xlsx", ".xlsm", ".xltx",
	".xltm", ".xlsb", ".pptx", ".pptm", ".potx",  ".ppsx", ".vsdx", ".odt",  ".ods",
	".odp",  ".odg",  ".ott",  ".ots",  ".otp",   ".idml", NULL
};

/* The magic alone: readers that know more of what is inside score higher. */
static int zip_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	int bits;

	(void)size;
	return tally_archive_probe(bytes, len, &bits) == TALLY_ARCHIVE_ZIP
	               ? bits + tally_archive_named(name, suffixes)
	               : 0;
}

const struct tally_format tally_format_zip = {
	.version = TALLY_FORMAT_VERSION,
	.name = "zip",
	.suffixes = suffixes,
	.caps = TALLY_CAP_MEMBERS,
	.probe = zip_probe,
	.read = tally_archive_read,
};
