/* Large pages behind core/mem.h: POSIX has no call for them. */
#include "core/mem.h"

void tally_mem_large(void *block, size_t size)
{
	(void)block;
	(void)size;
}
