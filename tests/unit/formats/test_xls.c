/* Workbooks of Excel 5 to 2003, made record by record: values of cells, texts over the ends of records, facts, and what is broken. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "formats/format.h"
#include "support/faults.h"
#include "support/ole_maker.h"
#include "support/table_sink.h"

extern const struct tally_format tally_format_xls;

#define ADD(b, type, bytes) xls_record(b, type, bytes, sizeof(bytes) - 1)
#define CELL(b, type, row, column, style, bytes) \
	xls_cell(b, type, row, column, style, bytes, sizeof(bytes) - 1)

enum {
	FORMULA = 0x06,
	END = 0x0a,
	GOES_ON = 0x3c,
	RSTRING = 0xd6,
	XF = 0xe0,
	SST = 0xfc,
	LABELSST = 0xfd,
	LABEL = 0x204,
	BOOLERR = 0x205,
	STRING = 0x207,
	RK = 0x27e,
};

/* ---- making ---- */

struct book {
	struct tally_buf b;
	unsigned version;
	size_t place;
};

/* Globals up to the sheet's; what comes next is still before all sheets. */
static struct book begin(unsigned version)
{
	struct book k = { .version = version };

	tally_buf_init(&k.b, 1 << 24);
	xls_begin(&k.b, version, 5);
	ADD(&k.b, 0x42, "\xb0\x04");
	k.place = xls_bound(&k.b, version == 6, "One", 0, 0);
	return k;
}

static void begin_sheet(struct book *k)
{
	ADD(&k->b, END, "");
	xls_here(&k->b, k->place);
	xls_begin(&k->b, k->version, 0x10);
}

static struct table_sink read_bytes(const struct tally_buf *b)
{
	return table_read(&tally_format_xls, b->bytes, b->len, NULL);
}

/* The stream as a file of its own, which is the same as one in a compound file. */
static struct table_sink end_and_read(struct book *k)
{
	struct table_sink t;

	ADD(&k->b, END, "");
	t = read_bytes(&k->b);
	tally_buf_release(&k->b);
	return t;
}

static struct book sheet(unsigned version)
{
	struct book k = begin(version);

	begin_sheet(&k);
	return k;
}

/* ---- which files ---- */

static const char bare[] = "\x09\x02\x06\x00\x00\x00\x10\x00\x00\x00";

static const struct tally_format *find(const char *bytes, size_t len, const char *name, bool *mismatch)
{
	const struct tally_format *format;
	struct tally_source *src;

	cr_assert_eq(tally_source_memory(&src, bytes, len, NULL), TALLY_OK);
	tally_source_set_name(src, name);
	cr_assert_eq(tally_format_find(&format, mismatch, src, NULL), TALLY_OK);
	tally_source_free(src);
	return format;
}

Test(xls, known_by_its_first_record)
{
	bool mismatch;

	cr_expect_eq(find(bare, sizeof bare, "a.bin", &mismatch), &tally_format_xls);
	cr_expect_eq(find(bare, sizeof bare, "a.xls", &mismatch), &tally_format_xls);
	cr_expect_not(mismatch);
}

Test(xls, a_text_with_its_name_is_a_mismatch)
{
	const char *text = "a,b,c\n1,2,3\n4,5,6\n7,8,9\n10,11,12\n";
	bool mismatch;
	const struct tally_format *format = find(text, strlen(text), "a.xls", &mismatch);

	cr_expect(format && !strcmp(format->name, "csv"));
	cr_expect(mismatch);
}

static struct tally_buf in_compound_file(struct book *k, const char *name)
{
	struct ole_part part = { .name = name };
	struct tally_buf file;

	ADD(&k->b, END, "");
	part.bytes = k->b.bytes;
	part.len = k->b.len;
	file = ole_make(&part, 1);
	tally_buf_release(&k->b);
	return file;
}

Test(xls, read_out_of_a_compound_file)
{
	struct book k = sheet(6);
	struct tally_buf file;
	struct table_sink t;
	bool mismatch;

	xls_number(&k.b, 0, 0, 0, 1.5);
	file = in_compound_file(&k, "Workbook");
	cr_expect_eq(find(file.bytes, file.len, "any", &mismatch), &tally_format_xls);
	t = read_bytes(&file);
	cr_assert_eq(t.status, TALLY_PARTIAL, "%s", t.err.message);
	cr_expect_str_eq(table_row(&t, 0), "[1.5]");
	table_release(&t);
	tally_buf_release(&file);
}

Test(xls, a_damaged_compound_file_of_its_name_is_one)
{
	struct book k = sheet(6);
	struct tally_buf file = in_compound_file(&k, "Workbook");
	bool mismatch;

	ole_set_u32(&file, 48, 0x7777);
	cr_expect_eq(find(file.bytes, file.len, "a.xls", &mismatch), &tally_format_xls);
	cr_expect_neq(find(file.bytes, file.len, "a.bin", &mismatch), &tally_format_xls);
	tally_buf_release(&file);
}

Test(xls, older_versions_are_told_not_to_be_read)
{
	struct table_sink t = table_read(&tally_format_xls, bare, sizeof bare, NULL);

	cr_expect_eq(t.status, TALLY_SKIP);
	cr_expect_eq(t.err.reason, TALLY_REASON_FORMAT_UNKNOWN);
	table_release(&t);
}

/* ---- values ---- */

Test(xls, each_record_of_a_cell_gives_its_value)
{
	struct book k = sheet(6);
	struct table_sink t;

	xls_number(&k.b, 0, 0, 0, -0.1);
	CELL(&k.b, RK, 0, 1, 0, "\x2a\0\0\0");       /* an integer, 10 */
	CELL(&k.b, RK, 0, 2, 0, "\xfb\xff\xff\xff"); /* -2 hundredths */
	CELL(&k.b, RK, 0, 3, 0, "\0\0\xf8\x3f");     /* 1.5 */
	CELL(&k.b, BOOLERR, 0, 4, 0, "\1\0");
	CELL(&k.b, BOOLERR, 0, 5, 0, "\x07\1");
	xls_label(&k.b, 0, 6, "text");
	CELL(&k.b, RSTRING, 0, 7, 0, "\2\0\0ab\1\0\0\0\0\0");
	ADD(&k.b, 0xbd,
	    "\1\0\1\0"
	    "\0\0\x06\0\0\0"
	    "\0\0\x0a\0\0\0"
	    "\2\0");                    /* MULRK in row 2: B, C */
	CELL(&k.b, 0x201, 5, 5, 0, ""); /* BLANK */
	t = end_and_read(&k);
	cr_assert_eq(t.parts, 1, "%s", t.err.message);
	cr_expect_str_eq(t.part->name, "One");
	cr_expect(t.part->sheet && t.part->values_only);
	cr_expect_eq(t.part->row_count, 2);
	cr_expect_str_eq(table_row(&t, 0), "[-0.1][10][-0.02][1.5][TRUE][#DIV/0!][text][ab]");
	cr_expect_str_eq(table_row(&t, 1), "[][1][2]");
	cr_expect_eq(t.notes, 1);
	cr_expect_eq(t.reason, TALLY_REASON_FORMULAS_UNREAD);
	table_release(&t);
}

#define REST "\0\0\0\0\0\0\3\0\x1e\1\0" /* what is behind the value of a formula */

Test(xls, formulas_have_the_results_they_had)
{
	struct book k = sheet(6);
	struct table_sink t;

	CELL(&k.b, FORMULA, 0, 0, 0, "\0\0\0\0\0\0\xf8\x3f" REST);
	CELL(&k.b, FORMULA, 0, 1, 0, "\1\0\1\0\0\0\xff\xff" REST);
	CELL(&k.b, FORMULA, 0, 2, 0, "\2\0\x2a\0\0\0\xff\xff" REST);
	CELL(&k.b, FORMULA, 0, 3, 0, "\0\0\0\0\0\0\xff\xff" REST);
	ADD(&k.b, 0x4bc, "shared");
	ADD(&k.b, STRING, "\4\0\0half");
	CELL(&k.b, FORMULA, 0, 4, 0, "\3\0\0\0\0\0\xff\xff" REST);
	xls_label(&k.b, 0, 5, "end");
	t = end_and_read(&k);
	cr_assert_eq(t.parts, 1, "%s", t.err.message);
	cr_expect_str_eq(table_row(&t, 0), "[1.5][TRUE][#N/A][half][][end]");
	table_release(&t);
}

Test(xls, a_formula_whose_text_is_missing_is_told)
{
	struct book k = sheet(6);
	struct table_sink t;

	CELL(&k.b, FORMULA, 0, 0, 0, "\0\0\0\0\0\0\xff\xff" REST);
	xls_label(&k.b, 0, 1, "end");
	ADD(&k.b, STRING, "\4\0\0late");
	t = end_and_read(&k);
	cr_assert_eq(t.parts, 1, "%s", t.err.message);
	cr_expect_str_eq(table_row(&t, 0), "[][end]");
	cr_expect(table_problem(&t, "string_missing"));
	cr_expect_eq(t.notes, 2);
	table_release(&t);
}

Test(xls, a_date_is_a_date)
{
	struct book k = begin(6);
	struct table_sink t;

	ADD(&k.b, 0x22, "\0\0");
	ADD(&k.b, 0x41e, "\xa4\0\x0a\0\0yyyy\\-mm\\-dd");
	ADD(&k.b, XF, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
	ADD(&k.b, XF, "\0\0\x0e\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
	ADD(&k.b, XF, "\0\0\xa4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
	begin_sheet(&k);
	xls_number(&k.b, 0, 0, 0, 45351);
	xls_number(&k.b, 0, 1, 1, 45351);
	xls_number(&k.b, 0, 2, 2, 45351);
	xls_number(&k.b, 0, 3, 99, 45351);
	t = end_and_read(&k);
	cr_assert_eq(t.parts, 1, "%s", t.err.message);
	cr_expect_str_eq(table_row(&t, 0), "[45351][2024-02-29][2024-02-29][45351]");
	cr_expect_str_eq(table_property(&t, "date_system"), "1900");
	table_release(&t);
}

Test(xls, days_may_count_from_1904)
{
	struct book k = begin(6);
	struct table_sink t;

	ADD(&k.b, 0x22, "\1\0");
	ADD(&k.b, XF, "\0\0\x0e\0");
	begin_sheet(&k);
	xls_number(&k.b, 0, 0, 0, 1);
	t = end_and_read(&k);
	cr_expect_str_eq(table_row(&t, 0), "[1904-01-02]");
	cr_expect_str_eq(table_property(&t, "date_system"), "1904");
	table_release(&t);
}

Test(xls, in_biff5_texts_are_bytes_of_the_code_page)
{
	static const struct {
		const char *page, *text, *want;
	} rows[] = {
		{ "\xe4\x04", "\xe9\x80", "[\xc3\xa9\xe2\x82\xac]" }, /* 1252 */
		{ "\xe3\x04", "\xcf\xe0", "[\xd0\x9f\xd0\xb0]" },     /* 1251 */
		{ "\x00\x80", "\x8e\x8a", "[\xc3\xa9\xc3\xa4]" },     /* the Macintosh */
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct book k = begin(5);
		char label[] = "\2\0xx";
		struct table_sink t;

		xls_record(&k.b, 0x42, rows[i].page, 2);
		begin_sheet(&k);
		memcpy(label + 2, rows[i].text, 2);
		CELL(&k.b, LABEL, 0, 0, 0, "\2\0ab");
		xls_cell(&k.b, LABEL, 1, 0, 0, label, 4);
		t = end_and_read(&k);
		cr_assert_eq(t.parts, 1, "%s", t.err.message);
		cr_expect_str_eq(table_row(&t, 0), "[ab]");
		cr_expect_str_eq(table_row(&t, 1), rows[i].want);
		cr_expect_eq(t.notes, 1);
		table_release(&t);
	}
}

Test(xls, a_code_page_that_is_not_known_is_told)
{
	struct book k = begin(5);
	struct table_sink t;

	ADD(&k.b, 0x42, "\xa4\x03"); /* 932, of two bytes */
	begin_sheet(&k);
	CELL(&k.b, LABEL, 0, 0, 0, "\2\0\x93\xfa");
	t = end_and_read(&k);
	cr_assert_eq(t.parts, 1, "%s", t.err.message);
	cr_expect_str_eq(table_row(&t, 0), "[\x93\xfa]");
	cr_expect_eq(t.notes, 2);
	table_release(&t);
}

Test(xls, a_text_of_more_bytes_than_it_counts_is_told)
{
	struct book k = sheet(5);
	struct table_sink t;

	CELL(&k.b, RSTRING, 0, 0, 0, "\2\0ab\1\0\0");
	CELL(&k.b, RSTRING, 1, 0, 0, "\2\0abcd\1\0\0");
	CELL(&k.b, LABEL, 2, 0, 0, "\2\0abc");
	t = end_and_read(&k);
	cr_assert_eq(t.parts, 1, "%s", t.err.message);
	cr_assert(table_problem(&t, "bad_text"));
	cr_expect_eq(table_problem(&t, "bad_text")->row, 2);
	cr_expect_eq(table_problem(&t, "bad_text")->count, 2);
	cr_expect_eq(t.notes, 2);
	table_release(&t);
}

/* ---- shared strings ---- */

static void shared(struct book *k, unsigned row, unsigned i)
{
	const char number[] = { (char)i, 0, 0, 0 };

	xls_cell(&k->b, LABELSST, row, 0, 0, number, 4);
}

Test(xls, shared_strings_go_on_over_the_ends_of_records)
{
	struct book k = begin(6);
	struct table_sink t;

	ADD(&k.b, SST,
	    "\4\0\0\0\4\0\0\0"
	    "\5\0\0abc"); /* narrow, and wide behind the end */
	ADD(&k.b, GOES_ON,
	    "\1"
	    "d\0"
	    "\x3d\xd8");
	ADD(&k.b, GOES_ON, ""); /* nothing in it */
	ADD(&k.b, GOES_ON,
	    "\2\0\x08\1\0"
	    "xy"
	    "\1\0"); /* two letters with a run, which breaks off */
	ADD(&k.b, GOES_ON,
	    "\2\0"
	    "\2\0\x04\3\0\0\0pq"
	    "123"                    /* phonetic */
	    "\2\0\1\x3d\xd8\0\xde"); /* U+1F600 */
	begin_sheet(&k);
	for (unsigned i = 0; i < 5; i++)
		shared(&k, i, i);
	t = end_and_read(&k);
	cr_assert_eq(t.parts, 1, "%s", t.err.message);
	cr_expect_str_eq(table_row(&t, 1), "[xy]");
	cr_expect_str_eq(table_row(&t, 2), "[pq]");
	cr_expect_str_eq(table_row(&t, 3), "[\xf0\x9f\x98\x80]");
	cr_expect_str_eq(table_row(&t, 0),
	                 "[abcd\xed\xa0\xbd]"); /* half of a pair is no other character */
	cr_expect(table_problem(&t, "string_missing"));
	cr_expect_eq(t.notes, 2);
	table_release(&t);
}

Test(xls, a_count_of_strings_is_not_believed)
{
	struct book k = begin(6);
	struct table_sink t;

	ADD(&k.b, SST,
	    "\xff\xff\xff\xff\xff\xff\xff\xff"
	    "\1\0\0a");
	begin_sheet(&k);
	shared(&k, 0, 0);
	t = end_and_read(&k);
	cr_assert_eq(t.parts, 1, "%s", t.err.message);
	cr_expect_str_eq(table_row(&t, 0), "[a]");
	table_release(&t);
}

/* ---- what is broken ---- */

static void expect_skip(struct book *k, enum tally_reason reason)
{
	struct table_sink t = end_and_read(k);

	cr_expect_eq(t.status, TALLY_SKIP);
	cr_expect_eq(t.err.reason, reason, "%s", t.err.message);
	cr_expect_eq(t.parts, 0);
	table_release(&t);
}

Test(xls, one_that_opens_with_a_password_is_encrypted)
{
	struct book k = begin(6);

	ADD(&k.b, 0x2f, "\0\0\0\0\0\0");
	begin_sheet(&k);
	expect_skip(&k, TALLY_REASON_ENCRYPTED);
}

Test(xls, a_protection_against_writing_is_no_encryption)
{
	struct book k = begin(6);
	struct table_sink t;

	ADD(&k.b, 0x86, "");
	begin_sheet(&k);
	xls_label(&k.b, 0, 0, "a");
	t = end_and_read(&k);
	cr_expect_eq(t.parts, 1);
	table_release(&t);
}

Test(xls, cut_anywhere_it_is_damaged)
{
	struct book k = begin(6);

	ADD(&k.b, SST,
	    "\1\0\0\0\1\0\0\0"
	    "\3\0\0abc");
	begin_sheet(&k);
	shared(&k, 0, 0);
	xls_number(&k.b, 0, 1, 0, 1);
	CELL(&k.b, FORMULA, 0, 3, 0, "\0\0\0\0\0\0\xff\xff" REST);
	ADD(&k.b, STRING, "\4\0\0half");
	ADD(&k.b, END, "");
	for (size_t len = 10; len < k.b.len; len++) {
		struct table_sink t = table_read(&tally_format_xls, k.b.bytes, len, NULL);

		cr_expect_eq(t.status, TALLY_SKIP, "%zu", len);
		cr_expect_eq(t.err.reason, TALLY_REASON_DAMAGED, "%zu: %s", len, t.err.message);
		table_release(&t);
	}
	tally_buf_release(&k.b);
}

Test(xls, records_cut_short_are_damage)
{
	static const unsigned types[] = { FORMULA, LABELSST, LABEL, BOOLERR,
		                          RK,      0x203,    0xbd,  RSTRING };

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		for (size_t len = 0; len < 8; len++) {
			struct book k = sheet(6);

			xls_record(&k.b, types[i], "\0\0\0\0\0\0\x09\0", len);
			expect_skip(&k, TALLY_REASON_DAMAGED);
		}
}

Test(xls, a_sheet_that_is_damaged_costs_only_itself)
{
	struct book k = begin(6);
	size_t second = xls_bound(&k.b, true, "Two", 0, 0);
	struct table_sink t;

	begin_sheet(&k);
	xls_label(&k.b, 0, 0, "a");
	ole_set_u32(&k.b, second, 3);
	t = end_and_read(&k);
	cr_expect_eq(t.status, TALLY_PARTIAL);
	cr_expect_eq(t.parts, 1);
	cr_expect_eq(t.notes, 2);
	table_release(&t);
}

Test(xls, sheets_that_share_records_are_ambiguous)
{
	struct book k = begin(6);
	size_t places[40];
	struct table_sink t;

	for (size_t i = 0; i < 40; i++)
		places[i] = xls_bound(&k.b, true, "Again", 0, 0);
	begin_sheet(&k);
	for (size_t i = 0; i < 40; i++)
		memcpy(k.b.bytes + places[i], k.b.bytes + k.place, 4);
	for (unsigned i = 0; i < 200; i++)
		xls_label(&k.b, i, 0, "one of the rows");
	t = end_and_read(&k);
	cr_expect_eq(t.status, TALLY_PARTIAL);
	cr_expect_eq(t.parts, 1);
	table_release(&t);
}

Test(xls, charts_in_a_sheet_are_none_of_its_cells)
{
	struct book k = sheet(6);
	struct table_sink t;

	xls_label(&k.b, 0, 0, "a");
	xls_begin(&k.b, 6, 0x20);
	xls_number(&k.b, 0, 0, 0, 7);
	ADD(&k.b, END, "");
	xls_label(&k.b, 0, 1, "b");
	t = end_and_read(&k);
	cr_assert_eq(t.parts, 1, "%s", t.err.message);
	cr_expect_str_eq(table_row(&t, 0), "[a][b]");
	table_release(&t);
}

Test(xls, a_workbook_of_charts_alone_is_not_read)
{
	struct book k = { .version = 6 };

	tally_buf_init(&k.b, 1 << 16);
	xls_begin(&k.b, 6, 5);
	k.place = xls_bound(&k.b, true, "Chart", 0, 2);
	begin_sheet(&k);
	expect_skip(&k, TALLY_REASON_FORMAT_UNKNOWN);
}

/* ---- facts ---- */

struct facts {
	char text[2048];
	size_t len;
};

static enum tally_status on_fact(void *payload, const struct tally_fact *fact, struct tally_err *err)
{
	struct facts *f = payload;

	(void)err;
	f->len += (size_t)snprintf(f->text + f->len, sizeof f->text - f->len, "%s %s | %s | %s\n",
	                           fact->name, fact->where ? fact->where : "", fact->value,
	                           fact->by ? fact->by : "");
	return TALLY_OK;
}

static struct facts facts_of(const void *bytes, size_t len)
{
	struct facts f = { .len = 0 };
	const struct tally_sink sink = { .payload = &f, .fact = on_fact };
	const struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_source *src;

	cr_assert_eq(tally_source_memory(&src, bytes, len, NULL), TALLY_OK);
	cr_expect_eq(tally_format_xls.read(src, &options, &sink, NULL), TALLY_PARTIAL);
	tally_source_free(src);
	return f;
}

Test(xls, what_is_no_cell_is_told_as_facts)
{
	struct book k = { .version = 6 };
	struct facts f;

	tally_buf_init(&k.b, 1 << 16);
	xls_begin(&k.b, 6, 5);
	k.place = xls_bound(&k.b, true, "One", 2, 0);
	xls_bound(&k.b, true, "Old", 0, 1);
	ADD(&k.b, 0x18, "\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0Rate");
	ADD(&k.b, 0x18, "\x20\0\0\1\0\0\0\0\0\0\0\0\0\0\0\6"); /* a name that programs make */
	begin_sheet(&k);
	ADD(&k.b, 0x208, "\4\0\0\0\0\0\0\0\0\0\0\0\x20\0\0\0");
	ADD(&k.b, 0x208, "\5\0\0\0\0\0\0\0\0\0\0\0\x20\0\0\0");
	ADD(&k.b, 0x208, "\7\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0");
	ADD(&k.b, 0x7d, "\1\0\3\0\0\0\0\0\1\0\0\0");
	ADD(&k.b, 0xe5, "\1\0\0\0\1\0\0\0\2\0");
	ADD(&k.b, 0x5d, "\x15\0\x12\0\x19\0\7\0\0\0");
	ADD(&k.b, 0x1b6, "\0\0\0\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0");
	ADD(&k.b, GOES_ON, "\0hello");
	ADD(&k.b, 0x1c, "\2\0\1\0\0\0\7\0\3\0\0Ann\0");
	ADD(&k.b, END, "");
	f = facts_of(k.b.bytes, k.b.len);
	cr_expect_str_eq(f.text, "defined_name Rate | a name | \n"
	                         "merged_cells One!A1:C2 | 2 by 3 cells | \n"
	                         "hidden_rows One | 5:6 | \n"
	                         "hidden_columns One | B:D | \n"
	                         "comment One!B3 | hello | Ann\n"
	                         "hidden_sheet One | very hidden | \n"
	                         "macro Old | a sheet of Excel 4 macros | \n");
	tally_buf_release(&k.b);
}

Test(xls, macros_are_told_by_their_digest)
{
	char texts[2][256];

	for (int i = 0; i < 2; i++) {
		struct book k = sheet(6);
		struct ole_part parts[] = {
			{ .name = "Workbook" },
			{ .name = "_VBA_PROJECT_CUR", .storage = true },
			{ .name = "dir", .bytes = i ? "code" : "CODE", .len = 4, .inside = 2 },
		};
		struct tally_buf file;
		struct facts f;

		ADD(&k.b, END, "");
		parts[0].bytes = k.b.bytes;
		parts[0].len = k.b.len;
		file = ole_make(parts, 3);
		f = facts_of(file.bytes, file.len);
		cr_expect(strstr(f.text, "macro  | VBA project: 4 bytes, sha256:") == f.text, "%s",
		          f.text);
		snprintf(texts[i], sizeof texts[i], "%.255s", f.text);
		tally_buf_release(&file);
		tally_buf_release(&k.b);
	}
	cr_expect_str_neq(texts[0], texts[1]);
}

Test(xls, without_memory_it_says_so)
{
	struct book k = begin(6);
	struct tally_source *src;
	struct tally_buf file;

	ADD(&k.b, SST,
	    "\1\0\0\0\1\0\0\0"
	    "\3\0\0abc");
	ADD(&k.b, XF, "\0\0\x0e\0");
	begin_sheet(&k);
	shared(&k, 0, 0);
	xls_number(&k.b, 0, 1, 0, 1);
	file = in_compound_file(&k, "Workbook");
	cr_assert_eq(tally_source_memory(&src, file.bytes, file.len, NULL), TALLY_OK);
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct table_sink t = table_read_source(&tally_format_xls, src, NULL);

		if (faults_fired(&f))
			cr_assert_lt(t.status, TALLY_PARTIAL, "allocation %ld", f.nth);
		else
			cr_assert_eq(t.parts, 1);
		table_release(&t);
	}
	tally_source_free(src);
	tally_buf_release(&file);
}
