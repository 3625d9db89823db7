/**
 * Extended attributes of an open file or folder as one number: a keyed hash over all names and values, sorted by name.
 * On Linux access control lists are among them.
 */
#ifndef TALLY_SNAP_XATTR_H
#define TALLY_SNAP_XATTR_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/err.h"
#include "core/hash.h"

/**
 * @limit   most bytes of names and values
 * @digest  0 when there are none, never 0 when there are
 * @return TALLY_OK; TALLY_SKIP when there may be some that could not be read (permission, limit, read_error); TALLY_FATAL
 */
enum tally_status tally_xattr_digest(int fd, const struct tally_key *key, uint64_t limit,
                                     uint64_t *digest, struct tally_err *err);

/**
 * The system's calls: xattr_linux.c, and xattr_posix.c where there are none.
 * @return bytes (with @size 0: how many there would be), or -1 with errno; ERANGE when @size is too small
 */
ssize_t tally_xattr_list(int fd, char *names, size_t size);
ssize_t tally_xattr_get(int fd, const char *name, void *value, size_t size);

#endif
