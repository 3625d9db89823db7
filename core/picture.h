/**
 * A decoded picture, as far as two are compared: its size, a digest of its pixels, how it looks at a grid of points, and how light it
 * is square by square.
 */
#ifndef TALLY_CORE_PICTURE_H
#define TALLY_CORE_PICTURE_H

#include <stdint.h>

#include "core/err.h"
#include "core/hash.h"

enum {
	TALLY_PICTURE_GRID = 64,         /**< points from side to side, and from top to bottom */
	TALLY_PICTURE_CHANNELS = 4,      /**< red, green, blue, each as far as it covers; opacity */
	TALLY_PICTURE_TURNS = 8,         /**< ways to lay a picture (EXIF orientation 1 to 8) */
	TALLY_PICTURE_SQUARES = 1 << 20, /**< most of them */
};

/** Squares of pixels, the last of a row or column may be smaller: small enough to show a letter that changed. */
struct tally_picture_squares {
	uint32_t step;          /**< pixels from side to side of one */
	uint32_t width, height; /**< how many there are; as stored */
	uint8_t *light;         /**< of each on average, on white paper; owned; NULL: not known */
};

struct tally_picture {
	uint32_t width, height;     /**< in pixels, as stored */
	uint8_t turn;               /**< how it is to be shown: EXIF orientation, 1: as stored */
	struct tally_sha256 pixels; /**< of all pixels as RGBA, with the size in front */
	/** What the pixels around each point of the grid are on average, as stored. */
	uint8_t points[TALLY_PICTURE_GRID][TALLY_PICTURE_GRID][TALLY_PICTURE_CHANNELS];
	struct tally_picture_squares squares;
};

/** @to  released before, if it holds a picture. @return TALLY_FATAL: no memory, and @to holds none */
enum tally_status tally_picture_copy(struct tally_picture *to, const struct tally_picture *from,
                                     struct tally_err *err);

/** What it owns. */
void tally_picture_drop(struct tally_picture *picture);

#endif
