/* Looking up words that negate, count, measure or join. */
#include "diff/text_terms.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unicase.h>
#include <unistr.h>

#include "diff/text_words.h"

enum { TERM_BYTES = 24 }; /* words as long as this or longer are no terms */

static size_t lower_case(char *out, size_t room, const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len;) {
		uint32_t c;
		int k;

		i += tally_char_at(&c, text + i, len - i);
		if (c >= 0x110000)
			return 0;
		k = u8_uctomb((uint8_t *)out + n,
		              c < 0x80 && (c < 'A' || c > 'Z') ? c : uc_tolower(c),
		              (ptrdiff_t)(room - n));
		if (k < 0)
			return 0;
		n += (size_t)k;
	}
	return n;
}

/* Is one of them inside? */
static bool contains(const char *text, size_t len, const char *const *parts)
{
	for (; *parts; parts++)
		for (size_t i = 0, n = strlen(*parts); i + n <= len; i++)
			if (!memcmp(text + i, *parts, n))
				return true;
	return false;
}

/* Korean writes them into the word. */
static bool negates_inside(const char *text, size_t len)
{
	static const char *const parts[] = { "않", "없", "못", "아니", "금지", NULL };
	const unsigned char first = (unsigned char)text[0];

	return first >= 0xEA && first <= 0xED && contains(text, len, parts);
}

/* don't, isn’t */
static bool is_contracted(const char *word, size_t n)
{
	return (n > 3 && !memcmp(word + n - 3, "n't", 3)) ||
	       (n > 5 && !memcmp(word + n - 5, "n’t", 5));
}

static const struct {
	uint8_t kind, len;
	char word[TERM_BYTES];
} terms[] = {
#define TALLY_TERM(kind, word) { TALLY_TERM_##kind, sizeof(word) - 1, word },
#include "diff/text_terms.def"
#undef TALLY_TERM
};

enum { TERMS = sizeof terms / sizeof *terms, BUCKETS = 256 };

/* Numbers of terms, from 1: the first of each bucket, and the one behind each. */
static uint16_t heads[BUCKETS], behind[TERMS + 1];

static size_t bucket_of(const char *word, size_t n)
{
	return ((unsigned char)word[0] * 7U + (unsigned char)word[n - 1] * 31U + n) % BUCKETS;
}

static void fill_buckets(void)
{
	for (size_t i = TERMS; i-- > 0;) {
		size_t b = bucket_of(terms[i].word, terms[i].len);

		behind[i + 1] = heads[b];
		heads[b] = (uint16_t)(i + 1);
	}
}

enum tally_term tally_term_of(const char *text, size_t len)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	char word[TERM_BYTES];
	size_t n = len < TERM_BYTES ? lower_case(word, sizeof word, text, len) : 0;

	if (!n)
		return TALLY_TERM_NONE;
	pthread_once(&once, fill_buckets);
	for (size_t i = heads[bucket_of(word, n)]; i > 0; i = behind[i])
		if (terms[i - 1].len == n && !memcmp(terms[i - 1].word, word, n))
			return (enum tally_term)terms[i - 1].kind;
	return is_contracted(word, n) || negates_inside(word, n) ? TALLY_TERM_NEGATION
	                                                         : TALLY_TERM_NONE;
}

bool tally_term_opposite(unsigned a, unsigned b)
{
	return a >= TALLY_TERM_AND && b >= TALLY_TERM_AND && a != b &&
	       (a - TALLY_TERM_AND) / 2 == (b - TALLY_TERM_AND) / 2;
}

/* @return bytes of that one of @words with which @text begins, or 0 */
static size_t begins_with(const char *text, size_t len, const char *const *words)
{
	for (; *words; words++) {
		size_t n = strlen(*words);

		if (n <= len && !memcmp(text, *words, n))
			return n;
	}
	return 0;
}

size_t tally_term_negates(const char *text, size_t len)
{
	static const char *const words[] = { "不",     "没",   "沒",   "无",     "無", "非",
		                             "勿",     "未",   "否",   "莫",     "禁", "別",
		                             "ません", "ない", "なく", "なかっ", NULL };

	return begins_with(text, len, words);
}

size_t tally_term_counts(const char *text, size_t len)
{
	static const char *const numerals[] = { "〇", "零", "一", "二", "三", "四", "五", "六",
		                                "七", "八", "九", "十", "百", "千", "万", "萬",
		                                "億", "亿", "兩", "两", "壹", "贰", "叁", "肆",
		                                "伍", "陆", "柒", "捌", "玖", "拾", NULL };
	size_t n = 0;

	for (size_t k; (k = begins_with(text + n, len - n, numerals)) > 0;)
		n += k;
	return n == strlen("一") && !memcmp(text, "一", n) ? 0 : n;
}
