/**
 * XHTML in the form of HTML, for a parser of web pages: elements that are closed in their own tags, which HTML does not know,
 * get end tags, sections of plain characters get escapes. Everything else stays as it stands.
 */
#ifndef TALLY_FORMATS_XHTML_H
#define TALLY_FORMATS_XHTML_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"

/** Append to @out. @return false: no memory */
bool tally_xhtml_as_html(struct tally_buf *out, const char *bytes, size_t len);

#endif
