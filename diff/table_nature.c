/* What kind of difference two cells show: the most telling explanation that holds for both values is taken. */
#include "diff/table_work.h"

#include <stdlib.h>
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

bool tally_nature_says_type(enum tally_nature nature)
{
	switch (nature) {
	case TALLY_NATURE_NUMBER_TO_TEXT:
	case TALLY_NATURE_DATE_TO_TEXT:
	case TALLY_NATURE_TRUTH_TO_TEXT:
	case TALLY_NATURE_TEXT_TO_NUMBER:
	case TALLY_NATURE_TEXT_TO_DATE:
	case TALLY_NATURE_TEXT_TO_TRUTH:
	case TALLY_NATURE_SPREADSHEET_AUTOFORMAT:
	case TALLY_NATURE_BECAME_ERROR:
		return true;
	default:
		return false;
	}
}

bool tally_nature_is_notation(enum tally_nature nature)
{
	return natures[nature].lossless && nature != TALLY_NATURE_FILLED &&
	       nature != TALLY_NATURE_CONSTANT_TO_FORMULA && nature != TALLY_NATURE_MOJIBAKE &&
	       nature != TALLY_NATURE_RECALCULATED;
}

enum {
	DAYS_1900 = 25569, /* from the first day that spreadsheets count to 1970-01-01, */
	DAYS_1904 = 24107, /* and where they count from 1904 */
	SERIAL_MOST = 40,  /* bytes of a number that may be a day */
};

/* Stands for "no explanation yet". */
#define UNKNOWN TALLY_NATURE_COUNT

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

/* What two readings say of each other; UNKNOWN: they are two dates. @ways  gets TALLY_WAYS_SHORT */
static enum tally_nature relate(const struct tally_date *x, const struct tally_date *y, uint16_t *ways)
{
	bool cut = x->seconds > 0 && y->seconds <= 0;
	int32_t from = x->seconds > 0 ? x->seconds : 0, to = y->seconds > 0 ? y->seconds : 0;

	if (from != to && !cut)
		return UNKNOWN;
	if (y->short_year && !x->short_year && tally_dates_but_century(x, y)) {
		*ways |= TALLY_WAYS_SHORT;
		if (x->day != y->day)
			return TALLY_NATURE_CENTURY_LOST;
	}
	if (x->day != y->day)
		return UNKNOWN;
	return cut ? TALLY_NATURE_TIME_LOST : TALLY_NATURE_DATE_REFORMATTED;
}

static bool exchanged(const struct tally_date *x, size_t nx, const struct tally_date *y, size_t ny)
{
	for (size_t i = 0; i < nx; i++)
		for (size_t j = 0; j < ny; j++)
			if (tally_dates_exchanged(&x[i], &y[j]))
				return true;
	return false;
}

static enum tally_nature compare_dates(const struct tally_date *x, size_t nx,
                                       const struct tally_date *y, size_t ny, uint16_t *ways)
{
	enum tally_nature nature = UNKNOWN;
	uint16_t orders = 0;

	*ways = 0;
	for (size_t i = 0; i < nx; i++) {
		for (size_t j = 0; j < ny; j++) {
			enum tally_nature found = relate(&x[i], &y[j], ways);

			if (found == UNKNOWN)
				continue;
			if (x[i].order == y[j].order)
				return found;
			nature = nature == UNKNOWN ? found : nature;
			orders |= (uint16_t)(1U << (x[i].order * 3 + y[j].order));
		}
	}
	*ways |= orders;
	if (exchanged(x, nx, y, ny))
		*ways |= TALLY_WAYS_EXCHANGED;
	if (!orders)
		return TALLY_NATURE_DATE_VALUE_CHANGED;
	if ((nx == 1 && x[0].order != TALLY_DATE_SURE) || (ny == 1 && y[0].order != TALLY_DATE_SURE))
		*ways |= TALLY_WAYS_PROVEN;
	return nature;
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

static enum tally_nature broken_characters(struct tally_span old, struct tally_span now)
{
	switch (tally_span_broken(old, now)) {
	case TALLY_BROKEN_DECODED:
		return TALLY_NATURE_MOJIBAKE;
	case TALLY_BROKEN_LOST:
		return TALLY_NATURE_CHARACTERS_LOST;
	case TALLY_BROKEN_NOT:
		break;
	}
	return tally_span_broken(now, old) != TALLY_BROKEN_NOT ? TALLY_NATURE_MOJIBAKE_REPAIRED
	                                                       : TALLY_NATURE_VALUE;
}

/* #REF! and the like, as programs write them in English and German. */
static bool is_error(const struct tally_cell *cell)
{
	static const char *const errors[] = { "#REF!", "#N/A",   "#NAME?",  "#VALUE!", "#DIV/0!",
		                              "#NUM!", "#NULL!", "#SPILL!", "#CALC!",  "#BEZUG!",
		                              "#NV",   "#WERT!", "#ZAHL!" };

	if (cell->kind == TALLY_CELL_ERROR)
		return true;
	for (size_t i = 0;
	     cell->value_len && *cell->value == '#' && i < sizeof errors / sizeof *errors; i++)
		if (strlen(errors[i]) == cell->value_len &&
		    !memcmp(errors[i], cell->value, cell->value_len))
			return true;
	return false;
}

static enum tally_nature texts(struct tally_span old, struct tally_span now, uint16_t *ways)
{
	static const enum tally_marks unknown[2] = { TALLY_MARKS, TALLY_MARKS };
	bool depends;
	enum tally_nature nature = tally_number_nature(old, now, unknown, &depends);

	if (nature != UNKNOWN) {
		*ways |= depends ? TALLY_WAYS_NUMBERS : 0;
		return nature;
	}
	if (tally_span_equal_but_space(old, now))
		return TALLY_NATURE_WHITESPACE;
	if (tally_span_equal_but_form(old, now))
		return TALLY_NATURE_UNICODE_FORM;
	if (tally_span_equal_but_case(old, now))
		return TALLY_NATURE_LETTER_CASE;
	nature = dates(old, now, ways);
	if (nature != UNKNOWN)
		return nature;
	if (is_autoformat(old, now))
		return TALLY_NATURE_SPREADSHEET_AUTOFORMAT;
	return broken_characters(old, now);
}

static bool same_value(const struct tally_cell *a, const struct tally_cell *b)
{
	return a->value_len == b->value_len && !memcmp(a->value, b->value, a->value_len);
}

/* A date, a day with a time, or a time of day as days since 1970; numbers count as spreadsheets do, from 1900 or 1904. */
static bool moment(const struct tally_cell *cell, double *out)
{
	struct tally_span text = { cell->value, cell->value_len };
	struct tally_date d[2];
	int32_t seconds;

	if (tally_time_parse(&seconds, text)) {
		*out = seconds / 86400.0 - DAYS_1900;
		return true;
	}
	if (tally_date_parse(d, text, false) != 1)
		return false;
	*out = d[0].day + (d[0].seconds > 0 ? d[0].seconds / 86400.0 : 0);
	return true;
}

static bool is_near(double a, double b)
{
	return a - b < 1e-5 && b - a < 1e-5; /* a second */
}

/* A number and a date, or two dates, that are one number to the program: only the format says which. */
static bool same_serial(const struct tally_cell *a, const struct tally_cell *b)
{
	char text[SERIAL_MOST];
	double x, y;

	if (b->kind == TALLY_CELL_NUMBER) {
		const struct tally_cell *date = a;

		a = b;
		b = date;
	}
	if (b->kind != TALLY_CELL_DATE || !moment(b, &y))
		return false;
	if (a->kind == TALLY_CELL_DATE)
		return moment(a, &x) && is_near(x, y);
	if (a->kind != TALLY_CELL_NUMBER || a->value_len >= sizeof text)
		return false;
	memcpy(text, a->value, a->value_len);
	text[a->value_len] = '\0';
	x = strtod(text, NULL);
	return is_near(x - DAYS_1900, y) || is_near(x - DAYS_1904, y);
}

static bool same_number(const struct tally_cell *a, const struct tally_cell *b)
{
	return same_value(a, b) || same_serial(a, b);
}

/* What cells with formulas can show; UNKNOWN: neither has one, or both the same with the same result. */
static enum tally_nature formula_nature(const struct tally_cell *old, const struct tally_cell *now,
                                        unsigned types)
{
	if (old->formula && !now->formula)
		return TALLY_NATURE_FORMULA_TO_CONSTANT;
	if (!old->formula && now->formula)
		return old->value_len ? TALLY_NATURE_CONSTANT_TO_FORMULA : TALLY_NATURE_FILLED;
	if (!old->formula)
		return UNKNOWN;
	if ((types & TALLY_TYPES_FORMULA_OTHER) ||
	    (!(types & TALLY_TYPES_FORMULA_SAME) && !tally_same_formula(old, now)))
		return TALLY_NATURE_FORMULA_CHANGED;
	/* a result that nobody computed is not another one */
	if (old->cached == TALLY_CACHED_MISSING || now->cached == TALLY_CACHED_MISSING ||
	    same_number(old, now))
		return TALLY_NATURE_FORMAT_ONLY;
	return TALLY_NATURE_RECALCULATED;
}

/* What is now a text, or was one; UNKNOWN: neither */
static enum tally_nature stored_nature(const struct tally_cell *old, const struct tally_cell *now)
{
	bool to_text = now->kind == TALLY_CELL_TEXT;

	if (old->kind == now->kind || (!to_text && old->kind != TALLY_CELL_TEXT))
		return UNKNOWN;
	switch (to_text ? old->kind : now->kind) {
	case TALLY_CELL_NUMBER:
		return to_text ? TALLY_NATURE_NUMBER_TO_TEXT : TALLY_NATURE_TEXT_TO_NUMBER;
	case TALLY_CELL_DATE:
		return to_text ? TALLY_NATURE_DATE_TO_TEXT : TALLY_NATURE_TEXT_TO_DATE;
	case TALLY_CELL_BOOL:
		return to_text ? TALLY_NATURE_TRUTH_TO_TEXT : TALLY_NATURE_TEXT_TO_TRUTH;
	default:
		return UNKNOWN;
	}
}

/* What only cells with types can show. */
static enum tally_nature typed_nature(const struct tally_cell *old, const struct tally_cell *now,
                                      unsigned types)
{
	enum tally_nature nature;

	if (!now->value_len && !now->formula)
		return UNKNOWN; /* emptied, whatever it was */
	if (now->kind == TALLY_CELL_ERROR && old->kind != TALLY_CELL_ERROR)
		return TALLY_NATURE_BECAME_ERROR;
	nature = types & TALLY_TYPES_FORMULAS ? formula_nature(old, now, types) : UNKNOWN;
	if (nature != UNKNOWN)
		return nature;
	if (!same_value(old, now))
		return same_serial(old, now) ? TALLY_NATURE_FORMAT_ONLY : UNKNOWN;
	if (old->kind == now->kind)
		return TALLY_NATURE_FORMAT_ONLY;
	nature = stored_nature(old, now);
	return nature != UNKNOWN ? nature : TALLY_NATURE_FORMAT_ONLY;
}

/* Is that all there is to say of a text and a value of another type? */
static bool says_the_same(const struct tally_cell *old, const struct tally_cell *now,
                          enum tally_nature nature)
{
	bool text_old = old->kind == TALLY_CELL_TEXT, text_now = now->kind == TALLY_CELL_TEXT;

	if (text_old == text_now)
		return false;
	if (old->kind == TALLY_CELL_BOOL || now->kind == TALLY_CELL_BOOL)
		return nature == TALLY_NATURE_LETTER_CASE;
	if (old->kind == TALLY_CELL_DATE || now->kind == TALLY_CELL_DATE)
		return nature == TALLY_NATURE_DATE_REFORMATTED;
	return (old->kind == TALLY_CELL_NUMBER || now->kind == TALLY_CELL_NUMBER) &&
	       (nature == TALLY_NATURE_NUMBER_SAME_VALUE ||
	        nature == TALLY_NATURE_THOUSANDS_SEPARATOR || nature == TALLY_NATURE_DECIMAL_COMMA);
}

enum tally_nature tally_cell_nature(const struct tally_cell *old, const struct tally_cell *now,
                                    unsigned types, uint16_t *ways)
{
	enum tally_nature nature;

	*ways = 0;
	nature = types ? typed_nature(old, now, types) : UNKNOWN;
	if (nature != UNKNOWN)
		return nature;
	if (!types && !old->value_len && !now->value_len)
		return TALLY_NATURE_QUOTED_EMPTY;
	if (!now->value_len && (old->value_len || old->quoted || old->formula))
		return TALLY_NATURE_EMPTIED;
	if (!old->value_len)
		return TALLY_NATURE_FILLED;
	if (is_error(now) && !is_error(old))
		return TALLY_NATURE_BECAME_ERROR;
	nature = texts((struct tally_span){ old->value, old->value_len },
	               (struct tally_span){ now->value, now->value_len }, ways);
	if (types && says_the_same(old, now, nature))
		return stored_nature(old, now);
	return nature;
}

/* ---- a cell with a type against text ---- */

static bool is_percent(struct tally_span text, const struct tally_cell *number)
{
	struct tally_decimal x, y;

	if (text.len < 2 || text.at[text.len - 1] != '%')
		return false;
	text.len--;
	text = tally_span_trim(text);
	if (!tally_decimal_parse(&x, text) ||
	    !tally_decimal_parse(&y, (struct tally_span){ number->value, number->value_len }))
		return false;
	x.scale -= x.count ? 2 : 0;
	return tally_decimal_equal(&x, &y);
}

static bool is_day(struct tally_span text, const struct tally_cell *date)
{
	struct tally_date x[2], y[2];
	struct tally_span iso = { date->value, date->value_len };
	size_t n = tally_date_parse(x, text, true), m = tally_date_parse(y, iso, false);
	int32_t s, t;

	if (!m)
		return tally_time_parse(&s, text) && tally_time_parse(&t, iso) && s == t;
	for (size_t i = 0; i < n; i++) {
		s = x[i].seconds > 0 ? x[i].seconds : 0;
		t = y[0].seconds > 0 ? y[0].seconds : 0;
		if (x[i].day == y[0].day && s == t)
			return true;
	}
	return false;
}

bool tally_mixed_equal(const struct tally_cell *a, const struct tally_cell *b)
{
	const struct tally_cell *typed = a->kind != TALLY_CELL_TEXT ? a : b;
	const struct tally_cell *other = typed == a ? b : a;
	struct tally_span text = tally_span_trim(
		(struct tally_span){ other->value, other->value_len });
	struct tally_span value = { typed->value, typed->value_len };
	struct tally_decimal x, y;

	if (same_value(a, b))
		return true;
	switch (typed->kind) {
	case TALLY_CELL_NUMBER:
		if (tally_decimal_parse(&x, text) && tally_decimal_parse(&y, value))
			return tally_decimal_equal(&x, &y) && !x.leading_zeros;
		return is_percent(text, typed);
	case TALLY_CELL_DATE:
		return is_day(text, typed);
	case TALLY_CELL_BOOL:
		return tally_span_equal_but_case(text, value);
	default:
		return false;
	}
}
