/**
 * What a workbook says besides its cells, as facts (names as in RECEIPT.md): hidden sheets, comments, defined names,
 * validations, charts, pivot tables, images, macros, links, properties, and how many parts of each type there are.
 *
 * Pushed into sink->fact, and into sink->note for whatever was left out.
 *
 * A worksheet can be 500 MB of XML, nearly all of it cells, so nobody unpacks and parses it a second time for its facts: the
 * reader of cells passes the rest of it on while it reads.
 *
 *	st = tally_xlsx_facts_new(&facts, package, sink, limits, err);
 *	… for each worksheet: handler = tally_xlsx_facts_sheet(facts, part, name); its events
 *	st = tally_xlsx_facts_finish(facts, err);        // all other parts
 *	tally_xlsx_facts_free(facts);
 */
#ifndef TALLY_FORMATS_XLSX_FACTS_H
#define TALLY_FORMATS_XLSX_FACTS_H

#include "core/err.h"
#include "core/limits.h"
#include "core/sink.h"
#include "formats/package.h"
#include "formats/xml.h"

struct tally_xlsx_facts;

/** @p, @sink, @limits  borrowed until tally_xlsx_facts_free */
enum tally_status tally_xlsx_facts_new(struct tally_xlsx_facts **out, struct tally_package *p,
                                       const struct tally_sink *sink,
                                       const struct tally_limits *limits, struct tally_err *err);
void tally_xlsx_facts_free(struct tally_xlsx_facts *facts);

/**
 * A worksheet is about to be read.
 * @part  name of its part, for its relationships and content type
 * @name  as its tab has it
 * @return who wants its events (all but what is in <row>; of rows the start and end tags): borrowed until the next sheet or
 *         tally_xlsx_facts_finish. No part may be read from within them: what needs that waits for _finish
 */
const struct tally_xml_handler *tally_xlsx_facts_sheet(struct tally_xlsx_facts *facts,
                                                       const char *part, const char *name);

/**
 * How the cells of the sheet read last look.
 * @sum           over the looks of its cells, 0: all as usual
 * @blank, @white cells with a value whose number format shows nothing; with white letters on white
 */
enum tally_status tally_xlsx_facts_looks(struct tally_xlsx_facts *facts, const char *sheet,
                                         uint64_t sum, uint64_t blank, uint64_t white,
                                         struct tally_err *err);

/** After the last sheet: looks that conditional formats give, and those of runs inside the texts of cells, each as a sum. */
enum tally_status tally_xlsx_facts_more_looks(struct tally_xlsx_facts *facts, uint64_t rules,
                                              uint64_t runs, struct tally_err *err);

/** After the last worksheet: what was gathered of them, and all other parts. @return as tally_xlsx_facts */
enum tally_status tally_xlsx_facts_finish(struct tally_xlsx_facts *facts, struct tally_err *err);

/**
 * All of it at once, worksheets read here: for whoever does not read the cells.
 * @p       of a workbook of Office Open XML; no part of it is being read
 * @return  TALLY_OK; TALLY_PARTIAL: notes say what is missing; TALLY_FATAL no memory; what the sink returned
 */
enum tally_status tally_xlsx_facts(struct tally_package *p, const struct tally_sink *sink,
                                   const struct tally_limits *limits, struct tally_err *err);

#endif
