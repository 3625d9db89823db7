#include <archive.h>
#include <archive_entry.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/mem.h"
#include "formats/archive.h"
#include "support/faults.h"
#include "support/scratch.h"
#include "support/zip_maker.h"

/* ---- what was pushed ---- */

struct got {
	struct tally_member members[64]; /* path and target are copies */
	size_t count;                    /* of all, also those that found no room */
	struct {
		enum tally_reason reason;
		char *detail, *where;
		enum tally_note_about about;
		bool whole;
	} notes[16];
	size_t note_count;
	size_t refuse_member, refuse_note; /* the n-th gets TALLY_SKIP */
};

static struct got got;
static struct tally_limits limits;
static struct tally_key key;
static struct tally_err err;

static enum tally_status take_member(void *payload, const struct tally_member *m, struct tally_err *e)
{
	struct got *g = payload;

	if (g->count + 1 == g->refuse_member)
		return tally_err_set(e, TALLY_SKIP, TALLY_REASON_STOPPED, "enough");
	if (g->count < 64) {
		struct tally_member *copy = &g->members[g->count];
		char *path = malloc(m->path_len + 1);

		memcpy(path, m->path, m->path_len);
		path[m->path_len] = '\0';
		*copy = *m;
		copy->path = path;
		copy->target = m->target ? strdup(m->target) : NULL;
	}
	g->count++;
	return TALLY_OK;
}

static enum tally_status take_note(void *payload, const struct tally_note *n, struct tally_err *e)
{
	struct got *g = payload;

	if (g->note_count + 1 == g->refuse_note)
		return tally_err_set(e, TALLY_SKIP, TALLY_REASON_STOPPED, "enough");
	cr_assert_lt(g->note_count, 16);
	g->notes[g->note_count].reason = n->reason;
	g->notes[g->note_count].detail = strdup(n->detail ? n->detail : "");
	g->notes[g->note_count].where = n->where ? strdup(n->where) : NULL;
	g->notes[g->note_count].whole = n->whole;
	g->notes[g->note_count].about = n->about;
	g->note_count++;
	return TALLY_OK;
}

static void forget(void)
{
	for (size_t i = 0; i < got.count && i < 64; i++) {
		free((void *)(uintptr_t)got.members[i].path);
		free((void *)(uintptr_t)got.members[i].target);
	}
	for (size_t i = 0; i < got.note_count; i++) {
		free(got.notes[i].detail);
		free(got.notes[i].where);
	}
	got = (struct got){ 0 };
}

static void begin(void)
{
	limits = (struct tally_limits)TALLY_LIMITS_INIT;
	tally_key_from_seed(&key, 1);
	err = (struct tally_err){ 0 };
}

TestSuite(archive, .init = begin, .fini = forget);

static const struct tally_sink sink = { .payload = &got, .member = take_member, .note = take_note };

static enum tally_status read_source(struct tally_source *src)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;

	options.limits = &limits;
	options.key = &key;
	return tally_archive_read(src, &options, &sink, &err);
}

static enum tally_status read_named(const void *bytes, size_t len, const char *name)
{
	struct tally_source *src = NULL;
	enum tally_status st = tally_source_memory(&src, bytes, len, &err);

	if (st == TALLY_OK) {
		tally_source_set_name(src, name);
		st = read_source(src);
	}
	tally_source_free(src);
	return st;
}

static enum tally_status read_bytes(const struct tally_buf *b)
{
	return read_named(b->bytes, b->len, "");
}

static const struct tally_member *find(const char *path)
{
	for (size_t i = 0; i < got.count && i < 64; i++)
		if (strcmp(got.members[i].path, path) == 0)
			return &got.members[i];
	cr_assert_fail("no member '%s'", path);
	return NULL;
}

static bool holds(const struct tally_member *m, const void *bytes, size_t len)
{
	struct tally_digest d;

	tally_digest_of(&d, &key, bytes, len);
	return m->size == len && m->reason == TALLY_REASON_NONE && tally_digest_equal(&d, &m->digest);
}

#define has(path, text)                                                                       \
	cr_assert(holds(find(path), (text), strlen(text)), "'%s' does not hold '%s'", (path), \
	          (text))

/* The only note, with these words in it. */
#define noted(why, words)                                                                     \
	do {                                                                                  \
		cr_assert_eq(got.note_count, 1, "%zu notes", got.note_count);                 \
		cr_assert_eq(got.notes[0].reason, (why), "%s: %s",                            \
		             tally_reason_id(got.notes[0].reason), got.notes[0].detail);      \
		cr_assert(strstr(got.notes[0].detail, (words)), "'%s'", got.notes[0].detail); \
	} while (0)

/* ---- archives made by libarchive ---- */

enum { ROOM = 4 << 20 };

struct pack {
	struct archive *a;
	struct tally_buf bytes;
	size_t used;
	int (*format)(struct archive *);
	int (*filter)(struct archive *);
};

static void pack_open(struct pack *p, int (*format)(struct archive *),
                      int (*filter)(struct archive *))
{
	p->a = archive_write_new();
	p->format = format;
	cr_assert_eq(format(p->a), ARCHIVE_OK);
	if (filter)
		cr_assert_eq(filter(p->a), ARCHIVE_OK);
	archive_write_set_bytes_in_last_block(p->a, 1);
	p->bytes = (struct tally_buf){ .bytes = malloc(ROOM), .cap = ROOM, .max = ROOM };
	cr_assert_eq(archive_write_open_memory(p->a, p->bytes.bytes, ROOM, &p->used), ARCHIVE_OK);
}

static void pack_entry(struct pack *p, const char *name, mode_t type, const char *link,
                       const void *bytes, size_t len)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_copy_pathname(e, name);
	archive_entry_set_filetype(e, type);
	archive_entry_set_perm(e, 0640);
	archive_entry_set_mtime(e, 1000000000, 0);
	archive_entry_set_size(e, (la_int64_t)len);
	if (link && type == AE_IFLNK)
		archive_entry_copy_symlink(e, link);
	else if (link)
		archive_entry_copy_hardlink(e, link);
	cr_assert_geq(archive_write_header(p->a, e), ARCHIVE_WARN, "%s", archive_error_string(p->a));
	if (len)
		cr_assert_eq(archive_write_data(p->a, bytes, len), (la_ssize_t)len);
	archive_entry_free(e);
}

static void pack_text(struct pack *p, const char *name, const char *text)
{
	pack_entry(p, name, AE_IFREG, NULL, text, strlen(text));
}

static void pack_close(struct pack *p)
{
	cr_assert_eq(archive_write_close(p->a), ARCHIVE_OK);
	archive_write_free(p->a);
	p->a = NULL;
	p->bytes.len = p->used;
}

static void pack_release(struct pack *p)
{
	free(p->bytes.bytes);
	*p = (struct pack){ 0 };
}

static void pack_two(struct pack *p, int (*format)(struct archive *), int (*filter)(struct archive *))
{
	pack_open(p, format, filter);
	pack_text(p, "a.txt", "hello");
	pack_text(p, "dir/b.txt", "world!");
	pack_close(p);
}

/* ---- kinds ---- */

Test(archive, every_kind_gives_the_same_members)
{
	static const struct {
		int (*format)(struct archive *);
		int (*filter)(struct archive *);
		enum tally_archive_kind kind;
	} kinds[] = {
		{ archive_write_set_format_zip, NULL, TALLY_ARCHIVE_ZIP },
		{ archive_write_set_format_7zip, NULL, TALLY_ARCHIVE_7ZIP },
		{ archive_write_set_format_ustar, NULL, TALLY_ARCHIVE_TAR },
		{ archive_write_set_format_pax, NULL, TALLY_ARCHIVE_TAR },
		{ archive_write_set_format_gnutar, NULL, TALLY_ARCHIVE_TAR },
		{ archive_write_set_format_v7tar, NULL, TALLY_ARCHIVE_TAR },
		{ archive_write_set_format_ustar, archive_write_add_filter_gzip, TALLY_ARCHIVE_GZIP },
		{ archive_write_set_format_ustar, archive_write_add_filter_bzip2,
		  TALLY_ARCHIVE_BZIP2 },
		{ archive_write_set_format_ustar, archive_write_add_filter_xz, TALLY_ARCHIVE_XZ },
		{ archive_write_set_format_ustar, archive_write_add_filter_zstd, TALLY_ARCHIVE_ZSTD },
		{ archive_write_set_format_ustar, archive_write_add_filter_lzma, TALLY_ARCHIVE_LZMA },
		{ archive_write_set_format_ustar, archive_write_add_filter_lzip, TALLY_ARCHIVE_LZIP },
		{ archive_write_set_format_ustar, archive_write_add_filter_lz4, TALLY_ARCHIVE_LZ4 },
		{ archive_write_set_format_ustar, archive_write_add_filter_compress,
		  TALLY_ARCHIVE_COMPRESS },
		{ archive_write_set_format_cpio, NULL, TALLY_ARCHIVE_CPIO },
		{ archive_write_set_format_cpio_newc, NULL, TALLY_ARCHIVE_CPIO },
		{ archive_write_set_format_cpio_bin, NULL, TALLY_ARCHIVE_CPIO },
		{ archive_write_set_format_cpio_newc, archive_write_add_filter_gzip,
		  TALLY_ARCHIVE_GZIP },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct pack p;

		pack_two(&p, kinds[i].format, kinds[i].filter);
		cr_assert_eq(tally_archive_probe((unsigned char *)p.bytes.bytes, p.bytes.len, NULL),
		             kinds[i].kind, "%zu", i);
		cr_assert_eq(read_bytes(&p.bytes), TALLY_OK, "%zu: %s", i, err.message);
		cr_assert_eq(got.count, 2);
		has("a.txt", "hello");
		has("dir/b.txt", "world!");
		cr_assert_eq(find("a.txt")->mtime_ns, INT64_C(1000000000000000000));
		cr_assert_eq(find("a.txt")->mode, 0640);
		cr_assert_eq(find("a.txt")->depth, 0);
		cr_assert_eq(find("a.txt")->crc32,
		             kinds[i].kind == TALLY_ARCHIVE_ZIP ? zip_crc32("hello", 5) : 0);
		forget();
		pack_release(&p);
	}
}

/* what these formats cannot say: folders in ar, permissions on a CD */
Test(archive, packages_and_images)
{
	struct pack p, tar;

	pack_two(&tar, archive_write_set_format_ustar, archive_write_add_filter_xz);
	pack_open(&p, archive_write_set_format_ar_svr4, NULL);
	pack_text(&p, "debian-binary", "2.0\n");
	pack_entry(&p, "data.tar.xz", AE_IFREG, NULL, tar.bytes.bytes, tar.bytes.len);
	pack_close(&p);
	cr_assert_eq(read_bytes(&p.bytes), TALLY_OK, "%s", err.message);
	has("debian-binary", "2.0\n");
	has("data.tar.xz/dir/b.txt", "world!");
	pack_release(&tar);
	pack_release(&p);
	forget();
	pack_two(&p, archive_write_set_format_iso9660, NULL);
	cr_assert_eq(tally_archive_probe((unsigned char *)p.bytes.bytes, p.bytes.len, NULL),
	             TALLY_ARCHIVE_ISO);
	cr_assert_eq(read_bytes(&p.bytes), TALLY_OK, "%s", err.message);
	has("a.txt", "hello");
	has("dir/b.txt", "world!");
	pack_release(&p);
}

Test(archive, second_file_system_of_an_image_is_noted)
{
	struct pack p;

	pack_two(&p, archive_write_set_format_iso9660, NULL);
	/* behind the volumes there is room for one more mark */
	memcpy(p.bytes.bytes + 31 * 2048, "\0NSR02\1", 7);
	cr_assert_eq(read_bytes(&p.bytes), TALLY_OK, "%s", err.message);
	forget();
	cr_assert_lt(p.bytes.len + (2 << 20), ROOM);
	memset(p.bytes.bytes + p.bytes.len, 0, 2 << 20);
	p.bytes.len += 2 << 20;
	cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL, "%s", err.message);
	noted(TALLY_REASON_FORMAT_UNKNOWN, "UDF");
	pack_release(&p);
}

Test(archive, image_in_an_archive_is_known_by_its_name)
{
	struct pack iso, zip;

	pack_two(&iso, archive_write_set_format_iso9660, NULL);
	pack_open(&zip, archive_write_set_format_zip, NULL);
	pack_entry(&zip, "cd.iso", AE_IFREG, NULL, iso.bytes.bytes, iso.bytes.len);
	pack_close(&zip);
	cr_assert_eq(read_bytes(&zip.bytes), TALLY_OK, "%s", err.message);
	has("cd.iso/dir/b.txt", "world!");
	pack_release(&iso);
	pack_release(&zip);
}

Test(archive, frames_that_are_skipped_stand_in_front_of_zstd)
{
	struct pack p;
	struct tally_buf b = { .max = SIZE_MAX / 2 };

	pack_two(&p, archive_write_set_format_ustar, archive_write_add_filter_zstd);
	tally_buf_add(&b, "\x52\x2a\x4d\x18\3\0\0\0abc", 11);
	tally_buf_add(&b, p.bytes.bytes, p.bytes.len);
	cr_assert_eq(tally_archive_probe((unsigned char *)b.bytes, b.len, NULL), TALLY_ARCHIVE_ZSTD);
	cr_assert_eq(read_bytes(&b), TALLY_OK, "%s", err.message);
	has("dir/b.txt", "world!");
	tally_buf_release(&b);
	pack_release(&p);
}

Test(archive, kinds_that_are_not_read_are_named)
{
	static const struct {
		const char *bytes, *words;
		size_t len;
		enum tally_reason reason;
	} kinds[] = {
		{ "Rar!\x1a\7\0 and more", "a RAR archive", 17, TALLY_REASON_FORMAT_UNKNOWN },
		{ "MSCF\0\0\0\0 and more", "CAB", 18, TALLY_REASON_FORMAT_UNKNOWN },
		{ "age-encryption.org/v1\n", "age", 22, TALLY_REASON_ENCRYPTED },
		{ "\x20\x10-lh5-0123456789abc\1xyz", "LHA", 24, TALLY_REASON_FORMAT_UNKNOWN },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct pack p;

		cr_assert_eq(read_named(kinds[i].bytes, kinds[i].len, ""), TALLY_PARTIAL, "%zu", i);
		noted(kinds[i].reason, kinds[i].words);
		cr_assert_eq(got.notes[0].about, TALLY_NOTE_LIST);
		cr_assert(got.notes[0].whole);
		forget();
		/* in an archive that can be read */
		pack_open(&p, archive_write_set_format_ustar, NULL);
		pack_entry(&p, "x", AE_IFREG, NULL, kinds[i].bytes, kinds[i].len);
		pack_close(&p);
		if (kinds[i].len >= 22)
			cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL, "%zu", i);
		forget();
		pack_release(&p);
	}
}

/* ---- archives that do not begin at the first byte ---- */

/* a program for Windows with one section, as short as can be */
static void add_program(struct tally_buf *b)
{
	unsigned char p[512] = "MZ";

	p[0x3c] = 64;
	memcpy(p + 64, "PE\0\0", 4);
	p[64 + 6] = 1;
	p[64 + 24 + 17] = 1; /* 256 bytes of a section … */
	p[64 + 24 + 21] = 1; /* … at 256 */
	tally_buf_add(b, p, sizeof p);
}

static const char *format_of(const struct tally_buf *b)
{
	struct tally_source *src = NULL;
	const char *name = "?";

	cr_assert_eq(tally_source_memory(&src, b->bytes, b->len, &err), TALLY_OK);
	cr_assert_eq(tally_archive_format(&name, src, &err), TALLY_OK);
	tally_source_free(src);
	return name;
}

static void behind(void (*front)(struct tally_buf *), int (*format)(struct archive *),
                   int (*filter)(struct archive *), const char *name, enum tally_status want)
{
	struct tally_buf b = { .max = SIZE_MAX / 2 };
	struct pack p;

	pack_two(&p, format, filter);
	front(&b);
	tally_buf_add(&b, p.bytes.bytes, p.bytes.len);
	cr_assert_str_eq(format_of(&b), name);
	cr_assert_eq(read_bytes(&b), want, "%s", err.message);
	has("a.txt", "hello");
	has("dir/b.txt", "world!");
	forget();
	tally_buf_release(&b);
	pack_release(&p);
}

static void add_script(struct tally_buf *b)
{
	tally_buf_add(b, "#!/bin/sh\ntail -n +4 $0 | tar xz\nexit\n", 38);
}

static void add_settings(struct tally_buf *b)
{
	add_program(b);
	tally_buf_add(b, ";!@Install@!UTF-8! 7z\xbc\xaf\x27\x1c is how it goes on", 42);
}

static void add_junk(struct tally_buf *b)
{
	tally_buf_add(b, "whatever stands in front of it", 30);
}

Test(archive, is_found_behind_a_program)
{
	/* the bytes of the program belong to no member of a zip, which is told */
	behind(add_program, archive_write_set_format_zip, NULL, "zip", TALLY_PARTIAL);
	behind(add_junk, archive_write_set_format_zip, NULL, "zip", TALLY_PARTIAL);
	behind(add_program, archive_write_set_format_7zip, NULL, "7z", TALLY_OK);
	behind(add_settings, archive_write_set_format_7zip, NULL, "7z", TALLY_OK);
	behind(add_script, archive_write_set_format_ustar, archive_write_add_filter_gzip, "tar",
	       TALLY_OK);
}

Test(archive, program_without_an_archive_is_none)
{
	struct tally_buf b = { .max = SIZE_MAX / 2 };

	add_settings(&b);
	cr_assert_null(format_of(&b));
	cr_assert_eq(read_bytes(&b), TALLY_SKIP);
	tally_buf_add(&b, "Rar!\x1a\7\0 packed", 14);
	cr_assert_str_eq(format_of(&b), "other");
	cr_assert_eq(read_bytes(&b), TALLY_PARTIAL);
	noted(TALLY_REASON_FORMAT_UNKNOWN, "RAR");
	tally_buf_release(&b);
}

Test(archive, program_that_unpacks_itself_is_opened_in_an_archive)
{
	struct tally_buf b = { .max = SIZE_MAX / 2 };
	struct pack zip, tar;

	pack_two(&zip, archive_write_set_format_zip, NULL);
	add_program(&b);
	tally_buf_add(&b, zip.bytes.bytes, zip.bytes.len);
	pack_open(&tar, archive_write_set_format_ustar, NULL);
	pack_entry(&tar, "setup.exe", AE_IFREG, NULL, b.bytes, b.len);
	add_program(&b);
	pack_entry(&tar, "plain.exe", AE_IFREG, NULL, b.bytes, 512);
	pack_close(&tar);
	cr_assert_eq(read_bytes(&tar.bytes), TALLY_PARTIAL);
	cr_assert_eq(got.count, 4);
	has("setup.exe/dir/b.txt", "world!");
	noted(TALLY_REASON_MALFORMED, "512 bytes in front");
	cr_assert_eq(got.notes[0].about, TALLY_NOTE_REMARK);
	tally_buf_release(&b);
	pack_release(&zip);
	pack_release(&tar);
}

static void one_compressed(int (*filter)(struct archive *), const char *name, const char *inner)
{
	struct pack p;

	pack_open(&p, archive_write_set_format_raw, filter);
	pack_text(&p, "x", "a,b\n1,2\n");
	pack_close(&p);
	cr_assert_eq(read_named(p.bytes.bytes, p.bytes.len, name), TALLY_OK, "%s", err.message);
	cr_assert_eq(got.count, 1);
	has(inner, "a,b\n1,2\n");
	forget();
	pack_release(&p);
}

Test(archive, compressed_file_is_one_member)
{
	one_compressed(archive_write_add_filter_gzip, "x/data.csv.gz", "data.csv");
	one_compressed(archive_write_add_filter_bzip2, "data.csv.bz2", "data.csv");
	one_compressed(archive_write_add_filter_xz, "data.csv.xz", "data.csv");
	one_compressed(archive_write_add_filter_zstd, "data.csv.zst", "data.csv");
	one_compressed(archive_write_add_filter_lzma, "data.csv.lzma", "data.csv");
	one_compressed(archive_write_add_filter_lzip, "data.csv.lz", "data.csv");
	one_compressed(archive_write_add_filter_lz4, "data.csv.lz4", "data.csv");
	one_compressed(archive_write_add_filter_compress, "data.csv.Z", "data.csv");
	one_compressed(archive_write_add_filter_gzip, "", "content");
	one_compressed(archive_write_add_filter_gzip, "odd.tgz", "odd.tar");
}

Test(archive, compressed_nothing_is_an_empty_member)
{
	static const unsigned char gz[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3,
		                            3,    0,    0, 0, 0, 0, 0, 0, 0, 0 };

	cr_assert_eq(read_named(gz, sizeof gz, "e.gz"), TALLY_OK, "%s", err.message);
	has("e", "");
}

Test(archive, other_bytes_are_no_archive)
{
	cr_assert_eq(read_named("just text, nothing else", 23, "a.zip"), TALLY_SKIP);
	cr_assert_eq(read_named("", 0, ""), TALLY_SKIP);
	cr_assert_eq(got.count, 0);
}

Test(archive, probe_counts_its_evidence)
{
	unsigned char zeros[600] = { 0 };
	struct pack p;
	int bits;

	cr_assert_eq(tally_archive_probe((const unsigned char *)"PK\3\4", 4, &bits),
	             TALLY_ARCHIVE_ZIP);
	cr_assert_eq(bits, 32);
	cr_assert_eq(tally_archive_probe((const unsigned char *)"PK\3", 3, &bits),
	             TALLY_ARCHIVE_NONE);
	cr_assert_eq(bits, 0);
	cr_assert_eq(tally_archive_probe(zeros, sizeof zeros, &bits), TALLY_ARCHIVE_NONE);
	pack_two(&p, archive_write_set_format_ustar, NULL);
	p.bytes.bytes[0] ^= 1; /* its checksum is wrong then */
	cr_assert_eq(tally_archive_probe((unsigned char *)p.bytes.bytes, p.bytes.len, &bits),
	             TALLY_ARCHIVE_NONE);
	pack_release(&p);
}

static int score(const char *format, const struct tally_buf *b, const char *name)
{
	extern const struct tally_format tally_format_zip, tally_format_7z, tally_format_tar,
		tally_format_gzip;
	const struct tally_format *formats[] = { &tally_format_zip, &tally_format_7z,
		                                 &tally_format_tar, &tally_format_gzip };

	for (size_t i = 0; i < 4; i++)
		if (strcmp(formats[i]->name, format) == 0)
			return formats[i]->probe((const unsigned char *)b->bytes, b->len, b->len,
			                         name);
	return -1;
}

Test(archive, formats_tell_a_compressed_tar_from_a_compressed_file)
{
	struct pack tar, file;

	pack_two(&tar, archive_write_set_format_ustar, archive_write_add_filter_gzip);
	pack_open(&file, archive_write_set_format_raw, archive_write_add_filter_gzip);
	pack_text(&file, "x", "not a tar");
	pack_close(&file);
	cr_assert_gt(score("tar", &tar.bytes, ""), score("gzip", &tar.bytes, "a.gz"));
	cr_assert_gt(score("gzip", &file.bytes, ""), score("tar", &file.bytes, "a.tar.gz"));
	cr_assert_eq(score("zip", &tar.bytes, "a.zip"), 0);
	pack_release(&tar);
	pack_release(&file);
	pack_two(&tar, archive_write_set_format_zip, NULL);
	cr_assert_eq(score("zip", &tar.bytes, "a"), 32);
	cr_assert_eq(score("zip", &tar.bytes, "A.ZIP"), 33);
	cr_assert_eq(score("7z", &tar.bytes, "a.7z"), 0);
	pack_release(&tar);
}

/* ---- nesting ---- */

static void nest(struct pack *outer, struct pack *inner, const char *name,
                 int (*format)(struct archive *), int (*filter)(struct archive *))
{
	pack_open(outer, format, filter);
	pack_text(outer, "beside.txt", "beside");
	pack_entry(outer, name, AE_IFREG, NULL, inner->bytes.bytes, inner->bytes.len);
	pack_close(outer);
	pack_release(inner);
}

Test(archive, archives_in_archives_are_opened)
{
	struct pack a, b, c;

	pack_two(&a, archive_write_set_format_zip, NULL);
	nest(&b, &a, "in.zip", archive_write_set_format_pax, archive_write_add_filter_gzip);
	nest(&c, &b, "mid.tar.gz", archive_write_set_format_7zip, NULL);
	cr_assert_eq(read_bytes(&c.bytes), TALLY_OK, "%s", err.message);
	has("mid.tar.gz/in.zip/dir/b.txt", "world!");
	has("mid.tar.gz/beside.txt", "beside");
	has("beside.txt", "beside");
	cr_assert_eq(find("mid.tar.gz")->depth, 0);
	cr_assert_eq(find("mid.tar.gz/in.zip")->depth, 1);
	cr_assert_eq(find("mid.tar.gz/in.zip/a.txt")->depth, 2);
	cr_assert(tally_digest_known(&find("mid.tar.gz/in.zip")->digest));
	pack_release(&c);
}

Test(archive, nesting_ends_at_its_limit)
{
	struct pack a, b, c;

	limits.archive_depth = 1;
	pack_two(&a, archive_write_set_format_zip, NULL);
	nest(&b, &a, "in.zip", archive_write_set_format_pax, NULL);
	nest(&c, &b, "mid.tar", archive_write_set_format_zip, NULL);
	cr_assert_eq(read_bytes(&c.bytes), TALLY_PARTIAL);
	cr_assert_eq(got.count, 4);
	find("mid.tar/in.zip");
	noted(TALLY_REASON_LIMIT, "archive_depth");
	cr_assert_str_eq(got.notes[0].where, "mid.tar/in.zip");
	cr_assert(!got.notes[0].whole);
	pack_release(&c);
}

Test(archive, nested_archive_beyond_the_memory_limit_is_noted)
{
	struct pack a, b;

	limits.archive_memory = 300;
	pack_two(&a, archive_write_set_format_ustar, NULL);
	nest(&b, &a, "in.tar", archive_write_set_format_7zip, NULL);
	cr_assert_eq(read_bytes(&b.bytes), TALLY_PARTIAL, "%s", err.message);
	cr_assert_eq(got.count, 2);
	cr_assert(tally_digest_known(&find("in.tar")->digest));
	noted(TALLY_REASON_LIMIT, "archive_memory");
	pack_release(&b);
}

Test(archive, documents_in_archives_are_archives)
{
	struct zip_maker z = { 0 };
	struct pack a, b = { 0 };

	zip_add(&z, &(struct zip_part){ .name = "[Content_Types].xml", .content = "<x/>" });
	zip_add(&z, &(struct zip_part){ .name = "word/document.xml", .content = "<x/>" });
	zip_finish(&z, &(struct zip_end){ 0 });
	a.bytes = z.bytes;
	pack_open(&b, archive_write_set_format_zip, NULL);
	pack_entry(&b, "r.docx", AE_IFREG, NULL, z.bytes.bytes, z.bytes.len);
	pack_close(&b);
	cr_assert_eq(read_bytes(&b.bytes), TALLY_OK);
	cr_assert_eq(got.count, 3);
	has("r.docx/word/document.xml", "<x/>");
	forget();
	cr_assert_eq(read_bytes(&a.bytes), TALLY_OK);
	cr_assert_eq(got.count, 2);
	zip_release(&z);
	pack_release(&b);
}

Test(archive, broken_archive_in_an_archive_costs_only_itself)
{
	struct pack p;

	pack_open(&p, archive_write_set_format_ustar, NULL);
	pack_entry(&p, "bad.zip", AE_IFREG, NULL, "PK\3\4 and then nothing that fits the format", 40);
	pack_text(&p, "after.txt", "after");
	pack_close(&p);
	cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
	has("after.txt", "after");
	has("bad.zip", "PK\3\4 and then nothing that fits the form");
	noted(TALLY_REASON_DAMAGED, "");
	cr_assert_str_eq(got.notes[0].where, "bad.zip");
	pack_release(&p);
}

/* ---- limits ---- */

Test(archive, stops_at_the_number_of_members)
{
	struct pack p;

	limits.archive_members = 1;
	pack_two(&p, archive_write_set_format_ustar, NULL);
	cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
	cr_assert_eq(got.count, 1);
	has("a.txt", "hello");
	noted(TALLY_REASON_LIMIT, "archive_members");
	forget();
	pack_release(&p);
	pack_two(&p, archive_write_set_format_zip, NULL);
	cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
	cr_assert_eq(got.count, 1);
	noted(TALLY_REASON_LIMIT, "archive_members");
	pack_release(&p);
}

static void stops_at_bytes(int (*format)(struct archive *), int (*filter)(struct archive *))
{
	static char content[3000];
	struct pack p;

	memset(content, 'x', sizeof content);
	pack_open(&p, format, filter);
	if (format != archive_write_set_format_raw)
		pack_text(&p, "a.txt", "hello");
	pack_entry(&p, "b", AE_IFREG, NULL, content, sizeof content);
	if (format != archive_write_set_format_raw)
		pack_text(&p, "c.txt", "later");
	pack_close(&p);
	cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
	if (!filter) { /* a stream is unpacked in blocks, so that its limit may come before the first member */
		has("a.txt", "hello");
		cr_assert_eq(find("b")->reason, TALLY_REASON_LIMIT);
		cr_assert(!tally_digest_known(&find("b")->digest));
		cr_assert_eq(got.count, 2);
	}
	noted(TALLY_REASON_LIMIT, "archive_bytes");
	forget();
	pack_release(&p);
}

Test(archive, stops_at_the_bytes_unpacked)
{
	limits.archive_bytes = 2000;
	stops_at_bytes(archive_write_set_format_zip, NULL);
	stops_at_bytes(archive_write_set_format_7zip, NULL);
	stops_at_bytes(archive_write_set_format_ustar, NULL);
	stops_at_bytes(archive_write_set_format_ustar, archive_write_add_filter_gzip);
	stops_at_bytes(archive_write_set_format_raw, archive_write_add_filter_gzip);
}

/* so many zeros as one deflated member */
static void pack_bomb(struct pack *p, int (*format)(struct archive *),
                      int (*filter)(struct archive *), size_t mebibytes)
{
	static char zeros[1 << 20];
	struct archive_entry *e = archive_entry_new();

	pack_open(p, format, filter);
	archive_entry_copy_pathname(e, "zeros");
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_size(e, (la_int64_t)(mebibytes << 20));
	archive_write_header(p->a, e);
	for (size_t i = 0; i < mebibytes; i++)
		archive_write_data(p->a, zeros, sizeof zeros);
	archive_entry_free(e);
	pack_close(p);
}

Test(archive, stops_at_a_bomb)
{
	struct pack p, outer;

	pack_bomb(&p, archive_write_set_format_zip, NULL, 70);
	cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
	cr_assert_eq(find("zeros")->reason, TALLY_REASON_LIMIT);
	noted(TALLY_REASON_LIMIT, "archive_ratio");
	forget();
	/* also where it lies in another archive */
	nest(&outer, &p, "bomb.zip", archive_write_set_format_ustar, NULL);
	limits.archive_ratio = 500;
	cr_assert_eq(read_bytes(&outer.bytes), TALLY_PARTIAL);
	noted(TALLY_REASON_LIMIT, "archive_ratio");
	cr_assert_str_eq(got.notes[0].where, "bomb.zip");
	forget();
	pack_release(&outer);
	pack_bomb(&p, archive_write_set_format_raw, archive_write_add_filter_gzip, 70);
	cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
	noted(TALLY_REASON_LIMIT, "archive_ratio");
	forget();
	/* what is small is none, however well it packs */
	pack_release(&p);
	pack_bomb(&p, archive_write_set_format_zip, NULL, 60);
	cr_assert_eq(read_bytes(&p.bytes), TALLY_OK);
	cr_assert_eq(find("zeros")->size, 60 << 20);
	pack_release(&p);
}

/* ---- zips that cannot be trusted ---- */

Test(archive, ambiguous_zip_gives_a_note_and_no_members)
{
	struct zip_maker z = { 0 };

	zip_add(&z, &(struct zip_part){ .name = "a", .content = "1" });
	zip_add(&z, &(struct zip_part){ .name = "a", .content = "2" });
	zip_finish(&z, &(struct zip_end){ 0 });
	cr_assert_eq(read_bytes(&z.bytes), TALLY_PARTIAL);
	cr_assert_eq(got.count, 0);
	noted(TALLY_REASON_AMBIGUOUS_CONTAINER, "two members of one name: 'a'");
	cr_assert(got.notes[0].whole);
	zip_release(&z);
}

Test(archive, bytes_around_a_zip_are_noted)
{
	struct zip_maker z = { 0 };

	zip_prefix(&z, "MZ..", 4);
	zip_add(&z, &(struct zip_part){ .name = "a", .content = "1" });
	zip_finish(&z, &(struct zip_end){ 0 });
	zip_prefix(&z, "..", 2);
	/* such a file does not begin like a zip: it comes in one */
	{
		struct pack p;

		pack_open(&p, archive_write_set_format_ustar, NULL);
		pack_entry(&p, "x.zip", AE_IFREG, NULL, z.bytes.bytes + 4, z.bytes.len - 4);
		pack_close(&p);
		cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
		pack_release(&p);
	}
	forget();
	zip_release(&z);
	zip_add(&z, &(struct zip_part){ .name = "a", .content = "1" });
	zip_add(&z, &(struct zip_part){ .name = "b", .content = "1", .gap = 7 });
	zip_finish(&z, &(struct zip_end){ .suffix = "more" });
	cr_assert_eq(read_bytes(&z.bytes), TALLY_PARTIAL);
	cr_assert_eq(got.count, 2);
	has("b", "1");
	cr_assert_eq(got.note_count, 2);
	cr_assert(strstr(got.notes[0].detail, "7 bytes between"));
	cr_assert(strstr(got.notes[1].detail, "4 bytes behind"));
	cr_assert_eq(got.notes[1].reason, TALLY_REASON_MALFORMED);
	zip_release(&z);
}

Test(archive, encrypted_members_are_members_without_digest)
{
	struct zip_maker z = { 0 };

	zip_add(&z, &(struct zip_part){ .name = "a", .content = "secret", .flags = 1 });
	zip_add(&z, &(struct zip_part){ .name = "b", .content = "open" });
	zip_add(&z, &(struct zip_part){ .name = "c", .content = "secret", .flags = 1 });
	zip_finish(&z, &(struct zip_end){ 0 });
	cr_assert_eq(read_bytes(&z.bytes), TALLY_PARTIAL);
	cr_assert_eq(find("a")->reason, TALLY_REASON_ENCRYPTED);
	cr_assert_eq(find("a")->size, 6);
	cr_assert(!tally_digest_known(&find("a")->digest));
	has("b", "open");
	noted(TALLY_REASON_ENCRYPTED, "2 members are encrypted");
	cr_assert_str_eq(got.notes[0].where, "a");
	zip_release(&z);
}

Test(archive, damaged_member_costs_only_itself)
{
	struct zip_maker z = { 0 };

	zip_add(&z, &(struct zip_part){ .name = "a", .content = "one", .crc_off = 1 });
	zip_add(&z, &(struct zip_part){ .name = "b", .content = "two", .method = 8 });
	zip_add(&z, &(struct zip_part){ .name = "c", .content = "three", .method = 8 });
	zip_add(&z, &(struct zip_part){ .name = "d", .content = "four", .method = 9 });
	zip_add(&z, &(struct zip_part){ .name = "e", .content = "five", .method = 8 });
	zip_finish(&z, &(struct zip_end){ 0 });
	z.bytes.bytes[30 + 1 + 3 + 30 + 1] = 7; /* no such kind of block */
	cr_assert_eq(read_bytes(&z.bytes), TALLY_PARTIAL);
	cr_assert_eq(find("a")->reason, TALLY_REASON_DAMAGED);
	cr_assert_eq(find("b")->reason, TALLY_REASON_DAMAGED);
	has("c", "three");
	cr_assert_eq(find("d")->reason, TALLY_REASON_FORMAT_UNKNOWN);
	has("e", "five");
	cr_assert_eq(got.note_count, 2);
	cr_assert_eq(got.notes[0].reason, TALLY_REASON_DAMAGED);
	cr_assert_eq(got.notes[1].reason, TALLY_REASON_FORMAT_UNKNOWN);
	zip_release(&z);
}

Test(archive, sizes_that_lie_are_damage)
{
	struct zip_maker z = { 0 };

	zip_add(&z,
	        &(struct zip_part){ .name = "a", .content = "hello", .method = 8, .size_off = 100 });
	zip_add(&z, &(struct zip_part){
			    .name = "b", .content = "hello", .method = 8, .size_off = (uint32_t)-2 });
	zip_finish(&z, &(struct zip_end){ 0 });
	cr_assert_eq(read_bytes(&z.bytes), TALLY_PARTIAL);
	cr_assert_eq(find("a")->reason, TALLY_REASON_DAMAGED);
	cr_assert_eq(find("b")->reason, TALLY_REASON_DAMAGED);
	zip_release(&z);
}

Test(archive, zip_cut_short_gives_the_members_before)
{
	struct zip_maker z = { 0 };

	zip_add(&z, &(struct zip_part){ .name = "a", .content = "one", .method = 8 });
	zip_add(&z, &(struct zip_part){ .name = "b", .content = "two" });
	z.bytes.len -= 1;
	cr_assert_eq(read_bytes(&z.bytes), TALLY_PARTIAL);
	has("a", "one");
	cr_assert_eq(find("b")->reason, TALLY_REASON_DAMAGED);
	cr_assert_eq(got.note_count, 2);
	zip_release(&z);
}

Test(archive, large_members_come_out_whole)
{
	const size_t len = 3 << 20;
	char *content = malloc(len);
	struct zip_maker z = { 0 };

	for (size_t i = 0; i < len; i++)
		content[i] = (char)(i * 2654435761U >> 13);
	zip_add(&z, &(struct zip_part){ .name = "a", .content = content, .len = len, .method = 8 });
	zip_add(&z, &(struct zip_part){ .name = "b", .content = content, .len = len });
	zip_finish(&z, &(struct zip_end){ 0 });
	cr_assert_eq(read_bytes(&z.bytes), TALLY_OK);
	cr_assert(holds(find("a"), content, len));
	cr_assert(holds(find("b"), content, len));
	free(content);
	zip_release(&z);
}

/* ---- names ---- */

Test(archive, names_are_bytes)
{
	struct zip_maker z = { 0 };
	struct pack p;

	zip_add(&z, &(struct zip_part){ .name = "/etc/passwd", .content = "1" });
	zip_add(&z, &(struct zip_part){ .name = "../../up", .content = "2" });
	zip_add(&z, &(struct zip_part){ .name = "a\0b", .name_len = 3, .content = "3" });
	zip_add(&z, &(struct zip_part){ .name = "caf\xe9", .content = "4" });
	zip_add(&z, &(struct zip_part){ .name = "e\xcc\x81", .content = "5", .flags = 1 << 11 });
	zip_add(&z, &(struct zip_part){ .name = "back\\slash", .content = "6" });
	zip_finish(&z, &(struct zip_end){ 0 });
	cr_assert_eq(read_bytes(&z.bytes), TALLY_PARTIAL);
	noted(TALLY_REASON_UNSAFE_NAMES, "2 members have names that lead out");
	cr_assert_eq(got.notes[0].about, TALLY_NOTE_REMARK);
	cr_assert_str_eq(got.notes[0].where, "/etc/passwd");
	has("/etc/passwd", "1");
	has("../../up", "2");
	cr_assert_eq(got.members[2].path_len, 3);
	cr_assert_eq(memcmp(got.members[2].path, "a\0b", 3), 0);
	has("caf\xe9", "4");
	has("e\xcc\x81", "5");
	has("back\\slash", "6");
	zip_release(&z);
	forget();
	pack_open(&p, archive_write_set_format_gnutar, NULL);
	pack_text(&p, "/etc/passwd", "1");
	pack_text(&p, "../../up", "2");
	pack_text(&p, "caf\xe9", "4");
	pack_text(&p, "e\xcc\x81", "5");
	pack_close(&p);
	cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
	noted(TALLY_REASON_UNSAFE_NAMES, "2 members");
	has("/etc/passwd", "1");
	has("../../up", "2");
	has("caf\xe9", "4");
	has("e\xcc\x81", "5");
	pack_release(&p);
}

/* one entry with a pax header in front that names it */
static void put_pax(struct tally_buf *out, const char *record, const char *content)
{
	static struct pack p;
	size_t blocks;

	pack_open(&p, archive_write_set_format_ustar, NULL);
	pack_text(&p, "PaxHeaders/x", record);
	pack_text(&p, "x", content);
	pack_close(&p);
	/* the first entry becomes a pax header: another type, another checksum ('x' - '0' more) */
	p.bytes.bytes[156] = 'x';
	snprintf(p.bytes.bytes + 148, 8, "%06lo", strtoul(p.bytes.bytes + 148, NULL, 8) + 'x' - '0');
	p.bytes.bytes[155] = ' ';
	blocks = p.bytes.len;
	cr_assert(tally_buf_add(out, p.bytes.bytes, blocks));
	pack_release(&p);
}

static void pax_names(void)
{
	struct tally_buf b = { .max = ROOM };

	put_pax(&b, "14 path=e\xcc\x81\xc3\xa9\n", "nfd"); /* two accents, composed and not */
	cr_assert_eq(read_bytes(&b), TALLY_OK, "%s", got.note_count ? got.notes[0].detail : "");
	has("e\xcc\x81\xc3\xa9", "nfd");
	forget();
	tally_buf_release(&b);
	put_pax(&b, "11 path=\xff\xfe\n", "odd");
	cr_assert_eq(read_bytes(&b), TALLY_OK, "%s", got.note_count ? got.notes[0].detail : "");
	has("\xff\xfe", "odd");
	forget();
	tally_buf_release(&b);
}

Test(archive, names_in_pax_headers_stay_as_they_are_in_any_locale)
{
	pax_names();
	if (setlocale(LC_ALL, "C.UTF-8"))
		pax_names();
}

Test(archive, names_in_a_7z_are_utf8_in_any_locale)
{
	struct pack p;

	if (!setlocale(LC_ALL, "C.UTF-8"))
		cr_skip("no UTF-8 locale");
	pack_open(&p, archive_write_set_format_7zip, NULL);
	pack_text(&p, "\xc3\xa9\xe2\x82\xac.txt", "euro");
	pack_close(&p);
	setlocale(LC_ALL, "C");
	cr_assert_eq(read_bytes(&p.bytes), TALLY_OK);
	has("\xc3\xa9\xe2\x82\xac.txt", "euro");
	pack_release(&p);
}

/* In a process of its own: Criterion needs files itself. @return what is wrong, 0 for nothing */
static int read_without_files(const struct tally_buf *b)
{
	struct rlimit none = { 0, 0 };

	tally_archive_prepare();
	setrlimit(RLIMIT_NOFILE, &none);
	setrlimit(RLIMIT_NPROC, &none);
	if (open("/dev/null", O_RDONLY) >= 0)
		return 1;
	if (read_bytes(b) != TALLY_OK || got.note_count > 0)
		return 2;
	for (size_t i = 0; i < got.count; i++)
		if (strcmp(got.members[i].path, "mid.tar.zst/in.7z/\xc3\xa9.txt") == 0 &&
		    holds(&got.members[i], "x", 1))
			return 0;
	return 3;
}

Test(archive, reads_where_no_file_can_be_opened)
{
	struct pack a, b, c;
	int status = -1;
	pid_t child;

	if (!setlocale(LC_ALL, "C.UTF-8"))
		cr_skip("no UTF-8 locale");
	pack_open(&a, archive_write_set_format_7zip, NULL);
	pack_text(&a, "\xc3\xa9.txt", "x");
	pack_close(&a);
	setlocale(LC_ALL, "C");
	nest(&b, &a, "in.7z", archive_write_set_format_pax, archive_write_add_filter_zstd);
	nest(&c, &b, "mid.tar.zst", archive_write_set_format_zip, NULL);
	child = fork();
	if (child == 0)
		_exit(read_without_files(&c.bytes));
	waitpid(child, &status, 0);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x", status);
	pack_release(&c);
}

Test(archive, name_that_comes_twice_with_another_content_is_noted)
{
	struct pack p;

	pack_open(&p, archive_write_set_format_ustar, NULL);
	pack_text(&p, "same", "1");
	pack_text(&p, "same", "1");
	pack_text(&p, "a", "1");
	pack_text(&p, "b", "1");
	pack_text(&p, "./a", "2");
	pack_close(&p);
	cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
	cr_assert_eq(got.count, 5);
	noted(TALLY_REASON_AMBIGUOUS_CONTAINER, "1 member has the name of one before");
	cr_assert_str_eq(got.notes[0].where, "./a");
	cr_assert(!got.notes[0].whole);
	pack_release(&p);
}

/* ---- tar ---- */

Test(archive, links_of_a_tar)
{
	struct tally_digest target;
	struct pack p;

	pack_open(&p, archive_write_set_format_pax, NULL);
	pack_text(&p, "./a.txt", "hello");
	pack_entry(&p, "soft", AE_IFLNK, "../out/of/here", NULL, 0);
	pack_entry(&p, "hard", AE_IFREG, "a.txt", NULL, 0);
	pack_entry(&p, "astray", AE_IFREG, "nowhere", NULL, 0);
	pack_entry(&p, "pipe", AE_IFIFO, NULL, NULL, 0);
	pack_entry(&p, "dir", AE_IFDIR, NULL, NULL, 0);
	pack_entry(&p, "pipe2", AE_IFREG, "pipe", NULL, 0);
	pack_entry(&p, "soft2", AE_IFREG, "soft", NULL, 0);
	pack_close(&p);
	cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
	cr_assert_eq(find("pipe2")->type, TALLY_TYPE_FIFO);
	cr_assert_eq(find("soft2")->type, TALLY_TYPE_SYMLINK);
	cr_assert(tally_digest_equal(&find("soft2")->digest, &find("soft")->digest));
	cr_assert_eq(find("soft")->type, TALLY_TYPE_SYMLINK);
	cr_assert_str_eq(find("soft")->target, "../out/of/here");
	cr_assert_eq(find("soft")->size, 14);
	tally_digest_of(&target, &key, "../out/of/here", 14);
	cr_assert(tally_digest_equal(&find("soft")->digest, &target));
	cr_assert_eq(find("hard")->type, TALLY_TYPE_FILE);
	cr_assert_str_eq(find("hard")->target, "a.txt");
	has("hard", "hello");
	cr_assert_eq(find("astray")->reason, TALLY_REASON_NOT_REACHED);
	cr_assert_eq(find("pipe")->type, TALLY_TYPE_FIFO);
	cr_assert_eq(find("dir/")->type, TALLY_TYPE_DIR);
	noted(TALLY_REASON_MALFORMED, "1 hard link leads to nothing");
	pack_release(&p);
}

Test(archive, links_of_a_zip)
{
	struct zip_maker z = { 0 };

	zip_add(&z, &(struct zip_part){ .name = "soft",
	                                .content = "a/b",
	                                .made_by = 3 << 8,
	                                .attributes = 0120777U << 16 });
	zip_finish(&z, &(struct zip_end){ 0 });
	cr_assert_eq(read_bytes(&z.bytes), TALLY_OK);
	cr_assert_eq(got.members[0].type, TALLY_TYPE_SYMLINK);
	cr_assert_str_eq(got.members[0].target, "a/b");
	cr_assert_eq(got.members[0].size, 3);
	zip_release(&z);
}

Test(archive, holes_of_a_tar_are_zeros)
{
	static char dense[100000];
	struct archive_entry *e = archive_entry_new();
	struct pack p;

	pack_open(&p, archive_write_set_format_pax, NULL);
	archive_entry_copy_pathname(e, "sparse");
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_size(e, sizeof dense);
	archive_entry_sparse_add_entry(e, 50000, 5);
	archive_write_header(p.a, e);
	memcpy(dense + 50000, "hello", 5);
	archive_write_data(p.a, dense, sizeof dense);
	archive_entry_free(e);
	pack_close(&p);
	cr_assert_lt(p.bytes.len, 20000);
	cr_assert_eq(read_bytes(&p.bytes), TALLY_OK, "%s", err.message);
	cr_assert(holds(find("sparse"), dense, sizeof dense));
	forget();
	/* and count as unpacked */
	limits.archive_bytes = 60000;
	cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
	noted(TALLY_REASON_LIMIT, "archive_bytes");
	pack_release(&p);
}

Test(archive, tar_cut_short_gives_the_members_before)
{
	struct pack p;

	pack_two(&p, archive_write_set_format_ustar, NULL);
	p.bytes.len = 512 + 512 + 512 + 3; /* in the second one's content */
	cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
	has("a.txt", "hello");
	cr_assert_eq(find("dir/b.txt")->reason, TALLY_REASON_DAMAGED);
	cr_assert_eq(got.notes[0].reason, TALLY_REASON_DAMAGED);
	forget();
	p.bytes.len = 512 + 512 + 512 + 512; /* behind it: only the end mark is missing */
	cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
	has("dir/b.txt", "world!");
	noted(TALLY_REASON_DAMAGED, "no end mark");
	pack_release(&p);
}

Test(archive, stream_cut_short_or_damaged_is_noted)
{
	int (*filters[])(
		struct archive *) = { archive_write_add_filter_gzip, archive_write_add_filter_bzip2,
		                      archive_write_add_filter_xz, archive_write_add_filter_zstd };

	for (size_t i = 0; i < 4; i++) {
		struct pack p;

		pack_two(&p, archive_write_set_format_ustar, filters[i]);
		p.bytes.len -= 12;
		cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL, "%zu", i);
		cr_assert_geq(got.note_count, 1);
		cr_assert_eq(got.notes[0].reason, TALLY_REASON_DAMAGED);
		forget();
		pack_release(&p);
		pack_open(&p, archive_write_set_format_raw, filters[i]);
		pack_text(&p, "x", "a little content that is long enough to be cut");
		pack_close(&p);
		p.bytes.len -= 12;
		cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL, "%zu", i);
		cr_assert_eq(find("content")->reason, TALLY_REASON_DAMAGED);
		noted(TALLY_REASON_DAMAGED, "1 member is damaged");
		forget();
		pack_release(&p);
	}
}

Test(archive, stream_that_ends_in_its_header_is_damaged)
{
	/* libarchive takes both for streams of nothing */
	static const char odd_flags[] = "\x1f\x8b\x08\xe0 and so on, long enough for a header";
	static const char short_header[] = "BZh9\x31\x41\x59\x26\x53\x59";

	cr_assert_eq(read_named(odd_flags, sizeof odd_flags - 1, "a.gz"), TALLY_PARTIAL);
	cr_assert_eq(find("a")->reason, TALLY_REASON_DAMAGED);
	forget();
	cr_assert_eq(read_named(short_header, sizeof short_header - 1, "a.bz2"), TALLY_PARTIAL);
	cr_assert_eq(find("a")->reason, TALLY_REASON_DAMAGED);
	forget();
	cr_assert_eq(read_named(odd_flags, sizeof odd_flags - 1, "a.tar.gz"), TALLY_PARTIAL);
	cr_assert_eq(got.count, 0);
	cr_assert(got.notes[0].whole);
}

Test(archive, second_tar_behind_the_end_of_the_first_is_noted)
{
	struct tally_buf b = { .max = ROOM };
	struct pack p;

	pack_two(&p, archive_write_set_format_ustar, NULL);
	tally_buf_add(&b, p.bytes.bytes, p.bytes.len);
	tally_buf_add(&b, p.bytes.bytes, p.bytes.len);
	cr_assert_eq(read_bytes(&b), TALLY_PARTIAL);
	cr_assert_eq(got.count, 2);
	noted(TALLY_REASON_MALFORMED, "more behind its end");
	tally_buf_release(&b);
	pack_release(&p);
}

Test(archive, bytes_behind_compressed_data_are_noted)
{
	struct tally_buf b = { .max = ROOM };
	struct pack p;

	pack_open(&p, archive_write_set_format_raw, archive_write_add_filter_gzip);
	pack_text(&p, "x", "content");
	pack_close(&p);
	tally_buf_add(&b, p.bytes.bytes, p.bytes.len);
	tally_buf_add(&b, "\0\0\0\0", 4); /* padding is fine */
	cr_assert_eq(read_bytes(&b), TALLY_OK);
	forget();
	tally_buf_add(&b, "hidden", 6);
	cr_assert_eq(read_bytes(&b), TALLY_PARTIAL);
	has("content", "content");
	noted(TALLY_REASON_MALFORMED, "behind the compressed data");
	forget();
	tally_buf_release(&b);
	/* two compressed streams are one content: so gzip says */
	tally_buf_add(&b, p.bytes.bytes, p.bytes.len);
	tally_buf_add(&b, p.bytes.bytes, p.bytes.len);
	cr_assert_eq(read_bytes(&b), TALLY_OK);
	has("content", "contentcontent");
	tally_buf_release(&b);
	pack_release(&p);
}

Test(archive, layers_of_compression_are_taken_off_one_by_one)
{
	struct pack a, b;

	pack_open(&a, archive_write_set_format_raw, archive_write_add_filter_gzip);
	pack_text(&a, "x", "content");
	pack_close(&a);
	pack_open(&b, archive_write_set_format_raw, archive_write_add_filter_gzip);
	pack_entry(&b, "x", AE_IFREG, NULL, a.bytes.bytes, a.bytes.len);
	pack_close(&b);
	cr_assert_eq(read_named(b.bytes.bytes, b.bytes.len, "t.txt.gz.gz"), TALLY_OK);
	cr_assert_eq(got.count, 2);
	has("t.txt.gz/t.txt", "content");
	pack_release(&a);
	pack_release(&b);
}

static int stored_7zip(struct archive *a)
{
	archive_write_set_format_7zip(a);
	return archive_write_set_format_option(a, "7zip", "compression", "store");
}

Test(archive, damaged_7z_gives_the_members_before)
{
	static char content[200000];
	struct pack p;

	for (size_t i = 0; i < sizeof content; i++)
		content[i] = (char)(i * 2654435761U >> 11);
	pack_open(&p, stored_7zip, NULL);
	pack_text(&p, "a.txt", "hello");
	pack_entry(&p, "b", AE_IFREG, NULL, content, sizeof content);
	pack_close(&p);
	p.bytes.bytes[150000] ^= 1;
	cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
	has("a.txt", "hello");
	cr_assert_eq(find("b")->reason, TALLY_REASON_DAMAGED);
	forget();
	/* without its end there is not even a list */
	p.bytes.len -= 20;
	cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
	noted(TALLY_REASON_DAMAGED, "");
	cr_assert(got.notes[0].whole);
	pack_release(&p);
}

Test(archive, empty_tar_is_known_by_its_name)
{
	char zeros[10240] = { 0 };

	cr_assert_eq(read_named(zeros, sizeof zeros, "e.tar"), TALLY_OK);
	cr_assert_eq(got.count, 0);
	cr_assert_eq(read_named(zeros, sizeof zeros, "e.bin"), TALLY_SKIP);
}

/* ---- failures around it ---- */

/* something of everything: nested, linked, encrypted, damaged */
static void mixed(struct tally_buf *out)
{
	struct zip_maker z = { 0 };
	struct pack a, b, c;

	pack_two(&a, archive_write_set_format_7zip, NULL);
	nest(&b, &a, "in.7z", archive_write_set_format_pax, archive_write_add_filter_gzip);
	pack_open(&c, archive_write_set_format_raw, archive_write_add_filter_xz);
	pack_text(&c, "x", "lone");
	pack_close(&c);
	zip_add(&z, &(struct zip_part){ .name = "b.tar.gz",
	                                .content = b.bytes.bytes,
	                                .len = b.bytes.len,
	                                .method = 8 });
	zip_add(&z,
	        &(struct zip_part){ .name = "c.xz", .content = c.bytes.bytes, .len = c.bytes.len });
	zip_add(&z, &(struct zip_part){ .name = "secret", .content = "s", .flags = 1 });
	zip_add(&z, &(struct zip_part){ .name = "bad", .content = "s", .crc_off = 1 });
	zip_add(&z, &(struct zip_part){ .name = "link",
	                                .content = "b",
	                                .made_by = 3 << 8,
	                                .attributes = 0120777U << 16 });
	zip_finish(&z, &(struct zip_end){ 0 });
	pack_release(&b);
	pack_release(&c);
	*out = z.bytes;
	z.bytes = (struct tally_buf){ 0 };
	zip_release(&z);
}

Test(archive, says_when_memory_is_short)
{
	struct tally_buf b;

	mixed(&b);
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		enum tally_status st = read_bytes(&b);

		cr_assert_eq(st, faults_fired(&f) ? TALLY_FATAL : TALLY_PARTIAL,
		             "allocation %ld: %d", f.nth, st);
		forget();
	}
	tally_buf_release(&b);
}

static void fails_with_the_disk(struct scratch *s, const struct tally_buf *b)
{
	const char *path = scratch_write(s, "x", b->bytes, b->len);
	int fd = open(path, O_RDONLY);

	FAULTS_EACH(f, TALLY_FAULT_READ)
	{
		struct tally_source *src = NULL;
		enum tally_status st;

		tally_source_fd(&src, fd, path, NULL);
		err = (struct tally_err){ 0 };
		st = read_source(src);
		if (faults_fired(&f)) {
			cr_assert_eq(st, TALLY_SKIP, "read %ld: %d", f.nth, st);
			cr_assert_eq(err.reason, TALLY_REASON_READ_ERROR);
		} else {
			cr_assert_neq(st, TALLY_SKIP);
		}
		tally_source_free(src);
		forget();
	}
	close(fd);
}

Test(archive, says_when_the_disk_fails)
{
	struct scratch s = { 0 };
	struct tally_buf b;
	struct pack p;

	scratch_make(&s);
	mixed(&b);
	fails_with_the_disk(&s, &b);
	tally_buf_release(&b);
	pack_two(&p, archive_write_set_format_7zip, NULL);
	fails_with_the_disk(&s, &p.bytes);
	pack_release(&p);
	pack_two(&p, archive_write_set_format_ustar, NULL);
	fails_with_the_disk(&s, &p.bytes);
	pack_release(&p);
	pack_two(&p, archive_write_set_format_ustar, archive_write_add_filter_bzip2);
	fails_with_the_disk(&s, &p.bytes);
	pack_release(&p);
	scratch_remove(&s);
}

Test(archive, sink_that_refuses_ends_the_reading)
{
	struct tally_buf b;
	size_t all;

	mixed(&b);
	cr_assert_eq(read_bytes(&b), TALLY_PARTIAL);
	all = got.count;
	forget();
	for (size_t i = 1; i <= all; i++) {
		got.refuse_member = i;
		cr_assert_eq(read_bytes(&b), TALLY_SKIP);
		cr_assert_eq(err.reason, TALLY_REASON_STOPPED);
		cr_assert_eq(got.count, i - 1);
		forget();
	}
	got.refuse_note = 1;
	cr_assert_eq(read_bytes(&b), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_STOPPED);
	tally_buf_release(&b);
}

Test(archive, nobody_has_to_listen)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	const struct tally_sink deaf = { 0 };
	struct tally_source *src = NULL;
	struct tally_buf b;

	mixed(&b);
	tally_source_memory(&src, b.bytes, b.len, NULL);
	cr_assert_eq(tally_archive_read(src, &options, &deaf, NULL), TALLY_PARTIAL);
	tally_source_free(src);
	tally_buf_release(&b);
}

Test(archive, survives_every_cut)
{
	struct tally_buf b;

	mixed(&b);
	for (size_t len = 0; len < b.len; len += 1 + len / 40) {
		cr_assert_lt(read_named(b.bytes, len, ""), 0);
		forget();
	}
	tally_buf_release(&b);
}
