/**
 * Texts that are cut in other ways made comparable: blanks squeezed, and the paragraphs of a text that is known only as it is laid
 * out (pages of a PDF, lines of a plain text) cut where those of the other text end.
 *
 * The way: the words of both are aligned; a stretch of words that stands in one paragraph of the pattern becomes one
 * paragraph, whatever lines or pages it is on. Words that the pattern does not have stay with the paragraph in which they stand,
 * or on their own where they are a line or paragraph of their own. No word is lost within one format. Of two formats
 * these do not count: bullets and numbers in front of items of a list; lines of nothing but marks (rules of tables); the number
 * of the page alone on a line; a header or footer that the pattern tells once, on every page but the first; and the marks of
 * notes ("[1]", "[^1]") where only the pattern knows what a note is.
 */
#ifndef TALLY_DIFF_TEXT_RECUT_H
#define TALLY_DIFF_TEXT_RECUT_H

#include <stdbool.h>

#include "core/err.h"
#include "core/text.h"

/**
 * The same paragraphs with one blank in the place of several, none at their ends; those of nothing but blanks are left out.
 * @other  a text of another format that knows notes, so that marks of notes go if this one does not; NULL: they stay
 * @out    initialised by the caller (tally_text_init); yours to tally_text_release in any case
 */
enum tally_status tally_text_squeeze(struct tally_text *out, const struct tally_text *in,
                                     const struct tally_text *other, struct tally_err *err);

/**
 * Cut @in as @pattern is cut; both squeezed. Kinds of paragraphs are those of the pattern, places those of @in.
 * @other_format  they are of two formats
 * @out           as above
 */
enum tally_status tally_text_recut(struct tally_text *out, const struct tally_text *in,
                                   const struct tally_text *pattern, bool other_format,
                                   struct tally_err *err);

#endif
