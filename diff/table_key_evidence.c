/* How the values of a key are spread: distinct ones, duplicates, those that are on both sides. */
#include "diff/table_key.h"

#include <string.h>

#include "core/mem.h"
#include "core/parallel.h"

enum {
	SMALL = 50000, /* rows that are counted in one go */
	PARTS = 16,
};

struct evidence_job {
	const struct tally_comparison *c;
	const struct tally_keys *keys;
	const uint64_t *after; /* by row; NULL: only the before side is looked at */
	struct tally_key_evidence part[PARTS];
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
                       struct key_slot *slots, size_t mask, struct tally_key_evidence *e)
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
	struct tally_key_evidence *e = &job->part[part];
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
			if (table[i].count[side] < 2)
				continue;
			e->duplicates[side] += table[i].count[side];
			e->repeated[side] += tally_hash_mix(table[i].hash, table[i].count[side]);
		}
		e->shared += table[i].count[0] && table[i].count[1];
	}
	tally_free(table);
	return TALLY_OK;
}

static enum tally_status measure_all(struct evidence_job *job, struct tally_key_evidence *out,
                                     struct tally_err *err)
{
	enum tally_status st;

	memset(job->part, 0, sizeof job->part);
	job->parts = job->c->side[0].rows > SMALL ? PARTS : 1;
	st = tally_parallel(job->c->threads, job->parts, measure_part, job, err);
	*out = (struct tally_key_evidence){ .second = { TALLY_NO_PAIR, TALLY_NO_PAIR } };
	for (unsigned p = 0; p < job->parts; p++) {
		for (int side = 0; side < 2; side++) {
			out->distinct[side] += job->part[p].distinct[side];
			out->duplicates[side] += job->part[p].duplicates[side];
			out->repeated[side] += job->part[p].repeated[side];
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
static enum tally_status measure_few(const struct tally_comparison *c,
                                     const struct tally_keys *keys, struct tally_key_evidence *out,
                                     bool *done, struct tally_err *err)
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
	*out = (struct tally_key_evidence){ .distinct = { a->rows - a->preamble,
		                                          b->rows - b->preamble },
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
                                 struct tally_key_evidence *out, struct tally_err *err)
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

static enum tally_status measure_as(struct tally_comparison *c, enum tally_key_form form,
                                    const uint32_t *key, uint32_t count,
                                    struct tally_key_evidence *out, struct tally_err *err)
{
	struct tally_keys keys;
	enum tally_status st = form == TALLY_KEY_MEANT ? tally_learn_meanings(c, err) : TALLY_OK;

	if (st < 0)
		return st;
	c->key_form = (uint8_t)form;
	st = tally_keys_init(&keys, c, key, count, err);
	c->key_form = TALLY_KEY_AS_IT_IS;
	if (st < 0)
		return st;
	st = measure(c, &keys, out, err);
	tally_keys_release(&keys);
	out->form = form;
	return st;
}

unsigned tally_key_overlap(const struct tally_key_evidence *e)
{
	uint64_t smaller = e->distinct[0] < e->distinct[1] ? e->distinct[0] : e->distinct[1];

	return smaller ? (unsigned)(e->shared * 1000 / smaller) : 0;
}

bool tally_key_unique(const struct tally_key_evidence *e)
{
	return !e->duplicates[0] && !e->duplicates[1];
}

/*
 * A unique key of which hardly a value is on both sides may have been rewritten as a whole (00501 became 501, SEPT2 became
 * 2-Sep): rows are paired by what is left of it then, so its overlap is measured like that, too.
 */
enum tally_status tally_key_measure(struct tally_comparison *c, const uint32_t *key, uint32_t count,
                                    struct tally_key_evidence *out, struct tally_err *err)
{
	enum tally_status st = measure_as(c, TALLY_KEY_AS_IT_IS, key, count, out, err);

	for (int form = TALLY_KEY_LOOSE; form < TALLY_KEY_FORMS; form++) {
		struct tally_key_evidence other;

		if (st < 0 || !tally_key_unique(out) || tally_key_overlap(out) >= TALLY_KEY_OVERLAP)
			return st;
		st = measure_as(c, (enum tally_key_form)form, key, count, &other, err);
		if (st == TALLY_OK && tally_key_unique(&other) &&
		    tally_key_overlap(&other) > tally_key_overlap(out))
			*out = other;
	}
	return st;
}
