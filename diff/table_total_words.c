/* Does a cell say "total", in one of many languages? */
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

#include "core/hash.h"
#include "core/ascii.h"
#include "diff/table_work.h"

enum {
	LABEL_BYTES = 100, /* a longer text is no label */
	FOLDED_BYTES = 4 * LABEL_BYTES,
};

/* ---- words: without letter case and accents, whole words ---- */

static const char *const words[] = {
	"total",         "totals",       "subtotal",    "subtotals",  "sum",
	"sums",          "summe",        "summen",      "gesamt",     "gesamtsumme",
	"gesamtbetrag",  "insgesamt",    "endsumme",    "teilsumme",  "zwischensumme",
	"zwischentotal", "somme",        "totaux",      "totale",     "totali",
	"subtotale",     "somma",        "suma",        "soma",       "totales",
	"totais",        "totaal",       "subtotaal",   "eindtotaal", "som",
	"summa",         "totalt",       "delsumma",    "delsum",     "yhteensa",
	"razem",         "\u0142acznie", "ogo\u0142em", "celkem",     "soucet",
	"mezisoucet",    "celkom",       "spolu",       "osszesen",   "reszosszeg",
	"toplam",        "ukupno",       "skupaj",      "kokku",      "viso",
	"kopa",          "jumlah",       "tong",        "итого",      "всего",
	"сумма",         "подытог",      "разом",       "всього",     "συνολο",
	"المجموع",       "مجموع",        "الاجمالي",    "اجمالي",     "סהכ",
};

/* These stand without spaces around them. */
static const char *const signs[] = { "合计", "合計", "总计", "總計", "小计",
	                             "小計", "总额", "합계", "총계", "소계" };

enum { WORDS = sizeof words / sizeof *words, SIGNS = sizeof signs / sizeof *signs };

static_assert(WORDS + SIGNS <= TALLY_TOTAL_WORDS, "their sums have room for so many");

static bool is_mark(ucs4_t c)
{
	return (c >= 0x300 && c <= 0x36F) || (c >= 0x64B && c <= 0x655) || c == 0x5F4 || c == 0x5F3;
}

/* Characters beyond ASCII that stand between words. */
static bool is_gap(ucs4_t c)
{
	return c == 0xA0 || (c >= 0x2000 && c <= 0x206F) || (c >= 0x3000 && c <= 0x3011) ||
	       (c >= 0xFF00 && c <= 0xFF1F);
}

/* Lower case, no accents, one blank for whatever stands between words. @return length */
static size_t fold(char *out, struct tally_span text)
{
	uint8_t folded[FOLDED_BYTES];
	size_t n = sizeof folded, at = 0;
	uint8_t *all = u8_casefold((const uint8_t *)text.at, text.len, NULL, UNINORM_NFKD, folded,
	                           &n);

	if (all != folded) { /* too long to be a label, or no text */
		free(all);
		return 0;
	}
	for (size_t i = 0; i < n;) {
		ucs4_t c;
		int len = u8_mbtouc(&c, folded + i, n - i);

		if (c < 0x80)
			out[at++] = c >= 'a' && c <= 'z' ? (char)c : ' ';
		else if (is_gap(c))
			out[at++] = ' ';
		else if (!is_mark(c))
			for (int k = 0; k < len; k++)
				out[at++] = (char)folded[i + (size_t)k];
		i += (size_t)len;
	}
	return at;
}

static bool contains(const char *text, size_t len, const char *what)
{
	size_t n = strlen(what);

	for (size_t i = 0; i + n <= len; i++)
		if (!memcmp(text + i, what, n))
			return true;
	return false;
}

static uint32_t lengths_by_begin[256];
static uint8_t word_lengths[WORDS];

static void note_beginnings(void)
{
	for (int w = 0; w < WORDS; w++) {
		word_lengths[w] = (uint8_t)strlen(words[w]);
		lengths_by_begin[(unsigned char)*words[w]] |= UINT32_C(1) << word_lengths[w];
	}
}

/* Lengths of the words that begin with a byte, as bits: nearly all words of a table are none of them. */
static const uint32_t *beginnings(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, note_beginnings);
	return lengths_by_begin;
}

static int known_word(const uint32_t *lengths, const char *word, size_t len)
{
	if (len < 2 || len > 31 || !(lengths[(unsigned char)*word] >> len & 1))
		return -1;
	for (int w = 0; w < WORDS; w++)
		if (word_lengths[w] == len && !memcmp(words[w], word, len))
			return w;
	return -1;
}

static bool is_latin(char c)
{
	return (unsigned char)((c | 32) - 'a') < 26;
}

/* The same for ASCII text. @return number of the word, -1: none of its words says so */
static int plain_word(struct tally_span text)
{
	const uint32_t *lengths = beginnings();
	char word[32];

	for (size_t i = 0, from; i < text.len; i++) {
		int found;

		for (from = i; i < text.len && is_latin(text.at[i]); i++)
			;
		if (i == from || i - from >= sizeof word ||
		    !(lengths[(unsigned char)(text.at[from] | 32)] >> (i - from) & 1))
			continue;
		for (size_t k = from; k < i; k++)
			word[k - from] = (char)(text.at[k] | 32);
		found = known_word(lengths, word, i - from);
		if (found >= 0)
			return found;
	}
	return -1;
}

/* @return number of the word that says "total", -1: the text does not say so */
static int word_in(struct tally_span text)
{
	const uint32_t *lengths = beginnings();
	char folded[FOLDED_BYTES];
	size_t n = fold(folded, text), i = 0;

	while (i < n) {
		size_t from;
		int found;

		for (; i < n && folded[i] == ' '; i++)
			;
		for (from = i; i < n && folded[i] != ' '; i++)
			;
		found = i > from ? known_word(lengths, folded + from, i - from) : -1;
		if (found >= 0)
			return found;
	}
	for (int k = 0; k < SIGNS; k++)
		if (contains(folded, n, signs[k]))
			return WORDS + k;
	return -1;
}

int tally_total_word(const struct tally_cell *cell, uint64_t *others)
{
	struct tally_span text = tally_cell_span(cell);
	bool plain = true;
	uint64_t hash, *slot;
	int word;

	if (cell->kind != TALLY_CELL_TEXT || text.len < 3 || text.len > LABEL_BYTES ||
	    tally_is_digit(text.at[0]) || text.at[0] == '-' || memchr(text.at, '@', text.len))
		return -1;
	for (size_t k = 0; k < text.len; k++)
		plain &= (unsigned char)text.at[k] < 0x80;
	if (plain)
		return plain_word(text);
	hash = tally_hash64(text.at, text.len, 1);
	slot = &others[hash % TALLY_TOTAL_OTHERS];
	if (*slot == hash || u8_check((const uint8_t *)text.at, text.len))
		return -1;
	word = word_in(text);
	if (word < 0)
		*slot = hash;
	return word;
}
