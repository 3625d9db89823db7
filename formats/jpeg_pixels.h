/**
 * The pixels of a JPEG, by libjpeg-turbo, which is loaded when it is first needed (core/library.h). Standard: ITU-T T.81.
 */
#ifndef TALLY_FORMATS_JPEG_PIXELS_H
#define TALLY_FORMATS_JPEG_PIXELS_H

#include <stddef.h>

#include "formats/picture_rows.h"

/**
 * Decode, in the exact way that the library offers. What is damaged inside would decode to something; it is not taken.
 * @rows   zero; released by the caller, whatever comes of it
 * @return TALLY_OK: rows->picture is complete; TALLY_SKIP: library_missing, damaged, limit; TALLY_FATAL no memory
 */
enum tally_status tally_jpeg_pixels(struct tally_picture_rows *rows, const void *bytes, size_t len,
                                    const struct tally_limits *limits, struct tally_err *err);

#endif
