/* Files without a name: in memory, and on disk where no name is ever made (O_TMPFILE). */
#define _GNU_SOURCE
#include "receipt/content.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "receipt/scratch_named.h"

int tally_scratch_fd(void)
{
	return memfd_create("tally", MFD_CLOEXEC);
}

static bool is_in_memory(const char *folder)
{
	struct statfs fs;

	return statfs(folder, &fs) == 0 && (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC);
}

/* Not every file system has O_TMPFILE. */
static int without_name(const char *folder)
{
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	return fd >= 0 ? fd : tally_scratch_named(folder);
}

int tally_scratch_disk(const char *folder)
{
	const char *const folders[] = { folder, getenv("TMPDIR"), "/var/tmp", "/tmp" };
	int fd = -1;

	for (int memory = 0; memory < 2 && fd < 0; memory++)
		for (size_t i = 0; i < sizeof folders / sizeof *folders && fd < 0; i++)
			if (folders[i] && *folders[i] && is_in_memory(folders[i]) == memory)
				fd = without_name(folders[i]);
	return fd;
}

void tally_pipe_widen(int fd, int bytes)
{
	fcntl(fd, F_SETPIPE_SZ, bytes);
}
