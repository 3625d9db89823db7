/**
 * Which row of a sheet names its columns, settled for both sides together: each side found its header alone, from values that
 * may have been edited, or were not computed, on one of them.
 */
#ifndef TALLY_RECEIPT_JOB_HEADER_H
#define TALLY_RECEIPT_JOB_HEADER_H

#include <stdbool.h>

#include "core/err.h"
#include "core/table.h"

/**
 * The before side's finding holds for both as long as the row is there. A header with nothing below it on either side, and one
 * of a short list that says something else now, is none: such cells are known by their addresses.
 * @before  or NULL: the sheet was added
 * @after   or NULL: it was removed
 * @keyed   a key is given, which needs its names: then a header stays one
 */
enum tally_status tally_settle_header(struct tally_part *before, struct tally_part *after,
                                      bool keyed, struct tally_err *err);

#endif
