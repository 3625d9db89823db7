/* What became of tracked changes: see receipt/tracked.h. */
#include "receipt/tracked.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/mem.h"

#define ROW "a row of a table"

enum {
	SEARCH_BYTES = 1 << 28, /* of text that are looked through; from there on nothing more is said */
	TELLING = 8,            /* bytes; shorter words stand in any text */
	MOVED = 16, /* bytes of words that are moved; fewer only where they are a paragraph */
	WORD = 2,   /* bytes */
};

enum verdict { UNKNOWN, ACCEPTED, REJECTED };

/* A place of the before side, or a change that is told by its words. */
struct key {
	uint64_t hash;
	size_t at; /* block or change */
};

struct tally_tracked {
	const struct tally_text_diff *text;
	const struct tally_facts_diff *facts;
	const struct tally_document_places *places;
	size_t *edit, *edit_after; /* of each block before, and after: its edit + 1, or 0 */
	struct key *blocks, *rows; /* of the before side, by the words for their places */
	struct key *gone; /* changes that are pending no more, by their words, and deletions by their row */
	size_t block_count, row_count, gone_count;
	uint64_t searched;
};

/* ---- what is looked up ---- */

static int by_hash(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static uint64_t hash_of(const char *words)
{
	return tally_hash64(words, strlen(words), 0);
}

static void sort(struct key *keys, size_t count)
{
	if (count)
		qsort(keys, count, sizeof *keys, by_hash);
}

/* @return the first one; those behind it follow while their hash is the same */
static size_t first_of(const struct key *keys, size_t count, uint64_t hash)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (keys[mid].hash < hash)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool is_tracked(const struct tally_fact_change *c, const char *name)
{
	return c->kind == TALLY_FACT_REMOVED && !strcmp(c->before->name, name);
}

static void list_blocks(struct tally_tracked *t)
{
	const struct tally_text *text = t->text->before;
	uint32_t paragraph = 0;
	char words[TALLY_PLACE_MAX];

	for (size_t i = 0; i < text->count; i++) {
		const struct tally_block *b = &text->blocks[i];

		paragraph += tally_document_counts(b);
		tally_document_words(words, b, paragraph);
		t->blocks[t->block_count++] = (struct key){ hash_of(words), i };
		if (b->area != TALLY_AREA_TABLE)
			continue;
		snprintf(words, sizeof words, "table %u, row %u", b->n, b->row);
		t->rows[t->row_count++] = (struct key){ hash_of(words), i };
	}
	sort(t->blocks, t->block_count);
	sort(t->rows, t->row_count);
}

static uint64_t hash_in_row(const char *where)
{
	const char *cell = strstr(where, ", cell ");

	return tally_hash64(where, cell ? (size_t)(cell - where) : strlen(where), 1);
}

/* Insertions and deletions find each other by their words, a row the deletions in it. */
static void list_gone(struct tally_tracked *t)
{
	for (size_t i = 0; i < t->facts->count; i++) {
		const struct tally_fact_change *c = &t->facts->changes[i];
		bool deletion = is_tracked(c, "tracked_deletion");

		if ((!deletion && !is_tracked(c, "tracked_insertion")) || !c->before->where ||
		    !strcmp(c->before->value, ROW))
			continue;
		t->gone[t->gone_count++] = (struct key){ hash_of(c->before->value), i };
		if (deletion)
			t->gone[t->gone_count++] = (struct key){ hash_in_row(c->before->where), i };
	}
	sort(t->gone, t->gone_count);
}

struct tally_tracked *tally_tracked_new(const struct tally_text_diff *text,
                                        const struct tally_facts_diff *facts,
                                        const struct tally_document_places *places)
{
	struct tally_tracked *t = tally_alloc_zero(1, sizeof *t);
	size_t n = text->before->count;

	if (!t)
		return NULL;
	t->text = text;
	t->facts = facts;
	t->places = places;
	t->edit_after = tally_alloc_zero(text->after->count + 1, sizeof *t->edit_after);
	t->edit = tally_alloc_zero(n + 1, sizeof *t->edit);
	t->blocks = tally_alloc_zero(n + 1, sizeof *t->blocks);
	t->rows = tally_alloc_zero(n + 1, sizeof *t->rows);
	t->gone = tally_alloc_zero(2 * facts->count + 1, sizeof *t->gone);
	if (!t->edit || !t->edit_after || !t->blocks || !t->rows || !t->gone) {
		tally_tracked_free(t);
		return NULL;
	}
	for (size_t i = 0; i < text->edit_count; i++) {
		if (text->edits[i].before != TALLY_NO_BLOCK)
			t->edit[text->edits[i].before] = i + 1;
		if (text->edits[i].after != TALLY_NO_BLOCK)
			t->edit_after[text->edits[i].after] = i + 1;
	}
	list_blocks(t);
	list_gone(t);
	return t;
}

void tally_tracked_free(struct tally_tracked *t)
{
	if (!t)
		return;
	tally_free(t->edit);
	tally_free(t->edit_after);
	tally_free(t->blocks);
	tally_free(t->rows);
	tally_free(t->gone);
	tally_free(t);
}

/* ---- words in texts ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static const char *trim(const char *text, size_t *len)
{
	for (*len = strlen(text); *len && is_blank(*text); --*len)
		text++;
	while (*len && is_blank(text[*len - 1]))
		--*len;
	return text;
}

/* The next place of a text that is not empty; NULL: none. */
static const char *find(const char *at, const char *end, const char *text, size_t len)
{
	while ((size_t)(end - at) >= len && (at = memchr(at, text[0], (size_t)(end - at) - len + 1))) {
		if (!memcmp(at, text, len))
			return at;
		at++;
	}
	return NULL;
}

static size_t count_in(const struct tally_block *b, const char *text, size_t len)
{
	size_t n = 0;

	for (const char *at = b->text, *end = at + b->len; (at = find(at, end, text, len)); at += len)
		n++;
	return n;
}

static const struct tally_block *side_of(const struct tally_tracked *t, const struct tally_edit *e,
                                         bool after)
{
	if (e->whole[after])
		return e->whole[after];
	return after ? &t->text->after->blocks[e->after] : &t->text->before->blocks[e->before];
}

static bool says_something(char c)
{
	return tally_is_letter(c) || tally_is_digit(c) || (unsigned char)c >= 0x80;
}

/* ---- insertions ---- */

struct seen {
	bool stayed, went;
};

/* Letters that were taken out, and those that were not. */
static void look_at(const struct tally_edit *e, const char *from, const char *to, struct seen *out)
{
	for (size_t i = 0; i < e->span_count; i++) {
		const struct tally_edit_span *s = &e->spans[i];

		for (const char *at = from < s->text ? s->text : from;
		     s->op != TALLY_SPAN_INSERT && at < to && at < s->text + s->len; at++)
			if (says_something(*at))
				*(s->op == TALLY_SPAN_DELETE ? &out->went : &out->stayed) = true;
	}
}

static enum verdict verdict_of(struct seen s)
{
	if (s.stayed == s.went)
		return UNKNOWN;
	return s.stayed ? ACCEPTED : REJECTED;
}

/* What became of the words in the block where they were inserted. @moved  is it known that the block was moved back? */
static void look_in(struct tally_tracked *t, size_t block, const char *text, size_t len, bool moved,
                    struct seen *out)
{
	const struct tally_edit *e = t->edit[block] ? &t->text->edits[t->edit[block] - 1] : NULL;
	const struct tally_block *b = e && e->whole[0] ? e->whole[0]
	                                               : &t->text->before->blocks[block];
	const char *end = b->text + b->len;

	t->searched += b->len;
	for (const char *at = b->text; (at = find(at, end, text, len)); at += len) {
		if (!e)
			out->stayed = true;
		else if (e->flags & TALLY_EDIT_PART)
			out->stayed = out->went = true;
		else if (e->kind == TALLY_EDIT_DELETED)
			out->went = true;
		else if (e->kind == TALLY_EDIT_MOVED)
			*(moved ? &out->went : &out->stayed) = true;
		else
			look_at(e, at, at + len, out);
	}
}

/* Of a place the first block that became another one and holds these words, if any are asked for; TALLY_NO_BLOCK: none. */
static size_t block_at(const struct tally_tracked *t, const char *where, const char *text, size_t len)
{
	uint64_t place = hash_of(where);

	for (size_t i = first_of(t->blocks, t->block_count, place);
	     i < t->block_count && t->blocks[i].hash == place; i++) {
		const struct tally_block *b = &t->text->before->blocks[t->blocks[i].at];

		if (tally_document_partner(t->places, t->blocks[i].at) != TALLY_NO_BLOCK &&
		    (!len || count_in(b, text, len)))
			return t->blocks[i].at;
	}
	return TALLY_NO_BLOCK;
}

/* A move: do the words stand before what stood behind the place that they came from? */
static enum verdict of_move(const struct tally_tracked *t, const struct tally_fact_change *insertion,
                            const struct tally_fact_change *deletion)
{
	size_t len;
	const char *text = trim(insertion->before->value, &len);
	size_t to = block_at(t, insertion->before->where, text, len),
	       from = block_at(t, deletion->before->where, "", 0);
	bool forth, is_forth;

	if (to == TALLY_NO_BLOCK || from == TALLY_NO_BLOCK || from == to || t->edit[to])
		return UNKNOWN;
	forth = from < to;
	is_forth = tally_document_partner(t->places, from) < tally_document_partner(t->places, to);
	return forth == is_forth ? ACCEPTED : REJECTED;
}

/* Two words of a sentence that are the same by chance are no move. */
static bool may_be_move(const struct tally_tracked *t, const struct tally_fact_change *insertion)
{
	size_t len, block;
	const char *text = trim(insertion->before->value, &len);

	if (len >= MOVED)
		return true;
	block = len ? block_at(t, insertion->before->where, text, len) : TALLY_NO_BLOCK;
	return block != TALLY_NO_BLOCK && t->text->before->blocks[block].len == len;
}

/* The other half of a move. */
static const struct tally_fact_change *twin_of(const struct tally_tracked *t,
                                               const struct tally_fact_change *c)
{
	const char *other = is_tracked(c, "tracked_insertion") ? "tracked_deletion"
	                                                       : "tracked_insertion";
	uint64_t words = hash_of(c->before->value);

	for (size_t i = first_of(t->gone, t->gone_count, words);
	     i < t->gone_count && t->gone[i].hash == words; i++) {
		const struct tally_fact_change *twin = &t->facts->changes[t->gone[i].at];

		if (is_tracked(twin, other) && !strcmp(twin->before->value, c->before->value) &&
		    may_be_move(t, is_tracked(c, "tracked_insertion") ? c : twin))
			return twin;
	}
	return NULL;
}

static enum verdict of_insertion(struct tally_tracked *t, const struct tally_fact_change *c)
{
	uint64_t place = hash_of(c->before->where);
	struct seen seen = { false, false };
	size_t len;
	const char *text = trim(c->before->value, &len);
	const struct tally_fact_change *twin = twin_of(t, c);
	enum verdict move = twin ? of_move(t, c, twin) : UNKNOWN;

	if (!len || move != UNKNOWN)
		return move;
	for (size_t i = first_of(t->blocks, t->block_count, place);
	     i < t->block_count && t->blocks[i].hash == place && t->searched < SEARCH_BYTES; i++)
		look_in(t, t->blocks[i].at, text, len, twin != NULL, &seen);
	return verdict_of(seen);
}

/* ---- deletions ---- */

/* Words that the paragraph has now and had not. */
static bool came_with(struct tally_tracked *t, const struct tally_edit *e, const char *text,
                      size_t len)
{
	const struct tally_block *now;

	if (e->after == TALLY_NO_BLOCK || e->kind == TALLY_EDIT_MOVED || (e->flags & TALLY_EDIT_PART))
		return false;
	now = side_of(t, e, true);
	t->searched += now->len;
	return count_in(now, text, len) >
	       (e->before == TALLY_NO_BLOCK ? 0 : count_in(side_of(t, e, false), text, len));
}

/* In another paragraph, or one of its own. A short word may stand in any that came, unless it is all of it. */
static bool came_elsewhere(struct tally_tracked *t, const char *text, size_t len, bool *doubtful)
{
	for (size_t i = 0; i < t->text->edit_count; i++) {
		const struct tally_edit *e = &t->text->edits[i];

		if (!came_with(t, e, text, len))
			continue;
		if (len >= TELLING || side_of(t, e, true)->len == len)
			return true;
		*doubtful = true;
	}
	return false;
}

/* Is a word of the one in the other? */
static bool share_words(const char *text, size_t len, const char *other, size_t other_len)
{
	for (size_t i = 0, n; i < len; i += n + 1) {
		for (n = 0; i + n < len && says_something(text[i + n]);)
			n++;
		if (n >= WORD && find(other, other + other_len, text + i, n))
			return true;
	}
	return false;
}

/* Did some of these words come, though not all of them as they were? */
static bool came_in_part(const struct tally_edit *e, const char *text, size_t len)
{
	if (e->flags & TALLY_EDIT_PART)
		return true;
	for (size_t i = 0; i < e->span_count; i++)
		if (e->spans[i].op == TALLY_SPAN_INSERT &&
		    share_words(text, len, e->spans[i].text, e->spans[i].len))
			return true;
	return false;
}

/* May something else have come where it was, which it was made into? */
static bool is_doubtful(const struct tally_tracked *t, size_t block, const char *text, size_t len)
{
	size_t edit = t->edit[block], after = tally_document_partner(t->places, block);

	if (edit)
		return came_in_part(&t->text->edits[edit - 1], text, len);
	edit = after && after != TALLY_NO_BLOCK ? t->edit_after[after - 1] : 0;
	return edit && t->text->edits[edit - 1].kind == TALLY_EDIT_ADDED;
}

static enum verdict of_deletion(struct tally_tracked *t, const struct tally_fact_change *c)
{
	const struct tally_fact_change *twin = twin_of(t, c);
	uint64_t place = hash_of(c->before->where);
	bool doubtful = false;
	size_t len;
	const char *text = trim(c->before->value, &len);

	if (twin)
		return of_insertion(t, twin);
	if (!len)
		return UNKNOWN;
	for (size_t i = first_of(t->blocks, t->block_count, place);
	     i < t->block_count && t->blocks[i].hash == place; i++) {
		size_t edit = t->edit[t->blocks[i].at];

		if (edit && came_with(t, &t->text->edits[edit - 1], text, len))
			return REJECTED;
		doubtful |= is_doubtful(t, t->blocks[i].at, text, len);
	}
	if (came_elsewhere(t, text, len, &doubtful))
		return REJECTED;
	return doubtful ? UNKNOWN : ACCEPTED;
}

/* ---- rows ---- */

static enum verdict of_inserted_row(const struct tally_tracked *t, const char *where)
{
	uint64_t place = hash_of(where);
	struct seen seen = { false, false };

	for (size_t i = first_of(t->rows, t->row_count, place);
	     i < t->row_count && t->rows[i].hash == place; i++) {
		size_t edit = t->edit[t->rows[i].at];

		*(edit && t->text->edits[edit - 1].kind == TALLY_EDIT_DELETED ? &seen.went
		                                                              : &seen.stayed) = true;
	}
	return verdict_of(seen);
}

/* As what was deleted in its cells. */
static enum verdict of_deleted_row(struct tally_tracked *t, const char *where)
{
	uint64_t place = hash_in_row(where);
	enum verdict all = UNKNOWN;

	for (size_t i = first_of(t->gone, t->gone_count, place);
	     i < t->gone_count && t->gone[i].hash == place && t->searched < SEARCH_BYTES; i++) {
		const struct tally_fact_change *c = &t->facts->changes[t->gone[i].at];
		enum verdict one = is_tracked(c, "tracked_deletion") ? of_deletion(t, c) : UNKNOWN;

		if (one != UNKNOWN && all != UNKNOWN && one != all)
			return UNKNOWN;
		all = one != UNKNOWN ? one : all;
	}
	return all;
}

const char *tally_tracked_outcome(struct tally_tracked *t, const struct tally_fact_change *c)
{
	bool insertion = is_tracked(c, "tracked_insertion");
	enum verdict verdict;

	if ((!insertion && !is_tracked(c, "tracked_deletion")) || !c->before->where ||
	    t->searched >= SEARCH_BYTES)
		return NULL;
	if (!strcmp(c->before->value, ROW))
		verdict = insertion ? of_inserted_row(t, c->before->where)
		                    : of_deleted_row(t, c->before->where);
	else
		verdict = insertion ? of_insertion(t, c) : of_deletion(t, c);
	return verdict == ACCEPTED ? "accepted" : verdict == REJECTED ? "rejected" : NULL;
}
