/* Containers that are known and not read: RAR, CAB, encrypted files … What is missing may be in them, and so they are named. */
#include <stdio.h>

#include "formats/archive.h"

static const char *const suffixes[] = { ".rar",  ".cab",   ".lha", ".lzh",      ".arj", ".ace",
	                                ".xar",  ".pkg",   ".wim", ".rpm",      ".sit", ".lzo",
	                                ".lrz",  ".zpaq",  ".dmg", ".squashfs", ".vhd", ".vhdx",
	                                ".vmdk", ".qcow2", ".age", ".gpg",      ".pgp", NULL };

/* Without a magic of its own at the beginning: its name has to do, and the first byte. */
static const char *by_name(const unsigned char *bytes, size_t len, const char *name,
                           enum tally_reason *reason)
{
	static const char *const images[] = { ".dmg", NULL };
	static const char *const pgp[] = { ".gpg", ".pgp", NULL };

	*reason = TALLY_REASON_ENCRYPTED;
	if (len > 0 && (bytes[0] & 0x80) && tally_archive_named(name, pgp))
		return "a file encrypted with PGP";
	*reason = TALLY_REASON_FORMAT_UNKNOWN;
	return len > 0 && tally_archive_named(name, images) ? "a disk image (DMG)" : NULL;
}

static int other_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	enum tally_reason reason;
	int bits;

	(void)size;
	if (tally_archive_other(bytes, len, &bits, &reason))
		return bits + tally_archive_named(name, suffixes);
	return by_name(bytes, len, name, &reason) ? 2 : 0;
}

static enum tally_status other_read(struct tally_source *src,
                                    const struct tally_read_options *options,
                                    const struct tally_sink *sink, struct tally_err *err)
{
	struct tally_note note = { .whole = true };
	const unsigned char *bytes;
	char detail[96];
	const char *what;
	size_t len;
	int bits;
	enum tally_status st = tally_source_peek(src, &bytes, &len, err);

	(void)options;
	if (st < 0)
		return st;
	what = tally_archive_other(bytes, len, &bits, &note.reason);
	if (!what)
		what = by_name(bytes, len, tally_source_name(src), &note.reason);
	if (!what)
		return tally_archive_read(src, options, sink, err);
	snprintf(detail, sizeof detail, "%s, which is not opened", what);
	note.detail = detail;
	st = sink->note ? sink->note(sink->payload, &note, err) : TALLY_OK;
	return st < 0 ? st : TALLY_PARTIAL;
}

const struct tally_format tally_format_other = {
	.version = TALLY_FORMAT_VERSION,
	.name = "other",
	.suffixes = suffixes,
	.caps = TALLY_CAP_MEMBERS | TALLY_CAP_OPAQUE,
	.probe = other_probe,
	.read = other_read,
};
