/* Mails and other items of Outlook (.msg): headers, text and attachments; format and limits in formats/msg.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/calendar.h"
#include "core/hash.h"
#include "core/mem.h"
#include "formats/format.h"
#include "formats/letters.h"
#include "formats/msg.h"
#include "formats/ole.h"
#include "formats/text_file.h"

static const char *const suffixes[] = { ".msg", ".oft", NULL };

enum {
	HEAD = 32,      /* bytes in front of the numbers of a file, */
	HEAD_MAIL = 24, /* of a mail that is attached, */
	HEAD_PART = 8,  /* of a recipient or an attachment */
	GAP = 16,       /* numbers of those that may be missing in between */
	METHOD_LINK = 2,
	METHOD_MAIL = 5,
	METHOD_OBJECT = 6,
	TYPE_LONG = 0x0003,
	TYPE_TIME = 0x0040,
};

/* Mails that are still to be read, by their storages. */
struct queue {
	char **storages;
	size_t count, cap, next;
};

struct reading {
	struct tally_msg msg;
	struct queue queue;
	struct tally_buf text, address, storage;
	uint64_t inside; /* sum of addresses that only Exchange knows */
};

static enum tally_status nomem(struct reading *r)
{
	return tally_err_nomem(r->msg.mail.err);
}

/* ---- headers ---- */

static enum tally_status push_header(struct reading *r, const char *name, const char *value)
{
	struct tally_mail *mail = &r->msg.mail;

	if (!*value)
		return TALLY_OK;
	if (!tally_mail_place(mail, name))
		return nomem(r);
	return tally_mail_fact(mail, "mail_header", value, mail->where.bytes);
}

static enum tally_status text_header(struct reading *r, const char *storage, const char *name,
                                     unsigned property)
{
	enum tally_status st;

	tally_buf_clear(&r->text);
	st = tally_msg_text(&r->msg, storage, property, &r->text);
	return st != TALLY_OK || !r->text.len ? st : push_header(r, name, r->text.bytes);
}

/* The first of these that says something, behind r->text. */
static enum tally_status first_of(struct reading *r, const char *storage,
                                  const unsigned *properties, size_t count)
{
	size_t before = r->text.len;
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < count && st >= 0 && r->text.len == before; i++)
		st = tally_msg_text(&r->msg, storage, properties[i], &r->text);
	return st < 0 ? st : TALLY_OK;
}

/* "/O=COMPANY/OU=…/CN=…": what Exchange calls somebody; nobody can write there. */
static bool is_inside(const char *address)
{
	return !strncasecmp(address, "/o=", 3);
}

/* "Anna <anna@example.org>" behind r->address */
static enum tally_status add_person(struct reading *r, const char *storage, const unsigned *names,
                                    size_t name_count, const unsigned *addresses,
                                    size_t address_count)
{
	size_t name_len;
	enum tally_status st;
	const char *address;

	tally_buf_clear(&r->text);
	st = first_of(r, storage, names, name_count);
	name_len = r->text.len;
	if (st < 0 || !tally_buf_byte(&r->text, '\0'))
		return st < 0 ? st : nomem(r);
	st = first_of(r, storage, addresses, address_count);
	if (st < 0)
		return st;
	address = r->text.bytes + name_len + 1;
	if (name_len && is_inside(address)) {
		r->inside = tally_hash64(address, strlen(address), r->inside);
		return tally_buf_text(&r->address, r->text.bytes) ? TALLY_OK : nomem(r);
	}
	if (!name_len || !*address || !strcmp(address, r->text.bytes))
		return tally_buf_text(&r->address, name_len ? r->text.bytes : address) ? TALLY_OK
		                                                                       : nomem(r);
	return tally_buf_printf(&r->address, "%s <%s>", r->text.bytes, address) ? TALLY_OK : nomem(r);
}

static enum tally_status push_from(struct reading *r, const char *storage)
{
	static const unsigned names[] = { TALLY_MSG_FOR_NAME, TALLY_MSG_SENDER_NAME };
	static const unsigned addresses[] = { TALLY_MSG_SMTP_FOR, TALLY_MSG_FOR_ADDRESS,
		                              TALLY_MSG_SMTP_SENDER, TALLY_MSG_SENDER_ADDRESS };
	static const unsigned sender = TALLY_MSG_SENDER_NAME;
	static const unsigned sender_at[] = { TALLY_MSG_SMTP_SENDER, TALLY_MSG_SENDER_ADDRESS };
	size_t from;
	enum tally_status st;

	tally_buf_clear(&r->address);
	st = add_person(r, storage, names, 2, addresses, 4);
	if (st >= 0 && !tally_buf_byte(&r->address, '\0'))
		st = nomem(r);
	from = r->address.len;
	if (st >= 0)
		st = push_header(r, "From", r->address.bytes);
	if (st >= 0)
		st = add_person(r, storage, &sender, 1, sender_at, 2);
	if (st < 0 || from == r->address.len || !strcmp(r->address.bytes, r->address.bytes + from))
		return st;
	return push_header(r, "Sender", r->address.bytes + from);
}

/* 100 nanoseconds since 1601 */
static enum tally_status push_date(struct reading *r)
{
	uint64_t time = 0, seconds;
	struct tally_civil day;
	char text[64];

	if (!tally_msg_number(&r->msg, TALLY_MSG_SENT, TYPE_TIME, &time))
		(void)tally_msg_number(&r->msg, TALLY_MSG_DELIVERED, TYPE_TIME, &time);
	if (!time)
		return TALLY_OK;
	seconds = time / 10000000;
	day = tally_civil_of(tally_civil_days(1601, 1, 1) + (int64_t)(seconds / 86400));
	snprintf(text, sizeof text, "%04lld-%02d-%02d %02u:%02u:%02u UTC", (long long)day.year,
	         day.month, day.day, (unsigned)(seconds / 3600 % 24), (unsigned)(seconds / 60 % 60),
	         (unsigned)(seconds % 60));
	return push_header(r, "Date", text);
}

/* The storage of a recipient or an attachment, with its slash, in r->storage. @return false: there is none */
static bool has_storage(struct reading *r, const char *parent, const char *kind, unsigned n,
                        enum tally_status *st)
{
	const struct tally_ole_entry *entry;

	tally_buf_clear(&r->storage);
	if (!tally_buf_printf(&r->storage, "%s__%s_version1.0_#%08X", parent, kind, n)) {
		*st = nomem(r);
		return false;
	}
	entry = tally_ole_find(r->msg.file, r->storage.bytes);
	if (!entry || entry->stream)
		return false;
	*st = tally_buf_byte(&r->storage, '/') ? TALLY_OK : nomem(r);
	return *st >= 0;
}

static enum tally_status add_recipient(struct reading *r, struct tally_buf lists[3])
{
	static const unsigned name = TALLY_MSG_NAME;
	static const unsigned addresses[] = { TALLY_MSG_SMTP, TALLY_MSG_ADDRESS };
	uint64_t kind = 1;
	struct tally_buf *list;
	enum tally_status st = tally_msg_open(&r->msg, r->storage.bytes, HEAD_PART);

	if (st < 0)
		return st;
	(void)tally_msg_number(&r->msg, TALLY_MSG_RECIPIENT, TYPE_LONG, &kind);
	kind &= 0xF;
	list = &lists[kind >= 1 && kind <= 3 ? kind - 1 : 0];
	tally_buf_clear(&r->address);
	st = add_person(r, r->storage.bytes, &name, 1, addresses, 2);
	if (st >= 0 && r->address.len &&
	    (!tally_buf_text(list, list->len ? ", " : "") ||
	     !tally_buf_add(list, r->address.bytes, r->address.len)))
		st = nomem(r);
	return st;
}

static enum tally_status push_recipients(struct reading *r, const char *storage)
{
	static const char *const names[] = { "To", "Cc", "Bcc" };
	struct tally_buf lists[3];
	enum tally_status st = TALLY_OK;

	for (int i = 0; i < 3; i++)
		tally_buf_init(&lists[i], SIZE_MAX / 2);
	for (unsigned n = 0, gap = 0; st >= 0 && gap < GAP; n++) {
		bool there = has_storage(r, storage, "recip", n, &st);

		gap = there ? 0 : gap + 1;
		if (there)
			st = add_recipient(r, lists);
	}
	for (int i = 0; i < 3; i++) {
		if (st >= 0 && lists[i].len)
			st = push_header(r, names[i], lists[i].bytes);
		tally_buf_release(&lists[i]);
	}
	return st;
}

static enum tally_status push_transport(struct reading *r, const char *storage)
{
	struct tally_mail *mail = &r->msg.mail;
	enum tally_status st;

	tally_buf_clear(&r->text);
	st = tally_msg_text(&r->msg, storage, TALLY_MSG_TRANSPORT, &r->text);
	if (st != TALLY_OK || !r->text.len)
		return st;
	tally_buf_clear(&mail->value);
	if (!tally_buf_text(&mail->value, "as they came"))
		return nomem(r);
	st = tally_mail_digest(mail, r->text.bytes, r->text.len);
	if (st >= 0 && !tally_mail_place(mail, "headers of transport"))
		st = nomem(r);
	return st < 0 ? st : tally_mail_fact(mail, "part", mail->value.bytes, mail->where.bytes);
}

static enum tally_status push_headers(struct reading *r, const char *storage)
{
	enum tally_status st = push_from(r, storage);

	if (st >= 0)
		st = text_header(r, storage, "Subject", TALLY_MSG_SUBJECT);
	if (st >= 0)
		st = push_date(r);
	if (st >= 0)
		st = text_header(r, storage, "Message-ID", TALLY_MSG_ID);
	if (st >= 0)
		st = text_header(r, storage, "In-Reply-To", TALLY_MSG_REPLY_TO);
	if (st >= 0)
		st = text_header(r, storage, "References", TALLY_MSG_REFERENCES);
	return st < 0 ? st : push_transport(r, storage);
}

/* ---- text ---- */

/* Items that are no mails have fields of their own; signed and encrypted ones have it all in an attachment. */
static enum tally_status push_class(struct reading *r, const char *storage)
{
	struct tally_mail *mail = &r->msg.mail;
	const char *class;
	enum tally_status st;

	tally_buf_clear(&r->text);
	st = tally_msg_text(&r->msg, storage, TALLY_MSG_CLASS, &r->text);
	if (st != TALLY_OK || !r->text.len)
		return st;
	class = r->text.bytes;
	if (!strncasecmp(class, "IPM.Note.SMIME.Multipart", 24))
		return tally_mail_note(mail, TALLY_REASON_FORMAT_UNKNOWN,
		                       "what is inside a signature (S/MIME) is not read");
	if (!strncasecmp(class, "IPM.Note.SMIME", 14))
		return tally_mail_note(mail, TALLY_REASON_ENCRYPTED,
		                       "a mail is encrypted or signed (S/MIME)");
	if (!strncasecmp(class, "IPM.Note", 8) || !strncasecmp(class, "REPORT.", 7))
		return TALLY_OK;
	return tally_mail_note(mail, TALLY_REASON_FORMAT_UNKNOWN,
	                       "an item of Outlook that is no mail: what it has besides subject, text "
	                       "and attachments is not read");
}

static enum tally_status read_html(struct reading *r, const char *storage, uint64_t page, bool *found)
{
	struct tally_mail *mail = &r->msg.mail;
	struct tally_err why = { 0 };
	char *bytes = NULL, charset[24];
	uint64_t bad = 0;
	size_t len = 0;
	enum tally_status st = tally_msg_bytes(&r->msg, storage, TALLY_MSG_HTML, &bytes, &len);

	tally_buf_clear(&r->text);
	*found = st == TALLY_OK;
	if (st == TALLY_END) { /* as a text, in some */
		st = tally_msg_text(&r->msg, storage, TALLY_MSG_HTML, &r->text);
		*found = st == TALLY_OK && r->text.len;
	} else if (st == TALLY_OK) {
		tally_msg_charset(charset, (uint32_t)page);
		st = tally_letters_add(&r->text, charset, bytes, len, &bad, &why);
		if (st == TALLY_SKIP) {
			st = tally_mail_note(mail, why.reason, why.message);
			*found = false;
		} else if (st < 0) {
			st = nomem(r);
		} else if (bad) {
			st = tally_mail_note(mail, TALLY_REASON_MALFORMED,
			                     "the text of a mail has bytes that are no letters");
		}
	}
	tally_free(bytes);
	return st < 0 ? st : *found ? tally_mail_html(mail, &r->text) : TALLY_OK;
}

static enum tally_status read_text(struct reading *r, const char *storage)
{
	struct tally_mail *mail = &r->msg.mail;
	uint64_t page = 0;
	bool html = false, plain;
	char *rtf = NULL;
	size_t len;
	enum tally_status st;

	if (!tally_msg_number(&r->msg, TALLY_MSG_HTML_PAGE, TYPE_LONG, &page))
		page = r->msg.text_page;
	mail->alternative = true;
	st = tally_msg_text(&r->msg, storage, TALLY_MSG_TEXT, &mail->plain);
	plain = mail->plain.len > 0;
	if (st >= 0)
		st = read_html(r, storage, page, &html);
	if (st >= 0)
		st = tally_mail_alike_end(mail);
	mail->alternative = false;
	if (st < 0 || plain || html)
		return st;
	st = tally_msg_bytes(&r->msg, storage, TALLY_MSG_RTF, &rtf, &len);
	tally_free(rtf);
	return st != TALLY_OK ? st
	                      : tally_mail_note(mail, TALLY_REASON_FORMAT_UNKNOWN,
	                                        "the text of a mail is RTF, which is not read");
}

/* ---- attachments ---- */

static enum tally_status queue_mail(struct reading *r, const char *storage)
{
	struct queue *q = &r->queue;
	char path[64];
	char *copy;

	if (q->count >= r->msg.limits->mail_nested)
		return tally_mail_note(&r->msg.mail, TALLY_REASON_LIMIT,
		                       "mail_nested: more mails are attached");
	snprintf(path, sizeof path, "__substg1.0_%04X000D/", TALLY_MSG_DATA);
	tally_buf_clear(&r->text);
	if (!tally_buf_text(&r->text, storage) || !tally_buf_text(&r->text, path) ||
	    !tally_grow(&q->storages, &q->cap, q->count, sizeof *q->storages))
		return nomem(r);
	copy = tally_dup(r->text.bytes, r->text.len);
	if (!copy)
		return nomem(r);
	q->storages[q->count++] = copy;
	return TALLY_OK;
}

/* The name of an attachment in r->address */
static enum tally_status read_name(struct reading *r, const char *storage)
{
	static const unsigned names[] = { TALLY_MSG_LONG_FILE, TALLY_MSG_FILE, TALLY_MSG_NAME };
	enum tally_status st;

	tally_buf_clear(&r->text);
	tally_buf_clear(&r->address);
	st = first_of(r, storage, names, 3);
	if (st >= 0 && !tally_buf_text(&r->address, r->text.len ? r->text.bytes : "(no name)"))
		st = nomem(r);
	return st;
}

static enum tally_status push_attachment(struct reading *r, const char *storage)
{
	struct tally_mail *mail = &r->msg.mail;
	char *bytes = NULL;
	size_t len = 0;
	enum tally_status st;

	tally_buf_clear(&r->text);
	st = tally_msg_text(&r->msg, storage, TALLY_MSG_TYPE, &r->text);
	if (st < 0)
		return st;
	st = tally_msg_bytes(&r->msg, storage, TALLY_MSG_DATA, &bytes, &len);
	tally_buf_clear(&mail->value);
	if (st >= 0 &&
	    !tally_buf_text(&mail->value, r->text.len ? r->text.bytes : "application/octet-stream"))
		st = nomem(r);
	if (st == TALLY_OK)
		st = tally_mail_digest(mail, bytes, len);
	else if (st == TALLY_END)
		st = tally_buf_text(&mail->value, ", no content") ? TALLY_OK : nomem(r);
	if (st >= 0 && bytes && mail->sink->content)
		st = mail->sink->content(mail->sink->payload, mail->value.bytes, bytes, len,
		                         mail->err);
	tally_free(bytes);
	if (st >= 0 && !tally_mail_place(mail, r->address.bytes))
		st = nomem(r);
	return st < 0 ? st
	              : tally_mail_fact(mail, "attachment", mail->value.bytes, mail->where.bytes);
}

static enum tally_status push_simple(struct reading *r, const char *fact, const char *value)
{
	struct tally_mail *mail = &r->msg.mail;

	if (!tally_mail_place(mail, r->address.bytes))
		return nomem(r);
	return tally_mail_fact(mail, fact, value, mail->where.bytes);
}

static enum tally_status read_attachment(struct reading *r)
{
	const char *storage = r->storage.bytes;
	uint64_t method = 1;
	enum tally_status st = tally_msg_open(&r->msg, storage, HEAD_PART);

	if (st >= 0)
		st = read_name(r, storage);
	if (st < 0)
		return st;
	(void)tally_msg_number(&r->msg, TALLY_MSG_METHOD, TYPE_LONG, &method);
	if (method == METHOD_MAIL)
		return queue_mail(r, storage);
	if (method == METHOD_OBJECT)
		return push_simple(r, "attachment", "an embedded object, which is not looked into");
	if (method >= METHOD_LINK && method < METHOD_MAIL) {
		tally_buf_clear(&r->text);
		st = tally_msg_text(&r->msg, storage, TALLY_MSG_LINKED, &r->text);
		return st < 0 ? st
		              : push_simple(r, "external_target",
		                            r->text.len ? r->text.bytes : "(no path)");
	}
	return push_attachment(r, storage);
}

static enum tally_status read_attachments(struct reading *r, const char *storage)
{
	enum tally_status st = TALLY_OK;

	for (unsigned n = 0, gap = 0; st >= 0 && gap < GAP; n++) {
		bool there = has_storage(r, storage, "attach", n, &st);

		gap = there ? 0 : gap + 1;
		if (there)
			st = read_attachment(r);
	}
	return st;
}

/* ---- items ---- */

static enum tally_status read_item(struct reading *r, const char *storage)
{
	enum tally_status st = tally_msg_open(&r->msg, storage, *storage ? HEAD_MAIL : HEAD);

	if (st >= 0 && (!*storage || tally_msg_page(&r->msg)))
		r->msg.text_page = tally_msg_page(&r->msg);
	if (st >= 0)
		st = push_class(r, storage);
	if (st >= 0)
		st = push_headers(r, storage);
	if (st >= 0)
		st = read_text(r, storage);
	if (st >= 0)
		st = push_recipients(r, storage);
	return st < 0 ? st : read_attachments(r, storage);
}

static enum tally_status read_items(struct reading *r)
{
	struct tally_mail *mail = &r->msg.mail;
	enum tally_status st = read_item(r, "");
	uint64_t digest, count;
	char value[80];

	while (st >= 0 && r->queue.next < r->queue.count) {
		mail->n = ++mail->mails;
		st = read_item(r, r->queue.storages[r->queue.next++]);
	}
	mail->n = 0;
	if (st >= 0)
		st = tally_mail_rest(mail);
	if (st >= 0 && r->inside) {
		snprintf(value, sizeof value, "%016" PRIx64, r->inside);
		st = tally_mail_fact(mail, "unread", value, "addresses inside Exchange");
	}
	if (st >= 0)
		st = tally_msg_rest(&r->msg, &digest, &count);
	if (st < 0 || !count)
		return st;
	snprintf(value, sizeof value, "%llu, with the digest %016llx", (unsigned long long)count,
	         (unsigned long long)digest);
	return tally_mail_fact(mail, "part", value, "other properties (of Outlook)");
}

/* ---- the format ---- */

static int msg_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	(void)size;
	return tally_ole_begins(bytes, len) ? TALLY_OLE_BITS + tally_text_suffix(name, suffixes) : 0;
}

static enum tally_status msg_confirm(struct tally_source *src, struct tally_err *err)
{
	return tally_ole_has(src, "__properties_version1.0", err);
}

static enum tally_status msg_read(struct tally_source *src, const struct tally_read_options *options,
                                  const struct tally_sink *sink, struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	struct reading r = { 0 };
	enum tally_status st;
	bool partial;

	r.msg.limits = options->limits ? options->limits : &defaults;
	tally_mail_init(&r.msg.mail, sink, err);
	tally_buf_init(&r.msg.path, SIZE_MAX / 2);
	tally_buf_init(&r.text, SIZE_MAX / 2);
	tally_buf_init(&r.address, SIZE_MAX / 2);
	tally_buf_init(&r.storage, SIZE_MAX / 2);
	st = tally_ole_open(&r.msg.file, src, r.msg.limits, err);
	if (st >= 0)
		st = read_items(&r);
	partial = r.msg.mail.partial;
	for (size_t i = 0; i < r.queue.count; i++)
		tally_free(r.queue.storages[i]);
	tally_free(r.queue.storages);
	tally_buf_release(&r.storage);
	tally_buf_release(&r.address);
	tally_buf_release(&r.text);
	tally_buf_release(&r.msg.path);
	tally_mail_release(&r.msg.mail);
	tally_msg_close(&r.msg);
	tally_ole_close(r.msg.file);
	return st < 0 ? st : partial ? TALLY_PARTIAL : TALLY_OK;
}

const struct tally_format tally_format_msg = {
	.version = TALLY_FORMAT_VERSION,
	.name = "msg",
	.suffixes = suffixes,
	.caps = TALLY_CAP_BLOCKS | TALLY_CAP_FACTS | TALLY_CAP_PLACES,
	.probe = msg_probe,
	.confirm = msg_confirm,
	.read = msg_read,
};
