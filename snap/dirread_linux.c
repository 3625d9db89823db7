/* Names of a folder by getdents64: no DIR for each folder, and 64 KiB of names a call. */
#define _GNU_SOURCE
#include "snap/dirread.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/fault.h"
#include "core/mem.h"

enum { NAMES_BYTES = 65536 };

/* What the kernel writes, see getdents64(2). */
struct kernel_dirent {
	uint64_t inode;
	int64_t next;
	uint16_t size;
	uint8_t type;
	char name[];
};

struct tally_dirread {
	int fd;
	size_t at, end;
	_Alignas(8) char bytes[NAMES_BYTES];
};

enum tally_status tally_dirread_new(struct tally_dirread **out, struct tally_err *err)
{
	*out = tally_alloc(sizeof **out);
	return *out ? TALLY_OK : tally_err_nomem(err);
}

void tally_dirread_free(struct tally_dirread *d)
{
	tally_free(d);
}

enum tally_status tally_dirread_start(struct tally_dirread *d, int fd, struct tally_err *err)
{
	(void)err;
	d->fd = fd;
	d->at = d->end = 0;
	return TALLY_OK;
}

static enum tally_status fill(struct tally_dirread *d, struct tally_err *err)
{
	long n;

	if (tally_fault_hit(TALLY_FAULT_READ))
		return tally_err_sys(err, TALLY_SKIP, "listing a folder", NULL, EIO);
	do {
		n = syscall(SYS_getdents64, d->fd, d->bytes, sizeof d->bytes);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return tally_err_sys(err, TALLY_SKIP, "listing a folder", NULL, errno);
	d->at = 0;
	d->end = (size_t)n;
	return n ? TALLY_OK : TALLY_END;
}

static enum tally_entry_type type_of(uint8_t type)
{
	switch (type) {
	case DT_REG:
		return TALLY_TYPE_FILE;
	case DT_DIR:
		return TALLY_TYPE_DIR;
	case DT_LNK:
		return TALLY_TYPE_SYMLINK;
	case DT_FIFO:
		return TALLY_TYPE_FIFO;
	case DT_SOCK:
		return TALLY_TYPE_SOCKET;
	case DT_CHR:
		return TALLY_TYPE_CHARDEV;
	case DT_BLK:
		return TALLY_TYPE_BLOCKDEV;
	default:
		return TALLY_TYPE_UNKNOWN;
	}
}

static int is_dots(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

enum tally_status tally_dirread_next(struct tally_dirread *d, struct tally_dirent *entry,
                                     struct tally_err *err)
{
	const struct kernel_dirent *k;

	do {
		enum tally_status st = d->at < d->end ? TALLY_OK : fill(d, err);

		if (st != TALLY_OK)
			return st;
		k = (const struct kernel_dirent *)(const void *)(d->bytes + d->at);
		d->at += k->size;
	} while (is_dots(k->name));
	entry->name = k->name;
	entry->len = strlen(k->name);
	entry->inode = k->inode;
	entry->type = type_of(k->type);
	return TALLY_OK;
}
