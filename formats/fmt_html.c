/* HTML pages and drawings in SVG: encoding by mark or declaration, the rest by html.c. */
#include <string.h>
#include <strings.h>

#include "formats/format.h"
#include "formats/html.h"
#include "formats/text_file.h"

static const char *const suffixes[] = { ".html", ".htm", ".xhtml", ".shtml", ".svg", NULL };

/* The first bytes that are no blank, comment or declaration. */
static const char *first_tag(const char *p, const char *end)
{
	while (p < end) {
		while (p < end && strchr(" \t\r\n\f", *p))
			p++;
		if (end - p >= 4 && !memcmp(p, "<!--", 4)) {
			for (p += 4; end - p >= 3 && memcmp(p, "-->", 3) != 0;)
				p++;
			p += end - p >= 3 ? 3 : end - p;
		} else if (end - p >= 2 && !memcmp(p, "<?", 2)) {
			while (p < end && *p != '>')
				p++;
			p += p < end;
		} else {
			break;
		}
	}
	return p;
}

static bool begins_with(const char *p, const char *end, const char *what)
{
	size_t n = strlen(what);

	return (size_t)(end - p) >= n && !strncasecmp(p, what, n);
}

/* The ASCII among the first characters of a text in UTF-16, whichever byte comes first; @return how many */
static size_t narrowed(char out[TALLY_HTML_HEAD], const unsigned char *bytes, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i + 1 < len && n < TALLY_HTML_HEAD; i += 2)
		out[n++] = (char)(bytes[i] ? bytes[i] : bytes[i + 1]);
	return n;
}

static int html_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	int named = tally_text_suffix(name, suffixes);
	const char *p = (const char *)bytes, *end = p + len;
	char narrow[TALLY_HTML_HEAD];
	size_t bom;

	if (!tally_text_looks_plain(bytes, len, size))
		return 0;
	if (tally_encoding_wide(tally_encoding_sniff(bytes, len, &bom))) {
		end = narrow + narrowed(narrow, bytes + bom, len - bom);
		p = narrow;
	} else {
		p += bom;
	}
	p = first_tag(p, end);
	if (begins_with(p, end, "<!doctype html") || begins_with(p, end, "<html") ||
	    begins_with(p, end, "<!doctype svg") || begins_with(p, end, "<svg"))
		return 40 + named;
	return named && p < end && *p == '<' ? 12 : 0;
}

static enum tally_status html_read(struct tally_source *src, const struct tally_read_options *options,
                                   const struct tally_sink *sink, struct tally_err *err)
{
	const struct tally_html_place place = { .area = TALLY_AREA_BODY, .limits = options->limits };
	struct tally_read_options mine = *options;
	struct tally_text_file file;
	const unsigned char *bytes;
	enum tally_encoding known;
	char name[TALLY_HTML_CHARSET];
	size_t len;
	enum tally_status st = tally_source_peek(src, &bytes, &len, err), end;

	if (st < 0)
		return st;
	tally_html_declared(name, (const char *)bytes, len);
	if (!mine.encoding && *name && tally_encoding_by_name(&known, name))
		mine.encoding = name;
	st = tally_text_file_load(&file, src, &mine, err);
	if (st < 0)
		return st;
	st = tally_html_read(file.bytes, file.len, &place, sink, err);
	end = st < 0 ? st : tally_text_file_facts(&file, sink, err);
	tally_text_file_release(&file);
	return end;
}

const struct tally_format tally_format_html = {
	.version = TALLY_FORMAT_VERSION,
	.name = "html",
	.suffixes = suffixes,
	.caps = TALLY_CAP_BLOCKS | TALLY_CAP_FACTS | TALLY_CAP_PLAIN,
	.probe = html_probe,
	.read = html_read,
};
