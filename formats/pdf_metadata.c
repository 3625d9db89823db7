/* XMP, the metadata of PDFs in XML: see formats/pdf_metadata.h. Properties count in any order and in both ways of writing them. */
#include "formats/pdf_metadata.h"

#include <string.h>

#include "core/buf.h"
#include "formats/xml.h"

enum {
	METADATA_MOST = 4 << 20, /* bytes of one stream that is parsed; of larger ones the bytes are compared */
	VALUE_MOST = 4 << 10, /* bytes of a value that is compared with what is said elsewhere */
};

struct xmp {
	struct tally_pdf *p;
	bool tells;       /* facts are wanted */
	uint32_t depth;   /* of elements */
	uint32_t inside;  /* depth of the property that is read; 0: none */
	uint64_t name;    /* its hash, */
	uint64_t content; /* and that of what stands in it */
	char called[32];  /* its local name, where that is short */
	struct tally_buf value;
	uint64_t sum[2];
	bool any;
};

/* ---- properties ---- */

/* Made anew by whoever saves. */
static bool is_stamp(const char *name)
{
	static const char *const names[] = { "ModifyDate", "MetadataDate",
		                             "InstanceID", "DocumentID",
		                             "History",    "about",
		                             "format",     NULL };

	for (const char *const *n = names; *n; n++)
		if (!strcmp(*n, name))
			return true;
	return false;
}

/* What stands in the document's properties as well: there it is told. */
static const struct {
	const char *name, *key;
	const char *fact,
		*where; /* to tell it from here where it is not told there; NULL: not worth it */
} mirrored[] = {
	{ "title", "/Title", "title", NULL },
	{ "creator", "/Author", "author", NULL },
	{ "description", "/Subject", "property", "subject" },
	{ "Keywords", "/Keywords", "property", "keywords" },
	{ "CreatorTool", "/Creator", "property", "made by" },
	{ "Producer", "/Producer", "property", "saved by" },
	{ "CreateDate", "/CreationDate", "created", NULL },
};

enum { MIRRORED = sizeof mirrored / sizeof *mirrored };

/* @return it is told, by others or here */
static bool is_mirrored(struct xmp *x)
{
	const char *value = x->value.len ? x->value.bytes : "";

	for (size_t i = 0; i < MIRRORED; i++) {
		const char *there;

		if (strcmp(mirrored[i].name, x->called) != 0)
			continue;
		there = tally_pdf_info(x->p, mirrored[i].key);
		if (there && *there) /* dates are written in two ways */
			return !strcmp(there, value) || !strcmp(x->called, "CreateDate");
		if (!x->tells || x->value.len >= VALUE_MOST)
			return false;
		tally_pdf_fact(x->p, mirrored[i].fact, value, NULL, mirrored[i].where);
		return true;
	}
	return false;
}

static void begin_property(struct xmp *x, const struct tally_xml_name *name)
{
	size_t n = name->len < sizeof x->called ? name->len : 0;

	memcpy(x->called, name->local, n);
	x->called[n] = 0;
	x->name = tally_hash64(name->local, name->len, 0);
	x->content = 0;
	tally_buf_clear(&x->value);
}

static void end_property(struct xmp *x)
{
	if (is_stamp(x->called) || is_mirrored(x))
		return;
	x->any = true;
	x->sum[0] += tally_hash64(&x->content, sizeof x->content, x->name);
	x->sum[1] += tally_hash64(&x->content, sizeof x->content, ~x->name);
}

/* Byte by byte, since texts come in portions; blanks are laid out as each program likes. */
static void add_value(struct xmp *x, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		bool blank = text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r';

		if (!blank)
			x->content = (x->content ^ (unsigned char)text[i]) * 0x9E3779B97F4A7C15 + 1;
		if (x->value.len < VALUE_MOST && (!blank || x->value.len) && text[i])
			if (!tally_buf_byte(&x->value, text[i]))
				tally_pdf_no_memory(x->p);
	}
}

static void trim(struct tally_buf *value)
{
	while (value->len && strchr(" \n\t\r", value->bytes[value->len - 1]))
		value->bytes[--value->len] = 0;
}

/* ---- events ---- */

/* Lists of values, and their items. */
static bool is_frame(const struct tally_xml_name *name)
{
	return tally_xml_is_called(name, "Alt") || tally_xml_is_called(name, "Bag") ||
	       tally_xml_is_called(name, "Seq") || tally_xml_is_called(name, "li");
}

static void attributes(struct xmp *x, const struct tally_xml_start *e)
{
	for (size_t i = 0; i < e->attr_count; i++) {
		const struct tally_xml_attr *a = &e->attrs[i];

		if (x->inside) {
			if (a->name.ns != TALLY_XML_XML && !tally_xml_is_called(&a->name, "parseType"))
				x->content += tally_hash64(a->value, a->len,
				                           tally_hash64(a->name.local, a->name.len,
				                                        1));
			continue;
		}
		begin_property(x, &a->name);
		add_value(x, a->value, a->len);
		trim(&x->value);
		end_property(x);
	}
}

static enum tally_status on_start(void *payload, const struct tally_xml_start *e,
                                  struct tally_err *err)
{
	struct xmp *x = payload;

	(void)err;
	x->depth++;
	if (!x->inside && tally_xml_is_called(&e->name, "Description")) {
		attributes(x, e);
		return TALLY_OK;
	}
	if (!x->inside &&
	    (tally_xml_is_called(&e->name, "xmpmeta") || tally_xml_is_called(&e->name, "xapmeta") ||
	     tally_xml_is_called(&e->name, "RDF")))
		return TALLY_OK;
	if (!x->inside) {
		x->inside = x->depth;
		begin_property(x, &e->name);
	} else if (!is_frame(&e->name)) {
		x->content += tally_hash64(e->name.local, e->name.len, x->depth);
	}
	attributes(x, e);
	return TALLY_OK;
}

static enum tally_status on_end(void *payload, const struct tally_xml_name *name,
                                struct tally_err *err)
{
	struct xmp *x = payload;

	(void)name;
	(void)err;
	if (x->inside == x->depth) {
		trim(&x->value);
		end_property(x);
		x->inside = 0;
	}
	x->depth--;
	return TALLY_OK;
}

static enum tally_status on_text(void *payload, const char *text, size_t len, struct tally_err *err)
{
	struct xmp *x = payload;

	(void)err;
	if (x->inside)
		add_value(x, text, len);
	return TALLY_OK;
}

/* ---- a stream ---- */

static bool parse(struct xmp *x, const struct tally_pdf_bytes *b)
{
	static const struct tally_limits limits = TALLY_LIMITS_INIT;
	const struct tally_xml_handler handler = {
		.payload = x, .start = on_start, .end = on_end, .text = on_text
	};
	struct tally_err err = { 0 };
	struct tally_xml *xml = NULL;
	enum tally_status st = tally_xml_new(&xml, &handler, &limits, TALLY_XML_AUTO, &err);

	if (st >= 0)
		st = tally_xml_feed(xml, (const char *)b->bytes, b->len, &err);
	if (st >= 0)
		st = tally_xml_finish(xml, &err);
	tally_xml_free(xml);
	if (st == TALLY_FATAL)
		tally_pdf_no_memory(x->p);
	return st >= 0;
}

/* @tells  facts are wanted. @return false: it says nothing */
static bool read_stream(struct tally_pdf *p, qpdf_oh stream, bool tells, struct tally_sha256 *out)
{
	struct xmp x = { .p = p, .tells = tells };
	struct tally_pdf_bytes b;
	bool parsed, unpacked;
	uint64_t bytes;

	if (!PDF(qpdf_oh_is_stream)(p->q, stream))
		return false;
	if (!tally_pdf_stream(p, stream, METADATA_MOST, &b))
		return tally_pdf_digest(p, stream, out, &bytes, &unpacked) && bytes;
	tally_buf_init(&x.value, VALUE_MOST + 1);
	parsed = b.unpacked && parse(&x, &b);
	if (parsed)
		tally_sha256_of(out, x.sum, sizeof x.sum);
	else
		tally_sha256_of(out, b.bytes ? (const char *)b.bytes : "", b.len);
	parsed = parsed ? x.any : b.len > 0;
	tally_buf_release(&x.value);
	tally_pdf_bytes_release(&b);
	return parsed;
}

void tally_pdf_metadata(struct tally_pdf *p, qpdf_oh stream)
{
	struct tally_sha256 sum;
	char text[TALLY_DIGEST_TEXT_MAX];

	if (!read_stream(p, stream, true, &sum))
		return;
	tally_sha256_text(text, &sum);
	tally_pdf_fact(p, "unread", text + strlen("sha256:"), NULL, "metadata (XMP)");
}

bool tally_pdf_metadata_sum(struct tally_pdf *p, qpdf_oh stream, struct tally_sha256 *sum)
{
	struct tally_sha256 both[2] = { *sum };

	if (!read_stream(p, stream, false, &both[1]))
		return false;
	tally_sha256_of(sum, both, sizeof both);
	return true;
}
