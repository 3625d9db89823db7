/* Properties of Outlook's items: see msg.h. */
#include "formats/msg.h"

#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "core/hash.h"
#include "core/mem.h"
#include "formats/encoding.h"
#include "formats/letters.h"

enum {
	NUMBER = 16, /* bytes of one in its stream: type, id, flags, value */
	TYPE_ASCII = 0x001E,
	TYPE_UTF16 = 0x001F,
	TYPE_BYTES = 0x0102,
	TYPE_LONG = 0x0003,
	UTF8 = 65001, /* a code page */
};

#define NUMBERS "__properties_version1.0"
#define STREAM  "__substg1.0_"

/* What is told, and so belongs to no rest. */
static const uint16_t told[] = {
	TALLY_MSG_CLASS,          TALLY_MSG_SUBJECT,   TALLY_MSG_SENT,      TALLY_MSG_FOR_NAME,
	TALLY_MSG_FOR_ADDRESS,    TALLY_MSG_TRANSPORT, TALLY_MSG_RECIPIENT, TALLY_MSG_SENDER_NAME,
	TALLY_MSG_SENDER_ADDRESS, TALLY_MSG_TEXT,      TALLY_MSG_HTML,      TALLY_MSG_ID,
	TALLY_MSG_REFERENCES,     TALLY_MSG_REPLY_TO,  TALLY_MSG_NAME,      TALLY_MSG_ADDRESS,
	TALLY_MSG_DATA,           TALLY_MSG_FILE,      TALLY_MSG_METHOD,    TALLY_MSG_LONG_FILE,
	TALLY_MSG_LINKED,         TALLY_MSG_TYPE,      TALLY_MSG_SMTP,      TALLY_MSG_SMTP_FOR,
	TALLY_MSG_SMTP_SENDER,    TALLY_MSG_TEXT_PAGE, TALLY_MSG_HTML_PAGE, TALLY_MSG_LOCALE,
};

static bool is_told(unsigned property)
{
	for (size_t i = 0; i < sizeof told / sizeof *told; i++)
		if (told[i] == property)
			return true;
	return false;
}

/* ---- numbers ---- */

enum tally_status tally_msg_open(struct tally_msg *m, const char *storage, size_t head)
{
	const struct tally_ole_entry *entry;
	struct tally_err why = { 0 };
	enum tally_status st;

	tally_msg_close(m);
	tally_buf_clear(&m->path);
	if (!tally_buf_text(&m->path, storage) || !tally_buf_text(&m->path, NUMBERS))
		return tally_err_nomem(m->mail.err);
	entry = tally_ole_find(m->file, m->path.bytes);
	if (!entry || !entry->stream)
		return TALLY_OK;
	st = tally_ole_stream(m->file, entry, m->limits->mail_bytes, &m->numbers, &m->number_count,
	                      &why);
	if (st < 0)
		m->number_count = 0;
	if (st == TALLY_SKIP)
		return tally_mail_note(&m->mail, why.reason, "numbers of an item of Outlook");
	if (st < 0)
		return tally_err_set(m->mail.err, st, why.reason, "%s", why.message);
	head = head < m->number_count ? head : m->number_count;
	m->number_count -= head;
	memmove(m->numbers, m->numbers + head, m->number_count);
	return TALLY_OK;
}

void tally_msg_close(struct tally_msg *m)
{
	tally_free(m->numbers);
	m->numbers = NULL;
	m->number_count = 0;
}

bool tally_msg_number(const struct tally_msg *m, unsigned property, unsigned type, uint64_t *out)
{
	struct tally_bytes b = tally_bytes_of(m->numbers ? m->numbers : "", m->number_count);

	while (tally_bytes_left(&b) >= NUMBER) {
		unsigned its_type = tally_bytes_u16(&b), its = tally_bytes_u16(&b);
		uint64_t value;

		(void)tally_bytes_u32(&b);
		value = tally_bytes_u64(&b);
		if (its != property || its_type != type)
			continue;
		*out = type == TYPE_LONG ? value & UINT32_MAX : value;
		return true;
	}
	return false;
}

/* ---- texts ---- */

/* What Windows writes in where nothing else is said. @locale  of Windows: its lower bits are the language */
static uint32_t page_of_locale(uint64_t locale)
{
	static const struct {
		uint16_t page;
		uint8_t languages[8];
	} pages[] = {
		{ 874, { 0x1E } },
		{ 932, { 0x11 } },
		{ 936, { 0x04 } },
		{ 949, { 0x12 } },
		{ 1250, { 0x05, 0x0E, 0x15, 0x18, 0x1A, 0x1B, 0x1C, 0x24 } },
		{ 1251, { 0x02, 0x19, 0x22, 0x23, 0x2F, 0x3F } },
		{ 1253, { 0x08 } },
		{ 1254, { 0x1F, 0x2C } },
		{ 1255, { 0x0D } },
		{ 1256, { 0x01, 0x20, 0x29 } },
		{ 1257, { 0x25, 0x26, 0x27 } },
		{ 1258, { 0x2A } },
	};
	uint64_t language = locale & 0x3FF; /* 0: none */

	if (locale == 0x0404 || locale == 0x0C04 || locale == 0x1404)
		return 950; /* Chinese of Taiwan, Hong Kong, Macao */
	for (size_t i = 0; language && i < sizeof pages / sizeof *pages; i++)
		for (size_t k = 0; k < sizeof pages[i].languages; k++)
			if (pages[i].languages[k] == language)
				return pages[i].page;
	return language ? 1252 : 0;
}

uint32_t tally_msg_page(const struct tally_msg *m)
{
	uint64_t page = 0;

	if (tally_msg_number(m, TALLY_MSG_TEXT_PAGE, TYPE_LONG, &page) && page)
		return (uint32_t)page;
	if (tally_msg_number(m, TALLY_MSG_LOCALE, TYPE_LONG, &page) && page_of_locale(page))
		return page_of_locale(page);
	/* no program of that time wrote its own texts in UTF-8 */
	return tally_msg_number(m, TALLY_MSG_HTML_PAGE, TYPE_LONG, &page) && page != UTF8
	               ? (uint32_t)page
	               : 0;
}

static enum tally_status stream(struct tally_msg *m, const char *storage, unsigned property,
                                unsigned type, char **bytes, size_t *len)
{
	const struct tally_ole_entry *entry;
	struct tally_err why = { 0 };
	enum tally_status st;

	tally_buf_clear(&m->path);
	if (!tally_buf_text(&m->path, storage) ||
	    !tally_buf_printf(&m->path, STREAM "%04X%04X", property, type))
		return tally_err_nomem(m->mail.err);
	entry = tally_ole_find(m->file, m->path.bytes);
	if (!entry || !entry->stream)
		return TALLY_END;
	st = tally_ole_stream(m->file, entry, m->limits->mail_bytes, bytes, len, &why);
	if (st == TALLY_SKIP) {
		st = tally_mail_note(&m->mail, why.reason, "a part of an item of Outlook");
		return st < 0 ? st : TALLY_END;
	}
	return st < 0 ? tally_err_set(m->mail.err, st, why.reason, "%s", why.message) : st;
}

enum tally_status tally_msg_bytes(struct tally_msg *m, const char *storage, unsigned property,
                                  char **bytes, size_t *len)
{
	return stream(m, storage, property, TYPE_BYTES, bytes, len);
}

void tally_msg_charset(char out[24], uint32_t page)
{
	static const struct {
		uint32_t page;
		const char *name;
	} names[] = {
		{ 0, "" },
		{ 874, "windows-874" },
		{ 932, "shift_jis" },
		{ 936, "gbk" },
		{ 949, "euc-kr" },
		{ 950, "big5" },
		{ 1200, "utf-16le" },
		{ 10000, "macintosh" },
		{ 20127, "us-ascii" },
		{ 20866, "koi8-r" },
		{ 21866, "koi8-u" },
		{ 38598, "iso-8859-8" },
		{ 50220, "iso-2022-jp" },
		{ 50221, "iso-2022-jp" },
		{ 50222, "iso-2022-jp" },
		{ 51932, "euc-jp" },
		{ 51949, "euc-kr" },
		{ 52936, "hz-gb-2312" },
		{ 54936, "gb18030" },
		{ 65000, "utf-7" },
		{ 65001, "utf-8" },
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].page == page) {
			snprintf(out, 24, "%s", names[i].name);
			return;
		}
	if (page > 28590 && page <= 28606)
		snprintf(out, 24, "iso-8859-%u", (unsigned)(page - 28590));
	else
		snprintf(out, 24, page >= 1250 && page <= 1258 ? "windows-%u" : "cp%u",
		         (unsigned)page);
}

static enum tally_status note_letters(struct tally_msg *m)
{
	return tally_mail_note(&m->mail, TALLY_REASON_MALFORMED,
	                       "a text of an item of Outlook has letters that are none");
}

static size_t without_nuls(const char *bytes, size_t len, size_t width)
{
	while (len >= width && !bytes[len - 1] && !bytes[len - width])
		len -= width;
	return len;
}

static enum tally_status add_utf16(struct tally_msg *m, struct tally_buf *out, const char *bytes,
                                   size_t len)
{
	char *text = NULL;
	size_t n = 0;
	uint64_t bad = 0;
	enum tally_status st = tally_utf16_to_utf8(bytes, without_nuls(bytes, len, 2), false, 0,
	                                           &text, &n, &bad, m->mail.err);

	if (st >= 0 && !tally_buf_add(out, text ? text : "", n))
		st = tally_err_nomem(m->mail.err);
	tally_free(text);
	return st >= 0 && bad ? note_letters(m) : st;
}

static enum tally_status add_in_page(struct tally_msg *m, struct tally_buf *out, const char *bytes,
                                     size_t len)
{
	struct tally_err why = { 0 };
	char charset[24];
	uint64_t bad = 0;
	enum tally_status st;

	tally_msg_charset(charset, m->text_page);
	st = tally_letters_add(out, charset, bytes, without_nuls(bytes, len, 1), &bad, &why);
	if (st == TALLY_SKIP) {
		st = tally_mail_note(&m->mail, why.reason, why.message);
		return st < 0 ? st : TALLY_END;
	}
	if (st < 0)
		return tally_err_nomem(m->mail.err);
	return bad ? note_letters(m) : TALLY_OK;
}

enum tally_status tally_msg_text(struct tally_msg *m, const char *storage, unsigned property,
                                 struct tally_buf *out)
{
	char *bytes = NULL;
	size_t len = 0;
	enum tally_status st = stream(m, storage, property, TYPE_UTF16, &bytes, &len);

	if (st == TALLY_OK) {
		st = add_utf16(m, out, bytes, len);
	} else if (st == TALLY_END) {
		st = stream(m, storage, property, TYPE_ASCII, &bytes, &len);
		if (st == TALLY_OK)
			st = add_in_page(m, out, bytes, len);
	}
	tally_free(bytes);
	return st;
}

/* ---- the rest ---- */

/* A number is told, or is the length of a text. */
static uint64_t rest_of_numbers(const char *bytes, size_t len, size_t head, uint64_t *count)
{
	struct tally_bytes b = tally_bytes_of(bytes, len);
	uint64_t digest = 0;

	(void)tally_bytes_take(&b, head < len ? head : len);
	while (tally_bytes_left(&b) >= NUMBER) {
		const char *number = (const char *)b.at;
		unsigned type = tally_bytes_u16(&b), property = tally_bytes_u16(&b);

		(void)tally_bytes_take(&b, NUMBER - 4);
		if (is_told(property) || type > 0x0048 || type == TYPE_ASCII ||
		    type == TYPE_UTF16 || type == 0x000D)
			continue;
		digest += tally_hash64(number, NUMBER, 0);
		++*count;
	}
	return digest;
}

/* "__substg1.0_0037001F": the number of its property; 0: this is something else */
static unsigned property_of(const char *name)
{
	unsigned property = 0;

	if (strncmp(name, STREAM, strlen(STREAM)) != 0 ||
	    sscanf(name + strlen(STREAM), "%4X", &property) != 1)
		return 0;
	return property;
}

static size_t head_of(const char *path)
{
	const char *last = strrchr(path, '/');

	if (!last)
		return 32;
	return last >= path + 8 && !strncmp(last - 8, "3701000D", 8) ? 24 : 8;
}

enum tally_status tally_msg_rest(struct tally_msg *m, uint64_t *digest, uint64_t *count)
{
	const struct tally_ole_entry *entry;
	enum tally_status st = TALLY_OK;

	*digest = *count = 0;
	for (size_t i = 0; st >= 0 && (entry = tally_ole_entry(m->file, i)); i++) {
		const char *name = strrchr(entry->path, '/');
		struct tally_err why = { 0 };
		char *bytes = NULL;
		size_t len = 0;

		name = name ? name + 1 : entry->path;
		if (!entry->stream || is_told(property_of(name)))
			continue;
		st = tally_ole_stream(m->file, entry, m->limits->mail_bytes, &bytes, &len, &why);
		if (st == TALLY_SKIP) {
			st = tally_mail_note(&m->mail, why.reason, "a part of an item of Outlook");
		} else if (st < 0) {
			st = tally_err_set(m->mail.err, st, why.reason, "%s", why.message);
		} else if (!strcmp(name, NUMBERS)) {
			*digest += rest_of_numbers(bytes, len, head_of(entry->path), count);
		} else {
			*digest += tally_hash64(bytes ? bytes : "", len,
			                        tally_hash64(entry->path, strlen(entry->path), 0));
			++*count;
		}
		tally_free(bytes);
	}
	return st;
}
