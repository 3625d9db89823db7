/* Facts as JSON: what is written, and what is believed of a worker's answer. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "receipt/facts_json.h"

static struct tally_limits limits = TALLY_LIMITS_INIT;

static void expect(enum tally_fact_kind kind, const struct tally_fact *before,
                   const struct tally_fact *after, const char *json)
{
	const struct tally_fact_change change = { kind, before, after, false };
	json_t *o = tally_fact_json(&change, NULL, &limits), *want = json_loads(json, 0, NULL);

	cr_assert(o && want);
	cr_expect(json_equal(o, want), "%s", json);
	cr_expect(tally_fact_good(o));
	json_decref(o);
	json_decref(want);
}

Test(facts_json, both_sides_where_they_differ)
{
	const struct tally_fact a = { "comment", "x", "Ann", "S!A1" };
	const struct tally_fact b = { "comment", "y", "Bob", "S!A2" };

	expect(TALLY_FACT_ADDED, NULL, &b,
	       "{\"fact\": \"comment\", \"change\": \"added\", \"old\": null, \"new\": \"y\","
	       " \"by\": \"Bob\", \"where\": \"S!A2\"}");
	expect(TALLY_FACT_REMOVED, &a, NULL,
	       "{\"fact\": \"comment\", \"change\": \"removed\", \"old\": \"x\", \"new\": null,"
	       " \"by\": \"Ann\", \"where\": \"S!A1\"}");
	expect(TALLY_FACT_CHANGED, &a, &b,
	       "{\"fact\": \"comment\", \"change\": \"changed\", \"old\": \"x\", \"new\": \"y\","
	       " \"by\": \"Bob\", \"by_before\": \"Ann\", \"where\": \"S!A2\","
	       " \"where_before\": \"S!A1\"}");
}

Test(facts_json, long_values_are_cut_between_characters)
{
	const struct tally_fact a = { "title", "Größe", NULL, NULL };
	const uint64_t shown = limits.cell_shown;

	limits.cell_shown = 3; /* in the middle of the second letter that is no ASCII */
	expect(TALLY_FACT_ADDED, NULL, &a,
	       "{\"fact\": \"title\", \"change\": \"added\", \"old\": null, \"new\": \"Gr\","
	       " \"new_bytes\": 7, \"by\": null, \"where\": null}");
	limits.cell_shown = shown;
}

static bool good(bool (*is_good)(const json_t *), const char *json)
{
	json_t *o = json_loads(json, 0, NULL);
	bool yes;

	cr_assert(o, "%s", json);
	yes = is_good(o);
	json_decref(o);
	return yes;
}

Test(facts_json, answers_are_not_believed)
{
	cr_expect(good(tally_fact_good, "{\"fact\": \"part\", \"change\": \"accepted\"}"));
	cr_expect(good(tally_fact_good, "{\"kind\": \"sheet_added\", \"old\": null}"));
	cr_expect_not(good(tally_fact_good, "{\"fact\": \"part\"}"));
	cr_expect_not(good(tally_fact_good, "{\"fact\": \"\", \"change\": \"added\"}"));
	cr_expect_not(good(tally_fact_good, "{\"fact\": \"\\u001b[0m\", \"change\": \"added\"}"));
	cr_expect_not(good(tally_fact_good, "{\"fact\": \"part\", \"change\": \"eaten\"}"));
	cr_expect_not(
		good(tally_fact_good, "{\"fact\": \"part\", \"change\": \"added\", \"where\": 7}"));
}

#define COUNT                                                                               \
	"{\"fact\": \"part\", \"before\": 3, \"after\": %s, \"added\": 0, \"removed\": 2, " \
	"\"changed\": 0, \"moved\": 0}"

Test(facts_json, counts_of_answers_must_balance)
{
	static const char *const after[] = { "1", "2", "-1", "null" };

	for (size_t i = 0; i < sizeof after / sizeof *after; i++) {
		char text[160];

		snprintf(text, sizeof text, COUNT, after[i]);
		cr_expect_eq(good(tally_fact_count_good, text), i == 0, "%s", text);
	}
}
