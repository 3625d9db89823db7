/**
 * Compound files (OLE2), as far as their table of contents: which streams they have. Old office documents are such files, and
 * so are new ones that are encrypted. Format: [MS-CFB].
 */
#ifndef TALLY_FORMATS_OLE_H
#define TALLY_FORMATS_OLE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/source.h"

enum { TALLY_OLE_BITS = 64 }; /* evidence in the magic */

/** Do these bytes begin a compound file? */
bool tally_ole_begins(const unsigned char *bytes, size_t len);

/**
 * Is there a stream or storage of this name, at whatever level?
 * @name  ASCII
 * @return TALLY_OK: yes; TALLY_END: no, or its table of contents is broken before it; TALLY_SKIP: the source cannot be read
 */
enum tally_status tally_ole_has(struct tally_source *src, const char *name, struct tally_err *err);

#endif
