/* The members of a zip whose directory is missing or broken: local headers, one behind the other. */
#include "formats/zip_parts.h"

#include <string.h>

#include "core/buf.h"

enum { DESCRIPTOR_MAX = TALLY_ZIP_DESCRIPTOR_MAX };

/* Is the descriptor at @p one with sizes of 64 bits? The header that follows it tells. */
static bool descriptor_wide(const unsigned char *p, size_t len)
{
	if (len < DESCRIPTOR_MAX + 4)
		return false;
	return tally_zip_u32(p + 16) != TALLY_ZIP_SIG_LOCAL &&
	       tally_zip_u32(p + 16) != TALLY_ZIP_SIG_CENTRAL &&
	       (tally_zip_u32(p + 24) == TALLY_ZIP_SIG_LOCAL ||
	        tally_zip_u32(p + 24) == TALLY_ZIP_SIG_CENTRAL);
}

/*
 * The descriptor of a member whose header leaves its sizes open: it gives as packed size the very distance from the data.
 * @return TALLY_OK with *end behind it, TALLY_END when there is none, TALLY_SKIP
 */
static enum tally_status find_descriptor(struct tally_zip_member *m, struct tally_zip_window *w,
                                         uint64_t *end, struct tally_err *err)
{
	uint64_t at = m->data;

	for (;;) {
		const unsigned char *p, *hit;
		enum tally_status st = tally_zip_window_get(w, at, 16, &p, err);
		size_t left;

		if (st != TALLY_OK)
			return st;
		left = w->len - (size_t)(at - w->at);
		hit = memchr(p, 'P', left - 15);
		if (hit != p) {
			at += hit ? (size_t)(hit - p) : left - 15;
			continue;
		}
		if (tally_zip_u32(p) == TALLY_ZIP_SIG_DESCRIPTOR &&
		    tally_zip_u32(p + 8) == (uint32_t)(at - m->data)) {
			bool wide = descriptor_wide(p, left);

			m->crc32 = tally_zip_u32(p + 4);
			m->packed = at - m->data;
			m->size = tally_zip_u32(p + (wide ? 16 : 12));
			*end = at + (wide ? 24 : 16);
			return TALLY_OK;
		}
		at++;
	}
}

/*
 * Members by their local headers, one behind the other, for an archive whose directory is missing or broken.
 * @return TALLY_OK; TALLY_END at the damage, or where there are no more
 */
static enum tally_status scan_one(struct tally_zip_directory *d, struct tally_zip_window *w,
                                  uint64_t *at, struct tally_buf *names, struct tally_err *err)
{
	uint64_t size = tally_source_size(w->src);
	struct tally_zip_member *m;
	struct tally_zip_local l;
	enum tally_status st = tally_zip_local_read(w, *at, &l, err);

	if (st != TALLY_OK)
		return st;
	m = tally_zip_member_new(d);
	if (!m || !tally_buf_add(names, l.name, l.name_len))
		return tally_err_nomem(err);
	*m = (struct tally_zip_member){ .name_len = l.name_len,
		                        .method = l.method,
		                        .utf8 = l.flags & TALLY_ZIP_FLAG_UTF8,
		                        .encrypted = tally_zip_is_encrypted(l.flags, l.method),
		                        .crc32 = l.crc32,
		                        .size = l.h.size,
		                        .packed = l.h.packed,
		                        .header = *at,
		                        .data = *at + TALLY_ZIP_LOCAL_SIZE + l.name_len + l.extra_len,
		                        .mtime_ns = l.h.mtime_ns };
	if ((l.flags & TALLY_ZIP_FLAG_DESCRIPTOR) && m->packed == 0) {
		st = find_descriptor(m, w, at, err);
	} else if (m->packed > size - m->data) {
		st = TALLY_END;
	} else {
		*at = m->data + m->packed;
		if (l.flags & TALLY_ZIP_FLAG_DESCRIPTOR)
			st = tally_zip_skip_descriptor(d, w, m, &l, at, err);
	}
	m->cut = st == TALLY_END;
	return st;
}

/* the buffer with the names moved while it grew: only now they can be pointed to */
static void scan_names(struct tally_zip_directory *d)
{
	size_t at = 0;

	for (size_t i = 0; i < d->count; i++) {
		struct tally_zip_member *m = &d->members[i];

		m->name = d->names + at;
		m->type = (uint8_t)tally_zip_type_of(m, false, 0, 0);
		at += m->name_len;
	}
}

enum tally_status tally_zip_scan(struct tally_zip_directory *d, struct tally_zip_window *w,
                                 const struct tally_limits *limits, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;
	struct tally_buf names;
	uint64_t at = 0;

	d->count = 0;
	tally_buf_init(&names, (size_t)limits->archive_memory);
	while (st == TALLY_OK && d->count < limits->archive_members)
		st = scan_one(d, w, &at, &names, err);
	d->names = tally_buf_take(&names, NULL);
	if (st < 0)
		return st;
	if (d->count == 0)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED, "no zip archive");
	scan_names(d);
	tally_zip_doubt(d, TALLY_REASON_DAMAGED, NULL, "its directory is missing or broken");
	return TALLY_OK;
}
