/* Columns that their names do not tell: which is which by what stands in them, and by their places. */
#include "diff/table_columns.h"

#include <string.h>

#include "core/mem.h"

#define NONE TALLY_NO_COLUMN

enum {
	LIKELY = 500, /* similarity that is enough with LIKELY_MARGIN */
	LIKELY_MARGIN = 300,
	SAME_NAME = 400,    /* what a name that repeats, or is empty, adds to similarity */
	SAME_PLACE = 50,    /* and what the place does: it decides between equals */
	IN_PLACE = 400,     /* similarity that is enough for two leftovers at one place */
	AMONG_STAYED = 100, /* and for two of them among columns that stayed */
	FEW = 3,            /* values that say too little of a column: then its place does */
	SKETCH_ROWS = 1 << 20,
	SKETCH_CELLS = 1 << 24,
	PAIRS_MOST = 1 << 16, /* leftover pairs of columns compared; beyond that only near ones */
	WINDOW = 8,
};

void tally_contents_release(struct tally_contents *x)
{
	for (int side = 0; side < 2; side++) {
		tally_free(x->list[side]);
		tally_column_sketches_release(&x->sketch[side]);
	}
	tally_free(x->similar);
}

static uint32_t rows_within(uint32_t most, size_t cells, size_t columns)
{
	size_t rows = cells / (columns ? columns : 1);

	if (rows < 16)
		rows = 16;
	return rows < most ? (uint32_t)rows : most;
}

enum tally_status tally_contents_init(struct tally_contents *x, struct tally_matching *m,
                                      enum tally_columns_asked which, uint32_t rows, size_t cells,
                                      struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	*x = (struct tally_contents){ .m = m };
	for (int side = 0; side < 2; side++) {
		x->list[side] = tally_alloc(m->n[side] * sizeof *x->list[side]);
		if (!x->list[side])
			return tally_err_nomem(err);
		for (uint32_t i = 0; i < m->n[side]; i++)
			if (which == TALLY_COLUMNS_ALL ||
			    (m->to[side][i] != NONE) == (which == TALLY_COLUMNS_MATCHED))
				x->list[side][x->count[side]++] = i;
	}
	if (which == TALLY_COLUMNS_MATCHED) /* pairs stand at one place in both lists */
		for (size_t k = 0; k < x->count[0]; k++)
			x->list[1][k] = m->to[0][x->list[0][k]];
	if (!x->count[0] || !x->count[1])
		return TALLY_OK;
	rows = rows_within(rows, cells, m->n[0] > m->n[1] ? m->n[0] : m->n[1]);
	for (int side = 0; st == TALLY_OK && side < 2; side++)
		st = tally_sketch_columns(&x->sketch[side], m->c, side, x->list[side],
		                          x->count[side], rows, err);
	return st;
}

/* Two columns without values can be one where they stand at one place. */
static uint16_t similarity(const struct tally_contents *x, size_t i, size_t j)
{
	const struct tally_column_sketch *a = &x->sketch[0].of[i], *b = &x->sketch[1].of[j];

	if (!a->filled && !b->filled)
		return x->list[0][i] == x->list[1][j] ? LIKELY : 0;
	return (uint16_t)tally_column_similarity(a, b);
}

static enum tally_status compare_contents(struct tally_contents *x, struct tally_err *err)
{
	bool all = x->count[0] * x->count[1] <= PAIRS_MOST;

	x->similar = tally_alloc_zero(x->count[0] * x->count[1], sizeof *x->similar);
	if (!x->similar)
		return tally_err_nomem(err);
	for (size_t i = 0; i < x->count[0]; i++) {
		size_t from = all || i < WINDOW ? 0 : i - WINDOW,
		       to = all ? x->count[1] : i + WINDOW + 1;

		for (size_t j = from; j < to && j < x->count[1]; j++)
			x->similar[i * x->count[1] + j] = similarity(x, i, j);
	}
	return TALLY_OK;
}

static bool free_pair(const struct tally_contents *x, size_t i, size_t j)
{
	return x->m->to[0][x->list[0][i]] == NONE && x->m->to[1][x->list[1][j]] == NONE;
}

/* The best rival of a pair: another free column on either side. */
static unsigned rival(const struct tally_contents *x, size_t i, size_t j)
{
	unsigned best = 0;

	for (size_t k = 0; k < x->count[1]; k++)
		if (k != j && free_pair(x, i, k) && x->similar[i * x->count[1] + k] > best)
			best = x->similar[i * x->count[1] + k];
	for (size_t k = 0; k < x->count[0]; k++)
		if (k != i && free_pair(x, k, j) && x->similar[k * x->count[1] + j] > best)
			best = x->similar[k * x->count[1] + j];
	return best;
}

static void take_renamed(struct tally_contents *x, size_t i, size_t j, bool ambiguous)
{
	uint32_t before = x->list[0][i];

	tally_match(x->m, before, x->list[1][j]);
	x->m->renamed[before] = ambiguous ? 2 : 1;
	x->m->similar[before] = x->similar[i * x->count[1] + j];
}

/* @margin  by which a pair must beat its rivals; 0: take it in any case, and say that it is ambiguous */
static void take_similar(struct tally_contents *x, unsigned least, unsigned margin)
{
	for (size_t i = 0; i < x->count[0]; i++) {
		for (size_t j = 0; j < x->count[1]; j++) {
			unsigned similar = x->similar[i * x->count[1] + j], best;

			if (similar < least || !free_pair(x, i, j))
				continue;
			best = rival(x, i, j);
			if (margin ? similar >= best + margin : similar >= best) {
				take_renamed(x, i, j, !margin);
				break;
			}
		}
	}
}

/* Do two columns have so few values that these tell nothing? */
static bool say_little(const struct tally_contents *x, size_t i, size_t j)
{
	return x->m->n[0] == x->m->n[1] && x->m->n[0] > 1 && x->sketch[0].of[i].filled <= FEW &&
	       x->sketch[1].of[j].filled <= FEW;
}

/* By place: stands nothing but columns that stayed, or have none on either side, next to what is left at it? NULL: no memory. */
static uint8_t *between_stayed(const struct tally_matching *m)
{
	uint32_t n = m->n[0] < m->n[1] ? m->n[0] : m->n[1];
	uint8_t *stayed = tally_alloc_zero((size_t)n + 1, sizeof *stayed);
	bool left = true, right = m->n[0] == m->n[1];

	for (uint32_t i = 0; stayed && i < n; i++) {
		if (m->to[0][i] == NONE && m->to[1][i] == NONE)
			stayed[i] = left;
		else
			left = m->to[0][i] == i;
	}
	for (uint32_t i = n; stayed && i-- > 0;) {
		if (m->to[0][i] == NONE && m->to[1][i] == NONE)
			stayed[i] = stayed[i] && right;
		else
			right = m->to[0][i] == i;
	}
	return stayed;
}

/* Between columns that stayed, a name that was cleared or is new names what stood there, as do a few values that are alike. */
static bool is_the_same(const struct tally_contents *x, size_t i, size_t j)
{
	const struct tally_table_side *side = x->m->c->side;
	uint32_t at = x->list[0][i];

	return (side[0].header && side[1].header && (!*side[0].names[at] || !*side[1].names[at])) ||
	       x->similar[i * x->count[1] + j] >= AMONG_STAYED;
}

/* Leftovers of both sides at one place. @stayed  by place */
static void take_in_place(struct tally_contents *x, const uint8_t *stayed)
{
	for (size_t i = 0, j = 0; i < x->count[0] && j < x->count[1];) {
		uint32_t before = x->list[0][i], after = x->list[1][j];
		unsigned similar = x->similar[i * x->count[1] + j];

		if (before == after && free_pair(x, i, j) &&
		    ((similar >= rival(x, i, j) && (similar >= IN_PLACE || say_little(x, i, j))) ||
		     (stayed[before] && (is_the_same(x, i, j) || say_little(x, i, j)))))
			take_renamed(x, i, j, false);
		i += before <= after;
		j += after <= before;
	}
}

static enum tally_status left_in_place(struct tally_contents *x, struct tally_err *err)
{
	uint8_t *stayed = between_stayed(x->m);

	if (!stayed)
		return tally_err_nomem(err);
	take_in_place(x, stayed);
	tally_free(stayed);
	return TALLY_OK;
}

enum tally_status tally_match_contents(struct tally_matching *m, struct tally_err *err)
{
	struct tally_contents x;
	enum tally_status st = tally_contents_init(&x, m, TALLY_COLUMNS_FREE, SKETCH_ROWS,
	                                           SKETCH_CELLS, err);

	if (st == TALLY_OK && x.count[0] && x.count[1]) {
		st = compare_contents(&x, err);
		if (st == TALLY_OK) {
			take_similar(&x, TALLY_COLUMN_SURE, TALLY_COLUMN_MARGIN);
			take_similar(&x, LIKELY, LIKELY_MARGIN);
			take_similar(&x, TALLY_COLUMN_SURE, 0);
			st = left_in_place(&x, err);
		}
	}
	tally_contents_release(&x);
	return st;
}

/* ---- names that say little ---- */

static bool stayed(const struct tally_contents *x, uint32_t column)
{
	return column < x->m->n[0] && column < x->m->n[1] &&
	       similarity(x, column, column) >= TALLY_COLUMN_SURE;
}

/* A name that stands above other values now, while its values, or those it has now, stand where they stood. */
static bool name_went(const struct tally_contents *x, uint32_t before, uint32_t after)
{
	return before != after && similarity(x, before, after) < TALLY_COLUMN_STRANGE &&
	       (stayed(x, before) || stayed(x, after));
}

/* @doubted  set where a name was found to be another column's now */
enum tally_status tally_doubt_names(struct tally_matching *m, bool *doubted, struct tally_err *err)
{
	struct tally_contents x = { .m = m };
	enum tally_status st = TALLY_OK;
	bool went = false;

	for (uint32_t i = 0; i < m->n[0]; i++)
		went |= m->to[0][i] != NONE && m->to[0][i] != i;
	if (went)
		st = tally_contents_init(&x, m, TALLY_COLUMNS_ALL, TALLY_GLANCE_ROWS,
		                         TALLY_GLANCE_CELLS, err);
	for (uint32_t i = 0; went && st == TALLY_OK && i < m->n[0]; i++) {
		uint32_t after = m->to[0][i];

		if (after == NONE || !name_went(&x, i, after))
			continue;
		m->to[0][i] = m->to[1][after] = NONE;
		*doubted = true;
	}
	tally_contents_release(&x);
	return st;
}

static uint32_t pair_score(const struct tally_contents *x, size_t i, size_t j)
{
	const struct tally_matching *m = x->m;
	uint32_t before = x->list[0][i], after = x->list[1][j],
		 similar = x->similar[i * x->count[1] + j];
	bool same = !strcmp(m->c->side[0].names[before], m->c->side[1].names[after]);

	if (!same && similar < LIKELY)
		return 0;
	return similar + (same ? SAME_NAME : 0) + (before == after ? SAME_PLACE : 0);
}

static void take_scored(struct tally_contents *x, size_t i, size_t j)
{
	const struct tally_matching *m = x->m;

	take_renamed(x, i, j, false);
	m->renamed[x->list[0][i]] = strcmp(m->c->side[0].names[x->list[0][i]],
	                                   m->c->side[1].names[x->list[1][j]]) != 0;
}

/* Pairs that keep the order of columns, those with the highest sum of scores. */
static enum tally_status take_in_order(struct tally_contents *x, struct tally_err *err)
{
	size_t n = x->count[0], wide = x->count[1] + 1, i = 0, j = 0;
	uint32_t *best = tally_alloc_zero((n + 1) * wide, sizeof *best); /* from here to the end */

	if (!best)
		return tally_err_nomem(err);
	for (i = n; i-- > 0;)
		for (j = wide - 1; j-- > 0;) {
			uint32_t *here = &best[i * wide + j], score = pair_score(x, i, j);

			*here = here[1] > here[wide] ? here[1] : here[wide];
			if (score && here[wide + 1] + score > *here)
				*here = here[wide + 1] + score;
		}
	for (i = j = 0; i < n && j + 1 < wide;) {
		const uint32_t *here = &best[i * wide + j];
		uint32_t score = pair_score(x, i, j);

		if (score && *here == here[wide + 1] + score) {
			take_scored(x, i, j);
			i++;
			j++;
		} else if (*here == here[wide]) {
			i++;
		} else {
			j++;
		}
	}
	tally_free(best);
	return TALLY_OK;
}

enum tally_status tally_match_in_order(struct tally_matching *m, struct tally_err *err)
{
	struct tally_contents x;
	enum tally_status st = tally_contents_init(&x, m, TALLY_COLUMNS_FREE, TALLY_GLANCE_ROWS,
	                                           TALLY_GLANCE_CELLS, err);

	if (st == TALLY_OK && x.count[0] && x.count[1] && x.count[0] * x.count[1] <= PAIRS_MOST) {
		st = compare_contents(&x, err);
		if (st == TALLY_OK)
			st = take_in_order(&x, err);
	}
	tally_contents_release(&x);
	return st;
}
