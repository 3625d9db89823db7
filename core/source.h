/**
 * Byte source: what a format reader reads from, be it memory, an open descriptor or a member of a container.
 *
 * A source knows its size where that is known, can be looked into at its beginning without moving, and can be read at any
 * place when it is seekable. Bytes beyond a limit are an error, never a silent cut.
 */
#ifndef TALLY_CORE_SOURCE_H
#define TALLY_CORE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/hash.h"
#include "core/spill.h"

enum {
	TALLY_SOURCE_PEEK = 65536, /**< bytes at the beginning that tally_source_peek may show */
};

struct tally_source;

/** Over @len bytes in memory, borrowed until the source is freed. */
enum tally_status tally_source_memory(struct tally_source **out, const void *bytes, size_t len,
                                      struct tally_err *err);

/**
 * Over an open descriptor of a regular file or memfd, read with pread: its position does not matter and does not move.
 * @fd     borrowed
 * @name   for messages and the suffix, borrowed; may be NULL
 */
enum tally_status tally_source_fd(struct tally_source **out, int fd, const char *name,
                                  struct tally_err *err);

void tally_source_free(struct tally_source *src);

/** The name given, or "". */
const char *tally_source_name(const struct tally_source *src);
void tally_source_set_name(struct tally_source *src, const char *name);

/** Where its reader may put bytes that it has to keep and that are many; borrowed; NULL, as at the start: in memory. */
void tally_source_set_scratch(struct tally_source *src, struct tally_scratch *scratch);
struct tally_scratch *tally_source_scratch(const struct tally_source *src);

/** Bytes in all. */
uint64_t tally_source_size(const struct tally_source *src);

/**
 * The first bytes, without moving: at most TALLY_SOURCE_PEEK, fewer where the content is shorter.
 * @bytes  borrowed until the source is freed
 */
enum tally_status tally_source_peek(struct tally_source *src, const unsigned char **bytes,
                                    size_t *len, struct tally_err *err);

/** Read on. @return bytes, 0 at the end, -1 with *err filled (TALLY_SKIP) */
ssize_t tally_source_read(struct tally_source *src, void *buf, size_t cap, struct tally_err *err);

/** Read at a place without moving. @return like tally_source_read */
ssize_t tally_source_pread(struct tally_source *src, void *buf, size_t cap, uint64_t offset,
                           struct tally_err *err);

/**
 * From now on tally_source_slurp adds the bytes to a hasher while it reads them, so that the digest is of the very bytes that
 * the reader gets.
 * @hasher  borrowed; started by the caller, finished by the caller
 */
void tally_source_tap(struct tally_source *src, struct tally_hasher *hasher);

/**
 * The same for a reader that takes its bytes here and there: reads all of it once, adds it to the hasher, and remembers a
 * digest of each block, so that from then on only the very same bytes can be read. Others are changed_while_reading.
 * @key  for the blocks' digests; copied
 */
enum tally_status tally_source_pin(struct tally_source *src, struct tally_hasher *hasher,
                                   const struct tally_key *key, struct tally_err *err);

/**
 * All of it in memory, with @pad zero bytes behind the end (for vector code that reads over it).
 * @max    more than this is TALLY_SKIP, too_large
 * @bytes  yours to tally_free
 */
enum tally_status tally_source_slurp(struct tally_source *src, uint64_t max, size_t pad,
                                     char **bytes, size_t *len, struct tally_err *err);

/**
 * All of it in a spill, sealed: in the scratch file where there is one. The tap gets its bytes too.
 * @max  more than this is TALLY_SKIP, too_large
 * @out  yours to tally_spill_free
 */
enum tally_status tally_source_spill(struct tally_source *src, uint64_t max,
                                     struct tally_spill **out, struct tally_err *err);

#endif
