/* What the changed cells of a column have in common: shifted, permuted, the same rewrite many times. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "diff/table_work.h"

enum {
	EXAMPLES = 3,
	PERMUTED_LEAST = 3,      /* changed cells */
	PERMUTED_VALUES = 5,     /* different values among them that cannot be chance, */
	PERMUTED_FEW_VALUES = 3, /* or so many when there are PERMUTED_MANY cells */
	PERMUTED_MANY = 12,
	PAIR_REWRITES = 10, /* "open → closed": lines for one column */
};

/* Changed cells by column. */
struct explain {
	struct tally_comparison *c;
	size_t *start;   /* by column pair, and one behind the last */
	uint32_t *order; /* records by column, then row */
	uint8_t *whole; /* by column pair: nature of all its changed cells, or TALLY_NATURE_COUNT */
	int64_t moved_by; /* of the column being explained */
	int shifted_by;   /* and by how many rows it slid down */
	struct rewrite {
		uint32_t column;
		uint8_t nature;
		uint64_t count, outside;
		int64_t moved_by;
		int shifted_by;
		uint32_t example[EXAMPLES];
		uint32_t examples;
		uint32_t lost[EXAMPLES]; /* cells whose old values the shift left nowhere */
		uint32_t lost_count;
	} * rewrites;
	size_t rewrites_len, rewrites_cap;
};

static void explain_release(struct explain *x)
{
	tally_free(x->start);
	tally_free(x->order);
	tally_free(x->whole);
	tally_free(x->rewrites);
}

static enum tally_status sort_by_column(struct explain *x, struct tally_err *err)
{
	struct tally_comparison *c = x->c;
	size_t sum = 0;

	x->start = tally_alloc_zero(c->pair_count + (size_t)2, sizeof *x->start);
	x->order = tally_alloc(c->cell_count * sizeof *x->order);
	x->whole = tally_alloc(c->pair_count);
	if (!x->start || !x->order || !x->whole)
		return tally_err_nomem(err);
	memset(x->whole, TALLY_NATURE_COUNT, c->pair_count);
	for (size_t i = 0; i < c->cell_count; i++)
		x->start[c->cells[i].column + 1]++;
	for (uint32_t k = 0; k <= c->pair_count; k++) {
		sum += x->start[k];
		x->start[k] = sum;
	}
	for (size_t i = 0; i < c->cell_count; i++)
		x->order[x->start[c->cells[i].column]++] = (uint32_t)i;
	for (uint32_t k = c->pair_count; k > 0; k--)
		x->start[k] = x->start[k - 1];
	x->start[0] = 0;
	return TALLY_OK;
}

static struct tally_cell_record *record(const struct explain *x, size_t at)
{
	return &x->c->cells[x->order[at]];
}

/* ---- a column that was sorted alone ---- */

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static enum tally_status is_permuted(const struct explain *x, uint32_t k, bool *out,
                                     struct tally_err *err)
{
	size_t from = x->start[k], count = x->start[k + 1] - from, distinct = 0;
	uint64_t sum_old = 0, sum_now = 0;
	uint32_t *old, *now;
	enum tally_status st = TALLY_OK;

	*out = false;
	for (size_t i = 0; i < count; i++) {
		sum_old += record(x, from + i)->old;
		sum_now += record(x, from + i)->now;
	}
	if (count < PERMUTED_LEAST || sum_old != sum_now)
		return TALLY_OK;
	old = tally_alloc(count * sizeof *old);
	now = tally_alloc(count * sizeof *now);
	if (!old || !now)
		st = tally_err_nomem(err);
	for (size_t i = 0; st == TALLY_OK && i < count; i++) {
		old[i] = record(x, from + i)->old;
		now[i] = record(x, from + i)->now;
	}
	if (st == TALLY_OK) {
		qsort(old, count, sizeof *old, by_number);
		qsort(now, count, sizeof *now, by_number);
		for (size_t i = 0; i < count; i++)
			distinct += old[i] &&
			            (i == 0 || old[i] != old[i - 1]); /* empty cells prove nothing */
		*out = !memcmp(old, now, count * sizeof *old) &&
		       (distinct == count || distinct >= PERMUTED_VALUES ||
		        (distinct >= PERMUTED_FEW_VALUES && count >= PERMUTED_MANY));
	}
	tally_free(old);
	tally_free(now);
	return st;
}

/* Has a date of the column day and month exchanged? Then they are in no other order, even where that makes the same dates. */
static bool has_nature(const struct explain *x, uint32_t k, enum tally_nature nature)
{
	for (size_t i = x->start[k]; i < x->start[k + 1]; i++)
		if (record(x, i)->nature == nature)
			return true;
	return false;
}

/* Results follow what they are made from, so that the values of such a column tell nothing together. */
static bool has_formulas(const struct explain *x, uint32_t k)
{
	static const enum tally_nature natures[] = { TALLY_NATURE_FORMULA_CHANGED,
		                                     TALLY_NATURE_FORMULA_TO_CONSTANT,
		                                     TALLY_NATURE_CONSTANT_TO_FORMULA,
		                                     TALLY_NATURE_RECALCULATED };

	for (size_t i = 0; i < sizeof natures / sizeof *natures; i++)
		if (has_nature(x, k, natures[i]))
			return true;
	return false;
}

static enum tally_status explain_column(struct explain *x, uint32_t k, struct tally_err *err)
{
	const struct tally_column_cells cells = { x->c, k, x->order + x->start[k],
		                                  x->start[k + 1] - x->start[k] };
	struct tally_column_story story;
	enum tally_status st = tally_settle_column(&cells, &story, err);
	bool permuted = false;

	if (st == TALLY_OK && has_formulas(x, k))
		return TALLY_OK;
	x->moved_by = story.moved_by;
	x->shifted_by = 0;
	if (st == TALLY_OK && story.whole == TALLY_NATURE_COUNT && !story.progression)
		x->shifted_by = tally_column_shift(&cells);
	if (x->shifted_by)
		story.whole = TALLY_NATURE_SHIFTED;
	/* the numbers of rows that were sorted without them are the same ones in another order */
	if (st == TALLY_OK &&
	    (story.whole == TALLY_NATURE_COUNT || story.whole == TALLY_NATURE_NUMBERED_ANEW) &&
	    !has_nature(x, k, TALLY_NATURE_DAY_MONTH_EXCHANGED))
		st = is_permuted(x, k, &permuted, err);
	if (permuted)
		story.whole = TALLY_NATURE_PERMUTED;
	if (st < 0 || story.whole == TALLY_NATURE_COUNT)
		return st;
	x->whole[k] = story.whole;
	for (size_t i = x->start[k]; i < x->start[k + 1]; i++)
		record(x, i)->nature = story.whole;
	return TALLY_OK;
}

/* ---- rewrites ---- */

/* Natures that say nothing about what a cell says now: each cell has its own line. */
static bool stands_alone(uint8_t nature)
{
	return nature == TALLY_NATURE_VALUE || nature == TALLY_NATURE_DATE_VALUE_CHANGED ||
	       nature == TALLY_NATURE_FORMULA_CHANGED;
}

static enum tally_status add_rewrite(struct explain *x, const struct rewrite *r, struct tally_err *err)
{
	if (!tally_grow(&x->rewrites, &x->rewrites_cap, x->rewrites_len, sizeof *x->rewrites))
		return tally_err_nomem(err);
	x->rewrites[x->rewrites_len++] = *r;
	return TALLY_OK;
}

/* Cells that show the shift, and what fell off its end. */
static void show_shift(struct explain *x, uint32_t k, struct rewrite *r)
{
	const struct tally_column_cells cells = { x->c, k, x->order + x->start[k],
		                                  x->start[k + 1] - x->start[k] };
	uint32_t shown = 0;

	r->shifted_by = x->shifted_by;
	for (size_t i = 0; i < cells.count && shown < EXAMPLES; i++)
		if (tally_shift_shows(&cells, x->shifted_by, i))
			r->example[shown++] = cells.order[i];
	r->examples = shown ? shown : r->examples;
	r->lost_count = tally_shift_lost(&cells, x->shifted_by, r->lost, EXAMPLES);
}

static enum tally_status fold_nature(struct explain *x, uint32_t k, uint8_t nature, uint64_t count,
                                     struct tally_err *err)
{
	struct rewrite r = { .column = k, .nature = nature, .count = count };

	if (nature == TALLY_NATURE_DATES_MOVED)
		r.moved_by = x->moved_by;

	for (size_t i = x->start[k]; i < x->start[k + 1]; i++) {
		if (record(x, i)->nature != nature)
			continue;
		record(x, i)->folded = count < TALLY_REWRITE_LEAST ? TALLY_FOLDED_TOO
		                                                   : TALLY_FOLDED_AWAY;
		r.outside += tally_scope_cell_outside(x->c, record(x, i));
		if (r.examples < EXAMPLES)
			r.example[r.examples++] = x->order[i];
	}
	if (nature == TALLY_NATURE_SHIFTED && x->shifted_by)
		show_shift(x, k, &r);
	return add_rewrite(x, &r, err);
}

/* The same old and new value again and again: "open → closed". */
struct repeated {
	uint64_t values;
	uint32_t count, first;
};

static struct repeated *find_repeated(struct repeated *slots, size_t mask,
                                      const struct tally_cell_record *r)
{
	uint64_t values = (uint64_t)r->old << 32 | r->now;
	size_t at = (size_t)(values * UINT64_C(0x9E3779B97F4A7C15) >> 20) & mask;

	while (slots[at].count && slots[at].values != values)
		at = (at + 1) & mask;
	slots[at].values = values;
	return &slots[at];
}

static int by_count(const void *a, const void *b)
{
	const struct repeated *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return (x->first > y->first) - (x->first < y->first);
}

static enum tally_status fold_repeated(struct explain *x, uint32_t k, uint8_t nature, size_t count,
                                       struct tally_err *err)
{
	struct repeated *slots, most[PAIR_REWRITES + 1];
	size_t size = 16, found = 0;
	enum tally_status st = TALLY_OK;

	while (size < count * 2)
		size *= 2;
	slots = tally_alloc_zero(size, sizeof *slots);
	if (!slots)
		return tally_err_nomem(err);
	for (size_t i = x->start[k]; i < x->start[k + 1]; i++) {
		struct repeated *s;

		if (record(x, i)->nature != nature)
			continue;
		s = find_repeated(slots, size - 1, record(x, i));
		if (!s->count++)
			s->first = x->order[i];
	}
	for (size_t i = 0; i < size; i++) {
		if (slots[i].count < TALLY_REWRITE_LEAST)
			continue;
		most[found++] = slots[i];
		qsort(most, found, sizeof *most, by_count);
		found -= found > PAIR_REWRITES;
	}
	for (size_t n = 0; st == TALLY_OK && n < found; n++) {
		struct rewrite r = { .column = k, .nature = nature, .count = most[n].count };

		for (size_t i = x->start[k]; i < x->start[k + 1]; i++) {
			struct tally_cell_record *one = record(x, i);

			if (one->nature != nature ||
			    ((uint64_t)one->old << 32 | one->now) != most[n].values)
				continue;
			one->folded = TALLY_FOLDED_AWAY;
			r.outside += tally_scope_cell_outside(x->c, one);
			if (r.examples < EXAMPLES)
				r.example[r.examples++] = x->order[i];
		}
		st = add_rewrite(x, &r, err);
	}
	tally_free(slots);
	return st;
}

static enum tally_status fold_column(struct explain *x, uint32_t k, struct tally_err *err)
{
	uint64_t count[TALLY_NATURE_COUNT] = { 0 };
	enum tally_status st = TALLY_OK;

	for (size_t i = x->start[k]; i < x->start[k + 1]; i++)
		count[record(x, i)->nature]++;
	for (uint8_t nature = 0; st == TALLY_OK && nature < TALLY_NATURE_COUNT; nature++) {
		if (!count[nature] || (count[nature] < TALLY_REWRITE_LEAST && x->whole[k] != nature))
			continue;
		st = stands_alone(nature) ? fold_repeated(x, k, nature, count[nature], err)
		                          : fold_nature(x, k, nature, count[nature], err);
	}
	return st;
}

/* ---- strings for what is listed ---- */

struct lister {
	struct tally_comparison *c;
	struct tally_row_reader r[2];
	uint32_t row[2]; /* that the readers hold */
};

static size_t shown(const char *text, uint32_t len, uint64_t most)
{
	size_t n = len;

	if (n <= most)
		return n;
	for (n = most; n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80;)
		n--;
	return n ? n : most; /* bytes that are no UTF-8 are cut anywhere */
}

static enum tally_status copy_cell(struct lister *l, struct tally_cell *out,
                                   const struct tally_cell *cell, uint32_t *full,
                                   struct tally_err *err)
{
	struct tally_arena *arena = &l->c->d->arena;
	size_t n = shown(cell->value, cell->value_len, l->c->limits->cell_shown);

	*out = *cell;
	*full = cell->value_len;
	out->value_len = (uint32_t)n;
	out->value = tally_arena_dup(arena, cell->value, n);
	if (cell->formula) {
		out->formula_len = (uint32_t)shown(cell->formula, cell->formula_len,
		                                   l->c->limits->cell_shown);
		out->formula = tally_arena_dup(arena, cell->formula, out->formula_len);
	}
	if (cell->format)
		out->format = tally_arena_dup(arena, cell->format, cell->format_len);
	return out->value && (!cell->formula || out->formula) && (!cell->format || out->format)
	               ? TALLY_OK
	               : tally_err_nomem(err);
}

enum { NEAR_BEFORE = 20, NEAR_AFTER = 60 /* bytes around a difference that are kept */ };

static bool inside_character(struct tally_span text, size_t at)
{
	return at < text.len && ((unsigned char)text.at[at] & 0xC0) == 0x80;
}

static uint32_t characters(struct tally_span text, size_t to)
{
	uint32_t n = 0;

	for (size_t i = 0; i < to; i++)
		n += !inside_character(text, i);
	return n;
}

static const char *copy_near(struct lister *l, struct tally_span text, size_t at, uint32_t *len)
{
	size_t from = at > NEAR_BEFORE ? at - NEAR_BEFORE : 0, to = at + NEAR_AFTER;

	while (from > 0 && inside_character(text, from))
		from--;
	to = to < text.len ? to : text.len;
	while (to > at && inside_character(text, to))
		to--;
	*len = (uint32_t)(to - from);
	return tally_arena_dup(&l->c->d->arena, text.at + from, to - from);
}

/* Two long values that begin alike: the first difference is shown beside their beginnings. */
static enum tally_status find_place(struct lister *l, struct tally_cell_change *change,
                                    struct tally_span old, struct tally_span now,
                                    struct tally_err *err)
{
	size_t at = 0, least = old.len < now.len ? old.len : now.len;
	struct tally_cell_place *place = &change->differs;

	while (at < least && old.at[at] == now.at[at])
		at++;
	if (at < change->old.value_len || at < change->now.value_len ||
	    (at == old.len && at == now.len))
		return TALLY_OK;
	if (change->old.value_len == old.len && change->now.value_len == now.len)
		return TALLY_OK;
	while (at > 0 && (inside_character(old, at) || inside_character(now, at)))
		at--;
	place->character = characters(old, at) + 1;
	place->old_of = characters(old, old.len);
	place->now_of = characters(now, now.len);
	place->old = copy_near(l, old, at, &place->old_len);
	place->now = copy_near(l, now, at, &place->now_len);
	return place->old && place->now ? TALLY_OK : tally_err_nomem(err);
}

static enum tally_status list_cell(struct lister *l, struct tally_cell_change *out,
                                   const struct tally_cell_record *r, struct tally_err *err)
{
	const struct tally_column_pair *p = &l->c->pairs[r->column];
	const uint32_t row[2] = { r->before, r->after };
	const struct tally_cell *old, *now;
	enum tally_status st = TALLY_OK;

	for (int side = 0; st == TALLY_OK && side < 2; side++) {
		if (l->row[side] == row[side])
			continue;
		st = tally_row_read(&l->r[side], row[side], err);
		l->row[side] = row[side];
	}
	if (st < 0)
		return st;
	*out = (struct tally_cell_change){
		.row = tally_side_row(&l->c->side[1], r->after),
		.row_before = tally_side_row(&l->c->side[0], r->before),
		.column = p->after,
		.column_before = p->before,
		.nature = r->nature,
		.in_rewrite = r->folded == TALLY_FOLDED_AWAY,
		.outside = tally_scope_cell_outside(l->c, r),
	};
	old = tally_row_cell(&l->r[0], p->before);
	now = tally_row_cell(&l->r[1], p->after);
	st = copy_cell(l, &out->old, old, &out->old_len, err);
	if (st == TALLY_OK)
		st = copy_cell(l, &out->now, now, &out->now_len, err);
	return st == TALLY_OK ? find_place(l, out, tally_cell_span(old), tally_cell_span(now), err)
	                      : st;
}

static enum tally_status list_rewrites(struct lister *l, const struct explain *x,
                                       struct tally_err *err)
{
	struct tally_table_diff *d = l->c->d;
	enum tally_status st = TALLY_OK;

	d->rewrites = tally_arena_zero(&d->arena, x->rewrites_len, sizeof *d->rewrites);
	if (!d->rewrites)
		return tally_err_nomem(err);
	for (size_t i = 0; st == TALLY_OK && i < x->rewrites_len; i++) {
		const struct rewrite *r = &x->rewrites[i];
		struct tally_cell_change *examples = tally_arena_zero(
			&d->arena, r->examples + r->lost_count, sizeof *examples);

		if (!examples)
			return tally_err_nomem(err);
		for (uint32_t n = 0; st == TALLY_OK && n < r->examples; n++)
			st = list_cell(l, &examples[n], &l->c->cells[r->example[n]], err);
		for (uint32_t n = 0; st == TALLY_OK && n < r->lost_count; n++)
			st = list_cell(l, &examples[r->examples + n], &l->c->cells[r->lost[n]], err);
		d->rewrites[d->rewrites_len++] = (struct tally_rewrite){
			.column = l->c->pairs[r->column].after,
			.nature = r->nature,
			.lossless = tally_nature_lossless(r->nature),
			.count = r->count,
			.outside = r->outside,
			.moved_by = r->moved_by,
			.cells_listed = r->count < TALLY_REWRITE_LEAST,
			.examples = examples,
			.example_count = r->examples,
			.shifted_by = r->shifted_by,
			.lost = examples + r->examples,
			.lost_count = r->lost_count,
		};
	}
	return st;
}

static enum tally_status list_cells(struct lister *l, struct tally_err *err)
{
	struct tally_comparison *c = l->c;
	struct tally_table_diff *d = c->d;
	size_t count = 0;
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < c->cell_count; i++)
		count += c->cells[i].folded != TALLY_FOLDED_AWAY;
	if (count > c->limits->table_details) {
		d->cells_unlisted = count - c->limits->table_details;
		count = c->limits->table_details;
	}
	d->cells = tally_arena_zero(&d->arena, count, sizeof *d->cells);
	if (!d->cells)
		return tally_err_nomem(err);
	for (size_t i = 0; st == TALLY_OK && i < c->cell_count && d->cells_len < count; i++)
		if (c->cells[i].folded != TALLY_FOLDED_AWAY)
			st = list_cell(l, &d->cells[d->cells_len++], &c->cells[i], err);
	return st;
}

static enum tally_status list_all(struct tally_comparison *c, const struct explain *x,
                                  struct tally_err *err)
{
	struct lister l = { .c = c, .row = { TALLY_NO_PAIR, TALLY_NO_PAIR } };
	enum tally_status st = tally_row_reader_init(&l.r[0], &c->side[0], err);

	if (st == TALLY_OK)
		st = tally_row_reader_init(&l.r[1], &c->side[1], err);
	if (st == TALLY_OK)
		st = list_rewrites(&l, x, err);
	if (st == TALLY_OK)
		st = list_cells(&l, err);
	tally_row_reader_release(&l.r[0]);
	tally_row_reader_release(&l.r[1]);
	return st;
}

/* Rows of which each changed cell says what it said, or (of others) is a new result of its formula. */
static void count_mild(struct tally_comparison *c)
{
	struct tally_table_rows *rows = &c->d->rows;

	for (size_t i = 0, n; i < c->cell_count; i += n) {
		bool mild = c->cells[i].after >= c->side[1].preamble, results = false;

		for (n = 0; i + n < c->cell_count && c->cells[i + n].after == c->cells[i].after; n++) {
			bool result = c->cells[i + n].nature == TALLY_NATURE_RECALCULATED;

			mild &= result || tally_nature_is_notation(c->cells[i + n].nature);
			results |= result;
		}
		rows->notation += mild && !results;
		rows->recalculated += mild && results;
	}
}

enum tally_status tally_explain_cells(struct tally_comparison *c, struct tally_err *err)
{
	struct explain x = { .c = c };
	enum tally_status st = TALLY_OK;

	c->d->cells_total = c->cell_count;
	if (!c->cell_count)
		return TALLY_OK;
	if (c->cell_count >= UINT32_MAX)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "more than 2^32 cells differ");
	st = sort_by_column(&x, err);
	for (uint32_t k = 0; st == TALLY_OK && k < c->pair_count; k++) {
		if (x.start[k] == x.start[k + 1])
			continue;
		st = explain_column(&x, k, err);
		if (st == TALLY_OK)
			st = fold_column(&x, k, err);
	}
	count_mild(c);
	if (st == TALLY_OK)
		st = list_all(c, &x, err);
	explain_release(&x);
	return st;
}
