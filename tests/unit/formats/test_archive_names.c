/* Names of members are bytes: whatever the archive says about them and the locale makes of them. */
#include <fcntl.h>
#include <locale.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/archives.h"
#include "support/zip_maker.h"

TestSuite(archive_names, .init = archives_begin, .fini = archives_forget);

/* ---- names ---- */

Test(archive_names, names_are_bytes)
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
	archives_forget();
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
	archives_forget();
	tally_buf_release(&b);
	put_pax(&b, "11 path=\xff\xfe\n", "odd");
	cr_assert_eq(read_bytes(&b), TALLY_OK, "%s", got.note_count ? got.notes[0].detail : "");
	has("\xff\xfe", "odd");
	archives_forget();
	tally_buf_release(&b);
}

Test(archive_names, names_in_pax_headers_stay_as_they_are_in_any_locale)
{
	pax_names();
	if (setlocale(LC_ALL, "C.UTF-8"))
		pax_names();
}

Test(archive_names, names_in_a_7z_are_utf8_in_any_locale)
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

Test(archive_names, reads_where_no_file_can_be_opened)
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

Test(archive_names, name_that_comes_twice_with_another_content_is_noted)
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
