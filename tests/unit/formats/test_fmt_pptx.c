/* Presentations, from parts written by hand: paragraphs of slides and notes are blocks, what stands behind them is facts. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "support/document_faults.h"
#include "support/document_trace.h"
#include "support/office_parts.h"

#define NS                                                                                      \
	"xmlns:p='http://schemas.openxmlformats.org/presentationml/2006/main' xmlns:r='" OFFICE \
	"' xmlns:a='http://schemas.openxmlformats.org/drawingml/2006/main' "                    \
	"xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'"
#define SLIDE(content) "<p:sld " NS "><p:cSld><p:spTree>" content "</p:spTree></p:cSld></p:sld>"
#define R(text)        "<a:r><a:t>" text "</a:t></a:r>"
#define P(content)     "<a:p>" content "</a:p>"
#define SHAPE(more, content)                                                             \
	"<p:sp><p:nvSpPr><p:cNvPr id='1' name='x'/><p:nvPr>" more "</p:nvPr></p:nvSpPr>" \
	"<p:txBody>" content "</p:txBody></p:sp>"

static struct tally_buf trace;
static struct tally_err err;

static void pack(struct zip_maker *zip, const struct part *parts)
{
	*zip = (struct zip_maker){ 0 };
	add_part(zip, "[Content_Types].xml", PPTX_TYPES);
	add_part(zip, "_rels/.rels", RELS(REL("rId1", "officeDocument", "ppt/p.xml")));
	if (!find_part(parts, "ppt/p.xml"))
		add_part(zip, "ppt/p.xml",
		         "<p:presentation " NS "><p:sldIdLst><p:sldId r:id='rId1'/></p:sldIdLst>"
		         "</p:presentation>");
	if (!find_part(parts, "ppt/_rels/p.xml.rels"))
		add_part(zip, "ppt/_rels/p.xml.rels", RELS(REL("rId1", "slide", "s1.xml")));
	add_parts(zip, parts);
	zip_finish(zip, &(struct zip_end){ 0 });
}

static enum tally_status read_zip(const struct zip_maker *zip, const struct tally_sink *sink)
{
	const struct document_input in = { .format = "pptx",
		                           .bytes = zip->bytes.bytes,
		                           .len = zip->bytes.len };

	return document_read(&in, sink, &err);
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

static void expect_parts(const struct part *parts, const char *lines)
{
	cr_expect_eq(read_parts(parts), TALLY_OK, "%s", err.message);
	cr_expect_str_eq(trace.bytes, lines, "%s", trace.bytes);
	tally_buf_release(&trace);
}

static void expect(const char *slide, const char *lines)
{
	const struct part parts[] = { { "ppt/s1.xml", slide }, { NULL, NULL } };

	expect_parts(parts, lines);
}

/* Do both slides look the same? */
static bool look_alike(const char *one, const char *other)
{
	struct tally_buf looks[2];

	for (int i = 0; i < 2; i++) {
		const struct part parts[] = { { "ppt/s1.xml", i ? other : one }, { NULL, NULL } };
		struct tally_sink sink = document_looks(&looks[i]);
		struct zip_maker zip;

		pack(&zip, parts);
		cr_expect_geq(read_zip(&zip, &sink), 0, "%s", err.message);
		zip_release(&zip);
	}
	bool same = !strcmp(looks[0].bytes, looks[1].bytes);

	tally_buf_release(&looks[0]);
	tally_buf_release(&looks[1]);
	return same;
}

TestSuite(fmt_pptx);

Test(fmt_pptx, titles_are_headings_and_levels_are_lists)
{
	expect(SLIDE(SHAPE("<p:ph type='ctrTitle'/>", P(R("Ti") R("tle")))
	                     SHAPE("", P(R("one")) P("<a:pPr lvl='1'/>" R("two")) P(""))),
	       "slide 1 h1: Title\nslide 1 p: one\nslide 1 li1: two\n");
}

Test(fmt_pptx, the_order_of_slides_is_that_of_the_presentation)
{
	const struct part parts[] = {
		{ "ppt/p.xml", "<p:presentation " NS "><p:sldIdLst><p:sldId r:id='rId2'/>"
		               "<p:sldId r:id='rId1'/></p:sldIdLst></p:presentation>" },
		{ "ppt/_rels/p.xml.rels",
		  RELS(REL("rId1", "slide", "s1.xml") REL("rId2", "slide", "s2.xml")) },
		{ "ppt/s1.xml", SLIDE(SHAPE("", P(R("one")))) },
		{ "ppt/s2.xml", SLIDE(SHAPE("", P(R("two")))) },
		{ NULL, NULL }
	};

	expect_parts(parts, "slide 1 p: two\nslide 2 p: one\n");
}

Test(fmt_pptx, tables_are_read_cell_by_cell)
{
	expect(SLIDE("<p:graphicFrame><a:tbl><a:tr><a:tc><a:txBody>" P(R("a")) "</a:txBody></a:tc><a:tc><a:txBody>" P(
		       R("b")) "</a:txBody></a:tc></a:tr>"
	                       "<a:tr><a:tc><a:txBody>" P(R("c")) "</a:txBody></a:tc></a:tr></a:tbl>"
	                                                          "</p:graphicFrame>"),
	       "slide 1 cell 1/1/1: a\nslide 1 cell 1/1/2: b\nslide 1 cell 1/2/1: c\n");
}

Test(fmt_pptx, numbers_of_slides_are_no_text)
{
	expect(SLIDE(SHAPE("<p:ph type='sldNum'/>", P("<a:fld><a:t>7</a:t></a:fld>"))), "");
	expect(SLIDE(SHAPE("", P("<a:fld type='slidenum'><a:t>7</a:t></a:fld>"))), "");
	expect(SLIDE(SHAPE("", P(R("Page ") "<a:fld type='slidenum'><a:t>7</a:t></a:fld>"))),
	       "slide 1 p: Page [page]\n");
}

Test(fmt_pptx, hidden_slides_and_shapes_are_facts)
{
	expect("<p:sld " NS
	       " show='0'><p:sp><p:nvSpPr><p:cNvPr id='1' hidden='1'/></p:nvSpPr><p:txBody>" P(
		       R("secret")) "</p:txBody></p:sp></p:sld>",
	       "fact hidden_text=secret @slide 1\nfact hidden_slide=hidden @slide 1\n");
}

Test(fmt_pptx, links_are_known_by_what_they_show)
{
	const struct part parts[] = {
		{ "ppt/s1.xml",
		  SLIDE(SHAPE("", P(R("see ") "<a:r><a:rPr><a:hlinkClick r:id='rId5'/></a:rPr><a:t>here"
		                              "</a:t></a:r><a:endParaRPr><a:hlinkClick r:id='rId5'/>"
		                              "</a:endParaRPr>") P(R("next")))) },
		{ "ppt/_rels/s1.xml.rels", RELS(OUTSIDE("rId5", "hyperlink", "http://a.example/")) },
		{ NULL, NULL }
	};

	expect_parts(parts,
	             "fact link=http://a.example/ @here\nslide 1 p: see here\nslide 1 p: next\n");
}

Test(fmt_pptx, notes_images_diagrams_and_comments)
{
	const struct part parts[] = {
		{ "ppt/_rels/p.xml.rels",
		  RELS(REL("rId1", "slide", "s1.xml") REL("rId2", "commentAuthors", "who.xml")) },
		{ "ppt/who.xml",
		  "<p:cmAuthorLst " NS "><p:cmAuthor id='3' name='Ann'/></p:cmAuthorLst>" },
		{ "ppt/s1.xml",
		  SLIDE("<p:pic><a:blip r:embed='rId1'/></p:pic>" SHAPE("", P(R("x")))) },
		{ "ppt/_rels/s1.xml.rels",
		  RELS(REL("rId1", "image", "i.png") REL("rId2", "notesSlide", "n.xml") REL(
			  "rId3", "comments", "c.xml") REL("rId4", "diagramData", "d.xml")) },
		{ "ppt/i.png", "abc" },
		{ "ppt/n.xml", SLIDE(SHAPE("", P(R("say this")))) },
		{ "ppt/c.xml",
		  "<p:cmLst " NS "><p:cm authorId='3'><p:text>Why?</p:text></p:cm></p:cmLst>" },
		{ "ppt/d.xml", "<a:x " NS ">" P(R("box")) "</a:x>" },
		{ NULL, NULL }
	};

	expect_parts(parts, "slide 1 p: x\nfact image=png, 3 bytes, sha256:ba7816bf8f01cfea @slide 1\n"
	                    "slide 1 p: box\nnotes 1 p: say this\n"
	                    "fact comment=Why? @slide 1 by Ann\n");
}

Test(fmt_pptx, newer_comments_have_replies_in_front_of_their_words)
{
	const struct part parts[] = {
		{ "ppt/_rels/p.xml.rels",
		  RELS(REL("rId1", "slide", "s1.xml") REL("rId2", "authors", "who.xml")) },
		{ "ppt/who.xml", "<x:authorLst xmlns:x='urn:x'><x:author id='{1}' name='Ann'/><x:author "
		                 "id='{2}' name='Bob'/></x:authorLst>" },
		{ "ppt/s1.xml", SLIDE(SHAPE("", P(R("x")))) },
		{ "ppt/_rels/s1.xml.rels", RELS(REL("rId3", "comments", "c.xml")) },
		{ "ppt/c.xml",
		  "<x:cmLst xmlns:x='urn:x' " NS
		  "><x:cm authorId='{1}'><x:replyLst><x:reply authorId='{2}'>"
		  "<x:txBody>" P(R("Because")) "</x:txBody></x:reply></x:replyLst><x:txBody>" P(
			  R("Why?")) "</x:txBody></x:cm></x:cmLst>" },
		{ NULL, NULL }
	};

	expect_parts(parts, "slide 1 p: x\nfact comment=Because @slide 1 by Bob\n"
	                    "fact comment=Why? @slide 1 by Ann\n");
}

Test(fmt_pptx, a_slide_that_is_broken_costs_only_itself)
{
	const struct part parts[] = {
		{ "ppt/p.xml",
		  "<p:presentation " NS "><p:sldIdLst><p:sldId r:id='rId2'/>"
		  "<p:sldId r:id='rId1'/><p:sldId r:id='rId9'/></p:sldIdLst></p:presentation>" },
		{ "ppt/_rels/p.xml.rels",
		  RELS(REL("rId1", "slide", "s1.xml") REL("rId2", "slide", "s2.xml")) },
		{ "ppt/s1.xml", SLIDE(SHAPE("", P(R("one")))) },
		{ "ppt/s2.xml", "<p:sld " NS ">" },
		{ NULL, NULL }
	};

	cr_expect_eq(read_parts(parts), TALLY_PARTIAL);
	cr_expect(strstr(trace.bytes, "slide 2 p: one\n") && strstr(trace.bytes, "note ") &&
	                  strstr(trace.bytes, "slide 3 is missing"),
	          "%s", trace.bytes);
	tally_buf_release(&trace);
}

Test(fmt_pptx, no_memory_is_an_error)
{
	static const struct part parts[] = {
		{ "ppt/s1.xml",
		  SLIDE("<p:pic><a:blip r:embed='rId1'/></p:pic>" SHAPE("", P(R("x")))) },
		{ "ppt/_rels/s1.xml.rels",
		  RELS(REL("rId1", "image", "i.png") REL("rId3", "comments", "c.xml")) },
		{ "ppt/i.png", "abc" },
		{ "ppt/c.xml",
		  "<p:cmLst " NS "><p:cm authorId='3'><p:text>Why?</p:text></p:cm></p:cmLst>" },
		{ NULL, NULL }
	};
	struct zip_maker zip;

	pack(&zip, parts);
	document_faults("pptx", zip.bytes.bytes, zip.bytes.len);
	zip_release(&zip);
}

/* ---- looks ---- */

#define LETTERS(look, t) "<a:r><a:rPr " look "/><a:t>" t "</a:t></a:r>"

Test(fmt_pptx, other_looks_are_seen_and_other_runs_are_not)
{
	const char *plain = SLIDE(SHAPE("", P(R("One two"))));

	cr_expect(look_alike(plain, SLIDE(SHAPE("", P(R("One ") R("two"))))));
	cr_expect(look_alike(plain, SLIDE(SHAPE("", P(LETTERS("lang='de' dirty='0'", "One two"))))) ==
	          look_alike(plain, SLIDE(SHAPE("", P(LETTERS("lang='en'", "One two"))))));
	cr_expect(!look_alike(plain, SLIDE(SHAPE("", P(LETTERS("b='1'", "One two"))))));
	cr_expect(!look_alike(plain, SLIDE(SHAPE("", P("<a:pPr algn='r'/>" R("One two"))))));
	cr_expect(!look_alike(plain, SLIDE(SHAPE("", P(R("One two"))) "<p:pic/>")));
	/* whether a slide is shown is told, and no matter of looks */
	cr_expect(look_alike("<p:sld " NS "/>", "<p:sld show='0' " NS "/>"));
}
