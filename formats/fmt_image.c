/*
 * Images: format, size in pixels, metadata; of PNG and JPEG also the picture itself, so that a file that was only saved anew is told
 * from another picture. One format for all kinds, since pictures are compared across them.
 */
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "formats/format.h"
#include "formats/image.h"
#include "formats/jpeg_pixels.h"
#include "formats/png_pixels.h"
#include "formats/text_file.h"

static const char *const suffixes[] = { ".png",  ".apng", ".jpg",  ".jpeg", ".jpe", ".jfif",
	                                ".gif",  ".webp", ".bmp",  ".dib",  ".tif", ".tiff",
	                                ".heic", ".heif", ".avif", NULL };

/* ---- kinds ---- */

struct kind {
	const char *name;
	int bits; /* of evidence in its first bytes */
	bool (*is)(const unsigned char *bytes, size_t len);
	void (*read)(struct tally_image *m);
	enum tally_status (*pixels)(struct tally_picture_rows *rows, const void *bytes, size_t len,
	                            const struct tally_limits *limits, struct tally_err *err);
	const char *suffixes[5];
};

enum { PNG_LEAST = 24 /* bytes with its size in them */ };

static bool is_png(const unsigned char *b, size_t len)
{
	return len >= PNG_LEAST && !memcmp(b, "\x89PNG\r\n\x1a\n", 8);
}

static bool is_jpeg(const unsigned char *b, size_t len)
{
	return len >= 4 && b[0] == 0xff && b[1] == 0xd8 && b[2] == 0xff && b[3] >= 0xc0;
}

static bool is_gif(const unsigned char *b, size_t len)
{
	return len >= 13 && (!memcmp(b, "GIF87a", 6) || !memcmp(b, "GIF89a", 6));
}

static bool is_webp(const unsigned char *b, size_t len)
{
	return len >= 16 && !memcmp(b, "RIFF", 4) && !memcmp(b + 8, "WEBPVP8", 7);
}

/* "BM", zeros where nothing is to be, and a header of a known size */
static bool is_bmp(const unsigned char *b, size_t len)
{
	return len >= 26 && !memcmp(b, "BM", 2) && !memcmp(b + 6, "\0\0\0\0", 4) &&
	       (b[14] == 12 || b[14] == 40 || b[14] == 52 || b[14] == 56 || b[14] == 64 ||
	        b[14] == 108 || b[14] == 124) &&
	       !memcmp(b + 15, "\0\0\0", 3);
}

static bool is_tiff(const unsigned char *b, size_t len)
{
	return len >= 8 && (!memcmp(b, "II*\0", 4) || !memcmp(b, "MM\0*", 4));
}

static bool is_heif(const unsigned char *b, size_t len)
{
	static const char brands[][5] = { "heic", "heix", "heim", "heis",
		                          "hevc", "mif1", "msf1", "avif" };

	for (size_t i = 0; len >= 12 && i < sizeof brands / sizeof *brands; i++)
		if (!memcmp(b + 4, "ftyp", 4) && !memcmp(b + 8, brands[i], 4))
			return true;
	return false;
}

static const struct kind kinds[] = {
	{ "PNG", 64, is_png, tally_image_png, tally_png_pixels, { ".png", ".apng" } },
	{ "JPEG", 26, is_jpeg, tally_image_jpeg, tally_jpeg_pixels, { ".jpg", ".jpeg", ".jpe", ".jfif" } },
	{ "GIF", 48, is_gif, tally_image_gif, NULL, { ".gif" } },
	{ "WebP", 64, is_webp, tally_image_webp, NULL, { ".webp" } },
	{ "BMP", 64, is_bmp, tally_image_bmp, NULL, { ".bmp", ".dib" } },
	{ "TIFF", 32, is_tiff, tally_image_tiff, NULL, { ".tif", ".tiff" } },
	{ "HEIF", 64, is_heif, tally_image_heif, NULL, { ".heic", ".heif", ".avif" } },
};

static const struct kind *kind_of(const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].is(bytes, len))
			return &kinds[i];
	return NULL;
}

static int image_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	const struct kind *kind = kind_of(bytes, len);

	(void)size;
	return kind ? kind->bits + tally_text_suffix(name, suffixes) : 0;
}

/* ---- the picture ---- */

static void push_picture(struct tally_image *m, struct tally_picture *picture)
{
	picture->turn = m->turn;
	if (m->status >= 0 && m->sink->picture)
		m->status = m->sink->picture(m->sink->payload, picture, m->err);
}

static void read_pixels(struct tally_image *m, const struct kind *kind)
{
	struct tally_picture_rows *rows = tally_alloc_zero(1, sizeof *rows);
	struct tally_err why = { 0 };
	char detail[TALLY_ERR_MESSAGE_MAX];
	enum tally_status st = rows ? kind->pixels(rows, m->bytes, m->len, m->limits, &why)
	                            : tally_err_nomem(&why);

	if (st >= 0) {
		push_picture(m, &rows->picture);
	} else if (st == TALLY_FATAL) {
		m->status = st;
		if (m->err)
			*m->err = why;
	} else {
		snprintf(detail, sizeof detail, "its pixels were not compared: %.400s", why.message);
		tally_image_note(m, why.reason, detail);
	}
	if (rows)
		tally_picture_release(rows);
	tally_free(rows);
}

/* ---- the file ---- */

static void push_size(struct tally_image *m, const struct kind *kind)
{
	char value[48];

	tally_image_text(m, "property", kind->name, "format");
	snprintf(value, sizeof value, "%u \u00d7 %u", m->width, m->height);
	if (m->width && m->height)
		tally_image_text(m, "pixels", value, NULL);
}

/* A name of another kind of image: what it shows is known all the same. */
static void note_name(struct tally_image *m, const struct kind *kind, const char *name)
{
	char detail[64];

	snprintf(detail, sizeof detail, "it is a %s", kind->name);
	if (tally_text_suffix(name, suffixes) && !tally_text_suffix(name, kind->suffixes))
		tally_image_note(m, TALLY_REASON_FORMAT_MISMATCH, detail);
}

static void note_undecoded(struct tally_image *m, const struct kind *kind)
{
	char detail[120];

	snprintf(detail, sizeof detail, "the pixels of a %s are not decoded%s", kind->name,
	         m->width ? ": its size and metadata were compared" : "");
	tally_image_note(m, TALLY_REASON_FORMAT_UNKNOWN, detail);
}

static enum tally_status image_read(struct tally_source *src,
                                    const struct tally_read_options *options,
                                    const struct tally_sink *sink, struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	const struct tally_limits *limits = options->limits ? options->limits : &defaults;
	struct tally_image m = { .sink = sink, .limits = limits, .turn = 1, .err = err };
	const struct kind *kind;
	char *bytes;
	enum tally_status st = tally_source_slurp(src, limits->picture_bytes, 1, &bytes, &m.len, err);

	if (st < 0)
		return st;
	m.bytes = (const unsigned char *)bytes;
	kind = kind_of(m.bytes, m.len);
	if (!kind) {
		tally_free(bytes);
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED, "no image");
	}
	kind->read(&m);
	push_size(&m, kind);
	note_name(&m, kind, tally_source_name(src));
	if (m.status >= 0 && kind->pixels)
		read_pixels(&m, kind);
	else
		note_undecoded(&m, kind);
	tally_free(bytes);
	return m.status < 0 ? m.status : m.partial ? TALLY_PARTIAL : TALLY_OK;
}

const struct tally_format tally_format_image = {
	.version = TALLY_FORMAT_VERSION,
	.name = "image",
	.suffixes = suffixes,
	.caps = TALLY_CAP_FACTS | TALLY_CAP_PICTURE,
	.probe = image_probe,
	.read = image_read,
};
