/* What follows the files: folders that moved, and in them the links, pipes and empty files that hold nothing to go by. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/path.h"
#include "diff/tree_state.h"
#include "diff/tree_tie.h"

/* ---- where the files of a folder went ---- */

struct vote {
	uint32_t from, to; /* folders */
	uint32_t files;
};

struct votes {
	struct vote *at;
	size_t count, cap;
};

static bool add_vote(struct votes *v, uint32_t from, uint32_t to)
{
	struct vote *last = v->count ? &v->at[v->count - 1] : NULL;

	if (last && last->from == from && last->to == to) {
		last->files++;
		return true;
	}
	if (!tally_grow(&v->at, &v->cap, v->count, sizeof *v->at))
		return false;
	v->at[v->count++] = (struct vote){ from, to, 1 };
	return true;
}

static bool collect_votes(const struct tally_tree_diff *d, struct votes *v)
{
	for (size_t i = 0; i < d->items[TALLY_BEFORE].count; i++) {
		const struct tree_item *item = &d->items[TALLY_BEFORE].at[i];

		if (item->kind != TALLY_CHANGE_MOVED && item->kind != TALLY_CHANGE_MOVED_EDITED)
			continue;
		if (!add_vote(v, tree_entry(d, TALLY_BEFORE, item->entry)->dir,
		              tree_entry(d, TALLY_AFTER, item->mate)->dir))
			return false;
	}
	return true;
}

static int by_folders(const void *a, const void *b)
{
	const struct vote *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

/* The folder that got most of each folder's files; the first one when several got as many. */
static void elect(struct tally_tree_diff *d, const struct votes *v)
{
	for (size_t i = 0, next; i < v->count; i = next) {
		uint32_t best = 0;

		for (next = i; next < v->count && v->at[next].from == v->at[i].from;) {
			uint32_t to = v->at[next].to, files = 0;

			for (; next < v->count && v->at[next].from == v->at[i].from &&
			       v->at[next].to == to;
			     next++)
				files += v->at[next].files;
			if (files > best) {
				best = files;
				d->map.at[v->at[i].from] = to;
			}
		}
	}
}

static uint32_t parent_of(const struct tally_tree *t, uint32_t dir)
{
	uint32_t self = t->dirs[dir].self;

	return self == TALLY_NO_INDEX ? TALLY_NO_INDEX : t->entries[self].dir;
}

static bool same_base(const struct tally_dir *a, const struct tally_dir *b)
{
	size_t x = tally_path_base(a->path, a->path_len), y = tally_path_base(b->path, b->path_len);

	return a->path_len - x == b->path_len - y &&
	       memcmp(a->path + x, b->path + y, a->path_len - x) == 0;
}

/* A folder that held only folders went where those went, if they kept their names. */
static void elect_upward(struct tally_tree_diff *d)
{
	const struct tally_tree *tb = d->tree[TALLY_BEFORE], *ta = d->tree[TALLY_AFTER];

	for (uint32_t i = tb->dir_count; i-- > 0;) {
		uint32_t to = d->map.at[i], from_up, to_up;

		if (to == TALLY_NO_INDEX || d->twin[TALLY_BEFORE][i] != TALLY_NO_INDEX ||
		    !same_base(&tb->dirs[i], &ta->dirs[to]))
			continue;
		from_up = parent_of(tb, i);
		to_up = parent_of(ta, to);
		if (from_up != TALLY_NO_INDEX && to_up != TALLY_NO_INDEX &&
		    d->map.at[from_up] == TALLY_NO_INDEX)
			d->map.at[from_up] = to_up;
	}
}

enum tally_status tree_map_folders(struct tally_tree_diff *d, struct tally_err *err)
{
	uint32_t count = d->tree[TALLY_BEFORE]->dir_count;
	struct votes v = { 0 };
	bool ok;

	if (!d->map.at) {
		d->map.at = tally_alloc((size_t)count * sizeof *d->map.at);
		d->map.count = d->map.cap = count;
	}
	ok = d->map.at && collect_votes(d, &v);
	if (ok) {
		memset(d->map.at, 0xff, (size_t)count * sizeof *d->map.at);
		if (v.count)
			qsort(v.at, v.count, sizeof *v.at, by_folders);
		elect(d, &v);
		elect_upward(d);
	}
	tally_free(v.at);
	return ok ? TALLY_OK : tally_err_nomem(err);
}

/* ---- following ---- */

/* Folders that moved along with the one above them, though none of their files says so (empty ones, mostly). */
static bool inherit(struct tally_tree_diff *d)
{
	const struct tally_tree *tb = d->tree[TALLY_BEFORE], *ta = d->tree[TALLY_AFTER];
	struct tally_buf path;
	bool ok = true;

	tally_buf_init(&path, SIZE_MAX - 1);
	for (uint32_t i = 0; i < tb->dir_count && ok; i++) {
		const struct tally_dir *x = &tb->dirs[i], *to;
		uint32_t up = parent_of(tb, i);
		size_t base = tally_path_base(x->path, x->path_len);

		if (d->map.at[i] != TALLY_NO_INDEX || d->twin[TALLY_BEFORE][i] != TALLY_NO_INDEX ||
		    up == TALLY_NO_INDEX || d->map.at[up] == TALLY_NO_INDEX)
			continue;
		to = &ta->dirs[d->map.at[up]];
		ok = tally_path_join(&path, to->path, to->path_len, x->path + base,
		                     x->path_len - base);
		if (ok)
			d->map.at[i] = tally_tree_find_dir(ta, path.bytes, path.len);
	}
	tally_buf_release(&path);
	return ok;
}

/* The item of a folder's own entry, if that is new (or gone) and unexplained. */
static struct tree_item *open_folder(struct tally_tree_diff *d, enum tally_side side, uint32_t dir)
{
	uint32_t self = d->tree[side]->dirs[dir].self;
	struct tree_item *item = self == TALLY_NO_INDEX ? NULL : tree_item_of(d, side, self);

	return item && item->open &&
	                       (item->kind == TALLY_CHANGE_DELETED || item->kind == TALLY_CHANGE_ADDED)
	               ? item
	               : NULL;
}

/* A folder moved when one folder that is gone became one that is new, and no other one became it, too. */
static bool pair_folders(struct tally_tree_diff *d)
{
	uint32_t count = d->tree[TALLY_BEFORE]->dir_count;
	uint32_t *sources = tally_alloc_zero(d->tree[TALLY_AFTER]->dir_count, sizeof *sources);

	if (!sources)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (d->map.at[i] != TALLY_NO_INDEX && open_folder(d, TALLY_BEFORE, i))
			sources[d->map.at[i]]++;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t to = d->map.at[i];
		struct tree_item *before = open_folder(d, TALLY_BEFORE, i), *after;

		if (!before || to == TALLY_NO_INDEX || sources[to] != 1)
			continue;
		after = open_folder(d, TALLY_AFTER, to);
		if (after)
			tree_pair(d, before, after, TALLY_CHANGE_MOVED);
	}
	tally_free(sources);
	return true;
}

enum follower { FOLLOWER_EMPTY, FOLLOWER_LINK, FOLLOWER_SPECIAL, FOLLOWER_DIR, FOLLOWERS };

static enum follower follower_of(const struct tally_entry *e)
{
	switch (e->type) {
	case TALLY_TYPE_FILE:
		return e->size == 0 ? FOLLOWER_EMPTY : FOLLOWERS;
	case TALLY_TYPE_SYMLINK:
		return FOLLOWER_LINK;
	case TALLY_TYPE_DIR:
		return FOLLOWER_DIR;
	default:
		return FOLLOWER_SPECIAL;
	}
}

static bool gather(const struct tally_tree_diff *d, enum tally_side side, enum follower what,
                   struct tree_list *list)
{
	list->count = 0;
	for (size_t i = 0; i < d->items[side].count; i++) {
		const struct tree_item *item = &d->items[side].at[i];

		if (item->open && item->other == TALLY_NO_INDEX &&
		    follower_of(tree_entry(d, side, item->entry)) == what &&
		    !tree_list_add(list, item->entry))
			return false;
	}
	return true;
}

/*
 * Nothing in these entries proves that they are one, so what can be seen must agree. An inode number may have been given
 * out again: a move leaves the time as it was, a new file has its own.
 */
static bool plausible(const struct tally_tree_diff *d, uint32_t before, uint32_t after,
                      enum tree_tie tie)
{
	const struct tally_entry *b = tree_entry(d, TALLY_BEFORE, before);
	const struct tally_entry *a = tree_entry(d, TALLY_AFTER, after);

	if (b->type != a->type || (tie == TREE_TIE_INODE && b->mtime_ns != a->mtime_ns))
		return false;
	if (b->type == TALLY_TYPE_SYMLINK && b->target && a->target)
		return strcmp(b->target, a->target) == 0;
	return tally_digest_equal(&b->digest, &a->digest);
}

static bool pair_followers(struct tally_tree_diff *d, struct tree_ties *t, enum follower what,
                           enum tree_tie tie)
{
	if (!gather(d, TALLY_BEFORE, what, &t->sources) || !gather(d, TALLY_AFTER, what, &t->targets))
		return false;
	if (!t->sources.count || !t->targets.count)
		return true;
	if (!tree_ties_match(d, t, tie, 1))
		return false;
	for (size_t i = 0; i < t->pairs.count; i += 2)
		if (plausible(d, t->pairs.at[i], t->pairs.at[i + 1], tie))
			tree_pair(d, tree_item_of(d, TALLY_BEFORE, t->pairs.at[i]),
			          tree_item_of(d, TALLY_AFTER, t->pairs.at[i + 1]),
			          TALLY_CHANGE_MOVED);
	return true;
}

/* Empty files look all alike: only the inode, the folder that moved, or a name that no other empty file has, count. */
enum tally_status tree_follow(struct tally_tree_diff *d, struct tally_err *err)
{
	enum tally_status st = tree_map_folders(d, err);
	struct tree_ties t = { 0 };
	bool ok = true;

	if (st < 0)
		return st;
	ok = inherit(d) && pair_folders(d);
	for (int what = 0; ok && what < FOLLOWERS; what++)
		ok = pair_followers(d, &t, (enum follower)what, TREE_TIE_INODE) &&
		     (what == FOLLOWER_DIR ||
		      pair_followers(d, &t, (enum follower)what, TREE_TIE_MAPPED));
	ok = ok && pair_followers(d, &t, FOLLOWER_EMPTY, TREE_TIE_SUFFIX);
	tree_ties_release(&t);
	return ok ? TALLY_OK : tally_err_nomem(err);
}
