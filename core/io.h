/**
 * Reads and writes on descriptors: restarted after signals, complete, and with a point where a test can make them fail.
 */
#ifndef TALLY_CORE_IO_H
#define TALLY_CORE_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** read(2), restarted after EINTR. @return bytes, 0 at the end, -1 with errno */
ssize_t tally_io_read(int fd, void *buf, size_t len);

/** pread(2), restarted after EINTR. @return bytes, 0 at the end, -1 with errno */
ssize_t tally_io_pread(int fd, void *buf, size_t len, uint64_t offset);

/** Write all of it. @return 0, or -1 with errno */
int tally_io_write_all(int fd, const void *buf, size_t len);

/** The same at a place of a file, whose position does not matter and does not move. */
int tally_io_pwrite_all(int fd, const void *buf, size_t len, uint64_t offset);

#endif
