/* Metadata by fstatat, for systems without statx. */
#include "snap/filestat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static enum tally_entry_type type_of(mode_t mode)
{
	if (S_ISREG(mode))
		return TALLY_TYPE_FILE;
	if (S_ISDIR(mode))
		return TALLY_TYPE_DIR;
	if (S_ISLNK(mode))
		return TALLY_TYPE_SYMLINK;
	if (S_ISFIFO(mode))
		return TALLY_TYPE_FIFO;
	if (S_ISSOCK(mode))
		return TALLY_TYPE_SOCKET;
	if (S_ISCHR(mode))
		return TALLY_TYPE_CHARDEV;
	return S_ISBLK(mode) ? TALLY_TYPE_BLOCKDEV : TALLY_TYPE_UNKNOWN;
}

static int64_t nanoseconds(struct timespec t)
{
	/* hostile file systems have times that do not fit; they wrap, and compare equal to themselves */
	return (int64_t)((uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec);
}

static void from_stat(struct tally_filestat *out, const struct stat *s)
{
	*out = (struct tally_filestat){
		.type = type_of(s->st_mode),
		.mode = (uint32_t)s->st_mode & 07777U,
		.uid = (uint32_t)s->st_uid,
		.gid = (uint32_t)s->st_gid,
		.nlink = (uint32_t)s->st_nlink,
		.size = (uint64_t)s->st_size,
		.blocks = (uint64_t)s->st_blocks,
		.inode = (uint64_t)s->st_ino,
		.device = (uint64_t)s->st_dev,
#ifdef __APPLE__
		.mtime_ns = nanoseconds(s->st_mtimespec),
		.ctime_ns = nanoseconds(s->st_ctimespec),
		.offline = (s->st_flags & SF_DATALESS) != 0,
#else
		.mtime_ns = nanoseconds(s->st_mtim),
		.ctime_ns = nanoseconds(s->st_ctim),
#endif
	};
}

int tally_filestat_at(int dir, const char *name, struct tally_filestat *out)
{
	struct stat s;

	if (fstatat(dir, name, &s, AT_SYMLINK_NOFOLLOW))
		return errno;
	from_stat(out, &s);
	return 0;
}

int tally_filestat_fd(int fd, struct tally_filestat *out)
{
	struct stat s;

	if (fstat(fd, &s))
		return errno;
	from_stat(out, &s);
	return 0;
}

int tally_filestat_open(int dir, const char *name)
{
	return openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

int tally_filestat_open_dir(int dir, const char *name)
{
	return openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

int tally_filestat_open_root(const char *path, bool list)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);

#ifdef O_SEARCH
	if (fd < 0 && errno == EACCES && !list)
		fd = open(path, O_SEARCH | O_DIRECTORY | O_CLOEXEC);
#else
	(void)list;
#endif
	return fd;
}

void tally_filestat_filesystem(int fd, char *out, size_t size)
{
	(void)fd; /* POSIX knows no names of file systems */
	snprintf(out, size, "unknown");
}
