#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "core/io.h"
#include "receipt/content.h"
#include "receipt/job.h"
#include "receipt/json_util.h"
#include "support/xlsx_maker.h"

static struct tally_limits limits = TALLY_LIMITS_INIT;
static struct tally_err err;
static struct tally_key key;

static void put(struct zip_maker *z, const char *cell, int *fd)
{
	struct xlsx_maker x = { .sheet = cell, .extra_name = "unread.bin", .extra = "of no part" };

	xlsx_make(&x);
	*z = x.zip;
	*fd = tally_scratch_fd();
	cr_assert_geq(*fd, 0);
	cr_assert_eq(tally_io_write_all(*fd, z->bytes.bytes, z->bytes.len), 0);
}

static json_t *ask(const int *fds)
{
	json_t *request = tally_job_pair("a.xlsx", "b.xlsx", NULL, &key), *answer = json_object();
	struct tally_buf blob;

	tally_buf_init(&blob, (size_t)limits.worker_output);
	cr_assert_eq(tally_job_handle(request, fds, &limits, answer, &blob, &err), TALLY_OK, "%s",
	             err.message);
	tally_buf_release(&blob);
	json_decref(request);
	return answer;
}

static bool is_digest_of(const json_t *answer, size_t side, const struct zip_maker *z)
{
	struct tally_digest digest;
	char text[TALLY_DIGEST_TEXT_MAX];
	const char *seen = json_string_value(json_array_get(json_object_get(answer, "digests"), side));

	tally_digest_of(&digest, &key, z->bytes.bytes, z->bytes.len);
	tally_digest_text(text, &digest);
	return seen && !strcmp(seen, text);
}

/* though their reader looks at some places only */
Test(job_workbooks, digests_are_of_all_bytes)
{
	static struct zip_maker z[2];
	int fds[TALLY_WORKER_FDS] = { -1, -1, -1, -1, -1, -1 };
	json_t *answer;

	tally_key_from_seed(&key, 1);
	put(&z[0], "<row><c><v>1</v></c></row>", &fds[0]);
	put(&z[1], "<row><c><v>2</v></c></row>", &fds[1]);
	answer = ask(fds);
	cr_expect(is_digest_of(answer, 0, &z[0]));
	cr_expect(is_digest_of(answer, 1, &z[1]));
	cr_expect(json_is_false(json_object_get(answer, "equal")));
	cr_expect_gt(json_array_size(json_object_get(answer, "tables")), 0);
	cr_expect_str_eq(json_string_value(json_array_get(json_object_get(answer, "formats"), 0)),
	                 "xlsx");
	json_decref(answer);
	for (int i = 0; i < 2; i++) {
		zip_release(&z[i]);
		close(fds[i]);
	}
}

/* ---- sheets that cannot be read ---- */

#define DOC "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

/* Sheets One and Two; Two has merged cells, and stands in a part of this name. */
static void put_two(struct zip_maker *z, const char *one, const char *name, int *fd)
{
	struct xlsx_maker x = {
		.sheet = one,
		.workbook = "<sheets><sheet name='One' r:id='s1'/><sheet name='Two' r:id='s2'/></sheets>",
		.relations = "<Relationship Id='s2' Type='" DOC "/worksheet' Target='two.xml'/>",
		.extra_name = name,
		.extra = "<worksheet xmlns='" XLSX_MAIN
			 "'><sheetData><row><c><v>9</v></c></row></sheetData>"
			 "<mergeCells><mergeCell ref='A1:B1'/></mergeCells></worksheet>",
	};

	xlsx_make(&x);
	*z = x.zip;
	*fd = tally_scratch_fd();
	cr_assert_eq(tally_io_write_all(*fd, z->bytes.bytes, z->bytes.len), 0);
}

static json_t *book_of(const json_t *answer)
{
	return json_array_get(json_object_get(answer, "tables"), 0);
}

static json_int_t sheets(const json_t *answer, const char *what)
{
	return json_integer_value(json_object_get(json_object_get(book_of(answer), "sheets"), what));
}

Test(job_workbooks, a_sheet_that_one_side_cannot_read_is_not_gone)
{
	const char *const names[][2] = { { "xl/two.xml", "xl/lost.xml" },
		                         { "xl/lost.xml", "xl/two.xml" } };

	for (int i = 0; i < 2; i++) {
		struct zip_maker z[2];
		int fds[TALLY_WORKER_FDS] = { -1, -1, -1, -1, -1, -1 };
		json_t *answer, *note;

		put_two(&z[0], "<row><c><v>1</v></c></row>", names[i][0], &fds[0]);
		put_two(&z[1], "<row><c><v>2</v></c></row>", names[i][1], &fds[1]);
		answer = ask(fds);
		cr_expect_eq(sheets(answer, "removed") + sheets(answer, "added"), 0);
		cr_expect_eq(sheets(answer, "edited"), 1);
		cr_expect_eq(sheets(answer, "after"), 1);
		cr_expect_eq(json_array_size(json_object_get(book_of(answer), "facts")), 0);
		note = json_array_get(json_array_get(json_object_get(answer, "notes"), !i), 0);
		cr_expect_str_eq(json_string_value(json_object_get(note, "part")), "sheet 'Two'");
		cr_expect_str_eq(json_string_value(json_object_get(note, "level")), "part");
		json_decref(answer);
		for (int k = 0; k < 2; k++) {
			zip_release(&z[k]);
			close(fds[k]);
		}
	}
}

/* ---- the same, packed anew ---- */

static json_t *ask_repacked(const char *cells)
{
	int fds[TALLY_WORKER_FDS] = { -1, -1, -1, -1, -1, -1 };
	struct zip_maker z[2];
	json_t *answer;

	for (int i = 0; i < 2; i++) {
		struct xlsx_maker x = { .sheet = cells,
			                .extra_name = "unread.bin",
			                .extra = i ? "1" : "2" };

		xlsx_make(&x);
		z[i] = x.zip;
		fds[i] = tally_scratch_fd();
		cr_assert_eq(tally_io_write_all(fds[i], z[i].bytes.bytes, z[i].bytes.len), 0);
	}
	answer = ask(fds);
	for (int i = 0; i < 2; i++) {
		zip_release(&z[i]);
		close(fds[i]);
	}
	return answer;
}

Test(job_workbooks, a_workbook_with_the_same_sheets_is_no_other_file)
{
	const char *const sheets[] = { "",
		                       "<row><c t='inlineStr'><is><t>only names</t></is></c></row>" };

	for (int i = 0; i < 2; i++) {
		json_t *answer = ask_repacked(sheets[i]);

		cr_expect_null(json_object_get(answer, "alike"), "%s", sheets[i]);
		json_decref(answer);
	}
}

#define TEXT(t) "<c t='inlineStr'><is><t>" t "</t></is></c>"

#define PAIR(t, n) "<row>" TEXT(t) "<c><v>" n "</v></c></row>"
#define NAMES      "<row>" TEXT("Colour") TEXT("Sum of value") "</row>"

Test(job_workbooks, what_is_wrong_with_a_sheet_as_before_is_not_told)
{
	json_t *answer = ask_repacked(NAMES PAIR("blue", "75") PAIR("yellow", "40")
	                                      NAMES PAIR("blue", "75") PAIR("yellow", "50"));

	cr_expect_eq(json_array_size(json_object_get(answer, "tables")), 1);
	json_decref(answer);
}

/* ---- the last row ---- */

#define CELL(n, v) "<row r='" #n "'><c r='A" #n "'><v>" #v "</v></c></row>"
#define EMPTY(n)   "<row r='" #n "'><c r='A" #n "'/></row>"

static uint64_t deleted_rows(const char *before, const char *after)
{
	static struct zip_maker z[2];
	int fds[TALLY_WORKER_FDS] = { -1, -1, -1, -1, -1, -1 };
	uint64_t deleted;
	json_t *answer;

	put(&z[0], before, &fds[0]);
	put(&z[1], after, &fds[1]);
	answer = ask(fds);
	cr_assert_eq(json_array_size(json_object_get(answer, "tables")), 2);
	deleted = tally_json_count(
		json_object_get(json_array_get(json_object_get(answer, "tables"), 1), "rows"),
		"deleted");
	json_decref(answer);
	for (int i = 0; i < 2; i++) {
		zip_release(&z[i]);
		close(fds[i]);
	}
	return deleted;
}

Test(job_workbooks, a_last_row_whose_cells_still_stand_was_cleared)
{
	const char *three = CELL(1, 5) CELL(2, 7) CELL(3, 9);

	cr_expect_eq(deleted_rows(three, CELL(1, 5) CELL(2, 7) EMPTY(3)), 0);
	cr_expect_eq(deleted_rows(three, CELL(1, 5) CELL(2, 7)), 1);
	/* those below came up: one went */
	cr_expect_eq(deleted_rows(CELL(1, 5) CELL(2, 7) CELL(3, 9) EMPTY(4) EMPTY(5),
	                          CELL(1, 5) CELL(2, 7) EMPTY(3) EMPTY(4)),
	             1);
	cr_expect_eq(deleted_rows(CELL(1, 5) CELL(2, 7) CELL(3, 9) EMPTY(4) EMPTY(5),
	                          CELL(1, 5) CELL(2, 7) EMPTY(3) EMPTY(4) EMPTY(5)),
	             0);
	/* rows that came in disorder are packed anew */
	cr_expect_eq(deleted_rows(three, EMPTY(3) CELL(2, 7) CELL(1, 5)), 0);
}
