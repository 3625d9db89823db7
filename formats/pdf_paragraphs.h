/**
 * Lines of a PDF put together to paragraphs, so that the same words broken otherwise into lines and pages are the same
 * paragraphs. Private to the reader of PDF.
 */
#ifndef TALLY_FORMATS_PDF_PARAGRAPHS_H
#define TALLY_FORMATS_PDF_PARAGRAPHS_H

#include "core/sink.h"
#include "formats/pdf_text.h"

/** Push all: running heads, the text page by page, running feet. What the sink returned, or TALLY_FATAL. */
enum tally_status tally_pdf_paragraphs(struct tally_pdf_text *text, const struct tally_sink *sink,
                                       struct tally_err *err);

#endif
