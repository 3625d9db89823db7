/* Sketches of pictures: saved again with other bytes it is the same, another one is not; what is no picture has none. */
#include <criterion/criterion.h>
#include <string.h>

#include "formats/data_url.h"
#include "formats/sketch_picture.h"
#include "support/faults.h"
#include "support/small_pictures.h"

static const struct tally_limits limits = TALLY_LIMITS_INIT;

static enum tally_status make(struct tally_sketch *out, const char *bytes, size_t len)
{
	struct tally_source *src;
	enum tally_status st;

	cr_assert_eq(tally_source_memory(&src, bytes, len, NULL), TALLY_OK);
	st = tally_sketch_picture(out, src, &limits, NULL);
	tally_source_free(src);
	return st;
}

static enum tally_status make_url(struct tally_sketch *out, const char *url)
{
	struct tally_buf bytes;
	enum tally_status st;

	tally_buf_init(&bytes, SIZE_MAX / 2);
	cr_assert_eq(tally_data_url(&bytes, url), TALLY_OK);
	st = make(out, bytes.bytes, bytes.len);
	tally_buf_release(&bytes);
	return st;
}

Test(sketch_picture, saved_again_it_is_the_same_and_others_are_not)
{
	static const char *const urls[] = { SMALL_PICTURE, SMALL_PICTURE_SAVED, SMALL_PICTURE_OTHER };
	struct tally_sketch s[3];

	for (int i = 0; i < 3; i++) {
		cr_assert_eq(make_url(&s[i], urls[i]), TALLY_OK);
		cr_assert_eq(s[i].kind, TALLY_SKETCH_PICTURE);
		for (uint32_t k = 1; k < s[i].count; k++)
			cr_assert_lt(s[i].pieces[k - 1].hash, s[i].pieces[k].hash);
	}
	cr_assert_eq(tally_sketch_similarity(&s[0], &s[1]), 1000u);
	cr_assert_lt(tally_sketch_similarity(&s[0], &s[2]), 500u);
	for (int i = 0; i < 3; i++)
		tally_sketch_release(&s[i]);
}

Test(sketch_picture, what_is_no_picture_has_none)
{
	struct tally_sketch s;

	cr_assert_eq(make(&s, "just text\n", 10), TALLY_END);
	cr_assert_eq(make(&s, "\x89PNG\r\n\x1a\n", 8), TALLY_END);
}

Test(sketch_picture, survives_any_failed_allocation)
{
	struct tally_buf bytes;

	tally_buf_init(&bytes, SIZE_MAX / 2);
	cr_assert_eq(tally_data_url(&bytes, SMALL_PICTURE), TALLY_OK);
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_source *src = NULL;
		struct tally_sketch s = { 0 };
		enum tally_status st = tally_source_memory(&src, bytes.bytes, bytes.len, NULL);

		if (st == TALLY_OK)
			st = tally_sketch_picture(&s, src, &limits, NULL);
		if (!faults_fired(&f))
			cr_assert_eq(st, TALLY_OK);
		tally_source_free(src);
		tally_sketch_release(&s);
	}
	tally_buf_release(&bytes);
}
