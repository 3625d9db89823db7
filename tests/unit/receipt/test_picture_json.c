/* Two pictures compared, as JSON; answers of workers that are not as they should be. */
#include <criterion/criterion.h>

#include "receipt/picture_json.h"

static json_t *made(void)
{
	static const struct tally_picture before, after;
	const struct tally_picture_diff diff = { .kin = TALLY_PICTURE_PARTLY,
		                                 .points = 12,
		                                 .most = 200,
		                                 .mean_tenths = 15,
		                                 .resized = true };

	return tally_picture_json(&diff, &before, &after);
}

Test(picture_json, what_is_written_is_good)
{
	json_t *o = made();

	cr_assert(o);
	cr_expect(tally_picture_good(o));
	cr_expect_str_eq(json_string_value(json_object_get(o, "kind")), "partly");
	cr_expect_eq(json_integer_value(json_object_get(o, "points")), 12);
	cr_expect_float_eq(json_real_value(json_object_get(o, "mean")), 1.5, 0.001);
	json_decref(o);
}

Test(picture_json, anything_else_is_not)
{
	static const char *const fields[] = { "kind", "points",  "of",     "most",
		                              "mean", "resized", "before", "after" };

	cr_expect_not(tally_picture_good(NULL));
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		json_t *o = made();

		json_object_set_new(o, fields[i], json_null());
		cr_expect_not(tally_picture_good(o), "%s", fields[i]);
		json_object_set_new(o, fields[i], json_integer(-1));
		cr_expect(i == 4 || !tally_picture_good(o), "%s", fields[i]);
		json_decref(o);
	}
}
