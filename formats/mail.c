/* The parts of a mail, one by one: see mail.h. */
#include "formats/mail.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/ascii.h"
#include "core/mem.h"
#include "formats/digest_words.h"
#include "formats/html.h"
#include "formats/letters.h"
#include "formats/mail_work.h"
#include "formats/text_file.h"

/* A part that is open. */
struct level {
	GMimeObject *object;
	int next;     /* of its parts */
	uint32_t n;   /* of the mail around it */
	bool outmost; /* of the forms of one text */
};

struct walk {
	struct tally_mail *m;
	struct level *levels;
	size_t depth, cap;
};

/* ---- what is pushed ---- */

enum tally_status tally_mail_fact(struct tally_mail *m, const char *name, const char *value,
                                  const char *where)
{
	struct tally_fact f = { .name = name, .value = value, .where = where };

	return m->sink->fact ? m->sink->fact(m->sink->payload, &f, m->err) : TALLY_OK;
}

enum tally_status tally_mail_note(struct tally_mail *m, enum tally_reason reason, const char *detail)
{
	struct tally_note n = { .reason = reason, .detail = detail };

	m->partial = true;
	return m->sink->note ? m->sink->note(m->sink->payload, &n, m->err) : TALLY_OK;
}

const char *tally_mail_place(struct tally_mail *m, const char *what)
{
	bool ok;

	tally_buf_clear(&m->where);
	ok = tally_buf_text(&m->where, what) &&
	     (!m->n || tally_buf_printf(&m->where, " (mail %u)", (unsigned)m->n));
	return ok ? m->where.bytes : NULL;
}

enum tally_status tally_mail_digest(struct tally_mail *m, const void *bytes, size_t len)
{
	return tally_digest_words(&m->value, bytes, len) ? TALLY_OK : tally_err_nomem(m->err);
}

enum tally_status tally_mail_line(struct tally_mail *m, const char *line, size_t len)
{
	struct tally_block b = { .kind = TALLY_BLOCK_PARAGRAPH, .area = TALLY_AREA_MAIL, .n = m->n };

	while (len && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	b.text = line;
	b.len = (uint32_t)len;
	return len && m->sink->block ? m->sink->block(m->sink->payload, &b, m->err) : TALLY_OK;
}

/* ---- kinds of parts ---- */

static bool is(GMimeObject *o, const char *type, const char *sub)
{
	return o && tally_mail_calls.g_mime_content_type_is_type(
			    tally_mail_calls.g_mime_object_get_content_type(o), type, sub);
}

static const char *parameter(GMimeObject *o, const char *name)
{
	return tally_mail_calls.g_mime_content_type_get_parameter(
		tally_mail_calls.g_mime_object_get_content_type(o), name);
}

static bool has_type(GMimeObject *o, GType type)
{
	return o && tally_mail_calls.g_type_check_instance_is_a((GTypeInstance *)o, type);
}

static bool is_signature(GMimeObject *o)
{
	return is(o, "application", "pgp-signature") || is(o, "application", "pkcs7-signature") ||
	       is(o, "application", "x-pkcs7-signature");
}

static bool is_envelope(GMimeObject *o)
{
	return is(o, "application", "pkcs7-mime") || is(o, "application", "x-pkcs7-mime");
}

/* ---- text ---- */

/* A line of a text whose lines are broken anew by whoever shows them (RFC 3676): without the blank in front. */
static void unstuff(const char **line, size_t *len)
{
	if (*len && **line == ' ') {
		++*line;
		--*len;
	}
}

/* Lines that flow are one. */
static bool add_flowed(struct tally_buf *out, const char *text, size_t len, bool delsp)
{
	bool flows = false;
	const char *line;
	size_t n;

	for (size_t at = 0; tally_text_line(text, len, &at, &line, &n);) {
		bool signature = n == 3 && !memcmp(line, "-- ", 3);

		unstuff(&line, &n);
		if (out->len && !flows && !tally_buf_byte(out, '\n'))
			return false;
		flows = n && line[n - 1] == ' ' && !signature;
		if (!tally_buf_add(out, line, n - (flows && delsp)))
			return false;
	}
	return !out->len || tally_buf_byte(out, '\n');
}

/* Something in letters of its own, as UTF-8 in @out. What cannot be read costs a note. @return TALLY_END then */
static enum tally_status letters(struct tally_mail *m, GMimeObject *o, const char *bytes,
                                 size_t len, struct tally_buf *out)
{
	struct tally_err why = { 0 };
	const char *charset = parameter(o, "charset");
	char declared[TALLY_HTML_CHARSET] = "";
	uint64_t bad = 0;
	enum tally_status st;

	if (!charset && is(o, "text", "html")) {
		tally_html_declared(declared, bytes, len);
		charset = tally_letters_known(declared, strlen(declared)) ? declared : NULL;
	}
	st = tally_letters_add(out, charset, bytes, len, &bad, &why);

	if (st == TALLY_SKIP) {
		st = tally_mail_note(m, why.reason, why.message);
		return st < 0 ? st : TALLY_END;
	}
	if (st < 0)
		return tally_err_nomem(m->err);
	if (bad)
		st = tally_mail_note(m, TALLY_REASON_MALFORMED,
		                     "the text of a mail has bytes that are no letters");
	return st;
}

static enum tally_status plain(struct tally_mail *m, GMimeObject *o, struct tally_buf *text)
{
	const char *format = parameter(o, "format"), *delsp = parameter(o, "delsp");
	bool flowed = format && !strcasecmp(format, "flowed"), ok;

	if (strstr(text->len ? text->bytes : "", "-----BEGIN PGP MESSAGE-----")) {
		enum tally_status st = tally_mail_note(m, TALLY_REASON_ENCRYPTED,
		                                       "the text of a mail is encrypted (PGP)");
		if (st < 0)
			return st;
	}
	if (m->plain.len && m->plain.bytes[m->plain.len - 1] != '\n' &&
	    !tally_buf_byte(&m->plain, '\n'))
		return tally_err_nomem(m->err);
	ok = flowed ? add_flowed(&m->plain, text->bytes, text->len,
	                         delsp && !strcasecmp(delsp, "yes"))
	            : tally_buf_add(&m->plain, text->bytes, text->len);
	if (!ok)
		return tally_err_nomem(m->err);
	return m->alternative ? TALLY_OK : tally_mail_alike_end(m);
}

enum tally_status tally_mail_html(struct tally_mail *m, const struct tally_buf *text)
{
	struct tally_html_place place = {
		.area = TALLY_AREA_MAIL, .n = m->n, .rest = &m->rest, .limits = m->limits
	};
	struct tally_sink sink = tally_mail_alike_sink(m);
	char where[32];

	snprintf(where, sizeof where, "mail %u", (unsigned)m->n);
	place.where = m->n ? where : NULL;
	m->has_html = m->alternative;
	return tally_html_read(text->len ? text->bytes : "", text->len, &place, &sink, m->err);
}

/* ---- parts by content ---- */

/* Line ends of texts are those of whoever packed them, and so are those of all that is not encoded. */
static bool has_lines(GMimeObject *o)
{
	GMimeContentEncoding how = tally_mail_calls.g_mime_part_get_content_encoding((GMimePart *)o);

	return is(o, "text", "*") || is(o, "message", "*") || is_signature(o) ||
	       how == GMIME_CONTENT_ENCODING_DEFAULT || how == GMIME_CONTENT_ENCODING_7BIT ||
	       how == GMIME_CONTENT_ENCODING_8BIT;
}

/* @return the new length */
static size_t line_ends(char *bytes, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		if (bytes[i] != '\r' || (i + 1 < len && bytes[i + 1] != '\n'))
			bytes[n++] = bytes[i];
	return n;
}

/* "application/pdf, 1,234 bytes, sha256:…" */
static enum tally_status by_content(struct tally_mail *m, GMimeObject *o, const char *fact,
                                    const char *where, char *bytes, size_t len)
{
	GMimeContentType *type = tally_mail_calls.g_mime_object_get_content_type(o);
	const char *major = tally_mail_calls.g_mime_content_type_get_media_type(type);
	const char *minor = tally_mail_calls.g_mime_content_type_get_media_subtype(type);
	enum tally_status st;

	tally_buf_clear(&m->value);
	if (!tally_buf_printf(&m->value, "%s/%s", major ? major : "application",
	                      minor ? minor : "octet-stream"))
		return tally_err_nomem(m->err);
	for (size_t i = 0; i < m->value.len; i++)
		m->value.bytes[i] = tally_lower(m->value.bytes[i]);
	st = tally_mail_digest(m, bytes, has_lines(o) ? line_ends(bytes, len) : len);
	if (st >= 0 && is(o, "application", "ms-tnef") &&
	    !tally_buf_text(&m->value, ", not looked into"))
		st = tally_err_nomem(m->err);
	if (st >= 0 && !tally_mail_place(m, where))
		st = tally_err_nomem(m->err);
	if (st >= 0 && m->sink->content)
		st = m->sink->content(m->sink->payload, m->value.bytes, bytes, len, m->err);
	return st < 0 ? st : tally_mail_fact(m, fact, m->value.bytes, m->where.bytes);
}

/* Where the text stands that this one leads to: a file, or a page. */
static enum tally_status body_elsewhere(struct tally_mail *m, GMimeObject *o)
{
	const char *const names[] = { "url", "name" };
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < 2 && st >= 0; i++) {
		const char *value = parameter(o, names[i]);

		if (value && !tally_mail_place(m, "text that is kept elsewhere"))
			st = tally_err_nomem(m->err);
		if (value && st >= 0)
			st = tally_mail_fact(m, "external_target", value, m->where.bytes);
	}
	return st;
}

static enum tally_status attached(struct tally_mail *m, GMimeObject *o, const char *name,
                                  char *bytes, size_t len)
{
	const char *kind = parameter(o, "smime-type");
	bool is_signed = kind && !strncasecmp(kind, "signed", 6);
	enum tally_status st = TALLY_OK;

	if (is_envelope(o) && is_signed) {
		st = by_content(m, o, "signature", "S/MIME", bytes, len);
		return st < 0 ? st
		              : tally_mail_note(m, TALLY_REASON_FORMAT_UNKNOWN,
		                                "what is inside a signature (S/MIME) is not read");
	}
	if (is(o, "message", "partial"))
		st = tally_mail_note(m, TALLY_REASON_FORMAT_UNKNOWN,
		                     "a mail that was cut into several, of which this is one");
	if (st >= 0 && is(o, "message", "external-body"))
		st = body_elsewhere(m, o);
	if (st >= 0 && is_envelope(o))
		st = tally_mail_note(m, TALLY_REASON_ENCRYPTED,
		                     "a part of a mail is encrypted (S/MIME)");
	if (st >= 0 && is(o, "application", "ms-tnef") && !name)
		name = "winmail.dat";
	return st < 0 ? st : by_content(m, o, "attachment", name ? name : "(no name)", bytes, len);
}

bool tally_mail_is_text(GMimeObject *o)
{
	return (is(o, "text", "plain") || is(o, "text", "html")) &&
	       !tally_mail_calls.g_mime_part_get_filename((GMimePart *)o) &&
	       !tally_mail_calls.g_mime_part_is_attachment((GMimePart *)o);
}

/* Lines of a calendar: one that is folded goes on behind a blank. */
static enum tally_status calendar(struct tally_mail *m, const struct tally_buf *text)
{
	enum tally_status st = TALLY_OK;
	struct tally_buf open;
	const char *line;
	size_t n;

	tally_buf_init(&open, SIZE_MAX / 2);
	for (size_t at = 0; st >= 0 && tally_text_line(text->bytes, text->len, &at, &line, &n);) {
		bool folded = n && (*line == ' ' || *line == '\t');

		if (!folded) {
			st = tally_mail_line(m, open.bytes, open.len);
			tally_buf_clear(&open);
		}
		if (st >= 0 && !tally_buf_add(&open, line + folded, n - folded))
			st = tally_err_nomem(m->err);
	}
	if (st >= 0)
		st = tally_mail_line(m, open.bytes, open.len);
	tally_buf_release(&open);
	return st;
}

static enum tally_status content(struct tally_mail *m, GMimeObject *o, char *bytes, size_t len)
{
	const char *name = tally_mail_calls.g_mime_part_get_filename((GMimePart *)o);
	bool is_plain = is(o, "text", "plain"), is_html = is(o, "text", "html");
	struct tally_buf text;
	enum tally_status st;

	if (is_signature(o))
		return by_content(m, o, "signature",
		                  is(o, "application", "pgp-signature") ? "PGP" : "S/MIME", bytes,
		                  len);
	if (!tally_mail_is_text(o) && (name || !is(o, "text", "calendar")))
		return attached(m, o, name, bytes, len);
	tally_buf_init(&text, SIZE_MAX / 2);
	st = letters(m, o, bytes, len, &text);
	if (st == TALLY_END)
		st = by_content(m, o, "part",
		                is_plain  ? "plain text"
		                : is_html ? "HTML"
		                          : "calendar",
		                bytes, len);
	else if (st >= 0)
		st = is_plain  ? plain(m, o, &text)
		     : is_html ? tally_mail_html(m, &text)
		               : calendar(m, &text);
	tally_buf_release(&text);
	return st;
}

static enum tally_status leaf(struct tally_mail *m, GMimeObject *o)
{
	GMimeDataWrapper *data = tally_mail_calls.g_mime_part_get_content((GMimePart *)o);
	GMimeStream *to;
	enum tally_status st = TALLY_OK;
	GByteArray *got;
	char none = '\0';

	if (!data)
		return TALLY_OK;
	to = tally_mail_calls.g_mime_stream_mem_new();
	if (tally_mail_calls.g_mime_data_wrapper_write_to_stream(data, to) >= 0) {
		got = tally_mail_calls.g_mime_stream_mem_get_byte_array((GMimeStreamMem *)to);
		st = content(m, o, got->data ? (char *)got->data : &none, got->len);
	} else {
		st = tally_mail_note(m, TALLY_REASON_DAMAGED, "a part of a mail cannot be unpacked");
	}
	tally_mail_calls.g_object_unref(to);
	return st;
}

/* ---- text that is in no part ---- */

/* What programs write before the parts for those who know no MIME. */
static bool is_usual(const char *text, size_t len)
{
	static const char *const usual[] = {
		"This is a multi-part message in MIME format.",
		"This is a multi-part message in MIME format",
		"This is a message with multiple parts in MIME format.",
		"This is a multipart message in MIME format.",
		"This is a multipart message in MIME format",
		"This is a cryptographically signed message in MIME format.",
		"This is an OpenPGP/MIME signed message (RFC 4880 and 3156)",
		"This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)",
		"This is an S/MIME signed message",
		"This is a MIME-encapsulated message",
		"This is a MIME-encapsulated message.",
		"This message is in MIME format.",
	};

	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		if (strlen(usual[i]) == len && !memcmp(usual[i], text, len))
			return true;
	return false;
}

/* Before the first part, or behind the last one: in the file, and mail programs do not show it. */
static enum tally_status beside_parts(struct tally_mail *m, const char *text, const char *where)
{
	size_t len = text ? strlen(text) : 0;
	struct tally_buf letters;
	uint64_t bad = 0;
	enum tally_status st;

	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	while (len && strchr(" \t\r\n", *text)) {
		text++;
		len--;
	}
	if (!len || is_usual(text, len))
		return TALLY_OK;
	tally_buf_init(&letters, SIZE_MAX / 2);
	st = tally_letters_add(&letters, NULL, text, len, &bad, m->err);
	if (st >= 0) {
		letters.len = line_ends(letters.bytes, letters.len);
		tally_buf_clear(&m->value);
		if (!tally_short_words(&m->value, letters.bytes, letters.len) ||
		    !tally_mail_place(m, where))
			st = tally_err_nomem(m->err);
	}
	tally_buf_release(&letters);
	return st < 0 ? st : tally_mail_fact(m, "hidden_text", m->value.bytes, m->where.bytes);
}

/* ---- the walk, without recursion ---- */

static enum tally_status push_level(struct walk *w, GMimeObject *o, bool outmost)
{
	if (!tally_grow(&w->levels, &w->cap, w->depth, sizeof *w->levels))
		return tally_err_nomem(w->m->err);
	w->levels[w->depth++] = (struct level){ .object = o, .n = w->m->n, .outmost = outmost };
	return TALLY_OK;
}

static enum tally_status enter_multipart(struct walk *w, GMimeObject *o)
{
	bool forms = is(o, "multipart", "alternative") && !w->m->alternative;
	enum tally_status st = TALLY_OK;

	if (is(o, "multipart", "encrypted"))
		st = tally_mail_note(w->m, TALLY_REASON_ENCRYPTED,
		                     "a part of a mail is encrypted (PGP)");
	if (st >= 0)
		st = beside_parts(w->m,
		                  tally_mail_calls.g_mime_multipart_get_prologue((GMimeMultipart *)o),
		                  "before the first part");
	if (st >= 0)
		st = push_level(w, o, forms);
	w->m->alternative |= forms;
	return st;
}

/* What is attached as a mail ends the forms around it: it has its own. */
static enum tally_status enter_mail(struct walk *w, GMimeObject *o)
{
	struct tally_mail *m = w->m;
	enum tally_status st = tally_mail_alike_end(m);

	if (st >= 0)
		st = push_level(w, o, false);
	m->alternative = false;
	m->n = ++m->mails;
	return st;
}

static enum tally_status enter(struct walk *w, GMimeObject *o)
{
	if (has_type(o, tally_mail_calls.g_mime_message_part_get_type()))
		return enter_mail(w, o);
	if (has_type(o, tally_mail_calls.g_mime_multipart_get_type()))
		return enter_multipart(w, o);
	return has_type(o, tally_mail_calls.g_mime_part_get_type()) ? leaf(w->m, o) : TALLY_OK;
}

static enum tally_status leave(struct walk *w)
{
	struct level l = w->levels[--w->depth];
	enum tally_status st = TALLY_OK;

	if (has_type(l.object, tally_mail_calls.g_mime_multipart_get_type()))
		st = beside_parts(
			w->m,
			tally_mail_calls.g_mime_multipart_get_epilogue((GMimeMultipart *)l.object),
			"behind the last part");
	if (st < 0)
		return st;
	if (l.outmost) {
		st = tally_mail_alike_end(w->m);
		w->m->alternative = false;
	}
	w->m->n = l.n;
	return st;
}

static enum tally_status step(struct walk *w)
{
	struct level *l = &w->levels[w->depth - 1];
	int next = l->next++;
	GMimeMessage *mail;
	enum tally_status st;

	if (has_type(l->object, tally_mail_calls.g_mime_multipart_get_type())) {
		GMimeMultipart *parts = (GMimeMultipart *)l->object;

		return next < tally_mail_calls.g_mime_multipart_get_count(parts)
		               ? enter(w, tally_mail_calls.g_mime_multipart_get_part(parts, next))
		               : leave(w);
	}
	mail = next ? NULL
	            : tally_mail_calls.g_mime_message_part_get_message((GMimeMessagePart *)l->object);
	if (!mail)
		return leave(w);
	st = tally_mail_headers(w->m, (GMimeObject *)mail);
	return st < 0 ? st : enter(w, tally_mail_calls.g_mime_message_get_mime_part(mail));
}

static enum tally_status walk(struct tally_mail *m, GMimeMessage *mail)
{
	struct walk w = { .m = m };
	enum tally_status st = tally_mail_parts_begin(m, mail);

	if (st >= 0)
		st = tally_mail_headers(m, (GMimeObject *)mail);
	if (st >= 0)
		st = enter(&w, tally_mail_calls.g_mime_message_get_mime_part(mail));
	while (st >= 0 && w.depth)
		st = step(&w);
	tally_free(w.levels);
	return st < 0 ? st : tally_mail_parts_end(m, mail);
}

/* ---- parsing ---- */

/* A type of something that has parts, in this line of a header or the one it is folded into. */
static bool nests(const char *line, size_t n)
{
	for (; n >= 8; line++, n--)
		if (!strncasecmp(line, "message/", 8) ||
		    (n >= 10 && !strncasecmp(line, "multipart/", 10)))
			return true;
	return false;
}

/* gmime calls itself for what is inside, and nothing else tells beforehand how deep that is. */
static enum tally_status check_parts(const char *bytes, size_t len,
                                     const struct tally_limits *limits, struct tally_err *err)
{
	uint64_t parts = 0, nested = 0;
	bool open = false; /* the line before was such a header, or goes on with one */
	const char *line;
	size_t n;

	for (size_t at = 0; tally_text_line(bytes, len, &at, &line, &n);) {
		bool folded = n && (*line == ' ' || *line == '\t');
		bool type;

		for (; n && (*line == ' ' || *line == '\t'); n--)
			line++;
		type = n >= 12 && !strncasecmp(line, "content-type", 12);
		parts += type;
		open = type || (open && folded);
		nested += open && nests(line, n);
	}
	if (nested > limits->mail_nested)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "mail_nested: a mail with more parts that have parts");
	if (parts > limits->mail_parts)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "mail_parts: a mail of more parts");
	return TALLY_OK;
}

static enum tally_status parse(struct tally_mail *m, const char *bytes, size_t len)
{
	GMimeStream *from = tally_mail_calls.g_mime_stream_mem_new_with_buffer(bytes, len);
	GMimeParser *parser = tally_mail_calls.g_mime_parser_new_with_stream(from);
	GMimeMessage *mail = tally_mail_calls.g_mime_parser_construct_message(parser, NULL);
	enum tally_status st = mail ? walk(m, mail)
	                            : tally_err_set(m->err, TALLY_SKIP, TALLY_REASON_DAMAGED,
	                                            "not a mail");

	if (mail)
		tally_mail_calls.g_object_unref(mail);
	tally_mail_calls.g_object_unref(parser);
	tally_mail_calls.g_object_unref(from);
	return st;
}

void tally_mail_init(struct tally_mail *m, const struct tally_sink *sink, struct tally_err *err)
{
	*m = (struct tally_mail){ .sink = sink, .err = err, .mails = 1 };
	tally_buf_init(&m->plain, SIZE_MAX / 2);
	tally_buf_init(&m->alike.html, SIZE_MAX / 2);
	tally_buf_init(&m->alike.links, SIZE_MAX / 2);
	tally_buf_init(&m->value, SIZE_MAX / 2);
	tally_buf_init(&m->where, SIZE_MAX / 2);
}

void tally_mail_release(struct tally_mail *m)
{
	tally_buf_release(&m->plain);
	tally_buf_release(&m->alike.html);
	tally_buf_release(&m->alike.links);
	tally_buf_release(&m->value);
	tally_buf_release(&m->where);
	tally_free(m->ids.list);
}

enum tally_status tally_mail_read(const char *bytes, size_t len, const struct tally_limits *limits,
                                  bool boxed, const struct tally_sink *sink, struct tally_err *err)
{
	struct tally_mail m;
	enum tally_status st = tally_mail_load(err);

	tally_mail_init(&m, sink, err);
	m.limits = limits;
	m.boxed = boxed;
	m.stray = tally_mail_stray(bytes, len);
	if (st >= 0)
		st = check_parts(bytes, len, limits, err);
	if (st >= 0)
		st = parse(&m, bytes, len);
	tally_mail_release(&m);
	return st < 0 ? st : m.partial ? TALLY_PARTIAL : TALLY_OK;
}
