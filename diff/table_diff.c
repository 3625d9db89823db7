/* The comparison of two parts from end to end; what each stage does stands in its own file, see table_work.h. */
#include "diff/table_diff.h"

#include <assert.h>
#include <string.h>

#include "core/cpu.h"
#include "core/mem.h"
#include "core/parallel.h"
#include "diff/table_work.h"

enum {
	SIMILAR_ROWS = 500,    /* thousandths from which rows without a key are one row */
	SIMILAR_KEYED = 800,   /* where there is an inferred key and only that may have changed */
	SIMILAR_UNNAMED = 650, /* and where nothing says that it names the rows */
	TYPE_ROWS = 64,        /* rows looked at to see whether a format has types */
	TITLE_SHOWN = 80,      /* bytes of a title line */
};

/* ---- an absent side ---- */

static void no_bytes(const struct tally_part *part, size_t row, const char **bytes, size_t *len)
{
	(void)part;
	(void)row;
	*bytes = "";
	*len = 0;
}

static enum tally_status no_cells(const struct tally_part *part, size_t row,
                                  struct tally_arena *scratch, struct tally_cell *cells, size_t cap,
                                  size_t *count, struct tally_err *err)
{
	(void)part;
	(void)row;
	(void)scratch;
	(void)cells;
	(void)cap;
	(void)err;
	*count = 0;
	return TALLY_OK;
}

static const struct tally_part_ops no_ops = { .raw = no_bytes, .cells = no_cells };
static const struct tally_part no_part = {
	.name = "", .format = "", .header_row = TALLY_NO_HEADER, .ops = &no_ops
};

/* ---- setting up ---- */

static enum tally_status side_init(struct tally_table_side *s, const struct tally_part *part,
                                   struct tally_err *err)
{
	s->part = part ? part : &no_part;
	if (s->part->row_count >= UINT32_MAX - 1)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "a table has more than 2^32 rows");
	s->header = s->part->header_row < s->part->row_count;
	s->rows = (uint32_t)s->part->row_count - s->header;
	s->preamble = s->header ? (uint32_t)s->part->header_row : 0;
	return TALLY_OK;
}

static enum tally_status side_pairs(struct tally_table_side *s, struct tally_err *err)
{
	s->pair = tally_alloc(s->rows * sizeof *s->pair);
	if (!s->pair)
		return tally_err_nomem(err);
	memset(s->pair, 0xff, s->rows * sizeof *s->pair);
	return TALLY_OK;
}

static const char *property(const struct tally_part *part, const char *name)
{
	for (size_t i = 0; i < part->property_count; i++)
		if (!strcmp(part->properties[i].name, name))
			return part->properties[i].value;
	return NULL;
}

static bool same_property(const struct tally_part *a, const struct tally_part *b, const char *name)
{
	const char *x = property(a, name), *y = property(b, name);

	return x && y ? !strcmp(x, y) : x == y;
}

/* Do equal bytes mean equal cells, and (nearly) the other way round? Asked once columns are matched. */
static bool compares_by_bytes(const struct tally_comparison *c)
{
	const struct tally_part *a = c->side[0].part, *b = c->side[1].part;
	static const char *const dialect[] = { "delimiter", "quoting", "quote", "encoding",
		                               "date_system" };

	if (strcmp(a->format, b->format) || a->quotes_tell != b->quotes_tell ||
	    c->side[0].base != c->side[1].base || c->base_pairs != c->side[0].base)
		return false;
	for (size_t i = 0; i < sizeof dialect / sizeof *dialect; i++)
		if (!same_property(a, b, dialect[i]))
			return false;
	for (uint32_t k = 0; k < c->base_pairs; k++)
		if (c->pairs[k].before != c->pairs[k].after)
			return false;
	return true;
}

static enum tally_status has_types(const struct tally_table_side *s, bool *out, struct tally_err *err)
{
	struct tally_table_side narrow = *s;
	struct tally_row_reader r;
	enum tally_status st;

	narrow.cap = s->part->columns < 1024 ? (uint32_t)s->part->columns : 1024;
	st = tally_row_reader_init(&r, &narrow, err);
	for (size_t row = 0; st == TALLY_OK && row < s->part->row_count && row < TYPE_ROWS; row++) {
		st = tally_row_read_raw(&r, row, err);
		for (size_t i = 0; st == TALLY_OK && i < r.filled; i++)
			*out |= r.cells[i].formula || (r.cells[i].kind != TALLY_CELL_TEXT &&
			                               r.cells[i].kind != TALLY_CELL_EMPTY);
	}
	tally_row_reader_release(&r);
	return st;
}

/*
 * In one format kinds are compared (a format without types has but one); between two, where both have types. Number formats are
 * compared in one format only: each writes them in its own way.
 */
static enum tally_status find_typed(struct tally_comparison *c, struct tally_err *err)
{
	const struct tally_part *a = c->side[0].part, *b = c->side[1].part;
	bool typed[2] = { a->sheet, b->sheet }, same = !strcmp(a->format, b->format);
	enum tally_status st = TALLY_OK;

	for (int side = 0; st == TALLY_OK && side < 2; side++)
		if (!typed[side])
			st = has_types(&c->side[side], &typed[side], err);
	c->typed = same ? typed[0] || typed[1] : typed[0] && typed[1];
	c->mixed = c->d->before && c->d->after && !c->typed && typed[0] != typed[1];
	c->formulas = c->typed && !a->values_only && !b->values_only;
	c->formats = c->formulas && same;
	c->d->typed = c->typed;
	c->d->values_only = c->mixed || (c->typed && !c->formulas);
	return st;
}

/* Blank rows are no data: their number is a property of the file. */
static enum tally_status compare_blanks(struct tally_comparison *c, struct tally_err *err)
{
	struct tally_table_diff *d = c->d;
	uint32_t old = c->side[0].blank, now = c->side[1].blank;
	struct tally_property_change *p = &d->properties[d->properties_len];

	if (old == now || !d->before || !d->after)
		return TALLY_OK;
	p->name = "blank_rows";
	p->old = tally_arena_printf(&d->arena, "%u", old);
	p->now = tally_arena_printf(&d->arena, "%u", now);
	d->properties_len++;
	return p->old && p->now ? TALLY_OK : tally_err_nomem(err);
}

/* As the comparison sees it: a header that is a row of data is none. */
static const char *seen_property(const struct tally_comparison *c, int side, const char *name)
{
	const struct tally_table_side *s = &c->side[side];

	if (!strcmp(name, "header_row") && !s->header && s->part->header_row < s->part->row_count)
		return "none";
	return property(s->part, name);
}

static enum tally_status compare_properties(struct tally_comparison *c, struct tally_err *err)
{
	const struct tally_part *a = c->side[0].part, *b = c->side[1].part;
	struct tally_table_diff *d = c->d;
	bool other;

	d->properties = tally_arena_zero(&d->arena, a->property_count + b->property_count + 1,
	                                 sizeof *d->properties);
	if (!d->properties)
		return tally_err_nomem(err);
	if (!d->before || !d->after)
		return TALLY_OK;
	/* files of two formats have properties that the other one has not: that is no change */
	other = strcmp(a->format, b->format) != 0 && (a->sheet || b->sheet);
	for (size_t i = 0; i < a->property_count; i++) {
		const char *name = a->properties[i].name;
		const char *old = seen_property(c, 0, name), *now = seen_property(c, 1, name);

		if (other && (!old || !now))
			continue;
		if (!(old && now ? !strcmp(old, now) : old == now))
			d->properties[d->properties_len++] = (struct tally_property_change){ name,
				                                                             old,
				                                                             now };
	}
	for (size_t i = 0; i < b->property_count; i++)
		if (!other && !property(a, b->properties[i].name) && b->properties[i].value)
			d->properties[d->properties_len++] = (struct tally_property_change){
				b->properties[i].name, NULL, b->properties[i].value
			};
	return TALLY_OK;
}

enum tally_status tally_table_problem(struct tally_comparison *c, bool after, const char *what,
                                      uint64_t row, uint64_t count, const char *detail,
                                      struct tally_err *err)
{
	struct tally_table_diff *d = c->d;
	void *grown = tally_arena_zero(&d->arena, d->problems_len + 1, sizeof *d->problems);

	if (!grown)
		return tally_err_nomem(err);
	if (d->problems_len)
		memcpy(grown, d->problems, d->problems_len * sizeof *d->problems);
	d->problems = grown;
	d->problems[d->problems_len].problem = (struct tally_problem){
		.what = what, .row = row, .count = count, .detail = detail
	};
	d->problems[d->problems_len++].after = after;
	return TALLY_OK;
}

/* ---- pairing ---- */

static uint64_t unpaired(const struct tally_table_side *s)
{
	uint64_t n = 0;

	for (uint32_t i = s->preamble; i < s->rows; i++)
		n += s->pair[i] == TALLY_NO_PAIR;
	return n;
}

/* The last rows are paired for being alike: how many, and how alike they have to be, is part of the evidence. */
static enum tally_status pair_alike(struct tally_comparison *c, unsigned least, bool in_place,
                                    struct tally_err *err)
{
	struct tally_alignment *by = &c->d->aligned_by;
	uint64_t left = unpaired(&c->side[1]);
	enum tally_status st = tally_pair_similar(c, least, in_place, err);

	by->similar = left - unpaired(&c->side[1]);
	if (least > TALLY_SIMILAR_BUT_KEY)
		least = TALLY_SIMILAR_BUT_KEY;
	by->similar_least = by->similar ? (uint16_t)least : 0;
	return st;
}

/* More than an eighth of the rows of either side? */
static bool many_unpaired(const struct tally_comparison *c)
{
	return unpaired(&c->side[0]) * 8 > c->side[0].rows ||
	       unpaired(&c->side[1]) * 8 > c->side[1].rows;
}

static enum tally_status pair_rows(struct tally_comparison *c, struct tally_err *err)
{
	enum tally_status st;

	if (!c->base_pairs) { /* nothing to compare rows by */
		c->d->aligned_by.how = TALLY_ALIGNED_ROWS;
		if (c->side[0].base && c->side[1].base)
			c->d->aligned_by.note = "the tables have no column in common";
		return TALLY_OK;
	}
	c->by_bytes = compares_by_bytes(c);
	if (!c->by_bytes) {
		st = tally_hash_rows(c, err);
		if (st < 0)
			return st;
	}
	st = tally_pair_equal(c, err);
	if (st == TALLY_OK && c->by_bytes && c->formulas && many_unpaired(c)) {
		/* saved anew, formulas may have no results, and cells another format: rows are known without these */
		c->by_bytes = false;
		st = tally_hash_rows(c, err);
		if (st == TALLY_OK)
			st = tally_pair_equal(c, err);
	}
	if (st == TALLY_OK)
		st = tally_pair_but_results(c, err);
	if (st == TALLY_OK)
		st = tally_find_key(c, err);
	if (st < 0)
		return st;
	switch (c->d->aligned_by.how) {
	case TALLY_ALIGNED_GIVEN:
		return tally_pair_by_key(c, err);
	case TALLY_ALIGNED_INFERRED:
		st = tally_pair_by_key(c, err);
		if (st == TALLY_OK)
			st = tally_pair_by_rest(c, err);
		if (st < 0)
			return st;
		if (c->d->aligned_by.how == TALLY_ALIGNED_INFERRED) {
			st = tally_pair_without_number(c, err);
			if (st < 0 || c->d->aligned_by.how == TALLY_ALIGNED_ROWS)
				return st;
		}
		if (c->d->aligned_by.how == TALLY_ALIGNED_ROWS || c->key_count > 1)
			return pair_alike(c, SIMILAR_ROWS, true, err);
		return pair_alike(c, c->key_named ? SIMILAR_KEYED : SIMILAR_UNNAMED, false, err);
	case TALLY_ALIGNED_ROWS:
		break;
	}
	st = tally_pair_aligned(c, err);
	if (st == TALLY_OK)
		st = tally_pair_in_place(c, err);
	return st == TALLY_OK ? pair_alike(c, SIMILAR_ROWS, true, err) : st;
}

/* ---- counts ---- */

/* Title lines are no data: a title and a row are no pair. */
static void part_titles(struct tally_comparison *c)
{
	struct tally_table_side *a = &c->side[0], *b = &c->side[1];

	for (uint32_t row = 0; (a->preamble || b->preamble) && row < b->rows; row++) {
		uint32_t before = b->pair[row];

		if (before == TALLY_NO_PAIR || (before < a->preamble) == (row < b->preamble))
			continue;
		a->pair[before] = TALLY_NO_PAIR;
		b->pair[row] = TALLY_NO_PAIR;
		c->touched[row] = TALLY_ROW_EQUAL;
	}
}

static enum tally_status title_problem(struct tally_comparison *c, int side, uint32_t row,
                                       struct tally_err *err)
{
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, &c->side[side], err);
	struct tally_span text = { "", 0 };
	const char *detail = NULL;

	if (st == TALLY_OK)
		st = tally_row_read(&r, row, err);
	for (uint32_t i = 0; st == TALLY_OK && i < r.filled && !text.len; i++)
		text = tally_cell_span(&r.cells[i]);
	if (text.len > TITLE_SHOWN)
		for (text.len = TITLE_SHOWN;
		     text.len && ((unsigned char)text.at[text.len] & 0xC0) == 0x80;)
			text.len--;
	if (st == TALLY_OK) {
		detail = tally_arena_printf(&c->d->arena, "'%.*s'", (int)text.len, text.at);
		st = detail ? tally_table_problem(c, side,
		                                  side ? "title_line_added" : "title_line_removed",
		                                  tally_side_row(&c->side[side], row) + 1, 1,
		                                  detail, err)
		            : tally_err_nomem(err);
	}
	tally_row_reader_release(&r);
	return st;
}

static enum tally_status report_titles(struct tally_comparison *c, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	if (!c->d->before || !c->d->after)
		return TALLY_OK;
	for (int side = 0; side < 2; side++)
		for (uint32_t row = 0; st == TALLY_OK && row < c->side[side].preamble; row++)
			if (c->side[side].pair[row] == TALLY_NO_PAIR)
				st = title_problem(c, side, row, err);
	return st;
}

/* Rows whose bytes differ where no cell was looked at: edited, and it is not known how. */
static enum tally_status count_unseen(struct tally_comparison *c, uint64_t *edited,
                                      struct tally_err *err)
{
	const struct tally_table_side *b = &c->side[1];
	uint64_t unseen = 0, first = 0;
	const char *detail;

	for (uint32_t row = b->preamble; row < b->rows; row++) {
		if (c->touched[row] != TALLY_ROW_UNSEEN)
			continue;
		first = unseen++ ? first : tally_side_row(b, row) + 1;
	}
	if (!unseen)
		return TALLY_OK;
	*edited += unseen;
	detail = tally_arena_printf(
		&c->d->arena, "differs beyond column %u, where cells are not compared", b->cap);
	return detail ? tally_table_problem(c, true, "limit", first, unseen, detail, err)
	              : tally_err_nomem(err);
}

static enum tally_status count_rows(struct tally_comparison *c, struct tally_err *err)
{
	struct tally_table_rows *rows = &c->d->rows;
	uint64_t paired;
	enum tally_status st;

	rows->before = c->side[0].rows - c->side[0].preamble;
	rows->after = c->side[1].rows - c->side[1].preamble;
	rows->deleted = unpaired(&c->side[0]);
	rows->added = unpaired(&c->side[1]);
	for (size_t i = 0; i < c->cell_count; i++)
		rows->edited += c->cells[i].after >= c->side[1].preamble &&
		                (i == 0 || c->cells[i].after != c->cells[i - 1].after);
	st = count_unseen(c, &rows->edited, err);
	if (st < 0)
		return st;
	paired = rows->after - rows->added;
	rows->same = paired - rows->edited;
	if (rows->before - rows->deleted + rows->added != rows->after || rows->edited > paired)
		return tally_err_set(
			err, TALLY_FATAL, TALLY_REASON_NONE,
			"rows do not balance: %llu - %llu deleted + %llu added is not %llu",
			(unsigned long long)rows->before, (unsigned long long)rows->deleted,
			(unsigned long long)rows->added, (unsigned long long)rows->after);
	return TALLY_OK;
}

/* ---- the whole ---- */

static enum tally_status run(struct tally_comparison *c, struct tally_err *err)
{
	enum tally_status st = compare_properties(c, err);

	if (st == TALLY_OK)
		st = tally_compare_columns(c, err);
	if (st == TALLY_OK)
		st = pair_rows(c, err);
	if (st == TALLY_OK && c->d->before && c->d->after)
		st = tally_find_alone(c, err);
	if (st == TALLY_OK)
		st = tally_pair_in_old_places(c, err);
	if (st == TALLY_OK)
		st = tally_pair_cleared(c, err);
	if (st == TALLY_OK)
		st = compare_blanks(c, err);
	if (st == TALLY_OK) {
		part_titles(c);
		st = report_titles(c, err);
	}
	if (st == TALLY_OK)
		st = tally_compare_cells(c, err);
	if (st == TALLY_OK)
		st = count_rows(c, err);
	if (st == TALLY_OK)
		st = tally_find_outside(c, err);
	if (st == TALLY_OK)
		st = tally_find_moves(c, err);
	if (st == TALLY_OK)
		st = tally_scope_finish(c, err);
	if (st == TALLY_OK)
		st = tally_find_copies(c, err);
	if (st == TALLY_OK)
		st = tally_compare_totals(c, err);
	if (st == TALLY_OK)
		st = tally_find_short_sums(c, err);
	if (st == TALLY_OK)
		st = tally_find_no_longer_unique(c, err);
	if (st == TALLY_OK)
		st = tally_find_not_computed(c, err);
	if (st == TALLY_OK)
		st = tally_compare_invariants(c, err);
	if (st == TALLY_OK)
		st = tally_explain_cells(c, err);
	return st == TALLY_OK ? tally_find_doubts(c, err) : st;
}

static void comparison_release(struct tally_comparison *c)
{
	for (int side = 0; side < 2; side++) {
		tally_free(c->side[side].hash);
		tally_free(c->side[side].pair);
		tally_free(c->side[side].total);
		tally_free(c->side[side].places);
	}
	tally_free(c->pairs);
	tally_free(c->touched);
	tally_free(c->cells);
	tally_free(c->key_weights);
	tally_free(c->totals);
	tally_free(c->marks);
	tally_free(c->meanings);
	tally_scope_work_free(c->scope);
	tally_row_places_release(&c->places);
}

/* For sheets that are compared later; nothing where all is where it was. */
static enum tally_status keep_places(struct tally_comparison *c, struct tally_err *err)
{
	struct tally_row_places *kept;

	*c->options->keep_places = NULL;
	if (c->places.still || !c->places.to)
		return TALLY_OK;
	kept = tally_alloc(sizeof *kept);
	if (!kept)
		return tally_err_nomem(err);
	*kept = c->places;
	c->places = (struct tally_row_places){ .still = true };
	*c->options->keep_places = kept;
	return TALLY_OK;
}

enum tally_status tally_table_diff(struct tally_table_diff **out, const struct tally_part *before,
                                   const struct tally_part *after,
                                   const struct tally_table_options *options, struct tally_err *err)
{
	static const struct tally_table_options usual = TALLY_TABLE_OPTIONS_INIT;
	static const struct tally_limits limits = TALLY_LIMITS_INIT;
	struct tally_comparison c = { .options = options ? options : &usual,
		                      .left_out = TALLY_NO_PAIR };
	struct tally_table_diff *d = tally_alloc_zero(1, sizeof *d);
	enum tally_status st;

	assert(c.options->version == TALLY_TABLE_OPTIONS_VERSION);
	if (!d)
		return tally_err_nomem(err);
	tally_arena_init(&d->arena, 0);
	d->before = before;
	d->after = after;
	c.d = d;
	c.limits = c.options->limits ? c.options->limits : &limits;
	c.threads = tally_threads(c.options->threads);
	st = side_init(&c.side[0], before, err);
	if (st == TALLY_OK)
		st = side_init(&c.side[1], after, err);
	c.quotes_tell = c.side[0].part && c.side[1].part && c.side[0].part->quotes_tell &&
	                c.side[1].part->quotes_tell;
	if (st == TALLY_OK)
		st = tally_check_headers(&c, err);
	if (st == TALLY_OK)
		st = find_typed(&c, err);
	if (st == TALLY_OK)
		st = tally_leave_out_blank(&c, err);
	for (int side = 0; st == TALLY_OK && side < 2; side++)
		st = side_pairs(&c.side[side], err);
	c.touched = tally_alloc_zero(c.side[1].rows, 1);
	if (st == TALLY_OK && !c.touched)
		st = tally_err_nomem(err);
	if (st == TALLY_OK)
		st = run(&c, err);
	if (st >= 0 && c.options->keep_places)
		st = keep_places(&c, err);
	comparison_release(&c);
	if (st < 0) {
		tally_table_diff_free(d);
		return st;
	}
	*out = d;
	return TALLY_OK;
}

void tally_table_diff_free(struct tally_table_diff *d)
{
	if (!d)
		return;
	tally_arena_release(&d->arena);
	tally_free(d);
}

bool tally_table_diff_any(const struct tally_table_diff *d)
{
	return d->rows.edited || d->rows.moved || d->rows.deleted || d->rows.added ||
	       d->columns_len || d->cells_total || d->reordering.found || d->properties_len ||
	       !d->before != !d->after;
}
