/**
 * Words of a text as hashes: a sentence in which a word was put right is still that sentence. Private to the comparison of
 * tables.
 */
#ifndef TALLY_DIFF_TABLE_WORDS_H
#define TALLY_DIFF_TABLE_WORDS_H

#include "diff/table_value.h"

enum { TALLY_WORDS_MOST = 128 /**< words of a text that are looked at */ };

/** Ascending; a word that comes twice stands twice. */
struct tally_words {
	uint32_t count;
	uint32_t hash[TALLY_WORDS_MOST];
};

/** Letter case (of ASCII) and what stands between words do not count. */
void tally_words_of(struct tally_words *out, struct tally_span text);

/** Words of the longer text that both have, in thousandths. */
unsigned tally_words_shared(const struct tally_words *a, const struct tally_words *b);

#endif
