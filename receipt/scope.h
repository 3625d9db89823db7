/**
 * What may change (diff/scope.h), on its way from the command line to the workers and onto the receipt.
 *
 * On the receipt: {"columns": […]|null, "rows": "id in 3,7"|null, "sheets": […]|null, "outside", "files", "unknown": […]};
 * beside each table: {"outside", "changes": […], "unknown": […], "row_column_unknown", "columns": […]}.
 */
#ifndef TALLY_RECEIPT_SCOPE_H
#define TALLY_RECEIPT_SCOPE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "diff/scope.h"
#include "diff/table_diff.h"

/** Can it be understood? @return TALLY_FATAL: it cannot, the message says why */
enum tally_status tally_scope_check(const struct tally_scope_words *words, struct tally_err *err);

/** What was said, yours to json_decref; JSON null where nothing is restricted; NULL: no memory. */
json_t *tally_scope_json(const struct tally_scope_words *words);

/** The reverse. @out  yours to tally_scope_free; NULL where nothing is restricted */
enum tally_status tally_scope_from_json(struct tally_scope **out, const json_t *o,
                                        struct tally_err *err);

/** Names of sheets that were named and that none of these parts has; JSON null where no sheets were; NULL: no memory. */
json_t *tally_scope_sheets_missing(const struct tally_scope *scope,
                                   struct tally_part *const *parts[2], const size_t counts[2]);

/** Of what the workers miss, keep in the receipt's @scope what all of them do. @return false: no memory */
bool tally_scope_miss(json_t *scope, const json_t *missing);

/** What changed outside of it in one table, yours to json_decref; NULL: no memory. */
json_t *tally_scope_table_json(const struct tally_table_diff *d, const struct tally_limits *limits);

/** Is it the entry of a whole workbook, which has facts and nothing else? They are judged with the receipt. */
bool tally_scope_of_workbook(const json_t *table);

/** Judge its facts, and add the result to it as to every other table. @return changes outside of @scope */
uint64_t tally_scope_judge_workbook(json_t *table, const json_t *scope, bool *ok);

/** What changed of a cell whose value or formula, @text, is written as before. */
const char *tally_scope_same_words(const char *text);

/** Is that what a worker sent of the right shape, and do its numbers add up? */
bool tally_scope_table_good(const json_t *o);

#endif
