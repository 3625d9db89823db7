/* Folds: one line for a folder that moved, with its exceptions, instead of a hundred for its files. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/path.h"
#include "diff/tree_state.h"

/* Files that went from below one folder to the same place below another, under their own names. */
struct flow {
	uint32_t from, to;
	uint32_t files;
	uint32_t direct;   /* of them, directly in the folder */
	uint32_t children; /* subfolders that went along */
};

struct flows {
	struct flow *at;
	size_t count, cap;
};

enum { NO_FOLD = 0 }; /* fold numbers start at 1 here */

struct work {
	struct tally_tree_diff *d;
	struct flows flows;
	uint32_t *best;    /* by before folder: number of its largest flow, or none */
	uint32_t *cover;   /* by before folder: where it went as a part of a fold, or none */
	uint32_t *moved;   /* by before folder: the fold that it is a part of */
	uint32_t *near[2]; /* by folder: the fold whose exceptions stand here */
	uint32_t *split;   /* by before folder: its split */
	uint32_t *added;   /* by after folder */
	uint32_t *deleted; /* by before folder */
	uint32_t *target;  /* by after folder: how many folds lead here */
	uint32_t *in_place[2]; /* sums over folders in order: files that are still where they were; [n] is up to n */
	uint32_t *files[2];
	uint32_t *gone_in; /* sums: files that were deleted, before side */
	uint32_t *new_in;  /* sums: files that came from nowhere or were copied, after side */
	uint32_t *fold_of; /* by change */
	struct tree_list exceptions; /* fold, change, fold, change … */
};

static const struct tally_tree *tree_of(const struct work *w, enum tally_side side)
{
	return w->d->tree[side];
}

static uint32_t parent_of(const struct tally_tree *t, uint32_t dir)
{
	uint32_t self = t->dirs[dir].self;

	return self == TALLY_NO_INDEX ? TALLY_NO_INDEX : t->entries[self].dir;
}

static bool same_base(const struct work *w, uint32_t before, uint32_t after)
{
	const struct tally_dir *a = &tree_of(w, TALLY_BEFORE)->dirs[before];
	const struct tally_dir *b = &tree_of(w, TALLY_AFTER)->dirs[after];
	size_t x = tally_path_base(a->path, a->path_len), y = tally_path_base(b->path, b->path_len);

	return a->path_len - x == b->path_len - y &&
	       memcmp(a->path + x, b->path + y, a->path_len - x) == 0;
}

static bool same_name(const struct work *w, const struct tally_change *c)
{
	const struct tally_entry *b = tree_entry(w->d, TALLY_BEFORE, c->before);
	const struct tally_entry *a = tree_entry(w->d, TALLY_AFTER, c->after);

	return b->name_len == a->name_len && memcmp(b->name, a->name, a->name_len) == 0;
}

static bool is_move(const struct tally_change *c)
{
	return c->kind == TALLY_CHANGE_MOVED || c->kind == TALLY_CHANGE_MOVED_EDITED;
}

static bool is_moved_file(const struct work *w, const struct tally_change *c)
{
	return is_move(c) && tree_entry(w->d, TALLY_AFTER, c->after)->type == TALLY_TYPE_FILE;
}

static uint32_t from_dir(const struct work *w, const struct tally_change *c)
{
	return tree_entry(w->d, TALLY_BEFORE, c->before)->dir;
}

static uint32_t to_dir(const struct work *w, const struct tally_change *c)
{
	return tree_entry(w->d, TALLY_AFTER, c->after)->dir;
}

/* ---- tables ---- */

static uint32_t *filled(uint32_t count, int byte)
{
	uint32_t *p = tally_alloc(((size_t)count + 1) * sizeof *p);

	if (p)
		memset(p, byte, ((size_t)count + 1) * sizeof *p);
	return p;
}

static bool make(struct work *w)
{
	uint32_t before = tree_of(w, TALLY_BEFORE)->dir_count;
	uint32_t after = tree_of(w, TALLY_AFTER)->dir_count;

	for (int side = 0; side < 2; side++) {
		uint32_t count = side == TALLY_BEFORE ? before : after;

		w->near[side] = filled(count, 0);
		w->in_place[side] = filled(count, 0);
		w->files[side] = filled(count, 0);
		if (!w->near[side] || !w->in_place[side] || !w->files[side])
			return false;
	}
	w->best = filled(before, 0xff);
	w->cover = filled(before, 0xff);
	w->moved = filled(before, 0);
	w->split = filled(before, 0);
	w->deleted = filled(before, 0);
	w->gone_in = filled(before, 0);
	w->added = filled(after, 0);
	w->target = filled(after, 0);
	w->new_in = filled(after, 0);
	w->fold_of = tally_alloc_zero(w->d->change_count, sizeof *w->fold_of);
	return w->best && w->cover && w->moved && w->split && w->deleted && w->gone_in &&
	       w->added && w->target && w->new_in && w->fold_of;
}

static void release(struct work *w)
{
	for (int side = 0; side < 2; side++) {
		tally_free(w->near[side]);
		tally_free(w->in_place[side]);
		tally_free(w->files[side]);
	}
	tally_free(w->flows.at);
	tally_free(w->best);
	tally_free(w->cover);
	tally_free(w->moved);
	tally_free(w->split);
	tally_free(w->deleted);
	tally_free(w->gone_in);
	tally_free(w->added);
	tally_free(w->target);
	tally_free(w->new_in);
	tally_free(w->fold_of);
	tally_free(w->exceptions.at);
}

static bool still_there(enum tally_change_kind kind)
{
	return kind == TALLY_CHANGE_MODIFIED || kind == TALLY_CHANGE_UNVERIFIED;
}

/* Sums over the folders in their order: what lies below a folder is one difference. */
static void sum_up(struct work *w)
{
	struct tally_tree_diff *d = w->d;

	for (int side = 0; side < 2; side++) {
		uint32_t count = d->tree[side]->dir_count;

		for (size_t i = 0; i < d->items[side].count; i++) {
			const struct tree_item *item = &d->items[side].at[i];
			const struct tally_entry *e = tree_entry(d, (enum tally_side)side,
			                                         item->entry);
			enum tally_change_kind kind = (enum tally_change_kind)item->kind;

			if (e->type != TALLY_TYPE_FILE)
				continue;
			if (!still_there(kind))
				w->in_place[side][e->dir + 1]++; /* subtracted below */
			if (kind == TALLY_CHANGE_DELETED || kind == TALLY_CHANGE_DUPLICATE_REMOVED)
				w->gone_in[e->dir + 1]++;
			if (kind == TALLY_CHANGE_ADDED || kind == TALLY_CHANGE_COPIED ||
			    kind == TALLY_CHANGE_COPIED_EDITED)
				w->new_in[e->dir + 1]++;
		}
		for (uint32_t i = 0; i < count; i++) {
			w->in_place[side][i + 1] = d->files_in[side][i] - w->in_place[side][i + 1] +
			                           w->in_place[side][i];
			w->files[side][i + 1] = d->files_in[side][i] + w->files[side][i];
		}
	}
	for (uint32_t i = 0; i < d->tree[TALLY_BEFORE]->dir_count; i++)
		w->gone_in[i + 1] += w->gone_in[i];
	for (uint32_t i = 0; i < d->tree[TALLY_AFTER]->dir_count; i++)
		w->new_in[i + 1] += w->new_in[i];
}

static uint32_t below(const struct work *w, const uint32_t *sums, enum tally_side side, uint32_t dir)
{
	return sums[w->d->end[side][dir]] - sums[dir];
}

/* ---- flows ---- */

static bool add_flow(struct flows *f, struct flow flow)
{
	if (!tally_grow(&f->at, &f->cap, f->count, sizeof *f->at))
		return false;
	f->at[f->count++] = flow;
	return true;
}

static int by_folders(const void *a, const void *b)
{
	const struct flow *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

static void add_up(struct flows *f)
{
	size_t n = 0;

	if (f->count)
		qsort(f->at, f->count, sizeof *f->at, by_folders);
	for (size_t i = 0; i < f->count; i++) {
		if (n && by_folders(&f->at[n - 1], &f->at[i]) == 0) {
			f->at[n - 1].files += f->at[i].files;
			f->at[n - 1].direct += f->at[i].direct;
			f->at[n - 1].children += f->at[i].children;
		} else {
			f->at[n++] = f->at[i];
		}
	}
	f->count = n;
}

static bool collect_direct(struct work *w)
{
	for (size_t i = 0; i < w->d->change_count; i++) {
		const struct tally_change *c = &w->d->changes[i];
		struct flow *last = w->flows.count ? &w->flows.at[w->flows.count - 1] : NULL;
		uint32_t from, to;

		if (!is_moved_file(w, c) || !same_name(w, c))
			continue;
		from = from_dir(w, c);
		to = to_dir(w, c);
		if (last && last->from == from && last->to == to) {
			last->files++;
			last->direct++;
		} else if (!add_flow(&w->flows, (struct flow){ from, to, 1, 1, 0 })) {
			return false;
		}
	}
	add_up(&w->flows);
	return true;
}

/* What went from a/x to b/x may have gone along with a, which went to b. */
static bool collect_upward(struct work *w)
{
	const struct tally_tree *tb = tree_of(w, TALLY_BEFORE), *ta = tree_of(w, TALLY_AFTER);
	size_t direct = w->flows.count;

	for (size_t i = 0; i < direct; i++) {
		struct flow f = w->flows.at[i];

		while (same_base(w, f.from, f.to)) {
			f.from = parent_of(tb, f.from);
			f.to = parent_of(ta, f.to);
			if (f.from == TALLY_NO_INDEX || f.to == TALLY_NO_INDEX ||
			    w->d->twin[TALLY_BEFORE][f.from] == f.to)
				break;
			f.direct = 0;
			f.children = 1;
			if (!add_flow(&w->flows, f))
				return false;
		}
	}
	add_up(&w->flows);
	return true;
}

static void find_best(struct work *w)
{
	for (size_t i = 0; i < w->flows.count; i++) {
		uint32_t *best = &w->best[w->flows.at[i].from];

		if (*best == TALLY_NO_INDEX || w->flows.at[i].files > w->flows.at[*best].files)
			*best = (uint32_t)i;
	}
}

/* ---- which folders fold ---- */

static bool new_fold(struct work *w, enum tally_fold_kind kind, uint32_t before, uint32_t after,
                     uint32_t of, uint32_t left)
{
	struct tally_tree_diff *d = w->d;

	if (!tally_grow(&d->folds, &d->fold_cap, d->fold_count, sizeof *d->folds))
		return false;
	d->folds[d->fold_count++] = (struct tally_fold){
		.kind = (uint8_t)kind, .before = before, .after = after, .of = of, .left = left
	};
	return true;
}

/*
 * Most of the folder's files went to the same place. A folder that is still there moved only if files of its own did, or
 * several of its subfolders; otherwise it was the subfolder that moved.
 */
static bool moved(const struct work *w, uint32_t dir, const struct flow *f)
{
	uint32_t total = below(w, w->files[TALLY_BEFORE], TALLY_BEFORE, dir);
	bool gone = w->d->twin[TALLY_BEFORE][dir] == TALLY_NO_INDEX;
	bool fresh = w->d->twin[TALLY_AFTER][f->to] == TALLY_NO_INDEX;

	if ((uint64_t)f->files * 2 <= total)
		return false;
	if (f->files == 1)
		return gone && fresh;
	return gone || f->direct || f->children > 1;
}

/* Did this folder go along with the one above it, as a part of that one's fold? */
static bool went_along(const struct work *w, uint32_t dir, uint32_t to)
{
	uint32_t up = parent_of(tree_of(w, TALLY_BEFORE), dir);

	return to != TALLY_NO_INDEX && up != TALLY_NO_INDEX && w->cover[up] != TALLY_NO_INDEX &&
	       parent_of(tree_of(w, TALLY_AFTER), to) == w->cover[up] && same_base(w, dir, to);
}

static bool fold_moves(struct work *w)
{
	for (uint32_t i = 0; i < tree_of(w, TALLY_BEFORE)->dir_count; i++) {
		const struct flow *f = w->best[i] == TALLY_NO_INDEX ? NULL : &w->flows.at[w->best[i]];
		uint32_t up = parent_of(tree_of(w, TALLY_BEFORE), i);
		uint32_t to = f ? f->to : w->d->map.at[i];

		if (up != TALLY_NO_INDEX)
			w->near[TALLY_BEFORE][i] = w->near[TALLY_BEFORE][up];
		if (went_along(w, i, to)) {
			w->cover[i] = to;
			w->moved[i] = w->moved[up];
			continue;
		}
		if (!f || !moved(w, i, f))
			continue;
		if (!new_fold(w, TALLY_FOLD_MOVED, i, to,
		              below(w, w->files[TALLY_BEFORE], TALLY_BEFORE, i),
		              below(w, w->in_place[TALLY_BEFORE], TALLY_BEFORE, i)))
			return false;
		w->cover[i] = to;
		w->moved[i] = w->near[TALLY_BEFORE][i] = (uint32_t)w->d->fold_count;
		w->target[to]++;
	}
	return true;
}

/* Into a folder that had others, or together with another one: merged. */
static void find_merges(struct work *w)
{
	for (size_t i = 0; i < w->d->fold_count; i++) {
		struct tally_fold *f = &w->d->folds[i];

		if (w->target[f->after] > 1 ||
		    below(w, w->in_place[TALLY_AFTER], TALLY_AFTER, f->after))
			f->kind = TALLY_FOLD_MERGED;
		else if (w->d->twin[TALLY_AFTER][f->after] == TALLY_NO_INDEX)
			w->near[TALLY_AFTER][f->after] = (uint32_t)i + 1;
	}
}

enum { SPLIT_LEAST = 3 }; /* files, from which on their going apart is worth a line */

/* Only what lay directly in the folder: what its subfolders did has lines of its own. */
static bool fold_splits(struct work *w)
{
	uint32_t *out = filled(tree_of(w, TALLY_BEFORE)->dir_count, 0);
	uint32_t *first = filled(tree_of(w, TALLY_BEFORE)->dir_count, 0xff);
	uint32_t *several = filled(tree_of(w, TALLY_BEFORE)->dir_count, 0);
	bool ok = out && first && several;

	for (size_t i = 0; ok && i < w->d->change_count; i++) {
		const struct tally_change *c = &w->d->changes[i];
		uint32_t from, to;

		if (!is_moved_file(w, c))
			continue;
		from = from_dir(w, c);
		to = to_dir(w, c);
		if (w->d->twin[TALLY_BEFORE][from] == to)
			continue;
		out[from]++;
		if (first[from] == TALLY_NO_INDEX)
			first[from] = to;
		several[from] |= first[from] != to;
	}
	for (uint32_t i = 0; ok && i < tree_of(w, TALLY_BEFORE)->dir_count; i++) {
		uint32_t of = w->d->files_in[TALLY_BEFORE][i];
		uint32_t left = w->in_place[TALLY_BEFORE][i + 1] - w->in_place[TALLY_BEFORE][i];

		if (w->moved[i] || !several[i] || out[i] < SPLIT_LEAST || (uint64_t)out[i] * 2 <= of)
			continue;
		ok = new_fold(w, TALLY_FOLD_SPLIT, i, TALLY_NO_INDEX, of, left);
		w->split[i] = (uint32_t)w->d->fold_count;
	}
	tally_free(out);
	tally_free(first);
	tally_free(several);
	return ok;
}

/* Is the folder's own entry listed with this kind? */
static bool own_kind(const struct work *w, enum tally_side side, uint32_t dir,
                     enum tally_change_kind kind)
{
	uint32_t self = tree_of(w, side)->dirs[dir].self;

	return self != TALLY_NO_INDEX && w->d->kind[side][self] == kind;
}

/* New or deleted folders, each at the top: @of tells those that hold a fold above them. */
static bool fold_whole(struct work *w, enum tally_side side, enum tally_fold_kind fold,
                       enum tally_change_kind kind, const uint32_t *count, uint32_t *of)
{
	const struct tally_tree *t = tree_of(w, side);

	for (uint32_t i = 0; i < t->dir_count; i++) {
		uint32_t up = parent_of(t, i), total = below(w, w->files[side], side, i);
		bool taken = side == TALLY_BEFORE ? w->moved[i] != NO_FOLD : w->target[i] != 0;

		if (up != TALLY_NO_INDEX && of[up] && !taken) {
			of[i] = of[up];
			continue;
		}
		if (taken || !own_kind(w, side, i, kind) ||
		    (total && (uint64_t)below(w, count, side, i) * 2 <= total))
			continue;
		if (!new_fold(w, fold, side == TALLY_BEFORE ? i : TALLY_NO_INDEX,
		              side == TALLY_AFTER ? i : TALLY_NO_INDEX, total, 0))
			return false;
		of[i] = (uint32_t)w->d->fold_count;
		w->near[side][i] = of[i];
	}
	return true;
}

static void spread_near(struct work *w, enum tally_side side)
{
	const struct tally_tree *t = tree_of(w, side);

	for (uint32_t i = 0; i < t->dir_count; i++) {
		uint32_t up = parent_of(t, i);

		if (!w->near[side][i] && up != TALLY_NO_INDEX)
			w->near[side][i] = w->near[side][up];
	}
}

/* ---- which changes they stand for ---- */

/* The folder that an entry is, or none. */
static uint32_t as_dir(const struct work *w, enum tally_side side, uint32_t entry)
{
	const struct tally_entry *e = tree_entry(w->d, side, entry);

	return e->type == TALLY_TYPE_DIR ? e->subdir : TALLY_NO_INDEX;
}

/* The fold of an entry in one of the tables by folder: for a folder its own place in it, otherwise its folder's. */
static uint32_t fold_at(const struct work *w, enum tally_side side, uint32_t entry,
                        const uint32_t *table)
{
	uint32_t own = as_dir(w, side, entry);

	if (own != TALLY_NO_INDEX && table[own])
		return table[own];
	return table[tree_entry(w->d, side, entry)->dir];
}

static uint32_t fold_of_move(const struct work *w, const struct tally_change *c)
{
	uint32_t from = from_dir(w, c), own = as_dir(w, TALLY_BEFORE, c->before);

	if (c->kind == TALLY_CHANGE_MOVED) {
		if (w->cover[from] == to_dir(w, c) && same_name(w, c))
			return w->moved[from];
		if (own != TALLY_NO_INDEX && w->cover[own] != TALLY_NO_INDEX &&
		    w->cover[own] == as_dir(w, TALLY_AFTER, c->after))
			return w->moved[own];
	}
	return is_moved_file(w, c) ? w->split[from] : NO_FOLD;
}

static uint32_t fold_of_change(const struct work *w, const struct tally_change *c)
{
	uint32_t own;

	switch (c->kind) {
	case TALLY_CHANGE_MOVED:
	case TALLY_CHANGE_MOVED_EDITED:
		return fold_of_move(w, c);
	case TALLY_CHANGE_ADDED:
	case TALLY_CHANGE_COPIED:
	case TALLY_CHANGE_COPIED_EDITED:
		return fold_at(w, TALLY_AFTER, c->after, w->added);
	case TALLY_CHANGE_DELETED:
	case TALLY_CHANGE_DUPLICATE_REMOVED:
		own = as_dir(w, TALLY_BEFORE, c->before);
		if (own != TALLY_NO_INDEX && w->moved[own])
			return w->moved[own]; /* it went because its files went */
		return fold_at(w, TALLY_BEFORE, c->before, w->deleted);
	default:
		return NO_FOLD;
	}
}

/* A folder that was made for what moved into it. */
static void adopt_targets(struct work *w)
{
	uint32_t *fold_to = w->target; /* its counts have served */

	memset(fold_to, 0, (size_t)tree_of(w, TALLY_AFTER)->dir_count * sizeof *fold_to);
	for (uint32_t i = 0; i < tree_of(w, TALLY_BEFORE)->dir_count; i++)
		if (w->moved[i] && w->cover[i] != TALLY_NO_INDEX && !fold_to[w->cover[i]])
			fold_to[w->cover[i]] = w->moved[i];
	for (size_t i = 0; i < w->d->change_count; i++) {
		const struct tally_change *c = &w->d->changes[i];
		uint32_t own = c->kind == TALLY_CHANGE_ADDED ? as_dir(w, TALLY_AFTER, c->after)
		                                             : TALLY_NO_INDEX;

		if (own != TALLY_NO_INDEX && fold_to[own])
			w->fold_of[i] = fold_to[own];
	}
}

static bool except(struct work *w, uint32_t fold, uint32_t change)
{
	size_t n = w->exceptions.count;

	if (fold == NO_FOLD)
		return true;
	for (; n >= 2 && w->exceptions.at[n - 1] == change; n -= 2)
		if (w->exceptions.at[n - 2] == fold)
			return true; /* it is one already, for its other end */
	return tree_list_add(&w->exceptions, fold) && tree_list_add(&w->exceptions, change);
}

static bool find_exceptions(struct work *w)
{
	for (uint32_t i = 0; i < w->d->change_count; i++) {
		const struct tally_change *c = &w->d->changes[i];
		bool ok = true;

		if (w->fold_of[i])
			continue;
		if (c->before != TALLY_NO_INDEX && c->kind != TALLY_CHANGE_COPIED &&
		    c->kind != TALLY_CHANGE_COPIED_EDITED)
			ok = except(w, w->near[TALLY_BEFORE][from_dir(w, c)], i);
		if (ok && c->overwrote.before != TALLY_NO_INDEX)
			ok = except(w,
			            w->near[TALLY_BEFORE]
			                   [tree_entry(w->d, TALLY_BEFORE, c->overwrote.before)->dir],
			            i);
		if (ok && c->after != TALLY_NO_INDEX)
			ok = except(w, w->near[TALLY_AFTER][to_dir(w, c)], i);
		if (!ok)
			return false;
	}
	return true;
}

/* ---- the lists ---- */

static bool stands_for_file(const struct work *w, const struct tally_change *c)
{
	bool after = c->after != TALLY_NO_INDEX;

	return tree_entry(w->d, after ? TALLY_AFTER : TALLY_BEFORE, after ? c->after : c->before)->type ==
	       TALLY_TYPE_FILE;
}

static void count_changes(struct work *w)
{
	for (size_t i = 0; i < w->d->change_count; i++) {
		struct tally_fold *f;

		if (!w->fold_of[i])
			continue;
		f = &w->d->folds[w->fold_of[i] - 1];
		f->change_count++;
		f->files += stands_for_file(w, &w->d->changes[i]);
	}
	for (size_t i = 0; i < w->exceptions.count; i += 2)
		w->d->folds[w->exceptions.at[i] - 1].exception_count++;
}

static bool fill_lists(struct work *w)
{
	struct tally_tree_diff *d = w->d;
	size_t total = d->change_count + w->exceptions.count / 2;
	uint32_t *pool = tally_arena_alloc(&d->arena, total * sizeof *pool);
	uint32_t **at = tally_alloc(d->fold_count * sizeof *at);

	if (!pool || !at) {
		tally_free(at);
		return false;
	}
	for (size_t i = 0; i < d->fold_count; i++) {
		d->folds[i].changes = at[i] = pool;
		pool += d->folds[i].change_count;
	}
	for (uint32_t i = 0; i < d->change_count; i++)
		if (w->fold_of[i])
			*at[w->fold_of[i] - 1]++ = i;
	for (size_t i = 0; i < d->fold_count; i++) {
		d->folds[i].exceptions = at[i] = pool;
		pool += d->folds[i].exception_count;
	}
	for (size_t i = 0; i < w->exceptions.count; i += 2)
		*at[w->exceptions.at[i] - 1]++ = w->exceptions.at[i + 1];
	tally_free(at);
	return true;
}

/* A line that stands for one change is no shorter than the change. */
static void drop_small(struct tally_tree_diff *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->fold_count; i++)
		if (d->folds[i].change_count > 1)
			d->folds[n++] = d->folds[i];
	d->fold_count = n;
}

enum tally_status tree_folds(struct tally_tree_diff *d, struct tally_err *err)
{
	struct work w = { .d = d };
	bool ok;

	if (!d->change_count)
		return TALLY_OK;
	ok = make(&w);
	if (ok)
		sum_up(&w);
	ok = ok && collect_direct(&w) && collect_upward(&w);
	if (ok)
		find_best(&w);
	ok = ok && fold_moves(&w);
	if (ok)
		find_merges(&w);
	ok = ok && fold_splits(&w) &&
	     fold_whole(&w, TALLY_AFTER, TALLY_FOLD_ADDED, TALLY_CHANGE_ADDED, w.new_in, w.added) &&
	     fold_whole(&w, TALLY_BEFORE, TALLY_FOLD_DELETED, TALLY_CHANGE_DELETED, w.gone_in,
	                w.deleted);
	if (ok) {
		spread_near(&w, TALLY_BEFORE);
		spread_near(&w, TALLY_AFTER);
		for (size_t i = 0; i < d->change_count; i++)
			w.fold_of[i] = fold_of_change(&w, &d->changes[i]);
		adopt_targets(&w);
	}
	ok = ok && find_exceptions(&w);
	if (ok) {
		count_changes(&w);
		ok = fill_lists(&w);
		drop_small(d);
	}
	release(&w);
	return ok ? TALLY_OK : tally_err_nomem(err);
}
