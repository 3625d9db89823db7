/* The words of an edited block: which stayed, which went, which came. */
#include <string.h>

#include "core/mem.h"
#include "diff/align.h"
#include "diff/text_work.h"

/* What is cut into words and aligned. */
struct halves {
	const struct tally_block *block[2];
	struct tally_word_list list[2];
	struct tally_runs runs;
};

struct span_list {
	struct tally_edit_span *spans;
	size_t count, cap;
};

static bool equal_words(void *payload, size_t before, size_t after)
{
	const struct halves *h = payload;
	const struct tally_word *x = &h->list[0].words[before], *y = &h->list[1].words[after];

	return x->len == y->len &&
	       !memcmp(h->block[0]->text + x->at, h->block[1]->text + y->at, x->len);
}

static enum tally_status align_words(struct halves *h, struct tally_arena *arena,
                                     struct tally_err *err)
{
	struct tally_align_input in = { .equal = equal_words, .payload = h };
	uint64_t *hashes[2];

	for (int i = 0; i < 2; i++) {
		hashes[i] = tally_arena_zero(arena, h->list[i].count + 1, sizeof *hashes[i]);
		if (!hashes[i])
			return tally_err_nomem(err);
		for (size_t k = 0; k < h->list[i].count; k++)
			hashes[i][k] = h->list[i].words[k].hash;
	}
	in.before = hashes[0];
	in.after = hashes[1];
	in.before_count = h->list[0].count;
	in.after_count = h->list[1].count;
	return tally_align(&h->runs, &in, err);
}

static bool add_span(struct span_list *list, uint8_t op, const char *text, size_t len)
{
	struct tally_edit_span *last = list->count ? &list->spans[list->count - 1] : NULL;

	if (!len)
		return true;
	if (last && last->op == op && last->text + last->len == text) {
		last->len += (uint32_t)len;
		return true;
	}
	if (!tally_grow(&list->spans, &list->cap, list->count, sizeof *list->spans))
		return false;
	list->spans[list->count++] = (struct tally_edit_span){ text, (uint32_t)len, op };
	return true;
}

static size_t offset_of(const struct halves *h, int side, size_t word)
{
	return word < h->list[side].count ? h->list[side].words[word].at : h->block[side]->len;
}

/* Has this run a word in it? Blanks and marks that two replaced stretches share do not hold them apart. */
static bool has_word(const struct halves *h, const struct tally_run *run)
{
	for (size_t k = 0; k < run->count; k++) {
		uint8_t class = h->list[0].words[run->before + k].class;

		if (class == TALLY_WORD_LETTERS || class == TALLY_WORD_DIGITS)
			return true;
	}
	return false;
}

/* A run between two changes that only joins them is told as changed with them. */
static bool is_glue(const struct halves *h, size_t n)
{
	const struct tally_run *r = &h->runs.runs[n];

	if (n == 0 || n + 1 == h->runs.count || has_word(h, r))
		return false;
	/* replaced on both sides, before and behind it */
	return r[-1].before + r[-1].count < r->before && r[-1].after + r[-1].count < r->after &&
	       r->before + r->count < r[1].before && r->after + r->count < r[1].after;
}

static bool list_spans(const struct halves *h, struct span_list *list)
{
	size_t b = 0, a = 0;
	bool ok = true;

	for (size_t n = 0; ok && n <= h->runs.count; n++) {
		bool last = n == h->runs.count;
		size_t b1 = last ? h->block[0]->len : offset_of(h, 0, h->runs.runs[n].before);
		size_t a1 = last ? h->block[1]->len : offset_of(h, 1, h->runs.runs[n].after);
		size_t len;

		if (!last && is_glue(h, n))
			continue;
		ok = add_span(list, TALLY_SPAN_DELETE, h->block[0]->text + b, b1 - b) &&
		     add_span(list, TALLY_SPAN_INSERT, h->block[1]->text + a, a1 - a);
		if (last)
			break;
		len = offset_of(h, 0, h->runs.runs[n].before + h->runs.runs[n].count) - b1;
		ok = ok && add_span(list, TALLY_SPAN_EQUAL, h->block[0]->text + b1, len);
		b = b1 + len;
		a = a1 + len;
	}
	return ok;
}

static uint32_t likeness(const struct tally_edit *edit, const struct tally_block *before,
                         const struct tally_block *after)
{
	uint64_t equal = 0, all = (uint64_t)before->len + after->len;

	for (size_t i = 0; i < edit->span_count; i++)
		if (edit->spans[i].op == TALLY_SPAN_EQUAL)
			equal += edit->spans[i].len;
	return all ? (uint32_t)(2000 * equal / all) : 1000;
}

enum tally_status tally_edit_spans(struct tally_edit *edit, struct tally_arena *arena,
                                   const struct tally_block *before,
                                   const struct tally_block *after, struct tally_err *err)
{
	struct tally_arena scratch = TALLY_ARENA_INIT;
	struct halves h = { .block = { before, after } };
	struct span_list list = { 0 };
	enum tally_status st = TALLY_OK;

	for (int i = 0; i < 2 && st >= 0; i++)
		st = tally_words_cut(&h.list[i], &scratch, h.block[i]->text, h.block[i]->len, err);
	if (st >= 0)
		st = align_words(&h, &scratch, err);
	if (st >= 0) {
		struct tally_edit_span *spans = NULL;

		if (list_spans(&h, &list))
			spans = tally_arena_zero(arena, list.count + 1, sizeof *spans);
		if (spans) {
			if (list.count)
				memcpy(spans, list.spans, list.count * sizeof *spans);
			edit->spans = spans;
			edit->span_count = list.count;
			edit->similarity = likeness(edit, before, after);
		} else {
			st = tally_err_nomem(err);
		}
		tally_runs_release(&h.runs);
	}
	tally_free(list.spans);
	tally_arena_release(&scratch);
	return st;
}
