/* libpng, loaded late, for pixels: see png_pixels.h. */
#include "formats/png_pixels.h"

#include <png.h>
#include <setjmp.h>
#include <string.h>

#include "core/library.h"
#include "core/mem.h"

enum { PIXEL_MOST = 8 /* bytes: four samples of 16 bits */ };

static struct calls {
#define TALLY_CALL(name) __typeof__(name) *name;
#include "formats/png_calls.def"
#undef TALLY_CALL
} calls;

static const char *const names[] = {
#define TALLY_CALL(name) #name,
#include "formats/png_calls.def"
#undef TALLY_CALL
};

static struct tally_library_calls library = {
	.library = TALLY_LIBRARY_PNG,
	.names = names,
	.count = sizeof names / sizeof *names,
	.table = &calls,
};

/* All that lives while libpng may jump out of its functions. */
struct decoding {
	jmp_buf out; /* where errors go */
	png_structp png;
	png_infop info;
	struct tally_picture_rows *rows;
	const unsigned char *at, *end;
	const struct tally_limits *limits;
	unsigned char *pixels; /* a row, or all of them where they are interlaced */
	enum tally_status status;
	struct tally_err *err;
};

/* ---- what libpng calls ---- */

static void on_error(png_structp png, png_const_charp message)
{
	struct decoding *d = calls.png_get_error_ptr(png);

	if (d->status >= 0)
		d->status = tally_err_set(d->err, TALLY_SKIP, TALLY_REASON_DAMAGED, "%s", message);
	longjmp(d->out, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
	(void)png;
	(void)message;
}

static void on_read(png_structp png, png_bytep to, size_t len)
{
	struct decoding *d = calls.png_get_io_ptr(png);

	if ((size_t)(d->end - d->at) < len) {
		d->status = tally_err_set(d->err, TALLY_SKIP, TALLY_REASON_DAMAGED, "it is cut off");
		longjmp(d->out, 1);
	}
	memcpy(to, d->at, len);
	d->at += len;
}

static png_voidp on_alloc(png_structp png, png_alloc_size_t size)
{
	struct decoding *d = calls.png_get_mem_ptr(png);
	void *p = tally_alloc(size);

	if (!p && d->status >= 0)
		d->status = tally_err_nomem(d->err);
	return p;
}

static void on_free(png_structp png, png_voidp p)
{
	(void)png;
	tally_free(p);
}

/* ---- decoding; errors stick in d->status and end in a jump ---- */

static void fail(struct decoding *d, enum tally_status st)
{
	if (st >= 0)
		return;
	d->status = st;
	longjmp(d->out, 1);
}

static void *take(struct decoding *d, size_t count, size_t size)
{
	void *p = tally_alloc_zero(count, size);

	if (!p)
		fail(d, tally_err_nomem(d->err));
	return p;
}

static void fail_large(struct decoding *d, const char *what)
{
	fail(d, tally_err_set(d->err, TALLY_SKIP, TALLY_REASON_LIMIT,
	                      "picture_bytes: it wants more than that for %s", what));
}

/* Its rows come in seven parts, the last ones only at the end. */
static void read_interlaced(struct decoding *d, size_t row, uint32_t height, int passes)
{
	if (row > d->limits->picture_bytes / height)
		fail_large(d, "interlaced rows");
	d->pixels = take(d, height, row);
	for (int pass = 0; pass < passes; pass++)
		for (uint32_t y = 0; y < height; y++)
			calls.png_read_row(d->png, d->pixels + y * row, NULL);
	for (uint32_t y = 0; y < height; y++)
		tally_picture_row(d->rows, d->pixels + y * row);
}

static void read_rows(struct decoding *d, uint32_t width, uint32_t height)
{
	int passes = calls.png_set_interlace_handling(d->png);
	size_t row;

	if ((uint64_t)width * PIXEL_MOST > d->limits->picture_bytes)
		fail_large(d, "a row");
	calls.png_read_update_info(d->png, d->info);
	row = calls.png_get_rowbytes(d->png, d->info);
	if (passes > 1) {
		read_interlaced(d, row, height, passes);
	} else {
		d->pixels = take(d, 1, row);
		for (uint32_t y = 0; y < height; y++) {
			calls.png_read_row(d->png, d->pixels, NULL);
			tally_picture_row(d->rows, d->pixels);
		}
	}
	calls.png_read_end(d->png, NULL);
}

static void decode(struct decoding *d)
{
	uint32_t width, height;
	int depth;

	d->info = calls.png_create_info_struct(d->png);
	if (!d->info)
		fail(d, tally_err_nomem(d->err));
	calls.png_set_read_fn(d->png, d, on_read);
	calls.png_set_user_limits(d->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
	/* texts and the like are no business of libpng */
	calls.png_set_keep_unknown_chunks(d->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
	calls.png_read_info(d->png, d->info);
	width = calls.png_get_image_width(d->png, d->info);
	height = calls.png_get_image_height(d->png, d->info);
	depth = calls.png_get_bit_depth(d->png, d->info);
	fail(d, tally_picture_size(width, height, d->limits, d->err));
	fail(d,
	     tally_picture_begin(d->rows, width, height,
	                         depth == 16 ? TALLY_SAMPLES_RGBA16 : TALLY_SAMPLES_RGBA8, d->err));
	calls.png_set_expand(d->png);
	calls.png_set_gray_to_rgb(d->png);
	calls.png_set_add_alpha(d->png, depth == 16 ? 0xffff : 0xff, PNG_FILLER_AFTER);
	read_rows(d, width, height);
	fail(d, tally_picture_end(d->rows, d->err));
}

/* Nothing but this stands between setjmp and the jump. */
static void decode_caught(struct decoding *d)
{
	if (!setjmp(d->out))
		decode(d);
}

enum tally_status tally_png_pixels(struct tally_picture_rows *rows, const void *bytes, size_t len,
                                   const struct tally_limits *limits, struct tally_err *err)
{
	struct decoding *d;
	enum tally_status st = tally_library_fill(&library, err);

	if (st < 0)
		return st;
	d = tally_alloc_zero(1, sizeof *d);
	if (!d)
		return tally_err_nomem(err);
	d->rows = rows;
	d->at = bytes;
	d->end = d->at + len;
	d->limits = limits;
	d->err = err;
	d->png = calls.png_create_read_struct_2(PNG_LIBPNG_VER_STRING, d, on_error, on_warning, d,
	                                        on_alloc, on_free);
	if (d->png)
		decode_caught(d);
	else
		d->status = tally_err_nomem(err);
	st = d->status;
	calls.png_destroy_read_struct(&d->png, &d->info, NULL);
	tally_free(d->pixels);
	tally_free(d);
	return st;
}
