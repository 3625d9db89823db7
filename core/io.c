/* Reads and writes: see core/io.h. */
#include "core/io.h"

#include <errno.h>
#include <unistd.h>

#include "core/fault.h"

ssize_t tally_io_read(int fd, void *buf, size_t len)
{
	ssize_t n;

	if (tally_fault_hit(TALLY_FAULT_READ)) {
		errno = EIO;
		return -1;
	}
	do {
		n = read(fd, buf, len);
	} while (n < 0 && errno == EINTR);
	return n;
}

ssize_t tally_io_pread(int fd, void *buf, size_t len, uint64_t offset)
{
	ssize_t n;

	if (tally_fault_hit(TALLY_FAULT_READ)) {
		errno = EIO;
		return -1;
	}
	do {
		n = pread(fd, buf, len, (off_t)offset);
	} while (n < 0 && errno == EINTR);
	return n;
}

int tally_io_write_all(int fd, const void *buf, size_t len)
{
	const char *p = buf;

	if (tally_fault_hit(TALLY_FAULT_WRITE)) {
		errno = ENOSPC;
		return -1;
	}
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int tally_io_pwrite_all(int fd, const void *buf, size_t len, uint64_t offset)
{
	const char *p = buf;

	if (tally_fault_hit(TALLY_FAULT_WRITE)) {
		errno = ENOSPC;
		return -1;
	}
	while (len > 0) {
		ssize_t n = pwrite(fd, p, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}
