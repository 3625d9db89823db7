/* Mails: what is written and attached tells, how it is packed does not. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "formats/format.h"
#include "support/document_faults.h"
#include "support/document_trace.h"

TestSuite(fmt_eml);

static struct tally_buf trace;
static struct tally_err err;

static enum tally_status read_into(struct tally_buf *out, const char *text, size_t len)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_sink sink = document_trace(out);
	struct tally_source *src = NULL;
	enum tally_status st;

	cr_assert_eq(tally_source_memory(&src, text, len, &err), TALLY_OK);
	st = tally_format_by_name("eml")->read(src, &options, &sink, &err);
	tally_source_free(src);
	return st;
}

static char *said_as(enum tally_status expected, const char *text)
{
	char *lines;

	cr_assert_eq(read_into(&trace, text, strlen(text)), expected, "%s", err.message);
	lines = document_lines(&trace, "");
	tally_buf_release(&trace);
	return lines;
}

static char *said(const char *text)
{
	return said_as(TALLY_OK, text);
}

static void says(const char *text, const char *lines)
{
	char *mine = said(text);

	cr_expect_str_eq(mine, lines);
	free(mine);
}

static void same(const char *one, const char *other)
{
	char *a = said(one), *b = said(other);

	cr_expect_str_eq(a, b);
	free(a);
	free(b);
}

static void has(char *lines, const char *part)
{
	cr_expect(strstr(lines, part), "'%s' is not in:\n%s", part, lines);
}

static void has_not(char *lines, const char *part)
{
	cr_expect_not(strstr(lines, part), "'%s' is in:\n%s", part, lines);
}

static enum tally_status add_sum(void *payload, const struct tally_fact *f, struct tally_err *e)
{
	(void)e;
	if (!strcmp(f->name, "unread"))
		cr_assert(tally_buf_printf(payload, "%s %s\n", f->where, f->value));
	return TALLY_OK;
}

/* ---- headers ---- */

Test(fmt_eml, transfer_encoding_folding_and_charset_are_no_change)
{
	same("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= an alle\n"
	     "Content-Type: text/plain; charset=utf-8\n\nGr\xc3\xbc\xc3\x9f"
	     "e\n",
	     "Subject: =?utf-8?b?R3LDvMOfZQ==?=\n an alle\n"
	     "Content-Type: text/plain; charset=utf-8\n"
	     "Content-Transfer-Encoding: base64\n\nR3LDvMOfZQo=\n");
	same("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n"
	     "Content-Type: text/plain; charset=utf-8\n\nGr\xc3\xbc\xc3\x9f"
	     "e\n",
	     "Subject: =?iso-8859-1?q?Gr=FC=DFe?=\r\n"
	     "Content-Transfer-Encoding: quoted-printable\r\n"
	     "Content-Type: text/plain; charset=\"ISO-8859-1\"\r\n\r\nGr=FC=\r\n=DFe\r\n");
}

Test(fmt_eml, another_width_of_the_lines_is_no_change)
{
	same("Content-Type: text/plain\n\nDear Peter,\n\nthe goods are delivered in the week after the order was\n"
	     "confirmed, unless one of the parties asks for another day; they\nare paid within thirty days of "
	     "the invoice, and stay ours until\nall of it is paid.\n\n> Please tell us when the goods of the last "
	     "order will arrive, and\n> whether the price of the paper is still the one that was agreed\n> in "
	     "March, or another one.\n",
	     "Content-Type: text/plain\n\nDear Peter,\n\nthe goods are delivered in the week after the\norder "
	     "was confirmed, unless one of the parties\nasks for another day; they are paid within thirty\ndays "
	     "of the invoice, and stay ours until all of it\nis paid.\n\n> Please tell us when the goods of the last\n"
	     "> order will arrive, and whether the price of the\n> paper is still the one that was agreed in\n> March, "
	     "or another one.\n");
	says("Content-Type: text/plain\n\nAnna Meier\nMarket Square 5\n3000 Bern\n\nOur telephone: 555 67 10\n",
	     "mail 0 p: Anna Meier\nmail 0 p: Market Square 5\nmail 0 p: 3000 Bern\n"
	     "mail 0 p: Our telephone: 555 67 10\n");
}

Test(fmt_eml, headers_that_people_see_are_facts)
{
	says("Message-id: <1@x>\nfrom: Anna <a@x>\nTO: b@x,\n c@x\nCc: d@x\nBcc: e@x\nReply-To: f@x\n"
	     "Subject: Offer\nDate: Mon, 1 Jun 2026 10:00:00 +0200\n\nhello\n",
	     "fact mail_header=<1@x> @Message-ID\nfact mail_header=Anna <a@x> @From\n"
	     "fact mail_header=b@x, c@x @To\nfact mail_header=d@x @Cc\nfact mail_header=e@x @Bcc\n"
	     "fact mail_header=f@x @Reply-To\nfact mail_header=Offer @Subject\n"
	     "fact mail_header=Mon, 1 Jun 2026 10:00:00 +0200 @Date\nmail 0 p: hello\n");
}

Test(fmt_eml, quotes_and_encodings_of_names_are_no_change)
{
	same("From: \"M\xc3\xbcller Anna\" <a@x>\n\nhello\n",
	     "From: =?utf-8?q?M=C3=BCller_Anna?=\n <a@x>\n\nhello\n");
}

Test(fmt_eml, headers_of_transport_are_counted)
{
	char *a = said("Received: from a\nReceived: from b\nSubject: x\n\nhello\n");
	char *b = said("Received: from a\nReceived: from c\nSubject: x\n\nhello\n");

	has(a, "fact part=2 lines, 34 bytes, sha256:");
	has(a, "@headers of transport");
	has_not(a, "from a");
	cr_expect_str_neq(a, b);
	free(a);
	free(b);
}

Test(fmt_eml, header_in_an_unknown_charset_is_said)
{
	char *a = said_as(TALLY_PARTIAL, "Subject: =?klingon?q?abc?=\n\nhello\n");

	has(a, "note format_unknown: a header in letters that are not known");
	free(a);
}

/* ---- text ---- */

Test(fmt_eml, charsets_become_utf8)
{
	static const struct {
		const char *charset, *bytes, *text;
	} all[] = {
		{ "windows-1252", "3 \x80", "3 \xe2\x82\xac" },
		{ "iso-8859-15", "3 \xa4", "3 \xe2\x82\xac" },
		{ "koi8-r", "\xcd\xc9\xd2", "\xd0\xbc\xd0\xb8\xd1\x80" },
		{ "Windows-1251", "\xec\xe8\xf0", "\xd0\xbc\xd0\xb8\xd1\x80" },
		{ "Shift_JIS", "\x93\xfa\x96\x7b", "\xe6\x97\xa5\xe6\x9c\xac" },
		{ "iso-2022-jp", "\x1b$BF|K\\\x1b(B", "\xe6\x97\xa5\xe6\x9c\xac" },
		{ "gb2312", "\xd6\xd0", "\xe4\xb8\xad" },
		{ "big5", "\xa4\xa4", "\xe4\xb8\xad" },
		{ "euc-kr", "\xc7\xd1", "\xed\x95\x9c" },
		{ "us-ascii", "Gr\xc3\xbc\xc3\x9f", "Gr\xc3\xbc\xc3\x9f" },
		{ "us-ascii", "Gr\xfc\xdf", "Gr\xc3\xbc\xc3\x9f" },
		{ "UTF-8", "Gr\xc3\xbc\xc3\x9f", "Gr\xc3\xbc\xc3\x9f" },
	};
	char mail[200], line[100];

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		snprintf(mail, sizeof mail, "Content-Type: text/plain; charset=%s\n\n%s\n",
		         all[i].charset, all[i].bytes);
		snprintf(line, sizeof line, "mail 0 p: %s\n", all[i].text);
		says(mail, line);
	}
}

Test(fmt_eml, charset_that_only_the_html_names)
{
	says("Content-Type: text/html\n\n<meta charset=koi8-r><p>\xcd\xc9\xd2\n",
	     "mail 0 p: \xd0\xbc\xd0\xb8\xd1\x80\n");
}

Test(fmt_eml, text_behind_the_last_part_still_tells)
{
	char *a = said("Content-Type: multipart/mixed; boundary=x\n\n--x\n\nhello\n--x--\nbehind\n");
	char *b = said("Content-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\nhello\r\n--y--\r\n"
	               "behind\r\n\r\n");

	has(a, "fact hidden_text=behind @behind the last part");
	cr_expect_str_eq(a, b);
	free(a);
	free(b);
}

Test(fmt_eml, text_before_the_first_part_tells_unless_programs_write_it)
{
	char *a = said("Content-Type: multipart/mixed; boundary=x\n\nPay to another account.\n--x\n\n"
	               "hello\n--x--\n");

	has(a, "fact hidden_text=Pay to another account. @before the first part");
	free(a);
	same("Content-Type: multipart/mixed; boundary=x\n\n--x\n\nhello\n--x--\n",
	     "Content-Type: multipart/mixed; boundary=x\n\nThis is a multi-part message in MIME "
	     "format.\n\n--x\n\nhello\n--x--\n");
}

/* The sum of what parts say besides their contents. */
static char *sum_of(const char *text)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_buf sums;
	struct tally_sink sink = { .payload = &sums, .fact = add_sum };
	struct tally_source *src = NULL;

	tally_buf_init(&sums, 1 << 20);
	cr_assert_eq(tally_source_memory(&src, text, strlen(text), &err), TALLY_OK);
	cr_assert_geq(tally_format_by_name("eml")->read(src, &options, &sink, &err), TALLY_PARTIAL);
	tally_source_free(src);
	return sums.bytes;
}

static bool same_sums(const char *one, const char *other)
{
	char *a = sum_of(one), *b = sum_of(other);
	bool same = !strcmp(a, b);

	tally_free(a);
	tally_free(b);
	return same;
}

#define PARTS(headers, type) \
	"Content-Type: " type "; boundary=x\n\n--x\n\nhi\n--x\n" headers "\n\nabc\n--x--\n"

Test(fmt_eml, headers_of_parts_are_in_a_sum)
{
	static const char pdf[] = PARTS("Content-Type: application/pdf; name=a.pdf\nX-One: 1\n"
	                                "X-Two: 2",
	                                "multipart/mixed");
	static const char *const others[] = {
		PARTS("Content-Type: application/pdf; name=a.pdf\nX-One: 1\nX-Two: 3",
		      "multipart/mixed"),
		PARTS("Content-Type: application/pdf; name=a.pdf\nX-One: 1", "multipart/mixed"),
		PARTS("Content-Type: application/pdf; name=a.pdf; a=b\nX-One: 1\nX-Two: 2",
		      "multipart/mixed"),
		PARTS("Content-Type: application/pdf; name=a.pdf\nX-One: 1\nX-Two: 2\n"
		      "Content-Disposition: attachment",
		      "multipart/mixed"),
		PARTS("Content-Type: application/pdf; name=a.pdf\nX-One: 1\nX-Two: 2",
		      "multipart/related"),
		PARTS("Content-Type: application/pdf; name=a.pdf\nX-One: 1\nX-Two: 2\nContent-ID: <1>",
		      "multipart/mixed"),
	};

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		cr_expect_not(same_sums(pdf, others[i]), "%s", others[i]);
	cr_expect(same_sums(pdf, PARTS("x-two: 2\nX-One:\n 1\nContent-Transfer-Encoding: 7bit\n"
	                               "Content-Disposition: inline; filename=a.pdf\n"
	                               "Content-Type: application/pdf",
	                               "multipart/mixed")));
}

Test(fmt_eml, order_of_headers_with_other_names_is_no_change)
{
	same("Subject: x\nX-A: 1\nX-B: 2\n\nhi\n", "Subject: x\nX-B: 2\nX-A: 1\n\nhi\n");
}

Test(fmt_eml, pictures_are_called_by_their_place_and_not_by_numbers_of_programs)
{
	static const char one[] = "Content-Type: multipart/related; boundary=r\n\n--r\n"
				  "Content-Type: text/html\n\n<p>hi <img src='cid:%s'>\n--r\n"
				  "Content-Type: image/png\nContent-ID: <%s>\n\nabc\n--r\n"
				  "Content-Type: image/png\nContent-ID: <%s>\n\nabd\n--r--\n";
	char a[512], b[512], c[512], *said_c;

	snprintf(a, sizeof a, one, "1", "1", "2");
	snprintf(b, sizeof b, one, "7", "7", "2");
	snprintf(c, sizeof c, one, "1", "2", "1");
	same(a, b);
	cr_expect(same_sums(a, b));
	said_c = said(c);
	has(said_c, "fact image=picture 2 of the mail");
	free(said_c);
	snprintf(c, sizeof c, one, "9", "2", "1");
	said_c = said(c);
	has(said_c, "fact image=a picture that is not in the mail");
	free(said_c);
}

Test(fmt_eml, lines_that_are_no_headers_and_odd_addresses_still_tell)
{
	char *a = said(
		"From joe@x Fri Feb 19 08:41:30 2010\nFrom: John <j@machine.  example>\n\nhi\n");

	has(a, "fact part=From joe@x Fri Feb 19 08:41:30 2010 @line of a mailbox in front of it");
	has(a, "example");
	free(a);
	cr_expect_not(same_sums("Subject: a\nstray one\nTo: b\n\nhi\n",
	                        "Subject: a\nstray two\nTo: b\n\nhi\n"));
}

Test(fmt_eml, calendars_are_read)
{
	says("Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\r\nSUMMARY:Mee\r\n"
	     " ting\r\nEND:VCALENDAR\r\n",
	     "mail 0 p: BEGIN:VCALENDAR\nmail 0 p: SUMMARY:Meeting\nmail 0 p: END:VCALENDAR\n");
}

Test(fmt_eml, pieces_and_texts_that_are_kept_elsewhere_are_said)
{
	char *a = said_as(TALLY_PARTIAL, "Content-Type: message/partial; id=1; number=1\n\nabc\n");
	char *b = said("Content-Type: message/external-body; access-type=URL;\n"
	               " URL=\"http://a.example/x\"\n\nabc\n");

	has(a, "note format_unknown: a mail that was cut into several, of which this is one");
	has(b, "fact external_target=http://a.example/x @text that is kept elsewhere");
	free(a);
	free(b);
}

Test(fmt_eml, unknown_charset_is_said_and_the_bytes_still_tell)
{
	char *a = said_as(TALLY_PARTIAL, "Content-Type: text/plain; charset=klingon\n\nhello\n");
	char *b = said_as(TALLY_PARTIAL, "Content-Type: text/plain; charset=klingon\n\nhallo\n");

	has(a, "note format_unknown: text in letters that are not known ('klingon')");
	has(a, "@plain text");
	cr_expect_str_neq(a, b);
	free(a);
	free(b);
}

Test(fmt_eml, bytes_that_are_no_letters_are_said)
{
	char *a = said_as(TALLY_PARTIAL, "Content-Type: text/plain; charset=euc-jp\n\nab\xa4\n");

	has(a, "note malformed: the text of a mail has bytes that are no letters");
	has(a, "mail 0 p: ab\xff\xa4");
	free(a);
}

Test(fmt_eml, flowed_lines_are_one)
{
	says("Content-Type: text/plain; format=flowed\n\nOne line \nthat goes on.\n From here\n-- \nAnna\n",
	     "mail 0 p: One line that goes on.\nmail 0 p: From here\nmail 0 p: --\nmail 0 p: Anna\n");
}

/* ---- two forms of one text ---- */

#define FORMS(text, html)                                                                           \
	"Content-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain\n\n" text \
	"\n--x\nContent-Type: text/html\n\n" html "\n--x--\n"

Test(fmt_eml, text_and_html_that_agree_are_told_once)
{
	says(FORMS("We pay 30 \xe2\x82\xac within\n10 days: https://example.org.\n\n* Anna\n",
	           "<p>We pay <b>30 \xe2\x82\xac</b> within 10&nbsp;days: "
	           "<a href='https://example.org/'>here</a><li>Anna"),
	     "fact link=https://example.org/ @here\n"
	     "mail 0 p: We pay 30 \xe2\x82\xac within 10\xc2\xa0"
	     "days: here\nmail 0 li1: Anna\n"
	     "fact parts_disagree=only the HTML: here @text and HTML\n");
	says(FORMS("We pay 30 within\n10 days.\n", "<p>We pay 30 within 10 days.</p>"),
	     "mail 0 p: We pay 30 within 10 days.\n");
}

Test(fmt_eml, text_and_html_that_disagree_are_said)
{
	says(FORMS("Dear Bob,\nwe pay 90 within 10 days.\nAnna\n",
	           "<p>Dear Bob,<p>we pay 30 within 10 days.<p>Anna"),
	     "mail 0 p: Dear Bob,\nmail 0 p: we pay 30 within 10 days.\nmail 0 p: Anna\n"
	     "fact parts_disagree=only the plain text: 90; only the HTML: 30 @text and HTML\n");
}

Test(fmt_eml, text_that_has_little_to_do_with_its_html_is_told_too)
{
	char *a = said(FORMS("one two three four five six seven eight nine ten eleven twelve more\n"
	                     "hello\n",
	                     "<p>something else, hello"));

	has(a, "mail 0 p: something else, hello\n");
	has(a, "fact parts_disagree=only the plain text: one two three four five six seven eight nine "
	       "ten eleven twelve and 1 more; only the HTML: something else, 85 bytes, sha256:");
	has(a, "mail 0 p: one two three four five six seven eight nine ten eleven twelve more\n");
	has_not(a, "mail 0 p: hello\n");
	free(a);
	says(FORMS("A pays B\n", "<p>B pays A"),
	     "mail 0 p: B pays A\n"
	     "fact parts_disagree=the same words in another order @text and HTML\n"
	     "mail 0 p: A pays B\n");
}

Test(fmt_eml, order_of_text_and_html_is_no_change)
{
	same(FORMS("we pay 90\n", "<p>we pay 30"),
	     "Content-Type: multipart/alternative; boundary=y\n\n--y\nContent-Type: text/html\n\n"
	     "<p>we pay 30\n--y\nContent-Type: text/plain\n\nwe pay 90\n--y--\n");
}

Test(fmt_eml, html_with_pictures_of_its_own_is_read_beside_its_text)
{
	char *a = said("Content-Type: multipart/alternative; boundary=a\n\n--a\n"
	               "Content-Type: text/plain\n\nhello\n--a\n"
	               "Content-Type: multipart/related; boundary=r\n\n--r\n"
	               "Content-Type: text/html\n\n<p>hello <img src='cid:1@x'>\n--r\n"
	               "Content-Type: image/png\nContent-ID: <1@x>\n\nabc\n--r--\n--a--\n");

	has(a,
	    "fact image=picture 1 of the mail\nmail 0 p: hello\nfact attachment=image/png, 3 bytes");
	has_not(a, "parts_disagree");
	free(a);
}

/* ---- parts ---- */

Test(fmt_eml, attachment_is_told_by_name_type_and_content)
{
	const char *a = "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\n"
			"hello\n--x\nContent-Type: application/pdf; name=a.pdf\n\nabc\n--x--\n";

	says(a, "mail 0 p: hello\n"
	        "fact attachment=application/pdf, 3 bytes, sha256:ba7816bf8f01cfea @a.pdf\n");
	same(a, "Content-Type: multipart/mixed; boundary=\"=_other\"\n\n--=_other\n\nhello\n--=_other\n"
	        "Content-Type: application/PDF\nContent-Transfer-Encoding: base64\n"
	        "Content-Disposition: attachment; filename*=utf-8''a%2Epdf\n\nYWJj\n--=_other--\n");
}

Test(fmt_eml, line_ends_of_an_attached_text_are_those_of_who_packed_it)
{
	same("Content-Type: text/csv; name=a.csv\nContent-Transfer-Encoding: base64\n\nYQ0KYg0K\n",
	     "Content-Type: text/csv; name=a.csv\nContent-Transfer-Encoding: quoted-printable\n\na\nb\n");
	same("Content-Type: application/pgp-signature\r\n\r\na\r\nb\r\n",
	     "Content-Type: application/pgp-signature\n\na\nb\n");
}

Test(fmt_eml, attached_mail_is_read)
{
	says("Subject: Fwd\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nsee below\n--x\n"
	     "Content-Type: message/rfc822\n\nSubject: Offer\nFrom: a@x\n\n30 Euro\n--x--\n",
	     "fact mail_header=Fwd @Subject\nmail 0 p: see below\n"
	     "fact mail_header=Offer @Subject (mail 2)\nfact mail_header=a@x @From (mail 2)\n"
	     "mail 2 p: 30 Euro\n");
}

Test(fmt_eml, signatures_and_encrypted_parts_are_said)
{
	char *a = said("Content-Type: multipart/signed; boundary=x\n\n--x\n\nhello\n--x\n"
	               "Content-Type: application/pgp-signature; name=s.asc\n\nabc\n--x--\n");
	char *b = said_as(TALLY_PARTIAL, "Content-Type: multipart/encrypted; boundary=x\n\n--x\n"
	                                 "Content-Type: application/pgp-encrypted\n\nVersion: 1\n--x\n"
	                                 "Content-Type: application/octet-stream\n\nabc\n--x--\n");
	char *c = said_as(TALLY_PARTIAL, "Content-Type: application/pkcs7-mime; "
	                                 "smime-type=enveloped-data\n\nabc\n");
	char *d = said_as(TALLY_PARTIAL,
	                  "Content-Type: application/pkcs7-mime; smime-type=signed-data\n\nabc\n");

	has(a, "mail 0 p: hello\nfact signature=application/pgp-signature, 3 bytes, sha256:");
	has(a, "@PGP\n");
	has(b, "note encrypted: a part of a mail is encrypted (PGP)\n");
	has(c, "note encrypted: a part of a mail is encrypted (S/MIME)\n");
	has(d, "note format_unknown: what is inside a signature (S/MIME) is not read\n");
	has(d, "fact signature=application/pkcs7-mime, 4 bytes, sha256:");
	free(a);
	free(b);
	free(c);
	free(d);
}

Test(fmt_eml, winmail_dat_is_an_attachment_that_is_not_looked_into)
{
	says("Content-Type: application/ms-tnef; name=winmail.dat\n\nabc\n",
	     "fact attachment=application/ms-tnef, 4 bytes, sha256:edeaaff3f1774ad2, not looked into "
	     "@winmail.dat\n");
}

/* ---- limits, threads, other files ---- */

Test(fmt_eml, ten_thousand_multiparts_inside_each_other_are_a_limit)
{
	struct tally_buf bomb;
	char part[80];

	tally_buf_init(&bomb, 1 << 20);
	for (int i = 0; i < 10000; i++) {
		snprintf(part, sizeof part,
		         "Content-Type:\n multipart/mixed; boundary=%d\n\n--%d\n", i, i);
		cr_assert(tally_buf_text(&bomb, part));
	}
	cr_expect_eq(read_into(&trace, bomb.bytes, bomb.len), TALLY_SKIP);
	cr_expect_eq(err.reason, TALLY_REASON_LIMIT);
	cr_expect(strstr(err.message, "mail_nested"), "%s", err.message);
	tally_buf_release(&trace);
	tally_buf_release(&bomb);
}

Test(fmt_eml, a_thousand_inside_each_other_are_read)
{
	struct tally_buf deep;

	tally_buf_init(&deep, 1 << 20);
	for (int i = 0; i < 1000; i++)
		cr_assert(tally_buf_printf(
			&deep, "Content-Type: multipart/mixed; boundary=%d\n\n--%d\n", i, i));
	cr_assert(tally_buf_text(&deep, "\nhello\n"));
	cr_expect_eq(read_into(&trace, deep.bytes, deep.len), TALLY_OK, "%s", err.message);
	cr_expect(strstr(trace.bytes, "hello"));
	tally_buf_release(&trace);
	tally_buf_release(&deep);
}

static pthread_barrier_t barrier;

static void *read_at_once(void *out)
{
	static const char mail[] = "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n"
				   "Content-Type: text/plain; charset=koi8-r\n\n\xcd\xc9\xd2\n";

	pthread_barrier_wait(&barrier);
	read_into(out, mail, sizeof mail - 1);
	return NULL;
}

/* Both sides of a pair are read at once, and either may be the first that needs gmime. */
Test(fmt_eml, first_mails_are_read_at_once)
{
	enum { THREADS = 8 };
	pthread_t threads[THREADS];
	struct tally_buf out[THREADS];

	pthread_barrier_init(&barrier, NULL, THREADS);
	for (int i = 0; i < THREADS; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, read_at_once, &out[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		cr_expect_str_eq(out[i].bytes, "fact mail_header=Gr\xc3\xbc\xc3\x9f"
		                               "e @Subject\nmail 0 p: \xd0\xbc\xd0\xb8\xd1\x80\n");
	}
	for (int i = 0; i < THREADS; i++)
		tally_buf_release(&out[i]);
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

Test(fmt_eml, mails_are_known_by_what_they_begin_with)
{
	static const char mail[] = "Return-Path: <a@x>\nReceived: from x\n by y\nFrom: a@x\nTo: b@x\n"
				   "Subject: s\n\nhello\n";

	cr_expect_str_eq(format_of("1577.M1P2.host:2,S", mail), "eml");
	cr_expect_str_eq(format_of("a.eml", mail), "eml");
	cr_expect_str_eq(format_of("a.eml", "hello\n"), "eml");
	cr_expect_str_eq(format_of("a.txt", "To: all\nSubject: lunch\n\nhello\n"), "text");
	cr_expect_str_eq(format_of("a.txt", "From here on: nothing.\n"), "text");
}

Test(fmt_eml, no_memory_at_any_place_is_told)
{
	static const char bytes[] =
		"From: Anna <a@x>\nSubject: =?utf-8?q?=C3=A4?=\nReceived: x\n"
		"Content-Type: multipart/mixed; boundary=m\n\n--m\n\nhello\n"
		"\n--m\nContent-Type: application/pdf; name=a.pdf\n\nabc\n--m\n"
		"Content-Type: text/plain; charset=koi8-r; format=flowed\n\n\xcd\xc9 \nx\n--m--\n";

	document_faults("eml", bytes, sizeof bytes - 1);
}
