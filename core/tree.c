/* The tree model: collects folders and entries in order, links them, and finds paths in them. */
#include "core/tree.h"

#include <assert.h>
#include <string.h>

#include "core/escape.h"
#include "core/mem.h"
#include "core/path.h"

/* Indices are 32 bits wide and the largest value means "none". */
enum { COUNT_MOST = TALLY_NO_INDEX - 1 };

struct tally_tree_builder {
	struct tally_tree *tree;
	size_t dir_cap, entry_cap, root_cap, pattern_cap;
};

const char *tally_type_name(enum tally_entry_type type)
{
	static const char *const names[TALLY_TYPE_COUNT] = {
		[TALLY_TYPE_FILE] = "file",       [TALLY_TYPE_DIR] = "folder",
		[TALLY_TYPE_SYMLINK] = "link",    [TALLY_TYPE_FIFO] = "pipe",
		[TALLY_TYPE_SOCKET] = "socket",   [TALLY_TYPE_CHARDEV] = "device",
		[TALLY_TYPE_BLOCKDEV] = "device", [TALLY_TYPE_UNKNOWN] = "unknown",
	};

	return (unsigned)type < TALLY_TYPE_COUNT ? names[type] : "unknown";
}

/* ---- building ---- */

static struct tally_tree *tree_new(void)
{
	struct tally_tree *tree = tally_alloc_zero(1, sizeof *tree);

	if (tree)
		tally_arena_init(&tree->arena, 0);
	return tree;
}

void tally_tree_free(struct tally_tree *tree)
{
	if (!tree)
		return;
	tally_free(tree->dirs);
	tally_free(tree->entries);
	tally_free(tree->roots);
	tally_free(tree->patterns);
	tally_arena_release(&tree->arena);
	tally_free(tree);
}

enum tally_status tally_tree_builder_new(struct tally_tree_builder **out, struct tally_err *err)
{
	struct tally_tree_builder *b = tally_alloc_zero(1, sizeof *b);

	if (!b)
		return tally_err_nomem(err);
	b->tree = tree_new();
	if (!b->tree) {
		tally_free(b);
		return tally_err_nomem(err);
	}
	*out = b;
	return TALLY_OK;
}

void tally_tree_builder_free(struct tally_tree_builder *b)
{
	if (!b)
		return;
	tally_tree_free(b->tree);
	tally_free(b);
}

static bool reserve(void *items, size_t *cap, size_t want, size_t size)
{
	void **array = items;
	void *grown;

	if (want <= *cap)
		return true;
	grown = tally_realloc(*array, want, size);
	if (!grown)
		return false;
	*array = grown;
	*cap = want;

	return true;
}

enum tally_status tally_tree_builder_reserve(struct tally_tree_builder *b, uint32_t dirs,
                                             uint32_t entries, struct tally_err *err)
{
	struct tally_tree *t = b->tree;

	if (!reserve(&t->dirs, &b->dir_cap, dirs, sizeof *t->dirs) ||
	    !reserve(&t->entries, &b->entry_cap, entries, sizeof *t->entries))
		return tally_err_nomem(err);
	return TALLY_OK;
}

static enum tally_status refuse(struct tally_err *err, const char *what, const char *path, size_t len)
{
	char shown[256];

	tally_escape_into(shown, sizeof shown, path, len);
	return tally_err_set(err, TALLY_FATAL, TALLY_REASON_DAMAGED, "%s '%s'", what, shown);
}

enum tally_status tally_tree_builder_dir(struct tally_tree_builder *b, const struct tally_dir *dir,
                                         struct tally_err *err)
{
	struct tally_tree *t = b->tree;
	const struct tally_dir *last = t->dir_count ? &t->dirs[t->dir_count - 1] : NULL;
	struct tally_dir *d;

	if (!tally_path_valid(dir->path, dir->path_len) || dir->reason >= TALLY_REASON_COUNT)
		return refuse(err, "not a folder of a snapshot", dir->path, dir->path_len);
	if (last && tally_path_compare(last->path, last->path_len, dir->path, dir->path_len) >= 0)
		return refuse(err, "folder out of order", dir->path, dir->path_len);
	if (t->dir_count >= COUNT_MOST)
		return refuse(err, "too many folders at", dir->path, dir->path_len);
	if (!tally_grow(&t->dirs, &b->dir_cap, t->dir_count, sizeof *t->dirs))
		return tally_err_nomem(err);
	d = &t->dirs[t->dir_count];
	*d = *dir;
	d->path = tally_arena_dup(&t->arena, dir->path, dir->path_len);
	if (!d->path)
		return tally_err_nomem(err);
	d->self = TALLY_NO_INDEX;
	d->first = t->entry_count;
	d->count = 0;
	t->dir_count++;
	return TALLY_OK;
}

static bool name_valid(const char *name, size_t len)
{
	return len > 0 && !memchr(name, '/', len) && tally_path_valid(name, len);
}

static bool entry_valid(const struct tally_entry *e)
{
	return name_valid(e->name, e->name_len) && e->type < TALLY_TYPE_COUNT &&
	       e->proof <= TALLY_PROOF_HASHED && e->reason < TALLY_REASON_COUNT;
}

/* Strings move into the arena; the struct itself was copied before. */
static bool adopt_strings(struct tally_arena *arena, struct tally_entry *e)
{
	e->name = tally_arena_dup(arena, e->name, e->name_len);
	if (!e->name)
		return false;
	if (e->target) {
		e->target = tally_arena_dup(arena, e->target, strlen(e->target));
		if (!e->target)
			return false;
	}
	if (e->sha256) {
		struct tally_sha256 *copy = tally_arena_alloc(arena, sizeof *copy);

		if (!copy)
			return false;
		*copy = *e->sha256;
		e->sha256 = copy;
	}
	return true;
}

enum tally_status tally_tree_builder_entry(struct tally_tree_builder *b,
                                           const struct tally_entry *entry, struct tally_err *err)
{
	struct tally_tree *t = b->tree;
	struct tally_dir *d = t->dir_count ? &t->dirs[t->dir_count - 1] : NULL;
	const struct tally_entry *last = d && d->count ? &t->entries[t->entry_count - 1] : NULL;
	struct tally_entry *e;

	if (!d || !entry_valid(entry))
		return refuse(err, "not an entry of a snapshot", entry->name, entry->name_len);
	if (last && tally_name_compare(last->name, last->name_len, entry->name, entry->name_len) >= 0)
		return refuse(err, "entry out of order", entry->name, entry->name_len);
	if (t->entry_count >= COUNT_MOST)
		return refuse(err, "too many entries at", entry->name, entry->name_len);
	if (!tally_grow(&t->entries, &b->entry_cap, t->entry_count, sizeof *t->entries))
		return tally_err_nomem(err);
	e = &t->entries[t->entry_count];
	*e = *entry;
	if (!adopt_strings(&t->arena, e))
		return tally_err_nomem(err);
	e->dir = t->dir_count - 1;
	e->subdir = TALLY_NO_INDEX;
	d->count++;
	t->entry_count++;
	return TALLY_OK;
}

enum tally_status tally_tree_builder_room(struct tally_tree_builder *b, uint32_t count,
                                          struct tally_entry **out, struct tally_err *err)
{
	struct tally_tree *t = b->tree;
	size_t want;

	if (!t->dir_count)
		return refuse(err, "entries without a folder", "", 0);
	if (count > COUNT_MOST - t->entry_count)
		return refuse(err, "too many entries at", t->dirs[t->dir_count - 1].path,
		              t->dirs[t->dir_count - 1].path_len);
	want = (size_t)t->entry_count + count;
	if (want > b->entry_cap && want < b->entry_cap * 2)
		want = b->entry_cap * 2;
	if (!reserve(&t->entries, &b->entry_cap, want, sizeof *t->entries))
		return tally_err_nomem(err);
	*out = t->entries ? &t->entries[t->entry_count] : NULL;
	return TALLY_OK;
}

/*
 * Copy a name with its NUL and check it on the way, eight bytes at once: is one of them '/' or NUL?
 * (x - 0x01…) & ~x & 0x80… is not 0 exactly when a byte of x is.
 */
static bool copy_name(char *to, const char *from, size_t len)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	uint64_t found = 0, x;
	size_t i = 0;

	for (; i + 8 <= len; i += 8) {
		memcpy(&x, from + i, 8);
		memcpy(to + i, &x, 8);
		found |= (x - ones) & ~x & tops;
		x ^= ones * '/';
		found |= (x - ones) & ~x & tops;
	}
	for (; i < len; i++) {
		to[i] = from[i];
		found |= from[i] == '\0' || from[i] == '/';
	}
	to[len] = '\0';
	return !found && len > 0 && !(from[0] == '.' && (len == 1 || (len == 2 && from[1] == '.')));
}

/* All but names: those come in one piece for the whole folder. */
static bool adopt_rest(struct tally_arena *arena, struct tally_entry *e)
{
	const char *name = e->name;
	uint16_t len = e->name_len;
	bool ok;

	if (!e->target && !e->sha256)
		return true;
	e->name = "";
	e->name_len = 0;
	ok = adopt_strings(arena, e);
	e->name = name;
	e->name_len = len;
	return ok;
}

enum tally_status tally_tree_builder_take(struct tally_tree_builder *b, uint32_t count,
                                          struct tally_err *err)
{
	struct tally_tree *t = b->tree;
	struct tally_dir *d = &t->dirs[t->dir_count - 1];
	struct tally_entry *e = t->entries ? &t->entries[t->entry_count] : NULL;
	const struct tally_entry *last = d->count ? e - 1 : NULL;
	size_t total = 0;
	char *names;

	for (uint32_t i = 0; i < count; i++)
		total += (size_t)e[i].name_len + 1;
	names = count ? tally_arena_bytes(&t->arena, total) : NULL;
	if (count && !names)
		return tally_err_nomem(err);
	for (uint32_t i = 0; i < count; i++, last = e++) {
		if (!copy_name(names, e->name, e->name_len) || e->type >= TALLY_TYPE_COUNT ||
		    e->proof > TALLY_PROOF_HASHED || e->reason >= TALLY_REASON_COUNT)
			return refuse(err, "not an entry of a snapshot", e->name, e->name_len);
		e->name = names;
		names += e->name_len + 1;
		if (last && tally_name_compare(last->name, last->name_len, e->name, e->name_len) >= 0)
			return refuse(err, "entry out of order", e->name, e->name_len);
		if (!adopt_rest(&t->arena, e))
			return tally_err_nomem(err);
		e->dir = t->dir_count - 1;
		e->subdir = TALLY_NO_INDEX;
	}
	d->count += count;
	t->entry_count += count;
	return TALLY_OK;
}

enum tally_status tally_tree_builder_root(struct tally_tree_builder *b,
                                          const struct tally_root *root, struct tally_err *err)
{
	struct tally_tree *t = b->tree;
	struct tally_root *r;

	if (t->root_count >= COUNT_MOST ||
	    !tally_grow(&t->roots, &b->root_cap, t->root_count, sizeof *t->roots))
		return tally_err_nomem(err);
	r = &t->roots[t->root_count];
	*r = *root;
	r->path = tally_arena_dup(&t->arena, root->path, strlen(root->path));
	r->label = tally_arena_dup(&t->arena, root->label, strlen(root->label));
	if (!r->path || !r->label)
		return tally_err_nomem(err);
	t->root_count++;
	return TALLY_OK;
}

enum tally_status tally_tree_builder_pattern(struct tally_tree_builder *b,
                                             const struct tally_pattern *pattern,
                                             struct tally_err *err)
{
	struct tally_tree *t = b->tree;
	struct tally_pattern *p;

	if (pattern->reason >= TALLY_REASON_COUNT || t->pattern_count >= COUNT_MOST ||
	    !tally_grow(&t->patterns, &b->pattern_cap, t->pattern_count, sizeof *t->patterns))
		return tally_err_nomem(err);
	p = &t->patterns[t->pattern_count];
	*p = *pattern;
	p->text = tally_arena_dup(&t->arena, pattern->text, strlen(pattern->text));
	p->origin = tally_arena_dup(&t->arena, pattern->origin, strlen(pattern->origin));
	if (!p->text || !p->origin)
		return tally_err_nomem(err);
	t->pattern_count++;
	return TALLY_OK;
}

uint32_t tally_tree_find_in(const struct tally_tree *t, const struct tally_dir *d, const char *name,
                            size_t len)
{
	uint32_t low = d->first, high = d->first + d->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		const struct tally_entry *e = &t->entries[mid];
		int c = tally_name_compare(e->name, e->name_len, name, len);

		if (c == 0)
			return mid;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return TALLY_NO_INDEX;
}

/*
 * The nearest folder above @path among those that are open where @dir was the last one. Folders
 * come with their content right behind them, so a parent is always among the ancestors of the one
 * before.
 */
static uint32_t nearest_above(const struct tally_tree *t, uint32_t dir, const char *path, size_t len)
{
	while (dir != TALLY_NO_INDEX) {
		const struct tally_dir *d = &t->dirs[dir];

		if (d->path_len < len && tally_path_below(path, len, d->path, d->path_len))
			return dir;
		dir = d->self == TALLY_NO_INDEX ? TALLY_NO_INDEX : t->entries[d->self].dir;
	}
	return TALLY_NO_INDEX;
}

static enum tally_status link_dir(struct tally_tree *t, uint32_t index, struct tally_err *err)
{
	struct tally_dir *d = &t->dirs[index];
	size_t base = tally_path_base(d->path, d->path_len);
	uint32_t above = index ? nearest_above(t, index - 1, d->path, d->path_len) : TALLY_NO_INDEX;
	uint32_t self;

	if (above == TALLY_NO_INDEX && base == 0)
		return TALLY_OK; /* a root */
	if (above == TALLY_NO_INDEX ||
	    t->dirs[above].path_len != tally_path_dir_len(d->path, d->path_len))
		return refuse(err, "folder without the folder above it", d->path, d->path_len);
	self = tally_tree_find_in(t, &t->dirs[above], d->path + base, d->path_len - base);
	if (self == TALLY_NO_INDEX || t->entries[self].type != TALLY_TYPE_DIR)
		return refuse(err, "folder without an entry", d->path, d->path_len);
	t->entries[self].subdir = index;
	d->self = self;
	return TALLY_OK;
}

/* Growing doubles; a tree lives long, so what was too much goes back. */
static void trim(void *items, size_t used, size_t cap, size_t size)
{
	void **array = items;
	void *smaller = used < cap ? tally_realloc(*array, used, size) : NULL;

	if (smaller)
		*array = smaller;
}

enum tally_status tally_tree_builder_finish(struct tally_tree_builder *b, struct tally_tree **out,
                                            struct tally_err *err)
{
	struct tally_tree *t = b->tree;
	struct tally_tree *next;

	for (uint32_t i = 0; i < t->dir_count; i++) {
		enum tally_status st = link_dir(t, i, err);

		if (st < 0)
			return st;
	}
	next = tree_new();
	if (!next)
		return tally_err_nomem(err);
	trim(&t->dirs, t->dir_count, b->dir_cap, sizeof *t->dirs);
	trim(&t->entries, t->entry_count, b->entry_cap, sizeof *t->entries);
	*b = (struct tally_tree_builder){ .tree = next };
	*out = t;
	return TALLY_OK;
}

/* ---- finding ---- */

bool tally_tree_path(const struct tally_tree *tree, uint32_t entry, struct tally_buf *out)
{
	const struct tally_entry *e = &tree->entries[entry];
	const struct tally_dir *d;

	assert(entry < tree->entry_count);
	d = &tree->dirs[e->dir];
	return tally_path_join(out, d->path, d->path_len, e->name, e->name_len);
}

uint32_t tally_tree_find_dir(const struct tally_tree *tree, const char *path, size_t len)
{
	uint32_t low = 0, high = tree->dir_count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		const struct tally_dir *d = &tree->dirs[mid];
		int c = tally_path_compare(d->path, d->path_len, path, len);

		if (c == 0)
			return mid;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return TALLY_NO_INDEX;
}

uint32_t tally_tree_find(const struct tally_tree *tree, const char *path, size_t len)
{
	size_t base = tally_path_base(path, len);
	uint32_t dir;

	/* "/x" must not find the "x" of the root */
	if (base == 1)
		return TALLY_NO_INDEX;
	dir = tally_tree_find_dir(tree, path, tally_path_dir_len(path, len));
	if (dir == TALLY_NO_INDEX)
		return TALLY_NO_INDEX;
	return tally_tree_find_in(tree, &tree->dirs[dir], path + base, len - base);
}

/* Why what should lie below this entry cannot be there. */
static enum tally_reason hidden_below(const struct tally_entry *e)
{
	if (e->type != TALLY_TYPE_DIR && e->type != TALLY_TYPE_UNKNOWN)
		return TALLY_REASON_NONE; /* the folder gave way to something that holds nothing */
	return e->reason ? (enum tally_reason)e->reason : TALLY_REASON_NOT_REACHED;
}

static bool is_unread(const struct tally_tree *t, const struct tally_entry *e)
{
	switch (e->type) {
	case TALLY_TYPE_FILE:
		return e->proof == TALLY_PROOF_NONE || !tally_digest_known(&e->digest);
	case TALLY_TYPE_DIR:
		return e->subdir == TALLY_NO_INDEX || t->dirs[e->subdir].reason != TALLY_REASON_NONE;
	case TALLY_TYPE_SYMLINK:
		return !e->target && !tally_digest_known(&e->digest);
	case TALLY_TYPE_UNKNOWN:
		return true;
	default:
		return false;
	}
}

enum tally_reason tally_tree_unread(const struct tally_tree *tree, uint32_t entry)
{
	const struct tally_entry *e = &tree->entries[entry];

	if (!is_unread(tree, e))
		return TALLY_REASON_NONE;
	if (e->reason != TALLY_REASON_NONE)
		return (enum tally_reason)e->reason;
	if (e->type == TALLY_TYPE_DIR && e->subdir != TALLY_NO_INDEX)
		return (enum tally_reason)tree->dirs[e->subdir].reason;
	return TALLY_REASON_NOT_REACHED;
}

enum tally_reason tally_tree_absence(const struct tally_tree *tree, const char *path, size_t len)
{
	size_t at = len;
	uint32_t dir = tally_tree_find_dir(tree, path, len);
	uint32_t entry;

	while (dir == TALLY_NO_INDEX && at > 0) {
		at = tally_path_dir_len(path, at);
		dir = tally_tree_find_dir(tree, path, at);
	}
	if (dir == TALLY_NO_INDEX)
		return TALLY_REASON_NOT_REACHED; /* below none of the roots */
	if (at == len)
		return (enum tally_reason)tree->dirs[dir].reason;
	at = at ? at + 1 : 0;
	path += at;
	len -= at;
	at = 0;
	while (at < len && path[at] != '/')
		at++;
	entry = tally_tree_find_in(tree, &tree->dirs[dir], path, at);
	if (entry == TALLY_NO_INDEX)
		return (enum tally_reason)tree->dirs[dir].reason;
	if (at == len)
		return (enum tally_reason)tree->entries[entry].reason;
	return hidden_below(&tree->entries[entry]);
}
