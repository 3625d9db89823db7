/* The columns that tell rows apart: given by name, or inferred from uniqueness, overlap and names. */
#include "diff/table_work.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/parallel.h"

enum {
	SAMPLE_ROWS = 1000,
	SAMPLE_CELLS = 1 << 18,
	CANDIDATES = 256,   /* columns that are looked at; keys stand to the left */
	COMPOSITE_FROM = 8, /* best columns that a composite key is made of */
	COMPOSITE_MOST = 3,
	TRIED_SMALL = 16, /* candidates that are measured in a table of at most SMALL rows */
	TRIED_LARGE = 4,
	SMALL = 50000,
	OVERLAP_LEAST = 500, /* thousandths; below this a unique column is no key */
	OVERLAP_COMPOSITE = 700,
	OVERLAP_GOOD = 900, /* with a telling name nothing better is looked for */
	BONUS_NAME = 100,   /* thousandths of overlap that a telling name is worth */
	BONUS_FIRST = 30,
	MALUS_FLOAT = 500, /* a measure is unique by chance */
	MALUS_MEASURE_NAME = 60,
	PARTS = 16,
	DETAIL_BYTES = 60,
};

/* ---- evidence: how a key's values are spread ---- */

struct evidence {
	uint64_t distinct[2], shared;
	uint64_t duplicates[2]; /* rows in groups with one key */
	uint32_t second[2]; /* the first row whose key was there before, TALLY_NO_PAIR where there is none */
	bool loose; /* overlap was counted without white space, letter case and leading zeros */
};

struct evidence_job {
	const struct tally_comparison *c;
	const struct tally_keys *keys;
	const uint64_t *after; /* by row; NULL: only the before side is looked at */
	struct evidence part[PARTS];
	unsigned parts;
};

struct key_slot {
	uint64_t hash;
	uint32_t count[2];
};

static size_t slot_of(uint64_t hash, size_t mask)
{
	return (size_t)(hash * UINT64_C(0x9E3779B97F4A7C15) >> 24) & mask;
}

static bool in_part(const struct evidence_job *job, size_t part, uint64_t hash)
{
	return job->parts == 1 || hash >> 60 == part;
}

static const uint64_t *hashes_of(const struct evidence_job *job, int side)
{
	return side ? job->after : job->keys->before;
}

static struct key_slot *find_slot(struct key_slot *slots, size_t mask, uint64_t hash)
{
	size_t at = slot_of(hash, mask);

	while ((slots[at].count[0] || slots[at].count[1]) && slots[at].hash != hash)
		at = (at + 1) & mask;
	slots[at].hash = hash;
	return &slots[at];
}

static void count_side(const struct evidence_job *job, size_t part, int side,
                       struct key_slot *slots, size_t mask, struct evidence *e)
{
	const struct tally_table_side *s = &job->c->side[side];
	const uint64_t *hashes = hashes_of(job, side);

	e->second[side] = TALLY_NO_PAIR;
	for (uint32_t row = s->preamble; hashes && row < s->rows; row++) {
		if (!in_part(job, part, hashes[row]))
			continue;
		if (find_slot(slots, mask, hashes[row])->count[side]++ &&
		    e->second[side] == TALLY_NO_PAIR)
			e->second[side] = row;
	}
}

static enum tally_status measure_part(void *payload, size_t part, struct tally_err *err)
{
	struct evidence_job *job = payload;
	struct evidence *e = &job->part[part];
	size_t rows = 0, slots = 16;
	struct key_slot *table;

	for (int side = 0; side < 2; side++)
		for (uint32_t row = job->c->side[side].preamble;
		     hashes_of(job, side) && row < job->c->side[side].rows; row++)
			rows += in_part(job, part, hashes_of(job, side)[row]);
	while (slots < rows + rows / 2)
		slots *= 2;
	table = tally_alloc_zero(slots, sizeof *table);
	if (!table)
		return tally_err_nomem(err);
	for (int side = 0; side < 2; side++)
		count_side(job, part, side, table, slots - 1, e);
	for (size_t i = 0; i < slots; i++) {
		for (int side = 0; side < 2; side++) {
			e->distinct[side] += table[i].count[side] > 0;
			e->duplicates[side] += table[i].count[side] > 1 ? table[i].count[side] : 0;
		}
		e->shared += table[i].count[0] && table[i].count[1];
	}
	tally_free(table);
	return TALLY_OK;
}

static enum tally_status measure_all(struct evidence_job *job, struct evidence *out,
                                     struct tally_err *err)
{
	enum tally_status st;

	memset(job->part, 0, sizeof job->part);
	job->parts = job->c->side[0].rows > SMALL ? PARTS : 1;
	st = tally_parallel(job->c->threads, job->parts, measure_part, job, err);
	*out = (struct evidence){ .second = { TALLY_NO_PAIR, TALLY_NO_PAIR } };
	for (unsigned p = 0; p < job->parts; p++) {
		for (int side = 0; side < 2; side++) {
			out->distinct[side] += job->part[p].distinct[side];
			out->duplicates[side] += job->part[p].duplicates[side];
			if (job->part[p].second[side] < out->second[side])
				out->second[side] = job->part[p].second[side];
		}
		out->shared += job->part[p].shared;
	}
	return st;
}

/*
 * The before side's keys are unique, and few rows of the after side are not paired: only their keys need a table.
 * @done  false: a key comes twice on the after side, so all must be counted
 */
static enum tally_status measure_few(const struct tally_comparison *c, const struct tally_keys *keys,
                                     struct evidence *out, bool *done, struct tally_err *err)
{
	const struct tally_table_side *a = &c->side[0], *b = &c->side[1];
	size_t slots = 16;
	struct key_slot *table;
	uint64_t again = 0, taken = 0, found = 0;

	while (slots < (size_t)keys->free_count * 4)
		slots *= 2;
	table = tally_alloc_zero(slots, sizeof *table);
	if (!table)
		return tally_err_nomem(err);
	for (uint32_t i = 0; i < keys->free_count; i++)
		if (keys->free_rows[i] >= b->preamble)
			again += find_slot(table, slots - 1, keys->free_hashes[i])->count[1]++ > 0;
	for (uint32_t row = a->preamble; row < a->rows; row++) {
		const struct key_slot *s = &table[slot_of(keys->before[row], slots - 1)];

		if (!s->count[1])
			continue;
		while (s->count[1] && s->hash != keys->before[row])
			s = s + 1 < table + slots ? s + 1 : table;
		found += s->count[1] > 0;
		taken += s->count[1] > 0 && a->pair[row] != TALLY_NO_PAIR;
	}
	tally_free(table);
	*done = !again && !taken;
	*out = (struct evidence){ .distinct = { a->rows - a->preamble, b->rows - b->preamble },
		                  .shared = found + b->rows - keys->free_count,
		                  .second = { TALLY_NO_PAIR, TALLY_NO_PAIR } };
	return TALLY_OK;
}

/* Keys of all after rows. @return NULL: no memory */
static uint64_t *after_keys(const struct tally_comparison *c, const struct tally_keys *keys)
{
	const struct tally_table_side *b = &c->side[1];
	uint64_t *after = tally_alloc(b->rows * sizeof *after);

	for (uint32_t row = 0; after && row < b->rows; row++)
		if (b->pair[row] != TALLY_NO_PAIR)
			after[row] = keys->before[b->pair[row]];
	for (uint32_t i = 0; after && i < keys->free_count; i++)
		after[keys->free_rows[i]] = keys->free_hashes[i];
	return after;
}

static enum tally_status measure(const struct tally_comparison *c, const struct tally_keys *keys,
                                 struct evidence *out, struct tally_err *err)
{
	struct evidence_job job = { .c = c, .keys = keys };
	bool unique = keys->rising, done = false,
	     few = keys->free_count < c->side[1].rows / 4 && !c->side[0].preamble;
	enum tally_status st = TALLY_OK;
	uint64_t *after;

	if (few && !unique) {
		st = measure_all(&job, out, err);
		unique = !out->duplicates[0];
	}
	if (st == TALLY_OK && few && unique)
		st = measure_few(c, keys, out, &done, err);
	if (st < 0 || done)
		return st;
	after = after_keys(c, keys);
	if (!after)
		return tally_err_nomem(err);
	job.after = after;
	st = measure_all(&job, out, err);
	tally_free(after);
	return st;
}

static enum tally_status measure_as(struct tally_comparison *c, const uint32_t *key, uint32_t count,
                                    struct evidence *out, struct tally_err *err)
{
	struct tally_keys keys;
	enum tally_status st = tally_keys_init(&keys, c, key, count, err);

	if (st < 0)
		return st;
	st = measure(c, &keys, out, err);
	tally_keys_release(&keys);
	return st;
}

static unsigned overlap(const struct evidence *e)
{
	uint64_t smaller = e->distinct[0] < e->distinct[1] ? e->distinct[0] : e->distinct[1];

	return smaller ? (unsigned)(e->shared * 1000 / smaller) : 0;
}

static bool unique(const struct evidence *e)
{
	return !e->duplicates[0] && !e->duplicates[1];
}

/*
 * A unique key of which hardly a value is on both sides may have been rewritten as a whole (00501 became 501): rows are paired
 * without white space, letter case and leading zeros then, so its overlap is measured like that, too.
 */
static enum tally_status measure_key(struct tally_comparison *c, const uint32_t *key,
                                     uint32_t count, struct evidence *out, struct tally_err *err)
{
	enum tally_status st = measure_as(c, key, count, out, err);
	struct evidence loose;

	if (st < 0 || !unique(out) || overlap(out) >= OVERLAP_LEAST)
		return st;
	c->loose_keys = true;
	st = measure_as(c, key, count, &loose, err);
	c->loose_keys = false;
	if (st == TALLY_OK && unique(&loose) && overlap(&loose) > overlap(out)) {
		*out = loose;
		out->loose = true;
	}
	return st;
}

/* ---- the key given ---- */

static enum tally_status no_such_column(const struct tally_comparison *c, const char *name,
                                        bool gone, struct tally_err *err)
{
	char list[400];
	size_t at = 0;

	for (uint32_t i = 0; i < c->side[0].base && at + 8 < sizeof list; i++) {
		size_t n = strlen(c->side[0].names[i]);

		if (at + n + 8 > sizeof list) {
			memcpy(list + at, ", …", strlen(", …"));
			at += strlen(", …");
			break;
		}
		if (at) {
			list[at++] = ',';
			list[at++] = ' ';
		}
		memcpy(list + at, c->side[0].names[i], n);
		at += n;
	}
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_NONE,
	                     "no column '%.60s'%s; the columns are: %.*s", name,
	                     gone ? " on the after side" : "", (int)at, list);
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
	bool blank, floats, hint, measure;
	uint32_t distinct[2];
};

struct sample {
	uint32_t rows[2];
	uint64_t *hashes[2]; /* rows × candidates */
	struct candidate *of;
	uint32_t count;
};

static bool has_word(const char *name, const char *const *words)
{
	char plain[64];
	size_t n = 0;

	/* words of a name: lower case, between anything that is not a letter; camelCase ends one, too */
	for (const char *p = name; *p && n + 3 < sizeof plain; p++) {
		bool upper = *p >= 'A' && *p <= 'Z',
		     letter = upper || (*p >= 'a' && *p <= 'z') || (unsigned char)*p >= 0x80;

		if (n == 0)
			plain[n++] = ' ';
		if (upper && p > name && p[-1] >= 'a' && p[-1] <= 'z')
			plain[n++] = ' ';
		plain[n++] = !letter ? ' ' : upper ? (char)(*p - 'A' + 'a') : *p;
	}
	plain[n++] = ' ';
	plain[n < sizeof plain ? n : sizeof plain - 1] = '\0';
	for (; *words; words++) {
		const char *at = strstr(plain, *words);
		size_t len = strlen(*words);

		for (; at; at = strstr(at + 1, *words))
			if (at > plain && at[-1] == ' ' && at[len] == ' ')
				return true;
	}
	return false;
}

static bool names_a_key(const char *name)
{
	static const char *const words[] = { "id",    "ids",    "key",    "code",   "no",     "nr",
		                             "num",   "number", "sku",    "uuid",   "guid",   "ean",
		                             "isbn",  "isin",   "iban",   "ident",  "ref",    "pk",
		                             "index", "symbol", "ticker", "nummer", "numero", NULL };

	return has_word(name, words);
}

static bool names_a_measure(const char *name)
{
	static const char *const words[] = {
		"price", "amount",  "qty",      "quantity",    "total",  "sum",     "value",
		"cost",  "rate",    "balance",  "weight",      "score",  "count",   "percent",
		"size",  "length",  "age",      "stock",       "preis",  "menge",   "notes",
		"note",  "comment", "comments", "description", "remark", "remarks", NULL
	};

	return has_word(name, words);
}

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

static enum tally_status take_sample(struct tally_comparison *c, struct sample *s, int side,
                                     struct tally_err *err)
{
	const struct tally_table_side *t = &c->side[side];
	uint32_t all = t->rows - t->preamble, most = SAMPLE_CELLS / s->count, *floats = NULL;
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, t, err);

	s->rows[side] = all < SAMPLE_ROWS ? all : SAMPLE_ROWS;
	s->rows[side] = s->rows[side] > most ? most : s->rows[side];
	s->hashes[side] = tally_alloc((size_t)s->rows[side] * s->count * sizeof *s->hashes[side]);
	floats = tally_alloc_zero(s->count, sizeof *floats);
	if (!s->hashes[side] || !floats)
		st = tally_err_nomem(err);
	for (uint32_t i = 0; st == TALLY_OK && i < s->rows[side]; i++) {
		st = tally_row_read(&r, t->preamble + (uint32_t)((uint64_t)i * all / s->rows[side]),
		                    err);
		for (uint32_t k = 0; st == TALLY_OK && k < s->count; k++) {
			const struct tally_column_pair *p = &c->pairs[s->of[k].pair];
			const struct tally_cell *cell = tally_row_cell(&r,
			                                               side ? p->after : p->before);
			struct tally_decimal d;

			s->hashes[side][(size_t)i * s->count + k] = tally_cell_hash(c, cell);
			s->of[k].blank |= !cell->value_len;
			floats[k] += tally_decimal_parse(&d, tally_cell_span(cell)) && d.fraction > 0;
		}
	}
	for (uint32_t k = 0; st == TALLY_OK && k < s->count; k++)
		s->of[k].floats |= floats[k] * 2 > s->rows[side];
	tally_free(floats);
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
		s->of[k].hint = c->side[0].header && names_a_key(name);
		s->of[k].measure = c->side[0].header && names_a_measure(name);
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
	struct evidence e;
	bool nearly; /* unique but for a few rows */
	bool named;  /* by names that say that they are keys */
};

static bool sample_unique(const struct sample *s, const struct candidate *k, unsigned tolerance)
{
	for (int side = 0; side < 2; side++)
		if ((s->rows[side] - k->distinct[side]) * 1000 > tolerance * s->rows[side])
			return false;
	return !k->blank;
}

static int score(const struct candidate *k, const struct evidence *e)
{
	return (int)overlap(e) + (k->hint ? BONUS_NAME : 0) + (k->pair == 0 ? BONUS_FIRST : 0) -
	       (k->floats ? MALUS_FLOAT : 0) - (k->measure && !k->hint ? MALUS_MEASURE_NAME : 0);
}

/* Few enough duplicates that the column is still what rows are known by. */
static bool nearly_unique(const struct tally_comparison *c, const struct candidate *k,
                          const struct evidence *e)
{
	uint64_t rows = (uint64_t)c->side[0].rows + c->side[1].rows,
		 bad = e->duplicates[0] + e->duplicates[1];

	return bad * (k->hint ? 100 : 1000) <= rows && overlap(e) >= OVERLAP_GOOD && !k->floats;
}

/* Candidates in the order in which they are measured: telling names first, measures last, otherwise from the left. */
static unsigned rank(const struct candidate *k)
{
	return k->floats ? 3 : k->hint ? 0 : k->measure ? 2 : 1;
}

static enum tally_status try_single(struct tally_comparison *c, const struct candidate *k,
                                    bool nearly, struct choice *best, struct tally_err *err)
{
	struct evidence e;
	enum tally_status st = measure_key(c, &k->pair, 1, &e, err);
	int points;

	if (st < 0)
		return st;
	if (nearly ? !nearly_unique(c, k, &e) : !unique(&e) || overlap(&e) < OVERLAP_LEAST)
		return TALLY_OK;
	points = score(k, &e);
	if (!best->count || points > best->score)
		*best = (struct choice){ { k->pair }, 1, points, e, nearly, k->hint };
	return TALLY_OK;
}

static enum tally_status choose_single(struct tally_comparison *c, const struct sample *s,
                                       bool nearly, struct choice *best, struct tally_err *err)
{
	unsigned tried = 0, most = c->side[0].rows <= SMALL && c->side[1].rows <= SMALL
	                                   ? TRIED_SMALL
	                                   : TRIED_LARGE;
	enum tally_status st = TALLY_OK;

	for (unsigned round = 0; round < 4; round++) {
		for (uint32_t k = 0; st == TALLY_OK && k < s->count && tried < most; k++) {
			const struct candidate *one = &s->of[k];

			if (rank(one) != round || !sample_unique(s, one, nearly ? 20 : 0))
				continue;
			tried++;
			st = try_single(c, one, nearly, best, err);
			if (best->count && s->of[best->key[0]].hint &&
			    overlap(&best->e) >= OVERLAP_GOOD && s->rows[0] == SAMPLE_ROWS)
				return st;
		}
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
	struct evidence e;
	enum tally_status st = measure_key(c, key, have, &e, err);
	int points;

	if (st < 0 || !unique(&e) || overlap(&e) < OVERLAP_COMPOSITE)
		return st;
	points = (int)overlap(&e);
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

/* How telling each column is: one plus three times the share of distinct values in the sample. */
static enum tally_status weigh_columns(struct tally_comparison *c, const struct sample *s,
                                       struct tally_err *err)
{
	c->key_weights = tally_alloc((c->pair_count + (size_t)1) * sizeof *c->key_weights);
	if (!c->key_weights)
		return tally_err_nomem(err);
	for (uint32_t k = 0; k < c->pair_count; k++) {
		uint32_t share = 0;

		if (k < s->count && s->rows[0])
			share = s->of[k].distinct[0] * 256 / s->rows[0];
		c->key_weights[k] = 256 + 3 * share;
	}
	return TALLY_OK;
}

static enum tally_status infer(struct tally_comparison *c, struct choice *best, struct tally_err *err)
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
		st = choose_single(c, &s, false, best, err);
		/* a measure that is unique by chance is a key only when there is nothing else */
		if (st == TALLY_OK && best->count && s.of[best->key[0]].floats) {
			struct choice other = { .count = 0 };

			st = choose_composite(c, &s, &other, err);
			if (other.count)
				*best = other;
		}
		if (st == TALLY_OK && !best->count)
			st = choose_single(c, &s, true, best, err);
		if (st == TALLY_OK && !best->count)
			st = choose_composite(c, &s, best, err);
	}
	sample_release(&s);
	qsort(best->key, best->count, sizeof *best->key, by_column);
	return st;
}

/* ---- what to say about it ---- */

/* The key of a row, for people; cut short. */
static enum tally_status key_text(struct tally_comparison *c, int side, uint32_t row, char **out,
                                  struct tally_err *err)
{
	const struct tally_column_pair *p = &c->pairs[c->key[0]];
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, &c->side[side], err);
	struct tally_span text;

	if (st == TALLY_OK)
		st = tally_row_read(&r, row, err);
	if (st == TALLY_OK) {
		text = tally_cell_span(tally_row_cell(&r, side ? p->after : p->before));
		if (text.len > DETAIL_BYTES)
			for (text.len = DETAIL_BYTES;
			     text.len && ((unsigned char)text.at[text.len] & 0xC0) == 0x80;)
				text.len--;
		*out = tally_arena_printf(&c->d->arena, "rows share a key, '%.*s' for one",
		                          (int)text.len, text.at);
		st = *out ? TALLY_OK : tally_err_nomem(err);
	}
	tally_row_reader_release(&r);
	return st;
}

static enum tally_status report_duplicates(struct tally_comparison *c, const struct evidence *e,
                                           struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (int side = 0; st == TALLY_OK && side < 2; side++) {
		char *detail = NULL;

		if (!e->duplicates[side])
			continue;
		st = key_text(c, side, e->second[side], &detail, err);
		if (st == TALLY_OK)
			st = tally_table_problem(c, side, "duplicate_key",
			                         tally_side_row(&c->side[side], e->second[side]) + 1,
			                         e->duplicates[side], detail, err);
	}
	return st;
}

static enum tally_status state_key(struct tally_comparison *c, const struct evidence *e,
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
	by->unique = unique(e);
	by->overlap = (uint16_t)overlap(e);
	by->duplicate_keys = e->duplicates[0] + e->duplicates[1];
	if (by->how == TALLY_ALIGNED_INFERRED || e->loose) {
		by->note = tally_arena_printf(
			&c->d->arena, "%s on both sides; %llu of %llu keys are on both%s",
			nearly ? "nearly unique" : "unique", (unsigned long long)e->shared,
			(unsigned long long)(e->distinct[0] + e->distinct[1] - e->shared),
			e->loose ? ", leading zeros, letter case and white space aside" : "");
		if (!by->note)
			return tally_err_nomem(err);
	}
	return report_duplicates(c, e, err);
}

static enum tally_status use_given(struct tally_comparison *c, struct tally_err *err)
{
	struct evidence e;
	enum tally_status st = TALLY_OK;

	if (c->options->key_count > TALLY_KEY_MOST)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "a key has at most %d columns", TALLY_KEY_MOST);
	for (c->key_count = 0; st == TALLY_OK && c->key_count < c->options->key_count; c->key_count++)
		st = look_up(c, c->options->key[c->key_count], &c->key[c->key_count], err);
	if (st == TALLY_OK)
		st = measure_key(c, c->key, c->key_count, &e, err);
	if (st < 0)
		return st;
	c->d->aligned_by.how = TALLY_ALIGNED_GIVEN;
	return state_key(c, &e, false, err);
}

enum tally_status tally_find_key(struct tally_comparison *c, struct tally_err *err)
{
	struct choice best = { .count = 0 };
	enum tally_status st;

	if (c->options->key_count)
		return use_given(c, err);
	st = infer(c, &best, err);
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
		c->d->aligned_by.note = "no column or group of columns is unique on both sides";
	return TALLY_OK;
}
