/** What came out of a workbook that may be anything, walked through. For fuzz targets. */
#ifndef TALLY_TESTS_SHEETS_SEEN_H
#define TALLY_TESTS_SHEETS_SEEN_H

#include <stdbool.h>

#include "core/sink.h"

/** How much of each there was. */
struct sheets_seen {
	uint64_t rows, cells, bytes, facts;
	uint64_t more; /**< bytes of formulas and number formats, and sheets that may have some */
	uint64_t hash; /**< of all rows */
};

/** A sink that counts into @seen, which is all zero. @facts  whether facts are wanted */
struct tally_sink sheets_seen(struct sheets_seen *seen, bool facts);

#endif
