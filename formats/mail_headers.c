/* Headers of mails as facts: those that people see by what they say, the others by their number and a digest. */
#include <string.h>
#include <strings.h>

#include "core/ascii.h"
#include "core/hash.h"
#include "formats/letters.h"
#include "formats/mail_work.h"
#include "formats/text_file.h"

/* Shown by mail programs, or telling them what to do where somebody sees it. */
static const struct shown {
	const char *name;
	bool addresses;
} shown[] = {
	{ "From", true },        { "Sender", true },
	{ "Reply-To", true },    { "To", true },
	{ "Cc", true },          { "Bcc", true },
	{ "Subject", false },    { "Date", false },
	{ "Message-ID", false }, { "In-Reply-To", false },
	{ "References", false }, { "Comments", false },
	{ "Keywords", false },   { "Organization", false },
	{ "Importance", false }, { "Priority", false },
	{ "X-Priority", false }, { "Sensitivity", false },
	{ "Expires", false },    { "Disposition-Notification-To", true },
	{ "Newsgroups", false }, { "Followup-To", false },
	{ "Resent-From", true }, { "Resent-To", true },
	{ "Resent-Cc", true },   { "Resent-Date", false },
};

static const struct shown *find(const char *name)
{
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
		if (!strcasecmp(shown[i].name, name))
			return &shown[i];
	return NULL;
}

/* How a part is packed is no header that a reader sees. */
static bool is_packing(const char *name, const char *value)
{
	return !strncasecmp(name, "Content-", 8) ||
	       (!strcasecmp(name, "MIME-Version") &&
	        !strcmp(value + strspn(value, " \t\r\n"), "1.0")) ||
	       !strcasecmp(name, "Lines");
}

/* Written by mail programs into their mailboxes, anew whenever somebody reads. */
static bool is_mark(const char *name)
{
	static const char *const names[] = { "Status",     "X-Status",       "X-UID",
		                             "X-UIDL",     "X-Keywords",     "X-IMAP",
		                             "X-IMAPbase", "Content-Length", "X-Gmail-Labels" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcasecmp(names[i], name))
			return true;
	return !strncasecmp(name, "X-Mozilla-", 10);
}

bool tally_mail_unfolded(struct tally_buf *out, const char *value)
{
	bool blank = false, any = false;

	for (; *value; value++) {
		if (strchr(" \t\r\n", *value)) {
			blank = any;
			continue;
		}
		if ((blank && !tally_buf_byte(out, ' ')) || !tally_buf_byte(out, *value))
			return false;
		blank = false;
		any = true;
	}
	return true;
}

/* Encoded words in a charset that nobody knows are not decoded. */
static enum tally_status check_words(struct tally_mail *m, const char *raw, const char *name)
{
	for (const char *at = raw ? strstr(raw, "=?") : NULL; at; at = strstr(at + 2, "=?")) {
		size_t n = strcspn(at + 2, "?* \t\r\n");
		enum tally_status st;

		if (strchr("?*", at[2 + n]) && n && at[2 + n] && !tally_letters_known(at + 2, n)) {
			st = tally_mail_place(m, name) ? TALLY_OK : tally_err_nomem(m->err);
			return st < 0 ? st
			              : tally_mail_note(m, TALLY_REASON_FORMAT_UNKNOWN,
			                                "a header in letters that are not known");
		}
	}
	return TALLY_OK;
}

static size_t letters_in(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += tally_is_digit(*text) || tally_is_letter(*text) || (unsigned char)*text >= 0x80;
	return n;
}

/* Addresses in one spelling, whatever is quoted or folded in them. */
static bool add_addresses(struct tally_buf *out, const char *raw, const char *decoded)
{
	InternetAddressList *list = raw ? tally_mail_calls.internet_address_list_parse(NULL, raw)
	                                : NULL;
	char *text = list ? tally_mail_calls.internet_address_list_to_string(list, NULL, FALSE)
	                  : NULL;
	bool ok = tally_mail_unfolded(
		out, text && letters_in(text) == letters_in(decoded) ? text : decoded);

	tally_mail_calls.g_free(text);
	if (list)
		tally_mail_calls.g_object_unref(list);
	return ok;
}

static enum tally_status push(struct tally_mail *m, const struct shown *kind, GMimeHeader *h)
{
	const char *value = tally_mail_calls.g_mime_header_get_value(h);
	const char *raw = tally_mail_calls.g_mime_header_get_raw_value(h);
	enum tally_status st = check_words(m, raw, kind->name);
	bool ok;

	if (st < 0)
		return st;
	tally_buf_clear(&m->value);
	value = value ? value : "";
	ok = kind->addresses ? add_addresses(&m->value, raw, value)
	                     : tally_mail_unfolded(&m->value, value);
	if (!ok || !tally_buf_byte(&m->value, '\0') || !tally_mail_place(m, kind->name))
		return tally_err_nomem(m->err);
	return tally_mail_fact(m, "mail_header", m->value.bytes, m->where.bytes);
}

static enum tally_status push_others(struct tally_mail *m, const struct tally_buf *others,
                                     unsigned count)
{
	enum tally_status st;

	tally_buf_clear(&m->value);
	if (!tally_buf_printf(&m->value, count == 1 ? "%u line" : "%u lines", count))
		return tally_err_nomem(m->err);
	st = tally_mail_digest(m, others->bytes, others->len);
	if (st >= 0 && !tally_mail_place(m, "headers of transport"))
		st = tally_err_nomem(m->err);
	return st < 0 ? st : tally_mail_fact(m, "part", m->value.bytes, m->where.bytes);
}

static enum tally_status push_mark(struct tally_mail *m, const char *name, const char *value)
{
	tally_buf_clear(&m->value);
	if (!tally_buf_text(&m->value, name) || !tally_buf_text(&m->value, ": ") ||
	    !tally_mail_unfolded(&m->value, value))
		return tally_err_nomem(m->err);
	return tally_mail_fact(m, "part", m->value.bytes, TALLY_MAIL_MARKS);
}

enum tally_status tally_mail_headers(struct tally_mail *m, GMimeObject *message)
{
	GMimeHeaderList *list = tally_mail_calls.g_mime_object_get_header_list(message);
	int count = tally_mail_calls.g_mime_header_list_get_count(list);
	enum tally_status st = TALLY_OK;
	struct tally_mail_lines others = { 0 };
	struct tally_buf text;
	unsigned other = 0;

	for (int i = 0; st >= 0 && i < count; i++) {
		GMimeHeader *h = tally_mail_calls.g_mime_header_list_get_header_at(list, i);
		const char *name = tally_mail_calls.g_mime_header_get_name(h);
		const char *value = tally_mail_calls.g_mime_header_get_value(h);
		const struct shown *kind = find(name);

		value = value ? value : "";
		if (kind) {
			st = push(m, kind, h);
		} else if (m->boxed && !m->n && is_mark(name)) {
			st = push_mark(m, name, value);
		} else if (!is_packing(name, value)) {
			other++;
			if (!tally_mail_lines_add(&others, name, value))
				st = tally_err_nomem(m->err);
		}
	}
	tally_buf_init(&text, SIZE_MAX / 2);
	if (!tally_mail_lines_end(&others, &text) && st >= 0)
		st = tally_err_nomem(m->err);
	if (st >= 0 && other)
		st = push_others(m, &text, other);
	tally_buf_release(&text);
	return st;
}

/* ---- does a file begin like a mail ---- */

/* Most text files that begin with lines like these have two of them at the most. */
static const char *const telling[] = { "Received",     "Return-Path", "Message-ID", "Delivered-To",
	                               "MIME-Version", "X-Mailer",    "Envelope-To" };

/* The name before the colon of a header; 0: this is none */
static size_t name_of(const char *line, const char *end)
{
	size_t n = 0;

	while (line + n < end && line[n] > ' ' && line[n] != ':' && line[n] < 0x7f)
		n++;
	return n && line + n < end && line[n] == ':' ? n : 0;
}

static bool is_named(const char *line, size_t n, const char *name)
{
	return strlen(name) == n && !strncasecmp(line, name, n);
}

uint64_t tally_mail_stray(const char *bytes, size_t len)
{
	const char *line;
	uint64_t sum = 0;
	size_t n;

	for (size_t at = 0; tally_text_line(bytes, len, &at, &line, &n) && n;)
		if (*line != ' ' && *line != '\t' && !memchr(line, ':', n))
			sum = tally_hash64(line, n, sum + 1);
	return sum;
}

unsigned tally_mail_begins(const char *bytes, size_t len)
{
	const char *end = bytes + len, *line = bytes;
	unsigned seen = 0, sure = 0;

	while (line < end && *line != '\n' && *line != '\r') {
		size_t n = name_of(line, end);
		bool folded = line > bytes && (*line == ' ' || *line == '\t');
		const char *next = memchr(line, '\n', (size_t)(end - line));

		if (!n && !folded && next)
			return 0;
		for (size_t i = 0; n && i < 8; i++)
			seen += is_named(line, n, shown[i].name);
		for (size_t i = 0; n && i < sizeof telling / sizeof *telling; i++)
			sure += is_named(line, n, telling[i]);
		line = next ? next + 1 : end;
	}
	return seen && (sure || seen > 3) ? seen + 2 * sure : 0;
}
