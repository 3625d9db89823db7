/* Office documents encrypted with a password: compound files around a package that nobody can read ([MS-OFFCRYPTO] 1.3.3). */
#include "formats/format.h"
#include "formats/ole.h"

static const char *const suffixes[] = { ".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb",
	                                ".docx", ".docm", ".dotx", ".dotm", ".pptx",
	                                ".pptm", ".potx", ".ppsx", NULL };

static int encrypted_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	(void)size;
	(void)name;
	return tally_ole_begins(bytes, len) ? TALLY_OLE_BITS : 0;
}

static enum tally_status encrypted_confirm(struct tally_source *src, struct tally_err *err)
{
	return tally_ole_has(src, "EncryptedPackage", err);
}

static enum tally_status encrypted_read(struct tally_source *src,
                                        const struct tally_read_options *options,
                                        const struct tally_sink *sink, struct tally_err *err)
{
	const struct tally_note note = { .reason = TALLY_REASON_ENCRYPTED,
		                         .detail = "a document that opens with a password",
		                         .whole = true };
	enum tally_status st = sink->note ? sink->note(sink->payload, &note, err) : TALLY_OK;

	(void)src;
	(void)options;
	return st < 0 ? st : TALLY_PARTIAL;
}

const struct tally_format tally_format_encrypted = {
	.version = TALLY_FORMAT_VERSION,
	.name = "encrypted",
	.suffixes = suffixes,
	.caps = TALLY_CAP_MEMBERS | TALLY_CAP_OPAQUE,
	.probe = encrypted_probe,
	.confirm = encrypted_confirm,
	.read = encrypted_read,
};
