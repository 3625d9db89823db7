/* Similarity sketches: cuts contents into pieces where a rolling hash says so, and keeps the pieces' hashes. */
#include "core/sketch.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/mem.h"

/*
 * A cut is where five bits of the rolling hash are zero: one place in 32, and never within PIECE_MIN bytes of the last
 * one, so that a piece has 48 bytes on average, about a line of text. The bits lie so low that only the last 16 bytes
 * decide (bit n depends on the last n + 1 bytes): behind an edit the cuts fall into step again at once. A line end cuts as
 * well, so that a short text is not judged by the few pieces that its edits happen to touch.
 */
enum { PIECE_MIN = 16, PIECE_MAX = 256, LINE_MIN = 4 };
static const uint32_t cut_mask = 0x1fU << 11;

/* Fixed: sketches of two sides must agree. Nobody gains by colliding pieces: similarity is a hint, never a proof. */
static const uint64_t piece_seed = 0x74616c6c79U;

/* Pieces collected before equal ones are put together and all but the smallest go. */
enum { HELD_MOST = 4 * TALLY_SKETCH_MOST };

struct tally_sketcher {
	uint8_t kind;
	bool sampled;
	uint64_t total;
	uint64_t most; /* hashes above it have no chance any more */
	struct tally_piece *held;
	size_t count, cap;
	uint32_t roll;
	size_t piece_len;
	unsigned char piece[PIECE_MAX]; /* the piece that is not yet complete */
	uint32_t gear[256];
};

/* splitmix64: a fixed table of random numbers, one for each byte. */
static void fill_gear(uint32_t gear[256])
{
	uint64_t state = 0;

	for (int i = 0; i < 256; i++) {
		uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

		z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
		gear[i] = (uint32_t)(z >> 32);
	}
}

static void start_over(struct tally_sketcher *s)
{
	s->sampled = false;
	s->total = 0;
	s->most = UINT64_MAX;
	s->held = NULL;
	s->count = s->cap = 0;
	s->roll = 0;
	s->piece_len = 0;
}

enum tally_status tally_sketcher_new(struct tally_sketcher **out, enum tally_sketch_kind kind,
                                     struct tally_err *err)
{
	struct tally_sketcher *s = tally_alloc(sizeof *s);

	if (!s)
		return tally_err_nomem(err);
	s->kind = (uint8_t)kind;
	start_over(s);
	fill_gear(s->gear);
	*out = s;
	return TALLY_OK;
}

void tally_sketcher_free(struct tally_sketcher *s)
{
	if (!s)
		return;
	tally_free(s->held);
	tally_free(s);
}

static int by_hash(const void *a, const void *b)
{
	const struct tally_piece *p = a, *q = b;

	return (p->hash > q->hash) - (p->hash < q->hash);
}

static uint32_t add_saturating(uint32_t a, uint32_t b)
{
	return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

/*
 * Put equal pieces together and keep the smallest hashes. What goes now never comes back, since the bar only falls; so
 * whatever stays has been counted from its first occurrence.
 */
static void condense(struct tally_sketcher *s)
{
	size_t n = 0;

	if (s->count)
		qsort(s->held, s->count, sizeof *s->held, by_hash);
	for (size_t i = 0; i < s->count; i++) {
		if (n && s->held[n - 1].hash == s->held[i].hash)
			s->held[n - 1].bytes = add_saturating(s->held[n - 1].bytes, s->held[i].bytes);
		else
			s->held[n++] = s->held[i];
	}
	if (n > TALLY_SKETCH_MOST) {
		n = TALLY_SKETCH_MOST;
		s->sampled = true;
		s->most = s->held[n - 1].hash;
	}
	s->count = n;
}

static bool hold(struct tally_sketcher *s, const unsigned char *bytes, size_t len)
{
	uint64_t hash = tally_hash64(bytes, len, piece_seed);

	if (hash > s->most)
		return true;
	if (s->count == HELD_MOST)
		condense(s);
	if (!tally_grow(&s->held, &s->cap, s->count, sizeof *s->held))
		return false;
	s->held[s->count++] = (struct tally_piece){ hash, (uint32_t)len };
	return true;
}

static bool ends_piece(uint32_t roll, unsigned char byte, size_t len)
{
	return ((roll & cut_mask) == 0 && len >= PIECE_MIN) || (byte == '\n' && len >= LINE_MIN);
}

/* How many of these bytes still belong to the piece; *cut tells whether it ends with them. */
static size_t to_cut(struct tally_sketcher *s, const unsigned char *p, size_t len, bool *cut)
{
	size_t room = PIECE_MAX - s->piece_len;
	size_t most = len < room ? len : room;
	size_t i = 0;
	uint32_t roll = s->roll;

	*cut = false;
	while (i < most && !*cut) {
		roll = (roll << 1) + s->gear[p[i]];
		*cut = ends_piece(roll, p[i], s->piece_len + i + 1);
		i++;
	}
	*cut |= i == room;
	s->roll = roll;
	return i;
}

enum tally_status tally_sketcher_add(struct tally_sketcher *s, const void *bytes, size_t len,
                                     struct tally_err *err)
{
	const unsigned char *p = bytes;

	s->total += len;
	while (len) {
		bool cut;
		size_t n = to_cut(s, p, len, &cut);

		if (cut && s->piece_len == 0) {
			if (!hold(s, p, n))
				return tally_err_nomem(err);
		} else {
			memcpy(s->piece + s->piece_len, p, n);
			s->piece_len += n;
			if (cut) {
				if (!hold(s, s->piece, s->piece_len))
					return tally_err_nomem(err);
				s->piece_len = 0;
			}
		}
		p += n;
		len -= n;
	}
	return TALLY_OK;
}

enum tally_status tally_sketcher_cut(struct tally_sketcher *s, struct tally_err *err)
{
	size_t len = s->piece_len;

	s->roll = 0;
	s->piece_len = 0;
	if (len && !hold(s, s->piece, len))
		return tally_err_nomem(err);
	return TALLY_OK;
}

enum tally_status tally_sketcher_finish(struct tally_sketcher *s, struct tally_sketch *out,
                                        struct tally_err *err)
{
	enum tally_status st = tally_sketcher_cut(s, err);
	struct tally_piece *fitting;

	if (st < 0)
		return st;
	condense(s);
	fitting = s->count < s->cap ? tally_realloc(s->held, s->count, sizeof *fitting) : NULL;
	*out = (struct tally_sketch){ .kind = s->kind,
		                      .sampled = s->sampled,
		                      .count = (uint32_t)s->count,
		                      .total = s->total,
		                      .pieces = fitting ? fitting : s->held };
	start_over(s);
	return TALLY_OK;
}

void tally_sketch_release(struct tally_sketch *sketch)
{
	tally_free(sketch->pieces);
	*sketch = (struct tally_sketch){ 0 };
}

/* Up to where both sketches know every piece. */
static uint64_t common_range(const struct tally_sketch *a, const struct tally_sketch *b)
{
	uint64_t most = UINT64_MAX;

	if (a->sampled && a->count)
		most = a->pieces[a->count - 1].hash;
	if (b->sampled && b->count && b->pieces[b->count - 1].hash < most)
		most = b->pieces[b->count - 1].hash;
	return most;
}

static uint64_t bytes_up_to(const struct tally_sketch *s, uint64_t most)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < s->count && s->pieces[i].hash <= most; i++)
		sum += s->pieces[i].bytes;
	return sum;
}

unsigned tally_sketch_similarity(const struct tally_sketch *a, const struct tally_sketch *b)
{
	uint64_t most, shared = 0, in_a, in_b, larger;

	if (a->kind != b->kind)
		return 0;
	for (uint32_t i = 0, j = 0; i < a->count && j < b->count;) {
		const struct tally_piece *p = &a->pieces[i], *q = &b->pieces[j];

		if (p->hash == q->hash)
			shared += p->bytes < q->bytes ? p->bytes : q->bytes;
		i += p->hash <= q->hash;
		j += q->hash <= p->hash;
	}
	most = common_range(a, b);
	in_a = bytes_up_to(a, most);
	in_b = bytes_up_to(b, most);
	larger = in_a > in_b ? in_a : in_b;
	return larger ? (unsigned)(shared * 1000 / larger) : 0;
}
