/* PDF: pages of text as pdftotext tells them, and what qpdf finds besides. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/format.h"
#include "support/document_faults.h"
#include "support/document_trace.h"
#include "support/pdf_maker.h"

static struct tally_buf trace, tsv;
static struct tally_err err;
static struct pdf_maker pdf;

static void begin(void)
{
	tally_buf_init(&tsv, 1 << 20);
}

static void end(void)
{
	tally_buf_release(&tsv);
	tally_buf_release(&pdf.out);
	tally_buf_release(&trace);
}

TestSuite(fmt_pdf, .init = begin, .fini = end);

static const char words[] = "BT /F1 12 Tf (a) Tj ET", picture[] = "q /Im1 Do Q", nothing[] = "q Q";

static enum tally_status read_bytes(const char *bytes, size_t len)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_sink sink = document_trace(&trace);
	struct tally_source *src = NULL;
	enum tally_status st;

	cr_assert_eq(tally_source_memory(&src, bytes, len, &err), TALLY_OK);
	cr_assert_eq(tally_source_memory(&options.text, tsv.bytes ? tsv.bytes : "", tsv.len, &err),
	             TALLY_OK);
	st = tally_format_by_name("pdf")->read(src, &options, &sink, &err);
	tally_source_free(options.text);
	tally_source_free(src);
	return st;
}

static enum tally_status read_pages(const char *const *contents, unsigned count)
{
	pdf_pages(&pdf, "", contents, count);
	pdf_end(&pdf, "");
	return read_bytes(pdf.out.bytes, pdf.out.len);
}

static enum tally_status read_words(unsigned pages)
{
	static const char *const contents[] = { words, words, words, words,
		                                words, words, words, words };

	return read_pages(contents, pages);
}

/* All lines of the trace that begin like this are these. */
static void says(const char *beginning, const char *expected)
{
	char *lines = document_lines(&trace, beginning);

	cr_expect_str_eq(lines, expected, "%s", trace.bytes);
	free(lines);
}

/* ---- text ---- */

Test(fmt_pdf, blocks_of_lines_are_paragraphs_of_their_page)
{
	tsv_page(&tsv, 1);
	tsv_line(&tsv, 1, 0, 300, "The price is");
	tsv_line(&tsv, 1, 0, 320, "30 EUR.");
	tsv_line(&tsv, 1, 1, 400, "Another one.");
	tsv_page(&tsv, 2);
	tsv_line(&tsv, 2, 0, 300, "Next page.");
	cr_expect_eq(read_words(2), TALLY_OK, "%s", err.message);
	says("page",
	     "page 1 p: The price is 30 EUR.\npage 1 p: Another one.\npage 2 p: Next page.\n");
	says("fact text_layer", "fact text_layer=on 2 of 2 pages\n");
	says("fact word_count", "fact word_count=9\n");
	says("note", "");
}

Test(fmt_pdf, word_parted_at_the_end_of_a_line_is_whole)
{
	tsv_page(&tsv, 1);
	tsv_line(&tsv, 1, 0, 300, "It is agree-");
	tsv_line(&tsv, 1, 0, 320, "able to all.");
	cr_expect_eq(read_words(1), TALLY_OK);
	says("page", "page 1 p: It is agreeable to all.\n");
}

Test(fmt_pdf, hyphen_of_the_word_itself_stays)
{
	tsv_page(&tsv, 1);
	tsv_line(&tsv, 1, 0, 300, "A well-known thing, well-");
	tsv_line(&tsv, 1, 0, 320, "known at 5-");
	tsv_line(&tsv, 1, 0, 340, "10 EUR to Karl-");
	tsv_line(&tsv, 1, 0, 360, "Heinz for income-");
	tsv_line(&tsv, 1, 0, 380, "and expense-lists.");
	cr_expect_eq(read_words(1), TALLY_OK);
	says("page", "page 1 p: A well-known thing, well-known at 5-10 EUR to Karl-Heinz for "
	             "income- and expense-lists.\n");
}

Test(fmt_pdf, sentence_goes_on_over_the_end_of_a_page)
{
	tsv_page(&tsv, 1);
	tsv_line(&tsv, 1, 0, 800, "The buyer shall");
	tsv_page(&tsv, 2);
	tsv_line(&tsv, 2, 0, 200, "pay at once.");
	tsv_line(&tsv, 2, 1, 300, "The seller agrees.");
	cr_expect_eq(read_words(2), TALLY_OK);
	says("page", "page 1 p: The buyer shall pay at once.\npage 2 p: The seller agrees.\n");
}

Test(fmt_pdf, running_lines_are_told_once_without_numbers_of_pages)
{
	char line[64];

	for (unsigned i = 1; i <= 4; i++) {
		tsv_page(&tsv, i);
		tsv_line(&tsv, i, 0, 40, "Contract with ACME");
		snprintf(line, sizeof line, "Text %c.", 'a' + (int)i);
		tsv_line(&tsv, i, 1, 500, line);
		snprintf(line, sizeof line, "Page %u of 4", i);
		tsv_line(&tsv, i, 2, 960, line);
	}
	cr_expect_eq(read_words(4), TALLY_OK);
	says("header", "header 0 p: Contract with ACME\n");
	says("footer", "footer 0 p: Page [page] of [pages]\n");
	says("page", "page 1 p: Text b.\npage 2 p: Text c.\npage 3 p: Text d.\npage 4 p: Text e.\n");
}

/* A foot on each page: a number ahead of the page's own, with words around it. */
static void feet(const char *words_before, const char *words_after, unsigned pages, unsigned ahead,
                 const char *expected)
{
	char text[80];

	tally_buf_release(&trace);
	tally_buf_release(&tsv);
	tally_buf_release(&pdf.out);
	for (unsigned i = 1; i <= pages; i++) {
		tsv_page(&tsv, i);
		snprintf(text, sizeof text, "Text %c.", 'a' + (int)i);
		tsv_line(&tsv, i, 1, 500, text);
		snprintf(text, sizeof text, "%s%u%s", words_before, i + ahead, words_after);
		tsv_line(&tsv, i, 2, 960, text);
	}
	read_words(pages);
	says("footer", expected);
}

Test(fmt_pdf, only_numbers_that_count_pages_are_left_out)
{
	feet("Page ", "", 4, 2, "footer 0 p: Page [page]\n");
	feet("\xE2\x80\x93 ", " \xE2\x80\x93", 4, 2,
	     "footer 0 p: \xE2\x80\x93 [page] \xE2\x80\x93\n");
	feet("", " von 4", 4, 0, "footer 0 p: [page] von [pages]\n");
	/* it goes up with the pages, and may still be something else */
	feet("Total ", "", 4, 14, "footer 0 p: Total [page +14]\n");
	feet("Invoice ", "", 4, 16, "footer 0 p: Invoice [page +16]\n");
	feet("Page ", "", 4, 40, "footer 0 p: Page [page +40]\n");
	/* two pages prove nothing */
	feet("", "", 2, 14, "footer 0 p: [page +14]\n");
	feet("Page ", "", 2, 0, "footer 0 p: Page [page]\n");
}

Test(fmt_pdf, number_that_is_as_many_as_pages_is_a_number)
{
	for (unsigned i = 1; i <= 4; i++) {
		char text[20];

		tsv_page(&tsv, i);
		snprintf(text, sizeof text, "Text %c.", 'a' + (int)i);
		tsv_line(&tsv, i, 1, 500, text);
		tsv_line(&tsv, i, 2, 960, "Total 4");
	}
	read_words(4);
	says("footer", "footer 0 p: Total 4\n");
}

Test(fmt_pdf, page_number_alone_is_no_text_of_its_page)
{
	tsv_page(&tsv, 1);
	tsv_line(&tsv, 1, 0, 300, "Text.");
	tsv_line(&tsv, 1, 1, 960, "- 1 -");
	cr_expect_eq(read_words(1), TALLY_OK);
	says("page", "page 1 p: Text.\n");
	says("footer", "footer 0 p: - [page] -\n");
}

Test(fmt_pdf, line_with_another_number_is_text_of_its_page)
{
	char line[64];

	for (unsigned i = 1; i <= 4; i++) {
		tsv_page(&tsv, i);
		snprintf(line, sizeof line, "Total %u", i == 3 ? 17 : 12);
		tsv_line(&tsv, i, 0, 960, line);
	}
	cr_expect_eq(read_words(4), TALLY_OK);
	says("footer", "footer 0 p: Total 12\n");
	says("page", "page 3 p: Total 17\n");
}

Test(fmt_pdf, numbers_that_only_go_up_with_the_pages_say_so)
{
	char line[64];

	for (unsigned i = 1; i <= 4; i++) {
		tsv_page(&tsv, i);
		snprintf(line, sizeof line, "Invoice %u", 1000 + i);
		tsv_line(&tsv, i, 0, 40, line);
	}
	cr_expect_eq(read_words(4), TALLY_OK);
	says("header", "header 0 p: Invoice [page +1000]\n");
}

Test(fmt_pdf, words_from_right_to_left_are_told_as_they_are_read)
{
	tsv_page(&tsv, 1);
	/* "shalom olam 15." as it stands on the page, then Latin text with a word of Hebrew */
	tsv_line(&tsv, 1, 0, 300, ".15 \u05DD\u05DC\u05D5\u05E2 \u05DD\u05D5\u05DC\u05E9");
	tsv_line(&tsv, 1, 1, 400, "The word \u05DD\u05D5\u05DC\u05E9 is one.");
	cr_expect_eq(read_words(1), TALLY_OK);
	says("page", "page 1 p: \u05E9\u05DC\u05D5\u05DD \u05E2\u05D5\u05DC\u05DD 15.\n"
	             "page 1 p: The word \u05E9\u05DC\u05D5\u05DD is one.\n");
}

/* ---- pages without text ---- */

Test(fmt_pdf, scan_is_not_verified)
{
	const char *const contents[] = { picture, picture };

	tsv_page(&tsv, 1);
	tsv_page(&tsv, 2);
	cr_expect_eq(read_pages(contents, 2), TALLY_PARTIAL);
	says("note", "note no_text_layer: none of its 2 pages has text (whole)\n");
	says("fact text_layer", "fact text_layer=on 0 of 2 pages\n");
}

Test(fmt_pdf, pages_without_text_are_named)
{
	const char *const contents[] = { words, picture, picture, words, nothing, picture };

	for (unsigned i = 1; i <= 6; i++) {
		tsv_page(&tsv, i);
		if (i == 1 || i == 4)
			tsv_line(&tsv, i, 0, 300, i == 1 ? "One." : "Four.");
	}
	cr_expect_eq(read_pages(contents, 6), TALLY_PARTIAL);
	says("note", "note no_text_layer: 3 of 6 pages have no text: 2-3, 6\n");
	says("fact text_layer", "fact text_layer=on 2 of 5 pages\n");
}

Test(fmt_pdf, empty_page_hides_nothing)
{
	const char *const contents[] = { words, nothing };

	tsv_page(&tsv, 1);
	tsv_line(&tsv, 1, 0, 300, "One.");
	tsv_page(&tsv, 2);
	cr_expect_eq(read_pages(contents, 2), TALLY_OK);
	says("note", "");
}

Test(fmt_pdf, letters_that_fonts_do_not_tell_are_not_verified)
{
	tsv_page(&tsv, 1);
	tsv_line(&tsv, 1, 0, 300, "Fine.");
	tsv_page(&tsv, 2);
	tsv_line(&tsv, 2, 0, 300, "\x01\x02 \xEF\x80\xA1 \xEF\xBF\xBD a");
	cr_expect_eq(read_words(2), TALLY_PARTIAL);
	says("note", "note letters_unknown: page 2 of 2 does not say which letters it shows\n");
}

Test(fmt_pdf, page_that_was_left_out_is_told)
{
	tsv_page(&tsv, 1);
	tsv_line(&tsv, 1, 0, 300, "One.");
	cr_expect_eq(read_words(3), TALLY_PARTIAL);
	says("note", "note damaged: 2 of 3 pages could not be read: 2-3\n");
}

Test(fmt_pdf, bytes_that_are_no_text_do_no_harm)
{
	static const char rows[] = "5\t1\n\n9\t9\t9\t9\t9\t9\t9\t9\t9\t9\t9\t9\n"
				   "5\t2\t0\t0\t0\t0\t0\t0\t0\t0\t0\tbefore its page\n"
				   "1\t4000000000\t0\t0\t0\t0\t0\t0\t0\t0\t0\tx\n"
				   "1\t1\t0\t0\t0\t0\t0\t0\t600\t1000\t-1\tx\n"
				   "5\t1\t0\t0\t0\t0\t0\t300\t0\t0\t100\ta\xFF\n"
				   "5\t1\t0\t0\t0\t0\t0\t300\t0\t0\t100\tend";

	cr_assert(tally_buf_add(&tsv, rows, sizeof rows));
	cr_expect_eq(read_words(1), TALLY_PARTIAL, "%s", err.message);
}

/* ---- facts ---- */

static char *facts_of(const char *catalog, const char *const *objects)
{
	static const char *const contents[] = { words };
	char *lines;

	pdf_pages(&pdf, catalog, contents, 1);
	for (; *objects; objects++)
		pdf_object(&pdf, *objects);
	pdf_end(&pdf, "");
	tsv_page(&tsv, 1);
	tsv_line(&tsv, 1, 0, 300, "Text.");
	cr_expect_geq(read_bytes(pdf.out.bytes, pdf.out.len), TALLY_PARTIAL, "%s", err.message);
	lines = document_lines(&trace, "fact");
	return lines;
}

static void tells(const char *facts, const char *line)
{
	cr_expect(strstr(facts, line), "no '%s' in:\n%s", line, facts);
}

Test(fmt_pdf, attachments_scripts_and_fields)
{
	/* objects 1 to 6 are the page's */
	const char *const objects[] = {
		"<</EmbeddedFiles<</Kids[8 0 R]>>/JavaScript<</Names[(init)<</S/JavaScript/JS(beep)>>]>>>>",
		"<</Names[(key)<</UF(list.csv)/EF<</F 9 0 R>>>>]>>",
		"<</Length 3>>\nstream\nabc\nendstream",
		"<</Fields[11 0 R<</T(sum)/FT/Tx/V(12)>><</T(agreed)/FT/Btn/V/Yes>>]>>",
		"<</T(group)/Kids[<</T(signed)/FT/Sig/V<</Name(Ann)>>>>]>>",
		NULL,
	};
	char *facts = facts_of("/Names 7 0 R/AcroForm 10 0 R/OpenAction<</S/JavaScript/JS(go)>>",
	                       objects);

	tells(facts, "fact attachment=3 bytes, sha256:ba7816bf8f01cfea @list.csv\n");
	tells(facts, "fact script=beep @init\n");
	tells(facts, "fact script=go @opening\n");
	tells(facts, "fact form_field=12 @sum\n");
	tells(facts, "fact form_field=/Yes @agreed\n");
	tells(facts, "fact signature=Ann @signed\n");
	free(facts);
}

Test(fmt_pdf, links_and_remarks_on_a_page)
{
	char *facts;

	pdf_begin(&pdf);
	pdf_object(&pdf, "<</Type/Catalog/Pages 2 0 R>>");
	pdf_object(&pdf, "<</Type/Pages/Count 1/Kids[3 0 R]>>");
	pdf_object(&pdf, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Annots["
	                 "<</Subtype/Link/A<</S/URI/URI(https://a.example/)>>>>"
	                 "<</Subtype/Text/Contents(really?)/T(Ann)>>"
	                 "<</Subtype/Highlight/Contents(here)>>"
	                 "<</Subtype/Text/Contents(unseen)/F 2>><</Subtype/Text/Contents(off)/F 32>>"
	                 "<</Subtype/Link/A<</S/Launch/F(run.exe)>>>>"
	                 "<</Subtype/Link/A<</S/Launch/Win<</F(cmd.exe)>>>>>>"
	                 "<</Subtype/Widget/A<</S/SubmitForm/F<</FS/URL/F(https://b.example/)>>>>>>"
	                 "]>>");
	pdf_end(&pdf, "");
	tsv_page(&tsv, 1);
	cr_expect_eq(read_bytes(pdf.out.bytes, pdf.out.len), TALLY_OK, "%s", err.message);
	facts = document_lines(&trace, "fact");
	tells(facts, "fact link=https://a.example/ @page 1\n");
	tells(facts, "fact comment=really? @page 1 by Ann\n");
	tells(facts, "fact comment=highlight: here @page 1\n");
	tells(facts, "fact comment=unseen (hidden) @page 1\nfact comment=off (hidden) @page 1\n");
	tells(facts, "fact launch=run.exe @page 1\nfact launch=cmd.exe @page 1\n");
	tells(facts, "fact external_target=sends the form to https://b.example/ @page 1\n");
	free(facts);
}

/* The facts of one page with these entries. */
static char *facts_of_page(const char *entries)
{
	char page[400];

	tally_buf_release(&trace);
	tally_buf_release(&tsv);
	tally_buf_release(&pdf.out);
	snprintf(page, sizeof page, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]%s>>", entries);
	pdf_begin(&pdf);
	pdf_object(&pdf,
	           "<</Type/Catalog/Pages 2 0 R/OpenAction<</S/URI/URI(https://c.example/)>>>>");
	pdf_object(&pdf, "<</Type/Pages/Count 1/Kids[3 0 R]>>");
	pdf_object(&pdf, page);
	pdf_end(&pdf, "");
	tsv_page(&tsv, 1);
	cr_expect_eq(read_bytes(pdf.out.bytes, pdf.out.len), TALLY_OK, "%s", err.message);
	return document_lines(&trace, "fact");
}

Test(fmt_pdf, what_is_done_without_a_click)
{
	char *facts = facts_of_page("/AA<</O<</S/URI/URI(https://a.example/)>>>>/Annots["
	                            "<</Subtype/Widget/AA<</PO<</S/Launch/F(run.exe)>>"
	                            "/U<</S/URI/URI(https://b.example/)>>>>>>]");

	tells(facts, "fact automatic=opens https://c.example/ @opening\n");
	tells(facts, "fact automatic=opens https://a.example/ @page 1\n");
	tells(facts, "fact automatic=opens run.exe @page 1\n");
	tells(facts, "fact link=https://b.example/ @page 1\n");
	/* all of it is told */
	cr_expect_null(strstr(facts, "@where links"), "%s", facts);
	free(facts);
	facts = facts_of_page("/AA<</O<</S/Hide/T(sum)>>>>");
	tells(facts, " @where links in the document lead, and what they do\n");
	free(facts);
}

static char *facts_of_attachment(const char *name, const char *bytes)
{
	char names[200];

	tally_buf_release(&trace);
	tally_buf_release(&tsv);
	tally_buf_release(&pdf.out);
	snprintf(names, sizeof names, "<</Names[(x)<</F(%s)/EF<</F 4 0 R>>>>]>>", name);
	pdf_begin(&pdf);
	pdf_object(&pdf, "<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles 3 0 R>>>>");
	pdf_object(&pdf, "<</Type/Pages/Count 0/Kids[]>>");
	pdf_object(&pdf, names);
	pdf_stream(&pdf, "", bytes);
	pdf_end(&pdf, "");
	cr_expect_eq(read_bytes(pdf.out.bytes, pdf.out.len), TALLY_OK, "%s", err.message);
	return document_lines(&trace, "fact");
}

Test(fmt_pdf, program_that_is_attached)
{
	static const char *const programs[][2] = { { "a.EXE", "text" },
		                                   { "a.txt", "MZ\x90" },
		                                   { "a", "#!/bin/sh" } };
	char *facts;

	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
		char line[40];

		facts = facts_of_attachment(programs[i][0], programs[i][1]);
		snprintf(line, sizeof line, "fact program=%s\n", programs[i][0]);
		tells(facts, line);
		free(facts);
	}
	facts = facts_of_attachment("exe", "M");
	cr_expect_null(strstr(facts, "program"), "%s", facts);
	free(facts);
}

Test(fmt_pdf, properties_in_utf_16_are_read_to_their_end)
{
	static const char *const contents[] = { words };
	char *facts;

	pdf_pages(&pdf, "", contents, 1);
	pdf_end(&pdf, "/Info<</Author<FEFF0041006E006E00FC>/Title<FEFF>>>");
	tsv_page(&tsv, 1);
	tsv_line(&tsv, 1, 0, 300, "Text.");
	cr_expect_geq(read_bytes(pdf.out.bytes, pdf.out.len), TALLY_PARTIAL, "%s", err.message);
	facts = document_lines(&trace, "fact");
	tells(facts, "fact author=Annü\n");
	cr_expect_null(strstr(facts, "fact title"), "%s", facts);
	free(facts);
}

Test(fmt_pdf, a_page_that_is_turned)
{
	char *facts;

	pdf_begin(&pdf);
	pdf_object(&pdf, "<</Type/Catalog/Pages 2 0 R>>");
	pdf_object(&pdf, "<</Type/Pages/Count 2/Rotate -90/Kids[3 0 R 4 0 R]/MediaBox[0 0 9 9]>>");
	pdf_object(&pdf, "<</Type/Page/Parent 2 0 R>>");
	pdf_object(&pdf, "<</Type/Page/Parent 2 0 R/Rotate 720>>");
	pdf_end(&pdf, "");
	tsv_page(&tsv, 1);
	tsv_line(&tsv, 1, 0, 300, "Text.");
	tsv_page(&tsv, 2);
	cr_expect_geq(read_bytes(pdf.out.bytes, pdf.out.len), TALLY_PARTIAL, "%s", err.message);
	facts = document_lines(&trace, "fact");
	tells(facts, "fact property=turned by 270 degrees @page 1\n");
	cr_expect_null(strstr(facts, "degrees @page 2"), "%s", facts);
	free(facts);
}

Test(fmt_pdf, who_made_it_and_when)
{
	static const char *const contents[] = { words };
	char *facts;

	pdf_pages(&pdf, "", contents, 1);
	pdf_end(&pdf, "/Info<</Author(Ann)/Title(Offer)/Producer(Printer)"
	              "/CreationDate(D:20240131093000+01'00')/ModDate(D:20240201)>>");
	/* an update appended */
	cr_assert(tally_buf_printf(&pdf.out,
	                           "xref\n0 0\ntrailer\n<</Size 7/Root 1 0 R/Prev %zu/Info<<"
	                           "/Author(Bob)/CreationDate(D:20240131093000+01'00')"
	                           "/ModDate(D:20240201)>>>>\nstartxref\n%zu\n%%%%EOF\n",
	                           pdf.out.len - 200, pdf.out.len));
	tsv_page(&tsv, 1);
	tsv_line(&tsv, 1, 0, 300, "Text.");
	cr_expect_geq(read_bytes(pdf.out.bytes, pdf.out.len), TALLY_PARTIAL, "%s", err.message);
	facts = document_lines(&trace, "fact");
	tells(facts, "fact created=2024-01-31 09:30:00 +01:00\n");
	tells(facts, "fact modified=2024-02-01\n");
	tells(facts, "fact property=1 @updates appended\n");
	tells(facts, "fact page_count=1\n");
	free(facts);
}

/* ---- the catalog ---- */

/* The facts of a document with one page, and object 7 like this. */
static char *facts_with(const char *catalog, const char *seven)
{
	const char *const objects[] = { seven, NULL };

	tally_buf_release(&trace);
	tally_buf_release(&tsv);
	tally_buf_release(&pdf.out);
	return facts_of(catalog, objects);
}

/* Two documents of which not one fact is another, or some are. */
static bool same_facts(const char *catalog, const char *seven, const char *other_catalog,
                       const char *other_seven)
{
	char *a = facts_with(catalog, seven), *b = facts_with(other_catalog, other_seven);
	bool same = !strcmp(a, b);

	free(a);
	free(b);
	return same;
}

Test(fmt_pdf, bookmarks_by_title_and_page)
{
	/* object 5 is the page */
	const char *const objects[] = {
		"<</First 8 0 R>>",
		"<</Title(Terms)/Dest[5 0 R/Fit]/First 9 0 R/Next 10 0 R>>",
		"<</Title(Price)/A<</S/GoTo/D(price)>>>>",
		"<</Title(Web)/A<</S/URI/URI(https://a.example)>>/Next 8 0 R>>",
		"<</Names[(price)[5 0 R/XYZ 0 0 0]]>>",
		NULL,
	};
	char *facts = facts_of("/Outlines 7 0 R/Names<</Dests 11 0 R>>", objects);

	tells(facts, "fact page_bookmark=Terms @page 1\nfact page_bookmark=Price @page 1\n"
	             "fact page_bookmark=Web\nfact link=https://a.example @a bookmark\n");
	tells(facts, " @named places\n");
	says("note", "");
	free(facts);
}

Test(fmt_pdf, layer_that_is_switched_off_is_told)
{
	char *facts = facts_with("/OCProperties<</OCGs[7 0 R]/D<</OFF[7 0 R]>>>>",
	                         "<</Type/OCG/Name(Draft)>>");

	tells(facts, "fact hidden_text=a layer that is switched off: Draft\n");
	tells(facts, " @layers\n");
	free(facts);
	facts = facts_with("/OCProperties<</OCGs[7 0 R]/D<</BaseState/OFF/ON[7 0 R]>>>>",
	                   "<</Type/OCG/Name(Draft)>>");
	cr_expect_null(strstr(facts, "switched off"), "%s", facts);
	free(facts);
}

Test(fmt_pdf, whatever_the_catalog_holds_is_compared)
{
	static const char *const catalogs[] = {
		"/PageLabels 7 0 R",        "/StructTreeRoot 7 0 R",
		"/Threads[7 0 R]",          "/Collection 7 0 R",
		"/ViewerPreferences 7 0 R", "/AcroForm<</Fields[]/XFA 7 0 R>>",
		"/AcroForm 7 0 R",          "/Names<</Dests 7 0 R>>",
		"/OCProperties 7 0 R",      "/OpenAction 7 0 R",
		"/PieceInfo<<>>/Foo 7 0 R", "/OutputIntents[7 0 R]",
		"/Names<</Other 7 0 R>>"
	};

	for (size_t i = 0; i < sizeof catalogs / sizeof *catalogs; i++) {
		cr_expect(same_facts(catalogs[i], "<</X(a)>>", catalogs[i], "<</X(a)>>"), "%s",
		          catalogs[i]);
		cr_expect_not(same_facts(catalogs[i], "<</X(a)>>", catalogs[i], "<</X(b)>>"), "%s",
		              catalogs[i]);
	}
}

Test(fmt_pdf, digests_do_not_hang_on_numbers_of_objects)
{
	cr_expect(same_facts("/PageLabels 7 0 R", "<</Nums[0<</S/D>>]>>",
	                     "/PageLabels<</Nums[0<</S/D>>]>>", "null"));
}

Test(fmt_pdf, key_of_no_known_kind_is_told_by_its_name)
{
	char *facts = facts_with("/Foo 7 0 R", "<</X 1>>");

	tells(facts, " @Foo by unknown\n");
	free(facts);
}

#define XMP(inside)                                                                                  \
	"<</Length 999>>\nstream\n<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "                     \
	"xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:dc='d' xmlns:xmp='x'>" inside \
	"</rdf:RDF></x:xmpmeta>\nendstream"

Test(fmt_pdf, metadata_without_what_every_saving_writes)
{
	static const char catalog[] = "/Metadata 7 0 R";
	static const char first[] = XMP("<rdf:Description xmp:ModifyDate='1'><dc:rights><rdf:Alt>"
	                                "<rdf:li xml:lang='x-default'>Mine </rdf:li></rdf:Alt>"
	                                "</dc:rights><xmp:Label>a</xmp:Label></rdf:Description>");
	static const char saved[] = XMP("<rdf:Description xmp:Label='a' dc:rights='Mine'>"
	                                "<xmp:ModifyDate>2</xmp:ModifyDate></rdf:Description>");
	static const char other[] = XMP("<rdf:Description xmp:Label='a' dc:rights='Yours'/>");

	cr_expect(same_facts(catalog, first, catalog, saved));
	cr_expect_not(same_facts(catalog, first, catalog, other));
	cr_expect_not(same_facts(catalog, "<</Length 3>>\nstream\nabc\nendstream", catalog,
	                         "<</Length 3>>\nstream\nabd\nendstream"));
}

Test(fmt_pdf, title_in_metadata_is_told_where_nothing_else_tells_it)
{
	char *facts = facts_with("/Metadata 7 0 R",
	                         XMP("<rdf:Description><dc:title><rdf:Alt><rdf:li>Offer</rdf:li>"
	                             "</rdf:Alt></dc:title></rdf:Description>"));

	tells(facts, "fact title=Offer\n");
	free(facts);
}

/* ---- looks ---- */

static char *looks_of(const char *const *contents, unsigned count)
{
	tally_buf_release(&trace);
	tally_buf_release(&tsv);
	for (unsigned i = 1; i <= count; i++)
		tsv_page(&tsv, i);
	tally_buf_release(&pdf.out);
	read_pages(contents, count);
	return document_lines(&trace, "fact page_look");
}

Test(fmt_pdf, page_that_is_drawn_otherwise_looks_otherwise)
{
	const char *const a[] = { words }, *const b[] = { "BT /F1 13 Tf (a) Tj ET" };
	char *x = looks_of(a, 1), *y = looks_of(b, 1), *z = looks_of(a, 1);

	cr_expect(strlen(x) > 20);
	cr_expect_str_neq(x, y);
	cr_expect_str_eq(x, z);
	free(x);
	free(y);
	free(z);
}

/* Do two contents look the same? */
static bool look_same(const char *one, const char *two)
{
	const char *const a[] = { one }, *const b[] = { two };
	char *x = looks_of(a, 1), *y = looks_of(b, 1);
	bool same = !strcmp(x, y);

	free(x);
	free(y);
	return same;
}

Test(fmt_pdf, blanks_between_words_of_drawing_do_not_count)
{
	cr_expect(look_same("BT /F1 12 Tf\r\n (a  (b) \\) c) Tj ET",
	                    "BT /F1 12 Tf (a  (b) \\) c) Tj\nET\n"));
	cr_expect(look_same("BT <4F 5e> Tj ET", "BT <4f5E> Tj ET"));
	cr_expect_not(look_same("BT <4F> Tj ET", "BT <4E> Tj ET"));
	cr_expect_not(look_same("/Span<</E(A b)>> BDC f EMC", "/Span<</E(a b)>> BDC f EMC"));
	cr_expect_not(look_same("/Span<</E(a  b)>> BDC f EMC", "/Span<</E(a b)>> BDC f EMC"));
	cr_expect_not(look_same("BT (a  b) Tj ET", "BT (a b) Tj ET"));
	cr_expect_not(look_same("BT (a \\)  b) Tj ET", "BT (a \\) b) Tj ET"));
	/* they are pixels, or end a remark */
	cr_expect_not(look_same("q BI /W 2 ID a  b EI Q", "q BI /W 2 ID a b EI Q"));
	cr_expect_not(look_same("q % Q\n f", "q % Q f"));
	cr_expect_not(look_same("f (  a", "f ( a"));
}

Test(fmt_pdf, text_that_perhaps_nobody_sees_is_a_fact)
{
	const char *const pages[] = { words, "BT /F1 9 Tf 1 g 9 9 Td (abc) Tj ET",
		                      "BT /F1 9 Tf 9 2000 Td (ab) Tj ET" };
	static const char scan[] = "q 600 0 0 1000 0 0 cm /Im1 Do Q BT /F1 9 Tf 3 Tr 9 9 Td (a) Tj ET";
	const char *const scans[] = { scan };

	free(looks_of(pages, 3));
	says("fact perhaps_unseen",
	     "fact perhaps_unseen=in the colour of its ground (length 3) @page 2\n"
	     "fact perhaps_unseen=outside of the page (length 2) @page 3\n");
	free(looks_of(scans, 1));
	says("fact perhaps_unseen", "");
}

Test(fmt_pdf, look_does_not_hang_on_numbers_of_objects)
{
	const char *const one[] = { words }, *const two[] = { picture, words };
	char *x = looks_of(one, 1), *y = looks_of(two, 2);
	const char *second = strrchr(y, '=');

	/* "fact page_look=DIGEST @page 2" */
	cr_assert(second);
	cr_expect_eq(strncmp(strchr(x, '='), second, 70), 0, "%s%s", x, y);
	free(x);
	free(y);
}

Test(fmt_pdf, stamp_on_a_page_belongs_to_its_look)
{
	char *a = facts_with("", "<<>>"), *b;
	static const char *const contents[] = { words };

	tally_buf_release(&pdf.out);
	pdf_begin(&pdf);
	pdf_object(&pdf, "<</Type/Catalog/Pages 2 0 R>>");
	pdf_object(&pdf, "<</Type/Pages/Count 1/Kids[5 0 R]/MediaBox[0 0 600 1000]"
	                 "/Resources<</Font<</F1 3 0 R>>/XObject<</Im1 4 0 R>>>>>>");
	pdf_object(&pdf, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>");
	pdf_object(&pdf, "<<>>");
	pdf_object(&pdf, "<</Type/Page/Parent 2 0 R/Contents 6 0 R/Annots[<</Subtype/Link"
	                 "/Rect[0 0 9 9]/AP<</N 7 0 R>>>>]>>");
	pdf_stream(&pdf, "", contents[0]);
	pdf_stream(&pdf, "", "0 0 9 9 re f");
	pdf_end(&pdf, "");
	tally_buf_release(&trace);
	cr_expect_geq(read_bytes(pdf.out.bytes, pdf.out.len), TALLY_PARTIAL);
	b = document_lines(&trace, "fact page_look");
	cr_expect_null(strstr(a, b), "%s%s", a, b);
	free(a);
	free(b);
}

Test(fmt_pdf, stream_of_no_bytes_is_read)
{
	pdf_begin(&pdf);
	pdf_object(&pdf, "<</Type/Catalog/Pages 2 0 R>>");
	pdf_object(&pdf, "<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 600 1000]>>");
	pdf_object(&pdf, "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>");
	pdf_stream(&pdf, "/Filter/FlateDecode", "");
	pdf_end(&pdf, "");
	tsv_page(&tsv, 1);
	cr_expect_eq(read_bytes(pdf.out.bytes, pdf.out.len), TALLY_OK, "%s", trace.bytes);
	says("fact page_look", "fact page_look=blank @page 1\n");
}

Test(fmt_pdf, pictures_by_content_only_where_they_are_used)
{
	const char *const contents[] = { words, picture };

	tsv_page(&tsv, 1);
	tsv_page(&tsv, 2);
	cr_expect_eq(read_pages(contents, 2), TALLY_PARTIAL);
	{
		char *images = document_lines(&trace, "fact image");

		tells(images, "fact image=1 × 1 pixels, sha256:");
		tells(images, " @page 2\n");
		cr_expect_null(strstr(images, "page 1"));
		free(images);
	}
}

/* ---- not readable ---- */

Test(fmt_pdf, rubbish_is_damaged)
{
	static const char bytes[] = "%PDF-1.4\nnothing to see here";

	cr_expect_eq(read_bytes(bytes, sizeof bytes - 1), TALLY_SKIP);
	cr_expect_eq(err.reason, TALLY_REASON_DAMAGED, "%s", err.message);
}

Test(fmt_pdf, password_is_asked_for)
{
	static const char *const contents[] = { words };

	pdf_pages(&pdf, "", contents, 1);
	/* keys that fit no password */
	pdf_end(&pdf, "/ID[<00000000000000000000000000000000><00000000000000000000000000000000>]"
	              "/Encrypt<</Filter/Standard/V 1/R 2/P -1/Length 40"
	              "/O<0101010101010101010101010101010101010101010101010101010101010101>"
	              "/U<0202020202020202020202020202020202020202020202020202020202020202>>>");
	cr_expect_eq(read_bytes(pdf.out.bytes, pdf.out.len), TALLY_SKIP);
	cr_expect_eq(err.reason, TALLY_REASON_ENCRYPTED, "%s", err.message);
	cr_expect_str_eq(err.message, "it needs a password");
}

Test(fmt_pdf, missing_text_says_why)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	const struct tally_err why = { .reason = TALLY_REASON_LIMIT,
		                       .message = "convert_seconds: pdftotext took longer" };
	struct tally_sink sink = document_trace(&trace);
	struct tally_source *src = NULL;
	static const char *const contents[] = { words };

	pdf_pages(&pdf, "", contents, 1);
	pdf_end(&pdf, "");
	options.no_text = &why;
	cr_assert_eq(tally_source_memory(&src, pdf.out.bytes, pdf.out.len, &err), TALLY_OK);
	cr_expect_eq(tally_format_by_name("pdf")->read(src, &options, &sink, &err), TALLY_SKIP);
	cr_expect_eq(err.reason, TALLY_REASON_LIMIT);
	cr_expect_str_eq(err.message, why.message);
	tally_source_free(src);
}

Test(fmt_pdf, circles_come_to_an_end)
{
	const char *const objects[] = {
		"<</EmbeddedFiles 8 0 R>>",
		"<</Kids[8 0 R 8 0 R]>>",
		"<</Fields[10 0 R]>>",
		"<</T(a)/FT/Tx/Kids[10 0 R]/AA<</K 11 0 R>>>>",
		"<</S/JavaScript/JS(x)/Next 11 0 R>>",
		NULL,
	};
	char *facts = facts_of("/Names 7 0 R/AcroForm 9 0 R", objects);

	says("note", "");
	tells(facts, "fact form_field=empty @a\n");
	free(facts);
}

Test(fmt_pdf, no_memory_is_an_error)
{
	static const char *const contents[] = { words, words };

	/* objects 1 to 8 are those of pages */
	pdf_pages(&pdf,
	          "/OpenAction<</S/JavaScript/JS(x)>>/Outlines<</First 9 0 R>>/Names<</Dests 10 0 R>>"
	          "/Metadata 11 0 R/OCProperties<</OCGs[12 0 R]/D<</OFF[12 0 R]>>>>"
	          "/AcroForm<</Fields[<</T(a)/FT/Tx/V(b)>>]/XFA 11 0 R>>/Lang(en)",
	          contents, 2);
	pdf_object(&pdf, "<</Title(Terms)/Dest(terms)>>");
	pdf_object(&pdf, "<</Names[(terms)[5 0 R/Fit]]>>");
	pdf_object(&pdf, XMP("<rdf:Description title='Offer' label='x'/>"));
	pdf_object(&pdf, "<</Type/OCG/Name(Draft)>>");
	pdf_end(&pdf, "");
	for (unsigned i = 1; i <= 2; i++) {
		tsv_page(&tsv, i);
		tsv_line(&tsv, i, 0, 300, "The well-");
		tsv_line(&tsv, i, 0, 320, "known terms");
	}
	document_faults_in(&(struct document_input){ .format = "pdf",
	                                             .bytes = pdf.out.bytes,
	                                             .len = pdf.out.len,
	                                             .text = tsv.bytes,
	                                             .text_len = tsv.len });
}
