/* Zips that cannot be trusted: what is ambiguous, damaged or encrypted is noted and costs only itself. */
#include "support/archives.h"
#include "support/zip_maker.h"

TestSuite(archive_zip, .init = archives_begin, .fini = archives_forget);

/* ---- zips that cannot be trusted ---- */

Test(archive_zip, ambiguous_zip_gives_a_note_and_no_members)
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

Test(archive_zip, bytes_around_a_zip_are_noted)
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
	archives_forget();
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

Test(archive_zip, encrypted_members_are_members_without_digest)
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

Test(archive_zip, damaged_member_costs_only_itself)
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

Test(archive_zip, sizes_that_lie_are_damage)
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

Test(archive_zip, zip_cut_short_gives_the_members_before)
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

Test(archive_zip, large_members_come_out_whole)
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
