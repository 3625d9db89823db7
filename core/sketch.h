/**
 * Similarity sketches: a content as a set of hashed pieces, so that a moved and edited file is found without comparing
 * every pair of files.
 *
 * The pieces are cut by content (a rolling hash decides where), so that an insertion moves only the pieces around it. Of
 * large contents the TALLY_SKETCH_MOST pieces with the smallest hashes are kept (bottom-k), of small ones all. The method is
 * that of A. Broder, "On the resemblance and containment of documents" (1997), with git's diffcore-rename as the model for
 * weighing pieces by their bytes.
 */
#ifndef TALLY_CORE_SKETCH_H
#define TALLY_CORE_SKETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

enum {
	TALLY_SKETCH_MOST = 1024, /**< pieces kept; the estimate's error is about 3 % then */
};

/** What the pieces were taken from; two sketches compare only when they are of one kind. */
enum tally_sketch_kind {
	TALLY_SKETCH_BYTES,   /**< the bytes of the file */
	TALLY_SKETCH_MEMBERS, /**< the unpacked members of a zip-based file */
	TALLY_SKETCH_TEXT,    /**< extracted text */
	TALLY_SKETCH_ARCHIVE, /**< the bytes of an archive that is no zip: like what it holds, and yet no edited version of it */
	TALLY_SKETCH_PICTURE, /**< how light a picture is here and there; bytes stand for what a place has to say */
};

struct tally_piece {
	uint64_t hash;
	uint32_t bytes; /**< how long it is, all equal pieces together (saturating) */
};

struct tally_sketch {
	uint8_t kind; /**< enum tally_sketch_kind */
	bool sampled; /**< only the smallest hashes are here */
	uint32_t count;
	uint64_t total;             /**< bytes it was made from */
	struct tally_piece *pieces; /**< ascending by hash, no hash twice */
};

/** Makes a sketch from bytes that arrive in any portions. */
struct tally_sketcher;

enum tally_status tally_sketcher_new(struct tally_sketcher **out, enum tally_sketch_kind kind,
                                     struct tally_err *err);
void tally_sketcher_free(struct tally_sketcher *s);

/** Go on with these bytes. */
enum tally_status tally_sketcher_add(struct tally_sketcher *s, const void *bytes, size_t len,
                                     struct tally_err *err);

/** End a piece here (a member ends, a paragraph ends). */
enum tally_status tally_sketcher_cut(struct tally_sketcher *s, struct tally_err *err);

/** @out  its pieces are yours: tally_sketch_release */
enum tally_status tally_sketcher_finish(struct tally_sketcher *s, struct tally_sketch *out,
                                        struct tally_err *err);
void tally_sketch_release(struct tally_sketch *sketch);

/** How alike two contents are, in thousandths: shared bytes against the larger one's. 0 for different kinds. */
unsigned tally_sketch_similarity(const struct tally_sketch *a, const struct tally_sketch *b);

#endif
