/* Mailboxes: messages by their IDs, in whatever order. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/format.h"
#include "support/document_faults.h"
#include "support/document_trace.h"

TestSuite(fmt_mbox);

static struct tally_buf trace;
static struct tally_err err;

#define MESSAGE(id, subject, text)                                                            \
	"From anna@example.org Mon Jun  1 10:00:00 2026\nFrom: Anna <a@x>\nSubject: " subject \
	"\nMessage-ID: <" id ">\n\n" text "\n\n"

static enum tally_status read_box(const char *text, size_t len, const struct tally_limits *limits)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_sink sink = document_trace(&trace);
	struct tally_source *src = NULL;
	enum tally_status st;

	options.limits = limits;
	cr_assert_eq(tally_source_memory(&src, text, len, &err), TALLY_OK);
	st = tally_format_by_name("mbox")->read(src, &options, &sink, &err);
	tally_source_free(src);
	return st;
}

/* Lines that begin with this */
static char *said(const char *text, const char *beginning)
{
	char *lines;

	cr_assert_eq(read_box(text, strlen(text), NULL), TALLY_OK, "%s", err.message);
	lines = document_lines(&trace, beginning);
	tally_buf_release(&trace);
	return lines;
}

static void says(const char *text, const char *beginning, const char *expected)
{
	char *lines = said(text, beginning);

	cr_expect_str_eq(lines, expected);
	free(lines);
}

Test(fmt_mbox, messages_are_facts_by_id_and_blocks)
{
	says(MESSAGE("2@x", "Offer", "30 Euro") MESSAGE("1@x", "Re: Offer", "thanks"), "",
	     "fact message=Anna <a@x>, Offer @<2@x>\nfact message=Anna <a@x>, Re: Offer @<1@x>\n"
	     "mail 2 message: thanks\nmail 1 message: 30 Euro\n");
}

/* One mail as it would be in a mailbox: the line in front of it, and what is quoted there, make no difference. */
Test(fmt_mbox, a_mail_alone_says_the_same)
{
	static const char *const mails[] = { MESSAGE("1@x", "Offer", "From here on 30 Euro"),
		                             "From: Anna <a@x>\nSubject: Offer\nMessage-ID: <1@x>\n\n"
		                             "From here on 30 Euro\n" };
	char *lines[2];

	for (int i = 0; i < 2; i++) {
		struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
		struct tally_sink sink = document_trace(&trace);
		struct tally_source *src = NULL;

		options.boxed = true;
		cr_assert_eq(tally_source_memory(&src, mails[i], strlen(mails[i]), &err), TALLY_OK);
		cr_assert_eq(
			tally_format_by_name(i ? "eml" : "mbox")->read(src, &options, &sink, &err),
			TALLY_OK);
		lines[i] = document_lines(&trace, "");
		tally_buf_release(&trace);
		tally_source_free(src);
	}
	cr_expect_str_eq(lines[1], lines[0]);
	cr_expect_str_eq(lines[1], "fact message=Anna <a@x>, Offer @<1@x>\n"
	                           "mail 1 message: From here on 30 Euro\n");
	free(lines[0]);
	free(lines[1]);
}

Test(fmt_mbox, order_is_no_change)
{
	char *a = said(MESSAGE("2@x", "Offer", "30 Euro") MESSAGE("1@x", "Re", "thanks"), "fact");
	char *b = said(MESSAGE("1@x", "Re", "thanks") MESSAGE("2@x", "Offer", "30 Euro"), "fact");

	cr_expect(strstr(a, "<1@x>") && strstr(b, "<1@x>") && strlen(a) == strlen(b));
	free(a);
	free(b);
	says(MESSAGE("1@x", "Re", "thanks") MESSAGE("2@x", "Offer", "30 Euro"), "mail",
	     "mail 1 message: thanks\nmail 2 message: 30 Euro\n");
}

Test(fmt_mbox, what_is_quoted_is_text)
{
	says(MESSAGE("1@x", "s", "a\n>From here on\n>>From b\nFrom here, no time\n\nFrom me"), "",
	     "fact message=Anna <a@x>, s @<1@x>\nmail 1 message: a\nFrom here on\n>From b\nFrom here, no time\nFrom me\n");
}

Test(fmt_mbox, marks_of_programs_are_one_fact_in_any_order)
{
	static const char one[] = "From a Mon Jun  1 10:00:00 2026\nMessage-ID: <1@x>\nStatus: RO\n\na\n\n",
			  two[] = "From a Mon Jun  1 10:00:00 2026\nMessage-ID: <2@x>\n"
				  "X-Mozilla-Status: 0001\n\nb\n\n",
			  read[] = "From a Mon Jun  1 10:00:00 2026\nMessage-ID: <2@x>\n"
				   "X-Mozilla-Status: 0003\n\nb\n\n";
	char text[3][512], *a, *b, *c;

	snprintf(text[0], sizeof text[0], "%s%s", one, two);
	snprintf(text[1], sizeof text[1], "%s%s", two, one);
	snprintf(text[2], sizeof text[2], "%s%s", one, read);
	a = said(text[0], "fact part");
	b = said(text[1], "fact part");
	c = said(text[2], "fact part");
	cr_expect(strstr(a, "@marks of mail programs"), "%s", a);
	cr_expect_str_eq(a, b);
	cr_expect_str_neq(a, c);
	free(a);
	free(b);
	free(c);
}

Test(fmt_mbox, attachments_name_their_message)
{
	char *a = said("From a Mon Jun  1 10:00:00 2026\nMessage-ID: <1@x>\n"
	               "Content-Type: application/pdf; name=a.pdf\n\nabc\n",
	               "fact attachment");

	cr_expect(strstr(a, "@a.pdf in <1@x>\n"), "%s", a);
	free(a);
}

Test(fmt_mbox, messages_are_found_over_the_ends_of_what_is_read_at_once)
{
	enum { MESSAGES = 3000 };
	struct tally_buf box;
	char *lines;
	size_t n = 0;

	tally_buf_init(&box, 1 << 24);
	for (int i = 0; i < MESSAGES; i++)
		cr_assert(tally_buf_printf(&box,
		                           "From a Mon Jun  1 10:00:00 2026\r\n"
		                           "Message-ID: <%d@x>\r\n\r\n%0*d\r\n\r\n",
		                           i, 1 + i % 500, i));
	cr_assert_eq(read_box(box.bytes, box.len, NULL), TALLY_OK, "%s", err.message);
	lines = document_lines(&trace, "fact message");
	for (const char *at = lines; (at = strchr(at, '\n')); at++)
		n++;
	cr_expect_eq(n, MESSAGES);
	free(lines);
	tally_buf_release(&trace);
	tally_buf_release(&box);
}

Test(fmt_mbox, message_beyond_a_limit_is_said_and_the_others_are_read)
{
	static const char box[] = MESSAGE("1@x", "s", "a long text, longer than the others are")
		MESSAGE("2@x", "s", "b");
	struct tally_limits limits = TALLY_LIMITS_INIT;

	limits.mail_bytes = 70;
	cr_assert_eq(read_box(box, sizeof box - 1, &limits), TALLY_PARTIAL, "%s", err.message);
	cr_expect(strstr(trace.bytes, "note limit: mail_bytes: "), "%s", trace.bytes);
	cr_expect(strstr(trace.bytes, "@<1@x>\n") && strstr(trace.bytes, "@<2@x>\n"));
	cr_expect(strstr(trace.bytes, "mail 2 message: b\n"), "%s", trace.bytes);
	tally_buf_release(&trace);
	limits.mail_bytes = 1000;
	limits.mailbox_text = 10;
	cr_assert_eq(read_box(box, sizeof box - 1, &limits), TALLY_SKIP);
	cr_expect(strstr(err.message, "mailbox_text"), "%s", err.message);
	tally_buf_release(&trace);
}

static const char *format_of(const char *name, const char *text)
{
	const struct tally_format *f = NULL;
	struct tally_source *src = NULL;

	cr_assert_eq(tally_source_memory(&src, text, strlen(text), &err), TALLY_OK);
	tally_source_set_name(src, name);
	cr_assert_geq(tally_format_find(&f, NULL, src, &err), 0);
	tally_source_free(src);
	return f ? f->name : "";
}

Test(fmt_mbox, mailboxes_are_known_by_content)
{
	cr_expect_str_eq(format_of("Inbox", MESSAGE("1@x", "s", "a")), "mbox");
	cr_expect_str_eq(format_of("a.mbox", MESSAGE("1@x", "s", "a")), "mbox");
	cr_expect_str_eq(format_of("a.mbox", ""), "mbox");
	cr_expect_str_eq(format_of("a.eml", MESSAGE("1@x", "s", "a")), "eml");
	cr_expect_str_eq(format_of("a.txt", "From here on it is 10:00 and more.\n\nno mail\n"),
	                 "text");
}

Test(fmt_mbox, no_memory_at_any_place_is_told)
{
	static const char bytes[] = MESSAGE("2@x", "s", "a") MESSAGE(
		"1@x", "s",
		">From b") "From a Mon Jun  1 10:00:00 2026\nStatus: RO\nContent-Type: application/pdf\n\nabc\n";

	document_faults("mbox", bytes, sizeof bytes - 1);
}
