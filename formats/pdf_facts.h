/**
 * What a PDF says besides its text: pages and their looks, attachments, form fields, scripts, links, signatures, who made it
 * (ISO 32000-1). Read by qpdf. Private to the reader of PDF.
 */
#ifndef TALLY_FORMATS_PDF_FACTS_H
#define TALLY_FORMATS_PDF_FACTS_H

#include <stdbool.h>

#include "core/sink.h"

struct tally_pdf_document {
	uint32_t pages;
	bool *blank; /**< of each page: nothing is drawn on it */
};

/**
 * @bytes  the whole file
 * @out    to tally_pdf_document_release in any case
 * @return TALLY_OK; TALLY_PARTIAL: notes say what is missing; TALLY_SKIP: encrypted, damaged, library_missing
 */
enum tally_status tally_pdf_facts(const char *bytes, size_t len, struct tally_pdf_document *out,
                                  const struct tally_sink *sink, struct tally_err *err);
void tally_pdf_document_release(struct tally_pdf_document *doc);

#endif
