/* Rows of pixels summed up: see picture_rows.h. */
#include "formats/picture_rows.h"

#include <inttypes.h>
#include <string.h>

#include "core/mem.h"

enum {
	GRID = TALLY_PICTURE_GRID,
	CHANNELS = TALLY_PICTURE_CHANNELS,
	MEAN = 256,      /* steps of 1/256 */
	STEP_MOST = 4096 /* pixels of a square from side to side, so that their sum fits 32 bits */
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

static uint32_t squares(uint32_t pixels, uint32_t step)
{
	return pixels / step + (pixels % step > 0);
}

/* Two pixels at least: single ones are noise. Of a picture beyond all measure there are none. */
static enum tally_status begin_squares(struct tally_picture_rows *r, struct tally_err *err)
{
	struct tally_picture *p = &r->picture;
	uint32_t step = 2;

	while ((uint64_t)squares(p->width, step) * squares(p->height, step) > TALLY_PICTURE_SQUARES)
		step++;
	if (step > STEP_MOST)
		return TALLY_OK;
	p->squares = (struct tally_picture_squares){ step, squares(p->width, step),
		                                     squares(p->height, step), NULL };
	p->squares.light = tally_alloc((size_t)p->squares.width * p->squares.height);
	r->light = tally_alloc_zero(p->squares.width, sizeof *r->light);
	return p->squares.light && r->light ? TALLY_OK : tally_err_nomem(err);
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
	tally_picture_drop(&r->picture);
	tally_free(r->light);
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
	return begin_squares(r, err);
}

void tally_picture_release(struct tally_picture_rows *r)
{
	tally_hasher_free(r->hasher);
	r->hasher = NULL;
	tally_picture_drop(&r->picture);
	tally_free(r->light);
	r->light = NULL;
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

/* ---- squares ---- */

/* ITU-R BT.601, in 1/256 */
static uint32_t light_of(uint32_t red, uint32_t green, uint32_t blue)
{
	return (77 * red + 150 * green + 29 * blue) >> 8;
}

static uint32_t pixel_light(const unsigned char *p, enum tally_picture_samples samples)
{
	unsigned step = samples == TALLY_SAMPLES_RGBA16 ? 2 : 1;
	uint32_t light = light_of(p[0], p[step], p[2 * step]), over = p[3 * step];

	if (samples == TALLY_SAMPLES_CMYK8)
		return light * over / 255;
	return over == 255 ? light : (light * over + 255 * (255 - over)) / 255;
}

static void end_squares(struct tally_picture_rows *r)
{
	struct tally_picture_squares *s = &r->picture.squares;
	uint8_t *out = s->light + (size_t)r->square_row * s->width;
	uint32_t rows = r->y - r->square_row * s->step;

	for (uint32_t i = 0; i < s->width; i++) {
		uint32_t left = r->picture.width - i * s->step;
		uint32_t n = rows * (left < s->step ? left : s->step);

		out[i] = (uint8_t)((r->light[i] + n / 2) / n);
		r->light[i] = 0;
	}
	r->square_row++;
}

static void light_row(struct tally_picture_rows *r, const unsigned char *row)
{
	const struct tally_picture_squares *s = &r->picture.squares;
	const size_t pixel = r->samples == TALLY_SAMPLES_RGBA16 ? 8 : 4;
	uint32_t left = s->step, square = 0;

	for (uint32_t x = 0; x < r->picture.width; x++, row += pixel) {
		r->light[square] += pixel_light(row, r->samples);
		if (--left == 0) {
			left = s->step;
			square++;
		}
	}
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
	if (r->light)
		light_row(r, row);
	r->y++;
	if (r->light && (r->y % r->picture.squares.step == 0 || r->y == height))
		end_squares(r);
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
