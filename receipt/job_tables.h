/**
 * Tables of two files compared, inside the worker: sheets are paired, each pair becomes an entry of `tables` where anything
 * differs, and a workbook gets a first entry of its own (`part: null`) that says what became of its sheets.
 */
#ifndef TALLY_RECEIPT_JOB_TABLES_H
#define TALLY_RECEIPT_JOB_TABLES_H

#include "diff/table_diff.h"
#include "receipt/job_read.h"

struct tally_job_tables {
	struct tally_reading *side; /**< two of them, borrowed; sheets that may be one that could not be read are left out */
	const struct tally_table_options *options;
	const struct tally_limits *limits;
	json_t *tables; /**< gets the entries */
	bool related;   /**< set: rows, or whole sheets, of both sides are the same ones */
};

/** Compare. @return as tally_table_diff; a given key must be in one of the sheets only */
enum tally_status tally_job_tables(struct tally_job_tables *job, struct tally_err *err);

#endif
