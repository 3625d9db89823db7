/* The facts model: a multiset with a fixed order. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/facts.h"
#include "support/faults.h"

static void add(struct tally_facts *facts, const char *name, const char *value, const char *by,
                const char *where)
{
	struct tally_fact fact = { name, value, by, where };

	cr_assert_eq(tally_facts_add(facts, &fact, NULL), TALLY_OK);
}

Test(facts, sorted_by_name_value_by_where)
{
	struct tally_facts f;

	tally_facts_init(&f, 0);
	add(&f, "link", "b", NULL, NULL);
	add(&f, "comment", "x", "Zoe", "p. 1");
	add(&f, "comment", "x", "Ann", "p. 2");
	add(&f, "comment", "x", "Ann", "p. 1");
	add(&f, "comment", "x", NULL, "p. 9");
	add(&f, "link", "a", NULL, NULL);
	tally_facts_sort(&f);
	cr_assert_null(f.facts[0].by);
	cr_assert_str_eq(f.facts[1].where, "p. 1");
	cr_assert_str_eq(f.facts[2].where, "p. 2");
	cr_assert_str_eq(f.facts[3].by, "Zoe");
	cr_assert_str_eq(f.facts[4].value, "a");
	cr_assert_str_eq(f.facts[5].value, "b");
	tally_facts_release(&f);
}

Test(facts, repetition_is_kept_and_strings_are_copied)
{
	struct tally_facts f;
	char value[] = "one";

	tally_facts_init(&f, 0);
	add(&f, "author", value, NULL, NULL);
	memset(value, 'x', 3);
	add(&f, "author", "one", NULL, NULL);
	tally_facts_sort(&f);
	cr_assert_eq(f.count, 2);
	cr_assert_str_eq(f.facts[0].value, "one");
	cr_assert_str_eq(f.facts[1].value, "one");
	tally_facts_release(&f);
}

Test(facts, ceiling_is_a_skip)
{
	struct tally_facts f;
	struct tally_fact fact = { "author", "somebody", NULL, NULL };
	struct tally_err err = { 0 };

	tally_facts_init(&f, 20);
	cr_assert_eq(tally_facts_add(&f, &fact, &err), TALLY_OK);
	cr_assert_eq(tally_facts_add(&f, &fact, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_TOO_LARGE);
	cr_assert_eq(f.count, 1);
	tally_facts_release(&f);
	tally_facts_sort(&f);
}

Test(facts, every_failed_allocation_is_reported)
{
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_facts facts;
		struct tally_fact fact = { "author", "somebody", "me", "here" };
		enum tally_status st = TALLY_OK;

		tally_facts_init(&facts, 0);
		for (int i = 0; st == TALLY_OK && i < 100; i++)
			st = tally_facts_add(&facts, &fact, NULL);
		cr_assert_eq(st, faults_fired(&f) ? TALLY_FATAL : TALLY_OK);
		tally_facts_release(&facts);
	}
}
