/**
 * qpdf, loaded when it is first needed (core/library.h). The functions of pdf_calls.def are called through a table; the
 * macro below keeps their names: PDF(qpdf_get_root)(q).
 */
#ifndef TALLY_FORMATS_PDF_LIB_H
#define TALLY_FORMATS_PDF_LIB_H

#include <qpdf/qpdf-c.h>

#include "core/err.h"

/** std::set_new_handler of the C++ library behind qpdf: who is asked when there is no memory. @return who was asked before */
typedef void tally_new_handler(void);
tally_new_handler *_ZSt15set_new_handlerPFvvE(tally_new_handler *handler);

struct tally_pdf_calls {
#define TALLY_CALL(name) __typeof__(name) *name;
#include "formats/pdf_calls.def"
#undef TALLY_CALL
};

extern struct tally_pdf_calls tally_pdf_calls;

#define PDF(name) (tally_pdf_calls.name)

/** @return TALLY_OK: the table is filled; TALLY_SKIP library_missing */
enum tally_status tally_pdf_load(struct tally_err *err);

#endif
