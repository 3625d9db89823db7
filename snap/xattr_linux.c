/* Extended attributes: Linux's calls. */
#define _GNU_SOURCE
#include "snap/xattr.h"

#include <sys/xattr.h>

ssize_t tally_xattr_list(int fd, char *names, size_t size)
{
	return flistxattr(fd, names, size);
}

ssize_t tally_xattr_get(int fd, const char *name, void *value, size_t size)
{
	return fgetxattr(fd, name, value, size);
}
