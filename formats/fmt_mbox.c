/*
 * Mailboxes (mbox): read from end to end, one message in memory at a time. A message is known by its Message-ID, so that the order
 * makes no difference: a fact for each one that is there, and a block for what is written in it, in the order of the IDs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/buf.h"
#include "core/hash.h"
#include "core/mem.h"
#include "formats/format.h"
#include "formats/mail.h"
#include "formats/text_file.h"

static const char *const suffixes[] = { ".mbox", ".mbx", NULL };

enum {
	MBOX_BITS = 48,
	STEP = 256 << 10,    /* bytes read at once */
	LINE_MOST = 1 << 20, /* a longer one is taken in pieces; only headers are looked at closely */
	SHOWN = 400,         /* bytes of a header that name a message */
	BIG = 16 << 20,      /* memory that is given back behind a message */
	TEXT_MOST = 4 << 20, /* of one message that are compared word by word */
};

/* A message that was read. */
struct message {
	char *id; /* of it, and how it is called */
	char *text;
	size_t len;
	uint64_t hash, look;
	uint32_t n; /* in the mailbox, from 1 */
};

struct mailbox {
	const struct tally_sink *sink;
	const struct tally_limits *limits;
	struct tally_err *err;
	struct message *messages;
	size_t count, cap;
	uint64_t kept;  /* bytes of their texts */
	uint64_t marks; /* what mail programs noted about messages, in any order */
	uint32_t n;     /* of the message that is read */
	bool partial;

	/* the one that is read */
	struct tally_buf raw;
	bool loose;    /* no line in front of a message has a time */
	bool open;     /* there is one */
	bool blank;    /* the line before was empty */
	bool too_long; /* it has more bytes than are read */
	uint64_t look; /* of what is said in no word */
	struct tally_buf id, from, date, subject, text, where;
};

/* ---- what is said of one message ---- */

static bool set(struct tally_buf *out, const char *value)
{
	size_t len = strlen(value);

	tally_buf_clear(out);
	if (len <= SHOWN)
		return tally_buf_add(out, value, len);
	for (len = SHOWN; len && ((unsigned char)value[len] & 0xC0) == 0x80;)
		len--;
	/* what is cut off still tells two of them apart */
	return tally_buf_add(out, value, len) &&
	       tally_buf_printf(out, "\u2026 (%016llx)",
	                        (unsigned long long)tally_hash64(value, strlen(value), 0));
}

static const char *text_of(const struct tally_buf *b)
{
	return b->len ? b->bytes : "";
}

static const char *id_of(const struct mailbox *b)
{
	return b->id.len ? b->id.bytes : "a message without an ID";
}

static struct tally_buf *named(struct mailbox *b, const char *header)
{
	return !strcmp(header, "Message-ID") ? &b->id
	       : !strcmp(header, "From")     ? &b->from
	       : !strcmp(header, "Date")     ? &b->date
	       : !strcmp(header, "Subject")  ? &b->subject
	                                     : NULL;
}

static bool add_line(struct mailbox *b, const char *name, const char *value)
{
	return tally_buf_text(&b->text, name) && tally_buf_text(&b->text, ": ") &&
	       tally_buf_text(&b->text, value) && tally_buf_byte(&b->text, '\n');
}

static enum tally_status on_block(void *payload, const struct tally_block *block,
                                  struct tally_err *err)
{
	struct mailbox *b = payload;

	b->look = tally_hash64(&block->look, sizeof block->look, b->look);
	return tally_buf_add(&b->text, block->text, block->len) && tally_buf_byte(&b->text, '\n')
	               ? TALLY_OK
	               : tally_err_nomem(err);
}

/* Facts that count for the whole mailbox; the others are lines of the message's text. */
static bool stands_alone(const char *fact)
{
	static const char *const names[] = { "attachment", "signature", "script", "parts_disagree" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i], fact))
			return true;
	return false;
}

static enum tally_status on_fact(void *payload, const struct tally_fact *fact, struct tally_err *err)
{
	struct mailbox *b = payload;
	const char *where = fact->where ? fact->where : "";
	bool header = !strcmp(fact->name, "mail_header");
	struct tally_buf *name = header ? named(b, where) : NULL;
	struct tally_fact mine = *fact;
	bool ok;

	if (stands_alone(fact->name)) {
		tally_buf_clear(&b->where);
		if (!tally_buf_text(&b->where, where) || !tally_buf_text(&b->where, " in ") ||
		    !tally_buf_text(&b->where, id_of(b)))
			return tally_err_nomem(err);
		mine.where = b->where.bytes;
		return b->sink->fact ? b->sink->fact(b->sink->payload, &mine, err) : TALLY_OK;
	}
	if (!strcmp(fact->name, "unread")) {
		b->look = tally_hash64(fact->value, strlen(fact->value), b->look);
		return TALLY_OK;
	}
	if (!strcmp(where, TALLY_MAIL_MARKS)) {
		b->marks += tally_hash64(fact->value, strlen(fact->value),
		                         tally_hash64(text_of(&b->id), b->id.len, 0));
		return TALLY_OK;
	}
	if (name)
		ok = set(name, fact->value);
	else
		ok = add_line(b, header || !strcmp(fact->name, "part") ? where : fact->name,
		              fact->value);
	return ok ? TALLY_OK : tally_err_nomem(err);
}

static enum tally_status on_note(void *payload, const struct tally_note *note, struct tally_err *err)
{
	struct mailbox *b = payload;
	struct tally_note mine = *note;

	mine.where = id_of(b);
	b->partial = true;
	return b->sink->note ? b->sink->note(b->sink->payload, &mine, err) : TALLY_OK;
}

static enum tally_status on_content(void *payload, const char *value, const void *bytes, size_t len,
                                    struct tally_err *err)
{
	struct mailbox *b = payload;

	return b->sink->content(b->sink->payload, value, bytes, len, err);
}

/* ---- one message ---- */

/* "Anna <anna@example.org>, Mon, 1 Jun 2026 10:00:00 +0200, Offer" */
static enum tally_status push_fact(struct mailbox *b)
{
	const struct tally_buf *said[] = { &b->from, &b->date, &b->subject };
	struct tally_fact f = { .name = "message" };
	struct tally_buf value;
	enum tally_status st = TALLY_OK;
	bool ok = true;

	tally_buf_init(&value, SIZE_MAX / 2);
	for (size_t i = 0; i < sizeof said / sizeof *said && ok; i++)
		if (said[i]->len)
			ok = (!value.len || tally_buf_text(&value, ", ")) &&
			     tally_buf_add(&value, said[i]->bytes, said[i]->len);
	f.value = text_of(&value);
	f.where = id_of(b);
	if (!ok)
		st = tally_err_nomem(b->err);
	else if (b->sink->fact)
		st = b->sink->fact(b->sink->payload, &f, b->err);
	tally_buf_release(&value);
	return st;
}

/* The end of a very long text by its digest. */
static bool cut(struct mailbox *b)
{
	size_t n = TEXT_MOST, len = b->text.len;
	uint64_t hash;

	if (len <= TEXT_MOST)
		return true;
	while (n && ((unsigned char)b->text.bytes[n] & 0xC0) == 0x80)
		n--;
	hash = tally_hash64(b->text.bytes + n, len - n, 0);
	b->text.len = n;
	return tally_buf_printf(&b->text, "\nand %zu more bytes, with the digest %016llx\n",
	                        len - n, (unsigned long long)hash);
}

static enum tally_status keep(struct mailbox *b)
{
	struct message *m;

	if (!cut(b) || !tally_grow(&b->messages, &b->cap, b->count, sizeof *b->messages))
		return tally_err_nomem(b->err);
	b->kept += b->text.len;
	if (b->kept > b->limits->mailbox_text)
		return tally_err_set(b->err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "mailbox_text: the messages have more text");
	while (b->text.len && b->text.bytes[b->text.len - 1] == '\n')
		b->text.len--;
	m = &b->messages[b->count++];
	*m = (struct message){ .len = b->text.len, .look = b->look, .n = b->n };
	m->hash = tally_hash64(text_of(&b->text), m->len, 0);
	m->id = tally_dup(text_of(&b->id), b->id.len);
	m->text = tally_dup(text_of(&b->text), m->len);
	return m->id && m->text ? TALLY_OK : tally_err_nomem(b->err);
}

static enum tally_status unread(struct mailbox *b, enum tally_reason reason, const char *detail)
{
	struct tally_note note = { .reason = reason, .detail = detail };

	if (!tally_buf_printf(&b->text, "%zu bytes that were not read, with the digest %016llx\n",
	                      b->raw.len,
	                      (unsigned long long)tally_hash64(text_of(&b->raw), b->raw.len, 0)))
		return tally_err_nomem(b->err);
	return on_note(b, &note, b->err);
}

static enum tally_status read_message(struct mailbox *b)
{
	struct tally_sink sink = { .payload = b,
		                   .block = on_block,
		                   .fact = on_fact,
		                   .note = on_note,
		                   .content = b->sink->content ? on_content : NULL };
	struct tally_err why = { 0 };
	enum tally_status st;

	while (b->raw.len && strchr("\r\n", b->raw.bytes[b->raw.len - 1]))
		b->raw.len--;
	st = tally_mail_read(text_of(&b->raw), b->raw.len, b->limits, true, &sink, &why);
	if (st == TALLY_SKIP && why.reason != TALLY_REASON_LIBRARY_MISSING &&
	    why.reason != TALLY_REASON_TOO_LARGE)
		st = unread(b, why.reason, why.message);
	else if (st < 0 && st != TALLY_PARTIAL)
		return tally_err_set(b->err, st, why.reason, "%s", why.message);
	if (st >= TALLY_PARTIAL && b->too_long)
		st = unread(b, TALLY_REASON_LIMIT,
		            "mail_bytes: a message of a mailbox is longer; the rest was not read");
	return st < TALLY_PARTIAL ? st : TALLY_OK;
}

static enum tally_status finish(struct mailbox *b)
{
	struct tally_buf *all[] = { &b->id, &b->from, &b->date, &b->subject, &b->text, &b->raw };
	enum tally_status st = TALLY_OK;

	if (b->open) {
		b->n++;
		st = read_message(b);
		if (st >= 0 && !b->id.len && !set(&b->id, ""))
			st = tally_err_nomem(b->err);
		if (st >= 0)
			st = push_fact(b);
		if (st >= 0)
			st = keep(b);
	}
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i]->cap > BIG)
			tally_buf_release(all[i]);
		else
			tally_buf_clear(all[i]);
	b->too_long = false;
	b->look = 0;
	return st;
}

/* ---- where messages begin ---- */

/* "From anna@example.org Mon Jun  1 10:00:00 2026": a time tells it from a sentence. */
static bool has_time(const char *line, size_t n)
{
	for (size_t i = 5; i + 1 < n; i++)
		if (line[i] == ':' && tally_is_digit(line[i - 1]) && tally_is_digit(line[i + 1]))
			return true;
	return false;
}

static bool is_from(const char *line, size_t n)
{
	return n > 5 && !memcmp(line, "From ", 5);
}

static bool first_has_time(const char *bytes, size_t len)
{
	const char *end = len ? memchr(bytes, '\n', len) : NULL;

	return end && has_time(bytes, (size_t)(end - bytes));
}

static size_t quotes(const char *line, size_t n)
{
	size_t i = 0;

	while (i < n && line[i] == '>')
		i++;
	return i && is_from(line + i, n - i) ? i : 0;
}

/* A line with its end, or a piece of a very long one. @begins  it does not go on with a piece */
static enum tally_status add(struct mailbox *b, const char *line, size_t n, bool begins)
{
	if (begins && is_from(line, n) && (b->loose || has_time(line, n)) && (b->blank || !b->open)) {
		enum tally_status st = finish(b);

		b->open = true;
		b->blank = false;
		return st;
	}
	b->blank = begins && n <= 2 && (*line == '\n' || *line == '\r');
	if (begins && quotes(line, n)) { /* quoted, because it looks like the beginning of a message */
		line++;
		n--;
	}
	if (!b->open || b->too_long || n > b->limits->mail_bytes - b->raw.len) {
		b->too_long |= b->open;
		return TALLY_OK;
	}
	return tally_buf_add(&b->raw, line, n) ? TALLY_OK : tally_err_nomem(b->err);
}

/* Whole lines of what was read; the rest stays for what comes next. */
static enum tally_status add_lines(struct mailbox *b, struct tally_buf *ahead, bool *begins, bool end)
{
	enum tally_status st = TALLY_OK;
	size_t at = 0;

	while (st >= 0 && at < ahead->len) {
		const char *line = ahead->bytes + at;
		const char *stop = memchr(line, '\n', ahead->len - at);
		size_t n = stop ? (size_t)(stop + 1 - line) : ahead->len - at;

		if (!stop && !end && n < LINE_MOST)
			break;
		st = add(b, line, n, *begins);
		*begins = stop;
		at += n;
	}
	if (at < ahead->len)
		memmove(ahead->bytes, ahead->bytes + at, ahead->len - at);
	ahead->len -= at;
	return st;
}

static enum tally_status read_all(struct mailbox *b, struct tally_source *src)
{
	struct tally_buf ahead;
	bool begins = true;
	uint64_t at = 0;
	enum tally_status st = TALLY_OK;
	ssize_t got = 1;

	tally_buf_init(&ahead, LINE_MOST + 2 * STEP);
	while (st >= 0 && got > 0) {
		if (!tally_buf_reserve(&ahead, STEP)) {
			st = tally_err_nomem(b->err);
			break;
		}
		got = tally_source_pread(src, ahead.bytes + ahead.len, STEP, at, b->err);
		if (got < 0) {
			st = TALLY_SKIP;
			break;
		}
		if (at == 0)
			b->loose = !first_has_time(ahead.bytes, (size_t)got);
		at += (uint64_t)got;
		ahead.len += (size_t)got;
		st = add_lines(b, &ahead, &begins, got == 0);
	}
	tally_buf_release(&ahead);
	return st < 0 ? st : finish(b);
}

/* ---- all messages ---- */

static int by_id(const void *left, const void *right)
{
	const struct message *a = left, *b = right;
	int c = strcmp(a->id, b->id);

	if (c)
		return c;
	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return (a->n > b->n) - (a->n < b->n);
}

static enum tally_status push_texts(struct mailbox *b)
{
	enum tally_status st = TALLY_OK;

	if (b->count > 1)
		qsort(b->messages, b->count, sizeof *b->messages, by_id);
	for (size_t i = 0; st >= 0 && i < b->count; i++) {
		struct message *m = &b->messages[i];
		struct tally_block block = { .kind = TALLY_BLOCK_MESSAGE,
			                     .area = TALLY_AREA_MAIL,
			                     .n = m->n,
			                     .name = *m->id ? tally_hash64(m->id, strlen(m->id), 1)
			                                    : 0,
			                     .text = m->text,
			                     .len = (uint32_t)m->len,
			                     .look = m->look };

		if (m->len && b->sink->block)
			st = b->sink->block(b->sink->payload, &block, b->err);
		tally_free(m->text); /* the sink has its own */
		m->text = NULL;
	}
	return st;
}

static enum tally_status push_marks(struct mailbox *b)
{
	char value[24];
	struct tally_fact f = { .name = "part", .value = value, .where = TALLY_MAIL_MARKS };

	snprintf(value, sizeof value, "%016llx", (unsigned long long)b->marks);
	return b->marks && b->sink->fact ? b->sink->fact(b->sink->payload, &f, b->err) : TALLY_OK;
}

/* ---- the format ---- */

static int mbox_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	const char *text = (const char *)bytes, *end = text ? memchr(text, '\n', len) : NULL;
	bool is_named = tally_text_suffix(name, suffixes);
	size_t first;

	if (!size)
		return is_named ? 2 : 0;
	if (!end || !is_from(text, len))
		return 0;
	first = (size_t)(end + 1 - text);
	return tally_mail_begins(end + 1, len - first) || is_named ? MBOX_BITS + is_named : 0;
}

static void init(struct mailbox *b)
{
	struct tally_buf *all[] = { &b->raw,     &b->id,   &b->from, &b->date,
		                    &b->subject, &b->text, &b->where };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		tally_buf_init(all[i], SIZE_MAX / 2);
}

static void release(struct mailbox *b)
{
	struct tally_buf *all[] = { &b->raw,     &b->id,   &b->from, &b->date,
		                    &b->subject, &b->text, &b->where };

	for (size_t i = 0; i < b->count; i++) {
		tally_free(b->messages[i].id);
		tally_free(b->messages[i].text);
	}
	tally_free(b->messages);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		tally_buf_release(all[i]);
}

static enum tally_status mbox_read(struct tally_source *src, const struct tally_read_options *options,
                                   const struct tally_sink *sink, struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	struct mailbox b = { .sink = sink,
		             .limits = options->limits ? options->limits : &defaults,
		             .err = err };
	enum tally_status st;

	init(&b);
	st = read_all(&b, src);
	if (st >= 0)
		st = push_texts(&b);
	if (st >= 0)
		st = push_marks(&b);
	release(&b);
	return st < 0 ? st : b.partial ? TALLY_PARTIAL : TALLY_OK;
}

enum tally_status tally_mail_read_boxed(const char *bytes, size_t len,
                                        const struct tally_limits *limits,
                                        const struct tally_sink *sink, struct tally_err *err)
{
	struct mailbox b = { .sink = sink, .limits = limits, .err = err, .open = true };
	enum tally_status st;

	init(&b);
	st = tally_buf_add(&b.raw, bytes, len) ? finish(&b) : tally_err_nomem(err);
	if (st >= 0)
		st = push_texts(&b);
	if (st >= 0)
		st = push_marks(&b);
	release(&b);
	return st < 0 ? st : b.partial ? TALLY_PARTIAL : TALLY_OK;
}

const struct tally_format tally_format_mbox = {
	.version = TALLY_FORMAT_VERSION,
	.name = "mbox",
	.suffixes = suffixes,
	.caps = TALLY_CAP_BLOCKS | TALLY_CAP_FACTS | TALLY_CAP_PLACES,
	.probe = mbox_probe,
	.read = mbox_read,
};
