/* Which column is which: by name, duplicate names by order, then by content. */
#include "diff/table_work.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "diff/align.h"
#include "diff/table_sketch.h"

#define NONE TALLY_NO_COLUMN

enum {
	SURE = 800,   /* similarity from which a leftover column is the same one */
	MARGIN = 100, /* and by how much it must beat the next best */
	LIKELY = 500, /* similarity that is enough with LIKELY_MARGIN */
	LIKELY_MARGIN = 300,
	LAST_PAIR = 400, /* similarity that is enough for the only two leftovers at one place */
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
			plain[n++] = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
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

/* @plain  names in other clothes: only where they are the only ones, and they count as renamed */
static enum tally_status match_names(struct matching *m, bool plain, struct tally_err *err)
{
	struct tally_arena arena = TALLY_ARENA_INIT;
	size_t na = 0, nb = 0, i = 0, j = 0;
	struct named *a = list_names(m, 0, plain, &arena, &na),
		     *b = list_names(m, 1, plain, &arena, &nb);
	enum tally_status st = a && b ? TALLY_OK : tally_err_nomem(err);

	while (st == TALLY_OK && i < na && j < nb) {
		int order = strcmp(a[i].name, b[j].name);
		size_t same_a = same_names(a, na, i), same_b = same_names(b, nb, j);

		if (order == 0 && plain && (same_a > 1 || same_b > 1 || !*a[i].name))
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

/* @which  columns of the before side by their match: true for those that have one */
static enum tally_status contents_init(struct contents *x, struct matching *m, bool matched,
                                       uint32_t rows, size_t cells, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	*x = (struct contents){ .m = m };
	for (int side = 0; side < 2; side++) {
		x->list[side] = tally_alloc(m->n[side] * sizeof *x->list[side]);
		if (!x->list[side])
			return tally_err_nomem(err);
		for (uint32_t i = 0; i < m->n[side]; i++)
			if ((m->to[side][i] != NONE) == matched)
				x->list[side][x->count[side]++] = i;
	}
	if (matched) /* pairs stand at one place in both lists */
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
			x->similar[i * x->count[1] + j] = (uint16_t)tally_column_similarity(
				&x->sketch[0].of[i], &x->sketch[1].of[j]);
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

/* The only leftover on both sides, at one place. */
static void take_last_pair(struct contents *x)
{
	size_t last[2] = { SIZE_MAX, SIZE_MAX }, left[2] = { 0, 0 };
	const struct matching *m = x->m;

	for (int side = 0; side < 2; side++) {
		for (size_t i = 0; i < x->count[side]; i++) {
			if (m->to[side][x->list[side][i]] != NONE)
				continue;
			last[side] = i;
			left[side]++;
		}
	}
	if (left[0] != 1 || left[1] != 1 || x->similar[last[0] * x->count[1] + last[1]] < LAST_PAIR)
		return;
	if (x->list[0][last[0]] == x->list[1][last[1]])
		take_renamed(x, last[0], last[1], false);
}

static enum tally_status match_contents(struct matching *m, struct tally_err *err)
{
	struct contents x;
	enum tally_status st = contents_init(&x, m, false, SKETCH_ROWS, SKETCH_CELLS, err);

	if (st == TALLY_OK && x.count[0] && x.count[1]) {
		st = compare_contents(&x, err);
		if (st == TALLY_OK) {
			take_similar(&x, SURE, MARGIN);
			take_similar(&x, LIKELY, LIKELY_MARGIN);
			take_similar(&x, SURE, 0);
			take_last_pair(&x);
		}
	}
	contents_release(&x);
	return st;
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
	enum tally_status st = contents_init(&x, m, true, GLANCE_ROWS, GLANCE_CELLS, err);
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
	for (uint32_t i = 0; st == TALLY_OK && i < m->n[0]; i++)
		if (m->to[0][i] == NONE)
			st = add_change(m, TALLY_COLUMN_REMOVED, i, NONE, err);
	for (uint32_t j = 0; st == TALLY_OK && j < m->n[1]; j++)
		if (m->to[1][j] == NONE)
			st = add_change(m, TALLY_COLUMN_ADDED, NONE, j, err);
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

static uint32_t extras(const struct tally_comparison *c)
{
	uint32_t a = c->side[0].columns - c->side[0].base, b = c->side[1].columns - c->side[1].base;

	return a > b ? a : b;
}

static enum tally_status make_pairs(struct matching *m, struct tally_err *err)
{
	struct tally_comparison *c = m->c;
	uint32_t more = extras(c);

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

/* ---- sides ---- */

/* The number of cells that most rows have, among the first ones. */
static enum tally_status usual_width(struct tally_table_side *s, struct tally_err *err)
{
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, s, err);
	uint32_t *seen = tally_alloc_zero(s->cap + (size_t)1, sizeof *seen), best = s->cap;

	if (st == TALLY_OK && !seen)
		st = tally_err_nomem(err);
	for (uint32_t row = 0; st == TALLY_OK && row < s->rows && row < GLANCE_ROWS; row++) {
		st = tally_row_read(&r, row, err);
		if (st == TALLY_OK)
			seen[r.filled]++;
	}
	for (uint32_t w = s->cap; st == TALLY_OK && w > 0; w--)
		if (seen[w] > seen[best])
			best = w;
	s->base = best;
	tally_free(seen);
	tally_row_reader_release(&r);
	return st;
}

static enum tally_status header_width(struct tally_table_side *s, struct tally_err *err)
{
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, s, err);

	if (st == TALLY_OK)
		st = tally_row_read_raw(&r, s->part->header_row, err);
	if (st == TALLY_OK)
		s->base = (uint32_t)r.filled;
	tally_row_reader_release(&r);
	return st;
}

static enum tally_status name_columns(struct tally_comparison *c, int side, struct tally_err *err)
{
	struct tally_table_side *s = &c->side[side];
	struct tally_arena *arena = &c->d->arena;
	uint32_t count = s->base + extras(c);
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, s, err);

	s->names = tally_arena_alloc(arena, (count + (size_t)1) * sizeof *s->names);
	if (st == TALLY_OK && !s->names)
		st = tally_err_nomem(err);
	if (st == TALLY_OK && s->header)
		st = tally_row_read_raw(&r, s->part->header_row, err);
	for (uint32_t i = 0; st == TALLY_OK && i < count; i++) {
		struct tally_span name = tally_cell_span(tally_row_cell(&r, i));

		s->names[i] = s->header && i < s->base
		                      ? tally_arena_dup(arena, name.at, name.len)
		                      : tally_arena_printf(arena, "column %u", i + 1);
		if (!s->names[i])
			st = tally_err_nomem(err);
	}
	tally_row_reader_release(&r);
	return st;
}

/* A name that a formula makes, and that nobody computed on one side, is that of the other side. */
static enum tally_status name_not_computed(struct tally_comparison *c, struct tally_err *err)
{
	struct tally_table_side *a = &c->side[0], *b = &c->side[1];
	struct tally_row_reader r[2];
	enum tally_status st = tally_row_reader_init(&r[0], a, err);
	enum tally_status second = tally_row_reader_init(&r[1], b, err);

	st = st < 0 ? st : second;
	if (st == TALLY_OK)
		st = tally_row_read_raw(&r[0], a->part->header_row, err);
	if (st == TALLY_OK)
		st = tally_row_read_raw(&r[1], b->part->header_row, err);
	for (uint32_t i = 0; st == TALLY_OK && i < a->base && i < b->base; i++) {
		const struct tally_cell *x = tally_row_cell(&r[0], i), *y = tally_row_cell(&r[1], i);

		if (!x->formula || !tally_same_formula(x, y))
			continue;
		if (tally_cell_missing(x))
			a->names[i] = b->names[i];
		else if (tally_cell_missing(y))
			b->names[i] = a->names[i];
	}
	tally_row_reader_release(&r[0]);
	tally_row_reader_release(&r[1]);
	return st;
}

static enum tally_status measure(struct tally_comparison *c, int side, struct tally_err *err)
{
	struct tally_table_side *s = &c->side[side];
	uint64_t most = c->limits->table_columns;
	enum tally_status st;

	if (most > UINT32_MAX / 4)
		most = UINT32_MAX / 4;
	s->cap = s->part->columns > most ? (uint32_t)most : (uint32_t)s->part->columns;
	st = s->header ? header_width(s, err) : usual_width(s, err);
	s->columns = s->cap > s->base ? s->cap : s->base;
	if (st == TALLY_OK && s->part->columns > most)
		st = tally_table_problem(c, side, "limit", 0, 1,
		                         "cells beyond the limit table_columns were not compared",
		                         err);
	return st;
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
	enum tally_status st = named ? match_names(m, false, err) : match_nameless(m, err);

	if (st == TALLY_OK && named)
		st = match_names(m, true, err);
	if (st == TALLY_OK && named)
		st = match_contents(m, err);
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
	enum tally_status st = measure(c, 0, err);

	if (st == TALLY_OK)
		st = measure(c, 1, err);
	if (st == TALLY_OK)
		st = name_columns(c, 0, err);
	if (st == TALLY_OK)
		st = name_columns(c, 1, err);
	if (st == TALLY_OK && c->formulas && c->side[0].header && c->side[1].header)
		st = name_not_computed(c, err);
	if (st < 0)
		return st;
	d->names_before = c->side[0].names;
	d->names = c->side[1].names;
	d->column_count_before = c->side[0].base + extras(c);
	d->column_count = c->side[1].base + extras(c);
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
