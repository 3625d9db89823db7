/* Comparing two trees: the stages in their order, and what callers hand in and get out. */
#include "diff/tree_diff.h"

#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "diff/tree_state.h"

const char *tally_change_name(enum tally_change_kind kind)
{
	static const char *const names[TALLY_CHANGE_KINDS] = {
		[TALLY_CHANGE_UNCHANGED] = "unchanged",
		[TALLY_CHANGE_MODIFIED] = "modified",
		[TALLY_CHANGE_METADATA] = "metadata",
		[TALLY_CHANGE_ADDED] = "added",
		[TALLY_CHANGE_COPIED] = "copied",
		[TALLY_CHANGE_COPIED_EDITED] = "copied_edited",
		[TALLY_CHANGE_MOVED] = "moved",
		[TALLY_CHANGE_MOVED_EDITED] = "moved_edited",
		[TALLY_CHANGE_OVERWRITTEN] = "overwritten",
		[TALLY_CHANGE_DELETED] = "deleted",
		[TALLY_CHANGE_DUPLICATE_REMOVED] = "duplicate_removed",
		[TALLY_CHANGE_TYPE_CHANGED] = "type_changed",
		[TALLY_CHANGE_LINK_RETARGETED] = "link_retargeted",
		[TALLY_CHANGE_UNVERIFIED] = "unverified",
	};

	return (unsigned)kind < TALLY_CHANGE_KINDS ? names[kind] : "unknown";
}

const char *tally_fate_name(enum tally_fate fate)
{
	static const char *const names[TALLY_FATES] = {
		[TALLY_FATE_NONE] = "none",
		[TALLY_FATE_SAME_PLACE] = "same_place",
		[TALLY_FATE_MOVED] = "moved",
		[TALLY_FATE_COPY_ELSEWHERE] = "copy_elsewhere",
		[TALLY_FATE_INSIDE_ARCHIVE] = "inside_archive",
		[TALLY_FATE_UNPACKED] = "unpacked",
		[TALLY_FATE_EDITED] = "edited",
		[TALLY_FATE_LOST] = "lost",
		[TALLY_FATE_UNPROVEN] = "unproven",
	};

	return (unsigned)fate < TALLY_FATES ? names[fate] : "unknown";
}

const char *tally_evidence_name(enum tally_evidence evidence)
{
	switch (evidence) {
	case TALLY_EVIDENCE_INODE:
		return "inode";
	case TALLY_EVIDENCE_MEMBERS:
		return "members";
	case TALLY_EVIDENCE_TEXT:
		return "text";
	case TALLY_EVIDENCE_BYTES:
		return "bytes";
	case TALLY_EVIDENCE_PIXELS:
		return "pixels";
	default:
		return "";
	}
}

const char *tally_fold_name(enum tally_fold_kind kind)
{
	static const char *const names[] = {
		[TALLY_FOLD_MOVED] = "folder_moved",     [TALLY_FOLD_MERGED] = "folder_merged",
		[TALLY_FOLD_SPLIT] = "folder_split",     [TALLY_FOLD_ADDED] = "folder_added",
		[TALLY_FOLD_DELETED] = "folder_deleted",
	};

	return (unsigned)kind < sizeof names / sizeof *names ? names[kind] : "unknown";
}

enum tally_status tally_tree_diff_new(struct tally_tree_diff **out, const struct tally_tree *before,
                                      const struct tally_tree *after,
                                      const struct tally_tree_diff_options *options,
                                      struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	struct tally_tree_diff *d = tally_alloc_zero(1, sizeof *d);
	enum tally_status st;

	assert(options->version == TALLY_TREE_DIFF_OPTIONS_VERSION);
	if (!d)
		return tally_err_nomem(err);
	tally_arena_init(&d->arena, 0);
	d->tree[TALLY_BEFORE] = before;
	d->tree[TALLY_AFTER] = after;
	d->options = *options;
	d->limits = options->limits ? *options->limits : defaults;
	st = tree_walk(d, err);
	if (st == TALLY_OK)
		st = tree_contents_pair(d, err);
	if (st == TALLY_OK)
		st = tree_similar_wanted(d, err);
	if (st < 0) {
		tally_tree_diff_free(d);
		return st;
	}
	*out = d;
	return TALLY_OK;
}

static void free_side(struct tally_tree_diff *d, int side)
{
	tally_free(d->kind[side]);
	tally_free(d->slot[side]);
	tally_free(d->items[side].at);
	tally_free(d->twin[side]);
	tally_free(d->files_in[side]);
	tally_free(d->end[side]);
	tally_free(d->rank[side]);
	tally_free(d->holders[side]);
	tally_free(d->wanted[side].at);
	tally_free(d->extra[side].at);
	tally_free(d->sketches[side].at);
	tally_free(d->members[side].at);
}

void tally_tree_diff_free(struct tally_tree_diff *d)
{
	if (!d)
		return;
	free_side(d, TALLY_BEFORE);
	free_side(d, TALLY_AFTER);
	tally_free(d->odd_names);
	tally_free(d->stay);
	tally_free(d->contents);
	tally_free(d->table);
	tally_free(d->hits);
	tally_free(d->map.at);
	tally_free(d->stems.at);
	tally_free(d->unsearched);
	tally_free(d->listings);
	tally_free(d->listed);
	tally_free(d->groups);
	tally_free(d->changes);
	tally_free(d->folds);
	tally_free(d->hazards);
	tally_arena_release(&d->arena);
	tally_free(d);
}

/* ---- evidence ---- */

bool tally_tree_diff_differs(const struct tally_tree_diff *d, enum tally_side side, uint32_t entry)
{
	return tree_has_item(d, side, entry);
}

uint32_t tally_tree_diff_opposite(const struct tally_tree_diff *d, enum tally_side side,
                                  uint32_t entry)
{
	const struct tree_item *item = tree_item_of(d, side, entry);

	return item ? item->other : d->slot[side][entry];
}

const uint32_t *tally_tree_diff_wanted(const struct tally_tree_diff *d, enum tally_side side,
                                       size_t *count)
{
	*count = d->wanted[side].count;
	return d->wanted[side].at;
}

static bool wants_archives(const struct tree_item *item)
{
	return item->kind == TALLY_CHANGE_DELETED || item->kind == TALLY_CHANGE_OVERWRITTEN ||
	       item->kind == TALLY_CHANGE_TYPE_CHANGED || item->kind == TALLY_CHANGE_MOVED_EDITED;
}

static bool is_sought(const struct tally_tree_diff *d, const struct tree_item *item)
{
	return item->content != TALLY_NO_INDEX && d->contents[item->content].missing &&
	       wants_archives(item);
}

bool tally_tree_diff_has_missing(const struct tally_tree_diff *d)
{
	if (d->covers)
		return true;
	for (size_t i = 0; i < d->items[TALLY_BEFORE].count; i++)
		if (is_sought(d, &d->items[TALLY_BEFORE].at[i]))
			return true;
	return false;
}

/* A content that was not there before, or one that something at its path replaced. */
bool tally_tree_diff_has_new(const struct tally_tree_diff *d)
{
	for (size_t i = 0; i < d->content_count; i++) {
		const struct tree_content *c = &d->contents[i];

		if (c->hases && !c->hads && !c->stays && !c->trusts)
			return true;
	}
	for (size_t i = 0; i < d->items[TALLY_BEFORE].count; i++) {
		const struct tree_item *item = &d->items[TALLY_BEFORE].at[i];

		if (item->kind == TALLY_CHANGE_MODIFIED && item->content != TALLY_NO_INDEX &&
		    d->contents[item->content].missing)
			return true;
	}
	return false;
}

bool tally_tree_diff_may_hide(const struct tally_tree_diff *d, uint32_t archive, uint64_t ratio)
{
	const struct tree_unsearched u = { .ratio = ratio, .archive = archive };

	for (size_t i = 0; i < d->items[TALLY_BEFORE].count; i++) {
		const struct tree_item *item = &d->items[TALLY_BEFORE].at[i];

		if (is_sought(d, item) && tree_may_hold(d, &u, item->entry))
			return true;
	}
	return false;
}

bool tally_tree_diff_is_missing(const struct tally_tree_diff *d, const struct tally_digest *digest,
                                uint64_t size)
{
	uint32_t c = size && tally_digest_known(digest) ? tree_content_find(d, digest, size)
	                                                : TALLY_NO_INDEX;

	return c != TALLY_NO_INDEX && d->contents[c].missing;
}

/* A sketch may come from another process: what its users rely on is checked here. */
static bool sketch_valid(const struct tally_sketch *s)
{
	if (s->count > TALLY_SKETCH_MOST || (s->count && !s->pieces) || s->kind > TALLY_SKETCH_PICTURE)
		return false;
	for (uint32_t i = 1; i < s->count; i++)
		if (s->pieces[i - 1].hash >= s->pieces[i].hash)
			return false;
	return true;
}

enum tally_status tally_tree_diff_add_sketch(struct tally_tree_diff *d, enum tally_side side,
                                             uint32_t entry, const struct tally_sketch *sketch,
                                             struct tally_err *err)
{
	struct tree_sketches *list = &d->sketches[side];
	struct tree_sketch s = { entry, *sketch };

	assert(!d->finished);
	if (entry >= d->tree[side]->entry_count || !sketch_valid(sketch))
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_READER_FAILED,
		                     "not a sketch of a file in this tree");
	if (!sketch->count)
		return TALLY_OK;
	s.sketch.pieces = tally_arena_alloc(&d->arena, sketch->count * sizeof *sketch->pieces);
	if (!s.sketch.pieces || !tally_grow(&list->at, &list->cap, list->count, sizeof *list->at))
		return tally_err_nomem(err);
	memcpy(s.sketch.pieces, sketch->pieces, sketch->count * sizeof *sketch->pieces);
	list->at[list->count++] = s;
	return TALLY_OK;
}

/* Notes of one archive come one after the other, in its own order: the first gives the reason, the widest the ratio. */
enum tally_status tally_tree_diff_unsearched(struct tally_tree_diff *d, uint32_t archive,
                                             enum tally_reason reason, uint64_t ratio,
                                             struct tally_err *err)
{
	struct tree_unsearched *last = d->unsearched_count ? &d->unsearched[d->unsearched_count - 1]
	                                                   : NULL;

	assert(!d->finished);
	if (archive >= d->tree[TALLY_AFTER]->entry_count)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_READER_FAILED,
		                     "not an archive of this tree");
	if (last && last->archive == archive) {
		last->ratio = !ratio || !last->ratio ? 0
		              : ratio > last->ratio  ? ratio
		                                     : last->ratio;
		return TALLY_OK;
	}
	if (!tally_grow(&d->unsearched, &d->unsearched_cap, d->unsearched_count,
	                sizeof *d->unsearched))
		return tally_err_nomem(err);
	d->unsearched[d->unsearched_count++] = (struct tree_unsearched){
		ratio, archive, (uint8_t)(reason ? reason : TALLY_REASON_READER_FAILED)
	};
	return TALLY_OK;
}

/* ---- finish ---- */

static bool has_moved(const struct tree_item *before)
{
	return before->kind == TALLY_CHANGE_MOVED || before->kind == TALLY_CHANGE_MOVED_EDITED;
}

/* The before item at the path that this item's file moved to, if its file moved on as well. */
static struct tree_item *next_in_ring(struct tally_tree_diff *d, const struct tree_item *item)
{
	const struct tree_item *after = tree_item_of(d, TALLY_AFTER, item->mate);
	struct tree_item *next;

	if (after->other == TALLY_NO_INDEX)
		return NULL;
	next = tree_item_of(d, TALLY_BEFORE, after->other);
	return next && has_moved(next) ? next : NULL;
}

static void number_ring(struct tally_tree_diff *d, struct tree_item *start)
{
	struct tree_item *i = start;

	d->cycle_count++;
	do {
		i->cycle = d->cycle_count;
		tree_item_of(d, TALLY_AFTER, i->mate)->cycle = d->cycle_count;
		i = next_in_ring(d, i);
	} while (i && i != start);
}

/* Swaps and rings: files that moved to each other's places. Every chain of moves is gone along once. */
static enum tally_status find_cycles(struct tally_tree_diff *d, struct tally_err *err)
{
	struct tree_items *items = &d->items[TALLY_BEFORE];
	bool *seen = tally_alloc_zero(items->count, sizeof *seen);

	if (!seen)
		return tally_err_nomem(err);
	for (size_t n = 0; n < items->count; n++) {
		struct tree_item *start = &items->at[n], *i = start;

		if (!has_moved(start) || seen[n])
			continue;
		while (i && !seen[i - items->at]) {
			seen[i - items->at] = true;
			i = next_in_ring(d, i);
		}
		if (i == start)
			number_ring(d, start);
	}
	tally_free(seen);
	return TALLY_OK;
}

enum tally_status tally_tree_diff_finish(struct tally_tree_diff *d, struct tally_err *err)
{
	enum tally_status (*const stages[])(struct tally_tree_diff *, struct tally_err *) = {
		tree_similar_pair, tree_follow, find_cycles,  tree_fates,
		tree_rows,         tree_folds,  tree_hazards, tree_balance,
	};
	enum tally_status st = TALLY_OK;

	assert(!d->finished);
	st = tally_tree_diff_members_done(d, err);
	d->finished = true;
	for (size_t i = 0; i < sizeof stages / sizeof *stages && st == TALLY_OK; i++)
		st = stages[i](d, err);
	return st;
}

/* ---- results ---- */

const struct tally_change *tally_tree_diff_changes(const struct tally_tree_diff *d, size_t *count)
{
	*count = d->change_count;
	return d->changes;
}

const struct tally_group *tally_tree_diff_groups(const struct tally_tree_diff *d, size_t *count)
{
	*count = d->group_count;
	return d->groups;
}

const struct tally_fold *tally_tree_diff_folds(const struct tally_tree_diff *d, size_t *count)
{
	*count = d->fold_count;
	return d->folds;
}

const struct tally_hazard *tally_tree_diff_hazards(const struct tally_tree_diff *d, size_t *count)
{
	*count = d->hazard_count;
	return d->hazards;
}

const struct tally_balance *tally_tree_diff_balance(const struct tally_tree_diff *d, bool bytes)
{
	return &d->balance[bytes];
}

uint64_t tally_tree_diff_believed(const struct tally_tree_diff *d)
{
	return d->believed;
}

unsigned tally_tree_diff_fields(const struct tally_tree_diff *d, const struct tally_entry *before,
                                const struct tally_entry *after)
{
	return tree_fields(d, before, after);
}

bool tally_tree_diff_root_elsewhere(const struct tally_tree_diff *d, uint32_t dir)
{
	return tree_root_elsewhere(d, dir);
}

const struct tally_contents *tally_tree_diff_contents(const struct tally_tree_diff *d, bool bytes)
{
	return &d->contents_by_fate[bytes];
}
