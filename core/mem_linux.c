/* Hints on memory behind core/mem.h, by madvise. */
#define _GNU_SOURCE
#include "core/mem.h"

#include <stdint.h>
#include <sys/mman.h>

enum { LARGE_PAGE = 2 << 20, LARGE_MIN = 8 << 20 };

void tally_mem_large(void *block, size_t size)
{
	uintptr_t from = ((uintptr_t)block + LARGE_PAGE - 1) & ~(uintptr_t)(LARGE_PAGE - 1);
	uintptr_t to = ((uintptr_t)block + size) & ~(uintptr_t)(LARGE_PAGE - 1);

	/* whole pages only, so that memory in use never grows by it */
	if (size >= LARGE_MIN && from < to)
		madvise((void *)from, to - from, MADV_HUGEPAGE);
}

void tally_mem_drop(void *block, size_t size)
{
	madvise(block, size, MADV_DONTNEED);
}
