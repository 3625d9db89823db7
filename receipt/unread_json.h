/**
 * The list `unread` of a workbook or document (RECEIPT.md): what differs and is not looked into.
 */
#ifndef TALLY_RECEIPT_UNREAD_JSON_H
#define TALLY_RECEIPT_UNREAD_JSON_H

#include <jansson.h>

#include "diff/facts_diff.h"

/** Is it about contents that are not looked into? */
bool tally_is_unread(const struct tally_fact_change *c);

/** Is it about how a page looks? Told where nobody looked, as well. */
bool tally_is_page_look(const struct tally_fact_change *c);

/**
 * The entry for this kind of content, made where there is none.
 * @len     of its name
 * @places  its list of places: "sheets", "places"
 * @return borrowed; NULL: no memory, and *ok is false
 */
json_t *tally_unread_entry(json_t *list, const char *what, size_t len,
                           const struct tally_fact_change *c, const char *places, bool *ok);

/** Is a part that went among the facts, where parts are counted by kind? @what  its name, or a kind of contents */
bool tally_unread_is_told(const struct tally_fact_change *c, const char *what);

#endif
