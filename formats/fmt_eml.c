/* One mail (.eml, MIME by gmime): headers as facts, what is written in it as text, what is attached by name and content. */
#include <gmime/gmime.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/library.h"
#include "core/mem.h"
#include "formats/format.h"
#include "formats/html.h"
#include "formats/text_file.h"

static const char *const suffixes[] = { ".eml", NULL };

enum {
	/* gmime calls itself for what is inside; each level needs such a header, at the least every other one */
	TYPES_MOST = 250,
	EML_BITS = 20,
};

#define CALLS(CALL)                               \
	CALL(g_mime_init)                         \
	CALL(g_mime_stream_mem_new)               \
	CALL(g_mime_stream_mem_new_with_buffer)   \
	CALL(g_mime_stream_mem_get_byte_array)    \
	CALL(g_mime_parser_new_with_stream)       \
	CALL(g_mime_parser_construct_message)     \
	CALL(g_mime_object_get_header_list)       \
	CALL(g_mime_object_get_content_type)      \
	CALL(g_mime_content_type_is_type)         \
	CALL(g_mime_content_type_get_parameter)   \
	CALL(g_mime_header_list_get_count)        \
	CALL(g_mime_header_list_get_header_at)    \
	CALL(g_mime_header_get_name)              \
	CALL(g_mime_header_get_value)             \
	CALL(g_mime_part_iter_new)                \
	CALL(g_mime_part_iter_free)               \
	CALL(g_mime_part_iter_next)               \
	CALL(g_mime_part_iter_is_valid)           \
	CALL(g_mime_part_iter_get_current)        \
	CALL(g_mime_part_iter_get_parent)         \
	CALL(g_mime_part_get_type)                \
	CALL(g_mime_message_part_get_type)        \
	CALL(g_mime_message_part_get_message)     \
	CALL(g_mime_part_get_content)             \
	CALL(g_mime_part_get_filename)            \
	CALL(g_mime_part_is_attachment)           \
	CALL(g_mime_data_wrapper_write_to_stream) \
	CALL(g_type_check_instance_is_a)          \
	CALL(g_object_unref)

#define CALL(name) __typeof__(name) *name;
static struct {
	CALLS(CALL)
} calls;
#undef CALL

struct mail {
	const struct tally_sink *sink;
	struct tally_err *err;
	uint32_t n;           /* of the message, from 1 */
	GMimeObject *written; /* what the last plain text stands in */
	bool partial;
};

static enum tally_status load(struct tally_err *err)
{
#define CALL(name) #name,
	static const char *const names[] = { CALLS(CALL) };
#undef CALL
	static struct tally_library_calls library = { .library = TALLY_LIBRARY_GMIME,
		                                      .names = names,
		                                      .count = sizeof names / sizeof *names,
		                                      .table = &calls };

	return tally_library_fill(&library, err);
}

static int eml_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	return tally_text_suffix(name, suffixes) && tally_text_looks_plain(bytes, len, size)
	               ? EML_BITS
	               : 0;
}

static enum tally_status fact(struct mail *m, const char *name, const char *value, const char *where)
{
	struct tally_fact f = { .name = name, .value = value ? value : "", .where = where };

	return m->sink->fact ? m->sink->fact(m->sink->payload, &f, m->err) : TALLY_OK;
}

static enum tally_status left_out(struct mail *m, enum tally_reason reason, const char *detail)
{
	struct tally_note n = { .reason = reason, .detail = detail };

	m->partial = true;
	return m->sink->note ? m->sink->note(m->sink->payload, &n, m->err) : TALLY_OK;
}

/* How a part is packed is no header that a reader sees. */
static bool is_packing(const char *name)
{
	return !strncasecmp(name, "Content-", 8) || !strcasecmp(name, "MIME-Version");
}

static enum tally_status headers(struct mail *m, GMimeObject *message)
{
	GMimeHeaderList *list = calls.g_mime_object_get_header_list(message);
	int count = calls.g_mime_header_list_get_count(list);
	enum tally_status st = TALLY_OK;

	for (int i = 0; st >= 0 && i < count; i++) {
		GMimeHeader *h = calls.g_mime_header_list_get_header_at(list, i);
		const char *name = calls.g_mime_header_get_name(h);

		if (!is_packing(name))
			st = fact(m, "mail_header", calls.g_mime_header_get_value(h), name);
	}
	return st;
}

static enum tally_status lines(struct mail *m, const char *text, size_t len)
{
	struct tally_block b = { .kind = TALLY_BLOCK_PARAGRAPH, .area = TALLY_AREA_MAIL, .n = m->n };
	enum tally_status st = TALLY_OK;
	size_t n;

	for (size_t at = 0; st >= 0 && tally_text_line(text, len, &at, &b.text, &n);) {
		b.len = (uint32_t)n;
		if (n && m->sink->block)
			st = m->sink->block(m->sink->payload, &b, m->err);
	}
	return st;
}

static enum tally_status digest(struct mail *m, const char *name, const char *bytes, size_t len,
                                const char *where)
{
	char hex[2 * TALLY_SHA256_SIZE + 1];
	struct tally_sha256 sum;

	tally_sha256_of(&sum, bytes, len);
	for (size_t i = 0; i < TALLY_SHA256_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum.bytes[i]);
	return fact(m, name, hex, where);
}

static bool is(GMimeObject *o, const char *type, const char *sub)
{
	return o &&
	       calls.g_mime_content_type_is_type(calls.g_mime_object_get_content_type(o), type, sub);
}

static bool is_utf8(GMimeObject *o)
{
	const char *set = calls.g_mime_content_type_get_parameter(
		calls.g_mime_object_get_content_type(o), "charset");

	return !set || !strcasecmp(set, "utf-8") || !strcasecmp(set, "us-ascii");
}

static enum tally_status content(struct mail *m, GMimeObject *o, GMimeObject *parent,
                                 const char *bytes, size_t len)
{
	struct tally_html_place place = { .area = TALLY_AREA_MAIL, .n = m->n };
	const char *name = calls.g_mime_part_get_filename((GMimePart *)o);
	bool text = is(o, "text", "plain"), html = is(o, "text", "html");
	enum tally_status st;

	if (name || (!text && !html) || calls.g_mime_part_is_attachment((GMimePart *)o))
		return digest(m, "attachment", bytes, len, name ? name : "without a name");
	if (!is_utf8(o)) {
		st = digest(m, "part", bytes, len, text ? "plain text" : "HTML");
		return st < 0 ? st
		              : left_out(m, TALLY_REASON_FORMAT_UNKNOWN,
		                         "text of a mail in letters other than UTF-8");
	}
	if (text) {
		m->written = parent;
		return lines(m, bytes, len);
	}
	if (parent && parent == m->written && is(parent, "multipart", "alternative"))
		return digest(m, "part", bytes, len, "HTML beside the plain text");
	return tally_html_read(bytes, len, &place, m->sink, m->err);
}

static enum tally_status leaf(struct mail *m, GMimeObject *o, GMimeObject *parent)
{
	GMimeDataWrapper *data = calls.g_mime_part_get_content((GMimePart *)o);
	GMimeStream *to = calls.g_mime_stream_mem_new();
	enum tally_status st = TALLY_OK;
	GByteArray *got;

	if (is(o, "application", "pkcs7-mime") || is(o, "application", "x-pkcs7-mime") ||
	    is(o, "application", "pgp-encrypted"))
		st = left_out(m, TALLY_REASON_ENCRYPTED, "encrypted or enveloped part of a mail");
	if (st >= 0 && data && calls.g_mime_data_wrapper_write_to_stream(data, to) >= 0) {
		got = calls.g_mime_stream_mem_get_byte_array((GMimeStreamMem *)to);
		st = content(m, o, parent, got->data ? (const char *)got->data : "", got->len);
	} else if (st >= 0 && data) {
		st = left_out(m, TALLY_REASON_DAMAGED, "part of a mail");
	}
	calls.g_object_unref(to);
	return st;
}

static bool has_type(GMimeObject *o, GType type)
{
	return o && calls.g_type_check_instance_is_a((GTypeInstance *)o, type);
}

static enum tally_status walk(struct mail *m, GMimeObject *message)
{
	GMimePartIter *at = calls.g_mime_part_iter_new(message);
	enum tally_status st = headers(m, message);
	GMimeObject *o;

	for (; st >= 0 && calls.g_mime_part_iter_is_valid(at); calls.g_mime_part_iter_next(at)) {
		o = calls.g_mime_part_iter_get_current(at);
		if (has_type(o, calls.g_mime_message_part_get_type())) {
			o = (GMimeObject *)calls.g_mime_message_part_get_message(
				(GMimeMessagePart *)o);
			m->n++;
			st = o ? headers(m, o) : TALLY_OK;
		} else if (has_type(o, calls.g_mime_part_get_type())) {
			st = leaf(m, o, calls.g_mime_part_iter_get_parent(at));
		}
	}
	calls.g_mime_part_iter_free(at);
	return st;
}

static size_t types(const char *bytes, size_t len)
{
	const char *line;
	size_t n, count = 0;

	for (size_t at = 0; tally_text_line(bytes, len, &at, &line, &n);) {
		for (; n && (*line == ' ' || *line == '\t'); n--)
			line++;
		count += n >= 12 && !strncasecmp(line, "content-type", 12);
	}
	return count;
}

static void begin(void)
{
	calls.g_mime_init();
}

static enum tally_status parse(struct mail *m, const char *bytes, size_t len)
{
	enum tally_status st = load(m->err);
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	GMimeStream *from;
	GMimeParser *parser;
	GMimeMessage *message;

	if (st < 0)
		return st;
	if (types(bytes, len) > TYPES_MOST)
		return tally_err_set(m->err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "a mail of more than %d parts", TYPES_MOST);
	pthread_once(&once, begin); /* both sides are read at once */
	from = calls.g_mime_stream_mem_new_with_buffer(bytes, len);
	parser = calls.g_mime_parser_new_with_stream(from);
	message = calls.g_mime_parser_construct_message(parser, NULL);
	st = message ? walk(m, (GMimeObject *)message)
	             : tally_err_set(m->err, TALLY_SKIP, TALLY_REASON_DAMAGED, "not a mail");
	if (message)
		calls.g_object_unref(message);
	calls.g_object_unref(parser);
	calls.g_object_unref(from);
	return st < 0 ? st : m->partial ? TALLY_PARTIAL : TALLY_OK;
}

static enum tally_status eml_read(struct tally_source *src, const struct tally_read_options *options,
                                  const struct tally_sink *sink, struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	const struct tally_limits *limits = options->limits ? options->limits : &defaults;
	struct mail m = { .sink = sink, .err = err, .n = 1 };
	char *bytes;
	size_t len;
	enum tally_status st = tally_source_slurp(src, limits->text_bytes, 1, &bytes, &len, err);

	if (st < 0)
		return st;
	st = parse(&m, bytes, len);
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
