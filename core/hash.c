/* Digests behind core/hash.h: libxxhash through its run-time dispatch where there is one, OpenSSL for SHA-256. */
#include "core/hash.h"

/*
 * SHA-256 through the functions of OpenSSL 1.1, which 3.0 keeps: they need no set-up and cannot fail. The new ones read a
 * configuration file and load a provider first: 1.4 ms of every run.
 */
#define OPENSSL_API_COMPAT 0x10100000L
#include <openssl/sha.h>
#include <stdio.h>
#include <sys/random.h>
#include <errno.h>

#include "core/mem.h"

#if TALLY_HAVE_XXH_DISPATCH
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

_Static_assert(TALLY_SECRET_SIZE >= XXH3_SECRET_SIZE_MIN, "XXH3 wants a longer secret");
_Static_assert(sizeof(XXH128_canonical_t) == TALLY_DIGEST_SIZE, "a digest is a canonical XXH3-128");

struct tally_hasher {
	const struct tally_key *key;
	XXH3_state_t *xxh;
	bool with_sha256;
	SHA256_CTX sha;
};

enum tally_status tally_key_random(struct tally_key *key, struct tally_err *err)
{
	/* getentropy gives at most 256 bytes a call */
	if (getentropy(key->secret, sizeof key->secret) != 0)
		return tally_err_sys(err, TALLY_FATAL, "getting random bytes", NULL, errno);
	return TALLY_OK;
}

void tally_key_from_seed(struct tally_key *key, uint64_t seed)
{
	uint64_t x = seed + UINT64_C(0x9E3779B97F4A7C15);

	/* splitmix64; the order of bytes is fixed, so that golden files hold on every machine */
	for (size_t i = 0; i < sizeof key->secret; i++) {
		uint64_t z = x += UINT64_C(0x9E3779B97F4A7C15);

		z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
		z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
		key->secret[i] = (unsigned char)(z >> 56);
	}
}

static void digest_from(struct tally_digest *out, XXH128_hash_t hash)
{
	XXH128_canonical_t canonical;

	XXH128_canonicalFromHash(&canonical, hash);
	memcpy(out->bytes, canonical.digest, sizeof out->bytes);
}

void tally_digest_of(struct tally_digest *out, const struct tally_key *key, const void *bytes,
                     size_t len)
{
	digest_from(out, XXH3_128bits_withSecret(bytes, len, key->secret, sizeof key->secret));
}

void tally_digest_by_sha256(struct tally_digest *out, const struct tally_key *key,
                            const struct tally_sha256 *sha256)
{
	tally_digest_of(out, key, sha256->bytes, sizeof sha256->bytes);
}

enum tally_status tally_hasher_new(struct tally_hasher **out, const struct tally_key *key,
                                   bool sha256, struct tally_err *err)
{
	struct tally_hasher *h = tally_alloc_zero(1, sizeof *h);

	if (!h)
		return tally_err_nomem(err);
	h->key = key;
	h->xxh = XXH3_createState();
	h->with_sha256 = sha256;
	if (!h->xxh) {
		tally_hasher_free(h);
		return tally_err_nomem(err);
	}
	tally_hasher_start(h);
	*out = h;
	return TALLY_OK;
}

void tally_hasher_free(struct tally_hasher *h)
{
	if (!h)
		return;
	XXH3_freeState(h->xxh);
	tally_free(h);
}

void tally_hasher_start(struct tally_hasher *h)
{
	XXH3_128bits_reset_withSecret(h->xxh, h->key->secret, sizeof h->key->secret);
	if (h->with_sha256)
		SHA256_Init(&h->sha);
}

void tally_hasher_add(struct tally_hasher *h, const void *bytes, size_t len)
{
	XXH3_128bits_update(h->xxh, bytes, len);
	if (h->with_sha256)
		SHA256_Update(&h->sha, bytes, len);
}

void tally_hasher_add_zeros(struct tally_hasher *h, uint64_t len)
{
	static const unsigned char zeros[1 << 16];

	while (len > 0) {
		size_t n = len < sizeof zeros ? (size_t)len : sizeof zeros;

		tally_hasher_add(h, zeros, n);
		len -= n;
	}
}

void tally_hasher_finish(struct tally_hasher *h, struct tally_digest *out, struct tally_sha256 *sha256)
{
	digest_from(out, XXH3_128bits_digest(h->xxh));
	if (h->with_sha256 && sha256)
		SHA256_Final(sha256->bytes, &h->sha);
}

void tally_sha256_of(struct tally_sha256 *out, const void *bytes, size_t len)
{
	SHA256_CTX sha;

	SHA256_Init(&sha);
	SHA256_Update(&sha, bytes, len);
	SHA256_Final(out->bytes, &sha);
}

static void hex_text(char *out, const char *name, const unsigned char *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	out += snprintf(out, TALLY_DIGEST_TEXT_MAX - 2 * len, "%s:", name);
	for (size_t i = 0; i < len; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

void tally_digest_text(char *out, const struct tally_digest *d)
{
	hex_text(out, "xxh3k", d->bytes, sizeof d->bytes);
}

void tally_sha256_text(char *out, const struct tally_sha256 *d)
{
	hex_text(out, "sha256", d->bytes, sizeof d->bytes);
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static bool hex_parse(unsigned char *out, size_t len, const char *name, const char *text)
{
	size_t n = strlen(name);

	if (strncmp(text, name, n) != 0 || text[n] != ':' || strlen(text + n + 1) != 2 * len)
		return false;
	text += n + 1;
	for (size_t i = 0; i < len; i++) {
		int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

bool tally_digest_parse(struct tally_digest *out, const char *text)
{
	return hex_parse(out->bytes, sizeof out->bytes, "xxh3k", text);
}

uint64_t tally_hash64(const void *bytes, size_t len, uint64_t seed)
{
	return XXH3_64bits_withSeed(bytes, len, seed);
}
