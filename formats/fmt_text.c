/* Plain text: a block a line, or a block a paragraph where the lines are filled. */
#include <string.h>

#include "formats/filled_text.h"
#include "formats/format.h"
#include "formats/text_file.h"

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

/* ---- blocks ---- */

static bool is_blank(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (line[i] != ' ' && line[i] != '\t' && line[i] != '\f')
			return false;
	return true;
}

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

static enum tally_status on_paragraph(void *payload, const char *text, size_t len, uint32_t line,
                                      struct tally_err *err)
{
	return push(payload, TALLY_BLOCK_PARAGRAPH, line, text, len, err);
}

static enum tally_status text_read(struct tally_source *src, const struct tally_read_options *options,
                                   const struct tally_sink *sink, struct tally_err *err)
{
	struct tally_text_file file;
	struct tally_sink mine = *sink;
	enum tally_status st = tally_text_file_load(&file, src, options, err), end;

	if (st < 0)
		return st;
	st = tally_text_is_filled(file.bytes, file.len)
	             ? tally_filled_paragraphs(file.bytes, file.len, on_paragraph, &mine, err)
	             : push_lines(&file, sink, err);
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
