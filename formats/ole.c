/* The table of contents of a compound file: a chain of sectors with entries of 128 bytes. See ole.h. */
#include "formats/ole.h"

#include <string.h>

#include "core/bytes.h"

enum {
	HEADER = 512,
	SHIFT_AT = 30,    /* binary logarithm of a sector's size */
	CONTENTS_AT = 48, /* first sector of the table of contents */
	TABLES_AT = 76, /* sectors of the table of chains, as far as the header has room for them */
	TABLES = 109,
	SECTOR_MOST = 4096,
	SECTORS_LOOKED_AT = 4096, /* a chain may be a ring */
	ENTRY = 128,
	NAME_MOST = 64, /* bytes of UTF-16, the end mark included */
	LENGTH_AT = 64,
};

struct ole {
	struct tally_source *src;
	unsigned char header[HEADER];
	unsigned char sector[SECTOR_MOST];
	size_t size; /* of a sector */
};

bool tally_ole_begins(const unsigned char *bytes, size_t len)
{
	return len >= 8 && !memcmp(bytes, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8);
}

/* @return TALLY_OK with all of @len bytes, TALLY_END, TALLY_SKIP */
static enum tally_status read_at(struct tally_source *src, void *to, size_t len, uint64_t at,
                                 struct tally_err *err)
{
	for (size_t got = 0; got < len;) {
		ssize_t n = tally_source_pread(src, (char *)to + got, len - got, at + got, err);

		if (n <= 0)
			return n < 0 ? TALLY_SKIP : TALLY_END;
		got += (size_t)n;
	}
	return TALLY_OK;
}

static uint32_t u32(const unsigned char *p)
{
	struct tally_bytes b = tally_bytes_of(p, 4);

	return tally_bytes_u32(&b);
}

static uint64_t place_of(const struct ole *o, uint32_t sector)
{
	return ((uint64_t)sector + 1) * o->size;
}

/* the sector behind this one in its chain */
static enum tally_status next_sector(struct ole *o, uint32_t *sector, struct tally_err *err)
{
	uint32_t each = (uint32_t)(o->size / 4), table = *sector / each;
	unsigned char number[4];
	enum tally_status st;

	if (table >= TABLES)
		return TALLY_END;
	st = read_at(o->src, number, sizeof number,
	             place_of(o, u32(o->header + TABLES_AT + 4 * table)) +
	                     (uint64_t)(*sector % each) * 4,
	             err);
	*sector = u32(number);
	return st;
}

static bool is_named(const unsigned char *entry, const char *name)
{
	size_t len = strlen(name);

	if (len * 2 + 2 > NAME_MOST ||
	    (entry[LENGTH_AT] | entry[LENGTH_AT + 1] << 8) != (int)len * 2 + 2)
		return false;
	for (size_t i = 0; i < len; i++)
		if (entry[2 * i] != (unsigned char)name[i] || entry[2 * i + 1])
			return false;
	return true;
}

static enum tally_status look(struct ole *o, const char *name, struct tally_err *err)
{
	uint32_t sector = u32(o->header + CONTENTS_AT);
	enum tally_status st = TALLY_OK;

	for (int i = 0; i < SECTORS_LOOKED_AT && st == TALLY_OK; i++) {
		st = read_at(o->src, o->sector, o->size, place_of(o, sector), err);
		for (size_t at = 0; at < o->size && st == TALLY_OK; at += ENTRY)
			if (is_named(o->sector + at, name))
				return TALLY_OK;
		if (st == TALLY_OK)
			st = next_sector(o, &sector, err);
	}
	return st == TALLY_OK ? TALLY_END : st;
}

enum tally_status tally_ole_has(struct tally_source *src, const char *name, struct tally_err *err)
{
	struct ole o = { .src = src };
	enum tally_status st = read_at(src, o.header, HEADER, 0, err);

	if (st != TALLY_OK)
		return st;
	if (!tally_ole_begins(o.header, HEADER) ||
	    (o.header[SHIFT_AT] != 9 && o.header[SHIFT_AT] != 12))
		return TALLY_END;
	o.size = (size_t)1 << o.header[SHIFT_AT];
	return look(&o, name, err);
}
