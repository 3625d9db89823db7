/* What may change in tables, as somebody said it: see diff/scope.h. */
#include "diff/scope.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/arena.h"
#include "core/mem.h"
#include "diff/table_value.h"

enum { FORM_MOST = TALLY_DECIMAL_DIGITS + 32 };

enum relation { ONE_OF, NONE_OF, BETWEEN };

struct tally_scope {
	struct tally_arena arena;
	struct tally_scope_words words;
	const char *column; /* NULL: rows are not restricted */
	enum relation relation;
	struct tally_span *values; /* in the form that is compared, sorted; of a range: its two ends as they are */
	size_t count, cap;
	enum { TEXTS, NUMBERS, DAYS } range;
};

/* The expression while it is read. */
struct reader {
	struct tally_scope *s;
	const char *all, *at;
	struct tally_err *err;
};

bool tally_scope_words_any(const struct tally_scope_words *words)
{
	return words->column_count || words->sheet_count || words->rows;
}

/* ---- values ---- */

/*
 * Equal values have equal forms: numbers are written in one way, whatever has leading zeros is a code and stays a text.
 * @room  for FORM_MOST bytes
 */
static struct tally_span form_of(struct tally_span text, char *room)
{
	struct tally_decimal d;
	size_t n = 0;

	text = tally_span_trim(text);
	if (!tally_decimal_parse(&d, text) || d.leading_zeros)
		return text;
	room[n++] = '\0'; /* no text begins like that */
	room[n++] = d.negative && d.count ? '-' : '+';
	for (uint32_t i = 0; i < d.count; i++)
		room[n++] = (char)('0' + d.digits[i]);
	for (unsigned i = 0; d.count && i < 4; i++)
		room[n++] = (char)((uint32_t)d.scale >> 8 * i);
	return (struct tally_span){ room, n };
}

static int compare_spans(struct tally_span a, struct tally_span b)
{
	int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int by_bytes(const void *a, const void *b)
{
	return compare_spans(*(const struct tally_span *)a, *(const struct tally_span *)b);
}

static enum tally_status add_value(struct reader *r, struct tally_span text)
{
	struct tally_scope *s = r->s;
	char room[FORM_MOST];
	struct tally_span form = s->relation == BETWEEN ? text : form_of(text, room);

	if (!tally_grow(&s->values, &s->cap, s->count, sizeof *s->values))
		return tally_err_nomem(r->err);
	s->values[s->count] = (struct tally_span){ tally_arena_dup(&s->arena, form.at, form.len),
		                                   form.len };
	return s->values[s->count++].at ? TALLY_OK : tally_err_nomem(r->err);
}

/* ---- the expression ---- */

static enum tally_status wrong(const struct reader *r, const char *what)
{
	return tally_err_set(r->err, TALLY_FATAL, TALLY_REASON_NONE,
	                     "'%s' says no rows: %s; give COLUMN = VALUE, COLUMN != VALUE, COLUMN in "
	                     "A,B,C or COLUMN between A and B",
	                     r->all, what);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void skip_blanks(struct reader *r)
{
	while (is_blank(*r->at))
		r->at++;
}

/* Does a word stand here, with blanks (or the end) around it? Its length, or 0. */
static size_t word_at(const struct reader *r, const char *word)
{
	size_t n = strlen(word);
	bool open = r->at == r->all || is_blank(r->at[-1]) || r->at[-1] == '"' || r->at[-1] == '\'';

	return open && !strncasecmp(r->at, word, n) &&
	                       (!r->at[n] || is_blank(r->at[n]) || r->at[n] == '"' || r->at[n] == '\'')
	               ? n
	               : 0;
}

static size_t relation_at(const struct reader *r, enum relation *out)
{
	size_t n;

	*out = ONE_OF;
	if (*r->at == '=')
		return r->at[1] == '=' ? 2 : 1;
	if ((n = word_at(r, "in")) != 0)
		return n;
	*out = NONE_OF;
	if (r->at[0] == '!' && r->at[1] == '=')
		return 2;
	*out = BETWEEN;
	return word_at(r, "between");
}

/* What stands in quotes; a doubled one is one of them. */
static enum tally_status quoted(struct reader *r, struct tally_span *out)
{
	char mark = *r->at++, *to = tally_arena_alloc(&r->s->arena, strlen(r->at) + 1);

	if (!to)
		return tally_err_nomem(r->err);
	*out = (struct tally_span){ to, 0 };
	for (;; r->at++) {
		if (!*r->at)
			return wrong(r, "a quote is not closed");
		if (*r->at == mark && *++r->at != mark)
			break;
		to[out->len++] = *r->at;
	}
	to[out->len] = '\0';
	skip_blanks(r);
	return TALLY_OK;
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'';
}

static enum tally_status read_column(struct reader *r)
{
	struct tally_span name;
	enum relation ignored;

	skip_blanks(r);
	if (is_quote(*r->at)) {
		enum tally_status st = quoted(r, &name);

		if (st < 0)
			return st;
	} else {
		name.at = r->at;
		while (*r->at && !relation_at(r, &ignored))
			r->at++;
		name.len = (size_t)(r->at - name.at);
		while (name.len && is_blank(name.at[name.len - 1]))
			name.len--;
	}
	if (!name.len)
		return wrong(r, "it names no column");
	r->s->column = tally_arena_dup(&r->s->arena, name.at, name.len);
	return r->s->column ? TALLY_OK : tally_err_nomem(r->err);
}

/* Up to a comma of a list, up to the word "and" of a range, otherwise to the end. */
static enum tally_status read_value(struct reader *r, bool list, bool range)
{
	struct tally_span value;

	skip_blanks(r);
	if (is_quote(*r->at)) {
		enum tally_status st = quoted(r, &value);

		return st < 0 ? st : add_value(r, value);
	}
	value.at = r->at;
	while (*r->at && !(list && *r->at == ',') && !(range && word_at(r, "and")))
		r->at++;
	value.len = (size_t)(r->at - value.at);
	while (value.len && is_blank(value.at[value.len - 1]))
		value.len--;
	return value.len ? add_value(r, value) : wrong(r, "a value is missing");
}

static enum tally_status read_list(struct reader *r)
{
	enum tally_status st = read_value(r, true, false);

	while (st == TALLY_OK && *r->at == ',') {
		r->at++;
		st = read_value(r, true, false);
	}
	return st;
}

static bool one_day(struct tally_span text, int32_t *day)
{
	struct tally_date date[2];

	if (tally_date_parse(date, tally_span_trim(text), false) != 1)
		return false;
	*day = date[0].day;
	return true;
}

/* What kind of range it is, and that it holds something. */
static enum tally_status judge_range(struct reader *r)
{
	struct tally_scope *s = r->s;
	struct tally_span low = tally_span_trim(s->values[0]), high = tally_span_trim(s->values[1]);
	struct tally_decimal a, b;
	bool number[2] = { tally_decimal_parse(&a, low), tally_decimal_parse(&b, high) };
	int32_t day[2];
	bool rising = compare_spans(low, high) <= 0;

	if (number[0] != number[1])
		return wrong(r, "one end of the range is a number, the other is none");
	if (number[0]) {
		s->range = NUMBERS;
		rising = tally_decimal_compare(&a, &b) <= 0;
	} else if (one_day(low, &day[0]) && one_day(high, &day[1])) {
		s->range = DAYS;
		rising = day[0] <= day[1];
	}
	return rising ? TALLY_OK : wrong(r, "the range ends before it begins");
}

static enum tally_status read_range(struct reader *r)
{
	enum tally_status st = read_value(r, false, true);
	size_t n = 0;

	if (st == TALLY_OK && (n = word_at(r, "and")) == 0)
		st = wrong(r, "the word 'and' is missing");
	r->at += n;
	if (st == TALLY_OK)
		st = read_value(r, false, false);
	return st == TALLY_OK ? judge_range(r) : st;
}

static enum tally_status read_rows(struct reader *r)
{
	enum tally_status st = read_column(r);
	bool list;
	size_t n;

	if (st < 0)
		return st;
	n = relation_at(r, &r->s->relation);
	if (!n)
		return wrong(r, "nothing is said of the column");
	list = *r->at != '=' && r->s->relation == ONE_OF;
	r->at += n;
	if (r->s->relation == BETWEEN)
		st = read_range(r);
	else
		st = list ? read_list(r) : read_value(r, false, false);
	if (st == TALLY_OK && *r->at)
		st = wrong(r, "something stands behind it that does not belong there");
	if (st == TALLY_OK && r->s->relation != BETWEEN)
		qsort(r->s->values, r->s->count, sizeof *r->s->values, by_bytes);
	return st;
}

/* ---- making ---- */

static const char *const *copy_names(struct tally_arena *arena, const char *const *names, size_t count)
{
	const char **copy = tally_arena_zero(arena, count + 1, sizeof *copy);

	for (size_t i = 0; copy && i < count; i++) {
		copy[i] = tally_arena_dup(arena, names[i], strlen(names[i]));
		if (!copy[i])
			return NULL;
	}
	return copy;
}

static enum tally_status fill(struct tally_scope *s, const struct tally_scope_words *words,
                              struct tally_err *err)
{
	struct reader r = { .s = s, .err = err };

	s->words.column_count = words->column_count;
	s->words.sheet_count = words->sheet_count;
	s->words.columns = copy_names(&s->arena, words->columns, words->column_count);
	s->words.sheets = copy_names(&s->arena, words->sheets, words->sheet_count);
	if (words->rows)
		s->words.rows = tally_arena_dup(&s->arena, words->rows, strlen(words->rows));
	if (!s->words.columns || !s->words.sheets || (words->rows && !s->words.rows))
		return tally_err_nomem(err);
	r.all = r.at = s->words.rows;
	return words->rows ? read_rows(&r) : TALLY_OK;
}

enum tally_status tally_scope_new(struct tally_scope **out, const struct tally_scope_words *words,
                                  struct tally_err *err)
{
	struct tally_scope *s = NULL;
	enum tally_status st = TALLY_OK;

	*out = NULL;
	if (!tally_scope_words_any(words))
		return TALLY_OK;
	s = tally_alloc_zero(1, sizeof *s);
	if (!s)
		return tally_err_nomem(err);
	tally_arena_init(&s->arena, 0);
	st = fill(s, words, err);
	if (st < 0)
		tally_scope_free(s);
	else
		*out = s;
	return st;
}

void tally_scope_free(struct tally_scope *s)
{
	if (!s)
		return;
	tally_free(s->values);
	tally_arena_release(&s->arena);
	tally_free(s);
}

const struct tally_scope_words *tally_scope_words(const struct tally_scope *s)
{
	return &s->words;
}

const char *tally_scope_row_column(const struct tally_scope *s)
{
	return s->column;
}

/* ---- asking ---- */

static bool among(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

bool tally_scope_names_column(const struct tally_scope *s, const char *name)
{
	return among(s->words.columns, s->words.column_count, name);
}

bool tally_scope_allows_sheet(const struct tally_scope *s, const char *name)
{
	return !s->words.sheet_count || among(s->words.sheets, s->words.sheet_count, name);
}

static bool in_numbers(const struct tally_scope *s, struct tally_span value)
{
	struct tally_decimal low, high, x;

	return tally_decimal_parse(&x, value) &&
	       tally_decimal_parse(&low, tally_span_trim(s->values[0])) &&
	       tally_decimal_parse(&high, tally_span_trim(s->values[1])) &&
	       tally_decimal_compare(&low, &x) <= 0 && tally_decimal_compare(&x, &high) <= 0;
}

/* A date that may be two days has to fit as both. */
static bool in_days(const struct tally_scope *s, struct tally_span value)
{
	struct tally_date date[2];
	size_t n = tally_date_parse(date, value, false);
	int32_t low, high;

	if (!n || !one_day(s->values[0], &low) || !one_day(s->values[1], &high))
		return false;
	for (size_t i = 0; i < n; i++)
		if (date[i].day < low || date[i].day > high)
			return false;
	return true;
}

static bool in_range(const struct tally_scope *s, struct tally_span value)
{
	value = tally_span_trim(value);
	if (s->range == NUMBERS)
		return in_numbers(s, value);
	if (s->range == DAYS)
		return in_days(s, value);
	return compare_spans(tally_span_trim(s->values[0]), value) <= 0 &&
	       compare_spans(value, tally_span_trim(s->values[1])) <= 0;
}

bool tally_scope_fits(const struct tally_scope *s, const char *value, size_t len)
{
	char room[FORM_MOST];
	struct tally_span text = { value, len }, form;

	if (!s->column)
		return true;
	if (s->relation == BETWEEN)
		return in_range(s, text);
	form = form_of(text, room);
	return (bsearch(&form, s->values, s->count, sizeof form, by_bytes) != NULL) ==
	       (s->relation == ONE_OF);
}
