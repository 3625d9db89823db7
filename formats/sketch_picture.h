/**
 * The similarity sketch of a picture: how light it is at the places of a grid, so that it is found again when it was renamed and
 * saved anew, with loss or in another kind.
 */
#ifndef TALLY_FORMATS_SKETCH_PICTURE_H
#define TALLY_FORMATS_SKETCH_PICTURE_H

#include "core/limits.h"
#include "core/sketch.h"
#include "core/source.h"

/**
 * @out  its pieces are yours: tally_sketch_release
 * @return TALLY_OK; TALLY_END: no picture, one that is not decoded, or one that shows nothing to go by: its bytes have to do;
 *         TALLY_FATAL no memory
 */
enum tally_status tally_sketch_picture(struct tally_sketch *out, struct tally_source *src,
                                       const struct tally_limits *limits, struct tally_err *err);

#endif
