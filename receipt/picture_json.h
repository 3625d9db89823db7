/**
 * Two pictures compared as the receipt's `picture` (RECEIPT.md, documents).
 */
#ifndef TALLY_RECEIPT_PICTURE_JSON_H
#define TALLY_RECEIPT_PICTURE_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "diff/picture_diff.h"

/** {"kind", "points", "of", "most", "mean", "resized", "before", "after"}. @return yours to json_decref; NULL: no memory */
json_t *tally_picture_json(const struct tally_picture_diff *diff,
                           const struct tally_picture *before, const struct tally_picture *after);

/** Is this a `picture` as it should be? For answers of workers. */
bool tally_picture_good(const json_t *picture);

#endif
