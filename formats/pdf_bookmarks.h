/**
 * Bookmarks of a PDF (its outline): what they say and the pages that they lead to. Private to the reader of PDF.
 */
#ifndef TALLY_FORMATS_PDF_BOOKMARKS_H
#define TALLY_FORMATS_PDF_BOOKMARKS_H

#include "formats/pdf_object.h"
#include "formats/pdf_walk.h"

/** Push the facts. p->pages is known. @walk  one to use */
void tally_pdf_bookmarks(struct tally_pdf *p, struct tally_pdf_walk *walk, qpdf_oh catalog);

#endif
