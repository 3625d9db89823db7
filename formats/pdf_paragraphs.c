/*
 * Paragraphs of a PDF: see formats/pdf_paragraphs.h. A hyphen at the end of a line may be the word's own or the line's: what the
 * same document writes elsewhere, inside a line, decides.
 */
#include "formats/pdf_paragraphs.h"

#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/mem.h"

enum { WORD_MOST = 80 /* bytes of a word that is parted */ };

/* How a line goes on in the next one. */
enum join { JOIN_SPACE, JOIN_KEEP, JOIN_DROP };

/* A word that a line's end parts, whole with its hyphen, and where it stands inside a line. */
struct parted {
	uint64_t hash;
	bool found;
};

struct paragraphs {
	struct tally_pdf_text *text;
	const struct tally_sink *sink;
	struct tally_err *err;
	struct parted *parted; /* by hash */
	size_t parted_count, parted_cap;
	struct tally_buf para;
	uint32_t page; /* where it begins */
};

static const char *bytes_of(const struct paragraphs *p, const struct tally_pdf_line *line)
{
	return p->text->bytes.bytes + line->at;
}

static bool is_word_byte(char c)
{
	return tally_is_letter(c) || (unsigned char)c >= 0x80;
}

static bool goes_on_small(char c)
{
	return tally_is_lower(c) || (unsigned char)c >= 0x80;
}

/* ---- hyphens at the ends of lines ---- */

static bool ends_in_hyphen(const char *text, size_t len)
{
	return len > 1 && text[len - 1] == '-' && is_word_byte(text[len - 2]);
}

/* "income- and expense-": the hyphen stands for something left out */
static bool is_and(const char *text, size_t len)
{
	static const char *const words[] = { "and", "or", "to",  "und",  "oder", "bzw.",
		                             "bis", "et", "ou",  "y",    "o",    "e",
		                             "en",  "of", "nor", "sowie" };
	const char *end = memchr(text, ' ', len);
	size_t n = end ? (size_t)(end - text) : len;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i]) == n && !memcmp(words[i], text, n))
			return true;
	return false;
}

/* "well-" and "known thing": "well-known". @return its length; 0: too long to be looked for */
static size_t whole_word(char out[WORD_MOST], const char *left, size_t left_len, const char *right,
                         size_t right_len)
{
	size_t a = 1, b = 0;

	while (a < left_len && (is_word_byte(left[left_len - 1 - a]) || left[left_len - 1 - a] == '-'))
		a++;
	while (b < right_len && (is_word_byte(right[b]) || right[b] == '-'))
		b++;
	if (a + b > WORD_MOST)
		return 0;
	memcpy(out, left + left_len - a, a);
	memcpy(out + a, right, b);
	return a + b;
}

static int by_hash(const void *a, const void *b)
{
	const struct parted *x = a, *y = b;

	return (x->hash > y->hash) - (x->hash < y->hash);
}

/* Each once: what is found of one of two would be missing at the other. */
static void sort_parted(struct paragraphs *p)
{
	size_t n = 0;

	if (p->parted_count)
		qsort(p->parted, p->parted_count, sizeof *p->parted, by_hash);
	for (size_t i = 0; i < p->parted_count; i++)
		if (!n || p->parted[n - 1].hash != p->parted[i].hash)
			p->parted[n++] = p->parted[i];
	p->parted_count = n;
}

static struct parted *find_parted(const struct paragraphs *p, const char *word, size_t len)
{
	const struct parted key = { .hash = tally_hash64(word, len, 0) };

	return p->parted_count ? bsearch(&key, p->parted, p->parted_count, sizeof key, by_hash)
	                       : NULL;
}

static const struct tally_pdf_line *next_line(const struct paragraphs *p, size_t i)
{
	for (i++; i < p->text->line_count; i++)
		if (!p->text->lines[i].running)
			return &p->text->lines[i];
	return NULL;
}

static bool list_parted(struct paragraphs *p)
{
	for (size_t i = 0; i < p->text->line_count; i++) {
		const struct tally_pdf_line *line = &p->text->lines[i], *next = next_line(p, i);
		const char *text = bytes_of(p, line);
		char word[WORD_MOST];
		size_t n;

		if (line->running || !next || !ends_in_hyphen(text, line->len))
			continue;
		n = whole_word(word, text, line->len, bytes_of(p, next), next->len);
		if (!n)
			continue;
		if (!tally_grow(&p->parted, &p->parted_cap, p->parted_count, sizeof *p->parted))
			return false;
		p->parted[p->parted_count++] = (struct parted){ .hash = tally_hash64(word, n, 0) };
	}
	sort_parted(p);
	return true;
}

/* Words with a hyphen inside a line are written so. */
static void look_for_parted(struct paragraphs *p)
{
	const char *text = p->text->bytes.bytes, *end;

	if (!p->parted_count)
		return;
	end = text + p->text->bytes.len;
	for (const char *at = text; (at = memchr(at, '-', (size_t)(end - at))); at++) {
		const char *from = at, *to = at + 1;
		struct parted *w;

		while (from > text && at - from < WORD_MOST &&
		       (is_word_byte(from[-1]) || from[-1] == '-'))
			from--;
		while (to < end && to - at < WORD_MOST && (is_word_byte(*to) || *to == '-'))
			to++;
		w = find_parted(p, from, (size_t)(to - from));
		if (w)
			w->found = true;
	}
}

static enum join join_of(const struct paragraphs *p, const char *next, size_t next_len)
{
	char word[WORD_MOST];
	const struct parted *w;
	size_t n;

	if (p->para.len > 1 && p->para.bytes[p->para.len - 1] == '-' &&
	    tally_is_digit(p->para.bytes[p->para.len - 2]))
		return JOIN_KEEP;
	if (!ends_in_hyphen(p->para.bytes, p->para.len) || is_and(next, next_len))
		return JOIN_SPACE;
	if (!goes_on_small(next[0]))
		return JOIN_KEEP;
	n = whole_word(word, p->para.bytes, p->para.len, next, next_len);
	w = n ? find_parted(p, word, n) : NULL;
	return w && w->found ? JOIN_KEEP : JOIN_DROP;
}

/* ---- paragraphs ---- */

static enum tally_status push(struct paragraphs *p, enum tally_area area, uint32_t n,
                              const struct tally_buf *text)
{
	struct tally_block b = { .kind = TALLY_BLOCK_PARAGRAPH, .area = (uint8_t)area, .n = n };

	b.text = text->bytes;
	b.len = (uint32_t)text->len;
	for (size_t i = 0; i < text->len; i++)
		p->text->words += text->bytes[i] == ' ';
	p->text->words += text->len > 0;
	return b.len && p->sink->block ? p->sink->block(p->sink->payload, &b, p->err) : TALLY_OK;
}

static enum tally_status end_para(struct paragraphs *p)
{
	enum tally_status st = push(p, TALLY_AREA_PAGE, p->page, &p->para);

	tally_buf_clear(&p->para);
	return st;
}

static bool add_line(struct paragraphs *p, const char *text, size_t len)
{
	enum join how = p->para.len ? join_of(p, text, len) : JOIN_KEEP;

	if (how == JOIN_DROP)
		p->para.len--;
	if (how == JOIN_SPACE && !tally_buf_byte(&p->para, ' '))
		return false;
	return tally_buf_add(&p->para, text, len);
}

/* Does a paragraph that a page or a column ended go on here? It stopped inside a sentence. */
static bool goes_on(const struct paragraphs *p, const struct tally_pdf_line *last,
                    const struct tally_pdf_line *line)
{
	char end = p->para.bytes[p->para.len - 1];

	if (last->page == line->page && line->top >= last->top)
		return false;
	return (is_word_byte(end) || tally_is_digit(end) || end == ',' || end == '-') &&
	       tally_is_lower(bytes_of(p, line)[0]);
}

static enum tally_status push_text(struct paragraphs *p)
{
	const struct tally_pdf_line *last = NULL;
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < p->text->line_count && st >= 0; i++) {
		const struct tally_pdf_line *line = &p->text->lines[i];

		if (line->running)
			continue;
		if (p->para.len && (line->begins || line->page != last->page) &&
		    !goes_on(p, last, line))
			st = end_para(p);
		if (!p->para.len)
			p->page = line->page;
		if (st >= 0 && !add_line(p, bytes_of(p, line), line->len))
			st = tally_err_nomem(p->err);
		last = line;
	}
	return st < 0 ? st : end_para(p);
}

static enum tally_status push_running(struct paragraphs *p, enum tally_pdf_edge edge)
{
	enum tally_area area = edge == TALLY_PDF_HEAD ? TALLY_AREA_HEADER : TALLY_AREA_FOOTER;
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < p->text->line_count && st >= 0; i++) {
		const struct tally_pdf_line *line = &p->text->lines[i];

		if (!line->first_run || line->edge != edge)
			continue;
		st = tally_pdf_running_text(&p->para, p->text, line) ? push(p, area, 0, &p->para)
		                                                     : tally_err_nomem(p->err);
		tally_buf_clear(&p->para);
	}
	return st;
}

enum tally_status tally_pdf_paragraphs(struct tally_pdf_text *text, const struct tally_sink *sink,
                                       struct tally_err *err)
{
	struct paragraphs p = { .text = text, .sink = sink, .err = err };
	enum tally_status st = tally_pdf_running(text, err);

	tally_buf_init(&p.para, UINT32_MAX / 2);
	if (st >= 0 && !list_parted(&p))
		st = tally_err_nomem(err);
	if (st >= 0)
		look_for_parted(&p);
	if (st >= 0)
		st = push_running(&p, TALLY_PDF_HEAD);
	if (st >= 0)
		st = push_text(&p);
	if (st >= 0)
		st = push_running(&p, TALLY_PDF_FOOT);
	tally_buf_release(&p.para);
	tally_free(p.parted);
	return st;
}
