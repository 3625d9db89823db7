/* Review rules about workbooks: sheets that went, sums that leave out a row, results that nobody computed. */
#include <string.h>

#include "receipt/json_util.h"
#include "receipt/review.h"
#include "receipt/table_json.h"
#include "receipt/words.h"

static void removed(struct tally_reviewer *v, const json_t *f, const struct tally_name *path)
{
	tally_say(v, "The sheet ");
	tally_say_text(v, tally_json_string(f, "old"));
	tally_say(v, " was removed from ");
	tally_say_text(v, path->bytes);
	tally_say(v, ", with its ");
	tally_say_plural(v, tally_json_count(f, "rows"), "row", "rows");
	tally_found(v, TALLY_RULE_sheet_removed, TALLY_SEVERITY_HIGH, path,
	            tally_json_string(f, "old"), 1, tally_json_count(f, "rows"));
	tally_review_harm(v, path, &v->damage.sheets, 1);
}

static void renamed(struct tally_reviewer *v, const json_t *f, const struct tally_name *path)
{
	tally_say(v, "The sheet ");
	tally_say_text(v, tally_json_string(f, "old"));
	tally_say(v, " of ");
	tally_say_text(v, path->bytes);
	tally_say(v, " is called ");
	tally_say_text(v, tally_json_string(f, "new"));
	tally_say(v, " now");
	tally_found(v, TALLY_RULE_sheet_renamed, TALLY_SEVERITY_LOW, path,
	            tally_json_string(f, "new"), 1, 1);
}

/* The sheet whose name this one has, where that one has this one's; the list's size: there is none */
static size_t exchanged_with(const json_t *list, const json_t *f)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const json_t *o = json_array_get(list, i);

		if (o != f && tally_json_is(o, "kind", "sheet_renamed") &&
		    json_equal(json_object_get(o, "old"), json_object_get(f, "new")) &&
		    json_equal(json_object_get(o, "new"), json_object_get(f, "old")))
			break;
	}
	return i;
}

static void exchanged(struct tally_reviewer *v, const json_t *f, const struct tally_name *path)
{
	tally_say(v, "The sheets ");
	tally_say_text(v, tally_json_string(f, "old"));
	tally_say(v, " and ");
	tally_say_text(v, tally_json_string(f, "new"));
	tally_say(v, " of ");
	tally_say_text(v, path->bytes);
	tally_say(v, " exchanged their names");
	tally_found(v, TALLY_RULE_sheets_exchanged, TALLY_SEVERITY_MEDIUM, path,
	            tally_json_string(f, "new"), 2, 2);
}

void tally_review_workbook(struct tally_reviewer *v, const json_t *table,
                           const struct tally_name *path)
{
	const json_t *list = json_object_get(table, "facts");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *f = json_array_get(list, i);
		size_t other;

		if (tally_json_is(f, "kind", "sheet_removed"))
			removed(v, f, path);
		if (!tally_json_is(f, "kind", "sheet_renamed"))
			continue;
		other = exchanged_with(list, f);
		if (other == json_array_size(list))
			renamed(v, f, path);
		else if (i < other) /* told once */
			exchanged(v, f, path);
	}
}

static void say_sheet(struct tally_reviewer *v, const char *part, const struct tally_name *path)
{
	tally_say_text(v, path->bytes);
	if (!part || !*part)
		return;
	tally_say(v, " (");
	tally_say_text(v, part);
	tally_say(v, ")");
}

static void short_sum(struct tally_reviewer *v, const json_t *problem, const char *part,
                      const struct tally_name *path)
{
	const char *detail = tally_json_string(problem, "detail");

	tally_say(v, "In ");
	say_sheet(v, part, path);
	tally_say(v, ", a sum leaves out a row of its block: ");
	if (detail && !tally_words_safe(&v->what, detail, strlen(detail)))
		v->status = tally_err_nomem(v->err);
	tally_found(v, TALLY_RULE_sum_range_short, TALLY_SEVERITY_MEDIUM, path, part,
	            tally_json_count(problem, "count"), tally_json_count(problem, "count"));
}

/* Of so many formulas more than before no result is stored. */
static uint64_t not_computed(const json_t *table)
{
	uint64_t before = tally_table_problems(table, "not_computed", "before");
	uint64_t after = tally_table_problems(table, "not_computed", "after");

	return after > before ? after - before : 0;
}

void tally_review_sheet(struct tally_reviewer *v, const json_t *table, const struct tally_name *path)
{
	const json_t *problems = json_object_get(table, "problems");
	const char *part = tally_json_string(table, "part");
	uint64_t missing = not_computed(table);

	for (size_t i = 0; i < json_array_size(problems); i++)
		if (tally_json_is(json_array_get(problems, i), "what", "sum_range_short"))
			short_sum(v, json_array_get(problems, i), part, path);
	if (!missing)
		return;
	tally_say_plural(v, missing, "formula", "formulas");
	tally_say(v, " of ");
	say_sheet(v, part, path);
	tally_say(v, missing == 1 ? " was saved without its result"
	                          : " were saved without their results");
	tally_found(v, TALLY_RULE_not_computed, TALLY_SEVERITY_MEDIUM, path, part, missing, missing);
}
