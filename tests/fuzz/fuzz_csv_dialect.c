/*
 * Any bytes as a CSV file: probe, dialect, header, problems, cells of every row. Read with one thread and with several, and
 * again with what the first reading found as a wish: all agree.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/csv_dialect.h"
#include "formats/format.h"
#include "support/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum tally_status take(void *payload, struct tally_part *part, struct tally_err *err)
{
	struct tally_part **out = payload;

	(void)err;
	CHECK(!*out);
	*out = part;
	return TALLY_OK;
}

static struct tally_part *read_part(const uint8_t *data, size_t size,
                                    const struct tally_read_options *options)
{
	struct tally_part *part = NULL;
	struct tally_sink sink = { .payload = &part, .part = take };
	struct tally_source *src;
	struct tally_err err;
	enum tally_status st;

	CHECK(tally_source_memory(&src, data, size, &err) == TALLY_OK);
	st = tally_format_by_name("csv")->read(src, options, &sink, &err);
	CHECK(st == TALLY_OK || st == TALLY_PARTIAL);
	CHECK(part);
	tally_source_free(src);
	return part;
}

static const char *property(const struct tally_part *part, const char *name)
{
	for (size_t i = 0; i < part->property_count; i++)
		if (!strcmp(part->properties[i].name, name))
			return part->properties[i].value;
	abort();
}

static void check_row(const struct tally_part *part, size_t row)
{
	struct tally_arena scratch = TALLY_ARENA_INIT;
	struct tally_cell cells[8];
	size_t count = 0, sum = 0;

	CHECK(part->ops->cells(part, row, &scratch, cells, 8, &count, NULL) >= TALLY_PARTIAL);
	CHECK(count >= 1 && count <= part->columns);
	for (size_t i = 0; i < count && i < 8; i++)
		for (uint32_t j = 0; j < cells[i].value_len; j++)
			sum += (unsigned char)cells[i].value[j];
	CHECK(sum < SIZE_MAX);
	tally_arena_release(&scratch);
}

static void check_part(const struct tally_part *part)
{
	CHECK(part->header_row == TALLY_NO_HEADER || part->header_row < part->row_count);
	CHECK(part->sure_rows <= part->row_count);
	for (size_t i = 0; i < part->problem_count; i++) {
		CHECK(part->problems[i].count > 0);
		CHECK(part->problems[i].row >= 1 && part->problems[i].row <= part->row_count);
		CHECK(part->problems[i].count <= part->row_count + part->columns);
	}
	for (size_t i = 0; i < part->row_count; i++)
		check_row(part, i);
}

static void check_same(const struct tally_part *a, const struct tally_part *b)
{
	CHECK(a->row_count == b->row_count && a->columns == b->columns);
	CHECK(a->header_row == b->header_row && a->sure_rows == b->sure_rows);
	CHECK(!a->row_count || !memcmp(a->rows, b->rows, a->row_count * sizeof *a->rows));
	CHECK(a->problem_count == b->problem_count && a->property_count == b->property_count);
	for (size_t i = 0; i < a->property_count; i++)
		CHECK(!strcmp(a->properties[i].value, b->properties[i].value));
}

/* what one side says is a wish for the other */
static void wish_for_same(struct tally_read_options *options, const struct tally_part *part)
{
	const char *delimiter = property(part, "delimiter");

	options->prefer_encoding = true;
	options->encoding = property(part, "encoding");
	options->delimiter = !strcmp(delimiter, "tab") ? '\t'
	                     : strlen(delimiter) == 1  ? delimiter[0]
	                                               : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_csv_dialect dialect;
	struct tally_part *first, *other;

	CHECK(tally_format_by_name("csv")->probe(data, size, size, "x.csv") >= 0);
	CHECK(tally_format_by_name("tsv")->probe(data, size, size, "") >= 0);
	tally_csv_dialect_find(&dialect, (const char *)data, size, NULL);
	CHECK(dialect.score >= 0 && dialect.score <= 1);
	CHECK(dialect.evenness >= 0 && dialect.evenness <= 1);
	options.threads = 1;
	first = read_part(data, size, &options);
	check_part(first);
	options.threads = 4;
	wish_for_same(&options, first);
	other = read_part(data, size, &options);
	check_same(first, other);
	tally_part_free(other);
	tally_part_free(first);
	return 0;
}
