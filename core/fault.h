/**
 * Fault injection: lets a test fail the n-th allocation, read or write of the library.
 *
 * Compiled in where TALLY_FAULTS is 1 (developer builds); elsewhere tally_fault_hit is the constant false and the
 * compiler drops every call. Safe to use from several threads.
 */
#ifndef TALLY_CORE_FAULT_H
#define TALLY_CORE_FAULT_H

#include <stdbool.h>

enum tally_fault_kind {
	TALLY_FAULT_ALLOC, /**< tally_alloc and its kin return NULL */
	TALLY_FAULT_READ,  /**< tally_io_read and tally_io_pread fail with EIO */
	TALLY_FAULT_WRITE, /**< tally_io_write_all and the store's writes fail with ENOSPC */
	TALLY_FAULT_KINDS
};

#if TALLY_FAULTS
/** From now on the @nth call of this kind (1 is the next one) fails, once. */
void tally_fault_arm(enum tally_fault_kind kind, long nth);

/** Take the fault back. @return whether it had fired */
bool tally_fault_disarm(enum tally_fault_kind kind);

/** Asked by the wrapped calls: is it this one that must fail? */
bool tally_fault_hit(enum tally_fault_kind kind);
#else
static inline bool tally_fault_hit(enum tally_fault_kind kind)
{
	(void)kind;
	return false;
}
#endif

#endif
