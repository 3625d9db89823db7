/**
 * Private to xlsx_*.c: cells and shared strings in the forms that office programs write, read where they lie, without an event
 * for each tag. What is not of these forms to the last byte is none, and comes as events: see `plain` in formats/xml.h.
 *
 *	<c r="B2" s="1" t="s"><v>12</v></c>       s and t may be missing
 *	<c r="B2" s="1"/>
 *	<c r="B2"><f>SUM(A1:A2)</f><v>3</v></c>   or <f t="shared" si="0"/>
 *	<si><t>text</t></si>                      or <t xml:space="preserve">
 */
#ifndef TALLY_FORMATS_XLSX_PLAIN_H
#define TALLY_FORMATS_XLSX_PLAIN_H

#include <stddef.h>

/** A value, a name or a number as it stands there. */
struct tally_xlsx_plain_text {
	const char *bytes;
	size_t len;
};

/** Borrowed from the bytes that it was read from; what is not there has no bytes. */
struct tally_xlsx_plain_cell {
	struct tally_xlsx_plain_text address, style, type, value;
	struct tally_xlsx_plain_text formula; /**< its own */
	struct tally_xlsx_plain_text shared; /**< the number of a shared one, whose text stands elsewhere */
};

/** @return how many bytes its element has; 0: no plain cell, or not whole */
size_t tally_xlsx_plain_cell(struct tally_xlsx_plain_cell *cell, const char *bytes, size_t len);

/** The same for an item of the table of strings. */
size_t tally_xlsx_plain_string(struct tally_xlsx_plain_text *text, const char *bytes, size_t len);

#endif
