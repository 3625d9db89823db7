/* Lines that were filled: see filled_text.h. */
#include "formats/filled_text.h"

#include <string.h>

#include "core/buf.h"
#include "formats/text_file.h"

enum {
	WIDTH_MOST = 100,  /* bytes; text with longer lines is not filled by hand or by a program */
	JOINTS_LEAST = 3,  /* line ends inside paragraphs that it takes to see it */
	JOINTS_SHARE = 80, /* per cent of them that stand where a filled line would end */
	LINES_MOST = 100, /* of a paragraph; nobody writes longer ones, but records of one width stand so */
	QUOTES_MOST = 16 /* marks of mails that were answered again and again */
};

/* ---- lines ---- */

/* A line without what quotes it. */
struct line {
	const char *text;
	size_t len;
	unsigned quotes; /* "> > " are two */
};

static bool is_blank(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (line[i] != ' ' && line[i] != '\t' && line[i] != '\f')
			return false;
	return true;
}

/* Indented lines, items of lists, headings and tables keep their lines. */
static bool stands_alone(const char *line, size_t len)
{
	return !len || strchr(" \t-*+#|>=~.", line[0]) ||
	       (len > 1 && line[0] >= '0' && line[0] <= '9' && strchr(".)", line[1]));
}

static size_t first_word(const char *line, size_t len)
{
	size_t n = 0;

	while (n < len && line[n] != ' ' && line[n] != '\t')
		n++;
	return n;
}

static struct line without_quotes(const char *text, size_t len)
{
	struct line l = { text, len, 0 };

	while (l.quotes < QUOTES_MOST && l.len && *l.text == '>') {
		size_t n = 1 + (l.len > 1 && l.text[1] == ' ');

		l.text += n;
		l.len -= n;
		l.quotes++;
	}
	return l;
}

static bool next_line(struct line *l, const char *bytes, size_t len, size_t *at)
{
	const char *text;
	size_t n;

	if (!tally_text_line(bytes, len, at, &text, &n))
		return false;
	*l = without_quotes(text, n);
	return true;
}

/* Does it go on with the paragraph of the line before? @before  of which something has to be there */
static bool goes_on(const struct line *before, const struct line *l)
{
	return before->len && !is_blank(before->text, before->len) && before->quotes == l->quotes &&
	       !is_blank(l->text, l->len) && !stands_alone(l->text, l->len);
}

/* ---- is it filled? ---- */

static size_t widest(const char *bytes, size_t len)
{
	size_t width = 0, n;
	const char *line;

	for (size_t at = 0; tally_text_line(bytes, len, &at, &line, &n);)
		width = n > width ? n : width;
	return width;
}

bool tally_text_is_filled(const char *bytes, size_t len)
{
	size_t width = widest(bytes, len), joints = 0, full = 0, lines = 0;
	struct line before = { NULL, 0, 0 }, l;

	if (width > WIDTH_MOST || width < 40)
		return false;
	for (size_t at = 0; next_line(&l, bytes, len, &at); before = l) {
		lines = goes_on(&before, &l) ? lines + 1 : 0;
		if (lines >= LINES_MOST)
			return false;
		if (lines) {
			size_t quotes = (size_t)2 * before.quotes;

			joints++;
			full += quotes + before.len + 1 + first_word(l.text, l.len) >
			        width - width / 8;
		}
	}
	return joints >= JOINTS_LEAST && full * 100 >= joints * JOINTS_SHARE;
}

/* ---- paragraphs ---- */

static bool add_line(struct tally_buf *para, const struct line *l)
{
	bool ok = true;

	for (unsigned i = 0; i < l->quotes && ok && !para->len; i++)
		ok = tally_buf_text(para, "> ");
	return ok && (para->len <= (size_t)2 * l->quotes || tally_buf_byte(para, ' ')) &&
	       tally_buf_add(para, l->text, l->len);
}

enum tally_status tally_filled_paragraphs(const char *bytes, size_t len, tally_paragraph_fn fn,
                                          void *payload, struct tally_err *err)
{
	struct line before = { NULL, 0, 0 }, l;
	enum tally_status st = TALLY_OK;
	uint32_t number = 0, first = 0;
	struct tally_buf para;

	tally_buf_init(&para, 2 * len + 1);
	for (size_t at = 0; st >= 0 && next_line(&l, bytes, len, &at); before = l) {
		number++;
		if (para.len && !goes_on(&before, &l)) {
			st = fn(payload, para.bytes, para.len, first, err);
			tally_buf_clear(&para);
		}
		if (st < 0 || is_blank(l.text, l.len))
			continue;
		first = para.len ? first : number;
		if (!add_line(&para, &l))
			st = tally_err_nomem(err);
	}
	if (st >= 0 && para.len)
		st = fn(payload, para.bytes, para.len, first, err);
	tally_buf_release(&para);
	return st;
}
