/**
 * Contents that are written into an address: "data:image/png;base64,iVBORw0K…" (RFC 2397).
 */
#ifndef TALLY_FORMATS_DATA_URL_H
#define TALLY_FORMATS_DATA_URL_H

#include "core/buf.h"
#include "core/err.h"

/**
 * Append the bytes of an address in base64; blanks in it are nothing.
 * @return TALLY_OK; TALLY_END: it is another address, or no base64, or empty; TALLY_FATAL: no memory
 */
enum tally_status tally_data_url(struct tally_buf *out, const char *url);

#endif
