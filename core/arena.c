/* Arena: blocks that double up to 1 MiB; a request larger than that gets a block of its own. */
#include "core/arena.h"

#include <stdarg.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"

enum { BLOCK_FIRST = 4096, BLOCK_MOST = 1 << 20 };

struct tally_arena_block {
	struct tally_arena_block *older;
	size_t size;
	alignas(max_align_t) char bytes[];
};

void tally_arena_init(struct tally_arena *arena, size_t max)
{
	*arena = (struct tally_arena)TALLY_ARENA_INIT;
	arena->max = max;
}

void tally_arena_release(struct tally_arena *arena)
{
	struct tally_arena_block *b = arena->blocks;

	while (b) {
		struct tally_arena_block *older = b->older;

		tally_free(b);
		b = older;
	}
	tally_arena_init(arena, arena->max);
}

static bool add_block(struct tally_arena *arena, size_t need)
{
	size_t size = arena->blocks ? arena->blocks->size * 2 : BLOCK_FIRST;
	struct tally_arena_block *b;

	if (size > BLOCK_MOST)
		size = BLOCK_MOST;
	if (size < need)
		size = need;
	if (size > SIZE_MAX - sizeof *b)
		return false;
	b = tally_alloc(sizeof *b + size);
	if (!b)
		return false;
	b->older = arena->blocks;
	b->size = size;
	arena->blocks = b;
	arena->at = b->bytes;
	arena->end = b->bytes + size;
	return true;
}

static char *take(struct tally_arena *arena, size_t size, size_t align)
{
	size_t pad = arena->at ? (size_t)(-(uintptr_t)arena->at & (align - 1)) : 0;
	char *p;

	if (arena->max && (size > arena->max || arena->used > arena->max - size))
		return NULL;
	if (!arena->at || (size_t)(arena->end - arena->at) < pad ||
	    (size_t)(arena->end - arena->at) - pad < size) {
		if (!add_block(arena, size))
			return NULL;
		pad = 0;
	}
	p = arena->at + pad;
	arena->at = p + size;
	arena->used += size;
	return p;
}

void *tally_arena_alloc(struct tally_arena *arena, size_t size)
{
	return take(arena, size, alignof(max_align_t));
}

void *tally_arena_zero(struct tally_arena *arena, size_t count, size_t size)
{
	size_t bytes;
	void *p;

	if (!tally_size_mul(count, size, &bytes))
		return NULL;
	p = tally_arena_alloc(arena, bytes);
	if (p)
		memset(p, 0, bytes);
	return p;
}

char *tally_arena_bytes(struct tally_arena *arena, size_t size)
{
	return take(arena, size, 1);
}

char *tally_arena_dup(struct tally_arena *arena, const void *bytes, size_t len)
{
	char *p = len < SIZE_MAX ? take(arena, len + 1, 1) : NULL;

	if (!p)
		return NULL;
	if (len)
		memcpy(p, bytes, len);
	p[len] = '\0';
	return p;
}

char *tally_arena_printf(struct tally_arena *arena, const char *format, ...)
{
	va_list args;
	char *p = NULL;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n >= 0)
		p = take(arena, (size_t)n + 1, 1);
	if (!p)
		return NULL;
	va_start(args, format);
	vsnprintf(p, (size_t)n + 1, format, args);
	va_end(args);
	return p;
}
