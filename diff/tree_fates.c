/* Fates: where every before-content is now, what is lost, and what nobody can tell. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/path.h"
#include "diff/tree_state.h"

/* ---- places ---- */

/* A piece of hits or holders. */
struct piece {
	uint32_t start, count;
};

/* The next after entry that has the content, from two ascending lists. */
static uint32_t next_place(const struct tally_tree_diff *d, struct piece stays, struct piece hases,
                           uint32_t *i, uint32_t *k)
{
	uint32_t stay = TALLY_NO_INDEX, has = TALLY_NO_INDEX;

	if (*i < stays.count)
		stay = d->slot[TALLY_BEFORE][d->hits[stays.start + *i]];
	if (*k < hases.count)
		has = d->items[TALLY_AFTER].at[d->holders[TALLY_AFTER][hases.start + *k]].entry;
	if (stay < has) {
		++*i;
		return stay;
	}
	++*k;
	return has;
}

/* Places that were read; where there is none, those that are believed. */
static bool list_places(struct tally_tree_diff *d, uint32_t content)
{
	struct tree_content *c = &d->contents[content];
	size_t inside;
	const struct tree_member *m = tree_members_of(&d->members[TALLY_AFTER], content, &inside);
	bool proven = c->stays || c->hases || inside;
	struct piece stays = proven ? (struct piece){ c->stay, c->stays }
	                            : (struct piece){ c->trust, c->trusts };
	struct piece hases = proven ? (struct piece){ c->has, c->hases }
	                            : (struct piece){ c->claim, c->claims };
	uint64_t total = (uint64_t)stays.count + hases.count + inside;
	uint64_t count = total < d->limits.sibling_names ? total : d->limits.sibling_names;
	struct tally_place *places;
	uint32_t i = 0, k = 0;

	c->inside = (uint32_t)inside;
	if (!total)
		return true;
	places = tally_arena_alloc(&d->arena, (size_t)count * sizeof *places);
	if (!places)
		return false;
	c->places = (struct tally_places){ places, (uint32_t)count, (uint32_t)total };
	for (uint64_t n = 0; n < count; n++) {
		if (i < stays.count || k < hases.count) {
			places[n] = (struct tally_place){ next_place(d, stays, hases, &i, &k), NULL,
				                          0 };
			continue;
		}
		places[n] = (struct tally_place){ m->archive, m->path, m->path_len };
		m++;
	}
	return true;
}

/* ---- fates ---- */

static bool sketched(const struct tally_tree_diff *d, uint32_t entry)
{
	for (size_t low = 0, high = d->sketches[TALLY_BEFORE].count; low < high;) {
		size_t mid = low + (high - low) / 2;
		uint32_t at = d->sketches[TALLY_BEFORE].at[mid].entry;

		if (at == entry)
			return true;
		if (at < entry)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

/* A content that is nowhere: did it live on edited, could it not be seen, or is it lost? */
static enum tally_fate missing_fate(const struct tally_tree_diff *d, struct tree_content *c,
                                    const struct tree_hideouts *h)
{
	bool cut = false, unpacked = false;

	if (tree_content_believed(c)) {
		c->reason = TALLY_REASON_STAT_ONLY;
		return TALLY_FATE_UNPROVEN;
	}
	for (uint32_t i = 0; i < c->hads; i++) {
		const struct tree_item *item = &d->items[TALLY_BEFORE]
		                                        .at[d->holders[TALLY_BEFORE][c->had + i]];

		if (item->kind == TALLY_CHANGE_MODIFIED || item->kind == TALLY_CHANGE_MOVED_EDITED)
			return TALLY_FATE_EDITED;
		if (item->kind == TALLY_CHANGE_UNVERIFIED)
			c->reason = item->reason;
		unpacked = unpacked || item->unpacked;
		cut = cut || (d->similar_cut && sketched(d, item->entry));
	}
	if (unpacked)
		return TALLY_FATE_UNPACKED;
	if (!c->reason)
		c->reason = tree_hidden_because(d, h, c->entry);
	if (!c->reason && cut)
		c->reason = TALLY_REASON_LIMIT;
	return c->reason ? TALLY_FATE_UNPROVEN : TALLY_FATE_LOST;
}

static void settle_content(const struct tally_tree_diff *d, struct tree_content *c,
                           const struct tree_hideouts *h)
{
	if (c->stays)
		c->fate = TALLY_FATE_SAME_PLACE;
	else if (!c->hads && !c->trusts)
		c->fate = TALLY_FATE_NONE; /* new */
	else if (c->moved)
		c->fate = TALLY_FATE_MOVED;
	else if (c->hases)
		c->fate = TALLY_FATE_COPY_ELSEWHERE;
	else if (c->inside)
		c->fate = TALLY_FATE_INSIDE_ARCHIVE;
	else
		c->fate = (uint8_t)missing_fate(d, c, h);
}

static enum tally_fate item_fate(const struct tally_tree_diff *d, const struct tree_item *item)
{
	const struct tally_entry *e = tree_entry(d, TALLY_BEFORE, item->entry);
	const struct tree_content *c;

	if (item->kind == TALLY_CHANGE_MOVED && e->type == TALLY_TYPE_FILE)
		return TALLY_FATE_MOVED;
	if (item->content == TALLY_NO_INDEX) {
		bool unread = e->type == TALLY_TYPE_FILE && !tree_known_file(e);

		return unread || (item->kind == TALLY_CHANGE_UNVERIFIED && e->type == TALLY_TYPE_FILE)
		               ? TALLY_FATE_UNPROVEN
		               : TALLY_FATE_NONE;
	}
	c = &d->contents[item->content];
	if (c->stays || c->hases)
		return TALLY_FATE_COPY_ELSEWHERE;
	if (c->inside)
		return TALLY_FATE_INSIDE_ARCHIVE;
	if (item->kind == TALLY_CHANGE_UNVERIFIED)
		return TALLY_FATE_UNPROVEN;
	return (enum tally_fate)c->fate;
}

static void settle_items(struct tally_tree_diff *d)
{
	for (size_t i = 0; i < d->items[TALLY_BEFORE].count; i++) {
		struct tree_item *item = &d->items[TALLY_BEFORE].at[i];

		item->fate = (uint8_t)item_fate(d, item);
		if (item->fate == TALLY_FATE_UNPROVEN && !item->reason &&
		    item->content != TALLY_NO_INDEX)
			item->reason = d->contents[item->content].reason;
	}
}

/* ---- the books of contents ---- */

static void book(struct tally_tree_diff *d, enum tally_fate fate, uint64_t size)
{
	d->contents_by_fate[0].by_fate[fate]++;
	d->contents_by_fate[1].by_fate[fate] += size;
}

static bool has_proven_holder(const struct tally_tree_diff *d, const struct tree_content *c)
{
	for (uint32_t i = 0; i < c->hases; i++)
		if (d->items[TALLY_AFTER].at[d->holders[TALLY_AFTER][c->has + i]].kind !=
		    TALLY_CHANGE_UNVERIFIED)
			return true;
	return false;
}

/* What is only believed to have stayed was counted as unproven, until it turned up elsewhere. */
static void book_again(struct tally_tree_diff *d, const struct tree_content *c, uint64_t size)
{
	d->contents_by_fate[0].by_fate[TALLY_FATE_UNPROVEN]--;
	d->contents_by_fate[1].by_fate[TALLY_FATE_UNPROVEN] -= size;
	book(d, (enum tally_fate)c->fate, size);
}

/* Contents that stayed were counted with the files that stayed. */
static void book_contents(struct tally_tree_diff *d)
{
	for (size_t i = 0; i < d->content_count; i++) {
		const struct tree_content *c = &d->contents[i];
		uint64_t size = tree_entry(d, (enum tally_side)c->side, c->entry)->size;

		if (c->trusts && !c->stays)
			book_again(d, c, size);
		else if (c->hads && !c->stays)
			book(d, (enum tally_fate)c->fate, size);
		if (!c->hads && !c->stays && !c->trusts && !c->packed && has_proven_holder(d, c)) {
			d->contents_by_fate[0].new_contents++;
			d->contents_by_fate[1].new_contents += size;
		}
	}
	for (size_t i = 0; i < d->items[TALLY_BEFORE].count; i++) {
		const struct tally_entry *e = tree_entry(d, TALLY_BEFORE,
		                                         d->items[TALLY_BEFORE].at[i].entry);

		if (e->type == TALLY_TYPE_FILE && !tree_known_file(e))
			book(d, TALLY_FATE_UNPROVEN, e->size);
	}
}

enum tally_status tree_fates(struct tally_tree_diff *d, struct tally_err *err)
{
	struct tree_hideouts h = { 0 };
	bool ok = tree_hideouts_find(d, &h);

	for (uint32_t i = 0; ok && i < d->content_count; i++) {
		struct tree_content *c = &d->contents[i];

		/* what only moved needs no list of where it went */
		if ((c->hads || c->trusts) && !(c->moved && c->hads == 1))
			ok = list_places(d, i);
		settle_content(d, c, &h);
	}
	if (ok) {
		settle_items(d);
		book_contents(d);
	}
	tree_hideouts_release(&h);
	return ok ? TALLY_OK : tally_err_nomem(err);
}
