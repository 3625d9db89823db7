/* Plain text, Markdown and HTML: what readers see is blocks, what stands behind it is facts. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "formats/format.h"
#include "support/document_faults.h"
#include "support/document_trace.h"

TestSuite(fmt_text);

static struct tally_buf trace;
static struct tally_err err;

static enum tally_status read_as(const char *format, const char *bytes, size_t len)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_sink sink = document_trace(&trace);
	struct tally_source *src = NULL;
	enum tally_status st;

	err = (struct tally_err){ 0 };
	cr_assert_eq(tally_source_memory(&src, bytes, len, &err), TALLY_OK);
	st = tally_format_by_name(format)->read(src, &options, &sink, &err);
	tally_source_free(src);
	return st;
}

/* The lines that begin so are these; "" is all of them. */
static void expect(const char *format, const char *text, const char *beginning, const char *lines)
{
	char *got;

	cr_assert_eq(read_as(format, text, strlen(text)), TALLY_OK, "%s", err.message);
	got = document_lines(&trace, beginning);
	cr_expect_str_eq(got, lines, "%s", got);
	free(got);
	tally_buf_release(&trace);
}

static const char *format_of_bytes(const char *name, const char *text, size_t len)
{
	const struct tally_format *f = NULL;
	struct tally_source *src = NULL;
	bool mismatch;

	cr_assert_eq(tally_source_memory(&src, text, len, &err), TALLY_OK);
	tally_source_set_name(src, name);
	cr_assert_eq(tally_format_find(&f, &mismatch, src, &err), TALLY_OK);
	tally_source_free(src);
	return f ? f->name : "none";
}

static const char *format_of(const char *name, const char *text)
{
	return format_of_bytes(name, text, strlen(text));
}

/* ---- plain text ---- */

Test(fmt_text, a_line_is_a_block)
{
	expect("text", "one\n\ntwo\r\nthree", "p:", "p: one\np: two\np: three\n");
}

Test(fmt_text, filled_lines_are_paragraphs)
{
	expect("text",
	       "The supplier delivers all of the goods to the warehouse of the\n"
	       "customer in Bremen, and hands over the papers that belong to\n"
	       "them on the very same day, unless both sides have agreed upon\n"
	       "another day in writing.\n\nThe end.\n",
	       "p:",
	       "p: The supplier delivers all of the goods to the warehouse of the customer in "
	       "Bremen, and hands over the papers that belong to them on the very same day, unless "
	       "both sides have agreed upon another day in writing.\np: The end.\n");
}

Test(fmt_text, lines_of_one_width_are_no_paragraph_when_they_are_many)
{
	static const char line[] = "2024-05-03 12:00:00 the server answered all of its requests in time\n";
	char text[200 * sizeof line], *got;
	size_t count = 0;

	for (size_t i = 0; i < 200; i++)
		memcpy(text + i * (sizeof line - 1), line, sizeof line);
	cr_assert_eq(read_as("text", text, strlen(text)), TALLY_OK);
	got = document_lines(&trace, "");
	for (const char *at = got; (at = strstr(at, ": 2024")); at++)
		count++;
	cr_expect_eq(count, 200, "%zu", count);
	free(got);
	tally_buf_release(&trace);
}

Test(fmt_text, encodings_are_facts_and_no_other_text)
{
	expect("text", "caf\xe9\n", "",
	       "p: caf\xc3\xa9\nfact property=windows-1252 (guessed) @encoding\n"
	       "fact property=LF @line ends\nfact property=yes @last line end\n");
	cr_assert_eq(read_as("text",
	                     "\xff\xfe"
	                     "a\0b\0\r\0\n\0",
	                     10),
	             TALLY_OK);
	cr_expect_str_eq(trace.bytes,
	                 "p: ab\nfact property=utf-16le @encoding\nfact property=yes @byte order mark\n"
	                 "fact property=CRLF @line ends\nfact property=yes @last line end\n");
	tally_buf_release(&trace);
}

Test(fmt_text, bytes_that_are_no_text_are_noted)
{
	cr_assert_eq(read_as("text", "gr\xc3\xbc\xc3\x9f\xc3\xbc\xc3\xa4\xc3\xb6 \xff x\n", 17),
	             TALLY_PARTIAL);
	cr_expect(strstr(trace.bytes, "note malformed: bytes that are no utf-8, in 1 places\n"),
	          "%s", trace.bytes);
	tally_buf_release(&trace);
}

Test(fmt_text, an_empty_text)
{
	expect("text", "", "", "fact property=utf-8 @encoding\nfact property=none @line ends\n");
}

/* ---- Markdown ---- */

Test(fmt_text, markdown_blocks)
{
	expect("markdown",
	       "# Title\n\nOne paragraph\nin two lines.\n\n- first\n- second\n  - inner\n\n"
	       "| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode 1\ncode 2\n```\n\n> quoted\n",
	       "",
	       "h1: Title\np: One paragraph in two lines.\nli1: first\nli1: second\nli2: inner\n"
	       "cell 1/1/1: a\ncell 1/1/2: b\ncell 1/2/1: 1\ncell 1/2/2: 2\ncode: code 1\n"
	       "code: code 2\np: quoted\nfact property=utf-8 @encoding\nfact property=LF @line ends\n"
	       "fact property=yes @last line end\n");
}

Test(fmt_text, markdown_that_is_filled_anew_is_the_same)
{
	expect("markdown", "One paragraph in\ntwo lines, now three\nlines.\n",
	       "p:", "p: One paragraph in two lines, now three lines.\n");
}

Test(fmt_text, markdown_links_and_front_matter)
{
	expect("markdown",
	       "---\ntitle: A page\ntags:\n  - x\n  - y\n---\n\nSee [the terms](https://a.example/t) "
	       "and ![a map](map.png).\n",
	       "",
	       "fact custom_property=A page @title\nfact custom_property=- x - y @tags\n"
	       "fact link=https://a.example/t @the terms\nfact image=map.png @a map\n"
	       "p: See the terms and a map.\nfact property=utf-8 @encoding\n"
	       "fact property=LF @line ends\nfact property=yes @last line end\n");
}

Test(fmt_text, html_in_markdown_is_read_as_html)
{
	expect("markdown",
	       "One <b>bold</b> <span hidden>gone</span>word &lt; 5.\n\n<div onclick=\"go()\">\n"
	       "<p>inner</p><!-- a note -->\n</div>\n\n- <i>item</i>\n",
	       "",
	       "fact hidden_text=gone\np: One bold word &lt; 5.\nfact script=go() @onclick\np: inner\n"
	       "fact comment=a note\nli1: item\nfact property=utf-8 @encoding\n"
	       "fact property=LF @line ends\nfact property=yes @last line end\n");
}

Test(fmt_text, what_markdown_does_not_show_is_said)
{
	expect("markdown",
	       "+++\n# remark\na = 1\n+++\n\nSee [this][r] and [that](u \"tip\").\n\n[r]: /r\n"
	       "[unused]: /x \"y\"\n[^1]: word\n\n[^2]: two words\n\n```\n[c]: /code\n```\n\n"
	       "| a |\n|---|\n| 1 | dropped |\n",
	       "fact",
	       "fact custom_property=# remark @front matter\nfact custom_property=1 @a\n"
	       "fact link=/r @this\nfact link=u @that\nfact property=tip @text beside the pointer\n"
	       "fact hidden_text= dropped |\nfact hidden_text=[unused]: /x \"y\"\n"
	       "fact property=utf-8 @encoding\n"
	       "fact property=LF @line ends\nfact property=yes @last line end\n");
}

/* ---- HTML ---- */

Test(fmt_text, html_blocks)
{
	expect("html",
	       "<!DOCTYPE html><html><head><title>A page</title></head><body><h2>Head\n line</h2>"
	       "<p>One <b>bold</b>\n   word.<br>Next</p><ul><li>item<ul><li><p>inner</p></ul></ul>"
	       "<table><thead><tr><th>a<th>b</thead><tbody><tr><td>1<td><p>2</p></tbody></table>"
	       "<pre>x\n  y</pre>tail</body></html>",
	       "",
	       "fact title=A page\nh2: Head line\np: One bold word.\nNext\nli1: item\nli2: inner\n"
	       "cell 1/1/1: a\ncell 1/1/2: b\ncell 1/2/1: 1\ncell 1/2/2: 2\ncode: x\ncode:   y\np: tail\n"
	       "fact property=utf-8 @encoding\nfact property=LF @line ends\n"
	       "fact property=no @last line end\n");
}

Test(fmt_text, html_in_utf_16)
{
	static const char page[] = "\xff\xfe<\0h\0t\0m\0l\0>\0<\0p\0>\0h\0i\0";
	char *got;

	cr_expect_str_eq(format_of_bytes("x", page, sizeof page - 1), "html");
	cr_assert_eq(read_as("html", page, sizeof page - 1), TALLY_OK, "%s", err.message);
	got = document_lines(&trace, "p:");
	cr_expect_str_eq(got, "p: hi\n", "%s", got);
	free(got);
	tally_buf_release(&trace);
}

Test(fmt_text, html_facts)
{
	expect("html",
	       "<html><body><script src=a.js></script><script>run()</script>"
	       "<a href='https://a.example'>the <i>link</i></a><img src=p.png alt=chart>"
	       "<p onclick=go()>text<span style='display: none'>not shown</span></p>"
	       "<form action=/send><input name=q value=5></form><iframe src=b.html></iframe>",
	       "fact",
	       "fact script=a.js\nfact script=run()\nfact link=https://a.example @the link\n"
	       "fact image=p.png @chart\nfact script=go() @onclick\nfact hidden_text=not shown\n"
	       "fact external_target=/send @form\nfact form_field=text: 5 @q\n"
	       "fact external_target=b.html\nfact property=utf-8 @encoding\n"
	       "fact property=none @line ends\nfact property=no @last line end\n");
}

Test(fmt_text, html_text_that_is_hidden_is_no_text)
{
	expect("html", "<html><p>seen<span hidden>un<b>seen</b></span> too</p>",
	       "p:", "p: seen too\n");
}

Test(fmt_text, html_of_ten_thousand_open_elements)
{
	enum { MANY = 10000 };
	char *page = malloc(5 * MANY + 32), *to = page;

	to += sprintf(to, "<html><body>");
	for (int i = 0; i < MANY; i++)
		to += sprintf(to, "<div>");
	strcpy(to, "deep");
	expect("html", page, "p:", "p: deep\n");
	free(page);
}

Test(fmt_text, html_says_its_encoding)
{
	expect("html", "<html><meta charset=windows-1252><p>\x80 5", "p:", "p: \xe2\x82\xac 5\n");
}

Test(fmt_text, html_says_what_stands_in_no_word)
{
	expect("html",
	       "<!doctype html><html><head><base href=/b><meta property=og:title content=T>"
	       "<style>p{}</style></head><!-- a note --><body><p title=tip>x</p>"
	       "<iframe srcdoc='<p>in'></iframe><select name=s><option value=1 selected>one</select>"
	       "<div hidden><a href=h>gone</a></div><template>t</template><video poster=v></video>",
	       "fact",
	       "fact external_target=/b @base of links\nfact property=T @og:title\n"
	       "fact comment=a note\nfact property=tip @text beside the pointer\n"
	       "fact embedded_file=a page inside this page, 5 bytes, sha256:ea5ec0bd0dadd580\n"
	       "fact form_field=option: 1, selected\nfact link=h @(hidden)\nfact hidden_text=gone\n"
	       "fact hidden_text=t\nfact external_target=v\nfact property=utf-8 @encoding\n"
	       "fact property=none @line ends\nfact property=no @last line end\n");
}

Test(fmt_text, html_of_drawings)
{
	expect("html",
	       "<p>a</p><svg><style>t{}</style><text>one</text><text>two</text>"
	       "<a xlink:href=u>three</a><script>x()</script></svg>",
	       "p:", "p: a\np: one\np: two\np: three\n");
}

static enum tally_status add_looks(void *payload, const struct tally_block *b, struct tally_err *e)
{
	uint64_t *sum = payload;

	(void)e;
	*sum = *sum * 31 + b->look;
	return TALLY_OK;
}

static enum tally_status add_rest(void *payload, const struct tally_fact *f, struct tally_err *e)
{
	uint64_t *sum = payload;

	(void)e;
	if (!strcmp(f->name, "unread"))
		*sum = *sum * 31 + strtoull(f->value, NULL, 16);
	return TALLY_OK;
}

static uint64_t looks_of(const char *format, const char *text)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	uint64_t sum = 1;
	struct tally_sink sink = { .payload = &sum, .block = add_looks, .fact = add_rest };
	struct tally_source *src = NULL;

	cr_assert_eq(tally_source_memory(&src, text, strlen(text), &err), TALLY_OK);
	cr_assert_eq(tally_format_by_name(format)->read(src, &options, &sink, &err), TALLY_OK);
	tally_source_free(src);
	return sum;
}

Test(fmt_text, looks_of_html)
{
	static const char page[] = "<p class=a id=b>one <b>two</b> three</p><hr>";
	static const char *const others[] = {
		"<p class=c id=b>one <b>two</b> three</p><hr>",
		"<p class=a id=b>one <i>two</i> three</p><hr>",
		"<p class=a id=b>one <b>two thr</b>ee</p><hr>",
		"<p class=a id=b>one <b>two</b> three</p>",
		"<div class=a id=b>one <b>two</b> three</div><hr>",
		"<p class=a id=b>one <b>two</b> three</p><hr class=x>",
		"<style>p{}</style><p class=a id=b>one <b>two</b> three</p><hr>",
		"<!doctype html><p class=a id=b>one <b>two</b> three</p><hr>",
	};

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		cr_expect_neq(looks_of("html", page), looks_of("html", others[i]), "%s", others[i]);
	cr_expect_eq(looks_of("html", page),
	             looks_of("html", "<html><head></head><body>\n<P ID='b' CLASS=\"a\">one\n"
	                              "<b>two </b>three</P>\n<hr/></body></html>"));
}

/* @return how it was read: pages are HTML that is put together from parts */
static enum tally_status read_page(const char *from, const char *part, size_t times, const char *to)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_sink sink = { 0 };
	struct tally_source *src = NULL;
	struct tally_buf page;
	enum tally_status st;

	tally_buf_init(&page, 1 << 24);
	cr_assert(tally_buf_text(&page, from));
	for (size_t i = 0; i < times; i++)
		cr_assert(tally_buf_text(&page, part));
	cr_assert(tally_buf_text(&page, to));
	cr_assert_eq(tally_source_memory(&src, page.bytes, page.len, &err), TALLY_OK);
	st = tally_format_by_name("html")->read(src, &options, &sink, &err);
	tally_source_free(src);
	tally_buf_release(&page);
	return st;
}

Test(fmt_text, pages_whose_parsing_would_take_for_ever_are_not_read)
{
	cr_expect_eq(read_page("<body>", "<div>", 10001, "one"), TALLY_SKIP);
	cr_expect(err.reason == TALLY_REASON_LIMIT && strstr(err.message, "html_depth: 10001"),
	          "%s", err.message);
	cr_expect_eq(read_page("<p ", "a b='c d e' f=g ", 1667, ">one"), TALLY_SKIP);
	cr_expect(err.reason == TALLY_REASON_LIMIT &&
	                  strstr(err.message, "html_attributes: an element has 5001"),
	          "%s", err.message);
	cr_expect_eq(read_page("", "<p>one<br><li>two<td>three</table>", 20000, ""), TALLY_OK);
	cr_expect_eq(read_page("", "<b class=x>one</b>", 20000, ""), TALLY_OK);
	cr_expect_eq(read_page("<script>", "'<b>'", 20000, "</script>"), TALLY_OK);
	cr_expect_eq(read_page("<!-- ", "<b>", 20000, "-->"), TALLY_OK);
	cr_expect_eq(read_page("<p title='", "a ", 20000, "'>one"), TALLY_OK);
	cr_expect_eq(read_page("", "1 < 2 ", 20000, "<"), TALLY_OK);
}

Test(fmt_text, what_a_fact_tells_is_no_look)
{
	static const char page[] = "<title>t</title><p class=a>one</p><p>two</p>";
	static const char *const same[] = {
		"<title>t</title><p class=a>one</p><script>x()</script><p>two</p><script>y()</script>",
		"<title>u</title><base href=u><meta name=a content=b><p class=a>one</p><p>two</p>",
		"<title>t</title><p class=a>one</p><p>two</p><div style='display: none'>three <b>x</b></div>",
		"<title>t</title><p class=a>one</p><!-- three --><p>two</p>",
	};

	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		cr_expect_eq(looks_of("html", page), looks_of("html", same[i]), "%s", same[i]);
	cr_expect_eq(looks_of("markdown", "Text.\n"),
	             looks_of("markdown", "---\na: 1\n---\n\nText.\n\n<!-- more -->\n"));
}

Test(fmt_text, footnotes_of_markdown_are_words)
{
	expect("markdown",
	       "One[^1] and[^two].\n\n[^1]: 500\n[^two]: <30>\n\n```\n[^3]: code\n```\n\n[x]: url\n",
	       "",
	       "p: One[^1] and[^two].\np: [^1]: 500 [^two]: <30>\ncode: [^3]: code\nfact hidden_text=[x]: url\n"
	       "fact property=utf-8 @encoding\nfact property=LF @line ends\nfact property=yes @last line end\n");
}

Test(fmt_text, looks_of_markdown)
{
	static const char text[] = "---\na:\n  b: 1\n---\n\nOne *two* three\n\n1. x\n\n"
				   "| a |\n|:--|\n| b |\n\n```c\ncode\n```\n\n> q\n\nend\n";
	static const struct {
		const char *from, *to;
	} changes[] = {
		{ "*two*", "**two**" },   { "*two* three", "*two three*" },
		{ "1. x", "- x" },        { "1. x", "2. x" },
		{ "|:--|", "|--:|" },     { "```c", "```d" },
		{ "> q", "q" },           { "  b: 1", "b: 1" },
		{ "  b: 1", "    b: 1" }, { "\nend", "\n***\nend" },
	};

	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		const char *at = strstr(text, changes[i].from);
		char other[sizeof text + 16];

		snprintf(other, sizeof other, "%.*s%s%s", (int)(at - text), text, changes[i].to,
		         at + strlen(changes[i].from));
		cr_expect_neq(looks_of("markdown", text), looks_of("markdown", other), "%s", other);
	}
	cr_expect_eq(looks_of("markdown", "One *two*\nthree\n\n- x\n\n***\nA\n=\n"),
	             looks_of("markdown", "One\n_two_ three\n\n* x\n\n---\n# A\n"));
}

/* ---- who reads what ---- */

Test(fmt_text, formats_are_found)
{
	cr_expect_str_eq(format_of("a.txt", "Just some words.\n"), "text");
	cr_expect_str_eq(format_of("a.md", "Just some words.\n"), "markdown");
	cr_expect_str_eq(format_of("a.txt", "<!doctype html><p>x"), "html");
	cr_expect_str_eq(format_of("a.csv", "a,b\n1,2\n3,4\n"), "csv");
	cr_expect_str_eq(format_of("a.svg", "<?xml version='1.0'?>\n<svg xmlns='x'/>"), "html");
	cr_expect_str_eq(format_of("a.ics", "BEGIN:VCALENDAR\nEND:VCALENDAR\n"), "text");
	cr_expect_str_eq(format_of("README", "Just some words.\n"), "text");
	cr_expect_str_eq(format_of("a.bin", "\x01\x02\x03"), "none");
}

Test(fmt_text, no_memory_is_an_error)
{
	static const char *const texts[][2] = {
		{ "text", "one\ntwo\n" },
		{ "markdown", "---\na: b\n---\n# T\n\n- [x](y)\n\n| a |\n|---|\n| 1 |\n" },
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		document_faults(texts[i][0], texts[i][1], strlen(texts[i][1]));
}
