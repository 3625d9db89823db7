/**
 * Small PDFs made in memory: objects one after the other, the table of their places computed; and what `pdftotext -tsv` says of
 * pages, made up.
 */
#ifndef TALLY_TESTS_PDF_MAKER_H
#define TALLY_TESTS_PDF_MAKER_H

#include "core/buf.h"

enum { PDF_OBJECTS = 64 };

struct pdf_maker {
	struct tally_buf out;
	size_t places[PDF_OBJECTS];
	unsigned count;
};

void pdf_begin(struct pdf_maker *m);
/** The next object, from number 1. */
void pdf_object(struct pdf_maker *m, const char *text);
/** The next object, a stream; @dict  its entries besides the length */
void pdf_stream(struct pdf_maker *m, const char *dict, const char *bytes);
/** The table and the trailer; object 1 is the catalog. @more  entries of the trailer, or "" */
void pdf_end(struct pdf_maker *m, const char *more);

/**
 * Catalog (1), pages (2), a font (3), an image (4), then a page and what it draws for each content.
 * @more  entries of the catalog, or ""
 */
void pdf_pages(struct pdf_maker *m, const char *more, const char *const *contents, unsigned count);

/** Rows of a page, and of a line of text on it, 1,000 points high. @block  another one: a new paragraph */
void tsv_page(struct tally_buf *out, unsigned page);
void tsv_line(struct tally_buf *out, unsigned page, unsigned block, unsigned top, const char *words);

#endif
