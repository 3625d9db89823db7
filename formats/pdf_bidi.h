/**
 * Hebrew, Arabic and other scripts that run from right to left: pdftotext tells their words as they stand on the page, which is
 * the wrong way round for everybody who reads the text. Private to the reader of PDF.
 */
#ifndef TALLY_FORMATS_PDF_BIDI_H
#define TALLY_FORMATS_PDF_BIDI_H

#include <stdbool.h>
#include <stddef.h>

/** May this text have such letters? Quick. */
bool tally_pdf_bidi_likely(const char *text, size_t len);

/** Put a line of valid UTF-8 into the order of reading, in place. @return false: no memory */
bool tally_pdf_bidi(char *text, size_t len);

#endif
