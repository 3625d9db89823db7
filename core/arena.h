/**
 * Arena: many small allocations that live and die together. One arena serves one unit of work (a file, a table, a
 * comparison) and is passed as a parameter.
 */
#ifndef TALLY_CORE_ARENA_H
#define TALLY_CORE_ARENA_H

#include <stddef.h>

struct tally_arena_block;

/** Embed or put on the stack; start with TALLY_ARENA_INIT or tally_arena_init. */
struct tally_arena {
	struct tally_arena_block *blocks; /**< newest first */
	char *at;                         /**< next free byte of the newest block */
	char *end;                        /**< its end */
	size_t used;                      /**< bytes handed out, for limits and statistics */
	size_t max;                       /**< ceiling for used; 0 is none */
};

#define TALLY_ARENA_INIT               \
	{                              \
		NULL, NULL, NULL, 0, 0 \
	}

/** @max  most bytes it will hand out; 0 is no ceiling */
void tally_arena_init(struct tally_arena *arena, size_t max);

/** Give everything back; the arena can be used again. */
void tally_arena_release(struct tally_arena *arena);

/** @return @size bytes aligned for any type, owned by the arena; NULL when there is no memory or the ceiling is met */
void *tally_arena_alloc(struct tally_arena *arena, size_t size);

/** The same, zeroed, for @count elements; the product is checked. */
void *tally_arena_zero(struct tally_arena *arena, size_t count, size_t size);

/** @return @size bytes without alignment, for text, or NULL */
char *tally_arena_bytes(struct tally_arena *arena, size_t size);

/** Without alignment, for text. @return a copy of @len bytes with a NUL behind them, or NULL */
char *tally_arena_dup(struct tally_arena *arena, const void *bytes, size_t len);

/** printf into the arena; NULL when there is no memory. */
char *tally_arena_printf(struct tally_arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
