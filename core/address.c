/* References as people write them: found in a text and written. See core/address.h. */
#include "core/address.h"

#include <string.h>

#include "core/ascii.h"
#include "core/relative.h"

static bool in_word(char c)
{
	return tally_is_letter(c) || tally_is_digit(c) || c == '_' || c == '.' || c == '$' ||
	       c == '\\' || c == '?' || (unsigned char)c >= 0x80;
}

/* ---- words ---- */

static const char *read_column(const char *p, const char *end, struct tally_address_axis *a)
{
	const char *from;
	uint32_t n = 0;

	*a = (struct tally_address_axis){ .fixed = p < end && *p == '$' };
	from = p += a->fixed;
	for (; p < end && ((*p | 32) >= 'a' && (*p | 32) <= 'z'); p++) {
		n = n * 26 + (uint32_t)((*p | 32) - 'a' + 1);
		if (n > TALLY_ADDRESS_COLUMNS)
			return NULL;
	}
	a->given = p > from;
	a->at = n - 1;
	return a->given ? p : NULL;
}

static const char *read_row(const char *p, const char *end, struct tally_address_axis *a)
{
	const char *from;
	uint32_t n = 0;

	*a = (struct tally_address_axis){ .fixed = p < end && *p == '$' };
	from = p += a->fixed;
	for (; p < end && tally_is_digit(*p); p++) {
		n = n * 10 + (uint32_t)(*p - '0');
		if (!n || n > TALLY_ADDRESS_ROWS)
			return NULL;
	}
	a->given = p > from;
	a->at = n - 1;
	return a->given ? p : NULL;
}

/* The word from p to end: a cell, a row or a column */
static bool read_end(const char *p, const char *end, struct tally_address_end *out)
{
	const char *q = read_column(p, end, &out->column);

	if (!q)
		out->column = (struct tally_address_axis){ .given = false };
	if (q == end) {
		out->row = (struct tally_address_axis){ .given = false };
		return true;
	}
	return read_row(q ? q : p, end, &out->row) == end;
}

static const char *word_end(const char *p, const char *end)
{
	static const char close[] = "\u2019";

	/* a quotation ends before its mark */
	while (p < end && in_word(*p) &&
	       !((size_t)(end - p) >= sizeof close - 1 && !memcmp(p, close, sizeof close - 1)))
		p++;
	return p;
}

static bool is_cell(const struct tally_address_end *e)
{
	return e->row.given && e->column.given;
}

static bool same_kind(const struct tally_address_end *a, const struct tally_address_end *b)
{
	return a->row.given == b->row.given && a->column.given == b->column.given;
}

/* @return behind the reference whose first word ends at q; NULL: it is none */
static const char *read_reference(const struct tally_address_walk *w, const char *p, const char *q,
                                  struct tally_address_piece *out)
{
	const char *second = q < w->end && *q == ':' ? word_end(q + 1, w->end) : q;

	if (p == q || !read_end(p, q, &out->end[0]))
		return NULL;
	if (w->what == TALLY_ADDRESS_LINES && is_cell(&out->end[0]))
		return NULL;
	out->area = second > q + 1 && read_end(q + 1, second, &out->end[1]) &&
	            same_kind(&out->end[0], &out->end[1]);
	if (out->area)
		q = second;
	if (q < w->end && strchr("(![", *q))
		return NULL;
	return out->area || is_cell(&out->end[0]) || w->what == TALLY_ADDRESS_LINES ? q : NULL;
}

/* ---- what is no word ---- */

/* Behind what stands in quotes; a doubled one begins it anew. */
static const char *skip_quoted(const char *p, const char *end)
{
	const char *close = memchr(p + 1, *p, (size_t)(end - p - 1));

	return close ? close + 1 : end;
}

static const char *skip_quotation(const char *p, const char *end)
{
	static const char marks[] = "\u2018\u2019";
	enum { MARK = (sizeof marks - 1) / 2 };

	if ((size_t)(end - p) < MARK || memcmp(p, marks, MARK) != 0)
		return p;
	for (p += MARK; (size_t)(end - p) >= MARK; p++)
		if (!memcmp(p, marks + MARK, MARK))
			return p + MARK;
	return end;
}

static const char *skip_brackets(const char *p, const char *end)
{
	size_t depth = 0;

	for (; p < end; p++) {
		if (*p == '[')
			depth++;
		else if (*p == ']' && --depth == 0)
			return p + 1;
	}
	return end;
}

/* Behind the token at p; a name goes on behind its brackets and quotes: [1]Sheet!, Table[Column], 'It''s'! */
static const char *skip_token(const char *p, const char *end)
{
	const char *from = p, *q = skip_quotation(p, end);

	if (q > p)
		return q;
	for (; p < end; p = q) {
		q = *p == '['                 ? skip_brackets(p, end)
		    : *p == '\'' || *p == '"' ? skip_quoted(p, end)
		                              : word_end(p, end);
		if (q == p)
			break;
	}
	return p > from ? p : p + 1;
}

/* ---- pieces ---- */

bool tally_address_next(struct tally_address_walk *w, struct tally_address_piece *out)
{
	const char *p = w->at, *q;

	*out = (struct tally_address_piece){ .text = p };
	if (p >= w->end)
		return false;
	while (p < w->end) {
		struct tally_address_piece found = { .text = p, .reference = true };

		q = skip_quotation(p, w->end) > p
		            ? NULL
		            : read_reference(w, p, word_end(p, w->end), &found);
		if (q && p > out->text)
			break; /* what stands before it goes first */
		if (q) {
			*out = found;
			out->len = (size_t)(q - p);
			out->sheet = w->sheet;
			out->sheet_len = w->sheet_len;
			w->sheet = NULL;
			w->sheet_len = 0;
			w->at = q;
			return true;
		}
		q = skip_token(p, w->end);
		w->sheet = q < w->end && *q == '!' ? p : NULL;
		w->sheet_len = w->sheet ? (size_t)(q - p) : 0;
		p = w->sheet ? q + 1 : q;
	}
	out->len = (size_t)(p - out->text);
	w->at = p;
	return true;
}

bool tally_address_sheet_is(const char *text, size_t len, const char *name)
{
	bool quoted = len >= 2 && text[0] == '\'' && text[len - 1] == '\'';
	size_t i = quoted ? 1 : 0, end = quoted ? len - 1 : len;

	for (; *name; name++) {
		if (i >= end || text[i] != *name)
			return false;
		i += *name == '\'' && i + 1 < end && text[i + 1] == '\'' ? 2 : 1;
	}
	return i == end;
}

static bool put_end(struct tally_buf *out, const struct tally_address_end *e)
{
	enum { MOST = 32 };
	char text[MOST];
	size_t len = tally_address(text, e->row.given ? e->row.at : 0,
	                           e->column.given ? e->column.at : 0);
	size_t letters = strcspn(text, "0123456789");

	return (!e->column.given || ((!e->column.fixed || tally_buf_byte(out, '$')) &&
	                             tally_buf_add(out, text, letters))) &&
	       (!e->row.given || ((!e->row.fixed || tally_buf_byte(out, '$')) &&
	                          tally_buf_add(out, text + letters, len - letters)));
}

bool tally_address_put(struct tally_buf *out, const struct tally_address_piece *reference)
{
	return put_end(out, &reference->end[0]) &&
	       (!reference->area || (tally_buf_byte(out, ':') && put_end(out, &reference->end[1])));
}

bool tally_address_same_words(const char *a, size_t a_len, const char *b, size_t b_len)
{
	bool quoted = false;

	if (a_len != b_len)
		return false;
	for (size_t i = 0; i < a_len; i++) {
		if (quoted ? a[i] != b[i] : tally_lower(a[i]) != tally_lower(b[i]))
			return false;
		quoted ^= a[i] == '"';
	}
	return true;
}
