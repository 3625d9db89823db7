/**
 * The words of a text. Private to the comparison of texts.
 *
 * Words end where Unicode says (UAX #29, by libunistring); blanks and punctuation are pieces of their own, so that the pieces
 * put together are the text again.
 */
#ifndef TALLY_DIFF_TEXT_WORDS_H
#define TALLY_DIFF_TEXT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"

enum tally_word_class {
	TALLY_WORD_LETTERS,
	TALLY_WORD_DIGITS, /**< begins with a digit: "12,500.00", "3rd" */
	TALLY_WORD_BLANK,
	TALLY_WORD_MARK, /**< punctuation, symbols, what cannot be seen */
};

struct tally_word {
	uint64_t hash; /**< of its bytes */
	uint32_t at, len;
	uint8_t class; /**< enum tally_word_class */
};

struct tally_word_list {
	struct tally_word *words;
	size_t count;
};

/**
 * Cut a text into words.
 * @arena  keeps the list
 */
enum tally_status tally_words_cut(struct tally_word_list *out, struct tally_arena *arena,
                                  const char *text, uint32_t len, struct tally_err *err);

enum {
	TALLY_BAG_MOST = 512 /**< words of a bag; of a longer text a sample that is the same for the same words */
};

/** What a text speaks of, its order aside: for telling how alike two texts are. */
struct tally_bag {
	uint32_t *hashes; /**< ascending, each once: a word that comes again is another one */
	uint32_t count;
	bool number; /**< one number and no other word */
	bool sampled;
};

/**
 * Words as a reader takes them: letter case, quotes, kinds of dashes and letters that look alike do not count; numbers are
 * numbers, whatever their value, and what they are as well.
 */
enum tally_status tally_bag_of(struct tally_bag *out, struct tally_arena *arena, const char *text,
                               uint32_t len, struct tally_err *err);

/** Words that both have, of all words of both, in thousandths. */
unsigned tally_bag_alike(const struct tally_bag *a, const struct tally_bag *b);

/** The next character; a byte that is no UTF-8 stands for itself, beyond Unicode. @return its bytes */
size_t tally_char_at(uint32_t *c, const char *text, size_t len);

/** The letter that most readers take @c for: Latin a for Cyrillic а; itself for most. */
uint32_t tally_char_looks_like(uint32_t c);

/** Can nobody see it? Zero width, direction marks, soft hyphens, fillers. */
bool tally_char_is_invisible(uint32_t c);

/** One character of plain typing for the many of printing (quotes, dashes, blanks); itself for most. */
uint32_t tally_char_typed(uint32_t c);

#endif
