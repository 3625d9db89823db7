/* Natures that only a column can settle: marks of numbers, orders of dates, what all of its cells share. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "diff/table_diff.h"
#include "support/table_pair.h"
#include "support/text_part.h"

static struct tally_buf a, b;

static void begin(void)
{
	tally_buf_init(&a, 1 << 20);
	tally_buf_init(&b, 1 << 20);
	err = (struct tally_err){ 0 };
}

static void end(void)
{
	forget();
	tally_buf_release(&a);
	tally_buf_release(&b);
}

TestSuite(table_settle, .init = begin, .fini = end);

static void compare(const char *old, const char *now)
{
	static const char *const key = "id";
	struct tally_table_options options = TALLY_TABLE_OPTIONS_INIT;

	forget();
	options.key = &key;
	options.key_count = 1;
	options.threads = 1;
	before = text_part(old);
	after = text_part(now);
	cr_assert_eq(tally_table_diff(&d, before, after, &options, &err), TALLY_OK, "%s",
	             err.message);
}

/* A table of ids and one column from lists of values that end with NULL. */
static void compare_column(const char *const *old, const char *const *now)
{
	tally_buf_clear(&a);
	tally_buf_clear(&b);
	tally_buf_text(&a, "id,v\n");
	tally_buf_text(&b, "id,v\n");
	for (int i = 0; old[i]; i++) {
		tally_buf_printf(&a, "k%d,\"%s\"\n", i, old[i]);
		tally_buf_printf(&b, "k%d,\"%s\"\n", i, now[i]);
	}
	tally_buf_add(&a, "", 1);
	tally_buf_add(&b, "", 1);
	compare(a.bytes, b.bytes);
}

#define COLUMN(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void expect_all(enum tally_nature nature)
{
	cr_assert_gt(d->cells_len, 0);
	for (size_t i = 0; i < d->cells_len; i++)
		cr_expect_eq(d->cells[i].nature, nature, "%s -> %s is %s", d->cells[i].old.value,
		             d->cells[i].now.value, tally_nature_id(d->cells[i].nature));
}

static void expect_whole(enum tally_nature nature)
{
	expect_all(nature);
	cr_assert_eq(d->rewrites_len, 1);
	cr_assert_eq(d->rewrites[0].nature, nature);
	cr_assert_eq(d->rewrites[0].count, d->cells_len);
}

/* ---- numbers ---- */

Test(table_settle, a_lost_decimal_mark_is_no_thousands_separator)
{
	compare_column(COLUMN("0,813", "2,000", "3,500", "28,685"),
	               COLUMN("0,813", "2,000", "3,500", "28685"));
	expect_all(TALLY_NATURE_DECIMAL_MARK_LOST);
	compare_column(COLUMN("0.813", "2.000", "3.500", "28.685"),
	               COLUMN("0813", "2000", "3500", "28685"));
	expect_all(TALLY_NATURE_DECIMAL_MARK_LOST);
	compare_column(COLUMN("55,27", "1,00"), COLUMN("5527", "1,00"));
	expect_all(TALLY_NATURE_DECIMAL_MARK_LOST);
	cr_assert_not(tally_nature_lossless(TALLY_NATURE_DECIMAL_MARK_LOST));
}

Test(table_settle, a_mark_that_may_be_either_is_not_lossless)
{
	compare_column(COLUMN("2,000", "3,500", "28,685"), COLUMN("2,000", "3,500", "28685"));
	expect_all(TALLY_NATURE_SCALE_UNSURE);
	compare_column(COLUMN("2,000", "3,500", "28,685"), COLUMN("2000", "3500", "28685"));
	expect_all(TALLY_NATURE_SCALE_UNSURE);
	compare_column(COLUMN("12000", "3500"), COLUMN("12.000", "3.500"));
	expect_all(TALLY_NATURE_SCALE_UNSURE);
	cr_assert_not(tally_nature_lossless(TALLY_NATURE_SCALE_UNSURE));
}

Test(table_settle, a_column_with_a_known_mark_has_thousands_separators)
{
	compare_column(COLUMN("12,000.50", "3,500"), COLUMN("12,000.50", "3500"));
	expect_all(TALLY_NATURE_THOUSANDS_SEPARATOR);
	compare_column(COLUMN("1'112,29", "3,50"), COLUMN("1112.29", "3,50"));
	expect_all(TALLY_NATURE_THOUSANDS_SEPARATOR);
}

Test(table_settle, a_decimal_comma_for_a_point_is_one_in_every_row)
{
	compare_column(COLUMN("0.813", "28.685", "3.500"), COLUMN("0,813", "28,685", "3,500"));
	expect_all(TALLY_NATURE_DECIMAL_COMMA);
}

/* ---- dates ---- */

Test(table_settle, day_and_month_that_changed_places_are_said_so)
{
	compare_column(COLUMN("2024-03-04", "2024-05-06", "2024-12-25"),
	               COLUMN("2024-04-03", "2024-06-05", "2024-12-25"));
	expect_all(TALLY_NATURE_DAY_MONTH_EXCHANGED);
	compare_column(COLUMN("04/03/2024", "06/05/2024", "25/12/2024"),
	               COLUMN("03/04/2024", "05/06/2024", "25/12/2024"));
	expect_all(TALLY_NATURE_DAY_MONTH_EXCHANGED);
	/* day-first dates that a program read month first where it could */
	compare_column(COLUMN("04/03/2024", "25/12/2024"), COLUMN("2024-04-03", "2024-12-25"));
	cr_assert_eq(d->cells[0].nature, TALLY_NATURE_DAY_MONTH_EXCHANGED);
	cr_assert_eq(d->cells[1].nature, TALLY_NATURE_DATE_REFORMATTED);
}

Test(table_settle, one_date_with_day_and_month_exchanged_may_be_an_edit)
{
	compare_column(COLUMN("2024-03-04", "2024-12-25"), COLUMN("2024-04-03", "2024-12-25"));
	expect_all(TALLY_NATURE_DATE_VALUE_CHANGED);
	compare_column(COLUMN("2024-03-04", "2024-05-06"), COLUMN("2024-04-03", "2024-05-07"));
	expect_all(TALLY_NATURE_DATE_VALUE_CHANGED);
}

Test(table_settle, dates_that_all_moved_by_the_same_time_are_one_line)
{
	compare_column(COLUMN("2024-01-01", "2023-05-20", "2020-02-29", "2022-08-08"),
	               COLUMN("2019-12-31", "2019-05-19", "2016-02-28", "2018-08-07"));
	expect_whole(TALLY_NATURE_DATES_MOVED);
	cr_assert_eq(d->rewrites[0].moved_by, -1462 * 86400);
	compare_column(COLUMN("01/02/2024", "25/12/2024", "07/08/2024"),
	               COLUMN("02/02/2024", "26/12/2024", "08/08/2024"));
	expect_whole(TALLY_NATURE_DATES_MOVED);
	cr_assert_eq(d->rewrites[0].moved_by, 86400);
	compare_column(COLUMN("2024-01-01 08:00", "2024-01-01 09:00", "2024-01-01 23:30"),
	               COLUMN("2024-01-01 09:00", "2024-01-01 10:00", "2024-01-02 00:30"));
	expect_whole(TALLY_NATURE_DATES_MOVED);
	cr_assert_eq(d->rewrites[0].moved_by, 3600);
	compare_column(COLUMN("2024-01-01", "2023-05-20", "2020-02-28"),
	               COLUMN("2024-01-02", "2023-05-21", "2020-03-01"));
	expect_all(TALLY_NATURE_DATE_VALUE_CHANGED);
}

Test(table_settle, a_century_is_lost_for_the_whole_column)
{
	compare_column(COLUMN("08.07.1957", "01.02.1984", "03.04.2001"),
	               COLUMN("08.07.57", "01.02.84", "03.04.01"));
	expect_all(TALLY_NATURE_CENTURY_LOST);
	compare_column(COLUMN("08.07.2017", "01.02.1984"), COLUMN("08.07.17", "01.02.84"));
	expect_all(TALLY_NATURE_DATE_REFORMATTED);
}

/* ---- what slides, and what only looks so ---- */

Test(table_settle, running_numbers_given_out_anew_are_not_shifted)
{
	compare_column(COLUMN("1", "2", "3", "5", "6", "7", "8", "9"),
	               COLUMN("1", "2", "3", "4", "5", "6", "7", "8"));
	expect_whole(TALLY_NATURE_NUMBERED_ANEW);
}

Test(table_settle, times_one_hour_later_are_not_shifted)
{
	compare_column(COLUMN("08:00", "09:00", "10:00", "11:00", "12:00", "13:00"),
	               COLUMN("09:00", "10:00", "11:00", "12:00", "13:00", "14:00"));
	expect_whole(TALLY_NATURE_DATES_MOVED);
	cr_assert_eq(d->rewrites[0].moved_by, 3600);
}

Test(table_settle, values_of_a_progression_are_not_shifted)
{
	compare_column(COLUMN("10", "20", "30", "40", "50", "60", "70"),
	               COLUMN("20", "30", "40", "50", "60", "70", "75"));
	for (size_t i = 0; i < d->cells_len; i++)
		cr_assert_neq(d->cells[i].nature, TALLY_NATURE_SHIFTED);
}

Test(table_settle, values_that_slid_are_shifted)
{
	compare_column(COLUMN("q", "w", "e", "r", "t", "z", "u"),
	               COLUMN("x", "q", "w", "e", "r", "t", "z"));
	expect_whole(TALLY_NATURE_SHIFTED);
}

/* ---- rows ---- */

Test(table_settle, rows_of_which_only_the_notation_changed_are_counted)
{
	compare("id,n,d\n1,1.50,2024-01-31\n2,2.50,2024-01-31\n3,x,y\n4,,z\n",
	        "id,n,d\n1,1.5,31.01.2024\n2,2.6,31.01.2024\n3,x ,y\n4,5,z\n");
	cr_assert_eq(d->rows.edited, 4);
	cr_assert_eq(d->rows.notation, 2);
}
