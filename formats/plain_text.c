/* Tables and other text told apart by the shape of their lines: see plain_text.h. */
#include "formats/plain_text.h"

#include <string.h>

#include "core/ascii.h"
#include "core/mem.h"
#include "formats/csv_dialect.h"
#include "formats/encoding.h"

enum {
	LOOKED_AT = 8192,  /* bytes */
	COLUMNS_MOST = 64, /* columns that may hold numbers */
	RECORDS_LEAST = 3,
	FEW = 20, /* one in so many lines may be blank or indented, or have brackets that are not closed */
	TYPED_SHARE = 80, /* per cent of a column's cells that make it one of numbers */
};

struct shape {
	size_t records, uneven, blank, indented, open, spaced, cells;
	size_t typed[COLUMNS_MOST]; /* cells with a number or a date, or nothing in them */
	size_t empty[COLUMNS_MOST];
};

/* 12, -1,234.50, 45 %, $12, 2024-05-06, 12:30, (300) */
static bool is_typed(const char *p, size_t len)
{
	size_t digits = 0;

	for (size_t i = 0; i < len; i++) {
		if (tally_is_digit(p[i]))
			digits++;
		else if (!memchr("+-.,'%$()/: TZeE", p[i], 16))
			return false;
	}
	return digits > 0;
}

/* a bracket that is not closed, or closed before it was opened: the delimiter parts what belongs together */
static bool is_open(const char *p, size_t len)
{
	long depth = 0;

	for (size_t i = 0; i < len && depth >= 0; i++)
		depth += p[i] == '(' || p[i] == '[' || p[i] == '{'   ? 1
		         : p[i] == ')' || p[i] == ']' || p[i] == '}' ? -1
		                                                     : 0;
	return depth != 0;
}

static void look_at_cell(struct shape *s, size_t column, const struct tally_csv_field *f, bool *open)
{
	const char *p = f->bytes;
	size_t len = f->len;

	*open |= !f->quoted && is_open(p, len);
	s->spaced += column > 0 && !f->quoted && len > 1 && p[0] == ' ';
	s->cells += column > 0;
	while (len > 0 && *p == ' ') {
		p++;
		len--;
	}
	if (column >= COLUMNS_MOST)
		return;
	s->empty[column] += len == 0;
	s->typed[column] += is_typed(p, len);
}

static void look_at_record(struct shape *s, const char *p, size_t len,
                           const struct tally_csv_dialect *d)
{
	struct tally_csv_fields fields;
	struct tally_csv_field f;
	size_t n = 0;
	bool open = false;

	if (len == 0) {
		s->blank++;
		return;
	}
	s->records++;
	s->indented += *p == ' ' || *p == '\t';
	tally_csv_fields_init(&fields, p, len, &d->form);
	while (tally_csv_fields_next(&fields, &f))
		look_at_cell(s, n++, &f, &open);
	s->open += open;
	s->uneven += n != d->columns;
}

static void look_at_text(struct shape *s, const char *text, size_t len,
                         const struct tally_csv_dialect *d)
{
	const char *end = text + len;

	for (const char *p = text; p < end;) {
		struct tally_csv_one one;
		size_t n;

		if (!tally_csv_one_record(&one, p, end, true, &d->form))
			return;
		n = (size_t)(one.next - p);
		while (n > 0 && (p[n - 1] == '\n' || p[n - 1] == '\r'))
			n--;
		look_at_record(s, p, n, d);
		p = one.next;
	}
}

/* the header's cell is no number */
static bool has_typed_column(const struct shape *s)
{
	for (size_t i = 0; i < COLUMNS_MOST; i++)
		if (s->typed[i] > 1 &&
		    (s->typed[i] + s->empty[i] + 1) * 100 >= s->records * TYPED_SHARE)
			return true;
	return false;
}

static bool is_rectangular(const char *text, size_t len)
{
	struct shape s = { 0 };
	struct tally_csv_dialect d;

	tally_csv_dialect_find(&d, text, len, NULL);
	if (d.columns < 2 || d.hollow || !d.form.delimiter)
		return false;
	look_at_text(&s, text, len, &d);
	if (s.records < RECORDS_LEAST || s.uneven * 100 > s.records || s.blank * FEW > s.records ||
	    s.indented * FEW > s.records || s.open * FEW > s.records)
		return false;
	if (has_typed_column(&s))
		return true;
	/* words alone: a sentence has its comma as well */
	return s.spaced * 2 < s.cells && d.columns > 2 && s.uneven == 0;
}

/* the bytes up to the last line end, so that a cut line does not look ragged */
static size_t whole_lines(const char *text, size_t len)
{
	size_t at = len;

	while (at > 0 && text[at - 1] != '\n' && text[at - 1] != '\r')
		at--;
	return at ? at : len;
}

bool tally_text_is_table(const unsigned char *bytes, size_t len, uint64_t size)
{
	size_t bom;
	enum tally_encoding encoding = tally_encoding_sniff(bytes, len, &bom);
	const char *text = (const char *)bytes + bom;
	size_t most = len - bom < LOOKED_AT ? len - bom : LOOKED_AT, text_len = most;
	bool cut = most < size - bom, yes;
	char *wide = NULL;
	uint64_t bad;

	if (tally_encoding_wide(encoding)) {
		if (tally_utf16_to_utf8(text, most & ~(size_t)1, encoding == TALLY_ENCODING_UTF16BE,
		                        0, &wide, &text_len, &bad, NULL) < 0)
			return false;
		text = wide;
	}
	if (cut)
		text_len = whole_lines(text, text_len);
	yes = is_rectangular(text, text_len);
	tally_free(wide);
	return yes;
}
