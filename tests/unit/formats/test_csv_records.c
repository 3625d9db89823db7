/* Splitting into records: the grammar's corners, engines and chunks that agree, libcsv as a second opinion, round trips. */
#include <criterion/criterion.h>
#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "formats/csv_records.h"
#include "support/faults.h"
#include "support/random.h"

static const struct tally_csv_form comma = { ',', '"', false };

static struct tally_csv_records split_with(const char *text, size_t len,
                                           const struct tally_csv_split_options *options)
{
	struct tally_csv_records r;

	cr_assert_eq(tally_csv_split(&r, text, len, options, NULL), TALLY_OK);
	return r;
}

static struct tally_csv_records split(const char *text, struct tally_csv_form form, size_t columns)
{
	struct tally_csv_split_options options = { .form = form, .columns = columns };

	return split_with(text, strlen(text), &options);
}

/* the raw records of a text, joined by '#' */
static void expect_records(const char *text, struct tally_csv_form form, const char *want)
{
	struct tally_csv_records r = split(text, form, 0);
	char got[512] = "";

	for (size_t i = 0; i < r.count; i++) {
		const char *raw;
		size_t len;

		tally_csv_raw(r.rows, r.count, i, text, strlen(text), &raw, &len);
		cr_assert_lt(strlen(got) + len + 2, sizeof got);
		strncat(got, raw, len);
		strcat(got, "#");
	}
	cr_assert_str_eq(got, want);
	tally_csv_records_release(&r);
}

/* the fields of a record, quoted ones in <>, malformed ones in {}, others in [] */
static void expect_fields(const char *raw, const char *want)
{
	struct tally_csv_fields fields;
	struct tally_csv_field f;
	char got[512] = "";

	tally_csv_fields_init(&fields, raw, strlen(raw), &comma);
	while (tally_csv_fields_next(&fields, &f)) {
		char value[128];
		size_t n = tally_csv_unquote(value, &f, f.quoted ? '"' : 0);

		value[n] = '\0';
		strcat(got, f.stray ? "{" : f.quoted ? "<" : "[");
		strcat(got, value);
		strcat(got, f.stray ? "}" : f.quoted ? ">" : "]");
	}
	cr_assert_str_eq(got, want);
}

Test(csv_records, line_ends_of_every_kind)
{
	const struct tally_csv_form any = { ',', '"', true };

	expect_records("a,b\nc,d\n", comma, "a,b#c,d#");
	expect_records("a,b\r\nc,d\r\n", comma, "a,b#c,d#");
	expect_records("a,b\rc,d\r", any, "a,b#c,d#");
	expect_records("a,b\nc,d", comma, "a,b#c,d#");
	expect_records("a\rb\nc\r\n", comma, "a\rb#c#");
	expect_records("a\rb\nc\r\nd", any, "a#b#c#d#");
	expect_records("a\r\r\nb\n", comma, "a\r#b#");
	expect_records("a\nb\r", comma, "a#b#");
	expect_records("", comma, "");
	expect_records("\n\n", comma, "##");
}

Test(csv_records, line_ends_are_counted_by_kind)
{
	struct tally_csv_records r = split("a\r\nb\nc\r\nd\r",
	                                   (struct tally_csv_form){ ',', '"', true }, 0);

	cr_assert_eq(r.crlf, 2);
	cr_assert_eq(r.lf, 1);
	cr_assert_eq(r.cr, 1);
	cr_assert(r.final_newline);
	tally_csv_records_release(&r);
	r = split("a\nb", comma, 0);
	cr_assert_not(r.final_newline);
	tally_csv_records_release(&r);
}

Test(csv_records, quoted_line_ends_stay_in_their_record)
{
	expect_records("a,\"b\nc\",d\ne\n", comma, "a,\"b\nc\",d#e#");
	expect_records("\"\r\n\"\r\nx", comma, "\"\r\n\"#x#");
	expect_records("\"a\"\"\n\"\"b\",1\n2\n", comma, "\"a\"\"\n\"\"b\",1#2#");
}

Test(csv_records, a_stray_quote_swallows_nothing)
{
	struct tally_csv_records r;

	expect_records("a,\"b\"x,c\nd\ne\"\n", comma, "a,\"b\"x,c#d#e\"#");
	expect_records("5\" pipe,1\n6\" pipe,2\n7,3\n", comma, "5\" pipe,1#6\" pipe,2#7,3#");
	r = split("x,y\n5\" pipe,1\n\"a\"b,\"c\"\n", comma, 2);
	cr_assert_eq(r.stray.count, 2);
	cr_assert_eq(r.stray.rows[0], 1);
	cr_assert_eq(r.quoted, 1);
	cr_assert_eq(r.sure, 3);
	tally_csv_records_release(&r);
}

Test(csv_records, an_unclosed_quote_swallows_nothing)
{
	struct tally_csv_records r;

	expect_records("id,n\n1,\"abc\n2,d\n3,e\n", comma, "id,n#1,\"abc#2,d#3,e#");
	expect_records("1,\"abc\n2,\"def\"\n3,g\n", comma, "1,\"abc#2,\"def\"#3,g#");
	r = split("id,n\n1,\"abc\n2,d\n3,e\n", comma, 2);
	cr_assert_eq(r.unclosed.count, 1);
	cr_assert_eq(r.unclosed.rows[0], 1);
	cr_assert_eq(r.sure, 1);
	cr_assert_eq(r.ragged.count, 0);
	tally_csv_records_release(&r);
	r = split("a\n\"x", comma, 1);
	cr_assert_eq(r.unclosed.count, 1);
	cr_assert_eq(r.count, 2);
	tally_csv_records_release(&r);
}

Test(csv_records, ragged_and_blank_lines_are_counted_with_their_row)
{
	struct tally_csv_records r = split("a,b\n1,2,3\n\n4\n5,6\n\"x,y\",7\n", comma, 2);

	cr_assert_eq(r.ragged.count, 2);
	cr_assert_eq(r.ragged.rows[0], 1);
	cr_assert_eq(r.ragged.fields[0], 3);
	cr_assert_eq(r.ragged.rows[1], 3);
	cr_assert_eq(r.ragged.fields[1], 1);
	cr_assert_eq(r.blank.count, 1);
	cr_assert_eq(r.blank.rows[0], 2);
	cr_assert_eq(r.widest, 3);
	cr_assert_eq(r.count, 6);
	tally_csv_records_release(&r);
	r = split("a\n\nb\n", comma, 1);
	cr_assert_eq(r.blank.count, 0);
	tally_csv_records_release(&r);
}

Test(csv_records, equal_bytes_have_equal_hashes_whatever_the_line_end)
{
	struct tally_csv_records r = split("a,b\r\na,b\na,c\na,b", comma, 0);

	cr_assert_eq(r.rows[0].hash, r.rows[1].hash);
	cr_assert_eq(r.rows[0].hash, r.rows[3].hash);
	cr_assert_neq(r.rows[0].hash, r.rows[2].hash);
	tally_csv_records_release(&r);
}

Test(csv_records, fields_are_taken_apart_as_they_stand)
{
	expect_fields("a,b,,c", "[a][b][][c]");
	expect_fields("", "[]");
	expect_fields(",", "[][]");
	expect_fields("\"a,b\",c", "<a,b>[c]");
	expect_fields("a,\"b,c\"", "[a]<b,c>");
	expect_fields("\"\",x", "<>[x]");
	expect_fields("\"a\"\"b\"", "<a\"b>");
	expect_fields("\"\"\"\"", "<\">");
	expect_fields("a,\"b\"x,c", "[a]{\"b\"x}[c]");
	expect_fields("5\" pipe,1", "{5\" pipe}[1]");
	expect_fields("\"abc,d", "{\"abc}[d]");
	expect_fields(" \"a\", b ", "{ \"a\"}[ b ]");
}

Test(csv_records, a_form_without_delimiter_or_quote)
{
	struct tally_csv_records r = split("a,b\n\"c\nd\n", (struct tally_csv_form){ 0, 0, false },
	                                   1);

	cr_assert_eq(r.count, 3);
	cr_assert_eq(r.widest, 1);
	cr_assert_eq(r.unclosed.count, 0);
	tally_csv_records_release(&r);
}

static uint64_t seed;

static size_t below(size_t n)
{
	return (size_t)(random_next(&seed) % n);
}

/* text of few different bytes, so that everything meets everything */
static char *random_text(size_t len)
{
	static const char bytes[] = "aab,,,\"\"\"\n\n\r\r\n;\t'\0\xe9x1";
	char *text = malloc(len + 1);

	cr_assert_not_null(text);
	for (size_t i = 0; i < len; i++)
		text[i] = bytes[below(sizeof bytes - 1)];
	return text;
}

static void expect_same_marks(const struct tally_csv_marks *a, const struct tally_csv_marks *b)
{
	size_t n = a->count < TALLY_CSV_FIRST_MARKS ? a->count : TALLY_CSV_FIRST_MARKS;

	cr_assert_eq(a->count, b->count);
	cr_assert_arr_eq(a->rows, b->rows, n * sizeof *a->rows);
	cr_assert_arr_eq(a->fields, b->fields, n * sizeof *a->fields);
}

static void expect_same(const struct tally_csv_records *a, const struct tally_csv_records *b)
{
	cr_assert_eq(a->count, b->count);
	if (a->count)
		cr_assert_arr_eq(a->rows, b->rows, a->count * sizeof *a->rows);
	cr_assert_eq(a->fields, b->fields);
	cr_assert_eq(a->widest, b->widest);
	cr_assert_eq(a->quoted, b->quoted);
	cr_assert(a->lf == b->lf && a->crlf == b->crlf && a->cr == b->cr);
	cr_assert_eq(a->final_newline, b->final_newline);
	cr_assert(a->has_nul == b->has_nul && a->has_high == b->has_high);
	cr_assert_eq(a->sure, b->sure);
	expect_same_marks(&a->ragged, &b->ragged);
	expect_same_marks(&a->blank, &b->blank);
	expect_same_marks(&a->stray, &b->stray);
	expect_same_marks(&a->unclosed, &b->unclosed);
}

static void sum_up(void *payload, size_t at, size_t len)
{
	(void)at;
	__atomic_fetch_add((size_t *)payload, len, __ATOMIC_RELAXED);
}

static void compare_ways(const char *text, size_t len, struct tally_csv_form form)
{
	size_t passed = 0;
	struct tally_csv_split_options options = { .form = form,
		                                   .columns = 3,
		                                   .engine = TALLY_CSV_PORTABLE };
	struct tally_csv_records plain = split_with(text, len, &options), other;

	options.engine = TALLY_CSV_AVX2;
	other = split_with(text, len, &options);
	expect_same(&plain, &other);
	tally_csv_records_release(&other);
	options.threads = 8;
	options.chunk = len / 8 + 1;
	other = split_with(text, len, &options);
	expect_same(&plain, &other);
	tally_csv_records_release(&other);
	options.passed = sum_up;
	options.payload = &passed;
	for (int i = 0; i < 2; i++) {
		options.threads = i ? 3 : 1;
		options.step = len / 5 + 1;
		other = split_with(text, len, &options);
		expect_same(&plain, &other);
		tally_csv_records_release(&other);
	}
	tally_csv_records_release(&plain);
}

Test(csv_records, engines_and_threads_agree)
{
	seed = 1;
	for (int i = 0; i < 600; i++) {
		size_t len = below(700);
		char *text = random_text(len);

		compare_ways(text, len, comma);
		compare_ways(text, len, (struct tally_csv_form){ ',', '"', true });
		compare_ways(text, len, (struct tally_csv_form){ ';', '\'', false });
		free(text);
	}
}

/* One well-formed text of random cells, and the cells themselves, each behind a byte 1, each row behind a byte 2. */
struct made {
	char text[8192], cells[8192];
	size_t text_len, cells_len;
	size_t rows;
};

static void make_cell(struct made *m, bool must_quote)
{
	static const char bytes[] = "abc,\"\n \r\0";
	size_t len = below(6);
	char cell[8];
	bool quote = must_quote || below(4) == 0;

	for (size_t i = 0; i < len; i++) {
		cell[i] = bytes[below(sizeof bytes - 1)];
		quote |= memchr(",\"\n\r", cell[i], 4) != NULL;
	}
	m->cells[m->cells_len++] = 1;
	memcpy(m->cells + m->cells_len, cell, len);
	m->cells_len += len;
	if (quote)
		m->text[m->text_len++] = '"';
	for (size_t i = 0; i < len; i++) {
		if (cell[i] == '"')
			m->text[m->text_len++] = '"';
		m->text[m->text_len++] = cell[i];
	}
	if (quote)
		m->text[m->text_len++] = '"';
}

static void make(struct made *m)
{
	m->text_len = m->cells_len = 0;
	m->rows = 1 + below(30);
	for (size_t r = 0; r < m->rows; r++) {
		size_t cells = 1 + below(5);

		/* a lone empty cell would be a blank line, which libcsv drops */
		for (size_t c = 0; c < cells; c++) {
			if (c)
				m->text[m->text_len++] = ',';
			make_cell(m, cells == 1);
		}
		m->cells[m->cells_len++] = 2;
		m->text[m->text_len++] = '\n';
	}
}

struct collected {
	char cells[8192];
	size_t len;
};

static void add_cell(struct collected *c, const char *bytes, size_t len)
{
	c->cells[c->len++] = 1;
	memcpy(c->cells + c->len, bytes, len);
	c->len += len;
}

static void collect_record(struct collected *c, const char *raw, size_t len)
{
	struct tally_csv_fields fields;
	struct tally_csv_field f;
	char value[64];

	tally_csv_fields_init(&fields, raw, len, &comma);
	while (tally_csv_fields_next(&fields, &f)) {
		cr_assert_not(f.stray);
		add_cell(c, value, tally_csv_unquote(value, &f, f.quoted ? '"' : 0));
	}
	c->cells[c->len++] = 2;
}

Test(csv_records, what_is_written_well_is_read_back)
{
	static struct made m;
	static struct collected c;

	seed = 7;
	for (int i = 0; i < 500; i++) {
		struct tally_csv_split_options options = { .form = comma };
		struct tally_csv_records r;

		make(&m);
		c.len = 0;
		r = split_with(m.text, m.text_len, &options);
		cr_assert_eq(r.count, m.rows);
		for (size_t row = 0; row < r.count; row++) {
			const char *raw;
			size_t len;

			tally_csv_raw(r.rows, r.count, row, m.text, m.text_len, &raw, &len);
			collect_record(&c, raw, len);
		}
		cr_assert_eq(c.len, m.cells_len);
		cr_assert_arr_eq(c.cells, m.cells, c.len);
		cr_assert_eq(r.stray.count + r.unclosed.count, 0);
		tally_csv_records_release(&r);
	}
}

static int no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static void csv_cell(void *bytes, size_t len, void *payload)
{
	add_cell(payload, bytes ? bytes : "", len);
}

static void csv_row(int c, void *payload)
{
	struct collected *to = payload;

	(void)c;
	to->cells[to->len++] = 2;
}

/* libcsv reads what is well-formed as this program does, once it is told to trim nothing. */
Test(csv_records, libcsv_agrees_on_what_is_well_formed)
{
	static struct made m;
	static struct collected c;

	seed = 11;
	for (int i = 0; i < 500; i++) {
		struct csv_parser parser;

		make(&m);
		c.len = 0;
		cr_assert_eq(csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL), 0);
		csv_set_space_func(&parser, no_space);
		cr_assert_eq(csv_parse(&parser, m.text, m.text_len, csv_cell, csv_row, &c),
		             m.text_len);
		cr_assert_eq(csv_fini(&parser, csv_cell, csv_row, &c), 0);
		csv_free(&parser);
		cr_assert_eq(c.len, m.cells_len);
		cr_assert_arr_eq(c.cells, m.cells, c.len);
	}
}

/* A million opening quotes that nothing closes must not make the work a million times a million. */
Test(csv_records, hostile_quotes_take_linear_time, .timeout = 60)
{
	size_t len = 2 << 20;
	char *text = malloc(len);
	static const char *const patterns[] = { "\"\n",     "\"a\"\"\n", "a\"b\n",
		                                "\"\"\"\n", "\"x\"y\n",  "\"" };

	cr_assert_not_null(text);
	for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
		size_t n = strlen(patterns[p]);
		struct tally_csv_split_options options = { .form = comma, .columns = 1, .threads = 2 };
		struct tally_csv_records r;

		for (size_t i = 0; i < len; i++)
			text[i] = patterns[p][i % n];
		r = split_with(text, len, &options);
		cr_assert_gt(r.count, 0);
		tally_csv_records_release(&r);
	}
	free(text);
}

Test(csv_records, every_failed_allocation_is_reported)
{
	static char text[64000];
	struct tally_csv_split_options options = { .form = comma, .columns = 2 };

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = "a,b\n"[i % 4];
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_csv_records r;
		enum tally_status st;

		options.threads = f.nth & 1 ? 3 : 1;
		options.chunk = 1000;
		st = tally_csv_split(&r, text, sizeof text, &options, NULL);
		if (faults_fired(&f))
			cr_assert_eq(st, TALLY_FATAL, "allocation %ld", f.nth);
		else
			cr_assert_eq(r.count, sizeof text / 4);
		tally_csv_records_release(&r);
	}
}
