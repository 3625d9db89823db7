/* Tars and compressed streams: links, holes, what is cut short and what stands behind the end. */
#include "support/archives.h"
#include "support/zip_maker.h"

TestSuite(archive_tar, .init = archives_begin, .fini = archives_forget);

/* ---- tar ---- */

Test(archive_tar, links_of_a_tar)
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

Test(archive_tar, links_of_a_zip)
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

Test(archive_tar, holes_of_a_tar_are_zeros)
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
	archives_forget();
	/* and count as unpacked */
	limits.archive_bytes = 60000;
	cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
	noted(TALLY_REASON_LIMIT, "archive_bytes");
	pack_release(&p);
}

Test(archive_tar, tar_cut_short_gives_the_members_before)
{
	struct pack p;

	pack_two(&p, archive_write_set_format_ustar, NULL);
	p.bytes.len = 512 + 512 + 512 + 3; /* in the second one's content */
	cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
	has("a.txt", "hello");
	cr_assert_eq(find("dir/b.txt")->reason, TALLY_REASON_DAMAGED);
	cr_assert_eq(got.notes[0].reason, TALLY_REASON_DAMAGED);
	archives_forget();
	p.bytes.len = 512 + 512 + 512 + 512; /* behind it: only the end mark is missing */
	cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
	has("dir/b.txt", "world!");
	noted(TALLY_REASON_DAMAGED, "no end mark");
	pack_release(&p);
}

Test(archive_tar, member_with_a_damaged_header_may_be_missing)
{
	struct pack p;

	pack_two(&p, archive_write_set_format_ustar, NULL);
	p.bytes.bytes[512 + 512 + 150] ^= 1; /* the sum of the second header */
	cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
	has("a.txt", "hello");
	cr_assert_eq(got.count, 1);
	noted(TALLY_REASON_DAMAGED, "members may be missing");
	cr_assert_eq(got.notes[0].about, TALLY_NOTE_LIST);
	archives_forget();
	pack_release(&p);
	pack_two(&p, archive_write_set_format_cpio, NULL);
	p.bytes.bytes[76 + 6 + 5] ^= 1; /* the mark of the second header */
	cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
	noted(TALLY_REASON_DAMAGED, "members may be missing");
	pack_release(&p);
}

Test(archive_tar, stream_cut_short_or_damaged_is_noted)
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
		archives_forget();
		pack_release(&p);
		pack_open(&p, archive_write_set_format_raw, filters[i]);
		pack_text(&p, "x", "a little content that is long enough to be cut");
		pack_close(&p);
		p.bytes.len -= 12;
		cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL, "%zu", i);
		cr_assert_eq(find("content")->reason, TALLY_REASON_DAMAGED);
		noted(TALLY_REASON_DAMAGED, "1 member is damaged");
		archives_forget();
		pack_release(&p);
	}
}

Test(archive_tar, gzip_whose_sum_does_not_fit_is_damaged)
{
	struct tally_buf two;
	struct pack p;

	pack_open(&p, archive_write_set_format_raw, archive_write_add_filter_gzip);
	pack_text(&p, "x", "a little content");
	pack_close(&p);
	cr_assert_eq(read_bytes(&p.bytes), TALLY_OK);
	archives_forget();
	tally_buf_init(&two, SIZE_MAX / 2); /* two streams, one behind the other, are one content */
	cr_assert(tally_buf_add(&two, p.bytes.bytes, p.bytes.len) &&
	          tally_buf_add(&two, p.bytes.bytes, p.bytes.len));
	cr_assert_eq(read_bytes(&two), TALLY_OK);
	has("content", "a little contenta little content");
	tally_buf_release(&two);
	for (size_t at = p.bytes.len - 8; at < p.bytes.len; at += 4) {
		archives_forget();
		p.bytes.bytes[at] ^= 1;
		cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
		cr_assert_eq(find("content")->reason, TALLY_REASON_DAMAGED);
		p.bytes.bytes[at] ^= 1;
	}
	pack_release(&p);
}

Test(archive_tar, stream_that_ends_in_its_header_is_damaged)
{
	/* libarchive takes both for streams of nothing */
	static const char odd_flags[] = "\x1f\x8b\x08\xe0 and so on, long enough for a header";
	static const char short_header[] = "BZh9\x31\x41\x59\x26\x53\x59";

	cr_assert_eq(read_named(odd_flags, sizeof odd_flags - 1, "a.gz"), TALLY_PARTIAL);
	cr_assert_eq(find("a")->reason, TALLY_REASON_DAMAGED);
	archives_forget();
	cr_assert_eq(read_named(short_header, sizeof short_header - 1, "a.bz2"), TALLY_PARTIAL);
	cr_assert_eq(find("a")->reason, TALLY_REASON_DAMAGED);
	archives_forget();
	cr_assert_eq(read_named(odd_flags, sizeof odd_flags - 1, "a.tar.gz"), TALLY_PARTIAL);
	cr_assert_eq(got.count, 0);
	cr_assert(got.notes[0].whole);
}

Test(archive_tar, second_tar_behind_the_end_of_the_first_is_noted)
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

Test(archive_tar, bytes_behind_compressed_data_are_noted)
{
	struct tally_buf b = { .max = ROOM };
	struct pack p;

	pack_open(&p, archive_write_set_format_raw, archive_write_add_filter_gzip);
	pack_text(&p, "x", "content");
	pack_close(&p);
	tally_buf_add(&b, p.bytes.bytes, p.bytes.len);
	tally_buf_add(&b, "\0\0\0\0", 4); /* padding is fine */
	cr_assert_eq(read_bytes(&b), TALLY_OK);
	archives_forget();
	tally_buf_add(&b, "hidden", 6);
	cr_assert_eq(read_bytes(&b), TALLY_PARTIAL);
	has("content", "content");
	noted(TALLY_REASON_MALFORMED, "behind the compressed data");
	archives_forget();
	tally_buf_release(&b);
	/* two compressed streams are one content: so gzip says */
	tally_buf_add(&b, p.bytes.bytes, p.bytes.len);
	tally_buf_add(&b, p.bytes.bytes, p.bytes.len);
	cr_assert_eq(read_bytes(&b), TALLY_OK);
	has("content", "contentcontent");
	tally_buf_release(&b);
	pack_release(&p);
}

Test(archive_tar, layers_of_compression_are_taken_off_one_by_one)
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

Test(archive_tar, damaged_7z_gives_the_members_before)
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
	archives_forget();
	/* without its end there is not even a list */
	p.bytes.len -= 20;
	cr_assert_eq(read_bytes(&p.bytes), TALLY_PARTIAL);
	noted(TALLY_REASON_DAMAGED, "");
	cr_assert(got.notes[0].whole);
	pack_release(&p);
}

Test(archive_tar, empty_tar_is_known_by_its_name)
{
	char zeros[10240] = { 0 };

	cr_assert_eq(read_named(zeros, sizeof zeros, "e.tar"), TALLY_OK);
	cr_assert_eq(got.count, 0);
	cr_assert_eq(read_named(zeros, sizeof zeros, "e.bin"), TALLY_SKIP);
}
