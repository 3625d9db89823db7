/* Where a content that is nowhere may be all the same: in files, folders and archives that nobody could look into. */
#include <stdlib.h>

#include "core/mem.h"
#include "diff/tree_state.h"

enum {
	BETTER = 4, /* no packer makes a quarter of what a fast one makes of the same bytes (measured: 2.5 at most) */
};

bool tally_archive_may_hold(uint64_t archive, uint64_t ratio, uint64_t content, uint64_t packed)
{
	if (ratio && content / ratio > archive)
		return false;
	return archive >= packed / BETTER;
}

static int by_size(const void *a, const void *b)
{
	const struct tree_hideout *x = a, *y = b;

	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return (x->reason > y->reason) - (x->reason < y->reason);
}

/* What is unread at an old path hides something only if it is not as it was there. */
static bool may_be_another(const struct tally_tree_diff *d, const struct tree_item *item)
{
	const struct tally_entry *a = tree_entry(d, TALLY_AFTER, item->entry), *b;

	if (item->other == TALLY_NO_INDEX)
		return true;
	b = tree_entry(d, TALLY_BEFORE, item->other);
	return !tally_entry_seen(a) || !tally_entry_seen(b) || b->type != a->type ||
	       b->size != a->size || b->mtime_ns != a->mtime_ns;
}

bool tree_root_elsewhere(const struct tally_tree_diff *d, uint32_t before)
{
	const struct tally_dir *b = &d->tree[TALLY_BEFORE]->dirs[before], *a;

	if (!d->options.same_disk || b->self != TALLY_NO_INDEX ||
	    d->twin[TALLY_BEFORE][before] == TALLY_NO_INDEX)
		return false;
	a = &d->tree[TALLY_AFTER]->dirs[d->twin[TALLY_BEFORE][before]];
	return b->device && a->device && b->device != a->device;
}

/* A disk that was unmounted, a link that is not followed, a file that was not read: each may hold all that was there. */
static uint8_t behind_roots(const struct tally_tree_diff *d)
{
	const struct tally_tree *after = d->tree[TALLY_AFTER];

	for (uint32_t i = 0; i < d->tree[TALLY_BEFORE]->dir_count; i++)
		if (tree_root_elsewhere(d, i))
			return TALLY_REASON_OTHER_MOUNT;
	for (uint32_t i = 0; i < after->dir_count; i++)
		if (after->dirs[i].state == TALLY_ROOT_LINK || after->dirs[i].state == TALLY_ROOT_FILE)
			return TALLY_REASON_NOT_REACHED;
	return TALLY_REASON_NONE;
}

bool tree_hideouts_find(const struct tally_tree_diff *d, struct tree_hideouts *h)
{
	h->anywhere = behind_roots(d);
	for (size_t i = 0; i < d->items[TALLY_AFTER].count; i++) {
		const struct tree_item *item = &d->items[TALLY_AFTER].at[i];
		const struct tally_entry *e = tree_entry(d, TALLY_AFTER, item->entry);

		if (item->kind != TALLY_CHANGE_UNVERIFIED || !(item->side & 2) ||
		    item->reason == TALLY_REASON_STAT_ONLY)
			continue; /* what is believed to be there has been looked at */
		if (e->type == TALLY_TYPE_FILE && tally_entry_seen(e) && may_be_another(d, item)) {
			if (!tally_grow(&h->at, &h->cap, h->count, sizeof *h->at))
				return false;
			h->at[h->count++] = (struct tree_hideout){ e->size, item->reason };
		}
		/* a folder that cannot be looked into, and is new or had something put into it; a file of any size */
		if ((e->type != TALLY_TYPE_FILE || !tally_entry_seen(e)) && !h->anywhere &&
		    may_be_another(d, item) && item->reason != TALLY_REASON_EXCLUDED)
			h->anywhere = item->reason;
	}
	if (h->count)
		qsort(h->at, h->count, sizeof *h->at, by_size);
	return true;
}

void tree_hideouts_release(struct tree_hideouts *h)
{
	tally_free(h->at);
}

bool tree_may_hold(const struct tally_tree_diff *d, const struct tree_unsearched *u, uint32_t before)
{
	const struct tally_tree_diff_options *o = &d->options;

	return tally_archive_may_hold(tree_entry(d, TALLY_AFTER, u->archive)->size, u->ratio,
	                              tree_entry(d, TALLY_BEFORE, before)->size,
	                              o->packed ? o->packed(o->packed_payload, before) : 0);
}

/* The first in the order of the tree that is large enough. */
const struct tree_unsearched *tree_in_unsearched(const struct tally_tree_diff *d, uint32_t before)
{
	const struct tree_unsearched *found = NULL;

	for (size_t i = 0; i < d->unsearched_count; i++) {
		const struct tree_unsearched *u = &d->unsearched[i];

		if ((!found || u->archive < found->archive) && tree_may_hold(d, u, before))
			found = u;
	}
	return found;
}

uint8_t tree_hidden_because(const struct tally_tree_diff *d, const struct tree_hideouts *h,
                            uint32_t before)
{
	uint64_t size = tree_entry(d, TALLY_BEFORE, before)->size;
	size_t low = 0, high = h->count;
	const struct tree_unsearched *archive;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (h->at[mid].size < size)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < h->count && h->at[low].size == size)
		return h->at[low].reason;
	archive = tree_in_unsearched(d, before);
	return archive ? archive->reason : h->anywhere;
}
