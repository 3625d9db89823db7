/**
 * Fault loops: fail the first allocation, then the second, and so on, until the call under test
 * gets through without meeting the fault. The same for reads and writes.
 *
 *	FAULTS_EACH (f, TALLY_FAULT_ALLOC) {
 *		struct tally_thing *t = NULL;
 *		enum tally_status st = tally_thing_load(&t, path, &err);
 *
 *		if (faults_fired(&f))
 *			cr_assert_lt(st, 0, "allocation %ld", f.nth);
 *		else
 *			cr_assert_eq(st, TALLY_OK);
 *		tally_thing_free(t);
 *	}
 *
 * Fixtures made inside the loop, before the call, would meet the fault as well: make them outside,
 * or call faults_arm again after them. Builds without TALLY_FAULTS skip the test.
 */
#ifndef TALLY_TESTS_FAULTS_H
#define TALLY_TESTS_FAULTS_H

#include <criterion/criterion.h>
#include <stdbool.h>

#include "core/fault.h"

struct faults {
	enum tally_fault_kind kind;
	long nth;   /**< which one fails, from 1 */
	long limit; /**< more rounds than this mean that the call never gets through */
	bool done;  /**< this round's fault was taken back */
	bool fired; /**< and whether it had been met */
};

#if TALLY_FAULTS
#define FAULTS_EACH(f, which)                                                                     \
	for (struct faults f = { .kind = (which), .limit = 100000, .done = true, .fired = true }; \
	     faults_next(&(f));)

/** (Re)start this round's count: the nth operation from here on fails. */
static inline void faults_arm(struct faults *f)
{
	tally_fault_arm(f->kind, f->nth);
	f->done = false;
}

/** Take the fault back. @return whether the call met it; to be asked right after the call */
static inline bool faults_fired(struct faults *f)
{
	if (!f->done)
		f->fired = tally_fault_disarm(f->kind);
	f->done = true;
	return f->fired;
}

static inline bool faults_next(struct faults *f)
{
	if (!faults_fired(f))
		return false;
	f->nth++;
	cr_assert_leq(f->nth, f->limit, "still failing after %ld faults", f->limit);
	faults_arm(f);
	return true;
}
#else
#define FAULTS_EACH(f, which) for (struct faults f = { .kind = (which) }; faults_next(&(f));)

static inline void faults_arm(struct faults *f)
{
	(void)f;
}

static inline bool faults_fired(struct faults *f)
{
	return f->fired;
}

static inline bool faults_next(struct faults *f)
{
	(void)f;
	cr_skip("built without fault injection");
	return false;
}
#endif

#endif
