/* A zip's directory against its local headers: do they agree, overlap, or leave gaps with something in them? */
#include "formats/zip_parts.h"

#include <string.h>

#include "core/bytes.h"

enum { DESCRIPTOR_MAX = TALLY_ZIP_DESCRIPTOR_MAX };

/* ---- header against directory ---- */

/* Does a value of the local header agree? With a descriptor behind the data it may be left open. */
static bool value_agrees(uint64_t local, uint64_t central, bool descriptor)
{
	return local == central || (descriptor && local == 0);
}

static const char *local_disagrees(const struct tally_zip_local *l, const struct tally_zip_member *m)
{
	bool later = l->flags & TALLY_ZIP_FLAG_DESCRIPTOR;

	if (l->name_len != m->name_len || memcmp(l->name, m->name, m->name_len) != 0)
		return "two names";
	if (l->method != m->method)
		return "two methods of packing";
	if (tally_zip_is_encrypted(l->flags, l->method) != m->encrypted)
		return "encrypted and not encrypted";
	if (!(l->flags & TALLY_ZIP_FLAG_UTF8) != !m->utf8 && !tally_zip_is_ascii(l->name, l->name_len))
		return "two encodings of its name";
	if (!value_agrees(l->h.size, m->size, later) || !value_agrees(l->h.packed, m->packed, later))
		return "two sizes";
	if (!value_agrees(l->crc32, m->crc32, later))
		return "two checksums";
	return NULL;
}

/*
 * How many bytes of @p are a data descriptor with these values. It comes with or without a signature, with sizes of 32 or
 * 64 bits, and nothing says which.
 */
static size_t descriptor_len(const unsigned char *p, size_t len, const struct tally_zip_member *m)
{
	for (int wide = 1; wide >= 0; wide--) {
		for (int marked = 1; marked >= 0; marked--) {
			size_t need = (marked ? 4U : 0U) + (wide ? 20U : 12U);
			struct tally_bytes b = tally_bytes_of(p, len);
			uint64_t packed, size;

			if (len < need || (marked && tally_bytes_u32(&b) != TALLY_ZIP_SIG_DESCRIPTOR))
				continue;
			if (tally_bytes_u32(&b) != m->crc32)
				continue;
			packed = wide ? tally_bytes_u64(&b) : tally_bytes_u32(&b);
			size = wide ? tally_bytes_u64(&b) : tally_bytes_u32(&b);
			if (packed == m->packed && size == m->size)
				return need;
		}
	}
	return 0;
}

/* the descriptor behind a member: adds its length to *end */
enum tally_status tally_zip_skip_descriptor(struct tally_zip_directory *d, struct tally_zip_window *w,
                                            const struct tally_zip_member *m,
                                            const struct tally_zip_local *l, uint64_t *end,
                                            struct tally_err *err)
{
	uint64_t left = tally_source_size(w->src) - *end;
	size_t len = left < DESCRIPTOR_MAX ? (size_t)left : DESCRIPTOR_MAX;
	const unsigned char *p;
	enum tally_status st = tally_zip_window_get(w, *end, len, &p, err);
	size_t n;

	if (st != TALLY_OK)
		return st < 0 ? st : TALLY_OK;
	n = descriptor_len(p, len, m);
	/* some writers announce a descriptor, fill in the header after all, and leave it out */
	if (n == 0 && (l->h.size != m->size || l->h.packed != m->packed || l->crc32 != m->crc32))
		tally_zip_doubt(d, AMBIGUOUS, m, "no word on its size behind its data");
	*end += n;
	return TALLY_OK;
}

/* Bytes between what belongs to the archive. A program that reads from the front would see a member there. */
static enum tally_status check_gap(struct tally_zip_directory *d, struct tally_zip_window *w,
                                   uint64_t from, uint64_t to, struct tally_err *err)
{
	const unsigned char *p;
	enum tally_status st;

	if (from >= to)
		return TALLY_OK;
	if (from == 0)
		d->prefix = to;
	else
		d->gaps += to - from;
	if (to - from < 4)
		return TALLY_OK;
	st = tally_zip_window_get(w, from, 4, &p, err);
	if (st == TALLY_OK && tally_zip_u32(p) == TALLY_ZIP_SIG_LOCAL)
		tally_zip_doubt(d, AMBIGUOUS, NULL, "a member that its directory does not list");
	return st < 0 ? st : TALLY_OK;
}

/* what a record by itself gives away */
static void check_record(struct tally_zip_directory *d, const struct tally_zip_member *m)
{
	if (m->second_name)
		tally_zip_doubt(d, AMBIGUOUS, m, "a second name that differs from the first");
	if (m->method == TALLY_ZIP_STORED && !m->encrypted && m->packed != m->size)
		tally_zip_doubt(d, AMBIGUOUS, m, "stored as it is, yet with two sizes");
	if (m->type == TALLY_TYPE_DIR && m->size > 0)
		tally_zip_doubt(d, AMBIGUOUS, m, "a folder with a content");
}

/* Checks one member against its local header and finds its data, if there is one; *end is where it is over. */
static enum tally_status check_member(struct tally_zip_directory *d, struct tally_zip_window *w,
                                      struct tally_zip_member *m, uint64_t *end,
                                      struct tally_err *err)
{
	uint64_t size = tally_source_size(w->src);
	struct tally_zip_local l;
	enum tally_status st = tally_zip_local_read(w, m->header, &l, err);
	const char *why;

	if (st < 0)
		return st;
	if (st == TALLY_END) {
		tally_zip_doubt(d, TALLY_REASON_DAMAGED, m, "it is not where the directory says");
		m->cut = true;
		return TALLY_OK;
	}
	why = local_disagrees(&l, m);
	if (why)
		tally_zip_doubt(d, AMBIGUOUS, m, "header and directory give it %s", why);
	m->data = m->header + TALLY_ZIP_LOCAL_SIZE + l.name_len + l.extra_len;
	if (m->packed > size - m->data) {
		tally_zip_doubt(d, TALLY_REASON_DAMAGED, m, "its data ends before it should");
		m->cut = true;
		*end = size;
		return TALLY_OK;
	}
	*end = m->data + m->packed;
	return l.flags & TALLY_ZIP_FLAG_DESCRIPTOR ? tally_zip_skip_descriptor(d, w, m, &l, end, err)
	                                           : TALLY_OK;
}

/* all members in the order of their places: headers agree, nothing overlaps, no gap hides anything */
enum tally_status tally_zip_check_places(struct tally_zip_directory *d, struct tally_zip_window *w,
                                         const struct tally_zip_end *end, struct tally_err *err)
{
	uint64_t at = 0;
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < d->count && st == TALLY_OK; i++) {
		struct tally_zip_member *m = &d->members[i];
		uint64_t to = at;

		check_record(d, m);
		st = check_member(d, w, m, &to, err);
		if (st != TALLY_OK || m->data == 0)
			continue; /* nothing is known of what is not there */
		if (m->header < at)
			tally_zip_doubt(d, AMBIGUOUS, m, "it overlaps with another member");
		else
			st = check_gap(d, w, at, m->header, err);
		if (to > end->central && !m->cut)
			tally_zip_doubt(d, AMBIGUOUS, m, "it overlaps with the directory");
		if (to > at)
			at = to;
	}
	/* members beyond the limit were not looked at: nothing is known about the gaps then */
	if (st == TALLY_OK && d->reason != TALLY_REASON_LIMIT)
		st = check_gap(d, w, at, end->central, err);
	if (st == TALLY_OK && end->central + end->size < end->top)
		d->gaps += end->top - end->central - end->size;
	if (end->top < end->at && end->at - end->top > TALLY_ZIP_END64_SIZE + TALLY_ZIP_LOCATOR_SIZE)
		d->gaps += end->at - end->top - TALLY_ZIP_END64_SIZE - TALLY_ZIP_LOCATOR_SIZE;
	return st;
}
