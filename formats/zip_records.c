/* Headers of a zip as they stand, with their extra fields, read at places of the source: see formats/zip_parts.h. */
#include "formats/zip_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "core/calendar.h"
#include "core/mem.h"

enum {
	LOCAL_SIZE = TALLY_ZIP_LOCAL_SIZE,
	CENTRAL_SIZE = 46, /* record of the central directory (APPNOTE 4.3.12) */
	EXTRA_ZIP64 = 0x0001,
	EXTRA_NTFS = 0x000a,
	EXTRA_UNIX_TIME = 0x5455,
	EXTRA_UNICODE_PATH = 0x7075,
	FLAG_ENCRYPTED = 1 << 0,
	FLAG_STRONG = 1 << 6,
	FLAG_MASKED = 1 << 13,
	METHOD_AES = 99,
	HOST_UNIX = 3,
	HOST_MACOS = 19,
	DOS_FOLDER = 0x10,
	WINDOW_STEP = 4096, /* small members stand close together: one read serves several headers */
};

#define NANOSECONDS INT64_C(1000000000)

/* ---- reading at places ---- */

/* @return TALLY_OK with all of @len bytes, TALLY_END when the source ends before, TALLY_SKIP */
enum tally_status tally_zip_read_exact(struct tally_source *src, void *bytes, size_t len,
                                       uint64_t at, struct tally_err *err)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = tally_source_pread(src, (char *)bytes + got, len - got, at + got, err);

		if (n <= 0)
			return n < 0 ? TALLY_SKIP : TALLY_END;
		got += (size_t)n;
	}
	return TALLY_OK;
}

/* @return TALLY_OK with @len bytes at @at in *p, TALLY_END when the source ends before, TALLY_SKIP */
enum tally_status tally_zip_window_get(struct tally_zip_window *w, uint64_t at, size_t len,
                                       const unsigned char **p, struct tally_err *err)
{
	uint64_t size = tally_source_size(w->src);
	size_t want = len > WINDOW_STEP ? len : WINDOW_STEP;

	if (at > size || len > size - at)
		return TALLY_END;
	if (at < w->at || at - w->at > w->len || len > w->len - (size_t)(at - w->at)) {
		enum tally_status st;

		if (want > size - at)
			want = (size_t)(size - at);
		w->len = 0;
		st = tally_zip_read_exact(w->src, w->bytes, want, at, err);
		if (st != TALLY_OK)
			return st;
		w->at = at;
		w->len = want;
	}
	*p = w->bytes + (at - w->at);
	return TALLY_OK;
}

/* ---- what is wrong ---- */

/* Being readable in two ways weighs more than damage, damage more than a limit; the first of its kind stays. */
static int reason_weight(enum tally_reason reason)
{
	switch (reason) {
	case TALLY_REASON_AMBIGUOUS_CONTAINER:
		return 3;
	case TALLY_REASON_DAMAGED:
		return 2;
	case TALLY_REASON_NONE:
		return 0;
	default:
		return 1;
	}
}

void tally_zip_doubt(struct tally_zip_directory *d, enum tally_reason reason,
                     const struct tally_zip_member *where, const char *format, ...)
{
	va_list args;

	if (reason_weight(reason) <= reason_weight(d->reason))
		return;
	d->reason = reason;
	d->where = where;
	va_start(args, format);
	vsnprintf(d->detail, sizeof d->detail, format, args);
	va_end(args);
}

/* ---- times ---- */

static int64_t dos_time(uint16_t time, uint16_t date)
{
	int64_t days = tally_civil_days(1980 + (date >> 9), (date >> 5) & 15, date & 31);

	return (days * 86400 + (time >> 11) * 3600 + ((time >> 5) & 63) * 60 + (time & 31) * 2) *
	       NANOSECONDS;
}

/* 100 ns since 1601; returns false where the time does not fit */
static bool ntfs_time(uint64_t ticks, int64_t *out)
{
	const uint64_t epoch = UINT64_C(116444736000000000);

	if (ticks < epoch || ticks - epoch > INT64_MAX / 100)
		return false;
	*out = (int64_t)((ticks - epoch) * 100);
	return true;
}

/* ---- extra fields ---- */

static void extra_zip64(struct tally_zip_header *h, struct tally_bytes *field)
{
	h->zip64 = true;
	if (h->size_max && tally_bytes_left(field) >= 8)
		h->size = tally_bytes_u64(field);
	if (h->packed_max && tally_bytes_left(field) >= 8)
		h->packed = tally_bytes_u64(field);
	if (h->offset_max && tally_bytes_left(field) >= 8)
		h->offset = tally_bytes_u64(field);
}

static void extra_ntfs(struct tally_zip_header *h, struct tally_bytes *field)
{
	tally_bytes_u32(field); /* reserved */
	if (tally_bytes_u16(field) == 1 && tally_bytes_u16(field) >= 8)
		ntfs_time(tally_bytes_u64(field), &h->mtime_ns);
}

bool tally_zip_is_ascii(const unsigned char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (name[i] >= 0x80)
			return false;
	return true;
}

/* Info-ZIP's second name stands in for one that is not ASCII; where it replaces an ASCII name, it is a trick. */
static void extra_unicode_path(struct tally_zip_header *h, struct tally_bytes *field,
                               const unsigned char *name, size_t name_len)
{
	size_t len = tally_bytes_left(field);

	if (len < 5 || !tally_zip_is_ascii(name, name_len))
		return;
	h->unicode_differs |= len - 5 != name_len || memcmp(field->at + 5, name, name_len) != 0;
}

static void extra_read(struct tally_zip_header *h, const unsigned char *extra, size_t len,
                       const unsigned char *name, size_t name_len)
{
	struct tally_bytes b = tally_bytes_of(extra, len);

	while (tally_bytes_left(&b) >= 4) {
		uint16_t id = tally_bytes_u16(&b);
		uint16_t size = tally_bytes_u16(&b);
		const unsigned char *p = tally_bytes_take(&b, size);
		struct tally_bytes field = tally_bytes_of(p ? p : extra, p ? size : 0);

		if (!p)
			return;
		if (id == EXTRA_ZIP64)
			extra_zip64(h, &field);
		else if (id == EXTRA_NTFS)
			extra_ntfs(h, &field);
		else if (id == EXTRA_UNIX_TIME && size >= 5 && (p[0] & 1))
			h->mtime_ns = (int32_t)tally_zip_u32(p + 1) * NANOSECONDS;
		else if (id == EXTRA_UNICODE_PATH)
			extra_unicode_path(h, &field, name, name_len);
	}
}

/* ---- records of the central directory ---- */

struct tally_zip_member *tally_zip_member_new(struct tally_zip_directory *d)
{
	if (!tally_grow(&d->members, &d->cap, d->count, sizeof *d->members))
		return NULL;
	memset(&d->members[d->count], 0, sizeof *d->members);
	return &d->members[d->count++];
}

enum tally_entry_type tally_zip_type_of(const struct tally_zip_member *m, bool is_unix,
                                        uint32_t mode, uint32_t attributes)
{
	bool slash = m->name_len > 0 && m->name[m->name_len - 1] == '/';

	if (is_unix && (mode & 0170000) == 0120000)
		return TALLY_TYPE_SYMLINK;
	if (slash || (is_unix && (mode & 0170000) == 0040000))
		return TALLY_TYPE_DIR;
	/* the DOS bit alone counts where nobody says more */
	if (!mode && (attributes & DOS_FOLDER) && m->size == 0)
		return TALLY_TYPE_DIR;
	return TALLY_TYPE_FILE;
}

static void member_attributes(struct tally_zip_member *m, uint16_t made_by, uint32_t attributes)
{
	bool is_unix = made_by >> 8 == HOST_UNIX || made_by >> 8 == HOST_MACOS;
	uint32_t mode = is_unix ? attributes >> 16 : 0;

	m->mode = mode & 07777;
	m->type = (uint8_t)tally_zip_type_of(m, is_unix, mode, attributes);
}

bool tally_zip_is_encrypted(uint16_t flags, uint16_t method)
{
	return (flags & (FLAG_ENCRYPTED | FLAG_STRONG | FLAG_MASKED)) || method == METHOD_AES;
}

/* One record. @return false when it is none or ends too early */
bool tally_zip_central_record(struct tally_zip_member *m, struct tally_bytes *b,
                              struct tally_zip_header *h)
{
	const unsigned char *p = tally_bytes_take(b, CENTRAL_SIZE);
	const unsigned char *name, *extra;

	if (!p || tally_zip_u32(p) != TALLY_ZIP_SIG_CENTRAL)
		return false;
	name = tally_bytes_take(b, tally_zip_u16(p + 28));
	extra = tally_bytes_take(b, tally_zip_u16(p + 30));
	if (!name || !extra || !tally_bytes_take(b, tally_zip_u16(p + 32)))
		return false;
	*h = (struct tally_zip_header){ .packed = tally_zip_u32(p + 20),
		                        .size = tally_zip_u32(p + 24),
		                        .offset = tally_zip_u32(p + 42),
		                        .mtime_ns = dos_time(tally_zip_u16(p + 12),
		                                             tally_zip_u16(p + 14)) };
	h->size_max = h->size == UINT32_MAX;
	h->packed_max = h->packed == UINT32_MAX;
	h->offset_max = h->offset == UINT32_MAX;
	extra_read(h, extra, tally_zip_u16(p + 30), name, tally_zip_u16(p + 28));
	m->name = (const char *)name;
	m->name_len = tally_zip_u16(p + 28);
	m->method = tally_zip_u16(p + 10);
	m->utf8 = tally_zip_u16(p + 8) & TALLY_ZIP_FLAG_UTF8;
	m->encrypted = tally_zip_is_encrypted(tally_zip_u16(p + 8), m->method);
	m->crc32 = tally_zip_u32(p + 16);
	m->size = h->size;
	m->packed = h->packed;
	m->header = h->offset;
	m->mtime_ns = h->mtime_ns;
	m->second_name = h->unicode_differs;
	member_attributes(m, tally_zip_u16(p + 4), tally_zip_u32(p + 38));
	return true;
}

/* ---- local headers ---- */

/* @return TALLY_OK, TALLY_END when there is none at this place, TALLY_SKIP */
enum tally_status tally_zip_local_read(struct tally_zip_window *w, uint64_t at,
                                       struct tally_zip_local *l, struct tally_err *err)
{
	const unsigned char *p;
	enum tally_status st = tally_zip_window_get(w, at, LOCAL_SIZE, &p, err);

	if (st != TALLY_OK)
		return st;
	if (tally_zip_u32(p) != TALLY_ZIP_SIG_LOCAL)
		return TALLY_END;
	*l = (struct tally_zip_local){ .flags = tally_zip_u16(p + 6),
		                       .method = tally_zip_u16(p + 8),
		                       .time = tally_zip_u16(p + 10),
		                       .date = tally_zip_u16(p + 12),
		                       .crc32 = tally_zip_u32(p + 14),
		                       .name_len = tally_zip_u16(p + 26),
		                       .extra_len = tally_zip_u16(p + 28) };
	l->h = (struct tally_zip_header){ .packed = tally_zip_u32(p + 18),
		                          .size = tally_zip_u32(p + 22) };
	l->h.size_max = l->h.size == UINT32_MAX;
	l->h.packed_max = l->h.packed == UINT32_MAX;
	l->h.mtime_ns = dos_time(l->time, l->date);
	st = tally_zip_window_get(w, at, (size_t)LOCAL_SIZE + l->name_len + l->extra_len, &p, err);
	if (st != TALLY_OK)
		return st;
	l->name = p + LOCAL_SIZE;
	extra_read(&l->h, l->name + l->name_len, l->extra_len, l->name, l->name_len);
	return TALLY_OK;
}
