/* Passages that are gone from one document and stand in another: see receipt/passages.h. */
#include "receipt/passages.h"

#include <string.h>

#include "core/bytes.h"
#include "core/hash.h"
#include "core/mem.h"
#include "diff/text_words.h"

enum {
	SOFT_HYPHEN = 0xAD,
	CJK_FIRST = 0x2E80, /* signs that are words of their own: nobody writes blanks between them */
	CJK_END = 0xAC00,
	WORD_MOST = 256, /* bytes; longer words are cut into several */
	HEAD_BYTES = 22, /* of a record, before its words */
};

static const uint64_t compares_most = UINT64_C(1)
                                      << 26; /* words looked at, in all (some tenths of a second) */

static const uint64_t hints_most = UINT64_C(1) << 22; /* ends of paragraphs looked at, in all */

/* ---- what a worker sends ---- */

struct words {
	struct tally_buf *out;
	uint64_t seed, count, most;
	char word[WORD_MOST];
	size_t len;
	bool ok;
};

static bool put_number(struct tally_buf *out, uint64_t value, unsigned bytes)
{
	char p[8];

	for (unsigned i = 0; i < bytes; i++)
		p[i] = (char)(unsigned char)(value >> 8 * i);
	return tally_buf_add(out, p, bytes);
}

static void end_word(struct words *w)
{
	if (w->len && w->count < w->most)
		w->ok = w->ok && put_number(w->out, tally_hash64(w->word, w->len, w->seed), 8);
	w->count += w->len > 0;
	w->len = 0;
}

static void add_char(struct words *w, uint32_t c, const char *bytes, size_t n)
{
	uint32_t typed = tally_char_typed(c);
	bool alone = c >= CJK_FIRST && c < CJK_END;

	if (c == SOFT_HYPHEN)
		return;
	if (typed == ' ' || (c >= '\t' && c <= '\r') || alone || w->len + n > WORD_MOST)
		end_word(w);
	if (typed == ' ' || (c >= '\t' && c <= '\r'))
		return;
	if (typed != c)
		w->word[w->len++] = (char)typed;
	else
		memcpy(w->word + w->len, bytes, n);
	w->len += typed != c ? 0 : n;
	if (alone)
		end_word(w);
}

enum tally_status tally_passage_put(struct tally_buf *out, const struct tally_block *block,
                                    uint32_t number, bool gone, uint64_t seed, uint64_t *left,
                                    struct tally_err *err)
{
	struct words w = { .out = out, .seed = seed, .most = *left, .ok = true };
	size_t start = out->len, count_at;

	w.ok = put_number(out, gone, 1) && put_number(out, block->area, 1) &&
	       put_number(out, number, 4) && put_number(out, block->n, 4) &&
	       put_number(out, block->row, 4) && put_number(out, block->cell, 4) &&
	       put_number(out, block->paragraph, 4);
	count_at = out->len;
	w.ok = w.ok && put_number(out, 0, 4);
	for (size_t at = 0; at < block->len && w.ok;) {
		uint32_t c;
		size_t n = tally_char_at(&c, block->text + at, block->len - at);

		add_char(&w, c, block->text + at, n);
		at += n;
	}
	end_word(&w);
	if (!w.ok)
		return tally_err_nomem(err);
	if (w.count > w.most) {
		out->len = start;
		return TALLY_END;
	}
	for (unsigned i = 0; i < 4; i++)
		out->bytes[count_at + i] = (char)(unsigned char)(w.count >> 8 * i);
	*left -= w.count;
	return TALLY_OK;
}

/* ---- what is kept of it ---- */

/* A paragraph: its words follow those of the paragraph before it. */
struct record {
	struct tally_passage_place place;
	size_t at; /* in the words */
	uint32_t count;
	bool gone;
};

struct records {
	uint64_t *words;
	size_t word_count, word_cap;
	struct record *at;
	size_t count, cap;
};

/* One that is gone, as it is looked for. */
struct wanted {
	uint32_t record;
	uint32_t next;      /* with the same first words, or NONE */
	uint32_t next_tail; /* with the same last words, or NONE */
	uint32_t same; /* an earlier one with all the same words, or NONE: that is looked for */
};

#define NONE UINT32_MAX

struct tally_passages {
	struct records kept;
	uint64_t words_most, compared, hints;
	struct tally_passage *found; /* of the records that are gone */
	struct wanted *wanted;
	size_t count, found_cap, wanted_cap;
	uint32_t *table; /* first of those whose first words have a hash; NULL: not made yet */
	uint32_t *tails; /* the same of their last words */
	size_t table_mask;
	bool cut;
};

enum tally_status tally_passages_new(struct tally_passages **out, uint64_t words,
                                     struct tally_err *err)
{
	*out = tally_alloc_zero(1, sizeof **out);
	if (!*out)
		return tally_err_nomem(err);
	(*out)->words_most = words;
	return TALLY_OK;
}

static void records_release(struct records *r)
{
	tally_free(r->words);
	tally_free(r->at);
}

void tally_passages_free(struct tally_passages *p)
{
	if (!p)
		return;
	records_release(&p->kept);
	tally_free(p->found);
	tally_free(p->wanted);
	tally_free(p->table);
	tally_free(p->tails);
	tally_free(p);
}

static bool take_words(struct records *r, struct tally_bytes *b, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (!tally_grow(&r->words, &r->word_cap, r->word_count, sizeof *r->words))
			return false;
		r->words[r->word_count++] = tally_bytes_u64(b);
	}
	return true;
}

static enum tally_status take_records(struct records *r, tally_passage_source source,
                                      const unsigned char *bytes, size_t len, struct tally_err *err)
{
	struct tally_bytes b = tally_bytes_of(bytes, len);

	while (tally_bytes_left(&b)) {
		struct record *x;
		uint8_t gone = tally_bytes_u8(&b), area = tally_bytes_u8(&b);
		struct tally_passage_place place = { .source = source, .area = area };

		place.block = tally_bytes_u32(&b);
		place.n = tally_bytes_u32(&b);
		place.row = tally_bytes_u32(&b);
		place.cell = tally_bytes_u32(&b);
		place.paragraph = tally_bytes_u32(&b);
		if (!tally_grow(&r->at, &r->cap, r->count, sizeof *r->at))
			return tally_err_nomem(err);
		x = &r->at[r->count++];
		*x = (struct record){ .place = place, .at = r->word_count, .gone = gone == 1 };
		x->count = tally_bytes_u32(&b);
		if (b.bad || gone > 1 || area >= TALLY_AREA_COUNT || !place.block ||
		    x->count > tally_bytes_left(&b) / 8)
			return tally_err_set(err, TALLY_SKIP, TALLY_REASON_READER_FAILED,
			                     "its reader sent malformed passages");
		if (!take_words(r, &b, x->count))
			return tally_err_nomem(err);
	}
	return TALLY_OK;
}

static enum tally_status add_wanted(struct tally_passages *p, uint32_t record, struct tally_err *err)
{
	const struct record *x = &p->kept.at[record];

	if (!tally_grow(&p->found, &p->found_cap, p->count, sizeof *p->found) ||
	    !tally_grow(&p->wanted, &p->wanted_cap, p->count, sizeof *p->wanted))
		return tally_err_nomem(err);
	p->found[p->count] = (struct tally_passage){ .from = x->place,
		                                     .alone = x->count >= TALLY_PASSAGE_WORDS };
	p->wanted[p->count++] = (struct wanted){ record, NONE, NONE, NONE };
	return TALLY_OK;
}

enum tally_status tally_passages_add(struct tally_passages *p, tally_passage_source source,
                                     const unsigned char *bytes, size_t len, struct tally_err *err)
{
	struct records *r = &p->kept;
	size_t words = r->word_count, count = r->count;
	enum tally_status st = TALLY_OK;

	if (len / 8 > p->words_most - r->word_count || r->count > NONE / 2)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT, "passage_words");
	st = take_records(r, source, bytes, len, err);
	if (st < 0) {
		r->word_count = words;
		r->count = count;
		return st;
	}
	for (size_t i = count; i < r->count && st >= 0; i++)
		if (r->at[i].gone)
			st = add_wanted(p, (uint32_t)i, err);
	return st;
}

/* ---- looking ---- */

static const uint64_t base = UINT64_C(0x9e3779b97f4a7c15);

/* The words from here on as one number, TALLY_PASSAGE_WORDS of them. */
static uint64_t roll_at(const uint64_t *words)
{
	uint64_t h = 0;

	for (unsigned i = 0; i < TALLY_PASSAGE_WORDS; i++)
		h = h * base + words[i];
	return h;
}

static size_t slot_of(const struct tally_passages *p, uint64_t roll)
{
	return (size_t)((roll ^ roll >> 29) * UINT64_C(0xbf58476d1ce4e5b9) >> 20) & p->table_mask;
}

static const struct record *record_of(const struct tally_passages *p, uint32_t wanted)
{
	return &p->kept.at[p->wanted[wanted].record];
}

static const uint64_t *words_of(const struct tally_passages *p, const struct record *r)
{
	return p->kept.words + r->at;
}

static bool same_words(const uint64_t *a, const uint64_t *b, uint32_t count)
{
	return !count || !memcmp(a, b, count * sizeof *a);
}

/* Counts what is looked at; once it is too much, all else is left out. */
static bool may_compare(struct tally_passages *p, uint64_t words)
{
	p->compared += words;
	p->cut |= p->compared > compares_most;
	return !p->cut;
}

/* One with all the same words as an earlier one needs no place of its own. */
static void enter(struct tally_passages *p, uint32_t i)
{
	const struct record *r = record_of(p, i);
	uint32_t *slot = &p->table[slot_of(p, roll_at(words_of(p, r)))];

	for (uint32_t k = *slot; k != NONE; k = p->wanted[k].next) {
		const struct record *other = record_of(p, k);

		if (other->count == r->count && may_compare(p, r->count) &&
		    same_words(words_of(p, other), words_of(p, r), r->count)) {
			p->wanted[i].same = k;
			return;
		}
	}
	p->wanted[i].next = *slot;
	*slot = i;
}

/* Where it begins like another one its last words may still be found elsewhere. */
static void enter_tail(struct tally_passages *p, uint32_t i)
{
	const struct record *r = record_of(p, i);
	uint32_t *slot = &p->tails[slot_of(p, roll_at(words_of(p, r) + r->count - TALLY_PASSAGE_WORDS))];

	p->wanted[i].next_tail = *slot;
	*slot = i;
}

static enum tally_status make_table(struct tally_passages *p, struct tally_err *err)
{
	size_t size = 16;

	if (p->table)
		return TALLY_OK;
	while (size < 2 * p->count)
		size *= 2;
	p->table = tally_alloc(size * sizeof *p->table);
	p->tails = tally_alloc(size * sizeof *p->tails);
	if (!p->table || !p->tails) {
		tally_free(p->table);
		tally_free(p->tails);
		p->table = p->tails = NULL;
		return tally_err_nomem(err);
	}
	for (size_t i = 0; i < size; i++)
		p->table[i] = p->tails[i] = NONE;
	p->table_mask = size - 1;
	for (uint32_t i = 0; i < p->count; i++)
		if (p->found[i].alone) {
			enter(p, i);
			if (p->wanted[i].same == NONE)
				enter_tail(p, i);
		}
	return TALLY_OK;
}

/* Paragraphs one behind the other in one document, and all their words. */
struct stretch {
	const struct record *records;
	size_t count;
	const uint64_t *words;
	size_t word_count;
};

static const struct record *record_at(const struct stretch *s, size_t word)
{
	size_t low = 0, high = s->count - 1;

	/* the last paragraph that begins there or before */
	while (low < high) {
		size_t mid = low + (high - low + 1) / 2;

		if (s->records[mid].at - s->records[0].at <= word)
			low = mid;
		else
			high = mid - 1;
	}
	return &s->records[low];
}

/* The document itself first, then the one with the smaller number, then what stands further up. */
static bool is_better(const struct tally_passage *f, const struct tally_passage_place *to)
{
	bool own = to->source == f->from.source, had = f->to.source == f->from.source;

	if (!f->found || own != had)
		return !f->found || own;
	if (to->source != f->to.source)
		return to->source < f->to.source;
	return to->block < f->to.block;
}

static void note_found(struct tally_passage *f, const struct stretch *s, size_t word, uint32_t count)
{
	const struct record *r = record_at(s, word);

	if (!is_better(f, &r->place))
		return;
	f->to = r->place;
	f->whole = r->at - s->records[0].at == word && r->count == count;
	f->found = true;
}

/* In its own document the comparison of that has paired it, if it is there. */
static void note_near(struct tally_passage *f, const struct stretch *s, size_t word)
{
	const struct tally_passage_place *place = &record_at(s, word)->place;

	if (place->source == f->from.source ||
	    (f->near && (place->source != f->at.source ? place->source > f->at.source
	                                               : place->block >= f->at.block)))
		return;
	f->near = true;
	f->at = *place;
}

static bool follows(const struct tally_passage *a, const struct tally_passage *b)
{
	return a->from.source == b->from.source && a->from.block + 1 == b->from.block;
}

/* Short paragraphs right before and behind one that was found go along where they stand there as well. */
static void take_neighbours(struct tally_passages *p, uint32_t i, const struct stretch *s,
                            size_t begin, size_t end)
{
	for (uint32_t k = i; k > 0 && follows(&p->found[k - 1], &p->found[k]); k--) {
		const struct record *r = record_of(p, k - 1);

		if (p->found[k - 1].alone || r->count > begin ||
		    !same_words(words_of(p, r), s->words + begin - r->count, r->count))
			break;
		begin -= r->count;
		note_found(&p->found[k - 1], s, begin, r->count);
	}
	for (uint32_t k = i + 1; k < p->count && follows(&p->found[k - 1], &p->found[k]); k++) {
		const struct record *r = record_of(p, k);

		if (p->found[k].alone || r->count > s->word_count - end ||
		    !same_words(words_of(p, r), s->words + end, r->count))
			break;
		note_found(&p->found[k], s, end, r->count);
		end += r->count;
	}
}

static void try_at(struct tally_passages *p, const struct stretch *s, size_t at, uint32_t first)
{
	for (uint32_t k = first; k != NONE; k = p->wanted[k].next) {
		const struct record *r = record_of(p, k);

		if (!may_compare(p, TALLY_PASSAGE_WORDS))
			return;
		if (words_of(p, r)[0] != s->words[at] ||
		    !same_words(words_of(p, r), s->words + at, TALLY_PASSAGE_WORDS))
			continue;
		note_near(&p->found[k], s, at);
		if (r->count > s->word_count - at || !may_compare(p, r->count) ||
		    !same_words(words_of(p, r), s->words + at, r->count))
			continue;
		note_found(&p->found[k], s, at, r->count);
		take_neighbours(p, k, s, at, at + r->count);
	}
}

static void try_tails(struct tally_passages *p, const struct stretch *s, size_t at, uint32_t first)
{
	for (uint32_t k = first; k != NONE; k = p->wanted[k].next_tail) {
		const struct record *r = record_of(p, k);

		/* a hint only: nothing is left out where there are too many */
		if (++p->hints > hints_most)
			return;
		if (same_words(words_of(p, r) + r->count - TALLY_PASSAGE_WORDS, s->words + at,
		               TALLY_PASSAGE_WORDS))
			note_near(&p->found[k], s, at);
	}
}

static void search_stretch(struct tally_passages *p, const struct stretch *s)
{
	uint64_t roll, high = 1;

	if (s->word_count < TALLY_PASSAGE_WORDS)
		return;
	for (unsigned i = 1; i < TALLY_PASSAGE_WORDS; i++)
		high *= base;
	roll = roll_at(s->words);
	for (size_t at = 0;; at++) {
		uint32_t first = p->table[slot_of(p, roll)], tail = p->tails[slot_of(p, roll)];

		if (first != NONE)
			try_at(p, s, at, first);
		if (tail != NONE)
			try_tails(p, s, at, tail);
		if (at + TALLY_PASSAGE_WORDS >= s->word_count || p->cut)
			return;
		roll = (roll - s->words[at] * high) * base + s->words[at + TALLY_PASSAGE_WORDS];
	}
}

static bool goes_on(const struct record *a, const struct record *b)
{
	return !b->gone && a->place.source == b->place.source && a->place.block + 1 == b->place.block;
}

/* What stands in a document now, stretch by stretch. */
static void search_records(struct tally_passages *p, const struct records *r)
{
	for (size_t i = 0, end; i < r->count; i = end) {
		struct stretch s = { .records = &r->at[i], .words = r->words + r->at[i].at };

		end = i + 1;
		if (r->at[i].gone)
			continue;
		while (end < r->count && goes_on(&r->at[end - 1], &r->at[end]))
			end++;
		s.count = end - i;
		s.word_count = r->at[end - 1].at + r->at[end - 1].count - r->at[i].at;
		search_stretch(p, &s);
	}
}

/* Those with the same words as another one stand where that one does. */
static void share_found(struct tally_passages *p)
{
	for (uint32_t i = 0; i < p->count; i++) {
		uint32_t same = p->wanted[i].same;

		if (same == NONE || !p->found[same].found ||
		    !is_better(&p->found[i], &p->found[same].to))
			continue;
		p->found[i].to = p->found[same].to;
		p->found[i].whole = p->found[same].whole;
		p->found[i].found = true;
	}
}

enum tally_status tally_passages_search_kept(struct tally_passages *p, struct tally_err *err)
{
	enum tally_status st = make_table(p, err);

	if (st < 0)
		return st;
	search_records(p, &p->kept);
	share_found(p);
	return TALLY_OK;
}

enum tally_status tally_passages_search(struct tally_passages *p, tally_passage_source source,
                                        const unsigned char *bytes, size_t len, struct tally_err *err)
{
	struct records r = { 0 };
	enum tally_status st = make_table(p, err);

	if (st >= 0)
		st = take_records(&r, source, bytes, len, err);
	if (st >= 0) {
		search_records(p, &r);
		share_found(p);
	}
	records_release(&r);
	return st;
}

bool tally_passages_wanted(const struct tally_passages *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->found[i].alone && !p->found[i].found)
			return true;
	return false;
}

size_t tally_passages_count(const struct tally_passages *p)
{
	return p->count;
}

const struct tally_passage *tally_passages_at(const struct tally_passages *p, size_t i)
{
	return &p->found[i];
}

bool tally_passages_cut(const struct tally_passages *p)
{
	return p->cut;
}
