/**
 * What a workbook says besides its cells, as facts (names as in RECEIPT.md): hidden sheets, comments, defined names,
 * validations, charts, pivot tables, images, macros, links, properties, and how many parts of each type there are.
 *
 * Pushed into sink->fact, and into sink->note for whatever was left out. Called by the reader of workbooks after all of
 * their sheets.
 */
#ifndef TALLY_FORMATS_XLSX_FACTS_H
#define TALLY_FORMATS_XLSX_FACTS_H

#include "core/err.h"
#include "core/limits.h"
#include "core/sink.h"
#include "formats/package.h"

/**
 * @p       of a workbook of Office Open XML; no part of it is being read
 * @return  TALLY_OK; TALLY_PARTIAL: notes say what is missing; TALLY_FATAL no memory; what the sink returned
 */
enum tally_status tally_xlsx_facts(struct tally_package *p, const struct tally_sink *sink,
                                   const struct tally_limits *limits, struct tally_err *err);

#endif
