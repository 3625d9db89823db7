/**
 * What hangs on a PDF besides its pages' looks: attachments, scripts, form fields, links and remarks. Private to the reader of
 * PDF.
 */
#ifndef TALLY_FORMATS_PDF_PARTS_H
#define TALLY_FORMATS_PDF_PARTS_H

#include "formats/pdf_object.h"
#include "formats/pdf_walk.h"

/** Attachments, scripts, form fields. @root  the document's catalog */
void tally_pdf_parts(struct tally_pdf *p, qpdf_oh root);

/** Scripts, links and other files that an action leads to, and the actions behind it. */
void tally_pdf_action(struct tally_pdf *p, qpdf_oh one, const char *where);

/** Each name of a tree of names with what it stands for. */
void tally_pdf_name_tree(struct tally_pdf *p, qpdf_oh root,
                         void (*each)(struct tally_pdf *, const char *name, qpdf_oh what));

/** Each field of a form, with those below it. @each  NULL: push what it says */
void tally_pdf_each_field(struct tally_pdf *p, qpdf_oh form, struct tally_pdf_walk *walk,
                          void (*each)(struct tally_pdf_walk *walk, qpdf_oh field));

/** What lies on a page: links, remarks, drawings of readers. @number  from 1 */
void tally_pdf_annotations(struct tally_pdf *p, qpdf_oh page, uint32_t number);

#endif
