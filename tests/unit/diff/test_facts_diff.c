/*
 * Comparing sets of facts.
 *
 *	name      same place   same value   becomes
 *	any       yes          yes          nothing
 *	PLACED    no           yes          moved
 *	NAMED     no           yes          removed and added
 *	any       yes          no           changed, where as many are left on both sides
 *
 * Places, and addresses in values, are those where the cells are expected; what is written as before though they went is strayed.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "diff/facts_diff.h"
#include "support/faults.h"
#include "support/random.h"
#include "support/sheet_part.h"

static void add(struct tally_facts *facts, const char *name, const char *value, const char *by,
                const char *where)
{
	struct tally_fact fact = { name, value, by, where };

	cr_assert_eq(tally_facts_add(facts, &fact, NULL), TALLY_OK);
}

static struct tally_facts set[2];

static void start(void)
{
	tally_facts_init(&set[0], 0);
	tally_facts_init(&set[1], 0);
}

static void stop(void)
{
	tally_facts_release(&set[0]);
	tally_facts_release(&set[1]);
}

TestSuite(facts_diff, .init = start, .fini = stop);

static struct tally_facts_diff *diff_with(const struct tally_facts_options *options)
{
	struct tally_facts_diff *d = NULL;

	cr_assert_eq(tally_facts_diff(&d, &set[0], &set[1], options, NULL), TALLY_OK);
	return d;
}

static void side(struct tally_buf *b, const struct tally_fact *f)
{
	if (!f)
		tally_buf_text(b, "-");
	else
		tally_buf_printf(b, "%s@%s/%s", f->value, f->where ? f->where : "",
		                 f->by ? f->by : "");
}

/* "changed author Ann@/ Bob@/; …" */
static void expect(const struct tally_facts_options *options, const char *changes)
{
	static const char *const kinds[] = { "added", "removed", "changed", "moved", "strayed" };
	struct tally_facts_diff *d = diff_with(options);
	struct tally_buf b;

	tally_buf_init(&b, 100000);
	tally_buf_text(&b, "");
	for (size_t i = 0; i < d->count; i++) {
		const struct tally_fact_change *c = &d->changes[i];

		tally_buf_printf(&b, "%s%s %s ", i ? "; " : "", kinds[c->kind],
		                 (c->after ? c->after : c->before)->name);
		side(&b, c->before);
		tally_buf_text(&b, " ");
		side(&b, c->after);
	}
	cr_expect_str_eq(b.bytes ? b.bytes : "", changes);
	tally_buf_release(&b);
	tally_facts_diff_free(d);
}

Test(facts_diff, equal_sets_in_any_order_have_no_change)
{
	add(&set[0], "author", "Ann", NULL, NULL);
	add(&set[0], "comment", "x", "Ann", "S!A1");
	add(&set[1], "comment", "x", "Ann", "S!A1");
	add(&set[1], "author", "Ann", NULL, NULL);
	expect(NULL, "");
}

Test(facts_diff, repetition_counts)
{
	add(&set[0], "link", "x", NULL, NULL);
	add(&set[0], "link", "x", NULL, NULL);
	add(&set[0], "link", "x", NULL, NULL);
	add(&set[1], "link", "x", NULL, NULL);
	expect(NULL, "removed link x@/ -; removed link x@/ -");
}

Test(facts_diff, same_name_and_place_is_changed)
{
	add(&set[0], "defined_name", "S!A1:A9", NULL, "Tax");
	add(&set[1], "defined_name", "S!A1:A8", NULL, "Tax");
	add(&set[0], "author", "Ann", NULL, NULL);
	add(&set[1], "author", "Bob", NULL, NULL);
	expect(NULL, "changed defined_name S!A1:A9@Tax/ S!A1:A8@Tax/; changed author Ann@/ Bob@/");
}

Test(facts_diff, same_text_by_somebody_else_is_changed)
{
	add(&set[0], "comment", "ok", "Ann", "S!A1");
	add(&set[1], "comment", "ok", "Bob", "S!A1");
	expect(NULL, "changed comment ok@S!A1/Ann ok@S!A1/Bob");
}

Test(facts_diff, the_same_elsewhere_moved_before_anything_counts_as_changed)
{
	/* a row was inserted above: each comment now stands where the next one stood */
	add(&set[0], "comment", "a", NULL, "S!C9");
	add(&set[0], "comment", "b", NULL, "S!C10");
	add(&set[1], "comment", "a", NULL, "S!C10");
	add(&set[1], "comment", "b", NULL, "S!C11");
	expect(NULL, "moved comment a@S!C9/ a@S!C10/; moved comment b@S!C10/ b@S!C11/");
}

Test(facts_diff, what_is_known_by_its_name_cannot_move)
{
	add(&set[0], "hidden_sheet", "hidden", NULL, "Data");
	add(&set[1], "hidden_sheet", "hidden", NULL, "Notes");
	expect(NULL, "removed hidden_sheet hidden@Data/ -; added hidden_sheet - hidden@Notes/");
}

Test(facts_diff, without_a_place_one_for_one_only)
{
	add(&set[0], "attachment", "a.pdf", NULL, NULL);
	add(&set[0], "attachment", "b.pdf", NULL, NULL);
	add(&set[1], "attachment", "c.pdf", NULL, NULL);
	add(&set[1], "attachment", "d.pdf", NULL, NULL);
	expect(NULL, "removed attachment a.pdf@/ -; removed attachment b.pdf@/ -; "
	             "added attachment - c.pdf@/; added attachment - d.pdf@/");
}

Test(facts_diff, renamed_parts_keep_their_facts)
{
	const struct tally_fact_rename renames[] = { { "Old", "New" } };
	struct tally_facts_options options = TALLY_FACTS_OPTIONS_INIT;

	options.renames = renames;
	options.rename_count = 1;
	add(&set[0], "comment", "a", NULL, "Old!A1");
	add(&set[0], "hidden_sheet", "hidden", NULL, "Old");
	add(&set[0], "comment", "b", NULL, "Older!A1");
	add(&set[1], "comment", "a", NULL, "New!A1");
	add(&set[1], "hidden_sheet", "hidden", NULL, "New");
	add(&set[1], "comment", "b", NULL, "Older!A1");
	expect(&options, "");
}

Test(facts_diff, another_format_words_things_its_own_way)
{
	struct tally_facts_options options = TALLY_FACTS_OPTIONS_INIT;

	options.other_format = true;
	add(&set[0], "data_validation", "list \"a,b\"", NULL, "S!A1");
	add(&set[0], "data_validation", "list \"a,b\"", NULL, "S!A2");
	add(&set[0], "author", "Ann", NULL, NULL);
	add(&set[1], "data_validation", "in-list(a;b)", NULL, "S.A1");
	add(&set[1], "author", "Bob", NULL, NULL);
	add(&set[0], "defined_name", "S!$B$3", NULL, "rate");
	add(&set[1], "defined_name", "S!$B$4", NULL, "rate");
	add(&set[0], "defined_name", "[1]S!$B$3", NULL, "far");
	add(&set[1], "defined_name", "'file:///a.ods'#S!$B$3", NULL, "far");
	expect(&options,
	       "changed defined_name S!$B$3@rate/ S!$B$4@rate/; removed data_validation list \"a,b\"@S!A2/ -; changed author Ann@/ Bob@/");
}

Test(facts_diff, letter_case_of_what_a_name_stands_for_is_no_change)
{
	add(&set[0], "defined_name", "Summary!#REF!", NULL, "avg");
	add(&set[1], "defined_name", "summary!#REF!", NULL, "avg");
	add(&set[0], "defined_name", "IF(A1,\"Yes\")", NULL, "b");
	add(&set[1], "defined_name", "if(A1,\"yes\")", NULL, "b");
	expect(NULL, "changed defined_name IF(A1,\"Yes\")@b/ if(A1,\"yes\")@b/");
}

Test(facts_diff, names_nobody_knows_come_last)
{
	add(&set[0], "zebra", "1", NULL, NULL);
	add(&set[0], "alien", "1", NULL, "here");
	add(&set[0], "part", "3", NULL, "drawing");
	expect(NULL, "removed part 3@drawing/ -; removed alien 1@here/ -; removed zebra 1@/ -");
}

Test(facts_diff, counts_are_of_all_names)
{
	struct tally_facts_diff *d;

	add(&set[0], "author", "Ann", NULL, NULL);
	add(&set[1], "author", "Ann", NULL, NULL);
	for (int i = 0; i < 17; i++) {
		char where[16];

		snprintf(where, sizeof where, "S!A%d", i);
		add(&set[0], "data_validation", "list: Yes,No", NULL, where);
	}
	d = diff_with(NULL);
	cr_assert_eq(d->count_count, 2);
	cr_expect_str_eq(d->counts[0].name, "data_validation");
	cr_expect_eq(d->counts[0].before, 17);
	cr_expect_eq(d->counts[0].after, 0);
	cr_expect_eq(d->counts[0].removed, 17);
	cr_expect_eq(d->counts[1].before, 1);
	cr_expect_eq(d->counts[1].after, 1);
	cr_expect_eq(d->counts[1].changed, 0);
	tally_facts_diff_free(d);
}

static void add_random(struct tally_facts *facts, uint64_t *seed, int n)
{
	static const char *const names[] = { "comment", "defined_name", "author", "other" };

	for (int i = 0; i < n; i++) {
		char value[8], where[8], by[8];

		snprintf(value, sizeof value, "%u", (unsigned)(random_next(seed) % 4));
		snprintf(where, sizeof where, "A%u", (unsigned)(random_next(seed) % 4));
		snprintf(by, sizeof by, "%u", (unsigned)(random_next(seed) % 2));
		add(facts, names[random_next(seed) % 4], value, random_next(seed) % 2 ? by : NULL,
		    random_next(seed) % 3 ? where : NULL);
	}
}

/* before - removed + added = after, and swapped sides mirror */
Test(facts_diff, books_balance_and_sides_mirror)
{
	uint64_t seed = 7;

	for (int round = 0; round < 500; round++) {
		struct tally_facts_diff *d, *mirror = NULL;

		stop();
		start();
		add_random(&set[0], &seed, (int)(random_next(&seed) % 30));
		add_random(&set[1], &seed, (int)(random_next(&seed) % 30));
		d = diff_with(NULL);
		cr_assert_eq(tally_facts_diff(&mirror, &set[1], &set[0], NULL, NULL), TALLY_OK);
		cr_assert_eq(d->count, mirror->count);
		cr_assert_eq(d->count_count, mirror->count_count);
		for (size_t i = 0; i < d->count_count; i++) {
			const struct tally_fact_count *c = &d->counts[i], *m = &mirror->counts[i];

			cr_assert_eq(c->before - c->removed + c->added, c->after);
			cr_assert_eq(c->removed, m->added);
			cr_assert_eq(c->changed, m->changed);
			cr_assert_eq(c->moved, m->moved);
		}
		tally_facts_diff_free(d);
		tally_facts_diff_free(mirror);
	}
}

/* ---- addresses ---- */

/* Compares while the sheet Data goes from @old to @now, which has its header in row @header. */
static void expect_below(size_t header, const char *old, const char *now, const char *changes)
{
	struct tally_part *before = sheet_part("Data", old, true),
			  *after = sheet_part("Data", now, true);
	struct tally_table_options tables = TALLY_TABLE_OPTIONS_INIT;
	struct tally_facts_options options = TALLY_FACTS_OPTIONS_INIT;
	struct tally_other_sheet sheet = { .name = "Data" };
	struct tally_row_places *places = NULL;
	struct tally_table_diff *d = NULL;

	after->header_row = header;
	tables.keep_places = &places;
	cr_assert_eq(tally_table_diff(&d, before, after, &tables, NULL), TALLY_OK);
	sheet.places = places;
	options.sheets = &sheet;
	options.sheet_count = places != NULL;
	expect(&options, changes);
	tally_table_diff_free(d);
	tally_row_places_free(places);
	tally_part_free(before);
	tally_part_free(after);
}

static void expect_while(const char *old, const char *now, const char *changes)
{
	expect_below(0, old, now, changes);
}

#define FOUR     "id|v\na1|11\nb2|12\nc3|13\nd4|14\n"
#define INSERTED "id|v\nnew|9\na1|11\nb2|12\nc3|13\nd4|14\n"

/* One fact, before and after */
static void both(const char *name, const char *old, const char *old_where, const char *now,
                 const char *where)
{
	add(&set[0], name, old, NULL, old_where);
	add(&set[1], name, now, NULL, where);
}

Test(facts_diff, what_moved_along_with_its_cells_is_as_it_was)
{
	both("defined_name", "Data!$B$2", "rate", "Data!$B$3", "rate");
	both("defined_name", "Data!$A$1:$B$5", "Data!Print_Area", "Data!$A$1:$B$6",
	     "Data!Print_Area");
	both("defined_name", "Other!$B$2", "other", "Other!$B$2", "other");
	both("data_validation", "list \"B2\"", "Data!B2:B5", "list \"B2\"", "Data!B3:B6");
	both("data_validation", "list B2:B5", "Data!C2, C4:C1000", "list B3:B6", "Data!C3, C5:C1001");
	both("conditional_format", "formula B3>5", "Data!B3", "formula B4>5", "Data!B4");
	both("merged_cells", "1 by 2 cells", "Data!A4:B4", "1 by 2 cells", "Data!A5:B5");
	both("chart", "bar chart \u2018B2\u2019 of 'Data'!B2:B5", "Other!A1",
	     "bar chart \u2018B2\u2019 of 'Data'!B3:B6", "Other!A1");
	both("link", "#Data!B5", "Data!A5", "#Data!B6", "Data!A6");
	both("comment", "x", "Data!A2", "x", "Data!A3");
	both("table", "Data!A1:B5", "T", "Data!A1:B6", "T");
	both("hidden_rows", "3, 5", "Data", "4, 6", "Data");
	expect_while(FOUR, INSERTED, "");
}

Test(facts_diff, what_stayed_behind_is_of_other_cells)
{
	both("defined_name", "Data!$B$2", "rate", "Data!$B$2", "rate");
	both("data_validation", "list \"a\"", "Data!B2:B5", "list \"a\"", "Data!B2:B5");
	both("conditional_format", "formula B3>5", "Data!B3", "formula B3>5", "Data!B4");
	both("comment", "x", "Data!A2", "x", "Data!A2");
	both("hidden_rows", "3", "Data", "3", "Data");
	expect_while(FOUR, INSERTED,
	             "strayed hidden_rows 3@Data/ 3@Data/; strayed comment x@Data!A2/ x@Data!A2/; "
	             "strayed defined_name Data!$B$2@rate/ Data!$B$2@rate/; "
	             "strayed data_validation list \"a\"@Data!B2:B5/ list \"a\"@Data!B2:B5/; "
	             "strayed conditional_format formula B3>5@Data!B3/ formula B3>5@Data!B4/");
}

Test(facts_diff, what_nothing_was_inserted_above_stays)
{
	both("defined_name", "Data!$B$1", "head", "Data!$B$1", "head");
	both("defined_name", "Data!$A:$B", "all", "Data!$A:$B", "all");
	both("comment", "x", "Data!A1", "x", "Data!A1");
	both("chart", "bar chart of Other!B2:B5", "Data!D9", "bar chart of Other!B2:B5", "Data!D9");
	both("image", "png", "Data!D2", "png", "Data!D3");
	expect_while(FOUR, INSERTED, "");
}

Test(facts_diff, columns_that_came_move_addresses)
{
	both("defined_name", "Data!$B$2", "rate", "Data!$C$2", "rate");
	both("data_validation", "any value", "Data!B2:B5", "any value", "Data!C2:C5");
	both("comment", "x", "Data!B3", "x", "Data!B3");
	both("hidden_columns", "B", "Data", "C", "Data");
	expect_while(FOUR, "id|new|v\na1|x|11\nb2|y|12\nc3|z|13\nd4|w|14\n",
	             "strayed comment x@Data!B3/ x@Data!B3/");
}

Test(facts_diff, ends_that_were_deleted_are_shown)
{
	both("defined_name", "Data!$B$5", "last", "Data!#REF!", "last");
	both("defined_name", "Data!$A$2:$B$5", "all", "Data!$A$2:$B$4", "all");
	both("defined_name", "Data!$A$1:$B$5", "wide", "Data!$A$1:$B$5", "wide");
	both("defined_name", "Data!$B$5", "still", "Data!$B$5", "still");
	expect_while(FOUR, "id|v\na1|11\nb2|12\nc3|13\n",
	             "changed defined_name Data!$A$2:$B$5@all/ Data!$A$2:$B$4@all/; "
	             "changed defined_name Data!$B$5@last/ Data!#REF!@last/");
}

Test(facts_diff, a_row_that_was_deleted_lets_others_come_in_its_place)
{
	both("defined_name", "Data!$B$3", "rate", "Data!$B$3", "rate");
	both("defined_name", "Data!$B$4", "next", "Data!$B$3", "next");
	both("defined_name", "Data!$B$3", "gone", "Data!#REF!", "gone");
	expect_while(FOUR, "id|v\na1|11\nc3|13\nd4|14\n",
	             "changed defined_name Data!$B$3@gone/ Data!#REF!@gone/; "
	             "strayed defined_name Data!$B$3@rate/ Data!$B$3@rate/");
}

Test(facts_diff, a_row_that_was_cleared_is_in_its_place)
{
	both("defined_name", "Data!$B$3", "rate", "Data!$B$3", "rate");
	both("comment", "x", "Data!A5", "x", "Data!A5");
	expect_while(FOUR, "id|v\na1|11\n|\nc3|13\nd4|14\n", "");
}

Test(facts_diff, another_header_moves_nothing)
{
	both("merged_cells", "3 by 1 cells", "Data!A2:A4", "3 by 1 cells", "Data!A2:A4");
	both("defined_name", "Data!$A$2", "rate", "Data!$A$2", "rate");
	expect_below(1, "Row||Not\nColumn|Chunk\n", "Row||\nColumn|Chunk\n", "");
}

Test(facts_diff, a_column_in_the_place_of_another_keeps_its_addresses)
{
	both("defined_name", "Data!$B$3", "rate", "Data!$B$3", "rate");
	expect_while("id|v|w\na1|11|x\nb2|12|y\nc3|13|z\nd4|14|u\n",
	             "id|other|w\na1|yes|x\nb2|no|y\nc3|maybe|z\nd4|yes|u\n", "");
}

Test(facts_diff, an_area_that_lost_rows_may_reach_over_blank_ones)
{
	both("chart", "bar chart of Data!B2:B5", "Other!A1", "bar chart of Data!B2:B5", "Other!A1");
	both("chart", "bar chart of Data!B2:B4", "Other!A9", "bar chart of Data!B2:B4", "Other!A9");
	expect_while(
		FOUR, "id|v\na1|11\nc3|13\nd4|14\n",
		"strayed chart bar chart of Data!B2:B4@Other!A9/ bar chart of Data!B2:B4@Other!A9/");
}

Test(facts_diff, sorted_rows_take_no_areas_along)
{
	both("data_validation", "any value", "Data!B2:B5", "any value", "Data!B2:B5");
	both("comment", "x", "Data!A2", "x", "Data!A5");
	expect_while(FOUR, "id|v\nd4|14\nc3|13\nb2|12\na1|11\n", "");
}

Test(facts_diff, a_row_in_the_place_of_another_keeps_its_addresses)
{
	both("defined_name", "Data!$B$3", "rate", "Data!$B$3", "rate");
	both("comment", "x", "Data!A5", "x", "Data!A5");
	expect_while(FOUR, "id|v\na1|11\nother|99\nc3|13\nd4|14\n", "");
}

/* "red.png" and "red.jpg" are one picture */
static const char *stem(const void *unused, const struct tally_fact *fact, bool after)
{
	static char texts[8][20];
	static unsigned n;
	char *out = texts[n++ % 8];

	(void)unused;
	(void)after;
	if (!strchr(fact->value, '.'))
		return NULL;
	snprintf(out, sizeof texts[0], "%.*s", (int)strcspn(fact->value, "."), fact->value);
	return out;
}

Test(facts_diff, what_is_alike_is_one_thing_where_it_is_or_elsewhere)
{
	struct tally_facts_options options = TALLY_FACTS_OPTIONS_INIT;
	struct tally_facts_diff *d;

	options.alike = stem;
	add(&set[0], "image", "red.png", NULL, "page 1");
	add(&set[0], "image", "blue.png", NULL, "page 1");
	add(&set[0], "image", "green.png", NULL, "page 3");
	add(&set[1], "image", "blue.jpg", NULL, "page 1");
	add(&set[1], "image", "white.jpg", NULL, "page 1");
	add(&set[1], "image", "red.gif", NULL, "page 2");
	expect(&options, "changed image blue.png@page 1/ blue.jpg@page 1/; "
	                 "added image - white.jpg@page 1/; "
	                 "changed image red.png@page 1/ red.gif@page 2/; "
	                 "removed image green.png@page 3/ -");
	d = diff_with(&options);
	cr_expect(!d->changes[0].elsewhere && !d->changes[1].elsewhere && d->changes[2].elsewhere);
	tally_facts_diff_free(d);
}

Test(facts_diff, every_failed_allocation_is_reported)
{
	const struct tally_fact_rename renames[] = { { "Old", "New" } };
	struct tally_facts_options options = TALLY_FACTS_OPTIONS_INIT;

	options.renames = renames;
	options.rename_count = 1;
	add(&set[0], "comment", "a", NULL, "Old!A1");
	add(&set[1], "comment", "b", NULL, "New!A2");
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_facts_diff *d = NULL;
		enum tally_status st = tally_facts_diff(&d, &set[0], &set[1], &options, NULL);

		cr_assert_eq(st, faults_fired(&f) ? TALLY_FATAL : TALLY_OK);
		tally_facts_diff_free(d);
	}
}

Test(facts_diff, every_failed_allocation_is_reported_with_addresses_too)
{
	struct tally_part *before = sheet_part("Data", FOUR, true),
			  *after = sheet_part("Data", INSERTED, true);
	struct tally_table_options tables = TALLY_TABLE_OPTIONS_INIT;
	struct tally_facts_options options = TALLY_FACTS_OPTIONS_INIT;
	struct tally_other_sheet sheet = { .name = "Data" };
	struct tally_row_places *places = NULL;
	struct tally_table_diff *d = NULL;

	tables.keep_places = &places;
	cr_assert_eq(tally_table_diff(&d, before, after, &tables, NULL), TALLY_OK);
	sheet.places = places;
	options.sheets = &sheet;
	options.sheet_count = 1;
	both("defined_name", "Data!$B$2", "rate", "Data!$B$2", "rate");
	both("comment", "x", "Data!A2", "x", "Data!A3");
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_facts_diff *facts = NULL;
		enum tally_status st = tally_facts_diff(&facts, &set[0], &set[1], &options, NULL);

		cr_assert_eq(st, faults_fired(&f) ? TALLY_FATAL : TALLY_OK);
		tally_facts_diff_free(facts);
	}
	tally_table_diff_free(d);
	tally_row_places_free(places);
	tally_part_free(before);
	tally_part_free(after);
}
