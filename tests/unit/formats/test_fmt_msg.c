/* Mails of Outlook: what is told of them, and what is said to be unread. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/format.h"
#include "support/document_faults.h"
#include "support/document_trace.h"
#include "support/ole_maker.h"

TestSuite(fmt_msg);

enum { PARTS = 24 };

/* A file in the making. */
struct item {
	struct ole_part parts[PARTS];
	struct tally_buf bytes[PARTS];
	char names[PARTS][40];
	size_t count;
};

static struct tally_err err;

static struct tally_buf *add(struct item *i, const char *name, unsigned inside)
{
	size_t n = i->count++;

	cr_assert_lt(n, PARTS);
	snprintf(i->names[n], sizeof i->names[n], "%s", name);
	tally_buf_init(&i->bytes[n], 1 << 16);
	i->parts[n] = (struct ole_part){ .name = i->names[n], .inside = inside };
	return &i->bytes[n];
}

/* @return its number, for what is in it */
static unsigned storage(struct item *i, const char *name, unsigned inside)
{
	add(i, name, inside);
	i->parts[i->count - 1].storage = true;
	return (unsigned)i->count;
}

static void text(struct item *i, unsigned property, const char *ascii, unsigned inside)
{
	char name[40];
	struct tally_buf *b;

	snprintf(name, sizeof name, "__substg1.0_%04X001F", property);
	b = add(i, name, inside);
	for (; *ascii; ascii++)
		ole_u16(b, (unsigned char)*ascii);
}

static void raw(struct item *i, unsigned property, const char *type, const char *bytes,
                unsigned inside)
{
	char name[40];

	snprintf(name, sizeof name, "__substg1.0_%04X%s", property, type);
	cr_assert(tally_buf_text(add(i, name, inside), bytes));
}

/* Numbers: pairs of property and value, up to a 0 */
static void numbers(struct item *i, unsigned inside, size_t head, const uint32_t *pairs)
{
	struct tally_buf *b = add(i, "__properties_version1.0", inside);

	for (size_t k = 0; k < head; k++)
		cr_assert(tally_buf_byte(b, '\0'));
	for (; *pairs; pairs += 2) {
		ole_u16(b, 3);
		ole_u16(b, pairs[0]);
		ole_u32(b, 6);
		ole_u32(b, pairs[1]);
		ole_u32(b, 0);
	}
}

static struct tally_buf made(struct item *i)
{
	struct tally_buf file;

	for (size_t k = 0; k < i->count; k++) {
		i->parts[k].bytes = i->bytes[k].bytes;
		i->parts[k].len = i->bytes[k].len;
	}
	file = ole_make(i->parts, i->count);
	for (size_t k = 0; k < i->count; k++)
		tally_buf_release(&i->bytes[k]);
	return file;
}

static char *said(struct item *i, enum tally_status expected)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_buf file = made(i), trace;
	struct tally_sink sink = document_trace(&trace);
	const struct tally_format *format = NULL;
	struct tally_source *src = NULL;
	char *lines;

	cr_assert_eq(tally_source_memory(&src, file.bytes, file.len, &err), TALLY_OK);
	cr_assert_geq(tally_format_find(&format, NULL, src, &err), 0, "%s", err.message);
	cr_assert_str_eq(format ? format->name : "", "msg");
	cr_expect_eq(format->read(src, &options, &sink, &err), expected, "%s", err.message);
	lines = document_lines(&trace, "");
	tally_source_free(src);
	tally_buf_release(&file);
	tally_buf_release(&trace);
	return lines;
}

static void says(struct item *i, enum tally_status expected, const char *lines)
{
	char *mine = said(i, expected);

	cr_expect_str_eq(mine, lines);
	free(mine);
}

Test(fmt_msg, headers_text_recipients_and_attachments)
{
	struct item i = { 0 };
	unsigned to, cc, file;

	text(&i, 0x0037, "Offer", 0);
	text(&i, 0x0042, "Anna", 0);
	text(&i, 0x5D02, "anna@x", 0);
	text(&i, 0x1035, "<1@x>", 0);
	text(&i, 0x1000, "We pay 30.\r\nAnna\r\n", 0);
	numbers(&i, 0, 32, (uint32_t[]){ 0 });
	to = storage(&i, "__recip_version1.0_#00000000", 0);
	text(&i, 0x3001, "Bob", to);
	text(&i, 0x39FE, "bob@x", to);
	numbers(&i, to, 8, (uint32_t[]){ 0x0C15, 1, 0 });
	cc = storage(&i, "__recip_version1.0_#00000001", 0);
	text(&i, 0x3003, "eve@x", cc);
	numbers(&i, cc, 8, (uint32_t[]){ 0x0C15, 2, 0 });
	file = storage(&i, "__attach_version1.0_#00000000", 0);
	text(&i, 0x3707, "a.pdf", file);
	text(&i, 0x370E, "application/pdf", file);
	raw(&i, 0x3701, "0102", "abc", file);
	numbers(&i, file, 8, (uint32_t[]){ 0x3705, 1, 0 });
	says(&i, TALLY_OK,
	     "fact mail_header=Anna <anna@x> @From\nfact mail_header=Offer @Subject\n"
	     "fact mail_header=<1@x> @Message-ID\nmail 0 p: We pay 30.\nmail 0 p: Anna\n"
	     "fact mail_header=Bob <bob@x> @To\nfact mail_header=eve@x @Cc\n"
	     "fact attachment=application/pdf, 3 bytes, sha256:ba7816bf8f01cfea @a.pdf\n");
}

static enum tally_status on_content(void *payload, const char *value, const void *bytes, size_t len,
                                    struct tally_err *why)
{
	(void)why;
	return tally_buf_printf(payload, "%s: %.*s; ", value, (int)len, (const char *)bytes)
	               ? TALLY_OK
	               : TALLY_FATAL;
}

Test(fmt_msg, contents_of_attachments_are_shown_to_whoever_asks)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	static struct tally_limits limits = TALLY_LIMITS_INIT;
	struct tally_sink sink = { .content = on_content };
	struct tally_source *src = NULL;
	struct tally_buf file, shown;
	struct item i = { 0 };
	unsigned at;

	numbers(&i, 0, 32, (uint32_t[]){ 0 });
	at = storage(&i, "__attach_version1.0_#00000000", 0);
	text(&i, 0x3707, "a.png", at);
	text(&i, 0x370E, "image/png", at);
	raw(&i, 0x3701, "0102", "abc", at);
	numbers(&i, at, 8, (uint32_t[]){ 0x3705, 1, 0 });
	file = made(&i);
	options.limits = &limits;
	tally_buf_init(&shown, 1000);
	sink.payload = &shown;
	cr_assert_eq(tally_source_memory(&src, file.bytes, file.len, &err), TALLY_OK);
	cr_expect_eq(tally_format_by_name("msg")->read(src, &options, &sink, &err), TALLY_OK);
	cr_expect_str_eq(shown.bytes, "image/png, 3 bytes, sha256:ba7816bf8f01cfea: abc; ");
	tally_source_free(src);
	tally_buf_release(&file);
	tally_buf_release(&shown);
}

Test(fmt_msg, who_has_an_address_of_exchange_alone_is_told_by_name)
{
	struct item i = { 0 };

	text(&i, 0x0042, "Anna", 0);
	text(&i, 0x0065, "/O=EXCHANGELABS/OU=X/CN=RECIPIENTS/CN=1-ANNA", 0);
	numbers(&i, 0, 32, (uint32_t[]){ 0 });
	says(&i, TALLY_OK, "fact mail_header=Anna @From\n");
}

Test(fmt_msg, text_and_html_are_compared_and_code_pages_read)
{
	struct item i = { 0 };

	raw(&i, 0x0037, "001E", "\xcc\xe8\xf0", 0);
	raw(&i, 0x1000, "001E", "\xcc\xe8\xf0 90", 0);
	raw(&i, 0x1013, "0102", "<p>\xed\xc9\xd2 30", 0);
	numbers(&i, 0, 32, (uint32_t[]){ 0x3FF1, 1049, 0x3FDE, 20866, 0 });
	says(&i, TALLY_OK,
	     "fact mail_header=\xd0\x9c\xd0\xb8\xd1\x80 @Subject\n"
	     "mail 0 p: \xd0\x9c\xd0\xb8\xd1\x80 30\n"
	     "fact parts_disagree=only the plain text: 90; only the HTML: 30 @text and HTML\n");
}

Test(fmt_msg, attached_mail_is_read)
{
	struct item i = { 0 };
	unsigned file, mail;

	text(&i, 0x0037, "Fwd", 0);
	numbers(&i, 0, 32, (uint32_t[]){ 0 });
	file = storage(&i, "__attach_version1.0_#00000000", 0);
	numbers(&i, file, 8, (uint32_t[]){ 0x3705, 5, 0 });
	mail = storage(&i, "__substg1.0_3701000D", file);
	text(&i, 0x0037, "Offer", mail);
	text(&i, 0x1000, "30 Euro", mail);
	numbers(&i, mail, 24, (uint32_t[]){ 0 });
	says(&i, TALLY_OK,
	     "fact mail_header=Fwd @Subject\nfact mail_header=Offer @Subject (mail 2)\n"
	     "mail 2 p: 30 Euro\n");
}

Test(fmt_msg, what_is_not_read_is_said)
{
	struct item rtf = { 0 }, task = { 0 }, hidden = { 0 };
	char *a;

	raw(&rtf, 0x1009, "0102", "abc", 0);
	numbers(&rtf, 0, 32, (uint32_t[]){ 0 });
	a = said(&rtf, TALLY_PARTIAL);
	cr_expect(strstr(a, "note format_unknown: the text of a mail is RTF, which is not read"),
	          "%s", a);
	cr_expect(strstr(a, "@other properties (of Outlook)"), "%s", a);
	free(a);
	text(&task, 0x001A, "IPM.Task", 0);
	numbers(&task, 0, 32, (uint32_t[]){ 0 });
	a = said(&task, TALLY_PARTIAL);
	cr_expect(strstr(a, "note format_unknown: an item of Outlook that is no mail"), "%s", a);
	free(a);
	text(&hidden, 0x001A, "IPM.Note.SMIME", 0);
	numbers(&hidden, 0, 32, (uint32_t[]){ 0 });
	a = said(&hidden, TALLY_PARTIAL);
	cr_expect(strstr(a, "note encrypted: a mail is encrypted or signed (S/MIME)"), "%s", a);
	free(a);
}

Test(fmt_msg, numbers_that_cannot_be_read_are_said)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct item i = { 0 };
	struct tally_buf file, trace;
	struct tally_sink sink = document_trace(&trace);
	struct tally_source *src = NULL;

	numbers(&i, 0, 32, (uint32_t[]){ 0x3FFD, 1251, 0 });
	raw(&i, 0x0037, "001E", "Offer", 0);
	file = made(&i);
	ole_set_u32(&file, ole_entry_at(&file, 1) + 120, 100000); /* its length */
	cr_assert_eq(tally_source_memory(&src, file.bytes, file.len, &err), TALLY_OK);
	cr_expect_eq(tally_format_by_name("msg")->read(src, &options, &sink, &err), TALLY_PARTIAL);
	cr_expect(strstr(trace.bytes, "note damaged: numbers of an item of Outlook\n"), "%s",
	          trace.bytes);
	cr_expect(strstr(trace.bytes, "fact mail_header=Offer @Subject\n"), "%s", trace.bytes);
	tally_source_free(src);
	tally_buf_release(&file);
	tally_buf_release(&trace);
}

Test(fmt_msg, other_properties_still_tell)
{
	struct item one = { 0 }, other = { 0 };
	char *a, *b;

	numbers(&one, 0, 32, (uint32_t[]){ 0x0017, 1, 0 });
	numbers(&other, 0, 32, (uint32_t[]){ 0x0017, 2, 0 });
	a = said(&one, TALLY_OK);
	b = said(&other, TALLY_OK);
	cr_expect(strstr(a, "fact part=1, with the digest "), "%s", a);
	cr_expect_str_neq(a, b);
	free(a);
	free(b);
}

Test(fmt_msg, no_memory_at_any_place_is_told)
{
	struct item i = { 0 };
	struct tally_buf file;
	unsigned part;

	text(&i, 0x0037, "Offer", 0);
	text(&i, 0x1000, "We pay 30.", 0);
	numbers(&i, 0, 32, (uint32_t[]){ 0x0017, 1, 0 });
	part = storage(&i, "__recip_version1.0_#00000000", 0);
	text(&i, 0x3001, "Bob", part);
	part = storage(&i, "__attach_version1.0_#00000000", 0);
	raw(&i, 0x3701, "0102", "abc", part);
	part = storage(&i, "__attach_version1.0_#00000001", 0);
	numbers(&i, part, 8, (uint32_t[]){ 0x3705, 5, 0 });
	part = storage(&i, "__substg1.0_3701000D", part);
	text(&i, 0x0037, "Offer", part);
	file = made(&i);
	document_faults("msg", file.bytes, file.len);
	tally_buf_release(&file);
}
