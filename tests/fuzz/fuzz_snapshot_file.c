/*
 * Any bytes as a snapshot file: opening, verifying and unpacking must refuse or succeed, and stay within bounds. Half of
 * the inputs are patches to a whole snapshot, because hardly any other bytes get past the header.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "snap/pack.h"
#include "snap/store.h"
#include "support/scratch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned char *whole, *work; /* a sound snapshot, and the copy that is patched */
static size_t whole_size;

static void need(int ok)
{
	if (!ok)
		abort();
}

/* One folder with a file of each kind, two contents, a pattern. */
static void write_whole(const char *path)
{
	static const struct tally_kept texts[] = {
		{ .size = 5, .stored = 5 }, { .size = 2, .stored = 2, .method = TALLY_KEPT_EARLIER }
	};
	struct tally_store_meta meta = {
		.taken_at_ns = 1, .seconds = 1, .host = "h", .user = "u", .filesystem = "f"
	};
	struct tally_entry entries[2] = {
		{ .name = "a",
		  .name_len = 1,
		  .type = TALLY_TYPE_FILE,
		  .proof = TALLY_PROOF_HASHED,
		  .size = 5,
		  .mode = 0644 },
		{ .name = "l",
		  .name_len = 1,
		  .type = TALLY_TYPE_SYMLINK,
		  .target = "a",
		  .size = 1,
		  .reason = TALLY_REASON_PERMISSION },
	};
	struct tally_root root = { "/r", "", false };
	struct tally_pattern pattern = { "*.o", "--exclude", 0, 0 };
	struct tally_walked_dir dir = { .dir = { .path = "", .count = 2, .mode = 0755 } };
	struct tally_walked walked = { .dirs = &dir,
		                       .dir_count = 1,
		                       .roots = &root,
		                       .root_count = 1,
		                       .patterns = &pattern,
		                       .pattern_count = 1 };
	struct tally_store_writer *w;
	struct tally_buf buf;

	tally_key_from_seed(&meta.key, 1);
	tally_digest_of(&entries[0].digest, &meta.key, "alpha", 5);
	tally_buf_init(&buf, 1 << 20);
	need(tally_pack_encode(&buf, entries, 2, NULL) == TALLY_OK);
	dir.packed = (unsigned char *)buf.bytes;
	dir.packed_len = buf.len;
	need(tally_store_create(&w, path, &meta.key, NULL) == TALLY_OK);
	need(tally_store_entries(w, &walked, NULL) == TALLY_OK);
	need(tally_store_chunk(w, "alpha", 5, NULL) == TALLY_OK);
	for (size_t i = 0; i < 2; i++) {
		struct tally_kept kept = texts[i];

		tally_digest_of(&kept.digest, &meta.key, i ? "xy" : "alpha", (size_t)kept.size);
		need(tally_store_kept(w, &kept, NULL) == TALLY_OK);
	}
	meta.entries = 2;
	meta.files = meta.hashed = 1;
	meta.bytes = 5;
	need(tally_store_seal(w, &meta, NULL) == TALLY_OK);
	need(tally_store_place(w, true, NULL) == TALLY_OK);
	tally_store_writer_free(w);
	tally_buf_release(&buf);
}

static void make_whole(void)
{
	struct scratch folder = { 0 };

	scratch_make(&folder);
	write_whole(scratch_path(&folder, "x"));
	whole = scratch_slurp(scratch_path(&folder, "x"), &whole_size);
	work = malloc(whole_size);
	need(whole_size > 0 && work);
	scratch_remove(&folder);
}

static void count(void *payload, const char *message)
{
	*(size_t *)payload += message[0] != '\0';
}

static void read_all(const struct tally_snapshot *s)
{
	static int null = -1;

	if (null < 0)
		null = open("/dev/null", O_WRONLY);
	for (uint32_t i = 0; i < s->tree->entry_count; i++)
		tally_snapshot_content(s, &s->tree->entries[i].digest, null, NULL, NULL);
}

static void try(const void *bytes, size_t size)
{
	const struct tally_store_place place = { .path = "", .shown = "x", .bytes = bytes, .len = size };
	struct tally_snapshot *s = NULL;
	struct tally_err err = { 0 };
	size_t problems = 0;
	enum tally_status st = tally_store_load(&s, &place, &err), all;

	need(st == TALLY_OK || (st < 0 && err.message[0]));
	all = tally_store_verify(&place, count, &problems, &err);
	need(st == TALLY_OK || all < 0);
	need(all == TALLY_OK || problems > 0 || all == TALLY_FATAL);
	if (s)
		read_all(s);
	tally_snapshot_close(s);
}

/* Patches: place (3 bytes), length (1 byte), that many bytes. */
static void patch(const uint8_t *data, size_t size)
{
	memcpy(work, whole, whole_size);
	while (size > 4) {
		size_t at = ((size_t)data[0] << 16 | (size_t)data[1] << 8 | data[2]) % whole_size;
		size_t len = data[3] % 32 + 1;

		data += 4;
		size -= 4;
		if (len > size)
			len = size;
		if (len > whole_size - at)
			len = whole_size - at;
		memcpy(work + at, data, len);
		data += len;
		size -= len;
	}
	try(work, whole_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!whole)
		make_whole();
	if (size > 0 && data[0] % 2)
		patch(data + 1, size - 1);
	else if (size > 1)
		try(data + 1, size - 1);
	return 0;
}
