/* An inverted index over sketches: postings sorted by hash, and the other way round for pieces that most sources have. */
#include "diff/tree_index.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

/* One piece of one source. In a dense run the first posting stands for all: source is DENSE + number of the run. */
struct posting {
	uint64_t hash;
	uint32_t source;
	uint32_t bytes;
};

#define DENSE (UINT32_C(1) << 31)

enum { DENSE_LEAST = 8, SMALL_BUCKET = 24, PER_BUCKET = 4 };

/*
 * A piece that more than half of the sources have (the letterhead of a thousand invoices) would cost a step for each of
 * them at every question. Its usual weight is given to all, and only the exceptions are corrected.
 */
struct dense {
	uint32_t usual;      /* bytes that most sources have of it */
	uint32_t first, end; /* exceptions */
};

struct exception {
	uint32_t source;
	uint32_t bytes; /* 0: it does not have the piece at all */
};

struct tree_index {
	const struct tally_sketch *const *sources;
	uint32_t count;
	struct posting *postings;
	size_t *bucket; /* start of each bucket, by the upper bits of the hash */
	unsigned shift;
	struct dense *dense;
	size_t dense_count, dense_cap;
	struct exception *exceptions;
	size_t exception_count, exception_cap;
	uint32_t *sums; /* of all sources' pieces, one source behind the other: bytes up to each piece */
	size_t *sums_at;
	uint32_t asked_sums[TALLY_SKETCH_MOST]; /* the same for the sketch in question */
	int64_t *shared;  /* scratch: bytes shared with each source, less the common ones */
	uint64_t *weight; /* bytes of each source's pieces */
};

void tree_index_free(struct tree_index *x)
{
	if (!x)
		return;
	tally_free(x->postings);
	tally_free(x->bucket);
	tally_free(x->dense);
	tally_free(x->exceptions);
	tally_free(x->sums);
	tally_free(x->sums_at);
	tally_free(x->shared);
	tally_free(x->weight);
	tally_free(x);
}

static int by_hash(const void *a, const void *b)
{
	const struct posting *p = a, *q = b;

	if (p->hash != q->hash)
		return p->hash < q->hash ? -1 : 1;
	return (p->source > q->source) - (p->source < q->source);
}

static void sort_bucket(struct posting *p, size_t n)
{
	if (n > SMALL_BUCKET) {
		qsort(p, n, sizeof *p, by_hash);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		struct posting x = p[i];
		size_t k = i;

		for (; k > 0 && by_hash(&p[k - 1], &x) > 0; k--)
			p[k] = p[k - 1];
		p[k] = x;
	}
}

/* Scatter all pieces into buckets by the upper bits of their hashes, then sort the buckets. */
static bool fill(struct tree_index *x)
{
	size_t total = 0, buckets = 2;

	for (uint32_t i = 0; i < x->count; i++)
		total += x->sources[i]->count;
	x->shift = 63;
	while (buckets < total / PER_BUCKET) {
		buckets *= 2;
		x->shift--;
	}
	x->bucket = tally_alloc_zero(buckets + 2, sizeof *x->bucket);
	x->postings = tally_alloc(total * sizeof *x->postings);
	if (!x->bucket || !x->postings)
		return false;
	for (uint32_t i = 0; i < x->count; i++)
		for (uint32_t k = 0; k < x->sources[i]->count; k++)
			x->bucket[(x->sources[i]->pieces[k].hash >> x->shift) + 2]++;
	for (size_t i = 2; i <= buckets; i++)
		x->bucket[i] += x->bucket[i - 1];
	/* one place ahead, so that filling leaves every start where it belongs */
	for (uint32_t i = 0; i < x->count; i++)
		for (uint32_t k = 0; k < x->sources[i]->count; k++) {
			const struct tally_piece *p = &x->sources[i]->pieces[k];
			size_t at = x->bucket[(p->hash >> x->shift) + 1]++;

			x->postings[at] = (struct posting){ p->hash, i, p->bytes };
		}
	for (size_t i = 0; i < buckets; i++)
		sort_bucket(x->postings + x->bucket[i], x->bucket[i + 1] - x->bucket[i]);
	return true;
}

/* The weight that most postings of a run have, if any has a majority (Boyer and Moore's vote). */
static uint32_t usual_weight(const struct posting *run, size_t n)
{
	uint32_t candidate = 0;
	size_t votes = 0;

	for (size_t i = 0; i < n; i++) {
		if (votes == 0)
			candidate = run[i].bytes;
		if (run[i].bytes == candidate)
			votes++;
		else
			votes--;
	}
	return candidate;
}

static bool except(struct tree_index *x, uint32_t source, uint32_t bytes)
{
	if (!tally_grow(&x->exceptions, &x->exception_cap, x->exception_count, sizeof *x->exceptions))
		return false;
	x->exceptions[x->exception_count++] = (struct exception){ source, bytes };
	return true;
}

static bool turn_round(struct tree_index *x, struct posting *run, size_t n)
{
	struct dense *dense;
	size_t k = 0;

	if (!tally_grow(&x->dense, &x->dense_cap, x->dense_count, sizeof *x->dense))
		return false;
	dense = &x->dense[x->dense_count];
	dense->usual = usual_weight(run, n);
	dense->first = (uint32_t)x->exception_count;
	for (uint32_t i = 0; i < x->count; i++) {
		uint32_t bytes = k < n && run[k].source == i ? run[k++].bytes : 0;

		if (bytes != dense->usual && !except(x, i, bytes))
			return false;
	}
	dense->end = (uint32_t)x->exception_count;
	run[0].source = DENSE + (uint32_t)x->dense_count++;
	return true;
}

static bool turn_dense_runs(struct tree_index *x)
{
	size_t total = 0;

	for (uint32_t i = 0; i < x->count; i++)
		total += x->sources[i]->count;
	for (size_t i = 0, next; i < total; i = next) {
		for (next = i + 1; next < total && x->postings[next].hash == x->postings[i].hash;
		     next++)
			;
		if (next - i >= DENSE_LEAST && (next - i) * 2 > x->count &&
		    !turn_round(x, x->postings + i, next - i))
			return false;
	}
	return true;
}

/* Saturating: beyond 4 GiB the estimate stays what it is. @return all of them together */
static uint64_t sum_up(const struct tally_sketch *s, uint32_t *sums, size_t most)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < s->count; i++) {
		sum += s->pieces[i].bytes;
		if (i < most)
			sums[i] = sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
	}
	return sum;
}

static bool sum_sources(struct tree_index *x)
{
	size_t total = 0;

	for (uint32_t i = 0; i < x->count; i++) {
		x->sums_at[i] = total;
		total += x->sources[i]->count;
	}
	x->sums = tally_alloc(total * sizeof *x->sums);
	if (!x->sums)
		return false;
	for (uint32_t i = 0; i < x->count; i++)
		x->weight[i] = sum_up(x->sources[i], x->sums + x->sums_at[i], SIZE_MAX);
	return true;
}

struct tree_index *tree_index_new(const struct tally_sketch *const *sources, uint32_t count)
{
	struct tree_index *x = tally_alloc_zero(1, sizeof *x);

	if (!x)
		return NULL;
	x->sources = sources;
	x->count = count;
	x->shared = tally_alloc_zero(count, sizeof *x->shared);
	x->weight = tally_alloc_zero(count, sizeof *x->weight);
	x->sums_at = tally_alloc(count * sizeof *x->sums_at);
	if (!x->shared || !x->weight || !x->sums_at || !sum_sources(x) || !fill(x) ||
	    !turn_dense_runs(x)) {
		tree_index_free(x);
		return NULL;
	}
	return x;
}

static const struct posting *find_run(const struct tree_index *x, uint64_t hash,
                                      const struct posting **end)
{
	size_t low = x->bucket[hash >> x->shift], high = x->bucket[(hash >> x->shift) + 1];

	*end = x->postings + high;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (x->postings[mid].hash < hash)
			low = mid + 1;
		else
			high = mid;
	}
	return x->postings + low;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* What one piece adds. @return bytes that it adds for all sources */
static uint32_t add_piece(struct tree_index *x, const struct tally_piece *piece, uint64_t *steps)
{
	const struct posting *end, *p = find_run(x, piece->hash, &end);
	const struct dense *dense;
	uint32_t all;

	*steps += 1;
	if (p == end || p->hash != piece->hash)
		return 0;
	if (p->source < DENSE) {
		for (; p < end && p->hash == piece->hash; p++, ++*steps)
			x->shared[p->source] += least(p->bytes, piece->bytes);
		return 0;
	}
	dense = &x->dense[p->source - DENSE];
	all = least(dense->usual, piece->bytes);
	*steps += dense->end - dense->first;
	for (uint32_t i = dense->first; i < dense->end; i++)
		x->shared[x->exceptions[i].source] += (int64_t)least(x->exceptions[i].bytes,
		                                                     piece->bytes) -
		                                      all;
	return all;
}

/* Up to which hash a sketch knows every piece of its content. */
static uint64_t range_of(const struct tally_sketch *s)
{
	return s->sampled && s->count ? s->pieces[s->count - 1].hash : UINT64_MAX;
}

static uint64_t bytes_up_to(const struct tally_sketch *s, const uint32_t *sums, uint64_t most)
{
	uint32_t low = 0, high = s->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (s->pieces[mid].hash <= most)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? sums[low - 1] : 0;
}

/* The same as tally_sketch_similarity, with the shared bytes known already. */
static unsigned similarity(const struct tree_index *x, uint32_t source,
                           const struct tally_sketch *sketch, uint64_t weight, uint64_t shared)
{
	const struct tally_sketch *s = x->sources[source];
	uint64_t in_source = x->weight[source], in_sketch = weight, larger;

	if (shared == 0 || s->kind != sketch->kind)
		return 0;
	if (s->sampled || sketch->sampled) {
		uint64_t a = range_of(s), b = range_of(sketch);

		if (a < b)
			in_sketch = bytes_up_to(sketch, x->asked_sums, a);
		else if (b < a)
			in_source = bytes_up_to(s, x->sums + x->sums_at[source], b);
	}
	larger = in_source > in_sketch ? in_source : in_sketch;
	shared = shared < larger ? shared : larger;
	return larger ? (unsigned)(shared * 1000 / larger) : 0;
}

void tree_index_ask(struct tree_index *x, const struct tally_sketch *sketch, uint16_t *out,
                    uint64_t *steps)
{
	uint64_t weight = sum_up(sketch, x->asked_sums, TALLY_SKETCH_MOST);
	int64_t all = 0;

	for (uint32_t i = 0; i < sketch->count; i++)
		all += add_piece(x, &sketch->pieces[i], steps);
	for (uint32_t i = 0; i < x->count; i++) {
		out[i] = (uint16_t)similarity(x, i, sketch, weight, (uint64_t)(x->shared[i] + all));
		x->shared[i] = 0;
	}
	*steps += x->count;
}
