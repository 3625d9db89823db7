/**
 * Powers of ten, for arithmetic with decimal numbers.
 */
#ifndef TALLY_CORE_DECIMAL_H
#define TALLY_CORE_DECIMAL_H

#include <stdint.h>

enum { TALLY_POWERS_OF_TEN = 20 /**< how many of them fit 64 bits */ };

/** [n] is ten to the power of n. */
extern const uint64_t tally_powers_of_ten[TALLY_POWERS_OF_TEN];

#endif
