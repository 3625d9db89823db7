/**
 * A decoded picture, as far as two are compared: its size, a digest of its pixels, and how it looks at a grid of points.
 */
#ifndef TALLY_CORE_PICTURE_H
#define TALLY_CORE_PICTURE_H

#include <stdint.h>

#include "core/hash.h"

enum {
	TALLY_PICTURE_GRID = 64,    /**< points from side to side, and from top to bottom */
	TALLY_PICTURE_CHANNELS = 4, /**< red, green, blue, each as far as it covers; opacity */
	TALLY_PICTURE_TURNS = 8,    /**< ways to lay a picture (EXIF orientation 1 to 8) */
};

struct tally_picture {
	uint32_t width, height;     /**< in pixels, as stored */
	uint8_t turn;               /**< how it is to be shown: EXIF orientation, 1: as stored */
	struct tally_sha256 pixels; /**< of all pixels as RGBA, with the size in front */
	/** What the pixels around each point of the grid are on average, as stored. */
	uint8_t points[TALLY_PICTURE_GRID][TALLY_PICTURE_GRID][TALLY_PICTURE_CHANNELS];
};

#endif
