/* Mails: what is written and attached tells, how it is packed does not. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/format.h"
#include "support/document_trace.h"

TestSuite(fmt_eml);

static struct tally_buf trace;
static struct tally_err err;

static enum tally_status read_mail(const char *text, size_t len)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_sink sink = document_trace(&trace);
	struct tally_source *src = NULL;
	enum tally_status st;

	cr_assert_eq(tally_source_memory(&src, text, len, &err), TALLY_OK);
	st = tally_format_by_name("eml")->read(src, &options, &sink, &err);
	tally_source_free(src);
	return st;
}

static char *said(const char *text)
{
	char *lines;

	cr_assert_eq(read_mail(text, strlen(text)), TALLY_OK, "%s", err.message);
	lines = document_lines(&trace, "");
	tally_buf_release(&trace);
	return lines;
}

Test(fmt_eml, transfer_encoding_and_folding_are_no_change)
{
	char *a = said("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= an alle\n"
	               "Content-Type: text/plain; charset=utf-8\n\nGr\xc3\xbc\xc3\x9f"
	               "e\n");
	char *b = said("Subject: =?utf-8?b?R3LDvMOfZQ==?=\n an alle\n"
	               "Content-Type: text/plain; charset=utf-8\n"
	               "Content-Transfer-Encoding: base64\n\nR3LDvMOfZQo=\n");

	cr_expect_str_eq(a, b);
	cr_expect(strstr(a, "Gr\xc3\xbc\xc3\x9f"
	                    "e an alle @Subject"),
	          "%s", a);
	free(a);
	free(b);
}

Test(fmt_eml, attachment_is_told_by_name_and_content)
{
	char *a = said("Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\n"
	               "hello\n--x\nContent-Type: application/pdf; name=a.pdf\n\nabc\n--x--\n");

	cr_expect(strstr(a, "hello"), "%s", a);
	cr_expect(strstr(a, "fact attachment=ba7816bf8f01cfea"), "%s", a);
	cr_expect(strstr(a, "@a.pdf"), "%s", a);
	free(a);
}

Test(fmt_eml, ten_thousand_multiparts_inside_each_other_are_a_limit)
{
	struct tally_buf bomb;
	char part[80];

	tally_buf_init(&bomb, 1 << 20);
	for (int i = 0; i < 10000; i++) {
		snprintf(part, sizeof part, "Content-Type: multipart/mixed; boundary=%d\n\n--%d\n",
		         i, i);
		cr_assert(tally_buf_text(&bomb, part));
	}
	cr_expect_eq(read_mail(bomb.bytes, bomb.len), TALLY_SKIP);
	cr_expect_eq(err.reason, TALLY_REASON_LIMIT);
	tally_buf_release(&trace);
	tally_buf_release(&bomb);
}
