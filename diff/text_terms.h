/**
 * Words whose change changes what a sentence says, in the languages of diff/text_terms.def. Private to the comparison of texts.
 */
#ifndef TALLY_DIFF_TEXT_TERMS_H
#define TALLY_DIFF_TEXT_TERMS_H

#include <stdbool.h>
#include <stddef.h>

enum tally_term {
	TALLY_TERM_NONE,
	TALLY_TERM_NEGATION, /**< and what may, must and must not be done */
	TALLY_TERM_NUMBER,
	TALLY_TERM_MONEY,
	TALLY_TERM_SHARE, /**< per cent */
	TALLY_TERM_UNIT,  /**< behind a number: what was counted or measured */
	/* opposites, in pairs; those below only tell where one gave way to its opposite */
	TALLY_TERM_AND,
	TALLY_TERM_OR,
	TALLY_TERM_BEFORE,
	TALLY_TERM_AFTER,
	TALLY_TERM_MORE,
	TALLY_TERM_LESS,
	TALLY_TERM_ALL,
	TALLY_TERM_SOME,
};

/** @text  one word, in upper or lower case */
enum tally_term tally_term_of(const char *text, size_t len);

/** and and or, before and after … */
bool tally_term_opposite(unsigned a, unsigned b);

/** Of languages that put no blanks between words. @text  begins there; @return bytes of the negation that it begins with, or 0 */
size_t tally_term_negates(const char *text, size_t len);

/** @return bytes of the number written in Chinese characters that @text begins with, or 0; 一 alone is none ("one", "a") */
size_t tally_term_counts(const char *text, size_t len);

#endif
