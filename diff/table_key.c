/* The columns that tell rows apart: given by name, or inferred from uniqueness, overlap and names. */
#include "diff/table_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

enum {
	SAMPLE_ROWS = 1000,
	SAMPLE_CELLS = 1 << 18,
	CANDIDATES = 256,   /* columns that are looked at; keys stand to the left */
	COMPOSITE_FROM = 8, /* best columns that a composite key is made of */
	COMPOSITE_MOST = 3,
	TRIED_SMALL = 16, /* candidates that are measured in a table of at most SMALL rows */
	TRIED_LARGE = 4,
	SMALL = 50000,
	OVERLAP_COMPOSITE = 700,
	OVERLAP_GOOD = 900, /* with a telling name nothing better is looked for */
	BONUS_NAME = 100,   /* thousandths of overlap that a telling name is worth */
	BONUS_FIRST = 30,
	MALUS_NUMBERS = 100, /* plain numbers may be unique by chance, unless they stand first */
	MALUS_MEASURE_NAME = 60,
	MEASURE_SHARE = 100, /* thousandths of a column's numbers with a fraction that make it a measure */
	ONCE_TOLERANCE = 300, /* thousandths of values that come again where a key is no longer one */
	DETAIL_BYTES = 60,
};

/* ---- the key given ---- */

/* Names of columns, but for those without one */
static void list_names(const struct tally_table_side *s, char *list, size_t room)
{
	size_t at = 0;

	*list = '\0';
	for (uint32_t i = 0; i < s->base; i++) {
		size_t n = strlen(s->names[i]);

		if (!n)
			continue;
		if (at + n + 8 > room) {
			memcpy(list + at, ", …", sizeof ", …");
			return;
		}
		at += (size_t)snprintf(list + at, room - at, "%s%s", at ? ", " : "", s->names[i]);
	}
}

static enum tally_status no_such_column(const struct tally_comparison *c, const char *name,
                                        bool gone, struct tally_err *err)
{
	const struct tally_part *part = c->side[0].part;
	char list[400];

	list_names(&c->side[0], list, sizeof list);
	if (gone)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_NONE,
		                     "no column '%.60s' on the after side; the columns are: %s",
		                     name, list);
	if (part->sheet)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_NONE,
		                     "no column '%.60s' in any sheet; sheet '%.60s' has: %s", name,
		                     part->name, list);
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_NONE,
	                     "no column '%.60s'; the columns are: %s", name, list);
}

static enum tally_status look_up(struct tally_comparison *c, const char *name, uint32_t *pair,
                                 struct tally_err *err)
{
	uint32_t column = 0;

	while (column < c->side[0].base && strcmp(c->side[0].names[column], name))
		column++;
	if (column == c->side[0].base)
		return no_such_column(c, name, false, err);
	for (*pair = 0; *pair < c->base_pairs; ++*pair)
		if (c->pairs[*pair].before == column)
			return TALLY_OK;
	return no_such_column(c, name, true, err);
}

/* ---- candidates ---- */

struct candidate {
	uint32_t pair;
	bool blank, hint, measure; /* cells, what its name says */
	bool floats; /* fractions, or both signs: amounts and the like, which are unique by chance */
	bool numbers; /* hardly anything but numbers */
	uint32_t distinct[2];
};

struct sample {
	uint32_t rows[2];
	uint64_t *hashes[2]; /* rows × candidates */
	struct candidate *of;
	uint32_t count;
};

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint32_t count_distinct(uint64_t *values, uint32_t count)
{
	uint32_t n = 0;

	qsort(values, count, sizeof *values, by_value);
	for (uint32_t i = 0; i < count; i++)
		n += i == 0 || values[i] != values[i - 1];
	return n;
}

/* What the sample of a column looks like. */
struct looks {
	uint32_t filled, numbers, fractions, negative, positive;
	bool any, falls; /* numbers do not rise from row to row */
	tally_wide last;
};

static void look_at(struct looks *l, const struct tally_cell *cell)
{
	struct tally_number n;
	int m;

	l->filled += cell->value_len > 0;
	if (!cell->value_len || !tally_number_parse(&n, tally_cell_span(cell)))
		return;
	m = n.reads[TALLY_MARKS_POINT] ? TALLY_MARKS_POINT : TALLY_MARKS_COMMA;
	l->numbers++;
	l->fractions += n.fraction[m] > 0;
	l->negative += n.value[m] < 0;
	l->positive += n.value[m] > 0;
	l->falls |= l->any && n.value[m] <= l->last;
	l->any = true;
	l->last = n.value[m];
}

static void judge_looks(struct candidate *k, const struct looks *l, const char *name)
{
	bool numbers = l->numbers * 10 > l->filled * 9;
	bool steps = k->pair == 0 && !l->falls; /* 0.1, 0.2, 0.3 … as the first column: a scale */

	k->numbers |= numbers;
	if (!numbers || k->hint || steps || tally_names_a_label(name))
		return;
	k->floats |= k->measure ||
	             (uint64_t)l->fractions * 1000 > (uint64_t)l->numbers * MEASURE_SHARE ||
	             (l->negative && l->positive);
}

static enum tally_status take_sample(struct tally_comparison *c, struct sample *s, int side,
                                     struct tally_err *err)
{
	const struct tally_table_side *t = &c->side[side];
	uint32_t all = t->rows - t->preamble, most = SAMPLE_CELLS / s->count;
	struct looks *looks = NULL;
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, t, err);

	s->rows[side] = all < SAMPLE_ROWS ? all : SAMPLE_ROWS;
	s->rows[side] = s->rows[side] > most ? most : s->rows[side];
	s->hashes[side] = tally_alloc((size_t)s->rows[side] * s->count * sizeof *s->hashes[side]);
	looks = tally_alloc_zero(s->count, sizeof *looks);
	if (!s->hashes[side] || !looks)
		st = tally_err_nomem(err);
	for (uint32_t i = 0; st == TALLY_OK && i < s->rows[side]; i++) {
		st = tally_row_read(&r, t->preamble + (uint32_t)((uint64_t)i * all / s->rows[side]),
		                    err);
		for (uint32_t k = 0; st == TALLY_OK && k < s->count; k++) {
			const struct tally_column_pair *p = &c->pairs[s->of[k].pair];
			const struct tally_cell *cell = tally_row_cell(&r,
			                                               side ? p->after : p->before);

			s->hashes[side][(size_t)i * s->count + k] = tally_cell_hash(c, cell);
			s->of[k].blank |= !cell->value_len;
			look_at(&looks[k], cell);
		}
	}
	for (uint32_t k = 0; st == TALLY_OK && k < s->count; k++)
		judge_looks(&s->of[k], &looks[k], c->side[0].names[c->pairs[s->of[k].pair].before]);
	tally_free(looks);
	tally_row_reader_release(&r);
	return st;
}

/* Distinct combinations of some candidates in the sample. */
static enum tally_status combine(const struct sample *s, int side, const uint32_t *which,
                                 uint32_t count, uint32_t *distinct, struct tally_err *err)
{
	uint64_t *values = tally_alloc(s->rows[side] * sizeof *values);

	if (!values)
		return tally_err_nomem(err);
	for (uint32_t i = 0; i < s->rows[side]; i++) {
		values[i] = 0;
		for (uint32_t k = 0; k < count; k++)
			values[i] = tally_hash_mix(values[i],
			                           s->hashes[side][(size_t)i * s->count + which[k]]);
	}
	*distinct = count_distinct(values, s->rows[side]);
	tally_free(values);
	return TALLY_OK;
}

static void sample_release(struct sample *s)
{
	tally_free(s->hashes[0]);
	tally_free(s->hashes[1]);
	tally_free(s->of);
}

static enum tally_status sample_init(struct tally_comparison *c, struct sample *s,
                                     struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	*s = (struct sample){ .count = c->base_pairs < CANDIDATES ? c->base_pairs : CANDIDATES };
	s->of = tally_alloc_zero(s->count, sizeof *s->of);
	if (!s->of)
		return tally_err_nomem(err);
	for (uint32_t k = 0; k < s->count; k++) {
		const char *name = c->side[0].names[c->pairs[k].before];

		s->of[k].pair = k;
		s->of[k].hint = c->side[0].header && tally_names_a_key(name);
		s->of[k].measure = c->side[0].header && tally_names_a_measure(name);
	}
	for (int side = 0; st == TALLY_OK && side < 2; side++)
		st = take_sample(c, s, side, err);
	for (int side = 0; st == TALLY_OK && side < 2; side++)
		for (uint32_t k = 0; st == TALLY_OK && k < s->count; k++)
			st = combine(s, side, &k, 1, &s->of[k].distinct[side], err);
	return st;
}

/* ---- choosing ---- */

struct choice {
	uint32_t key[COMPOSITE_MOST];
	uint32_t count; /* 0: none found */
	int score;
	struct tally_key_evidence e;
	bool nearly; /* unique but for a few rows */
	bool named;  /* by names that say that they are keys */
};

/* Columns that would be a key, but for something. */
struct refused {
	uint32_t apart, measure; /* index into pairs, TALLY_NO_PAIR: none */
	unsigned overlap;        /* of the one whose values are not on both sides */
};

static bool sample_unique(const struct sample *s, const struct candidate *k, unsigned tolerance)
{
	for (int side = 0; side < 2; side++)
		if ((s->rows[side] - k->distinct[side]) * 1000 > tolerance * s->rows[side])
			return false;
	return !k->blank;
}

static int score(const struct candidate *k, const struct tally_key_evidence *e)
{
	bool by_chance = k->numbers && !k->hint && k->pair != 0;

	return (int)tally_key_overlap(e) + (k->hint ? BONUS_NAME : 0) +
	       (k->pair == 0 ? BONUS_FIRST : 0) - (by_chance ? MALUS_NUMBERS : 0) -
	       (k->measure && !k->hint ? MALUS_MEASURE_NAME : 0);
}

/* A column that says that it is a key was one on one side: rows were doubled, or doubles removed. */
static bool unique_once(const struct candidate *k, const struct tally_key_evidence *e)
{
	return k->hint && (!e->duplicates[0] || !e->duplicates[1]);
}

/* Few enough duplicates that the column is still what rows are known by. */
static bool nearly_unique(const struct tally_comparison *c, const struct candidate *k,
                          const struct tally_key_evidence *e)
{
	uint64_t rows = (uint64_t)c->side[0].rows + c->side[1].rows,
		 bad = e->duplicates[0] + e->duplicates[1];

	return bad * (unique_once(k, e) ? 4
	              : k->hint         ? 100
	                                : 1000) <=
	               rows &&
	       tally_key_overlap(e) >= OVERLAP_GOOD && !k->floats;
}

/* Candidates in the order in which they are measured: telling names first, measures last, otherwise from the left. */
static unsigned rank(const struct candidate *k)
{
	return k->hint ? 0 : k->measure ? 2 : 1;
}

static enum tally_status try_single(struct tally_comparison *c, const struct candidate *k,
                                    bool nearly, struct choice *best, struct refused *no,
                                    struct tally_err *err)
{
	struct tally_key_evidence e;
	enum tally_status st = tally_key_measure(c, &k->pair, 1, &e, err);
	int points;

	if (st < 0)
		return st;
	if (!nearly && tally_key_unique(&e) && tally_key_overlap(&e) < TALLY_KEY_OVERLAP &&
	    (no->apart == TALLY_NO_PAIR || tally_key_overlap(&e) > no->overlap)) {
		no->apart = k->pair;
		no->overlap = tally_key_overlap(&e);
	}
	if (nearly ? !nearly_unique(c, k, &e)
	           : !tally_key_unique(&e) || tally_key_overlap(&e) < TALLY_KEY_OVERLAP)
		return TALLY_OK;
	points = score(k, &e);
	if (!best->count || points > best->score)
		*best = (struct choice){ { k->pair }, 1, points, e, nearly, k->hint };
	return TALLY_OK;
}

static enum tally_status choose_single(struct tally_comparison *c, const struct sample *s,
                                       bool nearly, struct choice *best, struct refused *no,
                                       struct tally_err *err)
{
	unsigned tried = 0, most = c->side[0].rows <= SMALL && c->side[1].rows <= SMALL
	                                   ? TRIED_SMALL
	                                   : TRIED_LARGE;
	enum tally_status st = TALLY_OK;

	for (unsigned round = 0; round < 3; round++) {
		for (uint32_t k = 0; st == TALLY_OK && k < s->count && tried < most; k++) {
			const struct candidate *one = &s->of[k];

			if (rank(one) != round || !sample_unique(s, one,
			                                         !nearly     ? 0
			                                         : one->hint ? ONCE_TOLERANCE
			                                                     : 20))
				continue;
			if (one->floats) {
				no->measure = one->pair;
				continue;
			}
			tried++;
			st = try_single(c, one, nearly, best, no, err);
			if (best->count && s->of[best->key[0]].hint &&
			    tally_key_overlap(&best->e) >= OVERLAP_GOOD && s->rows[0] == SAMPLE_ROWS)
				return st;
		}
	}
	return st;
}

/*
 * A poor key loses against amounts that are unique and stand on both sides nearly all: they name a row badly, but they
 * find it.
 */
static enum tally_status choose_amounts(struct tally_comparison *c, const struct sample *s,
                                        struct choice *best, struct tally_err *err)
{
	unsigned tried = 0;
	enum tally_status st = TALLY_OK;

	for (uint32_t k = 0; st == TALLY_OK && k < s->count && tried < TRIED_LARGE; k++) {
		const struct candidate *one = &s->of[k];
		struct tally_key_evidence e;

		if (!one->floats || !sample_unique(s, one, 0))
			continue;
		tried++;
		st = tally_key_measure(c, &one->pair, 1, &e, err);
		if (st < 0 || e.form || !tally_key_unique(&e) ||
		    tally_key_overlap(&e) < OVERLAP_GOOD ||
		    tally_key_overlap(&e) <= tally_key_overlap(&best->e))
			continue;
		*best = (struct choice){ { one->pair }, 1, 0, e, false, false };
	}
	return st;
}

/* The best columns for a composite key: many values, telling names; no measures. */
static uint32_t shortlist(const struct sample *s, uint32_t *list)
{
	uint32_t count = 0;

	for (uint32_t k = 0; k < s->count; k++) {
		const struct candidate *one = &s->of[k];
		uint64_t weight = (uint64_t)one->distinct[0] * (one->hint ? 4 : 1);
		uint32_t at = count;

		if (one->blank || one->floats || (one->measure && !one->hint) || one->distinct[0] < 2)
			continue;
		while (at > 0 && (uint64_t)s->of[list[at - 1]].distinct[0] *
		                                 (s->of[list[at - 1]].hint ? 4 : 1) <
		                         weight)
			at--;
		if (at >= COMPOSITE_FROM)
			continue;
		if (count < COMPOSITE_FROM)
			count++;
		memmove(list + at + 1, list + at, (count - at - 1) * sizeof *list);
		list[at] = k;
	}
	return count;
}

static int by_column(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Is a group of candidates unique in both samples? @have  of them; @distinct  before side */
static enum tally_status unique_in_sample(const struct sample *s, const uint32_t *key, uint32_t have,
                                          bool *out, uint32_t *distinct, struct tally_err *err)
{
	uint32_t after = 0;
	enum tally_status st = combine(s, 0, key, have, distinct, err);

	if (st == TALLY_OK && *distinct == s->rows[0])
		st = combine(s, 1, key, have, &after, err);
	*out = *distinct == s->rows[0] && after == s->rows[1];
	return st;
}

static enum tally_status try_group(struct tally_comparison *c, const struct sample *s,
                                   const uint32_t *key, uint32_t have, struct choice *best,
                                   struct tally_err *err)
{
	struct tally_key_evidence e;
	enum tally_status st = tally_key_measure(c, key, have, &e, err);
	int points;

	if (st < 0 || !tally_key_unique(&e) || tally_key_overlap(&e) < OVERLAP_COMPOSITE)
		return st;
	points = (int)tally_key_overlap(&e);
	for (uint32_t k = 0; k < have; k++)
		points += s->of[key[k]].hint ? BONUS_NAME / 2 : 0;
	if (!best->count || points > best->score) {
		*best = (struct choice){ .count = have, .score = points, .e = e, .named = true };
		for (uint32_t k = 0; k < have; k++)
			best->named &= s->of[key[k]].hint;
		memcpy(best->key, key, have * sizeof *key);
	}
	return st;
}

/* All pairs of the shortlist, those to the left first. */
static enum tally_status try_pairs(struct tally_comparison *c, const struct sample *s,
                                   const uint32_t *list, uint32_t count, struct choice *best,
                                   struct tally_err *err)
{
	unsigned tried = 0, most = c->side[0].rows <= SMALL && c->side[1].rows <= SMALL
	                                   ? TRIED_SMALL
	                                   : TRIED_LARGE;
	enum tally_status st = TALLY_OK;

	for (uint32_t i = 0; st == TALLY_OK && i < count; i++) {
		for (uint32_t j = i + 1; st == TALLY_OK && j < count && tried < most; j++) {
			const uint32_t key[2] = { list[i], list[j] };
			uint32_t distinct;
			bool good;

			st = unique_in_sample(s, key, 2, &good, &distinct, err);
			if (st < 0 || !good)
				continue;
			tried++;
			st = try_group(c, s, key, 2, best, err);
		}
	}
	return st;
}

/* Three columns: the pair with most combinations, and the best third one. */
static enum tally_status try_triples(struct tally_comparison *c, const struct sample *s,
                                     const uint32_t *list, uint32_t count, struct choice *best,
                                     struct tally_err *err)
{
	uint32_t key[COMPOSITE_MOST], most = 0, distinct = 0;
	bool good;
	enum tally_status st = TALLY_OK;

	for (uint32_t i = 0; st == TALLY_OK && i < count; i++) {
		for (uint32_t j = i + 1; st == TALLY_OK && j < count; j++) {
			const uint32_t two[2] = { list[i], list[j] };

			st = combine(s, 0, two, 2, &distinct, err);
			if (st < 0 || distinct <= most)
				continue;
			most = distinct;
			memcpy(key, two, sizeof two);
		}
	}
	for (uint32_t k = 0; st == TALLY_OK && most && k < count; k++) {
		key[2] = list[k];
		if (key[2] == key[0] || key[2] == key[1])
			continue;
		st = unique_in_sample(s, key, 3, &good, &distinct, err);
		if (st == TALLY_OK && good)
			st = try_group(c, s, key, 3, best, err);
		if (best->count)
			return st;
	}
	return st;
}

static enum tally_status choose_composite(struct tally_comparison *c, const struct sample *s,
                                          struct choice *best, struct tally_err *err)
{
	uint32_t list[COMPOSITE_FROM], count = shortlist(s, list);
	enum tally_status st;

	qsort(list, count, sizeof *list, by_column);
	st = try_pairs(c, s, list, count, best, err);
	return st == TALLY_OK && !best->count ? try_triples(c, s, list, count, best, err) : st;
}

/* How telling each column is: one plus three times the share of distinct values in the sample, on the side that has fewer. */
static enum tally_status weigh_columns(struct tally_comparison *c, const struct sample *s,
                                       struct tally_err *err)
{
	c->key_weights = tally_alloc((c->pair_count + (size_t)1) * sizeof *c->key_weights);
	if (!c->key_weights)
		return tally_err_nomem(err);
	for (uint32_t k = 0; k < c->pair_count; k++) {
		uint32_t share[2] = { 0, 0 };

		for (int side = 0; side < 2; side++)
			if (k < s->count && s->rows[side])
				share[side] = s->of[k].distinct[side] * 256 / s->rows[side];
		c->key_weights[k] = 256 + 3 * (share[0] < share[1] ? share[0] : share[1]);
	}
	return TALLY_OK;
}

static enum tally_status infer(struct tally_comparison *c, struct choice *best, struct refused *no,
                               struct tally_err *err)
{
	struct sample s;
	enum tally_status st;

	if (!c->base_pairs)
		return TALLY_OK;
	st = sample_init(c, &s, err);
	if (st == TALLY_OK)
		st = weigh_columns(c, &s, err);
	if (st == TALLY_OK && c->base_pairs > 1 && s.rows[0] && s.rows[1] && !c->options->no_key &&
	    !c->options->key_count) {
		st = choose_single(c, &s, false, best, no, err);
		if (st == TALLY_OK && !best->count)
			st = choose_single(c, &s, true, best, no, err);
		if (st == TALLY_OK && !best->count)
			st = choose_composite(c, &s, best, err);
		if (st == TALLY_OK && best->count && tally_key_overlap(&best->e) < OVERLAP_GOOD)
			st = choose_amounts(c, &s, best, err);
	}
	sample_release(&s);
	qsort(best->key, best->count, sizeof *best->key, by_column);
	return st;
}

/* ---- what to say about it ---- */

static struct tally_span cut(struct tally_span text, size_t most)
{
	if (text.len <= most)
		return text;
	for (text.len = most; text.len && ((unsigned char)text.at[text.len] & 0xC0) == 0x80;)
		text.len--;
	return text;
}

/* The key of a row, for people: each value cut short. */
static enum tally_status key_text(struct tally_comparison *c, int side, uint32_t row, char **out,
                                  struct tally_err *err)
{
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, &c->side[side], err);

	if (st == TALLY_OK)
		st = tally_row_read(&r, row, err);
	*out = tally_arena_printf(&c->d->arena, "%s", "");
	for (uint32_t k = 0; st == TALLY_OK && *out && k < c->key_count; k++) {
		const struct tally_column_pair *p = &c->pairs[c->key[k]];
		struct tally_span text = cut(
			tally_cell_span(tally_row_cell(&r, side ? p->after : p->before)),
			DETAIL_BYTES);

		*out = tally_arena_printf(&c->d->arena, "%s%s%.*s", *out, k ? " + " : "",
		                          (int)text.len, text.at);
	}
	tally_row_reader_release(&r);
	if (st == TALLY_OK && !*out)
		return tally_err_nomem(err);
	return st;
}

static uint64_t key_hash(const struct tally_comparison *c, int side, const struct tally_row_reader *r)
{
	uint64_t h = 0;

	for (uint32_t k = 0; k < c->key_count; k++) {
		const struct tally_column_pair *p = &c->pairs[c->key[k]];

		h = tally_hash_mix(
			h, tally_cell_hash(c, tally_row_cell(r, side ? p->after : p->before)));
	}
	return h;
}

/* The first row with the key of @row, which is not the first. */
static enum tally_status first_with_key(const struct tally_comparison *c, int side, uint32_t *row,
                                        struct tally_err *err)
{
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, &c->side[side], err);
	uint64_t wanted = 0;

	if (st == TALLY_OK)
		st = tally_row_read(&r, *row, err);
	if (st == TALLY_OK)
		wanted = key_hash(c, side, &r);
	for (uint32_t i = c->side[side].preamble; st == TALLY_OK && i < *row; i++) {
		st = tally_row_read(&r, i, err);
		if (st == TALLY_OK && key_hash(c, side, &r) == wanted)
			*row = i;
	}
	tally_row_reader_release(&r);
	return st;
}

static enum tally_status report_duplicates(struct tally_comparison *c,
                                           const struct tally_key_evidence *e, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (int side = 0; st == TALLY_OK && side < 2; side++) {
		uint32_t row = e->second[side];
		char *detail = NULL;

		if (!e->duplicates[side])
			continue;
		st = first_with_key(c, side, &row, err);
		if (st == TALLY_OK)
			st = key_text(c, side, row, &detail, err);
		if (st == TALLY_OK)
			st = tally_table_problem(c, side, "duplicate_key",
			                         tally_side_row(&c->side[side], row) + 1,
			                         e->duplicates[side], detail, err);
		if (st == TALLY_OK) {
			struct tally_problem *p = &c->d->problems[c->d->problems_len - 1].problem;

			/* the same keys in other places are no news */
			p->places = p->contents = e->repeated[side];
		}
	}
	return st;
}

static const char *uniqueness(const struct tally_key_evidence *e, bool nearly)
{
	if (!nearly || tally_key_unique(e))
		return tally_key_unique(e) ? "unique on both sides" : "some values more than once";
	if (!e->duplicates[0])
		return "unique before, and not any more";
	return e->duplicates[1] ? "nearly unique on both sides" : "unique now, and not before";
}

static enum tally_status state_key(struct tally_comparison *c, const struct tally_key_evidence *e,
                                   bool nearly, struct tally_err *err)
{
	struct tally_alignment *by = &c->d->aligned_by;
	uint32_t *columns = tally_arena_alloc(&c->d->arena, 2 * c->key_count * sizeof *columns);

	if (!columns)
		return tally_err_nomem(err);
	for (uint32_t k = 0; k < c->key_count; k++) {
		columns[k] = c->pairs[c->key[k]].before;
		columns[c->key_count + k] = c->pairs[c->key[k]].after;
	}
	by->columns = columns;
	by->columns_after = columns + c->key_count;
	by->column_count = c->key_count;
	by->unique = tally_key_unique(e);
	by->overlap = (uint16_t)tally_key_overlap(e);
	by->duplicate_keys = e->duplicates[0] + e->duplicates[1];
	if (by->how == TALLY_ALIGNED_INFERRED || e->form) {
		by->note = tally_arena_printf(
			&c->d->arena, "%s; %s of %s keys are on both%s", uniqueness(e, nearly),
			tally_counted(e->shared).text,
			tally_counted(e->distinct[0] + e->distinct[1] - e->shared).text,
			e->form == TALLY_KEY_LOOSE
				? ", leading zeros, letter case and white space aside"
			: e->form == TALLY_KEY_MEANT
				? ", the way in which dates, numbers and names are written aside"
				: "");
		if (!by->note)
			return tally_err_nomem(err);
	}
	return report_duplicates(c, e, err);
}

static enum tally_status use_given(struct tally_comparison *c, struct tally_err *err)
{
	struct tally_key_evidence e;
	enum tally_status st = TALLY_OK;

	if (c->options->key_count > TALLY_KEY_MOST)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "a key has at most %d columns", TALLY_KEY_MOST);
	for (c->key_count = 0; st == TALLY_OK && c->key_count < c->options->key_count; c->key_count++)
		st = look_up(c, c->options->key[c->key_count], &c->key[c->key_count], err);
	if (st == TALLY_OK)
		st = tally_key_measure(c, c->key, c->key_count, &e, err);
	if (st < 0)
		return st;
	c->d->aligned_by.how = TALLY_ALIGNED_GIVEN;
	return state_key(c, &e, false, err);
}

/* Why there is no key. */
static enum tally_status say_refused(struct tally_comparison *c, const struct refused *no,
                                     struct tally_err *err)
{
	const char **note = &c->d->aligned_by.note;

	*note = "no column or group of columns is unique on both sides";
	if (no->apart != TALLY_NO_PAIR)
		*note = tally_arena_printf(&c->d->arena,
		                           "'%.60s' is unique on both sides, but only %u.%u %% of "
		                           "its values are on both",
		                           c->side[0].names[c->pairs[no->apart].before],
		                           no->overlap / 10, no->overlap % 10);
	else if (no->measure != TALLY_NO_PAIR)
		*note = tally_arena_printf(&c->d->arena,
		                           "'%.60s' may tell rows apart, but amounts are no key",
		                           c->side[0].names[c->pairs[no->measure].before]);
	return *note ? TALLY_OK : tally_err_nomem(err);
}

enum tally_status tally_find_key(struct tally_comparison *c, struct tally_err *err)
{
	struct refused no = { TALLY_NO_PAIR, TALLY_NO_PAIR, 0 };
	struct choice best = { .count = 0 };
	enum tally_status st;

	if (c->options->key_count)
		return use_given(c, err);
	st = infer(c, &best, &no, err);
	if (st < 0)
		return st;
	if (best.count) {
		memcpy(c->key, best.key, best.count * sizeof *c->key);
		c->key_count = best.count;
		c->key_named = best.named;
		c->d->aligned_by.how = TALLY_ALIGNED_INFERRED;
		return state_key(c, &best.e, best.nearly, err);
	}
	c->d->aligned_by.how = TALLY_ALIGNED_ROWS;
	if (!c->options->no_key && c->base_pairs > 1 && c->side[0].rows && c->side[1].rows)
		return say_refused(c, &no, err);
	return TALLY_OK;
}
