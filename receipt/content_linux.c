/* A file without a name, in memory. */
#define _GNU_SOURCE
#include "receipt/content.h"

#include <sys/mman.h>

int tally_scratch_fd(void)
{
	return memfd_create("tally", MFD_CLOEXEC);
}
