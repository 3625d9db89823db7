/*
 * Documents that are known and not read: Word, PowerPoint and others before 2007, RTF, WordPerfect … Their reader says what they are.
 * RTF would need a converter; the one that is packaged (unrtf) had its last release in 2018 and a list of crashes.
 */
#include <string.h>

#include "formats/archive.h"
#include "formats/format.h"
#include "formats/ole.h"

static const char *const suffixes[] = { ".doc", ".dot", ".ppt",   ".pot", ".pps",  ".rtf",
	                                ".wpd", ".wps", ".wri",   ".pub", ".vsd",  ".mpp",
	                                ".one", ".mdb", ".accdb", ".pst", ".chm",  ".mobi",
	                                ".azw", ".ps",  ".eps",   ".psd", ".djvu", NULL };

/* Streams that only one program writes. */
static const struct stream {
	const char *name, *what;
} streams[] = {
	{ "WordDocument", "a document of Word 97 to 2003 (DOC)" },
	{ "PowerPoint Document", "a presentation of PowerPoint 97 to 2003 (PPT)" },
	{ "PP40", "a presentation of PowerPoint 4 (PPT)" },
	{ "PP97_DUALSTORAGE", "a presentation of PowerPoint 95 (PPT)" },
	{ "VisioDocument", "a drawing of Visio (VSD)" },
	{ "Quill", "a publication of Publisher (PUB)" },
	{ "MatOST", "a document of Works (WPS)" },
	{ "MM", "a document of Works (WPS)" },
	{ "Props12", "a plan of Project (MPP)" },
	{ "Props14", "a plan of Project (MPP)" },
};

static const char compound[] = "a compound file (OLE) of a kind that is not known";

static const struct magic {
	uint8_t at, len;
	const char *bytes, *what;
} magics[] = {
	{ 0, 5, "{\\rtf", "a Rich Text document (RTF)" },
	{ 0, 4, "\xffWPC", "a document of WordPerfect" },
	{ 0, 4, "\xdb\xa5\x2d\0", "a document of Word 2" },
	{ 0, 4, "\x31\xbe\0\0", "a document of Write or Word for DOS" },
	{ 0, 12, "\0\1\0\0Standard", "a database of Access" },
	{ 0, 4, "!BDN", "a mailbox of Outlook (PST)" },
	{ 0, 8, "\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "a notebook of OneNote" },
	{ 0, 4, "ITSF", "a help file (CHM)" },
	{ 60, 8, "BOOKMOBI", "an e-book (MOBI)" },
	{ 0, 4, "%!PS", "PostScript" },
	{ 0, 4, "\xc5\xd0\xd3\xc6", "PostScript with a preview (EPS)" },
	{ 0, 4, "8BPS", "a picture of Photoshop (PSD)" },
	{ 0, 8, "AT&TFORM", "a scan (DjVu)" },
};

static const struct magic *magic_of(const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
		if (len >= (size_t)magics[i].at + magics[i].len &&
		    !memcmp(bytes + magics[i].at, magics[i].bytes, magics[i].len))
			return &magics[i];
	return NULL;
}

static int unread_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	const struct magic *m = magic_of(bytes, len);

	(void)size;
	(void)name;
	if (tally_ole_begins(bytes, len))
		return TALLY_OLE_BITS;
	return m ? 8 * m->len : 0;
}

/* One that is damaged may be what its name says. */
static enum tally_status find_what(const char **what, struct tally_source *src, struct tally_err *err)
{
	const struct magic *m;
	const unsigned char *bytes;
	size_t len;
	enum tally_status st = tally_source_peek(src, &bytes, &len, err);

	if (st < 0)
		return st;
	m = magic_of(bytes, len);
	*what = m ? m->what : compound;
	for (size_t i = 0; !m && i < sizeof streams / sizeof *streams; i++) {
		st = tally_ole_has(src, streams[i].name, err);
		if (st < 0)
			return st;
		if (st == TALLY_OK) {
			*what = streams[i].what;
			break;
		}
	}
	return TALLY_OK;
}

static enum tally_status unread_read(struct tally_source *src,
                                     const struct tally_read_options *options,
                                     const struct tally_sink *sink, struct tally_err *err)
{
	struct tally_note note = { .reason = TALLY_REASON_FORMAT_UNKNOWN, .whole = true };
	const char *what;
	enum tally_status st = find_what(&what, src, err);

	(void)options;
	if (st < 0)
		return st;
	note.detail = what;
	st = sink->note ? sink->note(sink->payload, &note, err) : TALLY_OK;
	return st < 0 ? st : TALLY_PARTIAL;
}

const struct tally_format tally_format_unread = {
	.version = TALLY_FORMAT_VERSION,
	.name = "unread",
	.suffixes = suffixes,
	.caps = TALLY_CAP_OPAQUE,
	.probe = unread_probe,
	.read = unread_read,
};
