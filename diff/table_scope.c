/* What changed outside of the scope that somebody set (diff/scope.h): every change of the part is asked, none is sampled. */
#include <string.h>

#include "core/mem.h"
#include "diff/scope.h"
#include "diff/table_work.h"

enum { ROW_UNKNOWN, ROW_FITS, ROW_OUTSIDE };

enum { REASONS = TALLY_OUTSIDE_OF_KEY + 1 };

struct tally_scope_work {
	const struct tally_scope *scope;
	bool sheet;         /* this part may change */
	bool columns;       /* only some columns may */
	bool rows;          /* only some rows may */
	bool whole;         /* all columns of the part may, so that rows may come and go */
	uint32_t column[2]; /* that says which rows may change, by side; TALLY_NO_COLUMN */
	uint8_t *row[2];    /* by side and row: what is known of it; NULL: all may change */
	struct tally_row_reader r[2]; /* where rows are restricted */
	uint8_t *named;               /* by column pair: is it one of those that may change? */
	uint8_t *cells;               /* by changed cell: is it outside? */
	struct tally_outside_group *groups; /* of the diff, with room for all that there can be */
	size_t cap;
};

bool tally_scope_cell_outside(const struct tally_comparison *c, const struct tally_cell_record *r)
{
	return c->scope && c->scope->cells && c->scope->cells[r - c->cells];
}

void tally_scope_work_free(struct tally_scope_work *w)
{
	if (!w)
		return;
	for (int side = 0; side < 2; side++) {
		tally_free(w->row[side]);
		tally_row_reader_release(&w->r[side]);
	}
	tally_free(w->named);
	tally_free(w->cells);
	tally_free(w->groups);
	tally_free(w);
}

/* ---- what was named ---- */

static uint32_t find_name(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return (uint32_t)i;
	return TALLY_NO_COLUMN;
}

static bool is_there(const struct tally_table_diff *d, const char *name)
{
	return find_name(d->names_before, d->column_count_before, name) != TALLY_NO_COLUMN ||
	       find_name(d->names, d->column_count, name) != TALLY_NO_COLUMN;
}

static bool pair_named(const struct tally_comparison *c, uint32_t k)
{
	const struct tally_table_diff *d = c->d;
	const struct tally_column_pair *p = &c->pairs[k];
	const struct tally_scope *scope = c->scope->scope;

	return (p->before < d->column_count_before &&
	        tally_scope_names_column(scope, d->names_before[p->before])) ||
	       (p->after < d->column_count && tally_scope_names_column(scope, d->names[p->after]));
}

static bool all_named(const struct tally_scope *scope, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!tally_scope_names_column(scope, names[i]))
			return false;
	return count > 0;
}

static enum tally_status find_unknown(struct tally_comparison *c, struct tally_err *err)
{
	const struct tally_scope_words *words = tally_scope_words(c->scope->scope);
	const char *column = tally_scope_row_column(c->scope->scope);
	struct tally_table_diff *d = c->d;
	struct tally_outside *out = d->outside;

	out->unknown = tally_arena_zero(&d->arena, words->column_count + 1, sizeof *out->unknown);
	if (!out->unknown)
		return tally_err_nomem(err);
	for (size_t i = 0; i < words->column_count; i++)
		if (!is_there(d, words->columns[i]))
			out->unknown[out->unknown_count++] = words->columns[i];
	out->row_column_unknown = column && !is_there(d, column);
	return TALLY_OK;
}

/* The column of the rows' expression on both sides; that of the before side settles it. */
static void find_row_column(struct tally_comparison *c)
{
	struct tally_scope_work *w = c->scope;
	const char *name = tally_scope_row_column(w->scope);
	struct tally_table_diff *d = c->d;

	w->column[0] = find_name(d->names_before, d->column_count_before, name);
	w->column[1] = TALLY_NO_COLUMN;
	if (w->column[0] == TALLY_NO_COLUMN)
		w->column[1] = find_name(d->names, d->column_count, name);
	for (uint32_t k = 0; k < c->pair_count; k++) {
		if (w->column[0] != TALLY_NO_COLUMN && c->pairs[k].before == w->column[0])
			w->column[1] = c->pairs[k].after;
		else if (w->column[0] == TALLY_NO_COLUMN && w->column[1] != TALLY_NO_COLUMN &&
		         c->pairs[k].after == w->column[1]) {
			w->column[0] = c->pairs[k].before;
			break;
		}
	}
}

static enum tally_status start_rows(struct tally_comparison *c, struct tally_err *err)
{
	struct tally_scope_work *w = c->scope;
	enum tally_status st = TALLY_OK;

	find_row_column(c);
	for (int side = 0; side < 2 && st == TALLY_OK; side++) {
		w->row[side] = tally_alloc_zero(c->side[side].rows, 1);
		st = w->row[side] ? tally_row_reader_init(&w->r[side], &c->side[side], err)
		                  : tally_err_nomem(err);
	}
	return st;
}

static enum tally_status start(struct tally_comparison *c, const struct tally_scope *scope,
                               struct tally_err *err)
{
	const struct tally_scope_words *words = tally_scope_words(scope);
	const struct tally_part *part = c->d->after ? c->d->after : c->d->before;
	const struct tally_part *old = c->d->before ? c->d->before : part;
	struct tally_scope_work *w = tally_alloc_zero(1, sizeof *w);
	struct tally_table_diff *d = c->d;

	c->scope = w;
	d->outside = tally_arena_zero(&d->arena, 1, sizeof *d->outside);
	if (!w || !d->outside)
		return tally_err_nomem(err);
	w->scope = scope;
	w->sheet = tally_scope_allows_sheet(scope, part ? part->name : "") ||
	           tally_scope_allows_sheet(scope, old ? old->name : "");
	w->columns = words->column_count > 0;
	w->rows = words->rows != NULL;
	w->whole = !w->columns || ((!d->column_count || all_named(scope, d->names, d->column_count)) &&
	                           (!d->column_count_before ||
	                            all_named(scope, d->names_before, d->column_count_before)));
	w->cap = (size_t)c->pair_count * REASONS + d->columns_len + 8 * REASONS;
	w->groups = tally_alloc_zero(w->cap, sizeof *w->groups);
	w->named = tally_alloc_zero(c->pair_count, 1);
	w->cells = tally_alloc_zero(c->cell_count, 1);
	if (!w->groups || !w->named || !w->cells)
		return tally_err_nomem(err);
	for (uint32_t k = 0; k < c->pair_count; k++)
		w->named[k] = pair_named(c, k);
	return w->rows ? start_rows(c, err) : TALLY_OK;
}

/* Why something may not change that is neither a cell nor a row: columns themselves, what stands above the rows. */
static int reason_above(const struct tally_scope_work *w)
{
	return !w->sheet    ? TALLY_OUTSIDE_OF_SHEETS
	       : w->columns ? TALLY_OUTSIDE_OF_COLUMNS
	       : w->rows    ? TALLY_OUTSIDE_OF_ROWS
	                    : TALLY_OUTSIDE_OF_NOTHING;
}

/* ---- rows ---- */

/* Does a row fit the expression? A row that is paired is what it was before. */
static enum tally_status row_fits(struct tally_comparison *c, int side, uint32_t row, bool *fits,
                                  struct tally_err *err)
{
	struct tally_scope_work *w = c->scope;
	enum tally_status st = TALLY_OK;

	*fits = true;
	if (!w->rows)
		return TALLY_OK;
	if (side == 1 && c->side[1].pair[row] != TALLY_NO_PAIR) {
		side = 0;
		row = c->side[1].pair[row];
	}
	if (w->row[side][row] == ROW_UNKNOWN) {
		const struct tally_cell *cell = &tally_no_cell;

		if (w->column[side] != TALLY_NO_COLUMN) {
			st = tally_row_read(&w->r[side], row, err);
			cell = tally_row_cell(&w->r[side], w->column[side]);
		}
		if (st < 0)
			return st;
		w->row[side][row] = w->column[side] != TALLY_NO_COLUMN &&
		                                    tally_scope_fits(w->scope, cell->value,
		                                                     cell->value_len)
		                            ? ROW_FITS
		                            : ROW_OUTSIDE;
	}
	*fits = w->row[side][row] == ROW_FITS;
	return TALLY_OK;
}

enum tally_status tally_scope_row_reason(struct tally_comparison *c, int side, uint32_t row,
                                         bool order, int *reason, struct tally_err *err)
{
	const struct tally_scope_work *w = c->scope;
	enum tally_status st;
	bool fits;

	*reason = TALLY_OUTSIDE_OF_NOTHING;
	if (!w || !c->d->before || !c->d->after)
		return TALLY_OK;
	if (!w->sheet)
		*reason = TALLY_OUTSIDE_OF_SHEETS;
	else if (order ? w->columns : !w->whole)
		*reason = TALLY_OUTSIDE_OF_COLUMNS;
	if (*reason != TALLY_OUTSIDE_OF_NOTHING)
		return TALLY_OK;
	st = row_fits(c, side, row, &fits, err);
	if (!fits)
		*reason = TALLY_OUTSIDE_OF_ROWS;
	return st;
}

/* ---- counting ---- */

static void count_in(struct tally_comparison *c, struct tally_outside_group *g, uint64_t row,
                     uint64_t row_before)
{
	if (g->example_count < TALLY_OUTSIDE_EXAMPLES) {
		g->examples[g->example_count].row = row;
		g->examples[g->example_count++].row_before = row_before;
	}
	g->count++;
	c->d->outside->total++;
}

/* Groups of one kind and reason are few: they are looked for from the end. */
static struct tally_outside_group *group(struct tally_comparison *c, int kind, int reason)
{
	struct tally_scope_work *w = c->scope;
	struct tally_outside *out = c->d->outside;

	for (size_t i = out->group_count; i > 0; i--)
		if ((int)w->groups[i - 1].kind == kind && (int)w->groups[i - 1].reason == reason)
			return &w->groups[i - 1];
	w->groups[out->group_count] = (struct tally_outside_group){ .column = TALLY_NO_COLUMN,
		                                                    .column_before = TALLY_NO_COLUMN };
	w->groups[out->group_count].kind = kind;
	w->groups[out->group_count].reason = reason;
	return &w->groups[out->group_count++];
}

void tally_scope_count_row(struct tally_comparison *c, int kind, int reason, uint64_t row,
                           uint64_t row_before)
{
	count_in(c, group(c, kind, reason), row, row_before);
}

/* ---- cells ---- */

static bool is_key(const struct tally_comparison *c, uint32_t pair)
{
	return tally_is_key(c, pair) || (c->scope->column[0] != TALLY_NO_COLUMN &&
	                                 c->pairs[pair].before == c->scope->column[0]);
}

/* What says which row it is was changed without leave: then the row is none of those that may change. */
static bool key_changed(const struct tally_comparison *c, const struct tally_cell_record *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!c->scope->named[r[i].column] && is_key(c, r[i].column))
			return true;
	return false;
}

static enum tally_status row_of_cells(struct tally_comparison *c, size_t from, size_t n,
                                      struct tally_outside_group *by_column, struct tally_err *err)
{
	struct tally_scope_work *w = c->scope;
	const struct tally_cell_record *r = &c->cells[from];
	uint64_t now = tally_side_row(&c->side[1], r->after);
	uint64_t old = tally_side_row(&c->side[0], r->before);
	bool title = r->after < c->side[1].preamble, fits = true;
	int row = TALLY_OUTSIDE_OF_NOTHING;
	enum tally_status st = TALLY_OK;

	if (!title)
		st = row_fits(c, 0, r->before, &fits, err);
	if (!fits)
		row = TALLY_OUTSIDE_OF_ROWS;
	else if (w->rows && key_changed(c, r, n))
		row = TALLY_OUTSIDE_OF_KEY;
	for (size_t i = 0; st == TALLY_OK && i < n; i++) {
		int reason = title                                  ? reason_above(w)
		             : !w->sheet                            ? TALLY_OUTSIDE_OF_SHEETS
		             : w->columns && !w->named[r[i].column] ? TALLY_OUTSIDE_OF_COLUMNS
		                                                    : row;

		if (reason == TALLY_OUTSIDE_OF_NOTHING)
			continue;
		w->cells[from + i] = true;
		if (title)
			count_in(c, group(c, TALLY_OUTSIDE_TITLES, reason), now, old);
		else
			count_in(c, &by_column[r[i].column * REASONS + (unsigned)reason], now, old);
	}
	return st;
}

static enum tally_status judge_cells(struct tally_comparison *c, struct tally_err *err)
{
	struct tally_scope_work *w = c->scope;
	size_t most = (size_t)c->pair_count * REASONS;
	struct tally_outside_group *by_column = tally_alloc_zero(most, sizeof *by_column);
	enum tally_status st = by_column ? TALLY_OK : tally_err_nomem(err);

	for (size_t i = 0, n; st == TALLY_OK && i < c->cell_count; i += n) {
		for (n = 1; i + n < c->cell_count && c->cells[i + n].after == c->cells[i].after; n++)
			;
		st = row_of_cells(c, i, n, by_column, err);
	}
	for (size_t i = 0; st == TALLY_OK && i < most; i++) {
		const struct tally_column_pair *p = &c->pairs[i / REASONS];

		if (!by_column[i].count)
			continue;
		by_column[i].kind = TALLY_OUTSIDE_CELLS;
		by_column[i].reason = (int)(i % REASONS);
		by_column[i].column = p->after;
		by_column[i].column_before = p->before;
		w->groups[c->d->outside->group_count++] = by_column[i];
	}
	tally_free(by_column);
	return st;
}

/* ---- rows that came and went, title lines, columns ---- */

static enum tally_status judge_free_rows(struct tally_comparison *c, int side, struct tally_err *err)
{
	const struct tally_table_side *s = &c->side[side];
	const struct tally_scope_work *w = c->scope;
	enum tally_status st = TALLY_OK;

	for (uint32_t row = 0; st == TALLY_OK && row < s->rows; row++) {
		uint64_t at = tally_side_row(s, row);
		int kind = side ? TALLY_OUTSIDE_ROWS_ADDED : TALLY_OUTSIDE_ROWS_DELETED, reason;

		if (s->pair[row] != TALLY_NO_PAIR)
			continue;
		if (row < s->preamble) {
			kind = TALLY_OUTSIDE_TITLES;
			reason = reason_above(w);
		} else {
			st = tally_scope_row_reason(c, side, row, false, &reason, err);
		}
		if (reason != TALLY_OUTSIDE_OF_NOTHING)
			tally_scope_count_row(c, kind, reason, side ? at : TALLY_NO_ROW,
			                      side ? TALLY_NO_ROW : at);
	}
	return st;
}

/* Rows that differ where no cell was looked at may differ anywhere. */
static enum tally_status judge_unseen(struct tally_comparison *c, struct tally_err *err)
{
	const struct tally_table_side *b = &c->side[1];
	enum tally_status st = TALLY_OK;

	for (uint32_t row = 0; st == TALLY_OK && row < b->rows; row++) {
		int reason;

		if (c->touched[row] != TALLY_ROW_UNSEEN)
			continue;
		st = tally_scope_row_reason(c, 1, row, false, &reason, err);
		if (reason != TALLY_OUTSIDE_OF_NOTHING)
			tally_scope_count_row(c, TALLY_OUTSIDE_ROWS_UNSEEN, reason,
			                      tally_side_row(b, row),
			                      tally_side_row(&c->side[0], b->pair[row]));
	}
	return st;
}

/* May it be added, or have its values exchanged with another one? Whatever else becomes of a column is no change of values. */
static bool column_may(const struct tally_scope_work *w, const struct tally_column_change *change)
{
	if (w->rows)
		return false;
	if (!w->columns)
		return true;
	if (change->kind == TALLY_COLUMN_SWAPPED)
		return tally_scope_names_column(w->scope, change->name) &&
		       tally_scope_names_column(w->scope, change->name_before);
	return change->kind == TALLY_COLUMN_ADDED && tally_scope_names_column(w->scope, change->name);
}

static void judge_columns(struct tally_comparison *c)
{
	struct tally_scope_work *w = c->scope;
	struct tally_outside *out = c->d->outside;

	for (size_t i = 0; i < c->d->columns_len; i++) {
		struct tally_column_change *change = &c->d->columns[i];
		struct tally_outside_group *g = &w->groups[out->group_count];

		if (w->sheet && column_may(w, change))
			continue;
		change->outside = true;
		*g = (struct tally_outside_group){ .count = 1,
			                           .change = change,
			                           .column = change->index,
			                           .column_before = change->index_before };
		g->kind = TALLY_OUTSIDE_COLUMN;
		g->reason = reason_above(w);
		out->group_count++;
		out->total++;
	}
}

/* The row of column names came or went. */
static void judge_header(struct tally_comparison *c)
{
	int reason = reason_above(c->scope);

	if (c->side[0].header == c->side[1].header || reason == TALLY_OUTSIDE_OF_NOTHING)
		return;
	group(c, TALLY_OUTSIDE_HEADER, reason)->count++;
	c->d->outside->total++;
}

enum tally_status tally_find_outside(struct tally_comparison *c, struct tally_err *err)
{
	enum tally_status st;

	if (!c->options->scope)
		return TALLY_OK;
	st = start(c, c->options->scope, err);
	if (st == TALLY_OK)
		st = find_unknown(c, err);
	/* a sheet that came or went as a whole is one change, and the workbook's */
	if (st == TALLY_OK && (!c->d->before || !c->d->after))
		return TALLY_OK;
	if (st == TALLY_OK) {
		judge_columns(c);
		judge_header(c);
		st = judge_cells(c, err);
	}
	for (int side = 0; side < 2 && st == TALLY_OK; side++)
		st = judge_free_rows(c, side, err);
	return st == TALLY_OK ? judge_unseen(c, err) : st;
}

enum tally_status tally_scope_finish(struct tally_comparison *c, struct tally_err *err)
{
	struct tally_outside *out = c->d->outside;
	size_t bytes;

	if (!c->scope)
		return TALLY_OK;
	bytes = out->group_count * sizeof *out->groups;
	out->groups = tally_arena_alloc(&c->d->arena, bytes ? bytes : 1);
	if (!out->groups)
		return tally_err_nomem(err);
	if (bytes)
		memcpy(out->groups, c->scope->groups, bytes);
	return TALLY_OK;
}
