/**
 * Days of the Gregorian calendar, carried on in both directions, as numbers from 1970-01-01 on; after H. Hinnant,
 * "chrono-compatible low-level date algorithms".
 */
#ifndef TALLY_CORE_CALENDAR_H
#define TALLY_CORE_CALENDAR_H

#include <stdint.h>

enum {
	TALLY_ERA_YEARS = 400,
	TALLY_ERA_DAYS = 146097,   /**< of so many years; the calendar repeats then */
	TALLY_ERA_OFFSET = 719468, /**< from 0000-03-01, where an era begins, to 1970-01-01 */
};

struct tally_civil {
	int64_t year;
	int month, day; /**< from 1 */
};

/** The number of a day; day and month may be one that there is not, which counts on. */
static inline int64_t tally_civil_days(int64_t year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - (TALLY_ERA_YEARS - 1)) / TALLY_ERA_YEARS;
	int64_t of_era = y - era * TALLY_ERA_YEARS;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * TALLY_ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
	       TALLY_ERA_OFFSET;
}

/** The day with this number. */
static inline struct tally_civil tally_civil_of(int64_t days)
{
	int64_t z = days + TALLY_ERA_OFFSET;
	int64_t era = (z >= 0 ? z : z - (TALLY_ERA_DAYS - 1)) / TALLY_ERA_DAYS;
	int of_era = (int)(z - era * TALLY_ERA_DAYS);
	int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int of_year = of_era - (365 * year + year / 4 - year / 100), m = (5 * of_year + 2) / 153;
	int month = m < 10 ? m + 3 : m - 9;

	return (struct tally_civil){ year + era * TALLY_ERA_YEARS + (month <= 2), month,
		                     of_year - (153 * m + 2) / 5 + 1 };
}

#endif
