/**
 * Facts of two workbooks compared, inside the worker: as lines for the workbook's entry of `tables`.
 */
#ifndef TALLY_RECEIPT_WORKBOOK_FACTS_H
#define TALLY_RECEIPT_WORKBOOK_FACTS_H

#include "core/facts.h"
#include "core/limits.h"
#include "receipt/workbook_json.h"

/**
 * Compare and fill book->facts, book->fact_counts, book->unread and book->facts_unlisted; the sheets' pairs say which sheet has another name.
 * @book  its facts, counts and unread are yours to json_decref, also after an error
 */
enum tally_status tally_workbook_facts(struct tally_workbook *book, const struct tally_facts *before,
                                       const struct tally_facts *after,
                                       const struct tally_limits *limits, struct tally_err *err);

#endif
