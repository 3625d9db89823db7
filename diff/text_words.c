/* Words of a text, characters as a reader sees them, and how alike two texts are. */
#include "diff/text_words.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uniwbrk.h>
#include <unistr.h>

#include "core/hash.h"
#include "core/mem.h"

/* ---- characters ---- */

size_t tally_char_at(uint32_t *c, const char *text, size_t len)
{
	unsigned char byte = (unsigned char)text[0];
	ucs4_t u;
	int n;

	if (byte < 0x80) {
		*c = byte;
		return 1;
	}
	n = u8_mbtoucr(&u, (const uint8_t *)text, len);
	*c = n > 0 ? u : 0x110000U + byte;
	return n > 0 ? (size_t)n : 1;
}

uint32_t tally_char_looks_like(uint32_t c)
{
	static const struct {
		uint16_t letter;
		char latin;
	} table[] = {
#define TALLY_LOOK_ALIKE(letter, latin) { letter, latin },
#include "diff/look_alikes.def"
#undef TALLY_LOOK_ALIKE
	};
	size_t low = 0, high = sizeof table / sizeof *table;

	if (c >= 0xFF01 && c <= 0xFF5E) /* full width */
		return c - 0xFF01 + '!';
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (table[mid].letter == c)
			return (unsigned char)table[mid].latin;
		if (table[mid].letter < c)
			low = mid + 1;
		else
			high = mid;
	}
	return c;
}

bool tally_char_is_invisible(uint32_t c)
{
	return c == 0xAD || c == 0x34F || c == 0x61C || c == 0x115F || c == 0x1160 || c == 0x180E ||
	       (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
	       (c >= 0x2060 && c <= 0x206F) || c == 0x3164 || (c >= 0xFE00 && c <= 0xFE0F) ||
	       c == 0xFEFF || c == 0xFFA0 || (c >= 0xE0000 && c <= 0xE0FFF);
}

uint32_t tally_char_typed(uint32_t c)
{
	if (c < 0x80)
		return c == '`' ? '\'' : c;
	if (c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F ||
	    c == 0x205F || c == 0x3000)
		return ' ';
	if ((c >= 0x2018 && c <= 0x201B) || c == 0x2032 || c == 0xB4 || c == 0x2039 || c == 0x203A)
		return '\'';
	if ((c >= 0x201C && c <= 0x201F) || c == 0x2033 || c == 0xAB || c == 0xBB)
		return '"';
	if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212)
		return '-';
	return c;
}

/* ---- words ---- */

static uint8_t class_of(uint32_t c)
{
	if (c >= 0x110000)
		return TALLY_WORD_MARK;
	if (c < 0x80) {
		if (c >= '0' && c <= '9')
			return TALLY_WORD_DIGITS;
		if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
			return TALLY_WORD_LETTERS;
		return c == ' ' || (c >= 9 && c <= 13) ? TALLY_WORD_BLANK : TALLY_WORD_MARK;
	}
	if (uc_is_property_white_space(c))
		return TALLY_WORD_BLANK;
	if (uc_is_general_category(c, UC_CATEGORY_Nd))
		return TALLY_WORD_DIGITS;
	return uc_is_alpha(c) ? TALLY_WORD_LETTERS : TALLY_WORD_MARK;
}

/* Where words begin: a flag a byte. What is not UTF-8 is cut at its blanks only. */
static void find_breaks(char *breaks, const char *text, uint32_t len)
{
	if (!u8_check((const uint8_t *)text, len)) {
		u8_wordbreaks((const uint8_t *)text, len, breaks);
		return;
	}
	for (uint32_t i = 0; i < len; i++) {
		bool blank = text[i] == ' ', before = i > 0 && text[i - 1] == ' ';

		breaks[i] = i > 0 && blank != before;
	}
}

static struct tally_word word_between(const char *text, uint32_t from, uint32_t to)
{
	uint32_t c;

	tally_char_at(&c, text + from, to - from);
	return (struct tally_word){ .hash = tally_hash64(text + from, to - from, 0),
		                    .at = from,
		                    .len = to - from,
		                    .class = class_of(c) };
}

enum tally_status tally_words_cut(struct tally_word_list *out, struct tally_arena *arena,
                                  const char *text, uint32_t len, struct tally_err *err)
{
	char *breaks = tally_alloc(len);
	size_t count = len > 0, n = 0;

	*out = (struct tally_word_list){ 0 };
	if (!breaks)
		return tally_err_nomem(err);
	find_breaks(breaks, text, len);
	for (uint32_t i = 1; i < len; i++)
		count += breaks[i] != 0;
	out->words = tally_arena_zero(arena, count, sizeof *out->words);
	if (!out->words) {
		tally_free(breaks);
		return tally_err_nomem(err);
	}
	for (uint32_t from = 0, to; from < len; from = to) {
		for (to = from + 1; to < len && !breaks[to];)
			to++;
		out->words[n++] = word_between(text, from, to);
	}
	out->count = n;
	tally_free(breaks);
	return TALLY_OK;
}

/* ---- bags ---- */

static uint32_t mixed(uint64_t h)
{
	h = (h ^ h >> 29) * UINT64_C(0x9E3779B97F4A7C15);
	return (uint32_t)(h >> 32);
}

/* Letters as they are taken by a reader. */
static uint64_t plain_hash(const char *text, size_t len)
{
	uint64_t h = 1;
	uint32_t c;

	for (size_t i = 0; i < len;) {
		i += tally_char_at(&c, text + i, len - i);
		if (tally_char_is_invisible(c))
			continue;
		c = tally_char_looks_like(tally_char_typed(c));
		if (c < 0x80)
			c = c >= 'A' && c <= 'Z' ? c | 0x20 : c;
		else if (c < 0x110000)
			c = uc_tolower(c);
		h = (h ^ c) * UINT64_C(0x9E3779B97F4A7C15);
		h ^= h >> 32;
	}
	return h;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* A word that comes again becomes another one, the same on both sides. */
static void number_repeats(uint32_t *hashes, size_t count)
{
	for (size_t i = 0, j; i < count; i = j) {
		uint32_t h = hashes[i];

		for (j = i + 1; j < count && hashes[j] == h; j++)
			hashes[j] = mixed(h + (uint64_t)(j - i) * UINT64_C(0x100000001B3));
	}
}

enum tally_status tally_bag_of(struct tally_bag *out, struct tally_arena *arena, const char *text,
                               uint32_t len, struct tally_err *err)
{
	struct tally_arena scratch = TALLY_ARENA_INIT;
	struct tally_word_list list;
	enum tally_status st = tally_words_cut(&list, &scratch, text, len, err);
	uint32_t *hashes = NULL;
	size_t n = 0;

	*out = (struct tally_bag){ 0 };
	if (st >= 0 && !(hashes = tally_alloc((2 * list.count + 1) * sizeof *hashes)))
		st = tally_err_nomem(err);
	for (size_t i = 0; st >= 0 && i < list.count; i++) {
		const struct tally_word *w = &list.words[i];

		if (w->class == TALLY_WORD_BLANK || w->class == TALLY_WORD_MARK)
			continue;
		hashes[n++] = mixed(plain_hash(text + w->at, w->len));
		out->number = n == 1 && w->class == TALLY_WORD_DIGITS;
		if (w->class == TALLY_WORD_DIGITS)
			hashes[n++] = mixed('#');
	}
	if (st >= 0) {
		qsort(hashes, n, sizeof *hashes, by_value);
		number_repeats(hashes, n);
		qsort(hashes, n, sizeof *hashes, by_value);
		out->sampled = n > TALLY_BAG_MOST;
		out->count = out->sampled ? TALLY_BAG_MOST : (uint32_t)n;
		out->hashes = tally_arena_alloc(arena, (out->count + 1) * sizeof *out->hashes);
		if (out->hashes)
			memcpy(out->hashes, hashes, out->count * sizeof *hashes);
		else
			st = tally_err_nomem(err);
	}
	tally_free(hashes);
	tally_arena_release(&scratch);
	return st;
}

unsigned tally_bag_alike(const struct tally_bag *a, const struct tally_bag *b)
{
	uint32_t i = 0, j = 0, both = 0, seen = 0;
	bool sampled = a->sampled || b->sampled;

	/* of samples only the lower end is complete on both sides */
	while (i < a->count && j < b->count && (!sampled || seen < TALLY_BAG_MOST)) {
		bool same = a->hashes[i] == b->hashes[j], less = a->hashes[i] < b->hashes[j];

		both += same;
		i += same || less;
		j += !less;
		seen++;
	}
	if (sampled)
		return seen ? 2000 * both / (seen + both) : 0;
	return a->count + b->count ? 2000 * both / (a->count + b->count) : 0;
}
