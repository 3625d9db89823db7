/**
 * The rows of a picture, from top to bottom, become what pictures are compared by (core/picture.h).
 */
#ifndef TALLY_FORMATS_PICTURE_ROWS_H
#define TALLY_FORMATS_PICTURE_ROWS_H

#include "core/picture.h"

#include "core/err.h"
#include "core/limits.h"

/** What the samples of a pixel are: four of them. */
enum tally_picture_samples {
	TALLY_SAMPLES_RGBA8,
	TALLY_SAMPLES_RGBA16, /**< big-endian */
	TALLY_SAMPLES_CMYK8,  /**< 255: no ink */
};

struct tally_picture_rows {
	struct tally_picture picture; /**< complete after tally_picture_end */
	struct tally_hasher *hasher;
	enum tally_picture_samples samples;
	uint32_t y, point_row; /**< of the picture; of the grid */
	uint32_t rows;         /**< that are in the sums */
	uint64_t sums[TALLY_PICTURE_GRID][TALLY_PICTURE_CHANNELS];
	uint32_t *light;     /**< of the row of squares at hand, summed up */
	uint32_t square_row; /**< its number */
};

/** Is a picture of this size decoded? @return TALLY_OK; TALLY_SKIP: damaged (no pixels), limit */
enum tally_status tally_picture_size(uint64_t width, uint64_t height,
                                     const struct tally_limits *limits, struct tally_err *err);

/** @rows must be zero, or begun before: then it begins again. The size was asked for before. */
enum tally_status tally_picture_begin(struct tally_picture_rows *rows, uint32_t width,
                                      uint32_t height, enum tally_picture_samples samples,
                                      struct tally_err *err);

/** The next row; there is none behind the last one. */
void tally_picture_row(struct tally_picture_rows *rows, const unsigned char *row);

/** @return TALLY_OK: rows->picture is complete (what it owns goes with the rows); TALLY_SKIP (damaged): rows are missing */
enum tally_status tally_picture_end(struct tally_picture_rows *rows, struct tally_err *err);

void tally_picture_release(struct tally_picture_rows *rows);

#endif
