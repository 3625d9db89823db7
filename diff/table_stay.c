/*
 * Rows that stayed where they were: between rows that kept their distance, the others are paired by their places unless the
 * pairing found so far explains them with fewer changed cells; and rows of which every cell was cleared are not deleted.
 */
#include <string.h>

#include "core/mem.h"
#include "diff/table_work.h"

enum {
	STRETCH_MOST = 1 << 12, /* rows of a stretch that is looked at */
	STEPS_MOST = 1 << 22,   /* rows gone through in search of the ends of stretches */
	CELLS_MOST = 1 << 22,   /* cells read in all */
	PLACE_SHARE = 2,        /* half of the values of two rows in one place must agree, */
	ADDRESS_SHARE = 3,      /* a third of those with the same addresses, */
	ADDRESS_CELLS = 2,      /* and none where there are so few */
	SURE_TIMES = 2,         /* by how much an inferred key must be worse */
};

/* A bit of the mark of a cell: it is a formula. */
#define FORMULA UINT64_C(1)

/* Two rows that are paired and in order; or the beginning, or the end. */
struct anchor {
	uint32_t row[2]; /* of the sides: one before the first, one behind the last */
	int64_t apart;   /* by how much the after row is further down */
};

struct stay {
	struct tally_comparison *c;
	struct anchor *anchors;
	size_t count;
	bool sheets;
	int64_t steps, cells;    /* left to spend */
	uint32_t from[2], to[2]; /* the rows of a stretch */
	uint64_t *hashes[2];     /* of their cells */
	uint32_t *found;         /* by before row: the after row in its place */
	uint64_t by_place;       /* rows that have another pair now */
};

static int64_t place(const struct stay *s, int side, uint32_t row)
{
	return (int64_t)tally_side_row(&s->c->side[side], row);
}

/* ---- anchors ---- */

static enum tally_status find_anchors(struct stay *s, struct tally_err *err)
{
	const struct tally_table_side *a = &s->c->side[0], *b = &s->c->side[1];
	uint8_t *kept = tally_alloc(b->rows);
	enum tally_status st;

	s->anchors = tally_alloc((b->rows + (size_t)2) * sizeof *s->anchors);
	st = kept && s->anchors ? tally_mark_kept(s->c, kept, err) : tally_err_nomem(err);
	if (st == TALLY_OK) {
		int64_t apart = 0;

		if (a->header && b->header)
			apart = (int64_t)b->part->header_row - (int64_t)a->part->header_row;
		s->anchors[s->count++] = (struct anchor){ { a->preamble, b->preamble }, apart };
	}
	for (uint32_t row = b->preamble; st == TALLY_OK && row < b->rows; row++)
		if (kept[row] && b->pair[row] >= a->preamble)
			s->anchors[s->count++] = (struct anchor){ { b->pair[row] + 1, row + 1 },
				                                  place(s, 1, row) -
				                                          place(s, 0, b->pair[row]) };
	tally_free(kept);
	return st;
}

/* ---- what a pairing costs: changed cells ---- */

/* Equal cells have equal marks, blank ones 0. Of formulas, which are the same in most rows, it tells that they are. */
static uint64_t cell_mark(const struct tally_comparison *c, const struct tally_cell *cell)
{
	uint64_t h = tally_cell_row_hash(c, cell);

	if (!h)
		return 0;
	return (h & ~FORMULA) | 2 | (cell->formula && c->formulas ? FORMULA : 0);
}

static enum tally_status read_stretch(struct stay *s, int side, struct tally_err *err)
{
	const struct tally_comparison *c = s->c;
	size_t count = s->to[side] - s->from[side];
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, &c->side[side], err);
	uint64_t *out = tally_alloc(count * c->pair_count * sizeof *out);

	s->hashes[side] = out;
	if (st == TALLY_OK && !out)
		st = tally_err_nomem(err);
	for (uint32_t row = s->from[side]; st == TALLY_OK && row < s->to[side]; row++) {
		st = tally_row_read(&r, row, err);
		for (uint32_t k = 0; st == TALLY_OK && k < c->pair_count; k++)
			*out++ = cell_mark(c, tally_row_cell(&r, side ? c->pairs[k].after
			                                              : c->pairs[k].before));
	}
	tally_row_reader_release(&r);
	return st;
}

static const uint64_t *cells_of(const struct stay *s, int side, uint32_t row)
{
	return s->hashes[side] + (size_t)(row - s->from[side]) * s->c->pair_count;
}

/* What two rows have in common. */
struct likeness {
	uint32_t changed; /* cells */
	uint32_t equal,
		values; /* cells that are no formulas, for these say little of which row it is */
};

static struct likeness compare(const struct stay *s, uint32_t before, uint32_t after)
{
	const uint64_t *a = cells_of(s, 0, before), *b = cells_of(s, 1, after);
	struct likeness l = { 0, 0, 0 };

	for (uint32_t k = 0; k < s->c->pair_count; k++) {
		bool value = (a[k] && !(a[k] & FORMULA)) || (b[k] && !(b[k] & FORMULA));

		l.changed += a[k] != b[k];
		l.values += value;
		l.equal += value && a[k] == b[k];
	}
	return l;
}

/* A row that came or went: all of its cells, and that it did. */
static uint64_t cost_alone(const struct stay *s, int side, uint32_t row)
{
	const uint64_t *cells = cells_of(s, side, row);
	uint64_t filled = 1;

	for (uint32_t k = 0; k < s->c->pair_count; k++)
		filled += cells[k] != 0;
	return filled;
}

static bool within(const struct stay *s, int side, uint32_t row)
{
	return row >= s->from[side] && row < s->to[side];
}

/* Rows whose pair is elsewhere keep it. */
static bool is_tied(const struct stay *s, int side, uint32_t row)
{
	uint32_t pair = s->c->side[side].pair[row];

	return pair != TALLY_NO_PAIR && !within(s, 1 - side, pair);
}

static uint64_t cost_now(const struct stay *s)
{
	const struct tally_table_side *a = &s->c->side[0], *b = &s->c->side[1];
	uint64_t cost = 0;
	uint32_t last = 0;

	for (uint32_t i = s->from[0]; i < s->to[0]; i++) {
		uint32_t j = a->pair[i];

		if (j == TALLY_NO_PAIR)
			cost += cost_alone(s, 0, i);
		else if (within(s, 1, j))
			cost += compare(s, i, j).changed + (j < last);
		if (j != TALLY_NO_PAIR && j > last)
			last = j;
	}
	for (uint32_t j = s->from[1]; j < s->to[1]; j++)
		if (b->pair[j] == TALLY_NO_PAIR)
			cost += cost_alone(s, 1, j);
	return cost;
}

/* The row of the stretch that stands where a before row stood, or TALLY_NO_PAIR. @blank  set where nothing stands there now */
static uint32_t row_in_place(const struct stay *s, uint32_t before, int64_t apart, bool *blank)
{
	const struct tally_table_side *b = &s->c->side[1];
	int64_t at = place(s, 0, before) + apart;
	uint32_t row;

	*blank = false;
	if (at < 0 || at >= (int64_t)b->part->row_count)
		return TALLY_NO_PAIR;
	if (!tally_side_find_row(b, (uint64_t)at, &row)) {
		*blank = true;
		return TALLY_NO_PAIR;
	}
	return within(s, 1, row) && !is_tied(s, 1, row) ? row : TALLY_NO_PAIR;
}

/* Rows of sheets that have the addresses they had need less. */
static bool can_be_one(const struct stay *s, uint32_t before, uint32_t after, struct likeness l)
{
	bool address = s->sheets && place(s, 0, before) == place(s, 1, after);

	return s->c->side[0].pair[before] == after ||
	       l.equal * (address ? ADDRESS_SHARE : PLACE_SHARE) >= l.values ||
	       (s->sheets && l.values <= (address ? ADDRESS_CELLS : 1));
}

/* What pairing the rows of the stretch by their places would cost. */
static uint64_t cost_by_places(struct stay *s, int64_t apart)
{
	uint64_t cost = 0;

	for (uint32_t j = s->from[1]; j < s->to[1]; j++)
		cost += is_tied(s, 1, j) ? 0 : cost_alone(s, 1, j);
	for (uint32_t i = s->from[0]; i < s->to[0]; i++) {
		uint32_t *found = &s->found[i - s->from[0]], j;
		struct likeness l = { 0, 0, 0 };
		bool blank;

		*found = TALLY_NO_PAIR;
		if (is_tied(s, 0, i))
			continue;
		j = row_in_place(s, i, apart, &blank);
		if (j != TALLY_NO_PAIR)
			l = compare(s, i, j);
		if (j == TALLY_NO_PAIR || !can_be_one(s, i, j, l)) {
			cost += cost_alone(s, 0, i) - (s->sheets && blank);
			continue;
		}
		*found = j;
		cost += l.changed;
		cost -= cost_alone(s, 1, j);
	}
	return cost;
}

static void pair_by_places(struct stay *s)
{
	struct tally_comparison *c = s->c;
	struct tally_table_side *a = &c->side[0], *b = &c->side[1];

	for (uint32_t i = s->from[0]; i < s->to[0]; i++) {
		uint32_t *found = &s->found[i - s->from[0]];

		if (a->pair[i] == TALLY_NO_PAIR || is_tied(s, 0, i))
			continue;
		if (a->pair[i] == *found) { /* as before */
			*found = TALLY_NO_PAIR;
			continue;
		}
		c->touched[a->pair[i]] = TALLY_ROW_EQUAL;
		b->pair[a->pair[i]] = TALLY_NO_PAIR;
		a->pair[i] = TALLY_NO_PAIR;
	}
	for (uint32_t i = s->from[0]; i < s->to[0]; i++) {
		uint32_t j = s->found[i - s->from[0]];

		if (j == TALLY_NO_PAIR)
			continue;
		tally_pair_rows(c, i, j, !c->by_bytes || !tally_rows_same_bytes(c, i, j));
		s->by_place++;
	}
}

/* ---- stretches ---- */

/* Are there rows of the stretch that are not where they were? */
static bool in_question(const struct stay *s, int64_t apart)
{
	const struct tally_table_side *a = &s->c->side[0];

	for (uint32_t i = s->from[0]; i < s->to[0]; i++)
		if (a->pair[i] == TALLY_NO_PAIR || place(s, 1, a->pair[i]) - place(s, 0, i) != apart)
			return true;
	return false;
}

static enum tally_status weigh(struct stay *s, int64_t apart, bool *better, struct tally_err *err)
{
	uint64_t times = s->c->d->aligned_by.how == TALLY_ALIGNED_ROWS ? 1 : SURE_TIMES, now, then;
	enum tally_status st = read_stretch(s, 0, err);

	if (st == TALLY_OK)
		st = read_stretch(s, 1, err);
	s->found = tally_alloc((s->to[0] - s->from[0]) * sizeof *s->found);
	if (st == TALLY_OK && !s->found)
		st = tally_err_nomem(err);
	if (st == TALLY_OK) {
		now = cost_now(s);
		then = cost_by_places(s, apart) * times;
		*better = then < now || (then == now && times == 1);
		if (*better)
			pair_by_places(s);
	}
	tally_free(s->found);
	for (int side = 0; side < 2; side++) {
		tally_free(s->hashes[side]);
		s->hashes[side] = NULL;
	}
	s->found = NULL;
	return st;
}

/* How far the pairs of the rows between two anchors reach. @return false: above the stretch */
static bool reach(const struct stay *s, size_t from, size_t to, uint32_t furthest[2])
{
	const struct anchor *first = &s->anchors[from], *last = &s->anchors[to];

	for (int side = 0; side < 2; side++)
		for (uint32_t row = s->anchors[to - 1].row[side]; row < last->row[side]; row++) {
			uint32_t pair = s->c->side[side].pair[row];

			if (pair == TALLY_NO_PAIR)
				continue;
			if (pair < first->row[1 - side])
				return false;
			if (pair >= furthest[1 - side])
				furthest[1 - side] = pair + 1;
		}
	return true;
}

/*
 * From behind one anchor to the next that is as far apart, or to the end.
 * @closed  and so far that no row between them has its pair elsewhere
 * @return its number; count: the end; SIZE_MAX: there is none
 */
static size_t find_end(struct stay *s, size_t from, bool closed)
{
	const struct anchor *first = &s->anchors[from];
	uint32_t furthest[2] = { 0, 0 };
	size_t to = from + 1;

	for (; to < s->count; to++) {
		const struct anchor *a = &s->anchors[to];

		if (a->row[0] - first->row[0] > STRETCH_MOST ||
		    a->row[1] - first->row[1] > STRETCH_MOST || s->steps-- < 0)
			return SIZE_MAX;
		if (closed && !reach(s, from, to, furthest))
			return SIZE_MAX;
		if (a->apart == first->apart && furthest[0] <= a->row[0] && furthest[1] <= a->row[1])
			return to;
	}
	return s->c->side[0].rows - first->row[0] > STRETCH_MOST ||
	                       s->c->side[1].rows - first->row[1] > STRETCH_MOST
	               ? SIZE_MAX
	               : to;
}

static bool has_tied(const struct stay *s)
{
	for (uint32_t i = s->from[0]; i < s->to[0]; i++)
		if (is_tied(s, 0, i))
			return true;
	for (uint32_t j = s->from[1]; j < s->to[1]; j++)
		if (is_tied(s, 1, j))
			return true;
	return false;
}

static enum tally_status try_stretch(struct stay *s, size_t from, size_t end, bool *better,
                                     struct tally_err *err)
{
	const struct tally_comparison *c = s->c;
	int64_t apart = s->anchors[from].apart;

	for (int side = 0; side < 2; side++) {
		s->from[side] = s->anchors[from].row[side];
		s->to[side] = end < s->count ? s->anchors[end].row[side] - 1 : c->side[side].rows;
		s->steps -= s->to[side] - s->from[side];
	}
	if (s->from[0] == s->to[0] || s->from[1] == s->to[1] || !in_question(s, apart))
		return TALLY_OK;
	for (int side = 0; side < 2; side++)
		s->cells -= (int64_t)(s->to[side] - s->from[side]) * c->pair_count;
	return s->cells > 0 ? weigh(s, apart, better, err) : TALLY_OK;
}

/* The rows behind an anchor, up to the nearest end; where some have their pairs elsewhere, up to one that takes these in. */
static enum tally_status look_behind(struct stay *s, size_t *at, struct tally_err *err)
{
	size_t end = find_end(s, *at, false), next = *at + 1;
	bool better = false;
	enum tally_status st = TALLY_OK;

	if (end != SIZE_MAX)
		st = try_stretch(s, *at, end, &better, err);
	next = better ? end : next;
	if (st == TALLY_OK && (end == SIZE_MAX || has_tied(s))) {
		better = false;
		end = find_end(s, *at, true);
		if (end != SIZE_MAX)
			st = try_stretch(s, *at, end, &better, err);
		next = better ? end : next;
	}
	*at = next;
	return st;
}

enum tally_status tally_pair_in_old_places(struct tally_comparison *c, struct tally_err *err)
{
	struct stay s = { .c = c,
		          .sheets = c->side[0].part->sheet && c->side[1].part->sheet,
		          .steps = STEPS_MOST,
		          .cells = CELLS_MOST };
	struct tally_alignment *by = &c->d->aligned_by;
	enum tally_status st = TALLY_OK;

	if (by->how == TALLY_ALIGNED_GIVEN || !c->pair_count || !c->side[0].rows || !c->side[1].rows)
		return TALLY_OK;
	st = find_anchors(&s, err);
	for (size_t at = 0; st == TALLY_OK && at < s.count;)
		st = look_behind(&s, &at, err);
	if (st == TALLY_OK && s.by_place)
		by->similar = by->similar > s.by_place ? by->similar - s.by_place : 0;
	tally_free(s.anchors);
	return st;
}

/* ---- rows that were cleared ---- */

/* Where the rows above and below a row went; both alike, or only those above and the file goes on that far. */
static bool find_shift(const struct stay *s, uint32_t row, int64_t *apart)
{
	const struct tally_table_side *a = &s->c->side[0], *b = &s->c->side[1];
	uint32_t up = row, down = row + 1;
	int64_t below;

	while (up > a->preamble && a->pair[up - 1] == TALLY_NO_PAIR)
		up--;
	while (down < a->rows && a->pair[down] == TALLY_NO_PAIR)
		down++;
	*apart = a->header && b->header ? (int64_t)b->part->header_row - (int64_t)a->part->header_row
	                                : 0;
	if (up > a->preamble)
		*apart = place(s, 1, a->pair[up - 1]) - place(s, 0, up - 1);
	if (down == a->rows)
		return up > a->preamble;
	below = place(s, 1, a->pair[down]) - place(s, 0, down);
	return below == *apart;
}

/* The blank row that stands where a row stood. */
static bool was_cleared(const struct stay *s, uint32_t row, uint32_t *blank)
{
	const struct tally_table_side *b = &s->c->side[1];
	int64_t apart, at;
	uint32_t found;

	if (s->c->side[0].pair[row] != TALLY_NO_PAIR || !find_shift(s, row, &apart))
		return false;
	at = place(s, 0, row) + apart;
	if (at < 0 || at >= (int64_t)b->part->row_count ||
	    (b->header && at <= (int64_t)b->part->header_row) ||
	    tally_side_find_row(b, (uint64_t)at, &found))
		return false;
	*blank = (uint32_t)at;
	return true;
}

/* Put blank rows back among those that are compared. @blank  their numbers in the part, rising; @before  their pairs */
static enum tally_status take_back(struct tally_comparison *c, const uint32_t *blank,
                                   const uint32_t *before, uint32_t count, struct tally_err *err)
{
	struct tally_table_side *b = &c->side[1];
	struct tally_table_side old = *b;
	size_t rows = (size_t)b->rows + count;
	uint8_t *touched = tally_alloc(rows);
	uint32_t next = 0, from = 0;

	b->places = tally_alloc(rows * sizeof *b->places);
	b->pair = tally_alloc(rows * sizeof *b->pair);
	b->hash = old.hash ? tally_alloc(rows * sizeof *b->hash) : NULL;
	if (!touched || !b->places || !b->pair || (old.hash && !b->hash)) {
		tally_free(touched);
		tally_free(old.places);
		tally_free(old.pair);
		tally_free(old.hash);
		return tally_err_nomem(err);
	}
	for (uint32_t row = 0; row < rows; row++) {
		bool back = next < count &&
		            (from == old.rows || blank[next] < tally_side_row(&old, from));

		b->places[row] = back ? blank[next] : (uint32_t)tally_side_row(&old, from);
		b->pair[row] = back ? before[next] : old.pair[from];
		touched[row] = back ? TALLY_ROW_LOOK : c->touched[from];
		if (b->hash)
			b->hash[row] = back ? 0 : old.hash[from];
		if (b->pair[row] != TALLY_NO_PAIR)
			c->side[0].pair[b->pair[row]] = row;
		next += back;
		from += !back;
	}
	b->rows = (uint32_t)rows;
	b->blank -= count;
	tally_free(c->touched);
	c->touched = touched;
	tally_free(old.places);
	tally_free(old.pair);
	tally_free(old.hash);
	return TALLY_OK;
}

enum tally_status tally_pair_cleared(struct tally_comparison *c, struct tally_err *err)
{
	struct stay s = { .c = c };
	struct tally_table_side *a = &c->side[0];
	uint32_t most = c->side[1].blank, count = 0, *blank, *before;
	enum tally_status st = TALLY_OK;

	if (!most || !a->part->sheet || !c->side[1].part->sheet || !c->pair_count)
		return TALLY_OK;
	blank = tally_alloc(most * sizeof *blank);
	before = tally_alloc(most * sizeof *before);
	if (!blank || !before)
		st = tally_err_nomem(err);
	for (uint32_t row = a->preamble; st == TALLY_OK && row < a->rows && count < most; row++) {
		if (!was_cleared(&s, row, &blank[count]) ||
		    (count && blank[count] <= blank[count - 1]))
			continue;
		before[count++] = row;
	}
	if (st == TALLY_OK && count)
		st = take_back(c, blank, before, count, err);
	tally_free(blank);
	tally_free(before);
	return st;
}
