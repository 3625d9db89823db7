/* Rows of pixels summed up: see picture_rows.h. */
#include "formats/picture_rows.h"

#include <inttypes.h>
#include <string.h>

enum {
	GRID = TALLY_PICTURE_GRID,
	CHANNELS = TALLY_PICTURE_CHANNELS,
	MEAN = 256 /* steps of 1/256 */
};

enum tally_status tally_picture_size(uint64_t width, uint64_t height,
                                     const struct tally_limits *limits, struct tally_err *err)
{
	if (!width || !height || width > UINT32_MAX || height > UINT32_MAX)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED,
		                     "a picture without pixels");
	if (width > limits->picture_pixels / height)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "picture_pixels: it has %" PRIu64 " \u00d7 %" PRIu64, width,
		                     height);
	return TALLY_OK;
}

enum tally_status tally_picture_begin(struct tally_picture_rows *r, uint32_t width, uint32_t height,
                                      enum tally_picture_samples samples, struct tally_err *err)
{
	struct tally_hasher *hasher = r->hasher;
	unsigned char head[9];
	struct tally_key key;
	enum tally_status st = TALLY_OK;

	tally_key_from_seed(&key, 0); /* nobody looks at the keyed digest that comes beside SHA-256 */
	if (!hasher)
		st = tally_hasher_new(&hasher, &key, true, err);
	if (st < 0)
		return st;
	*r = (struct tally_picture_rows){ .hasher = hasher, .samples = samples };
	r->picture.width = width;
	r->picture.height = height;
	r->picture.turn = 1;
	for (int i = 0; i < 4; i++) {
		head[i] = (unsigned char)(width >> 8 * i);
		head[4 + i] = (unsigned char)(height >> 8 * i);
	}
	head[8] = (unsigned char)samples;
	tally_hasher_start(hasher);
	tally_hasher_add(hasher, head, sizeof head);
	return TALLY_OK;
}

void tally_picture_release(struct tally_picture_rows *r)
{
	tally_hasher_free(r->hasher);
	r->hasher = NULL;
}

/* ---- the grid: each point stands for a stretch of pixels, at least one ---- */

static uint32_t stretch_begin(uint32_t point, uint32_t pixels)
{
	return (uint32_t)((uint64_t)point * pixels / GRID);
}

static uint32_t stretch_end(uint32_t point, uint32_t pixels)
{
	uint32_t begin = stretch_begin(point, pixels);
	uint32_t end = (uint32_t)(((uint64_t)point + 1) * pixels / GRID);

	return end > begin ? end : begin + 1;
}

/* Colours as far as they cover. */
static void add_rgba(uint64_t sum[CHANNELS], const unsigned char *p, uint32_t n, unsigned step)
{
	for (; n > 0; n--, p += (size_t)CHANNELS * step) {
		unsigned a = p[3 * step];

		sum[0] += p[0] * a;
		sum[1] += p[step] * a;
		sum[2] += p[2 * step] * a;
		sum[3] += 255 * a;
	}
}

static void add_cmyk(uint64_t sum[CHANNELS], const unsigned char *p, uint32_t n)
{
	for (; n > 0; n--, p += CHANNELS) {
		for (unsigned c = 0; c < 3; c++)
			sum[c] += p[c] * p[3];
		sum[3] += 255 * 255;
	}
}

static void add_row(struct tally_picture_rows *r, const unsigned char *row)
{
	uint32_t width = r->picture.width;
	size_t pixel = r->samples == TALLY_SAMPLES_RGBA16 ? 8 : 4;

	for (uint32_t x = 0; x < GRID; x++) {
		uint32_t begin = stretch_begin(x, width), n = stretch_end(x, width) - begin;
		const unsigned char *p = row + begin * pixel;
		uint64_t sum[CHANNELS] = { 0 };

		if (r->samples == TALLY_SAMPLES_CMYK8)
			add_cmyk(sum, p, n);
		else
			add_rgba(sum, p, n, r->samples == TALLY_SAMPLES_RGBA16 ? 2 : 1);
		for (unsigned c = 0; c < CHANNELS; c++)
			r->sums[x][c] += sum[c] * MEAN / n;
	}
	r->rows++;
}

static void end_point_row(struct tally_picture_rows *r)
{
	const uint64_t one = (uint64_t)255 * MEAN * r->rows;

	for (uint32_t x = 0; x < GRID; x++)
		for (unsigned c = 0; c < CHANNELS; c++)
			r->picture.points[r->point_row][x][c] = (uint8_t)((r->sums[x][c] + one / 2) /
			                                                  one);
	r->point_row++;
}

void tally_picture_row(struct tally_picture_rows *r, const unsigned char *row)
{
	uint32_t height = r->picture.height;
	size_t pixel = r->samples == TALLY_SAMPLES_RGBA16 ? 8 : 4;

	if (r->y >= height)
		return;
	tally_hasher_add(r->hasher, row, r->picture.width * pixel);
	if (r->point_row < GRID && r->y == stretch_begin(r->point_row, height)) {
		memset(r->sums, 0, sizeof r->sums);
		r->rows = 0;
	}
	add_row(r, row);
	r->y++;
	/* a low picture's row stands for several of the grid */
	while (r->point_row < GRID && r->y == stretch_end(r->point_row, height))
		end_point_row(r);
}

enum tally_status tally_picture_end(struct tally_picture_rows *r, struct tally_err *err)
{
	struct tally_digest unused;

	if (r->y < r->picture.height)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED, "rows of it are missing");
	tally_hasher_finish(r->hasher, &unused, &r->picture.pixels);
	return TALLY_OK;
}
