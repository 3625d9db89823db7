/* A scratch file made under a name that nobody can guess, and unlinked at once. */
#include "receipt/scratch_named.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int tally_scratch_named(const char *folder)
{
	char path[4096];
	int fd;

	if (snprintf(path, sizeof path, "%s/tally-XXXXXX", folder) >= (int)sizeof path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkstemp(path);
	if (fd < 0)
		return -1;
	unlink(path);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}
