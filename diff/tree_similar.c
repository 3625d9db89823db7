/* Files that moved and were edited: whose sketches are worth making, and what the sketches say. */
#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/mem.h"
#include "core/path.h"
#include "diff/tree_index.h"
#include "diff/tree_state.h"

/*
 * An inode number is a hint: a new file often gets the number of one just deleted. So it needs the contents to have
 * something in common, a tenth of what counts as similar otherwise; or, where they cannot be compared, the same name.
 */
enum { INODE_SIMILARITY = 100 };

/* Sizes further apart than this many times what the similarity allows are not even sketched (packed formats bend sizes). */
enum { SIZE_SLACK = 8 };

/* Scans of two letters on the same paper are alike by up to 735, a picture saved again as JPEG of quality 75 by 806 or more. */
enum { PICTURE_SIMILARITY = 780 };

enum { STEM_LEAST = 3 }; /* letters of a name that say something */

/* ---- what is wanted ---- */

static bool unexplained(const struct tree_item *item)
{
	return item->open && item->content != TALLY_NO_INDEX;
}

/* An after file whose inode one of the missing files had, though its path is an old one: was it moved here and edited? */
struct inode_key {
	uint64_t inode, device;
	uint32_t item; /* of the before side */
};

struct inode_keys {
	struct inode_key *at;
	size_t count;
};

static int by_inode(const void *a, const void *b)
{
	const struct inode_key *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return (x->item > y->item) - (x->item < y->item);
}

/* The inodes of all before files that are unexplained. */
static bool inodes_make(const struct tally_tree_diff *d, struct inode_keys *keys)
{
	const struct tree_items *items = &d->items[TALLY_BEFORE];

	keys->count = 0;
	keys->at = tally_alloc(items->count * sizeof *keys->at);
	if (!keys->at)
		return false;
	for (uint32_t i = 0; d->options.same_disk && i < items->count; i++) {
		const struct tally_entry *e = tree_entry(d, TALLY_BEFORE, items->at[i].entry);

		if (unexplained(&items->at[i]) && e->inode)
			keys->at[keys->count++] = (struct inode_key){ e->inode, e->device, i };
	}
	if (keys->count)
		qsort(keys->at, keys->count, sizeof *keys->at, by_inode);
	return true;
}

/* The one unexplained before file with this entry's inode; NULL when there is none, or several (hard links). */
static struct tree_item *inode_find(struct tally_tree_diff *d, const struct inode_keys *keys,
                                    const struct tally_entry *e)
{
	size_t low = 0, high = keys->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct inode_key *k = &keys->at[mid];

		if (k->inode < e->inode || (k->inode == e->inode && k->device < e->device))
			low = mid + 1;
		else
			high = mid;
	}
	if (low == keys->count || keys->at[low].inode != e->inode || keys->at[low].device != e->device)
		return NULL;
	if (low + 1 < keys->count && keys->at[low + 1].inode == e->inode &&
	    keys->at[low + 1].device == e->device)
		return NULL;
	return &d->items[TALLY_BEFORE].at[keys->at[low].item];
}

static bool ends_stem(const char *name, size_t at)
{
	return strchr(" _-.(~+", name[at]) != NULL ||
	       (tally_is_digit(name[at]) && !tally_is_digit(name[at - 1]));
}

/* Is there a known file with this name, still there in some form? */
static uint32_t stem_file(const struct tally_tree_diff *d, uint32_t dir, const char *name, size_t len)
{
	const struct tally_tree *t = d->tree[TALLY_BEFORE];
	uint32_t e = tally_tree_find_in(t, &t->dirs[dir], name, len);

	if (e == TALLY_NO_INDEX || !tree_known_file(&t->entries[e]) || !t->entries[e].size)
		return TALLY_NO_INDEX;
	return e;
}

/*
 * The before file in the same folder that a new name was made from: "report.docx" of "report_v2.docx", "report (1).docx" or
 * "report.docx.bak". The longest one; only it is read, so that a new file costs at most one sketch more.
 */
static uint32_t stem_of(const struct tally_tree_diff *d, uint32_t after)
{
	const struct tally_entry *e = tree_entry(d, TALLY_AFTER, after);
	uint32_t dir = d->twin[TALLY_AFTER][e->dir], found = TALLY_NO_INDEX;
	const char *suffix;
	size_t suffix_len = tally_path_suffix(e->name, e->name_len, &suffix);
	size_t stem = e->name_len - suffix_len;
	char name[512];

	if (dir == TALLY_NO_INDEX || e->name_len >= sizeof name)
		return TALLY_NO_INDEX;
	if (suffix_len)
		found = stem_file(d, dir, e->name, stem);
	for (size_t at = stem; at-- > STEM_LEAST && found == TALLY_NO_INDEX;) {
		if (!ends_stem(e->name, at))
			continue;
		memcpy(name, e->name, at);
		memcpy(name + at, suffix, suffix_len);
		found = stem_file(d, dir, name, at + suffix_len);
	}
	return found;
}

static bool want_stems(struct tally_tree_diff *d)
{
	for (size_t i = 0; i < d->items[TALLY_AFTER].count; i++) {
		const struct tree_item *item = &d->items[TALLY_AFTER].at[i];
		uint32_t stem = unexplained(item) ? stem_of(d, item->entry) : TALLY_NO_INDEX;

		if (stem == TALLY_NO_INDEX)
			continue;
		if (!tree_list_add(&d->stems, item->entry) || !tree_list_add(&d->stems, stem) ||
		    !tree_list_add(&d->wanted[TALLY_AFTER], item->entry) ||
		    !tree_list_add(&d->wanted[TALLY_BEFORE], stem))
			return false;
	}
	return true;
}

static bool want_inodes(struct tally_tree_diff *d)
{
	struct inode_keys keys;
	bool ok = inodes_make(d, &keys);

	for (size_t i = 0; ok && keys.count && i < d->items[TALLY_AFTER].count; i++) {
		const struct tree_item *item = &d->items[TALLY_AFTER].at[i];
		const struct tree_item *source;

		if (item->kind != TALLY_CHANGE_MODIFIED || item->content == TALLY_NO_INDEX)
			continue;
		source = inode_find(d, &keys, tree_entry(d, TALLY_AFTER, item->entry));
		d->covers |= source != NULL;
		if (source)
			ok = tree_list_add(&d->wanted[TALLY_AFTER], item->entry) &&
			     tree_list_add(&d->wanted[TALLY_BEFORE], item->other) &&
			     tree_list_add(&d->wanted[TALLY_BEFORE], source->entry);
	}
	tally_free(keys.at);
	return ok;
}

static int by_size(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The sizes of a side's unexplained files, ascending. */
static uint64_t *sizes_of(const struct tally_tree_diff *d, enum tally_side side, size_t *count)
{
	uint64_t *sizes = tally_alloc(d->items[side].count * sizeof *sizes);

	*count = 0;
	for (size_t i = 0; sizes && i < d->items[side].count; i++)
		if (unexplained(&d->items[side].at[i]))
			sizes[(*count)++] = tree_entry(d, side, d->items[side].at[i].entry)->size;
	if (sizes && *count)
		qsort(sizes, *count, sizeof *sizes, by_size);
	return sizes;
}

/* Is one of the sizes near enough that the contents could be similar? */
static bool size_fits(const struct tally_tree_diff *d, const uint64_t *sizes, size_t count,
                      uint64_t size)
{
	uint64_t times = SIZE_SLACK * 1000 / (d->options.similarity ? d->options.similarity : 1) + 1;
	uint64_t least = size / times;
	size_t low = 0, high = count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (sizes[mid] < least)
			low = mid + 1;
		else
			high = mid;
	}
	return low < count && sizes[low] / times <= size;
}

static bool want_unexplained(struct tally_tree_diff *d)
{
	size_t counts[2];
	uint64_t *sizes[2] = { sizes_of(d, TALLY_BEFORE, &counts[0]),
		               sizes_of(d, TALLY_AFTER, &counts[1]) };
	bool ok = sizes[0] && sizes[1];

	for (int side = 0; side < 2 && ok && counts[0] && counts[1]; side++)
		for (size_t i = 0; i < d->items[side].count && ok; i++) {
			const struct tree_item *item = &d->items[side].at[i];

			if (unexplained(item) &&
			    size_fits(d, sizes[!side], counts[!side],
			              tree_entry(d, (enum tally_side)side, item->entry)->size))
				ok = tree_list_add(&d->wanted[side], item->entry);
		}
	tally_free(sizes[0]);
	tally_free(sizes[1]);
	return ok;
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void sort_list(struct tree_list *list)
{
	size_t n = 0;

	if (list->count)
		qsort(list->at, list->count, sizeof *list->at, by_number);
	for (size_t i = 0; i < list->count; i++)
		if (n == 0 || list->at[n - 1] != list->at[i])
			list->at[n++] = list->at[i];
	list->count = n;
}

static bool is_in(const struct tree_list *list, uint32_t entry)
{
	return list->count && bsearch(&entry, list->at, list->count, sizeof entry, by_number);
}

/* What is wanted in any case is not extra. */
static bool add_extra(struct tree_list *wanted, struct tree_list *extra)
{
	size_t n = 0;

	sort_list(wanted);
	sort_list(extra);
	for (size_t i = 0; i < extra->count; i++)
		if (!is_in(wanted, extra->at[i]))
			extra->at[n++] = extra->at[i];
	extra->count = n;
	for (size_t i = 0; i < n; i++)
		if (!tree_list_add(wanted, extra->at[i]))
			return false;
	sort_list(wanted);
	return true;
}

bool tally_tree_diff_extra(const struct tally_tree_diff *d, enum tally_side side, uint32_t entry)
{
	return is_in(&d->extra[side], entry);
}

enum tally_status tree_similar_wanted(struct tally_tree_diff *d, struct tally_err *err)
{
	bool ok;

	for (int side = 0; side < 2; side++)
		d->wanted[side].count = d->extra[side].count = 0;
	d->stems.count = 0;
	d->covers = false;
	ok = want_unexplained(d) && want_inodes(d) && want_stems(d) && tree_exchange_wanted(d);
	for (int side = 0; side < 2 && ok; side++)
		ok = add_extra(&d->wanted[side], &d->extra[side]);
	return ok ? TALLY_OK : tally_err_nomem(err);
}

/* ---- what the sketches say ---- */

static int by_entry(const void *a, const void *b)
{
	const struct tree_sketch *x = a, *y = b;

	return (x->entry > y->entry) - (x->entry < y->entry);
}

const struct tally_sketch *tree_sketch_of(const struct tally_tree_diff *d, enum tally_side side,
                                          uint32_t entry)
{
	const struct tree_sketches *s = &d->sketches[side];
	struct tree_sketch key = { .entry = entry };
	const struct tree_sketch *found = s->count ? bsearch(&key, s->at, s->count, sizeof key,
	                                                     by_entry)
	                                           : NULL;

	return found ? &found->sketch : NULL;
}

/* Pictures of the same page of paper have much in common. */
unsigned tree_least_similarity(const struct tally_tree_diff *d, const struct tally_sketch *sketch)
{
	bool picture = sketch->kind == TALLY_SKETCH_PICTURE;

	return picture && d->options.similarity < PICTURE_SIMILARITY ? PICTURE_SIMILARITY
	                                                             : d->options.similarity;
}

uint8_t tree_evidence_of(const struct tally_sketch *sketch)
{
	static const uint8_t evidence[] = { [TALLY_SKETCH_BYTES] = TALLY_EVIDENCE_BYTES,
		                            [TALLY_SKETCH_MEMBERS] = TALLY_EVIDENCE_MEMBERS,
		                            [TALLY_SKETCH_TEXT] = TALLY_EVIDENCE_TEXT,
		                            [TALLY_SKETCH_ARCHIVE] = TALLY_EVIDENCE_BYTES,
		                            [TALLY_SKETCH_PICTURE] = TALLY_EVIDENCE_PIXELS };

	return sketch->kind < sizeof evidence ? evidence[sketch->kind] : TALLY_EVIDENCE_BYTES;
}

void tree_pair_edited(struct tally_tree_diff *d, struct tree_item *before, struct tree_item *after,
                      unsigned similarity, uint8_t evidence)
{
	tree_pair(d, before, after, TALLY_CHANGE_MOVED_EDITED);
	before->similarity = after->similarity = (uint16_t)similarity;
	before->evidence = after->evidence = evidence;
}

static bool same_name(const struct tally_entry *a, const struct tally_entry *b)
{
	return a->name_len == b->name_len && memcmp(a->name, b->name, a->name_len) == 0;
}

/* A new file with the inode of one that is gone; with little in common only once nothing better is left. */
static void try_inode(struct tally_tree_diff *d, struct tree_item *before, struct tree_item *after,
                      bool last)
{
	const struct tally_sketch *x = tree_sketch_of(d, TALLY_BEFORE, before->entry);
	const struct tally_sketch *y = tree_sketch_of(d, TALLY_AFTER, after->entry);
	unsigned s, least = d->options.similarity;

	if (!x || !y) {
		/* nothing is known of the contents, and file systems give inodes out again at once: the name must agree */
		if (same_name(tree_entry(d, TALLY_BEFORE, before->entry),
		              tree_entry(d, TALLY_AFTER, after->entry)))
			tree_pair_edited(d, before, after, 0, TALLY_EVIDENCE_INODE);
		return;
	}
	if (last && least > INODE_SIMILARITY)
		least = INODE_SIMILARITY;
	s = tally_sketch_similarity(x, y);
	if (s >= least)
		tree_pair_edited(d, before, after, s, TALLY_EVIDENCE_INODE);
}

/* A file that was moved over another and edited looks modified; it is more like what it was than like what it covered. */
static void try_covered(struct tally_tree_diff *d, struct tree_item *before, struct tree_item *after)
{
	const struct tally_sketch *x = tree_sketch_of(d, TALLY_BEFORE, before->entry);
	const struct tally_sketch *y = tree_sketch_of(d, TALLY_AFTER, after->entry);
	const struct tally_sketch *old = tree_sketch_of(d, TALLY_BEFORE, after->other);
	struct tree_item *victim = tree_item_of(d, TALLY_BEFORE, after->other);
	unsigned s;

	if (!x || !y || !old)
		return;
	s = tally_sketch_similarity(x, y);
	if (s < d->options.similarity || s <= tally_sketch_similarity(old, y))
		return;
	tree_pair_edited(d, before, after, s, TALLY_EVIDENCE_INODE);
	tree_set_kind(d, TALLY_BEFORE, victim, TALLY_CHANGE_OVERWRITTEN);
	victim->open = victim->content != TALLY_NO_INDEX && d->contents[victim->content].missing;
}

static bool pair_by_inode(struct tally_tree_diff *d, bool last)
{
	struct inode_keys keys;

	if (!inodes_make(d, &keys))
		return false;
	for (size_t i = 0; keys.count && i < d->items[TALLY_AFTER].count; i++) {
		struct tree_item *after = &d->items[TALLY_AFTER].at[i];
		bool modified = after->kind == TALLY_CHANGE_MODIFIED && !last;
		struct tree_item *before;

		if (after->content == TALLY_NO_INDEX || !(after->open || modified))
			continue;
		before = inode_find(d, &keys, tree_entry(d, TALLY_AFTER, after->entry));
		if (!before || !before->open)
			continue;
		if (after->open)
			try_inode(d, before, after, last);
		else
			try_covered(d, before, after);
	}
	tally_free(keys.at);
	return true;
}

/* ---- best similarity first ---- */

enum {
	EDGES = 16
}; /* of one file kept at a time; more are looked for when all of them are taken */

struct edge {
	uint16_t similarity;
	bool same_name;
	uint32_t source, target;
};

struct target {
	uint32_t item;
	struct edge best; /* the most similar source of all, taken or not */
	bool more;        /* there were more edges than were kept */
	bool again;       /* to be asked (again) */
};

struct match {
	struct tally_tree_diff *d;
	struct tree_list source_items;
	struct tree_list target_items;
	const struct tally_sketch **sketches; /* of the sources */
	struct target *targets;
	struct tree_index *index;
	uint16_t *scores;
	struct edge *edges;
	size_t edge_count, edge_cap;
	uint64_t steps;
};

static void match_release(struct match *m)
{
	tally_free(m->source_items.at);
	tally_free(m->target_items.at);
	tally_free(m->sketches);
	tally_free(m->targets);
	tree_index_free(m->index);
	tally_free(m->scores);
	tally_free(m->edges);
}

static bool list_sketched(const struct tally_tree_diff *d, enum tally_side side,
                          struct tree_list *list)
{
	for (size_t i = 0; i < d->sketches[side].count; i++) {
		uint32_t entry = d->sketches[side].at[i].entry;

		if (tree_has_item(d, side, entry) &&
		    unexplained(&d->items[side].at[d->slot[side][entry]]) &&
		    !tree_list_add(list, d->slot[side][entry]))
			return false;
	}
	return true;
}

static bool match_make(struct match *m)
{
	struct tally_tree_diff *d = m->d;
	size_t n;

	if (!list_sketched(d, TALLY_BEFORE, &m->source_items) ||
	    !list_sketched(d, TALLY_AFTER, &m->target_items))
		return false;
	n = m->source_items.count;
	m->sketches = tally_alloc(n * sizeof *m->sketches);
	m->targets = tally_alloc_zero(m->target_items.count, sizeof *m->targets);
	m->scores = tally_alloc(n * sizeof *m->scores);
	if (!m->sketches || !m->targets || !m->scores)
		return false;
	for (size_t i = 0; i < n; i++)
		m->sketches[i] = tree_sketch_of(
			d, TALLY_BEFORE, d->items[TALLY_BEFORE].at[m->source_items.at[i]].entry);
	for (size_t i = 0; i < m->target_items.count; i++)
		m->targets[i] = (struct target){ .item = m->target_items.at[i], .again = true };
	m->index = tree_index_new(m->sketches, (uint32_t)n);
	return m->index != NULL;
}

static struct tree_item *source_item(const struct match *m, uint32_t source)
{
	return &m->d->items[TALLY_BEFORE].at[m->source_items.at[source]];
}

static struct tree_item *target_item(const struct match *m, uint32_t target)
{
	return &m->d->items[TALLY_AFTER].at[m->targets[target].item];
}

/* Best first. Ties: the same name, then the order of the paths. */
static int by_rank(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	if (x->similarity != y->similarity)
		return x->similarity > y->similarity ? -1 : 1;
	if (x->same_name != y->same_name)
		return x->same_name ? -1 : 1;
	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	return (x->target > y->target) - (x->target < y->target);
}

static struct edge edge_of(const struct match *m, uint32_t source, uint32_t target)
{
	const struct tally_entry *b = tree_entry(m->d, TALLY_BEFORE, source_item(m, source)->entry);
	const struct tally_entry *a = tree_entry(m->d, TALLY_AFTER, target_item(m, target)->entry);

	return (struct edge){ m->scores[source], same_name(b, a), source, target };
}

/* Insert into the @n best so far. @return how many there are now */
static size_t keep_best(struct edge *best, size_t n, struct edge e)
{
	size_t at = n;

	while (at > 0 && by_rank(&best[at - 1], &e) > 0)
		at--;
	if (at == EDGES)
		return n;
	n = n < EDGES ? n + 1 : EDGES;
	memmove(best + at + 1, best + at, (n - at - 1) * sizeof *best);
	best[at] = e;
	return n;
}

static bool ask(struct match *m, uint32_t t, bool first)
{
	struct edge best[EDGES];
	const struct tally_sketch *sketch = tree_sketch_of(m->d, TALLY_AFTER,
	                                                   target_item(m, t)->entry);
	unsigned least = tree_least_similarity(m->d, sketch);
	size_t n = 0, found = 0;

	tree_index_ask(m->index, sketch, m->scores, &m->steps);
	for (uint32_t s = 0; s < m->source_items.count; s++) {
		if (m->scores[s] < least || m->scores[s] == 0 || !source_item(m, s)->open)
			continue;
		found++;
		if (n < EDGES || m->scores[s] >= best[n - 1].similarity)
			n = keep_best(best, n, edge_of(m, s, t));
	}
	m->targets[t].more = found > n;
	if (first && n)
		m->targets[t].best = best[0];
	for (size_t i = 0; i < n; i++) {
		if (!tally_grow(&m->edges, &m->edge_cap, m->edge_count, sizeof *m->edges))
			return false;
		m->edges[m->edge_count++] = best[i];
	}
	return true;
}

static void take_edges(struct match *m)
{
	if (m->edge_count)
		qsort(m->edges, m->edge_count, sizeof *m->edges, by_rank);
	for (size_t i = 0; i < m->edge_count; i++) {
		const struct edge *e = &m->edges[i];
		struct tree_item *before = source_item(m, e->source);
		struct tree_item *after = target_item(m, e->target);

		if (before->open && after->open)
			tree_pair_edited(m->d, before, after, e->similarity,
			                 tree_evidence_of(m->sketches[e->source]));
	}
	m->edge_count = 0;
}

/* One round: ask for all that are to be asked, take the best pairs. @return whether another round may find more */
static bool match_round(struct match *m, bool first, bool *again)
{
	*again = false;
	for (uint32_t t = 0; t < m->target_items.count; t++) {
		if (!m->targets[t].again || !target_item(m, t)->open)
			continue;
		if (m->steps > m->d->limits.similarity_steps) {
			m->d->similar_cut = true;
			break;
		}
		if (!ask(m, t, first))
			return false;
	}
	take_edges(m);
	for (uint32_t t = 0; t < m->target_items.count; t++) {
		m->targets[t].again = m->targets[t].more && target_item(m, t)->open;
		*again = *again || m->targets[t].again;
	}
	*again = *again && !m->d->similar_cut;
	return true;
}

void tree_copy_edited(struct tally_tree_diff *d, struct tree_item *after, uint32_t before,
                      unsigned similarity, uint8_t evidence)
{
	after->open = false;
	after->mate = before;
	after->similarity = (uint16_t)similarity;
	after->evidence = evidence;
	tree_set_kind(d, TALLY_AFTER, after, TALLY_CHANGE_COPIED_EDITED);
}

/* A second edited copy of a file that went to its most similar one. */
static void copies_of_taken(struct match *m)
{
	for (uint32_t t = 0; t < m->target_items.count; t++) {
		const struct edge *best = &m->targets[t].best;

		if (target_item(m, t)->open && best->similarity)
			tree_copy_edited(m->d, target_item(m, t),
			                 source_item(m, best->source)->entry, best->similarity,
			                 tree_evidence_of(m->sketches[best->source]));
	}
}

static bool pair_by_sketches(struct tally_tree_diff *d)
{
	struct match m = { .d = d };
	bool ok = match_make(&m), again = ok && m.source_items.count && m.target_items.count;

	for (bool first = true; ok && again; first = false)
		ok = match_round(&m, first, &again);
	if (ok)
		copies_of_taken(&m);
	match_release(&m);
	return ok;
}

static void copies_of_stems(struct tally_tree_diff *d)
{
	for (size_t i = 0; i < d->stems.count; i += 2) {
		struct tree_item *after = tree_item_of(d, TALLY_AFTER, d->stems.at[i]);
		uint32_t before = d->stems.at[i + 1];
		const struct tally_sketch *x = tree_sketch_of(d, TALLY_BEFORE, before);
		const struct tally_sketch *y = tree_sketch_of(d, TALLY_AFTER, after->entry);
		unsigned s;

		if (!after->open || !x || !y)
			continue;
		s = tally_sketch_similarity(x, y);
		if (s && s >= tree_least_similarity(d, y))
			tree_copy_edited(d, after, before, s, tree_evidence_of(x));
	}
}

static void sort_sketches(struct tree_sketches *s)
{
	size_t n = 0;

	if (s->count)
		qsort(s->at, s->count, sizeof *s->at, by_entry);
	for (size_t i = 0; i < s->count; i++)
		if (n == 0 || s->at[n - 1].entry != s->at[i].entry)
			s->at[n++] = s->at[i];
	s->count = n;
}

enum tally_status tree_similar_pair(struct tally_tree_diff *d, struct tally_err *err)
{
	bool exchanged = false;

	sort_sketches(&d->sketches[TALLY_BEFORE]);
	sort_sketches(&d->sketches[TALLY_AFTER]);
	if (!pair_by_inode(d, false) || !pair_by_sketches(d) || !tree_exchange_pair(d, &exchanged) ||
	    (exchanged && !pair_by_sketches(d)) || !pair_by_inode(d, true))
		return tally_err_nomem(err);
	copies_of_stems(d);
	return TALLY_OK;
}
