/* Section 3 of the terminal view, first part: folders that one line stands for, then paths by what became of them. */
#include "receipt/text_tree.h"

#include <string.h>

#include "core/mem.h"
#include "core/path.h"

static const struct {
	const char *title;
	bool whole; /* never cut */
	enum tally_style style;
} lists[TALLY_LISTS] = {
	[TALLY_LIST_ROOT] = { "The watched folder", true, TALLY_STYLE_RED },
	[TALLY_LIST_LOST] = { "Deleted, and the content is nowhere any more", true, TALLY_STYLE_RED },
	[TALLY_LIST_UNPROVEN] = { "Deleted; whether the content is still somewhere could not be found out",
	                          true, TALLY_STYLE_YELLOW },
	[TALLY_LIST_COVERED] = { "Moved or copied over another file, whose content is gone", true,
	                         TALLY_STYLE_RED },
	[TALLY_LIST_TYPE] = { "Turned into something else", true, TALLY_STYLE_YELLOW },
	[TALLY_LIST_DELETED] = { "Deleted", false, TALLY_STYLE_BOLD },
	[TALLY_LIST_DUPLICATES] = { "Duplicates removed (the same content is still there)", false,
	                            TALLY_STYLE_BOLD },
	[TALLY_LIST_MODIFIED] = { "Modified", false, TALLY_STYLE_BOLD },
	[TALLY_LIST_MOVED_EDITED] = { "Moved and edited", false, TALLY_STYLE_BOLD },
	[TALLY_LIST_MOVED] = { "Moved", false, TALLY_STYLE_BOLD },
	[TALLY_LIST_COPIED] = { "Copied", false, TALLY_STYLE_BOLD },
	[TALLY_LIST_ADDED] = { "Added", false, TALLY_STYLE_BOLD },
	[TALLY_LIST_LINKS] = { "Links with another target", false, TALLY_STYLE_BOLD },
	[TALLY_LIST_METADATA] = { "Same content, other metadata", false, TALLY_STYLE_BOLD },
	[TALLY_LIST_TOUCHED] = { "Same content, other time of modification", false, TALLY_STYLE_BOLD },
};

enum {
	GROUP_AT = 100,     /* lost files beyond this many are told by folder */
	GROUP_LEAST = 10,   /* a folder with fewer of them has a line for each */
	NAMES_A_LINE = 500, /* names put together before they are written */
};

static bool only_touched(const struct tally_receipt_change *c)
{
	return c->field_count == 1 && !strcmp(c->fields[0].name, "mtime");
}

static enum tally_text_list deleted_list(const struct tally_receipt_change *c)
{
	return c->fate == TALLY_FATE_LOST       ? TALLY_LIST_LOST
	       : c->fate == TALLY_FATE_UNPROVEN ? TALLY_LIST_UNPROVEN
	                                        : TALLY_LIST_DELETED;
}

static enum tally_text_list list_of(const struct tally_receipt_change *c)
{
	if (c->flags & TALLY_CHANGE_ROOT)
		return TALLY_LIST_ROOT;
	if (c->overwrote && tally_text_gone(c->overwrote->fate))
		return TALLY_LIST_COVERED;
	switch (c->kind) {
	case TALLY_CHANGE_MODIFIED:
		return TALLY_LIST_MODIFIED;
	case TALLY_CHANGE_METADATA:
		return only_touched(c) ? TALLY_LIST_TOUCHED : TALLY_LIST_METADATA;
	case TALLY_CHANGE_ADDED:
		return TALLY_LIST_ADDED;
	case TALLY_CHANGE_COPIED:
	case TALLY_CHANGE_COPIED_EDITED:
		return TALLY_LIST_COPIED;
	case TALLY_CHANGE_MOVED:
		return TALLY_LIST_MOVED;
	case TALLY_CHANGE_MOVED_EDITED:
		return TALLY_LIST_MOVED_EDITED;
	case TALLY_CHANGE_DELETED:
		return deleted_list(c);
	case TALLY_CHANGE_DUPLICATE_REMOVED:
		return TALLY_LIST_DUPLICATES;
	case TALLY_CHANGE_TYPE_CHANGED:
		return TALLY_LIST_TYPE;
	case TALLY_CHANGE_LINK_RETARGETED:
		return TALLY_LIST_LINKS;
	case TALLY_CHANGE_UNCHANGED:
	case TALLY_CHANGE_OVERWRITTEN:
	case TALLY_CHANGE_UNVERIFIED:
	case TALLY_CHANGE_KINDS:
		break;
	}
	return TALLY_LIST_NONE;
}

/* ---- which line stands for what ---- */

struct tree {
	struct tally_sheet *s;
	unsigned char *list; /* of each change */
	size_t *items;       /* changes by list, those of one list together */
	size_t start[TALLY_LISTS + 1];
};

/* First change that is not before @path. */
static size_t lower(const struct tally_receipt *r, const struct tally_name *path)
{
	size_t low = 0, high = r->change_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct tally_name *at = &r->changes[mid].path;

		if (tally_path_compare(at->bytes, at->len, path->bytes, path->len) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The folder itself and the folders below it came or went with it. */
static void drop_folders(struct tree *t, const struct tally_name *path)
{
	const struct tally_receipt *r = t->s->r;

	if (!path->bytes)
		return;
	for (size_t i = lower(r, path); i < r->change_count; i++) {
		const struct tally_receipt_change *c = &r->changes[i];

		if (!tally_path_below(c->path.bytes, c->path.len, path->bytes, path->len))
			return;
		if (c->type == TALLY_TYPE_DIR && !(c->flags & TALLY_CHANGE_ROOT) &&
		    (c->kind == TALLY_CHANGE_ADDED || c->kind == TALLY_CHANGE_DELETED ||
		     c->kind == TALLY_CHANGE_MOVED))
			t->list[i] = TALLY_LIST_NONE;
	}
}

/* A covered file is said whatever folder it moved with. */
static void drop_folded(struct tree *t)
{
	const struct tally_receipt *r = t->s->r;

	for (size_t i = 0; i < r->fold_count; i++) {
		const struct tally_receipt_fold *f = &r->folds[i];

		for (size_t k = 0; k < f->change_count; k++)
			if (t->list[f->changes[k]] != TALLY_LIST_COVERED)
				t->list[f->changes[k]] = TALLY_LIST_NONE;
		if (f->kind == TALLY_FOLD_ADDED || f->kind == TALLY_FOLD_DELETED ||
		    f->kind == TALLY_FOLD_MOVED)
			drop_folders(t, &f->path);
		if (f->kind == TALLY_FOLD_MOVED || f->kind == TALLY_FOLD_MERGED)
			drop_folders(t, &f->from);
	}
}

static bool sort_changes(struct tree *t)
{
	size_t count = t->s->r->change_count, at[TALLY_LISTS + 1] = { 0 };

	t->list = tally_arena_alloc(&t->s->scratch, count);
	t->items = tally_arena_zero(&t->s->scratch, count, sizeof *t->items);
	if (!t->list || !t->items) {
		t->s->status = tally_err_nomem(t->s->err);
		return false;
	}
	for (size_t i = 0; i < count; i++)
		t->list[i] = (unsigned char)list_of(&t->s->r->changes[i]);
	if (!t->s->all)
		drop_folded(t);
	for (size_t i = 0; i < count; i++)
		if (t->list[i] < TALLY_LISTS)
			t->start[t->list[i] + 1]++;
	for (size_t l = 0; l < TALLY_LISTS; l++) {
		t->start[l + 1] += t->start[l];
		at[l] = t->start[l];
	}
	for (size_t i = 0; i < count; i++)
		if (t->list[i] < TALLY_LISTS)
			t->items[at[t->list[i]]++] = i;
	return true;
}

/* ---- lists ---- */

enum { ITEM = TALLY_INDENT + 2 };

static void line(const struct tree *t, enum tally_text_list l, size_t change)
{
	tally_text_change(t->s, l, &t->s->r->changes[change]);
	tally_sheet_end(t->s, ITEM, ITEM + 2);
}

static struct tally_name parent(const struct tally_receipt_change *c)
{
	return (struct tally_name){ c->path.bytes, tally_path_dir_len(c->path.bytes, c->path.len) };
}

static bool same_parent(const struct tally_receipt_change *a, const struct tally_receipt_change *b)
{
	struct tally_name x = parent(a), y = parent(b);

	return x.len == y.len && !memcmp(x.bytes, y.bytes, x.len);
}

/* "copies are kept", of files that are gone. */
static void copies(struct tally_sheet *s, const size_t *items, size_t n)
{
	uint64_t kept = 0;

	for (size_t i = 0; i < n; i++)
		kept += (s->r->changes[items[i]].flags & TALLY_CHANGE_KEPT) != 0;
	if (kept == n) {
		tally_sheet_text(s, ", copies are kept");
	} else if (kept) {
		tally_sheet_text(s, ", copies of ");
		tally_sheet_count(s, kept);
		tally_sheet_text(s, " are kept");
	}
}

static void folder_head(struct tally_sheet *s, const size_t *items, size_t n, unsigned indent)
{
	const struct tally_receipt *r = s->r;
	struct tally_name dir = parent(&r->changes[items[0]]);
	uint64_t bytes = 0;

	for (size_t i = 0; i < n; i++)
		if (r->changes[items[i]].bytes_before != TALLY_UNKNOWN)
			bytes += r->changes[items[i]].bytes_before;
	tally_sheet_name(s, &dir);
	tally_sheet_text(s, dir.len ? "/  " : "./  ");
	tally_sheet_plural(s, n, "file", "files");
	tally_sheet_text(s, ", ");
	tally_sheet_size(s, bytes);
	copies(s, items, n);
	tally_sheet_text(s, ":");
	tally_sheet_end(s, indent, indent + 2);
}

/* Many files of one folder that are gone: a line for the folder, then all of their names and sizes in running lines. */
static void folder_lines(struct tally_sheet *s, const size_t *items, size_t n, unsigned indent)
{
	folder_head(s, items, n, indent);
	for (size_t i = 0; i < n; i++) {
		const struct tally_receipt_change *c = &s->r->changes[items[i]];
		size_t base = tally_path_base(c->path.bytes, c->path.len);
		bool last = i + 1 == n || (i + 1) % NAMES_A_LINE == 0;

		tally_sheet_name(s, &(struct tally_name){ c->path.bytes + base, c->path.len - base });
		if (c->bytes_before != TALLY_UNKNOWN) {
			tally_sheet_fixed(s, " ");
			tally_sheet_size(s, c->bytes_before);
		}
		tally_sheet_text(s, i + 1 < n ? "," : "");
		if (last)
			tally_sheet_end(s, indent + 2, indent + 2);
		else
			tally_sheet_text(s, " ");
	}
}

/* What is gone is named, every file of it; of a long list, folders with many files take running lines. */
static void gone_files(const struct tree *t, const size_t *items, size_t count, unsigned indent)
{
	const struct tally_receipt_change *c = t->s->r->changes;

	for (size_t i = 0, n; i < count; i += n) {
		for (n = 1; i + n < count && same_parent(&c[items[i]], &c[items[i + n]]); n++)
			;
		if (count > GROUP_AT && n >= GROUP_LEAST && !t->s->all) {
			folder_lines(t->s, items + i, n, indent);
			continue;
		}
		for (size_t k = 0; k < n; k++) {
			tally_text_change(t->s, TALLY_LIST_LOST, &c[items[i + k]]);
			tally_sheet_end(t->s, indent, indent + 2);
		}
	}
}

static void show_list(const struct tree *t, enum tally_text_list l)
{
	const size_t *items = t->items + t->start[l];
	size_t count = t->start[l + 1] - t->start[l], shown = count;

	if (!count)
		return;
	tally_sheet_style(t->s, lists[l].style);
	tally_sheet_text(t->s, lists[l].title);
	tally_sheet_plain(t->s);
	tally_sheet_text(t->s, " (");
	tally_sheet_count(t->s, count);
	tally_sheet_text(t->s, ")");
	tally_sheet_end(t->s, TALLY_INDENT, TALLY_INDENT);
	if (l == TALLY_LIST_LOST || l == TALLY_LIST_UNPROVEN) {
		gone_files(t, items, count, ITEM);
		return;
	}
	if (!lists[l].whole)
		shown = tally_sheet_cut(t->s, count, TALLY_LIST_MOST);
	for (size_t i = 0; i < shown; i++)
		line(t, l, items[i]);
	tally_sheet_more(t->s, ITEM, count - shown);
}

/* ---- folders ---- */

struct tallies {
	uint64_t lost, unproven, edited, bytes;
};

static struct tallies count_fates(const struct tally_sheet *s, const struct tally_receipt_fold *f)
{
	struct tallies n = { 0 };

	for (size_t i = 0; i < f->change_count; i++) {
		const struct tally_receipt_change *c = &s->r->changes[f->changes[i]];
		uint64_t bytes = f->kind == TALLY_FOLD_ADDED ? c->bytes_after : c->bytes_before;

		if (c->type != TALLY_TYPE_FILE)
			continue;
		n.lost += c->fate == TALLY_FATE_LOST;
		n.unproven += c->fate == TALLY_FATE_UNPROVEN;
		n.edited += c->fate == TALLY_FATE_EDITED;
		n.bytes += bytes == TALLY_UNKNOWN ? 0 : bytes;
	}
	return n;
}

static void fold_names(struct tally_sheet *s, const struct tally_receipt_fold *f)
{
	if (f->kind == TALLY_FOLD_SPLIT) {
		tally_sheet_name(s, f->from.bytes ? &f->from : &f->path);
		tally_sheet_text(s, "/");
		return;
	}
	if (f->from.bytes) {
		tally_sheet_name(s, &f->from);
		tally_sheet_text(s, "/");
		tally_sheet_arrow(s);
	}
	tally_sheet_name(s, &f->path);
	tally_sheet_text(s, "/");
}

static const char *fold_words(enum tally_fold_kind kind)
{
	switch (kind) {
	case TALLY_FOLD_MOVED:
		return "moved with ";
	case TALLY_FOLD_MERGED:
		return "merged, ";
	case TALLY_FOLD_SPLIT:
		return "split up, ";
	case TALLY_FOLD_ADDED:
		return "added with ";
	case TALLY_FOLD_DELETED:
		return "deleted with ";
	}
	return "";
}

static void fold_fates(struct tally_sheet *s, const struct tallies *n, uint64_t files)
{
	if (n->lost) {
		tally_sheet_text(s, ", ");
		tally_sheet_style(s, TALLY_STYLE_RED);
		if (n->lost == files) {
			tally_sheet_text(s, files == 1 ? "nowhere any more"
			                               : "all of them nowhere any more");
		} else {
			tally_sheet_count(s, n->lost);
			tally_sheet_text(s, " of them nowhere any more");
		}
		tally_sheet_plain(s);
	}
	if (n->unproven) {
		tally_sheet_text(s, ", ");
		tally_sheet_style(s, TALLY_STYLE_YELLOW);
		tally_sheet_count(s, n->unproven);
		tally_sheet_text(s, " not proven");
		tally_sheet_plain(s);
	}
}

/* Nothing of a folder is lost: it stands elsewhere, as it was or edited. */
static void fold_kept(struct tally_sheet *s, const struct tallies *n, uint64_t files)
{
	if (n->edited == files) {
		tally_sheet_text(s, files == 1 ? ", its content is elsewhere, edited"
		                               : ", all of their contents are elsewhere, edited");
		return;
	}
	tally_sheet_text(s, files == 1 ? ", its content is still elsewhere"
	                               : ", all of their contents are still elsewhere");
	if (!n->edited)
		return;
	tally_sheet_text(s, ", ");
	tally_sheet_count(s, n->edited);
	tally_sheet_text(s, " of them edited");
}

static void fold_line(struct tally_sheet *s, const struct tally_receipt_fold *f)
{
	struct tallies n = count_fates(s, f);

	fold_names(s, f);
	tally_sheet_text(s, "  ");
	tally_sheet_text(s, fold_words(f->kind));
	tally_sheet_plural(s, f->files, "file", "files");
	tally_sheet_text(s, " (");
	tally_sheet_size(s, n.bytes);
	tally_sheet_text(s, ")");
	fold_fates(s, &n, f->files);
	if (f->kind == TALLY_FOLD_DELETED && f->files && !n.lost && !n.unproven)
		fold_kept(s, &n, f->files);
	if (f->exception_count) {
		tally_sheet_text(s, "; ");
		tally_sheet_plural(s, f->exception_count, "exception", "exceptions");
		tally_sheet_text(s, s->all ? "" : " below");
	}
	tally_sheet_end(s, ITEM, ITEM + 2);
}

/* Below a folder's line: the files that went with it and are gone. With --all they stand in their lists. */
static void fold_losses(const struct tree *t, const struct tally_receipt_fold *f)
{
	size_t *items, n = 0;

	if (t->s->all || !f->change_count)
		return;
	items = tally_arena_alloc(&t->s->scratch, f->change_count * sizeof *items);
	if (!items) {
		t->s->status = tally_err_nomem(t->s->err);
		return;
	}
	for (size_t i = 0; i < f->change_count; i++) {
		const struct tally_receipt_change *c = &t->s->r->changes[f->changes[i]];

		if (c->type == TALLY_TYPE_FILE && c->kind == TALLY_CHANGE_DELETED &&
		    tally_text_gone(c->fate))
			items[n++] = f->changes[i];
	}
	gone_files(t, items, n, ITEM + 2);
}

static bool fold_matters(const struct tally_sheet *s, const struct tally_receipt_fold *f)
{
	struct tallies n = count_fates(s, f);

	return n.lost || n.unproven;
}

/* Those with losses come first and are never cut. */
static void folds(const struct tree *t)
{
	struct tally_sheet *s = t->s;
	const struct tally_receipt *r = s->r;
	size_t matter = 0, shown = 0, most;

	if (!r->fold_count)
		return;
	tally_sheet_style(s, TALLY_STYLE_BOLD);
	tally_sheet_text(s, "Folders");
	tally_sheet_plain(s);
	tally_sheet_text(s, " (");
	tally_sheet_count(s, r->fold_count);
	tally_sheet_text(s, ")");
	tally_sheet_end(s, TALLY_INDENT, TALLY_INDENT);
	for (size_t i = 0; i < r->fold_count; i++)
		if (fold_matters(s, &r->folds[i])) {
			fold_line(s, &r->folds[i]);
			fold_losses(t, &r->folds[i]);
			matter++;
		}
	most = tally_sheet_cut(s, r->fold_count - matter, TALLY_LIST_MOST);
	for (size_t i = 0; i < r->fold_count && shown < most; i++)
		if (!fold_matters(s, &r->folds[i])) {
			fold_line(s, &r->folds[i]);
			shown++;
		}
	tally_sheet_more(s, ITEM, r->fold_count - matter - shown);
}

bool tally_text_tree(struct tally_sheet *s)
{
	struct tree t = { .s = s };

	if (!s->r->change_count && !s->r->fold_count)
		return false;
	if (!sort_changes(&t))
		return true;
	folds(&t);
	for (int l = 0; l < TALLY_LISTS; l++)
		show_list(&t, (enum tally_text_list)l);
	return true;
}
