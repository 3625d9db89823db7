/* Which row of a sheet names its columns, settled for both sides together. */
#include "receipt/job_header.h"

#include <criterion/criterion.h>

#include "support/sheet_part.h"

#define NONE TALLY_NO_HEADER

/* @old @now  where each side found its header alone; @want what holds for both */
static void settle(const char *a, size_t old, const char *b, size_t now, bool keyed, size_t want[2])
{
	struct tally_part *x = sheet_part("S", a, false), *y = sheet_part("S", b, false);
	struct tally_err err = { 0 };

	x->header_row = old;
	y->header_row = now;
	cr_assert_eq(tally_settle_header(x, y, keyed, &err), TALLY_OK, "%s", err.message);
	cr_expect_eq(x->header_row, want[0], "before: %zu", x->header_row);
	cr_expect_eq(y->header_row, want[1], "after: %zu", y->header_row);
	tally_part_free(x);
	tally_part_free(y);
}

static void expect(const char *a, size_t old, const char *b, size_t now, size_t before, size_t after)
{
	settle(a, old, b, now, false, (size_t[]){ before, after });
}

Test(job_header, names_with_nothing_below_are_cells)
{
	expect("hello\n", 0, "good bye\n", 0, NONE, NONE);
	expect("hello\n", 0, "5\n", NONE, NONE, NONE);
	expect("a|b\n1D|2D\n3D|4D\n", 2, "a|b\n1D|2D\n3D|\n", 2, NONE, NONE);
}

Test(job_header, names_with_values_on_one_side_are_names)
{
	expect("id|v\n", 0, "id|v\n1|2\n", 0, 0, 0);
}

Test(job_header, a_short_list_whose_first_cell_changed_has_no_header)
{
	expect("links\na\nb\n", 0, "other\na\nb\n", 0, NONE, NONE);
	expect("links\na\nb\n", 0, "links\nc\nb\n", 0, 0, 0);
}

Test(job_header, a_header_that_was_edited_is_one_on_both_sides)
{
	expect("id|name|v\n1|a|2\n2|b|3\n", 0, "7|name|v\n1|a|2\n2|b|3\n", NONE, 0, 0);
	expect("1|a|2\n2|b|3\n3|c|4\n", NONE, "x|a|2\n2|b|3\n3|c|4\n", 0, NONE, NONE);
}

Test(job_header, a_header_that_is_gone_or_new_stays_so)
{
	expect("id|name\n1|a\n2|b\n", 0, "1|a\n2|b\n", NONE, 0, NONE);
	expect("1|a\n2|b\n", NONE, "id|name\n1|a\n2|b\n", 0, NONE, 0);
}

Test(job_header, headings_that_were_cleared_make_no_header_of_the_first_row)
{
	expect("A|B\n1|0\n2|7\n3|9\n", 0, "|\n1|0\n2|7\n3|9\n", 1, 0, NONE);
	expect("A|B\n1|3\n2|4\n", 0, "\n1|8\n2|4\n", 1, 0, NONE);
}

Test(job_header, headings_edited_beside_other_edits_are_headings)
{
	expect("title\n'a|'b\n'c|'d\n'e|'f\n", 0, "zz\n'q|'b\n'c|'x\n'e|'f\n", 1, 0, 0);
}

Test(job_header, a_header_that_moved_down_is_found)
{
	expect("id|name\n1|a\n2|b\n", 0, "title\nid|name\n1|a\n2|b\n", NONE, 0, 1);
}

Test(job_header, a_key_that_is_given_keeps_the_names)
{
	settle("id|v\n", 0, "id|w\n", 0, true, (size_t[]){ 0, 0 });
}

Test(job_header, a_sheet_that_went_has_all_its_cells_as_rows)
{
	struct tally_part *x = sheet_part("S", "hello\n", true);
	struct tally_err err = { 0 };

	cr_assert_eq(tally_settle_header(x, NULL, false, &err), TALLY_OK);
	cr_expect_eq(x->header_row, NONE);
	tally_part_free(x);
}
