/* What was not read: folders that were not listed, files that were not hashed, patterns that kept entries out. */
#include <stdlib.h>
#include <string.h>

#include "core/limits.h"
#include "core/mem.h"
#include "core/path.h"
#include "receipt/making.h"

static unsigned side_bit(enum tally_side side)
{
	return side == TALLY_BEFORE ? TALLY_ON_BEFORE : TALLY_ON_AFTER;
}

/* the topmost folder at or above a path that this side could not (wholly) list; its length, or SIZE_MAX */
static size_t blind_folder(const struct tally_tree *tree, const char *path, size_t len)
{
	size_t found = SIZE_MAX, n = len;

	for (;;) {
		uint32_t dir;

		n = n ? tally_path_dir_len(path, n) : 0;
		dir = tally_tree_find_dir(tree, path, n);
		if (dir != TALLY_NO_INDEX && tree->dirs[dir].reason != TALLY_REASON_NONE)
			found = n;
		if (dir == TALLY_NO_INDEX && n > 0) {
			uint32_t entry = tally_tree_find(tree, path, n);

			if (entry != TALLY_NO_INDEX &&
			    tree->entries[entry].reason != TALLY_REASON_NONE)
				found = n;
		}
		if (n == 0)
			return found;
	}
}

/* metadata of a folder that could not be listed, where both sides know it */
static enum tally_status folder_fields(struct tally_making *m, const char *path, size_t len,
                                       struct tally_unverified *row)
{
	uint32_t b = len ? tally_tree_find(m->tree[0], path, len) : TALLY_NO_INDEX;
	uint32_t a = len ? tally_tree_find(m->tree[1], path, len) : TALLY_NO_INDEX;

	if (b == TALLY_NO_INDEX || a == TALLY_NO_INDEX)
		return TALLY_OK;
	return tally_making_fields(
		m, tally_tree_diff_fields(m->diff, &m->tree[0]->entries[b], &m->tree[1]->entries[a]),
		&m->tree[0]->entries[b], &m->tree[1]->entries[a], &row->fields, &row->field_count);
}

/* one row for each folder that a side could not list, with the files that are known to lie below it */
static enum tally_status add_blind_folders(struct tally_making *m, enum tally_side side,
                                           const uint64_t *files_below)
{
	const struct tally_tree *tree = m->tree[side];
	enum tally_status st = TALLY_OK;

	for (uint32_t i = 0; i < tree->dir_count && st >= 0; i++) {
		const struct tally_dir *d = &tree->dirs[i];
		uint32_t other;
		struct tally_unverified row = { .side = side_bit(side),
			                        .reason = (enum tally_reason)d->reason,
			                        .level = TALLY_LEVEL_CONTENT,
			                        .folder = true,
			                        .files = files_below[i] };

		if (d->reason == TALLY_REASON_NONE || d->reason == TALLY_REASON_EXCLUDED)
			continue;
		row.path = (struct tally_name){ d->path, d->path_len };
		row.limit = d->reason == TALLY_REASON_LIMIT ? "folder_entries" : NULL;
		other = tally_tree_find_dir(m->tree[!side], d->path, d->path_len);
		if (other != TALLY_NO_INDEX && m->tree[!side]->dirs[other].reason == d->reason) {
			if (side == TALLY_AFTER)
				continue; /* the before side's row says so */
			row.side |= side_bit(TALLY_AFTER);
		}
		st = folder_fields(m, d->path, d->path_len, &row);
		if (st >= 0)
			st = tally_making_gap(m, &row);
	}
	return st;
}

/* the limit that kept the walker from reading an entry; none is named where the system's own number of open files may have been it */
static const char *limit_of(const struct tally_making *m, enum tally_side side, uint32_t entry)
{
	const struct tally_tree *tree = m->tree[side];
	const struct tally_entry *e = &tree->entries[entry];
	uint64_t depth = 0;

	if (e->reason == TALLY_REASON_TOO_LARGE)
		return "hole_bytes";
	if (e->reason != TALLY_REASON_LIMIT || e->type == TALLY_TYPE_FILE)
		return NULL;
	if (e->type == TALLY_TYPE_SYMLINK)
		return "link_target_bytes";
	for (uint32_t i = 0; i < tree->dirs[e->dir].path_len; i++)
		depth += tree->dirs[e->dir].path[i] == '/';
	if (tree->dirs[e->dir].path_len + UINT64_C(1) + e->name_len > m->options->limits->path_bytes)
		return "path_bytes";
	return depth + 1 >= m->options->limits->folder_depth ? "folder_depth" : NULL;
}

static enum tally_status add_file(struct tally_making *m, const struct tally_change *c)
{
	const struct tally_entry *b = c->before == TALLY_NO_INDEX ? NULL
	                                                          : &m->tree[0]->entries[c->before];
	const struct tally_entry *a = c->after == TALLY_NO_INDEX ? NULL
	                                                         : &m->tree[1]->entries[c->after];
	struct tally_unverified row = { .side = c->side,
		                        .reason = (enum tally_reason)c->reason,
		                        .level = TALLY_LEVEL_CONTENT };

	/* what a pattern keeps out on both sides is counted with its pattern */
	if (row.reason == TALLY_REASON_EXCLUDED && (!b || b->reason == TALLY_REASON_EXCLUDED) &&
	    (!a || a->reason == TALLY_REASON_EXCLUDED))
		return TALLY_OK;
	if (b && a && tally_making_fields(m, c->fields, b, a, &row.fields, &row.field_count) < 0)
		return TALLY_FATAL;
	row.folder = (a ? a : b)->type == TALLY_TYPE_DIR;
	row.files = row.folder ? 0 : 1;
	row.limit = limit_of(m, a ? TALLY_AFTER : TALLY_BEFORE, a ? c->after : c->before);
	row.is_new = !b && row.side == TALLY_ON_AFTER;
	row.path = a ? tally_making_path(m, TALLY_AFTER, c->after)
	             : tally_making_path(m, TALLY_BEFORE, c->before);
	return row.path.bytes ? tally_making_gap(m, &row) : tally_err_nomem(m->err);
}

/* below a folder that a side could not list, the folder's row stands for it */
static bool absorbed(struct tally_making *m, const struct tally_change *c, uint64_t *files_below[2])
{
	enum tally_side from = c->after != TALLY_NO_INDEX ? TALLY_AFTER : TALLY_BEFORE;
	uint32_t entry = from == TALLY_AFTER ? c->after : c->before;
	bool is_file = m->tree[from]->entries[entry].type == TALLY_TYPE_FILE;

	if (!tally_tree_path(m->tree[from], entry, &m->path))
		return false;
	for (int side = 0; side < 2; side++) {
		size_t n = blind_folder(m->tree[side], m->path.bytes, m->path.len);
		uint32_t dir = n == SIZE_MAX ? TALLY_NO_INDEX
		                             : tally_tree_find_dir(m->tree[side], m->path.bytes, n);

		if (dir == TALLY_NO_INDEX)
			continue;
		files_below[side][dir] += is_file;
		return true;
	}
	/* the folder itself has a row from its own record */
	for (int side = 0; side < 2; side++) {
		uint32_t dir = tally_tree_find_dir(m->tree[side], m->path.bytes, m->path.len);

		if (dir != TALLY_NO_INDEX && m->tree[side]->dirs[dir].reason != TALLY_REASON_NONE)
			return true;
	}
	return false;
}

/* what went, or came with a new type, without anybody having read it: nobody can say what that was */
static enum tally_status add_unread(struct tally_making *m, const struct tally_change *c,
                                    uint64_t *files_below[2])
{
	const uint32_t entries[2] = { c->before, c->after };
	enum tally_status st = TALLY_OK;

	if (c->kind != TALLY_CHANGE_DELETED && c->kind != TALLY_CHANGE_TYPE_CHANGED)
		return TALLY_OK;
	for (int side = 0; side < 2 && st >= 0; side++) {
		struct tally_change one = { .before = TALLY_NO_INDEX,
			                    .after = TALLY_NO_INDEX,
			                    .side = (uint8_t)side_bit((enum tally_side)side) };

		if (entries[side] == TALLY_NO_INDEX)
			continue;
		one.reason = (uint8_t)tally_tree_unread(m->tree[side], entries[side]);
		*(side == TALLY_BEFORE ? &one.before : &one.after) = entries[side];
		if (one.reason && !absorbed(m, &one, files_below))
			st = add_file(m, &one);
	}
	return st;
}

/* files believed for size and times: one row for all of them; only those with other metadata have rows of their own */
static enum tally_status add_stat_only(struct tally_making *m)
{
	uint64_t files = tally_tree_diff_believed(m->diff);
	unsigned sides = (tally_snapshot_info(m->snap[0])->stat ? TALLY_ON_BEFORE : 0) |
	                 (tally_snapshot_info(m->snap[1])->stat ? TALLY_ON_AFTER : 0);
	const struct tally_unverified row = { .path = { "", 0 },
		                              .side = sides,
		                              .reason = TALLY_REASON_STAT_ONLY,
		                              .detail = m->options->session_id
		                                                ? "'tally after --again' reads them"
		                                                : NULL,
		                              .level = TALLY_LEVEL_CONTENT,
		                              .files = files };

	return files ? tally_making_gap(m, &row) : TALLY_OK;
}

static bool deleted_below(const struct tally_receipt *r, const struct tally_dir *dir)
{
	for (size_t i = 0; i < r->change_count; i++) {
		const struct tally_receipt_change *c = &r->changes[i];

		if (c->kind == TALLY_CHANGE_DELETED &&
		    tally_path_below(c->path.bytes, c->path.len, dir->path, dir->path_len))
			return true;
	}
	return false;
}

/* a link at its place is not followed, a file there is not part of any watched folder: nobody knows what they hold */
static enum tally_status add_replaced(struct tally_making *m, const struct tally_dir *dir)
{
	uint32_t after = tally_tree_find_dir(m->tree[TALLY_AFTER], dir->path, dir->path_len);
	bool link = after != TALLY_NO_INDEX &&
	            m->tree[TALLY_AFTER]->dirs[after].state == TALLY_ROOT_LINK;
	const struct tally_unverified row = {
		.path = { dir->path, dir->path_len },
		.side = TALLY_ON_AFTER,
		.reason = TALLY_REASON_NOT_REACHED,
		.detail = link ? "the watched folder is a link now, which was not followed"
		               : "the watched folder is a file now, which was not read",
		.level = TALLY_LEVEL_CONTENT,
		.folder = true
	};

	if (after == TALLY_NO_INDEX || !tally_making_root_replaced(m, after) ||
	    (!link && m->tree[TALLY_AFTER]->dirs[after].state != TALLY_ROOT_FILE))
		return TALLY_OK;
	return tally_making_gap(m, &row);
}

/* a watched folder on another file system than before: an empty mount point shows nothing of what is on the disk */
static enum tally_status add_roots(struct tally_making *m)
{
	const struct tally_tree *before = m->tree[TALLY_BEFORE];
	enum tally_status st = TALLY_OK;

	for (uint32_t i = 0; i < before->dir_count && st >= 0; i++) {
		const struct tally_dir *d = &before->dirs[i];
		const struct tally_unverified row = {
			.path = { d->path, d->path_len },
			.side = TALLY_ON_AFTER,
			.reason = TALLY_REASON_OTHER_MOUNT,
			.detail = "the watched folder lies on another file system than before: was a "
				  "disk unmounted?",
			.level = TALLY_LEVEL_CONTENT,
			.folder = true
		};

		if (st >= 0 && d->self == TALLY_NO_INDEX)
			st = add_replaced(m, d);
		if (st >= 0 && d->self == TALLY_NO_INDEX &&
		    tally_tree_diff_root_elsewhere(m->diff, i) && deleted_below(m->r, d))
			st = tally_making_gap(m, &row);
	}
	return st;
}

/* the same pattern of the same origin on the other side: what it kept out there */
static uint64_t hits_of(const struct tally_tree *tree, const struct tally_pattern *p)
{
	for (uint32_t i = 0; i < tree->pattern_count; i++)
		if (!strcmp(tree->patterns[i].text, p->text) &&
		    !strcmp(tree->patterns[i].origin, p->origin))
			return tree->patterns[i].entries;
	return UINT64_MAX;
}

static enum tally_status add_pattern(struct tally_making *m, const struct tally_pattern *p,
                                     uint64_t entries)
{
	struct tally_receipt *r = m->r;
	struct tally_excluded *x = &r->excluded[r->excluded_count++];

	x->pattern = tally_arena_dup(&r->arena, p->text, strlen(p->text));
	x->origin = tally_arena_dup(&r->arena, p->origin, strlen(p->origin));
	x->entries = entries;
	return x->pattern && x->origin ? TALLY_OK : tally_err_nomem(m->err);
}

/* what a pattern kept out on the side where it kept out more */
static enum tally_status add_excluded(struct tally_making *m)
{
	const struct tally_tree *before = m->tree[0], *after = m->tree[1];
	struct tally_receipt *r = m->r;
	enum tally_status st = TALLY_OK;

	r->excluded = tally_arena_zero(&r->arena,
	                               (size_t)before->pattern_count + after->pattern_count,
	                               sizeof *r->excluded);
	if (!r->excluded)
		return tally_err_nomem(m->err);
	for (uint32_t i = 0; i < after->pattern_count && st >= 0; i++) {
		const struct tally_pattern *p = &after->patterns[i];
		uint64_t other = hits_of(before, p);

		if (p->reason)
			continue;
		st = add_pattern(m, p,
		                 other != UINT64_MAX && other > p->entries ? other : p->entries);
	}
	for (uint32_t i = 0; i < before->pattern_count && st >= 0; i++)
		if (!before->patterns[i].reason && hits_of(after, &before->patterns[i]) == UINT64_MAX)
			st = add_pattern(m, &before->patterns[i], before->patterns[i].entries);
	return st;
}

static bool fails_as_well(const struct tally_tree *tree, const struct tally_pattern *p)
{
	for (uint32_t i = 0; i < tree->pattern_count; i++)
		if (tree->patterns[i].reason == p->reason &&
		    !strcmp(tree->patterns[i].origin, p->origin))
			return true;
	return false;
}

/* files of patterns that could not be used: more was looked at than was wished, and somebody may wonder why */
static enum tally_status add_failed_patterns(struct tally_making *m)
{
	enum tally_status st = TALLY_OK;

	for (int side = 0; side < 2; side++) {
		for (uint32_t i = 0; i < m->tree[side]->pattern_count && st >= 0; i++) {
			const struct tally_pattern *p = &m->tree[side]->patterns[i];
			bool both = p->reason && fails_as_well(m->tree[!side], p);
			const struct tally_unverified row = {
				.path = { p->origin, strlen(p->origin) },
				.side = both ? TALLY_ON_BEFORE | TALLY_ON_AFTER
				             : side_bit((enum tally_side)side),
				.reason = TALLY_REASON_PATTERNS_NOT_APPLIED,
				.detail = tally_reason_words((enum tally_reason)p->reason),
				.level = TALLY_LEVEL_PART,
				.files = 1
			};

			if (p->reason && !(both && side == TALLY_AFTER))
				st = tally_making_gap(m, &row);
		}
	}
	return st;
}

enum tally_status tally_make_gaps(struct tally_making *m)
{
	size_t count;
	const struct tally_change *changes = tally_tree_diff_changes(m->diff, &count);
	uint64_t *below[2] = { tally_alloc_zero(m->tree[0]->dir_count, sizeof(uint64_t)),
		               tally_alloc_zero(m->tree[1]->dir_count, sizeof(uint64_t)) };
	enum tally_status st = below[0] && below[1] ? TALLY_OK : tally_err_nomem(m->err);

	for (size_t i = 0; i < count && st >= 0; i++)
		if (changes[i].kind == TALLY_CHANGE_UNVERIFIED && !absorbed(m, &changes[i], below))
			st = add_file(m, &changes[i]);
		else if (changes[i].kind != TALLY_CHANGE_UNVERIFIED)
			st = add_unread(m, &changes[i], below);
	for (int side = 0; side < 2 && st >= 0; side++)
		st = add_blind_folders(m, (enum tally_side)side, below[side]);
	if (st >= 0)
		st = add_roots(m);
	if (st >= 0)
		st = add_stat_only(m);
	if (st >= 0)
		st = add_failed_patterns(m);
	if (st >= 0)
		st = add_excluded(m);
	tally_free(below[0]);
	tally_free(below[1]);
	return st;
}

/* ---- the rows in their order ---- */

/* Workers answer in any order; the receipt is the same every time. What is not there comes first. */
static int compare_words(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) : (a != NULL) - (b != NULL);
}

/* Those that may be told in one row compare equal. */
static int compare_rows(const struct tally_unverified *x, const struct tally_unverified *y)
{
	int c = tally_path_compare(x->path.bytes, x->path.len, y->path.bytes, y->path.len);

	if (!c)
		c = (int)x->folder - (int)y->folder;
	if (!c)
		c = (int)x->level - (int)y->level;
	if (!c)
		c = (int)x->reason - (int)y->reason;
	if (!c)
		c = compare_words(x->limit, y->limit);
	return c ? c : compare_words(x->part, y->part);
}

static int by_path(const void *a, const void *b)
{
	const struct tally_unverified *x = a, *y = b;
	int c = compare_rows(x, y);

	if (!c)
		c = (int)x->side - (int)y->side;
	if (!c)
		c = compare_words(x->detail, y->detail);
	return c ? c : (x->files > y->files) - (x->files < y->files);
}

/* Readers put the name of a limit into their message. */
static void name_limit(struct tally_unverified *u)
{
	if (u->reason != TALLY_REASON_LIMIT && u->reason != TALLY_REASON_TOO_LARGE)
		u->limit = NULL;
	else if (!u->limit)
		u->limit = tally_limit_named_in(u->detail);
}

/* Does one of the details, divided by "; ", say this already? */
static bool says(const char *all, const char *detail)
{
	size_t n = strlen(detail);

	for (const char *p = all; (p = strstr(p, detail)); p += n)
		if ((p == all || p[-1] == ' ') && (p[n] == '\0' || p[n] == ';'))
			return true;
	return false;
}

/* @return false: they are two things to tell, or (@no_memory) there is no memory */
static bool merge_rows(struct tally_receipt *r, struct tally_unverified *into,
                       const struct tally_unverified *u, bool *no_memory)
{
	bool same = compare_words(into->detail, u->detail) == 0;

	if (compare_rows(into, u) != 0 || (!same && into->side != u->side))
		return false;
	if (!same && u->detail && !into->detail)
		into->detail = u->detail;
	else if (!same && u->detail && !says(into->detail, u->detail))
		into->detail = tally_arena_printf(&r->arena, "%s; %s", into->detail, u->detail);
	*no_memory = !same && !into->detail;
	into->side |= u->side;
	into->is_new &= u->is_new;
	into->files = into->files > u->files ? into->files : u->files;
	if (!into->field_count) {
		into->fields = u->fields;
		into->field_count = u->field_count;
	}
	return !*no_memory;
}

enum tally_status tally_making_gaps_done(struct tally_receipt *r, struct tally_unverified *gaps,
                                         struct tally_err *err)
{
	size_t count = r->unverified_count, n = 0;
	bool no_memory = false;

	for (size_t i = 0; i < count; i++)
		name_limit(&gaps[i]);
	if (count)
		qsort(gaps, count, sizeof *gaps, by_path);
	for (size_t i = 0; i < count && !no_memory; i++)
		if (n == 0 || !merge_rows(r, &gaps[n - 1], &gaps[i], &no_memory))
			gaps[n++] = gaps[i];
	r->unverified = tally_arena_alloc(&r->arena, n * sizeof *gaps);
	if (!r->unverified || no_memory)
		return tally_err_nomem(err);
	if (n)
		memcpy(r->unverified, gaps, n * sizeof *gaps);
	r->unverified_count = n;
	return TALLY_OK;
}
