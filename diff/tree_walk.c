/* The first stage: one walk over both sorted trees that pairs what stands at the same path. */
#include <string.h>

#include "core/mem.h"
#include "core/path.h"
#include "diff/tree_state.h"

static bool both_excluded(const struct tally_entry *b, const struct tally_entry *a)
{
	return b->reason == TALLY_REASON_EXCLUDED && a->reason == TALLY_REASON_EXCLUDED;
}

/* What a folder's time and link count say is what its content says, and that is listed itself. */
unsigned tree_fields(const struct tally_tree_diff *d, const struct tally_entry *before,
                     const struct tally_entry *after)
{
	bool dir = before->type == TALLY_TYPE_DIR;
	unsigned fields = 0;

	if (!tally_entry_seen(before) || !tally_entry_seen(after))
		return 0; /* what is not known is no difference */
	if (before->mode != after->mode)
		fields |= TALLY_FIELD_MODE;
	if (before->uid != after->uid && !d->options.ignore_owner)
		fields |= TALLY_FIELD_OWNER;
	if (before->gid != after->gid && !d->options.ignore_owner)
		fields |= TALLY_FIELD_GROUP;
	if (before->xattr_digest != after->xattr_digest)
		fields |= TALLY_FIELD_XATTRS;
	if (before->mtime_ns != after->mtime_ns && !d->options.ignore_times && (!dir || fields))
		fields |= TALLY_FIELD_MTIME;
	if (before->nlink != after->nlink && d->options.same_disk && !dir)
		fields |= TALLY_FIELD_NLINK;
	return fields;
}

static enum tally_status add_item(struct tally_tree_diff *d, enum tally_side side, uint32_t entry,
                                  struct tree_item item, struct tally_err *err)
{
	struct tree_items *items = &d->items[side];

	if (!tally_grow(&items->at, &items->cap, items->count, sizeof *items->at))
		return tally_err_nomem(err);
	item.entry = entry;
	item.content = TALLY_NO_INDEX;
	item.mate = TALLY_NO_INDEX;
	item.member = TALLY_NO_INDEX;
	d->slot[side][entry] = (uint32_t)items->count;
	d->kind[side][entry] = item.kind;
	items->at[items->count++] = item;
	return TALLY_OK;
}

static void count_file(struct tally_tree_diff *d, enum tally_side side, const struct tally_entry *e)
{
	if (e->type != TALLY_TYPE_FILE)
		return;
	d->balance[1].unsized[side] += !tally_entry_seen(e);
	if (side == TALLY_BEFORE) {
		d->balance[0].before++;
		d->balance[1].before += e->size;
	} else {
		d->balance[0].after++;
		d->balance[1].after += e->size;
	}
}

/* An entry whose path is not there on the other side, and why not. */
static enum tally_status alone(struct tally_tree_diff *d, enum tally_side side, uint32_t entry,
                               enum tally_reason why, struct tally_err *err)
{
	const struct tally_entry *e = tree_entry(d, side, entry);
	enum tally_reason unread = tree_unread(d, side, entry);
	struct tree_item item = { .other = TALLY_NO_INDEX, .reason = (uint8_t)why };

	if (e->reason == TALLY_REASON_EXCLUDED) {
		d->slot[side][entry] = TALLY_NO_INDEX;
		return TALLY_OK; /* nobody wanted it compared */
	}
	count_file(d, side, e);
	item.kind = side == TALLY_BEFORE ? TALLY_CHANGE_DELETED : TALLY_CHANGE_ADDED;
	if (why != TALLY_REASON_NONE) {
		item.kind = TALLY_CHANGE_UNVERIFIED;
		item.side = (uint8_t)(side == TALLY_BEFORE ? 2 : 1);
	} else if ((unread || tree_believed(e)) && side == TALLY_AFTER) {
		item.kind = TALLY_CHANGE_UNVERIFIED;
		item.side = 2;
		item.reason = TALLY_REASON_STAT_ONLY;
	}
	if (unread) {
		item.side |= side == TALLY_BEFORE ? 1 : 2;
		if (why == TALLY_REASON_NONE)
			item.reason = (uint8_t)unread;
	}
	item.open = item.kind != TALLY_CHANGE_UNVERIFIED && !unread;
	return add_item(d, side, entry, item, err);
}

/* Two entries of one path with something to tell. */
static enum tally_status differ(struct tally_tree_diff *d, uint32_t b, uint32_t a,
                                struct tree_item item, struct tally_err *err)
{
	enum tally_status st;

	item.other = a;
	st = add_item(d, TALLY_BEFORE, b, item, err);
	item.other = b;
	return st < 0 ? st : add_item(d, TALLY_AFTER, a, item, err);
}

static enum tally_status unverified(struct tally_tree_diff *d, uint32_t b, uint32_t a,
                                    struct tally_err *err)
{
	const uint8_t before = (uint8_t)tree_unread(d, TALLY_BEFORE, b);
	const uint8_t after = (uint8_t)tree_unread(d, TALLY_AFTER, a);
	const struct tree_item item = { .kind = TALLY_CHANGE_UNVERIFIED,
		                        .side = (uint8_t)((before ? 1 : 0) | (after ? 2 : 0)),
		                        .reason = after ? after : before };

	return differ(d, b, a, item, err);
}

static void same(struct tally_tree_diff *d, uint32_t b, uint32_t a, unsigned fields)
{
	const struct tally_entry *e = tree_entry(d, TALLY_BEFORE, b);
	uint8_t kind = fields ? TALLY_CHANGE_METADATA : TALLY_CHANGE_UNCHANGED;

	d->kind[TALLY_BEFORE][b] = d->kind[TALLY_AFTER][a] = kind;
	d->slot[TALLY_BEFORE][b] = a;
	d->slot[TALLY_AFTER][a] = b;
	if (e->type != TALLY_TYPE_FILE)
		return;
	if (fields) {
		d->balance[0].metadata++;
		d->balance[1].metadata += e->size;
	} else {
		d->balance[0].unchanged++;
		d->balance[1].unchanged += e->size;
	}
	if (e->size) {
		d->stay[d->stay_count].key = tally_digest_low(&e->digest);
		d->stay[d->stay_count++].entry = b;
	}
}

static void count_unverified(struct tally_tree_diff *d, const struct tally_entry *b,
                             const struct tally_entry *a)
{
	d->balance[0].unverified++;
	d->balance[1].unverified += b->size;
	d->balance[0].unverified_after++;
	d->balance[1].unverified_after += a->size;
}

/* Nobody read it on one side or the other. Where its metadata differs that is told; otherwise it is only counted. */
static enum tally_status believe(struct tally_tree_diff *d, uint32_t b, uint32_t a,
                                 struct tally_err *err)
{
	const struct tally_entry *eb = tree_entry(d, TALLY_BEFORE, b);
	const struct tally_entry *ea = tree_entry(d, TALLY_AFTER, a);
	struct tree_item item = { .kind = TALLY_CHANGE_UNVERIFIED,
		                  .reason = TALLY_REASON_STAT_ONLY,
		                  .side = (uint8_t)(tree_believed(eb) | tree_believed(ea) << 1) };

	if (!tally_digest_equal(&eb->digest, &ea->digest) || eb->size != ea->size ||
	    tree_fields(d, eb, ea))
		return differ(d, b, a, item, err);
	d->kind[TALLY_BEFORE][b] = d->kind[TALLY_AFTER][a] = TREE_BELIEVED;
	d->slot[TALLY_BEFORE][b] = a;
	d->slot[TALLY_AFTER][a] = b;
	d->believed++;
	count_unverified(d, eb, ea);
	if (eb->size) {
		d->stay[d->stay_count].key = tally_digest_low(&eb->digest);
		d->stay[d->stay_count++].entry = b;
	}
	return TALLY_OK;
}

/* Is what the two files hold a matter of belief? What an unread before-file held is moot when another content is read now. */
static bool believing(const struct tally_entry *b, const struct tally_entry *a)
{
	return tree_believed(a) || (tree_believed(b) && b->type == a->type &&
	                            tally_digest_equal(&b->digest, &a->digest));
}

static bool same_target(const struct tally_entry *b, const struct tally_entry *a)
{
	if (b->target && a->target)
		return strcmp(b->target, a->target) == 0;
	return tally_digest_equal(&b->digest, &a->digest);
}

static enum tally_status compare(struct tally_tree_diff *d, uint32_t b, uint32_t a,
                                 struct tally_err *err)
{
	const struct tally_entry *eb = tree_entry(d, TALLY_BEFORE, b);
	const struct tally_entry *ea = tree_entry(d, TALLY_AFTER, a);
	struct tree_item item = { 0 };
	enum tally_status st;

	if (both_excluded(eb, ea)) {
		d->slot[TALLY_BEFORE][b] = a;
		d->slot[TALLY_AFTER][a] = b;
		return TALLY_OK;
	}
	count_file(d, TALLY_BEFORE, eb);
	count_file(d, TALLY_AFTER, ea);
	if (eb->type == TALLY_TYPE_UNKNOWN || ea->type == TALLY_TYPE_UNKNOWN)
		return unverified(d, b, a, err);
	if (eb->type != ea->type) {
		item.kind = TALLY_CHANGE_TYPE_CHANGED;
		item.open = true;
		st = differ(d, b, a, item, err);
		if (st == TALLY_OK && tree_believed(ea))
			d->items[TALLY_AFTER].at[d->items[TALLY_AFTER].count - 1].open = false;
		return st;
	}
	if (tree_unread(d, TALLY_BEFORE, b) || tree_unread(d, TALLY_AFTER, a))
		return unverified(d, b, a, err);
	if (believing(eb, ea))
		return believe(d, b, a, err);
	if (eb->type == TALLY_TYPE_FILE &&
	    (!tally_digest_equal(&eb->digest, &ea->digest) || eb->size != ea->size))
		item.kind = TALLY_CHANGE_MODIFIED;
	if (eb->type == TALLY_TYPE_SYMLINK && !same_target(eb, ea))
		item.kind = TALLY_CHANGE_LINK_RETARGETED;
	if (item.kind)
		return differ(d, b, a, item, err);
	same(d, b, a, tree_fields(d, eb, ea));
	return TALLY_OK;
}

static void count_dir(struct tally_tree_diff *d, enum tally_side side, uint32_t dir)
{
	const struct tally_dir *x = &d->tree[side]->dirs[dir];
	uint32_t n = 0;

	for (uint32_t i = 0; i < x->count; i++)
		n += tree_entry(d, side, x->first + i)->type == TALLY_TYPE_FILE;
	d->files_in[side][dir] = n;
}

/* While the names are at hand: is there one that could collide with another on some system? */
static void look_at_names(struct tally_tree_diff *d, uint32_t after, size_t items_before)
{
	const struct tally_dir *x = &d->tree[TALLY_AFTER]->dirs[after];
	bool odd = false;

	for (uint32_t i = 0; d->items[TALLY_AFTER].count > items_before && i < x->count && !odd; i++) {
		const struct tally_entry *e = tree_entry(d, TALLY_AFTER, x->first + i);

		odd = tree_odd_name(e->name, e->name_len);
	}
	d->odd_names[after] = odd;
}

/* A folder that is there on one side only: everything in it is alone, for one reason. */
static enum tally_status walk_alone(struct tally_tree_diff *d, enum tally_side side, uint32_t dir,
                                    struct tally_buf *path, struct tally_err *err)
{
	const struct tally_tree *t = d->tree[side];
	const struct tally_dir *x = &t->dirs[dir];
	size_t items = d->items[TALLY_AFTER].count;
	enum tally_status st = TALLY_OK;
	enum tally_reason why;

	d->twin[side][dir] = TALLY_NO_INDEX;
	d->rank[side][dir] = d->rank_count++;
	count_dir(d, side, dir);
	if (x->count == 0)
		return TALLY_OK;
	if (!tally_tree_path(t, x->first, path))
		return tally_err_nomem(err);
	why = tally_tree_absence(d->tree[tree_other(side)], path->bytes, path->len);
	for (uint32_t i = x->first; i < x->first + x->count && st == TALLY_OK; i++)
		st = alone(d, side, i, why, err);
	if (side == TALLY_AFTER)
		look_at_names(d, dir, items);
	return st;
}

static int compare_names(const struct tally_entry *b, const struct tally_entry *a)
{
	if (b->name_len == a->name_len && memcmp(b->name, a->name, a->name_len) == 0)
		return 0;
	return tally_name_compare(b->name, b->name_len, a->name, a->name_len);
}

static enum tally_status walk_both(struct tally_tree_diff *d, uint32_t before, uint32_t after,
                                   struct tally_err *err)
{
	const struct tally_tree *tb = d->tree[TALLY_BEFORE], *ta = d->tree[TALLY_AFTER];
	const struct tally_dir *db = &tb->dirs[before], *da = &ta->dirs[after];
	uint32_t b = db->first, b_end = b + db->count, a = da->first, a_end = a + da->count;
	size_t items = d->items[TALLY_AFTER].count;
	enum tally_status st = TALLY_OK;

	d->twin[TALLY_BEFORE][before] = after;
	d->twin[TALLY_AFTER][after] = before;
	d->rank[TALLY_BEFORE][before] = d->rank[TALLY_AFTER][after] = d->rank_count++;
	while ((b < b_end || a < a_end) && st == TALLY_OK) {
		int c = b == b_end   ? 1
		        : a == a_end ? -1
		                     : compare_names(&tb->entries[b], &ta->entries[a]);

		if (c == 0)
			st = compare(d, b, a, err);
		else if (c < 0)
			st = alone(d, TALLY_BEFORE, b, (enum tally_reason)da->reason, err);
		else
			st = alone(d, TALLY_AFTER, a, (enum tally_reason)db->reason, err);
		b += c <= 0;
		a += c >= 0;
	}
	count_dir(d, TALLY_BEFORE, before);
	count_dir(d, TALLY_AFTER, after);
	look_at_names(d, after, items);
	return st;
}

static int compare_dirs(const struct tally_dir *x, const struct tally_dir *y)
{
	return tally_path_compare(x->path, x->path_len, y->path, y->path_len);
}

/* Folders come right before what is in them, so the end of a subtree is the end of its last folder. */
static void find_ends(struct tally_tree_diff *d, enum tally_side side)
{
	const struct tally_tree *t = d->tree[side];
	uint32_t *end = d->end[side];

	for (uint32_t i = 0; i < t->dir_count; i++)
		end[i] = i + 1;
	for (uint32_t i = t->dir_count; i-- > 0;) {
		uint32_t self = t->dirs[i].self;

		if (self != TALLY_NO_INDEX && end[t->entries[self].dir] < end[i])
			end[t->entries[self].dir] = end[i];
	}
}

static void *large(size_t count, size_t size)
{
	void *p = tally_alloc(count * size);

	if (p)
		tally_mem_large(p, count * size);
	return p;
}

static bool make_tables(struct tally_tree_diff *d)
{
	for (int side = 0; side < 2; side++) {
		uint32_t entries = d->tree[side]->entry_count, dirs = d->tree[side]->dir_count;

		d->kind[side] = tally_alloc_zero(entries, sizeof *d->kind[side]);
		d->slot[side] = large(entries, sizeof *d->slot[side]);
		d->twin[side] = tally_alloc((size_t)dirs * sizeof *d->twin[side]);
		d->files_in[side] = tally_alloc((size_t)dirs * sizeof *d->files_in[side]);
		d->end[side] = tally_alloc((size_t)dirs * sizeof *d->end[side]);
		d->rank[side] = tally_alloc((size_t)dirs * sizeof *d->rank[side]);
		if (!d->kind[side] || !d->slot[side] || !d->twin[side] || !d->files_in[side] ||
		    !d->end[side] || !d->rank[side])
			return false;
	}
	d->odd_names = tally_alloc_zero(d->tree[TALLY_AFTER]->dir_count, sizeof *d->odd_names);
	d->stay = large(d->tree[TALLY_BEFORE]->entry_count, sizeof *d->stay);
	return d->stay && d->odd_names;
}

enum tally_status tree_walk(struct tally_tree_diff *d, struct tally_err *err)
{
	const struct tally_tree *tb = d->tree[TALLY_BEFORE], *ta = d->tree[TALLY_AFTER];
	uint32_t b = 0, a = 0;
	enum tally_status st = TALLY_OK;
	struct tally_buf path;

	if (!make_tables(d))
		return tally_err_nomem(err);
	tally_buf_init(&path, SIZE_MAX - 1);
	while ((b < tb->dir_count || a < ta->dir_count) && st == TALLY_OK) {
		int c = b == tb->dir_count   ? 1
		        : a == ta->dir_count ? -1
		                             : compare_dirs(&tb->dirs[b], &ta->dirs[a]);

		if (c == 0)
			st = walk_both(d, b, a, err);
		else if (c < 0)
			st = walk_alone(d, TALLY_BEFORE, b, &path, err);
		else
			st = walk_alone(d, TALLY_AFTER, a, &path, err);
		b += c <= 0;
		a += c >= 0;
	}
	tally_buf_release(&path);
	find_ends(d, TALLY_BEFORE);
	find_ends(d, TALLY_AFTER);
	return st;
}
