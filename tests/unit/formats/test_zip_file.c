#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "formats/unzip.h"
#include "formats/zip_file.h"
#include "support/faults.h"
#include "support/zip_maker.h"

enum { LARGE = 3 << 20 };

static struct tally_limits limits;
static struct tally_err err;
static struct zip_maker z;
static struct tally_source *src;
static struct tally_zip *zip;

static void begin(void)
{
	limits = (struct tally_limits)TALLY_LIMITS_INIT;
	err = (struct tally_err){ 0 };
}

static void end(void)
{
	tally_zip_free(zip);
	tally_source_free(src);
	zip_release(&z);
	zip = NULL;
	src = NULL;
}

TestSuite(zip_file, .init = begin, .fini = end);

static enum tally_status open_bytes(void)
{
	cr_assert_eq(tally_source_memory(&src, z.bytes.bytes, z.bytes.len, &err), TALLY_OK);
	return tally_zip_open(&zip, src, &limits, &err);
}

static void open_made(void)
{
	zip_finish(&z, &(struct zip_end){ 0 });
	cr_assert_eq(open_bytes(), TALLY_OK, "%s", err.message);
}

static const struct tally_zip_member *part(const char *name)
{
	const struct tally_zip_member *out;

	cr_assert_eq(tally_zip_part(&out, zip, name, &err), TALLY_OK, "%s", name);
	return out;
}

/* the end of a part that is read to its end, and its bytes */
static enum tally_status stream(const struct tally_zip_member *p, uint64_t *bytes)
{
	enum tally_status st = tally_zip_begin(zip, p, &err);
	const void *at;
	size_t len;

	*bytes = 0;
	while (st == TALLY_OK && (st = tally_zip_next(zip, &at, &len, &err)) == TALLY_OK)
		*bytes += len;
	return st;
}

Test(zip_file, parts_are_found_by_name)
{
	const struct tally_zip_member *out;

	zip_add(&z, &(struct zip_part){ .name = "[Content_Types].xml", .content = "<Types/>" });
	zip_add(&z, &(struct zip_part){ .name = "xl/workbook.xml", .content = "<workbook/>" });
	open_made();
	cr_assert_eq(part("xl/workbook.xml")->size, 11);
	cr_assert_eq(part("XL/Workbook.xml"), part("xl/workbook.xml"));
	cr_assert_null(tally_zip_directory_find(tally_zip_members(zip), "XL/Workbook.xml"));
	cr_assert_eq(tally_zip_part(&out, zip, "xl/workbook.xm", &err), TALLY_END);
	cr_assert_eq(tally_zip_part(&out, zip, "", &err), TALLY_END);
	cr_assert_eq(tally_zip_members(zip)->count, 2);
}

Test(zip_file, two_parts_that_differ_in_letter_case_are_ambiguous)
{
	const struct tally_zip_member *out;

	zip_add(&z, &(struct zip_part){ .name = "word/document.xml", .content = "1" });
	zip_add(&z, &(struct zip_part){ .name = "word/Document.xml", .content = "2" });
	open_made();
	cr_assert_eq(tally_zip_part(&out, zip, "word/document.xml", &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_AMBIGUOUS_CONTAINER);
	cr_assert_not_null(tally_zip_directory_find(tally_zip_members(zip), "word/document.xml"));
}

Test(zip_file, zip_that_can_be_read_in_two_ways_is_not_opened)
{
	zip_add(&z, &(struct zip_part){ .name = "a", .content = "1" });
	zip_add(&z, &(struct zip_part){ .name = "a", .content = "2" });
	zip_finish(&z, &(struct zip_end){ 0 });
	cr_assert_eq(open_bytes(), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_AMBIGUOUS_CONTAINER);
}

Test(zip_file, parts_are_found_among_many)
{
	char name[64];

	for (int i = 0; i < 20000; i++) {
		snprintf(name, sizeof name, "part%d.xml", i * 7);
		zip_add(&z, &(struct zip_part){ .name = name });
	}
	open_made();
	for (int i = 0; i < 140000; i++) {
		const struct tally_zip_member *out;

		snprintf(name, sizeof name, "PART%d.xml", i);
		cr_assert_eq(tally_zip_part(&out, zip, name, &err), i % 7 ? TALLY_END : TALLY_OK);
	}
}

Test(zip_file, parts_stream_in_any_order_and_more_than_once)
{
	char *large = calloc(1, LARGE);
	const void *bytes;
	size_t len;
	uint64_t n;

	memset(large, 'x', LARGE);
	zip_add(&z,
	        &(struct zip_part){ .name = "large", .content = large, .len = LARGE, .method = 8 });
	zip_add(&z, &(struct zip_part){ .name = "small", .content = "hello", .method = 8 });
	zip_add(&z, &(struct zip_part){ .name = "none", .content = "" });
	open_made();
	cr_assert_eq(stream(part("small"), &n), TALLY_END);
	cr_assert_eq(n, 5);
	/* left in the middle */
	cr_assert_eq(tally_zip_begin(zip, part("large"), &err), TALLY_OK);
	cr_assert_eq(tally_zip_next(zip, &bytes, &len, &err), TALLY_OK);
	cr_assert_lt(len, LARGE);
	cr_assert_eq(stream(part("small"), &n), TALLY_END);
	cr_assert_eq(n, 5);
	cr_assert_eq(stream(part("large"), &n), TALLY_END);
	cr_assert_eq(n, LARGE);
	cr_assert_eq(stream(part("none"), &n), TALLY_END);
	cr_assert_eq(n, 0);
	/* behind the end there is nothing more */
	cr_assert_eq(tally_zip_next(zip, &bytes, &len, &err), TALLY_END);
	free(large);
}

Test(zip_file, wrong_checksums_and_sizes_are_damage)
{
	uint64_t n;

	zip_add(&z,
	        &(struct zip_part){ .name = "crc", .content = "hello", .method = 8, .crc_off = 1 });
	zip_add(&z,
	        &(struct zip_part){ .name = "less", .content = "hello", .method = 8, .size_off = 1 });
	zip_add(&z,
	        &(struct zip_part){
			.name = "more", .content = "hello", .method = 8, .size_off = UINT32_MAX });
	zip_add(&z, &(struct zip_part){ .name = "odd", .content = "hello", .method = 77 });
	zip_add(&z, &(struct zip_part){ .name = "secret", .content = "hello", .flags = 1 });
	zip_add(&z, &(struct zip_part){ .name = "good", .content = "hello", .method = 8 });
	open_made();
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(stream(part("crc"), &n), TALLY_SKIP);
		cr_assert_eq(err.reason, TALLY_REASON_DAMAGED);
		cr_assert(strstr(err.message, "'crc'"));
		cr_assert_eq(stream(part("less"), &n), TALLY_SKIP);
		cr_assert_eq(err.reason, TALLY_REASON_DAMAGED);
		cr_assert_eq(stream(part("more"), &n), TALLY_SKIP);
		cr_assert_eq(err.reason, TALLY_REASON_DAMAGED);
		cr_assert_eq(stream(part("odd"), &n), TALLY_SKIP);
		cr_assert_eq(err.reason, TALLY_REASON_FORMAT_UNKNOWN);
		cr_assert_eq(stream(part("secret"), &n), TALLY_SKIP);
		cr_assert_eq(err.reason, TALLY_REASON_ENCRYPTED);
		cr_assert_eq(stream(part("good"), &n), TALLY_END);
	}
}

/* what a part does not announce is not unpacked: a bomb that calls itself small costs a portion */
Test(zip_file, part_that_holds_more_than_it_says_ends_at_once)
{
	char *large = calloc(1, LARGE);
	uint64_t n;

	zip_add(&z, &(struct zip_part){ .name = "bomb",
	                                .content = large,
	                                .len = LARGE,
	                                .method = 8,
	                                .size_off = (uint32_t)(10 - LARGE) });
	open_made();
	cr_assert_eq(part("bomb")->size, 10);
	cr_assert_eq(stream(part("bomb"), &n), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_DAMAGED);
	cr_assert_leq(n, 10);
	free(large);
}

Test(zip_file, all_parts_together_keep_to_the_limit)
{
	uint64_t n;

	limits.archive_bytes = 12;
	zip_add(&z, &(struct zip_part){ .name = "a", .content = "hello" });
	zip_add(&z, &(struct zip_part){ .name = "b", .content = "world" });
	open_made();
	cr_assert_eq(stream(part("a"), &n), TALLY_END);
	cr_assert_eq(stream(part("b"), &n), TALLY_END);
	cr_assert_eq(stream(part("a"), &n), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_LIMIT);
	cr_assert(strstr(err.message, "archive_bytes"));
}

Test(zip_file, bombs_are_told_by_their_ratio)
{
	limits.archive_ratio = 10;
	cr_assert_null(tally_unpack_limit(&limits, UINT64_C(64) << 20, 1));
	cr_assert_str_eq(tally_unpack_limit(&limits, UINT64_C(65) << 20, 1 << 20), "archive_ratio");
	cr_assert_null(tally_unpack_limit(&limits, UINT64_C(65) << 20, 8 << 20));
	cr_assert_str_eq(tally_unpack_limit(&limits, UINT64_MAX, 0), "archive_bytes");
}

Test(zip_file, part_is_loaded_with_zeros_behind_it)
{
	char *bytes = NULL;
	size_t len;

	zip_add(&z, &(struct zip_part){ .name = "a", .content = "hello", .method = 8 });
	zip_add(&z, &(struct zip_part){ .name = "bad", .content = "hello", .crc_off = 1 });
	open_made();
	cr_assert_eq(tally_zip_load(zip, part("a"), 5, 64, &bytes, &len, &err), TALLY_OK);
	cr_assert_eq(len, 5);
	cr_assert_eq(memcmp(bytes, "hello\0\0\0", 8), 0);
	for (size_t i = 5; i < 5 + 64; i++)
		cr_assert_eq(bytes[i], 0);
	tally_free(bytes);
	cr_assert_eq(tally_zip_load(zip, part("a"), 4, 0, &bytes, &len, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_LIMIT);
	cr_assert_eq(tally_zip_load(zip, part("bad"), 100, 0, &bytes, &len, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_DAMAGED);
	cr_assert_null(bytes);
}

Test(zip_file, says_when_memory_is_short)
{
	zip_add(&z, &(struct zip_part){ .name = "a", .content = "hello", .method = 8 });
	zip_finish(&z, &(struct zip_end){ 0 });
	cr_assert_eq(tally_source_memory(&src, z.bytes.bytes, z.bytes.len, &err), TALLY_OK);
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		char *bytes = NULL;
		size_t len;
		enum tally_status st = tally_zip_open(&zip, src, &limits, &err);

		if (st == TALLY_OK)
			st = tally_zip_load(zip, part("a"), 100, 8, &bytes, &len, &err);
		if (faults_fired(&f))
			cr_assert_eq(st, TALLY_FATAL, "allocation %ld", f.nth);
		else
			cr_assert_eq(st, TALLY_OK);
		tally_free(bytes);
		tally_zip_free(zip);
		zip = NULL;
	}
}
