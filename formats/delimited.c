/* Delimited text as a table: bytes to text, dialect, records, header, and what is wrong with them. */
#include "formats/delimited.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <inttypes.h>
#include <string.h>

#include "core/cpu.h"
#include "core/escape.h"
#include "core/hash.h"
#include "core/mem.h"
#include "formats/csv_dialect.h"
#include "formats/csv_records.h"
#include "formats/csv_text.h"
#include "formats/encoding.h"
#include "formats/header.h"
#include "formats/mask64.h"

enum {
	QUOTES_SAMPLED = 1000,  /* rows looked at to see what quotes are for */
	QUOTED_ALL = 95,        /* per cent of fields in quotes that count as all */
	QUOTED_NEEDLESSLY = 10, /* per cent of quoted fields: more of them and quotes tell nothing */
	NAME_SHOWN = 40,        /* bytes of a column's name in a problem's detail */
};

/* behind part->self */
struct delimited {
	struct tally_csv_text text;
	struct tally_csv_form form;
	enum tally_encoding encoding; /* of the text, which is UTF-8 where the file was UTF-16 */
	bool check;                   /* cells may need to be made UTF-8, or may be no UTF-8 */
};

/* one reading */
struct reading {
	const struct tally_delimited_kind *kind;
	const struct tally_read_options *options;
	const struct tally_sink *sink;
	struct tally_part *part;
	struct delimited *self;
	struct tally_csv_dialect dialect;
	struct tally_csv_records records;
	enum tally_encoding file_encoding;
	bool guessed;
	bool header_guessed;
	uint64_t bad; /* places that are no text in the encoding */
	bool partial;
};

/* cells */

static void delimited_raw(const struct tally_part *part, size_t row, const char **bytes, size_t *len)
{
	const struct delimited *d = part->self;

	tally_csv_raw(part->rows, part->row_count, row, d->text.bytes, d->text.len, bytes, len);
}

/* The bytes at the end of the row before tell where a row's bytes end, so they are looked at with it. */
static void spilled_raw(const struct tally_part *part, size_t row, const char **bytes, size_t *len)
{
	const struct delimited *d = part->self;
	uint64_t from = part->rows[row].offset;
	uint64_t to = row + 1 < part->row_count ? part->rows[row + 1].offset : d->text.len;

	tally_spill_use(d->text.spill, d->text.from + from, (size_t)(to - from));
	delimited_raw(part, row, bytes, len);
}

static inline void put_cell(struct tally_cell *cells, size_t cap, size_t n, const char *value,
                            size_t len)
{
	if (n < cap)
		cells[n] = (struct tally_cell){
			.value = value,
			.value_len = len < UINT32_MAX ? (uint32_t)len : UINT32_MAX,
		};
}

/* A field between two delimiters, without quotes but at its ends. @return false: it wants the careful decoder */
static inline bool put_field(unsigned char quote, struct tally_cell *cells, size_t cap, size_t n,
                             const char *field, size_t len)
{
	bool first = len && field[0] == (char)quote, last = len && field[len - 1] == (char)quote;

	if (first != last || (first && len < 2))
		return false;
	put_cell(cells, cap, n, field + first, len - 2 * (size_t)first);
	if (first && n < cap)
		cells[n].quoted = true;
	return true;
}

/* the delimiters and the quotes of a record, 64 bytes a step */
struct step {
	uint64_t ends;   /* delimiters that are not between quotes: where fields end */
	uint64_t quotes; /* all of them */
	uint64_t starts; /* where fields begin */
	uint64_t inside; /* all ones: the next block begins between quotes */
	bool pending; /* the block before ended with a quote, which is good if a field ended there too */
};

/* @return false: a quote that is neither the first nor the last byte of its field */
static inline bool step_over(struct step *s, const struct tally_csv_form *form, const char *raw,
                             size_t at, size_t len)
{
	size_t left = len - at;
	uint64_t last = left <= 64 ? UINT64_C(1) << (left - 1) : 0;
	uint64_t valid = left < 64 ? (last << 1) - 1 : ~UINT64_C(0);
	uint64_t carry = at ? s->ends >> 63 : 1, odd;

	s->ends = form->delimiter ? tally_mask64(raw + at, form->delimiter) & valid : 0;
	s->quotes = form->quote ? tally_mask64(raw + at, form->quote) & valid : 0;
	if (s->quotes | s->inside) {
		uint64_t between = tally_prefix_xor(s->quotes) ^ s->inside;

		s->ends &= ~between;
		s->inside = between >> 63 ? ~UINT64_C(0) : 0;
	}
	s->starts = s->ends << 1 | carry;
	if (s->pending && !(s->ends & 1))
		return false;
	odd = s->quotes & ~(s->starts | s->ends >> 1 | last);
	s->pending = odd >> 63;
	return !(odd << 1);
}

/*
 * A record in which each field has no quote, or one at either end; what stands between quotes is told by their parity. The
 * first quote elsewhere ends it, so that the parity was right for all that is taken.
 * @return its cells, 0 where a quote is doubled or stray
 */
static size_t split_simple(const struct tally_csv_form *form, const char *raw, size_t len,
                           struct tally_cell *cells, size_t cap)
{
	struct step s = { 0 };
	size_t n = 0, start = 0;
	uint64_t quotes = 0;

	for (size_t at = 0; at < len; at += 64) {
		if (!step_over(&s, form, raw, at, len))
			return 0;
		quotes |= s.quotes;
		for (uint64_t ends = s.ends; ends; ends &= ends - 1) {
			size_t end = at + (size_t)__builtin_ctzll(ends);

			if (!quotes)
				put_cell(cells, cap, n, raw + start, end - start);
			else if (!put_field(form->quote, cells, cap, n, raw + start, end - start))
				return 0;
			n++;
			start = end + 1;
		}
	}
	if (!quotes)
		put_cell(cells, cap, n, raw + start, len - start);
	else if (!put_field(form->quote, cells, cap, n, raw + start, len - start))
		return 0;
	return n + 1;
}

/*
 * Cells are slices of the record; only those with a doubled quote are copied. libcsv could do that copying, and the tests
 * hold this against it, but it takes a call or two for each byte. On a million rows, all fields quoted and one row in five
 * with a doubled quote, a whole comparison took 1.6 times the processor time with such records handed to libcsv, and about
 * a tenth more with nothing but the cells that have one, whether its buffer was new or kept by the thread.
 */
static enum tally_status split_quoted(const struct tally_csv_form *form, const char *raw, size_t len,
                                      struct tally_arena *scratch, struct tally_cell *cells,
                                      size_t cap, size_t *count, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;
	struct tally_csv_fields fields;
	struct tally_csv_field field;

	tally_csv_fields_init(&fields, raw, len, form);
	for (*count = 0; tally_csv_fields_next(&fields, &field); (*count)++) {
		const char *value = field.bytes;
		size_t value_len = field.len;

		if (field.stray)
			st = TALLY_PARTIAL;
		if (*count >= cap)
			continue;
		if (field.doubled) {
			char *text = tally_arena_alloc(scratch, field.len);

			if (!text)
				return tally_err_nomem(err);
			value_len = tally_csv_unquote(text, &field, form->quote);
			value = text;
		}
		put_cell(cells, cap, *count, value, value_len);
		cells[*count].quoted = field.quoted;
	}
	return st;
}

/* Make a cell UTF-8, or say that it is not. */
static enum tally_status to_utf8(const struct delimited *d, struct tally_arena *scratch,
                                 struct tally_cell *cell, struct tally_err *err)
{
	size_t room;
	char *text;

	if (!tally_has_high(cell->value, cell->value_len))
		return TALLY_OK;
	if (!tally_encoding_single(d->encoding)) {
		cell->bad_bytes = !tally_utf8_valid(cell->value, cell->value_len);
		return TALLY_OK;
	}
	if (!tally_size_mul(cell->value_len, TALLY_SINGLE_BYTE_MAX, &room) || room > UINT32_MAX)
		return TALLY_PARTIAL;
	text = tally_arena_alloc(scratch, room);
	if (!text)
		return tally_err_nomem(err);
	cell->value_len = (uint32_t)tally_single_to_utf8(text, cell->value, cell->value_len,
	                                                 d->encoding);
	cell->value = text;
	return TALLY_OK;
}

static enum tally_status delimited_cells(const struct tally_part *part, size_t row,
                                         struct tally_arena *scratch, struct tally_cell *cells,
                                         size_t cap, size_t *count, struct tally_err *err)
{
	const struct delimited *d = part->self;
	enum tally_status st = TALLY_OK;
	const char *raw;
	size_t len;

	part->ops->raw(part, row, &raw, &len);
	*count = split_simple(&d->form, raw, len, cells, cap);
	if (!*count)
		st = split_quoted(&d->form, raw, len, scratch, cells, cap, count, err);
	for (size_t i = 0; d->check && st > TALLY_SKIP && i < *count && i < cap; i++) {
		enum tally_status one = to_utf8(d, scratch, &cells[i], err);

		st = one < st ? one : st;
	}
	return st;
}

static void delimited_release(struct tally_part *part)
{
	struct delimited *d = part->self;

	if (!d)
		return;
	tally_csv_text_release(&d->text);
	tally_free(d);
}

static const struct tally_part_ops delimited_ops = { delimited_raw, delimited_cells,
	                                             delimited_release };
static const struct tally_part_ops spilled_ops = { spilled_raw, delimited_cells, delimited_release };

static bool hint_of(const struct tally_read_options *o, enum tally_encoding *hint)
{
	return o->encoding && o->prefer_encoding && tally_encoding_by_name(hint, o->encoding);
}

/* UTF-8 or a single-byte encoding? Bytes and the other side's encoding decide. */
static enum tally_encoding guess(const struct reading *r, const struct tally_utf8_found *found)
{
	enum tally_encoding hint = TALLY_ENCODING_UTF8;
	enum tally_encoding own = tally_encoding_guess(found);

	if (r->self->text.bom || !hint_of(r->options, &hint))
		return own;
	if (hint == TALLY_ENCODING_UTF8 && found->good && found->good >= found->bad)
		return hint;
	/* without a character beyond ASCII, or with bytes that are no UTF-8, any single-byte encoding fits */
	if (tally_encoding_single(hint) && (!found->good || tally_encoding_single(own)))
		return hint;
	return own;
}

static void settle_encoding(struct reading *r)
{
	const struct tally_read_options *o = r->options;
	struct delimited *d = r->self;
	struct tally_utf8_found found = { 0, 0 };

	if (tally_encoding_wide(r->file_encoding)) {
		d->encoding = TALLY_ENCODING_UTF8;
		d->check = r->bad > 0;
		return;
	}
	if (r->records.has_high && !tally_encoding_single(r->file_encoding))
		found = tally_csv_text_count(&d->text);
	if (!o->encoding || o->prefer_encoding) {
		r->file_encoding = r->self->text.bom ? TALLY_ENCODING_UTF8 : guess(r, &found);
		r->guessed = tally_encoding_single(r->file_encoding);
	}
	if (!tally_encoding_single(r->file_encoding))
		r->bad = found.bad;
	d->encoding = r->file_encoding;
	d->check = r->bad || (r->records.has_high && tally_encoding_single(r->file_encoding));
}

/* rows */

static void find_dialect(struct reading *r)
{
	const struct tally_read_options *o = r->options;
	struct tally_csv_wish wish = {
		.delimiter = (unsigned char)o->delimiter,
		.quote = (unsigned char)o->quote,
		.prefer = o->prefer_encoding,
	};

	if (!wish.delimiter && r->kind->delimiter != ',') {
		wish.delimiter = r->kind->delimiter;
		wish.prefer = true;
	}
	tally_csv_dialect_find(&r->dialect, r->self->text.bytes, r->self->text.len, &wish);
	r->self->form = r->dialect.form;
}

static enum tally_status split(struct reading *r, struct tally_err *err)
{
	struct tally_csv_split_options options = {
		.form = r->dialect.form,
		.columns = r->dialect.columns,
		.threads = tally_threads(r->options->threads),
		.passed = r->self->text.spill ? tally_csv_text_passed : NULL,
		.payload = &r->self->text,
	};
	enum tally_status st = tally_csv_split(&r->records, r->self->text.bytes, r->self->text.len,
	                                       &options, err);

	if (st < 0)
		return st;
	r->part->rows = r->records.rows;
	r->records.rows = NULL;
	r->part->row_count = r->records.count;
	r->part->sure_rows = r->records.sure;
	return TALLY_OK;
}

static enum tally_status find_header(struct reading *r, struct tally_err *err)
{
	struct tally_part *part = r->part;

	part->header_row = TALLY_NO_HEADER;
	if (r->options->header == 0)
		return TALLY_OK;
	if (r->options->header > 0) {
		part->header_row = part->row_count ? 0 : TALLY_NO_HEADER;
		return TALLY_OK;
	}
	return tally_find_header(part, r->dialect.columns, &part->header_row, &r->header_guessed,
	                         err);
}

/* problems */

/* Rows with one kind of flaw */
struct flawed {
	uint64_t count;
	size_t first; /* from 0 */
	uint64_t places, contents;
};

static void add_row(struct flawed *rows, const struct tally_part *part, size_t row)
{
	if (!rows->count++)
		rows->first = row;
	rows->places += tally_hash64(&row, sizeof row, 0);
	rows->contents += part->rows[row].hash;
}

static enum tally_status add_problem(struct reading *r, const char *what, const struct flawed *rows,
                                     const char *detail, struct tally_err *err)
{
	struct tally_problem *p;
	enum tally_status st;

	if (!rows->count)
		return TALLY_OK;
	st = tally_part_problem(r->part, what, rows->first + 1, detail, err);
	if (st < 0)
		return st;
	p = &r->part->problems[r->part->problem_count - 1];
	p->count = rows->count;
	p->places = rows->places;
	p->contents = rows->contents;
	return TALLY_OK;
}

/* Rows with a flaw from row @from on; of many, the first ones say which they are. */
static struct flawed marked(const struct tally_part *part, const struct tally_csv_marks *marks,
                            size_t from)
{
	size_t known = marks->count < TALLY_CSV_FIRST_MARKS ? (size_t)marks->count
	                                                    : TALLY_CSV_FIRST_MARKS;
	struct flawed rows = { .count = 0 };
	uint64_t above = 0;

	for (size_t i = 0; i < known; i++) {
		if (marks->rows[i] < from)
			above++;
		else
			add_row(&rows, part, marks->rows[i]);
	}
	rows.count = marks->count - above;
	return rows;
}

/* Title lines may be as ragged as they like. */
static enum tally_status shape_problems(struct reading *r, struct tally_err *err)
{
	const struct tally_csv_marks *ragged = &r->records.ragged;
	size_t from = r->part->header_row == TALLY_NO_HEADER ? 0 : r->part->header_row, i = 0;
	struct flawed rows = marked(r->part, ragged, from);
	char detail[96];
	enum tally_status st;

	while (i + 1 < TALLY_CSV_FIRST_MARKS && i + 1 < ragged->count && ragged->rows[i] < from)
		i++;
	snprintf(detail, sizeof detail, "%llu cells where %zu are usual",
	         (unsigned long long)ragged->fields[i], r->dialect.columns);
	st = add_problem(r, "ragged_row", &rows, detail, err);
	rows = marked(r->part, &r->records.blank, from);
	if (st == TALLY_OK)
		st = add_problem(r, "blank_line", &rows, "a line with nothing on it", err);
	return st;
}

static enum tally_status quote_problems(struct reading *r, struct tally_err *err)
{
	struct flawed rows = marked(r->part, &r->records.stray, 0);
	enum tally_status st = add_problem(r, "stray_quote", &rows,
	                                   "a quote inside a cell that is not quoted", err);

	rows = marked(r->part, &r->records.unclosed, 0);
	if (st == TALLY_OK)
		st = add_problem(r, "unclosed_quote", &rows, "a quote that is not closed", err);
	return st;
}

/* Rows for which @is_bad holds */
static struct flawed flawed_rows(const struct tally_part *part, bool (*is_bad)(const char *, size_t))
{
	struct flawed rows = { .count = 0 };

	for (size_t i = 0; i < part->row_count; i++) {
		const char *raw;
		size_t len;

		part->ops->raw(part, i, &raw, &len);
		if (is_bad(raw, len))
			add_row(&rows, part, i);
	}
	return rows;
}

static bool has_nul(const char *raw, size_t len)
{
	return len && memchr(raw, 0, len);
}

static bool has_bad(const char *raw, size_t len)
{
	return !tally_utf8_valid(raw, len);
}

static enum tally_status byte_problems(struct reading *r, struct tally_err *err)
{
	bool wide = tally_encoding_wide(r->file_encoding);
	enum tally_status st = TALLY_OK;
	struct flawed rows;

	if (r->bad) {
		rows = flawed_rows(r->part, has_bad);
		st = add_problem(r, wide ? "invalid_utf16" : "invalid_utf8", &rows,
		                 wide ? "halves of characters" : "bytes that are no UTF-8", err);
	}
	if (st == TALLY_OK && r->records.has_nul) {
		rows = flawed_rows(r->part, has_nul);
		st = add_problem(r, "nul", &rows, "a NUL byte", err);
	}
	return st;
}

static bool same_name(const struct tally_cell *a, const struct tally_cell *b)
{
	return a->value_len && a->value_len == b->value_len &&
	       !memcmp(a->value, b->value, a->value_len);
}

static int by_name(const void *left, const void *right)
{
	const struct tally_cell *a = left;
	const struct tally_cell *b = right;
	size_t len = a->value_len < b->value_len ? a->value_len : b->value_len;
	int c = len ? memcmp(a->value, b->value, len) : 0;

	return c ? c : (a->value_len > b->value_len) - (a->value_len < b->value_len);
}

static enum tally_status report_doubles(struct reading *r, struct tally_cell *names, size_t count,
                                        struct tally_err *err)
{
	char detail[NAME_SHOWN + 48];
	struct flawed rows = { .first = r->part->header_row };
	size_t doubles = 0, first = 0;

	qsort(names, count, sizeof *names, by_name);
	for (size_t i = 1; i < count; i++)
		if (same_name(&names[i - 1], &names[i]) && !doubles++)
			first = i;
	if (!doubles)
		return TALLY_OK;
	snprintf(detail, sizeof detail, "'%.*s' is the name of more than one column",
	         names[first].value_len < NAME_SHOWN ? (int)names[first].value_len : NAME_SHOWN,
	         names[first].value);
	rows.count = doubles;
	return add_problem(r, "duplicate_header", &rows, detail, err);
}

static enum tally_status header_problems(struct reading *r, struct tally_err *err)
{
	struct tally_arena scratch = TALLY_ARENA_INIT;
	struct tally_part *part = r->part;
	struct flawed guessed;
	struct tally_cell *names;
	size_t cap = part->columns, count;
	enum tally_status st;

	if (part->header_row == TALLY_NO_HEADER)
		return TALLY_OK;
	guessed = (struct flawed){ .count = r->header_guessed, .first = part->header_row };
	st = add_problem(r, "header_guessed", &guessed,
	                 "taken for the names of the columns, though it might be a row of data", err);
	if (st < 0)
		return st;
	names = tally_alloc_zero(cap, sizeof *names);
	if (!names)
		return tally_err_nomem(err);
	st = part->ops->cells(part, part->header_row, &scratch, names, cap, &count, err);
	if (st > TALLY_SKIP)
		st = report_doubles(r, names, count < cap ? count : cap, err);
	tally_free(names);
	tally_arena_release(&scratch);
	return st;
}

static enum tally_status note(struct reading *r, enum tally_reason reason, const char *detail,
                              const char *where, struct tally_err *err)
{
	struct tally_note n = { .reason = reason, .detail = detail, .where = where };

	r->partial = true;
	return r->sink->note ? r->sink->note(r->sink->payload, &n, err) : TALLY_OK;
}

static enum tally_status notes(struct reading *r, uint64_t most_columns, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;
	char where[80], more[32] = "";

	if (r->records.unclosed.count) {
		if (r->records.unclosed.count > 1)
			snprintf(more, sizeof more, " and %llu more",
			         (unsigned long long)r->records.unclosed.count - 1);
		snprintf(where, sizeof where, "row %zu%s", r->records.unclosed.rows[0] + 1, more);
		st = note(r, TALLY_REASON_MALFORMED,
		          "a quote is not closed; what follows was read line by line", where, err);
	}
	if (st == TALLY_OK && r->records.widest > most_columns)
		st = note(r, TALLY_REASON_LIMIT, "more columns than the limit table_columns", NULL,
		          err);
	return st;
}

/* properties */

static const char *delimiter_name(unsigned char c, char text[2])
{
	if (!c)
		return "none";
	if (c == '\t')
		return "tab";
	text[0] = (char)c;
	text[1] = '\0';
	return text;
}

static const char *line_endings(const struct tally_csv_records *records)
{
	int kinds = (records->lf > 0) + (records->crlf > 0) + (records->cr > 0);

	if (kinds > 1)
		return "mixed";
	return records->lf ? "LF" : records->crlf ? "CRLF" : records->cr ? "CR" : "none";
}

static const char *quoting(const struct tally_csv_records *records)
{
	if (!records->quoted)
		return "none";
	return records->quoted * 100 >= records->fields * QUOTED_ALL ? "all" : "minimal";
}

static bool needs_quotes(const struct tally_csv_form *form, const struct tally_csv_field *field)
{
	static const char delimiters[] = { ',', ';', '\t', '|' };
	const char *p = field->bytes;
	size_t len = field->len;

	if (!len || field->doubled || memchr(p, '\n', len) || memchr(p, '\r', len) || *p == ' ' ||
	    p[len - 1] == ' ')
		return true;
	if (form->delimiter)
		return memchr(p, form->delimiter, len) != NULL;
	/* the writer of a single column has a delimiter in mind that is nowhere to be seen */
	for (size_t i = 0; i < sizeof delimiters; i++)
		if (memchr(p, delimiters[i], len))
			return true;
	return false;
}

/* Are quotes there where they are needed, and nowhere else? Then "" and nothing are two values. */
static bool quotes_tell(const struct reading *r)
{
	size_t rows = r->part->row_count, step = rows / QUOTES_SAMPLED + 1;
	const struct tally_csv_form *form = &r->self->form;
	size_t quoted = 0, needless = 0;

	for (size_t i = 0; r->records.quoted && i < rows; i += step) {
		struct tally_csv_fields fields;
		struct tally_csv_field field;
		const char *raw;
		size_t len;

		r->part->ops->raw(r->part, i, &raw, &len);
		tally_csv_fields_init(&fields, raw, len, form);
		while (tally_csv_fields_next(&fields, &field)) {
			quoted += field.quoted;
			needless += field.quoted && !needs_quotes(form, &field);
		}
	}
	return needless * 100 <= quoted * QUOTED_NEEDLESSLY;
}

static enum tally_status set_properties(struct reading *r, struct tally_err *err)
{
	char encoding[48], header[24] = "none", delimiter[2];
	const struct tally_csv_records *records = &r->records;
	struct {
		const char *name, *value;
	} all[] = {
		{ "encoding", encoding },
		{ "bom", r->self->text.bom ? "yes" : "no" },
		{ "delimiter", delimiter_name(r->self->form.delimiter, delimiter) },
		{ "quoting", quoting(records) },
		{ "line_endings", line_endings(records) },
		{ "final_newline", records->count && records->final_newline ? "yes" : "no" },
		{ "header_row", header },
	};

	snprintf(encoding, sizeof encoding, "%s%s", tally_encoding_name(r->file_encoding),
	         r->guessed ? " (guessed)" : "");
	if (r->part->header_row != TALLY_NO_HEADER)
		snprintf(header, sizeof header, "%zu", r->part->header_row + 1);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		enum tally_status st = tally_part_property(r->part, all[i].name, all[i].value, err);

		if (st < 0)
			return st;
	}
	return TALLY_OK;
}

/* the reading */

static enum tally_status open_part(struct reading *r, struct tally_err *err)
{
	r->part = tally_alloc_zero(1, sizeof *r->part);
	r->self = r->part ? tally_alloc_zero(1, sizeof *r->self) : NULL;
	if (!r->self)
		return tally_err_nomem(err);
	r->part->name = "";
	r->part->format = r->kind->format;
	r->part->header_row = TALLY_NO_HEADER;
	r->part->ops = &delimited_ops;
	r->part->self = r->self;
	return TALLY_OK;
}

static enum tally_status describe(struct reading *r, uint64_t most_columns, struct tally_err *err)
{
	enum tally_status st;

	settle_encoding(r);
	r->part->columns = (size_t)(r->records.widest < most_columns ? r->records.widest
	                                                             : most_columns);
	st = find_header(r, err);
	r->part->quotes_tell = quotes_tell(r);
	if (st == TALLY_OK)
		st = set_properties(r, err);
	if (st == TALLY_OK)
		st = shape_problems(r, err);
	if (st == TALLY_OK)
		st = quote_problems(r, err);
	if (st == TALLY_OK)
		st = byte_problems(r, err);
	if (st == TALLY_OK)
		st = header_problems(r, err);
	return st == TALLY_PARTIAL ? TALLY_OK : st;
}

static enum tally_status read_part(struct reading *r, struct tally_source *src,
                                   const struct tally_limits *limits, struct tally_err *err)
{
	enum tally_status st = open_part(r, err);

	if (st == TALLY_OK && tally_source_size(src) > limits->table_bytes)
		st = tally_err_set(err, TALLY_SKIP, TALLY_REASON_TOO_LARGE,
		                   "table_bytes: more than %" PRIu64 " bytes", limits->table_bytes);
	if (st == TALLY_OK)
		st = tally_csv_text_read(&r->self->text, src, r->options, limits, err);
	if (st < 0)
		return st;
	if (r->self->text.spill) {
		r->part->ops = &spilled_ops;
		r->part->near = tally_spill_near(r->self->text.spill);
	}
	r->file_encoding = r->self->text.encoding;
	r->bad = r->self->text.bad;
	find_dialect(r);
	st = split(r, err);
	if (st == TALLY_OK)
		st = describe(r, limits->table_columns, err);
	if (st == TALLY_OK)
		st = notes(r, limits->table_columns, err);
	if (r->self->text.spill)
		tally_csv_text_passed(&r->self->text, 0, r->self->text.len);
	return st;
}

enum tally_status tally_delimited_read(const struct tally_delimited_kind *kind,
                                       struct tally_source *src,
                                       const struct tally_read_options *options,
                                       const struct tally_sink *sink, struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	struct reading r = { .kind = kind, .options = options, .sink = sink };
	enum tally_status st;

	assert(options->version == TALLY_READ_OPTIONS_VERSION);
	st = read_part(&r, src, options->limits ? options->limits : &defaults, err);
	tally_csv_records_release(&r.records);
	if (st == TALLY_OK && sink->part) {
		st = sink->part(sink->payload, r.part, err);
		r.part = NULL;
	}
	tally_part_free(r.part);
	return st == TALLY_OK && r.partial ? TALLY_PARTIAL : st;
}
