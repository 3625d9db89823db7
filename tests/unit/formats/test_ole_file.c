/* Compound files: streams of both kinds, and files that could be read in two ways. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/mem.h"
#include "formats/ole_file.h"
#include "support/faults.h"
#include "support/ole_maker.h"

static const struct tally_limits limits = TALLY_LIMITS_INIT;

static char large[5000];

static const struct ole_part parts[] = {
	{ .name = "Workbook", .bytes = large, .len = sizeof large },
	{ .name = "Small", .bytes = "hello", .len = 5 },
	{ .name = "Folder", .storage = true },
	{ .name = "Inside", .bytes = large, .len = 100, .inside = 3 },
};

enum { WORKBOOK = 1, SMALL, FOLDER, INSIDE }; /* entries of the directory */

enum { TYPE = 66, RIGHT = 72, CHILD = 76, START = 116, SIZE = 120 };

static struct tally_buf make(void)
{
	for (size_t i = 0; i < sizeof large; i++)
		large[i] = (char)(i * 7);
	return ole_make(parts, 4);
}

struct opened {
	struct tally_source *src;
	struct tally_ole_file *file;
	enum tally_status status;
	struct tally_err err;
};

static struct opened open_bytes(const char *bytes, size_t len)
{
	struct opened o = { 0 };

	cr_assert_eq(tally_source_memory(&o.src, bytes, len, NULL), TALLY_OK);
	o.status = tally_ole_open(&o.file, o.src, &limits, &o.err);
	return o;
}

static void close_file(struct opened *o)
{
	tally_ole_close(o->file);
	tally_source_free(o->src);
}

/* Opens, and reads the stream with this path, if any. @return why not, or TALLY_REASON_NONE */
static enum tally_reason outcome(const struct tally_buf *file, size_t len, const char *path)
{
	struct opened o = open_bytes(file->bytes, len);
	const struct tally_ole_entry *entry;

	if (o.status >= 0 && path) {
		size_t n;
		char *bytes;

		entry = tally_ole_find(o.file, path);
		cr_assert(entry);
		o.status = tally_ole_stream(o.file, entry, 1 << 20, &bytes, &n, &o.err);
		tally_free(bytes);
	}
	close_file(&o);
	return o.status < 0 ? o.err.reason : TALLY_REASON_NONE;
}

static enum tally_reason outcome_of(struct tally_buf *file, const char *path)
{
	enum tally_reason reason = outcome(file, file->len, path);

	tally_buf_release(file);
	return reason;
}

static void expect_stream(struct tally_ole_file *file, const char *path, const char *want,
                          size_t want_len)
{
	const struct tally_ole_entry *entry = tally_ole_find(file, path);
	char *bytes;
	size_t len;

	cr_assert(entry && entry->stream, "%s", path);
	for (int twice = 0; twice < 2; twice++) {
		cr_assert_eq(tally_ole_stream(file, entry, 1 << 20, &bytes, &len, NULL), TALLY_OK);
		cr_assert_eq(len, want_len);
		cr_assert_arr_eq(bytes, want, len);
		tally_free(bytes);
	}
}

Test(ole_file, streams_are_found_by_path_and_read_whole)
{
	struct tally_buf made = make();
	struct opened o = open_bytes(made.bytes, made.len);

	cr_assert_eq(o.status, TALLY_OK, "%s", o.err.message);
	expect_stream(o.file, "Workbook", large, sizeof large);
	expect_stream(o.file, "WORKBOOK", large, sizeof large);
	expect_stream(o.file, "Small", "hello", 5);
	expect_stream(o.file, "folder/inside", large, 100);
	cr_expect_not(tally_ole_find(o.file, "Inside"));
	cr_expect_not(tally_ole_find(o.file, "Folder")->stream);
	cr_expect_str_eq(tally_ole_entry(o.file, 0)->path, "Folder");
	cr_expect_not(tally_ole_entry(o.file, 4));
	close_file(&o);
	tally_buf_release(&made);
}

Test(ole_file, a_stream_over_the_limit_is_not_read)
{
	struct tally_buf made = make();
	struct opened o = open_bytes(made.bytes, made.len);
	struct tally_err err = { 0 };
	char *bytes;
	size_t len;

	cr_expect_eq(tally_ole_stream(o.file, tally_ole_find(o.file, "Workbook"), 4999, &bytes,
	                              &len, &err),
	             TALLY_SKIP);
	cr_expect_eq(err.reason, TALLY_REASON_TOO_LARGE);
	close_file(&o);
	tally_buf_release(&made);
}

Test(ole_file, more_sectors_than_one_table_tells)
{
	size_t len = 200000;
	char *bytes = tally_alloc_zero(len, 1);
	struct ole_part part = { .name = "Book", .bytes = bytes, .len = len };
	struct tally_buf made;
	struct opened o;

	memset(bytes, 'x', len);
	made = ole_make(&part, 1);
	o = open_bytes(made.bytes, made.len);
	cr_assert_eq(o.status, TALLY_OK, "%s", o.err.message);
	expect_stream(o.file, "Book", bytes, len);
	close_file(&o);
	tally_buf_release(&made);
	tally_free(bytes);
}

static uint32_t start_of(const struct tally_buf *made, size_t entry)
{
	return (unsigned char)made->bytes[ole_entry_at(made, entry) + START];
}

Test(ole_file, a_chain_that_is_a_ring_is_damage)
{
	struct tally_buf made = make();
	uint32_t start = start_of(&made, WORKBOOK);

	ole_set_u32(&made, OLE_TABLE + 4 * (start + 1), start);
	cr_expect_eq(outcome_of(&made, "Workbook"), TALLY_REASON_DAMAGED);
}

Test(ole_file, a_ring_in_the_directory_ends)
{
	struct tally_buf made = make();

	ole_set_u32(&made, OLE_TABLE + 4 * 2, 1); /* its second sector: the first */
	cr_expect_eq(outcome_of(&made, NULL), TALLY_REASON_DAMAGED);
}

Test(ole_file, a_chain_that_leads_out_of_the_file_is_damage)
{
	static const uint32_t out[] = { 0x7fffffff, 0xfffffffe, 0xffffffff, 100 };

	for (size_t i = 0; i < sizeof out / sizeof *out; i++) {
		struct tally_buf made = make();

		ole_set_u32(&made, OLE_TABLE + 4 * start_of(&made, WORKBOOK), out[i]);
		cr_expect_eq(outcome_of(&made, "Workbook"), TALLY_REASON_DAMAGED);
	}
}

Test(ole_file, sectors_of_two_streams_are_ambiguous)
{
	struct tally_buf made = make();

	/* the stream begins in the sectors of the directory */
	ole_set_u32(&made, ole_entry_at(&made, WORKBOOK) + START, 1);
	cr_expect_eq(outcome_of(&made, "Workbook"), TALLY_REASON_AMBIGUOUS_CONTAINER);
}

Test(ole_file, an_entry_at_two_places_is_ambiguous)
{
	struct tally_buf made = make();

	ole_set_u32(&made, ole_entry_at(&made, FOLDER) + CHILD, WORKBOOK);
	cr_expect_eq(outcome_of(&made, NULL), TALLY_REASON_AMBIGUOUS_CONTAINER);
	made = make();
	ole_set_u32(&made, ole_entry_at(&made, INSIDE) + RIGHT, INSIDE);
	cr_expect_eq(outcome_of(&made, NULL), TALLY_REASON_AMBIGUOUS_CONTAINER);
}

Test(ole_file, two_entries_of_one_name_are_ambiguous)
{
	const struct ole_part twins[] = {
		{ .name = "Workbook", .bytes = "a", .len = 1 },
		{ .name = "WORKBOOK", .bytes = "b", .len = 1 },
	};
	struct tally_buf made = ole_make(twins, 2);

	cr_expect_eq(outcome_of(&made, NULL), TALLY_REASON_AMBIGUOUS_CONTAINER);
}

Test(ole_file, an_entry_that_is_missing_is_damage)
{
	struct tally_buf made = make();

	ole_set_u32(&made, ole_entry_at(&made, FOLDER) + CHILD, 1000);
	cr_expect_eq(outcome_of(&made, NULL), TALLY_REASON_DAMAGED);
	made = make();
	made.bytes[ole_entry_at(&made, SMALL) + TYPE] = 0;
	cr_expect_eq(outcome_of(&made, NULL), TALLY_REASON_DAMAGED);
}

Test(ole_file, a_stream_larger_than_the_file_is_damage)
{
	struct tally_buf made = make();

	ole_set_u32(&made, ole_entry_at(&made, WORKBOOK) + SIZE, 0xfffffff0);
	cr_expect_eq(outcome_of(&made, "Workbook"), TALLY_REASON_DAMAGED);
}

Test(ole_file, more_tables_than_it_says_are_ambiguous)
{
	struct tally_buf made = make();

	ole_set_u32(&made, 80, 3);
	cr_expect_eq(outcome_of(&made, NULL), TALLY_REASON_AMBIGUOUS_CONTAINER);
}

Test(ole_file, tables_without_number_are_no_work)
{
	struct tally_buf made = make();

	ole_set_u32(&made, 44, 0xffffffff);
	cr_expect_eq(outcome_of(&made, NULL), TALLY_REASON_DAMAGED);
}

Test(ole_file, cut_anywhere_it_is_damaged_or_whole)
{
	struct tally_buf made = make();

	for (size_t len = 0; len < made.len; len += 37) {
		enum tally_reason reason = outcome(&made, len, NULL);

		cr_expect(reason == TALLY_REASON_DAMAGED || reason == TALLY_REASON_NONE, "%zu", len);
		if (reason == TALLY_REASON_NONE)
			cr_expect_eq(outcome(&made, len, "Workbook"),
			             len < made.len - 120 ? TALLY_REASON_DAMAGED : TALLY_REASON_NONE,
			             "%zu", len);
	}
	tally_buf_release(&made);
}

Test(ole_file, without_memory_it_says_so)
{
	struct tally_buf made = make();
	struct tally_source *src;

	cr_assert_eq(tally_source_memory(&src, made.bytes, made.len, NULL), TALLY_OK);
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_ole_file *file = NULL;
		enum tally_status st = tally_ole_open(&file, src, &limits, NULL);
		char *bytes = NULL;
		size_t len;

		if (st >= 0)
			st = tally_ole_stream(file, tally_ole_find(file, "Workbook"), 1 << 20,
			                      &bytes, &len, NULL);
		if (faults_fired(&f))
			cr_assert_lt(st, TALLY_PARTIAL, "allocation %ld", f.nth);
		else
			cr_assert_eq(st, TALLY_OK);
		tally_free(bytes);
		tally_ole_close(file);
	}
	tally_source_free(src);
	tally_buf_release(&made);
}
