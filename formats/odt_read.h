/** A package of OpenDocument with text or pages from front to back. Private to their formats. */
#ifndef TALLY_FORMATS_ODT_READ_H
#define TALLY_FORMATS_ODT_READ_H

#include "formats/format.h"

/** @page  what a page of a drawing is: TALLY_AREA_SLIDE, TALLY_AREA_PAGE. @return as tally_format.read */
enum tally_status tally_odt_read(struct tally_source *src, const struct tally_read_options *options,
                                 const struct tally_sink *sink, enum tally_area page,
                                 struct tally_err *err);

#endif
