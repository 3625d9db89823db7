/* The result of a walk: folders in order of their paths, patterns with their numbers, and the memory of all who worked. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/path.h"
#include "snap/pack.h"
#include "snap/walker.h"

/* What holds a result: the arenas of all who worked. */
struct tally_walk_memory {
	struct tally_arena own;
	struct tally_arena *arenas;
	size_t count;
};

/* ---- making and freeing ---- */

struct tally_walked *tally_walked_new(void)
{
	struct tally_walked *out = tally_alloc_zero(1, sizeof *out);

	if (out)
		out->memory = tally_alloc_zero(1, sizeof *out->memory);
	if (out && !out->memory) {
		tally_free(out);
		return NULL;
	}
	return out;
}

struct tally_arena *tally_walked_arena(struct tally_walked *walked)
{
	return &walked->memory->own;
}

void tally_walked_free(struct tally_walked *walked)
{
	if (!walked)
		return;
	if (walked->memory) {
		for (size_t i = 0; i < walked->memory->count; i++)
			tally_arena_release(&walked->memory->arenas[i]);
		tally_free(walked->memory->arenas);
		tally_arena_release(&walked->memory->own);
		tally_free(walked->memory);
	}
	tally_free(walked->patterns);
	tally_free(walked);
}

/* ---- putting it together ---- */

/* The next record in path order: down, else along, else up and along. */
static struct tally_folder_record *next_record(struct tally_folder_record *r)
{
	if (r->child)
		return r->child;
	while (r && !r->sibling)
		r = r->parent;
	return r ? r->sibling : NULL;
}

static enum tally_status gather_dirs(struct tally_walked *out, struct tally_folder_record **roots,
                                     uint32_t count, struct tally_err *err)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < count; i++)
		for (struct tally_folder_record *r = roots[i]; r; r = next_record(r))
			n++;
	if (n >= TALLY_NO_INDEX || out->totals.entries >= TALLY_NO_INDEX)
		return tally_err_set(err, TALLY_FATAL, TALLY_REASON_LIMIT,
		                     "more entries than a snapshot can hold");
	out->dirs = tally_arena_zero(&out->memory->own, n, sizeof *out->dirs);
	if (!out->dirs)
		return tally_err_nomem(err);
	for (uint32_t i = 0; i < count; i++)
		for (struct tally_folder_record *r = roots[i]; r; r = next_record(r))
			out->dirs[out->dir_count++] = r->out;
	return TALLY_OK;
}

static int compare_ignores(const void *a, const void *b)
{
	const struct tally_folder_ignore *x = *(struct tally_folder_ignore *const *)a;
	const struct tally_folder_ignore *y = *(struct tally_folder_ignore *const *)b;

	return tally_path_compare(x->dir, x->dir_len, y->dir, y->dir_len);
}

static enum tally_status add_pattern(struct tally_walked *out, struct tally_folder_ignore *i,
                                     uint32_t index, const char *origin, size_t *cap,
                                     struct tally_err *err)
{
	const char *text = tally_ignore_at(i->list, index)->text;
	struct tally_arena *arena = &out->memory->own;
	uint64_t hits = atomic_load(&i->hits[index]);
	struct tally_pattern *p;

	if (out->pattern_count == TALLY_WALK_PATTERNS) {
		out->patterns[out->pattern_count - 1].entries += hits;
		i->numbers[index] = out->pattern_count;
		return TALLY_OK;
	}
	if (!tally_grow(&out->patterns, cap, out->pattern_count, sizeof *out->patterns))
		return tally_err_nomem(err);
	p = &out->patterns[out->pattern_count++];
	*p = (struct tally_pattern){ tally_arena_dup(arena, text, strlen(text)), origin, hits,
		                     TALLY_REASON_NONE };
	i->numbers[index] = out->pattern_count;
	return p->text ? TALLY_OK : tally_err_nomem(err);
}

/* @all  also those that left nothing out */
static enum tally_status add_patterns(struct tally_walked *out, struct tally_folder_ignore *i,
                                      const char *origin, bool all, size_t *cap,
                                      struct tally_err *err)
{
	uint32_t count = tally_ignore_count(i->list);
	enum tally_status st = TALLY_OK;

	i->numbers = tally_alloc_zero(count, sizeof *i->numbers);
	if (!i->numbers)
		return tally_err_nomem(err);
	for (uint32_t k = 0; st == TALLY_OK && k < count; k++)
		if (all || atomic_load(&i->hits[k]))
			st = add_pattern(out, i, k, origin, cap, err);
	return st;
}

/* A file whose patterns were not applied. Beyond the most that are told apart its own entry still says that it was not read. */
static enum tally_status add_failed(struct tally_walked *out, const char *origin, uint8_t reason,
                                    size_t *cap, struct tally_err *err)
{
	if (out->pattern_count == TALLY_WALK_PATTERNS)
		return TALLY_OK;
	if (!tally_grow(&out->patterns, cap, out->pattern_count, sizeof *out->patterns))
		return tally_err_nomem(err);
	out->patterns[out->pattern_count++] = (struct tally_pattern){ "", origin, 0, reason };
	return TALLY_OK;
}

static const char *ignore_origin(struct tally_arena *arena, const struct tally_folder_ignore *i)
{
	return tally_arena_printf(arena, "%s%s.tallyignore", i->dir, i->dir_len ? "/" : "");
}

static enum tally_status number_sorted(struct tally_walked *out, struct tally_folder_ignore **sorted,
                                       size_t n, size_t *cap, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	qsort(sorted, n, sizeof *sorted, compare_ignores);
	for (size_t i = 0; st == TALLY_OK && i < n; i++) {
		const char *origin = ignore_origin(&out->memory->own, sorted[i]);

		if (!origin)
			st = tally_err_nomem(err);
		else if (sorted[i]->reason)
			st = add_failed(out, origin, sorted[i]->reason, cap, err);
		else
			st = add_patterns(out, sorted[i], origin, false, cap, err);
	}
	return st;
}

static enum tally_status number_patterns(struct tally_walk *w, struct tally_walked *out,
                                         struct tally_folder_ignore *ignores, struct tally_err *err)
{
	struct tally_folder_ignore **sorted;
	enum tally_status st = TALLY_OK;
	size_t n = 0, cap = 0;

	for (struct tally_folder_ignore *i = ignores; i; i = i->next)
		n++;
	sorted = tally_alloc(n * sizeof *sorted);
	if (!sorted)
		return tally_err_nomem(err);
	n = 0;
	for (struct tally_folder_ignore *i = ignores; i; i = i->next)
		sorted[n++] = i;
	if (w->excludes)
		st = add_patterns(out, w->excludes, "--exclude", true, &cap, err);
	if (st == TALLY_OK)
		st = number_sorted(out, sorted, n, &cap, err);
	tally_free(sorted);
	return st;
}

/* Pack a folder again, now that the patterns of its excluded entries have numbers. */
static enum tally_status renumber(struct tally_walked *out, struct tally_folder_record *r,
                                  struct tally_entry *entries, struct tally_sha256 *sha256s,
                                  struct tally_err *err)
{
	struct tally_walked_dir *d = &r->out;
	struct tally_pack_cursor cursor;
	struct tally_buf packed;
	enum tally_status st = tally_pack_open(&cursor, d->packed, d->packed_len, err);

	for (uint32_t i = 0; st == TALLY_OK && i < d->dir.count; i++) {
		st = tally_pack_next(&cursor, &entries[i], err);
		if (st == TALLY_OK && entries[i].sha256) {
			sha256s[i] = *entries[i].sha256;
			entries[i].sha256 = &sha256s[i];
		}
	}
	assert(st == TALLY_OK);
	for (struct tally_folder_left_out *l = r->left_out; l; l = l->next)
		entries[l->entry].pattern = (uint16_t)l->ignore->numbers[l->pattern];
	tally_buf_init(&packed, SIZE_MAX / 2);
	st = tally_pack_encode(&packed, entries, d->dir.count, err);
	if (st == TALLY_OK) {
		d->packed = (unsigned char *)tally_arena_dup(&out->memory->own, packed.bytes,
		                                             packed.len);
		d->packed_len = packed.len;
		st = d->packed ? TALLY_OK : tally_err_nomem(err);
	}
	tally_buf_release(&packed);
	return st;
}

static enum tally_status renumber_all(struct tally_walked *out, struct tally_folder_record **roots,
                                      uint32_t count, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (uint32_t i = 0; i < count; i++) {
		for (struct tally_folder_record *r = roots[i]; r && st == TALLY_OK;
		     r = next_record(r)) {
			struct tally_entry *entries;
			struct tally_sha256 *sha256s;

			if (!r->left_out)
				continue;
			entries = tally_alloc_zero(r->out.dir.count, sizeof *entries);
			sha256s = tally_alloc_zero(r->out.dir.count, sizeof *sha256s);
			st = entries && sha256s ? renumber(out, r, entries, sha256s, err)
			                        : tally_err_nomem(err);
			tally_free(entries);
			tally_free(sha256s);
		}
	}
	return st;
}

static void add_totals(struct tally_walk_totals *sum, const struct tally_walk_totals *n)
{
	sum->entries += n->entries;
	sum->files += n->files;
	sum->folders += n->folders;
	sum->bytes += n->bytes;
	sum->hashed += n->hashed;
	sum->stat += n->stat;
	sum->unread += n->unread;
	sum->excluded += n->excluded;
}

/* The arenas of all who worked become the result's. */
static enum tally_status take_arenas(struct tally_walk *w, struct tally_walked *out,
                                     struct tally_err *err)
{
	size_t n = 0;

	for (struct tally_walker *t = w->walkers; t; t = t->next)
		n++;
	out->memory->arenas = tally_alloc_zero(n, sizeof *out->memory->arenas);
	if (!out->memory->arenas)
		return tally_err_nomem(err);
	for (struct tally_walker *t = w->walkers; t; t = t->next) {
		out->memory->arenas[out->memory->count++] = t->arena;
		tally_arena_init(&t->arena, 0);
		add_totals(&out->totals, &t->totals);
	}
	return TALLY_OK;
}

enum tally_status tally_walked_finish(struct tally_walked *out, struct tally_walk *w,
                                      struct tally_folder_record **roots, uint32_t count,
                                      struct tally_err *err)
{
	struct tally_folder_ignore *ignores = tally_folders_ignores(w->folders);
	enum tally_status st = take_arenas(w, out, err);

	if (st == TALLY_OK && (ignores || w->excludes))
		st = number_patterns(w, out, ignores, err);
	if (st == TALLY_OK && (ignores || w->excludes))
		st = renumber_all(out, roots, count, err);
	if (st == TALLY_OK)
		st = gather_dirs(out, roots, count, err);
	while (ignores) {
		struct tally_folder_ignore *next = ignores->next;

		tally_folder_ignore_free(ignores);
		ignores = next;
	}
	memcpy(out->filesystem, w->filesystem, sizeof out->filesystem);
	return st;
}

/* ---- as a tree ---- */

enum tally_status tally_walked_tree(const struct tally_walked *walked, struct tally_tree **out,
                                    struct tally_err *err)
{
	struct tally_tree_builder *b = NULL;
	enum tally_status st = tally_tree_builder_new(&b, err);

	if (st == TALLY_OK)
		st = tally_tree_builder_reserve(b, walked->dir_count,
		                                (uint32_t)walked->totals.entries, err);
	for (uint32_t i = 0; st == TALLY_OK && i < walked->root_count; i++)
		st = tally_tree_builder_root(b, &walked->roots[i], err);
	for (uint32_t i = 0; st == TALLY_OK && i < walked->pattern_count; i++)
		st = tally_tree_builder_pattern(b, &walked->patterns[i], err);
	for (uint32_t i = 0; st == TALLY_OK && i < walked->dir_count; i++) {
		const struct tally_walked_dir *d = &walked->dirs[i];

		st = tally_tree_builder_dir(b, &d->dir, err);
		if (st == TALLY_OK)
			st = tally_pack_decode(d->packed, d->packed_len, d->dir.count, b, err);
	}
	if (st == TALLY_OK)
		st = tally_tree_builder_finish(b, out, err);
	tally_tree_builder_free(b);
	return st;
}
