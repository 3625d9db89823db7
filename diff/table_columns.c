/*
 * Which column is which: by names that stand once on both sides, unless contents say that the name is another column's now;
 * where names repeat, by content, name and place together; what is left by name in order, then by content.
 */
#include "diff/table_columns.h"

#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/mem.h"
#include "diff/align.h"

#define NONE TALLY_NO_COLUMN

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
static struct named *list_names(const struct tally_matching *m, int side, bool plain,
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
static enum tally_status match_names(struct tally_matching *m, enum names how, bool *repeated,
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
				tally_match(m, a[i + k].column, b[j + k].column);
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

/* The same columns under the same names: nothing to find out. */
static bool same_names_in_place(const struct tally_matching *m)
{
	for (uint32_t i = 0; i < m->n[0] && m->n[0] == m->n[1]; i++)
		if (strcmp(m->c->side[0].names[i], m->c->side[1].names[i]) != 0)
			return false;
	return m->n[0] == m->n[1];
}

static enum tally_status match_named(struct tally_matching *m, struct tally_err *err)
{
	bool unsure = false;
	enum tally_status st = TALLY_OK;

	if (same_names_in_place(m)) {
		for (uint32_t i = 0; i < m->n[0]; i++)
			tally_match(m, i, i);
		return TALLY_OK;
	}
	st = match_names(m, NAMES_ONCE, &unsure, err);
	if (st == TALLY_OK)
		st = tally_doubt_names(m, &unsure, err);
	if (st == TALLY_OK && unsure)
		st = tally_match_in_order(m, err);
	if (st == TALLY_OK)
		st = match_names(m, NAMES_IN_ORDER, NULL, err);
	if (st == TALLY_OK)
		st = match_names(m, NAMES_PLAIN, NULL, err);
	return st == TALLY_OK ? tally_match_contents(m, err) : st;
}

/* ---- without names ---- */

/* Did all columns of the narrower side stay where they were? */
static bool all_stayed(const struct tally_matching *m)
{
	uint32_t least = m->n[0] < m->n[1] ? m->n[0] : m->n[1];

	for (uint32_t i = 0; i < least; i++)
		if (m->to[0][i] != m->to[1][i] || (m->to[0][i] != NONE && m->to[0][i] != i))
			return false;
	return true;
}

/*
 * Columns of a sheet without names are their places. A few values that are gone at the right edge, or new there, are cells
 * then, and no columns.
 */
static enum tally_status few_at_the_edge(struct tally_matching *m, struct tally_err *err)
{
	const struct tally_comparison *c = m->c;
	int wide = m->n[1] > m->n[0];
	uint32_t from = m->n[1 - wide], filled = 0;
	struct tally_row_reader r;
	enum tally_status st;

	if (!c->side[0].part->sheet || !c->side[1].part->sheet || c->side[0].header ||
	    c->side[1].header || !from || !all_stayed(m))
		return TALLY_OK;
	st = tally_row_reader_init(&r, &c->side[wide], err);
	for (uint32_t row = 0;
	     st == TALLY_OK && row < c->side[wide].rows && filled < TALLY_REWRITE_LEAST; row++) {
		st = tally_row_read(&r, row, err);
		for (uint32_t i = from; st == TALLY_OK && i < m->n[wide] && i < r.filled; i++)
			filled += !tally_cell_blank(c, &r.cells[i]);
	}
	tally_row_reader_release(&r);
	m->widen = st == TALLY_OK && filled < TALLY_REWRITE_LEAST;
	return st;
}

static enum tally_status match_nameless(struct tally_matching *m, struct tally_err *err)
{
	uint32_t last = 0;

	if (m->n[0] != m->n[1]) {
		enum tally_status st = tally_match_contents(m, err);

		if (st == TALLY_OK)
			st = few_at_the_edge(m, err);
		if (st < 0 || m->widen)
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
			tally_match(m, i, last++);
	}
	memset(m->renamed, 0, m->n[0]);
	return TALLY_OK;
}

/* ---- what to say about it ---- */

static enum tally_status add_change(struct tally_matching *m, int kind, uint32_t before,
                                    uint32_t after, struct tally_err *err)
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
static enum tally_status find_moved(struct tally_matching *m, uint8_t *moved, struct tally_err *err)
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

/* Does a column stand to the right of all that the other side has as well? */
static bool beyond_all(const struct tally_matching *m, int side, uint32_t column)
{
	while (column < m->n[side] && m->to[side][column] == NONE)
		column++;
	return column == m->n[side];
}

/*
 * A comma at the end of each line makes a column of a CSV that no sheet has: no name, and nothing in it. Nor is there a column
 * in a sheet without names where it has no cell, up to one at the right edge.
 */
static enum tally_status is_nothing(const struct tally_matching *m, int side, uint32_t column,
                                    bool *nothing, struct tally_err *err)
{
	const struct tally_table_side *s = &m->c->side[side];
	struct tally_row_reader r;
	enum tally_status st;

	*nothing = (m->c->side[0].part->sheet != m->c->side[1].part->sheet && s->header &&
	            !*s->names[column]) ||
	           (m->c->side[0].part->sheet && m->c->side[1].part->sheet && !s->header &&
	            beyond_all(m, side, column));
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
static enum tally_status list_alone(struct tally_matching *m, int side, struct tally_err *err)
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

static enum tally_status list_changes(struct tally_matching *m, struct tally_err *err)
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

static enum tally_status make_pairs(struct tally_matching *m, struct tally_err *err)
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

static bool matching_init(struct tally_matching *m, struct tally_comparison *c)
{
	*m = (struct tally_matching){ .c = c, .n = { c->side[0].base, c->side[1].base } };
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

static void matching_release(struct tally_matching *m)
{
	tally_free(m->to[0]);
	tally_free(m->to[1]);
	tally_free(m->content);
	tally_free(m->similar);
	tally_free(m->renamed);
}

static enum tally_status match_all(struct tally_matching *m, struct tally_err *err)
{
	bool named = m->c->side[0].header && m->c->side[1].header;
	enum tally_status st = named ? match_named(m, err) : match_nameless(m, err);

	if (st < 0 || m->widen)
		return st;
	memcpy(m->content, m->to[0], m->n[0] * sizeof *m->content);
	return tally_match_swapped(m, err);
}

/* A side without a header has the other side's names. */
static void lend_names(struct tally_matching *m)
{
	int from = m->c->side[0].header ? 0 : 1;

	for (uint32_t i = 0; i < m->n[from]; i++)
		if (m->to[from][i] != NONE)
			m->c->side[1 - from].names[m->to[from][i]] = m->c->side[from].names[i];
}

/* With both sides of one width: what is left has its place. */
static enum tally_status begin_again(struct tally_matching *m, struct tally_err *err)
{
	struct tally_comparison *c = m->c;
	enum tally_status st = tally_widen_columns(c, err);

	matching_release(m);
	if (!matching_init(m, c))
		st = tally_err_nomem(err);
	return st == TALLY_OK ? match_all(m, err) : st;
}

enum tally_status tally_compare_columns(struct tally_comparison *c, struct tally_err *err)
{
	struct tally_table_diff *d = c->d;
	struct tally_matching m = { 0 };
	enum tally_status st = tally_measure_columns(c, err);

	if (st < 0)
		return st;
	if (!matching_init(&m, c))
		st = tally_err_nomem(err);
	if (st == TALLY_OK)
		st = match_all(&m, err);
	if (st == TALLY_OK && m.widen)
		st = begin_again(&m, err);
	d->names_before = c->side[0].names;
	d->names = c->side[1].names;
	d->column_count_before = c->side[0].base + tally_extra_columns(c);
	d->column_count = c->side[1].base + tally_extra_columns(c);
	if (st == TALLY_OK && c->side[0].header != c->side[1].header)
		lend_names(&m);
	if (st == TALLY_OK)
		st = list_changes(&m, err);
	if (st == TALLY_OK)
		st = make_pairs(&m, err);
	matching_release(&m);
	return st;
}
