/* What pdftotext -tsv writes, taken apart: see formats/pdf_text.h. A row is a page, a block, a line or a word. */
#include "formats/pdf_text.h"

#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/mem.h"
#include "formats/pdf_bidi.h"
#include "formats/utf8_check.h"

enum {
	ROW_MOST = 1 << 20, /* bytes; no word is that long */
	STEP = 64 << 10,
	COLUMNS = 12,
	EDGE = 12, /* hundredths of a page's height: heads and feet stand above and below */
};

enum level { LEVEL_PAGE = 1, LEVEL_BLOCK = 3, LEVEL_LINE = 4, LEVEL_WORD = 5 };

struct reading {
	struct tally_pdf_text *text;
	struct tally_err *err;
	uint32_t page;  /* 0: none yet, or one that is passed over */
	uint32_t of[2]; /* flow and block of the line before */
	double height;  /* of the page */
	bool new_block, new_line;
};

/* ---- characters ---- */

static uint32_t decode(const unsigned char *s, size_t len, size_t *at)
{
	unsigned char c = s[*at];
	unsigned more = c < 0x80 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
	uint32_t u = more ? c & (0x3FU >> more) : c;

	for (++*at; more && *at < len; more--)
		u = u << 6 | (s[(*at)++] & 0x3FU);
	return u;
}

/* Control characters, the replacement character, and those that mean something in one font only. */
static bool is_strange(uint32_t u)
{
	return u < 0x20 || (u >= 0x7F && u < 0xA0) || u == 0xFFFD || (u >= 0xE000 && u < 0xF900) ||
	       u >= 0xF0000;
}

static void count_characters(struct tally_pdf_page *page, const char *word, size_t len)
{
	for (size_t at = 0; at < len;) {
		uint32_t u = decode((const unsigned char *)word, len, &at);

		if (is_strange(u))
			page->strange++;
		else if (u != 0xA0 && u != ' ')
			page->letters++;
	}
}

/* ---- rows ---- */

static bool begin_line(struct reading *r, double top)
{
	struct tally_pdf_text *t = r->text;
	struct tally_pdf_line *line;

	if (!tally_grow(&t->lines, &t->line_cap, t->line_count, sizeof *t->lines))
		return false;
	if (t->bytes.len && !tally_buf_byte(&t->bytes, '\n'))
		return false;
	line = &t->lines[t->line_count++];
	*line = (struct tally_pdf_line){
		.at = t->bytes.len, .page = r->page, .top = (float)top, .begins = r->new_block
	};
	if (r->height > 0 && top * 100 < r->height * EDGE)
		line->edge = TALLY_PDF_HEAD;
	else if (r->height > 0 && top * 100 > r->height * (100 - EDGE))
		line->edge = TALLY_PDF_FOOT;
	r->new_block = r->new_line = false;
	return true;
}

/* Control characters would look like ends of lines, or worse. */
static bool add_characters(struct tally_buf *out, const char *word, size_t len)
{
	bool ok = true;

	for (size_t i = 0; i < len && ok; i++)
		ok = (unsigned char)word[i] < ' ' ? tally_buf_text(out, "\xEF\xBF\xBD")
		                                  : tally_buf_byte(out, word[i]);
	return ok;
}

static bool add_word(struct reading *r, const char *word, size_t len, double top)
{
	struct tally_pdf_text *t = r->text;
	struct tally_pdf_line *line;

	if (!len)
		return true;
	if (!tally_utf8_check(word, len)) {
		word = "\xEF\xBF\xBD";
		len = 3;
	}
	count_characters(&t->pages[r->page - 1], word, len);
	if (r->new_line && !begin_line(r, top))
		return false;
	line = &t->lines[t->line_count - 1];
	if ((line->len && !tally_buf_byte(&t->bytes, ' ')) || !add_characters(&t->bytes, word, len))
		return false;
	line->len = (uint32_t)(t->bytes.len - line->at);
	return true;
}

static uint32_t number(const char *text)
{
	unsigned long n = strtoul(text, NULL, 10);

	return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

/* The columns: level, page, flow, block, line, word, left, top, width, height, confidence, text. */
static bool take_row(struct reading *r, char *row)
{
	char *column[COLUMNS] = { row };
	size_t n = 1;
	uint32_t page;

	for (char *c = row; *c && n < COLUMNS; c++)
		if (*c == '\t') {
			*c = 0;
			column[n++] = c + 1;
		}
	if (n < COLUMNS || !tally_is_digit(row[0]))
		return true; /* names of columns */
	page = number(column[1]);
	if (!page || page > r->text->page_count)
		return true;
	switch (number(row)) {
	case LEVEL_PAGE:
		r->page = page;
		r->height = strtod(column[9], NULL);
		r->text->pages[page - 1].told = true;
		r->new_block = r->new_line = true;
		return true;
	case LEVEL_BLOCK:
		r->new_block = true;
		return true;
	case LEVEL_LINE:
		r->new_block |= number(column[2]) != r->of[0] || number(column[3]) != r->of[1];
		r->of[0] = number(column[2]);
		r->of[1] = number(column[3]);
		r->new_line = true;
		return true;
	case LEVEL_WORD:
		return page != r->page ||
		       add_word(r, column[11], strlen(column[11]), strtod(column[7], NULL));
	default:
		return true;
	}
}

/* ---- all of it ---- */

static bool end_row(struct reading *r, struct tally_buf *row)
{
	bool ok = true;

	for (char *c = row->bytes;
	     row->len && (c = memchr(c, 0, row->len - (size_t)(c - row->bytes)));)
		*c = '\x01'; /* as strange, and no end */
	if (row->len)
		ok = take_row(r, row->bytes);
	tally_buf_clear(row);
	return ok;
}

static enum tally_status take_rows(struct reading *r, struct tally_source *src, struct tally_buf *row)
{
	char bytes[STEP];
	ssize_t n;

	while ((n = tally_source_read(src, bytes, sizeof bytes, r->err)) > 0)
		for (const char *at = bytes, *end = bytes + n; at < end;) {
			const char *stop = memchr(at, '\n', (size_t)(end - at));
			size_t len = (size_t)((stop ? stop : end) - at);

			if (!tally_buf_add(row, at, len))
				return row->len + len > ROW_MOST
				               ? tally_err_set(r->err, TALLY_SKIP, TALLY_REASON_LIMIT,
				                               "a word of more than %d bytes",
				                               ROW_MOST)
				               : tally_err_nomem(r->err);
			at += len + (stop != NULL);
			if (stop && !end_row(r, row))
				return tally_err_set(r->err, TALLY_SKIP, TALLY_REASON_LIMIT,
				                     "text_bytes: its text is longer");
		}
	return n < 0 ? TALLY_SKIP : TALLY_OK;
}

enum tally_status tally_pdf_text_read(struct tally_pdf_text *out, struct tally_source *src,
                                      uint32_t pages, uint64_t most, struct tally_err *err)
{
	struct reading r = { .text = out, .err = err };
	struct tally_buf row;
	enum tally_status st;

	*out = (struct tally_pdf_text){ .page_count = pages };
	tally_buf_init(&out->bytes, most < UINT32_MAX / 2 ? (size_t)most : UINT32_MAX / 2);
	tally_buf_init(&row, ROW_MOST);
	out->pages = tally_alloc_zero((size_t)pages + 1, sizeof *out->pages);
	st = out->pages ? take_rows(&r, src, &row) : tally_err_nomem(err);
	for (size_t i = 0; i < out->line_count && st >= 0; i++) {
		char *line = out->bytes.bytes + out->lines[i].at;

		if (tally_pdf_bidi_likely(line, out->lines[i].len) &&
		    !tally_pdf_bidi(line, out->lines[i].len))
			st = tally_err_nomem(err);
	}
	tally_buf_release(&row);
	return st;
}

void tally_pdf_text_release(struct tally_pdf_text *text)
{
	tally_buf_release(&text->bytes);
	tally_free(text->lines);
	tally_free(text->pages);
	text->lines = NULL;
	text->pages = NULL;
	text->line_count = text->line_cap = 0;
}
