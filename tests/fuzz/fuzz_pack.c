/* Packed entries: any bytes are either refused or a folder that packs and unpacks to itself. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "snap/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ENTRIES = 64 };

/* The entries, as far as there are any and they are in order; their SHA-256 is copied out of the cursor. */
static uint32_t unpack(const void *bytes, size_t size, struct tally_entry *entries,
                       struct tally_sha256 *shas, int *whole)
{
	static struct tally_pack_cursor c;
	uint32_t n = 0;
	enum tally_status st = tally_pack_open(&c, bytes, size, NULL);

	while (st == TALLY_OK && n < ENTRIES) {
		st = tally_pack_next(&c, &entries[n], NULL);
		if (st != TALLY_OK)
			break;
		if (entries[n].sha256) {
			shas[n] = *entries[n].sha256;
			entries[n].sha256 = &shas[n];
		}
		n++;
	}
	*whole = st == TALLY_END;
	return n;
}

static int in_order(const struct tally_entry *entries, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		const struct tally_entry *a = &entries[i - 1], *b = &entries[i];
		int c = memcmp(a->name, b->name,
		               a->name_len < b->name_len ? a->name_len : b->name_len);

		if (c > 0 || (c == 0 && a->name_len >= b->name_len))
			return 0;
	}
	return 1;
}

static int same(const struct tally_entry *a, const struct tally_entry *b)
{
	return a->name_len == b->name_len && !memcmp(a->name, b->name, a->name_len) &&
	       a->size == b->size && a->inode == b->inode && a->mtime_ns == b->mtime_ns &&
	       a->ctime_ns == b->ctime_ns && a->type == b->type && a->reason == b->reason &&
	       a->flags == b->flags && a->pattern == b->pattern && a->mode == b->mode &&
	       a->uid == b->uid && a->gid == b->gid && a->nlink == b->nlink &&
	       a->device == b->device && a->xattr_digest == b->xattr_digest &&
	       tally_digest_equal(&a->digest, &b->digest) && !a->target == !b->target &&
	       (!a->target || !strcmp(a->target, b->target)) && !a->sha256 == !b->sha256;
}

static void check_again(const struct tally_entry *entries, uint32_t count)
{
	static struct tally_entry again[ENTRIES];
	static struct tally_sha256 shas[ENTRIES];
	struct tally_buf packed;
	int whole;

	tally_buf_init(&packed, SIZE_MAX / 2);
	if (tally_pack_encode(&packed, entries, count, NULL) < 0 ||
	    unpack(packed.bytes, packed.len, again, shas, &whole) != count || !whole)
		abort();
	for (uint32_t i = 0; i < count; i++)
		if (!same(&entries[i], &again[i]))
			abort();
	tally_buf_release(&packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tally_entry entries[ENTRIES];
	static struct tally_sha256 shas[ENTRIES];
	int whole;
	uint32_t n = unpack(data, size, entries, shas, &whole);

	if (whole && in_order(entries, n))
		check_again(entries, n);
	return 0;
}
