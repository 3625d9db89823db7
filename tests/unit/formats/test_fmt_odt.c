/* OpenDocument texts and presentations, from parts written by hand: what a reader sees is blocks, what stands behind it is facts. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/format.h"
#include "support/document_faults.h"
#include "support/document_trace.h"
#include "support/zip_maker.h"

#define URN(prefix, name) "xmlns:" prefix "='urn:oasis:names:tc:opendocument:xmlns:" name ":1.0' "
#define NAMES                                                                                     \
	URN("office", "office")                                                                   \
	URN("text", "text")                                                                       \
	URN("table", "table")                                                                     \
	URN("style", "style")                                                                     \
	URN("draw", "drawing")                                                                    \
	URN("fo", "xsl-fo-compatible")                                                            \
	URN("presentation", "presentation")                                                       \
	URN("script", "script")                                                                   \
	URN("form", "form")                                                                       \
	URN("number", "datastyle")                                                                \
	URN("meta", "meta")                                                                       \
	"xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:xlink='http://www.w3.org/1999/xlink' " \
	"xmlns:manifest='urn:oasis:names:tc:opendocument:xmlns:manifest:1.0'"
#define DOCUMENT(styles, kind, body)                                                     \
	"<office:document-content " NAMES "><office:automatic-styles>" styles            \
	"</office:automatic-styles><office:body><office:" kind ">" body "</office:" kind \
	"></office:body></office:document-content>"
#define STYLE(family, name, properties) \
	"<style:style style:family='" family "' style:name='" name "'>" properties "</style:style>"
#define P(text) "<text:p>" text "</text:p>"

struct part {
	const char *name, *content;
};

static struct tally_buf trace;
static struct tally_err err;

static enum tally_status read_zip(const char *format, const struct zip_maker *zip,
                                  const struct tally_sink *sink)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_source *src = NULL;
	enum tally_status st = tally_source_memory(&src, zip->bytes.bytes, zip->bytes.len, &err);

	if (st >= 0)
		st = tally_format_by_name(format)->read(src, &options, sink, &err);
	tally_source_free(src);
	return st;
}

static void pack(struct zip_maker *zip, const struct part *parts)
{
	*zip = (struct zip_maker){ 0 };
	for (; parts->name; parts++)
		zip_add(zip, &(struct zip_part){ .name = parts->name, .content = parts->content });
	zip_finish(zip, &(struct zip_end){ 0 });
}

static enum tally_status read_parts(const char *format, const struct part *parts)
{
	struct tally_sink sink = document_trace(&trace);
	struct zip_maker zip;
	enum tally_status st;

	err = (struct tally_err){ 0 };
	pack(&zip, parts);
	st = read_zip(format, &zip, &sink);
	zip_release(&zip);
	return st;
}

static void expect_parts(const char *format, const struct part *parts, const char *lines)
{
	cr_expect_geq(read_parts(format, parts), 0, "%s", err.message);
	cr_expect_str_eq(trace.bytes, lines, "%s", trace.bytes);
	tally_buf_release(&trace);
}

/* The content says this, and nothing else. */
static void expect(const char *content, const char *lines)
{
	const struct part parts[] = { { "content.xml", content }, { NULL, NULL } };

	expect_parts("odt", parts, lines);
}

static void expect_text(const char *format, const char *content, const char *lines)
{
	const struct part parts[] = { { "content.xml", content }, { NULL, NULL } };

	expect_parts(format, parts, lines);
}

/* as read_parts, without blocks */
static enum tally_status read_blockless(const struct part *parts)
{
	struct tally_sink sink = document_trace(&trace);
	struct zip_maker zip;
	enum tally_status st;

	sink.block = NULL;
	err = (struct tally_err){ 0 };
	pack(&zip, parts);
	st = read_zip("odt", &zip, &sink);
	zip_release(&zip);
	return st;
}

TestSuite(fmt_odt);

Test(fmt_odt, paragraphs_headings_and_lists_are_blocks)
{
	expect(DOCUMENT("", "text",
	                P("One <text:span>two</text:span>") P(
				"") "<text:h text:outline-level='2'><text:number>1.1</text:number>Head</text:h>"
	                            "<text:list><text:list-item>" P("a")
	                                    P("more") "<text:list><text:list-item>" P(
						    "b") "</text:list-item></text:list></text:list-item></text:list>"),
	       "p: One two\nh2: Head\nli1: a\np: more\nli2: b\n");
}

Test(fmt_odt, white_space_is_that_of_the_standard)
{
	expect(DOCUMENT("", "text",
	                P("\n  a  \n<text:span> b</text:span> <text:s text:c='2'/>c<text:tab/>d<text:line-break/>e \n")),
	       "p: a b   c\td\ne\n");
}

Test(fmt_odt, blanks_without_bound_are_few)
{
	char *lines;
	const struct part parts[] = { { "content.xml",
		                        DOCUMENT("", "text", P("a<text:s text:c='4000000000'/>b")) },
		                      { NULL, NULL } };

	cr_expect_geq(read_parts("odt", parts), 0);
	lines = document_lines(&trace, "p: ");
	cr_expect_eq(strlen(lines), 3 + 256 + 2 + 1);
	free(lines);
	tally_buf_release(&trace);
}

Test(fmt_odt, tables_are_read_cell_by_cell)
{
	expect(DOCUMENT(
		       "", "text",
		       "<table:table><table:table-header-rows><table:table-row><table:table-cell "
		       "table:number-columns-spanned='2'>" P("a") "</table:table-cell><table:covered-table-cell/><table:table-cell>" P(
			       "b") "</table:table-cell></table:table-row></table:table-header-rows>"
				    "<table:table-row><table:table-cell table:number-columns-repeated='4'/>"
				    "<table:table-cell>" P(
					    "c") "</table:table-cell></table:table-row></table:table>" P("z")),
	       "cell 1/1/1: a\ncell 1/1/2: b\ncell 1/2/5: c\np: z\n");
}

Test(fmt_odt, repeated_cells_and_rows_are_counted_and_read)
{
	expect(DOCUMENT("", "text",
	                "<table:table><table:table-row table:number-rows-repeated='3'><table:table-cell "
	                "table:number-columns-repeated='2'>" P("a") "</table:table-cell><table:table-cell>" P(
				"b") "</table:table-cell></table:table-row><table:table-row>"
	                             "<table:table-cell>" P(
					     "c") "</table:table-cell></table:table-row></table:table>"),
	       "cell 1/1/1: a\ncell 1/1/2: a\ncell 1/1/3: b\ncell 1/4/1: c\n");
}

Test(fmt_odt, repeated_text_has_a_bound)
{
	static char content[40000];
	char *notes;
	const struct part parts[] = { { "content.xml", content }, { NULL, NULL } };
	size_t len;

	len = (size_t)snprintf(content, sizeof content, "%s",
	                       "<office:document-content " NAMES "><office:body><office:text>"
	                       "<table:table><table:table-row><table:table-cell "
	                       "table:number-columns-repeated='16000'><text:p>");
	memset(content + len, 'a', 30000);
	strcpy(content + len + 30000, "</text:p></table:table-cell></table:table-row></table:table>"
	                              "</office:text></office:body></office:document-content>");
	cr_expect_eq(read_blockless(parts), TALLY_PARTIAL);
	notes = document_lines(&trace, "note limit");
	cr_expect(*notes);
	free(notes);
	tally_buf_release(&trace);
}

Test(fmt_odt, tracked_insertions_are_text_and_deletions_are_not)
{
	expect(DOCUMENT("", "text",
	                "<text:tracked-changes><text:changed-region text:id='i'><text:insertion>"
	                "<office:change-info><dc:creator>Ann</dc:creator><dc:date>2020-01-01</dc:date>"
	                "</office:change-info></text:insertion></text:changed-region><text:changed-region "
	                "text:id='d'><text:deletion><office:change-info><dc:creator>Bob</dc:creator>"
	                "</office:change-info>" P(
				"old") "</text:deletion></text:changed-region>"
	                               "</text:tracked-changes>" P(
					       "a <text:change text:change-id='d'/><text:change-start "
					       "text:change-id='i'/>new")
	                                       P("too<text:change-end text:change-id='i'/> b")),
	       "fact property=on @tracking of changes\nfact tracked_deletion=old @paragraph 1 by Bob\n"
	       "fact tracked_insertion=new @paragraph 1 by Ann\np: a new\n"
	       "fact tracked_insertion=too @paragraph 2 by Ann\np: too b\n");
}

Test(fmt_odt, notes_stand_behind_the_text)
{
	expect(DOCUMENT("", "text",
	                P("a<text:note text:note-class='endnote'><text:note-citation>i</text:note-citation>"
	                  "<text:note-body>" P(
				  "end") "</text:note-body></text:note>b<text:note "
	                                 "text:note-class='footnote'><text:note-citation>1</text:note-citation><text:note-body>" P(
						 "foot") "</text:note-body></text:note>")),
	       "p: ab\nfootnote 1 p: foot\nendnote 1 p: end\n");
}

Test(fmt_odt, comments_have_authors)
{
	expect(DOCUMENT("", "text",
	                P("a<office:annotation><dc:creator>Ann</dc:creator><dc:date>2020</dc:date>" P(
				"Really?") P("Yes") "</office:annotation> b")),
	       "fact comment=Really?\nYes @paragraph 1 by Ann\np: a b\n");
}

Test(fmt_odt, links_bookmarks_and_fields_are_facts)
{
	expect(DOCUMENT("", "text",
	                P("<text:bookmark-start text:name='B'/>See <text:a xlink:href='http://x/'>here"
	                  "</text:a> <text:expression text:formula='1+1'>2</text:expression>")),
	       "fact bookmark=B @B\nfact link=http://x/ @here\nfact field_code=expression 1+1 @paragraph 1\n"
	       "p: See here 2\n");
}

Test(fmt_odt, hidden_letters_are_no_text)
{
	expect(DOCUMENT(STYLE("text", "H", "<style:text-properties text:display='none'/>")
	                        STYLE("text", "W", "<style:text-properties fo:color='#ffffff'/>"),
	                "text",
	                P("a<text:span text:style-name='H'>b</text:span><text:span text:style-name='W'>c"
	                  "</text:span>") "<text:section text:display='none'>" P("d") "</text:section>"),
	       "fact hidden_text=b @paragraph 1\n"
	       "fact hidden_text=c (white letters, possibly hidden) @paragraph 1\np: ac\n"
	       "fact hidden_text=d @paragraph 2\n");
}

Test(fmt_odt, text_boxes_and_pictures_are_seen)
{
	const struct part parts[] = {
		{ "content.xml",
		  DOCUMENT("", "text",
		           P("a <draw:frame><draw:text-box>" P(
				   "box") "</draw:text-box></draw:frame> b"
		                          "<draw:frame><draw:image xlink:href='Pictures/1.png'/></draw:frame>"
		                          "<draw:frame><draw:image xlink:href='http://x/y.png'/></draw:frame>")) },
		{ "Pictures/1.png", "x" },
		{ NULL, NULL }
	};

	expect_parts("odt", parts,
	             "text_box 1 p: box\np: a b\n"
	             "fact image=png, 1 byte, sha256:2d711642b726b044 @paragraph 1\n"
	             "fact external_target=http://x/y.png @paragraph 1\n");
}

Test(fmt_odt, headers_and_footers_are_those_of_master_pages)
{
	const struct part parts[] = {
		{ "content.xml", DOCUMENT("", "text", P("a")) },
		{ "styles.xml",
		  "<office:document-styles " NAMES "><office:styles>" STYLE(
			  "text", "H",
			  "<style:text-properties text:display='none'/>") "</office:styles>"
		                                                          "<office:master-styles><style:master-page><style:header>" P(
										  "top<text:span "
										  "text:style-name='H'>x</text:span>") "</style:header><style:footer style:display='false'>" P("no") "</style:footer></style:master-page></office:master-styles>"
		                                                                                                                                                                     "</office:document-styles>" },
		{ NULL, NULL }
	};

	expect_parts("odt", parts, "p: a\nfact hidden_text=x @header 1\nheader 1 p: top\n");
}

Test(fmt_odt, scripts_macros_and_properties_are_facts)
{
	const struct part parts[] = {
		{ "content.xml",
		  "<office:document-content " NAMES "><office:scripts><office:event-listeners>"
		  "<script:event-listener xlink:href='vnd.sun.star.script:A'/></office:event-listeners>"
		  "</office:scripts><office:body><office:text>" P("a") "</office:text></office:body>"
		                                                       "</office:document-content>" },
		{ "meta.xml",
		  "<office:document-meta " NAMES "><office:meta><meta:initial-creator>Ann"
		  "</meta:initial-creator><meta:user-defined meta:name='Client'>X</meta:user-defined>"
		  "<meta:template xlink:href='t.ott'/></office:meta></office:document-meta>" },
		{ NULL, NULL }
	};

	expect_parts("odt", parts,
	             "fact script=vnd.sun.star.script:A @paragraph 1\np: a\nfact author=Ann\n"
	             "fact custom_property=X @Client\nfact template=t.ott\n");
}

Test(fmt_odt, fields_of_forms_are_facts)
{
	expect(DOCUMENT("", "text",
	                "<office:forms><form:form form:name='F'><form:textarea form:name='Sum' "
	                "form:current-value='12'>" P("12") "</form:textarea><form:text form:name='Name'/>"
	                                                   "</form:form></office:forms>" P("a")),
	       "fact form_field=12 @Sum\nfact form_field=empty @Name\np: a\n");
}

Test(fmt_odt, encrypted_packages_are_not_read)
{
	const struct part parts[] = { { "content.xml", "x" },
		                      { "META-INF/manifest.xml",
		                        "<manifest:manifest " NAMES
		                        "><manifest:file-entry><manifest:encryption-data/>"
		                        "</manifest:file-entry></manifest:manifest>" },
		                      { NULL, NULL } };

	cr_expect_eq(read_parts("odt", parts), TALLY_SKIP);
	cr_expect_eq(err.reason, TALLY_REASON_ENCRYPTED);
	tally_buf_release(&trace);
}

Test(fmt_odt, slides_have_titles_notes_and_may_be_hidden)
{
	expect_text(
		"odp",
		DOCUMENT(
			STYLE("drawing-page", "D",
	                      "<style:drawing-page-properties presentation:visibility='hidden'/>"),
			"presentation",
			"<draw:page><draw:frame presentation:class='title'><draw:text-box>" P("T") "</draw:text-box></draw:frame><draw:custom-shape>" P("s") "</draw:custom-shape><presentation:notes><draw:frame><draw:text-box>" P(
				"n") "</draw:text-box></draw:frame></presentation:notes></draw:page>"
				     "<draw:page draw:style-name='D'><draw:g><draw:frame><table:table>"
				     "<table:table-row><table:table-cell>" P(
					     "c") "</table:table-cell></table:table-row></table:table></draw:frame></draw:g>"
						  "</draw:page>"),
		"slide 1 h1: T\nslide 1 p: s\nnotes 1 p: n\nfact hidden_slide=hidden @slide 2\n"
		"slide 2 cell 2/1/1: c\n");
}

/* ---- looks ---- */

/* Do both texts look the same? */
static bool look_alike(const char *one, const char *other)
{
	struct tally_buf looks[2];
	bool same;

	for (int i = 0; i < 2; i++) {
		const struct part parts[] = { { "content.xml", i ? other : one }, { NULL, NULL } };
		struct tally_sink sink = document_looks(&looks[i]);
		struct zip_maker zip;

		pack(&zip, parts);
		cr_expect_geq(read_zip("odt", &zip, &sink), 0, "%s", err.message);
		zip_release(&zip);
	}
	same = !strcmp(looks[0].bytes, looks[1].bytes);
	tally_buf_release(&looks[0]);
	tally_buf_release(&looks[1]);
	return same;
}

#define BOLD(name)       STYLE("text", name, "<style:text-properties fo:font-weight='bold'/>")
#define RED(name)        STYLE("text", name, "<style:text-properties fo:color='#ff0000'/>")
#define SPAN(name, text) "<text:span text:style-name='" name "'>" text "</text:span>"

Test(fmt_odt, styles_of_other_names_are_no_other_look)
{
	const char *one = DOCUMENT(BOLD("T1") RED("T2"), "text",
	                           P("a " SPAN("T1", "b") SPAN("T2", "c")));

	cr_expect(look_alike(one, DOCUMENT(RED("T1") BOLD("T2"), "text",
	                                   P("a " SPAN("T2", "b") SPAN("T1", "c")))));
	cr_expect(look_alike(one, DOCUMENT(BOLD("T1") RED("T2"), "text",
	                                   P("a " SPAN("T1", "b") SPAN("T2", "c")))));
}

Test(fmt_odt, other_looks_are_seen)
{
	const char *one = DOCUMENT(BOLD("T1") RED("T2"), "text",
	                           P("a " SPAN("T1", "b") SPAN("T2", "c")));

	cr_expect(!look_alike(one, DOCUMENT(BOLD("T1") RED("T2"), "text",
	                                    P("a " SPAN("T2", "b") SPAN("T1", "c")))));
	cr_expect(!look_alike(one, DOCUMENT(BOLD("T1") RED("T2"), "text", P("a " SPAN("T1", "bc")))));
	cr_expect(!look_alike(DOCUMENT("", "text", P("x")), DOCUMENT("", "text", P("x") P(""))));
	cr_expect(!look_alike(DOCUMENT("", "text", P("x")),
	                      DOCUMENT(STYLE("paragraph", "P1",
	                                     "<style:paragraph-properties fo:text-align='end'/>"),
	                               "text", "<text:p text:style-name='P1'>x</text:p>")));
	cr_expect(!look_alike(
		DOCUMENT("<text:list-style style:name='L1'><text:list-level-style-number text:level='1'/>"
	                 "</text:list-style>",
	                 "text", P("x")),
		DOCUMENT("<text:list-style style:name='L1'><text:list-level-style-bullet text:level='1'/>"
	                 "</text:list-style>",
	                 "text", P("x"))));
}

Test(fmt_odt, what_people_wrote_about_the_text_is_told)
{
	const struct part parts[] = {
		{ "content.xml", DOCUMENT("", "text", P("x")) },
		{ "meta.xml",
		  "<office:document-meta " NAMES "><office:meta><dc:subject>Sales</dc:subject>"
		  "<dc:description>see a/b</dc:description><meta:keyword>k</meta:keyword>"
		  "</office:meta></office:document-meta>" },
		{ NULL, NULL }
	};

	expect_parts("odt", parts,
	             "p: x\nfact property=Sales @subject\nfact property=see a/b @description\n"
	             "fact property=k @keywords\n");
}

Test(fmt_odt, no_memory_is_an_error)
{
	const struct part parts[] = {
		{ "content.xml",
		  DOCUMENT(
			  BOLD("T1"), "text",
			  P("a " SPAN("T1", "b") "<office:annotation><dc:creator>Ann</dc:creator>" P("why?") "</office:annotation>") "<table:table><table:table-row><table:table-cell>" P(
				  "x") "</table:table-cell></table:table-row></table:table>"
				       "<draw:frame><draw:image xlink:href='Pictures/i.png'/></draw:frame>") },
		{ "Pictures/i.png", "abc" },
		{ NULL, NULL }
	};
	struct zip_maker zip;

	pack(&zip, parts);
	document_faults("odt", zip.bytes.bytes, zip.bytes.len);
	zip_release(&zip);
}

/* Do the two contents say the same to the last sum? */
static void expect_other(const char *one, const char *other)
{
	cr_expect(!look_alike(one, other), "%s", other);
}

Test(fmt_odt, dates_of_comments_and_changes_are_seen)
{
#define COMMENT(date)        \
	DOCUMENT("", "text", \
	         P("a<office:annotation><dc:date>" date "</dc:date>" P("?") "</office:annotation>"))
#define CHANGED(date)                                                                      \
	DOCUMENT("", "text",                                                               \
	         "<text:tracked-changes><text:changed-region text:id='i'><text:insertion>" \
	         "<office:change-info><dc:date>" date "</dc:date></office:change-info>"    \
	         "</text:insertion></text:changed-region></text:tracked-changes>" P("a"))
	expect_other(COMMENT("2020-01-01T10:00:00"), COMMENT("2020-01-02T10:00:00"));
	cr_expect(look_alike(COMMENT("2020-01-01T10:00:00"), COMMENT("2020-01-01T10:00:00.000")));
	expect_other(CHANGED("2020-01-01"), CHANGED("2020-01-02"));
}

Test(fmt_odt, numbers_of_pages_are_no_text_that_changes)
{
#define PAGE_OF(n, of)                                                                       \
	DOCUMENT("", "text",                                                                 \
	         P("Page <text:page-number>" n "</text:page-number> of <text:page-count>" of \
	           "</text:page-count>"))
	cr_expect(look_alike(PAGE_OF("2", "12"), PAGE_OF("3", "15")));
	expect(PAGE_OF("2", "12"), "fact field_code=page-number @paragraph 1\n"
	                           "fact field_code=page-count @paragraph 1\n"
	                           "p: Page [page] of [pages]\n");
}

Test(fmt_odt, formats_of_fields_are_seen)
{
#define FORMAT(name, element) \
	"<number:date-style style:name='" name "'><number:" element "/></number:date-style>"
#define FIELD(name) P("<text:date style:data-style-name='" name "'>1</text:date>")
	const char *one = DOCUMENT(FORMAT("N1", "day") FORMAT("N2", "year"), "text", FIELD("N1"));

	expect_other(one, DOCUMENT(FORMAT("N1", "day") FORMAT("N2", "year"), "text", FIELD("N2")));
	cr_expect(look_alike(one, DOCUMENT(FORMAT("N2", "day") FORMAT("N1", "year"), "text",
	                                   FIELD("N2"))));
	expect_other(DOCUMENT("", "text",
	                      P("<text:page-number text:select-page='current'>1</text:page-number>")),
	             DOCUMENT("", "text",
	                      P("<text:page-number text:select-page='next'>1</text:page-number>")));
}

Test(fmt_odt, whatever_differs_is_seen)
{
#define IN(what) DOCUMENT("", "text", what P("a"))
	expect_other(IN(""), IN("<text:list text:continue-numbering='true'/>"));
	expect_other(IN("<text:user-field-decl office:value='1'/>"),
	             IN("<text:user-field-decl office:value='2'/>"));
	expect_other(IN("<draw:frame><svg:title xmlns:svg='urn:oasis:names:tc:opendocument:xmlns:"
	                "svg-compatible:1.0'>a</svg:title></draw:frame>"),
	             IN("<draw:frame><svg:title xmlns:svg='urn:oasis:names:tc:opendocument:xmlns:"
	                "svg-compatible:1.0'>b</svg:title></draw:frame>"));
	expect_other(IN("<office:forms form:automatic-focus='true'/>"),
	             IN("<office:forms form:automatic-focus='false'/>"));
	expect_other(IN(P("<text:script>x()</text:script>")),
	             IN(P("<text:script>y()</text:script>")));
	expect_other(IN(P("<text:note><text:note-citation>1</text:note-citation></text:note>")),
	             IN(P("<text:note><text:note-citation>2</text:note-citation></text:note>")));
	expect_other(IN("<draw:image><office:binary-data>AA</office:binary-data></draw:image>"),
	             IN("<draw:image><office:binary-data>BB</office:binary-data></draw:image>"));
	/* numbers that are made anew at each saving are none of it */
	cr_expect(look_alike(IN("<text:list xml:id='list1'/>"), IN("<text:list xml:id='list2'/>")));
}

Test(fmt_odt, settings_are_seen_without_windows_and_printers)
{
#define SETTINGS(set, item, value)                                                                     \
	"<office:document-settings " NAMES                                                             \
	" " URN("config", "config") "><office:settings>"                                               \
				    "<config:config-item-set config:name='" set                        \
				    "'><config:config-item config:name='" item "'>" value              \
				    "</config:config-item></config:config-item-set></office:settings>" \
				    "</office:document-settings>"
	const char *const pairs[][3] = {
		{ "+", SETTINGS("ooo:configuration-settings", "ApplyUserData", "true"),
		  SETTINGS("ooo:configuration-settings", "ApplyUserData", "false") },
		{ "=", SETTINGS("ooo:configuration-settings", "PrinterName", "A"),
		  SETTINGS("ooo:configuration-settings", "PrinterName", "B") },
		{ "=", SETTINGS("ooo:configuration-settings", "Rsid", "1"),
		  SETTINGS("ooo:configuration-settings", "Rsid", "2") },
		{ "=", SETTINGS("ooo:view-settings", "ViewAreaTop", "1"),
		  SETTINGS("ooo:view-settings", "ViewAreaTop", "2") },
	};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		const char *content = DOCUMENT("", "text", P("a"));
		struct tally_buf looks[2];

		for (int k = 0; k < 2; k++) {
			const struct part parts[] = { { "content.xml", content },
				                      { "settings.xml", pairs[i][k + 1] },
				                      { NULL, NULL } };
			struct tally_sink sink = document_looks(&looks[k]);
			struct zip_maker zip;

			pack(&zip, parts);
			cr_expect_geq(read_zip("odt", &zip, &sink), 0, "%s", err.message);
			zip_release(&zip);
		}
		cr_expect_eq(!strcmp(looks[0].bytes, looks[1].bytes), pairs[i][0][0] == '=', "%s",
		             pairs[i][1]);
		tally_buf_release(&looks[0]);
		tally_buf_release(&looks[1]);
	}
}

Test(fmt_odt, a_key_to_tracked_changes_is_a_protection)
{
	const struct part parts[] = { { "content.xml", DOCUMENT("", "text", P("a")) },
		                      { "settings.xml", SETTINGS("ooo:configuration-settings",
		                                                 "RedlineProtectionKey", "c2VjcmV0") },
		                      { NULL, NULL } };

	expect_parts("odt", parts,
	             "p: a\nfact protection=password needed to change it @tracking of changes\n");
}
