/* Review rules about pictures: another one, another in part, turned, or only saved anew. Reads the receipt's JSON. */
#include "receipt/json_util.h"
#include "receipt/review.h"

/* The size that another rule does not tell: "1600 × 1200" → "800 × 600" */
static void say_sizes(struct tally_reviewer *v, const json_t *document)
{
	const json_t *facts = json_object_get(document, "facts");

	for (size_t i = 0; i < json_array_size(facts); i++) {
		const json_t *f = json_array_get(facts, i);

		if (!tally_json_is(f, "fact", "pixels") || !tally_json_is(f, "change", "changed"))
			continue;
		tally_say(v, ", in another size (");
		tally_say_value(v, tally_json_string(f, "old"));
		tally_say(v, " \u2192 ");
		tally_say_value(v, tally_json_string(f, "new"));
		tally_say(v, " pixels)");
		return;
	}
}

static void near(struct tally_reviewer *v, const json_t *document, const json_t *picture,
                 const struct tally_name *path)
{
	tally_say_text(v, path->bytes);
	tally_say(v, " was saved anew with other pixels");
	say_sizes(v, document);
	if (json_is_true(json_object_get(picture, "closely"))) {
		tally_say(v, ": it looks the same in all its parts");
	} else {
		tally_say(v, ": it looks the same at ");
		tally_say_count(v, tally_json_count(picture, "of"));
		tally_say(v, " points, but a small change would not be seen");
	}
	tally_found(v, TALLY_RULE_picture_resaved, TALLY_SEVERITY_LOW, path, NULL, 1, 1);
}

/* ", in the 40 × 30 pixels at 1200 from the left and 350 from the top" */
static void say_area(struct tally_reviewer *v, const json_t *area)
{
	if (!area)
		return;
	tally_say(v, ", in the ");
	tally_say_count(v, tally_json_count(area, "width"));
	tally_say(v, " \u00d7 ");
	tally_say_count(v, tally_json_count(area, "height"));
	tally_say(v, " pixels at ");
	tally_say_count(v, tally_json_count(area, "x"));
	tally_say(v, " from the left and ");
	tally_say_count(v, tally_json_count(area, "y"));
	tally_say(v, " from the top");
}

static void partly(struct tally_reviewer *v, const json_t *document, const json_t *picture,
                   const struct tally_name *path)
{
	uint64_t points = tally_json_count(picture, "points");

	tally_say(v, "Part of the picture ");
	tally_say_text(v, path->bytes);
	tally_say(v, " is another");
	say_sizes(v, document);
	tally_say(v, ": it differs at ");
	tally_say_count(v, points);
	tally_say(v, " of ");
	tally_say_count(v, tally_json_count(picture, "of"));
	tally_say(v, " points");
	say_area(v, json_object_get(picture, "area"));
	tally_found(v, TALLY_RULE_picture_changed, TALLY_SEVERITY_MEDIUM, path, NULL, 1, points);
}

static void review(struct tally_reviewer *v, const json_t *document)
{
	const json_t *picture = json_object_get(document, "picture");
	const struct tally_name path = { tally_json_string(document, "path"),
		                         json_string_length(json_object_get(document, "path")) };

	if (!picture || !path.bytes)
		return;
	if (tally_json_is(picture, "kind", "near")) {
		near(v, document, picture, &path);
	} else if (tally_json_is(picture, "kind", "partly")) {
		partly(v, document, picture, &path);
	} else if (tally_json_is(picture, "kind", "other")) {
		tally_say_text(v, path.bytes);
		tally_say(v, " shows another picture now");
		tally_found(v, TALLY_RULE_picture_changed, TALLY_SEVERITY_MEDIUM, &path, NULL, 1,
		            tally_json_count(picture, "of"));
	} else if (tally_json_is(picture, "kind", "turned")) {
		tally_say(v, "The picture ");
		tally_say_text(v, path.bytes);
		tally_say(v, " is shown another way round; its pixels are as they were");
		tally_found(v, TALLY_RULE_picture_resaved, TALLY_SEVERITY_LOW, &path, NULL, 1, 1);
	}
}

void tally_review_pictures(struct tally_reviewer *v)
{
	for (size_t i = 0; i < json_array_size(v->r->documents) && v->status == TALLY_OK; i++)
		review(v, json_array_get(v->r->documents, i));
}
