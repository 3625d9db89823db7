/**
 * Where places of a document went: which block of the before side is which of the after side, and what "paragraph 12" is called
 * now. For facts that stand at such places.
 */
#ifndef TALLY_RECEIPT_DOCUMENT_PLACES_H
#define TALLY_RECEIPT_DOCUMENT_PLACES_H

#include "core/arena.h"
#include "diff/text_diff.h"

struct tally_document_places;

enum { TALLY_PLACE_MAX = 80 };

/** @diff  its texts are borrowed. @return yours to tally_document_places_free; NULL: no memory */
struct tally_document_places *tally_document_places_new(const struct tally_text_diff *diff);
void tally_document_places_free(struct tally_document_places *p);

/** The block of the after side that this one of the before side became, or TALLY_NO_BLOCK. */
size_t tally_document_partner(const struct tally_document_places *p, size_t before);

/** Is this block one of those that "paragraph 12" counts? */
bool tally_document_counts(const struct tally_block *block);

/** Where a block stands, as facts say it: "paragraph 12". @paragraph  if it counts, the how-manieth it is. @out  TALLY_PLACE_MAX bytes */
void tally_document_words(char *out, const struct tally_block *block, uint32_t paragraph);

/** Where a block of the after side stands: "paragraph 12". @out  TALLY_PLACE_MAX bytes */
void tally_document_where(char *out, const struct tally_document_places *p, size_t after);

/** For tally_facts_options.place; @places  struct tally_document_places */
const char *tally_document_place(const void *places, const char *where, struct tally_arena *arena);

#endif
