/* The names in a folder, sorted, and which of them are left out. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/path.h"
#include "snap/walker.h"

static const char ignore_name[] = ".tallyignore";

/* ---- names ---- */

static uint64_t sort_key(const char *name, size_t len)
{
	uint64_t key = 0;

	/* names hold no NUL, so a shorter one sorts first as it must */
	for (size_t i = 0; i < 8; i++)
		key = key << 8 | (i < len ? (unsigned char)name[i] : 0);
	return key;
}

static int compare_seen(const void *a, const void *b)
{
	const struct tally_seen *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return tally_name_compare(x->name, x->len, y->name, y->len);
}

static enum tally_status add_seen(struct tally_walker *t, const struct tally_dirent *d,
                                  struct tally_err *err)
{
	size_t offset = t->names.len;

	if (!tally_grow(&t->seen, &t->seen_cap, t->seen_count, sizeof *t->seen) ||
	    offset > UINT32_MAX || t->seen_count >= TALLY_WALK_NOW - 1)
		return tally_err_nomem(err);
	if (!tally_buf_add(&t->names, d->name, d->len + 1))
		return tally_err_nomem(err);
	t->seen[t->seen_count++] = (struct tally_seen){
		.key = sort_key(d->name, d->len),
		.inode = d->inode,
		.offset = (uint32_t)offset,
		.len = (uint16_t)d->len,
		.type = (uint8_t)d->type,
	};
	return TALLY_OK;
}

/* All names into the walker's scratch; *reason says why there may be more. */
static enum tally_status read_names(struct tally_walker *t, int fd, uint8_t *reason,
                                    struct tally_err *err)
{
	struct tally_dirent d;
	struct tally_err why = { .status = TALLY_OK };
	enum tally_status st = tally_dirread_start(t->dirread, fd, &why);

	t->seen_count = 0;
	tally_buf_clear(&t->names);
	while (st == TALLY_OK && (st = tally_dirread_next(t->dirread, &d, &why)) == TALLY_OK) {
		if (d.len > UINT16_MAX)
			continue;
		if (t->seen_count >= t->walk->limits.folder_entries) {
			*reason = TALLY_REASON_LIMIT;
			return TALLY_OK;
		}
		st = add_seen(t, &d, err);
		if (st == TALLY_OK && t->seen_count % 4096 == 0)
			st = tally_walker_check(t, err);
	}
	if (st == TALLY_SKIP)
		*reason = (uint8_t)why.reason;
	return st == TALLY_FATAL ? st : TALLY_OK;
}

/* A folder that changes while it is listed may give a name twice. */
static void drop_twins(struct tally_walker *t)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->seen_count; i++)
		if (i == 0 || compare_seen(&t->seen[kept - 1], &t->seen[i]) != 0)
			t->seen[kept++] = t->seen[i];
	t->seen_count = kept;
}

static enum tally_status alloc_entries(struct tally_folder *f, size_t count, bool sha256,
                                       bool folders, struct tally_err *err)
{
	f->entries = tally_alloc_zero(count, sizeof *f->entries);
	if (sha256)
		f->sha256s = tally_alloc_zero(count, sizeof *f->sha256s);
	if (folders)
		f->children = tally_alloc_zero(count, sizeof *f->children);
	if (!f->entries || (sha256 && !f->sha256s) || (folders && !f->children))
		return tally_err_nomem(err);
	f->count = (uint32_t)count;
	return TALLY_OK;
}

/* Scratch into the folder's own memory, sorted. */
static enum tally_status make_entries(struct tally_walker *t, struct tally_folder *f,
                                      struct tally_err *err)
{
	bool folders = false;

	if (t->seen_count == 0)
		return TALLY_OK;
	f->names = tally_dup(t->names.bytes, t->names.len);
	if (!f->names)
		return tally_err_nomem(err);
	for (size_t i = 0; i < t->seen_count; i++) {
		t->seen[i].name = f->names + t->seen[i].offset;
		folders |= t->seen[i].type == TALLY_TYPE_DIR || t->seen[i].type == TALLY_TYPE_UNKNOWN;
	}
	qsort(t->seen, t->seen_count, sizeof *t->seen, compare_seen);
	drop_twins(t);
	if (alloc_entries(f, t->seen_count, t->walk->options->sha256, folders, err) < 0)
		return TALLY_FATAL;
	for (uint32_t i = 0; i < f->count; i++) {
		const struct tally_seen *s = &t->seen[i];

		f->entries[i].name = s->name;
		f->entries[i].name_len = s->len;
		f->entries[i].type = s->type;
		f->entries[i].inode = s->inode;
		f->entries[i].dir = f->entries[i].subdir = TALLY_NO_INDEX;
	}
	return TALLY_OK;
}

/* ---- patterns ---- */

static uint32_t find_name(const struct tally_folder *f, const char *name, size_t len)
{
	uint32_t low = 0, high = f->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int c = tally_name_compare(f->entries[mid].name, f->entries[mid].name_len, name, len);

		if (c == 0)
			return mid;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return TALLY_NO_INDEX;
}

static enum tally_status set_ignore(struct tally_folder *f, struct tally_ignore *list,
                                    enum tally_reason reason, struct tally_err *err)
{
	const struct tally_folder_record *r = f->record;

	f->ignore = tally_folder_ignore_new(list, r->out.dir.path, r->out.dir.path_len);
	if (!f->ignore)
		return tally_err_nomem(err);
	f->ignore->reason = (uint8_t)reason;
	return TALLY_OK;
}

/* One that cannot be read excludes nothing: more is read then, never less. An empty list stands for it, with the reason. */
static enum tally_status no_ignore(struct tally_folder *f, enum tally_reason reason,
                                   struct tally_err *err)
{
	struct tally_ignore *list = NULL;
	enum tally_status st = tally_ignore_new(&list, err);

	return st < 0 ? st : set_ignore(f, list, reason, err);
}

/* The folder's own .tallyignore. */
static enum tally_status load_ignore(struct tally_walker *t, struct tally_folder *f, int fd,
                                     struct tally_err *err)
{
	uint32_t at = find_name(f, ignore_name, sizeof ignore_name - 1);
	struct tally_ignore *list = NULL;
	struct tally_err why = { 0 };
	struct tally_buf bytes;
	enum tally_status st;

	if (at == TALLY_NO_INDEX || f->entries[at].type == TALLY_TYPE_DIR)
		return TALLY_OK;
	if (f->entries[at].type != TALLY_TYPE_FILE && f->entries[at].type != TALLY_TYPE_UNKNOWN)
		return no_ignore(f, TALLY_REASON_SPECIAL_FILE, err);
	tally_buf_init(&bytes, (size_t)t->walk->limits.ignore_file_bytes);
	st = tally_read_small(t->reader, fd, ignore_name, &bytes, &why);
	if (st == TALLY_OK)
		st = tally_ignore_new(&list, &why);
	if (st == TALLY_OK)
		st = tally_ignore_parse(list, bytes.bytes, bytes.len, &why);
	if (st == TALLY_FATAL && why.reason != TALLY_REASON_LIMIT) {
		if (err)
			*err = why;
	} else if (st < 0) {
		st = no_ignore(f, why.reason ? why.reason : TALLY_REASON_READ_ERROR, err);
	} else if (tally_ignore_count(list) > 0) {
		st = set_ignore(f, list, TALLY_REASON_NONE, err);
		list = NULL;
	}
	tally_ignore_free(list);
	tally_buf_release(&bytes);
	return st;
}

/* Does a list that belongs to the folder @base_len long decide about the path in t->path? */
static bool ask(const struct tally_walker *t, struct tally_folder_ignore *i, size_t base_len,
                bool folder, uint32_t *index)
{
	size_t skip = base_len ? base_len + 1 : 0;

	return tally_ignore_match(i->list, t->path.bytes + skip, t->path.len - skip, folder, index);
}

static const struct tally_folder *root_of(const struct tally_folder *f)
{
	while (f->parent)
		f = f->parent;
	return f;
}

/* The list and the pattern that decide about the path in t->path, an entry of @f. NULL: none does. */
static struct tally_folder_ignore *decide(const struct tally_walker *t,
                                          const struct tally_folder *f, bool folder, uint32_t *index)
{
	struct tally_folder_ignore *excludes = t->walk->excludes;

	if (excludes && ask(t, excludes, root_of(f)->record->out.dir.path_len, folder, index))
		return excludes;
	for (const struct tally_folder *g = f->ignore ? f : f->ignore_above; g; g = g->ignore_above)
		if (ask(t, g->ignore, g->record->out.dir.path_len, folder, index))
			return g->ignore;
	return NULL;
}

static enum tally_status leave_out(struct tally_walker *t, struct tally_folder *f, uint32_t entry,
                                   struct tally_folder_ignore *i, uint32_t pattern,
                                   struct tally_err *err)
{
	struct tally_folder_left_out *l = tally_arena_alloc(&t->arena, sizeof *l);

	if (!l)
		return tally_err_nomem(err);
	*l = (struct tally_folder_left_out){ f->record->left_out, i, entry, pattern };
	f->record->left_out = l;
	f->entries[entry].reason = TALLY_REASON_EXCLUDED;
	atomic_fetch_add_explicit(&i->hits[pattern], 1, memory_order_relaxed);
	return TALLY_OK;
}

static enum tally_status mark_excluded(struct tally_walker *t, struct tally_folder *f,
                                       struct tally_err *err)
{
	const struct tally_dir *d = &f->record->out.dir;
	enum tally_status st = TALLY_OK;

	if (!t->walk->excludes && !f->ignore && !f->ignore_above)
		return TALLY_OK;
	for (uint32_t i = 0; st == TALLY_OK && i < f->count; i++) {
		const struct tally_entry *e = &f->entries[i];
		struct tally_folder_ignore *by;
		uint32_t pattern;

		if (!tally_path_join(&t->path, d->path, d->path_len, e->name, e->name_len))
			return tally_err_nomem(err);
		by = decide(t, f, e->type == TALLY_TYPE_DIR, &pattern);
		if (by && !tally_ignore_at(by->list, pattern)->negative)
			st = leave_out(t, f, i, by, pattern, err);
		if (st == TALLY_OK && i % 64 == 63)
			st = tally_walker_check(t, err);
	}
	return st;
}

/* Types that the folder did not tell; patterns want to know them. */
static void find_types(struct tally_folder *f, int fd)
{
	for (uint32_t i = 0; i < f->count; i++) {
		struct tally_filestat stat;

		if (f->entries[i].type == TALLY_TYPE_UNKNOWN &&
		    !tally_filestat_at(fd, f->entries[i].name, &stat))
			f->entries[i].type = (uint8_t)stat.type;
	}
}

enum tally_status tally_walker_list(struct tally_walker *t, struct tally_folder *f, int fd,
                                    struct tally_err *err)
{
	enum tally_status st = read_names(t, fd, &f->record->out.dir.reason, err);

	if (st == TALLY_OK)
		st = make_entries(t, f, err);
	if (st < 0)
		return st;
	find_types(f, fd);
	st = load_ignore(t, f, fd, err);
	return st < 0 ? st : mark_excluded(t, f, err);
}

enum tally_status tally_walker_list_given(struct tally_folder *f,
                                          const struct tally_root_folder *root, bool sha256,
                                          struct tally_err *err)
{
	/* folders too: what was a file earlier may have become one */
	if (alloc_entries(f, root->file_count, sha256, true, err) < 0)
		return TALLY_FATAL;
	f->given = true;
	for (uint32_t i = 0; i < f->count; i++) {
		f->entries[i].name = root->files[i];
		f->entries[i].name_len = (uint16_t)strlen(root->files[i]);
		f->entries[i].type = TALLY_TYPE_UNKNOWN;
		f->entries[i].dir = f->entries[i].subdir = TALLY_NO_INDEX;
	}
	return TALLY_OK;
}
