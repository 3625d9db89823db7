/* Extents where POSIX has no word for them: SEEK_DATA and SEEK_HOLE if the system brings them, otherwise all is data. */
#include "snap/extents.h"

#include <errno.h>
#include <unistd.h>

#if defined(SEEK_DATA) && defined(SEEK_HOLE)
int tally_extent_next(int fd, uint64_t from, uint64_t size, struct tally_extent *out)
{
	off_t data, hole;

	if (from >= size)
		return 0;
	data = lseek(fd, (off_t)from, SEEK_DATA);
	if (data < 0 && errno == ENXIO)
		return 0;
	if (data < 0) {
		*out = (struct tally_extent){ from, size - from };
		return errno == EINVAL || errno == ENOTSUP ? 1 : -1;
	}
	if ((uint64_t)data >= size)
		return 0;
	hole = lseek(fd, data, SEEK_HOLE);
	if (hole <= data || (uint64_t)hole > size)
		hole = (off_t)size;
	*out = (struct tally_extent){ (uint64_t)data, (uint64_t)(hole - data) };
	return 1;
}

bool tally_extents_known(void)
{
	return true;
}
#else
int tally_extent_next(int fd, uint64_t from, uint64_t size, struct tally_extent *out)
{
	(void)fd;
	*out = (struct tally_extent){ from, from < size ? size - from : 0 };
	return from < size;
}

bool tally_extents_known(void)
{
	return false;
}
#endif
