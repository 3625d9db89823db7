/* Cells of paired rows: which differ, and how. */
#include <string.h>

#include "core/mem.h"
#include "core/parallel.h"
#include "diff/table_work.h"

struct chunk {
	struct tally_cell_record *records;
	size_t count, cap;
	uint64_t missing, first_missing; /* formulas that lost their results */
	uint64_t unknown[2]; /* pairs of cells taken for equal, though nobody computed the result of this side only */
};

struct cells_job {
	struct tally_comparison *c;
	struct chunk *chunks;
};

struct row_pair {
	const struct tally_comparison *c;
	struct tally_row_reader r[2];
	uint32_t before, after;
};

static uint32_t short_hash(const struct tally_comparison *c, const struct tally_cell *cell)
{
	uint64_t h = tally_cell_exact_hash(c, cell);

	return (uint32_t)(h >> 32 ^ h);
}

static const struct tally_cell *old_cell(const struct row_pair *p, uint32_t k)
{
	return tally_row_cell(&p->r[0], p->c->pairs[k].before);
}

static const struct tally_cell *new_cell(const struct row_pair *p, uint32_t k)
{
	return tally_row_cell(&p->r[1], p->c->pairs[k].after);
}

/* Where two values of a row changed places, or all of a stretch moved on by one cell, that is what happened. */
static void mark_swapped(struct tally_cell_record *r, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t j = i + 1; j < count; j++) {
			if (r[i].old != r[j].now || r[i].now != r[j].old || r[i].old == r[i].now ||
			    !r[i].old || !r[j].old)
				continue;
			if (r[i].nature == TALLY_NATURE_SWAPPED || r[j].nature == TALLY_NATURE_SWAPPED)
				continue;
			r[i].nature = r[j].nature = TALLY_NATURE_SWAPPED;
			r[i].ways = r[j].ways = 0;
		}
	}
}

enum { SHIFTED_LEAST = 3, SWAPPED_MOST = 64 };

static void mark_shifted(struct tally_cell_record *r, size_t count, int step)
{
	for (size_t i = 0; i + SHIFTED_LEAST <= count;) {
		size_t n = 1;

		/* neighbours, each with the value that the one before it had */
		while (i + n < count && r[i + n].column == r[i + n - 1].column + 1 &&
		       (step > 0 ? r[i + n].now == r[i + n - 1].old && r[i + n].now
		                 : r[i + n - 1].now == r[i + n].old && r[i + n].old))
			n++;
		if (n >= SHIFTED_LEAST)
			for (size_t k = i; k < i + n; k++) {
				r[k].nature = TALLY_NATURE_SHIFTED;
				r[k].ways = 0;
			}
		i += n;
	}
}

/* What counts in a pair of cells. */
static unsigned types_of(const struct row_pair *p, uint32_t k, const struct tally_cell *old,
                         const struct tally_cell *now)
{
	const struct tally_comparison *c = p->c;
	unsigned types = c->typed ? TALLY_TYPES_KINDS : 0;

	if (!c->formulas)
		return types;
	types |= TALLY_TYPES_FORMULAS;
	if (old->formula && now->formula) {
		const struct tally_cell_place_pair at = { { tally_side_row(&c->side[0], p->before),
			                                    tally_side_row(&c->side[1], p->after) },
			                                  { c->pairs[k].before, c->pairs[k].after } };

		if (tally_same_formula(old, now) && tally_formula_strayed(c, &at, now))
			types |= TALLY_TYPES_FORMULA_OTHER;
		else if (tally_formula_same(c, &at, old, now))
			types |= TALLY_TYPES_FORMULA_SAME;
	}
	return types;
}

/* Formulas whose text is another one because rows came or went, and all else is equal. */
static bool equal_but_places(const struct tally_comparison *c, unsigned types,
                             const struct tally_cell *old, const struct tally_cell *now)
{
	struct tally_cell moved = *now;

	if (!(types & TALLY_TYPES_FORMULA_SAME))
		return false;
	moved.formula = old->formula;
	moved.formula_len = old->formula_len;
	return tally_cells_equal(c, old, &moved);
}

/* The same change of a formula in many cells is one, whatever their results. */
static uint32_t record_hash(const struct tally_comparison *c, uint8_t nature,
                            const struct tally_cell *cell)
{
	const struct tally_cell formula = { .value = cell->formula,
		                            .value_len = cell->formula_len,
		                            .kind = TALLY_CELL_TEXT };

	return short_hash(c, nature == TALLY_NATURE_FORMULA_CHANGED ? &formula : cell);
}

static void count_unknown(struct chunk *out, const struct tally_cell *old,
                          const struct tally_cell *now)
{
	bool before = tally_cell_missing(old), after = tally_cell_missing(now);

	out->unknown[0] += before && !after;
	out->unknown[1] += after && !before;
}

static enum tally_status compare_rows(struct row_pair *p, struct chunk *out, struct tally_err *err)
{
	const struct tally_comparison *c = p->c;
	size_t first = out->count;
	enum tally_status st = tally_row_read(&p->r[0], p->before, err);

	if (st == TALLY_OK)
		st = tally_row_read(&p->r[1], p->after, err);
	for (uint32_t k = 0; st == TALLY_OK && k < c->pair_count; k++) {
		const struct tally_cell *old = old_cell(p, k), *now = new_cell(p, k);
		unsigned types = types_of(p, k, old, now);
		struct tally_cell_record *r;

		if (tally_cell_missing(now) && !tally_cell_missing(old) && !out->missing++)
			out->first_missing = tally_side_row(&c->side[1], p->after);
		if (!(types & TALLY_TYPES_FORMULA_OTHER) &&
		    (tally_cells_equal(c, old, now) || equal_but_places(c, types, old, now))) {
			count_unknown(out, old, now);
			continue;
		}
		if (!tally_grow(&out->records, &out->cap, out->count, sizeof *out->records))
			return tally_err_nomem(err);
		r = &out->records[out->count++];
		*r = (struct tally_cell_record){ .before = p->before, .after = p->after, .column = k };
		r->nature = (uint8_t)tally_cell_nature(old, now, types, &r->ways);
		if (r->nature == TALLY_NATURE_FORMAT_ONLY)
			count_unknown(out, old, now);
		r->old = record_hash(c, r->nature, old);
		r->now = record_hash(c, r->nature, now);
	}
	if (out->count == first && (p->r[0].beyond || p->r[1].beyond) &&
	    !tally_rows_same_bytes(c, p->before, p->after))
		c->touched[p->after] = TALLY_ROW_UNSEEN;
	if (st == TALLY_OK && out->count - first > 1) {
		struct tally_cell_record *r = out->records + first;
		size_t count = out->count - first;

		if (count <= SWAPPED_MOST)
			mark_swapped(r, count);
		mark_shifted(r, count, 1);
		mark_shifted(r, count, -1);
	}
	return st;
}

static enum tally_status compare_chunk(void *payload, size_t index, struct tally_err *err)
{
	const struct cells_job *job = payload;
	const struct tally_comparison *c = job->c;
	const struct tally_table_side *b = &c->side[1];
	uint32_t row = (uint32_t)(index * TALLY_CHUNK),
		 end = b->rows - row > TALLY_CHUNK ? row + TALLY_CHUNK : b->rows;
	struct row_pair p = { .c = c };
	enum tally_status st = tally_row_reader_init(&p.r[0], &c->side[0], err);

	if (st == TALLY_OK)
		st = tally_row_reader_init(&p.r[1], b, err);
	for (; st == TALLY_OK && row < end; row++) {
		if (!c->touched[row] || b->pair[row] == TALLY_NO_PAIR)
			continue;
		p.before = b->pair[row];
		p.after = row;
		st = compare_rows(&p, &job->chunks[index], err);
	}
	tally_row_reader_release(&p.r[0]);
	tally_row_reader_release(&p.r[1]);
	return st;
}

static void take_unknown(struct tally_comparison *c, const struct chunk *from)
{
	for (int side = 0; side < 2; side++)
		c->d->results_unknown[side] += from->unknown[side];
}

static enum tally_status join_chunks(struct tally_comparison *c, struct chunk *chunks, size_t count,
                                     struct tally_err *err)
{
	size_t all = 0;

	for (size_t i = 0; i < count; i++)
		all += chunks[i].count;
	c->cells = tally_alloc(all * sizeof *c->cells);
	if (!c->cells)
		return tally_err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		if (chunks[i].count)
			memcpy(c->cells + c->cell_count, chunks[i].records,
			       chunks[i].count * sizeof *c->cells);
		c->cell_count += chunks[i].count;
		if (chunks[i].missing && !c->not_computed)
			c->first_not_computed = chunks[i].first_missing;
		c->not_computed += chunks[i].missing;
		take_unknown(c, &chunks[i]);
		tally_free(chunks[i].records);
		chunks[i].records = NULL;
	}
	return TALLY_OK;
}

/* Names of columns that formulas make and that nobody computed were taken for those of the other side. */
static enum tally_status compare_names(struct tally_comparison *c, struct chunk *out,
                                       struct tally_err *err)
{
	struct row_pair p = { .c = c };
	enum tally_status st = TALLY_OK;

	if (!c->side[0].header || !c->side[1].header)
		return TALLY_OK;
	for (int side = 0; st == TALLY_OK && side < 2; side++) {
		st = tally_row_reader_init(&p.r[side], &c->side[side], err);
		if (st == TALLY_OK)
			st = tally_row_read_raw(&p.r[side], c->side[side].part->header_row, err);
	}
	for (uint32_t k = 0; st == TALLY_OK && k < c->base_pairs; k++)
		count_unknown(out, old_cell(&p, k), new_cell(&p, k));
	tally_row_reader_release(&p.r[0]);
	tally_row_reader_release(&p.r[1]);
	return st;
}

/*
 * Rows that are written alike mean something else where their formulas take from sheets whose rows moved, or that have another
 * name or are gone. A row's bytes hold its formulas.
 */
static void look_at_formulas(struct tally_comparison *c)
{
	const struct tally_table_side *b = &c->side[1];

	if (!c->formulas || (!c->options->other_sheet_count && !c->options->sheet_name_count))
		return;
	for (uint32_t row = 0; row < b->rows; row++) {
		const char *bytes;
		size_t len;

		if (c->touched[row] != TALLY_ROW_EQUAL || b->pair[row] == TALLY_NO_PAIR)
			continue;
		b->part->ops->raw(b->part, tally_side_row(b, row), &bytes, &len);
		if (len && memchr(bytes, '!', len))
			c->touched[row] = TALLY_ROW_LOOK;
	}
}

enum tally_status tally_compare_cells(struct tally_comparison *c, struct tally_err *err)
{
	size_t count = ((size_t)c->side[1].rows + TALLY_CHUNK - 1) / TALLY_CHUNK;
	struct cells_job job = { c, tally_alloc_zero(count, sizeof *job.chunks) };
	struct chunk names = { 0 };
	enum tally_status st = job.chunks ? tally_row_places_init(&c->places, c, err)
	                                  : tally_err_nomem(err);

	look_at_formulas(c);
	if (st == TALLY_OK)
		st = tally_parallel(c->threads, count, compare_chunk, &job, err);
	if (st == TALLY_OK && (c->formulas || c->mixed))
		st = compare_names(c, &names, err);
	if (st == TALLY_OK)
		st = join_chunks(c, job.chunks, count, err);
	take_unknown(c, &names);
	for (size_t i = 0; job.chunks && i < count; i++)
		tally_free(job.chunks[i].records);
	tally_free(job.chunks);
	return st;
}
