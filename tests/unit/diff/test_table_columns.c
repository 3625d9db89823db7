/* Which column is which where names repeat, are empty or went to another column. */
#include <criterion/criterion.h>

#include "core/buf.h"
#include "diff/table_diff.h"
#include "support/sheet_part.h"
#include "support/table_pair.h"
#include "support/text_part.h"

TestSuite(table_columns, .fini = forget);

static void run(struct tally_part *old, struct tally_part *now)
{
	forget();
	before = old;
	after = now;
	cr_assert_eq(tally_table_diff(&d, before, after, NULL, &err), TALLY_OK, "%s", err.message);
}

static void compare(const char *old, const char *now)
{
	run(text_part(old), text_part(now));
}

static void compare_sheets(const char *old, const char *now, bool header)
{
	run(sheet_part("S", old, header), sheet_part("S", now, header));
}

static void expect_renamed(size_t at, uint32_t column)
{
	cr_assert_gt(d->columns_len, at);
	cr_expect_eq(d->columns[at].kind, TALLY_COLUMN_RENAMED);
	cr_expect_eq(d->columns[at].index_before, column);
	cr_expect_eq(d->columns[at].index, column);
}

static void expect_edited(uint64_t edited)
{
	cr_expect_eq(d->rows.edited, edited);
	cr_expect_eq(d->rows.deleted, 0);
	cr_expect_eq(d->rows.added, 0);
	cr_expect_eq(d->rows.moved, 0);
}

static void expect_only_renamed(uint32_t column)
{
	cr_expect_eq(d->columns_len, 1, "%zu", d->columns_len);
	expect_renamed(0, column);
	expect_edited(0);
}

Test(table_columns, one_of_several_like_headers_renamed_changes_no_cell)
{
	compare("id,name,a,a,a\n1,x,1,2,3\n2,y,4,5,6\n3,z,7,8,9\n",
	        "id,name,,a,a\n1,x,1,2,3\n2,y,4,5,6\n3,z,7,8,9\n");
	expect_only_renamed(2);
	compare("firm,amount,state\nx,1,open\ny,2,paid\nz,3,late\n",
	        "firm,state,state\nx,1,open\ny,2,paid\nz,3,late\n");
	expect_only_renamed(1);
	compare("id,city,,cat\n1,x,n1,Food\n2,y,n2,Car\n3,z,n3,Fun\n",
	        "id,city,,\n1,x,n1,Food\n2,y,n2,Car\n3,z,n3,Fun\n");
	expect_only_renamed(3);
}

Test(table_columns, a_name_that_went_to_the_next_column_takes_no_values_along)
{
	compare("id,net,gross\n1,10,11\n2,20,22\n3,30,33\n4,40,44\n",
	        "id,gross,total\n1,10,11\n2,20,22\n3,30,33\n4,40,44\n");
	cr_assert_eq(d->columns_len, 2);
	expect_renamed(0, 1);
	expect_renamed(1, 2);
	expect_edited(0);
}

Test(table_columns, one_of_several_like_headers_that_went_takes_its_own_values_along)
{
	compare("m,plan,real,plan,real\na,1,2,3,4\nb,5,6,7,8\nc,9,10,11,12\n",
	        "m,plan,real,real\na,1,2,4\nb,5,6,8\nc,9,10,12\n");
	cr_assert_eq(d->columns_len, 1);
	cr_expect_eq(d->columns[0].kind, TALLY_COLUMN_REMOVED);
	cr_expect_eq(d->columns[0].index_before, 3);
	expect_edited(0);
}

Test(table_columns, a_last_header_that_is_gone_leaves_its_cells_there)
{
	compare("id,city,cat\n1,x,Food\n2,y,Car\n3,z,Fun\n", "id,city\n1,x,Food\n2,y,Car\n3,z,Fun\n");
	expect_only_renamed(2);
}

/* more rows than are looked at for their width, and few of them have cells there */
Test(table_columns, a_last_header_that_is_gone_leaves_few_cells_of_many_rows)
{
	struct tally_buf a, b;

	tally_buf_init(&a, 1 << 20);
	tally_buf_init(&b, 1 << 20);
	tally_buf_text(&a, "id,city,cat\n");
	tally_buf_text(&b, "id,city\n");
	for (int i = 0; i < 3000; i++) {
		tally_buf_printf(&a, i % 4 ? "%d,x%d\n" : "%d,x%d,k%d\n", i, i % 77, i);
		tally_buf_printf(&b, i % 4 ? "%d,x%d\n" : "%d,x%d,k%d\n", i, i % 77, i);
	}
	compare(a.bytes, b.bytes);
	tally_buf_release(&a);
	tally_buf_release(&b);
	expect_only_renamed(2);
}

Test(table_columns, a_column_without_values_keeps_its_place_under_another_name)
{
	compare("id,name,note\n1,x,\n2,y,\n3,z,\n", "id,name,remark\n1,x,\n2,y,\n3,z,\n");
	expect_only_renamed(2);
}

Test(table_columns, a_single_column_with_other_values_and_another_name_is_another_one)
{
	compare("name\nanna\nbert\ncarl\ndora\nemil\n", "town\nparis\nrome\noslo\nbern\nkiev\n");
	cr_assert_eq(d->columns_len, 2);
	cr_expect_eq(d->columns[0].kind, TALLY_COLUMN_REMOVED);
	cr_expect_eq(d->columns[1].kind, TALLY_COLUMN_ADDED);
	compare("name\nanna\nbert\ncarl\ndora\nemil\n", "first\nanna\nbert\ncarl\ndora\nemil\n");
	expect_only_renamed(0);
}

Test(table_columns, a_cell_that_was_cleared_is_no_column_that_went)
{
	compare_sheets("a|b|c|d\ne|f|g\nh|i|j|k\nl|m|n\n", "a|b|c\ne|f|g\nh|i|j|k\nl|m|n\n", false);
	cr_expect_eq(d->columns_len, 0);
	expect_edited(1);
	cr_assert_eq(d->cells_len, 1);
	cr_expect_eq(d->cells[0].column, 3);
	cr_expect_eq(d->cells[0].column_before, 3);
	cr_expect_eq(d->cells[0].nature, TALLY_NATURE_EMPTIED);
}

static void expect_cells(size_t count)
{
	cr_expect_eq(d->cells_len, count, "%zu", d->cells_len);
	cr_expect_eq(d->rows.deleted, 0);
	cr_expect_eq(d->rows.added, 0);
}

Test(table_columns, a_column_whose_heading_and_values_were_edited_keeps_its_place_among_others)
{
	compare_sheets("x|y\n1|2\n2|6\n3|9\n4|11\n", "x|\n1|7\n2|6\n3|'zz\n4|\n", true);
	cr_assert_eq(d->columns_len, 1);
	expect_renamed(0, 1);
	expect_cells(3);
	/* between two that stayed, with a value in common */
	compare("id,a,z\n1,10,p\n2,20,q\n3,30,r\n4,40,s\n5,50,t\n",
	        "id,b,z\n1,11,p\n2,21,q\n3,30,r\n4,41,s\n5,51,t\n");
	cr_assert_eq(d->columns_len, 1);
	expect_renamed(0, 1);
	expect_cells(4);
	/* a few values, and those of one stand under the other now */
	compare("a,b\n1,2\n2,4\n5,6\n", "c,d\n4,8\n9,7\n0,3\n");
	cr_assert_eq(d->columns_len, 2);
	expect_renamed(0, 0);
	expect_renamed(1, 1);
}

Test(table_columns, columns_that_came_and_went_say_what_stands_in_them)
{
	compare("id,a,z\n1,10,p\n2,20,q\n3,,r\n4,40,s\n5,50,t\n",
	        "id,b,z\n1,red,p\n2,,q\n3,,r\n4,blue,s\n5,,t\n");
	cr_assert_eq(d->columns_len, 2);
	cr_expect_eq(d->columns[0].kind, TALLY_COLUMN_REMOVED);
	cr_expect_eq(d->columns[0].filled, 4);
	cr_expect_eq(d->columns[0].first_count, 3);
	cr_expect_eq(d->columns[0].first_rows[2], 4);
	cr_expect_eq(d->columns[1].kind, TALLY_COLUMN_ADDED);
	cr_expect_eq(d->columns[1].filled, 2);
	cr_expect_eq(d->columns[1].first_count, 2);
	cr_expect_eq(d->columns[1].first_rows[1], 4);
}

Test(table_columns, a_cell_cleared_at_the_right_edge_of_a_sheet_is_a_cell)
{
	compare_sheets("a1|||d1\n", "a1\n", false);
	cr_expect_eq(d->columns_len, 0);
	expect_cells(1);
	cr_expect_eq(d->cells[0].column_before, 3);
	compare_sheets("a1\n", "a1|||d1\n", false);
	cr_expect_eq(d->columns_len, 0);
	expect_cells(1);
	/* columns with many values are columns, those without a cell between them are none */
	struct tally_buf a, b;

	tally_buf_init(&a, 1 << 16);
	tally_buf_init(&b, 1 << 16);
	for (int i = 0; i < 40; i++) {
		tally_buf_printf(&a, "%d||x%d\n", i * 7, i);
		tally_buf_printf(&b, "%d\n", i * 7);
	}
	compare_sheets(a.bytes, b.bytes, false);
	cr_assert_eq(d->columns_len, 1);
	cr_expect_eq(d->columns[0].index_before, 2);
	cr_expect_eq(d->columns[0].filled, 40);
	tally_buf_release(&a);
	tally_buf_release(&b);
}

Test(table_columns, a_last_heading_without_values_is_cleared_and_no_column_goes)
{
	compare_sheets("id|name|note\n1|'a|\n2|'b|\n", "id|name|\n1|'a|\n2|'b|\n", true);
	cr_assert_eq(d->columns_len, 1);
	expect_renamed(0, 2);
}
