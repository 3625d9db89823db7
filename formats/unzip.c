/* One member of a zip at a time: by ourselves with zlib, or through libarchive and a stream made for it. See unzip.h. */
#include "formats/unzip.h"

#include <errno.h>
#include <string.h>

#include "core/mem.h"
#include "formats/archive_lib.h"
#include "formats/crc32.h"
#include "formats/inflate.h"

enum {
	BLOCK = 128 << 10, /* packed bytes handed over at once */
	PORTION = 128 << 10, /* unpacked bytes at once: they stay in the cache for whoever reads them */
	VERSION_ZIP64 = 45,
	EXTRA_SIZE = 20,
	METHOD_MOST = 127, /* libarchive keeps the method in a char */
};

/* Bombs are told by their ratio, but short runs of zeros are no bombs; see limits.archive_ratio. */
#define RATIO_GRACE (UINT64_C(64) << 20)

struct tally_unzip {
	struct tally_source *src;
	struct archive *archive; /* NULL: none open */
	struct archive_entry *entry;
	const struct tally_zip_member *member; /* NULL: none, or it came to its end */
	uint64_t given;                        /* packed bytes of the member handed over */
	uint64_t got;                          /* unpacked bytes that came out */
	enum tally_reason wrong;
	bool header_given;
	bool dry; /* libarchive asked for more than there was and takes it for the end of all */
	enum tally_status source_status;
	struct tally_err *err;
	/* stored and deflated members */
	struct tally_inflate *inflate;
	const unsigned char *packed; /* what is left of the block */
	size_t packed_len;
	uint32_t crc32;
	bool own;   /* the member is one of them */
	bool ended; /* its stream came to its end */
	unsigned char block[BLOCK];
	unsigned char portion[PORTION];
};

static unsigned char *put(unsigned char *p, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		*p++ = (unsigned char)(value >> 8 * i);
	return p;
}

/* A local header with all that the directory knows; sizes always in 64 bits. */
static size_t make_header(unsigned char *out, const struct tally_zip_member *m)
{
	unsigned char *p = out;

	p = put(p, 0x04034b50, 4);
	p = put(p, VERSION_ZIP64, 2);
	p = put(p, 0, 2); /* no flags: sizes are known, the name is ASCII */
	p = put(p, m->method, 2);
	p = put(p, 0, 4); /* time and date */
	p = put(p, m->crc32, 4);
	p = put(p, UINT32_MAX, 4);
	p = put(p, UINT32_MAX, 4);
	p = put(p, 1, 2); /* length of the name */
	p = put(p, EXTRA_SIZE, 2);
	*p++ = 'm';
	p = put(p, 1, 2); /* zip64 */
	p = put(p, EXTRA_SIZE - 4, 2);
	p = put(p, m->size, 8);
	p = put(p, m->packed, 8);
	return (size_t)(p - out);
}

/* libarchive's read callback */
static la_ssize_t give(struct archive *a, void *payload, const void **bytes)
{
	struct tally_unzip *u = payload;
	uint64_t left = u->member->packed - u->given;
	size_t len = 0, want;
	ssize_t n = 0;

	if (!u->header_given)
		len = make_header(u->block, u->member);
	u->header_given = true;
	want = left < BLOCK - len ? (size_t)left : BLOCK - len;
	if (want > 0)
		n = tally_source_pread(u->src, u->block + len, want, u->member->data + u->given,
		                       u->err);
	if (n < 0) {
		u->source_status = TALLY_SKIP;
		archive_set_error(a, EIO, "the source cannot be read");
		return -1;
	}
	u->given += (uint64_t)n;
	len += (size_t)n;
	u->dry = len == 0;
	*bytes = u->block;
	return (la_ssize_t)len;
}

enum tally_status tally_unzip_new(struct tally_unzip **out, struct tally_source *src,
                                  struct tally_err *err)
{
	struct tally_unzip *u = tally_alloc(sizeof *u);

	if (!u)
		return tally_err_nomem(err);
	memset(u, 0, offsetof(struct tally_unzip, block));
	u->src = src;
	*out = u;
	return TALLY_OK;
}

static void close_archive(struct tally_unzip *u)
{
	if (u->archive)
		archive_read_free(u->archive);
	u->archive = NULL;
}

void tally_unzip_free(struct tally_unzip *u)
{
	if (!u)
		return;
	close_archive(u);
	archive_entry_free(u->entry);
	tally_inflate_free(u->inflate);
	tally_free(u);
}

/* ---- stored and deflated ---- */

/* more packed bytes, where there are any. @return false: the source cannot be read */
static bool refill(struct tally_unzip *u, struct tally_err *err)
{
	uint64_t left = u->member->packed - u->given;
	ssize_t n = 0;

	if (left > 0)
		n = tally_source_pread(u->src, u->block, left < BLOCK ? (size_t)left : BLOCK,
		                       u->member->data + u->given, err);
	u->packed = u->block;
	u->packed_len = n > 0 ? (size_t)n : 0;
	u->given += u->packed_len;
	return n >= 0;
}

static enum tally_status own_begin(struct tally_unzip *u, struct tally_err *err)
{
	u->packed_len = 0;
	u->crc32 = 0;
	u->ended = false;
	if (u->member->method == TALLY_ZIP_STORED)
		return TALLY_OK;
	if (u->inflate)
		tally_inflate_start(u->inflate);
	return u->inflate ? TALLY_OK : tally_inflate_new(&u->inflate, err);
}

static enum tally_status own_damaged(struct tally_unzip *u)
{
	u->wrong = TALLY_REASON_DAMAGED;
	return TALLY_END;
}

static enum tally_status own_end(struct tally_unzip *u)
{
	return u->got == u->member->size && u->crc32 == u->member->crc32 ? TALLY_END : own_damaged(u);
}

static enum tally_status own_inflated(struct tally_unzip *u, const void **bytes, size_t *len,
                                      struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (*len = 0; st == TALLY_OK && !*len;) {
		if (!u->packed_len && !refill(u, err))
			return TALLY_SKIP;
		if (!u->packed_len)
			return own_damaged(u);
		*len = PORTION;
		st = tally_inflate_step(u->inflate, &u->packed, &u->packed_len, u->portion, len);
	}
	*bytes = u->portion;
	u->ended = st == TALLY_END;
	if (st == TALLY_FATAL)
		return tally_err_nomem(err);
	return st == TALLY_SKIP ? own_damaged(u) : TALLY_OK;
}

/* a portion of what is stored or deflated, or its end */
static enum tally_status own_portion(struct tally_unzip *u, const void **bytes, size_t *len,
                                     struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	if (u->ended)
		return own_end(u);
	if (u->member->method == TALLY_ZIP_DEFLATED) {
		st = own_inflated(u, bytes, len, err);
	} else {
		if (!refill(u, err))
			return TALLY_SKIP;
		*bytes = u->block;
		*len = u->packed_len;
	}
	if (st == TALLY_OK && *len)
		u->crc32 = tally_crc32(u->crc32, *bytes, *len);
	return st == TALLY_OK && !*len ? own_end(u) : st;
}

/* ---- all others ---- */

/* @return false: no memory, or (the first block is fetched here) no source */
static bool open_archive(struct tally_unzip *u)
{
	if (!u->entry)
		u->entry = archive_entry_new();
	if (!u->entry)
		return false;
	u->archive = archive_read_new();
	return u->archive && archive_read_support_format_zip_streamable(u->archive) == ARCHIVE_OK &&
	       archive_read_open(u->archive, u, NULL, give, NULL) == ARCHIVE_OK;
}

/* what libarchive's complaint means for the member */
static enum tally_reason reason_of(int rc, struct archive *a)
{
	const char *why = archive_error_string(a);

	if (rc == ARCHIVE_FAILED && why && strstr(why, "nsupported"))
		return TALLY_REASON_FORMAT_UNKNOWN;
	return TALLY_REASON_DAMAGED;
}

/* the member came to its end, one way or the other */
static void finish(struct tally_unzip *u)
{
	if (!u->own && (u->dry || u->wrong != TALLY_REASON_NONE || u->source_status < 0))
		close_archive(u);
	u->member = NULL;
}

static enum tally_status failed(struct tally_unzip *u, int rc, struct tally_err *err)
{
	if (u->source_status < 0)
		return u->source_status;
	if (archive_errno(u->archive) == ENOMEM)
		return tally_err_nomem(err);
	u->wrong = reason_of(rc, u->archive);
	return TALLY_END;
}

/* What cannot be unpacked at all. The name of a method is not looked at: libarchive knows which ones it has. */
static enum tally_reason refused(const struct tally_zip_member *member)
{
	if (member->encrypted)
		return TALLY_REASON_ENCRYPTED;
	if (member->cut)
		return TALLY_REASON_DAMAGED;
	return member->method > METHOD_MOST ? TALLY_REASON_FORMAT_UNKNOWN : TALLY_REASON_NONE;
}

static enum tally_status begin(struct tally_unzip *u, struct tally_err *err)
{
	int rc;

	/* a handle made anew after damage costs some microseconds: fine for a million members, too */
	if (!u->archive && !open_archive(u))
		return u->source_status < 0 ? u->source_status : tally_err_nomem(err);
	rc = archive_read_next_header2(u->archive, u->entry);
	if (rc == ARCHIVE_OK)
		return TALLY_OK;
	return failed(u, rc == ARCHIVE_EOF ? ARCHIVE_FATAL : rc, err);
}

enum tally_status tally_unzip_begin(struct tally_unzip *u, const struct tally_zip_member *member,
                                    struct tally_err *err)
{
	enum tally_status st;

	if (u->member && !u->own) /* the one before was left in the middle */
		close_archive(u);
	u->member = member;
	u->given = u->got = 0;
	u->header_given = u->dry = false;
	u->source_status = TALLY_OK;
	u->err = err;
	u->wrong = refused(member);
	u->own = member->method == TALLY_ZIP_STORED || member->method == TALLY_ZIP_DEFLATED;
	if (u->wrong != TALLY_REASON_NONE) {
		u->member = NULL; /* nothing of it was asked for */
		return TALLY_OK;
	}
	st = u->own ? own_begin(u, err) : begin(u, err);
	if (st != TALLY_OK)
		finish(u);
	return st < 0 ? st : TALLY_OK;
}

/* a portion from libarchive, or its end */
static enum tally_status portion(struct tally_unzip *u, const void **bytes, size_t *len,
                                 struct tally_err *err)
{
	for (;;) {
		int64_t offset;
		int rc = archive_read_data_block(u->archive, bytes, len, &offset);

		if (rc == ARCHIVE_EOF)
			return TALLY_END;
		if (rc != ARCHIVE_OK)
			return failed(u, rc, err);
		if (*len > 0)
			return TALLY_OK;
	}
}

enum tally_status tally_unzip_next(struct tally_unzip *u, const void **bytes, size_t *len,
                                   enum tally_reason *wrong, struct tally_err *err)
{
	enum tally_status st = TALLY_END;

	*wrong = u->wrong;
	*len = 0;
	if (!u->member)
		return TALLY_END;
	u->err = err;
	st = u->own ? own_portion(u, bytes, len, err) : portion(u, bytes, len, err);
	/* more than was announced is not worth being unpacked to its end */
	if (st == TALLY_OK && *len > u->member->size - u->got) {
		u->wrong = TALLY_REASON_DAMAGED;
		st = TALLY_END;
	}
	if (st == TALLY_OK) {
		u->got += *len;
		return TALLY_OK;
	}
	*len = 0;
	*wrong = u->wrong;
	finish(u);
	return st;
}

enum tally_status tally_unzip_member(struct tally_unzip *u, const struct tally_zip_member *member,
                                     tally_unzip_fn *fn, void *payload, enum tally_reason *wrong,
                                     struct tally_err *err)
{
	enum tally_status st = tally_unzip_begin(u, member, err);

	*wrong = TALLY_REASON_NONE;
	while (st == TALLY_OK) {
		const void *bytes;
		size_t len;

		st = tally_unzip_next(u, &bytes, &len, wrong, err);
		if (st == TALLY_OK)
			st = fn(payload, bytes, len, err);
	}
	return st == TALLY_END ? TALLY_OK : st;
}

const char *tally_unpack_limit(const struct tally_limits *limits, uint64_t unpacked, uint64_t packed)
{
	if (unpacked > limits->archive_bytes)
		return "archive_bytes";
	if (unpacked > RATIO_GRACE && unpacked / (packed ? packed : 1) >= limits->archive_ratio)
		return "archive_ratio";
	return NULL;
}
