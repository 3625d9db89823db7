/** A package of OpenDocument with text or pages from front to back. Private to their formats. */
#ifndef TALLY_FORMATS_ODT_READ_H
#define TALLY_FORMATS_ODT_READ_H

#include "formats/format.h"
#include "formats/office_facts.h"

/** @page  what a page of a drawing is: TALLY_AREA_SLIDE, TALLY_AREA_PAGE. @return as tally_format.read */
enum tally_status tally_odt_read(struct tally_source *src, const struct tally_read_options *options,
                                 const struct tally_sink *sink, enum tally_area page,
                                 struct tally_err *err);

/* ---- odt_about.c ---- */

/** Push its properties, and those that are not told as a sum. */
enum tally_status tally_odt_about(struct tally_office_facts *f, struct tally_err *err);
/** Push what its settings protect; the others as a sum, without those of windows, printers and savings. */
enum tally_status tally_odt_settings(struct tally_office_facts *f, struct tally_err *err);

#endif
