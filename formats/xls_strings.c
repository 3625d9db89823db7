/* Texts of old workbooks: characters over the ends of records, code pages, shared strings ([MS-XLS] 2.5.293, 2.5.294, 2.4.265). */
#include <string.h>

#include "core/escape.h"
#include "core/mem.h"
#include "formats/encoding.h"
#include "formats/xls.h"

/* ---- bytes over the ends of records ---- */

struct tally_xls_pieces tally_xls_pieces(const struct tally_xls *x,
                                         const struct tally_xls_record *record)
{
	return (struct tally_xls_pieces){ .x = x,
		                          .in = tally_bytes_of(record->bytes, record->len),
		                          .next = record->next };
}

/* Is there a byte more, here or in the next CONTINUE? */
static bool go_on(struct tally_xls_pieces *p)
{
	struct tally_xls_record record;

	while (!p->bad && !tally_bytes_left(&p->in)) {
		if (tally_xls_record(p->x, p->next, &record, NULL) < 0 ||
		    record.type != TALLY_XLS_CONTINUE) {
			p->bad = true;
			break;
		}
		p->in = tally_bytes_of(record.bytes, record.len);
		p->next = record.next;
	}
	return !p->bad;
}

uint32_t tally_xls_number(struct tally_xls_pieces *p, unsigned bytes)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < bytes && go_on(p); i++)
		n |= (uint32_t)tally_bytes_u8(&p->in) << 8 * i;
	return n;
}

static void skip(struct tally_xls_pieces *p, uint64_t len)
{
	while (len && go_on(p)) {
		size_t n = tally_bytes_left(&p->in);

		if (n > len)
			n = (size_t)len;
		tally_bytes_take(&p->in, n);
		len -= n;
	}
}

/* ---- characters ---- */

static bool put(struct tally_buf *to, uint32_t c)
{
	char out[4];

	return tally_buf_add(to, out, tally_utf8_put(out, c));
}

/* Units of UTF-16 come one by one; a high surrogate waits for its partner. */
struct unit_reader {
	struct tally_buf *to;
	uint32_t high;
	bool ok;
};

static void take_unit(struct unit_reader *u, uint32_t c)
{
	if (u->high && c >= 0xdc00 && c <= 0xdfff) {
		c = 0x10000 + ((u->high - 0xd800) << 10) + (c - 0xdc00);
		u->high = 0;
		u->ok = u->ok && put(u->to, c);
		return;
	}
	if (u->high) /* one without a partner stays what it is: no character, and not replaced by one */
		u->ok = u->ok && put(u->to, u->high);
	u->high = c >= 0xd800 && c <= 0xdbff ? c : 0;
	if (!u->high)
		u->ok = u->ok && put(u->to, c);
}

/* Characters of one or two bytes; where they go on in another record, a byte says anew which (2.4.58). */
static bool wide_text(struct tally_xls_pieces *p, size_t count, bool two, struct tally_buf *to)
{
	struct unit_reader u = { to, 0, true };

	while (count && u.ok && !p->bad) {
		if (!tally_bytes_left(&p->in)) {
			two = tally_xls_number(p, 1) & 1;
			continue;
		}
		take_unit(&u, tally_xls_number(p, two ? 2 : 1));
		count--;
	}
	if (u.high)
		u.ok = u.ok && put(to, u.high);
	return u.ok;
}

static const struct page {
	unsigned number;
	uint16_t high[128];
} pages[] = {
#define TALLY_CODE_PAGE(number, ...) { number, { __VA_ARGS__ } },
#include "formats/code_pages.def"
#undef TALLY_CODE_PAGE
};

static const struct page *page_of(unsigned number)
{
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
		if (pages[i].number == number || (number == 32768 && pages[i].number == 10000))
			return &pages[i];
	return NULL;
}

/* @known  is the code page one of windows-1252, or of the table? In others bytes beyond ASCII are passed on as they are. */
static bool put_byte(struct tally_xls *x, const struct page *page, bool known, unsigned char c)
{
	char out[TALLY_SINGLE_BYTE_MAX], byte = (char)c;

	if (c < 0x80)
		return tally_buf_byte(&x->text, byte);
	if (page && page->high[c - 0x80])
		return put(&x->text, page->high[c - 0x80]);
	if (!page && known)
		return tally_buf_add(&x->text, out,
		                     tally_single_to_utf8(out, &byte, 1, TALLY_ENCODING_WINDOWS_1252));
	x->strange_texts = true;
	return tally_buf_byte(&x->text, byte);
}

static bool narrow_text(struct tally_xls *x, struct tally_xls_pieces *p, size_t count)
{
	const struct page *page = page_of(x->code_page);
	/* 2.4.52: 32769 is windows-1252 as well; so is a workbook that does not say */
	bool known = page || !x->code_page || x->code_page == 1252 || x->code_page == 32769 ||
	             x->code_page == 367;
	bool ok = true;

	while (count-- && ok && go_on(p))
		ok = put_byte(x, page, known, tally_bytes_u8(&p->in));
	return ok;
}

static enum tally_status read_text(struct tally_xls *x, struct tally_xls_pieces *p, size_t count,
                                   struct tally_err *err)
{
	enum { TWO = 1, PHONETIC = 4, RICH = 8 };
	uint32_t flags = 0, runs = 0, phonetic = 0;
	bool ok;

	tally_buf_clear(&x->text);
	if (x->wide) {
		flags = tally_xls_number(p, 1);
		if (flags & RICH)
			runs = tally_xls_number(p, 2);
		if (flags & PHONETIC)
			phonetic = tally_xls_number(p, 4);
		ok = wide_text(p, count, flags & TWO, &x->text);
		skip(p, (uint64_t)runs * 4 + phonetic);
	} else {
		ok = narrow_text(x, p, count);
	}
	if (!ok)
		return tally_err_nomem(err);
	return p->bad ? tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED,
	                              "a text ends before its last character")
	              : TALLY_OK;
}

enum tally_status tally_xls_text(struct tally_xls *x, struct tally_xls_pieces *p, size_t count,
                                 struct tally_err *err)
{
	tally_buf_clear(&x->text);
	return count ? read_text(x, p, count, err) : TALLY_OK;
}

/* ---- shared strings ---- */

static enum tally_status add_string(struct tally_xls *x, struct tally_err *err)
{
	enum tally_status st;

	if (!tally_grow(&x->ends, &x->ends_cap, x->string_count, sizeof *x->ends))
		return tally_err_nomem(err);
	st = tally_sheet_pack(x->book, &x->strings, x->text.len ? x->text.bytes : "", x->text.len,
	                      err);
	if (st >= 0 && x->strings.len > UINT32_MAX)
		st = tally_err_set(err, TALLY_SKIP, TALLY_REASON_TOO_LARGE,
		                   "table_bytes: shared strings of more than 4 GiB");
	if (st >= 0)
		x->ends[x->string_count++] = (uint32_t)x->strings.len;
	return st;
}

enum tally_status tally_xls_sst(struct tally_xls *x, const struct tally_xls_record *record,
                                struct tally_err *err)
{
	struct tally_xls_pieces p = tally_xls_pieces(x, record);
	enum tally_status st = TALLY_OK;
	uint32_t count;

	if (x->string_count)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_AMBIGUOUS_CONTAINER,
		                     "it has two tables of shared strings");
	skip(&p, 4); /* how often they are used */
	count = tally_xls_number(&p, 4);
	/* a count that is too large costs nothing: each string takes three bytes at least */
	for (uint32_t i = 0; i < count && !p.bad && st >= 0; i++) {
		uint32_t len = tally_xls_number(&p, 2);

		if (p.bad) /* there are fewer: a cell that needs one says so */
			break;
		st = read_text(x, &p, len, err);
		if (st >= 0)
			st = add_string(x, err);
	}
	return st;
}
