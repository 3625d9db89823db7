/* libjpeg-turbo, loaded late, for pixels: see jpeg_pixels.h. */
#include "formats/jpeg_pixels.h"

#include <limits.h>
#include <setjmp.h>
#include <stdio.h>
/* its header wants stdio.h in front */
#include <jpeglib.h>
/* behind it */
#include <jerror.h>

#include "core/library.h"
#include "core/mem.h"

/* Each scan of a progressive picture costs a walk over all of it. Programs make ten of them. */
enum { SCANS_FREE = 12, SCANNED_MOST = 1000000000 /* pixels, in all scans together */ };

static struct calls {
#define TALLY_CALL(name) __typeof__(name) *name;
#include "formats/jpeg_calls.def"
#undef TALLY_CALL
} calls;

static const char *const names[] = {
#define TALLY_CALL(name) #name,
#include "formats/jpeg_calls.def"
#undef TALLY_CALL
};

static struct tally_library_calls library = {
	.library = TALLY_LIBRARY_JPEG,
	.names = names,
	.count = sizeof names / sizeof *names,
	.table = &calls,
};

/* All that lives while libjpeg may jump out of its functions. */
struct decoding {
	struct jpeg_error_mgr errors; /* first: libjpeg hands it back */
	jmp_buf out;                  /* where errors go */
	struct jpeg_progress_mgr progress;
	struct jpeg_decompress_struct jpeg;
	struct tally_picture_rows *rows;
	const void *bytes;
	size_t len;
	const struct tally_limits *limits;
	unsigned char *row;
	enum tally_status status;
	struct tally_err *err;
};

/* ---- what libjpeg calls ---- */

static void fail(struct decoding *d, enum tally_status st)
{
	if (st >= 0)
		return;
	d->status = st;
	longjmp(d->out, 1);
}

static void fail_with(struct decoding *d)
{
	char message[JMSG_LENGTH_MAX];

	if (d->errors.msg_code == JERR_NO_BACKING_STORE || d->errors.msg_code == JERR_OUT_OF_MEMORY)
		fail(d, tally_err_set(d->err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                      "picture_bytes: a progressive picture wants more"));
	d->errors.format_message((j_common_ptr)&d->jpeg, message);
	fail(d, tally_err_set(d->err, TALLY_SKIP, TALLY_REASON_DAMAGED, "%s", message));
}

static void on_error(j_common_ptr jpeg)
{
	fail_with((struct decoding *)(void *)jpeg->err);
}

/* A warning means that something was made up. */
static void on_message(j_common_ptr jpeg, int level)
{
	if (level < 0)
		fail_with((struct decoding *)(void *)jpeg->err);
}

static void on_output(j_common_ptr jpeg)
{
	(void)jpeg;
}

static void on_progress(j_common_ptr jpeg)
{
	struct decoding *d = (struct decoding *)(void *)jpeg->err;
	uint64_t pixels = (uint64_t)d->jpeg.image_width * d->jpeg.image_height;
	uint64_t scans = d->jpeg.input_scan_number > 0 ? (uint64_t)d->jpeg.input_scan_number : 0;

	if (scans > SCANS_FREE && scans * pixels > SCANNED_MOST)
		fail(d, tally_err_set(d->err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                      "picture_pixels: they come in more than %u scans",
		                      (unsigned)scans - 1));
}

/* ---- decoding; errors stick in d->status and end in a jump ---- */

static enum tally_picture_samples choose_colours(struct jpeg_decompress_struct *j)
{
	if (j->jpeg_color_space == JCS_CMYK || j->jpeg_color_space == JCS_YCCK) {
		j->out_color_space = JCS_CMYK;
		return TALLY_SAMPLES_CMYK8;
	}
	j->out_color_space = JCS_EXT_RGBA;
	return TALLY_SAMPLES_RGBA8;
}

static void decode(struct decoding *d)
{
	struct jpeg_decompress_struct *j = &d->jpeg;
	enum tally_picture_samples samples;

	calls.jpeg_CreateDecompress(j, JPEG_LIB_VERSION, sizeof *j);
	j->progress = &d->progress;
	j->mem->max_memory_to_use = d->limits->picture_bytes < LONG_MAX
	                                    ? (long)d->limits->picture_bytes
	                                    : LONG_MAX;
	calls.jpeg_mem_src(j, d->bytes, d->len);
	calls.jpeg_read_header(j, TRUE);
	fail(d, tally_picture_size(j->image_width, j->image_height, d->limits, d->err));
	samples = choose_colours(j);
	fail(d, tally_picture_begin(d->rows, j->image_width, j->image_height, samples, d->err));
	d->row = tally_alloc_zero(j->image_width, 4);
	if (!d->row)
		fail(d, tally_err_nomem(d->err));
	j->dct_method = JDCT_ISLOW;
	calls.jpeg_start_decompress(j);
	while (j->output_scanline < j->output_height) {
		JSAMPROW rows[1] = { d->row };

		if (calls.jpeg_read_scanlines(j, rows, 1) == 1)
			tally_picture_row(d->rows, d->row);
	}
	calls.jpeg_finish_decompress(j);
	fail(d, tally_picture_end(d->rows, d->err));
}

/* Nothing but this stands between setjmp and the jump. */
static void decode_caught(struct decoding *d)
{
	if (!setjmp(d->out))
		decode(d);
}

enum tally_status tally_jpeg_pixels(struct tally_picture_rows *rows, const void *bytes, size_t len,
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
	d->bytes = bytes;
	d->len = len;
	d->limits = limits;
	d->err = err;
	d->jpeg.err = calls.jpeg_std_error(&d->errors);
	d->errors.error_exit = on_error;
	d->errors.emit_message = on_message;
	d->errors.output_message = on_output;
	d->progress.progress_monitor = on_progress;
	decode_caught(d);
	st = d->status;
	calls.jpeg_destroy_decompress(&d->jpeg);
	tally_free(d->row);
	tally_free(d);
	return st;
}
