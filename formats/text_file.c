/* A text file as UTF-8: see text_file.h. */
#include "formats/text_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/buf.h"
#include "core/mem.h"

enum { PIECE = 4096 /* bytes that are made UTF-8 at a time */ };

/* ---- reading ---- */

static enum tally_status from_wide(struct tally_text_file *f, const char *raw, size_t len,
                                   struct tally_err *err)
{
	return tally_utf16_to_utf8(raw, len, f->encoding == TALLY_ENCODING_UTF16BE, 1, &f->bytes,
	                           &f->len, &f->bad, err);
}

static enum tally_status from_single(struct tally_text_file *f, const char *raw, size_t len,
                                     struct tally_err *err)
{
	struct tally_buf out;
	char piece[PIECE * TALLY_SINGLE_BYTE_MAX];
	bool ok = true;

	tally_buf_init(&out, SIZE_MAX / 2);
	for (size_t at = 0; ok && at < len; at += PIECE) {
		size_t n = len - at < PIECE ? len - at : PIECE;

		ok = tally_buf_add(&out, piece,
		                   tally_single_to_utf8(piece, raw + at, n, f->encoding));
	}
	if (ok)
		f->bytes = tally_buf_take(&out, &f->len);
	else
		tally_buf_release(&out);
	return ok ? TALLY_OK : tally_err_nomem(err);
}

static enum tally_status decode(struct tally_text_file *f, char *raw, size_t len,
                                const struct tally_read_options *o, struct tally_err *err)
{
	struct tally_utf8_found found;
	enum tally_encoding hint;
	enum tally_status st = TALLY_OK;
	size_t bom;

	f->encoding = tally_encoding_sniff((unsigned char *)raw, len, &bom);
	f->bom = bom > 0;
	if (o->encoding && !bom && tally_encoding_by_name(&hint, o->encoding))
		f->encoding = hint;
	if (f->encoding == TALLY_ENCODING_UTF8 && tally_has_high(raw + bom, len - bom)) {
		found = tally_utf8_count(raw + bom, len - bom);
		if (!bom && !o->encoding)
			f->encoding = tally_encoding_guess(&found);
		f->guessed = tally_encoding_single(f->encoding);
		f->bad = f->guessed ? 0 : found.bad;
	}
	if (f->encoding == TALLY_ENCODING_UTF8) {
		memmove(raw, raw + bom, len - bom + 1);
		f->bytes = raw;
		f->len = len - bom;
		return TALLY_OK;
	}
	st = tally_encoding_wide(f->encoding) ? from_wide(f, raw + bom, len - bom, err)
	                                      : from_single(f, raw + bom, len - bom, err);
	tally_free(raw);
	return st;
}

enum tally_status tally_text_file_load(struct tally_text_file *out, struct tally_source *src,
                                       const struct tally_read_options *options,
                                       struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	const struct tally_limits *limits = options->limits ? options->limits : &defaults;
	char *raw;
	size_t len;
	enum tally_status st;

	*out = (struct tally_text_file){ 0 };
	st = tally_source_slurp(src, limits->text_bytes, 4, &raw, &len, err);
	return st < 0 ? st : decode(out, raw, len, options, err);
}

void tally_text_file_release(struct tally_text_file *file)
{
	tally_free(file->bytes);
	*file = (struct tally_text_file){ 0 };
}

/* ---- facts ---- */

static enum tally_status property(const struct tally_sink *sink, const char *name,
                                  const char *value, struct tally_err *err)
{
	struct tally_fact fact = { .name = "property", .value = value, .where = name };

	return sink->fact ? sink->fact(sink->payload, &fact, err) : TALLY_OK;
}

static const char *line_ends(const struct tally_text_file *f)
{
	size_t lf = 0, crlf = 0, cr = 0;

	for (const char *p = f->bytes, *end = p + f->len; p < end; p++) {
		if (*p == '\n')
			lf++;
		else if (*p == '\r' && p[1] == '\n' && p++)
			crlf++;
		else if (*p == '\r')
			cr++;
	}
	if ((lf > 0) + (crlf > 0) + (cr > 0) > 1)
		return "mixed";
	return crlf ? "CRLF" : cr ? "CR" : lf ? "LF" : "none";
}

enum tally_status tally_text_file_facts(const struct tally_text_file *file,
                                        const struct tally_sink *sink, struct tally_err *err)
{
	bool ends = file->len &&
	            (file->bytes[file->len - 1] == '\n' || file->bytes[file->len - 1] == '\r');
	struct tally_note note = { .reason = TALLY_REASON_MALFORMED };
	char encoding[48], detail[64];
	enum tally_status st;

	snprintf(encoding, sizeof encoding, "%s%s", tally_encoding_name(file->encoding),
	         file->guessed ? " (guessed)" : "");
	st = property(sink, "encoding", encoding, err);
	if (st >= 0 && file->bom)
		st = property(sink, "byte order mark", "yes", err);
	if (st >= 0)
		st = property(sink, "line ends", line_ends(file), err);
	if (st >= 0 && file->len)
		st = property(sink, "last line end", ends ? "yes" : "no", err);
	if (st < 0 || !file->bad)
		return st;
	snprintf(detail, sizeof detail, "bytes that are no %s, in %" PRIu64 " places",
	         tally_encoding_name(file->encoding), file->bad);
	note.detail = detail;
	st = sink->note ? sink->note(sink->payload, &note, err) : TALLY_OK;
	return st < 0 ? st : TALLY_PARTIAL;
}

/* ---- recognising ---- */

bool tally_text_looks_plain(const unsigned char *bytes, size_t len, uint64_t size)
{
	size_t bom;
	enum tally_encoding encoding = tally_encoding_sniff(bytes, len, &bom);
	struct tally_utf8_found found;

	(void)size;
	if (tally_encoding_wide(encoding))
		return true;
	for (size_t i = bom; i < len; i++)
		if (bytes[i] < 0x20 && (!bytes[i] || !strchr("\n\r\t\f\v\b\a\x1a\x1b", bytes[i])))
			return false;
	/* one byte a character: letters, with a few others beyond ASCII between them */
	found = tally_utf8_count((const char *)bytes + bom, len - bom);
	return !found.bad || found.bad * 3 < len;
}

bool tally_text_line(const char *bytes, size_t len, size_t *at, const char **line, size_t *line_len)
{
	size_t i = *at;

	if (i >= len)
		return false;
	*line = bytes + i;
	while (i < len && bytes[i] != '\n' && bytes[i] != '\r')
		i++;
	*line_len = i - *at;
	if (i + 1 < len && bytes[i] == '\r' && bytes[i + 1] == '\n')
		i++;
	*at = i + (i < len);
	return true;
}

bool tally_text_suffix(const char *name, const char *const *suffixes)
{
	const char *dot = strrchr(name, '.');

	for (; dot && *suffixes; suffixes++)
		if (!strcasecmp(dot, *suffixes))
			return true;
	return false;
}
