/* The walker with an earlier snapshot to believe: what is taken over from it, and what is not. */
#include "support/walked.h"

TestSuite(walk_quick, .init = walked_begin, .fini = walked_end);

static void make_old(const char *name, const char *text)
{
	scratch_puts(&s, name, text);
	scratch_touch(&s, name, 1600000000, 5);
}

/* The walk that was done last, as the earlier one of another. */
static struct tally_walked *walk_quick(int64_t taken_at_ns)
{
	struct tally_walk_earlier earlier = { tree, taken_at_ns };
	struct tally_walked *out = NULL;
	const char *root = s.path;

	options.quick = true;
	cr_assert_eq(tally_walk(&root, 1, &options, &key, &earlier, &out, NULL), TALLY_OK);
	return out;
}

Test(walk_quick, quick_believes_what_has_not_changed)
{
	struct tally_walked *second;
	int64_t later;

	make_old("a", "one");
	make_old("b", "two");
	make_old("d/c", "three");
	walk();
	/* as if the earlier snapshot were old enough */
	later = walked->began_ns + INT64_C(60000000000);
	scratch_puts(&s, "b", "TWO");
	scratch_touch(&s, "b", 1600000000, 5);
	scratch_puts(&s, "new", "four");
	second = walk_quick(later);
	cr_assert_eq(second->totals.stat, 2);
	cr_assert_eq(second->totals.hashed, 2);
	walked_forget();
	walked = second;
	cr_assert_eq(tally_walked_tree(walked, &tree, NULL), TALLY_OK);
	cr_assert_eq(at("a")->proof, TALLY_PROOF_STAT);
	cr_assert_eq(at("d/c")->proof, TALLY_PROOF_STAT);
	check_content("b", "TWO", 3);
	check_content("new", "four", 4);
	cr_assert(tally_digest_equal(&at("a")->digest, &(struct tally_digest){ { 0 } }) == false);
}

Test(walk_quick, quick_reads_what_changed_near_the_earlier_snapshot)
{
	struct tally_walked *second;

	make_old("a", "one");
	walk();
	second = walk_quick(walked->began_ns);
	cr_assert_eq(second->totals.stat, 0);
	cr_assert_eq(second->totals.hashed, 1);
	tally_walked_free(second);
}
