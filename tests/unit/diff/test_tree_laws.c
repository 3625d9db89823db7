/* Laws of comparing trees: what holds for any two of them. */
#include "support/faults.h"
#include "support/random.h"
#include "support/trees.h"

TestSuite(tree_laws, .init = trees_begin, .fini = trees_end);

/* ---- laws ---- */

static uint64_t state = RANDOM_SEED;

Test(tree_laws, the_laws_hold_for_random_trees)
{
	for (int round = 0; round < 3000; round++) {
		uint8_t bytes[300];
		struct tree_bytes first = { bytes, bytes + 150 },
				  second = { bytes + 150, bytes + 300 };
		struct tally_tree *a, *b;

		for (size_t i = 0; i < sizeof bytes; i++)
			bytes[i] = (uint8_t)(random_next(&state) >> 20);
		if (round % 2) /* nearly equal sides */
			memcpy(bytes + 150, bytes, 100 + random_next(&state) % 50);
		a = tree_from_bytes(&first);
		b = tree_from_bytes(&second);
		tally_tree_diff_free(tree_laws_compare(a, b, round % 3 == 0));
		tree_laws_self(a);
		tally_tree_free(a);
		tally_tree_free(b);
	}
}

/* One comparison with everything in it, as text. */
static char *whole_story(uint64_t seed, bool reversed)
{
	static const char *const sketches[] = { "e1", "e2", "e3" };

	tree_text_seed = seed;
	start("a1 = s\na2 = s\na3 = s\nx/1 = 1\nx/2 = 2\ny/1 = 3\nswap = p\npaws = q\ndraft = D\nfinal = F\n"
	      "e1 = aaaa\ne2 = bbbb\ne3 = cccc\nd1 = t\nd2 = t\nzip = z\nlost = lost\npacked = packed\n",
	      "b1 = s\nb2 = s\nz/1 = 1\nz/2 = 2\nz/3 = 3\nswap = q\npaws = p\nfinal = D\n"
	      "f1 = dddd\nf2 = eeee\nf3 = ffff\nd1 = t\nd2 = t\nd3 = t\nd4 = t\nzip = z\n");
	for (unsigned i = 0; i < 3; i++) {
		unsigned n = reversed ? 2 - i : i;
		char name[3] = { 'f', (char)('1' + n), '\0' };

		sketch(TALLY_AFTER, name, n * 10 + 5, 100);
		sketch(TALLY_BEFORE, sketches[n], n * 10, 100);
		member(TALLY_AFTER, "zip", reversed == (i == 0) ? "p/2" : "p/1", "packed");
	}
	finish();
	tally_buf_clear(&out);
	diff_text_changes(&out, d, before, after);
	diff_text_folds(&out, d, before, after);
	tree_text_seed = 1;
	return tally_dup(out.bytes, out.len);
}

Test(tree_laws, neither_the_secret_nor_the_order_of_evidence_shows)
{
	char *first = whole_story(1, false);

	cr_assert(strstr(first, "inside_archive at zip:p/1,zip:p/2"), "%s", first);
	for (uint64_t seed = 2; seed < 40; seed++) {
		char *other = whole_story(seed, seed % 2);

		same_text(other, first);
		tally_free(other);
	}
	tally_free(first);
}

/* Without paths that changed their content, every kind has its mirror image. */
Test(tree_laws, swapped_sides_mirror)
{
	const char *b = "a/x = 1\na/y = 2\ngone = 3\ndup = 4\nstay = 4\nmod = 5\nlink -> a\n";
	const char *a = "b/x = 1\na/y = 2\nnew = 6\nstay = 4\nmod = 7\nlink -> b\n";
	struct tally_balance there, back;

	compare(b, a,
	        "added b\nmoved b/x from a/x\nduplicate_removed dup copy_elsewhere at stay\n"
	        "deleted gone lost sole\nlink_retargeted link\nmodified mod edited silent sole\nadded new\n");
	there = *tally_tree_diff_balance(d, false);
	compare(a, b,
	        "moved a/x from b/x\ndeleted b\ncopied dup from stay\nadded gone\n"
	        "link_retargeted link\nmodified mod edited silent sole\ndeleted new lost sole\n");
	back = *tally_tree_diff_balance(d, false);
	cr_assert_eq(there.before, back.after);
	cr_assert_eq(there.deleted, back.added);
	cr_assert_eq(there.duplicate_removed, back.copied);
	cr_assert_eq(there.moved, back.moved);
	cr_assert_eq(there.modified, back.modified);
}

enum { SCRIPT_FILES = 2000 };

/* A known script of edits: the balance must say exactly what was done. */
Test(tree_laws, the_balance_is_the_script)
{
	static char b[200000], a[200000];
	uint64_t moved = 0, deleted = 0, modified = 0, same = 0, copied = 0, added = 0, meta = 0;
	const struct tally_balance *is;
	size_t at_b = 0, at_a = 0;

	for (int i = 0; i < SCRIPT_FILES; i++) {
		char path[64];
		const char *kept = path;

		snprintf(path, sizeof path, "d%02d/f%04d", (int)(random_next(&state) % 40), i);
		at_b += (size_t)sprintf(b + at_b, "%s = content %d\n", path, i);
		switch (random_next(&state) % 12) {
		case 0:
			deleted++;
			continue;
		case 1:
			at_a += (size_t)sprintf(a + at_a, "%s = other %d\n", kept, i);
			modified++;
			continue;
		case 2:
			at_a += (size_t)sprintf(a + at_a, "m%d/g%04d = content %d\n", i % 7, i, i);
			moved++;
			continue;
		case 3:
			at_a += (size_t)sprintf(a + at_a, "c%d/%04d = content %d\n", i % 3, i, i);
			copied++;
			break;
		case 4:
			at_a += (size_t)sprintf(a + at_a, "%s mode=600 = content %d\n", kept, i);
			meta++;
			continue;
		case 5:
			at_a += (size_t)sprintf(a + at_a, "%s.new = new %d\n", kept, i);
			added++;
			break;
		default:
			break;
		}
		at_a += (size_t)sprintf(a + at_a, "%s = content %d\n", kept, i);
		same++;
	}
	start(b, a);
	finish();
	is = tally_tree_diff_balance(d, false);
	cr_assert_eq(is->before, (uint64_t)SCRIPT_FILES);
	cr_assert_eq(is->unchanged, same);
	cr_assert_eq(is->metadata, meta);
	cr_assert_eq(is->modified, modified);
	cr_assert_eq(is->moved, moved);
	cr_assert_eq(is->deleted, deleted);
	cr_assert_eq(is->copied, copied);
	cr_assert_eq(is->added, added);
	cr_assert_eq(fate(TALLY_FATE_LOST), deleted);
	cr_assert_eq(fate(TALLY_FATE_EDITED), modified);
	tree_laws_check(d, before, after);
}

Test(tree_laws, every_failed_allocation_is_survived)
{
	struct tally_tree *b = tree_from_text(
		"x/1 = 1\nx/2 = 2\nx/e =\nx/LICENSE = s\ny/LICENSE = s\n"
		"a = aaaa\nb = bbbb\nz.zip = z\nm1 = t\nm2 = t\nRead = r\n");
	struct tally_tree *a = tree_from_text(
		"q/1 = 1\nq/2 = 2\nq/e =\nq/LICENSE = s\nw/LICENSE = s\n"
		"a2 = cccc\nb = a\nz.zip = z\nn1 = t\nn2 = t\nREAD = r\n");

	before = b;
	after = a;
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_tree_diff *x = NULL;
		struct tally_sketch s = sketch_of(1, 50);
		struct tally_member m = { .path = "p", .path_len = 1, .size = 4 };
		enum tally_status st;

		m.digest = b->entries[tally_tree_find(b, "a", 1)].digest;
		st = tally_tree_diff_new(&x, b, a, &options, NULL);
		if (st == TALLY_OK)
			st = tally_tree_diff_add_sketch(x, TALLY_BEFORE, tally_tree_find(b, "a", 1),
			                                &s, NULL);
		if (st == TALLY_OK)
			st = tally_tree_diff_add_sketch(x, TALLY_AFTER, tally_tree_find(a, "a2", 2),
			                                &s, NULL);
		if (st == TALLY_OK)
			st = tally_tree_diff_add_member(x, TALLY_AFTER,
			                                tally_tree_find(a, "z.zip", 5), &m, NULL);
		if (st == TALLY_OK)
			st = tally_tree_diff_finish(x, NULL);
		if (faults_fired(&f))
			cr_assert_eq(st, TALLY_FATAL, "allocation %ld", f.nth);
		else
			cr_assert_eq(st, TALLY_OK);
		tally_tree_diff_free(x);
	}
}
