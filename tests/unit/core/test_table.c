/* Parts of tables: packing and unpacking of cells, repeated rows, ceilings, properties, problems. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/table.h"
#include "support/faults.h"

static struct tally_cell text_cell(const char *value)
{
	return (struct tally_cell){ .value = value, .value_len = (uint32_t)strlen(value) };
}

static void push(struct tally_table_builder *b, const char *value)
{
	struct tally_cell cell = text_cell(value);

	cr_assert_eq(tally_table_builder_cell(b, &cell, NULL), TALLY_OK);
}

static struct tally_table_builder *begin(uint64_t max)
{
	struct tally_table_builder *b = NULL;

	cr_assert_eq(tally_table_builder_new(&b, "Sheet1", "test", max, NULL), TALLY_OK);
	return b;
}

static struct tally_part *finish(struct tally_table_builder *b)
{
	struct tally_part *part = NULL;

	cr_assert_eq(tally_table_builder_finish(b, &part, NULL), TALLY_OK);
	tally_table_builder_free(b);
	return part;
}

static size_t cells_of(const struct tally_part *part, size_t row, struct tally_cell *cells, size_t cap)
{
	size_t count = 0;

	cr_assert_eq(part->ops->cells(part, row, NULL, cells, cap, &count, NULL), TALLY_OK);
	return count;
}

static void expect_text(const char *text, uint32_t len, const char *want)
{
	cr_assert_eq(len, strlen(want));
	cr_assert_arr_eq(text, want, len);
}

Test(table, cells_come_back_as_they_went_in)
{
	struct tally_table_builder *b = begin(1 << 20);
	struct tally_cell in = { .value = "12",
		                 .value_len = 2,
		                 .formula = "R[-1]C+1",
		                 .formula_len = 8,
		                 .format = "0.00",
		                 .format_len = 4,
		                 .kind = TALLY_CELL_NUMBER,
		                 .cached = TALLY_CACHED_STALE,
		                 .quoted = true,
		                 .bad_bytes = true };
	struct tally_cell out[3];
	struct tally_part *part;

	cr_assert_eq(tally_table_builder_cell(b, &in, NULL), TALLY_OK);
	in = (struct tally_cell){ .kind = TALLY_CELL_EMPTY };
	cr_assert_eq(tally_table_builder_cell(b, &in, NULL), TALLY_OK);
	cr_assert_eq(tally_table_builder_row(b, 1, NULL), TALLY_OK);
	part = finish(b);
	cr_assert_str_eq(part->name, "Sheet1");
	cr_assert_eq(part->columns, 2);
	cr_assert_eq(part->header_row, TALLY_NO_HEADER);
	cr_assert_eq(part->sure_rows, 1);
	cr_assert_eq(cells_of(part, 0, out, 3), 2);
	expect_text(out[0].value, out[0].value_len, "12");
	expect_text(out[0].formula, out[0].formula_len, "R[-1]C+1");
	expect_text(out[0].format, out[0].format_len, "0.00");
	cr_assert_eq(out[0].kind, TALLY_CELL_NUMBER);
	cr_assert_eq(out[0].cached, TALLY_CACHED_STALE);
	cr_assert(out[0].quoted && out[0].bad_bytes);
	cr_assert_eq(out[1].kind, TALLY_CELL_EMPTY);
	cr_assert_null(out[1].formula);
	cr_assert_eq(out[1].value_len, 0);
	tally_part_free(part);
}

Test(table, borders_between_cells_tell_rows_apart)
{
	struct tally_table_builder *b = begin(1 << 20);
	struct tally_part *part;

	push(b, "ab"), push(b, "c");
	cr_assert_eq(tally_table_builder_row(b, 1, NULL), TALLY_OK);
	push(b, "a"), push(b, "bc");
	cr_assert_eq(tally_table_builder_row(b, 1, NULL), TALLY_OK);
	push(b, "ab"), push(b, "c");
	cr_assert_eq(tally_table_builder_row(b, 1, NULL), TALLY_OK);
	part = finish(b);
	cr_assert_neq(part->rows[0].hash, part->rows[1].hash);
	cr_assert_eq(part->rows[0].hash, part->rows[2].hash);
	tally_part_free(part);
}

Test(table, repeated_rows_share_their_bytes)
{
	struct tally_table_builder *b = begin(64 << 20);
	struct tally_cell out[1];
	const char *first, *last;
	size_t len;
	struct tally_part *part;

	push(b, "x");
	cr_assert_eq(tally_table_builder_row(b, 1000000, NULL), TALLY_OK);
	part = finish(b);
	cr_assert_eq(part->row_count, 1000000);
	part->ops->raw(part, 0, &first, &len);
	part->ops->raw(part, 999999, &last, &len);
	cr_assert_eq(first, last);
	cr_assert_eq(cells_of(part, 999999, out, 1), 1);
	expect_text(out[0].value, out[0].value_len, "x");
	tally_part_free(part);
}

Test(table, a_bomb_of_repeated_rows_is_refused)
{
	struct tally_table_builder *b = begin(1 << 20);
	struct tally_err err = { 0 };

	push(b, "x");
	cr_assert_eq(tally_table_builder_row(b, 999999999, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_TOO_LARGE);
	cr_assert_eq(tally_table_builder_row(b, UINT64_MAX, &err), TALLY_SKIP);
	tally_table_builder_free(b);
}

Test(table, cells_beyond_the_ceiling_are_refused)
{
	struct tally_table_builder *b = begin(100);
	struct tally_cell cell = text_cell("0123456789012345678901234567890123456789");
	struct tally_err err = { 0 };

	cr_assert_eq(tally_table_builder_cell(b, &cell, &err), TALLY_OK);
	cr_assert_eq(tally_table_builder_row(b, 1, &err), TALLY_OK);
	cr_assert_eq(tally_table_builder_cell(b, &cell, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_TOO_LARGE);
	tally_table_builder_free(b);
}

Test(table, more_cells_than_room_are_counted)
{
	struct tally_table_builder *b = begin(1 << 20);
	struct tally_cell out[2];
	struct tally_part *part;

	push(b, "a"), push(b, "b"), push(b, "c");
	cr_assert_eq(tally_table_builder_row(b, 1, NULL), TALLY_OK);
	part = finish(b);
	cr_assert_eq(cells_of(part, 0, out, 2), 3);
	expect_text(out[1].value, out[1].value_len, "b");
	tally_part_free(part);
}

Test(table, no_rows_are_a_table_too)
{
	struct tally_part *part = finish(begin(10));

	cr_assert_eq(part->row_count, 0);
	cr_assert_eq(part->columns, 0);
	tally_part_free(part);
	tally_part_free(NULL);
}

Test(table, problems_count_up_and_keep_the_first)
{
	struct tally_part *part = finish(begin(10));

	cr_assert_eq(tally_part_problem(part, "ragged_row", 7, "3 cells", NULL), TALLY_OK);
	cr_assert_eq(tally_part_problem(part, "nul", 8, NULL, NULL), TALLY_OK);
	cr_assert_eq(tally_part_problem(part, "ragged_row", 9, "4 cells", NULL), TALLY_OK);
	cr_assert_eq(part->problem_count, 2);
	cr_assert_eq(part->problems[0].row, 7);
	cr_assert_eq(part->problems[0].count, 2);
	cr_assert_str_eq(part->problems[0].detail, "3 cells");
	cr_assert_null(part->problems[1].detail);
	tally_part_free(part);
}

Test(table, a_property_has_one_value)
{
	struct tally_part *part = finish(begin(10));

	cr_assert_eq(tally_part_property(part, "delimiter", ",", NULL), TALLY_OK);
	cr_assert_eq(tally_part_property(part, "bom", "no", NULL), TALLY_OK);
	cr_assert_eq(tally_part_property(part, "delimiter", ";", NULL), TALLY_OK);
	cr_assert_eq(part->property_count, 2);
	cr_assert_str_eq(part->properties[0].value, ";");
	tally_part_free(part);
}

static enum tally_status build_one(struct tally_part **out, struct tally_err *err)
{
	struct tally_table_builder *b = NULL;
	struct tally_cell cell = text_cell("value");
	enum tally_status st = tally_table_builder_new(&b, "name", "test", 1 << 20, err);

	for (int i = 0; st == TALLY_OK && i < 50; i++) {
		st = tally_table_builder_cell(b, &cell, err);
		if (st == TALLY_OK)
			st = tally_table_builder_row(b, 10, err);
	}
	if (st == TALLY_OK)
		st = tally_table_builder_finish(b, out, err);
	if (st == TALLY_OK)
		st = tally_part_property(*out, "delimiter", ",", err);
	if (st == TALLY_OK)
		st = tally_part_problem(*out, "nul", 1, "detail", err);
	tally_table_builder_free(b);
	return st;
}

Test(table, every_failed_allocation_is_reported)
{
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_part *part = NULL;
		enum tally_status st = build_one(&part, NULL);

		if (faults_fired(&f))
			cr_assert_eq(st, TALLY_FATAL, "allocation %ld", f.nth);
		else
			cr_assert_eq(part->row_count, 500);
		tally_part_free(part);
	}
}

Test(table, many_packed_rows_lie_in_the_scratch_file)
{
	const unsigned count = 700000;
	FILE *file = tmpfile();
	struct tally_table_builder *b = begin(UINT64_C(1) << 32);
	struct tally_scratch *scratch = NULL;
	struct tally_part *part;

	cr_assert(file);
	cr_assert_eq(tally_scratch_new(&scratch, fileno(file), UINT64_C(1) << 32, NULL), TALLY_OK);
	tally_table_builder_scratch(b, scratch);
	for (unsigned i = 0; i < count; i++) {
		char value[32];

		snprintf(value, sizeof value, "a value to remember %u", i);
		push(b, value);
		cr_assert_eq(tally_table_builder_row(b, 1, NULL), TALLY_OK);
	}
	part = finish(b);
	cr_assert_neq(part->near, 0);
	for (unsigned i = 0; i < count; i += 999) {
		struct tally_cell cell;
		char value[32];

		snprintf(value, sizeof value, "a value to remember %u", i);
		cr_assert_eq(cells_of(part, i, &cell, 1), 1);
		expect_text(cell.value, cell.value_len, value);
	}
	tally_part_free(part);
	tally_scratch_free(scratch);
	fclose(file);
}
