/* A table from objects of a PDF to numbers, with open addressing: see formats/pdf_map.h. */
#include "formats/pdf_map.h"

#include <string.h>

#include "core/hash.h"
#include "core/mem.h"

enum { FIRST = 64 /* slots; a power of two */ };

static struct tally_pdf_map_slot *slot_of(const struct tally_pdf_map *map, uint64_t key)
{
	size_t at = (size_t)tally_hash64(&key, sizeof key, 0) & (map->cap - 1);

	while (map->slots[at].key && map->slots[at].key != key)
		at = (at + 1) & (map->cap - 1);
	return &map->slots[at];
}

bool tally_pdf_map_get(const struct tally_pdf_map *map, uint64_t key, uint32_t *value)
{
	const struct tally_pdf_map_slot *s = map->cap ? slot_of(map, key) : NULL;

	if (!s || !s->key)
		return false;
	*value = s->value;
	return true;
}

static bool grow(struct tally_pdf_map *map)
{
	struct tally_pdf_map bigger = { .cap = map->cap ? map->cap * 2 : FIRST, .count = map->count };

	bigger.slots = tally_alloc_zero(bigger.cap, sizeof *bigger.slots);
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < map->cap; i++)
		if (map->slots[i].key)
			*slot_of(&bigger, map->slots[i].key) = map->slots[i];
	tally_free(map->slots);
	*map = bigger;
	return true;
}

bool tally_pdf_map_set(struct tally_pdf_map *map, uint64_t key, uint32_t value)
{
	struct tally_pdf_map_slot *s;

	if (map->count * 2 >= map->cap && !grow(map))
		return false;
	s = slot_of(map, key);
	map->count += !s->key;
	*s = (struct tally_pdf_map_slot){ key, value };
	return true;
}

void tally_pdf_map_clear(struct tally_pdf_map *map)
{
	if (map->count)
		memset(map->slots, 0, map->cap * sizeof *map->slots);
	map->count = 0;
}

void tally_pdf_map_release(struct tally_pdf_map *map)
{
	tally_free(map->slots);
	*map = (struct tally_pdf_map){ 0 };
}
