/**
 * The similarity sketch of a file: from its unpacked members where it is a zip, otherwise from its bytes.
 */
#ifndef TALLY_FORMATS_SKETCH_FILE_H
#define TALLY_FORMATS_SKETCH_FILE_H

#include "core/limits.h"
#include "core/sketch.h"
#include "core/source.h"

/**
 * @out  its pieces are yours: tally_sketch_release
 * @return TALLY_OK; TALLY_SKIP with the reason (a limit, damaged)
 */
enum tally_status tally_sketch_file(struct tally_sketch *out, struct tally_source *src,
                                    const struct tally_limits *limits, struct tally_err *err);

#endif
