/**
 * Characters that are easily taken for others: Cyrillic and Greek letters that look like Latin ones, spaces and hyphens of other
 * kinds.
 */
#ifndef TALLY_CORE_LOOK_ALIKE_H
#define TALLY_CORE_LOOK_ALIKE_H

#include <stdint.h>

/** The ASCII character that this code point is easily taken for (' ' for all spaces); 0: it looks like none, or is one. */
char tally_codepoint_looks_like(uint32_t c);

#endif
