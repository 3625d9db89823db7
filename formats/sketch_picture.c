/* The similarity sketch of a picture, from its pixels: see sketch_picture.h. */
#include "formats/sketch_picture.h"

#include <stdlib.h>

#include "core/hash.h"
#include "core/mem.h"
#include "core/picture.h"
#include "formats/format.h"

enum {
	SIDE = 32, /* places from side to side: as many as a sketch may have pieces */
	STEP = TALLY_PICTURE_GRID / SIDE,
	LEVEL = 16, /* of 255: saving with loss changes the mean of a place by one or two, mostly */
	FLAT = 4,   /* of 255: contrast that shows nothing */
};

_Static_assert(SIDE *SIDE <= TALLY_SKETCH_MOST, "a piece for each place");

struct job {
	uint8_t light[SIDE][SIDE];
	bool seen;
};

static uint8_t light_at(const struct tally_picture *p, unsigned y, unsigned x)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < STEP; i++)
		for (unsigned k = 0; k < STEP; k++) {
			const uint8_t *c = p->points[y * STEP + i][x * STEP + k];

			sum += 2U * c[0] + 5U * c[1] + c[2];
		}
	return (uint8_t)(sum / (8 * STEP * STEP));
}

static enum tally_status on_picture(void *payload, const struct tally_picture *picture,
                                    struct tally_err *err)
{
	struct job *job = payload;

	(void)err;
	for (unsigned y = 0; y < SIDE; y++)
		for (unsigned x = 0; x < SIDE; x++)
			job->light[y][x] = light_at(picture, y, x);
	job->seen = true;
	return TALLY_OK;
}

/* How much a place differs from those beside it: what is flat, like paper, says little. */
static uint32_t contrast(const struct job *job, unsigned y, unsigned x)
{
	static const int beside[][2] = { { -1, 0 }, { 1, 0 }, { 0, -1 }, { 0, 1 } };
	int most = 0;

	for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
		unsigned v = y + (unsigned)beside[i][0], u = x + (unsigned)beside[i][1];
		int d = v < SIDE && u < SIDE ? abs(job->light[y][x] - job->light[v][u]) : 0;

		most = d > most ? d : most;
	}
	return (uint32_t)most;
}

static int by_hash(const void *a, const void *b)
{
	const struct tally_piece *p = a, *q = b;

	return (p->hash > q->hash) - (p->hash < q->hash);
}

static enum tally_status make(struct tally_sketch *out, const struct job *job, struct tally_err *err)
{
	struct tally_piece *pieces = tally_alloc((size_t)SIDE * SIDE * sizeof *pieces);
	uint64_t total = 0;
	uint32_t most = 0, n = 0;

	if (!pieces)
		return tally_err_nomem(err);
	for (unsigned y = 0; y < SIDE; y++)
		for (unsigned x = 0; x < SIDE; x++) {
			const unsigned char place[] = { (unsigned char)y, (unsigned char)x,
				                        (unsigned char)(job->light[y][x] / LEVEL) };
			uint32_t c = contrast(job, y, x);

			most = c > most ? c : most;
			total += c + 1;
			pieces[n++] = (struct tally_piece){ tally_hash64(place, sizeof place, 0),
				                            c + 1 };
		}
	qsort(pieces, n, sizeof *pieces, by_hash);
	*out = (struct tally_sketch){
		.kind = TALLY_SKETCH_PICTURE, .count = n, .total = total, .pieces = pieces
	};
	if (most > FLAT)
		return TALLY_OK;
	tally_sketch_release(out);
	return TALLY_END;
}

enum tally_status tally_sketch_picture(struct tally_sketch *out, struct tally_source *src,
                                       const struct tally_limits *limits, struct tally_err *err)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct job job = { .seen = false };
	const struct tally_sink sink = { .payload = &job, .picture = on_picture };
	const struct tally_format *format;
	enum tally_status st = tally_format_find(&format, NULL, src, err);

	if (st == TALLY_FATAL)
		return st;
	if (st < 0 || !format || !(format->caps & TALLY_CAP_PICTURE))
		return TALLY_END;
	options.limits = limits;
	st = format->read(src, &options, &sink, err);
	if (st == TALLY_FATAL)
		return st;
	return job.seen ? make(out, &job, err) : TALLY_END;
}
