/*
 * Tar, 7z and compressed streams through libarchive.
 *
 *   source ──► filter (gzip, bzip2, xz or zstd; none for a plain tar) ──► feed ──► tar ──► members
 *                                                                          └──► the one member of a lone .gz
 *   source ──────────────────────────────────────────────────────────────────────► 7z ──► members
 *
 * The filter is a libarchive handle of its own. So exactly one layer is taken off at a time, the bytes behind the end of a
 * tar are seen as well, and a limit counts what really comes out.
 */
#include "formats/archive_level.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <iconv.h>
#include <inttypes.h>
#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"

enum {
	BLOCK = 128 << 10, /* read from the source at once */
	TAR_BLOCK = 512,
	TAR_SUM = 148, /* the checksum's place in a header, eight bytes */
	TAR_MAGIC = 257,
	TAR_BITS_OLD = 24, /* the checksum alone: six octal digits that agree with 512 bytes */
	TAR_BITS = 56,     /* and "ustar" */
	NAME_MOST = 255,   /* of the one member of a compressed stream */
};

#define NANOSECONDS INT64_C(1000000000)

/* ---- locales ---- */

/*
 * libarchive converts names to the character set of the locale, and composes accents while it does so. In the C locale that
 * fails for tar, which then hands the bytes over as they stand: just what we want. Names in a 7z are UTF-16 and come only in
 * a UTF-8 locale, whose tables are files.
 */
static pthread_once_t locales_once = PTHREAD_ONCE_INIT;
static locale_t locale_bytes, locale_utf8;

static void locales_make(void)
{
	static const char *const names[] = { "C.UTF-8", "C.utf8", "en_US.UTF-8", "UTF-8", NULL };

	locale_bytes = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	for (int i = 0; names[i] && !locale_utf8; i++)
		locale_utf8 = newlocale(LC_CTYPE_MASK, names[i], (locale_t)0);
}

void tally_archive_prepare(void)
{
	iconv_t warm;

	pthread_once(&locales_once, locales_make);
	/* makes the C library read its list of converters, if it has one */
	warm = iconv_open("ASCII", "UTF-8");
	if (warm != (iconv_t)-1)
		iconv_close(warm);
}

/* @return the locale before, for uselocale */
static locale_t locale_enter(bool utf8)
{
	pthread_once(&locales_once, locales_make);
	if (utf8 && locale_utf8)
		return uselocale(locale_utf8);
	return uselocale(locale_bytes);
}

/* ---- tar headers ---- */

/* @return the number in octal digits, or -1 */
static long octal(const unsigned char *p, size_t len)
{
	size_t i = 0;
	long value = 0;

	while (i < len && p[i] == ' ')
		i++;
	if (i == len || p[i] < '0' || p[i] > '7')
		return -1;
	for (; i < len && p[i] >= '0' && p[i] <= '7'; i++)
		value = value * 8 + (p[i] - '0');
	return i == len || p[i] == ' ' || p[i] == '\0' ? value : -1;
}

int tally_archive_tar_bits(const unsigned char *block, size_t len)
{
	long want, plain = 0, with_signs = 0;

	if (len < TAR_BLOCK || block[0] == '\0')
		return 0;
	want = octal(block + TAR_SUM, 8);
	if (want < 0)
		return 0;
	for (size_t i = 0; i < TAR_BLOCK; i++) {
		unsigned char c = i >= TAR_SUM && i < TAR_SUM + 8 ? ' ' : block[i];

		plain += c;
		with_signs += (signed char)c; /* some old programs summed so */
	}
	if (want != plain && want != with_signs)
		return 0;
	return memcmp(block + TAR_MAGIC, "ustar", 5) == 0 ? TAR_BITS : TAR_BITS_OLD;
}

/* ---- the source, as libarchive wants it ---- */

struct client {
	struct tally_source *src;
	uint64_t at;
	enum tally_status status; /* negative once the source failed */
	struct tally_err *err;
	unsigned char block[BLOCK];
};

static la_ssize_t client_read(struct archive *a, void *payload, const void **bytes)
{
	struct client *c = payload;
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

static la_int64_t client_seek(struct archive *a, void *payload, la_int64_t offset, int whence)
{
	struct client *c = payload;
	uint64_t size = tally_source_size(c->src);
	int64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (int64_t)c->at : (int64_t)size;
	int64_t to;

	if (__builtin_add_overflow(from, offset, &to) || to < 0) {
		archive_set_error(a, EINVAL, "a place outside the archive");
		return ARCHIVE_FATAL;
	}
	c->at = (uint64_t)to < size ? (uint64_t)to : size;
	return (la_int64_t)c->at;
}

/* ---- feed: the blocks of a stream, unpacked where it is compressed ---- */

struct feed {
	struct tally_archive_level *level;
	struct tally_err *err;
	struct client client;
	struct archive *filter; /* NULL: nothing is compressed */
	struct archive_entry *entry;
	const unsigned char *bytes; /* the block given last */
	size_t len;
	uint64_t given;           /* bytes of all blocks */
	size_t zeros;             /* how many zeros the last bytes given are, up to TAR_BLOCK */
	bool again;               /* give the same block once more */
	bool ended;               /* the compressed stream is over */
	bool damaged;             /* the compressed stream is */
	bool limit;               /* a limit ended it */
	enum tally_status status; /* negative once something else failed */
};

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
	default:
		return ARCHIVE_FILTER_NONE;
	}
}

/*
 * A handle that takes off one layer of compression. The raw format is set, not found: while formats are looked for, a stream
 * that is cut short and one that holds nothing look the same.
 */
static struct archive *filter_new(enum tally_archive_kind kind)
{
	struct archive *a = archive_read_new();

	if (a && (archive_read_set_format(a, ARCHIVE_FORMAT_RAW) != ARCHIVE_OK ||
	          archive_read_append_filter(a, filter_code(kind)) != ARCHIVE_OK)) {
		archive_read_free(a);
		a = NULL;
	}
	return a;
}

static void feed_release(struct feed *f)
{
	if (!f)
		return;
	if (f->filter)
		archive_read_free(f->filter);
	archive_entry_free(f->entry);
	tally_free(f);
}

static enum tally_status feed_new(struct feed **out, struct tally_archive_level *level,
                                  enum tally_archive_kind kind, struct tally_err *err)
{
	struct feed *f = tally_alloc_zero(1, sizeof *f);

	if (!f)
		return tally_err_nomem(err);
	f->level = level;
	f->err = err;
	f->client.src = level->src;
	f->client.err = err;
	f->entry = archive_entry_new();
	if (f->entry && filter_code(kind) != ARCHIVE_FILTER_NONE)
		f->filter = filter_new(kind);
	if (!f->entry || (!f->filter && filter_code(kind) != ARCHIVE_FILTER_NONE)) {
		feed_release(f);
		return tally_err_nomem(err);
	}
	*out = f;
	return TALLY_OK;
}

/* what went wrong in the filter */
static void feed_fail(struct feed *f)
{
	if (f->client.status < 0)
		f->status = f->client.status;
	else if (archive_errno(f->filter) == ENOMEM)
		f->status = tally_err_nomem(f->err);
	else
		f->damaged = true;
}

/* Begin unpacking; what fails is told by feed_next. */
static void feed_open(struct feed *f)
{
	int rc;

	if (!f->filter)
		return;
	rc = archive_read_open(f->filter, &f->client, NULL, client_read, NULL);
	if (rc == ARCHIVE_OK)
		rc = archive_read_next_header2(f->filter, f->entry);
	if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
		feed_fail(f);
}

static void feed_count(struct feed *f)
{
	size_t zeros = 0;

	while (zeros < f->len && zeros < TAR_BLOCK && f->bytes[f->len - 1 - zeros] == 0)
		zeros++;
	f->zeros = zeros == f->len ? f->zeros + zeros : zeros;
	f->given += f->len;
}

/*
 * The filter says that its stream is over. Some filters say so as well when their source fails, or when they do not even
 * know the first bytes for theirs.
 */
static void feed_end(struct feed *f)
{
	f->ended = true;
	if (f->client.status < 0)
		f->status = f->client.status;
	else if (archive_filter_bytes(f->filter, -1) <= 0)
		f->damaged = true;
}

static bool feed_unpack(struct feed *f)
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

static bool feed_plain(struct feed *f)
{
	struct client *c = &f->client;
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
static bool feed_next(struct feed *f)
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
static enum tally_status feed_result(const struct feed *f)
{
	return f->status < 0 ? f->status : f->limit ? TALLY_END : TALLY_OK;
}

static la_ssize_t feed_read(struct archive *a, void *payload, const void **bytes)
{
	struct feed *f = payload;

	if (feed_next(f)) {
		*bytes = f->bytes;
		return (la_ssize_t)f->len;
	}
	if (!f->damaged && feed_result(f) == TALLY_OK)
		return 0;
	archive_set_error(a, EIO, "the stream cannot be unpacked");
	return -1;
}

/* ---- members out of libarchive ---- */

static enum tally_entry_type type_of(struct archive_entry *entry)
{
	switch (archive_entry_filetype(entry)) {
	case AE_IFDIR:
		return TALLY_TYPE_DIR;
	case AE_IFLNK:
		return TALLY_TYPE_SYMLINK;
	case AE_IFIFO:
		return TALLY_TYPE_FIFO;
	case AE_IFSOCK:
		return TALLY_TYPE_SOCKET;
	case AE_IFCHR:
		return TALLY_TYPE_CHARDEV;
	case AE_IFBLK:
		return TALLY_TYPE_BLOCKDEV;
	default:
		return TALLY_TYPE_FILE;
	}
}

static int64_t mtime_of(struct archive_entry *entry)
{
	int64_t ns;

	if (!archive_entry_mtime_is_set(entry) ||
	    __builtin_mul_overflow((int64_t)archive_entry_mtime(entry), NANOSECONDS, &ns) ||
	    __builtin_add_overflow(ns, (int64_t)archive_entry_mtime_nsec(entry), &ns))
		return 0;
	return ns;
}

/* @return TALLY_OK, TALLY_END, or negative; *wrong and *rc say how the content ended */
static enum tally_status read_content(struct tally_archive_level *level, struct archive *a, int *rc,
                                      struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (;;) {
		const void *bytes;
		size_t len = 0;
		int64_t offset = 0;

		*rc = archive_read_data_block(a, &bytes, &len, &offset);
		if (*rc != ARCHIVE_OK && *rc != ARCHIVE_WARN && *rc != ARCHIVE_EOF)
			return TALLY_OK;
		/* a hole, of a sparse file */
		if (offset > 0 && (uint64_t)offset > level->got)
			st = tally_archive_zeros(level, (uint64_t)offset - level->got, err);
		if (st == TALLY_OK && *rc != ARCHIVE_EOF && len > 0)
			st = tally_archive_bytes(level, bytes, len, err);
		if (st != TALLY_OK || *rc != ARCHIVE_OK)
			return st;
	}
}

static enum tally_reason content_reason(int rc, struct archive *a)
{
	const char *why = archive_error_string(a);

	if (rc == ARCHIVE_EOF)
		return TALLY_REASON_NONE;
	if (rc == ARCHIVE_FAILED && why &&
	    (strstr(why, "nsupported") || strstr(why, "not supported") || strstr(why, "odec")))
		return TALLY_REASON_FORMAT_UNKNOWN;
	return TALLY_REASON_DAMAGED;
}

/* one entry whose header was read; *rc is what reading its content gave */
static enum tally_status read_entry(struct tally_archive_level *level, struct archive *a,
                                    struct archive_entry *entry, int *rc, struct tally_err *err)
{
	const char *name = archive_entry_pathname(entry);
	const char *link = archive_entry_hardlink(entry);
	bool odd = *rc == ARCHIVE_WARN, nameless = !name;
	enum tally_reason reason = TALLY_REASON_NONE;
	struct tally_member m = { .type = type_of(entry),
		                  .mtime_ns = mtime_of(entry),
		                  .mode = (uint32_t)archive_entry_perm(entry) };
	enum tally_status st;
	char number[32];

	/* a warning for a name that is not ASCII is how it comes out as bytes; see the locales */
	if (odd && archive_error_string(a) && strstr(archive_error_string(a), "converted"))
		odd = false;
	snprintf(number, sizeof number, "member %" PRIu64, level->job->members + 1);
	m.path = nameless ? number : name;
	m.path_len = strlen(m.path);
	if (archive_entry_size_is_set(entry) && archive_entry_size(entry) > 0)
		m.size = (uint64_t)archive_entry_size(entry);
	m.target = link ? link : m.type == TALLY_TYPE_SYMLINK ? archive_entry_symlink(entry) : NULL;
	if (link)
		m.type = TALLY_TYPE_FILE;
	st = tally_archive_begin(level, &m, err);
	if (st == TALLY_OK && nameless)
		st = tally_archive_trouble(level, TALLY_TROUBLE_NAMELESS, err);
	if (st == TALLY_OK && odd)
		st = tally_archive_trouble(level, TALLY_TROUBLE_ODD, err);
	if (st != TALLY_OK)
		return st;
	*rc = ARCHIVE_OK;
	if (archive_entry_is_encrypted(entry))
		return tally_archive_end(level, TALLY_REASON_ENCRYPTED, err);
	if (link && m.size == 0) {
		tally_archive_follow(level, link, strlen(link));
	} else if (m.type == TALLY_TYPE_FILE) {
		st = read_content(level, a, rc, err);
		reason = st == TALLY_END ? TALLY_REASON_LIMIT : content_reason(*rc, a);
	}
	/* a sparse file may end in a hole */
	if (st == TALLY_OK && *rc == ARCHIVE_EOF && archive_entry_sparse_count(entry) > 0 &&
	    m.size > level->got)
		st = tally_archive_zeros(level, m.size - level->got, err);
	if (st < 0)
		return st;
	return tally_archive_end(level, reason, err);
}

/* All entries. @return TALLY_OK, *broken set when the list ended at damage; TALLY_END; negative */
static enum tally_status read_entries(struct tally_archive_level *level, struct archive *a,
                                      bool *broken, struct tally_err *err)
{
	struct archive_entry *entry = archive_entry_new();
	enum tally_status st = entry ? TALLY_OK : tally_err_nomem(err);

	while (st == TALLY_OK && !*broken) {
		int rc = archive_read_next_header2(a, entry);

		if (rc == ARCHIVE_EOF)
			break;
		if (rc == ARCHIVE_RETRY)
			continue;
		*broken = rc != ARCHIVE_OK && rc != ARCHIVE_WARN;
		if (!*broken)
			st = read_entry(level, a, entry, &rc, err);
		/* after a failure in one member's content the next may be sound */
		*broken |= rc == ARCHIVE_FATAL;
		if (st >= 0 && *broken && archive_errno(a) == ENOMEM)
			st = tally_err_nomem(err);
	}
	archive_entry_free(entry);
	return st;
}

static enum tally_status note_broken(struct tally_archive_level *level, struct archive *a,
                                     struct tally_err *err)
{
	const char *why = archive_error_string(a);
	char detail[160];

	snprintf(detail, sizeof detail, "it ends at a place that cannot be read (%s)",
	         why ? why : "no details");
	return tally_archive_note(level, TALLY_REASON_DAMAGED, detail, err);
}

/* ---- tar ---- */

/* What stands behind the end of a tar: zeros as a rule. Also sees a stream that is damaged back there. */
static enum tally_status check_tail(struct tally_archive_level *level, struct feed *f,
                                    uint64_t consumed, struct tally_err *err)
{
	uint64_t more = 0;
	char detail[96];
	size_t left;

	left = f->given - consumed < f->len ? (size_t)(f->given - consumed) : f->len;
	do {
		for (size_t i = f->len - left; i < f->len; i++)
			more += f->bytes[i] != 0;
		left = feed_next(f) ? f->len : 0;
	} while (left > 0);
	if (feed_result(f) != TALLY_OK || f->damaged)
		return feed_result(f);
	if (more > 0) {
		snprintf(detail, sizeof detail,
		         "there is more behind its end, which programs do not show");
		return tally_archive_note(level, TALLY_REASON_MALFORMED, detail, err);
	}
	if (f->zeros < TAR_BLOCK)
		return tally_archive_note(level, TALLY_REASON_DAMAGED,
		                          "it has no end mark and may have been cut short", err);
	return TALLY_OK;
}

static enum tally_status read_tar(struct tally_archive_level *level, struct feed *f,
                                  struct tally_err *err)
{
	struct archive *a = archive_read_new();
	enum tally_status st = TALLY_OK;
	bool broken = false;

	if (!a || archive_read_support_format_tar(a) != ARCHIVE_OK) {
		archive_read_free(a);
		return tally_err_nomem(err);
	}
	archive_read_set_format_option(a, "tar", "mac-ext", NULL);
	if (archive_read_open(a, f, NULL, feed_read, NULL) == ARCHIVE_OK)
		st = read_entries(level, a, &broken, err);
	else
		broken = true;
	if (st >= 0 && feed_result(f) != TALLY_OK)
		st = feed_result(f);
	if (st == TALLY_OK && !broken)
		st = check_tail(level, f, (uint64_t)archive_filter_bytes(a, -1), err);
	if (st == TALLY_OK && broken && !f->damaged)
		st = note_broken(level, a, err);
	archive_read_free(a);
	return st;
}

/* ---- a lone compressed file ---- */

/* "data.csv.gz" holds "data.csv", and ".tgz" a tar */
static void lone_name(char *out, const char *name)
{
	static const char *const suffixes[][2] = { { ".gz", "" },      { ".bz2", "" },
		                                   { ".xz", "" },      { ".zst", "" },
		                                   { ".tgz", ".tar" }, { ".tbz2", ".tar" },
		                                   { ".txz", ".tar" }, { ".tzst", ".tar" } };
	const char *base = strrchr(name, '/');
	size_t len;

	base = base ? base + 1 : name;
	len = strlen(base);
	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		size_t n = strlen(suffixes[i][0]);

		if (len > n && len < NAME_MOST && strcmp(base + len - n, suffixes[i][0]) == 0) {
			snprintf(out, NAME_MOST + 1, "%.*s%s", (int)(len - n), base, suffixes[i][1]);
			return;
		}
	}
	snprintf(out, NAME_MOST + 1, "content");
}

static enum tally_status read_lone(struct tally_archive_level *level, struct feed *f,
                                   struct tally_err *err)
{
	char name[NAME_MOST + 1];
	struct tally_member m = { .path = name, .type = TALLY_TYPE_FILE };
	enum tally_reason reason = TALLY_REASON_NONE;
	enum tally_status st;

	lone_name(name, tally_source_name(level->src));
	m.path_len = strlen(name);
	st = tally_archive_begin(level, &m, err);
	while (st == TALLY_OK && feed_next(f))
		st = tally_archive_bytes(level, f->bytes, f->len, err);
	if (st == TALLY_OK)
		st = feed_result(f);
	if (st < 0)
		return st;
	if (st == TALLY_END)
		reason = TALLY_REASON_LIMIT;
	else if (f->damaged)
		reason = TALLY_REASON_DAMAGED;
	return tally_archive_end(level, reason, err);
}

/* ---- streams ---- */

/*
 * The first block decides: a tar, or anything else. Blocks are much larger than a header. Where there is none, or only zeros
 * (an empty tar), the name does.
 */
static bool feed_is_tar(struct feed *f, const char *name)
{
	if (!feed_next(f))
		return f->damaged && tally_archive_named_tar(name);
	f->again = true;
	if (tally_archive_tar_bits(f->bytes, f->len) > 0)
		return true;
	for (size_t i = 0; i < f->len; i++)
		if (f->bytes[i] != 0)
			return false;
	return tally_archive_named_tar(name);
}

/* bytes behind the compressed stream; zeros are padding of tapes */
static enum tally_status check_rest(struct tally_archive_level *level, struct feed *f,
                                    struct tally_err *err)
{
	struct client *c = &f->client;
	int64_t used = f->filter ? archive_filter_bytes(f->filter, -1) : -1;

	if (used < 0)
		return TALLY_OK;
	for (c->at = (uint64_t)used;;) {
		ssize_t n = tally_source_pread(c->src, c->block, BLOCK, c->at, err);

		if (n <= 0)
			return n < 0 ? TALLY_SKIP : TALLY_OK;
		for (ssize_t i = 0; i < n; i++)
			if (c->block[i] != 0)
				return tally_archive_note(level, TALLY_REASON_MALFORMED,
				                          "there is more behind the compressed data",
				                          err);
		c->at += (uint64_t)n;
	}
}

static enum tally_status read_feed(struct tally_archive_level *level, struct feed *f,
                                   struct tally_err *err)
{
	enum tally_status st = TALLY_OK;
	bool tar;

	feed_open(f);
	tar = feed_is_tar(f, tally_source_name(level->src));
	if (f->status < 0)
		st = f->status;
	if (st == TALLY_OK)
		st = tar ? read_tar(level, f, err) : read_lone(level, f, err);
	/* the one member of a lone file says so itself */
	if (st == TALLY_OK && f->damaged && tar)
		st = tally_archive_note(level, TALLY_REASON_DAMAGED,
		                        "its compressed data is damaged or cut short", err);
	if (st == TALLY_OK && !f->damaged)
		st = check_rest(level, f, err);
	return st;
}

enum tally_status tally_archive_read_stream(struct tally_archive_level *level,
                                            enum tally_archive_kind kind, struct tally_err *err)
{
	struct feed *f = NULL;
	enum tally_status st = feed_new(&f, level, kind, err);
	locale_t before;

	if (st < 0)
		return st;
	before = locale_enter(false);
	st = kind == TALLY_ARCHIVE_TAR ? read_tar(level, f, err) : read_feed(level, f, err);
	uselocale(before);
	feed_release(f);
	return st;
}

int tally_archive_holds_tar(enum tally_archive_kind kind, const unsigned char *bytes, size_t len)
{
	struct archive *a = filter_new(kind);
	struct archive_entry *entry;
	unsigned char block[TAR_BLOCK];
	int answer = -1;

	if (!a)
		return -1;
	if (archive_read_open_memory(a, bytes, len) == ARCHIVE_OK &&
	    archive_read_next_header(a, &entry) == ARCHIVE_OK) {
		la_ssize_t n = archive_read_data(a, block, sizeof block);

		if (n >= 0)
			answer = tally_archive_tar_bits(block, (size_t)n) > 0;
	}
	archive_read_free(a);
	return answer;
}

/* ---- 7z ---- */

static enum tally_status open_7zip(struct archive *a, struct client *c)
{
	archive_read_set_seek_callback(a, client_seek);
	archive_read_set_read_callback(a, client_read);
	archive_read_set_callback_data(a, c);
	return archive_read_open1(a) == ARCHIVE_OK ? TALLY_OK : TALLY_PARTIAL;
}

static enum tally_status run_7zip(struct tally_archive_level *level, struct archive *a,
                                  struct client *c, struct tally_err *err)
{
	bool broken = false;
	enum tally_status st = TALLY_OK;

	if (open_7zip(a, c) == TALLY_OK)
		st = read_entries(level, a, &broken, err);
	else
		broken = true;
	if (st >= 0 && c->status < 0)
		st = c->status;
	if (st != TALLY_OK || !broken)
		return st;
	/* a list of members that is encrypted itself */
	if (level->name_count == 0 && archive_read_has_encrypted_entries(a) > 0)
		return tally_archive_note(level, TALLY_REASON_ENCRYPTED,
		                          "even the list of its members is encrypted", err);
	return note_broken(level, a, err);
}

enum tally_status tally_archive_read_7zip(struct tally_archive_level *level, struct tally_err *err)
{
	struct archive *a = archive_read_new();
	struct client *c = tally_alloc(sizeof *c);
	enum tally_status st;
	locale_t before;

	if (!a || !c || archive_read_support_format_7zip(a) != ARCHIVE_OK) {
		archive_read_free(a);
		tally_free(c);
		return tally_err_nomem(err);
	}
	memset(c, 0, offsetof(struct client, block));
	c->src = level->src;
	c->err = err;
	before = locale_enter(true);
	st = run_7zip(level, a, c, err);
	uselocale(before);
	archive_read_free(a);
	tally_free(c);
	return st;
}
