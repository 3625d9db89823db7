/* Finding numbers, dates, amounts, names and negations in a text. */
#include "diff/text_found.h"

#include <stdio.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <unistr.h>

#include "core/ascii.h"
#include "diff/table_value.h"
#include "diff/text_diff.h"

enum {
	DATE_WORDS = 8, /* words, blanks and marks of one date at most: "Friday, 3. May 2024" without the day's name */
	DATE_DIGITS = 10, /* a word with which a date begins: "2024", "3rd", "31.12.2024" */
	TERM_BYTES = 24,  /* words as long as this or longer are no terms */
	FEW_WORDS = 8,    /* a text with fewer words does not show how its language uses capitals */
	MANY_CAPITALS = 3 /* a third of the words: a language that begins all nouns with them */
};

enum term { NO_TERM, NEGATION, NUMBER, MONEY, SHARE };

struct finder {
	const char *text;
	const struct tally_word *words;
	size_t count;
	bool nouns; /* capitals begin all nouns here, so that they tell no names */
	struct tally_found_list *out;
};

/* ---- single words ---- */

static size_t lower_case(char *out, size_t room, const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len;) {
		uint32_t c;
		int k;

		i += tally_char_at(&c, text + i, len - i);
		if (c >= 0x110000)
			return 0;
		k = u8_uctomb((uint8_t *)out + n,
		              c < 0x80 && (c < 'A' || c > 'Z') ? c : uc_tolower(c),
		              (ptrdiff_t)(room - n));
		if (k < 0)
			return 0;
		n += (size_t)k;
	}
	return n;
}

static enum term term_of(const char *text, size_t len)
{
	static const struct {
		uint8_t kind, len;
		char word[TERM_BYTES];
	} terms[] = {
#define TALLY_TERM(kind, word) { kind, sizeof(word) - 1, word },
#include "diff/text_terms.def"
#undef TALLY_TERM
	};
	char word[TERM_BYTES];
	size_t n = len < TERM_BYTES ? lower_case(word, sizeof word, text, len) : 0;

	if (!n)
		return NO_TERM;
	for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
		if (terms[i].len == n && terms[i].word[0] == word[0] &&
		    !memcmp(terms[i].word, word, n))
			return terms[i].kind;
	/* don't, isn’t */
	return (n > 3 && !memcmp(word + n - 3, "n't", 3)) ||
	                       (n > 5 && !memcmp(word + n - 5, "n’t", 5))
	               ? NEGATION
	               : NO_TERM;
}

static enum term term_at(const struct finder *f, size_t i)
{
	const struct tally_word *w = &f->words[i];

	if (i >= f->count || w->class != TALLY_WORD_LETTERS)
		return NO_TERM;
	return term_of(f->text + w->at, w->len);
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
	return i == 0 || f->words[i - 1].class == TALLY_WORD_MARK;
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
	char date[TERM_BYTES + 8];
	struct tally_date dates[2];
	int n;

	if (w->len < 3 || w->len > TERM_BYTES || !is_upper(f, i) || begins_sentence(f, i))
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
	return term_at(f, i) == MONEY;
}

static bool is_share(const struct finder *f, size_t i)
{
	if (is_mark(f, i, "%"))
		return true;
	if (term_at(f, i) != SHARE)
		return false;
	/* "per", "pour", "por" count before "cent" and "ciento" only */
	if (f->words[i].len > 4)
		return true;
	return is_blank(f, i + 1) && i + 2 < f->count &&
	       !strncmp(f->text + f->words[i + 2].at, "cent", 4 <= f->words[i + 2].len ? 4 : 1);
}

/* ---- the list ---- */

static void add(struct finder *f, size_t from, size_t end, unsigned flag)
{
	const struct tally_word *last = &f->words[end - 1];

	f->out->items[f->out->count++] = (struct tally_found){
		f->words[from].at, last->at + last->len - f->words[from].at, flag
	};
}

/* A number with what stands beside it. @from is moved back to a sign or a currency. */
static size_t find_number(struct finder *f, size_t i)
{
	size_t end = number_at(f, i), from = i, behind;
	unsigned flag = TALLY_EDIT_NUMBER;

	if (from > 0 && (is_mark(f, from - 1, "-+") || is_money(f, from - 1)))
		from--;
	else if (from > 1 && is_blank(f, from - 1) && is_money(f, from - 2))
		from -= 2;
	if (from < i && is_money(f, from))
		flag = TALLY_EDIT_AMOUNT;
	behind = end + is_blank(f, end);
	if (is_money(f, behind) || is_share(f, behind)) {
		flag = TALLY_EDIT_AMOUNT;
		end = behind + 1;
	}
	/* what was taken by the one before stays there */
	if (f->out->count) {
		const struct tally_found *last = &f->out->items[f->out->count - 1];

		while (from < i && f->words[from].at < last->at + last->len)
			from++;
	}
	add(f, from, end, flag);
	return end;
}

/* Names: capitals inside a sentence, several in a row as one; abbreviations. */
static size_t find_name(struct finder *f, size_t i)
{
	size_t end = i + 1;
	bool one;

	while (is_blank(f, end) && end + 1 < f->count && is_upper(f, end + 1))
		end += 2;
	one = end == i + 1;
	if (all_capitals(f, i) || (!begins_sentence(f, i) && !(one && f->nouns)) ||
	    (!one && !f->nouns))
		add(f, i, end, TALLY_EDIT_NAME);
	return end;
}

static size_t find_next(struct finder *f, size_t i)
{
	const struct tally_word *w = &f->words[i];
	size_t end;
	enum term term;

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
	term = term_at(f, i);
	if (term == NEGATION || term == NUMBER) {
		add(f, i, i + 1, term == NEGATION ? TALLY_EDIT_NEGATION : TALLY_EDIT_NUMBER);
		return i + 1;
	}
	return is_upper(f, i) && !is_money(f, i) ? find_name(f, i) : i + 1;
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

static bool equal_numbers(struct tally_span a, struct tally_span b)
{
	struct tally_number x, y;

	if (!tally_number_parse(&x, a) || !tally_number_parse(&y, b))
		return false;
	for (int i = 0; i < TALLY_MARKS; i++)
		if (x.reads[i] && y.reads[i] && x.value[i] == y.value[i])
			return true;
	return false;
}

bool tally_found_equal(const struct tally_found *a, const char *a_text, const struct tally_found *b,
                       const char *b_text)
{
	struct tally_span x = { a_text + a->at, a->len }, y = { b_text + b->at, b->len };

	if (x.len == y.len && !memcmp(x.at, y.at, x.len))
		return true;
	if (a->flag != b->flag)
		return false;
	switch (a->flag) {
	case TALLY_EDIT_DATE:
		return equal_dates(x, y);
	case TALLY_EDIT_NUMBER:
		return equal_numbers(x, y);
	default:
		return false;
	}
}
