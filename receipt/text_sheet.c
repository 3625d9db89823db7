/* The sheet of the terminal view: pieces, folding, styles. See receipt/text.h. */
#include "receipt/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/escape.h"
#include "core/io.h"
#include "receipt/words.h"

/* Marks inside a line; escaped text never holds a control character. */
enum {
	FIXED_BLANK = 1,
	STYLE_FIRST = 2, /* + enum tally_style */
	STYLE_END = 7,
};

enum { FLUSH_AT = 1 << 16 };

static void failed(struct tally_sheet *s, bool ok)
{
	if (!ok && s->status == TALLY_OK)
		s->status = tally_err_nomem(s->err);
}

void tally_sheet_text(struct tally_sheet *s, const char *text)
{
	failed(s, tally_buf_text(&s->line, text));
}

void tally_sheet_printf(struct tally_sheet *s, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	tally_sheet_text(s, text);
}

void tally_sheet_count(struct tally_sheet *s, uint64_t n)
{
	char text[TALLY_COUNT_MAX];

	tally_sheet_text(s, tally_words_count(text, n));
}

/* What was appended since @from keeps together. */
static void fix_blanks(struct tally_sheet *s, size_t from)
{
	char *p, *end;

	if (from >= s->line.len)
		return;
	p = s->line.bytes + from;
	end = s->line.bytes + s->line.len;
	while ((p = memchr(p, ' ', (size_t)(end - p))))
		*p++ = FIXED_BLANK;
}

void tally_sheet_fixed(struct tally_sheet *s, const char *text)
{
	size_t from = s->line.len;

	tally_sheet_text(s, text);
	fix_blanks(s, from);
}

void tally_sheet_arrow(struct tally_sheet *s)
{
	tally_sheet_text(s, " ");
	tally_sheet_fixed(s, "\u2192 ");
}

void tally_sheet_plural(struct tally_sheet *s, uint64_t n, const char *one, const char *many)
{
	size_t from = s->line.len;
	char text[TALLY_COUNT_MAX];

	tally_sheet_text(s, tally_words_count(text, n));
	tally_sheet_text(s, " ");
	fix_blanks(s, from);
	tally_sheet_text(s, n == 1 ? one : many);
}

void tally_sheet_term(struct tally_sheet *s, const char *sign, uint64_t n, const char *word)
{
	tally_sheet_text(s, " ");
	tally_sheet_fixed(s, sign);
	tally_sheet_fixed(s, " ");
	tally_sheet_count(s, n);
	tally_sheet_fixed(s, " ");
	tally_sheet_text(s, word);
}

void tally_sheet_size(struct tally_sheet *s, uint64_t bytes)
{
	size_t from = s->line.len;
	char text[TALLY_SIZE_MAX];

	tally_sheet_text(s, tally_words_size(text, bytes));
	fix_blanks(s, from);
}

void tally_sheet_bytes(struct tally_sheet *s, const char *bytes, size_t len)
{
	size_t from = s->line.len;

	failed(s, tally_words_name(&s->line, bytes, len));
	fix_blanks(s, from);
}

void tally_sheet_string(struct tally_sheet *s, const char *text)
{
	tally_sheet_bytes(s, text, strlen(text));
}

void tally_sheet_id(struct tally_sheet *s, const char *id)
{
	for (const char *c = id ? id : "?"; *c; c++)
		tally_sheet_bytes(s, *c == '_' ? " " : c, 1);
}

void tally_sheet_name(struct tally_sheet *s, const struct tally_name *name)
{
	bool quote = name->bytes && name->len && tally_words_misleading(name->bytes, name->len);

	tally_sheet_text(s, quote ? "\u2018" : "");
	if (name->bytes && name->len)
		tally_sheet_bytes(s, name->bytes, name->len);
	else
		tally_sheet_text(s, name->bytes ? "." : "(no name)");
	tally_sheet_text(s, quote ? "\u2019" : "");
}

void tally_sheet_safe(struct tally_sheet *s, const char *text)
{
	if (text)
		failed(s, tally_words_safe(&s->line, text, strlen(text)));
}

void tally_sheet_time(struct tally_sheet *s, int64_t ns)
{
	char text[TALLY_TIME_MAX];
	size_t from = s->line.len;

	if (!ns) {
		tally_sheet_text(s, "at an unknown time");
		return;
	}
	tally_words_time(text, ns);
	text[10] = ' ';
	tally_sheet_printf(s, "%.19s UTC", text);
	fix_blanks(s, from);
}

void tally_sheet_seconds(struct tally_sheet *s, double seconds)
{
	size_t from = s->line.len;

	failed(s, tally_words_seconds(&s->line, seconds));
	fix_blanks(s, from);
}

void tally_sheet_style(struct tally_sheet *s, enum tally_style style)
{
	failed(s, tally_buf_byte(&s->line, (char)(STYLE_FIRST + style)));
}

void tally_sheet_plain(struct tally_sheet *s)
{
	failed(s, tally_buf_byte(&s->line, STYLE_END));
}

/* ---- folding ---- */

void tally_sheet_flush(struct tally_sheet *s)
{
	if (s->status == TALLY_OK && s->out.len &&
	    tally_io_write_all(s->fd, s->out.bytes, s->out.len) < 0)
		s->status = tally_err_sys(s->err, TALLY_FATAL, "cannot write the receipt", NULL,
		                          errno);
	tally_buf_clear(&s->out);
}

static void put(struct tally_sheet *s, const char *bytes, size_t len)
{
	failed(s, tally_buf_add(&s->out, bytes, len));
}

static void put_blanks(struct tally_sheet *s, unsigned n)
{
	static const char blanks[] = "                ";

	for (; n >= sizeof blanks - 1; n -= (unsigned)sizeof blanks - 1)
		put(s, blanks, sizeof blanks - 1);
	put(s, blanks, n);
}

static const char *code_of(char mark)
{
	static const char *const codes[] = { "\033[1m", "\033[31m", "\033[33m", "\033[2m" };

	return mark == STYLE_END ? "\033[0m" : codes[mark - STYLE_FIRST];
}

static void put_mark(struct tally_sheet *s, char mark)
{
	if (mark == FIXED_BLANK)
		put(s, " ", 1);
	else if (s->colour)
		put(s, code_of(mark), strlen(code_of(mark)));
}

/* A stretch of the line, marks replaced */
static void put_stretch(struct tally_sheet *s, const char *p, size_t len)
{
	const char *end = p + len;

	while (p < end) {
		const char *from = p;

		while (p < end && (unsigned char)*p > STYLE_END)
			p++;
		put(s, from, (size_t)(p - from));
		if (p < end)
			put_mark(s, *p++);
	}
}

/* Columns of the character at p; *len is its length in bytes */
static unsigned step(const char *p, size_t left, size_t *len)
{
	uint32_t c = (unsigned char)*p;

	*len = 1;
	if (c == FIXED_BLANK || (c >= 0x20 && c < 0x7F))
		return 1;
	if (c < 0x20)
		return 0;
	*len = tally_utf8_next((const unsigned char *)p, left, &c);
	if (*len == 0) {
		*len = 1;
		return 1;
	}
	return (unsigned)tally_codepoint_width(c);
}

/*
 * How much of the text goes on a row of @width columns: all of it, or up to a blank; where a single word is longer, up to
 * behind a '/' or fixed blank, or as much as fits.
 */
static size_t fold(const char *p, size_t len, unsigned width)
{
	size_t at = 0, blank = 0, slash = 0, n;
	unsigned column = 0;

	while (at < len) {
		unsigned w = step(p + at, len - at, &n);

		if (column + w > width && p[at] != ' ')
			break;
		if (p[at] == ' ' && at > 0)
			blank = at;
		column += w;
		at += n;
		if ((p[at - n] == '/' || p[at - n] == FIXED_BLANK) && column > width / 2)
			slash = at;
	}
	if (at >= len)
		return len;
	if (blank)
		return blank;
	return slash ? slash : at ? at : n;
}

void tally_sheet_end(struct tally_sheet *s, unsigned indent, unsigned hang)
{
	const char *p = s->line.bytes;
	size_t left = s->line.len;
	unsigned at = indent;

	while (left > 0 && s->status == TALLY_OK) {
		size_t n = fold(p, left, s->columns > at + 20 ? s->columns - at : 20);

		put_blanks(s, at);
		put_stretch(s, p, n);
		put(s, "\n", 1);
		p += n;
		left -= n;
		while (left > 0 && *p == ' ') {
			p++;
			left--;
		}
		at = hang;
	}
	tally_buf_clear(&s->line);
	if (s->out.len >= FLUSH_AT)
		tally_sheet_flush(s);
}

static void blank_line(struct tally_sheet *s)
{
	put(s, "\n", 1);
}

void tally_sheet_heading(struct tally_sheet *s, unsigned number, const char *title)
{
	blank_line(s);
	tally_sheet_style(s, TALLY_STYLE_BOLD);
	tally_sheet_printf(s, "%u  %s", number, title);
	tally_sheet_plain(s);
	tally_sheet_end(s, 0, TALLY_INDENT);
}

void tally_sheet_label(struct tally_sheet *s, const char *label)
{
	size_t from = s->line.len;

	tally_sheet_printf(s, "%-*s", TALLY_LABEL, label);
	fix_blanks(s, from);
}

void tally_sheet_labelled(struct tally_sheet *s, unsigned indent)
{
	tally_sheet_end(s, indent, indent + TALLY_LABEL);
}

size_t tally_sheet_cut(const struct tally_sheet *s, size_t count, size_t most)
{
	return s->all || count <= most + 1 ? count : most;
}

void tally_sheet_list(struct tally_sheet *s, const char *label, const json_t *list, unsigned indent,
                      void (*item)(struct tally_sheet *s, const json_t *item))
{
	size_t count = json_array_size(list);
	size_t shown = tally_sheet_cut(s, count, TALLY_CELLS_MOST);

	for (size_t i = 0; i < shown; i++) {
		tally_sheet_label(s, i ? "" : label);
		item(s, json_array_get(list, i));
		tally_sheet_labelled(s, indent);
	}
	tally_sheet_more(s, indent + TALLY_LABEL, count - shown);
}

void tally_sheet_more(struct tally_sheet *s, unsigned indent, uint64_t more)
{
	if (!more)
		return;
	tally_sheet_text(s, "\u2026 and ");
	tally_sheet_count(s, more);
	tally_sheet_text(s, s->all ? " more" : " more (--all)");
	tally_sheet_end(s, indent, indent + 2);
}
