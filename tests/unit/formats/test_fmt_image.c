/* Images, written by libpng and libjpeg or by hand: size, metadata, and what two pictures are compared by. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* their headers want stdio.h in front */
#include <jpeglib.h>
#include <png.h>

#include "core/mem.h"
#include "formats/format.h"
#include "support/document_trace.h"
#include "support/faults.h"

enum { WIDTH = 40, HEIGHT = 30 };

static struct tally_buf trace, file;
static struct tally_picture seen;
static int square; /* how light the first one is; -1: there is none */
static bool has_picture;
static struct tally_err err;

/* ---- making ---- */

static void add(const void *bytes, size_t len)
{
	cr_assert(tally_buf_add(&file, bytes, len));
}

static void on_write(png_structp png, png_bytep bytes, size_t len)
{
	(void)png;
	add(bytes, len);
}

static void on_flush(png_structp png)
{
	(void)png;
}

struct look {
	int type; /* PNG_COLOR_TYPE_… */
	int depth, interlace, level;
	unsigned shift; /* another picture */
};

/* four colours in stripes */
static unsigned char sample(unsigned x, unsigned y, unsigned c, unsigned shift)
{
	return (unsigned char)(((x + shift) / 10 * 50 + y / 10 * 20 + c * 30) & 0xff);
}

static void write_rows(png_structp png, png_infop info, const struct look *look, int passes)
{
	size_t row = png_get_rowbytes(png, info), pixel = row / WIDTH;
	unsigned char line[WIDTH * 8];

	for (int pass = 0; pass < passes; pass++)
		for (unsigned y = 0; y < HEIGHT; y++) {
			for (unsigned i = 0; i < row; i++) {
				unsigned x = i / (unsigned)pixel, c = i % (unsigned)pixel;

				if (look->type == PNG_COLOR_TYPE_PALETTE)
					line[i] = (unsigned char)((x / 10 + look->shift) % 4 * 3 +
					                          y / 10);
				else if (c == 3)
					line[i] = 255;
				else
					line[i] = sample(x, y, c, look->shift);
			}
			png_write_row(png, line);
		}
}

static void make_png(const struct look *look)
{
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png_create_info_struct(png);
	png_color colours[12];

	tally_buf_clear(&file);
	png_set_write_fn(png, NULL, on_write, on_flush);
	png_set_compression_level(png, look->level);
	png_set_IHDR(png, info, WIDTH, HEIGHT, look->depth, look->type, look->interlace,
	             PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	for (unsigned i = 0; i < 12; i++)
		colours[i] = (png_color){ sample(i / 3 * 10, i % 3 * 10, 0, 0),
			                  sample(i / 3 * 10, i % 3 * 10, 1, 0),
			                  sample(i / 3 * 10, i % 3 * 10, 2, 0) };
	if (look->type == PNG_COLOR_TYPE_PALETTE)
		png_set_PLTE(png, info, colours, 12);
	png_write_info(png, info);
	write_rows(png, info, look, png_set_interlace_handling(png));
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
}

static const struct look plain = { PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_NONE, 6, 0 };

/* A chunk behind IHDR, with a checksum that nobody looks at. */
static void insert_chunk(const char *type, const void *data, uint32_t len)
{
	const unsigned char head[] = { (unsigned char)(len >> 24), (unsigned char)(len >> 16),
		                       (unsigned char)(len >> 8), (unsigned char)len };
	struct tally_buf old = file;

	tally_buf_init(&file, 1 << 24);
	add(old.bytes, 33);
	add(head, 4);
	add(type, 4);
	add(data, len);
	add("\0\0\0", 4);
	add(old.bytes + 33, old.len - 33);
	tally_buf_release(&old);
}

static bool progressive;
static unsigned jpeg_height = HEIGHT;

static void make_jpeg(int quality, unsigned shift, const void *exif, size_t len)
{
	struct jpeg_compress_struct j;
	struct jpeg_error_mgr errors;
	unsigned char *bytes = NULL;
	unsigned long size = 0;

	tally_buf_clear(&file);
	j.err = jpeg_std_error(&errors);
	jpeg_create_compress(&j);
	jpeg_mem_dest(&j, &bytes, &size);
	j.image_width = WIDTH;
	j.image_height = jpeg_height;
	j.input_components = 3;
	j.in_color_space = JCS_RGB;
	jpeg_set_defaults(&j);
	jpeg_set_quality(&j, quality, TRUE);
	if (progressive)
		jpeg_simple_progression(&j);
	jpeg_start_compress(&j, TRUE);
	if (exif)
		jpeg_write_marker(&j, JPEG_APP0 + 1, exif, (unsigned)len);
	for (unsigned y = 0; y < jpeg_height; y++) {
		unsigned char line[WIDTH * 3];
		JSAMPROW rows[1] = { line };

		for (unsigned i = 0; i < sizeof line; i++)
			line[i] = sample(i / 3, y, i % 3, shift);
		jpeg_write_scanlines(&j, rows, 1);
	}
	jpeg_finish_compress(&j);
	jpeg_destroy_compress(&j);
	add(bytes, size);
	free(bytes);
}

/* ---- reading ---- */

static enum tally_status on_picture(void *payload, const struct tally_picture *p, struct tally_err *e)
{
	(void)payload;
	(void)e;
	seen = *p;
	square = p->squares.light ? p->squares.light[0] : -1;
	has_picture = true;
	return TALLY_OK;
}

static enum tally_status read_as(const char *name, const struct tally_limits *limits)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_sink sink;
	struct tally_source *src = NULL;
	enum tally_status st;

	options.limits = limits;
	tally_buf_release(&trace);
	sink = document_trace(&trace);
	sink.picture = on_picture;
	has_picture = false;
	err = (struct tally_err){ 0 };
	st = tally_source_memory(&src, file.bytes, file.len, &err);
	if (st >= 0) {
		tally_source_set_name(src, name);
		st = tally_format_by_name("image")->read(src, &options, &sink, &err);
	}
	tally_source_free(src);
	return st;
}

static void expect(enum tally_status st, const char *lines)
{
	cr_expect_eq(read_as("", NULL), st, "%s", err.message);
	cr_expect_str_eq(trace.bytes, lines, "%s", trace.bytes);
}

static struct tally_picture picture_of(const struct look *look)
{
	make_png(look);
	cr_expect_eq(read_as("", NULL), TALLY_OK, "%s: %s", err.message, trace.bytes);
	cr_expect(has_picture);
	return seen;
}

static bool same(const struct tally_picture *a, const struct tally_picture *b)
{
	return !memcmp(&a->pixels, &b->pixels, sizeof a->pixels);
}

static void start(void)
{
	tally_buf_init(&file, 1 << 24);
}

static void finish(void)
{
	tally_buf_release(&file);
	tally_buf_release(&trace);
}

TestSuite(fmt_image, .init = start, .fini = finish);

/* ---- pictures ---- */

Test(fmt_image, the_same_pixels_are_the_same_picture_however_they_are_packed)
{
	const struct look others[] = {
		{ PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_NONE, 0, 0 },
		{ PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_ADAM7, 9, 0 },
		{ PNG_COLOR_TYPE_PALETTE, 8, PNG_INTERLACE_NONE, 6, 0 },
		{ PNG_COLOR_TYPE_RGB_ALPHA, 8, PNG_INTERLACE_NONE, 6, 0 },
	};
	struct tally_picture first = picture_of(&plain);

	cr_expect_eq(first.width, WIDTH);
	cr_expect_eq(first.height, HEIGHT);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		struct tally_picture other = picture_of(&others[i]);

		cr_expect(same(&first, &other), "%zu", i);
		cr_expect_arr_eq(first.points, other.points, sizeof first.points, "%zu", i);
	}
}

/* ITU-R BT.601, of two by two pixels */
static int first_square(void)
{
	int sum = 0;

	for (unsigned y = 0; y < 2; y++)
		for (unsigned x = 0; x < 2; x++)
			sum += (77 * sample(x, y, 0, 0) + 150 * sample(x, y, 1, 0) +
			        29 * sample(x, y, 2, 0)) >>
			       8;
	return sum / 4;
}

Test(fmt_image, another_pixel_is_another_picture)
{
	const struct look shifted = { PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_NONE, 6, 3 },
			  deep = { PNG_COLOR_TYPE_RGB, 16, PNG_INTERLACE_NONE, 6, 0 },
			  grey = { PNG_COLOR_TYPE_GRAY, 8, PNG_INTERLACE_NONE, 6, 0 };
	struct tally_picture a = picture_of(&plain), b = picture_of(&shifted),
			     c = picture_of(&deep), d = picture_of(&grey);

	cr_expect(!same(&a, &b) && !same(&a, &c) && !same(&a, &d));
}

Test(fmt_image, points_are_what_is_shown_there)
{
	struct tally_picture p = picture_of(&plain);
	const unsigned last = TALLY_PICTURE_GRID - 1;

	for (unsigned c = 0; c < 3; c++) {
		cr_expect_eq(p.points[0][0][c], sample(0, 0, c, 0));
		cr_expect_eq(p.points[0][last][c], sample(WIDTH - 1, 0, c, 0));
		cr_expect_eq(p.points[last][0][c], sample(0, HEIGHT - 1, c, 0));
		cr_expect_eq(p.points[last][last][c], sample(WIDTH - 1, HEIGHT - 1, c, 0));
	}
	cr_expect_eq(p.points[0][0][3], 255);
	cr_expect_lt(abs(square - first_square()), 2, "%d", square);
}

Test(fmt_image, a_jpeg_is_decoded)
{
	struct tally_picture a = picture_of(&plain);

	make_jpeg(90, 0, NULL, 0);
	expect(TALLY_OK, "fact property=JPEG @format\nfact pixels=40 \xc3\x97 30\n");
	cr_assert(has_picture);
	cr_expect(!same(&a, &seen));
	for (unsigned c = 0; c < 4; c++)
		cr_expect_lt(abs(a.points[5][5][c] - seen.points[5][5][c]), 8);
}

/* ---- what PNG says ---- */

Test(fmt_image, texts_of_a_png_are_facts)
{
	make_png(&plain);
	insert_chunk("tIME", "\x07\xe8\x05\x01\x0c\x22\x38", 7);
	insert_chunk("pHYs", "\0\0\x0b\x13\0\0\x0b\x13\1", 9);
	insert_chunk("iTXt", "Place\0\0\0de\0Ort\0M\xc3\xbcnchen", 23);
	insert_chunk("zTXt", "Packed\0\0\x78\x9c\xcb\xc8\x04\0\x01\x3b\0\xd2", 18);
	insert_chunk("tEXt", "Note\0caf\xe9", 9);
	insert_chunk("tEXt", "Author\0Ann", 10);
	expect(TALLY_OK, "fact author=Ann\nfact property=caf\xc3\xa9 @Note\nfact property=hi @Packed\n"
	                 "fact property=M\xc3\xbcnchen @Place\n"
	                 "fact property=2835 \xc3\x97 2835 dots a metre @resolution\n"
	                 "fact modified=2024-05-01T12:34:56Z\nfact property=PNG @format\n"
	                 "fact pixels=40 \xc3\x97 30\n");
	cr_expect(has_picture);
}

Test(fmt_image, what_is_not_known_is_told_by_its_bytes)
{
	make_png(&plain);
	insert_chunk("teSt", "abc", 3);
	add("abc", 3);
	expect(TALLY_OK, "fact property=3 bytes, sha256:ba7816bf8f01cfea @chunk teSt\n"
	                 "fact property=3 bytes, sha256:ba7816bf8f01cfea @data behind the picture\n"
	                 "fact property=PNG @format\nfact pixels=40 \xc3\x97 30\n");
}

Test(fmt_image, further_pictures_are_told_by_their_bytes)
{
	make_png(&plain);
	insert_chunk("fdAT", "bc", 2);
	insert_chunk("fcTL", "a", 1);
	insert_chunk("acTL", "\0\0\0\2\0\0\0\0", 8);
	expect(TALLY_PARTIAL,
	       "fact property=2 @pictures in it\nnote format_unknown: it is animated: of its "
	       "further pictures, only the bytes were compared\n"
	       "fact property=3 bytes, sha256:ba7816bf8f01cfea @further pictures\n"
	       "fact property=PNG @format\nfact pixels=40 \xc3\x97 30\n");
}

Test(fmt_image, a_png_that_is_cut_off_is_not_compared_by_its_pixels)
{
	make_png(&plain);
	file.len -= 30;
	cr_expect_eq(read_as("", NULL), TALLY_PARTIAL);
	cr_expect(!has_picture);
	cr_expect(strstr(trace.bytes, "fact pixels=40"), "%s", trace.bytes);
	cr_expect(strstr(trace.bytes, "note damaged: its pixels were not compared"), "%s",
	          trace.bytes);
}

Test(fmt_image, a_jpeg_that_is_cut_off_is_not_compared_by_its_pixels)
{
	make_jpeg(90, 0, NULL, 0);
	file.len -= 60;
	cr_expect_eq(read_as("", NULL), TALLY_PARTIAL);
	cr_expect(!has_picture);
	cr_expect(strstr(trace.bytes, "note damaged: its pixels were not compared"), "%s",
	          trace.bytes);
}

Test(fmt_image, too_many_pixels_are_not_decoded)
{
	struct tally_limits limits = TALLY_LIMITS_INIT;

	limits.picture_pixels = WIDTH * HEIGHT - 1;
	make_png(&plain);
	cr_expect_eq(read_as("", &limits), TALLY_PARTIAL);
	cr_expect(strstr(trace.bytes, "note limit: its pixels were not compared: picture_pixels"),
	          "%s", trace.bytes);
	make_jpeg(90, 0, NULL, 0);
	cr_expect_eq(read_as("", &limits), TALLY_PARTIAL);
	cr_expect(!has_picture);
}

Test(fmt_image, rows_that_have_to_wait_are_held_within_a_limit)
{
	const struct look interlaced = { PNG_COLOR_TYPE_RGB_ALPHA, 8, PNG_INTERLACE_ADAM7, 9, 0 };
	struct tally_limits limits = TALLY_LIMITS_INIT;

	limits.picture_bytes = WIDTH * HEIGHT * 4 - 1;
	make_png(&interlaced);
	cr_assert_lt(file.len, limits.picture_bytes);
	cr_expect_eq(read_as("", &limits), TALLY_PARTIAL);
	cr_expect(strstr(trace.bytes, "note limit: its pixels were not compared: picture_bytes"),
	          "%s", trace.bytes);
	limits.picture_bytes++;
	cr_expect_eq(read_as("", &limits), TALLY_OK, "%s", trace.bytes);
}

Test(fmt_image, coefficients_that_have_to_wait_are_held_within_a_limit)
{
	struct tally_limits limits = TALLY_LIMITS_INIT;

	progressive = true;
	jpeg_height = 400;
	make_jpeg(10, 0, NULL, 0);
	cr_expect_eq(read_as("", NULL), TALLY_OK, "%s", trace.bytes);
	limits.picture_bytes = file.len;
	cr_expect_eq(read_as("", &limits), TALLY_PARTIAL);
	cr_expect(strstr(trace.bytes, "note limit: its pixels were not compared: picture_bytes"),
	          "%s", trace.bytes);
}

Test(fmt_image, a_name_of_another_kind_is_said)
{
	make_png(&plain);
	cr_expect_eq(read_as("photo.JPG", NULL), TALLY_PARTIAL);
	cr_expect(strstr(trace.bytes, "note format_mismatch: it is a PNG"), "%s", trace.bytes);
	cr_expect(has_picture);
	cr_expect_eq(read_as("photo.png", NULL), TALLY_OK);
}

/* ---- EXIF ---- */

/* A table of the image, of the camera and of the place, little-endian; values behind them. */
static const unsigned char exif[] =
	"Exif\0\0II*\0\x08\0\0\0"
	"\x05\0"                             /* 8: the image */
	"\x0f\x01\x02\0\x04\0\0\0Abc\0"      /* make */
	"\x10\x01\x02\0\x06\0\0\0\xa0\0\0\0" /* model, at 160 */
	"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0" /* orientation */
	"\x69\x87\x04\0\x01\0\0\0\x4a\0\0\0" /* camera at 74 */
	"\x25\x88\x04\0\x01\0\0\0\x68\0\0\0" /* place at 104 */
	"\0\0\0\0"                           /* no preview */
	"\x02\0"                             /* 74: the camera */
	"\x03\x90\x02\0\x14\0\0\0\xa6\0\0\0" /* taken, at 166 */
	"\x7c\x92\x07\0\x03\0\0\0\1\2\3\0"   /* notes of the maker */
	"\0\0\0\0"
	"\x04\0" /* 104: the place */
	"\1\0\x02\0\x02\0\0\0N\0\0\0"
	"\2\0\x05\0\x03\0\0\0\xba\0\0\0" /* latitude, at 186 */
	"\3\0\x02\0\x02\0\0\0E\0\0\0"
	"\4\0\x05\0\x03\0\0\0\xd2\0\0\0"                            /* longitude, at 210 */
	"\0\0"                                                      /* 154, and the next table */
	"\0\0\0\0"                                                  /* fills */
	"D 123\0"                                                   /* 160 */
	"2024:05:01 12:34:56\0"                                     /* 166 */
	"\x30\0\0\0\1\0\0\0\x08\0\0\0\1\0\0\0\x57\5\0\0\x64\0\0\0"  /* 186: 48, 8, 13.67 */
	"\x0b\0\0\0\1\0\0\0\x22\0\0\0\1\0\0\0\x48\x0c\0\0\x64\0\0"; /* 210: 11, 34, 31.44 */

#define EXIF_FACTS                                                                    \
	"fact property=turned right when shown @orientation\nfact camera=Abc D 123\n" \
	"fact exif_date=2024-05-01 12:34:56\n"                                        \
	"fact exif_place=48.13713\xc2\xb0 N, 11.57540\xc2\xb0 E\n"

Test(fmt_image, when_where_and_with_what_a_picture_was_taken)
{
	char *lines;

	make_jpeg(90, 0, exif, sizeof exif);
	cr_expect_eq(read_as("", NULL), TALLY_OK, "%s", trace.bytes);
	cr_expect(!strncmp(trace.bytes, EXIF_FACTS, strlen(EXIF_FACTS)), "%s", trace.bytes);
	cr_expect_eq(seen.turn, 6);
	lines = document_lines(&trace, "fact property=1 entries, sha256:");
	cr_expect(strstr(lines, "@other EXIF data"), "%s", trace.bytes);
	free(lines);
	make_png(&plain);
	insert_chunk("eXIf", exif + 6, sizeof exif - 6);
	cr_expect_eq(read_as("", NULL), TALLY_OK);
	cr_expect(!strncmp(trace.bytes, EXIF_FACTS, strlen(EXIF_FACTS)), "%s", trace.bytes);
}

Test(fmt_image, profiles_written_as_digits_are_told_as_what_they_are)
{
	static const char iptc[] = "Raw profile type iptc\0\niptc\n       3\n6162\n63\n";
	static const char odd[] = "Raw profile type 8bim\0\n8bim\n       3\n616\n";
	char raw[600] = "Raw profile type exif\0\nexif\n     100\n";
	size_t len = sizeof "Raw profile type exif\0\nexif\n     100\n" - 1;

	for (size_t i = 0; i < sizeof exif && len + 3 < sizeof raw; i++)
		len += (size_t)snprintf(raw + len, 3, "%02x", (unsigned char)exif[i]);
	make_png(&plain);
	insert_chunk("tEXt", raw, len);
	insert_chunk("tEXt", iptc, sizeof iptc - 1);
	insert_chunk("tEXt", odd, sizeof odd - 1);
	expect(TALLY_OK, "fact property=19 bytes, sha256:49a98c141a9bbc4f @profile 8bim\n"
	                 "fact property=3 bytes, sha256:ba7816bf8f01cfea @profile iptc\n" EXIF_FACTS
	                 "fact property=1 entries, sha256:734a45a6430b53dd @other EXIF data\n"
	                 "fact property=PNG @format\nfact pixels=40 \xc3\x97 30\n");
	cr_expect_eq(seen.turn, 1);
}

Test(fmt_image, other_notes_of_the_maker_are_another_digest)
{
	unsigned char copy[sizeof exif];
	char *before;

	make_jpeg(90, 0, exif, sizeof exif);
	read_as("", NULL);
	before = document_lines(&trace, "fact property=1 entries");
	memcpy(copy, exif, sizeof exif);
	copy[6 + 74 + 2 + 12 + 8] = 9;
	make_jpeg(90, 0, copy, sizeof copy);
	read_as("", NULL);
	cr_expect(*before && !strstr(trace.bytes, before), "%s", trace.bytes);
	free(before);
}

Test(fmt_image, values_outside_of_the_exif_data_are_said)
{
	for (size_t len = 0; len < sizeof exif; len++) {
		make_jpeg(90, 0, exif, len);
		cr_expect_geq(read_as("", NULL), TALLY_PARTIAL);
	}
	make_jpeg(90, 0, exif, 180);
	cr_expect_eq(read_as("", NULL), TALLY_PARTIAL);
	cr_expect(strstr(trace.bytes, "note malformed: part of its EXIF data"), "%s", trace.bytes);
	cr_expect(!strstr(trace.bytes, "exif_place"));
}

/* ---- kinds that are not decoded ---- */

#define UNDECODED(kind)                              \
	"note format_unknown: the pixels of a " kind \
	" are not decoded: its size and metadata were compared\n"

Test(fmt_image, sizes_of_other_kinds)
{
	add("GIF89a\x28\0\x1e\0\0\0\0!\xfe\5hello\0,\0\0\0\0\1\0\1\0\0\2\1\0\0;", 37);
	expect(TALLY_PARTIAL, "fact property=hello @comment\nfact property=GIF @format\n"
	                      "fact pixels=40 \xc3\x97 30\n" UNDECODED("GIF"));
	tally_buf_clear(&file);
	add("GIF89a\x28\0\x1e\0\0\0\0!\xff\3XMP\2ab\0;", 23);
	cr_expect_eq(read_as("", NULL), TALLY_PARTIAL);
	cr_expect(strstr(trace.bytes, "fact property=8 bytes, sha256:") &&
	                  strstr(trace.bytes, "@data of a program\n"),
	          "%s", trace.bytes);
	tally_buf_clear(&file);
	add("RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x27\0\0\x1d\0\0", 30);
	expect(TALLY_PARTIAL,
	       "fact property=WebP @format\nfact pixels=40 \xc3\x97 30\n" UNDECODED("WebP"));
	tally_buf_clear(&file);
	add("BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x28\0\0\0\xe2\xff\xff\xff", 26);
	expect(TALLY_PARTIAL,
	       "fact property=BMP @format\nfact pixels=40 \xc3\x97 30\n" UNDECODED("BMP"));
	tally_buf_clear(&file);
	add("MM\0*\0\0\0\x08\0\2\1\0\0\3\0\0\0\1\0\x28\0\0\1\1\0\3\0\0\0\1\0\x1e\0\0\0\0\0\0", 38);
	expect(TALLY_PARTIAL,
	       "fact property=TIFF @format\nfact pixels=40 \xc3\x97 30\n" UNDECODED("TIFF"));
}

Test(fmt_image, each_kind_is_found_by_its_bytes)
{
	static const struct {
		const char *bytes;
		size_t len;
	} begin[] = {
		{ "GIF89a\x28\0\x1e\0\0\0\0", 13 },
		{ "RIFF\x16\0\0\0WEBPVP8X", 16 },
		{ "II*\0\x08\0\0\0", 8 },
		{ "\xff\xd8\xff\xe0\0\x10JFIF", 10 },
		{ "\0\0\0\x18"
		  "ftypheic\0\0\0\0",
		  16 },
	};

	for (size_t i = 0; i < sizeof begin / sizeof *begin; i++)
		cr_expect_gt(tally_format_by_name("image")->probe((const void *)begin[i].bytes,
		                                                  begin[i].len, begin[i].len, ""),
		             20, "%zu", i);
	cr_expect_eq(tally_format_by_name("image")->probe((const void *)"GIF89a", 6, 6, "x.gif"), 0);
}

Test(fmt_image, every_allocation_may_fail)
{
	struct tally_buf kept;

	make_png(&plain);
	insert_chunk("zTXt", "Packed\0\0\x78\x9c\xcb\xc8\x04\0\x01\x3b\0\xd2", 18);
	insert_chunk("eXIf", exif + 6, sizeof exif - 6);
	kept = file;
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
		struct tally_sink sink = { .picture = on_picture };
		struct tally_source *src = NULL;
		enum tally_status st = tally_source_memory(&src, kept.bytes, kept.len, &err);

		if (st >= 0)
			st = tally_format_by_name("image")->read(src, &options, &sink, &err);
		tally_source_free(src);
		if (faults_fired(&f))
			cr_assert_lt(st, TALLY_PARTIAL, "allocation %ld", f.nth);
		else
			cr_assert_eq(st, TALLY_OK);
	}
}
