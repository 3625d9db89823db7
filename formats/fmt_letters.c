/* Text by its name whose letters are not known, or that is none: named, so that nobody thinks it was compared. */
#include <string.h>

#include "formats/format.h"
#include "formats/text_file.h"

static const char *const suffixes[] = { ".txt", ".text", ".log",      ".rst",
	                                ".tex", ".md",   ".markdown", NULL };

static int letters_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	return len && tally_text_suffix(name, suffixes) && !tally_text_looks_plain(bytes, len, size);
}

static enum tally_status letters_read(struct tally_source *src,
                                      const struct tally_read_options *options,
                                      const struct tally_sink *sink, struct tally_err *err)
{
	const unsigned char *bytes, *nul;
	size_t len;
	enum tally_status st = tally_source_peek(src, &bytes, &len, err);

	(void)options;
	(void)sink;
	if (st < 0)
		return st;
	nul = memchr(bytes, '\0', len);
	if (nul)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED,
		                     "no plain text: byte %zu is NUL", (size_t)(nul - bytes) + 1);
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_FORMAT_UNKNOWN,
	                     "the encoding of its letters was not recognised: save it as UTF-8");
}

const struct tally_format tally_format_letters = {
	.version = TALLY_FORMAT_VERSION,
	.name = "letters",
	.suffixes = suffixes,
	.caps = TALLY_CAP_BLOCKS | TALLY_CAP_PLAIN,
	.probe = letters_probe,
	.read = letters_read,
};
