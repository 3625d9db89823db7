/**
 * Digests of contents: XXH3-128 with a secret of the session, and SHA-256 on request.
 *
 * The secret keeps anybody from preparing two files that look like one content. Comparing digests made with different
 * secrets is a mistake; snapshots carry their secret and are checked for it. Source: https://github.com/Cyan4973/xxHash
 * (XXH3 specification), FIPS 180-4 (SHA-256).
 */
#ifndef TALLY_CORE_HASH_H
#define TALLY_CORE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/err.h"

enum {
	TALLY_SECRET_SIZE = 192, /**< XXH3_SECRET_DEFAULT_SIZE */
	TALLY_DIGEST_SIZE = 16,
	TALLY_SHA256_SIZE = 32,
	TALLY_DIGEST_TEXT_MAX = 80, /**< "sha256:" and 64 digits, with room to spare */
};

/** The secret of a session. */
struct tally_key {
	unsigned char secret[TALLY_SECRET_SIZE];
};

/** Keyed XXH3-128 in canonical (big-endian) order. All zero stands for "not known". */
struct tally_digest {
	unsigned char bytes[TALLY_DIGEST_SIZE];
};

/** SHA-256. */
struct tally_sha256 {
	unsigned char bytes[TALLY_SHA256_SIZE];
};

static inline bool tally_digest_equal(const struct tally_digest *a, const struct tally_digest *b)
{
	return memcmp(a->bytes, b->bytes, TALLY_DIGEST_SIZE) == 0;
}

static inline bool tally_digest_known(const struct tally_digest *d)
{
	static const struct tally_digest none;

	return !tally_digest_equal(d, &none);
}

/** Eight bytes of a digest as a number, for hash tables. */
static inline uint64_t tally_digest_low(const struct tally_digest *d)
{
	uint64_t v;

	memcpy(&v, d->bytes, sizeof v);
	return v;
}

/** A new random secret from the system. @return TALLY_FATAL when the system gives none */
enum tally_status tally_key_random(struct tally_key *key, struct tally_err *err);

/** The fixed secret of tests and golden receipts: @seed 0, 1 … give different ones. */
void tally_key_from_seed(struct tally_key *key, uint64_t seed);

/** One-shot digest of @len bytes. */
void tally_digest_of(struct tally_digest *out, const struct tally_key *key, const void *bytes,
                     size_t len);

/** The digest that stands for a content of which only SHA-256 is known: keyed, so that no two can be prepared to share one. */
void tally_digest_by_sha256(struct tally_digest *out, const struct tally_key *key,
                            const struct tally_sha256 *sha256);

/** A digest in progress; opaque, reused with tally_hasher_start. */
struct tally_hasher;

/**
 * @key     borrowed, must outlive the hasher
 * @sha256  compute SHA-256 as well
 */
enum tally_status tally_hasher_new(struct tally_hasher **out, const struct tally_key *key,
                                   bool sha256, struct tally_err *err);
void tally_hasher_free(struct tally_hasher *h);

/** Begin a content (again). */
void tally_hasher_start(struct tally_hasher *h);
void tally_hasher_add(struct tally_hasher *h, const void *bytes, size_t len);

/** As if @len zero bytes were added (a hole of a sparse file). */
void tally_hasher_add_zeros(struct tally_hasher *h, uint64_t len);

/** @sha256  filled when the hasher computes it; may be NULL */
void tally_hasher_finish(struct tally_hasher *h, struct tally_digest *out,
                         struct tally_sha256 *sha256);

/** SHA-256 of @len bytes. */
void tally_sha256_of(struct tally_sha256 *out, const void *bytes, size_t len);

/** "xxh3k:…" or "sha256:…" in lower-case hex; @out has TALLY_DIGEST_TEXT_MAX bytes. */
void tally_digest_text(char *out, const struct tally_digest *d);
void tally_sha256_text(char *out, const struct tally_sha256 *d);

/** The reverse of tally_digest_text. @return false when @text is not of that form */
bool tally_digest_parse(struct tally_digest *out, const char *text);

/** Hash of a short key (a name, a cell) for tables in memory: XXH3-64, inlined where it is called often. */
uint64_t tally_hash64(const void *bytes, size_t len, uint64_t seed);

#endif
