/* Books in EPUB, from parts written by hand: chapters are text in the order of reading, the rest is facts. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/format.h"
#include "formats/xhtml.h"
#include "support/document_faults.h"
#include "support/document_trace.h"
#include "support/zip_maker.h"

#define PAGE(content)                                                                           \
	"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><head><title/></head>" \
	"<body>" content "</body></html>"
#define OPF(metadata, manifest, spine)                                                           \
	"<package xmlns='http://www.idpf.org/2007/opf' version='3.0'><metadata "                 \
	"xmlns:dc='http://purl.org/dc/elements/1.1/'>" metadata "</metadata><manifest>" manifest \
	"</manifest><spine>" spine "</spine></package>"
#define ITEM(id, href) "<item id='" id "' href='" href "' media-type='application/xhtml+xml'/>"
#define REF(id)        "<itemref idref='" id "'/>"

struct part {
	const char *name, *content;
};

static struct tally_buf trace;
static struct tally_err err;

static void add(struct zip_maker *zip, const char *name, const char *content)
{
	zip_add(zip, &(struct zip_part){ .name = name, .content = content });
}

static void pack(struct zip_maker *zip, const struct part *parts)
{
	*zip = (struct zip_maker){ 0 };
	add(zip, "mimetype", "application/epub+zip");
	add(zip, "META-INF/container.xml",
	    "<container xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><rootfiles><rootfile "
	    "full-path='o/book.opf'/></rootfiles></container>");
	for (; parts->name; parts++)
		add(zip, parts->name, parts->content);
	zip_finish(zip, &(struct zip_end){ 0 });
}

static enum tally_status read_zip(const struct zip_maker *zip, const struct tally_sink *sink)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	const struct tally_format *format = NULL;
	struct tally_source *src = NULL;
	enum tally_status st = tally_source_memory(&src, zip->bytes.bytes, zip->bytes.len, &err);

	if (st >= 0)
		st = tally_format_find(&format, NULL, src, &err);
	if (st >= 0) {
		cr_assert(format);
		cr_assert_str_eq(format->name, "epub");
		st = format->read(src, &options, sink, &err);
	}
	tally_source_free(src);
	return st;
}

static enum tally_status read_parts(const struct part *parts)
{
	struct tally_sink sink = document_trace(&trace);
	struct zip_maker zip;
	enum tally_status st;

	err = (struct tally_err){ 0 };
	pack(&zip, parts);
	st = read_zip(&zip, &sink);
	zip_release(&zip);
	return st;
}

static void expect(const struct part *parts, enum tally_status st, const char *lines)
{
	cr_expect_eq(read_parts(parts), st, "%s", err.message);
	cr_expect_str_eq(trace.bytes, lines, "%s", trace.bytes);
	tally_buf_release(&trace);
}

TestSuite(fmt_epub);

Test(fmt_epub, chapters_stand_in_the_order_of_reading)
{
	const struct part parts[] = {
		{ "o/book.opf",
		  OPF("", ITEM("a", "one.xhtml") ITEM("b", "two%20b.xhtml"), REF("b") REF("a")) },
		{ "o/one.xhtml", PAGE("<h1>First</h1><p>in the <b>file</b>.</p>") },
		{ "o/two b.xhtml", PAGE("<p>Second</p><ul><li>item</li></ul>") },
		{ NULL, NULL }
	};

	expect(parts, TALLY_OK, "p: Second\nli1: item\nh1: First\np: in the file.\n");
}

Test(fmt_epub, what_the_book_says_of_itself)
{
	const struct part parts[] = {
		{ "o/book.opf",
		  OPF("<dc:title>T</dc:title><dc:creator>Ann</dc:creator><dc:language>en"
		      "</dc:language><meta property='dcterms:modified'>2024-05-01</meta>",
		      ITEM("a", "a.xhtml"), REF("a")) },
		{ "o/a.xhtml", PAGE("<p>x</p>") },
		{ NULL, NULL }
	};

	expect(parts, TALLY_OK,
	       "fact title=T\nfact author=Ann\nfact property=en @language\n"
	       "fact modified=2024-05-01\np: x\n");
}

Test(fmt_epub, what_the_package_says_of_its_parts)
{
	const struct part parts[] = {
		{ "o/book.opf",
		  "<package xmlns='http://www.idpf.org/2007/opf'><metadata>"
		  "<meta name='cover' content='i'/><meta name='series' content='S'/>"
		  "<meta property='rendition:layout'>pre-paginated</meta></metadata><manifest>"
		  "<item id='i' href='i.png' media-type='image/jpeg' properties='cover-image'/>" ITEM(
			  "a",
			  "a.xhtml") "</manifest><spine page-progression-direction='rtl'>"
		                     "<itemref idref='a' linear='no' properties='page-spread-left'/></spine>"
		                     "<guide><reference type='text' title='Start' href='a.xhtml'/></guide></package>" },
		{ "o/a.xhtml", PAGE("<p>x</p>") },
		{ NULL, NULL }
	};

	expect(parts, TALLY_OK,
	       "fact property=S @series\nfact property=pre-paginated @rendition:layout\n"
	       "fact property=rtl @direction of pages\n"
	       "fact property=page-spread-left @layout of a chapter\n"
	       "fact property=Start: a.xhtml @guide, text\n"
	       "fact property=o/i.png @cover (for older readers)\nfact property=o/i.png @cover\n"
	       "fact property=o/a.xhtml @beside the order of reading\n"
	       "fact property=image/jpeg @media type of o/i.png\np: x\n");
}

Test(fmt_epub, titles_of_chapters_and_words_beside_pictures_are_facts)
{
	const struct part parts[] = {
		{ "o/book.opf", OPF("", ITEM("a", "a.xhtml"), REF("a")) },
		{ "o/a.xhtml", "<html xmlns='http://www.w3.org/1999/xhtml'><head><title>One</title>"
		               "<meta name='viewport' content='width=5'/></head><body><p>x"
		               "<img src='i.png' alt='A' title='B'/></p></body></html>" },
		{ "o/i.png", "abc" },
		{ NULL, NULL }
	};

	expect(parts, TALLY_OK,
	       "fact property=One @title of a chapter\nfact property=width=5 @viewport\n"
	       "fact property=A @words in place of a picture\n"
	       "fact property=B @text beside the pointer\np: x\n"
	       "fact image=png, 3 bytes, sha256:ba7816bf8f01cfea @chapter 1\n");
}

Test(fmt_epub, a_picture_that_is_missing_is_said_and_nothing_else_is_left_out)
{
	const struct part parts[] = { { "o/book.opf", OPF("", ITEM("a", "a.xhtml"), REF("a")) },
		                      { "o/a.xhtml", PAGE("<p>x<img src='i.png'/></p>") },
		                      { NULL, NULL } };

	expect(parts, TALLY_OK, "p: x\nfact property=o/i.png @pictures that are missing\n");
}

Test(fmt_epub, pictures_links_and_scripts_are_facts)
{
	const struct part parts[] = {
		{ "o/book.opf", OPF("", ITEM("a", "t/a.xhtml"), REF("a")) },
		{ "o/t/a.xhtml",
		  PAGE("<p>x<img src='../i.png'/><img src='../i.png'/><a href='http://a.example/'>y</a>"
		       "<script>z()</script></p><p><img src='http://b.example/i.png'/></p>") },
		{ "o/i.png", "abc" },
		{ NULL, NULL }
	};

	expect(parts, TALLY_OK,
	       "fact link=http://a.example/ @y\nfact script=z() @chapter 1\np: xy\n"
	       "fact image=http://b.example/i.png @chapter 1\n"
	       "fact image=png, 3 bytes, sha256:ba7816bf8f01cfea @chapter 1\n"
	       "fact image=png, 3 bytes, sha256:ba7816bf8f01cfea @chapter 1\n");
}

Test(fmt_epub, what_is_not_looked_into_is_told_by_its_bytes)
{
	const struct part parts[] = {
		{ "o/book.opf",
		  OPF("",
		      ITEM("a", "a.xhtml") "<item id='n' href='n.xhtml' properties='nav' "
		                           "media-type='application/xhtml+xml'/>" ITEM(
						   "b", "b.xhtml") "<item id='c' href='c.jpg' "
		                                                   "media-type='image/jpeg'/>",
		      REF("a")) },
		{ "o/a.xhtml", PAGE("<p>x</p>") },
		{ "o/n.xhtml", "abc" },
		{ "o/b.xhtml", "abc" },
		{ "o/s.css", "abc" },
		{ "o/f.ttf", "abc" },
		{ "o/c.jpg", "abc" },
		{ "o/other.bin", "abc" },
		{ NULL, NULL }
	};

	expect(parts, TALLY_OK,
	       "p: x\nfact unread=xhtml, 3 bytes, sha256:ba7816bf8f01cfea @table of contents\n"
	       "fact unread=xhtml, 3 bytes, sha256:ba7816bf8f01cfea @pages that are not in the order of reading\n"
	       "fact unread=css, 3 bytes, sha256:ba7816bf8f01cfea @looks (style sheets)\n"
	       "fact unread=ttf, 3 bytes, sha256:ba7816bf8f01cfea @fonts\n"
	       "fact image=jpg, 3 bytes, sha256:ba7816bf8f01cfea @o/c.jpg\n"
	       "fact unread=bin, 3 bytes, sha256:ba7816bf8f01cfea @o/other.bin by unknown\n");
}

Test(fmt_epub, chapters_that_cannot_be_read_are_said)
{
	const struct part parts[] = { { "o/book.opf",
		                        OPF("",
		                            ITEM("a", "a.xhtml")
		                                    ITEM("b", "gone.xhtml") "<item id='s' "
		                                                            "href='s.svg' media-type="
		                                                            "'image/svg+xml'/>",
		                            REF("a") REF("b") REF("a") REF("s") REF("none")) },
		                      { "o/a.xhtml", PAGE("<p>x</p>") },
		                      { NULL, NULL } };

	expect(parts, TALLY_PARTIAL,
	       "p: x\nnote malformed: a chapter that is not there\n"
	       "note malformed: a chapter that stands twice in the order of reading\n"
	       "note malformed: a chapter that is no page of text\n"
	       "note malformed: a chapter that is not there\n");
}

static enum tally_status read_encrypted(const char *how)
{
	char rights[300];
	const struct part parts[] = { { "META-INF/encryption.xml", rights },
		                      { "o/book.opf", OPF("", ITEM("a", "a.xhtml"), REF("a")) },
		                      { "o/a.xhtml", PAGE("<p>x</p>") },
		                      { NULL, NULL } };
	enum tally_status st;

	snprintf(rights, sizeof rights,
	         "<encryption><EncryptedData><EncryptionMethod Algorithm='%s'/></EncryptedData></encryption>",
	         how);
	st = read_parts(parts);
	tally_buf_release(&trace);
	return st;
}

Test(fmt_epub, a_book_with_copy_protection_is_not_read)
{
	cr_expect_eq(read_encrypted("http://www.w3.org/2001/04/xmlenc#aes128-cbc"), TALLY_SKIP);
	cr_expect_eq(err.reason, TALLY_REASON_ENCRYPTED);
	cr_expect_eq(read_encrypted("http://www.idpf.org/2008/embedding"), TALLY_OK);
}

Test(fmt_epub, xhtml_becomes_html)
{
	static const char *const pairs[][2] = {
		{ "<p>a<br/>b</p>", "<p>a<br/>b</p>" },
		{ "<title/>x<a id=\"y>\" />z", "<title></title>x<a id=\"y>\" ></a>z" },
		{ "<!-- <a/> --><a/>", "<!-- <a/> --><a></a>" },
		{ "<?xml a?><b>&amp;</b>", "<b>&amp;</b>" },
		{ "<![CDATA[a<b&c]]>d", "a&lt;b&amp;cd" },
		{ "a<", "a<" },
		{ "<![CDATA[ab", "ab" },
		{ "<a", "<a" },
		{ "</a/>", "</a/>" },
	};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct tally_buf out;

		tally_buf_init(&out, 1000);
		cr_assert(tally_xhtml_as_html(&out, pairs[i][0], strlen(pairs[i][0])));
		cr_expect_str_eq(out.bytes, pairs[i][1], "%s", out.bytes);
		tally_buf_release(&out);
	}
}

/* without a page: the parser of web pages ends the process where it gets no memory */
Test(fmt_epub, every_allocation_may_fail)
{
	const struct part parts[] = {
		{ "o/book.opf", OPF("<dc:title>T</dc:title>",
		                    "<item id='a' href='i.png' media-type='image/png'/>", "") },
		{ "o/i.png", "abc" },
		{ "o/s.css", "abc" },
		{ NULL, NULL }
	};
	struct zip_maker zip;

	pack(&zip, parts);
	document_faults("epub", zip.bytes.bytes, zip.bytes.len);
	zip_release(&zip);
}
