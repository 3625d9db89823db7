/**
 * Whether a page can be parsed in a time that grows with its size: what elements inside elements and attributes cost grows with their square.
 */
#ifndef TALLY_FORMATS_HTML_BOUNDS_H
#define TALLY_FORMATS_HTML_BOUNDS_H

#include <stddef.h>

#include "core/err.h"
#include "core/limits.h"

/** A look at the tags, before anything is parsed. @return TALLY_OK; TALLY_SKIP: limit html_depth, html_attributes */
enum tally_status tally_html_bounds(const char *bytes, size_t len,
                                    const struct tally_limits *limits, struct tally_err *err);

#endif
