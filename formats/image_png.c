/* What a PNG says besides its pixels: its chunks (PNG, third edition, 5 and 11). */
#include <stdio.h>
#include <string.h>

#include "core/ascii.h"
#include "core/buf.h"
#include "core/hash.h"
#include "core/mem.h"
#include "formats/image.h"
#include "formats/inflate.h"

enum {
	HEAD = 8,              /* of the file; of a chunk: length and type */
	CHUNK = 12,            /* with its checksum */
	TEXT_MOST = 256 << 10, /* of a packed text */
	KEYWORD_MOST = 79,
	ZLIB_HEAD = 2,
};

struct chunk {
	char type[5];
	const unsigned char *data;
	uint32_t len;
};

static uint32_t u32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* ---- packed texts ---- */

/* @return TALLY_OK; TALLY_SKIP: damaged, too long, or nothing unpacks it here; TALLY_FATAL */
static enum tally_status unpack(struct tally_buf *to, const unsigned char *p, size_t len)
{
	struct tally_inflate *f;
	enum tally_status st;

	if (len < ZLIB_HEAD)
		return TALLY_SKIP;
	p += ZLIB_HEAD;
	len -= ZLIB_HEAD;
	st = tally_inflate_new(&f, NULL);
	if (st < 0)
		return st;
	tally_inflate_start(f);
	while (st == TALLY_OK) {
		unsigned char out[4096];
		size_t room = sizeof out, before = len;

		st = tally_inflate_step(f, &p, &len, out, &room);
		if (st >= 0 &&
		    (to->len + room > TEXT_MOST || (st == TALLY_OK && !room && len == before)))
			st = TALLY_SKIP;
		if (st >= 0 && room && !tally_buf_add(to, out, room))
			st = TALLY_FATAL;
	}
	tally_inflate_free(f);
	return st;
}

/* ---- profiles that programs write as digits: a line with a name, one with a length, lines of digits ---- */

static const char raw_profile[] = "Raw profile type ";

/* @return TALLY_OK; TALLY_SKIP: it is something else; TALLY_FATAL */
static enum tally_status from_digits(struct tally_buf *to, const char *p, size_t len)
{
	const char *end = p + len;
	int high = -1;

	for (int line = 0; line < 3; line++) {
		const char *next = memchr(p, '\n', (size_t)(end - p));

		if (!next)
			return TALLY_SKIP;
		p = next + 1;
	}
	for (; p < end; p++) {
		int digit = tally_hex_value(*p);

		if (*p == '\n')
			continue;
		if (digit < 0)
			return TALLY_SKIP;
		if (high >= 0 && !tally_buf_byte(to, (char)(high << 4 | digit)))
			return TALLY_FATAL;
		high = high >= 0 ? -1 : digit;
	}
	return to->len && high < 0 ? TALLY_OK : TALLY_SKIP;
}

/* What a camera wrote is told as in other pictures, other profiles by their bytes. */
static void tell_raw_profile(struct tally_image *m, const char *where, const char *p, size_t len)
{
	static const char exif[] = "Exif\0"; /* and the NUL behind it */
	struct tally_buf bytes;
	enum tally_status st;
	char name[KEYWORD_MOST + 1];
	uint8_t turn = m->turn; /* as in other pictures, but hardly any program turns a PNG for it */

	snprintf(name, sizeof name, "profile %s", where + sizeof raw_profile - 1);
	tally_buf_init(&bytes, TEXT_MOST);
	st = from_digits(&bytes, p, len);
	if (st == TALLY_FATAL)
		m->status = tally_err_nomem(m->err);
	else if (st < 0)
		tally_image_bytes(m, name, p, len);
	else if (bytes.len > sizeof exif && !memcmp(bytes.bytes, exif, sizeof exif))
		tally_image_exif(m, (const unsigned char *)bytes.bytes + sizeof exif,
		                 bytes.len - sizeof exif, false);
	else
		tally_image_bytes(m, name, bytes.bytes, bytes.len);
	m->turn = turn;
	tally_buf_release(&bytes);
}

static void tell_words(struct tally_image *m, const char *where, const char *p, size_t len)
{
	if (!strncmp(where, raw_profile, sizeof raw_profile - 1))
		tell_raw_profile(m, where, p, len);
	else
		tally_image_fact(m, "property", p, len, where);
}

static void tell_packed(struct tally_image *m, const char *where, const unsigned char *p,
                        size_t len, bool text)
{
	struct tally_buf plain;
	enum tally_status st;

	tally_buf_init(&plain, TEXT_MOST);
	st = unpack(&plain, p, len);
	if (st == TALLY_FATAL)
		m->status = tally_err_nomem(m->err);
	else if (st < 0)
		tally_image_bytes(m, where, p, len);
	else if (text)
		tell_words(m, where, plain.len ? plain.bytes : "", plain.len);
	else
		tally_image_bytes(m, where, plain.len ? plain.bytes : "", plain.len);
	tally_buf_release(&plain);
}

/* ---- chunks ---- */

/* What a text is about: up to a NUL. @return bytes with the NUL, 0: there is none */
static uint32_t keyword(const struct chunk *c, char to[KEYWORD_MOST + 1])
{
	uint32_t n = 0;

	while (n < c->len && n < KEYWORD_MOST && c->data[n])
		n++;
	if (!n || n >= c->len || c->data[n])
		return 0;
	for (uint32_t i = 0; i < n; i++)
		to[i] = c->data[i] >= ' ' && c->data[i] < 0x7f ? (char)c->data[i] : '?';
	to[n] = '\0';
	return n + 1;
}

/* Behind the keyword of iTXt: packed?, how, language NUL, keyword in it NUL, text. */
static void tell_international(struct tally_image *m, const char *where, const unsigned char *p,
                               uint32_t len)
{
	bool packed = len > 2 && p[0];
	uint32_t at = 2;

	for (int i = 0; i < 2; i++) {
		while (at < len && p[at])
			at++;
		at++;
	}
	if (at > len)
		tally_image_bytes(m, where, p, len);
	else if (!strcmp(where, "XML:com.adobe.xmp"))
		tally_image_bytes(m, "XMP data", p + at, len - at);
	else if (packed)
		tell_packed(m, where, p + at, len - at, true);
	else
		tally_image_fact(m, "property", p + at, len - at, where);
}

static void tell_text(struct tally_image *m, const struct chunk *c)
{
	char where[KEYWORD_MOST + 1];
	uint32_t n = keyword(c, where);
	const unsigned char *p = c->data + n;
	uint32_t len = c->len - n;

	if (!n)
		tally_image_bytes(m, "text without a keyword", c->data, c->len);
	else if (!strcmp(c->type, "iTXt"))
		tell_international(m, where, p, len);
	else if (!strcmp(c->type, "tEXt") && !strcmp(where, "Author"))
		tally_image_fact(m, "author", p, len, NULL);
	else if (!strcmp(c->type, "tEXt") && !strcmp(where, "Title"))
		tally_image_fact(m, "title", p, len, NULL);
	else if (!strcmp(c->type, "tEXt"))
		tell_words(m, where, (const char *)p, len);
	else
		tell_packed(m, where, p + (len > 0), len - (len > 0), true);
}

static void tell_time(struct tally_image *m, const struct chunk *c)
{
	const unsigned char *p = c->data;
	char time[40];

	if (c->len != 7)
		return;
	snprintf(time, sizeof time, "%u-%02u-%02uT%02u:%02u:%02uZ", p[0] << 8 | p[1], p[2], p[3],
	         p[4], p[5], p[6]);
	tally_image_text(m, "modified", time, NULL);
}

static void tell_profile(struct tally_image *m, const struct chunk *c)
{
	char name[KEYWORD_MOST + 1];
	uint32_t n = keyword(c, name);

	if (n && c->len > n)
		tell_packed(m, "colour profile", c->data + n + 1, c->len - n - 1, false);
	else
		tally_image_bytes(m, "colour profile", c->data, c->len);
}

static void tell_resolution(struct tally_image *m, const struct chunk *c)
{
	char value[64];

	if (c->len != 9)
		return;
	snprintf(value, sizeof value, "%u \u00d7 %u dots a %s", u32(c->data), u32(c->data + 4),
	         c->data[8] == 1 ? "metre" : "unit");
	tally_image_text(m, "property", value, "resolution");
}

/* Chunks that are the picture, or say nothing. */
static bool is_picture(const char *type)
{
	static const char *const types[] = { "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "fdAT", "fcTL" };

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (!strcmp(type, types[i]))
			return true;
	return false;
}

static void tell_animation(struct tally_image *m, const struct chunk *c)
{
	char value[32];

	if (c->len != 8)
		return;
	snprintf(value, sizeof value, "%u", u32(c->data));
	tally_image_text(m, "property", value, "pictures in it");
	tally_image_note(m, TALLY_REASON_FORMAT_UNKNOWN,
	                 "it is animated: of its further pictures, only the bytes were compared");
}

static void tell_chunk(struct tally_image *m, const struct chunk *c)
{
	char where[32];

	if (is_picture(c->type) || !tally_image_piece(m))
		return;
	if (!strcmp(c->type + 1, "EXt") || !strcmp(c->type + 1, "TXt")) {
		tell_text(m, c);
	} else if (!strcmp(c->type, "tIME")) {
		tell_time(m, c);
	} else if (!strcmp(c->type, "eXIf")) {
		tally_image_exif(m, c->data, c->len, false);
	} else if (!strcmp(c->type, "iCCP")) {
		tell_profile(m, c);
	} else if (!strcmp(c->type, "pHYs")) {
		tell_resolution(m, c);
	} else if (!strcmp(c->type, "acTL")) {
		tell_animation(m, c);
	} else {
		snprintf(where, sizeof where, "chunk %s", c->type);
		tally_image_bytes(m, where, c->data, c->len);
	}
}

/* @return false: there is no further one */
static bool next_chunk(const struct tally_image *m, size_t *at, struct chunk *c)
{
	const unsigned char *p = m->bytes + *at;

	if (m->len - *at < CHUNK)
		return false;
	c->len = u32(p);
	if (c->len > m->len - *at - CHUNK)
		return false;
	for (int i = 0; i < 4; i++)
		c->type[i] = p[4 + i] > ' ' && p[4 + i] < 0x7f ? (char)p[4 + i] : '?';
	c->type[4] = '\0';
	c->data = p + HEAD;
	*at += (size_t)CHUNK + c->len;
	return true;
}

/* All that belongs to the pictures behind the first one, in one digest. */
static void tell_further(struct tally_image *m)
{
	struct tally_hasher *hasher;
	struct tally_digest unused;
	struct tally_sha256 sha;
	struct tally_key key;
	struct chunk c;
	size_t at = HEAD, bytes = 0;

	tally_key_from_seed(&key, 0);
	m->status = m->status < 0 ? m->status : tally_hasher_new(&hasher, &key, true, m->err);
	if (m->status < 0)
		return;
	tally_hasher_start(hasher);
	while (next_chunk(m, &at, &c))
		if (!strcmp(c.type, "fdAT") || !strcmp(c.type, "fcTL")) {
			tally_hasher_add(hasher, c.data, c.len);
			bytes += c.len;
		}
	tally_hasher_finish(hasher, &unused, &sha);
	tally_hasher_free(hasher);
	tally_image_digest(m, "further pictures", bytes, &sha);
}

void tally_image_png(struct tally_image *m)
{
	struct chunk c = { .type = "" };
	size_t at = HEAD;
	bool ended = false, animated = false;

	while (!ended && m->status >= 0 && next_chunk(m, &at, &c)) {
		if (!strcmp(c.type, "IHDR") && c.len >= 8 && !m->width) {
			m->width = u32(c.data);
			m->height = u32(c.data + 4);
		}
		ended = !strcmp(c.type, "IEND");
		animated |= !strcmp(c.type, "acTL");
		tell_chunk(m, &c);
	}
	if (animated)
		tell_further(m);
	if (ended && at < m->len)
		tally_image_bytes(m, "data behind the picture", m->bytes + at, m->len - at);
}
