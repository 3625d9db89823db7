/* Where places of a document went: see receipt/document_places.h. */
#include "receipt/document_places.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

/* A place as facts name it: "paragraph 12", "table 1, row 2, cell 3", "slide 4". */
struct place {
	uint32_t area, n, row, cell;
};

struct mapped {
	struct place before, after;
};

struct tally_document_places {
	size_t *partner; /* of blocks of the before side */
	size_t count;
	struct mapped *mapped; /* ascending by `before`, each once */
	size_t mapped_count;
	const struct tally_text *after; /* borrowed */
	uint32_t *numbers;              /* of its paragraphs, by block */
};

/* ---- which block became which ---- */

/* Blocks without an edit are equal, and in the same order on both sides. */
static bool pair_blocks(struct tally_document_places *p, const struct tally_text_diff *d)
{
	size_t before = d->before->count, after = d->after->count, b = 0;
	bool *edited[2] = { tally_alloc_zero(before + 1, 1), tally_alloc_zero(after + 1, 1) };
	bool ok = edited[0] && edited[1];

	for (size_t i = 0; i < before; i++)
		p->partner[i] = TALLY_NO_BLOCK;
	for (size_t i = 0; ok && i < d->edit_count; i++) {
		const struct tally_edit *e = &d->edits[i];

		if (e->before != TALLY_NO_BLOCK) {
			edited[0][e->before] = true;
			p->partner[e->before] = e->after;
		}
		if (e->after != TALLY_NO_BLOCK)
			edited[1][e->after] = true;
	}
	for (size_t a = 0; ok && a < after; a++) {
		if (edited[1][a])
			continue;
		while (b < before && edited[0][b])
			b++;
		if (b < before)
			p->partner[b++] = a;
	}
	tally_free(edited[0]);
	tally_free(edited[1]);
	return ok;
}

/* ---- places of blocks ---- */

bool tally_document_counts(const struct tally_block *b)
{
	return b->area == TALLY_AREA_BODY && b->kind != TALLY_BLOCK_CELL;
}

static struct place place_of(const struct tally_block *b, uint32_t paragraph)
{
	if (b->area == TALLY_AREA_BODY)
		return (struct place){ TALLY_AREA_BODY, paragraph, 0, 0 };
	if (b->area == TALLY_AREA_TABLE)
		return (struct place){ TALLY_AREA_TABLE, b->n, b->row, b->cell };
	return (struct place){ b->area, b->n, 0, 0 };
}

/* @return the number of each paragraph of the body, by block; NULL: no memory */
static uint32_t *number_paragraphs(const struct tally_text *text)
{
	uint32_t *list = tally_alloc_zero(text->count + 1, sizeof *list), n = 0;

	for (size_t i = 0; list && i < text->count; i++)
		list[i] = n += tally_document_counts(&text->blocks[i]);
	return list;
}

static int by_place(const struct place *a, const struct place *b)
{
	const uint32_t x[] = { a->area, a->n, a->row, a->cell },
		       y[] = { b->area, b->n, b->row, b->cell };

	for (size_t i = 0; i < sizeof x / sizeof *x; i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

static int by_before(const void *a, const void *b)
{
	const struct mapped *x = a, *y = b;
	int c = by_place(&x->before, &y->before);

	/* of several blocks at one place the first tells where it went */
	return c ? c : by_place(&x->after, &y->after);
}

static bool is_sorted(const struct mapped *list, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (by_before(&list[i - 1], &list[i]) > 0)
			return false;
	return true;
}

static bool map_places(struct tally_document_places *p, const struct tally_text_diff *d)
{
	uint32_t *before = number_paragraphs(d->before), *after = number_paragraphs(d->after);
	size_t n = 0;

	p->after = d->after;
	p->numbers = after;
	p->mapped = tally_alloc_zero(p->count + 1, sizeof *p->mapped);
	for (size_t i = 0; before && after && p->mapped && i < p->count; i++) {
		size_t a = p->partner[i];

		if (a != TALLY_NO_BLOCK)
			p->mapped[n++] = (struct mapped){ place_of(&d->before->blocks[i], before[i]),
				                          place_of(&d->after->blocks[a], after[a]) };
	}
	if (!is_sorted(p->mapped, n)) /* most documents are, in the order of their blocks */
		qsort(p->mapped, n, sizeof *p->mapped, by_before);
	for (size_t i = 0; i < n; i++)
		if (!i || by_place(&p->mapped[i].before, &p->mapped[p->mapped_count - 1].before))
			p->mapped[p->mapped_count++] = p->mapped[i];
	tally_free(before);
	return before && after && p->mapped;
}

struct tally_document_places *tally_document_places_new(const struct tally_text_diff *diff)
{
	struct tally_document_places *p = tally_alloc_zero(1, sizeof *p);

	if (!p)
		return NULL;
	p->count = diff->before->count;
	p->partner = tally_alloc_zero(p->count + 1, sizeof *p->partner);
	if (p->partner && pair_blocks(p, diff) && map_places(p, diff))
		return p;
	tally_document_places_free(p);
	return NULL;
}

void tally_document_places_free(struct tally_document_places *p)
{
	if (!p)
		return;
	tally_free(p->partner);
	tally_free(p->mapped);
	tally_free(p->numbers);
	tally_free(p);
}

size_t tally_document_partner(const struct tally_document_places *p, size_t before)
{
	return p->partner[before];
}

/* ---- places in words ---- */

/* What the number of a place is said of, and where else it stands in words. */
static const struct {
	const char *words;
	enum tally_area area;
} kinds[] = {
	{ "paragraph ", TALLY_AREA_BODY },       { "table ", TALLY_AREA_TABLE },
	{ "header ", TALLY_AREA_HEADER },        { "footer ", TALLY_AREA_FOOTER },
	{ "footnote ", TALLY_AREA_FOOTNOTE },    { "endnote ", TALLY_AREA_ENDNOTE },
	{ "text box ", TALLY_AREA_TEXT_BOX },    { "slide ", TALLY_AREA_SLIDE },
	{ "notes of slide ", TALLY_AREA_SLIDE }, { "page ", TALLY_AREA_PAGE },
};

enum { KINDS = sizeof kinds / sizeof *kinds };

static const char *take_number(const char *at, uint32_t *n)
{
	char *end;
	unsigned long value;

	if (*at < '0' || *at > '9')
		return NULL;
	value = strtoul(at, &end, 10);
	*n = (uint32_t)value;
	return value < UINT32_MAX ? end : NULL;
}

/* @return the kind; KINDS: it is no such place */
static size_t parse(struct place *out, const char *where)
{
	const char *at = where;
	size_t kind = 0;

	while (kind < KINDS && strncmp(where, kinds[kind].words, strlen(kinds[kind].words)) != 0)
		kind++;
	if (kind == KINDS)
		return KINDS;
	*out = (struct place){ kinds[kind].area, 0, 0, 0 };
	at = take_number(where + strlen(kinds[kind].words), &out->n);
	if (at && !strncmp(at, ", row ", 6))
		at = take_number(at + 6, &out->row);
	if (at && !strncmp(at, ", cell ", 7))
		at = take_number(at + 7, &out->cell);
	return at && !*at ? kind : KINDS;
}

void tally_document_words(char *out, const struct tally_block *b, uint32_t paragraph)
{
	const struct place at = place_of(b, paragraph);
	size_t kind = 0;

	while (kind < KINDS && kinds[kind].area != (enum tally_area)at.area)
		kind++;
	if (at.area == TALLY_AREA_TABLE)
		snprintf(out, TALLY_PLACE_MAX, "table %u, row %u, cell %u", at.n, at.row, at.cell);
	else if (kind < KINDS)
		snprintf(out, TALLY_PLACE_MAX, "%s%u", kinds[kind].words, at.n);
	else
		snprintf(out, TALLY_PLACE_MAX, "%s %u", tally_area_name((enum tally_area)at.area),
		         at.n);
}

void tally_document_where(char *out, const struct tally_document_places *p, size_t after)
{
	const struct tally_block *b = &p->after->blocks[after];

	if (b->row && b->area != TALLY_AREA_TABLE) /* of a table on a slide */
		snprintf(out, TALLY_PLACE_MAX, "%s %u, row %u, cell %u",
		         tally_area_name((enum tally_area)b->area), b->n, b->row, b->cell);
	else
		tally_document_words(out, b, p->numbers[after]);
}

/* The last place not behind this one; NULL: none of its area is known */
static const struct mapped *find(const struct tally_document_places *p, const struct place *place)
{
	size_t low = 0, high = p->mapped_count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (by_place(&p->mapped[mid].before, place) > 0)
			high = mid;
		else
			low = mid + 1;
	}
	return low && p->mapped[low - 1].before.area == place->area ? &p->mapped[low - 1] : NULL;
}

/* Cells without text go along with the last one before them. */
static const char *place_in_table(const struct mapped *found, const struct place *place,
                                  struct tally_arena *arena)
{
	uint32_t row = found->after.row + (place->row - found->before.row);
	uint32_t cell = place->row == found->before.row
	                        ? found->after.cell + (place->cell - found->before.cell)
	                        : place->cell;

	if (!place->cell)
		return tally_arena_printf(arena, "table %u, row %u", found->after.n, row);
	return tally_arena_printf(arena, "table %u, row %u, cell %u", found->after.n, row, cell);
}

const char *tally_document_place(const void *places, const char *where, struct tally_arena *arena)
{
	const struct tally_document_places *p = places;
	struct place place, wanted;
	size_t kind = parse(&place, where);
	const struct mapped *found;

	if (kind == KINDS)
		return where;
	wanted = place;
	if (place.area == TALLY_AREA_TABLE && !place.cell)
		wanted.cell = UINT32_MAX; /* a whole row goes with its cells */
	found = find(p, &wanted);
	if (!found || found->after.area != place.area)
		return where;
	if (place.area == TALLY_AREA_TABLE)
		return found->before.n == place.n ? place_in_table(found, &place, arena) : where;
	/* a picture in a paragraph of its own stands behind the last one with words */
	return tally_arena_printf(arena, "%s%u", kinds[kind].words,
	                          found->after.n + (place.n - found->before.n));
}
