/* The life of a receipt, its sums, its words for numbers, sizes and times. */
#include <criterion/criterion.h>
#include <string.h>

#include "receipt/words.h"
#include "sample.h"
#include "support/faults.h"

static struct sample s;

static void begin(void)
{
	sample_small(&s);
}

static void end(void)
{
	sample_release(&s);
}

TestSuite(receipt, .init = begin, .fini = end);

Test(receipt, balances_when_its_sums_come_out)
{
	cr_assert_eq(tally_receipt_check(s.r, NULL), TALLY_OK);
}

/* Each number of the books, moved by one, is noticed. */
Test(receipt, every_number_of_the_books_counts)
{
	uint64_t *const numbers[] = {
		&s.r->files.before,
		&s.r->files.unchanged,
		&s.r->files.moved,
		&s.r->files.added,
		&s.r->files.after,
		&s.r->files.unverified_after,
		&s.r->files.overwritten,
		&s.r->files.duplicate_removed,
		&s.r->bytes.before,
		&s.r->bytes.deleted,
		&s.r->bytes.after,
		&s.r->contents.before,
		&s.r->contents.by_fate[TALLY_FATE_MOVED],
		&s.r->content_bytes.by_fate[TALLY_FATE_SAME_PLACE],
		&s.r->verdict.changes,
		&s.r->verdict.lost,
		&s.r->verdict.review,
		&s.r->verdict.unverified,
	};
	struct tally_err err;

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		++*numbers[i];
		cr_assert_eq(tally_receipt_check(s.r, &err), TALLY_FATAL, "number %zu", i);
		cr_assert(strstr(err.message, "the books do not balance"), "%s", err.message);
		--*numbers[i];
	}
	cr_assert_eq(tally_receipt_check(s.r, &err), TALLY_OK);
}

Test(receipt, growing_files_balance_in_bytes)
{
	s.r->bytes.grown = -5;
	cr_assert_eq(tally_receipt_check(s.r, NULL), TALLY_FATAL);
	s.r->bytes.after -= 5;
	cr_assert_eq(tally_receipt_check(s.r, NULL), TALLY_OK);
}

Test(receipt, cannot_be_complete_with_unverified_rows)
{
	struct tally_err err;

	sample_gap(&s, "x", 3, TALLY_REASON_PERMISSION, TALLY_LEVEL_CONTENT);
	s.r->verdict.unverified = 1;
	cr_assert_eq(tally_receipt_check(s.r, &err), TALLY_FATAL);
	cr_assert(strstr(err.message, "complete"));
	s.r->verdict.complete = false;
	cr_assert_eq(tally_receipt_check(s.r, &err), TALLY_OK);
}

Test(receipt, an_unreadable_folder_counts_at_least_one_file)
{
	struct tally_unverified u = { .folder = true, .files = 0 };

	cr_assert_eq(tally_unverified_files(&u), 1);
	u.files = 12;
	cr_assert_eq(tally_unverified_files(&u), 12);
}

Test(receipt, differs_when_something_changed_or_was_not_seen)
{
	struct sample same, blind;

	cr_assert(tally_receipt_differs(s.r));
	sample_nothing(&same, 0);
	cr_assert_not(tally_receipt_differs(same.r));
	json_array_append_new(same.r->tables, json_object());
	cr_assert(tally_receipt_differs(same.r));
	sample_nothing(&blind, 1);
	cr_assert(tally_receipt_differs(blind.r));
	sample_release(&same);
	sample_release(&blind);
}

Test(receipt, survives_any_failed_allocation)
{
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_receipt *r = NULL;
		enum tally_status st = tally_receipt_new(&r, NULL);

		cr_assert_eq(st, faults_fired(&f) ? TALLY_FATAL : TALLY_OK);
		tally_receipt_free(r);
	}
	tally_receipt_free(NULL);
}

/* ---- words ---- */

Test(words, counts_have_separators)
{
	char out[TALLY_COUNT_MAX];

	cr_assert_str_eq(tally_words_count(out, 0), "0");
	cr_assert_str_eq(tally_words_count(out, 999), "999");
	cr_assert_str_eq(tally_words_count(out, 1000), "1,000");
	cr_assert_str_eq(tally_words_count(out, 29940), "29,940");
	cr_assert_str_eq(tally_words_count(out, UINT64_MAX), "18,446,744,073,709,551,615");
}

Test(words, sizes_are_cut_not_rounded_up)
{
	char out[TALLY_SIZE_MAX];

	cr_assert_str_eq(tally_words_size(out, 0), "0 bytes");
	cr_assert_str_eq(tally_words_size(out, 1), "1 byte");
	cr_assert_str_eq(tally_words_size(out, 999), "999 bytes");
	cr_assert_str_eq(tally_words_size(out, 1000), "1.0 KB");
	cr_assert_str_eq(tally_words_size(out, 1234567), "1.2 MB");
	cr_assert_str_eq(tally_words_size(out, 99999), "99.9 KB");
	cr_assert_str_eq(tally_words_size(out, 999999), "999 KB");
	cr_assert_str_eq(tally_words_size(out, UINT64_MAX - 1), "18.4 EB");
	cr_assert_str_eq(tally_words_size(out, TALLY_UNKNOWN), "unknown size");
}

Test(words, times_are_read_back)
{
	const int64_t times[] = { 1,          -1,        INT64_C(951782400000000000), INT64_MAX,
		                  -INT64_MAX, 999999999, INT64_C(1772619300123456789) };
	char out[TALLY_TIME_MAX];

	cr_assert_str_eq(tally_words_time(out, INT64_C(951782400000000000)),
	                 "2000-02-29T00:00:00.000000000Z");
	cr_assert_str_eq(tally_words_time(out, -1), "1969-12-31T23:59:59.999999999Z");
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		int64_t ns = 0;

		cr_assert(tally_words_time_parse(&ns, tally_words_time(out, times[i])), "%s", out);
		cr_assert_eq(ns, times[i], "%s", out);
	}
}

Test(words, times_that_are_none_are_refused)
{
	static const char *const wrong[] = { "",
		                             "2026",
		                             "2026-02-29T00:00:00.000000000Z",
		                             "2026-13-01T00:00:00.000000000Z",
		                             "2026-01-01T24:00:00.000000000Z",
		                             "2026-01-01T00:00:00.00Z",
		                             "2026-01-01T00:00:00.000000000",
		                             "2026-01-01 00:00:00.000000000Z",
		                             "2026-01-01T00:00:00.000000000Zx",
		                             "9999-01-01T00:00:00.000000000Z" };
	int64_t ns;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		cr_assert_not(tally_words_time_parse(&ns, wrong[i]), "%s", wrong[i]);
	cr_assert(tally_words_time_parse(&ns, "1970-01-01T00:00:01Z"));
	cr_assert_eq(ns, 1000000000);
}

Test(words, names_are_escaped_and_sentences_keep_their_backslashes)
{
	static const char name[] = "a\\b \xE2\x80\xAE\xFF\n";
	struct tally_buf buf;

	tally_buf_init(&buf, 1000);
	tally_words_quote(&buf, name, sizeof name - 1);
	cr_assert_str_eq(buf.bytes, "‘a\\\\b \\u{202E}\\xFF\\n’");
	tally_buf_clear(&buf);
	tally_words_safe(&buf, name, sizeof name - 1);
	cr_assert_str_eq(buf.bytes, "a\\b \\u{202E}\\xFF\\n");
	tally_buf_release(&buf);
}

Test(words, width_counts_columns)
{
	cr_assert_eq(tally_words_width("abc", 3), 3);
	cr_assert_eq(tally_words_width("日本", 6), 4);
	cr_assert_eq(tally_words_width("e\xCC\x81", 3), 1);
	cr_assert_eq(tally_words_width("", 0), 0);
}

Test(words, seconds_read_well)
{
	static const struct {
		double seconds;
		const char *text;
	} rows[] = { { 0.004, "4 ms" },         { 0, "less than 1 ms" },    { 0.34, "0.34 s" },
		     { 12.34, "12.3 s" },       { 125, "2 min 5 s" },       { 7500, "2 h 5 min" },
		     { -1, "an unknown time" }, { 1e12, "an unknown time" } };
	struct tally_buf buf;

	tally_buf_init(&buf, 1000);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		tally_buf_clear(&buf);
		tally_words_seconds(&buf, rows[i].seconds);
		cr_assert_str_eq(buf.bytes, rows[i].text);
	}
	tally_buf_release(&buf);
}
