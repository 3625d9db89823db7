/* Blocks that are neither equal nor alone: paired by the words that they share, in order first, then anywhere. */
#include "diff/text_work.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

enum {
	RARE = 16,      /* blocks up to which a word is a lead */
	BEST = 6,       /* leads of a block that are looked at closely */
	ALL_PAIRS = 64, /* pairs of a gap up to which each is looked at */
	IN_PLACE = 500, /* thousandths of shared words that make an edit of two blocks in order, */
	FAR = 600,      /* and out of order, */
	FAR_WORDS = 5,  /* for which a block must have as many words as this */
};

struct candidate {
	uint32_t before, after;
	uint16_t alike;
	bool in_gap; /* both stand between the same neighbours that are equal */
};

struct lead {
	uint32_t hash, block; /* block: index into free */
};

struct pairing {
	struct tally_text_work *w;
	uint32_t *free[2]; /* blocks, ascending */
	uint32_t *gap[2];  /* the gap of each */
	struct tally_bag *bag[2];
	uint32_t count[2];
	struct lead *leads; /* of the before side, by hash */
	size_t lead_count;
	uint32_t *votes, *voted; /* of before blocks for one after block */
	uint8_t *unled; /* after blocks of which every word that the before side has is too common for a lead */
	struct candidate *candidates;
	size_t candidate_count, candidate_cap;
};

/* ---- what is free, its gaps and its words ---- */

static enum tally_status list_free(struct pairing *p, int side, struct tally_err *err)
{
	struct tally_text_side *s = &p->w->side[side];
	struct tally_arena *arena = &p->w->scratch;
	uint32_t n = 0, gap = 0, k = 0;

	for (uint32_t i = 0; i < s->count; i++)
		n += s->bond[i] == TALLY_BOND_NONE;
	p->free[side] = tally_arena_zero(arena, n + 1, sizeof *p->free[side]);
	p->gap[side] = tally_arena_zero(arena, n + 1, sizeof *p->gap[side]);
	p->bag[side] = tally_arena_zero(arena, n + 1, sizeof *p->bag[side]);
	if (!p->free[side] || !p->gap[side] || !p->bag[side])
		return tally_err_nomem(err);
	/* equal blocks in order are the same on both sides, so their number names the gap behind them */
	for (uint32_t i = 0; i < s->count; i++) {
		gap += s->bond[i] == TALLY_BOND_SAME;
		if (s->bond[i] != TALLY_BOND_NONE)
			continue;
		p->free[side][k] = i;
		p->gap[side][k++] = gap;
	}
	p->count[side] = n;
	return TALLY_OK;
}

static enum tally_status fill_bags(struct pairing *p, int side, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (uint32_t k = 0; st >= 0 && k < p->count[side]; k++) {
		const struct tally_block *b = &p->w->side[side].text->blocks[p->free[side][k]];

		st = tally_bag_of(&p->bag[side][k], &p->w->scratch, b->text, b->len, err);
	}
	return st;
}

static int by_hash(const void *a, const void *b)
{
	const struct lead *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->block > y->block) - (x->block < y->block);
}

static enum tally_status index_words(struct pairing *p, struct tally_err *err)
{
	size_t n = 0;

	for (uint32_t k = 0; k < p->count[0]; k++)
		n += p->bag[0][k].count;
	p->leads = tally_arena_zero(&p->w->scratch, n + 1, sizeof *p->leads);
	p->votes = tally_arena_zero(&p->w->scratch, p->count[0] + 1, sizeof *p->votes);
	p->voted = tally_arena_zero(&p->w->scratch, p->count[0] + 1, sizeof *p->voted);
	p->unled = tally_arena_zero(&p->w->scratch, p->count[1] + 1, sizeof *p->unled);
	if (!p->leads || !p->votes || !p->voted || !p->unled)
		return tally_err_nomem(err);
	for (uint32_t k = 0; k < p->count[0]; k++)
		for (uint32_t i = 0; i < p->bag[0][k].count; i++)
			p->leads[p->lead_count++] = (struct lead){ p->bag[0][k].hashes[i], k };
	qsort(p->leads, p->lead_count, sizeof *p->leads, by_hash);
	return TALLY_OK;
}

/* ---- candidates ---- */

/* Are all words of one in the other? */
static bool within(const struct tally_bag *a, const struct tally_bag *b)
{
	const struct tally_bag *few = a->count < b->count ? a : b, *many = few == a ? b : a;
	uint32_t both = 0;

	for (uint32_t i = 0, j = 0; i < few->count && j < many->count; j++)
		if (few->hashes[i] == many->hashes[j]) {
			both++;
			i++;
		} else if (few->hashes[i] < many->hashes[j]) {
			return false;
		}
	return few->count && both == few->count && !many->sampled;
}

/* How two blocks stand between the equal ones around them. */
enum standing {
	ANYWHERE,
	SAME_PLACE, /* as many free blocks stand there on both sides, and as many before these */
	ALONE       /* there are no others */
};

/* That both are nothing but a number is enough at the same place only; that one is part of the other only where they are alone. */
static bool add_candidate(struct pairing *p, uint32_t before, uint32_t after, enum standing standing)
{
	const struct tally_bag *x = &p->bag[0][before], *y = &p->bag[1][after];
	unsigned alike = tally_bag_alike(x, y);

	if (alike < IN_PLACE && standing == ALONE && within(x, y))
		alike = IN_PLACE;
	if (alike < IN_PLACE || (x->number && y->number && standing == ANYWHERE))
		return true;
	if (!tally_grow(&p->candidates, &p->candidate_cap, p->candidate_count, sizeof *p->candidates))
		return false;
	p->candidates[p->candidate_count++] = (struct candidate){
		before, after, (uint16_t)alike, p->gap[0][before] == p->gap[1][after]
	};
	return true;
}

static size_t first_lead(const struct pairing *p, uint32_t hash)
{
	size_t low = 0, high = p->lead_count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (p->leads[mid].hash < hash)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Blocks of the before side that share rare words with this one. @return how many stand in voted */
static uint32_t vote(struct pairing *p, uint32_t after)
{
	const struct tally_bag *bag = &p->bag[1][after];
	uint32_t n = 0, common = 0;

	for (uint32_t i = 0; i < bag->count; i++) {
		size_t at = first_lead(p, bag->hashes[i]), end = at;

		while (end < p->lead_count && end - at <= RARE && p->leads[end].hash == bag->hashes[i])
			end++;
		if (end - at > RARE) {
			common++;
			continue;
		}
		for (; at < end; at++)
			if (p->votes[p->leads[at].block]++ == 0)
				p->voted[n++] = p->leads[at].block;
	}
	/* with fewer it can be like none */
	p->unled[after] = n == 0 && bag->count >= FAR_WORDS && common * 2 >= bag->count;
	return n;
}

/* The best of the voted ones; ties go to the one that stands first. Votes are wiped. */
static uint32_t choose(struct pairing *p, uint32_t n, uint32_t best[BEST])
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t b = p->voted[i], at = count;

		while (at > 0 && (p->votes[best[at - 1]] < p->votes[b] ||
		                  (p->votes[best[at - 1]] == p->votes[b] && best[at - 1] > b)))
			at--;
		if (at == BEST)
			continue;
		count += count < BEST;
		memmove(&best[at + 1], &best[at], (count - at - 1) * sizeof *best);
		best[at] = b;
	}
	for (uint32_t i = 0; i < n; i++)
		p->votes[p->voted[i]] = 0;
	return count;
}

/* Small gaps: each with each. Large ones: each with those at about its place, since its words may all be common ones. */
static bool neighbours(struct pairing *p, uint32_t b0, uint32_t b1, uint32_t a0, uint32_t a1)
{
	uint64_t nb = b1 - b0, na = a1 - a0;
	bool ok = true;

	for (uint32_t a = a0; ok && a < a1; a++) {
		uint32_t from = b0, to = b1;

		if (nb * na > ALL_PAIRS) {
			uint32_t middle = b0 + (uint32_t)((uint64_t)(a - a0) * nb / na);

			from = middle > b0 ? middle - 1 : b0;
			to = middle + 2 < b1 ? middle + 2 : b1;
		}
		for (uint32_t b = from; ok && b < to; b++)
			ok = add_candidate(p, b, a,
			                   nb * na == 1                   ? ALONE
			                   : nb == na && b - b0 == a - a0 ? SAME_PLACE
			                                                  : ANYWHERE);
	}
	return ok;
}

static enum tally_status find_candidates(struct pairing *p, struct tally_err *err)
{
	uint32_t best[BEST];
	bool ok = true;

	for (uint32_t a = 0; ok && a < p->count[1]; a++) {
		uint32_t n = choose(p, vote(p, a), best);

		for (uint32_t i = 0; ok && i < n; i++)
			ok = add_candidate(p, best[i], a, ANYWHERE);
	}
	for (uint32_t b = 0, a = 0; ok && b < p->count[0] && a < p->count[1];) {
		uint32_t gap = p->gap[0][b] < p->gap[1][a] ? p->gap[1][a] : p->gap[0][b];
		uint32_t b1, a1;

		while (b < p->count[0] && p->gap[0][b] < gap)
			b++;
		while (a < p->count[1] && p->gap[1][a] < gap)
			a++;
		for (b1 = b; b1 < p->count[0] && p->gap[0][b1] == gap;)
			b1++;
		for (a1 = a; a1 < p->count[1] && p->gap[1][a1] == gap;)
			a1++;
		ok = neighbours(p, b, b1, a, a1);
		b = b1;
		a = a1;
	}
	return ok ? TALLY_OK : tally_err_nomem(err);
}

/* ---- in order: the heaviest chain that rises on both sides ---- */

static int by_place(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	/* falling before, so that no two of one after block can follow each other in the chain */
	if (x->after != y->after)
		return x->after < y->after ? -1 : 1;
	return (x->before < y->before) - (x->before > y->before);
}

struct chain {
	uint64_t *weight; /* of the best chain that ends at a candidate */
	uint32_t *before; /* the candidate before it in that chain */
	uint32_t *highest; /* a tree of prefix maxima over before blocks (P. M. Fenwick, 1994): candidate + 1 */
};

static void take_in(const struct chain *c, uint32_t size, uint32_t at, uint32_t candidate)
{
	for (at++; at <= size; at += at & -at)
		if (!c->highest[at] || c->weight[c->highest[at] - 1] < c->weight[candidate])
			c->highest[at] = candidate + 1;
}

/* The candidate whose chain is heaviest among those that end below @at, plus 1; 0: none */
static uint32_t heaviest(const struct chain *c, uint32_t at)
{
	uint32_t best = 0;

	for (; at > 0; at -= at & -at)
		if (c->highest[at] && (!best || c->weight[c->highest[at] - 1] > c->weight[best - 1]))
			best = c->highest[at];
	return best;
}

static enum tally_status pair_in_order(struct pairing *p, struct tally_err *err)
{
	struct tally_arena *arena = &p->w->scratch;
	size_t n = p->candidate_count;
	struct chain c = { tally_arena_zero(arena, n + 1, sizeof *c.weight),
		           tally_arena_zero(arena, n + 1, sizeof *c.before),
		           tally_arena_zero(arena, p->count[0] + 2, sizeof *c.highest) };
	uint32_t at;

	if (!c.weight || !c.before || !c.highest)
		return tally_err_nomem(err);
	if (n)
		qsort(p->candidates, n, sizeof *p->candidates, by_place);
	for (uint32_t i = 0; i < n; i++) {
		const struct candidate *k = &p->candidates[i];

		if (!k->in_gap)
			continue;
		c.before[i] = heaviest(&c, k->before);
		c.weight[i] = k->alike + (c.before[i] ? c.weight[c.before[i] - 1] : 0);
		take_in(&c, p->count[0] + 1, k->before, i);
	}
	for (at = heaviest(&c, p->count[0] + 1); at; at = c.before[at - 1]) {
		const struct candidate *k = &p->candidates[at - 1];

		tally_bond_blocks(p->w, p->free[0][k->before], p->free[1][k->after],
		                  TALLY_BOND_EDITED);
	}
	return TALLY_OK;
}

/* ---- out of order: the most alike first ---- */

static int by_likeness(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->alike != y->alike)
		return x->alike > y->alike ? -1 : 1;
	if (x->after != y->after)
		return x->after < y->after ? -1 : 1;
	return (x->before > y->before) - (x->before < y->before);
}

static void pair_far(struct pairing *p)
{
	if (p->candidate_count)
		qsort(p->candidates, p->candidate_count, sizeof *p->candidates, by_likeness);
	for (size_t i = 0; i < p->candidate_count; i++) {
		const struct candidate *k = &p->candidates[i];
		uint32_t b = p->free[0][k->before], a = p->free[1][k->after];

		if (k->alike < FAR || p->bag[1][k->after].count < FAR_WORDS ||
		    p->w->side[0].bond[b] != TALLY_BOND_NONE ||
		    p->w->side[1].bond[a] != TALLY_BOND_NONE)
			continue;
		tally_bond_blocks(p->w, b, a, TALLY_BOND_MOVED);
	}
}

/* Blocks that were not looked for everywhere, and of which both sides have some left, may belong together. */
static bool is_doubtful(const struct pairing *p)
{
	bool left[2] = { false, false };

	for (uint32_t b = 0; b < p->count[0] && !left[0]; b++)
		left[0] = p->bag[0][b].count >= FAR_WORDS &&
		          p->w->side[0].bond[p->free[0][b]] == TALLY_BOND_NONE;
	for (uint32_t a = 0; a < p->count[1] && !left[1]; a++)
		left[1] = p->unled[a] && p->w->side[1].bond[p->free[1][a]] == TALLY_BOND_NONE;
	return left[0] && left[1];
}

/* ---- cells between the same neighbours are the same cells, whatever stands in them now ---- */

static uint32_t free_cells(const struct tally_text_side *s, uint32_t from)
{
	uint32_t n = 0;

	while (from + n < s->count && s->bond[from + n] == TALLY_BOND_NONE &&
	       s->text->blocks[from + n].kind == TALLY_BLOCK_CELL)
		n++;
	return n;
}

/* The next block at or behind @i that is paired in order; count where there is none. */
static uint32_t next_bound(const struct tally_text_side *s, uint32_t i)
{
	while (i < s->count && s->bond[i] != TALLY_BOND_SAME && s->bond[i] != TALLY_BOND_EDITED)
		i++;
	return i;
}

static void pair_cells(struct tally_text_work *w)
{
	struct tally_text_side *b = &w->side[0], *a = &w->side[1];

	for (uint32_t i = 0, j = 0; i < b->count && j < a->count;) {
		uint32_t n = next_bound(b, i), m = next_bound(a, j);

		if (n - i == m - j && free_cells(b, i) == n - i && free_cells(a, j) == m - j)
			for (uint32_t k = 0; k < n - i; k++)
				tally_bond_blocks(w, i + k, j + k, TALLY_BOND_EDITED);
		i = n + 1;
		j = m + 1;
	}
}

enum tally_status tally_text_pair_alike(struct tally_text_work *w, struct tally_err *err)
{
	struct pairing p = { .w = w };
	enum tally_status st = list_free(&p, 0, err);

	if (st >= 0)
		st = list_free(&p, 1, err);
	if (st >= 0 && p.count[0] && p.count[1]) {
		st = fill_bags(&p, 0, err);
		if (st >= 0)
			st = fill_bags(&p, 1, err);
		if (st >= 0)
			st = index_words(&p, err);
		if (st >= 0)
			st = find_candidates(&p, err);
		if (st >= 0)
			st = pair_in_order(&p, err);
		if (st >= 0) {
			pair_cells(w);
			pair_far(&p);
			w->diff->approximate |= is_doubtful(&p);
		}
	}
	tally_free(p.candidates);
	return st;
}
