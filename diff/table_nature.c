/* What kind of difference two cells show: the most telling explanation that holds for both values is taken. */
#include "diff/table_work.h"

#include <string.h>

static const struct {
	const char *id, *words;
	bool lossless;
} natures[TALLY_NATURE_COUNT] = {
#define NATURE_ROW(id, ID, lossless, words) { #id, words, lossless },
	TALLY_NATURES(NATURE_ROW)
#undef NATURE_ROW
};

const char *tally_nature_id(enum tally_nature nature)
{
	return natures[nature].id;
}

const char *tally_nature_words(enum tally_nature nature)
{
	return natures[nature].words;
}

bool tally_nature_lossless(enum tally_nature nature)
{
	return natures[nature].lossless;
}

/* Stands for "no explanation yet". */
#define UNKNOWN TALLY_NATURE_COUNT

/* ---- numbers ---- */

/* 2310009E13: an identifier to its owner, a number to a spreadsheet program. */
static bool looks_like_identifier(struct tally_span text)
{
	size_t i = 0, digits;

	while (i < text.len && tally_is_digit(text.at[i]))
		i++;
	digits = i;
	if (!digits || i == text.len || text.at[i] != 'E')
		return false;
	while (++i < text.len && tally_is_digit(text.at[i]))
		;
	return i == text.len && i > digits + 1;
}

static enum tally_nature equal_numbers(struct tally_span old, const struct tally_decimal *x,
                                       const struct tally_decimal *y)
{
	if (looks_like_identifier(old))
		return TALLY_NATURE_SPREADSHEET_AUTOFORMAT;
	if (x->leading_zeros && !y->leading_zeros)
		return TALLY_NATURE_LEADING_ZEROS_LOST;
	if (y->exponent && !x->exponent)
		return TALLY_NATURE_SCIENTIFIC_NOTATION;
	return TALLY_NATURE_NUMBER_SAME_VALUE;
}

/* Numbers that are not equal. */
static enum tally_nature other_numbers(const struct tally_decimal *x, const struct tally_decimal *y)
{
	struct tally_decimal minus = *y;
	bool near;

	minus.negative = !minus.negative;
	if (tally_decimal_equal(x, &minus))
		return TALLY_NATURE_SIGN_CHANGED;
	near = tally_decimal_is_one_double(x, y);
	if (y->exponent && !x->exponent && (near || tally_decimal_is_rounding(y, x)))
		return TALLY_NATURE_SCIENTIFIC_NOTATION;
	if (near)
		return x->fraction || y->fraction ? TALLY_NATURE_FLOAT_NOISE
		                                  : TALLY_NATURE_PRECISION_LOST;
	return tally_decimal_is_rounding(y, x) ? TALLY_NATURE_PRECISION_LOST : UNKNOWN;
}

static enum tally_nature plain_numbers(struct tally_span old, struct tally_span now)
{
	struct tally_decimal x, y;

	if (!tally_decimal_parse(&x, old) || !tally_decimal_parse(&y, now))
		return UNKNOWN;
	if (tally_decimal_equal(&x, &y))
		return equal_numbers(old, &x, &y);
	return other_numbers(&x, &y);
}

/* ---- numbers as people write them: 1,234.50  1.234,50  1 234,50  1'234.50 ---- */

enum mark { MARK_NONE, MARK_COMMA, MARK_POINT, MARK_SPACE, MARK_APOSTROPHE };

struct written {
	struct tally_decimal value;
	enum mark group, point; /* point: MARK_POINT also where there is none */
};

static size_t mark_at(struct tally_span text, enum mark *mark)
{
	static const struct {
		const char *bytes;
		enum mark mark;
	} marks[] = {
		{ ",", MARK_COMMA },      { ".", MARK_POINT },           { " ", MARK_SPACE },
		{ "'", MARK_APOSTROPHE }, { "\u00A0", MARK_SPACE },      { "\u202F", MARK_SPACE },
		{ "\u2009", MARK_SPACE }, { "\u2019", MARK_APOSTROPHE },
	};

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		size_t n = strlen(marks[i].bytes);

		if (text.len >= n && !memcmp(text.at, marks[i].bytes, n)) {
			*mark = marks[i].mark;
			return n;
		}
	}
	return 0;
}

enum { NUMBER_TEXT = 64 };

/*
 * Read a number that groups its digits with @group (MARK_NONE: not at all) and has @point before the fraction.
 * Groups have three digits, the first one to three, and nothing is grouped behind the point.
 */
static bool read_written(struct written *w, struct tally_span text, enum mark group, enum mark point)
{
	char plain[NUMBER_TEXT];
	size_t at = 0, run = 0, groups = 0;
	bool fraction = false;

	for (size_t i = 0; i < text.len;) {
		enum mark mark;
		size_t n;

		if (at == sizeof plain)
			return false;
		if (tally_is_digit(text.at[i]) ||
		    (i == 0 && (text.at[i] == '-' || text.at[i] == '+'))) {
			run += tally_is_digit(text.at[i]);
			plain[at++] = text.at[i++];
			continue;
		}
		n = mark_at((struct tally_span){ text.at + i, text.len - i }, &mark);
		if (!n || fraction || (groups && run != 3))
			return false;
		if (mark == point) {
			fraction = true;
			plain[at++] = '.';
		} else if (mark == group && run >= 1 && run <= 3) {
			groups++;
		} else {
			return false;
		}
		run = 0;
		i += n;
	}
	if ((group != MARK_NONE) != (groups > 0) || (groups && !fraction && run != 3))
		return false;
	if (group == MARK_NONE && point != MARK_POINT && !fraction)
		return false;
	w->group = group;
	w->point = point;
	return tally_decimal_parse(&w->value, (struct tally_span){ plain, at });
}

/* All ways to read a number, ungrouped ones first. */
static size_t read_ways(struct written out[7], struct tally_span text)
{
	static const enum mark ways[][2] = {
		{ MARK_NONE, MARK_POINT },       { MARK_NONE, MARK_COMMA },
		{ MARK_COMMA, MARK_POINT },      { MARK_POINT, MARK_COMMA },
		{ MARK_SPACE, MARK_POINT },      { MARK_SPACE, MARK_COMMA },
		{ MARK_APOSTROPHE, MARK_POINT },
	};
	size_t count = 0;

	if (!text.len || text.len > NUMBER_TEXT)
		return 0;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
		count += read_written(&out[count], text, ways[i][0], ways[i][1]);
	return count;
}

static enum tally_nature written_numbers(struct tally_span old, struct tally_span now)
{
	struct written x[7], y[7];
	size_t nx = read_ways(x, old), ny = nx ? read_ways(y, now) : 0;

	for (size_t i = 0; i < nx; i++) {
		for (size_t j = 0; j < ny; j++) {
			bool fraction = x[i].value.fraction || y[j].value.fraction;

			if (!tally_decimal_equal(&x[i].value, &y[j].value))
				continue;
			if (x[i].point != y[j].point && fraction)
				return TALLY_NATURE_DECIMAL_COMMA;
			if (x[i].group != y[j].group)
				return TALLY_NATURE_THOUSANDS_SEPARATOR;
		}
	}
	for (size_t i = 0; i < nx; i++) {
		for (size_t j = 0; j < ny; j++) {
			enum tally_nature nature = UNKNOWN;

			/* a whole number goes with any marks */
			if (x[i].point == y[j].point || !x[i].value.fraction || !y[j].value.fraction)
				nature = other_numbers(&x[i].value, &y[j].value);
			if (nature != UNKNOWN)
				return nature;
		}
	}
	return UNKNOWN;
}

/* ---- dates ---- */

/* 45293: a date as spreadsheet programs count days. */
static bool is_serial(struct tally_span text, const struct tally_date *date)
{
	struct tally_decimal d;
	int64_t value = 0;

	if (!tally_decimal_parse(&d, text) || d.scale < 0 || d.negative || d.exponent ||
	    d.count + (uint32_t)d.scale > 6)
		return false;
	for (uint32_t i = 0; i < d.count; i++)
		value = value * 10 + d.digits[i];
	for (int32_t i = 0; i < d.scale; i++)
		value *= 10;
	return value > 366 && value - 25569 == date->day && date->seconds <= 0;
}

static bool same_moment(const struct tally_date *a, const struct tally_date *b)
{
	return a->day == b->day &&
	       (a->seconds > 0 ? a->seconds : 0) == (b->seconds > 0 ? b->seconds : 0);
}

static enum tally_nature compare_dates(const struct tally_date *x, size_t nx,
                                       const struct tally_date *y, size_t ny, uint16_t *ways)
{
	*ways = 0;
	for (size_t i = 0; i < nx; i++) {
		for (size_t j = 0; j < ny; j++) {
			if (!same_moment(&x[i], &y[j]))
				continue;
			if (x[i].order == y[j].order) {
				*ways = 0;
				return TALLY_NATURE_DATE_REFORMATTED;
			}
			*ways |= (uint16_t)(1U << (x[i].order * 3 + y[j].order));
		}
	}
	if (!*ways)
		return TALLY_NATURE_DATE_VALUE_CHANGED;
	if ((nx == 1 && x[0].order != TALLY_DATE_SURE) || (ny == 1 && y[0].order != TALLY_DATE_SURE))
		*ways |= TALLY_WAYS_PROVEN;
	return TALLY_NATURE_DATE_REFORMATTED;
}

static enum tally_nature dates(struct tally_span old, struct tally_span now, uint16_t *ways)
{
	struct tally_date x[2], y[2];
	size_t nx = tally_date_parse(x, old, false), ny = tally_date_parse(y, now, false);

	if (!nx && ny)
		nx = tally_date_parse(x, old, true);
	if (!ny && nx)
		ny = tally_date_parse(y, now, true);
	if (nx && ny)
		return compare_dates(x, nx, y, ny, ways);
	if ((nx && is_serial(now, &x[0])) || (ny && is_serial(old, &y[0])))
		return TALLY_NATURE_DATE_REFORMATTED;
	return UNKNOWN;
}

/* SEPT2 → 2-Sep, MARCH1 → 1-Mar, 3/4 → 2024-03-04 */
static bool is_autoformat(struct tally_span old, struct tally_span now)
{
	struct tally_month_day x[2], y[2];
	struct tally_date full[2];
	size_t nx = tally_month_day_parse(x, old), ny = nx ? tally_month_day_parse(y, now) : 0;
	size_t nf = nx && !ny ? tally_date_parse(full, now, false) : 0;

	for (size_t i = 0; i < nx; i++) {
		for (size_t j = 0; j < ny; j++)
			if (x[i].month == y[j].month && x[i].day == y[j].day)
				return true;
		for (size_t j = 0; j < nf; j++) {
			int month, day;

			tally_date_civil(&full[j], &month, &day);
			if (month == x[i].month && day == x[i].day)
				return true;
		}
	}
	return false;
}

/* ---- all together ---- */

static enum tally_nature texts(struct tally_span old, struct tally_span now, uint16_t *ways)
{
	enum tally_nature nature = plain_numbers(old, now);

	if (nature != UNKNOWN)
		return nature;
	nature = written_numbers(old, now);
	if (nature != UNKNOWN)
		return nature;
	if (tally_span_equal_but_space(old, now))
		return TALLY_NATURE_WHITESPACE;
	if (tally_span_equal_but_case(old, now))
		return TALLY_NATURE_LETTER_CASE;
	nature = dates(old, now, ways);
	if (nature != UNKNOWN)
		return nature;
	if (is_autoformat(old, now))
		return TALLY_NATURE_SPREADSHEET_AUTOFORMAT;
	if (tally_span_is_mojibake(old, now))
		return TALLY_NATURE_MOJIBAKE;
	return TALLY_NATURE_VALUE;
}

static bool same_value(const struct tally_cell *a, const struct tally_cell *b)
{
	return a->value_len == b->value_len && !memcmp(a->value, b->value, a->value_len);
}

static bool same_formula(const struct tally_cell *a, const struct tally_cell *b)
{
	return a->formula_len == b->formula_len && !memcmp(a->formula, b->formula, a->formula_len);
}

/* What only cells with types can show. */
static enum tally_nature typed_nature(const struct tally_cell *old, const struct tally_cell *now)
{
	if (!now->value_len && !now->formula)
		return UNKNOWN; /* emptied, whatever it was */
	if (now->kind == TALLY_CELL_ERROR && old->kind != TALLY_CELL_ERROR)
		return TALLY_NATURE_BECAME_ERROR;
	if (old->formula && !now->formula)
		return TALLY_NATURE_FORMULA_TO_CONSTANT;
	if (!old->formula && now->formula)
		return TALLY_NATURE_CONSTANT_TO_FORMULA;
	if (old->formula && !same_formula(old, now))
		return TALLY_NATURE_FORMULA_CHANGED;
	if (!same_value(old, now))
		return UNKNOWN;
	if (old->kind == now->kind)
		return TALLY_NATURE_FORMAT_ONLY;
	if (now->kind == TALLY_CELL_TEXT)
		return TALLY_NATURE_NUMBER_TO_TEXT;
	return old->kind == TALLY_CELL_TEXT ? TALLY_NATURE_TEXT_TO_NUMBER : TALLY_NATURE_FORMAT_ONLY;
}

static bool numbers_as_text(const struct tally_cell *old, const struct tally_cell *now,
                            enum tally_nature nature)
{
	bool text_old = old->kind == TALLY_CELL_TEXT, text_now = now->kind == TALLY_CELL_TEXT;

	return text_old != text_now &&
	       (old->kind == TALLY_CELL_NUMBER || now->kind == TALLY_CELL_NUMBER) &&
	       (nature == TALLY_NATURE_NUMBER_SAME_VALUE ||
	        nature == TALLY_NATURE_THOUSANDS_SEPARATOR || nature == TALLY_NATURE_DECIMAL_COMMA);
}

enum tally_nature tally_cell_nature(const struct tally_cell *old, const struct tally_cell *now,
                                    bool typed, uint16_t *ways)
{
	enum tally_nature nature;

	*ways = 0;
	if (typed) {
		nature = typed_nature(old, now);
		if (nature == TALLY_NATURE_CONSTANT_TO_FORMULA && !old->value_len)
			return TALLY_NATURE_FILLED;
		if (nature != UNKNOWN)
			return nature;
	}
	if (!now->value_len && (old->value_len || old->quoted))
		return TALLY_NATURE_EMPTIED;
	if (!old->value_len)
		return TALLY_NATURE_FILLED;
	nature = texts((struct tally_span){ old->value, old->value_len },
	               (struct tally_span){ now->value, now->value_len }, ways);
	if (typed && numbers_as_text(old, now, nature))
		return now->kind == TALLY_CELL_TEXT ? TALLY_NATURE_NUMBER_TO_TEXT
		                                    : TALLY_NATURE_TEXT_TO_NUMBER;
	return nature;
}
