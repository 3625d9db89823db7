/* What may change: the words that say it, and every change outside of it counted. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "diff/scope.h"
#include "diff/table_diff.h"
#include "support/faults.h"
#include "support/text_part.h"

static struct tally_scope *scope;
static struct tally_part *before, *after;
static struct tally_table_diff *d;
static struct tally_err err;
static size_t above; /* title lines */

static void forget(void)
{
	tally_table_diff_free(d);
	tally_part_free(before);
	tally_part_free(after);
	tally_scope_free(scope);
	d = NULL;
	before = after = NULL;
	scope = NULL;
}

TestSuite(scope, .fini = forget);

static enum tally_status rows(const char *expression)
{
	const struct tally_scope_words words = { .rows = expression };

	forget();
	return tally_scope_new(&scope, &words, &err);
}

static bool fits(const char *value)
{
	return tally_scope_fits(scope, value, strlen(value));
}

Test(scope, nothing_said_is_no_scope)
{
	const struct tally_scope_words none = { 0 };

	cr_assert_eq(tally_scope_new(&scope, &none, &err), TALLY_OK);
	cr_assert_null(scope);
}

Test(scope, values_are_equal_as_texts_or_as_numbers_and_codes_are_texts)
{
	cr_assert_eq(rows("id in 3, 7.0 ,'a,b', \" x \",00501"), TALLY_OK, "%s", err.message);
	cr_assert_str_eq(tally_scope_row_column(scope), "id");
	cr_expect(fits("3") && fits(" 3 ") && fits("3.00") && fits("+3") && fits("7"));
	cr_expect(fits("a,b") && fits("x") && fits("00501"));
	cr_expect_not(fits("003") || fits("501") || fits("a") || fits("") || fits("33") ||
	              fits("-3"));
	cr_assert_eq(rows("x = 0"), TALLY_OK);
	cr_expect(fits("0") && fits("0.0") && fits("-0"));
	cr_assert_eq(rows("x = 10"), TALLY_OK);
	cr_expect(fits("10") && !fits("1") && !fits("100"));
}

Test(scope, unequal_is_whatever_is_another_value)
{
	cr_assert_eq(rows("state != closed"), TALLY_OK);
	cr_expect(fits("open") && fits("") && fits("Closed"));
	cr_expect_not(fits("closed"));
}

Test(scope, ranges_are_of_numbers_days_or_texts)
{
	cr_assert_eq(rows("n between -2 and 10.5"), TALLY_OK);
	cr_expect(fits("-2") && fits("9") && fits("10.50"));
	cr_expect_not(fits("11") || fits("-3") || fits("x") || fits(""));
	cr_assert_eq(rows("day BETWEEN 2026-01-01 AND 2026-01-31"), TALLY_OK);
	cr_expect(fits("2026-01-31") && fits("31.01.2026") && fits("2026-01-31 10:30"));
	cr_expect_not(fits("2026-02-01") || fits("2025-12-31") || fits("soon"));
	/* 2 January or 1 February */
	cr_expect_not(fits("01/02/2026"));
	cr_assert_eq(rows("name between 'b and c' and d"), TALLY_OK);
	cr_expect(fits("b and d") && fits("d") && !fits("a") && !fits("da"));
}

Test(scope, names_of_columns_may_hold_blanks_and_quotes)
{
	cr_assert_eq(rows("  unit price = 3"), TALLY_OK);
	cr_expect_str_eq(tally_scope_row_column(scope), "unit price");
	cr_assert_eq(rows("\"made in\" = 'it''s'"), TALLY_OK, "%s", err.message);
	cr_expect_str_eq(tally_scope_row_column(scope), "made in");
	cr_expect(fits("it's"));
	cr_assert_eq(rows("instock==5"), TALLY_OK);
	cr_expect_str_eq(tally_scope_row_column(scope), "instock");
}

Test(scope, what_says_no_rows_is_refused)
{
	static const char *const wrong[] = { "",           "id",           "= 3",
		                             "id in",      "id in 3,,4",   "id in 3,",
		                             "id = 'x",    "id = 'x' y",   "id between 3 and",
		                             "id between", "id between 3", "id between 9 and 3",
		                             "'id",        "'' = 3",       "id between 3 and x" };

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		cr_expect_eq(rows(wrong[i]), TALLY_FATAL, "%s", wrong[i]);
}

/* ---- tables ---- */

static void compare(const char *old, const char *now, struct tally_scope_words words, uint64_t most)
{
	struct tally_table_options options = TALLY_TABLE_OPTIONS_INIT;
	static struct tally_limits limits;

	forget();
	limits = (struct tally_limits)TALLY_LIMITS_INIT;
	if (most)
		limits.table_details = most;
	cr_assert_eq(tally_scope_new(&scope, &words, &err), TALLY_OK, "%s", err.message);
	options.scope = scope;
	options.limits = &limits;
	options.threads = 1;
	before = text_part(old);
	after = text_part(now);
	before->header_row = after->header_row = above;
	cr_assert_eq(tally_table_diff(&d, before, after, &options, &err), TALLY_OK, "%s",
	             err.message);
}

#define WORDS(...) ((struct tally_scope_words){ __VA_ARGS__ })
#define NAMES(field, ...)                                 \
	.field##s = (const char *const[]){ __VA_ARGS__ }, \
	.field##_count = sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *)

static uint64_t outside(int kind, int reason)
{
	uint64_t n = 0;

	for (size_t i = 0; i < d->outside->group_count; i++)
		if ((int)d->outside->groups[i].kind == kind &&
		    (int)d->outside->groups[i].reason == reason)
			n += d->outside->groups[i].count;
	return n;
}

static const char old_table[] = "id,name,price\n1,Ann,10\n2,Bob,25\n3,Cid,31\n4,Dan,47\n";

Test(scope, cells_are_judged_by_column_and_by_the_row_as_it_was)
{
	compare(old_table, "id,name,price\n1,Ann,11\n2,Bobby,26\n3,Cid,39\n4,Dan,40\n",
	        WORDS(NAMES(column, "price"), .rows = "name in Ann,Bob"), 0);
	/* Bob was Bob, but what says which row it is was changed without leave */
	cr_expect_eq(outside(TALLY_OUTSIDE_CELLS, TALLY_OUTSIDE_OF_COLUMNS), 1);
	cr_expect_eq(outside(TALLY_OUTSIDE_CELLS, TALLY_OUTSIDE_OF_KEY), 1);
	cr_expect_eq(outside(TALLY_OUTSIDE_CELLS, TALLY_OUTSIDE_OF_ROWS), 2);
	cr_expect_eq(d->outside->total, 4);
	compare(old_table, "id,name,price\n1,Ann,11\n2,Bobby,26\n3,Cid,31\n4,Dan,47\n",
	        WORDS(NAMES(column, "price", "name"), .rows = "name in Ann,Bob"), 0);
	cr_expect_eq(d->outside->total, 0);
}

Test(scope, changes_are_counted_where_lists_are_cut)
{
	struct tally_buf a, b;

	tally_buf_init(&a, 1 << 20);
	tally_buf_init(&b, 1 << 20);
	tally_buf_text(&a, "id,x,y\n");
	tally_buf_text(&b, "id,x,y\n");
	for (int i = 0; i < 300; i++) {
		tally_buf_printf(&a, "k%d,a%d,b%d\n", i, i * 7919 % 1009, i);
		if (i % 10)
			tally_buf_printf(&b, "k%d,c%d,b%d\n", i, i * 7907 % 1013, i);
	}
	compare(a.bytes, b.bytes, WORDS(NAMES(column, "y")), 5);
	cr_assert_leq(d->cells_len, 5);
	cr_expect_eq(outside(TALLY_OUTSIDE_CELLS, TALLY_OUTSIDE_OF_COLUMNS), 270);
	cr_expect_eq(outside(TALLY_OUTSIDE_ROWS_DELETED, TALLY_OUTSIDE_OF_COLUMNS), 30);
	cr_expect_eq(d->outside->total, 300);
	cr_expect(d->cells[0].outside);
	tally_buf_release(&a);
	tally_buf_release(&b);
}

Test(scope, a_rewrite_says_how_much_of_it_is_outside)
{
	struct tally_buf a, b;

	tally_buf_init(&a, 1 << 20);
	tally_buf_init(&b, 1 << 20);
	tally_buf_text(&a, "id,zip\n");
	tally_buf_text(&b, "id,zip\n");
	for (int i = 0; i < 40; i++) {
		tally_buf_printf(&a, "k%d,0%d\n", i, 1000 + i * 37);
		tally_buf_printf(&b, "k%d,%d\n", i, 1000 + i * 37);
	}
	compare(a.bytes, b.bytes, WORDS(.rows = "id != k7"), 0);
	cr_assert_eq(d->rewrites_len, 1);
	cr_expect_eq(d->rewrites[0].count, 40);
	cr_expect_eq(d->rewrites[0].outside, 1);
	tally_buf_release(&a);
	tally_buf_release(&b);
}

Test(scope, rows_come_go_and_move_only_where_they_fit)
{
	const char *now = "id,name,price\n4,Dan,47\n1,Ann,10\n2,Bob,25\n9,Eve,50\n8,Fay,51\n";

	compare(old_table, now, WORDS(.rows = "id in 3, 9"), 0);
	cr_expect_eq(outside(TALLY_OUTSIDE_ROWS_ADDED, TALLY_OUTSIDE_OF_ROWS), 1);
	cr_expect_eq(outside(TALLY_OUTSIDE_ROWS_MOVED, TALLY_OUTSIDE_OF_ROWS), 1);
	cr_expect_eq(d->outside->total, 2);
	compare(old_table, now, WORDS(NAMES(column, "id", "price")), 0);
	cr_expect_eq(outside(TALLY_OUTSIDE_ROWS_DELETED, TALLY_OUTSIDE_OF_COLUMNS), 1);
	cr_expect_eq(outside(TALLY_OUTSIDE_ROWS_ADDED, TALLY_OUTSIDE_OF_COLUMNS), 2);
	cr_expect_eq(outside(TALLY_OUTSIDE_ROWS_MOVED, TALLY_OUTSIDE_OF_COLUMNS), 1);
	compare(old_table, now, WORDS(NAMES(column, "id", "price", "name")), 0);
	cr_expect_eq(outside(TALLY_OUTSIDE_ROWS_ADDED, TALLY_OUTSIDE_OF_COLUMNS), 0);
	cr_expect_eq(d->outside->total, 1); /* the order is in no column */
}

Test(scope, columns_may_be_added_where_they_are_named)
{
	const char *now = "id,price,name,vat\n1,10,Ann,2\n2,25,Bob,5\n3,31,Cid,6\n4,47,Dan,9\n";

	compare(old_table, now, WORDS(NAMES(column, "vat")), 0);
	cr_expect_eq(d->outside->total, 1); /* price or name moved */
	cr_expect_eq(outside(TALLY_OUTSIDE_COLUMN, TALLY_OUTSIDE_OF_COLUMNS), 1);
	compare(old_table, now, WORDS(.rows = "id = 1"), 0);
	cr_expect_eq(outside(TALLY_OUTSIDE_COLUMN, TALLY_OUTSIDE_OF_ROWS), 2);
}

Test(scope, names_that_are_not_there_are_told)
{
	compare(old_table, "id,name,price\n1,Ann,10\n2,Bob,25\n3,Cid,31\n4,Dan,48\n",
	        WORDS(NAMES(column, "price", "Prise"), .rows = "idd = 4"), 0);
	cr_assert_eq(d->outside->unknown_count, 1);
	cr_expect_str_eq(d->outside->unknown[0], "Prise");
	cr_expect(d->outside->row_column_unknown);
	cr_expect_eq(outside(TALLY_OUTSIDE_CELLS, TALLY_OUTSIDE_OF_ROWS), 1);
}

Test(scope, title_lines_and_the_header_are_no_cells_of_a_column)
{
	above = 1;
	compare("Prices of May,,\nid,name,price\n1,Ann,10\n2,Bob,25\n3,Cid,31\n",
	        "Prices of June,,\nid,name,price\n1,Ann,10\n2,Bob,25\n3,Cid,32\n",
	        WORDS(NAMES(column, "price")), 0);
	cr_expect_eq(outside(TALLY_OUTSIDE_TITLES, TALLY_OUTSIDE_OF_COLUMNS), 1);
	cr_expect_eq(d->outside->total, 1);
}

Test(scope, a_sheet_that_may_not_change_is_outside_with_all_that_did)
{
	compare(old_table, "id,name,price\n1,Ann,11\n2,Bob,25\n4,Dan,47\n",
	        WORDS(NAMES(sheet, "Prices")), 0);
	cr_expect_eq(outside(TALLY_OUTSIDE_CELLS, TALLY_OUTSIDE_OF_SHEETS), 1);
	cr_expect_eq(outside(TALLY_OUTSIDE_ROWS_DELETED, TALLY_OUTSIDE_OF_SHEETS), 1);
}

Test(scope, no_memory_is_an_error_and_leaks_nothing)
{
	struct tally_table_options options = TALLY_TABLE_OPTIONS_INIT;
	const struct tally_scope_words words = { .rows = "id in 3, 9, 'x'",
		                                 NAMES(column, "price", "vat") };

	options.threads = 1;
	before = text_part(old_table);
	after = text_part("id,name,cost\n4,Dan,48\n1,Ann,10\n2,Bobby,25\n9,Eve,50\n8,Fay,51\n");
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		enum tally_status st = tally_scope_new(&scope, &words, &err);

		options.scope = scope;
		if (st >= 0)
			st = tally_table_diff(&d, before, after, &options, &err);
		if (faults_fired(&f))
			cr_assert_lt(st, 0, "allocation %ld", f.nth);
		else
			cr_assert_eq(st, TALLY_OK);
		tally_table_diff_free(d);
		tally_scope_free(scope);
		d = NULL;
		scope = NULL;
	}
}
