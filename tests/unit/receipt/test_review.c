/* The review list: each rule fires where docs/REVIEW.md says, and only there; ranking, merging, the verdict. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "receipt/review.h"
#include "sample.h"
#include "support/faults.h"
#include "support/scratch.h"
#include "support/source_tree.h"

static struct sample s;

static void begin(void)
{
	sample_begin(&s, 100);
}

static void end(void)
{
	sample_release(&s);
}

TestSuite(review, .init = begin, .fini = end);

static const struct tally_review_item *item(const char *rule)
{
	for (size_t i = 0; i < s.r->review_count; i++)
		if (!strcmp(s.r->review[i].rule, rule))
			return &s.r->review[i];
	return NULL;
}

static size_t items(const char *rule)
{
	size_t n = 0;

	for (size_t i = 0; i < s.r->review_count; i++)
		n += !strcmp(s.r->review[i].rule, rule);
	return n;
}

#define FIRES(rule, level, words)                                                     \
	do {                                                                          \
		const struct tally_review_item *found = item(rule);                   \
                                                                                      \
		cr_assert(found, "%s does not fire", rule);                           \
		cr_assert_eq(found->severity, TALLY_SEVERITY_##level, "%s: %s", rule, \
		             tally_severity_name(found->severity));                   \
		cr_assert_str_eq(found->what, words);                                 \
		cr_assert_str_neq(found->why, "");                                    \
	} while (0)

#define SILENT(rule) cr_assert_not(item(rule), "%s fires: %s", rule, item(rule)->what)

static struct tally_receipt_change *lost(const char *path)
{
	struct tally_receipt_change *c = sample_add(&s, TALLY_CHANGE_DELETED, path);

	c->fate = TALLY_FATE_LOST;
	return c;
}

/* A worker may send what it likes: the sentence holds its beginning, and the run goes on. */
Test(review, a_text_of_megabytes_is_cut_in_a_sentence)
{
	enum { LONG = 3 << 20 };
	struct tally_err err = { 0 };
	char *text = malloc(LONG + 1);

	cr_assert(text);
	memset(text, 'A', LONG);
	text[LONG] = '\0';
	json_array_append_new(
		s.r->documents,
		json_pack("{s:s, s:[{s:s, s:{s:s}, s:i, s:[{s:s, s:s}], s:[{s:s, s:s, s:s}], s:{s:i}}]}",
	                  "path", "a.docx", "edits", "kind", "edited", "where", "area", "body",
	                  "block", 7, "spans", "op", "equal", "text", "x", "numbers", "old", "5",
	                  "new", text, "what", "number", "numbers_left_out", "number", 41));
	free(text);
	cr_assert_eq(tally_receipt_review(s.r, &err), TALLY_OK, "%s", err.message);
	cr_assert_eq(items("text_amount"), 1);
	cr_expect(strlen(item("text_amount")->what) < 1 << 17);
	cr_expect(strstr(item("text_amount")->what, "AAA\u2019 … and 41 more"));
	cr_expect_eq(item("text_amount")->how_many, 42);
}

/* ---- files ---- */

Test(review, content_lost)
{
	lost("a.txt");
	lost("b \xE2\x80\xAE.txt")->flags = TALLY_CHANGE_KEPT;
	sample_add(&s, TALLY_CHANGE_DELETED, "c.txt")->fate = TALLY_FATE_INSIDE_ARCHIVE;
	sample_end(&s);
	cr_assert_eq(items("content_lost"), 2);
	FIRES("content_lost", HIGH,
	      "‘a.txt’ (34.5 KB) was deleted, and its content is nowhere any more; no copy was kept");
	cr_assert(strstr(s.r->review[1].what, "‘b \\u{202E}.txt’"));
	cr_assert(strstr(s.r->review[1].what, "the before snapshot keeps a copy"));
}

Test(review, many_of_one_rule_are_merged_with_the_largest_as_examples)
{
	char path[32];

	for (int i = 0; i < 9; i++) {
		snprintf(path, sizeof path, "f%d", i);
		lost(path)->bytes_before = (uint64_t)(i * 37 % 10) * 1000;
	}
	sample_end(&s);
	cr_assert_eq(items("content_lost"), 1);
	FIRES("content_lost", HIGH,
	      "9 files were deleted, and their contents are nowhere any more (42.0 KB): ‘f7’, ‘f4’, "
	      "‘f1’ and 6 more");
	cr_assert_eq(item("content_lost")->how_many, 9);
	cr_assert_null(item("content_lost")->path.bytes);
}

Test(review, folder_lost_stands_for_its_files)
{
	for (int i = 0; i < 5; i++)
		lost(i == 0 ? "d/0" : i == 1 ? "d/1" : i == 2 ? "d/2" : i == 3 ? "d/3" : "d/4");
	s.r->changes[4].fate = TALLY_FATE_COPY_ELSEWHERE;
	sample_fold(&s, TALLY_FOLD_DELETED, NULL, "d", 0, 5);
	sample_end(&s);
	FIRES("folder_lost", HIGH,
	      "The folder ‘d’ was deleted with 5 files; the contents of 4 of them are nowhere any more "
	      "(138 KB)");
	cr_assert_eq(item("folder_lost")->how_many, 4);
	SILENT("content_lost");
}

Test(review, a_deleted_folder_whose_contents_live_on_is_no_finding)
{
	sample_add(&s, TALLY_CHANGE_DELETED, "d/0")->fate = TALLY_FATE_COPY_ELSEWHERE;
	sample_fold(&s, TALLY_FOLD_DELETED, NULL, "d", 0, 1);
	sample_end(&s);
	SILENT("folder_lost");
}

Test(review, moved_then_lost)
{
	struct tally_receipt_fold *f;
	static size_t exceptions[] = { 0 };

	lost("inbox/c.pdf");
	sample_from(&s, TALLY_CHANGE_MOVED, "inbox/a.pdf", "new/a.pdf");
	sample_from(&s, TALLY_CHANGE_MOVED, "inbox/b.pdf", "new/b.pdf");
	f = sample_fold(&s, TALLY_FOLD_MOVED, "inbox", "new", 1, 2);
	f->exceptions = exceptions;
	f->exception_count = 1;
	sample_end(&s);
	FIRES("moved_then_lost", HIGH,
	      "The files of ‘inbox’ went to ‘new’, but 1 of them did not arrive and is nowhere any "
	      "more: ‘inbox/c.pdf’");
	SILENT("content_lost");
}

Test(review, overwritten_by_fate)
{
	sample_overwrote(&s, sample_from(&s, TALLY_CHANGE_MOVED, "draft", "final"), TALLY_FATE_LOST);
	sample_end(&s);
	FIRES("overwritten", HIGH,
	      "‘draft’ was moved over ‘final’ (69.1 KB), whose content is nowhere any more");
}

Test(review, overwritten_while_the_content_lives_on_is_low)
{
	struct tally_receipt_change *c = sample_from(&s, TALLY_CHANGE_COPIED, "draft", "final");

	sample_overwrote(&s, c, TALLY_FATE_COPY_ELSEWHERE);
	sample_place(&s, &c->overwrote->survives_at, "backup/final", NULL);
	sample_end(&s);
	FIRES("overwritten", LOW,
	      "‘draft’ was copied over ‘final’ (69.1 KB), whose content is still there at "
	      "‘backup/final’");
}

Test(review, hollowed_file_each_way)
{
	static const struct {
		unsigned flags;
		uint64_t after;
		enum tally_severity severity;
		const char *words;
	} rows[] = {
		{ TALLY_CHANGE_EMPTIED, 0, TALLY_SEVERITY_HIGH, "was emptied" },
		{ TALLY_CHANGE_TRUNCATED, 30000, TALLY_SEVERITY_HIGH, "was cut short" },
		{ TALLY_CHANGE_NUL_TAIL, SAMPLE_SIZE, TALLY_SEVERITY_HIGH, "ends in NUL bytes" },
		{ 0, SAMPLE_SIZE / 20, TALLY_SEVERITY_MEDIUM, "was replaced by something tiny" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct tally_receipt_change *c;

		if (i > 0) {
			end();
			begin();
		}
		c = sample_add(&s, TALLY_CHANGE_MODIFIED, "x");
		c->flags = rows[i].flags;
		c->bytes_after = rows[i].after;
		sample_end(&s);
		cr_assert(item("hollowed_file"), "%s", rows[i].words);
		cr_assert_eq(item("hollowed_file")->severity, rows[i].severity);
		cr_assert(strstr(item("hollowed_file")->what, rows[i].words));
	}
}

Test(review, a_file_that_only_shrank_is_not_hollow)
{
	sample_add(&s, TALLY_CHANGE_MODIFIED, "x")->bytes_after = SAMPLE_SIZE / 20 + 1;
	sample_add(&s, TALLY_CHANGE_MODIFIED, "y")->bytes_before = 1000;
	s.r->changes[1].bytes_after = 10;
	sample_end(&s);
	SILENT("hollowed_file");
}

Test(review, hollowed_with_the_old_content_elsewhere_is_low)
{
	struct tally_receipt_change *c = sample_add(&s, TALLY_CHANGE_MODIFIED, "x");

	c->flags = TALLY_CHANGE_EMPTIED;
	c->bytes_after = 0;
	sample_place(&s, &c->survives_at, "backup.zip", "x");
	sample_end(&s);
	FIRES("hollowed_file", LOW,
	      "‘x’ was emptied (34.5 KB → 0 bytes); the old content is still there at ‘x’ inside "
	      "‘backup.zip’");
	cr_assert_str_eq(s.r->verdict.text, "Nothing was lost; everything was read and compared.");
}

Test(review, silent_edit)
{
	sample_add(&s, TALLY_CHANGE_MODIFIED, "x")->flags = TALLY_CHANGE_SILENT;
	sample_end(&s);
	FIRES("silent_edit", HIGH, "‘x’ holds other content under the same size and times");
}

static void duplicates(int count)
{
	char path[32];

	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof path, "f%03d", i);
		sample_add(&s, TALLY_CHANGE_DUPLICATE_REMOVED, path);
	}
}

Test(review, many_deletions_at_a_tenth_and_at_half)
{
	s.unchanged = 180;
	duplicates(20);
	sample_end(&s);
	FIRES("many_deletions", MEDIUM,
	      "20 of 200 files (10 %) were deleted, 20 of them duplicates of files that are still "
	      "there");
	end();
	begin();
	s.unchanged = 10;
	duplicates(10);
	sample_end(&s);
	cr_assert_eq(item("many_deletions")->severity, TALLY_SEVERITY_HIGH);
}

Test(review, fewer_deletions_are_no_finding)
{
	s.unchanged = 181;
	duplicates(20);
	sample_end(&s);
	SILENT("many_deletions");
	end();
	begin();
	s.unchanged = 81;
	duplicates(19);
	sample_end(&s);
	SILENT("many_deletions");
	end();
	begin();
	s.unchanged = 0;
	duplicates(9);
	sample_end(&s);
	SILENT("many_deletions");
}

Test(review, deleted_unproven)
{
	sample_add(&s, TALLY_CHANGE_DELETED, "x")->fate = TALLY_FATE_UNPROVEN;
	sample_end(&s);
	cr_assert_eq(item("deleted_unproven")->severity, TALLY_SEVERITY_MEDIUM);
	SILENT("content_lost");
	cr_assert(strstr(s.r->verdict.text, "Nothing is known to be lost"));
}

Test(review, type_changed_is_high_only_with_a_loss)
{
	struct tally_receipt_change *c = sample_add(&s, TALLY_CHANGE_TYPE_CHANGED, "x");

	c->old_type = TALLY_TYPE_DIR;
	c->type = TALLY_TYPE_SYMLINK;
	c->bytes_before = c->bytes_after = TALLY_UNKNOWN;
	sample_end(&s);
	FIRES("type_changed", MEDIUM, "‘x’ was a folder and is a link now");
	end();
	begin();
	c = sample_add(&s, TALLY_CHANGE_TYPE_CHANGED, "x");
	c->old_type = TALLY_TYPE_FILE;
	c->type = TALLY_TYPE_SYMLINK;
	c->fate = TALLY_FATE_LOST;
	sample_end(&s);
	FIRES("type_changed", HIGH,
	      "‘x’ was a file (34.5 KB) and is a link now; its content is nowhere any more");
}

Test(review, link_leaves_root)
{
	struct tally_receipt_change *c = sample_add(&s, TALLY_CHANGE_LINK_RETARGETED, "l");

	c->type = TALLY_TYPE_SYMLINK;
	c->link_old = sample_name(&s, "a");
	c->link_new = sample_name(&s, "/etc");
	c->flags = TALLY_CHANGE_LEAVES_ROOT;
	sample_end(&s);
	FIRES("link_leaves_root", MEDIUM,
	      "The link ‘l’ leads out of the folder now, to ‘/etc’; before, it led to ‘a’");
}

Test(review, mode_widened)
{
	struct tally_receipt_change *c = sample_add(&s, TALLY_CHANGE_METADATA, "a");

	sample_field(&s, c, "mode", "0644", "0666");
	sample_field(&s, sample_add(&s, TALLY_CHANGE_METADATA, "b"), "mode", "0666", "0600");
	sample_end(&s);
	cr_assert_eq(items("mode_widened"), 1);
	FIRES("mode_widened", MEDIUM, "‘a’ can now be changed by everybody (mode 0644 → 0666)");
	end();
	begin();
	sample_field(&s, sample_add(&s, TALLY_CHANGE_METADATA, "a"), "mode", "0644", "0755");
	sample_end(&s);
	FIRES("mode_widened", LOW, "‘a’ can now be run as a program (mode 0644 → 0755)");
}

Test(review, ambiguous_moves)
{
	sample_from(&s, TALLY_CHANGE_MOVED, "a", "x")->group = 1;
	sample_from(&s, TALLY_CHANGE_MOVED, "b", "y")->group = 1;
	sample_end(&s);
	cr_assert_eq(item("ambiguous_moves")->severity, TALLY_SEVERITY_LOW);
	cr_assert_eq(item("ambiguous_moves")->how_many, 2);
}

/* ---- what could not be seen ---- */

Test(review, became_unreadable_and_unverified_content)
{
	sample_gap(&s, "a", TALLY_ON_AFTER, TALLY_REASON_PERMISSION, TALLY_LEVEL_CONTENT);
	sample_gap(&s, "b", 3, TALLY_REASON_PERMISSION, TALLY_LEVEL_CONTENT);
	sample_gap(&s, "c", TALLY_ON_AFTER, TALLY_REASON_EXCLUDED, TALLY_LEVEL_CONTENT);
	sample_end(&s);
	cr_assert_eq(items("became_unreadable"), 2);
	FIRES("became_unreadable", HIGH, "‘a’ cannot be read any more (no permission to read it)");
	FIRES("unverified_content", MEDIUM, "‘b’ could not be verified (no permission to read it)");
}

Test(review, unverified_folders_count_their_files)
{
	struct tally_unverified *u = sample_gap(&s, "d", 3, TALLY_REASON_PERMISSION,
	                                        TALLY_LEVEL_CONTENT);

	u->folder = true;
	u->files = 12;
	sample_end(&s);
	FIRES("unverified_content", MEDIUM,
	      "The folder ‘d’ with 12 files could not be verified (no permission to read it)");
	cr_assert_eq(item("unverified_content")->how_many, 12);
	cr_assert(strstr(s.r->verdict.text, "12 files and 1 folder could not be read"));
}

Test(review, parts_of_one_file_are_one_file)
{
	sample_add(&s, TALLY_CHANGE_MODIFIED, "book.ods");
	sample_gap(&s, "book.ods", 3, TALLY_REASON_LIMIT, TALLY_LEVEL_PART)->part = "Sheet 1";
	sample_gap(&s, "book.ods", 3, TALLY_REASON_LIMIT, TALLY_LEVEL_PART)->part = "Sheet 2";
	sample_end(&s);
	FIRES("unread_meaning", LOW,
	      "‘book.ods’ differs in its bytes, and what it says was not compared (a limit was "
	      "reached)");
	cr_assert_str_eq(s.r->verdict.text,
	                 "Nothing is known to be lost; what 1 changed file says was not compared.");
}

Test(review, a_name_that_says_another_format_leaves_nothing_unknown)
{
	sample_gap(&s, "b.docx", 2, TALLY_REASON_FORMAT_MISMATCH, TALLY_LEVEL_PART)->detail = "it is a PDF";
	sample_end(&s);
	FIRES("name_misleads", LOW,
	      "‘b.docx’ was compared as what it is, which is not what its name says (its name and "
	      "its content disagree)");
	cr_assert_eq(items("unread_meaning"), 0);
	cr_assert_null(strstr(s.r->verdict.text, "not compared"), "%s", s.r->verdict.text);
}

Test(review, archives_and_suspicious_files_weigh_more)
{
	sample_gap(&s, "a.ZIP", 3, TALLY_REASON_ENCRYPTED, TALLY_LEVEL_MODEL);
	sample_gap(&s, "b.csv", 3, TALLY_REASON_FORMAT_MISMATCH, TALLY_LEVEL_MODEL);
	sample_gap(&s, "c.bin", 3, TALLY_REASON_FORMAT_UNKNOWN, TALLY_LEVEL_MODEL);
	sample_end(&s);
	FIRES("unverified_archive", MEDIUM, "‘a.ZIP’ could not be looked into (encrypted)");
	cr_assert_eq(items("unread_meaning"), 2);
	cr_assert_eq(item("unread_meaning")->severity, TALLY_SEVERITY_MEDIUM);
}

Test(review, stat_only)
{
	sample_gap(&s, "", TALLY_ON_AFTER, TALLY_REASON_STAT_ONLY, TALLY_LEVEL_CONTENT)->files = 90;
	s.r->after.stat = 90;
	sample_end(&s);
	FIRES("stat_only", MEDIUM,
	      "90 files were believed for size and times, not read; 'tally after --again' reads them");
	SILENT("unverified_content");
	cr_assert_str_eq(s.r->verdict.text,
	                 "No change to be seen, but 90 files were believed for "
	                 "size and times, not read ('tally after --again' reads them).");
	cr_assert_not(s.r->verdict.complete);
}

Test(review, excluded_entries_weigh_more_when_the_patterns_changed)
{
	s.r->excluded[s.r->excluded_count++] = (struct tally_excluded){ "*.o", "--exclude", 3 };
	s.r->excluded[s.r->excluded_count++] = (struct tally_excluded){ "*.x", "--exclude", 0 };
	sample_end(&s);
	FIRES("excluded_entries", LOW, "3 entries are left out by 1 pattern, with all that is below");
	cr_assert_str_eq(s.r->verdict.text, "Nothing changed: all 100 files were read and are as they "
	                                    "were; 3 entries were excluded and not looked at.");
	end();
	begin();
	sample_add(&s, TALLY_CHANGE_MODIFIED, "a/.tallyignore");
	s.r->excluded[s.r->excluded_count++] = (struct tally_excluded){ "*", "a/.tallyignore", 3 };
	sample_end(&s);
	cr_assert_eq(item("excluded_entries")->severity, TALLY_SEVERITY_MEDIUM);
}

/* ---- the run ---- */

Test(review, command_failed)
{
	static const char *const argv[] = { "make" };
	struct tally_receipt_command c = { .argv = argv, .argc = 1, .exit_status = 2 };

	s.r->command = &c;
	sample_add(&s, TALLY_CHANGE_ADDED, "x");
	sample_end(&s);
	FIRES("command_failed", MEDIUM, "The command ‘make’ failed with exit status 2");
}

Test(review, nothing_changed_is_told_when_there_was_a_task)
{
	s.r->task = "do it";
	sample_end(&s);
	FIRES("nothing_changed", MEDIUM, "The task was ‘do it’, but nothing changed");
	end();
	begin();
	sample_end(&s);
	cr_assert_eq(s.r->review_count, 0);
}

/* ---- tables ---- */

#define TABLE(fields) sample_table(&s, "{\"path\": \"t.csv\", " fields "}")

Test(review, rows_deleted_by_share)
{
	TABLE("\"rows\": {\"before\": 100, \"deleted\": 9, \"after\": 91}, \"row_changes\": "
	      "[{\"kind\": \"deleted\", \"row_before\": 4, \"key\": [\"K1\"]}, "
	      "{\"kind\": \"deleted\", \"row_before\": 5, \"key\": null}]");
	sample_end(&s);
	FIRES("rows_deleted", MEDIUM, "9 of 100 rows were deleted from ‘t.csv’: ‘K1’, row 5 …");
	cr_assert_str_eq(s.r->verdict.text, "No file is lost, but in ‘t.csv’ 9 rows were deleted; "
	                                    "everything else was read and compared.");
	end();
	begin();
	TABLE("\"rows\": {\"before\": 100, \"deleted\": 10, \"after\": 90}");
	sample_end(&s);
	cr_assert_eq(item("rows_deleted")->severity, TALLY_SEVERITY_HIGH);
}

Test(review, rows_that_are_still_there_weigh_less)
{
	TABLE("\"rows\": {\"before\": 10, \"deleted\": 2, \"added\": 3, \"after\": 11}, \"row_changes\": "
	      "[{\"kind\": \"deleted\", \"row_before\": 4, \"equal_row\": 3}, "
	      "{\"kind\": \"deleted\", \"row_before\": 5, \"equal_row\": 3}, "
	      "{\"kind\": \"added\", \"row\": 9, \"equal_row\": 2}]");
	sample_end(&s);
	FIRES("rows_deleted", MEDIUM,
	      "2 of 10 rows were deleted from ‘t.csv’: row 4, row 5; each of them equals a row that is still "
	      "there");
	FIRES("rows_doubled", LOW, "1 of 3 rows added to ‘t.csv’ equals a row that was there before");
}

Test(review, what_stands_above_the_rows)
{
	TABLE("\"properties\": [{\"property\": \"header_row\", \"old\": \"1\", \"new\": \"none\"}]");
	sample_end(&s);
	FIRES("heading_changed", MEDIUM,
	      "‘t.csv’ has no row with the names of its columns any more; it was row 1");
	end();
	begin();
	TABLE("\"cells\": [{\"row\": 1, \"row_before\": 1, \"column\": \"cell 1\", \"old\": \"2024\", "
	      "\"new\": \"2025\", \"nature\": \"value\"}, {\"row\": 4, \"row_before\": 4, \"column\": "
	      "\"cell 1\", \"key\": null, \"old\": \"a\", \"new\": \"b\", \"nature\": \"value\"}]");
	sample_end(&s);
	FIRES("heading_changed", LOW,
	      "What stands above the rows of ‘t.csv’ changed, ‘2024’ → ‘2025’ in row 1");
	cr_assert_eq(item("heading_changed")->how_many, 1);
}

Test(review, rows_read_without_certainty_are_not_the_whole_table)
{
	sample_gap(&s, "t.csv", 2, TALLY_REASON_MALFORMED, TALLY_LEVEL_PART)->part = "row 7 and 2 more";
	sample_end(&s);
	cr_assert(strstr(s.r->verdict.text, "3 rows of tables could not be read with certainty"));
	FIRES("unread_meaning", LOW,
	      "‘t.csv’ was compared, but has a row that could not be read with certainty (malformed: part of it "
	      "could not be read with certainty)");
}

Test(review, rows_of_sheets_read_without_certainty_are_not_the_whole_workbook)
{
	sample_add(&s, TALLY_CHANGE_MODIFIED, "b.xlsx");
	sample_gap(&s, "b.xlsx", 2, TALLY_REASON_MALFORMED, TALLY_LEVEL_PART)
		->part = "sheet 'a', row 3 and', row 5";
	sample_end(&s);
	cr_assert_str_eq(s.r->verdict.text, "Nothing was lost; 1 row of a table could not be read with "
	                                    "certainty.");
	FIRES("unread_meaning", LOW,
	      "‘b.xlsx’ was compared, but has a row that could not be read with certainty (malformed: part of "
	      "it could not be read with certainty)");
}

Test(review, table_emptied)
{
	TABLE("\"part\": \"Sheet 1\", \"rows\": {\"before\": 100, \"deleted\": 100, \"after\": 0}");
	sample_end(&s);
	FIRES("table_emptied", HIGH, "‘t.csv’ (‘Sheet 1’) had 100 rows and has none now");
	cr_assert_str_eq(item("table_emptied")->where, "Sheet 1");
	SILENT("rows_deleted");
}

Test(review, columns_removed_and_swapped)
{
	TABLE("\"columns\": [{\"kind\": \"removed\", \"name\": \"notes\"}, {\"kind\": "
	      "\"contents_swapped\", \"name\": \"b\", \"name_before\": \"a\"}, {\"kind\": \"added\", "
	      "\"name\": \"c\"}]");
	sample_end(&s);
	FIRES("column_removed", HIGH, "The column ‘notes’ was removed from ‘t.csv’");
	FIRES("contents_swapped", HIGH,
	      "In ‘t.csv’, the values that stood under ‘a’ stand under ‘b’ now");
	cr_assert_eq(s.r->review_count, 2);
}

Test(review, lossy_rewrites_of_cells_and_of_columns)
{
	TABLE("\"rewrites\": [{\"column\": \"zip\", \"nature\": \"leading_zeros_lost\", \"count\": 12, "
	      "\"lossless\": false, \"examples\": [{\"row\": 2, \"old\": \"01\", \"new\": \"1\"}]}, "
	      "{\"column\": \"d\", \"nature\": \"date_reformatted\", \"count\": 12}], "
	      "\"cells\": [{\"row\": 2, \"column\": \"zip\", \"nature\": \"leading_zeros_lost\", "
	      "\"old\": \"01\", \"new\": \"1\"}, {\"row\": 5, \"column\": \"id\", \"nature\": "
	      "\"scientific_notation\", \"old\": {\"value\": \"123456\"}, \"new\": \"1.2E5\"}, "
	      "{\"row\": 6, \"column\": \"id\", \"nature\": \"scientific_notation\", \"old\": \"7\", "
	      "\"new\": \"7E0\"}, {\"row\": 6, \"column\": \"n\", \"nature\": \"value\"}]");
	sample_end(&s);
	cr_assert_eq(items("lossy_rewrite"), 2);
	FIRES("lossy_rewrite", HIGH,
	      "In ‘t.csv’, column ‘zip’, 12 cells: leading zeros lost, as ‘01’ → ‘1’ in row 2");
	cr_assert_str_eq(s.r->review[1].what, "In ‘t.csv’, column ‘id’, 2 cells: number turned into "
	                                      "scientific notation, as ‘123456’ → ‘1.2E5’ in row 5");
}

Test(review, what_is_stored_as_text_is_looked_at_whatever_else_changed)
{
	TABLE("\"rewrites\": [{\"column\": \"n\", \"nature\": \"number_to_text\", \"count\": 30, "
	      "\"lossless\": true, \"examples\": [{\"ref\": \"B2\", \"old\": \"10\", \"new\": \"10\"}]}], "
	      "\"cells\": [{\"ref\": \"C4\", \"column\": \"d\", \"nature\": \"date_value_changed\", "
	      "\"type_before\": \"date\", \"type\": \"text\", \"old\": \"2024-01-10\", \"new\": "
	      "\"2024-01-11\"}, {\"ref\": \"C5\", \"column\": \"d\", \"nature\": \"date_to_text\", "
	      "\"old\": \"2024-01-12\", \"new\": \"2024-01-12\"}, {\"ref\": \"D2\", \"column\": \"e\", "
	      "\"nature\": \"value\", \"type_before\": \"text\", \"type\": \"number\", \"old\": \"1\", "
	      "\"new\": \"2\"}, {\"ref\": \"D3\", \"column\": \"e\", \"nature\": \"recalculated\", "
	      "\"type_before\": \"number\", \"type\": \"text\", \"old\": \"1\", \"new\": \"a\"}]");
	sample_end(&s);
	cr_assert_eq(items("stored_as_text"), 2);
	cr_assert_str_eq(s.r->review[1].what,
	                 "In ‘t.csv’, column ‘d’, 2 cells: date stored as text, as ‘2024-01-10’ → "
	                 "‘2024-01-11’ in C4");
	cr_assert_str_eq(s.r->review[0].what,
	                 "In ‘t.csv’, column ‘n’, 30 cells: number stored as text, as ‘10’ in B2");
	cr_assert_eq(item("stored_as_text")->severity, TALLY_SEVERITY_MEDIUM);
}

Test(review, a_shift_names_its_direction_and_what_fell_off)
{
	TABLE("\"rewrites\": [{\"column\": \"v\", \"nature\": \"shifted\", \"count\": 20, "
	      "\"lossless\": false, \"shifted_by\": 2, \"shifted_off\": [{\"ref\": \"D20\", \"old\": \"7\", "
	      "\"new\": \"1\"}, {\"ref\": \"D21\", \"old\": \"50\", \"new\": \"2\"}], "
	      "\"examples\": [{\"ref\": \"D4\", \"old\": \"5\", \"new\": \"2.5\"}]}]");
	sample_end(&s);
	FIRES("broken_values", HIGH,
	      "In ‘t.csv’, column ‘v’, 20 cells: shifted down by 2 cells, as ‘5’ → ‘2.5’ in D4; ‘7’, ‘50’ "
	      "are gone");
}

Test(review, days_and_months_that_were_exchanged_can_be_put_right)
{
	TABLE("\"rewrites\": [{\"column\": \"d\", \"nature\": \"day_month_exchanged\", \"count\": 30, "
	      "\"lossless\": false, \"examples\": [{\"ref\": \"D4\", \"old\": \"2024-01-02\", \"new\": "
	      "\"2024-02-01\"}]}]");
	sample_end(&s);
	SILENT("lossy_rewrite");
	FIRES("broken_values", HIGH,
	      "In ‘t.csv’, column ‘d’, 30 cells: day and month exchanged, as ‘2024-01-02’ → ‘2024-02-01’ "
	      "in D4");
}

Test(review, a_number_that_gave_way_to_a_text_is_no_number_stored_as_text)
{
	TABLE("\"cells\": [{\"ref\": \"C3\", \"column\": \"qty\", \"nature\": \"value\", "
	      "\"type_before\": \"number\", \"type\": \"text\", \"old\": \"2\", \"new\": "
	      "\"unknown 3\"}, {\"ref\": \"C4\", \"column\": \"qty\", \"nature\": \"value\", "
	      "\"type_before\": \"number\", \"type\": \"text\", \"old\": \"2\", \"new\": \"3\"}]");
	sample_end(&s);
	FIRES("replaced_by_text", MEDIUM,
	      "In ‘t.csv’, column ‘qty’, 1 cell: number replaced by text, ‘2’ → ‘unknown 3’ in C3");
	FIRES("stored_as_text", MEDIUM,
	      "In ‘t.csv’, column ‘qty’, 1 cell: number stored as text, ‘2’ → ‘3’ in C4");
}

Test(review, sums_that_are_not_known_are_named)
{
	TABLE("\"invariants\": [{\"column\": \"qty\", \"sum\": {\"before\": \"210\", \"after\": null}, "
	      "\"too_large\": {\"before\": 0, \"after\": 1}}]");
	sample_end(&s);
	FIRES("sum_changed", LOW,
	      "Sums of ‘t.csv’: ‘qty’ 210 → not known, since a number is too large");
}

Test(review, an_id_that_stands_twice_now)
{
	TABLE("\"problems\": [{\"what\": \"no_longer_unique\", \"side\": \"after\", \"row\": 8, "
	      "\"count\": 2, \"detail\": \"id: K003 in rows 4 and 8\"}]");
	sample_end(&s);
	FIRES("key_duplicates", MEDIUM,
	      "In ‘t.csv’, values that were all different are not any more: ‘id: K003 in rows 4 and 8’ "
	      "and 1 more");
}

Test(review, a_column_without_values_is_no_loss)
{
	TABLE("\"columns\": [{\"kind\": \"removed\", \"name\": null, \"name_before\": \"note\", "
	      "\"index\": null, \"index_before\": 3, \"filled\": 0, \"first\": []}]");
	sample_end(&s);
	SILENT("column_removed");
	FIRES("heading_changed", LOW, "The empty column ‘note’ was removed from ‘t.csv’");
}

Test(review, column_sorted_alone_and_signs)
{
	TABLE("\"rewrites\": [{\"column\": \"n\", \"nature\": \"permuted\", \"count\": 40}], \"cells\": "
	      "[{\"row\": 5, \"column\": \"m\", \"nature\": \"sign_changed\", \"old\": \"5\", \"new\": "
	      "\"-5\"}]");
	sample_end(&s);
	FIRES("column_sorted_alone", HIGH,
	      "In ‘t.csv’, column ‘n’, 40 cells: same values, other rows");
	FIRES("sign_changed", MEDIUM,
	      "In ‘t.csv’, column ‘m’, 1 cell: sign changed, ‘5’ → ‘-5’ in row 5");
}

Test(review, rows_written_in_another_way_are_not_many_edits)
{
	TABLE("\"rows\": {\"before\": 25, \"edited\": 25, \"notation\": 25, \"after\": 25}");
	sample_end(&s);
	SILENT("many_cells_changed");
	end();
	begin();
	TABLE("\"rows\": {\"before\": 30, \"edited\": 30, \"notation\": 5, \"after\": 30}");
	sample_end(&s);
	FIRES("many_cells_changed", MEDIUM, "25 of 30 rows were edited in ‘t.csv’");
}

Test(review, changes_that_are_counted_and_not_listed_are_no_unknown)
{
	sample_add(&s, TALLY_CHANGE_MODIFIED, "t.csv");
	sample_gap(&s, "t.csv", 3, TALLY_REASON_LIMIT, TALLY_LEVEL_PART);
	s.r->unverified[0].detail = TALLY_UNLISTED ": 4 rows are counted and not listed";
	sample_end(&s);
	SILENT("unread_meaning");
	cr_assert_str_eq(s.r->verdict.text,
	                 "Nothing was lost; everything was read and compared, but not "
	                 "all changes of 1 table are listed.");
	cr_assert_not(s.r->verdict.complete);
}

Test(review, many_findings_about_one_table_name_it_once)
{
	TABLE("\"columns\": [{\"kind\": \"removed\", \"name\": \"a\"}, {\"kind\": \"removed\", "
	      "\"name\": \"b\"}, {\"kind\": \"removed\", \"name\": \"c\"}, {\"kind\": \"removed\", "
	      "\"name\": \"d\"}, {\"kind\": \"removed\", \"name\": \"e\"}]");
	sample_end(&s);
	cr_assert_eq(items("column_removed"), 4);
	cr_assert_str_eq(s.r->review[3].what, "2 more like this in ‘t.csv’");
	cr_assert_eq(s.r->review[3].how_many, 2);
	cr_assert_str_eq(s.r->verdict.text, "No file is lost, but in ‘t.csv’ 5 columns were removed; "
	                                    "everything else was read and compared.");
}

Test(review, one_swap_is_one_pair)
{
	TABLE("\"columns\": [{\"kind\": \"contents_swapped\", \"name\": \"b\", \"name_before\": \"a\", "
	      "\"index\": 2, \"index_before\": 1}, {\"kind\": \"contents_swapped\", \"name\": \"a\", "
	      "\"name_before\": \"b\", \"index\": 1, \"index_before\": 2}], \"rewrites\": [{\"column\": "
	      "\"n\", \"nature\": \"permuted\", \"count\": 19}]");
	sample_end(&s);
	cr_assert_eq(items("contents_swapped"), 1);
	FIRES("contents_swapped", HIGH, "In ‘t.csv’, the values under ‘a’ and ‘b’ changed places");
	cr_assert_str_eq(s.r->verdict.text,
	                 "No file is lost, but in ‘t.csv’ 1 pair of columns was "
	                 "swapped and 1 column was sorted alone; everything else was "
	                 "read and compared.");
}

Test(review, a_ring_of_columns_is_told_column_by_column)
{
	TABLE("\"columns\": [{\"kind\": \"contents_swapped\", \"name\": \"b\", \"name_before\": \"a\", "
	      "\"index\": 2, \"index_before\": 1}, {\"kind\": \"contents_swapped\", \"name\": \"c\", "
	      "\"name_before\": \"b\", \"index\": 3, \"index_before\": 2}, {\"kind\": "
	      "\"contents_swapped\", \"name\": \"a\", \"name_before\": \"c\", \"index\": 1, "
	      "\"index_before\": 3}]");
	sample_end(&s);
	cr_assert_eq(items("contents_swapped"), 3);
	cr_assert_str_eq(s.r->verdict.text, "No file is lost, but in ‘t.csv’ 3 columns changed places; "
	                                    "everything else was read and compared.");
}

Test(review, dates_that_moved_say_by_how_much)
{
	TABLE("\"rewrites\": [{\"column\": \"d\", \"nature\": \"dates_moved\", \"count\": 40, "
	      "\"moved_by_seconds\": -126316800}, {\"column\": \"e\", \"nature\": \"dates_moved\", "
	      "\"count\": 3, \"moved_by_seconds\": 3600}]");
	sample_end(&s);
	cr_assert_eq(items("dates_moved"), 2);
	FIRES("dates_moved", MEDIUM,
	      "In ‘t.csv’, column ‘d’, 40 cells: 1,462 days earlier, by which the date systems of 1900 "
	      "and 1904 differ");
	cr_assert_str_eq(s.r->review[1].what, "In ‘t.csv’, column ‘e’, 3 cells: 1 hour later");
}

Test(review, what_can_be_put_right_is_not_called_lost)
{
	TABLE("\"rewrites\": [{\"column\": \"n\", \"nature\": \"mojibake\", \"count\": 30}, "
	      "{\"column\": \"o\", \"nature\": \"mojibake_repaired\", \"count\": 30}, "
	      "{\"column\": \"p\", \"nature\": \"numbered_anew\", \"count\": 30}, "
	      "{\"column\": \"q\", \"nature\": \"scale_unsure\", \"count\": 2}]");
	sample_end(&s);
	FIRES("broken_values", HIGH,
	      "In ‘t.csv’, column ‘n’, 30 cells: broken characters, which can be repaired");
	FIRES("scale_unsure", MEDIUM,
	      "In ‘t.csv’, column ‘q’, 2 cells: a mark for decimals or for thousands: may be 1,000 times "
	      "as much");
	cr_assert_eq(s.r->review_count, 2);
	cr_assert(strstr(s.r->verdict.text, "30 texts have broken characters"));
}

Test(review, line_one_names_one_or_two_kinds_of_damage)
{
	TABLE("\"rewrites\": [{\"column\": \"n\", \"nature\": \"leading_zeros_lost\", \"count\": 20}, "
	      "{\"column\": \"o\", \"nature\": \"formula_to_constant\", \"count\": 1}]");
	sample_end(&s);
	cr_assert(strstr(s.r->verdict.text,
	                 "20 values lost their leading zeros and 1 formula became a constant"));
	end();
	begin();
	TABLE("\"rewrites\": [{\"column\": \"n\", \"nature\": \"leading_zeros_lost\", \"count\": 20}, "
	      "{\"column\": \"o\", \"nature\": \"formula_to_constant\", \"count\": 1}, "
	      "{\"column\": \"p\", \"nature\": \"time_lost\", \"count\": 2}]");
	sample_end(&s);
	cr_assert(strstr(s.r->verdict.text, "23 values were damaged"));
}

Test(review, a_column_without_a_name_is_named_by_its_number)
{
	TABLE("\"columns\": [{\"kind\": \"removed\", \"name\": \"\", \"name_before\": \"\", "
	      "\"index_before\": 4}], \"rewrites\": [{\"column\": \"\", \"column_index\": 2, "
	      "\"nature\": \"sign_changed\", \"count\": 3}]");
	sample_end(&s);
	FIRES("column_removed", HIGH, "The column number 4 (no name) was removed from ‘t.csv’");
	FIRES("sign_changed", MEDIUM, "In ‘t.csv’, column number 2 (no name), 3 cells: sign changed");
}

Test(review, total_mismatch_says_what_is_shown_and_what_it_should_be)
{
	TABLE("\"total_rows\": [{\"row\": 9, \"row_before\": 10, \"label\": \"Total\", \"column\": \"n\","
	      "\"before\": {\"shown\": \"6\", \"sum\": \"6\"},"
	      "\"after\": {\"shown\": \"6\", \"sum\": \"5\"}}]");
	sample_end(&s);
	FIRES("total_mismatch", MEDIUM,
	      "In ‘t.csv’, row 9 (‘Total’) shows ‘6’ under ‘n’, and the rows above it add up to ‘5’; before, "
	      "they agreed");
}

Test(review, alignment_doubtful)
{
	TABLE("\"aligned_by\": {\"how\": \"rows\", \"doubtful\": true}");
	sample_gap(&s, "t.csv", 3, TALLY_REASON_ALIGNMENT_DOUBTFUL, TALLY_LEVEL_PART);
	sample_end(&s);
	cr_assert_eq(items("alignment_doubtful"), 1);
	SILENT("unread_meaning");
}

Test(review, alignment_doubtful_by_its_row_alone)
{
	sample_gap(&s, "t.csv", 3, TALLY_REASON_ALIGNMENT_DOUBTFUL, TALLY_LEVEL_PART);
	sample_end(&s);
	cr_assert_eq(items("alignment_doubtful"), 1);
}

Test(review, malformed_rows_and_duplicate_keys_weigh_by_what_is_new)
{
	TABLE("\"problems\": [{\"what\": \"ragged_row\", \"side\": \"after\", \"row\": 7, \"count\": 2}, "
	      "{\"what\": \"unclosed_quote\", \"side\": \"before\", \"row\": 7, \"count\": 1}, "
	      "{\"what\": \"unclosed_quote\", \"side\": \"after\", \"row\": 7, \"count\": 1}, "
	      "{\"what\": \"duplicate_key\", \"side\": \"after\", \"row\": 9, \"count\": 3, \"detail\": "
	      "\"A-1\"}]");
	sample_end(&s);
	cr_assert_eq(items("malformed_rows"), 1);
	FIRES("malformed_rows", MEDIUM,
	      "‘t.csv’ has 2 rows with too many or too few cells, first in row 7; before, it had "
	      "none");
	cr_assert_eq(item("key_duplicates")->severity, TALLY_SEVERITY_MEDIUM);
	cr_assert_str_eq(
		item("key_duplicates")->what,
		"The key of ‘t.csv’ stands in several rows: ‘A-1’ for one (3 rows; before, none)");
}

Test(review, malformed_rows_and_duplicate_keys_as_before_are_no_finding)
{
	TABLE("\"problems\": [{\"what\": \"header_repeated\", \"side\": \"before\", \"row\": 7, "
	      "\"count\": 2}, {\"what\": \"header_repeated\", \"side\": \"after\", \"row\": 7, "
	      "\"count\": 2}, {\"what\": \"duplicate_key\", \"side\": \"before\", \"row\": 9, "
	      "\"count\": 3}, {\"what\": \"duplicate_key\", \"side\": \"after\", \"row\": 9, "
	      "\"count\": 3}]");
	sample_end(&s);
	SILENT("malformed_rows");
	SILENT("key_duplicates");
}

Test(review, as_many_malformed_rows_and_duplicate_keys_as_before_but_others_are_a_finding)
{
	TABLE("\"problems\": [{\"what\": \"ragged_row\", \"side\": \"before\", \"row\": 7, "
	      "\"count\": 1, \"others\": true}, {\"what\": \"ragged_row\", \"side\": \"after\", "
	      "\"row\": 9, \"count\": 1, \"others\": true}, {\"what\": \"duplicate_key\", "
	      "\"side\": \"before\", \"row\": 9, \"count\": 2, \"others\": true}, {\"what\": "
	      "\"duplicate_key\", \"side\": \"after\", \"row\": 9, \"count\": 2, \"detail\": "
	      "\"B\", \"others\": true}]");
	sample_end(&s);
	FIRES("malformed_rows", LOW,
	      "‘t.csv’ has 1 row with too many or too few cells, row 9; before, it had as many, but not the same");
	FIRES("key_duplicates", MEDIUM,
	      "The key of ‘t.csv’ stands in several rows: ‘B’ for one (2 rows; before, as many, but not the same)");
}

Test(review, many_cells_changed_and_sums)
{
	TABLE("\"rows\": {\"before\": 40, \"edited\": 20, \"after\": 40}, \"invariants\": [{\"column\": "
	      "\"price\", \"sum\": {\"before\": \"10\", \"after\": \"12.5\"}}, {\"column\": \"n\", "
	      "\"count\": {\"before\": 1, \"after\": 2}}]");
	sample_end(&s);
	FIRES("many_cells_changed", MEDIUM, "20 of 40 rows were edited in ‘t.csv’");
	FIRES("sum_changed", LOW, "Sums of ‘t.csv’: ‘price’ 10 → 12.5");
}

/* Three hundred tables with the same trouble are three items and one for the rest. */
Test(review, equal_findings_about_tables_are_merged)
{
	char json[200];

	for (int i = 0; i < 300; i++) {
		snprintf(json, sizeof json,
		         "{\"path\": \"t%03d.csv\", \"columns\": [{\"kind\": \"removed\", \"name\": "
		         "\"x\"}]}",
		         i);
		sample_table(&s, json);
	}
	sample_end(&s);
	cr_assert_eq(s.r->review_count, 4);
	cr_assert_str_eq(s.r->review[3].what,
	                 "297 more like this: ‘t003.csv’, ‘t004.csv’, ‘t005.csv’ …");
	cr_assert_eq(s.r->review[3].how_many, 297);
}

/* ---- the list ---- */

Test(review, ranks_by_severity_then_rule_then_stake_then_path)
{
	sample_from(&s, TALLY_CHANGE_MOVED, "q", "m")->group = 1;
	lost("n1");
	lost("n2")->bytes_before = SAMPLE_SIZE + 1;
	lost("n3");
	sample_add(&s, TALLY_CHANGE_MODIFIED, "o")->flags = TALLY_CHANGE_SILENT;
	sample_add(&s, TALLY_CHANGE_DELETED, "p")->fate = TALLY_FATE_UNPROVEN;
	sample_end(&s);
	cr_assert_eq(s.r->review_count, 6);
	cr_assert_str_eq(s.r->review[0].path.bytes, "n2");
	cr_assert_str_eq(s.r->review[1].path.bytes, "n1");
	cr_assert_str_eq(s.r->review[2].path.bytes, "n3");
	cr_assert_str_eq(s.r->review[3].rule, "silent_edit");
	cr_assert_str_eq(s.r->review[4].rule, "deleted_unproven");
	cr_assert_str_eq(s.r->review[5].rule, "ambiguous_moves");
}

Test(review, items_from_outside_are_ranked_with_the_others)
{
	struct tally_review_item added = { .severity = TALLY_SEVERITY_MEDIUM,
		                           .rule = "name_collision",
		                           .path = { "a", 1 },
		                           .what = "‘a’ and ‘A’ differ in letter case only",
		                           .how_many = 1 };
	char what[64];

	lost("x");
	for (int i = 0; i < 40; i++) {
		snprintf(what, sizeof what, "item %02d", i);
		added.what = what;
		cr_assert_eq(tally_review_add(s.r, &added, NULL), TALLY_OK);
	}
	sample_end(&s);
	cr_assert_eq(s.r->review_count, 5);
	cr_assert_str_eq(s.r->review[0].rule, "content_lost");
	cr_assert_str_eq(s.r->review[1].what, "item 00");
	cr_assert_str_eq(s.r->review[1].why, tally_rule_why(TALLY_RULE_name_collision));
	cr_assert_eq(s.r->review[4].how_many, 37);
}

Test(review, rules_that_are_not_known_come_last_of_their_severity)
{
	const struct tally_review_item added = { .severity = TALLY_SEVERITY_HIGH,
		                                 .rule = "brand_new",
		                                 .what = "w",
		                                 .why = "y",
		                                 .how_many = 1 };

	tally_review_add(s.r, &added, NULL);
	lost("x");
	sample_end(&s);
	cr_assert_str_eq(s.r->review[1].rule, "brand_new");
}

/* Each rule stands in docs/REVIEW.md, and no rule stands there that is not one. */
Test(review, the_page_and_the_rules_are_the_same)
{
	char *page = scratch_slurp(source_tree("docs/REVIEW.md"), NULL), row[80];
	size_t rows = 0;

	cr_assert(page);
	for (int i = 0; i < TALLY_RULE_COUNT; i++) {
		snprintf(row, sizeof row, "\n| `%s` | ", tally_rule_id(i));
		cr_assert(strstr(page, row), "%s is missing in docs/REVIEW.md", tally_rule_id(i));
	}
	for (const char *p = page; (p = strstr(p, "\n| `")); p++)
		rows++;
	cr_assert_eq(rows, TALLY_RULE_COUNT);
	free(page);
}

/* ---- the verdict ---- */

Test(review, verdict_of_losses)
{
	lost("x");
	lost("y");
	for (int i = 0; i < 3; i++)
		sample_gap(&s,
		           i == 0   ? "a"
		           : i == 1 ? "b"
		                    : "c",
		           3, TALLY_REASON_PERMISSION, TALLY_LEVEL_CONTENT);
	sample_end(&s);
	cr_assert_str_eq(s.r->verdict.text, "2 contents are lost (nowhere in the folder any more) and "
	                                    "3 files could not be verified.");
	cr_assert_eq(s.r->verdict.lost, 2);
	cr_assert_eq(s.r->verdict.unverified, 3);
}

Test(review, verdict_with_changes_and_doubts)
{
	sample_add(&s, TALLY_CHANGE_ADDED, "x");
	sample_gap(&s, "a", 3, TALLY_REASON_PERMISSION, TALLY_LEVEL_CONTENT);
	sample_end(&s);
	cr_assert_str_eq(s.r->verdict.text,
	                 "Nothing is known to be lost, but 1 file could not be verified.");
}

/* What could not be read may lack anything. */
Test(review, verdict_of_what_could_not_be_compared)
{
	sample_add(&s, TALLY_CHANGE_MODIFIED, "a.xlsx");
	sample_gap(&s, "a.xlsx", 2, TALLY_REASON_DAMAGED, TALLY_LEVEL_MODEL)->side = TALLY_ON_BEFORE;
	sample_end(&s);
	cr_assert_str_eq(s.r->verdict.text, "Nothing is known to be lost; what 1 changed file says was "
	                                    "not compared.");
	FIRES("unread_meaning", MEDIUM,
	      "‘a.xlsx’ differs in its bytes, and what it says could not be compared (as it was before: "
	      "damaged)");
}

Test(review, verdict_of_results_that_nobody_computed)
{
	sample_add(&s, TALLY_CHANGE_MODIFIED, "a.xlsx");
	sample_gap(&s, "a.xlsx", 2, TALLY_REASON_NOT_COMPUTED, TALLY_LEVEL_PART)->side = TALLY_ON_BEFORE;
	sample_end(&s);
	cr_assert_str_eq(s.r->verdict.text,
	                 "Nothing was lost; formulas of 1 sheet had no results to compare with.");
	cr_assert_not(s.r->verdict.complete);
}

Test(review, external_links_that_went)
{
	TABLE("\"part\": null, \"part_before\": null, \"sheets\": {}, \"fact_counts\": [{\"fact\": "
	      "\"external_target\", \"before\": 1, \"after\": 0, \"gone\": 1}]");
	sample_end(&s);
	FIRES("facts_lost", MEDIUM,
	      "‘t.csv’ lost its only external link; its cells are as they were");
}

Test(review, what_does_not_show_in_another_format_is_in_line_one)
{
	TABLE("\"part\": null, \"part_before\": null, \"sheets\": {}, \"format\": {\"before\": "
	      "\"xlsx\", \"after\": \"ods\"}, \"fact_counts\": [{\"fact\": \"merged_cells\", "
	      "\"before\": 3, \"after\": 0, \"gone\": 3}]");
	sample_end(&s);
	FIRES("facts_lost", LOW,
	      "‘t.csv’, which is in another format now, does not show 3 of 3 merged ranges; its cells "
	      "are as they were");
	cr_assert_str_eq(s.r->verdict.text,
	                 "No file is lost, but in ‘t.csv’ 3 things besides its content (charts, links …) "
	                 "do not show in its new format; everything else was read and compared.");
}

Test(review, sheets_that_exchanged_their_names_are_told_once)
{
	TABLE("\"part\": null, \"part_before\": null, \"sheets\": {}, \"facts\": [{\"kind\": "
	      "\"sheet_renamed\", \"old\": \"a\", \"new\": \"b\"}, {\"kind\": \"sheet_renamed\", "
	      "\"old\": \"b\", \"new\": \"a\"}, {\"kind\": \"sheet_renamed\", \"old\": \"c\", \"new\": "
	      "\"d\"}]");
	sample_end(&s);
	FIRES("sheets_exchanged", MEDIUM, "The sheets ‘a’ and ‘b’ of ‘t.csv’ exchanged their names");
	FIRES("sheet_renamed", LOW, "The sheet ‘c’ of ‘t.csv’ is called ‘d’ now");
	cr_assert_eq(items("sheets_exchanged"), 1);
	cr_assert_eq(items("sheet_renamed"), 1);
}

Test(review, other_parts_that_went_are_named)
{
	TABLE("\"part\": null, \"part_before\": null, \"sheets\": {}, \"fact_counts\": [{\"fact\": "
	      "\"part\", \"before\": 2, \"after\": 0, \"gone\": 2}], \"facts\": [{\"fact\": \"part\", "
	      "\"change\": \"removed\", \"old\": \"1\", \"where\": \"sensitivity label\"}, {\"fact\": "
	      "\"part\", \"change\": \"removed\", \"old\": \"1\", \"where\": \"application/x-odd\"}]");
	sample_end(&s);
	FIRES("facts_lost", MEDIUM,
	      "‘t.csv’ lost its sensitivity label, part of the type ‘application/x-odd’; its cells are "
	      "as they were");
}

Test(review, a_sheet_that_menus_show_again_is_not_hidden_now)
{
	TABLE("\"part\": null, \"part_before\": null, \"sheets\": {}, \"facts\": [{\"kind\": "
	      "\"sheet_hidden\", \"old\": \"a\", \"new\": \"a\", \"was_very_hidden\": true}]");
	sample_end(&s);
	SILENT("sheet_hidden");
}

Test(review, verdict_names_hollowed_files)
{
	sample_add(&s, TALLY_CHANGE_MODIFIED, "x")->flags = TALLY_CHANGE_EMPTIED;
	sample_end(&s);
	cr_assert_str_eq(s.r->verdict.text, "No file is lost, but 1 file was emptied or cut down; "
	                                    "everything else was read and compared.");
}

Test(review, verdict_of_an_empty_folder)
{
	s.unchanged = 0;
	sample_end(&s);
	cr_assert_str_eq(s.r->verdict.text, "Nothing changed: there was no file and there is none.");
	cr_assert(s.r->verdict.complete);
}

Test(review, survives_any_failed_allocation)
{
	sample_release(&s);
	sample_mixed(&s);
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		enum tally_status st;

		s.r->review_count = 0;
		faults_arm(&f);
		st = tally_receipt_review(s.r, NULL);
		cr_assert_eq(st, faults_fired(&f) ? TALLY_FATAL : TALLY_OK, "%ld", f.nth);
	}
}
