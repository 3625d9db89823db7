/* Rows that are alike by their texts: with typing errors, or sentences in which some words were changed. */
#include "diff/table_similar.h"

#include "core/mem.h"
#include "diff/table_words.h"

/* ---- typing errors ---- */

enum { CLOSE_PAIRS = 64 }; /* pairs of a gap up to which texts are compared */

static unsigned close_score(const struct tally_similar *p, uint32_t before, uint32_t after)
{
	const uint32_t *a = p->hashes[0] + (size_t)before * p->column_count;
	const uint32_t *b = p->hashes[1] + (size_t)after * p->column_count;
	uint64_t equal = 0, all = 0;
	bool any = false;

	for (uint32_t k = 0; k < p->column_count; k++) {
		const struct tally_column_pair *pair = &p->c->pairs[p->columns[k]];
		uint32_t w = a[k] || b[k] ? p->c->key_weights[p->columns[k]]
		                          : TALLY_SIMILAR_BLANK_WEIGHT;
		unsigned close = 1000;

		if (a[k] != b[k])
			close = tally_span_closeness(
				tally_cell_span(tally_row_cell(&p->reader[0], pair->before)),
				tally_cell_span(tally_row_cell(&p->reader[1], pair->after)));
		all += w;
		equal += close >= 500 ? (uint64_t)w * close / 1000 : 0;
		any |= close >= 500 && a[k] && b[k];
	}
	return any ? (unsigned)(equal * 1000 / all) : 0;
}

enum tally_status tally_similar_by_texts(struct tally_similar_block *k, struct tally_err *err)
{
	struct tally_similar *p = k->p;
	enum tally_status st = TALLY_OK;

	if ((uint64_t)k->count[0] * k->count[1] > CLOSE_PAIRS)
		return TALLY_OK;
	for (uint32_t j = 0; j < k->count[1]; j++) {
		for (uint32_t i = 0; i < k->count[0]; i++) {
			struct tally_similar_pair new = { k->list[0][i], k->list[1][j], 0,
				                          i > j ? i - j : j - i };

			if (!tally_similar_is_free(p, 0, new.before) ||
			    !tally_similar_is_free(p, 1, new.after) || p->close_effort-- <= 0)
				continue;
			st = tally_row_read(&p->reader[0], p->rows[0][new.before], err);
			if (st == TALLY_OK)
				st = tally_row_read(&p->reader[1], p->rows[1][new.after], err);
			if (st < 0)
				return st;
			new.score = close_score(p, new.before, new.after);
			if (new.score < p->least)
				continue;
			st = tally_similar_keep(k, &new, err);
			if (st < 0)
				return st;
		}
	}
	tally_similar_take(k);
	return st;
}

/* ---- sentences in which some words were changed ---- */

enum {
	SENTENCE = 6,        /* words of an average cell in a column of sentences */
	SENTENCE_ROWS = 64,  /* rows that tell */
	SENTENCE_WEIGHT = 4, /* times its column's weight: many words are not the same by chance, */
	SENTENCE_SHARED = 500, /* thousandths of them in one row of both sides; */
	SENTENCE_CHANCE = 400, /* unless other rows share as many */
	SLICE = 16,            /* rows of a large gap that are compared with each other */
};

/* Rows of a gap that are still free, with the words of their sentences. */
struct slice {
	struct tally_similar *p;
	uint32_t *list[2]; /* places in the pool */
	uint32_t count[2];
	struct tally_words *words[2];            /* count × text_count */
	bool chance[TALLY_SIMILAR_TEXT_COLUMNS]; /* all rows share these words */
};

enum tally_status tally_similar_find_texts(struct tally_similar *p, struct tally_err *err)
{
	uint32_t rows = p->count[0] < SENTENCE_ROWS ? p->count[0] : SENTENCE_ROWS;
	uint64_t words[TALLY_SIMILAR_COLUMNS_MOST] = { 0 };
	struct tally_row_reader *r = &p->reader[0];
	enum tally_status st = TALLY_OK;

	for (uint32_t i = 0; st == TALLY_OK && i < rows; i++) {
		st = tally_row_read(r, p->rows[0][(uint64_t)i * p->count[0] / rows], err);
		for (uint32_t n = 0; st == TALLY_OK && n < p->column_count; n++) {
			uint32_t column = p->c->pairs[p->columns[n]].before;
			struct tally_words w;

			tally_words_of(&w, tally_cell_span(tally_row_cell(r, column)));
			words[n] += w.count;
		}
	}
	for (uint32_t n = 0; n < p->column_count && p->text_count < TALLY_SIMILAR_TEXT_COLUMNS; n++)
		if (words[n] >= (uint64_t)rows * SENTENCE)
			p->texts[p->text_count++] = n;
	return st;
}

static enum tally_status slice_words(struct slice *s, int side, struct tally_err *err)
{
	struct tally_similar *p = s->p;
	struct tally_row_reader *r = &p->reader[side];
	enum tally_status st = TALLY_OK;

	s->words[side] = tally_alloc((size_t)s->count[side] * p->text_count * sizeof *s->words[side]);
	if (!s->words[side])
		return tally_err_nomem(err);
	for (uint32_t i = 0; st == TALLY_OK && i < s->count[side]; i++) {
		st = tally_row_read(r, p->rows[side][s->list[side][i]], err);
		for (uint32_t n = 0; st == TALLY_OK && n < p->text_count; n++) {
			const struct tally_column_pair *pair = &p->c->pairs[p->columns[p->texts[n]]];
			uint32_t column = side ? pair->after : pair->before;

			tally_words_of(&s->words[side][(size_t)i * p->text_count + n],
			               tally_cell_span(tally_row_cell(r, column)));
		}
	}
	return st;
}

/* Sentences that are alike in all rows tell none of them. */
static void find_chance(struct slice *s)
{
	for (uint32_t n = 0; n < s->p->text_count; n++) {
		uint64_t shared = 0, pairs = 0;

		for (int side = 0; side < 2; side++) {
			const struct tally_words *w = s->words[side] + n;

			for (uint32_t i = 1; i < s->count[side]; i++, pairs++)
				shared += tally_words_shared(&w[(size_t)(i - 1) * s->p->text_count],
				                             &w[(size_t)i * s->p->text_count]);
		}
		s->chance[n] = pairs && shared > pairs * SENTENCE_CHANCE;
	}
}

static unsigned sentence_score(struct slice *s, uint32_t i, uint32_t j)
{
	struct tally_similar *p = s->p;
	const uint32_t *a = p->hashes[0] + (size_t)s->list[0][i] * p->column_count;
	const uint32_t *b = p->hashes[1] + (size_t)s->list[1][j] * p->column_count;
	uint64_t equal = 0, all = 0;
	uint32_t text = 0;
	bool any = false;

	for (uint32_t k = 0; k < p->column_count; k++) {
		uint64_t w = a[k] || b[k] ? p->c->key_weights[p->columns[k]]
		                          : TALLY_SIMILAR_BLANK_WEIGHT;
		unsigned shared = a[k] == b[k] ? 1000 : 0;

		if (text < p->text_count && p->texts[text] == k) {
			const struct tally_words *x = &s->words[0][(size_t)i * p->text_count + text];
			const struct tally_words *y = &s->words[1][(size_t)j * p->text_count + text];

			p->word_effort -= x->count + y->count;
			shared = tally_words_shared(x, y);
			shared = a[k] == b[k] ? 1000 : shared < SENTENCE_SHARED ? 0 : shared;
			w *= shared && x->count >= SENTENCE && !s->chance[text] ? SENTENCE_WEIGHT : 1;
			text++;
		}
		all += w;
		equal += w * shared / 1000;
		any |= shared && a[k] && b[k];
	}
	return any ? (unsigned)(equal * 1000 / all) : 0;
}

static enum tally_status compare_slice(struct tally_similar_block *k, struct slice *s,
                                       struct tally_err *err)
{
	enum tally_status st = slice_words(s, 0, err);

	if (st == TALLY_OK)
		st = slice_words(s, 1, err);
	if (st == TALLY_OK)
		find_chance(s);
	for (uint32_t j = 0; st == TALLY_OK && j < s->count[1]; j++) {
		for (uint32_t i = 0; st == TALLY_OK && i < s->count[0]; i++) {
			struct tally_similar_pair new = { s->list[0][i], s->list[1][j], 0,
				                          i > j ? i - j : j - i };

			if (k->p->word_effort <= 0)
				break;
			new.score = sentence_score(s, i, j);
			if (new.score < k->p->least)
				continue;
			st = tally_similar_keep(k, &new, err);
		}
	}
	tally_free(s->words[0]);
	tally_free(s->words[1]);
	return st;
}

/* Small gaps: all rows with all others. Large ones: those at about the same place. */
enum tally_status tally_similar_by_sentences(struct tally_similar_block *k, uint32_t *list[2],
                                             struct tally_err *err)
{
	struct tally_similar *p = k->p;
	const uint32_t *left = k->count;
	uint32_t most, slices = 1;
	enum tally_status st = TALLY_OK;

	if (!p->text_count)
		return TALLY_OK;
	tally_similar_leave(k, list);
	if (!left[0] || !left[1])
		return TALLY_OK;
	most = left[0] > left[1] ? left[0] : left[1];
	if ((uint64_t)left[0] * left[1] > TALLY_SIMILAR_ALL_PAIRS)
		slices = most / SLICE + 1;
	for (uint32_t n = 0; st == TALLY_OK && n < slices && p->word_effort > 0; n++) {
		struct slice s = { .p = p };

		for (int side = 0; side < 2; side++) {
			uint32_t from = (uint32_t)((uint64_t)n * left[side] / slices);

			s.list[side] = list[side] + from;
			s.count[side] = (uint32_t)(((uint64_t)n + 1) * left[side] / slices) - from;
		}
		if (s.count[0] && s.count[1])
			st = compare_slice(k, &s, err);
	}
	if (st == TALLY_OK)
		tally_similar_take(k);
	return st;
}
