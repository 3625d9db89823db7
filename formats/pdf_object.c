/* Objects of a PDF through qpdf: see formats/pdf_object.h. Streams are unpacked here, since qpdf knows no limit for them. */
#include "formats/pdf_object.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"

enum {
	SMALL = 64 << 10, /* packed bytes that are left to qpdf: at worst some 60 MB unpacked */
	STEP = 64 << 10,
	ZLIB_HEAD = 2,
	HEAD = sizeof((struct tally_pdf *)NULL)->head,
};

void tally_pdf_fact(struct tally_pdf *p, const char *name, const char *value, const char *by,
                    const char *where)
{
	struct tally_fact f = { .name = name, .value = value, .where = where };

	f.by = by && *by ? by : NULL;
	if (p->st >= 0 && p->sink->fact && value && *value)
		p->st = p->sink->fact(p->sink->payload, &f, p->err);
}

static bool wanted_memory(struct tally_pdf *p, qpdf_error e)
{
	const char *why = e ? PDF(qpdf_get_error_message_detail)(p->q, e) : NULL;

	return why && strstr(why, "bad_alloc");
}

/* What it could not read is nothing to qpdf, with a warning: every object after that would be nothing, and take long. */
void tally_pdf_check_memory(struct tally_pdf *p)
{
	bool wanted = PDF(qpdf_has_error)(p->q) && wanted_memory(p, PDF(qpdf_get_error)(p->q));

	while (PDF(qpdf_more_warnings)(p->q))
		wanted |= wanted_memory(p, PDF(qpdf_next_warning)(p->q));
	if (wanted) {
		p->starved = true;
		p->all_nodes = 0;
	}
}

bool tally_pdf_go_on(struct tally_pdf *p)
{
	tally_pdf_check_memory(p);
	if (p->nodes && p->all_nodes) {
		p->nodes--;
		p->all_nodes--;
		return p->st >= 0;
	}
	p->cut = true;
	return false;
}

const char *tally_pdf_text(const struct tally_pdf *p, qpdf_oh o)
{
	return PDF(qpdf_oh_is_string)(p->q, o) ? PDF(qpdf_oh_get_utf8_value)(p->q, o) : NULL;
}

/* qpdf_get_info_key ends at the first zero byte, which in UTF-16 is the first byte of most texts. */
const char *tally_pdf_info(struct tally_pdf *p, const char *key)
{
	qpdf_oh info = tally_pdf_key(p, PDF(qpdf_get_trailer)(p->q), "/Info");

	return PDF(qpdf_oh_is_dictionary)(p->q, info)
	               ? tally_pdf_text(p, tally_pdf_key(p, info, key))
	               : NULL;
}

void tally_pdf_no_memory(struct tally_pdf *p)
{
	if (p->st >= 0)
		p->st = tally_err_nomem(p->err);
}

char *tally_pdf_copy(struct tally_pdf *p, const char *text)
{
	char *copy = tally_dup(text, strlen(text));

	if (!copy)
		tally_pdf_no_memory(p);
	return copy;
}

char *tally_pdf_text_copy(struct tally_pdf *p, qpdf_oh o)
{
	const char *t = tally_pdf_text(p, o);

	return t ? tally_pdf_copy(p, t) : NULL;
}

const char *tally_pdf_name(const struct tally_pdf *p, qpdf_oh o)
{
	const char *t = PDF(qpdf_oh_is_name)(p->q, o) ? PDF(qpdf_oh_get_name)(p->q, o) : NULL;

	return t && *t ? t : NULL;
}

/* ---- streams ---- */

enum packing { PACKED_NOT, PACKED_ZLIB, PACKED_OTHERWISE };

static enum packing packing_of(const struct tally_pdf *p, qpdf_oh stream)
{
	qpdf_oh dict = PDF(qpdf_oh_get_dict)(p->q, stream);
	qpdf_oh filter = tally_pdf_key(p, dict, "/Filter"),
		parms = tally_pdf_key(p, dict, "/DecodeParms");
	const char *name;

	if (PDF(qpdf_oh_is_null)(p->q, filter) ||
	    (PDF(qpdf_oh_is_array)(p->q, filter) && !tally_pdf_items(p, filter)))
		return PACKED_NOT;
	if (tally_pdf_items(p, filter) == 1)
		filter = tally_pdf_item(p, filter, 0);
	name = tally_pdf_name(p, filter);
	if (!name || strcmp(name, "/FlateDecode") != 0 || !PDF(qpdf_oh_is_null)(p->q, parms))
		return PACKED_OTHERWISE;
	return PACKED_ZLIB;
}

static bool raw_bytes(struct tally_pdf *p, qpdf_oh stream, struct tally_pdf_bytes *out)
{
	QPDF_BOOL filtered;

	*out = (struct tally_pdf_bytes){ .foreign = true };
	return PDF(qpdf_oh_get_stream_data)(p->q, stream, qpdf_dl_none, &filtered, &out->bytes,
	                                    &out->len) < QPDF_ERRORS;
}

/* By whoever it is packed, if it is little. @return false: it stays as it is */
static bool small_bytes(struct tally_pdf *p, qpdf_oh stream, struct tally_pdf_bytes *raw)
{
	struct tally_pdf_bytes b = { .foreign = true, .unpacked = true };
	QPDF_BOOL filtered = QPDF_FALSE;

	if (raw->len > SMALL ||
	    PDF(qpdf_oh_get_stream_data)(p->q, stream, qpdf_dl_generalized, &filtered, &b.bytes,
	                                 &b.len) >= QPDF_ERRORS)
		return false;
	if (!filtered || b.len > p->unpack) {
		tally_pdf_bytes_release(&b);
		return false;
	}
	p->unpack -= b.len;
	tally_pdf_bytes_release(raw);
	*raw = b;
	return true;
}

/* @take  gets portions; returns false to stop. @return false: damaged, stopped, or more than may be unpacked */
static bool unzip(struct tally_pdf *p, const struct tally_pdf_bytes *raw,
                  bool (*take)(void *payload, const unsigned char *bytes, size_t len), void *payload)
{
	const unsigned char *in = raw->bytes;
	size_t in_len = raw->len;
	unsigned char bytes[STEP];
	enum tally_status st = TALLY_OK;

	if (!raw->len) /* as qpdf packs nothing */
		return true;
	if (raw->len < ZLIB_HEAD || !p->inflate)
		return false;
	in += ZLIB_HEAD;
	in_len -= ZLIB_HEAD;
	tally_inflate_start(p->inflate);
	while (st == TALLY_OK) {
		size_t len = sizeof bytes;

		st = tally_inflate_step(p->inflate, &in, &in_len, bytes, &len);
		if (len > p->unpack || !take(payload, bytes, len))
			return false;
		p->unpack -= len;
		if (st == TALLY_OK && !in_len && len < sizeof bytes)
			break; /* it ends early, as some do */
	}
	if (st == TALLY_FATAL)
		tally_pdf_no_memory(p);
	return st >= 0;
}

static bool to_buf(void *payload, const unsigned char *bytes, size_t len)
{
	return tally_buf_add(payload, bytes, len);
}

bool tally_pdf_stream(struct tally_pdf *p, qpdf_oh stream, size_t most, struct tally_pdf_bytes *out)
{
	struct tally_buf buf;

	if (!raw_bytes(p, stream, out))
		return false;
	switch (packing_of(p, stream)) {
	case PACKED_NOT:
		out->unpacked = true;
		break;
	case PACKED_OTHERWISE:
		small_bytes(p, stream, out);
		break;
	case PACKED_ZLIB:
		tally_buf_init(&buf, most);
		if (unzip(p, out, to_buf, &buf)) {
			tally_pdf_bytes_release(out);
			*out = (struct tally_pdf_bytes){ .unpacked = true };
			out->bytes = (unsigned char *)tally_buf_take(&buf, &out->len);
		}
		tally_buf_release(&buf);
		break;
	}
	if (out->len <= most)
		return true;
	tally_pdf_bytes_release(out);
	return false;
}

void tally_pdf_bytes_release(struct tally_pdf_bytes *b)
{
	if (b->foreign)
		free(b->bytes); /* qpdf's, by its malloc */
	else
		tally_free(b->bytes);
	b->bytes = NULL;
	b->len = 0;
}

struct digesting {
	struct tally_hasher *hasher;
	unsigned char *head;
	uint64_t bytes;
};

static bool to_digest(void *payload, const unsigned char *bytes, size_t len)
{
	struct digesting *d = payload;

	tally_hasher_add(d->hasher, bytes, len);
	for (size_t i = 0; i < len && d->bytes + i < HEAD; i++)
		d->head[d->bytes + i] = bytes[i];
	d->bytes += len;
	return true;
}

bool tally_pdf_digest(struct tally_pdf *p, qpdf_oh stream, struct tally_sha256 *out,
                      uint64_t *bytes, bool *unpacked)
{
	struct digesting d = { .hasher = p->hasher, .head = p->head };
	struct tally_pdf_bytes b;
	struct tally_digest unused;

	*bytes = 0;
	*unpacked = false;
	memset(p->head, 0, sizeof p->head);
	if (!raw_bytes(p, stream, &b))
		return false;
	tally_hasher_start(p->hasher);
	switch (packing_of(p, stream)) {
	case PACKED_NOT:
		*unpacked = true;
		break;
	case PACKED_OTHERWISE:
		*unpacked = small_bytes(p, stream, &b);
		break;
	case PACKED_ZLIB:
		*unpacked = unzip(p, &b, to_digest, &d);
		if (!*unpacked) {
			tally_hasher_start(p->hasher);
			d.bytes = 0;
		} else {
			tally_pdf_bytes_release(&b);
		}
		break;
	}
	if (b.len)
		to_digest(&d, b.bytes, b.len);
	tally_pdf_bytes_release(&b);
	tally_hasher_finish(p->hasher, &unused, out);
	*bytes = d.bytes;
	return true;
}
