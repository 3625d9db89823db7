/**
 * Pages that cannot be read: scans, and fonts that do not say which letters they show.
 */
#ifndef TALLY_RECEIPT_DOCUMENT_PAGES_H
#define TALLY_RECEIPT_DOCUMENT_PAGES_H

#include "receipt/job_read.h"

/** Could any of its text be read? Not so where none of its pages has one. */
bool tally_document_has_text(const struct tally_reading *r);

/**
 * For two documents that differ in nothing: the same drawings in the same letters and pictures need not be read to be the same.
 * Takes those notes away, if the looks of all pages were compared.
 */
void tally_document_settle_pages(struct tally_reading *r);

#endif
