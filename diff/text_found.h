/**
 * Numbers, dates, amounts, names and negations in a text. Private to the comparison of texts.
 */
#ifndef TALLY_DIFF_TEXT_FOUND_H
#define TALLY_DIFF_TEXT_FOUND_H

#include "diff/text_words.h"

/** Something that a reader would not want to be changed unseen. */
struct tally_found {
	uint32_t at, len; /**< bytes of the text */
	unsigned flag;    /**< one of TALLY_EDIT_NUMBER, _DATE, _AMOUNT, _NEGATION, _NAME */
	uint32_t value_at, value_len; /**< of numbers and amounts: without sign, currency, unit */
	uint8_t opposite; /**< above 0: it tells only where it gave way to its opposite, enum tally_term */
};

struct tally_found_list {
	struct tally_found *items; /**< ascending, never overlapping */
	size_t count;
};

/** @arena  keeps the list */
enum tally_status tally_text_find(struct tally_found_list *out, struct tally_arena *arena,
                                  const char *text, const struct tally_word_list *words,
                                  struct tally_err *err);

/** Do two of one kind say the same: 1,000 and 1000, 8% and 8 %, 3 May 2024 and 2024-05-03? */
bool tally_found_equal(const struct tally_found *a, const char *a_text, const struct tally_found *b,
                       const char *b_text);

#endif
