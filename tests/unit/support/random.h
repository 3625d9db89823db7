/**
 * Numbers that look random and are the same on every system (xorshift64).
 */
#ifndef TALLY_TESTS_RANDOM_H
#define TALLY_TESTS_RANDOM_H

#include <stdint.h>

/** Where to begin when it does not matter. */
#define RANDOM_SEED UINT64_C(88172645463325252)

/** The next number. @state  not 0 */
static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#endif
