/* Sheets of two workbooks: which is which. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "diff/parts_pair.h"
#include "support/faults.h"
#include "support/sheet_part.h"
#include "support/text_part.h"

enum { MOST = 600 };

static struct tally_part *before[MOST], *after[MOST];
static size_t before_count, after_count;
static struct tally_parts_pairing found;

static const char prices[] = "sku|name|price\n1|bolt|0.5\n2|nut|0.25\n3|washer|0.1\n4|screw|0.3\n",
		  prices_edited[] = "sku|name|price\n1|bolt|0.55\n2|nut|0.25\n3|washer|0.1\n5|pin|7\n",
		  people[] = "id|who|town\n10|Ann|Bern\n11|Bob|Rome\n12|Cid|Oslo\n",
		  notes[] = "note\nremember the milk\nask Dora\n";

static void old_sheet(const char *name, const char *text)
{
	before[before_count++] = sheet_part(name, text, true);
}

static void new_sheet(const char *name, const char *text)
{
	after[after_count++] = sheet_part(name, text, true);
}

static void run(void)
{
	struct tally_err err = { 0 };

	cr_assert_eq(tally_parts_pair(&found, before, before_count, after, after_count, &err),
	             TALLY_OK, "%s", err.message);
}

static void end(void)
{
	for (size_t i = 0; i < before_count; i++)
		tally_part_free(before[i]);
	for (size_t i = 0; i < after_count; i++)
		tally_part_free(after[i]);
	tally_parts_pairing_release(&found);
}

TestSuite(parts_pair, .fini = end);

static const struct tally_parts_pair *pair_of(uint32_t part)
{
	for (size_t i = 0; i < found.count; i++)
		if (found.pairs[i].after == part)
			return &found.pairs[i];
	return NULL;
}

Test(parts_pair, sheets_are_paired_by_name)
{
	old_sheet("A", prices);
	old_sheet("B", people);
	new_sheet("A", notes);
	new_sheet("B", people);
	run();
	cr_assert_eq(found.count, 2);
	cr_assert_eq(pair_of(0)->before, 0);
	cr_assert_eq(pair_of(1)->before, 1);
	cr_assert(!found.renamed && !found.moved && !found.added && !found.removed);
}

Test(parts_pair, sheets_that_exchanged_their_names_are_known_by_what_stands_in_them)
{
	old_sheet("A", prices);
	old_sheet("B", people);
	old_sheet("C", notes);
	new_sheet("A", people);
	new_sheet("B", prices_edited);
	new_sheet("C", notes);
	run();
	cr_assert_eq(found.count, 3);
	cr_assert_eq(pair_of(0)->before, 1);
	cr_assert_eq(pair_of(1)->before, 0);
	cr_assert_eq(pair_of(2)->before, 2);
	cr_assert_eq(found.renamed, 2);
	cr_assert(!found.added && !found.removed);
}

Test(parts_pair, a_sheet_that_took_a_name_without_giving_its_own_keeps_it)
{
	old_sheet("A", prices);
	old_sheet("B", people);
	new_sheet("A", people);
	new_sheet("B", notes);
	run();
	cr_assert_eq(pair_of(0)->before, 0);
	cr_assert_eq(pair_of(1)->before, 1);
	cr_assert_eq(found.renamed, 0);
}

Test(parts_pair, a_sheet_renamed_and_edited_is_one)
{
	old_sheet("Prices", prices);
	old_sheet("People", people);
	new_sheet("People", people);
	new_sheet("Price list", prices_edited);
	run();
	cr_assert_eq(pair_of(1)->before, 0);
	cr_assert(pair_of(1)->renamed && !pair_of(1)->case_only && !pair_of(1)->ambiguous);
	cr_assert(pair_of(1)->similarity >= 500 && pair_of(1)->similarity < 1000, "%u",
	          pair_of(1)->similarity);
	cr_assert_eq(found.moved, 1);
}

Test(parts_pair, letter_case_alone_is_a_new_name)
{
	old_sheet("PREISLISTE Ä", prices);
	old_sheet("Other", people);
	new_sheet("Preisliste ä", people);
	new_sheet("Other", people);
	run();
	cr_assert_eq(pair_of(0)->before, 0);
	cr_assert(pair_of(0)->renamed && pair_of(0)->case_only);
}

Test(parts_pair, what_has_nothing_in_common_came_and_went)
{
	old_sheet("Keep", people);
	old_sheet("Old", prices);
	new_sheet("New", notes);
	new_sheet("Keep", people);
	run();
	cr_assert_eq(found.count, 3);
	cr_assert_eq(pair_of(0)->before, TALLY_NO_PART);
	cr_assert(found.pairs[2].before == 1 && found.pairs[2].after == TALLY_NO_PART);
	cr_assert(found.added == 1 && found.removed == 1 && !found.renamed && !found.moved);
}

Test(parts_pair, the_only_sheet_may_have_both_another_name_and_another_content)
{
	old_sheet("Sheet1", prices);
	new_sheet("Notes", notes);
	run();
	cr_assert(found.added == 1 && found.removed == 1);
}

Test(parts_pair, equal_sheets_with_new_names_keep_their_order_and_are_ambiguous)
{
	old_sheet("A1", prices);
	old_sheet("A2", prices);
	new_sheet("B1", prices);
	new_sheet("B2", prices);
	run();
	cr_assert(pair_of(0)->before == 0 && pair_of(1)->before == 1);
	cr_assert(pair_of(0)->ambiguous && pair_of(1)->ambiguous);
}

Test(parts_pair, one_sheet_moved_to_the_end_is_one_move)
{
	old_sheet("A", prices);
	old_sheet("B", people);
	old_sheet("C", notes);
	old_sheet("D", "x\n1\n");
	new_sheet("B", people);
	new_sheet("C", notes);
	new_sheet("D", "x\n1\n");
	new_sheet("A", prices);
	run();
	cr_assert(found.moved == 1 && pair_of(3)->moved);
}

Test(parts_pair, a_sheet_that_was_put_before_others_moves_none)
{
	old_sheet("A", prices);
	old_sheet("B", people);
	new_sheet("New", notes);
	new_sheet("A", prices);
	new_sheet("B", people);
	run();
	cr_assert(!found.moved && found.added == 1);
}

Test(parts_pair, a_csv_is_the_sheet_that_is_most_like_it)
{
	before[before_count++] = text_part("sku,name,price\n1,bolt,0.50\n2,nut,0.25\n3,washer,0.10\n");
	new_sheet("Cover", notes);
	new_sheet("Prices", prices);
	run();
	cr_assert_eq(pair_of(1)->before, 0);
	cr_assert(!pair_of(1)->renamed && found.added == 1 && !found.removed);
}

Test(parts_pair, formulas_tell_where_values_are_missing)
{
	old_sheet("A", "=R[1]C#\n=R[2]C*2#\n=R[3]C*3#\n");
	old_sheet("B", "=C[1]C#\n=C[2]C*2#\n=C[3]C*3#\n");
	new_sheet("X", "=C[1]C#\n=C[2]C*2#\n=C[3]C*3#\n");
	new_sheet("Y", "=R[1]C#\n=R[2]C*2#\n=R[3]C*3#\n");
	run();
	cr_assert(pair_of(0)->before == 1 && pair_of(1)->before == 0);
}

Test(parts_pair, no_sheets_at_all)
{
	run();
	cr_assert_eq(found.count, 0);
	tally_parts_pairing_release(&found);
	old_sheet("A", prices);
	run();
	cr_assert(found.count == 1 && found.removed == 1);
}

/* Each is compared with its neighbours only, and that is said. */
Test(parts_pair, hundreds_of_new_names)
{
	for (int i = 0; i < MOST; i++) {
		char name[16], text[64];

		snprintf(text, sizeof text, "id|v\n%d|word%d\n%d|term%d\n", i, i * 7, i + 1000,
		         i * 3);
		snprintf(name, sizeof name, "old%d", i);
		old_sheet(name, text);
		snprintf(name, sizeof name, "new%d", i);
		new_sheet(name, text);
	}
	run();
	cr_assert(found.limited);
	for (uint32_t i = 0; i < MOST; i++)
		cr_assert_eq(pair_of(i)->before, i);
}

Test(parts_pair, survives_allocations_that_fail)
{
	struct tally_err err = { 0 };

	old_sheet("A", prices);
	old_sheet("B", people);
	new_sheet("C", prices_edited);
	new_sheet("B", people);
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		enum tally_status st = tally_parts_pair(&found, before, before_count, after,
		                                        after_count, &err);

		if (faults_fired(&f))
			cr_assert_lt(st, 0, "allocation %ld", f.nth);
		else
			cr_assert_eq(st, TALLY_OK);
		tally_parts_pairing_release(&found);
	}
}
