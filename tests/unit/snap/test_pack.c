/* Packed entries: what goes in comes out, small, and nothing else is believed. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "snap/pack.h"
#include "support/faults.h"

static struct tally_buf packed;

static void begin(void)
{
	tally_buf_init(&packed, SIZE_MAX / 2);
}

static void end(void)
{
	tally_buf_release(&packed);
}

TestSuite(pack, .init = begin, .fini = end);

static struct tally_entry file(const char *name)
{
	struct tally_entry e = { .name = name,
		                 .name_len = (uint16_t)strlen(name),
		                 .type = TALLY_TYPE_FILE,
		                 .proof = TALLY_PROOF_HASHED,
		                 .dir = TALLY_NO_INDEX,
		                 .subdir = TALLY_NO_INDEX,
		                 .mode = 0644,
		                 .uid = 1000,
		                 .gid = 1000,
		                 .nlink = 1,
		                 .size = 12345,
		                 .inode = 998877,
		                 .device = 0xfd01,
		                 .mtime_ns = INT64_C(1700000000123456789),
		                 .ctime_ns = INT64_C(1700000000123456790) };

	for (size_t i = 0; i < TALLY_DIGEST_SIZE; i++)
		e.digest.bytes[i] = (unsigned char)(i * 7 + strlen(name));
	return e;
}

static void check_same(const struct tally_entry *a, const struct tally_entry *b)
{
	cr_assert_eq(a->name_len, b->name_len);
	cr_assert_arr_eq(a->name, b->name, a->name_len);
#define SAME(field) cr_assert_eq(a->field, b->field, #field " of %.*s", a->name_len, a->name)
	SAME(type);
	SAME(proof);
	SAME(reason);
	SAME(flags);
	SAME(pattern);
	SAME(dir);
	SAME(subdir);
	SAME(mode);
	SAME(uid);
	SAME(gid);
	SAME(nlink);
	SAME(size);
	SAME(inode);
	SAME(device);
	SAME(mtime_ns);
	SAME(ctime_ns);
	SAME(xattr_digest);
#undef SAME
	cr_assert(tally_digest_equal(&a->digest, &b->digest));
	cr_assert_eq(!a->target, !b->target);
	if (a->target)
		cr_assert_str_eq(a->target, b->target);
	cr_assert_eq(!a->sha256, !b->sha256);
	if (a->sha256)
		cr_assert_arr_eq(a->sha256->bytes, b->sha256->bytes, TALLY_SHA256_SIZE);
}

static void round_trip(const struct tally_entry *entries, uint32_t count)
{
	struct tally_pack_cursor c;
	struct tally_entry e;

	tally_buf_clear(&packed);
	cr_assert_eq(tally_pack_encode(&packed, entries, count, NULL), TALLY_OK);
	cr_assert_eq(tally_pack_open(&c, packed.bytes, packed.len, NULL), TALLY_OK);
	for (uint32_t i = 0; i < count; i++) {
		cr_assert_eq(tally_pack_next(&c, &e, NULL), TALLY_OK, "entry %u", i);
		check_same(&entries[i], &e);
	}
	cr_assert_eq(tally_pack_next(&c, &e, NULL), TALLY_END);
}

Test(pack, every_field_survives)
{
	static const struct tally_sha256 sha = { { 1, 2, 3, 255 } };
	static char longest[1001];
	struct tally_entry e[10];

	memset(longest, 'x', sizeof longest - 1);
	e[0] = file("\x01");
	e[0].mtime_ns = INT64_MIN;
	e[0].ctime_ns = INT64_MAX;
	e[0].size = UINT64_MAX;
	e[0].inode = UINT64_MAX;
	e[0].device = UINT64_MAX;
	e[1] = file("a");
	e[1].mtime_ns = INT64_MAX;
	e[1].ctime_ns = INT64_MIN;
	e[1].inode = 0;
	e[1].uid = e[1].gid = e[1].nlink = e[1].mode = UINT32_MAX;
	e[2] = file("b");
	e[2].reason = TALLY_REASON_EXCLUDED;
	e[2].pattern = UINT16_MAX;
	e[2].proof = TALLY_PROOF_NONE;
	memset(&e[2].digest, 0, sizeof e[2].digest);
	e[3] = file("c");
	e[3].sha256 = &sha;
	e[3].flags = TALLY_ENTRY_HAS_SHA256 | TALLY_ENTRY_SPARSE;
	e[4] = file("d");
	e[4].type = TALLY_TYPE_SYMLINK;
	e[4].target = "../somewhere/\xff";
	e[5] = file("e");
	e[5].type = TALLY_TYPE_SYMLINK;
	e[5].target = "";
	e[6] = file("f");
	e[6].xattr_digest = UINT64_C(0x8000000000000001);
	e[6].flags = TALLY_ENTRY_XATTRS;
	e[6].proof = TALLY_PROOF_STAT;
	e[7] = file("g\n\xff\x1b[0m");
	e[7].type = TALLY_TYPE_UNKNOWN;
	e[7].mtime_ns = -INT64_C(5000000000);
	e[8] = file("h");
	e[8].mtime_ns = INT64_C(7000000000);
	e[8].ctime_ns = e[8].mtime_ns;
	e[9] = file(longest);
	e[9].proof = TALLY_PROOF_EXTENT;
	round_trip(e, 10);
	for (uint32_t i = 0; i < 10; i++)
		round_trip(&e[i], 1);
	round_trip(e, 0);
}

Test(pack, more_owners_than_the_dictionary_has_rows)
{
	enum { COUNT = 700 };
	static struct tally_entry e[COUNT];
	static char names[COUNT][8];

	for (uint32_t i = 0; i < COUNT; i++) {
		snprintf(names[i], sizeof names[i], "n%04u", i);
		e[i] = file(names[i]);
		e[i].nlink = i % 400;
	}
	round_trip(e, COUNT);
}

Test(pack, an_ordinary_file_takes_at_most_55_bytes)
{
	enum { COUNT = 1000 };
	static struct tally_entry e[COUNT];
	static char names[COUNT][24];

	for (uint32_t i = 0; i < COUNT; i++) {
		snprintf(names[i], sizeof names[i], "invoice %05u.docx", i);
		e[i] = file(names[i]);
		e[i].inode += i * 3;
		e[i].mtime_ns += INT64_C(86412345678901) * i;
		e[i].ctime_ns += INT64_C(2345678) * i;
		e[i].size = i * 100;
	}
	round_trip(e, COUNT);
	cr_assert_leq(packed.len, 55 * COUNT, "%zu bytes", packed.len);
}

Test(pack, cut_off_or_longer_bytes_are_refused)
{
	struct tally_entry e[2] = { file("a"), file("b") }, got;
	struct tally_pack_cursor c;

	e[1].type = TALLY_TYPE_SYMLINK;
	e[1].target = "t";
	cr_assert_eq(tally_pack_encode(&packed, e, 2, NULL), TALLY_OK);
	for (size_t len = 0; len <= packed.len + 1; len++) {
		/* one byte too many is the NUL that the buffer keeps there */
		enum tally_status st = tally_pack_open(&c, packed.bytes, len, NULL);

		while (st == TALLY_OK)
			st = tally_pack_next(&c, &got, NULL);
		cr_assert_eq(st, len == packed.len ? TALLY_END : TALLY_SKIP, "%zu of %zu", len,
		             packed.len);
	}
}

Test(pack, wrong_names_and_values_are_refused)
{
	static const char *const names[] = { "a/b", ".", "..", "/" };
	struct tally_pack_cursor c;
	struct tally_entry e, got;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		e = file(names[i]);
		tally_buf_clear(&packed);
		cr_assert_eq(tally_pack_encode(&packed, &e, 1, NULL), TALLY_OK);
		cr_assert_eq(tally_pack_open(&c, packed.bytes, packed.len, NULL), TALLY_OK);
		cr_assert_eq(tally_pack_next(&c, &got, NULL), TALLY_SKIP, "'%s'", names[i]);
	}
	e = file("ok");
	e.reason = TALLY_REASON_COUNT;
	tally_buf_clear(&packed);
	cr_assert_eq(tally_pack_encode(&packed, &e, 1, NULL), TALLY_OK);
	cr_assert_eq(tally_pack_open(&c, packed.bytes, packed.len, NULL), TALLY_OK);
	cr_assert_eq(tally_pack_next(&c, &got, NULL), TALLY_SKIP);
}

Test(pack, another_number_of_entries_is_refused)
{
	struct tally_entry e[2] = { file("a"), file("b") };
	struct tally_tree_builder *b;
	struct tally_dir d = { .path = "", .path_len = 0 };
	struct tally_err err;

	cr_assert_eq(tally_pack_encode(&packed, e, 2, NULL), TALLY_OK);
	cr_assert_eq(tally_tree_builder_new(&b, NULL), TALLY_OK);
	cr_assert_eq(tally_tree_builder_dir(b, &d, NULL), TALLY_OK);
	cr_assert_eq(tally_pack_decode(packed.bytes, packed.len, 3, b, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_DAMAGED);
	cr_assert_eq(tally_pack_decode(packed.bytes, packed.len, 2, b, &err), TALLY_OK);
	cr_assert_eq(tally_pack_decode(NULL, 0, 0, b, &err), TALLY_OK);
	tally_tree_builder_free(b);
}

Test(pack, no_memory_is_told)
{
	struct tally_entry e = file("a");

	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_buf out;
		enum tally_status st;

		tally_buf_init(&out, 4096);
		st = tally_pack_encode(&out, &e, 1, NULL);
		cr_assert_eq(st, faults_fired(&f) ? TALLY_FATAL : TALLY_OK);
		tally_buf_release(&out);
	}
}
