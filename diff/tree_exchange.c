/* Files that changed places and were edited: a path that is there before and after may hold what stood under another name. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "diff/tree_index.h"
#include "diff/tree_state.h"

enum {
	FEW = 8,   /* modified files that are all sketched */
	MOST = 64, /* that are sketched at most: a sketch costs as much as comparing the file */
	LARGE = 16 << 20, /* bytes; larger ones are looked at where their sizes speak for it */
	FIT = 4,          /* times that a size may be another one */
	EDGES = 4,        /* of one file */
	HALF = 2,
};

/* ---- which files are worth a sketch ---- */

/* A file that was modified where it stands. */
struct modified {
	uint32_t item; /* of the after side */
	uint64_t was, is;
	bool hinted; /* its size is nearer to what another one had than to its own */
};

struct sizes {
	uint64_t *at;
	size_t count;
};

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static bool is_read(const struct tally_tree_diff *d, enum tally_side side, uint32_t entry)
{
	const struct tally_entry *e = tree_entry(d, side, entry);

	return tree_known_file(e) && !tree_believed(e) && e->size > 0;
}

static bool is_modified(const struct tally_tree_diff *d, const struct tree_item *after)
{
	return after->kind == TALLY_CHANGE_MODIFIED && after->content != TALLY_NO_INDEX &&
	       is_read(d, TALLY_AFTER, after->entry) && is_read(d, TALLY_BEFORE, after->other);
}

static struct modified *list_modified(const struct tally_tree_diff *d, size_t *count)
{
	struct modified *list = tally_alloc(d->items[TALLY_AFTER].count * sizeof *list);

	*count = 0;
	for (uint32_t i = 0; list && i < d->items[TALLY_AFTER].count; i++) {
		const struct tree_item *item = &d->items[TALLY_AFTER].at[i];

		if (is_modified(d, item))
			list[(*count)++] = (struct modified){
				i, tree_entry(d, TALLY_BEFORE, item->other)->size,
				tree_entry(d, TALLY_AFTER, item->entry)->size, false
			};
	}
	return list;
}

static int by_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static size_t first_at(const struct sizes *s, uint64_t size)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->at[mid] < size)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Is one of the sizes about this one? */
static bool fits(const struct sizes *s, uint64_t size)
{
	size_t at = first_at(s, size / FIT);

	return at < s->count && s->at[at] / FIT <= size;
}

/* Did another one have a size as near as its own one, or nearer? @s  what all of them had, its own size among them */
static bool is_nearer(const struct sizes *s, const struct modified *x)
{
	uint64_t own = distance(x->is, x->was);
	uint64_t low = x->is > own ? x->is - own : 0, high = x->is + own;
	size_t at = first_at(s, low), in = 0;

	for (; at < s->count && s->at[at] <= high && in < HALF; at++)
		in++;
	return in >= HALF; /* its own and another one */
}

static bool all_sizes(const struct tally_tree_diff *d, const struct modified *list, size_t count,
                      struct sizes *open, struct sizes *all)
{
	const struct tree_items *items = &d->items[TALLY_BEFORE];

	open->at = tally_alloc(items->count * sizeof *open->at);
	all->at = tally_alloc((items->count + count) * sizeof *all->at);
	if (!open->at || !all->at)
		return false;
	for (size_t i = 0; i < items->count; i++)
		if (items->at[i].open && items->at[i].content != TALLY_NO_INDEX)
			open->at[open->count++] = tree_entry(d, TALLY_BEFORE, items->at[i].entry)->size;
	for (size_t i = 0; i < open->count; i++)
		all->at[all->count++] = open->at[i];
	for (size_t i = 0; i < count; i++)
		all->at[all->count++] = list[i].was;
	if (open->count)
		qsort(open->at, open->count, sizeof *open->at, by_size);
	if (all->count)
		qsort(all->at, all->count, sizeof *all->at, by_size);
	return true;
}

/* Those that may be another file than they were. @return how many stay in the list */
static size_t choose(struct modified *list, size_t count, const struct sizes *open,
                     const struct sizes *all)
{
	size_t hinted = 0, n = 0, kept = 0;

	for (size_t i = 0; i < count; i++) {
		bool small = list[i].is <= LARGE && list[i].was <= LARGE;

		list[i].hinted = is_nearer(all, &list[i]);
		if (!list[i].hinted && !(small && (count <= FEW || fits(open, list[i].is))))
			continue;
		hinted += list[i].hinted;
		list[n++] = list[i];
	}
	if (n <= MOST)
		return n;
	for (size_t i = 0; i < n && hinted <= MOST; i++)
		if (list[i].hinted)
			list[kept++] = list[i];
	return kept;
}

/* What is unexplained, and may be what one of these is now. */
static bool want_sources(struct tally_tree_diff *d, const struct modified *list, size_t count)
{
	struct sizes sizes = { tally_alloc(count * sizeof *sizes.at), count };
	bool ok = sizes.at != NULL;

	for (size_t i = 0; ok && i < count; i++)
		sizes.at[i] = list[i].is;
	if (ok && count)
		qsort(sizes.at, count, sizeof *sizes.at, by_size);
	for (size_t i = 0; ok && i < d->items[TALLY_BEFORE].count; i++) {
		const struct tree_item *item = &d->items[TALLY_BEFORE].at[i];

		if (item->open && item->content != TALLY_NO_INDEX &&
		    fits(&sizes, tree_entry(d, TALLY_BEFORE, item->entry)->size))
			ok = tree_list_add(&d->extra[TALLY_BEFORE], item->entry);
	}
	tally_free(sizes.at);
	return ok;
}

bool tree_exchange_wanted(struct tally_tree_diff *d)
{
	struct sizes open = { 0 }, all = { 0 };
	size_t count;
	struct modified *list = list_modified(d, &count);
	bool ok = list && all_sizes(d, list, count, &open, &all);

	count = ok && all.count > 1 ? choose(list, count, &open, &all) : 0;
	for (size_t i = 0; ok && i < count; i++) {
		const struct tree_item *item = &d->items[TALLY_AFTER].at[list[i].item];

		ok = tree_list_add(&d->extra[TALLY_AFTER], item->entry) &&
		     tree_list_add(&d->extra[TALLY_BEFORE], item->other);
	}
	ok = ok && want_sources(d, list, count);
	tally_free(list);
	tally_free(open.at);
	tally_free(all.at);
	return ok;
}

/* ---- what the sketches say ---- */

struct edge {
	uint16_t similarity;
	uint32_t source, target;
};

struct exchange {
	struct tally_tree_diff *d;
	struct tree_list sources; /* items of the before side: unexplained, or modified */
	struct tree_list targets; /* items of the after side: modified, with sketches of both sides */
	const struct tally_sketch **sketches;
	uint16_t *scores;
	struct tree_index *index;
	struct edge *edges;
	size_t edge_count, edge_cap;
	struct edge **chosen; /* of the targets, or NULL */
	bool *taken;          /* of the sources */
};

static void release(struct exchange *x)
{
	tally_free(x->sources.at);
	tally_free(x->targets.at);
	tally_free(x->sketches);
	tally_free(x->scores);
	tree_index_free(x->index);
	tally_free(x->edges);
	tally_free(x->chosen);
	tally_free(x->taken);
}

static struct tree_item *source_at(const struct exchange *x, uint32_t i)
{
	return &x->d->items[TALLY_BEFORE].at[x->sources.at[i]];
}

static struct tree_item *target_at(const struct exchange *x, uint32_t i)
{
	return &x->d->items[TALLY_AFTER].at[x->targets.at[i]];
}

static bool list_targets(struct exchange *x)
{
	struct tally_tree_diff *d = x->d;

	for (size_t i = 0; i < d->sketches[TALLY_AFTER].count; i++) {
		const struct tree_item *item = tree_item_of(d, TALLY_AFTER,
		                                            d->sketches[TALLY_AFTER].at[i].entry);

		if (item && is_modified(d, item) && tree_sketch_of(d, TALLY_BEFORE, item->other) &&
		    !tree_list_add(&x->targets, d->slot[TALLY_AFTER][item->entry]))
			return false;
	}
	return true;
}

static bool list_sources(struct exchange *x)
{
	struct tally_tree_diff *d = x->d;

	for (size_t i = 0; i < d->sketches[TALLY_BEFORE].count; i++) {
		const struct tree_item *item = tree_item_of(d, TALLY_BEFORE,
		                                            d->sketches[TALLY_BEFORE].at[i].entry);

		if (!item || item->content == TALLY_NO_INDEX ||
		    !(item->open || item->kind == TALLY_CHANGE_MODIFIED))
			continue;
		if (!tree_list_add(&x->sources, d->slot[TALLY_BEFORE][item->entry]))
			return false;
	}
	return true;
}

static bool make(struct exchange *x)
{
	size_t n;

	if (!list_targets(x))
		return false;
	if (!x->targets.count)
		return true;
	if (!list_sources(x))
		return false;
	n = x->sources.count;
	x->sketches = tally_alloc(n * sizeof *x->sketches);
	x->scores = tally_alloc(n * sizeof *x->scores);
	x->taken = tally_alloc_zero(n, sizeof *x->taken);
	x->chosen = tally_alloc_zero(x->targets.count, sizeof *x->chosen);
	if (!x->sketches || !x->scores || !x->taken || !x->chosen)
		return false;
	for (uint32_t i = 0; i < n; i++)
		x->sketches[i] = tree_sketch_of(x->d, TALLY_BEFORE, source_at(x, i)->entry);
	x->index = tree_index_new(x->sketches, (uint32_t)n);
	return x->index != NULL;
}

/* Best first. Ties: the order of the paths. */
static int by_rank(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	if (x->similarity != y->similarity)
		return x->similarity > y->similarity ? -1 : 1;
	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	return (x->target > y->target) - (x->target < y->target);
}

static size_t keep_best(struct edge *best, size_t n, struct edge e)
{
	size_t at = n;

	while (at > 0 && by_rank(&best[at - 1], &e) > 0)
		at--;
	if (at == EDGES)
		return n;
	n = n < EDGES ? n + 1 : EDGES;
	memmove(best + at + 1, best + at, (n - at - 1) * sizeof *best);
	best[at] = e;
	return n;
}

/* A path speaks for the file that stood there: another one has to be like it, and at least twice as near. */
static bool is_nearer_by_far(unsigned least, unsigned similarity, unsigned own)
{
	return similarity && similarity >= least && similarity > own &&
	       (1000 - similarity) * HALF <= 1000 - own;
}

static bool ask(struct exchange *x, uint32_t target, uint64_t *steps)
{
	const struct tree_item *after = target_at(x, target);
	const struct tally_sketch *sketch = tree_sketch_of(x->d, TALLY_AFTER, after->entry);
	unsigned own = tally_sketch_similarity(tree_sketch_of(x->d, TALLY_BEFORE, after->other),
	                                       sketch);
	unsigned least = tree_least_similarity(x->d, sketch);
	struct edge best[EDGES];
	size_t n = 0;

	tree_index_ask(x->index, sketch, x->scores, steps);
	for (uint32_t i = 0; i < x->sources.count; i++)
		if (source_at(x, i)->entry != after->other &&
		    is_nearer_by_far(least, x->scores[i], own))
			n = keep_best(best, n, (struct edge){ x->scores[i], i, target });
	for (size_t i = 0; i < n; i++) {
		if (!tally_grow(&x->edges, &x->edge_cap, x->edge_count, sizeof *x->edges))
			return false;
		x->edges[x->edge_count++] = best[i];
	}
	return true;
}

static bool choose_edges(struct exchange *x)
{
	uint64_t steps = 0;

	for (uint32_t i = 0; i < x->targets.count && steps <= x->d->limits.similarity_steps; i++)
		if (!ask(x, i, &steps))
			return false;
	if (x->edge_count)
		qsort(x->edges, x->edge_count, sizeof *x->edges, by_rank);
	for (size_t i = 0; i < x->edge_count; i++) {
		struct edge *e = &x->edges[i];

		if (x->taken[e->source] || x->chosen[e->target])
			continue;
		x->taken[e->source] = true;
		x->chosen[e->target] = e;
	}
	return true;
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Is what stood at the path of this target gone from everywhere, should another file be what stands there now? */
static bool loses(const struct exchange *x, uint32_t target)
{
	uint32_t covered = x->d->slot[TALLY_BEFORE][target_at(x, target)->other];
	const uint32_t *source = bsearch(&covered, x->sources.at, x->sources.count, sizeof covered,
	                                 by_number); /* items ascend like their entries */

	return x->d->contents[x->d->items[TALLY_BEFORE].at[covered].content].missing &&
	       !(source && x->taken[source - x->sources.at]);
}

/* Archives were not searched for what was only edited: where nothing went, nothing may be said to be lost. */
static void drop_losses(struct exchange *x)
{
	bool dropped = true;

	while (dropped) {
		dropped = false;
		for (uint32_t i = 0; i < x->targets.count; i++) {
			if (!x->chosen[i] || !loses(x, i))
				continue;
			x->taken[x->chosen[i]->source] = false;
			x->chosen[i] = NULL;
			dropped = true;
		}
	}
}

/* What stood at the paths that others took is free to have gone elsewhere. */
static void free_covered(const struct exchange *x)
{
	for (uint32_t i = 0; i < x->targets.count; i++) {
		struct tree_item *covered = tree_item_of(x->d, TALLY_BEFORE, target_at(x, i)->other);

		if (!x->chosen[i])
			continue;
		tree_set_kind(x->d, TALLY_BEFORE, covered, TALLY_CHANGE_OVERWRITTEN);
		covered->open = covered->content != TALLY_NO_INDEX &&
		                x->d->contents[covered->content].missing;
	}
}

/* A file whose path nobody took stays there, edited: the other one is a copy of it. */
static void pair(const struct exchange *x)
{
	for (uint32_t i = 0; i < x->targets.count; i++) {
		const struct edge *e = x->chosen[i];
		struct tree_item *before, *after = target_at(x, i);
		uint8_t evidence;

		if (!e)
			continue;
		before = source_at(x, e->source);
		evidence = tree_evidence_of(x->sketches[e->source]);
		if (before->kind == TALLY_CHANGE_MODIFIED)
			tree_copy_edited(x->d, after, before->entry, e->similarity, evidence);
		else
			tree_pair_edited(x->d, before, after, e->similarity, evidence);
	}
}

/* What looked like a copy of a file that had stayed moved there, once that one was covered. */
static void settle_copies(const struct exchange *x)
{
	struct tally_tree_diff *d = x->d;

	for (uint32_t i = 0; i < x->targets.count; i++) {
		struct tree_item *covered = tree_item_of(d, TALLY_BEFORE, target_at(x, i)->other);
		const struct tree_content *c;

		if (!x->chosen[i] || covered->kind != TALLY_CHANGE_OVERWRITTEN)
			continue;
		c = &d->contents[covered->content];
		for (uint32_t k = 0; k < c->hases && !c->stays; k++) {
			struct tree_item *copy = &d->items[TALLY_AFTER]
			                                  .at[d->holders[TALLY_AFTER][c->has + k]];

			if (copy->kind != TALLY_CHANGE_COPIED || copy->mate != covered->entry ||
			    copy->group || copy->member != TALLY_NO_INDEX)
				continue;
			tree_pair(d, covered, copy, TALLY_CHANGE_MOVED);
			break;
		}
	}
}

bool tree_exchange_pair(struct tally_tree_diff *d, bool *any)
{
	struct exchange x = { .d = d };
	bool sought = tally_tree_diff_has_missing(d), ok = make(&x);

	*any = false;
	if (ok && x.targets.count)
		ok = choose_edges(&x);
	if (ok && !sought && x.targets.count)
		drop_losses(&x);
	for (uint32_t i = 0; ok && i < x.targets.count; i++)
		*any = *any || x.chosen[i];
	if (*any) {
		free_covered(&x);
		pair(&x);
		settle_copies(&x);
	}
	release(&x);
	return ok;
}
