/* The second stage: the contents of files that did not stay as they were, and who had and has them elsewhere. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "diff/tree_state.h"
#include "diff/tree_tie.h"

bool tree_list_add(struct tree_list *list, uint32_t value)
{
	if (!tally_grow(&list->at, &list->cap, list->count, sizeof *list->at))
		return false;
	list->at[list->count++] = value;
	return true;
}

/* ---- the table of contents ---- */

static const struct tally_digest *digest_of(const struct tally_tree_diff *d,
                                            const struct tree_content *c)
{
	return &tree_entry(d, (enum tally_side)c->side, c->entry)->digest;
}

static bool is_content(const struct tally_tree_diff *d, uint32_t content,
                       const struct tally_digest *digest, uint64_t size)
{
	const struct tree_content *c = &d->contents[content];
	const struct tally_entry *e = tree_entry(d, (enum tally_side)c->side, c->entry);

	return tally_digest_equal(&e->digest, digest) && e->size == size;
}

/* The place of a content in the table: where it is, or the free one where it belongs. */
static size_t place_of(const struct tally_tree_diff *d, const struct tally_digest *digest,
                       uint64_t size)
{
	uint64_t hash = tree_mix(tally_digest_low(digest));
	size_t at = (size_t)hash & d->table_mask;

	while (d->table[at].content && (d->table[at].tag != (uint32_t)(hash >> 32) ||
	                                !is_content(d, d->table[at].content - 1, digest, size)))
		at = (at + 1) & d->table_mask;
	return at;
}

uint32_t tree_content_find(const struct tally_tree_diff *d, const struct tally_digest *digest,
                           uint64_t size)
{
	uint32_t found = d->table[place_of(d, digest, size)].content;

	return found ? found - 1 : TALLY_NO_INDEX;
}

static bool make_table(struct tally_tree_diff *d)
{
	size_t want = 2 * (d->items[0].count + d->items[1].count) + 16, size = 16;

	while (size < want)
		size *= 2;
	d->table = tally_alloc_zero(size, sizeof *d->table);
	d->table_mask = size - 1;
	return d->table != NULL;
}

/* Empty files have no content that could be anywhere. */
static bool has_content(const struct tally_entry *e)
{
	return tree_known_file(e) && e->size > 0;
}

static bool intern(struct tally_tree_diff *d, enum tally_side side, struct tree_item *item)
{
	const struct tally_entry *e = tree_entry(d, side, item->entry);
	size_t at = place_of(d, &e->digest, e->size);

	if (!d->table[at].content) {
		if (!tally_grow(&d->contents, &d->content_cap, d->content_count, sizeof *d->contents))
			return false;
		d->contents[d->content_count++] = (struct tree_content){ .entry = item->entry,
			                                                 .side = (uint8_t)side };
		d->table[at].content = (uint32_t)d->content_count;
		d->table[at].tag = (uint32_t)(tree_mix(tally_digest_low(&e->digest)) >> 32);
	}
	item->content = d->table[at].content - 1;
	if (side == TALLY_BEFORE)
		d->contents[item->content].hads++;
	else if (tree_believed(e))
		d->contents[item->content].claims++;
	else
		d->contents[item->content].hases++;
	return true;
}

static bool intern_items(struct tally_tree_diff *d)
{
	for (int side = 0; side < 2; side++) {
		struct tree_items *items = &d->items[side];

		for (size_t i = 0; i < items->count; i++)
			if (has_content(tree_entry(d, (enum tally_side)side, items->at[i].entry)) &&
			    !intern(d, (enum tally_side)side, &items->at[i]))
				return false;
	}
	return true;
}

/* ---- who stayed with such a content ---- */

/*
 * A million files that stayed are looked up for the few contents that matter. A bit map that fits the cache answers "no" to
 * nearly all of them without touching table or tree: two bits for each content, and ten times as much room.
 */
struct filter {
	uint64_t *bits;
	uint64_t mask;
};

enum { FILTER_LEAST = 15, FILTER_MOST = 32, FILTER_BITS = 20 };

static void filter_add(struct filter *f, uint64_t hash)
{
	uint64_t a = hash & f->mask, b = hash >> 32 & f->mask;

	f->bits[a / 64] |= UINT64_C(1) << (a % 64);
	f->bits[b / 64] |= UINT64_C(1) << (b % 64);
}

static bool filter_make(struct filter *f, const struct tally_tree_diff *d)
{
	unsigned log = FILTER_LEAST;

	while (log < FILTER_MOST && (UINT64_C(1) << log) < FILTER_BITS * (uint64_t)d->content_count)
		log++;
	f->mask = (UINT64_C(1) << log) - 1;
	f->bits = tally_alloc_zero((size_t)1 << (log - 6), sizeof *f->bits);
	if (!f->bits)
		return false;
	for (size_t i = 0; i < d->content_count; i++)
		filter_add(f, tree_mix(tally_digest_low(digest_of(d, &d->contents[i]))));
	return true;
}

static inline bool filter_may(const struct filter *f, uint64_t key)
{
	uint64_t hash = tree_mix(key), a = hash & f->mask, b = hash >> 32 & f->mask;

	return f->bits[a / 64] >> (a % 64) & f->bits[b / 64] >> (b % 64) & 1;
}

struct hit {
	uint32_t content, entry;
};

struct hits {
	struct hit *at;
	size_t count, cap;
};

static bool collect_hits(const struct tally_tree_diff *d, const struct filter *f, struct hits *hits)
{
	for (size_t i = 0; i < d->stay_count; i++) {
		const struct tree_stay *s = &d->stay[i];
		const struct tally_entry *e;
		uint32_t c;

		if (!filter_may(f, s->key))
			continue;
		e = tree_entry(d, TALLY_BEFORE, s->entry);
		c = tree_content_find(d, &e->digest, e->size);
		if (c == TALLY_NO_INDEX)
			continue;
		if (!tally_grow(&hits->at, &hits->cap, hits->count, sizeof *hits->at))
			return false;
		hits->at[hits->count++] = (struct hit){ c, s->entry };
		if (d->kind[TALLY_BEFORE][s->entry] == TREE_BELIEVED)
			d->contents[c].trusts++;
		else
			d->contents[c].stays++;
	}
	return true;
}

/* The starts from the counts. What was read stands in front of what is believed. */
static void find_starts(struct tally_tree_diff *d)
{
	uint32_t stay = 0, had = 0, has = 0;

	for (size_t i = 0; i < d->content_count; i++) {
		struct tree_content *c = &d->contents[i];

		c->stay = stay;
		c->trust = stay + c->stays;
		c->had = had;
		c->has = has;
		c->claim = has + c->hases;
		stay += c->stays + c->trusts;
		had += c->hads;
		has += c->hases + c->claims;
		c->missing = c->hads && !c->stays && !c->hases;
		c->stays = c->trusts = c->hads = c->hases = c->claims = 0;
	}
}

/* Lists by content, one behind the other: first the starts, then the filling in. */
static bool lay_out(struct tally_tree_diff *d, const struct hits *hits)
{
	d->hits = tally_alloc(hits->count * sizeof *d->hits);
	d->holders[0] = tally_alloc(d->items[0].count * sizeof **d->holders);
	d->holders[1] = tally_alloc(d->items[1].count * sizeof **d->holders);
	if (!d->hits || !d->holders[0] || !d->holders[1])
		return false;
	find_starts(d);
	for (size_t i = 0; i < hits->count; i++) {
		struct tree_content *c = &d->contents[hits->at[i].content];
		uint32_t entry = hits->at[i].entry;

		if (d->kind[TALLY_BEFORE][entry] == TREE_BELIEVED)
			d->hits[c->trust + c->trusts++] = entry;
		else
			d->hits[c->stay + c->stays++] = entry;
	}
	for (uint32_t i = 0; i < d->items[0].count; i++)
		if (d->items[0].at[i].content != TALLY_NO_INDEX) {
			struct tree_content *c = &d->contents[d->items[0].at[i].content];

			d->holders[0][c->had + c->hads++] = i;
		}
	for (uint32_t i = 0; i < d->items[1].count; i++)
		if (d->items[1].at[i].content != TALLY_NO_INDEX) {
			struct tree_content *c = &d->contents[d->items[1].at[i].content];

			if (tree_believed(tree_entry(d, TALLY_AFTER, d->items[1].at[i].entry)))
				d->holders[1][c->claim + c->claims++] = i;
			else
				d->holders[1][c->has + c->hases++] = i;
		}
	return true;
}

static bool find_stays(struct tally_tree_diff *d)
{
	struct filter f;
	struct hits hits = { 0 };
	bool ok = filter_make(&f, d);

	ok = ok && collect_hits(d, &f, &hits) && lay_out(d, &hits);
	tally_free(f.bits);
	tally_free(hits.at);
	return ok;
}

/* ---- distinct contents that stayed ---- */

enum {
	PARTS = 1024
}; /* so that a million files make parts of a thousand, which fit the first cache */

static bool same_content(const struct tally_tree_diff *d, uint32_t a, uint32_t b)
{
	const struct tally_entry *x = tree_entry(d, TALLY_BEFORE, a);
	const struct tally_entry *y = tree_entry(d, TALLY_BEFORE, b);

	return tally_digest_equal(&x->digest, &y->digest) && x->size == y->size;
}

/* Those of a part that were read, or those that are only believed; @fate is theirs. */
static void count_some(struct tally_tree_diff *d, const struct tree_stay *part, size_t count,
                       uint32_t *table, size_t slots, enum tally_fate fate)
{
	struct tally_contents *files = &d->contents_by_fate[0], *bytes = &d->contents_by_fate[1];
	bool believed = fate == TALLY_FATE_UNPROVEN;

	for (size_t i = 0; i < count; i++) {
		size_t at = (size_t)(tree_mix(part[i].key) >> 10) & (slots - 1);

		if (d->believed && believed != (d->kind[TALLY_BEFORE][part[i].entry] == TREE_BELIEVED))
			continue;
		while (table[at] && (part[table[at] - 1].key != part[i].key ||
		                     !same_content(d, part[table[at] - 1].entry, part[i].entry)))
			at = (at + 1) & (slots - 1);
		if (table[at]) {
			bytes->by_fate[fate] -= tree_entry(d, TALLY_BEFORE, part[i].entry)->size;
			continue;
		}
		table[at] = (uint32_t)i + 1;
		files->by_fate[fate]++;
	}
}

/* Count the distinct ones of a part in a table of its own; @slots is a power of two above the part's size. */
static void count_part(struct tally_tree_diff *d, const struct tree_stay *part, size_t count,
                       uint32_t *table, size_t slots)
{
	memset(table, 0, slots * sizeof *table);
	count_some(d, part, count, table, slots, TALLY_FATE_SAME_PLACE);
	if (d->believed)
		count_some(d, part, count, table, slots, TALLY_FATE_UNPROVEN);
}

/* The bytes that are believed, repetitions included: those of empty files do not matter. */
static uint64_t believed_bytes(const struct tally_tree_diff *d)
{
	uint64_t sum = 0;

	for (size_t i = 0; d->believed && i < d->stay_count; i++)
		if (d->kind[TALLY_BEFORE][d->stay[i].entry] == TREE_BELIEVED)
			sum += tree_entry(d, TALLY_BEFORE, d->stay[i].entry)->size;
	return sum;
}

/* The bytes of all that stayed less those of repetitions: only repetitions have their entries looked at again. */
static bool count_distinct(struct tally_tree_diff *d)
{
	struct tree_stay *sorted = tally_alloc(d->stay_count * sizeof *sorted);
	size_t starts[PARTS + 1] = { 0 }, largest = 0, slots = 16;
	uint32_t *table;

	for (size_t i = 0; i < d->stay_count; i++)
		starts[(tree_mix(d->stay[i].key) & (PARTS - 1)) + 1]++;
	for (size_t i = 0; i < PARTS; i++) {
		largest = starts[i + 1] > largest ? starts[i + 1] : largest;
		starts[i + 1] += starts[i];
	}
	while (slots < 2 * largest)
		slots *= 2;
	table = tally_alloc(slots * sizeof *table);
	if (sorted && table) {
		tally_mem_large(sorted, d->stay_count * sizeof *sorted);
		for (size_t i = 0; i < d->stay_count; i++)
			sorted[starts[tree_mix(d->stay[i].key) & (PARTS - 1)]++] = d->stay[i];
		d->contents_by_fate[1].by_fate[TALLY_FATE_SAME_PLACE] = d->balance[1].unchanged +
		                                                        d->balance[1].metadata;
		d->contents_by_fate[1].by_fate[TALLY_FATE_UNPROVEN] = believed_bytes(d);
		/* filling moved every start to the next one's */
		for (size_t i = 0, from = 0; i < PARTS; from = starts[i++])
			count_part(d, sorted + from, starts[i] - from, table, slots);
	}
	tally_free(table);
	tally_free(sorted);
	return sorted && table;
}

/* How many contents there were, counted before anybody asks what became of them: finish checks the fates against it. */
static void count_contents(struct tally_tree_diff *d)
{
	struct tally_contents *files = &d->contents_by_fate[0], *bytes = &d->contents_by_fate[1];

	files->before = files->by_fate[TALLY_FATE_SAME_PLACE] + files->by_fate[TALLY_FATE_UNPROVEN];
	bytes->before = bytes->by_fate[TALLY_FATE_SAME_PLACE] + bytes->by_fate[TALLY_FATE_UNPROVEN];
	for (size_t i = 0; i < d->content_count; i++) {
		const struct tree_content *c = &d->contents[i];

		if (!c->hads || c->stays || c->trusts)
			continue;
		files->before++;
		bytes->before += tree_entry(d, (enum tally_side)c->side, c->entry)->size;
	}
	for (size_t i = 0; i < d->items[TALLY_BEFORE].count; i++) {
		const struct tally_entry *e = tree_entry(d, TALLY_BEFORE,
		                                         d->items[TALLY_BEFORE].at[i].entry);

		if (e->type != TALLY_TYPE_FILE || tree_known_file(e))
			continue;
		files->before++; /* unread: a content of its own, for all we know */
		bytes->before += e->size;
	}
}

/* ---- pairing ---- */

void tree_pair(struct tally_tree_diff *d, struct tree_item *before, struct tree_item *after,
               enum tally_change_kind kind)
{
	before->open = after->open = false;
	before->mate = after->entry;
	after->mate = before->entry;
	tree_set_kind(d, TALLY_BEFORE, before, kind);
	tree_set_kind(d, TALLY_AFTER, after, kind);
	if (kind == TALLY_CHANGE_MOVED && before->content != TALLY_NO_INDEX)
		d->contents[before->content].moved = true;
}

/*
 * Another content at the same path is "modified" when it came from nowhere. When somebody had it before, it was put there:
 * the path got a file that moved or was copied, and what stood there moved on or was covered.
 */
static void part_overwritten(struct tally_tree_diff *d)
{
	for (size_t i = 0; i < d->items[TALLY_AFTER].count; i++) {
		struct tree_item *after = &d->items[TALLY_AFTER].at[i];
		struct tree_item *before;
		const struct tree_content *c;

		if (after->kind != TALLY_CHANGE_MODIFIED || after->content == TALLY_NO_INDEX)
			continue;
		c = &d->contents[after->content];
		if (!c->hads && !c->stays && !c->trusts)
			continue;
		before = tree_item_of(d, TALLY_BEFORE, after->other);
		tree_set_kind(d, TALLY_AFTER, after, TALLY_CHANGE_ADDED);
		tree_set_kind(d, TALLY_BEFORE, before, TALLY_CHANGE_OVERWRITTEN);
		before->open = after->open = true;
	}
}

static bool gather(const struct tally_tree_diff *d, const struct tree_content *c, struct tree_ties *t)
{
	tree_ties_clear(t);
	for (uint32_t i = 0; i < c->hads; i++) {
		uint32_t n = d->holders[TALLY_BEFORE][c->had + i];

		if (d->items[TALLY_BEFORE].at[n].open &&
		    !tree_list_add(&t->sources, d->items[TALLY_BEFORE].at[n].entry))
			return false;
	}
	for (uint32_t i = 0; i < c->hases; i++) {
		uint32_t n = d->holders[TALLY_AFTER][c->has + i];

		if (d->items[TALLY_AFTER].at[n].open &&
		    !tree_list_add(&t->targets, d->items[TALLY_AFTER].at[n].entry))
			return false;
	}
	return true;
}

static void pair_move(struct tally_tree_diff *d, uint32_t before, uint32_t after)
{
	tree_pair(d, tree_item_of(d, TALLY_BEFORE, before), tree_item_of(d, TALLY_AFTER, after),
	          TALLY_CHANGE_MOVED);
}

/* Pair what a tie settles and take it off both lists. */
static bool pair_ties(struct tally_tree_diff *d, struct tree_ties *t, enum tree_tie tie,
                      unsigned parts)
{
	if (!tree_ties_match(d, t, tie, parts))
		return false;
	for (size_t i = 0; i < t->pairs.count; i += 2)
		pair_move(d, t->pairs.at[i], t->pairs.at[i + 1]);
	return true;
}

static void pair_single(struct tally_tree_diff *d, struct tree_ties *t)
{
	if (t->sources.count == 1 && t->targets.count == 1) {
		pair_move(d, t->sources.at[0], t->targets.at[0]);
		t->sources.count = t->targets.count = 0;
	}
}

static bool unsettled(const struct tree_ties *t)
{
	return t->sources.count && t->targets.count;
}

/* What needs no knowledge of others: one source and one target, or one inode. */
static bool pair_certain(struct tally_tree_diff *d, struct tree_ties *t)
{
	for (size_t i = 0; i < d->content_count; i++) {
		if (!d->contents[i].hads || !d->contents[i].hases)
			continue;
		if (!gather(d, &d->contents[i], t))
			return false;
		pair_single(d, t);
		if (unsettled(t) && !pair_ties(d, t, TREE_TIE_INODE, 0))
			return false;
		pair_single(d, t);
	}
	return true;
}

static bool new_group(struct tally_tree_diff *d, const struct tree_list *sources,
                      const struct tree_list *targets)
{
	struct tally_group *g;
	uint32_t *copy;

	if (!tally_grow(&d->groups, &d->group_cap, d->group_count, sizeof *d->groups))
		return false;
	copy = tally_arena_alloc(&d->arena, (sources->count + targets->count) * sizeof *copy);
	if (!copy)
		return false;
	memcpy(copy, sources->at, sources->count * sizeof *copy);
	memcpy(copy + sources->count, targets->at, targets->count * sizeof *copy);
	g = &d->groups[d->group_count++];
	*g = (struct tally_group){ copy, copy + sources->count, (uint32_t)sources->count,
		                   (uint32_t)targets->count };
	return true;
}

/* Equal sources and targets that nothing tells apart: paired by their order, and said to be a guess. */
static bool pair_group(struct tally_tree_diff *d, struct tree_ties *t)
{
	uint32_t group;

	if (!new_group(d, &t->sources, &t->targets))
		return false;
	group = (uint32_t)d->group_count;
	for (size_t i = 0; i < t->targets.count; i++) {
		struct tree_item *after = tree_item_of(d, TALLY_AFTER, t->targets.at[i]);

		after->group = group;
		if (i < t->sources.count) {
			pair_move(d, t->sources.at[i], t->targets.at[i]);
			continue;
		}
		after->open = false;
		after->mate = t->sources.at[0];
		tree_set_kind(d, TALLY_AFTER, after, TALLY_CHANGE_COPIED);
	}
	for (size_t i = 0; i < t->sources.count; i++)
		tree_item_of(d, TALLY_BEFORE, t->sources.at[i])->group = group;
	return true;
}

enum { SUFFIX_PARTS = 8 }; /* names in common at the end of a path that are told apart */

static bool pair_by_ties(struct tally_tree_diff *d, struct tree_ties *t)
{
	bool ok = pair_ties(d, t, TREE_TIE_MAPPED, 0);

	for (unsigned parts = SUFFIX_PARTS; ok && parts > 0 && unsettled(t); parts--)
		ok = pair_ties(d, t, TREE_TIE_SUFFIX, parts);
	if (ok && unsettled(t))
		ok = pair_ties(d, t, TREE_TIE_PARENT, 0);
	pair_single(d, t);
	return ok;
}

/* A copy of something that is still there, or of something that moved as well. */
static bool pair_copies(struct tally_tree_diff *d, const struct tree_content *c, struct tree_ties *t)
{
	t->sources.count = 0;
	for (uint32_t i = 0; i < c->stays; i++)
		if (!tree_list_add(&t->sources, d->hits[c->stay + i]))
			return false;
	for (uint32_t i = 0; i < c->trusts; i++)
		if (!tree_list_add(&t->sources, d->hits[c->trust + i]))
			return false;
	for (uint32_t i = 0; i < c->hads && !c->stays; i++) {
		uint32_t n = d->holders[TALLY_BEFORE][c->had + i];

		if (!tree_list_add(&t->sources, d->items[TALLY_BEFORE].at[n].entry))
			return false;
	}
	if (!t->sources.count)
		return true; /* a new content */
	if (!tree_ties_nearest(d, t, SUFFIX_PARTS))
		return false;
	for (size_t i = 0; i < t->pairs.count; i += 2) {
		struct tree_item *after = tree_item_of(d, TALLY_AFTER, t->pairs.at[i + 1]);

		after->open = false;
		after->mate = t->pairs.at[i];
		tree_set_kind(d, TALLY_AFTER, after, TALLY_CHANGE_COPIED);
	}
	if (!t->targets.count) /* nearest leaves the doubtful ones */
		return true;
	if (!new_group(d, &t->sources, &t->targets))
		return false;
	for (size_t i = 0; i < t->targets.count; i++)
		tree_item_of(d, TALLY_AFTER, t->targets.at[i])->group = (uint32_t)d->group_count;
	return true;
}

static bool pair_rest(struct tally_tree_diff *d, struct tree_ties *t)
{
	for (size_t i = 0; i < d->content_count; i++) {
		const struct tree_content *c = &d->contents[i];

		if (!c->hases || (!c->hads && !c->stays && !c->trusts))
			continue;
		if (!gather(d, c, t))
			return false;
		if (unsettled(t) && !pair_by_ties(d, t))
			return false;
		if (unsettled(t)) {
			if (!pair_group(d, t))
				return false;
		} else if (t->targets.count && !pair_copies(d, c, t)) {
			return false;
		}
	}
	return true;
}

/* A source that nobody took, though its content is there: a duplicate went. */
static void settle_duplicates(struct tally_tree_diff *d)
{
	for (size_t i = 0; i < d->items[TALLY_BEFORE].count; i++) {
		struct tree_item *item = &d->items[TALLY_BEFORE].at[i];

		if (!item->open || item->content == TALLY_NO_INDEX ||
		    d->contents[item->content].missing)
			continue;
		item->open = false;
		if (item->kind == TALLY_CHANGE_DELETED)
			tree_set_kind(d, TALLY_BEFORE, item, TALLY_CHANGE_DUPLICATE_REMOVED);
	}
}

enum tally_status tree_contents_pair(struct tally_tree_diff *d, struct tally_err *err)
{
	struct tree_ties ties = { 0 };
	bool ok = make_table(d) && intern_items(d) && find_stays(d) && count_distinct(d);

	if (ok) {
		count_contents(d);
		part_overwritten(d);
		ok = pair_certain(d, &ties) && tree_map_folders(d, err) == TALLY_OK &&
		     pair_rest(d, &ties);
	}
	if (ok)
		settle_duplicates(d);
	tree_ties_release(&ties);
	tally_free(d->stay);
	d->stay = NULL;
	return ok ? TALLY_OK : tally_err_nomem(err);
}
