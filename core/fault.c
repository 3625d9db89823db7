/* Counters behind core/fault.h. */
#include "core/fault.h"

#if TALLY_FAULTS
#include <stdatomic.h>

/* calls left until the fault; 0 is disarmed, -1 has fired */
static atomic_long left[TALLY_FAULT_KINDS];

void tally_fault_arm(enum tally_fault_kind kind, long nth)
{
	atomic_store(&left[kind], nth);
}

bool tally_fault_disarm(enum tally_fault_kind kind)
{
	return atomic_exchange(&left[kind], 0) < 0;
}

bool tally_fault_hit(enum tally_fault_kind kind)
{
	long n = atomic_load(&left[kind]);

	while (n > 0) {
		long next = n == 1 ? -1 : n - 1;

		if (atomic_compare_exchange_weak(&left[kind], &n, next))
			return next < 0;
	}
	return false;
}
#else
/* ISO C wants a translation unit to declare something */
typedef int tally_fault_is_off;
#endif
