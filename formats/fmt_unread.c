/*
 * Documents that are known and not read: Word, PowerPoint and others before 2007, RTF, WordPerfect … Their reader says what they are.
 * RTF would need a converter; the one that is packaged (unrtf) had its last release in 2018 and a list of crashes.
 */
#include <string.h>

#include "formats/archive.h"
#include "formats/format.h"
#include "formats/ole.h"

static const char *const suffixes[] = {
	".doc",  ".dot", ".ppt",  ".pot", ".pps",  ".rtf",    ".wpd", ".wps", ".wri",
	".pub",  ".vsd", ".mpp",  ".one", ".mdb",  ".accdb",  ".pst", ".chm", ".mobi",
	".azw",  ".ps",  ".eps",  ".psd", ".djvu", ".p7m",    ".p7s", ".p7b", ".mp3",
	".mp4",  ".m4a", ".m4v",  ".mov", ".avi",  ".wav",    ".wmv", ".wma", ".mkv",
	".webm", ".ogg", ".flac", ".dwg", ".indd", ".sqlite", NULL
};

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

/* The kind of content that a message in PKCS #7 begins with, behind a length of any size. */
#define SIGNED_DATA    "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
#define ENVELOPED_DATA "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"

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
	{ 4, 11, SIGNED_DATA, "a signature, or a file inside one (S/MIME, PKCS #7)" },
	{ 2, 11, SIGNED_DATA, "a signature, or a file inside one (S/MIME, PKCS #7)" },
	{ 5, 11, SIGNED_DATA, "a signature, or a file inside one (S/MIME, PKCS #7)" },
	{ 4, 11, ENVELOPED_DATA, "an encrypted file (S/MIME, PKCS #7)" },
	{ 2, 11, ENVELOPED_DATA, "an encrypted file (S/MIME, PKCS #7)" },
	{ 5, 11, ENVELOPED_DATA, "an encrypted file (S/MIME, PKCS #7)" },
	{ 0, 4, "ID3\2", "sound (MP3)" },
	{ 0, 4, "ID3\3", "sound (MP3)" },
	{ 0, 4, "ID3\4", "sound (MP3)" },
	{ 0, 4, "fLaC", "sound (FLAC)" },
	{ 0, 5, "OggS\0", "sound or a video (Ogg)" },
	{ 8, 8, "WAVEfmt ", "sound (WAV)" },
	{ 8, 8, "AVI LIST", "a video (AVI)" },
	{ 4, 8, "ftypM4A ", "sound (M4A)" },
	{ 4, 8, "ftypqt  ", "a video (QuickTime)" },
	{ 4, 8, "ftypisom", "a video (MP4)" },
	{ 4, 8, "ftypiso2", "a video (MP4)" },
	{ 4, 8, "ftypmp41", "a video (MP4)" },
	{ 4, 8, "ftypmp42", "a video (MP4)" },
	{ 4, 8, "ftypM4V ", "a video (MP4)" },
	{ 4, 8, "ftypavc1", "a video (MP4)" },
	{ 0, 4, "\x1a\x45\xdf\xa3", "a video (Matroska or WebM)" },
	{ 0, 8, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", "sound or a video of Windows (WMA, WMV)" },
	{ 0, 7, "AC1014\0", "a drawing of AutoCAD (DWG)" },
	{ 0, 7, "AC1015\0", "a drawing of AutoCAD (DWG)" },
	{ 0, 7, "AC1018\0", "a drawing of AutoCAD (DWG)" },
	{ 0, 7, "AC1021\0", "a drawing of AutoCAD (DWG)" },
	{ 0, 7, "AC1024\0", "a drawing of AutoCAD (DWG)" },
	{ 0, 7, "AC1027\0", "a drawing of AutoCAD (DWG)" },
	{ 0, 7, "AC1032\0", "a drawing of AutoCAD (DWG)" },
	{ 0, 8, "\x06\x06\xed\xf5\xd8\x1d\x46\xe5", "a document of InDesign" },
	{ 0, 16, "SQLite format 3\0", "a database (SQLite)" },
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
