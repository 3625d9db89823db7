/*
 * Everything but zips, through libarchive.
 *
 *   source ──► filter (gzip, xz …; none for what is not compressed) ──► feed ──► tar, cpio, ar ──► members
 *                                                                        └──► the one member of a lone .gz
 *   source ────────────────────────────────────────────────────────────► 7z, ISO image ──────────► members
 *
 * The filter is a libarchive handle of its own. So exactly one layer is taken off at a time, the bytes behind the end of a
 * tar are seen as well, and a limit counts what really comes out.
 */
#include "formats/archive_feed.h"

#include <errno.h>
#include <iconv.h>
#include <inttypes.h>
#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "formats/archive_lib.h"

enum {
	BLOCK = TALLY_ARCHIVE_BLOCK,
	TAR_BLOCK = TALLY_ARCHIVE_TAR_BLOCK,
	NAME_MOST = 255, /* of the one member of a compressed stream */
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

/* libarchive tells only in words that it has no reader for something */
static bool lacks_reader(const char *why)
{
	return why && (strstr(why, "nsupported") || strstr(why, "not supported") ||
	               strstr(why, "codec") || strstr(why, "Codec"));
}

static enum tally_reason content_reason(int rc, struct archive *a)
{
	if (rc == ARCHIVE_EOF)
		return TALLY_REASON_NONE;
	return rc == ARCHIVE_FAILED && lacks_reader(archive_error_string(a))
	               ? TALLY_REASON_FORMAT_UNKNOWN
	               : TALLY_REASON_DAMAGED;
}

/* libarchive tells in words alone what it warns of */
static bool says(struct archive *a, const char *word)
{
	const char *why = archive_error_string(a);

	return why && strstr(why, word);
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
	if (odd && says(a, "converted"))
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
	/* some readers pass over what they cannot reach, and call it read */
	if (st == TALLY_OK && reason == TALLY_REASON_NONE && m.type == TALLY_TYPE_FILE &&
	    !level->followed && level->member.reason == TALLY_REASON_NONE && m.size != level->got &&
	    archive_entry_size_is_set(entry))
		reason = TALLY_REASON_DAMAGED;
	return tally_archive_end(level, reason, err);
}

/* libarchive says so as well of archives that want more than it gives them */
static bool is_out_of_memory(struct archive *a)
{
	const char *why = archive_error_string(a);

	return archive_errno(a) == ENOMEM && !(why && strstr(why, "malformed"));
}

enum {
	CPIO_END_MOST = 130
}; /* the largest end mark of a cpio with what pads it; the smallest entry and its mark take 165 */

/* A cpio says that it passed over something only if an entry follows, not if its end does. */
static bool is_far_from_end(struct archive *a, int64_t end)
{
	int format = archive_format(a);

	return (format == ARCHIVE_FORMAT_CPIO_POSIX || format == ARCHIVE_FORMAT_CPIO_SVR4_NOCRC ||
	        format == ARCHIVE_FORMAT_CPIO_SVR4_CRC) &&
	       archive_filter_bytes(a, -1) - end > CPIO_END_MOST;
}

/* All entries. @return TALLY_OK, *broken set when the list ended at damage; TALLY_END; negative */
static enum tally_status read_entries(struct tally_archive_level *level, struct archive *a,
                                      bool *broken, struct tally_err *err)
{
	struct archive_entry *entry = archive_entry_new();
	enum tally_status noted, st = entry ? TALLY_OK : tally_err_nomem(err);
	bool skipped = false;
	int64_t end = 0; /* of the last entry */

	while (st == TALLY_OK && !*broken) {
		int rc = archive_read_next_header2(a, entry);

		skipped |= rc == ARCHIVE_EOF && is_far_from_end(a, end);
		if (rc == ARCHIVE_EOF)
			break;
		/* tar looks for the next header block by block, cpio says how much it passed over */
		skipped |= rc == ARCHIVE_RETRY || (rc == ARCHIVE_WARN && says(a, "Skipped"));
		if (rc == ARCHIVE_RETRY)
			continue;
		*broken = rc != ARCHIVE_OK && rc != ARCHIVE_WARN;
		if (!*broken)
			st = read_entry(level, a, entry, &rc, err);
		/* after a failure in one member's content the next may be sound */
		*broken |= rc == ARCHIVE_FATAL;
		end = archive_filter_bytes(a, -1);
		if (st >= 0 && *broken && is_out_of_memory(a))
			st = tally_err_nomem(err);
	}
	archive_entry_free(entry);
	if (st < 0 || !skipped)
		return st;
	noted = tally_archive_note(level, TALLY_REASON_DAMAGED,
	                           "a header in it is damaged, and members may be missing", err);
	return noted < 0 ? noted : st;
}

static enum tally_status note_broken(struct tally_archive_level *level, struct archive *a,
                                     struct tally_err *err)
{
	const char *why = archive_error_string(a);
	char detail[160];

	snprintf(detail, sizeof detail, "it ends at a place that cannot be read (%s)",
	         why ? why : "no details");
	return tally_archive_note(
		level, lacks_reader(why) ? TALLY_REASON_FORMAT_UNKNOWN : TALLY_REASON_DAMAGED,
		detail, err);
}

/* ---- tar, cpio, ar ---- */

/* What stands behind the end: zeros as a rule. Also sees a stream that is damaged back there. */
static enum tally_status check_tail(struct tally_archive_level *level, struct tally_archive_feed *f,
                                    uint64_t consumed, bool end_mark, struct tally_err *err)
{
	uint64_t more = 0;
	char detail[96];
	size_t left;

	left = f->given - consumed < f->len ? (size_t)(f->given - consumed) : f->len;
	do {
		for (size_t i = f->len - left; i < f->len; i++)
			more += f->bytes[i] != 0;
		left = tally_archive_feed_next(f) ? f->len : 0;
	} while (left > 0);
	if (tally_archive_feed_result(f) != TALLY_OK || f->damaged)
		return tally_archive_feed_result(f);
	if (more > 0) {
		snprintf(detail, sizeof detail,
		         "there is more behind its end, which programs do not show");
		return tally_archive_note(level, TALLY_REASON_MALFORMED, detail, err);
	}
	if (end_mark && f->zeros < TAR_BLOCK)
		return tally_archive_note(level, TALLY_REASON_DAMAGED,
		                          "it has no end mark and may have been cut short", err);
	return TALLY_OK;
}

/* which of the formats that are read from front to back, by name and never "all" */
static int support(struct archive *a, enum tally_archive_kind kind)
{
	switch (kind) {
	case TALLY_ARCHIVE_CPIO:
		return archive_read_support_format_cpio(a);
	case TALLY_ARCHIVE_AR:
		return archive_read_support_format_ar(a);
	default:
		return archive_read_support_format_tar(a);
	}
}

static struct archive *format_new(enum tally_archive_kind kind)
{
	struct archive *a = archive_read_new();

	if (!a || support(a, kind) != ARCHIVE_OK) {
		archive_read_free(a);
		return NULL;
	}
	if (kind == TALLY_ARCHIVE_TAR)
		archive_read_set_format_option(a, "tar", "mac-ext", NULL);
	return a;
}

/* Tar, cpio or ar out of the feed. */
static enum tally_status read_blocks(struct tally_archive_level *level, struct tally_archive_feed *f,
                                     enum tally_archive_kind kind, struct tally_err *err)
{
	struct archive *a = format_new(kind);
	enum tally_status st = TALLY_OK;
	bool broken = false;

	if (!a)
		return tally_err_nomem(err);
	level->flat = kind == TALLY_ARCHIVE_AR;
	if (archive_read_open(a, f, NULL, tally_archive_feed_read, NULL) == ARCHIVE_OK)
		st = read_entries(level, a, &broken, err);
	else
		broken = true;
	if (st >= 0 && tally_archive_feed_result(f) != TALLY_OK)
		st = tally_archive_feed_result(f);
	if (st == TALLY_OK && !broken)
		st = check_tail(level, f, (uint64_t)archive_filter_bytes(a, -1),
		                kind == TALLY_ARCHIVE_TAR, err);
	if (st == TALLY_OK && broken && !f->damaged)
		st = note_broken(level, a, err);
	archive_read_free(a);
	return st;
}

/* ---- a lone compressed file ---- */

/* "data.csv.gz" holds "data.csv", and ".tgz" a tar */
static void lone_name(char *out, const char *name)
{
	static const char *const suffixes[][2] = {
		{ ".gz", "" },       { ".bz2", "" },      { ".xz", "" },       { ".zst", "" },
		{ ".lzma", "" },     { ".lz", "" },       { ".lz4", "" },      { ".Z", "" },
		{ ".tgz", ".tar" },  { ".tbz2", ".tar" }, { ".txz", ".tar" },  { ".tlz", ".tar" },
		{ ".tzst", ".tar" }, { ".taz", ".tar" },  { ".svgz", ".svg" },
	};
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

static enum tally_status read_lone(struct tally_archive_level *level, struct tally_archive_feed *f,
                                   struct tally_err *err)
{
	char name[NAME_MOST + 1];
	struct tally_member m = { .path = name, .type = TALLY_TYPE_FILE };
	enum tally_reason reason = TALLY_REASON_NONE;
	enum tally_status st;

	lone_name(name, tally_source_name(level->src));
	m.path_len = strlen(name);
	st = tally_archive_begin(level, &m, err);
	while (st == TALLY_OK && tally_archive_feed_next(f))
		st = tally_archive_bytes(level, f->bytes, f->len, err);
	if (st == TALLY_OK)
		st = tally_archive_feed_result(f);
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
 * The first block decides: an archive, or a file of its own. Blocks are much larger than a header. Where there is none, or
 * only zeros (an empty tar), the name does.
 */
static enum tally_archive_kind feed_kind(struct tally_archive_feed *f, const char *name)
{
	enum tally_archive_kind kind,
		empty = tally_archive_named_tar(name) ? TALLY_ARCHIVE_TAR : TALLY_ARCHIVE_NONE;

	if (!tally_archive_feed_next(f))
		return f->damaged ? empty : TALLY_ARCHIVE_NONE;
	f->again = true;
	kind = tally_archive_probe(f->bytes, f->len, NULL);
	if (kind == TALLY_ARCHIVE_TAR || kind == TALLY_ARCHIVE_CPIO || kind == TALLY_ARCHIVE_AR)
		return kind;
	for (size_t i = 0; i < f->len; i++)
		if (f->bytes[i] != 0)
			return TALLY_ARCHIVE_NONE;
	return empty;
}

/* bytes behind the compressed stream; zeros are padding of tapes */
static enum tally_status check_rest(struct tally_archive_level *level, struct tally_archive_feed *f,
                                    struct tally_err *err)
{
	struct tally_archive_client *c = &f->client;
	int64_t used = f->filter ? archive_filter_bytes(f->filter, -1) : -1;

	if (used < 0)
		return TALLY_OK;
	for (c->at = c->base + (uint64_t)used;;) {
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

static enum tally_status read_feed(struct tally_archive_level *level, struct tally_archive_feed *f,
                                   struct tally_err *err)
{
	enum tally_status st = TALLY_OK;
	enum tally_archive_kind kind;

	tally_archive_feed_open(f);
	kind = feed_kind(f, tally_source_name(level->src));
	if (f->status < 0)
		st = f->status;
	if (st == TALLY_OK)
		st = kind ? read_blocks(level, f, kind, err) : read_lone(level, f, err);
	/* the one member of a lone file says so itself */
	if (st == TALLY_OK && f->damaged && kind)
		st = tally_archive_note(level, TALLY_REASON_DAMAGED,
		                        "its compressed data is damaged or cut short", err);
	if (st == TALLY_OK && !f->damaged)
		st = check_rest(level, f, err);
	return st;
}

enum tally_status tally_archive_read_stream(struct tally_archive_level *level,
                                            enum tally_archive_kind kind, struct tally_err *err)
{
	struct tally_archive_feed *f = NULL;
	enum tally_status st = tally_archive_feed_new(&f, level, kind, err);
	locale_t before;

	if (st < 0)
		return st;
	before = locale_enter(false);
	st = kind < TALLY_ARCHIVE_GZIP ? read_blocks(level, f, kind, err) : read_feed(level, f, err);
	uselocale(before);
	tally_archive_feed_release(f);
	return st;
}

int tally_archive_holds_tar(enum tally_archive_kind kind, const unsigned char *bytes, size_t len)
{
	struct archive *a = tally_archive_filter_new(kind);
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

/* ---- 7z and ISO images, which are read at any place ---- */

static enum tally_status open_seeking(struct archive *a, struct tally_archive_client *c)
{
	archive_read_set_seek_callback(a, tally_archive_client_seek);
	archive_read_set_read_callback(a, tally_archive_client_read);
	archive_read_set_callback_data(a, c);
	return archive_read_open1(a) == ARCHIVE_OK ? TALLY_OK : TALLY_PARTIAL;
}

static enum tally_status run_seeking(struct tally_archive_level *level, struct archive *a,
                                     struct tally_archive_client *c, struct tally_err *err)
{
	bool broken = false;
	enum tally_status st = TALLY_OK;

	if (open_seeking(a, c) == TALLY_OK)
		st = read_entries(level, a, &broken, err);
	else
		broken = true;
	if (st >= 0 && c->status < 0)
		st = c->status;
	if (st != TALLY_OK || !broken)
		return st;
	/* a list of members that is encrypted itself; where libarchive knows no format, asking would crash it */
	if (level->name_count == 0 && archive_format(a) == ARCHIVE_FORMAT_7ZIP &&
	    archive_read_has_encrypted_entries(a) > 0)
		return tally_archive_note(level, TALLY_REASON_ENCRYPTED,
		                          "even the list of its members is encrypted", err);
	return note_broken(level, a, err);
}

enum {
	SECTOR = 2048,
	SECTORS_BEFORE = 16,
	IMAGE_OVERHEAD = 1 << 20, /* of an image with both file systems and nothing in them */
};

/* the marks of the volumes on a disc: is UDF among them? */
static bool has_udf(const unsigned char *b, size_t len)
{
	for (size_t at = SECTORS_BEFORE * SECTOR; at + SECTOR <= len; at += SECTOR)
		if (memcmp(b + at + 1, "NSR0", 4) == 0)
			return true;
	return false;
}

/*
 * A DVD may hold two file systems, of which UDF is not read. As a rule they list the same files; where the files listed are
 * less than half of the image, the others may be in UDF alone.
 */
static enum tally_status check_udf(struct tally_archive_level *level, uint64_t listed,
                                   struct tally_err *err)
{
	const unsigned char *bytes;
	size_t len;
	enum tally_status st = tally_source_peek(level->src, &bytes, &len, err);

	if (st < 0 || listed >= tally_source_size(level->src) / 2 ||
	    tally_source_size(level->src) - listed < IMAGE_OVERHEAD || !has_udf(bytes, len))
		return st;
	return tally_archive_note(level, TALLY_REASON_FORMAT_UNKNOWN,
	                          "it holds a second file system (UDF), which is not read", err);
}

enum tally_status tally_archive_read_places(struct tally_archive_level *level,
                                            enum tally_archive_kind kind, struct tally_err *err)
{
	struct archive *a = archive_read_new();
	struct tally_archive_client *c = tally_alloc(sizeof *c);
	enum tally_status st;
	uint64_t unpacked = level->job->unpacked;
	locale_t before;
	int rc = !a || !c                     ? ARCHIVE_FATAL
	         : kind == TALLY_ARCHIVE_7ZIP ? archive_read_support_format_7zip(a)
	                                      : archive_read_support_format_iso9660(a);

	if (rc != ARCHIVE_OK) {
		archive_read_free(a);
		tally_free(c);
		return tally_err_nomem(err);
	}
	memset(c, 0, offsetof(struct tally_archive_client, block));
	c->src = level->src;
	c->base = c->at = level->base;
	c->err = err;
	before = locale_enter(true);
	st = run_seeking(level, a, c, err);
	uselocale(before);
	if (st == TALLY_OK && kind == TALLY_ARCHIVE_ISO)
		st = check_udf(level, level->job->unpacked - unpacked, err);
	archive_read_free(a);
	tally_free(c);
	return st;
}
