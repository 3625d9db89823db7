/* Long contents in a few words: see digest_words.h. */
#include "formats/digest_words.h"

#include <stdio.h>
#include <string.h>

#include "core/hash.h"

enum {
	DIGITS = 16,  /* of a digest: enough to tell two contents apart */
	WHOLE = 2000, /* bytes of a text that is told whole, */
	BEGIN = 200,  /* and of the beginning of one that is not */
};

bool tally_digest_words(struct tally_buf *out, const void *bytes, size_t len)
{
	char digest[TALLY_DIGEST_TEXT_MAX], size[40];
	struct tally_sha256 sum;

	tally_sha256_of(&sum, len ? bytes : "", len);
	tally_sha256_text(digest, &sum);
	digest[strlen("sha256:") + DIGITS] = '\0';
	snprintf(size, sizeof size, ", %zu byte%s, ", len, len == 1 ? "" : "s");
	return tally_buf_text(out, size) && tally_buf_text(out, digest);
}

bool tally_short_words(struct tally_buf *out, const char *text, size_t len)
{
	size_t n = BEGIN;

	if (len <= WHOLE)
		return tally_buf_add(out, text, len);
	while (n && ((unsigned char)text[n] & 0xC0) == 0x80)
		n--;
	return tally_buf_add(out, text, n) && tally_buf_text(out, " \xe2\x80\xa6") &&
	       tally_digest_words(out, text, len);
}
