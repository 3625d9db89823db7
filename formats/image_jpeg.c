/* What a JPEG says besides its pixels: its segments (ITU-T T.81, B). */
#include <stdio.h>
#include <string.h>

#include "formats/image.h"

enum {
	SOI = 0xd8,
	EOI = 0xd9,
	APP0 = 0xe0,
	APP1 = 0xe1,
	APP2 = 0xe2,
	APP13 = 0xed,
	COM = 0xfe,
	JFIF_LEN = 14, /* bytes of its head without a preview */
};

struct segment {
	unsigned marker;
	const unsigned char *data;
	size_t len;
};

static bool begins(const struct segment *s, const char *with, size_t n)
{
	return s->len >= n && !memcmp(s->data, with, n);
}

static void tell_resolution(struct tally_image *m, const struct segment *s)
{
	static const char *const units[] = { "unit", "inch", "cm" };
	const unsigned char *p = s->data;
	char value[48];

	if (s->len > JFIF_LEN)
		tally_image_bytes(m, "small preview", p + JFIF_LEN, s->len - JFIF_LEN);
	if (s->len < JFIF_LEN || p[7] > 2 || !p[7])
		return;
	snprintf(value, sizeof value, "%u \u00d7 %u dots per %s", p[8] << 8 | p[9],
	         p[10] << 8 | p[11], units[p[7]]);
	tally_image_text(m, "property", value, "resolution");
}

static void tell_app(struct tally_image *m, const struct segment *s)
{
	static const char exif[] = "Exif\0", xmp[] = "http://ns.adobe.com/x",
			  profile[] = "ICC_PROFILE", more[] = "MPF", photoshop[] = "Photoshop 3.0";
	char where[32];

	snprintf(where, sizeof where, "segment APP%u", s->marker - APP0);
	if (s->marker == APP0 && begins(s, "JFIF", 5))
		tell_resolution(m, s);
	else if (s->marker == APP1 && begins(s, exif, sizeof exif))
		tally_image_exif(m, s->data + sizeof exif, s->len - sizeof exif, false);
	else if (s->marker == APP1 && begins(s, xmp, sizeof xmp - 1))
		tally_image_bytes(m, "XMP data", s->data, s->len);
	else if (s->marker == APP2 && begins(s, profile, sizeof profile))
		tally_image_bytes(m, "colour profile", s->data, s->len);
	else if (s->marker == APP2 && begins(s, more, sizeof more))
		tally_image_bytes(m, "list of further pictures", s->data, s->len);
	else if (s->marker == APP13 && begins(s, photoshop, sizeof photoshop))
		tally_image_bytes(m, "IPTC and Photoshop data", s->data, s->len);
	else
		tally_image_bytes(m, where, s->data, s->len);
}

/* SOF0 to SOF15, but for those that are tables */
static bool is_frame(unsigned marker)
{
	return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

static void tell_segment(struct tally_image *m, const struct segment *s)
{
	if (is_frame(s->marker) && s->len >= 5 && !m->width) {
		m->height = (uint32_t)s->data[1] << 8 | s->data[2];
		m->width = (uint32_t)s->data[3] << 8 | s->data[4];
	}
	if ((s->marker & 0xf0) == APP0 && tally_image_piece(m))
		tell_app(m, s);
	else if (s->marker == COM && tally_image_piece(m))
		tally_image_fact(m, "property", s->data, s->len, "comment");
}

/* The next marker: behind what is packed, and behind bytes that fill. @return 0: there is none */
static unsigned next_marker(const struct tally_image *m, size_t *at)
{
	const unsigned char *p = m->bytes + *at, *end = m->bytes + m->len;

	while (p < end && (p = memchr(p, 0xff, (size_t)(end - p))) != NULL) {
		while (p < end && *p == 0xff)
			p++;
		/* 0: a byte of the picture; 1 and RSTn stand alone */
		if (p<end && * p> 1 && (*p < 0xd0 || *p > 0xd7)) {
			*at = (size_t)(p + 1 - m->bytes);
			return *p;
		}
	}
	return 0;
}

/* @return false: it is cut off */
static bool take_segment(const struct tally_image *m, size_t *at, struct segment *s)
{
	const unsigned char *p = m->bytes + *at;
	size_t len;

	if (m->len - *at < 2)
		return false;
	len = (size_t)p[0] << 8 | p[1];
	if (len < 2 || len > m->len - *at)
		return false;
	s->data = p + 2;
	s->len = len - 2;
	*at += len;
	return true;
}

void tally_image_jpeg(struct tally_image *m)
{
	struct segment s = { 0 };
	size_t at = 2;

	while (m->status >= 0 && (s.marker = next_marker(m, &at)) != 0 && s.marker != EOI)
		if (s.marker != SOI && take_segment(m, &at, &s))
			tell_segment(m, &s);
	if (s.marker == EOI && at < m->len)
		tally_image_bytes(m, "data behind the picture", m->bytes + at, m->len - at);
}
