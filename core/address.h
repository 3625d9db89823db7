/**
 * References as people write them, found in a text: A1, $B$2:C9, Prices!A:A, 'Price list'!$2:$7. For formulas and ranges that
 * stand in facts; those of cells are kept in relative form (core/relative.h).
 *
 * What stands in double quotes, in ‘ ’ or in square brackets is no reference, nor is a word that only looks like one (with '(' behind it,
 * or more letters, digits, '_' or '.' beside it).
 */
#ifndef TALLY_CORE_ADDRESS_H
#define TALLY_CORE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

enum {
	TALLY_ADDRESS_ROWS = 1 << 20, /**< what a sheet can have */
	TALLY_ADDRESS_COLUMNS = 1 << 14,
};

/** A row or column of a reference. */
struct tally_address_axis {
	bool given;  /**< whole rows have no column, whole columns no row */
	bool fixed;  /**< with "$" */
	uint32_t at; /**< from 0 */
};

struct tally_address_end {
	struct tally_address_axis row, column;
};

/** A stretch of a text: one reference, or what stands up to the next one. */
struct tally_address_piece {
	const char *text;
	size_t len;
	bool reference, area; /**< an area has two ends */
	const char *sheet; /**< of a reference: with quotes and without "!"; NULL: none is named */
	size_t sheet_len;
	struct tally_address_end end[2];
};

/** What counts as a reference. */
enum tally_address_what {
	TALLY_ADDRESS_CELLS, /**< cells and areas */
	TALLY_ADDRESS_LINES, /**< whole rows and columns, single ones too: "3, 5:7", "B, D:E" */
};

/** Goes through a text. Start with at, its first byte, and end; zero the rest. */
struct tally_address_walk {
	const char *at, *end;
	enum tally_address_what what;
	const char *sheet;
	size_t sheet_len;
};

/** The next piece. Any bytes are accepted; each byte of the text is in one piece. @return false: there is none */
bool tally_address_next(struct tally_address_walk *walk, struct tally_address_piece *out);

/** Is this name of a sheet, as it stands in a formula (quotes and all), that of the sheet @name? */
bool tally_address_sheet_is(const char *text, size_t len, const char *name);

/** Do two pieces of formulas say the same? Letter case means something in strings only. */
bool tally_address_same_words(const char *a, size_t a_len, const char *b, size_t b_len);

/** Write a reference. @return false: no memory, or longer than the buffer's ceiling */
bool tally_address_put(struct tally_buf *out, const struct tally_address_piece *reference);

#endif
