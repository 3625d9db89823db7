/* Review rules about sums of tables: totals that agree no more with their rows, columns that add up to something else. */
#include "receipt/review_table.h"

#include "receipt/json_util.h"
#include "receipt/words.h"

enum { SUMS_NAMED = 3 };

static void totals(const struct tally_reviewed *t)
{
	const json_t *list = json_object_get(t->json, "total_rows");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *total = json_array_get(list, i);
		const json_t *after = json_object_get(total, "after");

		tally_say(t->v, "In ");
		tally_say_table(t->v, t->path.bytes, t->part);
		tally_say(t->v, ", row ");
		tally_say_count(t->v, tally_json_count(total, "row"));
		tally_say(t->v, " (");
		tally_say_text(t->v, tally_json_string(total, "label"));
		tally_say(t->v, ") shows ");
		tally_say_text(t->v, tally_json_string(after, "shown"));
		tally_say(t->v, " under ");
		tally_reviewed_say_column(t, total);
		tally_say(t->v, json_is_true(json_object_get(total, "below"))
		                        ? ", and the rows below it add up to "
		                        : ", and the rows above it add up to ");
		tally_say_text(t->v, tally_json_string(after, "sum"));
		tally_say(t->v, "; before, they agreed");
		tally_reviewed_found(t, TALLY_RULE_total_mismatch, TALLY_SEVERITY_MEDIUM, 1);
	}
}

static void say_decimals(const struct tally_reviewed *t, const char *number, const char *other)
{
	if (!tally_words_decimals(&t->v->what, number, other))
		t->v->status = tally_err_nomem(t->v->err);
}

static bool too_large(const json_t *invariant, const char *side)
{
	return tally_json_count(json_object_get(invariant, "too_large"), side) > 0;
}

static void say_sum(const struct tally_reviewed *t, const char *sum, const char *other)
{
	if (sum)
		say_decimals(t, sum, other ? other : sum);
	else
		tally_say(t->v, "not known, since a number is too large");
}

/* Columns whose sum is another one; a table where nothing else happened but that is unusual enough to be named */
static void sums(const struct tally_reviewed *t)
{
	const json_t *list = json_object_get(t->json, "invariants");
	uint64_t named = 0, all = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *v = json_array_get(list, i), *sum = json_object_get(v, "sum");
		const char *old = tally_json_string(sum, "before"),
			   *now = tally_json_string(sum, "after");

		if ((!old && !too_large(v, "before")) || (!now && !too_large(v, "after")))
			continue;
		if (all++ >= SUMS_NAMED)
			continue;
		if (named++ == 0) {
			tally_say(t->v, "Sums of ");
			tally_say_table(t->v, t->path.bytes, t->part);
		}
		tally_say(t->v, named > 1 ? "; " : ": ");
		tally_reviewed_say_column(t, v);
		tally_say(t->v, " ");
		say_sum(t, old, now);
		tally_say(t->v, " \u2192 ");
		say_sum(t, now, old);
	}
	if (!named)
		return;
	if (all > named) {
		tally_say(t->v, " and ");
		tally_say_count(t->v, all - named);
		tally_say(t->v, " more");
	}
	tally_reviewed_found(t, TALLY_RULE_sum_changed, TALLY_SEVERITY_LOW, all);
}

void tally_review_sums(const struct tally_reviewed *t)
{
	totals(t);
	sums(t);
}
