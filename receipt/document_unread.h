/**
 * What differs in a document and is not looked into: how it looks, parts that no reader knows.
 */
#ifndef TALLY_RECEIPT_DOCUMENT_UNREAD_H
#define TALLY_RECEIPT_DOCUMENT_UNREAD_H

#include <jansson.h>

#include "core/facts.h"
#include "core/limits.h"
#include "diff/picture_diff.h"
#include "diff/text_diff.h"
#include "receipt/document_places.h"
#include "receipt/unread_json.h"

/**
 * Entries of `unread`.
 * @facts  NULL: facts were not compared
 */
void tally_document_unread(json_t *list, const struct tally_text_diff *text,
                           const struct tally_facts_diff *facts,
                           const struct tally_document_places *places,
                           const struct tally_limits *limits, bool *ok);

/**
 * Two formats have all that is not text in ways of their own, which are not compared; what one side has more of is named.
 * @compared  the facts of these names were compared; NULL at the end
 */
void tally_document_of_two_formats(json_t *list, const struct tally_facts facts[2],
                                   const char *const *compared, bool *ok);

/** Two pictures that look the same, but were not compared square by square. @where  of one inside a document; NULL: none */
void tally_document_picture_unread(json_t *list, const struct tally_picture_diff *picture,
                                   const char *where, bool *ok);

#endif
