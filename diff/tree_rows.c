/* The list of changes: one row for each path that is not unchanged, in the order of the paths. */
#include <string.h>

#include "core/mem.h"
#include "core/path.h"
#include "diff/tree_state.h"

struct row {
	uint32_t entry;
	uint8_t side;
	bool retyped; /* the row of the type change beside that of the file that came */
};

struct rows {
	struct row *at;
	size_t count, cap;
};

/* ---- which rows there are ---- */

static bool add_row(struct rows *rows, uint32_t entry, enum tally_side side, bool retyped)
{
	if (!tally_grow(&rows->at, &rows->cap, rows->count, sizeof *rows->at))
		return false;
	rows->at[rows->count++] = (struct row){ entry, (uint8_t)side, retyped };
	return true;
}

static bool collect_after(const struct tally_tree_diff *d, struct rows *rows)
{
	uint32_t count = d->tree[TALLY_AFTER]->entry_count;

	for (uint32_t i = 0; i < count; i++) {
		const struct tree_item *item;

		if (d->kind[TALLY_AFTER][i] == TALLY_CHANGE_UNCHANGED ||
		    d->kind[TALLY_AFTER][i] == TREE_BELIEVED)
			continue;
		item = tree_has_item(d, TALLY_AFTER, i)
		               ? &d->items[TALLY_AFTER].at[d->slot[TALLY_AFTER][i]]
		               : NULL;
		if (item && item->kind != TALLY_CHANGE_TYPE_CHANGED &&
		    item->kind != TALLY_CHANGE_UNVERIFIED && tree_retyped(d, item) &&
		    !add_row(rows, i, TALLY_AFTER, true))
			return false;
		if (!add_row(rows, i, TALLY_AFTER, false))
			return false;
	}
	return true;
}

static bool collect_before(const struct tally_tree_diff *d, struct rows *rows)
{
	for (size_t i = 0; i < d->items[TALLY_BEFORE].count; i++) {
		const struct tree_item *item = &d->items[TALLY_BEFORE].at[i];
		bool gone = item->kind == TALLY_CHANGE_DELETED ||
		            item->kind == TALLY_CHANGE_DUPLICATE_REMOVED ||
		            (item->kind == TALLY_CHANGE_UNVERIFIED && item->other == TALLY_NO_INDEX);

		if (gone && !add_row(rows, item->entry, TALLY_BEFORE, false))
			return false;
	}
	return true;
}

/* ---- their order ---- */

static const struct tally_entry *entry_of(const struct tally_tree_diff *d, const struct row *r)
{
	return tree_entry(d, (enum tally_side)r->side, r->entry);
}

static const struct tally_dir *dir_of(const struct tally_tree_diff *d, const struct row *r)
{
	return &d->tree[r->side]->dirs[entry_of(d, r)->dir];
}

static uint32_t rank_of(const struct tally_tree_diff *d, const struct row *r)
{
	return d->rank[r->side][entry_of(d, r)->dir];
}

/* By folder (in the order of both sides together), then by name. */
static int by_folder_and_name(const struct tally_tree_diff *d, const struct row *a,
                              const struct row *b)
{
	uint32_t x = rank_of(d, a), y = rank_of(d, b);
	const struct tally_entry *e = entry_of(d, a), *f = entry_of(d, b);

	if (x != y)
		return x < y ? -1 : 1;
	return tally_name_compare(e->name, e->name_len, f->name, f->name_len);
}

static bool merge(const struct tally_tree_diff *d, const struct rows *a, const struct rows *b,
                  struct rows *out)
{
	size_t i = 0, k = 0;

	out->at = tally_alloc((a->count + b->count) * sizeof *out->at);
	if (!out->at)
		return false;
	while (i < a->count || k < b->count) {
		bool first = k == b->count ||
		             (i < a->count && by_folder_and_name(d, &a->at[i], &b->at[k]) <= 0);

		out->at[out->count++] = first ? a->at[i++] : b->at[k++];
	}
	return true;
}

/*
 * From "folder by folder" to the order of paths, in which a folder's content stands right behind its name, in the middle of
 * its siblings. Folders come before what is in them, so a stack of the folders above has their rows that are still to come:
 *
 *	rows of a:   a/b  a/z         rows of a/m:  a/m/x
 *	stack:       a (at a/b)   ──► a/m begins: first a's rows up to "m", then a/m/x, in the end a/z
 */
struct frame {
	const struct tally_dir *dir;
	size_t next, end;
};

struct weave {
	const struct tally_tree_diff *d;
	const struct rows *rows;
	struct frame *frames;
	size_t depth, cap;
	uint32_t *order;
	size_t count;
};

static void emit(struct weave *w, struct frame *f)
{
	w->order[w->count++] = (uint32_t)f->next++;
}

/* The rows of the innermost folder that come before its subfolder on the way to @dir. */
static void emit_up_to(struct weave *w, const struct tally_dir *dir)
{
	struct frame *f = &w->frames[w->depth - 1];
	size_t start = f->dir->path_len ? f->dir->path_len + 1 : 0, end = start;

	while (end < dir->path_len && dir->path[end] != '/')
		end++;
	while (f->next < f->end) {
		const struct tally_entry *e = entry_of(w->d, &w->rows->at[f->next]);

		if (tally_name_compare(e->name, e->name_len, dir->path + start, end - start) > 0)
			break;
		emit(w, f);
	}
}

static void leave(struct weave *w)
{
	struct frame *f = &w->frames[--w->depth];

	while (f->next < f->end)
		emit(w, f);
}

static bool enter(struct weave *w, size_t start, size_t end)
{
	const struct tally_dir *dir = dir_of(w->d, &w->rows->at[start]);

	while (w->depth) {
		const struct tally_dir *top = w->frames[w->depth - 1].dir;

		if (tally_path_below(dir->path, dir->path_len, top->path, top->path_len))
			break;
		leave(w);
	}
	if (w->depth)
		emit_up_to(w, dir);
	if (!tally_grow(&w->frames, &w->cap, w->depth, sizeof *w->frames))
		return false;
	w->frames[w->depth++] = (struct frame){ dir, start, end };
	return true;
}

static bool weave(struct weave *w)
{
	for (size_t i = 0, next; i < w->rows->count; i = next) {
		uint32_t rank = rank_of(w->d, &w->rows->at[i]);

		for (next = i + 1; next < w->rows->count; next++)
			if (rank_of(w->d, &w->rows->at[next]) != rank)
				break;
		if (!enter(w, i, next))
			return false;
	}
	while (w->depth)
		leave(w);
	return true;
}

/* ---- what they say ---- */

/* Does a link lead out of its root? Targets are taken literally; nothing on the way is followed. */
static bool leaves_root(const struct tally_tree *t, const struct tally_entry *e)
{
	const struct tally_dir *dir = &t->dirs[e->dir];
	const char *p = e->target;
	long depth = 0;

	if (!p)
		return false;
	if (*p == '/')
		return true;
	for (uint32_t i = 0; i < dir->path_len; i++)
		depth += dir->path[i] == '/';
	if (dir->path_len && t->dirs[0].path_len == 0)
		depth++; /* with several roots the first name of a path is the root's own */
	while (*p) {
		size_t n = strcspn(p, "/");

		if (n == 2 && p[0] == '.' && p[1] == '.')
			depth--;
		else if (n && !(n == 1 && p[0] == '.'))
			depth++;
		if (depth < 0)
			return true;
		p += n;
		p += *p == '/';
	}
	return false;
}

static bool has_places(enum tally_fate fate)
{
	return fate == TALLY_FATE_COPY_ELSEWHERE || fate == TALLY_FATE_INSIDE_ARCHIVE ||
	       fate == TALLY_FATE_UNPROVEN; /* believed places */
}

static struct tally_places places_of(const struct tally_tree_diff *d, const struct tree_item *before)
{
	if (before->content == TALLY_NO_INDEX || !has_places((enum tally_fate)before->fate))
		return (struct tally_places){ 0 };
	return d->contents[before->content].places;
}

/* Nothing else had it, and now nothing has it. */
static bool sole_copy_gone(const struct tally_tree_diff *d, const struct tree_item *before)
{
	const struct tree_content *c;

	if (before->content == TALLY_NO_INDEX ||
	    (before->fate != TALLY_FATE_LOST && before->fate != TALLY_FATE_UNPROVEN &&
	     before->fate != TALLY_FATE_EDITED))
		return false;
	c = &d->contents[before->content];
	return c->hads + c->stays + c->trusts == 1;
}

/* What the before side's item adds to a row: its fate and where it survives. */
static void tell_before(const struct tally_tree_diff *d, struct tally_change *c,
                        const struct tree_item *before)
{
	c->fate = before->fate;
	if (c->kind != TALLY_CHANGE_MOVED)
		c->survives_at = places_of(d, before);
	if (before->fate == TALLY_FATE_EDITED && tree_in_unsearched(d, before->entry))
		c->flags |= TALLY_CHANGE_UNSOUGHT;
	if (c->kind != TALLY_CHANGE_MOVED && c->kind != TALLY_CHANGE_MOVED_EDITED &&
	    c->kind != TALLY_CHANGE_UNVERIFIED && sole_copy_gone(d, before))
		c->flags |= TALLY_CHANGE_SOLE_COPY;
}

static void tell_victim(const struct tally_tree_diff *d, struct tally_change *c, uint32_t other)
{
	const struct tree_item *victim;

	if (other == TALLY_NO_INDEX || d->kind[TALLY_BEFORE][other] != TALLY_CHANGE_OVERWRITTEN)
		return;
	victim = &d->items[TALLY_BEFORE].at[d->slot[TALLY_BEFORE][other]];
	c->overwrote = (struct tally_victim){ other, (enum tally_fate)victim->fate,
		                              places_of(d, victim) };
	if (sole_copy_gone(d, victim))
		c->flags |= TALLY_CHANGE_SOLE_COPY;
}

static void tell_modified(const struct tally_tree_diff *d, struct tally_change *c)
{
	const struct tally_entry *b = tree_entry(d, TALLY_BEFORE, c->before);
	const struct tally_entry *a = tree_entry(d, TALLY_AFTER, c->after);

	if (b->size == a->size && b->mtime_ns == a->mtime_ns && !d->options.ignore_times)
		c->flags |= TALLY_CHANGE_SILENT;
	if (a->size == 0 && b->size != 0)
		c->flags |= TALLY_CHANGE_EMPTIED;
}

/* What was not read shows by its size that it is another. */
static bool size_differs(const struct tally_tree_diff *d, const struct tally_change *c)
{
	const struct tally_entry *b, *a;

	if (c->before == TALLY_NO_INDEX || c->after == TALLY_NO_INDEX)
		return false;
	b = tree_entry(d, TALLY_BEFORE, c->before);
	a = tree_entry(d, TALLY_AFTER, c->after);
	return b->type == TALLY_TYPE_FILE && a->type == TALLY_TYPE_FILE && a->size != b->size &&
	       tally_entry_seen(b) && tally_entry_seen(a);
}

static bool has_fields(const struct tally_change *c)
{
	return c->before != TALLY_NO_INDEX && c->after != TALLY_NO_INDEX &&
	       c->kind != TALLY_CHANGE_COPIED && c->kind != TALLY_CHANGE_COPIED_EDITED &&
	       c->kind != TALLY_CHANGE_TYPE_CHANGED;
}

/* Where the entries of a row's two sides are, and what its item knows. */
static void tell_item(const struct tally_tree_diff *d, struct tally_change *c,
                      const struct tree_item *item, bool after_side)
{
	bool mated = item->mate != TALLY_NO_INDEX && c->kind != TALLY_CHANGE_TYPE_CHANGED;
	uint32_t partner = mated ? item->mate : item->other;

	c->reason = item->reason;
	c->side = item->side;
	if (after_side && c->kind != TALLY_CHANGE_ADDED)
		c->before = partner;
	if (c->kind == TALLY_CHANGE_TYPE_CHANGED)
		return;
	c->evidence = item->evidence;
	c->similarity = item->similarity;
	c->group = item->group;
	c->cycle = item->cycle;
	if (after_side && mated)
		tell_victim(d, c, item->other);
	if (item->member != TALLY_NO_INDEX) {
		c->archive = d->members[TALLY_BEFORE].at[item->member].archive;
		c->from_member = d->members[TALLY_BEFORE].at[item->member].path;
		c->from_member_len = d->members[TALLY_BEFORE].at[item->member].path_len;
	}
}

static bool speaks_for_before(const struct tally_change *c)
{
	return c->before != TALLY_NO_INDEX && c->kind != TALLY_CHANGE_COPIED &&
	       c->kind != TALLY_CHANGE_COPIED_EDITED;
}

static bool tell(struct tally_tree_diff *d, struct tally_change *c, const struct row *r)
{
	bool after = r->side == TALLY_AFTER;
	const struct tree_item *before;
	bool case_only = false, form_only = false;

	*c = (struct tally_change){ .kind = r->retyped ? TALLY_CHANGE_TYPE_CHANGED
		                                       : d->kind[r->side][r->entry],
		                    .before = after ? TALLY_NO_INDEX : r->entry,
		                    .after = after ? r->entry : TALLY_NO_INDEX,
		                    .archive = TALLY_NO_INDEX,
		                    .overwrote.before = TALLY_NO_INDEX };
	if (tree_has_item(d, (enum tally_side)r->side, r->entry))
		tell_item(d, c, tree_item_of(d, (enum tally_side)r->side, r->entry), after);
	else
		c->before = d->slot[TALLY_AFTER][r->entry];
	if (speaks_for_before(c)) {
		before = tree_item_of(d, TALLY_BEFORE, c->before);
		if (before)
			tell_before(d, c, before);
		if (tree_entry(d, TALLY_BEFORE, c->before)->flags & TALLY_ENTRY_KEPT)
			c->flags |= TALLY_CHANGE_KEPT;
	}
	if (has_fields(c))
		c->fields = (uint8_t)tree_fields(d, tree_entry(d, TALLY_BEFORE, c->before),
		                                 tree_entry(d, TALLY_AFTER, c->after));
	if (c->kind == TALLY_CHANGE_UNVERIFIED && size_differs(d, c))
		c->fields |= TALLY_FIELD_SIZE;
	if (c->kind == TALLY_CHANGE_MODIFIED)
		tell_modified(d, c);
	if (c->kind == TALLY_CHANGE_MOVED &&
	    !tree_case_only(d, c->before, c->after, &case_only, &form_only))
		return false;
	if (case_only)
		c->flags |= TALLY_CHANGE_CASE_ONLY | (form_only ? TALLY_CHANGE_FORM_ONLY : 0);
	if (after && c->kind != TALLY_CHANGE_METADATA && c->kind != TALLY_CHANGE_UNVERIFIED &&
	    tree_entry(d, TALLY_AFTER, r->entry)->type == TALLY_TYPE_SYMLINK &&
	    leaves_root(d->tree[TALLY_AFTER], tree_entry(d, TALLY_AFTER, r->entry)))
		c->flags |= TALLY_CHANGE_LEAVES_ROOT;
	return true;
}

enum tally_status tree_rows(struct tally_tree_diff *d, struct tally_err *err)
{
	struct rows after = { 0 }, before = { 0 }, all = { 0 };
	struct weave w = { .d = d, .rows = &all };
	bool ok = collect_after(d, &after) && collect_before(d, &before) &&
	          merge(d, &after, &before, &all);

	if (ok) {
		w.order = tally_alloc(all.count * sizeof *w.order);
		d->changes = tally_alloc(all.count * sizeof *d->changes);
		ok = w.order && d->changes && weave(&w);
	}
	for (size_t i = 0; ok && i < all.count; i++)
		ok = tell(d, &d->changes[d->change_count++], &all.at[w.order[i]]);
	tally_free(w.order);
	tally_free(w.frames);
	tally_free(after.at);
	tally_free(before.at);
	tally_free(all.at);
	return ok ? TALLY_OK : tally_err_nomem(err);
}
