/* Days of the calendar: known ones, and there and back again for many. */
#include <criterion/criterion.h>
#include <inttypes.h>

#include "core/calendar.h"

Test(calendar, known_days_have_their_numbers)
{
	cr_expect_eq(tally_civil_days(1970, 1, 1), 0);
	cr_expect_eq(tally_civil_days(2000, 2, 29), 11016);
	cr_expect_eq(tally_civil_days(1899, 12, 30), -25569);
	cr_expect_eq(tally_civil_days(0, 3, 1), -719468);
	cr_expect_eq(tally_civil_days(1900, 3, 1) - tally_civil_days(1900, 2, 28), 1);
}

Test(calendar, every_number_leads_to_its_day_and_back)
{
	for (int64_t n = -1000000; n < 4000000; n += 17) {
		struct tally_civil d = tally_civil_of(n), next = tally_civil_of(n + 1);

		cr_assert_eq(tally_civil_days(d.year, d.month, d.day), n, "%" PRId64, n);
		cr_assert(next.day == d.day + 1 || (next.day == 1 && d.day >= 28), "%" PRId64, n);
	}
}

Test(calendar, a_day_that_there_is_not_counts_on)
{
	cr_expect_eq(tally_civil_days(2023, 2, 29), tally_civil_days(2023, 3, 1));
}
