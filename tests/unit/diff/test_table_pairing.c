/* How rows find each other: keys that are inferred and why, doubts, and rows that have nothing in common. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "diff/table_diff.h"
#include "support/table_pair.h"
#include "support/text_part.h"

TestSuite(table_pairing, .fini = forget);

static void compare_keyed(const char *old, const char *now, const char *key)
{
	struct tally_table_options options = TALLY_TABLE_OPTIONS_INIT;

	forget();
	options.key = &key;
	options.key_count = key != NULL;
	before = text_part(old);
	after = text_part(now);
	cr_assert_eq(tally_table_diff(&d, before, after, &options, &err), TALLY_OK, "%s",
	             err.message);
}

static void compare(const char *old, const char *now)
{
	compare_keyed(old, now, NULL);
}

static void expect_key(const char *name)
{
	cr_assert_eq(d->aligned_by.how, TALLY_ALIGNED_INFERRED, "%s", d->aligned_by.note);
	cr_assert_eq(d->aligned_by.column_count, 1);
	cr_assert_str_eq(d->names_before[d->aligned_by.columns[0]], name);
}

static void expect_no_key(const char *why)
{
	cr_assert_eq(d->aligned_by.how, TALLY_ALIGNED_ROWS);
	cr_assert(strstr(d->aligned_by.note, why), "%s", d->aligned_by.note);
}

/* ---- keys ---- */

Test(table_pairing, an_amount_is_no_key)
{
	compare("date,text,amount\n1.1.,coffee,-3.50\n2.1.,rent,-900.00\n2.1.,rent,-901.00\n3.1.,pay,2000.00\n"
	        "3.1.,pay,2001.10\n",
	        "date,text,amount\n1.1.,coffee,-3.50\n2.1.,rent,-900.00\n2.1.,rent,-901.50\n3.1.,pay,2000.00\n"
	        "3.1.,pay,2001.10\n");
	expect_no_key("'amount' may tell rows apart, but amounts are no key");
	expect_rows(4, 1, 0, 0, 0);
	compare("what;a,betrag\nx,1.234\nx,7\ny,12\n", "what;a,betrag\nx,1.234\nx,8\ny,12\n");
	cr_assert_eq(d->aligned_by.how, TALLY_ALIGNED_ROWS, "by its name");
}

Test(table_pairing, a_scale_that_rises_is_a_key)
{
	compare("t,v\n0.1,5\n0.2,6\n0.3,7\n0.4,8\n", "t,v\n0.1,5\n0.2,9\n0.3,7\n0.4,8\n");
	expect_key("t");
	expect_rows(3, 1, 0, 0, 0);
}

Test(table_pairing, names_beat_numbers_that_are_unique_by_chance)
{
	compare("name,people\nBern,1341\nBasel,1738\nChur,3810\nDavos,1096\nEmmen,3100\n",
	        "name,people\nBern,1341\nBasle,1738\nChur,3812\nDavos,1096\nEmmen,3100\n");
	expect_key("name");
}

Test(table_pairing, keys_are_known_again_however_they_are_written)
{
	compare("gene,acc,val\nSEPT2,A1,10\nMARCH1,A2,20\nDEC1,A3,30\n",
	        "gene,acc,val\n2-Sep,B1,1\n1-Mar,B2,2\n1-Dec,B3,3\n");
	expect_key("gene");
	cr_assert(strstr(d->aligned_by.note, "names are written aside"), "%s", d->aligned_by.note);
	expect_rows(0, 3, 0, 0, 0);
	compare("gene,acc\nSEPT2,A1\nMARCH1,A2\nDEC1,A3\n",
	        "gene,acc\n2024-03-01,B2\n2024-09-02,B1\n2024-12-01,B3\n");
	expect_key("gene");
	expect_rows(0, 3, 1, 0, 0);
	compare("date,v\n2024-01-31,1\n2024-02-01,2\n2024-02-02,2\n",
	        "date,v\n31/01/2024,1\n01/02/2024,5\n02/02/2024,2\n");
	expect_key("date");
	expect_rows(0, 3, 0, 0, 0);
	compare("nr,v\n1200,a\n1300,b\n14000,a\n", "nr,v\n\"1,200\",a\n\"1,300\",b\n\"14,000\",c\n");
	expect_key("nr");
	expect_rows(0, 3, 0, 0, 0);
}

Test(table_pairing, dates_that_may_be_two_are_not_guessed)
{
	compare("date,v\n2024-01-02,1\n2024-02-01,2\n2024-03-04,2\n",
	        "date,v\n01/02/2024,1\n02/01/2024,5\n03/04/2024,2\n");
	cr_assert_eq(d->aligned_by.how, TALLY_ALIGNED_ROWS);
}

Test(table_pairing, the_reason_why_there_is_no_key_is_the_true_one)
{
	compare("code,v\nabc,x\ndef,x\nghi,y\n", "code,v\nqq,x\nrr,x\nss,y\n");
	expect_no_key("'code' is unique on both sides, but only 0.0 % of its values are on both");
	compare("a,v\np,x\np,x\nq,y\n", "a,v\np,x\np,x\nq,z\n");
	expect_no_key("no column or group of columns is unique on both sides");
}

Test(table_pairing, a_poor_key_loses_against_amounts_that_find_more_rows)
{
	compare("Date,Text,Balance\n1.1.,Coop,9.50\n1.1.,Rent,8.25\n2.1.,Rent,7.75\n2.1.,Coop,6.10\n"
	        "3.1.,Coop,3.10\n3.1.,ATM,2.50\n",
	        "Date,Text,Balance\n3.1.,Coop,2.50\n3.1.,Migros,3.10\n2.1.,Coop,6.10\n2.1.,Rent,7.75\n"
	        "1.1.,Rent,8.25\n1.1.,Coop,9.50\n");
	expect_key("Balance");
	expect_rows(4, 2, 5, 0, 0);
}

Test(table_pairing, what_a_key_leaves_is_found_by_likeness_in_any_order)
{
	static const char *const old[] = { "Ann,a@x,Bern,7", "Bob,b@x,Chur,8", "Cy,c@x,Thun,9",
		                           "Di,d@x,Genf,6", "Eva,e@x,Zug,5" };
	static const char *const now[] = { "Eva,e@x,Zug,5", "Di,d@x,Genf,6", "Cyril,c@x,Thun,9",
		                           "Bob,b@x,Chur,8", "Ann,a@x,Bern,7" };
	char a[200] = "name,mail,town,n\n", b[200] = "name,mail,town,n\n";

	for (int i = 0; i < 5; i++) {
		strcat(strcat(a, old[i]), "\n");
		strcat(strcat(b, now[i]), "\n");
	}
	compare(a, b);
	expect_rows(4, 1, 4, 0, 0);
}

Test(table_pairing, keys_that_became_one_are_told_apart_by_the_rest)
{
	compare_keyed("id,v\n1,a\n01,b\n001,c\n2,d\n", "id,v\n1,a\n1,b\n1,c\n2,d\n", "id");
	expect_rows(2, 2, 0, 0, 0);
	cr_assert_eq(d->cells_len, 2);
	cr_assert_eq(d->cells[0].nature, TALLY_NATURE_LEADING_ZEROS_LOST);
	cr_assert_eq(d->cells[0].row_before, d->cells[0].row);
}

Test(table_pairing, a_key_of_several_columns_is_named_whole)
{
	const char *const key[] = { "order", "pos" };
	struct tally_table_options options = TALLY_TABLE_OPTIONS_INIT;

	options.key = key;
	options.key_count = 2;
	before = text_part("order,pos,v\n7,1,a\n7,2,b\n");
	after = text_part("order,pos,v\n7,1,a\n7,2,b\n7,2,c\n");
	cr_assert_eq(tally_table_diff(&d, before, after, &options, &err), TALLY_OK);
	cr_assert_eq(d->problems_len, 1);
	cr_assert_str_eq(d->problems[0].problem.detail, "7 + 2");
	cr_assert_eq(d->problems[0].problem.row, 3, "the first of them");
}

/* A survey: number, two answers that come again and again. @without  one answer is left out; @nr  numbers go on */
static void write_survey(char *out, int rows, int without, bool nr)
{
	static const char *const words[] = { "good", "ok", "bad", "none" };
	unsigned seed = 7;

	out += sprintf(out, "nr,q1,q2,q3\n");
	for (int i = 0, n = 0; i < rows; i++) {
		seed = seed * 1664525U + 1013904223U;
		n += !nr || i != without;
		if (i != without)
			out += sprintf(out, "%d,%s,%u,%u\n", nr ? n : i + 1, words[seed >> 30],
			               (seed >> 20) % 5, (seed >> 10) % 3);
	}
}

Test(table_pairing, a_running_number_given_out_anew_is_no_key)
{
	char old[2000], now[2000];

	write_survey(old, 60, 60, true);
	write_survey(now, 60, 11, true);
	compare(old, now);
	expect_no_key("'nr' numbers the rows anew");
	expect_rows(11, 48, 0, 1, 0);
	for (size_t i = 0; i < d->cells_len; i++)
		cr_assert_eq(d->cells[i].column, 0);
	compare(now, old);
	expect_rows(11, 48, 0, 0, 1);
	write_survey(now, 60, 11, false);
	compare(old, now);
	expect_key("nr");
	expect_rows(59, 0, 0, 1, 0);
	compare("nr,a,b\n1,x,y\n2,p,q\n3,r,s\n4,t,u\n", "nr,a,b\n1,x,1\n2,p,2\n3,r,3\n4,t,4\n");
	expect_key("nr");
	expect_rows(0, 4, 0, 0, 0);
}

/* Sentences of some words each, an id before it. @edited  other ids, and a word of each sentence is another one */
static void write_sentences(char *out, bool edited, bool boilerplate)
{
	static const char *const words[] = { "tea",  "river", "clock", "green", "stone", "apple",
		                             "moon", "late",  "seven", "glass", "north", "paper" };
	unsigned seed = 5;

	out += sprintf(out, "id,text\n");
	for (int i = 0; i < 40; i++) {
		out += sprintf(out, "%c%d,", edited ? 'x' : 'a', edited ? 917 * i % 1000 : i * 7);
		for (int n = 0; n < 12; n++) {
			seed = seed * 1664525U + 1013904223U;
			out += sprintf(out, "%s%u ", words[(seed >> 20) % 12],
			               boilerplate ? 0 : (seed >> 10) % 50);
			if (boilerplate)
				seed = (unsigned)n;
		}
		out += sprintf(out, "%s\n", edited ? "edited" : "end");
	}
}

Test(table_pairing, sentences_with_some_other_words_are_the_same_ones)
{
	char old[8000], now[8000];

	write_sentences(old, false, false);
	write_sentences(now, true, false);
	compare(old, now);
	expect_rows(0, 40, 0, 0, 0);
	cr_assert_not(d->aligned_by.doubtful, "%s", d->aligned_by.note);
	write_sentences(old, false, true);
	write_sentences(now, true, true);
	compare(old, now);
	cr_assert(d->aligned_by.doubtful, "the same sentence in all rows tells nothing");
}

Test(table_pairing, a_key_that_was_unique_is_still_the_key)
{
	compare("id,v\n1,a\n2,b\n3,c\n4,d\n", "id,v\n1,a\n2,b\n3,c\n4,d\n2,b\n");
	expect_key("id");
	cr_assert(strstr(d->aligned_by.note, "unique before, and not any more"));
	cr_assert_eq(d->problems_len, 1);
	expect_rows(4, 0, 0, 0, 1);
}

Test(table_pairing, copies_of_rows_are_known_as_such)
{
	unsigned copies = 0;

	compare("id,v\n1,a\n2,b\n2,b\n9,x\n3,c\n", "id,v\n1,a\n2,b\n3,c\nid,v\n7,a\n3,c\n");
	expect_rows(3, 0, 0, 2, 3);
	cr_assert_eq(d->row_changes[0].row_before, 3);
	cr_assert_eq(d->row_changes[0].equal_row, 2);
	cr_assert_eq(d->row_changes[1].equal_row, TALLY_NO_ROW);
	for (size_t i = 2; i < 5; i++)
		copies += d->row_changes[i].equal_row != TALLY_NO_ROW;
	cr_assert_eq(copies, 1);
	cr_assert_eq(d->problems_len, 1);
	cr_assert_str_eq(d->problems[0].problem.what, "header_repeated");
	cr_assert_eq(d->problems[0].problem.row, 5);
}

/* ---- doubts ---- */

Test(table_pairing, other_white_space_and_letter_case_are_no_doubt)
{
	struct tally_table_options options = TALLY_TABLE_OPTIONS_INIT;

	options.no_key = true;
	before = text_part("time,temp\n1:00,Mild\n2:00,Cold\n3:00,Mild\n4:00,Hot\n");
	after = text_part("time,temp\n1:00, mild\n2:00, cold\n3:00, mild\n4:00, hot\n");
	cr_assert_eq(tally_table_diff(&d, before, after, &options, &err), TALLY_OK);
	expect_rows(0, 4, 0, 0, 0);
	cr_assert_not(d->aligned_by.doubtful, "%s", d->aligned_by.note);
}

Test(table_pairing, edits_alone_do_not_make_a_sure_key_doubtful)
{
	compare("id,a,b,c\n1,p,q,r\n2,s,t,u\n3,v,w,x\n4,y,z,k\n",
	        "id,a,b,c\n1,1p,1q,1r\n2,2s,2t,2u\n3,3v,3w,3x\n4,y,z,k\n");
	expect_rows(1, 3, 0, 0, 0);
	cr_assert_not(d->aligned_by.doubtful, "%s", d->aligned_by.note);
}

Test(table_pairing, weak_evidence_makes_the_pairing_doubtful)
{
	compare_keyed("id,a,b,c\n1,p,q,r\n2,s,t,u\n3,v,w,x\n",
	              "id,a,b,c\n7,p,q,r\n8,s,t,u\n9,v,w,x\n", "id");
	cr_assert(d->aligned_by.doubtful);
	compare("a,b,c\nx,y,z\nx,y,z\np,q,r\np,q,r\n", "a,b,c\nx,y,1\nx,y,2\np,q,3\np,q,4\n");
	expect_rows(0, 4, 0, 0, 0);
	cr_assert_not(d->aligned_by.doubtful);
	compare("a,b\n1,p\n1,q\n2,q\n", "a,b\n7,x\n7,y\n8,y\n");
	cr_assert(d->aligned_by.doubtful, "nothing was found again");
}

Test(table_pairing, a_key_sorted_alone_is_the_column_that_changed)
{
	compare("nr,a,b\n1,x,y\n2,p,q\n3,r,s\n4,t,u\n5,v,w\n",
	        "nr,a,b\n1,r,s\n2,x,y\n3,v,w\n4,p,q\n5,t,u\n");
	cr_assert_eq(d->aligned_by.how, TALLY_ALIGNED_ROWS);
	expect_rows(0, 5, 2, 0, 0);
	cr_assert_eq(d->rewrites_len, 1);
	cr_assert_eq(d->rewrites[0].column, 0);
	cr_assert_eq(d->rewrites[0].nature, TALLY_NATURE_PERMUTED);
}

Test(table_pairing, tables_without_a_common_column_have_no_row_in_common)
{
	compare("name\nAnn\nBob\nCy\n", "price\n10\n20\n30\n");
	expect_rows(0, 0, 0, 3, 3);
	cr_assert_str_eq(d->aligned_by.note, "the tables have no column in common");
	cr_assert_not(d->aligned_by.doubtful);
}

Test(table_pairing, rows_are_not_the_same_for_columns_in_which_they_are_empty)
{
	compare("name,note\nAnn,\nBob,\n,\n", "price,note\n10,\n20,\n,\n");
	expect_rows(0, 0, 0, 2, 2);
}

Test(table_pairing, cells_beyond_the_limit_are_not_called_the_same)
{
	struct tally_table_options options = TALLY_TABLE_OPTIONS_INIT;
	struct tally_limits limits = TALLY_LIMITS_INIT;

	limits.table_columns = 3;
	options.limits = &limits;
	before = text_part("id,a,b,c\n1,x,y,z\n2,p,q,r\n3,s,t,u\n");
	after = text_part("id,a,b,c\n1,x,y,Z\n3,s,t,u\n2,p,q,r\n");
	cr_assert_eq(tally_table_diff(&d, before, after, &options, &err), TALLY_OK);
	expect_rows(2, 1, 1, 0, 0);
	forget();
	before = text_part("id,a,b,c\n1,x,y,z\n2,p,q,r\n");
	after = text_part("id,b,a,c\n1,y,x,Z\n2,q,p,r\n");
	cr_assert_eq(tally_table_diff(&d, before, after, &options, &err), TALLY_OK);
	expect_rows(0, 2, 0, 0, 0); /* columns changed places: the bytes say nothing */
	cr_assert_str_eq(d->problems[d->problems_len - 1].problem.what, "limit");
}

/* ---- rows that are no data ---- */

static void compare_below(const char *old, size_t header_old, const char *now, size_t header_now)
{
	struct text_part_options x = { .header_row = header_old }, y = { .header_row = header_now };

	forget();
	before = text_part_of(old, strlen(old), &x);
	after = text_part_of(now, strlen(now), &y);
	cr_assert_eq(tally_table_diff(&d, before, after, NULL, &err), TALLY_OK, "%s", err.message);
}

Test(table_pairing, blank_rows_are_no_rows)
{
	compare("id,v\n1,a\n\n2,b\n,\n3,c\n", "id,v\n1,a\n2,b\n3,c\n");
	expect_rows(3, 0, 0, 0, 0);
	expect_key("id");
	cr_assert_eq(d->row_changes_len, 0);
	cr_assert_eq(d->invariants_len, 0);
	cr_assert_eq(d->properties_len, 1);
	cr_assert_str_eq(d->properties[0].name, "blank_rows");
	cr_assert_str_eq(d->properties[0].old, "2");
	cr_assert_str_eq(d->properties[0].now, "0");
	compare("id,v\n1,a\n\n2,b\n,\n3,c\n", "id,v\n1,a\n\n2,b\n3,d\n,\n");
	expect_rows(2, 1, 0, 0, 0);
	cr_assert_eq(d->cells[0].row, 4, "rows count as they stand in the file");
	cr_assert_eq(d->cells[0].row_before, 5);
}

Test(table_pairing, title_lines_are_no_rows)
{
	compare_below("Report\nof May\n\nid,v\n1,a\n2,b\n3,c\n", 3, "Report\nid,v\n1,a\n2,b\n3,d\n",
	              1);
	expect_rows(2, 1, 0, 0, 0);
	cr_assert_eq(d->rows.before, 3);
	cr_assert_eq(d->row_changes_len, 0);
	cr_assert_eq(d->problems_len, 1);
	cr_assert_str_eq(d->problems[0].problem.what, "title_line_removed");
	cr_assert_eq(d->problems[0].problem.row, 2);
	cr_assert_str_eq(d->problems[0].problem.detail, "'of May'");
	compare_below("Report 1\nid,v\n1,a\n", 1, "Report 2\nid,v\n1,a\n", 1);
	expect_rows(1, 0, 0, 0, 0);
	cr_assert_eq(d->cells_total, 1, "what a title says is told");
}

/* ---- headers that are none ---- */

static void expect_header(const char *old, const char *now)
{
	cr_assert_eq(d->properties_len, old != now);
	if (d->properties_len) {
		cr_assert_str_eq(d->properties[0].old, old);
		cr_assert_str_eq(d->properties[0].now, now);
	}
}

static void compare_headed(const char *old, const char *now)
{
	struct text_part_options o = { .header_property = true };

	forget();
	before = text_part_of(old, strlen(old), &o);
	after = text_part_of(now, strlen(now), &o);
	cr_assert_eq(tally_table_diff(&d, before, after, NULL, &err), TALLY_OK, "%s", err.message);
}

Test(table_pairing, a_row_that_is_taken_for_the_header_is_a_row)
{
	compare_headed("name,city\nAnn,Bern\nBob,Basel\nCy,Chur\n", "Ann,Bern\nBob,Basel\nCy,Chur\n");
	expect_rows(3, 0, 0, 0, 0);
	expect_header("1", "none");
	cr_assert_eq(d->columns_len, 0);
	cr_assert_str_eq(d->names[1], "city");
	compare_headed("Ann,Bern\nBob,Basel\nCy,Chur\n", "name,city\nAnn,Bern\nBob,Basel\nCy,Chur\n");
	expect_rows(3, 0, 0, 0, 0);
	expect_header("none", "1");
	compare_headed("id,name\n1,Ann\n2,Bob\n3,Cy\n", "1,Anna\n2,Bob\n3,Cy\n");
	expect_rows(2, 1, 0, 0, 0);
	expect_header("1", "none");
	compare_headed("Ann,Bern\nBob,Basel\nCy,Chur\n", "Bob,Basel\nAnn,Bern\nCy,Chur\n");
	expect_rows(3, 0, 1, 0, 0);
}

Test(table_pairing, a_header_in_another_language_is_a_header)
{
	compare_headed("Name,Stadt,2021\nAnn,Bern,7\nBob,Basel,8\n",
	               "First,City,2022\nAnn,Bern,7\nBob,Basel,8\n");
	expect_rows(2, 0, 0, 0, 0);
	cr_assert_eq(d->columns_len, 3);
}

/* ---- without a key ---- */

Test(table_pairing, rows_without_a_key_that_stayed_in_their_places)
{
	compare("date,text,amount\n1.1.,coop,9.50\n1.1.,rent,1.25\n2.1.,rent,7.75\n3.1.,coop,3.50\n3.1.,rent,5.10\n"
	        "3.1.,rent,4.10\n4.1.,coop,2.50\n",
	        "date,text,amount\n1.1.,coop,\n1.1.,rent,9.50\n2.1.,rent,1.25\n3.1.,coop,7.75\n3.1.,rent,3.50\n"
	        "3.1.,rent,5.10\n4.1.,coop,4.10\n");
	expect_rows(0, 7, 0, 0, 0);
	cr_assert_eq(d->rewrites_len, 1);
	cr_assert_eq(d->rewrites[0].nature, TALLY_NATURE_SHIFTED);
}

Test(table_pairing, a_slide_over_values_that_come_again)
{
	compare_keyed("id,v\n1,3\n2,3\n3,5\n4,1\n5,1\n6,1\n7,4\n8,2\n9,5\n",
	              "id,v\n1,\n2,3\n3,3\n4,5\n5,1\n6,1\n7,1\n8,4\n9,2\n", "id");
	cr_assert_eq(d->rewrites_len, 1);
	cr_assert_eq(d->rewrites[0].nature, TALLY_NATURE_SHIFTED);
	compare_keyed("id,v\n1,a\n2,b\n3,a\n4,b\n5,a\n6,b\n",
	              "id,v\n1,b\n2,a\n3,b\n4,a\n5,b\n6,a\n", "id");
	for (size_t i = 0; i < d->cells_len; i++)
		cr_assert_neq(d->cells[i].nature, TALLY_NATURE_SHIFTED,
		              "two values that changed places");
}

Test(table_pairing, rows_are_found_again_though_all_dates_and_numbers_are_written_anew)
{
	compare("date,text,amount\n2024-01-13,coop,9.50\n2024-01-13,rent,1000.25\n2024-01-14,rent,7.75\n"
	        "2024-02-03,coop,3.50\n2024-02-03,coop,5.10\n",
	        "date,text,amount\n13.01.2024,coop,\"9,50\"\n13.01.2024,rent,\"1000,25\"\n14.01.2024,rent,\"8,75\"\n"
	        "03.02.2024,coop,\"3,50\"\n03.02.2024,coop,\"5,10\"\n");
	expect_rows(0, 5, 0, 0, 0);
	cr_assert_not(d->aligned_by.doubtful, "%s", d->aligned_by.note);
}

Test(table_pairing, a_renamed_column_is_known_by_its_dates_and_numbers)
{
	compare("id,on,price\n1,2024-01-13,9.50\n2,2024-02-14,10.25\n3,2024-03-15,7.75\n",
	        "id,date,cost\n1,13.01.2024,\"9,50\"\n2,14.02.2024,\"10,25\"\n3,15.03.2024,\"7,75\"\n");
	cr_assert_eq(d->columns_len, 2);
	cr_assert_eq(d->columns[0].kind, TALLY_COLUMN_RENAMED);
	cr_assert_eq(d->columns[1].kind, TALLY_COLUMN_RENAMED);
	expect_rows(0, 3, 0, 0, 0);
}

/* Items with few different values; @edited  one column is written anew, and some rows come on top. */
static void write_items(char *out, unsigned seed, bool edited)
{
	static const char *const items[] = { "tea", "milk", "bread" };
	unsigned rows = 12 + seed % 9;

	out += sprintf(out, "item,amount,who\n");
	for (unsigned i = 0; i < rows + (edited ? seed % 4 : 0); i++) {
		unsigned r = (seed * 7919 + i) * 1664525U + 1013904223U;

		out += sprintf(out, "%s,%u,%s\n", items[(r >> 12) % 3],
		               edited ? (r >> 5) % 900 : 1 + (r >> 20) % 3,
		               (r >> 25) % 2 ? "Ann" : "Bob");
	}
}

Test(table_pairing, does_not_depend_on_which_side_is_which)
{
	char old[2000], now[2000];

	for (unsigned seed = 0; seed < 60; seed++) {
		struct tally_table_rows rows;

		write_items(old, seed, false);
		write_items(now, seed, true);
		compare(old, now);
		rows = d->rows;
		compare(now, old);
		expect_rows(rows.same, rows.edited, d->rows.moved, rows.added, rows.deleted);
	}
}
