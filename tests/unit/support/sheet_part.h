/**
 * A sheet of a workbook over a text, for tests of comparing: rows are lines, cells stand between bars.
 *
 *	12        a number          =RC[-1]*2#24     a formula and its value (=RC[-1]*2# : the value is missing)
 *	'12       text              2024-01-31       a date
 *	TRUE      a boolean         #REF!            an error
 *	=RC[-1]#' a formula whose result is an empty text
 *	12~0.00   a number with a number format      nothing: an empty cell
 */
#ifndef TALLY_TESTS_SHEET_PART_H
#define TALLY_TESTS_SHEET_PART_H

#include "core/table.h"

/** The first row is the header when @header. Yours to tally_part_free; NULL without memory. */
struct tally_part *sheet_part(const char *name, const char *text, bool header);

/** The same with a format's name ("ods"). */
struct tally_part *sheet_part_of(const char *format, const char *name, const char *text, bool header);

#endif
