/**
 * What hangs on a PDF besides its pages' looks: attachments, scripts, form fields, links and remarks. Private to the reader of
 * PDF.
 */
#ifndef TALLY_FORMATS_PDF_PARTS_H
#define TALLY_FORMATS_PDF_PARTS_H

#include "formats/pdf_object.h"

/** Attachments, scripts, form fields. @root  the document's catalog */
void tally_pdf_parts(struct tally_pdf *p, qpdf_oh root);

/** What lies on a page: links, remarks, drawings of readers. @number  from 1 */
void tally_pdf_annotations(struct tally_pdf *p, qpdf_oh page, uint32_t number);

#endif
