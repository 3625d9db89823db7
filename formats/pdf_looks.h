/**
 * How the pages of a PDF look, as one digest each: what is drawn, with which fonts and pictures, whatever the numbers of objects
 * and however they are packed. And the pictures by content. Private to the reader of PDF.
 */
#ifndef TALLY_FORMATS_PDF_LOOKS_H
#define TALLY_FORMATS_PDF_LOOKS_H

#include "formats/pdf_object.h"

struct tally_pdf_looks;

/** @return NULL: no memory */
struct tally_pdf_looks *tally_pdf_looks_new(struct tally_pdf *p);
void tally_pdf_looks_free(struct tally_pdf_looks *l);

/**
 * Push the facts page_look and image of a page.
 * @number  from 1
 * @blank   set: nothing is drawn on it
 * @return false: it could not be looked at (too much to unpack, or damaged)
 */
bool tally_pdf_look(struct tally_pdf_looks *l, qpdf_oh page, uint32_t number, bool *blank);

#endif
