/* Groups of rows with equal hashes on both sides, part by part. */
#include "diff/table_groups.h"

#include <string.h>

#include "core/mem.h"
#include "core/parallel.h"

enum {
	FEW = 1 << 15, /* rows; fewer are not worth several parts */
};

struct gather {
	struct tally_group_rows *g;
	const struct tally_comparison *c;
	const struct tally_hashed_rows *rows;
};

static unsigned part_of(const struct tally_group_rows *g, uint64_t hash)
{
	return g->parts == 1 ? 0 : (unsigned)(hash >> 60);
}

static uint64_t hash_at(const struct gather *job, size_t side, uint32_t i)
{
	const struct tally_hashed_rows *from = &job->rows[side];

	return from->hashes ? from->hashes[i] : tally_side_hash(&job->c->side[side], from->rows[i]);
}

static bool is_left_out(const struct tally_hashed_rows *from, uint64_t hash)
{
	return !hash && from->hashes;
}

/* Counting sort by part. */
static enum tally_status gather_side(void *payload, size_t side, struct tally_err *err)
{
	const struct gather *job = payload;
	const struct tally_hashed_rows *from = &job->rows[side];
	struct tally_group_list *list = &job->g->side[side];
	uint32_t at[TALLY_GROUP_PARTS] = { 0 };

	list->rows = tally_alloc(from->count * sizeof *list->rows);
	list->hashes = tally_alloc(from->count * sizeof *list->hashes);
	if (!list->rows || !list->hashes)
		return tally_err_nomem(err);
	for (uint32_t i = 0; i < from->count; i++) {
		uint64_t hash = hash_at(job, side, i);

		if (!is_left_out(from, hash))
			at[part_of(job->g, hash)]++;
	}
	for (unsigned p = 0; p < TALLY_GROUP_PARTS; p++) {
		uint32_t here = at[p];

		list->start[p] = at[p] = list->count;
		list->count += here;
	}
	list->start[TALLY_GROUP_PARTS] = list->count;
	for (uint32_t i = 0; i < from->count; i++) {
		uint64_t hash = hash_at(job, side, i);
		uint32_t to;

		if (is_left_out(from, hash))
			continue;
		to = at[part_of(job->g, hash)]++;
		list->rows[to] = from->rows[i];
		list->hashes[to] = hash;
	}
	return TALLY_OK;
}

enum tally_status tally_group_rows_init(struct tally_group_rows *g, const struct tally_comparison *c,
                                        const struct tally_hashed_rows rows[2], struct tally_err *err)
{
	struct gather job = { g, c, rows };
	enum tally_status st;

	memset(g, 0, sizeof *g);
	g->parts = rows[0].count > FEW && rows[1].count > FEW ? TALLY_GROUP_PARTS : 1;
	st = tally_parallel(g->parts > 1 ? c->threads : 1, 2, gather_side, &job, err);
	if (st < 0)
		tally_group_rows_release(g);
	return st;
}

void tally_group_rows_release(struct tally_group_rows *g)
{
	for (int side = 0; side < 2; side++) {
		tally_free(g->side[side].rows);
		tally_free(g->side[side].hashes);
	}
	memset(g, 0, sizeof *g);
}

/* ---- groups ---- */

#define NONE UINT32_MAX

/* One part at work: a hash table of the before side's rows, chained in order. */
struct table {
	struct slot {
		uint64_t hash;
		uint32_t head, tail;   /* before rows (places in the list), NONE: free */
		uint32_t ahead, atail; /* after rows */
	} * slots;
	size_t mask;
	uint32_t *next[2];
	uint32_t *found[2]; /* rows of the group being handed over */
};

struct each {
	const struct tally_group_rows *g;
	tally_group_fn fn;
	void *payload;
};

static struct slot *find(const struct table *t, uint64_t hash)
{
	size_t at = (size_t)(hash * UINT64_C(0x9E3779B97F4A7C15) >> 24) & t->mask;

	while (t->slots[at].head != NONE && t->slots[at].hash != hash)
		at = (at + 1) & t->mask;
	return &t->slots[at];
}

static bool table_init(struct table *t, uint32_t before, uint32_t after)
{
	size_t slots = 16;

	while (slots < (size_t)before * 2)
		slots *= 2;
	memset(t, 0, sizeof *t);
	t->mask = slots - 1;
	t->slots = tally_alloc(slots * sizeof *t->slots);
	t->next[0] = tally_alloc(before * sizeof **t->next);
	t->next[1] = tally_alloc(after * sizeof **t->next);
	t->found[0] = tally_alloc(before * sizeof **t->found);
	t->found[1] = tally_alloc(after * sizeof **t->found);
	if (!t->slots || !t->next[0] || !t->next[1] || !t->found[0] || !t->found[1])
		return false;
	memset(t->slots, 0xff, slots * sizeof *t->slots);
	return true;
}

static void table_release(struct table *t)
{
	tally_free(t->slots);
	for (int side = 0; side < 2; side++) {
		tally_free(t->next[side]);
		tally_free(t->found[side]);
	}
}

static void put_before(struct table *t, uint64_t hash, uint32_t at)
{
	struct slot *s = find(t, hash);

	t->next[0][at] = NONE;
	s->hash = hash;
	if (s->head == NONE)
		s->head = at;
	else
		t->next[0][s->tail] = at;
	s->tail = at;
}

static void put_after(struct table *t, uint64_t hash, uint32_t at)
{
	struct slot *s = find(t, hash);

	t->next[1][at] = NONE;
	if (s->head == NONE)
		return;
	if (s->ahead == NONE)
		s->ahead = at;
	else
		t->next[1][s->atail] = at;
	s->atail = at;
}

enum { AHEAD = 12 /* elements whose slot is fetched early */ };

static void fetch(const struct table *t, uint64_t hash)
{
	__builtin_prefetch(&t->slots[(size_t)(hash * UINT64_C(0x9E3779B97F4A7C15) >> 24) & t->mask]);
}

static void fill(struct table *t, const uint64_t *hashes, uint32_t count,
                 void (*put)(struct table *, uint64_t, uint32_t))
{
	for (uint32_t i = 0; i < count; i++) {
		if (i + AHEAD < count)
			fetch(t, hashes[i + AHEAD]);
		put(t, hashes[i], i);
	}
}

static uint32_t collect(const uint32_t *next, uint32_t at, const uint32_t *rows, uint32_t *out)
{
	uint32_t n = 0;

	for (; at != NONE; at = next[at])
		out[n++] = rows[at];
	return n;
}

static enum tally_status each_part(void *payload, size_t part, struct tally_err *err)
{
	const struct each *job = payload;
	const struct tally_group_list *a = &job->g->side[0], *b = &job->g->side[1];
	uint32_t from_a = a->start[part], na = a->start[part + 1] - from_a;
	uint32_t from_b = b->start[part], nb = b->start[part + 1] - from_b;
	enum tally_status st = TALLY_OK;
	struct table t;

	if (!na || !nb)
		return TALLY_OK;
	if (!table_init(&t, na, nb)) {
		table_release(&t);
		return tally_err_nomem(err);
	}
	fill(&t, a->hashes + from_a, na, put_before);
	fill(&t, b->hashes + from_b, nb, put_after);
	for (uint32_t j = 0; st == TALLY_OK && j < nb; j++) {
		struct tally_group_found found = { t.found[0], t.found[1], 0, 0 };
		struct slot *s;

		if (j + AHEAD < nb)
			fetch(&t, b->hashes[from_b + j + AHEAD]);
		s = find(&t, b->hashes[from_b + j]);
		if (s->head == NONE || s->ahead != j) /* unknown, or not the group's first */
			continue;
		found.before_count = collect(t.next[0], s->head, a->rows + from_a, t.found[0]);
		found.after_count = collect(t.next[1], s->ahead, b->rows + from_b, t.found[1]);
		st = job->fn(job->payload, (unsigned)part, &found, err);
	}
	table_release(&t);
	return st;
}

enum tally_status tally_groups_each(const struct tally_comparison *c,
                                    const struct tally_group_rows *g, tally_group_fn fn,
                                    void *payload, struct tally_err *err)
{
	struct each job = { g, fn, payload };

	return tally_parallel(c->threads, g->parts, each_part, &job, err);
}

/* ---- assignment ---- */

size_t tally_assignment_room(uint32_t rows, uint32_t columns)
{
	return ((size_t)rows + columns + 2) * 5;
}

/*
 * H. W. Kuhn's Hungarian method in the form with potentials (Jonker and Volgenant), O(rows² × columns). Needs no more rows
 * than columns, so the larger side is made the columns by swapping the indices.
 */
void tally_assign(const int64_t *cost, uint32_t rows, uint32_t columns, uint32_t *to, int64_t *work)
{
	bool turned = rows > columns;
	uint32_t n = turned ? columns : rows, m = turned ? rows : columns;
	int64_t *u = work, *v = u + n + 1, *least = v + m + 1, *owner = least + m + 1,
		*way = owner + m + 1;

	memset(work, 0, tally_assignment_room(rows, columns) * sizeof *work);
	for (uint32_t i = 1; i <= n; i++) {
		int64_t column = 0;

		owner[0] = i;
		for (uint32_t j = 0; j <= m; j++)
			least[j] = INT64_MAX;
		do { /* grow a tree of tight pairs until it meets a free column; least is negative for columns in the tree */
			int64_t row = owner[column], delta = INT64_MAX, next = 0;

			least[column] = INT64_MIN;
			for (uint32_t j = 1; j <= m; j++) {
				int64_t here;

				if (least[j] == INT64_MIN)
					continue;
				here = (turned ? cost[(j - 1) * (size_t)columns + (size_t)(row - 1)]
				               : cost[(size_t)(row - 1) * columns + (j - 1)]) -
				       u[row] - v[j];
				if (here < least[j]) {
					least[j] = here;
					way[j] = column;
				}
				if (least[j] < delta) {
					delta = least[j];
					next = j;
				}
			}
			for (uint32_t j = 0; j <= m; j++) {
				if (least[j] == INT64_MIN) {
					u[owner[j]] += delta;
					v[j] -= delta;
				} else if (least[j] != INT64_MAX) {
					least[j] -= delta;
				}
			}
			column = next;
		} while (owner[column] != 0);
		for (; column; column = way[column])
			owner[column] = owner[way[column]];
	}
	for (uint32_t i = 0; i < rows; i++)
		to[i] = UINT32_MAX;
	for (uint32_t j = 1; j <= m; j++) {
		if (!owner[j])
			continue;
		if (turned)
			to[j - 1] = (uint32_t)(owner[j] - 1);
		else
			to[owner[j] - 1] = j - 1;
	}
}
