/* tally where for a folder: what became of the files that were below it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/where.h"
#include "core/mem.h"
#include "core/path.h"
#include "receipt/words.h"

enum { TARGETS_SHOWN = 5 };

/* What became of one file, in the order of telling. */
enum outcome {
	SAME,
	METADATA,
	MOVED,
	ELSEWHERE,
	ARCHIVED,
	UNPACKED,
	EDITED,
	MOVED_EDITED,
	BECAME,
	BELIEVED,
	LOST,
	UNPROVEN,
	EXCLUDED,
	UNREAD,
	OUTCOMES
};

static const struct {
	const char *words;
	bool named; /* one line for each of them: losses and doubts are never shortened away */
	bool there; /* the content is in the folder for certain */
} outcomes[OUTCOMES] = {
	[SAME] = { "still there, unchanged", false, true },
	[METADATA] = { "still there, only metadata changed", false, true },
	[MOVED] = { "moved", false, true },
	[ELSEWHERE] = { "gone from here, the same content is still elsewhere", false, true },
	[ARCHIVED] = { "gone from here, the content is inside an archive", false, true },
	[UNPACKED] = { "gone, archives all of whose files are out in the folder", false, false },
	[EDITED] = { "still there, edited; the old content was found nowhere", false, false },
	[MOVED_EDITED] = { "moved and edited; the old content was found nowhere", false, false },
	[BECAME] = { "gone from here, another file was made of it; the old content was found nowhere",
	             false, false },
	[BELIEVED] = { "believed to be unchanged for size and time, not read", false, false },
	[LOST] = { "lost: the content is nowhere in what was looked at", true, false },
	[UNPROVEN] = { "gone; whether the content is still somewhere could not be found out", true,
	               false },
	[EXCLUDED] = { "excluded by a pattern, not looked at", true, false },
	[UNREAD] = { "not verified: could not be read", true, false },
};

/* The change in which a path of the before side ends. */
struct end {
	struct tally_name path;
	const struct tally_receipt_change *change;
	bool covered; /* by the file that this change put there */
};

/* One answer being made. */
struct answer {
	struct cli_where *w;
	struct end *ends;
	size_t count, cap;
	uint64_t files, others, others_gone;
	struct heap {
		uint64_t files, bytes;
		uint32_t *entries; /* of the before tree: those to be named */
		size_t named, cap;
	} of[OUTCOMES];
	const struct tally_receipt_change **moves;
	size_t move_count, move_cap;
	struct tally_buf path;
};

/* ---- which change ---- */

static int by_path(const void *a, const void *b)
{
	const struct end *x = a, *y = b;

	return tally_path_compare(x->path.bytes, x->path.len, y->path.bytes, y->path.len);
}

/* a file that moved away before another was put there is not covered by it */
static int by_path_and_weight(const void *a, const void *b)
{
	const struct end *x = a, *y = b;
	int c = by_path(a, b);

	return c ? c : (int)x->covered - (int)y->covered;
}

static bool add_end(struct answer *a, struct tally_name path, const struct tally_receipt_change *c,
                    bool covered)
{
	const struct tally_buf *dir = &a->w->path;

	if (!tally_path_below(path.bytes, path.len, dir->bytes ? dir->bytes : "", dir->len))
		return true;
	if (!tally_grow(&a->ends, &a->cap, a->count, sizeof *a->ends))
		return false;
	a->ends[a->count++] = (struct end){ path, c, covered };
	return true;
}

static bool add_change(struct answer *a, const struct tally_receipt_change *c)
{
	bool ok = true;

	switch (c->kind) {
	case TALLY_CHANGE_MOVED:
	case TALLY_CHANGE_MOVED_EDITED:
		ok = add_end(a, c->from, c, false);
		break;
	case TALLY_CHANGE_ADDED:
	case TALLY_CHANGE_COPIED:
	case TALLY_CHANGE_COPIED_EDITED:
		break;
	default:
		ok = add_end(a, c->path, c, false);
	}
	return ok && (!c->overwrote || add_end(a, c->path, c, true));
}

static void drop_doubles(struct answer *a)
{
	size_t kept = 0;

	for (size_t i = 0; i < a->count; i++)
		if (kept == 0 || by_path(&a->ends[kept - 1], &a->ends[i]) != 0)
			a->ends[kept++] = a->ends[i];
	a->count = kept;
}

static bool index_changes(struct answer *a)
{
	const struct tally_receipt *r = a->w->receipt;

	for (size_t i = 0; i < r->change_count; i++)
		if (!add_change(a, &r->changes[i]))
			return false;
	if (a->count)
		qsort(a->ends, a->count, sizeof *a->ends, by_path_and_weight);
	drop_doubles(a);
	return true;
}

static const struct end *end_of(const struct answer *a)
{
	const struct end key = { .path = { a->path.bytes, a->path.len } };

	return a->count ? bsearch(&key, a->ends, a->count, sizeof key, by_path) : NULL;
}

/* ---- one file ---- */

static enum outcome by_fate(enum tally_fate fate)
{
	switch (fate) {
	case TALLY_FATE_SAME_PLACE:
	case TALLY_FATE_MOVED:
	case TALLY_FATE_COPY_ELSEWHERE:
		return ELSEWHERE;
	case TALLY_FATE_INSIDE_ARCHIVE:
		return ARCHIVED;
	case TALLY_FATE_UNPACKED:
		return UNPACKED;
	case TALLY_FATE_EDITED:
		return BECAME;
	case TALLY_FATE_LOST:
		return LOST;
	default:
		return UNPROVEN;
	}
}

static bool is_believed(const struct tally_receipt_change *c)
{
	return c->proof && !strcmp(c->proof, "stat");
}

static enum outcome by_change(const struct end *end, const struct tally_entry *e)
{
	const struct tally_receipt_change *c = end->change;
	const struct tally_where_list *at = end->covered ? &c->overwrote->survives_at
	                                                 : &c->survives_at;
	enum tally_fate fate = end->covered ? c->overwrote->fate : c->fate;

	if (e->size == 0 && fate == TALLY_FATE_NONE) /* an empty file has no content that could be lost */
		fate = TALLY_FATE_COPY_ELSEWHERE;
	if (end->covered)
		return by_fate(fate);
	if (c->kind == TALLY_CHANGE_METADATA || c->kind == TALLY_CHANGE_MOVED)
		return is_believed(c) ? BELIEVED : c->kind == TALLY_CHANGE_MOVED ? MOVED : METADATA;
	if (c->kind == TALLY_CHANGE_MODIFIED || c->kind == TALLY_CHANGE_MOVED_EDITED) {
		if (at->count || e->size == 0)
			return by_fate(fate);
		return c->kind == TALLY_CHANGE_MODIFIED ? EDITED : MOVED_EDITED;
	}
	return by_fate(fate);
}

/* a path that is on no line of the receipt: unchanged, or not verified */
static enum outcome by_trees(struct answer *a, const struct tally_entry *b)
{
	const struct tally_tree *after = tally_snapshot_tree(a->w->after);
	uint32_t at = tally_tree_find(after, a->path.bytes, a->path.len);
	const struct tally_entry *e = at == TALLY_NO_INDEX ? NULL : &after->entries[at];
	struct cli_where_gap gap;

	cli_where_gap(&gap, after, a->path.bytes, a->path.len);
	if (b->reason == TALLY_REASON_EXCLUDED || gap.reason == TALLY_REASON_EXCLUDED)
		return EXCLUDED;
	if (b->proof == TALLY_PROOF_NONE || gap.reason || !e || e->proof == TALLY_PROOF_NONE)
		return UNREAD;
	return b->proof == TALLY_PROOF_STAT || e->proof == TALLY_PROOF_STAT ? BELIEVED : SAME;
}

static void put_places(struct answer *a, const struct end *end)
{
	const struct tally_where here = { .path = { a->path.bytes, a->path.len } };
	const struct tally_where_list *at;

	if (!end || end->change->kind == TALLY_CHANGE_METADATA) {
		cli_where_put_place(a->w, "", &here);
		return;
	}
	if (!end->covered && end->change->kind == TALLY_CHANGE_MOVED) {
		const struct tally_where there = { .path = end->change->path };

		cli_where_put_place(a->w, "", &there);
		return;
	}
	at = end->covered ? &end->change->overwrote->survives_at : &end->change->survives_at;
	for (size_t i = 0; i < at->count; i++)
		cli_where_put_place(a->w, "", &at->items[i]);
}

static bool note(struct answer *a, uint32_t entry, enum outcome outcome, const struct end *end)
{
	const struct tally_entry *e = &tally_snapshot_tree(a->w->before)->entries[entry];
	struct heap *of = &a->of[outcome];

	a->files += e->type == TALLY_TYPE_FILE;
	of->files++;
	of->bytes += e->type == TALLY_TYPE_FILE ? e->size : 0;
	if (!outcomes[outcome].there)
		a->w->doubts++;
	if (a->w->nul) {
		if (outcomes[outcome].there)
			put_places(a, end);
		return true;
	}
	if (outcome == MOVED) {
		if (!tally_grow(&a->moves, &a->move_cap, a->move_count, sizeof *a->moves))
			return false;
		a->moves[a->move_count++] = end->change;
	}
	if (!outcomes[outcome].named)
		return true;
	if (!tally_grow(&of->entries, &of->cap, of->named, sizeof *of->entries))
		return false;
	of->entries[of->named++] = entry;
	return true;
}

static bool weigh(struct answer *a, uint32_t entry)
{
	const struct tally_entry *e = &tally_snapshot_tree(a->w->before)->entries[entry];
	const struct end *end;

	if (e->type == TALLY_TYPE_DIR && e->reason == TALLY_REASON_NONE)
		return true;
	if (!tally_tree_path(tally_snapshot_tree(a->w->before), entry, &a->path))
		return false;
	end = end_of(a);
	if (e->type == TALLY_TYPE_FILE || e->reason != TALLY_REASON_NONE)
		return note(a, entry, end ? by_change(end, e) : by_trees(a, e), end);
	a->others++;
	a->others_gone += end && end->change->kind == TALLY_CHANGE_DELETED;
	return true;
}

static bool weigh_all(struct answer *a)
{
	const struct tally_tree *tree = tally_snapshot_tree(a->w->before);
	const struct tally_buf *path = &a->w->path;

	for (uint32_t i = 0; i < tree->dir_count; i++) {
		const struct tally_dir *d = &tree->dirs[i];

		if (!tally_path_below(d->path, d->path_len, path->bytes ? path->bytes : "", path->len))
			continue;
		for (uint32_t k = 0; k < d->count; k++)
			if (!weigh(a, d->first + k))
				return false;
	}
	return true;
}

/* ---- printing ---- */

static void put_count(uint64_t n, const char *one, const char *many)
{
	char count[TALLY_COUNT_MAX];

	printf("%s %s", tally_words_count(count, n), n == 1 ? one : many);
}

static bool same_folder(const struct tally_receipt_change *a, const struct tally_receipt_change *b)
{
	size_t n = tally_path_dir_len(a->path.bytes, a->path.len);

	return n == tally_path_dir_len(b->path.bytes, b->path.len) &&
	       memcmp(a->path.bytes, b->path.bytes, n) == 0;
}

static int by_target(const void *a, const void *b)
{
	const struct tally_receipt_change *x = *(const struct tally_receipt_change *const *)a;
	const struct tally_receipt_change *y = *(const struct tally_receipt_change *const *)b;

	return tally_path_compare(x->path.bytes, tally_path_dir_len(x->path.bytes, x->path.len),
	                          y->path.bytes, tally_path_dir_len(y->path.bytes, y->path.len));
}

/* the folders that the files moved into, with their numbers */
static void put_targets(struct answer *a)
{
	size_t shown = 0, i = 0;

	if (a->move_count)
		qsort(a->moves, a->move_count, sizeof *a->moves, by_target);
	while (i < a->move_count) {
		const struct tally_receipt_change *first = a->moves[i];
		size_t n = 0, len = tally_path_dir_len(first->path.bytes, first->path.len);

		while (i < a->move_count && same_folder(first, a->moves[i])) {
			n++;
			i++;
		}
		if (shown++ >= TARGETS_SHOWN)
			continue;
		printf("    ");
		put_count(n, "file", "files");
		printf(" to ");
		cli_put_name(len ? first->path.bytes : ".", len ? len : 1);
		putchar('\n');
	}
	if (shown > TARGETS_SHOWN)
		printf("    and into %zu other folders ('tally show --all' lists them)\n",
		       shown - TARGETS_SHOWN);
}

static bool put_named(struct answer *a, const struct heap *of)
{
	const struct tally_tree *tree = tally_snapshot_tree(a->w->before);
	char size[TALLY_SIZE_MAX];

	for (size_t i = 0; i < of->named; i++) {
		const struct tally_entry *e = &tree->entries[of->entries[i]];

		if (!tally_tree_path(tree, of->entries[i], &a->path))
			return false;
		printf("    ");
		cli_put_name(a->path.bytes, a->path.len);
		if (e->type == TALLY_TYPE_FILE && e->reason != TALLY_REASON_EXCLUDED)
			printf(" (%s%s)", tally_words_size(size, e->size),
			       e->flags & TALLY_ENTRY_KEPT ? ", the before snapshot keeps a copy"
			                                   : "");
		putchar('\n');
	}
	return true;
}

static void put_fold(struct answer *a)
{
	const struct tally_receipt *r = a->w->receipt;
	const struct tally_buf *path = &a->w->path;

	for (size_t i = 0; i < r->fold_count; i++) {
		const struct tally_receipt_fold *f = &r->folds[i];

		if (!f->from.bytes || f->from.len != path->len ||
		    memcmp(f->from.bytes, path->bytes ? path->bytes : "", path->len) != 0)
			continue;
		if (f->kind != TALLY_FOLD_MOVED && f->kind != TALLY_FOLD_MERGED)
			continue;
		printf(f->kind == TALLY_FOLD_MOVED ? "  the folder moved to "
		                                   : "  most of its files went into the folder ");
		cli_put_name(f->path.bytes, f->path.len);
		putchar('\n');
	}
}

static void put_head(struct answer *a)
{
	const struct tally_tree *after = tally_snapshot_tree(a->w->after);
	const struct tally_buf *path = &a->w->path;
	bool there = tally_tree_find_dir(after, path->bytes ? path->bytes : "", path->len) !=
	             TALLY_NO_INDEX;

	cli_put_name(path->len ? path->bytes : ".", path->len ? path->len : 1);
	printf(": a folder that held ");
	put_count(a->files, "file", "files");
	if (a->others) {
		printf(" and ");
		put_count(a->others, "link or special file", "links or special files");
	}
	puts(there ? "; it is still there" : "; it is gone");
}

/* folders of the before side whose files are not known */
static void put_blind(struct answer *a)
{
	const struct tally_tree *tree = tally_snapshot_tree(a->w->before);
	const struct tally_buf *path = &a->w->path;

	for (uint32_t i = 0; i < tree->dir_count; i++) {
		const struct tally_dir *d = &tree->dirs[i];

		if (d->reason == TALLY_REASON_NONE || d->reason == TALLY_REASON_EXCLUDED ||
		    !tally_path_below(d->path, d->path_len, path->bytes ? path->bytes : "", path->len))
			continue;
		a->w->doubts++;
		if (a->w->nul)
			continue;
		printf("  what was below ");
		cli_put_name(d->path_len ? d->path : ".", d->path_len ? d->path_len : 1);
		printf(" is not known: %s\n", tally_reason_words((enum tally_reason)d->reason));
	}
}

static bool put_answer(struct answer *a)
{
	char size[TALLY_SIZE_MAX];

	put_head(a);
	put_fold(a);
	for (int i = 0; i < OUTCOMES; i++) {
		const struct heap *of = &a->of[i];
		bool entries = i == EXCLUDED || i == UNREAD; /* folders may be among them */

		if (of->files == 0)
			continue;
		printf("  ");
		put_count(of->files, entries ? "entry" : "file", entries ? "entries" : "files");
		printf(" (%s) %s\n", tally_words_size(size, of->bytes), outcomes[i].words);
		if (i == MOVED)
			put_targets(a);
		if (!put_named(a, of))
			return false;
	}
	if (a->others_gone) {
		printf("  ");
		put_count(a->others_gone, "link or special file is gone\n",
		          "links or special files are gone\n");
	}
	return true;
}

bool cli_where_folder(struct cli_where *w)
{
	struct answer a = { .w = w };
	bool ok;

	tally_buf_init(&a.path, SIZE_MAX / 2);
	ok = index_changes(&a) && weigh_all(&a);
	if (ok && !w->nul)
		ok = put_answer(&a);
	if (ok)
		put_blind(&a);
	for (int i = 0; i < OUTCOMES; i++) {
		if (outcomes[i].there)
			w->places += w->nul ? 0 : a.of[i].files;
		tally_free(a.of[i].entries);
	}
	tally_free(a.ends);
	tally_free(a.moves);
	tally_buf_release(&a.path);
	if (!ok)
		cli_complain("out of memory");
	return ok;
}
