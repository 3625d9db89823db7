/**
 * References in formulas as the table model has them: relative to the formula's own cell, in R1C1 notation.
 *
 *	reference = row column          one cell: RC, R[-1]C, R5C[2], R5C3
 *	          | row ":" row         whole rows: R[-2]:R[-1]
 *	          | column ":" column   whole columns: C:C, C1:C[3]
 *	row       = "R" | "R[" [-]number "]" | "R" number        this row, relative, absolute (from 1)
 *	column    = "C" | "C[" [-]number "]" | "C" number
 *
 * "A1:B2" is two references with a colon between them. A sheet's name stands before, with "!" at its end, as it does in the
 * program's own notation: Prices!RC, 'Price list'!R1C1. What stands in double or single quotes or in square brackets that follow
 * a name (structured references) is no reference, nor is a name that only looks like one (RC1000 with more letters, digits,
 * '_' or '.' beside it, or with '(' behind it).
 */
#ifndef TALLY_CORE_RELATIVE_H
#define TALLY_CORE_RELATIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

/** One end of a reference. */
struct tally_relative_end {
	bool given;    /**< whole rows have no column, whole columns no row */
	bool absolute; /**< at counts from 0; otherwise from the formula's cell */
	int64_t at;
};

/** A stretch of a formula: one reference, or text up to the next one. */
struct tally_relative_piece {
	const char *text;
	size_t len;
	bool reference;
	/** Its sheet, with quotes and without "!"; 0 bytes: the formula's own. It is the end of the text piece before. */
	const char *sheet;
	size_t sheet_len;
	struct tally_relative_end row, column;
};

/** Goes through a formula. Start with text, at its first byte, and end; zero the rest. */
struct tally_relative {
	const char *text, *at, *end;
	const char *sheet; /**< of the reference before a ":" */
	size_t sheet_len;
};

/** The next piece. Any bytes are accepted. @return false: there is none */
bool tally_relative_next(struct tally_relative *r, struct tally_relative_piece *out);

/** Row and column (from 0) of a reference in a formula at @row, @column; a whole row's column and the like is -1. */
void tally_relative_place(const struct tally_relative_piece *p, uint64_t row, uint64_t column,
                          int64_t *to_row, int64_t *to_column);

/** "A1" for row and column from 0. @out has room for 32 bytes. @return its length */
size_t tally_address(char *out, uint64_t row, uint32_t column);

/**
 * The formula as people write it at this row and column (from 0), without "=": RC[-1] at C5 is B5. References off the sheet are #REF!.
 * @return false: no memory, or longer than the buffer's ceiling
 */
bool tally_relative_a1(struct tally_buf *out, const char *text, size_t len, uint64_t row,
                       uint32_t column);

#endif
