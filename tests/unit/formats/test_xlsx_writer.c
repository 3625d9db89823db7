/* Workbooks that libxlsxwriter wrote, in memory and row by row, say what was written. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "support/scratch.h"
#include "support/table_sink.h"

extern const struct tally_format tally_format_xlsx;

enum { ROWS = 3000 };

static struct scratch s;

static void begin(void)
{
	scratch_make(&s);
}

static void end(void)
{
	scratch_remove(&s);
}

TestSuite(xlsx_writer, .init = begin, .fini = end);

static struct table_sink read_back(const char *path)
{
	struct tally_source *src = NULL;
	const struct tally_format *format;
	struct table_sink t;
	bool mismatch;
	int fd = open(path, O_RDONLY);

	cr_assert_eq(tally_source_fd(&src, fd, "book.xlsx", NULL), TALLY_OK);
	cr_assert_eq(tally_format_find(&format, &mismatch, src, NULL), TALLY_OK);
	cr_assert_eq(format, &tally_format_xlsx);
	cr_assert_not(mismatch);
	t = table_read_source(format, src, NULL);
	tally_source_free(src);
	close(fd);
	cr_assert_eq(t.status, TALLY_OK, "%s", t.err.message);
	return t;
}

/* the cell as "value|formula|format" */
static const char *shown(const struct table_sink *t, size_t row, size_t column)
{
	static char text[300];
	struct tally_cell cells[32];
	size_t count;
	const struct tally_cell *c;

	cr_assert_lt(row, t->part->row_count);
	cr_assert_eq(t->part->ops->cells(t->part, row, NULL, cells, 32, &count, NULL), TALLY_OK);
	cr_assert_lt(column, count);
	c = &cells[column];
	snprintf(text, sizeof text, "%.*s|%.*s|%.*s", (int)c->value_len, c->value,
	         (int)c->formula_len, c->formula ? c->formula : "", (int)c->format_len,
	         c->format ? c->format : "");
	return text;
}

static void write_row(lxw_worksheet *sheet, lxw_row_t row, lxw_format *date, lxw_format *bold)
{
	lxw_datetime day = { 2024, 2, 29, 0, 0, 0 };
	char name[32];

	snprintf(name, sizeof name, "n\xc3\xa4me %u & <%u>", row, row % 7);
	worksheet_write_string(sheet, row, 0, name, NULL);
	worksheet_write_number(sheet, row, 1, row + 0.1, NULL);
	worksheet_write_datetime(sheet, row, 2, &day, date);
	worksheet_write_boolean(sheet, row, 3, row % 2 == 1, NULL);
	worksheet_write_formula_num(sheet, row, 4, "=B1*2", NULL, 2.5);
	worksheet_write_formula_str(sheet, row, 5, "=A1&\"x\"", NULL, "text");
	worksheet_write_blank(sheet, row, 6, bold);
	worksheet_write_string(sheet, row, 7, " blanks and\nlines ", bold);
}

static void check_rows(const struct table_sink *t)
{
	char name[64];

	cr_assert_eq(t->part->row_count, ROWS);
	cr_assert_eq(t->part->columns, 8);
	for (size_t row = 0; row < ROWS; row += 499) {
		snprintf(name, sizeof name, "n\xc3\xa4me %zu & <%zu>||", row, row % 7);
		cr_expect_str_eq(shown(t, row, 0), name);
		snprintf(name, sizeof name, "%zu.1||", row);
		cr_expect_str_eq(shown(t, row, 1), name);
		cr_expect_str_eq(shown(t, row, 2), "2024-02-29||yyyy-mm-dd");
		cr_expect_str_eq(shown(t, row, 3), row % 2 ? "TRUE||" : "FALSE||");
		cr_expect_str_eq(shown(t, row, 6), "||");
		cr_expect_str_eq(shown(t, row, 7), " blanks and\nlines ||");
	}
	cr_expect_str_eq(shown(t, 0, 4), "2.5|RC[-3]*2|");
	cr_expect_str_eq(shown(t, 0, 5), "text|RC[-5]&\"x\"|");
	cr_expect_str_eq(shown(t, 499, 4), "2.5|R[-499]C[-3]*2|");
}

static const char *make(bool row_by_row)
{
	const char *path = scratch_path(&s, row_by_row ? "rows.xlsx" : "book.xlsx");
	lxw_workbook_options options = { .constant_memory = row_by_row };
	lxw_workbook *book = workbook_new_opt(path, &options);
	lxw_format *date = workbook_add_format(book), *bold = workbook_add_format(book);
	lxw_worksheet *sheet = workbook_add_worksheet(book, "Data");

	format_set_num_format(date, "yyyy-mm-dd");
	format_set_bold(bold);
	for (lxw_row_t row = 0; row < ROWS; row++)
		write_row(sheet, row, date, bold);
	cr_assert_eq(workbook_close(book), LXW_NO_ERROR);
	return path;
}

Test(xlsx_writer, shared_strings)
{
	struct table_sink t = read_back(make(false));

	check_rows(&t);
	table_release(&t);
}

Test(xlsx_writer, inline_strings_row_by_row)
{
	struct table_sink t = read_back(make(true));

	check_rows(&t);
	table_release(&t);
}

Test(xlsx_writer, both_ways_have_the_same_rows)
{
	struct table_sink a = read_back(make(false)), b = read_back(make(true));

	for (size_t row = 0; row < ROWS; row++)
		cr_assert_eq(a.part->rows[row].hash, b.part->rows[row].hash, "row %zu", row);
	table_release(&a);
	table_release(&b);
}

Test(xlsx_writer, charts_and_arrays)
{
	const char *path = scratch_path(&s, "more.xlsx");
	lxw_workbook *book = workbook_new(path);
	lxw_worksheet *sheet = workbook_add_worksheet(book, "Sums");
	lxw_chartsheet *page = workbook_add_chartsheet(book, "Chart");
	lxw_chart *chart = workbook_add_chart(book, LXW_CHART_COLUMN);
	struct table_sink t;

	worksheet_write_number(sheet, 2, 2, 1e300, NULL);
	worksheet_write_array_formula_num(sheet, 3, 2, 4, 3, "{=SUM(C1:C3*2)}", NULL, 2);
	chart_add_series(chart, NULL, "=Sums!$C$3");
	chartsheet_set_chart(page, chart);
	cr_assert_eq(workbook_close(book), LXW_NO_ERROR);
	t = read_back(path);
	cr_assert_eq(t.parts, 1);
	cr_assert_str_eq(t.part->name, "Sums");
	cr_expect_str_eq(shown(&t, 2, 2), "1e300||");
	cr_expect_str_eq(shown(&t, 3, 2), "2|{SUM(R[-3]C:R[-1]C*2)} RC:R[1]C[1]|");
	table_release(&t);
}
