/*
 * A format to copy: lines of "name: value" as facts. It is in no build; a test keeps it compiling.
 *
 * To make a format of it:
 *
 * 1. Copy this file to fmt_NAME.c and put the format's name in place of "template".
 * 2. Add TALLY_FORMAT(NAME) to formats/formats.def. CMake and the registry both read that line.
 * 3. Say in the first sentence what is read and by which standard.
 * 4. Add tests/unit/formats/test_fmt_NAME.c, a maker of files in tests/unit/support/ where the
 *    format is binary, a fuzz target, a sample, and a line in CHANGELOG.md.
 *
 * What a reader owes its callers:
 *
 * - The bytes are hostile. Sizes are checked before they are used, numbers are put together by core/bytes.h, memory comes from
 *   core/mem.h, limits from options->limits; a limit of your own is a new row of core/limits.h.
 * - The source is read, never a path. It may be a file, memory or a member of an archive.
 * - Whatever is left out gets a note with a reason of core/reasons.def, and the reading ends in TALLY_PARTIAL. Nothing is
 *   left out in silence: the receipt shows notes under "unverified".
 * - The same bytes push the same events, whatever the number of threads.
 */
#include "formats/format.h"

#include <stdio.h>
#include <string.h>

#include "core/mem.h"

static const char *const suffixes[] = { ".template", NULL };

static const char magic[] = "template 1\n";

/*
 * The bits of evidence in the first bytes: eight for each byte of a magic that is there. Look at nothing else, allocate
 * nothing, and do not believe the name: it counts as one bit.
 */
static int template_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	const size_t n = sizeof magic - 1;

	(void)size;
	(void)name;
	return len >= n && !memcmp(bytes, magic, n) ? (int)(8 * n) : 0;
}

static enum tally_status push_note(const struct tally_sink *sink, size_t line, struct tally_err *err)
{
	struct tally_note note = { .reason = TALLY_REASON_MALFORMED,
		                   .detail = "a line without a colon" };
	char where[32];

	/* every callback may be missing: then nobody wants those events */
	if (!sink->note)
		return TALLY_OK;
	snprintf(where, sizeof where, "line %zu", line);
	note.where = where;
	return sink->note(sink->payload, &note, err);
}

/* One line, which may be changed: strings of an event are borrowed for the call. @return TALLY_PARTIAL: a note was pushed */
static enum tally_status push_line(const struct tally_sink *sink, char *text, size_t line,
                                   struct tally_err *err)
{
	char *colon = strchr(text, ':');
	struct tally_fact fact = { .name = text };
	enum tally_status st;

	if (!colon) {
		st = push_note(sink, line, err);
		return st < 0 ? st : TALLY_PARTIAL;
	}
	*colon = '\0';
	fact.value = colon + 1 + strspn(colon + 1, " ");
	return sink->fact ? sink->fact(sink->payload, &fact, err) : TALLY_OK;
}

static enum tally_status push_lines(const struct tally_sink *sink, char *text, struct tally_err *err)
{
	enum tally_status result = TALLY_OK;
	size_t line = 1;

	for (char *end; *text; text = end, line++) {
		enum tally_status st;

		end = text + strcspn(text, "\n");
		if (*end)
			*end++ = '\0';
		if (line == 1 || !*text)
			continue;
		st = push_line(sink, text, line, err);
		if (st < TALLY_PARTIAL)
			return st;
		result = st < result ? st : result;
	}
	return result;
}

static enum tally_status template_read(struct tally_source *src,
                                       const struct tally_read_options *options,
                                       const struct tally_sink *sink, struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	const struct tally_limits *limits = options->limits ? options->limits : &defaults;
	char *text = NULL;
	size_t len;
	enum tally_status st;

	/* the padding gives the text its NUL; a format that can be read in pieces uses tally_source_read */
	st = tally_source_slurp(src, limits->table_bytes, 1, &text, &len, err);
	if (st < 0)
		return st;
	if (memchr(text, '\0', len))
		st = tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED, "a NUL byte in the text");
	else
		st = push_lines(sink, text, err);
	tally_free(text);
	return st;
}

const struct tally_format tally_format_template = {
	.version = TALLY_FORMAT_VERSION,
	.name = "template",
	.suffixes = suffixes,
	.caps = TALLY_CAP_FACTS,
	.probe = template_probe,
	.read = template_read,
};
