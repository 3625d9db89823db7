/* The sequence aligner: trimming, interning, patience anchors, bounded linear-space Myers; see the header. */
#include "diff/align.h"

#include <string.h>

#include "core/mem.h"

#define NONE UINT32_MAX

enum {
	SMALL_GAP = 24, /* elements; below this anchors are not worth their bookkeeping */
	ANCHOR_DEPTH = 24, /* rounds of anchors inside anchors; bounds the work on sequences made to annoy */
	EFFORT_LEAST = 256,
	STEPS_MOST = 1 << 27, /* after which no gap is searched for more than the least effort */
};

struct gap {
	uint32_t a0, a1, b0, b1;
	uint32_t depth;
};

/*
 * The sequences as small numbers: elements that both sides have, in order. match[i] is the place in b of a[i].
 */
struct aligner {
	uint32_t *a, *b;           /* numbers of the elements */
	uint32_t *from_a, *from_b; /* their places in the input */
	uint32_t na, nb;
	uint32_t kinds;
	uint32_t *seen_a, *seen_b; /* by number: how often in the present gap; zero between gaps */
	uint32_t *place_b;         /* by number: where last seen in b */
	uint32_t *match;
	uint32_t *list, *list_at; /* anchors: place in b, place in a */
	uint8_t *keep;
	int32_t *forward, *backward; /* Myers' furthest points by diagonal */
	struct gap *stack;
	size_t stack_len, stack_cap;
	uint32_t effort;
	int64_t steps; /* that may still be taken at full effort */
	bool approximate;
};

void tally_runs_release(struct tally_runs *runs)
{
	tally_free(runs->runs);
	*runs = (struct tally_runs){ 0 };
}

/* ---- longest rising subsequence ---- */

static size_t first_not_below(const uint32_t *tops, size_t count, uint32_t value)
{
	size_t low = 0;

	while (count > 0) {
		size_t half = count / 2;

		if (tops[low + half] < value) {
			low += half + 1;
			count -= half + 1;
		} else {
			count = half;
		}
	}
	return low;
}

enum tally_status tally_longest_rising(const uint32_t *values, size_t count, uint8_t *in,
                                       struct tally_err *err)
{
	uint32_t *tops = tally_alloc(count * sizeof *tops);   /* value on top of each pile */
	uint32_t *index = tally_alloc(count * sizeof *index); /* and where it stands */
	uint32_t *before = tally_alloc(count * sizeof *before);
	enum tally_status st = TALLY_OK;
	size_t piles = 0;

	if (!tops || !index || !before) {
		st = tally_err_nomem(err);
		goto out;
	}
	for (size_t i = 0; i < count; i++) {
		size_t pile = piles;

		if (piles && tops[piles - 1] >= values[i])
			pile = first_not_below(tops, piles, values[i]);
		tops[pile] = values[i];
		index[pile] = (uint32_t)i;
		before[i] = pile ? index[pile - 1] : NONE;
		piles += pile == piles;
	}
	memset(in, 0, count);
	for (uint32_t at = piles ? index[piles - 1] : NONE; at != NONE; at = before[at])
		in[at] = 1;
out:
	tally_free(tops);
	tally_free(index);
	tally_free(before);
	return st;
}

/* ---- interning ---- */

struct intern {
	struct intern_slot {
		uint64_t hash;
		uint32_t number; /* NONE: free */
	} * slots;
	size_t mask;
	uint32_t count;
};

static uint32_t intern_find(struct intern *t, uint64_t hash, bool add)
{
	size_t at = (size_t)(hash * UINT64_C(0x9E3779B97F4A7C15) >> 20) & t->mask;

	for (; t->slots[at].number != NONE; at = (at + 1) & t->mask)
		if (t->slots[at].hash == hash)
			return t->slots[at].number;
	if (!add)
		return NONE;
	t->slots[at].hash = hash;
	t->slots[at].number = t->count;
	return t->count++;
}

static bool intern_init(struct intern *t, size_t elements)
{
	size_t slots = 16, bytes;

	while (slots < elements * 2)
		slots *= 2;
	if (!tally_size_mul(slots, sizeof *t->slots, &bytes))
		return false;
	t->slots = tally_alloc(bytes);
	t->mask = slots - 1;
	t->count = 0;
	if (t->slots)
		memset(t->slots, 0xff, bytes);
	return t->slots != NULL;
}

/* Put aside what only one side has; the rest becomes small numbers. */
static enum tally_status take_in(struct aligner *al, const struct tally_align_input *in,
                                 size_t head, size_t na, size_t nb, struct tally_err *err)
{
	struct intern table = { 0 };
	uint32_t *has = tally_alloc_zero(na, sizeof *has); /* by number: does the after side have it */
	enum tally_status st = TALLY_OK;

	if (!has || !intern_init(&table, na)) {
		st = tally_err_nomem(err);
		goto out;
	}
	for (size_t i = 0; i < na; i++)
		al->a[i] = intern_find(&table, in->before[head + i], true);
	for (size_t j = 0; j < nb; j++) {
		uint32_t number = intern_find(&table, in->after[head + j], false);

		if (number == NONE)
			continue;
		has[number] = 1;
		al->b[al->nb] = number;
		al->from_b[al->nb++] = (uint32_t)(head + j);
	}
	for (size_t i = 0; i < na; i++) {
		if (!has[al->a[i]])
			continue;
		al->a[al->na] = al->a[i];
		al->from_a[al->na++] = (uint32_t)(head + i);
	}
	al->kinds = table.count;
out:
	tally_free(has);
	tally_free(table.slots);
	return st;
}

/* ---- gaps ---- */

static enum tally_status push(struct aligner *al, struct gap g, struct tally_err *err)
{
	if (g.a0 == g.a1 || g.b0 == g.b1)
		return TALLY_OK;
	if (!tally_grow(&al->stack, &al->stack_cap, al->stack_len, sizeof *al->stack))
		return tally_err_nomem(err);
	al->stack[al->stack_len++] = g;
	return TALLY_OK;
}

static void trim(struct aligner *al, struct gap *g)
{
	while (g->a0 < g->a1 && g->b0 < g->b1 && al->a[g->a0] == al->b[g->b0])
		al->match[g->a0++] = g->b0++;
	while (g->a0 < g->a1 && g->b0 < g->b1 && al->a[g->a1 - 1] == al->b[g->b1 - 1])
		al->match[--g->a1] = --g->b1;
}

/* Elements that stand once on both sides of the gap, in the order of a. */
static size_t find_anchors(struct aligner *al, const struct gap *g)
{
	size_t count = 0;

	for (uint32_t j = g->b0; j < g->b1; j++) {
		al->seen_b[al->b[j]]++;
		al->place_b[al->b[j]] = j;
	}
	for (uint32_t i = g->a0; i < g->a1; i++)
		al->seen_a[al->a[i]]++;
	for (uint32_t i = g->a0; i < g->a1; i++) {
		if (al->seen_a[al->a[i]] != 1 || al->seen_b[al->a[i]] != 1)
			continue;
		al->list[count] = al->place_b[al->a[i]];
		al->list_at[count++] = i;
	}
	for (uint32_t i = g->a0; i < g->a1; i++)
		al->seen_a[al->a[i]] = 0;
	for (uint32_t j = g->b0; j < g->b1; j++)
		al->seen_b[al->b[j]] = 0;
	return count;
}

/* @return TALLY_END when the gap has no anchor */
static enum tally_status split_by_anchors(struct aligner *al, const struct gap *g,
                                          struct tally_err *err)
{
	size_t count = find_anchors(al, g);
	struct gap part = *g;
	enum tally_status st;

	if (!count)
		return TALLY_END;
	st = tally_longest_rising(al->list, count, al->keep, err);
	part.depth++;
	for (size_t k = 0; st == TALLY_OK && k < count; k++) {
		if (!al->keep[k])
			continue;
		part.a1 = al->list_at[k];
		part.b1 = al->list[k];
		al->match[part.a1] = part.b1;
		st = push(al, part, err);
		part.a0 = part.a1 + 1;
		part.b0 = part.b1 + 1;
	}
	part.a1 = g->a1;
	part.b1 = g->b1;
	return st == TALLY_OK ? push(al, part, err) : st;
}

/* ---- Myers ---- */

struct point {
	uint32_t a, b;
};

struct search {
	const struct aligner *al;
	const struct gap *g;
	int32_t *fv, *bv;  /* addressed by diagonal a - b */
	int32_t low, high; /* diagonals that exist */
	int32_t fmin, fmax, bmin, bmax;
};

/* One more edit forward. @return whether it met the backward search (odd), at *mid */
static bool step_forward(struct search *s, bool odd, struct point *mid)
{
	const uint32_t *a = s->al->a, *b = s->al->b;

	if (s->fmin > s->low)
		s->fv[--s->fmin - 1] = -1;
	else
		s->fmin++;
	if (s->fmax < s->high)
		s->fv[++s->fmax + 1] = -1;
	else
		s->fmax--;
	for (int32_t d = s->fmax; d >= s->fmin; d -= 2) {
		int32_t x = s->fv[d - 1] >= s->fv[d + 1] ? s->fv[d - 1] + 1 : s->fv[d + 1];
		int32_t y = x - d;

		while (x < (int32_t)s->g->a1 && y < (int32_t)s->g->b1 && a[x] == b[y])
			x++, y++;
		s->fv[d] = x;
		if (odd && s->bmin <= d && d <= s->bmax && s->bv[d] <= x) {
			*mid = (struct point){ (uint32_t)x, (uint32_t)y };
			return true;
		}
	}
	return false;
}

static bool step_backward(struct search *s, bool odd, struct point *mid)
{
	const uint32_t *a = s->al->a, *b = s->al->b;

	if (s->bmin > s->low)
		s->bv[--s->bmin - 1] = INT32_MAX;
	else
		s->bmin++;
	if (s->bmax < s->high)
		s->bv[++s->bmax + 1] = INT32_MAX;
	else
		s->bmax--;
	for (int32_t d = s->bmax; d >= s->bmin; d -= 2) {
		int32_t x = s->bv[d - 1] < s->bv[d + 1] ? s->bv[d - 1] : s->bv[d + 1] - 1;
		int32_t y = x - d;

		while (x > (int32_t)s->g->a0 && y > (int32_t)s->g->b0 && a[x - 1] == b[y - 1])
			x--, y--;
		s->bv[d] = x;
		if (!odd && s->fmin <= d && d <= s->fmax && x <= s->fv[d]) {
			*mid = (struct point){ (uint32_t)x, (uint32_t)y };
			return true;
		}
	}
	return false;
}

/* The bound is met: split where one of the searches got furthest. */
static struct point furthest(const struct search *s)
{
	const struct gap *g = s->g;
	struct point fp = { g->a0, g->b0 }, bp = { g->a1, g->b1 };
	int64_t fbest = -1, bbest = INT64_MAX;

	for (int32_t d = s->fmin; d <= s->fmax; d += 2) {
		int64_t x = s->fv[d] < (int32_t)g->a1 ? s->fv[d] : (int32_t)g->a1, y = x - d;

		if (y > (int64_t)g->b1) {
			y = (int64_t)g->b1;
			x = y + d;
		}
		if (x + y > fbest) {
			fbest = x + y;
			fp = (struct point){ (uint32_t)x, (uint32_t)y };
		}
	}
	for (int32_t d = s->bmin; d <= s->bmax; d += 2) {
		int64_t x = s->bv[d] > (int32_t)g->a0 ? s->bv[d] : (int32_t)g->a0, y = x - d;

		if (y < (int64_t)g->b0) {
			y = (int64_t)g->b0;
			x = y + d;
		}
		if (x + y < bbest) {
			bbest = x + y;
			bp = (struct point){ (uint32_t)x, (uint32_t)y };
		}
	}
	if (fbest - (int64_t)g->a0 - (int64_t)g->b0 >= (int64_t)g->a1 + (int64_t)g->b1 - bbest)
		return fp;
	return bp;
}

static struct point find_middle(struct aligner *al, const struct gap *g)
{
	int32_t fmid = (int32_t)g->a0 - (int32_t)g->b0, bmid = (int32_t)g->a1 - (int32_t)g->b1;
	bool odd = ((fmid - bmid) & 1) != 0;
	struct search s = {
		.al = al, .g = g, .fv = al->forward + al->nb + 1, .bv = al->backward + al->nb + 1
	};
	struct point mid;

	s.low = (int32_t)g->a0 - (int32_t)g->b1;
	s.high = (int32_t)g->a1 - (int32_t)g->b0;
	s.fmin = s.fmax = fmid;
	s.bmin = s.bmax = bmid;
	s.fv[fmid] = (int32_t)g->a0;
	s.bv[bmid] = (int32_t)g->a1;
	for (uint32_t edits = 1;; edits++) {
		al->steps -= 2 * (int64_t)edits;
		if (step_forward(&s, odd, &mid) || step_backward(&s, odd, &mid))
			return mid;
		if (al->steps < 0 && al->effort > EFFORT_LEAST)
			al->effort = EFFORT_LEAST;
		if (edits >= al->effort) {
			al->approximate = true;
			return furthest(&s);
		}
	}
}

static enum tally_status split_by_myers(struct aligner *al, const struct gap *g, struct tally_err *err)
{
	struct point mid = find_middle(al, g);
	struct gap low = *g, high = *g;
	enum tally_status st;

	low.a1 = high.a0 = mid.a;
	low.b1 = high.b0 = mid.b;
	low.depth = high.depth = ANCHOR_DEPTH; /* no anchors inside */
	if ((mid.a == g->a0 && mid.b == g->b0) || (mid.a == g->a1 && mid.b == g->b1))
		return TALLY_OK; /* nothing in common */
	st = push(al, high, err);
	return st == TALLY_OK ? push(al, low, err) : st;
}

static enum tally_status solve(struct aligner *al, struct tally_err *err)
{
	enum tally_status st = push(al, (struct gap){ 0, al->na, 0, al->nb, 0 }, err);

	while (st == TALLY_OK && al->stack_len > 0) {
		struct gap g = al->stack[--al->stack_len];

		trim(al, &g);
		if (g.a0 == g.a1 || g.b0 == g.b1)
			continue;
		st = TALLY_END;
		if (g.depth < ANCHOR_DEPTH && g.a1 - g.a0 + g.b1 - g.b0 > SMALL_GAP)
			st = split_by_anchors(al, &g, err);
		if (st == TALLY_END)
			st = split_by_myers(al, &g, err);
	}
	return st;
}

/* ---- in and out ---- */

static bool add_pair(struct tally_runs *out, const struct tally_align_input *in, size_t before,
                     size_t after)
{
	struct tally_run *last = out->count ? &out->runs[out->count - 1] : NULL;

	if (in->equal && !in->equal(in->payload, before, after))
		return true;
	if (last && last->before + last->count == before && last->after + last->count == after) {
		last->count++;
		return true;
	}
	if (!tally_grow(&out->runs, &out->cap, out->count, sizeof *out->runs))
		return false;
	out->runs[out->count++] = (struct tally_run){ before, after, 1 };
	return true;
}

static bool add_pairs(struct tally_runs *out, const struct tally_align_input *in, size_t before,
                      size_t after, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!add_pair(out, in, before + i, after + i))
			return false;
	return true;
}

static bool allocate(struct aligner *al, size_t na, size_t nb)
{
	size_t most = na > nb ? na : nb;

	al->a = tally_alloc(na * sizeof *al->a);
	al->b = tally_alloc(nb * sizeof *al->b);
	al->from_a = tally_alloc(na * sizeof *al->from_a);
	al->from_b = tally_alloc(nb * sizeof *al->from_b);
	al->seen_a = tally_alloc_zero(na, sizeof *al->seen_a);
	al->seen_b = tally_alloc_zero(na, sizeof *al->seen_b);
	al->place_b = tally_alloc(na * sizeof *al->place_b);
	al->match = tally_alloc(na * sizeof *al->match);
	al->list = tally_alloc(most * sizeof *al->list);
	al->list_at = tally_alloc(most * sizeof *al->list_at);
	al->keep = tally_alloc(most);
	return al->a && al->b && al->from_a && al->from_b && al->seen_a && al->seen_b &&
	       al->place_b && al->match && al->list && al->list_at && al->keep;
}

static bool allocate_search(struct aligner *al)
{
	size_t diagonals = (size_t)al->na + al->nb + 3;

	al->forward = tally_alloc(diagonals * sizeof *al->forward);
	al->backward = tally_alloc(diagonals * sizeof *al->backward);
	memset(al->match, 0xff, al->na * sizeof *al->match);
	return al->forward && al->backward;
}

static void release(struct aligner *al)
{
	tally_free(al->a);
	tally_free(al->b);
	tally_free(al->from_a);
	tally_free(al->from_b);
	tally_free(al->seen_a);
	tally_free(al->seen_b);
	tally_free(al->place_b);
	tally_free(al->match);
	tally_free(al->list);
	tally_free(al->list_at);
	tally_free(al->keep);
	tally_free(al->forward);
	tally_free(al->backward);
	tally_free(al->stack);
}

/* Twice the square root: on two sequences of a million the search stays below a second at its worst. */
static uint32_t sensible_effort(size_t na, size_t nb)
{
	uint32_t effort = EFFORT_LEAST;

	while ((uint64_t)effort * effort / 4 < na + nb)
		effort *= 2;
	return effort;
}

static enum tally_status align_middle(struct tally_runs *out, const struct tally_align_input *in,
                                      size_t head, size_t na, size_t nb, struct tally_err *err)
{
	struct aligner al = { .effort = in->effort ? in->effort : sensible_effort(na, nb),
		              .steps = STEPS_MOST };
	enum tally_status st = TALLY_OK;

	if (!allocate(&al, na, nb))
		st = tally_err_nomem(err);
	if (st == TALLY_OK)
		st = take_in(&al, in, head, na, nb, err);
	if (st == TALLY_OK && !allocate_search(&al))
		st = tally_err_nomem(err);
	if (st == TALLY_OK)
		st = solve(&al, err);
	for (uint32_t i = 0; st == TALLY_OK && i < al.na; i++)
		if (al.match[i] != NONE && !add_pair(out, in, al.from_a[i], al.from_b[al.match[i]]))
			st = tally_err_nomem(err);
	out->approximate = al.approximate;
	release(&al);
	return st;
}

enum tally_status tally_align(struct tally_runs *out, const struct tally_align_input *in,
                              struct tally_err *err)
{
	size_t na = in->before_count, nb = in->after_count, head = 0, tail = 0;
	enum tally_status st = TALLY_OK;

	*out = (struct tally_runs){ 0 };
	if (na >= INT32_MAX || nb >= INT32_MAX || na + nb >= INT32_MAX)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "cannot align more than 2^31 elements");
	while (head < na && head < nb && in->before[head] == in->after[head])
		head++;
	while (tail < na - head && tail < nb - head &&
	       in->before[na - tail - 1] == in->after[nb - tail - 1])
		tail++;
	if (!add_pairs(out, in, 0, 0, head))
		st = tally_err_nomem(err);
	if (st == TALLY_OK && na > head + tail && nb > head + tail)
		st = align_middle(out, in, head, na - head - tail, nb - head - tail, err);
	if (st == TALLY_OK && !add_pairs(out, in, na - tail, nb - tail, tail))
		st = tally_err_nomem(err);
	if (st < 0)
		tally_runs_release(out);
	return st;
}
