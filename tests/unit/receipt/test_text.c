/* The view for a terminal: what it says, what it never leaves out, how it folds, and that nothing gets through raw. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/escape.h"
#include "receipt/words.h"
#include "sample.h"
#include "support/faults.h"
#include "support/scratch.h"

static struct scratch scratch;
static struct sample s;

static void begin(void)
{
	scratch_make(&scratch);
}

static void end(void)
{
	scratch_remove(&scratch);
	sample_release(&s);
}

TestSuite(text, .init = begin, .fini = end);

static const char *shown(const struct tally_view_options *options)
{
	int fd = open(scratch_path(&scratch, "out"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	struct tally_err err;

	cr_assert_eq(tally_receipt_write_text(s.r, options, fd, &err), TALLY_OK, "%s", err.message);
	close(fd);
	return scratch_read(&scratch, "out", NULL);
}

static const char *plainly(void)
{
	struct tally_view_options o = TALLY_VIEW_OPTIONS_INIT;

	return shown(&o);
}

static const char *whole(void)
{
	struct tally_view_options o = TALLY_VIEW_OPTIONS_INIT;

	o.all = true;
	return shown(&o);
}

#define SAYS(text, words)     cr_assert(strstr(text, words), "no '%s' in:\n%s", words, text)
#define SAYS_NOT(text, words) cr_assert_not(strstr(text, words), "'%s' in:\n%s", words, text)
#define BEGINS(text, words)   cr_assert(!strncmp(text, words, strlen(words)), "%.200s", text)

Test(text, line_one_is_the_verdict_and_quiet_is_only_that)
{
	struct tally_view_options o = TALLY_VIEW_OPTIONS_INIT;

	sample_small(&s);
	BEGINS(plainly(), "Nothing was lost; everything was read and compared.\n");
	o.quiet = true;
	cr_assert_str_eq(shown(&o), "Nothing was lost; everything was read and compared.\n");
}

Test(text, six_points_in_their_order)
{
	static const char *const points[] = { "\n\n1  Task\n",         "\n\n2  Touched\n",
		                              "\n\n3  Changed\n",      "\n\n4  Evidence\n",
		                              "\n\n5  Not verified\n", "\n\n6  Review first\n" };
	const char *at;

	sample_mixed(&s);
	at = plainly();
	for (size_t i = 0; i < 6; i++) {
		at = strstr(at, points[i]);
		cr_assert(at, "%s", points[i]);
	}
}

Test(text, the_balance_is_an_equation)
{
	sample_mixed(&s);
	SAYS(plainly(), "4,806 before − 35 gone − 13 not verified + 3 new + 13 not verified\n"
	                "             = 4,774 after\n");
	SAYS(plainly(), "of the 3 new: 2 with new content, 1 copy\n");
}

static size_t widest(const char *text)
{
	size_t most = 0;

	for (const char *p = text, *end; (end = strchr(p, '\n')); p = end + 1) {
		size_t w = tally_words_width(p, (size_t)(end - p));

		most = w > most ? w : most;
	}
	return most;
}

Test(text, no_line_is_wider_than_asked)
{
	struct tally_view_options o = TALLY_VIEW_OPTIONS_INIT;

	sample_mixed(&s);
	cr_assert_leq(widest(plainly()), 80);
	for (o.columns = 40; o.columns < 200; o.columns += 13)
		cr_assert_leq(widest(shown(&o)), o.columns, "%u", o.columns);
	o.columns = 1;
	cr_assert_leq(widest(shown(&o)), 40);
}

/* Wide characters take two columns, combining marks none: folding counts columns, not bytes. */
Test(text, wide_and_combining_characters_fold_by_columns)
{
	char wide[3 * 100 + 1] = "", marks[3 * 60 + 1] = "";

	for (int i = 0; i < 100; i++)
		strcat(wide, "語");
	for (int i = 0; i < 60; i++)
		strcat(marks, "e\xCC\x81");
	sample_begin(&s, 1);
	sample_add(&s, TALLY_CHANGE_ADDED, marks);
	sample_add(&s, TALLY_CHANGE_ADDED, wide);
	sample_end(&s);
	cr_assert_leq(widest(plainly()), 80);
	SAYS(plainly(), marks);
}

Test(text, a_move_breaks_before_its_arrow)
{
	sample_small(&s);
	SAYS(plainly(), "     invoices/2026-01-12 Schulz & Söhne.pdf\n"
	                "       → invoices/2026/2026-01-12 Schulz & Söhne.pdf\n");
}

/* Without its line ends and indents, a folded path is the path. */
Test(text, long_paths_are_folded_not_cut)
{
	char path[2000] = "", *squeezed, *to;
	const char *text;

	for (int i = 0; i < 30; i++)
		snprintf(path + strlen(path), sizeof path - strlen(path), "folder number %d/", i);
	strcat(path, "file.txt");
	sample_begin(&s, 1);
	sample_add(&s, TALLY_CHANGE_ADDED, path);
	sample_end(&s);
	text = plainly();
	squeezed = to = strdup(text);
	for (const char *p = text; *p; p++) {
		if (*p == '\n')
			while (p[1] == ' ')
				p++;
		else
			*to++ = *p;
	}
	*to = '\0';
	SAYS(squeezed, path);
	free(squeezed);
}

Test(text, nothing_from_outside_reaches_the_terminal_raw)
{
	static const char evil[] = "\x1b[2J\xE2\x80\xAE\xFF\x01\x02\x07";
	const unsigned char *p;

	sample_begin(&s, 1);
	s.r->task = evil;
	s.r->session_id = evil;
	s.r->before.host = s.r->before.user = s.r->after.filesystem = evil;
	s.r->before.digest = evil;
	s.r->tool_version = evil;
	s.r->roots[0] = sample_name(&s, evil);
	sample_from(&s, TALLY_CHANGE_MOVED, evil, "a\x1b")->fate = TALLY_FATE_MOVED;
	sample_field(&s, sample_add(&s, TALLY_CHANGE_METADATA, "b"), evil, evil, evil);
	sample_gap(&s, evil, 3, TALLY_REASON_DAMAGED, TALLY_LEVEL_PART)->detail = evil;
	s.r->unverified[0].part = evil;
	s.r->excluded[s.r->excluded_count++] = (struct tally_excluded){ evil, evil, 3 };
	sample_table(&s,
	             "{\"path\": \"\\u001b\", \"part\": \"\\u001b\", \"aligned_by\": {\"how\": "
	             "\"given\", \"columns\": [\"\\u001b\"], \"note\": \"\\u001b\"}, \"cells\": "
	             "[{\"row\": 1, \"column\": \"\\u001b\", \"old\": \"\\u001b\", \"new\": "
	             "\"\\u202e\", \"nature\": \"\\u001b\", \"ref\": \"\\u001b\"}], \"columns\": "
	             "[{\"kind\": \"\\u001b\", \"name\": \"\\u001b\"}], \"properties\": "
	             "[{\"property\": \"\\u001b\", \"old\": \"\\u001b\"}], \"problems\": "
	             "[{\"what\": \"\\u001b\", \"detail\": \"\\u001b\"}], \"facts\": [{\"fact\": "
	             "\"\\u001b\", \"change\": \"\\u001b\", \"by\": \"\\u001b\"}], \"row_changes\": "
	             "[{\"kind\": \"added\", \"values\": [\"\\u001b\"]}], \"rewrites\": "
	             "[{\"column\": \"\\u001b\", \"nature\": \"\\u001b\"}]}");
	json_array_append_new(s.r->documents,
	                      json_loads("{\"path\": \"\\u001b\", \"edits\": [{\"kind\": \"\\u001b\", "
	                                 "\"where\": {\"area\": \"\\u001b\"}, \"old\": \"\\u001b\"}]}",
	                                 0, NULL));
	json_array_append_new(s.r->archives,
	                      json_loads("{\"path\": \"\\u001b\", \"members\": [{\"kind\": \"\\u001b\", "
	                                 "\"member\": \"\\u001b\", \"from\": \"\\u001b\"}]}",
	                                 0, NULL));
	sample_end(&s);
	s.r->verdict.text = evil;
	s.r->review[0].what = s.r->review[0].why = evil;
	for (p = (const unsigned char *)whole(); *p;) {
		uint32_t c = 0;
		size_t n = tally_utf8_next(p, strlen((const char *)p), &c);

		cr_assert(n > 0 && (c == '\n' || !tally_codepoint_hidden(c)), "U+%04X", c);
		p += n;
	}
}

Test(text, colour_is_only_there_when_asked_for)
{
	struct tally_view_options o = TALLY_VIEW_OPTIONS_INIT;

	sample_mixed(&s);
	SAYS_NOT(plainly(), "\x1b");
	o.colour = true;
	BEGINS(shown(&o), "\x1b[31m31 contents are lost");
	SAYS(shown(&o), "\x1b[1m3  Changed\x1b[0m\n");
}

Test(text, long_lists_are_cut_with_their_number)
{
	sample_big(&s, 3000, 0);
	SAYS(plainly(), "Moved (3,000)\n");
	SAYS(plainly(), "     … and 2,980 more (--all)\n");
	SAYS_NOT(plainly(), "00020.jpg");
	SAYS(whole(), "inbox/card/02999.jpg");
	SAYS_NOT(whole(), " more");
}

Test(text, one_more_than_fits_is_shown)
{
	sample_big(&s, 21, 0);
	SAYS(plainly(), "00020.jpg");
	SAYS_NOT(plainly(), " more");
}

Test(text, losses_are_never_cut)
{
	char path[64];

	sample_big(&s, 0, 90);
	for (int i = 0; i < 90; i++) {
		snprintf(path, sizeof path, "a/camera 00/DSC_%05d.NEF", i);
		SAYS(plainly(), path);
	}
}

/* Many losses are told by folder; the numbers of the lines add up to all of them. */
Test(text, many_losses_stand_in_lines_of_folders)
{
	const char *p;
	unsigned sum = 0;

	sample_big(&s, 0, 4000);
	sample_add(&s, TALLY_CHANGE_DELETED, "alone.txt")->fate = TALLY_FATE_LOST;
	s.r->files.before++;
	p = plainly();
	SAYS(p, "nowhere any more (4,001)");
	SAYS(p, "     alone.txt  34.5 KB, no copy was kept\n");
	while ((p = strstr(p, "     a/camera "))) {
		unsigned thousands = 0, rest = 0;

		if (sscanf(p, "     a/camera %*u/  %u,%u files", &thousands, &rest) == 2)
			sum += thousands * 1000 + rest;
		p++;
	}
	cr_assert_eq(sum, 4000);
	p = plainly();
	for (int i = 0; i < 4000; i++) {
		char name[32];

		snprintf(name, sizeof name, " DSC_%05d.NEF 34.5 KB", i);
		cr_assert(strstr(p, name), "%s is not named", name);
	}
}

Test(text, unverified_items_are_never_cut)
{
	char path[64];

	sample_nothing(&s, 60);
	for (int i = 0; i < 60; i++) {
		snprintf(path, sizeof path, "     locked/file %02d.txt\n", i);
		SAYS(plainly(), path);
	}
	SAYS(plainly(),
	     "   No permission to read it (60 files; not verified at all): run as a user ");
}

Test(text, many_unverified_items_stand_in_lines_of_folders)
{
	char name[32];

	sample_nothing(&s, 500);
	SAYS(plainly(), "     locked/  500 files");
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof name, "file %02d.txt%s", i, i < 499 ? "," : "\n");
		SAYS(plainly(), name);
	}
	SAYS(whole(), "     locked/file 499.txt\n");
}

Test(text, a_receipt_that_could_not_see_does_not_say_nothing)
{
	sample_nothing(&s, 12);
	BEGINS(plainly(), "No change, but 12 files could not be read, so nothing can be said about "
	                  "them.\n");
	SAYS(plainly(), "Nothing, as far as could be seen.\n");
}

Test(text, a_folder_line_stands_for_its_files)
{
	sample_mixed(&s);
	SAYS(plainly(), "     inbox/ → 2024/  moved with 40 files (1.3 MB)\n");
	SAYS(plainly(), "photos/raw/  deleted with 30 files (1.0 MB), 28 of them nowhere");
	SAYS_NOT(plainly(), "scan 007.pdf");
	SAYS(plainly(), "       photos/raw/IMG_0001.CR2  ");
	SAYS_NOT(plainly(), "     2024/\n");
	SAYS(whole(), "inbox/scan 007.pdf → 2024/scan 007.pdf");
	SAYS(whole(), "IMG_0001.CR2");
}

Test(text, a_covered_file_is_told_although_its_folder_moved)
{
	struct tally_receipt_change *c;

	sample_begin(&s, 1);
	c = sample_from(&s, TALLY_CHANGE_MOVED, "a/x", "b/x");
	sample_overwrote(&s, c, TALLY_FATE_LOST);
	sample_from(&s, TALLY_CHANGE_MOVED, "a/y", "b/y");
	sample_fold(&s, TALLY_FOLD_MERGED, "a", "b", 0, 2);
	sample_end(&s);
	SAYS(plainly(), "   Moved or copied over another file, whose content is gone (1)\n"
	                "     a/x → b/x, covered a file of 69.1 KB, no copy was kept\n");
	SAYS_NOT(plainly(), "a/y");
}

Test(text, tables_show_rows_key_columns_and_cells)
{
	const char *t;

	sample_mixed(&s);
	t = plainly();
	SAYS(t, "1,200 before − 3 deleted + 5 added = 1,202 after; 1,197 edited,");
	SAYS(t, "Key       sku (found by comparing; no value twice; 99.8 % on both sides)\n");
	SAYS(t, "Columns   added discount; removed notes; renamed price → unit_price\n");
	SAYS(t,
	     "zip: leading zeros lost in 1,197 cells, as in row 2:\n                 01067 → 1067\n");
	SAYS(t, "Order     sorted by city (12 rows moved)\n");
	SAYS(t, "Deleted   row 44 (A-0043): A-0043 | Hinge, brass | 4.20 | discontinued?\n");
	SAYS(t, "Cells     row 17 (A-0016), unit_price: 12.50 → 13.00\n");
	SAYS(t, "row 18 (A-0017), unit_price: 8.00 → -8.00  sign changed\n");
	SAYS(t, "…and ends in oak → …and ends in pine\n");
	SAYS(t, "city: Köln → (empty)\n");
	SAYS(t, "File      encoding windows-1252 → utf-8; line endings crlf → lf\n");
	SAYS(t, "unit_price: sum 18230.55 → 18215.05, smallest 0.02 → -8.00\n");
	SAYS(t, "ragged row, 2 times, first in row 601 (new): 7 cells, the");
}

Test(text, sizes_that_look_alike_show_their_difference)
{
	sample_begin(&s, 1);
	sample_add(&s, TALLY_CHANGE_MODIFIED, "a")->bytes_after = SAMPLE_SIZE + 1;
	sample_add(&s, TALLY_CHANGE_MODIFIED, "b")->bytes_after = SAMPLE_SIZE - 2;
	sample_end(&s);
	SAYS(plainly(), "     a  34,567 → 34,568 bytes\n");
	SAYS(plainly(), "     b  34,567 → 34,565 bytes\n");
}

Test(text, review_shows_seven_and_the_number_of_the_others)
{
	sample_mixed(&s);
	SAYS(plainly(),
	     "\n    1. high    ‘notes/passwords \\u{202E}fdp.txt’ (1.2 MB) was deleted, and its\n");
	SAYS(plainly(), "\n    7. ");
	SAYS_NOT(plainly(), "\n    8. ");
	SAYS(plainly(), "   … and 14 more (--all)\n");
	SAYS(whole(), "\n   21. ");
}

/* Whatever a receipt read from a file holds where text is expected: no crash. */
Test(text, details_of_any_type_are_survived)
{
	static const char *const values[] = { "null", "1",  "-1.5", "true", "\"\"",
		                              "[]",   "{}", "[[]]", "[{}]", "{\"value\": 1}" };
	static const char *const fields[] = { "path",       "from",       "part",  "rows",
		                              "aligned_by", "columns",    "cells", "row_changes",
		                              "rewrites",   "properties", "facts", "problems",
		                              "invariants", "blocks",     "edits", "members",
		                              "format",     "repacked" };
	char json[200];

	sample_begin(&s, 1);
	for (size_t f = 0; f < sizeof fields / sizeof *fields; f++)
		for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
			snprintf(json, sizeof json, "{\"%s\": %s}", fields[f], values[v]);
			sample_table(&s, json);
			json_array_append_new(s.r->documents, json_loads(json, 0, NULL));
			json_array_append_new(s.r->archives, json_loads(json, 0, NULL));
		}
	sample_end(&s);
	cr_assert_leq(widest(whole()), 80);
}

Test(text, survives_any_failed_allocation_and_write)
{
	static const enum tally_fault_kind kinds[] = { TALLY_FAULT_ALLOC, TALLY_FAULT_WRITE };

	sample_mixed(&s);
	for (int k = 0; k < 2; k++) {
		FAULTS_EACH(f, kinds[k])
		{
			int fd = open("/dev/null", O_WRONLY);
			enum tally_status st;

			faults_arm(&f);
			st = tally_receipt_write_text(s.r, NULL, fd, NULL);
			cr_assert_eq(st, faults_fired(&f) ? TALLY_FATAL : TALLY_OK, "%ld", f.nth);
			close(fd);
		}
	}
}

/* 10 ms in a release; a quadratic step would take seconds. */
Test(text, forty_thousand_changes_are_quick)
{
	struct timespec from, to;

	sample_big(&s, 30000, 10000);
	clock_gettime(CLOCK_MONOTONIC, &from);
	plainly();
	whole();
	clock_gettime(CLOCK_MONOTONIC, &to);
	cr_assert_lt(to.tv_sec - from.tv_sec, 2);
}

/* ---- many columns, problems that are no news ---- */

static void add_columns(int count, const char *kind, bool only_case)
{
	char json[8000] = "{\"path\": \"t.csv\", \"columns\": [";

	for (int i = 0; i < count; i++)
		snprintf(json + strlen(json), sizeof json - strlen(json),
		         "%s{\"kind\": \"%s\", \"name\": \"%s%d\", \"name_before\": \"n%d\", "
		         "\"index\": %d, \"index_before\": %d}",
		         i ? ", " : "", kind, only_case ? "N" : "x", i, i, 2000 + i, i + 1);
	strcat(json, "]}");
	sample_begin(&s, 1);
	sample_table(&s, json);
	sample_end(&s);
}

Test(text, many_columns_of_one_kind_are_one_line)
{
	add_columns(20, "renamed", true);
	SAYS(plainly(), "20 columns renamed (letter case only): n0 \u2192 N0; n1 \u2192 N1");
	SAYS_NOT(plainly(), "n3");
	SAYS(whole(), "renamed n19 \u2192 N19");
	sample_release(&s);
	add_columns(20, "moved", false);
	SAYS(plainly(), "20 columns moved: x0 from 1 to 2,000; x1");
	sample_release(&s);
	add_columns(20, "removed", false);
	SAYS(plainly(), "removed x19");
	sample_release(&s);
	add_columns(8, "renamed", false);
	SAYS(plainly(), "renamed n7 \u2192 x7");
}

Test(text, columns_without_a_name_are_known_by_their_number)
{
	sample_begin(&s, 1);
	sample_table(
		&s,
		"{\"path\": \"t.csv\", \"columns\": ["
		"{\"kind\": \"removed\", \"name\": \"\", \"name_before\": \"\", \"index_before\": 4}, "
		"{\"kind\": \"renamed\", \"name\": \"\", \"name_before\": \"a\", \"index\": 2, "
		"\"index_before\": 2}], \"cells\": [{\"row\": 2, \"column\": \"\", "
		"\"column_index\": 3, \"old\": \"x\", \"new\": \"y\", \"nature\": \"value\"}]}");
	sample_end(&s);
	SAYS(plainly(), "removed column 4 (no name); renamed a → (no name)");
	SAYS(plainly(), "row 2, column 3 (no name): x → y");
}

Test(text, a_cell_of_a_sheet_without_names_is_told_by_its_address)
{
	sample_begin(&s, 1);
	sample_table(&s, "{\"path\": \"t.xlsx\", \"part\": \"S\", \"part_before\": \"S\", \"cells\": ["
	                 "{\"row\": 5, \"ref\": \"D5\", \"column\": \"column 4\", \"old\": \"x\", "
	                 "\"new\": \"y\", \"nature\": \"value\"}, "
	                 "{\"row\": 6, \"ref\": \"D6\", \"column\": \"column 4b\", \"old\": \"x\", "
	                 "\"new\": \"z\", \"nature\": \"value\"}]}");
	sample_end(&s);
	SAYS(plainly(), "D5: x → y\n");
	SAYS(plainly(), "D6, column 4b: x → z\n");
}

Test(text, counts_are_no_sums_and_say_what_is_not_plain)
{
	sample_begin(&s, 1);
	sample_table(&s, "{\"path\": \"t.csv\", \"cells_total\": 99, \"invariants\": [{\"column\": \"n\", "
	                 "\"sum\": {\"before\": \"5\", \"after\": \"6\"}, "
	                 "\"empty\": {\"before\": 1, \"after\": 2}, "
	                 "\"count\": {\"before\": 30, \"after\": 29}, "
	                 "\"distinct\": {\"before\": 30, \"after\": 29}}, {\"column\": \"m\", "
	                 "\"distinct\": {\"before\": 30, \"after\": 1}}]}");
	sample_end(&s);
	SAYS(plainly(), "Sums      n: sum 5 → 6\n");
	SAYS(plainly(), "Counts    n: empty 1 → 2\n");
	SAYS(plainly(), "m: different 30 → 1\n");
	SAYS(whole(), "filled 30 → 29, different 30 → 29");
}

Test(text, problems_that_were_there_before_are_no_news)
{
	sample_begin(&s, 1);
	sample_table(&s,
	             "{\"path\": \"t.csv\", \"problems\": ["
	             "{\"what\": \"blank_line\", \"side\": \"before\", \"row\": 7, \"count\": 2}, "
	             "{\"what\": \"blank_line\", \"side\": \"after\", \"row\": 9, \"count\": 2}, "
	             "{\"what\": \"ragged_row\", \"side\": \"before\", \"row\": 1, \"count\": 3}, "
	             "{\"what\": \"ragged_row\", \"side\": \"after\", \"row\": 1, \"count\": 4}]}");
	sample_end(&s);
	SAYS_NOT(plainly(), "blank line");
	SAYS(plainly(), "ragged row, 4 times, first in row 1 (before, 3 times, first in\n");
	SAYS_NOT(plainly(), "ragged row, 3 times");
	SAYS(whole(), "blank line, 2 times, first in row 9 (as before)\n");
}

Test(text, problems_are_new_or_gone)
{
	sample_begin(&s, 1);
	sample_table(
		&s,
		"{\"path\": \"t.csv\", \"problems\": ["
		"{\"what\": \"not_computed\", \"side\": \"before\", \"row\": 2, \"count\": 31}, "
		"{\"what\": \"ragged_row\", \"side\": \"after\", \"row\": 7, \"count\": 1}, "
		"{\"what\": \"title_line_removed\", \"side\": \"before\", \"row\": 1, \"count\": 1}, "
		"{\"what\": \"header_guessed\", \"side\": \"after\", \"row\": 1, \"count\": 1}]}");
	sample_end(&s);
	SAYS(plainly(), "formulas that no program has computed, 31 times, first in row 2\n");
	SAYS(plainly(), "ragged row in row 7 (new)\n");
	SAYS(plainly(), "title line removed in row 1 (before)\n");
	SAYS(plainly(), "header guessed in row 1 (after)\n");
}

Test(text, a_type_that_changed_is_told_beside_the_value)
{
	sample_begin(&s, 1);
	sample_table(&s,
	             "{\"path\": \"t.xlsx\", \"part\": \"a\", \"part_before\": \"a\", \"rows\": {\"before\": 3, "
	             "\"same\": 1, \"edited\": 2, \"after\": 3}, \"results_unknown\": {\"before\": 1, "
	             "\"after\": 0}, \"cells\": ["
	             "{\"ref\": \"C4\", \"column\": \"n\", \"old\": \"6\", \"new\": \"14\", "
	             "\"type_before\": \"number\", \"type\": \"text\", \"nature\": \"value\"}, "
	             "{\"ref\": \"D4\", \"column\": \"d\", \"old\": \"2024-01-10\", \"new\": "
	             "\"2024-01-11\", \"type_before\": \"date\", \"type\": \"text\", \"nature\": "
	             "\"date_value_changed\"}]}");
	sample_end(&s);
	SAYS(plainly(), "n: 6 → 14  was a number, is text now\n");
	SAYS(plainly(), "d: 2024-01-10 → 2024-01-11  date changed, was a date, is\n");
	SAYS(plainly(),
	     "1 the same, 2 edited;\n                 not compared: 1 result that nobody computed\n");
}
