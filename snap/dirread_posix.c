/* Names of a folder by readdir, for systems without anything better. */
#include "snap/dirread.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/fault.h"
#include "core/mem.h"

struct tally_dirread {
	DIR *dir;
};

enum tally_status tally_dirread_new(struct tally_dirread **out, struct tally_err *err)
{
	*out = tally_alloc_zero(1, sizeof **out);
	return *out ? TALLY_OK : tally_err_nomem(err);
}

static void stop(struct tally_dirread *d)
{
	if (d->dir)
		closedir(d->dir);
	d->dir = NULL;
}

void tally_dirread_free(struct tally_dirread *d)
{
	if (!d)
		return;
	stop(d);
	tally_free(d);
}

enum tally_status tally_dirread_start(struct tally_dirread *d, int fd, struct tally_err *err)
{
	int own;

	stop(d);
	/* closedir closes what fdopendir took, and the caller's descriptor is not ours */
	own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (own < 0)
		return tally_err_sys(err, TALLY_SKIP, "listing a folder", NULL, errno);
	d->dir = fdopendir(own);
	if (!d->dir) {
		int sys = errno;

		close(own);
		return tally_err_sys(err, TALLY_SKIP, "listing a folder", NULL, sys);
	}
	rewinddir(d->dir); /* the position is shared with the descriptor */
	return TALLY_OK;
}

static int is_dots(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

enum tally_status tally_dirread_next(struct tally_dirread *d, struct tally_dirent *entry,
                                     struct tally_err *err)
{
	const struct dirent *found;

	if (tally_fault_hit(TALLY_FAULT_READ)) {
		stop(d);
		return tally_err_sys(err, TALLY_SKIP, "listing a folder", NULL, EIO);
	}
	do {
		errno = 0;
		found = readdir(d->dir);
	} while (found && is_dots(found->d_name));
	if (!found) {
		int sys = errno;

		stop(d);
		return sys ? tally_err_sys(err, TALLY_SKIP, "listing a folder", NULL, sys)
		           : TALLY_END;
	}
	entry->name = found->d_name;
	entry->len = strlen(found->d_name);
	entry->inode = found->d_ino;
	entry->type = TALLY_TYPE_UNKNOWN; /* POSIX has no d_type */
	return TALLY_OK;
}
