/* The scope on the receipt: what a workbook says of itself, and names that nobody knows. */
#include <criterion/criterion.h>
#include <string.h>

#include "receipt/json_util.h"
#include "receipt/scope.h"

static json_t *table, *scope;

static void forget(void)
{
	json_decref(table);
	json_decref(scope);
	table = scope = NULL;
}

TestSuite(receipt_scope, .fini = forget);

static const char facts[] =
	"{\"part\": null, \"part_before\": null, \"sheets\": {}, \"cells\": [], \"facts\": ["
	"{\"kind\": \"sheet_added\", \"old\": null, \"new\": \"Extra\"},"
	"{\"kind\": \"sheet_renamed\", \"old\": \"Notes\", \"new\": \"Remarks\"},"
	"{\"fact\": \"data_validation\", \"change\": \"removed\", \"old\": \"whole\", \"new\": null,"
	" \"where\": \"Prices!C2:C8\"},"
	"{\"fact\": \"comment\", \"change\": \"added\", \"old\": null, \"new\": \"x\","
	" \"where\": \"'Old prices'!C2\"},"
	"{\"fact\": \"macro\", \"change\": \"added\", \"old\": null, \"new\": \"y\", \"where\": null},"
	"{\"fact\": \"modified\", \"change\": \"changed\", \"old\": \"a\", \"new\": \"b\"}]}";

static uint64_t judge(const char *said)
{
	bool ok = true;
	uint64_t outside;

	forget();
	table = json_loads(facts, 0, NULL);
	scope = json_loads(said, 0, NULL);
	cr_assert(table && scope && tally_scope_of_workbook(table));
	outside = tally_scope_judge_workbook(table, scope, &ok);
	cr_assert(ok);
	cr_assert(tally_scope_table_good(json_object_get(table, "scope")));
	return outside;
}

static const char *reason(size_t i)
{
	const json_t *list = json_object_get(json_object_get(table, "scope"), "changes");

	return json_string_value(json_object_get(json_array_get(list, i), "outside_of"));
}

Test(receipt_scope, facts_of_sheets_that_may_change_are_within)
{
	cr_expect_eq(
		judge("{\"columns\": null, \"rows\": null, \"sheets\": [\"Prices\", \"Notes\"]}"), 3);
	cr_expect_eq(judge("{\"columns\": null, \"rows\": null,"
	                   " \"sheets\": [\"Prices\", \"Notes\", \"Extra\", \"Old prices\"]}"),
	             1);
	cr_expect_str_eq(reason(0), "sheets"); /* macros are on no sheet */
	cr_expect_eq(judge("{\"columns\": null, \"rows\": null, \"sheets\": [\"Price\", \"Note\"]}"),
	             5);
}

Test(receipt_scope, no_fact_is_a_cell)
{
	cr_expect_eq(judge("{\"columns\": [\"price\"], \"rows\": null, \"sheets\": null}"), 5);
	cr_expect_str_eq(reason(0), "columns");
	cr_expect_eq(judge("{\"columns\": null, \"rows\": \"id = 3\", \"sheets\": [\"Prices\"]}"), 5);
	cr_expect_str_eq(reason(0), "sheets");
	cr_expect_str_eq(reason(2), "rows");
}

Test(receipt_scope, facts_that_are_not_listed_are_outside)
{
	bool ok = true;

	judge("{\"columns\": null, \"rows\": null, \"sheets\": [\"Prices\"]}");
	json_object_set_new(table, "not_listed", json_pack("{s:i}", "facts", 7));
	json_object_del(table, "scope");
	cr_expect_eq(tally_scope_judge_workbook(table, scope, &ok), 4 + 7);
	cr_expect(tally_scope_table_good(json_object_get(table, "scope")));
}

Test(receipt_scope, what_was_said_survives_the_way_to_the_worker)
{
	const struct tally_scope_words words = {
		.columns = (const char *const[]){ "price", "a,b" },
		.column_count = 2,
		.rows = "id in 3, 7",
	};
	struct tally_scope *s = NULL;
	struct tally_err err = { 0 };

	scope = tally_scope_json(&words);
	cr_assert_eq(tally_scope_from_json(&s, scope, &err), TALLY_OK, "%s", err.message);
	cr_expect(tally_scope_names_column(s, "a,b") && !tally_scope_names_column(s, "a"));
	cr_expect(tally_scope_allows_sheet(s, "any"));
	cr_expect(tally_scope_fits(s, "7", 1) && !tally_scope_fits(s, "8", 1));
	tally_scope_free(s);
	cr_assert_eq(tally_scope_from_json(&s, json_null(), &err), TALLY_OK);
	cr_expect_null(s);
}

Test(receipt_scope, names_in_other_bytes_than_utf8_are_refused)
{
	const struct tally_scope_words words = { .rows = "caf\xe9 = 3" };
	struct tally_err err = { 0 };

	cr_expect_eq(tally_scope_check(&words, &err), TALLY_FATAL);
}

Test(receipt_scope, an_answer_whose_counts_do_not_add_up_is_none)
{
	scope = json_loads("{\"outside\": 2, \"unknown\": [], \"changes\": [{\"what\": \"cells\","
	                   " \"outside_of\": \"rows\", \"count\": 1, \"examples\": []}]}",
	                   0, NULL);
	cr_expect_not(tally_scope_table_good(scope));
	json_object_set_new(scope, "outside", json_integer(1));
	cr_expect(tally_scope_table_good(scope));
	cr_expect_not(tally_scope_table_good(NULL));
}
