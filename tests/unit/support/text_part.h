/**
 * A part of a table over a text, for tests of comparing: rows are lines, cells stand between delimiters, quotes may surround a
 * cell and are doubled inside. Nothing of it is checked; it is no reader.
 */
#ifndef TALLY_TESTS_TEXT_PART_H
#define TALLY_TESTS_TEXT_PART_H

#include <stdbool.h>

#include "core/table.h"

struct text_part_options {
	char delimiter; /**< 0: a comma */
	bool no_header;
	size_t header_row; /**< number of the row with the names, when there is one */
	bool quotes_tell;
	const char *quoting;  /**< property; NULL: not stated */
	bool header_property; /**< state the header's row as a property, as readers of files do */
};

/** @text  with its length, so that there may be NUL in it; copied. Yours to tally_part_free; NULL without memory. */
struct tally_part *text_part_of(const char *text, size_t len,
                                const struct text_part_options *options);

/** The usual: commas, a header. */
struct tally_part *text_part(const char *text);

#endif
