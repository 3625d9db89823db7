/* What GIF, WebP, BMP and HEIF files say in their headers; their pixels are not decoded. */
#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "formats/image.h"

static void tell_frames(struct tally_image *m, uint32_t frames)
{
	char value[16];

	snprintf(value, sizeof value, "%u", frames);
	if (frames > 1)
		tally_image_text(m, "property", value, "pictures in it");
}

/* ---- GIF (GIF89a specification) ---- */

static void skip_table(struct tally_bytes *b, unsigned flags)
{
	if (flags & 0x80)
		tally_bytes_take(b, (size_t)3 << ((flags & 7) + 1));
}

/* Blocks of up to 255 bytes, up to an empty one; @to  the first of them */
static void skip_blocks(struct tally_bytes *b, const unsigned char **to, size_t *len)
{
	size_t n;

	*to = NULL;
	*len = 0;
	while ((n = tally_bytes_u8(b)) > 0) {
		const unsigned char *p = tally_bytes_take(b, n);

		if (!*to && p) {
			*to = p;
			*len = n;
		}
	}
}

enum { COMMENT = 0xfe, APPLICATION = 0xff };

/* @p  its first block; @all  of its blocks */
static void gif_extension(struct tally_image *m, unsigned kind, const unsigned char *p, size_t len,
                          const unsigned char *begin, size_t all)
{
	if (kind == APPLICATION)
		tally_image_bytes(m, "data of a program", begin, all);
	else if (all == len + 2)
		tally_image_fact(m, "property", p, len, "comment");
	else
		tally_image_bytes(m, "comment", begin, all);
}

void tally_image_gif(struct tally_image *m)
{
	struct tally_bytes b = tally_bytes_of(m->bytes, m->len);
	uint32_t frames = 0;
	const unsigned char *p;
	unsigned kind;
	size_t len;

	tally_bytes_take(&b, 6);
	m->width = tally_bytes_u16(&b);
	m->height = tally_bytes_u16(&b);
	kind = tally_bytes_u8(&b);
	tally_bytes_take(&b, 2);
	skip_table(&b, kind);
	while (m->status >= 0 && ((kind = tally_bytes_u8(&b)) == ',' || kind == '!')) {
		unsigned extension = kind == '!' ? tally_bytes_u8(&b) : 0;
		const unsigned char *begin = b.at;

		if (kind == ',') {
			frames++;
			tally_bytes_take(&b, 8);
			skip_table(&b, tally_bytes_u8(&b));
			tally_bytes_u8(&b); /* how it is packed */
		}
		skip_blocks(&b, &p, &len);
		if ((extension == COMMENT || extension == APPLICATION) && len && tally_image_piece(m))
			gif_extension(m, extension, p, len, begin, (size_t)(b.at - begin));
	}
	tell_frames(m, frames);
}

/* ---- WebP (RFC 9649) ---- */

static uint32_t u24(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
}

static void webp_size(struct tally_image *m, const unsigned char *type, const unsigned char *p,
                      uint32_t len)
{
	if (m->width)
		return;
	if (!memcmp(type, "VP8X", 4) && len >= 10) {
		m->width = 1 + u24(p + 4);
		m->height = 1 + u24(p + 7);
	} else if (!memcmp(type, "VP8 ", 4) && len >= 10) {
		m->width = (p[6] | (uint32_t)p[7] << 8) & 0x3fff;
		m->height = (p[8] | (uint32_t)p[9] << 8) & 0x3fff;
	} else if (!memcmp(type, "VP8L", 4) && len >= 5) {
		m->width = 1 + ((p[1] | (uint32_t)p[2] << 8) & 0x3fff);
		m->height = 1 + ((u24(p + 2) >> 6) & 0x3fff);
	}
}

static void webp_chunk(struct tally_image *m, const unsigned char *type, const unsigned char *p,
                       uint32_t len)
{
	static const char exif[] = "Exif\0"; /* some writers put it in front, as in a JPEG */
	size_t skip = len >= sizeof exif && !memcmp(p, exif, sizeof exif) ? sizeof exif : 0;

	if (!memcmp(type, "EXIF", 4))
		tally_image_exif(m, p + skip, len - skip, false);
	else if (!memcmp(type, "XMP ", 4))
		tally_image_bytes(m, "XMP data", p, len);
	else if (!memcmp(type, "ICCP", 4))
		tally_image_bytes(m, "colour profile", p, len);
	else
		tally_image_bytes(m, "data of another kind", p, len);
}

void tally_image_webp(struct tally_image *m)
{
	struct tally_bytes b = tally_bytes_of(m->bytes, m->len);
	uint32_t frames = 0;

	tally_bytes_take(&b, 12);
	while (m->status >= 0 && !b.bad && tally_bytes_left(&b)) {
		const unsigned char *type = tally_bytes_take(&b, 4);
		uint32_t len = tally_bytes_u32(&b);
		const unsigned char *p = tally_bytes_take(&b, len);

		if (!p)
			break;
		webp_size(m, type, p, len);
		frames += !memcmp(type, "ANMF", 4);
		if (memcmp(type, "VP8", 3) != 0 && memcmp(type, "ALPH", 4) != 0 &&
		    memcmp(type, "AN", 2) != 0 && tally_image_piece(m))
			webp_chunk(m, type, p, len);
		if (len & 1 && tally_bytes_left(&b))
			tally_bytes_u8(&b);
	}
	tell_frames(m, frames);
}

/* ---- BMP ---- */

void tally_image_bmp(struct tally_image *m)
{
	struct tally_bytes b = tally_bytes_of(m->bytes, m->len);
	uint32_t head, height;

	tally_bytes_take(&b, 14);
	head = tally_bytes_u32(&b);
	if (head == 12) {
		m->width = tally_bytes_u16(&b);
		m->height = tally_bytes_u16(&b);
		return;
	}
	m->width = tally_bytes_u32(&b);
	height = tally_bytes_u32(&b);
	m->height = height > INT32_MAX ? 0 - height : height; /* below zero: from top to bottom */
}

/* ---- HEIC, AVIF ---- */

void tally_image_heif(struct tally_image *m)
{
	(void)m;
}

/* ---- TIFF ---- */

void tally_image_tiff(struct tally_image *m)
{
	tally_image_exif(m, m->bytes, m->len, true);
}
