/*
 * PDF (ISO 32000-1): text page by page from pdftotext, which runs as a process of its own and whose output comes along
 * (options->text); everything else by qpdf.
 */
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "formats/format.h"
#include "formats/pdf_facts.h"
#include "formats/text_file.h"

static const char *const suffixes[] = { ".pdf", NULL };

enum { HEADER_WITHIN = 1024 /* bytes in which programs look for the first line */ };

static int pdf_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	size_t most = len < HEADER_WITHIN ? len : HEADER_WITHIN;

	(void)size;
	(void)name;
	for (size_t i = 0; i + 5 <= most; i++)
		if (!memcmp(bytes + i, "%PDF-", 5))
			return i == 0 ? 40 : 20;
	return 0;
}

/* ---- pages ---- */

struct pages {
	const struct tally_sink *sink;
	struct tally_err *err;
	uint32_t n;      /* of the page that is read */
	uint32_t blank;  /* pages without a letter */
	char which[200]; /* the first of them */
	struct tally_buf para;
};

static bool has_letters(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] > ' ' && text[i] != '\f')
			return true;
	return false;
}

/* The page's own number, which is another one wherever a page is put in. */
static bool is_page_number(const struct pages *p)
{
	char number[16];
	int len = snprintf(number, sizeof number, "%u", p->n);

	return (size_t)len == p->para.len && !memcmp(number, p->para.bytes, p->para.len);
}

static enum tally_status end_para(struct pages *p)
{
	struct tally_block b = { .kind = TALLY_BLOCK_PARAGRAPH, .area = TALLY_AREA_PAGE, .n = p->n };
	enum tally_status st = TALLY_OK;

	b.text = p->para.bytes;
	b.len = (uint32_t)p->para.len;
	if (b.len && !is_page_number(p) && p->sink->block)
		st = p->sink->block(p->sink->payload, &b, p->err);
	tally_buf_clear(&p->para);
	return st;
}

/* Lines of a paragraph are one text; a word that was parted at a line's end is whole again. */
static bool add_line(struct pages *p, const char *line, size_t len)
{
	bool parted = p->para.len > 1 && p->para.bytes[p->para.len - 1] == '-' && len &&
	              line[0] >= 'a' && line[0] <= 'z';

	if (parted)
		p->para.len--;
	else if (p->para.len && !tally_buf_byte(&p->para, ' '))
		return false;
	return tally_buf_add(&p->para, line, len);
}

static void note_blank(struct pages *p)
{
	size_t used = strlen(p->which);

	if (used + 16 < sizeof p->which)
		snprintf(p->which + used, sizeof p->which - used, "%s%u", used ? ", " : "", p->n);
	p->blank++;
}

static enum tally_status read_page(struct pages *p, const char *text, size_t len)
{
	enum tally_status st = TALLY_OK;
	const char *line;
	size_t n;

	p->n++;
	if (!has_letters(text, len)) {
		note_blank(p);
		return TALLY_OK;
	}
	for (size_t at = 0; st >= 0 && tally_text_line(text, len, &at, &line, &n);) {
		if (!has_letters(line, n))
			st = end_para(p);
		else if (!add_line(p, line, n))
			st = tally_err_nomem(p->err);
	}
	return st < 0 ? st : end_para(p);
}

static enum tally_status read_pages(struct pages *p, const char *text, size_t len, uint32_t pages)
{
	enum tally_status st = TALLY_OK;

	for (size_t at = 0; st >= 0 && at < len && p->n < pages;) {
		const char *end = memchr(text + at, '\f', len - at);
		size_t n = end ? (size_t)(end - text) - at : len - at;

		st = read_page(p, text + at, n);
		at += n + 1;
	}
	while (st >= 0 && p->n < pages)
		st = read_page(p, "", 0);
	return st;
}

/* Pages that are pictures, or whose letters nobody can read. */
static enum tally_status blank_note(const struct pages *p, uint32_t pages)
{
	struct tally_note note = { .reason = TALLY_REASON_NO_TEXT_LAYER };
	char detail[280];
	enum tally_status st;

	if (!p->blank)
		return TALLY_OK;
	note.whole = p->blank == pages;
	if (note.whole)
		snprintf(detail, sizeof detail, "none of its %u %s has text", pages,
		         pages == 1 ? "page" : "pages");
	else
		snprintf(detail, sizeof detail, "%u of %u pages have no text: %s%s", p->blank,
		         pages, p->which, p->blank > 20 ? ", …" : "");
	note.detail = detail;
	st = p->sink->note ? p->sink->note(p->sink->payload, &note, p->err) : TALLY_OK;
	return st < 0 ? st : TALLY_PARTIAL;
}

static enum tally_status layer_fact(const struct pages *p, uint32_t pages)
{
	struct tally_fact f = { .name = "text_layer" };
	char value[64];

	snprintf(value, sizeof value, "on %u of %u pages", pages - p->blank, pages);
	f.value = value;
	return p->sink->fact ? p->sink->fact(p->sink->payload, &f, p->err) : TALLY_OK;
}

static enum tally_status read_text(struct tally_source *text, uint32_t pages, uint64_t most,
                                   const struct tally_sink *sink, struct tally_err *err)
{
	struct pages p = { .sink = sink, .err = err };
	enum tally_status st, end;
	char *bytes;
	size_t len;

	if (!text)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIBRARY_MISSING,
		                     "pdftotext, which reads the text of PDF");
	st = tally_source_slurp(text, most, 1, &bytes, &len, err);
	if (st < 0)
		return st;
	tally_buf_init(&p.para, UINT32_MAX / 2);
	st = read_pages(&p, bytes, len, pages);
	if (st >= 0)
		st = layer_fact(&p, pages);
	end = st < 0 ? st : blank_note(&p, pages);
	tally_buf_release(&p.para);
	tally_free(bytes);
	return end;
}

static enum tally_status pdf_read(struct tally_source *src, const struct tally_read_options *options,
                                  const struct tally_sink *sink, struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	const struct tally_limits *limits = options->limits ? options->limits : &defaults;
	uint32_t pages;
	char *bytes;
	size_t len;
	enum tally_status st = tally_source_slurp(src, limits->text_bytes, 1, &bytes, &len, err),
			  text;

	if (st < 0)
		return st;
	st = tally_pdf_facts(bytes, len, &pages, sink, err);
	tally_free(bytes);
	if (st < TALLY_PARTIAL)
		return st;
	text = read_text(options->text, pages, limits->text_bytes, sink, err);
	return text < st ? text : st;
}

const struct tally_format tally_format_pdf = {
	.version = TALLY_FORMAT_VERSION,
	.name = "pdf",
	.suffixes = suffixes,
	.caps = TALLY_CAP_BLOCKS | TALLY_CAP_FACTS,
	.probe = pdf_probe,
	.read = pdf_read,
};
