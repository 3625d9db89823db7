/* Finding numbers, dates, amounts, names and negations in a text. */
#include "diff/text_found.h"

#include <stdio.h>
#include <string.h>
#include <unictype.h>

#include "core/ascii.h"
#include "diff/table_value.h"
#include "diff/text_diff.h"
#include "diff/text_terms.h"

enum {
	DATE_WORDS = 8, /* words, blanks and marks of one date at most: "Friday, 3. May 2024" without the day's name */
	DATE_DIGITS = 10, /* a word with which a date begins: "2024", "3rd", "31.12.2024" */
	MONTH_BYTES = 24, /* names of months are shorter */
	FEW_WORDS = 8,    /* a text with fewer words does not show how its language uses capitals */
	MANY_CAPITALS = 3 /* a third of the words: a language that begins all nouns with them */
};

struct finder {
	const char *text;
	const struct tally_word *words;
	size_t count;
	bool nouns; /* capitals begin all nouns here, so that they tell no names */
	struct tally_found_list *out;
};

/* ---- single words ---- */

static enum tally_term term_at(const struct finder *f, size_t i)
{
	const struct tally_word *w = &f->words[i];

	if (i >= f->count || w->class != TALLY_WORD_LETTERS)
		return TALLY_TERM_NONE;
	return tally_term_of(f->text + w->at, w->len);
}

static bool is_upper(const struct finder *f, size_t i)
{
	const struct tally_word *w = &f->words[i];
	uint32_t c;

	if (w->class != TALLY_WORD_LETTERS)
		return false;
	tally_char_at(&c, f->text + w->at, w->len);
	return c < 0x80 ? c >= 'A' && c <= 'Z' : c < 0x110000 && uc_is_upper(c);
}

static bool is_mark(const struct finder *f, size_t i, const char *marks)
{
	return i < f->count && f->words[i].class == TALLY_WORD_MARK && f->words[i].len == 1 &&
	       strchr(marks, f->text[f->words[i].at]);
}

static bool is_blank(const struct finder *f, size_t i)
{
	return i < f->count && f->words[i].class == TALLY_WORD_BLANK;
}

/* Does a sentence begin here, so that a capital says nothing? */
static bool begins_sentence(const struct finder *f, size_t i)
{
	while (i > 0 && (is_blank(f, i - 1) || is_mark(f, i - 1, "\"'([")))
		i--;
	return i == 0 || (f->words[i - 1].class == TALLY_WORD_MARK && !is_mark(f, i - 1, ",&/+"));
}

static bool all_capitals(const struct finder *f, size_t i)
{
	const struct tally_word *w = &f->words[i];

	if (w->class != TALLY_WORD_LETTERS || w->len < 2)
		return false;
	for (uint32_t k = 0; k < w->len; k++) {
		char c = f->text[w->at + k];

		if (!((c >= 'A' && c <= 'Z') || tally_is_digit(c)))
			return false;
	}
	return true;
}

static bool capitals_are_common(const struct finder *f)
{
	size_t words = 0, capitals = 0;

	for (size_t i = 0; i < f->count; i++) {
		if (f->words[i].class != TALLY_WORD_LETTERS || begins_sentence(f, i))
			continue;
		words++;
		capitals += is_upper(f, i) && !all_capitals(f, i);
	}
	return words >= FEW_WORDS && capitals * MANY_CAPITALS >= words;
}

/* A month without a day. Where a sentence begins, "May" asks and "March" goes. */
static bool is_month(const struct finder *f, size_t i)
{
	const struct tally_word *w = &f->words[i];
	char date[MONTH_BYTES + 8];
	struct tally_date dates[2];
	int n;

	if (w->len < 3 || w->len > MONTH_BYTES || !is_upper(f, i) || begins_sentence(f, i))
		return false;
	n = snprintf(date, sizeof date, "1 %.*s 2000", (int)w->len, f->text + w->at);
	return tally_date_parse(dates, (struct tally_span){ date, (size_t)n }, false) > 0;
}

/* ---- what takes several words; each returns the number behind the last one, or @i ---- */

static size_t date_at(const struct finder *f, size_t i)
{
	size_t found = i, most = f->count - i < DATE_WORDS ? f->count : i + DATE_WORDS;
	struct tally_date dates[2];

	if (f->words[i].class == TALLY_WORD_DIGITS ? f->words[i].len > DATE_DIGITS : !is_upper(f, i))
		return i;
	for (size_t end = i + 1; end <= most; end++) {
		const struct tally_word *last = &f->words[end - 1];
		struct tally_span text = { f->text + f->words[i].at,
			                   last->at + last->len - f->words[i].at };

		if (last->class == TALLY_WORD_BLANK || last->class == TALLY_WORD_MARK)
			continue;
		if (tally_date_parse(dates, text, false))
			found = end;
	}
	return found;
}

/* 12 500: digits in threes behind single blanks */
static size_t number_at(const struct finder *f, size_t i)
{
	size_t end = i + 1;

	if (f->words[i].len > 3)
		return end;
	while (end + 1 < f->count && f->words[end].class == TALLY_WORD_BLANK &&
	       f->words[end + 1].class == TALLY_WORD_DIGITS &&
	       (f->words[end + 1].len == 3 ||
	        (f->words[end + 1].len > 4 && strchr(",.", f->text[f->words[end + 1].at + 3]))))
		end += 2;
	return end;
}

static bool is_money(const struct finder *f, size_t i)
{
	static const char *const signs[] = { "$", "€", "£", "¥", "₹", "¢", "₽", "₩", "₺" };

	if (i >= f->count)
		return false;
	for (size_t k = 0; k < sizeof signs / sizeof *signs; k++)
		if (f->words[i].len == strlen(signs[k]) &&
		    !memcmp(f->text + f->words[i].at, signs[k], f->words[i].len))
			return true;
	return term_at(f, i) == TALLY_TERM_MONEY;
}

static bool is_share(const struct finder *f, size_t i)
{
	if (is_mark(f, i, "%"))
		return true;
	if (term_at(f, i) != TALLY_TERM_SHARE)
		return false;
	/* "per", "pour", "por" count before "cent" and "ciento" only */
	if (f->words[i].len > 4)
		return true;
	return is_blank(f, i + 1) && i + 2 < f->count &&
	       !strncmp(f->text + f->words[i + 2].at, "cent", 4 <= f->words[i + 2].len ? 4 : 1);
}

/* "-204" behind "B", "30" behind "10:", "1/2": no blank between */
static bool is_joint(const struct finder *f, size_t i)
{
	uint32_t c;

	if (i == 0 || i + 1 >= f->count || f->words[i].class != TALLY_WORD_MARK)
		return false;
	tally_char_at(&c, f->text + f->words[i].at, f->words[i].len);
	c = tally_char_typed(c);
	return (c == '-' || c == ':' || c == '/') && !is_blank(f, i - 1) &&
	       f->words[i - 1].class != TALLY_WORD_MARK &&
	       f->words[i + 1].class == TALLY_WORD_DIGITS;
}

/* m², 10³, 1½ */
static bool is_raised(const struct finder *f, size_t i)
{
	uint32_t c;

	if (i >= f->count || f->words[i].class != TALLY_WORD_MARK)
		return false;
	tally_char_at(&c, f->text + f->words[i].at, f->words[i].len);
	return c < 0x110000 && uc_is_general_category(c, UC_CATEGORY_No);
}

/* The number itself, of several parts: 2024-00017, 10:30, 3/4 */
static size_t value_at(const struct finder *f, size_t i)
{
	size_t end = number_at(f, i);

	while (is_joint(f, end))
		end += 2;
	while (is_raised(f, end))
		end++;
	return end;
}

/* @return the number behind the unit, or @i: "kg", "°C", "m²", "p.m." is one word */
static size_t unit_at(const struct finder *f, size_t i)
{
	static const char degree[] = "°";

	if (i < f->count && f->words[i].len == strlen(degree) &&
	    !memcmp(f->text + f->words[i].at, degree, strlen(degree)))
		return i + 1 + (i + 1 < f->count && f->words[i + 1].class == TALLY_WORD_LETTERS);
	if (term_at(f, i) != TALLY_TERM_UNIT)
		return i;
	return i + 1 + is_raised(f, i + 1);
}

static bool is_comparison(const struct finder *f, size_t i)
{
	static const char *const marks[] = { "<", ">", "≤", "≥", "±", "~", "≈", "-", "+", "−" };
	const struct tally_word *before = i > 0 ? &f->words[i - 1] : NULL;

	/* in front of a line it quotes, or marks an item */
	if (!before || memchr(f->text + before->at, '\n', before->len))
		return f->words[i].len == 1 && strchr("-+", f->text[f->words[i].at]) &&
		       i + 1 < f->count && !is_blank(f, i + 1);

	for (size_t k = 0; k < sizeof marks / sizeof *marks; k++)
		if (f->words[i].len == strlen(marks[k]) &&
		    !memcmp(f->text + f->words[i].at, marks[k], f->words[i].len))
			return true;
	return false;
}

/* ---- the list ---- */

static struct tally_found *add(struct finder *f, size_t from, size_t end, unsigned flag)
{
	const struct tally_word *last = &f->words[end - 1];
	struct tally_found *found = &f->out->items[f->out->count++];

	*found = (struct tally_found){ .at = f->words[from].at,
		                       .len = last->at + last->len - f->words[from].at,
		                       .flag = flag };
	found->value_at = found->at;
	found->value_len = found->len;
	return found;
}

/* Where what belongs to a number begins: a currency, a sign that compares, the letters of a code */
static size_t begin_of(const struct finder *f, size_t i, unsigned *flag)
{
	size_t from = i, blank = i > 0 && is_blank(f, i - 1);

	if (i > 1 && is_joint(f, i - 1) && f->words[i - 2].class == TALLY_WORD_LETTERS)
		return i - 2;
	if (i > 0 && is_joint(f, i - 1))
		return i;
	if (i > blank && is_money(f, i - blank - 1)) {
		from = i - blank - 1;
		*flag = TALLY_EDIT_AMOUNT;
		blank = from > 0 && is_blank(f, from - 1);
	}
	if (from > blank && is_comparison(f, from - blank - 1))
		from -= blank + 1;
	return from;
}

/* A number with what stands beside it. */
static size_t find_number(struct finder *f, size_t i)
{
	unsigned flag = TALLY_EDIT_NUMBER;
	size_t end = value_at(f, i), from = begin_of(f, i, &flag), behind = end, value = end;
	struct tally_found *found;

	behind += is_blank(f, end);
	if (is_money(f, behind) || is_share(f, behind)) {
		flag = TALLY_EDIT_AMOUNT;
		end = behind + 1;
	} else if (unit_at(f, behind) > behind) {
		end = unit_at(f, behind);
	}
	if (f->out->count) {
		const struct tally_found *last = &f->out->items[f->out->count - 1];

		if (from < i && last->at == f->words[from].at && is_joint(f, i - 1))
			f->out->count--; /* the letter of a code, taken for a name */
		/* what was taken by the one before stays there */
		else
			while (from < i && f->words[from].at < last->at + last->len)
				from++;
	}
	while (from < i && (is_blank(f, from) || is_joint(f, from)))
		from++;
	found = add(f, from, end, flag);
	found->value_at = f->words[i].at;
	found->value_len = f->words[value - 1].at + f->words[value - 1].len - found->value_at;
	return end;
}

/* Names: capitals inside a sentence, several in a row as one; abbreviations. */
static size_t find_name(struct finder *f, size_t i)
{
	size_t end = i + 1;
	bool one;

	while (is_blank(f, end) && end + 1 < f->count && is_upper(f, end + 1) &&
	       term_at(f, end + 1) != TALLY_TERM_NEGATION)
		end += 2;
	one = end == i + 1;
	if (all_capitals(f, i) || (!begins_sentence(f, i) && !(one && f->nouns)) ||
	    (!one && !f->nouns))
		add(f, i, end, TALLY_EDIT_NAME);
	return end;
}

/* "No. 5", "No 5": a number */
static bool is_number_sign(const struct finder *f, size_t i)
{
	const struct tally_word *w = &f->words[i];
	size_t behind = i + 1;

	if (w->len != 2 || (f->text[w->at] | 0x20) != 'n' || (f->text[w->at + 1] | 0x20) != 'o')
		return false;
	if (is_mark(f, behind, "."))
		behind++;
	else if (f->text[w->at] != 'N')
		return false;
	behind += is_blank(f, behind);
	return behind < f->count && f->words[behind].class == TALLY_WORD_DIGITS;
}

/* www.example.com, report.txt; the name of a host or file, no end of a sentence */
static bool is_dotted(const struct finder *f, size_t i)
{
	const struct tally_word *w = &f->words[i];
	uint32_t behind = 0; /* letters behind the last dot */
	bool dot = false;

	for (uint32_t k = 0; k < w->len; k++, behind++)
		if (f->text[w->at + k] == '.') {
			dot = true;
			behind = 0;
		}
	return w->class == TALLY_WORD_LETTERS && dot && behind > 2;
}

/* anna@example.com */
static bool is_address(const struct finder *f, size_t i)
{
	return is_mark(f, i + 1, "@") && i + 2 < f->count && f->words[i + 2].class < TALLY_WORD_BLANK;
}

static bool has_digit(const struct finder *f, size_t i)
{
	const struct tally_word *w = &f->words[i];

	for (uint32_t k = 0; k < w->len; k++)
		if (tally_is_digit(f->text[w->at + k]))
			return true;
	return false;
}

/* Of a language without blanks: @bytes from this word on. @return the number behind the last word */
static size_t find_unspaced(struct finder *f, size_t i, size_t bytes, unsigned flag)
{
	const size_t behind = f->words[i].at + bytes;
	size_t end = i + 1;

	while (end < f->count && f->words[end].at < behind)
		end++;
	if (flag == TALLY_EDIT_NUMBER && is_money(f, end))
		flag = TALLY_EDIT_AMOUNT;
	if (flag != TALLY_EDIT_NEGATION && (flag == TALLY_EDIT_AMOUNT || unit_at(f, end) > end))
		end++;
	add(f, i, end, flag);
	return end;
}

static size_t find_term(struct finder *f, size_t i, enum tally_term term)
{
	size_t end = i + 1;

	if (term == TALLY_TERM_NEGATION && is_number_sign(f, i))
		return i + 1;
	if (term == TALLY_TERM_NUMBER) { /* "ten years" */
		size_t unit = unit_at(f, i + 1 + is_blank(f, i + 1));

		end = unit > i + 1 + is_blank(f, i + 1) ? unit : end;
	}
	add(f, i, end, term == TALLY_TERM_NUMBER ? TALLY_EDIT_NUMBER : TALLY_EDIT_NEGATION)
		->opposite = term >= TALLY_TERM_AND ? (uint8_t)term : 0;
	return end;
}

static size_t find_word(struct finder *f, size_t i)
{
	const char *text = f->text + f->words[i].at;
	const size_t rest = f->words[f->count - 1].at + f->words[f->count - 1].len - f->words[i].at;
	enum tally_term term = term_at(f, i);
	size_t bytes;

	if (term == TALLY_TERM_NEGATION || term == TALLY_TERM_NUMBER || term >= TALLY_TERM_AND)
		return find_term(f, i, term);
	if ((unsigned char)*text >= 0xE3) {
		if ((bytes = tally_term_counts(text, rest)) > 0)
			return find_unspaced(f, i, bytes, TALLY_EDIT_NUMBER);
		if ((bytes = tally_term_negates(text, rest)) > 0)
			return find_unspaced(f, i, bytes, TALLY_EDIT_NEGATION);
	}
	if (is_address(f, i)) {
		add(f, i, i + 3, TALLY_EDIT_NAME);
		return i + 3;
	}
	if (is_dotted(f, i) || (has_digit(f, i) && !is_upper(f, i))) {
		add(f, i, i + 1,
		    has_digit(f, i) && !is_dotted(f, i) ? TALLY_EDIT_NUMBER : TALLY_EDIT_NAME);
		return i + 1;
	}
	return is_upper(f, i) && !is_money(f, i) ? find_name(f, i) : i + 1;
}

static size_t find_next(struct finder *f, size_t i)
{
	const struct tally_word *w = &f->words[i];
	size_t end;

	/* "½", but not the second half of a letter that was read in another encoding: "MÃ¼ller" */
	if (is_raised(f, i) && (!i || f->words[i - 1].class != TALLY_WORD_LETTERS)) {
		add(f, i, i + 1, TALLY_EDIT_NUMBER);
		return i + 1;
	}
	if (w->class == TALLY_WORD_BLANK || w->class == TALLY_WORD_MARK)
		return i + 1;
	end = date_at(f, i);
	if (end > i) {
		add(f, i, end, TALLY_EDIT_DATE);
		return end;
	}
	if (w->class == TALLY_WORD_DIGITS)
		return find_number(f, i);
	if (is_month(f, i)) {
		add(f, i, i + 1, TALLY_EDIT_DATE);
		return i + 1;
	}
	return find_word(f, i);
}

enum tally_status tally_text_find(struct tally_found_list *out, struct tally_arena *arena,
                                  const char *text, const struct tally_word_list *words,
                                  struct tally_err *err)
{
	struct finder f = { .text = text, .words = words->words, .count = words->count, .out = out };

	*out = (struct tally_found_list){ 0 };
	out->items = tally_arena_zero(arena, words->count + 1, sizeof *out->items);
	if (!out->items)
		return tally_err_nomem(err);
	f.nouns = capitals_are_common(&f);
	for (size_t i = 0; i < f.count;)
		i = find_next(&f, i);
	return TALLY_OK;
}

/* ---- the same value ---- */

static bool equal_dates(struct tally_span a, struct tally_span b)
{
	struct tally_date x[2], y[2];
	size_t n = tally_date_parse(x, a, false), m = tally_date_parse(y, b, false);

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < m; j++)
			if (x[i].day == y[j].day && x[i].seconds == y[j].seconds)
				return true;
	return false;
}

/* How many ways there are to read it. */
static int count_readings(const struct tally_number *n)
{
	int count = 0;

	for (int i = 0; i < TALLY_MARKS; i++)
		count += n->reads[i];
	return count;
}

static bool equal_readings(const struct tally_number *x, int i, const struct tally_number *y, int k)
{
	return x->reads[i] && y->reads[k] && x->value[i] == y->value[k];
}

/* A code, not a number: what begins with 0 is counted by its letters. */
static bool is_padded(struct tally_span text)
{
	return text.len > 1 && text.at[0] == '0' && tally_is_digit(text.at[1]);
}

static bool equal_numbers(struct tally_span a, struct tally_span b)
{
	struct tally_number x, y;

	if (is_padded(a) || is_padded(b) || !tally_number_parse(&x, a) || !tally_number_parse(&y, b))
		return false;
	for (int i = 0; i < TALLY_MARKS; i++)
		if (equal_readings(&x, i, &y, i))
			return true;
	if (count_readings(&x) > 1 || count_readings(&y) > 1)
		return false;
	for (int i = 0; i < TALLY_MARKS; i++) /* 12,450.00 and 12.450,00 */
		for (int k = 0; k < TALLY_MARKS; k++)
			if (equal_readings(&x, i, &y, k))
				return true;
	return false;
}

/* The next byte of what stands around the value, blanks left out; 0 at the end */
static char beside(const struct tally_found *f, const char *text, uint32_t *at)
{
	for (; *at < f->at + f->len; ++*at) {
		const char *c = text + *at;
		uint32_t letter;
		size_t n;

		if (*at == f->value_at && f->value_len) {
			*at += f->value_len - 1;
			continue;
		}
		if (((unsigned char)*c & 0xC0) != 0x80) {
			n = tally_char_at(&letter, c, f->at + f->len - *at);
			if (tally_char_typed(letter) == ' ') {
				*at += (uint32_t)n - 1;
				continue;
			}
		}
		++*at;
		return *c;
	}
	return 0;
}

static bool equal_beside(const struct tally_found *a, const char *a_text,
                         const struct tally_found *b, const char *b_text)
{
	uint32_t i = a->at, k = b->at;

	for (;;) {
		char c = beside(a, a_text, &i), d = beside(b, b_text, &k);

		if (c != d)
			return false;
		if (!c)
			return true;
	}
}

bool tally_found_equal(const struct tally_found *a, const char *a_text, const struct tally_found *b,
                       const char *b_text)
{
	struct tally_span x = { a_text + a->at, a->len }, y = { b_text + b->at, b->len };
	struct tally_span v = { a_text + a->value_at, a->value_len };
	struct tally_span w = { b_text + b->value_at, b->value_len };

	if (x.len == y.len && !memcmp(x.at, y.at, x.len))
		return true;
	if (a->flag != b->flag)
		return false;
	switch (a->flag) {
	case TALLY_EDIT_DATE:
		return equal_dates(x, y);
	case TALLY_EDIT_NUMBER:
	case TALLY_EDIT_AMOUNT:
		return equal_beside(a, a_text, b, b_text) &&
		       ((v.len == w.len && !memcmp(v.at, w.at, v.len)) || equal_numbers(v, w));
	default:
		return false;
	}
}
