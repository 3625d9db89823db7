/* One mail in a file (.eml, or what a mail folder keeps): see formats/mail.h. */
#include <string.h>

#include "core/mem.h"
#include "formats/format.h"
#include "formats/mail.h"
#include "formats/text_file.h"

static const char *const suffixes[] = { ".eml", ".mht", ".mhtml", NULL };

enum { EML_BITS = 20 };

/* Programs that cut a mailbox into mails leave its line in front of each, some with a mark. @return its bytes */
static size_t envelope(const char *bytes, size_t len)
{
	const char *end;

	if (len < 6 || memcmp(bytes + (*bytes == '>'), "From ", 5) != 0)
		return 0;
	end = memchr(bytes, '\n', len);
	return end ? (size_t)(end + 1 - bytes) : 0;
}

static enum tally_status push_envelope(const char *line, size_t len, const struct tally_sink *sink,
                                       struct tally_err *err)
{
	struct tally_fact fact = { .name = "part", .where = "line of a mailbox in front of it" };
	char *copy;
	enum tally_status st;

	while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	copy = tally_dup(line, len);
	if (!copy)
		return tally_err_nomem(err);
	fact.value = copy;
	st = sink->fact ? sink->fact(sink->payload, &fact, err) : TALLY_OK;
	tally_free(copy);
	return st;
}

static int eml_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	static const char *const eml[] = { ".eml", NULL };
	bool named = tally_text_suffix(name, eml);
	size_t first = envelope((const char *)bytes, len);
	unsigned seen = tally_mail_begins((const char *)bytes + first, len - first);

	if (named && (seen || tally_text_looks_plain(bytes, len, size)))
		return 64; /* whatever else such a mail begins like */
	return seen && !first ? EML_BITS + (int)(seen < 10 ? seen : 10) : 0;
}

static enum tally_status eml_read(struct tally_source *src, const struct tally_read_options *options,
                                  const struct tally_sink *sink, struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	const struct tally_limits *limits = options->limits ? options->limits : &defaults;
	char *bytes;
	size_t len, first;
	enum tally_status st = tally_source_slurp(src, limits->mail_bytes, 1, &bytes, &len, err);

	if (st < 0)
		return st;
	first = envelope(bytes, len);
	st = first && !options->boxed ? push_envelope(bytes, first, sink, err) : TALLY_OK;
	if (st >= 0 && options->boxed)
		st = tally_mail_read_boxed(bytes + first, len - first, limits, sink, err);
	else if (st >= 0)
		st = tally_mail_read(bytes + first, len - first, limits, false, sink, err);
	tally_free(bytes);
	return st;
}

const struct tally_format tally_format_eml = {
	.version = TALLY_FORMAT_VERSION,
	.name = "eml",
	.suffixes = suffixes,
	.caps = TALLY_CAP_BLOCKS | TALLY_CAP_FACTS,
	.probe = eml_probe,
	.read = eml_read,
};
