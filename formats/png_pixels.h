/**
 * The pixels of a PNG, by libpng, which is loaded when it is first needed (core/library.h). Standard: PNG, third edition (W3C).
 */
#ifndef TALLY_FORMATS_PNG_PIXELS_H
#define TALLY_FORMATS_PNG_PIXELS_H

#include <stddef.h>

#include "formats/picture_rows.h"

/**
 * Decode: palettes, grey and few bits become RGBA; 16 bits a sample stay. Gamma and colour profiles are not applied.
 * @rows   zero; released by the caller, whatever comes of it
 * @return TALLY_OK: rows->picture is complete; TALLY_SKIP: library_missing, damaged, limit; TALLY_FATAL no memory
 */
enum tally_status tally_png_pixels(struct tally_picture_rows *rows, const void *bytes, size_t len,
                                   const struct tally_limits *limits, struct tally_err *err);

#endif
