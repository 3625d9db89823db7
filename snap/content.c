/*
 * Kept contents, unpacked: a chunk as long as what it holds is raw, a shorter one is a zstd frame, a longer one is damaged.
 * What comes out is bounded by the size on record before anything is unpacked, and hashed before it is believed.
 */
#include <string.h>
#include <zstd.h>

#include "core/escape.h"
#include "core/io.h"
#include "core/mem.h"
#include "snap/store.h"

#include <errno.h>

struct tally_unpacker {
	struct tally_hasher *hasher;
	ZSTD_DCtx *zstd;
	struct tally_buf stored;
	unsigned char *plain;
	size_t plain_cap;
};

void tally_unpacker_free(struct tally_unpacker *u)
{
	if (!u)
		return;
	tally_hasher_free(u->hasher);
	ZSTD_freeDCtx(u->zstd);
	tally_buf_release(&u->stored);
	tally_free(u->plain);
	tally_free(u);
}

enum tally_status tally_unpacker_new(struct tally_unpacker **out, const struct tally_key *key,
                                     bool sha256, struct tally_err *err)
{
	struct tally_unpacker *u = tally_alloc_zero(1, sizeof *u);
	enum tally_status st;

	if (!u)
		return tally_err_nomem(err);
	tally_buf_init(&u->stored, TALLY_STORE_CHUNK);
	st = tally_hasher_new(&u->hasher, key, sha256, err);
	u->zstd = ZSTD_createDCtx();
	if (st == TALLY_OK && !u->zstd)
		st = tally_err_nomem(err);
	if (st < 0) {
		tally_unpacker_free(u);
		return st;
	}
	*out = u;
	return TALLY_OK;
}

static enum tally_status damaged(const struct tally_snapshot *s, const char *what,
                                 struct tally_err *err)
{
	char shown[256];

	tally_escape_into(shown, sizeof shown, s->path, strlen(s->path));
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED,
	                     "a kept content in '%s' is damaged: %s", shown, what);
}

static bool make_room(struct tally_unpacker *u, size_t size)
{
	unsigned char *grown;

	if (size <= u->plain_cap)
		return true;
	grown = tally_realloc(u->plain, size, 1);
	if (!grown)
		return false;
	u->plain = grown;
	u->plain_cap = size;
	return true;
}

/* One chunk that holds @size bytes. @return in @bytes where they are */
static enum tally_status unpack(struct tally_unpacker *u, const struct tally_snapshot *s,
                                size_t size, const void **bytes, struct tally_err *err)
{
	*bytes = u->stored.bytes;
	if (u->stored.len == size)
		return TALLY_OK;
	if (u->stored.len > size)
		return damaged(s, "a chunk is too long", err);
	if (!make_room(u, size))
		return tally_err_nomem(err);
	*bytes = u->plain;
	if (ZSTD_decompressDCtx(u->zstd, u->plain, size, u->stored.bytes, u->stored.len) != size)
		return damaged(s, "a chunk cannot be unpacked", err);
	return TALLY_OK;
}

static enum tally_status pass_on(struct tally_unpacker *u, const void *bytes, size_t size, int fd,
                                 struct tally_err *err)
{
	tally_hasher_add(u->hasher, bytes, size);
	if (fd >= 0 && tally_io_write_all(fd, bytes, size) < 0)
		return tally_err_sys(err, TALLY_FATAL, "writing an unpacked content", NULL, errno);
	return TALLY_OK;
}

enum tally_status tally_unpacker_run(struct tally_unpacker *u, const struct tally_snapshot *s,
                                     const struct tally_kept *kept, int fd,
                                     struct tally_sha256 *sha256, struct tally_err *err)
{
	uint64_t left = kept->size, stored = 0, number = kept->chunk;
	struct tally_digest digest;
	enum tally_status st = TALLY_OK;

	tally_hasher_start(u->hasher);
	while (left > 0 && st == TALLY_OK) {
		size_t n = left < TALLY_STORE_CHUNK ? (size_t)left : TALLY_STORE_CHUNK;
		const void *bytes;

		st = tally_store_read_chunk(s, number++, &u->stored, err);
		stored += u->stored.len;
		if (st == TALLY_OK)
			st = unpack(u, s, n, &bytes, err);
		if (st == TALLY_OK)
			st = pass_on(u, bytes, n, fd, err);
		left -= n;
	}
	if (st < 0)
		return st;
	tally_hasher_finish(u->hasher, &digest, sha256);
	if (stored != kept->stored || !tally_digest_equal(&digest, &kept->digest))
		return damaged(s, "its bytes do not have its digest", err);
	return TALLY_OK;
}

/* The content without bytes needs no storing: it is always there. */
static bool is_nothing(const struct tally_snapshot *s, const struct tally_digest *digest)
{
	struct tally_digest nothing;
	struct tally_sha256 sha256;

	if (s->kept_by) {
		tally_sha256_of(&sha256, "", 0);
		tally_digest_by_sha256(&nothing, &s->by_key, &sha256);
	} else {
		tally_digest_of(&nothing, &s->meta.key, "", 0);
	}
	return tally_digest_equal(digest, &nothing);
}

bool tally_snapshot_keeps(const struct tally_snapshot *s, const struct tally_digest *digest)
{
	const struct tally_kept *kept = tally_store_find(s, digest);

	return kept ? kept->method != TALLY_KEPT_EARLIER : is_nothing(s, digest);
}

/* A chunk longer than twice the sample is stored as it is when the sample does not shrink: more than that is not certain. */
uint64_t tally_snapshot_packed(const struct tally_snapshot *s, const struct tally_digest *digest)
{
	const struct tally_kept *kept = tally_store_find(s, digest);
	uint64_t chunks, average;

	if (!kept || kept->method == TALLY_KEPT_EARLIER)
		return 0;
	if (kept->size <= 2 * TALLY_STORE_SAMPLE)
		return kept->stored;
	chunks = (kept->size + TALLY_STORE_CHUNK - 1) / TALLY_STORE_CHUNK;
	average = kept->stored / chunks;
	return average < TALLY_STORE_SAMPLE ? average : TALLY_STORE_SAMPLE;
}

enum tally_status tally_snapshot_content(const struct tally_snapshot *s,
                                         const struct tally_digest *digest, int fd,
                                         struct tally_sha256 *sha256, struct tally_err *err)
{
	const struct tally_kept *kept = tally_store_find(s, digest);
	struct tally_unpacker *u = NULL;
	enum tally_status st;

	if (!kept && is_nothing(s, digest)) {
		if (sha256)
			tally_sha256_of(sha256, "", 0);
		return TALLY_OK;
	}
	if (!kept || kept->method == TALLY_KEPT_EARLIER)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_NOT_KEPT,
		                     "this content is not kept in the snapshot");
	st = tally_unpacker_new(&u, &s->meta.key, sha256 != NULL, err);
	if (st == TALLY_OK)
		st = tally_unpacker_run(u, s, kept, fd, sha256, err);
	tally_unpacker_free(u);
	return st;
}
