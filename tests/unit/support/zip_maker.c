/* Zips made byte by byte, for tests. */
#include "support/zip_maker.h"

#include <stdlib.h>
#include <string.h>

enum { DEFLATED = 8, BLOCK_MOST = 65535 };

static void add(struct tally_buf *b, const void *bytes, size_t len)
{
	b->max = SIZE_MAX / 2;
	if (!tally_buf_add(b, bytes, len))
		abort();
}

static void put(struct tally_buf *b, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++) {
		unsigned char c = (unsigned char)(value >> 8 * i);

		add(b, &c, 1);
	}
}

static void zeros(struct tally_buf *b, size_t len)
{
	while (len-- > 0)
		put(b, 0, 1);
}

uint32_t zip_crc32(const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	uint32_t crc = UINT32_MAX;

	while (len-- > 0) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
	}
	return ~crc;
}

void zip_prefix(struct zip_maker *z, const void *bytes, size_t len)
{
	add(&z->bytes, bytes, len);
}

void zip_start_here(struct zip_maker *z)
{
	z->base = z->bytes.len;
}

/* deflate without compression: blocks with their length and its complement */
static void pack(struct tally_buf *out, const char *content, size_t len)
{
	do {
		size_t n = len < BLOCK_MOST ? len : BLOCK_MOST;

		put(out, n == len, 1);
		put(out, n, 2);
		put(out, ~n, 2);
		add(out, content, n);
		content += n;
		len -= n;
	} while (len > 0);
}

struct values {
	size_t name_len, size, packed, place;
	uint32_t crc;
	uint16_t flags;
};

static size_t extra_len(const struct zip_part *p)
{
	return p->extra_len + (p->zip64 ? 20 : 0);
}

static void put_extra(struct tally_buf *b, const struct zip_part *p, uint64_t size, uint64_t packed)
{
	if (p->zip64) {
		put(b, 1, 2);
		put(b, 16, 2);
		put(b, size, 8);
		put(b, packed, 8);
	}
	add(b, p->extra ? p->extra : "", p->extra_len);
}

static void put_local(struct tally_buf *b, const struct zip_part *p, const struct values *v)
{
	bool later = p->sizes_later != ZIP_SIZES_FIRST;
	uint64_t size = later ? 0 : v->size + p->local_size;
	uint64_t packed = later ? 0 : v->packed + p->local_packed;

	put(b, 0x04034b50, 4);
	put(b, 20, 2);
	put(b, v->flags, 2);
	put(b, p->local_method ? (unsigned)p->local_method - 1 : p->method, 2);
	put(b, p->time, 2);
	put(b, p->date, 2);
	put(b, later ? 0 : v->crc + p->local_crc, 4);
	put(b, p->zip64 ? UINT32_MAX : packed, 4);
	put(b, p->zip64 ? UINT32_MAX : size, 4);
	put(b, v->name_len, 2);
	put(b, extra_len(p), 2);
	add(b, p->local_name ? p->local_name : p->name, v->name_len);
	put_extra(b, p, size, packed);
}

static void put_descriptor(struct tally_buf *b, const struct zip_part *p, const struct values *v)
{
	int wide = p->sizes_later == ZIP_SIZES_WIDE ? 8 : 4;

	if (p->sizes_later == ZIP_SIZES_FIRST || p->sizes_later == ZIP_SIZES_MISSING)
		return;
	if (p->sizes_later != ZIP_SIZES_BARE)
		put(b, 0x08074b50, 4);
	put(b, v->crc, 4);
	put(b, v->packed, wide);
	put(b, v->size, wide);
}

static void put_central(struct tally_buf *b, const struct zip_part *p, const struct values *v)
{
	put(b, 0x02014b50, 4);
	put(b, p->made_by, 2);
	put(b, 20, 2);
	put(b, v->flags, 2);
	put(b, p->method, 2);
	put(b, p->time, 2);
	put(b, p->date, 2);
	put(b, v->crc, 4);
	put(b, p->zip64 ? UINT32_MAX : v->packed, 4);
	put(b, p->zip64 ? UINT32_MAX : v->size, 4);
	put(b, v->name_len, 2);
	put(b, extra_len(p), 2);
	put(b, 0, 2); /* comment */
	put(b, 0, 2); /* disk */
	put(b, 0, 2); /* internal attributes */
	put(b, p->attributes, 4);
	put(b, v->place + p->offset_off, 4);
	add(b, p->name, v->name_len);
	put_extra(b, p, v->size, v->packed);
}

void zip_add(struct zip_maker *z, const struct zip_part *p)
{
	size_t len = p->len ? p->len : p->content ? strlen(p->content) : 0;
	const char *content = p->content ? p->content : "";
	struct tally_buf packed = { 0 };
	struct values v = { .name_len = p->name_len ? p->name_len : strlen(p->name),
		            .size = len + p->size_off,
		            .crc = zip_crc32(content, len) + p->crc_off,
		            .flags = (uint16_t)(p->flags | (p->sizes_later ? 8 : 0)) };

	if (p->method == DEFLATED)
		pack(&packed, content, len);
	else
		add(&packed, content, len);
	v.packed = packed.len;
	zeros(&z->bytes, p->gap);
	v.place = z->bytes.len - z->base;
	put_local(&z->bytes, p, &v);
	add(&z->bytes, packed.bytes, packed.len);
	put_descriptor(&z->bytes, p, &v);
	for (int i = p->unlisted ? 0 : p->listed_twice ? 2 : 1; i > 0; i--) {
		put_central(&z->directory, p, &v);
		z->count++;
	}
	tally_buf_release(&packed);
}

static void put_end64(struct zip_maker *z, const struct zip_end *end, uint64_t place)
{
	uint64_t at = z->bytes.len - z->base;
	uint64_t count = z->count + (uint64_t)end->count64_off;

	put(&z->bytes, 0x06064b50, 4);
	put(&z->bytes, 44, 8);
	put(&z->bytes, 45, 2);
	put(&z->bytes, 45, 2);
	put(&z->bytes, 0, 8);
	put(&z->bytes, count, 8);
	put(&z->bytes, count, 8);
	put(&z->bytes, z->directory.len, 8);
	put(&z->bytes, place, 8);
	put(&z->bytes, 0x07064b50, 4);
	put(&z->bytes, 0, 4);
	put(&z->bytes, at, 8);
	put(&z->bytes, 1, 4);
}

void zip_finish(struct zip_maker *z, const struct zip_end *end)
{
	uint64_t place = z->bytes.len - z->base;
	size_t comment = end->comment_len ? end->comment_len
	                 : end->comment   ? strlen(end->comment)
	                                  : 0;
	bool full = end->zip64 && !end->count64_off;
	unsigned count = full ? UINT16_MAX : z->count + (unsigned)end->count_off;

	add(&z->bytes, z->directory.bytes ? z->directory.bytes : "", z->directory.len);
	zeros(&z->bytes, end->gap);
	if (end->zip64)
		put_end64(z, end, place);
	put(&z->bytes, 0x06054b50, 4);
	put(&z->bytes, 0, 4);
	put(&z->bytes, count, 2);
	put(&z->bytes, count, 2);
	put(&z->bytes, full ? UINT32_MAX : z->directory.len + end->size_off, 4);
	put(&z->bytes, full ? UINT32_MAX : place + end->place_off, 4);
	put(&z->bytes, comment, 2);
	add(&z->bytes, end->comment ? end->comment : "", comment);
	if (end->suffix)
		add(&z->bytes, end->suffix, strlen(end->suffix));
}

void zip_release(struct zip_maker *z)
{
	tally_buf_release(&z->bytes);
	tally_buf_release(&z->directory);
	*z = (struct zip_maker){ 0 };
}
