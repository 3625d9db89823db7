/* What stands out in an edited block: numbers, dates, amounts, names, negations; typography; letters that look alike. */
#include <string.h>
#include <uninorm.h>

#include "core/mem.h"
#include "diff/table_value.h"
#include "diff/text_found.h"
#include "diff/text_terms.h"
#include "diff/text_work.h"

enum {
	DATES_LOOKED_AT = 64
}; /* pairs of an edit among which dates that are written otherwise are looked for */

/* ---- texts as a reader sees them ---- */

enum fold {
	FOLD_TYPED = 1, /* quotes, dashes, blanks, ligatures as one types them */
	FOLD_SEEN = 2,  /* letters that look alike are one letter, what cannot be seen is nothing */
};

struct folding {
	const char *text;
	size_t len, at;
	unsigned how;
	const char *rest; /* of a character that is typed as several */
};

static const char *typed_as_several(uint32_t c)
{
	switch (c) {
	case 0x2026:
		return "...";
	case 0xFB00:
		return "ff";
	case 0xFB01:
		return "fi";
	case 0xFB02:
		return "fl";
	case 0xFB03:
		return "ffi";
	case 0xFB04:
		return "ffl";
	case 0x201E:
		return "\"";
	case 0x201A:
		return "'";
	default:
		return NULL;
	}
}

/* The next character, 0 at the end. Blanks in a row are one, those at both ends are none. */
static uint32_t folded(struct folding *f)
{
	uint32_t c = 0;
	bool blank = false;

	if (f->rest && *f->rest)
		return (unsigned char)*f->rest++;
	while (f->at < f->len) {
		size_t n = tally_char_at(&c, f->text + f->at, f->len - f->at);

		if (c == '\t' || c == '\n' || tally_char_typed(c) == ' ') {
			blank = f->at > 0;
			f->at += n;
			continue;
		}
		if (((f->how & FOLD_SEEN) && tally_char_is_invisible(c)) || c == 0xAD) {
			f->at += n;
			continue;
		}
		if (blank)
			return ' ';
		f->at += n;
		f->rest = typed_as_several(c);
		if (f->rest)
			return (unsigned char)*f->rest++;
		c = tally_char_typed(c);
		return f->how & FOLD_SEEN ? tally_char_looks_like(c) : c;
	}
	return 0;
}

static bool equal_folded(struct tally_span a, struct tally_span b, unsigned how)
{
	struct folding x = { a.at, a.len, 0, how, NULL }, y = { b.at, b.len, 0, how, NULL };

	for (;;) {
		uint32_t c = folded(&x), d = folded(&y);

		if (c != d)
			return false;
		if (!c)
			return true;
	}
}

static struct tally_span text_of(const struct tally_block *b)
{
	return (struct tally_span){ b->text, b->len };
}

/* Nothing that anybody reads? @return the flag, or 0 */
static unsigned only_looks(const struct tally_block *before, const struct tally_block *after)
{
	struct tally_span a = text_of(before), b = text_of(after);

	if (equal_folded(a, b, FOLD_TYPED) || tally_span_equal_but_form(a, b))
		return TALLY_EDIT_TYPOGRAPHY;
	return equal_folded(a, b, FOLD_TYPED | FOLD_SEEN) ? TALLY_EDIT_LOOK_ALIKE : 0;
}

/* ---- changed places ---- */

/* Spans of an edit that follow each other without anything equal between them. */
struct hunk {
	uint32_t from[2], to[2]; /* bytes in both texts */
};

struct marking {
	struct tally_edit *edit;
	const struct tally_block *block[2];
	struct tally_found_list found[2];
	struct hunk *hunks;
	size_t hunk_count;
	struct tally_edit_pair *pairs;
	size_t pair_count, pair_cap;
};

static enum tally_status list_hunks(struct marking *m, struct tally_arena *arena,
                                    struct tally_err *err)
{
	uint32_t at[2] = { 0, 0 };
	bool open = false;

	m->hunks = tally_arena_zero(arena, m->edit->span_count + 1, sizeof *m->hunks);
	if (!m->hunks)
		return tally_err_nomem(err);
	for (size_t i = 0; i < m->edit->span_count; i++) {
		const struct tally_edit_span *s = &m->edit->spans[i];
		struct hunk *h;

		if (s->op != TALLY_SPAN_EQUAL && !open)
			m->hunks[m->hunk_count++] = (struct hunk){ { at[0], at[1] },
				                                   { at[0], at[1] } };
		open = s->op != TALLY_SPAN_EQUAL;
		at[0] += s->op == TALLY_SPAN_INSERT ? 0 : s->len;
		at[1] += s->op == TALLY_SPAN_DELETE ? 0 : s->len;
		if (!open)
			continue;
		h = &m->hunks[m->hunk_count - 1];
		h->to[0] = at[0];
		h->to[1] = at[1];
	}
	return TALLY_OK;
}

static bool touches(const struct tally_found *f, const struct hunk *h, int side)
{
	return f->at < h->to[side] && f->at + f->len > h->from[side];
}

static bool add_pair(struct marking *m, unsigned flag, struct tally_span old, struct tally_span new)
{
	if (!tally_grow(&m->pairs, &m->pair_cap, m->pair_count, sizeof *m->pairs))
		return false;
	m->pairs[m->pair_count++] = (struct tally_edit_pair){ old.at, new.at, (uint32_t)old.len,
		                                              (uint32_t) new.len, flag };
	return true;
}

static struct tally_span found_text(const struct marking *m, int side, const struct tally_found *f)
{
	if (!f)
		return (struct tally_span){ NULL, 0 };
	return (struct tally_span){ m->block[side]->text + f->at, f->len };
}

/* A number may become an amount, or a date; a name no number. */
static bool of_one_kind(const struct tally_found *a, const struct tally_found *b)
{
	const unsigned numeric = TALLY_EDIT_NUMBER | TALLY_EDIT_AMOUNT | TALLY_EDIT_DATE;

	if (a->opposite || b->opposite)
		return tally_term_opposite(a->opposite, b->opposite);
	return a->flag == b->flag || ((a->flag & numeric) && (b->flag & numeric));
}

static unsigned heavier(unsigned a, unsigned b)
{
	if ((a | b) & TALLY_EDIT_AMOUNT)
		return TALLY_EDIT_AMOUNT;
	return (a | b) & TALLY_EDIT_DATE ? TALLY_EDIT_DATE : a;
}

/* What is left of "isn't", "cannot" and "don’t" without their "not" */
static struct tally_span stem_of(struct tally_span word)
{
	static const char *const ends[] = { "n't", "n’t", "not" };

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		size_t n = strlen(ends[i]);

		if (word.len > n &&
		    tally_span_equal_but_case((struct tally_span){ ends[i], n },
		                              (struct tally_span){ word.at + word.len - n, n }))
			return (struct tally_span){ word.at, word.len - n };
	}
	return (struct tally_span){ word.at, 0 };
}

static bool is_same_stem(struct tally_span a, struct tally_span b)
{
	return a.len && tally_span_equal_but_case(a, b);
}

/* "isn't" and "is not", "cannot" and "can not" @apart  the one of two words, in the text of @side */
static bool is_written_apart(const struct marking *m, int side, const struct tally_found *apart,
                             struct tally_span one)
{
	const char *text = m->block[side]->text;
	struct tally_span stem = stem_of(one);
	uint32_t blanks = 0;

	if (!stem.len ||
	    !tally_span_equal_but_case(found_text(m, side, apart), (struct tally_span){ "not", 3 }))
		return false;
	while (blanks < apart->at && text[apart->at - blanks - 1] == ' ')
		blanks++;
	return blanks && apart->at >= blanks + stem.len &&
	       tally_span_equal_but_case(
		       (struct tally_span){ text + apart->at - blanks - stem.len, stem.len }, stem);
}

/* "isn't", "ISN’T" and "is not" */
static bool is_same_negation(const struct marking *m, const struct tally_found *x,
                             const struct tally_found *y)
{
	struct tally_span a = found_text(m, 0, x), b = found_text(m, 1, y);

	return x->flag == TALLY_EDIT_NEGATION && y->flag == TALLY_EDIT_NEGATION &&
	       (tally_span_equal_but_case(a, b) || is_same_stem(stem_of(a), stem_of(b)) ||
	        is_written_apart(m, 1, y, a) || is_written_apart(m, 0, x, b));
}

static bool is_same(const struct marking *m, const struct tally_found *x, const struct tally_found *y)
{
	return equal_folded(found_text(m, 0, x), found_text(m, 1, y), FOLD_TYPED) ||
	       tally_found_equal(x, m->block[0]->text, y, m->block[1]->text) ||
	       is_same_negation(m, x, y);
}

static bool pair_found(struct marking *m, const struct tally_found *x, const struct tally_found *y)
{
	if (x && y && is_same(m, x, y))
		return true;
	if (!(x && y) && (x ? x : y)->opposite)
		return true;
	return add_pair(m, x && y ? heavier(x->flag, y->flag) : (x ? x->flag : y->flag),
	                found_text(m, 0, x), found_text(m, 1, y));
}

struct found_range {
	const struct tally_found *items;
	size_t count;
};

/* The numbers, names and so on a hunk touches, as a range of the list of its side; "at" goes on behind them. */
static struct found_range found_in_hunk(const struct tally_found_list *list, const struct hunk *h,
                                        int side, size_t *at)
{
	size_t from;

	while (*at < list->count && list->items[*at].at + list->items[*at].len <= h->from[side])
		++*at;
	from = *at;
	while (*at < list->count && touches(&list->items[*at], h, side))
		++*at;
	return (struct found_range){ from < *at ? list->items + from : NULL, *at - from };
}

/* "-5" lost its sign: nothing of "5" is in the hunk, which is empty on @side, and it is what is left of @other. */
static struct found_range rest_of(const struct tally_found_list *list, const struct hunk *h,
                                  int side, const struct tally_found *other, size_t *at)
{
	const uint32_t here = h->from[side];

	if (here != h->to[side] || other->flag == TALLY_EDIT_NEGATION)
		return (struct found_range){ NULL, 0 };
	if (other->at + other->len > h->to[!side] && *at < list->count && list->items[*at].at == here)
		return (struct found_range){ &list->items[(*at)++], 1 };
	if (other->at < h->from[!side] && *at > 0 &&
	    list->items[*at - 1].at + list->items[*at - 1].len == here)
		return (struct found_range){ &list->items[*at - 1], 1 };
	return (struct found_range){ NULL, 0 };
}

/* "The Buyer" became "the buyer". */
static bool is_other_case(const struct marking *m, const struct hunk *h)
{
	struct tally_span old = { m->block[0]->text + h->from[0], h->to[0] - h->from[0] };
	struct tally_span new = { m->block[1]->text + h->from[1], h->to[1] - h->from[1] };

	return old.len && new.len &&tally_span_equal_but_case(old, new);
}

/* What a hunk changed, old with new, each with the next of its kind. */
static bool mark_found(struct marking *m, const struct hunk *h, size_t at[2])
{
	struct found_range old = found_in_hunk(&m->found[0], h, 0, &at[0]);
	struct found_range new = found_in_hunk(&m->found[1], h, 1, &at[1]);
	uint64_t taken = 0;
	size_t pairable;
	bool ok = true;

	if (old.count && !new.count)
		new = rest_of(&m->found[1], h, 1, old.items, &at[1]);
	else if (new.count && !old.count)
		old = rest_of(&m->found[0], h, 0, new.items, &at[0]);
	if (is_other_case(m, h))
		return true;
	pairable = new.count < 64 ? new.count : 64;
	for (size_t i = 0; ok && i < old.count; i++) {
		size_t n = 0;

		while (n < pairable &&
		       ((taken >> n & 1) || !of_one_kind(&old.items[i], &new.items[n])))
			n++;
		if (n < pairable)
			taken |= UINT64_C(1) << n;
		ok = pair_found(m, &old.items[i], n < pairable ? &new.items[n] : NULL);
	}
	for (size_t n = 0; ok && n < new.count; n++)
		if (n >= 64 || !(taken >> n & 1))
			ok = pair_found(m, NULL, &new.items[n]);
	return ok;
}

/* lawful → unlawful */
static bool is_turned_round(struct tally_span a, struct tally_span b)
{
	static const char *const prefixes[] = { "un", "in", "im", "il", "ir", "non", "non-", "dis" };
	struct tally_span longer = a.len > b.len ? a : b, shorter = a.len > b.len ? b : a;
	size_t more = longer.len - shorter.len;

	if (shorter.len < 4 || !more || more > 4)
		return false;
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (strlen(prefixes[i]) == more &&
		    tally_span_equal_but_case((struct tally_span){ prefixes[i], more },
		                              (struct tally_span){ longer.at, more }))
			return tally_span_equal_but_case(
				shorter, (struct tally_span){ longer.at + more, shorter.len });
	return false;
}

static bool has_invisible(struct tally_span text)
{
	uint32_t c;

	for (size_t i = 0; i < text.len;) {
		i += tally_char_at(&c, text.at + i, text.len - i);
		if (c != 0xAD && tally_char_is_invisible(c))
			return true;
	}
	return false;
}

static bool mark_looks(struct marking *m, const struct hunk *h)
{
	struct tally_span old = { m->block[0]->text + h->from[0], h->to[0] - h->from[0] };
	struct tally_span new = { m->block[1]->text + h->from[1], h->to[1] - h->from[1] };

	if (old.len && new.len && is_turned_round(tally_span_trim(old), tally_span_trim(new)))
		return add_pair(m, TALLY_EDIT_NEGATION, old, new);
	if ((old.len && new.len && !equal_folded(old, new, FOLD_TYPED) &&
	     equal_folded(old, new, FOLD_TYPED | FOLD_SEEN)) ||
	    has_invisible(new) != has_invisible(old))
		return add_pair(m, TALLY_EDIT_LOOK_ALIKE, old, new);
	return true;
}

static enum tally_status find_both(struct marking *m, struct tally_arena *scratch,
                                   struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (int i = 0; i < 2 && st >= 0; i++) {
		const struct tally_block *b = m->block[i];
		struct tally_word_list words;

		if (!b)
			continue;
		st = tally_words_cut(&words, scratch, b->text, b->len, err);
		if (st >= 0)
			st = tally_text_find(&m->found[i], scratch, b->text, &words, err);
	}
	return st;
}

/* A block that came or went: what kinds of things are in it. */
static void mark_alone(struct marking *m)
{
	for (int i = 0; i < 2; i++)
		for (size_t k = 0; k < m->found[i].count; k++)
			m->edit->flags |= m->found[i].items[k].opposite ? 0
			                                                : m->found[i].items[k].flag;
}

/* "March 3, 2025" went here and "3 March 2025" came there: the same day, written otherwise. */
static bool is_same_date(const struct tally_edit_pair *gone, const struct tally_edit_pair *came)
{
	struct tally_found a = { .len = gone->old_len, .flag = gone->flag };
	struct tally_found b = { .len = came->new_len, .flag = came->flag };

	if (gone->flag != TALLY_EDIT_DATE || gone->new_len || came->old_len)
		return false;
	return (a.len != b.len || memcmp(gone->old, came->new, a.len)) &&
	       tally_found_equal(&a, gone->old, &b, came->new);
}

static void drop_same_dates(struct marking *m)
{
	const size_t most = m->pair_count < DATES_LOOKED_AT ? m->pair_count : DATES_LOOKED_AT;
	size_t kept = 0;

	for (size_t i = 0; i < most; i++)
		for (size_t k = 0; k < most; k++)
			if (is_same_date(&m->pairs[i], &m->pairs[k]))
				m->pairs[i].flag = m->pairs[k].flag = 0;
	for (size_t i = 0; i < m->pair_count; i++)
		if (m->pairs[i].flag)
			m->pairs[kept++] = m->pairs[i];
	m->pair_count = kept;
}

static enum tally_status mark_hunks(struct marking *m, struct tally_arena *arena,
                                    struct tally_arena *scratch, struct tally_err *err)
{
	enum tally_status st = list_hunks(m, scratch, err);
	struct tally_edit_pair *pairs;
	size_t at[2] = { 0, 0 };
	bool ok = st >= 0;

	for (size_t i = 0; ok && i < m->hunk_count; i++)
		ok = mark_found(m, &m->hunks[i], at) && mark_looks(m, &m->hunks[i]);
	if (st < 0)
		return st;
	drop_same_dates(m);
	pairs = ok ? tally_arena_zero(arena, m->pair_count + 1, sizeof *pairs) : NULL;
	if (!pairs)
		return tally_err_nomem(err);
	if (m->pair_count)
		memcpy(pairs, m->pairs, m->pair_count * sizeof *pairs);
	m->edit->pairs = pairs;
	m->edit->pair_count = m->pair_count;
	for (size_t i = 0; i < m->pair_count; i++)
		m->edit->flags |= m->pairs[i].flag;
	return TALLY_OK;
}

enum tally_status tally_edit_marks(struct tally_edit *edit, struct tally_arena *arena,
                                   const struct tally_block *before,
                                   const struct tally_block *after, struct tally_err *err)
{
	struct tally_arena scratch = TALLY_ARENA_INIT;
	struct marking m = { .edit = edit, .block = { before, after } };
	enum tally_status st;
	unsigned looks = before && after ? only_looks(before, after) : 0;

	edit->flags |= looks;
	if (looks == TALLY_EDIT_TYPOGRAPHY)
		return TALLY_OK;
	st = looks ? TALLY_OK : find_both(&m, &scratch, err);
	if (st >= 0 && before && after)
		st = mark_hunks(&m, arena, &scratch, err);
	else if (st >= 0)
		mark_alone(&m);
	tally_free(m.pairs);
	tally_arena_release(&scratch);
	return st;
}
