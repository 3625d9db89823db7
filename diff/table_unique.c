/* Columns whose names say that their values tell rows apart, and which did so before and do not any more. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "diff/table_key.h"

enum {
	ROWS_LEAST = 3,      /* with values: fewer are different by chance */
	ROWS_MOST = 4000000, /* that are looked at */
	SHOWN = 40,          /* bytes of a value */
};

struct value {
	uint64_t hash;
	uint32_t row;
};

static int by_hash(const void *a, const void *b)
{
	const struct value *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

/* The values of a side's column in the order of their hashes; blank ones are none. @list  room for all rows */
static enum tally_status collect(const struct tally_comparison *c, int side, uint32_t column,
                                 struct value *list, size_t *count, struct tally_err *err)
{
	const struct tally_table_side *s = &c->side[side];
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, s, err);

	*count = 0;
	for (uint32_t row = s->preamble; st == TALLY_OK && row < s->rows; row++) {
		const struct tally_cell *cell;

		st = tally_row_read(&r, row, err);
		cell = tally_row_cell(&r, column);
		/* a total is no row that is known by anything; what was not computed is not known */
		if (st == TALLY_OK && cell->value_len && !(s->total && s->total[row]))
			list[(*count)++] = (struct value){ tally_cell_hash(c, cell), row };
	}
	tally_row_reader_release(&r);
	if (st == TALLY_OK)
		qsort(list, *count, sizeof *list, by_hash);
	return st;
}

/* Values that stand in several rows. @first  where the topmost of their later rows is in the list */
static uint64_t count_twins(const struct value *list, size_t count, size_t *first)
{
	uint64_t twins = 0;

	for (size_t i = 1; i < count; i++) {
		if (list[i].hash != list[i - 1].hash)
			continue;
		if (!twins++ || list[i].row < list[*first].row)
			*first = i;
	}
	return twins;
}

static enum tally_status tell(struct tally_comparison *c, uint32_t pair, const struct value *first,
                              uint64_t twins, struct tally_err *err)
{
	const struct tally_table_side *b = &c->side[1];
	const struct tally_column_pair *p = &c->pairs[pair];
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, b, err);
	struct tally_span text = { "", 0 };
	char *detail = NULL;

	if (st == TALLY_OK)
		st = tally_row_read(&r, first->row, err);
	if (st == TALLY_OK)
		text = tally_cell_span(tally_row_cell(&r, p->after));
	if (text.len > SHOWN)
		for (text.len = SHOWN; text.len && ((unsigned char)text.at[text.len] & 0xC0) == 0x80;)
			text.len--;
	if (st == TALLY_OK) {
		detail = tally_arena_printf(&c->d->arena, "%s: %.*s in rows %zu and %zu",
		                            b->names[p->after], (int)text.len, text.at,
		                            tally_side_row(b, first[-1].row) + 1,
		                            tally_side_row(b, first->row) + 1);
		st = detail ? tally_table_problem(c, true, "no_longer_unique",
		                                  tally_side_row(b, first->row) + 1, twins, detail,
		                                  err)
		            : tally_err_nomem(err);
	}
	tally_row_reader_release(&r);
	return st;
}

static enum tally_status look(struct tally_comparison *c, uint32_t pair, struct value *list,
                              struct tally_err *err)
{
	size_t count, first = 0, rows = c->side[0].rows - c->side[0].preamble;
	uint64_t twins;
	enum tally_status st = collect(c, 0, c->pairs[pair].before, list, &count, err);

	if (st < 0 || count < ROWS_LEAST || count * 2 < rows || count_twins(list, count, &first))
		return st;
	st = collect(c, 1, c->pairs[pair].after, list, &count, err);
	twins = st == TALLY_OK ? count_twins(list, count, &first) : 0;
	return twins ? tell(c, pair, &list[first], twins, err) : st;
}

/* By pair: has the column cells that changed? */
static uint8_t *changed_columns(const struct tally_comparison *c)
{
	bool added = c->d->rows.added > 0;
	uint8_t *changed = tally_alloc((size_t)c->pair_count + 1);

	if (!changed)
		return NULL;
	memset(changed, added, (size_t)c->pair_count + 1);
	for (size_t i = 0; i < c->cell_count; i++)
		changed[c->cells[i].column] = 1;
	return changed;
}

enum tally_status tally_find_no_longer_unique(struct tally_comparison *c, struct tally_err *err)
{
	uint32_t most = c->side[0].rows > c->side[1].rows ? c->side[0].rows : c->side[1].rows;
	enum tally_status st = TALLY_OK;
	struct value *list;
	uint8_t *changed;

	if (!c->side[0].header || !c->side[1].header || most > ROWS_MOST ||
	    (!c->cell_count && !c->d->rows.added))
		return TALLY_OK;
	changed = changed_columns(c);
	list = tally_alloc(((size_t)most + 1) * sizeof *list);
	if (!changed || !list)
		st = tally_err_nomem(err);
	for (uint32_t k = 0; st == TALLY_OK && k < c->base_pairs; k++)
		/* of a key alone that is told with it */
		if (changed[k] && !(c->key_count == 1 && c->key[0] == k) &&
		    tally_names_a_key(c->side[0].names[c->pairs[k].before]))
			st = look(c, k, list, err);
	tally_free(changed);
	tally_free(list);
	return st;
}
