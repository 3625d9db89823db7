/**
 * What a cell's text may mean: decimal numbers, dates, white space. Private to the comparison of tables.
 */
#ifndef TALLY_DIFF_TABLE_VALUE_H
#define TALLY_DIFF_TABLE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TALLY_DECIMAL_DIGITS = 48, /**< significant digits that are kept; a number with more is text */
	TALLY_SUM_SCALE = 18,      /**< sums count in units of 10^-18 */
};

/** Text and its length, borrowed. */
struct tally_span {
	const char *at;
	size_t len;
};

/** Exact arithmetic for sums: 38 digits, 18 of them behind the point. */
__extension__ typedef __int128 tally_wide;

/** A decimal number: (-1)^negative × digits × 10^scale, without zeros at either end of the digits; none is zero. */
struct tally_decimal {
	uint8_t digits[TALLY_DECIMAL_DIGITS];
	uint32_t count;
	int32_t scale;
	uint32_t written;  /**< digits as written, without leading zeros */
	uint32_t fraction; /**< digits behind the point as written */
	bool negative;
	bool exponent;      /**< written with E */
	bool leading_zeros; /**< 00501, but not 0.5 */
};

/** Optional sign, digits with at most one point, optional exponent; nothing else. */
bool tally_decimal_parse(struct tally_decimal *out, struct tally_span text);

/** Equal values; -0 is 0. */
bool tally_decimal_equal(const struct tally_decimal *a, const struct tally_decimal *b);

/** -1, 0, 1. */
int tally_decimal_compare(const struct tally_decimal *a, const struct tally_decimal *b);

/** Is @shorter what @longer becomes with fewer digits, rounded in any usual way or cut? */
bool tally_decimal_is_rounding(const struct tally_decimal *shorter,
                               const struct tally_decimal *longer);

/** Do both agree in the 15 digits that a binary floating-point number keeps, one of them having more? */
bool tally_decimal_is_one_double(const struct tally_decimal *a, const struct tally_decimal *b);

/**
 * A number in units of 10^-18, for sums.
 * @fraction  digits behind the point, to write the sum with as many
 * @return false: not a number, or it does not fit
 */
bool tally_wide_parse(tally_wide *out, uint32_t *fraction, struct tally_span text);

/** A number as tally_decimal_parse reads it, rounded to what sums keep of a fraction. @return false: not a number, or too large */
bool tally_wide_rounded(tally_wide *out, const struct tally_decimal *number);

/** Which mark stands before the fraction; the other one may group digits, as spaces and apostrophes may in both. */
enum tally_marks {
	TALLY_MARKS_POINT, /**< 1,234.50  1 234.50  1'234.50 */
	TALLY_MARKS_COMMA, /**< 1.234,50  1 234,50 */
	TALLY_MARKS,
};

enum { TALLY_NUMBER_TEXT = 64 /**< longer ones are no numbers */ };

/**
 * A number that is written with these marks, as tally_decimal_parse reads it. -5, 5-, (5) and −5 are one number.
 * @group  what groups its digits: ' ', '\'', '.', ','; 0: nothing
 * @return its length, 0: it is not written so
 */
size_t tally_number_plain(char plain[TALLY_NUMBER_TEXT], char *group, struct tally_span text,
                          enum tally_marks marks);

/** A number in each of the two ways in which people write it, in units of 10^-18. */
struct tally_number {
	bool reads[TALLY_MARKS]; /**< in neither: not a number */
	tally_wide value[TALLY_MARKS];
	uint32_t fraction[TALLY_MARKS];
	uint8_t currency; /**< whose sign or code stands beside it; 0: none */
};

/** A sign or code of a currency beside it is left out. @return whether it is a number in one of them; "1.234" and "1,234" are two different ones */
bool tally_number_parse(struct tally_number *out, struct tally_span text);

enum { TALLY_WIDE_TEXT = 48 };

/** Decimal text with at least @fraction digits behind the point; @out has TALLY_WIDE_TEXT bytes. */
void tally_wide_text(char *out, tally_wide value, uint32_t fraction);

/** In which order day and month were read. */
enum tally_date_order {
	TALLY_DATE_SURE,        /**< year first, or the month by name */
	TALLY_DATE_DAY_FIRST,   /**< 31/12/2024 */
	TALLY_DATE_MONTH_FIRST, /**< 12/31/2024 */
};

struct tally_date {
	int32_t day;       /**< days since 1970-01-01 */
	int32_t seconds;   /**< of the day; -1 where no time is given */
	uint8_t order;     /**< enum tally_date_order */
	bool short_year;   /**< written with two digits */
	uint16_t notation; /**< equal for texts written in the same way */
};

/**
 * The ways to read a text as a date: none, one, or two where day and month may be either.
 * @compact  take 20240131 as a date, too
 */
size_t tally_date_parse(struct tally_date out[2], struct tally_span text, bool compact);

/** Its month (1 to 12) and day of the month. */
void tally_date_civil(const struct tally_date *date, int *month, int *day);

/** Do day and month stand in each other's place, in one year? Times aside. */
bool tally_dates_exchanged(const struct tally_date *a, const struct tally_date *b);

/** The same day of years that are equal in their last two digits? */
bool tally_dates_but_century(const struct tally_date *a, const struct tally_date *b);

/** "14:30", "14:30:15", "2:30 PM": seconds of the day. */
bool tally_time_parse(int32_t *seconds, struct tally_span text);

/** A month and a day (2-Sep, Sep-02), or what looks like one to a spreadsheet program (SEPT2, MARCH1, 3/4). */
struct tally_month_day {
	uint8_t month, day;
};

/** @return ways to read it (two for 3/4), 0 where there are none */
size_t tally_month_day_parse(struct tally_month_day out[2], struct tally_span text);

/** Without white space at both ends, the kinds beyond ASCII included. */
struct tally_span tally_span_trim(struct tally_span text);

/** Equal when all white space (and what is as invisible) is left out? */
bool tally_span_equal_but_space(struct tally_span a, struct tally_span b);

/** Equal but that accents are part of a letter in one and stand behind it in the other (Unicode's NFC and NFD)? */
bool tally_span_equal_but_form(struct tally_span a, struct tally_span b);

/** Share of the longer text that both begin and end with, in thousandths. */
unsigned tally_span_closeness(struct tally_span a, struct tally_span b);

bool tally_span_equal_but_case(struct tally_span a, struct tally_span b);

enum tally_broken {
	TALLY_BROKEN_NOT,
	TALLY_BROKEN_DECODED, /**< UTF-8 taken for Latin-1 or windows-1252, or the other way round: can be undone */
	TALLY_BROKEN_LOST, /**< characters replaced by question marks or U+FFFD */
};

/** Did @broken come from @right by decoding it wrongly? */
enum tally_broken tally_span_broken(struct tally_span right, struct tally_span broken);

#endif
