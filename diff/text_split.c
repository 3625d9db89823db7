/* Paragraphs that were split in several, or joined to one: their words are put together again before they are compared. */
#include <string.h>

#include "diff/text_work.h"

enum {
	PARTS_MOST = 16, /* of one paragraph */
	SEARCHED = 16,   /* free blocks of a gap that are looked at for the first part */
	PART_WORDS = 2,  /* fewer are found in any text */
	SEED_WORDS = 3,
	GAINED = 700, /* thousandths of the words of a part that the whole has, beyond what it shares with the other parts */
	WITHIN = 800, /* thousandths of the words of a first part that are in the whole */
	COVERED = 600, /* thousandths of the words of the whole that its parts have, where none was like it */
};

/* One side has the whole paragraph, the other one its parts. */
struct splitting {
	struct tally_text_work *w;
	struct tally_text_side *whole, *parts;
	int whole_side;
	struct tally_bag words; /* of the whole */
	struct tally_err *err;
	enum tally_status st;
};

static uint32_t in_both(const struct tally_bag *a, const struct tally_bag *b)
{
	uint32_t both = 0;

	for (uint32_t i = 0, j = 0; i < a->count && j < b->count;)
		if (a->hashes[i] == b->hashes[j]) {
			both++;
			i++;
			j++;
		} else if (a->hashes[i] < b->hashes[j]) {
			i++;
		} else {
			j++;
		}
	return both;
}

static bool may_be_whole(const struct tally_block *b)
{
	return b->kind != TALLY_BLOCK_CELL && b->kind != TALLY_BLOCK_MESSAGE;
}

static bool may_be_part(const struct tally_text_side *s, uint32_t k, uint8_t area)
{
	const struct tally_block *b = &s->text->blocks[k];

	return s->bond[k] == TALLY_BOND_NONE && b->area == area && may_be_whole(b);
}

static bool take_words(struct splitting *s, struct tally_bag *bag, const struct tally_block *b)
{
	s->st = tally_bag_of(bag, &s->w->scratch, b->text, b->len, s->err);
	return s->st >= 0;
}

enum tally_status tally_put_together(struct tally_block *out, struct tally_arena *arena,
                                     const struct tally_block *blocks, uint32_t count,
                                     struct tally_err *err)
{
	size_t len = 0, at = 0;
	char *text;

	*out = blocks[0];
	for (uint32_t i = 0; i < count; i++)
		len += (size_t)blocks[i].len + 1;
	if (len > UINT32_MAX)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "a paragraph of %zu bytes", len);
	text = tally_arena_zero(arena, len, 1);
	if (!text)
		return tally_err_nomem(err);
	for (uint32_t i = 0; i < count; i++) {
		memcpy(text + at, blocks[i].text, blocks[i].len);
		at += blocks[i].len;
		text[at++] = '\n';
	}
	text[len - 1] = '\0';
	out->text = text;
	out->len = (uint32_t)(len - 1);
	return TALLY_OK;
}

/* Words that the whole shares with these blocks put together. */
static bool shared(struct splitting *s, uint32_t from, uint32_t count, uint32_t *both)
{
	struct tally_block b;
	struct tally_bag bag;

	s->st = tally_put_together(&b, &s->w->scratch, s->parts->text->blocks + from, count, s->err);
	if (s->st < 0 || !take_words(s, &bag, &b))
		return false;
	*both = bag.sampled ? 0 : in_both(&s->words, &bag);
	return true;
}

/* Does block @k belong to the parts as well? They are @from to @to, with it. */
static bool belongs(struct splitting *s, uint32_t k, uint32_t from, uint32_t to, uint32_t *both)
{
	const struct tally_block *b = &s->parts->text->blocks[k];
	struct tally_bag bag;
	uint32_t now;

	if (!take_words(s, &bag, b) || bag.sampled || bag.count < PART_WORDS ||
	    !shared(s, from, to - from, &now) ||
	    (now - *both) * UINT64_C(1000) < bag.count * (uint64_t)GAINED || now < *both)
		return false;
	*both = now;
	return true;
}

/* All blocks around @k that hold words of the whole. */
static void find_parts(struct splitting *s, uint32_t k, uint8_t area, uint32_t *from, uint32_t *to,
                       uint32_t *both)
{
	*from = k;
	*to = k + 1;
	if (!shared(s, *from, 1, both))
		return;
	while (s->st >= 0 && *to - *from < PARTS_MOST) {
		if (*to < s->parts->count && may_be_part(s->parts, *to, area) &&
		    belongs(s, *to, *from, *to + 1, both))
			++*to;
		else if (s->st >= 0 && *from > 0 && may_be_part(s->parts, *from - 1, area) &&
		         belongs(s, *from - 1, *from - 1, *to, both))
			--*from;
		else
			break;
	}
}

static void bond_parts(struct splitting *s, uint32_t whole, uint32_t from, uint32_t to)
{
	for (uint32_t k = from; k < to; k++) {
		s->parts->bond[k] = TALLY_BOND_PART;
		s->parts->partner[k] = whole;
	}
	tally_bond_blocks(s->w, s->whole_side ? from : whole, s->whole_side ? whole : from,
	                  TALLY_BOND_EDITED);
	s->parts->parts[from] = to - from;
}

/* A paragraph that was paired with the largest of its parts. */
static void split_edited(struct splitting *s, uint32_t i)
{
	const struct tally_block *b = &s->whole->text->blocks[i];
	uint32_t k = s->whole->partner[i], from, to, both;

	if (s->whole->parts[i] || s->parts->parts[k] || s->parts->text->blocks[k].area != b->area ||
	    !may_be_whole(&s->parts->text->blocks[k]) ||
	    !((k + 1 < s->parts->count && may_be_part(s->parts, k + 1, b->area)) ||
	      (k > 0 && may_be_part(s->parts, k - 1, b->area))) ||
	    !take_words(s, &s->words, b) || s->words.sampled)
		return;
	find_parts(s, k, b->area, &from, &to, &both);
	if (s->st >= 0 && to - from > 1)
		bond_parts(s, i, from, to);
}

/* A paragraph that none of its parts is like: the first one stands among the free blocks from @low to @high. */
static void split_free(struct splitting *s, uint32_t i, uint32_t low, uint32_t high)
{
	const struct tally_block *b = &s->whole->text->blocks[i];
	uint32_t end = high - low > SEARCHED ? low + SEARCHED : high, from, to, both;

	if (low >= high || b->kind == TALLY_BLOCK_LINE || !take_words(s, &s->words, b) ||
	    s->words.sampled || s->words.count < 2 * SEED_WORDS)
		return;
	for (uint32_t k = low; s->st >= 0 && k < end; k++) {
		struct tally_bag bag;

		if (!may_be_part(s->parts, k, b->area) ||
		    !take_words(s, &bag, &s->parts->text->blocks[k]) || bag.count < SEED_WORDS ||
		    in_both(&s->words, &bag) * UINT64_C(1000) < bag.count * (uint64_t)WITHIN)
			continue;
		find_parts(s, k, b->area, &from, &to, &both);
		if (s->st >= 0 && to - from > 1 &&
		    both * UINT64_C(1000) >= s->words.count * (uint64_t)COVERED) {
			bond_parts(s, i, from, to);
			return;
		}
	}
}

static bool is_in_order(uint8_t bond)
{
	return bond == TALLY_BOND_SAME || bond == TALLY_BOND_EDITED;
}

static void find_split(struct splitting *s)
{
	uint32_t low = 0, next = 0;

	for (uint32_t i = 0; s->st >= 0 && i < s->whole->count; i++) {
		if (s->whole->bond[i] == TALLY_BOND_EDITED)
			split_edited(s, i);
		if (is_in_order(s->whole->bond[i])) {
			low = s->whole->partner[i] + 1;
			continue;
		}
		if (s->whole->bond[i] != TALLY_BOND_NONE || !may_be_whole(&s->whole->text->blocks[i]))
			continue;
		for (next = next < i ? i : next;
		     next < s->whole->count && !is_in_order(s->whole->bond[next]);)
			next++;
		split_free(s, i, low,
		           next < s->whole->count ? s->whole->partner[next] : s->parts->count);
		if (s->whole->bond[i] == TALLY_BOND_EDITED)
			low = s->whole->partner[i] + 1;
	}
}

enum tally_status tally_text_pair_split(struct tally_text_work *w, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (int i = 0; i < 2 && st >= 0; i++) {
		struct splitting s = { .w = w,
			               .whole = &w->side[i],
			               .parts = &w->side[1 - i],
			               .whole_side = i,
			               .err = err,
			               .st = TALLY_OK };

		find_split(&s);
		st = s.st;
	}
	return st;
}
