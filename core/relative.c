/* References in formulas: found, resolved, and written as people write them. See core/relative.h. */
#include "core/relative.h"

#include <string.h>

#include "core/ascii.h"

enum {
	NUMBER_MOST = 10000000, /* larger ones are no rows or columns */
	SHEET_ROWS = 1 << 20,
	SHEET_COLUMNS = 1 << 14,
	ADDRESS_MOST = 32,
};

static bool in_name(char c)
{
	return tally_is_letter(c) || tally_is_digit(c) || c == '_' || c == '.' || c == '\\' ||
	       c == '?' || (unsigned char)c >= 0x80;
}

/* ---- one reference ---- */

static const char *parse_number(const char *p, const char *end, int64_t *out)
{
	const char *from = p;

	for (*out = 0; p < end && tally_is_digit(*p) && *out < NUMBER_MOST; p++)
		*out = *out * 10 + (*p - '0');
	return p > from && *out < NUMBER_MOST ? p : NULL;
}

/* "R", "R[-1]", "R5" with this letter. @return behind it; NULL: it is none */
static const char *parse_end(const char *p, const char *end, char letter,
                             struct tally_relative_end *out)
{
	const char *q;
	bool minus;

	*out = (struct tally_relative_end){ .given = true };
	if (p >= end || *p++ != letter)
		return NULL;
	if (p < end && *p == '[') {
		minus = p + 1 < end && p[1] == '-';
		q = parse_number(p + 1 + minus, end, &out->at);
		if (!q || q >= end || *q != ']')
			return NULL;
		out->at = minus ? -out->at : out->at;
		return q + 1;
	}
	if (p < end && tally_is_digit(*p)) {
		q = parse_number(p, end, &out->at);
		if (!q || out->at < 1)
			return NULL;
		out->absolute = true;
		out->at--;
		return q;
	}
	return p;
}

/* @return behind the reference at p; NULL: there is none */
static const char *parse_reference(const struct tally_relative *r, const char *p,
                                   struct tally_relative_piece *out)
{
	const char *q = parse_end(p, r->end, 'R', &out->row), *c;
	bool colon;

	if (!q)
		out->row = (struct tally_relative_end){ 0 };
	c = parse_end(q ? q : p, r->end, 'C', &out->column);
	if (!c)
		out->column = (struct tally_relative_end){ 0 };
	q = c ? c : q;
	if (!q || (q < r->end && (in_name(*q) || strchr("([!", *q))))
		return NULL;
	colon = (q < r->end && *q == ':') || (p > r->text && p[-1] == ':');
	return (out->row.given && out->column.given) || colon ? q : NULL;
}

/* ---- what stands between them ---- */

/* Behind what stands in quotes; a doubled one begins it anew. */
static const char *skip_quoted(const char *p, const char *end)
{
	const char *close = memchr(p + 1, *p, (size_t)(end - p - 1));

	return close ? close + 1 : end;
}

static const char *skip_brackets(const char *p, const char *end)
{
	size_t depth = 0;

	for (; p < end; p++) {
		if (*p == '\'' && p + 1 < end && depth)
			p++;
		else if (*p == '[')
			depth++;
		else if (*p == ']' && --depth == 0)
			return p + 1;
	}
	return end;
}

/* Behind the token at p, which is no reference. A name goes on behind its brackets and quotes: [1]Sheet!, Table[Column] */
static const char *skip_token(const char *p, const char *end)
{
	const char *from = p;

	while (p < end) {
		if (in_name(*p) || (*p == '#' && p == from))
			p++;
		else if (*p == '[')
			p = skip_brackets(p, end);
		else if (*p == '\'' || *p == '"')
			p = skip_quoted(p, end);
		else
			break;
	}
	return p > from ? p : p + 1;
}

bool tally_relative_next(struct tally_relative *r, struct tally_relative_piece *out)
{
	const char *p = r->at, *q;

	*out = (struct tally_relative_piece){ .text = p };
	if (p >= r->end)
		return false;
	q = parse_reference(r, p, out);
	if (q) {
		out->reference = true;
		out->len = (size_t)(q - p);
		out->sheet = r->sheet;
		out->sheet_len = r->sheet_len;
		r->at = q;
		return true;
	}
	/* the second end of an area is on the sheet of the first */
	if (*p == ':' && r->sheet && parse_reference(r, p + 1, out)) {
		p++;
	} else {
		r->sheet = NULL;
		r->sheet_len = 0;
		while (p < r->end && !parse_reference(r, p, out)) {
			q = skip_token(p, r->end);
			r->sheet = q < r->end && *q == '!' ? p : NULL;
			r->sheet_len = r->sheet ? (size_t)(q - p) : 0;
			p = r->sheet ? q + 1 : q;
		}
	}
	out->reference = false;
	out->row = out->column = (struct tally_relative_end){ 0 };
	out->len = (size_t)(p - out->text);
	r->at = p;
	return true;
}

void tally_relative_place(const struct tally_relative_piece *p, uint64_t row, uint64_t column,
                          int64_t *to_row, int64_t *to_column)
{
	*to_row = !p->row.given ? -1 : p->row.absolute ? p->row.at : (int64_t)row + p->row.at;
	*to_column = !p->column.given     ? -1
	             : p->column.absolute ? p->column.at
	                                  : (int64_t)column + p->column.at;
}

/* ---- as people write it ---- */

static size_t column_letters(char *out, uint32_t column)
{
	char letters[8];
	size_t n = 0;

	for (uint64_t c = (uint64_t)column + 1; c > 0; c = (c - 1) / 26)
		letters[n++] = (char)('A' + (c - 1) % 26);
	for (size_t i = 0; i < n; i++)
		out[i] = letters[n - 1 - i];
	return n;
}

static size_t row_digits(char *out, uint64_t row)
{
	char digits[24];
	size_t n = 0;

	for (uint64_t r = row + 1; r > 0; r /= 10)
		digits[n++] = (char)('0' + r % 10);
	for (size_t i = 0; i < n; i++)
		out[i] = digits[n - 1 - i];
	return n;
}

size_t tally_address(char *out, uint64_t row, uint32_t column)
{
	size_t n = column_letters(out, column);

	n += row_digits(out + n, row);
	out[n] = '\0';
	return n;
}

static bool add_reference(struct tally_buf *out, const struct tally_relative_piece *p, uint64_t row,
                          uint32_t column)
{
	char text[ADDRESS_MOST];
	size_t n = 0;
	int64_t r, c;

	tally_relative_place(p, row, column, &r, &c);
	if ((p->row.given && (r < 0 || r >= SHEET_ROWS)) ||
	    (p->column.given && (c < 0 || c >= SHEET_COLUMNS)))
		return tally_buf_text(out, "#REF!");
	if (p->column.given) {
		if (p->column.absolute)
			text[n++] = '$';
		n += column_letters(text + n, (uint32_t)c);
	}
	if (p->row.given) {
		if (p->row.absolute)
			text[n++] = '$';
		n += row_digits(text + n, (uint64_t)r);
	}
	return tally_buf_add(out, text, n);
}

bool tally_relative_a1(struct tally_buf *out, const char *text, size_t len, uint64_t row,
                       uint32_t column)
{
	struct tally_relative r = { .text = text, .at = text, .end = text + len };
	struct tally_relative_piece p;
	bool ok = true;

	while (ok && tally_relative_next(&r, &p))
		ok = p.reference ? add_reference(out, &p, row, column)
		                 : tally_buf_add(out, p.text, p.len);
	return ok;
}
