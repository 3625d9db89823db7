/**
 * Where the bytes of a PDF say that a page is turned (/Rotate 90), as far as they are not packed. Nothing is believed of them: in
 * a copy such a number becomes 0, as long as it was, and nothing else.
 */
#ifndef TALLY_FORMATS_PDF_TURN_H
#define TALLY_FORMATS_PDF_TURN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tally_pdf_turns {
	uint64_t sum; /**< of the numbers but 0 and their order; 0: there are none */
	bool packed;  /**< objects are packed, so that there may be more */
};

/**
 * Go through a part of a file.
 * @done   what begins before it is looked at; the rest is only there to see what begins as a whole
 * @clear  turn those pages back
 */
void tally_pdf_turns(char *bytes, size_t len, size_t done, bool clear, struct tally_pdf_turns *turns);

#endif
