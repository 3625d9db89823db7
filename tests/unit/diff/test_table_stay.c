/* Rows that stayed where they were: edited, alike, or cleared. */
#include <criterion/criterion.h>

#include "diff/table_diff.h"
#include "support/sheet_part.h"
#include "support/table_pair.h"
#include "support/text_part.h"

TestSuite(table_stay, .fini = forget);

static void compare(const char *old, const char *now, bool header)
{
	forget();
	before = sheet_part("S", old, header);
	after = sheet_part("S", now, header);
	cr_assert_eq(tally_table_diff(&d, before, after, NULL, &err), TALLY_OK, "%s", err.message);
}

static void expect_cell(size_t at, uint64_t row, uint32_t column, const char *old, const char *now)
{
	const struct tally_cell_change *c = &d->cells[at];

	cr_assert_gt(d->cells_len, at);
	cr_expect_eq(c->row, row);
	cr_expect_eq(c->row_before, row);
	cr_expect_eq(c->column, column);
	cr_expect_str_eq(c->old.value, old);
	cr_expect_str_eq(c->now.value, now);
}

Test(table_stay, a_value_of_a_list_is_edited_in_its_place)
{
	compare("a\nb\nc\nd\n", "a\nx\nc\nd\n", false);
	expect_rows(3, 1, 0, 0, 0);
	expect_cell(0, 1, 0, "b", "x");
}

Test(table_stay, a_single_cell_is_edited_in_its_place)
{
	compare("hello\n", "good bye\n", false);
	expect_rows(0, 1, 0, 0, 0);
	expect_cell(0, 0, 0, "hello", "good bye");
}

/* equal rows, paired from the top, leave others over that have to cross them */
Test(table_stay, edits_among_equal_rows_are_no_moves)
{
	compare("x|A|B|C\nx|A|B|C\nx|A|B|C\nx|A|B|C\nx|A|B|C\ny|E|F|G\n",
	        "x|A|B|C\nx|9|B|C\nx|A|B|C\nx|A|7|C\nx|A|B|C\ny|E|F|G\n", false);
	expect_rows(4, 2, 0, 0, 0);
	expect_cell(0, 1, 1, "A", "9");
	expect_cell(1, 3, 2, "B", "7");
}

/* what is a value of another row now says nothing of which row it is, where all else is formulas */
Test(table_stay, edits_beside_formulas_are_no_moves)
{
	compare("1|=RC[-1]+1#2|=RC[-1]+1#3\n2|=RC[-1]+1#3|=RC[-1]+1#4\n3|=RC[-1]+1#4|=RC[-1]+1#5\n"
	        "4|=RC[-1]+1#5|=RC[-1]+1#6\n5|=RC[-1]+1#6|=RC[-1]+1#7\n",
	        "1|=RC[-1]+1#2|=RC[-1]+1#3\n4|=RC[-1]+1#3|=RC[-1]+1#4\n3|=RC[-1]+1#4|=RC[-1]+1#5\n"
	        "9|=RC[-1]+1#5|=RC[-1]+1#6\n5|=RC[-1]+1#6|=RC[-1]+1#7\n",
	        false);
	expect_rows(3, 2, 0, 0, 0);
	expect_cell(0, 1, 0, "2", "4");
	expect_cell(1, 3, 0, "4", "9");
}

Test(table_stay, rows_that_did_move_are_moves)
{
	compare("a|b|c|1\nd|e|f|2\ng|h|i|3\nj|k|l|4\n", "d|e|f|2\ng|h|i|3\nj|k|l|4\na|b|c|1\n",
	        false);
	cr_assert_eq(d->rows.moved, 1);
	cr_assert_eq(d->rows.same, 4);
}

Test(table_stay, a_row_that_is_gone_is_deleted_and_those_below_moved_up)
{
	compare("a|1\nb|2\nc|3\nd|4\n", "a|1\nc|3\nd|4\n", false);
	expect_rows(3, 0, 0, 1, 0);
	cr_assert_eq(d->row_changes[0].row_before, 1);
}

Test(table_stay, a_row_whose_cells_were_cleared_is_not_deleted)
{
	compare("k|v\na|1\nb|2\nc|3\n", "k|v\na|1\n\nc|3\n", true);
	expect_rows(2, 1, 0, 0, 0);
	cr_assert_eq(d->cells_len, 2);
	expect_cell(0, 2, 0, "b", "");
	expect_cell(1, 2, 1, "2", "");
	cr_assert_eq(d->properties_len, 0);
}

Test(table_stay, among_equal_rows_the_one_that_was_cleared_is_named)
{
	compare("x|1\n5\n5\n5\n5\ny|2\n5\n", "x|1\n5\n\n5\n5\ny|2\n5\n", false);
	expect_rows(6, 1, 0, 0, 0);
	cr_assert_eq(d->cells_len, 1);
	expect_cell(0, 2, 0, "5", "");
}

Test(table_stay, a_row_cleared_below_an_inserted_one_is_not_deleted)
{
	compare("a|1\nb|2\nc|3\nd|4\n", "a|1\nnew|9\nb|2\n\nd|4\n", false);
	expect_rows(3, 1, 0, 0, 1);
	cr_assert_eq(d->cells_len, 2);
	cr_expect_eq(d->cells[0].row_before, 2);
	cr_expect_eq(d->cells[0].row, 3);
}

Test(table_stay, a_row_in_the_place_of_quite_another_one_is_no_edit)
{
	compare("a|b|c|1\nd|e|f|2\ng|h|i|3\n", "a|b|c|1\nu|v|w|7\ng|h|i|3\n", false);
	expect_rows(2, 0, 0, 1, 1);
}

/* texts without addresses: a blank line is no row */
Test(table_stay, a_line_of_a_text_that_is_blank_now_is_deleted)
{
	before = text_part("k,v\na,1\nb,2\nc,3\n");
	after = text_part("k,v\na,1\n\nc,3\n");
	cr_assert_eq(tally_table_diff(&d, before, after, NULL, &err), TALLY_OK);
	expect_rows(2, 0, 0, 1, 0);
}
