/**
 * Is a text a table although nothing but its bytes says so? Source code, lists and prose have commas and tabs, too.
 */
#ifndef TALLY_FORMATS_PLAIN_TEXT_H
#define TALLY_FORMATS_PLAIN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * True where the first bytes are convincingly rectangular: all records have the same number of cells from the first one on, brackets
 * are closed within their cells, hardly a line is blank or indented, and some column holds numbers or dates, or there are several
 * columns without a blank behind each delimiter.
 * @bytes  the beginning of a file of @size bytes, in UTF-8, UTF-16 or a single-byte encoding
 */
bool tally_text_is_table(const unsigned char *bytes, size_t len, uint64_t size);

#endif
