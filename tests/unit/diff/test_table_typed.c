/* Comparing sheets: formulas and their results, types, formats; what came of a formula when rows came or went around it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "diff/table_diff.h"
#include "support/faults.h"
#include "support/sheet_part.h"
#include "support/table_laws.h"
#include "support/table_pair.h"
#include "support/text_part.h"

static struct tally_table_options options = TALLY_TABLE_OPTIONS_INIT;

TestSuite(table_typed, .fini = forget);

static void run(void)
{
	options.threads = 2;
	cr_assert_eq(tally_table_diff(&d, before, after, &options, &err), TALLY_OK, "%s",
	             err.message);
}

static void compare(const char *old, const char *now)
{
	forget();
	before = sheet_part("Sheet1", old, true);
	after = sheet_part("Sheet1", now, true);
	run();
}

static void expect_one(const char *old, const char *now, enum tally_nature nature)
{
	cr_assert_eq(d->cells_total, 1, "%lu cells", (unsigned long)d->cells_total);
	cr_assert_str_eq(d->cells[0].old.value, old);
	cr_assert_str_eq(d->cells[0].now.value, now);
	cr_assert_eq(d->cells[0].nature, nature, "%s", tally_nature_id(d->cells[0].nature));
}

static void expect_same(void)
{
	cr_assert_not(tally_table_diff_any(d), "%lu cells, %lu edited, first %s",
	              (unsigned long)d->cells_total, (unsigned long)d->rows.edited,
	              d->cells_len ? tally_nature_id(d->cells[0].nature) : "");
}

static const char *problem(const char *what, uint64_t *count)
{
	for (size_t i = 0; i < d->problems_len; i++) {
		if (strcmp(d->problems[i].problem.what, what) != 0)
			continue;
		if (count)
			*count = d->problems[i].problem.count;
		return d->problems[i].problem.detail;
	}
	return NULL;
}

#define HEAD "id|name|price|net\n"

/* ---- one cell ---- */

Test(table_typed, a_formula_replaced_by_its_value)
{
	compare(HEAD "1|a|2|=RC[-1]*2#4\n2|b|3|=RC[-1]*2#6\n", HEAD "1|a|2|=RC[-1]*2#4\n2|b|3|6\n");
	expect_one("6", "6", TALLY_NATURE_FORMULA_TO_CONSTANT);
	cr_assert_str_eq(d->cells[0].old.formula, "RC[-1]*2");
	cr_assert_null(d->cells[0].now.formula);
}

Test(table_typed, a_formula_replaced_by_another_value)
{
	compare(HEAD "1|a|2|=RC[-1]*2#4\n2|b|3|=RC[-1]*2#6\n", HEAD "1|a|2|=RC[-1]*2#4\n2|b|3|7\n");
	expect_one("6", "7", TALLY_NATURE_FORMULA_TO_CONSTANT);
}

Test(table_typed, a_value_replaced_by_a_formula)
{
	compare(HEAD "1|a|2|4\n2|b|3|6\n", HEAD "1|a|2|=RC[-1]*2#4\n2|b|3|6\n");
	expect_one("4", "4", TALLY_NATURE_CONSTANT_TO_FORMULA);
}

Test(table_typed, a_formula_changed_under_the_same_value)
{
	compare(HEAD "1|a|2|=RC[-1]*2#4\n2|b|3|6\n", HEAD "1|a|2|=RC[-1]+2#4\n2|b|3|6\n");
	expect_one("4", "4", TALLY_NATURE_FORMULA_CHANGED);
}

Test(table_typed, a_new_result_of_the_same_formula)
{
	compare(HEAD "1|a|2|=RC[-1]*2#4\n2|b|3|=RC[-1]*2#6\n",
	        HEAD "1|a|2.5|=RC[-1]*2#5\n2|b|3|=RC[-1]*2#6\n");
	cr_assert_eq(d->cells_total, 2);
	cr_assert_eq(d->cells[0].nature, TALLY_NATURE_VALUE);
	cr_assert_eq(d->cells[1].nature, TALLY_NATURE_RECALCULATED);
	cr_assert(d->rows.edited == 1 && d->rows.recalculated == 0);
}

Test(table_typed, rows_with_nothing_but_new_results_are_counted)
{
	compare(HEAD "1|a|2|=RC[-1]*R1C9#4\n2|b|3|=RC[-1]*R1C9#6\n",
	        HEAD "1|a|2|=RC[-1]*R1C9#8\n2|b|3|=RC[-1]*R1C9#12\n");
	cr_assert(d->rows.edited == 2 && d->rows.recalculated == 2 && d->rows.notation == 0);
}

Test(table_typed, an_error_is_an_error)
{
	compare(HEAD "1|a|2|=RC[-1]*2#4\n2|b|3|6\n", HEAD "1|a|2|=1/0##REF!\n2|b|3|6\n");
	expect_one("4", "#REF!", TALLY_NATURE_BECAME_ERROR);
	compare(HEAD "1|a|2|=RC[-1]/RC[-2]#4\n", HEAD "1|a|2|=RC[-1]/RC[-2]##DIV/0!\n");
	expect_one("4", "#DIV/0!", TALLY_NATURE_BECAME_ERROR);
}

Test(table_typed, numbers_and_texts)
{
	compare(HEAD "1|a|2|4\n2|b|3|6\n", HEAD "1|a|2|'4\n2|b|3|6\n");
	expect_one("4", "4", TALLY_NATURE_NUMBER_TO_TEXT);
	compare(HEAD "1|a|2|'4\n2|b|3|6\n", HEAD "1|a|2|4\n2|b|3|6\n");
	expect_one("4", "4", TALLY_NATURE_TEXT_TO_NUMBER);
	compare(HEAD "1|a|2|'00501\n2|b|3|6\n", HEAD "1|a|2|501\n2|b|3|6\n");
	expect_one("00501", "501", TALLY_NATURE_LEADING_ZEROS_LOST);
	compare(HEAD "1|a|2|1234.5\n2|b|3|6\n", HEAD "1|a|2|'1,234.50\n2|b|3|6\n");
	expect_one("1234.5", "1,234.50", TALLY_NATURE_NUMBER_TO_TEXT);
}

Test(table_typed, a_part_number_turned_into_a_date)
{
	compare(HEAD "1|a|2|'3/4\n2|b|3|6\n", HEAD "1|a|2|2024-03-04\n2|b|3|6\n");
	expect_one("3/4", "2024-03-04", TALLY_NATURE_SPREADSHEET_AUTOFORMAT);
}

Test(table_typed, only_the_format)
{
	compare(HEAD "1|a|2|4~0.00\n2|b|3|6\n", HEAD "1|a|2|4~0 %\n2|b|3|6\n");
	expect_one("4", "4", TALLY_NATURE_FORMAT_ONLY);
	compare(HEAD "1|a|2|45293\n2|b|3|6\n", HEAD "1|a|2|2024-01-02~yyyy-mm-dd\n2|b|3|6\n");
	expect_one("45293", "2024-01-02", TALLY_NATURE_FORMAT_ONLY);
	compare(HEAD "1|a|2|2024-01-02~yyyy-mm-dd\n2|b|3|6\n",
	        HEAD "1|a|2|2024-01-02T00:00:00~yyyy-mm-dd hh:mm\n2|b|3|6\n");
	expect_one("2024-01-02", "2024-01-02T00:00:00", TALLY_NATURE_FORMAT_ONLY);
	compare(HEAD "1|a|2|45293.5\n2|b|3|6\n", HEAD "1|a|2|2024-01-02T12:00:00~x\n2|b|3|6\n");
	expect_one("45293.5", "2024-01-02T12:00:00", TALLY_NATURE_FORMAT_ONLY);
}

Test(table_typed, formats_that_show_the_same_are_the_same)
{
	compare(HEAD
	        "1|a|2|4~\"$\"#,##0_);[Red]\n2|b|3|6~d-mmm-yy\n3|c|4|7~mm-dd-yy\n4|d|5|8~GENERAL\n5|e|6|9\n",
	        HEAD
	        "1|a|2|4~\\$#,##0_);[RED]\n2|b|3|6~d\\-mmm\\-yy\n3|c|4|7~m/d/yyyy\n4|d|5|8\n5|e|6|9~General\n");
	expect_same();
	compare(HEAD "1|a|2|4~0.0\n", HEAD "1|a|2|4~\"0.0\"\n");
	expect_one("4", "4", TALLY_NATURE_FORMAT_ONLY);
}

Test(table_typed, the_last_digits_of_a_result_are_nobodys_change)
{
	compare(HEAD "1|a|2|=RC[-1]/567#0.9382716049382716\n",
	        HEAD "1|a|2|=RC[-1]/567#0.938271604938272\n");
	expect_same();
	compare(HEAD "1|a|2|0.9382716049382716\n", HEAD "1|a|2|0.938271604938272\n");
	expect_one("0.9382716049382716", "0.938271604938272", TALLY_NATURE_FLOAT_NOISE);
}

Test(table_typed, quotes_around_a_sheets_name_are_no_change)
{
	compare("id|v\n1|='DS1'!R[1]C#2\n", "id|v\n1|=DS1!R[1]C#2\n");
	expect_same();
}

Test(table_typed, letter_case_of_names_and_areas_of_one_cell_are_no_change)
{
	compare("id|v\n1|=SUM(RC[-1]:RC[-1])*Rate+data!R1C1#2\n",
	        "id|v\n1|=SUM(RC[-1])*RATE+Data!R1C1#2\n");
	expect_same();
	compare("id|v\n1|=SUM(RC[-1]:RC[-1])#2\n", "id|v\n1|=SUM(R[1]C[-1])#3\n");
	expect_one("2", "3", TALLY_NATURE_FORMULA_CHANGED);
	compare("id|v\n1|=\"Yes\"&RC[-1]#Yes1\n", "id|v\n1|=\"YES\"&RC[-1]#YES1\n");
	expect_one("Yes1", "YES1", TALLY_NATURE_FORMULA_CHANGED);
}

Test(table_typed, languages_of_formats_with_the_usual_calendar)
{
	compare(HEAD "1|a|2|2024-01-02~[$-010409]dd-mmm-yyyy\n2|b|3|2024-01-02~[$-0409]d\n",
	        HEAD "1|a|2|2024-01-02~[$-409]DD\\-MMM\\-YYYY\n2|b|3|2024-01-02~[$-409]d\n");
	expect_same();
	compare(HEAD "1|a|2|2024-01-02~[$-0B0409]d\n", HEAD "1|a|2|2024-01-02~[$-409]d\n");
	expect_one("2024-01-02", "2024-01-02", TALLY_NATURE_FORMAT_ONLY);
	compare(HEAD "1|a|2|2024-01-02~[$-407]d\n", HEAD "1|a|2|2024-01-02~[$-409]d\n");
	expect_one("2024-01-02", "2024-01-02", TALLY_NATURE_FORMAT_ONLY);
}

Test(table_typed, a_formula_removed_is_emptied_whether_it_was_computed_or_not)
{
	compare(HEAD "1|a|2|=RC[-1]*2#\n2|b|3|6\n", HEAD "1|a|2|\n2|b|3|6\n");
	expect_one("", "", TALLY_NATURE_EMPTIED);
	compare(HEAD "1|a|2|\n2|b|3|6\n", HEAD "1|a|2|=RC[-1]*2#\n2|b|3|6\n");
	expect_one("", "", TALLY_NATURE_FILLED);
}

/* ---- results that are not there ---- */

Test(table_typed, not_computed_is_not_emptied)
{
	uint64_t count = 0;

	compare(HEAD "1|a|2|=RC[-1]*2#4\n2|b|3|=RC[-1]*2#6\n",
	        HEAD "1|a|2|=RC[-1]*2#\n2|b|3|=RC[-1]*2#\n");
	expect_same();
	cr_assert_not_null(problem("not_computed", &count));
	cr_assert_eq(count, 2);
	compare(HEAD "1|a|2|=RC[-1]*2#\n2|b|3|=RC[-1]*2#\n",
	        HEAD "1|a|2|=RC[-1]*2#4\n2|b|3|=RC[-1]*2#6\n");
	expect_same();
	cr_assert_null(problem("not_computed", NULL));
}

/* A sheet of nothing but formulas, saved by a library that computes none. */
Test(table_typed, rows_without_a_single_result_are_known_by_their_formulas)
{
	struct tally_buf a, b;
	uint64_t count = 0;

	tally_buf_init(&a, 1 << 20);
	tally_buf_init(&b, 1 << 20);
	for (int i = 0; i < 40; i++) {
		tally_buf_printf(&a, "=R[%d]C+%d#%d|=RC[-1]*%d#%d\n", i % 3, i, i * i, i, i);
		tally_buf_printf(&b, "=R[%d]C+%d#|=RC[-1]*%d#\n", i % 3, i, i);
	}
	before = sheet_part("S", a.bytes, false);
	after = sheet_part("S", b.bytes, false);
	run();
	expect_same();
	cr_assert_not_null(problem("not_computed", &count));
	cr_assert_eq(count, 80);
	tally_buf_release(&a);
	tally_buf_release(&b);
}

Test(table_typed, a_formula_changed_that_nobody_computed)
{
	compare(HEAD "1|a|2|=RC[-1]*2#4\n2|b|3|6\n", HEAD "1|a|2|=RC[-1]*3#\n2|b|3|6\n");
	expect_one("4", "", TALLY_NATURE_FORMULA_CHANGED);
	compare(HEAD "1|a|2|=RC[-1]*2#\n2|b|3|6\n", HEAD "1|a|2|4\n2|b|3|6\n");
	expect_one("", "4", TALLY_NATURE_FORMULA_TO_CONSTANT);
}

/* Names of columns that formulas make are there only where they were computed. */
Test(table_typed, names_that_nobody_computed_are_those_of_the_other_side)
{
	compare("id|=R1C9#Price|v\n1|2|3\n2|4|5\n", "id|=R1C9#|v\n1|2|3\n2|4|5\n");
	cr_assert_eq(d->columns_len, 0);
	cr_assert_str_eq(d->names[1], "Price");
	expect_same();
}

/* Most rows are as they were, so that the others are compared by their bytes first. */
Test(table_typed, a_row_of_formulas_without_results_among_many_rows)
{
	struct tally_buf a, b;

	tally_buf_init(&a, 1 << 20);
	tally_buf_init(&b, 1 << 20);
	tally_buf_text(&a, "town|note\n");
	tally_buf_text(&b, "town|note\n");
	for (int i = 0; i < 60; i++) {
		tally_buf_printf(&a, "t%d|n%d\n", i % 7, i % 5);
		tally_buf_printf(&b, "t%d|n%d\n", i % 7, i % 5);
	}
	tally_buf_text(&a, "|=COUNTA(R2C1:R[-1]C1)#60\n");
	tally_buf_text(&b, "|=COUNTA(R2C1:R[-1]C1)#\n");
	compare(a.bytes, b.bytes);
	expect_same();
	tally_buf_release(&a);
	tally_buf_release(&b);
}

Test(table_typed, sums_of_what_nobody_computed_are_not_told)
{
	compare(HEAD "1|a|2|=RC[-1]*2#4\n2|b|3|=RC[-1]*2#6\n", HEAD "1|a|2|=RC[-1]*2#\n2|b|3|6\n");
	cr_assert_eq(d->invariants_len, 0);
}

/* What was taken for equal without a result to compare is counted by the side that has none. */
Test(table_typed, results_that_one_side_lacks_are_unknown)
{
	static const char computed[] = HEAD "1|a|2|=RC[-1]*2#4\n2|b|3|=RC[-1]*2#6\n";
	static const char half[] = HEAD "1|a|2|=RC[-1]*2#4\n2|b|3|=RC[-1]*2#\n";
	static const char other_half[] = HEAD "1|a|2|=RC[-1]*2#\n2|b|3|=RC[-1]*2#6\n";

	compare(half, computed);
	expect_same();
	cr_assert(d->results_unknown[0] == 1 && d->results_unknown[1] == 0);
	compare(computed, half);
	expect_same();
	cr_assert(d->results_unknown[0] == 0 && d->results_unknown[1] == 1);
	compare(half, other_half);
	expect_same();
	cr_assert(d->results_unknown[0] == 1 && d->results_unknown[1] == 1);
	compare(half, half);
	cr_assert(d->results_unknown[0] == 0 && d->results_unknown[1] == 0);
}

static void compare_with_text(const char *old, const char *now, bool text_first)
{
	forget();
	before = text_first ? text_part(old) : sheet_part("Sheet1", old, true);
	after = text_first ? sheet_part("Sheet1", now, true) : text_part(now);
	run();
}

Test(table_typed, beside_a_text_a_formula_without_a_result_is_unknown)
{
	static const char uncomputed[] = "id,v,net\n1,2,4\n2,3,999\n3,4,\n";
	static const char book[] = "id|v|net\n1|2|=RC[-1]*2#\n2|3|=RC[-1]*2#\n3|4|=RC[-1]*2#\n";

	compare_with_text(book, uncomputed, false);
	expect_same();
	cr_assert(d->results_unknown[0] == 3 && d->results_unknown[1] == 0);
	compare_with_text(uncomputed, book, true);
	expect_same();
	cr_assert(d->results_unknown[0] == 0 && d->results_unknown[1] == 3);
}

Test(table_typed, a_name_of_a_column_that_nobody_computed_is_unknown)
{
	compare("id|=R1C9#|v\n1|2|3\n2|4|5\n", "id|=R1C9#Price|v\n1|2|3\n2|4|5\n");
	expect_same();
	cr_assert(d->results_unknown[0] == 1 && d->results_unknown[1] == 0);
}

/* Recognised as a total only where it was computed: it is no row of either side, and no cell of its columns came or went. */
Test(table_typed, a_total_that_was_computed_on_one_side_is_in_no_sum)
{
	compare("id|n|ok\na|1|TRUE\nb|2|FALSE\nc|3|TRUE\nTotal|=SUM(R[-3]C:R[-1]C)#|\n",
	        "id|n|ok\na|1|FALSE\nb|2|FALSE\nc|3|TRUE\nTotal|=SUM(R[-3]C:R[-1]C)#6|\n");
	for (size_t i = 0; i < d->invariants_len; i++)
		cr_assert_eq(d->invariants[i].empty_before, d->invariants[i].empty);
}

/* ---- types ---- */

Test(table_typed, what_became_a_text_is_named)
{
	compare(HEAD "1|a|2|2024-01-31\n2|b|3|6\n", HEAD "1|a|2|'2024-01-31\n2|b|3|6\n");
	expect_one("2024-01-31", "2024-01-31", TALLY_NATURE_DATE_TO_TEXT);
	compare(HEAD "1|a|2|2024-01-31\n2|b|3|6\n", HEAD "1|a|2|'31 Jan 2024\n2|b|3|6\n");
	expect_one("2024-01-31", "31 Jan 2024", TALLY_NATURE_DATE_TO_TEXT);
	compare(HEAD "1|a|2|TRUE\n2|b|3|6\n", HEAD "1|a|2|'TRUE\n2|b|3|6\n");
	expect_one("TRUE", "TRUE", TALLY_NATURE_TRUTH_TO_TEXT);
	compare(HEAD "1|a|2|TRUE\n2|b|3|6\n", HEAD "1|a|2|'true\n2|b|3|6\n");
	expect_one("TRUE", "true", TALLY_NATURE_TRUTH_TO_TEXT);
}

Test(table_typed, what_was_a_text_is_named)
{
	compare(HEAD "1|a|2|'2024-01-31\n2|b|3|6\n", HEAD "1|a|2|2024-01-31\n2|b|3|6\n");
	expect_one("2024-01-31", "2024-01-31", TALLY_NATURE_TEXT_TO_DATE);
	compare(HEAD "1|a|2|'FALSE\n2|b|3|6\n", HEAD "1|a|2|FALSE\n2|b|3|6\n");
	expect_one("FALSE", "FALSE", TALLY_NATURE_TEXT_TO_TRUTH);
}

static const struct tally_invariant *sum_of(uint32_t column)
{
	for (size_t i = 0; i < d->invariants_len; i++)
		if (d->invariants[i].column == column)
			return &d->invariants[i];
	return NULL;
}

Test(table_typed, numbers_stored_as_text_are_in_no_sum)
{
	compare(HEAD "1|a|2|4\n2|b|3|6\n3|c|5|7\n", HEAD "1|a|2|4\n2|b|'14|6\n3|c|5|7\n");
	expect_one("3", "14", TALLY_NATURE_VALUE);
	cr_assert(d->typed);
	cr_assert(d->cells[0].old.kind == TALLY_CELL_NUMBER &&
	          d->cells[0].now.kind == TALLY_CELL_TEXT);
	cr_assert_str_eq(sum_of(2)->sum_before, "10");
	cr_assert_str_eq(sum_of(2)->sum, "7");
	cr_assert_str_eq(sum_of(2)->max, "5");
}

Test(table_typed, a_column_of_texts_adds_up_to_nothing)
{
	compare(HEAD "1|a|2|4\n2|b|3|6\n", HEAD "1|a|'2|4\n2|b|'3|6\n");
	cr_assert_eq(d->cells_total, 2);
	cr_assert_eq(d->cells[0].nature, TALLY_NATURE_NUMBER_TO_TEXT);
	cr_assert_str_eq(sum_of(2)->sum_before, "5");
	cr_assert_str_eq(sum_of(2)->sum, "0");
	cr_assert_str_eq(sum_of(2)->min, "");
	compare(HEAD "1|a|'2|4\n2|b|'3|6\n", HEAD "1|a|2|4\n2|b|3|6\n");
	cr_assert_str_eq(sum_of(2)->sum_before, "0");
	cr_assert_str_eq(sum_of(2)->sum, "5");
}

/* What shows a total and what the rows add up to, as a spreadsheet adds them. */
Test(table_typed, a_total_does_not_count_texts)
{
	compare("id|n\na|10\nb|20\nc|30\nTotal|60\n", "id|n\na|10\nb|'20\nc|30\nTotal|60\n");
	cr_assert_eq(d->total_rows_len, 1);
	cr_assert_str_eq(d->total_rows[0].sum, "40");
}

/* ---- rows that come and go ---- */

/* A1: rate in row 1, data below, a sum at the end */
static const char sheet[] = "item|rate|amount|gross\n"
			    "r|1.08||\n"
			    "a||10|=RC[-1]*R2C2#10.8\n"
			    "b||20|=RC[-1]*R2C2#21.6\n"
			    "c||30|=RC[-1]*R2C2#32.4\n"
			    "Total||=SUM(R[-3]C:R[-1]C)#60|=SUM(R[-3]C:R[-1]C)#64.8\n";

Test(table_typed, a_row_inserted_above_changes_no_formula)
{
	compare(sheet, "item|rate|amount|gross\n"
	               "new|||\n"
	               "r|1.08||\n"
	               "a||10|=RC[-1]*R3C2#10.8\n"
	               "b||20|=RC[-1]*R3C2#21.6\n"
	               "c||30|=RC[-1]*R3C2#32.4\n"
	               "Total||=SUM(R[-3]C:R[-1]C)#60|=SUM(R[-3]C:R[-1]C)#64.8\n");
	cr_assert(d->rows.added == 1 && d->rows.same == 5 && d->cells_total == 0,
	          "%lu added, %lu cells, %s", (unsigned long)d->rows.added,
	          (unsigned long)d->cells_total,
	          d->cells_len ? tally_nature_id(d->cells[0].nature) : "");
}

Test(table_typed, a_row_inserted_inside_a_sum_widens_it)
{
	compare(sheet, "item|rate|amount|gross\n"
	               "r|1.08||\n"
	               "a||10|=RC[-1]*R2C2#10.8\n"
	               "x||1|=RC[-1]*R2C2#1.08\n"
	               "b||20|=RC[-1]*R2C2#21.6\n"
	               "c||30|=RC[-1]*R2C2#32.4\n"
	               "Total||=SUM(R[-4]C:R[-1]C)#61|=SUM(R[-4]C:R[-1]C)#65.88\n");
	cr_assert_eq(d->rows.added, 1);
	cr_assert_eq(d->cells_total, 2);
	cr_assert_eq(d->cells[0].nature, TALLY_NATURE_RECALCULATED);
	cr_assert_null(problem("sum_range_short", NULL));
}

Test(table_typed, a_sum_whose_range_lost_its_last_row)
{
	uint64_t count;
	const char *detail;

	compare(sheet, "item|rate|amount|gross\n"
	               "r|1.08||\n"
	               "a||10|=RC[-1]*R2C2#10.8\n"
	               "b||20|=RC[-1]*R2C2#21.6\n"
	               "c||30|=RC[-1]*R2C2#32.4\n"
	               "d||40|=RC[-1]*R2C2#43.2\n"
	               "Total||=SUM(R[-4]C:R[-2]C)#60|=SUM(R[-4]C:R[-1]C)#108\n");
	detail = problem("sum_range_short", &count);
	cr_assert_not_null(detail);
	cr_assert_str_eq(detail, "C7: =SUM(C3:C5) leaves out row 6");
	cr_assert_eq(count, 1);
	cr_assert_eq(d->problems_len, 1);
}

Test(table_typed, a_sum_made_shorter_without_a_row)
{
	compare(sheet, "item|rate|amount|gross\n"
	               "r|1.08||\n"
	               "a||10|=RC[-1]*R2C2#10.8\n"
	               "b||20|=RC[-1]*R2C2#21.6\n"
	               "c||30|=RC[-1]*R2C2#32.4\n"
	               "Total||=SUM(R[-3]C:R[-2]C)#30|=SUM(R[-3]C:R[-1]C)#64.8\n");
	expect_one("60", "30", TALLY_NATURE_FORMULA_CHANGED);
	cr_assert_str_eq(problem("sum_range_short", NULL), "C6: =SUM(C3:C4) leaves out row 5");
}

Test(table_typed, a_deleted_row_shortens_a_sum)
{
	compare(sheet, "item|rate|amount|gross\n"
	               "r|1.08||\n"
	               "a||10|=RC[-1]*R2C2#10.8\n"
	               "b||20|=RC[-1]*R2C2#21.6\n"
	               "Total||=SUM(R[-2]C:R[-1]C)#30|=SUM(R[-2]C:R[-1]C)#32.4\n");
	cr_assert_eq(d->rows.deleted, 1);
	cr_assert_eq(d->cells_total, 2);
	cr_assert_eq(d->cells[0].nature, TALLY_NATURE_RECALCULATED);
	cr_assert_null(problem("sum_range_short", NULL));
}

/* Some libraries insert rows and leave the formulas' text as it was. */
Test(table_typed, formulas_that_did_not_move_with_their_rows_are_changed)
{
	compare(sheet, "item|rate|amount|gross\n"
	               "new|||\n"
	               "r|1.08||\n"
	               "a||10|=R[-1]C[-1]*R2C2#\n"
	               "b||20|=R[-1]C[-1]*R2C2#\n"
	               "c||30|=R[-1]C[-1]*R2C2#\n"
	               "Total||=SUM(R[-4]C:R[-2]C)#|=SUM(R[-4]C:R[-2]C)#\n");
	cr_assert_eq(d->cells_total, 5);
	for (size_t i = 0; i < 5; i++)
		cr_assert_eq(d->cells[i].nature, TALLY_NATURE_FORMULA_CHANGED);
	cr_assert_not_null(problem("sum_range_short", NULL));
}

Test(table_typed, a_column_inserted_changes_no_formula)
{
	compare("id|price|qty|net\n1|2|3|=RC[-2]*RC[-1]#6\n2|5|2|=RC[-2]*RC[-1]#10\n3|7|2|=RC[-2]*RC[-1]#14\n",
	        "id|price|note|qty|net\n1|2|x|3|=RC[-3]*RC[-1]#6\n2|5|y|2|=RC[-3]*RC[-1]#10\n3|7|z|2|=RC[-3]*RC[-1]#14\n");
	cr_assert_eq(d->columns_len, 1);
	cr_assert_eq(d->cells_total, 0);
}

Test(table_typed, the_same_change_of_many_formulas_is_one_line)
{
	struct tally_buf a, b;

	tally_buf_init(&a, 1 << 20);
	tally_buf_init(&b, 1 << 20);
	tally_buf_text(&a, "id|price|net\n");
	tally_buf_text(&b, "id|price|net\n");
	for (int i = 0; i < 50; i++) {
		tally_buf_printf(&a, "%d|%d|=RC[-1]*1.08#%d\n", i, i * 7, i * 8);
		tally_buf_printf(&b, "%d|%d|=RC[-1]*1.09#%d\n", i, i * 7, i * 9);
	}
	compare(a.bytes, b.bytes);
	cr_assert_eq(d->cells_total, 50);
	cr_assert_eq(d->rewrites_len, 1);
	cr_assert(d->rewrites[0].count == 50 && d->rewrites[0].nature == TALLY_NATURE_FORMULA_CHANGED);
	tally_buf_release(&a);
	tally_buf_release(&b);
}

Test(table_typed, a_sheet_renamed_changes_no_formula)
{
	static const struct tally_sheet_name names[] = { { "Prices", "Price list '26" } };

	before = sheet_part("S", "id|v\n1|=Prices!RC[3]+1#2\n2|=SUM(Prices!R1C1:R[3]C)#3\n", true);
	after = sheet_part("S",
	                   "id|v\n1|='Price list ''26'!RC[3]+1#2\n"
	                   "2|=SUM('Price list ''26'!R1C1:R[3]C)#3\n",
	                   true);
	options.sheet_names = names;
	options.sheet_name_count = 1;
	run();
	expect_same();
	tally_table_diff_free(d);
	options.sheet_name_count = 0;
	run();
	cr_assert_eq(d->cells_total, 2);
}

/* Some libraries leave them as they are, whatever came in above what they mean. */
Test(table_typed, an_address_that_did_not_move_along_means_another_cell)
{
	compare("id|v\n1|5\n2|=R2C2*2#10\n", "id|v\nnew|9\n1|5\n2|=R2C2*2#18\n");
	expect_one("10", "18", TALLY_NATURE_FORMULA_CHANGED);
	compare("id|v\n1|5\n2|=R2C2*2#10\n", "id|v\nnew|9\n1|5\n2|=R3C2*2#10\n");
	cr_assert_eq(d->cells_total, 0);
}

Test(table_typed, rows_of_another_sheet_that_moved)
{
	struct tally_row_places *places = NULL;
	struct tally_other_sheet other = { .name = "It's" };

	before = sheet_part("It's", "id|v\n1|5\n2|6\n3|7\n", true);
	after = sheet_part("It's", "id|v\nnew|9\n1|5\n2|6\n3|7\n", true);
	options.keep_places = &places;
	run();
	options.keep_places = NULL;
	cr_assert_not_null(places);
	other.places = places;
	options.other_sheets = &other;
	options.other_sheet_count = 1;
	compare("what|value\na|='It''s'!RC#5\nb|=SUM('It''s'!R2C2:R4C2)#18\nc|='It''s'!R2C2#5\n",
	        "what|value\na|='It''s'!R[1]C#5\nb|=SUM('It''s'!R3C2:R5C2)#18\nc|='It''s'!R2C2#9\n");
	expect_one("5", "9", TALLY_NATURE_FORMULA_CHANGED);
	tally_row_places_free(places);
	options.other_sheet_count = 0;
}

Test(table_typed, references_to_another_sheet_stay_where_they_were)
{
	compare("id|v\n1|=Other!R[3]C#2\n2|=Other!R[3]C#3\n",
	        "id|v\nnew|9\n1|=Other!R[2]C#2\n2|=Other!R[2]C#3\n");
	cr_assert(d->rows.added == 1 && d->cells_total == 0, "%lu", (unsigned long)d->cells_total);
}

/* ---- formats of files ---- */

Test(table_typed, csv_and_sheets_compare_by_what_they_say)
{
	forget();
	before = text_part(
		"id,name,price,day,ok,share\n1,a,1.50,31.01.2024,true,25%\n2,b,2,01.02.2024,FALSE,1%\n");
	after = sheet_part(
		"Sheet1",
		"id|name|price|day|ok|share\n1|a|1.5|2024-01-31|TRUE|0.25\n2|b|2|2024-02-01|FALSE|0.01\n",
		true);
	run();
	cr_assert(d->values_only);
	cr_assert_eq(d->cells_total, 0, "%s", d->cells_len ? d->cells[0].old.value : "");
	cr_assert_eq(d->rows.same, 2);
	forget();
	before = sheet_part("Sheet1", "id|zip|v\n1|'00501|=RC[-1]#\n2|'00502|=RC[-2]#4\n", true);
	after = text_part("id,zip,v\n1,501,7\n2,00502,4\n");
	run();
	expect_one("00501", "501", TALLY_NATURE_LEADING_ZEROS_LOST);
}

Test(table_typed, two_formats_of_sheets_compare_formulas_and_not_number_formats)
{
	before = sheet_part_of("xlsx", "S", "id|v\n1|=RC[-1]*2#2\n2|3~0.00\n3|7\n", true);
	after = sheet_part_of("ods", "S", "id|v\n1|2\n2|3~0,00\n3|7\n", true);
	run();
	expect_one("2", "2", TALLY_NATURE_FORMULA_TO_CONSTANT);
	cr_assert_not(d->values_only);
	tally_table_diff_free(d);
	after->values_only = true;
	run();
	cr_assert(d->values_only && d->cells_total == 0);
}

Test(table_typed, rows_of_formulas_that_show_nothing_are_blank_where_formulas_are_not_compared)
{
	before = sheet_part_of("xls", "S", "id|v\n1|'a\n2|'b\n", true);
	after = sheet_part_of("xlsx", "S",
	                      "id|v\n1|'a\n2|'b\n|=TEXT(RC[-1],\"0000000000\")#'\n"
	                      "|=TEXT(RC[-1],\"0000000000\")#'\n",
	                      true);
	before->values_only = true;
	run();
	cr_assert(d->values_only);
	cr_expect_eq(d->rows.added, 0);
	cr_expect_eq(d->cells_total, 0);
}

/* ---- laws ---- */

Test(table_typed, laws_hold_for_sheets)
{
	struct tally_table_options o = TALLY_TABLE_OPTIONS_INIT;

	before = sheet_part("S", sheet, true);
	after = sheet_part(
		"S",
		"item|rate|amount|gross\nr|1.09||\nb||'20|5\nq||1|=RC[-1]#1\nTotal||=SUM(R[-2]C:R[-1]C)#|9\n",
		true);
	laws_all(before, after, o);
}

Test(table_typed, survives_allocations_that_fail)
{
	before = sheet_part("S", sheet, true);
	after = sheet_part(
		"S",
		"item|rate|amount|gross\nnew|||\nr|1.09||\nb||'20|5\nq||1|=RC[-1]#1\nTotal||=SUM(R[-2]C:R[-1]C)#|9\n",
		true);
	options.threads = 1;
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		enum tally_status st = tally_table_diff(&d, before, after, &options, &err);

		if (faults_fired(&f))
			cr_assert_lt(st, 0, "allocation %ld", f.nth);
		else
			cr_assert_eq(st, TALLY_OK);
		if (st == TALLY_OK)
			tally_table_diff_free(d);
		d = NULL;
	}
}

Test(table_typed, blank_rows_that_share_their_bytes_are_no_rows)
{
	before = sheet_part("Sheet1", "'id|'text\n1|'a\n2|'b\n3|'c", true);
	after = sheet_part("Sheet1",
	                   "'id|'text\n\n1|'a long text, longer than any row of blanks\n2|'b\n\n3|'c",
	                   true);
	/* as readers pack them: one blank row stands for all */
	after->rows[4] = after->rows[1];
	run();
	cr_assert_eq(d->rows.added, 0);
	cr_assert_eq(d->rows.after, 3);
	cr_assert_str_eq(d->properties[0].now, "2");
}

Test(table_typed, a_row_in_the_place_of_another_is_meant_by_the_same_address)
{
	struct tally_row_places *places = NULL;
	struct tally_other_sheet other = { .name = "Data" };

	before = sheet_part("Data", "id|v\na1|5\nb2|6\nc3|7\n", true);
	after = sheet_part("Data", "id|v\nnew|1\na1|5\nother|99\nc3|7\n", true);
	options.keep_places = &places;
	run();
	options.keep_places = NULL;
	cr_assert_eq(d->rows.deleted, 1);
	cr_assert_eq(d->rows.added, 2);
	other.places = places;
	options.other_sheets = &other;
	options.other_sheet_count = 1;
	compare("what|value\na|=Data!R3C2#6\nb|=Data!R4C2#7\n",
	        "what|value\na|=Data!R4C2#6\nb|=Data!R5C2#7\n");
	expect_same();
	compare("what|value\na|=Data!R3C2#6\nb|=1#1\n", "what|value\na|=Data!R3C2#5\nb|=1#1\n");
	expect_one("6", "5", TALLY_NATURE_FORMULA_CHANGED);
	tally_row_places_free(places);
	options.other_sheet_count = 0;
}
