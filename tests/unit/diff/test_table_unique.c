/* Values that told rows apart and do so no more. */
#include <criterion/criterion.h>
#include <string.h>

#include "diff/table_diff.h"
#include "support/table_pair.h"
#include "support/text_part.h"

TestSuite(table_unique, .fini = forget);

static const struct tally_problem *twins(const char *old, const char *now)
{
	forget();
	before = text_part(old);
	after = text_part(now);
	cr_assert_eq(tally_table_diff(&d, before, after, NULL, &err), TALLY_OK, "%s", err.message);
	for (size_t i = 0; i < d->problems_len; i++)
		if (!strcmp(d->problems[i].problem.what, "no_longer_unique"))
			return &d->problems[i].problem;
	return NULL;
}

Test(table_unique, an_id_that_stands_twice_now_is_told_whatever_the_key)
{
	const struct tally_problem *p = twins("id,name,v\nK001,a,1\nK002,b,2\nK003,c,3\nK004,d,4\n",
	                                      "id,name,v\nK001,a,1\nK002,b,2\nK003,c,3\nK002,d,4\n");

	cr_assert(p);
	cr_expect_eq(p->row, 5);
	cr_expect_eq(p->count, 1);
	cr_expect_str_eq(p->detail, "id: K002 in rows 3 and 5");
	cr_expect_eq(d->aligned_by.columns[0], 1);
}

Test(table_unique, a_row_added_with_a_number_that_is_taken)
{
	const struct tally_problem *p = twins("code,who,v\n7,a,1\n8,b,2\n9,c,3\n",
	                                      "code,who,v\n7,a,1\n8,b,2\n9,c,3\n8,x,5\n7,y,6\n");

	if (p) { /* otherwise it is the key, and told with it */
		cr_expect_eq(p->count, 2);
		cr_expect_eq(p->row, 5);
	} else {
		cr_expect(d->aligned_by.duplicate_keys);
	}
}

Test(table_unique, what_stood_twice_before_or_is_blank_is_no_news)
{
	cr_expect_null(twins("id,name,v\nK1,a,1\nK1,b,2\nK3,c,3\nK4,d,4\n",
	                     "id,name,v\nK1,a,1\nK1,b,2\nK3,c,3\nK3,d,4\n"));
	cr_expect_null(twins("id,name,v\nK1,a,1\nK2,b,2\nK3,c,3\nK4,d,4\nK5,e,5\n",
	                     "id,name,v\nK1,a,1\n,b,2\n,c,3\nK4,d,4\nK5,e,5\n"));
	/* amounts are equal by chance */
	cr_expect_null(twins("id,name,price\nK1,a,11\nK2,b,12\nK3,c,13\nK4,d,14\n",
	                     "id,name,price\nK1,a,11\nK2,b,12\nK3,c,12\nK4,d,14\n"));
}
