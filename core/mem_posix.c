/* Hints on memory behind core/mem.h: POSIX has no call for large pages. */
#include "core/mem.h"

#include <sys/mman.h>

void tally_mem_large(void *block, size_t size)
{
	(void)block;
	(void)size;
}

void tally_mem_drop(void *block, size_t size)
{
	posix_madvise(block, size, POSIX_MADV_DONTNEED);
}
