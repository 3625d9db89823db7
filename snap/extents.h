/**
 * Where a sparse file has data: its extents in order, the rest are holes.
 *
 * extents_linux.c asks with SEEK_DATA and SEEK_HOLE; extents_posix.c does so where the system has them, and otherwise
 * calls everything data.
 */
#ifndef TALLY_SNAP_EXTENTS_H
#define TALLY_SNAP_EXTENTS_H

#include <stdbool.h>
#include <stdint.h>

/** A run of data. */
struct tally_extent {
	uint64_t at, len;
};

/**
 * The next run of data at or behind a place.
 * @fd    its position is moved
 * @size  bytes of the file; nothing behind them is reported
 * @return 1 found, 0 only a hole is left, -1 with errno
 */
int tally_extent_next(int fd, uint64_t from, uint64_t size, struct tally_extent *out);

/** Can holes be told from data at all? Otherwise every file seems to be one run of data. */
bool tally_extents_known(void);

#endif
