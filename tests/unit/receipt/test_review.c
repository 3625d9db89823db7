/* The review list: each rule fires where docs/REVIEW.md says, and only there; ranking, merging, the verdict. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "review_checks.h"
#include "support/faults.h"
#include "support/scratch.h"
#include "support/source_tree.h"

TestSuite(review, .init = begin, .fini = end);

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

Test(review, a_deleted_copy_of_what_was_edited_is_told)
{
	struct tally_receipt_change *c;

	sample_add(&s, TALLY_CHANGE_MODIFIED, "a.txt")->digest_before = "xxh3k:1";
	c = sample_add(&s, TALLY_CHANGE_DELETED, "backup/a.txt");
	c->digest_before = "xxh3k:1";
	c->fate = TALLY_FATE_EDITED;
	sample_end(&s);
	FIRES("copy_edited", MEDIUM,
	      "‘backup/a.txt’ (34.5 KB) was deleted, and its copy ‘a.txt’ was edited: the content as "
	      "it was is nowhere any more; no copy was kept");
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

/* A document that was cut short, or is tiny now: is that more than its own comparison says? */
static bool hollow(unsigned flags, uint64_t size, const char *document)
{
	struct tally_receipt_change *c;
	bool there;

	end();
	begin();
	c = sample_add(&s, TALLY_CHANGE_MODIFIED, "x");
	c->flags = flags;
	c->bytes_after = size;
	json_array_append_new(s.r->documents, json_loads(document, 0, NULL));
	cr_assert_eq(json_array_size(s.r->documents), 1);
	sample_end(&s);
	there = item("hollowed_file");
	cr_assert_eq(there, strstr(s.r->verdict.text, "emptied or cut down") != NULL);
	return there;
}

#define DOCUMENT(format, blocks)                                                          \
	"{\"path\": \"x\", \"format\": {\"before\": \"" format "\", \"after\": \"" format \
	"\"}, \"blocks\": {" blocks ", \"edits\": [], \"facts\": [], \"fact_counts\": []}"

Test(review, a_text_that_lost_its_last_paragraphs_is_not_hollow)
{
	static const char few[] = DOCUMENT(
		"text", "\"unit\": \"paragraph\", \"before\": 9, \"same\": 8, \"deleted\": 1}");
	static const char moved[] = DOCUMENT("mbox",
	                                     "\"unit\": \"message\", \"before\": 3, \"same\": 1, "
	                                     "\"deleted\": 2}, \"moved_out\": 2");
	static const char gone[] = DOCUMENT("mbox",
	                                    "\"unit\": \"message\", \"before\": 3, \"same\": 1, "
	                                    "\"deleted\": 2}, \"moved_out\": 0");
	static const char packed[] = DOCUMENT("pdf", "\"before\": 9, \"same\": 8, \"deleted\": 1}");

	cr_assert_not(hollow(TALLY_CHANGE_TRUNCATED, SAMPLE_SIZE - 10, few));
	cr_assert(hollow(TALLY_CHANGE_TRUNCATED, SAMPLE_SIZE / 3, few), "a long one at the end");
	cr_assert_not(hollow(TALLY_CHANGE_TRUNCATED, SAMPLE_SIZE / 3, moved));
	cr_assert(hollow(TALLY_CHANGE_TRUNCATED, SAMPLE_SIZE / 3, gone));
	cr_assert(hollow(TALLY_CHANGE_TRUNCATED, SAMPLE_SIZE - 10, packed), "a piece of a PDF");
}

Test(review, a_document_with_its_text_is_not_tiny)
{
	cr_assert_not(hollow(0, SAMPLE_SIZE / 20, DOCUMENT("docx", "\"before\": 9, \"same\": 9}")));
	cr_assert(hollow(0, SAMPLE_SIZE / 20, DOCUMENT("docx", "\"before\": 9, \"same\": 1}")));
	cr_assert(hollow(0, SAMPLE_SIZE / 20, DOCUMENT("docx", "\"before\": 0}")));
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
