/* The directory of a zip, and whether all programs would see the same members: see zip_directory.h. */
#include "formats/zip_directory.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/hash.h"
#include "core/mem.h"

enum {
	LOCAL_SIZE = 30,   /* local header without name and extra field (APPNOTE 4.3.7) */
	CENTRAL_SIZE = 46, /* record of the central directory (4.3.12) */
	END_SIZE = 22,     /* end record without its comment (4.3.16) */
	END64_SIZE = 56,   /* zip64 end record (4.3.14) */
	LOCATOR_SIZE = 20, /* where the zip64 end record stands (4.3.15) */
	COMMENT_MAX = 65535,
	DESCRIPTOR_MAX = 24, /* signature, CRC-32, two sizes of 64 bits (4.3.9) */
	EXTRA_ZIP64 = 0x0001,
	EXTRA_NTFS = 0x000a,
	EXTRA_UNIX_TIME = 0x5455,
	EXTRA_UNICODE_PATH = 0x7075,
	FLAG_ENCRYPTED = 1 << 0,
	FLAG_DESCRIPTOR = 1 << 3,
	FLAG_STRONG = 1 << 6,
	FLAG_UTF8 = 1 << 11,
	FLAG_MASKED = 1 << 13,
	METHOD_AES = 99,
	HOST_UNIX = 3,
	HOST_MACOS = 19,
	DOS_FOLDER = 0x10,
	WINDOW_STEP = 4096, /* small members stand close together: one read serves several headers */
	WINDOW_CAP = LOCAL_SIZE + 2 * 65535,
};

#define SIGNATURE_LOCAL      UINT32_C(0x04034b50)
#define SIGNATURE_CENTRAL    UINT32_C(0x02014b50)
#define SIGNATURE_END        UINT32_C(0x06054b50)
#define SIGNATURE_END64      UINT32_C(0x06064b50)
#define SIGNATURE_LOCATOR    UINT32_C(0x07064b50)
#define SIGNATURE_DESCRIPTOR UINT32_C(0x08074b50)
#define NANOSECONDS          INT64_C(1000000000)

/* ---- reading at places ---- */

/* a stretch of the source in memory */
struct window {
	struct tally_source *src;
	unsigned char *bytes;
	size_t len;
	uint64_t at;
};

/* @return TALLY_OK with all of @len bytes, TALLY_END when the source ends before, TALLY_SKIP */
static enum tally_status read_exact(struct tally_source *src, void *bytes, size_t len, uint64_t at,
                                    struct tally_err *err)
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
static enum tally_status window_get(struct window *w, uint64_t at, size_t len,
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
		st = read_exact(w->src, w->bytes, want, at, err);
		if (st != TALLY_OK)
			return st;
		w->at = at;
		w->len = want;
	}
	*p = w->bytes + (at - w->at);
	return TALLY_OK;
}

static uint32_t u32_at(const unsigned char *p)
{
	struct tally_bytes b = tally_bytes_of(p, 4);

	return tally_bytes_u32(&b);
}

static uint16_t u16_at(const unsigned char *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
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

__attribute__((format(printf, 4, 5))) static void doubt(struct tally_zip_directory *d,
                                                        enum tally_reason reason,
                                                        const struct tally_zip_member *where,
                                                        const char *format, ...)
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

#define AMBIGUOUS TALLY_REASON_AMBIGUOUS_CONTAINER

/* ---- times ---- */

/* days from 1970-01-01 to this day of the proleptic Gregorian calendar */
static int64_t days_from_civil(int64_t y, int64_t m, int64_t d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = y / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int64_t dos_time(uint16_t time, uint16_t date)
{
	int64_t days = days_from_civil(1980 + (date >> 9), (date >> 5) & 15, date & 31);

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

/* values of a header that an extra field may give in full */
struct header {
	uint64_t size, packed, offset;
	bool size_max, packed_max, offset_max; /* the header itself has only a mark there */
	bool zip64;                            /* an extra field with 64-bit values is there */
	bool unicode_differs;                  /* another name for programs that look for one */
	int64_t mtime_ns;
};

static void extra_zip64(struct header *h, struct tally_bytes *field)
{
	h->zip64 = true;
	if (h->size_max && tally_bytes_left(field) >= 8)
		h->size = tally_bytes_u64(field);
	if (h->packed_max && tally_bytes_left(field) >= 8)
		h->packed = tally_bytes_u64(field);
	if (h->offset_max && tally_bytes_left(field) >= 8)
		h->offset = tally_bytes_u64(field);
}

static void extra_ntfs(struct header *h, struct tally_bytes *field)
{
	tally_bytes_u32(field); /* reserved */
	if (tally_bytes_u16(field) == 1 && tally_bytes_u16(field) >= 8)
		ntfs_time(tally_bytes_u64(field), &h->mtime_ns);
}

static bool is_ascii(const unsigned char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (name[i] >= 0x80)
			return false;
	return true;
}

/* Info-ZIP's second name stands in for one that is not ASCII; where it replaces an ASCII name, it is a trick. */
static void extra_unicode_path(struct header *h, struct tally_bytes *field,
                               const unsigned char *name, size_t name_len)
{
	size_t len = tally_bytes_left(field);

	if (len < 5 || !is_ascii(name, name_len))
		return;
	h->unicode_differs |= len - 5 != name_len || memcmp(field->at + 5, name, name_len) != 0;
}

static void extra_read(struct header *h, const unsigned char *extra, size_t len,
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
			h->mtime_ns = (int32_t)u32_at(p + 1) * NANOSECONDS;
		else if (id == EXTRA_UNICODE_PATH)
			extra_unicode_path(h, &field, name, name_len);
	}
}

/* ---- the end record ---- */

struct end {
	uint64_t at; /* where the end record begins */
	uint64_t top; /* where what belongs to the end begins: the zip64 end record, or the end record */
	uint64_t count;
	uint64_t size;    /* of the central directory */
	uint64_t offset;  /* of the central directory, as written */
	uint64_t central; /* of the central directory, really */
};

static bool end_plausible(const unsigned char *p, uint64_t at)
{
	uint32_t size = u32_at(p + 12);

	return u32_at(p) == SIGNATURE_END && (size == UINT32_MAX || size <= at);
}

/* where the comment of the end record at @p is over */
static size_t end_over(const unsigned char *tail, size_t at)
{
	return at + END_SIZE + u16_at(tail + at + 20);
}

/*
 * The end record among the last bytes of the source, which begin at @base: the last whose comment ends with the source;
 * failing that, the last that could be one. @return its place in @tail, or SIZE_MAX
 */
static size_t pick_end(const unsigned char *tail, size_t len, uint64_t base)
{
	size_t loose = SIZE_MAX;

	for (size_t i = len < END_SIZE ? 0 : len - END_SIZE + 1; i-- > 0;) {
		if (!end_plausible(tail + i, base + i))
			continue;
		if (end_over(tail, i) == len)
			return i;
		if (loose == SIZE_MAX)
			loose = i;
	}
	return loose;
}

/* A second signature behind the end record makes it ambiguous: many programs take the last one they find. */
static void check_end(struct tally_zip_directory *d, const unsigned char *tail, size_t len, size_t at)
{
	const unsigned char *p = tail + at;

	if (end_over(tail, at) < len)
		d->suffix = len - end_over(tail, at);
	else if (end_over(tail, at) > len)
		doubt(d, TALLY_REASON_DAMAGED, NULL, "its comment is cut off");
	if (u16_at(p + 4) != 0 || u16_at(p + 6) != 0 || u16_at(p + 8) != u16_at(p + 10))
		doubt(d, TALLY_REASON_DAMAGED, NULL, "one volume of several");
	for (size_t i = at + 4; i + 4 <= len; i++)
		if (u32_at(tail + i) == SIGNATURE_END)
			doubt(d, AMBIGUOUS, NULL, "two end records");
}

/* @return TALLY_OK, TALLY_END when there is none, TALLY_SKIP, TALLY_FATAL */
static enum tally_status find_end(struct tally_zip_directory *d, struct tally_source *src,
                                  struct end *end, struct tally_err *err)
{
	uint64_t size = tally_source_size(src);
	size_t len = size < END_SIZE + COMMENT_MAX ? (size_t)size : END_SIZE + COMMENT_MAX;
	unsigned char *tail = tally_alloc(len);
	enum tally_status st;
	size_t at;

	if (!tail)
		return tally_err_nomem(err);
	st = read_exact(src, tail, len, size - len, err);
	if (st != TALLY_OK)
		goto out;
	at = pick_end(tail, len, size - len);
	if (at == SIZE_MAX) {
		st = TALLY_END;
		goto out;
	}
	*end = (struct end){ .at = size - len + at,
		             .top = size - len + at,
		             .count = u16_at(tail + at + 10),
		             .size = u32_at(tail + at + 12),
		             .offset = u32_at(tail + at + 16) };
	check_end(d, tail, len, at);
out:
	tally_free(tail);
	return st;
}

/* one value of the end record: the zip64 one counts where the short one is full; otherwise they have to agree */
static void end64_value(struct tally_zip_directory *d, uint64_t *value, uint64_t full, uint64_t wide)
{
	if (*value != full && *value != wide)
		doubt(d, AMBIGUOUS, NULL, "two end records that disagree");
	*value = wide;
}

/* the zip64 end record, where there is one */
static enum tally_status find_end64(struct tally_zip_directory *d, struct window *w,
                                    struct end *end, struct tally_err *err)
{
	const unsigned char *p;
	enum tally_status st;
	uint64_t at;

	if (end->at < LOCATOR_SIZE + END64_SIZE)
		return TALLY_OK;
	st = window_get(w, end->at - LOCATOR_SIZE, LOCATOR_SIZE, &p, err);
	if (st != TALLY_OK || u32_at(p) != SIGNATURE_LOCATOR)
		return st;
	at = u32_at(p + 8) | (uint64_t)u32_at(p + 12) << 32;
	/* with something in front of the archive its own idea of the place is wrong: it stands right before the locator */
	if (at > end->at - LOCATOR_SIZE - END64_SIZE)
		return TALLY_OK;
	st = window_get(w, at, END64_SIZE, &p, err);
	if (st != TALLY_OK)
		return st;
	if (u32_at(p) != SIGNATURE_END64) {
		at = end->at - LOCATOR_SIZE - END64_SIZE;
		st = window_get(w, at, END64_SIZE, &p, err);
		if (st != TALLY_OK || u32_at(p) != SIGNATURE_END64)
			return st;
	}
	end64_value(d, &end->count, UINT16_MAX, u32_at(p + 32) | (uint64_t)u32_at(p + 36) << 32);
	end64_value(d, &end->size, UINT32_MAX, u32_at(p + 40) | (uint64_t)u32_at(p + 44) << 32);
	end64_value(d, &end->offset, UINT32_MAX, u32_at(p + 48) | (uint64_t)u32_at(p + 52) << 32);
	end->top = at;
	return TALLY_OK;
}

/* Is there a record of a central directory at this place? */
static enum tally_status is_central(struct window *w, uint64_t at, bool *yes, struct tally_err *err)
{
	const unsigned char *p;
	enum tally_status st = window_get(w, at, 4, &p, err);

	*yes = st == TALLY_OK && u32_at(p) == SIGNATURE_CENTRAL;
	return st < 0 ? st : TALLY_OK;
}

/*
 * Where the central directory begins: right before the end, which is also where the end record says it is unless something
 * was put in front of the archive.
 * @return TALLY_OK, TALLY_END when it is not to be found
 */
static enum tally_status find_central(struct tally_zip_directory *d, struct window *w,
                                      struct end *end, struct tally_err *err)
{
	bool here, there;
	enum tally_status st;

	if (end->size > end->top)
		return TALLY_END;
	end->central = end->top - end->size;
	if (end->count == 0 && end->size == 0)
		return TALLY_OK;
	st = is_central(w, end->central, &here, err);
	if (st == TALLY_OK && end->offset != end->central) {
		st = is_central(w, end->offset, &there, err);
		if (there)
			doubt(d, AMBIGUOUS, NULL, "two places for its directory");
		if (there && !here)
			end->central = end->offset;
		here |= there;
	}
	if (st < 0)
		return st;
	return here ? TALLY_OK : TALLY_END;
}

/* ---- the central directory ---- */

static struct tally_zip_member *member_new(struct tally_zip_directory *d)
{
	if (!tally_grow(&d->members, &d->cap, d->count, sizeof *d->members))
		return NULL;
	memset(&d->members[d->count], 0, sizeof *d->members);
	return &d->members[d->count++];
}

static enum tally_entry_type type_of(const struct tally_zip_member *m, bool is_unix, uint32_t mode,
                                     uint32_t attributes)
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
	m->type = (uint8_t)type_of(m, is_unix, mode, attributes);
}

static bool is_encrypted(uint16_t flags, uint16_t method)
{
	return (flags & (FLAG_ENCRYPTED | FLAG_STRONG | FLAG_MASKED)) || method == METHOD_AES;
}

/* One record. @return false when it is none or ends too early */
static bool central_record(struct tally_zip_member *m, struct tally_bytes *b, struct header *h)
{
	const unsigned char *p = tally_bytes_take(b, CENTRAL_SIZE);
	const unsigned char *name, *extra;

	if (!p || u32_at(p) != SIGNATURE_CENTRAL)
		return false;
	name = tally_bytes_take(b, u16_at(p + 28));
	extra = tally_bytes_take(b, u16_at(p + 30));
	if (!name || !extra || !tally_bytes_take(b, u16_at(p + 32)))
		return false;
	*h = (struct header){ .packed = u32_at(p + 20),
		              .size = u32_at(p + 24),
		              .offset = u32_at(p + 42),
		              .mtime_ns = dos_time(u16_at(p + 12), u16_at(p + 14)) };
	h->size_max = h->size == UINT32_MAX;
	h->packed_max = h->packed == UINT32_MAX;
	h->offset_max = h->offset == UINT32_MAX;
	extra_read(h, extra, u16_at(p + 30), name, u16_at(p + 28));
	m->name = (const char *)name;
	m->name_len = u16_at(p + 28);
	m->method = u16_at(p + 10);
	m->utf8 = u16_at(p + 8) & FLAG_UTF8;
	m->encrypted = is_encrypted(u16_at(p + 8), m->method);
	m->crc32 = u32_at(p + 16);
	m->size = h->size;
	m->packed = h->packed;
	m->header = h->offset;
	m->mtime_ns = h->mtime_ns;
	m->second_name = h->unicode_differs;
	member_attributes(m, u16_at(p + 4), u32_at(p + 38));
	return true;
}

/* what a record by itself gives away */
static void check_record(struct tally_zip_directory *d, const struct tally_zip_member *m)
{
	if (m->second_name)
		doubt(d, AMBIGUOUS, m, "a second name that differs from the first");
	if (m->method == TALLY_ZIP_STORED && !m->encrypted && m->packed != m->size)
		doubt(d, AMBIGUOUS, m, "stored as it is, yet with two sizes");
	if (m->type == TALLY_TYPE_DIR && m->size > 0)
		doubt(d, AMBIGUOUS, m, "a folder with a content");
}

/* Takes the directory apart. @return TALLY_OK, TALLY_END when it is damaged, TALLY_FATAL */
static enum tally_status central_parse(struct tally_zip_directory *d, const struct end *end,
                                       const struct tally_limits *limits, struct tally_err *err)
{
	struct tally_bytes b = tally_bytes_of(d->bytes, (size_t)end->size);
	uint64_t shift = end->central - end->offset;
	uint64_t seen = 0;

	while (tally_bytes_left(&b) >= 4 && u32_at(b.at) == SIGNATURE_CENTRAL) {
		struct tally_zip_member *m;
		struct header h;

		if (seen++ >= limits->archive_members) {
			doubt(d, TALLY_REASON_LIMIT, NULL,
			      "archive_members: more than %" PRIu64 " members",
			      limits->archive_members);
			return TALLY_OK;
		}
		m = member_new(d);
		if (!m)
			return tally_err_nomem(err);
		if (!central_record(m, &b, &h)) {
			d->count--;
			return TALLY_END;
		}
		/* an archive moved behind something else: all places are off by the same */
		if (end->central >= end->offset)
			m->header += shift;
	}
	/* sixteen bits are too few for some writers' counts */
	if (seen != end->count && (end->count != (seen & UINT16_MAX) || end->top != end->at))
		doubt(d, AMBIGUOUS, NULL, "%" PRIu64 " members announced, %" PRIu64 " listed",
		      end->count, seen);
	if (tally_bytes_left(&b) > 0)
		doubt(d, AMBIGUOUS, NULL, "its directory ends before it should");
	return TALLY_OK;
}

static enum tally_status central_read(struct tally_zip_directory *d, struct tally_source *src,
                                      const struct end *end, const struct tally_limits *limits,
                                      struct tally_err *err)
{
	enum tally_status st;

	if (end->size > limits->archive_memory)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "archive_memory: a directory of %" PRIu64 " bytes", end->size);
	d->bytes = tally_alloc((size_t)end->size);
	if (!d->bytes)
		return tally_err_nomem(err);
	st = read_exact(src, d->bytes, (size_t)end->size, end->central, err);
	return st == TALLY_OK ? central_parse(d, end, limits, err) : st;
}

/* ---- local headers ---- */

/* a local header, and what stands behind it */
struct local {
	struct header h;
	const unsigned char *name;
	uint16_t flags, method, name_len, extra_len, time, date;
	uint32_t crc32;
};

/* @return TALLY_OK, TALLY_END when there is none at this place, TALLY_SKIP */
static enum tally_status local_read(struct window *w, uint64_t at, struct local *l,
                                    struct tally_err *err)
{
	const unsigned char *p;
	enum tally_status st = window_get(w, at, LOCAL_SIZE, &p, err);

	if (st != TALLY_OK)
		return st;
	if (u32_at(p) != SIGNATURE_LOCAL)
		return TALLY_END;
	*l = (struct local){ .flags = u16_at(p + 6),
		             .method = u16_at(p + 8),
		             .time = u16_at(p + 10),
		             .date = u16_at(p + 12),
		             .crc32 = u32_at(p + 14),
		             .name_len = u16_at(p + 26),
		             .extra_len = u16_at(p + 28) };
	l->h = (struct header){ .packed = u32_at(p + 18), .size = u32_at(p + 22) };
	l->h.size_max = l->h.size == UINT32_MAX;
	l->h.packed_max = l->h.packed == UINT32_MAX;
	l->h.mtime_ns = dos_time(l->time, l->date);
	st = window_get(w, at, (size_t)LOCAL_SIZE + l->name_len + l->extra_len, &p, err);
	if (st != TALLY_OK)
		return st;
	l->name = p + LOCAL_SIZE;
	extra_read(&l->h, l->name + l->name_len, l->extra_len, l->name, l->name_len);
	return TALLY_OK;
}

/* Does a value of the local header agree? With a descriptor behind the data it may be left open. */
static bool value_agrees(uint64_t local, uint64_t central, bool descriptor)
{
	return local == central || (descriptor && local == 0);
}

static const char *local_disagrees(const struct local *l, const struct tally_zip_member *m)
{
	bool later = l->flags & FLAG_DESCRIPTOR;

	if (l->name_len != m->name_len || memcmp(l->name, m->name, m->name_len) != 0)
		return "two names";
	if (l->method != m->method)
		return "two methods of packing";
	if (is_encrypted(l->flags, l->method) != m->encrypted)
		return "encrypted and not encrypted";
	if (!(l->flags & FLAG_UTF8) != !m->utf8 && !is_ascii(l->name, l->name_len))
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

			if (len < need || (marked && tally_bytes_u32(&b) != SIGNATURE_DESCRIPTOR))
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
static enum tally_status skip_descriptor(struct tally_zip_directory *d, struct window *w,
                                         const struct tally_zip_member *m, const struct local *l,
                                         uint64_t *end, struct tally_err *err)
{
	uint64_t left = tally_source_size(w->src) - *end;
	size_t len = left < DESCRIPTOR_MAX ? (size_t)left : DESCRIPTOR_MAX;
	const unsigned char *p;
	enum tally_status st = window_get(w, *end, len, &p, err);
	size_t n;

	if (st != TALLY_OK)
		return st < 0 ? st : TALLY_OK;
	n = descriptor_len(p, len, m);
	/* some writers announce a descriptor, fill in the header after all, and leave it out */
	if (n == 0 && (l->h.size != m->size || l->h.packed != m->packed || l->crc32 != m->crc32))
		doubt(d, AMBIGUOUS, m, "no word on its size behind its data");
	*end += n;
	return TALLY_OK;
}

/* Bytes between what belongs to the archive. A program that reads from the front would see a member there. */
static enum tally_status check_gap(struct tally_zip_directory *d, struct window *w, uint64_t from,
                                   uint64_t to, struct tally_err *err)
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
	st = window_get(w, from, 4, &p, err);
	if (st == TALLY_OK && u32_at(p) == SIGNATURE_LOCAL)
		doubt(d, AMBIGUOUS, NULL, "a member that its directory does not list");
	return st < 0 ? st : TALLY_OK;
}

/* Checks one member against its local header and finds its data, if there is one; *end is where it is over. */
static enum tally_status check_member(struct tally_zip_directory *d, struct window *w,
                                      struct tally_zip_member *m, uint64_t *end,
                                      struct tally_err *err)
{
	uint64_t size = tally_source_size(w->src);
	struct local l;
	enum tally_status st = local_read(w, m->header, &l, err);
	const char *why;

	if (st < 0)
		return st;
	if (st == TALLY_END) {
		doubt(d, TALLY_REASON_DAMAGED, m, "it is not where the directory says");
		m->cut = true;
		return TALLY_OK;
	}
	why = local_disagrees(&l, m);
	if (why)
		doubt(d, AMBIGUOUS, m, "header and directory give it %s", why);
	m->data = m->header + LOCAL_SIZE + l.name_len + l.extra_len;
	if (m->packed > size - m->data) {
		doubt(d, TALLY_REASON_DAMAGED, m, "its data ends before it should");
		m->cut = true;
		*end = size;
		return TALLY_OK;
	}
	*end = m->data + m->packed;
	return l.flags & FLAG_DESCRIPTOR ? skip_descriptor(d, w, m, &l, end, err) : TALLY_OK;
}

static int by_place(const void *a, const void *b)
{
	const struct tally_zip_member *x = a, *y = b;

	if (x->header != y->header)
		return x->header < y->header ? -1 : 1;
	/* both at one place is an error, but its message must not depend on the sort */
	return (x->name > y->name) - (x->name < y->name);
}

/* all members in the order of their places: headers agree, nothing overlaps, no gap hides anything */
static enum tally_status check_places(struct tally_zip_directory *d, struct window *w,
                                      const struct end *end, struct tally_err *err)
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
			doubt(d, AMBIGUOUS, m, "it overlaps with another member");
		else
			st = check_gap(d, w, at, m->header, err);
		if (to > end->central && !m->cut)
			doubt(d, AMBIGUOUS, m, "it overlaps with the directory");
		if (to > at)
			at = to;
	}
	/* members beyond the limit were not looked at: nothing is known about the gaps then */
	if (st == TALLY_OK && d->reason != TALLY_REASON_LIMIT)
		st = check_gap(d, w, at, end->central, err);
	if (st == TALLY_OK && end->central + end->size < end->top)
		d->gaps += end->top - end->central - end->size;
	if (end->top < end->at && end->at - end->top > END64_SIZE + LOCATOR_SIZE)
		d->gaps += end->at - end->top - END64_SIZE - LOCATOR_SIZE;
	return st;
}

/* ---- names ---- */

struct named {
	uint64_t hash;
	const struct tally_zip_member *m;
};

/* hashes first, for speed; the names themselves decide, so that prepared collisions change nothing */
static int by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	size_t n = x->m->name_len < y->m->name_len ? x->m->name_len : y->m->name_len;
	int c;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	c = memcmp(x->m->name, y->m->name, n);
	return c ? c : (int)x->m->name_len - (int)y->m->name_len;
}

static enum tally_status check_names(struct tally_zip_directory *d, struct tally_err *err)
{
	struct named *names;
	const struct tally_zip_member *twice = NULL;
	size_t size;

	if (d->count < 2)
		return TALLY_OK;
	names = tally_size_mul(d->count, sizeof *names, &size) ? tally_alloc(size) : NULL;
	if (!names)
		return tally_err_nomem(err);
	for (size_t i = 0; i < d->count; i++)
		names[i] = (struct named){
			tally_hash64(d->members[i].name, d->members[i].name_len, 0), &d->members[i]
		};
	qsort(names, d->count, sizeof *names, by_name);
	for (size_t i = 1; i < d->count; i++) {
		const struct tally_zip_member *later = names[i].m > names[i - 1].m ? names[i].m
		                                                                   : names[i - 1].m;

		if (by_name(&names[i - 1], &names[i]) == 0 && (!twice || later < twice))
			twice = later;
	}
	if (twice)
		doubt(d, AMBIGUOUS, twice, "two members of one name");
	tally_free(names);
	return TALLY_OK;
}

/* ---- without a directory ---- */

/* Is the descriptor at @p one with sizes of 64 bits? The header that follows it tells. */
static bool descriptor_wide(const unsigned char *p, size_t len)
{
	if (len < DESCRIPTOR_MAX + 4)
		return false;
	return u32_at(p + 16) != SIGNATURE_LOCAL && u32_at(p + 16) != SIGNATURE_CENTRAL &&
	       (u32_at(p + 24) == SIGNATURE_LOCAL || u32_at(p + 24) == SIGNATURE_CENTRAL);
}

/*
 * The descriptor of a member whose header leaves its sizes open: it gives as packed size the very distance from the data.
 * @return TALLY_OK with *end behind it, TALLY_END when there is none, TALLY_SKIP
 */
static enum tally_status find_descriptor(struct tally_zip_member *m, struct window *w,
                                         uint64_t *end, struct tally_err *err)
{
	uint64_t at = m->data;

	for (;;) {
		const unsigned char *p, *hit;
		enum tally_status st = window_get(w, at, 16, &p, err);
		size_t left;

		if (st != TALLY_OK)
			return st;
		left = w->len - (size_t)(at - w->at);
		hit = memchr(p, 'P', left - 15);
		if (hit != p) {
			at += hit ? (size_t)(hit - p) : left - 15;
			continue;
		}
		if (u32_at(p) == SIGNATURE_DESCRIPTOR && u32_at(p + 8) == (uint32_t)(at - m->data)) {
			bool wide = descriptor_wide(p, left);

			m->crc32 = u32_at(p + 4);
			m->packed = at - m->data;
			m->size = u32_at(p + (wide ? 16 : 12));
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
static enum tally_status scan_one(struct tally_zip_directory *d, struct window *w, uint64_t *at,
                                  struct tally_buf *names, struct tally_err *err)
{
	uint64_t size = tally_source_size(w->src);
	struct tally_zip_member *m;
	struct local l;
	enum tally_status st = local_read(w, *at, &l, err);

	if (st != TALLY_OK)
		return st;
	m = member_new(d);
	if (!m || !tally_buf_add(names, l.name, l.name_len))
		return tally_err_nomem(err);
	*m = (struct tally_zip_member){ .name_len = l.name_len,
		                        .method = l.method,
		                        .utf8 = l.flags & FLAG_UTF8,
		                        .encrypted = is_encrypted(l.flags, l.method),
		                        .crc32 = l.crc32,
		                        .size = l.h.size,
		                        .packed = l.h.packed,
		                        .header = *at,
		                        .data = *at + LOCAL_SIZE + l.name_len + l.extra_len,
		                        .mtime_ns = l.h.mtime_ns };
	if ((l.flags & FLAG_DESCRIPTOR) && m->packed == 0) {
		st = find_descriptor(m, w, at, err);
	} else if (m->packed > size - m->data) {
		st = TALLY_END;
	} else {
		*at = m->data + m->packed;
		if (l.flags & FLAG_DESCRIPTOR)
			st = skip_descriptor(d, w, m, &l, at, err);
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
		m->type = (uint8_t)type_of(m, false, 0, 0);
		at += m->name_len;
	}
}

static enum tally_status scan(struct tally_zip_directory *d, struct window *w,
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
	doubt(d, TALLY_REASON_DAMAGED, NULL, "its directory is missing or broken");
	return TALLY_OK;
}

/* ---- all of it ---- */

static enum tally_status by_directory(struct tally_zip_directory *d, struct window *w,
                                      const struct tally_limits *limits, struct tally_err *err)
{
	struct end end = { 0 };
	enum tally_status st = find_end(d, w->src, &end, err);

	if (st == TALLY_OK)
		st = find_end64(d, w, &end, err);
	if (st == TALLY_OK)
		st = find_central(d, w, &end, err);
	if (st == TALLY_OK)
		st = central_read(d, w->src, &end, limits, err);
	if (st != TALLY_OK)
		return st;
	if (d->count > 1)
		qsort(d->members, d->count, sizeof *d->members, by_place);
	st = check_places(d, w, &end, err);
	return st == TALLY_OK ? check_names(d, err) : st;
}

enum tally_status tally_zip_directory_read(struct tally_zip_directory *out, struct tally_source *src,
                                           const struct tally_limits *limits, struct tally_err *err)
{
	struct tally_zip_directory d = { 0 };
	struct window w = { src, tally_alloc(WINDOW_CAP), 0, 0 };
	enum tally_status st;

	if (!w.bytes)
		return tally_err_nomem(err);
	st = by_directory(&d, &w, limits, err);
	if (st == TALLY_END)
		st = scan(&d, &w, limits, err);
	tally_free(w.bytes);
	if (st < 0) {
		tally_zip_directory_release(&d);
		return st;
	}
	*out = d;
	return d.reason == TALLY_REASON_NONE ? TALLY_OK : TALLY_PARTIAL;
}

void tally_zip_directory_release(struct tally_zip_directory *dir)
{
	tally_free(dir->members);
	tally_free(dir->bytes);
	tally_free(dir->names);
	*dir = (struct tally_zip_directory){ 0 };
}

const struct tally_zip_member *tally_zip_directory_find(const struct tally_zip_directory *dir,
                                                        const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < dir->count; i++)
		if (dir->members[i].name_len == len && memcmp(dir->members[i].name, name, len) == 0)
			return &dir->members[i];
	return NULL;
}

bool tally_zip_directory_is_document(const struct tally_zip_directory *dir)
{
	return tally_zip_directory_find(dir, "[Content_Types].xml") ||
	       tally_zip_directory_find(dir, "mimetype");
}
