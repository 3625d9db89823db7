/**
 * XMP, the metadata of PDFs in XML (ISO 16684-1): what stands there and nowhere else. What every saving writes anew is left out,
 * and so is what the document says of itself elsewhere. Private to the reader of PDF.
 */
#ifndef TALLY_FORMATS_PDF_METADATA_H
#define TALLY_FORMATS_PDF_METADATA_H

#include "formats/pdf_object.h"

/** The document's own: title and author where nothing else tells them, and a digest of the rest. */
void tally_pdf_metadata(struct tally_pdf *p, qpdf_oh stream);

/** Mix those of a page into a sum. @return false: there are none */
bool tally_pdf_metadata_sum(struct tally_pdf *p, qpdf_oh stream, struct tally_sha256 *sum);

#endif
