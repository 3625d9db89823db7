/**
 * What a PDF says besides its text: pages, attachments, form fields, scripts, links, signatures, who made it (ISO 32000-1).
 * Read by qpdf. Private to the reader of PDF.
 */
#ifndef TALLY_FORMATS_PDF_FACTS_H
#define TALLY_FORMATS_PDF_FACTS_H

#include "core/sink.h"

/**
 * @bytes  the whole file
 * @pages  set: how many it has
 * @return TALLY_OK; TALLY_PARTIAL: notes say what is missing; TALLY_SKIP: encrypted, damaged, library_missing
 */
enum tally_status tally_pdf_facts(const char *bytes, size_t len, uint32_t *pages,
                                  const struct tally_sink *sink, struct tally_err *err);

#endif
