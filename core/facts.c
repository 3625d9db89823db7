/* The facts model: see core/facts.h. */
#include "core/facts.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

void tally_facts_init(struct tally_facts *facts, size_t max_bytes)
{
	*facts = (struct tally_facts){ NULL, 0, 0, TALLY_ARENA_INIT };
	tally_arena_init(&facts->arena, max_bytes);
}

void tally_facts_release(struct tally_facts *facts)
{
	tally_free(facts->facts);
	tally_arena_release(&facts->arena);
	tally_facts_init(facts, facts->arena.max);
}

static size_t room_for(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

/* the sum cannot wrap: all four strings lie in memory */
static bool fits(const struct tally_facts *facts, const struct tally_fact *fact)
{
	size_t need = room_for(fact->name) + room_for(fact->value) + room_for(fact->by) +
	              room_for(fact->where);
	size_t max = facts->arena.max;

	return !max || (need <= max && facts->arena.used <= max - need);
}

/* NULL stays NULL. @return false: no memory */
static bool copy(struct tally_arena *arena, const char **out, const char *text)
{
	*out = text ? tally_arena_dup(arena, text, strlen(text)) : NULL;
	return *out || !text;
}

enum tally_status tally_facts_add(struct tally_facts *facts, const struct tally_fact *fact,
                                  struct tally_err *err)
{
	struct tally_arena *arena = &facts->arena;
	struct tally_fact mine;

	if (!fits(facts, fact))
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_TOO_LARGE,
		                     "facts of more than %zu bytes", facts->arena.max);
	if (!tally_grow(&facts->facts, &facts->cap, facts->count, sizeof *facts->facts) ||
	    !copy(arena, &mine.name, fact->name) || !copy(arena, &mine.value, fact->value) ||
	    !copy(arena, &mine.by, fact->by) || !copy(arena, &mine.where, fact->where))
		return tally_err_nomem(err);
	facts->facts[facts->count++] = mine;
	return TALLY_OK;
}

/* nobody comes before everybody */
static int by_bytes(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int compare(const void *left, const void *right)
{
	const struct tally_fact *a = left;
	const struct tally_fact *b = right;
	int c = by_bytes(a->name, b->name);

	if (!c)
		c = by_bytes(a->value, b->value);
	if (!c)
		c = by_bytes(a->by, b->by);
	return c ? c : by_bytes(a->where, b->where);
}

void tally_facts_sort(struct tally_facts *facts)
{
	if (facts->count > 1)
		qsort(facts->facts, facts->count, sizeof *facts->facts, compare);
}

/* ---- names ---- */

#define NAMED  true
#define PLACED false

static const struct tally_fact_info infos[] = {
#define TALLY_FACT(id, KIND, one, many) { #id, KIND, one, many },
#include "core/facts.def"
#undef TALLY_FACT
};

enum { INFOS = sizeof infos / sizeof *infos };

const struct tally_fact_info *tally_fact_info(size_t n)
{
	return n < INFOS ? &infos[n] : NULL;
}

size_t tally_fact_rank(const char *name)
{
	size_t n = 0;

	while (n < INFOS && strcmp(infos[n].id, name) != 0)
		n++;
	return n;
}
