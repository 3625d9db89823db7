/* A file without a name, on disk: made, opened and unlinked at once. */
#include "receipt/content.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int tally_scratch_fd(void)
{
	const char *dir = getenv("TMPDIR");
	char path[4096];
	int fd;

	if (snprintf(path, sizeof path, "%s/tally-XXXXXX", dir && *dir ? dir : "/tmp") >=
	    (int)sizeof path)
		return -1;
	fd = mkstemp(path);
	if (fd < 0)
		return -1;
	unlink(path);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}
