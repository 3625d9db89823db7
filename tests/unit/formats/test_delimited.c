/* CSV and TSV as tables: what is read, what is said about the file, what is said to be wrong with it. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/mem.h"
#include "formats/csv_records.h"
#include "support/faults.h"
#include "support/scratch.h"
#include "support/table_sink.h"

static struct table_sink read_bytes(const char *bytes, size_t len)
{
	return table_read(tally_format_by_name("csv"), bytes, len, NULL);
}

static struct table_sink read_text(const char *text)
{
	return read_bytes(text, strlen(text));
}

static void expect_property(const struct table_sink *t, const char *name, const char *want)
{
	cr_assert_str_eq(table_property(t, name), want, "%s is %s, not %s", name,
	                 table_property(t, name), want);
}

static void expect_problem(const struct table_sink *t, const char *what, uint64_t row, uint64_t count)
{
	const struct tally_problem *p = table_problem(t, what);

	cr_assert_not_null(p, "%s is not said", what);
	cr_assert_eq(p->row, row, "%s in row %llu", what, (unsigned long long)p->row);
	cr_assert_eq(p->count, count, "%s %llu times", what, (unsigned long long)p->count);
}

Test(delimited, a_plain_file)
{
	struct table_sink t = read_text("id,name\n1,Ann\n2,Bob\n");

	cr_assert_eq(t.status, TALLY_OK);
	cr_assert_eq(t.parts, 1);
	cr_assert_str_eq(t.part->format, "csv");
	cr_assert_str_eq(t.part->name, "");
	cr_assert_eq(t.part->row_count, 3);
	cr_assert_eq(t.part->sure_rows, 3);
	cr_assert_eq(t.part->columns, 2);
	cr_assert_eq(t.part->header_row, 0);
	cr_assert_eq(t.part->problem_count, 0);
	cr_assert(t.part->quotes_tell);
	cr_assert_str_eq(table_row(&t, 2), "[2][Bob]");
	expect_property(&t, "encoding", "utf-8");
	expect_property(&t, "bom", "no");
	expect_property(&t, "delimiter", ",");
	expect_property(&t, "quoting", "none");
	expect_property(&t, "line_endings", "LF");
	expect_property(&t, "final_newline", "yes");
	expect_property(&t, "header_row", "1");
	table_release(&t);
}

Test(delimited, borders_of_cells_are_seen)
{
	struct table_sink a = read_text("x,y\n\"a,b\",c\n"), b = read_text("x,y\na,\"b,c\"\n");

	cr_assert_str_eq(table_row(&a, 1), "<a,b>[c]");
	cr_assert_str_eq(table_row(&b, 1), "[a]<b,c>");
	table_release(&a);
	table_release(&b);
}

Test(delimited, duplicate_names_are_said)
{
	struct table_sink t = read_text("id,n,n,n,m\n1,2,3,4,5\n");

	expect_problem(&t, "duplicate_header", 1, 2);
	cr_assert_str_eq(table_row(&t, 1), "[1][2][3][4][5]");
	table_release(&t);
}

Test(delimited, title_rows_stand_above_the_header)
{
	struct table_sink t = read_text(
		"Sales 2024\nall regions\nid,name,amount\n1,a,2.5\n2,b,3.5\n3,c,4\n");

	cr_assert_eq(t.part->header_row, 2);
	expect_property(&t, "header_row", "3");
	cr_assert_eq(t.part->row_count, 6);
	cr_assert_null(table_problem(&t, "ragged_row"), "title lines are not ragged rows");
	table_release(&t);
	t = read_text("Sales,,\n,,\nid,name,amount\n1,a,2.5\n2,b\n");
	cr_assert_eq(t.part->header_row, 2);
	expect_problem(&t, "ragged_row", 5, 1);
	table_release(&t);
}

Test(delimited, numbers_have_no_header)
{
	struct table_sink t = read_text("1,2,3\n4,5,6\n7,8,9\n");

	cr_assert_eq(t.part->header_row, TALLY_NO_HEADER);
	expect_property(&t, "header_row", "none");
	cr_assert_eq(t.part->row_count, 3);
	table_release(&t);
}

Test(delimited, only_bom_line_ends_and_quotes_differ)
{
	struct table_sink a = read_text("id,name\n1,Ann\n2,Bob\n");
	struct table_sink b = read_text(
		"\xef\xbb\xbf\"id\",\"name\"\r\n\"1\",\"Ann\"\r\n\"2\",\"Bob\"");

	expect_property(&b, "bom", "yes");
	expect_property(&b, "line_endings", "CRLF");
	expect_property(&b, "quoting", "all");
	expect_property(&b, "final_newline", "no");
	cr_assert_not(b.part->quotes_tell);
	cr_assert_str_eq(table_row(&a, 2), "[2][Bob]");
	cr_assert_str_eq(table_row(&b, 2), "<2><Bob>");
	cr_assert_str_eq(table_row(&b, 0), "<id><name>");
	cr_assert_eq(b.part->header_row, 0);
	table_release(&a);
	table_release(&b);
}

Test(delimited, each_delimiter_is_found)
{
	struct table_sink t = read_text("id;name;sum\n1;Ann;2,5\n2;Bob;3,5\n");

	expect_property(&t, "delimiter", ";");
	cr_assert_str_eq(table_row(&t, 1), "[1][Ann][2,5]");
	table_release(&t);
	t = read_text("id|name\n1|Ann, B.\n2|Bob, C.\n");
	expect_property(&t, "delimiter", "|");
	table_release(&t);
	t = read_text("id\tname\n1\tAnn\n2\tBob\n");
	expect_property(&t, "delimiter", "tab");
	table_release(&t);
	t = read_text("name\nAnn\nBob\n");
	expect_property(&t, "delimiter", "none");
	cr_assert_eq(t.part->columns, 1);
	table_release(&t);
}

Test(delimited, the_delimiter_of_the_other_side_is_a_wish)
{
	struct tally_read_options o = TALLY_READ_OPTIONS_INIT;
	struct table_sink t;

	o.delimiter = ',';
	o.prefer_encoding = true;
	t = table_read(tally_format_by_name("csv"), "a;b\n1;2\n3;4\n", 12, &o);
	expect_property(&t, "delimiter", ";");
	table_release(&t);
	t = table_read(tally_format_by_name("csv"), "a\n1\n3\n", 6, &o);
	expect_property(&t, "delimiter", ",");
	table_release(&t);
	o.prefer_encoding = false;
	t = table_read(tally_format_by_name("csv"), "a;b\n1;2\n3;4\n", 12, &o);
	expect_property(&t, "delimiter", ",");
	cr_assert_str_eq(table_row(&t, 0), "[a;b]");
	table_release(&t);
}

Test(delimited, utf16_reads_like_utf8)
{
	static const char le[] = "\xff\xfei\0d\0,\0n\0\n\0001\0,\0\xe9\0\n\0";
	static const char be[] = "\0i\0d\0,\0n\0\n\0001\0,\0\xe9\0\n\0002\0,\0x\0\n";
	struct table_sink t = read_bytes(le, sizeof le - 1);

	expect_property(&t, "encoding", "utf-16le");
	expect_property(&t, "bom", "yes");
	cr_assert_str_eq(table_row(&t, 1), "[1][\xc3\xa9]");
	table_release(&t);
	t = read_bytes(be, sizeof be - 1);
	expect_property(&t, "encoding", "utf-16be");
	expect_property(&t, "bom", "no");
	cr_assert_str_eq(table_row(&t, 1), "[1][\xc3\xa9]");
	table_release(&t);
}

Test(delimited, one_changed_latin1_byte_is_seen)
{
	struct table_sink a = read_text("id,n\n1,caf\xe9\n"), b = read_text("id,n\n1,caf\xe8\n");

	expect_property(&a, "encoding", "windows-1252 (guessed)");
	cr_assert_str_eq(table_row(&a, 1), "[1][caf\xc3\xa9]");
	cr_assert_str_eq(table_row(&b, 1), "[1][caf\xc3\xa8]");
	cr_assert_neq(a.part->rows[1].hash, b.part->rows[1].hash);
	table_release(&a);
	table_release(&b);
}

Test(delimited, bad_bytes_in_utf8_are_passed_on_and_said)
{
	struct table_sink t = read_text(
		"id,n\n1,\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\n2,caf\xe9\n3,x\n");

	expect_property(&t, "encoding", "utf-8");
	cr_assert_str_eq(table_row(&t, 2), "[2][caf\xe9]!");
	cr_assert_str_eq(table_row(&t, 1), "[1][\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9]");
	expect_problem(&t, "invalid_utf8", 3, 1);
	table_release(&t);
}

Test(delimited, the_encoding_of_the_other_side_is_a_wish)
{
	struct tally_read_options o = TALLY_READ_OPTIONS_INIT;
	struct table_sink t;

	o.prefer_encoding = true;
	o.encoding = "windows-1252 (guessed)";
	t = table_read(tally_format_by_name("csv"), "a,b\n1,2\n", 8, &o);
	expect_property(&t, "encoding", "windows-1252 (guessed)");
	table_release(&t);
	t = table_read(tally_format_by_name("csv"), "a,b\n1,\xc3\xa9\n", 9, &o);
	expect_property(&t, "encoding", "utf-8");
	table_release(&t);
	o.encoding = "utf-8";
	t = table_read(tally_format_by_name("csv"), "a,b\n1,\xe9\n", 8, &o);
	expect_property(&t, "encoding", "windows-1252 (guessed)");
	table_release(&t);
	o.prefer_encoding = false;
	o.encoding = "latin1";
	t = table_read(tally_format_by_name("csv"), "a,b\n1,\xe9\n", 8, &o);
	expect_property(&t, "encoding", "iso-8859-1");
	cr_assert_str_eq(table_row(&t, 1), "[1][\xc3\xa9]");
	table_release(&t);
	o.encoding = "klingon";
	t = table_read(tally_format_by_name("csv"), "a,b\n1,\xe9\n", 8, &o);
	cr_assert_eq(t.status, TALLY_SKIP);
	cr_assert_null(t.part);
}

Test(delimited, nul_bytes_are_kept_and_said)
{
	struct table_sink t = read_bytes("id,n\n1,a\0b\n2,ab\n", 16);
	struct tally_cell cells[2];
	size_t count;

	expect_problem(&t, "nul", 2, 1);
	cr_assert_eq(t.part->ops->cells(t.part, 1, NULL, cells, 2, &count, NULL), TALLY_OK);
	cr_assert_eq(cells[1].value_len, 3);
	cr_assert_arr_eq(cells[1].value, "a\0b", 3);
	cr_assert_neq(t.part->rows[1].hash, t.part->rows[2].hash);
	table_release(&t);
}

Test(delimited, what_follows_an_unclosed_quote_is_unverified)
{
	struct table_sink t = read_text("id,name\n1,\"abc\n2,def\n3,ghi\n");

	cr_assert_eq(t.status, TALLY_PARTIAL);
	cr_assert_eq(t.notes, 1);
	cr_assert_eq(t.reason, TALLY_REASON_MALFORMED);
	cr_assert_str_eq(t.where, "row 2");
	expect_problem(&t, "unclosed_quote", 2, 1);
	cr_assert_eq(t.part->row_count, 4);
	cr_assert_eq(t.part->sure_rows, 1);
	cr_assert_str_eq(table_row(&t, 1), "[1][\"abc]");
	cr_assert_str_eq(table_row(&t, 3), "[3][ghi]");
	table_release(&t);
}

Test(delimited, stray_quotes_are_text_and_said)
{
	struct table_sink t = read_text("size,n\n5\" pipe,1\n\"b\"x,2\n7,3\n");

	cr_assert_eq(t.status, TALLY_OK);
	expect_problem(&t, "stray_quote", 2, 2);
	cr_assert_str_eq(table_row(&t, 1), "[5\" pipe][1]");
	cr_assert_str_eq(table_row(&t, 2), "[\"b\"x][2]");
	cr_assert_eq(t.part->sure_rows, 4);
	table_release(&t);
}

Test(delimited, ragged_rows_and_blank_lines_are_said)
{
	struct table_sink t = read_text("a,b\n1,2\n\n3,4,5\n6\n7,8\n9,10\n");

	expect_problem(&t, "ragged_row", 4, 2);
	cr_assert_str_eq(table_problem(&t, "ragged_row")->detail, "3 cells where 2 are usual");
	expect_problem(&t, "blank_line", 3, 1);
	cr_assert_eq(t.part->row_count, 7);
	cr_assert_eq(t.part->columns, 3);
	cr_assert_str_eq(table_row(&t, 2), "[]");
	cr_assert_str_eq(table_row(&t, 3), "[3][4][5]");
	table_release(&t);
}

Test(delimited, nothing_and_empty_quotes_and_null_are_three_values)
{
	struct table_sink t = read_text("id,v\n1,\n2,NULL\n3,\"\"\n");

	cr_assert_str_eq(table_row(&t, 1), "[1][]");
	cr_assert_str_eq(table_row(&t, 2), "[2][NULL]");
	cr_assert_str_eq(table_row(&t, 3), "[3]<>");
	cr_assert(t.part->quotes_tell);
	table_release(&t);
}

Test(delimited, quotes_around_everything_that_is_text_tell_nothing)
{
	struct table_sink t = read_text("\"id\",\"v\"\n1,\"a\"\n2,\"b\"\n3,\"\"\n");

	expect_property(&t, "quoting", "minimal");
	cr_assert_not(t.part->quotes_tell);
	table_release(&t);
}

Test(delimited, an_emptied_file_has_no_rows)
{
	struct table_sink t = read_text("");

	cr_assert_eq(t.status, TALLY_OK);
	cr_assert_eq(t.part->row_count, 0);
	cr_assert_eq(t.part->header_row, TALLY_NO_HEADER);
	expect_property(&t, "line_endings", "none");
	table_release(&t);
	t = read_text("\xef\xbb\xbf");
	cr_assert_eq(t.part->row_count, 0);
	expect_property(&t, "bom", "yes");
	table_release(&t);
}

Test(delimited, single_quotes_where_nothing_else_quotes)
{
	struct table_sink t = read_text("'id','n'\n'1','a,b'\n'2','it''s'\n");

	cr_assert_str_eq(table_row(&t, 1), "<1><a,b>");
	cr_assert_str_eq(table_row(&t, 2), "<2><it's>");
	table_release(&t);
	t = read_text("id,n\n1,'tis\n2,dogs'\n3,it's\n");
	cr_assert_str_eq(table_row(&t, 1), "[1]['tis]");
	table_release(&t);
}

Test(delimited, a_header_can_be_insisted_on)
{
	struct tally_read_options o = TALLY_READ_OPTIONS_INIT;
	struct table_sink t;

	o.header = 1;
	t = table_read(tally_format_by_name("csv"), "1,2\n3,4\n", 8, &o);
	cr_assert_eq(t.part->header_row, 0);
	table_release(&t);
	o.header = 0;
	t = table_read(tally_format_by_name("csv"), "a,b\n3,4\n", 8, &o);
	cr_assert_eq(t.part->header_row, TALLY_NO_HEADER);
	table_release(&t);
}

Test(delimited, a_large_table_is_refused_by_its_limit)
{
	struct tally_read_options o = TALLY_READ_OPTIONS_INIT;
	struct tally_limits limits = TALLY_LIMITS_INIT;
	struct table_sink t;

	limits.table_bytes = 7;
	o.limits = &limits;
	t = table_read(tally_format_by_name("csv"), "a,b\n1,2\n", 8, &o);
	cr_assert_eq(t.status, TALLY_SKIP);
	cr_assert_eq(t.err.reason, TALLY_REASON_TOO_LARGE);
}

Test(delimited, more_columns_than_the_limit_are_noted)
{
	struct tally_read_options o = TALLY_READ_OPTIONS_INIT;
	struct tally_limits limits = TALLY_LIMITS_INIT;
	struct table_sink t;

	limits.table_columns = 2;
	o.limits = &limits;
	t = table_read(tally_format_by_name("csv"), "a,b,c\n1,2,3\n", 12, &o);
	cr_assert_eq(t.status, TALLY_PARTIAL);
	cr_assert_eq(t.reason, TALLY_REASON_LIMIT);
	cr_assert_eq(t.part->columns, 2);
	table_release(&t);
}

Test(delimited, one_field_of_many_megabytes)
{
	size_t len = 40 << 20;
	char *text = malloc(len);
	struct table_sink t;
	struct tally_cell cells[2];
	size_t count;

	cr_assert_not_null(text);
	memset(text, 'x', len);
	memcpy(text, "a,b\n1,\"\n", 8);
	memcpy(text + len - 7, "\"\n2,3\n", 6);
	text[len - 1] = '4';
	t = read_bytes(text, len);
	cr_assert_eq(t.part->row_count, 4);
	cr_assert_eq(t.part->ops->cells(t.part, 1, NULL, cells, 2, &count, NULL), TALLY_OK);
	cr_assert_eq(count, 2);
	cr_assert_gt(cells[1].value_len, 39 << 20);
	table_release(&t);
	free(text);
}

static char *many_rows(size_t rows, size_t *len)
{
	char *text = malloc(rows * 64);
	size_t n = 0;

	cr_assert_not_null(text);
	n += (size_t)sprintf(text, "id,text,value\n");
	for (size_t i = 0; i < rows; i++)
		n += (size_t)sprintf(text + n,
		                     i % 7 ? "%zu,word %zu,%zu\n" : "%zu,\"line\n\"\"%zu\"\"\",%zu\n",
		                     i, i * 7919 % 1000, i * i % 9973);
	*len = n;
	return text;
}

/* Quotes wherever they can be, blocks of 64 bytes and fields that end on their borders. */
static size_t random_text(char *text, size_t most)
{
	static const char *const pieces[] = {
		"a",      "bcd",
		",",      "\"",
		"\",\"",  "\"\"",
		"\"x\",", "\n",
		"\",",    "0123456789012345678901234567890123456789012345678901234567"
	};
	size_t len = 0;

	while (len + 64 < most) {
		const char *piece = pieces[(unsigned)rand() % (sizeof pieces / sizeof *pieces)];

		memcpy(text + len, piece, strlen(piece));
		len += strlen(piece);
	}
	return len;
}

static void expect_careful_cells(const struct tally_part *part, size_t row)
{
	const struct tally_csv_form form = { ',', '"', false };
	struct tally_arena scratch = TALLY_ARENA_INIT;
	struct tally_csv_fields fields;
	struct tally_csv_field field;
	struct tally_cell cells[512];
	char value[8192];
	const char *raw;
	size_t len, count, n = 0;
	struct tally_err err;

	part->ops->raw(part, row, &raw, &len);
	cr_assert_gt(part->ops->cells(part, row, &scratch, cells, 512, &count, &err), TALLY_SKIP);
	tally_csv_fields_init(&fields, raw, len, &form);
	for (; tally_csv_fields_next(&fields, &field); n++) {
		size_t size = field.len;

		memcpy(value, field.bytes, field.len);
		if (field.doubled)
			size = tally_csv_unquote(value, &field, '"');
		cr_assert_lt(n, count);
		cr_assert_eq(cells[n].value_len, size, "'%.*s' cell %zu", (int)len, raw, n);
		cr_assert_arr_eq(cells[n].value, value, size, "'%.*s' cell %zu", (int)len, raw, n);
		cr_assert_eq(cells[n].quoted, field.quoted, "'%.*s' cell %zu", (int)len, raw, n);
	}
	cr_assert_eq(n, count, "'%.*s'", (int)len, raw);
	tally_arena_release(&scratch);
}

Test(delimited, cells_are_the_same_taken_fast_or_one_byte_after_the_other)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	char text[4096];

	options.delimiter = ',';
	options.quote = '"';
	srand(7);
	for (int i = 0; i < 2000; i++) {
		size_t len = random_text(text, 64 + (size_t)(rand() % 4000));
		struct table_sink t = table_read(tally_format_by_name("csv"), text, len, &options);

		cr_assert_not_null(t.part);
		for (size_t row = 0; row < t.part->row_count; row++)
			expect_careful_cells(t.part, row);
		table_release(&t);
	}
}

Test(delimited, one_thread_or_eight_read_the_same)
{
	struct tally_read_options o = TALLY_READ_OPTIONS_INIT;
	size_t len;
	char *text = many_rows(600000, &len);
	struct table_sink one, eight;

	o.threads = 1;
	one = table_read(tally_format_by_name("csv"), text, len, &o);
	o.threads = 8;
	eight = table_read(tally_format_by_name("csv"), text, len, &o);
	cr_assert_eq(one.part->row_count, 600001);
	cr_assert_eq(eight.part->row_count, 600001);
	cr_assert_arr_eq(one.part->rows, eight.part->rows, 600001 * sizeof *one.part->rows);
	cr_assert_eq(eight.part->problem_count, 0);
	table_release(&one);
	table_release(&eight);
	free(text);
}

static int probe(const char *format, const char *name, const void *bytes, size_t len)
{
	return tally_format_by_name(format)->probe(bytes, len, len, name);
}

static int probe_csv(const char *name, const char *text)
{
	return probe("csv", name, text, strlen(text));
}

Test(delimited, tables_are_claimed_and_other_text_is_not)
{
	cr_assert_geq(probe_csv("x.csv", "a,b\n1,2\n"), 8);
	cr_assert_geq(probe_csv("x", "a,b\n1,2\n3,4\n"), 4);
	cr_assert_eq(probe_csv("x.txt",
	                       "Hello, world. This is prose.\nIt has, you see, commas.\nAnd lines.\n"),
	             0);
	cr_assert_eq(
		probe_csv("x.jsonl", "{\"a\":1,\"b\":2}\n{\"a\":1,\"b\":3}\n{\"a\":1,\"b\":4}\n"), 0);
	cr_assert_eq(probe_csv("x.c", "int a;\nint b;\nint c;\nint d;\n"), 0);
	cr_assert_eq(probe_csv("x.html", "<a>,\n<b>,\n<c>,\n"), 0);
	cr_assert_eq(probe("csv", "x.csv",
	                   "\x7f"
	                   "ELF\1\1\1\0\0\0\0\0\0\0",
	                   14),
	             0);
	cr_assert(probe_csv("x.csv", "name\nAnn\nBob\n") > 0 &&
	          probe_csv("x.csv", "name\nAnn\nBob\n") < 4);
	cr_assert_eq(probe_csv("x.txt", "name\nAnn\nBob\n"), 0);
	cr_assert_eq(probe_csv("x.csv", ""), 1);
	cr_assert_eq(probe_csv("x", ""), 0);
}

Test(delimited, tabs_are_tsv_and_names_decide_the_rest)
{
	static const char tabs[] = "a\tb\n1\t2\n3\t4\n";

	cr_assert_gt(probe("tsv", "x", tabs, sizeof tabs - 1),
	             probe("csv", "x", tabs, sizeof tabs - 1));
	cr_assert_gt(probe("csv", "x.csv", tabs, sizeof tabs - 1),
	             probe("tsv", "x.csv", tabs, sizeof tabs - 1));
	cr_assert_gt(probe("tsv", "x.tsv", "a,b\n1,2\n", 8), probe("csv", "x.tsv", "a,b\n1,2\n", 8));
	cr_assert_geq(probe("csv", "x.csv",
	                    "\xff\xfe"
	                    "a\0,\0b\0\n\0001\0,\0002\0\n\0",
	                    18),
	              8);
}

Test(delimited, every_failed_allocation_is_reported)
{
	static const char text[] =
		"id,n,n\n1,\"a\"\"b\",caf\xe9\n5\" p,2,\"x\n\n3\n\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9,\xc3\xa9,\n";
	struct tally_source *src;

	cr_assert_eq(tally_source_memory(&src, text, sizeof text, NULL), TALLY_OK);
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct table_sink t = table_read_source(tally_format_by_name("csv"), src, NULL);

		if (faults_fired(&f)) {
			cr_assert_lt(t.status, TALLY_PARTIAL, "allocation %ld", f.nth);
			cr_assert_null(t.part);
		} else {
			cr_assert_eq(t.status, TALLY_PARTIAL);
		}
		table_release(&t);
	}
	tally_source_free(src);
}

Test(delimited, every_failed_read_is_reported)
{
	struct scratch s;
	struct tally_source *src;
	int fd;

	scratch_make(&s);
	fd = open(scratch_puts(&s, "x.csv", "a,b\n1,2\n"), O_RDONLY);
	cr_assert_geq(fd, 0);
	cr_assert_eq(tally_source_fd(&src, fd, "x.csv", NULL), TALLY_OK);
	FAULTS_EACH(f, TALLY_FAULT_READ)
	{
		const struct tally_format *format;
		enum tally_status st = tally_format_find(&format, NULL, src, NULL);
		struct table_sink t = { .status = st };

		if (st == TALLY_OK)
			t = table_read_source(format, src, NULL);
		cr_assert_eq(t.status, faults_fired(&f) ? TALLY_SKIP : TALLY_OK);
		table_release(&t);
	}
	tally_source_free(src);
	close(fd);
	scratch_remove(&s);
}

/* ---- large files, which go to disk ---- */

struct on_disk {
	int fd;
	struct tally_scratch *scratch;
	struct table_sink read;
};

static struct on_disk read_on_disk(const char *bytes, size_t len, const struct tally_read_options *o)
{
	static struct tally_limits limits = TALLY_LIMITS_INIT;
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct on_disk d = { .fd = scratch_fd("", 0) };
	struct tally_source *src;

	if (o)
		options = *o;
	limits.table_memory = 10;
	options.limits = &limits;
	cr_assert_eq(tally_scratch_new(&d.scratch, d.fd, UINT64_C(1) << 32, NULL), TALLY_OK);
	cr_assert_eq(tally_source_memory(&src, bytes, len, NULL), TALLY_OK);
	tally_source_set_scratch(src, d.scratch);
	d.read = table_read_source(tally_format_by_name("csv"), src, &options);
	tally_source_free(src);
	return d;
}

static void forget_on_disk(struct on_disk *d)
{
	table_release(&d->read);
	tally_scratch_free(d->scratch);
	close(d->fd);
}

static void expect_same_part(const struct table_sink *a, const struct table_sink *b)
{
	cr_assert_eq(a->status, b->status);
	cr_assert_eq(a->notes, b->notes);
	cr_assert_eq(a->part->row_count, b->part->row_count);
	cr_assert_eq(a->part->header_row, b->part->header_row);
	cr_assert_eq(a->part->sure_rows, b->part->sure_rows);
	cr_assert_eq(a->part->property_count, b->part->property_count);
	for (size_t i = 0; i < a->part->property_count; i++)
		expect_property(b, a->part->properties[i].name, a->part->properties[i].value);
	cr_assert_eq(a->part->problem_count, b->part->problem_count);
	for (size_t i = 0; i < a->part->problem_count; i++)
		expect_problem(b, a->part->problems[i].what, a->part->problems[i].row,
		               a->part->problems[i].count);
	for (size_t i = 0; i < a->part->row_count; i++) {
		const char *x, *y;
		size_t n, m;

		a->part->ops->raw(a->part, i, &x, &n);
		b->part->ops->raw(b->part, i, &y, &m);
		cr_assert(n == m && (!n || !memcmp(x, y, n)), "row %zu", i);
	}
}

static void expect_same_on_disk(const char *bytes, size_t len)
{
	struct table_sink plain = read_bytes(bytes, len);
	struct on_disk d = read_on_disk(bytes, len, NULL);

	expect_same_part(&plain, &d.read);
	if (plain.part->row_count > 1) {
		char first[256];

		snprintf(first, sizeof first, "%s", table_row(&plain, plain.part->row_count - 1));
		cr_assert_str_eq(table_row(&d.read, plain.part->row_count - 1), first);
		cr_assert_neq(d.read.part->near, 0);
	}
	table_release(&plain);
	forget_on_disk(&d);
}

Test(delimited, a_file_on_disk_reads_like_one_in_memory)
{
	static const char *const texts[] = {
		"id,name\n1,Ann\n2,Bob\n",
		"\xef\xbb\xbfid,name\r\n1,\"a\"\"b\"\r\n2,\"x\ny\"\r\n3,z",
		"id;name\n1;caf\xe9\n2;stra\xdf"
		"e\n3;\xfc"
		"ber\n",
		"id,name\n1,\"open\n2,b\n3,c\n",
		"id,n,n\n1,2\n\n1,2,3,4\n",
		"id,name\n1,Zo\xc3\xab\n2,bad \xc3 byte\n",
		"just one line of text\n",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		expect_same_on_disk(texts[i], strlen(texts[i]));
}

/* Longer than any step in which such a file is gone through. @wide  bytes of a unit: 1, or 2 for UTF-16 */
static char *long_text(size_t rows, int wide, bool big_endian, size_t *len)
{
	static const unsigned short note[] = { 'x', 0xe9, 0x20ac, 0xd83d, 0xde00, 0xd83d, 0xde01 };
	char *text = malloc(rows * 64), *p = text;

	cr_assert_not_null(text);
	for (size_t i = 0; i < rows; i++) {
		unsigned short units[40];
		char number[48];
		size_t n = 0;

		snprintf(number, sizeof number, "%zu,%zu,", i, i * 7919 % 1000);
		for (const char *c = number; *c; c++)
			units[n++] = (unsigned char)*c;
		for (size_t k = 0; k < sizeof note / sizeof *note && wide == 2; k++)
			units[n++] = note[k];
		units[n++] = '\n';
		for (size_t k = 0; k < n; k++) {
			if (wide == 2)
				*p++ = (char)(big_endian ? units[k] >> 8 : units[k]);
			*p++ = (char)(wide == 2 && !big_endian ? units[k] >> 8 : units[k]);
		}
		if (wide == 1) { /* characters of two, three and four bytes */
			memcpy(--p, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\n", 10);
			p += 10;
		}
	}
	*len = (size_t)(p - text);
	return text;
}

Test(delimited, long_files_on_disk_are_read_step_by_step)
{
	size_t len;
	char *text = long_text(300000, 1, false, &len);

	expect_same_on_disk(text, len);
	memcpy(text + len / 2, "\xff\xfe\x80\x80\x80\x80\x80", 7);
	text[len - 9] = (char)0xff;
	expect_same_on_disk(text, len);
	free(text);
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		text = long_text(200000, 2, big_endian, &len);
		expect_same_on_disk(text, len);
		expect_same_on_disk(text, len - 1);
		expect_same_on_disk(text + 2, len - 2);
		free(text);
	}
}

Test(delimited, a_full_disk_is_said)
{
	static const char text[] = "id,name\n1,Ann\n2,Bob\n";
	struct tally_limits limits = TALLY_LIMITS_INIT;
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_scratch *scratch;
	struct tally_source *src;
	struct table_sink t;

	limits.table_memory = 10;
	options.limits = &limits;
	cr_assert_eq(tally_scratch_new(&scratch, open("/dev/full", O_RDWR), 1 << 30, NULL), TALLY_OK);
	cr_assert_eq(tally_source_memory(&src, text, strlen(text), NULL), TALLY_OK);
	tally_source_set_scratch(src, scratch);
	t = table_read_source(tally_format_by_name("csv"), src, &options);
	cr_assert_eq(t.status, TALLY_SKIP);
	cr_assert_eq(t.err.reason, TALLY_REASON_NO_SPACE);
	cr_assert_null(t.part);
	tally_source_free(src);
	tally_scratch_free(scratch);
}
