/* Metadata by statx and fstat, opening without a trace in the access time. */
#define _GNU_SOURCE
#include "snap/filestat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x00002000
#endif

static enum tally_entry_type type_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return TALLY_TYPE_FILE;
	case S_IFDIR:
		return TALLY_TYPE_DIR;
	case S_IFLNK:
		return TALLY_TYPE_SYMLINK;
	case S_IFIFO:
		return TALLY_TYPE_FIFO;
	case S_IFSOCK:
		return TALLY_TYPE_SOCKET;
	case S_IFCHR:
		return TALLY_TYPE_CHARDEV;
	case S_IFBLK:
		return TALLY_TYPE_BLOCKDEV;
	default:
		return TALLY_TYPE_UNKNOWN;
	}
}

static int64_t nanoseconds(int64_t seconds, uint32_t rest)
{
	/* hostile file systems have times that do not fit; they wrap, and compare equal to themselves */
	return (int64_t)((uint64_t)seconds * UINT64_C(1000000000) + rest);
}

static void from_statx(struct tally_filestat *out, const struct statx *x)
{
	*out = (struct tally_filestat){
		.type = type_of(x->stx_mode),
		.mode = x->stx_mode & 07777U,
		.uid = x->stx_uid,
		.gid = x->stx_gid,
		.nlink = x->stx_nlink,
		.size = x->stx_size,
		.blocks = x->stx_blocks,
		.inode = x->stx_ino,
		.device = makedev(x->stx_dev_major, x->stx_dev_minor),
		.mtime_ns = nanoseconds(x->stx_mtime.tv_sec, x->stx_mtime.tv_nsec),
		.ctime_ns = nanoseconds(x->stx_ctime.tv_sec, x->stx_ctime.tv_nsec),
		.mount_point = (x->stx_attributes &
		                (STATX_ATTR_MOUNT_ROOT | STATX_ATTR_AUTOMOUNT)) != 0,
	};
}

static void from_stat(struct tally_filestat *out, const struct stat *s)
{
	*out = (struct tally_filestat){
		.type = type_of(s->st_mode),
		.mode = s->st_mode & 07777U,
		.uid = s->st_uid,
		.gid = s->st_gid,
		.nlink = (uint32_t)s->st_nlink,
		.size = (uint64_t)s->st_size,
		.blocks = (uint64_t)s->st_blocks,
		.inode = s->st_ino,
		.device = s->st_dev,
		.mtime_ns = nanoseconds(s->st_mtim.tv_sec, (uint32_t)s->st_mtim.tv_nsec),
		.ctime_ns = nanoseconds(s->st_ctim.tv_sec, (uint32_t)s->st_ctim.tv_nsec),
	};
}

int tally_filestat_at(int dir, const char *name, struct tally_filestat *out)
{
	struct statx x;
	struct stat s;

	if (!statx(dir, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &x)) {
		from_statx(out, &x);
		return 0;
	}
	/* kernels and sandboxes without statx */
	if (errno != ENOSYS && errno != EPERM)
		return errno;
	if (fstatat(dir, name, &s, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT))
		return errno;
	from_stat(out, &s);
	return 0;
}

/* The C library's fstat looks up an empty path on some versions, which kernels before 6.11 really do; twice a file adds up. */
static int plain_fstat(int fd, struct stat *s)
{
#if defined(SYS_fstat) && (defined(__x86_64__) || defined(__aarch64__)) && defined(__LP64__)
	return (int)syscall(SYS_fstat, fd, s);
#else
	return fstat(fd, s);
#endif
}

int tally_filestat_fd(int fd, struct tally_filestat *out)
{
	struct stat s;

	if (plain_fstat(fd, &s))
		return errno;
	from_stat(out, &s);
	return 0;
}

int tally_filestat_open(int dir, const char *name)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
	/* O_NOATIME is for the owner (and root); remember the last answer, most folders have one owner */
	static _Thread_local bool refused;
	int fd = openat(dir, name, refused ? flags : flags | O_NOATIME);

	if (fd >= 0 || errno != EPERM || refused)
		return fd;
	fd = openat(dir, name, flags);
	refused = fd >= 0;
	return fd;
}

int tally_filestat_open_dir(int dir, const char *name)
{
	return openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

int tally_filestat_open_root(const char *path, bool list)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 && errno == EACCES && !list)
		fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd;
}

void tally_filestat_filesystem(int fd, char *out, size_t size)
{
	/* magic numbers of statfs(2) */
	static const struct {
		long magic;
		const char *name;
	} types[] = {
		{ 0xEF53, "ext4" },         { 0x58465342, "xfs" },      { 0x9123683E, "btrfs" },
		{ 0x01021994, "tmpfs" },    { 0x2FC12FC1, "zfs" },      { 0xF2F52010, "f2fs" },
		{ 0x6969, "nfs" },          { 0xFF534D42, "cifs" },     { 0xFE534D42, "smb" },
		{ 0x65735546, "fuse" },     { 0x794C7630, "overlay" },  { 0x4D44, "vfat" },
		{ 0x2011BAB0, "exfat" },    { 0x5346544E, "ntfs" },     { 0x7366746E, "ntfs" },
		{ 0x01021997, "9p" },       { 0x73717368, "squashfs" }, { 0x9660, "iso9660" },
		{ 0xCA451A4E, "bcachefs" }, { 0xE0F5E1E2, "erofs" },    { 0x9FA0, "proc" },
	};
	struct statfs s;

	snprintf(out, size, "unknown");
	if (fstatfs(fd, &s))
		return;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if ((unsigned long)s.f_type == (unsigned long)types[i].magic)
			snprintf(out, size, "%s", types[i].name);
}
