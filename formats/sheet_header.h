/**
 * The row of a sheet that holds the names of its columns, as readers of workbooks look for it.
 */
#ifndef TALLY_FORMATS_SHEET_HEADER_H
#define TALLY_FORMATS_SHEET_HEADER_H

#include "core/err.h"
#include "core/table.h"

/**
 * Sets part->header_row and the property header_row; where nothing proves the header, a problem says so.
 * @wish  as tally_read_options.header: 1 the first row with cells, 0 none, -1 find out
 */
enum tally_status tally_sheet_header(struct tally_part *part, int wish, struct tally_err *err);

#endif
