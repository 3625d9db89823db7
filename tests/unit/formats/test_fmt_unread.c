/* Documents that are known and not read: what they are is said. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "formats/format.h"
#include "support/document_trace.h"
#include "support/ole_maker.h"

static struct tally_buf trace;

static void expect(const void *bytes, size_t len, const char *name, bool lies, const char *what)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	const struct tally_format *format;
	struct tally_sink sink = document_trace(&trace);
	struct tally_source *src;
	char line[200];
	bool mismatch;

	cr_assert_eq(tally_source_memory(&src, bytes, len, NULL), TALLY_OK);
	tally_source_set_name(src, name);
	cr_assert_eq(tally_format_find(&format, &mismatch, src, NULL), TALLY_OK);
	cr_assert(format);
	cr_expect_str_eq(format->name, "unread", "%s", name);
	cr_expect_eq(mismatch, lies, "%s", name);
	cr_expect_eq(format->read(src, &options, &sink, NULL), TALLY_PARTIAL);
	snprintf(line, sizeof line, "note format_unknown: %s (whole)\n", what);
	cr_expect_str_eq(trace.bytes, line, "%s", trace.bytes);
	tally_source_free(src);
	tally_buf_release(&trace);
}

Test(fmt_unread, what_a_document_really_is_is_said)
{
	static const char rtf[] = "{\\rtf1\\ansi Hello, world}\n";

	expect(rtf, sizeof rtf - 1, "a.rtf", false, "a Rich Text document (RTF)");
	expect(rtf, sizeof rtf - 1, "a.doc", false, "a Rich Text document (RTF)");
	expect(rtf, sizeof rtf - 1, "a.docx", true, "a Rich Text document (RTF)");
	expect("\xffWPC\x10\0\0\0\1\x0a", 10, "a.wpd", false, "a document of WordPerfect");
}

static void expect_stream(const char *stream, const char *name, bool lies, const char *what)
{
	const struct ole_part part = { .name = stream, .bytes = "abc", .len = 3 };
	struct tally_buf file = ole_make(&part, 1);

	expect(file.bytes, file.len, name, lies, what);
	tally_buf_release(&file);
}

Test(fmt_unread, sound_videos_and_signatures_are_named)
{
	expect("\x30\x82\x01\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0", 16, "a.p7m",
	       false, "an encrypted file (S/MIME, PKCS #7)");
	expect("\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0", 14, "a.p7s", false,
	       "a signature, or a file inside one (S/MIME, PKCS #7)");
	expect("ID3\3\0\0\0\0\0\0", 10, "a.mp3", false, "sound (MP3)");
	expect("\0\0\0\x18"
	       "ftypisom\0\0\0\0",
	       16, "a.mp4", false, "a video (MP4)");
	expect("AC1032\0\0\0\0", 10, "a.dwg", false, "a drawing of AutoCAD (DWG)");
}

Test(fmt_unread, compound_files_are_known_by_their_streams)
{
	expect_stream("WordDocument", "a.doc", false, "a document of Word 97 to 2003 (DOC)");
	expect_stream("WordDocument", "a.docx", true, "a document of Word 97 to 2003 (DOC)");
	expect_stream("PowerPoint Document", "a.ppt", false,
	              "a presentation of PowerPoint 97 to 2003 (PPT)");
	expect_stream("Strange", "a.doc", false, "a compound file (OLE) of a kind that is not known");
}

Test(fmt_unread, their_contents_are_kept_behind_those_that_can_be_compared)
{
	cr_expect_not(tally_format_worth_keeping("a.doc", 5));
}
