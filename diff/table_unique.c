/* Columns whose names say that their values tell rows apart, and which did so before and do not any more. */
#include <string.h>

#include "core/mem.h"
#include "diff/table_key.h"

enum {
	ROWS_LEAST = 3,      /* with values: fewer are different by chance */
	ROWS_MOST = 4000000, /* that are looked at */
	SHOWN = 40,          /* bytes of a value */
};

/* Values that were met, by their hashes: open addressing, half full at most. */
struct seen {
	uint64_t *hashes; /* by row */
	uint32_t *slots;  /* rows + 1; 0: free */
	size_t mask;
};

/* Values that stand in several rows: how many rows repeat one, and the topmost of these. */
struct twins {
	uint64_t count;
	uint32_t first, row; /* the same value stands there */
};

static enum tally_status seen_init(struct seen *seen, uint32_t rows, struct tally_err *err)
{
	size_t slots = 16;

	while (slots < 2 * (size_t)rows)
		slots *= 2;
	*seen = (struct seen){ .hashes = tally_alloc(((size_t)rows + 1) * sizeof *seen->hashes),
		               .slots = tally_alloc(slots * sizeof *seen->slots),
		               .mask = slots - 1 };
	return seen->hashes && seen->slots ? TALLY_OK : tally_err_nomem(err);
}

static void seen_release(struct seen *seen)
{
	tally_free(seen->hashes);
	tally_free(seen->slots);
}

/* @return the row where it was met first; this one, if it was not */
static uint32_t seen_add(struct seen *seen, uint64_t hash, uint32_t row)
{
	size_t at = (size_t)(hash ^ hash >> 32) & seen->mask;

	for (; seen->slots[at]; at = (at + 1) & seen->mask)
		if (seen->hashes[seen->slots[at] - 1] == hash)
			return seen->slots[at] - 1;
	seen->hashes[row] = hash;
	seen->slots[at] = row + 1;
	return row;
}

/* The twins of a side's column; blank ones are none. @one  the first will do. @values  set: rows that have one */
static enum tally_status find_twins(const struct tally_comparison *c, int side, uint32_t column,
                                    struct seen *seen, bool one, struct twins *twins,
                                    uint64_t *values, struct tally_err *err)
{
	const struct tally_table_side *s = &c->side[side];
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, s, err);

	*twins = (struct twins){ 0 };
	*values = 0;
	memset(seen->slots, 0, (seen->mask + 1) * sizeof *seen->slots);
	for (uint32_t row = s->preamble; st == TALLY_OK && row < s->rows; row++) {
		const struct tally_cell *cell;
		uint32_t first;

		st = tally_row_read(&r, row, err);
		cell = tally_row_cell(&r, column);
		/* a total is no row that is known by anything; what was not computed is not known */
		if (st != TALLY_OK || !cell->value_len || (s->total && s->total[row]))
			continue;
		++*values;
		first = seen_add(seen, tally_cell_hash(c, cell), row);
		if (first == row)
			continue;
		if (!twins->count++)
			*twins = (struct twins){ 1, first, row };
		if (one)
			break;
	}
	tally_row_reader_release(&r);
	return st;
}

static enum tally_status tell(struct tally_comparison *c, uint32_t pair, const struct twins *twins,
                              struct tally_err *err)
{
	const struct tally_table_side *b = &c->side[1];
	const struct tally_column_pair *p = &c->pairs[pair];
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, b, err);
	struct tally_span text = { "", 0 };
	char *detail = NULL;

	if (st == TALLY_OK)
		st = tally_row_read(&r, twins->row, err);
	if (st == TALLY_OK)
		text = tally_cell_span(tally_row_cell(&r, p->after));
	if (text.len > SHOWN)
		for (text.len = SHOWN; text.len && ((unsigned char)text.at[text.len] & 0xC0) == 0x80;)
			text.len--;
	if (st == TALLY_OK) {
		detail = tally_arena_printf(&c->d->arena, "%s: %.*s in rows %zu and %zu",
		                            b->names[p->after], (int)text.len, text.at,
		                            tally_side_row(b, twins->first) + 1,
		                            tally_side_row(b, twins->row) + 1);
		st = detail ? tally_table_problem(c, true, "no_longer_unique",
		                                  tally_side_row(b, twins->row) + 1, twins->count,
		                                  detail, err)
		            : tally_err_nomem(err);
	}
	tally_row_reader_release(&r);
	return st;
}

static enum tally_status look(struct tally_comparison *c, uint32_t pair, struct seen *seen,
                              struct tally_err *err)
{
	uint32_t rows = c->side[0].rows - c->side[0].preamble;
	struct twins twins;
	uint64_t values;
	enum tally_status st = find_twins(c, 0, c->pairs[pair].before, seen, true, &twins, &values,
	                                  err);

	if (st < 0 || twins.count || values < ROWS_LEAST || values * 2 < rows)
		return st;
	st = find_twins(c, 1, c->pairs[pair].after, seen, false, &twins, &values, err);
	return st == TALLY_OK && twins.count ? tell(c, pair, &twins, err) : st;
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
	enum tally_status st;
	struct seen seen;
	uint8_t *changed;

	if (!c->side[0].header || !c->side[1].header || most > ROWS_MOST ||
	    (!c->cell_count && !c->d->rows.added))
		return TALLY_OK;
	changed = changed_columns(c);
	st = seen_init(&seen, most, err);
	if (!changed)
		st = tally_err_nomem(err);
	for (uint32_t k = 0; st == TALLY_OK && k < c->base_pairs; k++)
		/* of a key alone that is told with it */
		if (changed[k] && !(c->key_count == 1 && c->key[0] == k) &&
		    tally_names_a_key(c->side[0].names[c->pairs[k].before]))
			st = look(c, k, &seen, err);
	tally_free(changed);
	seen_release(&seen);
	return st;
}
