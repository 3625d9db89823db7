/**
 * Memory: allocation that tests can make fail, and arithmetic on sizes that cannot wrap.
 */
#ifndef TALLY_CORE_MEM_H
#define TALLY_CORE_MEM_H

#include <stdbool.h>
#include <stddef.h>

/** malloc; NULL when there is none. Zero bytes give a pointer that may be freed. */
void *tally_alloc(size_t size);

/** calloc with a checked product. */
void *tally_alloc_zero(size_t count, size_t size);

/** realloc with a checked product; the old block stays valid on NULL. */
void *tally_realloc(void *old, size_t count, size_t size);

/** A copy of @len bytes with a NUL behind them, yours to tally_free. */
char *tally_dup(const void *bytes, size_t len);

/** free; NULL is fine. */
void tally_free(void *p);

/**
 * Say that a large block will be filled soon and read often: where the system can, it is backed by large pages, which
 * saves a fault every 4 KiB. Only a hint.
 */
void tally_mem_large(void *block, size_t size);

/**
 * Whole pages of a mapped file that will not be looked at soon need not be in memory; their bytes come back from the file when
 * they are. Only a hint.
 */
void tally_mem_drop(void *block, size_t size);

/**
 * Who is asked once memory ended in a library that goes on by throwing, before it gives back what it had: whatever runs beside it
 * would have that bit by bit, each after long attempts to get more. It need not return. NULL: nobody
 */
void tally_mem_on_end(void (*fn)(void));
void tally_mem_ended(void);

/** *out = a + b. @return false when it does not fit */
static inline bool tally_size_add(size_t a, size_t b, size_t *out)
{
	return !__builtin_add_overflow(a, b, out);
}

/** *out = a * b. @return false when it does not fit */
static inline bool tally_size_mul(size_t a, size_t b, size_t *out)
{
	return !__builtin_mul_overflow(a, b, out);
}

/**
 * Make room for one more element in a growing array: doubles, starting at 16.
 * @items  address of the array pointer; @cap of its capacity; both changed on success
 * @used   elements in use; @size of one element
 * @return false when there is no memory; the array is as before
 */
bool tally_grow(void *items, size_t *cap, size_t used, size_t size);

#endif
