/**
 * Facts of two workbooks compared, inside the worker: as lines for the workbook's entry of `tables`.
 */
#ifndef TALLY_RECEIPT_WORKBOOK_FACTS_H
#define TALLY_RECEIPT_WORKBOOK_FACTS_H

#include "core/limits.h"
#include "receipt/job_read.h"
#include "receipt/workbook_json.h"

/**
 * Compare and fill book->facts, book->fact_counts, book->unread and book->facts_unlisted; the sheets' pairs say which sheet has another name.
 * @side  two of them; what pictures say of themselves is added to their facts
 * @book  its facts, counts and unread are yours to json_decref, also after an error
 */
enum tally_status tally_workbook_facts(struct tally_workbook *book, struct tally_reading side[2],
                                       const struct tally_limits *limits, struct tally_err *err);

#endif
