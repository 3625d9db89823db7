/* Ties between equal contents: each tie makes keys of entries, and sorting brings the equal ones together. */
#include "diff/tree_tie.h"

#include <stdlib.h>

#include "core/mem.h"

struct tree_tie_key {
	uint64_t key;
	uint32_t index;  /* in sources or targets */
	uint32_t target; /* 0 source, 1 target */
};

void tree_ties_clear(struct tree_ties *t)
{
	t->sources.count = t->targets.count = t->pairs.count = t->key_count = 0;
}

void tree_ties_release(struct tree_ties *t)
{
	tally_free(t->sources.at);
	tally_free(t->targets.at);
	tally_free(t->pairs.at);
	tally_free(t->keys);
}

/* Hash of the last @parts names of a path; false when it has fewer. */
static bool suffix_key(const struct tally_tree *tree, const struct tally_entry *e, unsigned parts,
                       uint64_t *key)
{
	const struct tally_dir *dir = &tree->dirs[e->dir];
	size_t end = dir->path_len;

	*key = tally_hash64(e->name, e->name_len, parts);
	while (--parts) {
		size_t start = end;

		if (end == 0)
			return false;
		while (start > 0 && dir->path[start - 1] != '/')
			start--;
		*key = tally_hash64(dir->path + start, end - start, *key);
		end = start ? start - 1 : 0;
	}
	return true;
}

static bool mapped_key(const struct tally_tree_diff *d, enum tally_side side,
                       const struct tally_entry *e, uint64_t *key)
{
	uint32_t dir = side == TALLY_AFTER ? e->dir : d->map.at[e->dir];

	*key = tally_hash64(e->name, e->name_len, dir);
	return dir != TALLY_NO_INDEX;
}

/* The key of an entry for a tie; false: it takes no part. */
static bool tie_key(const struct tally_tree_diff *d, enum tally_side side, uint32_t entry,
                    enum tree_tie tie, unsigned parts, uint64_t *key)
{
	const struct tally_entry *e = tree_entry(d, side, entry);

	switch (tie) {
	case TREE_TIE_INODE:
		*key = tree_mix(e->inode ^ tree_mix(e->device));
		return d->options.same_disk && e->inode != 0;
	case TREE_TIE_MAPPED:
		return mapped_key(d, side, e, key);
	case TREE_TIE_SUFFIX:
		return suffix_key(d->tree[side], e, parts, key);
	case TREE_TIE_PARENT:
		*key = d->rank[side][e->dir];
		return true;
	}
	return false;
}

static int by_key(const void *a, const void *b)
{
	const struct tree_tie_key *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (x->target != y->target)
		return x->target < y->target ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

static bool add_keys(const struct tally_tree_diff *d, struct tree_ties *t, bool targets,
                     enum tree_tie tie, unsigned parts)
{
	const struct tree_list *list = targets ? &t->targets : &t->sources;

	for (uint32_t i = 0; i < list->count; i++) {
		uint64_t key;

		if (!tie_key(d, targets ? TALLY_AFTER : TALLY_BEFORE, list->at[i], tie, parts, &key))
			continue;
		if (!tally_grow(&t->keys, &t->key_cap, t->key_count, sizeof *t->keys))
			return false;
		t->keys[t->key_count++] = (struct tree_tie_key){ key, i, targets };
	}
	return true;
}

static bool sort_keys(const struct tally_tree_diff *d, struct tree_ties *t, bool targets,
                      enum tree_tie tie, unsigned parts)
{
	t->key_count = 0;
	if (!add_keys(d, t, false, tie, parts) || (targets && !add_keys(d, t, true, tie, parts)))
		return false;
	if (t->key_count)
		qsort(t->keys, t->key_count, sizeof *t->keys, by_key);
	return true;
}

static void drop_taken(struct tree_list *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->count; i++)
		if (list->at[i] != TALLY_NO_INDEX)
			list->at[n++] = list->at[i];
	list->count = n;
}

bool tree_ties_match(const struct tally_tree_diff *d, struct tree_ties *t, enum tree_tie tie,
                     unsigned parts)
{
	t->pairs.count = 0;
	if (!sort_keys(d, t, true, tie, parts))
		return false;
	for (size_t i = 0, next; i < t->key_count; i = next) {
		const struct tree_tie_key *k = &t->keys[i];

		for (next = i + 1; next < t->key_count && t->keys[next].key == k->key; next++)
			;
		if (next - i != 2 || k[0].target || !k[1].target)
			continue;
		if (!tree_list_add(&t->pairs, t->sources.at[k[0].index]) ||
		    !tree_list_add(&t->pairs, t->targets.at[k[1].index]))
			return false;
		t->sources.at[k[0].index] = TALLY_NO_INDEX;
		t->targets.at[k[1].index] = TALLY_NO_INDEX;
	}
	drop_taken(&t->sources);
	drop_taken(&t->targets);
	return true;
}

/* How many keys are equal to this one; *first is the first of them. */
static size_t count_equal(const struct tree_ties *t, uint64_t key, size_t *first)
{
	size_t low = 0, high = t->key_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->keys[mid].key < key)
			low = mid + 1;
		else
			high = mid;
	}
	*first = low;
	while (high < t->key_count && high - low < 2 && t->keys[high].key == key)
		high++;
	return high - low; /* more than one is all that matters */
}

/*
 * One tie for all targets that are still undecided. @best holds for each target its source's index and one bit that says
 * whether a single one was nearest.
 */
static bool nearest_by(const struct tally_tree_diff *d, struct tree_ties *t, enum tree_tie tie,
                       unsigned parts, uint64_t *best)
{
	if (!sort_keys(d, t, false, tie, parts))
		return false;
	for (size_t i = 0; i < t->targets.count; i++) {
		uint64_t key;
		size_t first, n;

		if (best[i] || !tie_key(d, TALLY_AFTER, t->targets.at[i], tie, parts, &key))
			continue;
		n = count_equal(t, key, &first);
		if (n)
			best[i] = ((uint64_t)t->keys[first].index + 1) << 1 | (n == 1);
	}
	return true;
}

bool tree_ties_nearest(const struct tally_tree_diff *d, struct tree_ties *t, unsigned parts)
{
	uint64_t *best = tally_alloc_zero(t->targets.count, sizeof *best);
	bool ok = best && nearest_by(d, t, TREE_TIE_INODE, 0, best);
	size_t left = 0;

	for (; ok && parts; parts--)
		ok = nearest_by(d, t, TREE_TIE_SUFFIX, parts, best);
	ok = ok && nearest_by(d, t, TREE_TIE_PARENT, 0, best);
	t->pairs.count = 0;
	for (size_t i = 0; ok && i < t->targets.count; i++) {
		uint64_t b = best[i] ? best[i] : 2 | (t->sources.count == 1);
		uint32_t target = t->targets.at[i];

		ok = tree_list_add(&t->pairs, t->sources.at[(b >> 1) - 1]) &&
		     tree_list_add(&t->pairs, target);
		if (!(b & 1))
			t->targets.at[left++] = target;
	}
	t->targets.count = left;
	tally_free(best);
	return ok;
}
