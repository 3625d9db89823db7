/* The tree diff's result as the receipt's changes, folders and balance. */
#include <string.h>

#include "core/mem.h"
#include "core/path.h"
#include "receipt/making.h"
#include "receipt/words.h"

static const struct tally_entry *entry_of(const struct tally_making *m, enum tally_side side,
                                          uint32_t entry)
{
	return entry == TALLY_NO_INDEX ? NULL : &m->tree[side]->entries[entry];
}

static const char *digest_text(struct tally_making *m, const struct tally_entry *e)
{
	char text[TALLY_DIGEST_TEXT_MAX];

	if (!e || e->type != TALLY_TYPE_FILE || e->proof == TALLY_PROOF_NONE)
		return NULL;
	if (e->sha256)
		tally_sha256_text(text, e->sha256);
	else
		tally_digest_text(text, &e->digest);
	return tally_arena_dup(&m->r->arena, text, strlen(text));
}

static const char *proof_text(const struct tally_entry *b, const struct tally_entry *a)
{
	static const char *const names[] = { "none", "stat", "extent", "hashed" };
	unsigned weaker = TALLY_PROOF_HASHED;

	if (b && b->type == TALLY_TYPE_FILE && b->proof < weaker)
		weaker = b->proof;
	if (a && a->type == TALLY_TYPE_FILE && a->proof < weaker)
		weaker = a->proof;
	return names[weaker];
}

static uint64_t bytes_of(const struct tally_entry *e)
{
	return e && e->type == TALLY_TYPE_FILE && tally_entry_seen(e) ? e->size : TALLY_UNKNOWN;
}

/* ---- metadata ---- */

static const char *time_text(struct tally_making *m, int64_t ns)
{
	char text[TALLY_TIME_MAX];

	tally_words_time(text, ns);
	return tally_arena_dup(&m->r->arena, text, strlen(text));
}

static const char *field_text(struct tally_making *m, unsigned field, const struct tally_entry *e)
{
	struct tally_arena *arena = &m->r->arena;

	switch (field) {
	case TALLY_FIELD_MODE:
		return tally_arena_printf(arena, "%04o", (unsigned)e->mode);
	case TALLY_FIELD_OWNER:
		return tally_arena_printf(arena, "%lu", (unsigned long)e->uid);
	case TALLY_FIELD_GROUP:
		return tally_arena_printf(arena, "%lu", (unsigned long)e->gid);
	case TALLY_FIELD_MTIME:
		return time_text(m, e->mtime_ns);
	case TALLY_FIELD_SIZE:
		return tally_arena_printf(arena, "%llu", (unsigned long long)e->size);
	case TALLY_FIELD_XATTRS:
		return e->xattr_digest ? tally_arena_printf(arena, "%016llx",
		                                            (unsigned long long)e->xattr_digest)
		                       : "none";
	default:
		return tally_arena_printf(arena, "%lu", (unsigned long)e->nlink);
	}
}

enum tally_status tally_making_fields(struct tally_making *m, unsigned fields,
                                      const struct tally_entry *b, const struct tally_entry *a,
                                      struct tally_field_change **out, size_t *count)
{
	static const char *const names[] = { "mode",   "owner", "group", "mtime",
		                             "xattrs", "nlink", "size" };
	size_t n = (size_t)__builtin_popcount(fields);

	if (n == 0 || !b || !a)
		return TALLY_OK;
	*out = tally_arena_zero(&m->r->arena, n, sizeof **out);
	if (!*out)
		return tally_err_nomem(m->err);
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
		struct tally_field_change *f = &(*out)[*count];

		if (!(fields & 1U << i))
			continue;
		*f = (struct tally_field_change){ names[i], field_text(m, 1U << i, b),
			                          field_text(m, 1U << i, a) };
		if (!f->old || !f->now)
			return tally_err_nomem(m->err);
		++*count;
	}
	return TALLY_OK;
}

/* ---- places ---- */

static enum tally_status add_places(struct tally_making *m, struct tally_where_list *out,
                                    const struct tally_places *places)
{
	out->total = places->total;
	if (places->count == 0)
		return TALLY_OK;
	out->items = tally_arena_zero(&m->r->arena, places->count, sizeof *out->items);
	if (!out->items)
		return tally_err_nomem(m->err);
	for (uint32_t i = 0; i < places->count; i++) {
		const struct tally_place *p = &places->places[i];
		struct tally_where *w = &out->items[out->count++];

		w->path = tally_making_path(m, TALLY_AFTER, p->entry);
		if (p->member)
			w->member = (struct tally_name){ tally_arena_dup(&m->r->arena, p->member,
				                                         p->member_len),
				                         p->member_len };
		if (!w->path.bytes || (p->member && !w->member.bytes))
			return tally_err_nomem(m->err);
	}
	return TALLY_OK;
}

/* the other sources of an ambiguous group */
static enum tally_status add_ambiguous(struct tally_making *m, struct tally_receipt_change *out,
                                       const struct tally_change *c)
{
	size_t count;
	const struct tally_group *groups = tally_tree_diff_groups(m->diff, &count);
	const struct tally_group *g;
	uint64_t most = m->options->limits->sibling_names;

	if (c->group == 0 || c->group > count)
		return TALLY_OK;
	g = &groups[c->group - 1];
	out->ambiguous.items = tally_arena_zero(
		&m->r->arena, g->source_count < most ? g->source_count : (size_t)most,
		sizeof *out->ambiguous.items);
	if (!out->ambiguous.items)
		return tally_err_nomem(m->err);
	for (uint32_t i = 0; i < g->source_count; i++) {
		if (g->sources[i] == c->before)
			continue;
		out->ambiguous.total++;
		if (out->ambiguous.count >= most)
			continue;
		out->ambiguous.items[out->ambiguous.count].path = tally_making_path(m, TALLY_BEFORE,
		                                                                    g->sources[i]);
		if (!out->ambiguous.items[out->ambiguous.count].path.bytes)
			return tally_err_nomem(m->err);
		out->ambiguous.count++;
	}
	return TALLY_OK;
}

static enum tally_status add_overwrote(struct tally_making *m, struct tally_receipt_change *out,
                                       const struct tally_victim *v)
{
	const struct tally_entry *e = entry_of(m, TALLY_BEFORE, v->before);

	if (!e)
		return TALLY_OK;
	out->overwrote = tally_arena_zero(&m->r->arena, 1, sizeof *out->overwrote);
	if (!out->overwrote)
		return tally_err_nomem(m->err);
	out->overwrote->bytes = bytes_of(e);
	out->overwrote->digest = digest_text(m, e);
	out->overwrote->fate = v->fate;
	out->overwrote->kept = tally_snapshot_keeps(m->snap[TALLY_BEFORE], &e->digest);
	return add_places(m, &out->overwrote->survives_at, &v->survives_at);
}

/* ---- one change ---- */

/* Out of an archive: that archive, and the place in it. The archive's size and digest are not this file's. */
static enum tally_status add_member(struct tally_making *m, struct tally_receipt_change *out,
                                    const struct tally_change *c)
{
	if (!c->from_member)
		return TALLY_OK;
	out->from = tally_making_path(m, TALLY_BEFORE, c->archive);
	out->from_member = (struct tally_name){
		tally_arena_dup(&m->r->arena, c->from_member, c->from_member_len), c->from_member_len
	};
	out->bytes_before = TALLY_UNKNOWN;
	out->digest_before = NULL;
	out->flags &= ~(unsigned)TALLY_CHANGE_KEPT;
	return out->from.bytes && out->from_member.bytes ? TALLY_OK : tally_err_nomem(m->err);
}

/* Archives were too many: an old content may be in one, a new one may have come out of one. */
static bool is_unsought(const struct tally_making *m, const struct tally_receipt_change *c)
{
	bool replaced = c->kind == TALLY_CHANGE_MODIFIED && c->fate == TALLY_FATE_EDITED;
	bool came = c->kind == TALLY_CHANGE_ADDED && c->type == TALLY_TYPE_FILE &&
	            c->bytes_after > 0 && !c->from.bytes;

	return m->unsought && (replaced || came);
}

static bool has_source(enum tally_change_kind kind)
{
	return kind == TALLY_CHANGE_MOVED || kind == TALLY_CHANGE_MOVED_EDITED ||
	       kind == TALLY_CHANGE_COPIED || kind == TALLY_CHANGE_COPIED_EDITED;
}

static enum tally_status convert_links(struct tally_making *m, struct tally_receipt_change *out,
                                       const struct tally_entry *b, const struct tally_entry *a)
{
	const struct tally_entry *sides[2] = { b, a };
	struct tally_name *targets[2] = { &out->link_old, &out->link_new };

	for (int i = 0; i < 2; i++) {
		if (!sides[i] || sides[i]->type != TALLY_TYPE_SYMLINK || !sides[i]->target)
			continue;
		targets[i]->len = strlen(sides[i]->target);
		targets[i]->bytes = tally_arena_dup(&m->r->arena, sides[i]->target, targets[i]->len);
		if (!targets[i]->bytes)
			return tally_err_nomem(m->err);
	}
	return TALLY_OK;
}

static enum tally_status convert(struct tally_making *m, struct tally_receipt_change *out,
                                 const struct tally_change *c)
{
	const struct tally_entry *b = entry_of(m, TALLY_BEFORE, c->before),
				 *a = entry_of(m, TALLY_AFTER, c->after);
	enum tally_status st;

	out->kind = (enum tally_change_kind)c->kind;
	out->path = a ? tally_making_path(m, TALLY_AFTER, c->after)
	              : tally_making_path(m, TALLY_BEFORE, c->before);
	if (has_source(out->kind))
		out->from = tally_making_path(m, TALLY_BEFORE, c->before);
	if (!out->path.bytes || (has_source(out->kind) && !out->from.bytes))
		return tally_err_nomem(m->err);
	out->type = (enum tally_entry_type)(a ? a->type : b->type);
	out->old_type = (enum tally_entry_type)(b ? b->type : a->type);
	out->bytes_before = bytes_of(b);
	out->bytes_after = bytes_of(a);
	out->digest_before = digest_text(m, b);
	out->digest_after = digest_text(m, a);
	out->proof = proof_text(b, a);
	out->fate = (enum tally_fate)c->fate;
	out->evidence = (enum tally_evidence)c->evidence;
	out->flags = c->flags;
	if (b && b->type == TALLY_TYPE_FILE && tally_snapshot_keeps(m->snap[TALLY_BEFORE], &b->digest))
		out->flags |= TALLY_CHANGE_KEPT;
	out->similarity = c->kind == TALLY_CHANGE_MOVED_EDITED || c->kind == TALLY_CHANGE_COPIED_EDITED
	                          ? c->similarity
	                          : -1;
	out->cycle = c->cycle;
	out->group = c->group;
	st = add_member(m, out, c);
	if (is_unsought(m, out))
		out->flags |= TALLY_CHANGE_UNSOUGHT;
	if (st >= 0)
		st = tally_making_fields(m, c->fields, b, a, &out->fields, &out->field_count);
	if (st >= 0 && (out->kind == TALLY_CHANGE_LINK_RETARGETED || out->kind == TALLY_CHANGE_ADDED))
		st = convert_links(m, out, b, a);
	if (st >= 0)
		st = add_places(m, &out->survives_at, &c->survives_at);
	if (st >= 0)
		st = add_ambiguous(m, out, c);
	return st < 0 ? st : add_overwrote(m, out, &c->overwrote);
}

/* ---- folders ---- */

static struct tally_name dir_name(struct tally_making *m, enum tally_side side, uint32_t dir)
{
	const struct tally_dir *d = dir == TALLY_NO_INDEX ? NULL : &m->tree[side]->dirs[dir];

	if (!d)
		return (struct tally_name){ NULL, 0 };
	return (struct tally_name){ tally_arena_dup(&m->r->arena, d->path, d->path_len), d->path_len };
}

/* indices of tree changes become indices of receipt changes; unverified ones have none */
static size_t *translate(struct tally_making *m, const uint32_t *changes, uint32_t count,
                         const size_t *receipt_of, size_t *out_count)
{
	size_t *out = tally_arena_alloc(&m->r->arena, (count ? count : 1) * sizeof *out);

	*out_count = 0;
	for (uint32_t i = 0; out && i < count; i++)
		if (receipt_of[changes[i]] != SIZE_MAX)
			out[(*out_count)++] = receipt_of[changes[i]];
	return out;
}

static enum tally_status convert_folds(struct tally_making *m, const size_t *receipt_of)
{
	size_t count;
	const struct tally_fold *folds = tally_tree_diff_folds(m->diff, &count);
	struct tally_receipt *r = m->r;

	r->folds = tally_arena_zero(&r->arena, count, sizeof *r->folds);
	if (!r->folds)
		return tally_err_nomem(m->err);
	for (size_t i = 0; i < count; i++) {
		const struct tally_fold *f = &folds[i];
		struct tally_receipt_fold *out = &r->folds[r->fold_count++];

		out->kind = (enum tally_fold_kind)f->kind;
		out->path = f->after != TALLY_NO_INDEX ? dir_name(m, TALLY_AFTER, f->after)
		                                       : dir_name(m, TALLY_BEFORE, f->before);
		if (f->after != TALLY_NO_INDEX && f->before != TALLY_NO_INDEX)
			out->from = dir_name(m, TALLY_BEFORE, f->before);
		out->files = f->files;
		out->total = (uint64_t)f->files + f->exception_count;
		out->changes = translate(m, f->changes, f->change_count, receipt_of,
		                         &out->change_count);
		out->exceptions = translate(m, f->exceptions, f->exception_count, receipt_of,
		                            &out->exception_count);
		if (!out->path.bytes || !out->changes || !out->exceptions)
			return tally_err_nomem(m->err);
	}
	return TALLY_OK;
}

/* ---- the watched folders themselves ---- */

static const struct tally_root *root_of(const struct tally_tree *tree, const struct tally_dir *dir)
{
	for (uint32_t i = 0; i < tree->root_count; i++)
		if (!strcmp(tree->roots[i].label, dir->path))
			return &tree->roots[i];
	return NULL;
}

bool tally_making_root_replaced(const struct tally_making *m, uint32_t dir)
{
	const struct tally_tree *after = m->tree[TALLY_AFTER];
	const struct tally_dir *d = &after->dirs[dir];
	const struct tally_root *root;

	if (d->self != TALLY_NO_INDEX || d->state == TALLY_ROOT_FOLDER || !m->options->same_place)
		return false;
	root = root_of(after, d);
	return root && !root->is_file; /* a watched file is an entry, and told as one */
}

static enum tally_status add_root(struct tally_making *m, const struct tally_dir *dir)
{
	static const enum tally_entry_type types[TALLY_ROOT_STATES] = {
		[TALLY_ROOT_FOLDER] = TALLY_TYPE_DIR,
		[TALLY_ROOT_GONE] = TALLY_TYPE_DIR,
		[TALLY_ROOT_FILE] = TALLY_TYPE_FILE,
		[TALLY_ROOT_LINK] = TALLY_TYPE_SYMLINK,
		[TALLY_ROOT_OTHER] = TALLY_TYPE_UNKNOWN
	};
	struct tally_receipt_change *out = &m->r->changes[m->r->change_count];

	*out = (struct tally_receipt_change){ .kind = dir->state == TALLY_ROOT_GONE
		                                              ? TALLY_CHANGE_DELETED
		                                              : TALLY_CHANGE_TYPE_CHANGED,
		                              .path.len = dir->path_len,
		                              .type = types[dir->state],
		                              .old_type = TALLY_TYPE_DIR,
		                              .bytes_before = TALLY_UNKNOWN,
		                              .bytes_after = TALLY_UNKNOWN,
		                              .proof = "hashed",
		                              .similarity = -1,
		                              .flags = TALLY_CHANGE_ROOT };
	out->path.bytes = tally_arena_dup(&m->r->arena, dir->path, dir->path_len);
	m->change_of[m->r->change_count++] = TALLY_NO_INDEX;
	return out->path.bytes ? TALLY_OK : tally_err_nomem(m->err);
}

/* Those that come before a path (NULL: all that are left), so that the list stays in its order. @next  folders seen so far */
static enum tally_status add_roots(struct tally_making *m, const struct tally_name *path,
                                   uint32_t *next)
{
	const struct tally_tree *after = m->tree[TALLY_AFTER];
	enum tally_status st = TALLY_OK;

	for (; *next < after->dir_count && st >= 0; ++*next) {
		const struct tally_dir *d = &after->dirs[*next];

		if (!tally_making_root_replaced(m, *next))
			continue;
		if (path && tally_path_compare(d->path, d->path_len, path->bytes, path->len) > 0)
			break;
		st = add_root(m, d);
	}
	return st;
}

enum tally_status tally_make_changes(struct tally_making *m)
{
	struct tally_receipt *r = m->r;
	uint32_t roots = m->tree[TALLY_AFTER]->root_count, next = 0;
	size_t count;
	const struct tally_change *changes = tally_tree_diff_changes(m->diff, &count);
	size_t *receipt_of = tally_alloc((count ? count : 1) * sizeof *receipt_of);
	enum tally_status st = TALLY_OK;

	r->changes = tally_arena_zero(&r->arena, count + roots, sizeof *r->changes);
	m->change_of = tally_alloc_zero(count + roots, sizeof *m->change_of);
	if (!receipt_of || !r->changes || !m->change_of)
		st = tally_err_nomem(m->err);
	for (size_t i = 0; i < count && st >= 0; i++) {
		struct tally_receipt_change converted = { .similarity = -1 };

		receipt_of[i] = SIZE_MAX;
		if (changes[i].kind == TALLY_CHANGE_UNVERIFIED ||
		    changes[i].kind == TALLY_CHANGE_UNCHANGED)
			continue;
		st = convert(m, &converted, &changes[i]);
		if (st >= 0)
			st = add_roots(m, &converted.path, &next);
		r->changes[r->change_count] = converted;
		m->change_of[r->change_count] = (uint32_t)i;
		receipt_of[i] = r->change_count++;
	}
	if (st >= 0)
		st = add_roots(m, NULL, &next);
	if (st >= 0)
		st = convert_folds(m, receipt_of);
	tally_free(receipt_of);
	r->files = *tally_tree_diff_balance(m->diff, false);
	r->bytes = *tally_tree_diff_balance(m->diff, true);
	r->contents = *tally_tree_diff_contents(m->diff, false);
	r->content_bytes = *tally_tree_diff_contents(m->diff, true);
	return st;
}
