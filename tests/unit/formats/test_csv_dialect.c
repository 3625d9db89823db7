/* Dialects: which delimiter splits a text evenly into cells that look like cells. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/csv_dialect.h"

static struct tally_csv_dialect find_in(const char *text, size_t len)
{
	struct tally_csv_dialect d;

	tally_csv_dialect_find(&d, text, len, NULL);
	return d;
}

/*
 *	text                                    delimiter  columns
 *	decimal commas between semicolons       ;          as many as there are semicolons, and one
 *	a comma in names between other ones     the other
 *	delimiters inside quotes                do not count
 *	title lines, blank lines, a ragged row  do not change the rest
 *	one column                              none
 */
Test(csv_dialect, delimiters)
{
	static const struct {
		const char *text;
		char delimiter;
		size_t columns;
	} cases[] = {
		{ "a,b,c\n1,2,3\n4,5,6\n", ',', 3 },
		{ "1,5;2,5\n3,5;4,5\n", ';', 2 },
		{ "x;1,5;2,5\ny;3,5;4,5\n", ';', 3 },
		{ "a;b;c;d\n1,1;2,2;3,3;4,4\n5,1;6,2;7,3;8,4\n", ';', 4 },
		{ "name|n\nSmith, John|1\nDoe, Jane|2\n", '|', 2 },
		{ "when\twhat\n2024-01-01 10:00:00\ta, b; c\n2024-01-02 11:00:00\td, e; f\n", '\t',
		  2 },
		{ "\"a;b\",\"c;d\"\n\"e;f;g\",\"h\"\n", ',', 2 },
		{ "\"x\ny,z\",1\n\"a\",2\n", ',', 2 },
		{ "Title\n\nid,n\n1,a\n2,b\n3,c\n", ',', 2 },
		{ "id,n\n1,a\n2,b,c\n3,d\n", ',', 2 },
		{ "a,b\r\n1,2\r\n", ',', 2 },
		{ "name\nAnn\nBob\n", 0, 1 },
		{ "x", 0, 1 },
		{ "a,b", ',', 2 },
		{ "", 0, 0 },
		{ "\n\n\n", 0, 0 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tally_csv_dialect d = find_in(cases[i].text, strlen(cases[i].text));

		cr_assert_eq(d.form.delimiter, cases[i].delimiter, "case %zu: %d", i,
		             d.form.delimiter);
		cr_assert_eq(d.columns, cases[i].columns, "case %zu: %zu columns", i, d.columns);
	}
}

Test(csv_dialect, lone_carriage_returns_end_lines_where_nothing_else_does)
{
	cr_assert(find_in("a,b\r1,2\r", 8).form.cr_ends);
	cr_assert_not(find_in("a,b\r\n1,2\r\n", 10).form.cr_ends);
	cr_assert_not(find_in("a,b\n1,2 \r 3\n4,5\n", 16).form.cr_ends);
	cr_assert(find_in("a,b\r1,2\r3,4\n5,6\n7,8\n", 20).form.cr_ends);
}

Test(csv_dialect, apostrophes_are_no_quotes)
{
	cr_assert_eq(find_in("'a','b'\n'1','2'\n", 16).form.quote, '\'');
	cr_assert_eq(find_in("a,b\n'tis,1\nit's,2\ndogs',3\n", 26).form.quote, '"');
	cr_assert_eq(find_in("'a',\"b\"\n'1',\"2\"\n'3',\"4\"\n", 24).form.quote, '"');
}

Test(csv_dialect, lines_that_merely_end_in_a_delimiter_are_hollow)
{
	cr_assert(find_in("int a;\nint b;\n", 14).hollow);
	cr_assert_not(find_in("a;b;\n1;2;\n", 10).hollow);
}

/* The beginning may mislead: samples are taken from the middle and the end too. */
Test(csv_dialect, long_files_are_looked_at_in_three_places)
{
	size_t len = 0, cap = 1 << 20;
	char *text = malloc(cap);
	struct tally_csv_dialect d;

	cr_assert_not_null(text);
	while (len < 20000)
		len += (size_t)sprintf(text + len, "# a comment of a kind\n");
	while (len < cap - 100)
		len += (size_t)sprintf(text + len, "%zu;%zu;\"a\nb\";x\n", len, len * 7 % 1000);
	d = find_in(text, len);
	cr_assert_eq(d.form.delimiter, ';');
	cr_assert_eq(d.columns, 4);
	free(text);
}

/* Cells larger than a sample: what is in them is not taken for records. */
Test(csv_dialect, enormous_cells_are_passed_over)
{
	size_t len = 0, cap = 4 << 20;
	char *text = malloc(cap);
	struct tally_csv_dialect d;

	cr_assert_not_null(text);
	for (int row = 0; row < 20; row++) {
		len += (size_t)sprintf(text + len, "%d,\"", row);
		for (int line = 0; line < 1500; line++)
			len += (size_t)sprintf(text + len, "one, two; three, four, five; %d, and\n",
			                       line);
		len += (size_t)sprintf(text + len, "\"\n");
	}
	d = find_in(text, len);
	cr_assert_eq(d.form.delimiter, ',');
	cr_assert_eq(d.columns, 2);
	free(text);
}

Test(csv_dialect, lines_longer_than_a_sample)
{
	size_t len = 0, cap = 4 << 20;
	char *text = malloc(cap);
	struct tally_csv_dialect d;

	cr_assert_not_null(text);
	for (int row = 0; row < 4; row++) {
		for (int column = 0; column < 12000; column++)
			len += (size_t)sprintf(text + len, "%d;", row * column);
		len += (size_t)sprintf(text + len, "x\n");
	}
	d = find_in(text, len);
	cr_assert_eq(d.form.delimiter, ';');
	cr_assert_eq(d.columns, 12001);
	free(text);
}

Test(csv_dialect, one_enormous_line_is_cheap, .timeout = 60)
{
	size_t len = 64 << 20;
	char *text = malloc(len);

	cr_assert_not_null(text);
	memset(text, ',', len);
	for (int i = 0; i < 10; i++)
		find_in(text, len);
	memset(text, '"', len);
	for (int i = 0; i < 10; i++)
		find_in(text, len);
	free(text);
}
