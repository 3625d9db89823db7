/**
 * The comparison of two parts as one entry of the receipt's `tables` (RECEIPT.md), without the file's path.
 */
#ifndef TALLY_RECEIPT_TABLE_JSON_H
#define TALLY_RECEIPT_TABLE_JSON_H

#include <jansson.h>

#include "core/limits.h"
#include "diff/table_diff.h"

/** @return yours to json_decref; NULL: no memory */
json_t *tally_table_json(const struct tally_table_diff *d, const struct tally_limits *limits);

/** A formula as people write it at its place (row and column of its part): =A1*2, {=A1:A3*2}. @return NULL: no memory */
json_t *tally_formula_json(const struct tally_cell *cell, uint64_t row, uint32_t column,
                           const struct tally_limits *limits);

/** How many of these problems one side ("before", "after") of an entry of `tables` has. */
uint64_t tally_table_problems(const json_t *table, const char *what, const char *side);

#endif
