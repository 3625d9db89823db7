/* Totals that no longer agree, and sums of numbers however they are written. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "diff/table_diff.h"
#include "support/table_pair.h"
#include "support/text_part.h"

TestSuite(table_totals, .fini = forget);

static void compare(const char *old, const char *now)
{
	struct text_part_options semicolons = { .delimiter = ';' };

	forget();
	before = text_part_of(old, strlen(old), &semicolons);
	after = text_part_of(now, strlen(now), &semicolons);
	cr_assert_eq(tally_table_diff(&d, before, after, NULL, &err), TALLY_OK, "%s", err.message);
}

static void expect_total(size_t n, uint64_t row, uint32_t column, const char *shown, const char *sum)
{
	cr_assert_lt(n, d->total_rows_len);
	cr_assert_eq(d->total_rows[n].row + 1, row);
	cr_assert_eq(d->total_rows[n].column, column);
	cr_assert_str_eq(d->total_rows[n].shown, shown);
	cr_assert_str_eq(d->total_rows[n].sum, sum);
}

static void expect_sum(size_t n, const char *old, const char *now)
{
	cr_assert_lt(n, d->invariants_len);
	cr_assert_str_eq(d->invariants[n].sum_before, old);
	cr_assert_str_eq(d->invariants[n].sum, now);
}

/* ---- totals ---- */

Test(table_totals, a_total_at_the_end_that_was_forgotten)
{
	compare("id;name;amount\n1;a;10.00\n2;b;20.50\n3;c;30.25\n;Total;60.75\n",
	        "id;name;amount\n1;a;10.00\n2;b;25.50\n3;c;30.25\n;Total;60.75\n");
	cr_assert_eq(d->total_rows_len, 1);
	expect_total(0, 5, 2, "60.75", "65.75");
	expect_sum(0, "60.75", "65.75"); /* the total is no part of it */
	cr_assert_str_eq(d->total_rows[0].label, "Total");
	cr_assert_str_eq(d->total_rows[0].sum_before, "60.75");
}

Test(table_totals, a_total_that_was_brought_up_to_date_is_fine)
{
	compare("id;name;amount\n1;a;10.00\n2;b;20.50\n3;c;30.25\n;Total;60.75\n",
	        "id;name;amount\n1;a;10.00\n2;b;25.50\n3;c;30.25\n;Total;65.75\n");
	cr_assert_eq(d->total_rows_len, 0);
	compare("id;name;amount\n1;a;10.00\n2;b;20.50\n;Total;60.75\n",
	        "id;name;amount\n1;a;10.00\n2;b;25.50\n;Total;60.75\n");
	cr_assert_eq(d->total_rows_len, 0, "it did not agree before");
}

Test(table_totals, a_row_that_was_deleted_above_a_total)
{
	compare("name;amount\na;10\nb;20\nc;30\nGrand total:;60\n",
	        "name;amount\na;10\nc;30\nGrand total:;60\n");
	cr_assert_eq(d->total_rows_len, 1);
	expect_total(0, 4, 1, "60", "40");
}

Test(table_totals, a_total_that_was_typed_over)
{
	compare("name;amount\na;10\nb;20\nc;30\nSUMME;60\n",
	        "name;amount\na;10\nb;20\nc;30\nSUMME;99\n");
	expect_total(0, 5, 1, "99", "60");
}

Test(table_totals, subtotals_by_group_and_two_columns_with_decimal_commas)
{
	compare("item;menge;betrag\nHammer;2;12,50\nNagel;100;3,75\nZwischensumme;102;16,25\n"
	        "Säge;1;1.020,00\nZange;1;8,00\nZwischensumme;2;1.028,00\nGesamt;104;1.044,25\n",
	        "item;menge;betrag\nHammer;2;12,50\nNagel;100;4,75\nZwischensumme;102;16,25\n"
	        "Säge;1;1.020,00\nZange;2;8,00\nZwischensumme;3;1.028,00\nGesamt;104;1.044,25\n");
	cr_assert_eq(d->total_rows_len, 3);
	expect_total(0, 4, 2, "16,25", "17,25");
	expect_total(1, 8, 1, "104", "105");
	expect_total(2, 8, 2, "1.044,25", "1045,25");
}

Test(table_totals, totals_of_three_levels)
{
	const char *old = "what;n\na;1\nb;2\nsubtotal;3\nc;4\nsubtotal;4\ntotal north;7\nd;5\nsubtotal;5\n"
			  "e;6\nsubtotal;6\ntotal south;11\nall total;18\n";

	compare(old, "what;n\na;1\nb;2\nsubtotal;3\nc;4\nsubtotal;4\ntotal north;7\nd;5\nsubtotal;5\n"
	             "e;7\nsubtotal;7\ntotal south;11\nall total;18\n");
	cr_assert_eq(d->total_rows_len, 2);
	expect_total(0, 12, 1, "11", "12");
	expect_total(1, 13, 1, "18", "19");
}

Test(table_totals, rounded_totals_agree_by_half_a_unit)
{
	compare("a;v\nx;0.333\ny;0.333\nz;0.333\ntotal;1.0\n",
	        "a;v\nx;0.333\ny;0.333\nz;0.340\ntotal;1.0\n");
	cr_assert_eq(d->total_rows_len, 0);
	compare("a;v\nx;0.333\ny;0.333\nz;0.333\ntotal;1.0\n",
	        "a;v\nx;0.333\ny;0.333\nz;0.433\ntotal;1.0\n");
	expect_total(0, 5, 1, "1.0", "1.099");
}

Test(table_totals, words_of_many_languages_without_case_and_accents)
{
	static const char *const words[] = { "TOTAL GÉNÉRAL", "Sous-total", "Somme:",
		                             "Totaal",        "ИТОГО:",     "合计",
		                             "Yhteensä",      "Ogółem",     "ΣΥΝΟΛΟ" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		char old[200], now[200];

		snprintf(old, sizeof old, "a;v\nx;1\ny;2\n%s;3\n", words[i]);
		snprintf(now, sizeof now, "a;v\nx;1\ny;7\n%s;3\n", words[i]);
		compare(old, now);
		cr_assert_eq(d->total_rows_len, 1, "%s", words[i]);
	}
	compare("a;v\nx;1\ny;2\nTotality;3\n", "a;v\nx;1\ny;7\nTotality;3\n");
	cr_assert_eq(d->total_rows_len, 0, "whole words only");
	compare("a;v\nx;1\ny;2\nsummer;3\n", "a;v\nx;1\ny;7\nsummer;3\n");
	cr_assert_eq(d->total_rows_len, 0);
}

Test(table_totals, a_product_with_such_a_name_is_no_total)
{
	compare("a;v\nx;1\ntotal care;2\ny;5\nTotal;8\n", "a;v\nx;1\ntotal care;4\ny;5\nTotal;8\n");
	cr_assert_eq(d->total_rows_len, 1);
	expect_total(0, 5, 1, "8", "10");
}

Test(table_totals, a_new_subtotal_is_not_added_up)
{
	compare("a;v\nx;1\ny;2\nz;3\nTotal;6\n", "a;v\nx;1\ny;2\nSubtotal;3\nz;3\nTotal;6\n");
	cr_assert_eq(d->total_rows_len, 0);
}

/* ---- sums ---- */

Test(table_totals, decimal_commas_and_thousands_separators_have_sums)
{
	compare("id;v\n1;1.234,50\n2;-3,50\n3;12\n", "id;v\n1;1.234,50\n2;3,50\n3;12\n");
	expect_sum(0, "1243,00", "1250,00");
	cr_assert_str_eq(d->invariants[0].min_before, "-3,50");
	cr_assert_eq(d->cells[0].nature, TALLY_NATURE_SIGN_CHANGED);
	compare("id;v\n1;1 234.5\n2;1\n", "id;v\n1;1 234.5\n2;2\n");
	expect_sum(0, "1235.5", "1236.5");
	compare("id;v\n1;1'234'567.25\n2;1\n", "id;v\n1;1'234'567.25\n2;2\n");
	expect_sum(0, "1234568.25", "1234569.25");
}

Test(table_totals, another_way_to_write_numbers_does_not_change_their_sum)
{
	compare("id;v\n1;1234\n2;900\n3;12500\n", "id;v\n1;1,234\n2;900\n3;12,500\n");
	cr_assert_eq(d->invariants_len, 0);
	compare("id;v\n1;1234.5\n2;900.25\n", "id;v\n1;1.234,5\n2;900,25\n");
	cr_assert_eq(d->invariants_len, 0);
}

Test(table_totals, numbers_that_may_be_two_have_no_sum)
{
	compare("id;v\n1;1.234\n2;1.500\n", "id;v\n1;1.234\n2;1.600\n");
	cr_assert_eq(d->invariants_len, 0);
	compare("id;v\n1;1.234\n2;1.5\n", "id;v\n1;1.234\n2;1.6\n");
	expect_sum(0, "2.734", "2.834");
	compare("id;v\n1;1,234\n2;0,500\n", "id;v\n1;1,234\n2;0,600\n");
	expect_sum(0, "1,734", "1,834");
}

Test(table_totals, rows_sorted_by_numbers_with_commas)
{
	compare("id;v\n1;9,5\n2;-100,25\n3;1.200,00\n4;30,1\n5;4,75\n6;2,5\n",
	        "id;v\n2;-100,25\n6;2,5\n5;4,75\n1;9,5\n4;30,1\n3;1.200,00\n");
	cr_assert(d->reordering.sorted);
	cr_assert_eq(d->reordering.column, 1);
	cr_assert_not(d->reordering.descending);
}

Test(table_totals, a_sum_that_became_text_is_none)
{
	compare("id;v\n1;1\n2;2\n", "id;v\n1;one\n2;two\n");
	expect_sum(0, "3", "");
}

Test(table_totals, sums_are_written_with_the_marks_of_the_column)
{
	compare("id;v\n1;12.5\n2;1.5\n", "id;v\n1;12,5\n2;2,5\n");
	expect_sum(0, "14,0", "15,0");
	compare("id;v\n1;12.5\n2;1.5\n3;2\n", "id;v\n1;12,5\n2;1,5\n");
	expect_sum(d->invariants_len - 1, "16,0", "14,0");
	compare("id;v\n1;0,5\n2;1,5\n", "id;v\n1;5\n2;15\n");
	expect_sum(0, "2,0", "20,0");
}

Test(table_totals, negative_numbers_of_accounts_add_up)
{
	compare("id;v\n1;(100)\n2;250\n3;\u22125.5\n", "id;v\n1;(100)\n2;251\n3;\u22125.5\n");
	expect_sum(0, "144.5", "145.5");
}

Test(table_totals, a_total_on_one_side_alone_is_in_no_sum)
{
	compare("id;name;n\n1;a;10\n2;b;20\n3;c;30\n;Total;60\n",
	        "id;name;n\n1;a;10\n2;b;25\n3;c;30\n");
	expect_sum(d->invariants_len - 1, "60", "65");
	compare("id;name;n\n1;a;10\n2;b;20\n3;c;30\n",
	        "id;name;n\n1;a;10\n2;b;25\n3;c;30\n;Total;65\n");
	expect_sum(d->invariants_len - 1, "60", "65");
}

/* ---- which columns have sums ---- */

static const struct tally_invariant *invariant_of(uint32_t column)
{
	for (size_t i = 0; i < d->invariants_len; i++)
		if (d->invariants[i].column == column)
			return &d->invariants[i];
	return NULL;
}

Test(table_totals, what_rows_are_known_by_has_no_sum)
{
	const struct tally_invariant *v;

	compare("id;sku;ean;tel;n\n7;00003;7619517315914;+41791234567;1\n"
	        "8;00010;7687935390366;+41797654321;2\n9;00017;7668021411753;+41441112233;3\n",
	        "id;sku;ean;tel;n\n7;00003;7619517315914;+41791234567;1\n"
	        "8;00010;7687935390366;+41797654321;2\n");
	for (uint32_t column = 0; column < 4; column++) {
		v = invariant_of(column);
		cr_assert(v);
		cr_expect_str_eq(v->sum_before, "", "column %u", column);
		cr_expect_str_eq(v->max_before, "", "column %u", column);
	}
	cr_assert_str_eq(invariant_of(4)->sum_before, "6");
}

Test(table_totals, a_number_that_is_too_large_leaves_its_column_without_a_sum)
{
	const struct tally_invariant *v;

	compare("id;amount\na;1\nb;2\nc;3\nTotal;6\n", "id;amount\na;1\nb;1e308\nc;3\nTotal;6\n");
	v = invariant_of(1);
	cr_assert(v);
	cr_expect_str_eq(v->sum_before, "6");
	cr_expect_str_eq(v->sum, "");
	cr_expect_str_eq(v->max, "");
	cr_expect_eq(v->too_large_before, 0);
	cr_expect_eq(v->too_large, 1);
	cr_expect_eq(d->total_rows_len, 0);
	/* on both sides, and a number beside it changed */
	compare("id;amount\na;1\nb;1e308\nc;3\n", "id;amount\na;1\nb;1e308\nc;4\n");
	v = invariant_of(1);
	cr_assert(v);
	cr_expect_eq(v->too_large_before, 1);
	cr_expect_eq(v->too_large, 1);
}

Test(table_totals, numbers_with_more_digits_than_are_kept_are_in_the_sum)
{
	compare("id;amount\na;1\nb;2\nc;0.5\n", "id;amount\na;1\nb;0.0123456789012345678\nc;0.5\n");
	expect_sum(0, "3.500000000000000000", "1.512345678901234568");
	compare("id;amount\na;1\nb;2\nc;0.5\n", "id;amount\na;1\nb;1e-300\nc;-1.5e-18\n");
	expect_sum(0, "3.500000000000000000", "0.999999999999999998");
}

Test(table_totals, round_amounts_of_equal_length_have_a_sum)
{
	compare("id;pay\na;45000\nb;52000\nc;61500\nd;58200\ne;47111\nf;50000\n",
	        "id;pay\na;45000\nb;52000\nc;61500\nd;58200\ne;47111\nf;60000\n");
	expect_sum(0, "313811", "323811");
}

Test(table_totals, swapped_columns_have_the_sums_of_their_headings)
{
	compare("id;price;pos\na;10,50;1\nb;20,25;2\nc;30,75;3\nd;44,10;4\n",
	        "id;price;pos\na;1;10,50\nb;2;20,25\nc;3;30,75\nd;4;44,10\n");
	cr_assert_eq(d->cells_total, 0);
	cr_assert_eq(d->invariants_len, 2);
	cr_assert_str_eq(invariant_of(1)->sum_before, "105,60");
	cr_assert_str_eq(invariant_of(1)->sum, "10,00");
	cr_assert_eq(invariant_of(1)->column_before, 1);
	cr_assert_str_eq(invariant_of(2)->sum_before, "10,00");
	cr_assert_str_eq(invariant_of(2)->sum, "105,60");
}

/* ---- rows that are the same on both sides are gone through once ---- */

static unsigned seed;

static unsigned below(unsigned n)
{
	seed = seed * 1664525U + 1013904223U;
	return (seed >> 8) % n;
}

/* A table of both sides with some edits. @out  twice with semicolons, then the after side with colons */
static void make(struct tally_buf out[3])
{
	static const char *const amounts[] = { "0.5",    "0.50", "-3.25", "-3.250",
		                               "17.125", "9",    "1,234", "",
		                               "n/a",    "0007", "1.50",  "$ 4.25" };
	static const char *const names[] = { "Total", "Subtotal", "M\u00fcller", "Summe", "b", "" };
	unsigned edited = below(60), dropped = below(60), added = below(60);

	for (int i = 0; i < 3; i++) {
		out[i].len = 0;
		tally_buf_text(&out[i], i == 2 ? "id:name:amount\n" : "id;name;amount\n");
	}
	for (unsigned row = 0; row < 60; row++) {
		const char *name = names[below(3) ? 4 : below(6)], *amount = amounts[below(12)];
		const char *other = amounts[below(12)];

		tally_buf_printf(&out[0], "%u;%s;%s\n", row, name, amount);
		for (int i = 1; i < 3 && row != dropped; i++)
			tally_buf_printf(&out[i], i == 2 ? "%u:%s:%s\n" : "%u;%s;%s\n", row, name,
			                 row == edited ? other : amount);
		for (int i = 1; i < 3 && row == added; i++)
			tally_buf_printf(&out[i], i == 2 ? "%u:%s:%s\n" : "%u;%s;%s\n", row + 500,
			                 name, other);
	}
}

/* All that is said of sums and totals. */
static void say(struct tally_buf *to)
{
	to->len = 0;
	for (size_t i = 0; i < d->invariants_len; i++) {
		const struct tally_invariant *v = &d->invariants[i];

		tally_buf_printf(to, "%u: %llu %llu, %llu %llu, %llu %llu, %s %s, %s %s, %s %s\n",
		                 v->column, (unsigned long long)v->count_before,
		                 (unsigned long long)v->count, (unsigned long long)v->empty_before,
		                 (unsigned long long)v->empty, (unsigned long long)v->distinct_before,
		                 (unsigned long long)v->distinct, v->sum_before, v->sum,
		                 v->min_before, v->min, v->max_before, v->max);
	}
	for (size_t i = 0; i < d->total_rows_len; i++)
		tally_buf_printf(to, "%llu %u %s %s\n", (unsigned long long)d->total_rows[i].row,
		                 d->total_rows[i].column, d->total_rows[i].shown,
		                 d->total_rows[i].sum);
}

/* Where the sides have other delimiters no rows have the same bytes, and each side is gone through. */
Test(table_totals, rows_of_the_same_bytes_count_like_others)
{
	const struct text_part_options colons = { .delimiter = ':' };
	struct tally_buf text[3], once, twice;
	size_t told = 0;

	tally_buf_init(&once, 1 << 16);
	tally_buf_init(&twice, 1 << 16);
	for (int i = 0; i < 3; i++)
		tally_buf_init(&text[i], 1 << 16);
	for (seed = 0; told < 200;) {
		unsigned start = seed;

		make(text);
		compare(text[0].bytes, text[1].bytes);
		say(&once);
		told += d->invariants_len > 0;
		tally_table_diff_free(d);
		tally_part_free(after);
		d = NULL;
		after = text_part_of(text[2].bytes, text[2].len, &colons);
		cr_assert_eq(tally_table_diff(&d, before, after, NULL, &err), TALLY_OK);
		say(&twice);
		cr_assert(once.len == twice.len &&
		                  (!once.len || !memcmp(once.bytes, twice.bytes, once.len)),
		          "seed %u:\n%s\n%s", start, once.bytes, twice.bytes);
	}
	for (int i = 0; i < 3; i++)
		tally_buf_release(&text[i]);
	tally_buf_release(&once);
	tally_buf_release(&twice);
}
