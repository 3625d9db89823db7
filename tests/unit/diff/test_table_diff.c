/* Comparing tables: the cases in which well-known tools say "no change" or rewrite everything, and the laws. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "diff/table_diff.h"
#include "support/table_pair.h"
#include "support/text_part.h"

static struct tally_buf a, b;

static void begin(void)
{
	tally_buf_init(&a, 64 << 20);
	tally_buf_init(&b, 64 << 20);
	err = (struct tally_err){ 0 };
}

static void end(void)
{
	forget();
	tally_buf_release(&a);
	tally_buf_release(&b);
}

TestSuite(table_diff, .init = begin, .fini = end);

static enum tally_status run(const char *key)
{
	struct tally_table_options options = TALLY_TABLE_OPTIONS_INIT;

	options.key = &key;
	options.key_count = key != NULL;
	options.threads = 2;
	return tally_table_diff(&d, before, after, &options, &err);
}

static void compare_keyed(const char *old, const char *now, const char *key)
{
	forget();
	before = text_part(old);
	after = text_part(now);
	cr_assert_eq(run(key), TALLY_OK, "%s", err.message);
}

static void compare(const char *old, const char *now)
{
	compare_keyed(old, now, NULL);
}

static void compare_bufs(const char *key)
{
	compare_keyed(a.bytes, b.bytes, key);
}

static void expect_cell(size_t n, const char *old, const char *now, enum tally_nature nature)
{
	cr_assert_lt(n, d->cells_len);
	cr_assert_str_eq(d->cells[n].old.value, old);
	cr_assert_str_eq(d->cells[n].now.value, now);
	cr_assert_eq(d->cells[n].nature, nature, "%s -> %s is %s", old, now,
	             tally_nature_id(d->cells[n].nature));
}

/* ---- cells ---- */

Test(table_diff, a_table_against_itself_is_empty)
{
	const char *t = "id,name\n1,a\n2,b\n2,b\n,\n";

	compare(t, t);
	expect_rows(3, 0, 0, 0, 0);
	cr_assert_not(tally_table_diff_any(d));
	cr_assert_eq(d->invariants_len, 0);
}

Test(table_diff, a_quote_that_moves_is_two_cells)
{
	compare("id,x,y\n1,\"a,b\",c\n2,d,e\n", "id,x,y\n1,a,\"b,c\"\n2,d,e\n");
	expect_rows(1, 1, 0, 0, 0);
	cr_assert_eq(d->cells_total, 2);
	expect_cell(0, "a,b", "a", TALLY_NATURE_VALUE);
	expect_cell(1, "c", "b,c", TALLY_NATURE_VALUE);
}

Test(table_diff, composite_keys_do_not_run_together)
{
	const char *key[] = { "a", "b" };
	struct tally_table_options options = TALLY_TABLE_OPTIONS_INIT;

	before = text_part("a,b,v\n1,23,x\n12,3,y\n");
	after = text_part("a,b,v\n12,3,x\n1,23,y\n");
	options.key = key;
	options.key_count = 2;
	cr_assert_eq(tally_table_diff(&d, before, after, &options, &err), TALLY_OK);
	cr_assert(d->aligned_by.unique);
	expect_rows(0, 2, 1, 0, 0);
	cr_assert_eq(d->cells_total, 2);
}

Test(table_diff, blank_null_and_empty_quotes_are_three_values)
{
	struct text_part_options telling = { .quotes_tell = true };
	const char *old = "id,v\n1,\n2,NULL\n3,\"\"\n4,\n", *now = "id,v\n1,NULL\n2,\"\"\n3,\n4,\n";

	before = text_part_of(old, strlen(old), &telling);
	after = text_part_of(now, strlen(now), &telling);
	cr_assert_eq(run("id"), TALLY_OK);
	expect_rows(1, 3, 0, 0, 0);
	expect_cell(0, "", "NULL", TALLY_NATURE_FILLED);
	expect_cell(1, "NULL", "", TALLY_NATURE_EMPTIED);
	expect_cell(2, "", "", TALLY_NATURE_QUOTED_EMPTY);
	compare_keyed(old, now, "id");
	expect_rows(2, 2, 0, 0, 0); /* where quotes do not tell, "" is nothing */
}

Test(table_diff, one_changed_byte_that_is_no_text_is_seen)
{
	compare("id,v\n1,caf\xe9\n2,x\n", "id,v\n1,caf\xe8\n2,x\n");
	expect_rows(1, 1, 0, 0, 0);
	cr_assert(d->cells[0].old.bad_bytes);
	expect_cell(0, "caf\xe9", "caf\xe8", TALLY_NATURE_VALUE);
}

Test(table_diff, extra_cells_of_a_ragged_row_are_changes)
{
	compare("id,v\n1,a\n2,b\n", "id,v\n1,a,more\n2,b\n");
	expect_rows(1, 1, 0, 0, 0);
	expect_cell(0, "", "more", TALLY_NATURE_FILLED);
	cr_assert_eq(d->cells[0].column, 2);
	cr_assert_eq(d->columns_len, 0);
	compare("id,v,w\n1,a,c\n2,b,d\n", "id,v,w\n1,a\n2,b,d\n");
	expect_rows(1, 1, 0, 0, 0);
	expect_cell(0, "c", "", TALLY_NATURE_EMPTIED);
}

Test(table_diff, long_values_are_cut_between_characters_and_keep_their_length)
{
	tally_buf_text(&a, "id,v\n1,");
	tally_buf_text(&b, "id,v\n1,");
	for (int i = 0; i < 150; i++)
		tally_buf_text(&a, "é"), tally_buf_text(&b, "éx");
	tally_buf_text(&a, "\n");
	tally_buf_text(&b, "\n");
	compare_bufs("id");
	cr_assert_eq(d->cells[0].old_len, 300);
	cr_assert_eq(d->cells[0].old.value_len, 200);
	cr_assert_eq(d->cells[0].now.value_len, 200);
	cr_assert_eq(d->cells[0].now_len, 450);
}

Test(table_diff, long_values_say_where_they_differ)
{
	const struct tally_cell_place *place;

	for (int i = 0; i < 2; i++) {
		struct tally_buf *side = i ? &b : &a;

		tally_buf_text(side, "id,v\n1,");
		for (int n = 0; n < 100; n++)
			tally_buf_text(side, "aé-");
		tally_buf_text(side, i ? "bar, more\n2,x\n" : "foo\n2,x\n");
	}
	compare_bufs("id");
	place = &d->cells[0].differs;
	cr_assert_eq(place->character, 301);
	cr_assert_eq(place->old_of, 303);
	cr_assert_eq(place->now_of, 303);
	cr_assert(strstr(place->old, "foo") && strstr(place->now, "bar"));
	compare("id,v\n1,x\n", "id,v\n1,y\n");
	cr_assert_eq(d->cells[0].differs.character, 0, "it is to be seen");
}

Test(table_diff, values_that_changed_places_in_a_row_are_swapped)
{
	compare_keyed("id,first,last\n1,Ann,Lee\n2,Bo,Ek\n", "id,first,last\n1,Lee,Ann\n2,Bo,Ek\n",
	              "id");
	cr_assert_eq(d->cells_total, 2);
	expect_cell(0, "Ann", "Lee", TALLY_NATURE_SWAPPED);
}

Test(table_diff, cells_that_moved_on_by_one_are_shifted)
{
	compare_keyed("id,a,b,c,d\n1,p,q,r,s\n2,x,x,x,x\n", "id,a,b,c,d\n1,new,p,q,r\n2,x,x,x,x\n",
	              "id");
	cr_assert_eq(d->cells_total, 4);
	expect_cell(1, "q", "p", TALLY_NATURE_SHIFTED);
}

/* ---- rows ---- */

Test(table_diff, three_equal_rows_against_one_are_two_deleted)
{
	compare("a,b\nx,1\nx,1\nx,1\ny,2\n", "a,b\nx,1\ny,2\n");
	expect_rows(2, 0, 0, 2, 0);
	cr_assert_eq(d->row_changes_len, 2);
	cr_assert_eq(d->row_changes[0].kind, TALLY_ROW_DELETED);
}

Test(table_diff, one_edited_copy_of_a_duplicate_key_is_one_edit)
{
	const char *old = "id,v,w\n1,a,x\n1,b,y\n1,c,z\n2,d,u\n",
		   *now = "id,v,w\n1,a,x\n1,b,CHANGED\n1,c,z\n2,d,u\n";

	for (int i = 0; i < 1000; i++) {
		compare_keyed(old, now, "id");
		expect_rows(3, 1, 0, 0, 0);
		cr_assert_eq(d->cells_total, 1);
		expect_cell(0, "y", "CHANGED", TALLY_NATURE_VALUE);
		cr_assert_not(d->aligned_by.unique);
		cr_assert_eq(d->aligned_by.duplicate_keys, 6);
		cr_assert_eq(d->problems_len, 2);
		cr_assert_str_eq(d->problems[0].problem.what, "duplicate_key");
		cr_assert_eq(d->problems[0].problem.count, 3);
		cr_assert_eq(d->problems[0].problem.row, 2);
	}
}

Test(table_diff, duplicate_keys_are_paired_at_the_least_cost)
{
	compare_keyed("id,a,b,c\n1,p,q,r\n1,s,t,u\n1,v,w,x\n",
	              "id,a,b,c\n1,v,w,X\n1,P,q,r\n1,s,t,U\n", "id");
	expect_rows(0, 3, 1, 0, 0);
	cr_assert_eq(d->cells_total, 3);
}

Test(table_diff, many_rows_with_one_key_end_in_time)
{
	tally_buf_text(&a, "id,v\n");
	tally_buf_text(&b, "id,v\n");
	for (int i = 0; i < 5000; i++) {
		tally_buf_printf(&a, "1,%d\n", i);
		tally_buf_printf(&b, "1,%d\n", i + 100000);
	}
	compare_bufs("id");
	expect_rows(0, 5000, 0, 0, 0);
}

Test(table_diff, a_key_that_lost_its_zeros_is_an_edit)
{
	compare_keyed("zip,city\n00501,Holtsville\n01001,Agawam\n10001,New York\n",
	              "zip,city\n501,Holtsville\n1001,Agawam\n10001,New York\n", "zip");
	expect_rows(1, 2, 0, 0, 0);
	expect_cell(0, "00501", "501", TALLY_NATURE_LEADING_ZEROS_LOST);
	compare_keyed("k,v\nAb-1 ,x\n c,y\n", "k,v\nab-1,x\nc,y\n", "k");
	expect_rows(0, 2, 0, 0, 0);
	compare_keyed("k,v\n007,x\n7,y\n", "k,v\n7,x\n7,y\n", "k");
	expect_rows(1, 1, 0, 0, 0);
}

Test(table_diff, a_row_inserted_at_the_top_without_a_key_is_one_added)
{
	compare("name,city\nBob,Oslo\nBob,Rome\nAnn,Oslo\nAnn,Rome\n",
	        "name,city\nEve,Oslo\nBob,Oslo\nBob,Rome\nAnn,Oslo\nAnn,Rome\n");
	expect_rows(4, 0, 0, 0, 1);
	cr_assert_eq(d->row_changes[0].row, 1);
	compare("v\na\nb\nb\nc\n", "v\nx\na\nb\nb\nc\n");
	expect_rows(4, 0, 0, 0, 1);
	cr_assert_eq(d->aligned_by.how, TALLY_ALIGNED_ROWS);
}

Test(table_diff, a_block_that_moved_is_one_change)
{
	tally_buf_text(&a, "id,v\n");
	tally_buf_text(&b, "id,v\n");
	for (int i = 0; i < 2000; i++)
		tally_buf_printf(&a, "%d,v%d\n", i, i);
	for (int i = 0; i < 2000; i++) {
		int k = i < 1000 ? i + 500 : i < 1500 ? i - 1000 : i;

		tally_buf_printf(&b, "%d,v%d\n", k, k);
	}
	compare_bufs(NULL);
	expect_rows(2000, 0, 500, 0, 0);
	cr_assert_eq(d->row_changes_len, 1);
	cr_assert_eq(d->row_changes[0].kind, TALLY_ROW_MOVED);
	cr_assert_eq(d->row_changes[0].count, 500);
	cr_assert_eq(d->row_changes[0].row_before, 1);
	cr_assert_eq(d->row_changes[0].row, 1001);
	cr_assert_not(d->reordering.found);
}

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1664525U + 1013904223U;
	return *seed >> 8;
}

Test(table_diff, a_shuffle_is_reordered_without_edits)
{
	unsigned seed = 7;
	int order[500];

	tally_buf_text(&a, "id,v\n");
	tally_buf_text(&b, "id,v\n");
	for (int i = 0; i < 500; i++) {
		int j = (int)(next_random(&seed) % (unsigned)(i + 1));

		order[i] = order[j];
		order[j] = i;
		tally_buf_printf(&a, "%d,v%d\n", i, i % 7);
	}
	for (int i = 0; i < 500; i++)
		tally_buf_printf(&b, "%d,v%d\n", order[i], order[i] % 7);
	compare_bufs(NULL);
	cr_assert_eq(d->rows.same, 500);
	cr_assert_eq(d->cells_total, 0);
	cr_assert(d->reordering.found);
	cr_assert_not(d->reordering.sorted);
	cr_assert_eq(d->reordering.moved, d->rows.moved);
	cr_assert_eq(d->row_changes_len, 0);
}

Test(table_diff, a_sort_names_its_column_and_direction)
{
	compare("id,city,n\n1,Rome,9\n2,Oslo,10\n3,Bern,100\n4,Lima,2\n5,Cairo,30\n",
	        "id,city,n\n3,Bern,100\n5,Cairo,30\n4,Lima,2\n2,Oslo,10\n1,Rome,9\n");
	cr_assert(d->reordering.found && d->reordering.sorted && !d->reordering.descending);
	cr_assert_eq(d->reordering.column, 1);
	cr_assert_eq(d->rows.same, 5);
	compare("id,city,n\n1,Rome,9\n2,Oslo,10\n3,Bern,100\n4,Lima,2\n5,Cairo,30\n",
	        "id,city,n\n3,Bern,100\n5,Cairo,30\n2,Oslo,10\n1,Rome,9\n4,Lima,2\n");
	cr_assert(d->reordering.sorted && d->reordering.descending);
	cr_assert_eq(d->reordering.column, 2, "as numbers: 100, 30, 10, 9, 2");
	compare("id,day\n1,03/02/2024\n2,01/05/2023\n3,09/01/2024\n4,02/12/2022\n",
	        "id,day\n4,02/12/2022\n2,01/05/2023\n3,09/01/2024\n1,03/02/2024\n");
	cr_assert(d->reordering.sorted && !d->reordering.descending);
	cr_assert_eq(d->reordering.column, 1);
}

Test(table_diff, an_emptied_file_is_all_deleted)
{
	compare("id,v\n1,a\n2,b\n3,c\n", "");
	expect_rows(0, 0, 0, 3, 0);
	cr_assert(tally_table_diff_any(d));
	compare("id,v\n1,a\n2,b\n", "id,v\n");
	expect_rows(0, 0, 0, 2, 0);
	cr_assert_eq(d->columns_len, 0);
}

Test(table_diff, an_absent_side_is_all_added_or_deleted)
{
	before = text_part("id,v\n1,a\n2,b\n");
	cr_assert_eq(run(NULL), TALLY_OK);
	expect_rows(0, 0, 0, 2, 0);
	after = before;
	before = NULL;
	tally_table_diff_free(d);
	cr_assert_eq(run(NULL), TALLY_OK);
	expect_rows(0, 0, 0, 0, 2);
	cr_assert_eq(d->columns_len, 2);
	tally_table_diff_free(d);
	d = NULL;
	struct tally_part *kept = after;

	after = NULL;
	cr_assert_eq(run(NULL), TALLY_OK);
	expect_rows(0, 0, 0, 0, 0);
	cr_assert_not(tally_table_diff_any(d));
	after = kept;
}

Test(table_diff, edited_rows_without_a_key_are_found_again)
{
	compare("name,city,status\nBob,Oslo,open\nBob,Oslo,open\nAnn,Rome,paid\nCem,Bern,open\nDot,Rome,paid\n",
	        "name,city,status\nBob,Oslo,open\nBob,Oslo,open\nAnn,Rome,void\nDot,Rome,paid\nCem,Bern,open\n");
	cr_assert_eq(d->aligned_by.how, TALLY_ALIGNED_ROWS);
	expect_rows(4, 1, 1, 0, 0);
	expect_cell(0, "paid", "void", TALLY_NATURE_VALUE);
	compare("name,city\nBob,Oslo\nBob,Oslo\nAnnabel,Rome\nCem,Bern\n",
	        "name,city\nBob,Oslo\nBob,Oslo\nAnnabell,Rome\nCem,Bern\n");
	expect_rows(3, 1, 0, 0, 0);
}

Test(table_diff, rows_that_share_little_are_not_one_row)
{
	compare("name,city,status\nBob,Oslo,open\nBob,Oslo,open\nAnn,Rome,paid\n",
	        "name,city,status\nBob,Oslo,open\nBob,Oslo,open\nXaver,Lima,paid\n");
	expect_rows(2, 0, 0, 1, 1);
}

/* ---- columns ---- */

static const struct tally_column_change *column_change(int kind)
{
	for (size_t i = 0; i < d->columns_len; i++)
		if ((int)d->columns[i].kind == kind)
			return &d->columns[i];
	cr_assert_fail("no such column change");
	return NULL;
}

Test(table_diff, a_renamed_column_with_edits_is_not_a_rewritten_table)
{
	compare("id,colour\n1,red\n2,green\n3,blue\n4,pink\n5,grey\n6,black\n7,white\n",
	        "id,shade\n1,ruby\n2,lime\n3,navy\n4,rose\n5,grey\n6,black\n7,white\n");
	cr_assert_eq(d->columns_len, 1);
	cr_assert_eq(column_change(TALLY_COLUMN_RENAMED)->index, 1);
	cr_assert_str_eq(d->columns[0].name, "shade");
	cr_assert_str_eq(d->columns[0].name_before, "colour");
	cr_assert_eq(d->columns[0].similarity, 428);
	expect_rows(3, 4, 0, 0, 0);
	cr_assert_eq(d->cells_total, 4);
}

Test(table_diff, a_renamed_column_is_found_wherever_it_is)
{
	compare("id,a,b\n1,x,p\n2,y,q\n3,z,r\n4,w,s\n",
	        "id,c,b,d\n1,new,p,x\n2,old,q,y\n3,two,r,z\n4,one,s,w\n");
	cr_assert_eq(column_change(TALLY_COLUMN_RENAMED)->index, 3);
	cr_assert_eq(column_change(TALLY_COLUMN_RENAMED)->similarity, 1000);
	cr_assert_eq(column_change(TALLY_COLUMN_ADDED)->index, 1);
	expect_rows(4, 0, 0, 0, 0);
}

Test(table_diff, two_renamed_columns_with_equal_contents_are_ambiguous)
{
	compare("id,a,b\n1,x,x\n2,y,y\n3,z,z\n", "id,c,d\n1,x,x\n2,y,y\n3,z,z\n");
	cr_assert_eq(d->columns_len, 2);
	cr_assert(d->columns[0].ambiguous && d->columns[1].ambiguous);
	cr_assert_eq(d->columns[0].similarity, 1000);
	expect_rows(3, 0, 0, 0, 0);
}

Test(table_diff, contents_swapped_under_their_headers_are_said_so)
{
	compare("id,first,last\n1,Ann,Lee\n2,Bo,Ek\n3,Cy,Poe\n4,Di,Orr\n",
	        "id,first,last\n1,Lee,Ann\n2,Ek,Bo\n3,Poe,Cy\n4,Orr,Di\n");
	cr_assert_eq(d->columns_len, 2);
	cr_assert_eq(d->columns[0].kind, TALLY_COLUMN_SWAPPED);
	cr_assert_str_eq(d->columns[0].name_before, "first");
	cr_assert_str_eq(d->columns[0].name, "last");
	expect_rows(4, 0, 0, 0, 0);
}

Test(table_diff, columns_added_removed_and_moved_leave_the_rows_alone)
{
	compare("id,a,b,c\n1,x,p,1\n2,y,q,2\n3,z,r,3\n", "c,id,a,new\n1,1,x,k\n2,2,y,l\n3,3,z,m\n");
	cr_assert_eq(d->columns_len, 3);
	cr_assert_str_eq(column_change(TALLY_COLUMN_REMOVED)->name_before, "b");
	cr_assert_str_eq(column_change(TALLY_COLUMN_ADDED)->name, "new");
	cr_assert_str_eq(column_change(TALLY_COLUMN_MOVED)->name, "c");
	expect_rows(3, 0, 0, 0, 0);
}

Test(table_diff, duplicate_headers_go_by_order)
{
	compare("id,x,x\n1,a,b\n2,c,d\n", "id,x,x\n1,A1,b\n2,c,D1\n");
	expect_rows(0, 2, 0, 0, 0);
	cr_assert_eq(d->cells_total, 2);
	cr_assert_eq(d->cells[0].column, 1);
	cr_assert_eq(d->cells[1].column, 2);
}

Test(table_diff, names_in_other_clothes_are_renamed)
{
	compare("ID,First Name\n1,Ann\n2,Bo\n", "ID,first_name\n1,Ann\n2,Bob\n");
	cr_assert_eq(d->columns_len, 1);
	cr_assert_eq(d->columns[0].kind, TALLY_COLUMN_RENAMED);
	expect_rows(1, 1, 0, 0, 0);
}

Test(table_diff, without_headers_columns_go_by_place_and_content)
{
	struct text_part_options bare = { .no_header = true };
	const char *old = "1,Ann,Oslo\n2,Bo,Rome\n3,Cy,Bern\n",
		   *now = "1,k9,Ann,Oslo\n2,k8,Bo,Rome\n3,k7,Cy,Bern\n";

	before = text_part_of(old, strlen(old), &bare);
	after = text_part_of(now, strlen(now), &bare);
	cr_assert_eq(run(NULL), TALLY_OK);
	cr_assert_eq(d->columns_len, 1);
	cr_assert_eq(d->columns[0].kind, TALLY_COLUMN_ADDED);
	cr_assert_eq(d->columns[0].index, 1);
	expect_rows(3, 0, 0, 0, 0);
	cr_assert_str_eq(d->names[0], "column 1");
}

Test(table_diff, cells_above_the_header_are_compared)
{
	struct text_part_options low = { .header_row = 2 };
	const char *old = "Report 2023\n\nid,v\n1,a\n2,b\n", *now = "Report 2024\n\nid,v\n1,a\n2,c\n";

	before = text_part_of(old, strlen(old), &low);
	after = text_part_of(now, strlen(now), &low);
	cr_assert_eq(run("id"), TALLY_OK);
	expect_rows(1, 1, 0, 0, 0);
	cr_assert_eq(d->cells[0].row, 0);
	cr_assert_eq(d->cells[1].row, 4);
	cr_assert(d->aligned_by.unique);
}

Test(table_diff, another_delimiter_with_equal_values_is_a_property)
{
	struct text_part_options semicolons = { .delimiter = ';' };
	const char *now = "id;v\n1;\"a\"\n2;b,c\n";

	before = text_part("id,v\n1,a\n2,\"b,c\"\n");
	after = text_part_of(now, strlen(now), &semicolons);
	cr_assert_eq(run(NULL), TALLY_OK);
	expect_rows(2, 0, 0, 0, 0);
	cr_assert_eq(d->properties_len, 1);
	cr_assert_str_eq(d->properties[0].name, "delimiter");
	cr_assert_str_eq(d->properties[0].old, ",");
	cr_assert_str_eq(d->properties[0].now, ";");
	cr_assert(tally_table_diff_any(d));
}

Test(table_diff, quoting_alone_is_no_cell)
{
	compare("id,v\n1,a\n2,b\n", "id,v\n\"1\",\"a\"\n2,b\n");
	expect_rows(2, 0, 0, 0, 0);
	cr_assert_eq(d->cells_total, 0);
}

/* ---- keys ---- */

Test(table_diff, a_missing_key_column_is_an_error_that_names_the_columns)
{
	before = text_part("id,name\n1,a\n");
	after = text_part("id,name\n1,b\n");
	cr_assert_eq(run("key"), TALLY_SKIP);
	cr_assert(strstr(err.message, "'key'") && strstr(err.message, "id, name"), "%s", err.message);
	tally_part_free(after);
	after = text_part("name\nb\n");
	cr_assert_eq(run("id"), TALLY_SKIP);
	cr_assert(strstr(err.message, "after"), "%s", err.message);
}

static void expect_key(const char *first, const char *second)
{
	cr_assert_eq(d->aligned_by.how, TALLY_ALIGNED_INFERRED);
	cr_assert_eq(d->aligned_by.column_count, second ? 2 : 1);
	cr_assert_str_eq(d->names_before[d->aligned_by.columns[0]], first);
	if (second)
		cr_assert_str_eq(d->names_before[d->aligned_by.columns[1]], second);
}

Test(table_diff, a_key_is_inferred_from_uniqueness_overlap_and_name)
{
	compare("price,sku,name\n1.5,a-1,x\n2.5,a-2,y\n3.5,a-3,z\n",
	        "price,sku,name\n1.5,a-1,x\n9.5,a-2,y\n3.5,a-3,q\n");
	expect_key("sku", NULL);
	cr_assert(d->aligned_by.unique);
	cr_assert_eq(d->aligned_by.overlap, 1000);
	expect_rows(1, 2, 0, 0, 0);
	compare("order,line,v\n1,1,a\n1,2,b\n2,1,a\n2,2,c\n",
	        "order,line,v\n1,1,a\n1,2,X\n2,1,a\n2,2,c\n");
	expect_key("order", "line");
	expect_rows(3, 1, 0, 0, 0);
}

Test(table_diff, a_measure_is_no_key_when_there_is_another)
{
	compare("weight,tag\n1.25,a\n2.50,b\n3.75,c\n", "weight,tag\n1.25,a\n2.50,b\n9.75,c\n");
	expect_key("tag", NULL);
	compare("shop,day,takings\nA,mon,1.5\nA,tue,2.5\nB,mon,3.5\nB,tue,4.5\n",
	        "shop,day,takings\nA,mon,1.5\nA,tue,2.5\nB,mon,9.5\nB,tue,4.5\n");
	expect_key("shop", "day");
}

Test(table_diff, a_single_column_has_no_key)
{
	compare("id\n1\n2\n3\n", "id\n1\n3\n4\n");
	cr_assert_eq(d->aligned_by.how, TALLY_ALIGNED_ROWS);
	expect_rows(2, 0, 0, 1, 1);
}

/* ---- rewrites and invariants ---- */

Test(table_diff, a_column_sorted_alone_is_one_line)
{
	compare_keyed("id,score\n1,50\n2,20\n3,40\n4,10\n5,30\n",
	              "id,score\n1,10\n2,20\n3,30\n4,40\n5,50\n", "id");
	cr_assert_eq(d->rewrites_len, 1);
	cr_assert_eq(d->rewrites[0].nature, TALLY_NATURE_PERMUTED);
	cr_assert_eq(d->rewrites[0].count, 4);
	cr_assert_not(d->rewrites[0].lossless);
	cr_assert(d->rewrites[0].cells_listed, "few enough to be listed as well");
	cr_assert_eq(d->cells_len, 4);
	cr_assert_eq(d->cells_total, 4);
	cr_assert_eq(d->invariants_len, 0, "sums cannot tell");
}

Test(table_diff, a_column_that_slid_down_is_one_line)
{
	compare_keyed("id,v\n1,a\n2,b\n3,c\n4,d\n5,e\n6,f\n", "id,v\n1,\n2,a\n3,b\n4,c\n5,d\n6,e\n",
	              "id");
	cr_assert_eq(d->rewrites_len, 1);
	cr_assert_eq(d->rewrites[0].nature, TALLY_NATURE_SHIFTED);
	cr_assert_eq(d->rewrites[0].count, 6);
}

Test(table_diff, a_shift_has_a_direction_an_example_that_shows_it_and_an_end)
{
	compare("id,v\n1,10\n2,25\n3,31\n4,44\n5,59\n6,63\n",
	        "id,v\n1,\n2,10\n3,25\n4,31\n5,44\n6,59\n");
	cr_assert_eq(d->rewrites_len, 1);
	cr_expect_eq(d->rewrites[0].nature, TALLY_NATURE_SHIFTED);
	cr_expect_eq(d->rewrites[0].shifted_by, 1);
	cr_expect_str_eq(d->rewrites[0].examples[0].old.value, "25");
	cr_expect_str_eq(d->rewrites[0].examples[0].now.value, "10");
	cr_assert_eq(d->rewrites[0].lost_count, 1);
	cr_expect_str_eq(d->rewrites[0].lost[0].old.value, "63");
	cr_expect_eq(d->rewrites[0].lost[0].row_before, 6);
	compare("id,v\n1,10\n2,25\n3,31\n4,44\n5,59\n6,63\n",
	        "id,v\n1,25\n2,31\n3,44\n4,59\n5,63\n6,\n");
	cr_assert_eq(d->rewrites_len, 1);
	cr_expect_eq(d->rewrites[0].shifted_by, -1);
	cr_assert_eq(d->rewrites[0].lost_count, 1);
	cr_expect_str_eq(d->rewrites[0].lost[0].old.value, "10");
}

Test(table_diff, many_equal_rewrites_are_one_line_and_few_are_not)
{
	for (int rows = 20; rows <= 30; rows += 10) {
		tally_buf_clear(&a);
		tally_buf_clear(&b);
		tally_buf_text(&a, "id,zip,price\n");
		tally_buf_text(&b, "id,zip,price\n");
		for (int i = 0; i < rows; i++) {
			tally_buf_printf(&a, "%d,0%d,%d\n", i, 1000 + i, i);
			tally_buf_printf(&b, "%d,%d,%d\n", i, 1000 + i, i < 25 ? i * i + 1000 : i);
		}
		compare_bufs("id");
		cr_assert_eq(d->cells_total, (size_t)rows + (rows < 25 ? rows : 25));
		cr_assert_eq(d->rewrites_len, rows > 20);
	}
	cr_assert_eq(d->rewrites[0].nature, TALLY_NATURE_LEADING_ZEROS_LOST);
	cr_assert_eq(d->rewrites[0].count, 30);
	cr_assert_eq(d->rewrites[0].example_count, 3);
	cr_assert_str_eq(d->rewrites[0].examples[0].old.value, "01000");
	cr_assert(d->rewrites[0].examples[0].in_rewrite);
	cr_assert_eq(d->cells_len, 25, "each new price stands for itself");
}

Test(table_diff, the_same_replacement_many_times_is_one_line)
{
	tally_buf_text(&a, "id,status\n");
	tally_buf_text(&b, "id,status\n");
	for (int i = 0; i < 100; i++) {
		tally_buf_printf(&a, "%d,%s\n", i, i % 2 ? "open" : "paid");
		tally_buf_printf(&b, "%d,%s\n", i, i % 2 ? "closed" : "paid");
	}
	compare_bufs("id");
	cr_assert_eq(d->rewrites_len, 1);
	cr_assert_eq(d->rewrites[0].count, 50);
	cr_assert_eq(d->cells_len, 0);
	cr_assert_not(d->aligned_by.doubtful);
}

Test(table_diff, details_are_bounded_and_totals_exact)
{
	struct tally_table_options options = TALLY_TABLE_OPTIONS_INIT;
	struct tally_limits limits = TALLY_LIMITS_INIT;
	const char *key = "id";

	tally_buf_text(&a, "id,v\n");
	tally_buf_text(&b, "id,v\n");
	for (int i = 0; i < 100; i++) {
		tally_buf_printf(&a, "%d,%d\n", i, i * 7);
		tally_buf_printf(&b, "%d,%d\n", i < 50 ? i : i + 100, i * 7 + 100000 + i % 3);
	}
	before = text_part(a.bytes);
	after = text_part(b.bytes);
	limits.table_details = 10;
	options.limits = &limits;
	options.key = &key;
	options.key_count = 1;
	cr_assert_eq(tally_table_diff(&d, before, after, &options, &err), TALLY_OK);
	expect_rows(0, 50, 0, 50, 50);
	cr_assert_eq(d->cells_total, 50);
	cr_assert_eq(d->cells_len, 10);
	cr_assert_eq(d->row_changes_total, 100);
	cr_assert_eq(d->row_changes_len, 10);
	cr_assert_eq(d->cells_unlisted, 40);
	cr_assert_eq(d->row_changes[0].kind, TALLY_ROW_DELETED, "losses first");
}

Test(table_diff, sums_are_exact_and_only_where_they_differ)
{
	compare_keyed("id,n,t\n1,0.1,x\n2,0.2,y\n3,9007199254740993,\n",
	              "id,n,t\n1,0.1,x\n2,0.25,y\n3,9007199254740993,z\n", "id");
	cr_assert_eq(d->invariants_len, 2);
	cr_assert_eq(d->invariants[0].column, 1);
	cr_assert_str_eq(d->invariants[0].sum_before, "9007199254740993.30");
	cr_assert_str_eq(d->invariants[0].sum, "9007199254740993.35");
	cr_assert_str_eq(d->invariants[0].min_before, "0.1");
	cr_assert_str_eq(d->invariants[0].max, "9007199254740993");
	cr_assert_eq(d->invariants[0].distinct, 3);
	cr_assert_eq(d->invariants[1].empty_before, 1);
	cr_assert_eq(d->invariants[1].empty, 0);
	cr_assert_str_eq(d->invariants[1].sum, "");
}

static void big_table(struct tally_buf *t, int rows, int step, int skip)
{
	tally_buf_text(t, "id,n,s\n");
	for (int i = 0; i < rows; i++)
		if (!skip || i % skip)
			tally_buf_printf(t, "%d,%d.5,%s\n", i, i + (step && i % step == 1),
			                 i % 3 ? "x" : "");
}

Test(table_diff, sums_of_large_tables_by_difference_are_those_of_a_full_count)
{
	const int rows = 210000;
	long long sum_before = 0, sum_after = 0;

	big_table(&a, rows, 0, 0);
	big_table(&b, rows, 1000, 5000);
	for (int i = 0; i < rows; i++) {
		sum_before += i * 10LL + 5;
		sum_after += i % 5000 ? (i + (i % 1000 == 1)) * 10LL + 5 : 0;
	}
	compare_bufs("id");
	cr_assert_eq(d->rows.deleted, 42);
	cr_assert_eq(d->rows.edited, 210);
	cr_assert_eq(d->invariants_len, 3);
	tally_buf_clear(&a);
	tally_buf_printf(&a, "%lld.%lld %lld.%lld", sum_before / 10, sum_before % 10,
	                 sum_after / 10, sum_after % 10);
	tally_buf_clear(&b);
	tally_buf_printf(&b, "%s %s", d->invariants[1].sum_before, d->invariants[1].sum);
	cr_assert_str_eq(b.bytes, a.bytes);
	cr_assert_eq(d->invariants[1].distinct, UINT64_MAX);
	cr_assert_eq(d->invariants[2].empty_before, 70000);
	cr_assert_eq(d->invariants[2].empty, 70000 - 14);
}

/* ---- typed cells ---- */

static void push(struct tally_table_builder *t, const char *value, int kind, const char *formula,
                 const char *format)
{
	struct tally_cell cell = { .value = value,
		                   .value_len = (uint32_t)strlen(value),
		                   .kind = (uint8_t)kind,
		                   .formula = formula,
		                   .formula_len = formula ? (uint32_t)strlen(formula) : 0,
		                   .format = format,
		                   .format_len = format ? (uint32_t)strlen(format) : 0 };

	cr_assert_eq(tally_table_builder_cell(t, &cell, &err), TALLY_OK);
}

struct typed {
	const char *value;
	int kind;
	const char *formula, *format;
};

static struct tally_part *typed_part(const struct typed *cells, size_t count)
{
	struct tally_table_builder *t = NULL;
	struct tally_part *part = NULL;

	cr_assert_eq(tally_table_builder_new(&t, "Sheet", "sheet", 1 << 20, &err), TALLY_OK);
	push(t, "id", TALLY_CELL_TEXT, NULL, NULL);
	push(t, "v", TALLY_CELL_TEXT, NULL, NULL);
	cr_assert_eq(tally_table_builder_row(t, 1, &err), TALLY_OK);
	for (size_t i = 0; i < count; i++) {
		char id[24];

		snprintf(id, sizeof id, "%zu", i);
		push(t, id, TALLY_CELL_NUMBER, NULL, NULL);
		push(t, cells[i].value, cells[i].kind, cells[i].formula, cells[i].format);
		cr_assert_eq(tally_table_builder_row(t, 1, &err), TALLY_OK);
	}
	cr_assert_eq(tally_table_builder_finish(t, &part, &err), TALLY_OK);
	tally_table_builder_free(t);
	part->header_row = 0;
	return part;
}

Test(table_diff, typed_cells_show_what_became_of_formulas_and_types)
{
	const struct {
		struct typed old, now;
		enum tally_nature nature;
	} cases[] = {
		{ { "5", TALLY_CELL_NUMBER, "A1+1", NULL },
		  { "5", TALLY_CELL_NUMBER, NULL, NULL },
		  TALLY_NATURE_FORMULA_TO_CONSTANT },
		{ { "5", TALLY_CELL_NUMBER, NULL, NULL },
		  { "5", TALLY_CELL_NUMBER, "A1+1", NULL },
		  TALLY_NATURE_CONSTANT_TO_FORMULA },
		{ { "5", TALLY_CELL_NUMBER, "A1+1", NULL },
		  { "5", TALLY_CELL_NUMBER, "A1+2", NULL },
		  TALLY_NATURE_FORMULA_CHANGED },
		{ { "5", TALLY_CELL_NUMBER, "A1", NULL },
		  { "#REF!", TALLY_CELL_ERROR, "A1", NULL },
		  TALLY_NATURE_BECAME_ERROR },
		{ { "5", TALLY_CELL_NUMBER, NULL, NULL },
		  { "5", TALLY_CELL_TEXT, NULL, NULL },
		  TALLY_NATURE_NUMBER_TO_TEXT },
		{ { "5.0", TALLY_CELL_TEXT, NULL, NULL },
		  { "5", TALLY_CELL_NUMBER, NULL, NULL },
		  TALLY_NATURE_TEXT_TO_NUMBER },
		{ { "007", TALLY_CELL_TEXT, NULL, NULL },
		  { "7", TALLY_CELL_NUMBER, NULL, NULL },
		  TALLY_NATURE_LEADING_ZEROS_LOST },
		{ { "5", TALLY_CELL_NUMBER, NULL, NULL },
		  { "5", TALLY_CELL_NUMBER, NULL, "0.00" },
		  TALLY_NATURE_FORMAT_ONLY },
		{ { "5", TALLY_CELL_NUMBER, "A1", NULL },
		  { "", TALLY_CELL_EMPTY, NULL, NULL },
		  TALLY_NATURE_EMPTIED },
		{ { "2024-01-02", TALLY_CELL_DATE, NULL, NULL },
		  { "2024-02-01", TALLY_CELL_DATE, NULL, NULL },
		  TALLY_NATURE_DATE_VALUE_CHANGED },
		{ { "SEPT2", TALLY_CELL_TEXT, NULL, NULL },
		  { "2024-09-02", TALLY_CELL_DATE, NULL, NULL },
		  TALLY_NATURE_SPREADSHEET_AUTOFORMAT },
	};
	enum { CASES = sizeof cases / sizeof *cases };
	struct typed old[CASES], now[CASES];

	for (size_t i = 0; i < CASES; i++) {
		old[i] = cases[i].old;
		now[i] = cases[i].now;
	}
	before = typed_part(old, CASES);
	after = typed_part(now, CASES);
	cr_assert_eq(run("id"), TALLY_OK);
	cr_assert_eq(d->cells_len, CASES);
	for (size_t i = 0; i < CASES; i++)
		cr_assert_eq(d->cells[i].nature, cases[i].nature, "case %zu is %s", i,
		             tally_nature_id(d->cells[i].nature));
}

Test(table_diff, dates_are_read_alike_in_a_column)
{
	compare_keyed("id,d\n1,03/04/2024\n2,25/12/2024\n", "id,d\n1,2024-04-03\n2,2024-12-25\n",
	              "id");
	expect_cell(0, "03/04/2024", "2024-04-03", TALLY_NATURE_DATE_REFORMATTED);
	compare_keyed("id,d\n1,03/04/2024\n2,25/12/2024\n", "id,d\n1,2024-03-04\n2,2024-12-25\n",
	              "id");
	expect_cell(0, "03/04/2024", "2024-03-04", TALLY_NATURE_DAY_MONTH_EXCHANGED);
	expect_cell(1, "25/12/2024", "2024-12-25", TALLY_NATURE_DATE_REFORMATTED);
	compare_keyed("id,d\n1,03/04/2024\n2,x\n", "id,d\n1,04/03/2024\n2,x\n", "id");
	expect_cell(0, "03/04/2024", "04/03/2024", TALLY_NATURE_DATE_VALUE_CHANGED);
	compare_keyed("id,d\n1,03/04/2024\n2,25/12/2024\n", "id,d\n1,04/03/2024\n2,12/25/2024\n",
	              "id");
	expect_cell(0, "03/04/2024", "04/03/2024", TALLY_NATURE_DATE_REFORMATTED);
}
