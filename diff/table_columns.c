/*
 * Which column is which: by names that stand once on both sides, unless contents say that the name is another column's now;
 * where names repeat, by content, name and place together; what is left by name in order, then by content.
 */
#include "diff/table_work.h"

#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/mem.h"
#include "diff/align.h"
#include "diff/table_sketch.h"

#define NONE TALLY_NO_COLUMN

enum {
	SURE = 800,   /* similarity from which a leftover column is the same one */
	MARGIN = 100, /* and by how much it must beat the next best */
	LIKELY = 500, /* similarity that is enough with LIKELY_MARGIN */
	LIKELY_MARGIN = 300,
	SAME_NAME = 400, /* what a name that repeats, or is empty, adds to similarity */
	SAME_PLACE = 50, /* and what the place does: it decides between equals */
	IN_PLACE = 400,  /* similarity that is enough for two leftovers at one place */
	FEW = 3,         /* values that say too little of a column: then its place does */
	STRANGE = 300,   /* below this a column's contents are not what its name promises */
	SKETCH_ROWS = 1 << 20,
	SKETCH_CELLS = 1 << 24,
	GLANCE_CELLS = 20000, /* cells looked at for swapped contents, which concerns every comparison */
	GLANCE_ROWS = 1000,
	PAIRS_MOST = 1 << 16, /* leftover pairs of columns compared; beyond that only near ones */
	WINDOW = 8,
};

/* While columns are matched: for each of the before side its column on the after side, and how that was found. */
struct matching {
	struct tally_comparison *c;
	uint32_t n[2];
	uint32_t *to[2]; /* by column: the other side's, or NONE */
	uint32_t *content; /* before → after by content, where contents were swapped; otherwise as to[0] */
	uint16_t *similar; /* by before column: of renamed ones */
	uint8_t *renamed;  /* by before column: 1 renamed, 2 ambiguously */
	size_t changes_cap;
};

static void match(struct matching *m, uint32_t before, uint32_t after)
{
	m->to[0][before] = after;
	m->to[1][after] = before;
}

/* ---- by name ---- */

struct named {
	const char *name;
	uint32_t column;
};

static int by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->column > y->column) - (x->column < y->column);
}

/* "First Name", "first_name" and " FIRST-NAME" are one name in other clothes. */
static char *plain_name(struct tally_arena *arena, const char *name)
{
	char *plain = tally_arena_dup(arena, name, strlen(name));
	size_t n = 0;

	if (!plain)
		return NULL;
	for (const char *p = name; *p; p++)
		if (!strchr(" _-.\t", *p))
			plain[n++] = tally_lower(*p);
	plain[n] = '\0';
	return plain;
}

/* Unmatched columns of a side by name. @return NULL: no memory */
static struct named *list_names(const struct matching *m, int side, bool plain,
                                struct tally_arena *arena, size_t *count)
{
	struct named *list = tally_alloc(m->n[side] * sizeof *list);

	*count = 0;
	for (uint32_t i = 0; list && i < m->n[side]; i++) {
		struct named *item = &list[*count];

		if (m->to[side][i] != NONE)
			continue;
		item->column = i;
		item->name = plain ? plain_name(arena, m->c->side[side].names[i])
		                   : m->c->side[side].names[i];
		if (!item->name) {
			tally_free(list);
			return NULL;
		}
		*count += 1;
	}
	if (list)
		qsort(list, *count, sizeof *list, by_name);
	return list;
}

static size_t same_names(const struct named *list, size_t count, size_t at)
{
	size_t n = 1;

	while (at + n < count && !strcmp(list[at].name, list[at + n].name))
		n++;
	return n;
}

enum names {
	NAMES_ONCE,     /* that stand once on both sides */
	NAMES_IN_ORDER, /* the first of several with the first */
	NAMES_PLAIN, /* in other clothes: only where they are the only ones, and they count as renamed */
};

/* @repeated  set where names stand more than once; NULL: not asked for */
static enum tally_status match_names(struct matching *m, enum names how, bool *repeated,
                                     struct tally_err *err)
{
	struct tally_arena arena = TALLY_ARENA_INIT;
	size_t na = 0, nb = 0, i = 0, j = 0;
	bool plain = how == NAMES_PLAIN;
	struct named *a = list_names(m, 0, plain, &arena, &na),
		     *b = list_names(m, 1, plain, &arena, &nb);
	enum tally_status st = a && b ? TALLY_OK : tally_err_nomem(err);

	while (st == TALLY_OK && i < na && j < nb) {
		int order = strcmp(a[i].name, b[j].name);
		size_t same_a = same_names(a, na, i), same_b = same_names(b, nb, j);

		bool several = same_a > 1 || same_b > 1;

		if (repeated)
			*repeated |= order == 0 && several;
		if (order == 0 && how != NAMES_IN_ORDER && (several || (plain && !*a[i].name)))
			order = 0; /* not a name to go by */
		else if (order == 0)
			for (size_t k = 0; k < same_a && k < same_b; k++) {
				match(m, a[i + k].column, b[j + k].column);
				m->renamed[a[i + k].column] = plain;
				m->similar[a[i + k].column] = plain ? 1000 : 0;
			}
		i += order <= 0 ? same_a : 0;
		j += order >= 0 ? same_b : 0;
	}
	tally_free(a);
	tally_free(b);
	tally_arena_release(&arena);
	return st;
}

/* ---- by content ---- */

struct contents {
	struct matching *m;
	uint32_t *list[2];
	size_t count[2];
	struct tally_column_sketches sketch[2];
	uint16_t *similar; /* count[0] × count[1], or NULL: too many, compared near their place only */
};

static void contents_release(struct contents *x)
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

enum columns { COLUMNS_FREE, COLUMNS_MATCHED, COLUMNS_ALL };

static enum tally_status contents_init(struct contents *x, struct matching *m, enum columns which,
                                       uint32_t rows, size_t cells, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	*x = (struct contents){ .m = m };
	for (int side = 0; side < 2; side++) {
		x->list[side] = tally_alloc(m->n[side] * sizeof *x->list[side]);
		if (!x->list[side])
			return tally_err_nomem(err);
		for (uint32_t i = 0; i < m->n[side]; i++)
			if (which == COLUMNS_ALL ||
			    (m->to[side][i] != NONE) == (which == COLUMNS_MATCHED))
				x->list[side][x->count[side]++] = i;
	}
	if (which == COLUMNS_MATCHED) /* pairs stand at one place in both lists */
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
static uint16_t similarity(const struct contents *x, size_t i, size_t j)
{
	const struct tally_column_sketch *a = &x->sketch[0].of[i], *b = &x->sketch[1].of[j];

	if (!a->filled && !b->filled)
		return x->list[0][i] == x->list[1][j] ? LIKELY : 0;
	return (uint16_t)tally_column_similarity(a, b);
}

static enum tally_status compare_contents(struct contents *x, struct tally_err *err)
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

static bool free_pair(const struct contents *x, size_t i, size_t j)
{
	return x->m->to[0][x->list[0][i]] == NONE && x->m->to[1][x->list[1][j]] == NONE;
}

/* The best rival of a pair: another free column on either side. */
static unsigned rival(const struct contents *x, size_t i, size_t j)
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

static void take_renamed(struct contents *x, size_t i, size_t j, bool ambiguous)
{
	uint32_t before = x->list[0][i];

	match(x->m, before, x->list[1][j]);
	x->m->renamed[before] = ambiguous ? 2 : 1;
	x->m->similar[before] = x->similar[i * x->count[1] + j];
}

/* @margin  by which a pair must beat its rivals; 0: take it in any case, and say that it is ambiguous */
static void take_similar(struct contents *x, unsigned least, unsigned margin)
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
static bool say_little(const struct contents *x, size_t i, size_t j)
{
	return x->m->n[0] == x->m->n[1] && x->m->n[0] > 1 && x->sketch[0].of[i].filled <= FEW &&
	       x->sketch[1].of[j].filled <= FEW;
}

/* Leftovers of both sides at one place. */
static void take_in_place(struct contents *x)
{
	for (size_t i = 0, j = 0; i < x->count[0] && j < x->count[1];) {
		uint32_t before = x->list[0][i], after = x->list[1][j];
		unsigned similar = x->similar[i * x->count[1] + j];

		if (before == after && free_pair(x, i, j) && similar >= rival(x, i, j) &&
		    (similar >= IN_PLACE || say_little(x, i, j)))
			take_renamed(x, i, j, false);
		i += before <= after;
		j += after <= before;
	}
}

static enum tally_status match_contents(struct matching *m, struct tally_err *err)
{
	struct contents x;
	enum tally_status st = contents_init(&x, m, COLUMNS_FREE, SKETCH_ROWS, SKETCH_CELLS, err);

	if (st == TALLY_OK && x.count[0] && x.count[1]) {
		st = compare_contents(&x, err);
		if (st == TALLY_OK) {
			take_similar(&x, SURE, MARGIN);
			take_similar(&x, LIKELY, LIKELY_MARGIN);
			take_similar(&x, SURE, 0);
			take_in_place(&x);
		}
	}
	contents_release(&x);
	return st;
}

/* ---- names that say little ---- */

/* The same columns under the same names: nothing to find out. */
static bool same_names_in_place(const struct matching *m)
{
	for (uint32_t i = 0; i < m->n[0] && m->n[0] == m->n[1]; i++)
		if (strcmp(m->c->side[0].names[i], m->c->side[1].names[i]) != 0)
			return false;
	return m->n[0] == m->n[1];
}

static bool stayed(const struct contents *x, uint32_t column)
{
	return column < x->m->n[0] && column < x->m->n[1] && similarity(x, column, column) >= SURE;
}

/* A name that stands above other values now, while its values, or those it has now, stand where they stood. */
static bool name_went(const struct contents *x, uint32_t before, uint32_t after)
{
	return before != after && similarity(x, before, after) < STRANGE &&
	       (stayed(x, before) || stayed(x, after));
}

/* @doubted  set where a name was found to be another column's now */
static enum tally_status doubt_names(struct matching *m, bool *doubted, struct tally_err *err)
{
	struct contents x = { .m = m };
	enum tally_status st = TALLY_OK;
	bool went = false;

	for (uint32_t i = 0; i < m->n[0]; i++)
		went |= m->to[0][i] != NONE && m->to[0][i] != i;
	if (went)
		st = contents_init(&x, m, COLUMNS_ALL, GLANCE_ROWS, GLANCE_CELLS, err);
	for (uint32_t i = 0; went && st == TALLY_OK && i < m->n[0]; i++) {
		uint32_t after = m->to[0][i];

		if (after == NONE || !name_went(&x, i, after))
			continue;
		m->to[0][i] = m->to[1][after] = NONE;
		*doubted = true;
	}
	contents_release(&x);
	return st;
}

static uint32_t pair_score(const struct contents *x, size_t i, size_t j)
{
	const struct matching *m = x->m;
	uint32_t before = x->list[0][i], after = x->list[1][j],
		 similar = x->similar[i * x->count[1] + j];
	bool same = !strcmp(m->c->side[0].names[before], m->c->side[1].names[after]);

	if (!same && similar < LIKELY)
		return 0;
	return similar + (same ? SAME_NAME : 0) + (before == after ? SAME_PLACE : 0);
}

static void take_scored(struct contents *x, size_t i, size_t j)
{
	const struct matching *m = x->m;

	take_renamed(x, i, j, false);
	m->renamed[x->list[0][i]] = strcmp(m->c->side[0].names[x->list[0][i]],
	                                   m->c->side[1].names[x->list[1][j]]) != 0;
}

/* Pairs that keep the order of columns, those with the highest sum of scores. */
static enum tally_status take_in_order(struct contents *x, struct tally_err *err)
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

static enum tally_status match_in_order(struct matching *m, struct tally_err *err)
{
	struct contents x;
	enum tally_status st = contents_init(&x, m, COLUMNS_FREE, GLANCE_ROWS, GLANCE_CELLS, err);

	if (st == TALLY_OK && x.count[0] && x.count[1] && x.count[0] * x.count[1] <= PAIRS_MOST) {
		st = compare_contents(&x, err);
		if (st == TALLY_OK)
			st = take_in_order(&x, err);
	}
	contents_release(&x);
	return st;
}

static enum tally_status match_named(struct matching *m, struct tally_err *err)
{
	bool unsure = false;
	enum tally_status st = TALLY_OK;

	if (same_names_in_place(m)) {
		for (uint32_t i = 0; i < m->n[0]; i++)
			match(m, i, i);
		return TALLY_OK;
	}
	st = match_names(m, NAMES_ONCE, &unsure, err);
	if (st == TALLY_OK)
		st = doubt_names(m, &unsure, err);
	if (st == TALLY_OK && unsure)
		st = match_in_order(m, err);
	if (st == TALLY_OK)
		st = match_names(m, NAMES_IN_ORDER, NULL, err);
	if (st == TALLY_OK)
		st = match_names(m, NAMES_PLAIN, NULL, err);
	return st == TALLY_OK ? match_contents(m, err) : st;
}

/* ---- contents that changed places under their headers ---- */

/* The columns whose contents their name does not promise. */
static size_t find_strange(const struct contents *x, size_t *strange, size_t cap)
{
	size_t count = 0;

	for (size_t k = 0; k < x->count[0] && count < cap; k++) {
		const struct tally_column_sketch *a = &x->sketch[0].of[k], *b = &x->sketch[1].of[k];

		if (a->filled >= 3 && b->filled >= 3 && tally_column_similarity(a, b) < STRANGE)
			strange[count++] = k;
	}
	return count;
}

enum { STRANGE_MOST = 64 };

/* @return index into strange of the one column that has these contents now, or SIZE_MAX */
static size_t where_now(const struct contents *x, const size_t *strange, size_t count, size_t k)
{
	unsigned best = 0, second = 0;
	size_t found = SIZE_MAX;

	for (size_t i = 0; i < count; i++) {
		unsigned similar = i == k ? 0
		                          : tally_column_similarity(&x->sketch[0].of[strange[k]],
		                                                    &x->sketch[1].of[strange[i]]);

		if (similar > best) {
			second = best;
			best = similar;
			found = i;
		} else if (similar > second) {
			second = similar;
		}
	}
	return best >= SURE && best >= second + MARGIN ? found : SIZE_MAX;
}

static enum tally_status match_swapped(struct matching *m, struct tally_err *err)
{
	size_t strange[STRANGE_MOST], now[STRANGE_MOST], from[STRANGE_MOST];
	struct contents x;
	enum tally_status st = contents_init(&x, m, COLUMNS_MATCHED, GLANCE_ROWS, GLANCE_CELLS, err);
	size_t count = st == TALLY_OK && x.count[0] ? find_strange(&x, strange, STRANGE_MOST) : 0;

	for (size_t k = 0; k < count; k++)
		from[k] = SIZE_MAX;
	for (size_t k = 0; k < count; k++) {
		now[k] = where_now(&x, strange, count, k);
		if (now[k] != SIZE_MAX)
			from[now[k]] = from[now[k]] == SIZE_MAX ? k : SIZE_MAX - 1;
	}
	for (size_t k = 0; k < count; k++) {
		size_t at = k, steps = 0;

		/* only whole cycles: each one's contents must be in another of them */
		while (steps <= count && now[at] != SIZE_MAX && from[now[at]] == at) {
			at = now[at];
			steps++;
			if (at == k)
				break;
		}
		if (at == k && steps > 1)
			m->content[x.list[0][strange[k]]] = x.list[1][strange[now[k]]];
	}
	contents_release(&x);
	return st;
}

/* ---- without names ---- */

static enum tally_status match_nameless(struct matching *m, struct tally_err *err)
{
	uint32_t last = 0;

	if (m->n[0] != m->n[1]) {
		enum tally_status st = match_contents(m, err);

		if (st < 0)
			return st;
	}
	/* what is left between two matched columns goes by position */
	for (uint32_t i = 0; i < m->n[0]; i++) {
		if (m->to[0][i] != NONE) {
			last = m->to[0][i] + 1;
			continue;
		}
		if (m->n[0] != m->n[1] && m->c->side[0].rows && m->c->side[1].rows) {
			uint32_t ahead = i + 1;

			while (ahead < m->n[0] && m->to[0][ahead] == NONE)
				ahead++;
			/* as many on the other side? then they are the same ones */
			if (ahead < m->n[0] && m->to[0][ahead] - last != ahead - i)
				continue;
		}
		if (last < m->n[1] && m->to[1][last] == NONE)
			match(m, i, last++);
	}
	memset(m->renamed, 0, m->n[0]);
	return TALLY_OK;
}

/* ---- what to say about it ---- */

static enum tally_status add_change(struct matching *m, int kind, uint32_t before, uint32_t after,
                                    struct tally_err *err)
{
	struct tally_table_diff *d = m->c->d;
	struct tally_column_change *change = &d->columns[d->columns_len];

	if (d->columns_len == m->changes_cap)
		return tally_err_set(err, TALLY_FATAL, TALLY_REASON_NONE,
		                     "more column changes than columns");
	*change = (struct tally_column_change){ .index = after, .index_before = before };
	change->kind = kind;
	if (kind == TALLY_COLUMN_RENAMED) {
		change->similarity = m->similar[before];
		change->ambiguous = m->renamed[before] == 2;
	}
	change->name_before = before != NONE ? d->names_before[before] : NULL;
	change->name = after != NONE ? d->names[after] : change->name_before;
	d->columns_len++;
	return TALLY_OK;
}

/* Columns outside of the longest rising run of places. */
static enum tally_status find_moved(struct matching *m, uint8_t *moved, struct tally_err *err)
{
	uint32_t *places = tally_alloc(m->n[0] * sizeof *places);
	uint8_t *kept = tally_alloc(m->n[0]);
	enum tally_status st = places && kept ? TALLY_OK : tally_err_nomem(err);
	size_t count = 0;

	if (st == TALLY_OK) {
		for (uint32_t i = 0; i < m->n[0]; i++)
			if (m->to[0][i] != NONE)
				places[count++] = m->to[0][i];
		st = tally_longest_rising(places, count, kept, err);
		count = 0;
		for (uint32_t i = 0; st == TALLY_OK && i < m->n[0]; i++)
			moved[i] = m->to[0][i] != NONE && !kept[count++];
	}
	tally_free(places);
	tally_free(kept);
	return st;
}

/* A comma at the end of each line makes a column of a CSV that no sheet has: no name, and nothing in it. */
static enum tally_status is_nothing(const struct matching *m, int side, uint32_t column,
                                    bool *nothing, struct tally_err *err)
{
	const struct tally_table_side *s = &m->c->side[side];
	struct tally_row_reader r;
	enum tally_status st;

	*nothing = m->c->side[0].part->sheet != m->c->side[1].part->sheet && s->header &&
	           !*s->names[column];
	if (!*nothing)
		return TALLY_OK;
	st = tally_row_reader_init(&r, s, err);
	for (uint32_t row = 0; st == TALLY_OK && *nothing && row < s->rows; row++) {
		st = tally_row_read(&r, row, err);
		*nothing = !tally_cell_span(tally_row_cell(&r, column)).len;
	}
	tally_row_reader_release(&r);
	return st;
}

/* Columns of a side that the other one lacks */
static enum tally_status list_alone(struct matching *m, int side, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (uint32_t i = 0; st == TALLY_OK && i < m->n[side]; i++) {
		bool nothing = true;

		if (m->to[side][i] == NONE)
			st = is_nothing(m, side, i, &nothing, err);
		if (st == TALLY_OK && !nothing)
			st = side ? add_change(m, TALLY_COLUMN_ADDED, NONE, i, err)
			          : add_change(m, TALLY_COLUMN_REMOVED, i, NONE, err);
	}
	return st;
}

static enum tally_status list_changes(struct matching *m, struct tally_err *err)
{
	struct tally_table_diff *d = m->c->d;
	bool named = m->c->side[0].header && m->c->side[1].header;
	uint8_t *moved = tally_alloc_zero(m->n[0], 1);
	enum tally_status st = moved ? find_moved(m, moved, err) : tally_err_nomem(err);

	m->changes_cap = 3 * (size_t)m->n[0] + m->n[1];
	d->columns = tally_arena_zero(&d->arena, m->changes_cap, sizeof *d->columns);
	if (!d->columns)
		st = tally_err_nomem(err);
	for (int side = 0; st == TALLY_OK && side < 2; side++)
		st = list_alone(m, side, err);
	for (uint32_t i = 0; st == TALLY_OK && i < m->n[0]; i++) {
		if (m->to[0][i] == NONE)
			continue;
		if (m->renamed[i] && named)
			st = add_change(m, TALLY_COLUMN_RENAMED, i, m->to[0][i], err);
		if (st == TALLY_OK && moved[i])
			st = add_change(m, TALLY_COLUMN_MOVED, i, m->to[0][i], err);
		if (st == TALLY_OK && m->content[i] != m->to[0][i])
			st = add_change(m, named ? TALLY_COLUMN_SWAPPED : TALLY_COLUMN_MOVED, i,
			                m->content[i], err);
	}
	tally_free(moved);
	return st;
}

static enum tally_status make_pairs(struct matching *m, struct tally_err *err)
{
	struct tally_comparison *c = m->c;
	uint32_t more = tally_extra_columns(c);

	c->pairs = tally_alloc(((size_t)m->n[0] + more) * sizeof *c->pairs);
	if (!c->pairs)
		return tally_err_nomem(err);
	for (uint32_t i = 0; i < m->n[0]; i++)
		if (m->to[0][i] != NONE)
			c->pairs[c->pair_count++] = (struct tally_column_pair){ i, m->content[i] };
	c->base_pairs = c->pair_count;
	for (uint32_t k = 0; k < more; k++)
		c->pairs[c->pair_count++] = (struct tally_column_pair){ m->n[0] + k, m->n[1] + k };
	return TALLY_OK;
}

static bool matching_init(struct matching *m, struct tally_comparison *c)
{
	*m = (struct matching){ .c = c, .n = { c->side[0].base, c->side[1].base } };
	for (int side = 0; side < 2; side++) {
		m->to[side] = tally_alloc(m->n[side] * sizeof *m->to[side]);
		if (!m->to[side])
			return false;
		for (uint32_t i = 0; i < m->n[side]; i++)
			m->to[side][i] = NONE;
	}
	m->content = tally_alloc(m->n[0] * sizeof *m->content);
	m->similar = tally_alloc_zero(m->n[0], sizeof *m->similar);
	m->renamed = tally_alloc_zero(m->n[0], 1);
	return m->content && m->similar && m->renamed;
}

static void matching_release(struct matching *m)
{
	tally_free(m->to[0]);
	tally_free(m->to[1]);
	tally_free(m->content);
	tally_free(m->similar);
	tally_free(m->renamed);
}

static enum tally_status match_all(struct matching *m, struct tally_err *err)
{
	bool named = m->c->side[0].header && m->c->side[1].header;
	enum tally_status st = named ? match_named(m, err) : match_nameless(m, err);

	if (st < 0)
		return st;
	memcpy(m->content, m->to[0], m->n[0] * sizeof *m->content);
	return match_swapped(m, err);
}

/* A side without a header has the other side's names. */
static void lend_names(struct matching *m)
{
	int from = m->c->side[0].header ? 0 : 1;

	for (uint32_t i = 0; i < m->n[from]; i++)
		if (m->to[from][i] != NONE)
			m->c->side[1 - from].names[m->to[from][i]] = m->c->side[from].names[i];
}

enum tally_status tally_compare_columns(struct tally_comparison *c, struct tally_err *err)
{
	struct tally_table_diff *d = c->d;
	struct matching m = { 0 };
	enum tally_status st = tally_measure_columns(c, err);

	if (st < 0)
		return st;
	d->names_before = c->side[0].names;
	d->names = c->side[1].names;
	d->column_count_before = c->side[0].base + tally_extra_columns(c);
	d->column_count = c->side[1].base + tally_extra_columns(c);
	if (!matching_init(&m, c))
		st = tally_err_nomem(err);
	if (st == TALLY_OK)
		st = match_all(&m, err);
	if (st == TALLY_OK && c->side[0].header != c->side[1].header)
		lend_names(&m);
	if (st == TALLY_OK)
		st = list_changes(&m, err);
	if (st == TALLY_OK)
		st = make_pairs(&m, err);
	matching_release(&m);
	return st;
}
