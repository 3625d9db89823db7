/**
 * Contents that are written into an address: "data:image/png;base64,iVBORw0K…" (RFC 2397).
 */
#ifndef TALLY_FORMATS_DATA_URL_H
#define TALLY_FORMATS_DATA_URL_H

#include "core/buf.h"
#include "core/err.h"
#include "core/sink.h"

/**
 * Append the bytes of an address in base64; blanks in it are nothing.
 * @return TALLY_OK; TALLY_END: it is another address, or no base64, or empty; TALLY_FATAL: no memory
 */
enum tally_status tally_data_url(struct tally_buf *out, const char *url);

/**
 * What is written into an address, for a sink that asks for contents; nothing where it is another address.
 * @value  of the fact that tells of it
 * @return what the sink returned; TALLY_FATAL: no memory
 */
enum tally_status tally_data_url_show(const struct tally_sink *sink, const char *value,
                                      const char *url, struct tally_err *err);

#endif
