/* Extended attributes: POSIX has none. */
#include "snap/xattr.h"

#include <errno.h>

ssize_t tally_xattr_list(int fd, char *names, size_t size)
{
	(void)fd;
	(void)names;
	(void)size;
	return 0;
}

ssize_t tally_xattr_get(int fd, const char *name, void *value, size_t size)
{
	(void)fd;
	(void)name;
	(void)value;
	(void)size;
	errno = ENOTSUP;
	return -1;
}
