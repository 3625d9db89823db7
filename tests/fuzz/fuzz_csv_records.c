/*
 * Splitting into records: every engine and any number of chunks give what a parser gives that takes one byte after the
 * other; the fields of a record are as many as were counted.
 *
 * The first byte of the input picks the form.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/csv_records.h"
#include "support/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One field by the book. @return behind it; *multi: a line end was met inside quotes */
struct naive {
	const char *text;
	size_t len;
	struct tally_csv_form form;
	bool stray, unclosed;
	size_t fields, quoted;
};

static size_t naive_line_end(const struct naive *n, size_t at)
{
	if (n->text[at] == '\n')
		return 1;
	if (n->text[at] != '\r')
		return 0;
	if (at + 1 < n->len && n->text[at + 1] == '\n')
		return 2;
	return n->form.cr_ends || at + 1 == n->len;
}

static bool naive_is(const struct naive *n, size_t at, unsigned char c)
{
	return c && at < n->len && (unsigned char)n->text[at] == c;
}

static size_t naive_plain(struct naive *n, size_t at)
{
	while (at < n->len && !naive_line_end(n, at) && !naive_is(n, at, n->form.delimiter)) {
		n->stray |= naive_is(n, at, n->form.quote) && !n->unclosed;
		at++;
	}
	return at;
}

static size_t naive_field(struct naive *n, size_t at)
{
	size_t i = at + 1;
	bool multi = false;

	n->fields++;
	if (!naive_is(n, at, n->form.quote))
		return naive_plain(n, at);
	for (; i < n->len; i++) {
		if (naive_is(n, i, n->form.quote)) {
			if (!naive_is(n, i + 1, n->form.quote))
				break;
			i++;
		} else {
			multi |= n->text[i] == '\n' || (n->text[i] == '\r' && n->form.cr_ends);
		}
	}
	if (i < n->len &&
	    (i + 1 == n->len || naive_is(n, i + 1, n->form.delimiter) || naive_line_end(n, i + 1))) {
		n->quoted++;
		return i + 1;
	}
	if (i < n->len && !multi) {
		n->stray = true;
		return naive_plain(n, i + 1);
	}
	n->unclosed = true;
	return naive_plain(n, at + 1);
}

/* the record at @at: *next is where the following one begins. @return its length */
static size_t naive_record(struct naive *n, size_t at, size_t *next)
{
	size_t start = at;

	n->stray = n->unclosed = false;
	n->fields = n->quoted = 0;
	at = naive_field(n, at);
	while (naive_is(n, at, n->form.delimiter))
		at = naive_field(n, at + 1);
	*next = at < n->len ? at + naive_line_end(n, at) : at;
	return at - start;
}

static void check_record(const struct naive *n, const struct tally_csv_records *r, size_t row,
                         size_t start, size_t len)
{
	struct tally_csv_fields fields;
	struct tally_csv_field field;
	const char *raw;
	size_t raw_len, count = 0, quoted = 0;
	bool stray = false;

	CHECK(row < r->count);
	CHECK(r->rows[row].offset == start);
	tally_csv_raw(r->rows, r->count, row, n->text, n->len, &raw, &raw_len);
	CHECK(raw == n->text + start && raw_len == len);
	tally_csv_fields_init(&fields, raw, raw_len, &n->form);
	while (tally_csv_fields_next(&fields, &field)) {
		count++;
		quoted += field.quoted;
		stray |= field.stray;
		CHECK(field.bytes >= raw && field.bytes + field.len <= raw + raw_len);
	}
	CHECK(count == n->fields);
	CHECK(quoted == n->quoted);
	CHECK(stray == (n->stray || n->unclosed));
}

static void check_all(const struct tally_csv_records *r, const char *text, size_t len,
                      const struct tally_csv_form *form, size_t columns)
{
	struct naive n = { .text = text, .len = len, .form = *form };
	size_t row = 0, next, stray = 0, unclosed = 0, ragged = 0, fields = 0, quoted = 0;
	size_t sure = SIZE_MAX;

	for (size_t at = 0; at < len; at = next) {
		size_t bytes = naive_record(&n, at, &next);

		check_record(&n, r, row, at, bytes);
		if (n.unclosed && sure == SIZE_MAX)
			sure = row;
		row++;
		stray += n.stray;
		unclosed += n.unclosed;
		fields += n.fields;
		quoted += n.quoted;
		ragged += n.fields != columns;
	}
	CHECK(r->count == row);
	CHECK(r->stray.count == stray && r->unclosed.count == unclosed);
	CHECK(r->fields == fields && r->quoted == quoted);
	CHECK(r->ragged.count + r->blank.count == ragged);
	CHECK(r->sure == (sure == SIZE_MAX ? row : sure));
	CHECK(r->has_nul == (len && memchr(text, 0, len)));
}

static void check_same_marks(const struct tally_csv_marks *a, const struct tally_csv_marks *b)
{
	CHECK(a->count == b->count);
	for (uint64_t i = 0; i < a->count && i < TALLY_CSV_FIRST_MARKS; i++)
		CHECK(a->rows[i] == b->rows[i] && a->fields[i] == b->fields[i]);
}

static void check_same(const struct tally_csv_records *a, const struct tally_csv_records *b)
{
	CHECK(a->count == b->count);
	CHECK(!a->count || !memcmp(a->rows, b->rows, a->count * sizeof *a->rows));
	CHECK(a->fields == b->fields && a->widest == b->widest && a->quoted == b->quoted);
	CHECK(a->lf == b->lf && a->crlf == b->crlf && a->cr == b->cr);
	CHECK(a->final_newline == b->final_newline && a->sure == b->sure);
	CHECK(a->has_nul == b->has_nul && a->has_high == b->has_high);
	check_same_marks(&a->ragged, &b->ragged);
	check_same_marks(&a->blank, &b->blank);
	check_same_marks(&a->stray, &b->stray);
	check_same_marks(&a->unclosed, &b->unclosed);
}

static void split(struct tally_csv_records *out, const char *text, size_t len,
                  const struct tally_csv_split_options *options)
{
	struct tally_err err;

	CHECK(tally_csv_split(out, text, len, options, &err) == TALLY_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char delimiters[] = { ',', ';', '\t', 0 };
	struct tally_csv_split_options options = { .engine = TALLY_CSV_PORTABLE };
	struct tally_csv_records first, other;
	const char *text;
	char *copy;

	if (size == 0)
		return 0;
	options.form.delimiter = delimiters[data[0] & 3];
	options.form.quote = data[0] & 4 ? 0 : '"';
	options.form.cr_ends = (data[0] & 8) != 0;
	options.columns = 1 + (data[0] >> 5);
	size--;
	copy = malloc(size + 1);
	CHECK(copy);
	memcpy(copy, data + 1, size);
	text = copy;
	split(&first, text, size, &options);
	check_all(&first, text, size, &options.form, options.columns);
	options.engine = TALLY_CSV_AVX2;
	split(&other, text, size, &options);
	check_same(&first, &other);
	tally_csv_records_release(&other);
	options.threads = 2 + (data[0] >> 4 & 1) * 3;
	options.chunk = 7;
	split(&other, text, size, &options);
	check_same(&first, &other);
	tally_csv_records_release(&other);
	tally_csv_records_release(&first);
	free(copy);
	return 0;
}
