#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/zip_directory.h"
#include "support/faults.h"
#include "support/scratch.h"
#include "support/zip_maker.h"

TestSuite(zip_directory);

static const struct tally_limits limits = TALLY_LIMITS_INIT;

static struct zip_maker z;
static struct tally_zip_directory d;

static enum tally_status read_with(const struct tally_limits *l)
{
	struct tally_source *src = NULL;
	struct tally_err err = { 0 };
	/* a copy of the exact size, so that a sanitizer sees what is read behind it */
	char *copy = malloc(z.bytes.len + 1);
	enum tally_status st;

	memcpy(copy, z.bytes.bytes, z.bytes.len);
	copy = realloc(copy, z.bytes.len ? z.bytes.len : 1);
	tally_source_memory(&src, copy, z.bytes.len, NULL);
	st = tally_zip_directory_read(&d, src, l, &err);
	if (st == TALLY_SKIP)
		cr_assert_neq(err.reason, TALLY_REASON_NONE);
	tally_source_free(src);
	free(copy);
	return st;
}

static enum tally_status finish(const struct zip_end *end)
{
	static const struct zip_end honest;

	zip_finish(&z, end ? end : &honest);
	return read_with(&limits);
}

static void over(void)
{
	tally_zip_directory_release(&d);
	zip_release(&z);
}

static void add_two(void)
{
	zip_add(&z, &(struct zip_part){ .name = "a.txt", .content = "hello" });
	zip_add(&z, &(struct zip_part){ .name = "dir/b.txt", .content = "world!", .method = 8 });
}

#define ambiguous(words)                                                                    \
	do {                                                                                \
		cr_assert_eq(d.reason, TALLY_REASON_AMBIGUOUS_CONTAINER, "'%s'", d.detail); \
		cr_assert(strstr(d.detail, (words)), "'%s'", d.detail);                     \
		over();                                                                     \
	} while (0)

static bool named(const struct tally_zip_member *m, const char *name)
{
	return m->name_len == strlen(name) && memcmp(m->name, name, m->name_len) == 0;
}

Test(zip_directory, gives_what_the_zip_says)
{
	zip_add(&z, &(struct zip_part){ .name = "a.txt", .content = "hello" });
	zip_add(&z, &(struct zip_part){ .name = "dir/" });
	zip_add(&z, &(struct zip_part){ .name = "dir/b.txt", .content = "world!", .method = 8 });
	cr_assert_eq(finish(NULL), TALLY_OK, "%s", d.detail);
	cr_assert_eq(d.count, 3);
	cr_assert(named(&d.members[0], "a.txt"));
	cr_assert_eq(d.members[0].size, 5);
	cr_assert_eq(d.members[0].packed, 5);
	cr_assert_eq(d.members[0].crc32, zip_crc32("hello", 5));
	cr_assert_eq(d.members[0].method, TALLY_ZIP_STORED);
	cr_assert_eq(d.members[0].header, 0);
	cr_assert_eq(d.members[0].data, 35);
	cr_assert_eq(d.members[0].type, TALLY_TYPE_FILE);
	cr_assert_eq(d.members[1].type, TALLY_TYPE_DIR);
	cr_assert(named(&d.members[2], "dir/b.txt"));
	cr_assert_eq(d.members[2].method, TALLY_ZIP_DEFLATED);
	cr_assert_eq(d.members[2].packed, 11);
	cr_assert_eq(d.prefix + d.suffix + d.gaps, 0);
	cr_assert_eq(tally_zip_directory_find(&d, "dir/b.txt"), &d.members[2]);
	cr_assert_null(tally_zip_directory_find(&d, "dir/b"));
	over();
}

Test(zip_directory, of_an_empty_zip_is_empty)
{
	cr_assert_eq(finish(NULL), TALLY_OK);
	cr_assert_eq(d.count, 0);
	over();
}

Test(zip_directory, order_is_that_of_the_places)
{
	struct zip_maker other = { 0 };

	/* the same members, listed the other way round */
	add_two();
	zip_add(&other,
	        &(struct zip_part){
			.name = "dir/b.txt", .content = "world!", .method = 8, .offset_off = 40 });
	zip_add(&other, &(struct zip_part){ .name = "a.txt",
	                                    .content = "hello",
	                                    .offset_off = (uint32_t) - (30 + 9 + 11) });
	tally_buf_release(&z.directory);
	z.directory = other.directory;
	other.directory = (struct tally_buf){ 0 };
	cr_assert_eq(finish(NULL), TALLY_OK, "%s", d.detail);
	cr_assert(named(&d.members[0], "a.txt"));
	over();
	zip_release(&other);
}

Test(zip_directory, second_name_in_the_local_header)
{
	zip_add(&z, &(struct zip_part){
			    .name = "document.xml", .local_name = "documenX.xml", .content = "x" });
	cr_assert_eq(finish(NULL), TALLY_PARTIAL);
	cr_assert(named(d.where, "document.xml"));
	ambiguous("two names");
}

Test(zip_directory, second_method_size_or_checksum_in_the_local_header)
{
	zip_add(&z, &(struct zip_part){ .name = "a", .content = "x", .local_method = 8 + 1 });
	cr_assert_eq(finish(NULL), TALLY_PARTIAL);
	ambiguous("two methods");
	zip_add(&z, &(struct zip_part){ .name = "a", .content = "x", .local_size = 1 });
	cr_assert_eq(finish(NULL), TALLY_PARTIAL);
	ambiguous("two sizes");
	zip_add(&z, &(struct zip_part){ .name = "a", .content = "x", .local_packed = 1 });
	cr_assert_eq(finish(NULL), TALLY_PARTIAL);
	ambiguous("two sizes");
	zip_add(&z, &(struct zip_part){ .name = "a", .content = "x", .local_crc = 1 });
	cr_assert_eq(finish(NULL), TALLY_PARTIAL);
	ambiguous("two checksums");
}

Test(zip_directory, sizes_may_come_behind_the_data_in_four_shapes)
{
	zip_add(&z,
	        &(struct zip_part){ .name = "a", .content = "one", .sizes_later = ZIP_SIZES_LATER });
	zip_add(&z,
	        &(struct zip_part){
			.name = "b", .content = "two", .method = 8, .sizes_later = ZIP_SIZES_BARE });
	zip_add(&z, &(struct zip_part){ .name = "c",
	                                .content = "three",
	                                .method = 8,
	                                .sizes_later = ZIP_SIZES_WIDE });
	zip_add(&z, &(struct zip_part){ .name = "d", .content = "four", .flags = 8 });
	cr_assert_eq(finish(NULL), TALLY_OK, "%s", d.detail);
	cr_assert_eq(d.count, 4);
	cr_assert_eq(d.gaps, 0);
	over();
}

Test(zip_directory, sizes_that_never_come)
{
	zip_add(&z, &(struct zip_part){
			    .name = "a", .content = "one", .sizes_later = ZIP_SIZES_MISSING });
	zip_add(&z, &(struct zip_part){ .name = "b", .content = "two" });
	cr_assert_eq(finish(NULL), TALLY_PARTIAL);
	ambiguous("no word on its size");
}

Test(zip_directory, two_members_of_one_name)
{
	add_two();
	zip_add(&z, &(struct zip_part){ .name = "c", .content = "3" });
	zip_add(&z, &(struct zip_part){ .name = "a.txt", .content = "hello" });
	cr_assert_eq(finish(NULL), TALLY_PARTIAL);
	cr_assert_eq(d.where, &d.members[3]);
	ambiguous("two members of one name");
}

Test(zip_directory, members_that_overlap)
{
	add_two();
	zip_add(&z, &(struct zip_part){ .name = "c", .content = "3", .listed_twice = true });
	cr_assert_eq(finish(NULL), TALLY_PARTIAL);
	ambiguous("overlaps");
	/* a member inside another one's data */
	zip_add(&z, &(struct zip_part){ .name = "in", .content = "inner", .unlisted = true });
	{
		struct zip_maker outer = { 0 };

		zip_add(&outer, &(struct zip_part){ .name = "out",
		                                    .content = z.bytes.bytes,
		                                    .len = z.bytes.len });
		zip_add(&outer, &(struct zip_part){ .name = "in",
		                                    .content = "inner",
		                                    .offset_off = (uint32_t) - (int)z.bytes.len });
		zip_release(&z);
		z = outer;
	}
	cr_assert_eq(finish(NULL), TALLY_PARTIAL);
	ambiguous("overlaps");
}

Test(zip_directory, second_end_record_in_the_comment)
{
	struct zip_maker fake = { 0 };

	zip_finish(&fake, &(struct zip_end){ 0 });
	add_two();
	cr_assert_eq(finish(&(struct zip_end){ .comment = fake.bytes.bytes,
	                                       .comment_len = fake.bytes.len }),
	             TALLY_PARTIAL);
	cr_assert_eq(d.reason, TALLY_REASON_AMBIGUOUS_CONTAINER, "%s", d.detail);
	over();
	zip_release(&fake);
}

Test(zip_directory, comment_is_nothing_special)
{
	add_two();
	cr_assert_eq(finish(&(struct zip_end){ .comment = "made by hand" }), TALLY_OK);
	cr_assert_eq(d.suffix, 0);
	over();
}

Test(zip_directory, zip_stored_last_in_a_zip_is_no_second_end_record)
{
	struct zip_maker inner = { 0 };

	zip_add(&inner, &(struct zip_part){ .name = "x", .content = "y" });
	zip_finish(&inner, &(struct zip_end){ 0 });
	zip_add(&z, &(struct zip_part){ .name = "inner.zip",
	                                .content = inner.bytes.bytes,
	                                .len = inner.bytes.len });
	cr_assert_eq(finish(NULL), TALLY_OK, "%s", d.detail);
	cr_assert_eq(d.count, 1);
	over();
	zip_release(&inner);
}

Test(zip_directory, member_that_is_not_listed)
{
	add_two();
	zip_add(&z, &(struct zip_part){ .name = "hidden", .content = "x", .unlisted = true });
	zip_add(&z, &(struct zip_part){ .name = "c", .content = "3" });
	cr_assert_eq(finish(NULL), TALLY_PARTIAL);
	ambiguous("does not list");
	/* the same at the end */
	add_two();
	zip_add(&z, &(struct zip_part){ .name = "hidden", .content = "x", .unlisted = true });
	cr_assert_eq(finish(NULL), TALLY_PARTIAL);
	ambiguous("does not list");
}

Test(zip_directory, gaps_are_counted)
{
	add_two();
	zip_add(&z, &(struct zip_part){ .name = "c", .content = "3", .gap = 100 });
	cr_assert_eq(finish(NULL), TALLY_OK, "%s", d.detail);
	cr_assert_eq(d.gaps, 100);
	over();
}

Test(zip_directory, prefix_with_places_adjusted_and_not)
{
	zip_prefix(&z, "MZ program", 10);
	add_two();
	cr_assert_eq(finish(NULL), TALLY_OK, "%s", d.detail);
	cr_assert_eq(d.prefix, 10);
	cr_assert_eq(d.members[0].header, 10);
	over();
	zip_prefix(&z, "MZ program", 10);
	zip_start_here(&z);
	add_two();
	cr_assert_eq(finish(NULL), TALLY_OK, "%s", d.detail);
	cr_assert_eq(d.prefix, 10);
	cr_assert_eq(d.members[1].header, 10 + 40);
	over();
}

Test(zip_directory, one_zip_in_front_of_another)
{
	struct zip_maker first = { 0 };

	zip_add(&first, &(struct zip_part){ .name = "evil", .content = "1" });
	zip_finish(&first, &(struct zip_end){ 0 });
	zip_prefix(&z, first.bytes.bytes, first.bytes.len);
	zip_start_here(&z);
	add_two();
	cr_assert_eq(finish(NULL), TALLY_PARTIAL);
	cr_assert_eq(d.reason, TALLY_REASON_AMBIGUOUS_CONTAINER, "%s", d.detail);
	over();
	zip_release(&first);
}

Test(zip_directory, suffix_is_counted)
{
	add_two();
	cr_assert_eq(finish(&(struct zip_end){ .suffix = "trailing" }), TALLY_OK, "%s", d.detail);
	cr_assert_eq(d.suffix, 8);
	cr_assert_eq(d.count, 2);
	over();
}

Test(zip_directory, number_of_members_that_is_wrong)
{
	add_two();
	cr_assert_eq(finish(&(struct zip_end){ .count_off = 1 }), TALLY_PARTIAL);
	ambiguous("3 members announced, 2 listed");
	add_two();
	cr_assert_eq(finish(&(struct zip_end){ .count_off = -1 }), TALLY_PARTIAL);
	ambiguous("1 members announced, 2 listed");
}

Test(zip_directory, wide_values)
{
	zip_add(&z, &(struct zip_part){ .name = "a", .content = "one", .zip64 = true });
	zip_add(&z, &(struct zip_part){ .name = "b", .content = "two", .method = 8, .zip64 = true });
	cr_assert_eq(finish(&(struct zip_end){ .zip64 = true }), TALLY_OK, "%s", d.detail);
	cr_assert_eq(d.count, 2);
	cr_assert_eq(d.members[1].size, 3);
	cr_assert_eq(d.members[1].packed, 8);
	cr_assert_eq(d.gaps, 0);
	over();
	/* the zip64 end record finds its place behind a prefix as well */
	zip_prefix(&z, "#!/bin/sh\n", 10);
	zip_start_here(&z);
	add_two();
	cr_assert_eq(finish(&(struct zip_end){ .zip64 = true }), TALLY_OK, "%s", d.detail);
	cr_assert_eq(d.prefix, 10);
	over();
}

Test(zip_directory, two_kinds_of_end_record_that_disagree)
{
	add_two();
	cr_assert_eq(finish(&(struct zip_end){ .zip64 = true, .count64_off = -1 }), TALLY_PARTIAL);
	ambiguous("disagree");
}

Test(zip_directory, two_places_for_the_directory)
{
	struct zip_maker other = { 0 };
	size_t at;

	/* the end record points to one directory, another one stands right before it */
	zip_add(&other, &(struct zip_part){ .name = "evil", .content = "1" });
	add_two();
	at = z.bytes.len;
	zip_prefix(&z, z.directory.bytes, z.directory.len);
	tally_buf_release(&z.directory);
	z.directory = other.directory;
	z.count = 1;
	cr_assert_eq(finish(&(struct zip_end){ .place_off = (uint32_t)(at - z.bytes.len) }),
	             TALLY_PARTIAL);
	ambiguous("two places");
	other.directory = (struct tally_buf){ 0 };
	zip_release(&other);
}

Test(zip_directory, tricks_within_one_record)
{
	static const unsigned char second[] = { 0x75, 0x70, 9, 0, 1, 0, 0, 0, 0, 'e', 'v', 'i', 'l' };
	static const unsigned char same[] = { 0x75, 0x70, 6, 0, 1, 0, 0, 0, 0, 'a' };

	zip_add(&z,
	        &(struct zip_part){
			.name = "a", .content = "x", .extra = second, .extra_len = sizeof second });
	cr_assert_eq(finish(NULL), TALLY_PARTIAL);
	ambiguous("a second name");
	zip_add(&z, &(struct zip_part){
			    .name = "a", .content = "x", .extra = same, .extra_len = sizeof same });
	cr_assert_eq(finish(NULL), TALLY_OK, "%s", d.detail);
	over();
	/* a name in an old encoding with its UTF-8 form beside it is how Info-ZIP does it */
	zip_add(&z, &(struct zip_part){ .name = "\x84",
	                                .content = "x",
	                                .extra = second,
	                                .extra_len = sizeof second });
	cr_assert_eq(finish(NULL), TALLY_OK, "%s", d.detail);
	over();
	zip_add(&z, &(struct zip_part){ .name = "a", .content = "x", .size_off = 1 });
	cr_assert_eq(finish(NULL), TALLY_PARTIAL);
	ambiguous("two sizes");
	zip_add(&z, &(struct zip_part){ .name = "a/", .content = "x" });
	cr_assert_eq(finish(NULL), TALLY_PARTIAL);
	ambiguous("a folder with a content");
}

Test(zip_directory, attributes)
{
	/* 2001-02-03 04:05:06; the extra field says one second after 1970 */
	static const unsigned char unix_time[] = { 0x55, 0x54, 5, 0, 1, 1, 0, 0, 0 };
	static const unsigned char ntfs[] = { 0x0a, 0, 32, 0, 0, 0, 0,    0, 1, 0, 24, 0,
		                              0,    0, 0,  0, 0, 0, 0xdc, 1, 0, 0, 0,  0,
		                              0,    0, 0,  0, 0, 0, 0,    0, 0, 0, 0,  0 };
	const uint16_t date = (2001 - 1980) << 9 | 2 << 5 | 3, time = 4 << 11 | 5 << 5 | 3;

	zip_add(&z, &(struct zip_part){ .name = "a",
	                                .made_by = 3 << 8,
	                                .date = date,
	                                .time = time,
	                                .attributes = 0100640U << 16 });
	zip_add(&z, &(struct zip_part){ .name = "b",
	                                .made_by = 3 << 8,
	                                .content = "a",
	                                .attributes = 0120777U << 16,
	                                .extra = unix_time,
	                                .extra_len = sizeof unix_time });
	zip_add(&z, &(struct zip_part){ .name = "c", .attributes = 0x10, .flags = 1 << 11 });
	zip_add(&z, &(struct zip_part){ .name = "d",
	                                .content = "secret",
	                                .flags = 1,
	                                .extra = ntfs,
	                                .extra_len = sizeof ntfs });
	cr_assert_eq(finish(NULL), TALLY_OK, "%s", d.detail);
	cr_assert_eq(d.members[0].mode, 0640);
	cr_assert_eq(d.members[0].mtime_ns, INT64_C(981173106) * 1000000000);
	cr_assert_eq(d.members[1].type, TALLY_TYPE_SYMLINK);
	cr_assert_eq(d.members[1].mtime_ns, 1000000000);
	cr_assert_eq(d.members[2].type, TALLY_TYPE_DIR);
	cr_assert(d.members[2].utf8 && !d.members[0].utf8);
	cr_assert(d.members[3].encrypted && !d.members[2].encrypted);
	cr_assert_eq(d.members[3].mtime_ns / 1000000000,
	             (INT64_C(0x01dc000000000000) / 10000000) - INT64_C(11644473600));
	over();
}

Test(zip_directory, names_with_a_nul_keep_it)
{
	zip_add(&z, &(struct zip_part){ .name = "a\0b", .name_len = 3, .content = "x" });
	cr_assert_eq(finish(NULL), TALLY_OK);
	cr_assert_eq(d.members[0].name_len, 3);
	cr_assert_eq(memcmp(d.members[0].name, "a\0b", 3), 0);
	over();
}

Test(zip_directory, of_a_zip_cut_short_comes_from_the_headers)
{
	add_two();
	zip_add(&z, &(struct zip_part){ .name = "later",
	                                .content = "behind",
	                                .method = 8,
	                                .sizes_later = ZIP_SIZES_LATER });
	zip_add(&z, &(struct zip_part){ .name = "last", .content = "cut off here" });
	z.bytes.len -= 3;
	cr_assert_eq(read_with(&limits), TALLY_PARTIAL);
	cr_assert_eq(d.reason, TALLY_REASON_DAMAGED);
	cr_assert_eq(d.count, 4);
	cr_assert(named(&d.members[1], "dir/b.txt"));
	cr_assert_eq(d.members[1].header, 40);
	cr_assert_eq(d.members[2].packed, 11);
	cr_assert_eq(d.members[2].size, 6);
	cr_assert_eq(d.members[2].crc32, zip_crc32("behind", 6));
	cr_assert(!d.members[2].cut);
	cr_assert(d.members[3].cut);
	over();
}

Test(zip_directory, descriptors_of_all_shapes_are_found_without_a_directory)
{
	zip_add(&z,
	        &(struct zip_part){
			.name = "a", .content = "one", .method = 8, .sizes_later = ZIP_SIZES_WIDE });
	zip_add(&z, &(struct zip_part){ .name = "b",
	                                .content = "P PK PK\7\10 two",
	                                .method = 8,
	                                .sizes_later = ZIP_SIZES_LATER });
	zip_add(&z, &(struct zip_part){ .name = "c", .content = "three" });
	cr_assert_eq(read_with(&limits), TALLY_PARTIAL);
	cr_assert_eq(d.count, 3);
	cr_assert_eq(d.members[0].size, 3);
	cr_assert_eq(d.members[1].size, 13);
	cr_assert(named(&d.members[2], "c") && !d.members[2].cut);
	over();
}

Test(zip_directory, of_a_zip_with_a_broken_directory_comes_from_the_headers)
{
	add_two();
	z.directory.bytes[3] ^= 1;
	cr_assert_eq(finish(NULL), TALLY_PARTIAL);
	cr_assert_eq(d.reason, TALLY_REASON_DAMAGED);
	cr_assert_eq(d.count, 2);
	over();
}

Test(zip_directory, headers_that_are_not_where_they_should_be)
{
	zip_add(&z, &(struct zip_part){ .name = "a", .content = "x" });
	zip_add(&z, &(struct zip_part){ .name = "b", .content = "x", .offset_off = 3 });
	cr_assert_eq(finish(NULL), TALLY_PARTIAL);
	cr_assert_neq(d.reason, TALLY_REASON_NONE);
	cr_assert(d.members[1].cut);
	over();
}

Test(zip_directory, stops_at_the_limit)
{
	struct tally_limits few = limits;

	few.archive_members = 2;
	add_two();
	zip_add(&z, &(struct zip_part){ .name = "c", .content = "3" });
	zip_finish(&z, &(struct zip_end){ 0 });
	cr_assert_eq(read_with(&few), TALLY_PARTIAL);
	cr_assert_eq(d.reason, TALLY_REASON_LIMIT);
	cr_assert(strstr(d.detail, "archive_members"));
	cr_assert_eq(d.count, 2);
	over();
}

Test(zip_directory, refuses_what_is_no_zip)
{
	zip_prefix(&z, "PK is not enough, however long it goes on", 41);
	cr_assert_eq(read_with(&limits), TALLY_SKIP);
	z.bytes.len = 0;
	cr_assert_eq(read_with(&limits), TALLY_SKIP);
	over();
}

Test(zip_directory, knows_documents)
{
	add_two();
	cr_assert_eq(finish(NULL), TALLY_OK);
	cr_assert(!tally_zip_directory_is_document(&d));
	over();
	zip_add(&z, &(struct zip_part){ .name = "[Content_Types].xml", .content = "x" });
	cr_assert_eq(finish(NULL), TALLY_OK);
	cr_assert(tally_zip_directory_is_document(&d));
	over();
}

Test(zip_directory, survives_every_cut)
{
	size_t whole;

	add_two();
	zip_add(&z, &(struct zip_part){ .name = "c", .content = "3", .zip64 = true });
	zip_finish(&z, &(struct zip_end){ .zip64 = true, .comment = "c" });
	whole = z.bytes.len;
	for (size_t len = 0; len < whole; len++) {
		z.bytes.len = len;
		cr_assert_lt(read_with(&limits), 0, "%zu of %zu bytes", len, whole);
		tally_zip_directory_release(&d);
	}
	over();
}

Test(zip_directory, says_when_memory_is_short)
{
	add_two();
	zip_finish(&z, &(struct zip_end){ 0 });
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_source *src = NULL;
		struct tally_err err = { 0 };
		enum tally_status st = tally_source_memory(&src, z.bytes.bytes, z.bytes.len, &err);

		if (st == TALLY_OK)
			st = tally_zip_directory_read(&d, src, &limits, &err);
		cr_assert_eq(st, faults_fired(&f) ? TALLY_FATAL : TALLY_OK);
		tally_zip_directory_release(&d);
		tally_source_free(src);
	}
	over();
}

Test(zip_directory, says_when_the_disk_fails)
{
	struct scratch s = { 0 };
	const char *path;
	int fd;

	scratch_make(&s);
	add_two();
	zip_finish(&z, &(struct zip_end){ 0 });
	path = scratch_write(&s, "a.zip", z.bytes.bytes, z.bytes.len);
	fd = open(path, O_RDONLY);
	FAULTS_EACH(f, TALLY_FAULT_READ)
	{
		struct tally_source *src = NULL;
		struct tally_err err = { 0 };
		enum tally_status st;

		tally_source_fd(&src, fd, path, NULL);
		st = tally_zip_directory_read(&d, src, &limits, &err);
		if (faults_fired(&f)) {
			cr_assert_eq(st, TALLY_SKIP);
			cr_assert_eq(err.reason, TALLY_REASON_READ_ERROR);
		} else {
			cr_assert_eq(st, TALLY_OK);
		}
		tally_zip_directory_release(&d);
		tally_source_free(src);
	}
	close(fd);
	over();
	scratch_remove(&s);
}
