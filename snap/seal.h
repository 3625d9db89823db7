/**
 * Seal: a SHA-256 over a list of things, each with its length, so that no two lists look alike. Large rows enter by their
 * own SHA-256, which lets a reader check them one by one.
 */
#ifndef TALLY_SNAP_SEAL_H
#define TALLY_SNAP_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/hash.h"

/** Begin with tally_seal_init. Running out of memory sticks and is told at the end. */
struct tally_seal {
	struct tally_buf list;
	bool failed;
};

/** @what  says what is sealed, so that one kind of seal never passes for another */
void tally_seal_init(struct tally_seal *seal, const char *what);
void tally_seal_release(struct tally_seal *seal);

/** Bytes as they are, with their length; a number. */
void tally_seal_bytes(struct tally_seal *seal, const void *bytes, size_t len);
void tally_seal_text(struct tally_seal *seal, const char *text);
void tally_seal_number(struct tally_seal *seal, uint64_t number);

/** A large row, by its SHA-256. */
void tally_seal_row(struct tally_seal *seal, const void *bytes, size_t len);

/** @return false: no memory at some point, @out is not filled */
bool tally_seal_finish(const struct tally_seal *seal, struct tally_sha256 *out);

#endif
