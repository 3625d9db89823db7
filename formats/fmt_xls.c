/*
 * Workbooks of Excel 2 to 2003 (.xls): known, and not read. The one library for them that is packaged, libfreexl, opens files by
 * name, which a reader in the sandbox cannot do.
 */
#include "formats/format.h"
#include "formats/ole.h"

static const char *const suffixes[] = { ".xls", ".xlt", NULL };

enum { BITS_BARE = 24 };

/* The first record of a workbook that is in no compound file (Excel 2 to 4): BOF, its length, its version ([MS-XLS] 2.4.21). */
static bool begins_bare(const unsigned char *bytes, size_t len)
{
	return len > 8 && bytes[0] == 9 && (bytes[1] == 0 || bytes[1] == 2 || bytes[1] == 4) &&
	       (bytes[2] == 4 || bytes[2] == 6) && bytes[3] == 0 && bytes[7] == 0 &&
	       (bytes[6] == 0x10 || bytes[6] == 0x20 || bytes[6] == 0x40);
}

static int xls_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	(void)size;
	(void)name;
	if (tally_ole_begins(bytes, len))
		return TALLY_OLE_BITS;
	return begins_bare(bytes, len) ? BITS_BARE : 0;
}

static enum tally_status xls_confirm(struct tally_source *src, struct tally_err *err)
{
	const unsigned char *bytes;
	size_t len;
	enum tally_status st = tally_source_peek(src, &bytes, &len, err);

	if (st < 0 || !tally_ole_begins(bytes, len))
		return st;
	st = tally_ole_has(src, "Workbook", err);
	return st == TALLY_END ? tally_ole_has(src, "Book", err) : st;
}

static enum tally_status xls_read(struct tally_source *src, const struct tally_read_options *options,
                                  const struct tally_sink *sink, struct tally_err *err)
{
	const struct tally_note note = { .reason = TALLY_REASON_FORMAT_UNKNOWN,
		                         .detail = "XLS is not read",
		                         .whole = true };
	enum tally_status st = sink->note ? sink->note(sink->payload, &note, err) : TALLY_OK;

	(void)src;
	(void)options;
	return st < 0 ? st : TALLY_PARTIAL;
}

const struct tally_format tally_format_xls = {
	.version = TALLY_FORMAT_VERSION,
	.name = "xls",
	.suffixes = suffixes,
	.caps = TALLY_CAP_OPAQUE,
	.probe = xls_probe,
	.confirm = xls_confirm,
	.read = xls_read,
};
