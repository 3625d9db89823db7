/* Texts of two formats made comparable: see diff/text_recut.h. */
#include "diff/text_recut.h"

#include <stdio.h>
#include <string.h>

#include "core/ascii.h"
#include "core/buf.h"
#include "core/hash.h"
#include "core/mem.h"
#include "diff/align.h"
#include "diff/text_words.h"

#define NONE UINT32_MAX

enum {
	WORD_MOST = 128,   /* bytes of a word by which it is known again */
	CELL_TRIES = 1000, /* words looked at for one cell */
	BESIDE_MOST = 64,  /* headers and footers that are known again on other pages */
};

/* ---- words ---- */

struct word {
	uint32_t block, at, len;
	uint32_t owner; /* paragraph of the pattern, or NONE */
	bool last;      /* of its block */
	bool marks;     /* no letter or digit in it */
	bool glue;      /* no blank before it */
};

struct word_list {
	struct word *words;
	uint64_t *hashes;
	size_t count, cap, hash_cap;
};

static void words_release(struct word_list *l)
{
	tally_free(l->words);
	tally_free(l->hashes);
}

static bool is_blank(uint32_t c)
{
	return tally_char_typed(c) == ' ' || (c >= '\t' && c <= '\r');
}

/* Punctuation, bullets, lines of boxes; not what may mean something by itself (a tick, a currency). */
static bool is_mark(uint32_t c)
{
	if (c < 0x80)
		return !tally_is_digit((char)c) && !tally_is_letter((char)c) && c != '$';
	return (c >= 0x2010 && c <= 0x2027) || (c >= 0x2500 && c <= 0x25FF) || c == 0xB7 ||
	       (c >= 0xF0A0 && c <= 0xF0FF);
}

/* @return bytes to the end of the word, which are hashed as plain typing has it */
static size_t read_word(const char *text, size_t len, uint64_t *hash, bool *marks)
{
	char typed[WORD_MOST + 4];
	size_t at = 0, n = 0;

	*marks = true;
	while (at < len) {
		uint32_t c, plain;
		size_t step = tally_char_at(&c, text + at, len - at);

		if (is_blank(c))
			break;
		plain = tally_char_typed(c);
		*marks = *marks && is_mark(c);
		if (n < WORD_MOST && plain != c)
			typed[n++] = (char)plain;
		else if (n < WORD_MOST && c != 0xAD) {
			memcpy(typed + n, text + at, step);
			n += step;
		}
		at += step;
	}
	*hash = tally_hash64(typed, n, 0);
	return at;
}

static size_t skip_blanks(const char *text, size_t len)
{
	size_t at = 0;

	while (at < len) {
		uint32_t c;
		size_t step = tally_char_at(&c, text + at, len - at);

		if (!is_blank(c))
			break;
		at += step;
	}
	return at;
}

static bool add_words(struct word_list *l, const struct tally_text *text, uint32_t block)
{
	const struct tally_block *b = &text->blocks[block];
	size_t at = skip_blanks(b->text, b->len), first = l->count;

	while (at < b->len) {
		struct word w = { .block = block, .at = (uint32_t)at, .owner = NONE };
		uint64_t hash;

		w.len = (uint32_t)read_word(b->text + at, b->len - at, &hash, &w.marks);
		if (!tally_grow(&l->words, &l->cap, l->count, sizeof *l->words) ||
		    !tally_grow(&l->hashes, &l->hash_cap, l->count, sizeof *l->hashes))
			return false;
		l->words[l->count] = w;
		l->hashes[l->count++] = hash;
		at += w.len;
		at += skip_blanks(b->text + at, b->len - at);
	}
	if (l->count > first)
		l->words[l->count - 1].last = true;
	return true;
}

static bool words_of(struct word_list *l, const struct tally_text *text)
{
	*l = (struct word_list){ 0 };
	for (uint32_t i = 0; i < text->count; i++)
		if (!add_words(l, text, i))
			return false;
	return true;
}

/* ---- squeezing ---- */

static enum tally_status add_range(struct tally_text *out, const struct tally_text *in,
                                   const struct word *words, size_t count, struct tally_block like,
                                   struct tally_buf *scratch, struct tally_err *err)
{
	bool ok = true;

	tally_buf_clear(scratch);
	for (size_t i = 0; i < count && ok; i++)
		ok = (!i || words[i].glue || tally_buf_byte(scratch, ' ')) &&
		     tally_buf_add(scratch, in->blocks[words[i].block].text + words[i].at,
		                   words[i].len);
	if (!ok)
		return tally_err_nomem(err);
	like.text = scratch->bytes;
	like.len = (uint32_t)scratch->len;
	return tally_text_add(out, &like, err);
}

/* ---- marks of notes ---- */

static bool has_notes(const struct tally_text *text)
{
	for (size_t i = 0; i < text->count; i++)
		if (text->blocks[i].area == TALLY_AREA_FOOTNOTE ||
		    text->blocks[i].area == TALLY_AREA_ENDNOTE)
			return true;
	return false;
}

/* "[1]" or "[^12]:" here? @return its bytes, or 0 */
static uint32_t note_mark(const char *text, uint32_t len)
{
	uint32_t at = 1, digits = 0;

	if (len >= 3 && !memcmp(text, "\xE2\x86\xA9", 3)) /* the arrow that leads back from a note */
		return len;
	if (len < 3 || text[0] != '[')
		return 0;
	at += text[at] == '^';
	while (at < len && tally_is_digit(text[at]) && digits++ < 3)
		at++;
	if (!digits || at == len || text[at] != ']')
		return 0;
	at++;
	return at < len && text[at] == ':' ? at + 1 : at;
}

/* The word without its marks; what stands behind one is put to what stands before it. */
static bool add_unmarked(struct word_list *out, const struct tally_text *text, struct word w)
{
	const char *bytes = text->blocks[w.block].text + w.at;
	uint32_t from = 0, at = 0;
	bool glue = false;

	while (at <= w.len) {
		uint32_t mark = at < w.len ? note_mark(bytes + at, w.len - at) : 0;

		if (at < w.len && !mark) {
			at++;
			continue;
		}
		if (at > from) {
			struct word piece = {
				.block = w.block, .at = w.at + from, .len = at - from, .glue = glue
			};

			if (!tally_grow(&out->words, &out->cap, out->count, sizeof *out->words))
				return false;
			out->words[out->count++] = piece;
			glue = true;
		}
		at += mark ? mark : 1;
		from = at;
	}
	return true;
}

static bool cut_note_marks(struct word_list *l, const struct tally_text *text)
{
	struct word_list out = { 0 };

	for (size_t i = 0; i < l->count; i++)
		if (!add_unmarked(&out, text, l->words[i])) {
			words_release(&out);
			return false;
		}
	words_release(l);
	*l = out;
	return true;
}

enum tally_status tally_text_squeeze(struct tally_text *out, const struct tally_text *in,
                                     const struct tally_text *other, struct tally_err *err)
{
	struct word_list l;
	struct tally_buf scratch;
	enum tally_status st = words_of(&l, in) ? TALLY_OK : tally_err_nomem(err);

	tally_buf_init(&scratch, UINT32_MAX - 1);
	if (st >= 0 && other && has_notes(other) && !has_notes(in) && !cut_note_marks(&l, in))
		st = tally_err_nomem(err);
	for (size_t i = 0, end; i < l.count && st >= 0; i = end) {
		for (end = i + 1; end < l.count && l.words[end].block == l.words[i].block;)
			end++;
		st = add_range(out, in, l.words + i, end - i, in->blocks[l.words[i].block],
		               &scratch, err);
	}
	tally_buf_release(&scratch);
	words_release(&l);
	return st;
}

/* ---- which paragraph of the pattern a word belongs to ---- */

struct recut {
	struct tally_text *out;
	const struct tally_text *in, *pattern;
	struct word_list words, model; /* of both */
	uint32_t *matched;             /* of each paragraph of the pattern, how many words */
	uint32_t *total;               /* and how many it has */
	uint8_t *met;                  /* and whether some were, once strays are dropped */
	uint32_t *reached;             /* and which of its words is the last that was met, from 1 */
	uint32_t *begin;               /* and which of all is its first */
	uint8_t *told;                 /* a header or footer that was there already */
	uint32_t beside[BESIDE_MOST];  /* headers and footers of the pattern */
	size_t beside_count;
	struct tally_buf scratch;
	bool other_format;
};

static enum tally_status match(struct recut *r, struct tally_err *err)
{
	const struct tally_align_input in = { .before = r->model.hashes,
		                              .after = r->words.hashes,
		                              .before_count = r->model.count,
		                              .after_count = r->words.count };
	struct tally_runs runs;
	enum tally_status st = tally_align(&runs, &in, err);

	if (st < 0)
		return st;
	for (size_t i = 0; i < runs.count; i++)
		for (size_t k = 0; k < runs.runs[i].count; k++)
			r->words.words[runs.runs[i].after + k].owner = (uint32_t)(runs.runs[i].before +
			                                                          k);
	tally_runs_release(&runs);
	return TALLY_OK;
}

/*
 * Words that every text has are met anywhere. A paragraph counts where at least half of its words were met, or where they are
 * at least half of those of a paragraph of this text.
 */
static void drop_strays(struct recut *r)
{
	struct word *w = r->words.words;

	for (size_t i = 0; i < r->words.count; i++)
		if (w[i].owner != NONE)
			r->matched[r->model.words[w[i].owner].block]++;
	for (size_t i = 0, end; i < r->words.count; i = end) {
		uint32_t own = 0;

		for (end = i; end < r->words.count && w[end].block == w[i].block; end++)
			own += w[end].owner != NONE;
		for (size_t k = i; k < end; k++) {
			uint32_t p = w[k].owner == NONE ? 0 : r->model.words[w[k].owner].block;

			if (w[k].owner != NONE && r->matched[p] * 2 < r->total[p] && own * 2 < end - i)
				w[k].owner = NONE;
			else if (w[k].owner != NONE)
				r->met[p] = 1;
		}
	}
}

/* ---- cells ---- */

/* Words of this text by their hash, for finding cells that stand in another order: a table may be read by its columns. */
struct places {
	uint32_t *first; /* by hash */
	uint32_t *next;  /* the next one with the same slot */
	size_t mask;
};

static bool places_make(struct places *p, const struct word_list *l)
{
	size_t size = 16;

	while (size < l->count)
		size *= 2;
	p->mask = size - 1;
	p->first = tally_alloc(size * sizeof *p->first);
	p->next = tally_alloc((l->count + 1) * sizeof *p->next);
	if (!p->first || !p->next)
		return false;
	for (size_t i = 0; i < size; i++)
		p->first[i] = NONE;
	for (size_t i = l->count; i-- > 0;) {
		uint32_t *slot = &p->first[l->hashes[i] & p->mask];

		p->next[i] = *slot;
		*slot = (uint32_t)i;
	}
	return true;
}

static bool is_free_run(const struct recut *r, size_t at, uint32_t first, uint32_t count)
{
	if (count > r->words.count - at)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (r->words.words[at + i].owner != NONE ||
		    r->words.hashes[at + i] != r->model.hashes[first + i])
			return false;
	return true;
}

/* The first place where all words of a cell stand that belong to nothing yet. */
static void find_cell(struct recut *r, const struct places *p, uint32_t cell)
{
	uint32_t first = r->begin[cell], count = r->total[cell], tries = CELL_TRIES;

	for (uint32_t i = p->first[r->model.hashes[first] & p->mask]; i != NONE && tries--;
	     i = p->next[i]) {
		if (!is_free_run(r, i, first, count))
			continue;
		for (uint32_t k = 0; k < count; k++)
			r->words.words[i + k].owner = first + k;
		return;
	}
}

static bool find_cells(struct recut *r)
{
	struct places p = { 0 };
	bool ok = true, made = false;

	for (uint32_t i = 0; i < r->pattern->count && ok; i++) {
		if (r->pattern->blocks[i].kind != TALLY_BLOCK_CELL || !r->total[i] || r->met[i])
			continue;
		if (!made)
			ok = made = places_make(&p, &r->words);
		if (ok)
			find_cell(r, &p, i);
	}
	tally_free(p.first);
	tally_free(p.next);
	return ok;
}

/* From words to paragraphs; how far each was met is noted on the way. */
static void name_owners(struct recut *r)
{
	for (size_t i = 0; i < r->words.count; i++) {
		struct word *w = &r->words.words[i];
		uint32_t at = w->owner;

		if (at == NONE)
			continue;
		w->owner = r->model.words[at].block;
		r->reached[w->owner] = at - r->begin[w->owner] + 1;
	}
}

/* ---- words between: those that the pattern does not have ---- */

/* The first word behind a block's end, from @i on, or @end. */
static size_t behind_block(const struct recut *r, size_t i, size_t end)
{
	while (i < end && !r->words.words[i].last)
		i++;
	return i < end ? i + 1 : end;
}

static void give(struct recut *r, size_t from, size_t to, uint32_t owner)
{
	for (size_t i = from; i < to; i++)
		r->words.words[i].owner = owner;
}

/* Words from @from to @to stand between a word of paragraph @a and one of @b (NONE: the text begins, or ends). */
static void settle_gap(struct recut *r, size_t from, size_t to, uint32_t a, uint32_t b)
{
	const struct word *w = r->words.words;
	size_t first = from, last = to;

	if (from == to)
		return;
	/* what stands in one block with the word before, up to its end */
	if (a != NONE && !w[from - 1].last)
		first = behind_block(r, from, to);
	/* and with the word behind */
	if (b != NONE)
		while (last > first && !w[last - 1].last)
			last--;
	if (first == to && b != NONE && b != a && !w[to - 1].last) {
		/* all in one block with both: to the one that is not whole yet */
		give(r, from, to, r->reached[a] >= r->total[a] ? b : a);
		return;
	}
	if (a != NONE)
		give(r, from, first, a);
	if (b != NONE)
		give(r, last, to, b);
}

static void settle_gaps(struct recut *r)
{
	const struct word *w = r->words.words;
	uint32_t before = NONE;

	for (size_t i = 0; i < r->words.count;) {
		size_t end = i;

		if (w[i].owner != NONE) {
			before = w[i++].owner;
			continue;
		}
		while (end < r->words.count && w[end].owner == NONE)
			end++;
		settle_gap(r, i, end, before, end < r->words.count ? w[end].owner : NONE);
		i = end;
	}
}

/* ---- the paragraphs ---- */

/* "3." or "a)" or a bullet in front of an item of a list, which documents keep outside of the text */
static bool is_item_mark(const struct recut *r, const struct word *w)
{
	const char *text = r->in->blocks[w->block].text + w->at;

	if (w->marks)
		return w->len <= 3;
	return w->len <= 4 && (text[w->len - 1] == '.' || text[w->len - 1] == ')');
}

static bool is_beside_text(const struct tally_block *b)
{
	return b->area == TALLY_AREA_HEADER || b->area == TALLY_AREA_FOOTER;
}

static bool same_words(const struct recut *r, const struct word *words, size_t count, uint32_t block)
{
	size_t first = (size_t)(words - r->words.words);

	return r->total[block] == count &&
	       !memcmp(r->words.hashes + first, r->model.hashes + r->begin[block],
	               count * sizeof *r->words.hashes);
}

/* Lines that say nothing: rules, the page's own number, a header once more. */
static bool is_furniture(struct recut *r, const struct word *words, size_t count)
{
	const struct tally_block *b = &r->in->blocks[words[0].block];
	char number[16];
	size_t marks = 0;

	while (marks < count && words[marks].marks)
		marks++;
	if (marks == count)
		return true;
	snprintf(number, sizeof number, "%u", b->n);
	if (b->area == TALLY_AREA_PAGE && count == 1 && words[0].len == strlen(number) &&
	    !memcmp(b->text + words[0].at, number, words[0].len))
		return true;
	for (size_t i = 0; b->area == TALLY_AREA_PAGE && i < r->beside_count; i++)
		if (same_words(r, words, count, r->beside[i])) {
			bool again = r->told[r->beside[i]];

			r->told[r->beside[i]] = 1;
			return again;
		}
	return false;
}

static enum tally_status add_alone(struct recut *r, size_t from, size_t to, struct tally_err *err)
{
	const struct word *w = r->words.words + from;

	if (r->other_format && is_furniture(r, w, to - from))
		return TALLY_OK;
	return add_range(r->out, r->in, w, to - from, r->in->blocks[w->block], &r->scratch, err);
}

/* The words of one paragraph of the pattern, put together; what stands between them alone comes behind. */
static enum tally_status add_owned(struct recut *r, size_t from, size_t to, struct tally_err *err)
{
	struct word *w = r->words.words;
	uint32_t owner = w[from].owner;
	const struct tally_block *model = &r->pattern->blocks[owner];
	struct tally_block like = r->in->blocks[w[from].block];
	struct word *own = tally_alloc((to - from) * sizeof *own);
	size_t count = 0;
	enum tally_status st;

	if (!own)
		return tally_err_nomem(err);
	for (size_t i = from; i < to; i++)
		if (w[i].owner == owner)
			own[count++] = w[i];
	like.kind = model->kind;
	like.level = model->level;
	if (is_beside_text(model))
		r->told[owner] = 1;
	if (r->other_format && count > 1 && model->kind == TALLY_BLOCK_LIST_ITEM &&
	    is_item_mark(r, own) && r->words.hashes[from] != r->model.hashes[r->begin[owner]])
		st = add_range(r->out, r->in, own + 1, count - 1, like, &r->scratch, err);
	else
		st = add_range(r->out, r->in, own, count, like, &r->scratch, err);
	tally_free(own);
	for (size_t i = from, end; i < to && st >= 0; i = end) {
		for (end = i + 1;
		     end < to && w[end].owner == w[i].owner && w[end].block == w[i].block;)
			end++;
		if (w[i].owner == NONE)
			st = add_alone(r, i, end, err);
	}
	return st;
}

static enum tally_status put_together(struct recut *r, struct tally_err *err)
{
	const struct word *w = r->words.words;
	enum tally_status st = TALLY_OK;

	for (size_t i = 0, end; i < r->words.count && st >= 0; i = end) {
		end = i + 1;
		if (w[i].owner == NONE) {
			while (end < r->words.count && w[end].owner == NONE &&
			       w[end].block == w[i].block)
				end++;
			st = add_alone(r, i, end, err);
			continue;
		}
		/* up to its last word: others come between only where they stand alone */
		for (size_t k = end;
		     k < r->words.count && (w[k].owner == NONE || w[k].owner == w[i].owner); k++)
			if (w[k].owner == w[i].owner)
				end = k + 1;
		st = add_owned(r, i, end, err);
	}
	return st;
}

static bool count_model(struct recut *r)
{
	size_t n = r->pattern->count + 1;

	r->matched = tally_alloc_zero(n, sizeof *r->matched);
	r->total = tally_alloc_zero(n, sizeof *r->total);
	r->reached = tally_alloc_zero(n, sizeof *r->reached);
	r->begin = tally_alloc_zero(n, sizeof *r->begin);
	r->told = tally_alloc_zero(n, sizeof *r->told);
	r->met = tally_alloc_zero(n, sizeof *r->met);
	if (!r->matched || !r->total || !r->reached || !r->begin || !r->told || !r->met)
		return false;
	for (size_t i = r->model.count; i-- > 0;) {
		r->total[r->model.words[i].block]++;
		r->begin[r->model.words[i].block] = (uint32_t)i;
	}
	for (uint32_t i = 0; i < r->pattern->count && r->beside_count < BESIDE_MOST; i++)
		if (is_beside_text(&r->pattern->blocks[i]))
			r->beside[r->beside_count++] = i;
	return true;
}

enum tally_status tally_text_recut(struct tally_text *out, const struct tally_text *in,
                                   const struct tally_text *pattern, bool other_format,
                                   struct tally_err *err)
{
	struct recut r = { .out = out, .in = in, .pattern = pattern, .other_format = other_format };
	enum tally_status st = TALLY_OK;

	tally_buf_init(&r.scratch, UINT32_MAX - 1);
	if (!words_of(&r.words, in) || !words_of(&r.model, pattern) || !count_model(&r))
		st = tally_err_nomem(err);
	if (st >= 0)
		st = match(&r, err);
	if (st >= 0) {
		drop_strays(&r);
		if (other_format && !find_cells(&r))
			st = tally_err_nomem(err);
	}
	if (st >= 0) {
		name_owners(&r);
		settle_gaps(&r);
		st = put_together(&r, err);
	}
	tally_buf_release(&r.scratch);
	words_release(&r.words);
	words_release(&r.model);
	tally_free(r.matched);
	tally_free(r.total);
	tally_free(r.reached);
	tally_free(r.begin);
	tally_free(r.told);
	tally_free(r.met);
	return st;
}
