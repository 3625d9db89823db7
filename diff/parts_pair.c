/* Sheets of two workbooks paired: see diff/parts_pair.h. */
#include "diff/parts_pair.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/mem.h"
#include "diff/align.h"
#include "diff/table_work.h"

enum {
	ROWS_LOOKED_AT = 4096,
	CELLS_LOOKED_AT = 1 << 18, /* of one sheet, */
	CELLS_TOGETHER = 1 << 23,  /* and of all of a side */
	COLUMNS = 256,
	PIECES = 512,          /* smallest hashes of values kept of a sheet */
	SAME_SHEET = 500,      /* thousandths from which two sheets are one, */
	SAME_LAST_SHEET = 250, /* and where they are the only ones left, in one place */
	NEARLY_AS_WELL = 50,   /* thousandths */
	PAIRS_LOOKED_AT = 1 << 16,
	BEGIN_ROWS = 16,         /* that show at once that a sheet is the one of its name */
	EXCHANGED_MOST = 64,     /* sheets that may have exchanged their names */
	EXCHANGED_PIECES = 4096, /* values of each that are looked at */
	EXCHANGED_LEAST = 3,     /* values that tell something */
	EXCHANGED_SHEET = 700,   /* thousandths from which one is the other one, */
	OTHER_SHEET = 200,       /* as long as the two of one name are below that */
};

/* What stands in a sheet: the smallest hashes of its values and formulas, ascending, none twice. */
struct sketch {
	uint64_t pieces[PIECES];
	size_t count;
	uint64_t limit; /* pieces above it are not known */
};

struct side {
	struct tally_part *const *parts;
	size_t count;
	uint32_t *pair; /* by part: its part on the other side, or TALLY_NO_PART */
	uint32_t *left; /* parts without a pair, ascending */
	size_t left_count;
	struct sketch *sketches; /* by left */
};

struct pairing {
	struct side side[2];
	struct tally_parts_pair *how; /* by part of the after side */
	struct candidate {
		uint32_t before, after; /* indices into left */
		uint16_t similarity;
	} * candidates;
	size_t candidate_count, candidate_cap;
	bool limited;
};

/* ---- by name ---- */

struct named {
	const char *name;
	uint32_t part;
};

static int by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->part > y->part) - (x->part < y->part);
}

static struct named *sorted_names(const struct side *s)
{
	struct named *list = tally_alloc(s->count * sizeof *list);

	for (size_t i = 0; list && i < s->count; i++)
		list[i] = (struct named){ s->parts[i]->name, (uint32_t)i };
	if (list && s->count)
		qsort(list, s->count, sizeof *list, by_name);
	return list;
}

static void pair(struct pairing *p, uint32_t before, uint32_t after, struct tally_parts_pair how)
{
	p->side[0].pair[before] = after;
	p->side[1].pair[after] = before;
	p->how[after] = how;
	p->how[after].before = before;
	p->how[after].after = after;
}

static enum tally_status pair_by_name(struct pairing *p, struct tally_err *err)
{
	struct named *a = sorted_names(&p->side[0]), *b = sorted_names(&p->side[1]);
	size_t i = 0, j = 0;

	while (a && b && i < p->side[0].count && j < p->side[1].count) {
		int order = strcmp(a[i].name, b[j].name);

		if (order == 0)
			pair(p, a[i].part, b[j].part, (struct tally_parts_pair){ 0 });
		i += order <= 0;
		j += order >= 0;
	}
	tally_free(a);
	tally_free(b);
	return a && b ? TALLY_OK : tally_err_nomem(err);
}

static void find_left(struct side *s)
{
	s->left_count = 0;
	for (size_t i = 0; i < s->count; i++)
		if (s->pair[i] == TALLY_NO_PART)
			s->left[s->left_count++] = (uint32_t)i;
}

static struct tally_span name_span(const struct tally_part *part)
{
	return (struct tally_span){ part->name, strlen(part->name) };
}

/* How far from its own place (by order among those left) a part is looked for. */
static size_t reach(const struct pairing *p)
{
	size_t n = p->side[0].left_count, m = p->side[1].left_count;

	return n && m > PAIRS_LOOKED_AT / n ? PAIRS_LOOKED_AT / n / 2 : SIZE_MAX;
}

static bool within(size_t i, size_t j, size_t most)
{
	return (i > j ? i - j : j - i) <= most;
}

static void pair_but_case(struct pairing *p)
{
	size_t most = reach(p);

	for (size_t j = 0; j < p->side[1].left_count; j++) {
		uint32_t after = p->side[1].left[j];

		for (size_t i = 0; i < p->side[0].left_count; i++) {
			uint32_t before = p->side[0].left[i];

			if (!within(i, j, most) || p->side[0].pair[before] != TALLY_NO_PART ||
			    !tally_span_equal_but_case(name_span(p->side[0].parts[before]),
			                               name_span(p->side[1].parts[after])))
				continue;
			pair(p, before, after,
			     (struct tally_parts_pair){
				     .renamed = true, .case_only = true, .similarity = 1000 });
			break;
		}
	}
	find_left(&p->side[0]);
	find_left(&p->side[1]);
}

/* ---- by what stands in them ---- */

static int by_hash(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Hashes of values and formulas; values as CSV and workbooks both have them. */
static size_t cell_pieces(const struct tally_cell *cell, uint64_t out[2])
{
	size_t n = 0;

	out[n] = cell->value ? tally_cell_loose_hash(cell) : 0;
	n += out[n] != 0;
	if (cell->formula)
		out[n++] = tally_hash64(cell->formula, cell->formula_len, 1) | 1;
	return n;
}

static enum tally_status read_pieces(const struct tally_part *part, uint64_t *out, size_t most,
                                     size_t *count, struct tally_err *err)
{
	struct tally_cell *cells = tally_alloc(COLUMNS * sizeof *cells);
	struct tally_arena scratch = TALLY_ARENA_INIT;
	enum tally_status st = cells ? TALLY_OK : tally_err_nomem(err);

	*count = 0;
	for (size_t row = 0; st >= TALLY_PARTIAL && row < part->row_count && row < ROWS_LOOKED_AT;
	     row++) {
		size_t n = 0;

		st = part->ops->cells(part, row, &scratch, cells, COLUMNS, &n, err);
		for (size_t k = 0;
		     st >= TALLY_PARTIAL && k < n && k < COLUMNS && *count + 2 <= most; k++)
			*count += cell_pieces(&cells[k], out + *count);
		tally_arena_release(&scratch);
	}
	tally_free(cells);
	return st < TALLY_PARTIAL ? st : TALLY_OK;
}

static void keep_smallest(struct sketch *s, uint64_t *hashes, size_t count)
{
	qsort(hashes, count, sizeof *hashes, by_hash);
	s->limit = UINT64_MAX;
	for (size_t i = 0; i < count; i++) {
		if (i && hashes[i] == hashes[i - 1])
			continue;
		if (s->count == PIECES) {
			s->limit = s->pieces[PIECES - 1];
			break;
		}
		s->pieces[s->count++] = hashes[i];
	}
}

static enum tally_status sketch_side(struct side *s, struct tally_err *err)
{
	size_t most = s->left_count ? CELLS_TOGETHER / s->left_count : 0;
	uint64_t *hashes;
	enum tally_status st = TALLY_OK;

	most = most > CELLS_LOOKED_AT ? CELLS_LOOKED_AT : most < PIECES ? PIECES : most;
	s->sketches = tally_alloc_zero(s->left_count, sizeof *s->sketches);
	hashes = tally_alloc(most * sizeof *hashes);
	if (!s->sketches || !hashes)
		st = tally_err_nomem(err);
	for (size_t i = 0; st == TALLY_OK && i < s->left_count; i++) {
		size_t count;

		st = read_pieces(s->parts[s->left[i]], hashes, most, &count, err);
		if (st == TALLY_OK && count)
			keep_smallest(&s->sketches[i], hashes, count);
	}
	tally_free(hashes);
	return st;
}

/* Values that both have, twice, by all values of both. */
static unsigned similarity(const struct sketch *a, const struct sketch *b)
{
	uint64_t limit = a->limit < b->limit ? a->limit : b->limit;
	size_t i = 0, j = 0, both = 0, all = 0;

	if (!a->count || !b->count)
		return a->count == b->count ? 1000 : 0;
	while ((i < a->count && a->pieces[i] <= limit) || (j < b->count && b->pieces[j] <= limit)) {
		bool x = i < a->count && a->pieces[i] <= limit,
		     y = j < b->count && b->pieces[j] <= limit;
		bool first = x && (!y || a->pieces[i] <= b->pieces[j]),
		     second = y && (!x || b->pieces[j] <= a->pieces[i]);

		both += first && second;
		all += first + second;
		i += first;
		j += second;
	}
	return (unsigned)(both * 2000 / all);
}

/* The most alike first; among equals those in the same place, then by order. */
static int by_similarity(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	uint32_t dx = x->before > x->after ? x->before - x->after : x->after - x->before;
	uint32_t dy = y->before > y->after ? y->before - y->after : y->after - y->before;

	if (x->similarity != y->similarity)
		return x->similarity > y->similarity ? -1 : 1;
	if (dx != dy)
		return dx < dy ? -1 : 1;
	if (x->after != y->after)
		return x->after < y->after ? -1 : 1;
	return (x->before > y->before) - (x->before < y->before);
}

static enum tally_status find_candidates(struct pairing *p, unsigned least, struct tally_err *err)
{
	size_t most = reach(p);

	p->limited = most != SIZE_MAX;
	for (size_t i = 0; i < p->side[0].left_count; i++) {
		size_t j = most < i ? i - most : 0;

		for (; j < p->side[1].left_count && (j <= i || j - i <= most); j++) {
			unsigned alike = similarity(&p->side[0].sketches[i], &p->side[1].sketches[j]);

			if (alike < least)
				continue;
			if (!tally_grow(&p->candidates, &p->candidate_cap, p->candidate_count,
			                sizeof *p->candidates))
				return tally_err_nomem(err);
			p->candidates[p->candidate_count++] = (struct candidate){ (uint32_t)i,
				                                                  (uint32_t)j,
				                                                  (uint16_t)alike };
		}
	}
	if (p->candidate_count)
		qsort(p->candidates, p->candidate_count, sizeof *p->candidates, by_similarity);
	return TALLY_OK;
}

/* Is there another one that either could be, nearly as much alike? The candidates are sorted. */
static bool is_ambiguous(const struct pairing *p, size_t at)
{
	const struct candidate *c = &p->candidates[at];

	for (size_t k = 0; k < p->candidate_count; k++) {
		const struct candidate *o = &p->candidates[k];

		if (o->similarity + NEARLY_AS_WELL <= c->similarity)
			break;
		if (k != at && (o->before == c->before || o->after == c->after) &&
		    o->similarity + NEARLY_AS_WELL > c->similarity)
			return true;
	}
	return false;
}

static bool only_ones_left(const struct pairing *p)
{
	const struct side *a = &p->side[0], *b = &p->side[1];

	return a->left_count == 1 && b->left_count == 1 && a->count == b->count &&
	       a->left[0] == b->left[0];
}

/* A file that is no workbook has one part, whose name says nothing. */
static bool one_is_no_sheet(const struct pairing *p)
{
	for (int side = 0; side < 2; side++)
		if (p->side[side].count == 1 && !p->side[side].parts[0]->sheet)
			return p->side[1 - side].count > 0;
	return false;
}

static enum tally_status pair_by_content(struct pairing *p, struct tally_err *err)
{
	bool any = one_is_no_sheet(p);
	unsigned least = any ? 0 : only_ones_left(p) ? SAME_LAST_SHEET : SAME_SHEET;
	enum tally_status st = sketch_side(&p->side[0], err);

	if (st == TALLY_OK)
		st = sketch_side(&p->side[1], err);
	if (st == TALLY_OK)
		st = find_candidates(p, least, err);
	for (size_t k = 0; st == TALLY_OK && k < p->candidate_count; k++) {
		const struct candidate *c = &p->candidates[k];
		uint32_t before = p->side[0].left[c->before], after = p->side[1].left[c->after];

		if (p->side[0].pair[before] != TALLY_NO_PART ||
		    p->side[1].pair[after] != TALLY_NO_PART)
			continue;
		pair(p, before, after,
		     (struct tally_parts_pair){ .renamed = !any,
		                                .similarity = c->similarity,
		                                .ambiguous = is_ambiguous(p, k) });
	}
	return st;
}

/* ---- sheets that exchanged their names ---- */

/* Sheets of one name that begin with other rows; at most so many, since each is compared with each. */
struct strange {
	uint32_t list[EXCHANGED_MOST]; /* after */
	struct sketch *sketch[2];      /* by list: of the two of that name */
	size_t count;
};

/* Do half of their first rows stand where they stood, as they are? Then nobody exchanged them. */
static bool begins_alike(const struct tally_part *a, const struct tally_part *b)
{
	size_t most = a->row_count > b->row_count ? a->row_count : b->row_count, same = 0;

	most = most < BEGIN_ROWS ? most : BEGIN_ROWS;
	for (size_t i = 0; i < most && i < a->row_count && i < b->row_count; i++)
		same += a->rows[i].hash == b->rows[i].hash;
	return same * 2 >= most;
}

static enum tally_status sketch_begin(const struct tally_part *part, uint64_t *hashes,
                                      struct sketch *out, struct tally_err *err)
{
	size_t count;
	enum tally_status st = read_pieces(part, hashes, EXCHANGED_PIECES, &count, err);

	if (st == TALLY_OK && count)
		keep_smallest(out, hashes, count);
	return st;
}

/* Those of one name that have hardly a value in common. */
static enum tally_status find_strange(struct pairing *p, struct strange *s, struct tally_err *err)
{
	uint64_t *hashes = tally_alloc(EXCHANGED_PIECES * sizeof *hashes);
	enum tally_status st = hashes ? TALLY_OK : tally_err_nomem(err);

	for (int side = 0; side < 2; side++) {
		s->sketch[side] = tally_alloc_zero(EXCHANGED_MOST, sizeof *s->sketch[side]);
		if (!s->sketch[side])
			st = tally_err_nomem(err);
	}
	for (size_t j = 0; st == TALLY_OK && j < p->side[1].count && s->count < EXCHANGED_MOST; j++) {
		uint32_t i = p->side[1].pair[j];
		const struct tally_part *a, *b = p->side[1].parts[j];
		struct sketch *x = &s->sketch[0][s->count], *y = &s->sketch[1][s->count];

		if (i == TALLY_NO_PART)
			continue;
		a = p->side[0].parts[i];
		if (!a->sheet || !b->sheet || !a->row_count || !b->row_count || begins_alike(a, b))
			continue;
		*x = *y = (struct sketch){ .count = 0 };
		st = sketch_begin(a, hashes, x, err);
		if (st == TALLY_OK)
			st = sketch_begin(b, hashes, y, err);
		if (st == TALLY_OK && similarity(x, y) < OTHER_SHEET)
			s->list[s->count++] = (uint32_t)j;
	}
	tally_free(hashes);
	return st;
}

/* Which of them has what @k had before? @return its index, or SIZE_MAX */
static size_t where_now(const struct strange *s, size_t k)
{
	for (size_t i = 0; i < s->count; i++)
		if (i != k && s->sketch[0][k].count >= EXCHANGED_LEAST &&
		    similarity(&s->sketch[0][k], &s->sketch[1][i]) >= EXCHANGED_SHEET)
			return i;
	return SIZE_MAX;
}

/* Two sheets each of which has what the other one had are paired by that, and not by their names. */
static enum tally_status pair_exchanged(struct pairing *p, struct tally_err *err)
{
	struct strange s = { .count = 0 };
	enum tally_status st = TALLY_OK;

	if (p->side[0].count < 2 || p->side[1].count < 2)
		return TALLY_OK;
	st = find_strange(p, &s, err);
	for (size_t k = 0; st == TALLY_OK && k < s.count; k++) {
		size_t other = where_now(&s, k);
		uint32_t a, b;

		if (other == SIZE_MAX || other < k || where_now(&s, other) != k)
			continue;
		a = p->side[1].pair[s.list[k]];
		b = p->side[1].pair[s.list[other]];
		pair(p, a, s.list[other],
		     (struct tally_parts_pair){ .renamed = true,
		                                .similarity = (uint16_t)similarity(
							&s.sketch[0][k], &s.sketch[1][other]) });
		pair(p, b, s.list[k],
		     (struct tally_parts_pair){ .renamed = true,
		                                .similarity = (uint16_t)similarity(
							&s.sketch[0][other], &s.sketch[1][k]) });
	}
	tally_free(s.sketch[0]);
	tally_free(s.sketch[1]);
	return st;
}

/* ---- the result ---- */

static enum tally_status find_moved(struct tally_parts_pairing *out, struct tally_err *err)
{
	uint32_t *order = tally_alloc(out->count * sizeof *order);
	uint8_t *kept = tally_alloc(out->count);
	size_t count = 0;
	enum tally_status st = order && kept ? TALLY_OK : tally_err_nomem(err);

	for (size_t i = 0; st == TALLY_OK && i < out->count; i++)
		if (out->pairs[i].before != TALLY_NO_PART && out->pairs[i].after != TALLY_NO_PART)
			order[count++] = out->pairs[i].before;
	if (st == TALLY_OK)
		st = tally_longest_rising(order, count, kept, err);
	count = 0;
	for (size_t i = 0; st == TALLY_OK && i < out->count; i++) {
		struct tally_parts_pair *x = &out->pairs[i];

		if (x->before == TALLY_NO_PART || x->after == TALLY_NO_PART)
			continue;
		x->moved = !kept[count++];
		out->moved += x->moved;
		out->renamed += x->renamed;
	}
	tally_free(order);
	tally_free(kept);
	return st;
}

static enum tally_status collect(struct tally_parts_pairing *out, const struct pairing *p,
                                 struct tally_err *err)
{
	const struct side *a = &p->side[0], *b = &p->side[1];

	out->pairs = tally_alloc((a->count + b->count) * sizeof *out->pairs);
	if (!out->pairs)
		return tally_err_nomem(err);
	for (size_t j = 0; j < b->count; j++) {
		struct tally_parts_pair x = p->how[j];

		if (b->pair[j] == TALLY_NO_PART)
			x = (struct tally_parts_pair){ .before = TALLY_NO_PART, .after = (uint32_t)j };
		out->added += x.before == TALLY_NO_PART;
		out->pairs[out->count++] = x;
	}
	for (size_t i = 0; i < a->count; i++) {
		if (a->pair[i] != TALLY_NO_PART)
			continue;
		out->removed++;
		out->pairs[out->count++] = (struct tally_parts_pair){ .before = (uint32_t)i,
			                                              .after = TALLY_NO_PART };
	}
	out->limited = p->limited;
	return find_moved(out, err);
}

static enum tally_status side_init(struct side *s, struct tally_part *const *parts, size_t count,
                                   struct tally_err *err)
{
	s->parts = parts;
	s->count = count;
	s->pair = tally_alloc(count * sizeof *s->pair);
	s->left = tally_alloc(count * sizeof *s->left);
	if (!s->pair || !s->left)
		return tally_err_nomem(err);
	memset(s->pair, 0xff, count * sizeof *s->pair);
	return TALLY_OK;
}

static void pairing_release(struct pairing *p)
{
	for (int side = 0; side < 2; side++) {
		tally_free(p->side[side].pair);
		tally_free(p->side[side].left);
		tally_free(p->side[side].sketches);
	}
	tally_free(p->how);
	tally_free(p->candidates);
}

enum tally_status tally_parts_pair(struct tally_parts_pairing *out, struct tally_part *const *before,
                                   size_t before_count, struct tally_part *const *after,
                                   size_t after_count, struct tally_err *err)
{
	struct pairing p = { .how = tally_alloc_zero(after_count, sizeof *p.how) };
	enum tally_status st = p.how ? TALLY_OK : tally_err_nomem(err);

	*out = (struct tally_parts_pairing){ 0 };
	if (st == TALLY_OK)
		st = side_init(&p.side[0], before, before_count, err);
	if (st == TALLY_OK)
		st = side_init(&p.side[1], after, after_count, err);
	if (st == TALLY_OK)
		st = pair_by_name(&p, err);
	if (st == TALLY_OK)
		st = pair_exchanged(&p, err);
	if (st == TALLY_OK) {
		find_left(&p.side[0]);
		find_left(&p.side[1]);
		pair_but_case(&p);
		if (p.side[0].left_count && p.side[1].left_count)
			st = pair_by_content(&p, err);
	}
	if (st == TALLY_OK)
		st = collect(out, &p, err);
	pairing_release(&p);
	return st;
}

void tally_parts_pairing_release(struct tally_parts_pairing *p)
{
	tally_free(p->pairs);
	*p = (struct tally_parts_pairing){ 0 };
}
