/* Members of archives: what lost contents are found in, what new files were unpacked from, and archives that went once all they held was out. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/path.h"
#include "diff/tree_state.h"

/* ---- by content ---- */

static int by_content(const void *a, const void *b)
{
	const struct tree_member *x = a, *y = b;

	if (x->content != y->content)
		return x->content < y->content ? -1 : 1;
	if (x->archive != y->archive)
		return x->archive < y->archive ? -1 : 1;
	return tally_path_compare(x->path, x->path_len, y->path, y->path_len);
}

const struct tree_member *tree_members_of(const struct tree_members *m, uint32_t content,
                                          size_t *count)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (m->at[mid].content < content)
			low = mid + 1;
		else
			high = mid;
	}
	while (count && high < m->count && m->at[high].content == content)
		high++;
	if (count)
		*count = high - low;
	return low < m->count && m->at[low].content == content ? &m->at[low] : NULL;
}

static void sort_members(struct tree_members *m)
{
	size_t n = 0;

	if (m->count)
		qsort(m->at, m->count, sizeof *m->at, by_content);
	for (size_t i = 0; i < m->count; i++)
		if (n == 0 || by_content(&m->at[n - 1], &m->at[i]) != 0)
			m->at[n++] = m->at[i];
	m->count = n;
}

/* Does anybody care where this content is (after), or that it was in an archive (before)? */
static bool member_matters(const struct tally_tree_diff *d, enum tally_side side, uint32_t content)
{
	const struct tree_content *c;

	if (content == TALLY_NO_INDEX)
		return false;
	c = &d->contents[content];
	return side == TALLY_AFTER || (c->hases && !c->hads && !c->stays && !c->trusts);
}

/* ---- archives that are gone: all that they held ---- */

/* Is this an archive of the before side whose bytes are nowhere any more? */
bool tally_tree_diff_is_gone(const struct tally_tree_diff *d, uint32_t before)
{
	const struct tree_item *item = tree_item_of(d, TALLY_BEFORE, before);

	return item && item->content != TALLY_NO_INDEX && d->contents[item->content].missing &&
	       item->kind != TALLY_CHANGE_UNVERIFIED;
}

/* The list of an archive that is being read; its members come one behind the other. */
static struct tree_listing *listing_of(struct tally_tree_diff *d, uint32_t archive)
{
	struct tree_listing *last = d->listing_count ? &d->listings[d->listing_count - 1] : NULL;

	if (last && last->archive == archive && !last->done)
		return last;
	if (!tally_grow(&d->listings, &d->listing_cap, d->listing_count, sizeof *d->listings))
		return NULL;
	last = &d->listings[d->listing_count++];
	*last = (struct tree_listing){ .archive = archive, .first = d->listed_count };
	return last;
}

/* Folders and empty files hold nothing; what is in archives in it comes with these. */
static bool add_listed(struct tally_tree_diff *d, uint32_t archive, const struct tally_member *m)
{
	struct tree_listing *l = listing_of(d, archive);
	bool file = m->type == TALLY_TYPE_FILE;

	if (!l)
		return false;
	if (m->depth > 0 || m->type == TALLY_TYPE_DIR)
		return true;
	if (!file || !tally_digest_known(&m->digest)) {
		l->doubtful = true; /* a link, or a content that nobody read */
		return true;
	}
	l->files++;
	if (!m->size)
		return true;
	if (!tally_grow(&d->listed, &d->listed_cap, d->listed_count, sizeof *d->listed))
		return false;
	d->listed[d->listed_count++] = (struct tree_listed){ m->digest, m->size, false };
	return true;
}

enum tally_status tally_tree_diff_listed(struct tally_tree_diff *d, uint32_t archive, bool whole,
                                         struct tally_err *err)
{
	struct tree_listing *l;

	assert(!d->finished);
	if (archive >= d->tree[TALLY_BEFORE]->entry_count || !tally_tree_diff_is_gone(d, archive))
		return TALLY_OK;
	l = listing_of(d, archive);
	if (!l)
		return tally_err_nomem(err);
	l->done = true;
	l->whole = whole && !l->doubtful && l->files;
	l->count = d->listed_count - l->first;
	return TALLY_OK;
}

/* A table of what was listed: number + 1, 0 is free; equal ones are chained by coming one behind the other. */
struct listed_table {
	uint32_t *at;
	size_t mask;
};

static bool same_listed(const struct tree_listed *l, const struct tally_digest *digest, uint64_t size)
{
	return l->size == size && tally_digest_equal(&l->digest, digest);
}

/* Where this content stands in the table, or the free place where it belongs. */
static size_t listed_place(const struct tally_tree_diff *d, const struct listed_table *t,
                           const struct tally_digest *digest, uint64_t size)
{
	size_t at = (size_t)tree_mix(tally_digest_low(digest)) & t->mask;

	while (t->at[at] && !same_listed(&d->listed[t->at[at] - 1], digest, size))
		at = (at + 1) & t->mask;
	return at;
}

/* Which of the listed contents stand in a file of the after side that was read? */
static void find_listed(struct tally_tree_diff *d, const struct listed_table *t)
{
	const struct tally_tree *after = d->tree[TALLY_AFTER];

	for (uint32_t i = 0; i < after->entry_count; i++) {
		const struct tally_entry *e = &after->entries[i];
		size_t at;

		if (!tree_known_file(e) || tree_believed(e) || !e->size)
			continue;
		at = listed_place(d, t, &e->digest, e->size);
		if (t->at[at])
			d->listed[t->at[at] - 1].found = true;
	}
}

static bool all_found(const struct tally_tree_diff *d, const struct listed_table *t,
                      const struct tree_listing *l)
{
	for (size_t i = l->first; i < l->first + l->count; i++) {
		const struct tree_listed *m = &d->listed[i];

		if (!d->listed[t->at[listed_place(d, t, &m->digest, m->size)] - 1].found)
			return false;
	}
	return true;
}

/* Archives that went, and whose members are all out in the folder. */
static bool find_unpacked(struct tally_tree_diff *d)
{
	struct listed_table t = { .mask = 15 };

	if (!d->listing_count)
		return true;
	while (t.mask < 2 * d->listed_count)
		t.mask = 2 * t.mask + 1;
	t.at = tally_alloc_zero(t.mask + 1, sizeof *t.at);
	if (!t.at)
		return false;
	for (size_t i = 0; i < d->listed_count; i++) {
		size_t at = listed_place(d, &t, &d->listed[i].digest, d->listed[i].size);

		if (!t.at[at])
			t.at[at] = (uint32_t)i + 1;
	}
	find_listed(d, &t);
	for (size_t i = 0; i < d->listing_count; i++)
		if (d->listings[i].whole && all_found(d, &t, &d->listings[i]))
			tree_item_of(d, TALLY_BEFORE, d->listings[i].archive)->unpacked = true;
	tally_free(t.at);
	return true;
}

/* ---- handing in ---- */

enum tally_status tally_tree_diff_add_member(struct tally_tree_diff *d, enum tally_side side,
                                             uint32_t archive, const struct tally_member *member,
                                             struct tally_err *err)
{
	struct tree_members *list = &d->members[side];
	struct tree_member m = { .archive = archive, .path_len = member->path_len };

	assert(!d->members_done);
	if (archive >= d->tree[side]->entry_count)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_READER_FAILED,
		                     "not an archive of this tree");
	if (side == TALLY_BEFORE && tally_tree_diff_is_gone(d, archive) &&
	    !add_listed(d, archive, member))
		return tally_err_nomem(err);
	if (member->type != TALLY_TYPE_FILE || !member->size || !tally_digest_known(&member->digest))
		return TALLY_OK;
	m.content = tree_content_find(d, &member->digest, member->size);
	if (!member_matters(d, side, m.content))
		return TALLY_OK;
	m.path = tally_arena_dup(&d->arena, member->path, member->path_len);
	if (!m.path || !tally_grow(&list->at, &list->cap, list->count, sizeof *list->at))
		return tally_err_nomem(err);
	list->at[list->count++] = m;
	return TALLY_OK;
}

/* ---- what they explain ---- */

/* Is a content that lay in this archive before still in an archive? */
static bool source_remains(const struct tally_tree_diff *d, const struct tree_member *m)
{
	return !tally_tree_diff_is_gone(d, m->archive) ||
	       tree_members_of(&d->members[TALLY_AFTER], m->content, NULL);
}

/* The member that a new content was unpacked from: the first of an archive that is still there, or else the first. */
static const struct tree_member *source_of(const struct tally_tree_diff *d, uint32_t content)
{
	size_t count;
	const struct tree_member *m = tree_members_of(&d->members[TALLY_BEFORE], content, &count);

	for (size_t i = 0; m && i < count; i++)
		if (!tally_tree_diff_is_gone(d, m[i].archive))
			return &m[i];
	return m;
}

/* New files whose contents lay in an archive before. They are copies as long as there is something that they are copies of. */
static bool close_unpacked(struct tally_tree_diff *d)
{
	bool closed = false;

	for (size_t i = 0; i < d->items[TALLY_AFTER].count && d->members[TALLY_BEFORE].count; i++) {
		struct tree_item *item = &d->items[TALLY_AFTER].at[i];
		const struct tree_member *m;

		if (item->content == TALLY_NO_INDEX)
			continue;
		m = source_of(d, item->content);
		if (!m)
			continue;
		d->contents[item->content].packed = true;
		if (!item->open)
			continue;
		closed = true;
		item->open = false;
		item->member = (uint32_t)(m - d->members[TALLY_BEFORE].at);
		if (!source_remains(d, m))
			continue;
		item->mate = m->archive;
		tree_set_kind(d, TALLY_AFTER, item, TALLY_CHANGE_COPIED);
	}
	return closed;
}

/* A content that lies whole in an archive did not become another file, however alike. */
static bool close_found(struct tally_tree_diff *d)
{
	bool closed = false;

	for (size_t i = 0; i < d->items[TALLY_BEFORE].count && d->members[TALLY_AFTER].count; i++) {
		struct tree_item *item = &d->items[TALLY_BEFORE].at[i];

		if (!item->open || item->content == TALLY_NO_INDEX ||
		    !tree_members_of(&d->members[TALLY_AFTER], item->content, NULL))
			continue;
		closed = true;
		item->open = false;
	}
	return closed;
}

enum tally_status tally_tree_diff_members_done(struct tally_tree_diff *d, struct tally_err *err)
{
	bool closed;

	if (d->members_done)
		return TALLY_OK;
	d->members_done = true;
	sort_members(&d->members[TALLY_BEFORE]);
	sort_members(&d->members[TALLY_AFTER]);
	if (!find_unpacked(d))
		return tally_err_nomem(err);
	closed = close_unpacked(d);
	closed |= close_found(d);
	return closed ? tree_similar_wanted(d, err) : TALLY_OK;
}

void tally_tree_diff_unlike(struct tally_tree_diff *d, enum tally_side side, uint32_t entry)
{
	struct tree_item *item = tree_item_of(d, side, entry);

	if (item)
		item->open = false;
}
