/* Compound files and records made by code: see ole_maker.h. */
#include "support/ole_maker.h"

#include <string.h>

#include "support/check.h"

enum { SMALL = 64, CUTOFF = 4096, ENTRY = 128, MOST = 24 };

#define END_OF_CHAIN UINT32_C(0xfffffffe)
#define NOTHING      UINT32_C(0xffffffff)
#define TABLE        UINT32_C(0xfffffffd)

void ole_u16(struct tally_buf *b, unsigned n)
{
	CHECK(tally_buf_byte(b, (char)(n & 255)) && tally_buf_byte(b, (char)(n >> 8 & 255)));
}

void ole_u32(struct tally_buf *b, uint32_t n)
{
	ole_u16(b, n & 0xffff);
	ole_u16(b, n >> 16);
}

void ole_set_u32(struct tally_buf *b, size_t at, uint32_t n)
{
	CHECK(at + 4 <= b->len);
	for (int i = 0; i < 4; i++)
		b->bytes[at + (size_t)i] = (char)(n >> 8 * i & 255);
}

static void fill(struct tally_buf *b, size_t to, char with)
{
	while (b->len < to)
		CHECK(tally_buf_byte(b, with));
}

static size_t sectors(size_t bytes, size_t size)
{
	return (bytes + size - 1) / size;
}

/* The places of everything, counted in sectors behind the table and the directory */
struct plan {
	const struct ole_part *parts;
	size_t count, tables, directory, small_table, small_bytes, all;
	uint32_t start[MOST];
};

static bool is_small(const struct ole_part *p)
{
	return p->len < CUTOFF;
}

static void plan(struct plan *p)
{
	size_t small = 0, next;

	for (size_t i = 0; i < p->count; i++)
		if (!p->parts[i].storage && is_small(&p->parts[i])) {
			p->start[i] = (uint32_t)small;
			small += sectors(p->parts[i].len, SMALL);
		}
	p->small_bytes = small * SMALL;
	p->small_table = sectors(small * 4, OLE_SECTOR);
	p->directory = sectors((p->count + 1) * ENTRY, OLE_SECTOR);
	for (p->tables = 1;; p->tables++) {
		next = p->tables + p->directory + p->small_table +
		       sectors(p->small_bytes, OLE_SECTOR);
		for (size_t i = 0; i < p->count; i++)
			if (!p->parts[i].storage && !is_small(&p->parts[i])) {
				p->start[i] = (uint32_t)next;
				next += sectors(p->parts[i].len, OLE_SECTOR);
			}
		if (next <= p->tables * (OLE_SECTOR / 4))
			break;
	}
	p->all = next;
}

static void header(struct tally_buf *b, const struct plan *p)
{
	static const char magic[] = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

	CHECK(tally_buf_add(b, magic, 8));
	fill(b, 24, 0);
	ole_u16(b, 0x3e);
	ole_u16(b, 3);
	ole_u16(b, 0xfffe);
	ole_u16(b, 9);
	ole_u16(b, 6);
	fill(b, 44, 0);
	ole_u32(b, (uint32_t)p->tables);
	ole_u32(b, (uint32_t)p->tables); /* the directory follows the table */
	ole_u32(b, 0);
	ole_u32(b, CUTOFF);
	ole_u32(b, p->small_table ? (uint32_t)(p->tables + p->directory) : END_OF_CHAIN);
	ole_u32(b, (uint32_t)p->small_table);
	ole_u32(b, END_OF_CHAIN);
	ole_u32(b, 0);
	for (uint32_t i = 0; i < 109; i++)
		ole_u32(b, i < p->tables ? i : NOTHING);
}

static void chain(struct tally_buf *b, size_t first, size_t count)
{
	for (size_t i = 1; i <= count; i++)
		ole_u32(b, i < count ? (uint32_t)(first + i) : END_OF_CHAIN);
}

static void table(struct tally_buf *b, const struct plan *p)
{
	size_t at = p->tables;

	for (size_t i = 0; i < p->tables; i++)
		ole_u32(b, TABLE);
	chain(b, at, p->directory);
	chain(b, at += p->directory, p->small_table);
	chain(b, at += p->small_table, sectors(p->small_bytes, OLE_SECTOR));
	for (size_t i = 0; i < p->count; i++)
		if (!p->parts[i].storage && !is_small(&p->parts[i]))
			chain(b, p->start[i], sectors(p->parts[i].len, OLE_SECTOR));
	fill(b, OLE_SECTOR * (p->tables + 1), (char)0xff);
}

/* The next part in the same storage is on the right. */
static uint32_t right_of(const struct plan *p, size_t n)
{
	for (size_t i = n + 1; i < p->count; i++)
		if (p->parts[i].inside == p->parts[n].inside)
			return (uint32_t)i + 1;
	return NOTHING;
}

static uint32_t first_in(const struct plan *p, unsigned storage)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->parts[i].inside == storage)
			return (uint32_t)i + 1;
	return NOTHING;
}

static void entry(struct tally_buf *b, const char *name, int type, uint32_t right, uint32_t child,
                  uint32_t start, size_t size)
{
	size_t at = b->len, len = strlen(name);

	for (size_t i = 0; i < len; i++)
		ole_u16(b, (unsigned char)name[i]);
	fill(b, at + 64, 0);
	ole_u16(b, (unsigned)len * 2 + 2);
	CHECK(tally_buf_byte(b, (char)type) && tally_buf_byte(b, 1));
	ole_u32(b, NOTHING);
	ole_u32(b, right);
	ole_u32(b, child);
	fill(b, at + 116, 0);
	ole_u32(b, start);
	ole_u32(b, (uint32_t)size);
	ole_u32(b, 0);
}

static void directory(struct tally_buf *b, const struct plan *p)
{
	size_t at = b->len;

	entry(b, "Root Entry", 5, NOTHING, first_in(p, 0),
	      (uint32_t)(p->tables + p->directory + p->small_table), p->small_bytes);
	for (size_t i = 0; i < p->count; i++)
		entry(b, p->parts[i].name, p->parts[i].storage ? 1 : 2, right_of(p, i),
		      p->parts[i].storage ? first_in(p, (unsigned)i + 1) : NOTHING, p->start[i],
		      p->parts[i].len);
	fill(b, at + p->directory * OLE_SECTOR, 0);
}

struct tally_buf ole_make(const struct ole_part *parts, size_t count)
{
	struct plan p = { .parts = parts, .count = count };
	struct tally_buf b;
	size_t at;

	CHECK(count <= MOST);
	plan(&p);
	tally_buf_init(&b, 1 << 26);
	header(&b, &p);
	table(&b, &p);
	directory(&b, &p);
	at = b.len;
	for (size_t i = 0, first = 0; i < count; i++)
		if (!parts[i].storage && is_small(&parts[i])) {
			chain(&b, first, sectors(parts[i].len, SMALL));
			first += sectors(parts[i].len, SMALL);
		}
	fill(&b, at += p.small_table * OLE_SECTOR, (char)0xff);
	for (int small = 1; small >= 0; small--) {
		for (size_t i = 0; i < count; i++) {
			if (parts[i].storage || is_small(&parts[i]) != (bool)small)
				continue;
			CHECK(tally_buf_add(&b, parts[i].len ? parts[i].bytes : "", parts[i].len));
			fill(&b,
			     at + sectors(b.len - at, small ? SMALL : OLE_SECTOR) *
			                     (small ? SMALL : OLE_SECTOR),
			     0);
		}
		fill(&b, at + sectors(b.len - at, OLE_SECTOR) * OLE_SECTOR, 0);
	}
	return b;
}

size_t ole_entry_at(const struct tally_buf *file, size_t n)
{
	return OLE_SECTOR * ((size_t)(unsigned char)file->bytes[48] + 1) + n * ENTRY;
}

/* ---- records ---- */

void xls_record(struct tally_buf *b, unsigned type, const void *bytes, size_t len)
{
	ole_u16(b, type);
	ole_u16(b, (unsigned)len);
	CHECK(tally_buf_add(b, len ? bytes : "", len));
}

void xls_begin(struct tally_buf *b, unsigned version, unsigned kind)
{
	const char bof[8] = { 0, (char)version, (char)kind };

	xls_record(b, 0x809, bof, sizeof bof);
}

size_t xls_bound(struct tally_buf *b, bool wide, const char *name, unsigned hidden, unsigned kind)
{
	size_t at = b->len + 4, len = strlen(name);

	ole_u16(b, 0x85);
	ole_u16(b, (unsigned)(7 + wide + len));
	ole_u32(b, 0);
	CHECK(tally_buf_byte(b, (char)hidden) && tally_buf_byte(b, (char)kind) &&
	      tally_buf_byte(b, (char)len) && (!wide || tally_buf_byte(b, 0)) &&
	      tally_buf_text(b, name));
	return at;
}

void xls_here(struct tally_buf *b, size_t place)
{
	ole_set_u32(b, place, (uint32_t)b->len);
}

void xls_cell(struct tally_buf *b, unsigned type, unsigned row, unsigned column, unsigned style,
              const void *bytes, size_t len)
{
	ole_u16(b, type);
	ole_u16(b, (unsigned)len + 6);
	ole_u16(b, row);
	ole_u16(b, column);
	ole_u16(b, style);
	CHECK(tally_buf_add(b, len ? bytes : "", len));
}

void xls_number(struct tally_buf *b, unsigned row, unsigned column, unsigned style, double value)
{
	unsigned char bytes[8];
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(bits >> 8 * i);
	xls_cell(b, 0x203, row, column, style, bytes, sizeof bytes);
}

void xls_label(struct tally_buf *b, unsigned row, unsigned column, const char *text)
{
	char bytes[256] = { (char)strlen(text) };

	CHECK(strlen(text) < 250);
	memcpy(bytes + 3, text, strlen(text));
	xls_cell(b, 0x204, row, column, 0, bytes, strlen(text) + 3);
}
