/* Sketches: what an edit does to similarity, and that portions and order of reading change nothing. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/sketch.h"
#include "support/faults.h"
#include "support/random.h"

static uint64_t state = RANDOM_SEED;

/* Text of random words, NUL-terminated. */
static char *words(size_t len)
{
	char *text = malloc(len + 1);

	for (size_t i = 0; i < len; i++)
		text[i] = random_next(&state) % 6 ? (char)('a' + random_next(&state) % 26) : ' ';
	text[len] = '\0';
	return text;
}

static struct tally_sketch sketch_in(const char *bytes, size_t len, size_t portion)
{
	struct tally_sketcher *s;
	struct tally_sketch out;

	cr_assert_eq(tally_sketcher_new(&s, TALLY_SKETCH_BYTES, NULL), TALLY_OK);
	for (size_t at = 0; at < len; at += portion)
		cr_assert_eq(tally_sketcher_add(s, bytes + at,
		                                len - at < portion ? len - at : portion, NULL),
		             TALLY_OK);
	cr_assert_eq(tally_sketcher_finish(s, &out, NULL), TALLY_OK);
	tally_sketcher_free(s);
	return out;
}

static struct tally_sketch sketch(const char *bytes, size_t len)
{
	return sketch_in(bytes, len, len ? len : 1);
}

static unsigned alike(const char *a, size_t a_len, const char *b, size_t b_len)
{
	struct tally_sketch x = sketch(a, a_len), y = sketch(b, b_len);
	unsigned r = tally_sketch_similarity(&x, &y);

	cr_assert_eq(r, tally_sketch_similarity(&y, &x), "the same both ways");
	tally_sketch_release(&x);
	tally_sketch_release(&y);
	return r;
}

Test(sketch, equal_contents_are_wholly_alike)
{
	char *a = words(5000);

	cr_assert_eq(alike(a, 5000, a, 5000), 1000u);
	cr_assert_eq(alike("x", 1, "x", 1), 1000u);
	cr_assert_eq(alike("", 0, "", 0), 0u, "nothing is like nothing");
	free(a);
}

Test(sketch, unrelated_contents_are_not_alike)
{
	char *a = words(20000), *b = words(20000);

	cr_assert_leq(alike(a, 20000, b, 20000), 10u);
	free(a);
	free(b);
}

Test(sketch, an_insertion_moves_only_the_pieces_around_it)
{
	char *a = words(4000);
	char b[4010];

	memcpy(b, a, 100);
	memcpy(b + 100, "INSERTED", 8);
	memcpy(b + 108, a + 100, 3900);
	cr_assert_geq(alike(a, 4000, b, 4008), 930u);
	free(a);
}

Test(sketch, a_half_is_half_alike)
{
	char *a = words(40000);

	cr_assert_float_eq((double)alike(a, 40000, a, 20000), 500, 10);
	free(a);
}

Test(sketch, sampling_keeps_the_estimate)
{
	size_t len = 1000000;
	char *a = words(len), *b = words(len);
	struct tally_sketch s = sketch(a, len);
	unsigned r;

	cr_assert(s.sampled);
	cr_assert_eq(s.count, (uint32_t)TALLY_SKETCH_MOST);
	cr_assert_eq(s.total, len);
	tally_sketch_release(&s);
	memcpy(b, a, len * 7 / 10);
	r = alike(a, len, b, len);
	cr_assert_float_eq((double)r, 700, 60, "%u", r);
	cr_assert_leq(alike(a, len, a, 10000), 30u, "a hundredth of it");
	free(a);
	free(b);
}

Test(sketch, portions_do_not_matter)
{
	char *a = words(3000);
	struct tally_sketch whole = sketch(a, 3000);

	for (size_t portion = 1; portion < 600; portion = portion * 3 + 1) {
		struct tally_sketch s = sketch_in(a, 3000, portion);

		cr_assert_eq(s.count, whole.count);
		for (uint32_t i = 0; i < s.count; i++) {
			cr_assert_eq(s.pieces[i].hash, whole.pieces[i].hash);
			cr_assert_eq(s.pieces[i].bytes, whole.pieces[i].bytes);
		}
		tally_sketch_release(&s);
	}
	tally_sketch_release(&whole);
	free(a);
}

Test(sketch, pieces_ascend_and_weigh_what_was_read)
{
	char *a = words(30000);
	struct tally_sketch s = sketch(a, 30000);
	uint64_t sum = 0;

	cr_assert_not(s.sampled);
	for (uint32_t i = 0; i < s.count; i++) {
		cr_assert(i == 0 || s.pieces[i - 1].hash < s.pieces[i].hash);
		sum += s.pieces[i].bytes;
	}
	cr_assert_eq(sum, 30000u);
	cr_assert(s.count > 30000 / 64 && s.count < 30000 / 40, "%u pieces", s.count);
	tally_sketch_release(&s);
	free(a);
}

Test(sketch, repetition_is_one_piece_with_its_bytes)
{
	static char zeros[100000];
	struct tally_sketch s = sketch(zeros, sizeof zeros);

	cr_assert_leq(s.count, 2u);
	cr_assert_eq(s.total, sizeof zeros);
	tally_sketch_release(&s);
	cr_assert_float_eq((double)alike(zeros, sizeof zeros, zeros, sizeof zeros / 4), 250, 5);
}

Test(sketch, cuts_make_members_independent_of_their_order)
{
	char *a = words(1000), *b = words(1000);
	struct tally_sketcher *s;
	struct tally_sketch ab, ba;

	cr_assert_eq(tally_sketcher_new(&s, TALLY_SKETCH_MEMBERS, NULL), TALLY_OK);
	tally_sketcher_add(s, a, 1000, NULL);
	tally_sketcher_cut(s, NULL);
	tally_sketcher_add(s, b, 1000, NULL);
	cr_assert_eq(tally_sketcher_finish(s, &ab, NULL), TALLY_OK);
	tally_sketcher_add(s, b, 1000, NULL);
	tally_sketcher_cut(s, NULL);
	tally_sketcher_add(s, a, 1000, NULL);
	cr_assert_eq(tally_sketcher_finish(s, &ba, NULL), TALLY_OK, "used again");
	cr_assert_eq(tally_sketch_similarity(&ab, &ba), 1000u);
	ba.kind = TALLY_SKETCH_TEXT;
	cr_assert_eq(tally_sketch_similarity(&ab, &ba), 0u, "kinds do not compare");
	tally_sketch_release(&ab);
	tally_sketch_release(&ba);
	tally_sketcher_free(s);
	free(a);
	free(b);
}

Test(sketch, every_failed_allocation_is_survived)
{
	char *a = words(20000);

	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_sketcher *s = NULL;
		struct tally_sketch out = { 0 };
		enum tally_status st = tally_sketcher_new(&s, TALLY_SKETCH_BYTES, NULL);

		if (st == TALLY_OK)
			st = tally_sketcher_add(s, a, 20000, NULL);
		if (st == TALLY_OK)
			st = tally_sketcher_finish(s, &out, NULL);
		/* giving memory back is no must: that one may fail and the sketch is whole */
		if (!faults_fired(&f))
			cr_assert_eq(st, TALLY_OK);
		else
			cr_assert(st == TALLY_FATAL || out.count, "allocation %ld", f.nth);
		tally_sketch_release(&out);
		tally_sketcher_free(s);
	}
	free(a);
}
