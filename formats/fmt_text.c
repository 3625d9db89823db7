/* Plain text: a block a line, or a block a paragraph where the lines are filled. */
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "formats/format.h"
#include "formats/text_file.h"

enum {
	WIDTH_MOST = 100,  /* bytes; text with longer lines is not filled by hand or by a program */
	JOINTS_LEAST = 3,  /* line ends inside paragraphs that it takes to see it */
	JOINTS_SHARE = 80, /* per cent of them that stand where a filled line would end */
	LINES_MOST = 100 /* of a paragraph; nobody writes longer ones, but records of one width stand so */
};

static const char *const suffixes[] = { ".txt",  ".text", ".log",  ".rst", ".tex",  ".srt",
	                                ".vtt",  ".ini",  ".conf", ".cfg", ".yaml", ".yml",
	                                ".json", ".xml",  ".ics",  ".vcf", NULL };

static int text_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	/* whoever knows more of the text says more */
	bool named = tally_text_suffix(name, suffixes);

	if (!len)
		return named && !size ? 2 : 0;
	return tally_text_looks_plain(bytes, len, size) ? 1 + named : 0;
}

/* ---- filled lines ---- */

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

/* Do the lines end where the next word would not have fitted? */
static bool is_filled(const struct tally_text_file *f)
{
	size_t width = 0, joints = 0, full = 0, before = 0, lines = 0, n;
	const char *line;

	for (size_t at = 0; tally_text_line(f->bytes, f->len, &at, &line, &n);)
		width = n > width ? n : width;
	if (width > WIDTH_MOST || width < 40)
		return false;
	for (size_t at = 0; tally_text_line(f->bytes, f->len, &at, &line, &n);) {
		lines = before && !stands_alone(line, n) ? lines + 1 : 0;
		if (lines >= LINES_MOST)
			return false;
		if (lines) {
			joints++;
			full += before + 1 + first_word(line, n) > width - width / 8;
		}
		before = is_blank(line, n) ? 0 : n;
	}
	return joints >= JOINTS_LEAST && full * 100 >= joints * JOINTS_SHARE;
}

/* ---- blocks ---- */

static enum tally_status push(const struct tally_sink *sink, enum tally_block_kind kind,
                              uint32_t number, const char *text, size_t len, struct tally_err *err)
{
	struct tally_block b = {
		.text = text, .len = (uint32_t)len, .kind = (uint8_t)kind, .n = number
	};

	return sink->block ? sink->block(sink->payload, &b, err) : TALLY_OK;
}

static enum tally_status push_lines(const struct tally_text_file *f, const struct tally_sink *sink,
                                    struct tally_err *err)
{
	enum tally_status st = TALLY_OK;
	const char *line;
	uint32_t number = 0;
	size_t n;

	for (size_t at = 0; st >= 0 && tally_text_line(f->bytes, f->len, &at, &line, &n);) {
		number++;
		if (!is_blank(line, n))
			st = push(sink, TALLY_BLOCK_LINE, number, line, n, err);
	}
	return st;
}

static enum tally_status push_paragraphs(const struct tally_text_file *f,
                                         const struct tally_sink *sink, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;
	struct tally_buf para;
	const char *line;
	uint32_t number = 0, first = 0;
	size_t n;

	tally_buf_init(&para, f->len + 1);
	for (size_t at = 0; st >= 0 && tally_text_line(f->bytes, f->len, &at, &line, &n);) {
		number++;
		if (para.len && (is_blank(line, n) || stands_alone(line, n))) {
			st = push(sink, TALLY_BLOCK_PARAGRAPH, first, para.bytes, para.len, err);
			tally_buf_clear(&para);
		}
		if (st < 0 || is_blank(line, n))
			continue;
		first = para.len ? first : number;
		if ((para.len && !tally_buf_byte(&para, ' ')) || !tally_buf_add(&para, line, n))
			st = tally_err_nomem(err);
	}
	if (st >= 0 && para.len)
		st = push(sink, TALLY_BLOCK_PARAGRAPH, first, para.bytes, para.len, err);
	tally_buf_release(&para);
	return st;
}

static enum tally_status text_read(struct tally_source *src, const struct tally_read_options *options,
                                   const struct tally_sink *sink, struct tally_err *err)
{
	struct tally_text_file file;
	enum tally_status st = tally_text_file_load(&file, src, options, err), end;

	if (st < 0)
		return st;
	st = is_filled(&file) ? push_paragraphs(&file, sink, err) : push_lines(&file, sink, err);
	end = st < 0 ? st : tally_text_file_facts(&file, sink, err);
	tally_text_file_release(&file);
	return end;
}

const struct tally_format tally_format_text = {
	.version = TALLY_FORMAT_VERSION,
	.name = "text",
	.suffixes = suffixes,
	.caps = TALLY_CAP_BLOCKS | TALLY_CAP_FACTS | TALLY_CAP_PLAIN | TALLY_CAP_LAID,
	.probe = text_probe,
	.read = text_read,
};
