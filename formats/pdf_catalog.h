/**
 * What the catalog of a PDF holds besides its pages: layers as facts, all the rest as digests of what is not looked into, each by
 * a name for people. Private to the reader of PDF.
 */
#ifndef TALLY_FORMATS_PDF_CATALOG_H
#define TALLY_FORMATS_PDF_CATALOG_H

#include "formats/pdf_object.h"
#include "formats/pdf_walk.h"

/** Push the facts. p->pages is known. @walk  one to use */
void tally_pdf_catalog(struct tally_pdf *p, struct tally_pdf_walk *walk, qpdf_oh catalog);

/** What pages hold that is told of all of them together. Begun as zeros. */
struct tally_pdf_rests {
	struct tally_pdf_rest {
		bool any;
		struct tally_sha256 sum;
	} leads, data, metadata;
};

/** The part of a page: where its links inside of the document lead, data of programs, metadata. */
void tally_pdf_rests_add(struct tally_pdf_rests *rests, struct tally_pdf_walk *walk, qpdf_oh page);
/** Push the facts. */
void tally_pdf_rests_push(const struct tally_pdf_rests *rests, struct tally_pdf *p);

#endif
