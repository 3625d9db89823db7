/**
 * Raw deflate in portions, by zlib, which is loaded when it is first needed (core/library.h). Loading it takes a fraction of
 * the time that libarchive and its libraries take, and most zips need no more.
 */
#ifndef TALLY_FORMATS_INFLATE_H
#define TALLY_FORMATS_INFLATE_H

#include <stddef.h>

#include "core/err.h"

struct tally_inflate;

/** @return TALLY_OK; TALLY_SKIP: library_missing; TALLY_FATAL no memory */
enum tally_status tally_inflate_new(struct tally_inflate **out, struct tally_err *err);
void tally_inflate_free(struct tally_inflate *f);

/** Begin a stream. */
void tally_inflate_start(struct tally_inflate *f);

/**
 * Unpack what there is room for.
 * @in, @in_len  packed bytes; moved behind those that were taken
 * @out_len      room at @out; then what was written
 * @return TALLY_OK: go on, with more packed bytes where *in_len is 0; TALLY_END: the stream came to its end; TALLY_SKIP: it
 *         is damaged; TALLY_FATAL no memory
 */
enum tally_status tally_inflate_step(struct tally_inflate *f, const unsigned char **in,
                                     size_t *in_len, unsigned char *out, size_t *out_len);

#endif
