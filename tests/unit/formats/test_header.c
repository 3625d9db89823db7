/* Headers: which row names the columns. Rows are given as words, one string a row. */
#include <criterion/criterion.h>
#include <string.h>

#include "formats/header.h"
#include "support/faults.h"

static struct tally_part *table(const char *const *rows, size_t *widest)
{
	struct tally_table_builder *b;
	struct tally_part *part;

	cr_assert_eq(tally_table_builder_new(&b, "", "test", 1 << 20, NULL), TALLY_OK);
	for (; *rows; rows++) {
		const char *at = *rows;

		for (;;) {
			size_t len = strcspn(at, "|");
			struct tally_cell cell = { .value = at, .value_len = (uint32_t)len };

			cell.kind = *at == '#' ? TALLY_CELL_ERROR : TALLY_CELL_TEXT;
			cr_assert_eq(tally_table_builder_cell(b, &cell, NULL), TALLY_OK);
			if (!at[len])
				break;
			at += len + 1;
		}
		cr_assert_eq(tally_table_builder_row(b, 1, NULL), TALLY_OK);
	}
	cr_assert_eq(tally_table_builder_finish(b, &part, NULL), TALLY_OK);
	tally_table_builder_free(b);
	*widest = part->columns;
	return part;
}

static bool guessed;

static size_t header_of(const char *const *rows)
{
	size_t columns, header;
	struct tally_part *part = table(rows, &columns);

	cr_assert_eq(tally_find_header(part, columns, &header, &guessed, NULL), TALLY_OK);
	tally_part_free(part);
	return header;
}

#define ROWS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define NONE      TALLY_NO_HEADER

Test(header, names_above_data)
{
	cr_assert_eq(header_of(ROWS("id|name", "1|Ann", "2|Bob")), 0);
	cr_assert_eq(header_of(ROWS("name|city", "Ann|Rome", "Bob|Oslo")), 0);
	cr_assert_eq(header_of(ROWS("date|value", "2024-01-01|x", "2024-01-02|y")), 0);
	cr_assert_eq(header_of(ROWS("name", "Ann", "Bob")), 0);
	cr_assert_eq(header_of(ROWS("a|b")), 0);
}

Test(header, an_error_is_no_name)
{
	cr_assert_eq(header_of(ROWS("#REF!")), NONE);
	cr_assert_eq(header_of(ROWS("#REF!", "Ann", "Bob")), NONE);
	cr_assert_eq(header_of(ROWS("id|#REF!|name", "1|2|Ann", "2|3|Bob")), 0);
}

Test(header, names_that_only_look_like_names_are_guessed)
{
	cr_assert_eq(header_of(ROWS("name|city", "Ann|Rome", "Bob|Oslo")), 0);
	cr_assert(guessed, "words above words");
	cr_assert_eq(header_of(ROWS("id|name", "1|Ann", "2|Bob")), 0);
	cr_assert_not(guessed, "a word above numbers");
	cr_assert_eq(header_of(ROWS("1|2|3", "4|5|6")), NONE);
	cr_assert_not(guessed);
	cr_assert_eq(header_of(ROWS("a|b")), 0);
	cr_assert_not(guessed, "nothing below it that could be taken for something else");
}

Test(header, data_from_the_first_row)
{
	cr_assert_eq(header_of(ROWS("1|2|3", "4|5|6")), NONE);
	cr_assert_eq(header_of(ROWS("Ann|34|1.5", "Bob|41|2.5")), NONE);
	cr_assert_eq(header_of(ROWS("2024-01-01|a", "2024-01-02|b")), NONE);
	cr_assert_eq(header_of(ROWS("AB-1001|x", "AB-1002|y", "AB-1003|x")), NONE);
	cr_assert_eq(header_of(ROWS("yes|red", "no|blue", "yes|red", "yes|red")), NONE);
	cr_assert_eq(header_of(ROWS("5")), NONE);
}

Test(header, title_rows_are_passed_over)
{
	cr_assert_eq(header_of(ROWS("Report", "2024", "id|name|n", "1|Ann|5", "2|Bob|6")), 2);
	cr_assert_eq(header_of(ROWS("Report||", "||", "id|name|n", "1|Ann|5", "2|Bob|6")), 2);
	cr_assert_eq(header_of(ROWS("Report||", "1|2|5", "2|3|6")), NONE);
}

Test(header, years_and_missing_names_may_be_in_it)
{
	cr_assert_eq(header_of(ROWS("country|2019|2020", "Italy|59.7|59.4", "Oslo|0.7|0.7")), 0);
	cr_assert_eq(header_of(ROWS("|a|b", "0|1|2", "1|3|4")), 0);
	cr_assert_eq(header_of(ROWS("a|a|b", "1|3|2", "1|3|4")), 0);
	cr_assert_eq(header_of(ROWS("id|100|101", "x|yes|no", "y|no|yes")), 0);
	cr_assert_eq(header_of(ROWS("A|B|B", "a|b|c")), 0);
}

Test(header, no_rows_have_none)
{
	const char *const nothing[] = { NULL };

	cr_assert_eq(header_of(nothing), NONE);
	cr_assert_eq(header_of(ROWS("")), NONE);
}
