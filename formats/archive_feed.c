/* A source as libarchive wants it, and one layer of compression taken off: see archive_feed.h. */
#include "formats/archive_feed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "core/mem.h"
#include "formats/crc32.h"

enum { BLOCK = TALLY_ARCHIVE_BLOCK, TAR_BLOCK = TALLY_ARCHIVE_TAR_BLOCK };

/* ---- the source, as libarchive wants it ---- */

la_ssize_t tally_archive_client_read(struct archive *a, void *payload, const void **bytes)
{
	struct tally_archive_client *c = payload;
	ssize_t n = tally_source_pread(c->src, c->block, BLOCK, c->at, c->err);

	if (n < 0) {
		c->status = TALLY_SKIP;
		archive_set_error(a, EIO, "the source cannot be read");
		return -1;
	}
	c->at += (uint64_t)n;
	*bytes = c->block;
	return (la_ssize_t)n;
}

la_int64_t tally_archive_client_seek(struct archive *a, void *payload, la_int64_t offset, int whence)
{
	struct tally_archive_client *c = payload;
	uint64_t size = tally_source_size(c->src);
	int64_t from = whence == SEEK_SET   ? (int64_t)c->base
	               : whence == SEEK_CUR ? (int64_t)c->at
	                                    : (int64_t)size;
	int64_t to;

	if (__builtin_add_overflow(from, offset, &to) || to < (int64_t)c->base) {
		archive_set_error(a, EINVAL, "a place outside the archive");
		return ARCHIVE_FATAL;
	}
	c->at = (uint64_t)to < size ? (uint64_t)to : size;
	return (la_int64_t)(c->at - c->base);
}

/* ---- feed: the blocks of a stream, unpacked where it is compressed ---- */

static int filter_code(enum tally_archive_kind kind)
{
	switch (kind) {
	case TALLY_ARCHIVE_GZIP:
		return ARCHIVE_FILTER_GZIP;
	case TALLY_ARCHIVE_BZIP2:
		return ARCHIVE_FILTER_BZIP2;
	case TALLY_ARCHIVE_XZ:
		return ARCHIVE_FILTER_XZ;
	case TALLY_ARCHIVE_ZSTD:
		return ARCHIVE_FILTER_ZSTD;
	case TALLY_ARCHIVE_LZMA:
		return ARCHIVE_FILTER_LZMA;
	case TALLY_ARCHIVE_LZIP:
		return ARCHIVE_FILTER_LZIP;
	case TALLY_ARCHIVE_LZ4:
		return ARCHIVE_FILTER_LZ4;
	case TALLY_ARCHIVE_COMPRESS:
		return ARCHIVE_FILTER_COMPRESS;
	default:
		return ARCHIVE_FILTER_NONE;
	}
}

/*
 * A handle that takes off one layer of compression. The raw format is set, not found: while formats are looked for, a stream
 * that is cut short and one that holds nothing look the same.
 */
struct archive *tally_archive_filter_new(enum tally_archive_kind kind)
{
	struct archive *a = archive_read_new();
	int rc = a ? archive_read_set_format(a, ARCHIVE_FORMAT_RAW) : ARCHIVE_FATAL;

	/* the one for .Z reads at once when it is appended, where there is nothing to read yet, and falls over that */
	if (rc == ARCHIVE_OK)
		rc = kind == TALLY_ARCHIVE_COMPRESS
		             ? archive_read_support_filter_compress(a)
		             : archive_read_append_filter(a, filter_code(kind));
	if (a && rc != ARCHIVE_OK) {
		archive_read_free(a);
		a = NULL;
	}
	return a;
}

void tally_archive_feed_release(struct tally_archive_feed *f)
{
	if (!f)
		return;
	if (f->filter)
		archive_read_free(f->filter);
	archive_entry_free(f->entry);
	tally_free(f);
}

enum tally_status tally_archive_feed_new(struct tally_archive_feed **out,
                                         struct tally_archive_level *level,
                                         enum tally_archive_kind kind, struct tally_err *err)
{
	struct tally_archive_feed *f = tally_alloc_zero(1, sizeof *f);

	if (!f)
		return tally_err_nomem(err);
	f->level = level;
	f->err = err;
	f->client.src = level->src;
	f->client.base = f->client.at = level->base;
	f->client.err = err;
	f->entry = archive_entry_new();
	f->gzip = kind == TALLY_ARCHIVE_GZIP;
	if (f->entry && filter_code(kind) != ARCHIVE_FILTER_NONE)
		f->filter = tally_archive_filter_new(kind);
	if (!f->entry || (!f->filter && filter_code(kind) != ARCHIVE_FILTER_NONE)) {
		tally_archive_feed_release(f);
		return tally_err_nomem(err);
	}
	*out = f;
	return TALLY_OK;
}

/* what went wrong in the filter */
static void feed_fail(struct tally_archive_feed *f)
{
	if (f->client.status < 0)
		f->status = f->client.status;
	else if (archive_errno(f->filter) == ENOMEM)
		f->status = tally_err_nomem(f->err);
	else
		f->damaged = true;
}

/* Begin unpacking; what fails is told by tally_archive_feed_next. */
void tally_archive_feed_open(struct tally_archive_feed *f)
{
	int rc;

	if (!f->filter)
		return;
	rc = archive_read_open(f->filter, &f->client, NULL, tally_archive_client_read, NULL);
	if (rc == ARCHIVE_OK)
		rc = archive_read_next_header2(f->filter, f->entry);
	if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
		feed_fail(f);
	/* one that has to know its stream first may have said no: then the bytes would pass as they are */
	else if (archive_filter_code(f->filter, 0) == ARCHIVE_FILTER_NONE)
		f->damaged = true;
}

static void feed_count(struct tally_archive_feed *f)
{
	size_t zeros = 0;

	while (zeros < f->len && zeros < TAR_BLOCK && f->bytes[f->len - 1 - zeros] == 0)
		zeros++;
	f->zeros = zeros == f->len ? f->zeros + zeros : zeros;
	f->given += f->len;
	if (f->gzip)
		f->sum = tally_crc32(f->sum, f->bytes, f->len);
}

enum { GZIP_HEAD = 10, GZIP_END = 8 };

/* Is there a second stream behind the beginning of this one? Three bytes say so: rather too often than not. */
static bool has_second_gzip(struct tally_archive_client *c, uint64_t end)
{
	static const unsigned char magic[] = { 0x1f, 0x8b, 8 };

	for (uint64_t at = c->base + GZIP_HEAD; at + sizeof magic < end; at += BLOCK - sizeof magic) {
		ssize_t n = tally_source_pread(c->src, c->block, BLOCK, at, c->err);

		for (ssize_t i = 0; i + (ssize_t)sizeof magic <= n; i++)
			if (memcmp(c->block + i, magic, sizeof magic) == 0)
				return true;
	}
	return false;
}

/*
 * A gzip stream ends in the sum and the length of what it holds, at which libarchive does not look. Where several follow each
 * other the last one tells of itself alone, which cannot be checked against all of it.
 */
static bool gzip_is_sound(struct tally_archive_feed *f)
{
	struct tally_archive_client *c = &f->client;
	uint64_t end = c->base + (uint64_t)archive_filter_bytes(f->filter, -1);
	unsigned char mark[GZIP_END];
	struct tally_bytes b = tally_bytes_of(mark, sizeof mark);
	uint32_t sum, len;

	if (end < c->base + GZIP_HEAD + GZIP_END ||
	    tally_source_pread(c->src, mark, sizeof mark, end - GZIP_END, f->err) != GZIP_END)
		return false;
	sum = tally_bytes_u32(&b);
	len = tally_bytes_u32(&b);
	return (sum == f->sum && len == (uint32_t)f->given) || has_second_gzip(c, end);
}

/*
 * The filter says that its stream is over. Some filters say so as well when their source fails, or when they do not even
 * know the first bytes for theirs.
 */
static void feed_end(struct tally_archive_feed *f)
{
	f->ended = true;
	if (f->client.status < 0)
		f->status = f->client.status;
	else if (archive_filter_bytes(f->filter, -1) <= 0 || (f->gzip && !gzip_is_sound(f)))
		f->damaged = true;
}

static bool feed_unpack(struct tally_archive_feed *f)
{
	for (;;) {
		enum tally_status st;
		const void *bytes;
		int64_t offset;
		int rc = archive_read_data_block(f->filter, &bytes, &f->len, &offset);

		if (rc == ARCHIVE_EOF) {
			feed_end(f);
			return false;
		}
		if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN) {
			feed_fail(f);
			return false;
		}
		if (f->len == 0)
			continue;
		f->bytes = bytes;
		st = tally_archive_streamed(f->level, f->len, f->err);
		f->limit = st == TALLY_END;
		if (st < 0)
			f->status = st;
		return st == TALLY_OK;
	}
}

static bool feed_plain(struct tally_archive_feed *f)
{
	struct tally_archive_client *c = &f->client;
	ssize_t n = tally_source_pread(c->src, c->block, BLOCK, c->at, f->err);

	if (n < 0)
		f->status = TALLY_SKIP;
	if (n <= 0)
		return false;
	c->at += (uint64_t)n;
	f->bytes = c->block;
	f->len = (size_t)n;
	return true;
}

/* The next block. @return false at the end, or when damaged, limit or status say why */
bool tally_archive_feed_next(struct tally_archive_feed *f)
{
	if (f->again) {
		f->again = false;
		return true;
	}
	f->len = 0;
	if (f->ended || f->damaged || f->limit || f->status < 0)
		return false;
	if (!(f->filter ? feed_unpack(f) : feed_plain(f))) {
		f->len = 0;
		return false;
	}
	feed_count(f);
	return true;
}

/* @return negative, TALLY_END for a limit, TALLY_OK otherwise */
enum tally_status tally_archive_feed_result(const struct tally_archive_feed *f)
{
	return f->status < 0 ? f->status : f->limit ? TALLY_END : TALLY_OK;
}

la_ssize_t tally_archive_feed_read(struct archive *a, void *payload, const void **bytes)
{
	struct tally_archive_feed *f = payload;

	if (tally_archive_feed_next(f)) {
		*bytes = f->bytes;
		return (la_ssize_t)f->len;
	}
	if (!f->damaged && tally_archive_feed_result(f) == TALLY_OK)
		return 0;
	archive_set_error(a, EIO, "the stream cannot be unpacked");
	return -1;
}
