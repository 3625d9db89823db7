/* Allocation behind core/mem.h: the C library's, with a point where a test can make it fail. */
#include "core/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/fault.h"

void *tally_alloc(size_t size)
{
	if (tally_fault_hit(TALLY_FAULT_ALLOC))
		return NULL;
	return malloc(size ? size : 1);
}

void *tally_alloc_zero(size_t count, size_t size)
{
	if (tally_fault_hit(TALLY_FAULT_ALLOC))
		return NULL;
	return calloc(count ? count : 1, size ? size : 1);
}

void *tally_realloc(void *old, size_t count, size_t size)
{
	size_t bytes;

	if (!tally_size_mul(count, size, &bytes) || tally_fault_hit(TALLY_FAULT_ALLOC))
		return NULL;
	return realloc(old, bytes ? bytes : 1);
}

char *tally_dup(const void *bytes, size_t len)
{
	char *copy = len < SIZE_MAX ? tally_alloc(len + 1) : NULL;

	if (!copy)
		return NULL;
	if (len)
		memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

void tally_free(void *p)
{
	free(p);
}

bool tally_grow(void *items, size_t *cap, size_t used, size_t size)
{
	void **array = items;
	size_t want = *cap ? *cap : 8;
	void *grown;

	if (used < *cap)
		return true;
	if (!tally_size_mul(want, 2, &want))
		return false;
	grown = tally_realloc(*array, want, size);
	if (!grown)
		return false;
	*array = grown;
	*cap = want;
	return true;
}

static void (*on_end)(void);

void tally_mem_on_end(void (*fn)(void))
{
	on_end = fn;
}

void tally_mem_ended(void)
{
	if (on_end)
		on_end();
}
