/* Rows paired by hash are compared by their bytes, in order or window by window: both give the same. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "diff/table_diff.h"

enum {
	ROWS = 30000,
	STEP = 12347, /* shares no factor with ROWS */
	EVERY = 1000, /* row is edited */
	EDITED = ROWS / EVERY,
};

static void push(struct tally_table_builder *b, const char *value)
{
	const struct tally_cell cell = { .value = value, .value_len = (uint32_t)strlen(value) };

	cr_assert_eq(tally_table_builder_cell(b, &cell, NULL), TALLY_OK);
}

static struct tally_part *table(bool shuffled)
{
	struct tally_table_builder *b = NULL;
	struct tally_part *part = NULL;

	cr_assert_eq(tally_table_builder_new(&b, "", "test", 64 << 20, NULL), TALLY_OK);
	for (uint32_t i = 0; i < ROWS; i++) {
		char text[64];
		uint32_t n = shuffled ? (uint32_t)((uint64_t)i * STEP % ROWS) : i;

		snprintf(text, sizeof text, "%u", n);
		push(b, text);
		snprintf(text, sizeof text, "some %s text to fill the row %u",
		         shuffled && n % EVERY == 0 ? "other" : "common", n % 97);
		push(b, text);
		cr_assert_eq(tally_table_builder_row(b, 1, NULL), TALLY_OK);
	}
	cr_assert_eq(tally_table_builder_finish(b, &part, NULL), TALLY_OK);
	tally_table_builder_free(b);
	return part;
}

/* @near  as if so many bytes of each side could be in memory. Edited rows have the hashes of those that they were. */
static struct tally_table_rows compare(uint64_t near)
{
	struct tally_part *before = table(false), *after = table(true);
	struct tally_table_options options = TALLY_TABLE_OPTIONS_INIT;
	struct tally_table_diff *d = NULL;
	struct tally_table_rows rows;

	before->near = after->near = near;
	options.threads = 2;
	for (size_t i = 0; i < ROWS; i++)
		after->rows[i].hash = before->rows[i * STEP % ROWS].hash;
	cr_assert_eq(tally_table_diff(&d, before, after, &options, NULL), TALLY_OK);
	rows = d->rows;
	tally_table_diff_free(d);
	tally_part_free(before);
	tally_part_free(after);
	return rows;
}

Test(table_verify, prepared_hashes_hide_no_edit)
{
	struct tally_table_rows rows = compare(0);

	cr_assert_eq(rows.edited, EDITED, "%llu", (unsigned long long)rows.edited);
	cr_assert_eq(rows.same, ROWS - EDITED);
	cr_assert(!rows.added && !rows.deleted);
}

Test(table_verify, window_by_window_is_as_good)
{
	struct tally_table_rows whole = compare(0);

	for (uint64_t near = 1; near < 8 << 20; near *= 16) {
		struct tally_table_rows rows = compare(near);

		cr_assert_arr_eq(&rows, &whole, sizeof rows, "%llu bytes", (unsigned long long)near);
	}
}
