/* Digests: known answers, and the same ones however the bytes are cut. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"

static void is_sha256(const struct tally_sha256 *d, const char *text)
{
	char out[TALLY_DIGEST_TEXT_MAX];

	tally_sha256_text(out, d);
	cr_expect_str_eq(out, text);
}

Test(hash, sha256_gives_the_answers_of_the_standard)
{
	struct tally_sha256 d;
	char *million = malloc(1000000);

	tally_sha256_of(&d, "", 0);
	is_sha256(&d, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	tally_sha256_of(&d, "abc", 3);
	is_sha256(&d, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	memset(million, 'a', 1000000);
	tally_sha256_of(&d, million, 1000000);
	is_sha256(&d, "sha256:cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	free(million);
}

Test(hash, pieces_give_the_digests_of_the_whole_and_a_hasher_is_used_again)
{
	static const char text[] = "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789";
	struct tally_digest whole, d;
	struct tally_sha256 whole_sha, sha;
	struct tally_hasher *h = NULL;
	struct tally_key key;

	tally_key_from_seed(&key, 1);
	tally_digest_of(&whole, &key, text, sizeof text);
	tally_sha256_of(&whole_sha, text, sizeof text);
	cr_assert_eq(tally_hasher_new(&h, &key, true, NULL), TALLY_OK);
	for (size_t cut = 0; cut <= sizeof text; cut++) {
		tally_hasher_start(h);
		tally_hasher_add(h, text, cut);
		tally_hasher_add(h, text + cut, sizeof text - cut);
		tally_hasher_finish(h, &d, &sha);
		cr_expect_eq(memcmp(&d, &whole, sizeof d), 0, "cut at %zu", cut);
		cr_expect_eq(memcmp(&sha, &whole_sha, sizeof sha), 0, "cut at %zu", cut);
	}
	tally_hasher_free(h);
}
