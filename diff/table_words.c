/* Words of a text as hashes, and how many of them two texts share. */
#include "diff/table_words.h"

#include <stdlib.h>

#include "core/ascii.h"

static bool in_word(char ch)
{
	return tally_is_digit(ch) || tally_is_letter(ch) || (unsigned char)ch >= 0x80;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

void tally_words_of(struct tally_words *out, struct tally_span text)
{
	out->count = 0;
	for (size_t i = 0; i < text.len && out->count < TALLY_WORDS_MOST;) {
		uint64_t h = 0;

		for (; i < text.len && !in_word(text.at[i]);)
			i++;
		if (i == text.len)
			break;
		for (; i < text.len && in_word(text.at[i]); i++) {
			h = (h ^ (unsigned char)tally_lower(text.at[i])) *
			    UINT64_C(0x9E3779B97F4A7C15);
			h ^= h >> 32;
		}
		out->hash[out->count++] = (uint32_t)h;
	}
	if (out->count)
		qsort(out->hash, out->count, sizeof *out->hash, by_value);
}

unsigned tally_words_shared(const struct tally_words *a, const struct tally_words *b)
{
	uint32_t most = a->count > b->count ? a->count : b->count, i = 0, j = 0, shared = 0;

	while (i < a->count && j < b->count) {
		bool same = a->hash[i] == b->hash[j];
		bool less = a->hash[i] < b->hash[j];

		shared += same;
		i += same || less;
		j += !less;
	}
	return most ? shared * 1000 / most : 0;
}
