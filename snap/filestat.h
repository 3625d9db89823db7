/**
 * What the system knows about one name or open file, and opening by the rules for hostile folders: relative to an open
 * folder, never through a symbolic link, never waiting for a pipe.
 *
 * filestat_linux.c uses statx, which also tells mount points and mounts that would happen on access; filestat_posix.c
 * does what fstatat can do.
 */
#ifndef TALLY_SNAP_FILESTAT_H
#define TALLY_SNAP_FILESTAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/tree.h"

struct tally_filestat {
	enum tally_entry_type type;
	uint32_t mode; /**< 07777 */
	uint32_t uid, gid, nlink;
	uint64_t size, blocks; /**< blocks of 512 bytes */
	uint64_t inode, device;
	int64_t mtime_ns, ctime_ns;
	bool mount_point; /**< something is mounted here, or would be on access (where the system tells; otherwise compare devices) */
	/**
	 * The content is not on this machine and reading would fetch it. Hook for systems that tell (macOS: SF_DATALESS,
	 * Windows: FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS); Linux has no attribute for it.
	 */
	bool offline;
};

/** By name; a link is not followed, and an automount is not triggered. @return 0, or an errno */
int tally_filestat_at(int dir, const char *name, struct tally_filestat *out);

/** Of an open file or folder. @return 0, or an errno */
int tally_filestat_fd(int fd, struct tally_filestat *out);

/**
 * Open a regular file for reading (O_NOFOLLOW, O_NONBLOCK, without changing its access time where that is possible).
 * @return descriptor, or -1 with errno
 */
int tally_filestat_open(int dir, const char *name);

/** Open a folder for listing and as a base for what is in it. @return descriptor, or -1 with errno */
int tally_filestat_open_dir(int dir, const char *name);

/**
 * Open a folder by the path that the user gave, links followed.
 * @list  for listing; otherwise the permission to search it is enough (where the system has such a thing)
 * @return descriptor, or -1 with errno
 */
int tally_filestat_open_root(const char *path, bool list);

/** The type of the file system that an open file lies on ("ext4"), or "unknown". */
void tally_filestat_filesystem(int fd, char *out, size_t size);

/** The same file, unchanged as far as its numbers tell? */
static inline bool tally_filestat_same(const struct tally_filestat *a, const struct tally_filestat *b)
{
	return a->size == b->size && a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns &&
	       a->inode == b->inode && a->device == b->device;
}

#endif
