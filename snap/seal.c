/* Seals: a flat list of lengths and bytes, hashed once at the end. */
#include "snap/seal.h"

#include <string.h>

#include "core/mem.h"

/* 32 bytes for each half MiB of entries: no snapshot that fits a disk comes near. */
static const size_t list_most = (size_t)1 << 30;

void tally_seal_init(struct tally_seal *seal, const char *what)
{
	tally_buf_init(&seal->list, list_most);
	seal->failed = false;
	tally_seal_text(seal, what);
}

void tally_seal_release(struct tally_seal *seal)
{
	tally_buf_release(&seal->list);
}

void tally_seal_number(struct tally_seal *seal, uint64_t number)
{
	unsigned char out[8];

	for (size_t i = 0; i < sizeof out; i++)
		out[i] = (unsigned char)(number >> 8 * i);
	if (!tally_buf_add(&seal->list, out, sizeof out))
		seal->failed = true;
}

void tally_seal_bytes(struct tally_seal *seal, const void *bytes, size_t len)
{
	tally_seal_number(seal, len);
	if (!tally_buf_add(&seal->list, bytes, len))
		seal->failed = true;
}

void tally_seal_text(struct tally_seal *seal, const char *text)
{
	tally_seal_bytes(seal, text, strlen(text));
}

void tally_seal_row(struct tally_seal *seal, const void *bytes, size_t len)
{
	struct tally_sha256 sha;

	tally_sha256_of(&sha, bytes, len);
	tally_seal_bytes(seal, sha.bytes, sizeof sha.bytes);
}

bool tally_seal_finish(const struct tally_seal *seal, struct tally_sha256 *out)
{
	if (seal->failed)
		return false;
	tally_sha256_of(out, seal->list.bytes, seal->list.len);
	return true;
}
