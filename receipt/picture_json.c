/* Two pictures compared, as JSON: see receipt/picture_json.h. */
#include "receipt/picture_json.h"

#include <string.h>

#include "receipt/json_util.h"

static void set_digest(json_t *o, const char *field, const struct tally_picture *p, bool *ok)
{
	char text[TALLY_DIGEST_TEXT_MAX];

	tally_sha256_text(text, &p->pixels);
	tally_json_set(o, field, json_string_nocheck(text), ok);
}

static json_t *area_json(const struct tally_picture_area *area)
{
	const struct {
		const char *name;
		uint32_t n;
	} fields[] = { { "x", area->x },
		       { "y", area->y },
		       { "width", area->width },
		       { "height", area->height } };
	json_t *o = json_object();
	bool ok = true;

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		tally_json_set(o, fields[i].name, json_integer(fields[i].n), &ok);
	return ok ? o : NULL;
}

static bool area_good(const json_t *area)
{
	static const char *const fields[] = { "x", "y", "width", "height" };

	for (size_t i = 0; area && i < sizeof fields / sizeof *fields; i++)
		if (!json_is_integer(json_object_get(area, fields[i])) ||
		    json_integer_value(json_object_get(area, fields[i])) < 0)
			return false;
	return true;
}

json_t *tally_picture_json(const struct tally_picture_diff *d, const struct tally_picture *before,
                           const struct tally_picture *after)
{
	json_t *o = json_object();
	bool ok = true;

	tally_json_set(o, "kind", json_string_nocheck(tally_picture_kin_name(d->kin)), &ok);
	tally_json_set(o, "points", json_integer(d->points), &ok);
	tally_json_set(o, "of", json_integer(TALLY_PICTURE_GRID * TALLY_PICTURE_GRID), &ok);
	tally_json_set(o, "most", json_integer(d->most), &ok);
	tally_json_set(o, "mean", json_real(d->mean_tenths / 10.0), &ok);
	tally_json_set(o, "resized", json_boolean(d->resized), &ok);
	tally_json_set(o, "closely", json_boolean(d->closely), &ok);
	if (d->area.width)
		tally_json_set(o, "area", area_json(&d->area), &ok);
	set_digest(o, "before", before, &ok);
	set_digest(o, "after", after, &ok);
	if (ok)
		return o;
	json_decref(o);
	return NULL;
}

bool tally_picture_good(const json_t *o)
{
	static const char *const counts[] = { "points", "of", "most" };
	bool known = false;

	for (int i = 0; i < TALLY_PICTURE_KINS; i++)
		known |= tally_json_is(o, "kind", tally_picture_kin_name((enum tally_picture_kin)i));
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		known &= json_is_integer(json_object_get(o, counts[i])) &&
		         json_integer_value(json_object_get(o, counts[i])) >= 0;
	return known && area_good(json_object_get(o, "area")) &&
	       json_is_number(json_object_get(o, "mean")) &&
	       json_is_boolean(json_object_get(o, "resized")) &&
	       json_is_string(json_object_get(o, "before")) &&
	       json_is_string(json_object_get(o, "after"));
}
