/*
 * Packed entries: a folder's entries one behind the other, each as differences to the one before.
 *
 *   blob    count (varint), then that many entries
 *   entry   +0  type 3 bits | proof 2 | has digest 1 | has extras 1 | name of 256 bytes and more 1
 *           +1  length of the name, low byte
 *           +2  bytes of the size (0..8), 4 bits | bytes of the inode's difference, 4 bits
 *           +3  code of mtime, 4 bits | code of ctime, 4 bits
 *           +4  row of the owners' dictionary; the number of rows: a new row follows; 255: a row of its own follows
 *           then, each only where it is there:
 *           high byte of the name's length · owner row (varints: mode, uid, gid, nlink, device) · extras
 *           then name · size · inode · mtime · ctime (little-endian, differences zigzag) · digest
 *   extras  which (1 byte), then: reason · flags · pattern (varint) · xattr digest (8) · SHA-256 (32) ·
 *           target (length as varint, bytes, NUL)
 *   times   code 0..8: nanoseconds in so many bytes, against the entry before; 9..15: so many bytes less 9, for mtime
 *           in whole seconds against the entry before, for ctime in nanoseconds against the entry's own mtime
 *
 * Lengths stand in front, so that decoding branches little: one check for the fixed part, then loads of eight bytes and masks.
 */
#include "snap/pack.h"

#include <assert.h>
#include <string.h>

#include "core/bytes.h"
#include "core/path.h"

enum {
	HAS_DIGEST = 1 << 5,
	HAS_EXTRAS = 1 << 6,
	LONG_NAME = 1 << 7,
	EXTRA_REASON = 1 << 0,
	EXTRA_FLAGS = 1 << 1,
	EXTRA_PATTERN = 1 << 2,
	EXTRA_XATTR = 1 << 3,
	EXTRA_SHA256 = 1 << 4,
	EXTRA_TARGET = 1 << 5,
	EXTRA_ALL = (1 << 6) - 1,
	FLAGS_ALL = TALLY_ENTRY_HAS_SHA256 - 1, /* that one is told by the extra itself */
	OWN_ROW = TALLY_PACK_OWNERS,
	HEAD = 5,
	OTHER_CODE = 9,   /* first code of the second kind of time */
	ENTRY_MOST = 256, /* bytes of an entry without name and target */
};

static const int64_t SECOND = 1000000000;

/* ---- encoding ---- */

struct encoder {
	unsigned char *at;
	uint32_t owner_count;
	uint32_t owner_last; /* row of the entry before: most often the right one */
	int64_t mtime_ns, ctime_ns;
	uint64_t inode;
	struct tally_pack_owner owners[TALLY_PACK_OWNERS];
};

static uint64_t zigzag(int64_t v)
{
	return (uint64_t)v << 1 ^ (uint64_t)(v >> 63);
}

/* The difference of two times or inodes; wraps the same way on both sides. */
static int64_t minus(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a - (uint64_t)b);
}

static unsigned byte_count(uint64_t v)
{
	return v ? (71 - (unsigned)__builtin_clzll(v)) / 8 : 0;
}

static void put_bytes(struct encoder *e, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		*e->at++ = (unsigned char)(v >> 8 * i);
}

static void put_varint(struct encoder *e, uint64_t v)
{
	while (v >= 128) {
		*e->at++ = (unsigned char)(v | 128);
		v >>= 7;
	}
	*e->at++ = (unsigned char)v;
}

static void put_block(struct encoder *e, const void *bytes, size_t len)
{
	memcpy(e->at, bytes, len);
	e->at += len;
}

static void put_owner(struct encoder *e, const struct tally_pack_owner *o)
{
	put_varint(e, o->mode);
	put_varint(e, o->uid);
	put_varint(e, o->gid);
	put_varint(e, o->nlink);
	put_varint(e, o->device);
}

static bool owner_same(const struct tally_pack_owner *a, const struct tally_pack_owner *b)
{
	return a->mode == b->mode && a->uid == b->uid && a->gid == b->gid && a->nlink == b->nlink &&
	       a->device == b->device;
}

static struct tally_pack_owner owner_of(const struct tally_entry *entry)
{
	return (struct tally_pack_owner){ entry->device, entry->mode, entry->uid, entry->gid,
		                          entry->nlink };
}

/* The row of the dictionary: a known one, the next one to be made, or OWN_ROW. */
static uint32_t owner_row(struct encoder *e, const struct tally_pack_owner *o)
{
	if (e->owner_last < e->owner_count && owner_same(&e->owners[e->owner_last], o))
		return e->owner_last;
	for (uint32_t i = 0; i < e->owner_count; i++)
		if (owner_same(&e->owners[i], o))
			return i;
	return e->owner_count;
}

/* A time's code and the number that goes with it. */
struct coded {
	uint64_t value;
	unsigned code, bytes;
};

static struct coded code_mtime(const struct encoder *e, int64_t mtime)
{
	int64_t diff = minus(mtime, e->mtime_ns);
	uint64_t ns = zigzag(diff), s = zigzag(diff / SECOND);

	if (diff % SECOND == 0 && byte_count(s) <= 15 - OTHER_CODE)
		return (struct coded){ s, OTHER_CODE + byte_count(s), byte_count(s) };
	return (struct coded){ ns, byte_count(ns), byte_count(ns) };
}

static struct coded code_ctime(const struct encoder *e, int64_t mtime, int64_t ctime)
{
	uint64_t before = zigzag(minus(ctime, e->ctime_ns)), own = zigzag(minus(ctime, mtime));

	if (byte_count(own) <= 15 - OTHER_CODE && own <= before)
		return (struct coded){ own, OTHER_CODE + byte_count(own), byte_count(own) };
	return (struct coded){ before, byte_count(before), byte_count(before) };
}

static unsigned extras_of(const struct tally_entry *entry)
{
	unsigned flags = entry->flags & ~(unsigned)TALLY_ENTRY_HAS_SHA256;

	return (entry->reason ? EXTRA_REASON : 0U) | (flags ? EXTRA_FLAGS : 0U) |
	       (entry->pattern ? EXTRA_PATTERN : 0U) | (entry->xattr_digest ? EXTRA_XATTR : 0U) |
	       (entry->sha256 ? EXTRA_SHA256 : 0U) | (entry->target ? EXTRA_TARGET : 0U);
}

static void put_extras(struct encoder *e, const struct tally_entry *entry, unsigned extras,
                       size_t target_len)
{
	*e->at++ = (unsigned char)extras;
	if (extras & EXTRA_REASON)
		*e->at++ = entry->reason;
	if (extras & EXTRA_FLAGS)
		*e->at++ = (unsigned char)(entry->flags & ~(unsigned)TALLY_ENTRY_HAS_SHA256);
	if (extras & EXTRA_PATTERN)
		put_varint(e, entry->pattern);
	if (extras & EXTRA_XATTR)
		put_bytes(e, entry->xattr_digest, 8);
	if (extras & EXTRA_SHA256)
		put_block(e, entry->sha256->bytes, TALLY_SHA256_SIZE);
	if (extras & EXTRA_TARGET) {
		put_varint(e, target_len);
		put_block(e, entry->target, target_len + 1);
	}
}

static void put_entry(struct encoder *e, const struct tally_entry *entry, size_t target_len)
{
	struct tally_pack_owner owner = owner_of(entry);
	uint32_t row = owner_row(e, &owner);
	uint64_t inode = zigzag(minus((int64_t)entry->inode, (int64_t)e->inode));
	struct coded mtime = code_mtime(e, entry->mtime_ns);
	struct coded ctime = code_ctime(e, entry->mtime_ns, entry->ctime_ns);
	unsigned extras = extras_of(entry);
	bool digest = tally_digest_known(&entry->digest), long_name = entry->name_len > UINT8_MAX;

	*e->at++ = (unsigned char)(entry->type | entry->proof << 3 | (digest ? HAS_DIGEST : 0) |
	                           (extras ? HAS_EXTRAS : 0) | (long_name ? LONG_NAME : 0));
	*e->at++ = (unsigned char)(entry->name_len & UINT8_MAX);
	*e->at++ = (unsigned char)(byte_count(entry->size) | byte_count(inode) << 4);
	*e->at++ = (unsigned char)(mtime.code | ctime.code << 4);
	*e->at++ = (unsigned char)row;
	if (long_name)
		*e->at++ = (unsigned char)(entry->name_len >> 8);
	if (row == e->owner_count)
		put_owner(e, &owner);
	if (extras)
		put_extras(e, entry, extras, target_len);
	put_block(e, entry->name, entry->name_len);
	put_bytes(e, entry->size, byte_count(entry->size));
	put_bytes(e, inode, byte_count(inode));
	put_bytes(e, mtime.value, mtime.bytes);
	put_bytes(e, ctime.value, ctime.bytes);
	if (digest)
		put_block(e, entry->digest.bytes, TALLY_DIGEST_SIZE);

	if (row == e->owner_count && row < OWN_ROW)
		e->owners[e->owner_count++] = owner;
	e->owner_last = row;
	e->inode = entry->inode;
	e->mtime_ns = entry->mtime_ns;
	e->ctime_ns = entry->ctime_ns;
}

enum tally_status tally_pack_encode(struct tally_buf *out, const struct tally_entry *entries,
                                    uint32_t count, struct tally_err *err)
{
	struct encoder e;

	if (!tally_buf_varint(out, count))
		return tally_err_nomem(err);
	e.owner_count = e.owner_last = 0;
	e.mtime_ns = e.ctime_ns = 0;
	e.inode = 0;
	for (uint32_t i = 0; i < count; i++) {
		const struct tally_entry *entry = &entries[i];
		size_t target_len = entry->target ? strlen(entry->target) : 0;

		assert(i == 0 || tally_name_compare(entries[i - 1].name, entries[i - 1].name_len,
		                                    entry->name, entry->name_len) < 0);
		if (!tally_buf_reserve(out, ENTRY_MOST + entry->name_len + target_len))
			return tally_err_nomem(err);
		e.at = (unsigned char *)out->bytes + out->len;
		put_entry(&e, entry, target_len);
		out->len = (size_t)((char *)e.at - out->bytes);
		out->bytes[out->len] = '\0';
	}
	return TALLY_OK;
}

/* ---- decoding ---- */

static enum tally_status damaged(struct tally_err *err)
{
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED,
	                     "entries of a folder are damaged");
}

static uint64_t le64(const unsigned char *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
	       (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	       (uint64_t)p[7] << 56;
}

/* @n at most 8 */
static uint64_t take_number(struct tally_bytes *b, unsigned n)
{
	uint64_t v = 0;
	const unsigned char *p;

	if (tally_bytes_left(b) >= 8) { /* one load, the surplus shifted out */
		v = n ? le64(b->at) << (64 - 8 * n) >> (64 - 8 * n) : 0;
		b->at += n;
		return v;
	}
	p = tally_bytes_take(b, n);
	for (unsigned i = 0; p && i < n; i++)
		v |= (uint64_t)p[i] << 8 * i;
	return v;
}

static int64_t unzigzag(uint64_t v)
{
	return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

static int64_t plus(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

static uint32_t take_u32(struct tally_bytes *b)
{
	uint64_t v = tally_bytes_varint(b);

	if (v > UINT32_MAX)
		b->bad = true;
	return (uint32_t)v;
}

static void take_owner(struct tally_bytes *b, struct tally_pack_owner *o)
{
	o->mode = take_u32(b);
	o->uid = take_u32(b);
	o->gid = take_u32(b);
	o->nlink = take_u32(b);
	o->device = tally_bytes_varint(b);
}

/* The owner of row @row, read first where it is new. NULL where it cannot be. */
static const struct tally_pack_owner *find_owner(struct tally_pack_cursor *c, struct tally_bytes *b,
                                                 uint32_t row, struct tally_pack_owner *own)
{
	if (row < c->owner_count)
		return &c->owners[row];
	if (row > c->owner_count)
		return NULL;
	take_owner(b, own);
	if (row == OWN_ROW)
		return own;
	c->owners[c->owner_count++] = *own;
	return own;
}

static void take_target(struct tally_bytes *b, struct tally_entry *entry)
{
	uint64_t len = tally_bytes_varint(b);
	const unsigned char *p = len < tally_bytes_left(b) ? tally_bytes_take(b, (size_t)len + 1)
	                                                   : NULL;

	if (!p || entry->type != TALLY_TYPE_SYMLINK || memchr(p, 0, (size_t)len + 1) != p + len) {
		b->bad = true;
		return;
	}
	entry->target = (const char *)p;
}

static void take_extras(struct tally_bytes *b, struct tally_entry *entry)
{
	unsigned extras = tally_bytes_u8(b);

	if (extras & EXTRA_REASON)
		entry->reason = tally_bytes_u8(b);
	if (extras & EXTRA_FLAGS)
		entry->flags = tally_bytes_u8(b);
	b->bad |= extras > EXTRA_ALL || entry->reason >= TALLY_REASON_COUNT ||
	          entry->flags > FLAGS_ALL;
	if (extras & EXTRA_PATTERN) {
		uint64_t pattern = tally_bytes_varint(b);

		entry->pattern = (uint16_t)pattern;
		b->bad |= pattern > UINT16_MAX;
	}
	if (extras & EXTRA_XATTR)
		entry->xattr_digest = tally_bytes_u64(b);
	if (extras & EXTRA_SHA256) {
		/* bytes and nothing but bytes, so it can stay where it is */
		entry->sha256 = (const struct tally_sha256 *)tally_bytes_take(b, TALLY_SHA256_SIZE);
		entry->flags |= TALLY_ENTRY_HAS_SHA256;
	}
	if (extras & EXTRA_TARGET)
		take_target(b, entry);
}

static void take_times(struct tally_pack_cursor *c, struct tally_bytes *b, unsigned codes,
                       struct tally_entry *entry)
{
	unsigned m = codes & 15, n = codes >> 4;
	uint64_t value = take_number(b, m < OTHER_CODE ? m : m - OTHER_CODE);
	int64_t diff = unzigzag(value);

	if (m >= OTHER_CODE)
		diff = (int64_t)((uint64_t)diff * (uint64_t)SECOND);
	entry->mtime_ns = plus(c->mtime_ns, diff);
	value = take_number(b, n < OTHER_CODE ? n : n - OTHER_CODE);
	entry->ctime_ns = plus(n < OTHER_CODE ? c->ctime_ns : entry->mtime_ns, unzigzag(value));
	c->mtime_ns = entry->mtime_ns;
	c->ctime_ns = entry->ctime_ns;
}

static bool name_good(const char *name, size_t len)
{
	if (len == 0 || (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.'))))
		return false;
	for (size_t i = 0; i < len; i++)
		if (name[i] == '/' || name[i] == '\0')
			return false;
	return true;
}

/* What follows the owner and the extras. */
static void take_body(struct tally_pack_cursor *c, struct tally_bytes *b, const unsigned char *head,
                      struct tally_entry *entry)
{
	const unsigned char *p = tally_bytes_take(b, entry->name_len);

	entry->name = (const char *)p;
	if (!p || (head[2] & 15) > 8 || head[2] >> 4 > 8) {
		b->bad = true;
		return;
	}
	entry->size = take_number(b, head[2] & 15);
	c->inode += (uint64_t)unzigzag(take_number(b, head[2] >> 4));
	entry->inode = c->inode;
	take_times(c, b, head[3], entry);
	if (!(head[0] & HAS_DIGEST))
		return;
	p = tally_bytes_take(b, TALLY_DIGEST_SIZE);
	if (p)
		memcpy(entry->digest.bytes, p, TALLY_DIGEST_SIZE);
}

static void take_entry(struct tally_pack_cursor *c, struct tally_bytes *b, struct tally_entry *entry)
{
	const unsigned char *head = tally_bytes_take(b, HEAD);
	const struct tally_pack_owner *owner;
	struct tally_pack_owner own;

	if (!head)
		return;
	*entry = (struct tally_entry){ .type = head[0] & 7, .proof = head[0] >> 3 & 3 };
	entry->name_len = head[1];
	if (head[0] & LONG_NAME)
		entry->name_len = (uint16_t)(entry->name_len | tally_bytes_u8(b) << 8);
	owner = find_owner(c, b, head[4], &own);
	if (!owner) {
		b->bad = true;
		return;
	}
	entry->mode = owner->mode;
	entry->uid = owner->uid;
	entry->gid = owner->gid;
	entry->nlink = owner->nlink;
	entry->device = owner->device;
	entry->dir = entry->subdir = TALLY_NO_INDEX;
	if (head[0] & HAS_EXTRAS)
		take_extras(b, entry);
	take_body(c, b, head, entry);
}

enum tally_status tally_pack_open(struct tally_pack_cursor *cursor, const void *bytes, size_t len,
                                  struct tally_err *err)
{
	struct tally_bytes b = tally_bytes_of(bytes, len);
	uint64_t count = tally_bytes_varint(&b);

	cursor->owner_count = 0;
	cursor->mtime_ns = cursor->ctime_ns = 0;
	cursor->inode = 0;
	cursor->left = (uint32_t)count;
	cursor->at = b.at;
	cursor->end = b.end;
	/* an entry has more than HEAD bytes, so a wrong count shows before anybody believes it */
	if (b.bad || count > tally_bytes_left(&b) / HEAD)
		return damaged(err);
	return TALLY_OK;
}

enum tally_status tally_pack_next(struct tally_pack_cursor *cursor, struct tally_entry *entry,
                                  struct tally_err *err)
{
	struct tally_bytes b = { cursor->at, cursor->end, false };

	if (cursor->left == 0)
		return b.at == b.end ? TALLY_END : damaged(err);
	take_entry(cursor, &b, entry);
	if (b.bad || !name_good(entry->name, entry->name_len))
		return damaged(err);
	cursor->at = b.at;
	cursor->left--;
	return TALLY_OK;
}

/* All entries at once into the builder's own array; it checks names and order when it takes them over. */
static enum tally_status decode_all(struct tally_pack_cursor *c, struct tally_entry *entries,
                                    uint32_t count, struct tally_err *err)
{
	struct tally_bytes b = { c->at, c->end, false };

	for (uint32_t i = 0; i < count && !b.bad; i++)
		take_entry(c, &b, &entries[i]);
	return b.bad || b.at != b.end ? damaged(err) : TALLY_OK;
}

enum tally_status tally_pack_decode(const void *bytes, size_t len, uint32_t count,
                                    struct tally_tree_builder *builder, struct tally_err *err)
{
	struct tally_pack_cursor cursor;
	struct tally_entry *entries;
	enum tally_status st;

	if (len == 0 && count == 0)
		return TALLY_OK;
	st = tally_pack_open(&cursor, bytes, len, err);
	if (st == TALLY_OK && cursor.left != count)
		return damaged(err);
	if (st == TALLY_OK)
		st = tally_tree_builder_room(builder, count, &entries, err);
	if (st == TALLY_OK)
		st = decode_all(&cursor, entries, count, err);
	if (st == TALLY_OK)
		st = tally_tree_builder_take(builder, count, err);
	return st;
}
