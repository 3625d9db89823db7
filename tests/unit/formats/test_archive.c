/* Archives of every kind: found, opened, nested, kept within the limits, and what goes wrong around them. */
#include <fcntl.h>
#include <unistd.h>

#include "support/archives.h"
#include "support/faults.h"
#include "support/scratch.h"
#include "support/zip_maker.h"

TestSuite(archive, .init = archives_begin, .fini = archives_forget);

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
		archives_forget();
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
	archives_forget();
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
	archives_forget();
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
		archives_forget();
		/* in an archive that can be read */
		pack_open(&p, archive_write_set_format_ustar, NULL);
		pack_entry(&p, "x", AE_IFREG, NULL, kinds[i].bytes, kinds[i].len);
		pack_close(&p);
		if (kinds[i].len >= 22)
			cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL, "%zu", i);
		archives_forget();
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
	archives_forget();
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
	archives_forget();
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
	archives_forget();
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
	archives_forget();
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
	archives_forget();
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
	archives_forget();
	/* also where it lies in another archive */
	nest(&outer, &p, "bomb.zip", archive_write_set_format_ustar, NULL);
	limits.archive_ratio = 500;
	cr_assert_eq(read_bytes(&outer.bytes), TALLY_PARTIAL);
	noted(TALLY_REASON_LIMIT, "archive_ratio");
	cr_assert_str_eq(got.notes[0].where, "bomb.zip");
	archives_forget();
	pack_release(&outer);
	pack_bomb(&p, archive_write_set_format_raw, archive_write_add_filter_gzip, 70);
	cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
	noted(TALLY_REASON_LIMIT, "archive_ratio");
	archives_forget();
	/* what is small is none, however well it packs */
	pack_release(&p);
	pack_bomb(&p, archive_write_set_format_zip, NULL, 60);
	cr_assert_eq(read_bytes(&p.bytes), TALLY_OK);
	cr_assert_eq(find("zeros")->size, 60 << 20);
	pack_release(&p);
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
		archives_forget();
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
		archives_forget();
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
	archives_forget();
	for (size_t i = 1; i <= all; i++) {
		got.refuse_member = i;
		cr_assert_eq(read_bytes(&b), TALLY_SKIP);
		cr_assert_eq(err.reason, TALLY_REASON_STOPPED);
		cr_assert_eq(got.count, i - 1);
		archives_forget();
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
		archives_forget();
	}
	tally_buf_release(&b);
}
