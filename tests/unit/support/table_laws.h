/**
 * What must hold for any two tables: laws of comparing them, shared by unit tests, the stress test and the fuzz target. A law that
 * is broken ends the program with a message.
 */
#ifndef TALLY_TESTS_TABLE_LAWS_H
#define TALLY_TESTS_TABLE_LAWS_H

#include <stdlib.h>
#include <string.h>

#include "diff/scope.h"
#include "diff/table_diff.h"
#include "support/law.h"

static inline struct tally_table_diff *laws_diff(const struct tally_part *before,
                                                 const struct tally_part *after,
                                                 const struct tally_table_options *options)
{
	struct tally_table_diff *d = NULL;
	struct tally_err err = { 0 };

	if (tally_table_diff(&d, before, after, options, &err) == TALLY_OK)
		return d;
	LAW(err.status == TALLY_SKIP, "%s", err.message);
	return NULL;
}

/** Counts add up, and what is listed is within the tables. */
static inline void laws_balance(const struct tally_table_diff *d)
{
	const struct tally_table_rows *r = &d->rows;
	uint64_t folded = 0;

	LAW(r->before - r->deleted + r->added == r->after, "rows do not balance");
	LAW(r->same + r->edited == r->after - r->added, "pairs do not balance");
	LAW(r->moved <= r->same + r->edited, "more moved than there are");
	LAW(!r->edited == !d->cells_total, "edited rows without cells");
	for (size_t i = 0; i < d->rewrites_len; i++) {
		folded += d->rewrites[i].cells_listed ? 0 : d->rewrites[i].count;
		LAW(d->rewrites[i].column < d->column_count && d->rewrites[i].example_count,
		    "rewrite %zu", i);
	}
	LAW(folded + d->cells_len <= d->cells_total, "more cells than there are");
	for (size_t i = 0; i < d->cells_len; i++) {
		const struct tally_cell_change *c = &d->cells[i];

		LAW(c->column < d->column_count && c->column_before < d->column_count_before,
		    "cell %zu", i);
		LAW(c->row < d->after->row_count && c->row_before < d->before->row_count,
		    "cell %zu", i);
		LAW(!i || c->row > c[-1].row ||
		            (c->row == c[-1].row && c->column_before > c[-1].column_before),
		    "cell %zu", i);
	}
}

static inline bool laws_same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/** The same result, whatever the number of threads. */
static inline void laws_same(const struct tally_table_diff *x, const struct tally_table_diff *y)
{
	LAW(!memcmp(&x->rows, &y->rows, sizeof x->rows), "rows");
	LAW(x->cells_len == y->cells_len && x->cells_total == y->cells_total, "cells");
	LAW(x->row_changes_len == y->row_changes_len && x->rewrites_len == y->rewrites_len,
	    "rows or rewrites");
	LAW(x->columns_len == y->columns_len && x->invariants_len == y->invariants_len,
	    "columns or invariants");
	LAW(x->aligned_by.how == y->aligned_by.how && x->aligned_by.overlap == y->aligned_by.overlap,
	    "alignment");
	LAW(laws_same_text(x->aligned_by.note, y->aligned_by.note), "note");
	for (size_t i = 0; i < x->row_changes_len; i++)
		LAW(!memcmp(&x->row_changes[i], &y->row_changes[i], sizeof *x->row_changes),
		    "row change %zu", i);
	for (size_t i = 0; i < x->cells_len; i++)
		LAW(x->cells[i].row == y->cells[i].row &&
		            x->cells[i].row_before == y->cells[i].row_before &&
		            x->cells[i].column == y->cells[i].column &&
		            x->cells[i].nature == y->cells[i].nature &&
		            !strcmp(x->cells[i].now.value, y->cells[i].now.value),
		    "cell %zu", i);
	for (size_t i = 0; i < x->rewrites_len; i++)
		LAW(x->rewrites[i].count == y->rewrites[i].count &&
		            x->rewrites[i].nature == y->rewrites[i].nature,
		    "rewrite %zu", i);
	for (size_t i = 0; i < x->invariants_len; i++)
		LAW(laws_same_text(x->invariants[i].sum, y->invariants[i].sum) &&
		            x->invariants[i].distinct == y->invariants[i].distinct,
		    "invariant %zu", i);
}

/** A table against itself, in a workbook whose sheets have the names that they had. */
static inline void laws_self(const struct tally_part *part, const struct tally_table_options *options)
{
	struct tally_table_options same = *options;
	struct tally_table_diff *d;

	same.sheet_name_count = 0;
	d = laws_diff(part, part, &same);
	if (!d)
		return;
	LAW(!tally_table_diff_any(d), "a table differs from itself");
	LAW(d->rows.same == d->rows.before, "a table's rows differ from themselves");
	tally_table_diff_free(d);
}

/** Both directions tell of the same rows. @x  one of them */
static inline void laws_mirror(const struct tally_table_diff *x, const struct tally_part *before,
                               const struct tally_part *after,
                               const struct tally_table_options *options)
{
	struct tally_table_diff *y = laws_diff(after, before, options);

	if (x && y) {
		laws_balance(x);
		laws_balance(y);
		/* a row of a sheet that was cleared is a row after it, and none before it is filled again */
		if (before->sheet && after->sheet)
			LAW(x->rows.before <= y->rows.after && y->rows.before <= x->rows.after,
			    "sides");
		else
			LAW(x->rows.before == y->rows.after && x->rows.after == y->rows.before,
			    "sides");
		LAW(tally_table_diff_any(x) == tally_table_diff_any(y),
		    "one direction sees a difference");
	}
	tally_table_diff_free(y);
}

/* ---- applying a difference ---- */

struct laws_rows {
	size_t count;
	size_t columns;
	char **cells; /* count × columns, NULL where nothing is known */
	char *blank;  /* by row: there is nothing in it */
};

static inline char *laws_copy(const char *text, size_t len)
{
	char *copy = malloc(len + 1);

	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

/** A row with nothing in it is no row: it comes from nowhere and is deleted by nobody. */
static inline bool laws_blank(const struct tally_cell *cells, size_t count, bool quotes_tell)
{
	for (size_t k = 0; k < count; k++)
		if (cells[k].value_len || cells[k].formula || (cells[k].quoted && quotes_tell))
			return false;
	return true;
}

static inline struct laws_rows laws_read(const struct tally_part *part, size_t columns,
                                         bool quotes_tell)
{
	struct laws_rows r = { part->row_count, columns,
		               calloc(part->row_count * columns + 1, sizeof *r.cells),
		               calloc(part->row_count + 1, 1) };
	struct tally_cell *cells = calloc(columns + 1, sizeof *cells);
	struct tally_arena scratch = TALLY_ARENA_INIT;

	for (size_t i = 0; i < r.count; i++) {
		size_t count = 0;

		memset(cells, 0, columns * sizeof *cells);
		part->ops->cells(part, i, &scratch, cells, columns, &count, NULL);
		r.blank[i] = i != part->header_row && count <= columns &&
		             laws_blank(cells, count, quotes_tell);
		for (size_t k = 0; k < columns; k++) {
			/* of a result the last digits do not count, and one that is missing is no other */
			bool missing = k < count && cells[k].formula &&
			               (cells[k].cached == TALLY_CACHED_MISSING ||
			                cells[k].value_len > 15);

			r.cells[i * columns + k] = missing ? NULL
			                                   : laws_copy(k < count ? cells[k].value : "",
			                                               k < count ? cells[k].value_len
			                                                         : 0);
		}
	}
	tally_arena_release(&scratch);
	free(cells);
	return r;
}

/** Is the first row, which the part has for a header, a row of data to the comparison? */
static inline bool laws_header_is_row(const struct laws_rows *r, const struct tally_part *part,
                                      uint64_t rows)
{
	uint64_t below = 0;

	for (size_t i = 0; i < r->count; i++)
		below += i != part->header_row && !r->blank[i];
	LAW(rows == below || (rows == below + 1 && part->header_row == 0), "%llu rows, not %llu",
	    (unsigned long long)rows, (unsigned long long)below);
	return rows != below;
}

static inline void laws_release(struct laws_rows *r)
{
	for (size_t i = 0; i < r->count * r->columns; i++)
		free(r->cells[i]);
	free(r->cells);
	free(r->blank);
}

/**
 * Rebuild the after side from the before side and the difference alone, but for added rows, whose values come from the after
 * side; both have the same columns. Nothing is checked where something is not listed (rewrites, reorderings, limits).
 */
static inline void laws_apply(const struct tally_table_diff *d)
{
	size_t columns = d->column_count, *from, next = 0;
	struct laws_rows old, now;
	bool quotes_tell;

	if (!d->before || !d->after || d->columns_len || d->reordering.found ||
	    d->cells_len != d->cells_total || d->row_changes_len != d->row_changes_total ||
	    d->properties_len || d->before->header_row != d->after->header_row)
		return;
	quotes_tell = d->before->quotes_tell && d->after->quotes_tell;
	old = laws_read(d->before, columns, quotes_tell);
	now = laws_read(d->after, columns, quotes_tell);
	for (size_t i = 0; d->after->sheet && i < d->cells_len; i++)
		now.blank[d->cells[i].row] = 0; /* it was cleared, and stands where it stood */
	if (laws_header_is_row(&old, d->before, d->rows.before) !=
	    laws_header_is_row(&now, d->after, d->rows.after)) {
		laws_release(&old);
		laws_release(&now);
		return;
	}
	from = malloc((now.count + 1) * sizeof *from);
	char *taken = calloc(old.count + 1, 1);

	for (size_t j = 0; j < now.count; j++)
		from[j] = SIZE_MAX - 1;
	for (size_t i = 0; i < d->row_changes_len; i++) {
		const struct tally_row_change *c = &d->row_changes[i];

		for (uint64_t n = 0; n < c->count; n++) {
			if (c->row != TALLY_NO_ROW)
				from[c->row + n] = c->kind == TALLY_ROW_MOVED ? c->row_before + n
				                                              : SIZE_MAX;
			if (c->row_before != TALLY_NO_ROW)
				taken[c->row_before + n] = 1;
		}
	}
	for (size_t j = 0; j < now.count; j++) {
		if (from[j] != SIZE_MAX - 1)
			continue;
		if (now.blank[j]) {
			from[j] = SIZE_MAX;
			continue;
		}
		while (next < old.count && (taken[next] || old.blank[next]))
			next++;
		LAW(next < old.count, "row %zu comes from nowhere", j);
		from[j] = next++;
	}
	for (size_t i = 0; i < d->cells_len; i++) {
		const struct tally_cell_change *c = &d->cells[i];
		char **cell = &old.cells[c->row_before * columns + c->column_before];
		const char *value = now.cells[c->row * columns + c->column];

		LAW(from[c->row] == c->row_before, "cell %zu is of other rows", i);
		LAW(!*cell || c->old_len > c->old.value_len || !strcmp(*cell, c->old.value),
		    "cell %zu had another value", i);
		free(*cell);
		*cell = value ? laws_copy(value, strlen(value)) : NULL;
		LAW(!value || c->now_len > c->now.value_len || !strcmp(*cell, c->now.value),
		    "cell %zu has another value", i);
	}
	for (size_t j = 0; j < now.count; j++)
		for (size_t k = 0; from[j] != SIZE_MAX && k < columns; k++)
			LAW(!old.cells[from[j] * columns + k] || !now.cells[j * columns + k] ||
			            !strcmp(old.cells[from[j] * columns + k],
			                    now.cells[j * columns + k]),
			    "row %zu column %zu: '%s', not '%s'", j, k,
			    old.cells[from[j] * columns + k], now.cells[j * columns + k]);
	free(taken);
	free(from);
	laws_release(&old);
	laws_release(&now);
}

/** What is outside of a scope is counted, none twice; where nothing may change, every change is. Nothing else depends on it. */
static inline void laws_scope(const struct tally_part *before, const struct tally_part *after,
                              struct tally_table_options options, const struct tally_table_diff *free)
{
	static const char *const none[] = { "no such column" };
	const struct tally_scope_words words[] = { { .rows = "id != 1" },
		                                   { .columns = none, .column_count = 1 } };

	for (size_t i = 0; i < 2; i++) {
		const struct tally_table_rows *r = &free->rows;
		struct tally_scope *scope = NULL;
		struct tally_table_diff *d;
		uint64_t sum = 0;

		LAW(tally_scope_new(&scope, &words[i], NULL) == TALLY_OK, "scope");
		options.scope = scope;
		d = laws_diff(before, after, &options);
		LAW(d && d->outside, "a scope decides whether it works");
		LAW(!memcmp(&d->rows, r, sizeof *r) && d->cells_total == free->cells_total &&
		            d->columns_len == free->columns_len,
		    "a scope decides what changed");
		for (size_t k = 0; k < d->outside->group_count; k++)
			sum += d->outside->groups[k].count;
		LAW(sum == d->outside->total, "counts of what is outside");
		LAW(i == 0 || sum >= d->cells_total + r->deleted + r->added + r->moved +
		                              d->columns_len,
		    "changes that nobody counted");
		tally_table_diff_free(d);
		tally_scope_free(scope);
	}
}

/** All of them. */
static inline void laws_all(const struct tally_part *before, const struct tally_part *after,
                            struct tally_table_options options)
{
	struct tally_table_diff *one, *many;

	options.threads = 1;
	laws_self(before, &options);
	laws_self(after, &options);
	one = laws_diff(before, after, &options);
	laws_mirror(one, before, after, &options);
	options.threads = 8;
	many = laws_diff(before, after, &options);
	LAW(!one == !many, "threads decide whether it works");
	if (one) {
		laws_same(one, many);
		laws_apply(one);
		options.threads = 1;
		if (before && after)
			laws_scope(before, after, options, one);
	}
	tally_table_diff_free(one);
	tally_table_diff_free(many);
}

#endif
