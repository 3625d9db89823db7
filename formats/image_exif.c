/*
 * EXIF: when, where and with what a picture was taken (CIPA DC-008, TIFF 6.0). Tables of entries that point to their values:
 * a few are told by name, all others together by a digest, so that nothing goes or comes in silence.
 */
#include "formats/image.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"

enum {
	ENTRY = 12,
	ENTRIES_MOST = 20000,
	TABLES_MOST = 10000,    /* pages of a TIFF */
	SHA_SHOWN = 23,         /* letters of a digest */
	HASHED_MOST = 64 << 20, /* bytes of values, which entries may share */
};

enum table { IMAGE, PREVIEW, EXIF, GPS, OTHER };

struct exif {
	struct tally_image *m;
	const unsigned char *bytes;
	size_t len;
	bool little, tiff;
	bool cut, bad; /* not all was looked at; a value is not where it should be */
	struct tally_hasher *rest;
	uint64_t hashed, entries, others;
	char make[64], model[96], taken[32], zone[12], saved[32];
	char sides[2][2];  /* N or S, E or W */
	double degrees[2]; /* latitude, longitude */
	bool has_degrees[2];
	uint32_t preview, preview_len; /* place of the small preview */
	uint32_t exif_at, gps_at, other_at;
};

/* An entry of a table, with its value where that is in the bytes. */
struct entry {
	unsigned tag, type;
	uint32_t count;
	const unsigned char *value;
	size_t len;
};

static uint32_t u16(const struct exif *x, const unsigned char *p)
{
	return x->little ? p[0] | (uint32_t)p[1] << 8 : (uint32_t)p[0] << 8 | p[1];
}

static uint32_t u32(const struct exif *x, const unsigned char *p)
{
	return x->little ? u16(x, p) | u16(x, p + 2) << 16 : u16(x, p) << 16 | u16(x, p + 2);
}

static uint32_t number(const struct exif *x, const struct entry *e)
{
	if (e->type == 3 && e->len >= 2)
		return u16(x, e->value);
	return (e->type == 4 || e->type == 13) && e->len >= 4 ? u32(x, e->value) : 0;
}

/* @return false: its value is not in the bytes */
static bool take_entry(const struct exif *x, struct entry *e, const unsigned char *p)
{
	static const uint8_t sizes[] = { 0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4 };
	uint64_t len;

	e->tag = u16(x, p);
	e->type = u16(x, p + 2);
	e->count = u32(x, p + 4);
	len = (uint64_t)e->count * (e->type < sizeof sizes ? sizes[e->type] : 1);
	e->value = p + 8;
	if (len > 4) {
		uint32_t at = u32(x, p + 8);

		if (at > x->len || len > x->len - at)
			return false;
		e->value = x->bytes + at;
	}
	e->len = (size_t)len;
	return true;
}

/* ---- values ---- */

/* A text without what fills it. */
static void copy_text(char *to, size_t room, const struct entry *e)
{
	size_t n = 0;

	while (n + 1 < room && n < e->len && e->value[n] >= ' ' && e->value[n] < 0x7f)
		n++;
	while (n > 0 && e->value[n - 1] == ' ')
		n--;
	if (n)
		memcpy(to, e->value, n);
	to[n] = '\0';
}

/* "2024:05:01 12:34:56" as everybody else writes it */
static void copy_time(char *to, size_t room, const struct entry *e)
{
	copy_text(to, room, e);
	if (strlen(to) >= 10 && to[4] == ':' && to[7] == ':')
		to[4] = to[7] = '-';
}

/* Degrees, minutes and seconds, each a fraction */
static void take_degrees(struct exif *x, int which, const struct entry *e)
{
	static const double of[] = { 1, 60, 3600 };
	double sum = 0;

	if (e->type != 5 || e->count != 3)
		return;
	for (int i = 0; i < 3; i++) {
		uint32_t over = u32(x, e->value + 8 * i), under = u32(x, e->value + 8 * i + 4);

		if (under)
			sum += (double)over / under / of[i];
		else if (over)
			return;
	}
	x->degrees[which] = sum;
	x->has_degrees[which] = sum <= 180;
}

static void take_turn(struct exif *x, const struct entry *e)
{
	static const char *const words[] = {
		"mirrored when shown",
		"turned by 180\u00b0 when shown",
		"upside down mirrored when shown",
		"mirrored and turned left when shown",
		"turned right when shown",
		"mirrored and turned right when shown",
		"turned left when shown",
	};
	uint32_t n = number(x, e);

	if (n < 2 || n > TALLY_PICTURE_TURNS)
		return;
	x->m->turn = (uint8_t)n;
	tally_image_text(x->m, "property", words[n - 2], "orientation");
}

/* ---- tags ---- */

static const struct {
	enum table table;
	unsigned tag;
	const char *fact, *where;
} texts[] = {
	{ IMAGE, 0x010e, "property", "description" },
	{ IMAGE, 0x0131, "property", "saved by" },
	{ IMAGE, 0x013b, "author", NULL },
	{ IMAGE, 0x8298, "property", "copyright" },
	{ EXIF, 0xa430, "property", "owner of the camera" },
	{ EXIF, 0xa431, "property", "serial number of the camera" },
	{ EXIF, 0xa434, "property", "lens" },
};

static bool take_text(struct exif *x, enum table table, const struct entry *e)
{
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (texts[i].table == table && texts[i].tag == e->tag && e->type == 2) {
			tally_image_fact(x->m, texts[i].fact, e->value, e->len, texts[i].where);
			return true;
		}
	return false;
}

/* Where something else stands in the file: that says nothing, and changes with each saving. */
static bool is_place(const struct exif *x, const struct entry *e)
{
	static const uint16_t tags[] = { 0x8769, 0x8825, 0xa005, 0x014a, 0xea1c };
	static const uint16_t of_files[] = { 0x0111, 0x0117, 0x0144, 0x0145, 0x0120, 0x0121 };

	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if (e->tag == tags[i])
			return true;
	for (size_t i = 0; x->tiff && i < sizeof of_files / sizeof *of_files; i++)
		if (e->tag == of_files[i])
			return true;
	return false;
}

static bool take_image_tag(struct exif *x, const struct entry *e)
{
	switch (e->tag) {
	case 0x0100:
		x->m->width = x->tiff && !x->m->width ? number(x, e) : x->m->width;
		return x->tiff;
	case 0x0101:
		x->m->height = x->tiff && !x->m->height ? number(x, e) : x->m->height;
		return x->tiff;
	case 0x010f:
		copy_text(x->make, sizeof x->make, e);
		return true;
	case 0x0110:
		copy_text(x->model, sizeof x->model, e);
		return true;
	case 0x0112:
		take_turn(x, e);
		return true;
	case 0x0132:
		copy_time(x->saved, sizeof x->saved, e);
		return true;
	case 0x8769:
		x->exif_at = number(x, e);
		return true;
	case 0x8825:
		x->gps_at = number(x, e);
		return true;
	default:
		return false;
	}
}

static bool take_preview_tag(struct exif *x, const struct entry *e)
{
	if (e->tag == 0x0201)
		x->preview = number(x, e);
	else if (e->tag == 0x0202)
		x->preview_len = number(x, e);
	else
		return false;
	return true;
}

static bool take_exif_tag(struct exif *x, const struct entry *e)
{
	if (e->tag == 0x9003)
		copy_time(x->taken, sizeof x->taken, e);
	else if (e->tag == 0x9011)
		copy_text(x->zone, sizeof x->zone, e);
	else if (e->tag == 0xa005)
		x->other_at = number(x, e);
	else
		return false;
	return true;
}

static bool take_gps_tag(struct exif *x, const struct entry *e)
{
	if (e->tag == 1 || e->tag == 3)
		copy_text(x->sides[e->tag / 2], sizeof x->sides[0], e);
	else if (e->tag == 2 || e->tag == 4)
		take_degrees(x, (int)e->tag / 2 - 1, e);
	else
		return false;
	return true;
}

static bool take_tag(struct exif *x, enum table table, const struct entry *e)
{
	switch (table) {
	case IMAGE:
		return take_image_tag(x, e);
	case PREVIEW:
		return take_preview_tag(x, e);
	case EXIF:
		return take_exif_tag(x, e);
	case GPS:
		return take_gps_tag(x, e);
	default:
		return false;
	}
}

static void hash_entry(struct exif *x, enum table table, const struct entry *e)
{
	const unsigned char head[] = { (unsigned char)table, (unsigned char)e->tag,
		                       (unsigned char)(e->tag >> 8), (unsigned char)e->type };

	if (x->hashed + e->len > HASHED_MOST) {
		x->cut = true;
		return;
	}
	x->hashed += e->len;
	x->others++;
	tally_hasher_add(x->rest, head, sizeof head);
	tally_hasher_add(x->rest, e->value, e->len);
}

/* ---- tables ---- */

/* @return place of the next table, or 0 */
static uint32_t read_table(struct exif *x, enum table table, uint32_t at)
{
	const unsigned char *p = x->bytes + at;
	uint32_t count;

	if (!at || at > x->len || x->len - at < 2)
		return 0;
	count = u16(x, p);
	p += 2;
	for (uint32_t i = 0; i < count; i++, p += ENTRY) {
		struct entry e;

		x->cut |= ++x->entries > ENTRIES_MOST || (size_t)(x->bytes + x->len - p) < ENTRY;
		if (x->cut)
			return 0;
		if (!take_entry(x, &e, p))
			x->bad = true;
		else if (!take_text(x, table, &e) && !take_tag(x, table, &e) && !is_place(x, &e))
			hash_entry(x, table, &e);
	}
	return (size_t)(x->bytes + x->len - p) < 4 ? 0 : u32(x, p);
}

static void read_tables(struct exif *x)
{
	uint32_t next = read_table(x, IMAGE, u32(x, x->bytes + 4));
	uint32_t pages = 1;
	char count[16];

	read_table(x, EXIF, x->exif_at);
	read_table(x, GPS, x->gps_at);
	read_table(x, OTHER, x->other_at);
	if (!x->tiff) {
		read_table(x, PREVIEW, next);
		return;
	}
	for (; next && pages < TABLES_MOST && !x->cut; pages++)
		next = read_table(x, OTHER, next);
	snprintf(count, sizeof count, "%u", pages);
	if (pages > 1)
		tally_image_text(x->m, "page_count", count, NULL);
}

/* ---- what came out ---- */

static void tell_camera(struct exif *x)
{
	char camera[sizeof x->make + sizeof x->model + 2];
	size_t n = strlen(x->make);

	/* many models begin with the name of the maker */
	if (n && !strncmp(x->make, x->model, n))
		n = 0;
	snprintf(camera, sizeof camera, "%s%s%s", n ? x->make : "", n && *x->model ? " " : "",
	         x->model);
	tally_image_text(x->m, "camera", camera, NULL);
}

static void tell_times(struct exif *x)
{
	char taken[sizeof x->taken + sizeof x->zone + 2];

	snprintf(taken, sizeof taken, "%s%s%s", x->taken, *x->taken && *x->zone ? " " : "",
	         *x->taken ? x->zone : "");
	tally_image_text(x->m, "exif_date", taken, NULL);
	tally_image_text(x->m, "modified", x->saved, NULL);
}

static void tell_place(struct exif *x)
{
	char place[80];

	if (!x->has_degrees[0] || !x->has_degrees[1])
		return;
	snprintf(place, sizeof place, "%.5f\u00b0 %s, %.5f\u00b0 %s", x->degrees[0],
	         *x->sides[0] ? x->sides[0] : "?", x->degrees[1], *x->sides[1] ? x->sides[1] : "?");
	tally_image_text(x->m, "exif_place", place, NULL);
}

static void tell_rest(struct exif *x)
{
	char name[TALLY_DIGEST_TEXT_MAX], value[TALLY_DIGEST_TEXT_MAX + 40];
	struct tally_digest unused;
	struct tally_sha256 sha;

	tally_hasher_finish(x->rest, &unused, &sha);
	tally_sha256_text(name, &sha);
	snprintf(value, sizeof value, "%" PRIu64 " entries, %.*s", x->others, SHA_SHOWN, name);
	if (x->others)
		tally_image_text(x->m, "property", value,
		                 x->tiff ? "other data of the TIFF" : "other EXIF data");
	if (x->preview_len && x->preview < x->len && x->preview_len <= x->len - x->preview)
		tally_image_bytes(x->m, "small preview", x->bytes + x->preview, x->preview_len);
	if (x->cut || x->bad)
		tally_image_note(x->m, TALLY_REASON_MALFORMED,
		                 x->tiff ? "its tables" : "part of its EXIF data");
}

void tally_image_exif(struct tally_image *m, const unsigned char *bytes, size_t len, bool tiff)
{
	struct exif x = { .m = m, .bytes = bytes, .len = len, .tiff = tiff };
	struct tally_key key;

	if (m->status < 0)
		return;
	if (len < 8 || (memcmp(bytes, "II*\0", 4) != 0 && memcmp(bytes, "MM\0*", 4) != 0)) {
		tally_image_bytes(m, "EXIF data that cannot be read", bytes, len);
		return;
	}
	x.little = bytes[0] == 'I';
	tally_key_from_seed(&key, 0);
	m->status = tally_hasher_new(&x.rest, &key, true, m->err);
	if (m->status < 0)
		return;
	tally_hasher_start(x.rest);
	read_tables(&x);
	tell_camera(&x);
	tell_times(&x);
	tell_place(&x);
	tell_rest(&x);
	tally_hasher_free(x.rest);
}
