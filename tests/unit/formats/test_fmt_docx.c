/* Documents of Word, from parts written by hand: what a reader sees is blocks, what stands behind it is facts. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "support/document_faults.h"
#include "support/document_trace.h"
#include "support/office_parts.h"

#define WORD                                                                                         \
	"xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main' xmlns:r='" OFFICE    \
	"' xmlns:a='http://schemas.openxmlformats.org/drawingml/2006/main' "                         \
	"xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006' "                    \
	"xmlns:w14='http://schemas.microsoft.com/office/word/2010/wordml' "                          \
	"xmlns:v='urn:schemas-microsoft-com:vml' xmlns:o='urn:schemas-microsoft-com:office:office' " \
	"xmlns:c='http://schemas.openxmlformats.org/drawingml/2006/chart'"
#define BODY(content)   "<w:document " WORD "><w:body>" content "</w:body></w:document>"
#define R(text)         "<w:r><w:t xml:space='preserve'>" text "</w:t></w:r>"
#define P(content)      "<w:p>" content "</w:p>"
#define STYLED(id, t)   "<w:p><w:pPr><w:pStyle w:val='" id "'/></w:pPr>" R(t) "</w:p>"
#define CELL(content)   "<w:tc>" content "</w:tc>"
#define LETTERS(rpr, t) "<w:r><w:rPr>" rpr "</w:rPr><w:t xml:space='preserve'>" t "</w:t></w:r>"

static struct tally_buf trace;
static struct tally_err err;

static void pack(struct zip_maker *zip, const struct part *parts)
{
	*zip = (struct zip_maker){ 0 };
	add_part(zip, "[Content_Types].xml", DOCX_TYPES);
	add_part(zip, "_rels/.rels", RELS(REL("rId1", "officeDocument", "word/document.xml")));
	add_parts(zip, parts);
	zip_finish(zip, &(struct zip_end){ 0 });
}

static enum tally_status read_zip(const struct zip_maker *zip, const struct tally_sink *sink)
{
	const struct document_input in = { .format = "docx",
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

/* The document says this, and nothing else; the parts come besides the body. */
static void expect_parts(const struct part *parts, const char *lines)
{
	cr_expect_geq(read_parts(parts), 0, "%s", err.message);
	cr_expect_str_eq(trace.bytes, lines, "%s", trace.bytes);
	tally_buf_release(&trace);
}

static void expect(const char *body, const char *lines)
{
	const struct part parts[] = { { "word/document.xml", body }, { NULL, NULL } };

	expect_parts(parts, lines);
}

/* Do both bodies look the same? */
static bool look_alike(const char *one, const char *other)
{
	struct tally_buf looks[2];

	for (int i = 0; i < 2; i++) {
		const struct part parts[] = { { "word/document.xml", i ? other : one },
			                      { NULL, NULL } };
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

TestSuite(fmt_docx);

Test(fmt_docx, paragraphs_are_blocks_and_runs_are_not_seen)
{
	expect(BODY(P(R("One ") R("two")) P("") P(R("Three"))), "p: One two\np: Three\n");
}

Test(fmt_docx, styles_make_headings_and_lists)
{
	const struct part parts[] = {
		{ "word/document.xml",
		  BODY(STYLED("H", "Head") STYLED("H2", "Sub") STYLED("L", "Item") P(
			  "<w:pPr><w:outlineLvl w:val='2'/></w:pPr>" R("Direct"))
		               P("<w:pPr><w:numPr><w:ilvl w:val='1'/><w:numId w:val='3'/></w:numPr></w:pPr>" R(
				       "Deep"))) },
		{ "word/_rels/document.xml.rels", RELS(REL("rId1", "styles", "styles.xml")) },
		{ "word/styles.xml",
		  "<w:styles " WORD "><w:style w:styleId='H'><w:pPr><w:outlineLvl w:val='0'/></w:pPr>"
		  "</w:style><w:style w:styleId='H2'><w:basedOn w:val='H'/><w:pPr><w:outlineLvl "
		  "w:val='1'/></w:pPr></w:style><w:style w:styleId='L'><w:pPr><w:numPr><w:numId "
		  "w:val='1'/></w:numPr></w:pPr></w:style></w:styles>" },
		{ NULL, NULL }
	};

	expect_parts(parts, "h1: Head\nh2: Sub\nli1: Item\nh3: Direct\nli2: Deep\n");
}

Test(fmt_docx, tables_are_read_cell_by_cell)
{
	expect(BODY("<w:tbl><w:tr>" CELL(P(R("a"))) CELL(P(R("b"))) "</w:tr><w:tr>" CELL(
		       P(R("c")) "<w:tbl><w:tr>" CELL(P(R("in"))) "</w:tr></w:tbl>")
	                    CELL(P(R("d"))) "</w:tr></w:tbl>" P(R("after"))),
	       "cell 1/1/1: a\ncell 1/1/2: b\ncell 1/2/1: c\ncell 2/1/1: in\ncell 1/2/2: d\np: after\n");
}

Test(fmt_docx, breaks_tabs_and_symbols_are_letters)
{
	expect(BODY(P("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/>"
	              "<w:t>d</w:t><w:sym w:font='Wingdings' w:char='F0FC'/></w:r>")),
	       "p: a\tb\nc\xe2\x80\x91"
	       "d\xef\x83\xbc\n");
}

Test(fmt_docx, tracked_insertions_are_text_and_deletions_are_not)
{
	expect(BODY(P(R("Pay ") "<w:ins w:author='Ann'>" R(
		       "not ") "</w:ins><w:del w:author='Bob'>"
	                       "<w:r><w:delText xml:space='preserve'>soon </w:delText></w:r></w:del>" R(
				       "now"))),
	       "fact tracked_insertion=not  @paragraph 1 by Ann\n"
	       "fact tracked_deletion=soon  @paragraph 1 by Bob\np: Pay not now\n");
}

Test(fmt_docx, a_tracked_change_in_pieces_is_one)
{
	expect(BODY(P("<w:ins w:author='A'>" R("one ") "</w:ins><w:ins w:author='A'>" R(
		       "two") "</w:ins>")),
	       "fact tracked_insertion=one two @paragraph 1 by A\np: one two\n");
}

Test(fmt_docx, rows_of_tables_are_tracked_too)
{
	expect(BODY("<w:tbl><w:tr><w:trPr><w:ins w:author='A'/></w:trPr>" CELL(
		       P(R("new"))) "</w:tr></w:tbl>"),
	       "fact tracked_insertion=a row of a table @table 1, row 1 by A\n"
	       "cell 1/1/1: new\n");
}

Test(fmt_docx, links_have_targets)
{
	const struct part parts[] = {
		{ "word/document.xml",
		  BODY(P("<w:hyperlink r:id='rId9' w:anchor='top'>" R("terms") "</w:hyperlink>") P(
			  "<w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText> HYPERLINK "
			  "\"http://b.example/\" </w:instrText></w:r><w:r><w:fldChar "
			  "w:fldCharType='separate'/></w:r>" R(
				  "field") "<w:r><w:fldChar "
					   "w:fldCharType='end'/></w:r>")) },
		{ "word/_rels/document.xml.rels",
		  RELS(OUTSIDE("rId9", "hyperlink", "http://a.example/")) },
		{ NULL, NULL }
	};

	expect_parts(parts, "fact link=http://a.example/#top @terms\np: terms\n"
	                    "fact link=http://b.example/ @field\np: field\n");
}

Test(fmt_docx, codes_of_fields_are_facts_and_results_are_text)
{
	/* without a result, and one that was laid out by a program: the same text */
	expect(BODY(P(R("of ") "<w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>NumPages</w:instrText></w:r>"
	                       "<w:r><w:fldChar w:fldCharType='end'/></w:r>" R("."))),
	       "fact field_code=NumPages @paragraph 1\np: of [pages].\n");
	expect(BODY(P(R("of ") "<w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>NumPages</w:instrText></w:r>"
	                       "<w:r><w:fldChar w:fldCharType='separate'/></w:r>" R(
				       "12") "<w:r><w:fldChar w:fldCharType='end'/></w:r>" R("."))),
	       "fact field_code=NumPages @paragraph 1\np: of [pages].\n");
	expect(BODY(P("<w:fldSimple w:instr=' PAGE  \\* Arabic '>" R("7") "</w:fldSimple>")),
	       "fact field_code=PAGE \\* Arabic @paragraph 1\np: [page]\n");
}

Test(fmt_docx, text_that_is_not_to_be_seen_is_named)
{
	expect(BODY(P(R("seen") LETTERS("<w:vanish/>", "gone"))
	                    P(LETTERS("<w:vanish w:val='0'/>", "shown"))
	                            P(LETTERS("<w:color w:val='FFFFFF'/>", "white"))
	                                    P(LETTERS("<w:sz w:val='2'/>", "tiny"))),
	       "fact hidden_text=gone @paragraph 1\np: seen\np: shown\n"
	       "fact hidden_text=white (white letters, possibly hidden) @paragraph 3\np: white\n"
	       "fact hidden_text=tiny (one point or less, possibly hidden) @paragraph 4\np: tiny\n");
}

Test(fmt_docx, a_style_may_show_what_the_one_below_it_hides)
{
	const struct part parts[] = {
		{ "word/document.xml", BODY(STYLED("H", "gone") STYLED("V", "seen")) },
		{ "word/_rels/document.xml.rels", RELS(REL("rId1", "styles", "s.xml")) },
		{ "word/s.xml",
		  "<w:styles " WORD "><w:style w:styleId='H'><w:rPr><w:vanish/></w:rPr></w:style>"
		  "<w:style w:styleId='V'><w:basedOn w:val='H'/><w:rPr><w:vanish "
		  "w:val='0'/></w:rPr></w:style></w:styles>" },
		{ NULL, NULL }
	};

	expect_parts(parts, "fact hidden_text=gone @paragraph 1\np: seen\n");
}

Test(fmt_docx, of_alternatives_one_is_read)
{
	expect(BODY(P("<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:txbxContent>" P(R("box")) "</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>" P(
		       R("old")) "</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r>" R("para"))),
	       "text_box 1 p: box\np: para\n");
}

#define SDT(content)     "<w:sdt><w:sdtContent>" content "</w:sdtContent></w:sdt>"
#define FOUR(content)    SDT(SDT(SDT(SDT(content))))
#define EIGHT(content)   FOUR(FOUR(content))
#define SIXTEEN(content) EIGHT(EIGHT(content))
#define ALTERNATIVES(one, other)                                                                \
	"<mc:AlternateContent><mc:Choice Requires='wps'>" one "</mc:Choice><mc:Fallback>" other \
	"</mc:Fallback></mc:AlternateContent>"

Test(fmt_docx, of_alternatives_one_is_read_however_deep_they_stand)
{
	/* 61 elements around them */
	expect(BODY(SIXTEEN(EIGHT(FOUR(SDT(P("<w:r>" ALTERNATIVES("<w:t>one</w:t>", "<w:t>not</w:t>")
	                                             ALTERNATIVES("<w:t xml:space='preserve'> two</w:t>",
	                                                          "<w:t>not</w:t>") "</w:r>")))))),
	       "p: one two\n");
}

Test(fmt_docx, headers_footers_and_notes_are_areas)
{
	const struct part parts[] = {
		{ "word/document.xml",
		  BODY(P(R("body")) "<w:sectPr><w:headerReference r:id='rId1'/><w:footerReference "
		                    "r:id='rId2'/><w:headerReference r:id='rId1'/></w:sectPr>") },
		{ "word/_rels/document.xml.rels",
		  RELS(REL("rId1", "header", "h.xml") REL("rId2", "footer", "f.xml")
		               REL("rId3", "footnotes", "n.xml") REL("rId4", "endnotes", "e.xml")) },
		{ "word/h.xml", "<w:hdr " WORD ">" P(R("head")) "</w:hdr>" },
		{ "word/f.xml", "<w:ftr " WORD ">" P(R("foot")) "</w:ftr>" },
		{ "word/n.xml",
		  "<w:footnotes " WORD
		  "><w:footnote w:type='separator'>" P(R("---")) "</w:footnote><w:footnote>" P(
			  R("note")) "</w:footnote></w:footnotes>" },
		{ "word/e.xml",
		  "<w:endnotes " WORD "><w:endnote>" P(R("end")) "</w:endnote></w:endnotes>" },
		{ NULL, NULL }
	};

	expect_parts(parts, "p: body\nheader 1 p: head\nfooter 1 p: foot\nfootnote 1 p: note\n"
	                    "endnote 1 p: end\n");
}

Test(fmt_docx, comments_have_authors_places_and_an_end)
{
	const struct part parts[] = {
		{ "word/document.xml",
		  BODY(P(R("a")) P(R("b") "<w:r><w:commentReference w:id='7'/></w:r>")) },
		{ "word/_rels/document.xml.rels",
		  RELS(REL("rId1", "comments", "c.xml") REL("rId2", "commentsExtended", "x.xml")) },
		{ "word/c.xml",
		  "<w:comments " WORD "><w:comment w:id='7' w:author='Ann'><w:p w14:paraId='01'>" R(
			  "Why?") "</w:p><w:p w14:paraId='02'>" R("Really") "</w:p></w:comment></w:comments>" },
		{ "word/x.xml",
		  "<x:commentsEx xmlns:x='http://schemas.microsoft.com/office/word/2012/wordml'>"
		  "<x:commentEx x:paraId='02' x:done='1'/></x:commentsEx>" },
		{ NULL, NULL }
	};

	expect_parts(parts, "p: a\np: b\n"
	                    "fact comment=Why?\nReally (resolved) @paragraph 2 by Ann\n");
}

Test(fmt_docx, images_and_objects_are_told_by_their_content)
{
	const struct part parts[] = {
		{ "word/document.xml",
		  BODY(P(R("x") "<w:r><a:blip r:embed='rId1'/></w:r><w:r><o:OLEObject r:id='rId2'/></w:r>")) },
		{ "word/_rels/document.xml.rels",
		  RELS(REL("rId1", "image", "media/1.PNG") REL("rId2", "package", "e/2.xlsx")
		               OUTSIDE("rId3", "image", "http://far.example/i.png")) },
		{ "word/media/1.PNG", "abc" },
		{ "word/e/2.xlsx", "abc" },
		{ NULL, NULL }
	};

	expect_parts(parts, "p: x\nfact image=png, 3 bytes, sha256:ba7816bf8f01cfea @paragraph 1\n"
	                    "fact embedded_file=xlsx, 3 bytes, sha256:ba7816bf8f01cfea @paragraph 1\n"
	                    "fact external_target=http://far.example/i.png\n");
}

Test(fmt_docx, a_document_in_the_document_is_not_read_and_said)
{
	const struct part parts[] = {
		{ "word/document.xml", BODY(P(R("x")) "<w:altChunk r:id='rId1'/>") },
		{ "word/_rels/document.xml.rels", RELS(REL("rId1", "aFChunk", "chunk.html")) },
		{ "word/chunk.html", "abc" },
		{ NULL, NULL }
	};

	cr_expect_eq(read_parts(parts), TALLY_PARTIAL);
	cr_expect_str_eq(trace.bytes,
	                 "p: x\nfact embedded_file=html, 3 bytes, sha256:ba7816bf8f01cfea @paragraph 2\n"
	                 "note format_unknown: another document stands in the place of a paragraph "
	                 "(paragraph 2)\n");
	tally_buf_release(&trace);
}

Test(fmt_docx, charts_and_diagrams_show_words)
{
	const struct part parts[] = {
		{ "word/document.xml", BODY(P(R("x"))) },
		{ "word/_rels/document.xml.rels",
		  RELS(REL("rId1", "chart", "ch.xml") REL("rId2", "diagramData", "d.xml")) },
		{ "word/ch.xml", "<c:chart " WORD "><a:t>Sales</a:t><c:v>12</c:v></c:chart>" },
		{ "word/d.xml", "<a:x " WORD "><a:p><a:r><a:t>Boss</a:t></a:r></a:p></a:x>" },
		{ NULL, NULL }
	};

	expect_parts(parts, "p: x\nfact chart=Sales | 12 | \ntext_box 1 p: Boss\n");
}

Test(fmt_docx, settings_that_matter)
{
	const struct part parts[] = {
		{ "word/document.xml", BODY(P(R("x"))) },
		{ "word/_rels/document.xml.rels",
		  RELS(REL("rId1", "settings", "s.xml") REL("rId2", "vbaProject", "v.bin")) },
		{ "word/v.bin", "abc" },
		{ "word/s.xml",
		  "<w:settings " WORD "><w:trackRevisions/><w:documentProtection w:edit='readOnly' "
		  "w:enforcement='1' w:hashValue='x'/></w:settings>" },
		{ "word/_rels/s.xml.rels",
		  RELS(OUTSIDE("rId1", "attachedTemplate", "http://evil.example/t.dotm")) },
		{ NULL, NULL }
	};

	expect_parts(parts, "p: x\nfact template=http://evil.example/t.dotm @attached\n"
	                    "fact external_target=http://evil.example/t.dotm\n"
	                    "fact property=on @tracking of changes\n"
	                    "fact protection=read-only, with a password @document\n"
	                    "fact macro=VBA project: bin, 3 bytes, sha256:ba7816bf8f01cfea\n");
}

Test(fmt_docx, check_boxes_of_forms)
{
	expect(BODY(P(R("x") "<w:r><w:fldChar w:fldCharType='begin'><w:ffData><w:checkBox><w:default "
	                     "w:val='0'/><w:checked/></w:checkBox></w:ffData></w:fldChar></w:r><w:r>"
	                     "<w:fldChar w:fldCharType='end'/></w:r>")),
	       "fact form_field=a box, checked @paragraph 1\np: x\n");
}

Test(fmt_docx, strict_documents_have_other_names)
{
	expect("<w:document xmlns:w='http://purl.oclc.org/ooxml/wordprocessingml/main'><w:body>" P(
		       R("strict")) "</w:body></w:document>",
	       "p: strict\n");
}

Test(fmt_docx, a_part_that_is_broken_costs_only_itself)
{
	const struct part parts[] = { { "word/document.xml", BODY(P(R("x"))) },
		                      { "word/_rels/document.xml.rels",
		                        RELS(REL("rId1", "footnotes", "n.xml")) },
		                      { "word/n.xml", "<w:footnotes " WORD "><w:footnote>" },
		                      { NULL, NULL } };

	cr_expect_eq(read_parts(parts), TALLY_PARTIAL);
	cr_expect(!strncmp(trace.bytes, "p: x\nnote ", 10), "%s", trace.bytes);
	tally_buf_release(&trace);
}

Test(fmt_docx, a_broken_body_is_an_error)
{
	const struct part parts[] = { { "word/document.xml", "<w:document " WORD "><w:body>" },
		                      { NULL, NULL } };

	cr_expect_eq(read_parts(parts), TALLY_SKIP);
	tally_buf_release(&trace);
}

Test(fmt_docx, no_memory_is_an_error)
{
	static const struct part parts[] = {
		{ "word/document.xml",
		  BODY(STYLED("H", "x") P("<w:hyperlink r:id='rId9'>" R(
			  "t") "</w:hyperlink><w:r><w:commentReference w:id='1'/></w:r>")
		               P("<w:ins w:author='A'>" R("i") "</w:ins>")) },
		{ "word/_rels/document.xml.rels",
		  RELS(REL("rId1", "comments", "c.xml") OUTSIDE("rId9", "hyperlink", "http://a/")) },
		{ "word/c.xml", "<w:comments " WORD "><w:comment w:id='1' w:author='A'>" P(
					R("c")) "</w:comment></w:comments>" },
		{ NULL, NULL }
	};
	struct zip_maker zip;

	pack(&zip, parts);
	document_faults("docx", zip.bytes.bytes, zip.bytes.len);
	zip_release(&zip);
}

Test(fmt_docx, blanks_at_the_ends_of_a_text_count_where_they_are_preserved)
{
	expect(BODY(P("<w:r><w:t> One </w:t></w:r><w:r><w:t xml:space='preserve'> two</w:t></w:r>")
	                    P("<w:r><w:t>three  &#x41;  &amp; b </w:t></w:r><w:r><w:t>.</w:t></w:r>")),
	       "p: One two\np: three  A  & b.\n");
}

/* ---- looks ---- */

#define BOLD               "<w:b/>"
#define NOTE(id)           "<w:r><w:footnoteReference w:id='" id "'/></w:r>"
#define ALIKE(one, other)  cr_expect(look_alike(BODY(one), BODY(other)), "%s", other)
#define UNLIKE(one, other) cr_expect(!look_alike(BODY(one), BODY(other)), "%s", other)

Test(fmt_docx, what_programs_write_anew_is_no_other_look)
{
	ALIKE(P(R("One two")), P(R("One ") R("two")));
	ALIKE(P(LETTERS(BOLD, "One two")), P(LETTERS(BOLD, "On") LETTERS(BOLD, "e two")));
	ALIKE(P(R("One")), P(LETTERS("<w:lang w:val='de'/><w:noProof/>", "One")));
	ALIKE(P(R("One two")),
	      "<w:p w:rsidR='1' w14:paraId='2'>" R(
		      "One ") "<w:proofErr w:type='spellStart'/>"
	                      "<w:bookmarkStart w:id='1' w:name='_x'/><w:bookmarkEnd w:id='1'/>" R(
				      "two") "</w:p>");
	ALIKE(P("<w:pPr><w:jc w:val='end'/></w:pPr>" R("x")),
	      P("<w:pPr><w:jc w:val='end' w:rsidR='7'/></w:pPr>" R("x")));
}

Test(fmt_docx, other_looks_are_seen)
{
	UNLIKE(P(R("One two")), P(LETTERS(BOLD, "One two")));
	UNLIKE(P(LETTERS(BOLD, "One ") R("two")), P(R("One ") LETTERS(BOLD, "two")));
	UNLIKE(P(R("x")), P("<w:pPr><w:spacing w:after='9'/></w:pPr>" R("x")));
	UNLIKE(P(R("x")), P("") P(R("x")));
	UNLIKE(P(R("x")), P(R("x")) P(""));
	UNLIKE(P(R("x")), P(R("x")) "<w:sectPr><w:pgSz w:w='1'/></w:sectPr>");
	UNLIKE("<w:tbl><w:tr><w:tc>" P(R("x")) "</w:tc></w:tr></w:tbl>",
	       "<w:tbl><w:tr><w:tc><w:tcPr><w:shd w:fill='1'/></w:tcPr>" P(
		       R("x")) "</w:tc></w:tr></w:tbl>");
	UNLIKE(P(R("x")),
	       P("<w:r><w:rPr><w:rPrChange w:id='1' w:author='A'><w:rPr/></w:rPrChange></w:rPr>"
	         "<w:t>x</w:t></w:r>"));
	UNLIKE(P(NOTE("1") R("x") NOTE("2") R("y") NOTE("3")),
	       P(NOTE("2") R("x") NOTE("1") R("y") NOTE("3")));
	UNLIKE(P(R("One ") "<w:r><w:footnoteReference w:id='1'/></w:r>" R("two")),
	       P(R("One two") "<w:r><w:footnoteReference w:id='1'/></w:r>"));
}

Test(fmt_docx, references_that_exchanged_their_notes_are_out_of_turn)
{
	expect(BODY(P(R("One") NOTE("2") R(" two") NOTE("4") R(" three") NOTE("5"))),
	       "p: One two three\n");
	expect(BODY(P(R("One") NOTE("3") R(" two")) P(R("Three") NOTE("2") R(" four") NOTE("4"))),
	       "p: One two\nfact note_reference=footnote 2, out of turn @paragraph 2\np: Three four\n");
}

Test(fmt_docx, parts_that_nobody_looks_into_are_named)
{
	const struct part parts[] = { { "word/document.xml", BODY(P(R("x"))) },
		                      { "word/other.bin", "abc" },
		                      { NULL, NULL } };

	cr_expect_geq(read_parts(parts), 0);
	cr_expect(strstr(trace.bytes, "@word/other.bin by unknown"), "%s", trace.bytes);
	tally_buf_release(&trace);
}
