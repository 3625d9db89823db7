/* Two pictures compared at a grid of points: see picture_diff.h. */
#include "diff/picture_diff.h"

#include <stdlib.h>
#include <string.h>

enum {
	GRID = TALLY_PICTURE_GRID,
	POINTS = GRID * GRID,
	SHAPE = 50,     /* 1/50: how far two shapes may differ */
	EVEN = 8,       /* pixels from side to side of a point, from which on losses even out */
	EVERYWHERE = 3, /* a picture that was saved with loss differs at more than 1/3 of its points */
};

const char *tally_picture_kin_name(enum tally_picture_kin kin)
{
	static const char *const names[] = { "same", "turned", "near", "partly", "other" };

	return names[kin];
}

/* EXIF orientation: 5 to 8 lie on their side */
static bool on_side(const struct tally_picture *p)
{
	return p->turn > 4;
}

static uint32_t width_of(const struct tally_picture *p)
{
	return on_side(p) ? p->height : p->width;
}

static uint32_t height_of(const struct tally_picture *p)
{
	return on_side(p) ? p->width : p->height;
}

/* What is shown at a place. */
static const uint8_t *point(const struct tally_picture *p, unsigned row, unsigned column)
{
	unsigned y = on_side(p) ? column : row, x = on_side(p) ? row : column;
	const unsigned last = GRID - 1;

	/* 1 as stored, 2 mirrored, 3 upside down, 4 both; 5 to 8 the same on their side */
	switch (p->turn) {
	case 2:
	case 8:
		x = last - x;
		break;
	case 3:
	case 7:
		x = last - x;
		y = last - y;
		break;
	case 4:
	case 6:
		y = last - y;
		break;
	default:
		break;
	}
	return p->points[y][x];
}

static uint32_t distance(const uint8_t *a, const uint8_t *b)
{
	int most = 0;

	for (unsigned c = 0; c < TALLY_PICTURE_CHANNELS; c++) {
		int d = abs(a[c] - b[c]);

		most = d > most ? d : most;
	}
	return (uint32_t)most;
}

/* Points of another size stand for other stretches, so that an edge may fall on the next one. */
static uint32_t nearest(const struct tally_picture *a, const struct tally_picture *b, unsigned row,
                        unsigned column)
{
	const uint8_t *p = point(a, row, column);
	uint32_t least = 255;

	for (unsigned y = row ? row - 1 : 0; y <= row + 1 && y < GRID; y++)
		for (unsigned x = column ? column - 1 : 0; x <= column + 1 && x < GRID; x++) {
			uint32_t d = distance(p, point(b, y, x));

			least = d < least ? d : least;
		}
	return least;
}

/*
 * In a small picture a point is few pixels, and what a saving with loss does to one of them is not evened out: by as much more as
 * their number is smaller (its root).
 */
static uint32_t small_may(const struct tally_picture *a, const struct tally_picture *b)
{
	uint64_t least = (uint64_t)a->width * a->height, other = (uint64_t)b->width * b->height;
	uint32_t side = 1;

	least = (other < least ? other : least) / POINTS; /* pixels of a point */
	while (side < EVEN && (uint64_t)(side + 1) * (side + 1) <= least)
		side++;
	return TALLY_PICTURE_POINT_MOST * EVEN / side;
}

/* Points that differ by more than they may. Loss is everywhere; a picture that is as it was at most points was edited. */
static void measure(struct tally_picture_diff *out, const struct tally_picture *a,
                    const struct tally_picture *b)
{
	uint32_t sum = 0, may = out->resized ? TALLY_PICTURE_SIZED_MOST : TALLY_PICTURE_POINT_MOST;
	uint32_t small = small_may(a, b), touched = 0, beyond = 0;

	for (unsigned y = 0; y < GRID; y++)
		for (unsigned x = 0; x < GRID; x++) {
			uint32_t d = out->resized ? nearest(a, b, y, x)
			                          : distance(point(a, y, x), point(b, y, x));

			sum += d;
			out->most = d > out->most ? d : out->most;
			out->points += d > may;
			beyond += d > may && d > small;
			touched += d > 0;
		}
	if (touched > POINTS / EVERYWHERE)
		out->points = beyond;
	out->mean_tenths = (sum * 10 + POINTS / 2) / POINTS;
}

/* ---- squares ---- */

static uint32_t darker(uint8_t a, uint8_t b)
{
	return (uint32_t)abs(a - b);
}

/* How far a square is from all nine at its place on the other side: an edge may fall on the next one. */
static uint32_t off(const struct tally_picture_squares *a, const struct tally_picture_squares *b,
                    uint32_t x, uint32_t y)
{
	uint8_t mine = a->light[(size_t)y * a->width + x];
	uint32_t least = darker(mine, b->light[(size_t)y * b->width + x]);

	if (least <= TALLY_PICTURE_LIGHT_MOST)
		return 0;
	for (uint32_t v = y ? y - 1 : 0; v <= y + 1 && v < b->height; v++)
		for (uint32_t u = x ? x - 1 : 0; u <= x + 1 && u < b->width; u++) {
			uint32_t d = darker(mine, b->light[(size_t)v * b->width + u]);

			least = d < least ? d : least;
		}
	return least;
}

struct spots {
	uint32_t left, top, right, bottom; /* squares */
	uint32_t count, most;
	bool points[GRID][GRID]; /* in which they are */
};

static void add_spot(struct spots *s, const struct tally_picture_squares *in, uint32_t x,
                     uint32_t y, uint32_t by)
{
	s->left = !s->count || x < s->left ? x : s->left;
	s->top = !s->count || y < s->top ? y : s->top;
	s->right = x > s->right ? x : s->right;
	s->bottom = y > s->bottom ? y : s->bottom;
	s->most = by > s->most ? by : s->most;
	s->count++;
	s->points[(uint64_t)y * GRID / in->height][(uint64_t)x * GRID / in->width] = true;
}

static void find_spots(struct spots *s, const struct tally_picture_squares *a,
                       const struct tally_picture_squares *b)
{
	for (uint32_t y = 0; y < a->height; y++)
		for (uint32_t x = 0; x < a->width; x++) {
			uint32_t there = off(a, b, x, y), back = off(b, a, x, y);
			uint32_t by = there > back ? there : back;

			if (by > TALLY_PICTURE_LIGHT_MOST)
				add_spot(s, a, x, y, by);
		}
}

static uint32_t end_of(uint32_t square, uint32_t step, uint32_t pixels)
{
	uint64_t end = ((uint64_t)square + 1) * step;

	return end < pixels ? (uint32_t)end : pixels;
}

/* What two that look the same from afar hide: a digit, a word. Only as stored, in one size. */
static void compare_squares(struct tally_picture_diff *out, const struct tally_picture *before,
                            const struct tally_picture *after)
{
	const struct tally_picture_squares *a = &before->squares, *b = &after->squares;
	struct spots s = { 0 };
	uint32_t points = 0;

	out->closely = a->light && b->light && before->turn == after->turn &&
	               before->width == after->width && before->height == after->height;
	if (!out->closely)
		return;
	find_spots(&s, a, b);
	if (s.count <= TALLY_PICTURE_SQUARES_FEW)
		return;
	for (unsigned i = 0; i < POINTS; i++)
		points += s.points[i / GRID][i % GRID];
	out->points = points > out->points ? points : out->points;
	out->most = s.most > out->most ? s.most : out->most;
	out->area = (struct tally_picture_area){ s.left * a->step, s.top * a->step, 0, 0 };
	out->area.width = end_of(s.right, a->step, after->width) - out->area.x;
	out->area.height = end_of(s.bottom, a->step, after->height) - out->area.y;
}

/* ---- both ---- */

/* Do their sides stand in the same proportion, give or take what rounding does? */
static bool same_shape(const struct tally_picture *a, const struct tally_picture *b)
{
	uint64_t x = (uint64_t)width_of(a) * height_of(b), y = (uint64_t)width_of(b) * height_of(a);
	uint64_t most = x > y ? x : y, least = x > y ? y : x;

	return most - least <= most / SHAPE;
}

/* One colour all over tells nothing of what is shown. */
static bool is_blank(const struct tally_picture *p)
{
	for (unsigned i = 1; i < POINTS; i++)
		if (distance(p->points[0][0], p->points[i / GRID][i % GRID]) >
		    TALLY_PICTURE_POINT_MOST)
			return false;
	return true;
}

void tally_picture_compare(struct tally_picture_diff *out, const struct tally_picture *before,
                           const struct tally_picture *after)
{
	bool same = !memcmp(&before->pixels, &after->pixels, sizeof before->pixels);

	*out = (struct tally_picture_diff){ .kin = TALLY_PICTURE_OTHER };
	out->resized = width_of(before) != width_of(after) || height_of(before) != height_of(after);
	measure(out, before, after);
	if (!same)
		compare_squares(out, before, after);
	if (same)
		out->kin = before->turn == after->turn ? TALLY_PICTURE_SAME : TALLY_PICTURE_TURNED;
	else if (!same_shape(before, after))
		out->kin = TALLY_PICTURE_OTHER;
	else if (!out->points)
		out->kin = TALLY_PICTURE_NEAR;
	else if (out->points * 100 <= POINTS * TALLY_PICTURE_PART && !is_blank(before) &&
	         !is_blank(after))
		out->kin = TALLY_PICTURE_PARTLY;
}
