/**
 * Two decoded pictures compared: the same pixels, a picture that looks the same (saved anew with loss, or in another size),
 * one of which a part is another, or another picture. Pure memory.
 */
#ifndef TALLY_DIFF_PICTURE_DIFF_H
#define TALLY_DIFF_PICTURE_DIFF_H

#include <stdbool.h>
#include <stdint.h>

#include "core/picture.h"

/*
 * Measured on drawings and photos with noise: saved again as JPEG of quality 30 to 95, no point differs by more than 8; in half
 * the size, by no more than 16. Ten small letters that were put in make 39, another picture more than 200.
 *
 * In pictures of less than 512 × 512 pixels a point is so few of them that losses are not evened out: of 247 real ones saved again as
 * JPEG of quality 85, 90 differed by more at some point. Where more than a third of all points differ at all, the most that
 * they may goes up with the root of the pixels that are missing: 17 of the 247 are left, and of 450 small pictures with a digit put
 * in none more is missed where nothing else changed; 17 (before: 2) where they were saved with loss as well.
 */
enum {
	TALLY_PICTURE_POINT_MOST = 12, /**< of 255: what a point may differ by for two that look the same */
	TALLY_PICTURE_SIZED_MOST = 24, /**< the same between two sizes */
	TALLY_PICTURE_LIGHT_MOST = 64, /**< of 255: what a square may be lighter or darker than all around its place on the other side */
	TALLY_PICTURE_SQUARES_FEW = 2, /**< squares that differ by more in all the picture are noise */
	TALLY_PICTURE_PART = 25, /**< per cent of the points that may differ by more while the rest is one picture */
};

enum tally_picture_kin {
	TALLY_PICTURE_SAME,   /**< pixel by pixel */
	TALLY_PICTURE_TURNED, /**< the same pixels, shown another way round */
	TALLY_PICTURE_NEAR,   /**< they look the same at all points of the grid */
	TALLY_PICTURE_PARTLY, /**< at most of them */
	TALLY_PICTURE_OTHER,
	TALLY_PICTURE_KINS
};

struct tally_picture_diff {
	enum tally_picture_kin kin;
	uint32_t points; /**< that differ by more than they may */
	uint32_t most;   /**< by which a point differs */
	uint32_t mean_tenths;
	bool resized; /**< another size as shown */
	bool closely; /**< every square was compared, not only the points */
	/** Where squares differ, in pixels of both; width 0: nowhere. */
	struct tally_picture_area {
		uint32_t x, y, width, height;
	} area;
};

/** "same", "turned", "near", "partly", "other". */
const char *tally_picture_kin_name(enum tally_picture_kin kin);

/** Compare, as they are to be shown. */
void tally_picture_compare(struct tally_picture_diff *out, const struct tally_picture *before,
                           const struct tally_picture *after);

#endif
