/**
 * Formulas in a form that does not change when rows or columns are inserted around them: references relative to the cell
 * (R1C1 notation), so that a formula filled down a column is one text, and a shared formula is the text of its master.
 *
 * Grammar: ECMA-376 part 1, 18.17 (Excel), OpenFormula 1.2 (OpenDocument, references in brackets: [.A1], [Sheet.A1:.B2]).
 */
#ifndef TALLY_FORMATS_FORMULA_H
#define TALLY_FORMATS_FORMULA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

/**
 * "A1" as row and column from 0.
 * @return how many bytes it took (0: no reference); $ signs are skipped
 */
size_t tally_cell_reference(const char *text, size_t len, uint32_t *row, uint32_t *column);

/** "A1" for row and column from 0; @out has room for 24 bytes. @return its length */
size_t tally_cell_reference_text(char *out, uint64_t row, uint32_t column);

/**
 * An Excel formula (without "=") in relative form: A1 at B1 becomes RC[-1], $A$1 stays R1C1. Strings, quoted sheet names,
 * names, functions (LOG10(), structured references and errors stand as they are; letters of functions become upper case, blanks
 * outside strings and quoted names that mean nothing are left out.
 * @row, @column  of the cell, from 0
 * @return false: no memory, or longer than the buffer's ceiling
 */
bool tally_formula_relative(struct tally_buf *out, const char *text, size_t len, uint32_t row,
                            uint32_t column);

/** The same for an OpenDocument formula ("of:=SUM([.A1:.A3])"): its prefix is dropped, and the result is in the same notation
 *  as above (';' between arguments becomes ','), so that a sheet saved in the other format has equal formulas. */
bool tally_formula_relative_odf(struct tally_buf *out, const char *text, size_t len, uint32_t row,
                                uint32_t column);

#endif
